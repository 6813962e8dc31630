#include <stdio.h>

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/econ/cost.h"
#include "core/json/patch.h"
#include "core/json/scan.h"
#include "proxy/exchange.h"
#include "proxy/metrics.h"
#include "proxy/peek.h"
#include "proxy/prepare.h"
#include "proxy/shared.h"
#include "proxy/shared_answers.h"
#include "proxy/tunnel.h"

enum {
	/* What is not counted exactly is taken to have so many bytes per token, until the provider's own figures
	 * say otherwise (core/store/calibration.h). English and code have 3.5 to 4.5. */
	BYTES_PER_TOKEN = 4,
	/* Reading a body of this size costs less than handing it to another thread. */
	READ_HERE_BYTES = 128 << 10,
	COMPRESS_HERE_BYTES = 16 << 10,
	TRANSFORMS_MAX = 512,
};

/* The body as it is to be read: without its content coding. */
static str plain_body(const struct exchange *x)
{
	return x->decoded ? (str){x->decoded, x->decoded_n} : x->raw;
}

/* ---- the content coding ------------------------------------------------------------------------------ */

/* False when the request is answered with an error. */
static bool decode(struct exchange *x)
{
	enum coding c = x->info.has_many_encodings ? CODING_UNKNOWN
						   : coding_parse(x->info.content_encoding);
	struct errctx cx = {0};
	struct buf out;
	enum err err;

	if (c == CODING_IDENTITY || !x->raw.n)
		return true;
	if (c == CODING_UNKNOWN) {
		x->reason = "unknown_content_encoding";
		return true;
	}
	buf_init(&out, x->server->conf->body_max);
	err = coding_decode(c, x->raw, x->server->conf->body_max, &out, &cx);
	if (!err) {
		x->decoded = out.p ? out.p : mem_zalloc(1);
		x->decoded_n = out.n;
		return true;
	}
	buf_release(&out);
	if (err == E_TOO_BIG)
		prepare_answer(
			x, 413, "the body is too large once its content-encoding is undone", -1);
	else if (err == E_MALFORMED)
		prepare_answer(x, 400, "the body is not what its content-encoding says", -1);
	else
		prepare_answer(x, 503, "out of memory", 1);
	return false;
}

/* ---- what the body says of itself -------------------------------------------------------------------- */

/* The parts of a body that are requests of the route's format: the body itself, or what is in an envelope. */
typedef VEC(struct span) part_vec;

static void add_part(part_vec *parts, const struct json_tape *t, uint32_t node, struct arena *a)
{
	if (node != JSON_ABSENT && json_is(t, node, JSON_OBJECT))
		*vec_push(parts, a) = (struct span){t->v[node].start, t->v[node].end};
}

/* Anthropic: {"requests":[{"custom_id","params":{...}}]}; Gemini:
 * {"batch":{"input_config":{"requests":{"requests":[{"request":{...}}]}}}}, in Google's SDKs inputConfig */
static void add_batch(
	part_vec *parts, const struct json_tape *t, enum wire_format f, struct arena *a)
{
	static const char *const gemini[][2] = {{"batch", NULL}, {"input_config", "inputConfig"},
		{"requests", NULL}, {"requests", NULL}};
	uint32_t list = f == WIRE_ANTHROPIC ? json_member(t, 0, "requests") : 0;
	struct json_iter it;

	for (size_t i = 0; f != WIRE_ANTHROPIC && i < ARRAY_N(gemini) && list != JSON_ABSENT; i++) {
		uint32_t node = json_member(t, list, gemini[i][0]);

		list = node == JSON_ABSENT && gemini[i][1] ? json_member(t, list, gemini[i][1])
							   : node;
	}
	if (list == JSON_ABSENT)
		return;
	for (it = json_iter(t, list); json_next(&it);)
		add_part(parts, t,
			json_member(t, it.value, f == WIRE_ANTHROPIC ? "params" : "request"), a);
}

static void read_member(struct exchange *x, const struct json_tape *t)
{
	uint32_t model = json_member(t, 0, "model"), stream = json_member(t, 0, "stream");

	x->is_stream |= stream != JSON_ABSENT && json_is(t, stream, JSON_TRUE);
	if (!x->model_name.n && model != JSON_ABSENT &&
		json_string(t, model, &x->arena, &x->model_name))
		x->model_name = arena_str(&x->arena, x->model_name);
}

