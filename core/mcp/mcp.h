/* mcp: a server of the Model Context Protocol (modelcontextprotocol.io, revisions 2024-11-05, 2025-03-26, 2025-06-18,
 * 2025-11-25) that offers tools, over a pair of byte streams: one message a line (transport "stdio"). What a call is
 * answered with is the tools' affair (core/mcp/tools.h); this knows the protocol alone.
 *
 * Calls of tools are answered on threads of their own, each when it is ready; all else at once, in the order in which it
 * came. Memory is bounded: a line has at most MCP_LINE_MAX bytes, and while MCP_CALLS_MAX calls or MCP_BYTES_MAX bytes of
 * lines are at work no further one is taken in, which slows the client down.
 *
 * Owns: its threads, what was fed and is not yet a line, the calls at work. Free: mcp_free. Thread: mcp_feed and
 * mcp_finish one at a time; write() is called from any thread, never from two at once. */
#ifndef CORE_MCP_MCP_H
#define CORE_MCP_MCP_H

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/json/tape.h"

enum {
	/* As large as a line of a recorded session may be: a text to be compressed comes in one. */
	MCP_LINE_MAX = 64 << 20,
	MCP_BYTES_MAX = 2 * MCP_LINE_MAX,
	MCP_CALLS_MAX = 128, /* agents make a handful at once; a test of the protocol 100 */
	MCP_BATCH_MAX = 128, /* messages in one line, revision 2025-03-26 */
	MCP_THREADS = 4,     /* originals are read in parallel; texts are compressed by the core */
	MCP_PAGE = 50,       /* tools in one answer to tools/list */
};

/* One call, for the tool that answers it. */
struct mcp_call;
/* The arguments: an object of the tape, or JSON_ABSENT when there are none. */
const struct json_tape *mcp_call_tape(const struct mcp_call *c) RETURNS_NONNULL;
uint32_t mcp_call_args(const struct mcp_call *c);
/* For scratch, gone when the call is answered. Running out of it ends the call: nothing else may be held then. */
struct arena *mcp_call_arena(struct mcp_call *c) RETURNS_NONNULL;
/* The client has lost interest: what is answered will not be sent. */
bool mcp_call_is_cancelled(struct mcp_call *c);
/* Adds a text to the answer; copied, bytes that are no UTF-8 become U+FFFD. */
void mcp_call_add_text(struct mcp_call *c, str text);
/* The answer as a JSON object, of a tool with an output schema; one text with the same must be there, too. */
void mcp_call_set_structured(struct mcp_call *c, str json);

struct mcp_tool {
	const char *name, *title, *description;
	const char *input_schema;  /* a JSON object */
	const char *output_schema; /* the same, for revisions that know it; NULL: none */
	bool is_read_only;         /* changes nothing that outlives the call */
	/* An error is an answer, too: the model sees the text of cx. */
	enum err (*run)(void *self, struct mcp_call *call, struct errctx *cx);
};

struct mcp_conf { /* what it points to must outlive the server */
	const struct mcp_tool *tools;
	size_t tools_n;
	void *tools_self;
	const char *name, *title, *version; /* of the server */
	const char *instructions;           /* for the model; NULL */
	const struct clock *clock;          /* NULL: the system's */
	/* A whole message with its line end. An error ends the server. */
	enum err (*write)(void *self, str line, struct errctx *cx);
	void *self;
};

struct mcp_server;

enum err mcp_new(
	const struct mcp_conf *conf, struct mcp_server **out, struct errctx *cx) MUST_CHECK;
/* The next bytes from the client. Errors are those of write(), and E_NOMEM; what a client does wrong is answered. */
enum err mcp_feed(struct mcp_server *m, str bytes, struct errctx *cx) MUST_CHECK;
/* The end of what comes from the client: waits until all calls are answered. */
enum err mcp_finish(struct mcp_server *m, struct errctx *cx) MUST_CHECK;
void mcp_free(struct mcp_server *m); /* NULL is allowed; waits for calls that run */

/* A message for people who look after the client, as "notifications/message", when its level (RFC 5424: "debug",
 * "warning") is asked for; "warning" and above unless logging/setLevel said otherwise. No content of texts in it.
 * Thread: any. */
void mcp_log(struct mcp_server *m, const char *level, str text);

#endif
