/* elide: which matches of a large result are left out when the original is within reach. Lines have a shape: their
 * first words and signs, without the rest. A match is left out when its shape is common in the result, the
 * file shows its first and last match all the same, and the match holds no rare word of what the user
 * asked. Every shape is shown at least once. Thread: any. */
#ifndef CORE_COMPRESS_SEARCH_ELIDE_H
#define CORE_COMPRESS_SEARCH_ELIDE_H

#include "core/compress/search/grouped.h"

/* Looks at all matches of a result: call search_elision_see for every one, in the order of the text that their bodies
 * are parts of, then search_elision_ready. */
struct search_elision *search_elision_new(
	struct arena *a, str text, str query, bool is_gentle) RETURNS_NONNULL;
void search_elision_see(struct search_elision *e, const struct search_item *match);
/* False when so little repeats that nothing would be left out. */
bool search_elision_ready(struct search_elision *e) MUST_CHECK;

/* is_kept[i] for the matches of one file, in order. Shapes that were shown are noted in e. */
void search_elision_choose(
	struct search_elision *e, const struct search_item *v, size_t n, bool *is_kept);

/* The shape of a line, indentation aside. */
uint64_t search_shape(str body) PURE;

#endif
