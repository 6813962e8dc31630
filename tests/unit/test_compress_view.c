#include "core/base/hash.h"
#include "core/base/utf8.h"
#include "core/compress/view.h"
#include "tests/unit/compress_help.h"

#define LONG "this line is long enough to be found by itself, whatever stands behind it"

static const char *name_of(
	struct bench *b, const char *tool, const char *argument, const char *field)
{
	str name = view_name(b->view, str_from(tool), str_from(argument), str_from(field));

	return arena_cstr(&b->arena, name);
}

static void add_numbered_from(struct bench *b, const char *name, const char *text, uint32_t number)
{
	struct lines l = lines_split(&b->arena, str_from(text));

	view_add_source(b->view, str_from(name));
	for (uint32_t i = 0; i < l.n; i++)
		view_add_line(b->view, l.v[i], hash64(l.v[i]), number + i);
}

/* The best run for the text's first lines, numbered from number on, as "name from+n bytes whole". */
static const char *found_there(struct bench *b, const char *text, uint32_t number, str there)
{
	struct lines l = lines_split(&b->arena, str_from(text));
	struct view_run run = view_find(
		b->view, &(struct view_wanted){l, lines_hash(&b->arena, l), 0, l.n, number, there});

	if (!run.n)
		return "nothing";
	return arena_printf(&b->arena, STR_FMT " %u+%u %zu%s", STR_ARG(run.name), run.from, run.n,
		run.bytes, run.is_whole ? " whole" : "")
		.p;
}

static const char *found(struct bench *b, const char *text, uint32_t number)
{
	return found_there(b, text, number, STR_NULL);
}

/* ---- lines ------------------------------------------------------------------------------------------------ */

static void a_text_is_its_lines_joined_by_line_ends(void **state)
{
	static const char *const texts[] = {"", "\n", "a", "a\n", "a\nb", "\n\na\n\n", "a\r\nb"};
	static const uint32_t counts[] = {1, 2, 1, 2, 2, 5, 2};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		struct lines l = lines_split(&b->arena, str_from(texts[i]));
		uint64_t *hashes = lines_hash(&b->arena, l);
		struct buf joined;

		buf_init_arena(&joined, &b->arena, 100);
		assert_int_equal(l.n, counts[i]);
		for (uint32_t k = 0; k < l.n; k++) {
			if (k)
				buf_add_byte(&joined, '\n');
			buf_add(&joined, l.v[k]);
			assert_true(hashes[k] == hash64(l.v[k]));
		}
		assert_str(buf_str(&joined), texts[i]);
	}
	assert_int_equal(lines_split(&b->arena, STR_NULL).n, 1);
}

/* Lines are found by blocks of bytes; each text is exactly as long as it is, for the sanitizer to see. */
static void line_ends_are_found_wherever_they_stand(void **state)
{
	struct bench *b = *state;
	uint32_t seed = 1;

	for (size_t n = 1; n < 5000; n += n < 300 ? 1 : 1009) {
		char *text = arena_alloc(&b->arena, n, 1);
		const char *at = text;
		struct lines l;

		for (size_t i = 0; i < n; i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = (seed >> 24) % (n % 7 + 1) ? 'x' : '\n';
		}
		l = lines_split(&b->arena, (str){text, n});
		for (uint32_t i = 0; i < l.n; i++) {
			assert_true(l.v[i].p == at && (!l.v[i].n || !memchr(at, '\n', l.v[i].n)));
			at += l.v[i].n;
			assert_true(i + 1 == l.n || *at == '\n');
			at += i + 1 < l.n;
		}
		assert_true(at == text + n);
	}
}

/* ---- names ------------------------------------------------------------------------------------------------ */

static void a_name_says_tool_argument_and_field(void **state)
{
	struct bench *b = *state;

	assert_string_equal(name_of(b, "Bash", "make -j2", ""), "Bash make -j2");
	assert_string_equal(name_of(b, "Write", "notes.md", "content"), "Write notes.md content");
	assert_string_equal(name_of(b, "TodoWrite", "", ""), "TodoWrite");
	assert_string_equal(name_of(b, "", "", ""), "tool");
}

