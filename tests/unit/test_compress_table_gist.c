/* What is left out of long strings of JSON: which sentences stay, in which strings, and the contract. HEADROOM_SEEDS: how many random ones. */
#include "core/compress/table/gist_plain.h"
#include "core/compress/table/gist_text.h"
#include "tests/unit/table_help.h"

static bool elide(str text, str query, struct arena *a, str *out)
{
	const struct codec_in in = {.text = text,
		.kind = KIND_JSON,
		.query = query,
		.route = STR("headroom retrieve 3f2a")};
	struct codec_out o;

	if (!table_codec.encode(&in, a, &o))
		return false;
	assert_int_equal(o.form, CODEC_ELIDED);
	assert_true(table_codec.holds(text, o.text, a));
	*out = o.text;
	return true;
}

static bool has(str text, const char *part)
{
	return str_find(text, str_from(part)) != STR_NONE;
}

static const char *const words[] = {"garden", "river", "yellow", "often", "people", "window",
	"talk", "paper", "mountain", "ordinary", "light", "table", "water", "general", "road",
	"house"};

/* A sentence that says nothing that must stay; the mark is in its middle. */
static void add_sentence(struct rng *r, struct buf *b, const char *mark)
{
	buf_add_c(b, "Some");
	for (unsigned i = 0; i < 12; i++)
		buf_printf(b, " %s%s", i == 6 ? mark : "", words[rng_below(r, ARRAY_N(words))]);
	buf_add_c(b, ".");
}

/* n objects, each with a text of five sentences below that key; in the third sentence of row 5 stands what may matter. */
static str texts(struct arena *a, uint32_t n, const char *key, const char *third, const char *more)
{
	struct rng r = rng_new(n);
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (uint32_t i = 0; i < n; i++) {
		buf_printf(&b, "%s{\"name\":\"item-%02u\",\"%s\":\"", i ? "," : "[", i, key);
		for (unsigned k = 0; k < 5; k++) {
			buf_add_c(&b, k ? " " : "");
			add_sentence(&r, &b, i == 5 && k == 2 ? third : "");
		}
		buf_printf(&b, "\"%s}", i == 5 ? more : "");
	}
	buf_add_byte(&b, ']');
	return buf_str(&b);
}

static str row(str text, const char *name)
{
	size_t at = str_find(text, str_from(name));

	assert_true(at != STR_NONE);
	text = str_sub(text, at, text.n);
	at = str_find_byte(text, '\n');
	return at == STR_NONE ? text : str_sub(text, 0, at);
}

static unsigned marks(str text)
{
	unsigned n = 0;

	for (size_t at; (at = str_find(text, STR(GIST_MARK))) != STR_NONE; n++)
		text = str_sub(text, at + 2, text.n);
	return n;
}

static void test_first_sentences(void **state)
{
	struct bench *b = *state;
	str text = texts(&b->arena, 20, "description", "", ""), out;

	assert_true(elide(text, STR_NULL, &b->arena, &out));
	assert_true(has(str_sub(out, 0, str_find_byte(out, '\n')), GIST_WORDS));
	assert_true(out.n * 2 < text.n);
	/* Of each the first sentence and a mark for the other four, with their length. */
	assert_int_equal(marks(out), 21);
	for (unsigned i = 0; i < 20; i++) {
		char name[16];
		str line;

		(void)snprintf(name, sizeof name, "item-%02u", i);
		line = row(out, name);
		assert_int_equal(marks(line), 1);
		if (!has(line, ". [+"))
			fail_msg(STR_FMT, STR_ARG(out));
	}
	assert_false(
		table_codec.holds(texts(&b->arena, 21, "description", "", ""), out, &b->arena));
}

