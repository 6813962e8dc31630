#include "core/compress/grid/objects.h"

#include "core/base/limits.h"
#include "core/compress/table/cell.h"
#include "core/json/scan.h"

void objects_add_cell(str cell, struct buf *out)
{
	if (cell_is_scalar(cell))
		buf_add(out, cell);
	else
		buf_add_json_string(out, cell);
}

/* The names as JSON's keys, with what stands around them. */
static str *find_keys(const struct grid *g, struct arena *a)
{
	str *keys = arena_array(a, str, g->layout.cols_n);

	for (uint32_t c = 0; c < g->layout.cols_n; c++) {
		struct buf b;

		buf_init_arena(&b, a, LIMIT_INPUT);
		buf_add_byte(&b, c ? ',' : '{');
		buf_add_json_string(&b, g->names[c]);
		buf_add_byte(&b, ':');
		keys[c] = buf_str(&b);
	}
	return keys;
}

bool objects_write(
	const struct grid *g, uint32_t rows_n, objects_add_fn *add, struct arena *a, str *json)
{
	str *keys = find_keys(g, a);
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (uint32_t r = 0; r < rows_n; r++) {
		buf_add_byte(&b, r ? ',' : '[');
		for (uint32_t c = 0; c < g->layout.cols_n; c++) {
			buf_add(&b, keys[c]);
			add(g->cells[c * g->stride + r], &b);
		}
		buf_add_byte(&b, '}');
	}
	buf_add_byte(&b, ']');
	*json = buf_str(&b);
	return b.err == E_OK;
}

static bool read_cell(const struct json_tape *t, uint32_t node, struct arena *a, str *out)
{
	if (json_is(t, node, JSON_STRING))
		return json_string(t, node, a, out);
	*out = json_text(t, node);
	return !json_is(t, node, JSON_OBJECT) && !json_is(t, node, JSON_ARRAY);
}

struct reader {
	const struct json_tape *t;
	struct arena *arena;
	uint32_t rows_n, cols_n;
	str *names, *cells;
};

/* As many columns as the first row has members. */
static bool begin(struct reader *k)
{
	const struct json_tape *t = k->t;

	if (!json_is(t, 0, JSON_ARRAY) || !t->v[0].n || !json_is(t, 1, JSON_OBJECT))
		return false;
	k->rows_n = t->v[0].n;
	k->cols_n = t->v[1].n;
	/* Each member takes nodes of its own, so that cells are bounded by the text. */
	if (!k->cols_n || k->cols_n > GRID_COLS_MAX || (uint64_t)k->rows_n * k->cols_n > t->n)
		return false;
	k->names = arena_array(k->arena, str, k->cols_n);
	k->cells = arena_array(k->arena, str, (size_t)k->rows_n * k->cols_n);
	return true;
}

/* The first row names the columns. */
static bool read_row(struct reader *k, uint32_t node, uint32_t row)
{
	uint32_t c = 0;

	if (!json_is(k->t, node, JSON_OBJECT) || k->t->v[node].n != k->cols_n)
		return false;
	for (struct json_iter it = json_iter(k->t, node); json_next(&it); c++) {
		str name;

		if (!json_string(k->t, it.key, k->arena, &name) ||
			(row && !str_eq(name, k->names[c])) ||
			!read_cell(k->t, it.value, k->arena,
				&k->cells[(size_t)c * k->rows_n + row]))
			return false;
		k->names[c] = name;
	}
	return true;
}

bool objects_read(str json, struct arena *a, struct grid_text *out)
{
	struct json_tape t;
	struct reader k = {.t = &t, .arena = a};
	uint32_t row = 0;

	if (json_scan(a, json, &t, NULL) != E_OK || !begin(&k))
		return false;
	for (struct json_iter it = json_iter(&t, 0); json_next(&it); row++)
		if (!read_row(&k, it.value, row))
			return false;
	*out = (struct grid_text){.rows_n = k.rows_n,
		.cols_n = k.cols_n,
		.shown_n = k.rows_n,
		.names = k.names,
		.cells = k.cells,
		.stride = k.rows_n};
	return true;
}
