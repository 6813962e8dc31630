/* Tables of the notation: columns, and a line for each row. */
#include "core/base/limits.h"
#include "core/compress/table/escape.h"
#include "core/compress/table/cell.h"
#include "core/compress/table/lists.h"
#include "core/compress/table/pool.h"
#include "core/compress/table/separator.h"
#include "core/compress/table/write.h"

enum {
	DITTO_BYTES = 8,  /* a smaller cell is written again */
	SAMPLE_ROWS = 24, /* that choose the separator */
	/* What a table of arrays or values must save over what it is without: tokens, and one in so many. */
	GAIN = 6,
	GAIN_SHARE = 16,
};

/* Of the rows of a table every one of so many chooses the separator. */
static uint32_t sample_step(const struct table_memo *m)
{
	return m->n / SAMPLE_ROWS + 1;
}

/* ---- cells ---- */

/* The keys of objects that a column is in. */
struct path {
	const struct path *up;
	uint32_t key;
};

static void write_path(struct writer *w, const struct path *p)
{
	if (!p)
		return;
	write_path(w, p->up);
	write_key(w, p->key);
	buf_add_byte(w->out, '.');
}

/* A row on its way: cells that are absent wait, for they are not written at the end of a row. */
struct row {
	char sep;
	bool is_line;            /* a line of its own */
	bool is_below;           /* right below another one, so that '^' may stand */
	bool is_begun;           /* something was written */
	const struct path *path; /* to the columns */
	uint32_t waiting;
};

static void begin_cell(struct writer *w, struct row *r)
{
	for (; r->waiting; r->waiting--) {
		if (r->is_begun)
			buf_add_byte(w->out, r->sep);
		r->is_begun = true;
		buf_add_c(w->out, CELL_ABSENT);
		w->used |= USED_ABSENT;
	}
	if (r->is_begun)
		buf_add_byte(w->out, r->sep);
	r->is_begun = true;
}

static void write_cells(struct writer *w, const struct shape *s, uint32_t row, struct row *r);

static void write_inner_row(struct writer *w, const struct shape *s, uint32_t row)
{
	struct row r = {.sep = ' '};

	write_cells(w, s, row, &r);
	if (!r.is_begun)
		buf_add_c(w->out, CELL_ABSENT);
}

/* An object or an array of objects as a cell; false when it is null. */
static bool write_nested(struct writer *w, const struct field *d, uint32_t row)
{
	const struct json_node *node = &w->f->t.v[d->nodes[row]];

	if (d->kind == FIELD_TUPLE && node->type == JSON_OBJECT) {
		buf_add_byte(w->out, '(');
		write_inner_row(w, d->sub, d->first[row]);
		buf_add_byte(w->out, ')');
		return true;
	}
	if (d->kind != FIELD_ROWS || node->type != JSON_ARRAY)
		return false;
	buf_add_byte(w->out, '[');
	for (uint32_t i = 0; i < node->n; i++) {
		if (i)
			buf_add_byte(w->out, ';');
		write_inner_row(w, d->sub, d->first[row] + i);
	}
	buf_add_byte(w->out, ']');
	return true;
}

/* Numbers of rows; false when there are none. */
static bool write_refs(struct writer *w, const struct field *d, uint32_t row)
{
	const struct json_node *node = &w->f->t.v[d->nodes[row]];

	if (d->kind == FIELD_REF && node->type == JSON_OBJECT) {
		buf_add_u64(w->out, d->refs[row]);
		return true;
	}
	if (d->kind != FIELD_REFS || node->type != JSON_ARRAY)
		return false;
	buf_add_byte(w->out, '[');
	for (uint32_t i = 0; i < node->n; i++) {
		if (i)
			buf_add_byte(w->out, ' ');
		buf_add_u64(w->out, d->refs[d->first[row] + i]);
	}
	buf_add_byte(w->out, ']');
	return true;
}

static void write_affixed(struct writer *w, const struct field *d, uint32_t row, struct place p)
{
	str literal = json_text(&w->f->t, d->nodes[row]);
	str rest = column_rest(&d->column, str_sub(literal, 1, literal.n - 1));

	if (w->is_dry)
		return;
	p.is_text = true;
	if (str_find_byte(rest, '\\') == STR_NONE)
		write_text(w, rest, STR_NULL, p);
	else
		buf_printf(w->out, "\"" STR_FMT "\"", STR_ARG(rest));
}

