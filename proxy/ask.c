#include "proxy/ask.h"

#include <curl/curl.h>
#include <stdio.h>

enum { TOKEN_HEADER_MAX = 4096 };

static size_t take_body(char *p, size_t size, size_t n, void *to)
{
	struct buf *b = to;

	buf_add(b, (str){p, size * n});
	return b->err ? 0 : size * n;
}

/* False: out of memory. */
static bool add_header(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer)
		*list = longer;
	return longer != NULL;
}

static bool make_headers(const struct ask *a, struct curl_slist **out)
{
	char line[TOKEN_HEADER_MAX];

	*out = NULL;
	if (a->body.p && !add_header(out, "content-type: application/json"))
		return false;
	if (!a->token.n || a->token.n >= sizeof line / 2)
		return true;
	(void)snprintf(line, sizeof line, "x-headroom-proxy-token: " STR_FMT, STR_ARG(a->token));
	return add_header(out, line);
}

/* curl_easy_setopt is a macro that checks types; its results say only that an option is not built in. */
static void set_options(
	CURL *h, const struct ask *a, const struct curl_slist *headers, struct buf *out)
{
	(void)curl_easy_setopt(h, CURLOPT_URL, a->url);
	(void)curl_easy_setopt(h, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http");
	(void)curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)a->timeout_ms);
	(void)curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(h, CURLOPT_WRITEDATA, out);
	(void)curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
	if (!a->body.p)
		return;
	(void)curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)a->body.n);
	(void)curl_easy_setopt(h, CURLOPT_POSTFIELDS, a->body.p);
}

static enum err describe(CURLcode code, const struct buf *out, struct errctx *cx)
{
	if (code == CURLE_OK)
		return E_OK;
	if (out->err)
		FAIL(cx, out->err, "%s", err_text(out->err));
	if (code == CURLE_COULDNT_CONNECT)
		FAIL(cx, E_NOT_FOUND, "nothing listens there");
	if (code == CURLE_OPERATION_TIMEDOUT)
		FAIL(cx, E_TIMEOUT, "no answer in time");
	FAIL(cx, E_FAILED, "%s", curl_easy_strerror(code));
}

enum err ask_loopback(const struct ask *ask, int *status, struct buf *out, struct errctx *cx)
{
	CURL *h = curl_easy_init();
	struct curl_slist *headers = NULL;
	CURLcode code = CURLE_OUT_OF_MEMORY;
	long answered = 0;

	*status = 0;
	if (h && make_headers(ask, &headers)) {
		set_options(h, ask, headers, out);
		code = curl_easy_perform(h);
		(void)curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &answered);
		*status = (int)answered;
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(h);
	return describe(code, out, cx);
}
