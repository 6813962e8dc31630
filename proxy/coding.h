/* coding: content codings of HTTP bodies (RFC 9110 section 8.4.1), decoded: gzip (RFC 1952), deflate (RFC 1950;
 * RFC 1951 without its wrapping is taken too, as some servers send that), br (RFC 7932), zstd (RFC 8878).
 * Owns: a decoder is on the heap, freed by decoder_free. Thread: one at a time. */
#ifndef PROXY_CODING_H
#define PROXY_CODING_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/str.h"

/* A coding, or two in a row: the low bits name the one that was applied first, those above the one applied to its
 * result. coding_parse makes such values; everything else here takes them as it takes a single one. */
enum coding {
	CODING_IDENTITY,
	CODING_GZIP,
	CODING_DEFLATE,
	CODING_BR,
	CODING_ZSTD,
	CODING_UNKNOWN,
	CODING_N,
};
enum {
	CODING_CHAIN_SHIFT = 4,
	CODING_CHAIN_MAX = 2, /* codings in a row */
};

/* The value of Content-Encoding, several fields joined by commas; an empty one is CODING_IDENTITY. CODING_UNKNOWN
 * for a coding that is not known, and for more than CODING_CHAIN_MAX (identity does not count). */
enum coding coding_parse(str header_value);
/* Takes a piece of decoded text, valid during the call only. What it returns other than E_OK ends the decoding and
 * is handed through. */
typedef enum err coding_sink_fn(void *self, str piece, struct errctx *cx);

struct decoder;
/* NULL when out of memory, and for CODING_UNKNOWN. */
struct decoder *decoder_new(enum coding c) MUST_CHECK;
/* Decodes the next bytes and hands the text on in pieces. Several gzip members, or zstd frames, in a row are one
 * text. E_MALFORMED when they are not such bytes, E_NOMEM, or the error of sink; after an error each further call
 * gives the same error and no text. */
enum err decoder_feed(struct decoder *d, str bytes, coding_sink_fn *sink, void *self,
	struct errctx *cx) MUST_CHECK;
/* The bytes have ended: E_MALFORMED when the text has not. No bytes at all are an empty text. */
enum err decoder_finish(struct decoder *d, struct errctx *cx) MUST_CHECK;
void decoder_free(struct decoder *d); /* NULL is fine */

/* A whole body at once, appended to out. E_TOO_BIG as soon as more than max bytes come out, or more than
 * LIMIT_CODING_RATIO times what was put in (a bomb); E_UNSUPPORTED for CODING_UNKNOWN; E_MALFORMED; E_NOMEM. */
enum err coding_decode(
	enum coding c, str body, size_t max, struct buf *out, struct errctx *cx) MUST_CHECK;

#endif
