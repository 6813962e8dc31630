/* CSV and TSV: RFC 4180, and what is made without it. */
#include "core/base/limits.h"
#include "core/compress/grid/parse.h"
#include "core/compress/table/cell.h"

enum {
	SAMPLE = 64,        /* records that tell separator, columns and quotes */
	AGREE_PERCENT = 90, /* of them have the same number of columns */
	RECORD_MAX =
		64 << 10, /* bytes of one cell in quotes: what goes on for longer was no quote */
	/* Records that are looked at for the names of the columns; one in so many has one of them: the first line is a row. */
	HEADER_LINES = 64,
	HEADER_AGAIN = 8,
};

static const char separators[] = {',', '\t', ';', '|'};

/* One cell and what ends it: the separator, '\n' or 0 for the end of the text. False for what is no cell. */
struct taker {
	str text;
	size_t at;
	char sep;
	bool has_quotes;     /* '"' at a cell's beginning means something */
	bool was_quoted;     /* the cell that was taken last */
	uint32_t *quoted;    /* by column: cells in quotes; NULL: not counted */
	struct arena *arena; /* of cells with quotes in them */
};

static str unquote(struct taker *k, str inside)
{
	char *p = arena_alloc(k->arena, inside.n + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < inside.n; i++) {
		p[n++] = inside.p[i];
		i += inside.p[i] == '"';
	}
	return (str){p, n};
}

static bool take_quoted(struct taker *k, str *cell)
{
	size_t from = ++k->at;
	bool has_quote = false;

	for (;; k->at++) {
		if (k->at >= k->text.n || k->at - from > RECORD_MAX)
			return false;
		if (k->text.p[k->at] != '"')
			continue;
		if (k->at + 1 >= k->text.n || k->text.p[k->at + 1] != '"')
			break;
		has_quote = true;
		k->at++;
	}
	*cell = str_sub(k->text, from, k->at);
	if (has_quote)
		*cell = unquote(k, *cell);
	k->at++;
	return true;
}

static bool is_end(const struct taker *k, size_t at)
{
	return at >= k->text.n || k->text.p[at] == k->sep || k->text.p[at] == '\n' ||
	       (k->text.p[at] == '\r' && at + 1 < k->text.n && k->text.p[at + 1] == '\n');
}

static bool take_cell(struct taker *k, str *cell)
{
	size_t from = k->at;

	k->was_quoted = k->has_quotes && from < k->text.n && k->text.p[from] == '"';
	if (k->was_quoted)
		return take_quoted(k, cell) && is_end(k, k->at);
	for (; k->at < k->text.n; k->at++) {
		char c = k->text.p[k->at];

		/* Nearly all bytes mean nothing. */
		if (c != k->sep && (unsigned char)c > '"')
			continue;
		if (is_end(k, k->at))
			break;
		if (k->has_quotes && c == '"')
			return false;
	}
	*cell = str_sub(k->text, from, k->at);
	return true;
}

/* A record up to its line end: the cells, of which at most cols_n are stored. False: not a record of this kind; *at is
 * then behind its first line. */
static bool take_record(struct taker *k, str *cells, uint32_t cols_n, uint32_t *n, str *line)
{
	size_t from = k->at, eol;
	bool is_good = true;

	for (*n = 0; is_good; k->at++) {
		str cell;

		is_good = take_cell(k, &cell);
		if (!is_good)
			break;
		if (*n < cols_n)
			cells[*n] = cell;
		if (k->quoted && *n < GRID_COLS_MAX)
			k->quoted[*n] += k->was_quoted;
		++*n;
		if (k->at >= k->text.n || k->text.p[k->at] != k->sep)
			break;
	}
	if (!is_good) {
		eol = str_find_byte(str_sub(k->text, from, k->text.n), '\n');
		k->at = eol == STR_NONE ? k->text.n : from + eol;
	}
	if (k->at < k->text.n && k->text.p[k->at] == '\r')
		k->at++;
	*line = str_sub(k->text, from, k->at);
	k->at += k->at < k->text.n;
	return is_good;
}

/* What the first records agree on. */
struct style {
	char sep;
	bool has_quotes;
	uint32_t cols_n, agree, asked, bad;
	uint32_t wrong[GRID_QUOTES_BARE]; /* records that other quotes would have */
	uint32_t quoted[GRID_COLS_MAX];   /* by column: cells of the sample in quotes */
	struct grid_column *cols;         /* of GRID_QUOTES_COLUMNS */
};

static bool are_scalars(const str *cells, uint32_t n)
{
	for (uint32_t c = 0; c < n; c++)
		if (!cell_may_be_scalar(cells[c]) || !cell_is_scalar(cells[c]))
			return false;
	return true;
}

