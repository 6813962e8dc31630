// Real agents through the proxy: the same answer, turns and files as without it, and fewer bytes sent. What differs between
// the two streams of requests are tool outputs, nothing else. Without HEADROOM only the direct runs are made.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProxy, tempDir } from '../proxy/kit.mjs';
import { agentNames, agentOf, whyMissing } from './agents.mjs';
import { difference, headersOf, runSession, split } from './session.mjs';

const FINAL = 'Case 61 fails: the ledger was locked. See notes.txt. Fertig ✓';
const TURNS = 15;

const sum = (list) => list.reduce((a, b) => a + b, 0);

function sane(name, run) {
	assert.equal(run.code, 0, run.stderr);
	assert.ok(run.answer.endsWith(FINAL), run.answer);
	assert.equal(run.files['notes.txt'], 'case 61: expected 3, got 4\nledger was locked\n');
	assert.match(run.files['counts.txt'], /463 total/);
	assert.deepEqual(run.tried, [], 'the agent tried to leave this machine');
	assert.equal(run.requests.filter(agentOf(name).calls).length, TURNS);
}

// Everything but tool outputs is equal; an output is equal or shorter. Gives the bytes of both.
function compare(direct, through) {
	const bytes = { direct: sum(direct.map((ex) => ex.body.length)), through: sum(through.map((ex) => ex.body.length)), changed: 0 };
	direct.forEach((ex, i) => {
		const other = through[i];
		assert.equal(`${other.method} ${other.url}`, `${ex.method} ${ex.url}`);
		assert.deepEqual(headersOf(other), headersOf(ex));
		const a = split(ex);
		const b = split(other);
		assert.equal(difference(a.frame, b.frame), null);
		a.outputs.forEach((output, k) => {
			if (output === b.outputs[k])
				return;
			bytes.changed++;
			assert.ok(b.outputs[k].length < output.length, `request ${i + 1}, output ${k + 1} is not shorter`);
		});
	});
	return bytes;
}

// One way through the proxy for each agent, for whom all of them take too long.
const isShort = process.env.HEADROOM_E2E_SHORT === '1';
const WAYS = isShort ? [['--mode', 'token']] : [['--no-optimize'], ['--mode', 'cache'], ['--mode', 'token']];

for (const name of isShort ? agentNames.filter((agent) => !agent.includes('-')) : agentNames) {
	const missing = whyMissing(name);
	if (missing)
		process.stdout.write(`${missing}\n`);
	test(`${name}: a session of ${TURNS} turns`, { skip: missing ?? false }, async (t) => {
		const dir = tempDir(t);
		const calls = agentOf(name).calls;
		const direct = await runSession(name, dir);
		sane(name, direct);
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
				const bytes = compare(direct.requests.filter(calls), through.requests.filter(calls));
				u.diagnostic(`${name} ${args.join(' ')}: ${bytes.direct} bytes direct, ${bytes.through} through the proxy, ${bytes.changed} outputs shorter`);
				if (args[0] === '--no-optimize')
					assert.equal(bytes.changed, 0);
				else
					assert.ok(bytes.through < bytes.direct, 'nothing was saved');
			});
		}
	});
}
