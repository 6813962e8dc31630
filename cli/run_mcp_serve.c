#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "cli/args_mcp.h"
#include "cli/cli.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/graph/graph.h"
#include "core/mcp/tools.h"
#include "version.h"

/* One read: an answer of 64 KB in one go, and what a pipe holds on Linux (pipe(7)). */
enum { READ_BYTES = 64 << 10 };

static const char instructions[] =
	"Tool results may have been shortened to save space. A line in brackets then says what was "
	"left out and "
	"ends in \"original: ... HASH\". Call headroom_retrieve with that hash when it matters.";

static enum err write_line(void *self, str line, struct errctx *cx)
{
	(void)self;
	return out_print(line, cx);
}

/* Up to the end of standard input. */
static enum err pump(struct mcp_server *m, char *bytes, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];

	for (;;) {
		ssize_t n = read(STDIN_FILENO, bytes, READ_BYTES);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			FAIL(cx, E_IO, "standard input: %s", file_err_text(errno, why));
		if (n == 0)
			return mcp_finish(m, cx);
		TRY(mcp_feed(m, (str){bytes, (size_t)n}, cx));
	}
}

static enum err serve(struct mcp_tools *tools, bool has_graph, struct errctx *cx)
{
	const struct mcp_conf conf = {
		.tools = mcp_tool_table,
		.tools_n = has_graph ? mcp_tool_table_graph_n : mcp_tool_table_n,
		.tools_self = tools,
		.name = "headroom",
		.title = "headroom",
		.version = HEADROOM_VERSION,
		.instructions = instructions,
		.write = write_line,
	};
	struct mcp_server *m;
	char *bytes = mem_alloc(READ_BYTES);
	enum err e;

	if (!bytes)
		FAIL(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	e = mcp_new(&conf, &m, cx);
	if (!e)
		e = pump(m, bytes, cx);
	mcp_free(m);
	mem_free(bytes);
	return e;
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
