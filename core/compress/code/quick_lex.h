/* quick_lex: the source as the lexers and scanners of tree-sitter's grammars want to read it, character by character.
 * Owns nothing: the source is the caller's. Thread: one at a time. */
#ifndef CORE_COMPRESS_CODE_QUICK_LEX_H
#define CORE_COMPRESS_CODE_QUICK_LEX_H

#include <tree_sitter/api.h>
#include <tree_sitter/parser.h>

#include "core/base/str.h"

struct quick_lexer {
	TSLexer face; /* what a grammar sees of it; has to be the first */
	const unsigned char *text;
	uint32_t n, at;
	uint32_t first; /* behind a byte order mark, which is a blank before the first token */
	uint32_t width; /* of the character at that place, in bytes; 0: the end */
	uint32_t start, end;
	bool has_end;
};

/* source: well-formed UTF-8, less than 4 GB. */
void quick_lex_init(struct quick_lexer *x, str source);
/* Before a lexer is called: the next token, with the blanks before it, begins at that place. */
void quick_lex_begin(struct quick_lexer *x, uint32_t at);
/* When a lexer is called in the midst of a token, for which at and start were set. */
void quick_lex_load(struct quick_lexer *x);
/* When it has found a token: start and end are its own. */
void quick_lex_finish(struct quick_lexer *x);

#endif
