// One ledger, several surfaces: the figures that commands print are those of /stats, of the log and of the metrics, and a replay of
// the log comes to the same.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { pair, tempDir, until } from './kit.mjs';
import { request } from './requests.mjs';

const run = promisify(execFile);

// The command, with the HOME of a proxy.
async function headroom(home, ...args) {
	const { stdout } = await run(process.env.HEADROOM, args, { env: { PATH: process.env.PATH, HOME: home } });
	return stdout;
}

const json = async (home, ...args) => JSON.parse(await headroom(home, ...args, '--json'));

const result = (n) => Array.from({ length: 80 }, (_, i) => `${i * 7919} is what line ${i} says${i === 40 ? ` in result ${n}` : ''}`).join('\n');

// Turn k of a conversation whose results say nearly the same.
function turn(k) {
	const messages = [{ role: 'system', content: 'be brief '.repeat(900) }, { role: 'user', content: 'go on' }];
	for (let i = 0; i < k; i++)
		messages.push(
			{ role: 'assistant', content: null, tool_calls: [{ id: `c${i}`, type: 'function', function: { name: 'run', arguments: '{}' } }] },
			{ role: 'tool', tool_call_id: `c${i}`, content: result(i) },
		);
	return { ...request('chat'), body: JSON.stringify({ model: 'gpt-4o', messages }) };
}

const rowsOf = (file) => readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const sumOf = (rows, key) => rows.reduce((sum, row) => sum + row[key], 0);

const TURNS = 6;

async function session(t, args = []) {
	const file = join(tempDir(t), 'log.jsonl');
	const { proxy } = await pair(t, { args: ['--log-file', file, '--log-messages', ...args] });
	for (let k = 0; k < TURNS; k++)
		assert.equal((await proxy.ask(turn(k))).status, 200);
	const stats = await until(async () => {
		const r = (await proxy.ask({ method: 'GET', path: '/stats' })).json;
		return r.requests.total === TURNS && r;
	}, 'all rows');
	const metrics = (await proxy.ask({ method: 'GET', path: '/metrics' })).text;
	await proxy.stop();
	return { proxy, stats, metrics, log: rowsOf(file), file };
}

test('savings, /stats, the log and the metrics agree to the token', async (t) => {
	const { proxy, stats, metrics, log } = await session(t);
	const all = (await json(proxy.home, 'savings')).windows.find((w) => w.key === 'all');
	assert.equal(all.requests, TURNS);
	assert.equal(all.tokens_before, sumOf(log, 'tokens_before'));
	assert.equal(all.tokens_after, sumOf(log, 'tokens_after'));
	assert.ok(all.tokens_saved > 1000, String(all.tokens_saved));
	assert.equal(all.tokens_saved, stats.tokens.saved);
	assert.equal(Math.round(all.cost_usd * 1e6), Math.round(sumOf(log, 'cost_usd') * 1e6));
	assert.match(metrics, new RegExp(`^headroom_tokens_saved_total(?:\\{[^}]*\\})? ${all.tokens_saved}$`, 'm'));
	for (const by of ['day', 'hour', 'week', 'month', 'model', 'client', 'project', 'provider', 'endpoint', 'reason', 'status', 'break']) {
		const lines = (await json(proxy.home, 'savings', '--by', by))[by];
		assert.equal(sumOf(lines, 'tokens_saved'), all.tokens_saved, by);
		const csv = (await headroom(proxy.home, 'savings', '--by', by, '--csv')).trim().split('\n').slice(1);
		assert.equal(csv.reduce((sum, line) => sum + Number(line.split(',').at(-10)), 0), all.tokens_saved, by);
	}
	for (const by of ['tool', 'encoder']) {
		const lines = (await json(proxy.home, 'savings', '--by', by))[by];
		assert.equal(sumOf(lines, 'tokens_saved'), all.tokens_saved, by);
		const parts = Object.entries(stats.savings[`by_${by}`]).map(([key, { results, tokens_saved }]) => ({ key, results, tokens_saved }));
		assert.deepEqual(parts.map((p) => [p.key, p.results, p.tokens_saved]), lines.map((l) => [l.key, l.results, l.tokens_saved]));
		assert.ok(lines[0].tokens_saved > 1000 && lines[0].results > 0, JSON.stringify(lines));
		assert.equal(lines.at(-1).key, '(rest)');
		const csv = (await headroom(proxy.home, 'savings', '--by', by, '--csv')).trim().split('\n').slice(1);
		assert.equal(csv.reduce((sum, line) => sum + Number(line.split(',').at(-1)), 0), all.tokens_saved, by);
	}
	assert.equal((await json(proxy.home, 'savings', '--by', 'tool')).tool[0].key, 'run');
	assert.match(await headroom(proxy.home, 'savings', '--by', 'tool'), /^run +[0-9]+ +[0-9,]+$/m);
	const text = await headroom(proxy.home, 'savings');
	assert.match(text, new RegExp(`^all +${TURNS} `, 'm'));
	assert.match(text, /by model/);
});

