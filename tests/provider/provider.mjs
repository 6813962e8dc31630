// A provider on loopback whose answers are scripted. startProvider() gives
//	url			http(s)://127.0.0.1:PORT
//	requests		every request so far: {n, method, url, path, query, version, headers, body, json, text, header()...}
//	answer(path, ...)	queues answers for one path ('*': any); they are used in order, one with repeat: true stays
//	agent(script)		automatic mode, see agent.mjs
//	next(n)			a promise of request n (from 1), resolved when all of it is here
//	upgrades(what)		'echo' or a status: what a WebSocket upgrade gets
//	release(k)		lets k held steps pass, first come first served; a request has a release() of its own
//	forget()		empties requests; next() counts anew
//	dropIdle()		closes the connections that have no request
//	close()
// An answer says what (turn, events, json, body, raw; nothing: a short text) and how (status, headers, hold, delay,
// gap, fault, encoding, eol, split, comments, noblank, load, drip, never, early, repeat). tests/provider/README.md has the list.
// One event loop, no state outside the object that startProvider returns.
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { agentTurn } from './agent.mjs';
import { decode } from './encode.mjs';
import { sample } from './formats/common.mjs';
import { formatOf, isResponses, routeOf } from './routes.mjs';
import { echoFrames } from './websocket.mjs';
import { arrayTexts, cutSteps, deliver, loadTurn, sseTexts } from './wire.mjs';

const PREFIXES_KEPT = 16; // bodies that the make-believe prefix cache remembers
const CACHE_MIN_TOKENS = 1024; // below this no provider caches
const BACKLOG = 4096;

// Permits for held steps: wait() takes one, release() gives some, open() gives endlessly.
function gate() {
	const waiting = [];
	let free = 0;
	return {
		wait: () => new Promise((done) => {
			if (free > 0) {
				free--;
				done();
			} else {
				waiting.push(done);
			}
		}),
		release(k = 1) {
			free += k;
			while (free > 0 && waiting.length) {
				free--;
				waiting.shift()();
			}
		},
		get waiting() {
			return waiting.length;
		},
	};
}

const pairs = (raw) => Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i], raw[2 * i + 1]]);

class Exchange {
	constructor(req, n, conn) {
		const url = new URL(req.url, 'http://provider');
		Object.assign(this, {
			n, conn, method: req.method, url: req.url, path: url.pathname, query: url.searchParams,
			version: req.httpVersion, headers: pairs(req.rawHeaders), body: Buffer.alloc(0), written: 0, steps: 0,
			isGone: false, frames: [],
		});
		this.gate = gate();
		this.gone = new Promise((done) => {
			this.markGone = () => {
				this.isGone = true;
				done(this);
			};
		});
		this.done = new Promise((done) => {
			this.markDone = () => done(this);
		});
	}

	release(k) {
		this.gate.release(k);
	}

	// All values of a header, joined; undefined when it is absent.
	header(name) {
		const all = this.headers.filter(([k]) => k.toLowerCase() === name).map(([, v]) => v);
		return all.length ? all.join(', ') : undefined;
	}

	get decoded() {
		return decode(this.header('content-encoding'), this.body);
	}

	get text() {
		return this.decoded.toString('utf8');
	}

	// The body as an object, undefined when it is no JSON. Parsed once.
	get json() {
		if (!('parsed' in this)) {
			try {
				this.parsed = JSON.parse(this.text);
			} catch {
				this.parsed = undefined;
			}
		}
		return this.parsed;
	}

	report() {
		const { n, conn, method, url, version, headers, isGone, written } = this;
		return { n, conn, method, url, version, headers, isGone, written, body: this.body.toString('base64') };
	}
}

