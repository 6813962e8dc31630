#include "core/econ/cost.h"
#include "proxy/prepare.h"

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

static bool is_over_rate(struct exchange *x, uint64_t tokens)
{
	struct limit_verdict v;
	bool is_rpm;

	if (!x->route.is_rate_limited)
		return false;
	v = limit_take(x->server->limit, x->limit_keys, x->limit_keys_n, tokens);
	if (v.kind == LIMIT_NONE) {
		x->has_limit = true;
		x->limited_tokens = tokens;
		return false;
	}
	is_rpm = v.kind == LIMIT_RPM;
	if (v.is_first)
		say_limit(x, is_rpm ? "requests per minute" : "tokens per minute",
			is_rpm ? "--rpm, or --no-rate-limit" : "--tpm, or --no-rate-limit", 0);
	x->reason = is_rpm ? "rate_limited_rpm" : "rate_limited_tpm";
	prepare_answer(x, 429,
		is_rpm ? "this proxy's limit of requests per minute is reached: see --rpm and "
			 "--no-rate-limit"
		       : "this proxy's limit of tokens per minute is reached: see --tpm and "
			 "--no-rate-limit",
		seconds_up(v.retry_after_ms));
	return true;
}

static bool is_over_budget(struct exchange *x)
{
	struct budget_verdict v;

	if (!x->route.is_rate_limited)
		return false;
	v = budget_check(x->server->budget);
	if (!v.is_over)
		return false;
	if (v.is_first)
		say_limit(x, "budget", "--budget, --budget-period", (double)v.limit_nano / 1e9);
	x->reason = "over_budget";
	prepare_answer(x, 429, "this proxy's budget is spent for this period: see --budget",
		seconds_up(v.retry_after_ms));
	return true;
}

bool prepare_is_limited(struct exchange *x, uint64_t tokens)
{
	return is_over_rate(x, tokens) || is_over_budget(x);
}

void prepare_reserve(struct exchange *x)
{
	struct model_price price;

	if (!x->route.is_rate_limited)
		return;
	x->has_reservation = true;
	if (server_price(
		    x->server, &x->model, &(struct price_when){x->at_ms, x->counted_after}, &price))
		x->reserved_nano = budget_reserve(x->server->budget,
			cost_of_usage(&price, &(struct cost_usage){.uncached = x->counted_after}));
	else
		x->reserved_nano = budget_reserve(x->server->budget, 0);
}
