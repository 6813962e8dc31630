/* ledger: one append-only row per request that went through headroom. Every figure on every surface
 * is a query over it; resetting the statistics of a process is a new proxy_run, never a delete. It
 * holds no content: names, counts, times and money.
 *
 * Rows older than the store's ledger_keep_ms, and the oldest beyond ledger_rows_max, are folded into
 * sums per UTC day and group keys, so that totals of any time never shrink. Such a sum has the time
 * of its day's beginning and no proxy_run.
 *
 * A row is queued like every write of the store; queries read what is committed (by any process), so
 * whoever wants to see the rows just added calls store_flush first.
 * Thread: any. */
#ifndef CORE_STORE_LEDGER_H
#define CORE_STORE_LEDGER_H

#include "core/base/buf.h"
#include "core/store/store.h"

enum {
	LEDGER_ID_MAX = 26, /* a ULID */
	LEDGER_NAME_MAX =
		64, /* upstream, endpoint, format, client, reason, break_cause; longer ones are cut */
	LEDGER_TEXT_MAX = 128,       /* model, project, session; the same */
	LEDGER_ERROR_MAX = 256,      /* error; the same */
	LEDGER_TRANSFORMS_MAX = 512, /* transforms; the same */
};

/* Endpoints of rows that are no requests to a proxy, and are not counted as such: a text that a model had made smaller
 * (tokens before and after), and originals that were asked for (tokens after: what was given takes from what was
 * saved). Money is not known of them. */
#define LEDGER_MCP_COMPRESS "mcp/compress"
#define LEDGER_MCP_RETRIEVE "mcp/retrieve"
#define LEDGER_CLI_RETRIEVE "cli/retrieve"

/* break_cause of what was our own fault: that of TRAIL_OWN in core/engine/trail.h. */
#define LEDGER_BREAK_OWN "headroom"

/* Counts, times and money beyond it are kept as this (money also not below its negative): then no sum
 * over the rows that fit into a store can overflow. */
#define LEDGER_VALUE_MAX ((int64_t)1000000000000)

/* What became of the conversation while a share of them was held out. */
enum ledger_arm {
	LEDGER_ARM_NONE, /* no share was */
	LEDGER_ARM_TREATED,
	LEDGER_ARM_HELD, /* left alone, to compare with */
	LEDGER_ARM_N
};

struct ledger_row {
	char id[LEDGER_ID_MAX + 1];                        /* of the request */
	int64_t at_ms;                                     /* arrival, wall clock */
	const char *upstream, *endpoint, *format, *client; /* NULL: empty */
	str model;            /* as asked for (the response's own when the request names none) */
	str project, session; /* may be empty */
	str token;            /* the name of the proxy's token that it came with; may be empty */
	uint64_t proxy_run;   /* which process, so that "this session" is a query, too; 63 bits */
	int status;           /* to the client; 0: it was gone before there was one */
	bool is_stream;
	bool is_cached;      /* answered from our response cache */
	bool is_client_gone; /* before the end of the response */
	bool is_complete;    /* the response came to its end */
	const char *reason;  /* what was done, or why not: "changed", "switched_off" */
	str transforms;      /* "gutter*3 reference*2" */
	str error;           /* short, no content */
	uint64_t tokens_before, tokens_after;     /* our calibrated estimate */
	uint64_t results_n, changed_n;            /* tool results seen and changed */
	uint64_t bytes_in, bytes_sent, bytes_out; /* request as it came, as sent; response */
	bool has_usage;                           /* the provider's own figures are there: */
	uint64_t input; /* neither read from its cache nor written to it */
	uint64_t cache_read, cache_write_5m, cache_write_1h, output;
	uint64_t reasoning;  /* a part of output */
	int64_t cost_nano;   /* of the usage, USD 1e-9; -1: the price is not known */
	bool has_saved;      /* saved_nano is an estimate, and not: not known */
	int64_t saved_nano;  /* net; negative when the change cost more than it saved */
	int64_t latency_us;  /* arrival to end */
	int64_t overhead_us; /* ours, before sending */
	int64_t ttfb_us;     /* arrival to the first byte of the response; 0: none came */
	unsigned attempts;
	/* What broke the provider's prompt cache (core/engine/trail.h): its name, "" when nothing did; where; and what had to be
	 * written again, with what that cost more than reading it. The path may name a tool; it is cut at LEDGER_TEXT_MAX. */
	const char *break_cause;
	str break_path;
	uint64_t break_at, break_tokens;
	int64_t break_nano; /* 0 also when the price is not known */
	str parts;          /* ledger_parts_write: what was saved where; may be empty */
	/* Which conversation it is of, and what was asked in it (a request that comes twice has this twice): hashes, of which 63 bits are
	 * kept; 0: not known. */
	uint64_t conversation, asked;
	enum ledger_arm arm;
	uint64_t again_n; /* files and commands that the model asked for again in its newest turn */
	uint64_t retrievals_n; /* originals that it asked for */
};

