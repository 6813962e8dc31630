/* The note that asks for fewer words: behind the system prompt, from the beginning of a conversation, or not at all. */
#include "tests/unit/store_fixture.h"

#include "core/engine/engine.h"
#include "core/engine/verify.h"

#define USER "{\"role\":\"user\",\"content\":\"look\"}"
#define SEEN                                                                           \
	"," USER ",{\"role\":\"assistant\",\"content\":\"there\"},{\"role\":\"user\"," \
	"\"content\":\"again\"}"

static const char answered[] = ",{\"role\":\"assistant\",\"content\":\"seen\"}" SEEN;
static const char begins[] = "\\n\\n<headroom_output_shaping>\\n",
		  ends[] = "\\n</headroom_output_shaping>";

static const struct compress_conf shapes = {.shapes_output = true, .verbosity_level = 2};

static str body_of(const char *system, const char *rest)
{
	static char text[2][2048];
	static unsigned at;

	at ^= 1;
	(void)snprintf(text[at], sizeof text[at],
		"{\"model\":\"gpt-4o\",%s\"messages\":[" USER "%s]}", system, rest);
	return str_from(text[at]);
}

static struct engine *new_engine(struct store *s)
{
	struct engine *e;

	assert_int_equal(engine_new(&(struct engine_conf){.store = s}, &e, NULL), E_OK);
	return e;
}

static void compress(struct engine *e, str body, enum wire_format format,
	const struct compress_conf *conf, struct compress_result *r)
{
	struct errctx cx = {0};

	if (compress_request(e, body, format, conf, r, &cx) != E_OK)
		fail_msg("%s", cx.text);
}

static enum err verify(str body, str sent, enum wire_format format)
{
	struct verify_report report;

	return compress_verify(body, sent, format, NULL, &report, NULL);
}

/* The note within a body that is else the same; its length, 0 when there is none. */
static size_t note_in(str body, str sent, size_t *at)
{
	size_t end;

	*at = str_find(sent, str_from(begins));
	if (*at == STR_NONE) {
		assert_true(str_eq(body, sent));
		return 0;
	}
	end = str_find(sent, str_from(ends)) + strlen(ends);
	assert_int_equal(sent.n - body.n, end - *at);
	assert_memory_equal(sent.p, body.p, *at);
	assert_memory_equal(sent.p + end, body.p + *at, body.n - *at);
	return end - *at;
}

#define SYSTEM "\"system\":\"Be good.\","

static size_t check(
	struct engine *e, const char *rest, const struct compress_conf *conf, bool has_note)
{
	struct compress_result r;
	str body = body_of(SYSTEM, rest);
	size_t at, n;

	compress(e, body, WIRE_ANTHROPIC, conf, &r);
	n = note_in(body, r.body, &at);
	assert_int_equal(n > 0, has_note);
	assert_int_equal(r.own_tokens > 0, has_note);
	if (has_note)
		assert_true(str_ends(str_sub(r.body, 0, at), STR("Be good.")));
	assert_int_equal(verify(body, r.body, WIRE_ANTHROPIC), E_OK);
	compress_result_release(&r);
	return n;
}

/* What a later process is told no longer matters. */
static void a_conversation_keeps_what_it_began_with(void **state)
{
	const struct compress_conf off = {.shapes_output = false},
				   louder = {.shapes_output = true, .verbosity_level = 1};
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct engine *e = new_engine(s);
	size_t n = check(e, "", &shapes, true);

	assert_int_equal(check(e, answered, &shapes, true), n);
	engine_free(e);
	flush(f, s);
	store_close(s);
	s = open_default(f); /* another process */
	e = new_engine(s);
	assert_int_equal(check(e, answered, &louder, true), n);
	check(e, answered, &off, false); /* who asks for none gets none */
	engine_free(e);
	store_close(s);
}

static void one_that_is_seen_in_its_middle_stays_as_it_came(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct engine *e = new_engine(s);

	check(e, answered, &shapes, false);
	check(e, answered, &shapes, false);
	engine_free(e);
	store_close(s);
}

