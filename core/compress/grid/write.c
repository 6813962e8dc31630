#include "core/base/limits.h"
#include "core/compress/grid/text.h"

enum {
	SAMPLE_ROWS =
		24, /* that choose the separator; with 64 it is no better, and takes longer than all else */
	DITTO_MIN = 6, /* bytes of a cell that is worth a '^' */
	USUAL_ROWS_MIN = 8,
	USUAL_SHARE = 8, /* a usual value is not that of one row in so many at most */
};

/* A byte that is in hardly any cell. */
#define NO_CELL '\x01'

struct writer {
	const struct grid_write *in;
	const struct grid *g;
	struct grid_plan *plans;
	bool *is_whole;   /* by row */
	uint32_t last[2]; /* column that is shown last by a row, by a whole one */
	char sep;
	uint32_t separators_n; /* written so far */
	unsigned used;
	struct buf *out;
};

static void write_row(struct writer *w, uint32_t r, bool is_below)
{
	bool is_whole = w->is_whole[r];
	unsigned place = GRID_FIRST;

	if (is_whole)
		buf_add_c(w->out, GRID_WHOLE);

	for (uint32_t c = 0; c < w->g->layout.cols_n; c++) {
		const str *cell = &w->g->cells[c * w->g->stride + r];

		if (!grid_plan_shows(&w->plans[c], is_whole))
			continue;
		if (!(place & GRID_FIRST)) {
			buf_add_byte(w->out, w->sep);
			w->separators_n++;
		}
		place |= c == w->last[is_whole] ? GRID_LAST : 0;
		if (is_below && cell->n >= DITTO_MIN && str_eq(cell[0], cell[-1])) {
			buf_add_c(w->out, GRID_DITTO);
			w->used |= GRID_USED_DITTO;
		} else if (w->plans[c].is_usual) {
			grid_spell(*cell, w->sep, place, w->out);
		} else {
			grid_spell(column_rest(&w->plans[c].column, *cell), w->sep, place, w->out);
		}
		place = GRID_INNER;
	}
}

static void write_head(struct writer *w)
{
	grid_spell_head(w->g->names, w->plans, w->g->layout.cols_n, w->g->rows_n, w->sep, w->out);
	w->separators_n += w->g->layout.cols_n;
}

static void write_gap(struct writer *w, uint32_t *gap)
{
	if (!*gap)
		return;
	buf_printf(w->out, "\n" GRID_GAP "%u" GRID_MORE, *gap);
	w->used |= GRID_USED_GAP;
	*gap = 0;
}

static void write_rows(struct writer *w)
{
	uint32_t gap = 0;
	size_t odd = 0;

	for (uint32_t r = 0; r < w->g->rows_n; r++) {
		bool is_below = r && !gap;

		for (; odd < w->g->odd.n && w->g->odd.v[odd].row == r; odd++) {
			write_gap(w, &gap);
			buf_add_c(w->out, "\n" GRID_ODD);
			buf_add(w->out, w->g->odd.v[odd].line);
			w->used |= GRID_USED_ODD;
		}
		if (w->in->is_shown && !w->in->is_shown[r]) {
			gap++;
			continue;
		}
		write_gap(w, &gap);
		buf_add_byte(w->out, '\n');
		write_row(w, r, is_below);
	}
	write_gap(w, &gap);
	if (w->in->summary.n) {
		buf_add_c(w->out, "\n" GRID_LEFT_OUT);
		buf_add(w->out, w->in->summary);
	}
}

/* Some rows, which tell what a separator costs. */
static void write_sample(struct writer *w, char sep, struct buf *b)
{
	uint32_t n = w->g->rows_n < SAMPLE_ROWS ? w->g->rows_n : SAMPLE_ROWS;

	w->sep = sep;
	w->out = b;
	buf_reset(b);
	write_head(w);
	for (uint32_t k = 0; k < n; k++) {
		uint32_t r = (uint32_t)((uint64_t)k * w->g->rows_n / n);

		buf_add_byte(b, '\n');
		write_row(w, r, r > 0);
	}
}