/* By tool and by encoder: a part of tokens_before - tokens_after; over all parts of a kind and what is said of none, they are that to the
 * token. And what became of results, by "ENCODERS TOOL", where "-" is for what went as it came: how many were shown for the first time
 * (results), and how many of those shown before were asked for again (saved): the same file or command, or the original. */
enum ledger_part_kind {
	LEDGER_PART_TOOL,
	LEDGER_PART_ENCODER,
	LEDGER_PART_AGAIN,
	LEDGER_PART_RETRIEVED,
	LEDGER_PART_N
};
struct ledger_part {
	enum ledger_part_kind kind;
	str name;
	uint64_t results; /* that were changed, in every request that carried them */
	int64_t saved;
};
enum { LEDGER_PARTS_MAX = 40, LEDGER_PARTS_BYTES = 8192 };
/* The text of ledger_row.parts; the first LEDGER_PARTS_MAX. */
void ledger_parts_write(struct buf *out, const struct ledger_part *parts, size_t n);

/* Adds the row of something that is no request, at this time. Errors as below. */
enum err ledger_add_own(struct store *s, const char *endpoint, const char *reason,
	uint64_t tokens_before, uint64_t tokens_after, struct errctx *cx) MUST_CHECK;
/* Queued; copies all of row. A second row with the same id is dropped. While the file cannot be written rows wait, as long as half of the
 * queue has room. E_BUSY when the queue is full, E_IO (no room for more that wait), E_PERMISSION as in store.h, E_NOMEM. */
enum err ledger_add(struct store *s, const struct ledger_row *row, struct errctx *cx) MUST_CHECK;

struct ledger_sum {
	uint64_t requests; /* to a proxy */
	uint64_t cached;   /* answered from our response cache */
	uint64_t failed;   /* status 400 and above */
	uint64_t changed;  /* requests in which at least one result was changed */
	uint64_t tokens_before, tokens_after;
	uint64_t input, cache_read, cache_write_5m, cache_write_1h, output, reasoning;
	uint64_t bytes_in, bytes_sent, bytes_out;
	int64_t cost_nano, saved_nano; /* of those where it is known */
	uint64_t cost_unknown_n;       /* requests with usage and without a price */
	uint64_t usage_n;              /* requests with usage */
	uint64_t gone;                 /* the client went before the end */
	uint64_t breaks, break_tokens; /* of the provider's prompt cache */
	int64_t break_nano;
	int64_t latency_us_sum, overhead_us_sum, ttfb_us_sum;
	uint64_t ttfb_n; /* requests with a first byte: what ttfb_us_sum is divided by */
	int64_t latency_us_max, overhead_us_max, ttfb_us_max;
};

