#include "bench/turns/replay.h"

#include <stdlib.h>

#include "core/base/check.h"
#include "core/base/clock.h"
#include "core/base/mem.h"

enum { CACHE_MIN_TOKENS = 1024 };

enum err rates_of(enum dialect d, bool has_scale, struct rates *out, struct errctx *cx)
{
	str name = d == DIALECT_ANTHROPIC ? STR("claude-opus-4-8") : STR("gpt-5");
	struct model m = model_find(name);

	if (!m.has_price)
		FAIL(cx, E_UNSUPPORTED, "no price for " STR_FMT, STR_ARG(name));
	/* The stand-in prompt of the recordings is a fifth of the real one, which is above every minimum. */
	m.cache_min_tokens = CACHE_MIN_TOKENS;
	*out = (struct rates){.model = m,
		.policy = cache_policy_of(&m),
		.price = cost_prices(&m),
		.scale = has_scale ? m.scale : 1.0};
	return E_OK;
}

/* ---- adding up ----------------------------------------------------------------------------------- */

/* What each share of the request cost: read first, then written for an hour, for five minutes, the rest;
 * together these are the whole request. */
static void add_share_costs(struct side *side, const struct segments *s, const struct cache_turn *t,
	const struct model_price *p)
{
	const struct {
		uint64_t tokens;
		double price;
	} zones[] = {
		{t->read, p->cache_read},
		{t->write[CACHE_1H], p->cache_write_1h},
		{t->write[CACHE_5M], p->cache_write_5m},
		{t->uncached, p->input},
	};
	size_t z = 0;
	uint64_t left = zones[0].tokens;

	for (uint32_t i = 0; i < s->n; i++) {
		uint64_t tokens = s->v[i].tokens;

		while (tokens) {
			uint64_t part;

			while (!left) {
				ASSERT(z + 1 < ARRAY_N(zones));
				left = zones[++z].tokens;
			}
			part = tokens < left ? tokens : left;
			side->share_cost[s->share[i]] += (double)part * zones[z].price / 1e6;
			tokens -= part;
			left -= part;
		}
	}
}

static void add_side(struct side *side, const struct segments *s, const struct cache_turn *t,
	const struct model_price *p, uint64_t output)
{
	struct cost cost = cost_of_turn(p, t, output);

	side->tokens += t->total;
	side->read += t->read;
	side->write += t->write[CACHE_5M] + t->write[CACHE_1H];
	side->uncached += t->uncached;
	for (int i = 0; i < SHARE_N; i++)
		side->share_tokens[i] += s->share_tokens[i];
	cost_add(&side->cost, &cost);
	add_share_costs(side, s, t, p);
}

static void add_label(struct tally *t, const struct arm_label *label)
{
	uint32_t i = 0;

	while (i < t->label_n && strcmp(t->labels[i].name, label->name) != 0)
		i++;
	if (i == LABELS_MAX)
		return;
	if (i == t->label_n)
		memcpy(t->labels[t->label_n++].name, label->name, sizeof label->name);
	t->labels[i].blocks += label->blocks;
	t->labels[i].saved += label->saved;
}

static void add_ms(struct tally *t, double ms)
{
	if (t->ms_n == t->ms_cap) {
		size_t cap = t->ms_cap ? t->ms_cap * 2 : 256;
		double *more = mem_realloc(t->ms, cap * sizeof *more);

		if (!more)
			return;
		t->ms = more;
		t->ms_cap = cap;
	}
	t->ms[t->ms_n++] = ms;
}

static void sum_side(struct side *sum, const struct side *s)
{
	sum->tokens += s->tokens;
	sum->read += s->read;
	sum->write += s->write;
	sum->uncached += s->uncached;
	for (int i = 0; i < SHARE_N; i++) {
		sum->share_tokens[i] += s->share_tokens[i];
		sum->share_cost[i] += s->share_cost[i];
	}
	for (int i = 0; i < CACHE_CLASS_N; i++)
		sum->classes[i] += s->classes[i];
	cost_add(&sum->cost, &s->cost);
}

void tally_add(struct tally *sum, const struct tally *t)
{
	sum->files += t->files;
	sum->requests += t->requests;
	sum_side(&sum->raw, &t->raw);
	sum_side(&sum->sent, &t->sent);
	sum->bust_tokens += t->bust_tokens;
	visible_add(&sum->visible, &t->visible);
	for (uint32_t i = 0; i < t->label_n; i++)
		add_label(sum, &t->labels[i]);
	for (size_t i = 0; i < t->ms_n; i++)
		add_ms(sum, t->ms[i]);
}

