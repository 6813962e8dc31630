/* The format of a request by its shape. What decides are members and parts that only one format has; where
 * a conversation has none of them (plain questions and answers), the name of the model does. */
#include "core/wire/walk.h"

/* Enough to see past a long run of plain text, and an end to the time that it may take. */
enum { LOOK_AT_MESSAGES = 64, LOOK_AT_PARTS = 16 };

struct sign {
	const char *name;
	enum wire_format format;
};

static const struct sign ROLES[] = {
	{"developer",
		WIRE_OPENAI_CHAT}, /* in Responses an item with it has a content of input_text */
	{"tool", WIRE_OPENAI_CHAT},
	{"function", WIRE_OPENAI_CHAT},
	{"model", WIRE_GEMINI},
};

static const struct sign TYPES[] = {
	{"tool_use", WIRE_ANTHROPIC},
	{"tool_result", WIRE_ANTHROPIC},
	{"thinking", WIRE_ANTHROPIC},
	{"redacted_thinking", WIRE_ANTHROPIC},
	{"image", WIRE_ANTHROPIC},
	{"document", WIRE_ANTHROPIC},
	{"server_tool_use", WIRE_ANTHROPIC},
	{"image_url", WIRE_OPENAI_CHAT},
	{"input_audio", WIRE_OPENAI_CHAT},
	{"file", WIRE_OPENAI_CHAT},
	{"input_text", WIRE_OPENAI_RESPONSES},
	{"output_text", WIRE_OPENAI_RESPONSES},
	{"input_image", WIRE_OPENAI_RESPONSES},
	{"input_file", WIRE_OPENAI_RESPONSES},
};

static const struct sign MESSAGE_MEMBERS[] = {
	{"tool_calls", WIRE_OPENAI_CHAT},
	{"tool_call_id", WIRE_OPENAI_CHAT},
	{"function_call", WIRE_OPENAI_CHAT},
	{"parts", WIRE_GEMINI},
	{"call_id", WIRE_OPENAI_RESPONSES},
	{"encrypted_content", WIRE_OPENAI_RESPONSES},
};

static const struct sign BODY_MEMBERS[] = {
	{"system", WIRE_ANTHROPIC},
	{"anthropic_version", WIRE_ANTHROPIC},
	{"context_management", WIRE_ANTHROPIC},
	{"thinking", WIRE_ANTHROPIC},
	{"stop_sequences", WIRE_ANTHROPIC},
	{"top_k", WIRE_ANTHROPIC},
	{"max_completion_tokens", WIRE_OPENAI_CHAT},
	{"stream_options", WIRE_OPENAI_CHAT},
	{"response_format", WIRE_OPENAI_CHAT},
	{"parallel_tool_calls", WIRE_OPENAI_CHAT},
	{"frequency_penalty", WIRE_OPENAI_CHAT},
	{"presence_penalty", WIRE_OPENAI_CHAT},
	{"reasoning_effort", WIRE_OPENAI_CHAT},
	{"functions", WIRE_OPENAI_CHAT},
	{"n", WIRE_OPENAI_CHAT},
	{"stop", WIRE_OPENAI_CHAT},
};

static enum wire_format by_text(
	const struct json_tape *t, uint32_t node, const struct sign *signs, size_t n)
{
	for (size_t i = 0; node != JSON_ABSENT && i < n; i++) {
		if (json_string_is(t, node, signs[i].name))
			return signs[i].format;
	}
	return WIRE_NONE;
}

static enum wire_format by_member(
	const struct json_tape *t, uint32_t object, const struct sign *signs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (json_member(t, object, signs[i].name) != JSON_ABSENT)
			return signs[i].format;
	}
	return WIRE_NONE;
}

static bool has_suffix(const struct json_tape *t, uint32_t string, str suffix)
{
	str s = json_text(t, string);

	return json_is(t, string, JSON_STRING) && str_ends(str_sub(s, 1, s.n - 1), suffix);
}

static enum wire_format by_item_type(const struct json_tape *t, uint32_t type)
{
	if (type == JSON_ABSENT)
		return WIRE_NONE;
	if (has_suffix(t, type, STR("_call")) || has_suffix(t, type, STR("_call_output")) ||
		json_string_is(t, type, "reasoning") || json_string_is(t, type, "additional_tools"))
		return WIRE_OPENAI_RESPONSES;
	return WIRE_NONE;
}

