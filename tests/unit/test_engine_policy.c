/* What is left alone, and how readily text is left out, by tool and by what the user asked. */
#include "tests/unit/store_fixture.h"

#include "core/engine/policy.h"

enum { BODY_MAX = 1 << 20 };

static struct arena arena = ARENA_INIT;

static void check_profile(const char *text, int want)
{
	enum policy_profile profile;
	str glob;
	bool is_one = policy_parse(str_from(text), &glob, &profile);

	assert_int_equal(is_one ? (int)profile : -1, want);
}

static void profiles_are_read(void **state)
{
	(void)state;
	check_profile("Bash=conservative", POLICY_CONSERVATIVE);
	check_profile("mcp__*=aggressive", POLICY_AGGRESSIVE);
	check_profile("*=moderate", POLICY_MODERATE);
	check_profile("Bash", -1);
	check_profile("=moderate", -1);
	check_profile("Bash=", -1);
	check_profile("Bash=gentle", -1);
}

static void the_first_profile_that_fits_counts(void **state)
{
	static const str profiles[] = {
		{"web*=aggressive", 15}, {"WebFetch=conservative", 21}, {"b*=conservative", 15}};
	const struct compress_conf conf = {.tool_profiles = profiles, .tool_profiles_n = 3};

	(void)state;
	assert_int_equal(policy_of_tool(&conf, STR("WebFetch")), POLICY_AGGRESSIVE);
	assert_int_equal(policy_of_tool(&conf, STR("Bash")), POLICY_CONSERVATIVE);
	assert_int_equal(policy_of_tool(&conf, STR("Read")), POLICY_MODERATE);
	assert_int_equal(policy_of_tool(&conf, STR("")), POLICY_MODERATE);
}

static void analysis_is_asked_for_in_whole_words(void **state)
{
	(void)state;
	assert_true(policy_asks_for_analysis(STR("Please REVIEW this file.")));
	assert_true(policy_asks_for_analysis(STR("explain")));
	assert_true(policy_asks_for_analysis(STR("what about its security?")));
	assert_false(policy_asks_for_analysis(STR("")));
	assert_false(policy_asks_for_analysis(STR("open the preview")));
	assert_false(policy_asks_for_analysis(STR("fix the error in parse()")));
}

static void sets_leave_alone_what_was_given(void **state)
{
	struct compress_conf conf = {.target_ratio = 0.7};
	const str mine = STR("Bash=moderate");

	(void)state;
	policy_use_set(POLICY_SET_BALANCED, &conf);
	assert_true(conf.target_ratio > 0.69 && conf.min_tokens == 250);
	assert_int_equal(policy_of_tool(&conf, STR("x")), POLICY_CONSERVATIVE);
	conf = (struct compress_conf){
		.min_tokens = 40, .tool_profiles = &mine, .tool_profiles_n = 1};
	policy_use_set(POLICY_SET_AGENT_90, &conf);
	assert_true(conf.target_ratio > 0.09 && conf.target_ratio < 0.11 && conf.min_tokens == 40);
	assert_int_equal(policy_of_tool(&conf, STR("x")), POLICY_MODERATE);
	conf = (struct compress_conf){0};
	policy_use_set(POLICY_SET_NONE, &conf);
	assert_true(conf.target_ratio <= 0 && !conf.min_tokens && !conf.tool_profiles_n);
}

/* ---- through the engine -------------------------------------------------------------------------- */

/* Two results that say the same, of the tools a and b, behind a question; then a further message or none. */
static str body_of(const char *question, str text, const char *more)
{
	struct buf b;

	buf_init_arena(&b, &arena, BODY_MAX);
	buf_printf(&b, "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}",
		question);
	for (const char *tool = "ab"; *tool; tool++) {
		buf_printf(&b,
			",{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"%c\",\"type\":"
			"\"function\","
			"\"function\":{\"name\":\"%c\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\","
			"\"tool_call_id\":\"%c\",\"content\":\"",
			*tool, *tool, *tool);
		buf_add(&b, text);
		buf_add_c(&b, "\"}");
	}
	buf_printf(&b, "%s]}", more);
	return buf_str(&b);
}

static struct compress_result compress(struct engine *e, str body, const struct compress_conf *conf)
{
	struct compress_result r;
	struct errctx cx = {0};

	if (compress_request(e, body, WIRE_OPENAI_CHAT, conf, &r, &cx) != E_OK)
		fail_msg("%s", cx.text);
	return r;
}

static const struct compress_block *result_of(const struct compress_result *r, const char *tool)
{
	for (uint32_t i = 0; i < r->blocks_n; i++)
		if (r->blocks[i].kind == WIRE_TOOL_RESULT && str_eq_c(r->blocks[i].tool, tool))
			return &r->blocks[i];
	fail_msg("no result of %s", tool);
	return NULL;
}

static str lines(unsigned n)
{
	struct buf b;

	buf_init_arena(&b, &arena, BODY_MAX);
	for (unsigned i = 0; i < n; i++)
		buf_printf(&b, "a line that says %u things\\n", i * 7919);
	return buf_str(&b);
}

