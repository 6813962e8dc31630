// turns_proxy: `make bench-history`: sends every request of recorded conversations through a running `headroom proxy` to a
// provider on loopback that keeps what it gets, and verifies per conversation that what was forwarded stays a prefix and
// that only the texts of tool results differ (tests/proxy/history.mjs says what that means exactly). Prints a table per
// way of running; ends with 1 when anything is broken.
//
//	turns_proxy.mjs --build build/release [--only WAY] [--sessions WORD] [FILE...]
//
// Without files: $HEADROOM_CORPORA/turns/*.json and what is below agent_transcripts/; without that it says so and does
// nothing. --sessions: only those whose name has that word. Tokens are the proxy's own count, from its headers.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startProxy } from '../tests/proxy/kit.mjs';
import { hasRedis, startRedis } from '../tests/proxy/redis.mjs';
import { History, commonLength } from '../tests/proxy/history.mjs';

const { values: opt, positionals } = parseArgs({
	allowPositionals: true,
	options: { build: { type: 'string', default: 'build/release' }, only: { type: 'string' }, sessions: { type: 'string', default: '' } },
});
process.env.HEADROOM = resolve(opt.build, 'headroom');

const FORMATS = { anthropic: 'anthropic', 'openai-chat': 'chat', 'openai-responses': 'responses', gemini: 'gemini' };

// args: of every proxy; proxies: on one store, taking turns; restarts: in the middle of every conversation, all of
// them; repeats: every third request is sent so often, at once; declares: headroom_retrieve stands behind the tools of sessions
// that are seen from their beginning, in the same bytes in every request; trims: so are the definitions of tools; else they are
// those of the client.
const WAYS = [
	{ name: 'token', args: ['--mode', 'token'] },
	{ name: 'cache', args: ['--mode', 'cache'] },
	{ name: 'ccr', args: ['--mode', 'token'], declares: true },
	{ name: 'ccr-cache', args: ['--mode', 'cache'], declares: true },
	{ name: 'ccr-restart', args: [], declares: true, restarts: true },
	{ name: 'restart', args: [], restarts: true },
	{ name: 'restart-cache', args: ['--mode', 'cache'], restarts: true },
	{ name: 'workers', args: ['--workers', '4'], repeats: 3 },
	{ name: 'two-proxies', args: [], proxies: 2, repeats: 4 },
	{ name: 'stateless', args: ['--stateless', '--workers', '4'] },
	// Over a Redis (docs/shared-store.md): a store of its own for each, every third request to both at once; then the Redis is killed in the
	// middle of every conversation and comes back empty; then without files.
	{ name: 'redis', args: ['--store-wait', '10s'], proxies: 2, repeats: 2, redis: true, declares: true },
	{ name: 'redis-kill', args: ['--store-wait', '1s'], proxies: 2, repeats: 2, redis: true, declares: true, kills: true },
	{ name: 'redis-stateless', args: ['--store-wait', '10s', '--stateless'], proxies: 2, repeats: 2, redis: true, declares: true },
	{ name: 'trim', args: [], trims: true, restarts: true },
	{ name: 'protect-recent', args: ['--protect-recent', '3'], restarts: true },
];

for (const way of WAYS)
	way.args.push('--ccr', way.declares ? 'on' : 'off', ...(way.trims ? ['--trim-tools'] : []));

const TOOL = '"headroom_retrieve"';
const ELIDED = /original: headroom_retrieve ([0-9a-f]{24})/;

// ---- the provider ------------------------------------------------------------------------------------------------

// Keeps bodies by a header that passes through.
function startCapture() {
	const bodies = new Map();
	const server = http.createServer({ keepAliveTimeout: 60000 }, (req, res) => {
		const parts = [];
		req.on('data', (part) => parts.push(part));
		req.on('end', () => {
			bodies.set(req.headers['x-history-id'], Buffer.concat(parts));
			res.writeHead(200, { 'content-type': 'application/json' });
			res.end('{}');
		});
	});
	return new Promise((done) => {
		server.listen(0, '127.0.0.1', () => done({
			url: `http://127.0.0.1:${server.address().port}`,
			take(id) {
				const body = bodies.get(id);
				bodies.delete(id);
				return body;
			},
			close: () => {
				server.closeAllConnections();
				server.close();
			},
		}));
	});
}

