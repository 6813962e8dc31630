// Requests of the four formats as agents make them: a conversation that grows turn by turn, with tool results that
// compress well (a source read with line numbers, read again, a log). The same arguments give the same bytes.

const FORMATS = {
	anthropic: {
		path: '/v1/messages', streamPath: '/v1/messages',
		headers: [['x-api-key', 'sk-ant-api03-test'], ['anthropic-version', '2023-06-01']],
		wrap: (messages, o) => ({
			model: 'claude-sonnet-4-5', max_tokens: 1024, system: [{ type: 'text', text: 'You are a careful engineer.', cache_control: { type: 'ephemeral' } }],
			tools: [{ name: 'Read', description: 'Reads a file', input_schema: { type: 'object', properties: { file_path: { type: 'string' } } } }],
			messages, ...(o.stream ? { stream: true } : {}),
		}),
		user: (text) => [{ role: 'user', content: text }],
		said: (text) => [{ role: 'assistant', content: text }],
		step: (id, name, args, output) => [
			{ role: 'assistant', content: [{ type: 'text', text: `Step ${id}.` }, { type: 'tool_use', id: `toolu_${id}`, name, input: args }] },
			{ role: 'user', content: [{ type: 'tool_result', tool_use_id: `toolu_${id}`, content: output }] },
		],
		items: 'messages',
		outputs: (body) => body.messages.flatMap((m) => (Array.isArray(m.content) ? m.content : [])).filter((b) => b.type === 'tool_result'),
		outputKey: 'content',
	},
	chat: {
		path: '/v1/chat/completions', streamPath: '/v1/chat/completions', headers: [['authorization', 'Bearer sk-test']],
		wrap: (messages, o) => ({
			model: 'gpt-4o', messages: [{ role: 'system', content: 'You are a careful engineer.' }, ...messages],
			tools: [{ type: 'function', function: { name: 'Read', parameters: { type: 'object', properties: { file_path: { type: 'string' } } } } }],
			...(o.stream ? { stream: true } : {}),
		}),
		user: (text) => [{ role: 'user', content: text }],
		said: (text) => [{ role: 'assistant', content: text }],
		step: (id, name, args, output) => [
			{ role: 'assistant', content: `Step ${id}.`, tool_calls: [{ id: `call_${id}`, type: 'function', function: { name, arguments: JSON.stringify(args) } }] },
			{ role: 'tool', tool_call_id: `call_${id}`, content: output },
		],
		items: 'messages',
		outputs: (body) => body.messages.filter((m) => m.role === 'tool'),
		outputKey: 'content',
	},
	responses: {
		path: '/v1/responses', streamPath: '/v1/responses', headers: [['authorization', 'Bearer sk-test']],
		wrap: (input, o) => ({
			model: 'gpt-5.5', instructions: 'You are a careful engineer.', input, store: false,
			tools: [{ type: 'function', name: 'Read', parameters: { type: 'object', properties: { file_path: { type: 'string' } } } }],
			...(o.stream ? { stream: true } : {}),
		}),
		user: (text) => [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }],
		said: (text) => [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }],
		step: (id, name, args, output) => [
			{ type: 'function_call', id: `fc_${id}`, call_id: `call_${id}`, name, arguments: JSON.stringify(args) },
			{ type: 'function_call_output', call_id: `call_${id}`, output },
		],
		items: 'input',
		outputs: (body) => body.input.filter((i) => i.type === 'function_call_output'),
		outputKey: 'output',
	},
	gemini: {
		path: '/v1beta/models/gemini-2.5-pro:generateContent', streamPath: '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
		headers: [['x-goog-api-key', 'test']],
		wrap: (contents) => ({
			contents, systemInstruction: { parts: [{ text: 'You are a careful engineer.' }] },
			tools: [{ functionDeclarations: [{ name: 'Read', parameters: { type: 'OBJECT', properties: { file_path: { type: 'STRING' } } } }] }],
		}),
		user: (text) => [{ role: 'user', parts: [{ text }] }],
		said: (text) => [{ role: 'model', parts: [{ text }] }],
		step: (id, name, args, output) => [
			{ role: 'model', parts: [{ functionCall: { name, args }, thoughtSignature: 'Q2xhdWRl' }] },
			{ role: 'user', parts: [{ functionResponse: { name, response: { output } } }] },
		],
		items: 'contents',
		outputs: (body) => body.contents.flatMap((c) => c.parts).filter((p) => p.functionResponse).map((p) => p.functionResponse.response),
		outputKey: 'output',
	},
};

export const FORMAT_NAMES = Object.keys(FORMATS);

// Code Assist: Gemini's bodies and answers in an envelope.
FORMATS.assist = {
	...FORMATS.gemini, path: '/v1internal:generateContent', streamPath: '/v1internal:streamGenerateContent?alt=sse',
	headers: [['authorization', 'Bearer ya29.test']],
	wrap: (contents, o) => ({ model: 'gemini-2.5-pro', project: 'a-project', request: FORMATS.gemini.wrap(contents, o) }),
};

export const DIALECT_NAMES = Object.keys(FORMATS);

// The history in a body.
export const itemsOf = (name, body) => (name === 'assist' ? body.request : body)[FORMATS[name].items];

export const formatOf = (name) => FORMATS[name];

// A source of n lines as a reading tool shows it: number, tab, text.
export function numbered(seed, n = 120) {
	const line = (i) => (i % 4 === 0 ? `static int step_${seed}_${i}(int *queue, size_t length)` : `\tqueue[${i % 5}] += ${(i * 31 + seed * 7) % 97}; /* the same old story */`);
	return Array.from({ length: n }, (_, i) => `${i + 1}\t${line(i)}`).join('\n');
}

function output(seed, k) {
	if (k % 3 === 1)
		return numbered(seed + k - 1);
	if (k % 3 === 2)
		return Array.from({ length: 80 }, (_, i) => `2026-01-01T00:00:${String(i % 60).padStart(2, '0')}Z INFO worker-${i % 4} handled request id=${seed * 100 + i} in ${i * 7 % 90} ms`).join('\n');
	return numbered(seed + k);
}

// The body of a conversation with the given number of tool steps, as an object. seed makes conversations differ.
export function conversation(name, steps, { seed = 1, stream = false, last = '' } = {}) {
	const format = FORMATS[name];
	const items = [...format.user(`Look at file ${seed}.`)];
	for (let k = 0; k < steps; k++)
		items.push(...format.step(`${seed}_${k}`, 'Read', { file_path: `/w/file_${seed}_${k % 3 === 1 ? k - 1 : k}.c` }, output(seed, k)));
	if (last)
		items.push(...format.user(last));
	return format.wrap(items, { stream });
}

// A request for kit's ask(): path, headers and body of such a conversation.
export function request(name, { steps = 3, stream = false, seed, headers = [], last } = {}) {
	const format = FORMATS[name];
	return {
		method: 'POST', path: stream ? format.streamPath : format.path,
		headers: [['Content-Type', 'application/json'], ...format.headers, ...headers],
		body: JSON.stringify(conversation(name, steps, { seed, stream, last })),
	};
}

// The same body with every tool output blanked: what must not differ between what came and what was forwarded.
export function withoutOutputs(name, text) {
	const body = JSON.parse(text);
	for (const place of FORMATS[name].outputs(body))
		place[FORMATS[name].outputKey] = null;
	return JSON.stringify(body);
}

export const outputsOf = (name, text) => FORMATS[name].outputs(JSON.parse(text)).map((place) => place[FORMATS[name].outputKey]);
