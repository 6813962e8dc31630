#include <curl/curl.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
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

/* ---- without curl -------------------------------------------------------------------------------------- */

/* "http://" and an authority that is a host or an address with or without a port; false when it is another URL. */
static bool cut_url(const char *url, str *authority, str *target)
{
	str s = str_from(url);
	size_t slash;

	if (!str_take(&s, STR("http://")))
		return false;
	slash = str_find_byte(s, '/');
	if (slash == STR_NONE || slash == 0)
		return false;
	*authority = str_sub(s, 0, slash);
	*target = str_sub(s, slash, s.n);
	return true;
}

static bool is_plain_authority(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], lower = (char)(c | 0x20);

		if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '.' &&
			c != '-' && c != '_' && c != ':' && c != '[' && c != ']')
			return false;
	}
	return true;
}

static bool is_plain_target(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == '#')
			return false;
	return true;
}

bool upstream_is_plain(const struct upstreams *u, const struct upstream_request *r)
{
	str authority, target;

	return !r->is_pulled && cut_url(r->url, &authority, &target) &&
	       is_plain_authority(authority) && is_plain_target(target) &&
	       upstream_tls_is_direct(u->tls, r->url);
}

/* "POST /v1/messages HTTP/1.1" to the empty line. */
static void write_head(struct buf *b, str authority, str target, const struct upstream_request *r)
{
	buf_add(b, r->method);
	buf_add_byte(b, ' ');
	buf_add(b, target);
	buf_add(b, STR(" HTTP/1.1\r\nHost: "));
	buf_add(b, authority);
	for (uint32_t i = 0; i < r->headers_n; i++) {
		buf_add(b, STR("\r\n"));
		buf_add(b, r->headers[i].name);
		buf_add(b, r->headers[i].value.n ? STR(": ") : STR(":"));
		buf_add(b, r->headers[i].value);
	}
	if (r->has_body) {
		buf_add(b, STR("\r\nContent-Length: "));
		buf_add_u64(b, r->body.n);
	}
	buf_add(b, STR("\r\n\r\n"));
}

static bool set_plain_request(struct transfer *t, const struct upstream_request *r)
{
	enum { OTHER_BYTES = 128 }; /* all but what comes from r, twice as much as it may be */
	size_t n = r->method.n + strlen(r->url) * 2 + OTHER_BYTES;
	str authority, target;
	struct buf b;

	if (!cut_url(r->url, &authority, &target))
		return false;
	for (uint32_t i = 0; i < r->headers_n; i++)
		n += r->headers[i].name.n + r->headers[i].value.n + strlen(": \r\n");
	buf_init_arena(&b, &t->arena, n);
	(void)buf_reserve(&b, n);
	write_head(&b, authority, target, r);
	t->plain_head = buf_str(&b);
	t->plain_body = r->has_body ? r->body : STR("");
	t->plain_authority = arena_str(&t->arena, authority);
	t->plain_url = arena_cstr(&t->arena, (str){r->url, (size_t)(target.p - r->url)});
	t->is_head_method = str_eq(r->method, STR("HEAD"));
	return !b.err;
}

/* ---- either way ---------------------------------------------------------------------------------------- */

bool upstream_set_request(struct transfer *t, const struct upstream_request *r)
{
	struct arena *a = &t->arena;
	bool is_set;

	if (arena_recover(a)) {
		arena_end_recover(a);
		return false;
	}
	is_set = t->is_plain ? set_plain_request(t, r) : set_request(t, r);
	arena_end_recover(a);
	return is_set;
}
