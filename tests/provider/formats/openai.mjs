// POST /v1/chat/completions and /v1/completions.
import { argsText, calls, list, pieces } from './common.mjs';

const CREATED = 1764300000;

const TYPES = {
	400: ['invalid_request_error', null], 401: ['invalid_request_error', 'invalid_api_key'],
	404: ['invalid_request_error', 'model_not_found'], 429: ['requests', 'rate_limit_exceeded'],
	500: ['server_error', null], 503: ['server_error', null],
};

export function openaiError(status, message) {
	const [type, code] = TYPES[status] ?? ['server_error', null];
	return { error: { message, type, param: null, code } };
}

export function openaiHeaders(reply) {
	return [
		['openai-organization', 'org-scripted'], ['openai-processing-ms', '255'], ['openai-version', '2020-10-01'],
		['x-request-id', reply.id('req_')], ['x-ratelimit-limit-requests', '10000'],
		['x-ratelimit-remaining-requests', '9999'], ['x-ratelimit-reset-requests', '6ms'],
		['set-cookie', '__cf_bm=a; path=/; HttpOnly; Secure'], ['set-cookie', '_cfuvid=b; path=/; HttpOnly; Secure'],
	];
}

// Cached tokens are part of prompt_tokens here, not beside them.
function usageOf(u) {
	const prompt = u.input + u.cacheRead + u.cacheWrite;
	return {
		prompt_tokens: prompt, completion_tokens: u.output, total_tokens: prompt + u.output,
		prompt_tokens_details: { cached_tokens: u.cacheRead, audio_tokens: 0 },
		completion_tokens_details: { reasoning_tokens: u.reasoning, audio_tokens: 0 },
	};
}

const toolCalls = (reply) => calls(reply.turn).map((call) => ({
	id: call.id ?? reply.id('call_'), type: 'function', function: { name: call.name, arguments: argsText(call) },
}));

const finish = (turn) => turn.stop ?? (calls(turn).length ? 'tool_calls' : 'stop');

function deltas(reply) {
	const out = [{ role: 'assistant', content: reply.turn.text === undefined ? null : '', refusal: null }];
	if (reply.turn.text !== undefined)
		out.push(...pieces(reply.turn.text).map((content) => ({ content })));
	toolCalls(reply).forEach((call, index) => {
		out.push({ tool_calls: [{ index, ...call, function: { ...call.function, arguments: '' } }] });
		for (const part of pieces(call.function.arguments))
			out.push({ tool_calls: [{ index, function: { arguments: part } }] });
	});
	return out;
}

export const chat = {
	events(reply) {
		const id = reply.id('chatcmpl-');
		const wanted = reply.body?.stream_options?.include_usage === true;
		const chunk = (choices, usage) => ({
			data: JSON.stringify({
				id, object: 'chat.completion.chunk', created: CREATED, model: reply.model, service_tier: 'default',
				system_fingerprint: 'fp_scripted', choices, ...(wanted ? { usage } : {}), obfuscation: 'x9',
			}),
		});
		const one = (delta, finish_reason) => chunk([{ index: 0, delta, logprobs: null, finish_reason }], null);
		const out = deltas(reply).map((delta) => one(delta, null));
		out.push(one({}, finish(reply.turn)));
		if (wanted)
			out.push(chunk([], usageOf(reply.usage)));
		out.push({ data: '[DONE]' });
		return out;
	},
	json(reply) {
		const tool_calls = toolCalls(reply);
		const message = { role: 'assistant', content: reply.turn.text ?? null, refusal: null, annotations: [] };
		if (tool_calls.length)
			message.tool_calls = tool_calls;
		return {
			id: reply.id('chatcmpl-'), object: 'chat.completion', created: CREATED, model: reply.model,
			choices: [{ index: 0, message, logprobs: null, finish_reason: finish(reply.turn) }],
			usage: usageOf(reply.usage), service_tier: 'default', system_fingerprint: 'fp_scripted',
		};
	},
	error: openaiError,
	headers: openaiHeaders,
	schema: (body) => body?.response_format?.json_schema?.schema,
	results(body) {
		return list(body?.messages).filter((m) => m?.role === 'tool').length;
	},
	tools(body) {
		return list(body?.tools).map((t) => t.function?.name ?? t.name);
	},
};

export const completions = {
	...chat,
	events(reply) {
		const id = reply.id('cmpl-');
		const chunk = (text, finish_reason) => ({
			data: JSON.stringify({
				id, object: 'text_completion', created: CREATED, choices: [{ text, index: 0, logprobs: null, finish_reason }],
				model: reply.model,
			}),
		});
		return [...pieces(reply.turn.text ?? '').map((t) => chunk(t, null)), chunk('', 'stop'), { data: '[DONE]' }];
	},
	json(reply) {
		return {
			id: reply.id('cmpl-'), object: 'text_completion', created: CREATED, model: reply.model,
			choices: [{ text: reply.turn.text ?? '', index: 0, logprobs: null, finish_reason: 'stop' }],
			usage: usageOf(reply.usage),
		};
	},
	results: () => 0,
};
