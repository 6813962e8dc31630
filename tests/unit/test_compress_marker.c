/* The one test that knows how markers are spelled. */
#include "core/compress/marker.h"
#include "core/compress/variant.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/random_text.h"

static const struct gutter_style tab = {.sep_n = 1, .sep = "\t"},
				 arrow = {.width = 6, .sep_n = 3, .sep = "\xe2\x86\x92"},
				 cat_n = {.width = 6, .sep_n = 1, .sep = "\t"},
				 colon = {.sep_n = 1, .sep = ":"},
				 colon_blank = {.sep_n = 2, .sep = ": "},
				 bar = {.width = 4, .sep_n = 3, .sep = " | "};

static str written(struct arena *a, const struct marker *m)
{
	struct buf b;

	buf_init_arena(&b, a, 1 << 20);
	marker_write(&b, m);
	return buf_str(&b);
}

static void check(struct bench *b, const struct marker *m, const char *want)
{
	struct marker back;
	str line = written(&b->arena, m);

	assert_str(line, want);
	assert_true(marker_parse(line, &back));
	assert_int_equal(back.kind, m->kind);
	assert_true(str_eq(written(&b->arena, &back), line));
}

static void number_columns_are_told_by_the_sign_between_the_numbers(void **state)
{
	check(*state, &(struct marker){MARKER_GUTTER, .from = 12, .to = 345, .style = tab},
		"[lines 12-345]");
	check(*state, &(struct marker){MARKER_GUTTER, .from = 12, .to = 345, .style = arrow},
		"[lines 12\xe2\x86\x92"
		"345]");
	check(*state, &(struct marker){MARKER_GUTTER, .from = 1, .to = 1, .style = cat_n},
		"[lines 1 to 1]");
	check(*state, &(struct marker){MARKER_GUTTER, .from = 9, .to = 10, .style = colon},
		"[lines 9:10]");
	check(*state, &(struct marker){MARKER_GUTTER, .from = 9, .to = 10, .style = colon_blank},
		"[lines 9: 10]");
	check(*state, &(struct marker){MARKER_GUTTER, .from = 9, .to = 10, .style = bar},
		"[lines 9-10, each after \"%4d | \"]");
	check(*state,
		&(struct marker){MARKER_GUTTER, .from = 80, .to = 137,
			.style = {.sep_n = 1, .sep = "-", .hits = STR(" 82 97")}},
		"[lines 80-137, matches 82 97]");
}

static void references_say_where_the_lines_stand(void **state)
{
	check(*state,
		&(struct marker){MARKER_SAME, .from = 3, .to = 40, .name = STR("Read main.c")},
		"[same as Read main.c lines 3-40]");
	check(*state, &(struct marker){MARKER_SAME, .is_whole = true, .name = STR("Write a.md")},
		"[same as Write a.md]");
	check(*state, &(struct marker){MARKER_SAME, .from = 3, .to = 3, .name = STR("Read main.c")},
		"[same as Read main.c line 3]");
	check(*state, &(struct marker){MARKER_SAME, .from = 3, .to = 40}, "[3-40 again]");
	check(*state, &(struct marker){MARKER_SAME, .from = 3, .to = 3}, "[3 again]");
	check(*state, &(struct marker){MARKER_SAME, .from = 3, .to = 40, .is_there = true},
		"[3-40 there]");
	check(*state, &(struct marker){MARKER_SAME, .from = 3, .to = 3, .is_there = true},
		"[3 there]");
	check(*state,
		&(struct marker){MARKER_SAME, .from = 3, .to = 40, .is_same_number = true,
			.name = STR("Read main.c")},
		"[lines 3..40 same as Read main.c]");
	check(*state,
		&(struct marker){MARKER_SAME, .from = 3, .to = 40, .is_same_number = true,
			.has_gutter = true, .style = arrow, .name = STR("Read main.c")},
		"[lines 3\xe2\x86\x92"
		"40 same as Read main.c]");
}

static void references_say_how_much_the_lines_are_indented(void **state)
{
	check(*state,
		&(struct marker){MARKER_SAME, .from = 3, .to = 40, .shift = {4, false, false}},
		"[3-40 again, indented 4 more]");
	check(*state,
		&(struct marker){MARKER_SAME, .from = 3, .to = 4, .is_there = true,
			.shift = {1, true, true}},
		"[3-4 there, indented 1 tab less]");
	check(*state,
		&(struct marker){MARKER_SAME, .from = 3, .to = 40, .name = STR("Read main.c"),
			.shift = {2, true, false}},
		"[same as Read main.c lines 3-40, indented 2 tabs more]");
	check(*state,
		&(struct marker){MARKER_SAME, .is_whole = true, .name = STR("Write a.md"),
			.shift = {8, false, true}},
		"[same as Write a.md, indented 8 less]");
	check(*state,
		&(struct marker){MARKER_SAME, .from = 3, .to = 40, .is_same_number = true,
			.name = STR("Read main.c"), .shift = {4, false, false}},
		"[lines 3..40 same as Read main.c, indented 4 more]");
}

