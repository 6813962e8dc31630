/* Pages as their text: what tags make of a text, what is left out beside it, and that only this may be.
 * HEADROOM_SEEDS=20000 makes it a longer run. */
#include "tests/unit/compress_help.h"
#include "tests/unit/random_text.h"
#include "tests/unit/seeds.h"

#include <inttypes.h>

#include "core/compress/html/block.h"
#include "core/compress/html/html.h"
#include "core/compress/html/token.h"

enum { SEEDS = 60 };

static bool elide(str text, struct arena *a, str *out)
{
	struct codec_in in = {
		.text = text, .kind = KIND_HTML, .route = STR("headroom retrieve 3fa97c01")};
	struct codec_out o;
	bool is_elided = html_codec.encode(&in, a, &o);

	*out = is_elided ? o.text : STR_NULL;
	return is_elided;
}

/* ---- the text of tags ------------------------------------------------------------------------------- */

static void tags_become_what_a_reader_sees(void **state)
{
	static const struct {
		const char *page, *text; /* blocks, each with a line end */
	} cases[] = {
		{"<p>one<p>two", "one\ntwo\n"},
		{"<h2>A  <b>title</b>\n</h2>text", "## A title\ntext\n"},
		{"<ul><li>a<li><i>b</i>c</ul>", "- a\n- bc\n"},
		{"<table><tr><th>a<th>b<tr><td>1<td>2 3</table>", "a | b\n1 | 2 3\n"},
		{"a<br>b<hr>c", "a\nb\nc\n"},
		{"a<script>if (a < b) { x = '<p>'; }</script>b<style>p{}</style>c", "abc\n"},
		{"a<!-- <p>no --><!doctype html>b<?xml?>c", "abc\n"},
		{"1 &lt; 2 &amp; &eacute;&#8217;&#x2014;&nbsp;x &unknown; &",
			"1 < 2 & é’— x &unknown; &\n"},
		{"a < b and c<d", "a < b and c\n"}, /* <d is a tag that never ends */
		{"<pre>  int x;\n\tif (a &lt; b)\n</pre>", "  int x;\n\tif (a < b)\n\n"},
		{"<p title='a > b' hidden=\">\">x", "x\n"},
		{"<DIV>x</DIV ><P\nclass=y>z</p>", "x\nz\n"},
		{"</p></p>x</div>", "x\n"},
		{"<textarea><p>no</textarea >yes", "yes\n"},
		{"<svg><text>no</text></svg>yes", "yes\n"},
		{"<script>never ends", ""},
		{"<!-- never ends", ""},
		{"<p attr=\"never ends>x", ""},
		{"", ""},
		{"<", "<\n"},
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct html_page page;
		struct buf b;

		buf_init_arena(&b, &a, LIMIT_INPUT);
		html_read(str_from(cases[i].page), &a, &page);
		for (size_t k = 0; k < page.blocks.n; k++) {
			buf_add(&b, page.blocks.v[k].text);
			buf_add_byte(&b, '\n');
		}
		if (!str_eq_c(buf_str(&b), cases[i].text))
			fail_msg("%s:\n" STR_FMT, cases[i].page, STR_ARG(buf_str(&b)));
	}
	arena_release(&a);
}

