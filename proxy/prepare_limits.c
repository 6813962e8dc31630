#include "core/econ/cost.h"
#include "proxy/prepare.h"
#include "proxy/shared.h"
#include "proxy/shared_rate.h"
#include "proxy/shared_spend.h"

void prepare_answer(struct exchange *x, int status, const char *text, int64_t retry_after_s)
{
	x->prepared = PREPARED_ANSWER;
	x->answer_status = status;
	x->answer_text = str_from(text);
	x->answer_retry_after_s = retry_after_s;
}

static void say_limit(struct exchange *x, const char *what, const char *option, double limit)
{
	LOG(x->server->log, LOG_LEVEL_WARN, "limit_reached", log_s("limit", str_from(what)),
		log_f("value", limit), log_s("change", str_from(option)));
}

static int64_t seconds_up(int64_t ms)
{
	return ms <= 0 ? 1 : (ms + 999) / 1000;
}

/* Nobody knows what the proxies have let through together: --store-fail. */
static bool is_refused_unknown(struct exchange *x)
{
	shared_note_unknown(x->server->shared);
	if (!shared_is_fail_closed(x->server->shared))
		return false;
	x->reason = "shared_store_unavailable";
	prepare_answer(
		x, 503, "the store that limits are shared by does not answer: see --store-fail", 1);
	return true;
}

/* Limits, whose they are (a tenant's name, or empty), and what is to be taken from. */
struct taking {
	struct limit *limit;
	str tenant;
	const struct hash128 *keys;
	size_t keys_n;
	bool *is_shared; /* it was taken with the other proxies */
};

/* False: the request is answered. */
static bool take(
	struct exchange *x, const struct taking *t, uint64_t tokens, struct limit_verdict *v)
{
	struct server *s = x->server;
	struct limit_conf conf = limit_get_conf(t->limit);

	if (!s->shared || (!conf.rpm && !conf.tpm)) {
		*v = limit_take(t->limit, t->keys, t->keys_n, tokens);
		return true;
	}
	*t->is_shared = shared_rate_take(
		shared_link(s->shared), t->tenant, &conf, t->keys, t->keys_n, tokens, v);
	if (*t->is_shared) {
		limit_note(t->limit, v);
		return true;
	}
	if (is_refused_unknown(x))
		return false;
	*v = limit_take(t->limit, t->keys, t->keys_n, tokens);
	return true;
}

static bool take_tenant(struct exchange *x, uint64_t tokens, struct limit_verdict *v)
{
	const struct taking t = {x->tenant->limit, exchange_tenant(x), &x->tenant->key, 1,
		&x->is_tenant_limit_shared};

	return take(x, &t, tokens, v);
}

static bool take_own(struct exchange *x, uint64_t tokens, struct limit_verdict *v)
{
	const struct taking t = {
		x->server->limit, STR(""), x->limit_keys, x->limit_keys_n, &x->is_limit_shared};

	return take(x, &t, tokens, v);
}

/* The proxy's own limit has refused what the tenant's had let through. With the other proxies tokens alone go back. */
static void give_back_tenant(struct exchange *x, uint64_t tokens)
{
	struct limit_conf conf;

	if (!x->tenant)
		return;
	conf = limit_get_conf(x->tenant->limit);
	if (x->is_tenant_limit_shared)
		shared_rate_correct(shared_link(x->server->shared), exchange_tenant(x), &conf,
			&x->tenant->key, 1, tokens, 0);
	else
		limit_give_back(x->tenant->limit, &x->tenant->key, 1, tokens);
}

/* A refusal by the proxy's own limits says which option to change; one by a tenant's says so to nobody but him. */
static void refuse_rate(struct exchange *x, const struct limit_verdict *v, bool is_tenants)
{
	bool is_rpm = v->kind == LIMIT_RPM;

	if (v->is_first && !is_tenants)
		say_limit(x, is_rpm ? "requests per minute" : "tokens per minute",
			is_rpm ? "--rpm, or --no-rate-limit" : "--tpm, or --no-rate-limit", 0);
	x->reason = is_rpm ? "rate_limited_rpm" : "rate_limited_tpm";
	prepare_answer(x, 429,
		is_tenants ? is_rpm ? "the limit of requests per minute of your token is reached"
				    : "the limit of tokens per minute of your token is reached"
		: is_rpm   ? "this proxy's limit of requests per minute is reached: see --rpm and "
			     "--no-rate-limit"
			   : "this proxy's limit of tokens per minute is reached: see --tpm and "
			     "--no-rate-limit",
		seconds_up(v->retry_after_ms));
}

static bool is_over_rate(struct exchange *x, uint64_t tokens)
{
	struct limit_verdict v = {.kind = LIMIT_NONE};

	if (!x->route.is_rate_limited)
		return false;
	if (x->tenant && !take_tenant(x, tokens, &v))
		return true;
	if (v.kind != LIMIT_NONE) {
		refuse_rate(x, &v, true);
		return true;
	}
	if (!take_own(x, tokens, &v)) {
		give_back_tenant(x, tokens);
		return true;
	}
	if (v.kind == LIMIT_NONE) {
		x->has_limit = true;
		x->limited_tokens = tokens;
		return false;
	}
	give_back_tenant(x, tokens);
	refuse_rate(x, &v, false);
	return true;
}

/* What so many tokens cost, as far as the model has a price. */
static int64_t estimate_nano(struct exchange *x, const struct model *m, uint64_t tokens)
{
	struct model_price price;

	return server_price(x->server, m, &(struct price_when){x->at_ms, tokens}, &price)
		       ? cost_of_usage(&price, &(struct cost_usage){.uncached = tokens})
		       : 0;
}

