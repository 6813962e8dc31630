// What a request leaves behind: one row in the ledger, its cost, what was saved, and what the counts learn from it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pair, requestBytes, startProxy, tempDir, until, within } from './kit.mjs';
import { FORMAT_NAMES, request } from './requests.mjs';
import { one, sql } from './sqlite.mjs';

const rows = (home, n) => until(() => {
	const found = sql(home, 'SELECT * FROM ledger ORDER BY at_ms, id');
	return found.length >= n && found;
}, `${n} rows in the ledger`);

const PRICES = { input: 2, output: 8, cache_read: 0.5, cache_write_5m: 2.5, cache_write_1h: 4 };

// A price file for all models, in dollars a million; changes over PRICES.
function priceFile(dir, change = {}) {
	const path = join(dir, 'prices.toml');
	writeFileSync(path, `["*"]\n${Object.entries({ ...PRICES, ...change }).map(([k, v]) => `${k} = ${v}`).join('\n')}\n`);
	return path;
}

const withPrices = (t, { args = [], ...more } = {}) => {
	const home = tempDir(t);
	return pair(t, { home, ...more, args: ['--price-file', priceFile(home), ...args] });
};

const USAGE = { input: 1000, cacheRead: 400, cacheWrite: 0, output: 50, reasoning: 0 };
const costOf = (u, p = PRICES) => Math.round(1000 * (u.input * p.input + u.cacheRead * p.cache_read + u.cacheWrite * p.cache_write_5m + u.output * p.output));

test('one row per request, whatever became of it', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--retry-max-attempts', '1'] });
	const ids = [];
	const ask = async (r) => {
		const answer = await proxy.ask(r);
		ids.push(answer.header('x-headroom-request-id'));
		return answer;
	};
	for (const name of FORMAT_NAMES)
		for (const stream of [false, true])
			assert.equal((await ask(request(name, { stream }))).status, 200);
	provider.answer('/v1/messages', { status: 400 }, { fault: { reset: 3 } });
	assert.equal((await ask(request('anthropic'))).status, 400);
	assert.equal((await ask(request('anthropic', { stream: true }))).complete, false);
	assert.equal((await ask({ ...request('anthropic'), path: '/v1/messages/count_tokens' })).status, 200);
	assert.equal((await ask({ method: 'GET', path: '/v1/models', headers: [['authorization', 'Bearer k']] })).status, 200);
	assert.equal((await ask({ method: 'GET', path: '/anything/else' })).status, 200);
	const kept = await proxy.connect(); // several on one connection
	for (let i = 0; i < 3; i++) {
		await kept.send(requestBytes(request('chat', { seed: i + 1 })));
		ids.push((await kept.response('POST')).header('x-headroom-request-id'));
	}
	kept.close();
	await proxy.ask({ method: 'GET', path: '/livez' }); // nobody's money: no row
	const found = await rows(proxy.home, ids.length);
	assert.deepEqual(found.map((r) => r.request).sort(), ids.sort());
	await proxy.stop();
	assert.equal(one(proxy.home, 'SELECT count(*) AS n FROM ledger').n, ids.length);
});

for (const name of FORMAT_NAMES) {
	for (const stream of [false, true]) {
		test(`${name}, ${stream ? 'stream' : 'plain'}: the cost is that of the usage at the prices of --price-file`, async (t) => {
			const { provider, proxy } = await withPrices(t);
			const sent = request(name, { stream });
			if (name === 'chat' && stream)
				sent.body = JSON.stringify({ ...JSON.parse(sent.body), stream_options: { include_usage: true } });
			provider.answer('*', { turn: { text: 'done', usage: USAGE } });
			const answer = await proxy.ask(sent);
			const [row] = await rows(proxy.home, 1);
			assert.deepEqual([row.input, row.cache_read, row.cache_write_5m, row.output, row.has_usage], [1000, 400, 0, 50, 1]);
			assert.equal(row.cost_nano, costOf(USAGE));
			assert.equal(row.is_stream, Number(stream));
			assert.equal(row.tokens_before, Number(answer.header('x-headroom-tokens-before')));
			assert.equal(row.tokens_after, Number(answer.header('x-headroom-tokens-after')));
			assert.ok(row.changed_n > 0 && row.results_n >= row.changed_n);
			assert.equal(row.bytes_sent, provider.requests[0].body.length);
			assert.equal(row.bytes_out, answer.body.length);
		});
	}
}

test('Gemini\'s stream as a growing array has its usage read, and is known as a stream', async (t) => {
	const { provider, proxy } = await withPrices(t);
	const path = '/v1beta/models/gemini-2.5-pro:streamGenerateContent';
	provider.answer(path, { turn: { text: 'done', usage: USAGE }, stream: 'array' }, { status: 500 }, { status: 500 }, { status: 500 });
	const answer = await proxy.ask({ ...request('gemini'), path });
	assert.ok(Array.isArray(answer.json));
	const [row] = await rows(proxy.home, 1);
	assert.deepEqual([row.is_stream, row.input, row.output, row.cost_nano], [1, 1000, 50, costOf(USAGE)]);
	assert.equal((await proxy.ask({ ...request('gemini'), path })).status, 500);
	assert.equal(provider.requests.length, 2, 'a stream is not asked for again');
});

