/* suggest: "did you mean": the nearest of some words to one that was mistyped, by edit distance with
 * transpositions (optimal string alignment), at most 2 apart and less than half of the word.
 * Owns: nothing. Thread: any.
 *
 *	struct suggest s = suggest_for(typed);
 *	for (...)
 *		suggest_offer(&s, name[i]);
 *	if (s.best.n)
 *		... "did you mean " s.best
 */
#ifndef CORE_BASE_SUGGEST_H
#define CORE_BASE_SUGGEST_H

#include "core/base/str.h"

struct suggest {
	str word;
	str best; /* empty: nothing near; the first of equally near words wins */
	size_t distance;
};

struct suggest suggest_for(str word);
void suggest_offer(struct suggest *s, str candidate);

/* Insertions, deletions, replacements and swaps of neighbours that make a into b; both at most
 * SUGGEST_WORD_MAX bytes long, or the answer is SIZE_MAX. */
enum { SUGGEST_WORD_MAX = 63 };
size_t suggest_distance(str a, str b) PURE;

#endif
