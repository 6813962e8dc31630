/* session: what is remembered of one conversation while it is read: its last calls, and what was repeated. Of a fixed size, about
 * 300 KB. The patterns look at each call when its result is there, and at what the user says (learn/pattern.h).
 * Owns: itself. Thread: one at a time. */
#ifndef LEARN_SESSION_H
#define LEARN_SESSION_H

#include "core/base/buf.h"
#include "learn/call.h"
#include "learn/command.h"
#include "learn/project.h"

enum {
	SESSION_CALLS =
		64, /* open ones (agents have some ten at a time), and the last that were answered */
	SESSION_REPEATS =
		256, /* things that are watched for being done again; the one not seen for longest goes */
	NEAR_CALLS = 8, /* a call so many behind another may be its correction */
};

/* Something that may be done again. */
struct repeat {
	uint64_t what;                        /* 0: free */
	uint64_t output_hash, changed_at, at; /* of the last time */
	uint64_t wasted;                      /* tokens of all but the first */
	uint32_t n;
	uint32_t others; /* of these, in other words than the one before */
	bool is_told;    /* the project knows */
};

struct session {
	uint64_t
		key; /* of the conversation; that of a sub-agent is another than that of its parent */
	uint64_t hash;      /* of the session, the same for both */
	uint64_t beginning; /* of a conversation in requests: hash of its first words; else 0 */
	uint64_t used_at;
	struct project *project;
	bool is_subagent;
	bool is_interrupted; /* the user did so, and has said nothing since */
	uint32_t turn;       /* prompts of the user */
	uint64_t place;      /* calls and results so far */
	uint64_t calls;
	uint64_t changed_at; /* the place of the last change of a file by a tool */
	struct call slots[SESSION_CALLS];
	struct repeat repeats[SESSION_REPEATS];
};

/* What the patterns are shown: a call that was answered. */
struct look {
	struct session *s;
	struct call *c;
	const struct command *command; /* of a shell call that can be understood; else NULL */
	struct arena *scratch;
};

void session_begin(struct session *s, uint64_t key, uint64_t hash, struct project *p);
void session_call(struct session *s, str id, str tool, str input, struct arena *scratch);
/* One that answers no call that is known is passed over. */
struct answer {
	str id, tool, text;
	bool is_error;
	uint64_t subagent_tokens;
	int64_t at_ms;
};
void session_answer(struct session *s, const struct answer *answer, struct arena *scratch);
/* What the user said, as it stands in the message. */
void session_said(struct session *s, str text, int64_t at_ms, struct arena *scratch);

/* ---- for the patterns ---- */

/* The newest failed call of that kind before l's call (asked for after its result had come), not further away than NEAR_CALLS,
 * that fits; NULL: none. */
typedef bool call_fits(const struct look *l, const struct call *failed, void *self);
struct call *look_failed(const struct look *l, call_fits *fits, void *self);

/* The repeat of that name; made when it is not known. */
struct repeat *session_repeat(struct session *s, uint64_t what) RETURNS_NONNULL;

/* What tells this time that something was seen from others, in a request: the answered call, or words. */
struct rule_sighting session_sighting_call(const struct session *s, const struct call *c);
struct rule_sighting session_sighting_said(const struct session *s, str text);

/* Hands a sighting to the project; its text is in b, which must not have failed and is put into it. */
void look_see(const struct look *l, struct sighting *x, const struct buf *b);

/* The path that the call names, absolute where the directory is known, and as it reads from the project. In scratch. */
str look_path(const struct look *l, const struct call *c, str path);
str look_shown(const struct look *l, str absolute);

#endif
