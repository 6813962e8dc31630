// Load, faults and a look at memory, descriptors, answers and rows, all at the same time, on one proxy:
//	streams		bench/proxy/load: each event of each stream once, in order, with the number of its own stream
//	requests	bench/proxy/load: 2 KB and 100 KB with results of tools, which are made smaller
//	chaos		chaos.mjs
//	health		/health of a thread of its own, a new connection each time
// Then it is still, memory and descriptors go back, SIGTERM ends it with 0, and each request has its row.
// HEADROOM names the proxy, HEADROOM_BENCH the directory of origin, load and bodies.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { startProxy, tempDir, until } from '../proxy/kit.mjs';
import { one } from '../proxy/sqlite.mjs';
import { runChaos } from './chaos.mjs';
import { startChaosOrigin } from './chaos_origin.mjs';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');

const SAMPLE_MS = 1000;
// Memory in the last quarter of the load beside that in the third; small figures tell nothing. The first half warms up: bodies of
// some megabytes come at random, and each of the heaps, one for a worker, grows until the largest of them have been there. So
// what is resident is allowed more than what is allocated, where a leak shows.
const RESIDENT_MAX = 1.25;
const ALLOCATED_MAX = 1.15;
const GROWTH_FLOOR = 20 << 20;
// Memory and descriptors after the load: the worker gives back after 5 s, sanitizers are slow.
const SETTLE_MS = 30000;
const IDLE_GROWTH_MAX = 32 << 20;
// Conversations, decisions and answers are kept in mind, 64 MB of each at most (proxy/server.c, core/store/store.h,
// proxy/response_cache.h); a longer run has more of them.
const KEPT_MAX = 3 * 64 << 20;
const HEALTH_MS = 250;
const CONVERSATIONS = 8;

const ROOM = ['--limit-concurrency', '5000', '--max-connections', '5000', '--max-keepalive', '16', '--retry-max-attempts', '3', '--keepalive-expiry', '4'];

const MEGABYTE = 1 << 20;
const megabytes = (n) => `${(n / MEGABYTE).toFixed(1)} MB`;
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const percentile = (list, share) => list.toSorted((a, b) => a - b)[Math.floor((list.length - 1) * share)];
const rssOf = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+)/m)[1]) * 1024;
// What each descriptor of a process is, sorted; without the store's, which keeps as many readers as it has needed at once.
const fdsOf = (pid) => readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
	try {
		return [readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/:.*/, '')];
	} catch {
		return []; // closed meanwhile
	}
}).filter((what) => !what.includes('/store.db')).toSorted();

async function startOrigin(bench) {
	const child = spawn(join(bench, 'origin'), [], { stdio: ['ignore', 'pipe', 'inherit'] });
	const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
	return { url: line.trim(), stop: () => child.kill() };
}

async function load(bench, url, args) {
	const { stdout } = await run(join(bench, 'load'), ['--url', url, ...args]).catch((e) => {
		throw new Error(`load ${args.join(' ')}: ${e.stdout}${e.stderr}`);
	});
	return JSON.parse(stdout);
}

// Streams that all last as long as the run.
async function streams({ bench, url, dir, n, seconds, gapMs }) {
	const events = Math.ceil(seconds * 1000 / gapMs);
	const body = join(dir, 'stream.json');
	writeFileSync(body, JSON.stringify({
		model: 'claude-opus-4-8', max_tokens: 1024, stream: true,
		messages: [{ role: 'user', content: `conversation 0000000000: events=${events} gap_us=${gapMs * 1000}` }],
	}));
	const r = await load(bench, url, ['--body', body, '--connections', String(n), '--stream', String(events), '--fresh',
		'--ramp-ms', String(Math.min(5000, seconds * 200)), '--patience', String(seconds * 4 + 60)]);
	assert.equal(r.requests, n);
	assert.equal(r.samples, n * events);
	return { rows: n, events: r.samples, p99: r.p99_us };
}

// Complete answers, some at a time and with pauses: others need the machine, too. Where memory is to be flat, they are of few
// conversations, which the proxy keeps in mind by the megabyte; else of a new one each.
async function requests({ bench, url, dir, over, limits }) {
	const bodies = ['2k', '100k'].flatMap((size) => Array.from({ length: CONVERSATIONS }, (_, i) => {
		const file = join(dir, `${size}-${i}.json`);
		writeFileSync(file, readFileSync(join(dir, `anthropic-${size}.json`), 'latin1').replace('conversation 0000000000', `${i}, conversation 0000000000`), 'latin1');
		return file;
	}));
	const fresh = limits ? [] : ['--fresh'];
	let rows = 0;
	for (let k = 0; k < 2 || !over(); k++) {
		const connections = 4;
		const r = await load(bench, url, [...fresh, '--body', bodies[(k % 2) * CONVERSATIONS + (k >> 1) % CONVERSATIONS], '--connections', String(connections), '--requests', '100', '--patience', '120']);
		rows += r.requests + connections; // and one of each connection that does not count there
		await new Promise((done) => setTimeout(done, 200));
	}
	return { rows };
}

function watchHealth(url) {
	const worker = new Worker(join(import.meta.dirname, 'health.mjs'), { workerData: { url } });
	const failed = new Promise((_, fail) => worker.once('error', fail));
	failed.catch(() => {});
	return {
		failed,
		async stop() {
			worker.postMessage('stop');
			const [{ times, connected }] = await Promise.race([once(worker, 'message'), failed]);
			return { n: times.length, p99: percentile(times, 0.99), max: percentile(times, 1), connectedMax: percentile(connected, 1) };
		},
	};
}

