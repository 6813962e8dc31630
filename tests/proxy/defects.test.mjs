// What the reference product gets wrong, and we do not: docs/defects.md has its defects by number and the test of ours
// that would fail with each of them. Here stand those that no other file proves, and that the document tells the truth.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { encode } from '../provider/encode.mjs';
import { pair, requestBytes, startProxy, until, within } from './kit.mjs';
import { ANTHROPIC, COLOURED, ONE_DIRECTORY, PLACES, sent, short } from './places.mjs';
import { conversation, FORMAT_NAMES, formatOf, numbered, outputsOf, request, withoutOutputs } from './requests.mjs';

const MEGABYTE = 1 << 20;

const get = (proxy, path, headers = []) => proxy.ask({ method: 'GET', path, headers });

// The same request from somebody else: its headers without those of credentials, and these.
const from = (r, ...headers) => ({ ...r, headers: [...r.headers.filter(([k]) => !/^(x-api-key|authorization|x-goog-api-key)$/i.test(k)), ...headers] });

// ---- the document ------------------------------------------------------------------------------------------

const ROOT = new URL('../../', import.meta.url);
const DOC = readFileSync(new URL('docs/defects.md', ROOT), 'utf8');

// The rows of the tables of a section: lists of cells.
function tableOf(section) {
	const [, text] = DOC.split(`\n## ${section}\n`);
	return text.split('\n## ')[0].split('\n').filter((l) => l.startsWith('| ')).slice(2).map((l) => l.slice(2, -2).split(' | ').map((c) => c.trim()));
}

// `file: name` in a cell.
const namesIn = (cell) => [...cell.matchAll(/`([a-z_0-9.]+): ([^`]*)`/g)].map(([, file, name]) => ({ file, name }));

// In C a test is a function that is defined and named once more in the list; elsewhere it stands behind test(.
function isTest(file, name) {
	const isC = file.endsWith('.c');
	const text = readFileSync(new URL(`tests/${isC ? 'unit' : 'proxy'}/${file}`, ROOT), 'utf8');
	if (isC)
		return text.includes(`static void ${name}(void **state)`) && text.split(new RegExp(`\\b${name}\\b`)).length > 2;
	return text.includes(`test(\`${name}\`,`) || text.includes(`test('${name.replaceAll('\'', '\\\'')}',`);
}

test('docs/defects.md has a row for each defect, and each test that it names is there', () => {
	const open = tableOf('Open in the reference');
	assert.deepEqual([...new Set(open.map(([n]) => parseInt(n, 10)))], Array.from({ length: 75 }, (_, i) => i + 1));
	for (const row of [...open, ...tableOf('Repaired there')]) {
		const [n, , proof] = row;
		assert.equal(row.length, 3, n);
		const named = namesIn(proof);
		assert.ok(named.length > 0 || /^(not built yet: issue \d+|nothing to prove: .+)$/.test(proof), `${n}: ${proof}`);
		for (const { file, name } of named)
			assert.ok(isTest(file, name), `${n}: no test "${name}" in ${file}`);
	}
	// and what stands here is in the document
	for (const file of ['defects.test.mjs', 'defects_answers.test.mjs']) {
		for (const [, name] of readFileSync(new URL(file, import.meta.url), 'utf8').matchAll(/^\s*test\(['`](.*)['`], async/gm))
			assert.ok(DOC.includes(`\`${file}: ${name.replaceAll('\\\'', '\'')}\``), `not in the document: ${name}`);
	}
});

// ---- who is who --------------------------------------------------------------------------------------------

test('nothing of one user\'s reaches another\'s request, same model and system or not', async (t) => {
	const { provider, proxy } = await pair(t);
	const alone = await startProxy({ t, provider });
	for (const name of FORMAT_NAMES) {
		provider.forget();
		const other = request(name, { steps: 4, headers: [['anthropic-beta', 'one-2026'], ['x-own', 'one']] });
		const mine = request(name, { steps: 4, last: 'And another question.' });
		// the same files were read, but by somebody who began with other words
		mine.body = mine.body.replace('Look at file 1.', 'What is in file 1?');
		await alone.ask(mine);
		await proxy.ask(other);
		await proxy.ask(mine);
		const [first, , second] = provider.requests;
		assert.deepEqual(second.body, first.body, name);
		assert.ok(second.body.length < mine.body.length * 0.9);
		assert.equal(second.header('anthropic-beta'), undefined);
		assert.equal(second.header('x-own'), undefined);
	}
});

test('equal streams at a time are each a stream, also after one was left', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const name of FORMAT_NAMES) {
		provider.forget();
		provider.answer(formatOf(name).streamPath.split('?')[0], { hold: 'head', repeat: true });
		const open = async () => {
			const raw = await proxy.connect();
			await raw.send(requestBytes(request(name, { stream: true })));
			return raw;
		};
		const left = await open();
		const ex = await within(provider.next(1), 'the first');
		left.reset();
		await within(ex.gone, 'the provider to lose its client');
		const all = await Promise.all(Array.from({ length: 4 }, open));
		await within(provider.next(5), 'the last');
		provider.requests.slice(1).forEach((one) => one.release(1));
		for (const raw of all) {
			const r = await raw.response('POST');
			assert.equal(r.status, 200, name);
			assert.match(r.header('content-type'), /event-stream/);
			assert.ok(r.complete && r.text.length > 100);
			raw.close();
		}
	}
});

