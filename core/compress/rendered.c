#include "core/compress/rendered.h"

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/compress/codec.h"
#include "core/compress/envelope.h"
#include "core/compress/hoist.h"
#include "core/compress/variant.h"

void rendered_init(
	struct rendered *r, struct arena *a, const struct view *v, str text, bool is_file_view)
{
	struct codec_head
		head; /* a codec's text has no number columns: fold_lines does not look for any */
	size_t at, end;

	*r = (struct rendered){.l = lines_split(a, text), .ordinal = 1, .arena = a, .view = v};
	if (!codec_head_find(text, &head, &at, &end))
		r->gutter = gutter_find(a, r->l, is_file_view);
}

/* The column that still stands before line i, if any. */
static const struct gutter_segment *segment_of(struct rendered *r, uint32_t i)
{
	while (r->segment < r->gutter.n &&
		i >= r->gutter.v[r->segment].first + r->gutter.v[r->segment].n)
		r->segment++;
	if (r->segment < r->gutter.n && i >= r->gutter.v[r->segment].first)
		return &r->gutter.v[r->segment];
	return NULL;
}

/* Counts the lines that out stands for, in the numbers of the dropped column or as ordinals. */
static bool advance(struct rendered *r, struct rendered_line *out)
{
	out->has_dropped_gutter = r->left > 0 || out->marker.has_gutter;
	out->style = r->left ? r->style : out->marker.style;
	if (out->marker.has_gutter && !r->left) {
		out->number = out->marker.from;
	} else if (!r->left) {
		out->number = r->ordinal;
	} else if (out->n > r->left) {
		r->is_malformed = true;
		return false;
	} else {
		out->number = r->number;
		r->number += out->n;
		r->left -= out->n;
	}
	r->ordinal += out->n;
	return true;
}

/* A prefix for the next count lines. */
static bool open_each(struct rendered *r, const struct marker *m)
{
	int depth = r->each[0].left > 0;

	if ((depth && m->count > r->each[0].left) || r->each[1].left)
		return false;
	r->each[depth].prefix = m->name;
	r->each[depth].left = m->count;
	return true;
}

/* The whole of a line of which something was hoisted. */
static str join_prefix(struct rendered *r, str rest, bool *is_hoisted)
{
	*is_hoisted = r->each[0].left > 0;
	for (int depth = 1; depth >= 0; depth--) {
		struct buf b;

		if (!r->each[depth].left)
			continue;
		r->each[depth].left--;
		buf_init_arena(&b, r->arena, LIMIT_INPUT);
		r->is_malformed |= !hoist_fill(r->each[depth].prefix, rest, &b);
		rest = buf_str(&b);
		r->joined_bytes += b.n;
		r->is_malformed |= r->joined_bytes > LIMIT_INPUT;
	}
	return rest;
}

/* Takes a marker: those that stand for lines fill out and return true. */
static bool take_marker(struct rendered *r, const struct marker *m, struct rendered_line *out)
{
	switch (m->kind) {
	case MARKER_EACH:
		r->is_malformed |= r->left > 0 || !open_each(r, m);
		return false;
	case MARKER_GUTTER:
		r->is_malformed |= r->left > 0 || r->each[0].left > 0;
		r->number = m->from;
		r->left = m->to - m->from + 1;
		r->style = m->style;
		return false;
	case MARKER_VARIANT:
		r->is_malformed |= r->each[0].left > 0;
		out->kind = RENDERED_VARIANT;
		out->marker = *m;
		if (m->name.n)
			r->there = m->name;
		return true;
	case MARKER_SAME:
	case MARKER_REPEAT:
		r->is_malformed |= r->each[0].left > 0 || (m->has_gutter && r->left > 0);
		out->kind = m->kind == MARKER_SAME ? RENDERED_SAME : RENDERED_REPEAT;
		out->marker = *m;
		if (m->name.n) {
			r->there = m->name;
		} else if (m->is_there) {
			out->marker.name = r->there;
			r->is_malformed |= !r->there.n;
		}
		if (m->is_whole) {
			out->marker.from = 1;
			out->marker.to = view_whole_n(r->view, m->name);
			r->is_malformed |= !out->marker.to;
		}
		out->n = m->kind == MARKER_SAME ? out->marker.to - out->marker.from + 1 : m->count;
		return true;
	}
	UNREACHABLE("marker kind");
}

bool rendered_next(struct rendered *r, struct rendered_line *out)
{
	const struct gutter_segment *seg;
	struct marker m;

	while (!r->is_malformed && r->at < r->l.n) {
		uint32_t i = r->at++;
		str line = r->l.v[i];

		*out = (struct rendered_line){.kind = RENDERED_TEXT, .n = 1};
		if (line.n && *line.p == '[' && marker_parse(line, &m)) {
			if (take_marker(r, &m, out) && !r->is_malformed)
				return advance(r, out);
			continue;
		}
		out->text = out->body = join_prefix(r, line, &out->is_hoisted);
		if (!advance(r, out))
			return false;
		seg = segment_of(r, i);
		if (seg && !out->has_dropped_gutter && !out->is_hoisted) {
			out->body = gutter_body(seg, line);
			out->number = seg->number + (i - seg->first);
		}
		return true;
	}
	r->is_malformed |= r->left > 0 || r->each[0].left > 0;
	return false;
}

