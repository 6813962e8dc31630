/* retrieve: originals of texts that were made smaller: /v1/retrieve, /v1/retrieve/HASH, /v1/retrieve/stats and
 * /v1/retrieve/tool_call, which answers a model's call of the tool headroom_retrieve. */
#include "core/json/scan.h"
#include "core/retrieve/retrieve.h"
#include "core/store/feedback.h"
#include "core/store/original.h"
#include "proxy/metrics.h"
#include "proxy/own/own.h"

/* ---- getting it -------------------------------------------------------------------------------------- */

/* How the answer is made of an original. */
typedef enum err part_fn(
	const struct retrieve_want *w, str original, struct buf *out, struct errctx *cx);

/* The answer in out; bytes is the size of the whole. Buffers are on the heap: nothing here uses the arena. */
static enum err fetch(struct own_call *c, const struct retrieve_want *want, part_fn *part,
	struct buf *out, size_t *bytes, struct errctx *cx)
{
	struct server *s = c->server;
	struct buf whole;
	enum err err;

	buf_init(&whole, STORE_TEXT_MAX);
	err = original_get_for(s->store, exchange_tenant(c->x), want->hash, &whole, cx);
	*bytes = whole.n;
	if (!err)
		err = part(want, buf_str(&whole), out, cx);
	buf_release(&whole);
	if (err)
		return err;
	proxy_metrics_add(s->metrics, METRIC_RETRIEVALS, 1);
	if (s->conf->compress.learns)
		(void)!feedback_retrieved(s->store, want->hash, !retrieve_is_part(want), NULL);
	return E_OK;
}

/* Two originals that begin alike are the caller's to tell apart; one that was here and is no longer is told from one
 * that never was. */
static int status_of(struct own_call *c, const struct retrieve_want *want, enum err err)
{
	if (err == E_NOT_FOUND &&
		original_is_gone(c->server->store, exchange_tenant(c->x), want->hash))
		return 410;
	return err == E_FAILED ? 409 : err_http(err);
}

static void answer(struct own_call *c, const struct retrieve_want *want)
{
	struct json_writer w;
	struct errctx cx = {0};
	struct buf text;
	size_t bytes = 0;
	enum err err;

	buf_init(&text, STORE_TEXT_MAX);
	err = fetch(c, want, retrieve_bytes, &text, &bytes, &cx);
	if (err) {
		own_fail(c, status_of(c, want, err), "%s", cx.text);
	} else {
		own_begin(c, &w);
		json_write_str(&w, "hash", want->hash);
		json_write_str(&w, "original_content", buf_str(&text));
		json_write_u64(&w, "original_bytes", bytes);
		json_write_bool(&w, "is_whole", !retrieve_is_part(want));
		own_end(c, &w);
	}
	buf_release(&text);
}

static bool read_params(struct own_call *c, struct retrieve_want *want)
{
	want->lines = own_param(c, "lines");
	want->rows = own_param(c, "rows");
	want->query = own_param(c, "query");
	return own_param_u64(c, "offset", 0, UINT64_MAX, &want->offset) &&
	       own_param_u64(c, "limit", 0, UINT64_MAX, &want->limit);
}

void own_retrieve(struct own_call *c)
{
	struct retrieve_want want = {.hash = c->x->route.own_arg};
	struct errctx cx = {0};
	struct json_tape t;
	enum err err;

	if (want.hash.n) {
		if (read_params(c, &want))
			answer(c, &want);
		return;
	}
	if (!own_scan(c, &t))
		return;
	err = retrieve_want_read(&t, 0, &c->x->arena, &want, &cx);
	if (!want.hash.n)
		own_fail(c, 400, "hash required");
	else if (err)
		own_fail(c, 400, "%s", cx.text);
	else
		answer(c, &want);
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
	struct retrieve_want want;
	struct errctx wrong; /* with the arguments */
};

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

/* {"id", "name", "input": {...}} */
static void read_anthropic(
	const struct json_tape *t, uint32_t call, struct arena *a, struct tool_call *out)
{
	uint32_t input = json_member(t, call, "input");

	out->id = read_text(t, call, "id", a);
	out->name = read_text(t, call, "name", a);
	if (input != JSON_ABSENT)
		(void)!retrieve_want_read(t, input, a, &out->want, &out->wrong);
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
	if (json_scan(a, arguments, &inner, &out->wrong) == E_OK)
		(void)!retrieve_want_read(&inner, 0, a, &out->want, &out->wrong);
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

static const char *status_word(struct own_call *c, const struct tool_call *call, enum err err)
{
	if (err != E_NOT_FOUND)
		return "failed";
	return original_is_gone(c->server->store, exchange_tenant(c->x), call->want.hash)
		       ? "expired"
		       : "not_found";
}

/* What a program may want to know besides. */
static void write_data(struct own_call *c, struct json_writer *w, const struct tool_call *call,
	size_t bytes, enum err err, str text)
{
	json_write_object(w, "data");
	json_write_str(w, "hash", call->want.hash);
	if (err) {
		json_write_str(w, "error", text);
		json_write_c(w, "status", status_word(c, call, err));
	} else {
		json_write_u64(w, "original_bytes", bytes);
		json_write_bool(w, "is_whole", !retrieve_is_part(&call->want));
	}
	json_write_end(w);
}

void own_retrieve_tool_call(struct own_call *c)
{
	struct json_tape t;
	struct json_writer w;
	struct tool_call call;
	struct buf text;
	enum call_shape shape;
	size_t bytes = 0;
	enum err err;
	str content;

	if (!own_scan(c, &t))
		return;
	shape = read_call(&t, &c->x->arena, &call);
	if (!wire_is_retrieve_tool(call.name)) {
		own_fail(c, 400, "tool_call is no call of headroom_retrieve");
		return;
	}
	buf_init(&text, 2 * RETRIEVE_ANSWER_MAX);
	err = call.wrong.code;
	if (!err)
		err = fetch(c, &call.want, retrieve_answer_apart, &text, &bytes, &call.wrong);
	content = err ? str_from(call.wrong.text) : buf_str(&text);
	own_begin(c, &w);
	write_result(&w, shape, &call, content);
	json_write_bool(&w, "success", !err);
	write_data(c, &w, &call, bytes, err, content);
	own_end(c, &w);
	buf_release(&text);
}
