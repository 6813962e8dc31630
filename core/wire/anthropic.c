/* Anthropic Messages: https://docs.anthropic.com/en/api/messages */
#include "core/wire/walk.h"

enum { BODY_MODEL, BODY_SYSTEM, BODY_MESSAGES, BODY_TOOLS, BODY_STREAM, BODY_CONTEXT, BODY_N };
static const str BODY[BODY_N] = {
	[BODY_MODEL] = WALK_KEY("model"),
	[BODY_SYSTEM] = WALK_KEY("system"),
	[BODY_MESSAGES] = WALK_KEY("messages"),
	[BODY_TOOLS] = WALK_KEY("tools"),
	[BODY_STREAM] = WALK_KEY("stream"),
	[BODY_CONTEXT] = WALK_KEY("context_management"),
};

enum { MESSAGE_ROLE, MESSAGE_CONTENT, MESSAGE_N };
static const str MESSAGE[MESSAGE_N] = {
	[MESSAGE_ROLE] = WALK_KEY("role"),
	[MESSAGE_CONTENT] = WALK_KEY("content"),
};

enum {
	PART_TYPE,
	PART_TEXT,
	PART_CACHE,
	PART_ID,
	PART_NAME,
	PART_INPUT,
	PART_CALL,
	PART_CONTENT,
	PART_ERROR,
	PART_N
};
static const str PART[PART_N] = {
	[PART_TYPE] = WALK_KEY("type"),
	[PART_TEXT] = WALK_KEY("text"),
	[PART_CACHE] = WALK_KEY("cache_control"),
	[PART_ID] = WALK_KEY("id"),
	[PART_NAME] = WALK_KEY("name"),
	[PART_INPUT] = WALK_KEY("input"),
	[PART_CALL] = WALK_KEY("tool_use_id"),
	[PART_CONTENT] = WALK_KEY("content"),
	[PART_ERROR] = WALK_KEY("is_error"),
};

/* The first system block of Claude Code. It names versions and, for some hosts, a checksum of the request
 * ("cch="): it is no content, and changes while that stays. */
static const str BILLING = WALK_KEY("\"x-anthropic-billing-header:");

static bool is_text(const struct walk *w, const uint32_t *v)
{
	return walk_text(w, v[PART_TYPE], "text") && walk_is(w, v[PART_TEXT], JSON_STRING);
}

/* An element of a tool_result's content. */
static void result_part(struct walk *w, struct wire_block b, uint32_t index, uint32_t node)
{
	uint32_t v[PART_N];
	bool is_plain = walk_members(w->t, node, PART, v, PART_N);

	b.sub = index;
	b.has_cache_control = walk_has(w, v[PART_CACHE]);
	if (is_plain && is_text(w, v))
		walk_add_member(w, b, WIRE_TOOL_RESULT, node, "text", v[PART_TEXT]);
	else
		walk_opaque(w, b, node);
}

static void tool_result(struct walk *w, struct wire_block b, uint32_t node, const uint32_t *v)
{
	bool has_cache_control = b.has_cache_control;
	uint32_t before = w->doc->n;

	b.role = WIRE_TOOL;
	b.call_id = walk_string(w, v[PART_CALL]);
	b.is_error = walk_is(w, v[PART_ERROR], JSON_TRUE);
	b.has_cache_control = false;
	walk_content(w, b, "content", v[PART_CONTENT], WIRE_TOOL_RESULT, result_part);
	if (w->doc->n == before)
		walk_opaque(w, b, node); /* it says nothing, but it is there */
	w->doc->blocks[w->doc->n - 1].has_cache_control |= has_cache_control;
}

static void tool_use(struct walk *w, struct wire_block b, uint32_t node, const uint32_t *v)
{
	uint32_t mark = walk_enter(w, "input", WALK_NO_INDEX);

	b.tool = walk_string(w, v[PART_NAME]);
	b.call_id = walk_string(w, v[PART_ID]);
	walk_add(w, b, WIRE_TOOL_CALL, walk_has(w, v[PART_INPUT]) ? v[PART_INPUT] : node);
	walk_leave(w, mark);
}

static void message_part(struct walk *w, struct wire_block b, uint32_t index, uint32_t node)
{
	uint32_t v[PART_N];
	bool is_plain = walk_members(w->t, node, PART, v, PART_N);

	b.part = index;
	b.has_cache_control = walk_has(w, v[PART_CACHE]);
	if (is_plain && is_text(w, v))
		walk_add_member(w, b, WIRE_TEXT, node, "text", v[PART_TEXT]);
	else if (is_plain && walk_text(w, v[PART_TYPE], "tool_use"))
		tool_use(w, b, node, v);
	else if (is_plain && walk_text(w, v[PART_TYPE], "tool_result"))
		tool_result(w, b, node, v);
	else
		walk_opaque(w, b, node);
}