// ---- requests ------------------------------------------------------------------------------------------------------

function filesOfCorpora() {
	const dir = process.env.HEADROOM_CORPORA;
	const below = (name) => readdirSync(join(dir, name), { recursive: true }).filter((f) => /\.jsonl?$/.test(f)).sort().map((f) => join(dir, name, f));
	return dir ? [...below('turns'), ...below('agent_transcripts')] : [];
}

async function* readRequests(files) {
	const child = spawn(resolve(opt.build, 'bench/turns_requests'), files, { stdio: ['ignore', 'pipe', 'ignore'] });
	let held = [];
	let size = 0;
	const iterator = child.stdout[Symbol.asyncIterator]();
	const fill = async (n) => {
		while (size < n) {
			const { value, done } = await iterator.next();
			if (done)
				return false;
			held.push(value);
			size += value.length;
		}
		return true;
	};
	const take = (n) => {
		const all = held.length === 1 ? held[0] : Buffer.concat(held);
		held = [all.subarray(n)];
		size -= n;
		return all.subarray(0, n);
	};
	const line = async () => {
		for (let n = 1; await fill(n); n = size + 1) {
			const at = Buffer.concat(held).indexOf('\n');
			if (at >= 0)
				return take(at + 1).toString();
		}
		return null;
	};
	for (let text = await line(); text !== null; text = await line()) {
		const request = JSON.parse(text);
		await fill(request.bytes + 1);
		request.body = Buffer.from(take(request.bytes + 1).subarray(0, request.bytes));
		yield request;
	}
}

let lastId = 0;

// A connection of its own for each, so that they come to any worker. {sent, before, after} or what went wrong.
function send(proxy, capture, request) {
	const id = String(++lastId);
	const start = process.hrtime.bigint();
	return new Promise((done, fail) => {
		const req = http.request(proxy.url + request.path, {
			method: 'POST', agent: false,
			headers: { 'content-type': 'application/json', 'content-length': request.body.length, 'x-api-key': 'sk-test', authorization: 'Bearer sk-test', 'x-history-id': id },
		}, (res) => {
			res.resume();
			res.on('end', () => done({
				sent: capture.take(id), status: res.statusCode, ms: Number(process.hrtime.bigint() - start) / 1e6,
				before: Number(res.headers['x-headroom-tokens-before'] ?? 0), after: Number(res.headers['x-headroom-tokens-after'] ?? 0),
			}));
		});
		req.on('error', fail);
		req.end(request.body);
	});
}

// Where the list of tools of a body is, and its text.
function toolsOf(body) {
	const text = body?.toString('latin1') ?? '';
	const key = /"tools": *\[/.exec(text);
	if (!key)
		return null;
	const at = key.index + key[0].length - 1;
	let depth = 0;
	for (const { 0: sign, index } of text.slice(at).matchAll(/"(?:[^"\\]|\\.)*"|[[\]]/g)) {
		depth += sign === '[' ? 1 : sign === ']' ? -1 : 0;
		if (!depth)
			return { at, end: at + index + 1, text: text.slice(at, at + index + 1) };
	}
	return null;
}

// ---- one way of running --------------------------------------------------------------------------------------------

class Run {
	constructor(way, capture) {
		Object.assign(this, { way, capture, groups: new Map(), broken: [], homes: [], ends: [], retrieved: 0 });
	}

	async start() {
		if (this.way.redis)
			this.redis ??= await startRedis({ after: (end) => this.ends.unshift(end) });
		const args = [...this.way.args, ...(this.redis ? ['--store-url', this.redis.url] : [])];
		this.proxies = [];
		for (let i = 0; i < (this.way.proxies ?? 1); i++) {
			const home = this.homes[this.way.redis ? i : 0] ??= mkdtempSync(join(tmpdir(), 'bench-history-'));
			this.proxies.push(await startProxy({ provider: this.capture, args, home }));
		}
	}

