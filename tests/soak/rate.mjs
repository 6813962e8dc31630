// A soak at a rate: RATE requests a second (200) for MINUTES (30) to two proxies that share a Redis, whatever becomes of those before: four
// APIs, answers whole and as streams, readers that are slow, clients that leave, a provider that resets, breaks off, stalls and fails.
//	steady	60 % of the time: one after the other and again, a store is locked by another program, the disk is full, the clock jumps by
//		an hour and back, the Redis says nothing for 2 s.
//	kills	the next 30 %: kill -9 of one proxy, of the Redis, of the other proxy, and so on; each is started again, the Redis empty.
//	budget	until it is spent, at most for the rest: two other proxies with one budget; in the middle kill -9 of the Redis.
// What must hold (FAULTS, names with commas, makes only some of the faults):
//	answers	None is another's, cut without a word, or given twice. None fails but by its own kind, or because its proxy was not there.
//	ledger	Each answer has its row, with the tokens that the provider said; in `kills` but for what a killed proxy had not
//		written yet: answers of its last second, counted one by one.
//	memory, descriptors	of both proxies: the last quarter of `steady` is as the one before, and descriptors go back when all is still.
//	prefix	What is sent of a conversation that comes to one proxy and to the other is the same bytes each time, but for those of
//		which a turn came to one that could not write its store.
//	limits	One credential asks for ten times its --rpm: what both proxies let through is what one may, and what each Redis that was
//		begun anew, or away, allows by --store-fail open; the budget is overspent by
//		the last request of each, and what is under way then, at most.
// Prints a table; exit status 1 when something of it does not hold. HEADROOM names the proxy. As root the disk is filled, else a line says so.
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from '../proxy/sqlite.mjs';
import { startProxy, until } from '../proxy/kit.mjs';
import { hasRedis, startRedis } from '../proxy/redis.mjs';
import { WHOLE, outputOf, startClients } from './rate_clients.mjs';
import { makeFaults, makePlace } from './rate_faults.mjs';
import { startRateOrigin, usageOf } from './rate_origin.mjs';

const MINUTES = Number(process.env.MINUTES ?? 30);
const RATE = Number(process.env.RATE ?? 200);
const FAULTS = (process.env.FAULTS ?? 'locked,full,jumped,held,killed,redis').split(',');
const MS = MINUTES * 60000;
const BETWEEN_MS = Math.min(10000, MS / 40);
const RPM = 120; // of each credential
const PRESS_RATE = 10 * RPM / 60; // of the one that asks for more
const WAIT_MS = 500; // for the Redis: this machine has other work
const BUDGET_USD = 0.25;
const BUDGET_MODEL = 'claude-opus-4-8';
const PRESS_ID = 50_000_000; // IDs of one phase are not those of another
const BUDGET_ID = 90_000_000;
const GROWTH = 1.25;
const GROWTH_FLOOR_MB = 24;
const UNWRITTEN_MS = 1000; // what waits for the store is gathered for 100 ms, and committed
const HEALED_MS = 3000; // after the end of a fault
const SHARE_SLACK = 1.1; // what one credential has of the requests that the Redis did not answer, against its share of all
const SHOWN = 5;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0;
const rssMb = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+)/m)[1]) / 1024;
const fdsOf = (pid) => readdirSync(`/proc/${pid}/fd`).length;
const cleanups = [];
const t = { after: (f) => cleanups.unshift(f) };

// ---- the table ----

const rows = [];
function say(name, value, holds = true, why = []) {
	rows.push({ name, value, holds });
	process.stdout.write(`${holds ? 'ok  ' : 'FAIL'}  ${name.padEnd(44)} ${value}\n`);
	if (!holds)
		why.slice(0, SHOWN).forEach((line) => process.stdout.write(`        ${typeof line === 'string' ? line : JSON.stringify(line)}\n`));
}

// ---- proxies ----

