/* tree: the syntax tree of a source, and what the table of languages says of its nodes. The one user of tree-sitter's parser.
 * Owns: the tree, from open to close. Between these nothing may be taken from an arena: running out of memory would leave
 * the tree behind. Thread: one at a time. */
#ifndef CORE_COMPRESS_CODE_TREE_H
#define CORE_COMPRESS_CODE_TREE_H

#include <tree_sitter/api.h>

#include "core/base/arena.h"
#include "core/compress/code/language.h"

/* A row of the table of languages, by the numbers of its grammar. */
struct code_grammar {
	const struct code_language *language;
	const uint16_t *roles; /* by symbol, symbols of them */
	uint32_t symbols;
	TSFieldId body, name, declarator;
};
void code_grammar_read(
	struct code_grammar *g, const struct code_language *language, struct arena *a);

struct code_tree {
	const struct code_grammar *grammar;
	str source;
	TSTree *tree;
};

/* False when the source is too large, memory is short, or it does not parse; one with errors only where it may fail. */
bool code_tree_open(
	struct code_tree *t, const struct code_grammar *g, str source, bool may_fail) MUST_CHECK;
void code_tree_close(struct code_tree *t);

/* A set of enum code_role. */
unsigned code_tree_role(const struct code_tree *t, TSNode node);
str code_tree_text(const struct code_tree *t, TSNode node);
/* The name of a definition; empty when it has none, or a long one. */
str code_tree_name(const struct code_tree *t, TSNode node);

/* From 0 on. */
uint32_t code_first_line(TSNode node);
uint32_t code_last_line(TSNode node);

#endif
