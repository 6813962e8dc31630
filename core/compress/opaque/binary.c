/* Bytes that were read as text: what is not UTF-8 became U+FFFD, or was printed as an escape. */
#include "core/compress/opaque/span.h"

enum {
	SPAN_MIN = 512,
	ODD_MIN = 32,   /* characters that no text has */
	ODD_SHARE = 25, /* per cent of the bytes that are theirs */
	GAP_MAX = 24,   /* bytes between two of them; longer ones may be words */
	HEAD = 32,
	TAIL = 8,
};

/* "\xe2": bytes of a length that a program printed. */
static size_t escape_at(str s)
{
	static const str starts[] = {{"\\x", 2}, {"\\\\x", 3}, {"\\u00", 4}, {"\\ufff", 5}};

	for (size_t i = 0; i < ARRAY_N(starts); i++) {
		size_t n = starts[i].n;

		if (!str_starts(s, starts[i]))
			continue;
		if (starts[i].p[n - 1] == 'f')
			return s.n > n && (s.p[n] | 0x20) == 'd' ? n + 1 : 0;
		if (s.n < n + 2 || !strchr("0123456789abcdefABCDEF", s.p[n]) ||
			!strchr("0123456789abcdefABCDEF", s.p[n + 1]) || !s.p[n] || !s.p[n + 1])
			return 0;
		/* of \u00.. only what is no letter */
		return starts[i].p[1] == 'u' && !strchr("0189", s.p[n]) ? 0 : n + 2;
	}
	return 0;
}

/* Bytes of the character at the beginning that no text has; 0: it may have it. */
static size_t odd_at(str s)
{
	unsigned char c = (unsigned char)*s.p;

	if (c == 0xef)
		return str_starts(s, STR("\xef\xbf\xbd")) ? 3 : 0;
	if (c == '\\')
		return escape_at(s);
	return (c < ' ' && !(c && strchr("\t\n\r\x1b", c))) || c == 0x7f;
}

/* What a span begins with. */
static const str signs[OPAQUE_SIGNS] = {{"\xef\xbf\xbd", 3}, {"\\x", 2}, {"\\ufffd", 6}};

static size_t next_sign(struct opaque_seen *s, str text, size_t at)
{
	size_t first = STR_NONE;

	for (size_t i = 0; i < ARRAY_N(signs); i++) {
		if (!s->is_known || s->next[i] < at) {
			size_t found = str_find(str_sub(text, at, text.n), signs[i]);

			s->next[i] = found == STR_NONE ? STR_NONE : at + found;
		}
		if (s->next[i] < first)
			first = s->next[i];
	}
	s->is_known = true;
	return first;
}

struct tally {
	size_t end, odd, odd_bytes;
};

static struct tally read_span(str text, size_t start)
{
	struct tally t = {.end = start};

	for (size_t i = start; i < text.n && i - t.end <= GAP_MAX;) {
		size_t n = odd_at(str_sub(text, i, text.n));

		if (n) {
			t.odd++;
			t.odd_bytes += n;
			t.end = i + n;
		}
		i += n ? n : 1;
	}
	return t;
}

/* Inside an escape or a character nothing is cut: so far back from an end, to what is a character by itself. */
static bool cut(str text, size_t start, size_t end, struct opaque_span *out)
{
	size_t from = start, to = end;

	while (from < end && from - start < HEAD) {
		size_t n = odd_at(str_sub(text, from, text.n));

		from += n ? n : 1;
	}
	while (from < end && ((unsigned char)text.p[from] & 0xc0) == 0x80)
		from++;
	for (size_t i = from; i < end;) {
		size_t n = odd_at(str_sub(text, i, text.n));

		if (n && end - i > TAIL)
			to = i + n;
		i += n ? n : 1;
	}
	*out = (struct opaque_span){.kind = OPAQUE_BINARY,
		.start = start,
		.end = end,
		.from = from,
		.to = to,
		.lines = 1};
	for (size_t i = from; i < to; i++)
		out->lines += text.p[i] == '\n';
	return from < to;
}

bool opaque_find_binary(str text, size_t at, struct opaque_seen *seen, struct opaque_span *out)
{
	while ((at = next_sign(seen, text, at)) != STR_NONE) {
		struct tally t = read_span(text, at);

		if (t.odd >= ODD_MIN && t.end - at >= SPAN_MIN &&
			t.odd_bytes * 100 >= (t.end - at) * ODD_SHARE && cut(text, at, t.end, out))
			return true;
		at = t.end > at ? t.end : at + 1;
	}
	return false;
}
