// --persist and its undoing, and what the Python headroom left in the settings of agents.
import assert from 'node:assert/strict';
import { existsSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { place, snapshot } from './kit.mjs';

const unwrap = async (p, ...args) => {
	const run = await p.run(['unwrap', ...args]);
	assert.equal(run.code, 0, run.stderr);
	return run.stdout;
};

// [agent, file, text with comments and odd spacing, key that must lead to the proxy, the file's mode]
const persisted = [
	['claude', '.claude/settings.json', '\uFEFF{\r\n\t// mine\r\n\t"model": "opus",\r\n\t"env": {"A": "b",},\r\n}', /"ANTHROPIC_BASE_URL": ?"http:\/\/127/, 0o600],
	['codex', '.codex/config.toml', '# mine\nmodel = "x" # fast\n\n[profiles.p]\nmodel_provider = "y"\n', /^openai_base_url = "http:\/\/127.*\/v1"/m, 0o640],
	['opencode', '.config/opencode/opencode.jsonc', '{\n   "theme": "x", // mine\n   "provider": {"anthropic": {}}\n}\n', /"baseURL": ?"http:\/\/127/, 0o644],
];

for (const [agent, file, text, key, mode] of persisted) {
	test(`${agent}: --persist, then unwrap gives the bytes back`, async (t) => {
		const p = await place(t);
		p.stub(agent);
		p.put(file, text, mode);
		const before = snapshot(p.home);
		await p.wrap(['--persist', agent]);
		assert.match(p.read(file), key);
		assert.equal(statSync(join(p.home, file)).mode & 0o777, mode);
		assert.match(await unwrap(p, agent, '--dry-run'), /restored/);
		assert.match(p.read(file), key);
		assert.match(await unwrap(p, agent), /^restored .*/);
		assert.deepEqual(snapshot(p.home), before);
		assert.equal(await unwrap(p, agent), 'nothing to undo\n');
	});
	test(`${agent}: what was edited after --persist stays`, async (t) => {
		const p = await place(t);
		p.stub(agent);
		p.put(file, text, mode);
		await p.wrap(['--persist', agent]);
		const edited = p.read(file).replace('mine', 'mine, changed');
		p.put(file, edited, mode);
		await unwrap(p, '--all');
		assert.equal(p.read(file), text.replace('mine', 'mine, changed'));
	});
}

test('--persist of a file that is not there: it goes again; through a link, the link stays', async (t) => {
	const p = await place(t);
	p.stub('claude');
	p.stub('codex');
	await p.wrap(['--persist', '--scope', 'project', 'claude']);
	assert.ok(existsSync(join(p.work, '.claude/settings.local.json')));
	p.put('real.toml', 'model = "x"\n');
	p.put('.codex/.keep', '');
	symlinkSync('../real.toml', join(p.home, '.codex/config.toml'));
	await p.wrap(['--persist', 'codex']);
	assert.match(p.read('real.toml'), /openai_base_url/);
	await unwrap(p, '--all');
	assert.ok(!existsSync(join(p.work, '.claude')));
	assert.equal(p.read('real.toml'), 'model = "x"\n');
	assert.match(snapshot(p.home)['.codex/config.toml'], /^-> /);
});

test('a value that the user changed after --persist is named and kept', async (t) => {
	const p = await place(t);
	p.stub('claude');
	p.put('.claude/settings.json', '{}\n');
	await p.wrap(['--persist', 'claude']);
	p.put('.claude/settings.json', p.read('.claude/settings.json').replace(/http:\/\/127[^"]*/, 'https://mine.example'));
	assert.match(await unwrap(p, 'claude'), /^kept .*changed by you/m);
	assert.match(p.read('.claude/settings.json'), /https:\/\/mine\.example/);
});

test('settings that cannot be read are not written: 78, and the agent does not start', async (t) => {
	const p = await place(t);
	p.stub('claude');
	p.put('.claude/settings.json', '{ not json');
	const before = snapshot(p.home);
	const run = await p.run(['wrap', '--persist', 'claude']);
	assert.equal(run.code, 78);
	assert.equal(run.stdout, '');
	assert.deepEqual(snapshot(p.home), before);
});

test('unwrap does not take the files of a session that runs', async (t) => {
	const p = await place(t);
	p.stub('claude');
	const run = p.start(['wrap', 'claude'], { env: { ANTHROPIC_CUSTOM_HEADERS: 'Authorization: x', STUB_SCRIPT: 'console.log("ready"); setInterval(() => {}, 1000)' } });
	await run.printed(/ready/);
	assert.equal(await unwrap(p, 'claude'), 'nothing to undo\n');
	const file = /"--settings","([^"]*)"/.exec(run.text.stdout)[1];
	assert.ok(existsSync(file));
	run.child.kill('SIGTERM');
	assert.equal((await run.ended).code, 143);
	assert.ok(!existsSync(file));
});

// ---- what the Python headroom left ------------------------------------------------------------------------------------

const RTK = '<!-- headroom:rtk-instructions -->\nprefix commands\n<!-- /headroom:rtk-instructions -->';

const leftovers = [
	['claude settings with its URL, hooks and server', 'claude', '.claude/settings.json',
		'{\n  "model": "x",\n  "env": {\n    "ANTHROPIC_BASE_URL": "http://127.0.0.1:8787",\n    "MINE": "1"\n  },\n  "hooks": {\n    "PreToolUse": [\n      {"matcher": "Bash", "hooks": [{"type": "command", "command": "/x/rtk-rewrite.sh"}]},\n      {"matcher": "Edit", "hooks": [{"type": "command", "command": "mine.sh"}]}\n    ]\n  },\n  "mcpServers": {"headroom": {"command": "/b/headroom", "args": ["mcp", "serve"]}}\n}\n',
		'{\n  "model": "x",\n  "env": {\n    "MINE": "1"\n  },\n  "hooks": {\n    "PreToolUse": [\n      {"matcher": "Edit", "hooks": [{"type": "command", "command": "mine.sh"}]}\n    ]\n  }\n}\n'],
	['a gateway of the user\'s own at another port', 'claude', '.claude/settings.json',
		'{"env":{"ANTHROPIC_BASE_URL":"http://127.0.0.1:4000","ENABLE_TOOL_SEARCH":"true"}}', null],
	['a gateway elsewhere', 'claude', 'work/.claude/settings.local.json', '{"env":{"ANTHROPIC_BASE_URL":"https://gw.example"}}', null],
	['a settings.local.json with nothing else in it', 'claude', 'work/.claude/settings.local.json', '{\n  "env": {\n    "ANTHROPIC_BASE_URL": "http://127.0.0.1:8787"\n  }\n}\n', undefined],
	['codex: blocks, an orphan table, and the user\'s edits since', 'codex', '.codex/config.toml',
		'# --- Headroom proxy (auto-injected by headroom wrap codex) ---\nmodel_provider = "headroom"\nopenai_base_url = "http://127.0.0.1:8787/v1"\n# --- end Headroom ---\n\nmodel = "x"\n\n[projects."/a"]\ntrust_level = "trusted"\n\n# --- Headroom MCP server ---\n[mcp_servers.headroom]\ncommand = "headroom"\nargs = ["mcp", "serve"]\n# --- end Headroom MCP server ---\n\n# --- Headroom proxy (auto-injected by headroom wrap codex) ---\n[model_providers.headroom]\nname = "OpenAI via Headroom proxy"\nbase_url = "http://127.0.0.1:8787/v1"\n# --- end Headroom ---\n',
		'model = "x"\n\n[projects."/a"]\ntrust_level = "trusted"\n'],
	['codex: keys rewritten in place come back', 'codex', '.codex/config.toml',
		'model_provider = "headroom" # was: "corp"\nopenai_base_url = "http://127.0.0.1:8787/v1" # was: openai_base_url = "https://o.example/v1"\n[profiles.x]\nmodel_provider = "headroom"\n',
		'model_provider = "corp"\nopenai_base_url = "https://o.example/v1"\n[profiles.x]\nmodel_provider = "headroom"\n'],
	['codex: LM Studio of the user\'s', 'codex', '.codex/config.toml', 'openai_base_url = "http://127.0.0.1:1234/v1"\n', null],
	['opencode: provider and server', 'opencode', '.config/opencode/opencode.json',
		'{\n  "theme": "x",\n  "provider": {\n    "headroom": {\n      "npm": "@ai-sdk/openai-compatible",\n      "name": "Headroom Proxy"\n    },\n    "openai": {}\n  },\n  "mcp": {"headroom": {"type": "local", "command": ["headroom", "mcp", "serve"]}}\n}\n',
		'{\n  "theme": "x",\n  "provider": {\n    "openai": {}\n  }\n}\n'],
	['guidance behind the user\'s own', 'aider', 'work/CONVENTIONS.md', `# Mine\n\n${RTK}\n`, '# Mine\n'],
	['guidance in the middle', 'copilot', 'work/.github/copilot-instructions.md', `a\n\n${RTK}\n\nb\n`, 'a\n\nb\n'],
	['guidance alone', 'goose', 'work/.goosehints', `${RTK}\n`, undefined],
	['guidance without an end', 'cursor', 'work/.cursorrules', 'a\n<!-- headroom:rtk-instructions -->\nb\n', null],
];

for (const [name, agent, file, text, want] of leftovers)
	test(`left by the Python headroom: ${name}`, async (t) => {
		const p = await place(t);
		p.put(file, text, 0o640);
		const dry = await unwrap(p, agent, '--dry-run');
		assert.equal(p.read(file), text);
		const said = await unwrap(p, agent);
		assert.equal(said, dry);
		if (want === undefined) {
			assert.ok(!existsSync(join(p.home, file)));
			assert.match(said, /^removed /);
		} else {
			assert.equal(p.read(file), want ?? text);
			assert.equal(statSync(join(p.home, file)).mode & 0o777, 0o640);
			assert.match(said, want === null ? /^nothing to undo\n$/ : /^restored /);
		}
		assert.equal(await unwrap(p, agent), 'nothing to undo\n');
	});

test('left by the Python headroom: backups, the shell, memory without an end; as JSON', async (t) => {
	const p = await place(t);
	p.put('.codex/config.toml', 'a = 1\n# --- Headroom MCP server ---\nx = 1\n# --- end Headroom MCP server ---\n');
	p.put('.codex/config.toml.headroom-backup', 'a = 1\n');
	p.put('.config/opencode/opencode.json', '{"a": 2}');
	p.put('.config/opencode/opencode.json.headroom-backup', '{"a": 1}');
	p.put('.bashrc', 'alias x=y\n# >>> headroom persistent env >>>\nexport ANTHROPIC_BASE_URL="http://127.0.0.1:8787"\n# <<< headroom persistent env <<<\n');
	p.put('work/AGENTS.md', 'a\n\n<!-- headroom:memory-instructions -->\nb\n');
	const { files, schema } = JSON.parse(await unwrap(p, '--all', '--json'));
	assert.equal(schema, 'headroom.unwrap/1');
	const result = Object.fromEntries(files.map((row) => [row.file.slice(p.home.length + 1), row.result]));
	assert.deepEqual(result, {
		'.codex/config.toml': 'restored', '.codex/config.toml.headroom-backup': 'removed', 'work/AGENTS.md': 'kept',
		'.config/opencode/opencode.json.headroom-backup': 'kept', '.bashrc': 'restored',
	});
	assert.equal(p.read('.bashrc'), 'alias x=y\n');
	assert.ok(!existsSync(join(p.home, '.codex/config.toml.headroom-backup')));
	assert.equal(p.read('work/AGENTS.md'), 'a\n\n<!-- headroom:memory-instructions -->\nb\n');
});
