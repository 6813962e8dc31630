// Real agents started by `headroom wrap`, with settings of the user's that lead to a gateway (the scripted provider): the same
// answer as without it, by way of the proxy, which meanwhile looks originals up for the model; a first request of the same size with
// the same tools, but for headroom_retrieve; and not a byte of the user's files changed.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { tempDir, until } from '../proxy/kit.mjs';
import { agentOf, whyMissing, wrappedNames } from './agents.mjs';
import { clientsOwn, runSession } from './session.mjs';
import { FINAL, LOOKS, TURNS } from './workdir.mjs';

// Of a request: how many tools the model is offered, whatever the format.
const toolsOf = (json) => (json.tools ?? []).flatMap((tool) => tool.functionDeclarations ?? [tool]).length;

const mine = {
	claude: ['.claude/settings.json'], codex: ['.codex/config.toml'], 'codex-gpt6': ['.codex/config.toml'],
	gemini: ['.gemini/settings.json'], opencode: ['.config/opencode/opencode.jsonc'],
};

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

// What the proxy of that home has to say, after which it is ended.
async function endProxy(home) {
	const dir = join(home, '.headroom/run');
	const files = readdirSync(dir);
	assert.deepEqual(files.filter((name) => name.startsWith('wrap-')), []);
	const [record, ...others] = files.filter((name) => /^proxy-\d+\.json$/.test(name)).map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')));
	assert.deepEqual(others, []);
	const stats = await (await fetch(`${record.url}/stats`)).json();
	process.kill(record.pid, 'SIGTERM');
	await until(() => !isAlive(record.pid), 'the proxy to end');
	return stats;
}

for (const name of wrappedNames) {
	const missing = process.env.HEADROOM ? whyMissing(name) : 'SKIPPED: HEADROOM does not name the binary';
	if (missing)
		process.stdout.write(`${missing}\n`);
	test(`headroom wrap ${name}`, { skip: missing ?? false }, async (t) => {
		const dir = tempDir(t);
		const { calls, wrapped } = agentOf(name);
		const direct = await runSession(name, dir);
		assert.equal(direct.code, 0, direct.stderr);
		const before = {};
		const after = {};
		let stats;
		const through = await runSession(name, dir, undefined, ({ url, home, prompt }) => {
			const { program, args, env } = wrapped({ url, home, prompt });
			for (const file of mine[name])
				before[file] = readFileSync(join(home, file), 'utf8');
			const agent = name.replace(/-gpt6$/, '');
			return { cmd: process.env.HEADROOM, args: ['wrap', '--private', agent, '--agent-bin', program, '--', ...args], env };
		}, async ({ home }) => {
			for (const file of mine[name])
				after[file] = readFileSync(join(home, file), 'utf8');
			stats = await endProxy(home);
		});
		assert.equal(through.code, 0, through.stderr);
		assert.ok(through.answer.endsWith(FINAL), through.answer);
		assert.equal(through.answer, direct.answer);
		assert.deepEqual(through.tried, direct.tried);
		assert.deepEqual(after, before);
		const [own, ownDirect] = [through, direct].map((run) => clientsOwn(run.requests.filter(calls)));
		const [first, firstDirect] = [own, ownDirect].map(({ requests }) => requests[0].json);
		assert.equal(own.requests.length, TURNS);
		assert.equal(own.rounds, LOOKS);
		assert.equal(toolsOf(first), toolsOf(firstDirect));
		const [size, sizeDirect] = [first, firstDirect].map((json) => JSON.stringify(json).length);
		assert.ok(Math.abs(size / sizeDirect - 1) < 0.02, `the first request has ${size} bytes, ${sizeDirect} without headroom`);
		// all of it went through the proxy, under the name of this project
		const counted = JSON.stringify(stats);
		assert.ok(stats.requests.total >= TURNS, counted);
		t.diagnostic(`${name}: first request ${size} bytes (${sizeDirect} direct), ${toolsOf(first)} tools and headroom_retrieve; ${basename(dir)}`);
	});
}
