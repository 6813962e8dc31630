#include "core/compress/code/quick_lex.h"

static uint32_t tail(const unsigned char *p, unsigned n, uint32_t c)
{
	for (unsigned i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3F);
	return c;
}

static void load_long(struct quick_lexer *x)
{
	const unsigned char *p = x->text + x->at;

	x->width = *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : 4;
	x->face.lookahead = (int32_t)tail(p, x->width, *p & (0xFFU >> (x->width + 1)));
}

static void load(struct quick_lexer *x)
{
	if (x->at >= x->n) {
		x->face.lookahead = 0;
		x->width = 0;
		return;
	}
	if (x->text[x->at] >= 0x80) {
		load_long(x);
		return;
	}
	x->face.lookahead = x->text[x->at];
	x->width = 1;
}

static struct quick_lexer *lexer_of(TSLexer *face)
{
	return (struct quick_lexer *)(void *)face;
}

static const struct quick_lexer *lexer_of_const(const TSLexer *face)
{
	return (const struct quick_lexer *)(const void *)face;
}

static void advance(TSLexer *face, bool skips)
{
	struct quick_lexer *x = lexer_of(face);

	if (!x->width)
		return;
	x->at += x->width;
	if (skips)
		x->start = x->at;
	load(x);
}

static void mark_end(TSLexer *face)
{
	struct quick_lexer *x = lexer_of(face);

	x->end = x->at;
	x->has_end = true;
}

/* In characters, as tree-sitter counts them for scanners. */
static uint32_t get_column(TSLexer *face)
{
	const struct quick_lexer *x = lexer_of(face);
	uint32_t n = 0, i;

	for (i = x->at; i > x->first && x->text[i - 1] != '\n'; i--)
		n += (x->text[i - 1] & 0xC0) != 0x80;
	return n;
}

/* That of the one range that the source is. */
static bool is_at_range_start(const TSLexer *face)
{
	const struct quick_lexer *x = lexer_of_const(face);

	return x->width && !x->at;
}

static bool is_at_end(const TSLexer *face)
{
	return !lexer_of_const(face)->width;
}

static void log_nothing(const TSLexer *face, const char *format, ...)
{
	(void)face;
	(void)format;
}

void quick_lex_init(struct quick_lexer *x, str source)
{
	*x = (struct quick_lexer){.face = {.advance = advance,
					  .mark_end = mark_end,
					  .get_column = get_column,
					  .is_at_included_range_start = is_at_range_start,
					  .eof = is_at_end,
					  .log = log_nothing},
		.text = (const unsigned char *)source.p,
		.n = (uint32_t)source.n,
		.first = str_starts(source, STR("\xEF\xBB\xBF")) ? 3 : 0};
}

void quick_lex_begin(struct quick_lexer *x, uint32_t at)
{
	x->at = x->start = at ? at : x->first;
	x->has_end = false;
	x->face.result_symbol = 0;
	load(x);
}

void quick_lex_load(struct quick_lexer *x)
{
	load(x);
}

void quick_lex_finish(struct quick_lexer *x)
{
	if (!x->has_end)
		x->end = x->at;
	if (x->end < x->start)
		x->start = x->end;
}
