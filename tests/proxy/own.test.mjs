// The endpoints of the proxy itself: health, figures, history, compression, originals, and what only this machine may see.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { pair, requestBytes, tempDir, until, within } from './kit.mjs';
import { conversation, FORMAT_NAMES, formatOf, outputsOf, request } from './requests.mjs';

// Who comes from elsewhere: a reverse proxy on this machine says so.
const REMOTE = [['X-Forwarded-For', '10.1.2.3']];

const get = (proxy, path, headers = []) => proxy.ask({ method: 'GET', path, headers });
const post = (proxy, path, body, headers = []) => proxy.ask({ method: 'POST', path, body, headers });

async function stats(proxy, headers) {
	const r = await get(proxy, '/stats', headers);
	assert.equal(r.status, 200, r.text);
	return r.json;
}

// The metrics as a map from "name{labels}" to a number; every line must be one of the format.
function parseMetrics(text) {
	const values = new Map();
	for (const line of text.split('\n')) {
		if (line === '' || /^# (HELP [a-z_]+ \S.*|TYPE [a-z_]+ (counter|gauge|histogram))$/.test(line))
			continue;
		const m = line.match(/^([a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)+\})?) (-?[0-9.]+(?:e[+-][0-9]+)?)$/);
		assert.ok(m, `no line of the format: ${line}`);
		assert.ok(!values.has(m[1]), `twice: ${m[1]}`);
		values.set(m[1], Number(m[2]));
	}
	return values;
}

test('every answer has its length, and HEAD has the head of GET', async (t) => {
	const { proxy } = await pair(t);
	for (const path of ['/livez', '/healthz', '/readyz', '/health', '/stats', '/stats-history', '/metrics', '/dashboard', '/v1/dashboard/state', '/v1/retrieve/stats', '/v1/feedback', '/admin/upstream', '/debug/memory', '/debug/exchanges', '/transformations/feed']) {
		const raw = await proxy.connect();
		await raw.send(requestBytes({ method: 'GET', path }));
		const full = await raw.response('GET');
		assert.equal(full.status, 200, path);
		assert.equal(Number(full.header('content-length')), full.body.length, path);
		assert.equal(full.header('cache-control'), 'no-store', path);
		assert.match(full.header('content-security-policy'), /default-src 'none'/, path);
		assert.match(full.header('x-headroom-request-id'), /^[0-9A-Z]{26}$/, path);
		await raw.send(requestBytes({ method: 'HEAD', path })); // the same connection: no body may be left on it
		const head = await raw.response('HEAD');
		assert.equal(head.status, 200, path);
		assert.equal(head.header('content-type'), full.header('content-type'), path);
		assert.ok(Number(head.header('content-length')) > 0, path);
		await raw.send(requestBytes({ method: 'GET', path: '/livez' }));
		assert.equal((await raw.response('GET')).json.service, 'headroom-proxy', path);
		raw.close();
	}
});

test('another method is 405 with what is allowed, and nothing of ours goes upstream or is limited', async (t) => {
	const { provider, proxy } = await pair(t, { limits: true, args: ['--rpm', '1'] });
	const r = await post(proxy, '/stats', '{}');
	assert.equal(r.status, 405);
	assert.equal(r.header('allow'), 'GET, HEAD');
	assert.equal((await get(proxy, '/stats/reset')).header('allow'), 'POST');
	for (let i = 0; i < 5; i++)
		assert.equal((await get(proxy, '/stats')).status, 200);
	assert.equal(provider.requests.length, 0);
	assert.equal((await stats(proxy)).requests.total, 0);
});

test('health: what headroom proxy status and wrap read, and less of it for others', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--mode', 'cache'] });
	for (let i = 0; i < 3; i++)
		await proxy.ask(request('anthropic', { seed: i }));
	const h = (await get(proxy, '/health')).json;
	assert.equal(h.service, 'headroom-proxy');
	assert.equal(h.status, 'healthy');
	assert.equal(h.ready, true);
	assert.equal(h.config.pid, proxy.child.pid);
	assert.equal(h.config.mode, 'cache');
	assert.equal(h.config.optimize, true);
	assert.equal(h.config.anthropic_api_url, provider.url);
	assert.equal(h.config.version, h.version);
	assert.equal(h.stats.requests, 3);
	assert.equal(h.checks.upstreams.anthropic.status, 'healthy');
	assert.equal(h.checks.upstreams.openai, undefined, 'one that nobody used');
	assert.ok(h.runtime.rss_bytes > 1 << 20);
	assert.ok(Math.abs(Date.now() - Date.parse(h.timestamp)) < 60000);
	const line = execFileSync(process.env.HEADROOM, ['proxy', 'status', '--port', String(proxy.port), '--json'], { env: { PATH: process.env.PATH, HOME: proxy.home } });
	const status = JSON.parse(line);
	assert.equal(status.pid, proxy.child.pid);
	assert.equal(status.requests, 3);
	assert.equal(status.mode, 'cache');
	const remote = (await get(proxy, '/health', REMOTE)).json;
	assert.equal(remote.ready, true);
	for (const key of ['config', 'version', 'stats'])
		assert.equal(remote[key], undefined, key);
	assert.ok(!JSON.stringify(remote).includes(provider.url));
	assert.equal((await get(proxy, '/livez', REMOTE)).json.alive, true);
});

