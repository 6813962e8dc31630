/* span: stretches of a text that no reader reads: base64, long hexadecimal, the mappings of a source map, minified code,
 * bytes that are no text. The rules are strict: words, code, paths and whatever somebody may have to type again (names, ids,
 * digests, keys, tokens) are none. Thread: any; pure, linear. */
#ifndef CORE_COMPRESS_OPAQUE_SPAN_H
#define CORE_COMPRESS_OPAQUE_SPAN_H

#include "core/base/attr.h"
#include "core/base/str.h"

enum opaque_kind {
	OPAQUE_BASE64,   /* RFC 4648 sections 4 and 5; perhaps in lines of one width */
	OPAQUE_HEX,      /* digits of one case, in one piece */
	OPAQUE_MAPPINGS, /* of a source map: ECMA-426 */
	OPAQUE_MINIFIED, /* what is left of a line of JavaScript or CSS without white space */
	OPAQUE_BINARY,   /* bytes that were read as text */
	OPAQUE_KINDS
};

struct opaque_span {
	enum opaque_kind kind;
	size_t start, end;
	size_t from, to; /* within: what may be left out, so that both ends stay */
	uint32_t lines;  /* that it is in */
};

/* What the searches of one text, in ascending order, know of it: where the next of each sign stands that bytes in a text
 * begin with. {.is_known = false} at first. */
enum { OPAQUE_SIGNS = 3 };
struct opaque_seen {
	size_t next[OPAQUE_SIGNS]; /* STR_NONE: there is none */
	bool is_known;
};

/* As RFC 4648 has them; RUN_SHORT is the shortest line that is taken together with the next ones. */
bool opaque_is_base64(char c) PURE;

/* The first span of that kind that begins at or behind at; false when there is none. */
bool opaque_find(str text, enum opaque_kind kind, size_t at, struct opaque_seen *seen,
	struct opaque_span *out) MUST_CHECK;

/* "base64", for a marker; static. */
const char *opaque_name(enum opaque_kind kind) RETURNS_NONNULL;
bool opaque_kind_parse(str name, enum opaque_kind *out) MUST_CHECK;

/* For one kind each, used by opaque_find(). */
bool opaque_find_run(
	str text, enum opaque_kind kind, size_t at, struct opaque_span *out) MUST_CHECK;
bool opaque_find_minified(str text, size_t at, struct opaque_span *out) MUST_CHECK;
bool opaque_find_binary(
	str text, size_t at, struct opaque_seen *seen, struct opaque_span *out) MUST_CHECK;

#endif
