/* Sources: platform.claude.com, "Claude on Amazon Bedrock", "Claude on Vertex AI" (names of models, anthropic_version); Amazon Bedrock User Guide,
 * "Supported Regions and models for inference profiles", "Anthropic Claude Messages API" (anthropic_beta). */
#include "proxy/backend_claude.h"

#include "core/json/scan.h"

/* ---- names of models ----------------------------------------------------------------------------------- */

/* Names without a date that Anthropic's API has for ones with a date, which is how clouds call them. */
static const str ALIASES[][2] = {
	{LIT("claude-opus-4-5"), LIT("claude-opus-4-5-20251101")},
	{LIT("claude-sonnet-4-5"), LIT("claude-sonnet-4-5-20250929")},
	{LIT("claude-haiku-4-5"), LIT("claude-haiku-4-5-20251001")},
	{LIT("claude-opus-4-1"), LIT("claude-opus-4-1-20250805")},
	{LIT("claude-opus-4-0"), LIT("claude-opus-4-20250514")},
	{LIT("claude-sonnet-4-0"), LIT("claude-sonnet-4-20250514")},
	{LIT("claude-3-7-sonnet-latest"), LIT("claude-3-7-sonnet-20250219")},
	{LIT("claude-3-5-sonnet-latest"), LIT("claude-3-5-sonnet-20241022")},
	{LIT("claude-3-5-haiku-latest"), LIT("claude-3-5-haiku-20241022")},
};

static str dated(str model)
{
	for (size_t i = 0; i < ARRAY_N(ALIASES); i++)
		if (str_eq(model, ALIASES[i][0]))
			return ALIASES[i][1];
	return model;
}

enum { DATE_LEN = 8 };

/* "-20250929" at the end. */
static bool has_date(str model)
{
	if (model.n < DATE_LEN + 2 || model.p[model.n - DATE_LEN - 1] != '-')
		return false;
	for (size_t i = model.n - DATE_LEN; i < model.n; i++)
		if (model.p[i] < '0' || model.p[i] > '9')
			return false;
	return true;
}

/* Models before 4.5 have a profile for Asia and the Pacific; later ones are everywhere under the global one. */
static bool is_early(str model)
{
	static const str early[] = {LIT("claude-3"), LIT("claude-opus-4-2025"),
		LIT("claude-sonnet-4-2025"), LIT("claude-opus-4-1-")};

	for (size_t i = 0; i < ARRAY_N(early); i++)
		if (str_starts(model, early[i]))
			return true;
	return false;
}

static const char *profile_of(str model, str region)
{
	if (str_starts(region, STR("us-gov-")))
		return "us-gov";
	if (str_starts(region, STR("us-")))
		return "us";
	if (str_starts(region, STR("eu-")))
		return "eu";
	if (str_starts(region, STR("ap-")) && is_early(model))
		return "apac";
	return is_early(model) ? "us" : "global";
}

/* Where names differ from the rule: "-v1:0" behind a date, nothing behind a name without. */
static const char *version_of(str model)
{
	if (str_eq(model, STR("claude-3-5-sonnet-20241022")))
		return "-v2:0";
	if (str_eq(model, STR("claude-opus-4-6")))
		return "-v1";
	return has_date(model) ? "-v1:0" : "";
}

str bedrock_model(str model, str region, struct arena *a)
{
	(void)str_take(&model, STR("bedrock/"));
	(void)str_take(&model, STR("anthropic/"));
	if (!str_starts(model, STR("claude-")))
		return model;
	model = dated(model);
	return arena_printf(a, "%s.anthropic." STR_FMT "%s", profile_of(model, region),
		STR_ARG(model), version_of(model));
}

str vertex_model(str model, struct arena *a)
{
	str name;

	(void)str_take(&model, STR("vertex_ai/"));
	(void)str_take(&model, STR("anthropic/"));
	model = dated(model);
	if (!str_starts(model, STR("claude-")) || !has_date(model))
		return model;
	name = str_sub(model, 0, model.n - DATE_LEN - 1);
	return arena_printf(a, STR_FMT "%s@" STR_FMT, STR_ARG(name),
		str_eq(model, STR("claude-3-5-sonnet-20241022")) ? "-v2" : "",
		STR_ARG(str_sub(model, model.n - DATE_LEN, model.n)));
}

/* ---- bodies -------------------------------------------------------------------------------------------- */

/* Bedrock refuses a request with a feature that it does not know; those that only the API itself has (files, login by OAuth) mean nothing
 * there. */
static const str BEDROCK_BETAS[] = {LIT("computer-use-2024-10-22"), LIT("computer-use-2025-01-24"),
	LIT("computer-use-2025-11-24"), LIT("token-efficient-tools-2025-02-19"),
	LIT("interleaved-thinking-2025-05-14"), LIT("output-128k-2025-02-19"),
	LIT("dev-full-thinking-2025-05-14"), LIT("context-1m-2025-08-07"),
	LIT("context-management-2025-06-27"), LIT("effort-2025-11-24"),
	LIT("tool-search-tool-2025-10-19"), LIT("tool-examples-2025-10-29"),
	LIT("fine-grained-tool-streaming-2025-05-14")};

static bool is_known_beta(str beta)
{
	for (size_t i = 0; i < ARRAY_N(BEDROCK_BETAS); i++)
		if (str_eq(beta, BEDROCK_BETAS[i]))
			return true;
	return false;
}

static void add_betas(str betas, struct buf *out)
{
	bool is_first = true;
	str one;

	while (str_split(&betas, ',', &one)) {
		one = str_trim(one);
		if (!is_known_beta(one))
			continue;
		buf_add_c(out, is_first ? ",\"anthropic_beta\":[\"" : ",\"");
		buf_add(out, one);
		buf_add_byte(out, '"');
		is_first = false;
	}
	if (!is_first)
		buf_add_byte(out, ']');
}

static bool is_dropped(
	enum claude_cloud cloud, const struct json_tape *t, uint32_t key, bool has_betas)
{
	if (json_string_is(t, key, "model") || json_string_is(t, key, "anthropic_version"))
		return true;
	return cloud == CLAUDE_BEDROCK &&
	       (json_string_is(t, key, "stream") ||
		       (has_betas && json_string_is(t, key, "anthropic_beta")));
}

enum err claude_body(enum claude_cloud cloud, str body, str betas, struct arena *a, struct buf *out,
	struct errctx *cx)
{
	struct json_tape t;

	TRY(json_scan(a, body, &t, cx));
	if (!json_is(&t, 0, JSON_OBJECT))
		FAIL(cx, E_MALFORMED, "the body is no JSON object");
	(void)buf_reserve(out, body.n + 256);
	buf_add_c(out, cloud == CLAUDE_BEDROCK ? "{\"anthropic_version\":\"bedrock-2023-05-31\""
					       : "{\"anthropic_version\":\"vertex-2023-10-16\"");
	if (cloud == CLAUDE_BEDROCK)
		add_betas(betas, out);
	for (struct json_iter it = json_iter(&t, 0); json_next(&it);) {
		if (is_dropped(cloud, &t, it.key, betas.n > 0))
			continue;
		buf_add_byte(out, ',');
		buf_add(out, str_sub(body, t.v[it.key].start, t.v[it.value].end));
	}
	buf_add_byte(out, '}');
	return out->err ? err_set(cx, out->err, "%s", err_text(out->err)) : E_OK;
}
