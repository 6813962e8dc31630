// The response cache: the same request of the same caller is answered here, any other one is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pair, requestBytes, startProxy, until, within } from './kit.mjs';
import { FORMAT_NAMES, request } from './requests.mjs';
import { sql } from './sqlite.mjs';

// A deterministic request of a format; change alters its body.
function fixed(name, { change = () => {}, stream = false, headers = [], ...more } = {}) {
	const r = request(name, { steps: 2, stream, headers });
	const body = JSON.parse(r.body);
	if (name === 'gemini')
		body.generationConfig = { temperature: 0 };
	else
		body.temperature = 0;
	change(body);
	return { ...r, ...more, body: JSON.stringify(body) };
}

const isCached = (r) => r.header('x-headroom-cached') === 'true';

for (const name of FORMAT_NAMES) {
	test(`${name}: the second of two is answered here`, async (t) => {
		const { provider, proxy } = await pair(t);
		const first = await proxy.ask(fixed(name));
		const second = await proxy.ask(fixed(name));
		assert.equal(first.status, 200);
		assert.ok(!isCached(first));
		assert.equal(first.header('age'), undefined);
		assert.equal(second.status, 200);
		assert.ok(isCached(second), 'x-headroom-cached');
		assert.match(second.header('age'), /^\d+$/);
		assert.equal(second.header('content-type'), first.header('content-type'));
		assert.deepEqual(second.body, first.body);
		assert.notEqual(second.header('x-headroom-request-id'), first.header('x-headroom-request-id'));
		assert.equal(second.header('x-headroom-reason'), 'response_cache');
		assert.equal(provider.requests.length, 1);
	});

	test(`${name}: a stream is answered with the same events`, async (t) => {
		const { provider, proxy } = await pair(t);
		const events = async () => {
			const raw = await proxy.connect();
			await raw.send(requestBytes(fixed(name, { stream: true })));
			const head = await raw.head();
			const all = [];
			for await (const e of raw.events(head))
				all.push(e.text);
			assert.ok(head.complete);
			assert.equal(head.rest, '');
			raw.close();
			return { head, all };
		};
		const first = await events();
		const second = await events();
		assert.ok(first.all.length > 2);
		assert.deepEqual(second.all, first.all);
		assert.ok(isCached(second.head));
		assert.equal(second.head.header('content-type'), first.head.header('content-type'));
		assert.match(second.head.header('transfer-encoding'), /chunked/);
		assert.equal(provider.requests.length, 1);
		// a plain answer is another one
		assert.ok(!isCached(await proxy.ask(fixed(name))));
	});
}

test('a stream comes in the pieces that it came in', async (t) => {
	const { provider, proxy } = await pair(t);
	const chunks = async (release) => {
		const raw = await proxy.connect();
		await raw.send(requestBytes(fixed('anthropic', { stream: true })));
		const head = await raw.head();
		const all = [];
		await release?.();
		for await (const part of raw.parts(head)) {
			all.push(part.toString());
			await release?.();
		}
		raw.close();
		return all;
	};
	// one event at a time: the next is let go when the client has the one before
	provider.answer('/v1/messages', { hold: 'events' });
	const first = await chunks(() => provider.requests[0].release(1));
	const second = await chunks();
	assert.ok(first.length > 5, String(first.length));
	assert.deepEqual(second, first);
	assert.equal(provider.requests.length, 1);
});

for (const [name, args, usage] of [
	['--rpm', ['--rpm', '1'], {}], ['--tpm', ['--tpm', '5000'], {}],
	['--budget', ['--budget', '1'], { input: 1000000, cacheRead: 0, cacheWrite: 0, output: 1000000 }],
])
	test(`${name}: what is answered here is not stopped, and does not count`, async (t) => {
		const { provider, proxy } = await pair(t, { limits: true, args });
		const large = (seed) => fixed('anthropic', { change: (body) => { body.messages = [{ role: 'user', content: `${seed} `.repeat(8000) }]; } });
		provider.answer('/v1/messages', { turn: { text: 'dear', usage } });
		assert.equal((await proxy.ask(large('a'))).status, 200);
		for (let i = 0; i < 5; i++) {
			const again = await proxy.ask(large('a'));
			assert.equal(again.status, 200, again.text);
			assert.ok(isCached(again));
		}
		assert.equal((await proxy.ask(large('b'))).status, 429);
		assert.equal((await proxy.ask(large('a'))).status, 200);
		assert.equal(provider.requests.length, 1);
	});

