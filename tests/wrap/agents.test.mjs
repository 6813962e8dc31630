// Every row of the table of agents: what the agent is started with, and that nothing of the user's is changed.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { place, snapshot } from './kit.mjs';

// A row is {agent, args, env, files, want(started, U)}: U is the proxy's URL.
const OPENAI = (s, U) => {
	assert.equal(s.env.OPENAI_BASE_URL, `${U}/p/work/v1`);
	assert.equal(s.env.OPENAI_API_BASE, `${U}/p/work/v1`);
};

const settingsOf = (s) => JSON.parse(s.argv[s.argv.indexOf('--settings') + 1]);

const rows = [
	{
		name: 'claude: variables and --settings', agent: 'claude', args: ['-p', 'hi', '-v', '--verbose'],
		want(s, U) {
			const env = { ANTHROPIC_BASE_URL: U, ENABLE_TOOL_SEARCH: 'true', ANTHROPIC_CUSTOM_HEADERS: 'X-Headroom-Project: work' };
			assert.deepEqual(settingsOf(s), { env });
			assert.deepEqual(s.argv.slice(2), ['-p', 'hi', '-v', '--verbose']);
			for (const [name, value] of Object.entries(env))
				assert.equal(s.env[name], value);
		},
	},
	{
		name: 'claude: the user\'s --settings JSON is merged, his headers and tool search stay', agent: 'claude',
		args: ['--model', 'x', '--settings={"model":"opus","env":{"A":"b","ANTHROPIC_CUSTOM_HEADERS":"X-Team: red"}}', 'hi'],
		env: { ENABLE_TOOL_SEARCH: 'auto:3' },
		want(s, U) {
			assert.deepEqual(s.argv.slice(0, 2), ['--model', 'x']);
			assert.equal(s.argv.length, 4);
			assert.deepEqual(JSON.parse(s.argv[2].replace('--settings=', '')), {
				model: 'opus', env: { A: 'b', ANTHROPIC_BASE_URL: U, ANTHROPIC_CUSTOM_HEADERS: 'X-Team: red\nX-Headroom-Project: work' },
			});
			assert.equal(s.env.ENABLE_TOOL_SEARCH, 'auto:3');
		},
	},
	{
		name: 'claude: a project header of the user\'s own stays', agent: 'claude', args: [],
		env: { ANTHROPIC_CUSTOM_HEADERS: 'x-headroom-project: mine' },
		want(s) {
			assert.equal(s.env.ANTHROPIC_CUSTOM_HEADERS, 'x-headroom-project: mine');
			assert.equal(settingsOf(s).env.ANTHROPIC_CUSTOM_HEADERS, undefined);
		},
	},
	{
		name: 'claude: settings before the environment; that gateway is the upstream', agent: 'claude', args: [],
		files: { '.claude/settings.json': '{ // mine\n "env": {"ANTHROPIC_BASE_URL": "https://gw.example/llm/"},\n}' },
		env: { ANTHROPIC_BASE_URL: 'https://other.example' },
		want: (s) => assert.equal(s.env.ANTHROPIC_TARGET_API_URL, 'https://gw.example/llm'),
	},
	{
		name: 'claude: CLAUDE_CONFIG_DIR, and local settings before it', agent: 'claude', args: [],
		files: {
			'cfg/settings.json': '{"env":{"ANTHROPIC_BASE_URL":"https://a.example"}}',
			'work/.claude/settings.local.json': '{"env":{"ANTHROPIC_BASE_URL":"https://b.example"}}',
		},
		env: { CLAUDE_CONFIG_DIR: '~/cfg' },
		want: (s) => assert.equal(s.env.ANTHROPIC_TARGET_API_URL, 'https://b.example'),
	},
	{
		name: 'claude: a dead URL of a headroom is no upstream, another of this machine is', agent: 'claude', args: [],
		files: { '.claude/settings.json': '{"env":{"ANTHROPIC_BASE_URL":"http://127.0.0.1:8787"}}' },
		want: (s) => assert.equal(s.env.ANTHROPIC_TARGET_API_URL, undefined),
	},
	{
		name: 'claude: a gateway on this machine is an upstream', agent: 'claude', args: [], env: { ANTHROPIC_BASE_URL: 'http://localhost:4000' },
		want: (s) => assert.equal(s.env.ANTHROPIC_TARGET_API_URL, 'http://localhost:4000'),
	},
	{
		name: 'claude: Vertex', agent: 'claude', args: [], env: { CLAUDE_CODE_USE_VERTEX: '1', ANTHROPIC_VERTEX_BASE_URL: 'https://v.example/v1' },
		want(s, U) {
			assert.equal(s.env.ANTHROPIC_VERTEX_BASE_URL, `${U}/v1`);
			assert.equal(s.env.VERTEX_TARGET_API_URL, 'https://v.example/v1');
			assert.equal(s.env.ANTHROPIC_BASE_URL, undefined);
		},
	},
	{
		name: 'claude: Foundry', agent: 'claude', args: [], env: { CLAUDE_CODE_USE_FOUNDRY: '1', ANTHROPIC_FOUNDRY_RESOURCE: 'r' },
		want(s, U) {
			assert.equal(s.env.ANTHROPIC_FOUNDRY_BASE_URL, U);
			assert.equal(s.env.ANTHROPIC_TARGET_API_URL, 'https://r.services.ai.azure.com/anthropic');
		},
	},
	{
		name: 'claude: --1m and --tool-search are ours in front, the agent\'s behind', agent: 'claude', own: ['--1m', '--tool-search', 'auto'], args: ['x', '--1m'],
		want(s) {
			assert.equal(s.env.ANTHROPIC_MODEL, 'opus[1m]');
			assert.equal(s.env.ENABLE_TOOL_SEARCH, 'auto');
			assert.deepEqual(s.argv.slice(2), ['x', '--1m']);
		},
	},
	{
		name: 'claude: --1m goes to the model of the line', agent: 'claude', own: ['--1m', '--'], args: ['--model', 'sonnet'],
		want: (s) => assert.deepEqual(s.argv.slice(2), ['--model', 'sonnet[1m]']),
	},
	{
		name: 'codex: the built-in provider', agent: 'codex', args: ['exec', '-c', 'x=1', 'hi'],
		want: (s, U) => assert.deepEqual(s.argv, ['-c', `openai_base_url="${U}/p/work/v1"`, 'exec', '-c', 'x=1', 'hi']),
	},
	{
		name: 'codex: the active provider of the configuration', agent: 'codex', args: [],
		files: { '.codex/config.toml': 'model_provider = "corp" # ours\n[model_providers.corp]\nname = "c"\nbase_url = "https://gw.example/openai/v1"\nenv_key = "K"\n' },
		want(s, U) {
			assert.deepEqual(s.argv, ['-c', `model_providers.corp.base_url="${U}/p/work/v1"`]);
			assert.equal(s.env.OPENAI_TARGET_API_URL, 'https://gw.example/openai/v1');
		},
	},
	{
		name: 'codex: a profile on the line chooses the provider', agent: 'codex', args: ['-p', 'two'],
		files: { 'ch/config.toml': '[profiles.two]\nmodel_provider = "b"\n[model_providers.b]\nbase_url = "https://b.example/api"\n' }, env: { CODEX_HOME: '~/ch' },
		want: (s, U) => assert.deepEqual(s.argv, ['-c', `model_providers.b.base_url="${U}/p/work"`, '-p', 'two']),
	},
	{
		name: 'codex: a base URL on the line is the upstream, and ours takes its place', agent: 'codex', args: ['-c', 'openai_base_url="https://l.example/v1"', 'hi'],
		want(s, U) {
			assert.deepEqual(s.argv, ['-c', `openai_base_url="${U}/p/work/v1"`, 'hi']);
			assert.equal(s.env.OPENAI_TARGET_API_URL, 'https://l.example/v1');
		},
	},
	{
		name: 'codex: --oss is asked directly, with a word', agent: 'codex', args: ['--oss'],
		want(s) {
			assert.deepEqual(s.argv, ['--oss']);
			assert.match(s.run.stderr, /asked directly/);
		},
	},
	{
		name: 'gemini: a key and nothing selected', agent: 'gemini', args: ['-p', 'hi'], env: { GEMINI_API_KEY: 'k', GEMINI_CLI_CUSTOM_HEADERS: 'A: 1' },
		script: 'console.log(require("fs").readFileSync(process.env.GEMINI_CLI_SYSTEM_DEFAULTS_PATH, "utf8").replaceAll("\\n", ""))',
		want(s, U) {
			assert.equal(s.env.GOOGLE_GEMINI_BASE_URL, U);
			assert.equal(s.env.CODE_ASSIST_ENDPOINT, undefined);
			assert.equal(s.env.GEMINI_CLI_CUSTOM_HEADERS, 'A: 1, X-Headroom-Project: work');
			assert.deepEqual(s.more, { security: { auth: { selectedType: 'gemini-api-key' } } });
		},
	},
	{
		name: 'gemini: system defaults that are there already stay', agent: 'gemini', args: [], env: { GEMINI_API_KEY: 'k', GEMINI_CLI_SYSTEM_DEFAULTS_PATH: '$HOME/d.json' },
		files: { 'd.json': '{"ui":{"theme":"x"}}' },
		script: 'console.log(require("fs").readFileSync(process.env.GEMINI_CLI_SYSTEM_DEFAULTS_PATH, "utf8").replaceAll("\\n", ""))',
		want: (s) => assert.deepEqual(s.more, { ui: { theme: 'x' }, security: { auth: { selectedType: 'gemini-api-key' } } }),
	},
	{
		name: 'gemini: what is selected is not overridden', agent: 'gemini', args: [], env: { GEMINI_API_KEY: 'k' },
		files: { '.gemini/settings.json': '{"security":{"auth":{"selectedType":"oauth-personal"}}}' },
		want(s, U) {
			assert.equal(s.env.CODE_ASSIST_ENDPOINT, U);
			assert.equal(s.env.GOOGLE_GEMINI_BASE_URL, undefined);
			assert.equal(s.env.GEMINI_CLI_SYSTEM_DEFAULTS_PATH, undefined);
		},
	},
	{
		name: 'gemini: Vertex', agent: 'gemini', args: [], env: { GOOGLE_GENAI_USE_VERTEXAI: 'true' },
		want: (s, U) => assert.equal(s.env.GOOGLE_VERTEX_BASE_URL, U),
	},
	{
		name: 'opencode: merged with what is there; providers that the user has', agent: 'opencode', args: ['run', 'hi'],
		env: { OPENCODE_CONFIG_CONTENT: '{"theme":"x","provider":{"openai":{"options":{"timeout":9}}}}', ANTHROPIC_API_KEY: 'k' },
		files: { '.config/opencode/opencode.jsonc': '{ // mine\n "provider": {"openai": {"options": {"baseURL": "https://o.example/v1",}}}}' },
		want(s, U) {
			assert.deepEqual(JSON.parse(s.env.OPENCODE_CONFIG_CONTENT), {
				theme: 'x', provider: { openai: { options: { timeout: 9, baseURL: `${U}/p/work/v1` } }, anthropic: { options: { baseURL: `${U}/p/work/v1` } } },
			});
			assert.equal(s.env.OPENAI_TARGET_API_URL, 'https://o.example/v1');
		},
	},
	{
		name: 'copilot: Anthropic\'s key', agent: 'copilot', args: [], env: { ANTHROPIC_API_KEY: 'k', COPILOT_PROVIDER_WIRE_API: 'responses' },
		want(s, U) {
			assert.equal(s.env.COPILOT_PROVIDER_TYPE, 'anthropic');
			assert.equal(s.env.COPILOT_PROVIDER_BASE_URL, `${U}/p/work`);
			assert.equal(s.env.COPILOT_PROVIDER_API_KEY, 'k');
			assert.equal(s.env.COPILOT_PROVIDER_WIRE_API, undefined);
		},
	},
	{
		name: 'copilot: --provider-type and --wire-api', agent: 'copilot', own: ['--provider-type', 'openai', '--wire-api', 'responses'], args: [],
		env: { OPENAI_API_KEY: 'k' },
		want(s, U) {
			assert.equal(s.env.COPILOT_PROVIDER_BASE_URL, `${U}/p/work/v1`);
			assert.equal(s.env.COPILOT_PROVIDER_WIRE_API, 'responses');
		},
	},
	{
		name: 'aider', agent: 'aider', args: ['--model', 'x'],
		want(s, U) {
			OPENAI(s, U);
			assert.equal(s.env.ANTHROPIC_BASE_URL, `${U}/p/work`);
			assert.equal(s.env.ANTHROPIC_API_BASE, `${U}/p/work`);
			assert.deepEqual(s.argv, ['--model', 'x']);
		},
	},
	{
		name: 'goose', agent: 'goose', args: ['session'],
		want(s, U) {
			assert.equal(s.env.OPENAI_HOST, U);
			assert.equal(s.env.ANTHROPIC_HOST, U);
			assert.deepEqual(s.argv, ['session']);
		},
	},
	{
		name: 'openhands: with --override-with-envs where that can work', agent: 'openhands', args: ['-t', 'x'],
		env: { LLM_API_KEY: 'k', LLM_MODEL: 'anthropic/claude', LLM_BASE_URL: 'https://l.example' },
		want(s, U) {
			assert.deepEqual(s.argv, ['--override-with-envs', '-t', 'x']);
			assert.equal(s.env.LLM_BASE_URL, `${U}/p/work`);
			assert.equal(s.env.ANTHROPIC_TARGET_API_URL, 'https://l.example');
		},
	},
	{
		name: 'vibe: Mistral is the upstream of this one alone', agent: 'vibe', args: [],
		want(s, U) {
			assert.equal(JSON.parse(s.env.VIBE_PROVIDERS)[0].api_base, `${U}/p/work/v1`);
			assert.equal(s.env.OPENAI_TARGET_API_URL, undefined);
		},
	},
];

