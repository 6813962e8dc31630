/* Documents in Markdown of which a share was asked for: what goes of tables, quotes and blocks of code, and what stays of them. */
#include "tests/unit/prose_help.h"

#include "core/compress/prose/rows.h"

static str elided(str text, double keep, struct arena *a)
{
	str out;

	assert_true(prose_elide(text, STR_NULL, keep, a, &out));
	assert_true(prose_holds(text, out, a));
	return out;
}

static bool has(str text, const char *what)
{
	return str_find(text, str_from(what)) != STR_NONE;
}

/* Sentences, so that it is prose, then what is in question. */
static str document(const char *end, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_c(&b, "# A title\n\n");
	for (int i = 0; i < 80; i++)
		buf_add_c(&b, i % 2 ? "People walk slowly over there by the river.\n\n"
				    : "It was a green morning, as they say. ");
	buf_add_c(&b, end);
	return buf_str(&b);
}

static const char table[] = "| name   | what it is about for people who read it       |\n"
			    "|--------|-----------------------------------------------|\n"
			    "| people of the old house | people who walk over there |\n"
			    "| rivers | the weather by the river is said to be green  |\n"
			    "| mills  | the talk by the mill has 12 parts for people  |\n";

static void of_tables_long_cells_go_but_heads_and_names(void **state)
{
	struct arena a = ARENA_INIT;
	str out = elided(document(table, &a), 0.01, &a);

	(void)state;
	assert_true(has(out, "| name | what it is about for people who read it |\n|---|---|\n"));
	assert_true(has(out, "| people of the old house | … |\n| rivers | … |\n"));
	assert_true(has(out, "12 parts for"));
	out = elided(document(table, &a), 0, &a); /* nobody asked */
	assert_true(has(out, "| rivers | the weather by the river is said to be green |\n"));
	arena_release(&a);
}

static const char code[] = "```sh\n"
			   "# how it is made\n"
			   "make the_house\n"
			   "# talk about it\n"
			   "- walk over there\n"
			   "\n"
			   "make the_river # 12\n"
			   "make green\n"
			   "make http://river:80\n"
			   "make green && walk slowly\n"
			   "}\n"
			   "```\n\n"
			   "It is over at http://river:80 for now.\n";

static void of_code_lines_go_but_the_first_and_what_must_stay(void **state)
{
	struct arena a = ARENA_INIT;
	str out = elided(document(code, &a), 0.01, &a);

	(void)state;
	assert_true(has(out, "```sh\n# how it is made\nmake the_house\n…\n\n"
			     "make the_river # 12\n…\nmake http://river:80\n…\n```\n"));
	assert_true(has(out, " lines of code left out"));
	out = elided(document(code, &a), 0, &a);
	assert_true(has(out, code));
	assert_false(has(out, "of code left out"));
	arena_release(&a);
}

/* Names that are said in code alone go, after all else; what defines something stays. */
static void of_code_names_go_but_what_it_defines(void **state)
{
	static const char end[] = "```python\nimport over_there\nthe_mill = over_there.walk()\n"
				  "def the_river(slow_people):\n    the_weather(slow_people)\n"
				  "    return green_talk\nthe_house(by_the_river)\n```\n\n"
				  "People said green_talk to the_house.\n";
	struct arena a = ARENA_INIT;
	str out = elided(document(end, &a), 0.01, &a);

	(void)state;
	assert_true(has(out, "```python\nimport over_there\n…\ndef the_river(slow_people):\n"));
	assert_false(has(out, "the_weather"));
	/* they are said outside of it */
	assert_true(has(out, "green_talk") && has(out, "the_house"));
	assert_true(has(elided(document(end, &a), 0.6, &a), "the_mill"));
	arena_release(&a);
}

static void of_code_alone_nothing_goes(void **state)
{
	struct arena a = ARENA_INIT;
	struct codec_in in = {.kind = KIND_TEXT, .route = STR(PROSE_ROUTE), .keep = 0.3};
	struct codec_out out;
	struct buf b;

	(void)state;
	buf_init_arena(&b, &a, LIMIT_INPUT);
	buf_add_c(&b, "It is a file.\n\n```\n");
	for (int i = 0; i < 200; i++)
		buf_add_c(&b, "walk(over, there);\n");
	buf_add_c(&b, "```\n");
	in.text = buf_str(&b);
	assert_false(prose_codec.encode(&in, &a, &out));
	arena_release(&a);
}

static void of_quotes_and_what_is_indented_sentences_go(void **state)
{
	static const char end[] = "> people walk slowly over there by the river\n"
				  "> and talk about the Berlin mill of the house\n\n"
				  "!!! note\n\n"
				  "    people walk slowly over there by the river\n"
				  "    and talk about the weather in the morning\n\n"
				  "It is over.\n";
	struct arena a = ARENA_INIT;
	str out = elided(document(end, &a), 0.01, &a);

	(void)state;
	assert_true(has(out, "> …\n> … Berlin …\n"));
	assert_true(has(out, "!!! note\n\n…\n"));
	assert_true(has(elided(document(end, &a), 0, &a), end));
	arena_release(&a);
}