test('readyz: 503 while a provider that is used cannot be reached, 200 again when it can', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--retry-max-attempts', '1'] });
	assert.equal((await get(proxy, '/readyz')).status, 200, 'no provider is asked');
	assert.equal(provider.requests.length, 0);
	provider.answer('/v1/messages', ...Array.from({ length: 3 }, () => ({ fault: { reset: 'head' } })));
	for (let i = 0; i < 2; i++)
		assert.equal((await proxy.ask(request('anthropic'))).status, 502);
	assert.equal((await get(proxy, '/readyz')).status, 200, 'two may be anybody\'s');
	assert.equal((await proxy.ask(request('anthropic'))).status, 502);
	const down = await get(proxy, '/readyz');
	assert.equal(down.status, 503);
	assert.equal(down.json.checks.upstreams.anthropic.status, 'unhealthy');
	assert.ok(!down.text.includes(provider.url));
	assert.equal((await get(proxy, '/livez')).status, 200);
	assert.equal((await get(proxy, '/health')).status, 200, 'always, with ready: false');
	assert.equal((await proxy.ask(request('anthropic'))).status, 200);
	assert.equal((await get(proxy, '/readyz')).status, 200);
});

test('stats are what the requests were, by all that they were', async (t) => {
	const { proxy } = await pair(t);
	const seen = { saved: 0, before: 0 };
	for (const name of FORMAT_NAMES) {
		const r = await proxy.ask(request(name));
		seen.saved += Number(r.header('x-headroom-tokens-saved'));
		seen.before += Number(r.header('x-headroom-tokens-before'));
	}
	await proxy.ask({ ...request('anthropic'), path: '/v1/messages', headers: [...request('anthropic').headers, ['x-headroom-bypass', 'true'], ['x-headroom-project', 'proj']] });
	await proxy.ask({ ...request('anthropic', { steps: 0 }) });
	const s = await stats(proxy);
	const n = FORMAT_NAMES.length;
	assert.ok(seen.saved > 0);
	assert.equal(s.requests.total, n + 2);
	assert.equal(s.requests.changed, n);
	assert.equal(s.summary.api_requests, n + 2);
	assert.equal(s.summary.compression.requests_compressed, n);
	assert.equal(s.summary.primary_model, 'claude-sonnet-4-5');
	assert.deepEqual(s.summary.uncompressed_requests, { bypassed: 1, no_tool_results: 1 });
	assert.equal(s.requests.by_reason.changed, n);
	assert.equal(s.requests.by_provider.anthropic, 3);
	assert.equal(s.requests.by_status['200'], n + 2);
	assert.ok(Math.abs(s.tokens.saved - seen.saved) <= n, `${s.tokens.saved} and ${seen.saved}`);
	assert.ok(s.tokens.total_before_compression >= seen.before - n);
	assert.equal(s.tokens.saved, s.tokens.total_before_compression - s.tokens.total_after_compression);
	assert.equal(s.savings.per_project.proj.requests, 1);
	assert.equal(s.persistent_savings.lifetime.tokens_saved, s.tokens.saved);
	assert.ok(s.summary.cost.with_headroom_usd > 0);
	assert.ok(Math.abs(s.summary.cost.without_headroom_usd - s.summary.cost.with_headroom_usd - s.summary.cost.total_saved_usd) < 1e-9);
	assert.equal(s.recent_requests.length, n + 2);
	assert.equal(s.recent_requests[0].reason, 'no_tool_results', 'newest first');
	assert.equal(s.config.pid, proxy.child.pid);
	assert.equal(s.rate_limiter, null);
	assert.equal(s.budget, null);
	assert.equal(s.telemetry, undefined, 'only with --telemetry');
	const remote = await stats(proxy, REMOTE);
	assert.equal(remote.requests.total, n + 2);
	for (const key of ['recent_requests', 'config'])
		assert.equal(remote[key], undefined, key);
	assert.equal(remote.savings.per_project, undefined);
	assert.equal(remote.savings.by_tool, undefined);
	assert.ok(remote.savings.by_encoder);
});

