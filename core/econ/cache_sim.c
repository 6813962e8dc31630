#include "core/econ/cache_sim.h"

#include "core/base/map.h"

/* One stored prefix, found by the chain hash of its segments. */
struct entry {
	struct hash128 prefix;
	int64_t expires_ms;
	enum cache_ttl ttl;
};

/* A position behind a segment: the chain hash and the tokens up to there. */
struct prefix {
	struct hash128 hash;
	uint64_t tokens;
};

struct prefixes {
	struct prefix *v;
	uint32_t n, cap;
};

struct cache_sim {
	struct arena *arena;
	struct cache_policy policy;
	struct map entries; /* bytes of a struct hash128 -> struct entry */
	int64_t now_ms;
	bool has_before;
	/* The request before, up to the end of what it left in the cache, and when that ends. */
	struct prefixes before;
	uint64_t before_tokens;
	/* The request at hand; the two change places. */
	struct prefixes now;
};

/* Anthropic: four breakpoints, 20 positions looked at per breakpoint (the breakpoint itself is the first),
 * 5 minutes or 1 hour since the last use; docs.claude.com "Prompt caching". OpenAI: 1,024 tokens at least, in
 * steps of 128, gone after 5 to 10 idle minutes; platform.openai.com "Prompt caching". Gemini: implicit
 * caching states a minimum per model and no steps or life time; ai.google.dev "Context caching". */
enum { MIN_TOKENS = 1024, OPENAI_STEP = 128, ANTHROPIC_BREAKPOINTS = 4, ANTHROPIC_LOOK_BACK = 20 };
enum { MINUTE_MS = 60 * 1000 };

struct cache_policy cache_policy_of(const struct model *m)
{
	struct cache_policy p = {
		.min_tokens = m->cache_min_tokens ? m->cache_min_tokens : MIN_TOKENS,
		.step_tokens = 1,
		.ttl_ms = {10 * MINUTE_MS, 10 * MINUTE_MS},
	};

	switch (m->provider) {
	case PROVIDER_ANTHROPIC:
		p.kind = CACHE_BREAKPOINTS;
		p.breakpoints_max = ANTHROPIC_BREAKPOINTS;
		p.look_back = ANTHROPIC_LOOK_BACK;
		p.ttl_ms[CACHE_5M] = 5 * MINUTE_MS;
		p.ttl_ms[CACHE_1H] = 60 * MINUTE_MS;
		break;
	case PROVIDER_OPENAI:
		p.kind = CACHE_AUTOMATIC;
		p.step_tokens = OPENAI_STEP;
		break;
	case PROVIDER_GEMINI:
		p.kind = CACHE_AUTOMATIC;
		break;
	case PROVIDER_UNKNOWN:
		p.kind = CACHE_NONE;
		break;
	}
	return p;
}

struct cache_sim *cache_sim_new(struct arena *a, const struct cache_policy *policy)
{
	struct cache_sim *sim = arena_new(a, struct cache_sim);

	sim->arena = a;
	sim->policy = *policy;
	sim->now_ms = INT64_MIN;
	map_init(&sim->entries, a);
	return sim;
}

static str hash_key(const struct hash128 *h)
{
	return (str){(const char *)h, sizeof *h};
}

/* Chain hashes and running token sums of the request, into sim->now. */
static void chain_request(struct cache_sim *sim, const struct cache_request *req)
{
	struct prefixes *now = &sim->now;
	struct prefix at = {hash128(req->model), 0};

	if (now->cap < req->n) {
		now->v = arena_array(sim->arena, struct prefix, (size_t)req->n * 2);
		now->cap = req->n * 2;
	}
	for (uint32_t i = 0; i < req->n; i++) {
		at.hash = hash128_chain(at.hash, req->segments[i].hash);
		at.tokens += req->segments[i].tokens;
		now->v[i] = at;
	}
	now->n = req->n;
}

static struct entry *find_live(const struct cache_sim *sim, const struct prefix *p)
{
	struct entry *e = map_find(&sim->entries, hash_key(&p->hash));

