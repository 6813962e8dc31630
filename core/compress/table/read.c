#include "core/compress/table/read.h"

#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/compress/table/escape.h"
#include "core/compress/table/cell.h"
#include "core/compress/table/layout.h"
#include "core/compress/table/nested.h"

enum { LABELS_MAX = 1 << 24 };

bool read_take(struct reader *r, char c)
{
	if (r->at >= r->text.n || r->text.p[r->at] != c)
		return false;
	r->at++;
	return true;
}

bool read_number(struct reader *r, uint32_t *out)
{
	uint64_t v = 0;
	size_t from = r->at;

	while (r->at < r->text.n && r->text.p[r->at] >= '0' && r->text.p[r->at] <= '9' &&
		v < UINT32_MAX)
		v = v * 10 + (uint64_t)(r->text.p[r->at++] - '0');
	*out = (uint32_t)v;
	return r->at > from && v <= UINT32_MAX;
}

void read_again(struct reader *r, struct range at)
{
	/* Both may be the same buffer, which moves when it grows. */
	if (buf_reserve(r->out, at.end - at.start))
		buf_add(r->out, (str){at.in->p + at.start, at.end - at.start});
}

bool read_literal(struct reader *r, str *out)
{
	size_t i = r->at + 1;

	while (i < r->text.n && r->text.p[i] != '"')
		i += r->text.p[i] == '\\' ? 2 : 1;
	if (read_peek(r) != '"' || i >= r->text.n)
		return false;
	*out = str_sub(r->text, r->at, i + 1);
	r->at = i + 1;
	return true;
}

bool read_bare(struct reader *r, struct read_place p, str *out)
{
	static const enum cell_place places[] = {
		[READ_BRACKETS] = CELL_INNER, [READ_ROW] = CELL_ROW, [READ_HEAD] = CELL_HEAD};
	size_t n = cell_end(read_rest(r), places[p.where], p.sep);

	*out = str_sub(read_rest(r), 0, n);
	r->at += n;
	return n > 0;
}

void read_gap(struct reader *r, uint32_t n)
{
	struct read_out *o = r->result;

	vec_room(r->arena, (void **)&o->gaps, o->gaps_n, &o->gaps_cap, sizeof *o->gaps);
	o->gaps[o->gaps_n++] = (struct read_gap){r->out->n, n};
}

/* ---- values ---- */

static bool read_scalar(struct reader *r, struct read_place p)
{
	str s;

	if (!read_bare(r, p, &s))
		return false;
	if (p.is_text ? str_eq(s, STR("null")) : cell_is_scalar(s))
		buf_add(r->out, s);
	else
		escape_write(r->escapes, dict_expand(&r->dict, s, r->arena), r->out);
	return true;
}

/* How far so many lines go; STR_NONE: further than the text. */
static size_t lines_end(str text, size_t from, uint32_t lines)
{
	size_t at = from;

	for (;;) {
		size_t eol = str_find_byte(str_sub(text, at, text.n), '\n');

		if (!--lines)
			return eol == STR_NONE ? text.n : at + eol;
		if (eol == STR_NONE)
			return STR_NONE;
		at += eol + 1;
	}
}

/* Where the lines of a block begin: behind its number, or behind all that is below the row so far. */
static bool find_block(struct reader *r, bool can_break, size_t *from)
{
	size_t eol;

	if (can_break) {
		*from = r->at + 1;
		return read_peek(r) == '\n';
	}
	if (!r->row_end) {
		eol = str_find_byte(read_rest(r), '\n');
		if (eol == STR_NONE)
			return false;
		r->below = r->row_end = r->at + eol;
	}
	*from = r->below + 1;
	return r->below < r->text.n;
}

