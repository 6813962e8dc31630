// run: `make bench-proxy`: headroom proxy beside direct and nginx, all in one run on loopback, in paired rounds:
// each round of a cell measures every server, one right after the other, and ratios are medians of the ratios of the
// rounds. Prints tables, and at the end the goals beside what was measured; nothing passes or fails.
//
//	run.mjs --build build/release [--peers] [--only WORD] [--json FILE]
//
// QUICK=1: under a minute. FULL=1: also 1,000 connections with 1 MB. ROUNDS=N. HEADROOM_BENCH_ARGS: more options for
// headroom proxy. --only: the sections whose heading has that word.
import { execFile, spawnSync } from 'node:child_process'
import { cpus, loadavg, tmpdir } from 'node:os'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { canRun, cleanEnv, hasNginx, headroomArgs, startHeadroom, startNginx, startOrigin } from './targets.mjs'
import { fixed, heading, loud, median, table } from './table.mjs'
import { measureFirst, printFirst } from './first.mjs'
import { startPeers } from './peers.mjs'

const { values: opt } = parseArgs({
	options: {
		build: { type: 'string', default: 'build/release' },
		peers: { type: 'boolean', default: false },
		only: { type: 'string', default: '' },
		json: { type: 'string' },
	},
})
const isQuick = process.env.QUICK === '1'
const isFull = process.env.FULL === '1'
const rounds = Number(process.env.ROUNDS ?? (isQuick ? 1 : 3))
const seconds = isQuick ? 0.3 : 0.8
// What has to go round a thousand connections, or through a slow peer, gets more time.
const PEER_PATIENCE = 5
const CROWD_PATIENCE = 2.5
const run = { build: opt.build, dir: mkdtempSync(`${tmpdir()}/bench-proxy-`), servers: [], results: [] }
// Peers are measured with OpenAI's Chat Completions, which all of them speak.
const dialect = opt.peers
	? { name: 'chat', path: '/v1/chat/completions' }
	: { name: 'anthropic', path: '/v1/messages' }

const cells = [
	{ body: '2k', connections: 1 },
	{ body: '2k', connections: 64 },
	{ body: '2k', connections: 1000, isCrowd: true },
	{ body: '100k', connections: 1 },
	{ body: '100k', connections: 64 },
	{ body: '100k', connections: 1000, isCrowd: true, isSlow: true },
	{ body: '1m', connections: 1 },
	{ body: '1m', connections: 64, isSlow: true },
	{ body: '1m', connections: 1000, isCrowd: true, isHuge: true },
]
const streams = [
	{ connections: 1, events: 1000, gapMs: 1 },
	{ connections: 64, events: 200, gapMs: 10 },
	{ connections: 1000, events: 20, gapMs: 150, isSlow: true },
]
const sizes = { '2k': 2048, '100k': 102400, '1m': 1048576 }

// ---- one measurement -------------------------------------------------------------------------------

function load(server, args) {
	const base = server.target ?? {}
	const all = [
		'--url', server.url, '--path', base.path ?? dialect.path,
		...(base.headers ?? ['authorization: Bearer bench', 'x-api-key: bench', 'anthropic-version: 2023-06-01'])
			.flatMap(h => ['--header', h]),
		...args,
	]
	return new Promise(done =>
		execFile(`${run.build}/bench/proxy/load`, all, { timeout: 60000 }, (error, out, err) => {
			try {
				done(JSON.parse(out))
			} catch {
				done({ requests: 0, errors: 1, error: err.trim() || error?.message || 'no result' })
			}
		}))
}

// The load, and what it cost the server: processor time, peak and lasting memory.
async function measure(server, args) {
	const before = { cpu: server.cpu(), rss: server.kib('VmRSS') }
	server.resetPeak()
	const result = await load(server, args)
	const alive = server.isAlive
	return {
		...result,
		cpu: alive ? server.cpu() - before.cpu : NaN,
		rssBefore: before.rss,
		peak: alive ? server.kib('VmHWM') : NaN,
		ok: result.requests > 0 && !result.errors && alive,
	}
}

const bodyFile = name => `${run.dir}/bodies/${dialect.name}-${name}.json`

