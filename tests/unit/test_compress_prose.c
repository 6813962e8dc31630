/* Prose with sentences left out: what must stay stays, what is shown is proven, and a text that is damaged is not believed.
 * HEADROOM_SEEDS=20000 makes it a longer run. */
#include "core/compress/prose/cost.h"
#include "tests/unit/prose_help.h"
#include "tests/unit/random_text.h"
#include "tests/unit/seeds.h"

#include <inttypes.h>

enum { SEEDS = 60 };

static bool elide(str text, double keep, struct arena *a, str *out)
{
	return prose_elide(text, STR("who"), keep, a, out);
}

/* ---- sentences ------------------------------------------------------------------------------------ */

static void sentences_end_where_they_do(void **state)
{
	static const struct {
		const char *text;
		size_t n, loose; /* sentences and lines; those that may go */
	} cases[] = {
		{"One two three four five. And six seven eight nine ten! Is it? Yes it is.\n", 4,
			4},
		{"See e.g. Knuth for more of that. It says so on page one.\n", 2, 2},
		{"Mr. Smith went to the town hall. J. Doe did not go there.\n", 2, 2},
		{"Version 1.2.3 of it came out last week. It was late.\n", 2, 2},
		{"He said \"I will go there now.\" Then he went away.\n", 2, 2},
		{"a line that goes on\nin the next one. And then ends there.\n", 2, 2},
		{"# A heading of six words here\n\nA paragraph of some words follows. It has "
		 "two.\n",
			3, 2},
		{"- an item of a list is this. It goes on.\n- another item of this list here.\n", 5,
			3},
		{"```\nthis is some code. it is not read.\n```\n", 3, 0},
		{"    indented code is what this line is. so it is.\n", 1, 0},
		{"| a table | has cells | of words. And | more |\n", 1, 0},
		{"Ann: I went to the town hall today. It was closed.\n", 3, 2},
		{"int main(void) { return f(1) + g(2); }\n", 1, 0},
		{"", 0, 0},
		{"\n\n\n", 1, 0},
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		sentence_vec all = {0};
		size_t loose = 0, bytes = 0;

		sentences_of(str_from(cases[i].text), &a, &all);
		for (size_t k = 0; k < all.n; k++) {
			assert_ptr_equal(all.v[k].text.p, cases[i].text + bytes);
			bytes += all.v[k].text.n;
			loose += !all.v[k].is_kept;
		}
		assert_int_equal(bytes, strlen(cases[i].text));
		if (all.n != cases[i].n || loose != cases[i].loose)
			fail_msg("%zu of %zu may go: %s", loose, all.n, cases[i].text);
	}
	arena_release(&a);
}

static void sentences_part_where_they_may(void **state)
{
	static const struct {
		const char *text, *parts; /* with a bar between them */
	} cases[] = {
		{"When the house is old enough, people walk slowly over there. ",
			"When the house is old enough, |people walk slowly over there. "},
		{"It is, so to speak, a house. ", "It is, so to speak, a house. "},
		{"Call `f(a, b, c, d, e, f, g, h)` to do so, and then walk away from it. ",
			"Call `f(a, b, c, d, e, f, g, h)` to do so, |and then walk away from it. "},
		{"See [a page, which is about it](x) in the house (it is a green one, too), or ask "
		 "people who walk.\n",
			"See [a page, which is about it](x) in the house |(it is a green one, "
			"too), "
			"|or ask people who walk.\n"},
		{"The house of **people, who walk, slowly** is an old one: it has a river beside "
		 "it.",
			"The house of **people, who walk, slowly** is an old one: |it has a river "
			"beside it."},
		{"The weather of the morning \xe2\x80\x93 it is much talked about \xe2\x80\x93 is "
		 "green and slow over there.",
			"The weather of the morning |\xe2\x80\x93 it is much talked about "
			"|\xe2\x80\x93 is green and slow over there."},
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct sentence s = {.text = str_from(cases[i].text)};
		sentence_vec parts = {0};
		struct buf b;

		buf_init_arena(&b, &a, LIMIT_INPUT);
		sentence_parts(&s, &a, &parts);
		for (size_t k = 0; k < parts.n; k++) {
			assert_int_equal(parts.v[k].is_part, k > 0);
			buf_add_c(&b, k ? "|" : "");
			buf_add(&b, parts.v[k].text);
		}
		if (!str_eq_c(buf_str(&b), cases[i].parts))
			fail_msg(STR_FMT, STR_ARG(buf_str(&b)));
	}
	arena_release(&a);
}

