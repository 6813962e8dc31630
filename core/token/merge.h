/* merge: the second step of an encoding: the tokens of one piece, by merging neighbours, the pair with the
 * lowest rank first, the leftmost of equals. Time n log n. Thread: any. */
#ifndef CORE_TOKEN_MERGE_H
#define CORE_TOKEN_MERGE_H

#include "core/token/vocab.h"

/* Number of tokens of a piece that is not a token itself; their ids go to ids when that is not NULL (room
 * for piece.n). Stops once there are more than limit, with any number above it. Pieces above a few hundred
 * bytes take memory in rare cases; short of it, tokens at a cut may be off by one or two. */
size_t merge_piece(const struct vocab *v, str piece, size_t limit, uint32_t *ids);

#endif
