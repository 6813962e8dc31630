#include "core/compress/grid/parse.h"

#include "core/base/limits.h"
#include "core/compress/lines.h"

enum {
	ODD_SHARE = 8, /* one line in so many may be no row */
	/* Cells of a table take at least the byte that separates them, but for empty ones at the end of padded lines. */
	CELLS_PER_BYTE = 2,
	NAME_BYTES = 64, /* a longer name is a value */
	END_ROWS = 16,   /* lines that tell how lines end */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool grid_are_names(const str *cells, uint32_t n)
{
	uint32_t named = 0;

	for (uint32_t c = 0; c < n; c++) {
		str s = cells[c];

		if (s.n > NAME_BYTES ||
			(s.n && (is_digit(*s.p) || (s.n > 1 && *s.p == '-' && is_digit(s.p[1])))))
			return false;
		named += s.n > 0;
		for (uint32_t k = 0; s.n && n <= 32 && k < c; k++)
			if (str_eq(s, cells[k]))
				return false;
	}
	return named * 2 > n;
}

void grid_number_names(struct grid *g, struct arena *a)
{
	g->has_names = false;
	g->layout.has_header = false;
	for (uint32_t c = 0; c < g->layout.cols_n; c++)
		g->names[c] = arena_printf(a, "%u", c + 1);
}

bool grid_strip(struct grid *g, str text, struct grid_lines *lines)
{
	g->layout.is_crlf = lines->n && str_ends(lines->v[0], STR("\r"));
	for (uint32_t i = 0; g->layout.is_crlf && i < lines->n; i++) {
		str *line = &lines->v[i];

		if (str_ends(*line, STR("\r")))
			line->n--;
		else if (line->p + line->n != text.p + text.n)
			return false;
	}
	return true;
}

/* ---- rows ---- */

static const struct {
	enum grid_end end;
	bool is_tidied;
} endings[] = {{GRID_KEEP, false}, {GRID_TRIM, false}, {GRID_FULL, false}, {GRID_FULL, true},
	{GRID_KEEP, true}};

struct filler {
	struct grid *g;
	str text;
	struct buf line;
	unsigned endings; /* set of those that print as many of the first lines as any */
};

static void set_ending(struct filler *f, size_t i)
{
	f->g->layout.end = endings[i].end;
	f->g->layout.is_tidied = endings[i].is_tidied;
}

static size_t first_ending(const struct filler *f)
{
	size_t i = 0;

	while (i + 1 < ARRAY_N(endings) && !(f->endings >> i & 1))
		i++;
	return i;
}

static bool is_printed(struct filler *f, const str *cells, size_t stride, bool is_header, str line)
{
	if (grid_is_plain(&f->g->layout, line))
		return true;
	buf_reset(&f->line);
	grid_print_row(&f->g->layout, cells, stride, is_header, &f->line);
	return f->line.err == E_OK && str_eq(buf_str(&f->line), line);
}

static bool is_rule(struct filler *f, str line)
{
	buf_reset(&f->line);
	grid_print_rule(&f->g->layout, &f->line);
	return f->line.err == E_OK && str_eq(buf_str(&f->line), line);
}

static bool looks_ruled(str line)
{
	size_t dashes = 0;

	for (size_t i = 0; i < line.n; i++) {
		if (!line.p[i] || !strchr("-=+|: \t", line.p[i]))
			return false;
		dashes += line.p[i] == '-';
	}
	return dashes > 1;
}

/* How the names of the columns stand; false when there is no such way. */
static bool find_header_align(struct filler *f, str line)
{
	static const enum grid_align tries[] = {GRID_NONE, GRID_LEFT, GRID_CENTER, GRID_RIGHT};
	struct grid_layout *l = &f->g->layout;
	size_t n = l->kind == GRID_SEPARATED ? 1 : ARRAY_N(tries);

	for (size_t i = 0; i < n; i++) {
		l->header = tries[i];
		if (is_printed(f, f->g->names, 1, true, line))
			return true;
	}
	l->header = GRID_NONE;
	return false;
}

/* The same, and how lines end where the rows do not tell. It may be the only line that had so many blanks at its end that they
 * were taken. */
static bool find_header_end(struct filler *f, str line)
{
	struct grid_layout *l = &f->g->layout;

	if (l->kind == GRID_SEPARATED)
		return find_header_align(f, line);
	for (size_t t = first_ending(f); t < ARRAY_N(endings); t++) {
		set_ending(f, t);
		if (f->endings >> t & 1 && find_header_align(f, line))
			return true;
	}
	set_ending(f, first_ending(f));
	l->is_tidied = true;
	if (find_header_align(f, line))
		return true;
	set_ending(f, first_ending(f));
	return false;
}

/* The header's alignment and the rule below it; false when the header cannot be printed. *used: lines that are printed. */
static bool find_header(struct filler *f, struct grid_lines lines, uint32_t *used)
{
	struct grid_layout *l = &f->g->layout;

	*used = 0;
	if (!find_header_end(f, lines.v[0]))
		return false;
	*used = 1;
	if (lines.n < 2 || !looks_ruled(lines.v[1]))
		return true;
	for (int r = 1; r < GRID_RULES_N; r++) {
		l->rule = (enum grid_rule)r;
		if (is_rule(f, lines.v[1])) {
			*used = 2;
			return true;
		}
	}
	l->rule = GRID_RULE_NONE;
	return true;
}

/* How most of the first lines end. */
static void find_end(struct filler *f, struct grid_lines lines, grid_cut *cut, struct arena *a)
{
	uint32_t best = 0, n = lines.n < END_ROWS ? lines.n : END_ROWS, hits[ARRAY_N(endings)];
	str *cells = arena_array(a, str, f->g->layout.cols_n);

	for (size_t t = 0; t < ARRAY_N(endings); t++) {
		hits[t] = 0;
		set_ending(f, t);
		for (uint32_t i = 0; i < n; i++)
			hits[t] += cut(f->g, lines.v[i], a, cells, 1) &&
				   is_printed(f, cells, 1, false, lines.v[i]);
		best = hits[t] > best ? hits[t] : best;
	}
	f->endings = 0;
	for (size_t t = 0; t < ARRAY_N(endings); t++)
		f->endings |= (unsigned)(hits[t] == best) << t;
	set_ending(f, first_ending(f));
}

/* Widths that the cells tell need not be said. */
static void measure(struct grid *g)
{
	for (uint32_t c = 0; c < g->layout.cols_n; c++) {
		struct grid_column *col = &g->layout.cols[c];
		uint32_t most = g->layout.has_header ? grid_width(g->names[c]) : 0;

		bool is_open = c + 1 == g->layout.cols_n && col->align == GRID_LEFT &&
			       g->layout.end != GRID_FULL && g->layout.kind == GRID_PADDED;

		if ((col->align == GRID_NONE || is_open) && !g->layout.rule)
			continue;
		for (uint32_t r = 0; r < g->rows_n; r++) {
			uint32_t n = grid_width(g->cells[c * g->stride + r]);

			most = n > most ? n : most;
		}
		col->is_given = most != col->width;
	}
}

/* Lines that are not printed and stand before the first row or behind the last are text around the table. */
static bool set_bounds(struct grid *g, str text, const char *first, str last)
{
	const char *end = last.p + last.n;

	while (g->odd.n && g->odd.v[g->odd.n - 1].row == g->rows_n)
		g->odd.n--;
	g->before = (str){text.p, (size_t)(first - text.p)};
	g->after = (str){end, (size_t)(text.p + text.n - end)};
	return g->rows_n >= GRID_ROWS_MIN && g->odd.n * ODD_SHARE <= g->rows_n;
}

bool grid_fill(struct grid *g, str text, struct grid_lines lines, grid_cut *cut, struct arena *a)
{
	struct filler f = {.g = g, .text = text};
	uint32_t used = 0, from = g->has_names;
	const char *first = NULL;
	str last = STR_NULL;

	buf_init_arena(&f.line, a, LIMIT_INPUT);
	if (lines.n < GRID_ROWS_MIN ||
		(uint64_t)lines.n * g->layout.cols_n > CELLS_PER_BYTE * (uint64_t)text.n)
		return false;
	if (g->layout.kind != GRID_SEPARATED)
		find_end(&f, (struct grid_lines){lines.v + from, lines.n - from}, cut, a);
	g->layout.has_header = g->has_names && find_header(&f, lines, &used);
	if (g->layout.has_header)
		first = lines.v[0].p;
	g->stride = lines.n;
	g->cells = arena_alloc(a, g->stride * g->layout.cols_n * sizeof *g->cells, alignof(str));
	for (uint32_t i = used > from ? used : from; i < lines.n; i++) {
		str *cells = g->cells + g->rows_n, line = lines.v[i];

		if (cut(g, line, a, cells, g->stride) &&
			is_printed(&f, cells, g->stride, false, line)) {
			first = first ? first : line.p;
			last = line;
			g->rows_n++;
		} else if (first) {
			*vec_push(&g->odd, a) = (struct grid_odd){g->rows_n, line};
		}
	}
	if (!last.p)
		return false;
	measure(g);
	return set_bounds(g, text, first, last);
}

/* ---- the text ---- */

bool grid_parse(str text, struct arena *a, struct grid *g)
{
	struct lines all;
	struct grid_lines lines;

	if (grid_parse_separated(text, a, g) || grid_parse_box(text, a, g))
		return true;
	all = lines_split(a, text);
	lines = (struct grid_lines){all.v, all.n - (all.v[all.n - 1].n == 0)};
	return grid_parse_pipes(text, lines, a, g) || grid_parse_padded(text, lines, a, g);
}
