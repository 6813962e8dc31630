/* The search over memories: words, dates, and what is found first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "core/memory/embed.h"
#include "core/memory/index.h"
#include "core/memory/when.h"
#include "core/memory/words.h"

static void check_words(const char *text, const char *expected)
{
	char out[256] = "";
	size_t n = 0;
	str rest = str_from(text);
	struct memory_word w;

	while (memory_word_next(&rest, &w)) {
		if (n)
			out[n++] = ' ';
		memcpy(out + n, w.text, w.n);
		n += w.n;
	}
	out[n] = '\0';
	assert_string_equal(out, expected);
}

static void test_words(void **state)
{
	(void)state;
	check_words("", "");
	check_words("the of and what", "");
	check_words("Deploys, deployment; deployed-deploying", "deploi deploi deploi deploi");
	check_words("stories story's", "stori stori");
	check_words("running planned falling", "run plan fall");
	check_words("memoryStore memory_store HTTP2", "memori stor memori stor http2");
	check_words("caf\xc3\xa9 na\xc3\xafve", "caf\xc3\xa9 na\xc3\xafve");
	check_words("class bus analysis", "class bus analysis");
}

static void test_word_that_is_long(void **state)
{
	char text[300];
	str rest = {text, sizeof text};
	struct memory_word w;

	(void)state;
	memset(text, 'q', sizeof text);
	assert_true(memory_word_next(&rest, &w));
	assert_int_equal(w.n, MEMORY_WORD_MAX);
	assert_false(memory_word_next(&rest, &w));
}

static void check_when(const char *text, int64_t now_ms, int64_t from, int64_t until)
{
	struct when w;

	if (!when_find(str_from(text), now_ms, &w))
		fail_msg("no date in \"%s\"", text);
	assert_int_equal(w.from_ms, from);
	assert_int_equal(w.until_ms, until);
}

static void test_when(void **state)
{
	/* A Friday. */
	int64_t now = when_ms(2026, 5, 8) + 3600 * 1000;
	struct when w;

	(void)state;
	check_when("1:56 pm on 8 May, 2023", 0, when_ms(2023, 5, 8), when_ms(2023, 5, 9));
	check_when("on May 8th, 2023!", 0, when_ms(2023, 5, 8), when_ms(2023, 5, 9));
	check_when("2023-12-31T23:00Z", 0, when_ms(2023, 12, 31), when_ms(2024, 1, 1));
	check_when("since 2024-02", 0, when_ms(2024, 2, 1), when_ms(2024, 3, 1));
	check_when("in December 2023", 0, when_ms(2023, 12, 1), when_ms(2024, 1, 1));
	check_when("what in 2022?", 0, when_ms(2022, 1, 1), when_ms(2023, 1, 1));
	check_when("in 2022, on 3 June 2021", 0, when_ms(2021, 6, 3), when_ms(2021, 6, 4));
	check_when("yesterday", now, when_ms(2026, 5, 7), when_ms(2026, 5, 8));
	check_when("Last week", now, when_ms(2026, 4, 27), when_ms(2026, 5, 4));
	check_when("this month", now, when_ms(2026, 5, 1), when_ms(2026, 6, 1));
	check_when("last year", now, when_ms(2025, 1, 1), when_ms(2026, 1, 1));
	check_when("5 months ago", now, when_ms(2025, 12, 1), when_ms(2026, 1, 1));
	check_when("in June", now, when_ms(2025, 6, 1), when_ms(2025, 7, 1));
	assert_false(when_find(STR("you may say so"), now, &w));
	assert_false(when_find(STR("yesterday"), 0, &w));
	assert_false(when_find(STR("99999999999999999999 days ago 12345"), now, &w));
	assert_false(when_find(STR(""), now, &w));
}

static void test_dates_there_and_back(void **state)
{
	(void)state;
	for (int64_t day = -800000; day < 800000; day += 97) {
		struct when_date d = when_date(day * 86400000);

		assert_int_equal(when_ms(d.year, d.month, d.day), day * 86400000);
	}
	assert_int_equal(when_ms(1970, 1, 1), 0);
	assert_int_equal(when_ms(2000, 3, 1), 951868800000);
}

struct given {
	struct arena arena;
	struct memory_index *x;
	struct memory_hit hits[8];
};