// rounds x servers -> {server name: [result per round]}; another server begins each round.
async function paired(servers, times, argsOf) {
	const results = Object.fromEntries(servers.map(s => [s.name, []]))
	for (let round = 0; round < times; round++)
		for (let i = 0; i < servers.length; i++) {
			const server = servers[(i + round) % servers.length]
			// Peers take seconds for what takes the others milliseconds: one round of them has to do.
			if (server.hasFailed || (server.target && round)) continue
			const result = await measure(server, argsOf(server))
			if (!result.ok) {
				const why = result.error ?? (server.isAlive ? 'no answer in time' : 'died')
				loud(`${server.name}: ${why}; ${result.errors} wrong answers, ${result.requests} right`)
				server.hasFailed = !server.isAlive
			}
			results[server.name].push(result)
		}
	return results
}

// Median over the rounds of f(result, the same round of the other server).
const over = (results, name, other, f) =>
	median(results[name].map((r, i) => {
		const o = results[other]?.[i]
		return r.ok && o?.ok ? f(r, o) : NaN
	}))
const of = (results, name, f) => over(results, name, name, f)

// ---- sections ---------------------------------------------------------------------------------------

const wanted = text => !opt.only || text.toLowerCase().includes(opt.only.toLowerCase())

async function section(text, key, f) {
	if (!wanted(text)) return
	heading(text)
	const results = await f()
	if (results) run.results.push({ key, text, results })
}

function printCell(cell, results) {
	const bytes = sizes[cell.body]
	const rows = [['', 'req/s', 'x nginx', 'x direct', 'p50 us', 'p99 us', 'added p50', 'added p99', 'cpu us/req', 'x nginx', 'cpu s/GB', 'peak MB']]
	for (const name of Object.keys(results)) {
		const cost = of(results, name, r => r.cpu / r.requests)
		rows.push([
			name,
			fixed(of(results, name, r => r.rps), 0),
			fixed(over(results, name, 'nginx', (r, o) => r.rps / o.rps)),
			fixed(over(results, name, 'direct', (r, o) => r.rps / o.rps)),
			fixed(of(results, name, r => r.p50_us), 0),
			fixed(of(results, name, r => r.p99_us), 0),
			fixed(over(results, name, 'direct', (r, o) => r.p50_us - o.p50_us), 0),
			fixed(over(results, name, 'direct', (r, o) => r.p99_us - o.p99_us), 0),
			fixed(cost * 1e6, 1),
			fixed(over(results, name, 'nginx', (r, o) => r.cpu / r.requests / (o.cpu / o.requests))),
			fixed((cost / bytes) * 1e9, 2),
			fixed(of(results, name, r => r.peak) / 1024, 1),
		])
	}
	table(rows)
}

async function runCells() {
	for (const cell of cells) {
		if (cell.isHuge ? !isFull : cell.isSlow && isQuick) continue
		const servers = run.servers.filter(s => !s.target || !(cell.isCrowd || (cell.isSlow && isQuick)))
		await section(`${cell.body} body, ${cell.connections} connection${cell.connections > 1 ? 's' : ''}`,
			`${cell.body}/${cell.connections}`, async () => {
				const results = await paired(servers, rounds, server => [
					'--body', bodyFile(cell.body), '--connections', String(cell.connections),
					'--seconds', String(seconds * (server.target ? PEER_PATIENCE : cell.isCrowd ? CROWD_PATIENCE : 1)), '--ramp-ms', String(Math.min(cell.connections, 100)),
				])
				printCell(cell, results)
				return results
			})
	}
}

function printStream(results) {
	const rows = [['', 'events/s', 'age p50 us', 'age p99 us', 'added p50', 'added p99', 'cpu us/event', 'peak MB']]
	for (const name of Object.keys(results))
		rows.push([
			name,
			fixed(of(results, name, r => r.samples / r.seconds), 0),
			fixed(of(results, name, r => r.p50_us), 0),
			fixed(of(results, name, r => r.p99_us), 0),
			fixed(over(results, name, 'direct', (r, o) => r.p50_us - o.p50_us), 0),
			fixed(over(results, name, 'direct', (r, o) => r.p99_us - o.p99_us), 0),
			fixed(of(results, name, r => (r.cpu / r.samples) * 1e6), 1),
			fixed(of(results, name, r => r.peak) / 1024, 1),
		])
	table(rows)
}

