/* document: a file or a stream of any known form, compressed as it comes: a request, a list of messages, JSON
 * Lines of requests, an agent's recorded session, or a plain text. Same form out as in; every byte outside
 * tool results as it was. Lines are worked off one by one, in bounded memory; any other form is held whole.
 * Owns: its buffers and the conversations of the sessions in it. Thread: one at a time. */
#ifndef CORE_ENGINE_DOCUMENT_H
#define CORE_ENGINE_DOCUMENT_H

#include "core/engine/engine.h"
#include "core/engine/verify.h"
#include "core/transcript/transcript.h"

/* What form the input has. */
struct document_format {
	enum transcript_kind kind; /* TRANSCRIPT_NONE: not a transcript */
	bool is_text;              /* one plain text */
	enum content_kind content; /* of a plain text; only when is_forced */
	bool is_forced;            /* else: found out, and plain text when it is nothing else */
};

const char *document_format_name(const struct document_format *f) RETURNS_NONNULL;

struct document_sink {
	void *self;
	/* The next bytes of the output, in order. */
	enum err (*write)(void *self, str bytes, struct errctx *cx);
	/* A block of line (counted from 1) and what became of it; NULL: nobody asks. */
	void (*block)(void *block_self, uint64_t line, const struct compress_block *b);
	void *block_self;
};

struct document_conf {
	struct engine *engine;
	struct store *store; /* the engine's; for verifying. May be NULL */
	const struct compress_conf *compress;
	struct document_format format;
	const char *file_name; /* a hint for the form; may be NULL */
	size_t bytes_max; /* of what must be held whole: an input that is not lines, or one line */
	bool verifies;    /* prove every line before it is written */
	struct document_sink sink;
};

struct document_totals {
	struct document_format format;
	str model; /* of the first request that names one */
	uint64_t bytes_in, bytes_out, lines;
	uint64_t malformed_n, malformed_line; /* lines passed on as they are; the first of them */
	char malformed_text[LIMIT_ERR_TEXT];  /* and why */
	uint64_t results_n, changed_n, tokens_before, tokens_after;
	struct verify_report verified;
	uint64_t unverified_n; /* lines that failed and were written as they came */
	char unverified_text[LIMIT_ERR_TEXT];
	int64_t elapsed_ns; /* in the engine */
};

struct document;

enum err document_new(
	const struct document_conf *conf, struct document **out, struct errctx *cx) MUST_CHECK;
/* The next bytes of the input. E_TOO_BIG, E_NOMEM, and the sink's errors. */
enum err document_feed(struct document *d, str bytes, struct errctx *cx) MUST_CHECK;
/* The end of the input. E_MALFORMED when a forced format does not hold. */
enum err document_finish(struct document *d, struct errctx *cx) MUST_CHECK;
const struct document_totals *document_totals(const struct document *d) RETURNS_NONNULL;
void document_free(struct document *d); /* NULL is allowed */

#endif