static void read_cache_key(struct exchange *x, const struct json_tape *t)
{
	const struct http_head *h = x->head;
	struct cache_scope scope = {.upstream = x->server->conf->upstreams[x->route.upstream],
		.path = x->route.path,
		.tenant = exchange_tenant(x),
		.credential = {(const char *)&x->info.credentials, sizeof x->info.credentials},
		.anthropic_version = http_header_find(h, STR("anthropic-version")),
		.anthropic_beta = http_header_find(h, STR("anthropic-beta")),
		.openai_organization = http_header_find(h, STR("openai-organization")),
		.openai_project = http_header_find(h, STR("openai-project")),
		.accept_encoding = x->info.accept_encoding};
	bool is_embeddings = strcmp(x->route.endpoint, "embeddings") == 0;

	x->has_cache_key =
		response_cache_key_of(x->route.format, is_embeddings, t, &scope, &x->cache_key);
}

static bool is_cache_asked(const struct exchange *x)
{
	/* What was answered before from memories is nobody else's, and may be out of date. */
	return x->server->cache && !x->info.no_store && x->route.kind != ROUTE_BATCH &&
	       !x->server->recall;
}

/* A look that spares most requests a scan of their own. */
static bool may_be_cached(const struct exchange *x, str body)
{
	return is_cache_asked(x) && (strcmp(x->route.endpoint, "embeddings") == 0 ||
					    str_find(body, STR("\"temperature\"")) != STR_NONE);
}

/* False: a scan has to tell. */
static bool peek_quickly(struct exchange *x, str body)
{
	struct peek p;

	if (!peek_read(body, &p))
		return false;
	x->is_stream |= p.is_stream;
	if (!x->model_name.n)
		x->model_name = arena_str(&x->arena, p.model);
	return true;
}

/* Scans where something is to be known that the engine does not tell. */
static void peek(struct exchange *x, str body, part_vec *parts, bool wants_all)
{
	bool is_simple = x->route.kind == ROUTE_LLM && !x->route.is_enveloped;
	bool is_cacheable = wants_all ? is_cache_asked(x) : may_be_cached(x, body);
	struct json_tape t;
	struct errctx cx;

	if (is_simple)
		*vec_push(parts, &x->arena) = (struct span){0, (uint32_t)body.n};
	if (is_simple && !is_cacheable && (!wants_all || peek_quickly(x, body)))
		return;
	if (json_scan(&x->arena, body, &t, &cx) != E_OK)
		return;
	read_member(x, &t);
	if (is_cacheable)
		read_cache_key(x, &t);
	if (x->route.is_enveloped)
		add_part(parts, &t, json_member(&t, 0, "request"), &x->arena);
	else if (x->route.kind == ROUTE_BATCH)
		add_batch(parts, &t, x->route.format, &x->arena);
}

/* ---- compression ------------------------------------------------------------------------------------- */

struct summary {
	struct exchange *x;
	VEC(struct patch_edit) edits;
	struct {
		str name;
		unsigned n;
	} encoders[16];
	size_t encoders_n;
	const char *left; /* why the largest result that was left was left */
	uint32_t left_tokens;
};

static void count_encoder(struct summary *s, str name)
{
	size_t i = 0;

	while (i < s->encoders_n && !str_eq(s->encoders[i].name, name))
		i++;
	if (i == ARRAY_N(s->encoders))
		return;
	if (i == s->encoders_n) {
		s->encoders[s->encoders_n++].name = arena_str(&s->x->arena, name);
		s->encoders[i].n = 0;
	}
	s->encoders[i].n++;
}

static void add_block(struct summary *s, const struct compress_block *b, bool is_old)
{
	int64_t saved = (int64_t)b->tokens_before - b->tokens_after;
	str rest = b->encoders, name;

	if (b->kind != WIRE_TOOL_RESULT && !b->encoders.n)
		return;
	if (s->x->server->conf->has_telemetry && !is_old && b->kind == WIRE_TOOL_RESULT)
		proxy_metrics_result(s->x->server->metrics, detect_kind_name(b->content),
			b->tokens_before, b->tokens_after);
	exchange_add_parts(s->x, b, saved);
	while (rest.n && str_split(&rest, '+', &name))
		count_encoder(s, name);
	if (!b->encoders.n && (!s->left || b->tokens_before > s->left_tokens)) {
		s->left = b->reason;
		s->left_tokens = b->tokens_before;
	}
	if (is_old)
		s->x->saved_old += saved;
	else
		s->x->saved_fresh += saved;
}

