// --log-file: a line for each request, true in every field (docs/request-log.md), without secrets, put away when it
// is large, and read back by `headroom compress`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pair, requestBytes, startProxy, tempDir, until, within } from './kit.mjs';
import { FORMAT_NAMES, request } from './requests.mjs';

const FIELDS = [
	'timestamp', 'request_id', 'provider', 'endpoint', 'format', 'client', 'method', 'path', 'model', 'project', 'token', 'session', 'status', 'stream',
	'cached', 'client_gone', 'complete', 'reason', 'transforms', 'error', 'tokens_before', 'tokens_after', 'tokens_saved', 'savings_percent',
	'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_5m_tokens', 'cache_write_1h_tokens', 'cost_usd', 'latency_ms',
	'overhead_ms', 'ttfb_ms', 'bytes_in', 'bytes_sent', 'bytes_out', 'attempts', 'rounds', 'retrievals', 'cache_break',
];

const LOG = 'logs/requests.jsonl';
const pathOf = (proxy) => join(proxy.home, LOG);
const textOf = (proxy) => (existsSync(pathOf(proxy)) ? readFileSync(pathOf(proxy), 'utf8') : '');
const linesOf = (text) => text.split('\n').slice(0, -1);

// The first n rows, when they are there. Every line is one JSON object.
const rows = (proxy, n) => until(() => {
	const lines = linesOf(textOf(proxy));
	return lines.length >= n && lines.map((l) => JSON.parse(l));
}, `${n} lines of the log`);

const logged = (t, { args = [], ...more } = {}) => pair(t, { ...more, args: ['--log-file', LOG, ...args] });

