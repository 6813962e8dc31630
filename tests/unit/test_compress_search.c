#include "core/compress/search/search.h"

#include <stdlib.h>

#include "tests/unit/compress_help.h"
#include "tests/unit/random_search.h"
#include "tests/unit/seeds.h"

#define ROUTE "headroom retrieve 3fa97c01"

enum { TEXTS = 4000, BYTES_MAX = 6000 };

static bool encode(struct bench *b, str text, const char *route, struct codec_out *out)
{
	struct codec_in in = {.text = text,
		.kind = KIND_SEARCH,
		.route = str_from(route),
		.query = STR("find tok_needle")};

	return search_codec.encode(&in, &b->arena, out);
}

static void assert_exact(struct bench *b, str got, str text)
{
	str back;

	if (!search_codec.decode(got, &b->arena, &back))
		fail_msg("does not decode: " STR_FMT, STR_ARG(got));
	if (!str_eq(back, text)) {
		size_t at = str_common_prefix(back, text);

		fail_msg("comes back as: " STR_FMT "\nof: " STR_FMT,
			STR_ARG(str_sub(back, at, back.n)), STR_ARG(str_sub(text, at, text.n)));
	}
}

static const struct {
	const char *name, *text, *want;
} goldens[] = {
	{"paths once, blanks for the ':', numbers of neighbours left out",
		"src/core/compress/search/a.c:12:int a;\n"
		"src/core/compress/search/a.c:14:\tint b;\n"
		"src/core/compress/search/a.c:15:\tint c;\n"
		"src/core/compress/search/a.c:16:7 int d;\n"
		"src/core/compress/search/a.c:17:[int e;\n"
		"src/core/compress/search/a.c:18:}\n"
		"src/core/b.c:7:int d;\n",
		"[search: 7 lines in 2 files; a line without number is the next one]\n"
		"src/core/compress/search/a.c\n12:int a;\n14\tint b;\n\tint c;\n16:7 int "
		"d;\n17:[int e;\n}\n\nsrc/core/b.c\n7:int d;\n"},
	{"equal lines once",
		"src/core/store/a.c:3:\treturn false;\nsrc/core/store/a.c:5:if (x)\n"
		"src/core/store/a.c:9:\treturn false;\nsrc/core/store/a.c:12:\treturn false;\n"
		"src/core/store/a.c:40:if (x)\n",
		"[search: 5 lines in 1 file; \"3,9:text\" stands on both lines]\n"
		"src/core/store/a.c\n3,9,12\treturn false;\n5,40:if (x)\n"},
	{"one line of several files",
		"one/a.py:3:import json\ntwo/b.py:5:import json\nb.py.orig:5:import json\n"
		"x.py:1:import os, sys, json\nx.py:7:import re\n",
		"[search: 5 lines in 4 files; paths with the same line stand together above it]\n"
		"one/a.py:3\ntwo/b.py:5\nb.py.orig:5\n:import json\n\nx.py\n1:import os, sys, "
		"json\n7:import re\n"},
	{"columns",
		"src/core/wire/a.c:12:5:    int a, a;\nsrc/core/wire/a.c:12:12:    int a, a;\n"
		"src/core/wire/a.c:20:1:a();\nsrc/core/wire/a.c:21:1:a();\nsrc/core/wire/"
		"a.c:22:3:7 a\n",
		"[search: 5 lines in 1 file; line:column; \"3,9:text\" stands on both lines]\n"
		"src/core/wire/a.c\n12:5,12    int a, a;\n20:1,21:1:a();\n22:3:7 a\n"},
	{"context",
		"src/core/wire/a.c-11-{\nsrc/core/wire/a.c:12:\tint a;\nsrc/core/wire/a.c-13-\n"
		"src/core/wire/a.c-14-\tint b;\n--\nsrc/core/wire/a.c-30-\tx();\n"
		"src/core/wire/a.c:31:\ta();\nsrc/core/wire/a.c-32-}\n--\n"
		"src/core/wire/b-9-b.c-1-\tx();\nsrc/core/wire/b-9-b.c:2:a\n",
		"[search: 9 lines, 3 matches in 2 files; \"--\" left out where lines are missing; "
		"a line without "
		"number is the next one]\n"
		"src/core/wire/a.c\n11-{\n12:\tint a;\n13-\n\tint b;\n30\tx();\n31:\ta();\n}\n\n"
		"src/core/wire/b-9-b.c\n1\tx();\n2:a\n"},
	{"headings",
		"src/a.c\n12:int a;\n13:int b;\n14:int c;\n15:int d;\n16:int e;\n17:int f;\n18:int "
		"g;\n19:int h;\n"
		"20:int i;\n21:int j;\n22:int k;\n23:int l;\n24:int m;\n25:int n;\n26:int "
		"n;\n27:int n;\n28:int n;\n"
		"29:int n;\n30:int n;\n31:int n;\n\nsrc/b.c\n7:int d;\n",
		"[search: 21 lines in 2 files; as rg --heading; \"3,9:text\" stands on both lines; "
		"a line without "
		"number is the next one]\n"
		"src/a.c\n12:int a;\nint b;\nint c;\nint d;\nint e;\nint f;\nint g;\nint h;\nint "
		"i;\nint j;\nint k;\n"
		"int l;\nint m;\n25,26,27,28,29,30,31:int n;\n\nsrc/b.c\n7:int d;\n"},
	{"no numbers",
		"src/core/wire/anthropic.c:int a;\nsrc/core/wire/anthropic.c::b\n"
		"src/core/wire/anthropic.c:\tint "
		"c;\nsrc/core/wire/anthropic.c:\nsrc/core/wire/x.c:int d;\n",
		NULL},
	{"no numbers",
		"src/core/wire/anthropic.c:int a;\nsrc/core/wire/anthropic.c:[b]\n"
		"src/core/wire/anthropic.c:\tint "
		"c;\nsrc/core/wire/anthropic.c:\nsrc/core/wire/x.c:int d;\n",
		"[search: 5 lines in 2 files; without line numbers]\n"
		"src/core/wire/anthropic.c\nint a;\n:[b]\n\tint c;\n:\n\nsrc/core/wire/x.c\nint "
		"d;\n"},
	{"one file",
		"3:\treturn;\n9:\treturn;\n12:\treturn;\n18:\treturn;\n20:x\n31:\treturn;\n47:"
		"\treturn;\n"
		"52:\treturn;\n58:\treturn;\n63:\treturn;\n77:\treturn;\n82:\treturn;\n99:\treturn;"
		"\n",
		"[search: 13 lines; \"3,9:text\" stands on both lines]\n"
		"3,9,12,18,31,47,52,58,63,77,82,99\treturn;\n20:x\n"},
	{"other lines and text around",
		"Found:\nsrc/core/compress/a.c:12:int a;\nsrc/core/compress/a.c:18:int b;\n"
		"Binary file x matches\n\n"
		"src/core/compress/a.c:19:int c;\nsrc/core/compress/a.c:29:int d;\n"
		"src/core/compress/a.c:39:int e;\nsrc/core/compress/a.c:49:int f;\n\n(cut)",
		"Found:\n[search: 6 lines in 2 files]\nsrc/core/compress/a.c\n12:int a;\n18:int "
		"b;\n\n"
		"Binary file x matches\n\n\n\nsrc/core/compress/a.c\n19:int c;\n29:int d;\n39:int "
		"e;\n49:int f;\n"
		"[end of search]\n\n(cut)"},
	{"Windows, carriage returns, no line end",
		"C:\\src\\core\\a.c:12:int a;\r\nC:\\src\\core\\a.c:14:int "
		"b;\r\nC:\\src\\core\\a.c:16:int c;\r\n"
		"C:\\src\\core\\a.c:18:\r",
		"[search: 4 lines in 1 file]\nC:\\src\\core\\a.c\n12:int a;\r\n14:int b;\r\n16:int "
		"c;\r\n18:\r"},
	{"directories where paths are most of it",
		"/home/me/work/project/src/a.c:1:x\n/home/me/work/project/src/b.c:2:y\n"
		"/home/me/work/project/src/c.c:3:z\n/home/me/work/project/src/d.c:4:x\n"
		"/home/me/work/project/src/e.c:5:y\nREADME.md:6:x\n",
		"[search: 6 lines in 6 files; \"dir:\" holds for the names below it]\n"
		"/home/me/work/project/"
		"src:\na.c\n1:x\n\nb.c\n2:y\n\nc.c\n3:z\n\nd.c\n4:x\n\ne.c\n5:y\n\n"
		".:\nREADME.md\n6:x\n"},
	{"paths",
		"AGENTS.md\ndocs/models/one.md:3\ndocs/models/two.md:12\ndocs/models/old/"
		"x.md:4\nREADME.md\n"
		"docs/models/three.md\ndocs/models/four.md\ndocs/models/five.md\ndocs/models/"
		"six.md\n",
		"[search: 9 paths; \"dir:\" holds for the names below "
		"it]\nAGENTS.md\n\ndocs/models:\n"
		"one.md:3\ntwo.md:12\nold/x.md:4\n\nREADME.md\n\ndocs/"
		"models:\nthree.md\nfour.md\nfive.md\n"
		"six.md\n"},
};

