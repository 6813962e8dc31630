/* headroom_retrieve: an original, or the part of it that is asked for. */
#include "core/mcp/tools_internal.h"
#include "core/retrieve/retrieve.h"
#include "core/store/original.h"

/* In an arena of its own: both buffers are on the heap. */
static enum err select_part(
	const struct retrieve_want *want, str original, struct buf *out, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	enum err e;

	if (arena_recover(&a))
		e = err_set(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	else
		e = retrieve_answer(want, original, &a, out, cx);
	arena_release(&a);
	return e;
}

static enum err fetch(
	struct store *s, const struct retrieve_want *want, struct mcp_call *c, struct errctx *cx)
{
	struct buf whole, part;
	enum err e;

	buf_init(&whole, STORE_TEXT_MAX);
	buf_init(&part, RETRIEVE_ANSWER_MAX * 2);
	e = original_get(s, want->hash, &whole, cx);
	if (e == E_NOT_FOUND)
		e = err_set(cx, e,
			"no original with this hash is kept any more: read the file or run the "
			"command again that printed it");
	if (!e)
		e = select_part(want, buf_str(&whole), &part, cx);
	if (!e)
		mcp_call_add_text(c, buf_str(&part));
	buf_release(&whole);
	buf_release(&part);
	return e;
}

enum err mcp_tool_retrieve(void *self, struct mcp_call *c, struct errctx *cx)
{
	struct mcp_tools *tools = self;
	struct retrieve_want want;
	struct store *s;

	if (mcp_call_args(c) == JSON_ABSENT)
		FAIL(cx, E_MALFORMED, "hash is missing");
	TRY(retrieve_want_read(mcp_call_tape(c), mcp_call_args(c), mcp_call_arena(c), &want, cx));
	TRY(mcp_tools_store(tools, &s, cx));
	return fetch(s, &want, c, cx);
}
