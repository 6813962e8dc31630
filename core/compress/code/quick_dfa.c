#include "core/compress/code/quick_dfa.h"

#include "lexers.h"

enum {
	END = 256, /* what stands behind the last byte */
	/* where the entry of a state and a class leads to: a state and STATES, and what is done on the way */
	SKIPS = 0x8000,   /* the byte is none of the token */
	ACCEPTS = 0x4000, /* a token may end in that state */
	NOWHERE = 0,
	ASKS = 1, /* the lexer has to be asked */
	STATES = 2,
	NONE = UINT16_MAX, /* of a state: no token may end there */
};

#define LEXERS(name) const struct quick_lexers quick_lexers_##name = {name##_lex, name##_keywords}
LEXERS(bash);
LEXERS(c);
LEXERS(c_sharp);
LEXERS(cpp);
LEXERS(go);
LEXERS(java);
LEXERS(javascript);
LEXERS(php);
LEXERS(python);
LEXERS(ruby);
LEXERS(rust);
LEXERS(tsx);
LEXERS(typescript);

bool quick_dfa_run(const struct quick_dfa *d, bool (*lex)(TSLexer *, TSStateId),
	struct quick_lexer *x, uint32_t at, uint16_t state)
{
	uint32_t n = x->n, start, end;
	uint16_t accepted = d->accepts[state];
	const uint16_t *row = d->next + ((size_t)state << d->bits);
	unsigned to;

	at = start = end = at ? at : x->first;
	for (;;) {
		unsigned c = at < n ? x->text[at] : END;
		unsigned entry = row[d->classes[c]];

		to = entry & (ACCEPTS - 1);
		if (to < STATES)
			break;
		state = (uint16_t)(to - STATES);
		row = d->next + ((size_t)state << d->bits);
		at += c != END;
		while (at < n && row[d->classes[x->text[at]]] == entry)
			at++;
		if (entry & SKIPS && c != END)
			start = at;
		if (entry & ACCEPTS) {
			accepted = d->accepts[state];
			end = at;
		}
	}
	x->at = at;
	x->start = start;
	if (to == ASKS)
		quick_lex_load(x);
	x->has_end = accepted != NONE;
	x->end = end;
	x->face.result_symbol = accepted;
	return (to == ASKS && lex(&x->face, state)) || accepted != NONE;
}
