// Who may come in, and how much: token, Host, Origin, concurrency, requests and tokens per minute, budget.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptKey } from '../provider/websocket.mjs';
import { pair, requestBytes, startProxy, tempDir, within } from './kit.mjs';
import { FORMAT_NAMES, request } from './requests.mjs';

const TOKEN = 'ht-0123456789-secret';

const UPGRADE = [['Connection', 'Upgrade'], ['Upgrade', 'websocket'], ['Sec-WebSocket-Version', '13'], ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==']];

const GUARDED = [
	...FORMAT_NAMES.map((name) => request(name)), { method: 'GET', path: '/v1/models' }, { method: 'POST', path: '/v1/messages/count_tokens', body: '{}' },
	{ method: 'GET', path: '/anything/else' }, { method: 'OPTIONS', path: '/v1/messages' }, { method: 'HEAD', path: '/' },
	{ method: 'GET', path: '/stats' }, { method: 'GET', path: '/metrics' }, { method: 'POST', path: '/v1/compress', body: '{}' },
	{ method: 'POST', path: '/v1/retrieve', body: '{}' }, { method: 'GET', path: '/v1/dashboard/state' },
	{ method: 'GET', path: '/v1/dashboard/events' }, { method: 'GET', path: '/v1/dashboard/requests/x' },
	{ method: 'GET', path: '/v1/responses', headers: UPGRADE },
];

const withHeaders = (r, ...more) => ({ ...r, headers: [...(r.headers ?? []), ...more] });

test('a token is asked for on every route and upgrade', async (t) => {
	const { provider, proxy } = await pair(t, { env: { HEADROOM_PROXY_TOKEN: TOKEN } });
	for (const r of GUARDED) {
		for (const wrong of [[], [['x-headroom-proxy-token', 'wrong']], [['x-headroom-proxy-token', TOKEN.slice(0, -1)]], [['x-headroom-proxy-token', `${TOKEN}x`]], [['Authorization', 'Bearer nonsense']], [['x-headroom-proxy-token', '']]]) {
			const base = wrong.some(([k]) => k === 'Authorization') ? { ...r, headers: (r.headers ?? []).filter(([k]) => k.toLowerCase() !== 'authorization') } : r;
			const a = await proxy.ask(withHeaders(base, ...wrong));
			assert.equal(a.status, 401, `${r.method} ${r.path} ${JSON.stringify(wrong)}`);
		}
	}
	assert.equal(provider.requests.length, 0);
	for (const path of ['/livez', '/readyz', '/health', '/dashboard'])
		assert.equal((await proxy.ask({ method: 'GET', path })).status, 200, path);
	assert.equal((await proxy.ask(withHeaders(request('anthropic'), ['X-Headroom-Proxy-Token', TOKEN]))).status, 200);
	const noKey = request('anthropic');
	assert.equal((await proxy.ask({ ...noKey, headers: [...noKey.headers, ['Authorization', `bearer ${TOKEN}`]] })).status, 200);
	for (const ex of provider.requests)
		assert.ok(!JSON.stringify([ex.headers, ex.url, ex.text]).includes(TOKEN), 'the token went upstream');
	assert.equal(provider.requests.at(-1).header('authorization'), undefined);
	assert.equal(provider.requests.at(-1).header('x-api-key'), 'sk-ant-api03-test');
	// the provider's own bearer goes on beside the token in its header
	await proxy.ask(withHeaders(request('chat'), ['x-headroom-proxy-token', TOKEN]));
	assert.equal(provider.requests.at(-1).header('authorization'), 'Bearer sk-test');
	assert.ok(!proxy.stderr.includes(TOKEN) && !proxy.stdout.includes(TOKEN), 'the token was printed');
});

test('the token is checked before a byte of the body is read', async (t) => {
	const { provider, proxy } = await pair(t, { env: { HEADROOM_PROXY_TOKEN: TOKEN } });
	const raw = await proxy.connect();
	await raw.send(requestBytes({ path: '/v1/messages', headers: [['Content-Length', '1000000']] }));
	const r = await raw.response('POST');
	assert.equal(r.status, 401);
	assert.equal(r.json.type, 'error');
	assert.equal(r.json.error.type, 'authentication_error');
	raw.close();
	const expects = await proxy.connect();
	await expects.send(requestBytes({ path: '/v1/messages', headers: [['Content-Length', '1000000'], ['Expect', '100-continue']] }));
	const head = await expects.head();
	assert.equal(head.status, 401, 'no invitation to send the body');
	expects.close();
	assert.equal(provider.requests.length, 0);
});

test('Host must name this machine, Origin must be ours', async (t) => {
	const { provider, proxy } = await pair(t);
	const withHost = (host) => ({ ...request('anthropic'), headers: [['Host', host], ...request('anthropic').headers] });
	for (const host of ['localhost', '127.0.0.1', `localhost:${proxy.port}`, '[::1]:99', 'LocalHost'])
		assert.equal((await proxy.ask(withHost(host))).status, 200, host);
	const n = provider.requests.length;
	for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', '169.254.169.254', 'localhost@evil.example'])
		assert.ok([400, 403].includes((await proxy.ask(withHost(host))).status), host);
	for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1.evil.example'])
		assert.equal((await proxy.ask(withHeaders(request('anthropic'), ['Origin', origin]))).status, 403, origin);
	assert.equal(provider.requests.length, n);
	assert.equal((await proxy.ask(withHeaders(request('anthropic'), ['Origin', `http://localhost:${proxy.port}`]))).status, 200);
	const r = await proxy.ask(request('anthropic'));
	assert.equal(r.header('access-control-allow-origin'), undefined);
});

test('--allowed-hosts and --cors-origins open what they name', async (t) => {
	const { proxy } = await pair(t, { args: ['--allowed-hosts', 'box.lan', '--cors-origins', 'https://page.example'] });
	const ask = (...more) => proxy.ask({ ...request('anthropic'), headers: [...more, ...request('anthropic').headers] });
	assert.equal((await ask(['Host', 'box.lan'])).status, 200);
	assert.equal((await ask(['Host', 'other.lan'])).status, 403);
	assert.equal((await ask(['Host', 'localhost'], ['Origin', 'https://page.example'])).status, 200);
	assert.equal((await ask(['Host', 'localhost'], ['Origin', 'https://other.example'])).status, 403);
});

test('what is for this machine only is hidden from other names', async (t) => {
	const { proxy } = await pair(t, { args: ['--allowed-hosts', 'box.lan'] });
	for (const [method, path] of [['GET', '/admin/upstream'], ['GET', '/debug/memory'], ['POST', '/cache/clear'], ['POST', '/stats/reset'], ['POST', '/v1/retrieve']])
		assert.equal((await proxy.ask({ method, path, headers: [['Host', 'box.lan']], body: method === 'POST' ? '{}' : undefined })).status, 404, path);
});

test('--limit-concurrency: 503 in the shape of the route, and room again afterwards', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--limit-concurrency', '3'] });
	provider.answer('/v1/messages', { hold: 'head', repeat: true });
	const held = [];
	for (let i = 0; i < 3; i++) {
		const raw = await proxy.connect();
		await raw.send(requestBytes(request('anthropic')));
		held.push(raw);
		await within(provider.next(i + 1), 'the request');
	}
	const shapes = { anthropic: (e) => e.type === 'error', chat: (e) => e.error.message, responses: (e) => e.error.message, gemini: (e) => e.error.code === 503 && e.error.status === 'UNAVAILABLE' };
	for (const [name, ok] of Object.entries(shapes)) {
		const r = await proxy.ask(request(name));
		assert.equal(r.status, 503, name);
		assert.ok(ok(r.json), r.text);
	}
	assert.equal((await proxy.ask({ method: 'GET', path: '/livez' })).status, 200);
	assert.equal(provider.requests.length, 3);
	provider.requests.forEach((ex) => ex.release(1));
	for (const raw of held) {
		assert.equal((await raw.response('POST')).status, 200);
		raw.close();
	}
	assert.equal((await proxy.ask(request('chat'))).status, 200);
	await proxy.logged(/limit-concurrency/);
});

