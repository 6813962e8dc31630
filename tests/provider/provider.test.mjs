// The scripted provider by itself: what it says, what it records, each fault.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { decode, encode, encoder, zstdBomb } from './encode.mjs';
import { startProvider } from './provider.mjs';
import { acceptKey, frame, frameReader } from './websocket.mjs';

async function withProvider(t, options) {
	const p = await startProvider(options);
	t.after(() => p.close());
	return p;
}

function ask(p, path, { method = 'POST', headers = {}, body = '' } = {}) {
	const bytes = typeof body === 'string' ? body : JSON.stringify(body);
	return new Promise((done, fail) => {
		let begun = false;
		const req = http.request(p.url + path, { method, headers, agent: false }, async (res) => {
			begun = true;
			const parts = [];
			let error = null;
			try {
				for await (const part of res)
					parts.push(part);
			} catch (e) {
				error = e;
			}
			const raw = Buffer.concat(parts);
			done({ status: res.statusCode, headers: res.headers, raw: res.rawHeaders, body: raw, text: raw.toString(), error });
		});
		req.on('error', (e) => begun || fail(e)); // afterwards the response reports it
		req.end(bytes);
	});
}

const dataLines = (text) => text.split(/\r?\n/).filter((l) => l.startsWith('data: ')).map((l) => l.slice(6));
const events = (text) => dataLines(text).map((d) => JSON.parse(d));

const TURN = {
	thinking: 'Let me see.', text: 'Grüße, 日本 🎉, and a text of more than twenty-four characters.',
	calls: [{ name: 'Bash', args: { command: 'ls -la "x y"' } }],
};

test('anthropic stream', async (t) => {
	const p = await withProvider(t);
	p.answer('/v1/messages', { turn: TURN });
	const r = await ask(p, '/v1/messages?beta=true', { body: { model: 'claude-x', stream: true, messages: [] } });
	const all = events(r.text);
	assert.equal(r.headers['content-type'], 'text/event-stream; charset=utf-8');
	assert.equal(all[0].type, 'message_start');
	assert.equal(all[0].message.model, 'claude-x');
	assert.equal(all.at(-1).type, 'message_stop');
	assert.ok(r.text.includes('event: ping\ndata: {"type": "ping"}\n\n'));
	const join = (kind, key) => all.filter((e) => e.delta?.type === kind).map((e) => e.delta[key]).join('');
	assert.equal(join('thinking_delta', 'thinking'), TURN.thinking);
	assert.equal(join('text_delta', 'text'), TURN.text);
	assert.deepEqual(JSON.parse(join('input_json_delta', 'partial_json')), TURN.calls[0].args);
	assert.ok(join('signature_delta', 'signature').length > 20);
	assert.equal(all.at(-2).delta.stop_reason, 'tool_use');
	assert.ok(all.at(-2).usage.output_tokens > 0);
	assert.equal(p.requests[0].query.get('beta'), 'true');
});

test('anthropic in one piece, count_tokens, batches, models', async (t) => {
	const p = await withProvider(t);
	p.answer('/v1/messages', { turn: TURN });
	const r = JSON.parse((await ask(p, '/v1/messages', { body: { model: 'm' } })).text);
	assert.deepEqual(r.content.map((b) => b.type), ['thinking', 'text', 'tool_use']);
	assert.ok(JSON.parse((await ask(p, '/v1/messages/count_tokens', { body: '{"messages":[]}' })).text).input_tokens > 0);
	assert.equal(JSON.parse((await ask(p, '/v1/messages/batches', { body: '{}' })).text).type, 'message_batch');
	const models = await ask(p, '/v1/models', { method: 'GET', headers: { 'anthropic-version': '2023-06-01' } });
	assert.equal(JSON.parse(models.text).data[0].type, 'model');
});