static enum wire_format by_message(const struct json_tape *t, uint32_t node)
{
	uint32_t content = json_member(t, node, "content"), parts = 0;
	enum wire_format f = by_item_type(t, json_member(t, node, "type"));

	if (f == WIRE_NONE && content != JSON_ABSENT && json_is(t, content, JSON_ARRAY)) {
		for (struct json_iter it = json_iter(t, content);
			f == WIRE_NONE && parts++ < LOOK_AT_PARTS && json_next(&it);)
			f = by_text(t, json_member(t, it.value, "type"), TYPES, ARRAY_N(TYPES));
	}
	if (f == WIRE_NONE)
		f = by_member(t, node, MESSAGE_MEMBERS, ARRAY_N(MESSAGE_MEMBERS));
	if (f == WIRE_NONE)
		f = by_text(t, json_member(t, node, "role"), ROLES, ARRAY_N(ROLES));
	return f;
}

enum wire_format wire_detect_messages(const struct json_tape *t, uint32_t array)
{
	enum wire_format f = WIRE_NONE;
	uint32_t looked = 0;

	if (!json_is(t, array, JSON_ARRAY))
		return WIRE_NONE;
	for (struct json_iter it = json_iter(t, array);
		f == WIRE_NONE && looked++ < LOOK_AT_MESSAGES && json_next(&it);)
		f = by_message(t, it.value);
	return f;
}

static enum wire_format by_tools(const struct json_tape *t, uint32_t tools)
{
	struct json_iter it;

	if (tools == JSON_ABSENT || !json_is(t, tools, JSON_ARRAY))
		return WIRE_NONE;
	it = json_iter(t, tools);
	if (!json_next(&it))
		return WIRE_NONE;
	if (json_member(t, it.value, "input_schema") != JSON_ABSENT)
		return WIRE_ANTHROPIC;
	return json_member(t, it.value, "function") != JSON_ABSENT ? WIRE_OPENAI_CHAT : WIRE_NONE;
}

/* Messages of strings only are the same in both formats, so that a wrong answer here does no harm, save that
 * a system message at the start is Chat's way. */
static enum wire_format by_model(const struct json_tape *t, uint32_t messages)
{
	struct json_iter it = json_iter(t, messages);
	uint32_t model = json_member(t, 0, "model"), role = JSON_ABSENT;

	if (json_next(&it))
		role = json_member(t, it.value, "role");
	if (role != JSON_ABSENT && json_string_is(t, role, "system"))
		return WIRE_OPENAI_CHAT;
	if (model != JSON_ABSENT && json_is(t, model, JSON_STRING) &&
		str_find(json_text(t, model), STR("claude")) != STR_NONE)
		return WIRE_ANTHROPIC;
	return WIRE_OPENAI_CHAT;
}

static bool holds(const struct json_tape *t, uint32_t object, const char *name, enum json_type type)
{
	uint32_t v = json_member(t, object, name);

	return v != JSON_ABSENT && json_is(t, v, type);
}

enum wire_format wire_detect(const struct json_tape *t)
{
	uint32_t messages = json_member(t, 0, "messages"), request = json_member(t, 0, "request");
	enum wire_format f = WIRE_NONE;

	if (messages != JSON_ABSENT && json_is(t, messages, JSON_ARRAY)) {
		f = by_tools(t, json_member(t, 0, "tools"));
		if (f == WIRE_NONE)
			f = wire_detect_messages(t, messages);
		if (f == WIRE_NONE)
			f = by_member(t, 0, BODY_MEMBERS, ARRAY_N(BODY_MEMBERS));
		if (f != WIRE_ANTHROPIC && f != WIRE_OPENAI_CHAT)
			f = by_model(t, messages);
		return f;
	}
	if (holds(t, 0, "contents", JSON_ARRAY) ||
		(request != JSON_ABSENT && holds(t, request, "contents", JSON_ARRAY)))
		return WIRE_GEMINI;
	if (holds(t, 0, "input", JSON_ARRAY) || holds(t, 0, "instructions", JSON_STRING) ||
		(holds(t, 0, "input", JSON_STRING) && holds(t, 0, "model", JSON_STRING)))
		return WIRE_OPENAI_RESPONSES;
	return f;
}
