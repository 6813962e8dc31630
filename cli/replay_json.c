#include "cli/out.h"
#include "cli/replay_out.h"
#include "core/base/clock.h"
#include "core/json/write.h"

enum { USD_DIGITS = 6, MS_DIGITS = 3, PCT_DIGITS = 2 };

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

uint32_t replay_best(const struct replay_result *r, const struct replay_conf *conf)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i < conf->arms_n; i++)
		if (replay_cost(&r->sums[i]) < replay_cost(&r->sums[best]))
			best = i;
	return best;
}

uint32_t replay_best_uncached(const struct replay_result *r, const struct replay_conf *conf)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i < conf->arms_n; i++)
		if (cost_total(&r->sums[i].cost_uncached) <
			cost_total(&r->sums[best].cost_uncached))
			best = i;
	return best;
}

double replay_savings(const struct replay_result *r, uint32_t arm)
{
	double baseline = replay_cost(&r->sums[0]);

	return percent(baseline - replay_cost(&r->sums[arm]), baseline);
}

double replay_savings_uncached(const struct replay_result *r, uint32_t arm)
{
	double baseline = cost_total(&r->sums[0].cost_uncached);

	return percent(baseline - cost_total(&r->sums[arm].cost_uncached), baseline);
}

/* ---- sums ---------------------------------------------------------------------------------------- */

static void write_classes(struct json_writer *w, const struct replay_sums *s)
{
	json_write_object(w, "turns");
	for (int i = 0; i < CACHE_CLASS_N; i++)
		json_write_u64(w, cache_class_name((enum cache_class)i), s->classes[i]);
	json_write_end(w);
}

static void write_cost(struct json_writer *w, const struct replay_sums *s)
{
	json_write_object(w, "cost");
	json_write_fixed(w, "uncached", s->cost.uncached, USD_DIGITS);
	json_write_fixed(w, "read", s->cost.read, USD_DIGITS);
	json_write_fixed(w, "write", s->cost.write, USD_DIGITS);
	json_write_fixed(w, "retrieval", s->retrieval_cost, USD_DIGITS);
	json_write_fixed(w, "input", cost_input(&s->cost) + s->retrieval_cost, USD_DIGITS);
	json_write_fixed(w, "output", s->cost.output, USD_DIGITS);
	json_write_fixed(w, "total", replay_cost(s), USD_DIGITS);
	json_write_fixed(w, "no_cache_total", cost_total(&s->cost_uncached), USD_DIGITS);
	json_write_end(w);
}

static void write_sums(
	struct json_writer *w, const struct replay_sums *s, const struct replay_sums *baseline)
{
	double delta = replay_cost(s) - replay_cost(baseline);

	json_write_u64(w, "requests", s->turns);
	json_write_u64(w, "raw_input_tokens", s->raw);
	json_write_u64(w, "sent_input_tokens", s->sent);
	json_write_i64(w, "saved_tokens", (int64_t)s->raw - (int64_t)s->sent);
	json_write_fixed(w, "saved_pct", percent((double)s->raw - (double)s->sent, (double)s->raw),
		PCT_DIGITS);
	json_write_u64(w, "cache_read_tokens", s->read);
	json_write_u64(w, "cache_write_tokens", s->write[CACHE_5M] + s->write[CACHE_1H]);
	json_write_u64(w, "cache_write_1h_tokens", s->write[CACHE_1H]);
	json_write_u64(w, "uncached_tokens", s->uncached);
	json_write_fixed(w, "hit_rate", percent((double)s->read, (double)s->sent), PCT_DIGITS);
	write_classes(w, s);
	json_write_u64(w, "bust_tokens", s->bust_tokens);
	json_write_u64(w, "changed_results", s->changed_results);
	json_write_u64(w, "output_tokens", s->output);
	json_write_fixed(w, "retrievals", s->retrievals, PCT_DIGITS);
	json_write_fixed(w, "retrieved_tokens", s->retrieved_tokens, 0);
	write_cost(w, s);
	json_write_object(w, "delta_vs_baseline");
	json_write_fixed(w, "usd", delta, USD_DIGITS);
	json_write_fixed(w, "pct", percent(delta, replay_cost(baseline)), PCT_DIGITS);
	json_write_end(w);
}