test('chat stream has usage only when it is wanted', async (t) => {
	const p = await withProvider(t);
	p.answer('/v1/chat/completions', { turn: TURN, repeat: true });
	const plain = dataLines((await ask(p, '/v1/chat/completions', { body: { stream: true } })).text);
	assert.equal(plain.at(-1), '[DONE]');
	assert.ok(!plain.some((d) => d.includes('"usage"')));
	const wanted = dataLines((await ask(p, '/v1/chat/completions', { body: { stream: true, stream_options: { include_usage: true } } })).text);
	const last = JSON.parse(wanted.at(-2));
	assert.deepEqual(last.choices, []);
	assert.ok(last.usage.total_tokens > 0);
	const chunks = plain.slice(0, -1).map((d) => JSON.parse(d).choices[0]);
	assert.equal(chunks.map((c) => c.delta.content ?? '').join(''), TURN.text);
	assert.equal(chunks.flatMap((c) => c.delta.tool_calls ?? []).map((c) => c.function.arguments).join(''), '{"command":"ls -la \\"x y\\""}');
	assert.equal(chunks.at(-1).finish_reason, 'tool_calls');
});

test('responses stream runs to response.completed, numbered without gaps', async (t) => {
	const p = await withProvider(t);
	for (const path of ['/v1/responses', '/backend-api/codex/responses']) {
		p.answer(path, { turn: TURN });
		const all = events((await ask(p, path, { body: { stream: true, input: [] } })).text);
		assert.deepEqual(all.map((e) => e.sequence_number), all.map((_, i) => i));
		assert.equal(all[0].type, 'response.created');
		assert.equal(all.at(-1).type, 'response.completed');
		assert.deepEqual(all.at(-1).response.output.map((i) => i.type), ['reasoning', 'message', 'function_call']);
		assert.ok(all.at(-1).response.usage.input_tokens > 0);
	}
});

test('gemini: events with \\r\\n, array, one piece, Code Assist', async (t) => {
	const p = await withProvider(t);
	p.answer('*', { turn: TURN, repeat: true });
	const sse = await ask(p, '/v1beta/models/gemini-x:streamGenerateContent?alt=sse', { body: '{}' });
	assert.ok(sse.text.endsWith('}\r\n\r\n'));
	const parts = events(sse.text).flatMap((e) => e.candidates[0].content.parts);
	assert.equal(parts.filter((x) => x.text && !x.thought).map((x) => x.text).join(''), TURN.text);
	const array = JSON.parse((await ask(p, '/v1beta/models/gemini-x:streamGenerateContent', { body: '{}' })).text);
	assert.ok(Array.isArray(array) && array.at(-1).candidates[0].finishReason === 'STOP');
	const one = JSON.parse((await ask(p, '/v1beta/models/gemini-x:generateContent', { body: '{}' })).text);
	assert.ok(one.usageMetadata.promptTokenCount > 0);
	assert.equal(one.candidates[0].content.parts.at(-1).functionCall.name, 'Bash');
	const assist = await ask(p, '/v1internal:streamGenerateContent?alt=sse', { body: '{}' });
	assert.ok(events(assist.text)[0].response.candidates);
	assert.deepEqual(sse.raw.filter((_, i) => i % 2 === 0 && sse.raw[i].toLowerCase() === 'vary').length, 3);
});

test('records what came: order, case and doubles of headers, bytes of the body', async (t) => {
	const p = await withProvider(t);
	const socket = net.connect(p.port, '127.0.0.1');
	socket.write('PATCH /odd/%7Epath?q=1&q=2 HTTP/1.1\r\nHost: h\r\nX-One: a\r\nx-one: b\r\nX-TWO:  c \r\nContent-Length: 4\r\n\r\n\x00\xff\r\n', 'latin1');
	const ex = await p.next(1);
	assert.equal(ex.url, '/odd/%7Epath?q=1&q=2');
	assert.deepEqual(ex.headers.slice(1, 4), [['X-One', 'a'], ['x-one', 'b'], ['X-TWO', 'c']]);
	assert.deepEqual(ex.body, Buffer.from([0, 255, 13, 10]));
	const [answer] = await once(socket, 'data');
	assert.ok(answer.toString().includes('"method":"PATCH"'));
	socket.destroy();
});