enum ledger_group {
	LEDGER_ALL, /* one sum, key "" ; also when there are no rows */
	LEDGER_BY_MODEL,
	LEDGER_BY_UPSTREAM,
	LEDGER_BY_CLIENT,
	LEDGER_BY_PROJECT,
	LEDGER_BY_HOUR,  /* UTC: "2026-01-02T03" */
	LEDGER_BY_DAY,   /* "2026-01-02" */
	LEDGER_BY_WEEK,  /* ISO 8601: "2026-W01" */
	LEDGER_BY_MONTH, /* "2026-01" */
	LEDGER_BY_REASON,
	LEDGER_BY_STATUS, /* "200" */
	LEDGER_BY_ENDPOINT,
	LEDGER_BY_BREAK, /* what broke the provider's prompt cache */
	LEDGER_BY_TOKEN,
	LEDGER_GROUP_N
};

struct ledger_query {
	int64_t from_ms, to_ms; /* from_ms <= at_ms < to_ms; to_ms 0: no end */
	uint64_t proxy_run;     /* 0: all, and what was folded */
	str token;              /* of sums and rows: those of this name alone; empty: all */
	enum ledger_group group;
	size_t limit; /* groups or rows; 0: all groups, LEDGER_RECENT_ROWS rows */
};

enum { LEDGER_RECENT_ROWS = 100 };

/* The key of all that comes after 16,383 different ones. */
#define LEDGER_OTHER "(other)"

/* Calls of these come while the store is being read: they must not call the store. What they are
 * given is valid until they return. */
typedef void ledger_sum_fn(void *self, str key, const struct ledger_sum *sum);
typedef void ledger_row_fn(void *self, const struct ledger_row *row);

/* Groups of time come newest first, others by requests, most first. E_BUSY, E_IO, E_VERIFY, E_NOMEM;
 * then fn may have been called already. */
enum err ledger_sums(struct store *s, const struct ledger_query *q, ledger_sum_fn *fn, void *self,
	struct errctx *cx) MUST_CHECK;
/* What no part says: rows of before there were any, what takes from savings (originals that were given back, our tool). */
#define LEDGER_REST "(rest)"
typedef void ledger_part_fn(void *self, const struct ledger_part *part);
/* What was saved by tool or by encoder, most saved first, LEDGER_REST last; q->group means nothing. All of it is what ledger_sums has
 * saved in the same time. Errors as above. */
enum err ledger_parts(struct store *s, const struct ledger_query *q, enum ledger_part_kind kind,
	ledger_part_fn *fn, void *self, struct errctx *cx) MUST_CHECK;
/* What became of results, by encoders and tool: kind LEDGER_PART_AGAIN or _RETRIEVED; in the order of their names. Errors as above. */
enum err ledger_returns(struct store *s, const struct ledger_query *q, ledger_part_fn *fn,
	void *self, struct errctx *cx) MUST_CHECK;

/* All requests of one conversation that are not folded, of those to a model. */
struct ledger_conversation {
	uint64_t id;              /* 63 bits */
	bool is_treated, is_held; /* both: the share was changed meanwhile */
	uint64_t requests, turns; /* turns: requests that asked something new */
	uint64_t failed;          /* status 429, or 500 and above */
	uint64_t usage_n, input,
		output;    /* requests with usage; all input of theirs, cached or not */
	uint64_t priced_n; /* requests with a known cost */
	int64_t cost_nano;
	uint64_t again_n, retrievals_n;
};
typedef void ledger_conversation_fn(void *self, const struct ledger_conversation *c);
/* Those in which a share was held out, in the order of their ids; q->group and q->limit mean nothing. Errors as above. */
enum err ledger_conversations(struct store *s, const struct ledger_query *q,
	ledger_conversation_fn *fn, void *self, struct errctx *cx) MUST_CHECK;

/* Rows that are not folded, newest first; q->group means nothing. Errors as above. */
enum err ledger_recent(struct store *s, const struct ledger_query *q, ledger_row_fn *fn, void *self,
	struct errctx *cx) MUST_CHECK;
/* The known cost of all requests since, of all processes, for a budget. A folded day that is only in
 * part since then counts as a whole: never less than what was spent. */
enum err ledger_spent(
	struct store *s, int64_t since_ms, int64_t *nano, struct errctx *cx) MUST_CHECK;

#endif
