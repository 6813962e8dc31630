/* transcript: recorded sessions of agents, read a document at a time: a line of a JSON Lines file, or the whole of
 * another one. The caller scans it to a tape and gets its blocks, which continue the conversation of the
 * document's session; edits go into the same line, so a file of any size is compressed in bounded memory.
 * (For the requests that a session made, one after the other, see turns.h.)
 * Owns: a reader owns what it remembers of the sessions, in the arena that it was given; its size is bounded.
 * Thread: one at a time. */
#ifndef CORE_TRANSCRIPT_TRANSCRIPT_H
#define CORE_TRANSCRIPT_TRANSCRIPT_H

#include "core/wire/wire.h"

enum transcript_kind {
	TRANSCRIPT_NONE,
	TRANSCRIPT_REQUEST,  /* one request body */
	TRANSCRIPT_MESSAGES, /* the bare list of messages of one */
	TRANSCRIPT_REQUESTS, /* lines: a body each, or {"ts","session","request","usage","response"} */
	TRANSCRIPT_PROXY_LOG,   /* lines: our own log, made with --log-messages */
	TRANSCRIPT_CLAUDE,      /* lines: Claude Code, ~/.claude/projects/P/SESSION.jsonl */
	TRANSCRIPT_CODEX,       /* lines: Codex, ~/.codex/sessions/Y/M/D/rollout-*.jsonl */
	TRANSCRIPT_GEMINI,      /* lines: Gemini CLI, ~/.gemini/tmp/P/chats/session-*.jsonl */
	TRANSCRIPT_GEMINI_FILE, /* the same of older versions, one document: session-*.json */
	TRANSCRIPT_OPENCODE,    /* what "opencode export" prints, or one file of storage/part */
	TRANSCRIPT_PI,          /* lines: pi, ~/.pi/agent/sessions/P/TIME_ID.jsonl */
	TRANSCRIPT_KIND_N
};

/* How much of a file transcript_detect() should see, if there is that much. */
enum { TRANSCRIPT_DETECT_BYTES = 64 << 10 };

/* The kind by the first bytes, which may end anywhere, and the name of the file (may be empty).
 * TRANSCRIPT_NONE when it is none. */
enum transcript_kind transcript_detect(str first, str file_name);
const char *transcript_kind_name(enum transcript_kind k) RETURNS_NONNULL; /* static */
bool transcript_kind_parse(str name, enum transcript_kind *out) MUST_CHECK;
bool transcript_is_lines(enum transcript_kind k);

/* What is in one line (or in the whole document). */
struct transcript_line {
	/* A whole request stands here: compress it as such and put it back. Then doc is empty. */
	bool is_request;
	struct span request;
	/* Else: its blocks. None when the line says nothing that was sent to a model. */
	struct wire_doc doc;
	/* The conversation that they continue; in the line's arena. */
	str session;
	/* What the session said before is not in context any more (first line of a session, compaction,
	 * the user went back): its conversation begins anew with these blocks. */
	bool starts_anew;
};

/* What a document says beside its blocks; for those who learn from sessions. */
struct transcript_note {
	str project;      /* the directory that was named last; the reader's, until the next note */
	int64_t at_ms;    /* since 1970; -1 when it has no time */
	bool is_subagent; /* said to or by a sub-agent */
	bool is_meta;     /* of the user's role, but written by the program */
	uint64_t
		subagent_tokens; /* it holds the result of a sub-agent, which took so many; else 0 */
};

struct transcript;

/* A reader for one file; lives in a and is gone with it. About 50 KB for each session that is open at a time,
 * of which it remembers TRANSCRIPT_SESSIONS; one that was forgotten starts anew when it comes again. */
enum { TRANSCRIPT_SESSIONS = 32 };
struct transcript *transcript_new(struct arena *a, enum transcript_kind kind) RETURNS_NONNULL;
/* Reads the next document. out lives in a (not the reader's arena) and points into t->doc. */
void transcript_read(struct transcript *r, struct arena *a, const struct json_tape *t,
	struct transcript_line *out);
/* The same document's note; after transcript_read. */
void transcript_note(struct transcript *r, struct arena *a, const struct json_tape *t,
	struct transcript_note *out);

#endif
