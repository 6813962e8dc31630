// What the provider gets wrong: relayed as it is, asked again only where nothing can be done twice.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { pair, requestBytes, startProxy, within } from './kit.mjs';
import { request } from './requests.mjs';

const dataOf = (text) => text.split('\n').filter((l) => l.startsWith('data: '));

for (const status of [400, 401, 403, 404, 413, 422]) {
	test(`${status} is relayed once, as it is`, async (t) => {
		const { provider, proxy } = await pair(t);
		for (const name of ['anthropic', 'chat', 'responses', 'gemini']) {
			provider.forget();
			provider.answer('*', { status, message: 'prompt is too long: 208310 tokens > 200000 maximum', repeat: true });
			const r = await proxy.ask(request(name, { stream: true }));
			assert.equal(r.status, status);
			assert.match(r.text, /208310 tokens > 200000 maximum/);
			assert.equal(provider.requests.length, 1);
		}
	});
}

test('a 429 that says to wait long is relayed at once, with its headers', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const [name, headers] of [['anthropic', { 'retry-after': '3600', 'x-should-retry': 'true', 'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:00Z' }], ['responses', { 'retry-after': '3600', 'x-codex-primary-used-percent': '100' }]]) {
		provider.forget();
		provider.answer('*', { status: 429, headers, repeat: true });
		const r = await proxy.ask(request(name, { stream: true }));
		assert.equal(r.status, 429);
		for (const [k, v] of Object.entries(headers))
			assert.equal(r.header(k), v);
		assert.equal(provider.requests.length, 1, name);
	}
});

test('x-should-retry: false is obeyed', async (t) => {
	const { provider, proxy } = await pair(t);
	provider.answer('*', { status: 529, headers: { 'x-should-retry': 'false' }, repeat: true });
	assert.equal((await proxy.ask(request('anthropic'))).status, 529);
	assert.equal(provider.requests.length, 1);
});

test('a 5xx of a stream is not asked again, and --retry-max-attempts bounds the rest', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--retry-max-attempts', '2'] });
	provider.answer('*', { status: 500, message: 'the last words', repeat: true });
	const stream = await proxy.ask(request('anthropic', { stream: true }));
	assert.equal(stream.status, 500);
	assert.equal(provider.requests.length, 1);
	provider.requests.length = 0;
	const plain = await proxy.ask(request('anthropic'));
	assert.equal(plain.status, 500);
	assert.match(plain.text, /the last words/);
	assert.ok(provider.requests.length <= 2, `${provider.requests.length} attempts`);
});

test('Codex gets its 5xx once: it tries thirty times by itself', async (t) => {
	const { provider, proxy } = await pair(t);
	provider.answer('*', { status: 503, repeat: true });
	const sent = request('responses', { stream: true });
	const r = await proxy.ask({ ...sent, headers: [...sent.headers, ['originator', 'codex_exec'], ['user-agent', 'codex_exec/0.169.0 (Debian) dumb']] });
	assert.equal(r.status, 503);
	assert.equal(provider.requests.length, 1);
});

test('an error page in HTML stays one', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--retry-max-attempts', '1'] });
	const page = '<html><body><h1>502 Bad Gateway</h1></body></html>\n';
	for (const name of ['anthropic', 'chat', 'responses', 'gemini']) {
		for (const stream of [true, false]) {
			provider.forget();
			provider.answer('*', { status: 502, body: page, type: 'text/html', repeat: true });
			const r = await proxy.ask(request(name, { stream }));
			assert.equal(r.status, 502);
			assert.equal(r.text, page);
			assert.equal(r.header('content-type'), 'text/html');
		}
	}
});

test('a reset before the head: a 502 in the provider\'s shape, or the answer of a safe second attempt', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--retry-max-attempts', '1'] });
	const shapes = {
		anthropic: (e) => e.type === 'error' && e.error.type && e.error.message, chat: (e) => e.error.message && e.error.type,
		responses: (e) => e.error.message && e.error.type, gemini: (e) => e.error.code === 502 && e.error.status && e.error.message,
	};
	for (const [name, ok] of Object.entries(shapes)) {
		provider.forget();
		provider.answer('*', { fault: { reset: 'head' }, repeat: true });
		const r = await proxy.ask(request(name, { stream: true }));
		assert.equal(r.status, 502, name);
		assert.ok(ok(r.json), r.text);
		assert.ok(r.header('x-headroom-request-id'));
		assert.equal(provider.requests.length, 1, 'a request that was sent may have been billed: not again');
	}
});

test('a kept connection that the provider has closed is no error for the client', async (t) => {
	const { provider, proxy } = await pair(t);
	for (let i = 0; i < 5; i++) {
		const r = await proxy.ask(request('anthropic', { stream: i % 2 === 0 }));
		assert.equal(r.status, 200);
		const sockets = provider.connections;
		assert.ok(sockets >= 1);
		await provider.dropIdle();
	}
});

test('a provider that is not there: 502 that names it, quickly', async (t) => {
	const taken = net.createServer();
	taken.listen(0, '127.0.0.1');
	await once(taken, 'listening');
	const url = `http://127.0.0.1:${taken.address().port}`;
	await new Promise((done) => taken.close(done));
	const proxy = await startProxy({ t, args: ['--anthropic-api-url', url, '--retry-max-attempts', '2'] });
	const r = await proxy.ask(request('anthropic', { stream: true }));
	assert.equal(r.status, 502);
	assert.equal(r.json.type, 'error');
	assert.match(r.json.error.message, /anthropic|127\.0\.0\.1/i);
});

