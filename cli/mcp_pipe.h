/* mcp_pipe: a server of the Model Context Protocol over standard input and output. Owns: nothing. Thread: the main thread. */
#ifndef CLI_MCP_PIPE_H
#define CLI_MCP_PIPE_H

#include "core/mcp/mcp.h"

/* Up to the end of standard input. conf: without version, write and self. */
enum err mcp_pipe_serve(const struct mcp_conf *conf, struct errctx *cx) MUST_CHECK;

#endif