static void attributes_are_found(void **state)
{
	static const struct {
		const char *attributes, *name, *value; /* NULL: there is none */
	} cases[] = {
		{" href=x", "href", "x"},
		{" a=1 HREF = 'x y' b", "href", "x y"},
		{" title='href=no' href=\"yes\"", "href", "yes"},
		{" hidden", "hidden", ""},
		{" data-href=x", "href", NULL},
		{" href", "href", ""},
		{"/href=x/", "href", "x/"},
		{" href=", "href", ""},
		{" href=\"never ends", "href", "never ends"},
		{" = x", "href", NULL},
		{"", "href", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		bool found;
		str value = html_attribute(str_from(cases[i].attributes), cases[i].name, &found);

		if (found != (cases[i].value != NULL) ||
			(found && !str_eq_c(value, cases[i].value)))
			fail_msg("%s: " STR_FMT, cases[i].attributes, STR_ARG(value));
	}
}

/* ---- what is beside the subject --------------------------------------------------------------------- */

#define LONG                                                                                       \
	"This is what the page is about, in so many words that nobody takes it for a menu, nor "   \
	"for a footer, and which "                                                                 \
	"go on until there are more than forty of them, since a text that is as long as this one " \
	"is never left out, "                                                                      \
	"wherever it stands and whatever the elements around it are called."

static void what_is_beside_the_subject_goes_and_the_subject_stays(void **state)
{
	static const struct {
		const char *page;
		const char *shown, *gone; /* what is in the text, and what is not; NULL: nothing */
	} cases[] = {
		{"<nav><a href=/a>Menu one</a> <a href=/b>Menu two</a></nav><p>" LONG "</p>",
			"about", "Menu"},
		{"<div class='site-menu'>Products and more</div><p>" LONG "</p>", "about",
			"Products"},
		{"<div class=with-sidebar><p>" LONG "</p><p>A short remark.</p></div>", "remark",
			NULL},
		{"<form><p>" LONG "</p><p>In the form, too.</p></form>", "too", NULL},
		{"<footer>" LONG " 2</footer><p>" LONG "</p>", "called. 2", NULL},
		{"<p>" LONG "</p><footer>All rights reserved</footer>", "about", "rights"},
		{"<ul><li><a href=/1>One</a><li><a href=/2>Two</a></ul><p>" LONG "</p>", "about",
			"One"},
		{"<main><ul><li><a href=/1>One</a></ul><p>" LONG "</p></main>", "- One", NULL},
		{"<p>" LONG " See <a href='https://a.org/x?a=1&amp;b=2'>the list</a>, <a "
		 "href=#top>up</a>.</p>",
			"Links:\nthe list https://a.org/x?a=1&b=2\n", "#top"},
		{"<p>" LONG " <a href=/x>one</a> <a href=/x>two</a></p>",
			"one two\nLinks:\none /x\n", "two /x"},
		{"<div style='display:none'>Not to be seen</div><p>" LONG "</p>", "about",
			"Not to be"},
		{"<p>Menu</p><p>Home</p><p>x</p><p>y</p><p>" LONG "</p><p>Near</p>", "Near",
			"Menu"},
		{"<h2>Alone</h2><p>x</p><p>y</p><p>z</p><p>" LONG "</p>", "## Alone", NULL},
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		str page = arena_printf(&a, "<!DOCTYPE html><html><body>%s%*s</body></html>",
			    cases[i].page, 400, ""),
		    text;

		assert_true(elide(page, &a, &text));
		if (str_find(text, str_from(cases[i].shown)) == STR_NONE ||
			(cases[i].gone && str_find(text, str_from(cases[i].gone)) != STR_NONE))
			fail_msg("%s:\n" STR_FMT, cases[i].page, STR_ARG(text));
		assert_true(html_codec.holds(page, text, &a));
	}
	arena_release(&a);
}

static void what_a_program_printed_before_the_page_stays(void **state)
{
	struct arena a = ARENA_INIT;
	str page = arena_printf(&a,
		"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html><p>%s%*s</p>",
		LONG, 400, "");
	str text;

	(void)state;
	assert_true(elide(page, &a, &text));
	assert_true(
		str_starts(text, STR("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n[html: ")));
	assert_true(html_codec.holds(page, text, &a));
	assert_false(html_codec.holds(str_sub(page, 1, page.n), text, &a));
	assert_false(elide(STR("<p>short"), &a, &text));
	arena_release(&a);
}

/* What other programs put between signs of their own is no page: path and line would be gone. */
static void elements_of_others_stay(void **state)
{
	static const struct {
		const char *line;
		bool is_page;
	} cases[] = {
		{"<match path=\"a.c\" line=12>\nint a;\n</match>\n", false},
		{"<glob pattern=\"*.mbox\"/>\n<comment xml:lang=\"de\">Post</comment>\n", false},
		{"<p>" LONG " <em>or</em> two.</p>\n", true},
		{"<my-part><p>" LONG "</p></my-part>\n", true},
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct buf b;
		str text, shown;

		buf_init_arena(&b, &a, LIMIT_INPUT);
		for (int k = 0; k < 40; k++)
			buf_add_c(&b, cases[i].line);
		assert_int_equal(elide(buf_str(&b), &a, &text), cases[i].is_page);
		if (cases[i].is_page) {
			assert_true(html_codec.holds(buf_str(&b), text, &a));
			continue;
		}
		/* nor does what would be shown of it as a page hold */
		assert_true(elide(
			arena_printf(&a, "<html>" STR_FMT, STR_ARG(buf_str(&b))), &a, &shown));
		assert_false(html_codec.holds(buf_str(&b), shown, &a));
	}
	arena_release(&a);
}

/* ---- any page --------------------------------------------------------------------------------------- */

static void add_words(struct rng *r, struct buf *b, uint32_t n)
{
	static const char *const words[] = {"river", "house", "green", "walk", "&amp;",
		"caf&eacute;", "morning", "the", "of", "and", "1 &lt; 2", "people"};

	for (uint32_t i = 0; i < n; i++) {
		buf_add_c(b, rng_once_in(r, 9) ? "\n\t" : " ");
		buf_add_c(b, RNG_PICK(r, words));
	}
}

/* A tree with all kinds of elements; paragraphs that must be shown are numbered and counted. */
static void add_tree(struct rng *r, struct buf *b, unsigned depth, unsigned *long_n)
{
	static const char *const elements[] = {"div", "section", "nav", "ul", "main", "article",
		"table", "tr", "td", "li", "form", "footer", "span", "header", "div class=menu",
		"div id=side-nav", "blockquote", "b", "div hidden"};
	static const char *const odd[] = {"<script>x<p>y</script>", "<!-- no -->", "<br>",
		"<img src=x>", "</div>", "</p>", "<p", " a < b ", "<hr/>", "<svg><p>no</svg>",
		"<style>p {}</style>"};

	for (uint32_t i = 1 + rng_below(r, 4); i; i--) {
		const char *name = RNG_PICK(r, elements);

		switch (rng_below(r, 5)) {
		case 0:
			buf_printf(b, "<p>number%u", ++*long_n);
			add_words(r, b, 45);
			buf_add_c(b, "</p>");
			break;
		case 1:
			buf_printf(b, "<a href='/x/%u'>", rng_below(r, 9));
			add_words(r, b, 1 + rng_below(r, 4));
			buf_add_c(b, "</a>");
			break;
		case 2:
			buf_add_c(b, rng_once_in(r, 3) ? RNG_PICK(r, odd) : "<p>few</p>");
			break;
		default:
			if (!depth)
				break;
			buf_printf(b, "<%s>", name);
			add_tree(r, b, depth - 1, long_n);
			if (!rng_once_in(r, 6)) /* else it is not closed */
				buf_printf(b, "</%.*s>", (int)strcspn(name, " "), name);
		}
	}
}

/* Another word, or one gone. */
static str damage(struct rng *r, str text, struct arena *a)
{
	size_t head = str_find_byte(text, '\n') + 1, at;
	char *p = arena_alloc(a, text.n, 1);

	memcpy(p, text.p, text.n);
	at = head + rng_below(r, (uint32_t)(text.n - head));
	if (rng_once_in(r, 2)) {
		p[at] ^= 1;
		return (str){p, text.n};
	}
	memmove(p + at, p + at + 1, text.n - at - 1);
	return (str){p, text.n - 1};
}

static void any_page_shows_its_long_texts_and_damage_is_found(void **state)
{
	size_t elided = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= seeds_or(SEEDS); seed++) {
		struct arena a = ARENA_INIT;
		struct rng r = rng_new(seed);
		struct buf b;
		unsigned long_n = 0;
		str text, again;

		buf_init(&b, LIMIT_INPUT);
		buf_add_c(&b, "<html><body>");
		for (int i = 0; i < 4; i++)
			add_tree(&r, &b, 5, &long_n);
		if (elide(buf_str(&b), &a, &text)) {
			elided++;
			for (unsigned i = 1; i <= long_n; i++)
				if (str_find(text, arena_printf(&a, "number%u ", i)) == STR_NONE)
					fail_msg("seed %" PRIu64
						 ": number%u is not there:\n" STR_FMT "\n" STR_FMT,
						seed, i, STR_ARG(buf_str(&b)), STR_ARG(text));
			if (!html_codec.holds(buf_str(&b), text, &a))
				fail_msg("seed %" PRIu64 " does not hold:\n" STR_FMT, seed,
					STR_ARG(text));
			assert_false(html_codec.holds(buf_str(&b), damage(&r, text, &a), &a));
			assert_true(elide(buf_str(&b), &a, &again) && str_eq(text, again));
		}
		buf_release(&b);
		arena_release(&a);
	}
	assert_true(elided * 10 >= seeds_or(SEEDS) * 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_become_what_a_reader_sees),
		cmocka_unit_test(attributes_are_found),
		cmocka_unit_test(what_is_beside_the_subject_goes_and_the_subject_stays),
		cmocka_unit_test(what_a_program_printed_before_the_page_stays),
		cmocka_unit_test(elements_of_others_stay),
		cmocka_unit_test(any_page_shows_its_long_texts_and_damage_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
