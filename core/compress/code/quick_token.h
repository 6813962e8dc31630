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
	struct quick_token last, none;
	uint32_t last_position, last_scanned;
	bool has_last;
	uint32_t root;
	bool has_root, gives_up;
};

/* An entry of the tables that was looked for lately. */
struct quick_memo {
	uint32_t key; /* 0: empty */
	uint32_t value;
};
enum { QUICK_MEMO_N = QUICK_MEMO_BYTES / sizeof(struct quick_memo) };
_Static_assert(QUICK_MEMO_N == 1 << 12, "the shift below leaves 12 bits");

/* Of a state whose row is a list. */
uint32_t quick_look_up_small(const TSLanguage *l, uint16_t state, uint16_t symbol);

/* Of a symbol that is a token, the place of its actions; of another, the next state. */
static inline uint32_t quick_look_up(const struct quick_reading *r, uint16_t state, uint16_t symbol)
{
	const TSLanguage *l = r->language;
	uint32_t key = ((uint32_t)state << 16 | symbol) + 1;
	struct quick_memo *m;

	if (state < l->large_state_count)
		return l->parse_table[state * l->symbol_count + symbol];
	m = &r->memo[(key * 0x9E3779B1U) >> 20];
	if (UNLIKELY(m->key != key))
		*m = (struct quick_memo){key, quick_look_up_small(l, state, symbol)};
	return m->value;
}

static inline struct quick_actions quick_actions_of(
	const struct quick_reading *r, uint16_t state, uint16_t symbol)
{
	const TSParseActionEntry *e;

	if (UNLIKELY(symbol >= r->language->token_count))
		return (struct quick_actions){0};
	e = &r->language->parse_actions[quick_look_up(r, state, symbol)];
	return (struct quick_actions){
		(const TSParseAction *)(const void *)(e + 1), e->entry.count, e->entry.reusable};
}

static inline uint16_t quick_next_state(
	const struct quick_reading *r, uint16_t state, uint16_t symbol)
{
	struct quick_actions a;

	if (LIKELY(symbol >= r->language->token_count))
		return symbol == QUICK_ERROR ? 0 : (uint16_t)quick_look_up(r, state, symbol);
	a = quick_actions_of(r, state, symbol);
	if (!a.n || a.v[a.n - 1].type != TSParseActionTypeShift)
		return 0;
	return a.v[a.n - 1].shift.extra ? state : a.v[a.n - 1].shift.state;
}

bool quick_is_reserved(const TSLanguage *l, uint16_t state, uint16_t symbol);

/* The token behind that head, until the next is asked for, and what may be done before it. The last one is found again where it would be the
 * same. */
const struct quick_token *quick_next_token(
	struct quick_reading *r, const struct quick_head *h, struct quick_actions *a);
const struct quick_token *quick_next_token_anew(
	struct quick_reading *r, const struct quick_head *h, struct quick_actions *a);

#endif
