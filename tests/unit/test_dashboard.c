/* What the dashboard shows of one request: its line in the log, and its blocks before and after. */
#include "tests/unit/wire_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/file.h"
#include "proxy/dashboard/change.h"
#include "proxy/dashboard/log_find.h"
#include "proxy/request_log.h"

/* ---- changes ----------------------------------------------------------------------------------------- */

/* "tool result Read: one -> 1; user text +: lines", one after the other. */
static str shown(struct arena *a, const char *before, const char *after)
{
	struct changes changes;
	struct errctx cx = {0};
	struct buf b;

	if (changes_find(a, WIRE_ANTHROPIC, quoted(a, before), quoted(a, after), &changes, &cx))
		fail_msg("%s", cx.text);
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (size_t i = 0; i < changes.n; i++) {
		const struct change *c = &changes.v[i];

		buf_printf(&b, "%s%s %s", i ? "; " : "", c->role, c->kind);
		if (c->tool.n)
			buf_printf(&b, " " STR_FMT, STR_ARG(c->tool));
		if (c->before.p)
			buf_printf(&b, ": " STR_FMT " ->", STR_ARG(c->before));
		else
			buf_add_c(&b, " +:");
		buf_printf(&b, " " STR_FMT, STR_ARG(c->after));
	}
	return buf_str(&b);
}

#define ASK "{'role':'user','content':'go'}"
#define CALL(id)                                                      \
	"{'role':'assistant','content':[{'type':'tool_use','id':'" id \
	"','name':'Read','input':{}}]}"
#define RESULT(id, text)                                                                         \
	"{'role':'user','content':[{'type':'tool_result','tool_use_id':'" id "','content':" text \
	"}]}"
#define BODY(messages) "{'model':'m','messages':[" messages "]}"

