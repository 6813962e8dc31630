/* Rows of tables of the notation, read. */
#include "core/base/limits.h"
#include "core/compress/table/column.h"
#include "core/compress/table/read_column.h"
#include "core/compress/table/shape.h"
#include "core/compress/table/cell.h"

/* ---- rows ---- */

struct row_read {
	char sep;
	bool is_line, is_begun, is_over;
};

static bool at_row_end(const struct reader *r, const struct row_read *row)
{
	char c = read_peek(r);

	if (r->at >= r->text.n || c == '\n')
		return true;
	return !row->is_line && (c == ')' || c == ';' || c == ']');
}

static bool next_keyed(struct reader *r, const struct column_read *c, struct row_read *row)
{
	str rest = read_rest(r);

	if (row->is_begun && !str_take(&rest, (str){&row->sep, 1}))
		return false;
	if (!str_take(&rest, c->keyed))
		return false;
	row->is_begun = true;
	r->at = r->text.n - rest.n;
	return true;
}

/* False when the cell is not there; *is_good is false when the text is damaged. */
static bool next_cell(
	struct reader *r, const struct column_read *c, struct row_read *row, bool *is_good)
{
	struct read_place p = {.where = row->is_line ? READ_ROW : READ_BRACKETS, .sep = row->sep};
	size_t at;
	str s;

	if (!row->is_over && at_row_end(r, row))
		row->is_over = true;
	if (row->is_over)
		return false;
	if (c->keyed.n)
		return next_keyed(r, c, row);
	if (row->is_begun && !read_take(r, row->sep))
		return *is_good = false;
	row->is_begun = true;
	at = r->at;
	if (read_peek(r) == *CELL_ABSENT && read_bare(r, p, &s) && s.n == 1)
		return false;
	r->at = at;
	return true;
}

static bool read_cells(struct reader *r, struct columns_read *c, struct row_read *row);

static bool read_inner_row(struct reader *r, struct columns_read *c)
{
	struct row_read row = {.sep = ' '};

	buf_add_byte(r->out, '{');
	if (!read_cells(r, c, &row))
		return false;
	buf_add_byte(r->out, '}');
	if (!row.is_begun)
		return read_take(r, *CELL_ABSENT);
	return true;
}

static bool read_inner_rows(struct reader *r, struct columns_read *c)
{
	r->at++;
	buf_add_byte(r->out, '[');
	if (!read_take(r, ']')) {
		do {
			if (r->text.p[r->at - 1] == ';')
				buf_add_byte(r->out, ',');
			if (!read_inner_row(r, c))
				return false;
		} while (read_take(r, ';'));
		if (!read_take(r, ']'))
			return false;
	}
	buf_add_byte(r->out, ']');
	return true;
}

static bool read_affixed(struct reader *r, struct column_read *c, struct read_place p)
{
	size_t from = r->out->n, n = c->column.prefix.n;

	/* The cell as a string; then what it lacks at both ends is put between it and its quotes. */
	if (!read_value(r, p) || r->out->err != E_OK || r->out->p[from] != '"' ||
		!buf_reserve(r->out, n + c->column.suffix.n))
		return false;
	memmove(r->out->p + from + 1 + n, r->out->p + from + 1, r->out->n - from - 1);
	if (n)
		memcpy(r->out->p + from + 1, c->column.prefix.p, n);
	r->out->n += n - 1;
	buf_add(r->out, c->column.suffix);
	buf_add_byte(r->out, '"');
	return true;
}

static void add_stamp(struct reader *r, const struct timing *t, str text)
{
	if (t->is_string)
		buf_add_byte(r->out, '"');
	buf_add(r->out, text);
	if (t->is_string)
		buf_add_byte(r->out, '"');
}