/* A sentence with one of these stays, wherever it stands. */
static void test_what_stays(void **state)
{
	struct bench *b = *state;
	static const char *const all[] = {"450 ", "not ", "only ", "must ", "timeout ", "**very** ",
		"ZebraCorp ", "`zebra` ", "zebra_stripes ", "https://zebra.example/a "};

	for (size_t i = 0; i < ARRAY_N(all); i++) {
		str text = texts(&b->arena, 20, "longDescription", all[i], ""), out;

		assert_true(elide(text, STR_NULL, &b->arena, &out));
		if (!has(row(out, "item-05"), all[i]))
			fail_msg("%s is gone", all[i]);
		assert_int_equal(marks(row(out, "item-05")), 2);
	}
}

/* ... but a name that stands elsewhere may go here. */
static void test_said_elsewhere(void **state)
{
	struct bench *b = *state;
	str text = texts(&b->arena, 20, "summary", "ZebraCorp ", ",\"owner\":\"ZebraCorp\""), out;

	assert_true(elide(text, STR_NULL, &b->arena, &out));
	assert_int_equal(marks(row(out, "item-05")), 1);
	assert_false(has(row(out, "item-05"), "ZebraCorp garden"));
}

/* What the question names, or asks for by a word that few have. */
static void test_question(void **state)
{
	struct bench *b = *state;
	str text = texts(&b->arena, 20, "description", "zebra ", ""), out;

	assert_true(elide(text, STR("What is item-07 and what is it for?"), &b->arena, &out));
	assert_int_equal(marks(row(out, "item-07")), 0);
	assert_int_equal(marks(row(out, "item-08")), 1);
	assert_true(elide(text, STR("Is there a zebra?"), &b->arena, &out));
	assert_true(has(out, "zebra ") && marks(row(out, "item-05")) == 2);
	assert_true(elide(text, STR_NULL, &b->arena, &out));
	assert_false(has(out, "zebra "));
}

/* A message of an object that tells of an error is never cut. */
static void test_errors(void **state)
{
	struct bench *b = *state;
	str out;

	assert_true(elide(texts(&b->arena, 20, "description", "", ",\"status\":\"failed\""),
		STR_NULL, &b->arena, &out));
	assert_int_equal(marks(row(out, "item-05")), 0);
	assert_int_equal(marks(row(out, "item-06")), 1);
	assert_false(elide(texts(&b->arena, 25, "error", "", ""), STR_NULL, &b->arena, &out));
	assert_false(elide(texts(&b->arena, 25, "stacktrace", "", ""), STR_NULL, &b->arena, &out));
	assert_false(elide(arena_printf(&b->arena, "{\"errors\":" STR_FMT "}",
				   STR_ARG(texts(&b->arena, 20, "description", "", ""))),
		STR_NULL, &b->arena, &out));
	assert_true(elide(arena_printf(&b->arena, "{\"values\":" STR_FMT "}",
				  STR_ARG(texts(&b->arena, 20, "description", "", ""))),
		STR_NULL, &b->arena, &out));
}

/* Few texts are what the document is about. */
static void test_few(void **state)
{
	struct bench *b = *state;
	str out;

	assert_false(elide(texts(&b->arena, 7, "description", "", ""), STR_NULL, &b->arena, &out));
	assert_false(elide(texts(&b->arena, 25, "body", "", ""), STR_NULL, &b->arena, &out));
}

/* Comments of code stay, in however many strings. */
static void test_code(void **state)
{
	struct bench *b = *state;
	str out;

	for (unsigned is_code = 0; is_code < 2; is_code++) {
		struct buf t;

		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		for (unsigned i = 0; i < 40; i++)
			buf_printf(&t,
				"%s\"n%u\":{\"text\":\"%s"
				"This function does what everybody expects of it, as a rule.\\n"
				"Then it goes on with what comes next in the queue of the others, "
				"for a while. And that is all there is to be said about it.\"}",
				i ? "," : "{", i,
				is_code ? "import os\\nfrom sys import argv\\n\\ndef main():\\n    "
					  "return argv\\n\\n"
					: "");
		buf_add_byte(&t, '}');
		assert_int_equal(elide(buf_str(&t), STR_NULL, &b->arena, &out), !is_code);
	}
}

