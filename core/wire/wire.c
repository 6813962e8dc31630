#include "core/wire/wire.h"

#include "core/base/check.h"
#include "core/wire/walk.h"

static const struct {
	str name;
	const struct wire_walker *walker;
} FORMATS[WIRE_FORMAT_N] = {
	[WIRE_NONE] = {WALK_KEY("none"), NULL},
	[WIRE_ANTHROPIC] = {WALK_KEY("anthropic"), &walk_anthropic},
	[WIRE_OPENAI_CHAT] = {WALK_KEY("openai-chat"), &walk_openai_chat},
	[WIRE_OPENAI_RESPONSES] = {WALK_KEY("openai-responses"), &walk_openai_responses},
	[WIRE_GEMINI] = {WALK_KEY("gemini"), &walk_gemini},
};

const char *wire_format_name(enum wire_format f)
{
	return FORMATS[f < WIRE_FORMAT_N ? f : WIRE_NONE].name.p;
}

bool wire_format_parse(str name, enum wire_format *out)
{
	for (enum wire_format f = WIRE_NONE + 1; f < WIRE_FORMAT_N; f++) {
		if (!str_eq(name, FORMATS[f].name))
			continue;
		*out = f;
		return true;
	}
	return false;
}

enum err wire_walk(struct arena *a, const struct json_tape *t, enum wire_format f,
	struct wire_doc *out, struct errctx *cx)
{
	return wire_walk_known(a, t, f, NULL, out, cx);
}

enum err wire_walk_known(struct arena *a, const struct json_tape *t, enum wire_format f,
	const struct wire_hashes *known, struct wire_doc *out, struct errctx *cx)
{
	struct walk w = {.a = a, .t = t, .doc = out};

	ASSERT(f > WIRE_NONE && f < WIRE_FORMAT_N);
	*out = (struct wire_doc){.format = f, .tape = *t};
	if (known) {
		w.known = *known;
		walk_expect(&w, known->n + known->n / 8);
	}
	TRY(FORMATS[f].walker->body(&w, cx));
	wire_resolve(a, out, NULL);
	return E_OK;
}

enum err wire_walk_piece(struct arena *a, const struct json_tape *t, const struct wire_piece *piece,
	struct wire_doc *doc, struct errctx *cx)
{
	const struct wire_walker *walker = FORMATS[piece->format].walker;
	struct walk w = {.a = a, .t = t, .doc = doc};
	enum json_type type = t->v[piece->node].type;
	struct wire_block b = {.message = doc->message_n, .role = piece->role};

	ASSERT(walker);
	if (type != JSON_ARRAY && type != JSON_OBJECT &&
		!(piece->is_content && type == JSON_STRING))
		FAIL(cx, E_MALFORMED, "neither a list of messages nor one of them");
	doc->format = piece->format;
	doc->tape = *t;
	(void)walk_enter_key(&w, piece->path);
	if (piece->is_content) {
		doc->message_n++;
		walk_content(&w, b, "", piece->node,
			b.role == WIRE_TOOL ? WIRE_TOOL_RESULT : WIRE_TEXT, walker->part);
	} else if (type == JSON_ARRAY) {
		walk_messages(&w, "", piece->node, walker->message);
	} else {
		b.role = WIRE_SYSTEM;
		doc->message_n++;
		walker->message(&w, b, piece->node);
	}
	return E_OK;
}

void wire_add(struct arena *a, const struct json_tape *t, const struct wire_block *b, uint32_t node,
	str path, struct wire_doc *doc)
{
	struct walk w = {.a = a, .t = t, .doc = doc};
	bool needs_string = b->kind == WIRE_TEXT || b->kind == WIRE_TOOL_RESULT;

	doc->tape = *t;
	(void)walk_enter_key(&w, path);
	if (b->kind == WIRE_OPAQUE || (needs_string && !json_is(t, node, JSON_STRING)))
		walk_opaque(&w, *b, node);
	else
		walk_add(&w, *b, b->kind, node);
}

bool wire_is_retrieve_tool(str name)
{
	/* Clients put the name of the MCP server before a tool's: "mcp__headroom__" (Claude Code, Codex), "mcp_headroom_"
	 * (Gemini CLI), "headroom_" (opencode), "headroom-" (Copilot CLI). */
	return str_eq_c(name, "headroom_retrieve") || str_ends(name, STR("__headroom_retrieve")) ||
	       str_ends(name, STR("headroom_headroom_retrieve")) ||
	       str_ends(name, STR("headroom-headroom_retrieve"));
}
