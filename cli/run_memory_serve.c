/* memory serve. */
#include "cli/mcp_pipe.h"
#include "cli/memory.h"
#include "core/mcp/tool_memory.h"

static const char instructions[] = "What was learned in earlier sessions about the user and this "
				   "project is kept here. Search it before "
				   "work that depends on preferences, decisions or how things are "
				   "done; save what will matter again.";

enum err run_memory_serve(struct cli *cli, const void *args, struct errctx *cx)
{
	struct mcp_tool tools[RECALL_TOOLS_N];
	struct mcp_conf conf = {.tools = tools,
		.tools_n = RECALL_TOOLS_N,
		.name = "headroom-memory",
		.title = "headroom: memories",
		.instructions = instructions};
	struct recall_scope scope = {.by = STR("mcp")};
	struct mcp_memory *memory = NULL;
	struct memory_run r = {.cli = cli, .args = args};
	enum err e;

	TRY(memory_find_place(&r, cx));
	TRY(memory_use_embedder(&r, cx));
	scope.file = r.place.file;
	scope.user = r.user;
	mcp_memory_tools(tools);
	e = r.embedder ? proxy_embedder_check(r.embedder, cx) : E_OK;
	e = e ? e
	      : mcp_memory_new(
			&scope, r.embedder ? proxy_embedder_of(r.embedder) : NULL, &memory, cx);
	conf.tools_self = memory;
	e = e ? e : mcp_pipe_serve(&conf, cx);
	mcp_memory_free(memory);
	proxy_embedder_free(r.embedder);
	return e;
}