test('an encoded answer is kept encoded, for who asks for that coding', async (t) => {
	const { provider, proxy } = await pair(t);
	const gzip = fixed('anthropic', { stream: true, headers: [['accept-encoding', 'gzip']] });
	provider.answer('/v1/messages', { encoding: 'gzip' });
	const first = await proxy.ask(gzip);
	const second = await proxy.ask(gzip);
	assert.ok(isCached(second));
	assert.equal(second.header('content-encoding'), 'gzip');
	assert.deepEqual(second.body, first.body);
	assert.equal(provider.requests.length, 1);
	const plain = await proxy.ask(fixed('anthropic', { stream: true }));
	assert.ok(!isCached(plain));
	assert.equal(plain.header('content-encoding'), undefined);
	assert.match(plain.text, /message_stop/);
});

// Each pair: two requests that look alike. The second one must be asked.
const set = (...path) => (value) => (body) => {
	path.slice(0, -1).reduce((o, k) => (o[k] ??= {}), body)[path.at(-1)] = value;
};
const temperature = set('temperature');
const withKey = (key) => ({ ...fixed('anthropic'), headers: [['content-type', 'application/json'], ['x-api-key', key], ['anthropic-version', '2023-06-01']] });
const OTHERS = {
	'another credential': [withKey('sk-one'), withKey('sk-two')],
	'another credential beside the same key': [fixed('anthropic'), fixed('anthropic', { headers: [['authorization', 'Bearer other']] })],
	'another path': [fixed('anthropic'), fixed('anthropic', { path: '/v1/messages?beta=true' })],
	'another anthropic-beta': [fixed('anthropic'), fixed('anthropic', { headers: [['anthropic-beta', 'context-1m-2025-08-07']] })],
	'another anthropic-version': [fixed('anthropic'), { ...fixed('anthropic'), headers: fixed('anthropic').headers.map(([k, v]) => [k, k === 'anthropic-version' ? '2023-01-01' : v]) }],
	'another accept-encoding': [fixed('anthropic'), fixed('anthropic', { headers: [['accept-encoding', 'br']] })],
	'another organization': [fixed('chat'), fixed('chat', { headers: [['openai-organization', 'org-1']] })],
	'another project': [fixed('chat'), fixed('chat', { headers: [['openai-project', 'proj-1']] })],
	'another model': [fixed('chat'), fixed('chat', { change: set('model')('gpt-4o-mini') })],
	'another message': [fixed('chat'), fixed('chat', { change: (b) => b.messages.push({ role: 'user', content: 'and?' }) })],
	'another limit': [fixed('anthropic'), fixed('anthropic', { change: set('max_tokens')(7) })],
	'Gemini: another model': [fixed('gemini'), fixed('gemini', { path: '/v1beta/models/gemini-2.5-flash:generateContent' })],
	'no temperature': Array(2).fill(fixed('anthropic', { change: (b) => { delete b.temperature; } })),
	'a temperature of null': Array(2).fill(fixed('chat', { change: temperature(null) })),
	'a temperature above 0': Array(2).fill(fixed('chat', { change: temperature(0.1) })),
	'Gemini: no temperature': Array(2).fill(fixed('gemini', { change: (b) => { delete b.generationConfig; } })),
	'several candidates': Array(2).fill(fixed('chat', { change: set('n')(2) })),
	'Responses that the provider keeps': Array(2).fill(fixed('responses', { change: set('store')(true) })),
	'an answer before': Array(2).fill(fixed('responses', { change: set('previous_response_id')('resp_1') })),
	'a tool that runs at the provider': Array(2).fill(fixed('anthropic', { change: (b) => b.tools.push({ type: 'web_search_20250305', name: 'web_search' }) })),
	'cache-control: no-store': Array(2).fill(fixed('chat', { headers: [['cache-control', 'no-store']] })),
	'cache-control: no-store after it was kept': [fixed('chat'), fixed('chat', { headers: [['cache-control', 'no-store']] })],
	'cache-control: no-cache after it was kept': [fixed('chat'), fixed('chat', { headers: [['Cache-Control', 'max-age=0, no-cache']] })],
};

