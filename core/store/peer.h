/* peer: where the decisions and originals of a store are shared with stores of other machines. The store knows it by
 * these functions alone (core/share/peer.h has them over Redis); what it has itself, it never asks for there.
 *
 * What this process decides is said there before it is committed here, and where another one was first its
 * decision is taken: rendering_settle counts ours as lost. What could not be said (nobody there, no room) is said later, in
 * the order in which it was written. What was found there is written here, too, and then found here. A file that takes nothing
 * changes nothing of that: what is decided meanwhile is said, and settled by what is said there (store_told.c). */
#ifndef CORE_STORE_PEER_H
#define CORE_STORE_PEER_H

#include "core/base/buf.h"
#include "core/store/store.h"

enum peer_kind {
	PEER_RENDERING, /* its key: 32 hex digits */
	PEER_ORIGINAL,  /* 64 hex digits of SHA-256 */
};

enum {
	PEER_KEY_MAX = 64,
	PEER_VALUE_MAX = 33 << 20, /* STORE_TEXT_MAX and what stands before it */
	PEER_ID_MAX = 48,  /* bytes of the name of a store, or of a place in what was said by all */
	PEER_HEAR_N = 256, /* events heard at once */
};

/* Something that another store, or this one, has said, and the place where it stands. Valid until it returns. */
typedef void peer_heard_fn(void *to, str id, str origin, str event);

/* One value on its way there. */
struct peer_item {
	enum peer_kind kind;
	char key[PEER_KEY_MAX + 1];
	str value;
	bool is_done; /* it, or another one, is there now */
	struct buf
		there; /* of a rendering: the other one that was there before; the caller's to release */
};

struct store_peer {
	void *self;
	/* The value appended to out, and for an original its whole key: prefix may then be as short as 12 digits.
	 * E_NOT_FOUND; E_FAILED: two originals begin so; E_UNAVAILABLE and others: nobody knows. Waits for a moment. */
	enum err (*get)(void *self, enum peer_kind kind, str prefix, char key[PEER_KEY_MAX + 1],
		struct buf *out);
	/* Puts those that are not there yet. Waits for a moment; what is not done then may be put again. */
	void (*put)(void *self, struct peer_item *items, size_t n);
	/* Sets is_done of those that are there. False: nobody knows. Waits for a moment. */
	bool (*look)(void *self, struct peer_item *items, size_t n);
	/* They are in use: they stay for another while. Sets is_done of those that are there, as look does. An original may be named
	 * by 24 digits. */
	bool (*touch)(void *self, struct peer_item *items, size_t n);
	/* Would put and look be of any use now? */
	bool (*is_ready)(void *self);
	/* Events for all, a line each (feedback_internal.h), from the store of that name: what is left out and asked for. Waits for
	 * nothing. False: it may be said again; after true they may be lost all the same when the connection breaks. */
	bool (*say)(void *self, str origin, str lines);
	/* The next PEER_HEAR_N events behind that place, oldest first; empty: from the beginning. Waits for a moment.
	 * E_UNAVAILABLE and others: nobody knows. */
	enum err (*hear)(void *self, str after, peer_heard_fn *fn, void *to);
};

/* Before any other thread uses the store; p must outlive it, or is taken away with NULL when no other thread does
 * any more. All that was used within the lease is said there, if it is not there yet. */
void store_set_peer(struct store *s, const struct store_peer *p);
/* What the peer had is gone: all is said anew. Any thread; waits for nothing. */
void store_peer_emptied(struct store *s);
/* It is there (again, or still): what could not be said may be now, and others may have said something. To be called every
 * few seconds. Any thread; waits for nothing. */
void store_peer_woke(struct store *s);

struct store_peer_stats {
	uint64_t found_n, missed_n; /* looked up there: renderings and originals */
	uint64_t unknown_n;         /* and nobody knew */
	uint64_t put_n, unput_n;    /* said, and not at once */
	uint64_t late_n;            /* said later */
	uint64_t again_n;           /* said again: in use here, and gone there */
	uint64_t yielded_n;         /* another one was first there */
	uint64_t said_n, heard_n;   /* events of retrievals */
	uint64_t unsaid_n;          /* the same; lost, for too many were waiting */
	bool is_late;               /* something is still to be said */
};
void store_get_peer_stats(struct store *s, struct store_peer_stats *out);

#endif