/* A cell that is a distance; else nothing is read. */
static bool read_timing(struct reader *r, struct column_read *c, struct read_place p)
{
	struct timing t = c->timing;
	char text[STAMP_BYTES];
	size_t at = r->at, n;
	str s, above = {0};

	if (c->above.end) {
		above = (str){r->out->p + c->above.start, c->above.end - c->above.start};
		if (t.how == TIMING_ABOVE)
			t.is_string = above.n && *above.p == '"';
		if (t.is_string && above.n > 1)
			above = str_sub(above, 1, above.n - 1);
	}
	if (read_bare(r, p, &s) && (t.how == TIMING_ABOVE || cell_is_scalar(s)) &&
		timing_read(&t, above, s, text, &n)) {
		add_stamp(r, &t, (str){text, n});
		return true;
	}
	r->at = at;
	return false;
}

static bool read_ref(struct reader *r, const struct read_pool *pool)
{
	uint32_t n;

	if (!read_number(r, &n) || !n || n > pool->n)
		return false;
	read_again(r, pool->rows[n - 1]);
	return true;
}

/* Behind "[". */
static bool read_refs(struct reader *r, const struct read_pool *pool)
{
	buf_add_byte(r->out, '[');
	for (bool is_first = true; !read_take(r, ']'); is_first = false) {
		if (!is_first) {
			if (!read_take(r, ' '))
				return false;
			buf_add_byte(r->out, ',');
		}
		if (!read_ref(r, pool))
			return false;
	}
	buf_add_byte(r->out, ']');
	return r->out->err == E_OK;
}

static bool read_present(struct reader *r, struct column_read *c, const struct row_read *row)
{
	struct read_place p = {.where = row->is_line ? READ_ROW : READ_BRACKETS,
		.sep = row->sep,
		.is_text = c->is_text};
	size_t at = r->at;
	str s;

	if (read_peek(r) == *CELL_DITTO && row->is_line) {
		if (read_bare(r, p, &s) && s.n == 1) {
			if (!c->above.end)
				return false;
			read_again(r, c->above);
			return true;
		}
		r->at = at;
	}
	if (c->timing.how && read_timing(r, c, p))
		return true;
	if (c->kind == FIELD_REF && read_peek(r) >= '0' && read_peek(r) <= '9')
		return read_ref(r, c->pool);
	if (c->kind == FIELD_REFS && read_take(r, '['))
		return read_refs(r, c->pool);
	if (c->kind == FIELD_TUPLE && read_take(r, '('))
		return read_inner_row(r, c->sub) && read_take(r, ')');
	if (c->kind == FIELD_ROWS && read_peek(r) == '[')
		return read_inner_rows(r, c->sub);
	return c->is_affix ? read_affixed(r, c, p) : read_value(r, p);
}

static bool read_one(struct reader *r, struct columns_read *all, struct column_read *c,
	struct row_read *row, bool *is_there)
{
	size_t from = r->out->n, value;
	bool is_good = true;

	buf_add(r->out, c->key);
	value = r->out->n;
	*is_there = true;
	if (c->kind == FIELD_FLAT) {
		buf_add_byte(r->out, '{');
		is_good = read_cells(r, c->sub, row);
		buf_add_byte(r->out, '}');
		return is_good;
	}
	if (c->timing.how == TIMING_STEPS) {
		char text[STAMP_BYTES];
		size_t n;

		if (!timing_step(&c->timing, all->row, text, &n))
			return false;
		add_stamp(r, &c->timing, (str){text, n});
		return true;
	}
	if (c->kind == FIELD_VALUE && c->column.kind != COLUMN_CELLS) {
		buf_add(r->out, column_cell(&c->column, all->row, STR_NULL, r->arena));
		return true;
	}
	if (!next_cell(r, c, row, &is_good)) {
		r->out->n = from;
		c->above = (struct range){0};
		*is_there = false;
		return is_good;
	}
	is_good = read_present(r, c, row);
	c->above = (struct range){r->out, value, r->out->n};
	return is_good;
}

static bool read_cells(struct reader *r, struct columns_read *c, struct row_read *row)
{
	bool has_some = false, is_there;

	for (size_t i = 0; i < c->n; i++) {
		if (has_some)
			buf_add_byte(r->out, ',');
		if (!read_one(r, c, &c->v[i], row, &is_there) || r->out->err != E_OK)
			return false;
		if (!is_there && has_some)
			r->out->n--;
		has_some |= is_there;
	}
	c->row++;
	return true;
}

