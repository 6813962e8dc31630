#include "core/compress/fold.h"

#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/compress/hoist.h"
#include "core/compress/marker.h"
#include "core/compress/variant.h"

enum {
	/* Tokens that one marker must save; below this the plain text is easier to read. */
	MARKER_GAIN = 4,
	/* A single line must save more: small references cut text that a later long run could lead to. */
	SINGLE_GAIN = 8,
	/* So must a reference within a file that the agent may edit: it has to quote what it changes. */
	SELF_GAIN_FILE = 8,
	/* A variant is harder to read than a reference, and its line could have shared a prefix. */
	VARIANT_GAIN = 24,
	/* Bytes of a line of what a codec made that may be one. */
	CODED_VARIANT = 300,
	GUTTER_GAIN = 2,
	/* Runs of this many lines are taken as they come. */
	LAZY_MAX = 32,
	/* Bytes of a run that are looked at first to see whether it is worth a marker. */
	PROBE_FIRST = 256,
};

enum item_kind { ITEM_LITERAL, ITEM_MARKER };

/* One line of the rendering. */
struct item {
	enum item_kind kind;
	bool is_hoistable; /* LITERAL: not of a file, not in a numbered zone */
	uint32_t line;     /* LITERAL: index of the line */
	str text;          /* LITERAL: the line as it will stand there; MARKER: its spelling */
};

struct fold {
	const struct encode_in *in;
	const struct encode_policy *policy;
	struct view *view;
	struct token_cache *cache;
	struct arena *arena;
	struct known_lines l;
	bool *is_pinned; /* lines that a reference within this text leads to */
	VEC(struct item) items;
	struct buf probe;
	str there; /* what the last reference named */
	unsigned done;
	bool is_file;
	size_t run_end; /* of the last run, in the rendering */
};

static size_t count(struct fold *f, str s)
{
	return token_count(f->policy->encoding, s, f->cache);
}

static str marker_text(struct fold *f, const struct marker *m)
{
	buf_reset(&f->probe);
	marker_write(&f->probe, m);
	return arena_str(f->arena, buf_str(&f->probe));
}

/* Whether that text costs at least gain tokens more than the marker. Most can be told from bounds and a count of the text, which is
 * often short; the marker is counted once, when it has to be. *limit: what a text must cost more than; 0: not known. */
static bool is_above(struct fold *f, str text, str marker, size_t gain, size_t *limit)
{
	size_t surely = *limit ? *limit : token_most(marker) + gain, n;

	if (token_least(text) > surely)
		return true;
	if (token_most(text) <= token_least(marker) + gain)
		return false;
	n = token_count_upto(f->policy->encoding, text, surely, f->cache);
	if (n > surely || n <= token_least(marker) + gain)
		return n > surely;
	if (!*limit)
		*limit = count(f, marker) + gain;
	return n > *limit;
}

/* True when lines [at, at + n) cost at least gain tokens more than the marker. Looks at no more of them than it
 * takes to be sure. */
static bool is_worth(struct fold *f, uint32_t at, uint32_t n, str marker, size_t gain)
{
	size_t enough = PROBE_FIRST, limit = 0;

	if (n > token_least(marker) + gain)
		limit = count(f, marker) + gain;
	if (limit && n > limit) /* a line is a token at least, if it is not blank */
		return true;
	buf_reset(&f->probe);
	for (uint32_t i = 0; i < n; i++) {
		buf_add(&f->probe, f->l.body.v[at + i]);
		buf_add_byte(&f->probe, '\n');
		if (f->probe.n < enough && i + 1 < n)
			continue;
		if (is_above(f, buf_str(&f->probe), marker, gain, &limit))
			return true;
		enough *= 8;
	}
	return false;
}

static void add_marker(struct fold *f, str text)
{
	*vec_push(&f->items, f->arena) = (struct item){.kind = ITEM_MARKER, .text = text};
}

