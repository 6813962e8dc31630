/* memory: what was learned and is to be known again, in an SQLite file of its own. The columns of the table are those of
 * the Python program whose files this opens too; what we add to such a file is added when it is first written to.
 *
 * A memory has a user and perhaps a narrower scope (session, agent, turn). A newer version supersedes an older one, which
 * stays and is found only by those who ask for it or for a moment at which it was valid. What is deleted is kept for
 * MEMORY_KEEP_DELETED_MS and found by nobody but `with_deleted`; memory_erase takes rows away for good. Every change of a
 * row that was there leaves a row in the audit trail. Validity, user and scope stand in one place, the row itself:
 * no copy of the text that a search reads can be stale.
 *
 * Many processes may have the file open (WAL). A struct memory_store is one connection. Owns: the connection.
 * Free: memory_store_close. Thread: one at a time. */
#ifndef CORE_STORE_MEMORY_H
#define CORE_STORE_MEMORY_H

#include <stdbool.h>

#include "core/base/clock.h"
#include "core/base/err.h"

/* One memory is a fact or a few. Longer texts are documents, which belong into files. */
#define MEMORY_CONTENT_MAX ((size_t)64 << 10)
/* A mistaken deletion is noticed within weeks. */
#define MEMORY_KEEP_DELETED_MS ((int64_t)30 * 24 * 3600 * 1000)
#define MEMORY_NO_TIME         INT64_MIN

/* X(NAME, column). Empty: not set, except where the default says otherwise. */
#define MEMORY_TEXTS(X)                                                 \
	X(ID, "id")                                                     \
	X(CONTENT, "content")                                           \
	X(USER, "user_id")                                              \
	X(SESSION, "session_id")                                        \
	X(AGENT, "agent_id")                                            \
	X(TURN, "turn_id")                                              \
	X(SPEAKER, "speaker") /* who said it */                         \
	X(CATEGORY, "category")                                         \
	X(SUPERSEDES, "supersedes")                                     \
	X(SUPERSEDED_BY, "superseded_by")                               \
	X(PROMOTED_FROM, "promoted_from")                               \
	X(PROMOTION_CHAIN, "promotion_chain") /* JSON array */          \
	X(ENTITIES, "entity_refs")            /* JSON array of names */ \
	X(METADATA, "metadata")               /* JSON object */

/* Milliseconds since 1970; MEMORY_NO_TIME: not set. */
#define MEMORY_TIMES(X)               \
	X(CREATED, "created_at")      \
	X(VALID_FROM, "valid_from")   \
	X(VALID_UNTIL, "valid_until") \
	X(USED, "last_accessed")      \
	X(DELETED, "deleted_at")

enum memory_text {
#define X(name, column) MEMORY_##name,
	MEMORY_TEXTS(X)
#undef X
		MEMORY_TEXTS_N
};

enum memory_time {
#define X(name, column) MEMORY_##name,
	MEMORY_TIMES(X)
#undef X
		MEMORY_TIMES_N
};

const char *memory_text_name(enum memory_text t) RETURNS_NONNULL; /* the column */
const char *memory_time_name(enum memory_time t) RETURNS_NONNULL;

struct memory {
	str text[MEMORY_TEXTS_N];
	int64_t at[MEMORY_TIMES_N];
	double importance; /* 0 to 1 */
	int64_t used_n;
};

/* A memory with every field at its default: current, importance 0.5. */
struct memory memory_blank(void);

/* From broad to narrow; which one follows from the fields that are set. */
enum memory_scope {
	MEMORY_SCOPE_USER,
	MEMORY_SCOPE_SESSION,
	MEMORY_SCOPE_AGENT,
	MEMORY_SCOPE_TURN
};
enum memory_scope memory_scope_of(const struct memory *m) PURE;
const char *memory_scope_name(enum memory_scope s) RETURNS_NONNULL; /* "user" */

/* Rows that were read, with their texts. Zero-initialise. Free: memory_set_free. */
struct memory_set {
	struct memory *v;
	size_t n, cap;
	struct memory_texts *texts;
};
void memory_set_free(struct memory_set *set);

struct memory_store;

enum memory_mode {
	MEMORY_READ, /* E_NOT_FOUND when there is no file, or nothing in it yet; changes nothing */
	MEMORY_WRITE, /* makes the file, private to the user, and directories above it; migrates it */
};
/* clock: NULL: the system's. E_CONFIG: the database of another program (which is left as it is), or no regular file. E_UNSUPPORTED: written by a newer headroom. */
enum err memory_store_open(const char *path, enum memory_mode mode, const struct clock *clock,
	struct memory_store **out, struct errctx *cx) MUST_CHECK;
