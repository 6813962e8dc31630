// What each option of `headroom proxy` does, as something that can be seen from outside: a row for each, for
// options.test.mjs.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { ask, tempDir, within } from './kit.mjs';
import { request } from './requests.mjs';
import { LEFT_OUT, asksFor, elided, requestOf } from './retrieve_kit.mjs';
import { one, sql } from './sqlite.mjs';

const HEADROOM = process.env.HEADROOM;

// ---- what the program says of its options --------------------------------------------------------------

// Runs the program to its end. {status, out, err}
export function run(args, { home, env = {} }) {
	const r = spawnSync(HEADROOM, args, {
		encoding: 'utf8', cwd: home, timeout: 60000, env: { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8', ...env },
	});
	return { status: r.status, out: r.stdout, err: r.stderr };
}
const NEVER = 'http://127.0.0.1:1'; // nothing listens there

export const small = (text, headers = []) => ({
	method: 'POST', path: '/v1/messages', headers: [['x-api-key', 'k'], ['content-type', 'application/json'], ...headers],
	body: JSON.stringify({
		model: 'claude-opus-4', max_tokens: 1, messages: [
			{ role: 'user', content: 'look' },
			{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Bash', input: { command: 'x' } }] },
			{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: text }] },
		],
	}),
});
export const COLOURED = Array.from({ length: 6 }, (_, i) => `\u001b[1mhead ${i}\u001b[0m of a text that is long enough\n`).join('');
// What loses nothing of it leaves less than nine tenths, and the colours.
const ONE_DIRECTORY = Array.from({ length: 40 }, (_, i) => `src/core/compress/encoders/${'abcdefgh'[i % 8]}${i}.c: \u001b[1mword ${i}\u001b[0m\n`).join('');

export const statusOf = async (proxy, r = request('anthropic')) => (await proxy.ask(r)).status;
const statuses = async (proxy, n, r) => {
	const all = [];
	for (let i = 0; i < n; i++)
		all.push(await statusOf(proxy, r));
	return all;
};

// Is what the provider got what the client sent? And does it have the colours still?
async function forwarded({ start, provider }, text) {
	const r = small(text);
	const proxy = await start();
	assert.equal((await proxy.ask(r)).status, 200);
	const got = provider.requests.at(-1).text;
	await proxy.stop();
	return { isSame: got === r.body, hasColours: got.includes('\\u001b') };
}

const isSame = async (s) => (await forwarded(s, COLOURED)).isSame;
const hasColours = async (s) => (await forwarded(s, COLOURED)).hasColours;

// Is headroom_retrieve offered at the beginning of a conversation?
async function offersTool({ start, provider }, more = { ccr: null }) {
	const proxy = await start(more);
	assert.equal((await proxy.ask(request('anthropic', { steps: 0 }))).status, 200);
	return provider.requests[0].text.includes('headroom_retrieve');
}

// Does the second read of a file name the first?
async function namesRead({ start, provider }) {
	const text = Array.from({ length: 20 }, (_, i) => `line ${i} of a file that is read twice`).join('\n');
	const read = (id) => [
		{ role: 'assistant', content: [{ type: 'tool_use', id, name: 'Read', input: { file_path: '/w/twice.txt' } }] },
		{ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: text }] }];
	const body = { model: 'claude-opus-4', max_tokens: 1, messages: [{ role: 'user', content: 'look' }, ...read('a'), ...read('b')] };
	const proxy = await start();
	assert.equal((await proxy.ask({ ...small(''), body: JSON.stringify(body) })).status, 200);
	return provider.requests.at(-1).text.includes('[same as Read twice.txt');
}

