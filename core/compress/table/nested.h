/* nested: strings of JSON that are texts of a kind themselves (a log, a diff, a listing, JSON again), shown by the codec of
 * that kind head line and all, so that a reader sees what it is; in its exact form, or, where the original is within reach, in the elided one.
 * Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_NESTED_H
#define CORE_COMPRESS_TABLE_NESTED_H

#include "core/compress/codec.h"

enum {
	NESTED_MAX =
		4 /* strings within strings; no tool needs more, and the stack is not endless */
};

/* in: the string's text, and the depth of the document that it is in; its kind is looked for here. The cheapest text
 * by a codec, which was decoded and compared; false when there is none, or it is too deep. */
bool nested_encode(const struct codec_in *in, struct arena *a, str *out, size_t *tokens) MUST_CHECK;
/* The route in head lines of strings: the head of the document says how to get all of it. */
#define NESTED_ROUTE "as above"
/* The same where the original of the whole document can be had: the shortest text of a codec that leaves something out, checked
 * against its contract. False when there is none that is worth it. */
bool nested_elide(const struct codec_in *in, struct arena *a, str *out) MUST_CHECK;
/* True when shown is what a codec may leave of that string. */
bool nested_holds(str text, str shown, struct arena *a) MUST_CHECK;
/* True when the text has a head line of the exact form, and nested_decode would be tried. */
bool nested_is(str text) MUST_CHECK;
/* depth: of the document that the text stood in. */
bool nested_decode(str text, unsigned depth, struct arena *a, str *out) MUST_CHECK;

#endif