test('stats: limits, budget, response cache and telemetry', async (t) => {
	const { proxy } = await pair(t, { limits: true, args: ['--rpm', '3', '--budget', '5', '--telemetry'] });
	/* one is sent and twice answered from memory, which no limit counts; of four others two are within the limit */
	for (const tokens of [1, 1, 1, 2, 3, 4, 5]) {
		const body = JSON.stringify({ ...conversation('anthropic', 2), temperature: 0, max_tokens: tokens });
		await proxy.ask({ ...request('anthropic'), body });
	}
	const s = await stats(proxy);
	assert.equal(s.requests.cached, 2);
	assert.equal(s.requests.rate_limited, 2);
	assert.equal(s.rate_limiter.requests_per_minute, 3);
	assert.equal(s.rate_limiter.refused_rpm, 2);
	assert.equal(s.cache.total_hits, 2);
	assert.equal(s.cache.entries, 3);
	assert.equal(s.budget.limit_usd, 5);
	assert.ok(s.budget.spent_usd > 0 && s.budget.spent_usd < 1);
	assert.equal(s.telemetry.by_client.unknown.requests, 7);
	const results = Object.values(s.telemetry.by_content).reduce((sum, k) => sum + k.results, 0);
	assert.equal(results, 2, 'each result once');
	assert.deepEqual((await post(proxy, '/cache/clear')).json, { status: 'cleared' });
	assert.equal((await stats(proxy)).cache.entries, 0);
	await until(() => /admin_audit.*action=cache_clear.*status=200/.test(proxy.stderr), 'a line of the log');
});

test('cache/clear says when there is no cache', async (t) => {
	const { proxy } = await pair(t, { args: ['--no-cache'] });
	assert.deepEqual((await post(proxy, '/cache/clear')).json, { status: 'cache disabled' });
	assert.equal((await stats(proxy)).cache, null);
});

test('stats/reset begins anew and takes nothing from the lifetime nor the budget', async (t) => {
	const { proxy } = await pair(t, { args: ['--budget', '5'] });
	await proxy.ask(request('anthropic'));
	const before = await stats(proxy);
	assert.equal((await get(proxy, '/stats?cached=1')).json.requests.total, 1);
	assert.deepEqual((await post(proxy, '/stats/reset')).json, { status: 'reset' });
	await until(() => /admin_audit.*action=stats_reset.*method=POST.*path=\/stats\/reset.*peer=loopback/.test(proxy.stderr), 'a line of the log');
	const after = await stats(proxy);
	assert.equal(after.requests.total, 0);
	assert.equal(after.tokens.saved, 0);
	assert.equal(after.persistent_savings.lifetime.requests, 1);
	assert.equal(after.budget.spent_usd, before.budget.spent_usd);
	assert.ok(after.since > before.since);
	assert.equal((await get(proxy, '/stats?cached=1')).json.requests.total, 0, 'nothing of before is shown');
	await proxy.ask(request('chat'));
	assert.deepEqual((await stats(proxy)).requests.by_provider, { openai: 1 });
	assert.equal((await post(proxy, '/stats/reset', undefined, REMOTE)).status, 404);
});

test('stats?cached=1 is a snapshot, by who asks', async (t) => {
	const { proxy } = await pair(t);
	const first = await get(proxy, '/stats?cached=1', REMOTE);
	assert.equal(first.json.config, undefined);
	assert.ok((await get(proxy, '/stats?cached=1')).json.config, 'this machine gets its own');
	await proxy.ask(request('anthropic'));
	const again = await get(proxy, '/stats?cached=1', REMOTE);
	if (Date.now() - Date.parse(first.json.timestamp) < 5000)
		assert.equal(again.text, first.text);
	assert.equal((await stats(proxy)).requests.total, 1, 'without it, as of now');
});

test('figures outlive the process, and belong to a run', async (t) => {
	const home = tempDir(t);
	const first = await pair(t, { home });
	await first.proxy.ask(request('anthropic'));
	const saved = (await stats(first.proxy)).tokens.saved;
	await first.proxy.stop();
	const { proxy } = await pair(t, { home });
	const s = await stats(proxy);
	assert.equal(s.requests.total, 0);
	assert.equal(s.persistent_savings.lifetime.requests, 1);
	assert.equal(s.persistent_savings.lifetime.tokens_saved, saved);
	const metrics = await until(async () => {
		const values = parseMetrics((await get(proxy, '/metrics')).text);
		return values.has('headroom_persistent_savings_requests_total') && values;
	}, 'the figures of before');
	assert.equal(metrics.get('headroom_persistent_savings_requests_total'), 1);
	assert.equal(metrics.get('headroom_requests_total'), 0);
});

