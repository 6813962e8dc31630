/* turns: the requests that recorded sessions made, one after the other, for replay and for measuring. Bodies are
 * put together from the messages as they were recorded, byte for byte where the recording holds them in the
 * provider's spelling; what it does not hold (system prompts, tools of some agents) is missing.
 * The history of a session is kept once: a turn is a range of its messages, so that a long session costs the
 * size of its file and not the square of it.
 * Owns: nothing; everything lives in the caller's arena and points into the caller's text. Thread: any. */
#ifndef CORE_TRANSCRIPT_TURNS_H
#define CORE_TRANSCRIPT_TURNS_H

#include "core/base/buf.h"
#include "core/base/vec.h"
#include "core/transcript/transcript.h"

/* Tokens as the provider billed them; each is counted once. */
struct turn_usage {
	bool is_known;
	uint64_t input; /* not read from a cache and not written to one */
	uint64_t cache_read, cache_write_5m, cache_write_1h;
	uint64_t output;
};

struct turn {
	uint32_t start, end; /* its messages are those of the session, [start, end) */
	str body;            /* or, where the request was recorded as such, all of it */
	str sent; /* what was sent on in its place; empty where that is the same or not recorded */
	int64_t sent_ms; /* since 1970; -1 when not known */
	str model;       /* empty when not known */
	struct turn_usage usage;
	uint64_t retrievals; /* originals that the model got within the answer, as our log has it */
};

struct turn_session {
	str key;
	str project; /* the directory that it was about, or a project's name; empty when not known */
	enum wire_format format;
	str head; /* members of each body but model and messages: "\"instructions\":\"x\"," */
	VEC(str) messages; /* JSON of each */
	VEC(struct turn) turns;
};

struct turn_file {
	enum transcript_kind kind;
	VEC(struct turn_session) sessions; /* those with at least one turn */
	uint64_t lines_n;                  /* 1 for a kind that is one document */
	uint64_t bad_n;                    /* lines that are no JSON */
	uint64_t first_bad_line;           /* from 1 */
	str first_bad_reason;
};

/* Reads a whole file. kind may be TRANSCRIPT_NONE: find out. scratch is used and reset between lines. E_MALFORMED
 * when the kind cannot be told, or when a kind that is one document is no JSON; bad lines are only
 * counted. */
enum err turns_load(struct arena *a, struct arena *scratch, str text, str file_name,
	enum transcript_kind kind, struct turn_file *out, struct errctx *cx) MUST_CHECK;

/* Appends the body of a turn. */
void turns_body(const struct turn_session *s, const struct turn *t, struct buf *out);

#endif
