#include "proxy/rounds.h"

#include <stdio.h>

#include "core/base/mem.h"
#include "proxy/exchange.h"
#include "proxy/rounds_internal.h"

/* What may be held of one round: ten times what the largest models say in one answer (128,000 tokens). */
#define ROUND_HELD_MAX ((size_t)8 << 20)

/* ---- making and unmaking ----------------------------------------------------------------------------- */

static bool is_own(void *self, str name)
{
	const struct exchange *x = self;

	return rounds_tool_of(x->own, name) != NULL;
}

static enum answer_form form_of(const struct exchange *x, const struct upstream_head *h)
{
	return answer_form_of(upstream_header(h, STR("content-type")), x->is_stream);
}

/* What a round needs of its own. False: out of memory. */
static bool begin_round(struct exchange *x, struct rounds *r, enum coding c)
{
	decoder_free(r->decoder);
	r->decoder = c == CODING_IDENTITY ? NULL : decoder_new(c);
	r->reader = usage_reader_new(x->route.format, r->form);
	return r->reader && (r->decoder || c == CODING_IDENTITY);
}

bool rounds_begin(struct exchange *x, const struct upstream_head *h)
{
	enum coding c = coding_parse(upstream_header(h, STR("content-encoding")));
	struct answer_splice_conf conf = {.format = x->route.format,
		.form = form_of(x, h),
		.is_own = is_own,
		.told = TOLD_CONTEXT,
		.self = x,
		.held_max = ROUND_HELD_MAX};
	struct rounds *r;

	if (h->status != 200 || conf.form == ANSWER_OTHER || c == CODING_UNKNOWN)
		return true;
	r = x->rounds = mem_zalloc(sizeof *r);
	if (!r)
		return false;
	arena_init(&r->arena);
	retrieval_init(&r->retrieval, x->server->store, exchange_tenant(x),
		x->server->conf->compress.learns);
	buf_init(&r->out, SIZE_MAX / 4);
	buf_init(&r->said, LIMIT_INPUT);
	buf_init(&r->answer, LIMIT_INPUT);
	buf_init(&r->body, x->server->conf->body_max);
	r->form = conf.form;
	r->splice = answer_splice_new(&conf);
	return r->splice && begin_round(x, r, c);
}

void rounds_free(struct rounds *r)
{
	if (!r)
		return;
	answer_splice_free(r->splice);
	decoder_free(r->decoder);
	usage_reader_free(r->reader);
	retrieval_release(&r->retrieval);
	arena_release(&r->arena);
	buf_release(&r->out);
	buf_release(&r->said);
	buf_release(&r->answer);
	buf_release(&r->body);
	mem_free(r);
}

/* ---- what it has cost --------------------------------------------------------------------------------- */

static void add_usage(struct usage *sum, const struct usage *u)
{
	sum->has_input |= u->has_input;
	sum->has_output |= u->has_output;
	sum->input += u->input;
	sum->cache_read += u->cache_read;
	sum->cache_write_5m += u->cache_write_5m;
	sum->cache_write_1h += u->cache_write_1h;
	sum->output += u->output;
	sum->reasoning += u->reasoning;
	sum->is_complete = u->is_complete;
	sum->is_error = u->is_error;
	memcpy(sum->stop_reason, u->stop_reason, sizeof sum->stop_reason);
	memcpy(sum->error_type, u->error_type, sizeof sum->error_type);
}

/* told: what the backend itself has told, where the answer was translated; or NULL. */
static void end_usage(struct rounds *r, const struct usage *told)
{
	const struct usage *u;

	if (!r->reader)
		return;
	u = usage_reader_finish(r->reader);
	if (told)
		u = told;
	if (!r->sum.rounds_n++)
		r->sum.first = r->sum.total = *u;
	else
		add_usage(&r->sum.total, u);
	usage_reader_free(r->reader);
	r->reader = NULL;
}

const struct rounds_sum *rounds_sum(struct rounds *r)
{
	end_usage(r, NULL);
	r->sum.retrievals_n = r->retrieval.answers_n;
	r->sum.retrieved_bytes = r->retrieval.answers_bytes;
	return &r->sum;
}

/* ---- bytes -------------------------------------------------------------------------------------------- */

static void send_out(struct exchange *x)
{
	struct rounds *r = x->rounds;

	if (r->out.n && x->conn) {
		r->out_ns = clock_monotonic_ns(x->server->clock);
		exchange_relay_text(x, buf_str(&r->out));
	}
	buf_reset(&r->out);
}

static enum err take_text(void *self, str piece, struct errctx *cx)
{
	struct exchange *x = self;
	struct rounds *r = x->rounds;
	enum err err;

	usage_reader_feed(r->reader, piece);
	err = answer_splice_feed(r->splice, piece, &r->out);
	return err ? err_set(cx, err, "%s", err_text(err)) : E_OK;
}

