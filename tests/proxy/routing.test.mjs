// Each path reaches the upstream that it belongs to, under the path that this upstream has for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { startProxy } from './kit.mjs';
import { request } from './requests.mjs';

const NAMES = { anthropic: 'ANTHROPIC_TARGET_API_URL', openai: 'OPENAI_TARGET_API_URL', gemini: 'GEMINI_TARGET_API_URL', chatgpt: 'HEADROOM_CHATGPT_API_URL', cloudcode: 'CLOUDCODE_TARGET_API_URL', vertex: 'VERTEX_TARGET_API_URL' };

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const JWT = `${base64url({ alg: 'RS256' })}.${base64url({ 'https://api.openai.com/auth': { chatgpt_account_id: 'acc-7' } })}.c2ln`;

const ANTHROPIC = [['x-api-key', 'k'], ['anthropic-version', '2023-06-01']];
const OPENAI = [['authorization', 'Bearer sk-k']];
const GOOGLE = [['x-goog-api-key', 'k']];
const CHATGPT = [['authorization', `Bearer ${JWT}`], ['chatgpt-account-id', 'acc-7']];

// [method, path, headers, upstream, path there when it is another one]
const ROUTES = [
	['POST', '/v1/messages', ANTHROPIC, 'anthropic'],
	['POST', '/v1/messages?beta=true', ANTHROPIC, 'anthropic'],
	['POST', '/v1/messages', [['authorization', 'Bearer sk-ant-oat01-x']], 'anthropic'],
	['POST', '/v1/messages/count_tokens?beta=true', ANTHROPIC, 'anthropic'],
	['POST', '/v1/messages/batches', ANTHROPIC, 'anthropic'],
	['GET', '/v1/messages/batches/msgbatch_1/results', ANTHROPIC, 'anthropic'],
	['GET', '/v1/models', ANTHROPIC, 'anthropic'],
	['GET', '/v1/models?limit=1000', [['user-agent', 'claude-cli/2.1.197 (external, cli)'], ['authorization', 'Bearer x']], 'anthropic'],
	['GET', '/v1/models', OPENAI, 'openai'],
	['POST', '/v1/chat/completions', OPENAI, 'openai'],
	['POST', '/v1/completions', OPENAI, 'openai'],
	['POST', '/v1/embeddings', OPENAI, 'openai'],
	['POST', '/v1/responses', OPENAI, 'openai'],
	['POST', '/v1/responses/compact', OPENAI, 'openai'],
	['GET', '/v1/responses/resp_1?include[]=x', OPENAI, 'openai'],
	['DELETE', '/v1/responses/resp_1', OPENAI, 'openai'],
	['POST', '/v1/codex/responses', OPENAI, 'openai', '/v1/responses'],
	['POST', '/backend-api/codex/responses', OPENAI, 'openai', '/v1/responses'],
	['POST', '/v1/images/generations', OPENAI, 'openai'],
	['POST', '/v1/audio/speech', OPENAI, 'openai'],
	['POST', '/v1/responses', CHATGPT, 'chatgpt', '/backend-api/codex/responses'],
	['POST', '/v1/responses', [['authorization', `Bearer ${JWT}`]], 'chatgpt', '/backend-api/codex/responses'],
	['POST', '/backend-api/codex/responses', CHATGPT, 'chatgpt'],
	['GET', '/v1/models?client_version=0.169.0', CHATGPT, 'chatgpt', '/backend-api/codex/models?client_version=0.169.0'],
	['GET', '/backend-api/codex/models?client_version=0.169.0', CHATGPT, 'chatgpt'],
	['POST', '/v1/chat/completions', CHATGPT, 'openai'],
	['POST', '/v1beta/models/gemini-2.5-pro:generateContent', GOOGLE, 'gemini'],
	['POST', '/v1/models/gemini-2.5-pro:generateContent', GOOGLE, 'gemini'],
	['POST', '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse', GOOGLE, 'gemini'],
	['POST', '/v1beta/models/gemini-2.5-pro:streamGenerateContent', GOOGLE, 'gemini'],
	['POST', '/v1beta/models/gemini-2.5-pro:generateContent?key=abc&x=1', [], 'gemini'],
	['POST', '/v1beta/models/gemini-2.5-pro:countTokens', GOOGLE, 'gemini'],
	['POST', '/v1beta/models/text-embedding-004:batchEmbedContents', GOOGLE, 'gemini'],
	['GET', '/v1beta/models', GOOGLE, 'gemini'],
	['GET', '/v1beta/batches/b1', GOOGLE, 'gemini'],
	['POST', '/v1beta/openai/chat/completions', [['authorization', 'Bearer k']], 'gemini'],
	['POST', '/v1internal:streamGenerateContent?alt=sse', [['authorization', 'Bearer ya29']], 'cloudcode'],
	['POST', '/v1internal:loadCodeAssist', [['authorization', 'Bearer ya29']], 'cloudcode'],
	['POST', '/v1/v1internal:loadCodeAssist', [['authorization', 'Bearer ya29']], 'cloudcode', '/v1internal:loadCodeAssist'],
	['POST', '/v1beta1/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse', GOOGLE, 'vertex'],
	['POST', '/v1/projects/p/locations/europe-west1/publishers/google/models/gemini-2.5-pro:generateContent', [['authorization', 'Bearer ya29']], 'vertex'],
	['POST', '/v1/projects/p/locations/global/publishers/anthropic/models/claude-x@20250929:streamRawPredict', [['authorization', 'Bearer ya29']], 'vertex'],
	['GET', '/whatever/else?x=1', OPENAI, 'openai'],
	['GET', '/whatever/else?x=1', ANTHROPIC, 'anthropic'],
	['GET', '/whatever/else?x=1', GOOGLE, 'gemini'],
];