static void begin(struct given *g)
{
	arena_init(&g->arena);
	g->x = memory_index_new(&g->arena);
}

static void add(struct given *g, struct memory_index_doc d)
{
	memory_index_add(g->x, &d);
}

static size_t ask(struct given *g, struct memory_query q)
{
	q.limit = q.limit ? q.limit : ARRAY_N(g->hits);
	memory_index_seal(g->x);
	return memory_index_search(g->x, &q, &g->arena, g->hits);
}

static void test_nothing_is_found_in_nothing(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	assert_int_equal(ask(&g, (struct memory_query){.text = STR("deploy")}), 0);
	add(&g, (struct memory_index_doc){.content = STR("the cat")});
	assert_int_equal(ask(&g, (struct memory_query){.text = STR("deploy")}), 0);
	assert_int_equal(ask(&g, (struct memory_query){.text = STR("what is the")}), 0);
	arena_release(&g.arena);
}

static void test_words_in_any_form(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	add(&g, (struct memory_index_doc){.content = STR("We eat lunch at noon.")});
	add(&g, (struct memory_index_doc){.content = STR("Deployment goes through make release.")});
	assert_int_equal(ask(&g, (struct memory_query){.text = STR("how do we deploy?")}), 1);
	assert_int_equal(g.hits[0].doc, 1);
	assert_true(g.hits[0].coverage > 0.99);
	assert_int_equal(ask(&g, (struct memory_query){.text = STR("deploy to kubernetes"),
					 .coverage_min = 0.9}),
		0);
	arena_release(&g.arena);
}

static void test_neighbours_of_a_session(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	add(&g, (struct memory_index_doc){
			.content = STR("Which port has staging?"), .session = STR("a")});
	add(&g, (struct memory_index_doc){.content = STR("8443, I think."), .session = STR("a")});
	add(&g, (struct memory_index_doc){.content = STR("Lunch?"), .session = STR("b")});
	assert_int_equal(ask(&g, (struct memory_query){.text = STR("staging port")}), 2);
	assert_int_equal(g.hits[0].doc, 0);
	assert_int_equal(g.hits[1].doc, 1);
	assert_true(g.hits[1].coverage <= 0);
	arena_release(&g.arena);
}

static void test_who_what_and_when(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	for (int i = 0; i < 2; i++)
		add(&g, (struct memory_index_doc){.content = STR("likes tea a lot"),
				.speaker = i ? STR("Melanie Ray") : STR("Caroline"),
				.created_ms = when_ms(2026, 1 + i, 10)});
	(void)ask(&g, (struct memory_query){.text = STR("does Caroline like tea")});
	assert_int_equal(g.hits[0].doc, 0);
	(void)ask(&g, (struct memory_query){.text = STR("does Melanie like tea")});
	assert_int_equal(g.hits[0].doc, 1);
	(void)ask(&g, (struct memory_query){.text = STR("tea in January 2026")});
	assert_int_equal(g.hits[0].doc, 0);
	(void)ask(&g, (struct memory_query){
			      .text = STR("tea last month"), .now_ms = when_ms(2026, 3, 2)});
	assert_int_equal(g.hits[0].doc, 1);
	arena_release(&g.arena);
}

static void test_duplicates_and_ties(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	add(&g, (struct memory_index_doc){.content = STR("tabs, not spaces"), .created_ms = 1000});
	add(&g, (struct memory_index_doc){.content = STR("Not spaces: tabs"), .created_ms = 2000});
	add(&g, (struct memory_index_doc){.content = STR("tabs are wide"), .importance = 0.1});
	assert_int_equal(ask(&g, (struct memory_query){.text = STR("spaces or tabs")}), 2);
	assert_int_equal(g.hits[0].doc, 1); /* the newer of the two */
	assert_int_equal(g.hits[1].doc, 2);
	assert_int_equal(ask(&g, (struct memory_query){.text = STR("spaces or tabs"),
					 .keeps_duplicates = true}),
		3);
	assert_int_equal(
		ask(&g, (struct memory_query){.text = STR("spaces or tabs"), .limit = 1}), 1);
	assert_int_equal(g.hits[0].doc, 1);
	arena_release(&g.arena);
}

