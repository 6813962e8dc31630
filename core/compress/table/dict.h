/* dict: pieces of text that strings of a document have in common: beginnings ("https://api.github.com/repos/a/b") and
 * long words ("my-resource-group-of-tests"). A string is written with "$N" in place of them.
 * Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_DICT_H
#define CORE_COMPRESS_TABLE_DICT_H

#include "core/base/buf.h"
#include "core/token/token.h"

enum { DICT_MAX = 24 /* more pieces than that nobody wants to look up */ };

struct dict {
	str v[DICT_MAX + 1]; /* 1 .. n */
	uint32_t n;
	uint64_t hash[DICT_MAX + 1];
	uint8_t slots[4 * DICT_MAX];
};

struct dict_text {
	str text;
	uint32_t n; /* how often it is written */
};

/* The pieces that save tokens in these texts. */
void dict_build(struct dict *d, const struct dict_text *texts, size_t n,
	enum token_encoding encoding, struct token_cache *cache, struct arena *a);
void dict_add(struct dict *d, str piece);

/* text with "$N" for pieces; text itself when there are none. In the arena. */
str dict_shorten(const struct dict *d, str text, struct arena *a);
/* The reverse. */
str dict_expand(const struct dict *d, str text, struct arena *a);
/* True when text holds what would be taken for a piece. */
bool dict_is_ambiguous(const struct dict *d, str text);

#endif
