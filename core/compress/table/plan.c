#include "core/compress/table/plan.h"

#include "core/compress/table/cell.h"
#include "core/compress/table/escape.h"
#include "core/compress/table/lists.h"

enum {
	DEPTH_MAX = 12,
	PLAN_SAMPLE = 32, /* cells */
};

static str inside(const struct facts *f, uint32_t node)
{
	str s = json_text(&f->t, node);

	return str_sub(s, 1, s.n - 1);
}

/* JSON in a string, and lines. */
static bool may_have_way(str literal)
{
	return str_starts(literal, STR("{")) || str_starts(literal, STR("[")) ||
	       str_find(literal, STR("\\n")) != STR_NONE;
}

void plan_look_string(const struct facts *f, uint32_t node, struct plan_seen *k)
{
	str text;

	if (f->t.v[node].n || (f->escapes && !escape_undo(f->escapes, json_text(&f->t, node), false,
						     NULL, &text))) {
		k->has_strange = true;
		k->has_way = k->has_way || f->escapes || may_have_way(inside(f, node));
	}
	if (k->number_like == PLAN_TEXT_MIN)
		return;
	text = inside(f, node);
	k->number_like += cell_may_be_scalar(text) && text.n < 30 && cell_is_scalar(text);
}

static str plan_text(const struct facts *f, uint32_t node)
{
	return json_is(&f->t, node, JSON_STRING) ? inside(f, node) : json_text(&f->t, node);
}

/* A few cells tell whether all of them can have something in common. */
static bool is_hopeless(const struct facts *f, const uint32_t *nodes, uint32_t n, bool are_numbers)
{
	str cells[PLAN_SAMPLE];
	struct column c;

	for (uint32_t i = 0; i < PLAN_SAMPLE && n > 2 * PLAN_SAMPLE; i++)
		cells[i] = plan_text(f, nodes[are_numbers ? i : (uint64_t)i * n / PLAN_SAMPLE]);
	if (n <= 2 * PLAN_SAMPLE)
		return false;
	c = column_plan(cells, PLAN_SAMPLE);
	return are_numbers ? c.kind != COLUMN_COUNT
			   : c.kind == COLUMN_CELLS && !c.prefix.n && !c.suffix.n;
}

/* What all cells have in common. */
static void plan_column(const struct facts *f, struct field *d, uint32_t n,
	const struct plan_seen *k, bool can_count, struct arena *a)
{
	struct arena_mark mark = arena_mark(a);
	str *cells;

	if (n < 3 || (k->types[JSON_NUMBER] != n && (k->types[JSON_STRING] != n || k->has_way)))
		return;
	if (k->types[JSON_STRING] && f->is_whole)
		return;
	if (is_hopeless(f, d->nodes, n, k->types[JSON_NUMBER] > 0))
		return;
	cells = arena_alloc(a, n * sizeof *cells, alignof(str));
	for (uint32_t i = 0; i < n; i++)
		cells[i] = plan_text(f, d->nodes[i]);
	d->column = column_plan(cells, n);
	arena_rewind(a, mark);
	if (k->types[JSON_NUMBER] && (d->column.kind != COLUMN_COUNT || !can_count))
		d->column = (struct column){0};
	if (k->types[JSON_STRING] && d->column.kind != COLUMN_CELLS)
		d->column = (struct column){0};
	d->is_affix = d->column.prefix.n || d->column.suffix.n;
}

static void plan_timing(const struct facts *f, struct field *d, uint32_t n,
	const struct plan_seen *k, bool can_count)
{
	bool are_strings = k->types[JSON_STRING] &&
			   k->types[JSON_STRING] + k->types[JSON_NULL] + k->absent == n &&
			   !k->has_strange;

	if (f->is_whole || d->column.kind != COLUMN_CELLS ||
		!(are_strings || k->types[JSON_NUMBER] == n))
		return;
	d->timing = timing_plan(
		f, d->key, d->nodes, n, can_count, d->column.prefix.n, d->column.suffix.n);
	if (!d->timing.how)
		return;
	d->is_affix = d->is_text = false;
	d->column = (struct column){
		.kind = d->timing.how == TIMING_STEPS ? COLUMN_COUNT : COLUMN_CELLS};
}

