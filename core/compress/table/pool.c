#include "core/compress/table/pool.h"

#include "core/base/vec.h"

enum {
	OBJECTS_MIN = 6, /* in a column */
	BYTES_MIN = 16,  /* of an object, on average */
	SEEN_MIN = 32,   /* objects, before a column is given up */
	/* A table of its own must save so many tokens, and one in so many: looking things up is work. */
	GAIN = 16,
	GAIN_SHARE = 8,
};

/* A column that may refer to a pool. */
struct candidate {
	struct shape *shape;
	struct field *field;
	enum field_kind kind; /* that it has by itself */
	uint32_t pool, refs_n;
};

struct finder {
	struct writer *w;
	struct candidate *v;
	size_t n, cap;
};

/* ---- objects ---- */

static uint64_t hash_keys(const struct facts *f, uint32_t object)
{
	uint64_t h = f->t.v[object].n;

	for (uint32_t at = object + 1; at < f->t.v[object].next; at = f->t.v[at + 1].next)
		h = (h ^ f->hash[at]) * UINT64_C(0x9e3779b97f4a7c15) + (h >> 29);
	return h;
}

/* Where that object is, or would be. */
static uint32_t *slot_of(const struct writer *w, const struct pool *p, uint64_t hash)
{
	uint32_t at = (uint32_t)(hash >> 32) & (p->slots_n - 1);

	while (p->slots[at] && w->f->hash[p->nodes[p->slots[at] - 1]] != hash)
		at = (at + 1) & (p->slots_n - 1);
	return &p->slots[at];
}

static void make_room(struct writer *w, struct pool *p)
{
	if (p->n * 2 < p->slots_n)
		return;
	p->slots_n = p->slots_n ? p->slots_n * 2 : 64;
	p->slots = arena_array(w->arena, uint32_t, p->slots_n);
	for (uint32_t i = 0; i < p->n; i++)
		*slot_of(w, p, w->f->hash[p->nodes[i]]) = i + 1;
}

/* The number of its row. */
static uint32_t add_object(struct writer *w, struct pool *p, uint32_t node)
{
	uint32_t *slot;

	make_room(w, p);
	slot = slot_of(w, p, w->f->hash[node]);
	if (!*slot) {
		vec_room(w->arena, (void **)&p->nodes, p->n, &p->cap, sizeof *p->nodes);
		p->nodes[p->n++] = node;
		*slot = p->n;
	}
	return *slot;
}

/* The last ones first, so that others are still found. */
static void remove_objects(struct writer *w, struct pool *p, uint32_t n)
{
	while (p->n > n) {
		*slot_of(w, p, w->f->hash[p->nodes[p->n - 1]]) = 0;
		p->n--;
	}
}

static struct pool *pool_of(struct writer *w, uint64_t keys)
{
	for (uint32_t i = 0; i < w->pools_n; i++)
		if (w->pools[i].keys == keys)
			return &w->pools[i];
	if (w->pools_n == POOLS_MAX)
		return NULL;
	if (!w->pools)
		w->pools = arena_array(w->arena, struct pool, POOLS_MAX);
	w->pools[w->pools_n] = (struct pool){.keys = keys};
	return &w->pools[w->pools_n++];
}

/* ---- columns ---- */

/* Walks the objects of a column. */
struct objects {
	const struct writer *w;
	const struct shape *shape;
	const struct field *field;
	uint32_t row;
	struct json_iter it; /* of an array */
	uint32_t node, at;   /* the object, and where its number goes */
};

static bool next_object(struct objects *o)
{
	const struct json_tape *t = &o->w->f->t;

	for (;;) {
		uint32_t node;

		if (o->it.t && json_next(&o->it)) {
			o->node = o->it.value;
			o->at++;
			return true;
		}
		if (o->row == o->shape->rows_n)
			return false;
		node = o->field->nodes[o->row++];
		if (node == JSON_ABSENT)
			continue;
		if (json_is(t, node, JSON_ARRAY)) {
			o->it = json_iter(t, node);
			o->at = o->field->first[o->row - 1] - 1;
		} else if (json_is(t, node, JSON_OBJECT)) {
			o->node = node;
			o->at = o->row - 1;
			return true;
		}
	}
}

