#include "core/compress/table/shape.h"

#include <stdlib.h>

#include "core/compress/table/lists.h"
#include "core/compress/table/plan.h"

enum {
	SEQUENCES_MAX = 64, /* sets of keys in their order, that one table takes */
	KEYS_MAX = 256,     /* columns of one level */
	KEY_TOKENS = 4,     /* what a key and its signs cost where it is no column */
	/* Cells of a row that are told apart by counting; in a cell that is a row itself. */
	LINE_CELLS_MAX = 16,
	INNER_CELLS_MAX = 8,
	KEYED_ROWS_MAX = 64, /* in a longer table keys in each row are too dear */
	UNIFORM_SAMPLE = 16, /* objects */
};

/* Objects with the same keys in the same order. */
struct sequence {
	uint64_t hash;
	uint32_t node, keys_n, n;
	bool is_taken;
	uint16_t columns[KEYS_MAX]; /* of its keys */
};

struct finder {
	const struct facts *f;
	struct arena *arena;
	const uint32_t *nodes;
	uint32_t n;
	struct sequence *sequences[SEQUENCES_MAX];
	uint32_t sequences_n;
	uint32_t *sequence_of;   /* by node index; JSON_ABSENT: none */
	uint32_t keys[KEYS_MAX]; /* nodes, in the order of columns */
	uint32_t keys_n;
};

static uint64_t hash_keys(const struct facts *f, uint32_t object)
{
	uint64_t h = f->t.v[object].n;

	for (uint32_t at = object + 1; at < f->t.v[object].next; at = f->t.v[at + 1].next)
		h = (h ^ f->hash[at]) * UINT64_C(0x9e3779b97f4a7c15) + (h >> 29);
	return h;
}

static uint32_t sequence_of(struct finder *s, uint32_t node, uint32_t last)
{
	uint64_t h;

	if (!json_is(&s->f->t, node, JSON_OBJECT) || s->f->t.v[node].n > KEYS_MAX ||
		!s->f->t.v[node].n)
		return JSON_ABSENT;
	h = hash_keys(s->f, node);
	if (last != JSON_ABSENT && s->sequences[last]->hash == h)
		return last;
	for (uint32_t i = 0; i < s->sequences_n; i++)
		if (s->sequences[i]->hash == h)
			return i;
	if (s->sequences_n == SEQUENCES_MAX)
		return JSON_ABSENT;
	s->sequences[s->sequences_n] = arena_new(s->arena, struct sequence);
	*s->sequences[s->sequences_n] =
		(struct sequence){.hash = h, .node = node, .keys_n = s->f->t.v[node].n};
	return s->sequences_n++;
}

static uint32_t find_key(const struct finder *s, uint32_t key)
{
	for (uint32_t i = 0; i < s->keys_n; i++)
		if (s->f->hash[s->keys[i]] == s->f->hash[key])
			return i;
	return JSON_ABSENT;
}

/* Puts the keys that are new where they stand between the others. False when the order contradicts, or a key occurs
 * twice. */
static bool merge_keys(struct finder *s, uint32_t object)
{
	const struct json_node *v = s->f->t.v;
	uint32_t at = 0;

	for (uint32_t key = object + 1; key < v[object].next; key = v[key + 1].next) {
		uint32_t found = find_key(s, key);

		if (found != JSON_ABSENT) {
			if (found < at)
				return false;
			at = found + 1;
			continue;
		}
		if (s->keys_n == KEYS_MAX)
			return false;
		memmove(s->keys + at + 1, s->keys + at, (s->keys_n - at) * sizeof *s->keys);
		s->keys[at++] = key;
		s->keys_n++;
	}
	return true;
}

/* Takes a sequence into the table when its empty cells and those that it makes for others cost less than its keys. */
static void take_sequence(struct finder *s, struct sequence *q, uint32_t taken)
{
	uint32_t before[KEYS_MAX], before_n = s->keys_n;
	uint64_t empty;

	memcpy(before, s->keys, before_n * sizeof *before);
	q->is_taken = merge_keys(s, q->node);
	empty = (uint64_t)(s->keys_n - before_n) * taken + (uint64_t)(s->keys_n - q->keys_n) * q->n;
	if (q->is_taken && empty <= (uint64_t)KEY_TOKENS * q->keys_n * q->n)
		return;
	q->is_taken = false;
	memcpy(s->keys, before, before_n * sizeof *before);
	s->keys_n = before_n;
}

static int by_n(const void *a, const void *b)
{
	const struct sequence *x = *(struct sequence *const *)a, *y = *(struct sequence *const *)b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return x->node < y->node ? -1 : 1;
}

