/* Calls of tools: started by the reader, run on the pool, answered when they are ready. */
#include <stdio.h>

#include "core/base/mem.h"
#include "core/mcp/mcp_internal.h"

/* ---- for tools ----------------------------------------------------------------------------------------- */

const struct json_tape *mcp_call_tape(const struct mcp_call *c)
{
	return &c->line->tape;
}

uint32_t mcp_call_args(const struct mcp_call *c)
{
	return c->args;
}

struct arena *mcp_call_arena(struct mcp_call *c)
{
	return &c->arena;
}

bool mcp_call_is_cancelled(struct mcp_call *c)
{
	struct mcp_server *m = c->line->server;
	bool is_cancelled;

	pthread_mutex_lock(&m->lock);
	is_cancelled = c->is_cancelled;
	pthread_mutex_unlock(&m->lock);
	return is_cancelled;
}

void mcp_call_add_text(struct mcp_call *c, str text)
{
	struct json_writer w;

	if (c->content.n)
		buf_add_byte(&c->content, ',');
	json_write_init(&w, &c->content, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "type", "text");
	json_write_str(&w, "text", text);
	json_write_end(&w);
}

void mcp_call_set_structured(struct mcp_call *c, str json)
{
	buf_reset(&c->structured);
	buf_add(&c->structured, json);
}

/* ---- one call ------------------------------------------------------------------------------------------ */

static enum err run_tool(struct mcp_call *c, struct errctx *cx)
{
	enum err e;

	if (arena_recover(&c->arena))
		e = err_set(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	else
		e = c->tool->run(c->line->server->conf.tools_self, c, cx);
	arena_end_recover(&c->arena);
	if (!e && (c->content.err || c->structured.err)) {
		e = c->content.err ? c->content.err : c->structured.err;
		e = err_set(cx, e, "the answer: %s", err_text(e));
	}
	return e;
}

static void tell(struct mcp_call *c, int64_t since_ns, enum err e)
{
	struct mcp_server *m = c->line->server;
	char text[128];

	(void)snprintf(text, sizeof text, "%s: %s, %lld us", c->tool->name,
		e ? err_text(e) : "answered",
		(long long)((clock_monotonic_ns(m->conf.clock) - since_ns) / 1000));
	mcp_log(m, "debug", str_from(text));
}

static void answer(struct mcp_call *c)
{
	struct mcp_server *m = c->line->server;
	int64_t since = clock_monotonic_ns(m->conf.clock);
	struct errctx cx = {0};
	struct json_writer w;
	struct buf frame;
	enum err e = run_tool(c, &cx);

	if (mcp_call_is_cancelled(c))
		return;
	if (e) {
		buf_release(&c->content);
		buf_release(&c->structured);
		mcp_call_add_text(c, str_from(cx.text[0] ? cx.text : err_text(e)));
	}
	buf_init(&frame, MCP_ANSWER_MAX);
	rpc_begin_result(&w, &frame, c->id);
	json_write_object(&w, NULL);
	json_write_array(&w, "content");
	if (c->content.n)
		json_write_raw(&w, NULL, buf_str(&c->content));
	json_write_end(&w);
	if (c->structured.n && m->version >= MCP_2025_06_18)
		json_write_raw(&w, "structuredContent", buf_str(&c->structured));
	json_write_bool(&w, "isError", e != E_OK);
	json_write_end(&w);
	rpc_end_result(&w);
	if (frame.err) {
		buf_release(&frame);
		mcp_emit_error(c->line, c->id, RPC_INTERNAL_ERROR, STR("the answer is too large"));
	} else {
		mcp_emit(c->line, &frame);
	}
	tell(c, since, e);
}

static void free_call(struct mcp_call *c)
{
	buf_release(&c->content);
	buf_release(&c->structured);
	arena_release(&c->arena);
	mem_free(c);
}

/* Out of the list. */
static void forget(struct mcp_server *m, struct mcp_call *c)
{
	struct mcp_call **at = &m->calls;

	pthread_mutex_lock(&m->lock);
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	m->calls_n--;
	pthread_cond_broadcast(&m->room);
	pthread_mutex_unlock(&m->lock);
}

static void run(void *arg, bool is_dropped)
{
	struct mcp_call *c = arg;
	struct line *l = c->line;

	if (!is_dropped && !mcp_call_is_cancelled(c))
		answer(c);
	forget(l->server, c);
	free_call(c);
	mcp_line_unref(l);
}

/* ---- starting and cancelling --------------------------------------------------------------------------- */

static struct mcp_call *find(const struct mcp_server *m, str id)
{
	struct mcp_call *c = m->calls;

