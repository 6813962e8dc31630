#include "core/compress/hoist.h"
#include "tests/unit/compress_help.h"

#define DEEP                                                                                   \
	"node_modules/@typescript-eslint/eslint-plugin/node_modules/@typescript-eslint/utils/" \
	"dist/"

/* The text's lines hoisted, without the empty one at its end. pinned: a '1' for every line that is. */
static str hoisted(struct bench *b, const char *text, const char *pinned, bool *is_done)
{
	struct lines l = lines_split(&b->arena, str_from(text));
	bool *is_pinned = arena_array(&b->arena, bool, l.n), is_first = true;
	struct buf out;
	struct hoist h = {TOKEN_O200K, NULL, &b->arena, &out, &is_first};

	for (size_t i = 0; pinned[i]; i++)
		is_pinned[i] = pinned[i] == '1';
	buf_init_arena(&out, &b->arena, 1 << 20);
	*is_done = hoist_lines(&h, l.v, is_pinned, l.n);
	return buf_str(&out);
}

/* How many markers of that kind the text holds, and the first one's count. */
static unsigned markers(str text, uint32_t *count)
{
	unsigned n = 0;

	for (str line; str_next_line(&text, &line, NULL);) {
		struct marker m;

		if (!marker_parse(line, &m) || m.kind != MARKER_EACH)
			continue;
		if (!n++)
			*count = m.count;
	}
	return n;
}

static void assert_restored(struct bench *b, str text, const char *want)
{
	str decoded;

	assert_true(rendered_decode(b->view, text, false, &b->arena, &decoded));
	assert_str(decoded, want);
}

static const char files[] = "src/core/compress/encode.c\nsrc/core/compress/fold.c\n"
			    "src/core/compress/gutter.c\nsrc/core/compress/hoist.c";

static void a_common_beginning_is_said_once(void **state)
{
	struct bench *b = *state;
	uint32_t count = 0;
	bool is_done;
	str out = hoisted(b, files, "", &is_done);

	assert_true(is_done);
	assert_int_equal(markers(out, &count), 1);
	assert_int_equal(count, 4);
	assert_true(str_ends(out, STR("\nencode.c\nfold.c\ngutter.c\nhoist.c")));
	assert_restored(b, out, files);
}

/* "[4 lines, each: src/core/….c]": the end, too, and a piece in the middle. */
static void a_common_end_and_middle_are_said_once(void **state)
{
	static const char ends[] = "test store::index::tests::opens_empty ... passed in time\n"
				   "test store::index::tests::keeps_order ... passed in time\n"
				   "test store::index::tests::a_key ... passed in time\n"
				   "test store::index::tests::all_of_it ... passed in time";
	static const char middles[] =
		"Requirement already satisfied: numpy in /usr/lib/python3/site-packages (2.1.0)\n"
		"Requirement already satisfied: attrs>=19 in /usr/lib/python3/site-packages "
		"(23.2)\n"
		"Requirement already satisfied: tomli>=1,<3 in /usr/lib/python3/site-packages "
		"(2.0.1)\n"
		"Requirement already satisfied: six in /usr/lib/python3/site-packages ()";
	struct bench *b = *state;
	bool is_done;
	str out = hoisted(b, ends, "", &is_done);

	assert_str(out,
		"[4 lines, each: test store::index::tests::\xe2\x80\xa6 ... passed in time]\n"
		"opens_empty\nkeeps_order\na_key\nall_of_it");
	assert_restored(b, out, ends);
	out = hoisted(b, middles, "", &is_done);
	assert_str(out, "[4 lines, each: Requirement already satisfied: \xe2\x80\xa6 in "
			"/usr/lib/python3/site-packages (\xe2\x80\xa6]\n"
			"numpy \xe2\x80\xa6 2.1.0)\nattrs>=19 \xe2\x80\xa6 23.2)\n"
			"tomli>=1,<3 \xe2\x80\xa6 2.0.1)\nsix \xe2\x80\xa6 )");
	assert_restored(b, out, middles);
}

/* A line that has the sign of a hole is in no such group, and no beginning has it. */
static void the_sign_of_a_hole_in_a_line_stays_itself(void **state)
{
	static const char text[] =
		"Requirement already satisfied: a in /usr/lib/python3/site-packages "
		"(\xe2\x80\xa6)\n"
		"Requirement already satisfied: b \xe2\x80\xa6 in /usr/lib/python3/site-packages "
		"(2)\n"
		"Requirement already satisfied: \xe2\x80\xa6 in /usr/lib/python3/site-packages "
		"(3)\n"
		"wait for it \xe2\x80\xa6 and then: one\nwait for it \xe2\x80\xa6 and then: two\n"
		"wait for it \xe2\x80\xa6 and then: three\nwait for it \xe2\x80\xa6 and then: four";
	struct bench *b = *state;
	bool is_done;
	str out = hoisted(b, text, "", &is_done);

	for (str line, rest = out; str_next_line(&rest, &line, NULL);) {
		struct marker m;

		if (marker_parse(line, &m))
			assert_int_equal(str_find(m.name, STR("\xe2\x80\xa6")), STR_NONE);
	}
	assert_restored(b, out, text);
}

