// The provider of the soak at a rate: Anthropic's Messages, OpenAI's Chat Completions and Responses, Gemini. What becomes of a request stands in
// its own text, "soak ID WHAT"; an answer names its ID in every event, and its usage can be worked out from it, so that an answer that is
// lost, cut or another's is seen. What stands before that in a "conversation shared-N" must be the same bytes each time.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';

const BACKLOG = 4096; // connections that wait while this machine does other things
const EVENTS = 8;
const STALL_MS = 3000;

export const usageOf = (id) => ({ input: 10 + id % 7, output: 20 + id % 13 });
export const wordsOf = (id) => Array.from({ length: EVENTS }, (_, n) => `${id}:${n} `);

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const named = (type, more) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const plain = (value) => `data: ${JSON.stringify(value)}\n\n`;
const numbered = (events) => events.map(([type, more], n) => named(type, { ...more, sequence_number: n }));

const messageOf = (id, model) => ({ id: `msg_${id}`, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null });
const chatOf = (id, model, object) => ({ id: `chatcmpl-${id}`, object, created: 1760000000, model });
const itemOf = (id, text, status) => ({ id: `msg_${id}`, type: 'message', role: 'assistant', status, content: text === undefined ? [] : [{ type: 'output_text', text, annotations: [] }] });
const responseOf = (id, model, status, output) => ({ id: `resp_${id}`, object: 'response', created_at: 1760000000, status, model, error: null, output });
const partOf = (text, more) => ({ candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, ...more }] });

const usage = {
	anthropic: ({ input, output }) => ({ input_tokens: input, output_tokens: output }),
	chat: ({ input, output }) => ({ prompt_tokens: input, completion_tokens: output, total_tokens: input + output }),
	responses: ({ input, output }) => ({ input_tokens: input, output_tokens: output, total_tokens: input + output }),
	gemini: ({ input, output }) => ({ promptTokenCount: input, candidatesTokenCount: output, totalTokenCount: input + output }),
};

