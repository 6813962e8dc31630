#include "core/wire/own_text.h"

#include "core/base/limits.h"
#include "core/wire/own_tool.h"

/* What a part with a text begins with. */
static const char *const PARTS[WIRE_FORMAT_N] = {
	[WIRE_ANTHROPIC] = "{\"type\":\"text\",\"text\":",
	[WIRE_OPENAI_CHAT] = "{\"type\":\"text\",\"text\":",
	[WIRE_OPENAI_RESPONSES] = "{\"type\":\"input_text\",\"text\":",
	[WIRE_GEMINI] = "{\"text\":",
};

static uint32_t element(const struct json_tape *t, uint32_t array, uint32_t index)
{
	for (struct json_iter it = json_iter(t, array); json_next(&it);)
		if (index-- == 0)
			return it.value;
	return JSON_ABSENT;
}

static void insert(own_edits *edits, struct arena *a, uint32_t at, const struct buf *text)
{
	*vec_push(edits, a) = (struct patch_edit){{at, at}, buf_str(text)};
}

/* Behind the part that the block is in. */
static bool put_part(const struct wire_doc *doc, const struct wire_block *b, uint32_t content,
	str text, struct arena *a, own_edits *edits)
{
	const struct json_tape *t = &doc->tape;
	uint32_t part = element(t, content, b->part);
	struct buf added;

	if (part == JSON_ABSENT || !json_is(t, part, JSON_OBJECT) ||
		json_member(t, part, "text") != b->node)
		return false;
	buf_init_arena(&added, a, LIMIT_INPUT);
	buf_add_byte(&added, ',');
	buf_add_c(&added, PARTS[doc->format]);
	buf_add_json_string(&added, text);
	buf_add_byte(&added, '}');
	insert(edits, a, t->v[part].end, &added);
	return !added.err;
}

static bool put_behind(const struct wire_doc *doc, const struct wire_block *b, str text,
	struct arena *a, own_edits *edits)
{
	struct buf before, literal, added;

	buf_init_arena(&before, a, LIMIT_INPUT);
	buf_init_arena(&literal, a, LIMIT_INPUT);
	buf_init_arena(&added, a, LIMIT_INPUT);
	buf_add_json_string(&literal, text);
	if (doc->format != WIRE_ANTHROPIC) {
		buf_add_c(&added, "\\n\\n");
		buf_add(&added, str_sub(buf_str(&literal), 1, literal.n - 1));
		insert(edits, a, b->at.end - 1, &added);
		return !added.err;
	}
	buf_printf(&before, "[%s", PARTS[doc->format]);
	insert(edits, a, b->at.start, &before);
	buf_printf(&added, "},%s", PARTS[doc->format]);
	buf_add(&added, buf_str(&literal));
	buf_add_c(&added, "}]");
	insert(edits, a, b->at.end, &added);
	return !added.err;
}

bool own_text_put(
	const struct wire_doc *doc, uint32_t i, str text, struct arena *a, own_edits *edits)
{
	const struct json_tape *t = &doc->tape;
	const struct wire_block *b = &doc->blocks[i];
	uint32_t history = own_tool_history(doc), message, content;

	if (history == JSON_ABSENT || !json_is(t, history, JSON_ARRAY) || b->kind != WIRE_TEXT ||
		b->role != WIRE_USER || !json_is(t, b->node, JSON_STRING))
		return false;
	message = element(t, history, b->message);
	if (message == JSON_ABSENT || !json_is(t, message, JSON_OBJECT))
		return false;
	content = json_member(t, message, doc->format == WIRE_GEMINI ? "parts" : "content");
	if (content == JSON_ABSENT)
		return false;
	if (content == b->node)
		return put_behind(doc, b, text, a, edits);
	return json_is(t, content, JSON_ARRAY) && put_part(doc, b, content, text, a, edits);
}