async function runStreams() {
	for (const stream of streams) {
		if (stream.isSlow && isQuick) continue
		const servers = run.servers.filter(s => !s.target || stream.connections < 1000)
		const n = stream.connections
		await section(`${n} stream${n > 1 ? 's' : ''} of ${stream.events} events, one every ${stream.gapMs} ms`,
			`stream/${n}`, async () => {
				const results = await paired(servers, Math.min(rounds, 2), () => [
					'--body', bodyFile(`stream-${n}`), '--connections', String(n),
					'--stream', String(stream.events), '--ramp-ms', String(stream.gapMs),
				])
				printStream(results)
				return results
			})
	}
}

const originBytes = async origin => (await (await fetch(`${origin.url}/bench/stats`)).json()).body_bytes

// What optimizing adds to passing through, on one connection: the conversation is new, the same request comes again,
// the conversation goes on by one turn.
const kinds = [
	{ key: 'cold', text: 'cold: a new conversation', args: () => ['--fresh'] },
	{ key: 'warm', text: 'the same again', args: () => [] },
	{ key: 'turn', text: 'one more turn', args: () => ['--before', bodyFile('1m-before')], isTwo: true },
]

async function runConversations() {
	const names = ['headroom --no-optimize', 'headroom']
	const servers = names.map(name => run.servers.find(s => s.name === name)).filter(Boolean)
	if (servers.length < 2) return
	await section('optimizing a conversation of 1 MB, one connection', 'conversation', async () => {
		const rows = [['', 'pass p50 ms', 'optimized p50 ms', 'added p50 ms', 'added p99 ms', 'cpu ms/req', 'sent on']]
		const all = {}
		for (const kind of kinds) {
			const sent = []
			const results = await paired(servers, Math.min(rounds, 2), () => [
				'--body', bodyFile('1m'), '--requests', isQuick ? '15' : '60', ...kind.args(),
			])
			all[kind.key] = results
			const before = await originBytes(run.origin)
			const once = await load(servers[1], ['--body', bodyFile('1m'), '--requests', '1', '--fresh'])
			// One request that does not count came before the one that does.
			if (once.requests) sent.push((await originBytes(run.origin) - before) / 2 / sizes['1m'])
			rows.push([
				kind.text,
				fixed(of(results, names[0], r => r.p50_us) / 1e3),
				fixed(of(results, names[1], r => r.p50_us) / 1e3),
				fixed(over(results, names[1], names[0], (r, o) => r.p50_us - o.p50_us) / 1e3),
				fixed(over(results, names[1], names[0], (r, o) => r.p99_us - o.p99_us) / 1e3),
				// The time of opening a conversation cannot be told from that of going on with it.
				kind.isTwo ? '-' : fixed(of(results, names[1], r => (r.cpu / r.requests) * 1e3)),
				fixed(median(sent) * 100, 1) + ' %',
			])
		}
		table(rows)
		return all
	})
}

const HELD_RUNS = isQuick ? 1 : 7

// By how much a new conversation makes a process larger that has had others, in bodies: what is in flight, and what is
// kept of it. The pages of files that the first one brings in (code, the tables of the tokenizer) are not in it. Which threads
// have worked before, and what they have left of their memory, makes half a body of difference: the median of some processes.
async function bodiesHeld(isOptimizing) {
	const held = []
	for (let i = 0; i < HELD_RUNS; i++) {
		const server = await startHeadroom(run.build, `${run.dir}/held${isOptimizing}${i}`, run.origin, isOptimizing)
		await load(server, ['--body', bodyFile('1m'), '--requests', '1', '--fresh'])
		const { ok, peak, rssBefore } = await measure(server, ['--body', bodyFile('1m'), '--requests', '1'])
		await server.stop()
		held.push(ok ? ((peak - rssBefore) * 1024) / sizes['1m'] : NaN)
	}
	return median(held)
}


