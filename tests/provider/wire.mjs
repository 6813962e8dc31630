// From an answer to bytes on the socket, with the faults that the answer asks for.
import { setTimeout as sleep } from 'node:timers/promises';
import { encoder } from './encode.mjs';

const MARK = '@@load@@';
const RESET_AFTER_MS = 20;

function eventText(e, eol) {
	if (e.comment !== undefined)
		return `: ${e.comment}${eol}${eol}`;
	return `${e.event === undefined ? '' : `event: ${e.event}${eol}`}data: ${e.data}${eol}${eol}`;
}

// The events of a load answer {count, size, id}: the one that says MARK, again and again with "id:n:xxxx".
function* grown(events, load) {
	const at = events.findIndex((e) => e.data.includes(MARK));
	yield* events.slice(0, at);
	const fill = 'x'.repeat(load.size ?? 0);
	for (let i = 0; i < load.count; i++)
		yield { ...events[at], data: events[at].data.replaceAll(MARK, `${load.id ?? ''}:${i}:${fill}`) };
	yield* events.slice(at + 1).map((e) => ({ ...e, data: e.data.replaceAll(MARK, '') }));
}

export function loadTurn(turn) {
	return { ...turn, text: MARK };
}

// Server-sent events as the texts to send, one for each event.
export function* sseTexts(events, answer) {
	const eol = answer.eol ?? '\n';
	const all = answer.load ? grown(events, answer.load) : events;
	if (answer.comments)
		yield eventText({ comment: 'scripted comment' }, eol);
	let held = null;
	for (const e of all) {
		if (held !== null)
			yield held;
		held = eventText(e, eol);
		if (answer.comments)
			held += eventText({ comment: 'ping' }, eol);
	}
	yield answer.noblank ? held.slice(0, -eol.length) : held;
}

// Google's array: a bracket, objects with ",\r\n" between them, a bracket.
export function* arrayTexts(events) {
	for (const [i, e] of events.entries())
		yield `${i === 0 ? '[' : ',\r\n'}${e.data}\n`;
	yield ']';
}

// The same bytes in pieces: of n bytes each, or cut at the given positions; without either as they are.
export function* cutSteps(texts, split) {
	if (split === undefined) {
		for (const text of texts)
			yield Buffer.from(text);
		return;
	}
	const all = Buffer.concat(Array.from(texts, (t) => Buffer.from(t)));
	const at = Array.isArray(split) ? split : Array.from({ length: Math.ceil(all.length / split) - 1 }, (_, i) => (i + 1) * split);
	let from = 0;
	for (const to of [...at.filter((p) => p < all.length), all.length]) {
		yield all.subarray(from, to);
		from = to;
	}
}

function reset(res) {
	if (res.stream)
		res.stream.close(2); // HTTP/2 INTERNAL_ERROR
	else
		res.socket?.resetAndDestroy();
}

// A reset throws away what the peer has not read yet. A test that needs to know what arrived sets fault.gate and
// releases when the client has seen it; otherwise there is a moment for it.
function beforeReset(ex, fault) {
	return fault.gate ? ex.gate.wait() : sleep(RESET_AFTER_MS);
}

// Resolves when the bytes are accepted or the connection is gone; the count is what back-pressure tests look at.
function put(ex, res, bytes) {
	if (bytes.length === 0 || res.destroyed || ex.isGone)
		return Promise.resolve();
	ex.written += bytes.length;
	if (res.write(bytes))
		return Promise.resolve();
	return new Promise((done) => {
		res.once('drain', done);
		ex.gone.then(done);
	});
}

async function drip(ex, res, bytes, { size, ms }) {
	for (let i = 0; i < bytes.length && !ex.isGone; i += size) {
		await put(ex, res, bytes.subarray(i, i + size));
		await sleep(ms);
	}
}

const held = (answer, what) => answer.hold === true || [answer.hold].flat().includes(what);

function pairsToHeaders(pairs) {
	const out = {};
	for (const [name, value] of pairs)
		out[name] = name in out ? [out[name], value].flat() : value;
	return out;
}

function writeHead(res, plan) {
	if (res.stream)
		res.writeHead(plan.status, pairsToHeaders(plan.headers));
	else
		res.writeHead(plan.status, plan.reason ?? '', plan.headers.flat());
	res.flushHeaders();
}

// The body, step by step. Returns false when a fault ended it early.
async function body(ex, res, plan, answer) {
	const fault = answer.fault ?? {};
	const coder = plan.encoding ? encoder(plan.encoding) : null;
	const coded = (bytes) => (coder ? coder.push(bytes) : bytes);
	let n = 0;
	for (const step of plan.steps) {
		if (held(answer, 'events'))
			await ex.gate.wait();
		if (answer.gap)
			await sleep(answer.gap);
		if (ex.isGone)
			return false;
		if (fault.end === n)
			break;
		if (fault.reset === n || fault.mid === n) {
			if (fault.mid === n)
				await put(ex, res, step.subarray(0, Math.ceil(step.length / 2)));
			await beforeReset(ex, fault);
			reset(res);
			return false;
		}
		const bytes = await coded(step);
		await (answer.drip ? drip(ex, res, bytes, answer.drip) : put(ex, res, bytes));
		ex.steps = ++n;
	}
	if (coder)
		await put(ex, res, await coder.end());
	return true;
}

// Sends one answer. plan: {status, reason, headers: [[name, value]], steps: iterable of Buffer, encoding, bodyless}.
export async function deliver(ex, res, plan, answer) {
	if (answer.never)
		return;
	if (held(answer, 'head'))
		await ex.gate.wait();
	if (answer.delay)
		await sleep(answer.delay);
	if (ex.isGone)
		return;
	if (answer.fault?.reset === 'head')
		return reset(res);
	if (answer.raw !== undefined) {
		res.socket.end(Buffer.from(answer.raw, 'latin1'));
		return;
	}
	writeHead(res, plan);
	if (!plan.bodyless && !(await body(ex, res, plan, answer)))
		return;
	if (held(answer, 'end'))
		await ex.gate.wait();
	if (answer.fault?.reset === 'end') {
		await beforeReset(ex, answer.fault);
		return reset(res);
	}
	const { socket } = res;
	res.end();
	if (answer.fault?.reset === 'after') {
		await beforeReset(ex, answer.fault);
		socket?.resetAndDestroy();
	}
}
