#include "core/base/buf.h"
#include "core/base/utf8.h"
#include "core/compress/html/token.h"

enum { ENTITY_MAX = 12 }; /* bytes between '&' and ';' that are looked at */

/* The names that pages use; https://html.spec.whatwg.org/multipage/named-characters.html has all 2,231. */
static const struct {
	const char *name;
	uint32_t code;
} entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''},
	{"nbsp", ' '}, {"ndash", 0x2013}, {"mdash", 0x2014}, {"lsquo", 0x2018}, {"rsquo", 0x2019},
	{"sbquo", 0x201a}, {"ldquo", 0x201c}, {"rdquo", 0x201d}, {"bdquo", 0x201e},
	{"hellip", 0x2026}, {"bull", 0x2022}, {"middot", 0xb7}, {"laquo", 0xab}, {"raquo", 0xbb},
	{"lsaquo", 0x2039}, {"rsaquo", 0x203a}, {"copy", 0xa9}, {"reg", 0xae}, {"trade", 0x2122},
	{"euro", 0x20ac}, {"pound", 0xa3}, {"cent", 0xa2}, {"yen", 0xa5}, {"sect", 0xa7},
	{"deg", 0xb0}, {"plusmn", 0xb1}, {"times", 0xd7}, {"divide", 0xf7}, {"frac12", 0xbd},
	{"frac14", 0xbc}, {"frac34", 0xbe}, {"larr", 0x2190}, {"rarr", 0x2192}, {"uarr", 0x2191},
	{"darr", 0x2193}, {"auml", 0xe4}, {"ouml", 0xf6}, {"uuml", 0xfc}, {"Auml", 0xc4},
	{"Ouml", 0xd6}, {"Uuml", 0xdc}, {"szlig", 0xdf}, {"aacute", 0xe1}, {"eacute", 0xe9},
	{"iacute", 0xed}, {"oacute", 0xf3}, {"uacute", 0xfa}, {"agrave", 0xe0}, {"egrave", 0xe8},
	{"ograve", 0xf2}, {"acirc", 0xe2}, {"ecirc", 0xea}, {"icirc", 0xee}, {"ocirc", 0xf4},
	{"ccedil", 0xe7}, {"ntilde", 0xf1}, {"aring", 0xe5}, {"oslash", 0xf8}, {"aelig", 0xe6},
	{"iquest", 0xbf}, {"iexcl", 0xa1}, {"para", 0xb6}, {"shy", 0xad}, {"ensp", ' '},
	{"emsp", ' '}, {"thinsp", ' '}, {"zwnj", 0x200c}, {"zwj", 0x200d}};

/* "#8217", "#x2019"; 0: no character. */
static uint32_t number_of(str s)
{
	bool is_hex = s.n > 1 && (s.p[1] | 0x20) == 'x';
	uint32_t code = 0;

	for (size_t i = 1 + is_hex; i < s.n; i++) {
		char c = s.p[i];
		uint32_t digit;

		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if (is_hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return 0;
		code = code * (is_hex ? 16 : 10) + digit;
		if (code > 0x10ffff)
			return 0;
	}
	if (code == 0xa0)
		return ' ';
	return code < ' ' || (code >= 0xd800 && code < 0xe000) ? 0 : code;
}

static uint32_t code_of(str s)
{
	if (s.n > 1 && s.p[0] == '#')
		return number_of(s);
	for (size_t i = 0; i < ARRAY_N(entities); i++)
		if (str_eq_c(s, entities[i].name))
			return entities[i].code;
	return 0;
}

void html_decode(str text, struct buf *out)
{
	while (text.n) {
		size_t amp = str_find_byte(text, '&'), semicolon;
		uint32_t code = 0;
		char utf8[4];

		if (amp == STR_NONE)
			amp = text.n;
		buf_add(out, str_sub(text, 0, amp));
		text = str_sub(text, amp, text.n);
		if (!text.n)
			break;
		semicolon = str_find_byte(
			str_sub(text, 0, text.n < ENTITY_MAX ? text.n : ENTITY_MAX), ';');
		if (semicolon != STR_NONE)
			code = code_of(str_sub(text, 1, semicolon));
		if (code) {
			buf_add(out, (str){utf8, utf8_put(utf8, code)});
			text = str_sub(text, semicolon + 1, text.n);
		} else {
			buf_add_byte(out, '&');
			text = str_sub(text, 1, text.n);
		}
	}
}
