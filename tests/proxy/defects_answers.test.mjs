// What the reference product gets wrong with answers, figures and settings; see defects.test.mjs and docs/defects.md.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { encode } from '../provider/encode.mjs';
import { startProvider } from '../provider/provider.mjs';
import { pair, requestBytes, residentBytes, startProxy, within } from './kit.mjs';
import { ANTHROPIC, COLOURED, GOOGLE, PLACES, rows, sent } from './places.mjs';
import { conversation, FORMAT_NAMES, request } from './requests.mjs';
import { sql } from './sqlite.mjs';

const MEGABYTE = 1 << 20;

const get = (proxy, path) => proxy.ask({ method: 'GET', path });

// ---- what comes back ---------------------------------------------------------------------------------------

test('an error page is relayed as it is, of any status, where JSON is due', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--retry-max-attempts', '1'] });
	const page = '<html><head><title>nginx</title></head>\n<body>what it is</body></html>\r\n';
	for (const status of [200, 403, 404, 413, 500]) {
		for (const [what, [path, headers, make]] of Object.entries(PLACES)) {
			if (path.startsWith('/v1/compress'))
				continue;
			provider.answer('*', { status, body: page, type: 'text/html' });
			const r = await proxy.ask({ method: 'POST', path, headers, body: JSON.stringify(make('x')) });
			assert.deepEqual([r.status, r.text, r.header('content-type')], [status, page, 'text/html'], what);
		}
	}
});

test('a provider that breaks off is 502 in the shape of the route, on batches and what passes through', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--retry-max-attempts', '1'] });
	const isShape = { anthropic: (e) => e.type === 'error' && e.error.type, openai: (e) => e.error.message && e.error.type, gemini: (e) => e.error.code === 502 && e.error.status };
	const asked = [
		['anthropic', 'POST', '/v1/messages/batches', ANTHROPIC], ['anthropic', 'GET', '/v1/messages/batches', ANTHROPIC], ['anthropic', 'GET', '/v1/messages/batches/b1/results', ANTHROPIC],
		['anthropic', 'POST', '/v1/messages/batches/b1/cancel', ANTHROPIC], ['openai', 'POST', '/v1/batches', []], ['openai', 'GET', '/v1/responses/r1', []], ['openai', 'DELETE', '/v1/responses/r1', []],
		['gemini', 'POST', '/v1beta/models/gemini-2.5-pro:batchGenerateContent', GOOGLE], ['gemini', 'GET', '/v1beta/batches/b1', GOOGLE], ['openai', 'GET', '/any/thing', []],
	];
	for (const [shape, method, path, headers] of asked) {
		provider.forget();
		provider.answer('*', { fault: { reset: 'head' } });
		const r = await proxy.ask({ method, path, headers, body: method === 'POST' ? '{"requests":[]}' : undefined });
		assert.equal(r.status, 502, path);
		assert.ok(isShape[shape](r.json), `${path}: ${r.text}`);
		assert.deepEqual(provider.requests.map((ex) => ex.url), [path]);
	}
});

test('parts of the Responses API pass without headers of ours, answers with the coding that they have', async (t) => {
	const { provider, proxy } = await pair(t);
	const bytes = encode('gzip', Buffer.from('{"id":"resp_1"}'));
	for (const [method, path] of [['GET', '/v1/responses/resp_1?include=a'], ['DELETE', '/v1/responses/resp_1'], ['POST', '/v1/responses/resp_1/cancel'], ['GET', '/v1/responses/resp_1/input_items']]) {
		provider.answer('*', { body: bytes, headers: { 'content-encoding': 'gzip' } });
		const r = await proxy.ask({ method, path, headers: [['authorization', 'Bearer k'], ['x-headroom-project', 'p'], ['X-Headroom-Session-Id', 's'], ['accept-encoding', 'gzip']], body: method === 'POST' ? '' : undefined });
		const got = provider.requests.at(-1);
		assert.equal(`${got.method} ${got.url}`, `${method} ${path}`);
		assert.ok(!got.headers.some(([k]) => /headroom/i.test(k)), path);
		assert.equal(r.header('content-encoding'), 'gzip');
		assert.equal(Number(r.header('content-length') ?? bytes.length), bytes.length);
		assert.deepEqual(r.body, bytes);
	}
});