static void names_are_counted_from_the_second_on(void **state)
{
	struct bench *b = *state;

	assert_string_equal(name_of(b, "Bash", "make", ""), "Bash make");
	assert_string_equal(name_of(b, "Bash", "make", ""), "Bash make #2");
	assert_string_equal(name_of(b, "Bash", "make", ""), "Bash make #3");
	assert_string_equal(name_of(b, "Bash", "make #3", ""), "Bash make #3 #2");
	assert_string_equal(name_of(b, "Bash", "make #4", ""), "Bash make #4");
	assert_string_equal(name_of(b, "Bash", "make", ""), "Bash make #5");
	assert_string_equal(name_of(b, "Bash", "make clean", ""), "Bash make clean");
}

static void a_path_is_cut_to_what_tells_it_from_others(void **state)
{
	struct bench *b = *state;

	assert_string_equal(name_of(b, "Read", "/home/me/src/main.c", ""), "Read main.c");
	assert_string_equal(name_of(b, "Read", "/home/me/lib/main.c", ""), "Read lib/main.c");
	assert_string_equal(name_of(b, "Read", "/home/me/src/main.c", ""), "Read main.c #2");
	assert_string_equal(name_of(b, "Read", "/home/you/lib/main.c", ""), "Read you/lib/main.c");
	assert_string_equal(name_of(b, "Edit", "/home/me/lib/main.c", ""), "Edit lib/main.c");
	assert_string_equal(name_of(b, "Read", "main.c", ""), "Read main.c #3");
	assert_string_equal(name_of(b, "Read", "/", ""), "Read /");
	assert_string_equal(name_of(b, "Read", "//a//b", ""), "Read b");
}

static void an_argument_is_one_short_line_of_text(void **state)
{
	struct bench *b = *state;

	assert_string_equal(name_of(b, "Bash", "  ls -l\nrm x\n", ""), "Bash ls -l");
	assert_string_equal(name_of(b, "Bash",
				    "a\tb\x01"
				    "c\x7f"
				    "d",
				    ""),
		"Bash a b c d");
	assert_string_equal(name_of(b, "X", "\xff", ""), "X \xef\xbf\xbd");
	assert_string_equal(name_of(b, "a\nb", "", "c\nd"), "a c");
}

static void a_long_argument_is_cut_between_characters(void **state)
{
	struct bench *b = *state;

	for (unsigned ascii = 0; ascii < 4; ascii++) {
		struct buf argument;
		str name;

		buf_init_arena(&argument, &b->arena, 1000);
		buf_add(&argument, (str){"abc", ascii});
		for (int i = 0; i < 100; i++)
			buf_add_c(&argument, "\xe6\x97\xa5");
		name = view_name(b->view, STR("T"), buf_str(&argument), STR_NULL);
		assert_true(name.n > 20 && name.n < 100);
		assert_int_equal(utf8_valid_n(name), name.n);
		assert_int_equal((name.n - 2 - ascii) % 3, 0);
	}
}

static void many_results_of_one_name_cost_no_more_each(void **state)
{
	struct bench *b = *state;

	for (unsigned i = 0; i < 50000; i++)
		(void)view_name(b->view, STR("Bash"), STR_NULL, STR_NULL);
	assert_string_equal(name_of(b, "Bash", "", ""), "Bash #50001");
	assert_true(view_bytes(b->view) < 50u << 20);
}

/* ---- runs ------------------------------------------------------------------------------------------------ */

static void two_lines_in_a_row_are_found(void **state)
{
	struct bench *b = *state;

	add_numbered_from(b, "one", "a\nb\nc\nd", 1);
	assert_string_equal(found(b, "b\nc\nx", 9), "one 2+2 2");
	assert_string_equal(found(b, "a\nb\nc\nd\ne", 9), "one 1+4 4 whole");
	assert_string_equal(found(b, "b\nd", 9), "nothing");
	assert_string_equal(found(b, "b", 9), "nothing");
	assert_string_equal(found(b, "x\nb\nc", 9), "nothing");
}