static void what_must_stay_keeps_the_words_that_it_needs(void **state)
{
	static const struct {
		const char *text, *phrases; /* with a bar between them */
	} cases[] = {
		{"the old house by the river has 12 rooms for people who walk over there slowly.",
			"the old house by the |river has 12 rooms for |people who walk over there "
			"slowly."},
		{"the people of the old house do not walk over there in the morning.",
			"the people of the |old house do not walk over there in the morning."},
		{"so it does not, as people say.", "so it does not, as people say."},
		{"the old house is by `make all -j2` and the people who walk to Ann Lee slowly.",
			"the old house is by |`make all -j2` |and the people who walk to |Ann Lee "
			"slowly."},
		{"people who walk say so in [the weather](x/y \"a mill by Ann Lee over there\") of "
		 "a "
		 "slow and green morning.",
			"people who walk say so in |[the weather](x/y \"a mill by Ann Lee over "
			"there\") |of a slow and green morning."},
		{"people who walk over to **a house of talk**, they say so about the old weather.",
			"people who walk over to |**a house of talk**, |they say so about the old "
			"weather."},
		{"people who walk over\nthere, a mill in 1912\nor so, are old and green people.\n",
			"people who walk over\nthere, a |mill in 1912\nor so, |are old and green "
			"people.\n"},
		{"there is nothing here but words", "there is nothing here but words"},
		{"it has 12 rooms", "it has 12 rooms"},
	};
	struct arena a = ARENA_INIT;
	const struct lexicon *lexicon = lexicon_new(&a);

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct sentence s = {.text = str_from(cases[i].text), .is_part = true};
		sentence_vec phrases = {0};
		struct buf b;

		buf_init_arena(&b, &a, LIMIT_INPUT);
		sentence_phrases(&s, lexicon, &a, &phrases);
		for (size_t k = 0; k < phrases.n; k++) {
			buf_add_c(&b, k ? "|" : "");
			buf_add(&b, phrases.v[k].text);
		}
		if (!str_eq_c(buf_str(&b), cases[i].phrases))
			fail_msg(STR_FMT, STR_ARG(buf_str(&b)));
	}
	arena_release(&a);
}

static str text_of_people(struct arena *a)
{
	static const char *const filler[] = {"It was a slow morning by the river, as people say.",
		"The weather was green over there.", "They walk and they talk about a house."};
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (int i = 0; i < 60; i++)
		buf_printf(&b, "%s: %s %s\n", i % 2 ? "Ann" : "Bob", filler[i % 3],
			i == 20   ? "Where did you go last summer?"
			: i == 21 ? "I went to the mountains with the kids last summer."
			: i == 40 ? "Wow, that sounds really awesome!"
				  : "");
	return buf_str(&b);
}

/* What says most, and who says it. */
static void what_is_rare_and_what_is_asked_for_stays(void **state)
{
	struct arena a = ARENA_INIT;
	str text = text_of_people(&a), out;

	(void)state;
	assert_true(elide(text, 0.5, &a, &out));
	assert_true(str_find(out, STR("I went to the mountains")) != STR_NONE);
	assert_true(str_find(out, STR("Wow")) == STR_NONE);
	for (int i = 0; i < 60; i++) {
		str name = STR("Ann: ");
		size_t at = str_find(out, i % 2 ? name : STR("Bob: "));

		assert_true(at != STR_NONE);
		out = str_sub(out, at + name.n, out.n);
	}
	arena_release(&a);
}

/* Words in other forms, and what stands beside them. */
static void what_is_asked_for_brings_what_is_beside_it(void **state)
{
	static const char said[] = "I painted it.\nBob: And it was a view over the green river.\n";
	struct arena a = ARENA_INIT;
	struct codec_in in = {.kind = KIND_TEXT, .route = STR(PROSE_ROUTE), .keep = 0.4};
	struct codec_out out;
	str text = text_of_people(&a);
	struct buf b;

	(void)state;
	buf_init_arena(&b, &a, LIMIT_INPUT);
	buf_printf(&b, STR_FMT "Ann: %s" STR_FMT, STR_ARG(text), said, STR_ARG(text));
	in.text = buf_str(&b);
	in.query = STR("Go on.");
	assert_true(prose_codec.encode(&in, &a, &out));
	assert_true(str_find(out.text, STR("a view over")) == STR_NONE);
	in.query = STR("What is her painting of?");
	assert_true(prose_codec.encode(&in, &a, &out));
	assert_true(str_find(out.text, str_from(said)) != STR_NONE);
	arena_release(&a);
}