static bool read_row(struct reader *r, struct columns_read *c, bool is_map, char sep)
{
	const struct read_place ragged = {.where = READ_ROW, .sep = sep},
				key = {.where = READ_ROW, .sep = sep, .is_text = true};
	struct row_read row = {.sep = sep, .is_line = true};
	bool is_good;

	if (!is_map && read_take(r, '='))
		return read_value(r, ragged);
	if (is_map) {
		if (!read_value(r, key))
			return false;
		buf_add_byte(r->out, ':');
		row.is_begun = true;
	}
	buf_add_byte(r->out, '{');
	is_good = read_cells(r, c, &row) && at_row_end(r, &row);
	buf_add_byte(r->out, '}');
	return is_good;
}

/* A row and what is below it. */
static bool read_line(struct reader *r, struct columns_read *c, bool is_map, char sep)
{
	bool is_good;

	r->is_row = true;
	r->row_end = 0;
	is_good = read_row(r, c, is_map, sep);
	r->is_row = false;
	if (!r->row_end)
		return is_good;
	is_good &= r->at == r->row_end;
	r->at = r->below;
	return is_good;
}

struct rows_left {
	uint32_t n, hidden; /* to come; left out so far */
};

/* Behind "[9 more rows": what the line says more. A sum has to be right, and ends the table. */
static bool read_gap_line(struct reader *r, struct rows_left *left, uint32_t n)
{
	str rest = read_rest(r), line;
	size_t eol = str_find_byte(rest, '\n');

	line = str_sub(rest, 0, eol == STR_NONE ? rest.n : eol);
	r->at += line.n;
	if (str_take(&line, STR(CELL_ALL)))
		return !left->n && n == left->hidden && str_starts(line, STR(": ")) &&
		       str_ends(line, STR("]"));
	if (n > left->n || !str_ends(line, STR("]")) ||
		(line.n > 1 && !str_starts(line, STR(": "))))
		return false;
	left->n -= n;
	left->hidden += n;
	read_gap(r, n);
	return true;
}

/* Behind the line end before it. */
static bool read_gap_after(struct reader *r, uint32_t *n)
{
	size_t at = r->at;

	if (read_take(r, '\n') && read_more(r, STR(CELL_ROWS), n))
		return true;
	r->at = at;
	return false;
}

static bool read_lines(
	struct reader *r, struct columns_read *c, uint32_t rows, bool is_map, char sep)
{
	struct rows_left left = {.n = rows};
	bool is_first = true;
	uint32_t n;

	for (;;) {
		if (read_gap_after(r, &n)) {
			if (!read_gap_line(r, &left, n))
				return false;
			continue;
		}
		if (!left.n)
			return true;
		if (!read_take(r, '\n'))
			return false;
		if (!is_first)
			buf_add_byte(r->out, ',');
		is_first = false;
		left.n--;
		if (!read_line(r, c, is_map, sep) || r->out->err != E_OK)
			return false;
	}
}

bool read_table(struct reader *r, bool is_map, bool *is_good)
{
	struct columns_read c = {0};
	struct buf *out = r->out;
	size_t at = r->at;
	uint32_t rows;
	str rest;
	char sep;

	if (!read_number(r, &rows)) {
		r->at = at;
		return false;
	}
	rest = read_rest(r);
	if (!str_take(&rest, STR(" rows")) || !rest.n || !strchr(" |,\t", *rest.p)) {
		r->at = at;
		return false;
	}
	sep = *rest.p;
	rest = str_sub(rest, 1, rest.n);
	r->at = r->text.n - rest.n;
	if (is_map) {
		rest = read_rest(r);
		if (!str_take(&rest, STR("key")) || !rest.n || *rest.p != sep)
			return true;
		r->at += 4;
	}
	r->out = &r->heads;
	if (!read_columns(r, &c, STR_NULL, sep, 0))
		return true;
	r->out = out;
	buf_add_byte(r->out, is_map ? '{' : '[');
	*is_good = read_lines(r, &c, rows, is_map, sep);
	buf_add_byte(r->out, is_map ? '}' : ']');
	return true;
}
