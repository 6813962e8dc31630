#include "core/econ/cache_sim.h"
#include "core/econ/cost.h"
#include "core/store/ledger.h"
#include "proxy/exchange.h"
#include "proxy/metrics.h"
#include "proxy/shared.h"
#include "proxy/shared_rate.h"
#include "proxy/shared_spend.h"

enum { BYTES_PER_TOKEN = 4 }; /* as in prepare.c */

static uint64_t scaled(const struct exchange *x, uint64_t tokens)
{
	return (uint64_t)((double)tokens * x->scale + 0.5);
}

static int64_t since_us(const struct exchange *x, int64_t ns)
{
	return ns ? (ns - x->start_ns) / 1000 : 0;
}

static uint64_t reported_input(const struct usage *u)
{
	return u->input + u->cache_read + u->cache_write_5m + u->cache_write_1h;
}

static struct cost_usage cost_of(const struct usage *u)
{
	return (struct cost_usage){.uncached = u->input,
		.read = u->cache_read,
		.write_5m = u->cache_write_5m,
		.write_1h = u->cache_write_1h,
		.output = u->output};
}

/* The usage of the request that was counted before it was sent: the first of several rounds. */
static const struct usage *first_usage(const struct exchange *x)
{
	return x->rounds ? &rounds_sum(x->rounds)->first : x->usage;
}

/* What later rounds have sent: nobody would have sent that if nothing had been left out. Their answers would have been
 * given in any case. */
static int64_t cost_of_rounds(const struct exchange *x, const struct model_price *price)
{
	struct usage more = *x->usage;
	const struct usage *first = first_usage(x);
	struct cost_usage c;

	more.input -= first->input;
	more.cache_read -= first->cache_read;
	more.cache_write_5m -= first->cache_write_5m;
	more.cache_write_1h -= first->cache_write_1h;
	c = cost_of(&more);
	c.output = 0;
	return cost_of_usage(price, &c);
}

static bool has_usage(const struct exchange *x)
{
	return x->usage && x->usage->has_input;
}

/* The step of a price is one of a request: of several rounds, each was one. */
static struct price_when when_of(const struct exchange *x)
{
	return (struct price_when){x->at_ms, reported_input(first_usage(x))};
}

/* ---- money ------------------------------------------------------------------------------------------- */

static void price_row(struct exchange *x, struct ledger_row *row)
{
	const struct usage *u = x->usage;
	struct cost_usage usage, first;
	struct price_when when;
	struct model_price price;
	struct model model;

	row->cost_nano = -1;
	if (x->cached) {
		row->cost_nano = 0;
		return;
	}
	if (!has_usage(x))
		return;
	when = when_of(x);
	model = x->model.name.n ? x->model : model_find(str_from(u->model));
	if (!server_price(x->server, &model, &when, &price)) {
		if (!atomic_exchange(&x->server->said_price, true))
			LOG(x->server->log, LOG_LEVEL_WARN, "price_unknown",
				log_s("model", model.name),
				log_s("change", STR("--price-file: until then its requests do not "
						    "count in --budget")));
		return;
	}
	usage = cost_of(u);
	first = cost_of(first_usage(x));
	row->cost_nano = cost_of_usage(&price, &usage);
	row->has_saved = true;
	row->saved_nano = cost_saved(&price,
		&(struct cost_saving){.old = (int64_t)((double)x->saved_old * x->scale),
			.fresh = (int64_t)((double)x->saved_fresh * x->scale)},
		&first);
	row->saved_nano -= cost_of_rounds(x, &price);
}

/* ---- the provider's prompt cache ---------------------------------------------------------------------- */

/* Was there anything to lose? What nobody has asked for is gone after a while in any case. */
static bool was_alive(const struct exchange *x, const struct usage *u)
{
	struct cache_policy p = cache_policy_of(&x->model);

	return x->broke.idle_ms < p.ttl_ms[u && u->cache_write_1h ? CACHE_1H : CACHE_5M];
}

/* Says what broke the cache. What the provider has read of its cache was not lost, whatever the bytes say; without its figures no
 * tokens are claimed. */
static void account_break(struct exchange *x, struct ledger_row *row)
{
	const struct trail_break *b = &x->broke;
	const struct usage *u = has_usage(x) ? first_usage(x) : NULL;
	uint64_t again = scaled(x, b->again_bytes / BYTES_PER_TOKEN), fresh;
	struct price_when when;
	struct model_price price;

	row->break_cause = "";
	if (b->cause == TRAIL_KEPT || x->cached || !was_alive(x, u))
		return;
	if (u) {
		fresh = u->input + u->cache_write_5m + u->cache_write_1h;
		row->break_tokens = again < fresh ? again : fresh;
		when = when_of(x);
		if (server_price(x->server, &x->model, &when, &price))
			row->break_nano = cost_of_rewrite(&price, row->break_tokens,
				&(struct cost_usage){.uncached = u->input,
					.read = u->cache_read,
					.write_5m = u->cache_write_5m,
					.write_1h = u->cache_write_1h});
	}
	row->break_cause = trail_cause_name(b->cause);
	row->break_path = str_from(b->path);
	row->break_at = b->at;
	LOG(x->server->log, b->cause == TRAIL_OWN ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "cache_broken",
		log_s("request", str_from(x->id)), log_s("by", str_from(row->break_cause)),
		log_s("at", row->break_path), log_u("byte", row->break_at),
		log_u("tokens", row->break_tokens), log_f("usd", (double)row->break_nano / 1e9));
}

