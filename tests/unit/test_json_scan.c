#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/json/scan.h"

struct fixture {
	struct arena arena;
	struct json_tape tape;
	struct errctx cx;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_release(&f->arena);
	free(f);
	return 0;
}

static bool is_equal(const struct fixture *a, const struct fixture *b)
{
	const struct json_tape *x = &a->tape, *y = &b->tape;

	return strcmp(a->cx.text, b->cx.text) == 0 && x->n == y->n && x->notes == y->notes &&
	       x->note_offset == y->note_offset &&
	       (!x->n || !memcmp(x->v, y->v, x->n * sizeof *x->v));
}

/* Scans a copy without anything behind it, so that a sanitizer sees a read past the end, with every set of
 * instructions there is. */
static enum err scan(struct fixture *f, str doc)
{
	struct fixture plain = {.arena = f->arena};
	enum err e, want;

	doc = arena_str(&plain.arena, doc);
	want = json_scan_with(JSON_SIMD_NONE, &plain.arena, doc, &plain.tape, &plain.cx);
	*f = plain;
	for (enum json_simd simd = JSON_SIMD_SSE2; simd <= json_simd_best(); simd++) {
		f->tape = (struct json_tape){0};
		f->cx = (struct errctx){0};
		e = json_scan_with(simd, &f->arena, doc, &f->tape, &f->cx);
		assert_int_equal(e, want);
		assert_true(is_equal(&plain, f));
	}
	return want;
}

static void must_scan(struct fixture *f, const char *doc)
{
	if (scan(f, str_from(doc)) != E_OK)
		fail_msg("%s: %s", doc, f->cx.text);
}

static const char *const good[] = {
	"0",
	"-0",
	"1",
	"-1",
	"10",
	"1.5",
	"-1.5",
	"0.5",
	"1e5",
	"1E5",
	"1e+5",
	"1e-5",
	"1.25e10",
	"0e0",
	"0E+0",
	"-0.0e-0",
	"123456789012345678901234567890",
	"1e999",
	"0.1e1",
	"true",
	"false",
	"null",
	" null ",
	"\t\r\n null\t\r\n",
	"\"\"",
	"\"a\"",
	"\" \"",
	"\"\\\"\"",
	"\"\\\\\"",
	"\"\\/\"",
	"\"/\"",
	"\"\\b\\f\\n\\r\\t\"",
	"\"\\u0000\"",
	"\"\\uABCD\\uabcd\"",
	"\"\\ud83d\\ude00\"",
	"\"\\ud800\"",
	"\"\\udc00\"",
	"\"\x7f\"",
	"\"\xc3\xa9\"",
	"\"\xff\"",
	"\"\\\\u0020\"",
	"\"\\\\\\\"\"",
	"[]",
	"[ ]",
	"[\n]",
	"{}",
	"{ }",
	"[1]",
	"[1,2]",
	"[ 1 , 2 ]",
	"[[]]",
	"[[],[]]",
	"[{}]",
	"[{},{}]",
	"{\"a\":1}",
	"{\"\":0}",
	"{\"a\":1,\"b\":2}",
	"{ \"a\" : 1 , \"b\" : 2 }",
	"{\"a\":1,\"a\":2}",
	"{\"a\":{}}",
	"{\"a\":[]}",
	"{\"a\":[{}]}",
	"[\"]\"]",
	"[\"[\"]",
	"[\"{}\"]",
	"[\",\"]",
	"[\":\"]",
	"{\"{\":\"}\"}",
	"[true,false,null]",
	"[null,1,\"1\",{}]",
	"[1\n]",
	"[-1]",
	"[1e1]",
	"[\"\\n\"]",
	"[\"a\",\"b\"]",
	"\"\\\"[\"",
	"\"\\\\\\\\\"",
	"[[[[[[[[[[]]]]]]]]]]",
	"{\"a\":{\"b\":{\"c\":[1,[2,[3]]]}}}",
};

