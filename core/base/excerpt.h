/* excerpt: a part of a text by the numbers of its lines and by what stands in them, as people and models ask for it.
 * Owns: nothing. Thread: any. */
#ifndef CORE_BASE_EXCERPT_H
#define CORE_BASE_EXCERPT_H

#include "core/base/buf.h"

struct excerpt {
	uint64_t from, to; /* lines, counted from 1, both included */
	str query; /* only lines with this text, letters (of ASCII) of both cases alike; empty: all */
};

/* The whole text. */
#define EXCERPT_ALL ((struct excerpt){.from = 1, .to = UINT64_MAX})

/* "A:B", "A:", ":B" or "A", counted from 1, into from and to. E_USAGE; the message names the form. */
enum err excerpt_parse_lines(str s, struct excerpt *e, struct errctx *cx) MUST_CHECK;

/* Appends the lines that are asked for, with their ends, as they are; returns how many. Failure: out's own. */
uint64_t excerpt_add(const struct excerpt *e, str text, struct buf *out);

#endif
