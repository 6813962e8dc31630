// Which proxy an agent is led to: shared, its own, or none.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort, place, snapshot } from './kit.mjs';

const headroom = () => process.env.HEADROOM;

test('two wraps share one proxy, and one within another joins it', async (t) => {
	const p = await place(t);
	for (const name of ['claude', 'aider'])
		p.stub(name);
	const a = await p.wrap(['claude']);
	const b = await p.wrap(['aider']);
	assert.equal(a.env.HEADROOM_PROXY_URL, b.env.HEADROOM_PROXY_URL);
	const run = await p.run(['wrap', 'exec', '--', headroom(), 'wrap', 'claude'], { env: { ANTHROPIC_BASE_URL: 'https://gw.example' } });
	const inner = JSON.parse(run.stdout);
	assert.equal(inner.env.ANTHROPIC_TARGET_API_URL, 'https://gw.example');
	assert.equal(new URL(inner.env.ANTHROPIC_BASE_URL).port, new URL(inner.env.HEADROOM_PROXY_URL).port);
	assert.doesNotMatch(inner.env.ANTHROPIC_TARGET_API_URL, /127/);
	// one for those without a gateway, one for those with it
	assert.equal(p.proxies().length, 2);
});

test('twenty at once in one directory: one proxy, and nothing is left there', async (t) => {
	const p = await place(t);
	p.stub('claude');
	const before = snapshot(p.home);
	const all = await Promise.all(Array.from({ length: 20 }, () => p.wrap(['claude'], { env: { ANTHROPIC_CUSTOM_HEADERS: 'A: b' } })));
	assert.deepEqual(new Set(all.map((s) => s.env.HEADROOM_PROXY_URL)), new Set([`http://127.0.0.1:${p.port}`]));
	assert.equal(p.proxies().length, 1);
	assert.deepEqual(snapshot(p.home), before);
	assert.deepEqual(readdirSync(join(p.home, '.headroom/run')).filter((name) => name.startsWith('wrap-')), []);
});

test('vibe and codex never share an upstream', async (t) => {
	const p = await place(t);
	for (const name of ['vibe', 'codex'])
		p.stub(name);
	const env = { HEADROOM_PORT: '' };
	const vibe = await p.wrap(['--private', 'vibe'], { env });
	const codex = await p.wrap(['codex'], { env: { ...env, HEADROOM_PROXY_URL: vibe.env.HEADROOM_PROXY_URL } });
	assert.notEqual(codex.env.HEADROOM_PROXY_URL, vibe.env.HEADROOM_PROXY_URL);
	assert.equal(codex.env.OPENAI_TARGET_API_URL, undefined);
});

test('--private and --port 0: one of its own each', async (t) => {
	const p = await place(t);
	p.stub('claude');
	const urls = [await p.wrap(['claude']), await p.wrap(['claude', '--private']), await p.wrap(['claude', '--port', '0'])].map((s) => s.env.HEADROOM_PROXY_URL);
	assert.equal(new Set(urls).size, 3);
	assert.equal(urls[0], `http://127.0.0.1:${p.port}`);
});

