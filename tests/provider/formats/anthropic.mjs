// POST /v1/messages. Order of events and spelling as in recorded answers of the provider: pings have a space
// behind the colon, tool inputs begin with an empty piece, message_delta carries the usage.
import { argsText, calls, list, pieces } from './common.mjs';

const TYPES = {
	400: 'invalid_request_error', 401: 'authentication_error', 403: 'permission_error', 404: 'not_found_error',
	413: 'request_too_large', 429: 'rate_limit_error', 500: 'api_error', 529: 'overloaded_error',
};

const stopReason = (turn) => turn.stop ?? (calls(turn).length ? 'tool_use' : 'end_turn');

function usageOf(u, output) {
	return {
		input_tokens: u.input, cache_creation_input_tokens: u.cacheWrite, cache_read_input_tokens: u.cacheRead,
		cache_creation: { ephemeral_5m_input_tokens: u.cacheWrite, ephemeral_1h_input_tokens: 0 },
		output_tokens: output, service_tier: 'standard',
	};
}

function blocks(reply) {
	const { turn, id } = reply;
	const out = [];
	if (turn.thinking !== undefined)
		out.push({ type: 'thinking', thinking: turn.thinking, signature: turn.signature ?? `Eq${'Qa9+/'.repeat(20)}==` });
	if (turn.redacted !== undefined)
		out.push({ type: 'redacted_thinking', data: turn.redacted });
	if (turn.text !== undefined)
		out.push({ type: 'text', text: turn.text });
	for (const call of calls(turn))
		out.push({ type: 'tool_use', id: call.id ?? id('toolu_01'), name: call.name, input: call.args ?? {} });
	return out;
}

function blockEvents(block, index, json) {
	const start = (content_block) => json({ type: 'content_block_start', index, content_block });
	const delta = (d) => json({ type: 'content_block_delta', index, delta: d });
	const stop = json({ type: 'content_block_stop', index });
	switch (block.type) {
	case 'thinking':
		return [start({ type: 'thinking', thinking: '', signature: '' }),
			...pieces(block.thinking).map((thinking) => delta({ type: 'thinking_delta', thinking })),
			delta({ type: 'signature_delta', signature: block.signature }), stop];
	case 'text':
		return [start({ type: 'text', text: '' }), ...pieces(block.text).map((text) => delta({ type: 'text_delta', text })), stop];
	case 'tool_use':
		return [start({ ...block, input: {} }), delta({ type: 'input_json_delta', partial_json: '' }),
			...pieces(argsText({ args: block.input })).map((partial_json) => delta({ type: 'input_json_delta', partial_json })),
			stop];
	default:
		return [start(block), stop];
	}
}

export const anthropic = {
	events(reply) {
		const json = (value) => ({ event: value.type, data: JSON.stringify(value) });
		const ping = { event: 'ping', data: '{"type": "ping"}' };
		const message = {
			model: reply.model, id: reply.id('msg_01'), type: 'message', role: 'assistant', content: [],
			stop_reason: null, stop_sequence: null, usage: usageOf(reply.usage, 1),
		};
		const out = [json({ type: 'message_start', message })];
		blocks(reply).forEach((block, index) => {
			const events = blockEvents(block, index, json);
			if (index === 0)
				events.splice(1, 0, ping);
			out.push(...events);
		});
		out.push(json({
			type: 'message_delta', delta: { stop_reason: stopReason(reply.turn), stop_sequence: null },
			usage: {
				input_tokens: reply.usage.input, cache_creation_input_tokens: reply.usage.cacheWrite,
				cache_read_input_tokens: reply.usage.cacheRead, output_tokens: reply.usage.output,
			},
		}));
		out.push(json({ type: 'message_stop' }));
		return out;
	},
	json(reply) {
		return {
			model: reply.model, id: reply.id('msg_01'), type: 'message', role: 'assistant', content: blocks(reply),
			stop_reason: stopReason(reply.turn), stop_sequence: null, usage: usageOf(reply.usage, reply.usage.output),
		};
	},
	error(status, message) {
		return { type: 'error', error: { type: TYPES[status] ?? 'api_error', message }, request_id: 'req_011CScripted' };
	},
	headers(reply) {
		return [
			['anthropic-ratelimit-requests-limit', '4000'], ['anthropic-ratelimit-requests-remaining', '3999'],
			['anthropic-ratelimit-requests-reset', '2026-01-01T00:00:00Z'],
			['anthropic-ratelimit-input-tokens-limit', '2000000'], ['anthropic-ratelimit-input-tokens-remaining', '1999000'],
			['request-id', reply.id('req_01')], ['anthropic-organization-id', '00000000-0000-4000-8000-000000000000'],
			['via', '1.1 google'], ['cf-cache-status', 'DYNAMIC'],
		];
	},
	schema: (body) => body?.output_config?.format?.schema,
	results(body) {
		return list(body?.messages).flatMap((m) => list(m.content)).filter((b) => b?.type === 'tool_result').length;
	},
	tools(body) {
		return list(body?.tools).map((t) => t.name);
	},
};
