/* Chat's answers: platform.openai.com/docs/api-reference/chat-streaming, and what those who speak it do otherwise: thoughts as
 * "reasoning_content" (DeepSeek and many) or "reasoning" (OpenRouter, Groq, vLLM), or as parts of the content (Mistral);
 * calls without index or id; arguments that are an object (Ollama). */
#include "core/base/hash.h"
#include "core/translate/say.h"

/* Keys of what is no call; calls have those from 16 on. */
enum { KEY_TEXT = 0, KEY_THOUGHT = 1, KEY_CALLS = 16 };

static void take_mixed(struct translate_answer *ta, const struct json_tape *t, uint32_t content)
{
	for (struct json_iter it = json_iter(t, content); json_next(&it);) {
		uint32_t thoughts = form_member(t, it.value, "thinking");

		if (form_is(t, thoughts, JSON_ARRAY))
			for (struct json_iter p = json_iter(t, thoughts); json_next(&p);)
				say_text(ta, SAY_THINKING, KEY_THOUGHT,
					form_inside(t, form_member(t, p.value, "text")));
		else
			say_text(ta, SAY_TEXT, KEY_TEXT,
				form_inside(t, form_member(t, it.value, "text")));
	}
}

/* The key of a call in a chunk: a new one where its index, or its id, was not there before. */
static uint32_t key_of(struct translate_answer *ta, const struct json_tape *t, uint32_t call,
	uint32_t place, bool *is_new)
{
	str id = form_inside(t, form_member(t, call, "id"));
	uint32_t node = form_member(t, call, "index");
	uint64_t index = place, h = id.n ? hash64(id) : 0;

	if (node == JSON_ABSENT || !json_u64(t, node, &index))
		index = !id.n && ta->calls_seen ? ta->calls[ta->calls_seen - 1].index
						: ta->calls_seen;
	*is_new = false;
	for (size_t i = ta->calls_seen; i-- > 0;)
		if (ta->calls[i].index == index && (!h || !ta->calls[i].id || ta->calls[i].id == h))
			return ta->calls[i].key;
	if (ta->calls_seen == SAY_CALLS_MAX) {
		ta->err = E_TOO_BIG;
		return KEY_CALLS;
	}
	*is_new = true;
	ta->calls[ta->calls_seen].index = (uint32_t)index;
	ta->calls[ta->calls_seen].id = h;
	ta->calls[ta->calls_seen].key = KEY_CALLS + (uint32_t)ta->calls_seen;
	return ta->calls[ta->calls_seen++].key;
}

/* Google's own OpenAI dialect signs calls in "extra_content". */
static void take_signature(struct translate_answer *ta, const struct json_tape *t, uint32_t call)
{
	str extra = form_raw(t, form_member(t, call, "extra_content"));

	say_signature(ta, KEY_THOUGHT, WIRE_OPENAI_CHAT, form_escaped(&ta->event, extra));
}

static void take_calls(
	struct translate_answer *ta, const struct json_tape *t, uint32_t calls, bool is_whole)
{
	uint32_t place = 0;

	for (struct json_iter it = json_iter(t, calls); json_next(&it) && !ta->err; place++) {
		uint32_t f = form_member(t, it.value, "function"),
			 args = form_member(t, f, "arguments");
		bool is_new;
		uint32_t key = key_of(ta, t, it.value, place, &is_new);

		if (is_new) {
			take_signature(ta, t, it.value);
			say_call(ta, key, form_inside(t, form_member(t, it.value, "id")),
				form_inside(t, form_member(t, f, "name")));
		}
		say_arguments(ta, key,
			form_is(t, args, JSON_OBJECT) ? form_escaped(&ta->event, form_raw(t, args))
						      : form_inside(t, args));
		if (is_whole)
			say_done(ta, key);
	}
}

/* A delta, or the message of a whole answer. */
static void take_said(
	struct translate_answer *ta, const struct json_tape *t, uint32_t said, bool is_whole)
{
	uint32_t content = form_member(t, said, "content"),
		 calls = form_member(t, said, "tool_calls");
	str thought = form_inside(t, form_member(t, said, "reasoning_content"));

	if (!thought.n)
		thought = form_inside(t, form_member(t, said, "reasoning"));
	say_text(ta, SAY_THINKING, KEY_THOUGHT, thought);
	if (form_is(t, content, JSON_ARRAY))
		take_mixed(ta, t, content);
	else
		say_text(ta, SAY_TEXT, KEY_TEXT, form_inside(t, content));
	if (form_member(t, said, "refusal") != JSON_ABSENT) {
		say_text(ta, SAY_TEXT, KEY_TEXT, form_inside(t, form_member(t, said, "refusal")));
		say_stop(ta, STOP_REFUSED);
	}
	if (form_is(t, calls, JSON_ARRAY))
		take_calls(ta, t, calls, is_whole);
}

/* The first choice: more than one is never asked for. False: there is none. */
static bool take_choice(
	struct translate_answer *ta, const struct json_tape *t, const char *member, bool is_whole)
{
	uint32_t choices = form_member(t, 0, "choices"), choice;
	enum say_stop stop;

	if (!form_is(t, choices, JSON_ARRAY) || !t->v[choices].n)
		return false;
	choice = choices + 1;
	say_begin(ta, form_inside(t, form_member(t, 0, "id")),
		form_inside(t, form_member(t, 0, "model")));
	take_said(ta, t, form_member(t, choice, member), is_whole);
	stop = say_stop_parse(WIRE_OPENAI_CHAT, t, form_member(t, choice, "finish_reason"));
	if (ta->stop != STOP_REFUSED)
		say_stop(ta, stop);
	return true;
}

static void take_error(struct translate_answer *ta, const struct json_tape *t, uint32_t error)
{
	uint32_t message = form_member(t, error, "message");
	uint32_t code = form_member(t, error, "code");
	uint64_t status = 0;

	if (code == JSON_ABSENT || !json_u64(t, code, &status) || status < 400 || status > 599)
		status = (uint64_t)say_error_status(
			WIRE_OPENAI_CHAT, form_inside(t, form_member(t, error, "type")));
	say_error(ta, (int)status, form_inside(t, message != JSON_ABSENT ? message : error));
}

static void take_event(struct translate_answer *ta, str name, const struct json_tape *t)
{
	uint32_t error = form_member(t, 0, "error");

	(void)name;
	if (error != JSON_ABSENT)
		take_error(ta, t, error);
	else
		(void)take_choice(ta, t, "delta", false);
}

static bool take_body(struct translate_answer *ta, const struct json_tape *t)
{
	return take_choice(ta, t, "message", true);
}

const struct say_reader say_read_chat = {.event = take_event, .body = take_body};
