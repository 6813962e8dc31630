/* term: the words of a question that may name something in a document. Which of them mean something, the document tells: they are in
 * few of its values. Owns: nothing; slices of the question. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_TERM_H
#define CORE_COMPRESS_TABLE_TERM_H

#include "core/base/str.h"

enum { TERMS_MAX = 8 /* the first of a question; bits of a set */ };

struct terms {
	str v[TERMS_MAX];
	size_t n;
};

/* Words of three bytes and more, without the signs that end a sentence. */
void terms_find(struct terms *t, str query);
/* A set: bit i for term i, where the text has it as a word of its own. */
unsigned terms_in(const struct terms *t, str text);

#endif
