#include "core/compress/grid/objects.h"

#include "core/base/limits.h"
#include "core/compress/table/cell.h"
#include "core/json/scan.h"

/* The text, and its tape: where each value stands is known as it is written. */
struct maker {
	struct buf b;
	struct json_node *v; /* with room for all */
	uint32_t n;
	bool is_picked;
};

/* n: children, or 1 for a string with escapes. */
static void add_node(struct maker *m, enum json_type type, size_t start, size_t end, uint32_t n)
{
	struct json_node *node = &m->v[m->n++];

	*node = (struct json_node){.start = (uint32_t)start,
		.end = (uint32_t)end,
		.next = m->n,
		.n = n & ((UINT32_C(1) << 27) - 1),
		.type = type & 31};
}

static enum json_type scalar_type(str literal)
{
	return *literal.p == 'n'   ? JSON_NULL
	       : *literal.p == 't' ? JSON_TRUE
	       : *literal.p == 'f' ? JSON_FALSE
				   : JSON_NUMBER;
}

static void add_value(struct maker *m, str cell)
{
	size_t start = m->b.n;

	if (m->is_picked && cell.n == 5 && str_eq_nocase(cell, STR("false")))
		cell = STR("false");
	if (cell_may_be_scalar(cell) && cell_is_scalar(cell)) {
		buf_add(&m->b, cell);
		add_node(m, scalar_type(cell), start, m->b.n, 0);
	} else {
		buf_add_json_string(&m->b, cell);
		add_node(m, JSON_STRING, start, m->b.n, m->b.n - start != cell.n + 2);
	}
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

static void add_row(struct maker *m, const struct grid *g, const str *keys, uint32_t r)
{
	uint32_t at = m->n, cols_n = g->layout.cols_n;

	add_node(m, JSON_OBJECT, m->b.n, 0, cols_n);
	for (uint32_t c = 0; c < cols_n; c++) {
		size_t start = m->b.n + 1, end = m->b.n + keys[c].n - 1;

		buf_add(&m->b, keys[c]);
		add_node(m, JSON_STRING, start, end, end - start != g->names[c].n + 2);
		add_value(m, g->cells[c * g->stride + r]);
	}
	buf_add_byte(&m->b, '}');
	m->v[at].end = (uint32_t)m->b.n;
	m->v[at].next = m->n;
}

/* Room for all of it but for escapes: each growth leaves behind what was too small. */
static void foresee(struct buf *b, const struct grid *g, const str *keys, uint32_t rows_n)
{
	size_t bytes = 2 + 2 * (size_t)rows_n;

	for (uint32_t c = 0; c < g->layout.cols_n; c++) {
		const str *cells = &g->cells[c * g->stride];

		bytes += (keys[c].n + 2) * rows_n;
		for (uint32_t r = 0; r < rows_n; r++)
			bytes += cells[r].n;
	}
	if (bytes <= LIMIT_INPUT)
		(void)buf_reserve(b, bytes);
}

bool objects_write(const struct grid *g, uint32_t rows_n, bool is_picked, struct arena *a,
	struct json_tape *out)
{
	str *keys = find_keys(g, a);
	size_t nodes = 1 + rows_n * (1 + 2 * (size_t)g->layout.cols_n);
	struct maker m = {.is_picked = is_picked};

	if (nodes > LIMIT_INPUT)
		return false;
	m.v = arena_alloc(a, nodes * sizeof *m.v, alignof(struct json_node));
	buf_init_arena(&m.b, a, LIMIT_INPUT);
	foresee(&m.b, g, keys, rows_n);
	add_node(&m, JSON_ARRAY, 0, 0, rows_n);
	for (uint32_t r = 0; r < rows_n && m.b.err == E_OK; r++) {
		buf_add_byte(&m.b, r ? ',' : '[');
		add_row(&m, g, keys, r);
	}
	buf_add_byte(&m.b, ']');
	m.v[0].end = (uint32_t)m.b.n;
	m.v[0].next = m.n;
	*out = (struct json_tape){
		.doc = buf_str(&m.b), .v = m.v, .n = m.n, .notes = JSON_NOTE_INVALID_UTF8};
	return m.b.err == E_OK && rows_n > 0;
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
			!read_cell(
				k->t, it.value, k->arena, &k->cells[(size_t)c * k->rows_n + row]))
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
