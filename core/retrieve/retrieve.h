/* retrieve: what a model, an agent or a person gets who asks for an original, or for the part of it that matters. The
 * answer is text: one head line, then bytes of the original as they are. It is bounded, and when it is cut
 * it says how to get on; with offset every byte of every original can be reached.
 *
 *	[original 3f2a41...: 2,000 lines, 81,234 bytes; lines 10-40]
 *	...
 *	[cut here; next: offset 31]
 *
 * Many tools send their text in a JSON string, as {"output":"a\nb\n","exit_code":0}. Its lines are what an elided
 * text counts, so they are counted here, too; a second line, [in {"output":…,"exit_code":0}], says what stands around.
 *
 * Owns: nothing; everything lives in the caller's arena. Thread: any. */
#ifndef CORE_RETRIEVE_RETRIEVE_H
#define CORE_RETRIEVE_RETRIEVE_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/json/tape.h"

enum {
	/* One answer is at most this long: some 16,000 tokens, a twelfth of the smallest window in use (200,000
	 * tokens, Anthropic "Models overview") and more than any page of a file tool. */
	RETRIEVE_ANSWER_MAX = 64 << 10,
	/* So many units are shown of what a query finds, unless limit says otherwise. */
	RETRIEVE_HITS = 20,
};

/* What is wanted. Units are lines, or rows: elements of the one large array of a JSON document, or the documents of
 * JSON Lines. */
struct retrieve_want {
	str hash;
	str lines; /* "10-40", "7", "7,10-40", "10-", "-40", ':' for '-' allowed; empty: all */
	str rows;  /* the same for rows; not together with lines */
	str query; /* the units that fit these words best, with their neighbours; empty: all */
	uint64_t offset; /* units of the selection to pass over */
	uint64_t limit;  /* units at most; 0: as many as fit */
};

/* From the arguments of a call. Unknown members are passed over, null is as absent, numbers may be spelled as
 * strings. E_MALFORMED: a member of the wrong type; *out is usable as far as it was read. */
enum err retrieve_want_read(const struct json_tape *t, uint32_t object, struct arena *a,
	struct retrieve_want *out, struct errctx *cx) MUST_CHECK;

/* Appends the answer. E_USAGE: lines, rows or both make no sense, or rows of a text that has none; the message says
 * what would. E_NOT_FOUND: nothing is selected. What was appended before a failure is of no use. */
enum err retrieve_answer(const struct retrieve_want *w, str original, struct arena *a,
	struct buf *out, struct errctx *cx) MUST_CHECK;

/* True when less than the whole original is wanted. */
bool retrieve_is_part(const struct retrieve_want *w) PURE;

/* For people and programs: without a query the bytes that are wanted and nothing else, however many; with one what a model gets, since
 * hits mean little without their places. In an arena of its own, into out on the heap: for callers that hold what an
 * arena that runs out of memory would not give back. Errors as above, E_NOMEM. */
enum err retrieve_bytes(
	const struct retrieve_want *w, str original, struct buf *out, struct errctx *cx) MUST_CHECK;
/* retrieve_answer in an arena of its own, into out on the heap. */
enum err retrieve_answer_apart(
	const struct retrieve_want *w, str original, struct buf *out, struct errctx *cx) MUST_CHECK;

/* The tool, as models are told of it: its name, what it does, and a JSON schema of its arguments. */
extern const char retrieve_tool_name[]; /* "headroom_retrieve" */
extern const char retrieve_tool_description[];
extern const char retrieve_tool_schema[]; /* a JSON object */

#endif
