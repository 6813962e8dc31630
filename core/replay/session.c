#include "core/replay/session.h"

#include <math.h>

#include "core/base/limits.h"
#include "core/engine/verify.h"

struct arm_state {
	const struct replay_arm *arm;
	struct compress_conf compress;
	struct engine *engine; /* NULL: nothing is compressed */
	struct store *store;   /* in memory; NULL: nothing is left out */
	struct cache_sim *sim;
};

struct run {
	const struct replay_conf *conf;
	const struct turn_session *s;
	struct replay_result *r;
	str key; /* of the session, in the result's arena */
	struct arena *session, *turn;
	struct counter *counter;
	struct replay_fit fit, half; /* half: for the blind calibration */
	struct replay_asked asked;   /* by the log */
	double retrieve_rate;
	struct cache_policy policy;
	struct cache_sim *raw, *sent,
		*blind; /* what the client sent, and what was sent on; that without its second half's usage */
	struct arm_state arms[REPLAY_ARMS_MAX];
	struct buf raw_body, sent_body;
	/* Of the present turn. */
	const struct turn *t;
	struct model model;
	struct model
		priced; /* by whose prices: of a model that nobody knows, its provider's usual one */
	uint32_t number; /* from 1 */
	bool is_first;
	bool is_counted; /* else it only fills the caches */
	struct segments raw_seg;
	struct cache_turn raw_cache;
	struct trails *trails; /* of what the client sent; NULL: memory was short */
	struct trail_break raw_broke;
	struct compress_result compressed; /* here, so that it is released when memory runs out */
};

/* ---- models and rules ---------------------------------------------------------------------------- */

/* Whose prices and rules a model is given that nobody knows. */
static str guess_of(enum wire_format f)
{
	switch (f) {
	case WIRE_ANTHROPIC:
		return STR("claude-sonnet-4-6");
	case WIRE_GEMINI:
		return STR("gemini-2.5-pro");
	default:
		return STR("gpt-5");
	}
}

static void note_unpriced(struct replay_result *r, str name)
{
	for (size_t i = 0; i < r->unpriced.n; i++)
		if (str_eq(r->unpriced.v[i], name))
			return;
	*vec_push(&r->unpriced, &r->arena) = arena_str(&r->arena, name);
}

static void set_model(struct run *x, str name)
{
	struct model_price price;

	if (x->model.name.p && str_eq(x->model.name, name))
		return;
	x->model = x->priced = model_find(name);
	if (x->model.provider != PROVIDER_UNKNOWN &&
		price_find(x->conf->prices, &x->model, &(struct price_when){0}, &price))
		return;
	note_unpriced(x->r, name);
	x->model = model_find(guess_of(x->s->format));
	x->priced = x->model;
	x->model.name = name;
}

/* Of a request of the present turn with so much input. */
static struct model_price price_of(const struct run *x, uint64_t input)
{
	struct price_when when = {x->t->sent_ms, input};
	struct model_price p;

	(void)!price_find(x->conf->prices, &x->priced, &when, &p);
	return p;
}

static struct cache_policy policy_of(const struct replay_conf *conf, const struct model *m)
{
	struct cache_policy p = cache_policy_of(m);

	if (conf->ttl_ms)
		p.ttl_ms[CACHE_5M] = p.ttl_ms[CACHE_1H] = conf->ttl_ms;
	if (conf->cache_min >= 0)
		p.min_tokens = (uint32_t)conf->cache_min;
	if (conf->breakpoints == REPLAY_BREAKPOINTS_NONE && p.kind == CACHE_BREAKPOINTS)
		p.breakpoints_max = 0;
	return p;
}

/* ---- requests ------------------------------------------------------------------------------------ */

static enum err cut(struct run *x, str body, struct segments *out, struct errctx *cx)
{
	TRY(segments_cut(x->turn, x->s->format, body, x->counter, out, cx));
	replay_add_breakpoints(x->conf, &x->fit, out);
	replay_add_prompt(x->turn, &x->fit, x->number - 1, out);
	return E_OK;
}

static struct cache_turn send_fitted(struct run *x, const struct replay_fit *fit,
	struct cache_sim *sim, const struct segments *s)
{
	struct cache_request req = {
		x->t->model, x->t->sent_ms < 0 ? CACHE_TIME_UNKNOWN : x->t->sent_ms, s->v, s->n};

	if (x->is_first && fit->warm)
		replay_warm_up(x->turn, fit, x->t, sim, s);
	return cache_sim_send(sim, &req);
}

