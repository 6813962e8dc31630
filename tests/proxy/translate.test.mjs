// A backend of another dialect: errors and streams that break, content codings, what is refused, what is counted. That the dialects say
// the same is for tests/unit/test_translate*.c, real clients for tests/e2e/translate.test.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { once } from 'node:events';
import http from 'node:http';
import { startProvider } from '../provider/provider.mjs';
import { chunk, exception } from './aws_kit.mjs';
import { startProxy } from './kit.mjs';

const TURN = { text: 'Grüße', calls: [{ name: 'f', args: { a: 1 }, id: 'k' }] };
const MESSAGES = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };

async function setting(t, more = {}) {
	const provider = await startProvider();
	t.after(() => provider.close());
	const proxy = await startProxy({ t, args: ['--backend', 'litellm-cohere', '--retry-max-attempts', '1'], env: { COHERE_API_KEY: 'k', COHERE_API_BASE: `${provider.url}/v1` }, ...more });
	const ask = (path, body) => fetch(proxy.url + path, { method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': 'of-the-client' }, body: JSON.stringify(body) });
	return { provider, proxy, ask };
}

test('answers, errors and refusals are in the words of the client', async (t) => {
	const { provider, proxy, ask } = await setting(t);
	provider.answer('*', { turn: TURN, encoding: 'gzip' });
	let r = await ask('/v1/messages', { ...MESSAGES, top_k: 3, metadata: { user_id: 'u' } });
	assert.equal(r.headers.get('x-headroom-reason'), 'no_tool_results; translated=anthropic/openai-chat; not-carried=metadata,top_k');
	assert.equal(r.headers.get('content-encoding'), null);
	let json = await r.json();
	assert.deepEqual(json.content, [{ type: 'text', text: 'Grüße' }, { type: 'tool_use', id: 'k', name: 'f', input: { a: 1 } }]);
	assert.equal(provider.requests.at(-1).url, '/v1/chat/completions');
	assert.deepEqual(provider.requests.at(-1).json, { model: 'm', messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 });
	assert.doesNotMatch(JSON.stringify(provider.requests.at(-1).headers), /of-the-client/);

	// a stream in a content coding, and what the ledger says of it
	provider.answer('*', { turn: TURN, encoding: 'br', split: 7 });
	r = await ask('/v1/messages', { ...MESSAGES, stream: true });
	assert.match(r.headers.get('content-type'), /^text\/event-stream/);
	const events = (await r.text()).split('\n\n').filter(Boolean).map((e) => JSON.parse(e.split('data: ')[1]));
	assert.equal(events[0].type, 'message_start');
	assert.equal(events.at(-1).type, 'message_stop');
	const { usage } = events.at(-2);
	assert.ok(usage.input_tokens > 0 && usage.output_tokens > 0, JSON.stringify(usage));
	const feed = await (await fetch(`${proxy.url}/stats`)).json();
	assert.equal(feed.tokens.output, json.usage.output_tokens + usage.output_tokens);

	// thoughts go back to models that want their own, however their provider writes the name
	const thought = (model) => ({ ...MESSAGES, model, messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: [{ type: 'thinking', thinking: 'hm', signature: 's' }, { type: 'text', text: 'yes' }] }, { role: 'user', content: 'so?' }] });
	for (const [model, said] of [['kimi-k2', 'hm'], ['moonshotai/Kimi-K2-Thinking', 'hm'], ['DeepSeek-V3', 'hm'], ['other', undefined]]) {
		r = await ask('/v1/messages', thought(model));
		assert.equal(r.status, 200);
		assert.equal(provider.requests.at(-1).json.messages[1].reasoning_content, said, model);
	}

	// statuses and messages of the backend
	for (const [status, type] of [[401, 'authentication_error'], [429, 'rate_limit_error'], [500, 'api_error']]) {
		provider.answer('*', { status, message: 'no such thing' });
		r = await ask('/v1/messages', MESSAGES);
		assert.equal(r.status, status);
		assert.deepEqual(await r.json(), { type: 'error', error: { type, message: 'no such thing' } });
	}
	// what is no answer of that dialect
	provider.answer('*', { body: '<html>', type: 'text/html' });
	r = await ask('/v1/messages', MESSAGES);
	assert.equal(r.status, 502);
	assert.equal((await r.json()).error.type, 'api_error');

	const asked = provider.requests.length;
	r = await ask('/v1/messages', { ...MESSAGES, messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }] }] });
	assert.equal(r.status, 400);
	json = await r.json();
	assert.equal(json.error.type, 'invalid_request_error');
	assert.match(json.error.message, /messages\[0\].*Files API/);
	r = await ask('/v1/responses', { model: 'm', input: 'x', previous_response_id: 'r' });
	assert.equal(r.status, 400);
	assert.match((await r.json()).error.message, /previous_response_id/);
	// counted here: there is nobody to ask
	r = await ask('/v1/messages/count_tokens', { ...MESSAGES, system: 'one two three four five' });
	assert.equal(r.status, 200);
	json = await r.json();
	assert.ok(json.input_tokens >= 6 && json.input_tokens < 30, JSON.stringify(json));
	r = await ask('/v1beta/models/m:countTokens', { contents: [{ parts: [{ text: 'one two three' }] }] });
	assert.ok((await r.json()).totalTokens >= 3);
	assert.equal(provider.requests.length, asked);

	// lists of models are the backend's
	const list = async (path, headers) => (await fetch(proxy.url + path, { headers })).json();
	provider.answer('*', { json: { object: 'list', data: [{ id: 'a', object: 'model', created: 5 }, { id: 'b' }] } });
	json = await list('/v1/models?limit=9', { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' });
	assert.deepEqual(json.data.map((m) => [m.type, m.id, m.display_name]), [['model', 'a', 'a'], ['model', 'b', 'b']]);
	assert.deepEqual([json.has_more, json.first_id, json.last_id], [false, 'a', 'b']);
	assert.equal(provider.requests.at(-1).url, '/v1/models');
	provider.answer('*', { json: { id: 'a', object: 'model', created: 5 } });
	json = await list('/v1beta/models/a', { 'x-goog-api-key': 'k' });
	assert.equal(json.name, 'models/a');
	assert.equal(provider.requests.at(-1).url, '/v1/models/a');
	assert.doesNotMatch(JSON.stringify(provider.requests.at(-1).headers), /x-goog/);
});