/* A budget, whose it is, and what of it this request holds with the other proxies. */
struct purse {
	struct budget *budget;
	struct tenant *tenant; /* NULL: all */
	bool *is_shared;
	int64_t *reserved_nano; /* there */
};

static struct purse purse_of(struct exchange *x, struct tenant *t)
{
	return t ? (struct purse){t->budget, t, &x->is_tenant_spend_shared,
			   &x->tenant_spend_reserved_nano}
		 : (struct purse){
			   x->server->budget, NULL, &x->is_spend_shared, &x->spend_reserved_nano};
}

/* What the proxies have spent together becomes known here, too, for when they cannot say it any more: but for the rolling
 * hour, in which nobody here knows when it was. */
static void learn_spent(struct budget *b, const struct spend_verdict *all, struct budget_verdict *v)
{
	bool is_first = v->is_first;

	if (v->period != BUDGET_HOURLY) {
		budget_sync(b, budget_period_since_ms(b), all->spent_nano);
		*v = budget_check(b);
		is_first |= v->is_first;
	}
	v->is_over |= all->is_over;
	v->is_first = is_first;
	if (all->is_over && all->spent_nano > v->spent_nano)
		v->spent_nano = all->spent_nano;
	if (v->is_over && v->retry_after_ms <= 0)
		v->retry_after_ms = all->spent_nano < v->limit_nano ? 5000 : 60000;
}

/* The model, before anybody has read the body: the first key of that name, which for an estimate will do. */
static str model_named(const struct exchange *x, str body)
{
	size_t at = x->model_name.n ? STR_NONE : str_find(body, STR("\"model\"")), end;
	str rest;

	if (at == STR_NONE)
		return x->model_name;
	rest = str_sub(body, at + 7, body.n);
	while (rest.n && (*rest.p == ' ' || *rest.p == ':'))
		rest = str_sub(rest, 1, rest.n);
	if (!str_take(&rest, STR("\"")))
		return x->model_name;
	end = str_find_byte(rest, '"');
	return end == STR_NONE ? x->model_name : str_sub(rest, 0, end);
}

/* False: nobody knows, and that answers the request. */
static bool look_together(struct exchange *x, const struct purse *p, str body, uint64_t tokens,
	struct budget_verdict *v)
{
	struct spend *spend = shared_spend_of(x->server->shared, p->tenant);
	struct budget_conf conf = {.is_on = true, .limit_nano = v->limit_nano, .period = v->period};
	struct model model = model_find(model_named(x, body));
	int64_t nano = estimate_nano(x, &model, tokens);
	struct spend_verdict all = {0};
	bool is_known = spend && spend_take(spend, &conf, nano, &all);

	if (is_known)
		learn_spent(p->budget, &all, v);
	*p->is_shared = spend && !all.is_over; /* to be settled, whatever becomes of it */
	*p->reserved_nano = *p->is_shared ? nano : 0;
	return is_known || !is_refused_unknown(x);
}

static void refuse_budget(struct exchange *x, const struct budget_verdict *v, bool is_tenants)
{
	if (v->is_first)
		LOG(x->server->log, LOG_LEVEL_WARN, "limit_reached", log_s("limit", STR("budget")),
			log_f("value", (double)v->limit_nano / 1e9),
			log_s("token", exchange_tenant(x)),
			log_s("change", is_tenants ? STR("budget in --tokens-file")
						   : STR("--budget, --budget-period")));
	x->reason = "over_budget";
	prepare_answer(x, 429,
		is_tenants ? "the budget of your token is spent for this period"
			   : "this proxy's budget is spent for this period: see --budget",
		seconds_up(v->retry_after_ms));
}

/* A tenant's budget, or that of all; true: the request is answered. */
static bool is_spent(struct exchange *x, struct tenant *t, str body, uint64_t tokens)
{
	struct purse p = purse_of(x, t);
	struct budget_verdict v = budget_check(p.budget);

	if (v.is_on && !v.is_over && x->server->shared && !look_together(x, &p, body, tokens, &v))
		return true;
	if (v.is_over)
		refuse_budget(x, &v, t != NULL);
	return v.is_over;
}

static bool is_over_budget(struct exchange *x, str body, uint64_t tokens)
{
	if (!x->route.is_rate_limited)
		return false;
	return (x->tenant && is_spent(x, x->tenant, body, tokens)) ||
	       is_spent(x, NULL, body, tokens);
}

bool prepare_is_limited(struct exchange *x, str body, uint64_t tokens)
{
	return is_over_rate(x, tokens) || is_over_budget(x, body, tokens);
}

static void adjust_together(struct exchange *x, struct tenant *t, int64_t nano)
{
	struct purse p = purse_of(x, t);

	spend_adjust(shared_spend_of(x->server->shared, t), nano - *p.reserved_nano);
	*p.reserved_nano = nano;
}

void prepare_reserve(struct exchange *x)
{
	int64_t nano;

	if (!x->route.is_rate_limited)
		return;
	x->has_reservation = true;
	nano = estimate_nano(x, &x->model, x->counted_after);
	x->reserved_nano = budget_reserve(x->server->budget, nano);
	if (x->tenant)
		x->tenant_reserved_nano = budget_reserve(x->tenant->budget, nano);
	if (x->is_spend_shared)
		adjust_together(x, NULL, nano);
	if (x->is_tenant_spend_shared)
		adjust_together(x, x->tenant, nano);
}
