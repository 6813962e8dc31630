#include "core/engine/pin.h"

#include "core/retrieve/retrieve.h"
#include "core/store/original.h"

static const char command_words[] = "headroom retrieve ";

str pin_key_of(const struct wire_doc *doc, const struct wire_block *b, struct arena *scratch)
{
	str input = span_str(doc->tape.doc, b->at);
	struct retrieve_want want = {0};
	struct json_tape t;

	if (b->kind != WIRE_TOOL_CALL || !wire_is_retrieve_tool(b->tool))
		return STR_NULL;
	if (input.n && *input.p == '"' && !json_unescape(input, scratch, &input))
		return STR_NULL;
	if (json_scan(scratch, input, &t, NULL) != E_OK || !json_is(&t, 0, JSON_OBJECT))
		return STR_NULL;
	return retrieve_want_read(&t, 0, scratch, &want, NULL) == E_OK ? want.hash : STR_NULL;
}

void pin_call(struct conversation *c, const struct wire_doc *doc, const struct wire_block *b,
	struct arena *scratch)
{
	conversation_pin(c, pin_key_of(doc, b, scratch));
}

void pin_turn(struct conversation *c, const struct own_turn *turn, enum wire_format f,
	struct arena *scratch)
{
	struct wire_doc doc;

	if (!own_messages_walk(f, turn->messages, scratch, &doc))
		return;
	for (uint32_t i = 0; i < doc.n; i++)
		pin_call(c, &doc, &doc.blocks[i], scratch);
}

bool pin_is_command(str command)
{
	return str_find(command, str_from(command_words)) != STR_NONE;
}

str pin_key_of_command(str command)
{
	size_t at = str_find(command, str_from(command_words)), n = 0;

	if (at == STR_NONE)
		return STR_NULL;
	command = str_sub(command, at + sizeof command_words - 1, command.n);
	while (n < command.n && strchr("0123456789abcdefABCDEF", command.p[n]) && command.p[n])
		n++;
	return str_sub(command, 0, n);
}
