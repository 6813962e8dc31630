#include <curl/curl.h>

#include "core/base/arena.h"
#include "proxy/upstream_internal.h"

/* By hand: a printf for each header shows in the profile of small requests. */
static void add_line(
	struct transfer *t, struct curl_slist ***tail, const struct http_header *h, str separator)
{
	struct curl_slist *l = arena_new(&t->arena, struct curl_slist);
	char *p = arena_alloc(&t->arena, h->name.n + separator.n + h->value.n + 1, 1);

	l->data = p;
	memcpy(p, h->name.p, h->name.n);
	p += h->name.n;
	memcpy(p, separator.p, separator.n);
	p += separator.n;
	if (h->value.n)
		memcpy(p, h->value.p, h->value.n);
	p[h->value.n] = '\0';
	**tail = l;
	*tail = &l->next;
}

/* The list is built by hand, in the arena: curl only reads it. An empty value is spelled "Name;" for curl;
 * "Name:" keeps it from sending one of its own. */
static void build_lines(struct transfer *t, const struct upstream_request *r)
{
	bool has_accept = false, has_type = false;
	struct curl_slist **tail = &t->lines;

	t->lines = NULL;
	for (uint32_t i = 0; i < r->headers_n; i++) {
		const struct http_header *h = &r->headers[i];

		has_accept |= str_eq_nocase(h->name, STR("accept"));
		has_type |= str_eq_nocase(h->name, STR("content-type"));
		add_line(t, &tail, h, h->value.n ? STR(": ") : STR(";"));
	}
	if (!has_accept)
		add_line(t, &tail, &(struct http_header){.name = STR("Accept")}, STR(":"));
	if (!has_type)
		add_line(t, &tail, &(struct http_header){.name = STR("Content-Type")}, STR(":"));
	add_line(t, &tail, &(struct http_header){.name = STR("Expect")}, STR(":"));
}

static CURLcode set_body(struct transfer *t, const struct upstream_request *r)
{
	CURL *e = t->easy;
	CURLcode bad = CURLE_OK;

	if (r->is_pulled) {
		bad |= curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
		bad |= curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE,
			r->length == UINT64_MAX ? (curl_off_t)-1 : (curl_off_t)r->length);
		return bad;
	}
	if (r->has_body) {
		bad |= curl_easy_setopt(e, CURLOPT_POST, 1L);
		bad |= curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
		return bad | curl_easy_setopt(e, CURLOPT_POSTFIELDS, r->body.n ? r->body.p : "");
	}
	bad |= curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
	return bad | curl_easy_setopt(e, CURLOPT_NOBODY, str_eq(r->method, STR("HEAD")) ? 1L : 0L);
}

static bool set_request(struct transfer *t, const struct upstream_request *r)
{
	bool is_plain = r->has_body && !r->is_pulled ? str_eq(r->method, STR("POST"))
						     : str_eq(r->method, STR("GET"));
	CURL *e = t->easy;
	CURLcode bad = CURLE_OK;
	long version = r->is_http1 || !t->u->conf->has_http2 ? CURL_HTTP_VERSION_1_1
							     : CURL_HTTP_VERSION_2TLS;

	t->may_be_http2 =
		version == CURL_HTTP_VERSION_2TLS && str_starts(str_from(r->url), STR("https:"));
	build_lines(t, r);
	bad |= curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, NULL);
	bad |= set_body(t, r);
	bad |= curl_easy_setopt(e, CURLOPT_URL, r->url);
	bad |= curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->lines);
	bad |= curl_easy_setopt(e, CURLOPT_HTTP_VERSION, version);
	bad |= curl_easy_setopt(e, CURLOPT_FORBID_REUSE, t->u->idle_max ? 0L : 1L);
	bad |= curl_easy_setopt(e, CURLOPT_PIPEWAIT, t->may_be_http2 ? 1L : 0L);
	bad |= curl_easy_setopt(e, CURLOPT_VERBOSE, t->may_be_http2 ? 1L : 0L);
	if (!is_plain && (r->has_body || r->is_pulled || !str_eq(r->method, STR("HEAD"))))
		bad |= curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, arena_cstr(&t->arena, r->method));
	return bad == CURLE_OK && upstream_tls_route(t->u->tls, e, r->url);
}

bool upstream_set_request(struct transfer *t, const struct upstream_request *r)
{
	struct arena *a = &t->arena;
	bool is_set;

	if (arena_recover(a)) {
		arena_end_recover(a);
		return false;
	}
	is_set = set_request(t, r);
	arena_end_recover(a);
	return is_set;
}