test('stats-history: running totals at every request and by hour, day, week and month', async (t) => {
	const { proxy } = await pair(t);
	for (let i = 0; i < 4; i++)
		await proxy.ask(request('anthropic', { seed: i }));
	const s = await stats(proxy);
	const h = (await get(proxy, '/stats-history')).json;
	assert.equal(h.history.length, 4);
	assert.deepEqual(h.history_summary, { mode: 'compact', stored_points: 4, returned_points: 4, compacted: false });
	for (let i = 1; i < 4; i++) {
		assert.ok(h.history[i].timestamp >= h.history[i - 1].timestamp);
		assert.ok(h.history[i].total_tokens_saved > h.history[i - 1].total_tokens_saved);
	}
	assert.equal(h.history[3].total_tokens_saved, s.tokens.saved);
	assert.equal(h.lifetime.tokens_saved, s.tokens.saved);
	for (const name of ['hourly', 'daily', 'weekly', 'monthly']) {
		const points = h.series[name];
		assert.equal(points.reduce((sum, p) => sum + p.tokens_saved, 0), s.tokens.saved, name);
		assert.equal(points.reduce((sum, p) => sum + p.requests, 0), 4, name);
		assert.equal(points.at(-1).total_tokens_saved, s.tokens.saved, name);
		assert.match(points[0].timestamp, /^\d{4}-\d\d-\d\dT\d\d:00:00\.000Z$/, name);
	}
	assert.equal(new Date(h.series.weekly[0].timestamp).getUTCDay(), 1);
	assert.ok(h.storage_path.startsWith(proxy.home));
	const remote = await get(proxy, '/stats-history', REMOTE);
	assert.ok(!remote.text.includes(proxy.home), 'no path for others');
	assert.deepEqual(Object.keys((await get(proxy, '/stats-history?series=daily')).json.series), ['daily']);
	assert.deepEqual((await get(proxy, '/stats-history?history_mode=none')).json.history, []);
});

test('stats-history as CSV, and 422 for what it does not know', async (t) => {
	const { proxy } = await pair(t);
	for (let i = 0; i < 3; i++)
		await proxy.ask(request('chat', { seed: i }));
	const s = await stats(proxy);
	const csv = await get(proxy, '/stats-history?format=csv');
	assert.equal(csv.header('content-type'), 'text/csv; charset=utf-8');
	assert.equal(csv.header('content-disposition'), 'attachment; filename="headroom-stats-history-history.csv"');
	const rows = csv.text.trimEnd().split('\r\n').map((line) => line.split(','));
	assert.deepEqual(rows[0], ['timestamp', 'total_tokens_saved', 'compression_savings_usd', 'total_input_tokens', 'total_cost_usd']);
	assert.equal(rows.length, 4);
	assert.equal(Number(rows[3][1]), s.tokens.saved);
	assert.equal(Number(rows[3][3]), s.tokens.input);
	const daily = (await get(proxy, '/stats-history?format=csv&series=daily')).text.trimEnd().split('\r\n');
	assert.equal(daily[0].split(',').length, 9);
	assert.equal(daily[1].split(',').length, 9);
	for (const query of ['format=xml', 'series=yearly', 'history_mode=all', 'format=csv&series='])
		assert.equal((await get(proxy, `/stats-history?${query}`)).status, 422, query);
	assert.match((await get(proxy, '/stats-history?series=x')).json.detail, /hourly, daily/);
});

test('transformations/feed: the newest first, as many as asked for', async (t) => {
	const { proxy } = await pair(t);
	const ids = [];
	for (let i = 0; i < 3; i++)
		ids.unshift((await proxy.ask(request('anthropic', { seed: i }))).header('x-headroom-request-id'));
	const feed = (await get(proxy, '/transformations/feed?limit=2')).json;
	assert.deepEqual(feed.transformations.map((r) => r.request_id), ids.slice(0, 2));
	assert.ok(feed.transformations[0].transforms_applied.length > 0);
	assert.deepEqual((await get(proxy, '/transformations/feed?limit=0')).json.transformations, []);
	for (const limit of ['101', 'x', '-1'])
		assert.equal((await get(proxy, `/transformations/feed?limit=${limit}`)).status, 422, limit);
	assert.equal((await get(proxy, '/transformations/feed', REMOTE)).status, 404);
});