static void write_arms(struct json_writer *w, const struct replay_view *v)
{
	struct replay_result *r = v->result;

	json_write_object(w, "arms");
	for (uint32_t i = 0; i < v->conf->arms_n; i++) {
		json_write_key(w, v->conf->arms[i].name);
		json_write_object(w, NULL);
		write_sums(w, &r->sums[i], &r->sums[0]);
		if (v->has_timing && r->ms[i].n) {
			json_write_object(w, "overhead_ms");
			json_write_fixed(w, "p50", replay_ms(r, i, 0.5), MS_DIGITS);
			json_write_fixed(w, "p95", replay_ms(r, i, 0.95), MS_DIGITS);
			json_write_fixed(w, "max", replay_ms(r, i, 1), MS_DIGITS);
			json_write_end(w);
		}
		json_write_end(w);
	}
	json_write_end(w);
}

static void write_groups(
	struct json_writer *w, const struct replay_view *v, const char *key, enum replay_by by)
{
	const struct replay_groups *g = &v->result->by[by];

	json_write_array(w, key);
	for (size_t i = 0; i < g->v.n; i++) {
		json_write_object(w, NULL);
		json_write_str(w, "name", g->v.v[i].name);
		json_write_object(w, "arms");
		for (uint32_t k = 0; k < v->conf->arms_n; k++) {
			json_write_key(w, v->conf->arms[k].name);
			json_write_object(w, NULL);
			write_sums(w, &g->v.v[i].sums[k], &g->v.v[i].sums[0]);
			json_write_end(w);
		}
		json_write_end(w);
		json_write_end(w);
	}
	json_write_end(w);
}

/* ---- the rest ------------------------------------------------------------------------------------ */

static void write_time(struct json_writer *w, const char *key, int64_t ms)
{
	char text[CLOCK_TIME_LEN + 1];

	if (ms <= 0) {
		json_write_null(w, key);
		return;
	}
	clock_format(ms, text);
	json_write_c(w, key, text);
}

static void write_inputs(struct json_writer *w, const struct replay_result *r)
{
	json_write_object(w, "inputs");
	json_write_u64(w, "files", r->files);
	json_write_u64(w, "sessions", r->sessions);
	json_write_u64(w, "turns", r->turns);
	json_write_u64(w, "skipped", r->skipped);
	json_write_u64(w, "bad_lines", r->bad_lines);
	write_time(w, "from", r->first_ms);
	write_time(w, "to", r->last_ms);
	json_write_end(w);
}

static void write_settings(struct json_writer *w, const struct replay_conf *c)
{
	static const char *const breakpoints[] = {"auto", "log", "none"};

	json_write_object(w, "settings");
	json_write_str(w, "baseline", c->arms[0].name);
	json_write_c(w, "breakpoints", breakpoints[c->breakpoints]);
	if (c->ttl_ms)
		json_write_i64(w, "cache_ttl_ms", c->ttl_ms);
	else
		json_write_null(w, "cache_ttl_ms");
	if (c->cache_min >= 0)
		json_write_i64(w, "cache_min", c->cache_min);
	else
		json_write_null(w, "cache_min");
	if (c->retrieves_as_logged)
		json_write_c(w, "retrieve_rate", "logged");
	else
		json_write_f64(w, "retrieve_rate", c->retrieve_rate);
	json_write_bool(w, "output_cost", !c->no_output_cost);
	json_write_end(w);
}

/* what: of the names in it. */
static void write_transforms(struct json_writer *w, const struct replay_view *v, const char *list,
	const char *what, const struct replay_transforms *from)
{
	json_write_array(w, list);
	for (size_t i = 0; i < from->v.n; i++) {
		const struct replay_transform *t = &from->v.v[i];

		json_write_object(w, NULL);
		json_write_str(w, "arm", v->conf->arms[t->arm].name);
		json_write_str(w, what, t->name);
		json_write_u64(w, "results", t->results);
		json_write_i64(w, "saved_tokens", t->saved);
		json_write_fixed(w, "usd", t->usd, USD_DIGITS);
		json_write_end(w);
	}
	json_write_end(w);
}