static void a_shift_is_found_and_undone(void **state)
{
	static const struct {
		const char *old, *line;
		int n; /* less: negative */
		bool is_tab;
	} cases[] = {{"a", "    a", 4, false}, {"\t\ta", "\ta", -1, true},
		{"\ta", "    a", 0, false}, {"a", "a", 0, false}, {"", "  ", 0, false},
		{"  a", "   b", 0, false}, {"\ta", " \ta", 1, false}, {" a", "\t a", 1, true},
		{"\t a", "\t\t a", 1, true}, {"a", " \ta", 0, false}};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		str old = str_from(cases[i].old), line = str_from(cases[i].line), back;
		struct shift s = shift_between(old, line);

		assert_int_equal(s.is_less ? -(int)s.n : (int)s.n, cases[i].n);
		if (!s.n)
			continue;
		assert_int_equal(s.is_tab, cases[i].is_tab);
		assert_true(shift_fits(s, old, line));
		assert_true(shift_apply(s, old, &b->arena, &back));
		assert_str(back, cases[i].line);
		assert_true(shift_fits(s, STR_NULL, STR_NULL));
		assert_false(shift_fits(s, old, old));
		assert_true(shift_apply(s, STR_NULL, &b->arena, &back));
		assert_int_equal(back.n, 0);
	}
	assert_false(shift_apply((struct shift){2, false, true}, STR(" a"), &b->arena, &(str){0}));
}

static void variants_say_which_words_are_others(void **state)
{
	check(*state,
		&(struct marker){MARKER_VARIANT, .from = 7, .name = STR("Bash make"),
			.words = STR("\"2\" -> \"3\", \"a, but \" -> \"\"")},
		"[same as Bash make line 7, but \"2\" -> \"3\", \"a, but \" -> \"\"]");
	check(*state, &(struct marker){MARKER_VARIANT, .from = 7, .words = STR("\"2\" -> \"3\"")},
		"[same as line 7 above, but \"2\" -> \"3\"]");
}

static void repeats_and_common_beginnings_are_counted(void **state)
{
	check(*state, &(struct marker){MARKER_REPEAT, .count = 3}, "[3 more like the line above]");
	check(*state, &(struct marker){MARKER_EACH, .count = 12, .name = STR("src/core/")},
		"[12 lines, each: src/core/]");
	check(*state, &(struct marker){MARKER_EACH, .count = 2, .name = STR("[x] ")},
		"[2 lines, each: [x] ]");
}

static void what_is_no_marker_is_refused(void **state)
{
	static const char *const lines[] = {"", "[", "[]", "[lines]", "[lines 1]", "[lines 1-]",
		"[lines 2-1]", "[lines 01-2]", "[lines 1-02]", "[lines 1-2] ", " [lines 1-2]",
		"[lines 1-1000000000]", "[lines 1--2]", "[lines -1-2]", "[Lines 1-2]", "[lines 1-2",
		"lines 1-2]", "[lines 1 - 2]", "[lines 1-2, each after \"%4d | ]",
		"[lines 1-2, each after \"%04d | \"]", "[lines 1-2, each after \"%256d | \"]",
		"[lines 1-2, each after \"%4d123456789\"]", "[lines 1-2, each after \"%0d\t\"]",
		"[lines 1-2, each after \"%6d\xe2\x86\x92\"]", "[lines 1-9, matches]",
		"[lines 1-9, matches 10]", "[lines 5-9, matches 4]", "[lines 1-9, matches 3 2]",
		"[lines 1-9, matches 2 2]", "[lines 1-9, matches  2]", "[lines 1:9, matches 2]",
		"[same as ]", "[same as]", "[lines 3..4 same as ]", "[lines 3..4]",
		"[0 more like the line above]", "[1 more like the lines above]",
		"[more like the line above]", "[3 more like the line above]x", "[1 lines, each: a]",
		"[2 lines, each: ]", "[2 lines, each:a]", "[1, 2, 3]", "[3-3 again]", "[4-3 again]",
		"[3- again]", "[3 there ]", "[03 again]", "[3 again, indented 0 more]",
		"[3 again, indented 100 more]", "[3 again, indented 1 tabs more]",
		"[3 again, indented 2 tab more]", "[3 again, indented 2]", "[again]", "[there]",
		"[INFO] lines 1-2", "[ERROR: same as before]", "[2026-01-01]"};
	struct marker m;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(lines); i++)
		if (marker_parse(str_from(lines[i]), &m))
			fail_msg("taken for a marker: %s", lines[i]);
}