async function check(t, row) {
	const p = await place(t);
	p.stub(row.agent);
	for (const [name, text] of Object.entries(row.files ?? {}))
		p.put(name, text, 0o600);
	const env = Object.fromEntries(Object.entries(row.env ?? {}).map(([k, v]) => [k, v.replace('$HOME', p.home)]));
	const before = snapshot(p.home);
	const run = await p.run(['wrap', row.agent, ...(row.own ?? []), ...row.args], { env: { ...env, STUB_SCRIPT: row.script ?? '' } });
	assert.equal(run.code, 0, run.stderr);
	const [line, ...more] = run.stdout.trim().split('\n'); // only what the stub said
	const started = { ...JSON.parse(line), more: more.length ? JSON.parse(more[0]) : null, run };
	assert.equal(more.length, row.script ? 1 : 0);
	assert.equal(started.cwd, p.work);
	row.want(started, started.env.HEADROOM_PROXY_URL);
	assert.deepEqual(snapshot(p.home), before);
	assert.deepEqual(p.proxies().length, row.args.includes('--oss') ? 0 : 1);
}

for (const row of rows)
	test(row.name, (t) => check(t, row));

test('claude: values of a file or of a variable do not stand in its arguments', async (t) => {
	const p = await place(t);
	p.stub('claude');
	const file = p.put('mine.json', '{"env":{"ANTHROPIC_AUTH_TOKEN":"secret-1"},"model":"x"}', 0o600);
	const s = await p.wrap(['claude', '--settings', file], {
		env: { ANTHROPIC_CUSTOM_HEADERS: 'Authorization: secret-2', STUB_SCRIPT: 'const f = process.argv[3]; console.error(JSON.stringify([f, require("fs").statSync(f).mode & 0o777, require("fs").statSync(require("path").dirname(f)).mode, require("fs").readFileSync(f, "utf8")]))' },
	});
	assert.doesNotMatch(s.argv.join(' '), /secret/);
	const [path, mode, dirMode, text] = JSON.parse(s.run.stderr.split('\n').find((line) => line.startsWith('[')));
	assert.equal(mode, 0o600);
	assert.equal(dirMode & 0o077, 0);
	assert.deepEqual(JSON.parse(text).env, {
		ANTHROPIC_AUTH_TOKEN: 'secret-1', ANTHROPIC_BASE_URL: s.env.HEADROOM_PROXY_URL, ENABLE_TOOL_SEARCH: 'true',
		ANTHROPIC_CUSTOM_HEADERS: 'Authorization: secret-2\nX-Headroom-Project: work',
	});
	assert.throws(() => statSync(path), /ENOENT/);
	assert.throws(() => statSync(join(path, '..')), /ENOENT/);
	assert.match(readFileSync(file, 'utf8'), /secret-1/);
});