static uint32_t find_sequences(struct finder *s)
{
	struct sequence *sorted[SEQUENCES_MAX];
	uint32_t last = JSON_ABSENT, taken = 0;

	s->sequence_of = arena_alloc(s->arena, s->n * sizeof *s->sequence_of, alignof(uint32_t));
	for (uint32_t i = 0; i < s->n; i++) {
		last = s->sequence_of[i] = sequence_of(s, s->nodes[i], last);
		if (last != JSON_ABSENT)
			s->sequences[last]->n++;
	}
	memcpy(sorted, s->sequences, sizeof sorted);
	qsort(sorted, s->sequences_n, sizeof *sorted, by_n);
	for (uint32_t i = 0; i < s->sequences_n; i++) {
		take_sequence(s, sorted[i], taken);
		if (sorted[i]->is_taken)
			taken += sorted[i]->n;
	}
	for (uint32_t i = 0; i < s->sequences_n; i++) {
		struct sequence *q = s->sequences[i];
		uint32_t n = 0;

		if (!q->is_taken)
			continue;
		for (uint32_t key = q->node + 1; key < s->f->t.v[q->node].next;
			key = s->f->t.v[key + 1].next)
			q->columns[n++] = (uint16_t)find_key(s, key);
	}
	return taken;
}

/* ---- the table ---- */

/* Cells that a row shows. */
static uint32_t count_cells(const struct shape *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->fields_n; i++) {
		const struct field *d = &s->fields[i];

		if (d->kind == FIELD_FLAT)
			n += count_cells(d->sub);
		else
			n += d->kind != FIELD_VALUE || d->column.kind == COLUMN_CELLS;
	}
	return n;
}

/* Objects of a few members in a row of many: a cell each, in brackets, which one can count, too. */
static void gather(struct shape *s)
{
	for (uint32_t i = 0; i < s->fields_n; i++) {
		struct field *d = &s->fields[i];
		uint32_t n = d->kind == FIELD_FLAT ? count_cells(d->sub) : 0;

		if (n > 1 && n <= INNER_CELLS_MAX)
			d->kind = FIELD_TUPLE;
		else if (n > 1)
			gather(d->sub);
	}
}

static void set_keyed(struct shape *s, uint32_t most)
{
	/* Arrays have no keys to write. */
	if (s->kind != SHAPE_OBJECTS)
		return;
	if (s->rows_n <= KEYED_ROWS_MAX && count_cells(s) > most)
		gather(s);
	s->is_keyed = s->is_keyed || (s->rows_n <= KEYED_ROWS_MAX && count_cells(s) > most);
	for (uint32_t i = 0; i < s->fields_n; i++) {
		struct field *d = &s->fields[i];

		if (d->kind == FIELD_FLAT) {
			d->sub->is_keyed = s->is_keyed;
			set_keyed(d->sub, UINT32_MAX);
		} else if (d->sub) {
			set_keyed(d->sub, INNER_CELLS_MAX);
		}
	}
}

struct shape *shape_new(enum shape_kind kind, uint32_t rows_n, uint32_t fields_n, struct arena *a)
{
	struct shape *out = arena_new(a, struct shape);

	*out = (struct shape){.kind = kind, .rows_n = rows_n, .fields_n = fields_n};
	out->fields = arena_array(a, struct field, fields_n);
	for (uint32_t c = 0; c < fields_n; c++) {
		out->fields[c].key = JSON_ABSENT;
		out->fields[c].nodes =
			arena_alloc(a, rows_n * sizeof *out->fields[c].nodes, alignof(uint32_t));
	}
	return out;
}

static struct shape *new_shape(struct finder *s, uint32_t rows_n)
{
	struct shape *out = shape_new(SHAPE_OBJECTS, rows_n, s->keys_n, s->arena);

	for (uint32_t c = 0; c < s->keys_n; c++)
		out->fields[c].key = s->keys[c];
	return out;
}

static void plan_fields(
	struct finder *s, struct shape *out, const struct plan_seen *seen, unsigned depth)
{
	for (uint32_t c = 0; c < out->fields_n; c++)
		plan_field(s->f, &out->fields[c], out->rows_n, &seen[c], depth, s->arena);
}

static struct shape *make_shape(
	struct finder *s, uint32_t rows_n, const uint32_t *rows, unsigned depth)
{
	const struct json_node *v = s->f->t.v;
	struct shape *out = new_shape(s, rows_n);
	struct plan_seen *seen = arena_array(s->arena, struct plan_seen, s->keys_n);

	for (uint32_t c = 0; c < s->keys_n; c++)
		memset(out->fields[c].nodes, 0xff, rows_n * sizeof *out->fields[c].nodes);
	/* Row by row, as the document has them in memory. */
	for (uint32_t i = 0; i < s->n; i++) {
		const struct sequence *q;
		uint32_t k = 0;

		if (rows[i] == JSON_ABSENT)
			continue;
		q = s->sequences[s->sequence_of[i]];
		for (uint32_t key = s->nodes[i] + 1; key < v[s->nodes[i]].next;
			key = v[key + 1].next)
			out->fields[q->columns[k++]].nodes[rows[i]] = key + 1;
		for (uint32_t c = 0; c < s->keys_n; c++)
			plan_look(s->f, out->fields[c].nodes[0], out->fields[c].nodes[rows[i]],
				&seen[c]);
	}
	plan_fields(s, out, seen, depth);
	return out;
}