static void a_long_line_is_found_by_itself(void **state)
{
	struct bench *b = *state;

	add_numbered_from(b, "one", "a\n" LONG "\nc", 1);
	assert_string_equal(found(b, LONG "\nx", 9), "one 2+1 73");
	assert_string_equal(found(b, LONG, 9), "one 2+1 73");
}

/* The same for lines that are indented otherwise. */
static const char *found_shifted(struct bench *b, const char *text)
{
	struct lines l = lines_split(&b->arena, str_from(text));
	struct keys k = keys_of(&b->arena, l);
	struct view_run run = view_find_shifted(b->view, l, &k, 0, l.n);

	if (!run.n)
		return "nothing";
	return arena_printf(&b->arena, STR_FMT " %u+%u %s%u%s%s", STR_ARG(run.name), run.from,
		run.n, run.shift.is_less ? "-" : "+", run.shift.n, run.shift.is_tab ? " tab" : "",
		run.is_whole ? " whole" : "")
		.p;
}

static void lines_with_another_indentation_are_found(void **state)
{
	struct bench *b = *state;

	add_numbered_from(b, "one",
		"if (is_ready_for_another_one_of_these(x)) "
		"{\n\tcall_something_that_takes_a_while_to_end_in_order(x);\n\n\treturn "
		"done;\n}\nend",
		1);
	assert_string_equal(
		found_shifted(b, "\tif (is_ready_for_another_one_of_these(x)) "
				 "{\n\t\tcall_something_that_takes_a_while_to_end_in_order(x);\n\n"
				 "\t\treturn done;\n\t}\nend"),
		"one 1+5 +1 tab");
	assert_string_equal(
		found_shifted(b, "  if (is_ready_for_another_one_of_these(x)) {\n  "
				 "\tcall_something_that_takes_a_while_to_end_in_order(x);\n"),
		"one 1+3 +2");
	assert_string_equal(
		found_shifted(b, "if (is_ready_for_another_one_of_these(x)) "
				 "{\n\tcall_something_that_takes_a_while_to_end_in_order(x);"),
		"nothing");
	assert_string_equal(
		found_shifted(b, "\tif (is_ready_for_another_one_of_these(x)) "
				 "{\n\tcall_something_that_takes_a_while_to_end_in_order(x);"),
		"one 1+1 +1 tab");
	assert_string_equal(found_shifted(b, "\treturn done;\n\t}"), "nothing"); /* too common */
	add_numbered_from(b, "two",
		"\t\tcall_something_else_that_takes_a_while(x);\n\t\treturn "
		"done_with_what_was_to_be_done_here_today;",
		1);
	assert_string_equal(found_shifted(b, "call_something_else_that_takes_a_while(x);\nreturn "
					     "done_with_what_was_to_be_done_here_today;"),
		"two 1+2 -2 tab whole");
}

static void cite(struct bench *b, const char *name, uint32_t from, uint32_t n, uint32_t number)
{
	view_cite_lines(
		b->view, &(struct view_cited){
				 .name = str_from(name), .from = from, .n = n, .number = number});
}

static void lines_that_are_cited_are_found_but_not_cited_again(void **state)
{
	struct bench *b = *state;

	add_numbered_from(b, "one", "a\nb\nc\nd", 1);
	add_numbered_from(b, "two", "x", 1);
	cite(b, "one", 2, 900000000, 2);
	assert_string_equal(found(b, "x\nb\nc\nd", 9), "two 1+4 4 whole");
	assert_string_equal(found(b, "b\nc", 9), "one 2+2 2"); /* verbatim, though older */
	add_numbered_from(b, "three", "y", 1);
	cite(b, "two", 1, 4, 2);
	assert_string_equal(found(b, "y\nx", 9), "three 1+2 2 whole");
	assert_string_equal(found(b, "y\nx\nb", 9), "three 1+2 2 whole");
	cite(b, "nothing", 1, 4, 5);
	cite(b, "one", 7, 4, 5);
	assert_int_equal(view_whole_n(b->view, STR("three")), 2);
}

