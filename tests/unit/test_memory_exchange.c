/* Memories out as text and in again, and the search of a store within a budget. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory/exchange.h"
#include "core/memory/search.h"
#include "tests/unit/seeds.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static uint64_t random_state;

static unsigned below(unsigned n)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(random_state >> 33) % n;
}

/* Pieces that a format could take for its own. */
static str random_text(bool has_lines)
{
	static const char *const pieces[] = {"a", " fact", "- ", "  - ", "# ", "## ",
		"<!-- headroom {}", " -->", "-->", "{", "[", "]", "\"", "\\", "caf\xc3\xa9", "\t",
		"* x", "General", "0"};
	struct buf b;

	buf_init_arena(&b, &arena, 10000);
	buf_add_byte(&b, 'x'); /* white space at the ends is not kept */
	for (unsigned n = below(12); n; n--) {
		buf_add_c(&b, pieces[below(ARRAY_N(pieces))]);
		if (has_lines && !below(3))
			buf_add_c(&b, below(3) ? "\n" : "\n\n");
	}
	buf_add_byte(&b, 'y');
	return buf_str(&b);
}

static struct memory random_memory(unsigned i)
{
	struct memory m = memory_blank();

	m.text[MEMORY_ID] = arena_printf(&arena, "id%u", i);
	m.text[MEMORY_CONTENT] = random_text(true);
	m.text[MEMORY_USER] = random_text(false);
	m.text[MEMORY_ENTITIES] = below(2) ? STR("[\"--> x\",\"\xc3\xa9\"]") : STR("[]");
	m.text[MEMORY_METADATA] = STR("{\"a\":[1,null]}");
	m.text[MEMORY_PROMOTION_CHAIN] = STR("[]");
	if (below(2))
		m.text[MEMORY_CATEGORY] = random_text(false);
	m.at[MEMORY_CREATED] = m.at[MEMORY_VALID_FROM] = 1700000000000 + below(1u << 30);
	if (below(2))
		m.at[MEMORY_VALID_UNTIL] = m.at[MEMORY_CREATED] + 5;
	m.importance = (double)below(1000) / 1000;
	m.used_n = below(9);
	return m;
}

static void check_same(const struct memory *a, const struct memory *b)
{
	for (int i = 0; i < MEMORY_TEXTS_N; i++)
		if (!str_eq(a->text[i], b->text[i]))
			fail_msg("%s: \"" STR_FMT "\" is not \"" STR_FMT "\"",
				memory_text_name((enum memory_text)i), STR_ARG(b->text[i]),
				STR_ARG(a->text[i]));
	for (int i = 0; i < MEMORY_TIMES_N; i++)
		assert_int_equal(a->at[i], b->at[i]);
	assert_true(a->importance <= b->importance && a->importance >= b->importance);
	assert_int_equal(a->used_n, b->used_n);
}

static const struct memory *find(const struct memory_read *r, str id)
{
	for (size_t i = 0; i < r->v.n; i++)
		if (str_eq(r->v.v[i].text[MEMORY_ID], id))
			return &r->v.v[i];
	fail_msg("no \"" STR_FMT "\"", STR_ARG(id));
	return NULL;
}

static void there_and_back(enum memory_format format)
{
	enum { N = 4 };
	struct memory v[N];
	struct memory_read in;
	struct errctx cx = {0};
	struct buf out;

	for (unsigned i = 0; i < N; i++)
		v[i] = random_memory(i);
	buf_init_arena(&out, &arena, 1 << 20);
	assert_int_equal(memory_write_all(format, v, N, &out, &cx), E_OK);
	if (memory_read_all(buf_str(&out), STR("other"), &arena, &in, &cx))
		fail_msg("%s", cx.text);
	assert_int_equal(in.v.n, N);
	assert_int_equal(in.bad_n, 0);
	for (size_t i = 0; i < N; i++)
		check_same(&v[i], find(&in, v[i].text[MEMORY_ID]));
}

static void test_there_and_back(void **state)
{
	(void)state;
	for (uint64_t seed = 0, n = seeds_or(300); seed < n; seed++) {
		random_state = seed;
		there_and_back((enum memory_format)(seed % 3));
		arena_reset(&arena);
	}
}

