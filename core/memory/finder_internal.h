/* finder_internal: what the files of the finder share, and core/memory/keep.c, which makes the index out of one. Not for others. */
#ifndef CORE_MEMORY_FINDER_INTERNAL_H
#define CORE_MEMORY_FINDER_INTERNAL_H

#include "core/memory/finder.h"
#include "core/memory/ivf.h"
#include "core/store/memory_parts.h"

enum {
	CACHED_WORDS = 256, /* with postings in memory */
	/* Postings of all of them, 8 bytes each: 4 MB, or so many for each memory. */
	CACHED_POSTINGS = 1 << 19,
	CACHED_OF_EACH = 8,
/* Docs whose figures are one part of an index: 256 KiB. Tests have sheets that few docs fill. */
#ifdef HR_DEBUG
	SHEET_DOCS = 16,
#else
	SHEET_DOCS = 4096,
#endif
	/* Of what stands in parts; another one: they are made anew. */
	INDEX_VERSION = 1 << 16 | SHEET_DOCS,
};

struct finder_doc {
	int64_t number;
	uint64_t user; /* a hash */
	bool is_current;
};

struct cached {
	uint64_t word; /* a hash */
	struct score_posting *v;
	size_t n, cap;
	int64_t until;  /* docs behind that number are not in it yet */
	uint64_t asked; /* when it was last asked for, by memory_finder.asked */
};

struct memory_finder {
	struct memory_store *store;
	struct score_doc *docs; /* by number, as are the others */
	struct finder_doc *more;
	uint32_t *lengths; /* of sums */
	size_t lengths_cap;
	size_t n, cap;
	struct near_set near, far;
	str far_name; /* empty: there are none */
	uint64_t *names;
	size_t names_n, names_cap;
	int64_t log_n; /* up to there it was read; below 0: nothing was */

	/* Of an index, when there is one: what was in it (generation 0: nothing was read from one), and where its vectors are. */
	struct memory_head head;
	struct ivf lists;
	bool is_lost;   /* its parts went while they were looked at */
	bool reads_all; /* an index is not looked at */
	/* For who renews it: the sheets that are not in the file as they are here. NULL unless is_keeper. */
	bool is_keeper;
	bool *dirty;
	size_t dirty_cap;

	/* Links are those of all current docs, but for sessions that were touched since. */
	bool is_linked;
	uint64_t *touched;
	size_t touched_n, touched_cap;
	/* Who passes, and the sums, are those of the current memories of that user. */
	bool is_chosen;
	uint64_t chosen;
	struct score_sums sums;

	struct cached cached[CACHED_WORDS];
	size_t cached_n, postings_n;
	uint64_t asked;  /* words since it began */
	enum err failed; /* in a callback */
};

/* Room for one more in an array; false when there is no memory. */
bool finder_has_room(void **v, size_t n, size_t *cap, size_t size) MUST_CHECK;

/* ---- finder_docs.c: the figures of docs ---- */

/* Reads what has changed, or all. */
enum err finder_refresh(struct memory_finder *f, struct errctx *cx) MUST_CHECK;
/* Where a doc is, or would be. Returns whether it is there. */
bool finder_find(const struct memory_finder *f, int64_t number, size_t *at);
/* Room for one doc more, whose length is 0 until it passes. */
bool finder_grow(struct memory_finder *f) MUST_CHECK;
/* Only docs that pass the filter count from now on. E_NOMEM, and errors of the store. */
enum err finder_choose(struct memory_finder *f, const struct memory_filter *filter,
	struct arena *scratch, struct errctx *cx) MUST_CHECK;
/* Links of sessions are those of the current docs. */
enum err finder_link(struct memory_finder *f) MUST_CHECK;
/* Sessions of two users are two. 0: none. */
uint64_t finder_session(str user, str session) PURE;
/* Nothing is known any more. */
void finder_forget(struct memory_finder *f);
void finder_drop_postings(struct memory_finder *f); /* finder.c */

/* ---- finder_parts.c: an index in the file ---- */

/* Everything as it stands in the index, and log_n; *is_there false: there is none that can be used. As of one moment. */
enum err finder_load(struct memory_finder *f, bool *is_there, struct errctx *cx) MUST_CHECK;
/* The part of those docs; tail: of their vectors, those of the lists apart. */
void finder_write_sheet(const struct memory_finder *f, size_t sheet, struct buf *out);
void finder_write_tail(const struct memory_finder *f, size_t sheet, struct buf *out);
/* docs: n places of docs whose vectors are in near, one list. */
void finder_write_list(
	const struct memory_finder *f, const uint32_t *docs, size_t n, struct buf *out);

#endif