static void results_read_like_this(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(goldens); i++) {
		struct codec_out out;
		str text = str_from(goldens[i].text);

		if (!encode(b, text, "", &out)) {
			if (goldens[i].want)
				fail_msg("%s: not encoded", goldens[i].name);
			continue;
		}
		assert_non_null(goldens[i].want);
		assert_str(out.text, goldens[i].want);
		assert_int_equal(out.form, CODEC_EXACT);
		assert_exact(b, out.text, text);
	}
}

/* Lines that begin alike, in files that do not stand together, and lines that look like a sign. */
static str lines_with_beginnings(struct bench *b)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (unsigned i = 0; i < 20; i++) {
		buf_printf(&t,
			"src/f%u.go:7:\t\treturn nil, errors.Wrap(err, \"failed to read %u\")\n"
			"src/f%u.go:10:\tif err != nil {\n",
			i, i, i);
		buf_printf(&t,
			"src/f%u.go:13:\treturn nil\nsrc/f%u.go:16:~ %u\n"
			"src/f%u.go:19:\t\treturn nil, errors.Wrap(err, \"failed to\n",
			i, i, i, i);
	}
	return buf_str(&t);
}

static void beginnings_of_many_lines_are_said_once(void **state)
{
	static const char begin[] = "[search: 100 lines in 20 files; \"7~text\": line 7 is what "
				    "\"~=\" says, then text]\n"
				    "~=\t\treturn nil, errors.Wrap(err, \"failed to\n"
				    "^=\tif err != nil {\n"
				    "%=\treturn nil\n"
				    "\nsrc/f0.go\n7~ read 0\")\n10^\n13%\n16:~ 0\n19~\n"
				    "\nsrc/f1.go\n7~ read 1\")\n";
	struct bench *b = *state;
	str text = lines_with_beginnings(b), back;
	struct codec_out out;

	assert_true(encode(b, text, "", &out));
	assert_str(str_sub(out.text, 0, sizeof begin - 1), begin);
	assert_exact(b, out.text, text);
	/* what a sign says is part of the text */
	for (size_t cut = str_find(out.text, STR("^=")), n = 1; n < 4; n++) {
		struct buf less;

		buf_init_arena(&less, &b->arena, LIMIT_INPUT);
		buf_add(&less, str_sub(out.text, 0, cut));
		buf_add(&less, str_sub(out.text, cut + n, out.text.n));
		if (search_codec.decode(buf_str(&less), &b->arena, &back))
			assert_false(str_eq(back, text));
	}
}

