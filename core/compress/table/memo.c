#include "core/compress/table/memo.h"

#include "core/base/vec.h"
#include "core/compress/table/lists.h"

enum {
	MAP_MIN = 3, /* members of an object that is a table */
	LISTS_MIN = 4,
	VALUES_MIN = 8,
	VALUE_BYTES = 256, /* larger ones, on average, have no use for a column */
	ODD_SHARE = 8,     /* one member of an object in so many may be no row, */
	ODD_MIN = 16,      /* where there are so many members */
	SLOTS_FIRST = 16,
	AHEAD = 8, /* children: rows are about as long as the one before, and asked for early */
};

static uint32_t *slot_of(const struct memos *m, uint32_t node)
{
	uint32_t at = (node * UINT32_C(0x9e3779b1) >> 7) & (m->slots_n - 1);

	while (m->slots[at] && m->v[m->slots[at] - 1].node != node)
		at = (at + 1) & (m->slots_n - 1);
	return &m->slots[at];
}

static void make_room(struct memos *m, struct arena *a)
{
	if (m->n * 2 < m->slots_n)
		return;
	m->slots_n = m->slots_n ? m->slots_n * 2 : SLOTS_FIRST;
	m->slots = arena_array(a, uint32_t, m->slots_n);
	for (uint32_t i = 0; i < m->n; i++)
		*slot_of(m, m->v[i].node) = i + 1;
}

/* Of what the container may be a table. */
static bool find_kind(const struct facts *f, const struct table_memo *m, enum shape_kind *kind)
{
	uint32_t first = m->node + 1 + m->is_map;

	if (lists_is_flat(f, m->node)) {
		*kind = SHAPE_VALUES;
		return m->n >= VALUES_MIN && !m->picked &&
		       facts_size(f, m->node) / m->n <= VALUE_BYTES;
	}
	*kind = SHAPE_OBJECTS;
	if (json_is(&f->t, first, JSON_ARRAY) && lists_is_flat(f, first))
		*kind = SHAPE_LISTS;
	return *kind == SHAPE_OBJECTS || m->n >= LISTS_MIN;
}

static bool may_be_row(const struct facts *f, uint32_t node, enum shape_kind kind)
{
	return kind == SHAPE_VALUES ||
	       json_is(&f->t, node, kind == SHAPE_LISTS ? JSON_ARRAY : JSON_OBJECT);
}

static uint32_t odd_most(const struct table_memo *m)
{
	return m->n < ODD_MIN ? 0 : m->n / ODD_SHARE;
}

/* The children that are shown; how many. *odd: members of an object that are certainly no rows; more than it takes are not
 * looked for. */
static uint32_t list_children(
	const struct facts *f, struct table_memo *m, enum shape_kind kind, uint32_t *odd)
{
	uint32_t i = 0, shown = 0, last = m->node;

	*odd = 0;
	for (struct json_iter it = json_iter(&f->t, m->node); json_next(&it); i++) {
		uint32_t ahead = it.at + AHEAD * (it.at - last);

		if (ahead < f->t.n)
			__builtin_prefetch(&f->t.v[ahead]);
		last = it.at;
		if (!m->picked || m->picked->is_shown[i])
			m->nodes[shown++] = it.value;
		if (m->is_map && !may_be_row(f, it.value, kind) && ++*odd > odd_most(m))
			break;
	}
	return shown;
}

/* What the keys of the rows have in common. */
static void find_keys(const struct facts *f, struct table_memo *m, struct arena *a)
{
	uint32_t *keys = arena_alloc(a, m->shape->rows_n * sizeof *keys, alignof(uint32_t));

	for (uint32_t i = 0; i < m->n; i++)
		if (m->rows[i] != JSON_ABSENT)
			keys[m->rows[i]] = m->nodes[i] - 1;
	m->keys = shape_of_keys(f, keys, m->shape->rows_n, a);
}

static void find_shape(const struct facts *f, struct table_memo *m, struct arena *a)
{
	enum shape_kind kind;
	uint32_t shown, odd;

	if (!find_kind(f, m, &kind))
		return;
	m->nodes = arena_alloc(a, m->n * sizeof *m->nodes, alignof(uint32_t));
	shown = list_children(f, m, kind, &odd);
	if (odd > odd_most(m))
		return;
	m->rows = arena_alloc(a, m->n * sizeof *m->rows, alignof(uint32_t));
	m->shape = shape_find(f, kind, m->nodes, shown,
		m->is_map ? m->n - odd_most(m) : (shown + 1) / 2, m->rows, a);
	if (m->shape && m->is_map)
		find_keys(f, m, a);
}

struct table_memo *memo_of(struct memos *memos, const struct facts *f, const struct pick *pick,
	uint32_t node, struct arena *a)
{
	bool is_map = json_is(&f->t, node, JSON_OBJECT);
	uint32_t n = f->t.v[node].n, *slot;
	struct table_memo *m;

	if (n < 2 || (is_map && n < MAP_MIN))
		return NULL;
	make_room(memos, a);
	slot = slot_of(memos, node);
	if (*slot)
		return &memos->v[*slot - 1];
	vec_room(a, (void **)&memos->v, memos->n, &memos->cap, sizeof *memos->v);
	m = &memos->v[memos->n++];
	*slot = (uint32_t)memos->n;
	*m = (struct table_memo){.node = node, .n = n, .is_map = is_map};
	m->picked = pick_of(pick, node);
	find_shape(f, m, a);
	return m;
}
