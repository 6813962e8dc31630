/* detect: what kind of text this is, by its shape alone. One pass over at most DETECT_BYTES (of a text that
 * begins with a commit, DETECT_COMMIT_BYTES for where its diff begins); a doubtful text
 * is KIND_TEXT, which every encoder treats with the most care. Thread: any. */
#ifndef CORE_COMPRESS_DETECT_H
#define CORE_COMPRESS_DETECT_H

#include "core/base/str.h"

#define KIND_MAP(X)         \
	X(TEXT, "text")     \
	X(JSON, "json")     \
	X(JSONL, "jsonl")   \
	X(DIFF, "diff")     \
	X(SEARCH, "search") \
	X(LOG, "log")       \
	X(CODE, "code")     \
	X(HTML, "html")     \
	X(TABLE, "table")

enum content_kind {
#define X(name, text) KIND_##name,
	KIND_MAP(X)
#undef X
		KIND_COUNT
};

enum { DETECT_BYTES = 2 << 10, DETECT_COMMIT_BYTES = 64 << 10 };

enum content_kind detect_kind(str text) PURE;
/* True when the text begins with "<!doctype html" or "<html". */
bool detect_begins_page(str text) PURE;
const char *detect_kind_name(enum content_kind k) RETURNS_NONNULL; /* "json"; static */
bool detect_kind_parse(str name, enum content_kind *out) MUST_CHECK;

#endif
