#include "core/compress/search/elide.h"
#include "core/compress/search/form.h"

enum { SLOTS_FIRST = 256 };

/* A shape of matches, and whether one of them is shown. */
struct noted {
	uint64_t shape;
	bool is_there, is_shown; /* is_there: else the slot is free */
};

/* Open addressing: shapes are hashes already. slots_n: a power of two. */
struct shapes {
	struct noted *slots;
	size_t slots_n, n;
};

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
	struct shapes shapes; /* of all matches */
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

static struct noted *slot_of(const struct shapes *s, uint64_t shape)
{
	size_t i = (size_t)(shape >> 32 ^ shape) & (s->slots_n - 1);

	while (s->slots[i].is_there && s->slots[i].shape != shape)
		i = (i + 1) & (s->slots_n - 1);
	return &s->slots[i];
}

static void grow(struct shapes *s, struct arena *a)
{
	struct shapes old = *s;

	s->slots_n = old.slots_n ? old.slots_n * 2 : SLOTS_FIRST;
	s->slots = arena_array(a, struct noted, s->slots_n);
	for (size_t i = 0; i < old.slots_n; i++)
		if (old.slots[i].is_there)
			*slot_of(s, old.slots[i].shape) = old.slots[i];
}

/* Notes the shapes of a file's matches, and that of those that are shown: they have the same text. */
static void note_shape(struct check *c, const struct search_item *found, bool is_shown)
{
	struct noted *slot;
	uint64_t shape;

	if (!(c->style & SEARCH_MORE))
		return;
	if (c->shapes.n * 2 >= c->shapes.slots_n)
		grow(&c->shapes, c->arena);
	shape = search_shape(found->body);
	slot = slot_of(&c->shapes, shape);
	c->shapes.n += !slot->is_there;
	slot->shape = shape;
	slot->is_there = true;
	slot->is_shown |= is_shown;
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

/* Every shape of the original is among those that are shown. */
static bool shows_all_shapes(const struct check *c)
{
	for (size_t i = 0; i < c->shapes.slots_n; i++)
		if (c->shapes.slots[i].is_there && !c->shapes.slots[i].is_shown)
			return false;
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
