// What is not meant to change does not: bodies, headers and status, in both directions, under every framing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '../provider/encode.mjs';
import { pair, requestBytes } from './kit.mjs';
import { FORMAT_NAMES, formatOf, outputsOf, request, withoutOutputs } from './requests.mjs';

const CODINGS = ['gzip', 'br', 'deflate', 'zstd'];

// Spellings that a parser and printer would lose: white space, key order, doubled keys, escapes, numbers.
const ODD_BODY = '{ "model" : "claude-sonnet-4-5",\r\n\t"max_tokens":1.0e3, "temperature": 0.10, "big":123456789012345678901234567890, "neg":-0,\n'
	+ '"messages":[ {"role":"user","content":"\\u0041\\/b \\ud83d\\ude00 \u00e9"} ,{"content":"hi","role":"assistant"}],\n "x":null,"model2":"a","unknown":{"b":1,"a":[ ]} } \n';

const byName = (headers) => headers.map(([k, v]) => `${k.toLowerCase()}: ${v}`);

test('--no-optimize: every byte of every body as it came', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--no-optimize'] });
	const bodies = [ODD_BODY, Buffer.from([0, 1, 2, 255, 254]), '{not json', '', '[1,2', '{"messages":"x"}'];
	for (const name of FORMAT_NAMES)
		for (const stream of [false, true])
			bodies.push(request(name, { steps: 4, stream }).body);
	for (const name of FORMAT_NAMES) {
		for (const body of bodies) {
			const r = await proxy.ask({ ...request(name), body });
			assert.ok(r.complete && r.status < 500);
			assert.deepEqual(provider.requests.at(-1).body, Buffer.from(body), `${name}: ${String(body).slice(0, 60)}`);
		}
	}
	assert.equal(provider.requests.length, FORMAT_NAMES.length * bodies.length);
});

for (const mode of ['token', 'cache']) {
	test(`--mode ${mode}: nothing but tool outputs differs, and there are fewer bytes`, async (t) => {
		const { provider, proxy } = await pair(t, { args: ['--mode', mode] });
		for (const name of FORMAT_NAMES) {
			const sent = request(name, { steps: 5 });
			const r = await proxy.ask(sent);
			assert.equal(r.status, 200, r.text);
			const got = provider.requests.at(-1);
			assert.equal(withoutOutputs(name, got.text), withoutOutputs(name, sent.body), name);
			assert.equal(outputsOf(name, got.text).length, 5);
			assert.ok(got.body.length < sent.body.length * 0.9, `${name}: ${sent.body.length} -> ${got.body.length}`);
			assert.equal(got.header('content-length'), String(got.body.length));
		}
	});
}

test('a body with nothing to change keeps its odd spelling when optimizing, too', async (t) => {
	const { provider, proxy } = await pair(t);
	await proxy.ask({ ...request('anthropic'), body: ODD_BODY });
	assert.equal(provider.requests.at(-1).body.toString(), ODD_BODY);
	// and what is around a changed output stays as it was spelled
	const { body } = request('anthropic', { steps: 4 });
	const odd = body.replace('"max_tokens":1024', '"max_tokens" :  1.024e3 ,"é\\u0041":[1.50,-0]');
	await proxy.ask({ ...request('anthropic'), body: odd });
	assert.ok(provider.requests.at(-1).text.includes('"max_tokens" :  1.024e3 ,"é\\u0041":[1.50,-0]'));
});

test('request headers: unknown ones, order, doubles and values travel; hop-by-hop and ours do not', async (t) => {
	const { provider, proxy } = await pair(t);
	const sent = [
		['X-Unknown', 'one'], ['x-unknown', 'two'], ['Accept-Encoding', 'gzip;q=0.5, br'], ['anthropic-beta', 'a-1,b-2'], ['anthropic-beta', 'c-3'],
		['User-Agent', 'test/1.0 (odd; é)'], ['X-Empty', ''], ['Cookie', 'a=1; b=2'], ['traceparent', '00-1-2-03'],
	];
	const dropped = [
		['Connection', 'keep-alive, X-Hop'], ['X-Hop', 'h'], ['Keep-Alive', 'timeout=5'], ['Proxy-Authorization', 'Basic eA=='], ['TE', 'trailers'],
		['X-Headroom-Project', 'p'], ['x-headroom-anything', 'q'], ['Upgrade-Insecure-Requests', '1'],
	];
	await proxy.ask({ ...request('anthropic'), headers: [...request('anthropic').headers, ...sent, ...dropped] });
	const got = provider.requests.at(-1);
	const names = new Set(sent.map(([k]) => k.toLowerCase()));
	assert.deepEqual(byName(got.headers).filter((l) => names.has(l.split(':')[0])), byName(sent));
	for (const name of ['x-hop', 'keep-alive', 'proxy-authorization', 'x-headroom-project', 'x-headroom-anything', 'expect', 'transfer-encoding'])
		assert.equal(got.header(name), undefined, name);
	assert.equal(got.header('host'), new URL(provider.url).host);
	assert.equal(got.header('x-api-key'), 'sk-ant-api03-test');
});

