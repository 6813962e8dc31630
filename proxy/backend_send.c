#include "proxy/backend_send.h"

#include "core/base/mem.h"
#include "proxy/aws_sign.h"
#include "proxy/backend.h"
#include "proxy/backend_claude.h"
#include "proxy/backend_keys.h"
#include "proxy/path.h"

static const struct proxy_conf *conf_of(const struct exchange *x)
{
	return x->server->conf;
}

static bool is_paths(const struct exchange *x, enum provider_paths paths)
{
	const struct provider_row *p = conf_of(x)->backend.provider;

	return p && p->paths == paths;
}

bool backend_sends(const struct exchange *x)
{
	return x->route.upstream == UPSTREAM_BACKEND || x->route.upstream == UPSTREAM_BEDROCK ||
	       x->route.upstream == UPSTREAM_VERTEX;
}

bool backend_is_bedrock(const struct exchange *x)
{
	return x->route.upstream == UPSTREAM_BEDROCK ||
	       (x->route.upstream == UPSTREAM_BACKEND && is_paths(x, PROVIDER_BEDROCK));
}

/* The body is what was translated, or the client's. */
static struct backend_call call_of(const struct exchange *x)
{
	return (struct backend_call){.route = &x->route,
		.dialect = x->translation ? translation_dialect(x->translation) : x->route.format,
		.model = x->translation ? translation_model(x->translation) : x->model_name,
		.is_stream = x->is_stream};
}

/* Is the body another one than the client has sent, without its content coding? */
static bool is_decoded(const struct exchange *x)
{
	return x->sent || ((x->changed || x->translation) && x->decoded);
}

static void client_headers(struct exchange *x)
{
	const struct header_rule rule = {.drops_encoding = is_decoded(x),
		.token_in_authorization = x->token_in_authorization,
		.wants_identity = x->own || x->translation};

	headers_to_upstream(x->head, &rule, &x->arena, &x->headers, &x->headers_n);
}

/* ---- bodies -------------------------------------------------------------------------------------------- */

/* What is read of the body is needed no longer than it takes to write it, and comes again with each attempt: not the exchange's memory. */
static enum err write_cloud_body(
	enum claude_cloud cloud, str body, str betas, struct buf *out, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	enum err err;

	if (arena_recover(&a)) {
		arena_release(&a);
		return err_set(cx, E_NOMEM, "out of memory");
	}
	err = claude_body(cloud, body, betas, &a, out, cx);
	arena_end_recover(&a);
	arena_release(&a);
	return err;
}

static enum err cloud_body(
	struct exchange *x, enum claude_cloud cloud, str *body, struct errctx *cx)
{
	struct buf out;
	enum err err;

	/* What came in a content coding and was not changed. */
	if (!x->changed && !x->translation && x->decoded)
		*body = (str){x->decoded, x->decoded_n};
	mem_free(x->sent);
	x->sent = NULL;
	buf_init(&out, LIMIT_INPUT);
	err = write_cloud_body(cloud, *body,
		http_headers_join(
			x->head->headers, x->head->headers_n, STR("anthropic-beta"), &x->arena),
		&out, cx);
	if (err) {
		buf_release(&out);
		return err;
	}
	x->sent = out.p;
	*body = buf_str(&out);
	return E_OK;
}

/* ---- Bedrock ------------------------------------------------------------------------------------------- */

static bool is_of_client(str name)
{
	static const char *const kept[] = {"user-agent", "x-amzn-bedrock-guardrailidentifier",
		"x-amzn-bedrock-guardrailversion", "x-amzn-bedrock-trace",
		"x-amzn-bedrock-performanceconfig-latency", "x-amzn-bedrock-service-tier"};

	for (size_t i = 0; i < ARRAY_N(kept); i++)
		if (str_eq_nocase(name, str_from(kept[i])))
			return true;
	return false;
}

static void bedrock_headers(struct exchange *x, const char *accept)
{
	uint32_t kept = 0;

	client_headers(x);
	for (uint32_t i = 0; i < x->headers_n; i++)
		if (is_of_client(x->headers[i].name))
			x->headers[kept++] = x->headers[i];
	x->headers[kept++] = (struct http_header){STR("content-type"), STR("application/json")};
	x->headers[kept++] = (struct http_header){STR("accept"), str_from(accept)};
	x->headers_n = kept;
}

