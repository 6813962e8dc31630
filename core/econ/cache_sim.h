/* cache_sim: what a provider's prompt cache does with the requests of one conversation, so that a change of
 * the bytes we send can be priced before anyone pays for it.
 *
 * A request is an ordered list of segments (tools, system blocks, message blocks). One simulator serves one
 * conversation as one arm sends it ("raw", "compressed"); arms are compared afterwards by cache_classify().
 * Two kinds of cache are modelled:
 *   breakpoints (Anthropic): a prefix is stored where the request says so, and found again when it ends at a
 *     breakpoint or a bounded number of blocks before one;
 *   automatic (OpenAI, Gemini): every request is stored whole, the longest common prefix is read.
 * Common prefixes are known at the ends of segments only, so an automatic cache reads at most one segment
 * more than we say.
 *
 * Owns: its entries, in the arena that it was made in; they go with it, not before. Pure: no clock, no I/O.
 * Thread: that of the arena. */
#ifndef CORE_ECON_CACHE_SIM_H
#define CORE_ECON_CACHE_SIM_H

#include "core/base/arena.h"
#include "core/base/hash.h"
#include "core/token/model.h"

enum cache_ttl { CACHE_5M, CACHE_1H, CACHE_TTL_N };

struct cache_segment {
	struct hash128 hash; /* of the exact bytes, without cache_control */
	uint32_t tokens;
	bool has_breakpoint; /* the segment carries cache_control */
	enum cache_ttl ttl;  /* of that breakpoint */
};

#define CACHE_BREAKPOINTS_MAX 8

enum cache_kind { CACHE_NONE, CACHE_BREAKPOINTS, CACHE_AUTOMATIC };

/* The rules of one provider and model; plain data, so that options may override any of them. */
struct cache_policy {
	enum cache_kind kind;
	uint32_t min_tokens;  /* shorter prefixes are neither stored nor read */
	uint32_t step_tokens; /* automatic: reads are rounded down to a multiple of this */
	uint32_t
		breakpoints_max; /* the last so many of a request count; <= CACHE_BREAKPOINTS_MAX */
	uint32_t look_back;      /* positions tried per breakpoint, its own being the first */
	int64_t ttl_ms[CACHE_TTL_N]; /* since the last use; an automatic cache has the first only */
};

/* The documented rules of the model's provider; CACHE_NONE for PROVIDER_UNKNOWN. */
struct cache_policy cache_policy_of(const struct model *m);

#define CACHE_TIME_UNKNOWN INT64_MIN

struct cache_request {
	str model; /* caches of two models share nothing */
	int64_t at_ms; /* when it was sent; CACHE_TIME_UNKNOWN (or going backwards): no time has passed */
	const struct cache_segment *segments;
	uint32_t n;
};

/* What became of one request, in tokens: total = read + write[0] + write[1] + uncached. */
struct cache_turn {
	uint64_t total;
	uint64_t read;
	uint64_t write[CACHE_TTL_N];
	uint64_t uncached;
	/* What the request before has left behind, for cache_classify(). */
	bool is_first;   /* there was no request before */
	bool is_expired; /* its entry was there, but its time is over */
	uint64_t live;   /* tokens of its entry, 0 when it left none or it is expired */
	uint32_t live_n; /* segments of its entry */
	uint32_t kept_n; /* how many of these this request still begins with */
};

struct cache_sim;
struct cache_sim *cache_sim_new(struct arena *a, const struct cache_policy *policy) RETURNS_NONNULL;
/* Sends the next request of the conversation: says what is read and stores what it leaves behind. */
struct cache_turn cache_sim_send(struct cache_sim *sim, const struct cache_request *req);

enum cache_class {
	CACHE_COLD, /* nothing was there to read: first request, or all before were too short */
	CACHE_HIT,  /* all that the request before had left was read */
	CACHE_PARTIAL, /* the prefix is as it was, but the provider's rules find it in part only, or not */
	CACHE_BUST,    /* a live prefix was lost because we sent other bytes than before */
	CACHE_RESET,   /* a live prefix was lost because the client changed it */
	CACHE_EXPIRED, /* the prefix is as it was or not, its entry is gone by age */
	CACHE_CLASS_N
};

const char *cache_class_name(enum cache_class c) RETURNS_NONNULL; /* "hit"; static */

/* The class of an arm's turn, given the same turn as the client sent it (the same pointer when the arm is
 * the client itself). Segments of both stand for the same blocks in the same order; blocks that an arm adds
 * in every request at one place do no harm, since the ends of the prefixes are compared, not their starts. */
enum cache_class cache_classify(const struct cache_turn *arm, const struct cache_turn *client);
/* Tokens of the live prefix that a bust did not read; 0 for other classes. */
uint64_t cache_bust_tokens(const struct cache_turn *arm, const struct cache_turn *client);

#endif
