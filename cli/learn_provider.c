#include "cli/learn_provider.h"

#include <ctype.h>
#include <signal.h>

#include "cli/backend_conf.h"
#include "core/json/write.h"
#include "proxy/ask.h"
#include "proxy/backend.h"

enum {
	BODY_MAX = 4 << 20, /* of a prompt as JSON, and of an answer */
	TOKENS_MAX = 8192,  /* of an answer, where a limit must be said; forty rules are 5,000 */
	REASON_MAX = 200,   /* bytes of what a provider says of an error */
	OK = 200,
};

bool learn_provider_is(str model)
{
	size_t slash = str_find_byte(model, '/');

	if (slash == STR_NONE || slash + 1 == model.n || !isalnum((unsigned char)model.p[0]))
		return false;
	for (size_t i = 0; i < model.n; i++)
		if (!isalnum((unsigned char)model.p[i]) &&
			!memchr("-_.:@+/", model.p[i], i < slash ? 3 : 7))
			return false;
	return true;
}

/* ---- where ---------------------------------------------------------------------------------------------- */

static void make_headers(const struct proxy_conf *c, const struct backend_call *call,
	struct cli *cli, struct learn_provider *out)
{
	struct http_header headers[BACKEND_HEADERS];
	VEC(const char *) lines = {0};
	uint32_t n = 0;

	backend_headers(c, call, headers, &n, &cli->arena);
	for (uint32_t i = 0; i < n; i++)
		*vec_push(&lines, &cli->arena) =
			arena_printf(&cli->arena, STR_FMT ": " STR_FMT "%c",
				STR_ARG(headers[i].name), STR_ARG(headers[i].value), 0)
				.p;
	out->headers = lines.v;
	out->headers_n = lines.n;
}

enum err learn_provider_find(
	struct cli *cli, str model, struct learn_provider *out, struct errctx *cx)
{
	size_t slash = str_find_byte(model, '/');
	const struct provider_row *p = provider_find(str_sub(model, 0, slash));
	struct proxy_conf *conf = arena_new(&cli->arena, struct proxy_conf);
	const struct route route = {.kind = ROUTE_LLM, .endpoint = "", .path = STR("")};
	struct backend_call call = {.route = &route, .model = str_sub(model, slash + 1, model.n)};

	if (!p)
		return provider_unknown("--model", str_sub(model, 0, slash), cx);
	if ((p->dialect != WIRE_ANTHROPIC && p->dialect != WIRE_OPENAI_CHAT) ||
		p->auth == PROVIDER_AWS || p->auth == PROVIDER_GOOGLE)
		FAIL(cx, E_USAGE,
			"--model: %s is not asked by this command: name an agent or a command",
			p->name);
	TRY(backend_conf_of(cli, p, conf, cx));
	call.dialect = p->dialect;
	*out = (struct learn_provider){.name = p->name,
		.model = call.model,
		.dialect = p->dialect,
		.url = backend_url(conf, &call, &cli->arena),
		.ca_file = cli_env(cli, "SSL_CERT_FILE")};
	make_headers(conf, &call, cli, out);
	return E_OK;
}

/* ---- asking --------------------------------------------------------------------------------------------- */

/* Chat needs no limit, and models that think count their thoughts into it. */
static void write_body(const struct learn_provider *p, str prompt, struct buf *out)
{
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	json_write_str(&w, "model", p->model);
	if (p->dialect == WIRE_ANTHROPIC)
		json_write_u64(&w, "max_tokens", TOKENS_MAX);
	json_write_array(&w, "messages");
	json_write_object(&w, NULL);
	json_write_c(&w, "role", "user");
	json_write_str(&w, "content", prompt);
	json_write_end(&w);
	json_write_end(&w);
	json_write_end(&w);
}

