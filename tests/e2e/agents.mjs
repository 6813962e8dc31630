// How each real agent is started without a terminal, offline, against a base URL. A row is
//	package		the npm package whose presence decides whether it can run
//	start({url, home, work, prompt})	-> {cmd, args, env}; may write settings below home
//	wrapped({url, home, prompt})	-> {program, args, env} without a word of where the proxy is; the user's own settings,
//		written below home, lead to url, as a gateway of his would
//	calls(ex)	is a recorded request a turn of the conversation (and no title, no upgrade, no list of models)?
// Every agent has a HOME of its own, and a proxy variable that leads to a guard which refuses and notes all who try to
// leave the machine.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULES = join(dirname(fileURLToPath(import.meta.url)), 'node_modules');

const inModules = (...parts) => join(MODULES, ...parts);

// The program inside the package for this machine; the wrapper script would do, but wants an install script run.
const claudeProgram = () => inModules('@anthropic-ai', `claude-code-linux-${process.arch}`, 'claude');

const GEMINI_SETTINGS = {
	security: { auth: { selectedType: 'gemini-api-key' } }, privacy: { usageStatisticsEnabled: false },
	telemetry: { enabled: false }, general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
};

const CLAUDE_ENV = { ANTHROPIC_API_KEY: 'sk-ant-api03-scripted', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' };

const opencodeProgram = () => inModules(`opencode-linux-${process.arch}`, 'bin', 'opencode');

const OPENCODE_ENV = {
	ANTHROPIC_API_KEY: 'sk-ant-api03-scripted', OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1', OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
};

function put(home, name, text) {
	mkdirSync(dirname(join(home, name)), { recursive: true });
	writeFileSync(join(home, name), text);
}

const AGENTS = {
	claude: {
		package: '@anthropic-ai/claude-code', needs: claudeProgram,
		start: ({ url, prompt }) => ({
			cmd: claudeProgram(),
			args: ['--settings', JSON.stringify({ env: { ANTHROPIC_BASE_URL: url, ENABLE_TOOL_SEARCH: 'true' } }),
				'-p', prompt, '--allowedTools', 'Bash,Read,Write,Edit'],
			env: CLAUDE_ENV,
		}),
		wrapped({ url, home, prompt }) {
			put(home, '.claude/settings.json', `{\n  // mine\n  "env": { "ANTHROPIC_BASE_URL": "${url}" },\n}\n`);
			return { program: claudeProgram(), args: ['-p', prompt, '--allowedTools', 'Bash,Read,Write,Edit'], env: CLAUDE_ENV };
		},
		calls: (ex) => ex.path === '/v1/messages' && (ex.json?.tools ?? []).length > 0,
	},
	codex: codex('gpt-5.5'),
	'codex-gpt6': codex(null),
	gemini: {
		package: '@google/gemini-cli', needs: () => inModules('@google/gemini-cli/bundle/gemini.js'),
		start: ({ url, home, prompt }) => {
			put(home, '.gemini/settings.json', JSON.stringify(GEMINI_SETTINGS));
			return {
				cmd: process.execPath, args: [inModules('@google/gemini-cli/bundle/gemini.js'), '--skip-trust', '-y', '-p', prompt],
				env: { GEMINI_API_KEY: 'scripted', GOOGLE_GEMINI_BASE_URL: url },
			};
		},
		// What is selected stands in the settings: a file of defaults below a directory that others can write to is passed over.
		wrapped: ({ url, home, prompt }) => {
			put(home, '.gemini/settings.json', `// mine\n${JSON.stringify(GEMINI_SETTINGS)}`);
			return {
				program: inModules('.bin/gemini'), args: ['--skip-trust', '-y', '-p', prompt],
				env: { GEMINI_API_KEY: 'scripted', GOOGLE_GEMINI_BASE_URL: url },
			};
		},
		calls: (ex) => ex.path.endsWith(':streamGenerateContent'),
	},
	opencode: {
		package: 'opencode-linux-x64', needs: opencodeProgram, isWrappedOnly: true,
		start: ({ url, prompt }) => ({
			cmd: opencodeProgram(), args: ['run', '-m', 'anthropic/claude-sonnet-4-5', prompt],
			env: { ...OPENCODE_ENV, OPENCODE_CONFIG_CONTENT: JSON.stringify({ provider: { anthropic: { options: { baseURL: `${url}/v1` } } } }) },
		}),
		wrapped: ({ url, home, prompt }) => {
			put(home, '.config/opencode/opencode.jsonc', `{\n  // mine\n  "$schema": "https://opencode.ai/config.json",\n  "provider": { "anthropic": { "options": { "baseURL": "${url}/v1" } } },\n}\n`);
			return { program: opencodeProgram(), args: ['run', '-m', 'anthropic/claude-sonnet-4-5', prompt], env: OPENCODE_ENV };
		},
		calls: (ex) => ex.path === '/v1/messages' && (ex.json?.tools ?? []).length > 0,
	},
};

function codex(model) {
	const quiet = ['analytics.enabled=false', 'features.plugins=false', 'features.apps=false', 'check_for_update_on_startup=false'];
	return {
		package: '@openai/codex', needs: () => inModules('@openai/codex/bin/codex.js'),
		start: ({ url, home, prompt }) => {
			mkdirSync(join(home, '.codex'), { recursive: true });
			return {
				cmd: process.execPath,
				args: [inModules('@openai/codex/bin/codex.js'), '-c', `openai_base_url="${url}/v1"`, ...quiet.flatMap((c) => ['-c', c]),
					...(model ? ['-m', model] : []), 'exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', prompt],
				env: { CODEX_API_KEY: 'sk-scripted', CODEX_HOME: join(home, '.codex') },
			};
		},
		wrapped: ({ url, home, prompt }) => {
			put(home, '.codex/config.toml', `# mine\nopenai_base_url = "${url}/v1"\n`);
			return {
				program: inModules('.bin/codex'),
				args: [...quiet.flatMap((c) => ['-c', c]), ...(model ? ['-m', model] : []), 'exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', prompt],
				env: { CODEX_API_KEY: 'sk-scripted' },
			};
		},
		calls: (ex) => ex.method === 'POST' && ex.path === '/v1/responses',
	};
}

export const wrappedNames = Object.keys(AGENTS);

export const agentNames = wrappedNames.filter((name) => !AGENTS[name].isWrappedOnly);

export const agentOf = (name) => AGENTS[name];

// null when the agent can run, else why it cannot.
export function whyMissing(name) {
	const agent = AGENTS[name];
	return existsSync(agent.needs()) ? null : `SKIPPED: ${name}: ${agent.package} is not installed (tests/e2e/run.sh)`;
}

export function packageMissing(name) {
	return existsSync(inModules(name)) ? null : `SKIPPED: ${name} is not installed (tests/e2e/run.sh)`;
}