/* True when sqlite3 would have put a cell of this line in quotes. */
static bool has_signs(str line, char sep)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] != sep && grid_is_sign(line.p[i]))
			return true;
	return false;
}

/* By printing a record anew, unless it is plain: then nothing in it asks for quotes, nor has any. */
static void try_quotes(struct style *s, const str *cells, str line, bool is_header, struct buf *b)
{
	struct grid_layout l = {.kind = GRID_SEPARATED,
		.sep = s->sep,
		.quotes = GRID_QUOTES_NEEDED,
		.cols_n = s->cols_n,
		.cols = s->cols};

	if (str_ends(line, STR("\r")))
		line.n--;
	if (grid_is_plain(&l, line)) {
		s->wrong[GRID_QUOTES_ALL]++;
		s->wrong[GRID_QUOTES_TEXT] += !are_scalars(cells, s->cols_n);
		s->wrong[GRID_QUOTES_SIGNS] += has_signs(line, s->sep);
		s->wrong[GRID_QUOTES_COLUMNS]++;
		return;
	}
	for (int q = 0; q < GRID_QUOTES_BARE; q++) {
		l.quotes = (enum grid_quotes)q;
		buf_reset(b);
		grid_print_row(&l, cells, 1, is_header, b);
		s->wrong[q] += !str_eq(buf_str(b), line);
	}
}

static uint32_t most_frequent(const uint32_t *counts, uint32_t n, uint32_t *times)
{
	uint32_t best = 0;

	*times = 0;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t same = 0;

		for (uint32_t k = 0; k < n; k++)
			same += counts[k] == counts[i];
		if (same > *times) {
			*times = same;
			best = counts[i];
		}
	}
	return best;
}

static struct style look(str text, char sep, bool has_quotes, struct arena *a)
{
	struct style s = {.sep = sep, .has_quotes = has_quotes};
	struct taker k = {
		.text = text, .sep = sep, .has_quotes = has_quotes, .quoted = s.quoted, .arena = a};
	str *cells = arena_array(a, str, GRID_COLS_MAX), line;
	uint32_t counts[SAMPLE], n;
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	while (s.asked < SAMPLE && k.at < text.n) {
		if (!take_record(&k, cells, GRID_COLS_MAX, &n, &line)) {
			s.bad++;
			n = 0;
		}
		counts[s.asked++] = n;
	}
	s.cols_n = most_frequent(counts, s.asked, &s.agree);
	if (s.cols_n < 2 || s.cols_n > GRID_COLS_MAX)
		return s;
	s.cols = arena_array(a, struct grid_column, s.cols_n);
	for (uint32_t c = 0; c < s.cols_n; c++)
		s.cols[c].is_quoted = s.quoted[c] * 2 > s.asked;
	k.at = 0;
	k.quoted = NULL;
	for (uint32_t i = 0; i < s.asked; i++)
		if (take_record(&k, cells, GRID_COLS_MAX, &n, &line) && n == s.cols_n)
			try_quotes(&s, cells, line, !i, &b);
	return s;
}

static bool is_table(const struct style *s)
{
	return s->cols_n > 1 && s->cols_n <= GRID_COLS_MAX && s->asked >= GRID_ROWS_MIN &&
	       (uint64_t)s->agree * 100 >= (uint64_t)s->asked * AGREE_PERCENT;
}

/* Bytes in the middle of a text that tell whether it is worth to be read as a whole. */
enum { PROBE_BYTES = 2 << 10 };

/* A bar between blanks, or at the beginning of a line, is drawn. */
static bool has_separator(str line, char sep)
{
	if (sep == '|' && (str_starts(line, STR("|")) || str_find(line, STR(" | ")) != STR_NONE))
		return false;
	return str_find_byte(line, sep) != STR_NONE;
}

/* False when most lines in the middle of the text have no such separator. A cell with line ends may hide one. */
static bool may_be_separated(str text, char sep)
{
	size_t from = text.n > PROBE_BYTES ? (text.n - PROBE_BYTES) / 2 : 0;
	str middle = str_sub(
		text, from, from + (text.n - from < PROBE_BYTES ? text.n - from : PROBE_BYTES));
	unsigned with_n = 0, all_n = 0;
	str line;

	while (str_next_line(&middle, &line, NULL)) {
		with_n += has_separator(line, sep);
		all_n++;
	}
	return with_n * 2 >= all_n;
}

static bool find_style(str text, struct arena *a, struct style *out)
{
	bool is_found = false;

	for (size_t i = 0; i < ARRAY_N(separators); i++) {
		struct style s;

		if (!may_be_separated(text, separators[i]))
			continue;
		s = look(text, separators[i], true, a);
		if (!is_table(&s) || s.bad)
			s = look(text, separators[i], false, a);
		if (!is_table(&s) || (is_found && s.agree <= out->agree))
			continue;
		*out = s;
		is_found = true;
	}
	return is_found;
}

