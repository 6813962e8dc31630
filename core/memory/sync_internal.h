/* sync_internal: what the files of sync share. Private to core/memory. */
#ifndef CORE_MEMORY_SYNC_INTERNAL_H
#define CORE_MEMORY_SYNC_INTERNAL_H

#include "core/memory/sync.h"

struct sync {
	struct memory_store *store;
	const struct sync_conf *conf;
	struct arena *arena;
	struct sync_counts *counts;
	struct memory_set set; /* current memories of the user */
	bool *is_there;        /* by memory of set: the agent has it */
};

/* Reads the current memories again. */
enum err sync_read(struct sync *s, struct errctx *cx) MUST_CHECK;
/* A text of the agent's, from a file (a name without directory, or empty): known already, a new version of what that file
 * said before, or new. */
enum err sync_take(struct sync *s, str text, str file, struct errctx *cx) MUST_CHECK;
/* Whether a memory came from this agent. */
bool sync_is_own(const struct sync *s, const struct memory *m);
/* The first line of a text, of it at most max bytes, in which no comment begins or ends; no blank at either end. */
str sync_line(struct sync *s, str text, size_t max);

/* A file as text; empty when there is none. E_IO, E_TOO_BIG. */
enum err sync_load(struct sync *s, const char *path, str *out, struct errctx *cx) MUST_CHECK;
/* Writes it when it is another text, and not in a dry run. */
enum err sync_store(
	struct sync *s, const char *path, str was, str text, struct errctx *cx) MUST_CHECK;

/* The lines of the block in text; *has: there is one. E_CONFIG. */
enum err sync_block_find(
	const char *path, str text, str *lines, bool *has, struct errctx *cx) MUST_CHECK;
/* text with a block of these lines in the place of the old one, or at its end; lines empty: without. */
str sync_block_put(struct sync *s, str text, str lines);

enum err sync_claude(struct sync *s, struct errctx *cx) MUST_CHECK;
enum err sync_codex(struct sync *s, struct errctx *cx) MUST_CHECK;

#endif
