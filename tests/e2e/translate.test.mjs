// Clients before a backend of another dialect (--backend): real agents complete their session, and the official SDKs see what the model
// said, with tools and streams, an error with its status, a tool loop, thoughts. The provider is the scripted one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { startProxy, tempDir } from '../proxy/kit.mjs';
import { agentOf, packageMissing, whyMissing } from './agents.mjs';
import { runSession } from './session.mjs';
import { FINAL, TURNS } from './workdir.mjs';

const isShort = process.env.HEADROOM_E2E_SHORT === '1';
const NO_BINARY = process.env.HEADROOM ? null : 'SKIPPED: HEADROOM does not name the binary';

// name -> [--backend, environment, path of a model's request]
const BACKENDS = {
	chat: ['litellm-cohere', (url) => ({ COHERE_API_KEY: 'of-cohere', COHERE_API_BASE: `${url}/v1` }), /^\/v1\/chat\/completions$/],
	gemini: ['litellm-gemini', (url) => ({ GEMINI_API_KEY: 'of-google', GEMINI_API_BASE: `${url}/v1beta` }), /^\/v1beta\/models\/.*:(stream)?[gG]enerateContent$/],
	anthropic: ['litellm-anthropic', (url) => ({ ANTHROPIC_API_KEY: 'of-anthropic', ANTHROPIC_API_BASE: url }), /^\/v1\/messages$/],
};

const behind = (backend, provider, more = {}) => startProxy({ args: ['--backend', BACKENDS[backend][0], ...(more.args ?? [])], env: BACKENDS[backend][1](provider.url), t: more.t, ccr: more.ccr ?? false });

// ---- agents ----

const SESSIONS = [['claude', 'chat'], ['claude', 'gemini'], ['codex', 'chat'], ['codex', 'anthropic'], ['gemini', 'chat'], ['gemini', 'anthropic']];

for (const [name, backend] of isShort ? SESSIONS.slice(0, 1) : SESSIONS) {
	const missing = NO_BINARY ?? whyMissing(name);
	if (missing)
		process.stdout.write(`${missing}\n`);
	for (const ccr of isShort ? [true] : [false, true])
		test(`${name} on a backend of ${backend}: a session of ${TURNS} turns, --ccr ${ccr ? 'on' : 'off'}`, { skip: missing ?? false }, async (t) => {
			let proxy;
			const run = await runSession(name, tempDir(t), async (provider) => {
				proxy = await behind(backend, provider, { ccr });
				return proxy.url;
			});
			await proxy.stop();
			assert.equal(run.code, 0, `${run.stderr}\n${proxy.stderr}`);
			assert.ok(run.answer.endsWith(FINAL), run.answer);
			assert.equal(run.files['notes.txt'], 'case 61: expected 3, got 4\nledger was locked\n');
			assert.match(run.files['counts.txt'], /463 total/);
			const asked = run.requests.filter((ex) => ex.method === 'POST');
			assert.ok(asked.length >= TURNS, `${asked.length} requests`);
			for (const ex of asked) {
				assert.match(ex.path, BACKENDS[backend][2]);
				assert.doesNotMatch(JSON.stringify(ex.headers), /scripted/, 'a key of the client has gone to the backend');
			}
		});
}

// ---- SDKs ----

const TURN = { thinking: 'Let me see.', signature: 'c2ln', text: 'Grüße, 日本 🎉', calls: [{ name: 'lookup', args: { city: 'Köln "am Rhein"\n', n: 3 }, id: 'call_1' }, { name: 'lookup', args: {}, id: 'call_2' }] };
const SCHEMA = { type: 'object', properties: { city: { type: 'string' }, n: { type: 'number' } } };
const WANTED = { text: TURN.text, calls: TURN.calls.map(({ name, args }) => ({ name, args })), stop: 'calls' };