static void message(struct walk *w, struct wire_block b, uint32_t node)
{
	uint32_t v[MESSAGE_N];
	bool is_plain = walk_members(w->t, node, MESSAGE, v, MESSAGE_N);

	b.role = WIRE_USER;
	if (walk_text(w, v[MESSAGE_ROLE], "assistant"))
		b.role = WIRE_ASSISTANT;
	else if (walk_text(w, v[MESSAGE_ROLE], "system"))
		b.role = WIRE_SYSTEM;
	else
		is_plain &= walk_text(w, v[MESSAGE_ROLE], "user");
	if (is_plain)
		walk_content(w, b, "content", v[MESSAGE_CONTENT], WIRE_TEXT, message_part);
	else
		walk_opaque(w, b, node);
}

static void system_prompt(struct walk *w, uint32_t v)
{
	struct wire_block b = {.message = WIRE_NO_MESSAGE, .role = WIRE_SYSTEM};

	walk_content(w, b, "system", v, WIRE_TEXT, message_part);
	for (uint32_t i = 0; i < w->doc->n; i++) {
		struct wire_block *p = &w->doc->blocks[i];

		if (str_starts(span_str(w->t->doc, p->at), BILLING))
			p->hash = walk_hash(p, BILLING);
	}
}

static void tools(struct walk *w, uint32_t array)
{
	enum { NAME, TOOL_N };
	static const str TOOL[TOOL_N] = {[NAME] = WALK_KEY("name")};
	uint32_t v[TOOL_N];

	walk_tool_list(w, array);
	for (struct json_iter it = json_iter(w->t, array); json_next(&it);) {
		if (walk_members(w->t, it.value, TOOL, v, TOOL_N))
			walk_tool(w, v[NAME]);
	}
}

/* Edits of the context that the provider makes: clear_tool_uses_* takes results away, and inputs when it
 * says so; clear_thinking_* neither. Compaction, and what we do not know, may take everything. */
static void context_edit(struct walk *w, uint32_t node)
{
	enum { TYPE, INPUTS, EDIT_N };
	static const str EDIT[EDIT_N] = {
		[TYPE] = WALK_KEY("type"), [INPUTS] = WALK_KEY("clear_tool_inputs")};
	uint32_t v[EDIT_N];
	bool is_plain = walk_members(w->t, node, EDIT, v, EDIT_N);
	str type = walk_string(w, v[TYPE]);
	bool clears_inputs;

	if (is_plain && str_starts(type, STR("clear_thinking_")))
		return;
	w->doc->clears_results = true;
	clears_inputs = !is_plain || !str_starts(type, STR("clear_tool_uses_")) ||
			(walk_has(w, v[INPUTS]) && !json_is(w->t, v[INPUTS], JSON_FALSE));
	w->doc->clears_inputs |= clears_inputs;
}

static enum err body(struct walk *w, struct errctx *cx)
{
	uint32_t v[BODY_N], edits;

	if (!walk_members(w->t, 0, BODY, v, BODY_N))
		FAIL(cx, E_MALFORMED, "not an object, or a key of it occurs twice");
	if (!walk_is(w, v[BODY_MESSAGES], JSON_ARRAY))
		FAIL(cx, E_MALFORMED, "no \"messages\" in an Anthropic request");
	w->doc->model = walk_string(w, v[BODY_MODEL]);
	w->doc->is_stream = walk_is(w, v[BODY_STREAM], JSON_TRUE);
	system_prompt(w, v[BODY_SYSTEM]);
	walk_messages(w, "messages", v[BODY_MESSAGES], message);
	if (walk_is(w, v[BODY_TOOLS], JSON_ARRAY))
		tools(w, v[BODY_TOOLS]);
	if (!walk_has(w, v[BODY_CONTEXT]))
		return E_OK;
	edits = json_member(w->t, v[BODY_CONTEXT], "edits");
	if (walk_is(w, edits, JSON_ARRAY)) {
		for (struct json_iter it = json_iter(w->t, edits); json_next(&it);)
			context_edit(w, it.value);
	}
	return E_OK;
}

const struct wire_walker walk_anthropic = {.body = body, .message = message, .part = message_part};