test('writes to the cache cost more: five minutes, an hour', async (t) => {
	const { provider, proxy } = await withPrices(t);
	const usage = { input_tokens: 100, cache_creation_input_tokens: 3000, cache_read_input_tokens: 7, cache_creation: { ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 2000 }, output_tokens: 5 };
	provider.answer('/v1/messages', { json: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', content: [], stop_reason: 'end_turn', usage } });
	await proxy.ask(request('anthropic'));
	const [row] = await rows(proxy.home, 1);
	assert.deepEqual([row.input, row.cache_read, row.cache_write_5m, row.cache_write_1h], [100, 7, 1000, 2000]);
	assert.equal(row.cost_nano, 1000 * (100 * 2 + 7 * 0.5 + 1000 * 2.5 + 2000 * 4 + 5 * 8));
});

test('no usage, no cost: null, not 0', async (t) => {
	const { proxy } = await withPrices(t);
	await proxy.ask(request('chat', { stream: true }));
	const [row] = await rows(proxy.home, 1);
	assert.deepEqual([row.has_usage, row.cost_nano, row.saved_nano], [0, null, null]);
	assert.ok(row.tokens_after < row.tokens_before);
});

test('SIGHUP reads --price-file anew; a broken one changes nothing', async (t) => {
	const { provider, proxy } = await withPrices(t);
	provider.answer('/v1/messages', { turn: { text: 'x', usage: USAGE }, repeat: true });
	const cost = async (n) => {
		await proxy.ask(request('anthropic'));
		return (await rows(proxy.home, n)).at(-1).cost_nano;
	};
	assert.equal(await cost(1), costOf(USAGE));
	priceFile(proxy.home, { input: 20 });
	assert.equal(await cost(2), costOf(USAGE), 'not before it is told');
	proxy.child.kill('SIGHUP');
	await proxy.logged(/reloaded/);
	assert.equal(await cost(3), costOf(USAGE, { ...PRICES, input: 20 }));
	writeFileSync(join(proxy.home, 'prices.toml'), '["*"]\ninput = = 1\n');
	proxy.child.kill('SIGHUP');
	await proxy.logged(/reload_failed.*prices\.toml/);
	assert.equal(await cost(4), costOf(USAGE, { ...PRICES, input: 20 }));
});

test('what is saved is priced as the provider took the rest: read from the cache, it is worth little', async (t) => {
	const { provider, proxy } = await withPrices(t);
	const saved = async (steps, usage, n, seed) => {
		provider.answer('/v1/messages', { turn: { text: 'x', usage } });
		await proxy.ask(request('anthropic', { steps, seed }));
		const row = (await rows(proxy.home, n)).at(-1);
		return { tokens: row.tokens_before - row.tokens_after, nano: row.saved_nano };
	};
	// nothing cached: each token at the price of input
	const full = await saved(4, { input: 9000, cacheRead: 0, cacheWrite: 0, output: 1 }, 1, 1);
	assert.ok(full.tokens > 100);
	assert.ok(Math.abs(full.nano - full.tokens * 2000) <= 0.02 * full.nano, JSON.stringify(full));
	// the same conversation, now read from the cache: what an earlier turn saved counts at that price only
	const read = await saved(4, { input: 1, cacheRead: 9000, cacheWrite: 0, output: 1 }, 2, 1);
	assert.equal(read.tokens, full.tokens);
	assert.ok(read.nano <= full.tokens * 500 * 1.02 && read.nano >= 0, JSON.stringify({ read, full }));
	// nothing was saved where nothing was changed
	provider.answer('/v1/messages', { turn: { text: 'x', usage: USAGE } });
	await proxy.ask({ ...request('anthropic'), body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }) });
	const plain = (await rows(proxy.home, 3)).at(-1);
	assert.deepEqual([plain.saved_nano, plain.tokens_before - plain.tokens_after, plain.reason], [0, 0, 'no_tool_results']);
});

test('a client that goes away leaves a row with the usage seen so far', async (t) => {
	const { provider, proxy } = await withPrices(t);
	provider.answer('/v1/messages', { turn: { text: 'x'.repeat(200), usage: { input: 1234, cacheRead: 0, cacheWrite: 0, output: 999 } }, hold: 'events' });
	const raw = await proxy.connect();
	await raw.send(requestBytes(request('anthropic', { stream: true })));
	const ex = await within(provider.next(1), 'the request');
	const head = await raw.head();
	ex.release(1);
	const events = raw.events(head);
	assert.match((await events.next()).value.data, /message_start/);
	raw.reset();
	await within(ex.gone, 'the provider to lose its client');
	const [row] = await rows(proxy.home, 1);
	assert.deepEqual([row.is_client_gone, row.is_complete, row.has_usage, row.input, row.status], [1, 0, 1, 1234, 200]);
	assert.ok(row.output < 999, 'the last event did not come');
	assert.ok(row.cost_nano >= 1234 * 2000, String(row.cost_nano));
});

