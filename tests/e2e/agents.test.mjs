// Real agents through the proxy: the same answer, turns and files as without it, and fewer bytes sent. What differs between
// the two streams of requests are tool outputs, nothing else. Without HEADROOM only the direct runs are made.
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProxy, tempDir } from '../proxy/kit.mjs';
import { agentNames, agentOf, whyMissing } from './agents.mjs';
import { clientsOwn, difference, headersOf, runSession, split } from './session.mjs';
import { FINAL, LOOKS, TURNS } from './workdir.mjs';

const { countTokens } = createRequire(new URL('../../deps/package.json', import.meta.url))('gpt-tokenizer/encoding/o200k_base');
const PLAIN = { allowedSpecial: new Set(), disallowedSpecial: new Set() };
const sum = (list) => list.reduce((a, b) => a + b, 0);

function sane(name, run) {
	assert.equal(run.code, 0, run.stderr);
	assert.ok(run.answer.endsWith(FINAL), run.answer);
	assert.equal(run.files['notes.txt'], 'case 61: expected 3, got 4\nledger was locked\n');
	assert.match(run.files['counts.txt'], /463 total/);
	assert.deepEqual(run.tried, [], 'the agent tried to leave this machine');
}

// The model has looked up what was left out, and knows of it in the end.
function looked({ requests, rounds }) {
	const { results, calls } = requests.at(-1);
	assert.equal(rounds, LOOKS);
	assert.equal(calls, LOOKS - 1 + 2, 'calls in the last request of the client'); // the last round came behind it; two stood beside others
	assert.equal(results.length, calls);
	for (const text of results)
		assert.match(JSON.stringify(text), /\[original/);
}

// Everything but tool outputs is equal; an output is equal or has fewer tokens. Gives the bytes of both. isLooking: answers are asked for
// as they are, without content coding.
function compare(direct, through, isLooking) {
	const length = (list) => sum(list.map(({ ex }) => ex.body.length));
	const bytes = { direct: length(direct), through: length(through), changed: 0 };
	direct.forEach(({ ex, json }, i) => {
		const { ex: other, json: otherJson } = through[i];
		assert.equal(`${other.method} ${other.url}`, `${ex.method} ${ex.url}`);
		const headers = (one) => headersOf(one).filter((h) => !isLooking || !h.startsWith('accept-encoding: '));
		assert.deepEqual(headers(other), headers(ex));
		const a = split(json, isLooking);
		const b = split(otherJson, isLooking);
		assert.equal(difference(a.frame, b.frame), null);
		a.outputs.forEach((output, k) => {
			if (output === b.outputs[k])
				return;
			bytes.changed++;
			assert.ok(countTokens(b.outputs[k], PLAIN) < countTokens(output, PLAIN), `request ${i + 1}, output ${k + 1} has no fewer tokens`);
		});
	});
	return bytes;
}

// One way through the proxy for each agent, for whom all of them take too long.
const isShort = process.env.HEADROOM_E2E_SHORT === '1';
const WAYS = isShort ? [['--mode', 'token', '--ccr', 'on']] : [['--no-optimize'], ['--mode', 'cache'], ['--mode', 'token'], ['--mode', 'cache', '--ccr', 'on'], ['--mode', 'token', '--ccr', 'on']];

for (const name of isShort ? agentNames.filter((agent) => !agent.includes('-')) : agentNames) {
	const missing = whyMissing(name);
	if (missing)
		process.stdout.write(`${missing}\n`);
	test(`${name}: a session of ${TURNS} turns`, { skip: missing ?? false }, async (t) => {
		const dir = tempDir(t);
		const calls = agentOf(name).calls;
		const direct = await runSession(name, dir);
		sane(name, direct);
		const { requests } = clientsOwn(direct.requests.filter(calls));
		assert.equal(requests.length, TURNS);
		if (!process.env.HEADROOM)
			return;
		for (const args of WAYS) {
			await t.test(args.join(' '), async (u) => {
				let proxy;
				const through = await runSession(name, dir, async (provider) => {
					proxy = await startProxy({ provider, args });
					return proxy.url;
				});
				await proxy.stop();
				sane(name, through);
				assert.equal(through.answer, direct.answer);
				assert.deepEqual(Object.keys(through.files), Object.keys(direct.files));
				const sent = clientsOwn(through.requests.filter(calls));
				assert.equal(sent.requests.length, TURNS);
				const bytes = compare(requests, sent.requests, args.includes('--ccr'));
				u.diagnostic(`${name} ${args.join(' ')}: ${bytes.direct} bytes direct, ${bytes.through} through the proxy, ${bytes.changed} outputs shorter, ${sent.rounds} rounds`);
				if (args.includes('--ccr'))
					looked(sent);
				else
					assert.equal(sent.rounds, 0);
				if (args[0] === '--no-optimize')
					assert.equal(bytes.changed, 0);
				else
					assert.ok(bytes.through < bytes.direct, 'nothing was saved');
			});
		}
	});
}
