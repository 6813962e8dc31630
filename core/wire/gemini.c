/* Gemini generateContent: https://ai.google.dev/api/generate-content. Names come in both spellings of
 * protocol buffers' JSON: functionCall and function_call. */
#include "core/wire/walk.h"

enum { BODY_MODEL, BODY_SYSTEM, BODY_SYSTEM_2, BODY_CONTENTS, BODY_TOOLS, BODY_REQUEST, BODY_N };
static const str BODY[BODY_N] = {
	[BODY_MODEL] = WALK_KEY("model"),
	[BODY_SYSTEM] = WALK_KEY("systemInstruction"),
	[BODY_SYSTEM_2] = WALK_KEY("system_instruction"),
	[BODY_CONTENTS] = WALK_KEY("contents"),
	[BODY_TOOLS] = WALK_KEY("tools"),
	[BODY_REQUEST] = WALK_KEY("request"), /* v1internal:generateContent wraps the body */
};

enum { CONTENT_ROLE, CONTENT_PARTS, CONTENT_N };
static const str CONTENT[CONTENT_N] = {
	[CONTENT_ROLE] = WALK_KEY("role"),
	[CONTENT_PARTS] = WALK_KEY("parts"),
};

enum { PART_TEXT, PART_THOUGHT, PART_CALL, PART_CALL_2, PART_RESPONSE, PART_RESPONSE_2, PART_N };
static const str PART[PART_N] = {
	[PART_TEXT] = WALK_KEY("text"),
	[PART_THOUGHT] = WALK_KEY("thought"),
	[PART_CALL] = WALK_KEY("functionCall"),
	[PART_CALL_2] = WALK_KEY("function_call"),
	[PART_RESPONSE] = WALK_KEY("functionResponse"),
	[PART_RESPONSE_2] = WALK_KEY("function_response"),
};

enum { TOOL_ID, TOOL_NAME, TOOL_ARGS, TOOL_RESPONSE, TOOL_PARTS, TOOL_N };
static const str TOOL[TOOL_N] = {
	[TOOL_ID] = WALK_KEY("id"),
	[TOOL_NAME] = WALK_KEY("name"),
	[TOOL_ARGS] = WALK_KEY("args"),
	[TOOL_RESPONSE] = WALK_KEY("response"),
	[TOOL_PARTS] = WALK_KEY("parts"),
};

static str key_text(const struct walk *w, uint32_t key)
{
	str s = json_text(w->t, key);

	return str_sub(s, 1, s.n - 1);
}

static void function_call(struct walk *w, struct wire_block b, const char *name, uint32_t node)
{
	uint32_t v[TOOL_N], mark = walk_enter(w, name, WALK_NO_INDEX);

	if (walk_members(w->t, node, TOOL, v, TOOL_N)) {
		uint32_t inner = walk_enter(w, "args", WALK_NO_INDEX);

		b.tool = walk_string(w, v[TOOL_NAME]);
		b.call_id = walk_string(w, v[TOOL_ID]);
		walk_add(w, b, WIRE_TOOL_CALL, walk_has(w, v[TOOL_ARGS]) ? v[TOOL_ARGS] : node);
		walk_leave(w, inner);
	} else {
		walk_opaque(w, b, node);
	}
	walk_leave(w, mark);
}

/* Every string of the response is a result; which names it has is up to the tool ("output", "error",
 * "content", ...). */
static void response_members(struct walk *w, struct wire_block b, uint32_t response)
{
	for (struct json_iter it = json_iter(w->t, response); json_next(&it); b.sub++) {
		uint32_t mark = walk_enter_key(w, key_text(w, it.key));

		b.is_error = json_string_is(w->t, it.key, "error");
		if (json_is(w->t, it.value, JSON_STRING))
			walk_add(w, b, WIRE_TOOL_RESULT, it.value);
		else
			walk_opaque(w, b, it.value);
		walk_leave(w, mark);
	}
}

static void function_response(struct walk *w, struct wire_block b, const char *name, uint32_t node)
{
	uint32_t v[TOOL_N], mark = walk_enter(w, name, WALK_NO_INDEX), before = w->doc->n, inner;
	bool is_plain = walk_members(w->t, node, TOOL, v, TOOL_N) &&
			walk_is(w, v[TOOL_RESPONSE], JSON_OBJECT) &&
			!json_has_duplicate_key(w->t, v[TOOL_RESPONSE]);

	b.role = WIRE_TOOL;
	if (!is_plain) {
		walk_opaque(w, b, node);
		walk_leave(w, mark);
		return;
	}
	b.tool = walk_string(w, v[TOOL_NAME]);
	b.call_id = walk_string(w, v[TOOL_ID]);
	for (struct json_iter it = json_iter(w->t, node); json_next(&it);) {
		inner = walk_enter_key(w, key_text(w, it.key));
		if (it.value == v[TOOL_RESPONSE])
			response_members(w, b, it.value);
		else if (it.value == v[TOOL_PARTS] && walk_has(w, it.value))
			walk_opaque(w, b, it.value);
		walk_leave(w, inner);
	}
	if (w->doc->n == before)
		walk_opaque(w, b, node);
	walk_leave(w, mark);
}

