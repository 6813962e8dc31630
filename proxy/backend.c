#include "proxy/backend.h"

#include "proxy/header.h"
#include "proxy/path.h"

/* ---- what goes there ----------------------------------------------------------------------------------- */

static bool is_v1_azure(const struct proxy_conf *c)
{
	enum provider_paths paths = c->backend.provider->paths;

	return (paths == PROVIDER_AZURE || paths == PROVIDER_AZURE_AI) && !c->backend.api_version.n;
}

/* Are paths of the provider that the client means also this one's? */
static bool has_paths_of(const struct proxy_conf *c, enum upstream meant)
{
	const struct provider_row *p = c->backend.provider;

	switch (meant) {
	case UPSTREAM_ANTHROPIC:
		return p->paths == PROVIDER_PLAIN && c->backend.messages.n;
	case UPSTREAM_OPENAI:
		return p->dialect == WIRE_OPENAI_CHAT &&
		       (p->paths == PROVIDER_PLAIN || is_v1_azure(c));
	case UPSTREAM_GEMINI:
		return p->paths == PROVIDER_MODELS;
	default:
		return false;
	}
}

bool backend_translates_list(const struct proxy_conf *c, const struct route *r)
{
	enum provider_paths paths =
		c->backend.provider ? c->backend.provider->paths : PROVIDER_VERTEX;

	return r->upstream == UPSTREAM_BACKEND && r->kind == ROUTE_PASS &&
	       strcmp(r->endpoint, "models") == 0 &&
	       (paths == PROVIDER_PLAIN || paths == PROVIDER_MODELS) && !has_paths_of(c, r->meant);
}

void backend_take(const struct proxy_conf *c, struct route *r)
{
	bool is_meant = r->upstream == UPSTREAM_ANTHROPIC || r->upstream == UPSTREAM_OPENAI ||
			r->upstream == UPSTREAM_GEMINI ||
			(r->upstream == UPSTREAM_CHATGPT && r->kind == ROUTE_LLM);

	r->meant = r->upstream;
	if (!c->backend.provider || r->kind == ROUTE_OWN || !is_meant)
		return;
	if (strcmp(r->endpoint, "count_tokens") == 0 && !has_paths_of(c, r->meant)) {
		r->kind = ROUTE_OWN;
		r->own = OWN_COUNT_TOKENS;
		r->own_methods_ok = true;
		r->own_allow = "POST";
		r->is_counted = false;
		return;
	}
	r->upstream = UPSTREAM_BACKEND;
	r->chatgpt_account = STR_NULL;
}

/* A signature is for one host: only who is asked with a bearer token can be asked through a proxy that has no keys. */
static const char *bedrock_refusal(const struct proxy_conf *c, str authorization)
{
	const struct provider_row *p = c->backend.provider;

	if (c->upstreams[UPSTREAM_BEDROCK].n || (p && p->paths == PROVIDER_BEDROCK) ||
		bearer_token(authorization).n)
		return NULL;
	return "a request for Bedrock that is signed for this proxy: start it with --backend "
	       "bedrock "
	       "and it signs with its own keys, or name a gateway that does with "
	       "--bedrock-api-url";
}

const char *backend_refusal(const struct proxy_conf *c, const struct route *r, str authorization)
{
	if (r->upstream == UPSTREAM_BEDROCK)
		return bedrock_refusal(c, authorization);
	if (r->upstream != UPSTREAM_BACKEND)
		return NULL;
	if (r->is_upgrade)
		return "the backend of this proxy has no WebSockets: ask over HTTP";
	/* A summary in cipher: nobody else could make one. */
	if (r->kind == ROUTE_LLM && backend_dialect(c, r->format) != r->format &&
		strcmp(r->endpoint, "compact") == 0)
		return "the backend of this proxy speaks another dialect, which has no such "
		       "endpoint";
	if (r->kind != ROUTE_LLM && !has_paths_of(c, r->meant) && !backend_translates_list(c, r))
		return "the backend of this proxy has no such endpoint: see --backend";
	return NULL;
}

/* ---- addresses ----------------------------------------------------------------------------------------- */

