/* OpenAI Responses: https://platform.openai.com/docs/api-reference/responses. Items are walked by their
 * shape, not by a list of types: what has a call_id and ends in "_call" is a call that the client ran, what
 * ends in "_call_output" is what came of it. */
#include "core/wire/walk.h"

enum {
	BODY_MODEL,
	BODY_INSTRUCTIONS,
	BODY_INPUT,
	BODY_TOOLS,
	BODY_STREAM,
	BODY_CONTEXT,
	BODY_TRUNCATION,
	BODY_N
};
static const str BODY[BODY_N] = {
	[BODY_MODEL] = WALK_KEY("model"),
	[BODY_INSTRUCTIONS] = WALK_KEY("instructions"),
	[BODY_INPUT] = WALK_KEY("input"),
	[BODY_TOOLS] = WALK_KEY("tools"),
	[BODY_STREAM] = WALK_KEY("stream"),
	[BODY_CONTEXT] = WALK_KEY("context_management"),
	[BODY_TRUNCATION] = WALK_KEY("truncation"),
};

enum {
	ITEM_TYPE,
	ITEM_ROLE,
	ITEM_CONTENT,
	ITEM_ID,
	ITEM_CALL_ID,
	ITEM_NAME,
	ITEM_ARGUMENTS,
	ITEM_INPUT,
	ITEM_ACTION,
	ITEM_OPERATION,
	ITEM_OUTPUT,
	ITEM_TOOLS,
	ITEM_N
};
static const str ITEM[ITEM_N] = {
	[ITEM_TYPE] = WALK_KEY("type"),
	[ITEM_ROLE] = WALK_KEY("role"),
	[ITEM_CONTENT] = WALK_KEY("content"),
	[ITEM_ID] = WALK_KEY("id"),
	[ITEM_CALL_ID] = WALK_KEY("call_id"),
	[ITEM_NAME] = WALK_KEY("name"),
	[ITEM_ARGUMENTS] = WALK_KEY("arguments"),
	[ITEM_INPUT] = WALK_KEY("input"),
	[ITEM_ACTION] = WALK_KEY("action"),
	[ITEM_OPERATION] = WALK_KEY("operation"),
	[ITEM_OUTPUT] = WALK_KEY("output"),
	[ITEM_TOOLS] = WALK_KEY("tools"),
};

enum { PART_TYPE, PART_TEXT, PART_STDOUT, PART_STDERR, PART_N };
static const str PART[PART_N] = {
	[PART_TYPE] = WALK_KEY("type"),
	[PART_TEXT] = WALK_KEY("text"),
	[PART_STDOUT] = WALK_KEY("stdout"),
	[PART_STDERR] = WALK_KEY("stderr"),
};

static const struct {
	str name;
	enum wire_role role;
} ROLES[] = {
	{WALK_KEY("system"), WIRE_SYSTEM},
	{WALK_KEY("developer"), WIRE_SYSTEM},
	{WALK_KEY("user"), WIRE_USER},
	{WALK_KEY("assistant"), WIRE_ASSISTANT},
};

/* input_text in what the client wrote, output_text in what the model did; text from older clients. */
static bool is_text(const struct walk *w, uint32_t type)
{
	return walk_text(w, type, "input_text") || walk_text(w, type, "output_text") ||
	       walk_text(w, type, "text");
}

static void message_part(struct walk *w, struct wire_block b, uint32_t index, uint32_t node)
{
	uint32_t v[PART_N];
	bool is_plain = walk_members(w->t, node, PART, v, PART_N);

	b.part = index;
	if (is_plain && is_text(w, v[PART_TYPE]))
		walk_add_member(w, b, WIRE_TEXT, node, "text", v[PART_TEXT]);
	else
		walk_opaque(w, b, node);
}

static void message(struct walk *w, struct wire_block b, uint32_t node, const uint32_t *v)
{
	for (size_t i = 0; i < ARRAY_N(ROLES); i++) {
		if (!walk_text(w, v[ITEM_ROLE], ROLES[i].name.p))
			continue;
		b.role = ROLES[i].role;
		walk_content(w, b, "content", v[ITEM_CONTENT], WIRE_TEXT, message_part);
		return;
	}
	walk_opaque(w, b, node);
}

/* stdout and stderr of a shell_call_output, in the order in which they stand. */
static void shell_part(struct walk *w, struct wire_block b, uint32_t node, const uint32_t *v)
{
	uint32_t before = w->doc->n;

	for (struct json_iter it = json_iter(w->t, node); json_next(&it);) {
		bool is_stdout = it.value == v[PART_STDOUT];

		if (!json_is(w->t, it.value, JSON_STRING) ||
			(!is_stdout && it.value != v[PART_STDERR]))
			continue;
		walk_add_member(
			w, b, WIRE_TOOL_RESULT, node, is_stdout ? "stdout" : "stderr", it.value);
	}
	if (w->doc->n == before)
		walk_opaque(w, b, node);
}

static void output_part(struct walk *w, struct wire_block b, uint32_t index, uint32_t node)
{
	uint32_t v[PART_N];
	bool is_plain = walk_members(w->t, node, PART, v, PART_N);

	b.part = index;
	if (is_plain && is_text(w, v[PART_TYPE]))
		walk_add_member(w, b, WIRE_TOOL_RESULT, node, "text", v[PART_TEXT]);
	else if (is_plain && v[PART_TYPE] == JSON_ABSENT)
		shell_part(w, b, node, v);
	else
		walk_opaque(w, b, node);
}

