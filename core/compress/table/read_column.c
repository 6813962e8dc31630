#include "core/compress/table/read_column.h"

#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/compress/table/cell.h"

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

	size_t at = r->at;

	if (read_base(r, head, CELL_SHORT, &c->timing, &rest) && str_eq(rest, STR("~"))) {
		c->timing.how = TIMING_SHORT;
		return c->timing.is_string;
	}
	c->timing = (struct timing){0};
	r->at = at;
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

/* ">t1", ">t1[]" */
static bool read_pool_column(struct reader *r, struct column_read *c)
{
	str rest = read_rest(r);
	uint32_t n;

	if (!str_take(&rest, STR(CELL_POOL)))
		return false;
	r->at += sizeof CELL_POOL - 1;
	if (!read_number(r, &n) || !n || n > r->pools_n)
		return false;
	c->pool = &r->pools[n - 1];
	c->kind = read_take(r, '[') ? FIELD_REFS : FIELD_REF;
	return c->kind == FIELD_REF || read_take(r, ']');
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
	if (read_peek(r) == *CELL_POOL)
		return read_pool_column(r, c);
	for (enum field_kind k = FIELD_FLAT; k <= FIELD_ROWS; k++) {
		if (!read_take(r, open[k]))
			continue;
		c->kind = k;
		c->sub = arena_new(r->arena, struct columns_read);
		if (k == FIELD_ROWS && read_take(r, '[')) {
			c->sub->kind = SHAPE_LISTS;
			return read_columns(r, c->sub, STR_NULL, sep, ']') && read_take(r, ']');
		}
		return read_columns(r, c->sub, k == FIELD_FLAT ? path : STR_NULL, sep, close[k]);
	}
	return true;
}

bool read_columns(struct reader *r, struct columns_read *c, str path, char sep, char close)
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
		if (c->kind != SHAPE_OBJECTS)
			column->key = STR_NULL;
	} while (read_take(r, sep));
	r->depth--;
	if (close)
		return read_take(r, close);
	return r->at == r->text.n || read_peek(r) == '\n';
}

bool read_key_column(struct reader *r, struct columns_read *c, char sep)
{
	str rest = read_rest(r);

	c->kind = SHAPE_VALUES;
	c->n = 1;
	c->v = arena_array(r->arena, struct column_read, 1);
	if (!str_take(&rest, STR(CELL_KEY)))
		return false;
	r->at = r->text.n - rest.n;
	if (!read_kind(r, c->v, STR_NULL, sep))
		return false;
	c->v->is_text = !c->v->timing.how;
	return c->v->kind == FIELD_VALUE && read_take(r, sep);
}