test('what passes through is a stream, too: older completions, large files', async (t) => {
	const { provider, proxy } = await pair(t);
	provider.answer('/v1/completions', { hold: 'events' });
	const raw = await proxy.connect();
	await raw.send(requestBytes({ method: 'POST', path: '/v1/completions', headers: [['authorization', 'Bearer k']], body: '{"model":"m","prompt":"x","stream":true}' }));
	const ex = await within(provider.next(1), 'the request');
	const head = await raw.head();
	let n = 0;
	ex.release(1);
	for await (const event of raw.events(head)) {
		assert.ok(event.data);
		assert.equal(ex.steps, ++n, 'an event came late');
		ex.release(1);
	}
	assert.ok(head.complete && n > 1);
	raw.close();
	provider.answer('/v1/files/f1/content', { body: 'x'.repeat(100000), split: 10000, hold: 'events' });
	const file = await proxy.connect();
	await file.send(requestBytes({ method: 'GET', path: '/v1/files/f1/content', headers: [['authorization', 'Bearer k']] }));
	const held = await within(provider.next(2), 'the request');
	const fileHead = await file.head();
	held.release(3);
	let bytes = 0;
	for await (const part of file.parts(fileHead)) {
		bytes += part.length;
		if (bytes >= 30000)
			held.release(1);
	}
	assert.equal(bytes, 100000);
	file.close();
});

test('a request that timed out is not sent again: it may have been done', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--request-timeout-seconds', '1', '--retry-max-attempts', '3'] });
	provider.answer('*', { never: true, repeat: true });
	const all = await Promise.all(FORMAT_NAMES.flatMap((name) => [true, false].map((stream) => proxy.ask(request(name, { stream })))));
	assert.deepEqual(all.map((r) => r.status), all.map(() => 504));
	assert.ok(all.every((r) => r.json.error));
	assert.equal(provider.requests.length, all.length);
});

test('429 and 529 with a short Retry-After are waited for here, for streams, too', async (t) => {
	const { provider, proxy } = await pair(t);
	await Promise.all([429, 529].flatMap((status) => [true, false].map(async (stream, i) => {
		const name = status === 429 ? ['chat', 'responses'][i] : ['anthropic', 'gemini'][i];
		const r = request(name, { stream });
		const path = r.path.split('?')[0];
		provider.answer(path, { status, headers: { 'retry-after': '0' } });
		assert.equal((await proxy.ask(r)).status, 200, name);
		const [first, second, ...more] = provider.requests.filter((ex) => ex.path === path);
		assert.deepEqual([second.body, more], [first.body, []], name);
	})));
});

test('a Retry-After that is long, or no number, is the client\'s to obey', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const after of ['31', '6', 'Wed, 21 Oct 2026 07:28:00 GMT', '1e1', '-1']) {
		for (const name of FORMAT_NAMES) {
			provider.forget();
			provider.answer('*', { status: 429, headers: { 'retry-after': after }, message: 'slow down' });
			const r = await proxy.ask(request(name));
			assert.deepEqual([r.status, r.header('retry-after'), provider.requests.length], [429, after, 1], name);
			assert.match(r.text, /slow down/);
		}
	}
});

test('our headers are on every answer of a model, streamed or not, errors included', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const name of FORMAT_NAMES) {
		for (const how of [{}, { status: 400 }]) {
			for (const stream of [true, false]) {
				provider.answer('*', how);
				const r = await proxy.ask(request(name, { steps: 4, stream, seed: 3 }));
				const [before, after, saved] = ['before', 'after', 'saved'].map((k) => Number(r.header(`x-headroom-tokens-${k}`)));
				assert.ok(before > after && after > 0 && saved === before - after, `${name} ${stream}`);
				for (const header of ['request-id', 'model', 'transforms', 'reason'])
					assert.ok(r.header(`x-headroom-${header}`), `${name} ${stream}: ${header}`);
			}
		}
	}
});

test('x-headroom-cached is our cache, not the provider\'s', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const name of FORMAT_NAMES) {
		provider.answer('*', { turn: { text: 'x', usage: { input: 5, cacheRead: 9000, cacheWrite: 0, output: 5 } } });
		assert.equal((await proxy.ask(request(name))).header('x-headroom-cached'), undefined, name);
	}
});