test('metrics: the text format, and figures that agree with the requests', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--retry-max-attempts', '1'] });
	for (let i = 0; i < 3; i++)
		await proxy.ask(request('anthropic', { seed: i }));
	const odd = { ...conversation('chat', 1), model: 'we"ird\\model' };
	await proxy.ask({ ...request('chat'), body: JSON.stringify(odd) });
	provider.answer('/v1/messages', { fault: { reset: 'head' }, repeat: true });
	assert.equal((await proxy.ask(request('anthropic'))).status, 502);
	const r = await get(proxy, '/metrics');
	assert.equal(r.header('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
	const m = parseMetrics(r.text);
	assert.equal(m.get('headroom_requests_total'), 5);
	assert.equal(m.get('headroom_requests_failed_total'), 1);
	assert.equal(m.get('headroom_requests_by_provider{provider="anthropic"}'), 4);
	assert.equal(m.get('headroom_requests_by_model{model="we\\"ird\\\\model"}'), 1);
	assert.equal(m.get('headroom_requests_by_status_class{status="5xx"}'), 1);
	assert.equal(m.get('headroom_requests_by_reason{reason="upstream_failed"}'), 1);
	assert.equal(m.get('headroom_latency_seconds_bucket{le="+Inf"}'), 5);
	assert.equal(m.get('headroom_latency_ms_count'), 5);
	assert.ok(m.get('headroom_tokens_saved_total') > 0);
	assert.ok(m.get('headroom_resident_memory_bytes') > 1 << 20);
	assert.equal(m.get('headroom_inbound_requests_active'), 1, 'this one');
	assert.equal(m.get('headroom_budget_limit_usd'), -1);
	let below = 0;
	for (const [name, n] of m) {
		if (!name.startsWith('headroom_latency_seconds_bucket'))
			continue;
		assert.ok(n >= below, 'buckets add up');
		below = n;
	}
});

test('compress: all four formats, as the proxy would send them, and nothing spelled anew', async (t) => {
	const { provider, proxy } = await pair(t);
	for (const name of FORMAT_NAMES) {
		const body = JSON.stringify(conversation(name, 3)).replace(/\}$/, ',"max":1.0e+2,"deep":[1E5,0.10]}');
		const r = await post(proxy, '/v1/compress', body);
		assert.equal(r.status, 200, r.text);
		const a = r.json;
		assert.ok(a.tokens_saved > 0, name);
		assert.equal(a.tokens_saved, a.tokens_before - a.tokens_after, name);
		assert.ok(Math.abs(a.compression_ratio - a.tokens_after / a.tokens_before) < 1e-3, name);
		assert.ok(a.transforms_applied.length > 0 && Object.keys(a.transforms_summary).length === a.transforms_applied.length, name);
		await proxy.ask({ ...request(name), body });
		const sent = provider.requests.at(-1).text;
		const whole = await post(proxy, '/v1/compress?body=1', body);
		assert.ok(whole.text.includes(`"body":${sent}`), `${name}: as it was sent`);
		assert.ok(sent.endsWith(',"max":1.0e+2,"deep":[1E5,0.10]}'), name);
		const items = formatOf(name).items;
		assert.deepEqual(a[items], JSON.parse(sent)[items], name);
		assert.notDeepEqual(outputsOf(name, sent), outputsOf(name, body), name);
	}
	assert.equal(provider.requests.length, FORMAT_NAMES.length, 'nothing else was sent');
});

test('compress: its members, bypass, codings and errors', async (t) => {
	const { proxy } = await pair(t, { args: ['--no-optimize'] });
	const body = conversation('anthropic', 3);
	const ask = (more, headers) => post(proxy, '/v1/compress', JSON.stringify({ ...body, ...more }), headers);
	assert.ok((await ask({})).json.tokens_saved > 0, 'also where the proxy itself changes nothing');
	const budget = (await ask({ token_budget: 10 })).json;
	assert.equal(budget.is_within_budget, false);
	assert.equal((await ask({ token_budget: 1000000 })).json.is_within_budget, true);
	const kept = (await ask({ config: { protect_recent: 100 } })).json;
	assert.equal(kept.tokens_saved, 0);
	assert.deepEqual(kept.messages, body.messages);
	assert.match((await ask({ config: { compress_user_messages: true } })).json.warnings[0], /results of tools/);
	assert.match((await ask({ config: { what: 1 } })).json.warnings[0], /not known/);
	assert.equal((await ask({ config: {} })).json.warnings, undefined);
	const bypass = (await ask({}, [['x-headroom-bypass', 'true']])).json;
	assert.deepEqual([bypass.tokens_before, bypass.tokens_after, bypass.tokens_saved, bypass.compression_ratio], [0, 0, 0, 1]);
	assert.deepEqual(bypass.messages, body.messages);
	assert.equal((await ask({ messages: [] })).json.compression_ratio, 1);
	const packed = await post(proxy, '/v1/compress', gzipSync(JSON.stringify(body)), [['Content-Encoding', 'gzip']]);
	assert.ok(packed.json.tokens_saved > 0);
	const bad = [
		['{', 400, /Invalid JSON/], ['[]', 400, /object/], ['{"model":"m"}', 400, /Missing required field: messages/],
		['{"messages":[{"role":"user","content":"x"}]}', 400, /Missing required field: model/], ['{"messages":{},"model":"m"}', 400, /array/],
		['{"messages":[],"model":"m","config":1}', 400, /config must be an object/], ['{"messages":[],"model":"m","token_budget":"x"}', 400, /token_budget/],
		['{"messages":[],"model":"m","config":{"target_ratio":2}}', 400, /target_ratio/], ['', 400, /Invalid JSON/],
	];
	for (const [text, status, want] of bad) {
		const r = await post(proxy, '/v1/compress', text);
		assert.equal(r.status, status, text);
		assert.equal(r.json.error.type, 'invalid_request', text);
		assert.match(r.json.error.message, want, text);
		assert.match(r.json.detail, want, text);
	}
	assert.equal((await post(proxy, '/v1/compress', '{}', [['Content-Encoding', 'x-what']])).status, 415);
	assert.equal((await post(proxy, '/v1/compress', 'no gzip', [['Content-Encoding', 'gzip']])).status, 400);
	assert.equal((await ask({}, REMOTE)).status, 404);
});