static void write_turn(
	struct json_writer *w, const struct replay_view *v, const struct replay_turn *t)
{
	json_write_object(w, NULL);
	json_write_str(w, "session", t->session);
	json_write_u64(w, "turn", t->turn);
	write_time(w, "time", t->sent_ms);
	json_write_str(w, "model", t->model);
	json_write_str(w, "arm", v->conf->arms[t->arm].name);
	json_write_c(w, "class", cache_class_name(t->class));
	json_write_u64(w, "raw", t->raw);
	json_write_u64(w, "sent", t->sent);
	json_write_u64(w, "read", t->read);
	json_write_u64(w, "write", t->write);
	json_write_u64(w, "uncached", t->uncached);
	json_write_u64(w, "bust_tokens", t->bust_tokens);
	json_write_fixed(w, "cost_usd", t->cost, USD_DIGITS);
	json_write_fixed(w, "delta_usd", t->delta, USD_DIGITS);
	if (t->by) {
		json_write_c(w, "broken_by", trail_cause_name(t->by));
		json_write_str(w, "broken_at", t->at);
	}
	if (v->has_timing && t->ms >= 0)
		json_write_fixed(w, "ms", t->ms, MS_DIGITS);
	json_write_end(w);
}

static void write_causes(struct json_writer *w, const struct replay_view *v)
{
	json_write_array(w, "cache_breaks");
	for (uint32_t i = 0; i < v->conf->arms_n; i++)
		for (int k = TRAIL_KEPT + 1; k < TRAIL_CAUSE_N; k++) {
			const struct replay_cause *c = &v->result->causes[i][k];

			if (!c->turns)
				continue;
			json_write_object(w, NULL);
			json_write_str(w, "arm", v->conf->arms[i].name);
			json_write_c(w, "by", trail_cause_name((enum trail_cause)k));
			json_write_u64(w, "turns", c->turns);
			json_write_u64(w, "tokens", c->tokens);
			json_write_fixed(w, "usd", c->usd, USD_DIGITS);
			json_write_end(w);
		}
	json_write_end(w);
}

static void write_asked(struct json_writer *w, const struct replay_asked *a)
{
	json_write_object(w, "logged");
	json_write_u64(w, "left_out", a->elided);
	json_write_u64(w, "left_out_tokens", a->elided_tokens);
	json_write_u64(w, "asked_for", a->retrieved);
	json_write_end(w);
}

static void write_breaks(struct json_writer *w, const struct replay_view *v)
{
	json_write_array(w, "worst_cache_breaks");
	for (uint32_t i = 0; i < v->result->breaks_n; i++) {
		const struct replay_break *b = &v->result->breaks[i];

		json_write_object(w, NULL);
		json_write_str(w, "session", b->session);
		json_write_u64(w, "turn", b->turn);
		json_write_str(w, "arm", v->conf->arms[b->arm].name);
		json_write_c(w, "by", trail_cause_name(b->by));
		json_write_str(w, "at", b->at);
		json_write_u64(w, "byte", b->byte);
		json_write_u64(w, "tokens", b->tokens);
		json_write_fixed(w, "usd", b->usd, USD_DIGITS);
		json_write_end(w);
	}
	json_write_end(w);
}

/* Of turns whose cache was not lost. */
static double blind_rest(const struct replay_blind *b)
{
	return b->cost - b->lost_cost;
}

static double recorded_rest(const struct replay_blind *b)
{
	return b->recorded_cost - b->lost_recorded_cost;
}

static void write_blind(struct json_writer *w, const struct replay_blind *b)
{
	json_write_object(w, "blind");
	json_write_u64(w, "turns", b->turns);
	json_write_u64(w, "simulated_read_tokens", b->read);
	json_write_u64(w, "recorded_read_tokens", b->recorded_read);
	json_write_fixed(w, "simulated_input_usd", b->cost, USD_DIGITS);
	json_write_fixed(w, "recorded_input_usd", b->recorded_cost, USD_DIGITS);
	json_write_fixed(
		w, "error_pct", percent(b->cost - b->recorded_cost, b->recorded_cost), PCT_DIGITS);
	json_write_u64(w, "lost_cache_turns", b->lost_turns);
	json_write_fixed(w, "error_without_lost_caches_pct",
		percent(blind_rest(b) - recorded_rest(b), recorded_rest(b)), PCT_DIGITS);
	json_write_end(w);
}

static void write_calibration(struct json_writer *w, const struct replay_calibration *c)
{
	if (!c->turns) {
		json_write_null(w, "calibration");
		return;
	}
	json_write_object(w, "calibration");
	json_write_u64(w, "turns", c->turns);
	json_write_u64(w, "resets_from_usage", c->resets);
	json_write_u64(w, "simulated_read_tokens", c->read);
	json_write_u64(w, "recorded_read_tokens", c->recorded_read);
	json_write_u64(w, "simulated_write_tokens", c->write);
	json_write_u64(w, "recorded_write_tokens", c->recorded_write);
	json_write_fixed(w, "simulated_input_usd", c->cost, USD_DIGITS);
	json_write_fixed(w, "recorded_input_usd", c->recorded_cost, USD_DIGITS);
	json_write_fixed(
		w, "error_pct", percent(c->cost - c->recorded_cost, c->recorded_cost), PCT_DIGITS);
	write_blind(w, &c->blind);
	json_write_end(w);
}