static struct cache_turn send(struct run *x, struct cache_sim *sim, const struct segments *s)
{
	return send_fitted(x, &x->fit, sim, s);
}

/* ---- arms ---------------------------------------------------------------------------------------- */

static enum err open_arm(
	struct arm_state *a, const struct replay_arm *arm, struct run *x, struct errctx *cx)
{
	struct engine_conf conf = {0};

	a->arm = arm;
	a->compress = arm->compress;
	a->compress.watches = a->compress.is_session = true;
	a->sim = cache_sim_new(x->session, &x->policy);
	if (arm->kind != REPLAY_COMPRESS)
		return E_OK;
	if (arm->compress.elides) {
		struct store_conf store = {.is_in_memory = true};

		TRY(store_open(&store, &a->store, cx));
		conf.store = a->store;
	}
	return engine_new(&conf, &a->engine, cx);
}

static void verify(struct run *x, const struct arm_state *a, const struct compress_result *c)
{
	struct verify_report report;
	struct errctx why = {0};

	if (!x->conf->verifies || !c->is_changed)
		return;
	if (compress_verify(buf_str(&x->raw_body), c->body, x->s->format, a->store, &report,
		    &why) == E_OK) {
		x->r->verified.proven += c->changed_n;
		return;
	}
	if (!x->r->verified.failed++)
		x->r->verified.first =
			arena_printf(&x->r->arena, STR_FMT ", turn %u, arm " STR_FMT ": %s",
				STR_ARG(x->key), x->number, STR_ARG(a->arm->name), why.text);
}

/* A change of a block's tokens, in both tables. */
static int64_t add_block(struct run *x, const struct compress_block *b, bool is_new,
	const struct replay_outcome *o, double rate)
{
	double saved = x->fit.per_token * ((double)b->tokens_before - b->tokens_after);
	struct replay_transform t = {.name = b->encoders,
		.arm = o->arm,
		.results = is_new,
		.saved = llround(saved),
		.usd = saved * rate};

	if (!x->is_counted)
		return t.saved;
	replay_add_transform(x->r, &x->r->transforms, &t);
	t.name = b->tool.n ? b->tool : STR("(no name)");
	replay_add_transform(x->r, &x->r->tools, &t);
	return t.saved;
}

static void add_rest(struct run *x, const struct replay_outcome *o, int64_t saved, double rate)
{
	int64_t rest = (int64_t)o->raw - (int64_t)o->cache.total - saved;
	struct replay_transform t = {
		.name = STR(REPLAY_REST), .arm = o->arm, .saved = rest, .usd = (double)rest * rate};

	if (!rest || !x->is_counted)
		return;
	replay_add_transform(x->r, &x->r->transforms, &t);
	replay_add_transform(x->r, &x->r->tools, &t);
}

static void price_retrievals(const struct run *x, struct replay_outcome *o)
{
	struct model_price price = price_of(x, o->cache.total);

	o->retrieval_cost = o->retrieved_tokens * price.input / 1e6 +
			    o->retrievals * (double)o->cache.total * price.cache_read / 1e6;
}

static void take_blocks(struct run *x, const struct compress_result *c, struct replay_outcome *o)
{
	int64_t sum = 0;
	double scale = x->fit.per_token;
	double rate = cost_input(&o->cost) /
		      (double)(o->cache.total ? o->cache.total : 1); /* USD a token of this turn */

	for (uint32_t i = 0; i < c->blocks_n; i++) {
		const struct compress_block *b = &c->blocks[i];
		/* The list of tools comes with the first turn, and behind all blocks. */
		bool is_new = b->kind == WIRE_TOOL_RESULT ? i >= c->known_n : !c->known_n;

		if (!b->encoders.n)
			continue;
		o->changed_results += is_new;
		sum += add_block(x, b, is_new, o, rate);
		if (!is_new || b->loss != LOSS_ELIDED)
			continue;
		o->retrievals += x->retrieve_rate;
		o->retrieved_tokens += x->retrieve_rate * scale * b->tokens_before;
	}
	add_rest(x, o, sum, rate);
	price_retrievals(x, o);
}

/* What was sent was sent with the retrievals of the log. */
static void take_logged(struct run *x, struct replay_outcome *o)
{
	if (!x->t->retrievals || !x->asked.elided)
		return;
	o->retrievals = (double)x->t->retrievals;
	o->retrieved_tokens =
		o->retrievals * (double)x->asked.elided_tokens / (double)x->asked.elided;
	price_retrievals(x, o);
}