function commonPrefix(a, b) {
	const n = Math.min(a.length, b.length);
	let lo = 0;
	let hi = n;
	while (lo < hi) {
		const mid = (lo + hi + 1) >> 1;
		if (a.compare(b, lo, mid, lo, mid) === 0)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

// Usage as a provider with a prefix cache would report it, at four bytes to a token.
function usageOf(state, ex, turn) {
	const tokens = Math.max(1, Math.ceil(ex.body.length / 4));
	const best = Math.max(0, ...state.bodies.map((b) => commonPrefix(b, ex.body)));
	const read = best / 4 >= CACHE_MIN_TOKENS ? Math.min(tokens - 1, Math.floor(best / 4)) : 0;
	const write = ex.body.includes('"cache_control"') && tokens >= CACHE_MIN_TOKENS ? tokens - read - 1 : 0;
	state.bodies.push(ex.body);
	if (state.bodies.length > PREFIXES_KEPT)
		state.bodies.shift();
	const output = Math.ceil(JSON.stringify(turn).length / 4);
	return { input: tokens - read - write, cacheRead: read, cacheWrite: write, output, reasoning: 0, ...turn.usage };
}

// Ids count the answers of models, so that two runs of one script get the same ones.
function idMaker(state) {
	const answer = ++state.answers;
	let n = 0;
	return (prefix) => `${prefix}${String(answer).padStart(8, '0')}${String(n++).padStart(4, '0')}`;
}

const queueOf = (state, ex) => [ex.path, '*'].map((key) => state.queues.get(key)).find((queue) => queue?.length);

const peek = (state, ex) => queueOf(state, ex)?.[0];

function pickAnswer(state, ex) {
	const queue = queueOf(state, ex);
	if (!queue)
		return {};
	return queue[0].repeat ? queue[0] : queue.shift();
}

// loadFrom names the request header that holds the id of a load answer.
const withId = (answer, ex) => (answer.loadFrom ? { ...answer, load: { ...answer.load, id: `id${ex.header(answer.loadFrom)}` } } : answer);

const asPairs = (headers) => (Array.isArray(headers) ? headers : Object.entries(headers ?? {}).flatMap(([k, v]) => [v].flat().map((w) => [k, w])));

// Headers of the answer win over those that the format adds, name by name.
function merged(base, own) {
	const names = new Set(own.map(([k]) => k.toLowerCase()));
	return [...base.filter(([k]) => !names.has(k.toLowerCase())), ...own];
}

function plainPlan(ex, answer, status, type, bytes) {
	const { encoding } = answer;
	const length = encoding || answer.chunked ? [] : [['content-length', String(bytes.length)]];
	return {
		status, encoding, bodyless: ex.method === 'HEAD' || status === 204 || status === 304,
		headers: [['content-type', type], ...length, ...(encoding ? [['content-encoding', encoding]] : [])],
		steps: cutSteps([bytes], answer.split),
	};
}

function echoOf(ex) {
	return { method: ex.method, path: ex.url, headers: ex.headers, body: ex.body.toString('latin1') };
}

// Who asks for JSON of a schema gets some; everyone else a short text.
function fallback(format, body) {
	const schema = format.schema?.(body);
	return { text: schema ? JSON.stringify(sample(schema)) : 'Scripted answer, long enough to come in several pieces.' };
}

function modelPlan(state, ex, answer, route) {
	const scripted = answer.turn ?? (state.script && agentTurn(state.script, route.format, ex.json)) ?? fallback(route.format, ex.json);
	const turn = answer.load ? loadTurn(scripted) : scripted;
	const reply = {
		turn, usage: usageOf(state, ex, turn), model: route.model(ex), body: ex.json, id: idMaker(state), wrapped: route.wrapped,
	};
	const stream = answer.stream ?? route.stream(ex);
	const extra = route.format.headers(reply);
	if (!stream) {
		const plan = plainPlan(ex, answer, 200, 'application/json', Buffer.from(JSON.stringify(route.format.json(reply))));
		return { ...plan, headers: [...plan.headers, ...extra] };
	}
	const events = answer.events ?? route.format.events(reply);
	const texts = stream === 'array' ? arrayTexts(events) : sseTexts(events, { eol: route.format.eol, ...answer });
	const type = stream === 'array' ? 'application/json; charset=UTF-8' : 'text/event-stream; charset=utf-8';
	return {
		status: 200, encoding: answer.encoding, steps: cutSteps(texts, answer.split),
		headers: [['content-type', type], ['cache-control', 'no-cache'],
			...(answer.encoding ? [['content-encoding', answer.encoding]] : []), ...extra],
	};
}

function planOf(state, ex, answer) {
	const route = routeOf(ex.method, ex.path);
	const json = (status, value) => plainPlan(ex, answer, status, 'application/json', Buffer.from(JSON.stringify(value)));
	if (answer.body !== undefined)
		return plainPlan(ex, answer, answer.status ?? 200, answer.type ?? 'application/json', Buffer.from(answer.body));
	if (answer.json !== undefined)
		return json(answer.status ?? 200, answer.json);
	if (answer.status >= 400) {
		const format = route?.format ?? formatOf(ex.path);
		return json(answer.status, format.error(answer.status, answer.message ?? 'scripted error'));
	}
	if (route?.format || answer.events)
		return modelPlan(state, ex, answer, route ?? { ...routeOf('POST', '/v1/chat/completions') });
	return json(answer.status ?? 200, route ? route.plain(ex) : echoOf(ex));
}

async function readBody(req, ex) {
	const parts = [];
	for await (const part of req)
		parts.push(part);
	ex.body = Buffer.concat(parts);
	ex.trailers = pairs(req.rawTrailers ?? []);
}

function arrived(state, ex) {
	state.requests.push(ex);
	for (const wake of state.waiters.splice(0))
		wake();
}

// The provider's own paths, for a test in another process.
async function control(state, ex, res) {
	const actions = {
		'/_requests': () => state.requests.map((r) => r.report()),
		'/_script': () => state.load(ex.json),
		'/_release': () => state.releaseAny(ex.json?.count),
		'/_forget': () => state.forget(),
	};
	const value = actions[ex.path]?.() ?? null;
	res.writeHead(200, { 'content-type': 'application/json' });
	res.end(JSON.stringify(value));
}

async function serve(state, req, res) {
	// the streams of an HTTP/2 connection see its socket through a stand-in each
	const ex = new Exchange(req, state.requests.length + 1, state.connOf(req.stream?.session ?? req.socket));
	ex.socket = req.socket;
	if (req.stream)
		req.stream.on('close', () => (req.stream.rstCode || req.stream.aborted ? ex.markGone() : ex.markDone()));
	else
		res.on('close', () => (res.writableFinished ? ex.markDone() : ex.markGone()));
	res.on('error', ex.markGone);
	state.open.add(ex);
	res.on('close', () => state.open.delete(ex));
	const early = peek(state, ex)?.early;
	try {
		if (early)
			req.resume();
		else
			await readBody(req, ex);
	} catch {
		ex.markGone();
		return;
	}
	if (ex.path.startsWith('/_'))
		return control(state, ex, res);
	ex.n = state.requests.length + 1;
	arrived(state, ex);
	const answer = withId(pickAnswer(state, ex), ex);
	const plan = planOf(state, ex, answer);
	plan.headers = merged(plan.headers, asPairs(answer.headers));
	plan.reason = answer.reason;
	await deliver(ex, res, plan, answer);
}

function upgrade(state, req, socket, head) {
	const ex = new Exchange(req, state.requests.length + 1, state.connOf(socket));
	ex.upgrade = true;
	socket.on('error', () => {});
	socket.on('close', ex.markGone);
	arrived(state, ex);
	const status = state.upgrades === 'echo' ? (isResponses(ex.path) ? 101 : 404) : state.upgrades;
	if (status !== 101) {
		socket.end(`HTTP/1.1 ${status} Scripted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
		return;
	}
	echoFrames(req, socket, head, ex.frames);
}

function newState() {
	const conns = new WeakMap();
	let connCount = 0;
	const state = {
		requests: [], waiters: [], bodies: [], queues: new Map(), open: new Set(), script: null, answers: 0, upgrades: 'echo',
		connOf(socket) {
			if (!conns.has(socket))
				conns.set(socket, ++connCount);
			return conns.get(socket);
		},
		get connections() {
			return connCount;
		},
		answer(path, ...answers) {
			state.queues.set(path, [...(state.queues.get(path) ?? []), ...answers]);
		},
		load(script) {
			state.script = script?.agent ?? state.script;
			state.upgrades = script?.upgrades ?? state.upgrades;
			for (const [path, answers] of Object.entries(script?.answers ?? {}))
				state.answer(path, ...answers);
		},
		releaseAny(k = 1) {
			for (let i = 0; i < k; i++)
				([...state.open].find((ex) => ex.gate.waiting) ?? [...state.open][0])?.release(1);
		},
		forget() {
			state.requests.length = 0;
			state.queues.clear();
			state.bodies.length = 0;
		},
	};
	return state;
}

function newServer(tls, useHttp2) {
	const options = { keepAliveTimeout: 120000, requestTimeout: 0, headersTimeout: 0, maxHeaderSize: 1 << 20 };
	if (useHttp2)
		return http2.createSecureServer({ ...tls, allowHTTP1: true });
	return tls ? https.createServer({ ...tls, ...options }) : http.createServer(options);
}

export async function startProvider({ port = 0, host = '127.0.0.1', tls, http2: useHttp2, script } = {}) {
	const state = newState();
	state.load(script);
	const server = newServer(tls, useHttp2);
	const sockets = new Set();
	server.on(tls ? 'secureConnection' : 'connection', (socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		socket.on('error', () => {});
	});
	server.on('request', (req, res) => serve(state, req, res).catch((e) => {
		process.stderr.write(`provider: ${e.stack}\n`);
		res.socket?.destroy();
	}));
	server.on('upgrade', (req, socket, head) => upgrade(state, req, socket, head));
	server.on('clientError', (e, socket) => {
		state.clientErrors = [...(state.clientErrors ?? []), e];
		socket.destroy();
	});
	await new Promise((done, fail) => {
		server.once('error', fail);
		server.listen({ port, host, backlog: BACKLOG }, done);
	});
	return {
		url: `${tls ? 'https' : 'http'}://${host}:${server.address().port}`, port: server.address().port,
		requests: state.requests, state,
		get connections() {
			return state.connections;
		},
		get clientErrors() {
			return state.clientErrors ?? [];
		},
		answer: state.answer, script: state.load, forget: state.forget, release: state.releaseAny,
		agent(script) {
			state.script = script;
		},
		upgrades(value) {
			state.upgrades = value;
		},
		// Closes the connections that have no request, and waits until they are closed here.
		async dropIdle() {
			const busy = new Set([...state.open].map((ex) => ex.socket));
			const idle = [...sockets].filter((socket) => !busy.has(socket));
			await Promise.all(idle.map((socket) => new Promise((done) => {
				socket.once('close', done);
				socket.destroy();
			})));
		},
		async next(n) {
			while (state.requests.length < n)
				await new Promise((done) => state.waiters.push(done));
			return state.requests[n - 1];
		},
		close: () => new Promise((done) => {
			server.close(done);
			for (const socket of sockets)
				socket.destroy();
		}),
	};
}
