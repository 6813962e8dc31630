// What `headroom mcp install` wrote, as real agents read it: their own lists of MCP servers. Claude Code starts each of
// them and says whether it answered.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempDir } from '../proxy/kit.mjs';
import { agentOf, whyMissing } from './agents.mjs';

const agents = {
	claude: { file: '.claude.json', list: (needs) => [needs, ['mcp', 'list']], says: /^headroom: \S+\/headroom mcp serve - .*Connected$/m },
	codex: { file: '.codex/config.toml', list: (needs) => [process.execPath, [needs, 'mcp', 'list']], says: /^headroom +\S+\/headroom +mcp serve .*enabled/m },
};

for (const [name, { file, list, says }] of Object.entries(agents)) {
	const missing = process.env.HEADROOM ? whyMissing(name) : 'SKIPPED: HEADROOM does not name the binary';
	if (missing)
		process.stdout.write(`${missing}\n`);
	test(`${name} lists the server that headroom mcp install wrote`, { skip: missing ?? false }, (t) => {
		const home = tempDir(t);
		const work = join(home, 'work');
		mkdirSync(work);
		const options = {
			cwd: work, encoding: 'utf8', timeout: 120000,
			// nobody listens at port 9
			env: { PATH: process.env.PATH, HOME: home, TERM: 'dumb', HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9', ANTHROPIC_API_KEY: 'scripted', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
		};
		execFileSync(process.env.HEADROOM, ['mcp', 'install', name], options);
		const [cmd, args] = list(agentOf(name).needs());
		const { stdout, stderr } = spawnSync(cmd, args, options);
		assert.match(stdout, says, stderr);
		execFileSync(process.env.HEADROOM, ['mcp', 'uninstall', name], options);
		// the agent may have written its own things into it meanwhile
		let left = '';
		try {
			left = readFileSync(join(home, file), 'utf8');
		} catch (e) {
			assert.equal(e.code, 'ENOENT');
		}
		assert.doesNotMatch(left, /headroom/);
	});
}