static str query_of(str path)
{
	size_t q = str_find_byte(path, '?');

	return q == STR_NONE ? STR("") : str_sub(path, q, path.n);
}

/* A query without Google's key; with its '?', or empty. */
static str without_key(str query, struct arena *a)
{
	str rest = query, one, out = STR("");

	(void)str_take(&rest, STR("?"));
	while (str_split(&rest, '&', &one)) {
		if (one.n && !str_starts(one, STR("key=")))
			out = arena_printf(a, STR_FMT "%c" STR_FMT, STR_ARG(out), out.n ? '&' : '?',
				STR_ARG(one));
	}
	return out;
}

/* What stands behind the base for a model's request, in the words of its dialect. */
static str tail_of(const struct backend_call *call)
{
	bool is_compact = strcmp(call->route->endpoint, "compact") == 0;

	switch (call->dialect) {
	case WIRE_ANTHROPIC:
		return STR("/messages");
	case WIRE_OPENAI_RESPONSES:
		return is_compact ? STR("/responses/compact") : STR("/responses");
	default:
		return STR("/chat/completions");
	}
}

static str model_url(str base, const struct backend_call *call, struct arena *a)
{
	str query = STR("");

	if (call->route->format == WIRE_GEMINI)
		query = without_key(query_of(call->route->path), a);
	else if (call->is_stream)
		query = STR("?alt=sse");
	return arena_printf(a, STR_FMT "/models/" STR_FMT ":%s" STR_FMT, STR_ARG(base),
		STR_ARG(percent_encode(call->model, "@", a)),
		call->is_stream ? "streamGenerateContent" : "generateContent", STR_ARG(query));
}

static str azure_url(
	const struct proxy_conf *c, const struct backend_call *call, str base, struct arena *a)
{
	str tail = tail_of(call), version = c->backend.api_version;
	bool is_by_deployment = call->dialect == WIRE_OPENAI_CHAT;

	if (!version.n)
		return arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(base),
			str_ends(base, STR("/openai/v1")) ? "" : "/openai/v1", STR_ARG(tail));
	if (c->backend.provider->paths == PROVIDER_AZURE_AI)
		return arena_printf(a, STR_FMT "/models" STR_FMT "?api-version=" STR_FMT,
			STR_ARG(base), STR_ARG(tail), STR_ARG(version));
	if (is_by_deployment)
		return arena_printf(a,
			STR_FMT "/openai/deployments/" STR_FMT STR_FMT "?api-version=" STR_FMT,
			STR_ARG(base), STR_ARG(percent_encode(call->model, "", a)), STR_ARG(tail),
			STR_ARG(version));
	return arena_printf(a, STR_FMT "/openai" STR_FMT "?api-version=" STR_FMT, STR_ARG(base),
		STR_ARG(tail), STR_ARG(version));
}

/* A path of the provider that the client means, where the backend has the same. */
static str same_path(const struct proxy_conf *c, const struct route *r, struct arena *a)
{
	bool is_messages = r->meant == UPSTREAM_ANTHROPIC;
	str base = is_messages ? c->backend.messages : c->upstreams[UPSTREAM_BACKEND],
	    rest = r->path;

	if (is_v1_azure(c) && !str_ends(base, STR("/openai/v1")))
		base = arena_printf(a, STR_FMT "/openai/v1", STR_ARG(base));
	while (str_starts(rest, STR("//")))
		rest = str_sub(rest, 1, rest.n);
	/* The base ends with its version. */
	(void)(str_take(&rest, STR("/v1beta")) || str_take(&rest, STR("/v1")));
	if (r->meant == UPSTREAM_GEMINI) {
		str query = query_of(rest);

		rest = path_join(str_sub(rest, 0, rest.n - query.n), without_key(query, a), a);
	}
	return arena_printf(a, STR_FMT STR_FMT, STR_ARG(base), STR_ARG(rest));
}

