#include "core/compress/table/escape.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/json/text.h"

enum { GUESS_STRINGS = 4096 /* with escapes, that are looked at */ };

static unsigned guess_unit(str s)
{
	int unit = json_hex4(s.p);
	unsigned found = 0;

	if (unit == '<' || unit == '>' || unit == '&' || unit == 0x2028 || unit == 0x2029)
		found |= ESCAPE_HTML;
	else if (unit >= 0x80)
		found |= ESCAPE_ASCII;
	for (int i = 0; i < 4; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'F')
			found |= ESCAPE_UPPER;
	return found;
}

static unsigned guess_string(str literal)
{
	unsigned found = 0;

	for (size_t i = 1; i + 1 < literal.n; i++) {
		if (literal.p[i] != '\\')
			continue;
		i++;
		if (literal.p[i] == '/')
			found |= ESCAPE_SLASH;
		else if (literal.p[i] == 'u' && i + 5 < literal.n)
			found |= guess_unit(str_sub(literal, i + 1, literal.n));
	}
	return found;
}

unsigned escape_guess(const struct json_tape *t)
{
	unsigned found = 0, n = 0;

	if (str_find_byte(t->doc, '\\') == STR_NONE)
		return 0;
	for (uint32_t i = 0; i < t->n && n < GUESS_STRINGS; i++) {
		if (!json_is(t, i, JSON_STRING) || !t->v[i].n)
			continue;
		found |= guess_string(json_text(t, i));
		n++;
	}
	return found;
}

static void add_unit(unsigned escapes, unsigned unit, struct buf *out)
{
	buf_printf(out, escapes & ESCAPE_UPPER ? "\\u%04X" : "\\u%04x", unit);
}

/* A character of n bytes beyond ASCII. */
static void add_wide(unsigned escapes, const unsigned char *p, size_t n, struct buf *out)
{
	static const unsigned char lead[] = {0, 0, 0x1f, 0x0f, 0x07};
	uint32_t c = n <= 4 ? *p & lead[n] : *p;

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3fu);
	if (!(escapes & ESCAPE_ASCII) &&
		!((escapes & ESCAPE_HTML) && (c == 0x2028 || c == 0x2029))) {
		buf_add(out, (str){(const char *)p, n});
	} else if (c > 0xffff) {
		add_unit(escapes, 0xd7c0 + (c >> 10), out);
		add_unit(escapes, 0xdc00 + (c & 0x3ff), out);
	} else {
		add_unit(escapes, c, out);
	}
}

/* True when the byte stands for itself. */
static bool is_plain(unsigned escapes, unsigned char c)
{
	if (c < 0x20 || c == '"' || c == '\\')
		return false;
	if (!escapes)
		return true;
	return !(c == '/' && escapes & ESCAPE_SLASH) &&
	       !((c == '<' || c == '>' || c == '&') && escapes & ESCAPE_HTML) &&
	       !(c >= 0x80 && escapes & (ESCAPE_ASCII | ESCAPE_HTML));
}

static void add_escaped(unsigned escapes, unsigned char c, struct buf *out)
{
	static const char shorts[] = {['"'] = '"',
		['\\'] = '\\',
		['/'] = '/',
		['\b'] = 'b',
		['\f'] = 'f',
		['\n'] = 'n',
		['\r'] = 'r',
		['\t'] = 't'};

	if (c < sizeof shorts && shorts[c]) {
		buf_add_byte(out, '\\');
		buf_add_byte(out, shorts[c]);
	} else {
		add_unit(escapes, c, out);
	}
}

static size_t wide_n(str s)
{
	unsigned char c = (unsigned char)*s.p;
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;

	return n < s.n ? n : s.n;
}

void escape_write(unsigned escapes, str text, struct buf *out)
{
	buf_add_byte(out, '"');
	for (size_t i = 0; i < text.n;) {
		size_t from = i;

		while (i < text.n && is_plain(escapes, (unsigned char)text.p[i]))
			i++;
		buf_add(out, str_sub(text, from, i));
		if (i == text.n)
			break;
		if ((unsigned char)text.p[i] >= 0x80) {
			size_t n = wide_n(str_sub(text, i, text.n));

			add_wide(escapes, (const unsigned char *)text.p + i, n, out);
			i += n;
		} else {
			add_escaped(escapes, (unsigned char)text.p[i++], out);
		}
	}
	buf_add_byte(out, '"');
}

bool escape_undo(unsigned escapes, str literal, bool has_escape, struct arena *a, str *text)
{
	struct buf b;

	if (!has_escape) {
		*text = str_sub(literal, 1, literal.n - 1);
		for (size_t i = 0; escapes & ~(unsigned)ESCAPE_UPPER && i < text->n; i++)
			if (!is_plain(escapes, (unsigned char)text->p[i]))
				return false;
		return true;
	}
	if (!json_unescape(literal, a, text))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	escape_write(escapes, *text, &b);
	return str_eq(buf_str(&b), literal);
}
