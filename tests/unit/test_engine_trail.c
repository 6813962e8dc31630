/* Requests that break the prompt cache, made by hand: where, and whose fault it is. */
#include "core/engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { LONG = 6000, BODY_MAX = 1 << 20 };

struct fixture {
	struct engine *engine;
	struct compress_conf conf;
	struct compress_result result;
	struct buf body;
};

/* A request of Anthropic's, in parts that a test may change. */
struct request {
	const char *tools, *date, *first, *model;
	unsigned skipped, messages; /* messages [skipped, messages) */
	int edited;                 /* this one has another text; -1: none */
	const char *cache_control;  /* of the last message */
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	*state = f;
	assert_int_equal(engine_new(&(struct engine_conf){0}, &f->engine, NULL), E_OK);
	f->conf.watches = true;
	buf_init(&f->body, BODY_MAX);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	engine_free(f->engine);
	buf_release(&f->body);
	free(f);
	return 0;
}

static struct request usual(unsigned messages)
{
	return (struct request){.tools = "{\"name\":\"Bash\"},{\"name\":\"Read\"}",
		.date = "2026-11-28",
		.first = "go",
		.messages = messages,
		.edited = -1,
		.cache_control = ""};
}

static void add_long(struct buf *b, unsigned n, char c)
{
	buf_printf(b, "message %u ", n);
	for (int i = 0; i < LONG; i++)
		buf_add_byte(b, i % 9 ? c : ' ');
}

static void write_body(const struct request *q, struct buf *b)
{
	buf_reset(b);
	buf_printf(b, "{\"tools\":[%s],\"system\":[{\"type\":\"text\",\"text\":\"", q->tools);
	add_long(b, 0, 's');
	buf_printf(b, " today is %s and ", q->date);
	add_long(b, 0, 't');
	buf_add_c(b, "\"}],\"messages\":[");
	for (unsigned i = q->skipped; i < q->messages; i++) {
		buf_printf(b, "%s{\"role\":\"%s\",\"content\":[{\"type\":\"text\",\"text\":\"%s ",
			i > q->skipped ? "," : "", i % 2 ? "assistant" : "user", q->first);
		add_long(b, i, (int)i == q->edited ? 'y' : 'x');
		buf_printf(b, "\"%s}]}", i + 1 == q->messages ? q->cache_control : "");
	}
	buf_add_c(b, "]}");
}

static const struct trail_break *send(struct fixture *f, struct request q)
{
	struct errctx cx = {0};

	write_body(&q, &f->body);
	if (compress_request(f->engine, buf_str(&f->body), WIRE_ANTHROPIC, &f->conf, &f->result,
		    &cx) != E_OK)
		fail_msg("%s", cx.text);
	compress_result_release(&(struct compress_result){0});
	return &f->result.broke;
}

static struct trail_break broke(struct fixture *f, struct request q)
{
	struct trail_break b = *send(f, q);

	compress_result_release(&f->result);
	return b;
}

static void expect(struct trail_break b, enum trail_cause cause, const char *path)
{
	assert_string_equal(trail_cause_name(b.cause), trail_cause_name(cause));
	assert_string_equal(b.path, path);
}

/* ---- tests ---------------------------------------------------------------------------------------- */

static void a_conversation_that_grows_breaks_nothing(void **state)
{
	struct fixture *f = *state;

	for (unsigned n = 1; n < 12; n += 2) {
		struct request q = usual(n);

		q.cache_control = ",\"cache_control\":{\"type\":\"ephemeral\"}";
		expect(broke(f, q), TRAIL_KEPT, "");
	}
	expect(broke(f, usual(5)), TRAIL_KEPT, ""); /* once more, from an earlier place */
	expect(broke(f, usual(13)), TRAIL_KEPT, "");
}

static void another_list_of_tools_is_named_by_the_tool(void **state)
{
	struct fixture *f = *state;
	struct request q = usual(5);
	struct trail_break b;

	expect(broke(f, usual(3)), TRAIL_KEPT, "");
	q.tools = "{\"name\":\"Bash\"},{\"name\":\"Write\"},{\"name\":\"Read\"}";
	b = broke(f, q);
	expect(b, TRAIL_TOOLS, "tools[1] Write");
	assert_true(
		str_starts(str_sub(buf_str(&f->body), b.at, f->body.n), STR("{\"name\":\"Write")));
	assert_true(b.again_bytes > 5 * LONG); /* the system prompt and three messages */
	assert_true(b.again_bytes <= b.lost_bytes);
	expect(broke(f, q), TRAIL_KEPT, "");
	q.tools = "{\"name\":\"Bash\"},{\"name\":\"Write\"}";
	expect(broke(f, q), TRAIL_TOOLS, "system[0].text");
}

static void a_breakpoint_on_a_tool_is_no_other_tool(void **state)
{
	struct fixture *f = *state;
	struct request q = usual(5);

	expect(broke(f, usual(3)), TRAIL_KEPT, "");
	q.tools = "{\"name\":\"Bash\"},{\"name\":\"Read\",\"cache_control\":{\"type\":"
		  "\"ephemeral\"}}";
	expect(broke(f, q), TRAIL_KEPT, "");
}

static void a_date_in_the_system_prompt_is_found_to_its_line(void **state)
{
	struct fixture *f = *state;
	struct request q = usual(5);
	struct trail_break b;
	size_t at;

	expect(broke(f, usual(3)), TRAIL_KEPT, "");
	q.date = "2026-11-29";
	b = broke(f, q);
	expect(b, TRAIL_TIME, "system[0].text");
	at = str_find(buf_str(&f->body), STR("2026-11-29"));
	assert_true(b.at <= at + 10 && at < b.at + 64);
	q.date = "no day at all";
	expect(broke(f, q), TRAIL_SYSTEM, "system[0].text");
}