/* False when the cell is shown as it is. */
static bool write_timing(struct writer *w, const struct field *d, uint32_t row, const struct row *r)
{
	uint32_t above = row && r->is_below && r->is_line ? d->nodes[row - 1] : JSON_ABSENT;
	str literal = json_text(&w->f->t, d->nodes[row]);
	char text[STAMP_BYTES];
	size_t n;

	if (timing_cell(&d->timing, w->f, above, d->nodes[row], text, &n)) {
		buf_add(w->out, (str){text, n});
		return true;
	}
	/* It would be taken for a distance, or a time in short. */
	if (literal.n < 2 || !(strchr("+-", literal.p[1]) ||
				     timing_read(&d->timing, STR_NULL,
					     str_sub(literal, 1, literal.n - 1), text, &n)))
		return false;
	buf_add(w->out, literal);
	return true;
}

static bool is_ditto(
	const struct writer *w, const struct field *d, uint32_t row, const struct row *r)
{
	uint32_t here = d->nodes[row], above = row ? d->nodes[row - 1] : JSON_ABSENT;

	return r->is_below && here != JSON_ABSENT && above != JSON_ABSENT &&
	       facts_size(w->f, here) >= DITTO_BYTES && w->f->hash[here] == w->f->hash[above];
}

static void write_cell(
	struct writer *w, const struct shape *s, const struct field *d, uint32_t row, struct row *r)
{
	struct place p = {
		.where = r->is_line ? IN_ROW : IN_BRACKETS, .sep = r->sep, .is_text = d->is_text};

	if (d->kind == FIELD_FLAT) {
		const struct path here = {r->path, d->key}, *up = r->path;

		r->path = &here;
		write_cells(w, d->sub, row, r);
		r->path = up;
		return;
	}
	if (d->kind == FIELD_VALUE && d->column.kind != COLUMN_CELLS)
		return;
	if (d->nodes[row] == JSON_ABSENT) {
		r->waiting += !s->is_keyed;
		return;
	}
	begin_cell(w, r);
	if (s->is_keyed) {
		write_path(w, r->path);
		write_key(w, d->key);
		buf_add_byte(w->out, '=');
	}
	if (d->kind >= FIELD_REF && write_refs(w, d, row))
		return;
	if (is_ditto(w, d, row, r)) {
		w->used |= USED_DITTO;
		buf_add_c(w->out, CELL_DITTO);
	} else if (d->is_affix) {
		write_affixed(w, d, row, p);
	} else if (d->timing.how && write_timing(w, d, row, r)) {
		return;
	} else if (d->is_small) {
		write_scalar(w, d->nodes[row], p);
	} else if (!write_nested(w, d, row)) {
		write_value(w, d->nodes[row], p);
	}
}

static void write_cells(struct writer *w, const struct shape *s, uint32_t row, struct row *r)
{
	for (uint32_t i = 0; i < s->fields_n; i++)
		write_cell(w, s, &s->fields[i], row, r);
}

/* ---- what is shown ---- */

/* Counts what the cells of a row would show, and writes nothing. */
static void count_cells(struct writer *w, const struct shape *s, uint32_t row, bool is_below)
{
	const struct place p = {.where = IN_ROW};

	for (uint32_t i = 0; i < s->fields_n; i++) {
		const struct field *d = &s->fields[i];
		uint32_t node = d->nodes[row], n;

		if (d->kind == FIELD_FLAT) {
			count_cells(w, d->sub, row, is_below);
			continue;
		}
		if (d->is_small || node == JSON_ABSENT || d->kind >= FIELD_REF ||
			(d->kind == FIELD_VALUE &&
				(d->column.kind != COLUMN_CELLS || d->is_affix || d->timing.how)))
			continue;
		if (!w->f->class_of[node] && w->f->t.v[node].type > JSON_ARRAY)
			continue;
		if (is_below && row && d->nodes[row - 1] != JSON_ABSENT &&
			w->f->hash[node] == w->f->hash[d->nodes[row - 1]] &&
			facts_size(w->f, node) >= DITTO_BYTES)
			continue;
		n = d->kind == FIELD_ROWS ? w->f->t.v[node].n : 1;
		if (d->kind == FIELD_VALUE || w->f->t.v[node].type > JSON_ARRAY)
			write_value(w, node, p);
		else
			for (uint32_t k = 0; k < n; k++)
				count_cells(w, d->sub, d->first[row] + k, false);
	}
}

/* ---- the table ---- */

static void write_head(struct writer *w, const struct table_memo *m, char sep)
{
	w->used |= m->is_map ? USED_MAP : USED_TABLE;
	w->used |= m->shape->kind == SHAPE_LISTS ? USED_LISTS : 0;
	buf_add_byte(w->out, m->is_map ? '{' : '[');
	buf_add_u64(w->out, m->n);
	buf_add_c(w->out, cell_table_words[m->shape->kind]);
	buf_add_byte(w->out, sep);
	if (m->is_map) {
		buf_add_c(w->out, CELL_KEY);
		if (m->keys)
			write_value_column(w, m->keys->fields, sep);
		buf_add_byte(w->out, sep);
	}
	write_columns(w, m->shape, sep);
}