static void add_result(struct summary *s, const struct compress_result *r, struct span at)
{
	struct exchange *x = s->x;

	for (uint32_t i = 0; i < r->blocks_n; i++)
		/* The list of tools stands behind all blocks. */
		add_block(s, &r->blocks[i],
			r->blocks[i].kind == WIRE_TOOL_RESULT ? i < r->known_n : r->known_n > 0);
	x->counted_before += r->tokens_before + r->uncounted_bytes / BYTES_PER_TOKEN;
	x->counted_after += r->tokens_after + r->uncounted_bytes / BYTES_PER_TOKEN;
	x->own = r->own;
	x->memory = (struct recall_scope){
		r->memory.file ? arena_cstr(&x->arena, str_from(r->memory.file)) : NULL,
		arena_str(&x->arena, r->memory.user), r->memory.by};
	x->chain = r->chain;
	x->broke = r->broke;
	x->conversation = r->conversation;
	for (uint32_t i = 0; i < r->again_n; i++)
		exchange_add_again(x, &r->again[i]);
	if (x->server->conf->compress.holdout > 0 && x->route.kind == ROUTE_LLM)
		x->arm = r->is_held_out ? LEDGER_ARM_HELD : LEDGER_ARM_TREATED;
	for (uint32_t i = 0; i < r->expansions_n; i++)
		count_encoder(s, STR("expansion"));
	for (uint32_t i = 0; i < r->memories_n; i++)
		count_encoder(s, STR("memories"));
	for (uint32_t i = 0; i < r->efforts_n; i++)
		count_encoder(s, STR("effort"));
	x->has_efforts |= r->efforts_n > 0;
	/* What our tool and what was given back take from what was saved. */
	x->counted_after += r->own_tokens;
	if (r->known_n)
		x->saved_old -= r->own_tokens;
	else
		x->saved_fresh -= r->own_tokens;
	x->results_n += r->results_n;
	x->results_changed_n += r->changed_n;
	x->is_stream |= r->is_stream;
	if (!x->model_name.n)
		x->model_name = arena_str(&x->arena, r->model.name);
	if (r->is_changed)
		*vec_push(&s->edits, &x->arena) =
			(struct patch_edit){at, arena_str(&x->arena, r->body)};
}

static void name_transforms(struct summary *s)
{
	struct buf b;

	buf_init_arena(&b, &s->x->arena, TRANSFORMS_MAX);
	for (size_t i = 0; i < s->encoders_n; i++) {
		if (i)
			buf_add_byte(&b, ' ');
		buf_add(&b, s->encoders[i].name);
		buf_add_byte(&b, '*');
		buf_add_u64(&b, s->encoders[i].n);
	}
	s->x->transforms = buf_str(&b);
}

/* The new body, in one piece on the heap: the engine's memory goes back before the answer is waited for. */
static bool splice(struct exchange *x, str body, struct summary *s)
{
	struct buf out;

	buf_init(&out, LIMIT_INPUT);
	(void)buf_reserve(&out, body.n);
	patch_sort(s->edits.v, s->edits.n);
	if (patch_apply(body, s->edits.v, s->edits.n, &out) != E_OK || out.err) {
		buf_release(&out);
		return false;
	}
	x->changed = out.p;
	x->changed_n = out.n;
	return true;
}

static void release_result(struct exchange *x)
{
	if (x->compressed)
		compress_result_release(x->compressed);
	x->compressed = NULL;
}

/* Compresses one part; the result is in x->compressed, so that it is released, too, when the arena runs out of memory. */
static enum err compress_span(struct exchange *x, str part, const struct compress_conf *conf)
{
	struct compress_result *r = arena_new(&x->arena, struct compress_result);
	struct errctx cx = {0};
	enum err err = compress_request(x->server->engine, part, x->route.format, conf, r, &cx);

