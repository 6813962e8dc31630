/* replay_out: a replay as a report for people, as JSON, and its turns as lines. All append to out. Thread: any. */
#ifndef CLI_REPLAY_OUT_H
#define CLI_REPLAY_OUT_H

#include "core/replay/replay.h"

struct replay_view {
	struct replay_result *result;
	const struct replay_conf *conf;
	bool has_timing;
	bool by[REPLAY_BY_N], by_encoder, by_tool; /* further tables of the report for people */
};

void replay_out_text(const struct replay_view *v, struct buf *out);
void replay_out_json(const struct replay_view *v, struct buf *out);
void replay_out_csv(const struct replay_view *v, struct buf *out);
/* A page that opens from disk; wants the rows of the result. */
void replay_out_html(const struct replay_view *v, struct buf *out);
void replay_out_lines(const struct replay_view *v, struct buf *out); /* JSON */

/* The arm with the lowest bill; without a prompt cache. The baseline when none is lower. */
uint32_t replay_best(const struct replay_result *r, const struct replay_conf *conf);
uint32_t replay_best_uncached(const struct replay_result *r, const struct replay_conf *conf);
/* How much less than the baseline an arm costs, in percent of it; 0 when that is free. */
double replay_savings(const struct replay_result *r, uint32_t arm);
double replay_savings_uncached(const struct replay_result *r, uint32_t arm);

#endif
