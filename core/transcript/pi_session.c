/* pi: a line per entry. type "message" holds a message in pi's own shape: parts of type toolCall with "arguments",
 * and messages of role toolResult. Entries are linked by id and parentId (older versions: by their order);
 * an entry that follows on another than the last one starts a branch. */
#include "core/base/hash.h"
#include "core/transcript/reader.h"

static void part(struct line *l, struct wire_block b, uint32_t node, str path)
{
	bool is_plain = !json_has_duplicate_key(l->t, node);
	const char *value;

	if (is_plain && line_is(l, node, "type", "text")) {
		value = "text";
	} else if (is_plain && line_is(l, node, "type", "toolCall")) {
		value = "arguments";
		b.kind = WIRE_TOOL_CALL;
		b.tool = line_string(l, node, "name");
		b.call_id = line_string(l, node, "id");
	} else {
		b.kind = WIRE_OPAQUE;
		line_block(l, &b, node, path);
		return;
	}
	line_block(l, &b, line_member(l, node, value),
		arena_printf(l->a, STR_FMT ".%s", STR_ARG(path), value));
}

static void content(struct line *l, struct wire_block b, uint32_t node, const char *path)
{
	if (node == JSON_ABSENT || !json_is(l->t, node, JSON_ARRAY)) {
		line_block(l, &b, node, str_from(path));
		return;
	}
	for (struct json_iter it = json_iter(l->t, node); json_next(&it); b.part++)
		part(l, b, it.value, arena_printf(l->a, "%s[%u]", path, b.part));
}

static void message(struct line *l, uint32_t node)
{
	struct wire_block b = {.role = WIRE_USER, .kind = WIRE_TEXT};

	if (line_is(l, node, "role", "assistant")) {
		b.role = WIRE_ASSISTANT;
	} else if (line_is(l, node, "role", "toolResult")) {
		b.role = WIRE_TOOL;
		b.kind = WIRE_TOOL_RESULT;
		b.tool = line_string(l, node, "toolName");
		b.call_id = line_string(l, node, "toolCallId");
		b.is_error = line_is_true(l, node, "isError");
	} else if (line_is(l, node, "role", "bashExecution")) {
		content(l, b, line_member(l, node, "output"), "message.output");
		return;
	}
	content(l, b, line_member(l, node, "content"), "message.content");
}

void pi_read(struct line *l)
{
	struct wire_block text = {.role = WIRE_USER, .kind = WIRE_TEXT};
	str id = line_string(l, 0, "id"), parent = line_string(l, 0, "parentId");

	if (line_is(l, 0, "type", "session")) {
		line_name_session(l, line_member(l, 0, "id"));
		return;
	}
	(void)line_session(l, l->r->name);
	if (line_is(l, 0, "type", "compaction") ||
		(parent.n && l->r->last_id && hash64(parent) != l->r->last_id))
		line_forget(l);
	if (id.n)
		l->r->last_id = hash64(id);
	l->out->doc.message_n = 1;
	if (line_is(l, 0, "type", "message"))
		message(l, line_object(l, 0, "message"));
	else if (line_is(l, 0, "type", "compaction") || line_is(l, 0, "type", "branch_summary"))
		line_block(l, &text, line_member(l, 0, "summary"), STR("summary"));
	else if (line_is(l, 0, "type", "custom_message"))
		content(l, text, line_member(l, 0, "content"), "content");
}