static void add_bearer(struct exchange *x, str token)
{
	x->headers[x->headers_n++] = (struct http_header){
		STR("authorization"), arena_printf(&x->arena, "Bearer " STR_FMT, STR_ARG(token))};
}

static void sign(struct exchange *x, const struct backend_secret *secret, str body)
{
	const struct aws_sign s = {.keys = &secret->keys,
		.region = conf_of(x)->backend.region,
		.service = STR("bedrock"),
		.at_ms = clock_wall_ms(x->server->clock),
		.method = x->head->method,
		.url = x->url,
		.headers = x->headers,
		.headers_n = x->headers_n,
		.body = body};
	uint32_t n;

	if (secret->bearer.n) {
		add_bearer(x, secret->bearer);
		return;
	}
	aws_sign(&s, &x->arena, &x->headers[x->headers_n], &n);
	x->headers_n += n;
}

static enum err send_bedrock(struct exchange *x, str *body, struct errctx *cx)
{
	const struct proxy_conf *c = conf_of(x);
	const struct backend_call call = call_of(x);
	struct backend_secret secret;
	str model = bedrock_model(call.model, c->backend.region, &x->arena);

	if (!model.n)
		FAIL(cx, E_MALFORMED, "the request names no model");
	TRY(backend_keys_get(x->server->backend_keys, &x->arena, &secret, cx));
	TRY(cloud_body(x, CLAUDE_BEDROCK, body, cx));
	x->url = arena_printf(&x->arena, STR_FMT "/model/" STR_FMT "/invoke%s",
		STR_ARG(c->upstreams[UPSTREAM_BACKEND]),
		STR_ARG(percent_encode(model, "", &x->arena)),
		x->is_stream ? "-with-response-stream" : "")
			 .p;
	bedrock_headers(
		x, x->is_stream ? "application/vnd.amazon.eventstream" : "application/json");
	sign(x, &secret, *body);
	return E_OK;
}

/* What a client of Bedrock's signed its request with: it was for this proxy's address, and perhaps for another body. */
static bool is_signature(str name)
{
	static const char *const names[] = {"authorization", "x-amz-date", "x-amz-security-token",
		"x-amz-content-sha256", "amz-sdk-invocation-id", "amz-sdk-request"};

	for (size_t i = 0; i < ARRAY_N(names); i++)
		if (str_eq_nocase(name, str_from(names[i])))
			return true;
	return false;
}

/* A request in Bedrock's own words: signed with our keys where there are such, else as it came. */
static enum err send_own_bedrock(struct exchange *x, const str *body, struct errctx *cx)
{
	const struct proxy_conf *c = conf_of(x);
	str base = c->upstreams[UPSTREAM_BEDROCK];
	struct backend_secret secret;
	uint32_t kept = 0;

	if (!base.n)
		base = arena_printf(&x->arena, "https://bedrock-runtime." STR_FMT ".amazonaws.com",
			STR_ARG(c->backend.region));
	x->url = arena_printf(&x->arena, STR_FMT STR_FMT, STR_ARG(base), STR_ARG(x->route.path)).p;
	client_headers(x);
	if (!is_paths(x, PROVIDER_BEDROCK))
		return E_OK;
	TRY(backend_keys_get(x->server->backend_keys, &x->arena, &secret, cx));
	for (uint32_t i = 0; i < x->headers_n; i++)
		if (!is_signature(x->headers[i].name))
			x->headers[kept++] = x->headers[i];
	x->headers_n = kept;
	sign(x, &secret, *body);
	return E_OK;
}

/* ---- Vertex AI ----------------------------------------------------------------------------------------- */