static void part(struct walk *w, struct wire_block b, uint32_t index, uint32_t node)
{
	uint32_t v[PART_N];
	bool is_plain = walk_members(w->t, node, PART, v, PART_N);

	b.part = index;
	if (is_plain && walk_has(w, v[PART_CALL]))
		function_call(w, b, "functionCall", v[PART_CALL]);
	else if (is_plain && walk_has(w, v[PART_CALL_2]))
		function_call(w, b, "function_call", v[PART_CALL_2]);
	else if (is_plain && walk_has(w, v[PART_RESPONSE]))
		function_response(w, b, "functionResponse", v[PART_RESPONSE]);
	else if (is_plain && walk_has(w, v[PART_RESPONSE_2]))
		function_response(w, b, "function_response", v[PART_RESPONSE_2]);
	else if (is_plain && !walk_is(w, v[PART_THOUGHT], JSON_TRUE))
		walk_add_member(w, b, WIRE_TEXT, node, "text", v[PART_TEXT]);
	else
		walk_opaque(w, b, node);
}

static void content(struct walk *w, struct wire_block b, uint32_t node)
{
	uint32_t v[CONTENT_N];
	bool is_plain = walk_members(w->t, node, CONTENT, v, CONTENT_N);

	b.role = WIRE_USER; /* also for "function", and where it is not said */
	if (walk_text(w, v[CONTENT_ROLE], "model"))
		b.role = WIRE_ASSISTANT;
	if (is_plain)
		walk_content(w, b, "parts", v[CONTENT_PARTS], WIRE_TEXT, part);
	else
		walk_opaque(w, b, node);
}

static void system_instruction(struct walk *w, const char *name, uint32_t node)
{
	struct wire_block b = {.message = WIRE_NO_MESSAGE, .role = WIRE_SYSTEM};
	uint32_t v[CONTENT_N], mark = walk_enter(w, name, WALK_NO_INDEX);

	if (walk_is(w, node, JSON_STRING))
		walk_add(w, b, WIRE_TEXT, node);
	else if (walk_members(w->t, node, CONTENT, v, CONTENT_N))
		walk_content(w, b, "parts", v[CONTENT_PARTS], WIRE_TEXT, part);
	else
		walk_opaque(w, b, node);
	walk_leave(w, mark);
}

static void declarations(struct walk *w, uint32_t array)
{
	uint32_t v[TOOL_N];

	if (!walk_is(w, array, JSON_ARRAY))
		return;
	for (struct json_iter it = json_iter(w->t, array); json_next(&it);) {
		if (walk_members(w->t, it.value, TOOL, v, TOOL_N))
			walk_tool(w, v[TOOL_NAME]);
	}
}

static void tools(struct walk *w, uint32_t array)
{
	walk_tool_list(w, array);
	for (struct json_iter it = json_iter(w->t, array); json_next(&it);) {
		declarations(w, json_member(w->t, it.value, "functionDeclarations"));
		declarations(w, json_member(w->t, it.value, "function_declarations"));
	}
}

static enum err body(struct walk *w, struct errctx *cx)
{
	uint32_t v[BODY_N], model;

	if (!walk_members(w->t, 0, BODY, v, BODY_N))
		FAIL(cx, E_MALFORMED, "not an object, or a key of it occurs twice");
	model = v[BODY_MODEL];
	if (walk_is(w, v[BODY_REQUEST], JSON_OBJECT)) {
		(void)walk_enter(w, "request", WALK_NO_INDEX);
		if (!walk_members(w->t, v[BODY_REQUEST], BODY, v, BODY_N))
			FAIL(cx, E_MALFORMED, "a key of \"request\" occurs twice");
	}
	if (!walk_is(w, v[BODY_CONTENTS], JSON_ARRAY))
		FAIL(cx, E_MALFORMED, "no \"contents\" in a Gemini request");
	w->doc->model = walk_string(w, model);
	if (walk_has(w, v[BODY_SYSTEM]))
		system_instruction(w, "systemInstruction", v[BODY_SYSTEM]);
	if (walk_has(w, v[BODY_SYSTEM_2]))
		system_instruction(w, "system_instruction", v[BODY_SYSTEM_2]);
	walk_messages(w, "contents", v[BODY_CONTENTS], content);
	if (walk_is(w, v[BODY_TOOLS], JSON_ARRAY))
		tools(w, v[BODY_TOOLS]);
	return E_OK;
}

const struct wire_walker walk_gemini = {.body = body, .message = content, .part = part};
