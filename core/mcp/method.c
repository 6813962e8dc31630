/* What is answered at once: the methods but tools/call, and notifications. */
#include <stdio.h>

#include "core/mcp/mcp_internal.h"

static const char *const versions[] = {
#define X(id, name) name,
	MCP_VERSION_MAP(X)
#undef X
};

/* Levels of logging/setLevel, the least important first (RFC 5424, section 6.2.1). */
static const char *const levels[] = {
	"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"};

bool mcp_log_level_parse(str name, int *out)
{
	for (size_t i = 0; i < ARRAY_N(levels); i++)
		if (str_eq_c(name, levels[i])) {
			*out = (int)i;
			return true;
		}
	return false;
}

/* A member of the params as text; false when it is absent or none. */
static bool param(struct line *l, const struct rpc_message *msg, const char *key, str *out)
{
	uint32_t node =
		msg->params == JSON_ABSENT ? JSON_ABSENT : json_member(&l->tape, msg->params, key);

	return node != JSON_ABSENT && json_string(&l->tape, node, &l->arena, out);
}

/* ---- initialize ---------------------------------------------------------------------------------------- */

static void write_server(struct json_writer *w, const struct mcp_server *m)
{
	json_write_c(w, "protocolVersion", versions[m->version]);
	json_write_object(w, "capabilities");
	json_write_object(w, "tools");
	json_write_bool(w, "listChanged", false);
	json_write_end(w);
	json_write_object(w, "logging");
	json_write_end(w);
	json_write_end(w);
	json_write_object(w, "serverInfo");
	json_write_c(w, "name", m->conf.name);
	if (m->version >= MCP_2025_06_18)
		json_write_c(w, "title", m->conf.title);
	json_write_c(w, "version", m->conf.version);
	json_write_end(w);
	if (m->conf.instructions)
		json_write_c(w, "instructions", m->conf.instructions);
}

/* The client's revision where it is known, else the newest, which it may refuse (MCP, "Lifecycle"). */
static enum mcp_version negotiate(str wanted)
{
	for (size_t i = 0; i < ARRAY_N(versions); i++)
		if (str_eq_c(wanted, versions[i]))
			return (enum mcp_version)i;
	return MCP_VERSION_N - 1;
}

static void initialize(struct line *l, const struct rpc_message *msg)
{
	struct mcp_server *m = l->server;
	struct json_writer w;
	struct buf frame;
	str wanted;

	if (m->is_initialized || l->is_batch) {
		mcp_emit_error(l, msg->id, RPC_INVALID_REQUEST,
			l->is_batch ? STR("initialize must not be in a batch")
				    : STR("initialized already"));
		return;
	}
	if (!param(l, msg, "protocolVersion", &wanted)) {
		mcp_emit_error(
			l, msg->id, RPC_INVALID_PARAMS, STR("protocolVersion must be a string"));
		return;
	}
	m->version = negotiate(wanted);
	m->is_initialized = true;
	buf_init(&frame, MCP_ANSWER_MAX);
	rpc_begin_result(&w, &frame, msg->id);
	json_write_object(&w, NULL);
	write_server(&w, m);
	json_write_end(&w);
	rpc_end_result(&w);
	mcp_emit(l, &frame);
}

/* ---- small ones ---------------------------------------------------------------------------------------- */

static void ping(struct line *l, const struct rpc_message *msg)
{
	struct json_writer w;
	struct buf frame;

	buf_init(&frame, MCP_ANSWER_MAX);
	rpc_begin_result(&w, &frame, msg->id);
	json_write_object(&w, NULL);
	json_write_end(&w);
	rpc_end_result(&w);
	mcp_emit(l, &frame);
}

static void set_level(struct line *l, const struct rpc_message *msg)
{
	struct mcp_server *m = l->server;
	int level;
	str name;

	if (!param(l, msg, "level", &name) || !mcp_log_level_parse(name, &level)) {
		mcp_emit_error(l, msg->id, RPC_INVALID_PARAMS,
			STR("level must be one of debug, info, notice, warning, error, critical, "
			    "alert, emergency"));
		return;
	}
	pthread_mutex_lock(&m->lock);
	m->log_level = level;
	pthread_mutex_unlock(&m->lock);
	ping(l, msg); /* the answer is as empty */
}

/* ---- tools/list ---------------------------------------------------------------------------------------- */

