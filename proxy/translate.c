#include "proxy/translate.h"

#include "core/base/mem.h"
#include "core/translate/translate.h"
#include "proxy/backend.h"
#include "proxy/exchange.h"
#include "proxy/header.h"

/* What may be held of an answer: as much as of one round (rounds.c). */
#define HELD_MAX ((size_t)8 << 20)
enum { REASON_MAX = 700 };

struct translation {
	enum wire_format dialect, client;
	bool is_list; /* of models */
	struct buf body;
	struct translated request; /* its texts are in the exchange's arena */
	str report;
	struct translate_answer *answer;
	struct decoder *decoder;
	struct buf out, held; /* what goes on now; an answer that is held, as it came */
	bool is_held, has_usage;
	int status; /* of a held one */
	struct http_header *headers;
	uint32_t headers_n;
	struct usage usage;
};

str translation_body(const struct translation *t)
{
	return buf_str(&t->body);
}

str translation_model(const struct translation *t)
{
	return t->request.model;
}

enum wire_format translation_dialect(const struct translation *t)
{
	return t->dialect;
}

const struct usage *translation_usage(const struct translation *t)
{
	return t->has_usage ? &t->usage : NULL;
}

void translation_free(struct translation *t)
{
	if (!t)
		return;
	translate_answer_free(t->answer);
	decoder_free(t->decoder);
	buf_release(&t->body);
	buf_release(&t->out);
	buf_release(&t->held);
	mem_free(t);
}

/* ---- the request ------------------------------------------------------------------------------------------ */

static struct translate_conf conf_of(const struct exchange *x)
{
	const struct provider_row *p = x->server->conf->backend.provider;
	struct translate_conf conf = {
		.model = x->model_name,
		.is_stream = x->is_stream,
		.quirks = {.is_old_max_tokens = !(p->quirks & PROVIDER_NEW_LIMIT),
			.has_reasoning_text = header_has_part(x->model_name, STR("deepseek")) ||
					      header_has_part(x->model_name, STR("kimi")),
			.takes_cache_control = (p->quirks & PROVIDER_CACHE_CONTROL) != 0,
			.no_stream_usage = (p->quirks & PROVIDER_NO_STREAM_OPTIONS) != 0},
	};

	return conf;
}

/* What the translation knows in its own arena goes where the exchange keeps things. */
static void keep(struct exchange *x, struct translation *t, const struct translated *made)
{
	struct arena *a = &x->arena;
	struct buf report;

	t->request = *made;
	t->request.model = arena_str(a, made->model);
	t->request.names = arena_array(a, struct translate_name, made->names_n + 1);
	for (size_t i = 0; i < made->names_n; i++)
		t->request.names[i] = (struct translate_name){arena_str(a, made->names[i].client),
			arena_str(a, made->names[i].backend), made->names[i].is_custom};
	buf_init_arena(&report, a, REASON_MAX);
	translate_report_write(&made->report, &report);
	t->report = buf_str(&report);
	/* Names of members that a client has made up go into a header. */
	for (size_t i = 0; i < report.n; i++)
		if ((unsigned char)report.p[i] < 0x20 || (unsigned char)report.p[i] >= 0x7f ||
			report.p[i] == ';')
			report.p[i] = '?';
}

static enum err translate(
	struct exchange *x, struct translation *t, str body, struct arena *a, struct errctx *cx)
{
	struct translate_conf conf = conf_of(x);
	struct translated made = {.out = &t->body};

	if (arena_recover(a))
		return err_set(cx, E_NOMEM, "out of memory");
	buf_reset(&t->body);
	TRY(translate_request(t->client, t->dialect, body, &conf, a, &made, cx));
	if (arena_recover(&x->arena))
		return err_set(cx, E_NOMEM, "out of memory");
	keep(x, t, &made);
	return E_OK;
}

static enum err translate_body(struct exchange *x, str body, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	enum err err = translate(x, x->translation, body, &a, cx);

	arena_end_recover(&x->arena);
	arena_end_recover(&a);
	arena_release(&a);
	return err;
}

static void refuse(struct exchange *x, enum err err, const struct errctx *cx)
{
	x->prepared = PREPARED_ANSWER;
	x->reason = "not_translated";
	x->answer_status = err == E_UNSUPPORTED ? 400 : err_http(err);
	x->answer_retry_after_s = -1;
	x->answer_text = STR("the request cannot be translated for this proxy's backend");
	if (!arena_recover(&x->arena))
		x->answer_text =
			arena_printf(&x->arena, STR_FMT ": %s", STR_ARG(x->answer_text), cx->text);
	arena_end_recover(&x->arena);
}

static struct translation *new_translation(enum wire_format dialect, enum wire_format client)
{
	struct translation *t = mem_zalloc(sizeof *t);

	if (!t)
		return NULL;
	t->dialect = dialect;
	t->client = client;
	buf_init(&t->body, LIMIT_INPUT);
	buf_init(&t->out, SIZE_MAX / 4);
	buf_init(&t->held, HELD_MAX);
	return t;
}

