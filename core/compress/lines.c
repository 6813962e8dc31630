#include "core/compress/lines.h"

#include "core/base/hash.h"
#include "core/base/lane.h"

/* The number of "\n" in n bytes, whole blocks; in each byte of a lane up to 127 are counted before they are added up. */
static size_t count_in_blocks(const char *p, size_t n)
{
	enum { AT_ONCE = 127 * LANE_N };
	size_t count = 0;

	while (n) {
		size_t part = n < AT_ONCE ? n : AT_ONCE;
		lane ends = {0};

		for (const char *end = p + part; p < end; p += LANE_N)
			ends -= lane_load(p) == '\n';
		for (int i = 0; i < LANE_N; i++)
			count += (size_t)ends[i];
		n -= part;
	}
	return count;
}

static size_t count_ends(str text)
{
	size_t whole = text.n / LANE_N * LANE_N, n = whole ? count_in_blocks(text.p, whole) : 0;

	for (size_t i = whole; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

/* The line that ends at eol, one of those of a text; *at becomes the beginning of the next one. */
static inline void add_line(struct lines *l, const char **at, const char *eol)
{
	l->v[l->n++] = (str){*at, (size_t)(eol - *at)};
	*at = eol + 1;
}

struct lines lines_split(struct arena *a, str text)
{
	const char *p = text.p, *end = text.n ? p + text.n : p, *at = p;
	struct lines l = {NULL, 0};

	l.v = arena_alloc(a, (count_ends(text) + 1) * sizeof *l.v, alignof(str));
	for (; end - p >= LANE_BLOCK; p += LANE_BLOCK)
		for (uint64_t ends = lane_block_bits(p, '\n'); ends; ends &= ends - 1)
			add_line(&l, &at, p + __builtin_ctzll(ends));
	for (; p < end; p++)
		if (*p == '\n')
			add_line(&l, &at, p);
	l.v[l.n++] = (str){at, (size_t)(end - at)};
	return l;
}

uint64_t *lines_hash(struct arena *a, struct lines l)
{
	uint64_t *h = arena_alloc(a, l.n * sizeof *h, alignof(uint64_t));

	for (uint32_t i = 0; i < l.n; i++)
		h[i] = hash64(l.v[i]);
	return h;
}