test('a workspace that cannot be made: the environment alone leads the agent, with a word', async (t) => {
	const p = await place(t);
	p.stub('claude');
	const s = await p.wrap(['claude', 'x'], { env: { HEADROOM_WORKSPACE_DIR: '/proc/nowhere', ANTHROPIC_CUSTOM_HEADERS: 'A: b', HEADROOM_PORT: '0', HEADROOM_IDLE_EXIT: '1s' } });
	assert.deepEqual(s.argv, ['x']);
	assert.match(s.env.ANTHROPIC_BASE_URL, /^http:/);
	assert.match(s.run.stderr, /only the environment is set/);
});

for (const agent of ['openclaw', 'cline', 'continue']) {
	test(`${agent}: the proxy is held, the lines are shown, Ctrl+C ends it with 0`, async (t) => {
		const p = await place(t);
		const { child, ended, text } = p.start(['wrap', agent]);
		while (!/until Ctrl\+C/.test(text.stderr))
			await new Promise((done) => child.stderr.once('data', done));
		assert.match(text.stderr, new RegExp(`${p.proxies()[0].url}/p/work`));
		child.kill('SIGINT');
		const run = await ended;
		assert.equal(run.code, 0);
		assert.equal(run.stdout, '');
	});
}

test('cursor: says why not, and starts nothing', async (t) => {
	const p = await place(t);
	const run = await p.run(['wrap', 'cursor']);
	assert.equal(run.code, 69);
	assert.match(run.stderr, /cannot reach this machine/);
	assert.deepEqual(p.proxies(), []);
});

