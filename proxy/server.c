#include "proxy/server.h"

#include <errno.h>
#include <malloc.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/store/ledger.h"
#include "proxy/backend_keys.h"
#include "proxy/lease.h"
#include "proxy/metrics.h"
#include "proxy/own/own.h"
#include "proxy/shared.h"

/* Jobs that may wait for a thread of the pool: as many as there may be requests, and some. */
enum { POOL_QUEUE = 4096 };
/* Conversations that are at hand without a look into the store: a dozen long ones, or hundreds of short ones. One that
 * is not costs the time of reading it anew, nothing else. */
#define CONVERSATION_BYTES ((size_t)64 << 20)
/* What a rolling hour can hold and is loaded row by row. */
enum { BUDGET_ROWS = 1000000 };

static struct budget_conf budget_conf_of(const struct proxy_limits *l)
{
	return (struct budget_conf){.is_on = l->has_budget,
		.limit_nano = (int64_t)(l->budget_usd * 1e9),
		.period = (enum budget_period)l->budget_period};
}

static struct limit_conf limit_conf_of(const struct proxy_limits *l)
{
	return (struct limit_conf){.rpm = (uint32_t)l->rpm, .tpm = (uint32_t)l->tpm};
}

/* ---- what was spent before --------------------------------------------------------------------------- */

static void load_hour(void *self, str key, const struct ledger_sum *sum)
{
	struct server *s = self;
	char text[32];
	int64_t at_ms;
	int n = snprintf(text, sizeof text, STR_FMT ":00:00Z", STR_ARG(key));

	if (n > 0 && clock_parse((str){text, (size_t)n}, &at_ms))
		budget_load(s->budget, at_ms, sum->cost_nano);
}

static void load_row(void *self, const struct ledger_row *row)
{
	struct server *s = self;

	if (row->cost_nano > 0)
		budget_load(s->budget, row->at_ms, row->cost_nano);
}

/* By the hour what is older, row by row the last one, which the rolling period looks at. */
static enum err load_budget(struct server *s, struct errctx *cx)
{
	int64_t hour_ms = 3600 * 1000, now_ms = clock_wall_ms(s->clock);
	int64_t last_ms = (now_ms - hour_ms) / hour_ms * hour_ms;
	struct ledger_query older = {
		.from_ms = budget_since_ms(s->budget), .to_ms = last_ms, .group = LEDGER_BY_HOUR};
	struct ledger_query newer = {.from_ms = last_ms, .limit = BUDGET_ROWS};

	if (older.from_ms > newer.from_ms)
		newer.from_ms = older.from_ms;
	if (older.from_ms < older.to_ms)
		TRY(ledger_sums(s->store, &older, load_hour, s, cx));
	return ledger_recent(s->store, &newer, load_row, s, cx);
}

/* ---- opening ----------------------------------------------------------------------------------------- */

static enum err open_store(struct server *s, struct errctx *cx)
{
	const struct proxy_conf *c = s->conf;
	struct store_conf store = {.path = c->store_file,
		.is_in_memory = c->is_stateless || !c->store_file,
		.clock = c->clock};
	struct engine_conf engine = {.clock = c->clock,
		.conversation_bytes = CONVERSATION_BYTES,
		.helpers_n = engine_helpers_n()};
	enum err err = store_open(&store, &s->store, cx);

	if (err) {
		(void)err_prefix(cx, "the store cannot be opened (--stateless works without)");
		return err;
	}
	if (c->share.is_on)
		TRY(shared_open(&(struct shared_conf){.share = &c->share,
					.store = s->store,
					.id = str_from(s->nonce),
					.log = s->log,
					.clock = s->clock},
			&s->shared, cx));
	engine.store = s->store;
	return engine_new(&engine, &s->engine, cx);
}

static enum err load_prices(
	const struct proxy_limits *l, struct price_table **out, struct errctx *cx)
{
	enum err err;

	*out = NULL;
	err = l->price_file ? price_table_load(l->price_file, out, cx) : E_OK;
	if (!err)
		return E_OK;
	if (err == E_NOT_FOUND) /* of a file that is asked for: the configuration is wrong */
		err = cx->code = E_CONFIG;
	(void)err_prefix(cx, "--price-file");
	return err;
}

