/* prose: the codec of texts that people write for people. Leaves whole sentences out, those that say the least, and never one
 * that has a number or a negation, nor the only one with a name, a link, a piece of code; lines that are no prose, headings,
 * numbers of items and names of speakers stay. Where a share was asked for that this does not make, parts of sentences go, and of cells and quotes,
 * then phrases, then lines of blocks of code, at last those with names that are said in code alone. Tables become tight (rows.h). "…" stands where something was:
 *	[prose: 41 of 97 sentences left out, each time at a …; original: headroom retrieve 3f0a]
 * Elided only. Thread: any; pure functions, all memory is the caller's arena. */
#ifndef CORE_COMPRESS_PROSE_PROSE_H
#define CORE_COMPRESS_PROSE_PROSE_H

#include "core/compress/codec.h"

extern const struct codec prose_codec;

#endif
