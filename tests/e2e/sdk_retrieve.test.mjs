// The official SDKs in a conversation of which much was left out: the model looks it up alone, behind a text, beside a call of the
// program's and as the first event of the last answer. What the program sees, by the helpers that put streams together and run its
// tools, is what it sees of a provider that says the same without lookups.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RETRIEVE } from '../provider/agent.mjs';
import { startProvider } from '../provider/provider.mjs';
import { startProxy } from '../proxy/kit.mjs';
import { formatOf } from '../proxy/requests.mjs';
import { packageMissing } from './agents.mjs';
import { withoutLookups } from './session.mjs';

// What a search prints, of which most is left out.
const HITS = Array.from({ length: 400 }, (_, i) => `src/mod_${i / 9 | 0}.c:${10 + i % 9 * 13}:\tif (queue_length(q_${i % 7}) > limit_${i * 31 % 97}) return fail(ctx, "too long at ${i * 7919 % 10007}");`).join('\n');

const TEXTS = ['Let me look. ', 'It is in line 3. ', 'All is read.'];
const CALL = { name: 'Read', args: { file_path: '/a' }, id: 'call_a' };
const CONTENT = 'what is in the file';

const usage = (output) => ({ input: 900, cacheRead: 0, cacheWrite: 0, output, reasoning: 0 });

// What the model says, answer by answer, with lookups and without.
const looking = (hash) => {
	const look = (n) => ({ name: RETRIEVE, args: { hash, lines: `${n}` }, id: `call_l${n}` });
	return [{ text: TEXTS[0], calls: [look(1)], usage: usage(10) }, { text: TEXTS[1], calls: [CALL, look(2)], usage: usage(20) },
		{ calls: [look(3)], usage: usage(5) }, { text: TEXTS[2], usage: usage(30) }];
};
const plain = (join) => [{ text: `${TEXTS[0]}${join}${TEXTS[1]}`, calls: [CALL], usage: usage(30) }, { text: TEXTS[2], usage: usage(35) }];

const begin = (name) => formatOf(name).user('Look at the queues.');
const searched = (name) => [...begin(name), ...formatOf(name).step('s', 'Bash', { command: 'rg -n queue_length' }, HITS)];

const anthropicSeen = (messages) => messages.map((m) => ({
	text: m.content.filter((b) => b.type === 'text').map((b) => b.text).join(''), stop: m.stop_reason, output: m.usage.output_tokens,
	calls: m.content.filter((b) => b.type === 'tool_use').map((b) => [b.name, b.input, b.id]),
}));

const chatSeen = (choices) => choices.map((c) => ({
	text: c.message.content, stop: c.finish_reason, calls: (c.message.tool_calls ?? []).map((call) => [call.function.name, JSON.parse(call.function.arguments), call.id]),
}));

const responsesSeen = (list) => list.map((r) => ({
	text: r.output_text, stop: r.status, output: r.usage.output_tokens,
	calls: r.output.filter((i) => i.type === 'function_call').map((i) => [i.name, JSON.parse(i.arguments), i.call_id]),
}));

async function geminiSeen(chunks) {
	const parts = chunks.flatMap((c) => c.candidates?.[0].content?.parts ?? []);
	return {
		text: parts.map((p) => p.text ?? '').join(''), stop: chunks.map((c) => c.candidates?.[0].finishReason).findLast(Boolean),
		output: chunks.at(-1).usageMetadata.candidatesTokenCount, calls: parts.filter((p) => p.functionCall).map((p) => [p.functionCall.name, p.functionCall.args]),
	};
}

async function collect(stream) {
	const out = [];
	for await (const event of stream)
		out.push(event);
	return out;
}

const anthropic = (m, url) => new m.default({ apiKey: 'k', baseURL: url, maxRetries: 0 });
const openai = (m, url) => new m.default({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 });
const genai = (m, url) => new m.GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url, retryOptions: { attempts: 1 } } });

// Two answers of Anthropic's, with the program's own loop between.
async function anthropicLoop(body, ask) {
	const first = await ask(body);
	const result = { role: 'user', content: first.content.filter((b) => b.type === 'tool_use').map((b) => ({ type: 'tool_result', tool_use_id: b.id, content: CONTENT })) };
	return anthropicSeen([first, await ask({ ...body, messages: [...body.messages, { role: 'assistant', content: first.content }, result] })]);
}

async function responsesLoop(body, ask) {
	const first = await ask(body);
	const results = first.output.filter((i) => i.type === 'function_call').map((i) => ({ type: 'function_call_output', call_id: i.call_id, output: CONTENT }));
	return responsesSeen([first, await ask({ ...body, input: [...body.input, ...first.output, ...results] })]);
}

const genaiBody = ({ contents, systemInstruction, tools }) => ({ model: 'gemini-2.5-pro', contents, config: { systemInstruction, tools } });

