/* Tables of the notation, read. */
#include <inttypes.h>

#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/compress/table/column.h"
#include "core/compress/table/read.h"
#include "core/compress/table/shape.h"
#include "core/compress/table/cell.h"

struct columns_read;

struct column_read {
	str key; /* with quotes and ':' */
	enum field_kind kind;
	struct column
		column; /* SAME: prefix is the value; CELLS: affixes as they stand in literals */
	bool is_affix, is_text;
	struct timing timing;
	str keyed; /* what cells have before them; empty: nothing */
	struct columns_read *sub;
	struct range above; /* the value of the last row; end 0: none */
};

struct columns_read {
	struct column_read *v;
	size_t n, cap;
	uint32_t row; /* of the next */
};

/* path: of the objects that the columns are in, "owner.". */
static bool read_columns(struct reader *r, struct columns_read *c, str path, char sep, char close);

/* ---- the head ---- */

/* The key with its quotes, and as it is spelled. */
static bool read_column_key(struct reader *r, str *out, str *spelled)
{
	str key;
	size_t n, at = r->at;

	if (read_peek(r) == '"') {
		if (!read_literal(r, &key))
			return false;
		*out = arena_printf(r->arena, STR_FMT ":", STR_ARG(key));
		*spelled = key;
		/* Only in the head a ':' needs quotes. */
		key = str_sub(key, 1, key.n - 1);
		if (cell_is_key(key))
			*spelled = key;
		return true;
	}
	n = cell_key_end(read_rest(r), true);
	key = str_sub(read_rest(r), 0, n);
	r->at += n;
	*spelled = str_sub(r->text, at, r->at);
	*out = arena_printf(r->arena, "\"" STR_FMT "\":", STR_ARG(key));
	return n > 0;
}

/* "1.." or "1..by2". */
static bool parse_count(str s, struct column *out)
{
	size_t at = str_find(s, STR(".."));
	str rest;

	if (at == STR_NONE || !str_i64(str_sub(s, 0, at), &out->from))
		return false;
	rest = str_sub(s, at + 2, s.n);
	out->step = 1;
	out->kind = COLUMN_COUNT;
	return !rest.n || (str_take(&rest, STR("by")) && str_i64(rest, &out->step));
}

/* A point in time, and what is behind it there. */
static bool read_base(
	struct reader *r, struct read_place head, char end, struct timing *t, str *rest)
{
	size_t at;
	str s;

	if (read_peek(r) == '"') {
		if (!read_literal(r, &s) || !read_bare(r, head, rest))
			return false;
		t->base_text = str_sub(s, 1, s.n - 1);
		t->is_string = true;
		return stamp_parse(t->base_text, &t->base);
	}
	if (!read_bare(r, head, &s))
		return false;
	at = end == '.' ? str_find(s, STR("..")) : str_rfind_byte(s, end);
	if (at == STR_NONE)
		return false;
	t->base_text = str_sub(s, 0, at);
	*rest = str_sub(s, at, s.n);
	if (!at)
		return true;
	t->is_string = !stamp_parse(t->base_text, &t->base) || !t->base.is_digits;
	return stamp_parse(t->base_text, &t->base);
}

/* "2026-01-02T10:00:00Z..by60s" */
static bool read_steps(struct reader *r, struct column_read *c, struct read_place head)
{
	str rest;
	size_t n;

	if (!read_base(r, head, '.', &c->timing, &rest) || !str_take(&rest, STR("..by")) ||
		!c->timing.is_string)
		return false;
	n = rest.n - (rest.n > 0);
	while (n && rest.p[n - 1] >= 'a')
		n--;
	c->timing.how = TIMING_STEPS;
	c->column.kind = COLUMN_COUNT;
	return str_i64(str_sub(rest, 0, n), &c->timing.step) &&
	       str_eq_c(str_sub(rest, n, rest.n), stamp_unit_name(c->timing.base.unit));
}

