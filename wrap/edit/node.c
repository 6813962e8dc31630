#include "wrap/edit/node.h"

struct node *node_add(struct arena *a, struct node_doc *d, uint32_t parent, str key)
{
	struct node *n = vec_push(&d->list, a);

	*n = (struct node){.parent = parent, .key = key};
	return n;
}

uint32_t node_child(const struct node_doc *d, uint32_t parent, str key)
{
	for (size_t i = d->list.n; i-- > (size_t)parent + 1;)
		if (d->list.v[i].parent == parent && str_eq(d->list.v[i].key, key))
			return (uint32_t)i;
	return NODE_NONE;
}

uint32_t node_child_n(const struct node_doc *d, uint32_t parent)
{
	uint32_t n = 0;

	for (size_t i = (size_t)parent + 1; i < d->list.n; i++)
		n += d->list.v[i].parent == parent;
	return n;
}

uint32_t node_last_child(const struct node_doc *d, uint32_t parent)
{
	for (size_t i = d->list.n; i-- > (size_t)parent + 1;)
		if (d->list.v[i].parent == parent)
			return (uint32_t)i;
	return NODE_NONE;
}

size_t node_follow(const struct node_doc *d, struct edit_path path, uint32_t *at)
{
	size_t depth = 0;

	*at = 0;
	for (; depth < path.n && d->list.v[*at].kind == NODE_MAP; depth++) {
		uint32_t child = node_child(d, *at, path.part[depth]);

		if (child == NODE_NONE)
			break;
		*at = child;
	}
	return depth;
}

/* Kind, key and, when it has no children of its own, spelling. */
static bool is_alike(const struct node_doc *a, size_t i, const struct node_doc *b, size_t k)
{
	const struct node *x = &a->list.v[i], *y = &b->list.v[k];

	if (x->kind != y->kind)
		return false;
	if (x->kind == NODE_MAP || x->kind == NODE_LIST)
		return true;
	return str_eq(span_str(a->text, x->at), span_str(b->text, y->at));
}

static bool is_below(const struct node_doc *d, size_t i, uint32_t top)
{
	uint32_t p = (uint32_t)i;

	while (p != NODE_NONE && p > top)
		p = d->list.v[p].parent;
	return p == top;
}

/* The next node below top behind i; list.n at the end. */
static size_t next_below(const struct node_doc *d, size_t i, uint32_t top)
{
	do
		i++;
	while (i < d->list.n && !is_below(d, i, top));
	return i;
}

static unsigned depth_below(const struct node_doc *d, size_t i, uint32_t top)
{
	unsigned depth = 0;

	for (; i != top; i = d->list.v[i].parent)
		depth++;
	return depth;
}

bool node_same(const struct node_doc *a, uint32_t i, const struct node_doc *b, uint32_t k)
{
	size_t x, y;

	if (!is_alike(a, i, b, k))
		return false;
	x = next_below(a, i, i);
	y = next_below(b, k, k);
	for (; x < a->list.n && y < b->list.n; x = next_below(a, x, i), y = next_below(b, y, k))
		if (!is_alike(a, x, b, y) || !str_eq(a->list.v[x].key, b->list.v[y].key) ||
			depth_below(a, x, i) != depth_below(b, y, k))
			return false;
	return x == a->list.n && y == b->list.n;
}

/* What a node is to a path: one of its containers, at it or below, or (the numbers from OTHER on, counted in the order of
 * the text) something else. */
enum { ALONG_MAX = 1 << 16, BELOW = ALONG_MAX, OTHER };

static uint32_t *name_nodes(struct arena *a, const struct node_doc *d, struct edit_path path)
{
	uint32_t *name = arena_array(a, uint32_t, d->list.n), others = OTHER;

	name[0] = path.n ? 0 : BELOW;
	for (size_t i = 1; i < d->list.n; i++) {
		const struct node *n = &d->list.v[i];
		uint32_t up = name[n->parent];

		if (up == BELOW)
			name[i] = BELOW;
		else if (up >= OTHER || !str_eq(n->key, path.part[up]) ||
			 d->list.v[n->parent].kind != NODE_MAP)
			name[i] = others++;
		else
			name[i] = up + 1 == path.n ? BELOW : up + 1;
	}
	return name;
}

static size_t next_other(const uint32_t *name, size_t i, size_t n)
{
	while (i < n && name[i] < OTHER)
		i++;
	return i;
}

/* How many of the first kept containers must still be there: those that TOML has for the sake of what is in them go with
 * it. */
static size_t count_lasting(const struct node_doc *d, struct edit_path path, size_t kept)
{
	uint32_t at;
	size_t n = node_follow(d, (struct edit_path){path.part, kept}, &at);

	while (n > 0 && (d->list.v[at].form == NODE_FORM_IMPLICIT ||
				d->list.v[at].form == NODE_FORM_DOTTED)) {
		n--;
		at = d->list.v[at].parent;
	}
	return n;
}

bool node_only_change(struct arena *a, const struct node_doc *before, const struct node_doc *after,
	struct edit_path path, size_t kept)
{
	uint32_t *x = name_nodes(a, before, path), *y = name_nodes(a, after, path), at;
	size_t i = 0, k = 0;

	if (node_follow(after, path, &at) < count_lasting(before, path, kept))
		return false;
	for (;; i++, k++) {
		i = next_other(x, i, before->list.n);
		k = next_other(y, k, after->list.n);
		if (i == before->list.n || k == after->list.n)
			return i == before->list.n && k == after->list.n;
		if (!is_alike(before, i, after, k) ||
			!str_eq(before->list.v[i].key, after->list.v[k].key) ||
			x[before->list.v[i].parent] != y[after->list.v[k].parent])
			return false;
	}
}
