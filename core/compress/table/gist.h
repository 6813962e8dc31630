/* gist: which long strings of a JSON document are shown as what they say in short (gist_text.h) where the original is within reach: those of
 * members that many values have and that say something about them in prose. Others are what the document is about, and stay; so do
 * those of an object that tells of an error, or that the question names, and those in rows that are left out anyway.
 * Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_GIST_H
#define CORE_COMPRESS_TABLE_GIST_H

#include "core/compress/table/facts.h"

struct pick;

/* The document with such strings in place of long ones: its tape has the same nodes. False when that is not worth it. f: facts of the
 * document; pick: the rows of it that are shown. */
bool gist_document(const struct facts *f, const struct pick *pick, str query, struct arena *a,
	struct json_tape *out) MUST_CHECK;

/* The proof for all strings of a document. */
struct gist_proof;
/* shown: the document as it is shown; it outlives the proof, which is in the arena. */
struct gist_proof *gist_prove(const struct json_tape *shown, struct arena *a) RETURNS_NONNULL;
/* True when the literal is_shown is what may be shown of the literal was. */
bool gist_is_proven(struct gist_proof *p, str was, str is_shown) MUST_CHECK;

#endif