test('keys of the proxy\'s own environment are nobody\'s', async (t) => {
	const KEYS = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'GEMINI_API_KEY', 'GOOGLE_API_KEY'];
	const { provider, proxy } = await pair(t, { args: ['--websocket', 'tunnel'], env: Object.fromEntries(KEYS.map((k) => [k, 'operators-own-key'])) });
	for (const name of FORMAT_NAMES)
		await proxy.ask(from(request(name)));
	const raw = await proxy.connect();
	await raw.send(requestBytes({ method: 'GET', path: '/v1/responses', headers: [['Connection', 'Upgrade'], ['Upgrade', 'websocket'], ['Sec-WebSocket-Version', '13'], ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==']] }));
	assert.equal((await raw.head()).status, 101);
	raw.close();
	assert.equal(provider.requests.length, FORMAT_NAMES.length + 1);
	for (const ex of provider.requests)
		assert.ok(!JSON.stringify([ex.url, ex.headers]).includes('operators-own-key'), ex.url);
});

// ---- limits ------------------------------------------------------------------------------------------------

const LONG = 'sk-proj-the-same-beginning-of-both-keys-'; // longer than what the reference compares

test('--rpm: a credential counts as a whole, wherever it stands', async (t) => {
	const { provider, proxy } = await pair(t, { limits: true, args: ['--rpm', '1'] });
	const where = [['anthropic', 'x-api-key', ''], ['anthropic', 'authorization', 'Bearer '], ['chat', 'authorization', 'Bearer '], ['responses', 'authorization', 'Bearer '], ['gemini', 'x-goog-api-key', '']];
	for (const [i, [name, header, scheme]] of where.entries())
		for (const [end, status] of [['one', 200], ['two', 200], ['one', 429]])
			assert.equal((await proxy.ask(from(request(name), [header, `${scheme}${LONG}${i}${end}`]))).status, status, `${name} ${header} ${end}`);
	const inUrl = (key) => ({ ...from(request('gemini')), path: `/v1beta/models/gemini-2.5-pro:streamGenerateContent?key=${LONG}${key}` });
	for (const [end, status] of [['one', 200], ['two', 200], ['one', 429]])
		assert.equal((await proxy.ask(inUrl(end))).status, status, `key= ${end}`);
	assert.equal(provider.requests.length, 2 * (where.length + 1));
});

test('--rpm: a credential that the provider does not read buys no second minute', async (t) => {
	const { proxy } = await pair(t, { limits: true, args: ['--rpm', '2'] });
	const junk = (i) => [['x-api-key', `junk-${i}`], ['x-goog-api-key', `junk-${i}`], ['api-key', `junk-${i}`], ['cookie', `junk=${i}`], ['openai-organization', `junk-${i}`]];
	for (const name of ['chat', 'responses']) {
		const all = [];
		for (let i = 0; i < 4; i++)
			all.push((await proxy.ask(from(request(name), ['authorization', `Bearer sk-${name}`], ...junk(i)))).status);
		assert.deepEqual(all, [200, 200, 429, 429], name);
	}
	// where the provider may read any of several, each of them pays
	const mixes = { anthropic: [['x-api-key', 'sk-1'], ['authorization', 'Bearer sk-2']], gemini: [['x-goog-api-key', 'k-1'], ['authorization', 'Bearer k-2']] };
	for (const [name, [[a, key], [b, other]]] of Object.entries(mixes)) {
		for (const real of [0, 1]) {
			const all = [];
			for (let i = 0; i < 4; i++)
				all.push((await proxy.ask(from(request(name), [a, real ? `${name}-${real}-junk-${i}` : key], [b, real ? other : `${name}-${real}-junk-${i}`]))).status);
			assert.deepEqual(all, [200, 200, 429, 429], `${name}, ${real ? b : a} is the real one`);
		}
	}
});

test('--rpm: a key that everybody sends for show does not make one of all', async (t) => {
	const { proxy } = await pair(t, { limits: true, args: ['--rpm', '1'] });
	for (const user of ['one', 'two', 'three'])
		assert.equal((await proxy.ask(from(request('chat'), ['x-api-key', 'dummy'], ['authorization', `Bearer ${user}`]))).status, 200, user);
});

test('Gemini\'s streams have the limits of all: size, requests, budget', async (t) => {
	const { provider, proxy } = await pair(t, { limits: true, args: ['--rpm', '1', '--max-body', '1M'] });
	const sent = request('gemini', { stream: true });
	const large = await proxy.ask({ ...sent, body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'x'.repeat(2 * MEGABYTE) }] }] }), chunked: 65536 });
	assert.equal(large.status, 413);
	assert.equal((await proxy.ask(sent)).status, 200);
	const limited = await proxy.ask({ ...sent, path: sent.path.replace('?alt=sse', '') });
	assert.equal(limited.status, 429);
	assert.ok(Number(limited.header('retry-after')) >= 1);
	const poor = await startProxy({ t, provider, args: ['--budget', '0'] });
	assert.equal((await poor.ask(sent)).status, 429);
	assert.equal(provider.requests.length, 1);
	assert.ok(provider.requests[0].body.length < sent.body.length * 0.9, 'and they are made smaller');
});