/* How often that byte stands there; where to is given, it becomes that one. */
static size_t count_byte(struct buf *b, char byte, char to)
{
	size_t n = 0;

	for (char *p = b->p; p && (p = memchr(p, byte, b->n - (size_t)(p - b->p))) != NULL; n++)
		*p++ = to;
	return n;
}

/* The sample with a separator that no cell has is the one with any other that it does not show, but for these. A blank
 * is different: cells without text are told by it. */
static bool swap(const struct writer *w, const struct buf *model, char sep, struct buf *b)
{
	if (sep == ' ' || str_find_byte(buf_str(model), sep) != STR_NONE)
		return false;
	buf_reset(b);
	buf_add(b, buf_str(model));
	return count_byte(b, NO_CELL, sep) == w->separators_n;
}

/* By the tokens of some rows. */
static void choose_separator(struct writer *w)
{
	struct buf b, model, *out = w->out;
	size_t best = SIZE_MAX;
	char found = ' ';

	buf_init_arena(&b, w->in->arena, LIMIT_INPUT);
	buf_init_arena(&model, w->in->arena, LIMIT_INPUT);
	w->separators_n = 0;
	write_sample(w, NO_CELL, &model);
	for (size_t i = 0; i < GRID_SEPARATORS_N; i++) {
		size_t tokens;

		if (!swap(w, &model, grid_separators[i], &b)) {
			uint32_t n = w->separators_n;

			write_sample(w, grid_separators[i], &b);
			w->separators_n = n;
		}
		tokens = token_count_upto(w->in->encoding, buf_str(&b), best, w->in->cache);
		if (tokens < best) {
			best = tokens;
			found = grid_separators[i];
		}
	}
	w->sep = found;
	w->out = out;
}

/* The value that all but a few of n cells have, as the vote of Boyer and Moore finds it. */
static bool find_usual(const str *cells, uint32_t n, str *out)
{
	uint32_t lead = 0, others = 0;

	for (uint32_t r = 0; r < n; r++) {
		if (!lead)
			*out = cells[r];
		lead = lead && !str_eq(cells[r], *out) ? lead - 1 : lead + 1;
	}
	for (uint32_t r = 0; r < n; r++)
		others += !str_eq(cells[r], *out);
	return n >= USUAL_ROWS_MIN && others * USUAL_SHARE <= n;
}

/* Rows that show all: one more column with a usual value may only add few of them. */
static bool add_whole(struct writer *w, const str *cells, str usual)
{
	uint32_t n = w->g->rows_n, whole = 0;

	for (uint32_t r = 0; r < n; r++)
		whole += w->is_whole[r] || !str_eq(cells[r], usual);
	if (whole * USUAL_SHARE > n)
		return false;
	for (uint32_t r = 0; r < n; r++)
		w->is_whole[r] |= !str_eq(cells[r], usual);
	return true;
}

static void plan(struct writer *w)
{
	uint32_t cols_n = w->g->layout.cols_n, n = w->g->rows_n;

	w->is_whole = arena_array(w->in->arena, bool, n);
	w->plans = arena_array(w->in->arena, struct grid_plan, cols_n);
	for (uint32_t c = 0; c < cols_n; c++) {
		const str *cells = &w->g->cells[c * w->g->stride];
		struct grid_plan *p = &w->plans[c];
		str usual;

		p->column = column_plan(cells, n);
		if (p->column.kind == COLUMN_CELLS && find_usual(cells, n, &usual) &&
			add_whole(w, cells, usual)) {
			*p = (struct grid_plan){{.kind = COLUMN_SAME, .prefix = usual}, true};
			w->used |= GRID_USED_USUAL;
		}
		for (int whole = 0; whole < 2; whole++)
			if (grid_plan_shows(p, whole))
				w->last[whole] = c;
	}
}

unsigned grid_write(const struct grid_write *in, struct buf *out)
{
	struct writer w = {.in = in, .g = in->g, .out = out};
	unsigned used;

	plan(&w);
	used = w.used;
	choose_separator(&w);
	w.used = used;
	write_head(&w);
	write_rows(&w);
	return w.used;
}
