#include "core/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/check.h"
#include "core/base/mem.h"

#ifndef HR_DEBUG
#define HR_DEBUG 0
#endif

enum { CHUNK_MIN = 16 << 10, CHUNK_MAX = 512 << 10, ALIGN_MAX = 64 };

struct arena_chunk {
	struct arena_chunk *prev;
	size_t size;
	/* objects follow, the first at the next multiple of ALIGN_MAX */
};

void arena_init(struct arena *a)
{
	memset(a, 0, sizeof *a);
}

void arena_fail(struct arena *a)
{
	if (a->has_recover)
		longjmp(a->recover, 1);
	check_fail("out of memory", __FILE__, __LINE__);
}

static char *chunk_data(struct arena_chunk *c)
{
	uintptr_t p = (uintptr_t)(c + 1);

	return (char *)((p + ALIGN_MAX - 1) & ~(uintptr_t)(ALIGN_MAX - 1));
}

static void add_chunk(struct arena *a, size_t need)
{
	size_t size = a->chunk ? a->chunk->size * 2 : CHUNK_MIN;
	struct arena_chunk *c;

	if (size > CHUNK_MAX)
		size = CHUNK_MAX;
	if (size < need || HR_DEBUG)
		size = need;
	c = need > SIZE_MAX - sizeof *c - ALIGN_MAX ? NULL
						    : mem_alloc(sizeof *c + ALIGN_MAX + size);
	if (!c)
		arena_fail(a);
	c->prev = a->chunk;
	c->size = size;
	a->chunk = c;
	a->at = chunk_data(c);
	a->end = a->at + size;
}

void *arena_alloc(struct arena *a, size_t n, size_t align)
{
	char *p;

	ASSERT(align && align <= ALIGN_MAX && !(align & (align - 1)));
	p = (char *)(((uintptr_t)a->at + align - 1) & ~(uintptr_t)(align - 1));
	if (HR_DEBUG || !a->at || p > a->end || n > (size_t)(a->end - p)) {
		add_chunk(a, n);
		p = a->at;
	}
	a->at = p + n;
	a->used_bytes += n;
	return p;
}

void *arena_zalloc(struct arena *a, size_t n, size_t align)
{
	return memset(arena_alloc(a, n, align), 0, n);
}

void *arena_calloc(struct arena *a, size_t n, size_t size, size_t align)
{
	size_t bytes;

	if (!size_mul(n, size, &bytes))
		arena_fail(a);
	return arena_zalloc(a, bytes, align);
}

void *arena_grow(struct arena *a, void *p, size_t old_n, size_t n, size_t align)
{
	void *q;

	ASSERT(n >= old_n && (p || !old_n));
	if (p && (char *)p + old_n == a->at && n - old_n <= (size_t)(a->end - a->at)) {
		a->at += n - old_n;
		a->used_bytes += n - old_n;
		return p;
	}
	q = arena_alloc(a, n, align);
	if (p && old_n)
		memcpy(q, p, old_n);
	return q;
}

void arena_trim(struct arena *a, const void *p, size_t old_n, size_t n)
{
	ASSERT(n <= old_n);
	if (!p || (const char *)p + old_n != a->at)
		return;
	a->at -= old_n - n;
	a->used_bytes -= old_n - n;
}

/* From c on up to the one that stays, NULL for none. */
static void free_chunks(struct arena_chunk *c, const struct arena_chunk *stays)
{
	while (c != stays) {
		struct arena_chunk *prev = c->prev;

		mem_free(c);
		c = prev;
	}
}

void arena_wipe(struct arena *a)
{
	for (struct arena_chunk *c = a->chunk; c; c = c->prev)
		explicit_bzero(chunk_data(c), c->size);
}

void arena_reset(struct arena *a)
{
	struct arena_chunk *keep = NULL;

	if (!HR_DEBUG && a->chunk) {
		keep = a->chunk;
		free_chunks(keep->prev, NULL);
		keep->prev = NULL;
	} else {
		free_chunks(a->chunk, NULL);
	}
	a->chunk = keep;
	a->at = keep ? chunk_data(keep) : NULL;
	a->end = keep ? a->at + keep->size : NULL;
	a->used_bytes = 0;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){a->chunk, a->at, a->used_bytes};
}

void arena_rewind(struct arena *a, struct arena_mark m)
{
	free_chunks(a->chunk, m.chunk);
	a->chunk = m.chunk;
	a->at = m.at;
	a->end = m.chunk ? chunk_data(m.chunk) + m.chunk->size : NULL;
	a->used_bytes = m.used_bytes;
}

void arena_release(struct arena *a)
{
	free_chunks(a->chunk, NULL);
	a->chunk = NULL;
	a->at = a->end = NULL;
	a->used_bytes = 0;
	a->has_recover = 0;
}

str arena_str(struct arena *a, str s)
{
	char *p = arena_alloc(a, s.n, 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	return (str){p, s.n};
}

char *arena_cstr(struct arena *a, str s)
{
	char *p = arena_alloc(a, s.n + 1, 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

str arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	ASSERT(n >= 0);
	p = arena_alloc(a, (size_t)n + 1, 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (str){p, (size_t)n};
}
