/* First lines of results to short words and back. What they look like is shown in tests/golden/render/confirmations. */
#include "core/compress/echo.h"
#include "tests/unit/compress_help.h"

#define PATH "/home/me/src/main.c"

static const char *const said[] = {"The file " PATH " has been updated successfully.",
	"The file " PATH " has been updated successfully. (file state is current in your context "
	"\xe2\x80\x94 no need to Read it back)",
	"File created successfully at: " PATH "\nmore of " PATH,
	"The file " PATH
	" has been edited. Here's the result of running `cat -n` on a snippet of " PATH ":\n1\ta\n",
	"Here's the result of running `cat -n` on " PATH ":\n\n",
	"Successfully replaced text in " PATH ". Changed 1 characters to 2 characters.",
	PATH " and " PATH " again", PATH};

static void what_is_shortened_comes_back(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(said); i++) {
		str text = str_from(said[i]), shorter = echo_shorten(text, STR(PATH), &b->arena);

		assert_true(shorter.n < text.n);
		assert_false(echo_is_in(text));
		assert_true(echo_is_in(shorter));
		assert_str(echo_restore(shorter, STR(PATH), &b->arena), said[i]);
	}
}

static void what_is_behind_the_first_line_stays(void **state)
{
	struct bench *b = *state;
	str text = STR("The file " PATH " has been updated successfully.\n" PATH "\n(updated)");
	str shorter = echo_shorten(text, STR(PATH), &b->arena);

	assert_str(shorter, "(updated)\n" PATH "\n(updated)");
	assert_true(str_eq(echo_restore(shorter, STR(PATH), &b->arena), text));
}

static void other_texts_are_none_of_its_business(void **state)
{
	static const char *const texts[] = {"", ("\n" PATH),
		"The file x has been updated successfully.", "a (updated) b",
		"(still current) or not"};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		str text = str_from(texts[i]);

		assert_true(echo_shorten(text, STR(PATH), &b->arena).p == text.p);
		assert_true(echo_restore(text, STR(PATH), &b->arena).p == text.p);
		assert_false(echo_is_in(text));
	}
	/* a path that is no longer than its word */
	assert_str(echo_shorten(STR("the file a.c is here"), STR("a.c"), &b->arena),
		"the file a.c is here");
}

static void a_text_that_says_so_itself_is_left_alone(void **state)
{
	static const char *const texts[] = {"(updated) " PATH " by hand, and looked at once more",
		"look at (path) before you open " PATH " in the editor",
		"open " PATH " as long as it is there (still current)"};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		struct encode_in in = {
			.text = str_from(texts[i]), .tool = TOOL_FILE, .path = STR(PATH)};

		assert_int_equal(bench_encode(b, &in).reason, ENCODE_ALREADY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(what_is_shortened_comes_back),
		bench_test(what_is_behind_the_first_line_stays),
		bench_test(other_texts_are_none_of_its_business),
		bench_test(a_text_that_says_so_itself_is_left_alone),
	};

	return cmocka_run_group_tests_name("compress: first lines", tests, NULL, NULL);
}
