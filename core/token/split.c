#include "core/token/split.h"

#include "core/token/unicode.h"

/* The patterns, alternatives in order, the first that matches wins:
 *
 * o200k_base
 *	[^\r\n\p{L}\p{N}]? [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]* [\p{Ll}\p{Lm}\p{Lo}\p{M}]+ ('s|'t|'re|'ve|'m|'ll|'d)?
 *	[^\r\n\p{L}\p{N}]? [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+ [\p{Ll}\p{Lm}\p{Lo}\p{M}]* (the same)?
 *	\p{N}{1,3}
 *	' '? [^\s\p{L}\p{N}]+ [\r\n/]*
 *	\s* [\r\n]+
 *	\s+ (?!\S)
 *	\s+
 * cl100k_base
 *	's|'t|'re|'ve|'m|'ll|'d
 *	[^\r\n\p{L}\p{N}]? \p{L}+
 *	\p{N}{1,3}
 *	' '? [^\s\p{L}\p{N}]+ [\r\n]*
 *	\s+ $
 *	\s* [\r\n]
 *	\s+ (?!\S)
 *	\s
 * The contractions match in either case, ASCII letters only. */

typedef const unsigned char *at; /* a place in the text */

#define IS(class, set) ((1u << (class)) & (set))
#define SET(class)     (1u << CHAR_##class)

enum {
	SET_SPACES = SET(SPACE) | SET(NEWLINE),
	SET_SIGNS = SET(OTHER) | SET(MARK), /* [^\s\p{L}\p{N}] */
	SET_LETTERS = SET(UPPER) | SET(LOWER) | SET(LETTER),
	SET_FIRST = SET(UPPER) | SET(LETTER) | SET(MARK), /* of a word in o200k_base... */
	SET_REST = SET(LOWER) | SET(LETTER) | SET(MARK)   /* ...and what follows */
};

static at skip(at p, at end, unsigned set)
{
	size_t n;

	while (p < end && IS(char_class_at(p, &n), set))
		p += n;
	return p;
}

/* Behind a contraction at p, or p. */
static at skip_contraction(at p, at end)
{
	unsigned a, b;

	if (end - p < 2 || *p != '\'')
		return p;
	a = p[1] | 0x20;
	if (a == 's' || a == 't' || a == 'm' || a == 'd')
		return p + 2;
	b = end - p < 3 ? 0 : p[2] | 0x20;
	if ((a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l'))
		return p + 3;
	return p;
}

/* Behind the word of o200k_base that starts at p (its optional first sign already passed), or NULL.
 * Both word patterns in one: the longest run of SET_FIRST, and SET_REST behind it. Where no lower-case
 * letter follows the run, the first pattern gives characters back until one that belongs to both sets is
 * the last; the second pattern takes runs that have none. */
static at word_o200k(at p, at end)
{
	at start = p, both = NULL; /* behind the last character of both sets */
	unsigned class = CHAR_OTHER;
	size_t n;

	for (; p < end; p += n) {
		class = char_class_at(p, &n);
		if (!IS(class, SET_FIRST))
			break;
		if (class != CHAR_UPPER)
			both = p + n;
	}
	if (p < end && class == CHAR_LOWER)
		p = skip(p, end, SET_REST);
	else if (both)
		p = both;
	else if (p == start)
		return NULL;
	return skip_contraction(p, end);
}

static at word_cl100k(at p, at end)
{
	at q = skip(p, end, SET_LETTERS);

	return q == p ? NULL : q;
}

static at number(at p, at end)
{
	size_t n;

	for (int i = 0; i < 3 && p < end && char_class_at(p, &n) == CHAR_NUMBER; i++)
		p += n;
	return p;
}

/* ' '? [^\s\p{L}\p{N}]+ and the line ends (in o200k_base also slashes) behind it, or NULL. */
static at signs(enum token_encoding e, at p, at end)
{
	at start = *p == ' ' ? p + 1 : p, q = skip(start, end, SET_SIGNS);

	if (q == start)
		return NULL;
	while (q < end && (*q == '\r' || *q == '\n' || (*q == '/' && e == TOKEN_O200K)))
		q++;
	return q;
}

static at spaces(enum token_encoding e, at p, at end)
{
	at q = p, last = p, line_end = NULL; /* behind the last line end */
	size_t n;

	while (q < end && IS(char_class_at(q, &n), SET_SPACES)) {
		last = q;
		q += n;
		if (q[-1] == '\n' || q[-1] == '\r')
			line_end = q;
	}
	if (q == end && e == TOKEN_CL100K)
		return q;
	if (line_end)
		return line_end;
	return q == end || last == p ? q : last;
}

static at piece(enum token_encoding e, at p, at end)
{
	size_t n;
	unsigned class = char_class_at(p, &n);
	at q;

	if (e == TOKEN_CL100K && *p == '\'' && (q = skip_contraction(p, end)) != p)
		return q;
	if (class == CHAR_NUMBER)
		return number(p, end);
	if (class != CHAR_NEWLINE) {
		bool is_prefix = IS(class, SET(SPACE) | SET(OTHER)) ||
				 (class == CHAR_MARK && e == TOKEN_CL100K);

		q = is_prefix ? p + n : p;
		q = e == TOKEN_O200K ? word_o200k(q, end) : word_cl100k(q, end);
		if (q || (q = signs(e, p, end)))
			return q;
	}
	return spaces(e, p, end);
}

const char *split_piece(enum token_encoding e, const char *p, const char *end)
{
	return (const char *)piece(e, (at)p, (at)end);
}

bool split_is_sure(char before, char after)
{
	size_t n;
	const unsigned char b = (unsigned char)before, a = (unsigned char)after;

	return a < 0x80 && b < 0x80 && a != '\'' &&
	       IS(char_class_at(&b, &n), SET_LETTERS | SET(NUMBER)) &&
	       !IS(char_class_at(&a, &n), SET_LETTERS | SET(NUMBER));
}