test('--no-proxy and --print-env want one that runs', async (t) => {
	const p = await place(t);
	p.stub('claude');
	assert.equal((await p.run(['wrap', 'claude', '--no-proxy'])).code, 69);
	assert.equal((await p.run(['wrap', 'claude', '--print-env', 'sh'])).code, 69);
	assert.deepEqual(p.proxies(), []);
	await p.wrap(['claude']);
	assert.equal((await p.wrap(['claude', '--no-proxy'])).env.HEADROOM_PROXY_URL, `http://127.0.0.1:${p.port}`);
	const sh = await p.run(['wrap', 'claude', '--print-env=sh'], { env: { ANTHROPIC_CUSTOM_HEADERS: 'A: it\'s' } });
	const said = await p.run(['wrap', 'exec', '-q', '--', 'sh', '-c', `${sh.stdout}\nprintf %s "$ANTHROPIC_CUSTOM_HEADERS"`]);
	assert.equal(said.stdout, 'A: it\'s\nX-Headroom-Project: work');
	const fish = await p.run(['wrap', 'claude', '--print-env', 'fish']);
	assert.match(fish.stdout, /^set -gx ANTHROPIC_BASE_URL 'http:/m);
	const json = JSON.parse((await p.run(['wrap', 'claude', '--print-env', 'json'])).stdout);
	assert.equal(json.schema, 'headroom.wrap-env/1');
	assert.equal(json.args[0], '--settings');
});

test('--mode and --proxy-arg reach the proxy; one with another mode is not shared', async (t) => {
	const p = await place(t);
	p.stub('claude');
	const env = { HEADROOM_PORT: '' };
	const settings = (s) => Object.fromEntries(p.proxies().find((r) => r.url === s.env.HEADROOM_PROXY_URL).settings
		.map?.((x) => [x.name, x.value]) ?? Object.entries(p.proxies().find((r) => r.url === s.env.HEADROOM_PROXY_URL).settings));
	const cache = await p.wrap(['claude', '--private', '--mode', 'cache', '--proxy-arg=--lossless'], { env });
	assert.equal(settings(cache).mode, 'cache');
	assert.equal(String(settings(cache).lossless), 'true');
	const behind = settings(await p.wrap(['claude', '--private', '--backend', 'anyllm', '--anyllm-provider', 'ollama', '--region', 'r-1'], { env }));
	assert.deepEqual([behind.backend, behind['anyllm-provider'], behind.region], ['anyllm', 'ollama', 'r-1']);
	const learning = settings(await p.wrap(['claude', '--private', '--learn'], { env }));
	assert.deepEqual([learning.learn, learning.memory].map(String), ['true', 'false']);
	const remembering = settings(await p.wrap(['claude', '--private', '--memory', '--no-learn', '--memory-embedder', 'builtin', '--memory-embedder-model', 'tiny'], { env: { ...env, HEADROOM_LEARN: '1' } }));
	assert.deepEqual([remembering.learn, remembering.memory].map(String), ['false', 'true']);
	assert.deepEqual([remembering['memory-embedder'], remembering['memory-embedder-model']], ['builtin', 'tiny']);
	const port = new URL(cache.env.HEADROOM_PROXY_URL).port;
	const token = await p.wrap(['claude', '--port', port, '--mode', 'token']);
	assert.notEqual(token.env.HEADROOM_PROXY_URL, cache.env.HEADROOM_PROXY_URL);
	assert.match(token.run.stderr, /note: .*mode/);
	const replaced = await p.wrap(['claude', '--port', port, '--mode', 'token', '--replace']);
	assert.equal(settings(replaced).mode, 'token');
	assert.equal(new URL(replaced.env.HEADROOM_PROXY_URL).port, port);
});

test('a proxy that is started has no limits of requests, unless the user says some', async (t) => {
	const p = await place(t);
	p.stub('claude');
	const limits = (env, args) => p.run(['wrap', 'exec', '-q', '--private', ...args, '--', process.execPath, '-e',
		'fetch(process.env.HEADROOM_PROXY_URL + "/health").then((r) => r.json()).then((h) => console.log(JSON.stringify(h)))'], { env });
	const free = JSON.parse((await limits({}, [])).stdout);
	const bound = JSON.parse((await limits({}, ['--proxy-arg=--rpm=7'])).stdout);
	assert.match(JSON.stringify(bound), /7/);
	assert.notDeepEqual(free.config, bound.config);
});

test('a foreign listener at the port: 69 with its owner, and not a byte is sent to it', async (t) => {
	const p = await place(t);
	p.stub('claude');
	const bytes = [];
	const server = net.createServer((socket) => socket.on('data', (part) => bytes.push(part)).on('error', () => {}));
	server.listen(await freePort(), '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	const run = await p.run(['wrap', 'claude', '--port', String(server.address().port)]);
	assert.equal(run.code, 69);
	assert.match(run.stderr, new RegExp(String(process.pid)));
	assert.deepEqual(bytes, []);
	assert.deepEqual(p.proxies(), []);
});

test('--proxy-timeout: a proxy that cannot listen in time is an error, and no agent starts', async (t) => {
	const p = await place(t);
	p.stub('claude');
	const run = await p.run(['wrap', 'claude', '--proxy-timeout', '1', '--proxy-arg=--host=256.0.0.1']);
	assert.notEqual(run.code, 0);
	assert.equal(run.stdout, '');
	assert.equal((await p.run(['wrap', 'claude', '--proxy-timeout', '0'])).code, 2);
});