static const char *const bad[] = {
	"",
	" ",
	"\n",
	"tru",
	"truee",
	"True",
	"nul",
	"nulll",
	"fals",
	"falsey",
	"nan",
	"NaN",
	"Infinity",
	"-Infinity",
	"-",
	"+1",
	"01",
	"-01",
	"00",
	"1.",
	".5",
	"-.5",
	"1.e1",
	"1e",
	"1e+",
	"1e-",
	"1E",
	"1ee1",
	"1e1.5",
	"0x10",
	"1_000",
	"1a",
	"1 2",
	"1,2",
	"--1",
	"1-",
	"1+1",
	"1\\",
	"\\",
	"\\\"",
	"'a'",
	"a",
	"\"",
	"\"a",
	"\"\\\"",
	"\"\\",
	"\"\\x\"",
	"\"\\a\"",
	"\"\\'\"",
	"\"\\0\"",
	"\"\\u\"",
	"\"\\u1\"",
	"\"\\u12\"",
	"\"\\u123\"",
	"\"\\u123g\"",
	"\"\\u 123\"",
	"\"\\U0041\"",
	"\"\\u",
	"\"\\u00",
	"\"\n\"",
	"\"\t\"",
	"\"\x01\"",
	"\"\x1f\"",
	"\"a\"b",
	"\"a\" \"b\"",
	"\"a\"1",
	"1\"a\"",
	"true\"a\"",
	"[",
	"]",
	"[[",
	"[]]",
	"[1",
	"[1,",
	"[1,]",
	"[,1]",
	"[,]",
	"[1,,2]",
	"[1 2]",
	"[1:2]",
	"[\"a\"",
	"[\"a\",",
	"[}",
	"[1}",
	"{",
	"}",
	"{]",
	"{}}",
	"{\"a\"",
	"{\"a\":",
	"{\"a\":1",
	"{\"a\":1,",
	"{\"a\":1,}",
	"{,}",
	"{\"a\"}",
	"{\"a\",1}",
	"{\"a\" 1}",
	"{\"a\"::1}",
	"{a:1}",
	"{1:1}",
	"{null:1}",
	"{\"a\":1 \"b\":2}",
	"{\"a\":1]",
	"{\"a\":}",
	"{:1}",
	"[1]x",
	"[1] []",
	"{} {}",
	"[1],",
	"//c\n1",
	"1//c",
	"/**/1",
	"[1/**/]",
	"\f1",
	"\v1",
	"\xef\xbb\xbf{}",
	"\xc2\xa0",
	"1\xc2\xa0",
	"[\xe9]",
	"\x7f",
	"\x01",
	"[1\x01]",
	"true\\",
	"[true\\\"]\"]",
	"[\"a\"\\]",
};

static void every_good_text_is_accepted(void **state)
{
	for (size_t i = 0; i < ARRAY_N(good); i++)
		must_scan(*state, good[i]);
}

static void every_bad_text_is_rejected_with_a_place(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(bad); i++) {
		if (scan(f, str_from(bad[i])) != E_MALFORMED)
			fail_msg("accepted: %s", bad[i]);
		assert_non_null(strstr(f->cx.text, " at byte "));
	}
}

/* Puts each text behind 0..130 spaces or inside a long string's array, so that it lies across every
 * boundary of blocks that the index may have. */
static void texts_read_the_same_at_every_offset(void **state)
{
	struct fixture *f = *state;
	char doc[256];

	for (size_t pad = 0; pad < 140; pad++) {
		memset(doc, ' ', pad);
		for (size_t i = 0; i < ARRAY_N(good); i++) {
			(void)snprintf(doc + pad, sizeof doc - pad, "%s", good[i]);
			must_scan(f, doc);
		}
		for (size_t i = 0; i < ARRAY_N(bad); i++) {
			(void)snprintf(doc + pad, sizeof doc - pad, "%s", bad[i]);
			assert_int_equal(scan(f, str_from(doc)), E_MALFORMED);
		}
		arena_reset(&f->arena);
	}
}

static void a_nul_byte_is_rejected_anywhere(void **state)
{
	assert_int_equal(scan(*state, STR("\0")), E_MALFORMED);
	assert_int_equal(scan(*state, STR("1\0")), E_MALFORMED);
	assert_int_equal(scan(*state, STR("\"\0\"")), E_MALFORMED);
	assert_int_equal(scan(*state, STR("\"\\\0\"")), E_MALFORMED);
	assert_int_equal(scan(*state, STR("[1,\0 2]")), E_MALFORMED);
}

