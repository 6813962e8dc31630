/* replay: recorded sessions sent once more, turn by turn, through one or several arms (ways to treat a request), each with
 * the provider's prompt cache simulated: what it would have cost, and why. Nothing is sent anywhere and nothing is written.
 *
 * A result is added up from files in the order in which the caller merges them, so that it does not depend on which was
 * done first. Owns: a result owns all that it says, by replay_result_release. Thread: one per result; conf is shared. */
#ifndef CORE_REPLAY_REPLAY_H
#define CORE_REPLAY_REPLAY_H

#include "core/econ/cost.h"
#include "core/econ/price.h"
#include "core/engine/engine.h"
#include "core/transcript/turns.h"

/* ---- arms ---------------------------------------------------------------------------------------- */

enum { REPLAY_ARMS_MAX = 8 };

enum replay_arm_kind {
	REPLAY_NONE,     /* as the client sent it */
	REPLAY_LOGGED,   /* as the recording says that it was sent on */
	REPLAY_COMPRESS, /* through the engine */
};

struct replay_arm {
	str name;
	enum replay_arm_kind kind;
	struct compress_conf compress;
};

/* "none", "logged", "token", "cache", or "NAME:KEY=VALUE,...", where the keys are mode (token, cache), lossless (on, off),
 * target-ratio, protect-recent, protect-tool-results (globs, separated by '+'), exclude-tools (the same),
 * tool-profile (TOOL=LEVEL, separated by '+'), min-tokens, protect-analysis-context, trim-tools and ccr (on, off). E_USAGE, saying which. The
 * arm points into the arena. */
enum err replay_arm_parse(
	struct arena *a, str text, struct replay_arm *out, struct errctx *cx) MUST_CHECK;

/* ---- settings ------------------------------------------------------------------------------------ */

enum replay_breakpoints {
	REPLAY_BREAKPOINTS_AUTO, /* those of the request; an agent's usual ones where it has none */
	REPLAY_BREAKPOINTS_LOG,  /* those of the request */
	REPLAY_BREAKPOINTS_NONE, /* nothing is cached where the request must say so */
};

struct replay_conf {
	const struct replay_arm *arms; /* the first is the baseline */
	uint32_t arms_n;
	const struct price_table *prices; /* NULL: the built-in ones */
	int64_t ttl_ms; /* life of a cache entry; 0: the provider's, as the request asks for it */
	int64_t cache_min; /* tokens; -1: the model's */
	enum replay_breakpoints breakpoints;
	/* How many of the texts that were left out the model asks for: each costs one more turn, and its tokens. */
	double retrieve_rate;
	bool retrieves_as_logged; /* in place of that rate, in each session that of its log; 0 where there is none */
	bool no_output_cost, verifies;
	bool keeps_turns;           /* rows of the result */
	str session;                /* only those whose key begins so; empty: all */
	int64_t since_ms, until_ms; /* [since, until); 0: no limit. Turns without a time are in */
	uint64_t limit;             /* turns of each session, the first; 0: all */
	uint64_t
		recent; /* the last turns of each session that count; the others only fill the cache. 0: all */
};

/* ---- results ------------------------------------------------------------------------------------- */

/* Tokens are the model's own, estimated where its tokenizer is closed. */
struct replay_sums {
	uint64_t turns;
	uint64_t raw, sent; /* before and after */
	uint64_t read, write[CACHE_TTL_N], uncached;
	uint64_t classes[CACHE_CLASS_N];
	uint64_t bust_tokens;
	uint64_t output;
	uint64_t changed_results;
	double retrievals, retrieved_tokens; /* by the rate that was assumed */
	struct cost cost, cost_uncached;     /* USD; the second: if nothing were cached */
	double retrieval_cost;               /* not in cost */
};

/* All that one arm's turns of a group cost. */
double replay_cost(const struct replay_sums *s);

struct replay_group {
	str name;
	struct replay_sums sums[REPLAY_ARMS_MAX];
};
struct replay_groups {
	VEC(struct replay_group) v;
};

enum replay_by {
	REPLAY_BY_MODEL,
	REPLAY_BY_DAY, /* UTC; "unknown" without a time */
	REPLAY_BY_SESSION,
	REPLAY_BY_PROJECT, /* the directory that the recording names; "unknown" */
	REPLAY_BY_N
};