const TOO_MANY = {
	anthropic: (e) => e.type === 'error' && e.error.type === 'rate_limit_error', chat: (e) => e.error.code === 'rate_limit_exceeded',
	responses: (e) => e.error.code === 'rate_limit_exceeded', gemini: (e) => e.error.code === 429 && e.error.status === 'RESOURCE_EXHAUSTED',
};

for (const [name, ok] of Object.entries(TOO_MANY)) {
	test(`--rpm: ${name}: 429 in its shape with Retry-After, for that credential only`, async (t) => {
		const { provider, proxy } = await pair(t, { limits: true, args: ['--rpm', '3'] });
		for (let i = 0; i < 3; i++)
			assert.equal((await proxy.ask(request(name))).status, 200);
		const r = await proxy.ask(request(name, { stream: true }));
		assert.equal(r.status, 429);
		assert.ok(ok(r.json), r.text);
		const after = Number(r.header('retry-after'));
		assert.ok(after >= 1 && after <= 60, String(after));
		assert.equal(provider.requests.length, 3);
		const other = { ...request(name), headers: [['x-api-key', 'sk-other'], ['authorization', 'Bearer sk-other'], ['x-goog-api-key', 'other']] };
		assert.equal((await proxy.ask(other)).status, 200, 'another credential has its own minute');
		await proxy.logged(/--rpm/);
	});
}