async function startOne({ place, origin, store, name, port, args }) {
	const home = join(place.dir, name);
	mkdirSync(join(home, '.headroom'), { recursive: true, mode: 0o700 });
	const proxy = await startProxy({
		home, ccr: true, limits: true,
		env: { ...place.env, ANTHROPIC_TARGET_API_URL: origin.url, OPENAI_TARGET_API_URL: origin.url, GEMINI_TARGET_API_URL: origin.url },
		args: ['--workers', '2', '--no-cache', '--limit-concurrency', '5000', '--max-connections', '2000', '--store-url', store, ...args, ...(port ? ['--port', String(port)] : [])],
	});
	proxy.again = (at) => startOne({ place, origin, store, name, port: at, args });
	proxy.idleFds = fdsOf(proxy.child.pid);
	return proxy;
}

const statsOf = async (proxy) => JSON.parse((await proxy.ask({ method: 'GET', path: '/stats' })).text);

// Requests that went on without the Redis knowing, over all lives of both.
function watchUnknown(proxies) {
	const sums = new Map();
	const look = async () => {
		for (const proxy of proxies)
			await statsOf(proxy).then((s) => sums.set(proxy.child.pid, s.shared.limits_unknown), () => {});
	};
	return { look, sum: () => [...sums.values()].reduce((a, b) => a + b, 0) };
}

function watchMemory(proxies) {
	const seen = proxies.map(() => ({ memory: [], fds: [] }));
	const timer = setInterval(() => {
		proxies.forEach(({ child }, n) => {
			seen[n].memory.push(rssMb(child.pid));
			seen[n].fds.push(fdsOf(child.pid));
		});
	}, 1000);
	return { seen, stop: () => clearInterval(timer) };
}

// MB a minute of the later half, by least squares.
function slope(list) {
	const half = list.slice(list.length >> 1);
	const mean = half.reduce((a, b) => a + b, 0) / half.length;
	const middle = (half.length - 1) / 2;
	let [up, down] = [0, 0];
	half.forEach((v, i) => {
		up += (i - middle) * (v - mean);
		down += (i - middle) ** 2;
	});
	return down ? up / down * 60 : 0;
}

async function repeat(list, isOver) {
	for (let i = 0; list.length && !isOver(); i++) {
		await pause(BETWEEN_MS / 2);
		if (!isOver())
			await list[i % list.length]();
	}
}

// ---- what is held against each other ----

// Whether the proxy of a request was away at some moment of it.
const wasAway = (kills, r) => kills.some((k) => k.proxy === r.proxy && r.from <= k.to && r.to >= k.from);

function judgeAnswers(phase, records, answered, kills) {
	const failed = records.filter((r) => r.error);
	const crossed = failed.filter((r) => r.isCrossed);
	const unexplained = failed.filter((r) => !r.isCrossed && !wasAway(kills, r));
	const twice = records.filter((r) => answered.get(r.id) > 1);
	const unasked = records.filter((r) => r.isWhole && !answered.get(r.id));
	say(`${phase}: requests`, String(records.length), records.length > 0);
	say(`${phase}: whole answers`, String(records.filter((r) => r.isWhole).length));
	say(`${phase}: words of another`, String(crossed.length), !crossed.length, crossed.map((r) => r.error));
	say(`${phase}: answered twice, or not by the provider`, `${twice.length}, ${unasked.length}`, !twice.length && !unasked.length, [...twice, ...unasked]);
	if (kills.length)
		say(`${phase}: under way when their proxy was killed`, String(failed.length - unexplained.length - crossed.length));
	say(`${phase}: failed otherwise`, String(unexplained.length), !unexplained.length, unexplained.map((r) => r.error));
}