static void price_outcome(struct run *x, struct replay_outcome *o)
{
	uint64_t output = x->conf->no_output_cost ? 0 : o->output;
	struct model_price price = price_of(x, o->cache.total);

	o->class = cache_classify(&o->cache, &x->raw_cache);
	o->bust_tokens = cache_bust_tokens(&o->cache, &x->raw_cache);
	o->cost = cost_of_turn(&price, &o->cache, output);
	o->cost_uncached = cost_without_cache(&price, &o->cache, output);
}

/* Tokens of the live prefix that the turn did not read, though it is what is written again that costs. */
static void price_break(struct run *x, const struct trail_break *b, struct replay_outcome *o)
{
	uint64_t lost = o->cache.live > o->cache.read ? o->cache.live - o->cache.read : 0;
	uint64_t fresh = o->cache.total - o->cache.read;
	struct cost_usage u = {.uncached = o->cache.uncached,
		.read = o->cache.read,
		.write_5m = o->cache.write[CACHE_5M],
		.write_1h = o->cache.write[CACHE_1H]};

	struct model_price price;

	if (b->cause == TRAIL_KEPT || (o->class != CACHE_BUST && o->class != CACHE_RESET))
		return;
	o->broke = (struct replay_break){.session = x->key,
		.at = arena_str(x->turn, str_from(b->path)),
		.turn = x->number,
		.arm = o->arm,
		.by = b->cause,
		.byte = b->at,
		.tokens = lost < fresh ? lost : fresh};
	price = price_of(x, o->cache.total);
	o->broke.usd = (double)cost_of_rewrite(&price, o->broke.tokens, &u) / 1e9;
}

static enum err run_engine(
	struct run *x, struct arm_state *a, struct replay_outcome *o, struct errctx *cx)
{
	struct compress_result *c = &x->compressed;
	struct segments seg;
	enum err err;

	err = compress_request(a->engine, buf_str(&x->raw_body), x->s->format, &a->compress, c, cx);
	if (!err)
		err = cut(x, c->body, &seg, cx);
	if (!err) {
		o->cache = send(x, a->sim, &seg);
		o->ms = (double)c->elapsed_ns / 1e6;
		price_outcome(x, o);
		price_break(x, &c->broke, o);
		take_blocks(x, c, o);
		verify(x, a, c);
	}
	compress_result_release(c);
	return err;
}

static enum err run_arm(
	struct run *x, struct arm_state *a, struct replay_outcome *o, struct errctx *cx)
{
	struct segments seg;

	if (a->engine)
		return run_engine(x, a, o, cx);
	TRY(cut(x, buf_str(a->arm->kind == REPLAY_LOGGED ? &x->sent_body : &x->raw_body), &seg,
		cx));
	o->cache = send(x, a->sim, &seg);
	price_outcome(x, o);
	price_break(x, &x->raw_broke, o);
	if (a->arm->kind == REPLAY_LOGGED)
		take_logged(x, o);
	return E_OK;
}

/* Agents do not record their tools. They have some, and so a way to originals: what is left out is as with them, and only the
 * declaration is missing from the bill. */
static void go_without_tools(struct run *x)
{
	for (uint32_t i = 0; i < x->conf->arms_n; i++)
		x->arms[i].compress.retrieves_by_tool = x->arms[i].compress.offers_retrieve = false;
}

/* ---- turns --------------------------------------------------------------------------------------- */

/* Had the provider nothing in this turn, for a reason that is not recorded? */
static bool is_lost(const struct run *x)
{
	return x->number > 1 && x->fit.resets[x->number - 1] > x->fit.resets[x->number - 2];
}

/* The same request as the first half of the session explains it. s: as it was cut. */
static void calibrate_blind(struct run *x, struct segments *s, const struct cost *reported)
{
	struct replay_blind *b = &x->r->calibration.blind;
	double scale = x->half.per_token / x->fit.per_token;
	struct model_price price;
	struct cache_turn t;
	struct cost simulated;

	s->tokens = 0;
	for (uint32_t i = 0; i < s->n; i++) {
		s->v[i].tokens = (uint32_t)lround(s->v[i].tokens * scale);
		s->tokens += s->v[i].tokens;
	}
	replay_add_breakpoints(x->conf, &x->half, s);
	replay_add_prompt(x->turn, &x->half, x->number - 1, s);
	t = send_fitted(x, &x->half, x->blind, s);
	if (!x->is_counted || x->number <= x->half.known_n)
		return;
	price = price_of(x, t.total);
	simulated = cost_of_turn(&price, &t, 0);
	b->turns++;
	b->read += t.read;
	b->recorded_read += x->t->usage.cache_read;
	b->cost += cost_input(&simulated);
	b->recorded_cost += cost_input(reported);
	if (is_lost(x)) {
		b->lost_turns++;
		b->lost_cost += cost_input(&simulated);
		b->lost_recorded_cost += cost_input(reported);
	}
}

