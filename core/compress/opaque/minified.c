/* Lines of JavaScript or CSS that a program has taken the white space out of. */
#include "core/compress/opaque/span.h"

enum {
	LINE_MIN = 1500, /* bytes; nobody writes such a line */
	HEAD = 200,      /* bytes that stay: who made it, what it is called, its licence */
	TAIL = 80,
	/* One byte in so many is ... at least, or at most: */
	BLANK_SHARE = 14, /* a blank; of prose one in 6, of code by hand one in 5 */
	SIGN_SHARE = 12,  /* one of ;{}()=, */
	BRACE_SHARE = 300,
	END_SHARE = 120, /* a semicolon or the beginning of a call */
	TAG_SHARE = 60,
	NAME_SHARE = 200, /* a name in quotes, as in JSON */
	WORD_SHARE = 600, /* a word of the language, at least */
};

/* What no long line of JavaScript or CSS does without, and data hardly has. */
static const str words[] = {{"function", 8}, {"return", 6}, {"=>", 2}, {"var ", 4}, {"const ", 6},
	{"let ", 4}, {"this.", 5}, {"margin", 6}, {"padding", 7}, {"color:", 6}, {"display:", 8},
	{"width:", 6}, {"font-", 5}, {"px;", 3}, {"px}", 3}};

static size_t count_words(str line)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_N(words); i++)
		for (str rest = line; rest.n;) {
			size_t at = str_find(rest, words[i]);

			if (at == STR_NONE)
				break;
			n++;
			rest = str_sub(rest, at + words[i].n, rest.n);
		}
	return n;
}

struct counts {
	size_t blanks, signs, braces, ends, tags, quoted_names;
};

static struct counts count(str line)
{
	struct counts n = {0};

	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];

		n.blanks += c == ' ' || c == '\t';
		n.braces += c == '{' || c == '}';
		n.ends += c == ';' || c == '(';
		n.signs += c == ';' || c == '{' || c == '}' || c == '(' || c == ')' || c == '=' ||
			   c == ',' || c == ':';
		n.tags += c == '<';
		n.quoted_names += c == ':' && i && line.p[i - 1] == '"';
	}
	return n;
}

/* Begins as HTML, as JSON, or as a part of it: what is in there is data, whatever it looks like. */
static bool is_data(str line)
{
	str rest = str_trim(line);
	char first = rest.n ? *rest.p : '\0';

	if (first == '<' || first == '"')
		return true;
	if (first != '{' && first != '[')
		return false;
	rest = str_trim(str_sub(rest, 1, rest.n));
	return !rest.n || strchr("\"{}[]-0123456789", *rest.p);
}

/* JSON has names in quotes, HTML has tags, tables of values have no braces. */
static bool is_minified(str line)
{
	struct counts n;

	if (is_data(line) || str_find(line, STR("&quot;")) != STR_NONE)
		return false;
	n = count(line);
	return n.blanks * BLANK_SHARE < line.n && n.signs * SIGN_SHARE > line.n &&
	       n.braces * BRACE_SHARE > line.n && n.ends * END_SHARE > line.n &&
	       n.tags * TAG_SHARE < line.n && n.quoted_names * NAME_SHARE < line.n &&
	       count_words(line) * WORD_SHARE > line.n;
}

/* So that no character is cut. */
static bool is_inside(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static void cut(str text, size_t start, size_t end, struct opaque_span *out)
{
	size_t from = start + HEAD, to = end - TAIL;

	while (is_inside(text.p[from]))
		from++;
	while (is_inside(text.p[to]))
		to--;
	*out = (struct opaque_span){OPAQUE_MINIFIED, start, end, from, to, 1};
}

bool opaque_find_minified(str text, size_t at, struct opaque_span *out)
{
	while (at + LINE_MIN <= text.n) {
		size_t eol = str_find_byte(str_sub(text, at, text.n), '\n');
		size_t end = eol == STR_NONE ? text.n : at + eol;

		if (end - at >= LINE_MIN && is_minified(str_sub(text, at, end))) {
			cut(text, at, end, out);
			return true;
		}
		at = end + 1;
	}
	return false;
}