test('agents that cannot be led there as they are set up are not started', async (t) => {
	const p = await place(t);
	for (const name of ['claude', 'copilot'])
		p.stub(name);
	const bedrock = await p.run(['wrap', 'claude'], { env: { CLAUDE_CODE_USE_BEDROCK: '1' } });
	assert.equal(bedrock.code, 69);
	assert.match(bedrock.stderr, /Bedrock/);
	assert.equal((await p.run(['wrap', 'copilot'])).code, 69);
	assert.equal((await p.run(['wrap', 'claude', '--tool-search', 'maybe'])).code, 2);
	assert.deepEqual(p.proxies(), []);
});

test('exec: any program has the variables, and HTTP_PROXY does not catch this machine', async (t) => {
	const p = await place(t);
	p.stub('mine');
	const s = await p.wrap(['exec', '--', 'mine', '-x', '--port', '1'], { env: { http_proxy: 'http://gw.example:1', NO_PROXY: 'a.example', HEADROOM_PROJECT: 'ü b' } });
	const U = s.env.HEADROOM_PROXY_URL;
	assert.deepEqual(s.argv, ['-x', '--port', '1']);
	for (const name of ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_BASE', 'GOOGLE_GEMINI_BASE_URL', 'GOOGLE_VERTEX_BASE_URL', 'CODE_ASSIST_ENDPOINT'])
		assert.equal(s.env[name], `${U}/p/%C3%BC%20b`, name);
	assert.equal(s.env.OPENAI_BASE_URL, `${U}/p/%C3%BC%20b/v1`);
	assert.equal(s.env.OPENAI_HOST, U);
	assert.equal(s.env.NO_PROXY, 'a.example,127.0.0.1,localhost');
	assert.equal(s.env.no_proxy, '127.0.0.1,localhost');
});
