/* OpenAI Chat Completions and all that speak it: https://platform.openai.com/docs/api-reference/chat */
#include "core/wire/walk.h"

enum { BODY_MODEL, BODY_MESSAGES, BODY_TOOLS, BODY_FUNCTIONS, BODY_STREAM, BODY_N };
static const str BODY[BODY_N] = {
	[BODY_MODEL] = WALK_KEY("model"),
	[BODY_MESSAGES] = WALK_KEY("messages"),
	[BODY_TOOLS] = WALK_KEY("tools"),
	[BODY_FUNCTIONS] = WALK_KEY("functions"),
	[BODY_STREAM] = WALK_KEY("stream"),
};

enum {
	MESSAGE_ROLE,
	MESSAGE_CONTENT,
	MESSAGE_CALLS,
	MESSAGE_FUNCTION,
	MESSAGE_ID,
	MESSAGE_NAME,
	MESSAGE_CACHE,
	MESSAGE_N
};
static const str MESSAGE[MESSAGE_N] = {
	[MESSAGE_ROLE] = WALK_KEY("role"),
	[MESSAGE_CONTENT] = WALK_KEY("content"),
	[MESSAGE_CALLS] = WALK_KEY("tool_calls"),
	[MESSAGE_FUNCTION] = WALK_KEY("function_call"),
	[MESSAGE_ID] = WALK_KEY("tool_call_id"),
	[MESSAGE_NAME] = WALK_KEY("name"),
	[MESSAGE_CACHE] = WALK_KEY("cache_control"),
};

enum { PART_TYPE, PART_TEXT, PART_CACHE, PART_N };
static const str PART[PART_N] = {
	[PART_TYPE] = WALK_KEY("type"),
	[PART_TEXT] = WALK_KEY("text"),
	[PART_CACHE] = WALK_KEY("cache_control"), /* OpenRouter, LiteLLM */
};

enum { CALL_ID, CALL_FUNCTION, CALL_CUSTOM, CALL_NAME, CALL_ARGUMENTS, CALL_INPUT, CALL_N };
static const str CALL[CALL_N] = {
	[CALL_ID] = WALK_KEY("id"),
	[CALL_FUNCTION] = WALK_KEY("function"),
	[CALL_CUSTOM] = WALK_KEY("custom"),
	[CALL_NAME] = WALK_KEY("name"),
	[CALL_ARGUMENTS] = WALK_KEY("arguments"),
	[CALL_INPUT] = WALK_KEY("input"),
};

static const struct {
	str name;
	enum wire_role role;
} ROLES[] = {
	{WALK_KEY("system"), WIRE_SYSTEM},
	{WALK_KEY("developer"), WIRE_SYSTEM},
	{WALK_KEY("user"), WIRE_USER},
	{WALK_KEY("assistant"), WIRE_ASSISTANT},
	{WALK_KEY("tool"), WIRE_TOOL},
	{WALK_KEY("function"), WIRE_TOOL},
};

static bool read_role(struct walk *w, uint32_t v, enum wire_role *role)
{
	*role = WIRE_USER;
	for (size_t i = 0; i < ARRAY_N(ROLES); i++) {
		if (!walk_text(w, v, ROLES[i].name.p))
			continue;
		*role = ROLES[i].role;
		return true;
	}
	return false;
}

static void message_part(struct walk *w, struct wire_block b, uint32_t index, uint32_t node)
{
	enum wire_kind kind = b.role == WIRE_TOOL ? WIRE_TOOL_RESULT : WIRE_TEXT;
	uint32_t v[PART_N];
	bool is_plain = walk_members(w->t, node, PART, v, PART_N);

	b.part = index;
	b.has_cache_control = walk_has(w, v[PART_CACHE]);
	if (is_plain && walk_text(w, v[PART_TYPE], "text"))
		walk_add_member(w, b, kind, node, "text", v[PART_TEXT]);
	else
		walk_opaque(w, b, node);
}

/* {"name","arguments"} of a function or {"name","input"} of a custom tool; whole is what is opaque when it
 * is neither. */
static void call_body(struct walk *w, struct wire_block b, uint32_t whole, uint32_t node)
{
	uint32_t v[CALL_N], mark;
	bool is_input;

	if (node == JSON_ABSENT || !walk_members(w->t, node, CALL, v, CALL_N)) {
		walk_opaque(w, b, whole);
		return;
	}
	is_input = !walk_has(w, v[CALL_ARGUMENTS]) && walk_has(w, v[CALL_INPUT]);
	mark = walk_enter(w, is_input ? "input" : "arguments", WALK_NO_INDEX);
	b.tool = walk_string(w, v[CALL_NAME]);
	if (is_input)
		walk_add(w, b, WIRE_TOOL_CALL, v[CALL_INPUT]);
	else
		walk_add(w, b, WIRE_TOOL_CALL,
			walk_has(w, v[CALL_ARGUMENTS]) ? v[CALL_ARGUMENTS] : node);
	walk_leave(w, mark);
}