// Each request by its ID against its row: of records with an answer's head.
function judgeLedger(phase, records, homes, kills) {
	const all = homes.flatMap((home) => sql(home, `SELECT request, is_complete, status, output FROM ledger WHERE model LIKE 'soak-${phase}-%'`));
	const byUlid = new Map(all.map((row) => [row.request, row]));
	const known = records.filter((r) => r.ulid);
	const missing = known.filter((r) => !byUlid.has(r.ulid));
	const lost = missing.filter((r) => !kills.some((k) => k.proxy === r.proxy && r.to >= k.from - UNWRITTEN_MS && r.from <= k.to));
	const wrong = known.filter((r) => {
		const row = byUlid.get(r.ulid);
		return r.isWhole && row && (!row.is_complete || row.status !== 200 || row.output !== usageOf(r.id).output);
	});
	const ulids = new Set(known.map((r) => r.ulid));
	// of requests whose client never saw a head: they have an error, and their proxy was away
	const strange = all.filter((row) => !ulids.has(row.request));
	const blind = records.filter((r) => !r.ulid).length;
	const whole = records.filter((r) => r.isWhole);
	const written = whole.filter((r) => byUlid.has(r.ulid));
	say(`${phase}: rows, each once`, String(all.length), byUlid.size === all.length && ulids.size === known.length);
	say(`${phase}: rows that no request has`, `${strange.length} (${blind} requests without an answer)`, strange.length <= blind, strange);
	say(`${phase}: tokens, client and ledger`, `${outputOf(written)}, ${written.reduce((sum, r) => sum + byUlid.get(r.ulid).output, 0)}`, !wrong.length, wrong);
	if (kills.length) {
		const latest = Math.max(0, ...missing.map((r) => Math.min(...kills.filter((k) => k.proxy === r.proxy && k.from - r.to < UNWRITTEN_MS).map((k) => Math.max(0, k.from - r.to)))));
		say(`${phase}: answers whose row a kill has cost`, `${missing.length - lost.length}, given at most ${latest} ms before it`);
	}
	say(`${phase}: rows that are missing otherwise`, String(lost.length), !lost.length, lost);
}

function judgeProviderSum(phase, records, answered) {
	const asked = records.filter((r) => WHOLE.has(r.kind));
	const provider = asked.filter((r) => answered.get(r.id));
	const client = asked.filter((r) => r.isWhole);
	say(`${phase}: whole answers, provider and client`, `${provider.length}, ${client.length}`, provider.length === client.length);
}

// What a proxy decides while its disk is full or its store is another's goes to the Redis all the same: so no conversation may break then either.
function judgeConversations({ first, same, other }, windows, records, homes) {
	const hadNoStore = ({ at }) => windows.some((w) => ['locked', 'full'].includes(w.name) && at >= w.from && at <= w.to);
	const without = [...first.values()].filter(hadNoStore).length;
	say('conversations, turns in the same bytes', `${first.size}, ${same}`, same > 0);
	say('conversations decided while a store took nothing', String(without));
	const told = (id) => {
		const { ulid, proxy, from, to } = records.find((r) => r.id === id);
		const faults = windows.filter((w) => to >= w.from && from <= w.to + HEALED_MS).map((w) => w.name).join(' ');
		return { id, faults, ...sql(homes[proxy], `SELECT ${proxy} AS proxy, at_ms, reason, transforms, overhead_us FROM ledger WHERE request = '${ulid}'`)[0] };
	};
	say('turns that were not as the first one', String(other.length), !other.length, other.slice(0, SHOWN).map((o) => [o.key, told(first.get(o.key).id), told(o.id)]));
}

function judgeMemory({ seen }, proxies) {
	seen.forEach(({ memory, fds }, n) => {
		const quarter = memory.length >> 2;
		const [third, last] = [median(memory.slice(2 * quarter, 3 * quarter)), median(memory.slice(3 * quarter))];
		say(`memory of proxy ${n + 1}, third and last quarter`, `${third.toFixed(1)} MB, ${last.toFixed(1)} MB; ${slope(memory).toFixed(2)} MB a minute`,
			last <= Math.max(third * GROWTH, third + GROWTH_FLOOR_MB));
		const idle = proxies[n].idleFds;
		const now = fdsOf(proxies[n].child.pid);
		say(`descriptors of proxy ${n + 1}: idle, most, afterwards`, `${idle}, ${Math.max(...fds)}, ${now}`, now <= idle + 24);
	});
}

