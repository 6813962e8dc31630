#include <stdlib.h>

#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/engine/policy.h"
#include "core/replay/replay.h"

enum { SHAPER_LEVELS = 4 }; /* of compress_conf.verbosity_level */

typedef bool (*set_fn)(struct arena *a, struct compress_conf *c, str value);

static bool parse_on_off(str value, bool *out)
{
	*out = str_eq_c(value, "on");
	return *out || str_eq_c(value, "off");
}

static bool parse_number(struct arena *a, str value, double *out)
{
	const char *text = arena_cstr(a, value);
	char *end;

	*out = strtod(text, &end);
	return value.n && !*end;
}

static bool set_mode(struct arena *a, struct compress_conf *c, str value)
{
	(void)a;
	c->mode = str_eq_c(value, "cache") ? COMPRESS_CACHE : COMPRESS_TOKEN;
	return c->mode == COMPRESS_CACHE || str_eq_c(value, "token");
}

static bool set_lossless(struct arena *a, struct compress_conf *c, str value)
{
	(void)a;
	return parse_on_off(value, &c->is_lossless);
}

static bool set_ccr(struct arena *a, struct compress_conf *c, str value)
{
	bool is_on;

	(void)a;
	if (!parse_on_off(value, &is_on))
		return false;
	c->elides = c->keeps_originals = is_on;
	c->retrieves_by_tool = c->offers_retrieve = is_on;
	return true;
}

static bool set_ratio(struct arena *a, struct compress_conf *c, str value)
{
	return parse_number(a, value, &c->target_ratio) && c->target_ratio > 0 &&
	       c->target_ratio <= 1;
}

static bool set_recent(struct arena *a, struct compress_conf *c, str value)
{
	double n;

	if (!parse_number(a, value, &n) || n < 0 || n > 1e6 || n != (double)(uint32_t)n)
		return false;
	c->protect_recent = (uint32_t)n;
	return true;
}

static bool set_trim(struct arena *a, struct compress_conf *c, str value)
{
	(void)a;
	return parse_on_off(value, &c->trims_tools);
}

static bool set_shaper(struct arena *a, struct compress_conf *c, str value)
{
	uint64_t level = 0;

	(void)a;
	if (!str_eq_c(value, "off") && (!str_u64(value, &level) || !level || level > SHAPER_LEVELS))
		return false;
	c->shapes_output = level > 0;
	c->verbosity_level = (unsigned)level;
	return true;
}

static bool set_analysis(struct arena *a, struct compress_conf *c, str value)
{
	(void)a;
	return parse_on_off(value, &c->protects_analysis);
}

static bool set_min(struct arena *a, struct compress_conf *c, str value)
{
	double n;

	if (!parse_number(a, value, &n) || n < 1 || n > 1e6 || n != (double)(uint32_t)n)
		return false;
	c->min_tokens = (uint32_t)n;
	return true;
}

static str *split_globs(struct arena *a, str value, size_t *n)
{
	VEC(str) globs = {0};
	str glob;

	while (str_split(&value, '+', &glob))
		if (glob.n)
			*vec_push(&globs, a) = glob;
	*n = globs.n;
	return globs.v;
}

static bool set_excluded(struct arena *a, struct compress_conf *c, str value)
{
	c->exclude_tools = split_globs(a, value, &c->exclude_tools_n);
	return true;
}

static bool set_profiles(struct arena *a, struct compress_conf *c, str value)
{
	enum policy_profile profile;
	str glob;

	c->tool_profiles = split_globs(a, value, &c->tool_profiles_n);
	for (size_t i = 0; i < c->tool_profiles_n; i++)
		if (!policy_parse(c->tool_profiles[i], &glob, &profile))
			return false;
	return true;
}

static bool set_tools(struct arena *a, struct compress_conf *c, str value)
{
	c->protect_tools = split_globs(a, value, &c->protect_tools_n);
	return true;
}

static const struct {
	const char *key;
	set_fn set;
	const char *values;
} keys[] = {
	{"mode", set_mode, "token or cache"},
	{"lossless", set_lossless, "on or off"},
	{"ccr", set_ccr, "on or off"},
	{"target-ratio", set_ratio, "a number above 0, up to 1"},
	{"protect-recent", set_recent, "a number of messages"},
	{"protect-tool-results", set_tools, "globs, separated by '+'"},
	{"exclude-tools", set_excluded, "globs, separated by '+'"},
	{"tool-profile", set_profiles,
		"TOOL=conservative, moderate or aggressive, separated by '+'"},
	{"min-tokens", set_min, "a number of tokens from 1"},
	{"protect-analysis-context", set_analysis, "on or off"},
	{"trim-tools", set_trim, "on or off"},
	{"output-shaper", set_shaper, "off or a level from 1 to 4"},
};

static enum err set(struct arena *a, struct replay_arm *arm, str pair, struct errctx *cx)
{
	size_t eq = str_find_byte(pair, '=');
	str key = str_sub(pair, 0, eq == STR_NONE ? pair.n : eq);
	str value = eq == STR_NONE ? STR_NULL : str_sub(pair, eq + 1, pair.n);
	struct buf all;

	buf_init_arena(&all, a, LIMIT_ERR_TEXT);
	for (size_t i = 0; i < ARRAY_N(keys); i++) {
		if (!str_eq_c(key, keys[i].key))
			continue;
		if (!keys[i].set(a, &arm->compress, value))
			FAIL(cx, E_USAGE, "arm " STR_FMT ": %s is %s, not '" STR_FMT "'",
				STR_ARG(arm->name), keys[i].key, keys[i].values, STR_ARG(value));
		return E_OK;
	}
	for (size_t i = 0; i < ARRAY_N(keys); i++)
		buf_printf(&all, "%s%s", i ? ", " : "", keys[i].key);
	FAIL(cx, E_USAGE, "arm " STR_FMT ": no setting '" STR_FMT "'; there are " STR_FMT,
		STR_ARG(arm->name), STR_ARG(key), STR_ARG(buf_str(&all)));
}

static const struct {
	const char *name;
	enum replay_arm_kind kind;
	enum compress_mode mode;
} known[] = {
	{"none", REPLAY_NONE, COMPRESS_TOKEN},
	{"logged", REPLAY_LOGGED, COMPRESS_TOKEN},
	{"token", REPLAY_COMPRESS, COMPRESS_TOKEN},
	{"cache", REPLAY_COMPRESS, COMPRESS_CACHE},
};

enum err replay_arm_parse(struct arena *a, str text, struct replay_arm *out, struct errctx *cx)
{
	size_t colon = str_find_byte(text, ':');
	str rest, pair;

	text = arena_str(a, text);
	*out = (struct replay_arm){.name = text, .kind = REPLAY_COMPRESS};
	if (colon == STR_NONE) {
		for (size_t i = 0; i < ARRAY_N(known); i++) {
			if (!str_eq_c(text, known[i].name))
				continue;
			out->kind = known[i].kind;
			out->compress.mode = known[i].mode;
			return E_OK;
		}
		FAIL(cx, E_USAGE,
			"no arm '" STR_FMT
			"': it is none, logged, token, cache, or NAME:KEY=VALUE,...",
			STR_ARG(text));
	}
	if (!colon)
		FAIL(cx, E_USAGE, "an arm is NAME:KEY=VALUE,..., not '" STR_FMT "'", STR_ARG(text));
	out->name = str_sub(text, 0, colon);
	rest = str_sub(text, colon + 1, text.n);
	while (str_split(&rest, ',', &pair))
		if (pair.n)
			TRY(set(a, out, pair, cx));
	return E_OK;
}