test('the fields are those of docs/request-log.md', async (t) => {
	const doc = new URL('../../docs/request-log.md', import.meta.url);
	const { proxy } = await logged(t);
	await proxy.ask(request('anthropic'));
	const [row] = await rows(proxy, 1);
	assert.deepEqual(Object.keys(row), FIELDS);
	const [, table] = readFileSync(doc, 'utf8').match(/\n## Fields\n([\s\S]*?)\n## /);
	const named = table.split('\n').filter((l) => l.startsWith('| `')).flatMap((l) => [...l.split('|')[1].matchAll(/`(\w+)`/g)].map((m) => m[1]));
	assert.deepEqual(named, FIELDS);
});

const USAGE = { input: 1000, cacheRead: 200, cacheWrite: 0, output: 50, reasoning: 0 };

for (const name of FORMAT_NAMES) {
	for (const stream of [false, true]) {
		test(`${name}, ${stream ? 'stream' : 'plain'}: every field is true`, async (t) => {
			const { provider, proxy } = await logged(t);
			const sent = request(name, { stream, headers: [['User-Agent', 'claude-cli/2.0.1 (external, cli)'], ['x-headroom-project', 'shop'], ['x-headroom-session-id', 's-1']] });
			if (name === 'chat' && stream)
				sent.body = JSON.stringify({ ...JSON.parse(sent.body), stream_options: { include_usage: true } });
			provider.answer('*', { turn: { text: 'done', usage: USAGE } });
			const began = Date.now();
			const answer = await proxy.ask(sent);
			const took = Date.now() - began;
			assert.equal(answer.status, 200);
			const [row] = await rows(proxy, 1);
			const [ex] = provider.requests;
			const is = (what) => Object.fromEntries(Object.keys(what).map((k) => [k, row[k]]));
			const expected = {
				request_id: answer.header('x-headroom-request-id'), client: 'claude-code', method: 'POST', path: sent.path, project: 'shop', session: 's-1',
				status: 200, stream, cached: false, client_gone: false, complete: true, reason: answer.header('x-headroom-reason'),
				model: name === 'gemini' ? 'gemini-2.5-pro' : JSON.parse(sent.body).model, error: null,
				transforms: answer.header('x-headroom-transforms')?.split(',') ?? [],
				tokens_before: Number(answer.header('x-headroom-tokens-before')), tokens_after: Number(answer.header('x-headroom-tokens-after')),
				tokens_saved: Number(answer.header('x-headroom-tokens-saved')),
				input_tokens: USAGE.input, output_tokens: USAGE.output, cache_read_tokens: USAGE.cacheRead, cache_write_5m_tokens: 0, cache_write_1h_tokens: 0,
				bytes_in: Buffer.byteLength(sent.body), bytes_sent: ex.body.length, bytes_out: answer.body.length, attempts: 1,
			};
			assert.deepEqual(is(expected), expected);
			assert.equal(row.reason, 'changed');
			assert.ok(row.transforms.length && row.tokens_after < row.tokens_before);
			assert.equal(row.savings_percent, Math.round(10000 * row.tokens_saved / row.tokens_before) / 100);
			assert.equal(row.provider, { anthropic: 'anthropic', chat: 'openai', responses: 'openai', gemini: 'gemini' }[name]);
			for (const word of [row.endpoint, row.format])
				assert.match(word, /^[a-z_-]+$/);
			const at = Date.parse(row.timestamp);
			assert.match(row.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
			assert.ok(at >= began - 1 && at <= began + took + 1, row.timestamp);
			assert.ok(row.overhead_ms > 0 && row.overhead_ms <= row.ttfb_ms && row.ttfb_ms <= row.latency_ms && row.latency_ms <= took + 1, JSON.stringify(row));
			assert.ok(row.cost_usd > 0);
		});
	}
}

test('the cost is that of the usage and the built-in prices, to the nano-dollar', async (t) => {
	const { provider, proxy } = await logged(t);
	provider.answer('/v1/messages', { turn: { text: 'done', usage: { input: 1000, cacheRead: 200, cacheWrite: 300, output: 50 } } });
	await proxy.ask(request('anthropic'));
	const [row] = await rows(proxy, 1);
	// claude-sonnet-4-5: 3 in, 0.30 read, 3.75 written for five minutes, 15 out, in dollars a million
	assert.equal(row.cache_write_5m_tokens, 300);
	assert.equal(row.cost_usd, (1000 * 3 + 200 * 0.3 + 300 * 3.75 + 50 * 15) / 1e6);
	assert.match(textOf(proxy), /"cost_usd":0\.004935000[,}]/);
});

test('what the provider does not tell is null', async (t) => {
	const { provider, proxy } = await logged(t);
	await proxy.ask(request('chat', { stream: true })); // without include_usage
	provider.answer('/v1/messages', { turn: { text: 'x' } });
	const unknown = request('anthropic');
	await proxy.ask({ ...unknown, body: unknown.body.replace('claude-sonnet-4-5', 'mystery-model-1') });
	const [silent, unpriced] = await rows(proxy, 2);
	for (const field of ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_5m_tokens', 'cache_write_1h_tokens', 'cost_usd', 'project', 'session', 'error'])
		assert.equal(silent[field], null, field);
	assert.equal(unpriced.cost_usd, null);
	assert.ok(unpriced.input_tokens > 0);
	assert.equal(unpriced.model, 'mystery-model-1');
	await proxy.logged(/price_unknown/);
	assert.ok(provider.requests.length === 2);
});

test('the file has mode 0600, a directory that is made 0700; one that others can read is warned of', async (t) => {
	const { provider, proxy } = await logged(t);
	await proxy.ask(request('anthropic'));
	await rows(proxy, 1);
	assert.equal(statSync(pathOf(proxy)).mode & 0o777, 0o600);
	assert.equal(statSync(join(proxy.home, 'logs')).mode & 0o777, 0o700);
	assert.doesNotMatch(proxy.stderr, /open_to_others/);
	await proxy.stop();
	spawnSync('chmod', ['644', pathOf(proxy)]);
	const again = await startProxy({ t, provider, home: proxy.home, args: ['--log-file', LOG] });
	await again.logged(/request_log_open_to_others/);
});

test('without --log-messages there is no content', async (t) => {
	const { provider, proxy } = await logged(t);
	const sent = request('anthropic', { last: 'the words of the client' });
	provider.answer('/v1/messages', { turn: { text: 'the words of the model' } });
	await proxy.ask(sent);
	await rows(proxy, 1);
	assert.doesNotMatch(textOf(proxy), /the words of/);
});

const SECRETS = {
	'anthropic-key': 'sk-ant-api03-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEf',
	'openai-key': 'sk-proj-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789',
	'google-key': 'AIzaSyA1234567890abcdefghijklmnopqrstuv',
	'stripe-key': 'sk_live_AbCdEfGhIjKlMnOpQrStUvWx',
	'groq-key': 'gsk_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGh',
	'jwt': 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c',
	'private-key': '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n-----END PRIVATE KEY-----',
};

test('secrets: those of headers never, those in bodies and answers by their type, key= in the path', async (t) => {
	const { provider, proxy } = await logged(t, { args: ['--log-messages'], env: { HEADROOM_PROXY_TOKEN: 'proxy-token-000000' } });
	const all = Object.values(SECRETS).join(' and ');
	const inHeaders = { 'x-api-key': 'header-key-111111', 'authorization': 'Bearer header-bearer-222222', 'cookie': 'session=header-cookie-333333', 'x-headroom-proxy-token': 'proxy-token-000000' };
	for (const stream of [false, true]) {
		const sent = request('anthropic', { last: `use ${all}`, stream });
		provider.answer('/v1/messages', { turn: { text: `I will use ${all}`, usage: { ...USAGE } } });
		const r = await proxy.ask({ ...sent, headers: [['content-type', 'application/json'], ...Object.entries(inHeaders)] });
		assert.equal(r.status, 200);
		assert.ok(provider.requests.at(-1).json.messages.at(-1).content.includes(SECRETS['anthropic-key']), 'what is sent is not changed');
		assert.ok(stream || r.json.content[0].text.includes(SECRETS['anthropic-key']), 'nor what is answered');
	}
	await proxy.ask({ ...request('gemini'), path: '/v1beta/models/gemini-2.5-pro:generateContent?key=query-key-444444&x=1', headers: [['x-headroom-proxy-token', 'proxy-token-000000']] });
	const found = await rows(proxy, 3);
	const text = textOf(proxy);
	for (const value of [...Object.values(inHeaders).map((v) => v.replace(/^(Bearer |session=)/, '')), 'query-key-444444'])
		assert.ok(!text.includes(value), value);
	for (const [type, value] of Object.entries(SECRETS)) {
		assert.ok(!text.includes(value.split('\n')[1] ?? value), type);
		const [plain] = found;
		const { content } = plain.request.messages.at(-1);
		assert.ok(content.includes(`<redacted:${type}>`), `${type} in the request: ${content}`);
		assert.ok(plain.response.includes(`<redacted:${type}>`), `${type} in the answer`);
	}
	assert.equal(found[2].path, '/v1beta/models/gemini-2.5-pro:generateContent?key=<redacted:url-secret>&x=1');
});

test('--log-messages: the request, what was sent where it differs, the answer, all decoded', async (t) => {
	const { provider, proxy } = await logged(t, { args: ['--log-messages'] });
	const sent = request('anthropic');
	const body = JSON.parse(sent.body);
	provider.answer('/v1/messages', { encoding: 'gzip', turn: { text: 'in gzip' } }, { encoding: 'gzip', turn: { text: 'in a stream' } });
	await proxy.ask(sent);
	await proxy.ask(request('anthropic', { stream: true }));
	const plain = { ...sent, body: JSON.stringify({ ...body, messages: [{ role: 'user', content: 'nothing to be made smaller' }] }) };
	await proxy.ask(plain);
	const [first, stream, same] = await rows(proxy, 3);
	assert.deepEqual(first.request, body);
	assert.deepEqual(first.sent, provider.requests[0].json);
	assert.notDeepEqual(first.sent, first.request);
	assert.match(JSON.parse(first.response).content[0].text, /in gzip/);
	assert.match(stream.response, /^event: message_start\n/);
	assert.match(stream.response, /event: message_stop/);
	assert.ok(!('sent' in same));
	assert.deepEqual(same.request, JSON.parse(plain.body));
	assert.deepEqual(Object.keys(first), [...FIELDS, 'request', 'sent', 'response']);
});

test('--log-messages: an answer from the cache is decoded, too', async (t) => {
	const { provider, proxy } = await logged(t, { args: ['--log-messages'] });
	const r = request('anthropic', { headers: [['accept-encoding', 'gzip']] });
	const fixed = { ...r, body: JSON.stringify({ ...JSON.parse(r.body), temperature: 0 }) };
	provider.answer('/v1/messages', { encoding: 'gzip', turn: { text: `the key is ${SECRETS['anthropic-key']}` } });
	await proxy.ask(fixed);
	assert.equal((await proxy.ask(fixed)).header('x-headroom-cached'), 'true');
	const [first, second] = await rows(proxy, 2);
	assert.equal(second.cached, true);
	assert.match(second.response, /the key is <redacted:anthropic-key>/);
	assert.equal(second.response, first.response);
	assert.equal(second.cost_usd, 0);
	assert.equal(second.input_tokens, null);
	assert.equal(second.bytes_sent, 0);
});

test('failures and refusals are in it', async (t) => {
	const { provider, proxy } = await logged(t, { limits: true, args: ['--rpm', '4', '--tpm', '1000000', '--retry-max-attempts', '1', '--max-body', '100k'] });
	provider.answer('/v1/messages', { fault: { reset: 'head' } }, { status: 400, message: 'bad words' }, { fault: { reset: 3 } }, { hold: 'events' });
	const ask = () => proxy.ask(request('anthropic', { stream: true }));
	assert.equal((await ask()).status, 502);
	assert.equal((await ask()).status, 400);
	assert.equal((await ask()).complete, false);
	const raw = await proxy.connect();
	await raw.send(requestBytes(request('anthropic', { stream: true })));
	const ex = await within(provider.next(4), 'the fourth request');
	await raw.head();
	raw.reset();
	await within(ex.gone, 'the provider to lose its client');
	await rows(proxy, 4);
	assert.equal((await ask()).status, 429);
	assert.equal((await proxy.ask({ ...request('chat'), body: ' '.repeat(200000) })).status, 413);
	const [unreachable, bad, cut, gone, limited, large] = await rows(proxy, 6);
	assert.deepEqual([bad.status, bad.complete, bad.error], [400, true, 'invalid_request_error']);
	assert.equal(unreachable.status, 502);
	assert.ok(unreachable.error && unreachable.attempts === 1);
	assert.deepEqual([cut.status, cut.complete, cut.client_gone], [200, false, false]);
	assert.ok(cut.error);
	assert.deepEqual([gone.status, gone.complete, gone.client_gone], [200, false, true]);
	assert.deepEqual([limited.status, limited.reason, limited.attempts, limited.bytes_sent], [429, 'rate_limited_rpm', 0, 0]);
	assert.equal(limited.ttfb_ms, null);
	assert.equal(large.status, 413);
	for (const row of [bad, unreachable, cut, gone, limited, large])
		assert.ok(row.request_id && row.provider && row.path);
});

test('a refusal for the budget is in it', async (t) => {
	const { proxy } = await logged(t, { args: ['--budget', '0'] });
	assert.equal((await proxy.ask(request('gemini'))).status, 429);
	const [row] = await rows(proxy, 1);
	assert.deepEqual([row.status, row.reason, row.provider], [429, 'over_budget', 'gemini']);
});

const MEGABYTE = 1 << 20;

test('a large file is put away, five are kept, no line is lost or split', async (t) => {
	const { proxy } = await logged(t, { args: ['--log-messages', '--no-optimize'] });
	const n = 14;
	const ids = [];
	for (let i = 0; i < n; i++) {
		const r = await proxy.ask({ ...request('anthropic'), body: JSON.stringify({ model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: `${i} ${'words '.repeat(800000)}` }] }) });
		assert.equal(r.status, 200);
		ids.push(r.header('x-headroom-request-id'));
	}
	await proxy.stop(); // writes what waits
	const dir = join(proxy.home, 'logs');
	const names = readdirSync(dir).sort();
	assert.deepEqual(names, ['requests.jsonl', ...[1, 2, 3, 4, 5].map((k) => `requests.jsonl.${k}`)]);
	const kept = [5, 4, 3, 2, 1, 0].flatMap((k) => {
		const path = join(dir, k ? `requests.jsonl.${k}` : 'requests.jsonl');
		const { mode, size } = statSync(path);
		assert.equal(mode & 0o777, 0o600);
		assert.ok(size <= 10 * MEGABYTE, `${path}: ${size}`);
		return linesOf(readFileSync(path, 'utf8')).map((l) => JSON.parse(l).request_id);
	});
	assert.ok(kept.length >= 11, String(kept.length));
	assert.deepEqual(kept, ids.slice(-kept.length));
});