static void tool_call(struct walk *w, struct wire_block b, uint32_t index, uint32_t node)
{
	uint32_t v[CALL_N], mark;
	bool is_custom;

	b.part = index;
	if (!walk_members(w->t, node, CALL, v, CALL_N)) {
		walk_opaque(w, b, node);
		return;
	}
	is_custom = !walk_has(w, v[CALL_FUNCTION]) && walk_has(w, v[CALL_CUSTOM]);
	mark = walk_enter(w, is_custom ? "custom" : "function", WALK_NO_INDEX);
	b.call_id = walk_string(w, v[CALL_ID]);
	call_body(w, b, node, is_custom ? v[CALL_CUSTOM] : v[CALL_FUNCTION]);
	walk_leave(w, mark);
}

/* Members that only some providers know (reasoning_content, refusal, audio, ...): content all the same. */
static void message_member(struct walk *w, struct wire_block b, str name, uint32_t v)
{
	uint32_t mark;

	if (!walk_is(w, v, JSON_STRING) && !walk_is(w, v, JSON_OBJECT) &&
		!walk_is(w, v, JSON_ARRAY))
		return;
	mark = walk_enter_key(w, name);
	walk_opaque(w, b, v);
	walk_leave(w, mark);
}

static void message_members(struct walk *w, struct wire_block b, uint32_t node, const uint32_t *v)
{
	enum wire_kind kind = b.role == WIRE_TOOL ? WIRE_TOOL_RESULT : WIRE_TEXT;
	str key;

	for (struct json_iter it = json_iter(w->t, node); json_next(&it);) {
		if (it.value == v[MESSAGE_CONTENT]) {
			walk_content(w, b, "content", it.value, kind, message_part);
		} else if (it.value == v[MESSAGE_CALLS]) {
			walk_content(w, b, "tool_calls", it.value, WIRE_OPAQUE, tool_call);
		} else if (it.value == v[MESSAGE_FUNCTION] && walk_has(w, it.value)) {
			uint32_t mark = walk_enter(w, "function_call", WALK_NO_INDEX);

			call_body(w, b, it.value, it.value);
			walk_leave(w, mark);
		} else if (it.value != v[MESSAGE_ROLE] && it.value != v[MESSAGE_ID] &&
			   it.value != v[MESSAGE_NAME] && it.value != v[MESSAGE_CACHE]) {
			key = json_text(w->t, it.key);
			message_member(w, b, str_sub(key, 1, key.n - 1), it.value);
		}
	}
}

static void message(struct walk *w, struct wire_block b, uint32_t node)
{
	uint32_t v[MESSAGE_N], before = w->doc->n;

	if (!walk_members(w->t, node, MESSAGE, v, MESSAGE_N) ||
		!read_role(w, v[MESSAGE_ROLE], &b.role)) {
		b.role = WIRE_USER;
		walk_opaque(w, b, node);
		return;
	}
	if (b.role == WIRE_TOOL) {
		b.call_id = walk_string(w, v[MESSAGE_ID]);
		b.tool = walk_string(w, v[MESSAGE_NAME]);
	}
	message_members(w, b, node, v);
	if (walk_has(w, v[MESSAGE_CACHE]) && w->doc->n > before)
		w->doc->blocks[w->doc->n - 1].has_cache_control = true;
}

/* {"type":"function","function":{"name"}}, {"type":"custom","custom":{"name"}}, or (legacy) {"name"}. */
static void tools(struct walk *w, uint32_t array)
{
	uint32_t v[CALL_N], inner[CALL_N];

	walk_tool_list(w, array);
	for (struct json_iter it = json_iter(w->t, array); json_next(&it);) {
		uint32_t at = it.value;

		if (!walk_members(w->t, at, CALL, v, CALL_N))
			continue;
		if (walk_is(w, v[CALL_FUNCTION], JSON_OBJECT))
			at = v[CALL_FUNCTION];
		else if (walk_is(w, v[CALL_CUSTOM], JSON_OBJECT))
			at = v[CALL_CUSTOM];
		if (walk_members(w->t, at, CALL, inner, CALL_N))
			walk_tool(w, inner[CALL_NAME]);
	}
}

static enum err body(struct walk *w, struct errctx *cx)
{
	uint32_t v[BODY_N];

	if (!walk_members(w->t, 0, BODY, v, BODY_N))
		FAIL(cx, E_MALFORMED, "not an object, or a key of it occurs twice");
	if (!walk_is(w, v[BODY_MESSAGES], JSON_ARRAY))
		FAIL(cx, E_MALFORMED, "no \"messages\" in an OpenAI Chat request");
	w->doc->model = walk_string(w, v[BODY_MODEL]);
	w->doc->is_stream = walk_is(w, v[BODY_STREAM], JSON_TRUE);
	walk_messages(w, "messages", v[BODY_MESSAGES], message);
	if (walk_is(w, v[BODY_TOOLS], JSON_ARRAY))
		tools(w, v[BODY_TOOLS]);
	if (walk_is(w, v[BODY_FUNCTIONS], JSON_ARRAY))
		tools(w, v[BODY_FUNCTIONS]);
	return E_OK;
}

const struct wire_walker walk_openai_chat = {
	.body = body, .message = message, .part = message_part};
