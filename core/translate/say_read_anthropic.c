/* Anthropic's answers: docs.anthropic.com/en/api/messages, .../messages-streaming. */
#include "core/translate/say.h"

/* What Anthropic has made unreadable has no text, and is told from other thoughts by this. */
static str redacted(struct translate_answer *ta, str data)
{
	return arena_printf(&ta->event, "red/" STR_FMT, STR_ARG(data));
}

static uint32_t index_of(const struct json_tape *t)
{
	uint32_t node = form_member(t, 0, "index");
	uint64_t n;

	return node != JSON_ABSENT && json_u64(t, node, &n) && n < UINT32_MAX ? (uint32_t)n : 0;
}

static void begin(struct translate_answer *ta, const struct json_tape *t)
{
	uint32_t message = form_member(t, 0, "message");

	say_begin(ta, form_inside(t, form_member(t, message, "id")),
		form_inside(t, form_member(t, message, "model")));
}

/* Blocks that begin with text of their own are what bodies have; those of streams begin empty. */
static void take_block(struct translate_answer *ta, const struct json_tape *t, uint32_t block,
	uint32_t key, bool is_whole)
{
	uint32_t type = form_member(t, block, "type");

	if (form_says(t, type, "text"))
		say_text(ta, SAY_TEXT, key, form_inside(t, form_member(t, block, "text")));
	else if (form_says(t, type, "thinking")) {
		say_text(ta, SAY_THINKING, key, form_inside(t, form_member(t, block, "thinking")));
		say_signature(ta, key, WIRE_ANTHROPIC,
			form_inside(t, form_member(t, block, "signature")));
	} else if (form_says(t, type, "redacted_thinking"))
		say_signature(ta, key, WIRE_ANTHROPIC,
			redacted(ta, form_inside(t, form_member(t, block, "data"))));
	else if (form_says(t, type, "tool_use")) {
		say_call(ta, key, form_inside(t, form_member(t, block, "id")),
			form_inside(t, form_member(t, block, "name")));
		if (is_whole)
			say_arguments(ta, key,
				form_escaped(
					&ta->event, form_raw(t, form_member(t, block, "input"))));
	}
	if (is_whole)
		say_done(ta, key);
}

static void take_delta(struct translate_answer *ta, const struct json_tape *t)
{
	uint32_t delta = form_member(t, 0, "delta"), type = form_member(t, delta, "type"),
		 key = index_of(t);

	if (form_says(t, type, "text_delta"))
		say_text(ta, SAY_TEXT, key, form_inside(t, form_member(t, delta, "text")));
	else if (form_says(t, type, "thinking_delta"))
		say_text(ta, SAY_THINKING, key, form_inside(t, form_member(t, delta, "thinking")));
	else if (form_says(t, type, "signature_delta"))
		say_signature(ta, key, WIRE_ANTHROPIC,
			form_inside(t, form_member(t, delta, "signature")));
	else if (form_says(t, type, "input_json_delta"))
		say_arguments(ta, key, form_inside(t, form_member(t, delta, "partial_json")));
}

static void take_stop(struct translate_answer *ta, const struct json_tape *t, uint32_t node)
{
	str sequence = form_inside(t, form_member(t, node, "stop_sequence"));

	say_stop(ta, say_stop_parse(WIRE_ANTHROPIC, t, form_member(t, node, "stop_reason")));
	if (sequence.n) {
		buf_reset(&ta->stop_sequence);
		buf_add(&ta->stop_sequence, sequence);
	}
}

static void take_error(struct translate_answer *ta, const struct json_tape *t)
{
	uint32_t error = form_member(t, 0, "error");

	say_error(ta,
		say_error_status(WIRE_ANTHROPIC, form_inside(t, form_member(t, error, "type"))),
		form_inside(t, form_member(t, error, "message")));
}

static void take_event(struct translate_answer *ta, str name, const struct json_tape *t)
{
	uint32_t type = form_member(t, 0, "type");

	(void)name;
	if (form_says(t, type, "content_block_delta"))
		take_delta(ta, t);
	else if (form_says(t, type, "content_block_start"))
		take_block(ta, t, form_member(t, 0, "content_block"), index_of(t), false);
	else if (form_says(t, type, "content_block_stop"))
		say_done(ta, index_of(t));
	else if (form_says(t, type, "message_start"))
		begin(ta, t);
	else if (form_says(t, type, "message_delta"))
		take_stop(ta, t, form_member(t, 0, "delta"));
	else if (form_says(t, type, "message_stop"))
		say_end(ta);
	else if (form_says(t, type, "error"))
		take_error(ta, t);
}

static bool take_body(struct translate_answer *ta, const struct json_tape *t)
{
	uint32_t content = form_member(t, 0, "content"), key = 0;

	if (!form_is(t, content, JSON_ARRAY))
		return false;
	say_begin(ta, form_inside(t, form_member(t, 0, "id")),
		form_inside(t, form_member(t, 0, "model")));
	for (struct json_iter it = json_iter(t, content); json_next(&it);)
		take_block(ta, t, it.value, key++, true);
	take_stop(ta, t, 0);
	return true;
}

const struct say_reader say_read_anthropic = {.event = take_event, .body = take_body};
