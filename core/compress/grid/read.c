#include "core/compress/grid/text.h"

/* Cells of a table that a text of so many bytes can stand for: columns that are said once take none. */
enum { CELLS_PER_BYTE = 64 };

struct reader {
	struct grid_head head;
	struct grid_text *out;
	struct arena *arena;
	uint32_t *rows;
	str *cells;
	uint32_t last[2]; /* column that is shown last by a row, by a whole one */
	uint32_t row;     /* the next one */
};

static bool read_row(struct reader *k, str *text)
{
	const char ends[] = {k->head.sep, '\n', '\r', 0};
	uint32_t i = k->out->shown_n;
	bool is_whole = str_take(text, STR(GRID_WHOLE)), is_first = true;
	bool is_below = i && k->row && k->rows[i - 1] == k->row - 1;

	for (uint32_t c = 0; c < k->head.cols_n; c++) {
		str *cell = &k->cells[c * k->out->stride + i], rest = STR_NULL;
		bool is_quoted;

		if (grid_plan_shows(&k->head.plans[c], is_whole)) {
			if (!is_first && !str_take(text, (str){&k->head.sep, 1}))
				return false;
			is_first = false;
			is_quoted = text->n && *text->p == '"';
			if (!grid_unspell(text, c == k->last[is_whole] ? "\r\n" : ends, false,
				    k->arena, &rest))
				return false;
			if (!is_quoted && str_eq(rest, STR(GRID_DITTO))) {
				if (!is_below)
					return false;
				*cell = cell[-1];
				continue;
			}
		}
		*cell = k->head.plans[c].is_usual && is_whole
				? rest
				: column_cell(&k->head.plans[c].column, k->row, rest, k->arena);
	}
	k->rows[k->out->shown_n++] = k->row++;
	return true;
}

static str take_line(str *text)
{
	size_t eol = str_find_byte(*text, '\n');
	str line = str_sub(*text, 0, eol == STR_NONE ? text->n : eol);

	*text = str_sub(*text, line.n, text->n);
	return line;
}

/* The same for a line of ours, which may be the last: a '\r' is part of its end. */
static str take_own_line(str *text)
{
	str line = take_line(text);

	if (str_ends(line, STR("\r"))) {
		*text = (str){text->p - 1, text->n + 1};
		line.n--;
	}
	return line;
}

static bool read_gap(struct reader *k, str *text)
{
	str line = take_own_line(text);
	uint64_t n;

	if (!str_take(&line, STR(GRID_GAP)) || !str_ends(line, STR(GRID_MORE)))
		return false;
	line.n -= STR(GRID_MORE).n;
	if (!str_u64(line, &n) || !n || n > k->head.rows_n - k->row)
		return false;
	k->row += (uint32_t)n;
	return true;
}

static bool read_item(struct reader *k, str *text)
{
	if (!str_take(text, STR("\n")))
		return false;
	if (str_starts(*text, STR(GRID_ODD))) {
		str line = take_line(text);

		*vec_push(&k->out->odd, k->arena) =
			(struct grid_odd){k->row, str_sub(line, 1, line.n)};
		return true;
	}
	if (str_starts(*text, STR(GRID_GAP)))
		return read_gap(k, text);
	return k->out->shown_n < k->out->stride && read_row(k, text);
}

bool grid_read(str text, struct arena *a, struct grid_text *out)
{
	struct reader k = {.out = out, .arena = a};
	str rest = text;
	size_t lines = 0;

	*out = (struct grid_text){0};
	if (!grid_unspell_head(&rest, a, &k.head))
		return false;
	for (size_t i = 0; i < rest.n; i++)
		lines += rest.p[i] == '\n';
	out->stride = lines < k.head.rows_n ? lines : k.head.rows_n;
	if ((uint64_t)out->stride * k.head.cols_n > CELLS_PER_BYTE * (uint64_t)text.n)
		return false;
	k.cells = arena_alloc(a, out->stride * k.head.cols_n * sizeof *k.cells + 1, alignof(str));
	k.rows = arena_alloc(a, out->stride * sizeof *k.rows + 1, alignof(uint32_t));
	for (uint32_t c = 0; c < k.head.cols_n; c++)
		for (int whole = 0; whole < 2; whole++)
			if (grid_plan_shows(&k.head.plans[c], whole))
				k.last[whole] = c;
	while (k.row < k.head.rows_n)
		if (!read_item(&k, &rest))
			return false;
	if (out->shown_n < k.head.rows_n && str_starts(rest, STR("\n" GRID_LEFT_OUT))) {
		rest = str_sub(rest, 1, rest.n);
		(void)take_own_line(&rest);
	}
	out->rows_n = k.head.rows_n;
	out->cols_n = k.head.cols_n;
	out->names = k.head.names;
	out->plans = k.head.plans;
	out->rows = k.rows;
	out->cells = k.cells;
	out->end = text.n - rest.n;
	return true;
}