/* Where every sentence has something that must stay, its other words go when that is asked for, and only then. */
static void the_share_is_kept_where_every_sentence_tells_something(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf b;
	str out;

	(void)state;
	buf_init_arena(&b, &a, LIMIT_INPUT);
	for (int i = 0; i < 60; i++)
		buf_printf(&b,
			"People who walk over there by the river talk slowly about `house_%c%c` "
			"and then "
			"go on to the green of the old weather. ",
			'a' + i % 26, 'a' + i / 26);
	assert_false(elide(buf_str(&b), 0, &a, &out));
	assert_true(elide(buf_str(&b), 0.5, &a, &out));
	assert_true(out.n < b.n * 55 / 100 && out.n > b.n * 45 / 100);
	for (int i = 0; i < 60; i++)
		assert_true(str_find(out, arena_printf(&a, "`house_%c%c`", 'a' + i % 26,
						  'a' + i / 26)) != STR_NONE);
	assert_true(prose_holds(buf_str(&b), out, &a));
	arena_release(&a);
}

/* ---- what holds, and what does not ---------------------------------------------------------------- */

static void only_what_may_go_is_believed_to_be_gone(void **state)
{
	static const struct prose_case cases[] = {
		{"It is old. It is blue. It is big.\n", "It is old. … It is big.\n", true},
		{"It is old. It is blue. It is big.\n", "It is old. …\n", true},
		{"It is old. It is blue. It is big.\n", "… It is big.\n", true},
		{"It is old. It is blue. It is big.\n", "It is old. It is big.\n",
			false}, /* no mark */
		{"It is old. It is blue. It is big.\n", "It is big. … It is old.\n", false},
		{"It is old. It is blue. It is big.\n", "It is old. … It is tall.\n", false},
		{"It is old. It is blue. It is big.\n", "It is old. It is blue.\n", false},
		{"It is old. It has 4 legs. It is big.\n", "It is old. … It is big.\n", false},
		{"It is old. It is not so. It is big.\n", "It is old. … It is big.\n", false},
		{"It is old. It doesn't go. It is big.\n", "It is old. … It is big.\n", false},
		{"It is old. It doesn\xe2\x80\x99t go. It is big.\n", "It is old. … It is big.\n",
			false},
		{"It is old. It is so\xe2\x80\x94without it. It is big.\n",
			"It is old. … It is big.\n", false},
		{"It is old. It is _not_ so. It is _not_ big.\n", "It is old. … It is _not_ big.\n",
			false},
		{"It is old. \xe2\x80\x9cIt\xe2\x80\x9d is blue \xe2\x80\x94 so. It is big.\n",
			"It is old. … It is big.\n", true},
		{"It is old. So says Ann. It is big.\n", "It is old. … It is big.\n", false},
		{"By Ann. So says Ann. It is big.\n", "By Ann. … It is big.\n", true},
		{"It is old. Call `f` then. It is big.\n", "It is old. … It is big.\n", false},
		{"It is old. See http://a.b/c then. It is big.\n", "It is old. … It is big.\n",
			false},
		{"It is old. It is [so](./a.md#b) then. It is big.\n", "It is old. … It is big.\n",
			false},
		{"It is [old](./a.md). It is [so](./a.md) then. It is big.\n",
			"It is [old](./a.md). … It is big.\n", true},
		{"It is old.\n\n# Title\n\nIt is big.\n", "It is old. …\nIt is big.\n", false},
		{"It is old.\n- item\nIt is big.\n", "It is old. …\nIt is big.\n", false},
		{"It is old, it is blue, it is big.\n", "It is old, … it is big.\n", true},
		{"It is old, Berlin is blue, it is big.\n", "It is old, … it is big.\n", false},
		{"It is old, not blue, it is big.\n", "It is old, … it is big.\n", false},
		{"It is old. **It is blue.** It is big.\n", "It is old. … It is big.\n", false},
		{"It is big. It is blue-green.\n- It is so. It is old.\n",
			"It is big. …\n- … It is old.\n", true}, /* whose "-" that is */
		{"Wait … for it. It is blue. It is big.\n", "Wait … for it. … It is big.\n", true},
	};
	struct arena a = ARENA_INIT;

	(void)state;
	prose_check(cases, ARRAY_N(cases));
	assert_false(prose_holds(STR("It is old."), STR("It is old."), &a)); /* no head */
	arena_release(&a);
}