static bool read_block(struct reader *r, bool can_break)
{
	uint32_t lines;
	size_t from, end;
	str text;

	r->at++;
	if (!read_number(r, &lines) || !lines || !find_block(r, can_break, &from))
		return false;
	end = lines_end(r->text, from, lines);
	if (end == STR_NONE)
		return false;
	*(can_break ? &r->at : &r->below) = end;
	text = str_sub(r->text, from, end);
	if (nested_is(text) && !nested_decode(text, r->strings, r->arena, &text))
		return false;
	escape_write(r->escapes, text, r->out);
	return true;
}

/* Takes what stands between two values; false at the bracket that closes. */
static bool read_sep(struct reader *r, char close, bool is_first)
{
	if (!is_first && !read_take(r, '\n') && read_peek(r) == ' ')
		r->at++;
	return !read_take(r, close);
}

bool read_key(struct reader *r)
{
	size_t n;
	str literal;

	if (read_peek(r) == '"') {
		if (!read_literal(r, &literal))
			return false;
		buf_add(r->out, literal);
	} else {
		n = cell_key_end(read_rest(r), false);
		if (!n)
			return false;
		buf_add_byte(r->out, '"');
		buf_add(r->out, str_sub(read_rest(r), 0, n));
		buf_add_byte(r->out, '"');
		r->at += n;
	}
	buf_add_byte(r->out, ':');
	return read_take(r, '=');
}

bool read_more(struct reader *r, str words, uint32_t *n)
{
	size_t at = r->at;
	str rest;

	if (read_take(r, '[') && read_number(r, n)) {
		rest = read_rest(r);
		if (str_take(&rest, words)) {
			r->at = r->text.n - rest.n;
			return true;
		}
	}
	r->at = at;
	return false;
}

static bool read_array_gap(struct reader *r)
{
	uint32_t n;

	if (!read_more(r, STR(CELL_MORE "]"), &n))
		return false;
	read_gap(r, n);
	return true;
}

static bool read_children(struct reader *r, bool is_object, struct read_place p)
{
	const struct read_place inner = {.where = READ_BRACKETS, .can_break = p.can_break};
	bool is_empty = true;

	buf_add_byte(r->out, is_object ? '{' : '[');
	for (bool is_first = true; read_sep(r, is_object ? '}' : ']', is_first); is_first = false) {
		if (!is_object && read_array_gap(r))
			continue;
		if (!is_empty)
			buf_add_byte(r->out, ',');
		is_empty = false;
		if (r->at >= r->text.n || (is_object && !read_key(r)) || !read_value(r, inner))
			return false;
	}
	buf_add_byte(r->out, is_object ? '}' : ']');
	return true;
}

static bool read_container(struct reader *r, struct read_place p)
{
	bool is_object = r->text.p[r->at++] == '{', is_good = false;

	if (p.can_break && read_table(r, is_object, &is_good))
		return is_good;
	return read_children(r, is_object, p);
}

/* ---- names ---- */

/* What is named has something in it. */
static bool set_label(struct reader *r, uint32_t label, struct range at)
{
	if (at.start == at.end || label > LABELS_MAX || label > r->labels_n + r->text.n)
		return false;
	while (r->labels_n <= label) {
		vec_room(r->arena, (void **)&r->labels, r->labels_n, &r->labels_cap,
			sizeof *r->labels);
		r->labels[r->labels_n++] = (struct read_label){0};
	}
	/* What was said once stays: it may be in use. */
	if (r->labels[label].is_set)
		return false;
	r->labels[label] = (struct read_label){.value = at, .is_set = true};
	return true;
}

static bool read_named(struct reader *r, struct read_place p)
{
	uint32_t label;
	size_t from = r->out->n;

	r->at++;
	return read_number(r, &label) && read_take(r, ' ') && read_value(r, p) &&
	       set_label(r, label, (struct range){r->out, from, r->out->n});
}

/* Behind the string that begins there. What damaged heads make of it may not end. */
static size_t literal_end(struct range in, size_t at)
{
	const char *p = in.in->p;

	for (at++; at < in.end && p[at] != '"'; at++)
		at += p[at] == '\\';
	return at + 1 < in.end ? at + 1 : in.end;
}

