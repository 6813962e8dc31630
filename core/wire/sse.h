/* sse: splits a stream of server-sent events into events, however its bytes are cut into pieces (WHATWG HTML,
 * section 9.2 "Server-sent events": line ends CR, LF and CRLF, comments, several data lines joined by a
 * newline, a byte order mark at the start). The fields id and retry, which no provider uses, are passed over.
 * Owns: at most two buffers of max bytes each, for what lies across pieces. Thread: one at a time. */
#ifndef CORE_WIRE_SSE_H
#define CORE_WIRE_SSE_H

#include "core/base/buf.h"

/* Longest name of an event that is told apart; of a longer one the beginning is handed out. The longest of
 * OpenAI's has 45 bytes ("response.code_interpreter_call_code.delta" and its like). */
enum { SSE_NAME_MAX = 64 };

struct sse {
	struct buf line;          /* the beginning of a line whose end has not come yet */
	struct buf data;          /* data of an event whose end has not come yet */
	char event[SSE_NAME_MAX]; /* ... and its name */
	size_t event_n, max;
	bool has_data;    /* the event has a data line, perhaps an empty one */
	bool is_begun;    /* the first line is through: no byte order mark from here on */
	bool is_after_cr; /* a newline that comes now belongs to the line before */
	bool is_skipping; /* the event is too large: wait for the blank line */
	bool is_in_line;  /* while skipping: the line has bytes */
	uint64_t event_count, skipped_count;
};

/* One event. Its name is empty when it has none. Both are valid during the call only; self is what the caller
 * of sse_feed has given. May not call functions of the same struct sse. */
typedef void sse_event_fn(void *self, str event, str data);

/* An event with a line or data of more than max bytes (or for which there is no memory) is left out and
 * counted in skipped_count; it is never an error. */
void sse_init(struct sse *s, size_t max);
void sse_release(struct sse *s); /* frees; sse_init makes it usable again */

/* Takes the next bytes and hands out the events that end in them. One that lies whole in bytes, with one data
 * line, is not copied. */
void sse_feed(struct sse *s, str bytes, sse_event_fn *fn, void *self);
/* The end of the stream: hands out a last event that no blank line has ended (the standard drops it; of a stream
 * that was cut it may hold what the answer has cost). */
void sse_finish(struct sse *s, sse_event_fn *fn, void *self);

#endif
