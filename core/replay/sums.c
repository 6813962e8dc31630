#include <math.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/replay/session.h"

double replay_cost(const struct replay_sums *s)
{
	return cost_total(&s->cost) + s->retrieval_cost;
}

void replay_result_init(struct replay_result *r)
{
	*r = (struct replay_result){.arena = ARENA_INIT};
}

void replay_result_release(struct replay_result *r)
{
	arena_release(&r->arena);
	*r = (struct replay_result){.arena = ARENA_INIT};
}

/* ---- groups -------------------------------------------------------------------------------------- */

static struct replay_group *group_at(struct replay_result *r, struct replay_groups *g, str name)
{
	struct replay_group *new;

	/* The newest first: turns of a session stand together. */
	for (size_t i = g->v.n; i-- > 0;)
		if (str_eq(g->v.v[i].name, name))
			return &g->v.v[i];
	new = vec_push(&g->v, &r->arena);
	*new = (struct replay_group){.name = arena_str(&r->arena, name)};
	return new;
}

static void add_sums(struct replay_sums *sum, const struct replay_sums *s)
{
	sum->turns += s->turns;
	sum->raw += s->raw;
	sum->sent += s->sent;
	sum->read += s->read;
	for (int i = 0; i < CACHE_TTL_N; i++)
		sum->write[i] += s->write[i];
	sum->uncached += s->uncached;
	for (int i = 0; i < CACHE_CLASS_N; i++)
		sum->classes[i] += s->classes[i];
	sum->bust_tokens += s->bust_tokens;
	sum->output += s->output;
	sum->changed_results += s->changed_results;
	sum->retrievals += s->retrievals;
	sum->retrieved_tokens += s->retrieved_tokens;
	cost_add(&sum->cost, &s->cost);
	cost_add(&sum->cost_uncached, &s->cost_uncached);
	sum->retrieval_cost += s->retrieval_cost;
}

static struct replay_sums sums_of(const struct replay_outcome *o)
{
	struct replay_sums s = {
		.turns = 1,
		.raw = o->raw,
		.sent = o->cache.total,
		.read = o->cache.read,
		.write = {o->cache.write[CACHE_5M], o->cache.write[CACHE_1H]},
		.uncached = o->cache.uncached,
		.bust_tokens = o->bust_tokens,
		.output = o->output,
		.changed_results = o->changed_results,
		.retrievals = o->retrievals,
		.retrieved_tokens = o->retrieved_tokens,
		.cost = o->cost,
		.cost_uncached = o->cost_uncached,
		.retrieval_cost = o->retrieval_cost,
	};

	s.classes[o->class] = 1;
	return s;
}

static str day_of(int64_t ms, char text[CLOCK_TIME_LEN + 1])
{
	enum { DATE_LEN = 10 };

	if (ms < 0)
		return STR("unknown");
	clock_format(ms, text);
	return (str){text, DATE_LEN};
}

/* ---- the worst turns ----------------------------------------------------------------------------- */

/* Less is noise of rounding. */
static const double WORTH_NAMING_USD = 1e-6;

static void offer_worst(struct replay_result *r, const struct replay_turn *t)
{
	uint32_t at = r->worst_n;

	if (t->delta < WORTH_NAMING_USD)
		return;
	while (at && r->worst[at - 1].delta < t->delta)
		at--;
	if (at == REPLAY_WORST_MAX)
		return;
	if (r->worst_n < REPLAY_WORST_MAX)
		r->worst_n++;
	memmove(&r->worst[at + 1], &r->worst[at], (r->worst_n - 1 - at) * sizeof *t);
	r->worst[at] = *t;
}

static void offer_break(struct replay_result *r, const struct replay_break *b)
{
	uint32_t at = r->breaks_n;

	while (at && r->breaks[at - 1].usd < b->usd)
		at--;
	if (at == REPLAY_WORST_MAX)
		return;
	if (r->breaks_n < REPLAY_WORST_MAX)
		r->breaks_n++;
	memmove(&r->breaks[at + 1], &r->breaks[at], (r->breaks_n - 1 - at) * sizeof *b);
	r->breaks[at] = *b;
	r->breaks[at].at = arena_str(&r->arena, b->at);
}

static void add_cause(struct replay_cause *sum, const struct replay_cause *c)
{
	sum->turns += c->turns;
	sum->tokens += c->tokens;
	sum->usd += c->usd;
}

