/* quick: the syntax tree of a source that has no error, read with the tables of a grammar as tree-sitter reads it: with the same lexers, the
 * same ways that are followed where a text can be read in several, and the same choice between them. What makes tree-sitter
 * slow is left out: nodes that are counted and freed one by one, positions as lines and columns, edits, errors. Where there is any
 * doubt there is no tree, and whoever asked lets tree-sitter try.
 * Owns: the tree, from read to free. Thread: one at a time. */
#ifndef CORE_COMPRESS_CODE_QUICK_H
#define CORE_COMPRESS_CODE_QUICK_H

#include <tree_sitter/api.h>

#include "core/base/str.h"
#include "core/compress/code/quick_stack.h"

/* Where an action is, by state and symbol: a table of those that were looked up lately. */
struct quick_memo;

/* What its lexers do (quick_dfa.h). */
struct quick_lexers;

struct quick_tree {
	const TSLanguage *language;
	struct quick_stack stack; /* of which nodes and children are left */
	uint32_t root;
};

enum { QUICK_MEMO_BYTES = 1 << 15 };

/* lexers: those of l. memo: QUICK_MEMO_BYTES, used with this language alone, 0 everywhere before. False, and nothing to free: the source has an error, or
 * may have one, or memory is short. source: less than 1 GB. */
bool quick_read(struct quick_tree *t, const TSLanguage *l, const struct quick_lexers *lexers,
	str source, void *memo) MUST_CHECK;
void quick_free(struct quick_tree *t);

/* A node with what is known of it from above. */
struct quick_at {
	uint32_t node;
	uint16_t alias; /* what its parent calls it; 0: as it is called itself */
};

/* As those of tree-sitter: the number that nodes of a kind share. */
uint16_t quick_symbol(const struct quick_tree *t, struct quick_at at);
/* The child in that field, or the first that can be seen in it. False: none. */
bool quick_field(
	const struct quick_tree *t, struct quick_at at, uint16_t field, struct quick_at *out);
/* The first child that has a name. False: none. */
bool quick_first_named(const struct quick_tree *t, struct quick_at at, struct quick_at *out);

/* A walk through the nodes that can be seen. */
struct quick_frame {
	struct quick_at parent;
	uint32_t next, structural; /* the next child; how many before it are no extras */
	bool is_hidden;            /* the parent cannot be seen */
};
struct quick_walk {
	const struct quick_tree *tree;
	struct quick_frame *frames; /* on the heap: as many as the tree is deep */
	uint32_t n;
	struct quick_at at;
};
bool quick_walk_begin(struct quick_walk *w, const struct quick_tree *t) MUST_CHECK;
void quick_walk_end(struct quick_walk *w);
/* False where there is none; the walk stays where it was. */
bool quick_walk_child(struct quick_walk *w) MUST_CHECK;
bool quick_walk_next(struct quick_walk *w) MUST_CHECK;
bool quick_walk_parent(struct quick_walk *w) MUST_CHECK;

#endif