/* With the other proxies: what the request has cost, or that it was not sent. Spending counts there from the first on, also while
 * there is no budget, so that one that comes later knows it. */
static void settle_shared(struct exchange *x, int64_t cost_nano)
{
	struct server *s = x->server;
	struct limit_conf conf;

	if (!s->shared)
		return;
	if (x->is_spend_shared || (x->has_reservation && cost_nano))
		spend_settle(shared_spend_of(s->shared, NULL), x->spend_reserved_nano, cost_nano,
			x->at_ms);
	if (x->tenant && (x->is_tenant_spend_shared || (x->has_reservation && cost_nano)))
		spend_settle(shared_spend_of(s->shared, x->tenant), x->tenant_spend_reserved_nano,
			cost_nano, x->at_ms);
	if (!x->is_limit_shared || !x->has_limit || !has_usage(x))
		return;
	conf = limit_get_conf(s->limit);
	shared_rate_correct(shared_link(s->shared), STR(""), &conf, x->limit_keys, x->limit_keys_n,
		x->limited_tokens, reported_input(x->usage));
}

static void settle_tenant(struct exchange *x)
{
	struct limit_conf conf;

	if (!x->tenant || !x->has_limit || !has_usage(x))
		return;
	conf = limit_get_conf(x->tenant->limit);
	if (x->is_tenant_limit_shared)
		shared_rate_correct(shared_link(x->server->shared), exchange_tenant(x), &conf,
			&x->tenant->key, 1, x->limited_tokens, reported_input(x->usage));
	else
		limit_correct(x->tenant->limit, &x->tenant->key, 1, x->limited_tokens,
			reported_input(x->usage));
}

static void settle(struct exchange *x, const struct ledger_row *row)
{
	int64_t cost_nano = row->cost_nano > 0 ? row->cost_nano : 0;

	if (x->has_reservation)
		budget_settle(x->server->budget, x->reserved_nano, cost_nano, x->at_ms);
	if (x->has_reservation && x->tenant)
		budget_settle(x->tenant->budget, x->tenant_reserved_nano, cost_nano, x->at_ms);
	settle_shared(x, cost_nano);
	settle_tenant(x);
	if (x->has_limit && has_usage(x))
		limit_correct(x->server->limit, x->limit_keys, x->limit_keys_n, x->limited_tokens,
			reported_input(x->usage));
	if (has_usage(x) && x->is_complete && x->status == 200 && x->route.kind == ROUTE_LLM)
		scales_add(x->server->scales, x->model_name, x->counted_after,
			reported_input(first_usage(x)));
}

/* ---- the conversation ------------------------------------------------------------------------------- */

static void fill_conversation(const struct exchange *x, struct ledger_row *row)
{
	row->conversation = x->conversation.lo;
	row->asked = x->chain.lo;
	row->arm = x->arm;
	row->again_n = x->again_n;
	/* Calls of our own tool are answered here; those of the client's are seen when their results come back. */
	row->retrievals_n = x->rounds                    ? rounds_sum(x->rounds)->retrievals_n
			    : x->own & OWN_TOOL_RETRIEVE ? 0
							 : x->retrieved_n;
}

/* ---- the row ----------------------------------------------------------------------------------------- */

/* What was given back takes from what was saved. */
static uint64_t retrieved_tokens(const struct exchange *x)
{
	return x->rounds ? rounds_sum(x->rounds)->retrieved_bytes / BYTES_PER_TOKEN : 0;
}

static void fill_usage(const struct exchange *x, struct ledger_row *row)
{
	const struct usage *u = x->usage;

	if (!u)
		return;
	row->has_usage = u->has_input || u->has_output;
	row->input = u->input;
	row->cache_read = u->cache_read;
	row->cache_write_5m = u->cache_write_5m;
	row->cache_write_1h = u->cache_write_1h;
	row->output = u->output;
	row->reasoning = u->reasoning;
}

