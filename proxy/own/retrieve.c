/* retrieve: originals of texts that were made smaller: /v1/retrieve, /v1/retrieve/HASH, /v1/retrieve/stats and
 * /v1/retrieve/tool_call, which answers a model's call of the tool headroom_retrieve. */
#include "core/base/excerpt.h"
#include "core/json/scan.h"
#include "core/store/original.h"
#include "proxy/metrics.h"
#include "proxy/own/own.h"

struct want {
	str hash;
	str lines; /* "A:B"; empty: all */
	str query; /* only lines with this text; empty: all */
};

/* ---- what is asked for ------------------------------------------------------------------------------- */

/* A string, or a number as it is spelled. */
static str read_text(const struct json_tape *t, uint32_t object, const char *key, struct arena *a)
{
	uint32_t node = json_member(t, object, key);
	str text;

	if (node == JSON_ABSENT)
		return STR_NULL;
	if (json_is(t, node, JSON_NUMBER))
		return json_text(t, node);
	return json_string(t, node, a, &text) ? text : STR_NULL;
}

static struct want read_want(const struct json_tape *t, uint32_t object, struct arena *a)
{
	return (struct want){.hash = read_text(t, object, "hash", a),
		.lines = read_text(t, object, "lines", a),
		.query = read_text(t, object, "query", a)};
}

/* ---- getting it -------------------------------------------------------------------------------------- */

/* The text in out; bytes is the size of the whole. Both buffers are on the heap: nothing here uses the arena. */
static enum err fetch(struct own_call *c, const struct want *want, struct buf *out, size_t *bytes,
	struct errctx *cx)
{
	struct excerpt excerpt = EXCERPT_ALL;
	struct buf whole;
	enum err err;

	excerpt.query = want->query;
	if (want->lines.n) {
		err = excerpt_parse_lines(want->lines, &excerpt, cx);
		if (err)
			return err_prefix(cx, "lines");
	}
	if (!want->lines.n && !want->query.n) {
		err = original_get(c->server->store, want->hash, out, cx);
		*bytes = out->n;
	} else {
		buf_init(&whole, STORE_TEXT_MAX);
		err = original_get(c->server->store, want->hash, &whole, cx);
		*bytes = whole.n;
		if (!err && !excerpt_add(&excerpt, buf_str(&whole), out))
			err = err_set(cx, E_NOT_FOUND, "no line of it is as asked for");
		buf_release(&whole);
	}
	if (!err && out->err)
		err = err_set(cx, out->err, "%s", err_text(out->err));
	if (!err)
		proxy_metrics_add(c->server->metrics, METRIC_RETRIEVALS, 1);
	return err;
}

static void write_found(struct json_writer *w, const struct want *want, str text, size_t bytes)
{
	json_write_str(w, "hash", want->hash);
	json_write_str(w, "original_content", text);
	json_write_u64(w, "original_bytes", bytes);
	json_write_bool(w, "is_whole", text.n == bytes);
}

/* Two originals that begin alike are the caller's to tell apart. */
static int status_of(enum err err)
{
	return err == E_FAILED ? 409 : err_http(err);
}

static void answer(struct own_call *c, const struct want *want)
{
	struct json_writer w;
	struct errctx cx = {0};
	struct buf text;
	size_t bytes = 0;
	enum err err;

	buf_init(&text, STORE_TEXT_MAX);
	err = fetch(c, want, &text, &bytes, &cx);
	if (err) {
		own_fail(c, status_of(err), "%s", cx.text);
	} else {
		own_begin(c, &w);
		write_found(&w, want, buf_str(&text), bytes);
		own_end(c, &w);
	}
	buf_release(&text);
}

void own_retrieve(struct own_call *c)
{
	struct want want = {.hash = c->x->route.own_arg};
	struct json_tape t;

	if (want.hash.n) {
		want.lines = own_param(c, "lines");
		want.query = own_param(c, "query");
		answer(c, &want);
		return;
	}
	if (!own_scan(c, &t))
		return;
	want = read_want(&t, 0, &c->x->arena);
	if (want.hash.n)
		answer(c, &want);
	else
		own_fail(c, 400, "hash required");
}

void own_retrieve_stats(struct own_call *c)
{
	struct server *s = c->server;
	bool is_in_memory = s->conf->is_stateless || !s->conf->store_file;
	struct store_stats st;
	struct json_writer w;

	(void)!store_flush(s->store, NULL);
	store_get_stats(s->store, &st);
	own_begin(c, &w);
	json_write_object(&w, "store");
	json_write_u64(&w, "entry_count", st.originals_n);
	json_write_u64(&w, "stored_bytes", st.original_bytes);
	json_write_u64(
		&w, "max_bytes", is_in_memory ? STORE_MEMORY_ORIGINAL_BYTES : STORE_ORIGINAL_BYTES);
	json_write_i64(&w, "total_retrievals", proxy_metrics_get(s->metrics, METRIC_RETRIEVALS));
	json_write_i64(&w, "ttl_seconds", STORE_KEEP_MS / 1000);
	json_write_end(&w);
	own_end(c, &w);
}

