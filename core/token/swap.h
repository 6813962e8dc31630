/* swap: a text whose separators may be one sign or another, counted with each of them: what the signs cannot change is
 * counted once, and of the rest what is short is remembered.
 * Owns: nothing; all in the caller's arena, with the cache borrowed. Thread: one. */
#ifndef CORE_TOKEN_SWAP_H
#define CORE_TOKEN_SWAP_H

#include "core/token/token.h"

struct token_swap;

/* sign: that which stands at all separators of the text. It and those that it is swapped for: of ASCII, neither letter
 * nor digit nor apostrophe. cache may be NULL. NULL: the text is no valid UTF-8, count it as it is. */
struct token_swap *token_swap_new(
	enum token_encoding e, str text, char sign, struct token_cache *cache, struct arena *a);
/* token_count of the text with that sign at its separators. */
size_t token_swap_count(struct token_swap *s, char sign);

#endif
