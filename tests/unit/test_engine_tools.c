/* Definitions of tools without what says nothing: from the beginning of a conversation, or not at all. */
#include "tests/unit/store_fixture.h"

#include "core/engine/verify.h"

/* What is trimmed, and what becomes of it. */
#define LONG                                                                                       \
	"{\"name\":\"read_file\",\"input_schema\":{\"$schema\":\"http://json-schema.org/draft-07/" \
	"schema#\",\"title\":\"Read File\",\"type\":\"object\"}}"
#define SHORT "{\"name\":\"read_file\",\"input_schema\":{\"type\":\"object\"}}"
#define USER  "{\"role\":\"user\",\"content\":\"look\"}"
#define MORE                                                                                       \
	"," USER ",{\"role\":\"assistant\",\"content\":\"there\"},{\"role\":\"user\",\"content\":" \
	"\"again\"}"

static const struct compress_conf trims = {.trims_tools = true};

static str body_of(const char *tool, const char *rest)
{
	static char text[2][2048];
	static unsigned at;

	at ^= 1;
	(void)snprintf(text[at], sizeof text[at],
		"{\"model\":\"gpt-4o\",\"tools\":[%s],\"messages\":[" USER "%s]}", tool, rest);
	return str_from(text[at]);
}

static const char answered[] = ",{\"role\":\"assistant\",\"content\":\"seen\"}" MORE;

static struct engine *new_engine(struct store *s)
{
	struct engine *e;

	assert_int_equal(engine_new(&(struct engine_conf){.store = s}, &e, NULL), E_OK);
	return e;
}

static struct compress_result compress(
	struct engine *e, const char *tool, const char *rest, const struct compress_conf *conf)
{
	struct compress_result r;
	struct errctx cx = {0};

	if (compress_request(e, body_of(tool, rest), WIRE_ANTHROPIC, conf, &r, &cx) != E_OK)
		fail_msg("%s", cx.text);
	return r;
}

static void check(
	struct engine *e, const char *rest, const struct compress_conf *conf, bool is_trimmed)
{
	struct compress_result r = compress(e, LONG, rest, conf);

	assert_true(str_eq(r.body, body_of(is_trimmed ? SHORT : LONG, rest)));
	assert_int_equal(r.is_trimmed, is_trimmed);
	compress_result_release(&r);
}

static void a_conversation_begins_and_goes_on_trimmed(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct engine *e = new_engine(s);

	check(e, "", &trims, true);
	check(e, answered, &trims, true);
	engine_free(e);
	flush(f, s);
	store_close(s);
	s = open_default(f); /* another process */
	e = new_engine(s);
	check(e, answered, &trims, true);
	check(e, "", &trims, true);
	engine_free(e);
	store_close(s);
}

/* Its prefix may be warm as it came. */
static void one_that_is_seen_in_its_middle_stays_as_it_came(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct engine *e = new_engine(s);

	check(e, answered, &trims, false);
	check(e, answered, &trims, false);
	engine_free(e);
	store_close(s);
}

static void without_a_store_all_are_treated_alike(void **state)
{
	struct engine *e = new_engine(NULL);

	(void)state;
	check(e, answered, &trims, true);
	check(e, "", &trims, true);
	engine_free(e);
}

static void not_where_nothing_may_be_lost_nor_unless_asked(void **state)
{
	static const struct compress_conf confs[] = {
		{.trims_tools = true, .is_lossless = true},
		{.trims_tools = true, .is_off = true},
		{.trims_tools = false},
	};
	struct engine *e = new_engine(NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_N(confs); i++)
		check(e, "", &confs[i], false);
	engine_free(e);
}

static void a_list_that_gains_little_stays(void **state)
{
	struct engine *e = new_engine(NULL);
	struct compress_result r =
		compress(e, "{ \"name\":\"go\" , \"description\":\"x  \"}", "", &trims);

	(void)state;
	assert_false(r.is_changed);
	assert_false(r.is_trimmed);
	compress_result_release(&r);
	engine_free(e);
}

/* White space is not what was saved. */
static void it_is_reported_and_proven(void **state)
{
	struct compress_conf conf = trims;
	struct engine *e = new_engine(NULL);
	struct verify_report report;
	struct errctx cx = {0};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		const char *tool = i % 2 ? LONG : "    " LONG "   ";
		struct compress_result r;
		const struct compress_block *b;

		conf.counts_all = i / 2;
		r = compress(e, tool, "", &conf);
		b = &r.blocks[r.blocks_n - 1];
		assert_true(r.is_trimmed && r.is_changed);
		assert_true(str_eq_c(b->path, "tools") && str_eq_c(b->encoders, "tools"));
		assert_int_equal(b->loss, LOSS_FORMAT);
		assert_int_equal(b->tokens_before - b->tokens_after, 20);
		assert_int_equal(r.tokens_before - r.tokens_after, 20);
		assert_int_equal(compress_verify(body_of(tool, ""), r.body, WIRE_ANTHROPIC, NULL,
					 &report, &cx),
			E_OK);
		compress_result_release(&r);
	}
	assert_int_equal(compress_verify(body_of(LONG, ""), body_of("{\"name\":\"read_file\"}", ""),
				 WIRE_ANTHROPIC, NULL, &report, &cx),
		E_VERIFY);
	engine_free(e);
}

static void beside_our_own_tool(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct engine *e = new_engine(s);
	const struct compress_conf conf = {.trims_tools = true,
		.elides = true,
		.retrieves_by_tool = true,
		.offers_retrieve = true};

	for (unsigned i = 0; i < 2; i++) {
		struct compress_result r = compress(e, LONG, i ? answered : "", &conf);

		assert_true(r.is_trimmed && r.is_retrieve_own);
		assert_non_null(strstr(arena_cstr(&r.arena, r.body),
			"\"tools\":[" SHORT ",{\"name\":\"headroom_retrieve\""));
		compress_result_release(&r);
	}
	engine_free(e);
	store_close(s);
}

/* A list that changes is trimmed anew. */
static void the_list_may_change(void **state)
{
	struct engine *e = new_engine(NULL);
	struct compress_result r;

	(void)state;
	check(e, "", &trims, true);
	r = compress(e, LONG "," LONG, answered, &trims);
	assert_true(str_eq(r.body, body_of(SHORT "," SHORT, answered)));
	compress_result_release(&r);
	check(e, answered, &trims, true);
	engine_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_conversation_begins_and_goes_on_trimmed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			one_that_is_seen_in_its_middle_stays_as_it_came, set_up, tear_down),
		cmocka_unit_test(without_a_store_all_are_treated_alike),
		cmocka_unit_test(not_where_nothing_may_be_lost_nor_unless_asked),
		cmocka_unit_test(a_list_that_gains_little_stays),
		cmocka_unit_test(it_is_reported_and_proven),
		cmocka_unit_test_setup_teardown(beside_our_own_tool, set_up, tear_down),
		cmocka_unit_test(the_list_may_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
