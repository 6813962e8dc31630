#include "core/compress/detect.h"
#include "tests/unit/compress_help.h"

static const struct {
	enum content_kind kind;
	const char *text;
} samples[] = {
	{KIND_TEXT, ""},
	{KIND_TEXT, " \n\t\n"},
	{KIND_TEXT, "All is well here.\nNothing to be seen, and nothing to be done.\nGood night."},
	{KIND_TEXT, "- one thing\n- another thing\n- and a third\n"},
	{KIND_TEXT, "[x] done\n[ ] to do\n"},
	{KIND_TEXT, "(ok)"},
	{KIND_JSON, "{\"a\":1}"},
	{KIND_JSON, "  {\n  \"a\": [1, 2]\n}\n"},
	{KIND_JSON, "[]"},
	{KIND_JSON, "[{\"a\":1},\n {\"b\":2}]"},
	{KIND_JSON, "[1,2,3]"},
	{KIND_JSONL, "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"},
	{KIND_DIFF, "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-one\n+two\n three\n"},
	{KIND_DIFF, "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n"},
	{KIND_DIFF,
		"3,4c3\n< int a;\n< int b;\n---\n> int a, b;\n9a9\n> int c;\n12d11\n< int d;\n"},
	{KIND_DIFF, "*** old/x\t2026-01-02\n--- new/x\t2026-01-02\n***************\n*** 1,3 ****\n "
		    " a\n! b\n"
		    "  c\n--- 1,3 ----\n  a\n! d\n  c\n"},
	{KIND_TEXT, "3a4\nis not in\nthe list\nof changes\n"},
	{KIND_TEXT, "> quoted by\n> somebody who wrote before\n\nand what was said to it\n"},
	{KIND_SEARCH, "src/a.c:12:int a;\nsrc/b.c:7:int b;\nsrc/c.c:99:int c;\n"},
	{KIND_SEARCH, "src/a.c-12-int a;\nsrc/a.c:13:int b;\nsrc/a.c-14-int c;\n--\nsrc/b.c:9:x\n"},
	{KIND_SEARCH, "C:\\src\\a.c:12:int a;\nC:\\src\\b.c:7:int b;\n"},
	{KIND_SEARCH, "src/a.c\n12:int a;\n13:int b;\n\nsrc/b.c\n7:int d;\n9:int e;\n"},
	{KIND_SEARCH, "src/a.c:int a;\nsrc/a.c:int b;\nsrc/a.c:int c;\nsrc/b.c:int d;\n"},
	{KIND_SEARCH, "src/a.c\nsrc/b.c\nsrc/core/c.c:17\nsrc/core/\ndocs/d.md\n"},
	{KIND_SEARCH, "12:int a;\n19:int b;\n33:int c;\n34:int d;\n"},
	{KIND_SEARCH, "12:int a;\n13-int b;\n--\n33:int c;\n34-int d;\n"},
	{KIND_TEXT, "12:one\n13:two\n14:three\n15:four\n16:five\n"},
	{KIND_TEXT, "tests/a.py::test_a PASSED\ntests/a.py::test_b PASSED\ntests/a.py::test_c "
		    "PASSED\n"},
	{KIND_LOG, "Jan 02 10:00:00 box sshd[3]: no-12-x\nJan 02 10:00:01 box sshd[4]: b\n"
		   "Jan 02 10:00:07 box sshd[5]: c\n"},
	{KIND_LOG, "2026-01-02 10:00:00 INFO started\n2026-01-02 10:00:01 WARN slow\n"
		   "2026-01-02 10:00:02 ERROR stopped\n"},
	{KIND_LOG, "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: check pass; user unknown\n"
		   "Jun 14 15:16:02 combo sshd(pam_unix)[19937]: check pass; user unknown\n"},
	{KIND_LOG, "[task 2026-02-13T21:56:23.368Z] 21:56:23     INFO - one\n"
		   "[task 2026-02-13T21:56:24.368Z] 21:56:24     INFO - two\n"},
	{KIND_LOG, "198.51.100.250 - - [10/Oct/2026:13:55:36 +0000] \"GET /a HTTP/1.1\" 200 2326\n"
		   "198.51.100.251 - - [10/Oct/2026:13:55:37 +0000] \"GET /b HTTP/1.1\" 404 209\n"},
	{KIND_LOG, "build\tSet up job\t2026-01-02T10:00:00.1234567Z Image: ubuntu\n"
		   "build\tSet up job\t2026-01-02T10:00:00.2234567Z Version: 2026\n"
		   "build\tRun make\t2026-01-02T10:00:01.3234567Z gcc -c a.c\n"
		   "build\tRun make\t2026-01-02T10:00:02.4234567Z gcc -c b.c\n"
		   "build\tRun make\t2026-01-02T10:00:03.5234567Z \n"},
	{KIND_CODE, "#include <stdio.h>\n\nint main(void)\n{\n\tfor (int i = 0; i < 3; i++)\n"
		    "\t\tputs(\"x\");\n\treturn 0;\n}\n"},
	{KIND_CODE, "import os\n\ndef main():\n    for x in os.listdir('.'):\n        print(x)\n\n"
		    "class A:\n    pass\n"},
	{KIND_TEXT, "# Houses\n\n## Build\n\n```py\nimport os\n\ndef main():\n    for x in "
		    "os.listdir('.'):\n"
		    "        print(x)\n```\n\n"
		    "It is built so.\n"},
	{KIND_HTML,
		"<html lang=en><script>\nvar x = 1;\nfunction f() {\nreturn x;\n}\n</script>\n"},
	{KIND_HTML, "<!DOCTYPE html>\n<html>\n<head>\n<title>x</title>\n</head>\n<body>\n<p>y</p>\n"
		    "</body>\n</html>\n"},
	{KIND_TABLE, "| name | size |\n|---|---|\n| a | 1 |\n| b | 2 |\n| c | 3 |\n"},
	{KIND_TABLE, "id,time,host,ms\n1,2026-01-02T10:00:01Z,web-1,12\n2,2026-01-02T10:00:02Z,web-"
		     "2,13\n"
		     "3,2026-01-02T10:00:03Z,web-1,14\n4,2026-01-02T10:0"},
	{KIND_TABLE, "date,price\n2026-01-01,1.5\n2026-01-02,1.6\n2026-01-03,1.7\n2026-01-04,1.8\n"
		     "2026-01-05,1.5\n2026-01-06,1.6\n2026-01-07,1.7\n"},
	{KIND_LOG,
		"2026-01-01 10:00:01,123 a\n2026-01-01 10:00:02,131 b\n2026-01-01 10:00:03,140 c\n"
		"2026-01-01 10:00:04,123 d\n2026-01-01 10:00:05,131 e\n2026-01-01 10:00:06,140 f\n"
		"2026-01-01 10:00:07,123 g\n2026-01-01 10:00:08,131 h\n"},
	{KIND_TABLE, "┌────┬─────────────────────┐\n│ id │        when         "
		     "│\n├────┼─────────────────────┤\n"
		     "│  1 │ 2026-01-02 10:00:01 │\n│  2 │ 2026-01-02 10:00:02 │\n│  3 │ "
		     "2026-01-02 10:00:03 │\n"},
	{KIND_TABLE,
		" id │ when\n────┼────────────────────\n  1 │ 2026-01-02 10:00:01\n"
		"  2 │ 2026-01-02 10:00:02\n  3 │ 2026-01-02 10:00:03\n  4 │ 2026-01-02 10:00:04\n"
		"  5 │ 2026-01-02 10:00:05\n"},
	{KIND_TEXT, "────────────\nOne thing\n────────────\nand another\nand more\n"},
	{KIND_TABLE, "1|2026-01-02 10:00:01|a\n2|2026-01-02 10:00:02|b\n3|2026-01-02 10:00:03|\n"
		     "4|2026-01-02 10:00:04|d\n"},
	{KIND_LOG,
		"20260102-10:00:01:606|Step|302|start 1\n20260102-10:00:02:610|Step|302|start 2\n"
		"20260102-10:00:03:616|Step|302|start 3\n20260102-10:00:04:601|Step|302|start 4\n"},
	{KIND_LOG, "2026-01-02 10:00:01 | INFO | a | b\n2026-01-02 10:00:02 | INFO | a | c\n"
		   "2026-01-02 10:00:03 | WARN | a | d\n2026-01-02 10:00:04 | INFO | a | e\n"},
	{KIND_TABLE, " id | name \n----+------\n  1 | a\n  2 | b\n 12 | c\n(3 rows)\n"},
	{KIND_TABLE, "UID        PID STIME TTY          TIME CMD\nroot         1 06:11 ?        "
		     "00:00:12 /sbin/init\n"
		     "root         2 06:11 ?        00:00:00 [kthreadd]\n"
		     "root         3 06:11 ?        00:00:00 [rcu_gp]\n"
		     "root       110 06:12 ?        00:00:00 [kworker/0:0H]\n"
		     "root       111 06:12 ?        00:00:00 [netns]\n"},
	{KIND_TABLE, "total 12\n-rw-r--r-- 1 root root    12 Nov 27 10:11 c\n-rw-r--r-- 1 root "
		     "root   120 Nov  7 10:12 d\n"
		     "-rw-r--r-- 1 root root  1200 Nov 17 10:13 e\n-rw-r--r-- 1 root root 12000 "
		     "Nov 27 10:14 f\n"
		     "-rw-r--r-- 1 root root     1 Nov 27 10:15 g\n-rw-r--r-- 1 root root     2 "
		     "Nov 27 10:15 h\n"},
	{KIND_LOG,
		"2026-01-02 10:00:00 INFO  main   started\n2026-01-02 10:00:01 WARN  main   slow\n"
		"2026-01-02 10:00:02 ERROR main   stopped\n2026-01-02 10:00:03 ERROR main   again\n"
		"2026-01-02 10:00:03 ERROR main   more\n"},
	{KIND_TEXT, "We went there, bought this,\nthat, and more, and came\nhome, where it was, as "
		    "they\n"
		    "say, so late, too late, to\nsleep, eat, or drink, or so.\n"},
	{KIND_TABLE, "name\tsize\tdate\na\t1\t2026\nb\t2\t2026\nc\t3\t2026\n"},
};

