/* prompt: what is not in the bodies of a recording and was in the requests: the prompt before them, breakpoints, what an earlier session
 * left in the cache. */
#include "core/replay/session.h"

/* What stands before the segments of the bodies where the recording lacks it: the part of the prompt that was cached before
 * the session began, its rest, and what has come to it since. */
void replay_add_prompt(
	struct arena *a, const struct replay_fit *fit, uint32_t turn, struct segments *s)
{
	enum { RESETS, WARM, REST, SINCE, MISSING_N };
	uint32_t resets = fit->resets[turn];
	uint64_t missing = fit->missing[turn];
	uint64_t prompt = missing < fit->prompt ? missing : fit->prompt;
	uint64_t warm = fit->warm < prompt ? fit->warm : prompt;
	struct cache_segment *v;

	if (!missing && !resets)
		return;
	v = arena_array(a, struct cache_segment, s->n + MISSING_N);
	v[RESETS] = (struct cache_segment){.hash = {4, resets}};
	v[WARM] = (struct cache_segment){.hash = {1, 1}, .tokens = (uint32_t)warm};
	v[REST] = (struct cache_segment){
		.hash = {2, prompt},
		.tokens = (uint32_t)(prompt - warm),
		.has_breakpoint = missing > 0,
		.ttl = fit->ttl,
	};
	v[SINCE] = (struct cache_segment){
		.hash = {3, missing}, .tokens = (uint32_t)(missing - prompt)};
	if (s->n)
		memcpy(v + MISSING_N, s->v, s->n * sizeof *v);
	s->v = v;
	s->n += MISSING_N;
	s->tokens += missing;
}

void replay_add_breakpoints(
	const struct replay_conf *conf, const struct replay_fit *fit, struct segments *out)
{
	if ((out->has_breakpoint && !fit->lacks_breakpoints) ||
		conf->breakpoints != REPLAY_BREAKPOINTS_AUTO)
		return;
	segments_mark(out);
	for (uint32_t i = 0; i < out->n; i++)
		if (out->v[i].has_breakpoint)
			out->v[i].ttl = fit->ttl;
}

/* A session whose first request found something in the cache: an earlier one left it there. */
void replay_warm_up(struct arena *a, const struct replay_fit *fit, const struct turn *t,
	struct cache_sim *sim, const struct segments *s)
{
	struct cache_request before = {t->model, t->sent_ms, NULL, 0};
	struct cache_segment *v;
	uint64_t tokens = 0;

	if (t->sent_ms < 0)
		before.at_ms = CACHE_TIME_UNKNOWN;
	while (before.n < s->n && tokens + s->v[before.n].tokens / 2 < fit->warm)
		tokens += s->v[before.n++].tokens;
	if (!before.n)
		return;
	v = arena_array(a, struct cache_segment, before.n);
	memcpy(v, s->v, before.n * sizeof *v);
	v[before.n - 1].has_breakpoint = true;
	v[before.n - 1].ttl = fit->ttl;
	before.segments = v;
	(void)cache_sim_send(sim, &before);
}