/* ---- a model's call ---------------------------------------------------------------------------------- */

enum call_shape { CALL_OTHER, CALL_ANTHROPIC, CALL_OPENAI };

struct tool_call {
	str id, name;
	struct want want;
};

/* {"id", "name", "input": {...}} */
static void read_anthropic(
	const struct json_tape *t, uint32_t call, struct arena *a, struct tool_call *out)
{
	uint32_t input = json_member(t, call, "input");

	out->id = read_text(t, call, "id", a);
	out->name = read_text(t, call, "name", a);
	if (input != JSON_ABSENT)
		out->want = read_want(t, input, a);
}

/* {"id", "function": {"name", "arguments": "{...}"}}, or the members of function beside call_id (Responses). */
static void read_openai(
	const struct json_tape *t, uint32_t call, struct arena *a, struct tool_call *out)
{
	uint32_t function = json_member(t, call, "function");
	struct json_tape inner;
	str arguments;

	out->id = read_text(t, call, "call_id", a);
	if (!out->id.n)
		out->id = read_text(t, call, "id", a);
	function = function == JSON_ABSENT ? call : function;
	out->name = read_text(t, function, "name", a);
	arguments = read_text(t, function, "arguments", a);
	if (arguments.n && json_scan(a, arguments, &inner, NULL) == E_OK)
		out->want = read_want(&inner, 0, a);
}

static enum call_shape read_call(const struct json_tape *t, struct arena *a, struct tool_call *out)
{
	uint32_t call = json_member(t, 0, "tool_call");
	str provider = read_text(t, 0, "provider", a);
	enum call_shape shape = str_eq_c(provider, "anthropic") ? CALL_ANTHROPIC
				: str_eq_c(provider, "openai")  ? CALL_OPENAI
								: CALL_OTHER;

	*out = (struct tool_call){0};
	if (call == JSON_ABSENT)
		return shape;
	if (shape == CALL_ANTHROPIC || json_member(t, call, "input") != JSON_ABSENT)
		read_anthropic(t, call, a, out);
	else
		read_openai(t, call, a, out);
	return shape;
}

static void write_result(
	struct json_writer *w, enum call_shape shape, const struct tool_call *call, str content)
{
	json_write_object(w, "tool_result");
	if (shape == CALL_ANTHROPIC)
		json_write_c(w, "type", "tool_result");
	else if (shape == CALL_OPENAI)
		json_write_c(w, "role", "tool");
	json_write_str(w, shape == CALL_ANTHROPIC ? "tool_use_id" : "tool_call_id", call->id);
	json_write_str(w, "content", content);
	json_write_end(w);
}

static void write_data(struct buf *data, const struct want *want, str text, size_t bytes,
	enum err err, const struct errctx *cx)
{
	struct json_writer w;

	json_write_init(&w, data, true);
	json_write_object(&w, NULL);
	if (err) {
		json_write_c(&w, "error", cx->text);
		json_write_str(&w, "hash", want->hash);
		json_write_c(&w, "status", err == E_NOT_FOUND ? "not_found" : "failed");
	} else {
		write_found(&w, want, text, bytes);
	}
	json_write_end(&w);
}

void own_retrieve_tool_call(struct own_call *c)
{
	struct json_tape t;
	struct json_writer w;
	struct tool_call call;
	struct errctx cx = {0};
	struct buf text, data;
	enum call_shape shape;
	size_t bytes = 0;
	enum err err;

	if (!own_scan(c, &t))
		return;
	shape = read_call(&t, &c->x->arena, &call);
	if (!wire_is_retrieve_tool(call.name)) {
		own_fail(c, 400, "tool_call is no call of headroom_retrieve");
		return;
	}
	buf_init(&text, STORE_TEXT_MAX);
	buf_init(&data, OWN_ANSWER_MAX);
	err = fetch(c, &call.want, &text, &bytes, &cx);
	write_data(&data, &call.want, buf_str(&text), bytes, err, &cx);
	own_begin(c, &w);
	write_result(&w, shape, &call, buf_str(&data));
	json_write_bool(&w, "success", !err);
	json_write_raw(&w, "data", buf_str(&data));
	own_end(c, &w);
	if (data.err)
		own_fail_err(c, data.err, NULL);
	buf_release(&data);
	buf_release(&text);
}
