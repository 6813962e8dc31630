/* mcp_internal: the parts of a server. server.c has lines and the life of a server, method.c what is answered at once,
 * call.c the calls of tools. Private to core/mcp.
 *
 * A line lives until all that is in it is answered; of a batch (an array of messages) the answers are gathered there and
 * sent as one array. */
#ifndef CORE_MCP_MCP_INTERNAL_H
#define CORE_MCP_MCP_INTERNAL_H

#include <pthread.h>

#include "core/base/pool.h"
#include "core/mcp/mcp.h"
#include "core/mcp/rpc.h"

/* One answer: the longest line with each byte as \u00XX would have more, but no tool gives more than it was given. */
#define MCP_ANSWER_MAX LIMIT_INPUT

/* Revisions of the protocol, the oldest first. */
#define MCP_VERSION_MAP(X)          \
	X(2024_11_05, "2024-11-05") \
	X(2025_03_26, "2025-03-26") \
	X(2025_06_18, "2025-06-18") \
	X(2025_11_25, "2025-11-25")
enum mcp_version {
#define X(id, name) MCP_##id,
	MCP_VERSION_MAP(X)
#undef X
		MCP_VERSION_N
};

struct line {
	struct mcp_server *server;
	struct buf text;
	struct arena arena; /* the reader's alone */
	struct json_tape tape;
	size_t uses; /* by the reader and by calls */
	bool is_batch;
	struct buf answers; /* of a batch */
};

struct mcp_call {
	struct mcp_call *next;
	struct line *line;
	str id;
	const struct mcp_tool *tool;
	uint32_t args;
	bool is_cancelled;
	struct arena arena;
	struct buf content;    /* items, with commas between them */
	struct buf structured; /* empty: none */
};

struct mcp_server {
	struct mcp_conf conf;
	struct pool *pool;
	/* the reader's alone */
	struct buf in; /* a line that has not ended */
	bool is_initialized;
	enum mcp_version version;
	/* under lock, as are the uses and answers of lines and is_cancelled of calls */
	pthread_mutex_t lock;
	pthread_cond_t room; /* a call or a line has gone */
	struct mcp_call *calls;
	size_t calls_n, bytes; /* of lines that are at work */
	int log_level;

	/* under out_lock: one message at a time */
	pthread_mutex_t out_lock;
	enum err broken; /* what write() said */
	struct errctx broken_cx;
};

/* server.c: sends frame, or puts it into the batch; takes what frame holds. */
void mcp_emit(struct line *l, struct buf *frame);
void mcp_emit_error(struct line *l, str id, enum rpc_code code, str text);
void mcp_line_unref(struct line *l);

/* method.c */
void mcp_handle(struct line *l, uint32_t node);
bool mcp_log_level_parse(str name, int *out) MUST_CHECK;
enum { MCP_LOG_DEFAULT = 3 }; /* "warning" */

/* call.c */
void mcp_call_start(struct line *l, const struct rpc_message *msg);
void mcp_call_cancel(struct mcp_server *m, str id);

#endif