static void beginnings_are_those_of_all_lines(void **state)
{
	struct bench *b = *state;
	struct codec_out out;
	struct buf t;
	str text;

	/* the same, where only a part of the lines is looked at */
	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (unsigned i = 0; i < 3000; i++)
		buf_printf(&t, "src/f%u.c:%u:\treturn fail_with(E_STATE, \"value %u\");\n", i / 3,
			3 + i % 3 * 4, i);
	text = buf_str(&t);
	assert_true(encode(b, text, "", &out));
	assert_true(
		str_find(out.text, STR("\n~=\treturn fail_with(E_STATE, \"value\n")) != STR_NONE);
	assert_true(str_find(out.text, STR("\n3~ 2997\");\n")) != STR_NONE);
	assert_exact(b, out.text, text);
}

static void what_is_no_search_stays(void **state)
{
	static const char *const texts[] = {"", "\n",
		"All is well.\nNothing to be done.\nGood night.\n",
		"12:00:01 started\n12:00:02 went on\n12:00:03 ended\n12:00:04 was over\n",
		"key: value\nother: value\nthird: value\nfourth: value\n",
		("[search: 4 lines in 2 files]\nsrc/a.c:12:int a;\nsrc/a.c:13:int "
		 "a;\nsrc/a.c:14:int a;\n"
		 "src/a.c:15:int a;\n")};
	struct bench *b = *state;
	struct codec_out out;

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		assert_false(encode(b, str_from(texts[i]), "", &out));
		assert_false(encode(b, str_from(texts[i]), ROUTE, &out));
	}
}

