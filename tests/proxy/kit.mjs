// What the tests of the running proxy stand on: the process itself, raw sockets, a reader of answers.
// HEADROOM names the binary (make sets it). Each proxy has a HOME of its own in a temporary directory; it must end with
// status 0 and without a word of a sanitizer, which stop() asserts.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProvider } from '../provider/provider.mjs';

// Safety only: nothing waits for time to pass. A sanitizer build on a busy machine is slow.
export const PATIENCE_MS = 60000;

const SANITIZER = /(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:/;

const TSAN_SUPPRESSIONS = fileURLToPath(new URL('../check/tsan.txt', import.meta.url));

const UPSTREAMS = [
	'ANTHROPIC_TARGET_API_URL', 'OPENAI_TARGET_API_URL', 'GEMINI_TARGET_API_URL', 'HEADROOM_CHATGPT_API_URL',
	'CLOUDCODE_TARGET_API_URL', 'VERTEX_TARGET_API_URL',
];

// A promise that fails when it is not kept in time, naming what was awaited.
export function within(promise, what, ms = PATIENCE_MS) {
	let timer;
	const late = new Promise((_, fail) => {
		timer = setTimeout(() => fail(new Error(`waited ${ms} ms for ${what}`)), ms);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Looks again and again until the condition holds. For what has no event of its own.
export async function until(condition, what, ms = PATIENCE_MS) {
	const end = Date.now() + ms;
	for (;;) {
		const value = await condition();
		if (value)
			return value;
		if (Date.now() > end)
			throw new Error(`waited ${ms} ms for ${what}`);
		await new Promise((done) => setTimeout(done, 20));
	}
}

export function tempDir(t) {
	const dir = mkdtempSync(join(tmpdir(), 'headroom-test-'));
	t?.after(() => rmSync(dir, { recursive: true, force: true }));
	return dir;
}

function readyLine(child, stderr) {
	return new Promise((done, fail) => {
		let text = '';
		child.stdio[3].setEncoding('utf8').on('data', (part) => {
			text += part;
			if (text.includes('\n'))
				done(text.split('\n')[0]);
		});
		child.once('error', fail);
		child.once('exit', (code, signal) => fail(new Error(`headroom proxy ended (${code ?? signal}) before it was ready:\n${stderr.text}`)));
	});
}

// Starts `headroom proxy` on a free port in front of a provider. With t given it is stopped at the end of the test.
// args and env are added; limits: false (the default) turns the rate limit off; ccr: true, false (the
// default: most tests are about bytes that only tool outputs differ in) or null (no option); home: a directory kept between runs.
export async function startProxy({ t, provider, args = [], env = {}, limits = false, ccr = false, home = tempDir(t), wrapper = [] } = {}) {
	const binary = process.env.HEADROOM;
	assert.ok(binary, 'HEADROOM does not name the binary');
	const upstreams = provider ? Object.fromEntries(UPSTREAMS.map((name) => [name, provider.url])) : {};
	const argv = [...wrapper, binary, 'proxy', '--port', '0', '--ready-fd', '3', ...(limits ? [] : ['--no-rate-limit']), ...(ccr === null ? [] : ['--ccr', ccr ? 'on' : 'off']), ...args];
	const child = spawn(argv[0], argv.slice(1), {
		stdio: ['ignore', 'pipe', 'pipe', 'pipe'], cwd: home,
		env: {
			PATH: process.env.PATH, HOME: home, TMPDIR: home, LANG: 'C.UTF-8', ...upstreams,
			ASAN_OPTIONS: 'exitcode=99', TSAN_OPTIONS: `exitcode=99:halt_on_error=0:suppressions=${TSAN_SUPPRESSIONS}`, UBSAN_OPTIONS: 'print_stacktrace=1', ...env,
		},
	});
	const stderr = { text: '' };
	const stdout = { text: '' };
	child.stderr.setEncoding('utf8').on('data', (part) => { stderr.text += part; });
	child.stdout.setEncoding('utf8').on('data', (part) => { stdout.text += part; });
	const exited = once(child, 'exit');
	const url = await within(readyLine(child, stderr), 'the proxy to be ready');
	const proxy = {
		url, home, child, port: Number(new URL(url).port), exited,
		get stderr() {
			return stderr.text;
		},
		get stdout() {
			return stdout.text;
		},
		// Ends it and says whether it ended well.
		async stop(signal = 'SIGTERM') {
			if (child.exitCode === null && child.signalCode === null)
				child.kill(signal);
			const [code, killed] = await within(exited, 'the proxy to end').catch((e) => {
				child.kill('SIGKILL');
				throw e;
			});
			assert.doesNotMatch(stderr.text, SANITIZER);
			assert.equal(killed, null, `ended by ${killed}\n${stderr.text}`);
			assert.equal(code, 0, `exit status ${code}\n${stderr.text}`);
		},
		// Waits until a line that fits has been written to standard error.
		logged: (pattern) => until(() => pattern.test(stderr.text), `${pattern} in the log:\n${stderr.text}`),
		connect: () => connect(url),
		ask: (options) => ask(url, options),
	};
	t?.after(() => proxy.stop());
	return proxy;
}

// Provider and proxy for one test.
export async function pair(t, options = {}) {
	const provider = await startProvider(options.provider);
	t.after(() => provider.close());
	const proxy = await startProxy({ t, ...options, provider });
	return { provider, proxy };
}

// One client connection on which bytes are written as they are given.
export class Raw {
	constructor(socket) {
		this.socket = socket;
		this.held = Buffer.alloc(0);
		this.ended = false;
		this.error = null;
		this.wakers = [];
		const wake = () => this.wakers.splice(0).forEach((w) => w());
		socket.setNoDelay(true);
		socket.on('data', (bytes) => {
			this.held = Buffer.concat([this.held, bytes]);
			wake();
		});
		// the peer sends nothing more, whether it said so or reset the connection
		this.closed = within(new Promise((done) => {
			const over = () => {
				this.ended = true;
				wake();
				done(this);
			};
			socket.on('close', over);
			socket.on('end', over);
		}), 'the proxy to close the connection');
		this.closed.catch(() => {});
		socket.on('error', (e) => { this.error = e; });
	}

	send(bytes) {
		return new Promise((done) => this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, done));
	}

	// Half close: no more requests, answers are still read.
	finish() {
		this.socket.end();
	}

	reset() {
		this.socket.resetAndDestroy();
	}

	close() {
		this.socket.destroy();
	}

	more() {
		return within(new Promise((done) => this.wakers.push(done)), 'bytes from the proxy');
	}

	// At least n bytes, or fewer when the peer ended.
	async fill(n) {
		while (this.held.length < n && !this.ended)
			await this.more();
		return this.held.length >= n;
	}

	take(n) {
		const out = this.held.subarray(0, n);
		this.held = this.held.subarray(n);
		return out;
	}

	// A line without its end; null at the end of the stream.
	async line() {
		for (;;) {
			const at = this.held.indexOf('\n');
			if (at >= 0)
				return this.take(at + 1).toString('latin1').replace(/\r?\n$/, '');
			if (this.ended)
				return null;
			await this.more();
		}
	}

	async pairs() {
		const out = [];
		for (;;) {
			const line = await this.line();
			if (line === null || line === '')
				return out;
			const colon = line.indexOf(':');
			out.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
		}
	}

	// The next head, 100 and other interim ones included: {status, version, reason, headers, header(name), all(name)}.
	async head() {
		const line = await this.line();
		if (line === null)
			throw Object.assign(new Error('the connection ended before a status line'), { cause: this.error });
		const [, version, status, reason] = line.match(/^HTTP\/(1\.[01]) (\d{3}) ?(.*)$/) ?? assert.fail(`no status line: ${line}`);
		const headers = await this.pairs();
		const all = (name) => headers.filter(([k]) => k.toLowerCase() === name).map(([, v]) => v);
		return { version, status: Number(status), reason, headers, all, header: (name) => all(name)[0] };
	}

	// The pieces of the body that belongs to a head, as they come, without framing. Sets head.complete at a good end.
	async* parts(head, method = 'GET') {
		head.complete = false;
		if (method === 'HEAD' || head.status === 204 || head.status === 304 || head.status < 200) {
			head.complete = true;
		} else if (/chunked/i.test(head.header('transfer-encoding') ?? '')) {
			yield* this.chunks(head);
		} else if (head.header('content-length') !== undefined) {
			yield* this.exactly(head, Number(head.header('content-length')));
		} else {
			for (;;) {
				if (this.held.length)
					yield this.take(this.held.length);
				else if (this.ended)
					break;
				else
					await this.more();
			}
			head.complete = this.error === null;
		}
	}

	async* exactly(head, length) {
		for (let left = length; left > 0;) {
			if (!(await this.fill(1)))
				return;
			const part = this.take(Math.min(left, this.held.length));
			left -= part.length;
			yield part;
		}
		head.complete = true;
	}

	async* chunks(head) {
		for (;;) {
			const line = await this.line();
			if (line === null)
				return;
			const size = parseInt(line, 16);
			assert.ok(Number.isInteger(size), `no chunk size: ${line}`);
			if (size === 0)
				break;
			if (!(await this.fill(size + 2)))
				return;
			yield this.take(size);
			assert.equal(this.take(2).toString('latin1'), '\r\n');
		}
		head.trailers = await this.pairs();
		head.complete = true;
	}

	// A whole answer; interim heads are collected in `interim`.
	async response(method = 'GET') {
		const interim = [];
		let head = await this.head();
		while (head.status < 200 && head.status !== 101) {
			interim.push(head);
			head = await this.head();
		}
		const parts = [];
		for await (const part of this.parts(head, method))
			parts.push(part);
		const body = Buffer.concat(parts);
		Object.assign(head, { interim, body, text: body.toString('utf8') });
		return Object.defineProperty(head, 'json', { get: () => JSON.parse(head.text) });
	}

	// Server-sent events one by one: {event, data, text}, as soon as the blank line of each is here.
	async* events(head) {
		let text = '';
		const decoder = new TextDecoder();
		for await (const part of this.parts(head)) {
			text += decoder.decode(part, { stream: true });
			for (;;) {
				const end = text.match(/\r?\n\r?\n/);
				if (!end)
					break;
				const one = text.slice(0, end.index);
				text = text.slice(end.index + end[0].length);
				yield parseEvent(one);
			}
		}
		head.rest = text;
	}
}

function parseEvent(text) {
	const lines = text.split(/\r?\n/);
	const field = (name) => lines.filter((l) => l.startsWith(`${name}:`)).map((l) => l.slice(name.length + 1).replace(/^ /, ''));
	return { event: field('event')[0], data: field('data').join('\n'), text };
}

export async function connect(url) {
	const { hostname, port } = new URL(url);
	const socket = net.connect({ host: hostname, port, allowHalfOpen: true });
	await within(once(socket, 'connect'), 'a connection');
	return new Raw(socket);
}

// The bytes of a request. Headers are an object or a list of pairs; Host and Content-Length are added when they are absent.
export function requestBytes({ method = 'POST', path, headers = [], body, version = '1.1', chunked = false }) {
	const pairs = Array.isArray(headers) ? [...headers] : Object.entries(headers);
	const has = (name) => pairs.some(([k]) => k.toLowerCase() === name);
	const bytes = body === undefined ? null : Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
	if (!has('host'))
		pairs.unshift(['Host', 'localhost']);
	if (bytes && chunked)
		pairs.push(['Transfer-Encoding', 'chunked']);
	else if (bytes && !has('content-length'))
		pairs.push(['Content-Length', String(bytes.length)]);
	const head = Buffer.from(`${method} ${path} HTTP/${version}\r\n${pairs.map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`, 'latin1');
	return Buffer.concat([head, bytes ? (chunked ? chunkedBytes(bytes, chunked) : bytes) : Buffer.alloc(0)]);
}

// Chunks of a size that changes, so that borders fall anywhere.
export function chunkedBytes(bytes, size) {
	const out = [];
	const n = typeof size === 'number' ? size : 1000;
	for (let at = 0, k = 0; at < bytes.length; k++) {
		const part = bytes.subarray(at, at + n + k % 7);
		out.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
		at += part.length;
	}
	out.push(Buffer.from('0\r\n\r\n'));
	return Buffer.concat(out);
}

// One request on a connection of its own, and its whole answer.
export async function ask(url, options) {
	const raw = await connect(url);
	try {
		await raw.send(requestBytes(options));
		return await raw.response(options.method ?? 'POST');
	} finally {
		raw.close();
	}
}

// How many times that of the program's own: ThreadSanitizer has words of its own for each of ours (5 to 10 times, says its documentation).
export const RESIDENT_TIMES = /\/build\/tsan\//.test(process.env.HEADROOM) ? 5 : 1;

// Resident memory of a process in bytes.
export async function residentBytes(pid) {
	const { readFile } = await import('node:fs/promises');
	const status = await readFile(`/proc/${pid}/status`, 'utf8');
	return Number(status.match(/^VmRSS:\s+(\d+)/m)[1]) * 1024;
}
