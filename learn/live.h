/* live: what is learned from requests while they pass, off their path: a request is copied to a queue, and one thread beside the server reads what
 * is new in it. A rule that was seen often enough becomes a memory of its project (core/store/memory.h), where it is found
 * by whoever is asked about it; one that is refuted is taken out again. What a person deletes or changes there stays so.
 *
 * When a rule was seen is kept in one file, each time by the id of the call or the words, so that a history that is sent again
 * counts once: under another name, to a proxy that was started anew, to another one beside this.
 * Owns: the thread, the queue, what was learned. Free: learn_live_stop. Thread: learn_live_tell any; else one. */
#ifndef LEARN_LIVE_H
#define LEARN_LIVE_H

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/memory/place.h"
#include "learn/learn.h"

enum {
	LEARN_LIVE_QUEUE = 256, /* requests that wait */
	LEARN_LIVE_RULES_MAX =
		2000, /* of all projects; beyond it a quarter is forgotten, those that were not seen for longest */
	LEARN_LIVE_SIGHTINGS_MAX =
		RULE_SIGHTINGS_MAX, /* of a rule that are known; no more are counted */
};
/* Bytes that wait. What comes when there is no room is passed over: the next request of the conversation has it, too. */
#define LEARN_LIVE_BYTES_MAX ((size_t)64 << 20)

struct learn_live_conf {
	uint32_t min_evidence; /* at least 1; more than LEARN_LIVE_SIGHTINGS_MAX is that */
	const char *file;      /* what was seen so far; its directory is made */
	struct memory_place_conf
		place;             /* where memories are; of the user whose requests these are */
	const struct log *log;     /* NULL: none */
	const struct clock *clock; /* NULL: the system's */
};

/* One request, as the client sent it. */
struct learn_live_request {
	str body;
	str session;                 /* its conversation; not empty */
	str project_id, project_dir; /* what its headers say; empty: what its system prompt names */
	int64_t at_ms;
};

struct learn_live;
/* What conf points to must outlive it. A file that cannot be read is E_CONFIG: it would be lost. E_NOMEM, E_UNAVAILABLE. */
enum err learn_live_start(
	const struct learn_live_conf *conf, struct learn_live **out, struct errctx *cx) MUST_CHECK;
/* Copies what it needs and returns at once; whether there was room. */
bool learn_live_tell(struct learn_live *l, const struct learn_live_request *r);
/* Returns when all that was told has been read and written down. */
void learn_live_wait(struct learn_live *l);
void learn_live_stop(struct learn_live *l); /* waits, too; NULL is fine */

#endif
