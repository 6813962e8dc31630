#include "core/compress/html/html.h"

#include "core/base/limits.h"
#include "core/base/map.h"
#include "core/compress/html/block.h"
#include "core/compress/html/token.h"
#include "core/compress/marker.h"

enum {
	TEXT_MIN = 400,    /* bytes */
	BEFORE_MAX = 4096, /* bytes before the page: heads of HTTP, what a program says */
	LONG_WORDS = 40,   /* a text as long is never left out for where it stands */
	SHORT_WORDS =
		8, /* a text outside the main part that is shorter may be left out if nothing long is near */
	NEAR = 2,              /* blocks */
	ANCHOR_MAX = 40,       /* bytes of a link's text in the list of links */
	NEAR_WORDS = 20,       /* of a long one near */
	LIST_WORDS = 60,       /* a list of links that is longer is content */
	LOOK_BYTES = 64 << 10, /* of a part of a page, whose elements tell that it is one */
	FOREIGN_SHARE = 8,     /* fewer than one in so many of them is none of HTML */
};
/* Shares of words that are links. */
static const double beside_links = 0.3, list_links = 0.66;

static double links_of(const struct html_block *b)
{
	return b->words ? (double)b->link_words / b->words : 0;
}

/* Of what the page does not speak: a menu, a footer, a list of links. */
static bool is_aside(const struct html_page *page, const struct html_block *b)
{
	if (b->is_pre)
		return false;
	if (b->is_beside)
		return b->words < LONG_WORDS || links_of(b) > beside_links;
	if (page->has_main && !b->is_main && links_of(b) > beside_links && b->words < LIST_WORDS)
		return true;
	return !b->is_main && links_of(b) > list_links && b->words < LIST_WORDS;
}

/* Short enough that it may go where nothing long is near. */
static bool is_scrap(const struct html_block *b)
{
	return !b->is_main && !b->is_heading && !b->is_pre && b->words < SHORT_WORDS;
}

/* What holds() lets go, of the block alone. */
static bool may_go(const struct html_page *page, const struct html_block *b)
{
	return is_aside(page, b) || is_scrap(b);
}

static bool is_alone(const struct html_page *page, size_t at)
{
	size_t from = at < NEAR ? 0 : at - NEAR, to = at + NEAR + 1;

	if (to > page->blocks.n)
		to = page->blocks.n;
	for (size_t i = from; i < to; i++)
		if (page->blocks.v[i].words >= NEAR_WORDS && !is_aside(page, &page->blocks.v[i]))
			return false;
	return true;
}

static bool goes(const struct html_page *page, size_t at)
{
	const struct html_block *b = &page->blocks.v[at];

	return is_aside(page, b) || (is_scrap(b) && is_alone(page, at));
}

/* Where a page begins in a text; STR_NONE: nowhere near its beginning. */
static size_t find_page(str text)
{
	static const char *const starts[] = {
		"<!doctype html", "<!DOCTYPE html", "<!DOCTYPE HTML", "<html", "<HTML"};
	str head = str_sub(text, 0, text.n < BEFORE_MAX ? text.n : BEFORE_MAX);
	size_t first = STR_NONE;

	for (size_t i = 0; i < ARRAY_N(starts); i++) {
		size_t at = str_find(head, str_from(starts[i]));

		if (at != STR_NONE && (first == STR_NONE || at < first))
			first = at;
	}
	return first;
}

/* True when the elements of a text are those of HTML. Of others nobody knows what they say: <match path="a.c" line=12>. */
static bool has_html_elements(str text)
{
	struct html_reader r = {
		.text = str_sub(text, 0, text.n < LOOK_BYTES ? text.n : LOOK_BYTES)};
	struct html_token t;
	size_t known = 0, foreign = 0;

	while (html_next(&r, &t)) {
		if (t.type != HTML_START)
			continue;
		known += t.is_known;
		foreign += !t.is_known;
	}
	return known > foreign * FOREIGN_SHARE;
}

static str cut(str text)
{
	size_t n = ANCHOR_MAX;

	if (text.n <= n)
		return text;
	while (n && ((unsigned char)text.p[n] & 0xc0) == 0x80) /* within a character of UTF-8 */
		n--;
	return str_sub(text, 0, n);
}

