/* call: one call of a tool with its result, as far as it is looked at. Of a size that is fixed, so that a session costs the same
 * however long it is.
 * Owns: the bytes that its texts point into; so it is never copied. Thread: one at a time. */
#ifndef LEARN_CALL_H
#define LEARN_CALL_H

#include "core/base/arena.h"

enum call_kind {
	CALL_OTHER,
	CALL_SHELL,
	CALL_READ,
	CALL_CHANGE, /* of a file: written, edited */
	CALL_GLOB,
	CALL_GREP,
	CALL_AGENT, /* of a sub-agent */
};

/* What went wrong, as far as the answer says. The order says nothing. */
enum failure {
	FAILURE_NONE,
	FAILURE_OTHER,
	FAILURE_REJECTED, /* by the user */
	FAILURE_DENIED,   /* by the agent's rules, or a sandbox */
	FAILURE_SIBLING,  /* not run, because another one failed */
	FAILURE_NOT_READ, /* an edit of what was not read, or has changed */
	FAILURE_NO_COMMAND,
	FAILURE_NO_MODULE,
	FAILURE_NO_SCRIPT, /* of a package manager, a makefile */
	FAILURE_USAGE,     /* an option or argument that a program does not know */
	FAILURE_SHELL,     /* the shell does not understand the line */
	FAILURE_TOO_LARGE,
	FAILURE_DIRECTORY,
	FAILURE_PERMISSION,
	FAILURE_NO_FILE,
	FAILURE_NO_MATCH,
	FAILURE_TIMEOUT,
	FAILURE_N
};

enum {
	CALL_TOOL_MAX = 64,
	CALL_ARG_MAX = 1024, /* a longer command is a program of its own, and no habit */
	CALL_PATH_MAX = 512,
	CALL_SHOWN_MAX = 1200, /* bytes of a result at its beginning, and at its end */
	CALL_STORE = CALL_TOOL_MAX + CALL_ARG_MAX + 2 * CALL_PATH_MAX + 2 * CALL_SHOWN_MAX,
};

struct call {
	enum call_kind kind;
	enum failure failure;
	str tool;
	str arg;  /* the command, the pattern, or which sub-agent; empty when it is too long, too */
	str path; /* the file or directory that was named, as it was */
	str dir;  /* in which it ran, where the call says so */
	str head, tail;    /* of the result; tail is behind head or empty */
	bool is_part;      /* READ: lines of the file were asked for */
	bool has_status;   /* how it ended was said, by the agent or in the result */
	uint64_t id;       /* hash64 of the call's id; 0: none */
	bool is_id_unique; /* no other call anywhere has it */
	uint64_t input_hash, output_hash;
	uint32_t input_bytes, output_bytes, lines;
	uint64_t subagent_tokens;
	bool is_fixed;             /* a later call has shown how it is right */
	uint64_t number;           /* it is so many-th of the session */
	uint64_t called, answered; /* places in the session; answered 0: not yet */
	uint32_t turn;             /* prompts of the user before it */
	int64_t at_ms;             /* when it was answered; -1 */
	uint32_t store_n;
	char store[CALL_STORE];
};

/* input: JSON text of the arguments, or bare text. What is parsed lives in scratch. */
void call_begin(struct call *c, str tool, str input, struct arena *scratch);
/* text: what came back; is_error: the agent says that it failed. Sets what stands below. */
void call_answer(struct call *c, str text, bool is_error, struct arena *scratch);

static inline bool call_failed(const struct call *c)
{
	return c->failure != FAILURE_NONE;
}

/* What it took, in tokens, by the usual four bytes for each (estimates need no tokenizer). */
static inline uint64_t call_tokens(const struct call *c)
{
	return ((uint64_t)c->input_bytes + c->output_bytes) / 4;
}

/* failure.c: what the text of a result says. status: how the program ended, -1 where nobody says. */
int failure_status(str head, str tail) PURE;
enum failure failure_of(const struct call *c, bool is_error, int status) PURE;
const char *failure_text(enum failure f) RETURNS_NONNULL; /* "is not found"; static */

#endif