// Is a source file that is read sent whole? Read by a file tool, and by a shell.
const readsWhole = (name, input) => async ({ start, provider }) => {
	const text = Array.from({ length: 40 }, (_, i) => `def f${i}(x):\n${Array.from({ length: 6 }, (_, k) => `    x = x * ${i * 7919 + k} + ${k}`).join('\n')}\n    return x\n`).join('\n');
	const proxy = await start({ ccr: true });
	const ask = (messages) => proxy.ask({ ...small(''), body: JSON.stringify({
		model: 'claude-opus-4', max_tokens: 1, messages: [{ role: 'user', content: 'look' }, ...messages], tools: [{ name, input_schema: { type: 'object' } }],
	}) });
	assert.equal((await ask([])).status, 200);
	assert.equal((await ask([
		{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name, input }] },
		{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: text }] }])).status, 200);
	const got = provider.requests.at(-1).text;
	assert.ok(got.includes('def f39(x):'));
	return got.includes(`x = x * ${20 * 7919 + 3} + 3`);
};

// Does the workspace get a code graph?
async function keepsGraph({ start, home }) {
	const proxy = await start();
	await proxy.stop();
	return existsSync(join(home, '.headroom', 'graph'));
}

// Are tools for memories declared?
async function remembers({ start, provider }) {
	const proxy = await start({ args: ['--memory-project-root', '/srv/p'] });
	assert.equal((await proxy.ask(request('anthropic', { steps: 0 }))).status, 200);
	return provider.requests[0].text.includes('memory_save');
}
const MEMORY_EMBEDDER = ['tests/proxy/embedder.test.mjs', 'it is asked before anybody is served, by the API of OpenAI and with the key'];
const MEMORY_OPTIONS = ['tests/proxy/memory.test.mjs', 'options take away what they say'];

// Is there a note that asks for fewer words?
async function hasNote({ start, provider }) {
	const proxy = await start();
	const { path, headers } = small('');
	assert.equal((await proxy.ask({ method: 'POST', path, headers, body: JSON.stringify({ model: 'claude-opus-4', max_tokens: 1, system: 'Be good.', messages: [{ role: 'user', content: 'look' }] }) })).status, 200);
	return provider.requests[0].text.includes('headroom_output_shaping');
}

// Is the effort lowered behind what only says to go on?
async function lowersEffort({ start, provider }) {
	const proxy = await start();
	const { path, headers } = small('');
	const messages = [{ role: 'user', content: 'look' }, { role: 'assistant', content: 'There.' }, { role: 'user', content: 'Yes, go on.' }];
	for (const n of [1, 3])
		assert.equal((await proxy.ask({ method: 'POST', path, headers, body: JSON.stringify({ model: 'claude-opus-5-5', max_tokens: 1, output_config: { effort: 'high' }, messages: messages.slice(0, n) }) })).status, 200);
	return provider.requests[1].text.includes('"effort":"low"');
}