// An original in the store of a proxy, put there by the command line: {key, text}.
function putOriginal(home) {
	const env = { PATH: process.env.PATH, HOME: home };
	const lines = Array.from({ length: 200 }, (_, i) => `a line that is numbered ${i + 1}\n`).join('');
	const text = lines + lines;
	writeFileSync(join(home, 'twice.txt'), text);
	execFileSync(process.env.HEADROOM, ['compress', '--ccr', 'on', '-f', 'log', 'twice.txt', '--report', 'report.json'], { cwd: home, env });
	const key = readFileSync(join(home, 'report.json'), 'utf8').match(/"ccr_hash":"([0-9a-f]+)"/)[1];
	return { key, text };
}

test('retrieve: originals whole and in part, by POST and by GET', async (t) => {
	const { proxy } = await pair(t);
	const { key, text } = putOriginal(proxy.home);
	const whole = (await post(proxy, '/v1/retrieve', JSON.stringify({ hash: key }))).json;
	assert.deepEqual(whole, { hash: key, original_content: text, original_bytes: text.length, is_whole: true });
	assert.deepEqual((await get(proxy, `/v1/retrieve/${key}`)).json, whole);
	const part = (await post(proxy, '/v1/retrieve', JSON.stringify({ hash: key, lines: '100:120', query: 'NUMBERED 111', limit: 1 }))).json;
	assert.equal(part.original_content, `[original ${key}: 400 lines, ${text.length} bytes]\n[lines 109-113]\n` +
		[109, 110, 111, 112, 113].map((n) => `a line that is numbered ${n}\n`).join(''));
	assert.equal(part.is_whole, false);
	assert.equal((await get(proxy, `/v1/retrieve/${key}?lines=2,7-8`)).json.original_content, [2, 7, 8].map((n) => `a line that is numbered ${n}\n`).join(''));
	assert.equal((await get(proxy, `/v1/retrieve/${key}?offset=398&limit=1`)).json.original_content, 'a line that is numbered 199\n');
	assert.equal((await post(proxy, '/v1/retrieve', JSON.stringify({ hash: key, lines: 3 }))).json.original_content, 'a line that is numbered 3\n');
	const s = (await get(proxy, '/v1/retrieve/stats')).json;
	assert.equal(s.store.total_retrievals, 6);
	const bad = [
		['{}', 400, /hash required/], ['{', 400, /Invalid JSON/], [JSON.stringify({ hash: 'abc' }), 400, /hex digits/],
		[JSON.stringify({ hash: '0123456789abcdef' }), 404, /no such original/], [JSON.stringify({ hash: key, lines: 'x' }), 400, /10-40/],
		[JSON.stringify({ hash: key, query: 'nowhere' }), 404, /nothing in its 400 lines fits/], [JSON.stringify({ hash: key, rows: '1' }), 400, /no JSON with rows/],
		[JSON.stringify({ hash: key, limit: -1 }), 400, /limit must be/], [JSON.stringify({ hash: key, lines: '401' }), 404, /fewer than that/],
	];
	for (const [body, status, want] of bad) {
		const r = await post(proxy, '/v1/retrieve', body);
		assert.equal(r.status, status, body);
		assert.match(r.json.detail, want, body);
	}
	assert.equal((await get(proxy, `/v1/retrieve/${key}`, REMOTE)).status, 404);
	assert.deepEqual((await get(proxy, `/v1/retrieve/${key}`, REMOTE)).json.detail, 'Not Found');
});

