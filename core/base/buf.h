/* buf: growable bytes with a maximum. Appending never fails at the call: the first failure (over the
 * maximum, out of memory) is remembered, later appends do nothing, and the user asks once at the end.
 * Owns: its bytes, from the heap, or from an arena when one is given (then buf_release is not needed).
 * Thread: one at a time. */
#ifndef CORE_BASE_BUF_H
#define CORE_BASE_BUF_H

#include <string.h>

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/str.h"

struct buf {
	char *p;
	size_t n, cap, max;
	struct arena *arena; /* NULL: heap */
	enum err err;        /* E_OK, E_TOO_BIG or E_NOMEM */
};

void buf_init(struct buf *b, size_t max);
void buf_init_arena(struct buf *b, struct arena *a, size_t max);
void buf_release(struct buf *b); /* frees; the buffer may be used again with the same maximum */
void buf_wipe(struct buf
		*b); /* the same of secrets: what is there is overwritten first. Of a heap buffer */
void buf_reset(struct buf *b); /* empty, no error; capacity is kept */

bool buf_make_room(struct buf *b, size_t n); /* the part of buf_reserve that is rarely needed */

/* Room for n more bytes; false (and the error is set) when that cannot be. */
static inline bool buf_reserve(struct buf *b, size_t n)
{
	return LIKELY(!b->err && n <= b->cap - b->n) || buf_make_room(b, n);
}

static inline void buf_add(struct buf *b, str s)
{
	if (!s.n || !buf_reserve(b, s.n))
		return;
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

static inline void buf_add_byte(struct buf *b, char c)
{
	if (buf_reserve(b, 1))
		b->p[b->n++] = c;
}

static inline void buf_fill(struct buf *b, char c, size_t n)
{
	if (!buf_reserve(b, n))
		return;
	memset(b->p + b->n, c, n);
	b->n += n;
}
void buf_add_c(struct buf *b, const char *s);
void buf_add_u64(struct buf *b, uint64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* s as a JSON string literal with its quotes: only '"', '\' and control characters are escaped (short
 * forms where JSON has them), all other bytes as they are. RFC 8259 section 7. */
void buf_add_json_string(struct buf *b, str s);

static inline str buf_str(const struct buf *b)
{
	return (str){b->p, b->n};
}

#endif
