// Two proxies, each with a store of its own, and the Redis that they share: docs/shared-store.md. Turns of one conversation that
// come to one and to the other keep the prefix; what one has left out, the other has.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { readAnswer } from './answers.mjs';
import { startProxy, tempDir, until } from './kit.mjs';
import { hasRedis, startRedis, startRelay } from './redis.mjs';
import { formatOf } from './requests.mjs';
import { sql, storeOf } from './sqlite.mjs';
import { call, elided, hashIn, hits, pathOf, requestOf, searched } from './retrieve_kit.mjs';

// Sanitizers on a busy machine are no reason to go on without an answer.
const PATIENT = ['--store-wait', '10s'];
const options = { skip: !hasRedis && 'no redis-server' };

const statsOf = async (proxy) => JSON.parse((await proxy.ask({ method: 'GET', path: '/stats' })).text);
const sharedOf = async (proxy) => (await statsOf(proxy)).shared;

// Two proxies behind one provider, with a Redis; url: by a relay, perhaps.
async function team(t, { url, args = [], ...more } = {}) {
	const provider = await startProvider();
	t.after(() => provider.close());
	const redis = await startRedis(t, more.redis);
	const proxies = [];
	for (let i = 0; i < 2; i++)
		proxies.push(await startProxy({ t, provider, ccr: true, args: ['--store-url', url ?? redis.url, ...PATIENT, ...args], ...more }));
	return { provider, redis, proxies };
}

// A conversation of so many turns with results of all kinds.
function itemsUpTo(name, n) {
	const format = formatOf(name);
	const items = [...format.user('Look at all modules.')];
	for (let i = 0; i < n; i++) {
		items.push(...format.step(String(i), 'Bash', { command: `rg -n queue_length src/${i}` }, hits(i % 3, 60 + 7 * i)));
		if (i % 3 === 2)
			items.push(...format.said('Seen.'), ...format.user(`And where is it too long at ${i}?`));
	}
	return items;
}

// The messages that a provider got, as text each.
const messagesOf = (name, sent) => sent.json[formatOf(name).items].map((m) => JSON.stringify(m));

for (const name of ['anthropic', 'chat', 'responses']) {
	test(`${name}: turns that alternate between two proxies keep the prefix, and each has what the other left out`, options, async (t) => {
		const { provider, proxies, redis } = await team(t);
		let before = [];
		let fewer = 0;
		for (let n = 0; n < 10; n++) {
			const r = requestOf(name, itemsUpTo(name, n));
			assert.equal((await proxies[n % 2].ask(r)).status, 200);
			const now = messagesOf(name, provider.requests.at(-1));
			assert.deepEqual(now.slice(0, before.length), before, `turn ${n}`);
			before = now;
			fewer = r.body.length - provider.requests.at(-1).text.length;
		}
		assert.ok(fewer > 10000, `only ${fewer} bytes were saved`);
		const hash = hashIn(provider.requests.at(-1).text);
		assert.ok(hash, 'nothing was left out');
		for (const proxy of proxies) {
			const got = await proxy.ask({ method: 'POST', path: '/v1/retrieve', headers: [['content-type', 'application/json']], body: JSON.stringify({ hash }) });
			assert.equal(got.status, 200, got.text);
			assert.ok(got.text.includes('queue_length'), got.text.slice(0, 200));
		}
		const [a, b] = [await sharedOf(proxies[0]), await sharedOf(proxies[1])];
		assert.ok(a.found > 0 && b.found > 0, JSON.stringify([a, b]));
		assert.equal(a.yielded + b.yielded, 0);
		for (const key of await redis.keys()) {
			assert.match(key, /^headroom1:\{default\}:/);
			assert.match(await redis.ask(`TTL ${key}`), /:[1-9]\d*\r\n/, `${key} stays for ever`);
		}
	});
}

