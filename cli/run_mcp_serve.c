#include <limits.h>
#include <unistd.h>

#include "cli/args_mcp.h"
#include "cli/cli.h"
#include "cli/mcp_pipe.h"
#include "core/graph/graph.h"
#include "core/mcp/tools.h"

static const char instructions[] =
	"Tool results may have been shortened to save space. A line in brackets then says what was "
	"left out and "
	"ends in \"original: ... HASH\". Call headroom_retrieve with that hash when it matters.";

static enum err serve(struct mcp_tools *tools, bool has_graph, struct errctx *cx)
{
	const struct mcp_conf conf = {
		.tools = mcp_tool_table,
		.tools_n = has_graph ? mcp_tool_table_graph_n : mcp_tool_table_n,
		.tools_self = tools,
		.name = "headroom",
		.title = "headroom",
		.instructions = instructions,
	};

	return mcp_pipe_serve(&conf, cx);
}

enum err run_mcp_serve(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct mcp_serve_args *a = args;
	struct mcp_tools_conf conf = {.store_file = a->store, .is_lossless = a->is_lossless};
	struct places places;
	struct mcp_tools *tools;
	char root[PATH_MAX];
	enum err e;

	TRY(cli_places(cli, &places, cx));
	if (!conf.store_file)
		conf.store_file = places.store_file;
	if (a->has_graph) {
		if (!getcwd(root, sizeof root))
			FAIL(cx, E_IO, "the present directory cannot be found");
		conf.graph_root = root;
		conf.graph_file = graph_file_of(places.workspace, root, &cli->arena);
	}
	TRY(mcp_tools_new(&conf, &tools, cx));
	e = serve(tools, a->has_graph, cx);
	mcp_tools_free(tools);
	return e;
}
