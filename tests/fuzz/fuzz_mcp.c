/* An MCP server takes any bytes, in any pieces; what it writes is JSON-RPC, one message a line, and nothing else. */
#include <stdint.h>

#include "core/base/check.h"
#include "core/json/scan.h"
#include "core/mcp/mcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum err echo(void *self, struct mcp_call *c, struct errctx *cx)
{
	uint32_t args = mcp_call_args(c);

	(void)self;
	if (args == JSON_ABSENT)
		return err_set(cx, E_MALFORMED, "no arguments");
	mcp_call_add_text(c, json_text(mcp_call_tape(c), args));
	return E_OK;
}

static void check_message(const struct json_tape *t, uint32_t node)
{
	uint32_t version = json_member(t, node, "jsonrpc");

	ASSERT(version != JSON_ABSENT && json_string_is(t, version, "2.0"));
	/* Of ours: what was asked to be told, which nobody answers. */
	if (json_member(t, node, "method") != JSON_ABSENT) {
		ASSERT(json_member(t, node, "id") == JSON_ABSENT);
		return;
	}
	ASSERT((json_member(t, node, "result") != JSON_ABSENT) +
			(json_member(t, node, "error") != JSON_ABSENT) ==
		1);
	ASSERT(json_member(t, node, "id") != JSON_ABSENT);
}

static enum err check(void *self, str line, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct json_tape t;

	(void)self;
	ASSERT(str_find_byte(line, '\n') == line.n - 1);
	ASSERT(json_scan(&a, line, &t, cx) == E_OK);
	if (json_is(&t, 0, JSON_ARRAY)) {
		ASSERT(t.v[0].n > 0);
		for (struct json_iter it = json_iter(&t, 0); json_next(&it);)
			check_message(&t, it.value);
	} else {
		check_message(&t, 0);
	}
	arena_release(&a);
	return E_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct mcp_tool tool = {.name = "echo",
		.title = "Echo",
		.description = "Says it.",
		.input_schema = "{\"type\":\"object\"}",
		.run = echo};
	const struct mcp_conf conf = {.tools = &tool,
		.tools_n = 1,
		.name = "fuzz",
		.title = "Fuzz",
		.version = "1",
		.write = check};
	struct errctx cx = {0};
	struct mcp_server *m;
	size_t half = n ? data[0] % n : 0;

	if (mcp_new(&conf, &m, &cx) != E_OK)
		return 0;
	ASSERT(mcp_feed(m, (str){(const char *)data, half}, &cx) == E_OK);
	ASSERT(mcp_feed(m, (str){(const char *)data + half, n - half}, &cx) == E_OK);
	ASSERT(mcp_finish(m, &cx) == E_OK);
	mcp_free(m);
	return 0;
}