/* True when any line of the text has a number of its own, dropped or not: then ordinals mean nothing. */
static bool has_numbers(const struct rendered *r)
{
	struct marker m;

	if (r->gutter.n)
		return true;
	for (uint32_t i = 0; i < r->l.n; i++)
		if (r->l.v[i].n && *r->l.v[i].p == '[' && marker_parse(r->l.v[i], &m) &&
			(m.kind == MARKER_GUTTER || m.has_gutter))
			return true;
	return false;
}

/* A line with a number that its text says or said, not one that was counted. */
static bool has_number(const struct rendered_line *x)
{
	return x->has_dropped_gutter || x->body.p != x->text.p;
}

/* Lines that stand there as a reference, for references that come later. Those of a whole text are better led to there. */
static void cite(struct view *v, str source, const struct rendered_line *x)
{
	const struct marker *m = &x->marker;

	if (m->is_whole && !m->shift.n)
		return;
	view_cite_lines(v, &(struct view_cited){.name = m->name.n ? m->name : source,
				   .from = m->from,
				   .n = x->n,
				   .shift = m->shift,
				   .number = x->number});
}

/* A line around numbered ones, under its number among its like. */
struct other {
	str body;
	uint32_t number;
};

void rendered_add_to_view(
	struct view *v, str name, str text, bool is_file_view, struct arena *scratch)
{
	bool is_numbered;
	struct rendered r;
	struct rendered_line x;
	VEC(struct other) others = {0};
	uint32_t others_n = 0;

	(void)envelope_split(text, &text);
	rendered_init(&r, scratch, v, text, is_file_view);
	is_numbered = has_numbers(&r);
	view_add_source(v, name);
	while (rendered_next(&r, &x)) {
		bool is_line = x.kind == RENDERED_TEXT;

		if (has_number(&x) == is_numbered) {
			if (is_line)
				view_add_line(v, x.body, hash64(x.body), x.number);
			else if (x.kind == RENDERED_SAME)
				cite(v, name, &x);
		} else if (is_numbered) {
			if (is_line)
				*vec_push(&others, scratch) = (struct other){x.body, others_n + 1};
			others_n += x.n;
		}
	}
	if (!is_numbered)
		return;
	/* reminders, heads and footers around numbered lines: counted by themselves */
	view_add_source(v, view_unnumbered(v, name));
	for (size_t i = 0; i < others.n; i++)
		view_add_line(v, others.v[i].body, hash64(others.v[i].body), others.v[i].number);
}

struct decode {
	struct view *view;
	struct arena *arena;
	struct buf out;
	str last; /* the line before */
	bool is_first;
};

/* The i-th line that x stands for, without its number column. */
static bool find_body(struct decode *d, const struct rendered_line *x, uint32_t i, str *body)
{
	switch (x->kind) {
	case RENDERED_TEXT:
		*body = x->text;
		return true;
	case RENDERED_REPEAT:
		*body = d->last;
		return !d->is_first;
	case RENDERED_SAME:
		return view_line(d->view, x->marker.name, x->marker.from + i, body) &&
		       shift_apply(x->marker.shift, *body, d->arena, body);
	case RENDERED_VARIANT:
		return view_line(d->view, x->marker.name, x->marker.from, body) &&
		       variant_apply(*body, x->marker.words, d->arena, body);
	}
	UNREACHABLE("kind of a rendered line");
}

/* All lines that x stands for. False when there are none such, or more than a text may hold. */
static bool decode_line(struct decode *d, const struct rendered_line *x)
{
	if (x->kind == RENDERED_REPEAT && x->n > LIMIT_INPUT / (d->last.n + 1))
		return false;
	for (uint32_t i = 0; i < x->n; i++) {
		if (!find_body(d, x, i, &d->last))
			return false;
		if (!d->is_first)
			buf_add_byte(&d->out, '\n');
		d->is_first = false;
		if (x->has_dropped_gutter)
			gutter_write(&d->out, &x->style, x->number + i);
		buf_add(&d->out, d->last);
		if (d->out.err)
			return false;
	}
	if (x->kind == RENDERED_TEXT)
		view_lend_named(d->view, x->body, x->number);
	return true;
}

bool rendered_decode(struct view *v, str text, bool is_file_view, struct arena *a, str *out)
{
	struct decode d = {.view = v, .arena = a, .is_first = true};
	struct view_mark mark = view_mark(v);
	struct rendered_line x;
	struct rendered r;
	bool is_good = true;

	buf_init_arena(&d.out, a, LIMIT_INPUT);
	rendered_init(&r, a, v, text, is_file_view);
	view_add_source(v, STR_NULL);
	while (is_good && rendered_next(&r, &x))
		is_good = decode_line(&d, &x);
	view_rollback(v, mark);
	*out = buf_str(&d.out);
	return is_good && !r.is_malformed;
}