static enum grid_quotes quotes_of(const struct style *s)
{
	enum grid_quotes best = GRID_QUOTES_NEEDED;

	if (!s->has_quotes)
		return GRID_QUOTES_BARE;
	for (int q = 1; q < GRID_QUOTES_BARE; q++)
		if (s->wrong[q] < s->wrong[best])
			best = (enum grid_quotes)q;
	return best;
}

/* Records as lines: a line end within quotes does not end one. */
static struct grid_lines records(str text, const struct style *s, struct arena *a, bool *is_whole)
{
	struct taker k = {.text = text, .sep = s->sep, .has_quotes = s->has_quotes, .arena = a};
	VEC(str) v = {0};
	uint32_t n;

	*is_whole = true;
	while (k.at < text.n) {
		str line;

		size_t eol = str_find_byte(str_sub(text, k.at, text.n), '\n');

		line = str_sub(text, k.at, eol == STR_NONE ? text.n : k.at + eol);
		if (!s->has_quotes || str_find_byte(line, '"') == STR_NONE) {
			k.at += line.n + 1;
		} else if (!take_record(&k, NULL, 0, &n, &line)) {
			*is_whole = false;
		}
		*vec_push(&v, a) = line;
	}
	return (struct grid_lines){v.v, (uint32_t)v.n};
}

/* Of a line without quotes that mean something. */
static bool cut_plain(const struct grid_layout *l, str line, str *cells, size_t stride)
{
	size_t at = 0;

	for (uint32_t c = 0; c < l->cols_n; c++) {
		size_t from = at;

		while (at < line.n && line.p[at] != l->sep)
			at++;
		cells[c * stride] = str_sub(line, from, at);
		if ((c + 1 == l->cols_n) != (at == line.n))
			return false;
		at++;
	}
	return true;
}

static bool cut_separated(
	const struct grid *g, str line, struct arena *a, str *cells, size_t stride)
{
	struct taker k = {.text = line,
		.sep = g->layout.sep,
		.has_quotes = g->layout.quotes != GRID_QUOTES_BARE,
		.arena = a};

	if (grid_is_plain(&g->layout, line))
		return cut_plain(&g->layout, line, cells, stride);
	for (uint32_t c = 0; c < g->layout.cols_n; c++) {
		bool is_last = c + 1 == g->layout.cols_n;

		if (!take_cell(&k, &cells[c * stride]))
			return false;
		if (is_last ? k.at != line.n : k.at >= line.n || line.p[k.at] != k.sep)
			return false;
		k.at++;
	}
	return true;
}

/* True when what was taken for the name of a column is among its cells again and again: "M<tab>a.c" of git diff --name-status. */
static bool is_row(const struct grid *g, struct grid_lines lines, struct arena *a)
{
	str *cells = arena_array(a, str, g->layout.cols_n);
	uint32_t again = 0, n = lines.n < HEADER_LINES ? lines.n : HEADER_LINES;

	for (uint32_t i = 1; i < n; i++) {
		if (!cut_separated(g, lines.v[i], a, cells, 1))
			continue;
		for (uint32_t c = 0; c < g->layout.cols_n; c++)
			if (cells[c].n && str_eq(cells[c], g->names[c])) {
				again++;
				break;
			}
	}
	return again * HEADER_AGAIN > n;
}

bool grid_parse_separated(str text, struct arena *a, struct grid *g)
{
	struct grid_lines lines;
	struct style s = {0};
	bool is_whole;

	if (!find_style(text, a, &s))
		return false;
	*g = (struct grid){.layout = {.kind = GRID_SEPARATED,
				   .sep = s.sep,
				   .quotes = quotes_of(&s),
				   .cols_n = s.cols_n}};
	lines = records(text, &s, a, &is_whole);
	g->names = arena_array(a, str, s.cols_n);
	g->layout.cols = s.cols;
	if (!grid_strip(g, text, &lines))
		return false;
	/* What stands before the header has other columns. */
	while (lines.n && !cut_separated(g, lines.v[0], a, g->names, 1)) {
		lines.v++;
		lines.n--;
	}
	g->has_names = grid_are_names(g->names, s.cols_n) && !is_row(g, lines, a);
	if (!g->has_names)
		grid_number_names(g, a);
	if (!grid_fill(g, text, lines, cut_separated, a))
		return false;
	/* An odd line is written as one line. */
	for (size_t i = 0; i < g->odd.n; i++)
		if (str_find_byte(g->odd.v[i].line, '\n') != STR_NONE)
			return false;
	return true;
}