const allocatedBy = async (proxy) => (await (await fetch(`${proxy.url}/debug/memory`)).json()).process.allocated_bytes;

// Memory of the process, about one sample a second until stop(): what is resident, and what is allocated of it.
function watchMemory(proxy) {
	const { pid } = proxy.child;
	const samples = [];
	const sample = async () => samples.push({ resident: rssOf(pid), allocated: await allocatedBy(proxy) });
	// one that ended is seen by others
	const timer = setInterval(() => sample().catch(() => {}), SAMPLE_MS);
	return {
		stop() {
			clearInterval(timer);
			const quarter = Math.floor(samples.length / 4);
			return Object.fromEntries(['resident', 'allocated'].map((what) => {
				const of = samples.map((s) => s[what]);
				return [what, { third: median(of.slice(2 * quarter, 3 * quarter)) ?? 0, last: median(of.slice(3 * quarter)) ?? 0, max: Math.max(...of, 0) }];
			}));
		},
	};
}

function assertFlat(what, { third, last }, most) {
	assert.ok(last <= Math.max(third * most, GROWTH_FLOOR), `${what} memory grows: ${megabytes(third)}, then ${megabytes(last)}`);
}

function loggedRows(file) {
	const rows = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
	const ids = new Set(rows.map((r) => r.request_id ?? r.id));
	assert.equal(ids.size, rows.length, 'a request has two rows');
	return rows.length;
}

// One phase. limits: memory and time are asserted, too (not under sanitizers). Returns what was seen.
export async function soak({ t, seconds, streamsN, gapMs = 100, workers, loops, limits, env }) {
	const bench = process.env.HEADROOM_BENCH;
	assert.ok(bench, 'HEADROOM_BENCH does not name the directory of origin, load and bodies');
	const dir = tempDir(t);
	const log = join(dir, 'requests.jsonl');
	await run(join(bench, 'bodies'), [dir], { cwd: ROOT });
	const origin = await startOrigin(bench);
	t.after(() => origin.stop());
	const chaosOrigin = await startChaosOrigin();
	t.after(() => chaosOrigin.close());
	const proxy = await startProxy({
		t, env, ccr: true, args: ['--workers', String(workers), '--anthropic-api-url', origin.url, '--openai-api-url', chaosOrigin.url, '--log-file', log, ...ROOM],
	});
	const { pid } = proxy.child;
	const idle = { rss: rssOf(pid), fds: fdsOf(pid) };
	const health = watchHealth(proxy.url);
	const memory = watchMemory(proxy);
	const end = Date.now() + seconds * 1000;
	let areStreamsOver = false;
	const over = () => Date.now() > end && areStreamsOver;
	const all = { bench, url: proxy.url, dir, n: streamsN, gapMs, seconds, over, limits };
	const [stream, request, chaos] = await Promise.race([
		Promise.all([
			streams(all).finally(() => { areStreamsOver = true; }),
			requests(all),
			runChaos({ proxy, origin: chaosOrigin, loops, over }),
		]),
		health.failed,
		proxy.exited.then(([code, signal]) => { throw new Error(`the proxy ended (${code ?? signal}):\n${proxy.stderr}`); }),
	]).finally(() => memory.stop());
	const grown = memory.stop();
	const answered = await health.stop();
	await until(() => fdsOf(pid).length <= idle.fds.length, 'descriptors to go back', SETTLE_MS).catch((e) => {
		throw new Error(`${e.message}: at first ${idle.fds.join(' ')}, now ${fdsOf(pid).join(' ')}`);
	});
	if (limits)
		await until(async () => rssOf(pid) <= idle.rss + IDLE_GROWTH_MAX + Math.min(await allocatedBy(proxy), KEPT_MAX), 'memory to go back', SETTLE_MS).catch((e) => {
			throw new Error(`${e.message}: ${megabytes(idle.rss)} at first, ${megabytes(rssOf(pid))} now`);
		});
	const after = { rss: rssOf(pid), fds: fdsOf(pid) };
	await proxy.stop();
	const rows = stream.rows + request.rows + chaos.rows;
	assert.equal(one(proxy.home, 'SELECT count(*) AS n FROM ledger').n, rows, 'rows in the ledger, and requests made');
	assert.equal(loggedRows(log), rows, 'rows in the log, and requests made');
	if (limits) {
		assertFlat('resident', grown.resident, RESIDENT_MAX);
		assertFlat('allocated', grown.allocated, ALLOCATED_MAX);
		assert.ok(answered.p99 <= HEALTH_MS, `health takes ${answered.p99.toFixed(0)} ms (p99), ${answered.connectedMax.toFixed(0)} ms to connect at most`);
	}
	return { stream, request, chaos, grown, answered, idle, after, rows };
}

export const words = (r) => [
	`${r.stream.rows} streams with ${r.stream.events} events (p99 ${(r.stream.p99 / 1000).toFixed(1)} ms), ${r.request.rows} requests, ${r.chaos.acts} acts of chaos, ${r.rows} rows`,
	`memory: idle ${megabytes(r.idle.rss)}, afterwards ${megabytes(r.after.rss)}`,
	...Object.entries(r.grown).map(([what, g]) => `${what}: third quarter ${megabytes(g.third)}, last ${megabytes(g.last)}, most ${megabytes(g.max)}`),
	`descriptors: idle ${r.idle.fds.length}, afterwards ${r.after.fds.length}; health: ${r.answered.n} answers, p99 ${r.answered.p99.toFixed(1)} ms, max ${r.answered.max.toFixed(1)} ms (to connect ${r.answered.connectedMax.toFixed(1)} ms)`,
];