static void an_edited_message_is_named(void **state)
{
	struct fixture *f = *state;
	struct request q = usual(9);
	struct trail_break b;

	expect(broke(f, usual(7)), TRAIL_KEPT, "");
	q.edited = 4;
	b = broke(f, q);
	expect(b, TRAIL_EDITED, "messages[4].content[0].text");
	assert_true(b.lost_bytes > 3 * LONG && b.lost_bytes < 4 * LONG);
}

static void a_short_end_that_changes_is_no_loss(void **state)
{
	struct fixture *f = *state;
	struct request q = usual(7);

	expect(broke(f, q), TRAIL_KEPT, "");
	f->conf.watches = false;
	q.edited = 2;
	expect(broke(f, q), TRAIL_KEPT, ""); /* nobody looks */
}

static void a_history_that_begins_anew_is_a_loss_only_within_a_session(void **state)
{
	struct fixture *f = *state;
	struct request summary = usual(1);

	summary.first = "this is what was done:";
	expect(broke(f, usual(11)), TRAIL_KEPT, "");
	expect(broke(f, summary), TRAIL_KEPT, "");
	f->conf.is_session = true;
	f->conf.scope.lo = 7;
	expect(broke(f, usual(11)), TRAIL_KEPT, "");
	expect(broke(f, summary), TRAIL_DROPPED, "messages[0].content[0].text");
}

static void messages_that_are_gone_are_named(void **state)
{
	struct fixture *f = *state;
	struct request q = usual(11);
	struct buf whole;
	struct errctx cx = {0};
	struct compress_result r;
	str body, cut;
	size_t from, to;

	expect(broke(f, usual(9)), TRAIL_KEPT, "");
	/* As clients do that prune: two messages in the middle are left out. */
	write_body(&q, &f->body);
	body = buf_str(&f->body);
	from = str_find(
		body, STR("{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"go "
			  "message 3"));
	to = str_find(
		body, STR("{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"go "
			  "message 5"));
	buf_init(&whole, BODY_MAX);
	buf_add(&whole, str_sub(body, 0, from));
	buf_add(&whole, str_sub(body, to, body.n));
	cut = buf_str(&whole);
	assert_int_equal(compress_request(f->engine, cut, WIRE_ANTHROPIC, &f->conf, &r, &cx), E_OK);
	expect(r.broke, TRAIL_DROPPED, "messages[3].content[0].text");
	compress_result_release(&r);
	buf_release(&whole);
	expect(broke(f, usual(11)), TRAIL_INSERTED, "messages[3].content[0].text");
}

static void scopes_have_nothing_in_common(void **state)
{
	struct fixture *f = *state;
	struct request q = usual(9);

	expect(broke(f, usual(7)), TRAIL_KEPT, "");
	q.edited = 4;
	f->conf.scope.hi = 1;
	expect(broke(f, q), TRAIL_KEPT, "");
}

/* What was sent on differs while the client's does not: only then is it ours. */
static void bytes_of_ours_that_change_are_ours(void **state)
{
	struct fixture *f = *state;
	struct trails *t = trails_new();
	struct arena a = ARENA_INIT;
	struct json_tape tape;
	struct wire_doc doc;
	struct request q = usual(5);
	struct patch_edit edit;
	struct trail_request x = {.doc = &doc, .edits = &edit, .edits_n = 1};
	struct trail_break b;

	write_body(&q, &f->body);
	assert_int_equal(json_scan(&a, buf_str(&f->body), &tape, NULL), E_OK);
	assert_int_equal(wire_walk(&a, &tape, WIRE_ANTHROPIC, &doc, NULL), E_OK);
	edit = (struct patch_edit){doc.blocks[2].at, STR("\"short\"")};
	trails_take(t, &x, &b);
	trails_take(t, &x, &b);
	expect(b, TRAIL_KEPT, "");
	edit.text = STR("\"other\"");
	trails_take(t, &x, &b);
	expect(b, TRAIL_OWN, "messages[1].content[0].text");
	assert_int_equal(b.at, doc.blocks[2].at.start);
	/* An insertion in front of it that was not there. */
	edit = (struct patch_edit){
		{doc.blocks[1].at.start - 30, doc.blocks[1].at.start - 30}, STR("x")};
	trails_take(t, &x, &b);
	assert_int_equal(b.cause, TRAIL_OWN);
	trails_free(t);
	arena_release(&a);
}

static void more_conversations_than_are_kept_are_no_breaks(void **state)
{
	struct fixture *f = *state;

	for (unsigned round = 0; round < 2; round++)
		for (uint64_t i = 0; i < 300; i++) {
			f->conf.scope.lo = i;
			expect(broke(f, usual(3)), TRAIL_KEPT, "");
		}
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_conversation_that_grows_breaks_nothing),
		T(another_list_of_tools_is_named_by_the_tool),
		T(a_breakpoint_on_a_tool_is_no_other_tool),
		T(a_date_in_the_system_prompt_is_found_to_its_line),
		T(an_edited_message_is_named),
		T(a_short_end_that_changes_is_no_loss),
		T(a_history_that_begins_anew_is_a_loss_only_within_a_session),
		T(messages_that_are_gone_are_named),
		T(scopes_have_nothing_in_common),
		T(bytes_of_ours_that_change_are_ours),
		T(more_conversations_than_are_kept_are_no_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
