// The provider of the soak at a rate: Anthropic's Messages. What becomes of a request stands in its own text, "soak ID WHAT"; an answer
// names its ID in every event, and its usage can be worked out from it, so that an answer that is lost, cut or another's is seen.
import { once } from 'node:events';
import http from 'node:http';

const EVENTS = 8;
const STALL_MS = 3000;

export const usageOf = (id) => ({ input_tokens: 10 + id % 7, output_tokens: 20 + id % 13 });
export const wordsOf = (id) => Array.from({ length: EVENTS }, (_, n) => `${id}:${n} `);

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const sse = (type, more) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const head = (id, model) => ({ id: `msg_${id}`, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null });

async function stream(res, id, model, what) {
	const { input_tokens, output_tokens } = usageOf(id);
	res.writeHead(200, { 'content-type': 'text/event-stream' });
	res.write(sse('message_start', { message: { ...head(id, model), usage: { input_tokens, output_tokens: 1 } } }));
	res.write(sse('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }));
	for (const [n, text] of wordsOf(id).entries()) {
		if (what === 'cut' && n === 3) {
			res.destroy();
			return;
		}
		res.write(sse('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }));
		await pause(what === 'gone' ? 300 : 10);
	}
	res.write(sse('content_block_stop', { index: 0 }));
	res.write(sse('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens } }));
	res.end(sse('message_stop', {}));
}

// answered: whole answers that were written, by model: {n, output}.
export async function startRateOrigin() {
	const answered = new Map();
	const server = http.createServer(async (req, res) => {
		res.on('error', () => {});
		const parts = [];
		for await (const part of req)
			parts.push(part);
		const body = JSON.parse(Buffer.concat(parts));
		const [, digits, what] = JSON.stringify(body.messages.at(-1)).match(/soak (\d+) ([a-z]+)/);
		const id = Number(digits);
		if (what === 'reset') {
			req.socket.resetAndDestroy();
			return;
		}
		if (what === 'broken') {
			res.writeHead(500, { 'content-type': 'application/json' });
			res.end(JSON.stringify({ type: 'error', error: { type: 'api_error', message: `broken ${id}` } }));
			return;
		}
		if (what === 'stall')
			await pause(STALL_MS);
		if (body.stream) {
			await stream(res, id, body.model, what);
		} else {
			res.writeHead(200, { 'content-type': 'application/json' });
			res.end(JSON.stringify({ ...head(id, body.model), stop_reason: 'end_turn', content: [{ type: 'text', text: wordsOf(id).join('') }], usage: usageOf(id) }));
		}
		if (res.writableEnded) {
			const sum = answered.get(body.model) ?? { n: 0, output: 0 };
			answered.set(body.model, { n: sum.n + 1, output: sum.output + usageOf(id).output_tokens });
		}
	});
	server.keepAliveTimeout = 60000;
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { url: `http://127.0.0.1:${server.address().port}`, answered, close: () => server.closeAllConnections() || server.close() };
}
