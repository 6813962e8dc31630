// A provider that does what the request's header x-chaos asks for: answers, streams, resets at any place, says nothing,
// talks nonsense, floods. Raw bytes on sockets, so that nothing is tidied up on the way.
import { once } from 'node:events';
import net from 'node:net';

const EVENT_MS = 5;
export const FLOOD_BYTES = 8 << 20;
const FLOOD_PIECE = 64 << 10;

const event = (id, n) => `data: {"id":"${id}","object":"chat.completion.chunk","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"${id}:${n} "},"finish_reason":null}]}\n\n`;
const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const whole = (id, n) => `{"id":"${id}","object":"chat.completion","model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"${id}:${n}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}`;
const answer = (status, text, more = '') => `HTTP/1.1 ${status} Chaos\r\nContent-Type: application/json\r\n${more}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
const STREAM_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const STREAM_END = chunk('data: [DONE]\n\n') + '0\r\n\r\n';

// A call of headroom_retrieve, which the proxy answers by asking again, and the end of the answer behind it.
const LOOK = [{ tool_calls: [{ index: 0, id: 'call_look', type: 'function', function: { name: 'headroom_retrieve', arguments: '{"hash":"0123456789abcdef01234567"}' } }] }, {}];
const looked = (id, delta, i) => `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', model: 'gpt-4o-mini', choices: [{ index: 0, delta, finish_reason: i ? 'tool_calls' : null }] })}\n\n`;
const stopped = (id) => `data: {"id":"${id}","object":"chat.completion.chunk","model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n`;
const look = (s, r) => paced(s, [STREAM_HEAD, chunk(event(r.id, 0)), ...LOOK.map((delta, i) => chunk(looked(r.id, delta, i))), STREAM_END]);
const lookThen = (then) => (s, r) => (r.attempt === 1 ? look(s, r) : then(s, r));

// Writes step after step, with time between them, until all are written or the socket is gone.
async function paced(socket, steps) {
	for (const step of steps) {
		if (socket.destroyed)
			return;
		socket.write(step);
		await new Promise((done) => setTimeout(done, EVENT_MS));
	}
}

async function flood(socket) {
	const piece = chunk('x'.repeat(FLOOD_PIECE));
	socket.write(STREAM_HEAD);
	for (let sent = 0; sent < FLOOD_BYTES && !socket.destroyed; sent += FLOOD_PIECE) {
		if (!socket.write(piece))
			await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
	}
	if (!socket.destroyed)
		socket.write('0\r\n\r\n');
}

const ACTS = {
	ok: (s, r) => s.write(answer(200, whole(r.id, r.bodyBytes))),
	stream: (s, r) => paced(s, [STREAM_HEAD, ...Array.from({ length: r.events }, (_, n) => chunk(event(r.id, n))), STREAM_END]),
	'reset-head': (s) => s.resetAndDestroy(),
	'close-head': (s) => s.end(),
	mid: async (s, r) => {
		await paced(s, [STREAM_HEAD, chunk(event(r.id, 0)), `ffff\r\n${event(r.id, 1).slice(0, 40)}`]);
		s.resetAndDestroy();
	},
	after: async (s, r) => {
		s.write(answer(200, whole(r.id, r.bodyBytes)));
		await new Promise((done) => setTimeout(done, EVENT_MS));
		if (r.isLast()) // it hits nobody else
			s.resetAndDestroy();
	},
	nonsense: (s) => s.end('HTTP/1.1 2OO\r\nno colon\r\n\r\n'),
	short: (s) => s.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a":1}'),
	fail: (s) => s.write(answer(400, '{"error":{"message":"chaos","type":"invalid_request_error"}}')),
	never: () => {},
	flood,
	look: lookThen((s, r) => paced(s, [STREAM_HEAD, ...Array.from({ length: r.events - 1 }, (_, n) => chunk(event(r.id, n + 1))), chunk(stopped(r.id)), STREAM_END])),
	'look-fail': lookThen((s) => ACTS.fail(s)),
	'look-mid': lookThen((s, r) => ACTS.mid(s, r)),
	'look-never': lookThen(() => {}),
	// First told to come again at once, then served.
	again: (s, r) => s.write(r.attempt === 1 ? answer(429, '{"error":{"message":"later"}}', 'Retry-After: 0\r\n') : answer(200, whole(r.id, r.bodyBytes))),
};

// The body at the beginning of held: {bytes, used}, or null when it is not whole.
function takeBody(held, head) {
	const length = head.match(/^content-length: *(\d+)/im);
	if (!/^transfer-encoding: *chunked/im.test(head)) {
		const n = Number(length?.[1] ?? 0);
		return held.length < n ? null : { bytes: n, used: n };
	}
	let at = 0;
	let bytes = 0;
	for (;;) {
		const eol = held.indexOf('\r\n', at);
		if (eol < 0)
			return null;
		const size = parseInt(held.toString('latin1', at, eol), 16);
		at = eol + 2 + size + 2;
		if (held.length < at)
			return null;
		if (size === 0)
			return { bytes, used: at };
		bytes += size;
	}
}

export async function startChaosOrigin() {
	const sockets = new Set();
	const attempts = new Map();
	const seen = new Map(); // id -> what waits for its request
	const server = net.createServer((socket) => {
		const parts = [];
		let requests = 0;
		sockets.add(socket);
		socket.setNoDelay(true);
		socket.on('error', () => {});
		socket.on('close', () => sockets.delete(socket));
		socket.on('data', (bytes) => {
			parts.push(bytes);
			const held = Buffer.concat(parts);
			const end = held.indexOf('\r\n\r\n');
			if (end < 0)
				return;
			const head = held.toString('latin1', 0, end);
			const body = takeBody(held.subarray(end + 4), head);
			if (!body)
				return;
			parts.length = 0;
			if (held.length > end + 4 + body.used)
				parts.push(held.subarray(end + 4 + body.used));
			const field = (name) => head.match(new RegExp(`^${name}: *(.*)$`, 'im'))?.[1].trim();
			const id = field('x-chaos-id') ?? 'none';
			attempts.set(id, (attempts.get(id) ?? 0) + 1);
			seen.get(id)?.();
			const n = ++requests;
			Promise.resolve(ACTS[field('x-chaos') ?? 'ok'](socket, { id, bodyBytes: body.bytes, events: Number(field('x-chaos-events') ?? 10), attempt: attempts.get(id), isLast: () => n === requests && !parts.length })).catch(() => {});
		});
	});
	server.listen(0, '127.0.0.1', 4096);
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${server.address().port}`,
		attempts: (id) => attempts.get(id) ?? 0,
		arrival: (id) => new Promise((done) => seen.set(id, done)),
		close() {
			sockets.forEach((s) => s.destroy());
			server.close();
		},
	};
}