/* Memories, and who makes vectors of them, who has to answer before anybody is served. */
static enum err make_recall(struct server *s, struct errctx *cx)
{
	struct proxy_embedder_conf conf = s->conf->embedder;

	if (!s->conf->has_memory)
		return E_OK;
	TRY(recall_new(s->clock, &s->recall, cx));
	if (!conf.url.n)
		return E_OK;
	conf.log = s->log;
	TRY(proxy_embedder_new(&conf, &s->embedder, cx));
	TRY(proxy_embedder_check(s->embedder, cx));
	return recall_use(s->recall, proxy_embedder_of(s->embedder), cx);
}

static enum err make_parts(struct server *s, struct errctx *cx)
{
	const struct proxy_conf *c = s->conf;
	struct limit_conf limit = limit_conf_of(&c->limits);
	struct budget_conf budget = budget_conf_of(&c->limits);
	struct response_cache_conf cache = RESPONSE_CACHE_DEFAULTS;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	s->limit = limit_new(&limit, LIMIT_KEYS_MAX, s->clock);
	s->budget = budget_new(&budget, s->clock);
	s->scales = scales_new(s->store, s->clock);
	if (c->has_response_cache)
		s->cache = response_cache_new(&cache, s->clock);
	if (!s->limit || !s->budget || !s->scales || (c->has_response_cache && !s->cache))
		FAIL(cx, E_NOMEM, "no memory for the proxy");
	TRY(make_recall(s, cx));
	TRY(proxy_metrics_new(&s->metrics, cx));
	TRY(load_prices(&c->limits, &s->prices, cx));
	TRY(load_budget(s, cx));
	tenants_sync(s->tenants, s->store);
	if (c->log_file && !c->is_stateless)
		TRY(request_log_open(c->log_file, c->logs_messages, c->log, &s->request_log, cx));
	TRY(pool_new((unsigned)(cores > 2 ? cores : 2), POOL_QUEUE, &s->pool, cx));
	return own_new(s, &s->own, cx);
}

enum err server_open(struct server *s, const struct proxy_conf *conf, struct errctx *cx)
{
	enum err err;

	memset(s, 0, sizeof *s);
	s->conf = conf;
	s->log = conf->log;
	s->clock = conf->clock;
	s->ended_fd = -1;
	s->started_ms = clock_wall_ms(s->clock);
	s->started_ns = clock_monotonic_ns(s->clock);
	server_new_run(s);
	lease_make_nonce(s->clock, s->nonce);
	s->concurrency_max = conf->limits.concurrency;
	s->guard = (struct guard_conf){.token = conf->token,
		.hosts = conf->allowed_hosts,
		.hosts_n = conf->allowed_hosts_n,
		.origins = conf->allowed_origins,
		.origins_n = conf->allowed_origins_n,
		.is_loopback_bind = address_is_loopback(str_from(conf->host))};
	(void)pthread_rwlock_init(&s->prices_lock, NULL);
	/* Bodies come and go by the megabyte: mapping each anew costs more than the request. The worker gives
	 * memory back when nothing is to be done. */
	(void)mallopt(M_MMAP_THRESHOLD, 64 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, SERVER_TRIM_BYTES);
	/* Only the first arena can be given back to its end: with one for each thread, 100 MB stayed after 64 bodies
	 * of 1 MB, with one for all 14 MB. Workers would wait for each other there. */
	(void)mallopt(M_ARENA_MAX, conf->workers > 1 ? (int)conf->workers : 1);
	err = backend_keys_open(conf, &s->backend_keys, cx);
	if (!err && conf->tokens_file)
		err = tenants_open(conf->tokens_file, s->clock, &s->tenants, cx);
	s->guard.tenants = s->tenants;
	if (!err)
		err = open_store(s, cx);
	if (!err)
		err = make_parts(s, cx);
	if (err)
		server_close(s);
	return err;
}