static void write_tool(struct json_writer *w, const struct mcp_tool *t, enum mcp_version v)
{
	json_write_object(w, NULL);
	json_write_c(w, "name", t->name);
	if (v >= MCP_2025_06_18)
		json_write_c(w, "title", t->title);
	json_write_c(w, "description", t->description);
	json_write_raw(w, "inputSchema", str_from(t->input_schema));
	if (v >= MCP_2025_06_18 && t->output_schema)
		json_write_raw(w, "outputSchema", str_from(t->output_schema));
	if (v >= MCP_2025_03_26) {
		json_write_object(w, "annotations");
		json_write_c(w, "title", t->title);
		json_write_bool(w, "readOnlyHint", t->is_read_only);
		json_write_bool(w, "destructiveHint", false);
		json_write_bool(w, "idempotentHint", true);
		json_write_bool(w, "openWorldHint", false);
		json_write_end(w);
	}
	json_write_end(w);
}

/* A cursor is the number of tools before it. */
static void list_tools(struct line *l, const struct rpc_message *msg)
{
	const struct mcp_conf *conf = &l->server->conf;
	uint64_t from = 0;
	struct json_writer w;
	struct buf frame;
	char next[24];
	str cursor;
	size_t end;

	if (msg->params != JSON_ABSENT &&
		json_member(&l->tape, msg->params, "cursor") != JSON_ABSENT &&
		(!param(l, msg, "cursor", &cursor) || !str_u64(cursor, &from) || !from ||
			from >= conf->tools_n || from % MCP_PAGE)) {
		mcp_emit_error(l, msg->id, RPC_INVALID_PARAMS, STR("no such cursor"));
		return;
	}
	end = conf->tools_n - from > MCP_PAGE ? from + MCP_PAGE : conf->tools_n;
	buf_init(&frame, MCP_ANSWER_MAX);
	rpc_begin_result(&w, &frame, msg->id);
	json_write_object(&w, NULL);
	json_write_array(&w, "tools");
	for (size_t i = from; i < end; i++)
		write_tool(&w, &conf->tools[i], l->server->version);
	json_write_end(&w);
	if (end < conf->tools_n) {
		(void)snprintf(next, sizeof next, "%zu", end);
		json_write_c(&w, "nextCursor", next);
	}
	json_write_end(&w);
	rpc_end_result(&w);
	mcp_emit(l, &frame);
}

/* ---- which one ----------------------------------------------------------------------------------------- */

static const struct method {
	const char *name;
	void (*answer)(struct line *l, const struct rpc_message *msg);
	bool is_before; /* works before initialize */
} methods[] = {
	{"initialize", initialize, true},
	{"ping", ping, true},
	{"tools/list", list_tools, false},
	{"tools/call", mcp_call_start, false},
	{"logging/setLevel", set_level, false},
};

static void request(struct line *l, const struct rpc_message *msg)
{
	for (size_t i = 0; i < ARRAY_N(methods); i++) {
		if (!str_eq_c(msg->method, methods[i].name))
			continue;
		if (l->server->is_initialized || methods[i].is_before)
			methods[i].answer(l, msg);
		else
			mcp_emit_error(l, msg->id, RPC_INVALID_REQUEST,
				STR("not initialized: initialize comes first"));
		return;
	}
	mcp_emit_error(l, msg->id, RPC_METHOD_NOT_FOUND,
		arena_printf(&l->arena, "no method '" STR_FMT "'",
			STR_ARG(msg->method.n > RPC_ID_MAX ? str_sub(msg->method, 0, RPC_ID_MAX)
							   : msg->method)));
}

/* All others are nothing to us: "notifications/initialized", or those of newer revisions. */
static void notified(struct line *l, const struct rpc_message *msg)
{
	uint32_t id;

	if (!str_eq_c(msg->method, "notifications/cancelled") || msg->params == JSON_ABSENT)
		return;
	id = json_member(&l->tape, msg->params, "requestId");
	if (id != JSON_ABSENT)
		mcp_call_cancel(l->server, json_text(&l->tape, id));
}

void mcp_handle(struct line *l, uint32_t node)
{
	struct rpc_message msg;

	rpc_read(&l->tape, node, &l->arena, &msg);
	if (msg.kind == RPC_INVALID)
		mcp_emit_error(l, msg.id, msg.code, str_from(msg.why));
	else if (msg.kind == RPC_REQUEST)
		request(l, &msg);
	else if (msg.kind == RPC_NOTIFICATION)
		notified(l, &msg);
}
