#include "core/compress/table/gist_text.h"

#include "core/compress/prose/sentence.h"
#include "core/compress/table/alarm.h"

enum {
	FIRST_MIN = 40,  /* bytes of a beginning that says what the text is about */
	GAP_MIN = 32,    /* bytes that a mark must stand for */
	TAG_MAX = 300,   /* bytes of a tag, with what it says */
	MARK_DIGITS = 9, /* of the number in a mark */
};

/* ---- words ---------------------------------------------------------------------------------------- */

void gist_words_init(struct gist_words *w, struct arena *a)
{
	w->lexicon = lexicon_new(a);
	map_init(&w->shown, a);
}

static bool is_of_word(char c)
{
	return word_is_letter((unsigned char)c) || (c >= '0' && c <= '9');
}

static bool is_html(str text)
{
	return str_find(text, STR("</")) != STR_NONE;
}

/* What stands between the signs of a piece of code; empty when the word is none. */
static str inside_code(const struct word *word)
{
	return *word->text.p == '`' ? str_sub(word->text, 1, word->text.n - 1) : STR_NULL;
}

static void add_words(struct gist_words *w, str text)
{
	struct word_reader r = {w->lexicon, text, true};
	struct word word;

	while (word_next(&r, &word)) {
		struct word_reader code = {w->lexicon, inside_code(&word), false};

		*map_at(&w->shown, word.text) = w;
		while (word_next(&code, &word))
			*map_at(&w->shown, word.text) = w;
	}
}

/* The number of a mark at that place, and how long the mark is; 0: there is none. */
static size_t mark_length(str text, size_t at, size_t *n)
{
	size_t i = at + 2;

	if (at + 2 > text.n || text.p[at] != '[' || text.p[at + 1] != '+')
		return 0;
	for (*n = 0; i < text.n && i < at + 2 + MARK_DIGITS && text.p[i] >= '0' && text.p[i] <= '9';
		i++)
		*n = *n * 10 + (size_t)(text.p[i] - '0');
	return i > at + 2 && *n && i < text.n && text.p[i] == ']' ? i + 1 - at : 0;
}

/* What stands before the next mark, which is passed, too: *n characters; 0: there is none. */
static str take_shown(str *rest, size_t *n)
{
	for (size_t at = 0;;) {
		size_t found = str_find(str_sub(*rest, at, rest->n), STR(GIST_MARK)), length;
		str before = str_sub(*rest, 0, at + found);

		if (found == STR_NONE) {
			before = *rest;
			*rest = STR_NULL;
			*n = 0;
			return before;
		}
		length = mark_length(*rest, at + found, n);
		if (length) {
			*rest = str_sub(*rest, at + found + length, rest->n);
			return before;
		}
		at += found + 1;
	}
}

void gist_words_add(struct gist_words *w, str text)
{
	size_t n;

	while (text.n)
		add_words(w, take_shown(&text, &n));
}

static bool is_shown(const struct gist_words *w, str word)
{
	return map_find(&w->shown, word) != NULL;
}

static bool is_code_shown(const struct gist_words *w, str code)
{
	struct word_reader r = {w->lexicon, code, false};
	struct word word;

	while (word_next(&r, &word))
		if (word.weight == WORD_ALWAYS || !is_shown(w, word.text))
			return false;
	return true;
}

/* Names of things that have no capitals: read_mask, topic.name. */
static bool is_identifier(str word)
{
	return word.n > 2 && str_find_byte(str_sub(word, 1, word.n - 1), '_') != STR_NONE;
}

/* How long the tag is that begins there, with what it says; 0: none does. */
static size_t any_tag(str text, size_t at)
{
	size_t end = at + TAG_MAX < text.n ? at + TAG_MAX : text.n, n;

	if (text.p[at] != '<' || at + 1 == end ||
		!(text.p[at + 1] == '/' || word_is_letter((unsigned char)text.p[at + 1])))
		return 0;
	n = str_find_byte(str_sub(text, at, end), '>');
	return n == STR_NONE ? 0 : n + 1;
}

