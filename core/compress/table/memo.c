#include "core/compress/table/memo.h"

#include "core/base/vec.h"

enum {
	MAP_MIN = 3, /* members of an object that is a table */
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

/* The children that are shown; how many. False for *is_map when a child of it is no object. */
static uint32_t list_children(const struct facts *f, struct table_memo *m, bool *is_table)
{
	uint32_t i = 0, shown = 0, last = m->node;

	*is_table = true;
	for (struct json_iter it = json_iter(&f->t, m->node); json_next(&it); i++) {
		uint32_t ahead = it.at + AHEAD * (it.at - last);

		if (ahead < f->t.n)
			__builtin_prefetch(&f->t.v[ahead]);
		last = it.at;
		if (!m->picked || m->picked->is_shown[i])
			m->nodes[shown++] = it.value;
		if (m->is_map && !json_is(&f->t, it.value, JSON_OBJECT)) {
			*is_table = false;
			break;
		}
	}
	return shown;
}

struct table_memo *memo_of(struct memos *memos, const struct facts *f, const struct pick *pick,
	uint32_t node, struct arena *a)
{
	bool is_map = json_is(&f->t, node, JSON_OBJECT), is_table;
	uint32_t n = f->t.v[node].n, shown, *slot;
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
	m->nodes = arena_alloc(a, n * sizeof *m->nodes, alignof(uint32_t));
	shown = list_children(f, m, &is_table);
	if (!is_table)
		return m;
	m->rows = arena_alloc(a, n * sizeof *m->rows, alignof(uint32_t));
	m->shape = shape_find(f, m->nodes, shown, is_map, m->rows, a);
	return m;
}
