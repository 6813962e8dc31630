#include "core/compress/table/cell.h"

/* A sign that begins something else than a bare string. */
static const char first_signs[] = "\"{[(&*|=$ ";

const char *const cell_table_words[CELL_TABLES] = {" rows", " lists", " values"};

enum { TEXT = 1, KEY = 2, INNER = 4 };

/* Which bytes may stand where without further thought: TEXT: in a cell of a line; INNER: between brackets; KEY. */
static const unsigned char classes[256] = {
#define R(from, to, v) [from... to] = (v)
	R('a', 'z', TEXT | KEY | INNER),
	R('A', 'Z', TEXT | KEY | INNER),
	R('0', '9', TEXT | KEY | INNER),
	R(0x80, 0xff, TEXT | KEY | INNER),
	['_'] = TEXT | KEY | INNER,
	['.'] = TEXT | KEY | INNER,
	['-'] = TEXT | KEY | INNER,
	['/'] = TEXT | KEY | INNER,
	['+'] = TEXT | KEY | INNER,
	['@'] = TEXT | KEY | INNER,
	['#'] = TEXT | KEY | INNER,
	['%'] = TEXT | KEY | INNER,
	['~'] = TEXT | KEY | INNER,
	['!'] = TEXT | KEY | INNER,
	[':'] = TEXT | KEY | INNER,
	['?'] = TEXT | INNER,
	['\''] = TEXT | INNER,
	['`'] = TEXT | INNER,
	['<'] = TEXT | INNER,
	['>'] = TEXT | INNER,
	['\\'] = TEXT | INNER,
	['"'] = TEXT | INNER,
	['&'] = TEXT | INNER,
	['*'] = TEXT | INNER,
	['$'] = TEXT | INNER,
	['|'] = TEXT | INNER,
	['='] = TEXT | INNER,
	['^'] = TEXT | INNER,
	[','] = TEXT | INNER,
	['('] = TEXT,
	[')'] = TEXT,
	['['] = TEXT,
	[']'] = TEXT,
	['{'] = TEXT,
	['}'] = TEXT,
	[';'] = TEXT,
	[' '] = TEXT,
#undef R
};

static bool is(char c, int what)
{
	return classes[(unsigned char)c] & what;
}

size_t cell_end(str rest, enum cell_place place, char sep)
{
	size_t i = 0, depth = 0;

	if (place == CELL_ROW) {
		while (i < rest.n && rest.p[i] != sep && rest.p[i] != '\n')
			i++;
		return i;
	}
	for (; i < rest.n; i++) {
		char c = rest.p[i];

		if (place == CELL_HEAD && c == sep)
			break;
		if (is(c, INNER))
			continue;
		if (c == '{' || c == '[' || c == '(')
			depth++;
		else if (!is(c, TEXT) || c == ' ' || c == ';' || depth-- == 0)
			break;
	}
	return i;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits(str s, size_t at)
{
	size_t i = at;

	while (i < s.n && is_digit(s.p[i]))
		i++;
	return i - at;
}

/* RFC 8259 section 6. */
static bool is_number(str s)
{
	size_t at = s.n && *s.p == '-', n = digits(s, at);

	if (!n || (n > 1 && s.p[at] == '0'))
		return false;
	at += n;
	if (at < s.n && s.p[at] == '.') {
		n = digits(s, at + 1);
		if (!n)
			return false;
		at += n + 1;
	}
	if (at < s.n && (s.p[at] | 0x20) == 'e') {
		at += 1 + (at + 1 < s.n && (s.p[at + 1] == '+' || s.p[at + 1] == '-'));
		n = digits(s, at);
		if (!n)
			return false;
		at += n;
	}
	return at == s.n;
}

bool cell_is_scalar(str s)
{
	if (!s.n)
		return false;
	if (is_digit(*s.p) || *s.p == '-')
		return is_number(s);
	return str_eq(s, STR("null")) || str_eq(s, STR("true")) || str_eq(s, STR("false"));
}

bool cell_is_json(str rest)
{
	if (!str_take(&rest, STR(CELL_JSON)))
		return false;
	(void)str_take(&rest, STR(" "));
	return rest.n && (*rest.p == '{' || *rest.p == '[');
}

size_t cell_key_end(str rest, bool is_head)
{
	size_t i = 0;

	while (i < rest.n && is(rest.p[i], KEY) && !(is_head && rest.p[i] == ':'))
		i++;
	return i;
}

bool cell_is_key(str inside)
{
	for (size_t i = 0; i < inside.n; i++)
		if (!is(inside.p[i], KEY))
			return false;
	return inside.n > 0;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* True when as many brackets are closed as were opened: "n(ull" would swallow one that follows it. */
static bool is_balanced(str text)
{
	size_t opened = 0, closed = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (is(c, INNER))
			continue;
		opened += c == '{' || c == '[' || c == '(';
		closed += c == '}' || c == ']' || c == ')';
	}
	return opened == closed;
}

/* True for text without brackets that may stand between some. */
static bool is_inner(str text, enum cell_place place, char sep)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is(text.p[i], INNER) || (place == CELL_HEAD && text.p[i] == sep))
			return false;
	return true;
}

/* Behind a number it would make a table of an array. */
static bool is_table_word(str text)
{
	if (*text.p != 'r' && *text.p != 'l' && *text.p != 'v')
		return false;
	for (size_t i = 0; i < CELL_TABLES; i++) {
		str rest = text;

		if (str_take(&rest, str_from(cell_table_words[i] + 1)))
			return !rest.n || strchr(CELL_SEPARATORS, *rest.p);
	}
	return false;
}

bool cell_is_bare(str text, enum cell_place place, char sep, bool is_text)
{
	if (!text.n || text.p[text.n - 1] == ' ')
		return false;
	/* Nearly all strings begin with a letter. */
	if (!is_letter(*text.p) && strchr(first_signs, *text.p))
		return false;
	if (text.n == 1 && (*text.p == *CELL_ABSENT || *text.p == *CELL_DITTO))
		return false;
	/* What follows may make it one. */
	if (*text.p == *CELL_JSON && (str_eq(text, STR(CELL_JSON)) || cell_is_json(text)))
		return false;
	if (is_text ? str_eq(text, STR("null")) : cell_may_be_scalar(text) && cell_is_scalar(text))
		return false;
	if (place == CELL_ROW) {
		for (size_t i = 0; i < text.n; i++)
			if (text.p[i] == sep || !is(text.p[i], TEXT))
				return false;
		return true;
	}
	return (is_inner(text, place, sep) ||
		       (cell_end(text, place, sep) == text.n && is_balanced(text))) &&
	       !is_table_word(text) &&
	       (place != CELL_HEAD || (str_find(text, STR("..")) == STR_NONE &&
					      str_find(text, STR(CELL_HOLE)) == STR_NONE));
}