async function runStart() {
	await section('start and idle', 'start', async () => {
		const start = spawnSync(`${run.build}/bench/proxy/start`,
			[isQuick ? '10' : '40', `${run.build}/headroom`, ...headroomArgs(run.origin)],
			{ env: cleanEnv(`${run.dir}/start`), encoding: 'utf8', timeout: 60000 })
		if (start.status !== 0) {
			loud(`start: ${start.stderr?.trim()}`)
			return null
		}
		const result = JSON.parse(start.stdout)
		console.log(`  ready after ${result.best_ms} ms (best), ${result.median_ms} ms (median of ${result.runs})`)
		console.log(`  resident, idle: ${fixed(result.resident_kib / 1024, 1)} MB, of it its own: ${fixed(result.own_kib / 1024, 1)} MB`)
		for (const isOptimizing of [false, true]) {
			const kind = isOptimizing ? 'optimized' : 'passed'
			result[kind] = await bodiesHeld(isOptimizing)
			console.log(`  memory for one new body of 1 MB, ${kind}: ${fixed(result[kind], 1)} times the body`)
		}
		return result
	})
}

async function runSyscalls() {
	await section('system calls per request', 'syscalls', async () => {
		const result = {}
		for (const body of ['2k', '100k']) {
			const r = spawnSync('bench/proxy/syscalls.sh', [run.build, body], { encoding: 'utf8', timeout: 60000 })
			result[body] = Number(/all +([\d.]+)/.exec(r.stdout)?.[1] ?? NaN)
			console.log((r.stdout + r.stderr).replace(/^(?=.)/gm, '  ').trimEnd())
		}
		return result
	})
}

async function runFirst() {
	await section('time to the first event, headroom_retrieve declared', 'first', async () => {
		const servers = []
		try {
			for (const ccr of ['off', 'on'])
				servers.push(await startHeadroom(run.build, `${run.dir}/first-${ccr}`, run.origin, true, ['--ccr', ccr]))
			const result = await measureFirst(servers, () => originBytes(run.origin), isQuick ? 100 : 500)
			printFirst(result)
			return result
		} finally {
			for (const server of servers) await server.stop()
		}
	})
}

function printLasting() {
	heading('resident memory after all of that')
	table([['', 'MB'], ...run.servers.filter(s => s.isAlive).map(s => [s.name, fixed(s.kib('VmRSS') / 1024, 1)])])
}

// ---- goals -------------------------------------------------------------------------------------------

const found = key => run.results.find(r => r.key === key)?.results
const raw = 'headroom --no-optimize'

function ratio(key) {
	const results = found(key)
	return results?.[raw] ? over(results, raw, 'nginx', (r, o) => r.rps / o.rps) : NaN
}

// Only the rounds count in which direct itself was below the goal: in others the machine was busy.
function quietAdded(key, us) {
	const results = found(key)
	if (!results?.[raw]) return [NaN, '']
	const quiet = results.direct.map(r => r.ok && r.p99_us < us)
	const added = results[raw].map((r, i) => (quiet[i] && r.ok ? r.p99_us - results.direct[i].p99_us : NaN))
	return [median(added) / 1e3, ` (${quiet.filter(Boolean).length} of ${quiet.length} rounds were quiet)`]
}

const added = kind => {
	const results = found('conversation')?.[kind]
	return results ? over(results, 'headroom', raw, (r, o) => r.p50_us - o.p50_us) / 1e3 : NaN
}

// What a process had at its most above what it has when it is idle, for each of n bodies.
function perBody(key, n) {
	const results = found(key)
	const idle = found('start')?.resident_kib
	if (!results?.[raw] || !idle) return NaN
	return Math.max(...[raw, 'headroom'].filter(name => results[name])
		.map(name => of(results, name, r => ((r.peak - idle) * 1024) / sizes['1m'] / n)))
}