void tally_release(struct tally *t)
{
	mem_free(t->ms);
	t->ms = NULL;
	t->ms_n = t->ms_cap = 0;
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double tally_ms(const struct tally *t, double quantile)
{
	size_t at;

	if (!t->ms_n)
		return 0;
	qsort(t->ms, t->ms_n, sizeof *t->ms, compare_double);
	at = (size_t)(quantile * (double)(t->ms_n - 1) + 0.5);
	return t->ms[at];
}

/* ---- replaying ----------------------------------------------------------------------------------- */

struct replayer {
	const struct recording *r;
	const struct arm *arm;
	const struct rates *rates;
	void *state;
	struct arena *conversation, *turn;
	struct counter *counter;
	struct cache_sim *raw, *sent;
	struct buf body, next;
	uint32_t visible_n; /* blocks whose error lines were counted */
};

static struct cache_turn send_segments(
	struct replayer *p, struct cache_sim *sim, const struct segments *s, uint32_t k)
{
	struct cache_request req = {p->rates->model.name, p->r->turns[k].at_ms, s->v, s->n};

	return cache_sim_send(sim, &req);
}

static enum err look(struct replayer *p, uint32_t k, str sent, struct tally *t, struct errctx *cx)
{
	const struct recorded_turn *turns = p->r->turns;

	buf_reset(&p->next);
	if (k + 1 < p->r->turn_n && turns[k + 1].start == turns[k].start &&
		turns[k + 1].end > turns[k].end)
		recording_body(p->r, k + 1, &p->next);
	TRY(p->next.err);
	return visible_turn(p->turn, dialect_format(p->r->dialect),
		&(struct visible_bodies){buf_str(&p->body), sent, buf_str(&p->next)}, &p->visible_n,
		&t->visible, cx);
}

static enum err replay_turn(struct replayer *p, uint32_t k, struct tally *t, struct errctx *cx)
{
	struct arm_output out = {.label_n = 0};
	struct segments raw, sent;
	struct cache_turn raw_turn, sent_turn;
	uint64_t output = p->r->turns[k].output;
	int64_t start_ns;

	recording_body(p->r, k, &p->body);
	TRY(p->body.err);
	TRY(segments_cut(
		p->turn, dialect_format(p->r->dialect), buf_str(&p->body), p->counter, &raw, cx));
	start_ns = clock_monotonic_ns(NULL);
	TRY(p->arm->run(p->state, p->turn, p->r->dialect, buf_str(&p->body), &out, cx));
	add_ms(t, (double)(clock_monotonic_ns(NULL) - start_ns) / 1e6);
	TRY(segments_cut(p->turn, dialect_format(p->r->dialect), out.body, p->counter, &sent, cx));

	raw_turn = send_segments(p, p->raw, &raw, k);
	sent_turn = send_segments(p, p->sent, &sent, k);
	add_side(&t->raw, &raw, &raw_turn, &p->rates->price, output);
	add_side(&t->sent, &sent, &sent_turn, &p->rates->price, output);
	t->raw.classes[cache_classify(&raw_turn, &raw_turn)]++;
	t->sent.classes[cache_classify(&sent_turn, &raw_turn)]++;
	t->bust_tokens += cache_bust_tokens(&sent_turn, &raw_turn);
	t->requests++;
	for (uint32_t i = 0; i < out.label_n; i++)
		add_label(t, &out.labels[i]);
	return p->rates->has_visible ? look(p, k, out.body, t, cx) : E_OK;
}

enum err replay(const struct recording *r, const struct arm *arm, const struct rates *rates,
	struct tally *t, struct errctx *cx)
{
	struct arena conversation = ARENA_INIT, turn = ARENA_INIT;
	struct replayer p = {
		.r = r, .arm = arm, .rates = rates, .conversation = &conversation, .turn = &turn};
	enum err e = E_OK;

	p.counter = counter_new(&conversation, rates->model.encoding, rates->scale);
	p.raw = cache_sim_new(&conversation, &rates->policy);
	p.sent = cache_sim_new(&conversation, &rates->policy);
	buf_init(&p.body, LIMIT_INPUT);
	buf_init(&p.next, LIMIT_INPUT);
	t->files++;
	if (arm->open)
		e = arm->open(&conversation, &p.state, cx);
	for (uint32_t k = 0; e == E_OK && k < r->turn_n; k++) {
		e = replay_turn(&p, k, t, cx);
		if (e != E_OK)
			e = err_prefix(cx, STR_FMT ", turn %u", STR_ARG(r->name), k);
		arena_reset(&turn);
	}
	if (arm->close && p.state)
		arm->close(p.state);
	buf_release(&p.body);
	buf_release(&p.next);
	counter_free(p.counter);
	arena_release(&turn);
	arena_release(&conversation);
	return e;
}