/* "2026-01-02T10:20:30Z+s", "+ms" */
static bool read_timing_column(struct reader *r, struct column_read *c, struct read_place head)
{
	str rest;

	if (!read_base(r, head, '+', &c->timing, &rest) || !str_take(&rest, STR("+")))
		return false;
	c->timing.how = c->timing.base_text.n ? TIMING_BASE : TIMING_ABOVE;
	for (enum stamp_unit u = 0; u < STAMP_UNITS; u++)
		if (str_eq_c(rest, stamp_unit_name(u)))
			return c->timing.how == TIMING_ABOVE || u == c->timing.base.unit;
	return false;
}

static bool read_same_column(struct reader *r, struct column_read *c, struct read_place head)
{
	size_t at = r->at, from = r->out->n;
	str s;

	if (read_bare(r, head, &s) && parse_count(s, &c->column))
		return true;
	r->at = at;
	if (read_steps(r, c, head))
		return true;
	c->timing = (struct timing){0};
	r->at = at;
	if (!read_value(r, head) || r->out->err != E_OK)
		return false;
	c->column.kind = COLUMN_SAME;
	c->column.prefix = arena_str(r->arena, (str){r->out->p + from, r->out->n - from});
	return true;
}

static bool read_affix(struct reader *r, struct read_place head, str *out)
{
	str s = STR_NULL;
	size_t hole;

	if (read_peek(r) == '"') {
		if (!read_literal(r, &s))
			return false;
		*out = str_sub(s, 1, s.n - 1);
		return true;
	}
	(void)read_bare(r, head, &s);
	hole = str_find(s, STR(CELL_HOLE));
	if (hole != STR_NONE) {
		r->at -= s.n - hole;
		s.n = hole;
	}
	*out = s;
	return true;
}

static bool read_kind(struct reader *r, struct column_read *c, str path, char sep)
{
	static const char open[] = {[FIELD_FLAT] = '{', [FIELD_TUPLE] = '(', [FIELD_ROWS] = '['},
			  close[] = {[FIELD_FLAT] = '}', [FIELD_TUPLE] = ')', [FIELD_ROWS] = ']'};
	const struct read_place head = {.where = READ_HEAD, .sep = sep};
	str hole;

	if (read_take(r, '='))
		return read_same_column(r, c, head);
	if (read_take(r, ':')) {
		size_t at = r->at;

		if (read_timing_column(r, c, head))
			return true;
		c->timing = (struct timing){0};
		r->at = at;
		if (!read_affix(r, head, &c->column.prefix))
			return false;
		hole = read_rest(r);
		c->is_affix = str_take(&hole, STR(CELL_HOLE));
		c->is_text = true;
		if (!c->is_affix)
			return str_eq(c->column.prefix, STR("str"));
		r->at += sizeof CELL_HOLE - 1;
		return read_affix(r, head, &c->column.suffix);
	}
	for (enum field_kind k = FIELD_FLAT; k <= FIELD_ROWS; k++) {
		if (!read_take(r, open[k]))
			continue;
		c->kind = k;
		c->sub = arena_new(r->arena, struct columns_read);
		return read_columns(r, c->sub, k == FIELD_FLAT ? path : STR_NULL, sep, close[k]);
	}
	return true;
}

static bool read_columns(struct reader *r, struct columns_read *c, str path, char sep, char close)
{
	if (++r->depth > LIMIT_JSON_DEPTH)
		return false;
	do {
		struct column_read *column;
		str key;

		vec_room(r->arena, (void **)&c->v, c->n, &c->cap, sizeof *c->v);
		column = &c->v[c->n++];
		*column = (struct column_read){0};
		if (!read_column_key(r, &column->key, &key))
			return false;
		key = arena_printf(r->arena, STR_FMT STR_FMT ".", STR_ARG(path), STR_ARG(key));
		if (read_take(r, CELL_KEYED)) {
			column->keyed = arena_printf(r->arena, STR_FMT "=", (int)key.n - 1, key.p);
		}
		if (!read_kind(r, column, key, sep))
			return false;
	} while (read_take(r, sep));
	r->depth--;
	return close ? read_take(r, close) : read_peek(r) == '\n';
}

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