/* True when the object has just these keys, in that order. */
static bool has_keys(const struct facts *f, uint32_t object, const uint64_t *keys, uint32_t n)
{
	const struct json_node *v = f->t.v;
	uint32_t c = 0;

	if (v[object].type != JSON_OBJECT || v[object].n != n)
		return false;
	for (uint32_t key = object + 1; c < n; key = v[key + 1].next, c++)
		if (f->hash[key] != keys[c])
			return false;
	return true;
}

/* The same, and their values become the row. */
static bool take_row(const struct facts *f, struct shape *out, uint32_t row, uint32_t object,
	const uint64_t *keys, struct plan_seen *seen)
{
	const struct json_node *v = f->t.v;
	uint32_t c = 0;

	if (v[object].type != JSON_OBJECT || v[object].n != out->fields_n)
		return false;
	for (uint32_t key = object + 1; c < out->fields_n; key = v[key + 1].next, c++) {
		uint32_t *nodes = out->fields[c].nodes;

		if (f->hash[key] != keys[c])
			return false;
		nodes[row] = key + 1;
		plan_look(f, nodes[0], key + 1, &seen[c]);
	}
	return true;
}

/* The keys' hashes when all objects may have the keys of the first, as far as some from everywhere tell; else NULL. */
static const uint64_t *uniform_keys(struct finder *s)
{
	const struct json_node *first = &s->f->t.v[s->nodes[0]];
	uint64_t *keys;

	if (first->type != JSON_OBJECT || !first->n || first->n > KEYS_MAX ||
		!merge_keys(s, s->nodes[0]))
		return NULL;
	keys = arena_alloc(s->arena, s->keys_n * sizeof *keys, alignof(uint64_t));
	for (uint32_t c = 0; c < s->keys_n; c++)
		keys[c] = s->f->hash[s->keys[c]];
	for (uint32_t i = 1; i < s->n; i += s->n / UNIFORM_SAMPLE + 1)
		if (!has_keys(s->f, s->nodes[i], keys, s->keys_n))
			return NULL;
	return keys;
}

/* All objects have the keys of the first: one pass over them will do. NULL when they have not. */
static struct shape *find_uniform(struct finder *s, uint32_t *rows, unsigned depth)
{
	const uint64_t *keys = uniform_keys(s);
	struct shape *out;
	struct plan_seen *seen;

	if (!keys)
		return NULL;
	out = new_shape(s, s->n);
	seen = arena_array(s->arena, struct plan_seen, s->keys_n);
	for (uint32_t i = 0; i < s->n; i++) {
		if (!take_row(s->f, out, i, s->nodes[i], keys, seen))
			return NULL;
		rows[i] = i;
	}
	plan_fields(s, out, seen, depth);
	return out;
}

static struct shape *find_objects(const struct facts *f, const uint32_t *nodes, uint32_t n,
	uint32_t least, uint32_t *rows, unsigned depth, struct arena *a)
{
	struct finder *s;
	struct shape *uniform;
	uint32_t taken, rows_n = 0;

	s = arena_new(a, struct finder);
	*s = (struct finder){.f = f, .arena = a, .nodes = nodes, .n = n};
	uniform = find_uniform(s, rows, depth);
	if (uniform)
		return uniform;
	s->keys_n = 0;
	taken = find_sequences(s);
	if (taken < 2 || (taken < least))
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t q = s->sequence_of[i];

		rows[i] = q != JSON_ABSENT && s->sequences[q]->is_taken ? rows_n++ : JSON_ABSENT;
	}
	return make_shape(s, rows_n, rows, depth);
}

struct shape *shape_find_at(const struct facts *f, enum shape_kind kind, const uint32_t *nodes,
	uint32_t n, uint32_t least, uint32_t *rows, unsigned depth, struct arena *a)
{
	if (n < 2)
		return NULL;
	switch (kind) {
	case SHAPE_LISTS:
		return lists_find(f, nodes, n, least, rows, depth, a);
	case SHAPE_VALUES:
		return lists_find_values(f, nodes, n, rows, a);
	case SHAPE_OBJECTS:
	default:
		return find_objects(f, nodes, n, least, rows, depth, a);
	}
}

struct shape *shape_find(const struct facts *f, enum shape_kind kind, const uint32_t *nodes,
	uint32_t n, uint32_t least, uint32_t *rows, struct arena *a)
{
	struct shape *s = shape_find_at(f, kind, nodes, n, least, rows, 0, a);

	if (s)
		set_keyed(s, LINE_CELLS_MAX);
	return s;
}