test('an answer from our cache has none of the headers that were for the first caller', async (t) => {
	const { provider, proxy } = await pair(t);
	const hers = { 'set-cookie': 'session=hers', 'request-id': 'req_hers', 'anthropic-organization-id': 'org-hers', 'anthropic-ratelimit-requests-remaining': '7', 'x-request-id': 'hers', 'cf-ray': 'hers' };
	provider.answer('*', { headers: hers, repeat: true });
	for (const name of FORMAT_NAMES) {
		const body = conversation(name, 2);
		const r = { ...request(name), body: JSON.stringify(name === 'gemini' ? { ...body, generationConfig: { temperature: 0 } } : { ...body, temperature: 0 }) };
		const first = await proxy.ask(r);
		const again = await proxy.ask(r);
		assert.equal(again.header('x-headroom-cached'), 'true', name);
		assert.deepEqual(again.body, first.body);
		for (const header of Object.keys(hers))
			assert.deepEqual([first.header(header), again.header(header)], [hers[header], undefined], `${name} ${header}`);
	}
});

test('an image or a changed result is no reason to ask again: the key is of what came', async (t) => {
	const { provider, proxy } = await pair(t);
	const body = { ...conversation('anthropic', 4), temperature: 0 };
	body.messages[0].content = [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo'.repeat(500) } }];
	const r = { ...request('anthropic'), body: JSON.stringify(body) };
	await proxy.ask(r);
	assert.ok(provider.requests[0].body.length < r.body.length);
	assert.equal((await proxy.ask(r)).header('x-headroom-cached'), 'true');
	assert.equal(provider.requests.length, 1);
});

test('a bomb in an answer passes as it came, and is not unpacked to its end', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--log-file', 'l', '--log-messages'] });
	await proxy.ask(request('anthropic'));
	const before = await residentBytes(proxy.child.pid);
	const bomb = zlib.gzipSync(Buffer.concat([Buffer.from('{"type":"message",'), Buffer.alloc(66 * MEGABYTE, ' '), Buffer.from('"usage":{"input_tokens":1,"output_tokens":1}}')]));
	provider.answer('*', { body: bomb, type: 'application/json', headers: { 'content-encoding': 'gzip' } });
	const r = await proxy.ask(request('anthropic'));
	assert.equal(r.status, 200);
	assert.deepEqual(r.body, bomb);
	const grown = await residentBytes(proxy.child.pid) - before;
	assert.ok(grown < 48 * MEGABYTE, `${grown} bytes`);
	assert.deepEqual((await rows(proxy.home, 2)).map((row) => row.has_usage), [1, 0]);
});

test('a log of messages says how much of a long answer is missing', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--log-file', 'l', '--log-messages'] });
	const lengths = [256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 1000000];
	const encodings = [undefined, 'gzip', 'br', 'zstd'];
	for (const n of lengths)
		for (const encoding of encodings) {
			provider.answer('*', { body: 'é'.padEnd(n - 1, 'x'), type: 'text/plain', encoding });
			await proxy.ask(request('chat'));
		}
	await proxy.stop();
	const found = readFileSync(join(proxy.home, 'l'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
	assert.deepEqual(found.map((row) => [Buffer.byteLength(row.response), row.response_omitted_bytes]),
		lengths.flatMap((n) => encodings.map(() => (n > 262144 ? [262144, n - 262144] : [n, undefined]))));
	assert.ok(found.every((row) => /^é?x*$/.test(row.response)), 'nothing of the coding');
});

// ---- figures -----------------------------------------------------------------------------------------------

test('an answer without usage has none: no estimate of an error or of a stream', async (t) => {
	const { provider, proxy } = await pair(t);
	let n = 0;
	for (const name of FORMAT_NAMES) {
		for (const how of [{ status: 400, message: 'x'.repeat(5000) }, { body: 'y'.repeat(100000), type: 'text/plain' }, { events: [{ data: 'z'.repeat(100000) }] }]) {
			provider.answer('*', how);
			await proxy.ask(request(name, { stream: true }));
			const row = (await rows(proxy.home, ++n)).at(-1);
			assert.deepEqual([row.has_usage, row.input, row.output, row.cost_nano], [0, 0, 0, null], `${name} ${row.status}`);
		}
	}
});

test('what Gemini thinks is output, and paid for', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const stream of [false, true]) {
		provider.answer('*', { turn: { text: 'x', usage: { input: 1000, cacheRead: 0, cacheWrite: 0, output: 10, reasoning: 4000 } } });
		await proxy.ask(request('gemini', { stream, seed: stream ? 2 : 1 }));
	}
	const found = await rows(proxy.home, 2);
	for (const row of found) {
		assert.deepEqual([row.input, row.output, row.reasoning], [1000, 4010, 4000]);
		// gemini-2.5-pro: 1.25 in, 10 out, in dollars a million
		assert.equal(row.cost_nano, 1000 * (1000 * 1.25 + 4010 * 10));
	}
});

