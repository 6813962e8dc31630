// An endpoint for vectors, --memory-embedder: memories get theirs off the path of requests, what is near by them alone is found, and an
// endpoint that answers nonsense, errors or nothing costs no request more than the limit. One proxy and one endpoint for all of it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startProvider } from '../provider/provider.mjs';
import { lastResults } from './answers.mjs';
import { startProxy, tempDir, until } from './kit.mjs';
import { formatOf } from './requests.mjs';
import { pathOf, requestOf, usage } from './retrieve_kit.mjs';

const DIMS = 24;
// What a text is about: a word of no language the program knows, and its like.
const GROUPS = [['zorvex', 'quilph'], ['brindol', 'mavket']];

// Each text has a direction of its own, but for the words above.
function vectorOf(text) {
	const v = Array.from({ length: DIMS }, (_, i) => 0.01 * ((i * 7) % 5));
	const group = GROUPS.findIndex((words) => words.some((w) => text.toLowerCase().includes(w)));
	let hash = 7;
	for (const c of text)
		hash = (hash * 31 + c.charCodeAt(0)) % 65521;
	v[group >= 0 ? group : 2 + hash % (DIMS - 2)] = 1;
	return v;
}

const packed = (v) => Buffer.from(Float32Array.from(v).buffer).toString('base64');

// how: what it answers. requests: what it was asked, with what key.
class Endpoint {
	constructor() {
		this.requests = [];
		this.how = 'ok';
		this.server = http.createServer(async (req, res) => {
			let body = '';
			for await (const part of req)
				body += part;
			const asked = JSON.parse(body);
			this.requests.push({ path: req.url, key: req.headers.authorization, ...asked });
			if (this.how === 'nothing')
				return;
			const data = asked.input.map((text, index) => ({ object: 'embedding', index, embedding: this.how === 'base64' ? packed(vectorOf(text)) : vectorOf(text) }));
			if (this.how === 'few')
				data.pop();
			res.writeHead(this.how === 'refuses' ? 401 : 200, { 'content-type': 'application/json' });
			res.end(JSON.stringify(this.how === 'refuses' ? { error: { message: 'no such key' } } : { object: 'list', data: data.reverse(), model: asked.model }));
		});
	}

	async start() {
		this.server.listen(0, '127.0.0.1');
		await once(this.server, 'listening');
		this.url = `http://127.0.0.1:${this.server.address().port}/v1`;
		return this;
	}

	get texts() {
		return this.requests.flatMap((r) => r.input);
	}

	close() {
		this.server.closeAllConnections();
		return new Promise((done) => this.server.close(done));
	}
}

const FACTS = ['The zorvex is kept in the cellar.', ...Array.from({ length: 40 }, (_, i) => `Note ${i} of the ledger says ${i * 37 % 101}.`)];
const run = promisify(execFile);
let endpoint;
let provider;
let proxy;
let home;
const cleanups = [];
const env = () => ({ PATH: process.env.PATH, HOME: home, USER: 'ann', HEADROOM_MEMORY_EMBEDDER_KEY: 'k-1', ASAN_OPTIONS: 'exitcode=99' });
const headroom = (...args) => run(process.env.HEADROOM, args, { cwd: home, env: env() }).catch((e) => e);
const search = async (question, ...args) => {
	const r = await headroom('memory', 'search', question, '--storage', 'global', '--json', '-n', '3', ...args);
	return { ...r, texts: JSON.parse(r.stdout).memories.map((m) => m.content) };
};
const byEndpoint = () => ['--memory-embedder', endpoint.url, '--memory-embedder-model', 'tiny'];

before(async () => {
	const t = { after: (fn) => cleanups.push(fn) };
	home = tempDir(t);
	endpoint = await new Endpoint().start();
	t.after(() => endpoint.close());
	provider = await startProvider();
	t.after(() => provider.close());
	writeFileSync(join(home, 'facts.md'), FACTS.map((f) => `- ${f}\n`).join(''));
	const r = await headroom('memory', 'import', 'facts.md', '--storage', 'global');
	assert.ok(!(r.code), r.stderr);
	proxy = await startProxy({ t, provider, home, args: ['--memory', '--memory-storage', 'global', ...byEndpoint()], env: env() });
});
after(async () => {
	for (const fn of cleanups.reverse())
		await fn();
});

// A model that calls a tool of ours: what it is answered.
async function called(name, args) {
	const from = provider.requests.length;
	provider.answer(pathOf('anthropic', false), { turn: { usage: usage(5), calls: [{ name, args }] } }, { turn: { usage: usage(5), text: 'Well.' } });
	const r = await proxy.ask(requestOf('anthropic', formatOf('anthropic').user(`Question ${from}`), { stream: false, headers: [['x-headroom-project-id', 'p']] }));
	assert.equal(r.status, 200, r.text);
	return JSON.parse(lastResults('anthropic', provider.requests.at(-1).json).at(-1).text);
}