/* ---- left out -------------------------------------------------------------------------------- */

static str common_lines(struct bench *b)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, 1 << 20);
	for (unsigned i = 0; i < 80; i++) {
		if (i == 33)
			buf_printf(&t, "src/store.c:%u:\tabort();\n", i * 3 + 5);
		else if (i == 51)
			buf_printf(&t, "src/store.c:%u:\treturn check(self, tok_needle, 7);\n",
				i * 3 + 5);
		else
			buf_printf(&t, "%s:%u:\treturn check(self, value_%u, %u);\n",
				i < 70 ? "src/store.c" : "src/b.c", i * 3 + 5, i, i);
	}
	return buf_str(&t);
}

static void lines_of_a_common_shape_are_counted(void **state)
{
	struct bench *b = *state;
	str text = common_lines(b);
	struct codec_out out;
	str back;

	assert_true(encode(b, text, ROUTE, &out));
	assert_int_equal(out.form, CODEC_ELIDED);
	assert_str(out.text,
		"[search: 80 lines in 2 files; indentation left out; [+3 more]: as many like these "
		"left out of "
		"the file; original: " ROUTE "]\n"
		"src/store.c\n5:return check(self, value_0, 0);\n104:abort();\n158:return "
		"check(self, tok_needle, 7);\n"
		"212:return check(self, value_69, 69);\n[+66 more]\n\n"
		"src/b.c\n215:return check(self, value_70, 70);\n242:return check(self, value_79, "
		"79);\n[+8 more]\n");
	assert_true(search_codec.holds(text, out.text, &b->arena));
	assert_false(search_codec.decode(out.text, &b->arena, &back));
}

/* The text without its nth line; false when it has none. */
static bool without_line(struct bench *b, str text, uint32_t nth, str *out)
{
	struct lines l = lines_split(&b->arena, text);
	struct buf t;

	if (nth >= l.n)
		return false;
	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (uint32_t i = 0; i < l.n; i++) {
		if (i == nth)
			continue;
		if (t.n || i > 1)
			buf_add_byte(&t, '\n');
		buf_add(&t, l.v[i]);
	}
	*out = buf_str(&t);
	return true;
}

static void assert_each_line_counts(struct bench *b, str text, str elided)
{
	str less;

	assert_true(search_codec.holds(text, elided, &b->arena));
	for (uint32_t i = 0; without_line(b, elided, i, &less); i++)
		if (search_codec.holds(text, less, &b->arena))
			fail_msg("holds without line %u: " STR_FMT, i, STR_ARG(elided));
}

