/* Responses' answers: platform.openai.com/docs/api-reference/responses-streaming. */
#include "core/translate/say.h"

/* Of an item, and of a part in it; parts of reasoning are one text. */
enum { PARTS = 64 };

static uint32_t number(const struct json_tape *t, const char *key)
{
	uint32_t node = form_member(t, 0, key);
	uint64_t n;

	return node != JSON_ABSENT && json_u64(t, node, &n) && n < UINT32_MAX / (2 * PARTS)
		       ? (uint32_t)n
		       : 0;
}

static uint32_t item_key(const struct json_tape *t)
{
	return number(t, "output_index") * PARTS;
}

static uint32_t part_key(const struct json_tape *t)
{
	return item_key(t) + number(t, "content_index") % PARTS;
}

/* ---- items as a whole: of bodies, and what streams have said only so -------------------------------------------- */

static void take_message(
	struct translate_answer *ta, const struct json_tape *t, uint32_t item, uint32_t key)
{
	uint32_t content = form_member(t, item, "content");

	if (!form_is(t, content, JSON_ARRAY))
		return;
	for (struct json_iter it = json_iter(t, content); json_next(&it); key++) {
		uint32_t refusal = form_member(t, it.value, "refusal");

		say_text(ta, SAY_TEXT, key,
			form_inside(t, refusal != JSON_ABSENT ? refusal
							      : form_member(t, it.value, "text")));
		if (refusal != JSON_ABSENT)
			say_stop(ta, STOP_REFUSED);
		say_done(ta, key);
	}
}

static void take_thought_texts(
	struct translate_answer *ta, const struct json_tape *t, uint32_t list, uint32_t key)
{
	bool is_first = true;

	if (!form_is(t, list, JSON_ARRAY))
		return;
	for (struct json_iter it = json_iter(t, list); json_next(&it); is_first = false) {
		if (!is_first)
			say_text(ta, SAY_THINKING, key, STR("\\n\\n"));
		say_text(ta, SAY_THINKING, key, form_inside(t, form_member(t, it.value, "text")));
	}
}

static void take_whole(
	struct translate_answer *ta, const struct json_tape *t, uint32_t item, uint32_t key)
{
	uint32_t type = form_member(t, item, "type");

	if (form_says(t, type, "message"))
		take_message(ta, t, item, key);
	else if (form_says(t, type, "reasoning")) {
		take_thought_texts(ta, t, form_member(t, item, "summary"), key);
		take_thought_texts(ta, t, form_member(t, item, "content"), key);
		say_signature(ta, key, WIRE_OPENAI_RESPONSES,
			form_inside(t, form_member(t, item, "encrypted_content")));
		say_done(ta, key);
	} else if (form_says(t, type, "function_call")) {
		say_call(ta, key, form_inside(t, form_member(t, item, "call_id")),
			form_inside(t, form_member(t, item, "name")));
		say_arguments(ta, key, form_inside(t, form_member(t, item, "arguments")));
		say_done(ta, key);
	}
}

/* ---- streams -------------------------------------------------------------------------------------------------- */

static void on_response(struct translate_answer *ta, const struct json_tape *t)
{
	uint32_t r = form_member(t, 0, "response");

	say_begin(ta, form_inside(t, form_member(t, r, "id")),
		form_inside(t, form_member(t, r, "model")));
}

static void on_item(struct translate_answer *ta, const struct json_tape *t)
{
	uint32_t item = form_member(t, 0, "item");

	if (form_says(t, form_member(t, item, "type"), "function_call"))
		say_call(ta, item_key(t), form_inside(t, form_member(t, item, "call_id")),
			form_inside(t, form_member(t, item, "name")));
}

static void on_text(struct translate_answer *ta, const struct json_tape *t)
{
	say_text(ta, SAY_TEXT, part_key(t), form_inside(t, form_member(t, 0, "delta")));
}

static void on_refusal(struct translate_answer *ta, const struct json_tape *t)
{
	on_text(ta, t);
	say_stop(ta, STOP_REFUSED);
}

static void on_thought(struct translate_answer *ta, const struct json_tape *t)
{
	say_text(ta, SAY_THINKING, item_key(t), form_inside(t, form_member(t, 0, "delta")));
}

/* Between two parts of a summary. */
static void on_thought_part(struct translate_answer *ta, const struct json_tape *t)
{
	if (number(t, "summary_index"))
		say_text(ta, SAY_THINKING, item_key(t), STR("\\n\\n"));
}