static void output(struct walk *w, struct wire_block b, uint32_t node, const uint32_t *v)
{
	uint32_t before = w->doc->n;

	b.role = WIRE_TOOL;
	b.call_id = walk_string(w, v[walk_has(w, v[ITEM_CALL_ID]) ? ITEM_CALL_ID : ITEM_ID]);
	walk_content(w, b, "output", v[ITEM_OUTPUT], WIRE_TOOL_RESULT, output_part);
	if (w->doc->n == before)
		walk_opaque(w, b, node);
}

/* Where the types of calls keep what the model said, in order of preference. */
static void call(struct walk *w, struct wire_block b, uint32_t node, const uint32_t *v)
{
	static const uint8_t INPUTS[] = {ITEM_ARGUMENTS, ITEM_INPUT, ITEM_ACTION, ITEM_OPERATION};
	str type = walk_string(w, v[ITEM_TYPE]);
	size_t i = 0;
	uint32_t mark;

	while (i < ARRAY_N(INPUTS) && !walk_has(w, v[INPUTS[i]]))
		i++;
	b.role = WIRE_ASSISTANT;
	if (i == ARRAY_N(INPUTS)) {
		walk_opaque(w, b, node);
		return;
	}
	b.call_id = walk_string(w, v[ITEM_CALL_ID]);
	b.tool = walk_string(w, v[ITEM_NAME]);
	if (!b.tool.n) /* local_shell_call, shell_call, apply_patch_call: the type is the tool */
		b.tool = str_sub(type, 0, type.n - (sizeof "_call" - 1));
	mark = walk_enter_key(w, ITEM[INPUTS[i]]);
	walk_add(w, b, WIRE_TOOL_CALL, v[INPUTS[i]]);
	walk_leave(w, mark);
}

/* Functions and custom tools; a namespace holds a list of its own. */
static void tool_list(struct walk *w, uint32_t array, bool is_inner)
{
	uint32_t v[ITEM_N];

	if (!is_inner)
		walk_tool_list(w, array);
	for (struct json_iter it = json_iter(w->t, array); json_next(&it);) {
		if (!walk_members(w->t, it.value, ITEM, v, ITEM_N))
			continue;
		if (!is_inner && walk_is(w, v[ITEM_TOOLS], JSON_ARRAY))
			tool_list(w, v[ITEM_TOOLS], true);
		else
			walk_tool(w, v[ITEM_NAME]);
	}
}

static void item(struct walk *w, struct wire_block b, uint32_t node)
{
	uint32_t v[ITEM_N];
	bool is_plain = walk_members(w->t, node, ITEM, v, ITEM_N);
	str type = walk_string(w, v[ITEM_TYPE]);

	b.role = WIRE_USER;
	if (!is_plain) {
		walk_opaque(w, b, node);
	} else if (str_eq(type, STR("message")) || (!type.n && walk_has(w, v[ITEM_ROLE]))) {
		message(w, b, node, v);
	} else if (str_ends(type, STR("_call_output"))) {
		output(w, b, node, v);
	} else if (str_ends(type, STR("_call")) && walk_has(w, v[ITEM_CALL_ID])) {
		call(w, b, node, v);
	} else {
		if (walk_is(w, v[ITEM_TOOLS], JSON_ARRAY) && str_eq(type, STR("additional_tools")))
			tool_list(w, v[ITEM_TOOLS], false);
		b.role = walk_text(w, v[ITEM_ROLE], "developer") ? WIRE_SYSTEM : WIRE_ASSISTANT;
		walk_opaque(w, b, node);
	}
}

static enum err body(struct walk *w, struct errctx *cx)
{
	struct wire_block b = {.message = WIRE_NO_MESSAGE, .role = WIRE_SYSTEM};
	uint32_t v[BODY_N];

	if (!walk_members(w->t, 0, BODY, v, BODY_N))
		FAIL(cx, E_MALFORMED, "not an object, or a key of it occurs twice");
	if (!walk_has(w, v[BODY_INPUT]) && !walk_has(w, v[BODY_INSTRUCTIONS]))
		FAIL(cx, E_MALFORMED, "no \"input\" in an OpenAI Responses request");
	w->doc->model = walk_string(w, v[BODY_MODEL]);
	w->doc->is_stream = walk_is(w, v[BODY_STREAM], JSON_TRUE);
	/* The provider drops or sums up old items by itself. */
	w->doc->clears_results =
		walk_has(w, v[BODY_CONTEXT]) || walk_text(w, v[BODY_TRUNCATION], "auto");
	w->doc->clears_inputs = w->doc->clears_results;
	walk_content(w, b, "instructions", v[BODY_INSTRUCTIONS], WIRE_TEXT, message_part);
	if (walk_is(w, v[BODY_TOOLS], JSON_ARRAY))
		tool_list(w, v[BODY_TOOLS], false);
	if (walk_is(w, v[BODY_INPUT], JSON_ARRAY)) {
		walk_messages(w, "input", v[BODY_INPUT], item);
	} else if (walk_has(w, v[BODY_INPUT])) {
		b = (struct wire_block){.message = w->doc->message_n++, .role = WIRE_USER};
		walk_content(w, b, "input", v[BODY_INPUT], WIRE_TEXT, message_part);
	}
	return E_OK;
}

const struct wire_walker walk_openai_responses = {
	.body = body, .message = item, .part = message_part};