/* Puts the objects of a column into its pool; how many. 0 when they are too different, and then none stays there. */
static uint32_t fill(struct writer *w, const struct shape *s, struct field *d, struct pool *p)
{
	struct objects o = {.w = w, .shape = s, .field = d};
	uint32_t before = p->n, seen = 0, all = d->kind == FIELD_ROWS ? d->sub->rows_n : s->rows_n;
	uint64_t bytes = 0;

	d->refs = arena_array(w->arena, uint32_t, all);
	while (next_object(&o)) {
		d->refs[o.at] = add_object(w, p, o.node);
		bytes += facts_size(w->f, o.node);
		if (++seen >= SEEN_MIN && (p->n - before) * UINT64_C(4) > seen * UINT64_C(3))
			break;
	}
	if (seen >= OBJECTS_MIN && (p->n - before) * UINT64_C(4) <= seen * UINT64_C(3) &&
		bytes >= (uint64_t)BYTES_MIN * seen)
		return seen;
	remove_objects(w, p, before);
	return 0;
}

static bool consider(struct finder *f, struct shape *s, struct field *d)
{
	struct objects o = {.w = f->w, .shape = s, .field = d};
	struct pool *p;
	uint32_t refs_n;

	if (d->sub->kind != SHAPE_OBJECTS || s->rows_n < OBJECTS_MIN || !next_object(&o))
		return false;
	p = pool_of(f->w, hash_keys(f->w->f, o.node));
	refs_n = p ? fill(f->w, s, d, p) : 0;
	if (!refs_n)
		return false;
	vec_room(f->w->arena, (void **)&f->v, f->n, &f->cap, sizeof *f->v);
	d->pool = (uint32_t)(p - f->w->pools);
	f->v[f->n++] = (struct candidate){s, d, d->kind, d->pool, refs_n};
	return true;
}

static void look_at(struct finder *f, struct shape *s)
{
	for (uint32_t i = 0; i < s->fields_n; i++) {
		struct field *d = &s->fields[i];

		if (d->kind != FIELD_VALUE && !consider(f, s, d) && d->kind == FIELD_FLAT)
			look_at(f, d->sub);
	}
}

/* ---- whether it pays ---- */

static uint64_t tokens_of(struct finder *f, uint32_t pool)
{
	uint64_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].pool == pool)
			n += write_field_tokens(f->w, f->v[i].shape, f->v[i].field);
	return n;
}

static void set_kinds(struct finder *f, uint32_t pool, bool are_refs)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct candidate *c = &f->v[i];

		if (c->pool == pool)
			c->field->kind = !are_refs               ? c->kind
					 : c->kind == FIELD_ROWS ? FIELD_REFS
								 : FIELD_REF;
	}
}

static bool make_table(struct writer *w, struct pool *p)
{
	uint32_t *rows;

	if (p->n < 2)
		return false;
	rows = arena_array(w->arena, uint32_t, p->n);
	p->memo = (struct table_memo){
		.n = p->n, .is_map = true, .is_numbered = true, .nodes = p->nodes, .rows = rows};
	p->memo.shape = shape_find(w->f, SHAPE_OBJECTS, p->nodes, p->n, p->n, rows, w->arena);
	return p->memo.shape != NULL;
}

/* What columns that refer to the pool and its table take at least: a token for the number of each row, and one for each
 * reference. Long columns are not counted whole: nothing is said of theirs. */
static uint64_t least_after(const struct finder *f, uint32_t pool)
{
	uint64_t n = f->w->pools[pool].n;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].pool == pool && f->v[i].shape->rows_n < WRITE_SAMPLE)
			n += f->v[i].refs_n;
	return n;
}

static bool take(struct finder *f, uint32_t pool, uint32_t number)
{
	struct pool *p = &f->w->pools[pool];
	uint64_t before = tokens_of(f, pool), after;

	if (before < GAIN + least_after(f, pool) || !make_table(f->w, p))
		return false;
	p->number = number;
	set_kinds(f, pool, true);
	after = tokens_of(f, pool) + write_pool_tokens(f->w, &p->memo);
	if (after + GAIN <= before && after + before / GAIN_SHARE <= before)
		return true;
	set_kinds(f, pool, false);
	p->number = 0;
	return false;
}

bool pool_find(struct writer *w)
{
	struct finder f = {.w = w};
	uint32_t taken = 0;

	for (size_t i = 0; i < w->memos.n; i++)
		if (w->memos.v[i].shape)
			look_at(&f, w->memos.v[i].shape);
	for (uint32_t i = 0; i < w->pools_n; i++)
		taken += take(&f, i, taken + 1);
	return taken > 0;
}