bool translation_list(struct exchange *x)
{
	const struct proxy_conf *conf = x->server->conf;

	if (x->translation || !backend_translates_list(conf, &x->route))
		return true;
	x->translation = new_translation(conf->backend.provider->dialect,
		x->route.meant == UPSTREAM_ANTHROPIC ? WIRE_ANTHROPIC
		: x->route.meant == UPSTREAM_GEMINI  ? WIRE_GEMINI
						     : WIRE_OPENAI_CHAT);
	if (x->translation)
		x->translation->is_list = true;
	return x->translation != NULL;
}

void translation_prepare(struct exchange *x)
{
	const struct proxy_conf *conf = x->server->conf;
	struct errctx cx = {0};
	enum wire_format dialect;
	enum err err;

	if (x->prepared != PREPARED_SEND || x->route.upstream != UPSTREAM_BACKEND ||
		x->route.kind != ROUTE_LLM)
		return;
	dialect = backend_dialect(conf, x->route.format);
	if (dialect == x->route.format)
		return;
	x->translation = new_translation(dialect, x->route.format);
	if (!x->translation) {
		refuse(x, E_NOMEM, &cx);
		return;
	}
	err = translate_body(x,
		x->changed   ? (str){x->changed, x->changed_n}
		: x->decoded ? (str){x->decoded, x->decoded_n}
			     : x->raw,
		&cx);
	if (err)
		refuse(x, err, &cx);
}

bool translation_again(struct exchange *x)
{
	struct errctx cx = {0};

	return !x->translation || translate_body(x, (str){x->changed, x->changed_n}, &cx) == E_OK;
}

str translation_reason(struct exchange *x, const char *reason)
{
	const struct translation *t = x->translation;

	if (!t)
		return str_from(reason);
	return arena_printf(&x->arena, "%s; translated=%s/%s%s" STR_FMT, reason,
		wire_format_name(t->client), wire_format_name(t->dialect),
		t->report.n ? "; not-carried=" : "", STR_ARG(t->report));
}

/* ---- the answer's head ------------------------------------------------------------------------------------ */

/* The provider's headers without those that say how its own body was made. */
static void copy_headers(struct exchange *x, struct translation *t, const struct upstream_head *h)
{
	struct arena *a = &x->arena;

	t->headers = arena_array(a, struct http_header, h->headers_n + 1);
	t->headers_n = 0;
	for (uint32_t i = 0; i < h->headers_n; i++) {
		str name = h->headers[i].name;

		if (str_eq_nocase(name, STR("content-type")) ||
			str_eq_nocase(name, STR("content-encoding")) ||
			str_eq_nocase(name, STR("content-length")))
			continue;
		t->headers[t->headers_n++] =
			(struct http_header){arena_str(a, name), arena_str(a, h->headers[i].value)};
	}
}

static bool wants_array(const struct exchange *x)
{
	return x->route.format == WIRE_GEMINI && x->is_stream &&
	       str_find(x->route.path, STR("alt=sse")) == STR_NONE;
}

static bool begin_answer(struct exchange *x, struct translation *t, enum answer_form form)
{
	struct translate_answer_conf conf = {.backend = t->dialect,
		.client = t->client,
		.form = form,
		.is_stream = x->is_stream,
		.is_array = wants_array(x),
		.wants_usage = t->request.wants_usage,
		.model = x->model_name,
		.id = str_from(x->id),
		.created_s = x->at_ms / 1000,
		.names = t->request.names,
		.names_n = t->request.names_n,
		.held_max = HELD_MAX};

	translate_answer_free(t->answer);
	t->answer = translate_answer_new(&conf);
	return t->answer != NULL;
}

/* On to those who know the client's dialect alone. */
static bool pass_head(struct exchange *x, int status, const char *type, bool is_whole)
{
	struct translation *t = x->translation;
	struct upstream_head h = {.status = status,
		.headers = t->headers,
		.headers_n = t->headers_n + 1,
		.has_length = is_whole,
		.length = t->out.n};

	t->headers[t->headers_n] = (struct http_header){STR("content-type"), str_from(type)};
	return rounds_is_open(x) ? rounds_on_head(x, &h) : exchange_relay_head(x, &h);
}

static bool take_head(struct exchange *x, const struct upstream_head *h)
{
	struct translation *t = x->translation;
	enum coding c = coding_parse(upstream_header(h, STR("content-encoding")));
	enum answer_form form =
		answer_form_of(upstream_header(h, STR("content-type")), x->is_stream);

	if (arena_recover(&x->arena))
		return false;
	copy_headers(x, t, h);
	decoder_free(t->decoder);
	t->decoder = c == CODING_IDENTITY ? NULL : decoder_new(c);
	if (c != CODING_IDENTITY && !t->decoder)
		return false;
	t->status = h->status;
	t->is_held = t->is_list || h->status != 200 || form != ANSWER_SSE;
	t->has_usage = false;
	buf_reset(&t->held);
	if (h->status == 200 && !t->is_list &&
		!begin_answer(x, t, form == ANSWER_SSE ? ANSWER_SSE : ANSWER_JSON))
		return false;
	return true;
}