test('a connect that was refused is tried again: the provider comes up late', async (t) => {
	// the listener accepts only after the first refusal was seen: a port that a closed server had
	const probe = net.createServer();
	probe.listen(0, '127.0.0.1');
	await once(probe, 'listening');
	const { port } = probe.address();
	await new Promise((done) => probe.close(done));
	const { startProvider } = await import('../provider/provider.mjs');
	const proxy = await startProxy({ t, args: ['--anthropic-api-url', `http://127.0.0.1:${port}`, '--retry-max-attempts', '10'] });
	const asking = proxy.ask(request('anthropic'));
	const provider = await startProvider({ port });
	t.after(() => provider.close());
	const r = await asking;
	assert.ok(r.status === 200 || r.status === 502);
	assert.equal(provider.requests.length, r.status === 200 ? 1 : 0);
});

for (const [fault, what] of [[{ reset: 4, gate: true }, 'between events'], [{ mid: 4, gate: true }, 'in mid-event'], [{ reset: 'end', gate: true }, 'before the last chunk']]) {
	test(`a reset ${what}: all that came is relayed, and the end is visible`, async (t) => {
		const { provider, proxy } = await pair(t);
		for (const encoding of [undefined, 'gzip']) {
			provider.forget();
			provider.answer('/v1/messages', { fault, encoding });
			const raw = await proxy.connect();
			await raw.send(requestBytes(request('anthropic', { stream: true })));
			const ex = await within(provider.next(1), 'the request');
			const head = await raw.head();
			let got = 0;
			for await (const part of raw.parts(head)) {
				got += part.length;
				if (got >= ex.written && ex.gate.waiting)
					ex.release(1);
			}
			assert.equal(got, ex.written);
			assert.equal(head.complete, false, 'the client cannot see that the answer is cut');
			assert.equal(provider.requests.length, 1);
			raw.close();
		}
		assert.equal((await proxy.ask(request('anthropic'))).status, 200);
	});
}

test('a clean end without the last event is relayed as it is', async (t) => {
	const { provider, proxy } = await pair(t);
	provider.answer('/v1/messages', { fault: { end: 5 } });
	const r = await proxy.ask(request('anthropic', { stream: true }));
	assert.ok(r.complete);
	assert.equal(dataOf(r.text).length, 5);
	assert.ok(!r.text.includes('message_stop'));
	assert.equal(provider.requests.length, 1);
});

test('a reset after the end harms nobody', async (t) => {
	const { provider, proxy } = await pair(t);
	for (let i = 0; i < 6; i++) {
		provider.answer('*', { fault: { reset: 'after', gate: true } });
		const r = await proxy.ask(request(i % 2 ? 'chat' : 'anthropic', { stream: true }));
		assert.equal(r.status, 200);
		assert.ok(r.complete);
		const { socket, gate } = provider.requests.at(-1);
		const closed = once(socket, 'close');
		gate.release(1);
		await within(closed, 'the reset');
	}
});

test('a body shorter than its Content-Length is seen as cut', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--retry-max-attempts', '1'] });
	provider.answer('/v1/messages', { raw: 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a":1}' });
	const raw = await proxy.connect();
	await raw.send(requestBytes(request('anthropic')));
	const r = await raw.response('POST');
	assert.ok(r.status === 502 || !r.complete, 'a cut answer went as a whole one');
	raw.close();
});

test('answers that are no HTTP: 502', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--retry-max-attempts', '1'] });
	for (const raw of ['SSH-2.0-OpenSSH_9.2\r\n', 'HTTP/1.1 abc\r\n\r\n', '\0\0\0\0', '']) {
		provider.answer('/v1/messages', { raw });
		const r = await proxy.ask(request('anthropic'));
		assert.equal(r.status, 502, JSON.stringify(raw));
		assert.equal(r.json.type, 'error');
	}
});

test('an answer that comes before the request is read is relayed', async (t) => {
	const { provider, proxy } = await pair(t);
	provider.answer('/v1/messages', { early: true, status: 413, message: 'too large' });
	const sent = request('anthropic');
	const r = await proxy.ask({ ...sent, body: sent.body.replace('}', `}${' '.repeat(4 << 20)}`) });
	assert.equal(r.status, 413);
	assert.match(r.text, /too large/);
});

test('JSON where a stream was due, and an empty 200, pass as they are', async (t) => {
	const { provider, proxy } = await pair(t);
	provider.answer('/v1/messages', { json: { hello: 1 } }, { body: '' });
	const json = await proxy.ask(request('anthropic', { stream: true }));
	assert.equal(json.text, '{"hello":1}');
	const empty = await proxy.ask(request('anthropic', { stream: true }));
	assert.equal(empty.status, 200);
	assert.equal(empty.body.length, 0);
});

test('error events within a stream pass', async (t) => {
	const { provider, proxy } = await pair(t);
	provider.answer('/v1/messages', { events: [{ event: 'error', data: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}' }] });
	const r = await proxy.ask(request('anthropic', { stream: true }));
	assert.equal(r.status, 200);
	assert.match(r.text, /^event: error\ndata: /);
	assert.equal(provider.requests.length, 1);
});