test('names that clients make up are counted together from the 64th on', async (t) => {
	const { proxy } = await pair(t, { args: ['--stateless'] });
	const byModel = (i) => requestBytes({ method: 'POST', path: '/v1/chat/completions', headers: [['x-client', `c${i}`], ['user-agent', `u${i}`]], body: JSON.stringify({ model: `m-${i}`, messages: [] }) });
	const byPath = (i) => requestBytes({ method: 'GET', path: `/path-${i}/${'x'.repeat(50)}?q=${i}`, headers: [['authorization', 'Bearer k']] });
	const metrics = async (from) => {
		const raw = await proxy.connect();
		await raw.send(Buffer.concat(Array.from({ length: 200 }, (_, i) => (i % 2 ? byModel : byPath)(from + i))));
		for (let i = 0; i < 200; i++)
			assert.equal((await raw.response(i % 2 ? 'POST' : 'GET')).status, 200);
		raw.close();
		return (await get(proxy, '/metrics')).text.split('\n');
	};
	const before = await metrics(0);
	const after = await metrics(200);
	assert.equal(after.length, before.length, 'no new series');
	assert.ok(!after.some((line) => line.includes('path-')));
	const models = after.filter((line) => line.startsWith('headroom_requests_by_model{'));
	assert.equal(models.length, 65);
	assert.equal(models.at(-1), 'headroom_requests_by_model{model="other"} 136');
});

test('the CSV of the history has every request, and all of it is in UTC', async (t) => {
	const { proxy } = await pair(t, { env: { TZ: 'Asia/Kolkata' }, args: ['--log-file', 'l'] });
	await proxy.ask(request('anthropic'));
	const [row] = await rows(proxy.home, 1);
	const columns = Object.keys(row).filter((k) => !['id', 'request', 'at_ms'].includes(k)).join(', ');
	sql(proxy.home, `INSERT INTO ledger (request, at_ms, ${columns}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) SELECT request || i, at_ms, ${columns} FROM ledger, n`);
	const csv = (await get(proxy, '/stats-history?format=csv')).text.trimEnd().split('\r\n');
	assert.equal(csv.length, 1 + 1201);
	assert.equal((await get(proxy, '/stats-history')).json.history.length, 500);
	const at = Math.floor(row.at_ms / 3600000) * 3600000; // of an hour in UTC, not of Kolkata, half an hour beside
	assert.equal((await get(proxy, '/stats-history?series=hourly')).json.series.hourly[0].timestamp, new Date(at).toISOString());
	await proxy.stop();
	assert.equal(JSON.parse(readFileSync(join(proxy.home, 'l'), 'utf8').split('\n')[0]).timestamp, new Date(row.at_ms).toISOString());
	assert.match(proxy.stderr, new RegExp(`${new Date(row.at_ms).toISOString().slice(0, 14)}`));
});

// ---- settings and life -------------------------------------------------------------------------------------

test('a default that is spelled out goes before another value in a weaker place', async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	const ask = async (how, r = request('anthropic')) => {
		const proxy = await startProxy({ provider, ...how });
		const all = [await proxy.ask(r), await proxy.ask(r)];
		await proxy.stop();
		return all.map((a) => a.status);
	};
	assert.deepEqual(await ask({ limits: true, args: ['--rpm', '60'], env: { HEADROOM_RPM: '1' } }), [200, 200]);
	assert.deepEqual(await ask({ limits: true, env: { HEADROOM_RPM: '1' } }), [200, 429]);
	const last = async (how) => {
		const proxy = await startProxy({ provider, ...how });
		const result = await sent(provider, proxy, PLACES.anthropic, COLOURED);
		await proxy.stop();
		return result;
	};
	for (const [env, flag] of [[{ HEADROOM_PROTECT_RECENT: '9' }, ['--protect-recent', '0']], [{ HEADROOM_LOSSLESS: '1' }, ['--no-lossless']], [{ HEADROOM_OPTIMIZE: '0' }, ['--optimize']]]) {
		assert.equal((await last({ env })).hasColours, true, JSON.stringify(env));
		assert.equal((await last({ env, args: flag })).hasColours, false, flag.join(' '));
	}
});

test('an idle proxy ends at once, however long it may take', async (t) => {
	const { proxy } = await pair(t, { args: ['--drain-timeout', '10m'] });
	const kept = await proxy.connect();
	await kept.send(requestBytes(request('anthropic')));
	assert.equal((await kept.response('POST')).status, 200);
	await proxy.stop(); // which does not wait so long
	await kept.closed;
	kept.close();
});