static void blocks_stand_side_by_side(void **state)
{
	static const struct {
		const char *before, *after, *want;
	} cases[] = {
		{BODY(ASK), BODY(ASK), ""},
		{BODY(ASK "," CALL("a") "," RESULT("a", "'one\\ntwo'")),
			BODY(ASK "," CALL("a") "," RESULT("a", "'1'")),
			"tool result Read: one\ntwo -> 1"},
		/* A turn of ours that was put back, in the middle and at the end. */
		{BODY(ASK "," CALL("b") "," RESULT("b", "'x'")),
			BODY(ASK "," CALL("a") "," RESULT("a", "'kept'") "," CALL("b") "," RESULT(
				"b", "'y'")),
			"assistant call Read +: {}; tool result Read +: kept; tool result Read: x "
			"-> y"},
		{BODY(ASK), BODY(ASK "," CALL("a") "," RESULT("a", "'z'")),
			"assistant call Read +: {}; tool result Read +: z"},
		/* Text that was put behind what the user said. */
		{BODY("{'role':'user','content':[{'type':'text','text':'look'}]}"),
			BODY("{'role':'user','content':[{'type':'text','text':'look'},"
			     "{'type':'text','text':'lines'}]}"),
			"user text +: lines"},
		/* What cannot be said as text stands there as it is spelled. */
		{BODY(CALL("a") "," RESULT("a", "'\\ud800'")),
			BODY(CALL("a") "," RESULT("a", "'b'")),
			"tool result Read: \"\\ud800\" -> b"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct arena a = ARENA_INIT;
		str got = shown(&a, cases[i].before, cases[i].after);

		if (!str_eq_c(got, cases[i].want))
			fail_msg("case %zu: " STR_FMT, i, STR_ARG(got));
		arena_release(&a);
	}
}

static void what_is_no_such_body_is_refused(void **state)
{
	struct arena a = ARENA_INIT;
	struct changes changes;

	(void)state;
	assert_int_equal(
		changes_find(&a, WIRE_ANTHROPIC, STR("{"), STR("{}"), &changes, NULL), E_MALFORMED);
	assert_int_equal(changes_find(&a, WIRE_ANTHROPIC, STR("[]"), STR("[]"), &changes, NULL),
		E_MALFORMED);
	arena_release(&a);
}

/* ---- the log ----------------------------------------------------------------------------------------- */

#define ID(x)        "01J0000000000000000000000" x
#define HEAD(x)      "{\"timestamp\":\"2026-01-02T03:04:05.678Z\",\"request_id\":\"" ID(x) "\","
#define LINE(x, say) HEAD(x) "\"say\":" say "}"

struct logs {
	char dir[64], path[128];
	struct arena arena;
};

static int setup(void **state)
{
	struct logs *l = calloc(1, sizeof *l);
	const char *tmp = getenv("TMPDIR");

	assert_non_null(l);
	(void)snprintf(l->dir, sizeof l->dir, "%.40s/dashboard-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(l->dir));
	(void)snprintf(l->path, sizeof l->path, "%s/log.jsonl", l->dir);
	*state = l;
	return 0;
}

static const char *const NAMES[] = {
	"log.jsonl", "log.jsonl.1", "log.jsonl.2", "log.jsonl.5", "log.jsonl.6", "link"};

static const char *file_of(struct logs *l, const char *name)
{
	return arena_cstr(&l->arena, arena_printf(&l->arena, "%s/%s", l->dir, name));
}

static int teardown(void **state)
{
	struct logs *l = *state;

	for (size_t i = 0; i < ARRAY_N(NAMES); i++)
		(void)unlink(file_of(l, NAMES[i]));
	(void)rmdir(l->dir);
	arena_release(&l->arena);
	free(l);
	return 0;
}

static void put(struct logs *l, const char *name, str text)
{
	assert_int_equal(file_write_atomic(file_of(l, name), text, 0600, NULL), E_OK);
}

static void expect(struct logs *l, const char *path, const char *id, const char *want)
{
	str line = STR_NULL;
	enum err err = log_find(path, str_from(id), &l->arena, &line, NULL);

	if (!want && err != E_NOT_FOUND)
		fail_msg("%s: " STR_FMT, id, STR_ARG(line));
	if (want && (err || !str_eq_c(line, want)))
		fail_msg("%s: %s " STR_FMT, id, err_name(err), STR_ARG(line));
}

static void a_line_is_found_by_its_id(void **state)
{
	struct logs *l = *state;

	put(l, "log.jsonl",
		STR(LINE("A", "1") "\n" LINE("B", "2") "\n{\"event\":\"rows_dropped\"}\n" LINE(
			"C", "3") "\n" LINE("D", "4")));
	expect(l, l->path, ID("A"), LINE("A", "1"));
	expect(l, l->path, ID("B"), LINE("B", "2"));
	expect(l, l->path, ID("C"), LINE("C", "3"));
	expect(l, l->path, ID("D"), NULL); /* is being written */
	expect(l, l->path, ID("E"), NULL);
	expect(l, l->path, "", NULL);
	expect(l, l->path, "\"", NULL);
	expect(l, l->path, ID("A") "\"", NULL);
	expect(l, "/nowhere/log", ID("A"), NULL);
	expect(l, "/dev/stderr", ID("A"), NULL);
	expect(l, l->dir, ID("A"), NULL);
}

/* A body may hold whatever a client says, also what looks like a line. */
static void a_body_is_no_line(void **state)
{
	static const char line[] = LINE("A", "{\"x\":" LINE("B", "1") "}");
	struct logs *l = *state;

	put(l, "log.jsonl", STR(LINE("A", "{\"x\":" LINE("B", "1") "}") "\n" LINE("B", "2") "\n"));
	expect(l, l->path, ID("A"), line);
	expect(l, l->path, ID("B"), LINE("B", "2"));
}

static void files_that_were_put_away_are_read_too(void **state)
{
	struct logs *l = *state;
	const char *link = file_of(l, "link");

	put(l, "log.jsonl", STR(LINE("A", "1") "\n"));
	put(l, "log.jsonl.1", STR(LINE("A", "2") "\n" LINE("B", "3") "\n"));
	put(l, "log.jsonl.5", STR(LINE("C", "4") "\n"));
	put(l, "log.jsonl.6", STR(LINE("D", "5") "\n")); /* nobody writes it */
	expect(l, l->path, ID("A"), LINE("A", "1"));
	expect(l, l->path, ID("B"), LINE("B", "3"));
	expect(l, l->path, ID("C"), LINE("C", "4"));
	expect(l, l->path, ID("D"), NULL);
	assert_int_equal(symlink(l->path, link), 0);
	expect(l, link, ID("B"), LINE("B", "3"));
}

/* Wherever a line begins in a file that is read in pieces of 64 KB. */
static void lines_lie_across_pieces(void **state)
{
	enum { PIECE = 64 << 10 };
	const int frame = (int)strlen(HEAD("A") "\"x\":\"\"}\n");
	struct logs *l = *state;
	char *want = malloc(3 * PIECE);

	assert_non_null(want);
	for (int begin = PIECE - 100; begin < PIECE + 10; begin++) {
		struct buf b;
		int n;

		buf_init(&b, 8 * PIECE);
		buf_printf(&b, HEAD("A") "\"x\":\"%*s\"}\n", begin - frame, "");
		assert_int_equal(b.n, begin);
		n = snprintf(want, 3 * PIECE, HEAD("B") "\"y\":\"%*s\"}", 2 * PIECE, "");
		buf_add(&b, (str){want, (size_t)n});
		buf_add_c(&b, "\n" LINE("C", "1") "\n");
		put(l, "log.jsonl", buf_str(&b));
		expect(l, l->path, ID("B"), want);
		expect(l, l->path, ID("C"), LINE("C", "1"));
		buf_release(&b);
		arena_reset(&l->arena);
	}
	free(want);
}

#define log_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_stand_side_by_side),
		cmocka_unit_test(what_is_no_such_body_is_refused),
		log_test(a_line_is_found_by_its_id),
		log_test(a_body_is_no_line),
		log_test(files_that_were_put_away_are_read_too),
		log_test(lines_lie_across_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
