/* Names in columns, as ls prints them to a terminal (GNU coreutils, "ls -C" and "ls -x"): sorted, each column as wide as its
 * widest name and two blanks, with tabs in the place of blanks. */
#include "core/base/vec.h"
#include "core/compress/list/entry.h"

enum {
	NAMES_MIN = 12, /* fewer may be in order by chance */
	COLUMNS_MIN = 2,
	SORTED_PERCENT = 90, /* of neighbours: what one locale puts first, another does not */
	TAB = 8,
	NAME_MAX_N = 255, /* bytes: NAME_MAX of limits.h on Linux */
	START_MAX = 1000, /* column that a name may start at */
};

struct cell {
	str name;
	uint32_t start; /* column */
};

struct rows {
	struct cell *cells; /* of all rows */
	uint32_t *row_of;   /* of each: its row */
	size_t n;
	uint32_t rows_n, cols_n;
	bool has_tabs;
};

/* A sign that a name may have; ls puts others in quotes. */
static bool is_name(char c)
{
	return (unsigned char)c > ' ' && (unsigned char)c < 0x7f && !strchr("\"<>|*?;`=\\:,'", c);
}

/* The next cell of a row, which begins at column *col; the white space behind it is taken, too. False for other text. */
static bool take_cell(str *line, uint32_t *col, struct cell *out, bool *has_tabs)
{
	size_t n = 0, gap;

	while (n < line->n && n <= NAME_MAX_N && is_name(line->p[n]))
		n++;
	if (!n || n > NAME_MAX_N || *col > START_MAX)
		return false;
	*out = (struct cell){str_sub(*line, 0, n), *col};
	if (str_find_byte(str_sub(*line, 0, n - 1), '/') != STR_NONE)
		return false;
	*col += (uint32_t)n;
	for (gap = n; gap < line->n && (line->p[gap] == ' ' || line->p[gap] == '\t'); gap++) {
		*has_tabs |= line->p[gap] == '\t';
		*col = line->p[gap] == '\t' ? (*col / TAB + 1) * TAB : *col + 1;
	}
	*line = str_sub(*line, gap, line->n);
	/* One blank stands between words; behind the last name is none. */
	return line->n ? *col >= out->start + n + 2 : gap == n;
}

static bool read_rows(str text, size_t *at, struct arena *a, struct rows *out)
{
	VEC(struct cell) cells = {0};
	VEC(uint32_t) row_of = {0};
	str rest = str_sub(text, *at, text.n), line;

	*out = (struct rows){0};
	while (str_next_line(&rest, &line, NULL) && line.n) {
		uint32_t col = 0, n = 0;

		for (; line.n; n++) {
			*vec_push(&row_of, a) = out->rows_n;
			if (!take_cell(&line, &col, vec_push(&cells, a), &out->has_tabs))
				return false;
		}
		if (!out->rows_n)
			out->cols_n = n;
		if (n < COLUMNS_MIN - (out->rows_n > 0) || n > out->cols_n)
			return false;
		out->rows_n++;
		*at = text.n - rest.n;
	}
	out->cells = cells.v;
	out->row_of = row_of.v;
	out->n = cells.n;
	return out->n >= NAMES_MIN && out->rows_n > 1;
}

/* The number of the name that stands there. */
static size_t index_of(const struct list *l, uint32_t row, uint32_t col, uint32_t rows_n)
{
	return l->is_across ? (size_t)row * l->cols_n + col : (size_t)col * rows_n + row;
}

static uint32_t count_rows(const struct list *l)
{
	return l->cols_n ? (uint32_t)((l->n + l->cols_n - 1) / l->cols_n) : 0;
}

/* The names in their order, down or across; false where they are not laid out so. */
static bool put_in_order(const struct rows *r, struct list *l)
{
	uint32_t col = 0;

	if (count_rows(l) != r->rows_n)
		return false;
	for (size_t k = 0; k < r->n; k++) {
		size_t i;

		col = k && r->row_of[k] == r->row_of[k - 1] ? col + 1 : 0;
		i = index_of(l, r->row_of[k], col, r->rows_n);
		if (i >= l->n || r->cells[k].start != l->starts[col])
			return false;
		l->v[i].name = r->cells[k].name;
	}
	return true;
}