test('hold and release: an event leaves only when it may', async (t) => {
	const p = await withProvider(t);
	p.answer('/v1/messages', { turn: { text: 'a' }, hold: 'events' });
	let seen = '';
	let ended = false;
	const req = http.request(`${p.url}/v1/messages`, { method: 'POST' }, (res) => {
		res.on('data', (d) => { seen += d; });
		res.on('end', () => { ended = true; });
	});
	req.end('{"stream":true}');
	const ex = await p.next(1);
	const [res] = await once(req, 'response');
	assert.equal(seen, '');
	ex.release(1);
	await once(res, 'data');
	assert.ok(seen.startsWith('event: message_start') && !seen.includes('content_block'));
	assert.ok(!ended);
	ex.release(1000);
	await once(res, 'end');
	assert.ok(seen.includes('message_stop'));
});

test('faults end an answer where they say', async (t) => {
	const p = await withProvider(t);
	const body = { stream: true };
	p.answer('/v1/messages', { fault: { reset: 'head' } }, { fault: { reset: 3 } }, { fault: { mid: 2 } }, { fault: { end: 4 } }, { fault: { reset: 'after' } });
	await assert.rejects(ask(p, '/v1/messages', { body }), { code: 'ECONNRESET' });
	const whole = await ask(p, '/v1/messages', { body });
	assert.ok(whole.error);
	assert.equal(events(whole.text).length, 3);
	const mid = await ask(p, '/v1/messages', { body });
	assert.ok(mid.error);
	assert.ok(!mid.text.endsWith('\n\n'));
	const clean = await ask(p, '/v1/messages', { body });
	assert.equal(clean.error, null);
	assert.equal(events(clean.text).length, 4);
	const after = await ask(p, '/v1/messages', { body });
	assert.equal(events(after.text).at(-1).type, 'message_stop');
});