// One bucket in each Redis, which is full when that begins; and one in each proxy, which fills all the time and is asked while the Redis
// does not answer: by the share of requests that went on without it. What a killed proxy had counted of these is not known.
function judgeLimit({ phase, got, unknown, records }, { kills, windows }) {
	const isOf = (w) => w.to >= got.from && w.from <= got.to;
	const killed = kills.filter(isOf).length;
	const emptied = windows.filter((w) => w.name === 'redis' && isOf(w)).length;
	const ms = got.to - got.from;
	const asked = got.taken + got.refused;
	const alone = Math.min(2 * RPM * (1 + ms / 60000), asked * unknown / (records.length + asked) * SHARE_SLACK);
	const most = RPM * (1 + emptied + killed) + RPM * ms / 60000 + alone;
	const least = Math.min(asked, RPM * ms / 60000) * 0.9;
	say(`${phase}: taken of one credential, and the most`, `${got.taken} of ${asked}, ${Math.floor(most)}`, got.taken <= most && (got.taken >= least || killed));
	say(`${phase}: requests whose limit the Redis did not know`, String(unknown));
	if (!killed)
		say(`${phase}: other answers to that credential`, String(got.other.length), !got.other.length, got.other);
}

// ---- phases ----

async function steadyAndKills(place, origin, redis) {
	const proxies = [];
	for (const name of ['one', 'two'])
		proxies.push(await startOne({ place, origin, store: redis.url, name, args: ['--rpm', String(RPM), '--tpm', '4000000000', '--store-fail', 'open', '--store-wait', `${WAIT_MS}ms`] }));
	t.after(() => proxies.forEach(({ child }) => child.kill('SIGKILL')));
	const unknown = watchUnknown(proxies);
	const faults = makeFaults({ place, proxies, redis, before: unknown.look });
	const clients = startClients(proxies);
	t.after(() => clients.destroy());
	const homes = proxies.map((p) => p.home);
	let firstId = 1;
	const phase = async (name, ms, acts) => {
		let isOver = false;
		const before = unknown.sum();
		const doing = repeat(acts.filter((a) => FAULTS.includes(a)).map((a) => () => faults.make(a)), () => isOver);
		doing.catch(() => {}); // it is waited for below
		const pressing = clients.press({ key: `pressed-${name}`, model: 'soak-pressed', rate: PRESS_RATE, firstId: PRESS_ID + firstId, isOver: () => isOver });
		firstId += await clients.load(name, { ms, rate: RATE, firstId });
		isOver = true;
		await doing;
		const got = await pressing;
		await unknown.look();
		return { phase: name, got, unknown: unknown.sum() - before, records: clients.records.filter((r) => r.phase === name) };
	};

	const memory = watchMemory(proxies);
	t.after(memory.stop);
	const steady = await phase('steady', MS * 0.6, ['locked', 'jumped', 'full', 'held']);
	memory.stop();
	clients.destroy();
	await until(() => proxies.every((p) => fdsOf(p.child.pid) <= p.idleFds + 24), 'descriptors to go back', 120000).catch(() => {});
	await until(() => homes.reduce((n, home) => n + sql(home, "SELECT count(*) AS n FROM ledger WHERE model LIKE 'soak-steady-%'")[0].n, 0) >= steady.records.length, 'rows of the ledger', 30000).catch(() => {});
	const { answered } = await origin.report();
	judgeAnswers('steady', steady.records, answered, []);
	judgeProviderSum('steady', steady.records, answered);
	judgeLedger('steady', steady.records, homes, []);
	judgeMemory(memory, proxies);
	judgeLimit(steady, faults);

	const kills = await phase('kills', MS * 0.3, ['killed', 'redis']);
	await Promise.all(proxies.map((p) => p.stop()));
	const report = await origin.report();
	judgeAnswers('kills', kills.records, report.answered, faults.kills);
	judgeLedger('kills', kills.records, homes, faults.kills);
	judgeLimit(kills, faults);

	judgeConversations(report.conversations, faults.windows, clients.records, homes);
	const sound = homes.map((home) => sql(home, 'PRAGMA integrity_check')[0].integrity_check);
	say('integrity of both stores', sound.join(', '), sound.every((s) => s === 'ok'));
	say('requests that the machine could not make', String(clients.late), !clients.late);
	say('faults', Object.entries(faults.counts).map(([name, n]) => `${name} ${n}`).join(', '),
		FAULTS.every((name) => faults.counts[name] > 0 || name === 'full' && !place.isMounted));
	if (!place.isMounted)
		say('the disk', 'was not filled: nothing can be mounted here');
}