/* ---- any fields -------------------------------------------------------------------------------------------- */

static str random_name(struct rng *r, struct arena *a)
{
	static const char *const parts[] = {"Read", "main.c", "lines", "3-4", "line", "7", "but",
		"above", "same as", "again", "there", "indented", "4 more", "#2", "]", "[", ",",
		"..", "\"a\" -> \"b\"", "größe", "of", "src/"};
	struct buf b;

	buf_init_arena(&b, a, 1 << 20);
	for (uint32_t n = 1 + rng_below(r, 5); n; n--) {
		buf_add_c(&b, RNG_PICK(r, parts));
		if (n > 1)
			buf_add_byte(&b, ' ');
	}
	return buf_str(&b);
}

static struct gutter_style random_style(struct rng *r, const struct marker *m)
{
	struct gutter_style s = {
		.width = (uint8_t)rng_next(r), .sep_n = (uint8_t)rng_below(r, GUTTER_SEP_MAX + 1)};
	const struct gutter_style named[] = {tab, arrow, cat_n, colon, colon_blank};

	if (rng_once_in(r, 2))
		return RNG_PICK(r, named);
	for (uint8_t i = 0; i < s.sep_n; i++)
		s.sep[i] = (char)(0x20 + rng_below(r, 0x5f));
	if (rng_once_in(r, 4) && m->from > 100)
		return (struct gutter_style){.sep_n = 1, .sep = "-", .hits = STR_NULL};
	return s;
}

/* How a reference to lines is made: under the same numbers, to all, to the last one's, to this text. */
static void add_reference(struct rng *r, struct marker *m)
{
	m->is_same_number = rng_once_in(r, 2);
	m->is_whole = !m->is_same_number && rng_once_in(r, 2);
	if (m->is_same_number && rng_once_in(r, 2)) {
		m->style = cat_n;
		m->has_gutter = true;
	}
	if (!m->is_whole && !m->is_same_number && rng_once_in(r, 2)) {
		m->name = STR_NULL;
		m->is_there = rng_once_in(r, 2);
	}
	if (rng_once_in(r, 4))
		m->to = m->from;
	if (!m->has_gutter && rng_once_in(r, 3))
		m->shift = (struct shift){(uint8_t)(1 + rng_below(r, SHIFT_MAX)), rng_once_in(r, 2),
			rng_once_in(r, 2)};
}

static struct marker random_marker(struct rng *r, struct arena *a)
{
	static const char *const words[] = {
		"\"a\" -> \"b\"", "\"1\" -> \"\", \"x, but \" -> \"line 2\""};
	struct marker m = {.kind = (enum marker_kind)rng_below(r, 5)};

	m.from = rng_below(r, rng_once_in(r, 2) ? 20 : 500000000);
	m.to = m.from + rng_below(r, rng_once_in(r, 2) ? 20 : 400000000);
	m.name = random_name(r, a);
	switch (m.kind) {
	case MARKER_GUTTER:
		m.name = STR_NULL;
		m.style = random_style(r, &m);
		break;
	case MARKER_SAME:
		add_reference(r, &m);
		break;
	case MARKER_VARIANT:
		m.to = 0;
		m.words = str_from(RNG_PICK(r, words));
		m.name = rng_once_in(r, 3) ? STR_NULL : m.name;
		break;
	case MARKER_REPEAT:
	case MARKER_EACH:
		m.from = m.to = 0;
		m.count = 2 + rng_below(r, 999999990);
		if (m.kind == MARKER_REPEAT)
			m.name = STR_NULL;
		break;
	}
	if (m.is_whole)
		m.from = m.to = 0;
	return m;
}

static void assert_same_marker(const struct marker *got, const struct marker *want, str line)
{
	if (got->kind == want->kind && (want->is_whole || got->from == want->from) &&
		(want->is_whole || got->to == want->to) && got->count == want->count &&
		got->is_whole == want->is_whole && got->is_same_number == want->is_same_number &&
		got->has_gutter == want->has_gutter && got->is_there == want->is_there &&
		got->shift.n == want->shift.n && got->shift.is_tab == want->shift.is_tab &&
		got->shift.is_less == want->shift.is_less && str_eq(got->name, want->name) &&
		str_eq(got->words, want->words) && gutter_style_eq(&got->style, &want->style))
		return;
	fail_msg("read otherwise: " STR_FMT, STR_ARG(line));
}