static void errors_say_what_and_where(void **state)
{
	static const struct {
		const char *doc, *text;
	} cases[] = {
		{"", "expected a value, found the end at byte 0 (line 1, column 1)"},
		{"[1,\n2,\n x]", "expected a value, found 'x' at byte 8 (line 3, column 2)"},
		{"{\"a\" 1}", "expected ':' behind a key, found '1' at byte 5 (line 1, column 6)"},
		{"{\"a\":1 \"b\"}", "expected ',' or '}' in an object, found '\"' at byte 7 (line "
				    "1, column 8)"},
		{"[1 2]",
			"expected ',' or ']' in an array, found '2' at byte 3 (line 1, column 4)"},
		{"[\"\xc3\xa9\xc3\xa9\", 01]",
			"number with a leading zero at byte 9 (line 1, column 8)"},
		{"[\"a]", "string without its closing quote at byte 1 (line 1, column 2)"},
		{"[\"a\\x\"]", "unknown escape at byte 3 (line 1, column 4)"},
		{"[\"a\\u12\"]",
			"\\u without four hexadecimal digits at byte 3 (line 1, column 4)"},
		{"[\"a\nb\"]", "control character in a string at byte 3 (line 1, column 4)"},
		{"{} x", "expected nothing more behind the document, found 'x' at byte 3 (line 1, "
			 "column 4)"},
		{"[\x01]", "expected a value, found byte 0x01 at byte 1 (line 1, column 2)"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		assert_int_equal(scan(f, str_from(cases[i].doc)), E_MALFORMED);
		assert_string_equal(f->cx.text, cases[i].text);
	}
}

static void the_first_error_is_the_one_reported(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(scan(f, STR("[x, \"\\q\"]")), E_MALFORMED);
	assert_non_null(strstr(f->cx.text, "found 'x' at byte 1"));
	assert_int_equal(scan(f, STR("[\"\\q\", x]")), E_MALFORMED);
	assert_non_null(strstr(f->cx.text, "unknown escape at byte 2"));
}

static void depth_is_bounded(void **state)
{
	struct fixture *f = *state;
	char doc[2 * LIMIT_JSON_DEPTH + 2];

	memset(doc, '[', LIMIT_JSON_DEPTH + 1);
	memset(doc + LIMIT_JSON_DEPTH + 1, ']', LIMIT_JSON_DEPTH + 1);
	assert_int_equal(scan(f, (str){doc, sizeof doc}), E_MALFORMED);
	assert_string_equal(
		f->cx.text, "nested deeper than 1024 levels at byte 1024 (line 1, column 1025)");
	assert_int_equal(scan(f, (str){doc + 1, sizeof doc - 2}), E_OK);
}

static void too_large_an_input_is_refused_before_it_is_read(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		json_scan(&f->arena, (str){"1", LIMIT_INPUT + 1}, &f->tape, &f->cx), E_TOO_BIG);
}

static void doubtful_strings_are_noted_with_their_place(void **state)
{
	static const struct {
		const char *doc;
		unsigned notes;
		uint32_t offset;
	} cases[] = {
		{"[\"\\ud800\"]", JSON_NOTE_LONE_SURROGATE, 2},
		{"[\"a\\uDFFFb\"]", JSON_NOTE_LONE_SURROGATE, 3},
		{"[\"\\uD83D\\uDE00\"]", 0, 0},
		{"[\"\\uD83D\\uD83D\\uDE00\"]", JSON_NOTE_LONE_SURROGATE, 2},
		{"[\"\\uD83D\\\\uDE00\"]", JSON_NOTE_LONE_SURROGATE, 2},
		{"[\"\\uDE00\\uD83D\"]", JSON_NOTE_LONE_SURROGATE, 2},
		{"[\"\\uD83D\\uDE00\\uDE00\"]", JSON_NOTE_LONE_SURROGATE, 14},
		{"[\"\\uD83D\",\"\\uDE00\"]", JSON_NOTE_LONE_SURROGATE, 2},
		{"[\"\xff\"]", JSON_NOTE_INVALID_UTF8, 2},
		{"[\"ab\xe2\x82\"]", JSON_NOTE_INVALID_UTF8, 4},
		{"[\"\xe2\x82\xac\"]", 0, 0},
		{"[\"\xff\",\"\\ud800\"]", JSON_NOTE_INVALID_UTF8 | JSON_NOTE_LONE_SURROGATE, 2},
		{"[\"\\ud800\",\"\xff\"]", JSON_NOTE_INVALID_UTF8 | JSON_NOTE_LONE_SURROGATE, 2},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		must_scan(f, cases[i].doc);
		assert_int_equal(f->tape.notes, cases[i].notes);
		assert_int_equal(f->tape.note_offset, cases[i].offset);
	}
}

/* A string of n bytes 'a', with what given at its end. */
static str long_string(char *doc, size_t n, const char *what)
{
	doc[0] = '"';
	memset(doc + 1, 'a', n);
	memcpy(doc + 1 + n, what, strlen(what));
	doc[1 + n + strlen(what)] = '"';
	return (str){doc, n + strlen(what) + 2};
}

