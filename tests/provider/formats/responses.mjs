// POST /v1/responses and the paths of a ChatGPT login: the whole sequence of events up to response.completed.
import { argsText, calls, list, pieces } from './common.mjs';
import { openaiError, openaiHeaders } from './openai.mjs';

const CREATED = 1764300000;

// Input counts what was cached too.
function usageOf(u) {
	const input = u.input + u.cacheRead + u.cacheWrite;
	return {
		input_tokens: input, input_tokens_details: { cached_tokens: u.cacheRead }, output_tokens: u.output,
		output_tokens_details: { reasoning_tokens: u.reasoning }, total_tokens: input + u.output,
	};
}

function envelope(reply, id, status, output, usage) {
	const { body } = reply;
	return {
		id, object: 'response', created_at: CREATED, status, background: false, error: null, incomplete_details: null,
		instructions: body?.instructions ?? null, max_output_tokens: null, model: reply.model, output,
		parallel_tool_calls: true, previous_response_id: null, prompt_cache_key: body?.prompt_cache_key ?? null,
		reasoning: { effort: 'medium', summary: null }, service_tier: 'default', store: body?.store ?? true,
		temperature: 1.0, text: { format: { type: 'text' }, verbosity: 'medium' }, tool_choice: 'auto', tools: [],
		top_p: 1.0, truncation: 'disabled', usage, user: null, metadata: {},
	};
}

// The finished items of a turn. A call with kind 'custom' has free text as its input.
function items(reply) {
	const { turn, id } = reply;
	const out = [];
	if (turn.thinking !== undefined)
		out.push({
			id: id('rs_'), type: 'reasoning', encrypted_content: turn.signature ?? `gAAAAAB${'mZ0-_'.repeat(24)}==`,
			summary: [{ type: 'summary_text', text: turn.thinking }],
		});
	if (turn.text !== undefined)
		out.push({
			id: id('msg_'), type: 'message', status: 'completed', role: 'assistant',
			content: [{ type: 'output_text', annotations: [], logprobs: [], text: turn.text }],
		});
	for (const call of calls(turn)) {
		const call_id = call.id ?? id('call_');
		const extra = call.namespace ? { namespace: call.namespace } : {};
		out.push(call.kind === 'custom'
			? { id: id('ctc_'), type: 'custom_tool_call', status: 'completed', call_id, input: argsText(call), name: call.name, ...extra }
			: { id: id('fc_'), type: 'function_call', status: 'completed', arguments: argsText(call), call_id, name: call.name, ...extra });
	}
	return out;
}

// How an item looks when it begins: status in progress and its text still empty.
function opened(item) {
	switch (item.type) {
	case 'message': return { ...item, status: 'in_progress', content: [] };
	case 'function_call': return { ...item, status: 'in_progress', arguments: '' };
	case 'custom_tool_call': return { ...item, status: 'in_progress', input: '' };
	default: return { ...item, summary: [] };
	}
}

// What lies between output_item.added and output_item.done.
function inner(item, output_index) {
	const at = { item_id: item.id, output_index };
	const flow = (name, text, done) => [
		...pieces(text).map((delta) => ({ type: `response.${name}.delta`, ...at, delta, obfuscation: 'k2' })),
		{ type: `response.${name}.done`, ...at, ...done },
	];
	switch (item.type) {
	case 'reasoning': {
		const part = item.summary[0];
		const place = { ...at, summary_index: 0 };
		return [
			{ type: 'response.reasoning_summary_part.added', ...place, part: { type: 'summary_text', text: '' } },
			...flow('reasoning_summary_text', part.text, { text: part.text }).map((e) => ({ ...e, summary_index: 0 })),
			{ type: 'response.reasoning_summary_part.done', ...place, part },
		];
	}
	case 'message': {
		const part = item.content[0];
		const place = { ...at, content_index: 0 };
		return [
			{ type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
			...flow('output_text', part.text, { logprobs: [], text: part.text }).map((e) => ({ ...e, content_index: 0 })),
			{ type: 'response.content_part.done', ...place, part },
		];
	}
	case 'custom_tool_call':
		return flow('custom_tool_call_input', item.input, { input: item.input });
	default:
		return flow('function_call_arguments', item.arguments, { arguments: item.arguments });
	}
}

export const responses = {
	events(reply) {
		const id = reply.id('resp_');
		const done = items(reply);
		const begun = envelope(reply, id, 'in_progress', [], null);
		const all = [{ type: 'response.created', response: begun }, { type: 'response.in_progress', response: begun }];
		done.forEach((item, output_index) => {
			all.push({ type: 'response.output_item.added', output_index, item: opened(item) });
			all.push(...inner(item, output_index));
			all.push({ type: 'response.output_item.done', output_index, item });
		});
		all.push({ type: 'response.completed', response: envelope(reply, id, 'completed', done, usageOf(reply.usage)) });
		return all.map(({ type, ...rest }, sequence_number) => ({
			event: type, data: JSON.stringify({ type, sequence_number, ...rest }),
		}));
	},
	json(reply) {
		return envelope(reply, reply.id('resp_'), 'completed', items(reply), usageOf(reply.usage));
	},
	error: openaiError,
	headers: openaiHeaders,
	schema: (body) => body?.text?.format?.schema,
	results(body) {
		return list(body?.input).filter((item) => /_call_output$/.test(item?.type ?? '')).length;
	},
	// Newer models get their tools as an item of the input, in name spaces.
	tools(body) {
		const given = [...list(body?.tools), ...list(body?.input).filter((i) => i?.type === 'additional_tools').flatMap((i) => list(i.tools))];
		return given.flatMap((t) => (t.type === 'namespace' ? list(t.tools).map((u) => `${t.name}.${u.name}`) : [t.name ?? t.type]));
	},
};
