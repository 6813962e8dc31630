#include "proxy/backend_ask.h"

#include <curl/curl.h>
#include <stdio.h>

#include "core/base/mem.h"
#include "proxy/upstream_tls.h"

static size_t on_bytes(char *p, size_t size, size_t n, void *self)
{
	struct buf *out = self;

	buf_add(out, (str){p, size * n});
	return out->err ? 0 : size * n;
}

static int on_progress(void *self, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct backend_ask *ask = self;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return ask->stop && atomic_load(ask->stop);
}

/* False: out of memory. */
static bool add_header(struct curl_slist **list, str name, str value)
{
	size_t n = name.n + value.n + 3;
	char *line = mem_alloc(n);
	struct curl_slist *more = NULL;

	if (line) {
		(void)snprintf(line, n, STR_FMT ": " STR_FMT, STR_ARG(name), STR_ARG(value));
		more = curl_slist_append(*list, line);
	}
	mem_free(line);
	if (more)
		*list = more;
	return more != NULL;
}

static bool set_options(
	CURL *easy, const struct backend_ask *ask, struct curl_slist *headers, struct buf *out)
{
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(easy, CURLOPT_URL, ask->url);
	bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)ask->timeout_ms);
	bad |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, ask->method);
	bad |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	bad |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
	bad |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, out);
	bad |= curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	bad |= curl_easy_setopt(easy, CURLOPT_XFERINFODATA, ask);
	bad |= curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	if (ask->body.n) {
		bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body.n);
		bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, ask->body.p);
	}
	if (ask->is_local)
		bad |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	else if (!upstream_tls_apply(ask->tls, easy) ||
		 !upstream_tls_route(ask->tls, easy, ask->url))
		return false;
	return bad == CURLE_OK;
}

str backend_ask_url(const struct backend_ask *ask)
{
	str url = str_from(ask->url);
	size_t q = str_find_byte(url, '?');

	return str_sub(url, 0, q == STR_NONE ? url.n : q);
}

static enum err fail(
	const struct backend_ask *ask, const struct buf *out, const char *why, struct errctx *cx)
{
	str url = backend_ask_url(ask);

	if (out->err)
		FAIL(cx, out->err, STR_FMT ": %s", STR_ARG(url), err_text(out->err));
	FAIL(cx, E_UNAVAILABLE, STR_FMT ": %s", STR_ARG(url), why);
}

enum err backend_ask(const struct backend_ask *ask, int *status, struct buf *out, struct errctx *cx)
{
	struct curl_slist *headers = NULL;
	CURL *easy = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;
	bool is_set = easy != NULL;
	long http = 0;

	for (size_t i = 0; is_set && i < ask->headers_n; i++)
		is_set = add_header(&headers, ask->headers[i].name, ask->headers[i].value);
	if (is_set && set_options(easy, ask, headers, out)) {
		code = curl_easy_perform(easy);
		(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &http);
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(easy);
	*status = (int)http;
	return code == CURLE_OK ? E_OK : fail(ask, out, curl_easy_strerror(code), cx);
}
