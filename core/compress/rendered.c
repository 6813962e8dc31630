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
	r->has_numbers |= m->kind == MARKER_GUTTER || m->has_gutter;
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

/* A line with a number that its text says or said, not one that was counted. */
static bool has_number(const struct rendered_line *x)
{
	return x->has_dropped_gutter || x->body.p != x->text.p;
}

static void note(struct rendered_notes *notes, const struct rendered_line *x, struct arena *a)
{
	struct rendered_note *n = vec_push(&notes->v, a);

	n->number = x->number;
	n->n = x->n;
	n->has_number = has_number(x);
	n->use = RENDERED_OTHER;
	if (x->kind == RENDERED_TEXT) {
		n->use = RENDERED_LINE;
		n->text = x->body;
	} else if (x->kind == RENDERED_SAME && (!x->marker.is_whole || x->marker.shift.n)) {
		/* of a whole text as it stands there lines are better led to there */
		n->use = RENDERED_CITED;
		n->text = x->marker.name;
		n->from = x->marker.from;
		n->shift = x->marker.shift;
	}
}

/* A line around numbered ones, under its number among its like. */
struct other {
	str body;
	uint32_t number;
};

/* The line in the copy of its text. Those of which something was hoisted do not stand in it. */
static str in_copy(str copy, str text, str line, struct arena *a)
{
	size_t at = (uintptr_t)line.p - (uintptr_t)text.p;

	return at < text.n && line.n <= text.n - at ? (str){copy.p + at, line.n}
						    : arena_str(a, line);
}

/* at: which line of the decoded text it is. Its keys are most often known. */
static void add_line(struct view *v, const struct rendered_notes *notes, str copy,
	const struct rendered_note *x, uint32_t at)
{
	if (at < notes->lines.n && str_eq(notes->lines.v[at], x->text))
		view_add_known(v, in_copy(copy, notes->text, x->text, view_arena(v)), &notes->keys,
			at, x->number);
	else
		view_add_line(v, x->text, hash64(x->text), x->number);
}

void rendered_add_notes(
	struct view *v, str name, const struct rendered_notes *notes, struct arena *scratch)
{
	VEC(struct other) others = {0};
	uint32_t others_n = 0, at = 0;
	/* One copy of all lines takes less time than one of each. */
	str copy = notes->keys.hashes ? arena_str(view_arena(v), notes->text) : STR_NULL;

	view_add_source(v, name);
	for (size_t i = 0; i < notes->v.n; at += notes->v.v[i++].n) {
		const struct rendered_note *x = &notes->v.v[i];

		if (x->has_number != notes->is_numbered) {
			if (!notes->is_numbered)
				continue;
			if (x->use == RENDERED_LINE)
				*vec_push(&others, scratch) = (struct other){x->text, others_n + 1};
			others_n += x->n;
		} else if (x->use == RENDERED_LINE) {
			add_line(v, notes, copy, x, at);
		} else if (x->use == RENDERED_CITED) {
			view_cite_lines(v, &(struct view_cited){.name = x->text.n ? x->text : name,
						   .from = x->from,
						   .n = x->n,
						   .shift = x->shift,
						   .number = x->number});
		}
	}
	if (!notes->is_numbered)
		return;
	/* reminders, heads and footers around numbered lines: counted by themselves */
	view_add_source(v, view_unnumbered(v, name));
	for (size_t i = 0; i < others.n; i++)
		view_add_line(v, others.v[i].body, hash64(others.v[i].body), others.v[i].number);
}

/* The same as r->has_numbers, of lines that were not come to because the text is malformed. */
static bool has_numbers_behind(const struct rendered *r)
{
	struct marker m;

	for (uint32_t i = r->at; i < r->l.n; i++)
		if (r->l.v[i].n && *r->l.v[i].p == '[' && marker_parse(r->l.v[i], &m) &&
			(m.kind == MARKER_GUTTER || m.has_gutter))
			return true;
	return false;
}

void rendered_add_to_view(
	struct view *v, str name, str text, bool is_file_view, struct arena *scratch)
{
	struct rendered_notes notes = {.text = text};
	struct rendered_line x;
	struct rendered r;

	(void)envelope_split(text, &text);
	rendered_init(&r, scratch, v, text, is_file_view);
	while (rendered_next(&r, &x))
		note(&notes, &x, scratch);
	notes.is_numbered = r.gutter.n || r.has_numbers || has_numbers_behind(&r);
	rendered_add_notes(v, name, &notes, scratch);
}

/* ---- decoding ---- */

/* Lines of the text itself that a reference may lead to, by their numbers: those that are larger than all before. */
struct own_line {
	uint32_t number;
	str text;
};

struct decode {
	const struct view *view;
	struct arena *arena;
	struct rendered_notes *notes;
	VEC(struct own_line) own; /* of the first own_at notes */
	size_t own_at;
	size_t line; /* of the view: the one found last */
	struct buf out;
	str last; /* the line before */
	bool is_first;
};

/* Only texts with such references need them. */
static void read_own_lines(struct decode *d)
{
	for (; d->own_at < d->notes->v.n; d->own_at++) {
		const struct rendered_note *x = &d->notes->v.v[d->own_at];

		if (x->use == RENDERED_LINE &&
			(!d->own.n || x->number > d->own.v[d->own.n - 1].number))
			*vec_push(&d->own, d->arena) = (struct own_line){x->number, x->text};
	}
}

static bool find_own_line(struct decode *d, uint32_t number, str *out)
{
	size_t lo = 0, hi;

	read_own_lines(d);
	hi = d->own.n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (d->own.v[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == d->own.n || d->own.v[lo].number != number)
		return false;
	*out = d->own.v[lo].text;
	return true;
}

static bool find_line(struct decode *d, str name, uint32_t number, str *out)
{
	return name.n ? view_line_behind(d->view, name, number, &d->line, out)
		      : find_own_line(d, number, out);
}

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
		if (!i)
			d->line = VIEW_NO_LINE;
		return find_line(d, x->marker.name, x->marker.from + i, body) &&
		       shift_apply(x->marker.shift, *body, d->arena, body);
	case RENDERED_VARIANT:
		d->line = VIEW_NO_LINE;
		return find_line(d, x->marker.name, x->marker.from, body) &&
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
	note(d->notes, x, d->arena);
	return true;
}

bool rendered_read(const struct view *v, str text, bool is_file_view, struct arena *a, str *out,
	struct rendered_notes *notes)
{
	struct decode d = {.view = v, .arena = a, .notes = notes, .is_first = true};
	struct rendered_line x;
	struct rendered r;
	bool is_good = true;

	*notes = (struct rendered_notes){.text = text};
	buf_init_arena(&d.out, a, LIMIT_INPUT);
	(void)buf_reserve(&d.out, text.n);
	rendered_init(&r, a, v, text, is_file_view);
	while (is_good && rendered_next(&r, &x))
		is_good = decode_line(&d, &x);
	notes->is_numbered = r.gutter.n || r.has_numbers;
	*out = buf_str(&d.out);
	return is_good && !r.is_malformed;
}

bool rendered_decode(const struct view *v, str text, bool is_file_view, struct arena *a, str *out)
{
	struct rendered_notes notes;

	return rendered_read(v, text, is_file_view, a, out, &notes);
}