// ---- numbers in heads --------------------------------------------------------------------------------------

test('a Content-Length in the spelling of a programming language is 400', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const length of ['1_0', '0x2', '2.0', '2e0', '2 2', '\u0662', '2,', '', ' ']) {
		const raw = await proxy.connect();
		await raw.send(Buffer.from(`POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n{}`));
		const r = await raw.response('POST');
		assert.equal(r.status, 400, JSON.stringify(length));
		await raw.closed;
		raw.close();
	}
	assert.equal(provider.requests.length, 0);
});

// ---- what is kept secret -----------------------------------------------------------------------------------

test('secrets of a query are in no log and no figure of ours', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--log-file', 'requests.jsonl', '--retry-max-attempts', '1', '--websocket', 'tunnel', '--telemetry'] });
	const SECRET = 'AIzaQUERY-secret-0123456789';
	const query = `?key=${SECRET}1&access_token=${SECRET}2&alt=sse&k%65y=${SECRET}3&token=${SECRET}4`;
	const held = await proxy.connect();
	provider.answer('/v1beta/models/held:streamGenerateContent', { hold: 'head' });
	await held.send(requestBytes({ ...from(request('gemini')), path: `/v1beta/models/held:streamGenerateContent${query}` }));
	const ex = await within(provider.next(1), 'the request that is held');
	provider.answer('/v1beta/models/broken:generateContent', { fault: { reset: 'head' }, repeat: true });
	const asked = [
		{ ...from(request('gemini')), path: `/v1beta/models/gemini-2.5-pro:generateContent${query}` }, { ...from(request('gemini')), path: `/v1beta/models/broken:generateContent${query}` },
		{ method: 'GET', path: `/v1beta/models${query}` }, { method: 'GET', path: `/any/thing${query}` }, { method: 'POST', path: `/stats/reset${query}` },
		{ method: 'POST', path: `/cache/clear${query}` }, { method: 'GET', path: `/admin/upstream${query}` }, { method: 'PUT', path: `/stats${query}`, body: '' },
		{ method: 'GET', path: `/v1/models${query}`, headers: [['Host', 'evil.example']] }, { method: 'GET', path: `/stats-history${query}` },
		{ method: 'GET', path: `/v1/retrieve/0123456789ab${query}` },
	];
	const texts = [];
	for (const r of asked) {
		const a = await proxy.ask({ headers: [], ...r });
		if (!a.text.startsWith('{"method"')) // the provider's own echo
			texts.push([r.path, a.text]);
		texts.push([r.path, JSON.stringify(a.headers)]);
	}
	for (const path of ['/debug/exchanges', '/debug/memory', '/stats', '/stats-history', '/transformations/feed', '/metrics', '/health', '/dashboard'])
		texts.push([path, (await get(proxy, path)).text]);
	ex.release(1);
	await held.response('POST');
	held.close();
	await proxy.stop();
	const log = readFileSync(join(proxy.home, 'requests.jsonl'), 'utf8');
	assert.match(log, /"path":"\/any\/thing\?key=<redacted/);
	assert.match(proxy.stderr, /upstream_failed/);
	for (const [what, text] of [...texts, ['requests.jsonl', log], ['stderr', proxy.stderr], ['stdout', proxy.stdout], ['store', readFileSync(join(proxy.home, '.headroom', 'store.db')).toString('latin1')]])
		assert.ok(!text.includes('AIzaQUERY'), `${what}: ${text.slice(0, 2000)}`);
	assert.ok(provider.requests[0].url.endsWith(query), 'the provider gets it as it was');
});

