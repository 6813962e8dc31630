#include "core/token/lines.h"

#include "core/base/hash.h"
#include "core/token/split.h"

enum {
	CORE_MIN = 8,  /* bytes of a core: shorter ones are counted as fast as they are found */
	WORD_MAX = 40, /* bytes of a line's first word */
	LINE_BYTES =
		32, /* of a text, for each place in its table: a table is a quarter to a half of its text */
	PLACES_MIN = 64,
};

/* ---- cores --------------------------------------------------------------------------------------------------- */

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A character of ASCII that is no white space. */
static inline bool is_visible(char c)
{
	return c > ' ' && c < 0x7f;
}

/* A letter or a digit of ASCII. */
static inline bool is_word(char c)
{
	unsigned char u = (unsigned char)c, letter = u | 0x20;

	return (unsigned char)(letter - 'a') <= 'z' - 'a' || (unsigned char)(u - '0') <= 9;
}

static inline const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* Behind a number column, where there is one: a guess, that only has to be the same for a line with and without it. body:
 * behind the blanks at p. */
static inline const char *skip_number(const char *p, const char *body, const char *end)
{
	const char *q = body;

	while (q < end && (unsigned char)(*q - '0') <= 9)
		q++;
	if (q == body || q == end)
		return p;
	if (*q == '\t' || *q == ':' || *q == '-' || *q == '|')
		return q + 1;
	return end - q > 3 && memcmp(q, "\xe2\x86\x92", 3) == 0
		       ? q + 3
		       : p; /* an arrow: Claude Code's Read */
}

/* Whether a piece ends behind the line end before p: one of signs takes line ends and slashes behind it along, one of white
 * space all up to its last line end. */
static inline bool is_line_start(const char *p, const char *end)
{
	const char *q = skip_blanks(p, end);

	return q < end && is_visible(*q) && !(q == p && *q == '/');
}

/* The first end of a piece in the line from p on, eol its end: before the last of several blanks, which goes with what
 * follows (one is enough behind a line end or a number column), else behind the first word. NULL: none. */
static const char *core_start(const char *p, const char *eol)
{
	const char *q = skip_blanks(p, eol), *body = skip_number(p, q, eol), *word;

	if (body > p)
		q = skip_blanks(body, eol);
	if (q == eol || !is_visible(*q))
		return NULL;
	if (q > body)
		return q - 1;
	word = eol - q > WORD_MAX ? q + WORD_MAX : eol;
	while (q < word && !is_word(*q))
		q++;
	while (q < word && is_word(*q))
		q++;
	return q < word && split_is_sure(q[-1], q[0]) ? q : NULL;
}

bool line_core_next(str text, const char **at, struct line_core *out)
{
	const char *end = text.p + text.n;

	while (*at < end) {
		const char *p = *at, *eol = memchr(p, '\n', (size_t)(end - p));

		if (!eol)
			return false;
		*at = eol + 1;
		if (!is_line_start(eol + 1, end))
			continue;
		*out = (struct line_core){core_start(p, eol), eol + 1};
		if (out->from && out->to - out->from >= CORE_MIN)
			return true;
	}
	return false;
}

/* ---- the table ------------------------------------------------------------------------------------------------- */

struct place {
	uint32_t at; /* in the text, from one; 0: free */
	uint16_t n, count;
};

struct token_lines {
	const char *text;
	uint32_t mask, left; /* places that may still be filled */
	struct place *v;
};

struct token_lines *token_lines_new(struct arena *a, str text)
{
	struct token_lines *l = arena_new(a, struct token_lines);
	uint32_t n = PLACES_MIN;

	while (n < text.n / LINE_BYTES)
		n *= 2;
	l->text = text.p;
	l->mask = n - 1;
	l->left = n / 4 * 3;
	l->v = arena_array(a, struct place, n);
	return l;
}

/* The place of that text, or a free one. */
static struct place *place_of(const struct token_lines *l, const struct line_core *core)
{
	size_t n = (size_t)(core->to - core->from);
	uint32_t i = (uint32_t)hash64((str){core->from, n}) & l->mask;

	while (l->v[i].at &&
		(l->v[i].n != n || memcmp(l->text + l->v[i].at - 1, core->from, n) != 0))
		i = (i + 1) & l->mask;
	return &l->v[i];
}

void token_lines_put(struct token_lines *l, const struct line_core *core, size_t count)
{
	struct place *x = place_of(l, core);
	size_t n = (size_t)(core->to - core->from), at = (size_t)(core->from - l->text);

	if (x->at || !l->left || n > UINT16_MAX || count > UINT16_MAX || at >= UINT32_MAX)
		return;
	*x = (struct place){(uint32_t)at + 1, (uint16_t)n, (uint16_t)count};
	l->left--;
}

size_t token_lines_find(const struct token_lines *l, const struct line_core *core)
{
	return place_of(l, core)->count;
}
