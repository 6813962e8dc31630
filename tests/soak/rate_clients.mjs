// The clients of the soak at a rate: requests of four APIs and eight kinds to two proxies, and what is known of each afterwards.
import assert from 'node:assert/strict';
import http from 'node:http';
import { usageOf, wordsOf } from './rate_origin.mjs';

// Of a hundred requests, how many.
//	stream, slow: as a stream, read at once and with pauses.	stall: the provider waits for 3 s.	gone: the client leaves in the middle.
//	cut: the provider leaves in the middle.	reset, broken: the provider resets the connection, and says 500.	whole: in one piece.
const KINDS = [['stream', 45], ['slow', 5], ['stall', 2], ['gone', 3], ['cut', 2], ['reset', 2], ['broken', 2], ['whole', 39]];
export const WHOLE = new Set(['stream', 'slow', 'stall', 'whole']); // these end well
const STREAMS = new Set(['stream', 'slow', 'gone', 'cut']);
const CREDENTIALS = 256; // limits are for each: so no one gets near its own
const CONVERSATIONS = 200; // that come again, of a third of all requests
const UNDER_WAY_MAX = 4000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
export const kindOf = (id) => {
	let k = id * 61 % 100;
	return KINDS.find(([, share]) => (k -= share) < 0)[0];
};

// The same text for the same conversation: a build's output, of which much can be left out.
function conversationOf(id) {
	const name = id % 3 ? `one-${id}` : `shared-${id / 3 % CONVERSATIONS}`;
	const seed = id % 3 ? id : id / 3 % CONVERSATIONS;
	const lines = Array.from({ length: 40 + seed % 80 }, (_, i) => `src/file${i % 9}.c:${i * 7}: warning: unused variable 'v${i * seed % 97}' [-Wunused]`);
	return { begin: `conversation ${name} build`, result: lines.join('\n'), call: `t${seed}` };
}

// Of each API: path, credential, body, what an answer in one piece says, and how a stream ends.
const APIS = [{
	name: 'anthropic', path: () => '/v1/messages', key: (k) => ({ 'x-api-key': k }), ends: /"type":"message_stop"\}\s*$/,
	body: ({ begin, result, call }, text, model, stream) => ({
		model, max_tokens: 64, stream, messages: [
			{ role: 'user', content: begin },
			{ role: 'assistant', content: [{ type: 'tool_use', id: call, name: 'Bash', input: { command: 'make' } }] },
			{ role: 'user', content: [{ type: 'tool_result', tool_use_id: call, content: result }, { type: 'text', text }] },
		],
	}),
	text: (a) => a.content[0].text,
}, {
	name: 'chat', path: () => '/v1/chat/completions', key: (k) => ({ authorization: `Bearer ${k}` }), ends: /data: \[DONE\]\s*$/,
	body: ({ begin, result, call }, text, model, stream) => ({
		model, stream, messages: [
			{ role: 'user', content: begin },
			{ role: 'assistant', content: null, tool_calls: [{ id: call, type: 'function', function: { name: 'Bash', arguments: '{"command":"make"}' } }] },
			{ role: 'tool', tool_call_id: call, content: result },
			{ role: 'user', content: text },
		],
	}),
	text: (a) => a.choices[0].message.content,
}, {
	name: 'responses', path: () => '/v1/responses', key: (k) => ({ authorization: `Bearer ${k}` }), ends: /event: response\.completed\ndata: [^\n]+\s*$/,
	body: ({ begin, result, call }, text, model, stream) => ({
		model, stream, input: [
			{ role: 'user', content: begin },
			{ type: 'function_call', call_id: call, name: 'Bash', arguments: '{"command":"make"}' },
			{ type: 'function_call_output', call_id: call, output: result },
			{ role: 'user', content: text },
		],
	}),
	text: (a) => a.output[0].content[0].text,
}, {
	name: 'gemini', key: (k) => ({ 'x-goog-api-key': k }), ends: /"finishReason":"STOP"[^\n]*\s*$/,
	path: (model, stream) => `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
	body: ({ begin, result }, text) => ({
		contents: [
			{ role: 'user', parts: [{ text: begin }] },
			{ role: 'model', parts: [{ functionCall: { name: 'Bash', args: { command: 'make' } } }] },
			{ role: 'user', parts: [{ functionResponse: { name: 'Bash', response: { output: result } } }] },
			{ role: 'user', parts: [{ text }] },
		],
	}),
	text: (a) => a.candidates[0].content.parts[0].text,
}];
export const apiOf = (id) => APIS[id * 7 % 10 < 4 ? 0 : 1 + Math.floor(id / 10) % 3];

function send(agent, url, { api, path, key, body }) {
	const bytes = JSON.stringify(body);
	const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes), ...api.key(key) };
	return new Promise((done, fail) => {
		http.request(`${url}${path}`, { agent, method: 'POST', headers }).on('response', done).on('error', fail).end(bytes);
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
			if (kind === 'gone' && text.includes(':1 "')) {
				response.destroy();
				return { text, isWhole: false };
			}
		}
	} catch {
		return { text, isWhole: false };
	}
	return { text, isWhole: response.complete };
}

// Throws when an answer is not what it should be. Words of another are wrong, whatever else happened.
function checkWords(id, text) {
	const words = [...text.matchAll(/"(\d+:\d+ )"/g)].map((m) => m[1]);
	if (words.join('') !== wordsOf(id).slice(0, words.length).join(''))
		throw Object.assign(new Error(`words of another: ${words.join('').slice(0, 80)}`), { isCrossed: true });
	return words.length;
}

function check(id, kind, api, status, { text, isWhole }) {
	const words = status === 200 ? checkWords(id, text) : 0;
	if (kind === 'reset')
		return assert.equal(status, 502, text);
	if (kind === 'broken')
		return assert.ok(status === 500 && text.includes(`broken ${id}"`), text);
	assert.equal(status, 200, text);
	if (kind === 'gone')
		return undefined;
	if (kind === 'cut')
		return assert.ok(!api.ends.test(text) && (!isWhole || /event: error|"error":/.test(text)), 'an answer was cut without a word');
	assert.ok(isWhole, 'an answer was cut');
	if (!STREAMS.has(kind))
		return assert.equal(api.text(JSON.parse(text)), wordsOf(id).join(''));
	assert.equal(words, wordsOf(id).length);
	return assert.match(text.slice(-600), api.ends);
}