test('retrieve/tool_call answers a model in the words of its provider', async (t) => {
	const { proxy } = await pair(t);
	const { key, text } = putOriginal(proxy.home);
	const ask = async (tool_call, provider) => (await post(proxy, '/v1/retrieve/tool_call', JSON.stringify({ tool_call, provider }))).json;
	const a = await ask({ id: 'toolu_1', name: 'mcp__headroom__headroom_retrieve', input: { hash: key } }, 'anthropic');
	assert.equal(a.success, true);
	assert.deepEqual(a.data, { hash: key, original_bytes: text.length, is_whole: true });
	assert.deepEqual(a.tool_result, { type: 'tool_result', tool_use_id: 'toolu_1', content: `[original ${key}: 400 lines, ${text.length} bytes]\n${text}` });
	const o = await ask({ id: 'call_1', function: { name: 'headroom_retrieve', arguments: JSON.stringify({ hash: key, lines: '1' }) } }, 'openai');
	assert.equal(o.tool_result.role, 'tool');
	assert.equal(o.tool_result.tool_call_id, 'call_1');
	assert.equal(o.tool_result.content, `[original ${key}: 400 lines, ${text.length} bytes]\n[line 1]\na line that is numbered 1\n`);
	const other = await ask({ call_id: 'c', name: 'headroom_retrieve', arguments: JSON.stringify({ hash: '0123456789abcdef' }) }, 'other');
	assert.equal(other.success, false);
	assert.equal(other.data.status, 'not_found');
	assert.match(other.tool_result.content, /no such original/);
	const wrong = await ask({ id: 'toolu_2', name: 'headroom_retrieve', input: { hash: key, offset: 'x' } }, 'anthropic');
	assert.deepEqual([wrong.success, wrong.data.status], [false, 'failed']);
	assert.match(wrong.tool_result.content, /offset must be/);
	assert.deepEqual(Object.keys(other.tool_result), ['tool_call_id', 'content']);
	for (const body of [{ tool_call: { name: 'Read', input: {} }, provider: 'anthropic' }, {}, { tool_call: 1 }])
		assert.equal((await post(proxy, '/v1/retrieve/tool_call', JSON.stringify(body))).status, 400);
});

// An original that something was left out of: {key, text}.
function elideOriginal(home, n) {
	const env = { PATH: process.env.PATH, HOME: home };
	const text = Array.from({ length: 400 }, (_, i) => `2026-01-01 INFO app: request ${(i * i * 7919) % 10007} done in ${n} ms\n`).join('');
	writeFileSync(join(home, `log${n}`), text);
	execFileSync(process.env.HEADROOM, ['compress', '--ccr', 'on', '-f', 'log', `log${n}`, '--report', 'report.json'], { cwd: home, env });
	return { key: readFileSync(join(home, 'report.json'), 'utf8').match(/"ccr_hash":"([0-9a-f]+)"/)[1], text };
}

test('feedback: what was asked for is shown, and forgotten when it is told to be', async (t) => {
	const { proxy } = await pair(t);
	const call = { tool_call: { id: 'x', name: 'headroom_retrieve', input: {} }, provider: 'anthropic' };
	for (let n = 1; n <= 3; n++) {
		const { key } = elideOriginal(proxy.home, n);
		if (n === 1)
			await get(proxy, `/v1/retrieve/${key}`);
		call.tool_call.input = { hash: key, lines: '1' };
		if (n === 2)
			await post(proxy, '/v1/retrieve/tool_call', JSON.stringify(call));
	}
	const seen = (await get(proxy, '/v1/feedback')).json;
	assert.equal(seen.enabled, true);
	assert.equal(seen.feedback.length, 1);
	const { tool, encoder, shape, level, elided, retrieved, retrieved_whole } = seen.feedback[0];
	assert.deepEqual([tool, encoder, shape, level, elided, retrieved, retrieved_whole], ['', 'log', 'log', 'normal', 3, 2, 1]);
	assert.deepEqual((await get(proxy, '/v1/feedback/Bash')).json.feedback, []);
	assert.equal((await get(proxy, '/v1/feedback', REMOTE)).status, 404);
	assert.equal((await proxy.ask({ method: 'DELETE', path: '/v1/feedback', headers: REMOTE })).status, 404);
	assert.equal((await post(proxy, '/v1/feedback', '{}')).status, 405);
	assert.equal((await proxy.ask({ method: 'DELETE', path: '/v1/feedback/Bash' })).json.forgotten, 'Bash');
	assert.equal((await get(proxy, '/v1/feedback')).json.feedback.length, 1);
	assert.equal((await proxy.ask({ method: 'DELETE', path: '/v1/feedback' })).json.forgotten, 'all');
	assert.deepEqual((await get(proxy, '/v1/feedback')).json.feedback, []);
	const other = await pair(t, { args: ['--stateless'] });
	assert.deepEqual((await get(other.proxy, '/v1/feedback')).json, { enabled: false, samples_min: 20, feedback: [] });
});