// Do definitions of tools still have titles that spell their name, and the like?
async function hasTitles({ start, provider }) {
	const proxy = await start();
	const { path, headers } = small('');
	assert.equal((await proxy.ask({ method: 'POST', path, headers, body: JSON.stringify({
		model: 'claude-opus-4', max_tokens: 1, messages: [{ role: 'user', content: 'look' }],
		tools: [{ name: 'read_file', description: '', input_schema: { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Read File', type: 'object', properties: {} } }],
	}) })).status, 200);
	return provider.requests[0].text.includes('Read File');
}

// Is a line that was left out shown behind a question for it?
async function showsLines({ start, provider }) {
	const proxy = await start({ ccr: true });
	const { items } = await elided('anthropic', { provider, proxy });
	assert.equal((await proxy.ask(requestOf('anthropic', [...items, ...asksFor('anthropic', LEFT_OUT)]))).status, 200);
	return provider.requests.at(-1).text.includes('<headroom_proactive_expansion>');
}

// Which of two providers gets a request of this kind.
function upstream(name, r) {
	return {
		async on(t) {
			const a = await startProvider();
			t.after(() => a.close());
			this.a = a;
			return `${a.url}/v1/`; // both are dropped
		},
		off: NEVER,
		async see({ start, provider, isSet, option }) {
			if (!isSet)
				return 'not asked'; // the default is a host on the internet
			const proxy = await start({ provider: null, args: ['--retry-max-attempts', '1'] });
			assert.match(proxy.stderr, new RegExp(`upstream +${name} at ${this.a.url}\n`));
			assert.equal((await proxy.ask(r)).status, 200, option.name);
			assert.equal(provider.requests.length, 0);
			assert.equal(this.a.requests[0].url, r.path);
			return 'there';
		},
		def: 'not asked', set: 'there',
	};
}

// Requests that the provider holds back. They are let go one by one, or all at once when n of them are there.
async function hold(s, n, atOnce) {
	const { provider, start } = s;
	provider.answer('/v1/messages', { hold: 'head', repeat: true });
	const proxy = await start();
	const asking = Array.from({ length: n }, (_, i) => proxy.ask(request('anthropic', { stream: true, seed: i + 1, steps: 1 })));
	for (let i = 0; i < n; i++) {
		const ex = await within(provider.next(i + 1), 'a request');
		if (!atOnce)
			ex.release(1);
	}
	if (atOnce)
		provider.requests.forEach((ex) => ex.release(1));
	const answers = await Promise.all(asking);
	assert.ok(answers.every((a) => a.status === 200 && a.complete), 'nothing is lost');
	return provider.connections;
}

function listeners(port) {
	const hex = port.toString(16).toUpperCase().padStart(4, '0');
	return readFileSync('/proc/net/tcp', 'utf8').split('\n').filter((l) => new RegExp(`:${hex} [0-9A-F]+:0000 0A `).test(l)).length;
}

// A port at which nobody answers: its process is stopped, and the queue of the kernel is full.
async function deafPort(t) {
	const child = spawn(process.execPath, ['-e', `
		const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port));`]);
	t.after(() => child.kill('SIGKILL'));
	const [line] = await within(once(child.stdout.setEncoding('utf8'), 'data'), 'a port');
	child.kill('SIGSTOP');
	const port = Number(line);
	// those that the kernel takes by itself; it takes no more when one does not connect
	for (let i = 0; i < 8; i++) {
		const socket = net.connect(port, '127.0.0.1').on('error', () => {});
		t.after(() => socket.destroy());
	}
	return `http://127.0.0.1:${port}`;
}

function certificate(dir) {
	const [key, cert] = ['key.pem', 'cert.pem'].map((f) => join(dir, f));
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
		'-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
	return { key: readFileSync(key), cert: readFileSync(cert), file: cert };
}

// A zone in which it is about noon now, so that two hours ago is today. (A name of fewer than three letters is none: UTC.)
function noon() {
	const east = 12 - new Date().getUTCHours();
	return `NOON${east > 0 ? '-' : ''}${Math.abs(east)}`;
}

// A port that somebody has.
async function takenPort(t) {
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	return String(server.address().port);
}

export const file = (name, text, mode) => (t) => {
	const path = join(tempDir(t), name);
	if (text !== undefined)
		writeFileSync(path, text, { mode });
	return path;
};

const DETERMINISTIC = { ...small('x'), body: JSON.stringify({ model: 'claude-opus-4', max_tokens: 9, temperature: 0, messages: [{ role: 'user', content: 'hi' }] }) };
const MILLION = { input: 1000000, cacheRead: 0, cacheWrite: 0, output: 0 };

// ---- the table ----------------------------------------------------------------------------------------------
// on: a value that is not the default (or how to make one); off: the default, spelled out, or another value, which must
// lose where it stands in a weaker place; see: what shows it; def, set: what is seen by default and with `on`.
// bad: a value that is refused; elsewhere: [file, name of the test that shows it] instead of all this.

export const ROWS = {
	'port': {
		on: takenPort, off: takenPort, bad: '65536',
		async see({ home, args, env, isSet }) {
			if (!isSet) // by default it would be 8787, which tests leave alone
				return run(['config', 'get', 'proxy.port'], { home, env }).out.trim();
			const r = run(['proxy', ...args], { home, env });
			assert.equal(r.status, 75, r.err);
			assert.match(r.err, new RegExp(`port ${this.value} is taken`));
			return 'taken';
		},
		def: '8787', set: 'taken',
	},
	'host': { on: '127.0.0.2', off: '127.0.0.1', bad: '', see: async ({ start }) => new URL((await start()).url).hostname, def: '127.0.0.1', set: '127.0.0.2' },
	// below the smallest prompt that the provider caches
	'mode': { on: 'cache', off: 'token', bad: 'fast', see: isSame, def: false, set: true },
	'optimize': { on: 'false', off: 'true', bad: 'maybe', see: isSame, def: false, set: true },
	'budget': { on: '0', off: '1000', bad: '-1', see: async ({ start }) => statusOf(await start()), def: 200, set: 429 },
	'budget-period': {
		on: 'hourly', off: 'daily', bad: 'yearly',
		async see({ start, provider, home }) {
			const more = { args: ['--budget', '1'], env: { TZ: noon() } };
			provider.answer('/v1/messages', { turn: { text: 'dear', usage: MILLION } });
			const first = await start(more);
			assert.equal(await statusOf(first), 200);
			await first.stop();
			sql(home, 'UPDATE ledger SET at_ms = at_ms - 2 * 3600 * 1000');
			return statusOf(await start(more));
		},
		def: 429, set: 200,
	},
	'rpm': { on: '1', off: '60', bad: '0', see: async ({ start }) => statuses(await start({ limits: true }), 3), def: [200, 200, 200], set: [200, 429, 429] },
	'tpm': { on: '100', off: '100000', bad: '0', see: async ({ start }) => statuses(await start({ limits: true }), 2), def: [200, 200], set: [200, 429] },
	'rate-limit': { on: 'false', off: 'true', bad: 'maybe', see: async ({ start }) => statuses(await start({ limits: true, args: ['--rpm', '1'] }), 2), def: [200, 429], set: [200, 200] },
	'cache': {
		on: 'false', off: 'true', bad: 'maybe',
		see: async ({ start, provider }) => (assert.deepEqual(await statuses(await start(), 2, DETERMINISTIC), [200, 200]), provider.requests.length),
		def: 1, set: 2,
	},
	'log-file': {
		on: file('log.jsonl'), off: file('other.jsonl'),
		async see({ start }) {
			rmSync(this.value, { force: true });
			const proxy = await start();
			await statusOf(proxy);
			await proxy.stop();
			return existsSync(this.value) && readFileSync(this.value, 'utf8').split('\n').length;
		},
		def: false, set: 2,
	},
	'log-messages': {
		on: 'true', off: 'false', bad: 'maybe',
		async see({ start, home }) {
			const proxy = await start({ args: ['--log-file', 'l'] });
			await statusOf(proxy);
			await proxy.stop();
			return 'request' in JSON.parse(readFileSync(join(home, 'l'), 'utf8'));
		},
		def: false, set: true,
	},
	'log-format': { on: 'json', off: 'text', bad: 'xml', see: async ({ start }) => (await start()).stderr[0], def: 'h', set: '{' },
	'target-ratio': { on: '0.9', off: '0.01', bad: '2', see: async (s) => (await forwarded(s, ONE_DIRECTORY)).hasColours, def: false, set: true },
	'lossless': { on: 'true', off: 'false', bad: 'maybe', see: hasColours, def: false, set: true },
	'disable-kompress': { on: 'true', bad: 'maybe', see: hasColours, def: false, set: true },
	'kompress-model': { bad: '/nowhere/model', elsewhere: ['tests/cli/kompress.bats', 'a model says which sentences stay'] },
	'ccr': { on: 'off', off: 'on', bad: 'maybe', see: offersTool, def: true, set: false },
	'no-ccr-inject-tool': { on: 'true', bad: 'maybe', see: offersTool, def: true, set: false },
	'no-ccr-proactive-expansion': { on: 'true', bad: 'maybe', see: showsLines, def: true, set: false },
	'no-read-lifecycle': { on: 'true', bad: 'maybe', see: namesRead, def: true, set: false },
	'intercept-tool-results': { on: 'true', bad: 'maybe', see: readsWhole('Read', { file_path: '/w/f.py' }), def: true, set: false },
	'code-aware': { on: 'true', off: 'false', bad: 'maybe', see: readsWhole('Bash', { command: 'cat /w/f.py' }), def: true, set: false },
	'memory': { on: 'true', off: 'false', bad: 'maybe', see: remembers, def: false, set: true },
	'memory-storage': { bad: 'nowhere', elsewhere: MEMORY_OPTIONS },
	'memory-db-path': { elsewhere: MEMORY_OPTIONS },
	'memory-project-root': { elsewhere: MEMORY_OPTIONS },
	'memory-top-k': { bad: '0', elsewhere: MEMORY_OPTIONS },
	'no-memory-tools': { bad: 'maybe', elsewhere: MEMORY_OPTIONS },
	'no-memory-context': { bad: 'maybe', elsewhere: MEMORY_OPTIONS },
	'learn': { on: 'true', off: 'false', bad: 'maybe', see: remembers, def: false, set: true },
	'min-evidence': { bad: '0', elsewhere: ['tests/proxy/memory.test.mjs', 'what was seen often enough is remembered'] },
	'memory-native-tool': { bad: 'maybe', elsewhere: ['tests/proxy/memory.test.mjs', 'files of the memory tool that a client declares, where it is asked for'] },
	'memory-embedder': { bad: 'ollama', elsewhere: MEMORY_EMBEDDER },
	'memory-embedder-model': { elsewhere: MEMORY_EMBEDDER },
	'code-graph': { on: 'true', bad: 'maybe', see: keepsGraph, def: false, set: true },
	'code-graph-dir': { elsewhere: ['tests/cli/wrap.bats', 'wrap --code-graph is of the directory that it is called in'] },
	'no-ccr-marker': { on: 'true', bad: 'maybe', see: offersTool, def: true, set: false },
	'protect-recent': { on: '1', off: '0', bad: '-1', see: isSame, def: false, set: true },
	'protect-tool-results': { on: 'ba*', off: 'Read', see: hasColours, def: false, set: true },
	'exclude-tools': { on: 'ba*', off: 'Read', see: isSame, def: false, set: true },
	'tool-profile': { bad: 'Bash=gentle', elsewhere: ['tests/unit/test_engine_policy.c', 'profiles_decide_how_much_is_left_out'] },
	'min-tokens': { on: '5000', off: '1', bad: '0', see: isSame, def: false, set: true },
	'protect-analysis-context': { bad: 'maybe', elsewhere: ['tests/unit/test_engine_policy.c', 'nothing_is_left_out_of_what_is_reviewed'] },
	'savings-profile': { on: 'balanced', off: 'none', bad: 'agent-99', see: isSame, def: false, set: true },
	'output-shaper': { on: 'true', off: 'false', bad: 'maybe', see: hasNote, def: false, set: true },
	'verbosity-level': { bad: '5', elsewhere: ['tests/unit/test_engine_shaper.c', 'levels_ask_for_more_and_more'] },
	'effort-routing': { on: 'true', off: 'false', bad: 'maybe', see: lowersEffort, def: false, set: true },
	'trim-tools': { on: 'true', off: 'false', bad: 'maybe', see: hasTitles, def: true, set: false },
	'holdout': { on: '1', off: '0', bad: '1.5', see: isSame, def: false, set: true },
	'anthropic-api-url': { ...upstream('anthropic', request('anthropic')), bad: 'api.anthropic.com' },
	'openai-api-url': { ...upstream('openai', request('chat')), bad: 'ftp://x' },
	'gemini-api-url': { ...upstream('gemini', request('gemini')), bad: 'https://' },
	'cloudcode-api-url': { ...upstream('cloudcode', { ...request('gemini'), path: '/v1internal:generateContent', body: JSON.stringify({ model: 'gemini-2.5-pro', request: { contents: [] } }) }), bad: 'https://x?a' },
	'chatgpt-api-url': { ...upstream('chatgpt', { ...request('responses', { headers: [['chatgpt-account-id', 'acc']] }), path: '/backend-api/codex/responses' }), bad: 'https://x:0' },
	'vertex-api-url': { ...upstream('vertex', { ...request('gemini'), path: '/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-pro:generateContent' }), bad: 'x' },
	'bedrock-api-url': { bad: 'x', elsewhere: ['tests/proxy/backends.test.mjs', 'a client of Bedrock gets its own words back, signed anew; without keys only who needs none is let through'] },
	'backend': { bad: 'nobody', elsewhere: ['tests/proxy/backends.test.mjs', 'a provider of the same dialect gets requests at its address, with its own key'] },
	'anyllm-provider': { elsewhere: ['tests/proxy/backends.test.mjs', '--anyllm-provider names the provider of --backend anyllm, --openai-api-url its place'] },
	'region': { elsewhere: ['tests/proxy/backends.test.mjs', 'clouds are asked where the request or the region says'] },
	'bedrock-profile': { elsewhere: ['tests/proxy/backends.test.mjs', 'a backend that cannot start stops the program with what is missing'] },
	'price-file': {
		on: file('prices.toml', '["claude-*"]\ninput = 7\noutput = 0\n'), off: file('none.toml', '["claude-*"]\ninput = 9\noutput = 0\n'), bad: '/nowhere/prices.toml',
		async see({ start, provider, home }) {
			provider.answer('/v1/messages', { turn: { text: 'x', usage: { ...MILLION } } });
			const proxy = await start();
			await statusOf(proxy);
			await proxy.stop();
			return Math.round(one(home, 'SELECT cost_nano FROM ledger').cost_nano / 1e9);
		},
		def: 6, set: 7, // a prompt of more than 200,000 tokens costs twice as much
	},
	'store': {
		on: file('s.db'), off: file('t.db'),
		async see({ start, home }) {
			rmSync(this.value, { force: true });
			const proxy = await start();
			await proxy.stop();
			return [existsSync(this.value), existsSync(join(home, '.headroom', 'store.db'))];
		},
		def: [false, true], set: [true, false],
	},
	'stateless': {
		on: 'true', off: 'false', bad: 'maybe',
		async see({ start, home }) {
			const proxy = await start();
			await statusOf(proxy);
			await proxy.stop();
			return existsSync(join(home, '.headroom', 'store.db'));
		},
		def: true, set: false,
	},
	'proxy-token-file': { on: file('token', 'sesame\n', 0o600), off: '/nowhere/token', bad: '/nowhere/token', see: async ({ start }) => statusOf(await start()), def: 200, set: 401 },
	'store-url': { bad: 'http://x', elsewhere: ['tests/proxy/shared.test.mjs', 'a model asks the other proxy for what one has left out'] },
	'store-password-file': { elsewhere: ['tests/proxy/shared.test.mjs', 'where it is not, or will not, a proxy says what to do, and no password'] },
	'store-namespace': { elsewhere: ['tests/proxy/shared.test.mjs', 'where it is not, or will not, a proxy says what to do, and no password'] },
	'store-fail': { bad: 'maybe', elsewhere: ['tests/proxy/shared.test.mjs', 'where it is not, or will not, a proxy says what to do, and no password'] },
	'store-wait': { bad: '0', elsewhere: ['tests/proxy/shared.test.mjs', 'Redis stalls, is full, is read-only, has other things at our keys: requests go on, and it is counted'] },
	'tokens-file': { on: file('tokens', '[alice]\ntoken = "a-token-of-alice-0001"\n', 0o600), off: '/nowhere/tokens', bad: '/nowhere/tokens', see: async ({ start }) => statusOf(await start()), def: 200, set: 401 },
	'confine': { bad: 'maybe', elsewhere: ['tests/proxy/tenants.test.mjs', 'confined: requests, originals, log, memories and reloads go on'] },
	'user': { elsewhere: ['tests/proxy/tenants.test.mjs', '--user: a port that root alone may open, and nothing else of root'] },
	'allowed-hosts': { on: 'box.lan,*.other', off: 'third.lan', see: async ({ start }) => statusOf(await start(), small('x', [['Host', 'box.lan']])), def: 403, set: 200 },
	'cors-origins': { on: 'https://page.example', off: 'https://third.example', see: async ({ start }) => statusOf(await start(), small('x', [['Origin', 'https://page.example']])), def: 403, set: 200 },
	'websocket': { bad: 'maybe', elsewhere: ['tests/proxy/admission.test.mjs', 'upgrades: 426 and nothing forwarded; --websocket tunnel relays'] },
	'workers': {
		on: '3', off: '1', bad: '0',
		async see({ start }) {
			const proxy = await start();
			const all = await Promise.all(Array.from({ length: 12 }, () => statusOf(proxy)));
			assert.ok(all.every((s) => s === 200));
			return listeners(proxy.port);
		},
		def: 1, set: 3,
	},
	'limit-concurrency': {
		on: '1', off: '1000', bad: '0',
		async see({ start, provider }) {
			provider.answer('/v1/messages', { hold: 'head' });
			const proxy = await start();
			const first = proxy.ask(request('anthropic'));
			const ex = await within(provider.next(1), 'the first request');
			const second = await statusOf(proxy);
			ex.release(1);
			assert.equal((await first).status, 200);
			return second;
		},
		def: 200, set: 503,
	},
	'max-connections': { on: '1', off: '500', bad: '0', see: (s) => hold(s, 6, !s.isSet), def: 6, set: 1 },
	'max-keepalive': { on: '0', off: '100', bad: '-1', see: async ({ start, provider }) => (await statuses(await start(), 3), provider.connections), def: 1, set: 3 },
	'keepalive-expiry': {
		on: '0.001', off: '90', bad: '-1',
		async see({ start, provider, isSet }) {
			const proxy = await start();
			await statusOf(proxy);
			const { socket } = provider.requests[0];
			if (isSet)
				await within(socket.destroyed || once(socket, 'close'), 'the idle connection to be closed');
			await statusOf(proxy);
			return provider.connections;
		},
		def: 1, set: 2,
	},
	'request-timeout-seconds': {
		on: '1', off: '300', bad: '0',
		async see({ start, provider, isSet }) {
			if (!isSet)
				return 'patient';
			provider.answer('/v1/messages', { never: true });
			return statusOf(await start({ args: ['--retry-max-attempts', '1'] }));
		},
		def: 'patient', set: 504,
	},
	'connect-timeout-seconds': {
		on: '1', off: '10', bad: '301',
		async see({ t, start, isSet }) {
			if (!isSet)
				return 'patient';
			const proxy = await start({ args: ['--anthropic-api-url', await deafPort(t), '--retry-max-attempts', '1'] });
			const began = Date.now();
			const { status } = await proxy.ask(request('anthropic'));
			assert.ok(Date.now() - began >= 900);
			return status;
		},
		def: 'patient', set: 504,
	},
	'retry-max-attempts': {
		on: '1', off: '3', bad: '11',
		async see({ start, provider }) {
			provider.answer('/v1/messages', { status: 529, headers: { 'retry-after': '0' }, repeat: true });
			assert.equal(await statusOf(await start()), 529);
			return provider.requests.length;
		},
		def: 3, set: 1,
	},
	'http2': {
		on: 'false', off: 'true', bad: 'maybe',
		async see({ t, start, home }) {
			const tls = certificate(home);
			const provider = await startProvider({ tls, http2: true });
			t.after(() => provider.close());
			const proxy = await start({ args: ['--anthropic-api-url', provider.url], env: { SSL_CERT_FILE: tls.file } });
			assert.equal(await statusOf(proxy), 200);
			await proxy.stop();
			return provider.requests[0].version;
		},
		def: '2.0', set: '1.1',
	},
	'max-body': { on: '1k', off: '100M', bad: '10', see: async ({ start }) => statusOf(await start(), small('x'.repeat(2000))), def: 200, set: 413 },
	'drain-timeout': {
		on: '0s', off: '30s', bad: '2h',
		async see({ start, provider }) {
			provider.answer('/v1/messages', { hold: 'head' });
			const proxy = await start();
			const asking = proxy.ask(request('anthropic')).catch(() => null);
			const ex = await within(provider.next(1), 'the request');
			proxy.child.kill('SIGTERM');
			await proxy.logged(/drain/);
			const gone = ex.gone.then(() => 'broken');
			if (this.isSetNow)
				return within(gone, 'the request to be broken off');
			ex.release(1);
			return (await asking)?.status;
		},
		def: 200, set: 'broken',
	},
	'telemetry': {
		on: 'true', off: 'false', bad: 'maybe',
		async see({ start }) {
			const proxy = await start();
			await statusOf(proxy, request('anthropic', { headers: [['User-Agent', 'claude-cli/2.0.1']] }));
			const { telemetry } = (await proxy.ask({ method: 'GET', path: '/stats' })).json;
			assert.equal(/telemetry \(kept here\)/.test(proxy.stderr), telemetry !== undefined);
			return telemetry?.by_client['claude-code'].requests;
		},
		def: undefined, set: 1,
	},
	'ready-fd': {
		bad: '77',
		async see({ t, home, provider }) {
			const child = spawn(HEADROOM, ['proxy', '--port', '0', '--ready-fd', '5', '--stateless'], {
				cwd: home, env: { HOME: home, PATH: process.env.PATH }, stdio: ['ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'pipe'],
			});
			t.after(() => child.kill('SIGKILL'));
			let text = '';
			child.stdio[5].setEncoding('utf8').on('data', (part) => { text += part; });
			await within(once(child.stdio[5], 'end'), 'the descriptor to be closed');
			assert.match(text, /^http:\/\/127\.0\.0\.1:\d+\n$/);
			assert.equal((await ask(text.trim(), { method: 'GET', path: '/livez' })).status, 200);
			child.kill('SIGTERM');
			assert.equal((await within(once(child, 'exit'), 'the end'))[0], 0);
			return provider.requests.length;
		},
		def: 0,
	},
	'idle-exit': {
		on: '1ms', off: '0', bad: 'soon',
		async see({ start, home }) {
			const proxy = await start();
			if (!this.isSetNow)
				return JSON.parse(readFileSync(join(home, '.headroom', 'run', `proxy-${proxy.port}.json`), 'utf8')).idle_exit_ms;
			const [status] = await within(proxy.exited, 'the end by itself');
			return `ended with ${status}`;
		},
		def: 0, set: 'ended with 0',
	},
	'control-fd': {
		bad: '77',
		async see({ t, home }) {
			const child = spawn(HEADROOM, ['proxy', '--port', '0', '--control-fd', '5', '--stateless', '--idle-exit', '1ms'], {
				cwd: home, env: { HOME: home, PATH: process.env.PATH }, stdio: ['ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'pipe'],
			});
			t.after(() => child.kill('SIGKILL'));
			let text = '';
			const said = new Promise((done) => {
				child.stdio[5].setEncoding('utf8').on('data', (part) => {
					text += part;
					if (text.endsWith('\n'))
						done();
				});
			});
			await within(said, 'the record');
			const record = JSON.parse(text);
			assert.equal(record.pid, child.pid);
			assert.equal((await ask(record.url, { method: 'GET', path: '/livez' })).status, 200);
			child.stdio[5].destroy();
			assert.equal((await within(once(child, 'exit'), 'the end'))[0], 0);
			return record.leases;
		},
		def: 1,
	},
	'print-config': {
		async see({ home }) {
			const { status, out } = run(['proxy', '--print-config', '--mode=cache', '--rpm=7'], { home });
			const { settings, given } = JSON.parse(out);
			assert.ok(!existsSync(join(home, '.headroom')));
			return [status, settings.mode, settings.rpm, given];
		},
		def: [0, 'cache', '7', ['mode', 'rpm']],
	},
};