	x->compressed = r;
	return err;
}

/* Can calls of ours in the answer be answered here? Batches are answered when nobody waits, and a summary of a
 * conversation is no turn of it. */
static bool can_have_rounds(const struct exchange *x)
{
	return x->route.kind == ROUTE_LLM && strcmp(x->route.endpoint, "compact") != 0;
}

/* Prompt caches are told apart by account; agents' sessions by their names. */
static void watch_cache(const struct exchange *x, struct compress_conf *conf)
{
	str tenant = exchange_tenant(x);
	struct hash128 scope = hash128_chain(x->info.credentials, hash128(x->info.session));

	conf->watches = can_have_rounds(x);
	conf->is_session = x->info.session.n > 0;
	conf->session = hash128(x->info.session);
	conf->scope = hash128_chain(scope, hash128(x->route.model));
	conf->tenant = tenant;
	if (tenant.n)
		conf->scope = hash128_chain(conf->scope, hash128(tenant));
}

static void compress_parts(struct exchange *x, str body, const part_vec *parts)
{
	struct compress_conf conf = x->server->conf->compress;
	struct summary s = {.x = x};
	bool is_whole = parts->n == 1 && parts->v[0].start == 0 && parts->v[0].end == body.n;
	bool is_kept = true;
	const char *failed = NULL;

	if (x->route.model.n)
		conf.model = x->route.model;
	conf.offers_retrieve &= can_have_rounds(x);
	/* The parts of a batch are no conversations that go on. */
	if (x->route.kind != ROUTE_LLM)
		conf.holdout = 0;
	conf.routes_effort &=
		prepare_takes_effort(&x->route, x->server->conf->upstreams[x->route.upstream]);
	conf.memory = prepare_memory(x);
	watch_cache(x, &conf);
	for (size_t i = 0; i < parts->n; i++) {
		enum err err = compress_span(x, span_str(body, parts->v[i]), &conf);
		struct compress_result *r = x->compressed;

		if (err)
			failed = err == E_NOMEM ? "out_of_memory" : "not_understood";
		else if (is_whole && r->is_changed)
			x->changed = compress_result_take_body(r, &x->changed_n); /* no copy */
		r->is_changed &= !is_whole;
		if (!err)
			add_result(&s, r, parts->v[i]);
		release_result(x);
	}
	if (s.edits.n)
		is_kept = splice(x, body, &s);
	if (!is_kept)
		failed = "out_of_memory";
	if (!failed)
		prepare_tell(x, body);
	name_transforms(&s);
	x->reason = x->arm == LEDGER_ARM_HELD ? "held_out"
		    : x->changed              ? "changed"
		    : failed                  ? failed
		    : s.left                  ? s.left
					      : "no_tool_results";
	if (!x->changed && failed) {
		x->counted_after = x->counted_before;
		x->saved_old = x->saved_fresh = 0;
		x->parts_n = 0;
		x->own = 0;
		x->results_changed_n = 0;
	}
}

/* ---- all of it --------------------------------------------------------------------------------------- */

static bool is_compressed(const struct exchange *x)
{
	if (x->route.kind != ROUTE_LLM && x->route.kind != ROUTE_BATCH)
		return false;
	if (!x->server->conf->is_optimizing && (!x->server->recall || x->route.kind != ROUTE_LLM))
		return false;
	return !x->info.is_bypass && strcmp(x->reason, "unknown_content_encoding") != 0;
}

static bool is_in_cache(struct exchange *x)
{
	if (!x->has_cache_key || x->info.no_cache)
		return false;
	x->cached = response_cache_get(x->server->cache, &x->cache_key, &x->cached_age_ms);
	if (!x->cached && x->server->shared)
		x->cached = shared_answer_get(shared_link(x->server->shared), x->server->cache,
			&x->cache_key, x->server->clock, &x->cached_age_ms);
	if (x->cached) {
		x->prepared = PREPARED_CACHED;
		x->reason = "response_cache";
	}
	return x->cached != NULL;
}

