/* arena: memory of one request or one task, freed in one go.
 * Owns: its chunks. Under HR_DEBUG each object is a malloc of its own, so that sanitizers see overruns
 * and use after reset. Thread: one at a time.
 *
 * Running out of memory does not return to the caller: it jumps to the recovery point that the owner of
 * the arena has set (and without one, aborts). So code between may hold nothing but arena memory: no
 * lock, no file, no mem_alloc of its own.
 *
 *	struct arena a = ARENA_INIT;
 *	if (arena_recover(&a)) {        // true once memory ran out
 *		arena_release(&a);
 *		return E_NOMEM;
 *	}
 *	... arena_alloc never returns NULL here ...
 */
#ifndef CORE_BASE_ARENA_H
#define CORE_BASE_ARENA_H

#include <setjmp.h>
#include <stdalign.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/str.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunk;
	char *at, *end;
	size_t used_bytes; /* handed out since init or reset */
	jmp_buf recover;
	int has_recover;
};

#define ARENA_INIT \
	{          \
		0  \
	}

/* Sets the recovery point; must be written in the function that outlives all use of the arena. */
#define arena_recover(a) ((a)->has_recover = 1, setjmp((a)->recover))

/* To be said before that function returns: the recovery point is gone with it. */
static inline void arena_end_recover(struct arena *a)
{
	a->has_recover = 0;
}

void arena_init(struct arena *a);
void arena_reset(struct arena *a);   /* all objects gone; the largest chunk is kept */
void arena_release(struct arena *a); /* back to ARENA_INIT */
/* A place in an arena; and back to it: the objects made since are gone, their memory, too. For what is needed on the way
 * to a result: the result is made before the mark, or after the way back. Reset and release end a mark. */
struct arena_mark {
	struct arena_chunk *chunk;
	char *at;
	size_t used_bytes;
};
struct arena_mark arena_mark(const struct arena *a) PURE;
void arena_rewind(struct arena *a, struct arena_mark m);
/* Overwrites all that is in it, before one of these two: for arenas of secrets. */
void arena_wipe(struct arena *a);

/* As if memory had run out: for code that allocates beside the arena and cannot go on. */
NORETURN void arena_fail(struct arena *a);

/* n bytes, not initialised / zeroed, aligned to align (a power of two, at most 64). */
void *arena_alloc(struct arena *a, size_t n, size_t align) RETURNS_NONNULL;
void *arena_zalloc(struct arena *a, size_t n, size_t align) RETURNS_NONNULL;
/* Copies old_n bytes to a larger place (in place when it was the newest object). */
void *arena_grow(struct arena *a, void *p, size_t old_n, size_t n, size_t align) RETURNS_NONNULL;

/* The end of an object of old_n bytes, of which n stay, is for the next one, where it was the newest object. */
void arena_trim(struct arena *a, const void *p, size_t old_n, size_t n);

/* A zeroed T, and an array of n zeroed T (aborts the task as if out of memory when n * size overflows). */
#define arena_new(a, T)      ((T *)arena_zalloc((a), sizeof(T), alignof(T)))
#define arena_array(a, T, n) ((T *)arena_calloc((a), (n), sizeof(T), alignof(T)))
void *arena_calloc(struct arena *a, size_t n, size_t size, size_t align) RETURNS_NONNULL;

str arena_str(struct arena *a, str s);                    /* a copy */
char *arena_cstr(struct arena *a, str s) RETURNS_NONNULL; /* a copy with a NUL behind it */
str arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
