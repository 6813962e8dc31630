// Connections to providers: certificates, HTTP proxies, what is kept and reused, HTTP/2.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { requestBytes, startProxy, tempDir, until, within } from './kit.mjs';
import { authority, listen, NAME, startHttpProxy } from './tls.mjs';

const ASK = { path: '/v1/messages', headers: { 'x-api-key': 'k', 'content-type': 'application/json' }, body: '{"model":"m","max_tokens":1,"messages":[]}' };
const PASS = { method: 'GET', path: '/v1/files/f', headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' } };

// A provider of HTTP/1.1 over TLS that answers everything with the facts of its connection.
async function secureProvider(t, tls) {
	const handshakes = [];
	const server = https.createServer(tls, (req, res) => {
		req.resume();
		req.on('end', () => res.end(JSON.stringify({ path: req.url, alpn: req.socket.alpnProtocol, port: req.socket.remotePort })));
	});
	server.on('secureConnection', (socket) => handshakes.push({ isResumed: socket.isSessionReused(), alpn: socket.alpnProtocol, socket }));
	const { port, connections } = await listen(t, server);
	return { url: `https://127.0.0.1:${port}`, port, handshakes, connections };
}

// A provider of HTTP/2 alone. on(stream, path, bytes of the request) answers.
async function http2Provider(t, tls, on) {
	const server = http2.createSecureServer({ ...tls, allowHTTP1: false });
	const sessions = [];
	server.on('session', (s) => {
		sessions.push(s);
		s.on('error', () => {});
	});
	server.on('stream', (stream, headers) => {
		const parts = [];
		stream.on('error', () => {});
		stream.on('data', (part) => parts.push(part));
		stream.on('end', () => on(stream, headers[':path'], Buffer.concat(parts)));
	});
	const { port } = await listen(t, server);
	return { url: `https://127.0.0.1:${port}`, sessions };
}

function answer(stream, body = '{}', type = 'application/json') {
	stream.respond({ ':status': 200, 'content-type': type });
	stream.end(body);
}

test('certificates: the system\'s store, SSL_CERT_FILE in its place, NODE_EXTRA_CA_CERTS beside it', async (t) => {
	const dir = tempDir(t);
	const [a, b] = [authority(dir, 'a'), authority(dir, 'b')];
	const [one, two] = [await secureProvider(t, a.tls), await secureProvider(t, b.tls)];
	const status = async (env) => {
		const proxy = await startProxy({ t, env, args: ['--anthropic-api-url', one.url, '--openai-api-url', two.url] });
		const first = await proxy.ask(ASK);
		const second = await proxy.ask({ method: 'GET', path: '/v1/models', headers: { authorization: 'Bearer k' } });
		return [first.status, second.status, first.text];
	};
	const [refused, , text] = await status({});
	assert.equal(refused, 502);
	assert.match(text, /certificate/i);
	assert.deepEqual((await status({ SSL_CERT_FILE: a.file })).slice(0, 2), [200, 502]);
	assert.deepEqual((await status({ NODE_EXTRA_CA_CERTS: b.file })).slice(0, 2), [502, 200]);
	assert.deepEqual((await status({ SSL_CERT_FILE: a.file, NODE_EXTRA_CA_CERTS: b.file })).slice(0, 2), [200, 200]);
});

test('a file of certificates that is none is a wrong configuration, under the name of its variable', (t) => {
	const dir = tempDir(t);
	const empty = join(dir, 'empty.pem');
	const damaged = join(dir, 'damaged.pem');
	writeFileSync(empty, '');
	writeFileSync(damaged, '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
	for (const name of ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])
		for (const file of [empty, damaged]) {
			const r = spawnSync(process.env.HEADROOM, ['proxy', '--port', '0'], { env: { PATH: process.env.PATH, HOME: dir, [name]: file }, timeout: 60000 });
			assert.equal(r.status, 78, r.stderr.toString());
			assert.match(r.stderr.toString(), new RegExp(`${name}: .*\\.pem`));
		}
});

test('one handshake serves many requests, and its session the next connection', async (t) => {
	const a = authority(tempDir(t));
	const provider = await secureProvider(t, a.tls);
	const proxy = await startProxy({ t, provider, env: { SSL_CERT_FILE: a.file } });
	for (let i = 0; i < 10; i++)
		assert.equal((await proxy.ask(ASK)).status, 200);
	assert.equal(provider.handshakes.length, 1);
	provider.handshakes[0].socket.destroy();
	assert.equal((await proxy.ask(ASK)).status, 200);
	assert.deepEqual(provider.handshakes.map((h) => h.isResumed), [false, true]);
});

test('https_proxy: a tunnel to the provider; no_proxy and loopback go without', async (t) => {
	const a = authority(tempDir(t));
	const provider = await secureProvider(t, a.tls);
	const via = await startHttpProxy(t);
	const env = { SSL_CERT_FILE: a.file, HTTPS_PROXY: via.url };
	const there = { url: `https://${NAME}:${provider.port}` };
	const proxy = await startProxy({ t, provider: there, env });
	for (let i = 0; i < 3; i++)
		assert.equal((await proxy.ask(ASK)).status, 200);
	assert.deepEqual(via.seen, [`CONNECT ${NAME}:${provider.port}`]);
	via.seen.length = 0;
	const direct = await startProxy({ t, provider: there, env: { ...env, NO_PROXY: `.example,${NAME}` }, args: ['--retry-max-attempts', '1'] });
	assert.equal((await direct.ask(ASK)).status, 502);
	const local = await startProxy({ t, provider, env });
	assert.equal((await local.ask(ASK)).status, 200);
	assert.deepEqual(via.seen, []);
});

test('http_proxy: for plain providers alone', async (t) => {
	const plain = await listen(t, http.createServer((req, res) => {
		req.resume();
		req.on('end', () => res.end('plain'));
	}));
	const via = await startHttpProxy(t);
	const there = { url: `http://${NAME}:${plain.port}` };
	const proxy = await startProxy({ t, provider: there, env: { http_proxy: via.url } });
	assert.equal((await proxy.ask(ASK)).text, 'plain');
	assert.deepEqual(via.seen, [`POST ${there.url}/v1/messages`]);
	const other = await startProxy({ t, provider: there, env: { https_proxy: via.url }, args: ['--retry-max-attempts', '1'] });
	assert.equal((await other.ask(ASK)).status, 502);
	assert.equal(via.seen.length, 1);
});

test('HTTP/2: many streams on few connections, each with its own answer', async (t) => {
	const a = authority(tempDir(t));
	const provider = await http2Provider(t, a.tls, (stream, path, body) => answer(stream, body));
	const proxy = await startProxy({ t, provider, env: { SSL_CERT_FILE: a.file } });
	const bodies = Array.from({ length: 20 }, (_, i) => JSON.stringify({ model: `m${i}`, max_tokens: 1, messages: [], pad: String(i).padEnd(i * 60000, 'x') }));
	const answers = await Promise.all(bodies.map((body) => proxy.ask({ ...ASK, body })));
	assert.deepEqual(answers.map((r) => r.status), bodies.map(() => 200));
	assert.ok(answers.every((r, i) => r.text === bodies[i]), 'an answer is not what was sent');
	assert.equal(provider.sessions.length, 1, 'the first connection was waited for');
	await proxy.ask(ASK);
	assert.equal(provider.sessions.length, 1);
});

test('HTTP/2: a client that goes takes its own stream with it, and no other', async (t) => {
	const a = authority(tempDir(t));
	const open = [];
	const provider = await http2Provider(t, a.tls, (stream) => {
		stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
		stream.write('data: 1\n\n');
		open.push(stream);
	});
	const proxy = await startProxy({ t, provider, env: { SSL_CERT_FILE: a.file } });
	const clients = [];
	for (let i = 0; i < 3; i++) {
		const raw = await proxy.connect();
		await raw.send(requestBytes({ ...ASK, body: { ...JSON.parse(ASK.body), stream: true } }));
		const events = raw.events(await raw.head());
		assert.equal((await events.next()).value.data, '1');
		clients.push({ raw, events });
	}
	const [gone] = open.splice(1, 1);
	const closed = new Promise((done) => gone.on('close', () => done(gone.rstCode)));
	clients.splice(1, 1)[0].raw.close();
	assert.notEqual(await within(closed, 'the stream to be cancelled'), http2.constants.NGHTTP2_NO_ERROR);
	for (const [i, stream] of open.entries()) {
		stream.end('data: 2\n\n');
		assert.equal((await clients[i].events.next()).value.data, '2');
		assert.equal((await clients[i].events.next()).done, true);
	}
	assert.equal(provider.sessions.length, 1);
});

test('HTTP/2: a client that does not read stalls no other, and gets all of it later', async (t) => {
	const a = authority(tempDir(t));
	const long = Buffer.alloc(12 << 20, 'data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n\n');
	let sent;
	const written = new Promise((done) => { sent = done; });
	const provider = await http2Provider(t, a.tls, (stream, path, body) => {
		if (!body.includes('long')) {
			answer(stream);
			return;
		}
		stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
		stream.end(long, sent);
	});
	const proxy = await startProxy({ t, provider, env: { SSL_CERT_FILE: a.file } });
	const slow = await proxy.connect();
	slow.socket.pause();
	await slow.send(requestBytes({ ...ASK, body: { model: 'long', max_tokens: 1, messages: [], stream: true } }));
	await within(written, 'the provider to have sent all');
	for (let i = 0; i < 3; i++)
		assert.equal((await proxy.ask(ASK)).status, 200);
	assert.equal(provider.sessions.length, 1);
	slow.socket.resume();
	const r = await slow.response();
	assert.equal(r.complete, true);
	assert.ok(r.body.equals(long), `${r.body.length} bytes of ${long.length}`);
});

test('HTTP/2: a client that is too far behind is given up', async (t) => {
	const dir = tempDir(t);
	const a = authority(dir);
	const log = join(dir, 'log');
	const provider = await http2Provider(t, a.tls, (stream, path, body) => {
		answer(stream, body.includes('long') ? Buffer.alloc(80 << 20, 'x') : '{}', 'text/event-stream');
	});
	const proxy = await startProxy({ t, provider, env: { SSL_CERT_FILE: a.file }, args: ['--log-file', log] });
	const slow = await proxy.connect();
	slow.socket.pause();
	await slow.send(requestBytes({ ...ASK, body: { model: 'long', max_tokens: 1, messages: [], stream: true } }));
	await until(() => existsSync(log) && readFileSync(log, 'utf8').includes('"long"'), 'the stream to be given up');
	assert.equal((await proxy.ask(ASK)).status, 200);
	slow.socket.resume();
	const head = await slow.head();
	for await (const part of slow.parts(head))
		assert.ok(part.length);
	assert.equal(head.complete, false, 'all of it came');
});

test('HTTP/2: what the provider has refused unseen goes again, what it broke off does not', async (t) => {
	const a = authority(tempDir(t));
	const seen = [];
	let held;
	const provider = await http2Provider(t, a.tls, (stream, path, body) => {
		const { model } = JSON.parse(body);
		const isFirst = !seen.includes(model);
		seen.push(model);
		if (model === 'hold')
			held = stream;
		else if (model === 'refuse' && isFirst)
			stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
		else if (model === 'break')
			stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
		else if (model === 'goaway' && isFirst) // all up to the held stream are served, this one is not
			stream.session.goaway(http2.constants.NGHTTP2_NO_ERROR, held.id);
		else
			answer(stream);
	});
	const proxy = await startProxy({ t, provider, env: { SSL_CERT_FILE: a.file } });
	const ask = (model) => proxy.ask({ ...ASK, body: { model, max_tokens: 1, messages: [] } });
	assert.equal((await ask('refuse')).status, 200);
	assert.equal((await ask('break')).status, 502);
	const hold = ask('hold');
	while (!held)
		await ask('other');
	assert.equal((await ask('goaway')).status, 200);
	assert.equal((await ask('after')).status, 200);
	answer(held);
	assert.equal((await hold).status, 200);
	assert.deepEqual(seen.filter((m) => m !== 'other'), ['refuse', 'refuse', 'break', 'hold', 'goaway', 'goaway', 'after']);
});

test('HTTP/2: a request that a GOAWAY has left out goes again, one that it has not does not', async (t) => {
	const a = authority(tempDir(t));
	const seen = [];
	const provider = await http2Provider(t, a.tls, (stream, path, body) => {
		const { model } = JSON.parse(body);
		const isFirst = !seen.includes(model);
		seen.push(model);
		if (model === 'unseen' && isFirst)
			stream.session.goaway(http2.constants.NGHTTP2_NO_ERROR, stream.id - 2);
		else if (model === 'seen')
			stream.session.goaway(http2.constants.NGHTTP2_NO_ERROR, stream.id, undefined, stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
		else
			answer(stream);
	});
	const proxy = await startProxy({ t, provider, env: { SSL_CERT_FILE: a.file } });
	const ask = async (model) => (await proxy.ask({ ...ASK, body: { model, max_tokens: 1, messages: [] } })).status;
	assert.equal(await ask('first'), 200);
	// alone on its connection, which has nothing left to do then
	assert.equal(await ask('unseen'), 200);
	assert.equal(await ask('seen'), 502);
	assert.equal(await ask('last'), 200);
	assert.deepEqual(seen, ['first', 'unseen', 'unseen', 'seen', 'last']);
});

test('HTTP/1.1 to those who have both: --no-http2, ChatGPT, and what passes through', async (t) => {
	const a = authority(tempDir(t));
	const server = http2.createSecureServer({ ...a.tls, allowHTTP1: true }, (req, res) => {
		req.resume();
		req.on('end', () => res.end(req.httpVersion));
	});
	const { port } = await listen(t, server);
	const provider = { url: `https://127.0.0.1:${port}` };
	const env = { SSL_CERT_FILE: a.file };
	const proxy = await startProxy({ t, provider, env });
	assert.equal((await proxy.ask(ASK)).text, '2.0');
	assert.equal((await proxy.ask(PASS)).text, '1.1');
	assert.equal((await proxy.ask({ path: '/backend-api/codex/responses', headers: { authorization: 'Bearer k', 'chatgpt-account-id': 'a' }, body: '{"model":"m","input":[]}' })).text, '1.1');
	const without = await startProxy({ t, provider, env, args: ['--no-http2'] });
	assert.equal((await without.ask(ASK)).text, '1.1');
});
