/* Codex: {"timestamp","type","payload"} per line; a payload of type response_item is an item of the Responses
 * API as it was sent. In the first versions (2025) the items stood bare, after a line with id and
 * instructions. */
#include "core/transcript/reader.h"

static void compacted(struct line *l, uint32_t payload)
{
	struct wire_block b = {.role = WIRE_USER, .kind = WIRE_TEXT};
	uint32_t history = line_member(l, payload, "replacement_history");

	line_forget(l);
	if (history != JSON_ABSENT && json_is(l->t, history, JSON_ARRAY))
		line_messages(
			l, WIRE_OPENAI_RESPONSES, history, STR("payload.replacement_history"));
	else
		line_block(l, &b, line_member(l, payload, "message"), STR("payload.message"));
}

void codex_read(struct line *l)
{
	uint32_t payload = line_object(l, 0, "payload");

	if (payload == JSON_ABSENT) {
		if (line_member(l, 0, "instructions") != JSON_ABSENT)
			line_name_session(l, line_member(l, 0, "id"));
		(void)line_session(l, l->r->name);
		if (line_member(l, 0, "type") != JSON_ABSENT)
			line_messages(l, WIRE_OPENAI_RESPONSES, 0, STR_NULL);
		return;
	}
	if (line_is(l, 0, "type", "session_meta"))
		line_name_session(l, line_member(l, payload, "id"));
	(void)line_session(l, l->r->name);
	if (line_is(l, 0, "type", "response_item"))
		line_messages(l, WIRE_OPENAI_RESPONSES, payload, STR("payload"));
	else if (line_is(l, 0, "type", "compacted"))
		compacted(l, payload);
	else if (line_is(l, payload, "type", "thread_rolled_back"))
		line_forget(l);
}
