/* choose: which sentences of a text say the least: by what their words tell (self-information), by how much they are about
 * what the text is about, by the question, by their place. Deterministic. Thread: any. */
#ifndef CORE_COMPRESS_PROSE_CHOOSE_H
#define CORE_COMPRESS_PROSE_CHOOSE_H

#include "core/compress/prose/sentence.h"

/* Sets out[i] for sentences to be left out, so that about that share of the bytes stays, or more where what must not be lost
 * (word.h) asks for it. Returns how many. */
size_t choose_sentences(
	const sentence_vec *all, str query, double keep, struct arena *a, bool *out) MUST_CHECK;

#endif
