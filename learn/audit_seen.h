/* audit_seen: what the two halves of an audit share: what was seen (audit.c), and what follows from it (audit_find.c). Internal to
 * learn/. */
#ifndef LEARN_AUDIT_SEEN_H
#define LEARN_AUDIT_SEEN_H

#include "core/base/map.h"
#include "core/token/token.h"
#include "learn/audit.h"

/* Times, in how many sessions, and tokens: each once, and in all requests that carried them. */
struct audit_sum {
	uint64_t times, sessions, tokens, sent;
	uint64_t last_session; /* the number of the session that was counted last */
};

struct audit_read {
	str path;
	struct audit_sum all, again, whole;
	uint64_t whole_max; /* tokens of the largest read that was asked for whole */
};

struct audit_dir {
	str name; /* "node_modules" */
	struct audit_sum listed;
	uint64_t lines;
};

struct audit_tool {
	str name;
	enum wire_format format;
	struct audit_sum declared; /* tokens: of its newest schema */
	struct audit_sum called;
	uint64_t failed, failed_tokens, failed_sent;
};

struct audit_config {
	str name, file;
};

struct audit {
	struct arena arena; /* what is kept */
	struct arena file;  /* of the present recording */
	struct arena scratch;
	struct token_cache *cache;
	str project;
	struct map reads; /* path -> struct audit_read */
	struct map dirs;  /* name -> struct audit_dir */
	struct map tools; /* name -> struct audit_tool */
	VEC(struct audit_config) servers;
	struct audit_totals totals;
	uint64_t last_session; /* hash64 of its name */
};

/* The server of "mcp__server__tool"; empty for other tools. */
str audit_server_of(str tool);

/* Whether a name is that of a directory of things that are installed or built; NULL: it is not. */
const char *audit_installed(str name);

#endif
