/* Any head of a request, as lines of text: what is routed is what is forwarded, and nothing of ours leaves. */
#include "core/base/check.h"
#include "proxy/guard.h"
#include "proxy/header.h"
#include "proxy/path.h"
#include "tests/unit/head_help.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Written once more than in the table, on purpose. */
static const char *const OWN[] = {"/livez", "/healthz", "/readyz", "/health", "/stats",
	"/stats-history", "/stats/reset", "/metrics", "/dashboard", "/v1/compress", "/v1/retrieve",
	"/v1/retrieve/stats", "/v1/retrieve/tool_call", "/cache/clear", "/admin/upstream",
	"/debug/memory", "/debug/exchanges", "/transformations/feed"};

static bool is_own(str path)
{
	for (size_t i = 0; i < ARRAY_N(OWN); i++) {
		if (str_eq_c(path, OWN[i]))
			return true;
	}
	return str_take(&path, STR("/v1/retrieve/")) && path.n &&
	       str_find_byte(path, '/') == STR_NONE;
}

static str split_query(str *target)
{
	size_t at = str_find_byte(*target, '?');
	str query = STR_NULL;

	if (at != STR_NONE) {
		query = str_sub(*target, at, target->n);
		*target = str_sub(*target, 0, at);
	}
	return query;
}

/* What was taken off the beginning: slashes, and what names a project. */
static bool is_prefix(str prefix)
{
	if (str_take(&prefix, STR("/p/"))) {
		while (prefix.n && prefix.p[0] != '/')
			prefix = str_sub(prefix, 1, prefix.n);
	}
	while (prefix.n && prefix.p[0] == '/')
		prefix = str_sub(prefix, 1, prefix.n);
	return !prefix.n;
}

static void check_path(str target, const struct route *r)
{
	str path = r->path, query = split_query(&target), same = split_query(&path);

	ASSERT(str_starts(path, STR("/")));
	ASSERT(str_eq(query, same));
	ASSERT((r->kind == ROUTE_OWN) <= is_own(path));
	if (!str_starts(target, STR("/")))
		return;
	ASSERT((r->kind == ROUTE_OWN) || !is_own(target));
	/* Rewritten only where no server can read something else into it. */
	if (!(str_ends(target, path) && is_prefix(str_sub(target, 0, target.n - path.n))))
		ASSERT(path_is_plain(path));
}

/* The forwarded path, were it to come in again, goes the same way. */
static void check_again(struct http_head h, const struct route *r, struct arena *a)
{
	struct route again;

	if (!str_starts(h.target, STR("/")) || str_starts(r->path, STR("/p/")))
		return;
	h.target = r->path;
	route_request(&h, a, &again);
	ASSERT(again.kind == r->kind && again.upstream == r->upstream && again.format == r->format);
	ASSERT(str_eq(again.path, r->path));
}

static void check_headers(const struct http_head *h, bool token_in_authorization, struct arena *a)
{
	struct header_rule rule = {.token_in_authorization = token_in_authorization};
	struct http_header *out;
	uint32_t n, at = 0;

	headers_to_upstream(h, &rule, a, &out, &n);
	for (uint32_t i = 0; i < n; i++) {
		while (at < h->headers_n && h->headers[at].name.p != out[i].name.p)
			at++;
		ASSERT(at < h->headers_n && h->headers[at].value.p == out[i].value.p);
		ASSERT(!str_eq_nocase(out[i].name, STR("connection")));
		ASSERT(!str_eq_nocase(out[i].name, STR("x-headroom-proxy-token")));
		ASSERT(!token_in_authorization ||
			!str_eq_nocase(out[i].name, STR("authorization")));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct guard_conf GUARD = {.token = {"s3cret", 6}};
	struct arena a = ARENA_INIT;
	str text = {(const char *)data, n};
	struct http_head h = head_read(&a, text);
	struct request_info info;
	enum guard_verdict v;
	struct route r;
	struct guard_who who;

	route_request(&h, &a, &r);
	check_path(h.target, &r);
	check_again(h, &r, &a);
	v = guard_check(&GUARD, &h, &r, true, &a, &who);
	ASSERT(v != GUARD_OK || r.is_open || str_find(text, GUARD.token) != STR_NONE);
	check_headers(&h, who.token_in_authorization, &a);
	request_info_read(&h, split_query(&h.target), &info);
	ASSERT(info.client < CLIENT_N);
	arena_release(&a);
	return 0;
}
