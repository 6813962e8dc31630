#include "core/compress/grid/grid.h"

#include "core/base/limits.h"
#include "core/compress/grid/rows.h"
#include "core/compress/grid/spell.h"
#include "core/compress/grid/text.h"
#include "core/compress/http/line.h"

enum {
	TEXT_MIN = 100, /* bytes; a head costs as much */
	/* Percent of the bytes that must be saved before tokens are counted. */
	GAIN_PERCENT = 4,
};

static const struct {
	unsigned used;
	const char *text;
} explanations[] = {
	{GRID_USED_USUAL, ", ~ mostly so, " GRID_WHOLE " rows show these too"},
	{GRID_USED_DITTO, ", ^ as above"},
	{GRID_USED_ODD, ", " GRID_ODD " another line"},
	{GRID_USED_GAP, ", " GRID_GAP "9 that many left out"},
};

/* Before, head, rows, after. */
static bool assemble(const struct grid *g, struct codec_head *head, unsigned used, str rows,
	struct arena *a, struct buf *out)
{
	struct buf words;

	buf_init_arena(&words, a, LIMIT_INPUT);
	grid_layout_write(&g->layout, &words);
	buf_add_c(&words, "; rows below their columns");
	for (size_t i = 0; i < ARRAY_N(explanations); i++)
		if (used & explanations[i].used)
			buf_add_c(&words, explanations[i].text);
	head->words = buf_str(&words);
	return codec_assemble(head, g->before, rows, g->after, out);
}

const struct grid *grid_find(const struct codec_in *in, struct arena *a)
{
	const struct codec_kept *kept = codec_kept(in, &grid_codec);
	struct grid *g;

	if (kept)
		return kept->what;
	if (in->text.n < TEXT_MIN)
		return NULL;
	g = arena_new(a, struct grid);
	if (!grid_parse(in->text, a, g))
		g = NULL;
	codec_keep(in, &grid_codec, g);
	return g;
}

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct codec_head head = {.codec = &grid_codec, .route = in->route};
	struct grid_rows shown = {0};
	const struct grid *g;
	struct buf rows, b;
	unsigned used;

	head.form = in->route.n ? CODEC_ELIDED : CODEC_EXACT;
	g = grid_find(in, a);
	if (!g)
		return false;
	/* curl's progress meter looks like names of columns; what is below it are no rows that go for others. */
	if (head.form == CODEC_ELIDED &&
		(http_looks_like(in->text) || !grid_pick(g, in, a, &shown)))
		return false;
	buf_init_arena(&rows, a, LIMIT_INPUT);
	buf_init_arena(&b, a, LIMIT_INPUT);
	/* What grows leaves behind what was too small, and what is longer is of no use. */
	(void)buf_reserve(&rows, in->text.n);
	used = grid_write(&(struct grid_write){.g = g,
				  .is_shown = shown.is_shown,
				  .summary = shown.summary,
				  .encoding = in->encoding,
				  .cache = in->cache,
				  .arena = a},
		&rows);
	if (rows.err != E_OK || (head.form == CODEC_ELIDED && !(used & GRID_USED_GAP)) ||
		!assemble(g, &head, used, buf_str(&rows), a, &b))
		return false;
	*out = (struct codec_out){.text = buf_str(&b), .form = head.form};
	return b.n + in->text.n / 100 * GAIN_PERCENT < in->text.n;
}

/* ---- back again ---- */

struct reading {
	str before, after;
	struct grid_layout layout;
	struct grid_text table;
};

static bool read_text(str text, enum codec_form form, struct arena *a, struct reading *r)
{
	struct codec_head head;
	size_t at, end;

	if (!codec_head_find(text, &head, &at, &end) || head.codec != &grid_codec ||
		head.form != form || !grid_read(str_sub(text, end, text.n), a, &r->table) ||
		!grid_layout_read(head.words, r->table.cols_n, a, &r->layout))
		return false;
	r->before = str_sub(text, 0, at);
	r->after = str_sub(text, end + r->table.end, text.n);
	return !r->after.n || *r->after.p == '\n' || str_starts(r->after, STR("\r\n"));
}

static bool decode(str text, struct arena *a, str *out)
{
	struct reading *r = arena_new(a, struct reading);
	struct buf b;

	if (!read_text(text, CODEC_EXACT, a, r) || r->table.shown_n != r->table.rows_n)
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add(&b, r->before);
	grid_print(&r->layout, &r->table, &b);
	buf_add(&b, r->after);
	*out = buf_str(&b);
	return b.err == E_OK;
}

/* ---- the contract ---- */

/* What is said of a column is true of all rows, or of more than half of them where it is usual. */
static bool same_column(const str *cells, uint32_t n, const struct grid_plan *p, struct arena *a)
{
	uint32_t others = 0;

	if (p->column.kind == COLUMN_CELLS)
		return true;
	for (uint32_t r = 0; r < n; r++)
		others += !str_eq(cells[r], column_cell(&p->column, r, STR_NULL, a));
	return p->is_usual ? others < n - others : !others;
}

static bool same_columns(const struct grid *g, const struct grid_text *t, struct arena *a)
{
	for (uint32_t c = 0; c < t->cols_n; c++) {
		if (!str_eq(g->names[c], t->names[c]))
			return false;
		if (!same_column(&g->cells[c * g->stride], g->rows_n, &t->plans[c], a))
			return false;
	}
	return true;
}

static bool same_odd(const struct grid *g, const struct grid_text *t)
{
	if (g->odd.n != t->odd.n)
		return false;
	for (size_t i = 0; i < g->odd.n; i++)
		if (g->odd.v[i].row != t->odd.v[i].row ||
			!str_eq(g->odd.v[i].line, t->odd.v[i].line))
			return false;
	return true;
}

static bool same_row(const struct grid *g, const struct grid_text *t, uint32_t i)
{
	for (uint32_t c = 0; c < t->cols_n; c++)
		if (!str_eq(g->cells[c * g->stride + t->rows[i]], t->cells[c * t->stride + i]))
			return false;
	return true;
}

/* What is said of all rows is true of all; what is shown is the original, cell for cell and in its place; lines that
 * are no rows are all there; no row that tells of an error is left out. */
static bool holds(str original, str text, struct arena *a)
{
	struct reading *r = arena_new(a, struct reading);
	const struct grid_text *t = &r->table;
	struct grid g;
	bool *is_shown;
	uint32_t i = 0;

	if (!grid_parse(original, a, &g) || !read_text(text, CODEC_ELIDED, a, r) ||
		!str_eq(r->before, g.before) || !str_eq(r->after, g.after) ||
		t->rows_n != g.rows_n || t->cols_n != g.layout.cols_n || !same_columns(&g, t, a) ||
		!same_odd(&g, t))
		return false;
	is_shown = arena_array(a, bool, g.rows_n);
	for (uint32_t row = 0; row < g.rows_n; row++) {
		is_shown[row] = i < t->shown_n && t->rows[i] == row;
		if (is_shown[row] && !same_row(&g, t, i++))
			return false;
	}
	return grid_may_hide(&g, is_shown, a);
}

const struct codec grid_codec = {
	.word = "table",
	.encoder = ENCODER_TABLE,
	.kinds = 1u << KIND_TABLE | 1u << KIND_TEXT,
	.encode = encode,
	.decode = decode,
	.holds = holds,
};