static void texts_are_known_by_their_shape(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(samples); i++) {
		enum content_kind kind = detect_kind(str_from(samples[i].text));

		if (kind != samples[i].kind)
			fail_msg("%s, not %s: %s", detect_kind_name(kind),
				detect_kind_name(samples[i].kind), samples[i].text);
	}
}

/* The same number of commas in each line, wherever in it they stand; a blank behind one makes a sentence of them. */
static void cells_are_told_in_lines_of_any_length(void **state)
{
	struct bench *b = *state;

	for (int n = 1; n < 140; n++) {
		str cells = arena_printf(&b->arena, "%0*d\t2;3;%0*d\n", n, 1, n, 4);
		str words = arena_printf(&b->arena, "%0*d, 2, 3, %0*d, 4,\n", n, 1, n, 4);

		assert_int_equal(detect_kind(repeated(&b->arena, cells.p, 4)), KIND_TABLE);
		assert_int_equal(detect_kind(repeated(&b->arena, words.p, 4)), KIND_TEXT);
	}
}

/* The diff of a commit with a long message comes late; a log without diffs has none. */
static void the_diff_of_a_commit_is_seen_behind_its_message(void **state)
{
	static const char *const heads[] = {"commit 1f2e3d4c5b6a7988 (HEAD -> main)\n\n",
		"From 1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c Mon Sep 17 00:00:00 2001\n\n"};
	static const char diff[] = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1\n+2\n";
	struct bench *b = *state;
	str message = repeated(&b->arena, "    a line of the message\n", 200);

	for (size_t i = 0; i < ARRAY_N(heads); i++) {
		str log = arena_printf(&b->arena, "%s" STR_FMT, heads[i], STR_ARG(message));

		assert_int_equal(detect_kind(log), KIND_TEXT);
		assert_int_equal(
			detect_kind(arena_printf(&b->arena, STR_FMT "%s", STR_ARG(log), diff)),
			KIND_DIFF);
	}
	assert_int_equal(detect_kind(arena_printf(&b->arena, STR_FMT "%s", STR_ARG(message), diff)),
		KIND_TEXT);
}