static void on_arguments(struct translate_answer *ta, const struct json_tape *t)
{
	say_arguments(ta, item_key(t), form_inside(t, form_member(t, 0, "delta")));
}

/* Some send no deltas of arguments. */
static void on_arguments_done(struct translate_answer *ta, const struct json_tape *t)
{
	if (ta->is_open && ta->key == item_key(t) && ta->kind == SAY_CALL && !ta->json.is_begun)
		say_arguments(ta, ta->key, form_inside(t, form_member(t, 0, "arguments")));
}

static void on_item_done(struct translate_answer *ta, const struct json_tape *t)
{
	uint32_t item = form_member(t, 0, "item"), key = item_key(t);

	if (form_says(t, form_member(t, item, "type"), "reasoning"))
		say_signature(ta, key, WIRE_OPENAI_RESPONSES,
			form_inside(t, form_member(t, item, "encrypted_content")));
	if (form_says(t, form_member(t, item, "type"), "function_call") && ta->is_open &&
		ta->key == key && !ta->json.is_begun)
		say_arguments(ta, key, form_inside(t, form_member(t, item, "arguments")));
	say_done(ta, key);
}

static void on_part_done(struct translate_answer *ta, const struct json_tape *t)
{
	say_done(ta, part_key(t));
}

static void take_end(struct translate_answer *ta, const struct json_tape *t, uint32_t r)
{
	enum say_stop stop = say_stop_parse(WIRE_OPENAI_RESPONSES, t,
		form_member(t, form_member(t, r, "incomplete_details"), "reason"));

	if (!stop)
		stop = say_stop_parse(WIRE_OPENAI_RESPONSES, t, form_member(t, r, "status"));
	if (ta->stop != STOP_REFUSED)
		say_stop(ta, stop);
}

static void on_end(struct translate_answer *ta, const struct json_tape *t)
{
	take_end(ta, t, form_member(t, 0, "response"));
	say_end(ta);
}

static void tell_error(struct translate_answer *ta, const struct json_tape *t, uint32_t error)
{
	str code = form_inside(t, form_member(t, error, "code"));
	int status = say_error_status(WIRE_OPENAI_CHAT, code);

	say_error(ta, status, form_inside(t, form_member(t, error, "message")));
}

static void on_failed(struct translate_answer *ta, const struct json_tape *t)
{
	tell_error(ta, t, form_member(t, form_member(t, 0, "response"), "error"));
}

static void on_error(struct translate_answer *ta, const struct json_tape *t)
{
	uint32_t error = form_member(t, 0, "error");

	tell_error(ta, t, error == JSON_ABSENT ? 0 : error);
}

static const struct {
	const char *type;
	void (*take)(struct translate_answer *ta, const struct json_tape *t);
} EVENTS[] = {
	{"response.output_text.delta", on_text},
	{"response.function_call_arguments.delta", on_arguments},
	{"response.reasoning_summary_text.delta", on_thought},
	{"response.reasoning_text.delta", on_thought},
	{"response.created", on_response},
	{"response.output_item.added", on_item},
	{"response.reasoning_summary_part.added", on_thought_part},
	{"response.refusal.delta", on_refusal},
	{"response.function_call_arguments.done", on_arguments_done},
	{"response.content_part.done", on_part_done},
	{"response.output_item.done", on_item_done},
	{"response.completed", on_end},
	{"response.incomplete", on_end},
	{"response.failed", on_failed},
	{"error", on_error},
};

static void take_event(struct translate_answer *ta, str name, const struct json_tape *t)
{
	uint32_t type = form_member(t, 0, "type");

	(void)name;
	for (size_t i = 0; i < ARRAY_N(EVENTS); i++)
		if (form_says(t, type, EVENTS[i].type)) {
			EVENTS[i].take(ta, t);
			return;
		}
}

static bool take_body(struct translate_answer *ta, const struct json_tape *t)
{
	uint32_t output = form_member(t, 0, "output"), key = 0;

	if (!form_is(t, output, JSON_ARRAY))
		return false;
	say_begin(ta, form_inside(t, form_member(t, 0, "id")),
		form_inside(t, form_member(t, 0, "model")));
	for (struct json_iter it = json_iter(t, output); json_next(&it); key += PARTS)
		take_whole(ta, t, it.value, key);
	take_end(ta, t, 0);
	return true;
}

const struct say_reader say_read_responses = {.event = take_event, .body = take_body};