static void add_break(struct replay_result *r, const struct replay_break *b)
{
	if (b->by == TRAIL_KEPT)
		return;
	add_cause(&r->causes[b->arm][b->by], &(struct replay_cause){1, b->tokens, b->usd});
	/* What the client does, it does in all arms. */
	if (!b->arm || b->by == TRAIL_OWN)
		offer_break(r, b);
}

/* ---- adding -------------------------------------------------------------------------------------- */

void replay_add(struct replay_result *r, const struct replay_conf *conf,
	const struct replay_outcome *o, double baseline_cost)
{
	struct replay_sums s = sums_of(o);
	char day[CLOCK_TIME_LEN + 1];
	struct replay_group *model = group_at(r, &r->by[REPLAY_BY_MODEL], o->model);
	struct replay_turn t = {
		.session = o->session,
		.model = model->name,
		.turn = o->turn,
		.sent_ms = o->sent_ms,
		.arm = o->arm,
		.class = o->class,
		.raw = o->raw,
		.sent = o->cache.total,
		.read = o->cache.read,
		.write = s.write[CACHE_5M] + s.write[CACHE_1H],
		.uncached = o->cache.uncached,
		.bust_tokens = o->bust_tokens,
		.cost = replay_cost(&s),
		.ms = o->ms,
		.by = o->broke.by,
		.at = o->broke.at,
	};

	t.delta = t.cost - baseline_cost;
	add_sums(&r->sums[o->arm], &s);
	add_sums(&model->sums[o->arm], &s);
	add_sums(&group_at(r, &r->by[REPLAY_BY_DAY], day_of(o->sent_ms, day))->sums[o->arm], &s);
	add_sums(&group_at(r, &r->by[REPLAY_BY_SESSION], o->session)->sums[o->arm], &s);
	add_sums(&group_at(r, &r->by[REPLAY_BY_PROJECT], o->project)->sums[o->arm], &s);
	if (o->ms >= 0)
		*vec_push(&r->ms[o->arm], &r->arena) = o->ms;
	t.at = conf->keeps_turns || t.delta >= WORTH_NAMING_USD ? arena_str(&r->arena, t.at)
								: STR_NULL;
	offer_worst(r, &t);
	add_break(r, &o->broke);
	if (conf->keeps_turns)
		*vec_push(&r->rows, &r->arena) = t;
	if (o->sent_ms >= 0) {
		if (!r->first_ms || o->sent_ms < r->first_ms)
			r->first_ms = o->sent_ms;
		if (o->sent_ms > r->last_ms)
			r->last_ms = o->sent_ms;
	}
}

void replay_add_transform(
	struct replay_result *r, struct replay_transforms *list, const struct replay_transform *t)
{
	struct replay_transform *to = NULL;

	for (size_t i = 0; i < list->v.n && !to; i++)
		if (list->v.v[i].arm == t->arm && str_eq(list->v.v[i].name, t->name))
			to = &list->v.v[i];
	if (!to) {
		to = vec_push(&list->v, &r->arena);
		*to = (struct replay_transform){
			.name = arena_str(&r->arena, t->name), .arm = t->arm};
	}
	to->results += t->results;
	to->saved += t->saved;
	to->usd += t->usd;
}

/* ---- merging ------------------------------------------------------------------------------------- */

static void merge_groups(
	struct replay_result *r, struct replay_groups *to, const struct replay_groups *from)
{
	for (size_t i = 0; i < from->v.n; i++) {
		struct replay_group *g = group_at(r, to, from->v.v[i].name);

		for (int k = 0; k < REPLAY_ARMS_MAX; k++)
			add_sums(&g->sums[k], &from->v.v[i].sums[k]);
	}
}

static struct replay_turn own(struct replay_result *r, const struct replay_turn *t)
{
	struct replay_turn mine = *t;

	mine.session = group_at(r, &r->by[REPLAY_BY_SESSION], t->session)->name;
	mine.model = group_at(r, &r->by[REPLAY_BY_MODEL], t->model)->name;
	mine.at = arena_str(&r->arena, t->at);
	return mine;
}

