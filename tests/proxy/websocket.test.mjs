// --websocket tunnel: what goes through is bytes, both ways; what the provider refuses is its own answer.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { startProvider } from '../provider/provider.mjs';
import { acceptKey, frame } from '../provider/websocket.mjs';
import { requestBytes, startProxy, tempDir, until, within } from './kit.mjs';
import { hasRedis, startRedis } from './redis.mjs';
import { authority, listen, NAME, startHttpProxy } from './tls.mjs';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const UPGRADE = [['Connection', 'keep-alive, Upgrade'], ['Upgrade', 'websocket'], ['Sec-WebSocket-Version', '13'], ['Sec-WebSocket-Key', KEY],
	['Sec-WebSocket-Protocol', 'a, b'], ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits']];
const ASK = { method: 'GET', path: '/v1/responses?a=%2F&b', headers: [['Authorization', 'Bearer k'], ...UPGRADE] };
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Codex-Turn-State: one\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n';
const TUNNEL = ['--websocket', 'tunnel'];

// A provider of bytes: on(socket, head) once a head has come.
async function byteProvider(t, on, options) {
	const heads = [];
	const serve = (socket) => {
		let text = '';
		socket.on('error', () => {});
		const read = (bytes) => {
			text += bytes.toString('latin1');
			if (!text.includes('\r\n\r\n'))
				return;
			socket.off('data', read);
			heads.push(text);
			on(socket, text);
		};
		socket.on('data', read);
	};
	const server = options ? tls.createServer({ ...options, allowHalfOpen: true }, serve) : net.createServer({ allowHalfOpen: true }, serve);
	const { port } = await listen(t, server);
	return { url: `${options ? 'https' : 'http'}://127.0.0.1:${port}`, port, heads };
}

const ended = (socket) => within(new Promise((done) => socket.on('end', done)), 'the end of the client at the provider');

async function open(proxy, request = ASK) {
	const raw = await proxy.connect();
	await raw.send(requestBytes(request));
	const head = await raw.head();
	return { raw, head };
}

async function echoes(raw, n) {
	const payload = Buffer.alloc(n, 'abcdefg');
	await raw.send(frame(0x81, payload, Buffer.from([1, 2, 3, 4])));
	const expected = frame(0x81, payload);
	assert.ok(await raw.fill(expected.length));
	assert.ok(raw.take(expected.length).equals(expected));
}

test('the handshake goes up and down as it is, but for what is ours', async (t) => {
	const provider = await byteProvider(t, (socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${SWITCH}first`));
	const proxy = await startProxy({ t, provider, args: TUNNEL, env: { HEADROOM_PROXY_TOKEN: 'secret-of-the-proxy' } });
	assert.equal((await open(proxy)).head.status, 401);
	const { raw, head } = await open(proxy, { ...ASK, headers: [...ASK.headers, ['x-headroom-proxy-token', 'secret-of-the-proxy'], ['X-Own', 'v']] });
	assert.equal(head.status, 101);
	assert.equal(head.reason, 'Switching Protocols');
	assert.deepEqual(head.headers.filter(([k]) => !k.startsWith('x-headroom-')),
		[['Connection', 'Upgrade'], ['Upgrade', 'websocket'], ['X-Codex-Turn-State', 'one'], ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']]);
	assert.ok(head.header('x-headroom-request-id'));
	assert.ok(await raw.fill(5));
	assert.equal(raw.take(5).toString(), 'first');
	assert.equal(provider.heads.length, 1);
	const lines = provider.heads[0].split('\r\n');
	assert.equal(lines[0], 'GET /v1/responses?a=%2F&b HTTP/1.1');
	for (const line of [`Host: 127.0.0.1:${provider.port}`, 'Connection: Upgrade', 'Upgrade: websocket', `Sec-WebSocket-Key: ${KEY}`, 'Sec-WebSocket-Version: 13',
		'Sec-WebSocket-Protocol: a, b', 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits', 'Authorization: Bearer k', 'X-Own: v'])
		assert.ok(lines.includes(line), line);
	assert.ok(!provider.heads[0].toLowerCase().includes('headroom') && !provider.heads[0].includes('secret-of-the-proxy'));
	raw.close();
});

test('over TLS, and through an HTTP proxy', async (t) => {
	const a = authority(tempDir(t));
	const provider = await startProvider({ tls: a.tls, http2: true });
	t.after(() => provider.close());
	const via = await startHttpProxy(t);
	const env = { SSL_CERT_FILE: a.file, https_proxy: via.url };
	for (const url of [provider.url, `https://${NAME}:${provider.port}`]) {
		const proxy = await startProxy({ t, provider: { url }, args: TUNNEL, env });
		const { raw, head } = await open(proxy);
		assert.equal(head.header('sec-websocket-accept'), acceptKey(KEY));
		await echoes(raw, 10);
		await echoes(raw, 3 << 20);
		raw.close();
	}
	assert.deepEqual(via.seen, [`CONNECT ${NAME}:${provider.port}`]);
	const plain = await startProvider();
	t.after(() => plain.close());
	via.seen.length = 0;
	const proxy = await startProxy({ t, provider: { url: `http://${NAME}:${plain.port}` }, args: TUNNEL, env: { http_proxy: via.url } });
	const { raw } = await open(proxy);
	await echoes(raw, 10);
	raw.close();
	assert.deepEqual(via.seen, [`CONNECT ${NAME}:${plain.port}`]);
});

test('another answer than 101 is relayed with its body, and the connection goes on', async (t) => {
	const body = '{"error":{"code":"nope"}}';
	const answers = {
		length: `HTTP/1.1 403 Not For You\r\nContent-Type: application/json\r\nX-Codex-Reason: r\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
		chunked: `HTTP/1.1 403 Not For You\r\nContent-Type: application/json\r\nX-Codex-Reason: r\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n${body.slice(0, 5)}\r\n${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\n\r\n`,
		close: `HTTP/1.1 403 Not For You\r\nContent-Type: application/json\r\nX-Codex-Reason: r\r\n\r\n${body}`,
	};
	let kind;
	const provider = await byteProvider(t, (socket) => (kind === 'close' ? socket.end(answers[kind]) : socket.write(answers[kind])));
	const proxy = await startProxy({ t, provider, args: TUNNEL });
	const raw = await proxy.connect();
	for (kind of Object.keys(answers)) {
		await raw.send(requestBytes(ASK));
		const r = await raw.response('GET');
		assert.deepEqual([r.status, r.reason, r.text, r.header('x-codex-reason'), r.header('content-type')], [403, 'Not For You', body, 'r', 'application/json'], kind);
	}
	raw.close();
});

test('no answer that can be relayed: 502, in the words of the path', async (t) => {
	let text = '';
	const provider = await byteProvider(t, (socket) => socket.end(text));
	const proxy = await startProxy({ t, provider, args: TUNNEL });
	for (text of ['', 'SSH-2.0-OpenSSH\r\n', 'HTTP/1.1 101\r\nbad header\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', `HTTP/1.1 101 S\r\nx: ${'y'.repeat(90000)}`]) {
		const r = await proxy.ask(ASK);
		assert.equal(r.status, 502, text.slice(0, 40));
		assert.equal(r.json.error.code, 'bad_gateway');
	}
	const nobody = await startProxy({ t, provider: { url: 'http://127.0.0.1:1' }, args: TUNNEL });
	assert.equal((await nobody.ask(ASK)).status, 502);
	assert.equal((await proxy.ask({ ...ASK, method: 'POST', body: '{}' })).status, 400);
	assert.equal((await proxy.ask({ ...ASK, path: '/livez' })).status, 426);
});

test('a side that does not read stops the other, and loses nothing', async (t) => {
	const total = 24 << 20;
	const chunk = Buffer.alloc(1 << 20, '0123456789');
	const got = { n: 0 };
	let socket;
	const a = authority(tempDir(t));
	const provider = await byteProvider(t, (s) => {
		socket = s;
		s.pause();
		s.write(SWITCH);
	}, a.tls);
	const proxy = await startProxy({ t, provider, args: TUNNEL, env: { SSL_CERT_FILE: a.file } });
	const { raw } = await open(proxy);
	raw.socket.pause();
	let [up, down] = [0, 0];
	const pump = (to, add) => {
		const more = () => {
			while (add(0) < total) {
				add(chunk.length);
				if (!to.write(chunk))
					return;
			}
		};
		to.on('drain', more);
		more();
	};
	pump(raw.socket, (n) => (up += n));
	pump(socket, (n) => (down += n));
	let last;
	await until(async () => { // both stand still
		await new Promise((done) => setTimeout(done, 100));
		const now = `${raw.socket.bytesWritten} ${socket.bytesWritten}`;
		const isStill = now === last;
		last = now;
		return isStill;
	}, 'both directions to stop');
	assert.ok(up < total || raw.socket.writableLength > 0, 'all was taken from the client');
	assert.ok(down < total || socket.writableLength > 0, 'all was taken from the provider');
	socket.on('data', (bytes) => { got.n += bytes.length; });
	socket.resume();
	raw.socket.resume();
	await until(() => got.n === total, 'all to arrive at the provider');
	assert.ok(await raw.fill(total));
	assert.ok(raw.held.subarray(0, chunk.length).equals(chunk) && raw.held.subarray(total - chunk.length).equals(chunk));
	raw.close();
});

test('each end reaches the other side after the last byte', async (t) => {
	let socket;
	const provider = await byteProvider(t, (s) => {
		socket = s;
		s.write(SWITCH);
	});
	const proxy = await startProxy({ t, provider, args: TUNNEL });
	const first = await open(proxy);
	const last = Buffer.alloc(2 << 20, 'z');
	socket.end(last);
	await first.raw.closed;
	assert.ok(first.raw.held.equals(last), `${first.raw.held.length} bytes`);
	first.raw.close();
	// a client that has said its last still hears the provider's answer to it
	const second = await open(proxy);
	const parts = [];
	socket.on('data', (part) => parts.push(part));
	const end = ended(socket);
	second.raw.socket.end('bye');
	await end;
	assert.equal(Buffer.concat(parts).toString(), 'bye');
	socket.end('and bye');
	await second.raw.closed;
	assert.equal(second.raw.held.toString(), 'and bye');
	// one that is gone takes the provider's side with it, though the provider says nothing
	for (const leave of ['reset', 'close']) {
		const { raw } = await open(proxy);
		const gone = ended(socket);
		raw[leave]();
		await gone;
	}
	// the provider breaks off
	const { raw } = await open(proxy);
	socket.resetAndDestroy();
	await raw.closed;
});

test('a tunnel counts: concurrency, one row, its bytes; and time without bytes ends it', async (t) => {
	const log = join(tempDir(t), 'log');
	const provider = await byteProvider(t, (s) => s.write(`${SWITCH}hello`));
	const proxy = await startProxy({ t, provider, args: [...TUNNEL, '--log-file', log, '--limit-concurrency', '1', '--request-timeout-seconds', '1'] });
	const { raw } = await open(proxy);
	assert.ok(await raw.fill(5));
	assert.equal((await open(proxy)).head.status, 503);
	await raw.send('four');
	await raw.closed;
	raw.close();
	const rows = () => (existsSync(log) ? readFileSync(log, 'utf8') : '').trim().split('\n').filter(Boolean).map((l) => JSON.parse(l)).filter((r) => r.reason === 'tunneled');
	await until(() => rows().length, 'the row');
	const [row] = rows();
	assert.deepEqual([row.status, row.bytes_in, row.bytes_out, row.endpoint], [101, 4, 5, 'responses']);
	assert.equal(rows().length, 1);
	const silent = await byteProvider(t, () => {});
	const waits = await startProxy({ t, provider: silent, args: [...TUNNEL, '--request-timeout-seconds', '1'] });
	assert.equal((await waits.ask(ASK)).status, 504);
});

test('a tunnel is a request for the limits of all and of a name, and none is opened when the budget is spent; over a Redis, too', async (t) => {
	const provider = await byteProvider(t, (s) => s.write(SWITCH));
	const file = join(tempDir(t), 'tokens.toml');
	const tokenOf = (name) => `token-of-${name}-0123456789`;
	writeFileSync(file, `[slow]\ntoken = "${tokenOf('slow')}"\nrpm = 1\n[poor]\ntoken = "${tokenOf('poor')}"\nbudget = 0\n[rich]\ntoken = "${tokenOf('rich')}"\n`, { mode: 0o600 });
	const as = (name) => ({ ...ASK, headers: [...ASK.headers, ['x-headroom-proxy-token', tokenOf(name)]] });
	const status = async (proxy, name) => {
		const { raw, head } = await open(proxy, as(name));
		raw.close();
		return head.status;
	};
	for (const more of hasRedis ? [[], ['--store-url', (await startRedis(t)).url, '--store-wait', '10s']] : [[]]) {
		const proxy = await startProxy({ t, provider, limits: true, args: [...TUNNEL, '--tokens-file', file, '--rpm', '3', ...more] });
		const before = provider.heads.length;
		const got = [];
		for (const name of ['slow', 'slow', 'poor', 'rich', 'rich', 'rich'])
			got.push(await status(proxy, name));
		assert.deepEqual(got, [101, 429, 429, 101, 429, 429], more.join()); // poor has taken one of the proxy's own
		assert.equal(provider.heads.length, before + 2);
		const rich = async () => JSON.parse((await proxy.ask({ method: 'GET', path: '/stats', headers: [['x-headroom-proxy-token', tokenOf('rich')]] })).text).named_tokens[0];
		await until(async () => (await rich()).requests === 3, 'the tunnel that was open to be counted');
		assert.equal((await rich()).refused, 2);
		await proxy.stop();
	}
});

test('a proxy that is told to stop closes tunnels that are quiet', async (t) => {
	let socket;
	const provider = await byteProvider(t, (s) => {
		socket = s;
		s.write(SWITCH);
	});
	const proxy = await startProxy({ provider, args: TUNNEL });
	const { raw } = await open(proxy);
	const end = ended(socket);
	await Promise.all([proxy.stop(), raw.closed, end]);
	raw.close();
});