async function budget(place, origin, redis) {
	const proxies = [];
	for (const name of ['three', 'four'])
		proxies.push(await startOne({ place, origin, store: redis.url, name, args: ['--no-rate-limit', '--budget', String(BUDGET_USD), '--store-namespace', 'budget'] }));
	t.after(() => proxies.forEach(({ child }) => child.kill('SIGKILL')));
	const clients = startClients(proxies);
	const spent = () => proxies.reduce((sum, p) => sum + sql(p.home, 'SELECT coalesce(sum(cost_nano), 0) / 1e9 AS usd FROM ledger')[0].usd, 0);
	const end = Date.now() + Math.max(MS * 0.1, 30000);
	let isOver = false;
	const watching = (async () => {
		let isKilled = false;
		for (let last = -1, still = 0; Date.now() < end && still < 5; await pause(500)) {
			const now = spent();
			still = now === last && now > BUDGET_USD / 2 ? still + 1 : 0;
			last = now;
			if (!isKilled && now > BUDGET_USD / 2 && FAULTS.includes('redis')) {
				isKilled = true;
				await redis.stop('SIGKILL');
				await pause(500);
				await redis.start();
			}
		}
		isOver = true;
	})();
	const got = await clients.press({ key: 'k', model: BUDGET_MODEL, rate: 25, firstId: BUDGET_ID, isOver: () => isOver });
	await watching;
	await Promise.all(proxies.map((p) => p.stop()));
	clients.destroy();
	const usd = spent();
	// Requests go on until it is spent, so the last of each proxy goes beyond it; what those under way cost is only estimated.
	const dearest = Math.max(...proxies.map((p) => sql(p.home, 'SELECT coalesce(max(cost_nano), 0) / 1e9 AS usd FROM ledger')[0].usd));
	say('budget: spent by both, of', `${usd.toFixed(4)} USD, ${BUDGET_USD} (${got.taken} taken, ${got.refused + got.other.length} refused, ${got.most} under way at most)`,
		usd <= BUDGET_USD + (proxies.length + got.most) * dearest && usd > BUDGET_USD * 0.8 && got.refused + got.other.length > 0, got.other);
}

async function run() {
	if (!hasRedis)
		throw new Error('soak: no redis-server: deps/install.sh test');
	const place = makePlace(t);
	const origin = await startRateOrigin();
	t.after(() => origin.close());
	const redis = await startRedis(t);
	process.stdout.write(`      ${MINUTES} minutes at ${RATE} requests a second\n`);
	await steadyAndKills(place, origin, redis);
	await budget(place, origin, redis);
}

try {
	await run();
} catch (e) {
	say('the soak itself', 'ended early', false, [String(e.stack)]);
} finally {
	for (const f of cleanups)
		await f();
}
const failed = rows.filter((r) => !r.holds);
process.stdout.write(`${rows.length - failed.length} of ${rows.length} hold\n`);
process.exitCode = failed.length ? 1 : 0;
