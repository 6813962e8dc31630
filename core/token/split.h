/* split: the first step of both encodings: text into pieces (words, numbers, runs of signs or of white
 * space) that are encoded one by one. The patterns are regular expressions in the npm tokenizers; here
 * they are written by hand, in split.c. Where a piece ends depends on the text behind it only, not on the
 * text before it. Borrows the text. Thread: any. */
#ifndef CORE_TOKEN_SPLIT_H
#define CORE_TOKEN_SPLIT_H

#include "core/base/str.h"
#include "core/token/token.h"

/* The end of the piece that starts at p. [p, end) is valid UTF-8 up to the end of the text, not empty. */
const char *split_piece(enum token_encoding e, const char *p, const char *end);

/* Whether there is an end of a piece between two neighbouring bytes in every text that holds them. Never
 * true where white space comes before, so that text may be cut here without changing any piece. */
bool split_is_sure(char before, char after);

#endif