// Each: make(module, url), and of an answer, whole or streamed, {text, calls, stop, usage: [input, output]}; error(e) its status.
// loop(client) has one call answered, and gives the last words.
const SDKS = {
	'@anthropic-ai/sdk': {
		backends: ['chat', 'gemini'],
		make: (m, url) => new m.default({ apiKey: 'scripted', baseURL: url, maxRetries: 0 }),
		body: { model: 'm', max_tokens: 64, messages: [{ role: 'user', content: 'Hello' }], tools: [{ name: 'lookup', input_schema: SCHEMA }] },
		one: (c, body) => c.messages.create(body),
		streamed: (c, body) => c.messages.stream(body).finalMessage(),
		seen: (a) => ({
			text: a.content.filter((b) => b.type === 'text').map((b) => b.text).join(''),
			calls: a.content.filter((b) => b.type === 'tool_use').map((b) => ({ name: b.name, args: b.input })),
			stop: a.stop_reason === 'tool_use' ? 'calls' : a.stop_reason, usage: [a.usage.input_tokens + (a.usage.cache_read_input_tokens ?? 0), a.usage.output_tokens],
		}),
		async loop(c, body) {
			const first = await c.messages.stream(body).finalMessage();
			const results = first.content.filter((b) => b.type === 'tool_use').map((b) => ({ type: 'tool_result', tool_use_id: b.id, content: 'sunny' }));
			return c.messages.create({ ...body, messages: [...body.messages, { role: 'assistant', content: first.content }, { role: 'user', content: [...results, { type: 'text', text: 'and now?' }] }] });
		},
	},
	openai: {
		backends: ['gemini', 'anthropic'],
		make: (m, url) => new m.default({ apiKey: 'scripted', baseURL: `${url}/v1`, maxRetries: 0 }),
		body: { model: 'm', messages: [{ role: 'user', content: 'Hello' }], tools: [{ type: 'function', function: { name: 'lookup', parameters: SCHEMA } }] },
		one: (c, body) => c.chat.completions.create(body),
		streamed: (c, body) => c.chat.completions.stream({ ...body, stream_options: { include_usage: true } }).finalChatCompletion(),
		seen: (a) => ({
			text: a.choices[0].message.content,
			calls: a.choices[0].message.tool_calls?.map((k) => ({ name: k.function.name, args: JSON.parse(k.function.arguments) })) ?? [],
			stop: a.choices[0].finish_reason === 'tool_calls' ? 'calls' : a.choices[0].finish_reason, usage: [a.usage.prompt_tokens, a.usage.completion_tokens],
		}),
		async loop(c, body) {
			const { message } = (await c.chat.completions.create(body)).choices[0];
			const results = message.tool_calls.map((k) => ({ role: 'tool', tool_call_id: k.id, content: 'sunny' }));
			return c.chat.completions.create({ ...body, messages: [...body.messages, message, ...results, { role: 'user', content: 'and now?' }] });
		},
	},
	'openai responses': {
		package: 'openai', backends: ['chat', 'gemini', 'anthropic'],
		make: (m, url) => new m.default({ apiKey: 'scripted', baseURL: `${url}/v1`, maxRetries: 0 }),
		body: { model: 'm', input: [{ role: 'user', content: 'Hello' }], store: false, include: ['reasoning.encrypted_content'], tools: [{ type: 'function', name: 'lookup', parameters: SCHEMA, strict: false }] },
		one: (c, body) => c.responses.create(body),
		streamed: (c, body) => c.responses.stream(body).finalResponse(),
		seen: (a) => ({
			text: a.output_text, calls: a.output.filter((i) => i.type === 'function_call').map((i) => ({ name: i.name, args: JSON.parse(i.arguments) })),
			stop: a.status === 'completed' && a.output.some((i) => i.type === 'function_call') ? 'calls' : a.status, usage: [a.usage.input_tokens, a.usage.output_tokens],
		}),
		async loop(c, body) {
			const first = await c.responses.stream(body).finalResponse();
			const results = first.output.filter((i) => i.type === 'function_call').map((i) => ({ type: 'function_call_output', call_id: i.call_id, output: 'sunny' }));
			return c.responses.create({ ...body, input: [...body.input, ...first.output, ...results, { role: 'user', content: 'and now?' }] });
		},
	},
	'@google/genai': {
		backends: ['chat', 'anthropic'],
		make: (m, url) => new m.GoogleGenAI({ apiKey: 'scripted', httpOptions: { baseUrl: url, retryOptions: { attempts: 1 } } }),
		body: { model: 'm', contents: [{ role: 'user', parts: [{ text: 'Hello' }] }], config: { tools: [{ functionDeclarations: [{ name: 'lookup', description: 'd', parametersJsonSchema: SCHEMA }] }] } },
		one: (c, body) => c.models.generateContent(body),
		async streamed(c, body) {
			const parts = [];
			let last;
			for await (const chunk of await c.models.generateContentStream(body)) {
				parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
				last = chunk;
			}
			return { ...last, candidates: [{ ...last.candidates[0], content: { role: 'model', parts } }] };
		},
		seen: (a) => {
			const { parts } = a.candidates[0].content;
			const calls = parts.filter((p) => p.functionCall).map((p) => ({ name: p.functionCall.name, args: p.functionCall.args }));
			return {
				text: parts.filter((p) => p.text && !p.thought).map((p) => p.text).join(''), calls,
				stop: a.candidates[0].finishReason === 'STOP' && calls.length ? 'calls' : a.candidates[0].finishReason,
				usage: [a.usageMetadata.promptTokenCount, a.usageMetadata.candidatesTokenCount + (a.usageMetadata.thoughtsTokenCount ?? 0)],
			};
		},
		async loop(c, body) {
			const first = await SDKS['@google/genai'].streamed(c, body);
			const { parts } = first.candidates[0].content;
			const results = parts.filter((p) => p.functionCall).map((p) => ({ functionResponse: { name: p.functionCall.name, id: p.functionCall.id, response: { output: 'sunny' } } }));
			return c.models.generateContent({ ...body, contents: [...body.contents, { role: 'model', parts }, { role: 'user', parts: [...results, { text: 'and now?' }] }] });
		},
	},
};

