// How each real agent is started without a terminal, offline, against a base URL. A row is
//	package		the npm package whose presence decides whether it can run
//	start({url, home, work, prompt})	-> {cmd, args, env}; may write settings below home
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

const AGENTS = {
	claude: {
		package: '@anthropic-ai/claude-code', needs: claudeProgram,
		start: ({ url, prompt }) => ({
			cmd: claudeProgram(),
			args: ['--settings', JSON.stringify({ env: { ANTHROPIC_BASE_URL: url, ENABLE_TOOL_SEARCH: 'true' } }),
				'-p', prompt, '--allowedTools', 'Bash,Read,Write,Edit'],
			env: { ANTHROPIC_API_KEY: 'sk-ant-api03-scripted', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
		}),
		calls: (ex) => ex.path === '/v1/messages' && (ex.json?.tools ?? []).length > 0,
	},
	codex: codex('gpt-5.5'),
	'codex-gpt6': codex(null),
	gemini: {
		package: '@google/gemini-cli', needs: () => inModules('@google/gemini-cli/bundle/gemini.js'),
		start: ({ url, home, prompt }) => {
			mkdirSync(join(home, '.gemini'), { recursive: true });
			writeFileSync(join(home, '.gemini/settings.json'), JSON.stringify({
				security: { auth: { selectedType: 'gemini-api-key' } }, privacy: { usageStatisticsEnabled: false },
				telemetry: { enabled: false }, general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
			}));
			return {
				cmd: process.execPath, args: [inModules('@google/gemini-cli/bundle/gemini.js'), '--skip-trust', '-y', '-p', prompt],
				env: { GEMINI_API_KEY: 'scripted', GOOGLE_GEMINI_BASE_URL: url },
			};
		},
		calls: (ex) => ex.path.endsWith(':streamGenerateContent'),
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
		calls: (ex) => ex.method === 'POST' && ex.path === '/v1/responses',
	};
}

export const agentNames = Object.keys(AGENTS);

export const agentOf = (name) => AGENTS[name];

// null when the agent can run, else why it cannot.
export function whyMissing(name) {
	const agent = AGENTS[name];
	return existsSync(agent.needs()) ? null : `SKIPPED: ${name}: ${agent.package} is not installed (tests/e2e/run.sh)`;
}

export function packageMissing(name) {
	return existsSync(inModules(name)) ? null : `SKIPPED: ${name} is not installed (tests/e2e/run.sh)`;
}
