#include "cli/args_compress.h"

#include "core/engine/policy.h"

#define TRANSCRIPT(kind, name, help)                 \
	{                                            \
		name, TRANSCRIPT_##kind, false, help \
	}
#define TEXT(kind, name)                                     \
	{                                                    \
		name, FORMAT_TEXT + KIND_##kind, false, NULL \
	}

const struct opt_choice format_choices[] = {
	{"auto", FORMAT_AUTO, false, NULL},
	TRANSCRIPT(REQUEST, "request", "a request body"),
	TRANSCRIPT(MESSAGES, "messages", "the list of messages of one"),
	TRANSCRIPT(REQUESTS, "requests", "lines of request bodies"),
	TRANSCRIPT(PROXY_LOG, "proxy-jsonl", NULL),
	TRANSCRIPT(CLAUDE, "claude-jsonl", "Claude Code"),
	TRANSCRIPT(CODEX, "codex-jsonl", "Codex"),
	TRANSCRIPT(GEMINI, "gemini-jsonl", "Gemini CLI"),
	TRANSCRIPT(GEMINI_FILE, "gemini-json", NULL),
	TRANSCRIPT(OPENCODE, "opencode-json", "OpenCode"),
	TRANSCRIPT(PI, "pi-jsonl", "pi"),
	TEXT(TEXT, "text"),
	TEXT(JSON, "json"),
	TEXT(JSONL, "jsonl"),
	TEXT(DIFF, "diff"),
	TEXT(SEARCH, "search"),
	TEXT(LOG, "log"),
	TEXT(CODE, "code"),
	TEXT(HTML, "html"),
	TEXT(TABLE, "table"),
	{NULL, 0, false, NULL},
};

/* The reference's older names are understood, too. */
const struct opt_choice mode_choices[] = {
	{"token", COMPRESS_TOKEN, false, "fewest tokens"},
	{"cache", COMPRESS_CACHE, false, "lowest bill behind a prompt cache"},
	{"token_mode", COMPRESS_TOKEN, true, NULL},
	{"token_savings", COMPRESS_TOKEN, true, NULL},
	{"token_headroom", COMPRESS_TOKEN, true, NULL},
	{"cache_mode", COMPRESS_CACHE, true, NULL},
	{"cost_savings", COMPRESS_CACHE, true, NULL},
	{NULL, 0, false, NULL},
};

struct document_format format_of(int value)
{
	struct document_format f = {.is_forced = value != FORMAT_AUTO};

	if (value >= FORMAT_TEXT) {
		f.is_text = true;
		f.content = (enum content_kind)(value - FORMAT_TEXT);
	} else {
		f.kind = (enum transcript_kind)value;
	}
	return f;
}

const struct opt_choice savings_choices[] = {
	{"none", POLICY_SET_NONE, false, NULL},
	{"balanced", POLICY_SET_BALANCED, false, "large results, gently"},
	{"agent-90", POLICY_SET_AGENT_90, false, "as much as can be had back"},
	{NULL, 0, false, NULL},
};

enum err protections_fill(const struct protections *p, const char *label, struct compress_conf *out,
	struct errctx *cx)
{
	enum policy_profile profile;
	str glob;

	for (size_t i = 0; i < p->tool_profiles.n; i++)
		if (!policy_parse(p->tool_profiles.v[i], &glob, &profile))
			FAIL(cx, E_USAGE,
				"%s: '" STR_FMT
				"' is not TOOL=conservative, TOOL=moderate or TOOL=aggressive",
				label, STR_ARG(p->tool_profiles.v[i]));
	out->exclude_tools = p->exclude_tools.v;
	out->exclude_tools_n = p->exclude_tools.n;
	out->tool_profiles = p->tool_profiles.v;
	out->tool_profiles_n = p->tool_profiles.n;
	out->min_tokens = (uint32_t)p->min_tokens;
	out->protects_analysis = p->protects_analysis;
	policy_use_set((enum policy_set)p->set, out);
	return E_OK;
}
