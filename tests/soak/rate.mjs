// A soak at a rate: RATE requests a second (200) for MINUTES (30) in front of one proxy, whatever becomes of those before: answers
// whole and as streams, readers that are slow, clients that leave, a provider that resets, breaks off, stalls and fails. Meanwhile, one
// after the other and again: the store is locked by another program, the disk is full, the clock jumps by an hour and back, and kill -9
// ends the proxy, which is started again at the same port on the same store.
//	No answer is another's, cut without a word, or answered twice; outside of a kill none is lost.
//	Memory and descriptors are flat: the last quarter of each life beside the one before.
//	The ledger's rows and tokens are the provider's, exactly for the life before a kill is due, and within what was under way then for the others.
// Prints what was seen, as JSON; exit status 1 when something of it does not hold. HEADROOM names the proxy.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, statfsSync, writeFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { sql, storeOf } from '../proxy/sqlite.mjs';
import { startProxy, tempDir, until } from '../proxy/kit.mjs';
import { startRateOrigin, usageOf, wordsOf } from './rate_origin.mjs';

const MINUTES = Number(process.env.MINUTES ?? 30);
const RATE = Number(process.env.RATE ?? 200);
// Faults that are made, of the four; all without it.
const FAULTS = (process.env.FAULTS ?? 'locked,full,jumped,killed').split(',');
const DISK_MB = 512; // of the store's file system, where it can be mounted
const LOCKED_S = 4;
const FULL_MS = 4000;
const JUMP_S = 3600;
const BETWEEN_MS = Math.min(20000, MINUTES * 60000 / 8);
const GROWTH = 1.25;
const GROWTH_FLOOR = 24 << 20;

// Of a hundred requests, how many; the others are whole. A kind's model tells it in the ledger.
const KINDS = [['stream', 45], ['slow', 5], ['stall', 2], ['gone', 3], ['cut', 2], ['reset', 2], ['broken', 2], ['whole', 39]];
const WHOLE = new Set(['stream', 'slow', 'stall', 'whole']); // these end well
const STREAMS = new Set(['stream', 'slow', 'gone', 'cut']);

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const cleanups = [];
const t = { after: (f) => cleanups.unshift(f) };
const rss = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+)/m)[1]) * 1024;
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0;

// ---- the proxy, its place and its clock ----

function place() {
	const home = tempDir(t);
	let isMounted = false;
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'soak', home], { stdio: 'pipe' });
		isMounted = true;
		t.after(() => execFileSync('umount', ['-l', home]));
	} catch {
		// no root: the disk cannot be filled
	}
	const shim = join(tempDir(t), 'clock.so');
	execFileSync(process.env.CC_SOAK ?? 'cc', ['-shared', '-fPIC', '-O2', '-D_GNU_SOURCE', '-o', shim, new URL('clock.c', import.meta.url).pathname]);
	const clock = join(tempDir(t), 'offset');
	writeFileSync(clock, '0');
	return { home, isMounted, shim, clock };
}

const state = { lives: [], proxy: null, life: 0, killedAt: 0, isKilling: false };

async function start(at, origin, port) {
	const proxy = await startProxy({
		home: at.home, ccr: true, env: { LD_PRELOAD: at.shim, SOAK_CLOCK: at.clock, ANTHROPIC_TARGET_API_URL: origin.url },
		args: ['--workers', '4', '--no-cache', '--limit-concurrency', '5000', '--max-connections', '2000', ...(port ? ['--port', String(port)] : [])],
	});
	state.proxy = proxy;
	state.lives.push({ memory: [], fds: [], pid: proxy.child.pid });
	return proxy;
}

// ---- requests ----

const seen = { asked: 0, lostInKill: 0, byKind: {}, wrong: [], late: 0 };
const agent = new http.Agent({ keepAlive: true, maxSockets: 4000 });
const kindOf = (id) => {
	let k = id * 61 % 100;
	return KINDS.find(([, share]) => (k -= share) < 0)[0];
};

function bodyOf(id, kind, model) {
	const lines = Array.from({ length: 40 + id % 80 }, (_, i) => `src/file${i % 9}.c:${i * 7}: warning: unused variable 'v${i * id % 97}' [-Wunused]`).join('\n');
	return JSON.stringify({
		model, max_tokens: 64, stream: STREAMS.has(kind),
		messages: [
			{ role: 'user', content: `build ${id % 50}` },
			{ role: 'assistant', content: [{ type: 'tool_use', id: `t${id}`, name: 'Bash', input: { command: 'make' } }] },
			{ role: 'user', content: [{ type: 'tool_result', tool_use_id: `t${id}`, content: lines }, { type: 'text', text: `soak ${id} ${kind}` }] },
		],
	});
}

