/* quick_dfa: what the lexers of tree-sitter's grammars do, as tables: a token of ASCII is found without a call for each of its characters. Made
 * from the grammars' sources at build time (deps/gen/lexers.mjs). Inner header of quick.c.
 * Owns nothing: constants. Thread: any. */
#ifndef CORE_COMPRESS_CODE_QUICK_DFA_H
#define CORE_COMPRESS_CODE_QUICK_DFA_H

#include "core/compress/code/quick_lex.h"

/* One lexer. */
struct quick_dfa {
	const uint8_t *
		classes; /* of a byte, or of the end: bytes that lead to the same states are one class */
	const uint16_t *accepts; /* by state: the token that may end there */
	const uint16_t *next;    /* by state and class, of which there are 1 << bits */
	unsigned states, bits;
};

/* Those of a grammar. */
struct quick_lexers {
	struct quick_dfa tokens, keywords;
};
extern const struct quick_lexers quick_lexers_bash, quick_lexers_c, quick_lexers_c_sharp,
	quick_lexers_cpp, quick_lexers_go, quick_lexers_java, quick_lexers_javascript,
	quick_lexers_php, quick_lexers_python, quick_lexers_ruby, quick_lexers_rust,
	quick_lexers_tsx, quick_lexers_typescript;

/* Does what a call of lex does from there on, as quick_lex.h has it, of which d is the table. False: no token. */
bool quick_dfa_run(const struct quick_dfa *d, bool (*lex)(TSLexer *, TSStateId),
	struct quick_lexer *x, uint32_t at, uint16_t state);

#endif
