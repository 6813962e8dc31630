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
	struct walk w = {.a = a, .t = t, .doc = out};

	ASSERT(f > WIRE_NONE && f < WIRE_FORMAT_N);
	*out = (struct wire_doc){.format = f, .tape = *t};
	TRY(FORMATS[f].walker->body(&w, cx));
	walk_resolve(&w, 0, NULL);
	return E_OK;
}

enum err wire_walk_piece(struct arena *a, const struct json_tape *t, const struct wire_piece *piece,
	struct wire_doc *doc, struct errctx *cx)
{
	const struct wire_walker *walker = FORMATS[piece->format].walker;
	struct walk w = {.a = a, .t = t, .doc = doc};
	uint32_t from = doc->n;

	ASSERT(walker);
	if (!json_is(t, piece->node, JSON_ARRAY) && !json_is(t, piece->node, JSON_OBJECT))
		FAIL(cx, E_MALFORMED, "neither a list of messages nor one of them");
	if (!from) {
		doc->format = piece->format;
		doc->tape = *t;
		doc->first = piece->calls ? piece->calls->block_n : 0;
	}
	(void)walk_enter_key(&w, piece->path);
	if (json_is(t, piece->node, JSON_ARRAY)) {
		walk_messages(&w, "", piece->node, walker->message);
	} else {
		struct wire_block b = {.message = doc->message_n++};

		walker->message(&w, b, piece->node);
	}
	walk_resolve(&w, from, piece->calls);
	return E_OK;
}