static void add_literal(struct fold *f, uint32_t line, str text, bool is_hoistable)
{
	*vec_push(&f->items, f->arena) = (struct item){.kind = ITEM_LITERAL,
		.line = line,
		.text = text,
		.is_hoistable = is_hoistable && !f->is_file && !f->in->is_coded};
}

/* A zone: lines of one segment, numbered from its first, or lines outside of any, numbered by ordinals. */
struct zone {
	uint32_t at, end, number;
	bool is_numbered;
};

/* The run of the zone's first line on, or none when the next line begins a longer one that this would cut short
 * (as in LZ77 with lazy matching). */
static struct view_run find_run(struct fold *f, const struct zone *z)
{
	struct view_wanted w = {f->l.body, f->l.keys.hashes, z->at, z->end, z->number, f->there};
	struct view_run run = view_find(f->view, &w), next;

	if (!run.n || run.n >= LAZY_MAX || z->at + run.n >= z->end)
		return run;
	w.at++;
	w.number++;
	next = view_find(f->view, &w);
	if (next.n > run.n + 1)
		run.n = 0;
	return run;
}

/* A reference to the run from the zone's first line on, when it pays; the number of lines that it takes, 0 for none. */
static uint32_t refer_to(struct fold *f, const struct zone *z, const struct view_run *run)
{
	struct marker m;
	size_t gain;
	str text;

	if (!run->n)
		return 0;
	m = (struct marker){.kind = MARKER_SAME,
		.name = run->name,
		.from = run->from,
		.to = run->from + run->n - 1,
		.shift = run->shift};
	m.is_there = run->name.n && str_eq(run->name, f->there);
	if (m.is_there)
		m.name = STR_NULL;
	m.is_same_number = z->is_numbered && run->from == z->number && m.name.n;
	m.is_whole = run->is_whole && m.name.n && !m.is_same_number;
	text = marker_text(f, &m);
	gain = run->n == 1 && !run->is_whole ? SINGLE_GAIN
	       : f->is_file && !run->name.n  ? SELF_GAIN_FILE
					     : MARKER_GAIN;
	if (!is_worth(f, z->at, run->n, text, gain))
		return 0;
	if (!run->name.n && !z->is_numbered)
		for (uint32_t i = m.from - 1; i < m.to && i < f->l.raw.n; i++)
			f->is_pinned[i] = true;
	if (run->name.n)
		f->there = run->name;
	add_marker(f, text);
	f->done |= ENCODER_REFERENCE;
	return run->n;
}

/* A reference from the zone's first line on; the number of lines that it takes, 0 for none. */
static uint32_t try_reference(struct fold *f, const struct zone *z)
{
	struct view_run run;
	uint32_t n;

	if (f->in->no_references)
		return 0;
	run = find_run(f, z);
	n = refer_to(f, z, &run);
	if (n)
		return n;
	run = view_find_shifted(f->view, f->l.body, &f->l.keys, z->at, z->end);
	return refer_to(f, z, &run);
}

/* The zone's first line as a variant of an earlier one; 1 when it was. */
static uint32_t try_variant(struct fold *f, const struct zone *z)
{
	struct marker m;
	struct view_run run;
	str old, text;

	if (f->in->no_references || f->is_file)
		return 0;
	run = view_find_like(f->view, f->l.body.v[z->at], &old);
	m = (struct marker){.kind = MARKER_VARIANT};
	if (!run.n || !variant_make(old, f->l.body.v[z->at], f->arena, &m.words))
		return 0;
	m.name = run.name;
	m.from = run.from;
	text = marker_text(f, &m);
	if (!is_worth(f, z->at, 1, text, VARIANT_GAIN))
		return 0;
	if (!run.name.n && !z->is_numbered && m.from <= f->l.raw.n)
		f->is_pinned[m.from - 1] = true;
	if (run.name.n)
		f->there = run.name;
	add_marker(f, text);
	f->done |= ENCODER_VARIANT;
	return 1;
}