// What is known of all requests. proxies: {url, ...} of each. A request's record: id, kind, api, phase, proxy, from, to (ms), ulid (its row in
// the ledger; undefined: no answer came), isWhole (a whole answer came), error.
export function startClients(proxies) {
	const agent = new http.Agent({ keepAlive: true, maxSockets: UNDER_WAY_MAX });
	const clients = { records: [], late: 0, under: new Set(), destroy: () => agent.destroy() };

	async function one(id, phase) {
		const kind = kindOf(id);
		const api = apiOf(id);
		// in shared conversations each turn comes to another one than the turn before
		const proxy = Math.floor(id / 3 / CONVERSATIONS + id) % proxies.length;
		const record = { id, kind, api: api.name, phase, proxy, from: Date.now(), to: 0, ulid: undefined, isWhole: false, error: undefined };
		clients.records.push(record);
		const model = `soak-${phase}-${WHOLE.has(kind) ? 'whole' : 'other'}`;
		const isStream = STREAMS.has(kind);
		try {
			const response = await send(agent, proxies[proxy].url, {
				api, path: api.path(model, isStream), key: `k${id % CREDENTIALS}`,
				body: api.body(conversationOf(id), `soak ${id} ${kind}`, model, isStream),
			});
			record.ulid = response.headers['x-headroom-request-id'];
			check(id, kind, api, response.statusCode, await read(response, kind));
			record.isWhole = WHOLE.has(kind);
		} catch (e) {
			record.error = `${id} ${kind} ${api.name} (${phase}): ${e.code ?? ''} ${e.message}`.slice(0, 300);
			record.isCrossed = e.isCrossed;
		}
		record.to = Date.now();
	}

	// Open loop: when the machine is slow, more are under way.
	clients.load = async (phase, { ms, rate, firstId, isOver = () => false }) => {
		const begin = Date.now();
		let n = 0;
		while (Date.now() - begin < ms && !isOver()) {
			for (const due = (Date.now() - begin) * rate / 1000; n < due; n++) {
				if (clients.under.size > UNDER_WAY_MAX) {
					clients.late++;
					continue;
				}
				const p = one(firstId + n, phase).finally(() => clients.under.delete(p));
				clients.under.add(p);
			}
			await pause(5);
		}
		await Promise.all(clients.under);
		return n;
	};

	// Requests of one credential alone, in turn to each proxy: how many were taken, how many were refused, from when to when, and
	// how many were under way at most.
	clients.press = async ({ key, model, rate, firstId, isOver }) => {
		const got = { taken: 0, refused: 0, other: [], from: Date.now(), to: 0, most: 0 };
		const begin = Date.now();
		const under = new Set();
		for (let n = 0; !isOver(); n++) {
			const id = firstId + n;
			const p = send(agent, proxies[n % proxies.length].url, { api: APIS[0], path: '/v1/messages', key, body: APIS[0].body({ begin: 'hello', result: 'ok', call: 't' }, `soak ${id} whole`, model, false) })
				.then(async (response) => {
					const { text } = await read(response, 'whole');
					if (response.statusCode === 200)
						got.taken++;
					else if (response.statusCode === 429 && response.headers['retry-after'])
						got.refused++;
					else
						got.other.push(`${response.statusCode} ${text.slice(0, 200)}`);
				}, (e) => got.other.push(e.code ?? e.message)).finally(() => under.delete(p));
			under.add(p);
			got.most = Math.max(got.most, under.size);
			await pause(Math.max(0, begin + (n + 1) * 1000 / rate - Date.now()));
		}
		got.to = Date.now();
		await Promise.all(under);
		return got;
	};
	return clients;
}

// Output tokens of all whole answers to these records.
export const outputOf = (records) => records.reduce((sum, r) => sum + usageOf(r.id).output, 0);
