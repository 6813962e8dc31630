/* Columns padded with blanks. Where all lines have a blank, one column ends and another begins; a line that a long cell
 * has pushed out of its columns is cut at its blanks instead. */
#include "core/compress/grid/parse.h"

enum {
	SAMPLE = 256, /* lines that vote where columns are */
	SPAN = 1024,  /* places of a line that are looked at */
	/* One line in so many may stand where a column ends, if that makes more of them. */
	STRAY = 32,
	LEAD_MAX = 4,        /* lines above a table that are none of it */
	FILLED_PERCENT = 30, /* lines that have something in a column without name */
	BARE_ROWS_MIN = 8, /* of a table without names: few lines have blanks in common by chance */
	COLS_MIN = 3,
};

/* Places [start, end) of a column; the last one goes on. */
struct place {
	uint32_t start, end;
};

struct votes {
	uint32_t asked;
	uint32_t full[SPAN + 1]; /* lines that have something there */
	bool in_header[SPAN + 1];
	struct place v[GRID_COLS_MAX];
	uint32_t n;
};

/* The bytes of a line from place *col on, as far as place to. */
static size_t walk(str line, size_t i, uint32_t *col, uint32_t to)
{
	const uint64_t high = UINT64_C(0x8080808080808080);
	uint64_t next;

	/* Eight characters of ASCII are eight places. */
	while (to - *col >= sizeof next && *col < to && line.n - i > sizeof next) {
		memcpy(&next, line.p + i + 1, sizeof next);
		if (next & high)
			break;
		i += sizeof next;
		*col += (uint32_t)sizeof next;
	}
	while (i < line.n && (*col < to || (line.p[i] & 0xc0) == 0x80)) {
		i++;
		*col += i == line.n || (line.p[i] & 0xc0) != 0x80;
	}
	return i;
}

static void vote(uint32_t *full, str line)
{
	uint32_t col = 0;

	for (size_t i = 0; i < line.n && col < SPAN; i++) {
		if ((line.p[i] & 0xc0) == 0x80)
			continue;
		full[col++] += line.p[i] != ' ';
	}
}

static bool is_blank_line(str line)
{
	return str_trim(line).n == 0;
}

static bool is_filled(str line, struct place p)
{
	uint32_t col = 0;
	size_t from = walk(line, 0, &col, p.start), to = walk(line, from, &col, p.end);

	for (size_t i = from; i < to; i++)
		if (line.p[i] != ' ')
			return true;
	return false;
}

/* A part between blanks that is no column of its own: without a name, or empty mostly. */
static bool is_column(
	const struct votes *k, struct grid_lines lines, bool has_names, struct place p)
{
	uint32_t step = lines.n / SAMPLE + 1, n = 0, asked = 0;

	if (has_names && is_filled(lines.v[0], p)) {
		/* "LAST SEEN": one blank before it, nothing below. */
		if (!p.start || (p.start > 1 && !k->in_header[p.start - 2]))
			return true;
	} else if (has_names) {
		return false;
	}
	for (uint32_t i = has_names; i < lines.n; i += step, asked++)
		n += is_filled(lines.v[i], p);
	return n * 100 >= asked * FILLED_PERCENT;
}

static void find_places(struct votes *k, struct grid_lines lines, bool has_names, uint32_t stray)
{
	uint32_t at = 0;

	k->n = 0;
	while (at < SPAN && k->n < GRID_COLS_MAX) {
		struct place p;

		while (at < SPAN && k->full[at] <= stray && !k->in_header[at])
			at++;
		p.start = at;
		while (at < SPAN && (k->full[at] > stray || k->in_header[at]))
			at++;
		p.end = at;
		if (p.start == p.end)
			break;
		if (k->n && !is_column(k, lines, has_names, p))
			k->v[k->n - 1].end = p.end;
		else
			k->v[k->n++] = p;
	}
}

static bool ask(struct votes *k, struct grid_lines lines, bool has_names)
{
	uint32_t step = lines.n / SAMPLE + 1, head[SPAN + 1] = {0}, most;

	*k = (struct votes){0};
	for (uint32_t i = has_names; i < lines.n; i += step, k->asked++)
		vote(k->full, lines.v[i]);
	vote(head, has_names ? lines.v[0] : STR_NULL);
	for (uint32_t i = 0; i < SPAN; i++)
		k->in_header[i] = head[i];
	find_places(k, lines, has_names, k->asked / STRAY);
	most = k->n;
	find_places(k, lines, has_names, 0);
	if (k->n < most)
		find_places(k, lines, has_names, k->asked / STRAY);
	return k->n >= (has_names ? 2 : COLS_MIN);
}

/* ---- lines ---- */