	while (c && !str_eq(c->id, id))
		c = c->next;
	return c;
}

void mcp_call_cancel(struct mcp_server *m, str id)
{
	struct mcp_call *c;

	pthread_mutex_lock(&m->lock);
	c = find(m, id);
	if (c)
		c->is_cancelled = true;
	pthread_mutex_unlock(&m->lock);
}

static const struct mcp_tool *find_tool(const struct mcp_conf *conf, str name)
{
	for (size_t i = 0; i < conf->tools_n; i++)
		if (str_eq_c(name, conf->tools[i].name))
			return &conf->tools[i];
	return NULL;
}

/* Into the list, when there is room for it. False when its id is that of a call at work. */
static bool enlist(struct mcp_server *m, struct mcp_call *c)
{
	bool is_new;

	pthread_mutex_lock(&m->lock);
	is_new = !find(m, c->id);
	while (is_new && m->calls_n >= MCP_CALLS_MAX)
		pthread_cond_wait(&m->room, &m->lock);
	if (is_new) {
		c->next = m->calls;
		m->calls = c;
		m->calls_n++;
		c->line->uses++;
	}
	pthread_mutex_unlock(&m->lock);
	return is_new;
}

static void start(struct line *l, str id, const struct mcp_tool *tool, uint32_t args)
{
	struct mcp_call *c = mem_zalloc(sizeof *c);

	if (!c) {
		mcp_emit_error(l, id, RPC_INTERNAL_ERROR, STR("out of memory"));
		return;
	}
	c->line = l;
	c->id = id;
	c->tool = tool;
	c->args = args;
	arena_init(&c->arena);
	buf_init(&c->content, MCP_ANSWER_MAX);
	buf_init(&c->structured, MCP_ANSWER_MAX);
	if (!enlist(l->server, c)) {
		mcp_emit_error(l, id, RPC_INVALID_REQUEST, STR("a call with this id is at work"));
		free_call(c);
		return;
	}
	/* there is as much room in its queue as there may be calls */
	if (pool_submit(l->server->pool, run, c))
		run(c, false);
}

void mcp_call_start(struct line *l, const struct rpc_message *msg)
{
	const struct mcp_tool *tool;
	uint32_t node = JSON_ABSENT, args = JSON_ABSENT;
	str name;

	if (msg->params != JSON_ABSENT) {
		node = json_member(&l->tape, msg->params, "name");
		args = json_member(&l->tape, msg->params, "arguments");
	}
	if (node == JSON_ABSENT || !json_string(&l->tape, node, &l->arena, &name)) {
		mcp_emit_error(l, msg->id, RPC_INVALID_PARAMS, STR("name must be a string"));
		return;
	}
	if (args != JSON_ABSENT && json_is(&l->tape, args, JSON_NULL))
		args = JSON_ABSENT;
	if (args != JSON_ABSENT && !json_is(&l->tape, args, JSON_OBJECT)) {
		mcp_emit_error(l, msg->id, RPC_INVALID_PARAMS, STR("arguments must be an object"));
		return;
	}
	tool = find_tool(&l->server->conf, name);
	if (tool)
		start(l, msg->id, tool, args);
	else
		mcp_emit_error(l, msg->id, RPC_INVALID_PARAMS,
			arena_printf(&l->arena, "Unknown tool: " STR_FMT,
				STR_ARG(name.n > RPC_ID_MAX ? str_sub(name, 0, RPC_ID_MAX)
							    : name)));
}