test('a stream that breaks is broken for the client, one that fails says so', async (t) => {
	const { provider, ask } = await setting(t);
	for (const fault of [{ reset: 3 }, { end: 3 }]) {
		provider.answer('*', { turn: TURN, fault });
		const r = await ask('/v1/messages', { ...MESSAGES, stream: true });
		await assert.rejects(r.text());
	}
	provider.answer('*', { events: [{ data: '{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"x"}}]}' }, { data: '{"error":{"message":"busy","type":"server_error","code":503}}' }] });
	const text = await (await ask('/v1/messages', { ...MESSAGES, stream: true })).text();
	assert.match(text, /event: error\ndata: {"type":"error","error":{"type":"api_error","message":"busy"}}/);
	// an array that grows, for a client of Gemini's that did not ask for events
	provider.answer('*', { turn: TURN });
	const r = await ask('/v1beta/models/m:streamGenerateContent', { contents: [{ parts: [{ text: 'hi' }] }] });
	assert.match(r.headers.get('content-type'), /^application\/json/);
	const parts = (await r.json()).flatMap((a) => a.candidates[0].content.parts);
	assert.deepEqual(parts.map((p) => p.text ?? p.functionCall), ['Grüße', { id: 'k', name: 'f', args: { a: 1 } }, '']);
});

test('clients of OpenAI have Claude behind Bedrock', async (t) => {
	const events = [
		{ type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [], usage: { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 1 } } },
		{ type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} } },
		{ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"a":1}' } },
		{ type: 'content_block_stop', index: 0 },
	];
	const ends = [{ type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 5 } }, { type: 'message_stop' }];
	const asked = [];
	const server = http.createServer(async (req, res) => {
		const parts = [];
		for await (const part of req)
			parts.push(part);
		asked.push({ url: req.url, json: JSON.parse(Buffer.concat(parts)) });
		res.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
		res.end(Buffer.concat([...events.map(chunk), ...(asked.length === 1 ? ends.map(chunk) : [exception('throttlingException', 'Too many tokens')])]));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	const proxy = await startProxy({ t, args: ['--backend', 'bedrock', '--region', 'us-east-1', '--bedrock-api-url', `http://127.0.0.1:${server.address().port}`], env: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' } });
	const body = { model: 'claude-sonnet-4-5', stream: true, stream_options: { include_usage: true }, messages: [{ role: 'user', content: 'hi' }] };
	const ask = async () => (await fetch(`${proxy.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer of-the-client' }, body: JSON.stringify(body) })).text();
	const chunks = (await ask()).split('\n\n').filter(Boolean).map((e) => e.slice('data: '.length));
	assert.equal(chunks.pop(), '[DONE]');
	const said = chunks.map((c) => JSON.parse(c));
	assert.deepEqual(said[1].choices[0].delta.tool_calls, [{ index: 0, id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '' } }]);
	assert.equal(said.at(-2).choices[0].finish_reason, 'tool_calls');
	assert.deepEqual([said.at(-1).usage.prompt_tokens, said.at(-1).usage.prompt_tokens_details.cached_tokens, said.at(-1).usage.completion_tokens], [7, 4, 5]);
	assert.match(asked[0].url, /^\/model\/us\.anthropic\.claude-sonnet-4-5-20250929-v1%3A0\/invoke-with-response-stream$/);
	assert.equal(asked[0].json.anthropic_version, 'bedrock-2023-05-31');
	assert.equal(asked[0].json.model, undefined);
	assert.deepEqual(asked[0].json.messages, [{ role: 'user', content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }] }]);
	assert.match(await ask(), /data: {"error":{"message":".*Too many tokens/);
});
