/* Gemini's answers: ai.google.dev/api/generate-content. A stream is a row of answers; its end is that of its bytes. */
#include "core/translate/say.h"

enum { KEY_TEXT = 0, KEY_THOUGHT = 1, KEY_CALLS = 16 };

static void take_call(
	struct translate_answer *ta, const struct json_tape *t, uint32_t call, str signature)
{
	uint32_t args = form_member(t, call, "args"), key = KEY_CALLS + ta->keys_n++;

	say_signature(ta, KEY_THOUGHT, WIRE_GEMINI, signature);
	say_call(ta, key, form_inside(t, form_member(t, call, "id")),
		form_inside(t, form_member(t, call, "name")));
	say_arguments(ta, key,
		args == JSON_ABSENT ? STR("{}") : form_escaped(&ta->event, form_raw(t, args)));
	say_done(ta, key);
}

static void take_part(struct translate_answer *ta, const struct json_tape *t, uint32_t part)
{
	uint32_t call = form_member(t, part, "functionCall");
	bool is_thought = form_is(t, form_member(t, part, "thought"), JSON_TRUE);

	if (call != JSON_ABSENT)
		take_call(ta, t, call, form_inside(t, form_member(t, part, "thoughtSignature")));
	else if (form_member(t, part, "inlineData") != JSON_ABSENT)
		say_text(ta, SAY_TEXT, KEY_TEXT,
			STR("[a file, which cannot be said in this dialect]"));
	else
		say_text(ta, is_thought ? SAY_THINKING : SAY_TEXT,
			is_thought ? KEY_THOUGHT : KEY_TEXT,
			form_inside(t, form_member(t, part, "text")));
}

/* False: there is nothing in it. */
static bool take_answer(struct translate_answer *ta, const struct json_tape *t)
{
	uint32_t list = form_member(t, 0, "candidates"), parts, candidate;
	uint32_t blocked = form_member(t, form_member(t, 0, "promptFeedback"), "blockReason");

	if (blocked == JSON_ABSENT && !form_is(t, list, JSON_ARRAY))
		return false;
	say_begin(ta, form_inside(t, form_member(t, 0, "responseId")),
		form_inside(t, form_member(t, 0, "modelVersion")));
	if (blocked != JSON_ABSENT)
		say_stop(ta, STOP_REFUSED);
	if (!form_is(t, list, JSON_ARRAY) || !t->v[list].n)
		return true;
	candidate = list + 1;
	parts = form_member(t, form_member(t, candidate, "content"), "parts");
	if (form_is(t, parts, JSON_ARRAY))
		for (struct json_iter it = json_iter(t, parts); json_next(&it);)
			take_part(ta, t, it.value);
	say_stop(ta, say_stop_parse(WIRE_GEMINI, t, form_member(t, candidate, "finishReason")));
	return true;
}

static void take_event(struct translate_answer *ta, str name, const struct json_tape *t)
{
	uint32_t error = form_member(t, 0, "error"), code = form_member(t, error, "code");
	uint64_t status = 500;

	(void)name;
	if (error == JSON_ABSENT) {
		(void)take_answer(ta, t);
		return;
	}
	if (code == JSON_ABSENT || !json_u64(t, code, &status) || status < 400 || status > 599)
		status = 500;
	say_error(ta, (int)status, form_inside(t, form_member(t, error, "message")));
}

const struct say_reader say_read_gemini = {.event = take_event, .body = take_answer};