	return e && e->expires_ms > sim->now_ms ? e : NULL;
}

static void renew(const struct cache_sim *sim, struct entry *e)
{
	e->expires_ms = sim->now_ms + sim->policy.ttl_ms[e->ttl];
}

/* Stores the prefix, or renews it; a live entry keeps the longer of both life times. */
static void store_entry(struct cache_sim *sim, const struct prefix *p, enum cache_ttl ttl)
{
	struct entry *e = map_find(&sim->entries, hash_key(&p->hash));

	if (!e) {
		e = arena_new(sim->arena, struct entry);
		e->prefix = p->hash;
		*map_at(&sim->entries, hash_key(&e->prefix)) = e;
	}
	if (e->expires_ms <= sim->now_ms || e->ttl < ttl)
		e->ttl = ttl;
	renew(sim, e);
}

/* ---- breakpoints ------------------------------------------------------------------------------- */

/* Indexes of the breakpoints that count, the last one first. */
struct breakpoints {
	uint32_t v[CACHE_BREAKPOINTS_MAX];
	uint32_t n;
};

static struct breakpoints find_breakpoints(
	const struct cache_sim *sim, const struct cache_request *req)
{
	struct breakpoints b = {.n = 0};

	for (uint32_t i = req->n;
		i-- > 0 && b.n < sim->policy.breakpoints_max && b.n < ARRAY_N(b.v);)
		if (req->segments[i].has_breakpoint)
			b.v[b.n++] = i;
	return b;
}

/* Tokens of the longest stored prefix that a breakpoint finds, which is renewed by that; 0 when there is
 * none. */
static uint64_t read_entry(struct cache_sim *sim, const struct breakpoints *b)
{
	for (uint32_t k = 0; k < b->n; k++) {
		for (uint32_t back = 0; back < sim->policy.look_back && back <= b->v[k]; back++) {
			const struct prefix *p = &sim->now.v[b->v[k] - back];
			struct entry *e = find_live(sim, p);

			if (e) {
				renew(sim, e);
				return p->tokens;
			}
		}
	}
	return 0;
}

/* Splits what is behind the part that was read: up to the last one-hour breakpoint it is written for an hour,
 * from there to the last breakpoint for five minutes (Anthropic, "Mixing different TTLs"). */
static void count_writes(const struct cache_sim *sim, const struct cache_request *req,
	const struct breakpoints *b, struct cache_turn *t)
{
	uint64_t hour_end = t->read, end = t->read;

	for (uint32_t k = 0; k < b->n; k++) {
		uint64_t tokens = sim->now.v[b->v[k]].tokens;

		if (tokens < sim->policy.min_tokens)
			continue;
		if (tokens > end)
			end = tokens;
		if (req->segments[b->v[k]].ttl == CACHE_1H && tokens > hour_end)
			hour_end = tokens;
	}
	t->write[CACHE_1H] = hour_end - t->read;
	t->write[CACHE_5M] = end - hour_end;
}

/* Returns how many segments the longest entry has that the request leaves behind. */
static uint32_t send_breakpoints(
	struct cache_sim *sim, const struct cache_request *req, struct cache_turn *t)
{
	struct breakpoints b = find_breakpoints(sim, req);
	uint32_t left_n = 0;

	t->read = read_entry(sim, &b);
	count_writes(sim, req, &b, t);
	for (uint32_t k = 0; k < b.n; k++) {
		if (sim->now.v[b.v[k]].tokens < sim->policy.min_tokens)
			continue;
		store_entry(sim, &sim->now.v[b.v[k]], req->segments[b.v[k]].ttl);
		if (b.v[k] + 1 > left_n)
			left_n = b.v[k] + 1;
	}
	return left_n;
}

/* ---- automatic --------------------------------------------------------------------------------- */

static uint64_t round_down(const struct cache_policy *p, uint64_t tokens)
{
	tokens -= p->step_tokens ? tokens % p->step_tokens : 0;
	return tokens < p->min_tokens ? 0 : tokens;
}