/* About so many tokens; what o200k_base says stands behind each. */
static void costs_are_about_those_of_tokens(void **state)
{
	static const struct {
		const char *text;
		uint32_t tokens;
	} cases[] = {
		{"", 0},
		{"People walk slowly over there by the river.", 9},
		{"- `GEMINI_CLI_HOME`: where settings are kept, by default ~/.gemini", 19},
		{"| a        | b                                                          |\n", 7},
		{"see https://example.org/docs/2024/12/31/a.html", 15},
		{"def find_all(self, nameOfIt: str) -> list[int]:\n    return "
		 "self.names[nameOfIt]\n",
			23},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		double told = cost_of(str_from(cases[i].text)) / (double)COST_TOKEN;

		if (told > 1.3 * cases[i].tokens || told < 0.7 * cases[i].tokens)
			fail_msg("%s: %.1f", cases[i].text, told);
	}
}

/* ---- any prose ------------------------------------------------------------------------------------ */

static void add_sentence(struct rng *r, struct buf *b)
{
	static const char *const words[] = {"house", "river", "walks", "green", "over", "the", "a",
		"slowly", "and", "of", "people", "morning", "blue-green", "about", "weather",
		"their"};
	static const char *const facts[] = {"17", "not", "never", "Berlin", "`make`",
		"https://example.org/x", "NASA", "Ann Lee", "3.5", "isn't"};
	uint32_t n = 4 + rng_below(r, 12);

	buf_add_c(b, rng_once_in(r, 2) ? "It" : "Today");
	for (uint32_t i = 0; i < n; i++) {
		buf_add_byte(b, rng_once_in(r, 14) ? '\n' : ' ');
		buf_add_c(b, rng_once_in(r, 25) ? RNG_PICK(r, facts) : RNG_PICK(r, words));
	}
	buf_add_c(b, rng_once_in(r, 30) ? " …" : "");
	buf_add_c(b, rng_once_in(r, 5) ? "! " : ". ");
}

static void add_prose(struct rng *r, struct buf *b)
{
	static const char *const heads[] = {"# A title\n\n", "- ", "1. ", "Ann: ", "> ", "", "", "",
		"", "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
		("| a   | the house of people who walk |\n|-----|---|\n| green   | people walk "
		 "over "
		 "to Ann Lee slowly |\n\n"),
		"```\ncode();\n```\n\n",
		"```\nwalk over;\ngreen;\n  Berlin;\n}\n# slowly\nwalk(17);\n}\nwalk "
		"over;\n```\n\n",
		"> [!NOTE]\n> people of the river walk over there\n> and talk about the "
		"weather\n\n",
		"!!! note\n\n    people of the river walk over there\n    and talk slowly.\n\n"};

	for (uint32_t i = 20 + rng_below(r, 30); i; i--) {
		buf_add_c(b, RNG_PICK(r, heads));
		for (uint32_t k = 1 + rng_below(r, 5); k; k--)
			add_sentence(r, b);
		buf_add_c(b, rng_once_in(r, 3) ? "\n" : "\n\n");
	}
}

/* One byte of what is shown is another, or a piece is gone, or two lines changed places. */
static str damage(struct rng *r, str text, struct arena *a)
{
	size_t head = str_find_byte(text, '\n') + 1, n = text.n - head;
	size_t at = head + rng_below(r, (uint32_t)n), len = 1 + rng_below(r, 40);
	char *p = arena_alloc(a, text.n, 1);

	memcpy(p, text.p, text.n);
	if (rng_once_in(r, 2)) {
		p[at] ^= 1;
		return (str){p, text.n};
	}
	if (at + len > text.n)
		len = text.n - at;
	memmove(p + at, p + at + len, text.n - at - len);
	return (str){p, text.n - len};
}

/* True when the numbers of both are the same, in their order. */
static bool has_numbers_of(str original, str text)
{
	static const char digits[] = "0123456789";
	size_t i = 0, k = str_find_byte(text, '\n');

	for (;; i++, k++) {
		while (i < original.n && !strchr(digits, original.p[i]))
			i++;
		while (k < text.n && !strchr(digits, text.p[k]))
			k++;
		if (i == original.n || k == text.n)
			return i == original.n && k == text.n;
		if (original.p[i] != text.p[k])
			return false;
	}
}

