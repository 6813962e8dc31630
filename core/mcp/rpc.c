#include "core/mcp/rpc.h"

static void write_head(struct json_writer *w, struct buf *out)
{
	json_write_init(w, out, false);
	json_write_object(w, NULL);
	json_write_c(w, "jsonrpc", "2.0");
}

static void write_id(struct json_writer *w, str id)
{
	if (id.n)
		json_write_raw(w, "id", id);
	else
		json_write_null(w, "id");
}

void rpc_begin_result(struct json_writer *w, struct buf *out, str id)
{
	write_head(w, out);
	write_id(w, id);
	json_write_key(w, STR("result"));
}

void rpc_begin_notification(struct json_writer *w, struct buf *out, const char *method)
{
	write_head(w, out);
	json_write_c(w, "method", method);
	json_write_key(w, STR("params"));
}

void rpc_end_result(struct json_writer *w)
{
	json_write_end(w);
}

void rpc_write_error(struct buf *out, str id, enum rpc_code code, str text)
{
	struct json_writer w;

	write_head(&w, out);
	write_id(&w, id);
	json_write_object(&w, "error");
	json_write_i64(&w, "code", code);
	json_write_str(&w, "message", text);
	json_write_end(&w);
	json_write_end(&w);
}

static bool is_whole(str number)
{
	for (size_t i = number.p[0] == '-'; i < number.n; i++)
		if (number.p[i] < '0' || number.p[i] > '9')
			return false;
	return true;
}

/* False when there is one that is none. */
static bool read_id(const struct json_tape *t, uint32_t node, struct arena *a, str *out)
{
	str id, ignored;

	if (node == JSON_ABSENT)
		return true;
	id = json_text(t, node);
	if (id.n > RPC_ID_MAX)
		return false;
	if (json_is(t, node, JSON_STRING)) {
		if (!json_string(t, node, a, &ignored))
			return false;
	} else if (!json_is(t, node, JSON_NUMBER) || !is_whole(id)) {
		return false;
	}
	*out = id;
	return true;
}

static void refuse(struct rpc_message *m, enum rpc_code code, const char *why)
{
	m->kind = RPC_INVALID;
	m->code = code;
	m->why = why;
}

void rpc_read(const struct json_tape *t, uint32_t node, struct arena *a, struct rpc_message *out)
{
	uint32_t id, method, version;

	*out = (struct rpc_message){.params = JSON_ABSENT};
	if (!json_is(t, node, JSON_OBJECT)) {
		refuse(out, RPC_INVALID_REQUEST, "a message is an object");
		return;
	}
	id = json_member(t, node, "id");
	method = json_member(t, node, "method");
	version = json_member(t, node, "jsonrpc");
	if (!read_id(t, id, a, &out->id)) {
		refuse(out, RPC_INVALID_REQUEST, "id must be a string or a whole number");
		return;
	}
	if (version == JSON_ABSENT || !json_string_is(t, version, "2.0")) {
		refuse(out, RPC_INVALID_REQUEST, "jsonrpc must be \"2.0\"");
		return;
	}
	if (method == JSON_ABSENT && (json_member(t, node, "result") != JSON_ABSENT ||
					     json_member(t, node, "error") != JSON_ABSENT)) {
		out->kind = RPC_RESPONSE;
		return;
	}
	if (method == JSON_ABSENT || !json_string(t, method, a, &out->method)) {
		refuse(out, RPC_INVALID_REQUEST, "method must be a string");
		return;
	}
	out->kind = id == JSON_ABSENT ? RPC_NOTIFICATION : RPC_REQUEST;
	out->params = json_member(t, node, "params");
	if (out->params != JSON_ABSENT && !json_is(t, out->params, JSON_OBJECT))
		refuse(out, RPC_INVALID_PARAMS, "params must be an object");
}