const finds = async (query) => (await called('memory_search', { query })).found?.map((m) => m.text ?? m.content) ?? [];

test('it is asked before anybody is served, by the API of OpenAI and with the key', () => {
	const [first] = endpoint.requests;
	assert.equal(first.path, '/v1/embeddings');
	assert.equal(first.key, 'Bearer k-1');
	assert.equal(first.model, 'tiny');
	assert.equal(first.encoding_format, 'float');
	assert.deepEqual(first.input, ['a memory']);
});

test('memories get vectors off the path of requests, and what is near by them alone is found', async () => {
	await called('memory_search', { query: 'ledger' });
	await until(() => FACTS.every((f) => endpoint.texts.includes(f)), 'vectors of all memories');
	await until(async () => JSON.stringify(await called('memory_search', { query: 'quilph' })).includes('zorvex'), 'what only the endpoint knows');
	assert.ok(endpoint.requests.every((r) => r.input.length <= 32));
	assert.equal(endpoint.texts.filter((t) => t === FACTS[0]).length, 1, 'each is asked about once');
	await called('memory_save', { content: 'A mavket has nine strings.' });
	await until(async () => JSON.stringify(await called('memory_search', { query: 'brindol' })).includes('mavket'), 'what was saved since');
});

test('the command line shares the vectors; built in, it asks nobody', async () => {
	const asked = endpoint.requests.length;
	const own = await search('quilph');
	assert.ok(!own.texts.includes(FACTS[0]));
	assert.equal(endpoint.requests.length, asked);
	const far = await search('quilph', ...byEndpoint());
	assert.equal(far.texts[0], FACTS[0]);
	assert.deepEqual(endpoint.requests.slice(asked).map((r) => r.input), [['quilph']]);
	endpoint.how = 'base64';
	assert.equal((await search('quilph', ...byEndpoint())).texts[0], FACTS[0]);
	endpoint.how = 'ok';
});

test('another model makes its own', async () => {
	const asked = endpoint.requests.length;
	const r = await search('quilph', '--memory-embedder', endpoint.url, '--memory-embedder-model', 'other');
	assert.equal(r.texts[0], FACTS[0]);
	assert.equal(endpoint.requests.slice(asked).filter((q) => q.model === 'other').flatMap((q) => q.input).length, FACTS.length + 2);
});

test('what an endpoint answers wrongly is not used, and said', async () => {
	for (const how of ['few', 'refuses']) {
		endpoint.how = how;
		const r = await search('ledger', ...byEndpoint());
		assert.ok(r.texts.length, 'what is built in counts');
		assert.match(r.stderr, how === 'few' ? /has (0|31) vectors for (1|32) texts/ : /status 401: no such key/);
	}
	const start = await headroom('proxy', '--port', '0', '--memory', ...byEndpoint());
	assert.ok(start.code > 0);
	assert.match(start.stderr, /the embedder .* cannot be used: it answers with status 401: no such key/);
	endpoint.how = 'ok';
	assert.equal((await headroom('memory', 'search', 'x', '--memory-embedder', 'ollama')).code, 2);
});

test('an endpoint that says nothing holds one request up for 2 s, and is then let alone', async () => {
	endpoint.how = 'nothing';
	const from = process.hrtime.bigint();
	assert.match(JSON.stringify(await called('memory_search', { query: 'ledger' })), /ledger/);
	const first = Number(process.hrtime.bigint() - from) / 1e6;
	const asked = endpoint.requests.length;
	assert.match(JSON.stringify(await called('memory_search', { query: 'ledger' })), /ledger/);
	assert.ok(first > 1900, 'it was asked');
	assert.equal(endpoint.requests.length, asked, 'nobody asks it again so soon');
	endpoint.how = 'ok';
});

test('requests to it, and those in vain, are counted', async () => {
	const stats = (await proxy.ask({ method: 'GET', path: '/stats' })).json;
	const { name, requests, failed } = stats.memory_embedder;
	assert.equal(name, `${endpoint.url}/embeddings tiny`);
	assert.ok(failed >= 1 && requests > failed, `${failed} of ${requests}`);
	const text = (await proxy.ask({ method: 'GET', path: '/metrics' })).text;
	assert.match(text, new RegExp(`^headroom_memory_embedder_requests_total ${requests}$`, 'm'));
	assert.match(text, new RegExp(`^headroom_memory_embedder_failed_total ${failed}$`, 'm'));
});