static void fill_row(struct exchange *x, int64_t end_ns, struct ledger_row *row)
{
	*row = (struct ledger_row){.at_ms = x->at_ms,
		.upstream = x->route.kind == ROUTE_OWN ? "" : exchange_provider(x),
		.endpoint = x->route.endpoint,
		.format = wire_format_name(x->route.format),
		.client = client_kind_name(x->info.client),
		.model = x->model_name.n || !x->usage ? x->model_name : str_from(x->usage->model),
		.project = x->info.project,
		.token = exchange_tenant(x),
		.session = x->info.session,
		.proxy_run = x->server->run,
		.status = x->status,
		.is_stream = x->is_stream,
		.is_cached = x->cached != NULL,
		.is_client_gone = x->is_client_gone,
		.is_complete = x->is_complete,
		.reason = x->reason,
		.transforms = x->transforms,
		.error = x->error.n || !x->usage ? x->error : str_from(x->usage->error_type),
		.tokens_before = scaled(x, x->counted_before),
		.tokens_after = scaled(x, x->counted_after) + retrieved_tokens(x),
		.results_n = x->results_n,
		.changed_n = x->results_changed_n,
		.bytes_in = x->raw_n,
		.bytes_sent =
			x->attempts ? (x->changed ? x->sent_before + x->changed_n : x->raw_n) : 0,
		.bytes_out = x->bytes_out,
		.latency_us = since_us(x, end_ns),
		.overhead_us = since_us(x, x->sent_ns),
		.ttfb_us = since_us(x, x->first_byte_ns),
		.attempts = x->attempts};
	memcpy(row->id, x->id, sizeof x->id);
	fill_usage(x, row);
	fill_conversation(x, row);
}

static void write_log(struct exchange *x, const struct ledger_row *r)
{
	struct request_log_row row = {.id = str_from(r->id),
		.at_ms = r->at_ms,
		.provider = r->upstream,
		.endpoint = r->endpoint,
		.format = r->format,
		.client = r->client,
		.method = x->head->method,
		.path = x->head->target,
		.model = r->model,
		.project = r->project,
		.token = r->token,
		.session = r->session,
		.status = r->status,
		.is_stream = r->is_stream,
		.is_cached = r->is_cached,
		.is_client_gone = r->is_client_gone,
		.is_complete = r->is_complete,
		.reason = r->reason,
		.transforms = r->transforms,
		.error = r->error,
		.tokens_before = r->tokens_before,
		.tokens_after = r->tokens_after,
		.has_usage = r->has_usage,
		.input_tokens = r->input,
		.output_tokens = r->output,
		.cache_read_tokens = r->cache_read,
		.cache_write_5m_tokens = r->cache_write_5m,
		.cache_write_1h_tokens = r->cache_write_1h,
		.has_cost = r->cost_nano >= 0,
		.cost_nano = r->cost_nano,
		.latency_us = r->latency_us,
		.overhead_us = r->overhead_us,
		.ttfb_us = r->ttfb_us ? r->ttfb_us : -1,
		.bytes_in = r->bytes_in,
		.bytes_sent = r->bytes_sent,
		.bytes_out = r->bytes_out,
		.attempts = r->attempts,
		.break_cause = r->break_cause,
		.break_path = r->break_path,
		.break_at = r->break_at,
		.break_tokens = r->break_tokens,
		.break_nano = r->break_nano};

	if (x->rounds) {
		row.rounds = rounds_sum(x->rounds)->rounds_n;
		row.retrievals = rounds_sum(x->rounds)->retrievals_n;
	}
	if (x->server->conf->logs_messages) {
		row.request = x->decoded ? (str){x->decoded, x->decoded_n} : x->raw;
		row.sent = x->changed ? (str){x->changed, x->changed_n} : row.request;
		row.response = buf_str(&x->log_answer);
		if (row.response.n > LOG_RESPONSE_MAX)
			row.response.n = x->answer_n;
	}
	request_log_add(x->server->request_log, &row);
}

/* A row that cannot be kept is missing from every figure, and one that waits until there is room on the disk may be: the log says
 * so, once. */
static void keep_row(struct server *s, const struct ledger_row *row)
{
	struct errctx cx = {0};
	bool is_kept = ledger_add(s->store, row, &cx) == E_OK;

	if (is_kept && store_check_writable(s->store, &cx) == E_OK) {
		atomic_store(&s->said_ledger, false);
		return;
	}
	if (!atomic_exchange(&s->said_ledger, true))
		LOG(s->log, LOG_LEVEL_ERROR, is_kept ? "ledger_waits" : "ledger_unwritable",
			log_s("why", str_from(cx.text)));
}

void exchange_account(struct exchange *x)
{
	struct ledger_row row;
	struct buf parts;

	if (!x->head || !x->route.is_counted || x->is_unknown)
		return;
	if (x->rounds)
		x->usage = &rounds_sum(x->rounds)->total;
	if (!x->usage && x->usage_reader)
		x->usage = usage_reader_finish(x->usage_reader);
	buf_init(&parts, LEDGER_PARTS_BYTES);
	fill_row(x, clock_monotonic_ns(x->server->clock), &row);
	price_row(x, &row);
	account_break(x, &row);
	exchange_write_parts(x, &parts);
	row.parts = parts.err ? STR_NULL : buf_str(&parts);
	settle(x, &row);
	keep_row(x->server, &row);
	buf_release(&parts);
	row.parts = STR_NULL;
	if (x->server->request_log)
		write_log(x, &row);
	proxy_metrics_request(x->server->metrics, &row);
	if (x->tenant)
		tenant_count(x->tenant, &row);
	if (x->rounds) {
		proxy_metrics_add(
			x->server->metrics, METRIC_RETRIEVALS, rounds_sum(x->rounds)->retrievals_n);
		proxy_metrics_add(
			x->server->metrics, METRIC_ROUNDS, rounds_sum(x->rounds)->rounds_n - 1);
	}
}
