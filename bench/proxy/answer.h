/* answer: what the scripted origin says: complete answers and streams of events in the shapes of Anthropic's
 * Messages API and of OpenAI's Chat Completions API, and the marks in them by which the load generator knows that
 * an answer is whole and how old an event is.
 * Owns: nothing; writes to the caller's buffers. Thread: any. */
#ifndef BENCH_PROXY_ANSWER_H
#define BENCH_PROXY_ANSWER_H

#include "core/base/buf.h"

enum answer_dialect { ANSWER_ANTHROPIC, ANSWER_CHAT, ANSWER_DIALECT_N };

/* First and last in the text of each complete answer. */
#define ANSWER_FIRST "bench-answer"
#define ANSWER_LAST  "bench-end"

/* In the text of each event: "@NNNNNNNN,NNNNNNNNNNNNNNNNNNN,NNNNNNNNNN;", its number from 0, when it was written
 * (net_now_ns), and whose it is: the digits of the conversation in the request. */
enum { ANSWER_MARK_SEQ = 8, ANSWER_MARK_NS = 19, ANSWER_MARK_OWNER = 10, ANSWER_MARK_LEN = 41 };
struct answer_mark {
	uint32_t seq;
	int64_t ns;
	uint64_t owner;
};

/* Appends a head and a body of size bytes (more where the shape needs them). */
void answer_whole(struct buf *out, enum answer_dialect d, size_t size);

/* Appends the head of a chunked event stream and the events before the text. */
void answer_stream_begin(struct buf *out, enum answer_dialect d);
/* Appends one event as one chunk, of about size bytes, with a mark to be filled in; returns where the mark is. */
size_t answer_stream_event(struct buf *out, enum answer_dialect d, size_t size);
void answer_stream_end(struct buf *out, enum answer_dialect d);

void answer_mark_write(char *at, const struct answer_mark *m);
/* False when these ANSWER_MARK_LEN bytes are no mark. */
bool answer_mark_read(const char *at, struct answer_mark *out);

#endif