/* The very requests that were sent, against what the provider reported of them. */
static enum err calibrate(struct run *x, struct errctx *cx)
{
	const struct turn_usage *u = &x->t->usage;
	struct replay_calibration *c = &x->r->calibration;
	struct cache_turn recorded = {
		.read = u->cache_read,
		.write = {u->cache_write_5m, u->cache_write_1h},
		.uncached = u->input,
	};
	struct segments seg, blind;
	struct model_price price;
	struct cache_turn t;
	struct cost simulated, reported;

	TRY(segments_cut(x->turn, x->s->format, buf_str(&x->sent_body), x->counter, &seg, cx));
	blind = seg;
	blind.v = arena_array(x->turn, struct cache_segment, seg.n ? seg.n : 1);
	if (seg.n)
		memcpy(blind.v, seg.v, seg.n * sizeof *seg.v);
	replay_add_breakpoints(x->conf, &x->fit, &seg);
	replay_add_prompt(x->turn, &x->fit, x->number - 1, &seg);
	t = send(x, x->sent, &seg);
	price = price_of(x, t.total);
	simulated = cost_of_turn(&price, &t, 0);
	price = price_of(x, u->input + u->cache_read + u->cache_write_5m + u->cache_write_1h);
	reported = cost_of_turn(&price, &recorded, 0);
	if (x->half.is_complete)
		calibrate_blind(x, &blind, &reported);
	if (!x->is_counted)
		return E_OK;
	c->turns++;
	c->resets += is_lost(x);
	c->read += t.read;
	c->recorded_read += u->cache_read;
	c->write += t.write[CACHE_5M] + t.write[CACHE_1H];
	c->recorded_write += u->cache_write_5m + u->cache_write_1h;
	c->cost += cost_input(&simulated);
	c->recorded_cost += cost_input(&reported);
	return E_OK;
}

/* What the client has changed, by the walkers of core/wire: names only, no figure depends on it. */
static void watch_client(struct run *x)
{
	struct json_tape tape;
	struct wire_doc doc = {0};
	struct trail_request q = {
		.doc = &doc, .is_session = true, .now_ms = x->t->sent_ms < 0 ? 0 : x->t->sent_ms};

	x->raw_broke = (struct trail_break){.cause = TRAIL_KEPT};
	if (x->trails && json_scan(x->turn, buf_str(&x->raw_body), &tape, NULL) == E_OK &&
		wire_walk(x->turn, &tape, x->s->format, &doc, NULL) == E_OK)
		trails_take(x->trails, &q, &x->raw_broke);
}

static enum err run_turn(struct run *x, struct errctx *cx)
{
	double baseline = 0;

	buf_reset(&x->raw_body);
	buf_reset(&x->sent_body);
	turns_body(x->s, x->t, &x->raw_body);
	replay_sent_body(x->s, x->t, &x->sent_body);
	TRY(x->raw_body.err);
	TRY(x->sent_body.err);
	set_model(x, x->t->model);
	TRY(cut(x, buf_str(&x->raw_body), &x->raw_seg, cx));
	if (x->is_first && !x->raw_seg.has_tools)
		go_without_tools(x);
	x->raw_cache = send(x, x->raw, &x->raw_seg);
	watch_client(x);
	if (x->fit.is_complete)
		TRY(calibrate(x, cx));
	for (uint32_t i = 0; i < x->conf->arms_n; i++) {
		struct replay_outcome o = {.session = x->key,
			.model = x->model.name,
			.project = x->s->project.n ? x->s->project : STR("unknown"),
			.turn = x->number,
			.arm = i,
			.sent_ms = x->t->sent_ms,
			.raw = x->raw_seg.tokens,
			.output = x->t->usage.is_known ? x->t->usage.output : 0,
			.ms = -1};

		TRY(run_arm(x, &x->arms[i], &o, cx));
		if (!i)
			baseline = cost_total(&o.cost) + o.retrieval_cost;
		if (x->is_counted)
			replay_add(x->r, x->conf, &o, baseline);
	}
	x->r->turns += x->is_counted;
	x->r->logged += x->is_counted && x->t->sent.n > 0;
	return E_OK;
}