static void write_row_key(struct writer *w, uint32_t key, char sep)
{
	const struct place p = {.where = IN_ROW, .sep = sep, .is_text = true};
	str literal = json_text(&w->f->t, key), text;

	if (!w->f->t.v[key].n && escape_undo(w->f->escapes, literal, false, NULL, &text))
		write_text(w, text, literal, p);
	else
		buf_add(w->out, literal);
}

/* The i-th child that is shown; a row of a map begins with its key. */
static void write_row(
	struct writer *w, const struct table_memo *m, uint32_t i, char sep, bool is_below)
{
	const struct place p = {.where = IN_ROW, .sep = sep};
	struct row r = {.sep = sep, .is_line = true, .is_below = is_below};

	if (w->is_dry && m->rows[i] != JSON_ABSENT) {
		count_cells(w, m->shape, m->rows[i], is_below);
		return;
	}
	buf_add_byte(w->out, '\n');
	if (m->rows[i] == JSON_ABSENT) {
		buf_add_byte(w->out, '=');
		if (m->is_map) {
			write_key(w, m->nodes[i] - 1);
			buf_add_byte(w->out, '=');
		}
		write_value(w, m->nodes[i], p);
		return;
	}
	if (m->keys) {
		write_cells(w, m->keys, m->rows[i], &r);
	} else if (m->is_map) {
		r.is_begun = true;
		if (m->is_numbered)
			buf_add_u64(w->out, i + 1);
		else
			write_row_key(w, m->nodes[i] - 1, sep);
	}
	write_cells(w, m->shape, m->rows[i], &r);
}

/* Where all that is left out is left out there, what it is like is said there, too. */
static void write_gap(struct writer *w, const struct picked *p, uint32_t n)
{
	w->used |= USED_GAP;
	buf_printf(w->out, "\n[%u" CELL_ROWS, n);
	if (n == p->hidden_n && p->summary.n)
		buf_printf(w->out, ": " STR_FMT, STR_ARG(p->summary));
	buf_add_byte(w->out, ']');
}

/* Values and arrays of which nothing is left to show have no lines. */
static bool is_said_by_head(const struct table_memo *m)
{
	if (m->shape->kind == SHAPE_OBJECTS || m->is_map)
		return false;
	for (uint32_t i = 0; i < m->shape->fields_n; i++)
		if (m->shape->fields[i].column.kind == COLUMN_CELLS)
			return false;
	return true;
}

/* Every step-th row. */
static void write_rows(struct writer *w, const struct table_memo *m, uint32_t step, char sep)
{
	uint32_t shown = 0, gap = 0, gaps_n = 0;
	struct buf below;

	if (is_said_by_head(m))
		return;
	buf_init_arena(&below, w->arena, LIMIT_INPUT);
	w->below = w->is_trial ? NULL : &below;
	for (uint32_t i = 0; i < m->n; i++) {
		if (m->picked && !m->picked->is_shown[i]) {
			gaps_n += !gap++;
			continue;
		}
		if (gap)
			write_gap(w, m->picked, gap);
		if (shown % step == 0)
			write_row(w, m, shown, sep, !gap);
		buf_add(w->out, buf_str(&below));
		buf_reset(&below);
		gap = 0;
		shown++;
	}
	w->below = NULL;
	if (gap)
		write_gap(w, m->picked, gap);
	if (m->picked && m->picked->summary.n && gaps_n > 1)
		buf_printf(w->out, "\n[%u" CELL_ROWS CELL_ALL ": " STR_FMT "]", m->picked->hidden_n,
			STR_ARG(m->picked->summary));
}

void write_some_rows(struct writer *w, const struct table_memo *m, uint32_t step, char sep)
{
	write_head(w, m, sep);
	write_rows(w, m, step, sep);
}

/* ---- whether it pays ---- */

/* What was written by way of trial. */
struct trial {
	struct buf b, *out;
	unsigned used;
	bool is_dry;
};

static void begin_trial(struct writer *w, struct trial *t)
{
	buf_init_arena(&t->b, w->arena, LIMIT_INPUT);
	*t = (struct trial){t->b, w->out, w->used, w->is_dry};
	w->out = &t->b;
	w->is_trial = true;
	w->is_dry = false;
}

/* In tokens. */
static uint64_t take_trial(struct writer *w, struct trial *t)
{
	uint64_t n = token_count(w->in->encoding, buf_str(&t->b), w->in->cache);

	buf_reset(&t->b);
	return n;
}

