/* answer_splice: an answer in which the model may call a tool of ours. The client knows nothing of these: its answer
 * goes on while the calls are answered here, over as many rounds as the model needs. This takes the bytes of each
 * round's answer and gives what the client gets, at once: text, thinking and calls of the client's own pass as they
 * come; a call of ours is held back, with nothing else. Until the first one, bytes are the provider's own; from
 * there on what counts things (block indexes, sequence numbers, usage, finish reasons, ids) is made to agree over
 * the rounds. An event is given out when its last byte is there.
 *
 *	feed(bytes of round 1)* end_round -> ROUND_CONTINUE
 *	feed(bytes of round 2)* end_round -> ROUND_DONE
 *
 * Formats: anthropic (SSE, JSON), openai-chat (SSE, JSON), openai-responses (SSE, JSON), gemini (SSE, JSON array,
 * JSON). An answer that is not a stream is held until the end of its round, as its client waits for the whole anyway.
 * What is not understood passes as it is and is nobody's call. Nothing here knows what the tools do.
 *
 * Owns: on the heap, freed by answer_splice_free; slices that it gives out live until the next round's first feed.
 * Thread: one at a time. */
#ifndef CORE_WIRE_ANSWER_SPLICE_H
#define CORE_WIRE_ANSWER_SPLICE_H

#include "core/base/buf.h"
#include "core/wire/usage.h"

struct answer_splice;

/* True for the tools that are ours in this conversation. */
typedef bool own_tool_fn(void *self, str name);

/* What the client is told of the tokens of several rounds. Output is their sum either way. */
enum splice_told {
	TOLD_BILLED, /* input: the sum over the rounds, which is what is billed */
	TOLD_CONTEXT, /* input: that of the last round. Agents take it for the size of their context, and by the
	               * sum would compact it long before it is full */
};

struct answer_splice_conf {
	enum wire_format format;
	enum answer_form form;
	own_tool_fn *is_own;
	void *self;
	/* Responses: the client may go on from this answer by its id (previous_response_id; the request does not say
	 * "store":false). Then the id of the last round, of which the provider knows the calls and results, stands
	 * where the answer ends; else that of the first round. */
	bool is_chained;
	/* Bytes of one event and of what one round has said, and of a whole answer that is no stream. */
	size_t held_max;
	enum splice_told told;
};

/* NULL when out of memory, or for a format or form that cannot be spliced (ANSWER_OTHER). */
struct answer_splice *answer_splice_new(const struct answer_splice_conf *conf) MUST_CHECK;
void answer_splice_free(struct answer_splice *s); /* NULL is fine */

/* The next bytes of the round's answer, without content coding; appends what the client gets now. E_TOO_BIG (more
 * held than held_max; a stream without a call of ours is never in danger of it), E_NOMEM: the client's answer
 * cannot go on; what was appended before is good. */
enum err answer_splice_feed(struct answer_splice *s, str bytes, struct buf *out) MUST_CHECK;

/* How a round has ended. */
enum round_end {
	ROUND_DONE, /* no call of ours: the client has the whole answer */
	ROUND_CONTINUE, /* calls of ours alone: the client's answer is open; answer them and feed the next round */
	ROUND_MIXED, /* the client's calls have gone out and its answer is whole; ours were taken out, and their
	              * results must stand in the history of the next request (answer_splice_message) */
	ROUND_BROKEN, /* an error of the provider, or the bytes ended too early; what came of a stream has gone to
	               * the client, and of a first round that is none */
};

/* The round's bytes are over; is_complete: as the transport says. Appends what the client still gets. An answer that
 * was ended by a limit or a refusal is done, and a call of ours in it is dropped: it may not be whole. */
enum round_end answer_splice_end_round(
	struct answer_splice *s, bool is_complete, struct buf *out) MUST_CHECK;

/* After ROUND_CONTINUE, when there will be no other round, and after ROUND_BROKEN in a later round than the first:
 * ends the client's answer in its dialect, with a text that says note (a sentence for the reader; may be empty),
 * and usage as far as it is known. Nothing is appended when the answer has its end already. */
enum err answer_splice_close(struct answer_splice *s, str note, struct buf *out) MUST_CHECK;

/* A line that keeps the client's connection alive and says nothing, where the dialect has one: an Anthropic ping
 * event, an SSE comment, white space between the chunks of Gemini; nothing for JSON. */
void answer_splice_ping(struct answer_splice *s, struct buf *out);

/* Calls of ours in the round that has ended, in the order in which the model made them. */
struct own_call {
	str id; /* empty where the dialect has none (Gemini may) */
	str name;
	str arguments; /* a JSON object; as the model wrote it, which may be no JSON at all */
};
const struct own_call *answer_splice_calls(const struct answer_splice *s, size_t *n);

/* What the model said in the round that has ended, all of it, as it stands in the history of a request: one message
 * object (Anthropic, Chat: {"role":"assistant",...}; Gemini: {"role":"model","parts":[...]}) or, for Responses, its
 * output items separated by commas. Thinking, signatures, encrypted content and unknown blocks as they came. Empty
 * when it could not be put together. */
str answer_splice_message(const struct answer_splice *s);

/* What the client has been given of all rounds so far, the note included, in the same form: what it will send back as history, but for
 * what clients leave out of it by themselves (thoughts, empty texts). Empty when it could not be put together. */
str answer_splice_visible(const struct answer_splice *s);

#endif
