// --max-connections: more requests than connections to upstreams. They wait; nothing is lost. --max-keepalive: what is kept.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { connect, requestBytes, startProxy, until, within } from './kit.mjs';
import { request } from './requests.mjs';
import { one } from './sqlite.mjs';
import { listen } from './tls.mjs';

test('--max-connections: streams beyond it wait, and none is cut', async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	const proxy = await startProxy({ t, provider, args: ['--max-connections', '2'] });
	provider.answer('/v1/messages', { load: { count: 50, size: 2000, id: 'm' }, repeat: true });
	const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => proxy.ask(request('anthropic', { stream: true, seed: i + 1 }))));
	for (const a of answers) {
		assert.equal(a.status, 200);
		assert.equal(a.text.match(/m:\d+:x/g).length, 50);
		assert.ok(a.complete && a.text.includes('message_stop'));
	}
	assert.equal(provider.requests.length, 10);
	assert.ok(provider.connections <= 2, `${provider.connections} connections`);
});

test('--max-connections: a client that goes away while it waits is not forwarded', async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	const proxy = await startProxy({ t, provider, args: ['--max-connections', '1'] });
	provider.answer('/v1/messages', { hold: 'head', repeat: true });
	const first = proxy.ask(request('anthropic', { seed: 1 }));
	const ex = await within(provider.next(1), 'the first request');
	const raw = await connect(proxy.url);
	await raw.send(requestBytes(request('anthropic', { seed: 2 })));
	raw.reset();
	await until(() => one(proxy.home, 'SELECT count(*) AS n FROM ledger WHERE is_client_gone').n === 1, 'the row of the one that went');
	ex.release(1);
	assert.equal((await first).status, 200);
	const third = proxy.ask(request('chat'));
	await within(provider.next(2), 'the third request');
	assert.equal((await third).status, 200);
	assert.equal(provider.requests.length, 2);
});

test('--max-connections is that of all workers together', async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	const proxy = await startProxy({ t, provider, args: ['--workers', '4', '--max-connections', '6'] });
	provider.answer('/v1/messages', { hold: 'head', repeat: true });
	const asking = Array.from({ length: 40 }, (_, i) => proxy.ask(request('anthropic', { stream: true, seed: i + 1, steps: 1 })));
	await within(provider.next(4), 'some requests of several workers');
	await proxy.ask({ method: 'GET', path: '/livez' });
	for (let i = 0; i < asking.length; i++)
		(await within(provider.next(i + 1), 'a request')).release(1);
	const answers = await Promise.all(asking);
	assert.ok(answers.every((a) => a.status === 200 && a.complete));
	assert.ok(provider.connections <= 6, `${provider.connections} connections`);
});

for (const [workers, most] of [[1, 2], [4, 2], [4, 6]])
	test(`--max-keepalive ${most} is that of all workers together: --workers ${workers}`, async (t) => {
		const held = [];
		let open = 0;
		let isHolding = true;
		const server = http.createServer((req, res) => {
			req.resume();
			req.on('end', () => (isHolding ? held.push(res) : res.end('{}')));
		});
		server.keepAliveTimeout = 0;
		server.on('connection', (socket) => {
			open++;
			socket.on('close', () => open--);
		});
		const { port } = await listen(t, server);
		const proxy = await startProxy({ t, args: ['--workers', String(workers), '--max-keepalive', String(most), '--anthropic-api-url', `http://127.0.0.1:${port}`] });
		const asking = Array.from({ length: 40 }, (_, i) => proxy.ask(request('anthropic', { seed: i + 1 })));
		await until(() => held.length === asking.length, 'all requests');
		assert.equal(open, asking.length);
		for (const res of held)
			res.end('{}');
		assert.ok((await Promise.all(asking)).every((a) => a.status === 200));
		// Of those that come back in one turn curl closes none; each later one closes one that is too many.
		isHolding = false;
		for (let i = 0; i < 400 && open > most; i++)
			assert.equal((await proxy.ask(request('anthropic', { seed: i + 100 }))).status, 200);
		await until(() => open <= most, `no more than ${most} connections`, 10000).catch((e) => assert.fail(`${e.message}: ${open}`));
		assert.equal(open, most);
	});
