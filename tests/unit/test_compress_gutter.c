#include "core/compress/gutter.h"
#include "tests/unit/compress_help.h"

/* What is found, as "first+n number width<sep>" of every segment, one after the other. */
static const char *found(struct bench *b, const char *text, bool is_file_view)
{
	struct lines l = lines_split(&b->arena, str_from(text));
	struct gutter g = gutter_find(&b->arena, l, is_file_view);
	struct buf out;

	buf_init_arena(&out, &b->arena, 10000);
	for (uint32_t i = 0; i < g.n; i++) {
		const struct gutter_segment *s = &g.v[i];

		buf_printf(&out, "%s%u+%u %u %u<%.*s%.*s>", i ? " " : "", s->first, s->n, s->number,
			s->style.width, s->style.sep_n, s->style.sep, STR_ARG(s->style.hits));
		for (uint32_t k = s->first; k < s->first + s->n; k++) {
			struct buf line;

			buf_init_arena(&line, &b->arena, 10000);
			gutter_write(&line, &s->style, s->number + (k - s->first));
			buf_add(&line, gutter_body(s, l.v[k]));
			assert_true(str_eq(buf_str(&line), l.v[k]));
		}
	}
	buf_add_byte(&out, '\0');
	return out.p;
}

static void every_client_has_its_own_column(void **state)
{
	struct bench *b = *state;

	assert_string_equal(found(b, "1\talpha\n2\tbeta\n3\t", true), "0+3 1 0<\t>");
	assert_string_equal(found(b,
				    "     9\xe2\x86\x92"
				    "a\n    10\xe2\x86\x92"
				    "b",
				    true),
		"0+2 9 6<\xe2\x86\x92>");
	assert_string_equal(found(b, "     1\ta\n     2\tb", true), "0+2 1 6<\t>");
	assert_string_equal(found(b, "[File: a]\n1:a\n2:b\n(3 more lines)", true), "1+2 1 0<:>");
	assert_string_equal(
		found(b, "<content>\n1: a\n2: b\n\n(End)\n</content>", true), "1+2 1 0<: >");
	assert_string_equal(found(b, "  95 | a\n  96 | b", true), "0+2 95 4< | >");
	assert_string_equal(
		found(b, " 1 \xe2\x94\x82 a\n 2 \xe2\x94\x82 b", true), "0+2 1 2< \xe2\x94\x82 >");
	assert_string_equal(found(b, "1| a\n2| b", true), "0+2 1 0<| >");
	assert_string_equal(found(b, "1|a\n2|b", true), "0+2 1 0<|>");
}

static void columns_grow_with_their_numbers(void **state)
{
	struct bench *b = *state;

	assert_string_equal(found(b, "9\ta\n10\tb\n11\tc", true), "0+3 9 0<\t>");
	assert_string_equal(found(b, " 9: a\n10: b", true), "0+2 9 2<: >");
	assert_string_equal(found(b, "  99 | a\n 100 | b", true), "0+2 99 4< | >");
	assert_string_equal(
		found(b, "   999998\ta\n   999999\tb\n  1000000\tc", true), "0+3 999998 9<\t>");
	assert_string_equal(found(b, "99: a\n100: b", true), "0+2 99 0<: >");
	/* aligned to two, and then it is not */
	assert_string_equal(found(b, " 9: a\n 10: b\n 11: c", true), "1+2 10 3<: >");
}

static void a_gap_in_the_numbers_ends_a_column(void **state)
{
	struct bench *b = *state;

	assert_string_equal(found(b, "1\ta\n2\tb\n4\td\n5\te", true), "0+2 1 0<\t> 2+2 4 0<\t>");
	assert_string_equal(
		found(b, "1\ta\n2\tb\n...\n7\tc\n8\td", true), "0+2 1 0<\t> 3+2 7 0<\t>");
	assert_string_equal(found(b, "1\ta\n1\tb\n2\tc", true), "1+2 1 0<\t>");
	assert_string_equal(found(b, "2\ta\n1\tb", true), "");
	assert_string_equal(found(b, "1\ta", true), "");
	assert_string_equal(found(b, "01\ta\n02\tb", true), "");
	assert_string_equal(found(b, "-1\ta\n0\tb\n1\tc", true), "1+2 0 0<\t>");
	assert_string_equal(found(b, "123456789\ta\n123456790\tb", true), "");
}