/* The keys, with quotes, of an object that was read. */
static void find_keys(struct reader *r, struct read_label *l)
{
	const char *p = l->value.in->p;
	size_t cap = 0, n = 0, depth = 0;
	bool is_key = false;

	for (size_t i = l->value.start; i < l->value.end; i++) {
		size_t from = i;

		if (p[i] == '"') {
			i = literal_end(l->value, i) - 1;
			if (is_key && depth == 1) {
				vec_room(r->arena, (void **)&l->keys, n, &cap, sizeof *l->keys);
				l->keys[n++] = (struct range){l->value.in, from, i + 1};
			}
			is_key = false;
			continue;
		}
		depth += p[i] == '{' || p[i] == '[';
		depth -= p[i] == '}' || p[i] == ']';
		is_key = p[i] == '{' || p[i] == ',';
	}
	l->keys_n = (uint32_t)n;
}

/* Behind "*1(". */
static bool read_like(struct reader *r, uint32_t label, struct read_place p)
{
	const struct read_place inner = {.where = READ_BRACKETS, .can_break = p.can_break};
	uint32_t i = 0;

	if (!r->labels[label].keys)
		find_keys(r, &r->labels[label]);
	buf_add_byte(r->out, '{');
	for (; read_sep(r, ')', i == 0); i++) {
		if (i >= r->labels[label].keys_n || r->at >= r->text.n)
			return false;
		if (i)
			buf_add_byte(r->out, ',');
		read_again(r, r->labels[label].keys[i]);
		buf_add_byte(r->out, ':');
		if (!read_value(r, inner))
			return false;
	}
	buf_add_byte(r->out, '}');
	return i == r->labels[label].keys_n;
}

static bool read_same(struct reader *r, struct read_place p)
{
	uint32_t label;

	r->at++;
	if (!read_number(r, &label) || label >= r->labels_n || !r->labels[label].is_set)
		return false;
	if (read_take(r, '('))
		return r->labels[label].value.in->p[r->labels[label].value.start] == '{' &&
		       read_like(r, label, p);
	read_again(r, r->labels[label].value);
	return true;
}

/* A string that is JSON: read as that, and escaped. */
static bool read_json(struct reader *r)
{
	static const struct layout spaced = LAYOUT_SPACED;
	const struct read_place inside = {.where = READ_BRACKETS};
	struct buf inner, text, *out = r->out;
	unsigned escapes = r->escapes;
	size_t gaps_n = r->result->gaps_n;
	bool is_spaced, is_good;

	r->at += sizeof CELL_JSON - 1;
	is_spaced = read_take(r, ' ');
	buf_init_arena(&inner, r->arena, LIMIT_INPUT);
	buf_init_arena(&text, r->arena, LIMIT_INPUT);
	r->out = &inner;
	r->escapes = 0;
	r->inner++;
	is_good = read_value(r, inside) && r->result->gaps_n == gaps_n && inner.err == E_OK;
	r->inner--;
	r->escapes = escapes;
	r->out = out;
	if (!is_good)
		return false;
	if (is_spaced)
		layout_apply(&spaced, buf_str(&inner), &text);
	else
		buf_add(&text, buf_str(&inner));
	if (str_starts(read_rest(r), STR("\\n"))) {
		r->at += 2;
		buf_add_byte(&text, '\n');
	}
	escape_write(escapes, buf_str(&text), out);
	return text.err == E_OK;
}

