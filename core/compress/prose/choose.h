/* choose: which sentences of a text say the least: by how rare their words are, by what kind of words these are, by
 * whether somebody asks for them, by their place. Deterministic. Thread: any. */
#ifndef CORE_COMPRESS_PROSE_CHOOSE_H
#define CORE_COMPRESS_PROSE_CHOOSE_H

#include "core/compress/prose/sentence.h"

/* Sets out[i] for sentences to be left out, so that about keep of all the bytes stays, or more where what must not be lost
 * (word.h) asks for it. Where out[i] is set already, that is out, and not read. Returns how many were set now. */
size_t choose_sentences(
	const sentence_vec *all, str query, double keep, struct arena *a, bool *out) MUST_CHECK;

#endif