/* The same of one that ends something, or begins a paragraph; others belong to what follows. */
static size_t block_tag(str text, size_t at)
{
	static const str blocks[] = {LIT("p"), LIT("li"), LIT("ul"), LIT("ol"), LIT("br"),
		LIT("dl"), LIT("dt"), LIT("dd"), LIT("div"), LIT("note"), LIT("important"),
		LIT("br/"), LIT("br /")};
	size_t n = any_tag(text, at);

	if (!n || text.p[at + 1] == '/')
		return n;
	for (size_t i = 0; i < ARRAY_N(blocks); i++)
		if (str_eq_nocase(str_sub(text, at + 1, at + n - 1), blocks[i]))
			return n;
	return 0;
}

/* True for the end of what stands within a sentence. */
static bool is_inline(str text, size_t at)
{
	static const str all[] = {LIT("</code>"), LIT("</a>"), LIT("</b>"), LIT("</i>"),
		LIT("</em>"), LIT("</strong>")};

	for (size_t i = 0; i < ARRAY_N(all); i++)
		if (str_starts(str_sub(text, at, text.n), all[i]))
			return true;
	return false;
}

/* A tag behind which a sentence begins. */
static bool is_break(str text, size_t at)
{
	return block_tag(text, at) && !is_inline(text, at);
}

/* True when a sentence begins behind that text. */
static bool starts_behind(str text, bool is_html)
{
	for (size_t at; is_html; text.n = at) {
		str trimmed = str_trim_right(text);

		at = str_ends(trimmed, STR(">")) ? str_rfind_byte(trimmed, '<') : STR_NONE;
		if (at == STR_NONE || any_tag(trimmed, at) != trimmed.n - at)
			break;
		if (is_break(trimmed, at))
			return true;
	}
	return word_starts_behind(text);
}

/* The words of a part of a text; of HTML without its tags, so that where a link leads goes with its words. */
struct part_reader {
	struct word_reader words;
	str rest;                   /* behind what words reads */
	bool is_html, begins;       /* begins: behind what words reads a sentence does */
	bool in_link, next_in_link; /* what words reads, and what follows, is the text of one */
};

/* Up to the next tag, which is passed. */
static void next_run(struct part_reader *r)
{
	size_t at = 0, n = 0;

	r->words.is_start |= r->begins;
	r->in_link = r->next_in_link;
	while (at < r->rest.n && !n) {
		n = r->is_html ? any_tag(r->rest, at) : 0;
		at += !n;
	}
	r->words.rest = str_sub(r->rest, 0, at);
	r->begins = n && is_break(r->rest, at);
	if (n && str_starts(str_sub(r->rest, at, r->rest.n), STR("<a href=")))
		r->next_in_link = true;
	else if (n && str_starts(str_sub(r->rest, at, r->rest.n), STR("</a>")))
		r->next_in_link = false;
	r->rest = str_sub(r->rest, at + n, r->rest.n);
}

static bool next_word(struct part_reader *r, struct word *word)
{
	while (!word_next(&r->words, word)) {
		if (!r->rest.n)
			return false;
		next_run(r);
	}
	return true;
}

static struct part_reader read_part(const struct gist_words *w, const struct gist *g, str part)
{
	bool is_start =
		starts_behind(str_sub(g->text, 0, (size_t)(part.p - g->text.p)), g->is_html);

	return (struct part_reader){
		.words = {w->lexicon, STR_NULL, is_start}, .rest = part, .is_html = g->is_html};
}

/* What has to stay wherever it stands. */
static bool must_stay(const struct gist_words *w, const struct gist *g, str part)
{
	struct part_reader r = read_part(w, g, part);
	struct word word;

	if (sentence_is_strong(part) || alarm_speaks(part))
		return true;
	while (next_word(&r, &word))
		if (word.weight == WORD_ALWAYS)
			return true;
	return false;
}

