#include "core/compress/code/parts.h"

#include <pthread.h>

#include "core/base/check.h"
#include "core/base/buf.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/base/mem.h"

enum {
	/* Of a part. Smaller ones cost more for the parser's start than they spare. */
	PART_MIN_BYTES = 4 << 10,
	/* From here on the next place will do. */
	PART_LONG_BYTES = 24 << 10,
	/* One place in so many is taken before: which ones depends on the line alone, so that behind a change the same ones are. */
	PLACES_IN = 4,
	NESTS_MAX = 8, /* brackets around a part */
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

		ASSERT(!d->name.n ||
			(d->name.p >= source.p && d->name.p + d->name.n <= source.p + source.n));
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
static bool is_before_definition(str line, bool has_nest)
{
	return line.n && (strchr("/#@", *line.p) || str_starts(line, STR(" *")) ||
				 (has_nest && strchr("*[", *line.p)));
}

/* The line as if it stood in the first column, where what stands around it is known. */
static str line_of(struct lines lines, uint32_t i, bool has_nest)
{
	str line = lines.v[i];

	while (has_nest && line.n && (*line.p == ' ' || *line.p == '\t'))
		line = str_sub(line, 1, line.n);
	return line;
}

/* True when the line is the first of a paragraph that defines something, at the top level where nothing is known of what stands around it. */
static bool is_place(const struct code_language *l, struct lines lines, uint32_t i, bool has_nest)
{
	str above = line_of(lines, i - 1, has_nest), line = line_of(lines, i, has_nest);

	if (!line.n || strchr(" \t})", *line.p) || !(is_blank(above) || *above.p == '}'))
		return false;
	while (i < lines.n && is_before_definition(line_of(lines, i, has_nest), has_nest))
		i++;
	/* the name of a function in C may begin the line below that of its type */
	return i + 1 < lines.n &&
	       (code_is_signature(l, lines.v[i]) ||
		       (l->has_plain_functions && code_is_signature(l, lines.v[i + 1]))) &&
	       line_of(lines, i, has_nest).n && !strchr(" \t", *line_of(lines, i, has_nest).p);
}

/* True when the line is within few brackets, all of which have definitions in them. */
static bool is_in_few(const struct code_nest *nest, uint32_t line)
{
	uint32_t at = nest ? nest->around[line] : 0, n = 0;

	for (; at && at != NEST_OTHER && n < NESTS_MAX; n++)
		at = nest->v[at - 1].outer;
	return !at;
}

struct code_parts code_parts_find(
	const struct code_language *language, struct lines lines, struct arena *a)
{
	struct code_parts parts = {arena_array(a, uint32_t, lines.n), 1, NULL};
	struct code_nest *nest = arena_new(a, struct code_nest);
	size_t bytes = 0;

	if (language->has_nests && !code_nest_read(language, lines, a, nest))
		return parts;
	if (language->has_nests)
		parts.nest = nest;
	for (uint32_t i = 1; language->has_parts && i < lines.n; i++) {
		bytes += lines.v[i - 1].n + 1;
		if (bytes < PART_MIN_BYTES || !is_in_few(parts.nest, i) ||
			!is_place(language, lines, i, parts.nest != NULL) ||
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

/* A part, and what is known of where it is. */
struct part {
	uint32_t first, next;    /* its lines */
	uint32_t before, behind; /* openers that are open there, as nest.h has them */
	str source;
};

static void write_openers(
	const struct code_nest *nest, uint32_t opener, struct lines lines, struct buf *b)
{
	uint32_t all[NESTS_MAX] = {0}, from = NESTS_MAX; /* the outermost first */

	for (; opener; opener = nest->v[opener - 1].outer)
		all[--from] = opener - 1;
	for (; from < NESTS_MAX; from++)
		for (uint32_t i = nest->v[all[from]].first; i <= nest->v[all[from]].line; i++) {
			buf_add(b, lines.v[i]);
			buf_add_byte(b, '\n');
		}
}

/* The part between what opens and what closes the brackets around it; *before: lines that it has got. */
static str frame(const struct part *p, const struct code_language *l, struct lines lines,
	const struct code_nest *nest, struct arena *a, uint32_t *before)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	if (l->begins && p->first)
		buf_printf(&b, "%s\n", l->begins);
	buf_add_c(&b, l->has_ends ? "begin\n" : "");
	write_openers(nest, p->before, lines, &b);
	/* a class without a member has no body, and one with one of one line is not looked into */
	buf_add_c(&b, l->has_ends && p->before ? "nil\n" : "");
	*before = 0;
	for (size_t i = 0; i < b.n; i++)
		*before += buf_str(&b).p[i] == '\n';
	buf_add(&b, p->source);
	buf_add_c(&b, l->has_ends && p->behind ? "nil\n" : "");
	for (uint32_t at = p->behind; at; at = nest->v[at - 1].outer)
		buf_add_c(&b, l->has_ends ? "end\n" : nest->v[at - 1].has_mark ? "};\n" : "}\n");
	buf_add_c(&b, l->has_ends ? "end\n" : "");
	return buf_str(&b);
}

/* Where a definition ends that goes on behind the part: its bracket is open there. */
static uint32_t last_of(const struct code_nest *nest, uint32_t behind, uint32_t first)
{
	uint32_t last = 0;

	for (; behind && nest->v[behind - 1].line >= first; behind = nest->v[behind - 1].outer)
		last = nest->v[behind - 1].last;
	return last;
}

/* False when something that is open before the part is closed elsewhere in it than the nest says. */
static bool are_closed(const struct code_outline *from, const struct part *p, uint32_t before,
	const struct code_nest *nest)
{
	for (uint32_t at = p->before, line = before - 1; at; at = nest->v[at - 1].outer) {
		const struct code_opener *o = &nest->v[at - 1];
		uint32_t i = 0;

		line -= o->line - o->first + 1;
		if (o->last >= p->next)
			continue;
		while (i < from->n && from->v[i].first != line)
			i++;
		if (i == from->n || from->v[i].last - before + p->first != o->last)
			return false;
	}
	return true;
}

/* Adds the outline of a part with some lines before it. What begins in these is told by an earlier part. */
static bool add_part(struct code_outline *out, const struct code_outline *from,
	const struct part *p, uint32_t before, struct lines lines, const struct code_nest *nest)
{
	uint32_t n = p->next - p->first;

	if (nest->is_guess && !are_closed(from, p, before, nest))
		return false;
	memcpy(out->is_hidden + p->first, from->is_hidden + before, n);
	for (uint32_t i = 0; i < from->n; i++) {
		struct code_definition d = from->v[i];

		if (d.first < before)
			continue;
		d.first = d.first - before + p->first;
		d.body = d.body - before + p->first;
		d.last = d.last - before + p->first;
		if (d.last >= p->next) {
			d.last = last_of(nest, p->behind, d.first);
			d.body = d.last + 1;
		}
		if (out->n == lines.n || d.last < d.first)
			return false;
		out->v[out->n++] = d;
	}
	return true;
}

/* What the parts of a file have in common. */
struct file {
	struct code_outliner *outliner;
	const struct code_language *language;
	struct lines lines;
	struct code_cache *cache;
	struct arena *arena;
	struct code_outline *out;
};

static bool outline_framed(const struct file *f, const struct part *p, const struct code_nest *nest)
{
	uint32_t before;
	str source = frame(p, f->language, f->lines, nest, f->arena, &before);
	struct lines mine = lines_split(f->arena, source);
	struct code_outline part = {.is_hidden = arena_array(f->arena, bool, mine.n),
		.v = arena_array(f->arena, struct code_definition, mine.n)};

	return outline_part(
		       f->outliner, f->language, source, mine, p->first == 0, f->cache, &part) &&
	       add_part(f->out, &part, p, before, f->lines, nest);
}

static bool outline_bare(const struct file *f, const struct part *p)
{
	struct lines mine = {f->lines.v + p->first, p->next - p->first};
	struct code_outline part = {f->out->is_hidden + p->first, f->out->v + f->out->n, 0};

	if (!outline_part(
		    f->outliner, f->language, p->source, mine, p->first == 0, f->cache, &part))
		return false;
	for (uint32_t k = 0; k < part.n; k++) {
		part.v[k].first += p->first;
		part.v[k].last += p->first;
		part.v[k].body += p->first;
	}
	f->out->n += part.n;
	return true;
}

static uint32_t around(const struct code_nest *nest, uint32_t line, struct lines lines)
{
	return nest && line < lines.n ? nest->around[line] : 0;
}

static bool outline_parts(const struct file *f, str source, struct code_parts parts)
{
	size_t from = 0, end;

	for (uint32_t i = 0; i < parts.n; i++, from = end) {
		struct part p = {
			.first = parts.v[i], .next = i + 1 < parts.n ? parts.v[i + 1] : f->lines.n};
		bool is_framed;

		p.before = around(parts.nest, p.first, f->lines);
		p.behind = around(parts.nest, p.next, f->lines);
		is_framed = p.before || p.behind || (p.first && f->language->begins) ||
			    (parts.n > 1 && f->language->has_ends);
		end = from;
		for (uint32_t k = p.first; k < p.next; k++)
			end += f->lines.v[k].n + 1;
		if (end > source.n)
			end = source.n; /* behind the last line there is no line end */
		p.source = str_sub(source, from, end);
		if (is_framed ? !outline_framed(f, &p, parts.nest) : !outline_bare(f, &p))
			return false;
	}
	return true;
}

bool code_outline(const struct code_language *language, str source, struct lines lines,
	struct code_cache *c, struct arena *a, struct code_outline *out)
{
	const struct file f = {code_outliner_new(language, a), language, lines, c, a, out};
	struct code_parts parts = code_parts_find(language, lines, a);

	*out = (struct code_outline){.is_hidden = arena_array(a, bool, lines.n),
		.v = arena_array(a, struct code_definition, lines.n)};
	if (outline_parts(&f, source, parts))
		return true;
	if (parts.n == 1)
		return false;
	memset(out->is_hidden, 0, lines.n);
	out->n = 0;
	parts.n = 1;
	return outline_parts(&f, source, parts);
}
