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

/* With the brackets of what a row is. */
static bool read_members(struct reader *r, struct columns_read *c, struct row_read *row)
{
	static const char brackets[][2] = {
		[SHAPE_OBJECTS] = {'{', '}'}, [SHAPE_LISTS] = {'[', ']'}};

	if (c->kind == SHAPE_VALUES)
		return read_cells(r, c, row);
	buf_add_byte(r->out, brackets[c->kind][0]);
	if (!read_cells(r, c, row))
		return false;
	buf_add_byte(r->out, brackets[c->kind][1]);
	return true;
}

static bool read_inner_row(struct reader *r, struct columns_read *c)
{
	struct row_read row = {.sep = ' '};

	if (!read_members(r, c, &row))
		return false;
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
	if (read_bare(r, p, &s) && (t.how != TIMING_BASE || cell_is_scalar(s)) &&
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

/* A cell of which the row shows nothing. */
static void add_said(struct reader *r, const struct column *c, uint32_t row)
{
	int64_t v = (int64_t)((uint64_t)c->from + (uint64_t)c->step * row);

	if (c->kind == COLUMN_SAME) {
		buf_add(r->out, c->prefix);
		return;
	}
	if (v < 0)
		buf_add_byte(r->out, '-');
	buf_add_u64(r->out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
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
		add_said(r, &c->column, all->row);
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

struct table_read {
	bool is_map;
	char sep;
	uint32_t rows;
	struct columns_read keys; /* of a map */
	struct columns_read columns;
};

/* The key of a row and what is behind it in JSON. */
static bool read_row_key(struct reader *r, struct columns_read *keys, struct row_read *row)
{
	size_t from = r->out->n;

	if (!read_cells(r, keys, row) || r->out->err != E_OK || r->out->n == from ||
		r->out->p[from] != '"')
		return false;
	buf_add_byte(r->out, ':');
	return true;
}

static bool read_row(struct reader *r, struct table_read *t)
{
	const struct read_place ragged = {.where = READ_ROW, .sep = t->sep};
	struct row_read row = {.sep = t->sep, .is_line = true};

	if (read_take(r, '='))
		return (!t->is_map || read_key(r)) && read_value(r, ragged);
	return (!t->is_map || read_row_key(r, &t->keys, &row)) &&
	       read_members(r, &t->columns, &row) && at_row_end(r, &row);
}

/* A row and what is below it. */
static bool read_line(struct reader *r, struct table_read *t)
{
	bool is_good;

	r->is_row = true;
	r->row_end = 0;
	is_good = read_row(r, t);
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

static bool read_lines(struct reader *r, struct table_read *t)
{
	struct rows_left left = {.n = t->rows};
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
		if (!read_line(r, t) || r->out->err != E_OK)
			return false;
	}
}

/* True when the head has said all of an array of lists or values, which has no lines then. */
static bool is_said_by_head(const struct table_read *t)
{
	if (t->columns.kind == SHAPE_OBJECTS || t->is_map)
		return false;
	for (size_t i = 0; i < t->columns.n; i++)
		if (t->columns.v[i].kind != FIELD_VALUE ||
			t->columns.v[i].column.kind == COLUMN_CELLS)
			return false;
	return true;
}

static bool read_said(struct reader *r, struct table_read *t)
{
	struct row_read row = {.sep = t->sep, .is_over = true};

	for (uint32_t i = 0; i < t->rows; i++) {
		if (i)
			buf_add_byte(r->out, ',');
		if (!read_members(r, &t->columns, &row) || r->out->err != E_OK)
			return false;
	}
	return true;
}

/* " rows " and the like behind the number; nothing is read when it is none. */
static bool read_word(struct reader *r, struct table_read *t)
{
	for (size_t i = 0; i < CELL_TABLES; i++) {
		str rest = read_rest(r);

		if (!str_take(&rest, str_from(cell_table_words[i])) || !rest.n ||
			!strchr(CELL_SEPARATORS, *rest.p))
			continue;
		t->columns.kind = (enum shape_kind)i;
		t->sep = *rest.p;
		r->at = r->text.n - rest.n + 1;
		return true;
	}
	return false;
}

bool read_table(struct reader *r, bool is_map, bool *is_good)
{
	struct table_read t = {.is_map = is_map};
	struct buf *out = r->out;
	size_t at = r->at;

	if (!read_number(r, &t.rows) || !read_word(r, &t)) {
		r->at = at;
		return false;
	}
	r->out = &r->heads;
	if ((is_map && !read_key_column(r, &t.keys, t.sep)) ||
		!read_columns(r, &t.columns, STR_NULL, t.sep, 0))
		return true;
	r->out = out;
	buf_add_byte(r->out, is_map ? '{' : '[');
	*is_good = is_said_by_head(&t) ? read_said(r, &t) : read_lines(r, &t);
	buf_add_byte(r->out, is_map ? '}' : ']');
	return true;
}
