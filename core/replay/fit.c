/* What the provider reported, held against what the bodies say: recordings of agents lack the system prompt and the list of
 * tools, providers add words of their own to them, and the tokenizers of some are closed. */
#include <math.h>

#include "core/base/limits.h"
#include "core/replay/session.h"

/* A closed tokenizer makes no more and no fewer tokens than these of a counted one; beyond, something else than
 * its text is in the request. */
static const double PER_TOKEN_MIN = 0.5, PER_TOKEN_MAX = 3.0;

static uint64_t input_of(const struct turn_usage *u)
{
	return u->input + u->cache_read + u->cache_write_5m + u->cache_write_1h;
}

void replay_sent_body(const struct turn_session *s, const struct turn *t, struct buf *out)
{
	if (t->sent.n)
		buf_add(out, t->sent);
	else
		turns_body(s, t, out);
}

struct growth {
	double recorded, counted;
};

static double per_token(const struct growth *g, const struct model *m)
{
	if (g->counted < m->cache_min_tokens || g->recorded <= 0)
		return m->scale;
	return fmin(fmax(g->recorded / g->counted, PER_TOKEN_MIN), PER_TOKEN_MAX);
}

/* Tokens up to the last breakpoint. */
static uint64_t covered(const struct segments *s)
{
	uint64_t sum = 0, to = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		sum += s->v[i].tokens;
		if (s->v[i].has_breakpoint)
			to = sum;
	}
	return to;
}

/* More was cached than the breakpoints of the body allow: the recording lacks some. */
static bool lacks_breakpoints(const struct segments *s, const struct turn_usage *u)
{
	static const double MARGIN =
		0.25; /* of the request; a system prompt may be recorded in part */
	double all = (double)input_of(u), cached = all - (double)u->input;

	return all > 0 && s->tokens &&
	       cached / all > (double)covered(s) / (double)s->tokens + MARGIN;
}

/* A request as it was counted; not known: it could not be, or nothing was reported of it. */
struct counted {
	uint64_t tokens;
	bool is_known, lacks_breakpoints;
};

/* Counts all requests. *is_complete: usage, with that of the cache, and time of every turn are known. */
static struct counted *count_turns(const struct turn_session *s, const struct replay_room *room,
	struct counter *c, bool *is_complete)
{
	struct counted *v = arena_array(room->session, struct counted, s->turns.n);
	struct arena *turn = room->turn;
	struct buf *body = room->body;
	bool was_cached = false;

	*is_complete = true;

	for (size_t i = 0; i < s->turns.n; i++) {
		const struct turn *t = &s->turns.v[i];
		struct segments seg;

		buf_reset(body);
		arena_reset(turn);
		*is_complete &= t->usage.is_known && t->sent_ms >= 0;
		if (!t->usage.is_known)
			continue;
		was_cached |= input_of(&t->usage) > t->usage.input;
		replay_sent_body(s, t, body);
		if (body->err != E_OK ||
			segments_cut(turn, s->format, buf_str(body), c, &seg, NULL) != E_OK)
			continue;
		v[i] = (struct counted){seg.tokens, true, lacks_breakpoints(&seg, &t->usage)};
	}
	/* Not a word of a cache from beginning to end: it was not recorded. */
	*is_complete &= was_cached;
	return v;
}

/* How much the reported input grew where the counted one did. */
static struct growth growth_of(
	const struct turn_session *s, const struct counted *v, size_t known_n)
{
	struct growth g = {0, 0};

	for (size_t i = 1; i < known_n; i++) {
		const struct turn *t = &s->turns.v[i];

		if (!v[i].is_known || !v[i - 1].is_known || v[i].tokens <= v[i - 1].tokens ||
			t->start != t[-1].start || input_of(&t->usage) <= input_of(&t[-1].usage))
			continue;
		g.recorded += (double)(input_of(&t->usage) - input_of(&t[-1].usage));
		g.counted += (double)(v[i].tokens - v[i - 1].tokens);
	}
	return g;
}

/* Behind known_n what a compaction left is not known; the prompt is. */
static void find_missing(const struct turn_session *s, const struct counted *v, size_t known_n,
	struct arena *session, struct replay_fit *fit)
{
	uint64_t *missing = arena_array(session, uint64_t, s->turns.n);

	for (size_t i = 0; i < s->turns.n; i++) {
		bool is_start = v[i].is_known && (!i || v[i].tokens < v[i - 1].tokens);
		double more = (double)input_of(&s->turns.v[i].usage) -
			      fit->per_token * (double)v[i].tokens;

		missing[i] = i ? missing[i - 1] : 0;
		if (is_start && i >= known_n)
			missing[i] = missing[0];
		else if (is_start)
			missing[i] = more > 0 ? (uint64_t)llround(more) : 0;
	}
	fit->prompt = missing[0];
	fit->missing = missing;
}

/* Where the provider found nothing, though the turn before had left something, and not long ago. */
static bool is_reset(const struct turn *before, const struct turn *t, int64_t ttl_ms, uint64_t min)
{
	uint64_t left = before->usage.cache_read + before->usage.cache_write_5m +
			before->usage.cache_write_1h;

	return before->usage.is_known && t->usage.is_known && !t->usage.cache_read && left >= min &&
	       input_of(&t->usage) >= left && before->sent_ms >= 0 &&
	       t->sent_ms >= before->sent_ms && t->sent_ms - before->sent_ms < ttl_ms;
}

static void find_resets(const struct turn_session *s, const struct model *m, size_t known_n,
	struct arena *session, struct replay_fit *fit)
{
	struct cache_policy p = cache_policy_of(m);
	uint32_t *resets = arena_array(session, uint32_t, s->turns.n);

	for (size_t i = 1; i < s->turns.n; i++)
		resets[i] =
			resets[i - 1] + (i < known_n && is_reset(&s->turns.v[i - 1], &s->turns.v[i],
								p.ttl_ms[fit->ttl], p.min_tokens));
	fit->resets = resets;
}

/* From the usage of the first known_n turns alone. */
static struct replay_fit fit_of(const struct turn_session *s, const struct model *m,
	const struct counted *v, size_t known_n, struct arena *session)
{
	struct replay_fit fit = {.known_n = (uint32_t)known_n};
	struct growth g = growth_of(s, v, known_n);

	for (size_t i = 0; i < known_n; i++) {
		if (s->turns.v[i].usage.cache_write_1h)
			fit.ttl = CACHE_1H;
		fit.lacks_breakpoints |= v[i].lacks_breakpoints;
	}
	fit.per_token = per_token(&g, m);
	fit.warm = s->turns.v[0].usage.cache_read;
	find_missing(s, v, known_n, session, &fit);
	find_resets(s, m, known_n, session, &fit);
	return fit;
}

void replay_fit_of(const struct turn_session *s, const struct model *m,
	const struct replay_room *room, struct counter *c, struct replay_fit *all,
	struct replay_fit *half)
{
	bool is_complete;
	struct counted *v = count_turns(s, room, c, &is_complete);

	*all = fit_of(s, m, v, s->turns.n, room->session);
	*half = fit_of(s, m, v, s->turns.n / 2, room->session);
	all->is_complete = is_complete;
	half->is_complete = is_complete && s->turns.n >= REPLAY_BLIND_MIN;
}