static char folded(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* As most locales sort: without regard to case, and to signs. */
static int compare_words(str x, str y)
{
	size_t i = 0, k = 0;

	for (;;) {
		while (i < x.n && strchr("._-+[]{}()@#%~", x.p[i]))
			i++;
		while (k < y.n && strchr("._-+[]{}()@#%~", y.p[k]))
			k++;
		if (i == x.n || k == y.n)
			return (i < x.n) - (k < y.n);
		if (folded(x.p[i]) != folded(y.p[k]))
			return folded(x.p[i]) - folded(y.p[k]);
		i++;
		k++;
	}
}

static bool is_sorted(const struct list *l)
{
	size_t bytes = 0, words = 0;

	for (size_t i = 1; i < l->n; i++) {
		bytes += str_cmp(l->v[i - 1].name, l->v[i].name) < 0;
		words += compare_words(l->v[i - 1].name, l->v[i].name) <= 0;
	}
	return (bytes > words ? bytes : words) * 100 >= (l->n - 1) * SORTED_PERCENT;
}

bool columns_parse(str text, size_t *at, struct arena *a, struct list *l)
{
	struct rows r;
	size_t end = *at;
	struct buf b;

	if (!read_rows(text, &end, a, &r) || r.n > UINT32_MAX)
		return false;
	l->shape = LIST_COLUMNS;
	l->cols_n = r.cols_n;
	l->has_tabs = r.has_tabs;
	l->n = r.n;
	l->starts = arena_array(a, uint32_t, r.cols_n);
	for (uint32_t c = 0; c < r.cols_n; c++)
		l->starts[c] = r.cells[c].start;
	for (int way = 0; way < 2; way++) {
		l->is_across = way;
		l->v = arena_array(a, struct list_entry, r.n);
		buf_init_arena(&b, a, text.n);
		if (!put_in_order(&r, l) || !is_sorted(l) || !columns_print(l, &b) ||
			!str_starts(str_sub(text, *at, text.n), buf_str(&b)))
			continue;
		*at = end;
		return true;
	}
	*l = (struct list){0};
	return false;
}

/* From one column to another as ls does: by tabs where they lead further than one blank. */
static void print_gap(const struct list *l, uint32_t from, uint32_t to, struct buf *out)
{
	while (from < to && out->err == E_OK) {
		bool is_tab = l->has_tabs && to / TAB > (from + 1) / TAB;

		buf_add_byte(out, is_tab ? '\t' : ' ');
		from = is_tab ? (from / TAB + 1) * TAB : from + 1;
	}
}

bool columns_print(const struct list *l, struct buf *out)
{
	uint32_t rows_n = count_rows(l);

	for (uint32_t r = 0; r < rows_n; r++) {
		uint32_t col = 0;

		if (r)
			buf_add_byte(out, '\n');
		for (uint32_t c = 0; c < l->cols_n; c++) {
			size_t i = index_of(l, r, c, rows_n);

			if (i >= l->n)
				break;
			if (col > l->starts[c])
				return false;
			print_gap(l, col, l->starts[c], out);
			buf_add(out, l->v[i].name);
			col = l->starts[c] + (uint32_t)l->v[i].name.n;
		}
	}
	return out->err == E_OK;
}

/* ---- words ---- */

static const str down = {"ls -C", 5}, across = {"ls -x", 5}, blanks = {" blanks", 7};

void columns_words(const struct list *l, struct buf *out)
{
	buf_add(out, l->is_across ? across : down);
	if (!l->has_tabs)
		buf_add(out, blanks);
	for (uint32_t c = 1; c < l->cols_n; c++) {
		buf_add_byte(out, ' ');
		buf_add_u64(out, l->starts[c]);
	}
}

bool columns_read_words(str words, struct arena *a, struct list *l)
{
	VEC(uint32_t) starts = {0};

	l->is_across = str_take(&words, across);
	if (!l->is_across && !str_take(&words, down))
		return false;
	l->has_tabs = !str_take(&words, blanks);
	*vec_push(&starts, a) = 0;
	while (str_take(&words, STR(" "))) {
		size_t at = str_find_byte(words, ' ');
		uint64_t start;
		str word = str_sub(words, 0, at == STR_NONE ? words.n : at);

		if (!str_u64(word, &start) || start > START_MAX + NAME_MAX_N + TAB)
			return false;
		*vec_push(&starts, a) = (uint32_t)start;
		words = str_sub(words, word.n, words.n);
	}
	l->shape = LIST_COLUMNS;
	l->starts = starts.v;
	l->cols_n = (uint32_t)starts.n;
	return !words.n && l->cols_n >= COLUMNS_MIN;
}
