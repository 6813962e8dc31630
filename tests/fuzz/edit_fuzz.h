/* What the fuzz targets of the config editor check: any text is refused or spliced so that one value changes, and what was
 * set can be taken away again. */
#ifndef TESTS_FUZZ_EDIT_FUZZ_H
#define TESTS_FUZZ_EDIT_FUZZ_H

#include "core/base/check.h"
#include "wrap/edit/format.h"

enum { EDIT_FUZZ_MAX = 1 << 13, EDIT_FUZZ_PATHS = 6 };

/* Every place is within the text and every parent before its children. */
static inline void check_nodes(const struct node_doc *d)
{
	for (size_t i = 0; i < d->list.n; i++) {
		const struct node *n = &d->list.v[i];

		ASSERT(i == 0 ? n->parent == NODE_NONE : n->parent < i);
		ASSERT(n->at.start <= n->at.end && n->at.end <= d->text.n);
		ASSERT(n->key_at.start <= n->key_at.end && n->key_at.end <= d->text.n);
		ASSERT(n->line_at.start <= n->line_at.end && n->line_at.end <= d->text.n);
	}
}

/* The path of node i by its keys; n is 0 when it goes through a list. */
static inline struct edit_path path_of_node(struct arena *a, const struct node_doc *d, size_t i)
{
	VEC(str) parts = {0};
	struct edit_path p = {NULL, 0};

	for (uint32_t at = (uint32_t)i; at != 0; at = d->list.v[at].parent) {
		if (d->list.v[d->list.v[at].parent].kind != NODE_MAP)
			return p;
		*vec_push(&parts, a) = d->list.v[at].key;
	}
	for (size_t k = 0; k < parts.n / 2; k++) {
		str t = parts.v[k];

		parts.v[k] = parts.v[parts.n - 1 - k];
		parts.v[parts.n - 1 - k] = t;
	}
	return (struct edit_path){parts.v, parts.n};
}

static inline void check_set(struct arena *a, const struct edit_format *f, const struct node_doc *d,
	struct edit_path path, str literal)
{
	struct edit_set set = {.format = f, .path = path, .literal = literal};
	struct errctx cx = {0};
	struct edit_change c;
	str value, back;
	uint32_t at;
	bool had = node_follow(d, path, &at) == path.n;

	if (edit_set(a, d->text, &set, &c, &cx)) {
		ASSERT(cx.code && cx.text[0]);
		return;
	}
	ASSERT(c.kept <= path.n && had == (c.kept == path.n));
	ASSERT(edit_get(a, f, c.text, path, &value, &cx) == E_OK);
	ASSERT(edit_same_value(a, f, value, c.literal));
	if (had || edit_remove(a, f, c.text, path, c.kept, &back, &cx))
		return;
	ASSERT(edit_get(a, f, back, path, &value, &cx) == E_NOT_FOUND);
}

static inline int fuzz_format(
	const struct edit_format *f, str text, struct edit_path new_path, str literal)
{
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	struct node_doc d = {.text = text};

	if (text.n > EDIT_FUZZ_MAX)
		return 0;
	if (f->parse(&a, text, &d, &cx) == E_OK) {
		check_nodes(&d);
		check_set(&a, f, &d, new_path, literal);
		for (size_t i = 1; i < d.list.n && i <= EDIT_FUZZ_PATHS; i++) {
			struct edit_path path = path_of_node(&a, &d, i);
			str out;

			if (!path.n)
				continue;
			check_set(&a, f, &d, path, literal);
			(void)!edit_remove(&a, f, text, path, path.n, &out, &cx);
		}
	} else {
		ASSERT(cx.code && cx.text[0]);
	}
	arena_release(&a);
	return 0;
}

#endif
