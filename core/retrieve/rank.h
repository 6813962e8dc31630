/* rank: which of many short texts fit some words best: Okapi BM25 (Robertson and Zaragoza, "The Probabilistic
 * Relevance Framework", 2009, eq. 3.15), with a bonus for texts that hold the words just as they were given.
 * Words are runs of ASCII letters, digits, '_' and bytes from 0x80 on, without case. Internal to core/retrieve.
 * Thread: any. */
#ifndef CORE_RETRIEVE_RANK_H
#define CORE_RETRIEVE_RANK_H

#include "core/base/arena.h"

/* The next word of *rest, and a hash of it without case; false at the end. Words of more than 64 bytes are told apart by
 * their beginning. */
bool rank_next_word(str *rest, str *word, uint64_t *hash) MUST_CHECK;

/* Scores of n texts into the arena; 0 for those that hold none of the words. Linear in the bytes. */
double *rank_texts(const str *texts, size_t n, str query, struct arena *a) RETURNS_NONNULL;

#endif
