// `headroom mcp serve` line by line: every revision of the protocol, batches, order, the end of the input.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { call, initialize, logText, request, startRaw, tempHome } from './kit.mjs';

for (const version of ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '1999-01-01']) {
	test(`revision ${version}`, async (t) => {
		const server = startRaw(t, tempHome(t));
		server.send(initialize(version), { jsonrpc: '2.0', method: 'notifications/initialized' }, request(1, 'tools/list'), call(2, 'headroom_stats', {}));
		const hello = await server.next();
		const list = await server.next();
		const stats = await server.next();
		const known = version === '1999-01-01' ? '2025-11-25' : version;
		assert.equal(hello.result.protocolVersion, known);
		assert.equal('annotations' in list.result.tools[0], known >= '2025-03-26');
		assert.equal('title' in list.result.tools[0], known >= '2025-06-18');
		assert.equal('outputSchema' in list.result.tools[2], known >= '2025-06-18');
		assert.equal('structuredContent' in stats.result, known >= '2025-06-18');
		server.send([request(3, 'ping'), request(4, 'ping')]);
		const both = await server.next();
		if (known === '2025-03-26')
			assert.deepEqual(both, [{ jsonrpc: '2.0', id: 3, result: {} }, { jsonrpc: '2.0', id: 4, result: {} }]);
		else
			assert.equal(both.error.code, -32600);
		assert.deepEqual(await server.end(), [0, '']);
		assert.deepEqual(server.got, []);
	});
}

test('a quick answer passes a slow one, and a cancelled one never comes', async (t) => {
	const server = startRaw(t, tempHome(t));
	server.send(initialize('2025-11-25'));
	await server.next();
	const text = logText(30000);
	server.send(call('slow', 'headroom_compress', { text }), call('gone', 'headroom_compress', { text: `${text}.` }),
		{ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'gone', reason: 'test' } }, request('quick', 'ping'));
	assert.equal((await server.next()).id, 'quick');
	assert.equal((await server.next()).id, 'slow');
	assert.deepEqual(await server.end(), [0, '']);
	assert.deepEqual(server.got, []);
});

test('the end of the input ends the server when its calls are answered', async (t) => {
	const server = startRaw(t, tempHome(t));
	server.send(initialize('2025-06-18'), ...[1, 2, 3].map((id) => call(id, 'headroom_compress', { text: logText(500) })));
	assert.deepEqual(await server.end(), [0, '']);
	assert.deepEqual(server.got.map((m) => m.id).sort(), [0, 1, 2, 3]);
});

test('without a call nothing is written, and the first answer comes at once', async (t) => {
	const home = tempHome(t);
	const server = startRaw(t, home);
	server.send(initialize('2025-06-18'), request(1, 'tools/list'));
	await server.next();
	await server.next();
	assert.deepEqual(await server.end(), [0, '']);
	assert.ok(!existsSync(join(home, '.headroom')));
});

test('a client that goes away ends the server', async (t) => {
	const server = startRaw(t, tempHome(t));
	server.send(initialize('2025-06-18'));
	await server.next();
	server.child.stdout.destroy();
	server.send(request(1, 'ping'));
	const [code] = await server.end();
	assert.notEqual(code, 99); // no finding of a sanitizer
});
