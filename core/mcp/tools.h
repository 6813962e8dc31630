/* tools: what the MCP server offers: headroom_retrieve, headroom_compress, headroom_stats, and when asked for headroom_graph. A further tool is a row of the
 * table and a file tool_NAME.c. Descriptions and schemas are paid for by every request of the client, so they are short.
 *
 * The store is opened by the first call that needs it, so that a server that nobody calls costs nothing; when that fails
 * the call says why, and the next one tries again.
 *
 * Owns: the store and the engines. Free: mcp_tools_free, after the server. Thread: the tools any. */
#ifndef CORE_MCP_TOOLS_H
#define CORE_MCP_TOOLS_H

#include "core/base/clock.h"
#include "core/mcp/mcp.h"

struct mcp_tools;

struct mcp_tools_conf { /* copied; what it points to must outlive the tools */
	const char *store_file;
	bool is_lossless; /* nothing is left out, whatever a call asks for */
	/* Of headroom_graph: the directory that it is about, and where what is known of it is kept; both or none. */
	const char *graph_root, *graph_file;
	const struct clock *clock; /* NULL: the system's */
};

enum err mcp_tools_new(
	const struct mcp_tools_conf *conf, struct mcp_tools **out, struct errctx *cx) MUST_CHECK;
void mcp_tools_free(struct mcp_tools *t); /* NULL is allowed */

/* For struct mcp_conf, with tools_self a struct mcp_tools. */
extern const struct mcp_tool mcp_tool_table[];
extern const size_t mcp_tool_table_n;       /* without headroom_graph */
extern const size_t mcp_tool_table_graph_n; /* with it */

#endif