static str trim_blanks(str s)
{
	while (s.n && *s.p == ' ')
		s = str_sub(s, 1, s.n);
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

/* Where the columns are; false when something stands between them. */
static bool cut_places(const struct grid_layout *l, str line, str *cells, size_t stride)
{
	uint32_t col = 0, place = 0;
	size_t at = 0;

	for (uint32_t c = 0; c < l->cols_n; c++) {
		size_t from;

		place += l->cols[c].gap;
		from = walk(line, at, &col, place);
		for (size_t i = at; i < from; i++)
			if (line.p[i] != ' ')
				return false;
		place += l->cols[c].width;
		at = c + 1 == l->cols_n ? line.n : walk(line, from, &col, place);
		cells[c * stride] = trim_blanks(str_sub(line, from, at));
	}
	return true;
}

/* At its blanks; the last cell has the rest. */
static bool cut_words(const struct grid_layout *l, str line, str *cells, size_t stride)
{
	for (uint32_t c = 0; c < l->cols_n; c++) {
		size_t n = 0;

		line = trim_blanks(line);
		if (!line.n)
			return false;
		while (n < line.n && (line.p[n] != ' ' || c + 1 == l->cols_n))
			n++;
		cells[c * stride] = str_sub(line, 0, n);
		line = str_sub(line, n, line.n);
	}
	return true;
}

static bool cut_padded(const struct grid *g, str line, struct arena *a, str *cells, size_t stride)
{
	(void)a;
	return cut_places(&g->layout, line, cells, stride) ||
	       cut_words(&g->layout, line, cells, stride);
}

static uint32_t lead(str s)
{
	uint32_t n = 0;

	while (n < s.n && s.p[n] == ' ')
		n++;
	return n;
}

/* Right when more cells end where their place does than begin there. */
static enum grid_align find_align(struct grid_lines lines, struct place p)
{
	uint32_t step = lines.n / SAMPLE + 1, left = 0, right = 0;

	for (uint32_t i = 0; i < lines.n; i += step) {
		uint32_t col = 0;
		size_t from = walk(lines.v[i], 0, &col, p.start),
		       to = walk(lines.v[i], from, &col, p.end);
		str raw = str_sub(lines.v[i], from, to);

		if (!trim_blanks(raw).n)
			continue;
		left += !lead(raw);
		right += col == p.end && raw.p[raw.n - 1] != ' ';
	}
	return right > left ? GRID_RIGHT : GRID_LEFT;
}

static void set_columns(struct grid_layout *l, const struct votes *k, struct grid_lines rows)
{
	uint32_t at = 0;

	l->cols_n = k->n;
	for (uint32_t c = 0; c < k->n; c++) {
		l->cols[c] = (struct grid_column){.align = find_align(rows, k->v[c]),
			.gap = k->v[c].start - at,
			.width = k->v[c].end - k->v[c].start};
		at = k->v[c].end;
	}
	if (str_ends(rows.v[0], STR(" ")) && grid_width(rows.v[0]) < SPAN)
		l->cols[k->n - 1].width = grid_width(rows.v[0]) - k->v[k->n - 1].start;
}

/* ---- the text ---- */

/* The most lines in a row that are not empty. */
static struct grid_lines longest_block(struct grid_lines all)
{
	struct grid_lines best = {all.v, 0}, here = {all.v, 0};

	for (uint32_t i = 0; i < all.n; i++) {
		if (is_blank_line(all.v[i])) {
			here = (struct grid_lines){all.v + i + 1, 0};
			continue;
		}
		here.n++;
		if (here.n > best.n)
			best = here;
	}
	return best;
}

/* True when the first line has words alone, and the second a number among them. */
static bool has_header(struct grid_lines lines)
{
	str words[GRID_COLS_MAX], rest = lines.v[0];
	uint32_t n = 0;

	while (n < GRID_COLS_MAX && (rest = trim_blanks(rest)).n) {
		size_t end = str_find_byte(rest, ' ');

		words[n++] = str_sub(rest, 0, end == STR_NONE ? rest.n : end);
		rest = str_sub(rest, words[n - 1].n, rest.n);
	}
	for (uint32_t i = 0; i < n; i++)
		if (!grid_are_names(&words[i], 1))
			return false;
	return n > 1 && str_find(lines.v[0], STR("  ")) != STR_NONE;
}

/* Lines above the table have no columns: "total 48" of ls -l, "Active Internet connections" of netstat. */
static void skip_lead(struct grid_lines *lines)
{
	for (uint32_t i = 0; i <= LEAD_MAX && i < lines->n; i++) {
		if (str_find(lines->v[i], STR("  ")) == STR_NONE)
			continue;
		lines->v += i;
		lines->n -= i;
		return;
	}
}

bool grid_parse_padded(str text, struct grid_lines lines, struct arena *a, struct grid *g)
{
	struct votes *k = arena_new(a, struct votes);
	struct grid_lines rows;

	lines = longest_block(lines);
	skip_lead(&lines);
	*g = (struct grid){.layout = {.kind = GRID_PADDED}};
	if (lines.n < GRID_ROWS_MIN + 1 || !grid_strip(g, text, &lines))
		return false;
	g->has_names = has_header(lines);
	if (!ask(k, lines, g->has_names) || (!g->has_names && lines.n < BARE_ROWS_MIN))
		return false;
	rows = (struct grid_lines){lines.v + g->has_names, lines.n - g->has_names};
	g->names = arena_array(a, str, k->n);
	g->layout.cols = arena_array(a, struct grid_column, k->n);
	set_columns(&g->layout, k, rows);
	if (g->has_names && !cut_places(&g->layout, lines.v[0], g->names, 1))
		return false;
	if (!g->has_names)
		grid_number_names(g, a);
	return grid_fill(g, text, lines, cut_padded, a);
}
