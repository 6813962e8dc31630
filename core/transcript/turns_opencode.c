/* Turns of OpenCode, from what "opencode export" prints. An assistant's message holds several steps, each the answer
 * to a request: its texts and calls, the calls with what came of them. */
#include "core/transcript/loader.h"
#include "core/transcript/spell.h"

struct export
{
	struct turn_session session;
	uint32_t start;
	int64_t last_ms; /* of what came last from the user or a tool */
	int64_t sent_ms; /* of the present step */
	str model;
	struct spelling said;
	VEC(str) results; /* of the present step */
	struct turn_usage usage;
};

static void begin_step(struct loader *l, struct export *e)
{
	spell_begin(&e->said, l->a, e->session.format);
	e->results.n = 0;
	e->usage = (struct turn_usage){0};
	e->sent_ms = e->last_ms;
}

static void end_step(struct loader *l, struct export *e)
{
	str said = spell_end(&e->said, WIRE_ASSISTANT);
	struct turn *t;

	if (!said.n)
		return;
	t = loader_turn(l, &e->session, e->start);
	if (t) {
		t->sent_ms = e->sent_ms;
		t->model = e->model;
		t->usage = e->usage;
	}
	*vec_push(&e->session.messages, l->a) = said;
	for (size_t i = 0; i < e->results.n; i++)
		*vec_push(&e->session.messages, l->a) = e->results.v[i];
	begin_step(l, e);
}

static void tool(struct loader *l, struct export *e, uint32_t part)
{
	struct line *x = &l->line;
	uint32_t state = line_object(x, part, "state"), id = line_member(x, part, "callID");
	uint32_t name = line_member(x, part, "tool"), input = line_member(x, state, "input");
	bool is_error = line_is(x, state, "status", "error");
	uint32_t output = line_member(x, state, is_error ? "error" : "output");
	uint32_t time = line_object(x, state, "time");

	if (id == JSON_ABSENT || name == JSON_ABSENT || input == JSON_ABSENT)
		return;
	spell_call(&e->said, loader_json(l, id), loader_json(l, name), loader_json(l, input));
	if (output == JSON_ABSENT || !json_is(x->t, output, JSON_STRING))
		return;
	*vec_push(&e->results, l->a) = spell_result(
		l->a, e->session.format, loader_json(l, id), loader_json(l, output), is_error);
	e->last_ms = loader_time(l, time, "end");
}

static void answer(struct loader *l, struct export *e, uint32_t info, uint32_t parts)
{
	struct line *x = &l->line;

	e->model = line_string(x, info, "modelID");
	if (line_is_true(x, info, "summary"))
		e->start = (uint32_t)e->session.messages.n;
	begin_step(l, e);
	for (struct json_iter it = json_iter(x->t, parts); json_next(&it);) {
		uint32_t text = line_member(x, it.value, "text");

		if (line_is(x, it.value, "type", "step-start"))
			end_step(l, e);
		else if (line_is(x, it.value, "type", "step-finish"))
			e->usage = loader_usage(x, line_object(x, it.value, "tokens"));
		else if (line_is(x, it.value, "type", "tool"))
			tool(l, e, it.value);
		else if (line_is(x, it.value, "type", "text") && text != JSON_ABSENT)
			spell_text(&e->said, loader_json(l, text));
	}
	if (!e->usage.is_known)
		e->usage = loader_usage(x, line_object(x, info, "tokens"));
	end_step(l, e);
}

static void question(struct loader *l, struct export *e, uint32_t parts)
{
	struct line *x = &l->line;
	struct spelling s;
	str said;

	spell_begin(&s, l->a, e->session.format);
	for (struct json_iter it = json_iter(x->t, parts); json_next(&it);) {
		uint32_t text = line_member(x, it.value, "text");

		if (line_is(x, it.value, "type", "text") && text != JSON_ABSENT &&
			!line_is_true(x, it.value, "ignored"))
			spell_text(&s, loader_json(l, text));
	}
	said = spell_end(&s, WIRE_USER);
	if (said.n)
		*vec_push(&e->session.messages, l->a) = said;
}

/* Anthropic's spelling when the first answer came from there. */
static enum wire_format format_of(struct loader *l, uint32_t messages)
{
	struct line *x = &l->line;

	for (struct json_iter it = json_iter(x->t, messages); json_next(&it);) {
		str provider = line_string(x, line_object(x, it.value, "info"), "providerID");

		if (provider.n)
			return str_find(provider, STR("anthropic")) != STR_NONE ? WIRE_ANTHROPIC
										: WIRE_OPENAI_CHAT;
	}
	return WIRE_OPENAI_CHAT;
}

static void opencode_document(struct loader *l)
{
	struct line *x = &l->line;
	uint32_t messages = line_member(x, 0, "messages");
	struct export e = {.last_ms = -1};

	if (messages == JSON_ABSENT || !json_is(x->t, messages, JSON_ARRAY))
		return; /* a part of the storage: no conversation */
	e.session.key = line_string(x, line_object(x, 0, "info"), "id");
	e.session.project = line_string(x, line_object(x, 0, "info"), "directory");
	e.session.format = format_of(l, messages);
	for (struct json_iter it = json_iter(x->t, messages); json_next(&it);) {
		uint32_t info = line_object(x, it.value, "info");
		uint32_t parts = line_member(x, it.value, "parts");

		if (parts == JSON_ABSENT)
			continue;
		if (line_is(x, info, "role", "user")) {
			question(l, &e, parts);
			e.last_ms = loader_time(l, line_object(x, info, "time"), "created");
		} else if (line_is(x, info, "role", "assistant")) {
			answer(l, &e, info, parts);
		}
	}
	loader_keep(l, &e.session);
}

const struct turns_kind turns_opencode = {.line = opencode_document};
