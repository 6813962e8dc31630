/* symbols: what a source file defines, calls and imports, by name. Of a source with errors, what can be read of it.
 * Thread: any; all memory is the caller's arena, but for tree-sitter's. */
#ifndef CORE_COMPRESS_CODE_SYMBOLS_H
#define CORE_COMPRESS_CODE_SYMBOLS_H

#include "core/compress/code/language.h"
#include "core/base/arena.h"

enum code_symbol_kind {
	CODE_SYMBOL_DEFINITION,
	CODE_SYMBOL_TYPE,
	CODE_SYMBOL_CALL,
	CODE_SYMBOL_IMPORT,
	CODE_SYMBOL_MACRO /* a definition, too; its calls are those of its text */
};

struct code_symbol {
	enum code_symbol_kind kind;
	uint32_t first, last; /* lines, from 1 on */
	str name;             /* in the source; of an import all of it */
	str within;           /* the definition around it; empty: none */
};

struct code_symbols {
	struct code_symbol *v;
	uint32_t n;
};

/* False when there is no tree: too large, or memory is short. At most CODE_SYMBOLS_MAX. */
enum { CODE_SYMBOLS_MAX = 1 << 16 };
bool code_symbols(const struct code_language *language, str source, struct arena *a,
	struct code_symbols *out) MUST_CHECK;

/* Each place where that name stands as one in code, not in comments or texts, as a call of it; in the text of a macro, too. False: as above. */
bool code_mentions(const struct code_language *language, str source, str name, struct arena *a,
	struct code_symbols *out) MUST_CHECK;

#endif
