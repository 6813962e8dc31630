#include "core/engine/policy.h"

#include "core/base/vec.h"

static const char *const LEVELS[POLICY_PROFILE_N] = {
	[POLICY_MODERATE] = "moderate",
	[POLICY_CONSERVATIVE] = "conservative",
	[POLICY_AGGRESSIVE] = "aggressive",
};

/* Words by which users ask to look at something closely; those of the reference without the ones that any task has ("fix", "error",
 * "issue", "improve", "problem"): with these hardly a conversation of an agent would be left. Compared as whole words. */
static const char *const ANALYSIS[] = {"analyze", "analyse", "analysis", "review", "audit",
	"inspect", "security", "vulnerability", "vulnerabilities", "explain", "understand",
	"refactor"};

bool policy_parse(str text, str *glob, enum policy_profile *out)
{
	size_t eq = str_find_byte(text, '=');
	str level;

	if (eq == STR_NONE || !eq)
		return false;
	*glob = str_sub(text, 0, eq);
	level = str_sub(text, eq + 1, text.n);
	for (unsigned i = 0; i < POLICY_PROFILE_N; i++) {
		*out = (enum policy_profile)i;
		if (str_eq_c(level, LEVELS[i]))
			return true;
	}
	return false;
}

enum policy_profile policy_of_tool(const struct compress_conf *conf, str tool)
{
	enum policy_profile profile;
	str glob;

	for (size_t i = 0; i < conf->tool_profiles_n; i++)
		if (policy_parse(conf->tool_profiles[i], &glob, &profile) &&
			str_glob(tool, glob, true))
			return profile;
	return POLICY_MODERATE;
}

bool policy_is_excluded(const struct compress_conf *conf, str tool)
{
	for (size_t i = 0; i < conf->exclude_tools_n; i++)
		if (str_glob(tool, conf->exclude_tools[i], true))
			return true;
	return false;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool policy_asks_for_analysis(str text)
{
	for (size_t i = 0, end; i < text.n; i = end) {
		end = i + 1;
		if (!is_letter(text.p[i]))
			continue;
		while (end < text.n && is_letter(text.p[end]))
			end++;
		for (size_t k = 0; k < ARRAY_N(ANALYSIS); k++)
			if (str_eq_nocase(str_sub(text, i, end), str_from(ANALYSIS[k])))
				return true;
	}
	return false;
}

#define PROFILE(s)               \
	{                        \
		s, sizeof(s) - 1 \
	}
/* Named as those of the reference. Its windows of newest messages are not in them: docs/decisions/0018. */
static const struct {
	double target_ratio;
	uint32_t min_tokens;
	str profile; /* of all tools */
} SETS[POLICY_SET_N] = {
	[POLICY_SET_BALANCED] = {0.30, 250, PROFILE("*=conservative")},
	[POLICY_SET_AGENT_90] = {0.10, POLICY_MIN_TOKENS, PROFILE("*=aggressive")},
};

void policy_use_set(enum policy_set set, struct compress_conf *conf)
{
	if (set == POLICY_SET_NONE)
		return;
	if (conf->target_ratio <= 0)
		conf->target_ratio = SETS[set].target_ratio;
	if (!conf->min_tokens || conf->min_tokens == POLICY_MIN_TOKENS)
		conf->min_tokens = SETS[set].min_tokens;
	if (!conf->tool_profiles_n) {
		conf->tool_profiles = &SETS[set].profile;
		conf->tool_profiles_n = 1;
	}
}
