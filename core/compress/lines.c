#include "core/compress/lines.h"

#include "core/base/hash.h"

struct lines lines_split(struct arena *a, str text)
{
	struct lines l = {NULL, 1};
	const char *end = text.n ? text.p + text.n : text.p, *at = text.p;
	uint32_t i = 0;

	for (const char *p = at; text.n && (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		l.n++;
	l.v = arena_array(a, str, l.n);
	while (i + 1 < l.n) {
		const char *eol = memchr(at, '\n', (size_t)(end - at));

		l.v[i++] = (str){at, (size_t)(eol - at)};
		at = eol + 1;
	}
	l.v[i] = (str){at, (size_t)(end - at)};
	return l;
}

uint64_t *lines_hash(struct arena *a, struct lines l)
{
	uint64_t *h = arena_alloc(a, l.n * sizeof *h, alignof(uint64_t));

	for (uint32_t i = 0; i < l.n; i++)
		h[i] = hash64(l.v[i]);
	return h;
}
