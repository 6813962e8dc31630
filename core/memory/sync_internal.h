/* sync_internal: what the files of sync share. Private to core/memory. */
#ifndef CORE_MEMORY_SYNC_INTERNAL_H
#define CORE_MEMORY_SYNC_INTERNAL_H

#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/memory/sync.h"

/* A current memory of the user. */
struct sync_row {
	const struct memory *m;
	bool is_own;      /* it came from this agent */
	bool is_there;    /* the agent has the text in a file */
	const char *note; /* the name of the file of ours that holds it; NULL: none */
	str source;       /* of an own one: the file in which the agent said it; may be empty */
};

/* What is to become of a file, once the store is written. */
struct sync_change {
	const char *path;
	str was, text;
	bool was_there, is_removed;
};

struct sync {
	struct memory_store *store;
	const struct sync_conf *conf;
	struct arena *arena;
	struct sync_counts *counts;
	const char *root; /* the directory of the agent's file, with links followed */
	struct memory_set set;
	struct sync_row *rows;                /* set.n of them */
	struct map by_id, by_text, by_source; /* -> struct sync_row; of several the first */
	struct memory_set all; /* also what was superseded or deleted, once somebody has asked */
	struct map all_by_id;  /* -> struct memory */
	VEC(struct sync_change) changes;
};

/* ---- sync.c ---- */

/* Reads the current memories again. What is known of those that were there before stays. */
enum err sync_read(struct sync *s, struct errctx *cx) MUST_CHECK;
/* A version of a memory of the user's, valid or not; NULL: there never was one. */
enum err sync_any(struct sync *s, str id, const struct memory **out, struct errctx *cx) MUST_CHECK;
/* All versions of all memories in s->all. */
enum err sync_read_all(struct sync *s, struct errctx *cx) MUST_CHECK;
/* A text of the agent's, from a file (a name without directory, or empty): known already, a new version of what that file
 * said before, or new. */
enum err sync_take(struct sync *s, str text, str file, struct errctx *cx) MUST_CHECK;
/* Those that may go to the agent, the most important first: all but those with secrets. */
const struct sync_row **sync_outgoing(struct sync *s, size_t *n);
/* The first line of a text, of it at most max bytes, in which no comment begins or ends; no blank at either end. */
str sync_line(struct sync *s, str text, size_t max);

/* ---- sync_file.c ---- */

/* The directory that all of it is in: s->root. */
enum err sync_find_root(struct sync *s, struct errctx *cx) MUST_CHECK;
/* A file as text; empty, and not *is_there, when there is none. E_CONFIG: it leads out of the directory, or is no
 * regular file. E_IO, E_TOO_BIG. */
enum err sync_load(
	struct sync *s, const char *path, str *out, bool *is_there, struct errctx *cx) MUST_CHECK;
/* What becomes of it when the store is written, unless it is the same text. */
void sync_plan(struct sync *s, const struct sync_change *change);
/* Does what was planned. A file that is not as it was read any more stays as it is, and is counted. */
enum err sync_apply(struct sync *s, struct errctx *cx) MUST_CHECK;

/* The lines of the block in text; *has: there is one. E_CONFIG. */
enum err sync_block_find(
	const char *path, str text, str *lines, bool *has, struct errctx *cx) MUST_CHECK;
/* Plans the file of change with a block of these lines in the place of the old one, or at its end; lines empty: without, or with an
 * empty one where the text around it would then have the beginning of another. E_TOO_BIG: it could not be read again. */
enum err sync_block_plan(
	struct sync *s, struct sync_change *change, str lines, struct errctx *cx) MUST_CHECK;

/* ---- sync_agent.c ---- */

enum err sync_claude(struct sync *s, struct errctx *cx) MUST_CHECK;
enum err sync_codex(struct sync *s, struct errctx *cx) MUST_CHECK;

#endif