static void plan_values(const struct facts *f, struct field *d, uint32_t n,
	const struct plan_seen *k, bool can_count, struct arena *a)
{
	d->is_small = !k->has_large && !k->types[JSON_OBJECT] && !k->types[JSON_ARRAY];
	if (!k->differs && n > 1) {
		d->column.kind = COLUMN_SAME;
		return;
	}
	d->is_text = k->number_like >= PLAN_TEXT_MIN &&
		     k->types[JSON_STRING] + k->types[JSON_NULL] + k->absent == n;
	plan_column(f, d, n, k, can_count, a);
	plan_timing(f, d, n, k, can_count);
}

static uint32_t *new_rows(struct arena *a, uint32_t n)
{
	return arena_alloc(a, ((size_t)n + 1) * sizeof(uint32_t), alignof(uint32_t));
}

/* The rows of all arrays one below the other, objects or arrays. */
static void plan_rows(const struct facts *f, struct field *d, uint32_t n, const struct plan_seen *k,
	unsigned depth, struct arena *a)
{
	uint32_t *all = new_rows(a, k->elements), *rows, at = 0;
	enum json_type type = JSON_OBJECT;

	d->first = new_rows(a, n);
	for (uint32_t i = 0; i < n; i++) {
		d->first[i] = at;
		if (d->nodes[i] == JSON_ABSENT || !json_is(&f->t, d->nodes[i], JSON_ARRAY))
			continue;
		for (struct json_iter it = json_iter(&f->t, d->nodes[i]); json_next(&it);) {
			if (!at && json_is(&f->t, it.value, JSON_ARRAY))
				type = JSON_ARRAY;
			if (!json_is(&f->t, it.value, type))
				return;
			all[at++] = it.value;
		}
	}
	rows = new_rows(a, at);
	d->sub = shape_find_at(f, type == JSON_ARRAY ? SHAPE_LISTS : SHAPE_OBJECTS, all, at, at,
		rows, depth + 1, a);
	/* Without a word about its columns an array of arrays is as short as it is. */
	if (d->sub && type == JSON_ARRAY && !lists_has_head(d->sub))
		d->sub = NULL;
	if (d->sub)
		d->kind = FIELD_ROWS;
}

static void plan_objects(const struct facts *f, struct field *d, uint32_t n,
	const struct plan_seen *k, unsigned depth, struct arena *a)
{
	uint32_t *all = new_rows(a, k->types[JSON_OBJECT]), *rows, at = 0;
	bool is_each = k->types[JSON_OBJECT] == n;

	d->first = new_rows(a, n);
	for (uint32_t i = 0; i < n; i++) {
		d->first[i] = at;
		if (is_each ||
			(d->nodes[i] != JSON_ABSENT && json_is(&f->t, d->nodes[i], JSON_OBJECT)))
			all[at++] = d->nodes[i];
	}
	rows = new_rows(a, at);
	d->sub = shape_find_at(f, SHAPE_OBJECTS, all, at, at, rows, depth + 1, a);
	if (d->sub)
		d->kind = at == n ? FIELD_FLAT : FIELD_TUPLE;
}

void plan_field(const struct facts *f, struct field *d, uint32_t n, const struct plan_seen *k,
	unsigned depth, struct arena *a)
{
	bool is_nested = depth < DEPTH_MAX && !(!k->differs && n > 1);

	if (is_nested && k->types[JSON_OBJECT] > 1 &&
		k->types[JSON_OBJECT] + k->types[JSON_NULL] + k->absent == n)
		plan_objects(f, d, n, k, depth, a);
	else if (is_nested && k->elements > 1 &&
		 k->types[JSON_ARRAY] + k->types[JSON_NULL] + k->absent == n)
		plan_rows(f, d, n, k, depth, a);
	else
		plan_values(f, d, n, k, depth == 0, a);
}