test('what differs in anything that matters, or is left to chance, is asked again', async (t) => {
	const { provider, proxy } = await pair(t);
	const control = await proxy.ask(fixed('anthropic', { change: set('max_tokens')(99) }));
	assert.equal(control.status, 200);
	assert.ok(isCached(await proxy.ask(fixed('anthropic', { change: set('max_tokens')(99) }))), 'the cache is on');
	for (const [what, [first, second]] of Object.entries(OTHERS)) {
		provider.forget();
		await proxy.ask(first);
		const before = provider.requests.length;
		const r = await proxy.ask(second);
		assert.equal(r.status, 200, what);
		assert.ok(!isCached(r), what);
		assert.equal(provider.requests.length, before + 1, what);
	}
});

test('what says nothing of the question does not matter: order, blanks, marks, who asks', async (t) => {
	const { provider, proxy } = await pair(t);
	const r = fixed('anthropic');
	await proxy.ask(r);
	const reversed = Object.fromEntries(Object.entries(JSON.parse(r.body)).reverse());
	assert.ok(isCached(await proxy.ask({ ...r, body: JSON.stringify(reversed, null, '\t') })));
	assert.ok(isCached(await proxy.ask({ ...r, body: JSON.stringify({ ...reversed, metadata: { user_id: 'session-2' } }) })));
	const unmarked = JSON.parse(r.body);
	delete unmarked.system[0].cache_control;
	assert.ok(isCached(await proxy.ask({ ...r, body: JSON.stringify(unmarked) })));
	assert.equal(provider.requests.length, 1);
});

test('errors, cut streams and answers of a client that went are not kept', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--retry-max-attempts', '1'] });
	const bad = {
		'a 400': { status: 400 }, 'a 429': { status: 429, headers: { 'retry-after': '60' } }, 'a 500': { status: 500 }, 'a 201': { status: 201, json: { id: 'x' } },
		'a stream without its last event': { fault: { end: 4 } }, 'a stream that is reset': { fault: { reset: 4 } },
		'a stream with an error in it': { events: [{ event: 'error', data: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}' }] },
	};
	for (const [what, answer] of Object.entries(bad)) {
		provider.forget();
		provider.answer('/v1/messages', answer);
		const r = fixed('anthropic', { stream: true, change: set('metadata_of_test')(what) });
		await proxy.ask(r).catch(() => {});
		const again = await proxy.ask(r);
		assert.equal(again.status, 200, what);
		assert.ok(!isCached(again) && again.complete, what);
		assert.match(again.text, /message_stop/);
		assert.equal(provider.requests.length, 2, what);
		assert.ok(isCached(await proxy.ask(r)), `${what}: the good one is kept`);
	}
	provider.forget();
	provider.answer('/v1/messages', { hold: 'events' });
	const r = fixed('anthropic', { stream: true, change: set('metadata_of_test')('gone') });
	const raw = await proxy.connect();
	await raw.send(requestBytes(r));
	const ex = await within(provider.next(1), 'the request');
	await raw.head();
	raw.reset();
	await within(ex.gone, 'the provider to lose its client');
	const again = await proxy.ask(r);
	assert.ok(!isCached(again));
	assert.match(again.text, /message_stop/);
});

test('embeddings need no temperature', async (t) => {
	const { provider, proxy } = await pair(t);
	const r = { ...request('chat'), path: '/v1/embeddings', body: JSON.stringify({ model: 'text-embedding-3-small', input: 'hello' }) };
	provider.answer('/v1/embeddings', { json: { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [0.5] }], usage: { prompt_tokens: 1, total_tokens: 1 } }, repeat: true });
	const first = await proxy.ask(r);
	const second = await proxy.ask(r);
	assert.ok(isCached(second) && !isCached(first));
	assert.equal(second.text, first.text);
	assert.ok(!isCached(await proxy.ask({ ...r, body: r.body.replace('hello', 'Hello') })));
	assert.equal(provider.requests.length, 2);
});