function printGoals() {
	heading('goals')
	const [p99, quiet] = quietAdded('100k/1', 300)
	const rows = [
		['requests/s of nginx, 2 KB, 64 connections', '>=', 0.6, ratio('2k/64')],
		['requests/s of nginx, 100 KB, 64 connections', '>=', 0.6, ratio('100k/64')],
		['requests/s of nginx, 1 MB, 64 connections', '>=', 0.6, ratio('1m/64')],
		['requests/s of nginx, 2 KB, 1,000 connections', '>=', 0.6, ratio('2k/1000')],
		['system calls per request, 2 KB', '<=', 12, found('syscalls')?.['2k'] ?? NaN],
		['system calls per request, 100 KB', '<=', 20, found('syscalls')?.['100k'] ?? NaN],
		[`added p99, 100 KB, one connection, ms${quiet}`, '<', 0.3, p99],
		['added to the first event by the tool, ms', '<', 1, (found('first')?.again.added ?? NaN) / 1e3],
		['... in the first request of a conversation, ms', '<', 1, (found('first')?.new.added ?? NaN) / 1e3],
		['added by optimizing 1 MB, the same again, ms', '<', 2, added('warm')],
		['added by optimizing 1 MB, one more turn, ms', '<', 2, added('turn')],
		['added by optimizing 1 MB, cold, ms', '<', 25, added('cold')],
		['memory for a new body of 1 MB, optimized, in bodies', '<', 5, found('start')?.optimized ?? NaN],
		['memory for 64 x 1 MB at once, the same again, in bodies', '<', 5, perBody('1m/64', 64)],
		['resident, idle, MB', '<', 15, (found('start')?.resident_kib ?? NaN) / 1024],
		['ready after start, ms', '<', 30, found('start')?.median_ms ?? NaN],
	]
	const verdict = (is, goal, value) =>
		!Number.isFinite(value) ? 'not measured' : (is === '>=' ? value >= goal : is === '<=' ? value <= goal : value < goal) ? 'met' : 'MISSED'
	table([['', 'goal', 'measured', ''],
		...rows.map(([text, is, goal, value]) => [text, `${is} ${goal}`, fixed(value), verdict(is, goal, value)])])
}

// ---- all of it ------------------------------------------------------------------------------------------

async function startAll() {
	const add = async (what, f) => {
		try {
			run.servers.push(await f())
		} catch (error) {
			loud(`${what} is not measured: ${error.message}`)
		}
	}
	cleanEnv(`${run.dir}/bodies`)
	if (!canRun(`${run.build}/bench/proxy/bodies`, `${run.dir}/bodies`)) throw new Error('cannot make the bodies')
	run.origin = await startOrigin(run.build, run.dir)
	run.servers.push(run.origin)
	if (hasNginx()) {
		await add('nginx', () => startNginx(run.dir, run.origin, false))
		await add('nginx that reads first', () => startNginx(run.dir, run.origin, true))
	} else {
		loud('nginx is not installed (Debian: nginx-light): no ratios to it')
	}
	await add(raw, () => startHeadroom(run.build, run.dir, run.origin, false))
	await add('headroom', () => startHeadroom(run.build, run.dir, run.origin, true))
	if (opt.peers) run.servers.push(...(await startPeers(run.dir, run.origin, loud)))
}

async function main() {
	const start = Date.now()
	try {
		await startAll()
		console.log(`${cpus().length} processors (${cpus()[0].model}), load ${fixed(loadavg()[0])}; ` +
			`${dialect.path}; ${rounds} rounds of ${seconds} s; bodies of ${Object.keys(sizes).map(k => statSync(bodyFile(k)).size).join(', ')} bytes`)
		if (run.servers.some(s => s.isHeadroom)) await runStart()
		await runCells()
		await runStreams()
		await runConversations()
		if (run.servers.some(s => s.isHeadroom)) {
			await runFirst()
			await runSyscalls()
		}
		printLasting()
		if (!opt.only) printGoals()
		if (opt.json) writeFileSync(opt.json, JSON.stringify(run.results))
		console.log(`\nload ${fixed(loadavg()[0])} at the end, ${Math.round((Date.now() - start) / 1000)} s`)
	} finally {
		for (const server of run.servers.reverse()) await server.stop()
	}
}

process.on('exit', () => rmSync(run.dir, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
await main()
