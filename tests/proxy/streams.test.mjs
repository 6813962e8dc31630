// Streams stay live: each event arrives when it is sent, a client that goes ends the request upstream, a client that does
// not read costs bounded memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESIDENT_TIMES, pair, requestBytes, residentBytes, until, within } from './kit.mjs';
import { FORMAT_NAMES, formatOf, request } from './requests.mjs';

const pathOf = (name) => formatOf(name).streamPath.split('?')[0];

async function open(proxy, name, options = {}) {
	const raw = await proxy.connect();
	await raw.send(requestBytes(request(name, { stream: true, ...options })));
	return raw;
}

for (const name of FORMAT_NAMES) {
	test(`${name}: each event arrives before the next one is sent`, async (t) => {
		const { provider, proxy } = await pair(t);
		provider.answer(pathOf(name), { hold: 'events' });
		const raw = await open(proxy, name);
		const ex = await within(provider.next(1), 'the request');
		const head = await raw.head(); // the head comes by itself, before any event
		assert.equal(head.status, 200);
		let n = 0;
		ex.release(1);
		for await (const event of raw.events(head)) {
			assert.ok(event.data, event.text);
			assert.equal(ex.steps, ++n, 'an event came late');
			ex.release(1);
		}
		assert.ok(head.complete && n > 1);
		raw.close();
	});
}

test('pieces of an event are not held back until it is whole', async (t) => {
	const { provider, proxy } = await pair(t);
	provider.answer('/v1/messages', { hold: 'events', split: 10 });
	const raw = await open(proxy, 'anthropic');
	const ex = await provider.next(1);
	const head = await raw.head();
	ex.release(1);
	let bytes = 0;
	for await (const part of raw.parts(head)) {
		bytes += part.length;
		assert.equal(bytes, Math.min(ex.steps * 10, bytes));
		ex.release(1);
	}
	assert.ok(head.complete);
	raw.close();
});

test('pings and comments pass while nothing else comes', async (t) => {
	const { provider, proxy } = await pair(t);
	const events = [{ event: 'message_start', data: '{"type":"message_start","message":{"usage":{"input_tokens":1}}}' },
		...Array.from({ length: 5 }, () => ({ event: 'ping', data: '{"type": "ping"}' })), { event: 'message_stop', data: '{"type":"message_stop"}' }];
	provider.answer('/v1/messages', { hold: 'events', events, comments: true });
	const raw = await open(proxy, 'anthropic');
	const ex = await provider.next(1);
	const head = await raw.head();
	let pings = 0;
	let comments = 0;
	ex.release(2);
	for await (const event of raw.events(head)) {
		pings += event.event === 'ping' ? 1 : 0;
		comments += event.text.startsWith(':') ? 1 : 0;
		ex.release(1);
	}
	assert.equal(pings, 5);
	assert.ok(comments >= 7);
	raw.close();
});

test('the status line is the provider\'s own, and not sent before it is known', async (t) => {
	const { provider, proxy } = await pair(t);
	provider.answer('/v1/messages', { hold: 'head', status: 529, message: 'Overloaded', headers: { 'x-should-retry': 'false', 'retry-after': '600' } });
	const raw = await open(proxy, 'anthropic');
	const ex = await provider.next(1);
	assert.equal(raw.held.length, 0);
	ex.release(1);
	const r = await raw.response('POST');
	assert.equal(r.status, 529);
	assert.equal(r.json.error.message, 'Overloaded');
	raw.close();
});

for (const when of ['before the head', 'in mid-stream', 'while the body of a plain answer comes']) {
	test(`the client goes ${when}: the provider sees it`, async (t) => {
		const { provider, proxy } = await pair(t);
		const how = { 'before the head': { never: true }, 'in mid-stream': { hold: 'events' }, 'while the body of a plain answer comes': { body: 'x'.repeat(100000), split: 1000, hold: 'events' } }[when];
		for (const leave of ['reset', 'close']) {
			provider.answer('/v1/messages', how);
			const n = provider.requests.length;
			const raw = await open(proxy, 'anthropic');
			const ex = await within(provider.next(n + 1), 'the request');
			if (!how.never) {
				await raw.head();
				ex.release(3);
				await raw.fill(50);
			}
			raw[leave]();
			await within(ex.gone, 'the provider to lose its client');
		}
		assert.equal(provider.requests.length, 2, 'and it is not asked again');
		assert.equal((await proxy.ask(request('anthropic'))).status, 200);
	});
}

test('a client that only closes its sending half still gets its answer', async (t) => {
	const { provider, proxy } = await pair(t);
	provider.answer('/v1/messages', { hold: 'head' });
	const raw = await open(proxy, 'anthropic');
	const ex = await within(provider.next(1), 'the request');
	raw.finish();
	ex.release(1);
	// a proxy may take a half close for the end of the client; what it may not do is answer half
	const r = await raw.response('POST').catch((e) => e);
	assert.ok(r instanceof Error || (r.complete && r.text.includes('message_stop')));
	raw.close();
});

test('a client that does not read: the provider is made to wait, memory stays bounded', async (t) => {
	const { provider, proxy } = await pair(t);
	const MEGABYTE = 1 << 20;
	provider.answer('/v1/messages', { load: { count: 2000, size: 100000, id: 'b' } }); // 200 MB
	const before = await residentBytes(proxy.child.pid);
	const raw = await open(proxy, 'anthropic');
	const ex = await provider.next(1);
	raw.socket.pause();
	// the provider stalls: what it could write does not grow any more
	let last = -1;
	let same = 0;
	await until(() => {
		same = ex.written === last && last > 0 ? same + 1 : 0;
		last = ex.written;
		return same >= 25;
	}, 'the provider to be stopped by back-pressure');
	assert.ok(ex.written < 40 * MEGABYTE, `${ex.written} bytes taken for a client that reads nothing`);
	assert.ok(await residentBytes(proxy.child.pid) - before < 24 * MEGABYTE * RESIDENT_TIMES);
	// another client is served meanwhile
	assert.equal((await proxy.ask(request('chat', { stream: true }))).status, 200);
	raw.socket.resume();
	const head = await raw.head();
	let n = 0;
	for await (const event of raw.events(head)) {
		const found = event.data.match(/b:(\d+):x/);
		if (found)
			assert.equal(Number(found[1]), n++);
	}
	assert.equal(n, 2000);
	assert.ok(head.complete);
	raw.close();
});

test('a slow stream is not cut by the request time-out, a silent one is', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--request-timeout-seconds', '1', '--retry-max-attempts', '1'] });
	provider.answer('/v1/messages', { gap: 300 }); // about ten events: longer than the time-out in all
	const slow = await proxy.ask(request('anthropic', { stream: true }));
	assert.ok(slow.complete && slow.text.includes('message_stop'));
	provider.answer('/v1/messages', { hold: 'events' });
	const raw = await open(proxy, 'anthropic');
	const ex = await provider.next(2);
	const head = await raw.head();
	ex.release(1);
	await within((async () => { for await (const part of raw.parts(head)) assert.ok(part); })(), 'the silent stream to be given up');
	assert.equal(head.complete, false, 'a stream that was given up may not look complete');
	await within(ex.gone, 'the provider to lose its client');
	raw.close();
});

test('--workers 4: streams at the same time, each its own', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--workers', '4'] });
	const all = await Promise.all(Array.from({ length: 24 }, async (_, i) => {
		const name = FORMAT_NAMES[i % 4];
		return proxy.ask(request(name, { stream: true, seed: i + 1, steps: 2 }));
	}));
	assert.ok(all.every((r) => r.status === 200 && r.complete));
	assert.equal(provider.requests.length, 24);
});