test('HEAD is passed on, and neither fills nor reads the cache', async (t) => {
	const { provider, proxy } = await pair(t);
	const head = fixed('anthropic', { method: 'HEAD' });
	const first = await proxy.ask(head);
	assert.equal(first.body.length, 0);
	assert.ok(!isCached(first));
	const get = await proxy.ask(fixed('anthropic'));
	assert.ok(!isCached(get), 'a HEAD has filled the cache');
	assert.ok(get.body.length > 0);
	const after = await proxy.ask(head);
	assert.ok(!isCached(after), 'a HEAD was answered from a POST');
	assert.equal(provider.requests.length, 3);
});

test('no-cache asks the provider, and what it says is kept', async (t) => {
	const { provider, proxy } = await pair(t);
	const fresh = fixed('chat', { headers: [['cache-control', 'no-cache']] });
	provider.answer('/v1/chat/completions', { turn: { text: 'the old one' } }, { turn: { text: 'the new one' } });
	await proxy.ask(fixed('chat'));
	assert.match((await proxy.ask(fresh)).text, /the new one/);
	const r = await proxy.ask(fixed('chat'));
	assert.ok(isCached(r));
	assert.match(r.text, /the new one/);
	assert.equal(provider.requests.length, 2);
});

test('--no-cache: every one is asked', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--no-cache'] });
	for (let i = 0; i < 3; i++)
		assert.ok(!isCached(await proxy.ask(fixed('anthropic'))));
	assert.equal(provider.requests.length, 3);
});

test('one cache for all workers; it does not outlive the process', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--workers', '4'] });
	await proxy.ask(fixed('anthropic'));
	const all = await Promise.all(Array.from({ length: 16 }, () => proxy.ask(fixed('anthropic'))));
	assert.ok(all.every(isCached));
	assert.equal(provider.requests.length, 1);
	await proxy.stop();
	const again = await startProxy({ t, provider, home: proxy.home });
	assert.ok(!isCached(await again.ask(fixed('anthropic'))));
	assert.equal(provider.requests.length, 2);
});

test('in the ledger a cached answer costs nothing and saves nothing', async (t) => {
	const { provider, proxy } = await pair(t);
	await proxy.ask(fixed('anthropic'));
	await proxy.ask(fixed('anthropic'));
	const rows = await until(() => {
		const found = sql(proxy.home, 'SELECT * FROM ledger ORDER BY id');
		return found.length === 2 && found;
	}, 'both rows');
	const [asked, cached] = rows;
	assert.equal(asked.is_cached, 0);
	assert.ok(asked.cost_nano > 0 && asked.attempts === 1);
	assert.equal(cached.is_cached, 1);
	assert.equal(cached.cost_nano, 0);
	assert.equal(cached.has_usage, 0);
	assert.equal(cached.attempts, 0);
	assert.equal(cached.bytes_sent, 0);
	assert.ok(!cached.saved_nano, `saved ${cached.saved_nano}`);
	assert.equal(cached.status, 200);
	assert.equal(cached.is_complete, 1);
	assert.equal(cached.bytes_out, asked.bytes_out);
	assert.equal(cached.model, asked.model);
	assert.equal(provider.requests.length, 1);
});