// Of each API: how it is recognized, an answer in one piece, and the same as [what comes before, an event for each word, what comes behind].
const APIS = {
	anthropic: {
		path: /\/v1\/messages$/,
		whole: (id, model, used) => ({ ...messageOf(id, model), stop_reason: 'end_turn', content: [{ type: 'text', text: wordsOf(id).join('') }], usage: used }),
		events: (id, model, used) => [
			named('message_start', { message: { ...messageOf(id, model), usage: { ...used, output_tokens: 1 } } }) + named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
			...wordsOf(id).map((text) => named('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
			named('content_block_stop', { index: 0 }) + named('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: used.output_tokens } }) + named('message_stop', {}),
		],
	},
	chat: {
		path: /\/chat\/completions$/,
		whole: (id, model, used) => ({ ...chatOf(id, model, 'chat.completion'), choices: [{ index: 0, message: { role: 'assistant', content: wordsOf(id).join('') }, finish_reason: 'stop' }], usage: used }),
		events: (id, model, used) => {
			const head = chatOf(id, model, 'chat.completion.chunk');
			return [
				plain({ ...head, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }),
				...wordsOf(id).map((content) => plain({ ...head, choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
				`${plain({ ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}${plain({ ...head, choices: [], usage: used })}data: [DONE]\n\n`,
			];
		},
	},
	responses: {
		path: /\/responses$/,
		whole: (id, model, used) => ({ ...responseOf(id, model, 'completed', [itemOf(id, wordsOf(id).join(''), 'completed')]), usage: used }),
		events: (id, model, used) => {
			const text = wordsOf(id).join('');
			const at = { output_index: 0, item_id: `msg_${id}`, content_index: 0 };
			const events = numbered([
				['response.created', { response: responseOf(id, model, 'in_progress', []) }],
				['response.output_item.added', { output_index: 0, item: itemOf(id, undefined, 'in_progress') }],
				['response.content_part.added', { ...at, part: { type: 'output_text', text: '', annotations: [] } }],
				...wordsOf(id).map((delta) => ['response.output_text.delta', { ...at, delta }]),
				['response.output_text.done', { ...at, text }],
				['response.content_part.done', { ...at, part: { type: 'output_text', text, annotations: [] } }],
				['response.output_item.done', { output_index: 0, item: itemOf(id, text, 'completed') }],
				['response.completed', { response: { ...responseOf(id, model, 'completed', [itemOf(id, text, 'completed')]), usage: used } }],
			]);
			return [events.slice(0, 3).join(''), ...events.slice(3, 3 + EVENTS), events.slice(3 + EVENTS).join('')];
		},
	},
	gemini: {
		path: /\/models\/([^:]+):(stream)?[gG]enerateContent/,
		whole: (id, model, used) => ({ ...partOf(wordsOf(id).join(''), { finishReason: 'STOP' }), usageMetadata: used, modelVersion: model }),
		events: (id, model, used) => [
			'',
			...wordsOf(id).map((text) => plain({ ...partOf(text), modelVersion: model })),
			plain({ ...partOf('', { finishReason: 'STOP' }), usageMetadata: used, modelVersion: model }),
		],
	},
};

async function stream(res, events, what) {
	res.writeHead(200, { 'content-type': 'text/event-stream' });
	for (const [n, bytes] of events.entries()) {
		if (what === 'cut' && n === 4) {
			res.destroy();
			return;
		}
		if (bytes)
			res.write(bytes);
		await pause(what === 'gone' ? 300 : 10);
	}
	res.end();
}

// What was sent of each conversation that comes again, from its name to the request's own text, as a hash and when that was the
// first time; how often it was the same then, and when it was another.
function watchConversations(seen) {
	return (api, text, id) => {
		const begin = text.match(/conversation shared-\d+ /);
		if (!begin)
			return;
		const key = `${api} ${begin[0]}`;
		const hash = createHash('sha1').update(text.slice(begin.index, text.indexOf(`soak ${id} `))).digest('base64');
		const at = Date.now();
		if (!seen.first.has(key))
			seen.first.set(key, { hash, at, id });
		else if (seen.first.get(key).hash === hash)
			seen.same++;
		else
			seen.other.push({ key, id, at });
	};
}

async function serve() {
	const answered = new Map();
	const conversations = { first: new Map(), same: 0, other: [] };
	const watch = watchConversations(conversations);
	const server = http.createServer(async (req, res) => {
		res.on('error', () => {});
		const parts = [];
		for await (const part of req)
			parts.push(part);
		const text = Buffer.concat(parts).toString();
		const [name, api] = Object.entries(APIS).find(([, { path }]) => path.test(req.url.split('?')[0])) ?? [];
		const [, digits, what] = text.match(/soak (\d+) ([a-z]+)/) ?? [];
		if (!api || !digits) {
			res.writeHead(404).end();
			return;
		}
		const id = Number(digits);
		const inPath = req.url.match(APIS.gemini.path);
		const body = JSON.parse(text);
		const model = body.model ?? inPath?.[1];
		const isStream = name === 'gemini' ? Boolean(inPath[2]) : body.stream;
		watch(name, text, id);
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
		const used = usage[name](usageOf(id));
		if (isStream) {
			await stream(res, api.events(id, model, used), what);
		} else {
			res.writeHead(200, { 'content-type': 'application/json' });
			res.end(JSON.stringify(api.whole(id, model, used)));
		}
		if (res.writableEnded)
			answered.set(id, (answered.get(id) ?? 0) + 1);
	});
	server.keepAliveTimeout = 60000;
	server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG });
	await once(server, 'listening');
	parentPort.on('message', () => parentPort.postMessage({ answered, conversations }));
	parentPort.postMessage({ url: `http://127.0.0.1:${server.address().port}` });
}

// A provider in a thread of its own, so that it answers while clients have their turn. report(): answered, by ID, how often a whole answer
// to it was written; conversations: {first: by name, {hash, at, id}, same, other: [{key, id, at}]}.
export async function startRateOrigin() {
	const worker = new Worker(new URL(import.meta.url));
	const [{ url }] = await once(worker, 'message');
	return {
		url,
		async report() {
			worker.postMessage('report');
			return (await once(worker, 'message'))[0];
		},
		close: () => worker.terminate(),
	};
}

if (!isMainThread)
	await serve();
