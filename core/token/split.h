/* split: the first step of both encodings: text into pieces (words, numbers, runs of signs or of
 * white space) that are encoded one by one. The patterns are regular expressions in the npm
 * tokenizers; here they are written by hand, in split.c. Where a piece ends depends on the text
 * behind it only, not on the text before it. Borrows the text. Thread: any. */
#ifndef CORE_TOKEN_SPLIT_H
#define CORE_TOKEN_SPLIT_H

#include "core/base/str.h"
#include "core/token/token.h"

/* The ends of the first pieces of text, which is valid UTF-8 to its end: at most n of them, the
 * first piece starting at text.p. Returns how many; 0 only when text is empty. */
size_t split_pieces(enum token_encoding e, str text, const char **ends, size_t n);

/* A letter or a digit of ASCII. */
static inline bool split_is_word(char c)
{
	const unsigned letter = ((unsigned char)c | 0x20u) - 'a', digit = (unsigned char)c - '0';

	return letter < 26 || digit < 10;
}

/* Whether there is an end of a piece between two neighbouring bytes in every text that holds them.
 * Never true where white space comes before, so that text may be cut here without changing any
 * piece. */
static inline bool split_is_sure(char before, char after)
{
	return split_is_word(before) && !split_is_word(after) && (signed char)after >= 0 &&
	       after != '\'';
}

/* How many places of the text are such, but for some that are passed over. */
size_t split_sure_n(str text) PURE;

#endif