/* Where the links of blocks that are shown lead, each address once. */
static void write_links(
	const struct html_page *page, const bool *is_shown, struct arena *a, struct buf *b)
{
	struct map seen;
	bool is_first = true;

	map_init(&seen, a);
	for (size_t i = 0; i < page->links.n; i++) {
		const struct html_link *l = &page->links.v[i];
		str text = cut(l->text);
		size_t eol = str_find_byte(text, '\n');
		void **place;

		if (l->block >= page->blocks.n || !is_shown[l->block])
			continue;
		place = map_at(&seen, l->address);
		if (*place)
			continue;
		*place = b;
		buf_add_c(b, is_first ? "Links:\n" : "");
		buf_add(b, eol == STR_NONE ? text : str_sub(text, 0, eol));
		buf_add_c(b, " ");
		buf_add(b, l->address);
		buf_add_byte(b, '\n');
		is_first = false;
	}
}

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct codec_head head = {.codec = &html_codec, .form = CODEC_ELIDED, .route = in->route};
	struct html_page page;
	struct buf b, body;
	size_t at, gone = 0;
	bool *is_shown;

	if (!in->route.n || in->text.n < TEXT_MIN)
		return false;
	at = find_page(in->text);
	if (at == STR_NONE && in->kind == KIND_HTML && has_html_elements(in->text))
		at = 0;
	if (at == STR_NONE || marker_in_text(str_sub(in->text, 0, at)))
		return false;
	html_read(str_sub(in->text, at, in->text.n), a, &page);
	is_shown = arena_array(a, bool, page.blocks.n + 1);
	buf_init_arena(&body, a, LIMIT_INPUT);
	for (size_t i = 0; i < page.blocks.n; i++) {
		is_shown[i] = !goes(&page, i);
		gone += !is_shown[i];
		if (!is_shown[i])
			continue;
		buf_add(&body, page.blocks.v[i].text);
		buf_add_byte(&body, '\n');
	}
	write_links(&page, is_shown, a, &body);
	if (!body.n || marker_in_text(buf_str(&body)))
		return false;
	head.words = arena_printf(a,
		"text of the page, where its links lead once at the end; %zu texts beside it, %zu "
		"scripts and all "
		"tags left out",
		gone, page.scripts_n);
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add(&b, str_sub(in->text, 0, at));
	if (at && in->text.p[at - 1] != '\n')
		buf_add_byte(&b, '\n');
	codec_head_write(&b, &head);
	buf_add_byte(&b, '\n');
	buf_add(&b, buf_str(&body));
	*out = (struct codec_out){.text = buf_str(&b), .form = CODEC_ELIDED};
	return b.err == E_OK;
}

/* There is no exact form. */
static bool decode(str text, struct arena *a, str *out)
{
	(void)text;
	(void)a;
	*out = STR_NULL;
	return false;
}

/* Reads the page anew: each of its blocks is shown, in its place, or may have gone, and the head says how many. */
static bool holds(str original, str text, struct arena *a)
{
	struct codec_head head;
	struct html_page page;
	size_t at, end, gone = 0, page_at = find_page(original);
	str rest, before, words;
	struct buf links;
	bool *is_shown;

	if (!codec_head_find(text, &head, &at, &end))
		return false;
	if (page_at == STR_NONE && has_html_elements(original))
		page_at = 0;
	if (page_at == STR_NONE)
		return false;
	before = str_sub(original, 0, page_at);
	if (!str_starts(str_sub(text, 0, at), before) || at > page_at + 1)
		return false;
	html_read(str_sub(original, page_at, original.n), a, &page);
	is_shown = arena_array(a, bool, page.blocks.n + 1);
	rest = str_sub(text, end, text.n);
	for (size_t i = 0; i < page.blocks.n; i++) {
		const struct html_block *b = &page.blocks.v[i];

		/* which of two that are spelled alike is shown, only who chose can say: believed where both may be */
		is_shown[i] = !(goes(&page, i) && may_go(&page, b));
		if (!is_shown[i])
			gone++;
		else if (!str_take(&rest, b->text) || !str_take(&rest, STR("\n")))
			return false;
	}
	words = arena_printf(a, "; %zu texts beside it, %zu scripts and all tags left out", gone,
		page.scripts_n);
	buf_init_arena(&links, a, LIMIT_INPUT);
	write_links(&page, is_shown, a, &links);
	return str_eq(rest, buf_str(&links)) && str_ends(head.words, words);
}

const struct codec html_codec = {
	.word = "html",
	.encoder = ENCODER_HTML,
	.kinds = 1u << KIND_HTML | 1u << KIND_TEXT,
	.encode = encode,
	.decode = decode,
	.holds = holds,
};