#define DEEDS                                                                                     \
	"<p>Deletes the topic and all of its subscriptions at once.</p> <p>Deleting a topic may " \
	"keep messages "                                                                          \
	"from being sent. For more of it, see <a "                                                \
	"href=\\\"https://docs.example/guide/99.html\\\">the guide "                              \
	"of topics</a>.</p> <ul> <li> <p>People do this often in the garden and by the "          \
	"river.</p> </li> </ul> "

/* Long ones stand without tags, so that where a link leads goes; sentences end before those. */
static void test_html(void **state)
{
	struct bench *b = *state;
	struct buf t;
	str out;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (unsigned i = 0; i < 12; i++)
		buf_printf(&t,
			"%s{\"id\":\"n%u\",\"documentation\":\"" DEEDS
			"<p>At most %u of them.</p>\"}",
			i ? "," : "[", i, i + 3);
	buf_add_byte(&t, ']');
	assert_true(elide(buf_str(&t), STR_NULL, &b->arena, &out));
	assert_true(has(out, "all of its subscriptions at once. [+147] At most 3 of them.") &&
		    has(out, GIST_PLAIN_WORDS));
	assert_false(has(out, "href"));
}

/* NULL: it stays as it is. */
static void check_plain(const char *html, const char *want, struct arena *a)
{
	str got;

	if (gist_plain(str_from(html), a, &got) != (want != NULL))
		fail_msg("%s", html);
	if (want)
		assert_str(got, want);
}

static void test_plain(void **state)
{
	struct bench *b = *state;

	check_plain("<p>One.</p> <p>Two <code>three</code>.</p>", "One. Two three.", &b->arena);
	check_plain("<p>One:</p><ul><li><p>two</p></li> <li> <p>three</p> </li></ul>four",
		"One: - two - three four", &b->arena);
	check_plain("a<br>b<br/>c<br />d <a href=\"x>\">e</a>", "a b c d \">e", &b->arena);
	/* What is no tag that is known. */
	check_plain("if a < b or a</b", NULL, &b->arena);
	check_plain("<Key>k</Key> of <your-bucket> and </ p>", NULL, &b->arena);
	check_plain("<p>Say <Key>k</Key>.</p>", "Say <Key>k</Key>.", &b->arena);
	/* What is more than a description. */
	check_plain("<p>a</p><pre>\nb\n</pre>", NULL, &b->arena);
	check_plain("<table><tr><td>a</td></tr></table>", NULL, &b->arena);
	check_plain("no tags", NULL, &b->arena);
}

/* A sentence that says where one reads more may go with the names in it, but for those of programs. */
static void test_pointers(void **state)
{
	struct bench *b = *state;
	static const char *const all[] = {"For more information, see Zebra Corp. ",
		"See zebra_stripes. ", "See `DeleteZebra`. ", "Have a look at Zebra. "};

	for (size_t i = 0; i < ARRAY_N(all); i++) {
		struct buf t;
		str out;

		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		for (unsigned k = 0; k < 28; k++)
			buf_printf(&t,
				"%s{\"id\":\"n%u\",\"help\":\"Deletes what belongs to it, and all "
				"the "
				"others, too. %sThen there is more to be said about it in some "
				"other "
				"words that everybody knows by heart.\"}",
				k ? "," : "[", k, k == 7 ? all[i] : "");
		buf_add_byte(&t, ']');
		assert_true(elide(buf_str(&t), STR_NULL, &b->arena, &out));
		if (has(out, all[i]) != (i > 0))
			fail_msg("%s " STR_FMT, all[i], STR_ARG(out));
	}
}

static struct gist_words shown_words(const char *text, struct arena *a)
{
	struct gist_words w;

	gist_words_init(&w, a);
	gist_words_add(&w, str_from(text));
	return w;
}