static void any_prose_holds_and_damage_is_found(void **state)
{
	static const double keeps[] = {0, 0.7, 0.5, 0.3};
	size_t elided = 0, found = 0, damaged = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= seeds_or(SEEDS); seed++) {
		struct arena a = ARENA_INIT;
		struct rng r = rng_new(seed);
		struct buf b;
		double keep = RNG_PICK(&r, keeps);
		str text, again;

		buf_init(&b, LIMIT_INPUT);
		add_prose(&r, &b);
		if (elide(buf_str(&b), keep, &a, &text)) {
			str bad = damage(&r, text, &a);

			elided++;
			if (!prose_holds(buf_str(&b), text, &a))
				fail_msg("seed %" PRIu64 ":\n" STR_FMT "\n" STR_FMT, seed,
					STR_ARG(buf_str(&b)), STR_ARG(text));
			assert_true(text.n < b.n + sizeof PROSE_HEAD);
			assert_true(has_numbers_of(buf_str(&b), text));
			assert_true(elide(buf_str(&b), keep, &a, &again) && str_eq(text, again));
			damaged++;
			found += !prose_holds(buf_str(&b), bad, &a);
		}
		buf_release(&b);
		arena_release(&a);
	}
	assert_true(elided * 10 >= seeds_or(SEEDS) * 8);
	/* what is damaged may by chance be what could have been left out */
	assert_true(found * 100 >= damaged * 80);
}

static void short_texts_and_what_is_no_prose_stay(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf b;
	str out;

	(void)state;
	buf_init(&b, LIMIT_INPUT);
	assert_false(elide(STR("It is old. It is blue."), 0, &a, &out));
	for (int i = 0; i < 200; i++)
		buf_printf(&b, "int f%d(void) { return g(%d) + h[%d]; }\n", i, i, i);
	assert_false(elide(buf_str(&b), 0, &a, &out));
	buf_reset(&b);
	for (int i = 0; i < 200; i++)
		buf_printf(&b, "In the year %d the house by the river was sold again. ", i);
	assert_false(elide(buf_str(&b), 0, &a, &out)); /* every sentence has a number */
	buf_release(&b);
	arena_release(&a);
}

/* Sentences in cells are a table's; a document's beside a table are the document's. */
static void of_tables_only_documents_lose_sentences(void **state)
{
	struct arena a = ARENA_INIT;
	struct codec_in in = {.kind = KIND_TABLE, .route = STR(PROSE_ROUTE), .keep = 0.5};
	struct codec_out out;
	struct buf b;

	(void)state;
	buf_init_arena(&b, &a, LIMIT_INPUT);
	for (int i = 0; i < 40; i++)
		buf_printf(&b, "people walk %s over there,it is green. it is an old house,%s\n",
			i % 2 ? "slowly" : "", i % 3 ? "so they say" : "talk");
	in.text = buf_str(&b);
	assert_false(prose_codec.encode(&in, &a, &out));
	buf_add_c(&b, "\n# A title\n\n");
	in.text = buf_str(&b);
	assert_false(prose_codec.encode(&in, &a, &out));
	buf_add_c(&b, "| a | b |\n| --- | --- |\n| 1 | 2 |\n");
	in.text = buf_str(&b);
	assert_true(prose_codec.encode(&in, &a, &out));
	assert_true(str_find(out.text, STR("| 1 | 2 |")) != STR_NONE);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences_end_where_they_do),
		cmocka_unit_test(sentences_part_where_they_may),
		cmocka_unit_test(what_must_stay_keeps_the_words_that_it_needs),
		cmocka_unit_test(what_is_rare_and_what_is_asked_for_stays),
		cmocka_unit_test(what_is_asked_for_brings_what_is_beside_it),
		cmocka_unit_test(the_share_is_kept_where_every_sentence_tells_something),
		cmocka_unit_test(only_what_may_go_is_believed_to_be_gone),
		cmocka_unit_test(costs_are_about_those_of_tokens),
		cmocka_unit_test(any_prose_holds_and_damage_is_found),
		cmocka_unit_test(of_tables_only_documents_lose_sentences),
		cmocka_unit_test(short_texts_and_what_is_no_prose_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
