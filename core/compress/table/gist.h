/* gist: which long strings of a JSON document are shown as what they say in short (gist_text.h) where the original is within reach: those of
 * members that many values have and that say something about them in prose. Others are what the document is about: they are shown as a whole text
 * of their kind would be (nested.h). Those of an object that tells of an error stay, and so do descriptions of one that the question names,
 * and those in rows that are left out anyway.
 * Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_GIST_H
#define CORE_COMPRESS_TABLE_GIST_H

#include "core/compress/table/facts.h"

struct codec_in;
struct pick;

struct gists {
	struct json_tape
		t;      /* the document with such strings in place of long ones: the same nodes */
	bool has_marks; /* strings have marks of gist_text.h */
	bool has_plain; /* strings have no tags, though they had some */
	bool has_coded; /* strings are by the codecs of their kinds */
};

/* False when it is not worth it. f: facts of the document; pick: the rows of it that are shown; in: what is asked, and where the original is. */
bool gist_document(const struct facts *f, const struct pick *pick, const struct codec_in *in,
	struct arena *a, struct gists *out) MUST_CHECK;

/* The proof for all strings of a document. */
struct gist_proof;
/* What the head says of strings. */
struct gist_heads {
	bool has_marks, has_plain;
};
/* shown: the document as it is shown; it outlives the proof, which is in the arena. */
struct gist_proof *gist_prove(
	const struct json_tape *shown, struct gist_heads heads, struct arena *a) RETURNS_NONNULL;
/* True when the literal is_shown is what may be shown of the literal was. */
bool gist_is_proven(struct gist_proof *p, str was, str is_shown) MUST_CHECK;

#endif