bool read_value(struct reader *r, struct read_place p)
{
	bool is_good;
	str literal;

	if (r->depth >= 2 * LIMIT_JSON_DEPTH || r->out->err != E_OK)
		return false;
	r->depth++;
	switch (read_peek(r)) {
	case '&':
		is_good = !r->inner && read_named(r, p);
		break;
	case '*':
		is_good = !r->inner && read_same(r, p);
		break;
	case '{':
	case '[':
		is_good = read_container(r, p);
		break;
	case '"':
		is_good = read_literal(r, &literal);
		if (is_good)
			buf_add(r->out, literal);
		break;
	case '|':
		is_good = !r->inner && (p.can_break || r->is_row) && read_block(r, p.can_break);
		break;
	default:
		is_good = r->inner < NESTED_MAX && cell_is_json(read_rest(r)) ? read_json(r)
									      : read_scalar(r, p);
	}
	r->depth--;
	return is_good;
}

/* Lines "$1=text". */
static bool read_pieces(struct reader *r)
{
	while (read_peek(r) == '$') {
		uint32_t n;
		str rest;
		size_t eol;

		r->at++;
		if (!read_number(r, &n) || n != r->dict.n + 1 || n > DICT_MAX || !read_take(r, '='))
			return false;
		rest = read_rest(r);
		eol = str_find_byte(rest, '\n');
		if (eol == STR_NONE || !eol)
			return false;
		dict_add(&r->dict, str_sub(rest, 0, eol));
		r->at += eol + 1;
	}
	return true;
}

/* The values of an object that was read: objects all of them. */
static bool find_rows(struct reader *r, struct read_pool *pool, struct range all)
{
	const char *p = all.in->p;
	size_t depth = 0, from = 0;

	for (size_t i = all.start; i < all.end; i++) {
		if (p[i] == '"') {
			i = literal_end(all, i) - 1;
			if (depth == 1 && !from)
				from = i + 2; /* behind the key and the colon */
			continue;
		}
		depth += p[i] == '{' || p[i] == '[';
		if (from && depth == 1 && (p[i] == ',' || p[i] == '}')) {
			if (from >= i || p[from] != '{')
				return false;
			vec_room(r->arena, (void **)&pool->rows, pool->n, &pool->cap,
				sizeof *pool->rows);
			pool->rows[pool->n++] = (struct range){all.in, from, i};
			from = 0;
		}
		depth -= p[i] == '}' || p[i] == ']';
	}
	return true;
}

/* Lines "t1={3 rows key ..." and the rows below them, which are numbered; nobody asks whether they are in order. */
static bool read_pools(struct reader *r)
{
	const struct read_place root = {.where = READ_BRACKETS, .can_break = true};
	struct buf *out = r->out;

	r->out = &r->pooled;
	while (r->at + 1 < r->text.n && r->text.p[r->at] == 't' && r->text.p[r->at + 1] <= '9') {
		size_t from = r->pooled.n;
		uint32_t n;

		r->at++;
		vec_room(r->arena, (void **)&r->pools, r->pools_n, &r->pools_cap, sizeof *r->pools);
		r->pools[r->pools_n] = (struct read_pool){0};
		if (!read_number(r, &n) || n != r->pools_n + 1 || !read_take(r, '=') ||
			read_peek(r) != '{' || !read_value(r, root) || r->pooled.err != E_OK ||
			r->result->gaps_n || !read_take(r, '\n') ||
			!find_rows(r, &r->pools[r->pools_n],
				(struct range){&r->pooled, from, r->pooled.n}))
			return false;
		r->pools_n++;
	}
	r->out = out;
	return true;
}

bool read_document(str text, unsigned escapes, unsigned strings, struct arena *a, struct buf *out,
	struct read_out *read)
{
	const struct read_place root = {.where = READ_BRACKETS, .can_break = true};
	struct reader *r = arena_new(a, struct reader);

	*r = (struct reader){.text = text,
		.arena = a,
		.out = out,
		.escapes = escapes,
		.strings = strings,
		.result = read};
	*read = (struct read_out){0};
	buf_init_arena(&r->heads, a, LIMIT_INPUT);
	buf_init_arena(&r->pooled, a, LIMIT_INPUT);
	if (!read_pieces(r) || !read_pools(r) || !read_value(r, root))
		return false;
	read->end = r->at;
	return out->err == E_OK;
}
