// The dashboard without a browser: the page, its states and who gets them, what was changed in a request. In a browser: tests/dashboard.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { renameSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { pair, requestBytes, tempDir, until, within } from './kit.mjs';
import { DIALECT_NAMES, outputsOf, request } from './requests.mjs';

const REMOTE = [['X-Forwarded-For', '10.1.2.3']];
const EVENTS = { method: 'GET', path: '/v1/dashboard/events' };
const PLACES = 16; // FEED_LISTENERS_MAX

const get = (proxy, path, headers = []) => proxy.ask({ method: 'GET', path, headers });
const figures = ({ requests, tokens, cost, persistent_savings, savings, prefix_cache }) => ({ requests, tokens, cost, persistent_savings, savings, prefix_cache });

// Somebody who listens: next() is the next state, whole(n) the first that has n requests.
async function listen(proxy, headers = []) {
	const raw = await proxy.connect();
	await raw.send(requestBytes({ ...EVENTS, headers }));
	const head = await raw.head();
	assert.equal(head.status, 200);
	assert.equal(head.header('content-type'), 'text/event-stream');
	assert.equal(head.header('cache-control'), 'no-store');
	const events = raw.events(head);
	let n = 0;
	const next = async () => {
		const { value } = await within(events.next(), 'a state');
		if (!value)
			return null;
		n++;
		assert.equal(value.event, 'state');
		return JSON.parse(value.data);
	};
	const whole = async (requests) => {
		for (;;) {
			const state = await next();
			assert.ok(state, 'the stream has ended');
			if (state.stats.requests.total >= requests)
				return state;
		}
	};
	return { raw, head, next, whole, close: () => raw.close(), get n() {
		return n;
	} };
}