static void test_by_hand(void **state)
{
	struct memory_read in;
	struct errctx cx = {0};

	(void)state;
	assert_int_equal(memory_read_all(STR("\xef\xbb\xbf# Notes\r\nintro\r\n- one\r\n  "
					     "more\r\n\r\n## Ops\r\n* two\r\n"
					     "not of it\r\n"),
				 STR("ann"), &arena, &in, &cx),
		E_OK);
	assert_int_equal(in.v.n, 2);
	assert_true(str_eq_c(in.v.v[0].text[MEMORY_CONTENT], "one\nmore"));
	assert_true(str_eq_c(in.v.v[1].text[MEMORY_CONTENT], "two"));
	assert_true(str_eq_c(in.v.v[1].text[MEMORY_CATEGORY], "Ops"));
	assert_true(str_eq_c(in.v.v[1].text[MEMORY_USER], "ann"));
	assert_int_equal(in.v.v[1].text[MEMORY_ID].n, 0);
}

/* As the Python program exports: times without a zone, vectors. */
static void test_array_of_the_python_program(void **state)
{
	struct memory_read in;
	struct errctx cx = {0};

	(void)state;
	assert_int_equal(
		memory_read_all(
			STR("[{\"id\":\"r1\",\"content\":\"fact\",\"user_id\":\"bob\",\"created_"
			    "at\":"
			    "\"2026-01-02T03:04:05.250000\",\"valid_from\":\"2026-01-02T03:04:05\","
			    "\"importance\":0.7,\"embedding\":[0.5],\"entity_refs\":[\"X\"]},"
			    "{\"id\":3},{\"content\":\"old\",\"created_at\":\"0414-01-02T03:04:"
			    "05Z\"},{\"content\":\"\"},7]"),
			STR("ann"), &arena, &in, &cx),
		E_OK);
	assert_int_equal(in.v.n, 1);
	assert_int_equal(in.bad_n, 4);
	assert_int_equal(in.v.v[0].at[MEMORY_CREATED], 1767323045250);
	assert_true(str_eq_c(in.v.v[0].text[MEMORY_USER], "bob"));
	assert_true(str_eq_c(in.v.v[0].text[MEMORY_ENTITIES], "[\"X\"]"));
}

static void test_what_is_none(void **state)
{
	struct memory_read in;

	(void)state;
	assert_int_equal(
		memory_read_all(STR("just a text"), STR("a"), &arena, &in, NULL), E_MALFORMED);
	assert_int_equal(memory_read_all(STR("[1,"), STR("a"), &arena, &in, NULL), E_MALFORMED);
	assert_int_equal(memory_read_all(STR(" \n"), STR("a"), &arena, &in, NULL), E_OK);
	assert_int_equal(in.v.n, 0);
	assert_int_equal(memory_read_all(STR("{\"content\":\"a\"}\nnot json\n"), STR("a"), &arena,
				 &in, NULL),
		E_OK);
	assert_int_equal(in.v.n, 1);
	assert_int_equal(in.bad_n, 1);
}

static void test_budget(void **state)
{
	static const char *const texts[] = {"deploy deploy with a long text about how it is done, "
					    "which takes many tokens to say "
					    "and says them twice, and then some more of them",
		"deploy on Friday", "lunch"};
	struct memory v[ARRAY_N(texts)];
	struct memory_set set = {.v = v, .n = ARRAY_N(texts)};
	struct memory_search s = {.query = {.text = STR("deploy"), .limit = 5}};
	struct memory_found *found;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		v[i] = memory_blank();
		v[i].text[MEMORY_CONTENT] = str_from(texts[i]);
	}
	assert_int_equal(memory_search(&set, &s, &arena, &found), 2);
	assert_true(found[0].score >= found[1].score);
	s.tokens_max = 10;
	assert_int_equal(memory_search(&set, &s, &arena, &found), 1);
	assert_ptr_equal(found[0].memory, &v[1]);
	assert_true(found[0].tokens <= 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_there_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_by_hand, setup, teardown),
		cmocka_unit_test_setup_teardown(test_array_of_the_python_program, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_budget, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