/* Cut anywhere and filled with anything, a text has some kind, and the search for it stays within it. */
static void any_bytes_have_a_kind(void **state)
{
	struct bench *b = *state;
	uint32_t seed = 7;

	for (size_t i = 0; i < ARRAY_N(samples); i++) {
		size_t n = strlen(samples[i].text);

		for (size_t cut = 0; cut <= n; cut++) {
			str s = arena_str(&b->arena, (str){samples[i].text, cut});

			assert_true(detect_kind(s) < KIND_COUNT);
			if (!cut)
				continue;
			seed = seed * 1664525 + 1013904223;
			((char *)(uintptr_t)s.p)[seed % cut] = (char)(seed >> 24);
			assert_true(detect_kind(s) < KIND_COUNT);
		}
	}
}

static void kinds_have_names(void **state)
{
	enum content_kind back;

	(void)state;
	for (int i = 0; i < KIND_COUNT; i++) {
		assert_true(
			detect_kind_parse(str_from(detect_kind_name((enum content_kind)i)), &back));
		assert_int_equal(back, i);
	}
	assert_false(detect_kind_parse(STR("nothing"), &back));
	assert_false(detect_kind_parse(STR_NULL, &back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(texts_are_known_by_their_shape),
		bench_test(cells_are_told_in_lines_of_any_length),
		bench_test(the_diff_of_a_commit_is_seen_behind_its_message),
		bench_test(any_bytes_have_a_kind),
		bench_test(kinds_have_names),
	};

	return cmocka_run_group_tests_name("compress: kinds of text", tests, NULL, NULL);
}
