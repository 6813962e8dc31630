#include "core/compress/opaque/span.h"

static const char *const names[OPAQUE_KINDS] = {
	[OPAQUE_BASE64] = "base64",
	[OPAQUE_HEX] = "hexadecimal digits",
	[OPAQUE_MAPPINGS] = "a source map's mappings",
	[OPAQUE_MINIFIED] = "minified code",
	[OPAQUE_BINARY] = "binary data",
};

const char *opaque_name(enum opaque_kind kind)
{
	return names[kind];
}

bool opaque_kind_parse(str name, enum opaque_kind *out)
{
	for (unsigned i = 0; i < OPAQUE_KINDS; i++)
		if (str_eq_c(name, names[i])) {
			*out = (enum opaque_kind)i;
			return true;
		}
	return false;
}

enum { MAPPINGS_MIN = 320, MAPPINGS_HEAD = 16, MAPPINGS_TAIL = 8 };

static size_t mappings_end(str text, size_t at)
{
	while (at < text.n &&
		(opaque_is_base64(text.p[at]) || text.p[at] == ',' || text.p[at] == ';'))
		at++;
	return at;
}

static bool is_mappings(size_t start, size_t end, struct opaque_span *out)
{
	if (end - start < MAPPINGS_MIN)
		return false;
	*out = (struct opaque_span){.kind = OPAQUE_MAPPINGS,
		.start = start,
		.end = end,
		.from = start + MAPPINGS_HEAD,
		.to = end - MAPPINGS_TAIL,
		.lines = 1};
	return true;
}

/* A text that is nothing else, out of the JSON around it: every position has four or five numbers, of a digit or two. */
static bool is_all_mappings(str text)
{
	size_t n = 0, positions = 1;

	if (mappings_end(text, 0) < text.n)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		bool is_sign = text.p[i] == ',' || text.p[i] == ';';

		n += !is_sign;
		positions += is_sign;
	}
	return n < positions * 8 && n > positions;
}

/* "mappings":"AAAA;AACA..." */
static bool find_mappings(str text, size_t at, struct opaque_span *out)
{
	static const str name = {"\"mappings\"", 10};

	if (!at && is_all_mappings(text))
		return is_mappings(0, text.n, out);
	while (at < text.n) {
		size_t found = str_find(str_sub(text, at, text.n), name), i;

		if (found == STR_NONE)
			return false;
		i = at + found + name.n;
		while (i < text.n && (text.p[i] == ' ' || text.p[i] == ':'))
			i++;
		at = i + 1; /* behind a quote */
		if (i >= text.n || text.p[i] != '"')
			continue;
		i = mappings_end(text, at);
		if (is_mappings(at, i, out))
			return true;
		at = i;
	}
	return false;
}

bool opaque_find(str text, enum opaque_kind kind, size_t at, struct opaque_seen *seen,
	struct opaque_span *out)
{
	switch (kind) {
	case OPAQUE_MAPPINGS:
		return find_mappings(text, at, out);
	case OPAQUE_MINIFIED:
		return opaque_find_minified(text, at, out);
	case OPAQUE_BINARY:
		return opaque_find_binary(text, at, seen, out);
	default:
		return opaque_find_run(text, kind, at, out);
	}
}
