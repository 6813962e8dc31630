/* asked: how often texts that were left out were asked for, by what a proxy has logged: the bodies as they came and as they were sent on. */
#include "core/compress/codec.h"
#include "core/replay/session.h"
#include "core/wire/wire.h"

struct look {
	struct arena *arena;
	enum wire_format format;
	struct replay_asked *out;
	const struct replay_fit *fit;
	enum token_encoding encoding;
};

static bool walk(const struct look *k, str body, struct wire_doc *doc)
{
	struct json_tape *t = arena_new(k->arena, struct json_tape);

	*doc = (struct wire_doc){0};
	return json_scan(k->arena, body, t, NULL) == E_OK &&
	       wire_walk(k->arena, t, k->format, doc, NULL) == E_OK;
}

/* The first block behind what the model said last; doc->n when it has said nothing. */
static uint32_t newest(const struct wire_doc *doc)
{
	for (uint32_t i = doc->n; i--;)
		if (doc->blocks[i].role == WIRE_ASSISTANT)
			return i + 1;
	return doc->n;
}

static bool text_of(const struct look *k, const struct wire_doc *doc, uint32_t i, str *out)
{
	return json_unescape(span_str(doc->tape.doc, doc->blocks[i].at), k->arena, out);
}

/* What the client sent in the place of that result; empty when that cannot be told. */
static str original_of(const struct look *k, const struct wire_doc *raw, const struct wire_block *b)
{
	str text;

	for (uint32_t i = newest(raw); i < raw->n; i++) {
		const struct wire_block *o = &raw->blocks[i];

		if (o->kind == WIRE_TOOL_RESULT && o->sub == b->sub &&
			str_eq(o->call_id, b->call_id) && text_of(k, raw, i, &text))
			return text;
	}
	return STR_NULL;
}

static void add_elided(
	const struct look *k, const struct wire_doc *raw, const struct wire_doc *sent)
{
	for (uint32_t i = newest(sent); i < sent->n; i++) {
		struct codec_head head;
		size_t at, end;
		str text;

		if (sent->blocks[i].kind != WIRE_TOOL_RESULT || !text_of(k, sent, i, &text) ||
			!codec_head_find(text, &head, &at, &end) || head.form != CODEC_ELIDED)
			continue;
		text = original_of(k, raw, &sent->blocks[i]);
		k->out->elided++;
		k->out->elided_tokens += (uint64_t)(k->fit->per_token *
						    (double)token_count(k->encoding, text, NULL));
	}
}

/* By a tool of the client's. */
static uint64_t calls_in(const struct wire_doc *raw)
{
	uint64_t n = 0;

	for (uint32_t i = newest(raw); i-- && raw->blocks[i].role == WIRE_ASSISTANT;)
		n += raw->blocks[i].kind == WIRE_TOOL_CALL &&
		     wire_is_retrieve_tool(raw->blocks[i].tool);
	return n;
}

static void add_turn(const struct look *k, const struct turn *t)
{
	struct wire_doc raw, sent;

	k->out->retrieved += t->retrievals;
	if (!walk(k, t->body, &raw))
		return;
	k->out->retrieved += calls_in(&raw);
	if (t->sent.n && walk(k, t->sent, &sent))
		add_elided(k, &raw, &sent);
}

struct replay_asked replay_asked_of(const struct turn_session *s, const struct replay_fit *fit,
	enum token_encoding encoding, struct arena *turn)
{
	struct replay_asked out = {0};
	struct look k = {turn, s->format, &out, fit, encoding};
	bool is_log = false;

	for (size_t i = 0; i < s->turns.n; i++)
		is_log |= s->turns.v[i].sent.n || s->turns.v[i].retrievals;
	for (size_t i = 0; is_log && i < s->turns.n; i++) {
		add_turn(&k, &s->turns.v[i]);
		arena_reset(turn);
	}
	return out;
}
