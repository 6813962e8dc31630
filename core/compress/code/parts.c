#include "core/compress/code/parts.h"

#include <pthread.h>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/mem.h"

enum {
	/* Of a part. Smaller ones cost more for the parser's start than they spare. */
	PART_MIN_BYTES = 4 << 10,
	/* From here on the next place will do. */
	PART_LONG_BYTES = 24 << 10,
	/* One place in so many is taken before: which ones depends on the line alone, so that behind a change the same ones are. */
	PLACES_IN = 4,
	/* What a cache keeps: outlines of some tens of megabytes of sources. */
	GENERATION_BYTES = 2 << 20,
	GENERATION_SLOTS = 1 << 12, /* a power of two; three quarters are used */
};

/* ---- outlines that are kept ---- */

/* The outline of a part. Behind it n definitions, and a byte for each line. */
struct kept {
	struct hash128 key;
	size_t bytes;
	uint32_t lines, n;
};

/* Names as places in the part. */
struct kept_definition {
	uint32_t first, last, body, name, name_n;
	bool is_type;
};

struct generation {
	struct kept **slots; /* GENERATION_SLOTS, or NULL: empty */
	size_t n, bytes;
};

struct code_cache {
	pthread_mutex_t lock; /* covers all below */
	struct generation now, before;
	size_t parsed;
};

struct code_cache *code_cache_new(void)
{
	struct code_cache *c = mem_zalloc(sizeof *c);

	if (c)
		ASSERT(pthread_mutex_init(&c->lock, NULL) == 0);
	return c;
}

static void drop(struct generation *g)
{
	for (size_t i = 0; g->slots && i < GENERATION_SLOTS; i++)
		mem_free(g->slots[i]);
	mem_free(g->slots);
	*g = (struct generation){0};
}

void code_cache_free(struct code_cache *c)
{
	if (!c)
		return;
	drop(&c->now);
	drop(&c->before);
	(void)pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

size_t code_cache_parsed(struct code_cache *c)
{
	size_t n;

	(void)pthread_mutex_lock(&c->lock);
	n = c->parsed;
	(void)pthread_mutex_unlock(&c->lock);
	return n;
}

/* The place of a key, or a free one; g has slots, and one is free. */
static struct kept **slot_of(const struct generation *g, struct hash128 key)
{
	size_t i = key.lo & (GENERATION_SLOTS - 1);

	while (g->slots[i] && !hash128_eq(g->slots[i]->key, key))
		i = (i + 1) & (GENERATION_SLOTS - 1);
	return &g->slots[i];
}

static void put(struct generation *g, struct kept *k)
{
	struct kept **slot;

	if (!g->slots)
		g->slots = mem_zalloc(GENERATION_SLOTS * sizeof(struct kept *));
	slot = g->slots ? slot_of(g, k->key) : NULL;
	if (!slot || *slot) {
		mem_free(k);
		return;
	}
	*slot = k;
	g->n++;
	g->bytes += k->bytes;
}

/* Keeps k, or frees it. */
static void keep(struct code_cache *c, struct kept *k, size_t parsed)
{
	(void)pthread_mutex_lock(&c->lock);
	c->parsed += parsed;
	if (k && (c->now.n >= GENERATION_SLOTS / 4 * 3 ||
			 c->now.bytes + k->bytes > GENERATION_BYTES)) {
		drop(&c->before);
		c->before = c->now;
		c->now = (struct generation){0};
	}
	if (k)
		put(&c->now, k);
	(void)pthread_mutex_unlock(&c->lock);
}

static struct kept *kept_new(
	struct hash128 key, str source, const struct code_outline *o, uint32_t lines)
{
	size_t bytes = sizeof(struct kept) + o->n * sizeof(struct kept_definition) + lines;
	struct kept *k = mem_alloc(bytes);
	struct kept_definition *to;

	if (!k)
		return NULL;
	*k = (struct kept){key, bytes, lines, o->n};
	to = (struct kept_definition *)(void *)(k + 1);
	for (uint32_t i = 0; i < o->n; i++) {
		const struct code_definition *d = &o->v[i];

		to[i] = (struct kept_definition){.first = d->first,
			.last = d->last,
			.body = d->body,
			.name = d->name.n ? (uint32_t)(d->name.p - source.p) : 0,
			.name_n = (uint32_t)d->name.n,
			.is_type = d->is_type};
	}
	memcpy(to + o->n, o->is_hidden, lines);
	return k;
}

static void read_kept(const struct kept *k, str source, struct code_outline *out)
{
	const struct kept_definition *from = (const struct kept_definition *)(const void *)(k + 1);

	for (out->n = 0; out->n < k->n; out->n++) {
		const struct kept_definition *d = &from[out->n];

		out->v[out->n] = (struct code_definition){.first = d->first,
			.last = d->last,
			.body = d->body,
			.is_type = d->is_type,
			.name = str_sub(source, d->name, d->name + d->name_n)};
	}
	memcpy(out->is_hidden, from + k->n, k->lines);
}

/* False: nothing is kept. */
static bool find(struct code_cache *c, struct hash128 key, str source, uint32_t lines,
	struct code_outline *out)
{
	const struct generation *all[] = {&c->now, &c->before};
	const struct kept *k = NULL;

	(void)pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < ARRAY_N(all) && !k; i++)
		k = all[i]->slots ? *slot_of(all[i], key) : NULL;
	if (k && k->lines != lines)
		k = NULL;
	if (k)
		read_kept(k, source, out);
	(void)pthread_mutex_unlock(&c->lock);
	return k;
}

