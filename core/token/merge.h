/* merge: the second step of an encoding: the tokens of one piece, as if neighbours were merged, the
 * pair with the lowest rank first, the leftmost of equals. Time grows with the length of the piece
 * only. Thread: any. */
#ifndef CORE_TOKEN_MERGE_H
#define CORE_TOKEN_MERGE_H

#include "core/token/vocab.h"

/* Number of tokens of a piece; their ids go to ids when that is not NULL (room for piece.n). Stops
 * once there are more than limit, with any number above it. Needs memory only for texts made to
 * need it (see merge_long); short of it, the tokens at a cut may be others than the exact ones. */
size_t merge_piece(const struct vocab *v, str piece, size_t limit, uint32_t *ids);

/* The same number for each of n pieces of at most MERGE_SHORT_MAX bytes, several at a time: one
 * alone mostly waits for memory. */
enum { MERGE_SHORT_MAX = 126 };
void merge_short_pieces(const struct vocab *v, const str *pieces, size_t n, size_t *counts);

#endif