static void more_lines_are_never_cited_than_stand_there(void **state)
{
	struct bench *b = *state;
	struct view_mark mark;
	size_t most;

	add_numbered_from(b, "one", "a\nb\nc\nd\ne\nf\ng\nh", 1);
	mark = view_mark(b->view);
	for (int again = 0; again < 2; again++) {
		for (uint32_t i = 0; i < 2000; i++) {
			view_add_source(b->view, STR("more"));
			cite(b, "one", 1, 8, 1);
		}
		most = view_mark(b->view).lines_n;
		assert_true(most > 1000 && most < 2200);
		view_rollback(b->view, mark);
	}
}

static void a_run_stays_within_its_source(void **state)
{
	struct bench *b = *state;

	add_numbered_from(b, "one", "a\nb", 1);
	add_numbered_from(b, "two", "c\nd", 3);
	assert_string_equal(found(b, "a\nb\nc\nd", 9), "one 1+2 2 whole");
	assert_string_equal(found(b, "b\nc", 9), "nothing");
}

static void the_longest_run_wins_then_the_same_number_then_the_newest(void **state)
{
	struct bench *b = *state;

	add_numbered_from(b, "one", "a\nb\nc", 10);
	add_numbered_from(b, "two", "a\nb\nx", 20);
	add_numbered_from(b, "three", "a\nb\ny", 30);
	assert_string_equal(found(b, "a\nb\nc", 20), "one 10+3 3");
	assert_string_equal(found(b, "a\nb\nz", 20), "two 20+2 2");
	assert_string_equal(found(b, "a\nb\nz", 5), "three 30+2 2");
	assert_string_equal(found(b, "a\nb\nz", UINT32_MAX), "three 30+2 2");
	/* the source that was named last needs no name again */
	assert_string_equal(found_there(b, "a\nb\nz", 20, STR("one")), "one 10+2 2");
	assert_string_equal(found_there(b, "a\nb\nx", 10, STR("one")), "two 20+3 3");
}

static void numbers_must_grow(void **state)
{
	struct bench *b = *state;
	size_t at;
	str line;

	view_add_source(b->view, STR("one"));
	view_add_line(b->view, STR("a"), hash64(STR("a")), 5);
	view_add_line(b->view, STR("b"), hash64(STR("b")), 5);
	view_add_line(b->view, STR("c"), hash64(STR("c")), 3);
	view_add_line(b->view, STR("d"), hash64(STR("d")), 7);
	assert_true(view_line(b->view, STR("one"), 5, &line));
	assert_str(line, "a");
	assert_true(view_line(b->view, STR("one"), 7, &line));
	assert_str(line, "d");
	assert_false(view_line(b->view, STR("one"), 3, &line));
	assert_false(view_line(b->view, STR("one"), 6, &line));
	assert_false(view_line(b->view, STR("two"), 5, &line));
	/* one behind the other, and from any on */
	at = VIEW_NO_LINE;
	assert_true(view_line_behind(b->view, STR("one"), 5, &at, &line));
	assert_false(view_line_behind(b->view, STR("one"), 6, &at, &line));
	assert_true(view_line_behind(b->view, STR("one"), 7, &at, &line));
	assert_str(line, "d");
	view_add_source(b->view, STR("two"));
	view_add_line(b->view, STR("e"), hash64(STR("e")), 8);
	assert_false(view_line_behind(b->view, STR("one"), 8, &at, &line));
	assert_true(view_line_behind(b->view, STR("one"), 5, &at, &line));
	assert_str(line, "a");
	assert_false(view_line(b->view, STR("one"), 8, &line));
	/* not in a row: their numbers are not */
	assert_string_equal(found(b, "a\nd", 1), "nothing");
}

static void only_a_source_from_line_one_on_is_whole(void **state)
{
	struct bench *b = *state;

	add_numbered_from(b, "one", "a\nb", 1);
	add_numbered_from(b, "two", "a\nb", 2);
	assert_int_equal(view_whole_n(b->view, STR("one")), 2);
	assert_int_equal(view_whole_n(b->view, STR("two")), 0);
	assert_int_equal(view_whole_n(b->view, STR("three")), 0);
}

