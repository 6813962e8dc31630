#include <stdlib.h>

#include "core/retrieve/rank.h"
#include "core/retrieve/retrieve.h"
#include "core/retrieve/units.h"

/* What stands around a hit is shown with it, in lines; a row says all by itself. */
enum { NEIGHBOURS = 2 };
/* The head, the object around the text, and the last line, at most. */
enum { FRAME_MAX = 512 + UNIT_SKELETON_MAX };

struct answer {
	const struct retrieve_want *want;
	struct arena *arena;
	str original, text; /* text: of which lines and rows are counted */
	str skeleton;       /* of the object that it stands in; empty: the original is the text */
	struct units units;
	bool *is_selected;
	uint32_t selected_n;
};

/* ---- which units ------------------------------------------------------------------------------------ */

/* Rows where they were asked for, and where a search would otherwise find one endless line. */
static enum err choose_units(struct answer *x, struct errctx *cx)
{
	const struct retrieve_want *w = x->want;
	struct units rows;

	if (w->rows.n && w->lines.n)
		FAIL(cx, E_USAGE, "lines or rows, not both");
	if (w->rows.n) {
		if (!units_of_rows(x->text, x->arena, &x->units))
			FAIL(cx, E_USAGE, "this original is no JSON with rows; ask for lines");
		return E_OK;
	}
	units_of_lines(x->text, x->arena, &x->units);
	if (w->query.n && !w->lines.n && units_of_rows(x->text, x->arena, &rows) &&
		rows.n > x->units.n)
		x->units = rows;
	return E_OK;
}

struct scored {
	double score;
	uint32_t at;
};

