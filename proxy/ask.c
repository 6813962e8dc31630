#include "proxy/ask.h"

#include <curl/curl.h>
#include <stdio.h>

enum { TOKEN_HEADER_MAX = 4096 };

/* Where the body goes. */
struct sink {
	CURL *h;
	struct buf *out;  /* NULL: to fn */
	ask_piece_fn *fn; /* of a stream */
	void *self;
	bool is_ended; /* fn wants no more */
	bool is_far;   /* perhaps not of this machine */
};

static size_t take_body(char *p, size_t size, size_t n, void *to)
{
	struct sink *s = to;
	long status = 0;

	if (s->out) {
		buf_add(s->out, (str){p, size * n});
		return s->out->err ? 0 : size * n;
	}
	(void)curl_easy_getinfo(s->h, CURLINFO_RESPONSE_CODE, &status);
	s->is_ended = status == 200 && !s->fn(s->self, (str){p, size * n});
	return s->is_ended ? 0 : size * n;
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
	for (size_t i = 0; i < a->headers_n; i++)
		if (!add_header(out, a->headers[i]))
			return false;
	if (!a->token.n || a->token.n >= sizeof line / 2)
		return true;
	(void)snprintf(line, sizeof line, "x-headroom-proxy-token: " STR_FMT, STR_ARG(a->token));
	return add_header(out, line);
}

/* HTTP proxies are for https alone: what is asked by http is near. */
static void set_way(CURL *h, const struct ask *a, bool is_far)
{
	if (!is_far || str_starts(str_from(a->url), STR("http://")))
		(void)curl_easy_setopt(h, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, is_far ? "http,https" : "http");
	if (a->ca_file)
		(void)curl_easy_setopt(h, CURLOPT_CAINFO, a->ca_file);
}

/* curl_easy_setopt is a macro that checks types; its results say only that an option is not built in. */
static void set_options(
	CURL *h, const struct ask *a, const struct curl_slist *headers, struct sink *sink)
{
	(void)curl_easy_setopt(h, CURLOPT_URL, a->url);
	set_way(h, a, sink->is_far);
	(void)curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	if (sink->out) {
		(void)curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)a->timeout_ms);
	} else {
		(void)curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)a->timeout_ms);
		(void)curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
		(void)curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (long)(a->timeout_ms / 1000));
	}
	(void)curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(h, CURLOPT_WRITEDATA, sink);
	(void)curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
	if (!a->body.p)
		return;
	(void)curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)a->body.n);
	(void)curl_easy_setopt(h, CURLOPT_POSTFIELDS, a->body.p);
}

static enum err describe(CURLcode code, const struct sink *sink, struct errctx *cx)
{
	if (code == CURLE_OK || sink->is_ended)
		return E_OK;
	if (sink->out && sink->out->err)
		FAIL(cx, sink->out->err, "%s", err_text(sink->out->err));
	if (code == CURLE_COULDNT_CONNECT && !sink->is_far)
		FAIL(cx, E_NOT_FOUND, "nothing listens there");
	if (code == CURLE_OPERATION_TIMEDOUT)
		FAIL(cx, E_TIMEOUT, "no answer in time");
	FAIL(cx, sink->is_far ? E_UNAVAILABLE : E_FAILED, "%s", curl_easy_strerror(code));
}

static enum err perform(const struct ask *ask, int *status, struct sink *sink, struct errctx *cx)
{
	CURL *h = curl_easy_init();
	struct curl_slist *headers = NULL;
	CURLcode code = CURLE_OUT_OF_MEMORY;
	long answered = 0;

	*status = 0;
	sink->h = h;
	if (h && make_headers(ask, &headers)) {
		set_options(h, ask, headers, sink);
		code = curl_easy_perform(h);
		(void)curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &answered);
		*status = (int)answered;
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(h);
	return describe(code, sink, cx);
}

enum err ask_loopback(const struct ask *ask, int *status, struct buf *out, struct errctx *cx)
{
	return perform(ask, status, &(struct sink){.out = out}, cx);
}

enum err ask_server(const struct ask *ask, int *status, struct buf *out, struct errctx *cx)
{
	return perform(ask, status, &(struct sink){.out = out, .is_far = true}, cx);
}

enum err ask_stream(
	const struct ask *ask, int *status, ask_piece_fn *fn, void *self, struct errctx *cx)
{
	return perform(ask, status, &(struct sink){.fn = fn, .self = self}, cx);
}