void server_close(struct server *s)
{
	pool_free(s->pool);
	backend_keys_close(s->backend_keys);
	request_log_close(s->request_log);
	response_cache_free(s->cache);
	limit_free(s->limit);
	budget_free(s->budget);
	tenants_free(s->tenants);
	scales_free(s->scales);
	own_free(s->own);
	proxy_metrics_free(s->metrics);
	engine_free(s->engine);
	recall_free(s->recall);
	proxy_embedder_free(s->embedder);
	shared_detach(s->shared);
	store_close(s->store); /* what is committed last is shared, too */
	shared_close(s->shared);
	price_table_free(s->prices);
	(void)pthread_rwlock_destroy(&s->prices_lock);
	if (s->ended_fd >= 0)
		(void)close(s->ended_fd);
	memset(s, 0, sizeof *s);
	s->ended_fd = -1;
}

/* ---- while it runs ----------------------------------------------------------------------------------- */

enum err server_reload(struct server *s, struct errctx *cx)
{
	struct proxy_limits limits = s->conf->limits;
	struct price_table *prices, *old;
	struct limit_conf limit;
	struct budget_conf budget;

	if (s->conf->reload)
		TRY(s->conf->reload(s->conf->reload_self, &limits, cx));
	TRY(load_prices(&limits, &prices, cx));
	(void)pthread_rwlock_wrlock(&s->prices_lock);
	old = s->prices;
	s->prices = prices;
	(void)pthread_rwlock_unlock(&s->prices_lock);
	price_table_free(old);
	limit = limit_conf_of(&limits);
	limit_configure(s->limit, &limit);
	budget = budget_conf_of(&limits);
	budget_configure(s->budget, &budget);
	atomic_store(&s->concurrency_max, limits.concurrency);
	if (s->request_log)
		request_log_reopen(s->request_log);
	return E_OK;
}

void server_reload_tenants(struct server *s)
{
	struct errctx cx = {0};

	if (!s->tenants)
		return;
	if (tenants_reload(s->tenants, &cx))
		LOG(s->log, LOG_LEVEL_ERROR, "tokens_kept", log_s("why", str_from(cx.text)));
	else
		LOG(s->log, LOG_LEVEL_INFO, "tokens_reloaded",
			log_u("names", tenants_n(s->tenants)));
	tenants_sync(s->tenants, s->store); /* of names that are new here */
}

bool server_price(struct server *s, const struct model *m, const struct price_when *when,
	struct model_price *out)
{
	bool is_known;

	(void)pthread_rwlock_rdlock(&s->prices_lock);
	is_known = price_find(s->prices, m, when, out);
	(void)pthread_rwlock_unlock(&s->prices_lock);
	return is_known;
}

void server_sync_budget(struct server *s)
{
	int64_t since_ms = budget_period_since_ms(s->budget), nano;

	if (ledger_spent(s->store, since_ms, &nano, NULL) == E_OK)
		budget_sync(s->budget, since_ms, nano);
}

void server_new_run(struct server *s)
{
	char id[CLOCK_ID_LEN + 1];

	clock_id(s->clock, id);
	atomic_store(&s->run_started_ms, clock_wall_ms(s->clock));
	atomic_store(&s->run, hash64(str_from(id)) >> 1); /* the ledger keeps 63 bits */
}

void server_note_reach(struct server *s, int upstream, bool is_reached)
{
	struct server_reach *r = &s->reach[upstream];

	atomic_store_explicit(&r->is_used, true, memory_order_relaxed);
	if (is_reached) {
		atomic_store_explicit(&r->failed_n, 0, memory_order_relaxed);
		return;
	}
	atomic_store_explicit(&r->failed_ms, clock_wall_ms(s->clock), memory_order_relaxed);
	(void)atomic_fetch_add_explicit(&r->failed_n, 1, memory_order_relaxed);
}

bool server_is_reached(struct server *s, int upstream)
{
	struct server_reach *r = &s->reach[upstream];
	int64_t age_ms =
		clock_wall_ms(s->clock) - atomic_load_explicit(&r->failed_ms, memory_order_relaxed);

	return atomic_load_explicit(&r->failed_n, memory_order_relaxed) < SERVER_REACH_FAILURES ||
	       age_ms > SERVER_REACH_MS;
}

void server_worker_ended(struct server *s)
{
	uint64_t one = 1;

	if (atomic_fetch_sub(&s->workers_left, 1) == 1)
		while (write(s->ended_fd, &one, sizeof one) < 0 && errno == EINTR)
			;
}
