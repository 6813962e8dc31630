#include "wrap/agent.h"

#include "core/base/suggest.h"

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define VARS(...)  ((const struct agent_var[]){__VA_ARGS__, {NULL, NULL, AGENT_TO_NONE, false}})

/* What an OpenAI-compatible client reads: the SDKs, litellm, older SDKs. */
#define OPENAI_VARS                                              \
	{"OPENAI_BASE_URL", "/v1", AGENT_TO_OPENAI, false},      \
	{                                                        \
		"OPENAI_API_BASE", "/v1", AGENT_TO_OPENAI, false \
	}

/* litellm, which aider and openhands stand on, knows both of Anthropic's. */
#define ANTHROPIC_VARS                                              \
	{"ANTHROPIC_BASE_URL", "", AGENT_TO_ANTHROPIC, false},      \
	{                                                           \
		"ANTHROPIC_API_BASE", "", AGENT_TO_ANTHROPIC, false \
	}

const struct agent agent_table[] = {
	{
		.name = "claude",
		.title = "Claude Code",
		.flags = AGENT_SENDS_HEADERS,
		.binaries = NAMES("claude"),
		.bin_variable = "HEADROOM_CLAUDE_BIN",
		.install = "npm install -g @anthropic-ai/claude-code",
		.vars = VARS({"ANTHROPIC_BASE_URL", "", AGENT_TO_ANTHROPIC, false}),
		.plan = agent_claude_plan,
		.persist = agent_claude_persist,
		.files = "~/.claude/settings.json or .claude/settings.local.json",
		.breaks = "Remote Control is hidden behind a custom host; Bedrock is not served.",
	},
	{
		.name = "codex",
		.title = "Codex",
		.flags = AGENT_NAMES_PROJECT_BY_PATH,
		.binaries = NAMES("codex"),
		.bin_variable = "HEADROOM_CODEX_BIN",
		.install = "npm install -g @openai/codex",
		.vars = VARS({NULL, NULL, AGENT_TO_NONE, false}),
		.plan = agent_codex_plan,
		.persist = agent_codex_persist,
		.files = "~/.codex/config.toml",
		.breaks = "Providers without a base URL of their own (--oss) go directly.",
	},
	{
		.name = "gemini",
		.title = "Gemini CLI",
		.flags = AGENT_SENDS_HEADERS,
		.binaries = NAMES("gemini"),
		.bin_variable = "HEADROOM_GEMINI_BIN",
		.install = "npm install -g @google/gemini-cli",
		.vars = VARS({NULL, NULL, AGENT_TO_NONE, false}),
		.plan = agent_gemini_plan,
		.files = "",
		.breaks = "Vertex with a project's credentials was not tried.",
	},
	{
		.name = "opencode",
		.title = "opencode",
		.flags = AGENT_NAMES_PROJECT_BY_PATH,
		.binaries = NAMES("opencode"),
		.bin_variable = "HEADROOM_OPENCODE_BIN",
		.install = "npm install -g opencode-ai",
		.vars = VARS({NULL, NULL, AGENT_TO_NONE, false}),
		.plan = agent_opencode_plan,
		.persist = agent_opencode_persist,
		.files = "~/.config/opencode/opencode.json",
		.breaks = "Only the providers anthropic, openai and google go through the proxy.",
	},
	{
		.name = "copilot",
		.title = "GitHub Copilot CLI",
		.flags = AGENT_NAMES_PROJECT_BY_PATH,
		.binaries = NAMES("copilot"),
		.bin_variable = "HEADROOM_COPILOT_BIN",
		.install = "npm install -g @github/copilot",
		.vars = VARS({NULL, NULL, AGENT_TO_NONE, false}),
		.plan = agent_copilot_plan,
		.files = "",
		.breaks = "Models of a GitHub subscription are asked by GitHub's own login, which "
			  "the proxy does not have; it needs a key of a provider.",
	},
	{
		.name = "aider",
		.title = "aider",
		.flags = AGENT_NAMES_PROJECT_BY_PATH,
		.binaries = NAMES("aider"),
		.bin_variable = "HEADROOM_AIDER_BIN",
		.install = "python -m pip install aider-install",
		.vars = VARS(OPENAI_VARS, ANTHROPIC_VARS),
		.files = "",
		.breaks = "--openai-api-base on the line or in .aider.conf.yml goes before the "
			  "variable.",
	},
	{
		.name = "goose",
		.title = "goose",
		.binaries = NAMES("goose"),
		.bin_variable = "HEADROOM_GOOSE_BIN",
		.install = "see https://block.github.io/goose",
		/* OPENAI_HOST and ANTHROPIC_HOST are what goose reads; the others are for what it starts. */
		.vars = VARS({"OPENAI_HOST", "", AGENT_TO_OPENAI, true},
			{"ANTHROPIC_HOST", "", AGENT_TO_ANTHROPIC, true}, OPENAI_VARS,
			{"ANTHROPIC_BASE_URL", "", AGENT_TO_ANTHROPIC, false}),
		.files = "",
		.breaks = "Other providers than openai and anthropic go directly.",
	},
	{
		.name = "openhands",
		.title = "OpenHands CLI",
		.flags = AGENT_NAMES_PROJECT_BY_PATH,
		.binaries = NAMES("openhands"),
		.bin_variable = "HEADROOM_OPENHANDS_BIN",
		.install = "uv tool install openhands",
		.vars = VARS(OPENAI_VARS, ANTHROPIC_VARS),
		.plan = agent_openhands_plan,
		.files = "",
		.breaks = "It reads LLM_BASE_URL only with --override-with-envs, which needs "
			  "LLM_API_KEY and LLM_MODEL.",
	},
	{
		.name = "vibe",
		.title = "Mistral Vibe",
		.flags = AGENT_NAMES_PROJECT_BY_PATH,
		.binaries = NAMES("vibe"),
		.bin_variable = "HEADROOM_VIBE_BIN",
		.install = "uv tool install mistral-vibe",
		.vars = VARS({NULL, NULL, AGENT_TO_NONE, false}),
		.plan = agent_vibe_plan,
		.files = "",
		.breaks = "Providers of its config.toml are replaced by Mistral's for this run.",
	},
	{
		.name = "openclaw",
		.title = "OpenClaw",
		.kind = AGENT_SHOWS,
		.flags = AGENT_NAMES_PROJECT_BY_PATH,
		.binaries = NAMES("openclaw"),
		.bin_variable = "HEADROOM_OPENCLAW_BIN",
		.vars = VARS({NULL, NULL, AGENT_TO_NONE, false}),
		.files = "",
		.breaks = "Its gateway is a daemon that reads openclaw.json alone; no variable "
			  "leads it.",
		.lines = "openclaw config set models.providers.anthropic.baseUrl %U\n"
			 "openclaw config set models.providers.openai.baseUrl %U/v1\n"
			 "openclaw gateway restart\n",
	},
	{
		.name = "cline",
		.title = "Cline",
		.kind = AGENT_SHOWS,
		.flags = AGENT_NAMES_PROJECT_BY_PATH,
		.binaries = NAMES("cline"),
		.bin_variable = "HEADROOM_CLINE_BIN",
		.vars = VARS({NULL, NULL, AGENT_TO_NONE, false}),
		.files = "",
		.breaks = "Its settings are in the editor's own storage; no variable leads it.",
		.lines = "Cline's settings, API Configuration:\n"
			 "  Anthropic          Use custom base URL  %U\n"
			 "  OpenAI Compatible  Base URL             %U/v1\n",
	},
	{
		.name = "continue",
		.title = "Continue",
		.kind = AGENT_SHOWS,
		.flags = AGENT_NAMES_PROJECT_BY_PATH,
		.binaries = NAMES("cn"),
		.bin_variable = "HEADROOM_CONTINUE_BIN",
		.vars = VARS({NULL, NULL, AGENT_TO_NONE, false}),
		.files = "",
		.breaks = "The base URL belongs to each model in ~/.continue/config.yaml; no "
			  "variable leads it.",
		.lines = "~/.continue/config.yaml, in each model:\n"
			 "  provider: anthropic  apiBase: %U/v1/\n"
			 "  provider: openai     apiBase: %U/v1/\n",
	},
	{
		.name = "cursor",
		.title = "Cursor",
		.kind = AGENT_CANNOT,
		.binaries = NAMES("cursor"),
		.bin_variable = "HEADROOM_CURSOR_BIN",
		.vars = VARS({NULL, NULL, AGENT_TO_NONE, false}),
		.files = "",
		.breaks = "Its servers call the base URL, and refuse one of this machine.",
		.lines = "Cursor's own servers call the base URL of its settings, and they cannot "
			 "reach this machine. What "
			 "works: agents in Cursor's terminal, as in 'headroom wrap claude'; and "
			 "'headroom compress' in scripts",
	},
	{
		.name = "exec",
		.title = "any program",
		.flags = AGENT_NAMES_PROJECT_BY_PATH,
		.binaries = NAMES(NULL),
		.bin_variable = "",
		.vars = VARS(ANTHROPIC_VARS, {"ANTHROPIC_HOST", "", AGENT_TO_ANTHROPIC, true},
			OPENAI_VARS, {"OPENAI_HOST", "", AGENT_TO_OPENAI, true},
			{"GOOGLE_GEMINI_BASE_URL", "", AGENT_TO_GEMINI, false},
			{"GOOGLE_VERTEX_BASE_URL", "", AGENT_TO_VERTEX, false},
			{"CODE_ASSIST_ENDPOINT", "", AGENT_TO_CLOUDCODE, false}),
		.plan = agent_exec_plan,
		.files = "",
		.breaks = "Programs that read none of these variables go directly.",
	},
	{.name = NULL},
};

const char *agent_upstream_variable(enum agent_upstream u)
{
	static const char *const names[] = {
#define X(name, variable) variable,
		AGENT_UPSTREAM_MAP(X)
#undef X
	};

	return names[u];
}

const struct agent *agent_find(str name)
{
	for (const struct agent *a = agent_table; a->name; a++)
		if (str_eq_c(name, a->name))
			return a;
	return NULL;
}

enum err agent_unknown(str name, struct errctx *cx)
{
	struct suggest s = suggest_for(name);

	for (const struct agent *a = agent_table; a->name; a++)
		suggest_offer(&s, str_from(a->name));
	if (s.best.n)
		return err_set(cx, E_USAGE,
			"unknown agent '" STR_FMT "' (did you mean '" STR_FMT "'?)", STR_ARG(name),
			STR_ARG(s.best));
	return err_set(cx, E_USAGE,
		"unknown agent '" STR_FMT
		"'; see 'headroom wrap --list', or 'headroom wrap exec -- COMMAND'",
		STR_ARG(name));
}
