/* recount: the tokens of a text after an edit, without counting it all again. Thread: that of the cache. */
#ifndef CORE_TOKEN_RECOUNT_H
#define CORE_TOKEN_RECOUNT_H

#include "core/token/token.h"

/* Tokens of old with [at.start, at.end) replaced by text, when old has old_count of them: only the
 * pieces that the change touches are counted again. */
size_t token_recount(enum token_encoding e, str old, size_t old_count, struct span at, str text,
	struct token_cache *cache);

#endif
