/* choose: which sentences of a text say the least: by how rare their words are, by what kind of words these are, by
 * whether somebody asks for them, by their place. Deterministic. Thread: any. */
#ifndef CORE_COMPRESS_PROSE_CHOOSE_H
#define CORE_COMPRESS_PROSE_CHOOSE_H

#include "core/compress/model/kompress.h"
#include "core/compress/prose/sentence.h"

/* Who says how much a sentence matters. */
struct judge {
	str query; /* what is asked for; may be empty */
	const struct kompress_text
		*read; /* the model's view of the text; NULL: rare words and kinds of words count */
	const char *text; /* where what was read begins */
	bool lets_code;   /* names go that are said in lines of code alone */
};

/* What was read of a text, so that of the same text in other pieces only pieces that are new are read. */
struct reading;

/* An empty one, of that many bytes, in the arena. */
struct reading *reading_new(const struct judge *j, size_t bytes, struct arena *a) RETURNS_NONNULL;

/* Sets out[i] for sentences to be left out, so that about keep of all the tokens (cost.h) stays, or more where what must not be lost
 * (word.h) asks for it. Where out[i] is set already, that is out, and not read. r: of this text and this judge, in any pieces.
 * Each sentence is told its cost. Returns how many were set now. */
size_t choose_sentences(struct reading *r, sentence_vec *all, const struct judge *j, double keep,
	struct arena *a, bool *out) MUST_CHECK;

/* True when no more than about keep of the tokens stays; of sentences whose cost is told. */
bool choose_is_enough(const sentence_vec *all, double keep, const bool *out) MUST_CHECK;

#endif
