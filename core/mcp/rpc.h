/* rpc: JSON-RPC 2.0 (www.jsonrpc.org/specification) as the Model Context Protocol uses it: what a message is, and
 * the frames of answers. An answer is one line; nothing in it holds a line end.
 * Owns: nothing; slices lead into the tape's document or the arena. Thread: any. */
#ifndef CORE_MCP_RPC_H
#define CORE_MCP_RPC_H

#include "core/json/tape.h"
#include "core/json/write.h"

/* JSON-RPC 2.0, section 5.1. */
enum rpc_code {
	RPC_PARSE_ERROR = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_METHOD_NOT_FOUND = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_INTERNAL_ERROR = -32603,
};

enum rpc_kind {
	RPC_REQUEST,
	RPC_NOTIFICATION,
	RPC_RESPONSE, /* to a request of ours, of which there are none */
	RPC_INVALID,
};

struct rpc_message {
	enum rpc_kind kind;
	str id; /* as it is spelled, a string with its quotes; empty when there is none that can be used */
	str method;      /* of a request or a notification */
	uint32_t params; /* an object; JSON_ABSENT */
	/* RPC_INVALID */
	enum rpc_code code;
	const char *why; /* static */
};

/* An id is a string or a whole number (MCP, "Base protocol"), spelled in at most so many bytes. */
enum { RPC_ID_MAX = 256 };

/* The message at node. Never fails: what is none is RPC_INVALID. */
void rpc_read(const struct json_tape *t, uint32_t node, struct arena *a, struct rpc_message *out);

/* {"jsonrpc":"2.0","id":ID,"result": and the value comes next; rpc_end_result closes what is open. */
void rpc_begin_result(struct json_writer *w, struct buf *out, str id);
void rpc_end_result(struct json_writer *w);
/* The whole answer; id empty: null. */
void rpc_write_error(struct buf *out, str id, enum rpc_code code, str text);
/* {"jsonrpc":"2.0","method":METHOD,"params": and the value comes next; rpc_end_result closes it. */
void rpc_begin_notification(struct json_writer *w, struct buf *out, const char *method);

#endif
