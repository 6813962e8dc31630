#include "core/compress/table/gist_text.h"

#include "core/compress/prose/sentence.h"
#include "core/compress/table/alarm.h"

enum {
	FIRST_MIN = 40,    /* bytes of a beginning that says what the text is about */
	GAP_MIN = 32,      /* bytes that a mark must stand for */
	POINTER_MAX = 400, /* bytes of a sentence that are looked at for how it begins */
	MARK_DIGITS = 9,   /* of the number in a mark */
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

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Names that programs have: read_mask, DeleteTopic. */
static bool is_identifier(str word)
{
	for (size_t i = 1; i + 1 < word.n; i++)
		if (word.p[i] == '_' || (is_upper(word.p[i]) && !is_upper(word.p[i - 1]) &&
						word_is_letter((unsigned char)word.p[i - 1])))
			return true;
	return false;
}

/* Sentences that say where one reads more: names in them are those of other texts. */
static bool is_pointer(str sentence)
{
	static const str all[] = {LIT("For more information"), LIT("For more details"),
		LIT("For information about"), LIT("For details"), LIT("To learn more"),
		LIT("Learn more"), LIT("Read more"), LIT("See ")};

	while (sentence.n && strchr("-* (", *sentence.p))
		sentence = str_sub(sentence, 1, sentence.n);
	for (size_t i = 0; i < ARRAY_N(all); i++)
		if (sentence.n >= all[i].n && str_eq_nocase(str_sub(sentence, 0, all[i].n), all[i]))
			return true;
	return false;
}

/* True for what stands in such a sentence of part. */
static bool is_in_pointer(str part, str word)
{
	size_t at = (size_t)(word.p - part.p), least = at > POINTER_MAX ? at - POINTER_MAX : 0;

	while (at > least && !(at > 1 && part.p[at - 1] == ' ' && strchr(".!?", part.p[at - 2])))
		at--;
	return is_pointer(str_sub(part, at, part.n));
}

static struct word_reader read_part(const struct gist_words *w, str text, str part)
{
	bool is_start = word_starts_behind(str_sub(text, 0, (size_t)(part.p - text.p)));

	return (struct word_reader){w->lexicon, part, is_start};
}

/* What has to stay wherever it stands. */
static bool must_stay(const struct gist_words *w, str text, str part)
{
	struct word_reader r = read_part(w, text, part);
	struct word word;

	if (sentence_is_strong(part) || alarm_speaks(part))
		return true;
	while (word_next(&r, &word))
		if (word.weight == WORD_ALWAYS)
			return true;
	return false;
}

/* What has to stay since it is shown nowhere else. */
static bool is_only(const struct gist_words *w, str text, str part)
{
	struct word_reader r = read_part(w, text, part);
	struct word word;

	while (word_next(&r, &word)) {
		str code = inside_code(&word);

		if (code.n ? is_code_shown(w, code)
			   : !(word.weight == WORD_ONCE || is_identifier(word.text)) ||
					is_shown(w, word.text))
			continue;
		if (code.n || is_identifier(word.text) || !is_in_pointer(part, word.text))
			return true;
	}
	return false;
}

/* ---- pieces --------------------------------------------------------------------------------------- */

bool gist_open(struct gist *b, str text, const struct gist_words *w, struct arena *a)
{
	sentence_vec all = {0};
	size_t kept = 0, loose = 0;

	*b = (struct gist){.text = text};
	if (text.n < GIST_MIN || str_find(text, STR(GIST_MARK)) != STR_NONE)
		return false;
	sentences_of(text, a, &all);
	b->n = all.n;
	b->v = arena_array(a, struct gist_piece, all.n);
	for (size_t i = 0; i < all.n; i++) {
		str piece = all.v[i].text;

		b->v[i] = (struct gist_piece){.text = piece};
		b->v[i].is_head = all.v[i].is_kept && i + 1 < all.n && !str_ends(piece, STR("\n"));
		b->v[i].is_kept = kept < FIRST_MIN || (all.v[i].is_kept && !b->v[i].is_head) ||
				  must_stay(w, text, piece);
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
		if (gap.n >= GAP_MIN && !must_stay(w, b->text, gap) && !is_only(w, b->text, gap)) {
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
		p->is_out = !is_only(w, b->text, p->text);
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
static bool passes(const struct gist_words *w, str text, size_t from, size_t n, size_t *end)
{
	str gap;

	*end = skip_characters(text, from, n);
	if (*end == STR_NONE || is_in_word(text, from) || is_in_word(text, *end))
		return false;
	gap = str_sub(text, from, *end);
	return !must_stay(w, text, gap) && !is_only(w, text, gap);
}

bool gist_holds(str text, str shown, const struct gist_words *w)
{
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
		if (!passes(w, text, at, n, &at))
			return false;
	}
	return true;
}