// [name of the way, package, format, join of the texts of one answer, how a client is made, what is done with it and a body -> what was seen]
const WAYS = [
	['messages.create', '@anthropic-ai/sdk', 'anthropic', '', anthropic, (c, body) => anthropicLoop(body, (b) => c.messages.create(b))],
	['messages.stream', '@anthropic-ai/sdk', 'anthropic', '', anthropic, (c, body) => anthropicLoop(body, (b) => c.messages.stream(b).finalMessage())],
	['beta.messages.toolRunner', '@anthropic-ai/sdk', 'anthropic', '', anthropic, async (c, body) => {
		const tools = body.tools.map((tool) => ({ ...tool, run: () => CONTENT, parse: (x) => x }));
		return anthropicSeen(await collect(c.beta.messages.toolRunner({ ...body, tools })));
	}],
	['beta.messages.toolRunner, streamed', '@anthropic-ai/sdk', 'anthropic', '', anthropic, async (c, body) => {
		const tools = body.tools.map((tool) => ({ ...tool, run: () => CONTENT, parse: (x) => x }));
		const seen = [];
		for await (const stream of c.beta.messages.toolRunner({ ...body, tools, stream: true }))
			seen.push(await stream.finalMessage());
		return anthropicSeen(seen);
	}],
	['chat.completions.create', 'openai', 'chat', '\n\n', openai, async (c, body) => {
		const first = await c.chat.completions.create(body);
		const { message } = first.choices[0];
		const results = message.tool_calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: CONTENT }));
		const second = await c.chat.completions.create({ ...body, messages: [...body.messages, message, ...results] });
		return [...chatSeen([first.choices[0], second.choices[0]]), first.usage.completion_tokens, second.usage.completion_tokens];
	}],
	...[false, true].map((stream) => [`chat.completions.runTools${stream ? ', streamed' : ''}`, 'openai', 'chat', '\n\n', openai, async (c, body) => {
		const tools = body.tools.map((tool) => ({ ...tool, function: { ...tool.function, function: () => CONTENT, parse: JSON.parse } }));
		const runner = c.chat.completions.runTools({ ...body, tools, stream });
		await runner.done();
		return chatSeen(runner.allChatCompletions().map((x) => x.choices[0]));
	}]),
	['responses.create', 'openai', 'responses', '', openai, (c, body) => responsesLoop(body, (b) => c.responses.create(b))],
	['responses.stream', 'openai', 'responses', '', openai, (c, body) => responsesLoop(body, (b) => c.responses.stream(b).finalResponse())],
	['generateContentStream', '@google/genai', 'gemini', '', genai, async (c, body) => {
		const asked = genaiBody(body);
		const first = await collect(await c.models.generateContentStream(asked));
		const parts = first.flatMap((chunk) => chunk.candidates[0].content.parts);
		const response = { functionResponse: { name: CALL.name, response: { output: CONTENT } } };
		const second = await collect(await c.models.generateContentStream({ ...asked, contents: [...asked.contents, { role: 'model', parts }, { role: 'user', parts: [response] }] }));
		return [await geminiSeen(first), await geminiSeen(second)];
	}],
	['chats.sendMessageStream', '@google/genai', 'gemini', '', genai, async (c, body) => {
		const { model, contents, config } = genaiBody(body);
		const chat = c.chats.create({ model, config, history: contents.slice(0, -1) });
		const first = await geminiSeen(await collect(await chat.sendMessageStream({ message: contents.at(-1).parts })));
		const response = { functionResponse: { name: CALL.name, response: { output: CONTENT } } };
		return [first, await geminiSeen(await collect(await chat.sendMessageStream({ message: [response] })))];
	}],
];

const say = (provider, turns) => provider.answer('*', ...turns.map((turn) => ({ turn })));

for (const [way, name, format, join, make, run] of WAYS) {
	const missing = packageMissing(name) ?? (process.env.HEADROOM ? null : 'SKIPPED: HEADROOM does not name the binary');
	if (missing)
		process.stdout.write(`${missing}\n`);
	const isThread = way.includes('toolRunner'); // the provider keeps the history, so that nothing is offered
	test(`${name}: ${way}`, { skip: missing ?? false }, async (t) => {
		const module = await import(name);
		const provider = await startProvider();
		t.after(() => provider.close());
		const body = (items) => formatOf(format).wrap(items, { stream: false });
		say(provider, plain(join));
		const direct = await run(make(module, provider.url), body(searched(format)));
		const proxy = await startProxy({ provider, ccr: true });
		t.after(() => proxy.stop());
		const client = make(module, proxy.url);
		// the conversation begins, and most of the search is left out of what comes next
		say(provider, [{ text: 'Begun.', usage: usage(1) }, { text: 'Seen.', usage: usage(1) }]);
		const ask = { path: formatOf(format).path, headers: [['Content-Type', 'application/json'], ...formatOf(format).headers] };
		for (const items of [begin(format), searched(format)])
			await proxy.ask({ ...ask, body: JSON.stringify(body(items)) });
		const hash = provider.requests.at(-1).text.match(/headroom_retrieve ([0-9a-f]{24})/)?.[1];
		assert.ok(hash, 'nothing was left out');
		const before = provider.requests.length;
		say(provider, isThread ? plain(join) : looking(hash));
		const through = await run(client, body(searched(format)));
		assert.deepEqual(through, direct);
		assert.ok(!JSON.stringify(through).includes(RETRIEVE));
		if (isThread) {
			assert.equal(provider.requests.length, before + 2);
			assert.ok(provider.requests.slice(before).every((r) => r.json.thread && !r.text.includes(RETRIEVE)));
			return;
		}
		assert.equal(provider.requests.length, before + 4);
		// in the end the model knows of all it has asked for
		const { results, calls } = withoutLookups(provider.requests.at(-1).json);
		assert.equal(calls, 3);
		assert.equal(results.length, 3);
		for (const text of results)
			assert.match(JSON.stringify(text), /\[original/);
		assert.ok(JSON.stringify(provider.requests.at(-1).json).includes(CONTENT));
	});
}
