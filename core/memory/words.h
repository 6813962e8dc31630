/* words: a text as the words that a search compares: letters and digits in runs, lower case, without the
 * words that are everywhere, cut to their stems, so that "deploys" finds "deployment". English endings; words of other
 * languages pass as they are. Owns: nothing. Thread: any. */
#ifndef CORE_MEMORY_WORDS_H
#define CORE_MEMORY_WORDS_H

#include "core/base/str.h"

enum { MEMORY_WORD_MAX = 48 }; /* bytes of a stem; longer words (hashes, base64) are cut there */

struct memory_word {
	char text[MEMORY_WORD_MAX];
	size_t n;
};

static inline str memory_word_str(const struct memory_word *w)
{
	return (str){w->text, w->n};
}

/* The next word of *rest that is not everywhere; false at the end. A name that is written together
 * ("memory_store", "memoryStore") is its parts. */
bool memory_word_next(str *rest, struct memory_word *out);
/* The same before it is cut to its stem. */
bool memory_token_next(str *rest, struct memory_word *out);

#endif