// ---- what goes out -----------------------------------------------------------------------------------------

// [what, options, text, what is seen of it]
const KNOBS = [
	['by default', [], ONE_DIRECTORY, { isSame: false, hasColours: false }],
	['--target-ratio', ['--target-ratio', '0.9'], ONE_DIRECTORY, { isSame: false, hasColours: true }],
	['--lossless', ['--lossless'], ONE_DIRECTORY, { isSame: false, hasColours: true }],
	['--disable-kompress', ['--disable-kompress'], ONE_DIRECTORY, { isSame: false, hasColours: true }],
	['--protect-recent', ['--protect-recent', '9'], COLOURED, { isSame: true, hasColours: true }],
	['--protect-tool-results', ['--protect-tool-results', 'ba*'], ONE_DIRECTORY, { isSame: false, hasColours: true }],
	['--protect-tool-results of another tool', ['--protect-tool-results', 'Read'], ONE_DIRECTORY, { isSame: false, hasColours: false }],
	['--no-optimize', ['--no-optimize'], COLOURED, { isSame: true, hasColours: true }],
];

for (const [what, args, text, want] of KNOBS) {
	test(`what compression may do is the same on every route: ${what}`, async (t) => {
		const { provider, proxy } = await pair(t, { args });
		for (const [place, how] of Object.entries(PLACES)) {
			// that endpoint compresses also where the proxy does not
			if (what !== '--no-optimize' || !how[0].startsWith('/v1/compress'))
				assert.deepEqual(await sent(provider, proxy, how, text), want, place);
		}
	});
}

test('workers are of one process, and each has all options', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--workers', '3', '--protect-tool-results', 'ba*'], env: { HEADROOM_PROXY_TOKEN: '' } });
	const results = await Promise.all(Array.from({ length: 12 }, () => sent(provider, proxy, ['/v1/messages', ANTHROPIC, PLACES.anthropic[2]], COLOURED)));
	assert.ok(results.every((r) => r.hasColours));
	const { pid } = proxy.child;
	for (const task of readdirSync(`/proc/${pid}/task`))
		assert.equal(readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'), '', 'a process of its own');
});

test('batches: nothing but tool outputs differs, whatever stands beside them', async (t) => {
	const { provider, proxy } = await pair(t);
	const bodies = {
		anthropic: (some) => ({ requests: some.map((params, i) => ({ custom_id: `r${i}`, params, unknown: { b: [1, 2] } })), metadata: { a: '1' }, later: null }),
		gemini: (some) => ({ batch: { display_name: 'b', input_config: { requests: { requests: some.map((r, i) => ({ request: r, metadata: { key: `r${i}` } })) } }, unknown: [] }, tail: 1.50 }),
	};
	const partsOf = { anthropic: (b) => b.requests.map((r) => r.params), gemini: (b) => b.batch.input_config.requests.requests.map((r) => r.request) };
	for (const name of ['anthropic', 'gemini']) {
		const some = [conversation(name, 3), conversation(name, 0), { ...conversation(name, 4, { seed: 2 }), tools: [{ other: { kind: true } }], extra: [] }];
		const text = JSON.stringify(bodies[name](some)).replace('"tail":1.5', '"tail": 1.50e0');
		const r = await proxy.ask({ method: 'POST', path: PLACES[`a batch of ${name === 'gemini' ? 'Gemini' : 'Anthropic'}`][0], headers: formatOf(name).headers, body: text });
		assert.equal(r.status, 200, r.text);
		const got = provider.requests.at(-1);
		assert.ok(got.body.length < text.length * 0.9, name);
		const blank = (body) => partsOf[name](body).map((part) => withoutOutputs(name, JSON.stringify(part)));
		assert.deepEqual(blank(got.json), blank(JSON.parse(text)), name);
		const around = (body) => {
			partsOf[name](body).forEach((part) => Object.keys(part).forEach((k) => delete part[k]));
			return body;
		};
		assert.deepEqual(around(structuredClone(got.json)), around(JSON.parse(text)), name);
		if (name === 'gemini')
			assert.ok(got.text.endsWith('"tail": 1.50e0}'), got.text.slice(-40));
	}
});