	async stop() {
		for (const proxy of this.proxies)
			await proxy.stop();
	}

	async end() {
		await this.stop();
		for (const end of this.ends)
			await end();
		this.homes.forEach((home) => rmSync(home, { recursive: true, force: true }));
	}

	async isTold(proxy) {
		for (let tries = 0; tries < 200; tries++) {
			const { shared } = JSON.parse((await proxy.ask({ method: 'GET', path: '/stats' })).text);
			if (shared.is_up && !shared.is_behind)
				return;
			await new Promise((done) => { setTimeout(done, 50); });
		}
	}

	// What one has left out, all have, when nothing is still to be told.
	async retrieve(request, sent) {
		const [, hash] = ELIDED.exec(sent?.toString('latin1') ?? '') ?? [];
		if (!hash || !this.way.redis)
			return;
		for (const proxy of this.proxies)
			await this.isTold(proxy);
		for (const proxy of this.proxies) {
			const r = await proxy.ask({ method: 'GET', path: `/v1/retrieve/${hash}` });
			this.retrieved += r.status === 200 ? 1 : 0;
			if (r.status !== 200)
				this.broken.push(`${request.session}: original ${hash}: ${r.status}`);
		}
	}

	tally(group) {
		if (!this.groups.has(group))
			this.groups.set(group, { sessions: 0, turns: 0, changed: 0, bytes: 0, bytesSent: 0, before: 0, after: 0, elided: 0, broken: 0, ms: [] });
		return this.groups.get(group);
	}

	// What was sent, without our tool, whose declaration is found where it first stands.
	withoutTool(request, sent, history) {
		if (!this.way.declares)
			return sent;
		if (history.declaration === undefined && sent.includes(TOOL)) {
			const at = commonLength(request.body, sent);
			history.declaration = sent.subarray(at, at + sent.length - request.body.length);
		}
		history.declaration ??= null;
		const at = history.declaration ? sent.indexOf(history.declaration) : -1;
		if (at < 0)
			return history.declaration ? null : sent;
		return Buffer.concat([sent.subarray(0, at), sent.subarray(at + history.declaration.length)]);
	}

	// The same with the client's definitions of tools, when they became what they became before.
	withTools(request, sent, history) {
		const [client, ours] = [request.body, sent].map(toolsOf);
		if (!this.way.trims || !client || !ours)
			return sent;
		const before = history.tools ??= { client: client.text, ours: ours.text };
		if (before.client === client.text && before.ours !== ours.text)
			return null;
		history.tools = { client: client.text, ours: ours.text };
		return Buffer.concat([sent.subarray(0, ours.at), Buffer.from(client.text, 'latin1'), sent.subarray(ours.end)]);
	}

	check(request, history, answer) {
		const t = this.tally(request.group);
		const sent = answer.sent && this.withTools(request, this.withoutTool(request, answer.sent, history), history);
		const problems = !answer.sent || answer.status !== 200 ? [`no body was forwarded (status ${answer.status})`]
			: sent ? history.add(request.body, sent) : ['the tools are others than before'];
		t.elided += answer.sent && ELIDED.test(answer.sent.toString('latin1')) ? 1 : 0;
		t.turns++;
		t.changed += answer.sent && !answer.sent.equals(request.body) ? 1 : 0;
		t.bytes += request.body.length;
		t.bytesSent += answer.sent?.length ?? 0;
		t.before += answer.before;
		t.after += answer.after;
		t.ms.push(answer.ms);
		t.broken += problems.length ? 1 : 0;
		problems.forEach((p) => this.broken.push(`${request.session}, turn ${request.turn}: ${p}`));
	}

