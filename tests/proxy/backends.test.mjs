// --backend: requests go to another provider, at its address and with its key, never to anybody else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { generateKeyPairSync, createVerify, createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chunk, exception, signatureOf, unframe } from './aws_kit.mjs';
import { startProxy, tempDir, until } from './kit.mjs';

// A server that answers by a function of what it was asked; everything it was asked is kept.
async function startServer(t, answer = () => ({})) {
	const asked = [];
	const server = http.createServer(async (req, res) => {
		const parts = [];
		for await (const part of req)
			parts.push(part);
		const got = { method: req.method, url: req.url, headers: req.headers, raw: req.rawHeaders, body: Buffer.concat(parts) };
		asked.push(got);
		const a = await answer(got);
		res.writeHead(a.status ?? 200, { 'content-type': 'application/json', ...a.headers });
		for (const piece of [a.body ?? '{}'].flat())
			res.write(piece);
		res.end();
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.closeAllConnections() ?? server.close());
	return { url: `http://127.0.0.1:${server.address().port}`, asked };
}

const MESSAGES = { path: '/v1/messages?beta=true', headers: [['x-api-key', 'of-the-client'], ['anthropic-version', '2023-06-01'], ['content-type', 'application/json']], body: '{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}' };
const CHAT = { path: '/v1/chat/completions', headers: [['authorization', 'Bearer of-the-client'], ['content-type', 'application/json']], body: '{"model":"m","messages":[{"role":"user","content":"hi"}]}' };

test('a provider of the same dialect gets requests at its address, with its own key', async (t) => {
	const server = await startServer(t, () => ({ body: '{"id":"x","object":"chat.completion","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}' }));
	const other = await startServer(t);
	const proxy = await startProxy({
		t, args: ['--backend', 'litellm-openrouter'],
		env: { OPENROUTER_API_KEY: 'of-openrouter', OPENROUTER_API_BASE: `${server.url}`, ANTHROPIC_TARGET_API_URL: other.url, OPENAI_TARGET_API_URL: other.url },
	});
	assert.equal((await proxy.ask(CHAT)).status, 200);
	assert.equal((await proxy.ask(MESSAGES)).status, 200);
	assert.equal((await proxy.ask({ method: 'GET', path: '/v1/models', headers: [['authorization', 'Bearer of-the-client']] })).status, 200);
	assert.deepEqual(server.asked.map((a) => a.url), ['/api/v1/chat/completions', '/api/v1/messages?beta=true', '/api/v1/models']);
	for (const a of server.asked) {
		assert.equal(a.headers.authorization, 'Bearer of-openrouter');
		assert.doesNotMatch(JSON.stringify(a.raw), /of-the-client/);
	}
	assert.equal(server.asked[1].body.toString(), MESSAGES.body);
	// What it does not have is refused; nobody else is asked.
	const refused = await proxy.ask({ path: '/v1beta/models/m:embedContent', headers: [['x-goog-api-key', 'k']], body: '{}' });
	assert.equal(refused.status, 501);
	assert.match(refused.json.error.message, /no such endpoint/);
	assert.equal(other.asked.length, 0);
	const health = (await proxy.ask({ method: 'GET', path: '/health' })).json;
	assert.equal(health.config.backend, 'openrouter');
	assert.equal(health.config.backend_url, `${server.url}/api/v1`);
	assert.ok(!`${proxy.stderr}${JSON.stringify(health)}`.includes('of-openrouter'));
	assert.match(proxy.stderr, /backend +openrouter at http:/);
});

test('--anyllm-provider names the provider of --backend anyllm, --openai-api-url its place', async (t) => {
	const server = await startServer(t);
	const proxy = await startProxy({
		t, args: ['--backend', 'anyllm', '--anyllm-provider', 'mistral', '--openai-api-url', server.url], env: { MISTRAL_API_KEY: 'k' },
	});
	assert.equal((await proxy.ask(CHAT)).status, 200);
	assert.equal(server.asked[0].url, '/v1/chat/completions');
	assert.equal(server.asked[0].headers.authorization, 'Bearer k');
});

test('a backend that cannot start stops the program with what is missing', (t) => {
	const home = tempDir(t);
	const start = (args, env = {}) => {
		const r = spawnSync(process.env.HEADROOM, ['proxy', '--port', '0', ...args], { encoding: 'utf8', cwd: home, env: { PATH: process.env.PATH, HOME: home, ...env } });
		return `${r.status} ${r.stderr}`;
	};
	assert.match(start(['--backend', 'opnerouter']), /^2 .*providers: .*\bgroq\b.*\bxai\b.*did you mean 'openrouter'/s);
	assert.match(start(['--backend', 'anyllm', '--anyllm-provider', 'grok2']), /^2 .*--anyllm-provider: no provider is called 'grok2'/s);
	assert.match(start([], { HEADROOM_BACKEND: 'nobody' }), /^78 .*HEADROOM_BACKEND: no provider/s);
	assert.match(start(['--backend', 'openrouter']), /^78 .*openrouter needs a key: set OPENROUTER_API_KEY/s);
	assert.match(start(['--backend', 'azure'], { AZURE_API_KEY: 'k' }), /^78 .*azure needs a base URL: set AZURE_API_BASE/s);
	assert.match(start(['--backend', 'vertex']), /^78 .*vertex_ai needs a region/s);
	assert.match(start(['--backend', 'groq'], { GROQ_API_KEY: 'a b' }), /^78 .*GROQ_API_KEY: a key cannot hold blanks/s);
	assert.match(start(['--backend', 'groq'], { GROQ_API_KEY: 'k', GROQ_API_BASE: 'x y' }), /^78 .*the base URL of groq/s);
});

// ---- Bedrock ---------------------------------------------------------------------------------------------------

const EVENTS = [
	{ type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', content: [], usage: { input_tokens: 11, output_tokens: 1 } } },
	{ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
	{ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüße' } },
	{ type: 'content_block_stop', index: 0 },
	{ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } },
	{ type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 11 } },
];
const SSE = EVENTS.map((e) => `event: ${e.type}\ndata: ${JSON.stringify(e)}\n\n`).join('');
const ANSWER = { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'hi' }], stop_reason: 'end_turn', usage: { input_tokens: 3, output_tokens: 4 } };