static void merge_calibration(struct replay_calibration *sum, const struct replay_calibration *c)
{
	sum->turns += c->turns;
	sum->resets += c->resets;
	sum->read += c->read;
	sum->recorded_read += c->recorded_read;
	sum->write += c->write;
	sum->recorded_write += c->recorded_write;
	sum->cost += c->cost;
	sum->recorded_cost += c->recorded_cost;
	sum->blind.turns += c->blind.turns;
	sum->blind.read += c->blind.read;
	sum->blind.recorded_read += c->blind.recorded_read;
	sum->blind.cost += c->blind.cost;
	sum->blind.recorded_cost += c->blind.recorded_cost;
	sum->blind.lost_turns += c->blind.lost_turns;
	sum->blind.lost_cost += c->blind.lost_cost;
	sum->blind.lost_recorded_cost += c->blind.lost_recorded_cost;
}

static void merge_verified(struct replay_result *sum, const struct replay_result *part)
{
	if (part->verified.failed && !sum->verified.failed)
		sum->verified.first = arena_str(&sum->arena, part->verified.first);
	sum->verified.proven += part->verified.proven;
	sum->verified.failed += part->verified.failed;
}

static void merge_times(struct replay_result *sum, const struct replay_result *part)
{
	if (part->first_ms && (!sum->first_ms || part->first_ms < sum->first_ms))
		sum->first_ms = part->first_ms;
	if (part->last_ms > sum->last_ms)
		sum->last_ms = part->last_ms;
}

static void merge_breaks(struct replay_result *sum, const struct replay_result *part)
{
	for (int i = 0; i < REPLAY_ARMS_MAX; i++)
		for (int k = 0; k < TRAIL_CAUSE_N; k++)
			add_cause(&sum->causes[i][k], &part->causes[i][k]);
	for (uint32_t i = 0; i < part->breaks_n; i++) {
		struct replay_break b = part->breaks[i];

		b.session = group_at(sum, &sum->by[REPLAY_BY_SESSION], b.session)->name;
		offer_break(sum, &b);
	}
}

void replay_merge(struct replay_result *sum, const struct replay_result *part)
{
	sum->files += part->files;
	sum->sessions += part->sessions;
	sum->turns += part->turns;
	sum->bad_lines += part->bad_lines;
	sum->skipped += part->skipped;
	sum->logged += part->logged;
	merge_times(sum, part);
	for (int i = 0; i < REPLAY_ARMS_MAX; i++) {
		add_sums(&sum->sums[i], &part->sums[i]);
		for (size_t k = 0; k < part->ms[i].n; k++)
			*vec_push(&sum->ms[i], &sum->arena) = part->ms[i].v[k];
	}
	for (int i = 0; i < REPLAY_BY_N; i++)
		merge_groups(sum, &sum->by[i], &part->by[i]);
	for (size_t i = 0; i < part->transforms.v.n; i++)
		replay_add_transform(sum, &sum->transforms, &part->transforms.v.v[i]);
	for (size_t i = 0; i < part->tools.v.n; i++)
		replay_add_transform(sum, &sum->tools, &part->tools.v.v[i]);
	merge_breaks(sum, part);
	for (uint32_t i = 0; i < part->worst_n; i++) {
		struct replay_turn t = own(sum, &part->worst[i]);

		offer_worst(sum, &t);
	}
	for (size_t i = 0; i < part->rows.n; i++)
		*vec_push(&sum->rows, &sum->arena) = own(sum, &part->rows.v[i]);
	for (size_t i = 0; i < part->unpriced.n; i++) {
		bool is_known = false;

		for (size_t k = 0; k < sum->unpriced.n && !is_known; k++)
			is_known = str_eq(sum->unpriced.v[k], part->unpriced.v[i]);
		if (!is_known)
			*vec_push(&sum->unpriced, &sum->arena) =
				arena_str(&sum->arena, part->unpriced.v[i]);
	}
	merge_calibration(&sum->calibration, &part->calibration);
	sum->asked.elided += part->asked.elided;
	sum->asked.elided_tokens += part->asked.elided_tokens;
	sum->asked.retrieved += part->asked.retrieved;
	merge_verified(sum, part);
}

static int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double replay_ms(struct replay_result *r, uint32_t arm, double quantile)
{
	size_t n = r->ms[arm].n;

	if (!n)
		return 0;
	qsort(r->ms[arm].v, n, sizeof *r->ms[arm].v, cmp_double);
	return r->ms[arm].v[(size_t)lround(quantile * (double)(n - 1))];
}
