/* OpenCode: a message is a list of parts; a part of type "tool" holds the input of a call beside its output. What
 * "opencode export" prints is {"info","messages":[{"info","parts"}]}; its storage keeps each part in a file. */
#include "core/transcript/reader.h"

static void tool_part(struct line *l, uint32_t node, str path)
{
	struct wire_block b = {.role = WIRE_ASSISTANT, .kind = WIRE_TOOL_CALL};
	uint32_t state = line_object(l, node, "state");
	bool is_error = line_is(l, state, "status", "error");
	const char *output = is_error ? "error" : "output";

	b.tool = line_string(l, node, "tool");
	b.call_id = line_string(l, node, "callID");
	b.message = l->out->doc.message_n++;
	line_block(l, &b, line_member(l, state, "input"),
		arena_printf(l->a, STR_FMT "state.input", STR_ARG(path)));
	b.role = WIRE_TOOL;
	b.kind = WIRE_TOOL_RESULT;
	b.is_error = is_error;
	b.message = l->out->doc.message_n++;
	/* An output that OpenCode has pruned is sent as a notice in its place. */
	if (line_member(l, line_object(l, state, "time"), "compacted") != JSON_ABSENT)
		b.kind = WIRE_OPAQUE;
	line_block(l, &b, line_member(l, state, output),
		arena_printf(l->a, STR_FMT "state.%s", STR_ARG(path), output));
}

/* path: empty, or ends in a dot. */
static void part(struct line *l, enum wire_role role, uint32_t node, str path)
{
	struct wire_block b = {.role = role, .kind = WIRE_TEXT};

	if (json_has_duplicate_key(l->t, node))
		return;
	if (line_is(l, node, "type", "tool")) {
		tool_part(l, node, path);
		return;
	}
	if (line_is(l, node, "type", "reasoning"))
		b.kind = WIRE_OPAQUE;
	else if (!line_is(l, node, "type", "text") || line_is_true(l, node, "ignored"))
		return;
	b.message = l->out->doc.message_n++;
	line_block(l, &b, line_member(l, node, "text"),
		arena_printf(l->a, STR_FMT "text", STR_ARG(path)));
}

static void message(struct line *l, uint32_t node, uint32_t index)
{
	uint32_t parts = line_member(l, node, "parts"), i = 0;
	bool is_user = line_is(l, line_object(l, node, "info"), "role", "user");

	if (parts == JSON_ABSENT || !json_is(l->t, parts, JSON_ARRAY))
		return;
	for (struct json_iter it = json_iter(l->t, parts); json_next(&it); i++)
		part(l, is_user ? WIRE_USER : WIRE_ASSISTANT, it.value,
			arena_printf(l->a, "messages[%u].parts[%u].", index, i));
}

void opencode_read(struct line *l)
{
	uint32_t messages = line_member(l, 0, "messages"), i = 0;

	if (messages == JSON_ABSENT) {
		(void)line_session(l, line_string(l, 0, "sessionID"));
		part(l, WIRE_ASSISTANT, 0, STR_NULL);
		return;
	}
	(void)line_session(l, line_string(l, line_object(l, 0, "info"), "id"));
	if (!json_is(l->t, messages, JSON_ARRAY))
		return;
	for (struct json_iter it = json_iter(l->t, messages); json_next(&it); i++) {
		if (!json_has_duplicate_key(l->t, it.value))
			message(l, it.value, i);
	}
}