static void prepare(struct exchange *x)
{
	bool is_llm = x->route.kind == ROUTE_LLM || x->route.kind == ROUTE_BATCH;
	part_vec parts = {0};

	x->prepared = PREPARED_SEND;
	x->is_stream = x->route.is_stream;
	if (is_llm && !decode(x))
		return;
	x->model_name = x->route.model;
	if (is_llm || may_be_cached(x, plain_body(x)))
		peek(x, plain_body(x), &parts, !is_compressed(x));
	/* An answer from memory costs the provider nothing, so that no limit speaks of it. */
	if (is_in_cache(x) ||
		prepare_is_limited(x, plain_body(x), plain_body(x).n / BYTES_PER_TOKEN))
		return;
	if (is_compressed(x))
		compress_parts(x, plain_body(x), &parts);
	else if (is_llm)
		x->reason = x->info.is_bypass                ? "bypassed"
			    : x->server->conf->is_optimizing ? x->reason
							     : "switched_off";
	if (!x->counted_before)
		x->counted_before = x->counted_after = plain_body(x).n / BYTES_PER_TOKEN;
	x->scale = scales_get(x->server->scales, x->model_name, &x->model);
	prepare_reserve(x);
	translation_prepare(x);
}

static void prepare_safely(struct exchange *x)
{
	if (arena_recover(&x->arena)) {
		arena_end_recover(&x->arena);
		release_result(x);
		mem_free(x->changed);
		x->changed = NULL;
		prepare_answer(x, 503, "out of memory", 1);
		return;
	}
	prepare(x);
	arena_end_recover(&x->arena);
}

static void open_mail(struct worker_mail *m)
{
	struct exchange *x =
		(struct exchange *)(void *)((char *)m - offsetof(struct exchange, mail));

	x->is_in_pool = false;
	if (!x->conn)
		exchange_end(x);
	else
		exchange_prepared(x);
}

static void run_in_pool(void *arg, bool is_cancelled)
{
	struct exchange *x = arg;

	if (is_cancelled)
		prepare_answer(x, 503, "the proxy is shutting down", 1);
	else
		prepare_safely(x);
	worker_post(x->w, &x->mail);
}

/* Is it work that would keep the loop from others? Results are what may have to be compressed and stored; the words
 * that the formats have for them decide nothing but the thread. */
static bool is_work(const struct exchange *x)
{
	static const char *const words[] = {
		"\"tool_result\"", "\"tool\"", "_output\"", "\"functionResponse\""};

	/* With a store of several proxies, a request waits for another machine. */
	if (x->info.content_encoding.n || x->raw.n > READ_HERE_BYTES || x->server->shared)
		return true;
	if (!is_compressed(x))
		return false;
	if (x->raw.n > COMPRESS_HERE_BYTES || x->server->recall)
		return true;
	for (size_t i = 0; i < ARRAY_N(words); i++)
		if (str_find(x->raw, str_from(words[i])) != STR_NONE)
			return true;
	return false;
}

/* Each payer at this address; nobody in particular is one, too. */
static void find_limit_keys(struct exchange *x)
{
	struct hash128 peer = {.lo = http_conn_peer_hash(x->conn), .hi = 0};
	size_t n = request_payers(
		&x->info, x->route.upstream, x->token_in_authorization, x->limit_keys);

	if (!n)
		x->limit_keys[n++] = hash128(STR(""));
	x->limit_keys_n = n;
	for (size_t i = 0; i < n; i++)
		x->limit_keys[i] = hash128_chain(x->limit_keys[i], peer);
}

void exchange_prepare(struct exchange *x)
{
	find_limit_keys(x);
	if (is_work(x)) {
		x->is_in_pool = true;
		x->mail = (struct worker_mail){.open = open_mail};
		if (pool_submit(x->server->pool, run_in_pool, x) == E_OK)
			return;
		x->is_in_pool = false; /* all threads are busy, and many wait: here, then */
	}
	prepare_safely(x);
	exchange_prepared(x);
}

void exchange_prepared(struct exchange *x)
{
	switch (x->prepared) {
	case PREPARED_SEND:
		if (x->route.is_upgrade)
			tunnel_open(x);
		else
			exchange_forward(x);
		break;
	case PREPARED_ANSWER:
		exchange_refuse(x, x->answer_status, x->answer_text, x->answer_retry_after_s);
		break;
	case PREPARED_CACHED:
		exchange_send_cached(x);
		break;
	}
}
