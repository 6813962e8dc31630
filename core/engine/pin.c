#include "core/engine/pin.h"

#include "core/retrieve/retrieve.h"
#include "core/store/original.h"

void pin_call(struct conversation *c, const struct wire_doc *doc, const struct wire_block *b,
	struct arena *scratch)
{
	str input = span_str(doc->tape.doc, b->at);
	struct retrieve_want want = {0};
	struct json_tape t;

	if (b->kind != WIRE_TOOL_CALL || !wire_is_retrieve_tool(b->tool))
		return;
	if (input.n && *input.p == '"' && !json_unescape(input, scratch, &input))
		return;
	if (json_scan(scratch, input, &t, NULL) != E_OK || !json_is(&t, 0, JSON_OBJECT))
		return;
	if (retrieve_want_read(&t, 0, scratch, &want, NULL) == E_OK)
		conversation_pin(c, want.hash);
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
	return str_find(command, STR("headroom retrieve ")) != STR_NONE;
}