static bool is_in_time(const struct replay_conf *conf, const struct turn *t)
{
	if (t->sent_ms < 0)
		return true;
	return t->sent_ms >= conf->since_ms && (!conf->until_ms || t->sent_ms < conf->until_ms);
}

static uint64_t wanted_n(const struct run *x)
{
	uint64_t n = 0;

	for (size_t i = 0; i < x->s->turns.n; i++)
		n += is_in_time(x->conf, &x->s->turns.v[i]);
	return x->conf->limit && x->conf->limit < n ? x->conf->limit : n;
}

static bool is_wanted(const struct replay_conf *conf, const struct turn *t, uint32_t done)
{
	return (!conf->limit || done < conf->limit) && is_in_time(conf, t);
}

/* A turn that is no request (any more) is passed over and counted. */
static enum err run_turns(struct run *x, struct errctx *cx)
{
	uint64_t wanted = wanted_n(x), recent = x->conf->recent;
	uint32_t done = 0;

	for (uint32_t i = 0; i < x->s->turns.n; i++) {
		enum err err;

		x->t = &x->s->turns.v[i];
		if (!is_wanted(x->conf, x->t, done))
			continue;
		x->number = i + 1;
		x->is_first = !done;
		x->is_counted = !recent || done + recent >= wanted;
		err = run_turn(x, cx);
		arena_reset(x->turn);
		if (err == E_MALFORMED)
			x->r->skipped++;
		else if (err)
			return err_prefix(cx, STR_FMT ", turn %u", STR_ARG(x->key), i + 1);
		done += !err;
	}
	x->r->sessions += done > 0;
	return E_OK;
}

static enum err prepare(struct run *x, struct errctx *cx)
{
	str model = x->s->turns.v[0].model;

	set_model(x, model);
	x->counter = counter_new(x->session, x->model.encoding, 1.0);
	replay_fit_of(x->s, &x->model, &(struct replay_room){x->session, x->turn, &x->raw_body},
		x->counter, &x->fit, &x->half);
	counter_set_scale(x->counter, x->fit.per_token);
	x->asked = replay_asked_of(x->s, &x->fit, x->model.encoding, x->turn);
	x->r->asked.elided += x->asked.elided;
	x->r->asked.elided_tokens += x->asked.elided_tokens;
	x->r->asked.retrieved += x->asked.retrieved;
	x->retrieve_rate = x->conf->retrieve_rate;
	if (x->conf->retrieves_as_logged)
		x->retrieve_rate =
			x->asked.elided ? (double)x->asked.retrieved / (double)x->asked.elided : 0;
	arena_reset(x->turn);
	x->policy = policy_of(x->conf, &x->model);
	x->raw = cache_sim_new(x->session, &x->policy);
	x->sent = cache_sim_new(x->session, &x->policy);
	x->blind = cache_sim_new(x->session, &x->policy);
	for (uint32_t i = 0; i < x->conf->arms_n; i++)
		TRY(open_arm(&x->arms[i], &x->conf->arms[i], x, cx));
	return E_OK;
}

static enum err run_all(struct run *x, struct errctx *cx)
{
	enum err err;

	if (arena_recover(x->session) || arena_recover(x->turn) || arena_recover(&x->r->arena)) {
		arena_end_recover(&x->r->arena);
		FAIL(cx, E_NOMEM, "memory ran out");
	}
	x->key = arena_str(&x->r->arena, x->s->key.n ? x->s->key : STR("unnamed"));
	err = prepare(x, cx);
	if (!err)
		err = run_turns(x, cx);
	arena_end_recover(&x->r->arena);
	return err;
}

enum err replay_session(const struct replay_conf *conf, const struct turn_session *s,
	struct replay_result *r, struct errctx *cx)
{
	struct arena session = ARENA_INIT, turn = ARENA_INIT;
	struct run x = {.conf = conf, .s = s, .r = r, .session = &session, .turn = &turn};
	enum err err;

	if (!s->turns.n || !str_starts(s->key, conf->session))
		return E_OK;
	x.trails = trails_new();
	buf_init(&x.raw_body, LIMIT_INPUT);
	buf_init(&x.sent_body, LIMIT_INPUT);
	err = run_all(&x, cx);
	compress_result_release(&x.compressed);
	for (uint32_t i = 0; i < conf->arms_n; i++) {
		engine_free(x.arms[i].engine);
		store_close(x.arms[i].store);
	}
	trails_free(x.trails);
	if (x.counter)
		counter_free(x.counter);
	buf_release(&x.sent_body);
	buf_release(&x.raw_body);
	arena_release(&turn);
	arena_release(&session);
	return err;
}
