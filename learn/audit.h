/* audit: what recorded sessions paid for and need not have: files read again and again, listings of what was installed, schemas of tools that
 * nobody calls. Each with its price in tokens and one remedy that can be taken back.
 *
 * A block is counted once where it is new, and in every request that carries it: that is what is billed, most of it at the price of the
 * provider's cache. Owns: all that it has seen, by audit_free. Thread: one. */
#ifndef LEARN_AUDIT_H
#define LEARN_AUDIT_H

#include "core/transcript/turns.h"

/* X(KIND, "name", is_of_tools, "what it means") */
#define AUDIT_MAP(X)                                                                           \
	X(READ_AGAIN, "read-again", false, "read again while it was in context, unchanged")    \
	X(LARGE_FILE, "large-file", false, "read whole, and large")                            \
	X(INSTALLED, "installed", false, "lists or reads what was installed or built")         \
	X(LOCK_FILE, "lock-file", false, "read, though a program writes it for programs")      \
	X(SERVER_UNUSED, "server-unused", true, "an MCP server whose tools nobody called")     \
	X(SERVER_IDLE, "server-idle", true, "an MCP server that is set up and was not called") \
	X(TOOL_UNUSED, "tool-unused", true, "a tool that nobody called")                       \
	X(TOOL_FAILS, "tool-fails", true, "a tool most of whose calls fail")

enum audit_kind {
#define X(kind, name, is_of_tools, means) AUDIT_##kind,
	AUDIT_MAP(X)
#undef X
		AUDIT_KIND_N
};

const char *audit_kind_name(enum audit_kind k) RETURNS_NONNULL;  /* "read-again"; static */
const char *audit_kind_means(enum audit_kind k) RETURNS_NONNULL; /* static */
bool audit_kind_is_of_tools(enum audit_kind k) PURE;

struct audit_finding {
	enum audit_kind kind;
	str name;          /* the file, the directory, the server or the tool */
	uint64_t times;    /* reads, listings, requests that declared it, calls */
	uint64_t sessions; /* in which that was */
	uint64_t tokens;   /* that need not have been: each once; of a schema, in one request */
	uint64_t sent;     /* the same in all requests that carried them */
	str remedy, undo;  /* what to do, and how to take it back */
};

struct audit_totals {
	uint64_t sessions, requests;
	uint64_t calls;        /* of tools */
	uint64_t declared;     /* requests that were recorded with their list of tools */
	uint64_t tokens, sent; /* of all results, and of the lists of tools */
};

struct audit;
/* project: only sessions of this directory and of those below it; empty: of all. */
enum err audit_new(str project, struct audit **out, struct errctx *cx) MUST_CHECK;
void audit_free(struct audit *a); /* NULL is fine */

/* Adds a recording, of the kinds that turns_load() reads. text must outlive the call only. E_MALFORMED: it is none; E_NOMEM. */
enum err audit_file(struct audit *a, str text, str file_name, struct errctx *cx) MUST_CHECK;
/* An MCP server that an agent's settings name, in this file. */
void audit_server(struct audit *a, str name, str file);

struct audit_result {
	struct audit_totals totals;
	VEC(struct audit_finding) findings; /* of tools, or of reads; the dearest first */
};
/* In the arena a. */
void audit_result(struct audit *audit, bool is_of_tools, struct arena *a, struct audit_result *out);

#endif