/* ---- where a file is cut ---- */

static bool is_blank(str line)
{
	return !str_trim(line).n;
}

/* A comment, an attribute or a decorator, in the first column: it belongs to what follows. */
static bool is_before_definition(str line)
{
	return line.n && (strchr("/#@", *line.p) || str_starts(line, STR(" *")));
}

/* True when the line is the first of a paragraph that defines something at the top level. */
static bool is_place(const struct code_language *l, struct lines lines, uint32_t i)
{
	str above = lines.v[i - 1];

	if (!lines.v[i].n || strchr(" \t})", *lines.v[i].p) ||
		!(is_blank(above) || *above.p == '}'))
		return false;
	while (i < lines.n && is_before_definition(lines.v[i]))
		i++;
	/* the name of a function in C may begin the line below that of its type */
	return i + 1 < lines.n &&
	       (code_is_signature(l, lines.v[i]) ||
		       (l->has_plain_functions && code_is_signature(l, lines.v[i + 1]))) &&
	       lines.v[i].n && !strchr(" \t", *lines.v[i].p);
}

struct code_parts code_parts_find(
	const struct code_language *language, struct lines lines, struct arena *a)
{
	struct code_parts parts = {arena_array(a, uint32_t, lines.n), 1};
	size_t bytes = 0;

	for (uint32_t i = 1; language->has_parts && i < lines.n; i++) {
		bytes += lines.v[i - 1].n + 1;
		if (bytes < PART_MIN_BYTES || !is_place(language, lines, i) ||
			(bytes < PART_LONG_BYTES && hash64(lines.v[i]) % PLACES_IN))
			continue;
		parts.v[parts.n++] = i;
		bytes = 0;
	}
	return parts;
}

/* ---- outlines ---- */

/* One part, from what is kept or by parsing it; out's arrays are zeros. */
static bool outline_part(struct code_outliner *o, const struct code_language *l, str source,
	struct lines lines, bool is_first, struct code_cache *c, struct code_outline *out)
{
	struct hash128 key = hash128_chain(hash128(source), hash128(str_from(l->name)));
	bool is_outlined;

	if (is_first)
		key = hash128_chain(key, key);
	if (c && find(c, key, source, lines.n, out))
		return true;
	is_outlined = code_outline_part(o, source, lines, is_first, out);
	if (c)
		keep(c, is_outlined ? kept_new(key, source, out, lines.n) : NULL, source.n);
	return is_outlined;
}

static bool outline_parts(struct code_outliner *o, const struct code_language *l, str source,
	struct lines lines, struct code_parts parts, struct code_cache *c, struct code_outline *out)
{
	size_t from = 0, end;

	for (uint32_t i = 0; i < parts.n; i++, from = end) {
		uint32_t first = parts.v[i], next = i + 1 < parts.n ? parts.v[i + 1] : lines.n;
		struct lines mine = {lines.v + first, next - first};
		struct code_outline part = {out->is_hidden + first, out->v + out->n, 0};

		end = from;
		for (uint32_t k = 0; k < mine.n; k++)
			end += mine.v[k].n + 1;
		if (end > source.n)
			end = source.n; /* behind the last line there is no line end */
		if (!outline_part(o, l, str_sub(source, from, end), mine, i == 0, c, &part))
			return false;
		for (uint32_t k = 0; k < part.n; k++) {
			part.v[k].first += first;
			part.v[k].last += first;
			part.v[k].body += first;
		}
		out->n += part.n;
	}
	return true;
}

bool code_outline(const struct code_language *language, str source, struct lines lines,
	struct code_cache *c, struct arena *a, struct code_outline *out)
{
	struct code_outliner *o = code_outliner_new(language, a);
	struct code_parts parts = code_parts_find(language, lines, a);

	*out = (struct code_outline){.is_hidden = arena_array(a, bool, lines.n),
		.v = arena_array(a, struct code_definition, lines.n)};
	if (outline_parts(o, language, source, lines, parts, c, out))
		return true;
	if (parts.n == 1)
		return false;
	memset(out->is_hidden, 0, lines.n);
	out->n = 0;
	parts.n = 1;
	return outline_parts(o, language, source, lines, parts, c, out);
}