// Bedrock, which refuses what is not signed with one of these secrets ({access: secret}) and tells which it saw.
async function startBedrock(t, secrets) {
	const seen = [];
	const pieces = (bytes) => Array.from({ length: Math.ceil(bytes.length / 37) }, (_, i) => bytes.subarray(i * 37, i * 37 + 37));
	const server = await startServer(t, (got) => {
		const auth = signatureOf(got, secrets[/Credential=([^/]+)/.exec(got.headers.authorization)?.[1]] ?? '');
		seen.push({ ...auth, bearer: got.headers.authorization, ...got });
		if (!auth?.isRight && got.headers.authorization !== 'Bearer of-bedrock')
			return { status: 403, headers: { 'x-amzn-errortype': 'InvalidSignatureException' }, body: '{"message":"The request signature we calculated does not match"}' };
		if (got.body.includes('too long'))
			return { status: 400, headers: { 'x-amzn-errortype': 'ValidationException' }, body: '{"message":"prompt is too long"}' };
		if (!got.url.endsWith('-with-response-stream'))
			return { body: JSON.stringify(ANSWER) };
		const events = got.body.includes('throttle') ? [chunk(EVENTS[0]), exception('throttlingException', 'Too many requests')] : EVENTS.map(chunk);
		if (got.body.includes('damage'))
			events[1][20] ^= 1;
		return { headers: { 'content-type': 'application/vnd.amazon.eventstream' }, body: pieces(Buffer.concat(events)) };
	});
	return { ...server, seen };
}

const claude = (text, more = {}) => ({
	...MESSAGES, headers: [...MESSAGES.headers, ['anthropic-beta', 'interleaved-thinking-2025-05-14,oauth-2025-04-20'], ['accept-encoding', 'gzip, br']],
	body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 1.0, stream: false, messages: [{ role: 'user', content: text }], ...more }),
});

test('--backend bedrock: signed requests, event streams as server-sent events, errors in the words of Anthropic', async (t) => {
	const bedrock = await startBedrock(t, { AKIA1: 'of/the+environment' });
	const proxy = await startProxy({
		t, args: ['--backend', 'bedrock', '--region', 'eu-west-1', '--bedrock-api-url', bedrock.url, '--log-messages', '--log-file', 'x.jsonl'],
		env: { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'of/the+environment', AWS_SESSION_TOKEN: 'a-session' },
	});
	const whole = await proxy.ask(claude('hi'));
	assert.deepEqual(whole.json, ANSWER);
	const [first] = bedrock.seen;
	assert.equal(first.url, '/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke');
	assert.deepEqual([first.isRight, first.region, first.service, first.token], [true, 'eu-west-1', 'bedrock', 'a-session']);
	assert.deepEqual(first.signed, ['content-type', 'host', 'x-amz-date', 'x-amz-security-token']);
	assert.equal(first.body.toString(), '{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["interleaved-thinking-2025-05-14"],"max_tokens":1,"messages":[{"role":"user","content":"hi"}]}');
	assert.doesNotMatch(JSON.stringify(first.raw), /of-the-client|anthropic-/i);

	const stream = await proxy.ask(claude('hi', { stream: true }));
	assert.equal(stream.header('content-type'), 'text/event-stream');
	assert.equal(stream.text, SSE);
	assert.equal(bedrock.seen[1].headers.accept, 'application/vnd.amazon.eventstream');
	assert.match(bedrock.seen[1].url, /invoke-with-response-stream$/);

	const refused = await proxy.ask(claude('too long'));
	assert.equal(refused.status, 400);
	assert.deepEqual(refused.json, { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long' } });
	const throttled = await proxy.ask(claude('throttle', { stream: true }));
	assert.match(throttled.text, /event: error\ndata: \{"type":"error","error":\{"type":"rate_limit_error","message":"Too many requests"\}\}\n\n$/);
	const damaged = await proxy.ask(claude('damage', { stream: true })).catch((e) => e);
	assert.match(damaged.text ?? '', /event: message_start.*event: error.*damaged/s);
	// The figures are the provider's own, and no secret is anywhere.
	const stats = (await proxy.ask({ method: 'GET', path: '/stats' })).text;
	assert.match(stats, /"bedrock"/);
	await proxy.stop();
	for (const text of [proxy.stderr, stats])
		assert.doesNotMatch(text, /of\/the|a-session/);
	const { readFileSync } = await import('node:fs');
	const log = readFileSync(join(proxy.home, 'x.jsonl'), 'utf8');
	assert.doesNotMatch(log, /of\/the|a-session/);
	assert.match(log, /"output_tokens":7/);
});
