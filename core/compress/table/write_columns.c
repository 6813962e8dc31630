/* Columns of the notation's tables: their names, and what all cells have in common. */
#include "core/compress/table/cell.h"
#include "core/compress/table/pool.h"
#include "core/compress/table/separator.h"
#include "core/compress/table/write.h"

/* Text that could stand with another separator as it does with this one, or quoted. */
static void write_bare(struct writer *w, str text, struct place head)
{
	if (w->notes)
		separator_note(w, head, text, STR_NULL, text);
	buf_add(w->out, text);
}

static void write_quoted(struct writer *w, str text)
{
	buf_add_byte(w->out, '"');
	buf_add(w->out, text);
	buf_add_byte(w->out, '"');
}

static void write_affix(struct writer *w, str affix, struct place head)
{
	if (!affix.n)
		return;
	/* What has escapes stands as it does in the document. */
	if (cell_is_bare(affix, CELL_HEAD, head.sep, true) &&
		str_find_byte(affix, '\\') == STR_NONE)
		write_bare(w, affix, head);
	else
		write_quoted(w, affix);
}

static void write_number(struct writer *w, int64_t v)
{
	if (v < 0)
		buf_add_byte(w->out, '-');
	buf_add_u64(w->out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

/* A point in time as it stands in a head. */
static void write_base(struct writer *w, const struct timing *t, struct place head)
{
	if (!t->is_string)
		buf_add(w->out, t->base_text);
	else if (t->base.is_digits || !cell_is_bare(t->base_text, CELL_HEAD, head.sep, false))
		write_quoted(w, t->base_text);
	else
		write_bare(w, t->base_text, head);
}

/* "at=2026-01-02T10:00:00Z..by60s", "at:2026-01-02T10:20:30Z+s", "at:+ms". */
static void write_timing_column(struct writer *w, const struct timing *t, struct place head)
{
	static const unsigned used[] = {[TIMING_BASE] = USED_BASE,
		[TIMING_ABOVE] = USED_ABOVE,
		[TIMING_SHORT] = USED_SHORT};
	const char *unit = stamp_unit_name(t->base.unit);

	buf_add_byte(w->out, t->how == TIMING_STEPS ? '=' : ':');
	if (t->how != TIMING_ABOVE)
		write_base(w, t, head);
	if (t->how == TIMING_STEPS) {
		buf_add_c(w->out, "..by");
		write_number(w, t->step);
	} else if (t->how == TIMING_SHORT) {
		buf_add_byte(w->out, CELL_SHORT);
		unit = "";
	} else {
		buf_add_byte(w->out, '+');
	}
	buf_add_c(w->out, unit);
	w->used |= used[t->how];
}

static bool has_colon(const struct writer *w, uint32_t key)
{
	return str_find_byte(json_text(&w->f->t, key), ':') != STR_NONE;
}

void write_value_column(struct writer *w, const struct field *d, char sep)
{
	struct place head = {.where = IN_HEAD, .sep = sep};

	if (d->timing.how) {
		write_timing_column(w, &d->timing, head);
	} else if (d->column.kind == COLUMN_SAME) {
		buf_add_byte(w->out, '=');
		write_value(w, d->nodes[0], head);
	} else if (d->column.kind == COLUMN_COUNT) {
		buf_add_byte(w->out, '=');
		write_number(w, d->column.from);
		buf_add_c(w->out, "..");
		if (d->column.step != 1) {
			buf_add_c(w->out, "by");
			write_number(w, d->column.step);
		}
	} else if (d->is_affix) {
		buf_add_byte(w->out, ':');
		write_affix(w, d->column.prefix, head);
		buf_add_c(w->out, CELL_HOLE);
		write_affix(w, d->column.suffix, head);
	} else if (d->is_text) {
		buf_add_c(w->out, ":str");
	}
}

/* Cells of this column are written with their keys. */
static bool is_keyed(const struct shape *s, const struct field *d)
{
	return s->is_keyed && d->kind != FIELD_FLAT &&
	       (d->kind != FIELD_VALUE || d->column.kind == COLUMN_CELLS);
}

void write_column(struct writer *w, const struct shape *s, const struct field *d, char sep)
{
	static const char brackets[][2] = {
		[FIELD_FLAT] = {'{', '}'}, [FIELD_TUPLE] = {'(', ')'}, [FIELD_ROWS] = {'[', ']'}};

	if (s->kind == SHAPE_VALUES)
		buf_add_c(w->out, CELL_VALUE);
	else if (s->kind == SHAPE_LISTS)
		buf_add_u64(w->out, (uint64_t)(d - s->fields) + 1);
	else if (has_colon(w, d->key))
		buf_add(w->out, json_text(&w->f->t, d->key));
	else
		write_key(w, d->key);
	if (is_keyed(s, d)) {
		buf_add_byte(w->out, CELL_KEYED);
		w->used |= USED_KEYED;
	}
	if (d->kind == FIELD_VALUE) {
		write_value_column(w, d, sep);
		return;
	}
	if (d->kind >= FIELD_REF) {
		buf_add_c(w->out, CELL_POOL);
		buf_add_u64(w->out, w->pools[d->pool].number);
		buf_add_c(w->out, d->kind == FIELD_REFS ? "[]" : "");
		w->used |= USED_REF;
		return;
	}
	buf_add_byte(w->out, brackets[d->kind][0]);
	if (d->sub->kind == SHAPE_LISTS)
		buf_add_byte(w->out, '[');
	write_columns(w, d->sub, sep);
	if (d->sub->kind == SHAPE_LISTS)
		buf_add_byte(w->out, ']');
	buf_add_byte(w->out, brackets[d->kind][1]);
}

void write_columns(struct writer *w, const struct shape *s, char sep)
{
	for (uint32_t i = 0; i < s->fields_n; i++) {
		if (i)
			buf_add_byte(w->out, sep);
		write_column(w, s, &s->fields[i], sep);
	}
}