static void only_what_may_go_is_believed_to_be_gone(void **state)
{
	static const struct prose_case cases[] = {
		{"```\na\n# b\n- c\nd\n```\n", "```\na\n…\nd\n```\n", true},
		{"```\na\nb 7\nd\n```\n", "```\na\n…\nd\n```\n", false},
		{"```\na\nb_c\nd\n```\n", "```\na\n…\nd\n```\n", true},
		{"```\na\n`b_c`\nd\n```\n", "```\na\n…\nd\n```\n", false},
		{"```\na\nb://c\nd\n```\n", "```\na\n…\nd\n```\n", false},
		{"```\na\nb_c\nd\n```\nb_c e.\n", "```\na\n…\nd\n```\n… e.\n", false},
		{"```\na\n```\nb\n```\nc\n```\n", "```\na\n…\nc\n```\n", false}, /* a fence */
		{"  ```\na\nb\n  ```\nc\n", "  ```\na\n…\n  ```\nc\n", true},
		{"a\n# b\nc\n```\nd\n```\n", "a\n…\nc\n```\nd\n```\n", false},
		{"| a | b |\n|---|---|\n| c | d |\n", "| a | b |\n|---|---|\n| c | … |\n", true},
		{"| a   | b |\n|-----|---|\n| c   | d |\n", "| a | b |\n|---|---|\n| c | … |\n",
			true},
		{"| a | b |\n|---|---|\n| c | d |\n| e | f |\n", "| a | b |\n|---|---|\n| … f |\n",
			false}, /* a row */
		{"It is `f`. It is `f` so. It is big.\n", "It is `f`. … It is big.\n", true},
		{"It is `0`. It is `0` so. It is big.\n", "It is `0`. … It is big.\n", false},
		{"It is `-1`. It is `-1` so. It is big.\n", "It is `-1`. … It is big.\n", false},
		/* whose "b" that is: the first leaves a number out behind it */
		{"a. c b. 7 d, c b. e f.\n", "a. … b. 7 d, … b. … f.\n", true},
		{"a. b. c. b, 7 d.\n", "a. … b, 7 d.\n", true},
		{"a. b. 7 c. b. d.\n", "a. b. … d.\n", false},
		{"It is. So it b. So it c. So it b. d.\n", "It is. … b. d.\n", true},
	};

	(void)state;
	prose_check(cases, ARRAY_N(cases));
}

/* A piece that stands at many places, and at none where the next one follows: the check gives up in time that grows with the text. */
static void a_doubt_takes_no_time(void **state)
{
	enum { N = 3000 };
	struct arena a = ARENA_INIT;
	struct buf original, text;

	(void)state;
	buf_init_arena(&original, &a, LIMIT_INPUT);
	buf_init_arena(&text, &a, LIMIT_INPUT);
	buf_add_c(&text, PROSE_HEAD);
	for (int i = 0; i < N; i++) {
		buf_add_c(&original, "so it is. ");
		buf_add_c(&text, i % 2 ? "it … " : "so … ");
	}
	buf_add_c(&original, "7 b.\n");
	buf_add_c(&text, "b.\n");
	assert_false(prose_holds(buf_str(&original), buf_str(&text), &a));
	arena_release(&a);
}

static void tables_become_tight(void **state)
{
	static const struct {
		const char *text, *tight;
	} cases[] = {
		{"| a   | b |\n| :-----: | ------ |\n|   c   |  d |\n",
			"| a | b |\n| :---: | --- |\n| c | d |\n"},
		{"| a | `b  c` |\n|---|---|\n", "| a | `b  c` |\n|---|---|\n"},
		{"| a   | b |\n| c   | d |\n", "| a   | b |\n| c   | d |\n"}, /* no rule */
		{"```\n| a   | b |\n|-----|---|\n```\n", "```\n| a   | b |\n|-----|---|\n```\n"},
		{"a   b\n------\n", "a   b\n------\n"},
		{"| a   |\r\n|-----|\r\n\r\n| b   |\n", "| a |\r\n|---|\r\n\r\n| b   |\n"},
		{"| a   |\n|-----|", "| a |\n|---|"},
		{"", ""},
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		str out = rows_tight(str_from(cases[i].text), &a);

		if (!str_eq_c(out, cases[i].tight))
			fail_msg(STR_FMT, STR_ARG(out));
		assert_true(!!strcmp(cases[i].text, cases[i].tight) == (out.p != cases[i].text));
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_tables_long_cells_go_but_heads_and_names),
		cmocka_unit_test(of_code_lines_go_but_the_first_and_what_must_stay),
		cmocka_unit_test(of_code_names_go_but_what_it_defines),
		cmocka_unit_test(of_code_alone_nothing_goes),
		cmocka_unit_test(of_quotes_and_what_is_indented_sentences_go),
		cmocka_unit_test(only_what_may_go_is_believed_to_be_gone),
		cmocka_unit_test(a_doubt_takes_no_time),
		cmocka_unit_test(tables_become_tight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
