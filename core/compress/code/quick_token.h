/* quick_token: the next token of a source in a state of its grammar's automaton, and what may be done there; both from tree-sitter's
 * tables. Inner header of quick.c.
 * Owns nothing. Thread: one at a time. */
#ifndef CORE_COMPRESS_CODE_QUICK_TOKEN_H
#define CORE_COMPRESS_CODE_QUICK_TOKEN_H

#include "core/compress/code/quick.h"
#include "core/compress/code/quick_dfa.h"

enum {
	QUICK_END = 0,            /* the symbol of the end of a source */
	QUICK_ERROR = UINT16_MAX, /* that of what is no token */
};

/* A token, before it is a node of one of the ways. */
struct quick_token {
	uint32_t start, end;
	uint32_t scanned; /* the scanner's state behind it */
	uint16_t symbol, state;
	bool is_keyword, is_scanned;
	bool is_none; /* a reduction comes before the next token */
};

/* What may be done in a state before a symbol. */
struct quick_actions {
	const TSParseAction *v;
	unsigned n;
	bool is_reusable;
};

struct quick_reading {
	const TSLanguage *language;
	const struct quick_lexers *lexers;
	struct quick_lexer lexer;
	struct quick_stack *stack;
	struct quick_memo *memo;
	void *scanner;
	/* the last token, and what was before it */
	struct quick_token last;
	uint32_t last_position, last_scanned;
	bool has_last;
	uint32_t root;
	bool has_root, gives_up;
};

struct quick_actions quick_actions_of(
	const struct quick_reading *r, uint16_t state, uint16_t symbol);
uint16_t quick_next_state(const struct quick_reading *r, uint16_t state, uint16_t symbol);
bool quick_is_reserved(const TSLanguage *l, uint16_t state, uint16_t symbol);

/* The token behind that head, and what may be done with it. The last one is found again where it would be the same. */
struct quick_token quick_next_token(
	struct quick_reading *r, const struct quick_head *h, struct quick_actions *a);
struct quick_token quick_next_token_anew(
	struct quick_reading *r, const struct quick_head *h, struct quick_actions *a);

#endif