/* The best first; among equals the first one. */
static int by_score(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Of the units that are in the ranges, those that fit the query best, and their neighbours. */
static void select_hits(struct answer *x)
{
	uint32_t n = x->units.n, hits = 0, around = x->units.are_rows ? 0 : NEIGHBOURS;
	uint64_t limit = x->want->limit ? x->want->limit : RETRIEVE_HITS;
	struct scored *scored = arena_array(x->arena, struct scored, n + 1);
	str *texts = arena_array(x->arena, str, n + 1);
	const double *scores;

	for (uint32_t i = 0; i < n; i++)
		texts[i] = x->units.v[i].text;
	scores = rank_texts(texts, n, x->want->query, x->arena);
	for (uint32_t i = 0; i < n; i++)
		if (x->is_selected[i] && scores[i] > 0)
			scored[hits++] = (struct scored){scores[i], i};
	memset(x->is_selected, 0, n);
	if (!hits)
		return;
	qsort(scored, hits, sizeof *scored, by_score);
	for (uint64_t i = x->want->offset; i < hits && i - x->want->offset < limit; i++) {
		uint32_t at = scored[i].at;
		uint32_t from = at > around ? at - around : 0;
		uint32_t to = n - 1 - at > around ? at + around : n - 1;

		memset(x->is_selected + from, true, to - from + 1);
	}
}

static enum err select_units(struct answer *x, struct errctx *cx)
{
	const struct retrieve_want *w = x->want;
	struct ranges ranges;

	TRY(ranges_parse(w->rows.n ? w->rows : w->lines, x->arena, &ranges, cx));
	x->is_selected = arena_array(x->arena, bool, x->units.n + 1);
	for (uint32_t i = 0; i < x->units.n; i++)
		x->is_selected[i] = ranges_have(&ranges, x->units.v[i].number);
	if (w->query.n)
		select_hits(x);
	for (uint32_t i = 0; i < x->units.n; i++)
		x->selected_n += x->is_selected[i];
	return E_OK;
}

/* ---- what is said of them ---------------------------------------------------------------------------- */

static const char *unit_word(const struct answer *x, uint64_t n)
{
	if (x->units.are_rows)
		return n == 1 ? "row" : "rows";
	return n == 1 ? "line" : "lines";
}

static void write_head(const struct answer *x, struct buf *out)
{
	buf_add_c(out, "[original ");
	buf_add(out, x->want->hash.n > 64 ? str_sub(x->want->hash, 0, 64) : x->want->hash);
	buf_printf(out, ": %u %s, %zu bytes]\n", x->units.numbers_n,
		unit_word(x, x->units.numbers_n), x->original.n);
	if (x->skeleton.n)
		buf_printf(out, "[in " STR_FMT "]\n", STR_ARG(x->skeleton));
}

/* "[lines 12-16]" before what does not follow the unit before it. */
static void write_place(const struct answer *x, uint32_t at, uint32_t end, struct buf *out)
{
	const struct unit *first = &x->units.v[at], *last = &x->units.v[end - 1];

	if (first->number == last->number)
		buf_printf(out, "[%s %u%s]\n", unit_word(x, 1), first->number,
			first->is_rest ? ", further on" : "");
	else
		buf_printf(out, "[%s %u-%u]\n", unit_word(x, 2), first->number, last->number);
}

static void write_unit(const struct answer *x, uint32_t at, struct buf *out)
{
	const struct unit *u = &x->units.v[at];
	bool goes_on = at + 1 < x->units.n && x->units.v[at + 1].is_rest && x->is_selected[at + 1];

	buf_add(out, u->text);
	if (!goes_on && (!u->text.n || u->text.p[u->text.n - 1] != '\n'))
		buf_add_byte(out, '\n');
}

/* The selected units from at on that follow each other; the end of them. */
static uint32_t run_end(const struct answer *x, uint32_t at)
{
	while (at < x->units.n && x->is_selected[at])
		at++;
	return at;
}

static void write_cut(const struct answer *x, uint64_t next, struct buf *out)
{
	if (x->want->query.n)
		buf_printf(out, "[cut here; for more, a lower limit and offset, or %s]\n",
			unit_word(x, 2));
	else
		buf_printf(out, "[cut here; next: offset %llu]\n", (unsigned long long)next);
}

/* One page of the selection. */
static void write_units(const struct answer *x, struct buf *out)
{
	/* with a query, offset and limit have chosen the hits already */
	uint64_t offset = x->want->query.n ? 0 : x->want->offset, done = 0;
	uint64_t limit = x->want->query.n || !x->want->limit ? UINT64_MAX : x->want->limit;
	size_t room = out->n + RETRIEVE_ANSWER_MAX - FRAME_MAX;
	bool is_whole = x->selected_n == x->units.n && !offset;

	for (uint32_t i = 0; i < x->units.n; i++) {
		bool is_start = done == offset || i == 0 || !x->is_selected[i - 1];

		if (!x->is_selected[i] || done++ < offset)
			continue;
		if (done - offset > limit || out->n + x->units.v[i].text.n > room) {
			write_cut(x, done - 1, out);
			return;
		}
		if (is_start && !is_whole)
			write_place(x, i, run_end(x, i), out);
		write_unit(x, i, out);
	}
}

static enum err select_all(struct answer *x, struct errctx *cx)
{
	const struct retrieve_want *w = x->want;
	struct inner inner;

	if (units_inner(x->original, x->arena, &inner)) {
		x->text = inner.text;
		x->skeleton = inner.skeleton;
	}
	TRY(choose_units(x, cx));
	TRY(select_units(x, cx));
	if (x->selected_n && (w->query.n || w->offset < x->selected_n))
		return E_OK;
	if (w->query.n)
		FAIL(cx, E_NOT_FOUND, "nothing in its %u %s fits: " STR_FMT, x->units.numbers_n,
			unit_word(x, 2), STR_ARG(w->query));
	FAIL(cx, E_NOT_FOUND, "it has %u %s, fewer than that", x->units.numbers_n,
		unit_word(x, x->units.numbers_n));
}

enum err retrieve_answer(const struct retrieve_want *w, str original, struct arena *a,
	struct buf *out, struct errctx *cx)
{
	struct answer x = {.want = w, .arena = a, .original = original, .text = original};

	TRY(select_all(&x, cx));
	write_head(&x, out);
	write_units(&x, out);
	return out->err;
}

/* ---- for programs ------------------------------------------------------------------------------------- */

bool retrieve_is_part(const struct retrieve_want *w)
{
	return w->lines.n || w->rows.n || w->query.n || w->offset || w->limit;
}

/* Rows have no line ends of their own, but where the text has them. */
static void write_bytes(const struct answer *x, struct buf *out)
{
	uint64_t done = 0, limit = x->want->limit ? x->want->limit : UINT64_MAX;

	for (uint32_t i = 0; i < x->units.n; i++) {
		if (!x->is_selected[i] || done++ < x->want->offset)
			continue;
		if (done - x->want->offset > limit)
			return;
		if (x->units.are_rows)
			write_unit(x, i, out);
		else
			buf_add(out, x->units.v[i].text);
	}
}

static enum err add_bytes(const struct retrieve_want *w, str original, struct arena *a,
	struct buf *out, struct errctx *cx)
{
	struct answer x = {.want = w, .arena = a, .original = original, .text = original};

	TRY(select_all(&x, cx));
	write_bytes(&x, out);
	return out->err;
}

typedef enum err answer_fn(const struct retrieve_want *w, str original, struct arena *a,
	struct buf *out, struct errctx *cx);

static enum err apart(answer_fn *answer, const struct retrieve_want *w, str original,
	struct buf *out, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	enum err e;

	if (arena_recover(&a))
		e = err_set(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	else
		e = answer(w, original, &a, out, cx);
	arena_release(&a);
	if (e && e == out->err)
		return err_set(cx, e, "the answer: %s", err_text(e));
	return e;
}

enum err retrieve_answer_apart(
	const struct retrieve_want *w, str original, struct buf *out, struct errctx *cx)
{
	return apart(retrieve_answer, w, original, out, cx);
}

enum err retrieve_bytes(
	const struct retrieve_want *w, str original, struct buf *out, struct errctx *cx)
{
	if (w->query.n)
		return retrieve_answer_apart(w, original, out, cx);
	if (retrieve_is_part(w))
		return apart(add_bytes, w, original, out, cx);
	buf_add(out, original);
	return out->err ? err_set(cx, out->err, "%s", err_text(out->err)) : E_OK;
}