test('errors have the shape of the path, headers are kept double', async (t) => {
	const p = await withProvider(t);
	p.answer('*', { status: 429, message: 'slow', headers: [['retry-after', '7'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2']], repeat: true });
	const a = await ask(p, '/v1/messages', { body: {} });
	assert.equal(a.status, 429);
	assert.deepEqual(JSON.parse(a.text).error, { type: 'rate_limit_error', message: 'slow' });
	assert.equal(a.headers['retry-after'], '7');
	assert.deepEqual(a.headers['set-cookie'], ['a=1', 'b=2']);
	assert.equal(JSON.parse((await ask(p, '/v1/responses', { body: {} })).text).error.code, 'rate_limit_exceeded');
	assert.equal(JSON.parse((await ask(p, '/v1beta/models/x:generateContent', { body: {} })).text).error.status, 'RESOURCE_EXHAUSTED');
});

test('encodings, streamed and whole', async (t) => {
	const p = await withProvider(t);
	for (const encoding of ['gzip', 'br', 'deflate', 'zstd']) {
		for (const stream of [true, false]) {
			p.answer('/v1/messages', { turn: TURN, encoding });
			const r = await ask(p, '/v1/messages', { body: { stream } });
			assert.equal(r.headers['content-encoding'], encoding);
			assert.ok(decode(encoding, r.body).toString().includes('Grüße'), encoding);
		}
		const text = Buffer.from('x'.repeat(300000));
		assert.deepEqual(decode(encoding, encode(encoding, text)), text);
	}
	assert.equal(decode('zstd', zstdBomb(1 << 20)).length, 1 << 20);
	const gz = encoder('gzip');
	assert.equal(zlib.gunzipSync(Buffer.concat([await gz.push(Buffer.from('a')), await gz.push(Buffer.from('b')), await gz.end()])).toString(), 'ab');
});

test('the same text however it is cut and decorated', async (t) => {
	const p = await withProvider(t);
	const texts = [];
	for (const how of [{}, { split: 1 }, { split: [7, 300, 301] }, { comments: true }, { eol: '\r\n' }, { noblank: true }, { drip: { size: 500, ms: 1 } }]) {
		p.answer('/v1/messages', { turn: TURN, ...how });
		const r = await ask(p, '/v1/messages', { body: { stream: true } });
		texts.push(events(r.text).filter((e) => e.delta?.type === 'text_delta').map((e) => e.delta.text).join(''));
		if (how.comments)
			assert.ok(r.text.startsWith(': scripted comment\n\n'));
		if (how.noblank)
			assert.ok(!r.text.endsWith('\n\n'));
	}
	assert.deepEqual(new Set(texts), new Set([TURN.text]));
});

test('load: n events of a size, each with its id', async (t) => {
	const p = await withProvider(t);
	for (const path of ['/v1/messages', '/v1/chat/completions', '/v1/responses', '/v1beta/models/g:streamGenerateContent?alt=sse']) {
		p.answer(path.split('?')[0], { load: { count: 500, size: 10, id: 's1' } });
		const r = await ask(p, path, { body: { stream: true } });
		const found = [...r.text.matchAll(/s1:(\d+):x{10}/g)].map((m) => Number(m[1]));
		assert.deepEqual(found, Array.from({ length: 500 }, (_, i) => i), path);
	}
});

test('agent mode: results in the request choose the turn', async (t) => {
	const p = await withProvider(t);
	p.agent({ turns: [{ calls: [{ do: 'shell', command: 'ls' }, { do: 'read', path: '/a' }] }, { text: 'x', calls: [{ do: 'write', path: '/b', content: 'c' }] }], final: 'end' });
	const tools = [{ name: 'Bash' }, { name: 'Read' }, { name: 'Write' }];
	const at = async (n) => JSON.parse((await ask(p, '/v1/messages', {
		body: { tools, messages: [{ role: 'user', content: Array.from({ length: n }, () => ({ type: 'tool_result' })) }] },
	})).text).content;
	assert.deepEqual((await at(0)).map((b) => b.name), ['Bash', 'Read']);
	assert.deepEqual((await at(2)).at(-1).input, { file_path: '/b', content: 'c' });
	assert.deepEqual(await at(3), [{ type: 'text', text: 'end' }]);
	assert.equal((await at(0))[0].id, 'call_t0c0');
	const title = JSON.parse((await ask(p, '/v1/messages', { body: { messages: [] } })).text);
	assert.equal(title.content[0].type, 'text');
});

test('usage knows a prefix cache', async (t) => {
	const p = await withProvider(t);
	const long = 'word '.repeat(4000);
	const first = JSON.parse((await ask(p, '/v1/messages', { body: { system: long, messages: ['a'] } })).text).usage;
	const second = JSON.parse((await ask(p, '/v1/messages', { body: { system: long, messages: ['a', 'b'] } })).text).usage;
	assert.equal(first.cache_read_input_tokens, 0);
	assert.ok(second.cache_read_input_tokens > 4900);
});

test('websocket: handshake and echo', async (t) => {
	const p = await withProvider(t);
	const socket = net.connect(p.port, '127.0.0.1');
	t.after(() => socket.destroy());
	socket.write('GET /v1/responses HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
		+ 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
	const [head] = await once(socket, 'data');
	assert.equal(acceptKey('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='); // RFC 6455, 1.3
	assert.ok(head.toString().includes('s3pPLMBiTxaQ9kYGzzhZRbK+xOo='));
	const got = new Promise((done) => {
		socket.on('data', frameReader(done));
	});
	const payload = Buffer.from('hello'.repeat(20000));
	socket.write(frame(0x81, payload, Buffer.from([1, 2, 3, 4])));
	assert.deepEqual((await got).payload, payload);
	assert.equal(p.requests[0].frames.length, 1);
});

test('a client that goes is seen', async (t) => {
	const p = await withProvider(t);
	p.answer('/v1/messages', { never: true });
	const req = http.request(`${p.url}/v1/messages`, { method: 'POST' });
	req.on('error', () => {});
	req.end('{"stream":true}');
	const ex = await p.next(1);
	req.destroy();
	await ex.gone;
	assert.ok(ex.isGone);
});

test('as a program: prints its address, ends with its standard input', async () => {
	const child = spawn(process.execPath, [fileURLToPath(new URL('main.mjs', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] });
	const [line] = await once(child.stdout, 'data');
	const { url } = JSON.parse(line);
	await ask({ url }, '/_script', { body: { answers: { '/v1/messages': [{ json: { ok: 1 } }] } } });
	assert.equal((await ask({ url }, '/v1/messages', { body: { a: 1 } })).text, '{"ok":1}');
	const seen = JSON.parse((await ask({ url }, '/_requests', { method: 'GET' })).text);
	assert.equal(Buffer.from(seen[0].body, 'base64').toString(), '{"a":1}');
	child.stdin.end();
	const [code] = await once(child, 'exit');
	assert.equal(code, 0);
});