static void the_longer_column_is_taken(void **state)
{
	struct bench *b = *state;

	/* ": " for the first two, ":" for all four */
	assert_string_equal(found(b, "1: a\n2: b\n3:c\n4:d", true), "0+4 1 0<:>");
	assert_string_equal(found(b, "1: a\n2: b", true), "0+2 1 0<: >");
	assert_string_equal(found(b, "1:\n2:\n3:", true), "0+3 1 0<:>");
}

static void tables_and_lists_are_no_columns(void **state)
{
	struct bench *b = *state;

	assert_string_equal(found(b, "1\tx\n2\ty\n3\tz", false), "");
	assert_string_equal(found(b, "1: x\n2: y", false), "");
	assert_string_equal(found(b, "1:x\n2:y", false), "");
	assert_string_equal(found(b, "1 | x\n2 | y", false), "");
	assert_string_equal(found(b, "  1\tx\n  2\ty", false), "");
	assert_string_equal(found(b, "1. x\n2. y", true), "");
	assert_string_equal(found(b, "1) x\n2) y", true), "");
	assert_string_equal(found(b, "1 x\n2 y", true), "");
	/* these cannot be anything else */
	assert_string_equal(found(b, "     1\tx\n     2\ty", false), "0+2 1 6<\t>");
	assert_string_equal(found(b,
				    "1\xe2\x86\x92"
				    "x\n2\xe2\x86\x92"
				    "y",
				    false),
		"0+2 1 0<\xe2\x86\x92>");
}

/* Numbers that count up for long are a column, whoever has printed them; blanks in front make it surer. */
static void many_lines_in_a_row_are_a_column(void **state)
{
	struct bench *b = *state;

	assert_string_equal(
		found(b, "1:a\n2:b\n3:\n4:d\n5:e\n6:f\n7:g\n8:h\n9:i\n10:j\n11:k", false), "");
	assert_string_equal(
		found(b, "x\n1:a\n2:b\n3:\n4:d\n5:e\n6:f\n7:g\n8:h\n9:i\n10:j\n11:k\n12:l\ny",
			false),
		"1+12 1 0<:>");
	assert_string_equal(found(b, "     8 a\n     9 \n    10     b\n    11 c\n    13 d", false),
		"0+4 8 6< >");
	assert_string_equal(found(b, "     8 a\n     9 \n    10 b", true), "");
	assert_string_equal(found(b, " 8 a\n 9 b\n10 c\n11 d\n12 e", true), "");
	/* a table with a key: its cells say more than a number */
	assert_string_equal(
		found(b,
			"1\ta\n2\tb\n3\tc\n4\td\n5\te\n6\tf\n7\tg\n8\th\n9\ti\n10\tj\n11\tk\n12\tl",
			false),
		"");
}

static void grep_with_context_has_two_signs(void **state)
{
	struct bench *b = *state;

	assert_string_equal(found(b, "80-a\n81-b\n82:c\n83-d", true), "0+4 80 0<- 82>");
	assert_string_equal(found(b, "80-a\n81:b\n82:c\n--\n90-d\n91:e", true),
		"0+3 80 0<- 81 82> 4+2 90 0<- 91>");
	assert_string_equal(found(b, "80-a\n81-b\n82-c", true), "");
	assert_string_equal(found(b, "80-a\n81:b\n82-c", false), "");
}

static void a_text_of_any_size_is_searched_in_one_go(void **state)
{
	struct bench *b = *state;
	struct buf text;

	buf_init_arena(&text, &b->arena, 1 << 24);
	for (unsigned i = 0; i < 100000; i++)
		buf_printf(&text, "%u\tx\n", i + 1);
	buf_add_byte(&text, '\0');
	assert_string_equal(found(b, text.p, false), ""); /* takes minutes when it is not */
	text.n = 0;
	for (unsigned i = 0; i < 100000; i++)
		buf_printf(&text, "%u-x\n", i + 1);
	buf_add_byte(&text, '\0');
	assert_string_equal(found(b, text.p, true), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(every_client_has_its_own_column),
		bench_test(columns_grow_with_their_numbers),
		bench_test(a_gap_in_the_numbers_ends_a_column),
		bench_test(the_longer_column_is_taken),
		bench_test(tables_and_lists_are_no_columns),
		bench_test(many_lines_in_a_row_are_a_column),
		bench_test(grep_with_context_has_two_signs),
		bench_test(a_text_of_any_size_is_searched_in_one_go),
	};

	return cmocka_run_group_tests_name("compress: number columns", tests, NULL, NULL);
}
