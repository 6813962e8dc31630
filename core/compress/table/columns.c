/* Tables of text in the notation of column.h. */
#include <inttypes.h>

#include "core/base/limits.h"
#include "core/compress/table/column.h"

enum {
	SAMPLE_ROWS = 64, /* that choose the separator */
	DITTO_MIN = 6,    /* bytes of a cell that is worth a '^' */
	COLS_MAX = 4096,  /* a head line is read by a model, too */
};

static const char separators[] = {' ', '|', ',', '\t'};

/* A cell of a row, or an affix in the head: bare when nothing in it means something else there. */
static bool is_bare(str s, char sep, bool is_head)
{
	if (!s.n || str_eq(s, STR(COLUMN_DITTO)) || s.p[0] == '"')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == sep || s.p[i] == '\n' || s.p[i] == '\r')
			return false;
		if (is_head && strchr("=:\"]", s.p[i]))
			return false;
	}
	return !is_head ||
	       (str_find(s, STR("..")) == STR_NONE && str_find(s, STR(COLUMN_HOLE)) == STR_NONE);
}

static void write_text(str s, char sep, bool is_head, struct buf *out)
{
	if (is_bare(s, sep, is_head)) {
		buf_add(out, s);
		return;
	}
	buf_add_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_add_byte(out, '"');
		buf_add_byte(out, s.p[i]);
	}
	buf_add_byte(out, '"');
}

static void write_affix(str s, char sep, struct buf *out)
{
	if (s.n)
		write_text(s, sep, true, out);
}

static void write_head(
	const struct columns *t, const struct column *plans, char sep, struct buf *out)
{
	buf_printf(out, "[%u rows", t->rows_n);
	for (uint32_t c = 0; c < t->cols_n; c++) {
		const struct column *p = &plans[c];

		buf_add_byte(out, sep);
		write_text(t->names[c], sep, true, out);
		if (p->kind == COLUMN_SAME) {
			buf_add_byte(out, '=');
			write_text(p->prefix, sep, true, out);
		} else if (p->kind == COLUMN_COUNT) {
			buf_printf(out, "=%" PRId64 "..%" PRId64, p->from,
				p->from + p->step * ((int64_t)t->rows_n - 1));
		} else if (p->prefix.n || p->suffix.n) {
			buf_add_byte(out, ':');
			write_affix(p->prefix, sep, out);
			buf_add_c(out, COLUMN_HOLE);
			write_affix(p->suffix, sep, out);
		}
	}
	buf_add_c(out, "]\n");
}

static void write_row(
	const struct columns *t, const struct column *plans, char sep, uint32_t r, struct buf *out)
{
	bool is_first = true;

	for (uint32_t c = 0; c < t->cols_n; c++) {
		const str *cell = &t->cells[(size_t)c * t->rows_n + r];

		if (plans[c].kind != COLUMN_CELLS)
			continue;
		if (!is_first)
			buf_add_byte(out, sep);
		is_first = false;
		if (r && cell->n >= DITTO_MIN && str_eq(cell[0], cell[-1]))
			buf_add_c(out, COLUMN_DITTO);
		else
			write_text(column_rest(&plans[c], *cell), sep, false, out);
	}
	buf_add_byte(out, '\n');
}

void columns_write(const struct columns *t, enum token_encoding encoding, struct token_cache *cache,
	struct arena *a, struct buf *out)
{
	struct column *plans = arena_array(a, struct column, t->cols_n);
	uint32_t sample_n = t->rows_n < SAMPLE_ROWS ? t->rows_n : SAMPLE_ROWS;
	size_t best = SIZE_MAX;
	char sep = separators[0];
	struct buf b;

	for (uint32_t c = 0; t->rows_n && c < t->cols_n; c++)
		plans[c] = column_plan(&t->cells[(size_t)c * t->rows_n], t->rows_n);
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (size_t i = 0; i < ARRAY_N(separators); i++) {
		size_t n;

		buf_reset(&b);
		write_head(t, plans, separators[i], &b);
		for (uint32_t r = 0; r < sample_n; r++)
			write_row(t, plans, separators[i],
				(uint32_t)((uint64_t)r * t->rows_n / sample_n), &b);
		n = token_count(encoding, buf_str(&b), cache);
		if (n < best) {
			best = n;
			sep = separators[i];
		}
	}
	write_head(t, plans, sep, out);
	for (uint32_t r = 0; r < t->rows_n; r++)
		write_row(t, plans, sep, r, out);
}

/* ---- reading ---- */

/* A quoted text from its '"' on; false without its end. */
static bool read_quoted(str *text, struct arena *a, str *out)
{
	struct buf b;
	size_t i = 1;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (;; i++) {
		if (i >= text->n)
			return false;
		if (text->p[i] == '"') {
			if (i + 1 >= text->n || text->p[i + 1] != '"')
				break;
			i++;
		}
		buf_add_byte(&b, text->p[i]);
	}
	*out = buf_str(&b);
	*text = str_sub(*text, i + 1, text->n);
	return true;
}

