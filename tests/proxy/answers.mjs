// Answers of the four formats as their clients read them: what was said, which calls were made, how it ended, what it
// cost. Whatever breaks the rules of a stream (indexes, numbers, ends) fails.
import assert from 'node:assert/strict';

const events = (text) => text.split(/\r?\n\r?\n/).filter((one) => /^data:/m.test(one)).map((one) => ({
	event: one.match(/^event: ?(.*)$/m)?.[1], data: one.match(/^data: ?(.*)$/m)[1],
}));

function anthropicStream(text) {
	const blocks = [];
	const seen = { message_start: 0, message_delta: 0, message_stop: 0 };
	const out = { usage: {} };
	for (const { event, data } of events(text)) {
		const value = JSON.parse(data);
		assert.equal(value.type, event);
		assert.equal(seen.message_stop, 0, 'an event behind the last one');
		if (event in seen)
			seen[event]++;
		if (event === 'message_start')
			Object.assign(out.usage, value.message.usage);
		if (event === 'content_block_start') {
			assert.equal(value.index, blocks.length, 'indexes of blocks');
			assert.ok(blocks.every((b) => b.isOver));
			blocks.push({ ...value.content_block, json: '' });
		} else if (event === 'content_block_delta') {
			assert.equal(value.index, blocks.length - 1);
			blocks.at(-1).text += value.delta.text ?? '';
			blocks.at(-1).json += value.delta.partial_json ?? '';
		} else if (event === 'content_block_stop') {
			assert.equal(value.index, blocks.length - 1);
			blocks.at(-1).isOver = true;
		} else if (event === 'message_delta') {
			out.stop = value.delta.stop_reason;
			Object.assign(out.usage, value.usage);
		}
	}
	assert.deepEqual(seen, { message_start: 1, message_delta: 1, message_stop: 1 });
	assert.ok(blocks.every((b) => b.isOver));
	return {
		text: blocks.filter((b) => b.type === 'text').map((b) => b.text).join(''), stop: out.stop, output: out.usage.output_tokens,
		calls: blocks.filter((b) => b.type === 'tool_use').map((b) => ({ name: b.name, args: JSON.parse(b.json || '{}') })),
		history: [{
			role: 'assistant',
			content: blocks.map(({ json, isOver, ...b }) => (b.type === 'tool_use' ? { type: b.type, id: b.id, name: b.name, input: JSON.parse(json || '{}') } : { type: b.type, text: b.text })),
		}],
	};
}

function chatStream(text) {
	const all = events(text);
	assert.equal(all.at(-1).data, '[DONE]');
	const chunks = all.slice(0, -1).map((e) => JSON.parse(e.data));
	assert.equal(new Set(chunks.map((c) => c.id)).size, 1, 'ids of chunks');
	const calls = [];
	let said = '';
	const ends = chunks.flatMap((c) => c.choices).map((c) => c.finish_reason).filter(Boolean);
	for (const choice of chunks.flatMap((c) => c.choices)) {
		said += choice.delta.content ?? '';
		for (const call of choice.delta.tool_calls ?? []) {
			assert.ok(call.index <= calls.length, 'indexes of calls');
			calls[call.index] ??= { id: call.id, name: call.function.name, json: '' };
			calls[call.index].json += call.function.arguments ?? '';
		}
	}
	assert.equal(ends.length, 1, 'one end');
	return {
		text: said, stop: ends[0], output: chunks.map((c) => c.usage).find(Boolean)?.completion_tokens,
		calls: calls.map((c) => ({ name: c.name, args: JSON.parse(c.json) })),
		history: [{
			role: 'assistant', content: said || null,
			...(calls.length ? { tool_calls: calls.map((c) => ({ id: c.id, type: 'function', function: { name: c.name, arguments: c.json } })) } : {}),
		}],
	};
}

function responsesItems(response) {
	return {
		text: response.output.filter((i) => i.type === 'message').flatMap((i) => i.content).map((p) => p.text).join(''),
		calls: response.output.filter((i) => i.type === 'function_call').map((i) => ({ name: i.name, args: JSON.parse(i.arguments) })),
		stop: response.status, output: response.usage.output_tokens, history: response.output,
	};
}

