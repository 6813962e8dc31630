// What a real agent saves in one session stands in its next one, by way of a proxy that has been started anew: the project is the
// directory that the agent itself says it works in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProxy, tempDir } from '../proxy/kit.mjs';
import { agentOf, whyMissing } from './agents.mjs';
import { runSession } from './session.mjs';

const FACT = 'Deploys go through make release, never by hand.';

for (const name of ['claude', 'codex', 'gemini']) {
	const missing = process.env.HEADROOM ? whyMissing(name) : 'SKIPPED: HEADROOM does not name the binary';
	if (missing)
		process.stdout.write(`${missing}\n`);
	test(`${name}: saved in one session, recalled in the next`, { skip: missing ?? false }, async (t) => {
		const dir = tempDir(t);
		const home = tempDir(t);
		const { start, calls } = agentOf(name);
		const session = async (prompt, script) => {
			let proxy;
			const run = await runSession(name, dir, async (provider) => {
				provider.agent({ turns: [], ...script });
				proxy = await startProxy({ provider, ccr: true, home, args: ['--memory'] });
				return proxy.url;
			}, (o) => start({ ...o, prompt }), () => proxy.stop());
			assert.equal(run.code, 0, run.stderr);
			assert.ok(run.answer.endsWith(script.final), run.answer);
			return run.requests.filter(calls);
		};
		const first = await session('Remember how we do deploys.', { own: [{ name: 'memory_save', args: { content: FACT } }], final: 'Noted.' });
		assert.ok(!first[0].text.includes('<headroom-memory'));
		assert.match(first.at(-1).text, /memory_id/);
		const second = await session('How do we do deploys?', { own: [{ name: 'memory_search', args: { query: 'deploys' } }], final: 'By make.' });
		assert.ok(second[0].text.includes('<headroom-memory scope='), 'nothing was recalled');
		assert.ok(second[0].text.includes(FACT));
		assert.match(second.at(-1).text, /nothing_found|found/);
		assert.equal(second.at(-1).text.split(FACT).length, 3, 'in the block and in the answer to the search');
	});
}