enum upstream_take rounds_on_body(struct exchange *x, str piece)
{
	struct rounds *r = x->rounds;
	enum err err = r->decoder ? decoder_feed(r->decoder, piece, take_text, x, NULL)
				  : take_text(x, piece, NULL);

	send_out(x);
	return err ? UPSTREAM_STOP : UPSTREAM_TAKEN;
}

bool rounds_on_head(struct exchange *x, const struct upstream_head *h)
{
	enum coding c = coding_parse(upstream_header(h, STR("content-encoding")));

	if (h->status != 200)
		(void)snprintf(x->rounds->why, sizeof x->rounds->why, "the provider answered %d",
			h->status);
	if (h->status != 200 || form_of(x, h) != x->rounds->form || c == CODING_UNKNOWN ||
		!begin_round(x, x->rounds, c))
		return false;
	x->state = EXCHANGE_RELAY;
	return true;
}

/* Nothing has come for a while: the client is told that this is alive. */
void rounds_tick(struct exchange *x, int64_t now_ns)
{
	struct rounds *r = x->rounds;

	if (!r || !r->is_open || !x->conn || now_ns - r->out_ns < ROUNDS_PING_MS * INT64_C(1000000))
		return;
	r->out_ns = now_ns;
	if (http_conn_is_full(x->conn))
		return;
	answer_splice_ping(r->splice, &r->out);
	send_out(x);
}

/* ---- the end of a round ------------------------------------------------------------------------------- */

bool rounds_is_open(const struct exchange *x)
{
	return x->rounds && x->rounds->is_open;
}

static void finish(struct exchange *x, bool is_complete)
{
	struct http_conn *c = x->conn;

	x->is_complete = is_complete;
	if (!is_complete) {
		exchange_break(x, STR("the provider's answer broke off"));
		return;
	}
	exchange_end(x);
	if (c)
		http_reply_end(c);
}

void rounds_fail(struct exchange *x, str why)
{
	struct rounds *r = x->rounds;
	struct http_conn *c = x->conn;
	char note[256];

	if (r->why[0])
		why = str_from(r->why);
	LOG(x->server->log, LOG_LEVEL_WARN, "round_failed", log_s("id", str_from(x->id)),
		log_u("round", r->sum.rounds_n + 1), log_s("why", why));
	(void)snprintf(note, sizeof note,
		"[headroom could not go on with this answer after a call of its own tool: " STR_FMT
		"]",
		STR_ARG(why));
	x->error = arena_recover(&x->arena)
			   ? STR("a later round failed")
			   : arena_printf(&x->arena, "round: " STR_FMT, STR_ARG(why));
	arena_end_recover(&x->arena);
	buf_reset(&r->out);
	if (!c || answer_splice_close(r->splice, str_from(note), &r->out) != E_OK) {
		exchange_break(x, x->error);
		return;
	}
	send_out(x);
	exchange_end(x);
	http_reply_end(c);
}

/* Calls were made: answers them on the pool. */
static void answer_calls(struct exchange *x)
{
	struct rounds *r = x->rounds;
	int64_t now = clock_monotonic_ns(x->server->clock);

	if (!r->begun_ns)
		r->begun_ns = r->out_ns = now;
	r->is_open = true;
	if (r->is_last) {
		rounds_fail(x, STR("it called our tools too often"));
		return;
	}
	r->is_last =
		r->sum.rounds_n > ROUNDS_MAX || now - r->begun_ns > ROUNDS_MS * INT64_C(1000000);
	rounds_work(x, ROUND_CONTINUE);
}

void rounds_on_end(struct exchange *x, bool is_complete)
{
	struct rounds *r = x->rounds;
	enum round_end end;

	if (r->decoder && decoder_finish(r->decoder, NULL) != E_OK)
		is_complete = false;
	r->is_transport_whole = is_complete;
	end = answer_splice_end_round(r->splice, is_complete, &r->out);
	end_usage(r, x->translation ? translation_usage(x->translation) : NULL);
	send_out(x);
	if (end == ROUND_CONTINUE)
		answer_calls(x);
	else if (end == ROUND_BROKEN && r->is_open)
		rounds_fail(x, STR("the answer broke off"));
	else if (end == ROUND_MIXED || (end == ROUND_DONE && r->is_open))
		rounds_work(x, end);
	else
		finish(x, is_complete);
}

/* A turn that is not kept is said by the client as it has seen it, which is valid by itself. */
static void say_not_kept(struct exchange *x)
{
	if (x->rounds->failed)
		LOG(x->server->log, LOG_LEVEL_WARN, "turn_not_kept", log_s("id", str_from(x->id)),
			log_s("why", str_from(x->rounds->failed)));
}

void rounds_go_on(struct exchange *x)
{
	struct rounds *r = x->rounds;

	if (r->end != ROUND_CONTINUE) {
		say_not_kept(x);
		finish(x, r->is_transport_whole);
	} else if (r->failed)
		rounds_fail(x, str_from(r->failed));
	else
		exchange_send_again(x, &r->body);
}