/* 60 matches, each between two lines of context, of three files. */
static str lines_with_context(struct bench *b)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (unsigned i = 0; i < 60; i++) {
		unsigned file = i / 20, at = 10 + i % 20 * 10;

		buf_printf(&t, "%ssrc/f%u.c-%u-\tbefore %u\n", i ? "--\n" : "", file, at - 1, i);
		buf_printf(&t, "src/f%u.c:%u:\tmatch %u;\n", file, at, i);
		buf_printf(&t, "src/f%u.c-%u-\tbehind %u\n", file, at + 1, i);
	}
	return buf_str(&t);
}

static void of_many_matches_context_is_left_out(void **state)
{
	static const char begin[] =
		"[search: 180 lines, 60 matches in 3 files; lines around matches left out; "
		"original: " ROUTE "]\nsrc/f0.c\n10\tmatch 0;\n20\tmatch 1;\n";
	static const char end[] = "200\tmatch 59;\n";
	struct bench *b = *state;
	str text = lines_with_context(b), other;
	struct codec_out out;

	assert_true(encode(b, text, ROUTE, &out));
	assert_str(str_sub(out.text, 0, sizeof begin - 1), begin);
	assert_str(str_sub(out.text, out.text.n - (sizeof end - 1), out.text.n), end);
	assert_false(search_codec.decode(out.text, &b->arena, &other));
	assert_each_line_counts(b, text, out.text);
	for (uint32_t i = 0; i < 238; i++) {
		assert_true(without_line(b, text, i, &other));
		/* a "--" says nothing */
		if (i % 4 != 3)
			assert_false(search_codec.holds(other, out.text, &b->arena));
	}
}

static void a_file_of_context_alone_keeps_it(void **state)
{
	struct bench *b = *state;
	str text = lines_with_context(b);
	struct codec_out out;
	struct buf more;

	buf_init_arena(&more, &b->arena, LIMIT_INPUT);
	buf_add_c(&more, "src/f8.c:1:first\n--\nsrc/f9.c-1-alone\n--\n");
	buf_add_c(&more, "src/f9.c-1-alone\n--\n");
	buf_add(&more, text);
	if (encode(b, buf_str(&more), ROUTE, &out))
		assert_true(str_find(out.text, STR("f9.c")) != STR_NONE);
}

static void json_is_shown_as_its_matches(void **state)
{
	static const char text[] =
		"{\"type\":\"begin\",\"data\":{\"path\":{\"text\":\"src/a.c\"}}}\n"
		"{\"type\":\"context\",\"data\":{\"path\":{\"text\":\"src/"
		"a.c\"},\"lines\":{\"text\":\"{\\n\"},"
		"\"line_number\":6,\"absolute_offset\":80,\"submatches\":[{\"match\":{\"text\":"
		"\"a\"},\"start\":5,\"end\":%u}]}}\n"
		"{\"type\":\"match\",\"data\":{\"path\":{\"text\":\"src/"
		"a.c\"},\"lines\":{\"text\":\"\\tint \\\"a\\\";\\n\"},"
		"\"line_number\":7,\"absolute_offset\":87,\"submatches\":[{\"match\":{\"text\":"
		"\"a\"},\"start\":5,\"end\":6}]}}\n"
		"{\"type\":\"match\",\"data\":{\"path\":{\"text\":\"src/"
		"a.c\"},\"lines\":{\"text\":\"\\tint a;\\n\"},"
		"\"line_number\":9,\"absolute_offset\":99,\"submatches\":[{\"match\":{\"text\":"
		"\"a\"},\"start\":5,\"end\":6}]}}\n"
		"{\"type\":\"end\",\"data\":{\"path\":{\"text\":\"src/"
		"a.c\"},\"binary_offset\":null,\"stats\":{}}}\n"
		"{\"type\":\"begin\",\"data\":{\"path\":{\"text\":\"src/b.c\"}}}\n"
		"{\"type\":\"match\",\"data\":{\"path\":{\"text\":\"src/"
		"b.c\"},\"lines\":{\"text\":\"int a;\"},"
		"\"line_number\":1,\"absolute_offset\":0,\"submatches\":[{\"match\":{\"text\":"
		"\"a\"},\"start\":4,\"end\":5}]}}\n"
		"{\"type\":\"end\",\"data\":{\"path\":{\"text\":\"src/"
		"b.c\"},\"binary_offset\":null,\"stats\":{}}}\n"
		"{\"data\":{\"elapsed_total\":{\"human\":\"0.01s\"}},\"type\":\"summary\"}\n";
	struct bench *b = *state;
	struct codec_out out;

	assert_false(encode(b, str_from(text), "", &out));
	assert_true(encode(b, str_from(text), ROUTE, &out));
	assert_str(out.text, "[search: 4 lines, 3 matches in 2 files; from rg --json, its offsets "
			     "and times left out; "
			     "original: " ROUTE "]\n"
			     "src/a.c\n6-{\n7:\tint \"a\";\n9:\tint a;\n\nsrc/b.c\n1:int a;\n");
	assert_true(search_codec.holds(str_from(text), out.text, &b->arena));
}

