/* tools_internal: what the tools share. Private to core/mcp. Thread: any. */
#ifndef CORE_MCP_TOOLS_INTERNAL_H
#define CORE_MCP_TOOLS_INTERNAL_H

#include <pthread.h>

#include "core/engine/engine.h"
#include "core/mcp/tools.h"

struct mcp_tools {
	struct mcp_tools_conf conf;
	pthread_mutex_t lock; /* for what is opened late */
	struct store *store;
	struct engine *keeping; /* with the store */
	struct engine *plain;   /* without */
	struct graph *graph;
};

/* Opened when it is not yet. Errors of store_open. */
enum err mcp_tools_store(struct mcp_tools *t, struct store **out, struct errctx *cx) MUST_CHECK;
enum err mcp_tools_engine(
	struct mcp_tools *t, bool keeps, struct engine **out, struct errctx *cx) MUST_CHECK;

/* A row in the ledger (core/store/ledger.h). Where there can be none, or is no store yet, nothing happens: an answer
 * does not depend on it. */
void mcp_tools_note(struct mcp_tools *t, const char *endpoint, const char *reason,
	uint64_t tokens_before, uint64_t tokens_after);

/* A member of the arguments; JSON_ABSENT when it is not there or null. */
uint32_t mcp_arg(const struct mcp_call *c, const char *key);
/* Of a type of its own: E_MALFORMED when it is there and of another; absent: *out stays. */
enum err mcp_arg_str(struct mcp_call *c, const char *key, str *out, struct errctx *cx) MUST_CHECK;
enum err mcp_arg_bool(
	const struct mcp_call *c, const char *key, bool *out, struct errctx *cx) MUST_CHECK;
enum err mcp_arg_u64(
	const struct mcp_call *c, const char *key, uint64_t *out, struct errctx *cx) MUST_CHECK;

/* struct mcp_tool's run; self is a struct mcp_tools. */
enum err mcp_tool_retrieve(void *self, struct mcp_call *c, struct errctx *cx);
enum err mcp_tool_compress(void *self, struct mcp_call *c, struct errctx *cx);
enum err mcp_tool_stats(void *self, struct mcp_call *c, struct errctx *cx);
enum err mcp_tool_graph(void *self, struct mcp_call *c, struct errctx *cx);
extern const char mcp_stats_schema[]; /* of what mcp_tool_stats answers */

#endif