#define BEGIN "The first sentence says what this thing is good for, and who has it. "
#define MORE                                                                                       \
	"Then the second one goes on about what everybody knows about these things anyway, for a " \
	"while. "
#define ENDS "And the last one says goodbye."

static void test_contract(void **state)
{
	struct bench *b = *state;
	struct gist_words w = shown_words(BEGIN ENDS, &b->arena);
	str text = STR(BEGIN MORE ENDS), name = STR(BEGIN MORE "A Zebra. " ENDS);

	assert_true(gist_holds(text, text, &w));
	assert_true(gist_holds(text, STR(BEGIN "[+94] " ENDS), &w));
	/* The number, the words around it, its place. */
	assert_false(gist_holds(text, STR(BEGIN "[+93] " ENDS), &w));
	assert_false(gist_holds(text, STR(BEGIN "[+95] " ENDS), &w));
	assert_false(gist_holds(text, STR(BEGIN "[+94] And the last one says"), &w));
	assert_false(gist_holds(text, STR(BEGIN "[+0] " MORE ENDS), &w));
	assert_false(gist_holds(text, STR("[+163] " ENDS), &w));
	assert_false(gist_holds(text, STR(BEGIN ENDS), &w));
	/* A negation, a number, a name. */
	assert_false(gist_holds(STR(BEGIN MORE "Not so. " ENDS), STR(BEGIN "[+102] " ENDS), &w));
	assert_false(gist_holds(STR(BEGIN MORE "Up to 9. " ENDS), STR(BEGIN "[+103] " ENDS), &w));
	assert_false(gist_holds(name, STR(BEGIN MORE "[+8] " ENDS), &w));
	/* What is short or has a mark already is never cut. */
	assert_false(gist_holds(STR(BEGIN ENDS), STR(BEGIN "[+30]"), &w));
	assert_false(gist_holds(STR(BEGIN MORE "[+9] " ENDS), STR(BEGIN "[+94] [+9] " ENDS), &w));
}

/* The head says that strings may be cut, or none may be. */
static void test_head(void **state)
{
	struct bench *b = *state;
	str text = texts(&b->arena, 20, "description", "", ""), out;
	size_t at;

	assert_true(elide(text, STR_NULL, &b->arena, &out));
	at = str_find(out, STR(GIST_WORDS));
	assert_false(table_codec.holds(text,
		arena_printf(&b->arena, STR_FMT "x" STR_FMT, (int)at, out.p,
			STR_ARG(str_sub(out, at + sizeof GIST_WORDS - 1, out.n))),
		&b->arena));
}

/* An object with a log of n lines, as one string; every-th line tells of an error. */
static str with_log(struct arena *a, const char *key, uint32_t n, uint32_t every)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_printf(&b, "{\"job\":\"build-7\",\"exit\":0,\"%s\":\"", key);
	for (uint32_t i = 0; i < n; i++)
		buf_printf(&b, "2026-01-02 10:%02u:%02u %s worker-%u: %s %u in %u ms\\n",
			i / 60 % 60, i % 60, i % every == every - 1 ? "ERROR" : "INFO", i % 5,
			i % every == every - 1 ? "could not handle request" : "handled request", i,
			i * 37 % 91);
	buf_add_c(&b, "\",\"finished\":true}");
	return buf_str(&b);
}

/* A log in a string is shown as one that is no string. */
static void test_own_kind(void **state)
{
	struct bench *b = *state;
	str text = with_log(&b->arena, "output", 300, 100), out;
	size_t at;

	assert_true(elide(text, STR_NULL, &b->arena, &out));
	assert_true(out.n * 4 < text.n);
	assert_true(has(out, "|") && has(out, "\n[log: 300 lines; ") &&
		    has(out, "; original: as above]\n"));
	assert_true(has(out, "could not handle request 99 in") &&
		    has(out, "could not handle request 299 in"));
	assert_false(has(out, "handled request 150 in"));
	/* A number of the log that changed, another route. */
	at = str_find(out, STR("request 99 in"));
	assert_false(table_codec.holds(text,
		arena_printf(&b->arena, STR_FMT "request 98 in" STR_FMT, (int)at, out.p,
			STR_ARG(str_sub(out, at + 13, out.n))),
		&b->arena));
	at = str_find(out, STR("as above"));
	assert_false(table_codec.holds(text,
		arena_printf(&b->arena, STR_FMT "as under" STR_FMT, (int)at, out.p,
			STR_ARG(str_sub(out, at + 8, out.n))),
		&b->arena));
}