static void held_out_conversations_have_none(void **state)
{
	const struct compress_conf out = {.shapes_output = true,
					   .verbosity_level = 2,
					   .holdout = 1},
				   in = {.shapes_output = true,
					   .verbosity_level = 2,
					   .is_off = true};
	struct engine *e = new_engine(NULL);

	(void)state;
	check(e, "", &out, false);
	check(e, "", &in, false);
	check(e, "", &shapes, true);
	engine_free(e);
}

static void levels_ask_for_more_and_more(void **state)
{
	size_t before = 0;

	(void)state;
	for (unsigned level = 1; level <= 4; level++) {
		struct compress_conf conf = {.shapes_output = true, .verbosity_level = level};
		struct engine *e = new_engine(NULL);
		size_t n = check(e, "", &conf, true);

		assert_true(n > before);
		before = n;
		engine_free(e);
	}
}

/* At the end of what the conversation begins with, wherever a format has it; where there is nothing, nothing comes. */
static void every_format_has_its_place(void **state)
{
	static const struct {
		enum wire_format format;
		const char *body, *before; /* NULL: no note */
	} cases[] = {
		{WIRE_ANTHROPIC,
			"{\"system\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\","
			"\"text\":\"b\","
			"\"cache_control\":{\"type\":\"ephemeral\"}}],\"messages\":[" USER "]}",
			"\"text\":\"b"},
		{WIRE_OPENAI_CHAT,
			"{\"messages\":[{\"role\":\"system\",\"content\":\"a\"}," USER
			",{\"role\":\"system\",\"content\":\"b\"}]}",
			"\"content\":\"a"},
		{WIRE_OPENAI_RESPONSES, "{\"instructions\":\"a\",\"input\":\"x\"}",
			"\"instructions\":\"a"},
		{WIRE_GEMINI,
			"{\"systemInstruction\":{\"parts\":[{\"text\":\"a\"}]},\"contents\":[{"
			"\"role\":"
			"\"user\",\"parts\":[{\"text\":\"x\"}]}]}",
			"\"text\":\"a"},
		{WIRE_ANTHROPIC, "{\"messages\":[" USER "]}", NULL},
		{WIRE_OPENAI_CHAT, "{\"messages\":[" USER "]}", NULL},
	};
	struct engine *e = new_engine(NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct compress_result r;
		str body = str_from(cases[i].body);
		size_t at, n;

		compress(e, body, cases[i].format, &shapes, &r);
		n = note_in(body, r.body, &at);
		if (!n != !cases[i].before)
			fail_msg("case %zu: " STR_FMT, i, STR_ARG(r.body));
		if (n)
			assert_true(str_ends(str_sub(r.body, 0, at), str_from(cases[i].before)));
		assert_int_equal(verify(body, r.body, cases[i].format), E_OK);
		compress_result_release(&r);
	}
	engine_free(e);
}

/* Whoever proves what was sent knows the note, and nothing that is like it. */
static void what_is_no_note_is_not_taken_for_one(void **state)
{
	struct engine *e = new_engine(NULL);
	struct compress_result r;
	str body = body_of(SYSTEM, "");
	size_t at;
	char *other;

	(void)state;
	compress(e, body, WIRE_ANTHROPIC, &shapes, &r);
	at = str_find(r.body, STR("name them"));
	other = strndup(r.body.p, r.body.n);
	assert_non_null(other);
	assert_int_equal(verify(body, (str){other, r.body.n}, WIRE_ANTHROPIC), E_OK);
	memcpy(other + at, "shun", 4);
	assert_int_equal(verify(body, (str){other, r.body.n}, WIRE_ANTHROPIC), E_VERIFY);
	memcpy(other + at, "name", 4);
	at = str_find(r.body, STR("Be good."));
	other[at] = 'b';
	assert_int_equal(verify(body, (str){other, r.body.n}, WIRE_ANTHROPIC), E_VERIFY);
	free(other);
	compress_result_release(&r);
	engine_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_conversation_keeps_what_it_began_with, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			one_that_is_seen_in_its_middle_stays_as_it_came, set_up, tear_down),
		cmocka_unit_test(held_out_conversations_have_none),
		cmocka_unit_test(levels_ask_for_more_and_more),
		cmocka_unit_test(every_format_has_its_place),
		cmocka_unit_test(what_is_no_note_is_not_taken_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