test('--tpm: a large request uses up the minute', async (t) => {
	const { provider, proxy } = await pair(t, { limits: true, args: ['--tpm', '6000', '--rpm', '1000'] });
	assert.equal((await proxy.ask(request('anthropic', { steps: 6 }))).status, 200);
	const r = await proxy.ask(request('anthropic', { steps: 6, seed: 2 }));
	assert.equal(r.status, 429);
	assert.ok(Number(r.header('retry-after')) >= 1);
	await proxy.logged(/--tpm/);
	assert.equal(provider.requests.length, 1);
});

test('--budget: over it 429, on every route that costs, also after a restart', async (t) => {
	const home = tempDir(t);
	const usage = { input: 1000000, cacheRead: 0, cacheWrite: 0, output: 1000000 };
	const { provider, proxy } = await pair(t, { home, args: ['--budget', '1', '--budget-period', 'daily'] });
	provider.answer('/v1/messages', { turn: { text: 'dear', usage } });
	assert.equal((await proxy.ask(request('anthropic', { stream: true }))).status, 200);
	const refused = async (p) => {
		for (const name of FORMAT_NAMES) {
			const r = await p.ask(request(name));
			assert.equal(r.status, 429, `${name} ${r.text}`);
			assert.ok(TOO_MANY[name](r.json) || /budget/i.test(r.text), r.text);
		}
	};
	await refused(proxy);
	assert.equal(provider.requests.length, 1);
	await proxy.logged(/--budget/);
	await proxy.stop();
	const again = await startProxy({ t, provider, home, args: ['--budget', '1', '--budget-period', 'daily'] });
	await refused(again);
	await again.stop();
	const richer = await startProxy({ t, provider, home, args: ['--budget', '1000'] });
	assert.equal((await richer.ask(request('anthropic'))).status, 200);
});

test('--budget 0 lets nothing through; what is free passes', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--budget', '0'] });
	assert.equal((await proxy.ask(request('anthropic'))).status, 429);
	assert.equal(provider.requests.length, 0);
	assert.equal((await proxy.ask({ method: 'POST', path: '/v1/messages/count_tokens', headers: [['x-api-key', 'k']], body: '{"messages":[]}' })).status, 200);
});

test('limits are one for all workers', async (t) => {
	const { provider, proxy } = await pair(t, { limits: true, args: ['--workers', '4', '--rpm', '5'] });
	const all = await Promise.all(Array.from({ length: 20 }, () => proxy.ask(request('anthropic', { steps: 1 }))));
	assert.equal(all.filter((r) => r.status === 200).length, 5);
	assert.equal(provider.requests.length, 5);
});

test('a bind to all addresses without a token is warned of', async (t) => {
	const { provider } = await pair(t);
	const open = await startProxy({ t, provider, args: ['--host', '0.0.0.0'] });
	assert.match(open.stderr + open.stdout, /HEADROOM_PROXY_TOKEN/);
	const closed = await startProxy({ t, provider, args: ['--host', '0.0.0.0'], env: { HEADROOM_PROXY_TOKEN: TOKEN } });
	assert.doesNotMatch(closed.stderr + closed.stdout, /unauthenticated|without a token/i);
	assert.equal((await closed.ask(request('anthropic'))).status, 401);
});

test('upgrades: 426 and nothing forwarded; --websocket tunnel relays', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const path of ['/v1/responses', '/backend-api/codex/responses', '/v1/realtime?model=x']) {
		const r = await proxy.ask({ method: 'GET', path, headers: [['authorization', 'Bearer k'], ...UPGRADE] });
		assert.equal(r.status, 426, path);
	}
	assert.equal(provider.requests.length, 0);
	const tunnel = await startProxy({ t, provider, args: ['--websocket', 'tunnel'] });
	const raw = await tunnel.connect();
	await raw.send(requestBytes({ method: 'GET', path: '/v1/responses', headers: [['authorization', 'Bearer k'], ...UPGRADE] }));
	const head = await raw.head();
	assert.equal(head.status, 101);
	assert.equal(head.header('sec-websocket-accept'), acceptKey('dGhlIHNhbXBsZSBub25jZQ=='));
	assert.equal(head.header('x-codex-turn-state'), 'scripted');
	const { frame } = await import('../provider/websocket.mjs');
	const payload = Buffer.from('{"type":"response.create"}'.repeat(5000));
	await raw.send(frame(0x81, payload, Buffer.from([9, 8, 7, 6])));
	const echoed = frame(0x81, payload);
	assert.ok(await raw.fill(echoed.length));
	assert.deepEqual(raw.take(echoed.length), echoed);
	raw.close();
	await within(provider.requests[0].gone, 'the tunnel to close upstream');
});
