/* tree: the syntax tree of a source, and what the table of languages says of its nodes. It is read quickly (quick.h) where the source has no
 * error, else by tree-sitter's parser, of which this is the one user; nothing in it says by which.
 * Owns: the tree, from open to close. Between these nothing may be taken from an arena: running out of memory would leave
 * the tree behind. Thread: one at a time. */
#ifndef CORE_COMPRESS_CODE_TREE_H
#define CORE_COMPRESS_CODE_TREE_H

#include <tree_sitter/api.h>

#include "core/base/arena.h"
#include "core/compress/code/language.h"
#include "core/compress/code/quick.h"

/* A row of the table of languages, by the numbers of its grammar. */
struct code_grammar {
	const struct code_language *language;
	const uint16_t *roles; /* by symbol, symbols of them */
	uint32_t symbols;
	TSFieldId body, name, declarator;
	void *memo; /* of quick.h */
};
void code_grammar_read(
	struct code_grammar *g, const struct code_language *language, struct arena *a);

struct code_tree {
	const struct code_grammar *grammar;
	str source;
	TSTree *tree; /* NULL: read quickly */
	struct quick_tree quick;
	uint32_t *rows; /* where the lines begin, rows_n of them */
	uint32_t rows_n;
};

/* False when the source is too large, memory is short, or it does not parse; one with errors only where it may fail. */
bool code_tree_open(
	struct code_tree *t, const struct code_grammar *g, str source, bool may_fail) MUST_CHECK;
/* The same where it can be read quickly, which is where it has no error. */
bool code_tree_open_quick(struct code_tree *t, const struct code_grammar *g, str source) MUST_CHECK;
/* The same by tree-sitter alone. */
bool code_tree_open_slow(
	struct code_tree *t, const struct code_grammar *g, str source, bool may_fail) MUST_CHECK;
void code_tree_close(struct code_tree *t);

struct code_node {
	uint32_t start, end; /* bytes */
	bool is_none;        /* there is none */
	TSNode slow;
	struct quick_at quick;
};

struct code_node code_tree_root(const struct code_tree *t);
struct code_node code_tree_field(const struct code_tree *t, struct code_node node, TSFieldId field);
/* The first child that has a name. */
struct code_node code_tree_child(const struct code_tree *t, struct code_node node);

/* A set of enum code_role. */
unsigned code_tree_role(const struct code_tree *t, struct code_node node);
str code_tree_text(const struct code_tree *t, struct code_node node);
/* The name of a definition; empty when it has none, or a long one. */
str code_tree_name(const struct code_tree *t, struct code_node node);
bool code_tree_has_error(const struct code_tree *t, struct code_node node);

/* From 0 on. */
uint32_t code_first_line(const struct code_tree *t, struct code_node node);
uint32_t code_last_line(const struct code_tree *t, struct code_node node);
/* Bytes of its first line that stand before it. */
uint32_t code_column(const struct code_tree *t, struct code_node node);

/* A walk through all nodes, from the root on. */
struct code_walk {
	const struct code_tree *tree;
	TSTreeCursor slow;
	struct quick_walk quick;
};
bool code_walk_begin(struct code_walk *w, const struct code_tree *t) MUST_CHECK;
void code_walk_end(struct code_walk *w);
struct code_node code_walk_node(const struct code_walk *w);
/* False where there is none; the walk stays where it was. */
bool code_walk_child(struct code_walk *w) MUST_CHECK;
bool code_walk_next(struct code_walk *w) MUST_CHECK;
bool code_walk_parent(struct code_walk *w) MUST_CHECK;

#endif
