// A share of conversations is left alone: which ones, that they are, and that all surfaces say the same of them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { pair, startProxy, tempDir, until } from './kit.mjs';
import { request } from './requests.mjs';

const run = promisify(execFile);
const headroom = async (home, ...args) => (await run(process.env.HEADROOM, args, { env: { PATH: process.env.PATH, HOME: home } })).stdout;
const json = async (home, ...args) => JSON.parse(await headroom(home, ...args, '--json'));

const CONVERSATIONS = 12, TURNS = 3;
const listing = (n) => Array.from({ length: 60 }, (_, i) => `\u001b[1m${i * 7919}\u001b[0m is what line ${i} of ${n} says`).join('\n');

// Turn k of conversation c. The same command is run in every turn.
function turn(c, k, headers = []) {
	const messages = [{ role: 'system', content: `turn ${k}` }, { role: 'user', content: `task ${c}` }];
	for (let i = 0; i < k; i++)
		messages.push(
			{ role: 'assistant', content: null, tool_calls: [{ id: `c${i}`, type: 'function', function: { name: 'bash', arguments: '{"command":"ls"}' } }] },
			{ role: 'tool', tool_call_id: `c${i}`, content: listing(c) },
		);
	const r = request('chat');
	return { ...r, headers: [...r.headers, ...headers], body: JSON.stringify({ model: 'gpt-4o', messages }) };
}

async function talk(proxy, provider, c, headers) {
	const seen = [];
	for (let k = 0; k < TURNS; k++) {
		const r = turn(c, k, headers);
		const answer = await proxy.ask(r);
		assert.equal(answer.status, 200);
		const isHeld = answer.header('x-headroom-reason') === 'held_out';
		const isSame = provider.requests.at(-1).text === r.body;
		assert.equal(isSame, isHeld || k === 0, `conversation ${c}, turn ${k}`);
		seen.push(isHeld);
	}
	assert.equal(new Set(seen).size, 1, `conversation ${c} was treated in two ways`);
	return seen[0];
}

const settled = (proxy, n) => until(async () => {
	const r = (await proxy.ask({ method: 'GET', path: '/stats' })).json;
	return r.requests.total === n && r;
}, 'all rows');

test('the same conversations are held out after a restart, and every surface says the same of them', async (t) => {
	const file = join(tempDir(t), 'log.jsonl');
	const options = ['--holdout', '0.5', '--log-file', file];
	const { proxy, provider } = await pair(t, { args: options });
	const held = [];
	for (let c = 0; c < CONVERSATIONS; c++)
		held.push(await talk(proxy, provider, c));
	const heldN = held.filter(Boolean).length;
	assert.ok(heldN > 0 && heldN < CONVERSATIONS, String(heldN));
	const stats = await settled(proxy, CONVERSATIONS * TURNS);
	const { holdout, returns } = stats.trial;
	assert.equal(holdout.share, 0.5);
	assert.deepEqual(holdout.held_out, { conversations: heldN, requests: heldN * TURNS });
	assert.deepEqual(holdout.treated, { conversations: CONVERSATIONS - heldN, requests: (CONVERSATIONS - heldN) * TURNS });
	assert.equal(holdout.figures.turns_per_conversation.treated, TURNS);
	assert.equal(holdout.figures.turns_per_conversation.difference, null);
	// the command is asked again in the third turn, of three
	assert.equal(holdout.figures.asked_again_per_turn.held_out.toFixed(4), (1 / TURNS).toFixed(4));
	assert.equal(stats.requests.by_reason.held_out, heldN * TURNS);
	const metrics = (await proxy.ask({ method: 'GET', path: '/metrics' })).text;
	assert.match(metrics, new RegExp(`^headroom_requests_by_reason(_total)?\\{reason="held_out"\\} ${heldN * TURNS}$`, 'm'));
	const state = (await proxy.ask({ method: 'GET', path: '/v1/dashboard/state' })).json;
	assert.deepEqual(state.stats.trial.holdout, holdout);
	assert.match(await headroom(proxy.home, 'stats', '-p', String(proxy.port)), new RegExp(`^held out: ${heldN} of ${CONVERSATIONS} conversations`, 'm'));
	await proxy.stop();

	const { share, ...figures } = holdout;
	assert.deepEqual((await json(proxy.home, 'savings')).holdout, figures);
	assert.deepEqual((await json(proxy.home, 'savings', '--by', 'holdout')).holdout, figures);
	assert.deepEqual((await json(proxy.home, 'savings', '--by', 'encoder')).returns, returns);
	const shown = Object.values(returns).reduce((n, r) => n + r.shown, 0);
	assert.equal(shown, CONVERSATIONS * (TURNS - 1));
	assert.equal(Object.values(returns).reduce((n, r) => n + r.asked_again, 0), CONVERSATIONS);
	const csv = (await headroom(proxy.home, 'savings', '--by', 'holdout', '--csv')).trim().split('\n');
	assert.equal(csv.length, 1 + Object.keys(figures.figures).length);
	assert.equal(csv.find((l) => l.startsWith('turns_per_conversation')), `turns_per_conversation,${TURNS}.000000,${TURNS}.000000,,,`);
	assert.match(await headroom(proxy.home, 'savings'), /conversations held out[^]*^conversations +[0-9]+ +[0-9]+$[^]*too few to say/m);
	const rows = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
	assert.equal(rows.filter((r) => r.reason === 'held_out').length, heldN * TURNS);

	const again = await startProxy({ t, provider, home: proxy.home, args: options });
	for (let c = CONVERSATIONS - 1; c >= 0; c--)
		assert.equal(await talk(again, provider, c), held[c], `conversation ${c}`);
	await again.stop();
});

test('what a client calls a session is held out as a whole', async (t) => {
	const { proxy, provider } = await pair(t, { args: ['--holdout', '0.5'] });
	const found = new Set();
	for (let s = 0; s < 8; s++) {
		const headers = [['x-headroom-session-id', `session-${s}`]];
		const held = await talk(proxy, provider, 2 * s, headers);
		assert.equal(await talk(proxy, provider, 2 * s + 1, headers), held);
		found.add(held);
	}
	assert.equal(found.size, 2);
	await proxy.stop();
});

test('without a share nothing is held out', async (t) => {
	const { proxy, provider } = await pair(t, { args: ['--ccr', 'off'] });
	for (let c = 0; c < 3; c++)
		assert.equal(await talk(proxy, provider, c), false);
	const { trial } = await settled(proxy, 3 * TURNS);
	assert.deepEqual(trial.holdout.held_out, { conversations: 0, requests: 0 });
	assert.deepEqual(trial.holdout.treated, { conversations: 0, requests: 0 });
	assert.ok(trial.returns);
	await proxy.stop();
	assert.doesNotMatch(await headroom(proxy.home, 'savings'), /held out/);
	assert.match(await headroom(proxy.home, 'savings', '--by', 'holdout'), /nothing was held out/);
});
