/* headroom_retrieve: an original, or the part of it that is asked for. */
#include "core/mcp/tools_internal.h"
#include "core/retrieve/retrieve.h"
#include "core/store/feedback.h"
#include "core/store/ledger.h"
#include "core/store/original.h"
#include "core/token/token.h"

/* An original was given: that is counted, and taken off what was saved. */
static void note(struct mcp_tools *t, struct store *s, const struct retrieve_want *want, str answer)
{
	size_t tokens = token_count(model_find(STR_NULL).encoding, answer, NULL);

	(void)!feedback_retrieved(s, want->hash, !retrieve_is_part(want), NULL);
	mcp_tools_note(t, LEDGER_MCP_RETRIEVE, "retrieved", 0, tokens);
}

static enum err fetch(struct mcp_tools *t, struct store *s, const struct retrieve_want *want,
	struct mcp_call *c, struct errctx *cx)
{
	struct buf whole, part;
	enum err e;

	buf_init(&whole, STORE_TEXT_MAX);
	buf_init(&part, RETRIEVE_ANSWER_MAX * 2);
	e = original_get(s, want->hash, &whole, cx);
	if (e == E_NOT_FOUND && original_is_gone(s, STR_NULL, want->hash))
		e = err_set(cx, e,
			ORIGINAL_EXPIRED
			": read the file or run the command again that printed it");
	else if (e == E_NOT_FOUND)
		e = err_set(cx, e,
			"no original has this hash: it is misspelled, or gone for more than a day; "
			"read "
			"the file or run the command again that printed it");
	if (!e)
		e = retrieve_answer_apart(want, buf_str(&whole), &part, cx);
	if (!e) {
		mcp_call_add_text(c, buf_str(&part));
		note(t, s, want, buf_str(&part));
	}
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
	return fetch(tools, s, &want, c, cx);
}