function responsesStream(text) {
	const all = events(text).map((e) => JSON.parse(e.data));
	const items = [];
	all.forEach((e, i) => assert.ok(i === 0 || e.sequence_number > all[i - 1].sequence_number, 'sequence numbers'));
	for (const e of all) {
		if (e.type === 'response.output_item.added')
			assert.equal(e.output_index, items.push(e.item) - 1, 'indexes of items');
		else if (e.output_index !== undefined)
			assert.ok(e.output_index < items.length);
	}
	const deltas = all.filter((e) => e.type === 'response.output_text.delta').map((e) => e.delta).join('');
	assert.equal(all.filter((e) => e.type === 'response.created').length, 1);
	assert.equal(all.at(-1).type, 'response.completed');
	const out = responsesItems(all.at(-1).response);
	assert.equal(out.text, deltas);
	assert.equal(all.at(-1).response.output.length, items.length);
	return out;
}

function geminiParts(chunks) {
	const parts = chunks.flatMap((c) => c.candidates ?? []).flatMap((c) => c.content?.parts ?? []);
	const ends = chunks.flatMap((c) => c.candidates ?? []).map((c) => c.finishReason).filter(Boolean);
	assert.equal(ends.length, 1, 'one end');
	return {
		text: parts.filter((p) => !p.thought).map((p) => p.text ?? '').join(''), stop: ends[0],
		calls: parts.filter((p) => p.functionCall).map((p) => ({ name: p.functionCall.name, args: p.functionCall.args })),
		output: chunks.at(-1).usageMetadata.candidatesTokenCount, history: [{ role: 'model', parts }],
	};
}

const READERS = {
	anthropic: [anthropicStream, (m) => ({
		text: m.content.filter((b) => b.type === 'text').map((b) => b.text).join(''), stop: m.stop_reason, output: m.usage.output_tokens,
		calls: m.content.filter((b) => b.type === 'tool_use').map((b) => ({ name: b.name, args: b.input })),
		history: [{ role: 'assistant', content: m.content }],
	})],
	chat: [chatStream, (m) => ({
		text: m.choices[0].message.content ?? '', stop: m.choices[0].finish_reason, output: m.usage.completion_tokens,
		calls: (m.choices[0].message.tool_calls ?? []).map((c) => ({ name: c.function.name, args: JSON.parse(c.function.arguments) })),
		history: [m.choices[0].message],
	})],
	responses: [responsesStream, responsesItems],
	gemini: [(text) => geminiParts(events(text).map((e) => JSON.parse(e.data))), (m) => geminiParts([m])],
	assist: [(text) => geminiParts(events(text).map((e) => JSON.parse(e.data).response)), (m) => geminiParts([m.response])],
};

// {text, calls: [{name, args}], stop, output, history: what the client sends back of it}: of an answer of that format, streamed or not.
export function readAnswer(name, isStream, text) {
	const [stream, whole] = READERS[name];
	return isStream ? stream(text) : whole(JSON.parse(text));
}

// The last messages of a request's history, and the texts of the results in the very last of them.
export function lastResults(name, body) {
	switch (name) {
	case 'anthropic':
		return body.messages.at(-1).content.filter((b) => b.type === 'tool_result').map((b) => ({ id: b.tool_use_id, text: b.content, isError: !!b.is_error }));
	case 'chat': {
		const from = body.messages.findLastIndex((m) => m.role !== 'tool') + 1;
		return body.messages.slice(from).map((m) => ({ id: m.tool_call_id, text: m.content }));
	}
	case 'responses': {
		const from = body.input.findLastIndex((i) => i.type !== 'function_call_output') + 1;
		return body.input.slice(from).map((i) => ({ id: i.call_id, text: i.output }));
	}
	default:
		return (body.request ?? body).contents.at(-1).parts.map((p) => ({ text: p.functionResponse.response.output ?? p.functionResponse.response.error, isError: 'error' in p.functionResponse.response }));
	}
}

// The messages that carry results of the calls in what a client sends back.
export function resultsOf(name, history, output) {
	switch (name) {
	case 'anthropic':
		return [{ role: 'user', content: history.flatMap((m) => m.content).filter((b) => b.type === 'tool_use').map((b) => ({ type: 'tool_result', tool_use_id: b.id, content: output })) }];
	case 'chat':
		return history.flatMap((m) => m.tool_calls).map((c) => ({ role: 'tool', tool_call_id: c.id, content: output }));
	case 'responses':
		return history.filter((i) => i.type === 'function_call').map((i) => ({ type: 'function_call_output', call_id: i.call_id, output }));
	default:
		return [{ role: 'user', parts: history.flatMap((m) => m.parts).filter((p) => p.functionCall).map((p) => ({ functionResponse: { name: p.functionCall.name, response: { output } } })) }];
	}
}