// The trouble of a proxy's own store, until it is ended.
const TROUBLES = {
	'another program has the store': async ({ home }) => {
		const child = spawn('sqlite3', ['-cmd', '.timeout 20000', storeOf(home)], { stdio: ['pipe', 'pipe', 'inherit'] });
		child.stdin.write("BEGIN EXCLUSIVE;\nSELECT 'locked';\n");
		await once(child.stdout, 'data');
		return async () => {
			child.stdin.end();
			await once(child, 'exit');
		};
	},
	// No file of the process can grow: what a disk does that is full.
	'the disk is full': async ({ child }) => {
		const limit = (bytes) => execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:unlimited`]);
		limit(1);
		return async () => limit('unlimited');
	},
};

for (const [name, begin] of Object.entries(TROUBLES)) {
	test(`${name} of one proxy: the other one knows all the same what it decides`, options, async (t) => {
		const { provider, proxies, proxies: [a, b] } = await team(t, { wrapper: ['sh', '-c', 'trap "" XFSZ; exec "$@"', 'sh'] });
		const end = await begin(a);
		let before = [];
		for (let n = 0; n < 12; n++) {
			assert.equal((await proxies[n % 2].ask(requestOf('anthropic', itemsUpTo('anthropic', n)))).status, 200);
			const now = messagesOf('anthropic', provider.requests.at(-1));
			assert.deepEqual(now.slice(0, before.length), before, `turn ${n}`);
			before = now;
		}
		// What one has left out while it could not write is had from the other one, now.
		for (let seed = 11; seed < 14; seed++) {
			const { hash } = await elided('anthropic', { provider, proxy: a }, { seed });
			const got = await b.ask({ method: 'POST', path: '/v1/retrieve', headers: [['content-type', 'application/json']], body: JSON.stringify({ hash }) });
			assert.equal(got.status, 200, got.text);
		}
		const stats = await sharedOf(a);
		assert.equal(stats.put_later, 0, JSON.stringify(stats));
		await end();
		await until(async () => sql(a.home, 'SELECT count(*) AS n FROM original')[0].n >= 3, 'it to be written, too');
	});
}

test('a model asks the other proxy for what one has left out', options, async (t) => {
	const { provider, proxies: [a, b] } = await team(t);
	const { hash, items, original } = await elided('anthropic', { provider, proxy: a });
	provider.answer(pathOf('anthropic', true), { turn: { text: 'Let me look. ', calls: [call(hash, { lines: '3-4' })] } }, { turn: { text: 'It is in line 3.' } });
	const r = await b.ask(requestOf('anthropic', items));
	assert.equal(r.status, 200);
	assert.match(readAnswer('anthropic', true, r.text).text, /It is in line 3/);
	for (const line of original.split('\n').slice(2, 4))
		assert.ok(JSON.stringify(provider.requests.at(-1).json).includes(JSON.stringify(line).slice(1, -1)));
	// What was said in that turn is put back by the one that had no part in it.
	const got = [...items, ...readAnswer('anthropic', true, r.text).history, ...formatOf('anthropic').user('Go on.')];
	const sent = provider.requests.at(-1);
	assert.equal((await a.ask(requestOf('anthropic', got))).status, 200);
	const [now, was] = [messagesOf('anthropic', provider.requests.at(-1)), messagesOf('anthropic', sent)];
	assert.deepEqual(now.slice(0, was.length), was);
});

test('Redis goes, comes back empty, and is told what was decided meanwhile', options, async (t) => {
	const { provider, redis, proxies: [a, b] } = await team(t);
	await elided('anthropic', { provider, proxy: a }, { seed: 1 });
	await redis.stop();
	await a.logged(/shared_store_lost/);
	const { hash } = await elided('anthropic', { provider, proxy: a }, { seed: 2 });
	const missing = await b.ask({ method: 'POST', path: '/v1/retrieve', headers: [['content-type', 'application/json']], body: JSON.stringify({ hash }) });
	assert.equal(missing.status, 404);
	// The other one cannot know how that conversation was begun, and takes it that it was as it would have done.
	const whole = provider.requests.at(-1).text;
	assert.equal((await b.ask(requestOf('anthropic', searched('anthropic', 2)))).status, 200);
	assert.equal(provider.requests.at(-1).text, whole);
	await redis.start();
	for (const proxy of [a, b])
		await proxy.logged(/shared_store_back/);
	await until(async () => !(await sharedOf(a)).is_behind, 'what was missed to be told');
	for (const seed of [1, 2]) {
		const sent = [];
		for (const proxy of [a, b]) {
			assert.equal((await proxy.ask(requestOf('anthropic', searched('anthropic', seed)))).status, 200);
			sent.push(provider.requests.at(-1).text);
		}
		assert.equal(sent[0], sent[1]);
		const got = await b.ask({ method: 'POST', path: '/v1/retrieve', headers: [['content-type', 'application/json']], body: JSON.stringify({ hash: hashIn(sent[1]) }) });
		assert.equal(got.status, 200, got.text);
	}
	const stats = await sharedOf(a);
	assert.ok(stats.put_later > 0 && stats.connections_lost === 1 && stats.is_up, JSON.stringify(stats));
	assert.equal(a.stderr.match(/shared_store_lost/g).length, 1);
	// The figures, by both ways.
	assert.ok(stats.connections === 2 && stats.sent_bytes > stats.received_bytes && stats.received_bytes > 100, JSON.stringify(stats));
	assert.ok(stats.latency.answers > 10 && stats.latency.answers <= stats.commands + 100, JSON.stringify(stats.latency));
	assert.equal(stats.latency.buckets.at(-1).answers, stats.latency.answers);
	const series = new Map((await a.ask({ method: 'GET', path: '/metrics' })).text.split('\n').filter((l) => l.startsWith('headroom_shared_store_')).map((l) => l.split(' ')));
	const value = (name) => Number(series.get(`headroom_shared_store_${name}`));
	assert.deepEqual([value('up'), value('connections_total'), value('connections_lost_total'), value('told_total{when="later"}')], [1, 2, 1, stats.put_later]);
	assert.ok(value('latency_seconds_count') >= stats.latency.answers && value('latency_seconds_bucket{le="+Inf"}') === value('latency_seconds_count'));
	assert.ok(value('latency_seconds_sum') > 0 && value('latency_seconds_bucket{le="0.0001"}') < value('latency_seconds_count'));
	for (const [name] of series)
		assert.ok(Number.isFinite(Number(series.get(name))), name);
});

test('what one leaves out and a model asks the other for teaches both, and one that comes later without a file', options, async (t) => {
	const { provider, redis, proxies: [a, b] } = await team(t);
	const learnt = async (proxy) => {
		const rows = JSON.parse((await proxy.ask({ method: 'GET', path: '/v1/feedback' })).text).feedback;
		return rows.map((r) => `${r.tool} ${r.encoder} ${r.elided}/${r.retrieved}`).sort().join();
	};
	const ask = (proxy, hash) => proxy.ask({ method: 'POST', path: '/v1/retrieve', headers: [['content-type', 'application/json']], body: JSON.stringify({ hash }) });
	const { hash } = await elided('anthropic', { provider, proxy: a }, { seed: 1 });
	assert.equal((await ask(b, hash)).status, 200);
	for (const proxy of [a, b])
		await until(async () => /^Bash \w+ 1\/1$/.test(await learnt(proxy)), `both to know: ${await learnt(proxy)}`);
	// What is counted while the Redis is away is told afterwards.
	await redis.stop();
	await b.logged(/shared_store_lost/);
	const other = await elided('anthropic', { provider, proxy: b }, { seed: 2 });
	assert.equal((await ask(b, other.hash)).status, 200);
	await redis.start();
	for (const proxy of [a, b])
		await until(async () => /^Bash \w+ 2\/2$/.test(await learnt(proxy)), `both to know again: ${await learnt(proxy)}`);
	// One whose store is in memory has what is there since: the Redis came back empty.
	const c = await startProxy({ t, provider, args: ['--stateless', '--store-url', redis.url, ...PATIENT] });
	await until(async () => /^Bash \w+ 1\/1$/.test(await learnt(c)), `it to learn: ${await learnt(c)}`);
	// What is forgotten is forgotten by all.
	assert.equal((await c.ask({ method: 'DELETE', path: '/v1/feedback' })).status, 200);
	for (const proxy of [a, b, c])
		await until(async () => await learnt(proxy) === '', `all to forget: ${await learnt(proxy)}`);
});

test('Redis stalls, is full, is read-only, has other things at our keys: requests go on, and it is counted', options, async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	const redis = await startRedis(t);
	const relay = await startRelay(t, redis.port);
	const proxy = await startProxy({ t, provider, ccr: true, args: ['--store-url', relay.url, '--store-wait', '200ms'] });
	await elided('anthropic', { provider, proxy }, { seed: 1 });
	relay.hold();
	await elided('anthropic', { provider, proxy }, { seed: 2 });
	await elided('anthropic', { provider, proxy }, { seed: 3 });
	let stats = await sharedOf(proxy);
	assert.ok(stats.timeouts >= 1 && stats.timeouts <= 4, `${stats.timeouts} requests found out by themselves`);
	await proxy.logged(/shared_store_lost.*does not answer/);
	relay.release();
	await proxy.logged(/shared_store_back/);
	await until(async () => !(await sharedOf(proxy)).is_behind, 'it to be told');

	await redis.ask('CONFIG SET maxmemory 1');
	await elided('anthropic', { provider, proxy }, { seed: 4 });
	await proxy.logged(/shared_store_refuses.*OOM/);
	stats = await sharedOf(proxy);
	assert.ok(stats.errors > 0 && stats.is_behind && stats.is_up);
	await redis.ask('CONFIG SET maxmemory 0');
	await until(async () => !(await sharedOf(proxy)).is_behind, 'it to be told');

	await redis.ask('SCRIPT FLUSH');
	await redis.ask('FLUSHALL');
	await proxy.logged(/shared_store_emptied/);
	await until(async () => (await redis.keys('headroom1:*:o:*')).length >= 4, 'originals to be there again');
	await until(async () => !(await sharedOf(proxy)).is_behind, 'all to be there again');
	for (const key of await redis.keys('headroom1:*:[or]:*'))
		await redis.ask(`DEL ${key}`).then(() => redis.ask(`LPUSH ${key} x`));
	await elided('anthropic', { provider, proxy }, { seed: 5 });
	const other = await startProxy({ t, provider, ccr: true, args: ['--store-url', redis.url, ...PATIENT] });
	await elided('anthropic', { provider, proxy: other }, { seed: 4 });
	assert.ok((await sharedOf(other)).errors > 0);

	await redis.ask('REPLICAOF 127.0.0.1 1');
	await elided('anthropic', { provider, proxy: other }, { seed: 6 });
	await other.logged(/shared_store_refuses.*(READONLY|MASTERDOWN)/);
});

test('where it is not, or will not, a proxy says what to do, and no password', options, async (t) => {
	const redis = await startRedis(t, { args: ['--requirepass', 'sesame'], auth: 'sesame' });
	const home = tempDir(t);
	const run = (args, env = {}) => spawnSync(process.env.HEADROOM, ['proxy', '--port', '0', ...args], { encoding: 'utf8', cwd: home, timeout: 60000, env: { PATH: process.env.PATH, HOME: home, ...env } });
	for (const [url, env, pattern, status] of [
		[redis.url, {}, /wants a password: HEADROOM_STORE_PASSWORD/, 78],
		[redis.url.replace('//', '//:wrong-secret@'), {}, /user or password are wrong/, 78],
		[redis.url.replace('/0', '/77'), { HEADROOM_STORE_PASSWORD: 'sesame' }, /no database of that number/, 78],
		['rediss://127.0.0.1/0', {}, /stunnel/, 69],
		['redis://:x%zz@h', {}, /percent-encoded/, 2],
		['http://h', {}, /begins with redis:\/\//, 2],
	]) {
		const r = run(['--store-url', url], env);
		assert.match(r.stderr, pattern);
		assert.equal(r.status, status, r.stderr);
		assert.doesNotMatch(r.stderr, /sesame|wrong-secret/);
	}
	const file = join(home, 'password');
	writeFileSync(file, 'sesame\n', { mode: 0o600 });
	const wrong = run(['--store-url', redis.url.replace('/0', '/77'), '--store-password-file', file]);
	assert.match(wrong.stderr, /no database of that number/);
	const closed = run(['--store-url', 'redis://127.0.0.1:1/0', '--store-fail', 'closed']);
	assert.equal(closed.status, 69);
	assert.match(closed.stderr, /--store-url redis:\/\/127\.0\.0\.1:1\/0: .*refused.* \(--store-fail open starts without it\)/);

	const provider = await startProvider();
	t.after(() => provider.close());
	const open = await startProxy({ t, provider, args: ['--store-url', 'redis://127.0.0.1:1/0'] });
	assert.match(open.stderr, /shared_store_unreachable/);
	const proxy = await startProxy({ t, provider, args: ['--store-url', redis.url.replace('//', '//:sesame@'), '--store-namespace', 'blue'] });
	assert.equal((await sharedOf(proxy)).is_up, true);
	assert.doesNotMatch(readFileSync(`/proc/${proxy.child.pid}/cmdline`, 'utf8'), /sesame/);
	for (const path of ['/stats', '/metrics', '/debug/config', '/health'])
		assert.doesNotMatch((await proxy.ask({ method: 'GET', path })).text, /sesame/);
	assert.doesNotMatch(run(['--store-url', redis.url.replace('//', '//:sesame@'), '--print-config']).stdout, /sesame/);
	assert.equal((await redis.keys('headroom1:{blue}:*')).length, 1);
});

const small = (model = 'claude-opus-4') => ({ path: '/v1/messages', headers: [['x-api-key', 'k'], ['content-type', 'application/json']], body: JSON.stringify({ model, max_tokens: 1, messages: [{ role: 'user', content: 'hello' }] }) });
const spends = (usd) => ({ turn: { text: 'x', usage: { input: Math.round(usd / 15e-6), cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 } } });

// USD that all have told the Redis of this month.
async function toldTo(redis, name = '') {
	const [key] = await redis.keys(`headroom1:*:bd:${name}:*`);
	return [...(await redis.ask(`HGETALL ${key}`)).matchAll(/\r\nt\d+\r\n\$\d+\r\n(\d+)/g)].reduce((sum, m) => sum + Number(m[1]) / 1e9, 0);
}

test('requests per minute are counted together', options, async (t) => {
	const { proxies: [a, b] } = await team(t, { args: ['--rpm', '4', '--tpm', '1000000'], limits: true });
	const got = [];
	for (const proxy of [a, b, a, b, b, a])
		got.push((await proxy.ask(small())).status);
	assert.deepEqual(got, [200, 200, 200, 200, 429, 429]);
	const stats = await statsOf(a);
	assert.equal(stats.rate_limiter.refused_rpm, 1);
});

test('a budget is spent once, by all; it is still spent when Redis comes back empty, or goes', options, async (t) => {
	const { provider, redis, proxies: [a, b] } = await team(t, { args: ['--budget', '1', '--budget-period', 'daily'] });
	provider.answer('/v1/messages', spends(0.45), spends(0.45), spends(0.45), spends(0.45));
	const got = [];
	for (const [proxy, sum] of [[a, 0.45], [b, 0.9], [a, 1.35], [b, 1.35], [a, 1.35]]) {
		got.push((await proxy.ask(small())).status);
		await until(async () => Math.abs(await toldTo(redis) - sum) < 0.001, 'spending to be told');
	}
	assert.deepEqual(got, [200, 200, 200, 429, 429]);
	for (const proxy of [a, b])
		assert.ok(Math.abs((await statsOf(proxy)).budget.spent_usd - 1.35) < 0.001, JSON.stringify((await statsOf(proxy)).budget));
	const c = await startProxy({ t, provider, args: ['--store-url', redis.url, '--budget', '1', ...PATIENT] });
	assert.equal((await c.ask(small())).status, 429);
	await redis.ask('FLUSHALL');
	await a.logged(/shared_store_emptied/);
	await b.logged(/shared_store_emptied/);
	const d = await startProxy({ t, provider, args: ['--store-url', redis.url, '--budget', '1', ...PATIENT] });
	await until(async () => (await d.ask(small())).status === 429, 'what was spent to be told again');
	await redis.stop();
	await d.logged(/shared_store_lost/);
	assert.equal((await d.ask(small())).status, 429); // it remembers
});

for (const period of ['hourly', 'monthly']) {
	test(`--budget-period ${period}: what is in flight counts at the other`, options, async (t) => {
		const { provider, redis, proxies: [a, b] } = await team(t, { args: ['--budget', '1', '--budget-period', period] });
		provider.answer('/v1/messages', { ...spends(0.5), hold: 'head' });
		const large = { ...small(), body: JSON.stringify({ model: 'claude-opus-4', max_tokens: 1, messages: [{ role: 'user', content: 'hello '.repeat(80000) }] }) };
		const first = a.ask(large);
		await until(async () => (await statsOf(a)).budget.reserved_usd > 1, 'a reservation');
		assert.equal((await b.ask(small())).status, 429);
		provider.release(1);
		assert.equal((await first).status, 200);
		provider.answer('/v1/messages', spends(0.6));
		await until(async () => (await b.ask(small())).status === 200, 'the reservation to be given back');
		await until(async () => await toldTo(redis) > 1, 'spending to be told');
		assert.equal((await a.ask(small())).status, 429);
	});
}

test('--store-fail closed: without the store no request that has a limit', options, async (t) => {
	const { redis, proxies: [a, b] } = await team(t, { args: ['--rpm', '100', '--store-fail', 'closed'], limits: true });
	assert.equal((await a.ask(small())).status, 200);
	await redis.stop();
	await a.logged(/shared_store_lost/);
	const r = await a.ask(small());
	assert.equal(r.status, 503);
	assert.match(r.text, /--store-fail/);
	await redis.start();
	await b.logged(/shared_store_back/);
	assert.equal((await b.ask(small())).status, 200);
	assert.ok((await sharedOf(a)).limits_unknown === 1);
});

test('an answer that one got from the provider is the other one\'s, too, piece by piece, for the same caller alone', options, async (t) => {
	const { provider, redis, proxies: [a, b] } = await team(t);
	const r = (key) => ({ ...small(), headers: [['x-api-key', key], ['content-type', 'application/json']], body: JSON.stringify({ ...JSON.parse(small().body), temperature: 0, stream: true }) });
	provider.answer('/v1/messages', { turn: { text: 'once and for all' } });
	const first = await a.ask(r('k'));
	assert.equal(first.status, 200);
	await until(async () => (await redis.keys('headroom1:*:a:*')).length === 1, 'the answer to be told');
	const second = await b.ask(r('k'));
	assert.equal(second.text, first.text);
	assert.equal(provider.requests.length, 1);
	assert.equal((await b.ask(r('other'))).status, 200);
	assert.equal(provider.requests.length, 2);
	// One that is damaged is none.
	for (const k of await redis.keys('headroom1:*:a:*'))
		await redis.ask(`SET ${k} nonsense EX 100`);
	const c = await startProxy({ t, provider, args: ['--store-url', redis.url, ...PATIENT] });
	assert.equal((await c.ask(r('k'))).status, 200);
	assert.equal(provider.requests.length, 3);
});

test('names: budget and limits are one\'s own over both proxies and change with the file; nothing of one is another\'s', options, async (t) => {
	const tokenOf = (name) => `token-of-${name}-0123456789`;
	const fileOf = (poor) => `[alice]\ntoken = "${tokenOf('alice')}"\n[bob]\ntoken = "${tokenOf('bob')}"\n[slow]\ntoken = "${tokenOf('slow')}"\nrpm = 3\n[poor]\ntoken = "${tokenOf('poor')}"\nbudget = ${poor}\n`;
	const files = [0, 1].map(() => join(tempDir(t), 'tokens.toml'));
	const write = (poor) => files.forEach((file) => writeFileSync(file, fileOf(poor), { mode: 0o600 }));
	write('1.0');
	const provider = await startProvider();
	t.after(() => provider.close());
	const redis = await startRedis(t);
	const [a, b] = await Promise.all(files.map((file) => startProxy({ t, provider, ccr: true, args: ['--store-url', redis.url, ...PATIENT, '--tokens-file', file] })));
	const as = (name, r) => ({ ...r, headers: [...r.headers, ['x-headroom-proxy-token', tokenOf(name)]] });
	const status = async (proxy, name) => (await proxy.ask(as(name, small()))).status;

	const got = [];
	for (const proxy of [a, b, b, a, b])
		got.push(await status(proxy, 'slow'));
	assert.deepEqual(got, [200, 200, 200, 429, 429]);

	provider.answer('/v1/messages', spends(0.6), spends(0.6));
	assert.equal(await status(a, 'poor'), 200);
	await until(async () => Math.abs(await toldTo(redis, 'poor') - 0.6) < 0.001, 'spending to be told');
	assert.equal(await status(b, 'poor'), 200);
	await until(async () => Math.abs(await toldTo(redis, 'poor') - 1.2) < 0.001, 'spending to be told');
	assert.deepEqual([await status(a, 'poor'), await status(b, 'poor'), await status(b, 'alice')], [429, 429, 200]);
	const refused = await a.ask(as('poor', small()));
	assert.match(refused.text, /budget of your token/);
	await redis.ask('FLUSHALL');
	await b.logged(/shared_store_emptied/);
	await until(async () => Math.abs(await toldTo(redis, 'poor').catch(() => 0) - 1.2) < 0.001, 'spending to be told again');
	// More is allowed: both read it by themselves, and it is one budget again.
	write('1.5');
	provider.answer('/v1/messages', spends(0.6));
	await until(async () => await status(b, 'poor') === 200, 'the file to be read');
	await until(async () => Math.abs(await toldTo(redis, 'poor') - 1.8) < 0.001, 'spending to be told');
	await until(async () => await status(a, 'poor') === 429, 'all of it to be spent');

	// Answers: the other proxy has hers for her alone.
	const answer = (proxy, name) => proxy.ask(as(name, { ...small(), body: JSON.stringify({ ...JSON.parse(small().body), temperature: 0 }) }));
	provider.answer('/v1/messages', { turn: { text: 'for alice alone' } });
	await answer(a, 'alice');
	await until(async () => (await redis.keys('headroom1:*:a:*')).length === 1, 'the answer to be told');
	assert.match((await answer(b, 'alice')).text, /for alice alone/);
	assert.doesNotMatch((await answer(b, 'bob')).text, /for alice alone/);
	// Originals: the same text has another hash for each, and nobody else gets it, here or there.
	const through = (proxy, name) => ({ provider, proxy: { ask: (r) => proxy.ask(as(name, r)) } });
	const hers = await elided('anthropic', through(a, 'alice'), { seed: 3 });
	const his = await elided('anthropic', through(b, 'bob'), { seed: 3 });
	assert.notEqual(hers.hash, his.hash);
	const statuses = {};
	for (const [i, proxy] of [a, b].entries())
		for (const name of ['alice', 'bob'])
			for (const whose of [hers, his])
				statuses[`${i} ${name} ${whose === hers ? 'hers' : 'his'}`] = (await proxy.ask(as(name, { method: 'GET', path: `/v1/retrieve/${whose.hash}`, headers: [] }))).status;
	assert.deepEqual(statuses, { '0 alice hers': 200, '0 alice his': 404, '0 bob hers': 404, '0 bob his': 200, '1 alice hers': 200, '1 alice his': 404, '1 bob hers': 404, '1 bob his': 200 });
});