function send(body) {
	return new Promise((done, fail) => {
		const request = http.request(`${state.proxy.url}/v1/messages`, { agent, method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': 'k', 'content-length': Buffer.byteLength(body) } });
		request.on('response', done).on('error', fail).end(body);
	});
}

// What came, and whether the connection ended as it should.
async function read(response, kind) {
	let text = '';
	response.setEncoding('utf8');
	try {
		for await (const part of response) {
			text += part;
			if (kind === 'slow')
				await pause(100);
			if (kind === 'gone' && text.includes(':1 ')) {
				response.destroy();
				return { text, isWhole: false };
			}
		}
	} catch {
		return { text, isWhole: false };
	}
	return { text, isWhole: response.complete };
}

function check(id, kind, status, { text, isWhole }) {
	const words = STREAMS.has(kind) && status === 200 ? [...text.matchAll(/"text":"(\d+:\d+ )"/g)].map((m) => m[1]) : [];
	assert.deepEqual(words, wordsOf(id).slice(0, words.length), 'words of another');
	if (kind === 'reset')
		return assert.equal(status, 502, text);
	if (kind === 'broken')
		return assert.ok(status === 500 && text.includes(`broken ${id}"`), text);
	assert.equal(status, 200, text);
	if (kind === 'gone')
		return undefined;
	if (kind === 'cut')
		return assert.ok(!text.includes('message_stop') && (!isWhole || text.includes('event: error')), 'an answer was cut without a word');
	assert.ok(isWhole, 'an answer was cut');
	if (!STREAMS.has(kind))
		return assert.equal(JSON.parse(text).content[0].text, wordsOf(id).join(''));
	assert.equal(words.length, wordsOf(id).length);
	return assert.ok(text.trimEnd().endsWith('{"type":"message_stop"}'), text.slice(-80));
}

async function one(id, phase) {
	const kind = kindOf(id);
	const isWholeKind = WHOLE.has(kind);
	const startedAt = Date.now();
	seen.asked++;
	try {
		const response = await send(bodyOf(id, kind, `claude-${phase}-${isWholeKind ? 'whole' : 'other'}`));
		const got = await read(response, kind);
		check(id, kind, response.statusCode, got);
		seen.byKind[kind] = (seen.byKind[kind] ?? 0) + 1;
		if (isWholeKind) {
			const sum = state.sums[phase] ??= { n: 0, output: 0 };
			sum.n++;
			sum.output += usageOf(id).output_tokens;
		}
	} catch (e) {
		if (phase === 'kills' && state.killedAt >= startedAt - 1000 || state.isKilling)
			seen.lostInKill++;
		else if (seen.wrong.push(`${id} ${kind} (${phase}): ${e.code ?? ''} ${e.message}`.slice(0, 300)) > 20)
			throw e;
	}
}

// Open loop: when the machine is slow, more are under way.
async function load(phase, ms, firstId) {
	const begin = Date.now();
	const under = new Set();
	let n = 0;
	while (Date.now() - begin < ms) {
		for (const due = (Date.now() - begin) * RATE / 1000; n < due; n++) {
			if (under.size > 4000) {
				seen.late++;
				continue;
			}
			const p = one(firstId + n, phase).finally(() => under.delete(p));
			under.add(p);
		}
		await pause(5);
	}
	await Promise.all(under);
	return n;
}

// ---- faults ----

const faults = { locked: 0, full: 0, jumped: 0, killed: 0 };

async function lockStore(at) {
	const child = spawn('sqlite3', ['-cmd', '.timeout 5000', storeOf(at.home)], { stdio: ['pipe', 'ignore', 'ignore'] });
	child.stdin.end(`BEGIN EXCLUSIVE;\n.shell sleep ${LOCKED_S}\nCOMMIT;\n`);
	await once(child, 'exit');
	faults.locked++;
}

async function fillDisk(at) {
	if (!at.isMounted)
		return;
	const file = join(at.home, 'filler');
	const { bavail, bsize } = statfsSync(at.home);
	execFileSync('fallocate', ['-l', String((bavail - 64) * bsize), file]);
	try {
		writeFileSync(join(at.home, 'filler2'), Buffer.alloc(128 * bsize));
	} catch (e) {
		assert.equal(e.code, 'ENOSPC');
	}
	await pause(FULL_MS);
	rmSync(file);
	rmSync(join(at.home, 'filler2'), { force: true });
	faults.full++;
}

async function jump(at) {
	for (const offset of [JUMP_S, 0, -JUMP_S, 0]) {
		writeFileSync(at.clock, String(offset));
		await pause(500);
	}
	faults.jumped++;
}

async function kill(at, origin) {
	const { port, child, exited } = state.proxy;
	state.isKilling = true;
	child.kill('SIGKILL');
	await exited;
	await start(at, origin, port);
	state.killedAt = Date.now();
	state.isKilling = false;
	faults.killed++;
}

async function repeat(list, isOver) {
	for (let i = 0; list.length && !isOver(); i++) {
		await pause(BETWEEN_MS / 2);
		if (!isOver())
			await list[i % list.length]();
	}
}

// ---- what is held against each other ----

function watch() {
	const timer = setInterval(() => {
		const life = state.lives.at(-1);
		try {
			life.memory.push(rss(life.pid));
			life.fds.push(readdirSync(`/proc/${life.pid}/fd`).length);
		} catch {
			// it was killed
		}
	}, 1000);
	return () => clearInterval(timer);
}

const ledger = (home, phase) => sql(home, `SELECT count(*) AS n, coalesce(sum(output), 0) AS output FROM ledger WHERE model = 'claude-${phase}-whole' AND is_complete AND status = 200`)[0];

function flat() {
	const { memory } = state.lives[0];
	const quarter = memory.length >> 2;
	const [third, last] = [median(memory.slice(2 * quarter, 3 * quarter)), median(memory.slice(3 * quarter))];
	assert.ok(last <= Math.max(third * GROWTH, third + GROWTH_FLOOR), `memory grows: ${third >> 20} MB, then ${last >> 20} MB`);
	return { third: third >> 20, last: last >> 20 };
}

async function run() {
	const at = place();
	mkdirSync(join(at.home, '.headroom'), { recursive: true, mode: 0o700 });
	const origin = await startRateOrigin();
	t.after(() => origin.close());
	t.after(() => agent.destroy());
	state.sums = {};
	await start(at, origin);
	t.after(() => state.proxy.child.kill('SIGKILL'));
	const unwatch = watch();
	t.after(unwatch);
	let isOver = false;
	const idle = readdirSync(`/proc/${state.proxy.child.pid}/fd`).length;
	const half = MINUTES * 60000 * 3 / 4;
	// three quarters of the time without a kill: here every sum is exact
	const acts = { locked: () => lockStore(at), jumped: () => jump(at), full: () => fillDisk(at) };
	const quiet = repeat(FAULTS.filter((name) => acts[name]).map((name) => acts[name]), () => isOver);
	quiet.catch(() => {}); // it is waited for below
	const sent = await load('steady', half, 1);
	isOver = true;
	await quiet;
	agent.destroy();
	const { pid } = state.proxy.child;
	await until(() => readdirSync(`/proc/${pid}/fd`).length <= idle + 24, 'descriptors to go back', 120000);
	const fds = { idle, afterwards: readdirSync(`/proc/${pid}/fd`).length };
	await until(() => ledger(at.home, 'steady').n >= (state.sums.steady?.n ?? 0), 'rows of the ledger', 30000).catch(() => {});
	const steady = { client: state.sums.steady, provider: origin.answered.get('claude-steady-whole'), ledger: ledger(at.home, 'steady') };
	const memory = flat();
	// the last quarter with kills
	isOver = false;
	const killing = FAULTS.includes('killed') ? repeat([() => kill(at, origin)], () => isOver) : undefined;
	killing?.catch(() => {});
	await load('kills', MINUTES * 60000 - half, sent + 1);
	isOver = true;
	await killing;
	await state.proxy.stop();
	const kills = { client: state.sums.kills, provider: origin.answered.get('claude-kills-whole'), ledger: ledger(at.home, 'kills') };
	const integrity = sql(at.home, 'PRAGMA integrity_check')[0].integrity_check;
	const result = { minutes: MINUTES, rate: RATE, ...seen, faults, memory, fds, steady, kills, integrity };
	process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
	assert.deepEqual(seen.wrong, []);
	assert.equal(seen.late, 0, 'the machine cannot make so many requests');
	assert.deepEqual(steady.ledger, steady.client, 'the ledger, and what clients got');
	assert.deepEqual(steady.ledger, steady.provider, "the ledger, and the provider's answers");
	assert.ok(kills.ledger.n <= kills.provider.n, 'rows that nobody has asked for');
	assert.ok(kills.ledger.n + seen.lostInKill >= kills.client.n - RATE * faults.killed, 'a kill costs more rows than a second has');
	assert.equal(integrity, 'ok');
}

try {
	await run();
} finally {
	for (const f of cleanups)
		await f();
}
