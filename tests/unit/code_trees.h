/* code_trees: whether two syntax trees of a source say the same, node by node with their fields: one of tree-sitter's, one that was read
 * quickly (core/compress/code/quick.h). For tests, and for bench/bench_code_quick.c. */
#ifndef TESTS_UNIT_CODE_TREES_H
#define TESTS_UNIT_CODE_TREES_H

#include "core/base/check.h"
#include "core/compress/code/tree.h"

static inline bool is_same_field(const struct code_tree *x, const struct code_tree *y,
	struct code_node a, struct code_node b, TSFieldId field)
{
	struct code_node p = code_tree_field(x, a, field), q = code_tree_field(y, b, field);

	return p.is_none == q.is_none && p.start == q.start && p.end == q.end;
}

static inline bool is_same_node(const struct code_tree *x, const struct code_tree *y,
	struct code_node a, struct code_node b)
{
	uint32_t fields = ts_language_field_count(x->grammar->language->grammar());
	struct code_node p = code_tree_child(x, a), q = code_tree_child(y, b);

	if (a.start != b.start || a.end != b.end || p.is_none != q.is_none || p.start != q.start ||
		ts_node_symbol(a.slow) != quick_symbol(&y->quick, b.quick) ||
		code_first_line(x, a) != code_first_line(y, b) ||
		code_last_line(x, a) != code_last_line(y, b) ||
		code_column(x, a) != code_column(y, b))
		return false;
	for (uint32_t i = 1; i <= fields; i++)
		if (!is_same_field(x, y, a, b, (TSFieldId)i))
			return false;
	return true;
}

/* The first place where two trees differ; UINT32_MAX: none. */
static inline uint32_t first_difference(const struct code_tree *x, const struct code_tree *y)
{
	struct code_walk w, v;
	uint32_t at = UINT32_MAX;
	bool is_going = true;

	ASSERT(code_walk_begin(&w, x));
	ASSERT(code_walk_begin(&v, y));
	while (is_going) {
		struct code_node a = code_walk_node(&w), b = code_walk_node(&v);
		bool has, has_too;

		if (!is_same_node(x, y, a, b)) {
			at = a.start;
			break;
		}
		has = code_walk_child(&w);
		has_too = code_walk_child(&v);
		while (has == has_too && !has && is_going) {
			has = code_walk_next(&w);
			has_too = code_walk_next(&v);
			if (has || has_too)
				break;
			is_going = code_walk_parent(&w);
			ASSERT(code_walk_parent(&v) == is_going);
		}
		if (has != has_too) {
			at = a.start;
			break;
		}
	}
	code_walk_end(&w);
	code_walk_end(&v);
	return at;
}

#endif
