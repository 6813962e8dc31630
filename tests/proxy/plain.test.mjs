// Answers over plain http://, which the proxy reads by itself: over any cutting of the bytes, and which connections it keeps.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { startProxy } from './kit.mjs';
import { request } from './requests.mjs';

// A provider that answers each request with answer(socket, number of the request, number of the connection).
async function rawProvider(t, answer) {
	const seen = { requests: 0, connections: 0 };
	const sockets = new Set();
	const server = net.createServer((socket) => {
		const connection = ++seen.connections;
		let text = '';
		sockets.add(socket);
		socket.setNoDelay(true).on('error', () => {}).on('close', () => sockets.delete(socket));
		socket.on('data', (data) => {
			text += data.toString('latin1');
			const head = text.indexOf('\r\n\r\n');
			const length = /content-length: (\d+)/i.exec(text)?.[1];
			if (head < 0 || text.length < head + 4 + Number(length))
				return;
			text = '';
			answer(socket, ++seen.requests, connection);
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => {
		for (const socket of sockets)
			socket.destroy();
		server.close();
	});
	const proxy = await startProxy({ t, args: ['--anthropic-api-url', `http://127.0.0.1:${server.address().port}`, '--retry-max-attempts', '1'] });
	return { seen, proxy };
}

const ok = (body = '{}', head = '') => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`;

test('an answer that comes byte by byte, behind two of 1xx', async (t) => {
	const answer = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' +
		'HTTP/1.1 201 Made\r\nX-One: 1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\n{"a\r\n4\r\n":1}\r\n0\r\nX-Trailer: 1\r\n\r\n';
	const { seen, proxy } = await rawProvider(t, async (socket) => {
		for (const byte of answer)
			await new Promise((done) => socket.write(byte, () => setImmediate(done)));
	});
	for (let i = 0; i < 2; i++) {
		const r = await proxy.ask(request('anthropic'));
		assert.equal(r.status, 201);
		assert.equal(r.header('x-one'), '1');
		assert.equal(r.header('link'), undefined);
		assert.equal(r.text, '{"a":1}');
		assert.ok(r.complete);
	}
	assert.equal(seen.connections, 1, 'the connection was not kept');
});

for (const [what, bytes, kept] of [
	['nothing special', ok(), true],
	['Connection: close', ok('{}', 'Connection: keep-alive, Close\r\n'), false],
	['HTTP/1.0', ok().replace('HTTP/1.1', 'HTTP/1.0'), false],
	['HTTP/1.0 with keep-alive', ok('{}', 'Connection: Keep-Alive\r\n').replace('HTTP/1.1', 'HTTP/1.0'), true],
	['bytes behind the answer', `${ok()}HTTP/1.1 200 OK\r\n\r\n`, false],
	['204', 'HTTP/1.1 204 No Content\r\n\r\n', true],
])
	test(`${what}: the connection is ${kept ? 'kept' : 'not used again'}`, async (t) => {
		const { seen, proxy } = await rawProvider(t, (socket) => socket.write(bytes));
		for (let i = 0; i < 3; i++) {
			const r = await proxy.ask(request('anthropic'));
			assert.ok(r.status === 200 || r.status === 204);
			assert.equal(r.text, r.status === 200 ? '{}' : '');
		}
		assert.equal(seen.requests, 3);
		assert.equal(seen.connections, kept ? 1 : 3);
	});

for (const head of ['Content-Length: 2\r\nContent-Length: 3', 'Content-Length: 2\r\nTransfer-Encoding: chunked', 'Content-Length: -1', 'X Y: 1'])
	test(`an answer whose end two readers could see at different places (${JSON.stringify(head)}): 502`, async (t) => {
		const { proxy } = await rawProvider(t, (socket) => socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n{}`));
		const r = await proxy.ask(request('anthropic'));
		assert.equal(r.status, 502);
		assert.equal(r.json.type, 'error');
	});

test('broken chunks: all that came, and a visible end', async (t) => {
	const { proxy } = await rawProvider(t, (socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nx\r\n'));
	const r = await proxy.ask(request('anthropic')).catch((error) => error);
	assert.ok(r instanceof Error || !r.complete);
});

test('a kept connection that ends when the request comes: once more, on a new one', async (t) => {
	const { seen, proxy } = await rawProvider(t, (socket, n, connection) => {
		if (n === 2 && connection === 1)
			socket.resetAndDestroy();
		else
			socket.write(ok());
	});
	for (let i = 0; i < 2; i++)
		assert.equal((await proxy.ask(request('anthropic'))).status, 200);
	assert.deepEqual(seen, { requests: 3, connections: 2 });
});

test('a kept connection that ends within the answer: not once more', async (t) => {
	const { seen, proxy } = await rawProvider(t, (socket, n) => {
		if (n === 1)
			socket.write(ok());
		else
			socket.end('HTTP/1.1 2');
	});
	assert.equal((await proxy.ask(request('anthropic'))).status, 200);
	assert.equal((await proxy.ask(request('anthropic'))).status, 502);
	assert.deepEqual(seen, { requests: 2, connections: 1 });
});