/* A name; what a link of HTML is called is the name of another text. */
static bool is_name(const struct part_reader *r, const struct word *word)
{
	return is_identifier(word->text) || (word->weight == WORD_ONCE && !r->in_link);
}

/* What has to stay since it is shown nowhere else. */
static bool is_only(const struct gist_words *w, const struct gist *g, str part)
{
	struct part_reader r = read_part(w, g, part);
	struct word word;

	while (next_word(&r, &word)) {
		str code = inside_code(&word);

		if (code.n ? !is_code_shown(w, code)
			   : is_name(&r, &word) && !is_shown(w, word.text))
			return true;
	}
	return false;
}

/* ---- pieces --------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Behind blanks and tags that end something, or begin a paragraph. */
static size_t skip_tags(str text, size_t at)
{
	while (at < text.n) {
		size_t n = is_blank(text.p[at]) ? 1 : block_tag(text, at);

		if (!n)
			break;
		at += n;
	}
	return at;
}

/* The end of the piece of HTML that begins there. */
static size_t html_end(str text, size_t from)
{
	for (size_t i = from, end; i < text.n; i++) {
		char c = text.p[i];

		if (c == '<') {
			end = is_inline(text, i) ? i : skip_tags(text, i);
			if (end > i)
				return end;
			end = i + any_tag(text, i);
			i = end > i ? end - 1 : i;
			continue;
		}
		if (c != '.' && c != '!' && c != '?')
			continue;
		end = i + 1;
		while (end < text.n && strchr("\"')]", text.p[end]))
			end++;
		/* e.g. */
		if (end < text.n && (!(is_blank(text.p[end]) || text.p[end] == '<') ||
					    (c == '.' && i > 1 && text.p[i - 2] == '.')))
			continue;
		return skip_tags(text, end);
	}
	return text.n;
}

static void add_html(str text, struct arena *a, sentence_vec *out)
{
	for (size_t at = 0, end; at < text.n; at = end) {
		end = html_end(text, at);
		*vec_push(out, a) = (struct sentence){.text = str_sub(text, at, end)};
	}
}

bool gist_open(struct gist *b, str text, const struct gist_words *w, struct arena *a)
{
	sentence_vec all = {0};
	size_t kept = 0, loose = 0;

	*b = (struct gist){.text = text, .is_html = is_html(text)};
	if (text.n < GIST_MIN || str_find(text, STR(GIST_MARK)) != STR_NONE)
		return false;
	if (b->is_html)
		add_html(text, a, &all);
	else
		sentences_of(text, a, &all);
	b->n = all.n;
	b->v = arena_array(a, struct gist_piece, all.n);
	for (size_t i = 0; i < all.n; i++) {
		str piece = all.v[i].text;

		b->v[i] = (struct gist_piece){.text = piece};
		b->v[i].is_head = all.v[i].is_kept && i + 1 < all.n && !str_ends(piece, STR("\n"));
		b->v[i].is_kept = kept < FIRST_MIN || (all.v[i].is_kept && !b->v[i].is_head) ||
				  must_stay(w, b, piece);
		kept += b->v[i].is_kept ? str_trim(piece).n : 0;
		loose += b->v[i].is_kept ? 0 : piece.n;
	}
	return loose >= GAP_MIN;
}

/* ---- choosing ------------------------------------------------------------------------------------- */

void gist_show(const struct gist *b, struct gist_words *w)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->v[i].is_kept)
			add_words(w, b->v[i].text);
}

/* From piece i to the one before end, without the blanks behind. */
static str gap_text(const struct gist *b, size_t i, size_t end)
{
	const char *from = b->v[i].text.p;
	str last = b->v[end - 1].text;

	return str_trim_right((str){from, (size_t)(last.p + last.n - from)});
}

