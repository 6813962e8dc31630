/* tool_memory: the tools of memories over MCP: those that the proxy offers, with the same texts and answers (core/memory/recall.h).
 * Owns: struct mcp_memory: the files that are open. Free: mcp_memory_free, after the server. Thread: the tools any. */
#ifndef CORE_MCP_TOOL_MEMORY_H
#define CORE_MCP_TOOL_MEMORY_H

#include "core/mcp/mcp.h"
#include "core/memory/recall.h"

struct mcp_memory;

/* Whose memories; what scope points to must outlive this, and so must the embedder (NULL: what is built in). */
enum err mcp_memory_new(const struct recall_scope *scope, const struct embedder *embedder,
	struct mcp_memory **out, struct errctx *cx) MUST_CHECK;
void mcp_memory_free(struct mcp_memory *m); /* NULL is allowed */

/* For struct mcp_conf, with tools_self a struct mcp_memory. out: the tools, which point to static texts. */
void mcp_memory_tools(struct mcp_tool out[RECALL_TOOLS_N]);

#endif