static str vertex_url(struct exchange *x, const struct backend_secret *secret)
{
	const struct proxy_conf *c = conf_of(x);
	const struct backend_call call = call_of(x);
	bool is_claude = call.dialect == WIRE_ANTHROPIC;
	str model = is_claude ? vertex_model(call.model, &x->arena) : call.model;
	str project = c->backend.project.n ? c->backend.project : secret->project;
	const char *verb = is_claude      ? x->is_stream ? "streamRawPredict" : "rawPredict"
			   : x->is_stream ? "streamGenerateContent?alt=sse"
					  : "generateContent";

	return arena_printf(&x->arena,
		STR_FMT "/v1/projects/" STR_FMT "/locations/" STR_FMT
			"/publishers/%s/models/" STR_FMT ":%s",
		STR_ARG(c->upstreams[UPSTREAM_BACKEND]), STR_ARG(project),
		STR_ARG(c->backend.region), is_claude ? "anthropic" : "google",
		STR_ARG(percent_encode(model, "@", &x->arena)), verb);
}

static enum err send_vertex(struct exchange *x, str *body, struct errctx *cx)
{
	struct backend_call call = call_of(x);
	struct backend_secret secret;

	if (!call.model.n)
		FAIL(cx, E_MALFORMED, "the request names no model");
	TRY(backend_keys_get(x->server->backend_keys, &x->arena, &secret, cx));
	if (call.dialect == WIRE_ANTHROPIC)
		TRY(cloud_body(x, CLAUDE_VERTEX, body, cx));
	x->url = vertex_url(x, &secret).p;
	client_headers(x);
	backend_headers(conf_of(x), &call, x->headers, &x->headers_n, &x->arena);
	add_bearer(x, secret.bearer);
	if (secret.quota_project.n)
		x->headers[x->headers_n++] =
			(struct http_header){STR("x-goog-user-project"), secret.quota_project};
	return E_OK;
}

/* "L" of ".../locations/L/...". */
static str location_of(str path)
{
	size_t at = str_find(path, STR("/locations/")), end;

	if (at == STR_NONE)
		return STR("");
	path = str_sub(path, at + 11, path.n);
	end = str_find_byte(path, '/');
	return str_sub(path, 0, end == STR_NONE ? path.n : end);
}

static bool is_name(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') &&
			s.p[i] != '-')
			return false;
	return s.n > 0 && s.n < 64; /* a label of a host's name: RFC 1035 */
}

static bool has_credential(const struct exchange *x)
{
	for (int i = 0; i < CREDENTIAL_N; i++)
		if (x->info.by_place[i].n &&
			!(i == CREDENTIAL_AUTHORIZATION && x->token_in_authorization))
			return true;
	return false;
}

/* A request in Vertex AI's own words: where its path says, unless a place was named for all; with our token for a client that has
 * none. */
static enum err send_own_vertex(struct exchange *x, struct errctx *cx)
{
	const struct proxy_conf *c = conf_of(x);
	str base = c->upstreams[UPSTREAM_VERTEX], location = location_of(x->route.path);
	struct backend_secret secret;

	if (is_name(location) && str_eq_c(base, upstream_base(UPSTREAM_VERTEX)))
		base = provider_vertex_base(location, &x->arena);
	x->url = arena_printf(&x->arena, STR_FMT STR_FMT, STR_ARG(base), STR_ARG(x->route.path)).p;
	client_headers(x);
	if (!is_paths(x, PROVIDER_VERTEX) || has_credential(x))
		return E_OK;
	TRY(backend_keys_get(x->server->backend_keys, &x->arena, &secret, cx));
	add_bearer(x, secret.bearer);
	return E_OK;
}

/* ---- all of them --------------------------------------------------------------------------------------- */

enum err backend_send(struct exchange *x, str *body, struct errctx *cx)
{
	struct backend_call call = call_of(x);

	if (x->route.upstream == UPSTREAM_BEDROCK)
		return send_own_bedrock(x, body, cx);
	if (x->route.upstream == UPSTREAM_VERTEX)
		return send_own_vertex(x, cx);
	if (is_paths(x, PROVIDER_BEDROCK))
		return send_bedrock(x, body, cx);
	if (is_paths(x, PROVIDER_VERTEX))
		return send_vertex(x, body, cx);
	client_headers(x);
	backend_headers(conf_of(x), &call, x->headers, &x->headers_n, &x->arena);
	x->url = backend_url(conf_of(x), &call, &x->arena);
	return E_OK;
}
