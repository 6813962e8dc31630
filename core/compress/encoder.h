/* encoder: names of what can have changed a text, and what was lost by it. Thread: any. */
#ifndef CORE_COMPRESS_ENCODER_H
#define CORE_COMPRESS_ENCODER_H

#include "core/base/arena.h"
#include "core/base/attr.h"

enum loss {
	LOSS_NONE, /* a decoder gives back the same bytes */
	LOSS_FORMAT, /* only what does not show is gone: colours, overwritten progress, JSON's white space */
	LOSS_ELIDED, /* visible text is gone, the original is kept elsewhere */
};

/* Which encoder did something; a set. The names are those of reports. */
#define ENCODER_MAP(X)            \
	X(ENVELOPE, "envelope")   \
	X(TIDY, "tidy")           \
	X(GUTTER, "gutter")       \
	X(REFERENCE, "reference") \
	X(REPEAT, "repeat")       \
	X(HOIST, "hoist")         \
	X(JSON, "json")           \
	X(ECHO, "echo")           \
	X(VARIANT, "variant")     \
	X(SEARCH, "search")       \
	X(DIFF, "diff")           \
	X(LOG, "log")             \
	X(TABLE, "table")         \
	X(PROSE, "prose")         \
	X(HTML, "html")           \
	X(BUILD, "build")         \
	X(LIST, "list")           \
	X(CODE, "code")           \
	X(OPAQUE, "opaque")       \
	X(YAML, "yaml")           \
	X(RECORDS, "records")     \
	X(HTTP, "http")           \
	X(XML, "xml")

enum encoder_bit {
#define X(name, text) ENCODER_BIT_##name,
	ENCODER_MAP(X)
#undef X
		ENCODER_N
};

enum encoder {
#define X(name, text) ENCODER_##name = 1 << ENCODER_BIT_##name,
	ENCODER_MAP(X)
#undef X
};

/* "gutter+reference"; in the arena. Empty for none. */
str encoder_names(unsigned set, struct arena *a);

#endif
