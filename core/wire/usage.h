/* usage: what an answer says of its cost, and how it ended; read from a copy of its bytes, for all formats,
 * streamed or not. Nothing here can fail: what is not understood is passed over, and what was seen counts, also
 * of an answer that was cut.
 * A reader keeps no text: JSON of any size goes through in constant memory, server-sent events of up to
 * LIMIT_SSE_EVENT each.
 * Owns: a reader is on the heap, freed by usage_reader_free. Thread: one at a time. */
#ifndef CORE_WIRE_USAGE_H
#define CORE_WIRE_USAGE_H

#include "core/wire/wire.h"

/* Texts are NUL-terminated, cut to their place at the border of a character, as spelled in the JSON (escapes are
 * not undone), with '?' for control characters. Empty when the answer does not say. */
struct usage {
	bool has_input, has_output; /* the answer tells such a count */
	uint64_t input;             /* tokens, without those read from or written to a cache */
	uint64_t cache_read, cache_write_5m, cache_write_1h;
	uint64_t output;    /* all that is billed as output, reasoning included once */
	uint64_t reasoning; /* of which, when told */
	char model[96];
	char response_id[96];
	char stop_reason[32]; /* in the provider's words: "end_turn", "stop", "MAX_TOKENS", ... */
	bool is_complete;     /* the last event, or the whole of the JSON value, was there */
	bool is_error;        /* the answer, or an event of it, is an error */
	char error_type[64];
};

/* How the bytes of an answer are laid out. */
enum answer_form {
	ANSWER_JSON,
	ANSWER_SSE,
	ANSWER_JSON_ARRAY, /* Gemini's stream without alt=sse: an array that grows */
	ANSWER_OTHER,      /* nothing is read from it */
};
/* By the value of Content-Type (empty when there is none) and by whether the request asked for a stream. */
enum answer_form answer_form_of(str content_type, bool asked_stream);

struct usage_reader;
/* For one answer. f may be WIRE_NONE: then all formats are looked for. NULL when out of memory. */
struct usage_reader *usage_reader_new(enum wire_format f, enum answer_form form) MUST_CHECK;
/* The next bytes, without content coding. */
void usage_reader_feed(struct usage_reader *r, str bytes);
/* The answer has ended, or was cut. The result lives as long as the reader; no more may be fed. */
const struct usage *usage_reader_finish(struct usage_reader *r);
void usage_reader_free(struct usage_reader *r); /* NULL is fine */

#endif