/* What one way of rewriting did, or what was done with the results of one tool. Over all names they add up to what was saved in an arm,
 * to the token: REPLAY_REST is what is no result's (our tool, what is shown behind a question, rounding). */
#define REPLAY_REST "(rest)"
struct replay_transform {
	str name; /* "gutter+reference", "Bash" */
	uint32_t arm;
	uint64_t results; /* each counted in the turn that it came with */
	int64_t saved;    /* tokens, in all turns that carried it */
	double usd;       /* of these, at what a token of the turn's input cost on the average */
};

struct replay_transforms {
	VEC(struct replay_transform) v;
};

struct replay_turn {
	str session, model;
	uint32_t turn; /* from 1 */
	int64_t sent_ms;
	uint32_t arm;
	enum cache_class class;
	uint64_t raw, sent, read, write, uncached, bust_tokens;
	double cost;  /* with output */
	double delta; /* more than the baseline's */
	double ms;
	enum trail_cause by; /* what was changed, where the turn is a bust or a reset */
	str at;              /* and where */
};

/* A live prefix that was lost, because what was sent did not begin as before. */
struct replay_break {
	str session, at; /* at: a tool, or the path of a block */
	uint32_t turn, arm;
	enum trail_cause by;
	size_t byte;     /* of the body, as trail.h has it */
	uint64_t tokens; /* that had to be written again */
	double usd;      /* more than reading them */
};

struct replay_cause {
	uint64_t turns, tokens;
	double usd;
};

/* The simulator against what the provider reported of the very requests that were sent. */
struct replay_calibration {
	uint64_t turns; /* 0: nothing was reported */
	uint64_t
		resets; /* of these, in which the provider had nothing, which the bodies do not show: taken from its report */
	uint64_t read, recorded_read, write, recorded_write;
	double cost, recorded_cost; /* of input, USD */
	/* Of the second halves of sessions, predicted from bodies, times, and the usage of the first halves alone. */
	struct replay_blind {
		uint64_t turns, read, recorded_read;
		double cost, recorded_cost;
		/* Of these, turns in which the provider had lost its cache, which nobody can foretell. */
		uint64_t lost_turns;
		double lost_cost, lost_recorded_cost;
	} blind;
};

/* What logs say of texts that were left out of what was sent, and of those that were asked for. */
struct replay_asked {
	uint64_t elided, elided_tokens, retrieved;
};

enum { REPLAY_WORST_MAX = 5 };

struct replay_result {
	struct arena arena;
	uint64_t files, sessions, turns;
	uint64_t bad_lines;
	uint64_t skipped;          /* turns that are no request of a known format */
	uint64_t logged;           /* turns that were sent on otherwise than they came */
	int64_t first_ms, last_ms; /* of turns with a time; 0: there is none */
	struct replay_sums sums[REPLAY_ARMS_MAX];
	VEC(double) ms[REPLAY_ARMS_MAX]; /* of each turn that was compressed */
	struct replay_groups by[REPLAY_BY_N];
	struct replay_transforms transforms, tools;
	struct replay_cause causes[REPLAY_ARMS_MAX][TRAIL_CAUSE_N];
	struct replay_break breaks[REPLAY_WORST_MAX]; /* the dearest first */
	uint32_t breaks_n;
	struct replay_turn
		worst[REPLAY_WORST_MAX]; /* cost most more than the baseline; the worst first */
	uint32_t worst_n;
	VEC(struct replay_turn) rows;
	VEC(str) unpriced; /* models whose price is a guess */
	struct replay_calibration calibration;
	struct replay_asked asked;
	struct {
		uint64_t proven, failed;
		str first; /* what failed first */
	} verified;
};

void replay_result_init(struct replay_result *r);
void replay_result_release(struct replay_result *r);

/* Adds a recording. text must outlive the call only. E_MALFORMED: it is none; E_NOMEM; other errors of the engine. After an
 * error the result may hold a part of it. */
enum err replay_file(const struct replay_conf *conf, str text, str file_name,
	enum transcript_kind kind, struct replay_result *r, struct errctx *cx) MUST_CHECK;

/* Adds part to sum. */
void replay_merge(struct replay_result *sum, const struct replay_result *part);

/* Milliseconds that a turn of an arm took, at a quantile of 0 to 1; 0 without turns. Sorts. */
double replay_ms(struct replay_result *r, uint32_t arm, double quantile);

#endif