	async session(requests) {
		const [first] = requests;
		const history = new History(FORMATS[first.format]);
		let last = null;
		this.tally(first.group).sessions++;
		for (const [k, request] of requests.entries()) {
			if (this.way.restarts && k === requests.length >> 1 && k) {
				await this.stop();
				await this.start();
			}
			if (this.way.kills && k === requests.length >> 1 && k)
				await this.redis.stop();
			if (this.way.kills && k === (requests.length * 3) >> 2 && k > requests.length >> 1)
				await this.redis.start();
			const n = this.way.repeats && k % 3 === 2 ? this.way.repeats : 1;
			const answers = await Promise.all(Array.from({ length: n }, (_, i) => send(this.proxies[(k + i) % this.proxies.length], this.capture, request)));
			answers.forEach((answer) => this.check(request, history, answer));
			last = answers[0].sent;
		}
		if (this.way.kills && this.redis.child.signalCode)
			await this.redis.start();
		await this.retrieve(first, last);
	}

	async all(files) {
		let requests = [];
		for await (const request of readRequests(files)) {
			if (requests.length && request.session !== requests[0].session) {
				await this.session(requests);
				requests = [];
			}
			if (request.session.includes(opt.sessions))
				requests.push(request);
		}
		if (requests.length)
			await this.session(requests);
	}
}

// ---- the report ------------------------------------------------------------------------------------------------------

const share = (before, after) => (before ? `${(100 * (before - after) / before).toFixed(1)} %` : '-');

function quantile(values, q) {
	const sorted = [...values].sort((a, b) => a - b);
	return (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0).toFixed(1);
}

function row(name, t) {
	return [name, t.sessions, t.turns, t.changed, share(t.bytes, t.bytesSent), share(t.before, t.after), t.elided, quantile(t.ms, 0.5), quantile(t.ms, 0.99), t.broken];
}

function print(way, groups) {
	const total = { sessions: 0, turns: 0, changed: 0, bytes: 0, bytesSent: 0, before: 0, after: 0, elided: 0, broken: 0, ms: [] };
	const rows = [['agents', 'sessions', 'requests', 'changed', 'bytes saved', 'tokens saved', 'elided', 'ms p50', 'p99', 'broken']];
	for (const [name, t] of groups) {
		rows.push(row(name, t));
		for (const key of Object.keys(total))
			total[key] = key === 'ms' ? total.ms.concat(t.ms) : total[key] + t[key];
	}
	rows.push(row('all', total));
	const widths = rows[0].map((_, i) => Math.max(...rows.map((r) => String(r[i]).length)));
	console.log(`\n${way.name}: headroom proxy ${way.args.join(' ')}${way.restarts ? ', restarted in the middle of each session' : ''}${
		way.proxies ? `, ${way.proxies} on one ${way.redis ? 'Redis' : 'store'} in turns` : ''}${way.kills ? ', which is killed in the middle of each session and comes back empty' : ''}${way.repeats ? `, every third request ${way.repeats} times at once` : ''}`);
	for (const r of rows)
		console.log(r.map((cell, i) => (i ? String(cell).padStart(widths[i]) : String(cell).padEnd(widths[i]))).join('  '));
}

const files = positionals.length ? positionals : filesOfCorpora();
let broken = 0;
if (!files.length)
	console.log('bench-history: skipped, no recordings (set HEADROOM_CORPORA)');
for (const way of files.length ? WAYS.filter((w) => (!opt.only || w.name === opt.only) && (!w.redis || hasRedis)) : []) {
	const capture = await startCapture();
	const run = new Run(way, capture);
	await run.start();
	try {
		await run.all(files);
	} catch (e) {
		run.proxies.forEach(({ url, child, stderr }) => console.log(`${url}: exit ${child.exitCode} ${child.signalCode}\n${stderr.slice(-2000)}`));
		throw e;
	} finally {
		await run.end();
		capture.close();
	}
	print(way, run.groups);
	broken += run.broken.length;
	if (way.redis)
		console.log(`${run.retrieved} originals that one has left out were had, from each of both`);
	run.broken.slice(0, 20).forEach((text) => console.log(`BROKEN  ${text}`));
}
process.exitCode = broken ? 1 : 0;