/* ... unless it is a message of an error, or short. */
static void test_own_kind_stays(void **state)
{
	struct bench *b = *state;
	str out;

	assert_false(elide(with_log(&b->arena, "traceback", 300, 100), STR_NULL, &b->arena, &out));
	assert_false(elide(with_log(&b->arena, "output", 20, 100), STR_NULL, &b->arena, &out));
}

/* A text that looks as if something had been left out of it is read as it stands. */
static void test_looks_elided(void **state)
{
	struct bench *b = *state;
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (unsigned i = 0; i < 20; i++)
		buf_printf(&t,
			"%s{\"identifier\":\"n%u\",\"text\":\"[log: 300 lines; alike; original: as "
			"above]\\nfirst line of %u\\nsecond line of it\"}",
			i ? "," : "[", i, i);
	buf_add_byte(&t, ']');
	assert_decodes(buf_str(&t), encode(buf_str(&t), &b->arena), &b->arena);
}

/* Any pieces that texts are made of. */
static void add_random(struct rng *r, struct buf *b)
{
	static const char *const pieces[] = {"garden ", "Zebra ", "river. ", "e.g. ", "not ", "42 ",
		"\n\n", "- ", "<p>", "</p> ", "<code>a_b</code> ", "`x y` ", "\xc3\xa9t\xc3\xa9 ",
		"[", "+7]", "**", "Note: ", "(see ", ") ", "https://a.b/c ", "<a href=\"x. y\">",
		"</a>", "! ", "# ",
		"The people often walk by the river and talk of ordinary things there. "};
	unsigned n = 10 + rng_below(r, 40);

	while (n--)
		buf_add_c(b, pieces[rng_below(r, ARRAY_N(pieces))]);
}

static void test_random(void **state)
{
	struct bench *b = *state;
	unsigned cut = 0;

	for (uint64_t seed = 0; seed < seeds_or(3000); seed++) {
		struct rng r = rng_new(seed);
		struct gist_words w, proof;
		struct gist g;
		struct buf t, out;

		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		buf_init_arena(&out, &b->arena, LIMIT_INPUT);
		add_random(&r, &t);
		gist_words_init(&w, &b->arena);
		gist_words_init(&proof, &b->arena);
		if (gist_open(&g, buf_str(&t), &w, &b->arena)) {
			gist_show(&g, &w);
			cut += gist_choose(&g, &w) > 0;
			gist_write(&g, &out);
			gist_words_add(&proof, buf_str(&out));
			if (!gist_holds(buf_str(&t), buf_str(&out), &proof))
				fail_msg("seed %llu: " STR_FMT "\nshown: " STR_FMT,
					(unsigned long long)seed, STR_ARG(buf_str(&t)),
					STR_ARG(buf_str(&out)));
		}
		arena_reset(&b->arena);
	}
	assert_true(cut > seeds_or(3000) / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {bench_test(test_first_sentences),
		bench_test(test_what_stays), bench_test(test_said_elsewhere),
		bench_test(test_question), bench_test(test_errors), bench_test(test_few),
		bench_test(test_code), bench_test(test_html), bench_test(test_plain),
		bench_test(test_pointers), bench_test(test_contract), bench_test(test_head),
		bench_test(test_own_kind), bench_test(test_own_kind_stays),
		bench_test(test_looks_elided), bench_test(test_random)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
