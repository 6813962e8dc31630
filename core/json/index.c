#include "core/json/index.h"

#include "core/base/utf8.h"
#include "core/json/tape.h"
#include "core/json/text.h"

void json_index_init(struct json_index *x, str doc)
{
	memset(x, 0, offsetof(struct json_index, v));
	x->doc = doc;
}

static bool set_bad(struct json_index *x, uint32_t at, const char *what)
{
	x->bad = what;
	x->bad_at = at;
	return false;
}

static void set_note(struct json_index *x, uint32_t at, unsigned note)
{
	if (!x->notes || at < x->note_offset)
		x->note_offset = at;
	x->notes |= note;
}

/* The \u at x->doc.p[at - 1]. */
static bool check_unicode(struct json_index *x, uint32_t at)
{
	const char *p = x->doc.p + at;
	size_t left = x->doc.n - at;
	int c = left > 4 ? json_hex4(p + 1) : -1;

	if (c < 0)
		return set_bad(x, at - 1, "\\u without four hexadecimal digits");
	if (c < 0xD800 || c > 0xDFFF || at == x->low_at)
		return true;
	if (c < 0xDC00 && left > 10 && p[5] == '\\' && p[6] == 'u' &&
		(json_hex4(p + 7) & ~0x3FF) == 0xDC00) {
		x->low_at = at + 6;
		return true;
	}
	set_note(x, at - 1, JSON_NOTE_LONE_SURROGATE);
	return true;
}

static bool in_string(struct json_index *x, uint32_t at)
{
	unsigned char c = (unsigned char)x->doc.p[at];

	if (c < 0x20)
		return set_bad(x, at, "control character in a string");
	if (x->is_escaped) {
		x->is_escaped = false;
		if (c == 'u')
			return check_unicode(x, at);
		return memchr("\"\\/bfnrt", c, 8) ? true : set_bad(x, at - 1, "unknown escape");
	}
	if (c == '\\') {
		x->is_escaped = x->has_escape = true;
	} else if (c == '"') {
		x->v[x->n++] = at | (x->has_escape ? JSON_ENTRY_ESCAPE : 0);
		x->in_string = x->has_escape = false;
	}
	return true;
}

static bool outside(struct json_index *x, uint32_t at)
{
	unsigned char c = (unsigned char)x->doc.p[at];
	bool is_token = c && strchr("{}[]:,\"", c);

	if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		x->in_scalar = false;
		return true;
	}
	if (is_token || !x->in_scalar)
		x->v[x->n++] = at;
	x->in_scalar = !is_token;
	x->in_string = c == '"';
	return true;
}

bool json_index_next(struct json_index *x)
{
	size_t left = x->doc.n - x->at;
	uint32_t end = x->at + (uint32_t)(left < JSON_INDEX_CHUNK ? left : JSON_INDEX_CHUNK);

	x->n = 0;
	if (!left || x->bad)
		return false;
	for (; x->at < end; x->at++)
		if (x->in_string ? !in_string(x, x->at) : !outside(x, x->at))
			break;
	if (x->at == x->doc.n) {
		size_t valid_n = utf8_valid_n(x->doc);

		if (valid_n < x->doc.n)
			set_note(x, (uint32_t)valid_n, JSON_NOTE_INVALID_UTF8);
	}
	return true;
}