static void write_verified(struct json_writer *w, const struct replay_view *v)
{
	if (!v->conf->verifies) {
		json_write_null(w, "verified");
		return;
	}
	json_write_object(w, "verified");
	json_write_u64(w, "proven", v->result->verified.proven);
	json_write_u64(w, "failed", v->result->verified.failed);
	json_write_end(w);
}

void replay_out_json(const struct replay_view *v, struct buf *out)
{
	const struct replay_result *r = v->result;
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.replay/1");
	write_inputs(&w, r);
	write_settings(&w, v->conf);
	write_arms(&w, v);
	json_write_object(&w, "best");
	json_write_str(&w, "total_cost", v->conf->arms[replay_best(r, v->conf)].name);
	json_write_str(&w, "no_cache", v->conf->arms[replay_best_uncached(r, v->conf)].name);
	json_write_end(&w);
	write_groups(&w, v, "by_model", REPLAY_BY_MODEL);
	write_groups(&w, v, "by_day", REPLAY_BY_DAY);
	if (v->by[REPLAY_BY_SESSION])
		write_groups(&w, v, "by_session", REPLAY_BY_SESSION);
	if (v->by[REPLAY_BY_PROJECT])
		write_groups(&w, v, "by_project", REPLAY_BY_PROJECT);
	write_transforms(&w, v, "by_encoder", "encoder", &r->transforms);
	write_transforms(&w, v, "by_tool", "tool", &r->tools);
	write_causes(&w, v);
	write_breaks(&w, v);
	write_asked(&w, &v->result->asked);
	json_write_array(&w, "worst");
	for (uint32_t i = 0; i < r->worst_n; i++)
		write_turn(&w, v, &r->worst[i]);
	json_write_end(&w);
	write_calibration(&w, &r->calibration);
	write_verified(&w, v);
	json_write_array(&w, "guessed_prices");
	for (size_t i = 0; i < r->unpriced.n; i++)
		json_write_str(&w, NULL, r->unpriced.v[i]);
	json_write_end(&w);
	json_write_end(&w);
	buf_add_byte(out, '\n');
}

/* ---- turns --------------------------------------------------------------------------------------- */

void replay_out_lines(const struct replay_view *v, struct buf *out)
{
	for (size_t i = 0; i < v->result->rows.n; i++) {
		struct json_writer w;

		json_write_init(&w, out, false);
		write_turn(&w, v, &v->result->rows.v[i]);
		buf_add_byte(out, '\n');
	}
}

void replay_out_csv(const struct replay_view *v, struct buf *out)
{
	buf_add_c(out, "session,turn,time,model,arm,class,raw,sent,read,write,uncached,"
		       "bust_tokens,cost_usd,delta_usd,broken_by,broken_at");
	buf_add_c(out, v->has_timing ? ",ms\n" : "\n");
	for (size_t i = 0; i < v->result->rows.n; i++) {
		const struct replay_turn *t = &v->result->rows.v[i];
		char time[CLOCK_TIME_LEN + 1] = "";

		if (t->sent_ms >= 0)
			clock_format(t->sent_ms, time);
		out_add_csv(out, t->session);
		buf_printf(out, ",%u,%s,", t->turn, time);
		out_add_csv(out, t->model);
		buf_add_byte(out, ',');
		out_add_csv(out, v->conf->arms[t->arm].name);
		buf_printf(out, ",%s,%llu,%llu,%llu,%llu,%llu,%llu,%.6f,%.6f",
			cache_class_name(t->class), (unsigned long long)t->raw,
			(unsigned long long)t->sent, (unsigned long long)t->read,
			(unsigned long long)t->write, (unsigned long long)t->uncached,
			(unsigned long long)t->bust_tokens, t->cost, t->delta);
		buf_printf(out, ",%s,", trail_cause_name(t->by));
		out_add_csv(out, t->at);
		if (v->has_timing && t->ms >= 0)
			buf_printf(out, ",%.3f", t->ms);
		else if (v->has_timing)
			buf_add_byte(out, ',');
		buf_add_byte(out, '\n');
	}
}
