#include "core/wire/splice.h"

/* The first line end from c->seen on; STR_NONE, and *c moved on, when there is none. */
static size_t line_end(struct splice_cut *c, str text)
{
	str rest = str_sub(text, c->seen, text.n);
	size_t newline = str_find_byte(rest, '\n');
	size_t cr = str_find_byte(newline == STR_NONE ? rest : str_sub(rest, 0, newline), '\r');

	if (cr == STR_NONE && newline == STR_NONE) {
		c->seen = text.n;
		return STR_NONE;
	}
	return c->seen + (cr == STR_NONE ? newline : cr);
}

size_t splice_cut_event(struct splice_cut *c, str text, bool is_last)
{
	size_t end, behind;

	while (c->seen < text.n) {
		end = line_end(c, text);
		if (end == STR_NONE)
			return STR_NONE;
		behind = end + 1;
		if (text.p[end] == '\r' && behind == text.n && !is_last) {
			c->seen = end; /* whether a newline belongs to it is not known yet */
			return STR_NONE;
		}
		if (text.p[end] == '\r' && behind < text.n && text.p[behind] == '\n')
			behind++;
		if (end == c->at)
			return behind;
		c->seen = c->at = behind;
	}
	return STR_NONE;
}

static void look_at(struct splice_cut *c, char byte)
{
	if (c->is_in_text) {
		if (c->is_escaped)
			c->is_escaped = false;
		else if (byte == '\\')
			c->is_escaped = true;
		else if (byte == '"')
			c->is_in_text = false;
		return;
	}
	if (byte == '"')
		c->is_in_text = c->depth > 0;
	else if (byte == '{' || (byte == '[' && c->depth))
		c->depth++;
	else if ((byte == '}' || byte == ']') && c->depth)
		c->depth--;
}

size_t splice_cut_element(struct splice_cut *c, str text)
{
	for (; c->seen < text.n; c->seen++) {
		size_t depth = c->depth;

		look_at(c, text.p[c->seen]);
		if (!depth && c->depth)
			c->at = c->seen;
		else if (depth && !c->depth)
			return c->seen + 1;
	}
	return STR_NONE;
}
