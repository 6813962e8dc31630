// --backend: requests go to another provider, at its address and with its key, never to anybody else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { startProxy, tempDir } from './kit.mjs';

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