void memory_store_close(struct memory_store *s); /* NULL is allowed */
/* A number that is another one once another connection has written to the file. */
enum err memory_store_version(struct memory_store *s, int64_t *out, struct errctx *cx) MUST_CHECK;
bool memory_is_foreign(
	const struct memory_store *s) PURE; /* no headroom has written it yet; MEMORY_READ */
bool memory_is_writable(const struct memory_store *s) PURE; /* opened with MEMORY_WRITE */
/* Where it lies nobody can write, or not we: what changes in it all the same is not seen before it is opened again. */
bool memory_is_frozen(const struct memory_store *s) PURE;

/* ---- writing: MEMORY_WRITE ---- */

enum { MEMORY_ID_LEN = 36 };

struct memory_added {
	char id[MEMORY_ID_LEN + 1];
	bool was_there; /* the same text of the same user, session and agent: it is used once more */
};
/* A new memory. Of m the texts USER (not empty), CONTENT, SESSION, AGENT, TURN, SPEAKER, CATEGORY, ENTITIES, METADATA, the time
 * CREATED (MEMORY_NO_TIME: now) and the importance count. E_TOO_BIG over MEMORY_CONTENT_MAX, E_MALFORMED when content is
 * empty or no UTF-8. */
enum err memory_add(struct memory_store *s, const struct memory *m, struct memory_added *out,
	struct errctx *cx) MUST_CHECK;
/* The row as it is given, over one of the same id: for import. *is_new: there was none. */
enum err memory_put(
	struct memory_store *s, const struct memory *m, bool *is_new, struct errctx *cx) MUST_CHECK;

struct memory_change {
	str content;       /* p NULL: as it is */
	double importance; /* below 0: as it is */
	str by, reason;    /* for the audit trail */
	bool is_in_place;  /* the row itself changes; else a new content is a new version */
};
/* id: whole, of a current memory. out: the id that it has now. E_NOT_FOUND. */
enum err memory_edit(struct memory_store *s, str id, const struct memory_change *c,
	struct memory_added *out, struct errctx *cx) MUST_CHECK;
/* id: whole. E_NOT_FOUND: no such memory, or deleted already. */
enum err memory_delete(
	struct memory_store *s, str id, str by, str reason, struct errctx *cx) MUST_CHECK;
/* Takes the row and its audit trail away for good. */
enum err memory_erase(struct memory_store *s, str id, struct errctx *cx) MUST_CHECK;
/* All of them, in one transaction; the freed pages are given back. *n: how many rows. */
enum err memory_erase_all(struct memory_store *s, int64_t *n, struct errctx *cx) MUST_CHECK;
/* Several changes as one: all or none. Not nested. */
enum err memory_begin(struct memory_store *s, struct errctx *cx) MUST_CHECK;
enum err memory_commit(struct memory_store *s, struct errctx *cx) MUST_CHECK;
void memory_rollback(struct memory_store *s);
bool memory_is_changing(const struct memory_store *s) PURE; /* after memory_begin */

/* ---- reading ---- */

enum { MEMORY_ALL_SCOPES = -1 };

struct memory_filter {
	str user, session, category, entity; /* empty: any; ASCII case of entity is ignored */
	str id;                              /* beginning of it */
	str contains;                        /* somewhere in the content; ASCII case is ignored */
	int scope;                           /* enum memory_scope, or MEMORY_ALL_SCOPES */
	int64_t from_ms, until_ms; /* created in [from, until); MEMORY_NO_TIME: no bound */
	int64_t at_ms;             /* valid at that moment; MEMORY_NO_TIME: current */
	double importance_min, importance_max;
	bool with_superseded, with_deleted;
	bool is_oldest_first;
	size_t limit; /* 0: all */
};
/* One that lets all current memories pass. */
struct memory_filter memory_filter_all(void);

enum err memory_list(struct memory_store *s, const struct memory_filter *f, struct memory_set *out,
	struct errctx *cx) MUST_CHECK;
/* The one memory, superseded ones too, whose id begins so. E_NOT_FOUND; E_FAILED when there are several. */
enum err memory_find(
	struct memory_store *s, str id, struct memory_set *out, struct errctx *cx) MUST_CHECK;

/* The audit trail of a memory, oldest first. All texts are valid during the call alone. */
struct memory_edit_row {
	int64_t at_ms;
	str action, by, reason, content; /* content: what it was before */
};
typedef void (*memory_edit_fn)(void *self, const struct memory_edit_row *row);
enum err memory_edits(struct memory_store *s, str id, memory_edit_fn fn, void *self,
	struct errctx *cx) MUST_CHECK;

#endif