/* A table of these rows would be shorter still, without most of the matches. */
static void json_is_never_rows_of_a_table(void **state)
{
	struct bench *b = *state;
	struct encode_in in = {.kind = KIND_JSONL, .tool = TOOL_SHELL, .route = STR(ROUTE)};
	struct encode_out out;
	struct buf t;

	buf_init_arena(&t, &b->arena, 1 << 17);
	buf_add_c(&t, "{\"type\":\"begin\",\"data\":{\"path\":{\"text\":\"src/a.c\"}}}\n");
	for (unsigned i = 1; i <= 90; i++)
		buf_printf(&t,
			"{\"type\":\"%s\",\"data\":{\"path\":{\"text\":\"src/"
			"a.c\"},\"lines\":{\"text\":"
			"\"\\tint a%u = %u;\\n\"},\"line_number\":%u,\"absolute_offset\":%u,"
			"\"submatches\":[{\"match\":{\"text\":\"a\"},\"start\":5,\"end\":%u}]}}\n",
			i % 3 ? "context" : "match", i * 37 % 101, i, i, i * i * 37 % 100000,
			i * 7 % 11);
	in.text = buf_str(&t);
	assert_ptr_equal(codec_owner(&(struct codec_in){
				 .kind = KIND_JSONL, .text = in.text, .route = STR(ROUTE)}),
		&search_codec);
	assert_null(codec_owner(&(struct codec_in){.kind = KIND_JSONL, .text = in.text}));
	assert_null(codec_owner(&(struct codec_in){.kind = KIND_JSONL,
		.text = STR("{\"type\":\"begin\",\"id\":1}\n"),
		.route = STR(ROUTE)}));
	out = bench_encode(b, &in);
	assert_int_equal(out.loss, LOSS_ELIDED);
	assert_int_equal(out.elided_by, ENCODER_SEARCH);
	assert_true(str_find(out.text, STR("\n45:\tint a49 = 45;\n")) != STR_NONE);
}

static void no_line_and_no_byte_can_be_missing(void **state)
{
	struct bench *b = *state;
	str text = common_lines(b);
	struct codec_out out;
	char *changed;
	size_t head;

	assert_true(encode(b, text, ROUTE, &out));
	assert_each_line_counts(b, text, out.text);
	head = str_find_byte(out.text, '\n');
	changed = arena_cstr(&b->arena, out.text);
	for (size_t i = head + 1; i < out.text.n; i++) {
		changed[i] ^= 1;
		if (search_codec.holds(text, (str){changed, out.text.n}, &b->arena))
			fail_msg("holds with another byte %zu", i);
		changed[i] ^= 1;
	}
	assert_true(search_codec.holds(text, (str){changed, out.text.n}, &b->arena));
	/* A match that would be missing from the original shows, too. */
	for (uint32_t i = 0; i < 80; i++) {
		str less;

		assert_true(without_line(b, text, i, &less));
		assert_false(search_codec.holds(less, out.text, &b->arena));
	}
}