for (const [name, sdk] of Object.entries(SDKS)) {
	const missing = NO_BINARY ?? packageMissing(sdk.package ?? name);
	if (missing)
		process.stdout.write(`${missing}\n`);
	for (const backend of sdk.backends)
		test(`${name} on a backend of ${backend}`, { skip: missing ?? false }, async (t) => {
			const provider = await startProvider();
			t.after(() => provider.close());
			const proxy = await behind(backend, provider, { t });
			const client = sdk.make(await import(sdk.package ?? name), proxy.url);
			for (let i = 0; i < 4; i++)
				provider.answer('*', { turn: TURN });
			for (const way of ['one', 'streamed']) {
				const { usage, ...seen } = sdk.seen(await sdk[way](client, sdk.body));
				assert.deepEqual(seen, WANTED, way);
				assert.ok(usage[0] > 0 && usage[1] > 0, `${way}: usage ${usage}`);
			}
			assert.equal(sdk.seen(await sdk.loop(client, sdk.body)).text, TURN.text);
			const { json, path, headers } = provider.requests.at(-1);
			assert.match(path, BACKENDS[backend][2]);
			assert.doesNotMatch(JSON.stringify(headers), /scripted/);
			assert.equal((JSON.stringify(json).match(/sunny/g) ?? []).length, 2, 'the results have arrived');
			assert.match(JSON.stringify(json), /Köln/);
			for (const status of [400, 401, 404, 429, 500]) {
				provider.answer('*', { status, message: 'no such thing', headers: { 'x-should-retry': 'false' } });
				const e = await sdk.one(client, sdk.body).then(() => assert.fail('no error'), (error) => error);
				assert.equal(e.status, status, e.message);
				assert.match(e.message, /no such thing/);
			}
		});
}