static void reading_is_the_reverse_of_writing(void **state)
{
	struct bench *b = *state;
	struct rng r = rng_new(1);
	unsigned read = 0;

	for (int i = 0; i < 20000; i++) {
		struct marker m = random_marker(&r, &b->arena), back;
		str line;

		if (m.name.n && m.kind != MARKER_EACH && !marker_can_name(m.name, &b->arena))
			continue;
		line = written(&b->arena, &m);
		if (!marker_parse(line, &back))
			fail_msg("not read: " STR_FMT, STR_ARG(line));
		assert_same_marker(&back, &m, line);
		assert_true(marker_in_text(line));
		read++;
		if (i % 512 == 0)
			arena_reset(&b->arena);
	}
	assert_true(read > 15000);
}

static void a_name_that_reads_as_something_else_is_no_name(void **state)
{
	struct bench *b = *state;

	assert_true(marker_can_name(STR("Read main.c"), &b->arena));
	assert_true(marker_can_name(STR("Bash sed -n 1,5p x #2"), &b->arena));
	assert_true(marker_can_name(STR("lines 1-2"), &b->arena));
	assert_true(marker_can_name(STR("lines 1-2 above"), &b->arena));
	assert_false(marker_can_name(STR("Read x line 3"), &b->arena));
	assert_false(marker_can_name(STR("Read x, indented 4 more"), &b->arena));
	assert_false(marker_can_name(STR("Bash ls lines 1-2"), &b->arena));
	assert_false(marker_can_name(STR("Read x line 3, but \"a\" -> \"b\""), &b->arena));
	assert_false(marker_can_name(STR_NULL, &b->arena));
}

/* ---- texts that were compressed before -------------------------------------------------------------------- */

static void markers_are_found_where_they_stand_as_lines(void **state)
{
	static const char *const found[] = {"[lines 1-2]", "a\n[lines 1-2]\nb", "a\n[lines 1-2]",
		"[x]\n[same as Read a]\n", "x [1]\n[2] y\n[3 more like the line above]"};
	static const char *const not_found[] = {"", "a [lines 1-2]", "[lines 1-2] a", "\n\n[x]\n",
		"[lines 1-2]\r\n", "\t[lines 1-2]"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(found); i++)
		assert_true(marker_in_text(str_from(found[i])));
	for (size_t i = 0; i < ARRAY_N(not_found); i++)
		assert_false(marker_in_text(str_from(not_found[i])));
}

static void texts_that_ask_to_retrieve_by_hash_were_compressed_before(void **state)
{
	static const char *const found[] = {"x. Retrieve more: hash=abc123",
		"Retrieve original: hash=0", "Retrieve full diff: hash=f",
		"3 items compressed. hash=a", "<<ccr:abc>>", "run: headroom retrieve 0123456789ab",
		"original: headroom_retrieve 0123456789ab", "[1 CCR: hash=9]"};
	static const char *const not_found[] = {
		"hash=abc", "compressed.hash=abc", "Retrieve more", "ccr:"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(found); i++)
		assert_true(marker_in_text(str_from(found[i])));
	for (size_t i = 0; i < ARRAY_N(not_found); i++)
		assert_false(marker_in_text(str_from(not_found[i])));
}

/* ---- columns --------------------------------------------------------------------------------------------- */

static void columns_are_written_as_their_tools_write_them(void **state)
{
	static const struct gutter_style grep = {.sep_n = 1, .sep = "-", .hits = {" 82 97", 6}},
					 wide = {.width = 34, .sep_n = 1, .sep = ":"};
	const struct {
		const struct gutter_style *style;
		uint32_t number;
		const char *want;
	} cases[] = {{&tab, 7, "7\t"}, {&arrow, 12, "    12\xe2\x86\x92"},
		{&cat_n, 1234567, "1234567\t"}, {&bar, 99, "  99 | "}, {&bar, 100, " 100 | "},
		{&colon, 4294967295u, "4294967295:"}, {&colon_blank, 0, "0: "}, {&grep, 82, "82:"},
		{&grep, 83, "83-"}, {&wide, 12, "                                12:"}};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct buf out;

		buf_init_arena(&out, &b->arena, 100);
		gutter_write(&out, cases[i].style, cases[i].number);
		assert_str(buf_str(&out), cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(number_columns_are_told_by_the_sign_between_the_numbers),
		bench_test(references_say_where_the_lines_stand),
		bench_test(references_say_how_much_the_lines_are_indented),
		bench_test(a_shift_is_found_and_undone),
		bench_test(variants_say_which_words_are_others),
		bench_test(repeats_and_common_beginnings_are_counted),
		bench_test(what_is_no_marker_is_refused),
		bench_test(reading_is_the_reverse_of_writing),
		bench_test(a_name_that_reads_as_something_else_is_no_name),
		bench_test(markers_are_found_where_they_stand_as_lines),
		bench_test(texts_that_ask_to_retrieve_by_hash_were_compressed_before),
		bench_test(columns_are_written_as_their_tools_write_them),
	};

	return cmocka_run_group_tests_name("compress: markers", tests, NULL, NULL);
}