test('a client that goes away before the answer leaves a row, too', async (t) => {
	const { provider, proxy } = await withPrices(t);
	provider.answer('/v1/messages', { never: true });
	const raw = await proxy.connect();
	await raw.send(requestBytes(request('anthropic')));
	const ex = await within(provider.next(1), 'the request');
	raw.reset();
	await within(ex.gone, 'the provider to lose its client');
	const [row] = await rows(proxy.home, 1);
	assert.deepEqual([row.is_client_gone, row.is_complete, row.has_usage, row.status, row.cost_nano, row.attempts], [1, 0, 0, 0, null, 1]);
});

test('counts learn from what the provider reports, for the next process', async (t) => {
	const { provider, proxy } = await pair(t);
	const figures = async (p) => {
		const r = await p.ask(request('anthropic'));
		return ['before', 'after', 'saved'].map((k) => Number(r.header(`x-headroom-tokens-${k}`)));
	};
	// an answer without usage, so that nothing is learnt from it
	provider.answer('/v1/messages', { json: { type: 'message', content: [] } });
	const counted = await figures(proxy);
	const usage = { input: Math.round(counted[1] * 1.5) - 300, cacheRead: 200, cacheWrite: 100, output: 3 };
	provider.answer('/v1/messages', { turn: { text: 'x', usage }, repeat: true });
	for (let i = 0; i < 7; i++)
		await figures(proxy);
	await proxy.stop();
	assert.equal(one(proxy.home, 'SELECT samples FROM calibration').samples, 7);
	const early = await startProxy({ t, provider, home: proxy.home });
	assert.deepEqual(await figures(early), counted, 'seven are not enough');
	await early.stop();
	const learnt = await startProxy({ t, provider, home: proxy.home });
	const now = await figures(learnt);
	for (const [i, n] of now.entries())
		assert.ok(Math.abs(n - 1.5 * counted[i]) <= 0.01 * n + 2, `${now} of ${counted}`);
	// another model is counted as before
	const other = await learnt.ask({ ...request('anthropic'), body: request('anthropic').body.replace('claude-sonnet-4-5', 'claude-3-5-haiku-latest') });
	assert.ok(Number(other.header('x-headroom-tokens-before')) < 1.2 * counted[0]);
});

test('figures outlive the process: rows, runs, what is spent', async (t) => {
	const { provider, proxy } = await withPrices(t);
	provider.answer('/v1/messages', { turn: { text: 'x', usage: USAGE }, repeat: true });
	await proxy.ask(request('anthropic'));
	await proxy.ask(request('anthropic'));
	await proxy.stop();
	const before = sql(proxy.home, 'SELECT * FROM ledger ORDER BY id');
	assert.equal(before.length, 2);
	const spent = before.reduce((n, r) => n + r.cost_nano, 0);
	// two more of them would fit into what is left, if nothing were known of the first two
	const args = ['--price-file', join(proxy.home, 'prices.toml'), '--budget', String(spent / 1e9)];
	const again = await startProxy({ t, provider, home: proxy.home, args });
	assert.equal((await again.ask(request('anthropic'))).status, 429);
	const after = await rows(proxy.home, 3);
	assert.deepEqual(after.slice(0, 2), before);
	assert.notEqual(after[2].proxy_run, before[0].proxy_run);
	assert.equal(before[0].proxy_run, before[1].proxy_run);
	assert.deepEqual([after[2].reason, after[2].status], ['over_budget', 429]);
});

test('--workers 4: one budget for all', async (t) => {
	const { provider, proxy } = await withPrices(t, { args: ['--workers', '4', '--budget', '1'] });
	// a quarter of a dollar each
	provider.answer('/v1/messages', { turn: { text: 'x', usage: { input: 125000, cacheRead: 0, cacheWrite: 0, output: 0 } }, repeat: true });
	const all = [];
	for (let i = 0; i < 12; i++)
		all.push((await proxy.ask(request('anthropic', { steps: 1, seed: i + 1 }))).status);
	assert.deepEqual(all, [...Array(4).fill(200), ...Array(8).fill(429)]);
	assert.equal(provider.requests.length, 4);
	const found = await rows(proxy.home, 12);
	assert.equal(found.reduce((n, r) => n + r.cost_nano, 0), 1e9);
});

test('--workers 4: one minute\'s tokens for all, for a credential', async (t) => {
	const { provider, proxy } = await pair(t, { limits: true, args: ['--workers', '4', '--rpm', '1000', '--tpm', '1000'] });
	// each one owes a whole minute: the first takes all there is
	const all = await Promise.all(Array.from({ length: 12 }, () => proxy.ask(request('anthropic', { steps: 6 }))));
	assert.equal(all.filter((r) => r.status === 200).length, 1);
	assert.equal(all.filter((r) => r.status === 429).length, 11);
	assert.equal(provider.requests.length, 1);
});
