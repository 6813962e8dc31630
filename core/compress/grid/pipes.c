/* Tables drawn with pipes: Markdown, mysql, psql. */
#include "core/compress/grid/parse.h"

enum { SAMPLE = 128 /* lines that tell the alignment of columns */ };

/* The next '|' from at on that is not "\|"; the line's end when there is none. */
static size_t find_pipe(str line, size_t at)
{
	while (at < line.n && (line.p[at] != '|' || (at && line.p[at - 1] == '\\')))
		at++;
	return at;
}

static uint32_t count_pipes(str line)
{
	uint32_t n = 0;

	for (size_t at = find_pipe(line, 0); at < line.n; at = find_pipe(line, at + 1))
		n++;
	return n;
}

static bool is_rule(str line)
{
	size_t dashes = 0;

	for (size_t i = 0; i < line.n; i++) {
		if (!line.p[i] || !strchr("-=+|: ", line.p[i]))
			return false;
		dashes += line.p[i] == '-' || line.p[i] == '=';
	}
	return dashes > 1;
}

static str trim_blanks(str s)
{
	while (s.n && *s.p == ' ')
		s = str_sub(s, 1, s.n);
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

/* The part of a line that is a cell with its padding, without the blanks beside the pipes. */
static bool cut_raw(const struct grid_layout *l, str line, str *cells, size_t stride)
{
	size_t at = l->has_border || l->has_indent;

	if (l->has_border && (line.n < 2 || line.p[0] != '|' || line.p[line.n - 1] != '|'))
		return false;
	if (line.n < at)
		return false;
	line.n -= l->has_border;
	for (uint32_t c = 0; c < l->cols_n; c++) {
		size_t end = find_pipe(line, at);
		str cell = str_sub(line, at, end);

		if ((c + 1 == l->cols_n) != (end == line.n))
			return false;
		if (l->has_pad && (c || l->has_border))
			(void)str_take(&cell, STR(" "));
		if (l->has_pad && (c + 1 < l->cols_n || l->has_border) && str_ends(cell, STR(" ")))
			cell.n--;
		cells[c * stride] = cell;
		at = end + 1;
	}
	return true;
}

static bool cut_pipes(const struct grid *g, str line, struct arena *a, str *cells, size_t stride)
{
	(void)a;
	if (is_rule(line) || !cut_raw(&g->layout, line, cells, stride))
		return false;
	for (uint32_t c = 0; c < g->layout.cols_n; c++)
		cells[c * stride] = trim_blanks(cells[c * stride]);
	return true;
}

/* How the cells of a column stand in their places, by lines. */
struct stand {
	uint32_t front, back; /* with blanks there */
	uint32_t width, same;
};

static void look_at(struct stand *s, str raw, bool is_first)
{
	if (is_first)
		s->width = grid_width(raw);
	s->same += grid_width(raw) == s->width;
	s->front += raw.n && *raw.p == ' ' && trim_blanks(raw).n;
	s->back += raw.n && raw.p[raw.n - 1] == ' ' && trim_blanks(raw).n;
}

/* Of the last cell, which nothing else ends, by the dashes below the header. */
static uint32_t rule_width(str rule)
{
	size_t n = 0;

	while (n < rule.n && rule.p[rule.n - n - 1] == '-')
		n++;
	return n > 2 && n < GRID_WIDTH_MAX ? (uint32_t)n - 2 : 0;
}

static bool find_columns(struct grid *g, struct grid_lines lines, struct arena *a)
{
	struct grid_layout *l = &g->layout;
	struct stand *stands = arena_array(a, struct stand, l->cols_n);
	str *cells = arena_array(a, str, l->cols_n);
	uint32_t n = 0;

	for (uint32_t i = g->has_names; i < lines.n && n < SAMPLE; i++) {
		if (is_rule(lines.v[i]) || !cut_raw(l, lines.v[i], cells, 1))
			continue;
		for (uint32_t c = 0; c < l->cols_n; c++)
			look_at(&stands[c], cells[c], !n);
		n++;
	}
	for (uint32_t c = 0; n && c < l->cols_n; c++) {
		const struct stand *s = &stands[c];
		bool is_open_end = c + 1 == l->cols_n && !l->has_border;

		l->cols[c].align = s->front > s->back ? GRID_RIGHT : GRID_LEFT;
		l->cols[c].width = s->width;
		if (is_open_end)
			l->cols[c].width = rule_width(lines.v[1]);
		if (l->cols[c].width > GRID_WIDTH_MAX || (s->same * 2 < n && !is_open_end))
			l->cols[c] = (struct grid_column){.align = GRID_NONE};
	}
	return n >= GRID_ROWS_MIN;
}

/* Border and blanks, by the first line and the rule below it. */
static bool find_frame(struct grid_layout *l, struct grid_lines lines)
{
	str first = lines.v[0], rule = lines.n > 1 && is_rule(lines.v[1]) ? lines.v[1] : STR_NULL;
	uint32_t pipes = count_pipes(first);

	l->has_border = first.n > 1 && first.p[0] == '|' && first.p[first.n - 1] == '|';
	l->has_pad = str_find(first, STR(" | ")) != STR_NONE || str_starts(first, STR("| "));
	l->has_indent = !l->has_border && str_find_byte(rule, '+') != STR_NONE;
	l->cols_n = l->has_border ? pipes - 1 : pipes + 1;
	return (l->has_border || rule.n) && l->cols_n >= 2 && l->cols_n <= GRID_COLS_MAX;
}

bool grid_parse_pipes(str text, struct grid_lines lines, struct arena *a, struct grid *g)
{
	uint32_t first = 0;

	while (first < lines.n && (!count_pipes(lines.v[first]) || is_rule(lines.v[first])))
		first++;
	lines.v += first;
	lines.n -= first;
	for (uint32_t i = 0; i < lines.n; i++)
		if (!is_rule(lines.v[i]) && str_find_byte(lines.v[i], '|') == STR_NONE)
			lines.n = i;
	*g = (struct grid){.layout = {.kind = GRID_PIPES}};
	if (lines.n < GRID_ROWS_MIN || !grid_strip(g, text, &lines) ||
		!find_frame(&g->layout, lines))
		return false;
	g->names = arena_array(a, str, g->layout.cols_n);
	g->layout.cols = arena_array(a, struct grid_column, g->layout.cols_n);
	if (!cut_pipes(g, lines.v[0], a, g->names, 1))
		return false;
	g->has_names = grid_are_names(g->names, g->layout.cols_n);
	if (!g->has_names)
		grid_number_names(g, a);
	return find_columns(g, lines, a) && grid_fill(g, text, lines, cut_pipes, a);
}