static void end_trial(struct writer *w, const struct trial *t)
{
	w->is_trial = false;
	w->out = t->out;
	w->used = t->used;
	w->is_dry = t->is_dry;
}

/* How many of n are looked at with such a step; never 0. */
static uint32_t sampled(uint32_t n, uint32_t step)
{
	return n ? (n + step - 1) / step : 1;
}

static uint64_t inline_tokens(struct writer *w, const struct table_memo *m, uint32_t step)
{
	const struct place p = {.where = IN_BRACKETS};
	uint64_t tokens;
	struct trial t;

	begin_trial(w, &t);
	for (uint32_t i = 0; i < m->n; i += step) {
		buf_add_byte(w->out, ' ');
		if (m->is_map) {
			write_key(w, m->nodes[i] - 1);
			buf_add_byte(w->out, '=');
		}
		/* What occurs again has a name there, mostly. */
		if (w->f->class_of[m->nodes[i]])
			buf_add_c(w->out, "*1");
		else
			write_value(w, m->nodes[i], p);
	}
	tokens = take_trial(w, &t);
	end_trial(w, &t);
	return tokens;
}

static uint64_t head_tokens(struct writer *w, const struct table_memo *m)
{
	uint64_t tokens;
	struct trial t;

	begin_trial(w, &t);
	write_head(w, m, ' ');
	tokens = take_trial(w, &t);
	end_trial(w, &t);
	return tokens;
}

/* Of arrays and of values, which are as easy to read between brackets: when it takes clearly less. */
static bool pays(struct writer *w, const struct table_memo *m)
{
	uint32_t step = m->n / WRITE_SAMPLE + 1, n = sampled(m->n, step);
	bool is_dry = w->is_dry;
	struct separated best;
	uint64_t before, head, rows;

	if (m->picked)
		return false;
	if (is_said_by_head(m))
		return m->shape->rows_n == m->n;
	if (m->shape->kind == SHAPE_VALUES && !m->keys && !lists_has_head(m->shape))
		return false;
	head = head_tokens(w, m);
	w->is_dry = false;
	(void)separator_choose(w, m, step, &best);
	w->is_dry = is_dry;
	rows = token_count(w->in->encoding, best.text, w->in->cache);
	rows = rows > head ? (rows - head) * m->n / n : 0;
	before = inline_tokens(w, m, step) * m->n / n;
	return head + rows + GAIN + before / GAIN_SHARE <= before;
}

/* The columns may hold values that are no table themselves: m stays where it is. */
static void write_memo(struct writer *w, struct table_memo *m)
{
	if (!m->sep && !w->is_dry) {
		struct separated best;

		m->sep = separator_choose(w, m, sample_step(m), &best);
		/* Of a small table that was all of it. */
		if (!w->has_guess && sample_step(m) == 1) {
			buf_add(w->out, best.text);
			w->used |= best.used;
			return;
		}
	}
	write_some_rows(w, m, 1, m->sep ? m->sep : ' ');
}

bool write_table(struct writer *w, uint32_t node)
{
	struct table_memo *m = memo_of(&w->memos, w->f, w->in->pick, node, w->arena);

	if (!m || !m->shape)
		return false;
	if (m->shape->kind != SHAPE_OBJECTS && !m->is_weighed) {
		m->is_weighed = true;
		if (!pays(w, m)) {
			m->shape = NULL;
			return false;
		}
	}
	write_memo(w, m);
	w->needs_line = true;
	return true;
}

/* ---- tables before the document ---- */

void write_pool(struct writer *w, struct table_memo *m)
{
	write_memo(w, m);
}

uint64_t write_pool_tokens(struct writer *w, const struct table_memo *m)
{
	uint32_t step = m->n / WRITE_SAMPLE + 1;
	uint64_t tokens;
	struct trial t;

	begin_trial(w, &t);
	write_head(w, m, ' ');
	tokens = take_trial(w, &t);
	write_rows(w, m, step, ' ');
	tokens += take_trial(w, &t) * m->n / sampled(m->n, step);
	end_trial(w, &t);
	return tokens;
}

uint64_t write_field_tokens(struct writer *w, const struct shape *s, const struct field *d)
{
	uint32_t step = s->rows_n / WRITE_SAMPLE + 1;
	uint64_t tokens;
	struct trial t;

	begin_trial(w, &t);
	write_column(w, s, d, ' ');
	tokens = take_trial(w, &t);
	for (uint32_t i = 0; i < s->rows_n; i += step) {
		struct row r = {.sep = ' ', .is_line = true, .is_below = i > 0};

		write_cell(w, s, d, i, &r);
		buf_add_byte(w->out, ' ');
	}
	tokens += take_trial(w, &t) * s->rows_n / sampled(s->rows_n, step);
	end_trial(w, &t);
	return tokens;
}
