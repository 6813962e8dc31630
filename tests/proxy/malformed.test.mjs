// Traffic that is not as it should be gets the right answer, reaches no provider, and harms nobody else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { encode, zstdBomb } from '../provider/encode.mjs';
import { pair, requestBytes, residentBytes, within } from './kit.mjs';
import { FORMAT_NAMES, request } from './requests.mjs';

const MEGABYTE = 1 << 20;

const HEAD = 'POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: k\r\n';

// What is no HTTP may be answered by closing the connection.
const CLOSED = 0;

// [what, bytes, statuses that are right]: the connection has to be closed after each of them.
const BROKEN = [
	['Content-Length and Transfer-Encoding', `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, [400]],
	['two different Content-Lengths', `${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{"a":1`, [400]],
	['a list of different Content-Lengths', `${HEAD}Content-Length: 5, 6\r\n\r\n{"a":1`, [400]],
	['a negative Content-Length', `${HEAD}Content-Length: -1\r\n\r\n`, [400]],
	['a Content-Length with a sign', `${HEAD}Content-Length: +2\r\n\r\n{}`, [400]],
	['a Content-Length that is no number', `${HEAD}Content-Length: ten\r\n\r\n`, [400]],
	['a Content-Length beyond all numbers', `${HEAD}Content-Length: 99999999999999999999999\r\n\r\n`, [400, 413]],
	['chunked and chunked', `${HEAD}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`, [400, 501]],
	['a coding after chunked', `${HEAD}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`, [400, 501]],
	['an unknown transfer coding', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, [400, 501]],
	['a chunk size that is none', `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n`, [400]],
	['a negative chunk size', `${HEAD}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n`, [400]],
	['a chunk size beyond all numbers', `${HEAD}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n`, [400, 413]],
	['a chunk without its line end', `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\nabXX0\r\n\r\n`, [400]],
	['a header name with a space', `${HEAD}Bad Name: x\r\nContent-Length: 0\r\n\r\n`, [400]],
	['a space before the colon', `${HEAD}Content-Length : 2\r\n\r\n{}`, [400]],
	['a folded header', `${HEAD}X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n`, [400]],
	['a header without a colon', `${HEAD}nocolon\r\nContent-Length: 0\r\n\r\n`, [400]],
	['a NUL in a header', `${HEAD}X-A: a\0b\r\nContent-Length: 0\r\n\r\n`, [400]],
	['a bare CR in a header', `${HEAD}X-A: a\rX-B: c\r\nContent-Length: 0\r\n\r\n`, [400]],
	['no Host', 'GET /v1/models HTTP/1.1\r\n\r\n', [400]],
	['two Hosts', 'GET /v1/models HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n', [400]],
	['an unknown version', 'GET /v1/models HTTP/3.0\r\nHost: localhost\r\n\r\n', [400, 505]],
	['no version', 'GET /v1/models\r\n\r\n', [400, 505]],
	['a request line that is none', 'hello there\r\n\r\n', [400]],
	['TLS on a plain port', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400, CLOSED]],
	['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 505]],
	['a target with a space', 'GET /v1/mo dels HTTP/1.1\r\nHost: localhost\r\n\r\n', [400]],
	['a head that is too large', `${HEAD}X-Big: ${'x'.repeat(300000)}\r\nContent-Length: 0\r\n\r\n`, [431]],
	['too many headers', `${HEAD}${'a: b\r\n'.repeat(20000)}Content-Length: 0\r\n\r\n`, [431]],
	['a target that is too long', `GET /${'x'.repeat(300000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, [414, 431]],
];

async function stillServes(proxy, provider) {
	const before = provider.requests.length;
	for (const name of FORMAT_NAMES)
		assert.equal((await proxy.ask(request(name, { steps: 2, stream: true }))).status, 200);
	assert.equal(provider.requests.length, before + FORMAT_NAMES.length);
}

test('broken requests: the right status, a closed connection, nothing forwarded', async (t) => {
	const { provider, proxy } = await pair(t);
	// somebody else is in mid-stream all the time, and must not notice
	provider.answer('/v1/messages', { hold: 'events' });
	const other = await proxy.connect();
	await other.send(requestBytes(request('anthropic', { stream: true })));
	const ex = await within(provider.next(1), 'the request');
	for (const [what, bytes, statuses] of BROKEN) {
		const raw = await proxy.connect();
		await raw.send(bytes);
		raw.finish(); // where the bytes alone do not show that nothing more comes
		const r = await raw.response('POST').catch(() => ({ status: CLOSED }));
		assert.ok(statuses.includes(r.status), `${what}: ${r.status}`);
		assert.ok(r.status === CLOSED || r.json.error || r.json.type, what);
		await raw.closed;
		raw.close();
		assert.equal(provider.requests.length, 1, `${what} was forwarded`);
	}
	ex.release(1000);
	const r = await other.response('POST');
	assert.ok(r.complete && r.text.includes('message_stop'));
	await stillServes(proxy, provider);
});

test('a truncated request is not forwarded', async (t) => {
	const { provider, proxy } = await pair(t);
	const whole = requestBytes(request('anthropic', { steps: 2 }));
	for (const part of [10, 100, whole.length - 1]) {
		for (const leave of ['finish', 'reset']) {
			const raw = await proxy.connect();
			await raw.send(whole.subarray(0, part));
			raw[leave]();
			await raw.closed;
			raw.close();
		}
	}
	const chunked = requestBytes({ ...request('anthropic', { steps: 2 }), chunked: 100 });
	const raw = await proxy.connect();
	await raw.send(chunked.subarray(0, chunked.length - 5));
	raw.finish();
	await raw.closed;
	raw.close();
	await stillServes(proxy, provider);
	assert.equal(provider.requests.length, FORMAT_NAMES.length);
});

test('a body larger than --max-body: 413 in the shape of the route, before it is all sent', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--max-body', '1M'] });
	const big = JSON.stringify({ model: 'x', messages: [{ role: 'user', content: 'x'.repeat(3 * MEGABYTE) }] });
	const shapes = { anthropic: (e) => e.error.type === 'request_too_large', chat: (e) => e.error.message, responses: (e) => e.error.message, gemini: (e) => e.error.code === 413 };
	for (const [name, ok] of Object.entries(shapes)) {
		const sent = { ...request(name), body: big };
		const known = await proxy.connect();
		await known.send(requestBytes({ ...sent, headers: [...sent.headers, ['Content-Length', String(big.length)]], body: undefined }));
		const r = await known.response('POST'); // no byte of the body was sent
		assert.equal(r.status, 413, name);
		assert.ok(ok(r.json), r.text);
		known.close();
		const chunked = await proxy.ask({ ...sent, chunked: 65536 });
		assert.equal(chunked.status, 413);
	}
	assert.equal(provider.requests.length, 0);
	await stillServes(proxy, provider);
});

test('zip bombs: 413, and no memory for what they unpack to', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--max-body', '4M'] });
	const unpacked = 512 * MEGABYTE;
	const bombs = {
		gzip: zlib.gzipSync(Buffer.alloc(unpacked, ' ')), zstd: zstdBomb(unpacked),
		br: zlib.brotliCompressSync(Buffer.alloc(unpacked, ' '), { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
	};
	await stillServes(proxy, provider);
	const before = await residentBytes(proxy.child.pid);
	for (const [coding, body] of Object.entries(bombs)) {
		const sent = request('anthropic');
		const r = await proxy.ask({ ...sent, body, headers: [...sent.headers, ['Content-Encoding', coding]] });
		assert.equal(r.status, 413, coding);
		assert.equal(r.json.error.type, 'request_too_large');
	}
	assert.ok(await residentBytes(proxy.child.pid) - before < 64 * MEGABYTE);
	await stillServes(proxy, provider);
});

test('bodies that do not unpack: 400 or untouched, never half', async (t) => {
	const { provider, proxy } = await pair(t);
	const whole = { gzip: encode('gzip', Buffer.from('{"a":1}')), br: encode('br', Buffer.from('{"a":1}')), zstd: encode('zstd', Buffer.from('{"a":1}')), deflate: encode('deflate', Buffer.from('{"a":1}')) };
	for (const [coding, bytes] of Object.entries(whole)) {
		for (const body of [bytes.subarray(0, bytes.length - 3), Buffer.concat([bytes.subarray(0, 4), Buffer.from('garbage'), bytes.subarray(4)]), Buffer.from('{"plain":1}')]) {
			const n = provider.requests.length;
			const sent = request('anthropic');
			const r = await proxy.ask({ ...sent, body, headers: [...sent.headers, ['Content-Encoding', coding]] });
			if (provider.requests.length === n)
				assert.equal(r.status, 400, coding);
			else
				assert.deepEqual(provider.requests.at(-1).body, body, 'fail open means the bytes as they came');
		}
	}
	await stillServes(proxy, provider);
});

test('bodies that are no JSON, or odd JSON, pass bit for bit: the provider says what is wrong', async (t) => {
	const { provider, proxy } = await pair(t);
	const deep = 200000;
	const bodies = [
		'{"model":"x","messages":[', '', 'null', '[]', '"text"', '{"messages":null}', '{"messages":[null,1,"x",{}]}', '{"messages":[{"role":"user","content":[{"type":"tool_result"}]}]}',
		Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), Buffer.from('{"messages":[{"role":"user","content":"\xc3("}]}', 'latin1'),
		`${'['.repeat(deep)}${']'.repeat(deep)}`, `{"messages":${'[{"content":'.repeat(5000)}1${'}]'.repeat(5000)}}`, `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`,
		'{"messages":[{"role":"user","content":"\\ud800"}]}', '\ufeff{"messages":[]}', `{"n":${'9'.repeat(100000)}}`,
	];
	for (const name of FORMAT_NAMES) {
		for (const body of bodies) {
			const r = await proxy.ask({ ...request(name), body });
			assert.equal(r.status, 200, `${name} ${String(body).slice(0, 40)}: ${r.status} ${r.text.slice(0, 200)}`);
			assert.deepEqual(provider.requests.at(-1).body, Buffer.from(body), String(body).slice(0, 40));
		}
	}
});

test('an 8 MB body is forwarded, changed or not', async (t) => {
	const { provider, proxy } = await pair(t);
	const { numbered } = await import('./requests.mjs');
	for (const name of FORMAT_NAMES) {
		const sent = request(name, { steps: 3, last: numbered(9, 160000) });
		assert.ok(sent.body.length > 8 * 1000 * 1000, String(sent.body.length));
		const r = await proxy.ask(sent);
		assert.equal(r.status, 200);
		const got = provider.requests.at(-1);
		assert.ok(got.body.length > 1000 && got.json, name);
	}
});

test('slow loris: a head that never ends is cut off, others are served meanwhile', async (t) => {
	const { provider, proxy } = await pair(t);
	const slow = await Promise.all(Array.from({ length: 50 }, async () => {
		const raw = await proxy.connect();
		await raw.send('POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nX-A: ');
		return raw;
	}));
	await stillServes(proxy, provider);
	const drips = setInterval(() => slow.forEach((raw) => raw.socket.writable && raw.socket.write('a')), 500);
	t.after(() => clearInterval(drips));
	await Promise.all(slow.map((raw) => raw.closed));
	slow.forEach((raw) => raw.close());
	assert.equal(provider.requests.length, FORMAT_NAMES.length);
});

test('pipelined requests are answered in order', async (t) => {
	const { provider, proxy } = await pair(t);
	const raw = await proxy.connect();
	const some = Array.from({ length: 8 }, (_, i) => ({ method: 'POST', path: `/v1/files/${i}`, headers: [['authorization', 'Bearer k']], body: `body ${i}` }));
	await raw.send(Buffer.concat(some.map(requestBytes)));
	for (let i = 0; i < some.length; i++) {
		const r = await raw.response('POST');
		assert.equal(r.status, 200);
		assert.equal(r.json.path, `/v1/files/${i}`);
		assert.equal(r.json.body, `body ${i}`);
	}
	// streams too, and a body in front of the next head is not taken for one
	await raw.send(Buffer.concat([requestBytes(request('anthropic', { stream: true })), requestBytes({ ...request('chat'), chunked: 50 }), requestBytes({ method: 'GET', path: '/v1/files/last' })]));
	assert.ok((await raw.response('POST')).text.includes('message_stop'));
	assert.ok((await raw.response('POST')).json.choices);
	assert.equal((await raw.response('GET')).json.path, '/v1/files/last');
	assert.equal(provider.requests.length, 11);
	raw.close();
});

test('bytes one by one, and a request smuggled in a body stays in it', async (t) => {
	const { provider, proxy } = await pair(t);
	const smuggled = 'GET /v1/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';
	const raw = await proxy.connect();
	for (const byte of requestBytes({ method: 'POST', path: '/v1/files', headers: [], body: smuggled }))
		await raw.send(Buffer.from([byte]));
	const r = await raw.response('POST');
	assert.equal(r.json.body, smuggled);
	assert.equal(provider.requests.length, 1);
	raw.close();
});