test('response headers and status as the provider says them', async (t) => {
	const { provider, proxy } = await pair(t);
	const said = [
		['x-unknown', 'a'], ['X-Unknown', 'b'], ['set-cookie', 'a=1; path=/'], ['set-cookie', 'b=2'], ['retry-after', '3'], ['request-id', 'req_x'],
		['x-codex-primary-used-percent', '12'], ['anthropic-ratelimit-requests-remaining', '7'], ['Content-Type', 'application/json; charset=utf-8'],
	];
	const hop = [['keep-alive', 'timeout=9'], ['proxy-authenticate', 'Basic'], ['x-headroom-fake', 'no']];
	for (const status of [200, 201, 400, 401, 403, 404, 418]) {
		provider.answer('/v1/messages', { json: { any: status }, status, headers: [...said, ...hop], reason: 'As It Likes' });
		const r = await proxy.ask(request('anthropic', { steps: 1 }));
		assert.equal(r.status, status);
		assert.equal(r.text, `{"any":${status}}`);
		const names = new Set(said.map(([k]) => k.toLowerCase()));
		assert.deepEqual(byName(r.headers).filter((l) => names.has(l.split(':')[0])).sort(), byName(said).sort());
		for (const [name] of hop)
			assert.ok(r.header(name) === undefined || !hop.some(([, v]) => v === r.header(name)), name);
	}
});

test('our own headers are on answers and on streams', async (t) => {
	const { proxy } = await pair(t);
	for (const stream of [false, true]) {
		const r = await proxy.ask(request('anthropic', { steps: 4, stream }));
		assert.ok(r.header('x-headroom-request-id'));
		const [before, after, saved] = ['before', 'after', 'saved'].map((k) => Number(r.header(`x-headroom-tokens-${k}`)));
		assert.ok(before > after && after > 0, `${before} ${after}`);
		assert.equal(saved, before - after);
		assert.equal(r.header('x-headroom-model'), 'claude-sonnet-4-5');
		assert.ok(r.header('x-headroom-transforms'));
	}
	const nothing = await proxy.ask(request('anthropic', { steps: 0 }));
	assert.ok(nothing.header('x-headroom-reason'), 'nothing done, and no reason');
});

test('content codings of requests: changed bodies go as identity, others as they came', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const coding of CODINGS) {
		for (const steps of [0, 4]) {
			const sent = request('anthropic', { steps, seed: steps + CODINGS.indexOf(coding) + 1 });
			const bytes = encode(coding, Buffer.from(sent.body));
			const r = await proxy.ask({ ...sent, body: bytes, headers: [...sent.headers, ['Content-Encoding', coding]] });
			assert.equal(r.status, 200, r.text);
			const got = provider.requests.at(-1);
			if (steps === 0) {
				assert.equal(got.header('content-encoding'), coding);
				assert.deepEqual(got.body, bytes);
			} else {
				assert.equal(got.header('content-encoding'), undefined, coding);
				assert.equal(withoutOutputs('anthropic', got.body.toString()), withoutOutputs('anthropic', sent.body));
				assert.ok(got.body.length < sent.body.length);
			}
		}
	}
});

test('content codings of responses are relayed as they are', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const encoding of CODINGS) {
		const text = JSON.stringify({ text: 'Grüße '.repeat(5000) });
		const bytes = encode(encoding, Buffer.from(text));
		provider.answer('/v1/messages', { body: bytes, headers: { 'content-encoding': encoding } });
		const one = await proxy.ask({ ...request('anthropic'), headers: [...request('anthropic').headers, ['Accept-Encoding', encoding]] });
		assert.equal(one.header('content-encoding'), encoding);
		assert.deepEqual(one.body, bytes);
		assert.equal(provider.requests.at(-1).header('accept-encoding'), encoding);
		provider.answer('/v1/messages', { encoding });
		const stream = await proxy.ask(request('anthropic', { stream: true }));
		assert.equal(stream.header('content-encoding'), encoding);
		assert.ok(stream.complete);
	}
	await proxy.ask(request('anthropic'));
	assert.equal(provider.requests.at(-1).header('accept-encoding'), undefined, 'no Accept-Encoding of our own');
});

test('every method passes, with and without a body', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const method of ['GET', 'HEAD', 'OPTIONS', 'PATCH', 'PUT', 'DELETE', 'POST']) {
		const body = ['PATCH', 'PUT', 'POST'].includes(method) ? '{"a":  1}' : undefined;
		const r = await proxy.ask({ method, path: '/v1/files/abc%2Fdef?x=1&x=%20&y', headers: [['authorization', 'Bearer sk-x']], body });
		const got = provider.requests.at(-1);
		assert.equal(r.status, 200, method);
		assert.equal(got.method, method);
		assert.equal(got.url, '/v1/files/abc%2Fdef?x=1&x=%20&y');
		assert.equal(got.body.toString(), body ?? '');
		if (method === 'HEAD') {
			assert.equal(r.body.length, 0);
			assert.ok(Number(r.header('content-length')) > 0, 'the length that a GET would have');
		} else {
			assert.equal(r.json.method, method);
		}
	}
	for (const status of [204, 304]) {
		provider.answer('*', { status, body: '' });
		const raw = await proxy.connect();
		await raw.send(requestBytes({ method: 'DELETE', path: '/v1/files/x' }));
		assert.equal((await raw.response()).status, status);
		await raw.send(requestBytes({ method: 'GET', path: '/v1/files/y' })); // nothing of a body is in the way
		assert.equal((await raw.response()).status, 200);
		raw.close();
	}
});