static void a_rollback_takes_away_what_came_after_the_mark(void **state)
{
	struct bench *b = *state;
	struct view_mark mark;

	add_numbered_from(b, "one", "a\nb\n" LONG, 1);
	mark = view_mark(b->view);
	for (int i = 0; i < 3; i++) {
		add_numbered_from(b, "two", "a\nb\nc\n" LONG, 1);
		assert_string_equal(found(b, "a\nb\nc", 9), "two 1+3 3");
		view_rollback(b->view, mark);
		assert_string_equal(found(b, "a\nb\nc", 9), "one 1+2 2");
		assert_string_equal(found(b, LONG, 9), "one 3+1 73");
		assert_int_equal(view_whole_n(b->view, STR("two")), 0);
	}
	view_rollback(b->view, (struct view_mark){0});
	assert_string_equal(found(b, "a\nb", 9), "nothing");
}

static void a_rollback_within_a_source_shortens_it(void **state)
{
	struct bench *b = *state;
	struct view_mark mark;

	add_numbered_from(b, "one", "a\nb", 1);
	mark = view_mark(b->view);
	view_add_line(b->view, STR("c"), hash64(STR("c")), 3);
	assert_int_equal(view_whole_n(b->view, STR("one")), 3);
	view_rollback(b->view, mark);
	assert_int_equal(view_whole_n(b->view, STR("one")), 2);
	view_add_line(b->view, STR("d"), hash64(STR("d")), 3);
	assert_string_equal(found(b, "b\nd", 9), "one 2+2 2");
}

static void many_lines_are_found_again(void **state)
{
	struct bench *b = *state;

	for (unsigned i = 0; i < 200; i++) {
		str text = arena_printf(&b->arena, "%u\n%u\n%u\n%u", i, i * 7, i * 11, i * 13);

		add_numbered_from(
			b, arena_printf(&b->arena, "s%u", i).p, arena_cstr(&b->arena, text), 1);
	}
	assert_string_equal(found(b, "77\n121\n143", 9), "s11 2+3 8");
	assert_string_equal(found(b, "199\n1393\n2189\n2587", 9), "s199 1+4 15 whole");
}

static void a_line_like_an_earlier_one_is_found(void **state)
{
	static const char old[] = LONG " and goes on for a while: 17 of 42 are done by now";
	static const char like[] = LONG " and goes on for a while: 18 of 42 are done by now";
	struct bench *b = *state;
	struct view_run run;
	str found_line;

	add_numbered_from(b, "one", old, 4);
	run = view_find_like(b->view, STR(like), &found_line);
	assert_int_equal(run.n, 1);
	assert_int_equal(run.from, 4);
	assert_str(run.name, "one");
	assert_str(found_line, old);
	assert_int_equal(view_find_like(b->view, STR("short"), &found_line).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(a_text_is_its_lines_joined_by_line_ends),
		bench_test(line_ends_are_found_wherever_they_stand),
		bench_test(a_name_says_tool_argument_and_field),
		bench_test(names_are_counted_from_the_second_on),
		bench_test(a_path_is_cut_to_what_tells_it_from_others),
		bench_test(an_argument_is_one_short_line_of_text),
		bench_test(a_long_argument_is_cut_between_characters),
		bench_test(many_results_of_one_name_cost_no_more_each),
		bench_test(two_lines_in_a_row_are_found),
		bench_test(a_long_line_is_found_by_itself),
		bench_test(lines_with_another_indentation_are_found),
		bench_test(lines_that_are_cited_are_found_but_not_cited_again),
		bench_test(more_lines_are_never_cited_than_stand_there),
		bench_test(a_run_stays_within_its_source),
		bench_test(the_longest_run_wins_then_the_same_number_then_the_newest),
		bench_test(numbers_must_grow),
		bench_test(only_a_source_from_line_one_on_is_whole),
		bench_test(a_rollback_takes_away_what_came_after_the_mark),
		bench_test(a_rollback_within_a_source_shortens_it),
		bench_test(many_lines_are_found_again),
		bench_test(a_line_like_an_earlier_one_is_found),
	};

	return cmocka_run_group_tests_name("compress: the view", tests, NULL, NULL);
}