/* Without the query, which has the client's words. */
static str list_path(const struct proxy_conf *c, const struct route *r, struct arena *a)
{
	str base = c->backend.provider->dialect == WIRE_ANTHROPIC ? c->backend.messages
								  : c->upstreams[UPSTREAM_BACKEND];
	str path = str_sub(r->path, 0, r->path.n - query_of(r->path).n);
	size_t at = str_find(path, STR("/models"));

	return arena_printf(a, STR_FMT STR_FMT, STR_ARG(base),
		STR_ARG(str_sub(path, at == STR_NONE ? path.n : at, path.n)));
}

static str plain_url(const struct proxy_conf *c, const struct backend_call *call, struct arena *a)
{
	str base = call->dialect == WIRE_ANTHROPIC ? c->backend.messages
						   : c->upstreams[UPSTREAM_BACKEND];
	bool is_same = call->dialect == WIRE_ANTHROPIC && call->route->format == WIRE_ANTHROPIC;

	return arena_printf(a, STR_FMT STR_FMT STR_FMT, STR_ARG(base), STR_ARG(tail_of(call)),
		STR_ARG(is_same ? query_of(call->route->path) : STR("")));
}

const char *backend_url(
	const struct proxy_conf *c, const struct backend_call *call, struct arena *a)
{
	str base = c->upstreams[UPSTREAM_BACKEND], url;

	if (backend_translates_list(c, call->route))
		url = list_path(c, call->route, a);
	else if (call->route->kind != ROUTE_LLM)
		url = same_path(c, call->route, a);
	else if (c->backend.provider->paths == PROVIDER_MODELS)
		url = model_url(base, call, a);
	else if (c->backend.provider->paths == PROVIDER_AZURE ||
		 c->backend.provider->paths == PROVIDER_AZURE_AI)
		url = azure_url(c, call, base, a);
	else
		url = plain_url(c, call, a);
	return arena_cstr(a, url);
}

/* ---- headers ------------------------------------------------------------------------------------------- */

/* What says who somebody is to the provider that was meant: nothing of it is the backend's business. */
static const str CREDENTIALS[] = {LIT("authorization"), LIT("x-api-key"), LIT("api-key"),
	LIT("x-goog-api-key"), LIT("chatgpt-account-id"), LIT("openai-organization"),
	LIT("openai-project"), LIT("x-goog-user-project"), LIT("cookie")};

static bool is_dropped(const struct backend_call *call, str name)
{
	for (size_t i = 0; i < ARRAY_N(CREDENTIALS); i++)
		if (str_eq_nocase(name, CREDENTIALS[i]))
			return true;
	/* A body in another dialect is not what these say. */
	if (call->dialect != WIRE_ANTHROPIC && name.n > 10 &&
		str_eq_nocase(str_sub(name, 0, 10), STR("anthropic-")))
		return true;
	return false;
}

void backend_headers(const struct proxy_conf *c, const struct backend_call *call,
	struct http_header *headers, uint32_t *n, struct arena *a)
{
	static const str key_headers[] = {
		[PROVIDER_X_API_KEY] = LIT("x-api-key"),
		[PROVIDER_API_KEY] = LIT("api-key"),
		[PROVIDER_GOOG_KEY] = LIT("x-goog-api-key"),
	};
	enum provider_auth auth = c->backend.provider->auth;
	str key = c->backend.key;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < *n; i++)
		if (!is_dropped(call, headers[i].name))
			headers[kept++] = headers[i];
	if (key.n && auth == PROVIDER_BEARER)
		headers[kept++] = (struct http_header){
			STR("authorization"), arena_printf(a, "Bearer " STR_FMT, STR_ARG(key))};
	else if (key.n && auth < ARRAY_N(key_headers) && key_headers[auth].n)
		headers[kept++] = (struct http_header){key_headers[auth], key};
	/* Anthropic's API refuses requests that do not say it. */
	if (call->dialect == WIRE_ANTHROPIC && auth != PROVIDER_AWS && auth != PROVIDER_GOOGLE &&
		!http_headers_find(headers, kept, STR("anthropic-version")).p)
		headers[kept++] = (struct http_header){STR("anthropic-version"), STR("2023-06-01")};
	*n = kept;
}