test('a batch is compressed beside the loop: others are answered meanwhile', async (t) => {
	const { provider, proxy } = await pair(t);
	const requests = Array.from({ length: 60 }, (_, i) => ({ custom_id: `r${i}`, params: conversation('anthropic', 12, { seed: i + 1 }) }));
	let isDone = false;
	const asking = proxy.ask({ method: 'POST', path: '/v1/messages/batches', headers: ANTHROPIC, body: JSON.stringify({ requests }) }).finally(() => { isDone = true; });
	await until(async () => {
		const { exchanges } = (await get(proxy, '/debug/exchanges')).json;
		assert.ok(!isDone, 'it was over before anybody saw it at work');
		return exchanges.some((x) => x.endpoint === 'batches' && x.in_pool);
	}, 'the batch to be at work');
	assert.equal((await get(proxy, '/livez')).status, 200);
	assert.equal(provider.requests.length, 0);
	assert.equal((await asking).status, 200);
});

test('a changed body has no coding and its own length, in every format', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const [what, [path, headers, make]] of Object.entries(PLACES)) {
		if (path.startsWith('/v1/compress'))
			continue;
		for (const coding of ['gzip', 'zstd']) {
			const r = await proxy.ask({ method: 'POST', path, headers: [...headers, ['Content-Encoding', coding]], body: encode(coding, Buffer.from(JSON.stringify(make(COLOURED)))) });
			assert.equal(r.status, 200, what);
			const got = provider.requests.at(-1);
			assert.equal(got.header('content-encoding'), undefined, what);
			assert.equal(got.header('content-length'), String(got.body.length), what);
			assert.ok(!got.body.toString().includes('\\u001b') && JSON.parse(got.body.toString()), what);
		}
	}
});

test('images, marks of caching and tools stay where they are, in old turns, too', async (t) => {
	const { provider, proxy } = await pair(t);
	const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo'.repeat(500) } };
	const body = conversation('anthropic', 6, { last: 'And now?' });
	body.messages[0] = { role: 'user', content: [{ type: 'text', text: 'Look.' }, image] };
	body.messages[2].content.push(image);
	body.messages[2].content[0].cache_control = { type: 'ephemeral', ttl: '1h' };
	body.tools = ['Zeta', 'Alpha', 'Mid'].map((name) => ({ name, input_schema: { type: 'object', properties: { title: { type: 'string', title: 'x' } } } }));
	body.tools[2].cache_control = { type: 'ephemeral' };
	const text = JSON.stringify(body);
	for (let i = 0; i < 2; i++) {
		await proxy.ask({ ...request('anthropic'), body: text });
		const got = provider.requests.at(-1).text;
		assert.equal(withoutOutputs('anthropic', got), withoutOutputs('anthropic', text));
		assert.ok(got.length < text.length);
	}
});

test('no result becomes empty that was not, and none that was becomes something', async (t) => {
	const { provider, proxy } = await pair(t);
	const outputs = ['', ' ', '\n\n\n', '\r', `${' '.repeat(3000)}\n`.repeat(9), '\u001b[0m', '\u001b[1m\u001b[0m\n'.repeat(400), `${numbered(1)}\n`, '\t'.repeat(900)];
	for (const name of FORMAT_NAMES) {
		for (const output of outputs) {
			await proxy.ask({ ...request(name), body: JSON.stringify(short(name, output)) });
			const [got] = outputsOf(name, provider.requests.at(-1).text);
			assert.equal(got === '', output === '', `${name} ${JSON.stringify(output.slice(0, 30))} -> ${JSON.stringify(got.slice(0, 30))}`);
		}
	}
});