test('the page: open to all, whole in itself, and nothing but it may run', async (t) => {
	const { proxy, provider } = await pair(t, { env: { HEADROOM_PROXY_TOKEN: 'secret' } });
	const plain = await get(proxy, '/dashboard');
	assert.equal(plain.status, 200);
	assert.equal(plain.header('content-type'), 'text/html; charset=utf-8');
	assert.equal(plain.header('content-encoding'), undefined);
	for (const [accepts, coded] of [['gzip', true], ['br, GZIP;q=0.5', true], ['*', true], ['gzip;q=0', false], ['gzip; q=0.000', false], ['br', false], ['identity', false]]) {
		const r = await get(proxy, '/dashboard', [['Accept-Encoding', accepts]]);
		assert.equal(r.header('content-encoding'), coded ? 'gzip' : undefined, accepts);
		assert.equal((coded ? gunzipSync(r.body) : r.body).toString(), plain.text, accepts);
	}
	const policy = plain.header('content-security-policy');
	for (const [name, element] of [['script-src', /<script type="module">([^]*?)<\/script>/], ['style-src', /<style>([^]*?)<\/style>/]])
		assert.ok(policy.includes(`${name} 'sha256-${createHash('sha256').update(plain.text.match(element)[1]).digest('base64')}'`), name);
	assert.match(policy, /^default-src 'none';.* connect-src 'self';/);
	assert.doesNotMatch(policy, /unsafe|https?:/);
	assert.equal(plain.text.match(/<script/g).length, 1);
	assert.doesNotMatch(plain.text.replaceAll('http://www.w3.org/2000/svg', '').replaceAll('http%3A', ''), /https?:\/\//);
	assert.doesNotMatch(plain.text, / (src|on[a-z]+|style)=/);
	assert.equal(provider.requests.length, 0);
	for (const path of ['/v1/dashboard/state', EVENTS.path, '/v1/dashboard/requests/01J00000000000000000000000'])
		assert.equal((await get(proxy, path)).status, 401, path);
	assert.equal((await get(proxy, '/v1/dashboard/state', [['x-headroom-proxy-token', 'secret']])).status, 200);
});

test('states: what /stats says, at once and after each request', async (t) => {
	const { proxy } = await pair(t, { args: ['--workers', '2', '--budget', '10', '--rpm', '60'], limits: true });
	const listeners = await Promise.all([listen(proxy), listen(proxy), listen(proxy, REMOTE)]);
	for (const l of listeners)
		assert.equal((await l.next()).stats.requests.total, 0);
	for (let n = 1; n <= 3; n++) {
		await proxy.ask(request(n % 2 ? 'anthropic' : 'chat', { steps: 2 * n }));
		const states = await Promise.all(listeners.map((l) => l.whole(n)));
		const [local, remote] = await Promise.all([[], REMOTE].map(async (headers) => (await get(proxy, '/stats', headers)).json));
		assert.deepEqual(figures(states[0].stats), figures(local));
		assert.deepEqual(figures(states[1].stats), figures(local));
		assert.deepEqual(figures(states[2].stats), figures(remote));
	}
	const { json: state } = await get(proxy, '/v1/dashboard/state');
	assert.equal(state.schema, 'headroom.dashboard-state/1');
	assert.equal(state.health.ready, true);
	assert.equal(state.limits.concurrency, 1000);
	assert.equal(state.stats.budget.limit_usd, 10);
	assert.equal(state.stats.rate_limiter.requests_per_minute, 60);
	assert.equal(state.stats.recent_requests.length, 3);
	assert.equal(Object.values(state.clients).reduce((sum, c) => sum + c.tokens_saved, 0), state.stats.tokens.saved);
	const { json: other } = await get(proxy, '/v1/dashboard/state', REMOTE);
	assert.deepEqual([other.clients, other.stats.recent_requests, other.stats.savings.per_project, other.stats.config, other.health.version], [undefined, undefined, undefined, undefined, undefined]);
	await proxy.ask({ method: 'POST', path: '/stats/reset' });
	let reset;
	do
		reset = await listeners[0].next();
	while (reset.stats.requests.total);
	for (const l of listeners)
		l.close();
});

test('places are few, free again when a page goes, and not those of requests', async (t) => {
	const { proxy } = await pair(t, { args: ['--limit-concurrency', '1'] });
	const listeners = [];
	for (let i = 0; i < PLACES; i++) {
		listeners.push(await listen(proxy));
		await listeners[i].next();
	}
	const refused = await proxy.ask(EVENTS);
	assert.equal(refused.status, 503);
	assert.equal(refused.header('retry-after'), '10');
	assert.match(refused.json.detail, /too many dashboards/);
	assert.equal((await proxy.ask(request('anthropic'))).status, 200, '--limit-concurrency is not about pages');
	assert.equal((await proxy.ask({ ...EVENTS, method: 'HEAD' })).status, 405);
	listeners.pop().raw.reset();
	const last = await until(async () => {
		const raw = await proxy.connect();
		await raw.send(requestBytes(EVENTS));
		const head = await raw.head();
		return head.status === 200 && raw;
	}, 'the place');
	const { json } = await get(proxy, '/v1/dashboard/state');
	assert.equal(json.limits.active, 1, 'the question itself');
	last.close();
	for (const l of listeners)
		l.close();
});

test('a proxy that ends does not wait for pages, and ends their answers well', async (t) => {
	const { proxy } = await pair(t, { args: ['--workers', '2', '--drain-timeout', '1h'] });
	const listeners = await Promise.all(Array.from({ length: 4 }, () => listen(proxy)));
	for (const l of listeners)
		await l.next();
	await proxy.stop();
	for (const l of listeners) {
		while (await l.next())
			;
		assert.equal(l.head.complete, true);
	}
});

// Listens with small buffers and does not read before a line comes on its standard input; then prints all there is.
const SLOW = `
use Socket;
socket(my $s, PF_INET, SOCK_STREAM, 0) or die;
setsockopt($s, SOL_SOCKET, SO_RCVBUF, 2048) or die;
setsockopt($s, 6, 2, pack("i", 536)) or die;
connect($s, sockaddr_in($ARGV[0], inet_aton("127.0.0.1"))) or die;
syswrite($s, "GET /v1/dashboard/events HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n");
sysread($s, my $first, 1) or die;
syswrite(STDOUT, $first);
<STDIN>;
while (sysread($s, my $b, 65536)) { syswrite(STDOUT, $b) }
`;

test('one that reads slowly misses states, and none waits for it', async (t) => {
	const { proxy } = await pair(t);
	const slow = spawn('perl', ['-e', SLOW, String(proxy.port)], { stdio: ['pipe', 'pipe', 'inherit'] });
	const exited = once(slow, 'exit');
	t.after(() => slow.kill());
	let text = '';
	slow.stdout.setEncoding('latin1').on('data', (part) => { text += part; });
	await until(() => text.length === 1, 'the slow one to listen');
	const fast = await listen(proxy);
	await fast.next();
	const rounds = 20;
	for (let n = 1; n <= rounds; n++) {
		await proxy.ask(request('anthropic', { steps: 1, headers: [['user-agent', 'claude-cli/2.1.197']] }));
		await fast.whole(n);
	}
	slow.stdin.end('\n');
	await until(() => text.includes(`"requests":{"total":${rounds},`), 'the newest state'); // without another request
	await proxy.stop();
	await within(exited, 'its end');
	const got = text.split('event: state\n').length - 1;
	assert.ok(got >= 2 && got < fast.n - 5, `${got} states of ${fast.n}`);
	assert.ok(text.endsWith('0\r\n\r\n'));
});

test('what was changed in a request is read from the log, in every format', async (t) => {
	const log = join(tempDir(t), 'log.jsonl');
	const { proxy, provider } = await pair(t, { args: ['--log-file', log, '--log-messages'] });
	for (const [i, name] of DIALECT_NAMES.entries()) {
		const r = request(name, { steps: 3, seed: i + 1 });
		const id = (await proxy.ask(r)).header('x-headroom-request-id');
		const { json } = await get(proxy, `/v1/dashboard/requests/${id}`);
		const [before, after] = [outputsOf(name === 'assist' ? 'gemini' : name, inner(name, r.body)), outputsOf(name === 'assist' ? 'gemini' : name, inner(name, provider.requests.at(-1).text))];
		const want = before.map((text, k) => [text, after[k]]).filter(([a, b]) => a !== b).reverse();
		assert.ok(want.length >= 2, name);
		assert.deepEqual(json.changes.map((c) => [c.before, c.after]), want, name);
		assert.ok(json.changes.every((c) => c.role === 'tool' && c.kind === 'result' && c.tool === 'Read' && !c.is_cut && c.path), name);
		assert.deepEqual([json.request_id, json.note, json.changes_total, json.changes_left_out], [id, null, want.length, 0]);
	}
	const id = readFileSync(log, 'utf8').match(/"request_id":"([0-9A-Z]{26})"/)[1];
	renameSync(log, `${log}.1`);
	assert.ok((await get(proxy, `/v1/dashboard/requests/${id}`)).status === 404, 'there is no log');
	await proxy.ask(request('chat'));
	assert.ok((await get(proxy, `/v1/dashboard/requests/${id}`)).json.changes.length >= 2, 'in a file that was put away');
	assert.equal((await get(proxy, `/v1/dashboard/requests/${id}`, REMOTE)).status, 404);
	for (const bad of ['x', '01J00000000000000000000000', `${id.slice(0, -1)}"`, `${id}x`])
		assert.equal((await get(proxy, `/v1/dashboard/requests/${bad}`)).status, 404, bad);
	assert.match(proxy.stderr, /admin_audit.*dashboard_request/);
});

const inner = (name, text) => (name === 'assist' ? JSON.stringify(JSON.parse(text).request) : text);

test('what cannot be shown of a request is said', async (t) => {
	const log = join(tempDir(t), 'log.jsonl');
	const { proxy } = await pair(t, { args: ['--log-file', log, '--log-messages'] });
	const id = async (r) => (await proxy.ask(r)).header('x-headroom-request-id');
	const note = async (which) => (await get(proxy, `/v1/dashboard/requests/${which}`)).json.note;
	assert.match(await note(await id(request('anthropic', { steps: 0 }))), /as it came/);
	assert.match(await note(await id({ method: 'GET', path: '/v1/models' })), /not in the log/);
	const other = await pair(t, { args: ['--log-file', join(tempDir(t), 'log.jsonl')] });
	const r = await get(other.proxy, `/v1/dashboard/requests/${(await other.proxy.ask(request('chat'))).header('x-headroom-request-id')}`);
	assert.equal(r.status, 404);
	assert.match(r.json.detail, /--log-messages/);
});

test('stats-history?limit: the newest ones, with the totals of all', async (t) => {
	const { proxy } = await pair(t);
	await proxy.ask(request('anthropic'));
	const all = (await get(proxy, '/stats-history?series=hourly')).json.series.hourly;
	assert.deepEqual((await get(proxy, '/stats-history?series=hourly&limit=1')).json.series.hourly, all.slice(-1));
	assert.deepEqual((await get(proxy, '/stats-history?series=hourly&limit=0')).json.series.hourly, []);
	assert.equal((await get(proxy, '/stats-history?limit=x')).status, 422);
});

const run = promisify(execFile);
const headroom = async (proxy, ...args) => (await run(process.env.HEADROOM, [...args, '-p', String(proxy.port)], { env: { PATH: process.env.PATH, HOME: proxy.home } })).stdout;

test('headroom stats prints the figures of /stats', async (t) => {
	const { proxy } = await pair(t, { args: ['--budget', '10'] });
	const watch = spawn(process.env.HEADROOM, ['stats', '--watch', '-p', String(proxy.port)], { env: { PATH: process.env.PATH, HOME: proxy.home }, stdio: ['ignore', 'pipe', 'inherit'] });
	const exited = once(watch, 'exit');
	t.after(() => watch.kill());
	let lines = '';
	watch.stdout.setEncoding('utf8').on('data', (part) => { lines += part; });
	await until(() => /requests 0 /.test(lines), 'a first line');
	await proxy.ask(request('anthropic', { steps: 6 }));
	await proxy.ask(request('chat', { steps: 4 }));
	const { json: want } = await get(proxy, '/stats');
	const got = JSON.parse(await headroom(proxy, 'stats', '--json'));
	assert.deepEqual(figures(got.stats), figures(want));
	const table = (await headroom(proxy, 'stats')).split('\n');
	const cells = (name) => table.find((l) => l.trim().startsWith(name)).trim().slice(name.length).trim().split(/\s+/).map((c) => Number(c.replaceAll(',', '')));
	assert.deepEqual(cells('requests'), [2, 2]);
	assert.deepEqual(cells('saved '), [want.tokens.saved, want.persistent_savings.lifetime.tokens_saved]);
	assert.deepEqual(cells('input tokens'), [want.tokens.total_before_compression]);
	assert.equal(cells('bill, USD')[0], Number(want.summary.cost.with_headroom_usd.toFixed(4)));
	assert.match(table.join('\n'), /^budget, USD .* of 10\.0000, /m);
	assert.deepEqual(cells('claude-sonnet-4-5'), [want.cost.per_model['claude-sonnet-4-5'].requests, want.cost.per_model['claude-sonnet-4-5'].tokens_saved]);
	await until(() => lines.includes(` requests 2 failed 0 saved ${want.tokens.saved} (${want.tokens.savings_percent.toFixed(1)}% of input)`), 'a line with all of it');
	assert.equal(new Set(lines.trim().split('\n').map((l) => l.split(' ').length)).size, 1, lines);
	await proxy.stop();
	assert.deepEqual(await within(exited, 'the end of --watch'), [69, null]);
});