async function manyProviders(t) {
	const providers = {};
	const env = {};
	for (const [name, variable] of Object.entries(NAMES)) {
		providers[name] = await startProvider();
		t.after(() => providers[name].close());
		env[variable] = providers[name].url;
	}
	return { providers, env };
}

const seenBy = (providers) => Object.fromEntries(Object.entries(providers).map(([name, p]) => [name, p.requests.map((ex) => `${ex.method} ${ex.url}`)]).filter(([, list]) => list.length));

for (const args of [[], ['--no-optimize']]) {
	test(`every path to its upstream ${args.join(' ')}`, async (t) => {
		const { providers, env } = await manyProviders(t);
		const proxy = await startProxy({ t, env, args });
		for (const [method, path, headers, upstream, other] of ROUTES) {
			Object.values(providers).forEach((p) => p.forget());
			const r = await proxy.ask({ method, path, headers, body: method === 'POST' ? '{"model":"m","messages":[],"request":{"contents":[]},"input":[],"contents":[]}' : undefined });
			assert.equal(r.status, 200, `${method} ${path}: ${r.text}`);
			assert.deepEqual(seenBy(providers), { [upstream]: [`${method} ${other ?? path}`] }, `${method} ${path} ${JSON.stringify(headers)}`);
		}
	});
}

test('a ChatGPT login known by its token gets the account header, and its token goes on', async (t) => {
	const { providers, env } = await manyProviders(t);
	const proxy = await startProxy({ t, env });
	await proxy.ask({ ...request('responses', { stream: true }), headers: [['authorization', `Bearer ${JWT}`]] });
	const got = providers.chatgpt.requests[0];
	assert.equal(got.header('chatgpt-account-id'), 'acc-7');
	assert.equal(got.header('authorization'), `Bearer ${JWT}`);
});

test('no header of a client chooses the upstream', async (t) => {
	const { providers, env } = await manyProviders(t);
	const elsewhere = await startProvider();
	t.after(() => elsewhere.close());
	const proxy = await startProxy({ t, env });
	for (const name of ['x-headroom-base-url', 'x-headroom-upstream', 'x-forwarded-host', 'x-headroom-original-path', 'forwarded'])
		await proxy.ask({ ...request('chat'), headers: [...request('chat').headers, [name, elsewhere.url]] });
	assert.equal(elsewhere.requests.length, 0);
	assert.ok(providers.openai.requests.every((ex) => ex.url === '/v1/chat/completions'));
	// nor does a target in absolute form
	await proxy.ask({ method: 'GET', path: `${elsewhere.url}/v1/models`, headers: OPENAI });
	assert.equal(elsewhere.requests.length, 0);
});

test('a base URL with a path, a slash or /v1 at its end', async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	for (const [tail, path] of [['/', '/v1/messages'], ['/v1', '/v1/messages'], ['/v1/', '/v1/messages'], ['/gateway/x', '/gateway/x/v1/messages'], ['/gateway/v1/', '/gateway/v1/messages']]) {
		const proxy = await startProxy({ args: ['--anthropic-api-url', provider.url + tail] });
		await proxy.ask(request('anthropic'));
		await proxy.stop();
		assert.equal(provider.requests.at(-1).url, path, tail);
	}
});

test('a project in the path is ours, not the provider\'s', async (t) => {
	const { providers, env } = await manyProviders(t);
	const proxy = await startProxy({ t, env });
	for (const path of ['/p/demo/v1/messages', '/p/a%20b/v1/messages?beta=true'])
		await proxy.ask({ ...request('anthropic'), path });
	assert.deepEqual(providers.anthropic.requests.map((ex) => ex.url), ['/v1/messages', '/v1/messages?beta=true']);
});

test('compression reaches every path that carries a conversation', async (t) => {
	const { providers, env } = await manyProviders(t);
	const proxy = await startProxy({ t, env });
	const enveloped = (r) => ({ ...r, body: JSON.stringify({ model: 'gemini-2.5-pro', project: 'p', request: JSON.parse(r.body) }) });
	const some = [
		['anthropic', request('anthropic', { steps: 5 })], ['openai', request('chat', { steps: 5 })], ['openai', request('responses', { steps: 5 })],
		['chatgpt', { ...request('responses', { steps: 5, seed: 2 }), headers: CHATGPT }], ['gemini', request('gemini', { steps: 5 })], ['gemini', request('gemini', { steps: 5, stream: true, seed: 3 })],
		['cloudcode', { ...enveloped(request('gemini', { steps: 5, seed: 4 })), path: '/v1internal:streamGenerateContent?alt=sse' }],
		['vertex', { ...request('gemini', { steps: 5, seed: 5 }), path: '/v1beta1/publishers/google/models/gemini-2.5-pro:generateContent' }],
		['vertex', { ...request('anthropic', { steps: 5, seed: 6 }), path: '/v1/projects/p/locations/l/publishers/anthropic/models/c:rawPredict' }],
	];
	for (const [upstream, sent] of some) {
		const r = await proxy.ask(sent);
		assert.equal(r.status, 200, `${sent.path} ${r.text}`);
		const got = providers[upstream].requests.at(-1);
		assert.ok(got.body.length < sent.body.length * 0.9, `${sent.path}: ${sent.body.length} -> ${got.body.length}`);
	}
	// counting is of what the client has: it decides by the figure where it cuts
	const count = { ...request('anthropic', { steps: 5 }), path: '/v1/messages/count_tokens' };
	await proxy.ask(count);
	assert.equal(providers.anthropic.requests.at(-1).text, count.body);
});
