#include "core/compress/code/quick_token.h"

#include <string.h>

enum {
	STATE_ERROR = 0,          /* in which tokens of all kinds are looked for */
	NO_LEXER = UINT16_MAX,    /* of a lex state: a reduction comes before the next token */
	ABI_RESERVED = 15,        /* from here on languages have reserved words */
	SCANNED_BYTES_MAX = 1024, /* TREE_SITTER_SERIALIZATION_BUFFER_SIZE */
};

/* ---- tables ---- */

uint32_t quick_look_up_small(const TSLanguage *l, uint16_t state, uint16_t symbol)
{
	const uint16_t *p =
		&l->small_parse_table[l->small_parse_table_map[state - l->large_state_count]];

	for (unsigned groups = *p++; groups; groups--) {
		uint16_t value = *p++;

		for (unsigned n = *p++; n; n--)
			if (*p++ == symbol)
				return value;
	}
	return 0;
}

static TSLexerMode mode_of(const TSLanguage *l, uint16_t state)
{
	TSLexMode old;

	if (l->abi_version >= ABI_RESERVED)
		return l->lex_modes[state];
	old = ((const TSLexMode *)(const void *)l->lex_modes)[state];
	return (TSLexerMode){old.lex_state, old.external_lex_state, 0};
}

bool quick_is_reserved(const TSLanguage *l, uint16_t state, uint16_t symbol)
{
	TSLexerMode mode = mode_of(l, state);
	const uint16_t *set;

	if (!mode.reserved_word_set_id)
		return false;
	set = l->reserved_words + mode.reserved_word_set_id * l->max_reserved_word_set_size;
	for (unsigned i = 0; i < l->max_reserved_word_set_size && set[i]; i++)
		if (set[i] == symbol)
			return true;
	return false;
}

/* ---- tokens ---- */

static bool scan(struct quick_reading *r, uint16_t state, uint16_t external, uint32_t at,
	uint32_t scanned, bool is_error, struct quick_token *t)
{
	const TSLanguage *l = r->language;
	const struct quick_state *s = &r->stack->states.v[scanned];
	char bytes[SCANNED_BYTES_MAX];
	uint32_t n;

	quick_lex_begin(&r->lexer, at);
	l->external_scanner.deserialize(
		r->scanner, s->n ? r->stack->bytes.v + s->from : NULL, s->n);
	if (!l->external_scanner.scan(r->scanner, &r->lexer.face,
		    l->external_scanner.states + l->external_token_count * external))
		return false;
	quick_lex_finish(&r->lexer);
	n = l->external_scanner.serialize(r->scanner, bytes);
	t->symbol = l->external_scanner.symbol_map[r->lexer.face.result_symbol];
	t->scanned = quick_state_add(r->stack, bytes, n, scanned);
	t->is_scanned = true;
	/* one that takes nothing and changes nothing would be found for ever */
	return r->lexer.end > at || t->scanned != scanned ||
	       !(is_error || quick_next_state(r, state, t->symbol) == state);
}

/* A word may be a keyword where one can stand. */
static void find_keyword(struct quick_reading *r, uint16_t state, struct quick_token *t)
{
	const TSLanguage *l = r->language;
	uint16_t symbol;

	t->is_keyword =
		quick_dfa_run(&r->lexers->keywords, l->keyword_lex_fn, &r->lexer, t->start, 0);
	symbol = r->lexer.face.result_symbol;
	if (t->is_keyword && r->lexer.has_end && r->lexer.end == t->end &&
		(quick_look_up(r, state, symbol) || quick_is_reserved(l, state, symbol)))
		t->symbol = symbol;
}

/* What is found there in the mode of a state. False: nothing. */
static bool lex_in(struct quick_reading *r, uint16_t state, TSLexerMode mode, bool is_error,
	uint32_t at, uint32_t scanned, struct quick_token *t)
{
	const TSLanguage *l = r->language;

	*t = (struct quick_token){.state = state, .scanned = scanned};
	if (mode.external_lex_state &&
		scan(r, state, mode.external_lex_state, at, scanned, is_error, t)) {
		t->start = r->lexer.start;
		t->end = r->lexer.end;
		return true;
	}
	t->is_scanned = false;
	t->scanned = scanned;
	if (!quick_dfa_run(&r->lexers->tokens, l->lex_fn, &r->lexer, at, mode.lex_state))
		return false;
	quick_lex_finish(&r->lexer);
	t->symbol = r->lexer.face.result_symbol;
	t->start = r->lexer.start;
	t->end = r->lexer.end;
	if (t->symbol && t->symbol == l->keyword_capture_token)
		find_keyword(r, state, t);
	return true;
}

/* True when the last token is the one that would be found in that state, too. */
static bool is_same_token(const struct quick_reading *r, uint16_t state, struct quick_actions a)
{
	const struct quick_token *t = &r->last;
	TSLexerMode now = mode_of(r->language, state), then = mode_of(r->language, t->state);

	if (now.lex_state == NO_LEXER)
		return false;
	if (a.n && now.lex_state == then.lex_state &&
		now.external_lex_state == then.external_lex_state &&
		now.reserved_word_set_id == then.reserved_word_set_id &&
		(t->symbol != r->language->keyword_capture_token ||
			(!t->is_keyword && t->state == state)))
		return true;
	if (t->start == t->end && t->symbol != QUICK_END)
		return false;
	return !now.external_lex_state && a.is_reusable;
}

const struct quick_token *quick_next_token_anew(
	struct quick_reading *r, const struct quick_head *h, struct quick_actions *a)
{
	const struct quick_place *p = &r->stack->places.v[h->place];
	uint16_t state = p->state;
	uint32_t position = p->position;
	TSLexerMode mode = mode_of(r->language, state);

	if (mode.lex_state == NO_LEXER) {
		r->none = (struct quick_token){
			.state = state, .scanned = h->scanned, .is_none = true};
		*a = quick_actions_of(r, state, QUICK_END);
		return &r->none;
	}
	r->has_last = true;
	if (!lex_in(r, state, mode, false, position, h->scanned, &r->last) &&
		!lex_in(r, state, mode_of(r->language, STATE_ERROR), true, position, h->scanned,
			&r->last)) {
		r->last.symbol = QUICK_ERROR;
		r->has_last = false;
	}
	*a = quick_actions_of(r, state, r->last.symbol);
	r->last_position = position;
	r->last_scanned = h->scanned;
	return &r->last;
}

const struct quick_token *quick_next_token(
	struct quick_reading *r, const struct quick_head *h, struct quick_actions *a)
{
	const struct quick_place *p = &r->stack->places.v[h->place];

	if (r->has_last && r->last_position == p->position &&
		quick_state_same(r->stack, r->last_scanned, h->scanned)) {
		*a = quick_actions_of(r, p->state, r->last.symbol);
		if (is_same_token(r, p->state, *a))
			return &r->last;
	}
	return quick_next_token_anew(r, h, a);
}
