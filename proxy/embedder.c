#include "proxy/embedder.h"

#include <stdatomic.h>
#include <stdio.h>

#include "core/base/mem.h"
#include "core/json/scan.h"
#include "proxy/ask.h"

enum {
	/* A request has 32 texts of 2,000 bytes, each of which may be six times as long in JSON; an answer 32 vectors of 4,096 numbers of
	 * some twenty letters. */
	BODY_MAX = 4 << 20,
	URL_MAX = 900,
	KEY_MAX = 4096,
	REASON_MAX = 200, /* bytes of what an endpoint says of an error */
	CHECK_MS = 20000, /* Ollama loads the model when it is asked for the first time */
	OK = 200,
};

struct proxy_embedder {
	struct embedder face;
	char url[URL_MAX + 16], name[EMBEDDER_NAME_MAX];
	char *header; /* the key; NULL: none */
	str model;    /* in name */
	const char *ca_file;
	const struct log *log;
	atomic_uint_least64_t asked, failed;
	atomic_bool is_down; /* said once */
};

/* What it says of an error, up to the end of a line; empty: nothing that can be read. */
static str reason_of(str body, struct arena *a)
{
	struct json_tape t;
	uint32_t error;
	size_t n = 0;
	str s;

	if (json_scan(a, body, &t, NULL) || !json_is(&t, 0, JSON_OBJECT))
		return STR_NULL;
	error = json_member(&t, 0, "error");
	if (error != JSON_ABSENT && json_is(&t, error, JSON_OBJECT))
		error = json_member(&t, error, "message");
	if (error == JSON_ABSENT || !json_string(&t, error, a, &s))
		return STR_NULL;
	while (n < s.n && n < REASON_MAX && s.p[n] >= ' ' && s.p[n] <= '~')
		n++;
	return str_sub(s, 0, n);
}

static enum err post(const struct proxy_embedder *p, str body, int64_t timeout_ms, struct arena *a,
	str *out, struct errctx *cx)
{
	const char *headers[] = {p->header};
	struct ask ask = {.url = p->url,
		.body = body,
		.timeout_ms = timeout_ms,
		.headers = headers,
		.headers_n = p->header ? 1 : 0,
		.ca_file = p->ca_file};
	struct buf got;
	int status;
	enum err e;

	buf_init(&got, BODY_MAX);
	e = ask_server(&ask, &status, &got, cx);
	*out = e ? STR_NULL : arena_str(a, buf_str(&got));
	buf_release(&got);
	if (!e && status != OK) {
		str why = reason_of(*out, a);

		e = err_set(cx, E_FAILED, "it answers with status %d%s" STR_FMT, status,
			why.n ? ": " : "", STR_ARG(why));
	}
	return e;
}

/* The state is said when it changes. */
static void count(struct proxy_embedder *p, enum err e, const struct errctx *cx)
{
	bool was_down = atomic_exchange(&p->is_down, e != E_OK);

	(void)atomic_fetch_add(&p->asked, 1);
	(void)atomic_fetch_add(&p->failed, e ? 1 : 0);
	if (e && !was_down && p->log)
		LOG(p->log, LOG_LEVEL_WARN, "memory_embedder_failed",
			log_s("url", str_from(p->url)), log_s("why", str_from(cx->text)));
	if (!e && was_down && p->log)
		LOG(p->log, LOG_LEVEL_INFO, "memory_embedder_back", log_s("url", str_from(p->url)));
}

static enum err ask(void *self, const str *texts, size_t n, int64_t timeout_ms, struct arena *a,
	str *vectors, struct errctx *cx)
{
	struct proxy_embedder *p = self;
	struct buf body;
	str answer = STR_NULL;
	enum err e;

	buf_init_arena(&body, a, BODY_MAX);
	embedder_write(p->model, texts, n, &body);
	if (body.err)
		FAIL(cx, body.err, "%s", err_text(body.err));
	e = post(p, buf_str(&body), timeout_ms, a, &answer, cx);
	e = e ? e : embedder_read(answer, n, a, vectors, cx);
	count(p, e, cx);
	return e;
}

enum err proxy_embedder_check(struct proxy_embedder *p, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct errctx why = {0};
	str text = STR("a memory"), vector;
	enum err e = ask(p, &text, 1, CHECK_MS, &a, &vector, &why);

	if (!e && !vector.n)
		e = err_set(&why, E_MALFORMED, "its vector of a text is nothing");
	arena_release(&a);
	if (e)
		FAIL(cx, E_CONFIG, "the embedder %s cannot be used: %s", p->url, why.text);
	return E_OK;
}

static bool is_printable(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

enum err proxy_embedder_conf_check(const struct proxy_embedder_conf *c, struct errctx *cx)
{
	if ((!str_starts(c->url, STR("http://")) && !str_starts(c->url, STR("https://"))) ||
		c->url.n > URL_MAX || !is_printable(c->url) ||
		str_find_byte(c->url, '@') != STR_NONE)
		FAIL(cx, E_USAGE,
			"%s: builtin, or the http or https URL of an endpoint such as "
			"http://127.0.0.1:11434/v1",
			c->label ? c->label : "--memory-embedder");
	if (!c->model.n || c->model.n > EMBEDDER_NAME_MAX - URL_MAX - 32 || !is_printable(c->model))
		FAIL(cx, E_USAGE,
			"--memory-embedder-model: say which model the endpoint is asked for");
	if (c->key.n > KEY_MAX || !is_printable(c->key))
		FAIL(cx, E_CONFIG, "HEADROOM_MEMORY_EMBEDDER_KEY: no key of an API looks so");
	return E_OK;
}

enum err proxy_embedder_new(
	const struct proxy_embedder_conf *c, struct proxy_embedder **out, struct errctx *cx)
{
	static const char bearer[] = "authorization: Bearer ";
	struct proxy_embedder *p;
	str url = c->url;
	size_t n;

	*out = NULL;
	TRY(proxy_embedder_conf_check(c, cx));
	p = mem_zalloc(sizeof *p);
	if (p && c->key.n)
		p->header = mem_alloc(sizeof bearer + c->key.n);
	if (!p || (c->key.n && !p->header)) {
		mem_free(p);
		FAIL(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	}
	while (str_ends(url, STR("/")))
		url.n--;
	(void)snprintf(p->url, sizeof p->url, STR_FMT "%s", STR_ARG(url),
		str_ends(url, STR("/embeddings")) ? "" : "/embeddings");
	n = (size_t)snprintf(p->name, sizeof p->name, "%s ", p->url);
	memcpy(p->name + n, c->model.p, c->model.n);
	p->model = (str){p->name + n, c->model.n};
	if (p->header)
		(void)snprintf(
			p->header, sizeof bearer + c->key.n, "%s" STR_FMT, bearer, STR_ARG(c->key));
	p->ca_file = c->ca_file;
	p->log = c->log;
	p->face = (struct embedder){str_from(p->name), ask, p};
	*out = p;
	return E_OK;
}

void proxy_embedder_free(struct proxy_embedder *p)
{
	if (!p)
		return;
	mem_free(p->header);
	mem_free(p);
}

const struct embedder *proxy_embedder_of(const struct proxy_embedder *p)
{
	return &p->face;
}

struct proxy_embedder_counts proxy_embedder_counts(struct proxy_embedder *p)
{
	return (struct proxy_embedder_counts){atomic_load(&p->asked), atomic_load(&p->failed)};
}
