/* Gemini CLI: a record per message, {"id","type":"user"|"gemini","content","toolCalls"}: contents are strings or
 * parts, and a call holds its arguments beside its result. Newer versions append records to a JSON Lines
 * file, again and again with the same id while calls complete; older ones keep one document with a list of
 * them. Records of type info, warning and error are for the screen. */
#include "core/base/hash.h"
#include "core/transcript/reader.h"

static void tool_call(struct line *l, uint32_t node, str path)
{
	struct wire_block b = {.role = WIRE_ASSISTANT, .kind = WIRE_TOOL_CALL};
	uint32_t args = line_member(l, node, "args"), result = line_member(l, node, "result");

	if (!json_is(l->t, node, JSON_OBJECT) || json_has_duplicate_key(l->t, node))
		return;
	b.tool = line_string(l, node, "name");
	b.call_id = line_string(l, node, "id");
	b.message = l->out->doc.message_n++;
	line_block(l, &b, args, arena_printf(l->a, STR_FMT ".args", STR_ARG(path)));
	if (result == JSON_ABSENT)
		return;
	path = arena_printf(l->a, STR_FMT ".result", STR_ARG(path));
	if (!json_is(l->t, result, JSON_STRING)) {
		line_content(l, WIRE_GEMINI, WIRE_TOOL, result, path);
		return;
	}
	b.role = WIRE_TOOL;
	b.kind = WIRE_TOOL_RESULT;
	b.message = l->out->doc.message_n++;
	b.is_error = line_is(l, node, "status", "error");
	line_block(l, &b, result, path);
}

static void tool_calls(struct line *l, uint32_t list, str path)
{
	uint32_t i = 0;

	if (list == JSON_ABSENT || !json_is(l->t, list, JSON_ARRAY))
		return;
	for (struct json_iter it = json_iter(l->t, list); json_next(&it); i++)
		tool_call(
			l, it.value, arena_printf(l->a, STR_FMT "toolCalls[%u]", STR_ARG(path), i));
}

/* path: empty, or ends in a dot. */
static void record(struct line *l, uint32_t node, str path)
{
	bool is_user = line_is(l, node, "type", "user");

	if (!is_user && !line_is(l, node, "type", "gemini"))
		return;
	line_content(l, WIRE_GEMINI, is_user ? WIRE_USER : WIRE_ASSISTANT,
		line_member(l, node, "content"),
		arena_printf(l->a, STR_FMT "content", STR_ARG(path)));
	tool_calls(l, line_member(l, node, "toolCalls"), path);
}

void gemini_read(struct line *l)
{
	str id = line_string(l, 0, "id");
	uint64_t id_hash = id.n ? hash64(id) : 0;

	line_name_session(l, line_member(l, 0, "sessionId"));
	(void)line_session(l, l->r->name);
	/* A record with the id of the last one replaces it. */
	if ((id_hash && id_hash == l->r->last_id) || line_member(l, 0, "$rewindTo") != JSON_ABSENT)
		line_forget(l);
	if (id_hash)
		l->r->last_id = id_hash;
	record(l, 0, STR_NULL);
}

void gemini_file_read(struct line *l)
{
	uint32_t messages = line_member(l, 0, "messages"), i = 0;

	line_name_session(l, line_member(l, 0, "sessionId"));
	(void)line_session(l, l->r->name);
	if (messages == JSON_ABSENT || !json_is(l->t, messages, JSON_ARRAY))
		return;
	for (struct json_iter it = json_iter(l->t, messages); json_next(&it); i++) {
		if (!json_has_duplicate_key(l->t, it.value))
			record(l, it.value, arena_printf(l->a, "messages[%u].", i));
	}
}