/* Lines from the zone's first on that equal the one before; the number that a marker takes. */
static uint32_t try_repeat(struct fold *f, const struct zone *z)
{
	struct marker m = {.kind = MARKER_REPEAT};
	uint32_t at = z->at;
	str text;

	if (f->is_file)
		return 0;
	while (at + m.count < z->end &&
		f->l.keys.hashes[at + m.count] == f->l.keys.hashes[at - 1] &&
		str_eq(f->l.body.v[at + m.count], f->l.body.v[at - 1]))
		m.count++;
	if (!m.count)
		return 0;
	text = marker_text(f, &m);
	if (!is_worth(f, at, m.count, text, MARKER_GAIN))
		return 0;
	f->is_pinned[at - 1] = true;
	add_marker(f, text);
	f->done |= ENCODER_REPEAT;
	return m.count;
}

/* A row says by itself what it has in common with others, but for what no codec looks into. */
static bool may_be_variant(const struct fold *f, str line)
{
	return !f->in->is_coded || (f->in->has_variants && line.n >= CODED_VARIANT);
}

static void fold_zone(struct fold *f, struct zone z)
{
	bool is_after_literal = false;

	while (z.at < z.end) {
		uint32_t n;

		view_expect(f->view, f->l.keys.hashes, z.at, z.end);
		n = try_reference(f, &z);

		if (!n && is_after_literal && !f->in->is_coded)
			n = try_repeat(f, &z);
		if (!n && may_be_variant(f, f->l.body.v[z.at]))
			n = try_variant(f, &z);
		is_after_literal = !n;
		if (!n) {
			add_literal(f, z.at, f->l.body.v[z.at], !z.is_numbered);
			view_lend_line(f->view, f->l.body, &f->l.keys, z.at, z.number);
			n = 1;
		}
		z.at += n;
		z.number += n;
	}
}

/* Tokens of the segment's lines, with or without their number columns. */
static size_t segment_tokens(struct fold *f, const struct gutter_segment *s, const struct lines *l)
{
	buf_reset(&f->probe);
	for (uint32_t i = 0; i < s->n; i++) {
		buf_add_byte(&f->probe, '\n');
		buf_add(&f->probe, l->v[s->first + i]);
	}
	return count(f, buf_str(&f->probe));
}

/* Whether dropping the column saves more than its marker costs. Long segments always do: a number and its
 * sign are at least one token a line, and the marker is at most twelve. */
static bool is_segment_worth(struct fold *f, const struct gutter_segment *s, str marker)
{
	enum { SURELY = 24 };

	return s->n >= SURELY + s->style.hits.n ||
	       segment_tokens(f, s, &f->l.body) + count(f, marker) + 1 + GUTTER_GAIN <=
		       segment_tokens(f, s, &f->l.raw);
}

/* A whole segment that stands elsewhere under the same numbers: one marker says all. */
static bool try_whole_segment(struct fold *f, const struct gutter_segment *s)
{
	struct view_run run;
	struct marker m = {.kind = MARKER_SAME, .is_same_number = true, .has_gutter = true};
	str text;

	if (f->in->no_references || !marker_has_spelling(&s->style))
		return false;
	run = view_find(f->view, &(struct view_wanted){f->l.body, f->l.keys.hashes, s->first,
					 s->first + s->n, s->number, STR_NULL});
	if (run.n != s->n || run.from != s->number || !run.name.n)
		return false;
	m.from = s->number;
	m.to = s->number + s->n - 1;
	m.style = s->style;
	m.name = run.name;
	text = marker_text(f, &m);
	if (!is_worth(f, s->first, s->n, text, MARKER_GAIN))
		return false;
	f->there = run.name;
	add_marker(f, text);
	f->done |= ENCODER_GUTTER | ENCODER_REFERENCE;
	return true;
}