test('savings: only some time, and no more lines than asked for', async (t) => {
	const { proxy } = await session(t);
	assert.equal((await json(proxy.home, 'savings', '--by', 'model', '--until', '2020-01-01')).model.length, 0);
	assert.equal((await json(proxy.home, 'savings', '--by', 'model', '--since', '1h')).model[0].requests, TURNS);
	assert.equal((await json(proxy.home, 'savings', '--by', 'reason', '-n', '1')).reason.length, 1);
	await assert.rejects(headroom(proxy.home, 'savings', '--since', 'soon'), /is no date/);
});

test('perf: the stages of a request, and a limit that a monitor can ask for', async (t) => {
	const { proxy } = await session(t);
	const { requests, stages_ms: stages } = await json(proxy.home, 'perf');
	assert.equal(requests, TURNS);
	for (const stage of ['headroom', 'provider', 'answer', 'total']) {
		const s = stages[stage];
		assert.ok(s.p50 <= s.p90 && s.p90 <= s.p95 && s.p95 <= s.p99 && s.p99 <= s.max, JSON.stringify(s));
	}
	assert.ok(stages.total.max >= stages.provider.max);
	assert.match(await headroom(proxy.home, 'perf', '--check', '1000000'), /^headroom +[0-9.]+/m);
	await assert.rejects(headroom(proxy.home, 'perf', '--check', '0'), (e) => e.code === 4);
	await assert.rejects(headroom(proxy.home, 'perf', '--until', '2020-01-01'), (e) => e.code === 3);
});

test('a replay of what was logged comes to the figures of the proxy', async (t) => {
	for (const mode of ['token', 'cache']) {
		const { proxy, file, log } = await session(t, ['--mode', mode]);
		const { arms, inputs } = await json(proxy.home, 'replay', file, '--mode', mode, '--baseline', 'none', '--arm', 'logged');
		assert.equal(inputs.turns, TURNS);
		assert.equal(arms[mode].sent_input_tokens, arms.logged.sent_input_tokens, mode);
		assert.equal(arms[mode].saved_tokens, sumOf(log, 'tokens_saved'), mode);
		assert.equal(arms[mode].turns.bust, 0);
	}
});

test('what broke the prompt cache is named, with what it cost, on every surface', async (t) => {
	const file = join(tempDir(t), 'log.jsonl');
	const { proxy } = await pair(t, { args: ['--log-file', file] });
	const ask = async (k, change = (b) => b) => {
		const r = turn(k);
		const answer = await proxy.ask({ ...r, body: JSON.stringify(change(JSON.parse(r.body))) });
		assert.equal(answer.status, 200);
		return answer.header('x-headroom-cache-break');
	};
	const tools = (...names) => (b) => ({ ...b, tools: names.map((name) => ({ type: 'function', function: { name } })) });
	assert.equal(await ask(2), undefined);
	assert.equal(await ask(3), undefined);
	assert.equal(await ask(4, tools('run')), 'tools at tools[0] run');
	assert.equal(await ask(5, tools('run')), undefined);
	assert.equal(await ask(6, (b) => {
		b = tools('run')(b);
		b.messages[0].content = `It is 2026-11-28T10:00:00. ${b.messages[0].content}`;
		return b;
	}), 'time at messages[0].content');
	const stats = await until(async () => {
		const r = (await proxy.ask({ method: 'GET', path: '/stats' })).json;
		return r.requests.total === 5 && r;
	}, 'all rows');
	const metrics = (await proxy.ask({ method: 'GET', path: '/metrics' })).text;
	await proxy.stop();
	const log = rowsOf(file).filter((row) => row.cache_break);
	assert.deepEqual(log.map((row) => row.cache_break.by), ['tools', 'time']);
	assert.equal(log[0].cache_break.byte > 0, true);
	assert.equal(stats.cache_breaks.requests, 2);
	assert.deepEqual(Object.keys(stats.cache_breaks.by).sort(), ['time', 'tools']);
	const tokens = log.reduce((n, row) => n + row.cache_break.tokens, 0);
	assert.ok(tokens > 0);
	assert.equal(stats.cache_breaks.tokens, tokens);
	assert.match(metrics, /^headroom_cache_breaks_total\{by="tools"\} 1$/m);
	const lines = (await json(proxy.home, 'savings', '--by', 'break')).break;
	assert.equal(sumOf(lines, 'cache_breaks'), 2);
	assert.equal(sumOf(lines, 'cache_break_tokens'), tokens);
	assert.match(await headroom(proxy.home, 'savings'), /prompt cache broken by[^]*^tools +1 /m);
	const perf = await json(proxy.home, 'perf');
	assert.deepEqual(perf.cache_breaks.map((c) => [c.by, c.requests]).sort(), [['time', 1], ['tools', 1]]);
	assert.equal(sumOf(perf.cache_breaks, 'tokens'), tokens);
	assert.match(await headroom(proxy.home, 'perf', '--check', '1000000'), /^tools +1 .* tools\[0\] run/m);
});