test('headroom compress -f proxy-jsonl reads it back', async (t) => {
	const { proxy } = await logged(t, { args: ['--log-messages'] });
	for (const steps of [1, 2, 3])
		assert.equal((await proxy.ask(request('anthropic', { steps }))).status, 200);
	assert.equal((await proxy.ask(request('chat', { steps: 2 }))).status, 200);
	const log = await rows(proxy, 4);
	const r = spawnSync(process.env.HEADROOM, ['compress', '-f', 'proxy-jsonl', '-v', pathOf(proxy)], { encoding: 'utf8', maxBuffer: 64 * MEGABYTE, env: { HOME: proxy.home } });
	assert.equal(r.status, 0, r.stderr);
	const [, before, after, changed, results] = r.stderr.match(/([\d,]+) -> ([\d,]+) tokens \(.*?\), (\d+) of (\d+) results/) ?? assert.fail(r.stderr);
	assert.ok(Number(after.replace(/,/g, '')) < Number(before.replace(/,/g, '')), r.stderr);
	assert.ok(Number(changed) > 0 && Number(results) >= 5, r.stderr);
	const out = linesOf(r.stdout).map((l) => JSON.parse(l));
	assert.deepEqual(out.map((row) => row.request_id), log.map((row) => row.request_id));
	// what the proxy sent for the first request is what the recording is made to
	assert.deepEqual(out[0].request, log[0].sent);
});

