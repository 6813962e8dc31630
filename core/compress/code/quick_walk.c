#include "core/compress/code/quick.h"

#include <tree_sitter/parser.h>

#include "core/base/mem.h"

/* ---- one node ---- */

static uint16_t own_symbol(const struct quick_tree *t, struct quick_at at)
{
	return at.alias ? at.alias : t->stack.nodes.v[at.node].symbol;
}

uint16_t quick_symbol(const struct quick_tree *t, struct quick_at at)
{
	return t->language->public_symbol_map[own_symbol(t, at)];
}

static bool is_seen(const struct quick_tree *t, struct quick_at at)
{
	return at.alias || t->language->symbol_metadata[t->stack.nodes.v[at.node].symbol].visible;
}

static bool is_named(const struct quick_tree *t, struct quick_at at)
{
	return is_seen(t, at) && t->language->symbol_metadata[own_symbol(t, at)].named;
}

/* ---- children ---- */

/* The next one, seen or not. False: there is none. */
static bool next_child(const struct quick_tree *t, struct quick_frame *f, struct quick_at *out)
{
	const struct quick_node *p = &t->stack.nodes.v[f->parent.node];
	const TSLanguage *l = t->language;

	if (f->next == p->n)
		return false;
	*out = (struct quick_at){.node = t->stack.children.v[p->children + f->next++]};
	if (t->stack.nodes.v[out->node].is_extra)
		return true;
	if (p->production && f->structural < l->max_alias_sequence_length)
		out->alias = l->alias_sequences[p->production * l->max_alias_sequence_length +
						f->structural];
	f->structural++;
	return true;
}

/* The first node that can be seen, or that has a name, of those that are hidden in one another down there at most. */
static bool first_below(
	const struct quick_tree *t, struct quick_at at, bool has_name, struct quick_at *out)
{
	struct quick_frame f = {.parent = at};

	while (next_child(t, &f, out)) {
		if (has_name ? is_named(t, *out) : is_seen(t, *out))
			return true;
		if (!is_seen(t, *out) && first_below(t, *out, has_name, out))
			return true;
	}
	return false;
}

/* The same where a row of thousands of things is as many nodes within one another. */
static bool first_deep_below(
	const struct quick_tree *t, struct quick_at at, bool has_name, struct quick_at *out)
{
	struct quick_walk w;
	bool has;

	if (!quick_walk_begin(&w, t))
		return false;
	w.at = at;
	has = quick_walk_child(&w);
	while (has && has_name && !is_named(t, w.at))
		has = quick_walk_next(&w);
	*out = w.at;
	quick_walk_end(&w);
	return has;
}

enum { HIDDEN_MAX = 256 }; /* nodes within one another that functions call themselves for */

static bool find_first(
	const struct quick_tree *t, struct quick_at at, bool has_name, struct quick_at *out)
{
	return t->stack.nodes.v[at.node].depth <= HIDDEN_MAX
		       ? first_below(t, at, has_name, out)
		       : first_deep_below(t, at, has_name, out);
}

bool quick_first_named(const struct quick_tree *t, struct quick_at at, struct quick_at *out)
{
	return find_first(t, at, true, out);
}

static bool field_below(const struct quick_tree *t, struct quick_at at, uint16_t field,
	unsigned depth, struct quick_at *out)
{
	const TSLanguage *l = t->language;
	TSMapSlice slice = l->field_map_slices[t->stack.nodes.v[at.node].production];
	const TSFieldMapEntry *e = l->field_map_entries + slice.index, *end = e + slice.length;
	struct quick_frame f = {.parent = at};

	if (!t->stack.nodes.v[at.node].n)
		return false;
	while (e < end && e->field_id < field)
		e++;
	while (end > e && end[-1].field_id > field)
		end--;
	while (e < end && next_child(t, &f, out)) {
		if (t->stack.nodes.v[out->node].is_extra || f.structural - 1 < e->child_index)
			continue;
		if (e->inherited) {
			if (depth && field_below(t, *out, field, depth - 1, out))
				return true;
		} else if (is_seen(t, *out) || find_first(t, *out, false, out)) {
			return true;
		}
		e++;
	}
	return false;
}

bool quick_field(
	const struct quick_tree *t, struct quick_at at, uint16_t field, struct quick_at *out)
{
	return field && t->language->field_count && field_below(t, at, field, HIDDEN_MAX, out);
}

/* ---- the walk ---- */

bool quick_walk_begin(struct quick_walk *w, const struct quick_tree *t)
{
	*w = (struct quick_walk){.tree = t, .at = {.node = t->root}};
	w->frames = mem_alloc(((size_t)t->stack.nodes.v[t->root].depth + 1) * sizeof *w->frames);
	return w->frames;
}

void quick_walk_end(struct quick_walk *w)
{
	mem_free(w->frames);
	w->frames = NULL;
}

/* Goes on from the innermost frame to the next node that can be seen, as far as hidden nodes reach. */
static bool find_next(struct quick_walk *w)
{
	struct quick_at at;

	for (;;) {
		struct quick_frame *f = &w->frames[w->n - 1];

		if (!next_child(w->tree, f, &at)) {
			if (!f->is_hidden)
				return false;
			w->n--;
		} else if (is_seen(w->tree, at)) {
			w->at = at;
			return true;
		} else if (w->tree->stack.nodes.v[at.node].n) {
			w->frames[w->n++] = (struct quick_frame){.parent = at, .is_hidden = true};
		}
	}
}

bool quick_walk_child(struct quick_walk *w)
{
	if (!w->tree->stack.nodes.v[w->at.node].n)
		return false;
	w->frames[w->n++] = (struct quick_frame){.parent = w->at};
	if (find_next(w))
		return true;
	w->n--;
	return false;
}

bool quick_walk_next(struct quick_walk *w)
{
	return w->n && find_next(w);
}

bool quick_walk_parent(struct quick_walk *w)
{
	if (!w->n)
		return false;
	w->at = w->frames[--w->n].parent;
	return true;
}