/* Behind the pieces from i on that go. */
static size_t gap_end(const struct gist *b, size_t i)
{
	while (i < b->n && b->v[i].is_out)
		i++;
	return i;
}

/* What is behind a head stays, so that it stays, too; and pieces that are too few for a mark, or that are read otherwise
 * one behind the other. */
static size_t settle(struct gist *b, struct gist_words *w)
{
	size_t bytes = 0;

	for (size_t i = b->n; i-- > 0;)
		if (b->v[i].is_head && b->v[i].is_out && !b->v[i + 1].is_out)
			b->v[i].is_out = false;
	for (size_t i = 0, end; i < b->n; i = end) {
		str gap;

		end = gap_end(b, i);
		if (end == i) {
			end = i + 1;
			continue;
		}
		gap = gap_text(b, i, end);
		if (gap.n >= GAP_MIN && !must_stay(w, b, gap) && !is_only(w, b, gap)) {
			bytes += gap.n;
			continue;
		}
		for (size_t k = i; k < end; k++)
			b->v[k].is_out = false;
	}
	return bytes;
}

size_t gist_choose(struct gist *b, struct gist_words *w)
{
	for (size_t i = 0; i < b->n; i++) {
		struct gist_piece *p = &b->v[i];

		if (p->is_kept)
			continue;
		p->is_out = !is_only(w, b, p->text);
		if (!p->is_out)
			add_words(w, p->text);
	}
	return settle(b, w);
}

/* False for what goes on a character of UTF-8. */
static bool begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static size_t count_characters(str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += begins_character(text.p[i]);
	return n;
}

void gist_write(const struct gist *b, struct buf *out)
{
	for (size_t i = 0, end; i < b->n; i = end) {
		str gap, last;

		end = gap_end(b, i);
		if (end == i) {
			buf_add(out, b->v[i].text);
			end = i + 1;
			continue;
		}
		gap = gap_text(b, i, end);
		last = b->v[end - 1].text;
		buf_printf(out, GIST_MARK "%zu]", count_characters(gap));
		buf_add(out, (str){gap.p + gap.n, (size_t)(last.p + last.n - gap.p) - gap.n});
	}
}

/* ---- proof ---------------------------------------------------------------------------------------- */

/* Behind n characters; STR_NONE: there are not so many. */
static size_t skip_characters(str text, size_t at, size_t n)
{
	for (; at < text.n && (n || !begins_character(text.p[at])); at++)
		n -= begins_character(text.p[at]);
	return n ? STR_NONE : at;
}

/* True between two letters or digits: no mark stands there. */
static bool is_in_word(str text, size_t at)
{
	return at && at < text.n && is_of_word(text.p[at - 1]) && is_of_word(text.p[at]);
}

/* What is left out from there on, n characters of the text; false when there are not so many, or they had to stay. */
static bool passes(
	const struct gist_words *w, const struct gist *g, size_t from, size_t n, size_t *end)
{
	str gap;

	*end = skip_characters(g->text, from, n);
	if (*end == STR_NONE || is_in_word(g->text, from) || is_in_word(g->text, *end))
		return false;
	gap = str_sub(g->text, from, *end);
	return !must_stay(w, g, gap) && !is_only(w, g, gap);
}

bool gist_holds(str text, str shown, const struct gist_words *w)
{
	const struct gist g = {.text = text, .is_html = is_html(text)};
	size_t at = 0;

	if (text.n < GIST_MIN || str_find(text, STR(GIST_MARK)) != STR_NONE)
		return false;
	while (shown.n || at < text.n) {
		size_t n;
		str same = take_shown(&shown, &n);

		if (!str_starts(str_sub(text, at, text.n), same) || (n && at + same.n < FIRST_MIN))
			return false;
		at += same.n;
		if (!n)
			return at == text.n && !shown.n;
		if (!passes(w, &g, at, n, &at))
			return false;
	}
	return true;
}