static void fold_segment(struct fold *f, const struct gutter_segment *s)
{
	struct marker m = {.kind = MARKER_GUTTER,
		.from = s->number,
		.to = s->number + s->n - 1,
		.style = s->style};
	str text = marker_text(f, &m);

	if (try_whole_segment(f, s))
		return;
	if (is_segment_worth(f, s, text)) {
		add_marker(f, text);
		f->done |= ENCODER_GUTTER;
		fold_zone(f, (struct zone){s->first, s->first + s->n, s->number, true});
		return;
	}
	for (uint32_t i = s->first; i < s->first + s->n; i++) {
		add_literal(f, i, f->l.raw.v[i], false);
		view_lend_line(f->view, f->l.body, &f->l.keys, i, s->number + (i - s->first));
	}
}

/* The lines [line, line + n) stand in out from at on, at its end. What says that a number column begins stands for no line. */
static void note_run(struct fold *f, fold_runs *runs, const struct buf *out, size_t at,
	uint32_t line, uint32_t n)
{
	const str *lines = f->l.body.v + line;
	size_t last = runs->n - 1;

	if (runs->n && runs->v[last].lines + runs->v[last].n == lines && f->run_end + 1 == at)
		runs->v[last].n += n;
	else
		*vec_push(runs, f->arena) = (struct token_run){at, lines, n};
	f->run_end = out->n;
}

/* Writes the items; runs of hoistable lines go through hoist_lines. */
static void write_items(struct fold *f, struct buf *out, fold_runs *runs)
{
	bool is_first = true;
	struct hoist h = {f->policy->encoding, f->cache, f->arena, out, &is_first};

	for (size_t i = 0; i < f->items.n;) {
		struct item *x = &f->items.v[i];
		size_t end = i;

		while (end < f->items.n && f->items.v[end].kind == ITEM_LITERAL &&
			f->items.v[end].is_hoistable)
			end++;
		if (end > i) {
			size_t at = out->n + !is_first;

			/* hoistable literals are consecutive lines: a marker stands between others */
			if (hoist_lines(&h, f->l.body.v + x->line, f->is_pinned + x->line,
				    (uint32_t)(end - i)))
				f->done |= ENCODER_HOIST;
			else
				note_run(f, runs, out, at, x->line, (uint32_t)(end - i));
			i = end;
			continue;
		}
		if (!is_first)
			buf_add_byte(out, '\n');
		is_first = false;
		buf_add(out, x->text);
		if (x->kind == ITEM_LITERAL && x->text.p == f->l.body.v[x->line].p)
			note_run(f, runs, out, out->n - x->text.n, x->line, 1);
		i++;
	}
}

struct known_lines fold_split(const struct encode_in *in, struct arena *a)
{
	return known_lines(
		in->known, in->text, !in->is_coded, tool_numbers_lines(in->tool, in->command), a);
}

unsigned fold_lines(const struct encode_in *in, const struct encode_policy *policy,
	struct view *view, struct token_cache *cache, struct arena *a, struct buf *out,
	fold_runs *runs)
{
	struct fold f = {.in = in,
		.policy = policy,
		.view = view,
		.cache = cache,
		.arena = a,
		.is_file = encode_is_file(in)};
	struct view_mark mark = view_mark(view);
	uint32_t at = 0;

	buf_init_arena(&f.probe, a, LIMIT_INPUT);
	f.l = in->lines ? *in->lines : fold_split(in, a);
	f.is_pinned = arena_array(a, bool, f.l.raw.n);
	view_add_source(view, STR_NULL);
	for (uint32_t i = 0; i <= f.l.gutter.n; i++) {
		uint32_t end = i < f.l.gutter.n ? f.l.gutter.v[i].first : f.l.raw.n;

		fold_zone(&f, (struct zone){at, end, at + 1, false});
		if (i < f.l.gutter.n) {
			fold_segment(&f, &f.l.gutter.v[i]);
			at = f.l.gutter.v[i].first + f.l.gutter.v[i].n;
		}
	}
	view_rollback(view, mark);
	write_items(&f, out, runs);
	return f.done;
}