static void test_importance_counts(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	add(&g, (struct memory_index_doc){.content = STR("tabs in makefiles"), .importance = 0.9});
	add(&g, (struct memory_index_doc){.content = STR("tabs in tables"), .importance = 0.1});
	assert_int_equal(ask(&g, (struct memory_query){.text = STR("tabs")}), 2);
	assert_int_equal(g.hits[0].doc, 0);
	arena_release(&g.arena);
}

/* ---- vectors ---- */

static float cosine_of(const char *a, const char *b)
{
	char x[EMBED_BYTES], y[EMBED_BYTES];

	assert_true(embed_text(str_from(a), x));
	assert_true(embed_text(str_from(b), y));
	return vector_cosine((str){x, sizeof x}, (str){y, sizeof y});
}

static void test_what_texts_are_about(void **state)
{
	char out[EMBED_BYTES];

	(void)state;
	assert_true(cosine_of("Deploys go through make release.",
			    "deploys go through make release") > 0.99f);
	assert_true(cosine_of("the puppy is hungry", "a dog wants food") >
		    cosine_of("the puppy is hungry", "the invoice is overdue") + 0.2f);
	assert_true(cosine_of("caf\xc3\xa9", "cafe") > 0.99f);
	assert_true(cosine_of("memoryStore", "memory store") > 0.99f);
	assert_false(embed_text(STR(""), out));
	assert_false(embed_text(STR("what is the"), out));
	assert_false(embed_text(STR("\xd1\x8f\xd0\xb7\xd1\x8b\xd0\xba \xff\xc3"), out));
}

/* The processor's vectors give what plain C gives, of any length and with the largest values. */
static void test_products(void **state)
{
	int8_t a[300], b[300];
	uint32_t x = 1;

	(void)state;
	for (size_t n = 0; n <= sizeof a; n += 7) {
		for (size_t i = 0; i < n; i++) {
			x = x * 1664525 + 1013904223;
			a[i] = (int8_t)(n % 2 ? (x >> 24) : 0x80);
			b[i] = (int8_t)(n % 2 ? (x >> 16) : 0x80);
		}
		assert_int_equal(vector_dot(a, b, n), vector_dot_plain(a, b, n));
	}
}

static void test_what_is_no_vector(void **state)
{
	const float none[3] = {0}, bad[3] = {1, NAN, 2}, good[3] = {3, 0, -4};
	char out[VECTOR_BYTES(3)];

	(void)state;
	assert_false(vector_put(none, 3, out));
	assert_false(vector_put(bad, 3, out));
	assert_true(vector_put(good, 3, out));
	assert_int_equal(vector_dims((str){out, sizeof out}), 3);
	assert_true(
		fabsf(vector_cosine((str){out, sizeof out}, (str){out, sizeof out}) - 1) < 1e-6f);
	assert_int_equal(vector_dims(STR("abcd")), 0);
}

/* Not one word of the question is in the memory. */
static void test_other_words(void **state)
{
	struct given g;

	(void)state;
	begin(&g);
	add(&g, (struct memory_index_doc){.content = STR("Julia was diagnosed with asthma.")});
	add(&g, (struct memory_index_doc){.content = STR("David takes piano lessons.")});
	add(&g, (struct memory_index_doc){
			.content = STR("Attachments larger than ten megabytes fail.")});
	assert_true(ask(&g, (struct memory_query){
				    .text = STR("which musical instrument is he learning")}) >= 1);
	assert_int_equal(g.hits[0].doc, 1);
	assert_true(g.hits[0].coverage > 0 && g.hits[0].coverage < 1);
	assert_int_equal(ask(&g, (struct memory_query){.text = STR("sourdough")}), 0);
	arena_release(&g.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_word_that_is_long),
		cmocka_unit_test(test_when),
		cmocka_unit_test(test_dates_there_and_back),
		cmocka_unit_test(test_nothing_is_found_in_nothing),
		cmocka_unit_test(test_words_in_any_form),
		cmocka_unit_test(test_neighbours_of_a_session),
		cmocka_unit_test(test_who_what_and_when),
		cmocka_unit_test(test_duplicates_and_ties),
		cmocka_unit_test(test_importance_counts),
		cmocka_unit_test(test_what_texts_are_about),
		cmocka_unit_test(test_products),
		cmocka_unit_test(test_what_is_no_vector),
		cmocka_unit_test(test_other_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
