#include <stdlib.h>

#include "core/compress/search/elide.h"
#include "core/compress/search/form.h"

/* Both texts, file by file. */
struct check {
	struct arena *arena;
	unsigned style;
	struct search_source source;
	struct search_item next; /* read, but of the next file */
	bool has_next;
	VEC(struct search_item) found; /* matches of the file in the original */
	struct search_reader reader;
	struct search_head counts;
	VEC(uint64_t) shapes, shown; /* of all matches, of those that are shown */
};

static bool is_result(const struct search_item *it)
{
	return it->kind == SEARCH_ITEM_MATCH || it->kind == SEARCH_ITEM_AROUND;
}

/* The next file of the original with all its results, or the next other line. False at the end. */
static bool next_found(struct check *c)
{
	c->found.n = 0;
	if (!c->has_next)
		c->has_next = search_next(&c->source, &c->next);
	while (c->has_next) {
		struct search_item *first = c->found.v;

		if (c->found.n && (!is_result(first) || !is_result(&c->next) ||
					  c->next.is_heading || !str_eq(first->path, c->next.path)))
			break;
		*vec_push(&c->found, c->arena) = c->next;
		c->has_next = search_next(&c->source, &c->next);
	}
	return c->found.n > 0;
}

static str trimmed(const struct check *c, str body)
{
	while ((c->style & SEARCH_TRIMMED) && search_has_margin(body))
		body = str_sub(body, 1, body.n);
	return body;
}

static bool is_same(
	const struct check *c, const struct search_item *found, const struct search_item *shown)
{
	return found->kind == shown->kind && found->number == shown->number &&
	       found->column == shown->column && str_eq(trimmed(c, found->body), shown->body);
}

/* Notes the shapes of a file's matches, and that of those that are shown: they have the same text. */
static void note_shape(struct check *c, const struct search_item *found, bool is_shown)
{
	uint64_t shape;

	if (!(c->style & SEARCH_MORE))
		return;
	shape = search_shape(found->body);
	*vec_push(&c->shapes, c->arena) = shape;
	if (is_shown)
		*vec_push(&c->shown, c->arena) = shape;
}

/* What is shown of a file is in the original, in this order, with the first and the last. */
static bool shows_file(struct check *c, const struct search_group *g)
{
	const struct search_item *found = c->found.v;
	size_t n = c->found.n, at = 0, shown = 0;

	for (size_t i = 0; i < g->items.n; i++) {
		const struct search_item *it = &g->items.v[i];

		if (it->kind == SEARCH_ITEM_MORE)
			continue;
		for (; at < n && !is_same(c, &found[at], it); at++)
			note_shape(c, &found[at], false);
		if (at == n || (!shown && at))
			return false;
		note_shape(c, &found[at++], true);
		shown++;
		c->counts.matches += it->kind == SEARCH_ITEM_MATCH;
	}
	c->counts.lines += n;
	c->counts.files++;
	return at == n && shown + g->more == n;
}

static bool shows_all_files(struct check *c)
{
	while (search_reader_next(&c->reader)) {
		struct search_group *g = &c->reader.group;

		if (!next_found(c))
			return false;
		if (g->is_other != !is_result(c->found.v))
			return false;
		if (g->is_other ? !str_eq(g->path, c->found.v->body)
				: !str_eq(g->path, c->found.v->path))
			return false;
		if (!g->is_other && !shows_file(c, g))
			return false;
	}
	return !c->reader.is_damaged;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Every shape of the original is among those that are shown. */
static bool shows_all_shapes(struct check *c)
{
	size_t k = 0;

	if (!c->shapes.n)
		return true;
	qsort(c->shapes.v, c->shapes.n, sizeof *c->shapes.v, by_value);
	qsort(c->shown.v, c->shown.n, sizeof *c->shown.v, by_value);
	for (size_t i = 0; i < c->shapes.n; i++) {
		while (k < c->shown.n && c->shown.v[k] < c->shapes.v[i])
			k++;
		if (k == c->shown.n || c->shown.v[k] != c->shapes.v[i])
			return false;
	}
	return true;
}

bool search_holds(str original, str text, struct arena *a)
{
	struct check c = {.arena = a};
	struct search_form f;
	size_t end;

	if (!search_form_read(text, &f) || !f.route.n || (f.head.style & SEARCH_LIST) ||
		!str_starts(original, f.before) || !str_ends(original, f.after) ||
		original.n <= f.before.n + f.after.n)
		return false;
	end = original.n - f.after.n;
	if ((original.p[end - 1] == '\n') != f.has_newline)
		return false;
	c.style = f.head.style;
	c.source = (struct search_source){.text = str_sub(original, 0, end),
		.at = f.before.n,
		.style = f.head.style,
		.arena = a};
	search_reader_init(&c.reader, a, f.body, f.head.style);
	if (!shows_all_files(&c) || next_found(&c) || !shows_all_shapes(&c))
		return false;
	if ((c.style & SEARCH_BARE) &&
		(c.source.is_lost || c.counts.matches != f.head.matches || !c.source.left))
		return false;
	return c.counts.lines + c.source.left == f.head.lines &&
	       ((c.style & SEARCH_PATHLESS) || c.counts.files == f.head.files);
}