test('debug/exchanges: what is under way on every worker, without content', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--workers', '2'] });
	provider.answer('/v1/messages', { hold: 'head', repeat: true });
	const held = [];
	for (let i = 0; i < 6; i++) {
		const raw = await proxy.connect();
		await raw.send(requestBytes(request('anthropic', { seed: i })));
		held.push(raw);
		await within(provider.next(i + 1), 'the request');
	}
	const r = await get(proxy, '/debug/exchanges');
	const sent = r.json.exchanges.filter((x) => x.state === 'sent');
	assert.equal(sent.length, 6);
	assert.equal(new Set(sent.map((x) => x.id)).size, 6);
	assert.ok(sent.every((x) => x.endpoint === 'messages' && x.upstream === 'anthropic' && x.bytes_in > 1000 && x.age_ms >= 0));
	assert.equal(r.json.exchanges.filter((x) => x.endpoint === 'debug_exchanges').length, 1, 'itself');
	assert.ok(!r.text.includes('Look at file'));
	provider.release(6);
	for (const raw of held) {
		assert.equal((await raw.response()).status, 200);
		raw.close();
	}
	const all = await Promise.all(Array.from({ length: 40 }, () => get(proxy, '/debug/exchanges')));
	assert.ok(all.every((x) => x.status === 200));
});

test('a client that goes while its answer is made harms nobody', async (t) => {
	const { proxy } = await pair(t, { args: ['--workers', '2'] });
	const body = JSON.stringify(conversation('anthropic', 30));
	for (const r of [{ path: '/v1/compress', body }, { method: 'GET', path: '/stats' }, { method: 'GET', path: '/debug/exchanges' }, { method: 'GET', path: '/stats-history' }]) {
		for (let i = 0; i < 5; i++) {
			const raw = await proxy.connect();
			await raw.send(requestBytes(r));
			raw.reset();
		}
	}
	await until(async () => (await get(proxy, '/debug/exchanges')).json.exchanges.length === 1, 'all of them to end');
	await proxy.stop(); // nothing leaks, which stop() sees
});

test('debug/memory and admin/upstream', async (t) => {
	const { provider, proxy } = await pair(t);
	await proxy.ask(request('anthropic'));
	await stats(proxy); // what was queued is in the store
	const m = (await get(proxy, '/debug/memory')).json;
	assert.ok(m.process.rss_bytes > 1 << 20);
	assert.ok(m.components.renderings.entry_count > 0);
	assert.ok(m.components.semantic_cache.budget_bytes > 0);
	const up = (await get(proxy, '/admin/upstream')).json;
	assert.equal(up.anthropic, provider.url);
	assert.deepEqual(Object.keys(up).sort(), ['anthropic', 'chatgpt', 'cloudcode', 'gemini', 'openai', 'vertex']);
});

test('CORS: only pages of a named origin may read, and preflights say so without a token', async (t) => {
	const origin = 'https://page.example';
	const { proxy } = await pair(t, { args: ['--cors-origins', origin], env: { HEADROOM_PROXY_TOKEN: 'secret' } });
	const token = ['x-headroom-proxy-token', 'secret'];
	const ask = (method, path, ...headers) => proxy.ask({ method, path, headers });
	const wants = ['Access-Control-Request-Method', 'POST'];
	const read = await ask('GET', '/stats', token, ['Origin', origin]);
	assert.equal(read.header('access-control-allow-origin'), origin);
	assert.match(read.header('vary'), /origin/i);
	assert.equal((await ask('GET', '/stats', token, ['Origin', 'http://localhost:3000'])).header('access-control-allow-origin'), undefined);
	assert.equal((await ask('GET', '/stats', token)).header('access-control-allow-origin'), undefined);
	assert.equal((await ask('GET', '/stats', token, ['Origin', 'https://evil.example'])).status, 403);
	const flight = await ask('OPTIONS', '/v1/compress', ['Origin', origin], wants);
	assert.equal(flight.status, 204);
	assert.equal(flight.header('access-control-allow-origin'), origin);
	assert.match(flight.header('access-control-allow-methods'), /POST/);
	assert.match(flight.header('access-control-allow-headers'), /x-headroom-proxy-token/);
	assert.equal(flight.header('access-control-allow-credentials'), undefined);
	assert.equal((await ask('OPTIONS', '/v1/compress', ['Origin', 'http://localhost:3000'], wants)).status, 401);
	assert.equal((await ask('OPTIONS', '/v1/compress', ['Origin', 'http://localhost:3000'], wants, token)).status, 405);
	assert.equal((await ask('OPTIONS', '/v1/compress', ['Origin', 'https://evil.example'], wants)).status, 403);
	assert.equal((await ask('OPTIONS', '/v1/compress', ['Origin', origin], wants, ...REMOTE)).status, 404);
	assert.equal((await ask('POST', '/v1/compress', ['Origin', origin])).status, 401, 'the request itself needs the token');
});
