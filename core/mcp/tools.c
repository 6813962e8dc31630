#include "core/mcp/tools.h"

#include <unistd.h>

#include "core/base/mem.h"
#include "core/graph/graph.h"
#include "core/mcp/tools_internal.h"
#include "core/retrieve/retrieve.h"
#include "core/store/ledger.h"

const struct mcp_tool mcp_tool_table[] = {
	{
		.name = retrieve_tool_name,
		.title = "Get an original back",
		.description = retrieve_tool_description,
		.input_schema = retrieve_tool_schema,
		.is_read_only = true,
		.run = mcp_tool_retrieve,
	},
	{
		.name = "headroom_compress",
		.title = "Make a text or a conversation smaller",
		.description =
			"Makes a long text (a log, search results, a diff, JSON) or the tool "
			"results of a list of "
			"messages smaller. With keep, more is left out and the original is kept: "
			"headroom_retrieve gets it back by the hash in the answer. For text that "
			"is to be "
			"handed on; it saves nothing for what you have read already.",
		.input_schema =
			"{\"type\":\"object\",\"properties\":{"
			"\"text\":{\"type\":\"string\"},"
			"\"messages\":{\"type\":\"array\",\"items\":{\"type\":\"object\"},"
			"\"description\":"
			"\"Instead of text: messages as the Anthropic or OpenAI API has them\"},"
			"\"command\":{\"type\":\"string\",\"description\":\"That printed the "
			"text\"},"
			"\"keep\":{\"type\":\"boolean\"}}}",
		.run = mcp_tool_compress,
	},
	{
		.name = "headroom_stats",
		.title = "What headroom has saved",
		.description = "What headroom's proxies have saved on this machine: requests, "
			       "tokens, money.",
		.input_schema =
			"{\"type\":\"object\",\"properties\":{\"days\":{\"type\":\"integer\","
			"\"description\":\"Only the last so many days\"}}}",
		.output_schema = mcp_stats_schema,
		.is_read_only = true,
		.run = mcp_tool_stats,
	},
	{
		.name = "headroom_graph",
		.title = "Where code is defined, called and imported",
		.description = "Looks up source code of this directory by name: one of these.",
		.input_schema =
			"{\"type\":\"object\",\"properties\":{"
			"\"defined\":{\"type\":\"string\",\"description\":\"Where that "
			"function or type is defined; * is any text\"},"
			"\"callers\":{\"type\":\"string\",\"description\":\"Who calls it\"},"
			"\"uses\":{\"type\":\"string\",\"description\":\"All places of that name "
			"in code\"},"
			"\"calls\":{\"type\":\"string\",\"description\":\"What it calls\"},"
			"\"imports\":{\"type\":\"string\",\"description\":\"What that file or "
			"directory imports\"},"
			"\"importers\":{\"type\":\"string\",\"description\":\"Who imports "
			"it\"},"
			"\"outline\":{\"type\":\"string\",\"description\":\"What that file or "
			"directory defines\"},"
			"\"offset\":{\"type\":\"integer\"},"
			"\"limit\":{\"type\":\"integer\"}}}",
		.is_read_only = true,
		.run = mcp_tool_graph,
	},
};
/* headroom_graph is the last one. */
const size_t mcp_tool_table_n = ARRAY_N(mcp_tool_table) - 1;
const size_t mcp_tool_table_graph_n = ARRAY_N(mcp_tool_table);

/* ---- what is opened late ------------------------------------------------------------------------------- */

static enum err open_store(struct mcp_tools *t, struct errctx *cx)
{
	const struct store_conf conf = {.path = t->conf.store_file, .clock = t->conf.clock};

	return t->store ? E_OK : store_open(&conf, &t->store, cx);
}

static enum err open_engine(struct mcp_tools *t, bool keeps, struct engine **out, struct errctx *cx)
{
	struct engine_conf conf = {.clock = t->conf.clock};
	struct engine **at = keeps ? &t->keeping : &t->plain;

	if (keeps)
		TRY(open_store(t, cx));
	conf.store = keeps ? t->store : NULL;
	if (!*at)
		TRY(engine_new(&conf, at, cx));
	*out = *at;
	return E_OK;
}

enum err mcp_tools_store(struct mcp_tools *t, struct store **out, struct errctx *cx)
{
	enum err e;

	pthread_mutex_lock(&t->lock);
	e = open_store(t, cx);
	*out = t->store;
	pthread_mutex_unlock(&t->lock);
	return e;
}

enum err mcp_tools_engine(struct mcp_tools *t, bool keeps, struct engine **out, struct errctx *cx)
{
	enum err e;

	*out = NULL;
	pthread_mutex_lock(&t->lock);
	e = open_engine(t, keeps, out, cx);
	pthread_mutex_unlock(&t->lock);
	return e;
}

void mcp_tools_note(struct mcp_tools *t, const char *endpoint, const char *reason,
	uint64_t tokens_before, uint64_t tokens_after)
{
	struct store *s;

	/* a figure is no reason to make a file */
	if (access(t->conf.store_file, F_OK) == 0 && mcp_tools_store(t, &s, NULL) == E_OK)
		(void)!ledger_add_own(s, endpoint, reason, tokens_before, tokens_after, NULL);
}

enum err mcp_tools_new(const struct mcp_tools_conf *conf, struct mcp_tools **out, struct errctx *cx)
{
	struct mcp_tools *t = mem_zalloc(sizeof *t);

	*out = NULL;
	if (!t)
		FAIL(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	t->conf = *conf;
	(void)pthread_mutex_init(&t->lock, NULL);
	*out = t;
	return E_OK;
}

void mcp_tools_free(struct mcp_tools *t)
{
	if (!t)
		return;
	engine_free(t->keeping);
	engine_free(t->plain);
	store_close(t->store);
	graph_close(t->graph);
	(void)pthread_mutex_destroy(&t->lock);
	mem_free(t);
}

/* ---- arguments ----------------------------------------------------------------------------------------- */

uint32_t mcp_arg(const struct mcp_call *c, const char *key)
{
	const struct json_tape *t = mcp_call_tape(c);
	uint32_t args = mcp_call_args(c), node;

	if (args == JSON_ABSENT)
		return JSON_ABSENT;
	node = json_member(t, args, key);
	return node != JSON_ABSENT && json_is(t, node, JSON_NULL) ? JSON_ABSENT : node;
}

enum err mcp_arg_str(struct mcp_call *c, const char *key, str *out, struct errctx *cx)
{
	uint32_t node = mcp_arg(c, key);

	if (node != JSON_ABSENT && !json_string(mcp_call_tape(c), node, mcp_call_arena(c), out))
		FAIL(cx, E_MALFORMED, "%s must be a string", key);
	return E_OK;
}

enum err mcp_arg_bool(const struct mcp_call *c, const char *key, bool *out, struct errctx *cx)
{
	const struct json_tape *t = mcp_call_tape(c);
	uint32_t node = mcp_arg(c, key);

	if (node == JSON_ABSENT)
		return E_OK;
	if (!json_is(t, node, JSON_TRUE) && !json_is(t, node, JSON_FALSE))
		FAIL(cx, E_MALFORMED, "%s must be true or false", key);
	*out = json_is(t, node, JSON_TRUE);
	return E_OK;
}

enum err mcp_arg_u64(const struct mcp_call *c, const char *key, uint64_t *out, struct errctx *cx)
{
	uint32_t node = mcp_arg(c, key);

	if (node != JSON_ABSENT && !json_u64(mcp_call_tape(c), node, out))
		FAIL(cx, E_MALFORMED, "%s must be a whole number, 0 or more", key);
	return E_OK;
}
