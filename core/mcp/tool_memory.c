#include "core/mcp/tool_memory.h"

#include "core/base/mem.h"

struct mcp_memory {
	struct recall *recall;
	struct recall_scope scope;
};

enum err mcp_memory_new(const struct recall_scope *scope, const struct embedder *embedder,
	struct mcp_memory **out, struct errctx *cx)
{
	struct mcp_memory *m = mem_zalloc(sizeof *m);
	enum err e;

	*out = NULL;
	if (!m)
		FAIL(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	m->scope = *scope;
	e = recall_new(NULL, &m->recall, cx);
	if (!e && embedder)
		e = recall_use(m->recall, embedder, cx);
	if (e)
		mcp_memory_free(m);
	else
		*out = m;
	return e;
}

void mcp_memory_free(struct mcp_memory *m)
{
	if (!m)
		return;
	recall_free(m->recall);
	mem_free(m);
}

static enum err answer(
	struct mcp_memory *m, enum recall_tool tool, struct mcp_call *c, struct errctx *cx)
{
	uint32_t args = mcp_call_args(c);
	struct buf out;
	enum err e = E_OK;

	buf_init(&out, RECALL_ANSWER_MAX);
	if (!recall_answer(m->recall, &m->scope, tool,
		    args == JSON_ABSENT ? STR("{}") : json_text(mcp_call_tape(c), args), &out))
		e = err_set(cx, E_FAILED, STR_FMT, STR_ARG(buf_str(&out)));
	else if (out.err)
		e = err_set(cx, out.err, "%s", err_text(out.err));
	else
		mcp_call_add_text(c, buf_str(&out));
	buf_release(&out);
	return e;
}

static enum err save(void *self, struct mcp_call *c, struct errctx *cx)
{
	return answer(self, RECALL_SAVE, c, cx);
}

static enum err search(void *self, struct mcp_call *c, struct errctx *cx)
{
	return answer(self, RECALL_SEARCH, c, cx);
}

static enum err update(void *self, struct mcp_call *c, struct errctx *cx)
{
	return answer(self, RECALL_UPDATE, c, cx);
}

static enum err forget(void *self, struct mcp_call *c, struct errctx *cx)
{
	return answer(self, RECALL_DELETE, c, cx);
}

void mcp_memory_tools(struct mcp_tool out[RECALL_TOOLS_N])
{
	static const struct {
		const char *title;
		enum err (*run)(void *self, struct mcp_call *c, struct errctx *cx);
	} more[RECALL_TOOLS_N] = {
		[RECALL_SAVE] = {"Remember something", save},
		[RECALL_SEARCH] = {"Look for what was remembered", search},
		[RECALL_UPDATE] = {"Put a memory right", update},
		[RECALL_DELETE] = {"Forget a memory", forget},
	};

	for (int i = 0; i < RECALL_TOOLS_N; i++)
		out[i] = (struct mcp_tool){.name = recall_tools[i].name,
			.title = more[i].title,
			.description = recall_tools[i].description,
			.input_schema = recall_tools[i].schema,
			.is_read_only = i == RECALL_SEARCH,
			.run = more[i].run};
}