test('paths go as they are spelled, dot segments and all', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const path of ['/v1/../v1/x', '/%61dmin', '/v1//files///z', '/v1/files?q=a b'.replace(' ', '%20'), '/v1/x;p=1?#'.replace('#', '')]) {
		await proxy.ask({ method: 'GET', path });
		assert.equal(provider.requests.at(-1).url, path);
	}
});

test('Expect: 100-continue is answered before the body is sent', async (t) => {
	const { provider, proxy } = await pair(t);
	const { body, headers, path } = request('anthropic', { steps: 4 });
	const raw = await proxy.connect();
	await raw.send(requestBytes({ path, headers: [...headers, ['Expect', '100-continue'], ['Content-Length', String(Buffer.byteLength(body))]] }));
	const interim = await raw.head();
	assert.equal(interim.status, 100);
	await raw.send(body);
	const r = await raw.response('POST');
	assert.equal(r.status, 200);
	assert.equal(provider.requests.at(-1).header('expect'), undefined);
	raw.close();
});

test('HTTP/1.0: an answer without chunks, and the end of the connection', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const stream of [false, true]) {
		const raw = await proxy.connect();
		await raw.send(requestBytes({ ...request('anthropic', { stream }), version: '1.0' }));
		const r = await raw.response('POST');
		assert.equal(r.status, 200);
		assert.equal(r.header('transfer-encoding'), undefined);
		assert.ok(r.text.includes('Scripted') || r.text.includes('message_stop'));
		await raw.closed;
	}
	const raw = await proxy.connect();
	await raw.send(requestBytes({ ...request('anthropic'), version: '1.0', headers: [...request('anthropic').headers, ['Connection', 'keep-alive']] }));
	const r = await raw.response('POST');
	assert.equal(r.status, 200);
	assert.equal(provider.requests.length, 3);
	raw.close();
});

test('chunked requests, chunk extensions and trailers included', async (t) => {
	const { provider, proxy } = await pair(t);
	const sent = request('anthropic', { steps: 0 });
	for (const size of [1, 7, 4096]) {
		const r = await proxy.ask({ ...sent, chunked: size });
		assert.equal(r.status, 200, r.text);
		assert.equal(provider.requests.at(-1).body.toString(), sent.body);
	}
	const raw = await proxy.connect();
	await raw.send(requestBytes({ method: 'POST', path: '/v1/files', headers: [['Transfer-Encoding', 'chunked']] }));
	await raw.send('3;name=value\r\nabc\r\n2 ; x="y z"\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n');
	assert.equal((await raw.response('POST')).json.body, 'abcde');
	raw.close();
});

test('an answer of unknown length ends with the connection of the provider', async (t) => {
	const { provider, proxy } = await pair(t);
	provider.answer('/v1/files', { raw: 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end' });
	const r = await proxy.ask({ method: 'GET', path: '/v1/files' });
	assert.equal(r.text, 'until the end');
	assert.ok(r.complete);
});

test('one connection serves many requests in turn', async (t) => {
	const { provider, proxy } = await pair(t);
	const raw = await proxy.connect();
	for (let i = 0; i < 20; i++) {
		const name = FORMAT_NAMES[i % FORMAT_NAMES.length];
		await raw.send(requestBytes(request(name, { steps: i % 3, stream: i % 2 === 0 })));
		const r = await raw.response('POST');
		assert.equal(r.status, 200);
		assert.ok(r.complete);
	}
	assert.equal(provider.requests.length, 20);
	assert.ok(provider.connections <= 4, `${provider.connections} connections to the provider for one client`);
	raw.close();
});

test('all formats keep their own answer bytes, streamed or not', async (t) => {
	const { provider, proxy } = await pair(t);
	const turn = { thinking: 'Hm.', text: 'Grüße 日本 🎉 and so on.', calls: [{ name: 'Read', args: { file_path: '/ü' }, id: 'c1' }],
		usage: { input: 10, cacheRead: 2000, cacheWrite: 0, output: 5 } };
	for (const name of FORMAT_NAMES) {
		for (const how of [{}, { eol: '\r\n' }, { comments: true }, { split: 3 }, { noblank: true }]) {
			const path = formatOf(name).streamPath.split('?')[0];
			const ids = provider.state.answers;
			provider.answer(path, { turn, ...how });
			const through = await proxy.ask(request(name, { stream: true }));
			provider.state.answers = ids;
			provider.answer(path, { turn, ...how });
			const direct = await (await fetch(provider.url + formatOf(name).streamPath, { method: 'POST', body: provider.requests.at(-1).body })).text();
			assert.equal(through.text, direct, `${name} ${JSON.stringify(how)}`);
		}
	}
});