static uint32_t send_automatic(struct cache_sim *sim, struct cache_turn *t)
{
	uint32_t i = sim->now.n;

	while (i > 0 && !find_live(sim, &sim->now.v[i - 1]))
		i--;
	t->read = i ? round_down(&sim->policy, sim->now.v[i - 1].tokens) : 0;
	for (i = 0; i < sim->now.n; i++)
		store_entry(sim, &sim->now.v[i], CACHE_5M);
	return round_down(&sim->policy, t->total) ? sim->now.n : 0;
}

/* ---- both -------------------------------------------------------------------------------------- */

/* What the request before had left, and how much of it is still in this one. */
static void compare_before(const struct cache_sim *sim, struct cache_turn *t)
{
	const struct prefixes *before = &sim->before, *now = &sim->now;

	t->is_first = !sim->has_before;
	if (!before->n)
		return;
	t->live_n = before->n;
	if (find_live(sim, &before->v[before->n - 1]))
		t->live = sim->before_tokens;
	else
		t->is_expired = true;
	while (t->kept_n < before->n && t->kept_n < now->n &&
		hash128_eq(before->v[t->kept_n].hash, now->v[t->kept_n].hash))
		t->kept_n++;
}

static void remember(struct cache_sim *sim, uint32_t left_n)
{
	struct prefixes spare = sim->before;

	sim->before = sim->now;
	sim->before.n = left_n;
	sim->before_tokens = left_n ? sim->now.v[left_n - 1].tokens : 0;
	if (sim->policy.kind == CACHE_AUTOMATIC)
		sim->before_tokens = round_down(&sim->policy, sim->before_tokens);
	sim->now = spare;
	sim->has_before = true;
}

struct cache_turn cache_sim_send(struct cache_sim *sim, const struct cache_request *req)
{
	struct cache_turn t = {.total = 0};
	uint32_t left_n = 0;

	if (req->at_ms != CACHE_TIME_UNKNOWN && req->at_ms > sim->now_ms)
		sim->now_ms = req->at_ms;
	else if (sim->now_ms == INT64_MIN)
		sim->now_ms = 0;
	chain_request(sim, req);
	t.total = req->n ? sim->now.v[req->n - 1].tokens : 0;
	compare_before(sim, &t);
	if (sim->policy.kind == CACHE_BREAKPOINTS)
		left_n = send_breakpoints(sim, req, &t);
	else if (sim->policy.kind == CACHE_AUTOMATIC)
		left_n = send_automatic(sim, &t);
	t.uncached = t.total - t.read - t.write[CACHE_5M] - t.write[CACHE_1H];
	remember(sim, left_n);
	return t;
}

const char *cache_class_name(enum cache_class c)
{
	static const char *const names[CACHE_CLASS_N] = {
		[CACHE_COLD] = "cold",
		[CACHE_HIT] = "hit",
		[CACHE_PARTIAL] = "partial",
		[CACHE_BUST] = "bust",
		[CACHE_RESET] = "reset",
		[CACHE_EXPIRED] = "expired",
	};

	return names[c];
}

/* Segments of the live prefix that the request no longer has. */
static uint32_t lost_n(const struct cache_turn *t)
{
	return t->live_n - t->kept_n;
}

enum cache_class cache_classify(const struct cache_turn *arm, const struct cache_turn *client)
{
	if (arm->is_expired)
		return CACHE_EXPIRED;
	if (!arm->live)
		return CACHE_COLD;
	if (lost_n(arm) > lost_n(client))
		return CACHE_BUST;
	if (lost_n(arm))
		return CACHE_RESET;
	return arm->read >= arm->live ? CACHE_HIT : CACHE_PARTIAL;
}

uint64_t cache_bust_tokens(const struct cache_turn *arm, const struct cache_turn *client)
{
	if (cache_classify(arm, client) != CACHE_BUST || arm->read >= arm->live)
		return 0;
	return arm->live - arm->read;
}