static void notes_are_exact_across_chunks_and_blocks(void **state)
{
	struct fixture *f = *state;
	char doc[8400];

	for (size_t n = 8100; n < 8200; n++) {
		assert_int_equal(scan(f, long_string(doc, n, "\xf0\x9f\x98\x80")), E_OK);
		assert_int_equal(f->tape.notes, 0);
		assert_int_equal(scan(f, long_string(doc, n, "\xf0\x9f\x98")), E_OK);
		assert_int_equal(f->tape.note_offset, n + 1);
		assert_int_equal(scan(f, long_string(doc, n, "\xf0\x9f\x98zzzzzzzz")), E_OK);
		assert_int_equal(f->tape.note_offset, n + 1);
		assert_int_equal(scan(f, long_string(doc, n, "\\ud83d\\ude00")), E_OK);
		assert_int_equal(f->tape.notes, 0);
		assert_int_equal(scan(f, long_string(doc, n, "\\ud83d\\udd")), E_MALFORMED);
		arena_reset(&f->arena);
	}
}

static void runs_of_backslashes_escape_by_twos_anywhere(void **state)
{
	struct fixture *f = *state;
	char run[200];

	for (size_t pad = 0; pad < 70; pad++) {
		for (size_t n = 1; n < 140; n++) {
			char doc[300];

			memset(run, '\\', n);
			run[n] = '\0';
			assert_int_equal(
				scan(f, long_string(doc, pad, run)), n % 2 ? E_MALFORMED : E_OK);
			if (n % 2 == 0)
				assert_int_equal(f->tape.v[0].n, 1);
		}
		arena_reset(&f->arena);
	}
}

static void running_out_of_memory_comes_back_to_the_recovery_point(void **state)
{
	struct fixture *f = *state;
	static char doc[64 << 10];
	bool is_done = false;
	size_t n;

	memset(doc, '[', 1);
	for (n = 1; n + 2 < sizeof doc; n += 2)
		memcpy(doc + n, "1,", 2);
	doc[n - 1] = ']';
	for (volatile size_t fail_at = 1; !is_done; fail_at++) {
		volatile bool is_failed = false;

		mem_fail_after(fail_at);
		if (arena_recover(&f->arena))
			is_failed = true;
		else
			assert_int_equal(
				json_scan(&f->arena, (str){doc, n}, &f->tape, &f->cx), E_OK);
		is_done = !is_failed;
		assert_int_equal(mem_failed(), is_failed);
		mem_fail_after(0);
		arena_release(&f->arena);
	}
}

/* JSONTestSuite: files are named y_ (must be accepted), n_ (must be rejected), i_ (either). */
static void check_conformance_file(struct fixture *f, const char *dir, const char *name)
{
	char path[8192];
	FILE *file;
	size_t n;
	char *data = arena_alloc(&f->arena, 1 << 20, 1);
	enum err e;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	n = fread(data, 1, 1 << 20, file);
	(void)fclose(file);
	e = scan(f, (str){data, n});
	if ((name[0] == 'y' && e != E_OK) || (name[0] == 'n' && e != E_MALFORMED))
		fail_msg("%s: %s %s", name, err_name(e), f->cx.text);
	arena_reset(&f->arena);
}

static void the_conformance_suite_is_met(void **state)
{
	const char *corpora = getenv("HEADROOM_CORPORA");
	char dir[4096];
	struct dirent **names;
	int n;

	if (!corpora) {
		print_message("HEADROOM_CORPORA is not set\n");
		skip();
	}
	(void)snprintf(dir, sizeof dir, "%s/json_conformance/JSONTestSuite/test_parsing", corpora);
	n = scandir(dir, &names, NULL, alphasort);
	assert_true(n > 300);
	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.')
			check_conformance_file(*state, dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_good_text_is_accepted),
		TEST(every_bad_text_is_rejected_with_a_place),
		TEST(texts_read_the_same_at_every_offset),
		TEST(a_nul_byte_is_rejected_anywhere),
		TEST(errors_say_what_and_where),
		TEST(the_first_error_is_the_one_reported),
		TEST(depth_is_bounded),
		TEST(too_large_an_input_is_refused_before_it_is_read),
		TEST(doubtful_strings_are_noted_with_their_place),
		TEST(notes_are_exact_across_chunks_and_blocks),
		TEST(runs_of_backslashes_escape_by_twos_anywhere),
		TEST(running_out_of_memory_comes_back_to_the_recovery_point),
		TEST(the_conformance_suite_is_met),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