test('SIGHUP opens it anew', async (t) => {
	const { proxy } = await logged(t);
	await proxy.ask(request('anthropic'));
	await rows(proxy, 1);
	renameSync(pathOf(proxy), `${pathOf(proxy)}.old`);
	proxy.child.kill('SIGHUP');
	await proxy.logged(/reloaded/);
	await proxy.ask(request('anthropic'));
	await rows(proxy, 1);
	assert.equal(linesOf(readFileSync(`${pathOf(proxy)}.old`, 'utf8')).length, 1);
	assert.equal(statSync(pathOf(proxy)).mode & 0o777, 0o600);
});


test('several workers write whole lines', async (t) => {
	const { proxy } = await logged(t, { args: ['--workers', '4', '--log-messages'] });
	const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => proxy.ask(request(FORMAT_NAMES[i % 4], { seed: i + 1, stream: i % 3 === 0 }))));
	const found = await rows(proxy, 40);
	assert.deepEqual(found.map((r) => r.request_id).sort(), answers.map((a) => a.header('x-headroom-request-id')).sort());
});

test('a file that cannot be made ends the start', (t) => {
	const home = tempDir(t);
	mkdirSync(join(home, 'taken'));
	const r = spawnSync(process.env.HEADROOM, ['proxy', '--port', '0', '--log-file', join(home, 'taken')], { encoding: 'utf8', env: { HOME: home } });
	assert.equal(r.status, 73, r.stderr);
	assert.match(r.stderr, /cannot open the request log .*--log-file/);
});