static struct engine *new_engine(struct store *s)
{
	struct engine *e;

	assert_int_equal(engine_new(&(struct engine_conf){.store = s}, &e, NULL), E_OK);
	return e;
}

/* It stays, and what comes later refers to it. */
static void excluded_tools_stay(void **state)
{
	static const str globs[] = {{"A", 1}};
	const struct compress_conf conf = {.exclude_tools = globs, .exclude_tools_n = 1};
	struct engine *e = new_engine(NULL);
	struct compress_result r = compress(e, body_of("go", lines(40), ""), &conf);

	(void)state;
	assert_string_equal(result_of(&r, "a")->reason, "excluded_tool");
	assert_int_equal(result_of(&r, "a")->encoders.n, 0);
	assert_true(str_eq_c(result_of(&r, "b")->encoders, "reference"));
	compress_result_release(&r);
	engine_free(e);
	arena_release(&arena);
}

static void small_results_stay(void **state)
{
	struct compress_conf conf = {.min_tokens = 2000};
	struct engine *e = new_engine(NULL);
	struct compress_result r = compress(e, body_of("go", lines(40), ""), &conf);

	(void)state;
	assert_string_equal(result_of(&r, "b")->reason, "too_small");
	compress_result_release(&r);
	conf.min_tokens = 100;
	r = compress(e, body_of("go", lines(40), ""), &conf);
	assert_string_equal(result_of(&r, "b")->reason, "changed");
	compress_result_release(&r);
	engine_free(e);
	arena_release(&arena);
}

/* Documents with many rows of a kind: the less is shown, the more readily. */
static str rows(unsigned n)
{
	struct buf b;

	buf_init_arena(&b, &arena, BODY_MAX);
	buf_add_byte(&b, '[');
	for (unsigned i = 0; i < n; i++)
		buf_printf(&b, "%s{\\\"id\\\":%u,\\\"name\\\":\\\"n%u\\\",\\\"size\\\":%u}",
			i ? "," : "", i, i * 7919 % 1000, i * 31 % 97);
	buf_add_byte(&b, ']');
	return buf_str(&b);
}

static void check_analysis(
	struct fixture *f, const char *question, const char *more, bool protects, bool is_whole)
{
	const struct compress_conf conf = {.protects_analysis = protects, .elides = true};
	struct store *s = open_default(f);
	struct engine *e = new_engine(s);
	struct compress_result r = compress(e, body_of(question, rows(400), more), &conf);

	assert_int_equal(result_of(&r, "a")->loss != LOSS_ELIDED, is_whole);
	compress_result_release(&r);
	engine_free(e);
	store_close(s);
}

static const char *const LOOKING = "review this please";

static void nothing_is_left_out_of_what_is_reviewed(void **state)
{
	check_analysis(*state, "go on", "", true, false);
	check_analysis(*state, LOOKING, "", true, true);
	check_analysis(*state, LOOKING, "", false, false);
	/* What is asked later changes nothing of what was sent. */
	check_analysis(*state, LOOKING, ",{\"role\":\"user\",\"content\":\"go on\"}", true, true);
	check_analysis(
		*state, "go on", ",{\"role\":\"user\",\"content\":\"review it\"}", true, false);
	arena_release(&arena);
}

/* A log of two patterns, of which leaving out saves little. */
static str polls(unsigned n)
{
	struct buf b;

	buf_init_arena(&b, &arena, BODY_MAX);
	for (unsigned i = 0; i < n; i++)
		buf_printf(&b, "2026-01-02 10:%02u:%02u INFO worker polling queue %s\\n", i / 60,
			i % 60, i % 2 ? "alpha" : "beta");
	return buf_str(&b);
}

static uint32_t tokens_under(struct fixture *f, str text, const char *profile)
{
	const str v = str_from(profile);
	const struct compress_conf conf = {
		.elides = true, .tool_profiles = &v, .tool_profiles_n = 1};
	struct store *s = open_default(f);
	struct engine *e = new_engine(s);
	struct compress_result r = compress(e, body_of("go", text, ""), &conf);
	uint32_t tokens = result_of(&r, "a")->tokens_after;

	compress_result_release(&r);
	engine_free(e);
	store_close(s);
	return tokens;
}

static void profiles_decide_how_much_is_left_out(void **state)
{
	str many = rows(400), few = polls(80);
	uint32_t usual = tokens_under(*state, many, "a=moderate");

	assert_true(tokens_under(*state, many, "a=conservative") > usual);
	assert_int_equal(tokens_under(*state, many, "z=conservative"), usual);
	assert_true(tokens_under(*state, few, "a=aggressive") <
		    tokens_under(*state, few, "a=moderate"));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles_are_read),
		cmocka_unit_test(the_first_profile_that_fits_counts),
		cmocka_unit_test(analysis_is_asked_for_in_whole_words),
		cmocka_unit_test(sets_leave_alone_what_was_given),
		cmocka_unit_test(excluded_tools_stay),
		cmocka_unit_test(small_results_stay),
		cmocka_unit_test_setup_teardown(
			nothing_is_left_out_of_what_is_reviewed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			profiles_decide_how_much_is_left_out, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