static void a_shape_that_is_not_shown_breaks_the_contract(void **state)
{
	static const char elided[] =
		"[search: 80 lines in 2 files; indentation left out; [+3 more]: as many like these "
		"left out of "
		"the file; original: " ROUTE "]\n"
		"src/store.c\n5:return check(self, value_0, 0);\n212:return check(self, value_69, "
		"69);\n[+68 more]\n\n"
		"src/b.c\n215:return check(self, value_70, 70);\n242:return check(self, value_79, "
		"79);\n[+8 more]\n";
	struct bench *b = *state;

	assert_false(search_codec.holds(common_lines(b), str_from(elided), &b->arena));
}

/* ---- any results ------------------------------------------------------------------------------ */

static void assert_survives(struct bench *b, struct rng *r, str text, str encoded)
{
	char *p = arena_cstr(&b->arena, encoded);
	str back;

	for (int i = 0; i < 4; i++)
		p[rng_below(r, (uint32_t)encoded.n)] = "\n:,[7-"[rng_below(r, 6)];
	(void)!search_codec.decode((str){p, encoded.n}, &b->arena, &back);
	(void)!search_codec.holds(text, (str){p, encoded.n}, &b->arena);
}

static void every_text_comes_back(void **state)
{
	struct bench *b = *state;
	uint64_t exact = 0, elided = 0, starts = 0, n = seeds_or(TEXTS);

	for (uint64_t seed = 1; seed <= n; seed++) {
		struct rng r = rng_new(seed);
		struct codec_out out, again;
		struct buf t;

		arena_reset(&b->arena);
		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		add_search(&r, &t, (enum search_spelling)(seed % SPELL_N), rng_once_in(&r, 3),
			rng_below(&r, BYTES_MAX));
		if (encode(b, buf_str(&t), "", &out)) {
			exact++;
			starts += str_find(out.text, STR("\n~=")) != STR_NONE;
			assert_exact(b, out.text, buf_str(&t));
			assert_true(encode(b, buf_str(&t), "", &again));
			assert_true(str_eq(out.text, again.text));
			assert_survives(b, &r, buf_str(&t), out.text);
		}
		if (encode(b, buf_str(&t), ROUTE, &out)) {
			elided++;
			assert_true(search_codec.holds(buf_str(&t), out.text, &b->arena));
			if (seed % 16 == SPELL_FLAT)
				assert_each_line_counts(b, buf_str(&t), out.text);
			assert_survives(b, &r, buf_str(&t), out.text);
		}
	}
	assert_true(exact * 2 > n);
	assert_true(elided * 10 > n);
	assert_true(starts * 10 > n);
}

/* Twice the text takes about twice the memory, which stands for work: whatever is done leaves objects behind. */
static void memory_is_linear(void **state)
{
	struct bench *b = *state;

	for (int s = 0; s < SPELL_N; s++) {
		size_t used[2] = {0};

		for (int i = 0; i < 2; i++) {
			struct rng r = rng_new(3);
			struct codec_out out;
			struct buf t;

			arena_reset(&b->arena);
			buf_init_arena(&t, &b->arena, LIMIT_INPUT);
			add_search(&r, &t, (enum search_spelling)s, true, 200000u << i);
			used[i] = b->arena.used_bytes;
			if (encode(b, buf_str(&t), s == SPELL_JSON ? ROUTE : "", &out))
				used[i] = b->arena.used_bytes - used[i];
			assert_true(used[i] < 40 * buf_str(&t).n);
		}
		assert_true(s == SPELL_PATHLESS || used[1] < 3 * used[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(results_read_like_this),
		bench_test(beginnings_of_many_lines_are_said_once),
		bench_test(beginnings_are_those_of_all_lines),
		bench_test(what_is_no_search_stays),
		bench_test(lines_of_a_common_shape_are_counted),
		bench_test(of_many_matches_context_is_left_out),
		bench_test(a_file_of_context_alone_keeps_it),
		bench_test(json_is_shown_as_its_matches),
		bench_test(json_is_never_rows_of_a_table),
		bench_test(no_line_and_no_byte_can_be_missing),
		bench_test(a_shape_that_is_not_shown_breaks_the_contract),
		bench_test(every_text_comes_back),
		bench_test(memory_is_linear),
	};

	return cmocka_run_group_tests_name("compress: search results", tests, NULL, NULL);
}
