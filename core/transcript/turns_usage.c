/* Tokens of a response, in the words of all providers and agents that we read. */
#include "core/transcript/loader.h"

/* Where the figures stand. Some count what was read from the cache as part of the input as well. */
static const struct {
	const char *input, *output;
	const char *cached_in, *cached; /* an object in between, or NULL */
	const char *written_in, *written;
	bool is_cached_in_input;
} WORDS[] = {
	/* Anthropic; Claude Code */
	{"input_tokens", "output_tokens", NULL, "cache_read_input_tokens", NULL,
		"cache_creation_input_tokens", false},
	/* Codex */
	{"input_tokens", "output_tokens", NULL, "cached_input_tokens", NULL, NULL, true},
	/* OpenAI Responses, Chat */
	{"input_tokens", "output_tokens", "input_tokens_details", "cached_tokens", NULL, NULL,
		true},
	{"prompt_tokens", "completion_tokens", "prompt_tokens_details", "cached_tokens", NULL, NULL,
		true},
	/* Gemini; Gemini CLI */
	{"promptTokenCount", "candidatesTokenCount", NULL, "cachedContentTokenCount", NULL, NULL,
		true},
	{"input", "output", NULL, "cached", NULL, NULL, true},
	/* pi; OpenCode */
	{"input", "output", NULL, "cacheRead", NULL, "cacheWrite", false},
	{"input", "output", "cache", "read", "cache", "write", false},
	/* any of them, without a cache */
	{"input_tokens", "output_tokens", NULL, NULL, NULL, NULL, false},
	{"prompt_tokens", "completion_tokens", NULL, NULL, NULL, NULL, false},
	{"promptTokenCount", "candidatesTokenCount", NULL, NULL, NULL, NULL, false},
	{"input", "output", NULL, NULL, NULL, NULL, false},
};

static bool figure(
	const struct line *l, uint32_t node, const char *in, const char *key, uint64_t *out)
{
	uint32_t v;

	*out = 0;
	if (!key)
		return true;
	v = line_member(l, in ? line_member(l, node, in) : node, key);
	return v != JSON_ABSENT && json_u64(l->t, v, out);
}

struct turn_usage loader_usage(const struct line *l, uint32_t node)
{
	struct turn_usage u = {0};
	uint64_t written, of_hour;

	for (size_t i = 0; i < ARRAY_N(WORDS) && node != JSON_ABSENT && !u.is_known; i++) {
		u.is_known = figure(l, node, NULL, WORDS[i].input, &u.input) &&
			     figure(l, node, WORDS[i].cached_in, WORDS[i].cached, &u.cache_read);
		if (!u.is_known)
			continue;
		(void)figure(l, node, NULL, WORDS[i].output, &u.output);
		(void)figure(l, node, WORDS[i].written_in, WORDS[i].written, &written);
		(void)figure(l, node, "cache_creation", "ephemeral_1h_input_tokens", &of_hour);
		u.cache_write_1h = of_hour < written ? of_hour : written;
		u.cache_write_5m = written - u.cache_write_1h;
		if (WORDS[i].is_cached_in_input)
			u.input -= u.cache_read < u.input ? u.cache_read : u.input;
	}
	return u.is_known ? u : (struct turn_usage){0};
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

struct turn_usage loader_usage_max(struct turn_usage a, struct turn_usage b)
{
	return (struct turn_usage){
		.is_known = a.is_known || b.is_known,
		.input = larger(a.input, b.input),
		.cache_read = larger(a.cache_read, b.cache_read),
		.cache_write_5m = larger(a.cache_write_5m, b.cache_write_5m),
		.cache_write_1h = larger(a.cache_write_1h, b.cache_write_1h),
		.output = larger(a.output, b.output),
	};
}