/* Up to one of these bytes, or to a hole where that ends it. */
static bool read_text(str *text, const char *ends, bool is_affix, struct arena *a, str *out)
{
	size_t i = 0;

	if (text->n && *text->p == '"')
		return read_quoted(text, a, out);
	while (i < text->n && !(text->p[i] && strchr(ends, text->p[i])) &&
		!(is_affix && str_starts(str_sub(*text, i, text->n), STR(COLUMN_HOLE))))
		i++;
	*out = str_sub(*text, 0, i);
	*text = str_sub(*text, i, text->n);
	return true;
}

static bool read_count(str value, uint32_t rows_n, struct column *out)
{
	size_t at = str_find(value, STR(".."));
	int64_t last, span;

	if (at == STR_NONE || rows_n < 2 || !str_i64(str_sub(value, 0, at), &out->from) ||
		!str_i64(str_sub(value, at + 2, value.n), &last) ||
		__builtin_sub_overflow(last, out->from, &span) || span % ((int64_t)rows_n - 1))
		return false;
	out->kind = COLUMN_COUNT;
	out->step = span / ((int64_t)rows_n - 1);
	return true;
}

static bool read_column(
	str *text, const char *ends, uint32_t rows_n, struct arena *a, struct column *out)
{
	bool is_quoted;

	*out = (struct column){0};
	if (str_take(text, STR(":"))) {
		/* Without a prefix the hole comes first, and is not part of the suffix. */
		return read_text(text, ends, true, a, &out->prefix) &&
		       str_take(text, STR(COLUMN_HOLE)) &&
		       read_text(text, ends, false, a, &out->suffix);
	}
	if (!str_take(text, STR("=")))
		return true;
	is_quoted = text->n && *text->p == '"';
	if (!read_text(text, ends, false, a, &out->prefix))
		return false;
	if (!is_quoted && read_count(out->prefix, rows_n, out))
		return true;
	out->kind = COLUMN_SAME;
	return true;
}

struct head {
	uint32_t rows_n, cols_n;
	char sep;
	str *names;
	struct column *plans;
};

static bool read_head(str *text, struct arena *a, struct head *h)
{
	size_t digits = str_find_byte(*text, ' '), eol = str_find_byte(*text, '\n');
	uint64_t rows_n;
	char name_ends[] = {' ', '=', ':', ']', '\n', 0}, value_ends[] = {' ', ']', '\n', 0};

	if (digits == STR_NONE || eol == STR_NONE || digits < 2 || *text->p != '[' ||
		!str_u64(str_sub(*text, 1, digits), &rows_n) || rows_n > text->n)
		return false;
	*text = str_sub(*text, digits, text->n);
	if (!str_take(text, STR(" rows")) || !text->n)
		return false;
	h->rows_n = (uint32_t)rows_n;
	h->sep = name_ends[0] = value_ends[0] = *text->p;
	if (!memchr(separators, h->sep, sizeof separators))
		return str_take(text, STR("]\n"));
	h->names = arena_array(a, str, COLS_MAX);
	h->plans = arena_array(a, struct column, COLS_MAX);
	while (text->n && *text->p == h->sep) {
		*text = str_sub(*text, 1, text->n);
		if (h->cols_n == COLS_MAX ||
			!read_text(text, name_ends, false, a, &h->names[h->cols_n]) ||
			!read_column(text, value_ends, h->rows_n, a, &h->plans[h->cols_n]))
			return false;
		h->cols_n++;
	}
	return str_take(text, STR("]\n"));
}

static bool read_row(str *text, const struct head *h, uint32_t r, struct arena *a, str *cells)
{
	const char ends[] = {h->sep, '\n', 0};
	bool is_first = true;

	for (uint32_t c = 0; c < h->cols_n; c++) {
		str *cell = &cells[(size_t)c * h->rows_n + r], rest = STR_NULL;
		bool is_quoted;

		if (h->plans[c].kind == COLUMN_CELLS) {
			if (!is_first && !str_take(text, (str){&h->sep, 1}))
				return false;
			is_first = false;
			is_quoted = text->n && *text->p == '"';
			if (!read_text(text, ends, false, a, &rest))
				return false;
			if (!is_quoted && str_eq(rest, STR(COLUMN_DITTO))) {
				if (!r)
					return false;
				*cell = cell[-1];
				continue;
			}
		}
		*cell = column_cell(&h->plans[c], r, rest, a);
	}
	return str_take(text, STR("\n"));
}

bool columns_read(str *text, struct arena *a, struct columns *out)
{
	struct head h = {0};
	str rest = *text, *cells;

	/* A row has at least its line end. */
	if (!read_head(&rest, a, &h) || h.rows_n > rest.n)
		return false;
	if (h.cols_n && (uint64_t)h.rows_n * h.cols_n > 64 * (uint64_t)text->n)
		return false;
	cells = arena_array(a, str, (size_t)h.rows_n * h.cols_n);
	for (uint32_t r = 0; r < h.rows_n; r++)
		if (!read_row(&rest, &h, r, a, cells))
			return false;
	*out = (struct columns){h.rows_n, h.cols_n, h.names, cells};
	*text = rest;
	return true;
}