bool translation_on_head(struct exchange *x, const struct upstream_head *h)
{
	struct translation *t = x->translation;
	bool is_taken = take_head(x, h);

	arena_end_recover(&x->arena);
	x->state = EXCHANGE_RELAY;
	if (!is_taken)
		return false;
	if (!t->is_held)
		return pass_head(x, 200, translate_answer_type(t->answer), false);
	return true;
}

/* ---- its body --------------------------------------------------------------------------------------------- */

static enum upstream_take pass_text(struct exchange *x, str text)
{
	if (!text.n)
		return UPSTREAM_TAKEN;
	if (x->rounds)
		return rounds_on_body(x, text);
	exchange_relay_text(x, text);
	return UPSTREAM_TAKEN;
}

static enum err take_text(void *self, str piece, struct errctx *cx)
{
	struct exchange *x = self;
	struct translation *t = x->translation;
	enum err err = E_OK;

	if (t->status == 200 && !t->is_list)
		err = translate_answer_feed(t->answer, piece, &t->out);
	else {
		buf_add(&t->held, piece);
		err = t->held.err;
	}
	return err ? err_set(cx, err, "%s", err_text(err)) : E_OK;
}

enum upstream_take translation_on_body(struct exchange *x, str piece)
{
	struct translation *t = x->translation;
	enum err err = t->decoder ? decoder_feed(t->decoder, piece, take_text, x, NULL)
				  : take_text(x, piece, NULL);
	enum upstream_take take = UPSTREAM_TAKEN;

	if (!t->is_held) {
		take = pass_text(x, buf_str(&t->out));
		buf_reset(&t->out);
	}
	return err ? UPSTREAM_STOP : take;
}

/* ---- its end ---------------------------------------------------------------------------------------------- */

static void pass_end(struct exchange *x, bool is_complete)
{
	if (x->rounds)
		rounds_on_end(x, is_complete);
	else
		exchange_relay_end(x, is_complete);
}

static void give_up(struct exchange *x, str why)
{
	if (rounds_is_open(x))
		rounds_fail(x, why);
	else
		exchange_break(x, why);
}

/* A held answer goes out at once, as if it came now. */
static void pass_held(struct exchange *x, bool is_complete)
{
	struct translation *t = x->translation;
	int status = t->status;

	if (status != 200) {
		buf_reset(&t->out);
		status = translate_error(t->client, status, buf_str(&t->held), &t->out);
	} else if (!t->out.n) { /* what came is no answer of that dialect */
		status = 502;
		translate_own_error(t->client, status,
			is_complete ? STR("the backend's answer is none of its dialect")
				    : STR("the backend's answer broke off"),
			&t->out);
	}
	t->is_held = false;
	if (!pass_head(x, status,
		    status == 200 && t->answer ? translate_answer_type(t->answer)
					       : "application/json",
		    true) ||
		pass_text(x, buf_str(&t->out)) == UPSTREAM_STOP) {
		give_up(x, STR("the provider's answer is none"));
		return;
	}
	pass_end(x, true);
}

static bool write_list(struct translation *t, struct arena *a)
{
	return !arena_recover(a) &&
	       translate_models(t->client, buf_str(&t->held), a, &t->out) == E_OK;
}

static void finish_list(struct translation *t, bool is_complete)
{
	struct arena a = ARENA_INIT;

	if (!is_complete || !write_list(t, &a))
		buf_reset(&t->out);
	arena_end_recover(&a);
	arena_release(&a);
}

static void finish_answer(struct translation *t, bool is_complete)
{
	bool is_whole;

	if (t->is_list && t->status == 200)
		finish_list(t, is_complete);
	if (!t->answer || t->status != 200)
		return;
	is_whole = translate_answer_finish(t->answer, is_complete, &t->out) == E_OK;
	if (translate_answer_usage(t->answer)) {
		t->usage = *translate_answer_usage(t->answer);
		t->has_usage = true;
	}
	if (!is_whole && t->is_held)
		buf_reset(&t->out);
}

void translation_on_end(struct exchange *x, bool is_complete)
{
	struct translation *t = x->translation;

	if (t->decoder && decoder_finish(t->decoder, NULL) != E_OK)
		is_complete = false;
	finish_answer(t, is_complete);
	if (t->is_held) {
		pass_held(x, is_complete);
		return;
	}
	/* A stream that ended without its end: the client must not take it for whole. */
	is_complete &= t->answer && translate_answer_is_whole(t->answer);
	if (t->out.n && x->conn)
		(void)pass_text(x, buf_str(&t->out));
	buf_reset(&t->out);
	pass_end(x, is_complete);
}