/* A string, or a list of parts of which those of text count. */
static bool add_text(const struct json_tape *t, uint32_t content, struct arena *a, struct buf *out)
{
	size_t before = out->n;
	str s;

	if (content == JSON_ABSENT)
		return false;
	if (json_string(t, content, a, &s)) {
		buf_add(out, s);
		return true;
	}
	if (!json_is(t, content, JSON_ARRAY))
		return false;
	for (struct json_iter it = json_iter(t, content); json_next(&it);) {
		uint32_t text = json_is(t, it.value, JSON_OBJECT) ? json_member(t, it.value, "text")
								  : JSON_ABSENT;

		if (text != JSON_ABSENT && json_string(t, text, a, &s))
			buf_add(out, s);
	}
	return out->n > before;
}

/* Sources: the API references of Anthropic (Messages) and OpenAI (Chat Completions). */
static uint32_t content_of(const struct json_tape *t, enum wire_format dialect)
{
	uint32_t list, message;
	struct json_iter it;

	if (!json_is(t, 0, JSON_OBJECT))
		return JSON_ABSENT;
	if (dialect == WIRE_ANTHROPIC)
		return json_member(t, 0, "content");
	list = json_member(t, 0, "choices");
	if (list == JSON_ABSENT || !json_is(t, list, JSON_ARRAY))
		return JSON_ABSENT;
	it = json_iter(t, list);
	if (!json_next(&it) || !json_is(t, it.value, JSON_OBJECT))
		return JSON_ABSENT;
	message = json_member(t, it.value, "message");
	if (message == JSON_ABSENT || !json_is(t, message, JSON_OBJECT))
		return JSON_ABSENT;
	return json_member(t, message, "content");
}

/* What it says of an error, up to the end of a line; empty: nothing that can be read. */
static str reason_of(const struct json_tape *t, struct arena *a)
{
	uint32_t error = json_is(t, 0, JSON_OBJECT) ? json_member(t, 0, "error") : JSON_ABSENT;
	size_t n = 0;
	str s;

	if (error != JSON_ABSENT && json_is(t, error, JSON_OBJECT))
		error = json_member(t, error, "message");
	if (error == JSON_ABSENT || !json_string(t, error, a, &s))
		return STR("");
	while (n < s.n && n < REASON_MAX && s.p[n] >= ' ' && s.p[n] <= '~')
		n++;
	return str_sub(s, 0, n);
}

static enum err read_answer(struct cli *cli, const struct learn_provider *p, int status, str body,
	struct buf *answer, struct errctx *cx)
{
	struct json_tape t;
	bool is_json = json_scan(&cli->arena, body, &t, NULL) == E_OK;
	str why = is_json ? reason_of(&t, &cli->arena) : STR("");

	if (status != OK)
		FAIL(cx, E_FAILED, "%s answers with status %d%s" STR_FMT, p->name, status,
			why.n ? ": " : "", STR_ARG(why));
	if (!is_json || !add_text(&t, content_of(&t, p->dialect), &cli->arena, answer))
		FAIL(cx, E_MALFORMED, "the answer of %s has no text", p->name);
	return answer->err ? err_set(cx, answer->err, "the answer is too long") : E_OK;
}

static enum err send(struct cli *cli, const struct learn_provider *p, const struct ask *ask,
	struct buf *answer, struct errctx *cx)
{
	/* libcurl leaves the signal of a TLS connection that breaks to us. */
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	struct errctx why = {0};
	struct buf got;
	int status;
	enum err e;

	buf_init(&got, BODY_MAX);
	e = ask_server(ask, &status, &got, &why);
	(void)signal(SIGPIPE, old);
	if (e)
		e = err_set(cx, e, "%s: %s", p->name, why.text);
	else
		e = read_answer(cli, p, status, buf_str(&got), answer, cx);
	buf_release(&got);
	return e;
}

enum err learn_provider_ask(struct cli *cli, const struct learn_provider *p, str prompt,
	int64_t timeout_ms, struct buf *answer, struct errctx *cx)
{
	struct ask ask = {.url = p->url,
		.timeout_ms = timeout_ms,
		.headers = p->headers,
		.headers_n = p->headers_n,
		.ca_file = p->ca_file};
	struct buf body;

	buf_init_arena(&body, &cli->arena, BODY_MAX);
	write_body(p, prompt, &body);
	if (body.err)
		FAIL(cx, body.err, "the rules are too long to ask about");
	ask.body = buf_str(&body);
	return send(cli, p, &ask, answer, cx);
}