static void damaged_holes_are_refused(void **state)
{
	struct bench *b = *state;
	str decoded;

	assert_true(rendered_decode(
		b->view, STR("[2 lines, each: a\xe2\x80\xa6z]\nb\nc"), false, &b->arena, &decoded));
	assert_str(decoded, "abz\nacz");
	assert_false(rendered_decode(b->view,
		STR("[2 lines, each: a\xe2\x80\xa6y\xe2\x80\xa6z]\nb \xe2\x80\xa6 c\nc"), false,
		&b->arena, &decoded));
	assert_false(rendered_decode(b->view,
		STR("[2 lines, each: a\xe2\x80\xa6z]\nb \xe2\x80\xa6 c\nd"), false, &b->arena,
		&decoded));
	assert_false(rendered_decode(b->view,
		STR("[2 lines, each: a\xe2\x80\xa6y\xe2\x80\xa6x\xe2\x80\xa6z]\nb \xe2\x80\xa6 "
		    "c\nc "
		    "\xe2\x80\xa6 d"),
		false, &b->arena, &decoded));
}

static void two_lines_are_enough_for_a_path(void **state)
{
	static const char paths[] = DEEP "users.test.ts\n" DEEP "items.test.ts";
	static const char words[] = "warning: the first thing\nwarning: another thing";
	struct bench *b = *state;
	bool is_done;

	(void)hoisted(b, paths, "", &is_done);
	assert_true(is_done);
	assert_str(hoisted(b, words, "", &is_done), words);
	assert_false(is_done);
}

static void a_beginning_within_a_beginning_is_said_once_too(void **state)
{
	static const char text[] = "packages/server/source/routes/users.test.ts\n"
				   "packages/server/source/routes/items.test.ts\n"
				   "packages/server/source/routes/index.test.ts\n"
				   "packages/server/source/models/users.test.ts\n"
				   "packages/server/source/models/items.test.ts\n"
				   "packages/server/source/models/index.test.ts";
	struct bench *b = *state;
	uint32_t count = 0;
	bool is_done;
	str out = hoisted(b, text, "", &is_done);

	assert_true(is_done);
	assert_true(markers(out, &count) >= 1);
	assert_restored(b, out, text);
}

static void words_are_not_cut(void **state)
{
	static const char text[] =
		"implementation of one\nimplementations of two\nimplementation of three";
	struct bench *b = *state;
	bool is_done;
	str out = hoisted(b, text, "", &is_done);

	assert_restored(b, out, text);
	for (str line; str_next_line(&out, &line, NULL);)
		assert_false(str_eq_c(line, "s of two"));
}

static void pinned_lines_stay_as_they_are(void **state)
{
	struct bench *b = *state;
	bool is_done;
	str out = hoisted(b, files, "0010", &is_done);

	assert_true(str_find(out, STR("\nsrc/core/compress/gutter.c")) != STR_NONE);
	assert_restored(b, out, files);
	assert_str(hoisted(b, files, "1111", &is_done), files);
	assert_false(is_done);
}

static void what_does_not_pay_is_left(void **state)
{
	static const char *const texts[] = {"", "a", "a\nb\nc", "x: 1\nx: 2\nx: 3", "\n\n\n",
		"          a\n          b\n          c"};
	struct bench *b = *state;
	bool is_done;

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		assert_str(hoisted(b, texts[i], "", &is_done), texts[i]);
		assert_false(is_done);
	}
}

static void a_rest_may_be_empty_or_hold_any_byte(void **state)
{
	static const char text[] = DEEP "\n" DEEP "a\0b\n" DEEP "\xff";
	struct bench *b = *state;
	struct lines l = lines_split(&b->arena, STR(text));
	bool is_pinned[3] = {false}, is_first = true;
	struct buf out;
	struct hoist h = {TOKEN_O200K, NULL, &b->arena, &out, &is_first};
	str decoded;

	buf_init_arena(&out, &b->arena, 1 << 20);
	assert_true(hoist_lines(&h, l.v, is_pinned, l.n));
	assert_true(rendered_decode(b->view, buf_str(&out), false, &b->arena, &decoded));
	assert_true(str_eq(decoded, STR(text)));
}

/* A word that is one token behind a blank and more without it: taking "format " away from before it saves
 * nothing. */
static bool is_glued(str word)
{
	if (word.n < 6 || *word.p != ' ')
		return false;
	for (size_t i = 1; i < word.n; i++)
		if (word.p[i] < 'a' || word.p[i] > 'z')
			return false;
	return token_count(TOKEN_O200K, str_sub(word, 1, word.n), NULL) > 1;
}

static void lines_that_only_look_worth_it_are_tried_in_linear_time(void **state)
{
	struct bench *b = *state;
	unsigned lines = 0;
	struct buf text;
	bool is_done;

	buf_init_arena(&text, &b->arena, 1 << 24);
	for (uint32_t id = 0; lines < 60000; id = (id + 1) % 100000) {
		str word = token_bytes(TOKEN_O200K, id);

		if (!is_glued(word))
			continue;
		buf_add_c(&text, "format");
		buf_add(&text, word);
		buf_add_byte(&text, '\n');
		lines++;
	}
	buf_add_byte(&text, '\0');
	(void)hoisted(b, text.p, "", &is_done); /* takes minutes when it is not */
	assert_false(is_done);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(a_common_beginning_is_said_once),
		bench_test(a_common_end_and_middle_are_said_once),
		bench_test(the_sign_of_a_hole_in_a_line_stays_itself),
		bench_test(damaged_holes_are_refused),
		bench_test(two_lines_are_enough_for_a_path),
		bench_test(a_beginning_within_a_beginning_is_said_once_too),
		bench_test(words_are_not_cut),
		bench_test(pinned_lines_stay_as_they_are),
		bench_test(what_does_not_pay_is_left),
		bench_test(a_rest_may_be_empty_or_hold_any_byte),
		bench_test(lines_that_only_look_worth_it_are_tried_in_linear_time),
	};

	return cmocka_run_group_tests_name("compress: common beginnings", tests, NULL, NULL);
}
