/* OpenAI Chat Completions, read: platform.openai.com/docs/api-reference/chat/create. */
#include "core/translate/form.h"

/* ---- parts -------------------------------------------------------------------------------------------------- */

static void take_audio(struct form_request *q, enum form_role role, uint32_t node)
{
	struct form_block *b = form_add(q, role, FORM_AUDIO);

	b->data = form_inside(q->t, form_member(q->t, node, "data"));
	b->mime = arena_printf(q->a, "audio/" STR_FMT,
		STR_ARG(form_inside(q->t, form_member(q->t, node, "format"))));
}

static void take_file(struct form_request *q, enum form_role role, uint32_t node)
{
	str data = form_inside(q->t, form_member(q->t, node, "file_data"));
	struct form_block *b = form_add(q, role, FORM_DOCUMENT);

	if (!data.n) {
		form_refuse(q,
			"messages[%u]: a file by its id cannot be translated: only the provider "
			"that keeps it has it",
			q->turn);
		return;
	}
	form_set_url(q, b, data);
	b->kind = form_kind_of(b->mime);
	b->name = form_inside(q->t, form_member(q->t, node, "filename"));
}

static void take_part(struct form_request *q, enum form_role role, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t type = form_member(t, node, "type");
	size_t from = q->blocks.n;
	str cache = form_raw(t, form_member(t, node, "cache_control"));

	if (form_says(t, type, "text"))
		form_add_text(q, role, form_inside(t, form_member(t, node, "text")));
	else if (form_says(t, type, "refusal"))
		form_add_text(q, role, form_inside(t, form_member(t, node, "refusal")));
	else if (form_says(t, type, "image_url"))
		form_set_url(q, form_add(q, role, FORM_IMAGE),
			form_inside(t, form_member(t, form_member(t, node, "image_url"), "url")));
	else if (form_says(t, type, "input_audio"))
		take_audio(q, role, form_member(t, node, "input_audio"));
	else if (form_says(t, type, "file"))
		take_file(q, role, form_member(t, node, "file"));
	else
		form_refuse(q, "messages[%u]: a part of type \"" STR_FMT "\" cannot be translated",
			q->turn, STR_ARG(form_inside(t, type)));
	if (cache.n && q->blocks.n > from) {
		q->blocks.v[q->blocks.n - 1].cache = cache;
		q->has_breakpoints = true;
	}
}

static void take_content(struct form_request *q, enum form_role role, uint32_t content)
{
	if (form_is(q->t, content, JSON_ARRAY))
		for (struct json_iter it = json_iter(q->t, content); json_next(&it) && !q->err;)
			take_part(q, role, it.value);
	else
		form_add_text(q, role, form_inside(q->t, content));
}

/* ---- messages ----------------------------------------------------------------------------------------------- */

static void take_call(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t custom = form_member(t, node, "custom");
	uint32_t said = custom != JSON_ABSENT ? custom : form_member(t, node, "function");
	str extra = form_raw(t, form_member(t, node, "extra_content"));
	struct form_block *b = form_add(q, FORM_ASSISTANT, FORM_CALL);

	b->id = form_inside(t, form_member(t, node, "id"));
	b->name = form_inside(t, form_member(t, said, "name"));
	b->is_custom = custom != JSON_ABSENT;
	if (b->is_custom)
		b->text = form_inside(t, form_member(t, said, "input"));
	else
		b->json = form_object(q, form_inside(t, form_member(t, said, "arguments")));
	/* Where Google's OpenAI dialect has it, and we say it, too (answer_write_chat.c). */
	if (extra.n)
		b->signature = form_inside(
			t, form_member(t,
				   form_member(t, form_member(t, node, "extra_content"), "google"),
				   "thought_signature"));
}

static void take_assistant(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	str thoughts = form_inside(t, form_member(t, node, "reasoning_content"));
	uint32_t calls = form_member(t, node, "tool_calls");

	if (thoughts.n)
		form_add(q, FORM_ASSISTANT, FORM_THINKING)->text = thoughts;
	take_content(q, FORM_ASSISTANT, form_member(t, node, "content"));
	form_add_text(q, FORM_ASSISTANT, form_inside(t, form_member(t, node, "refusal")));
	if (form_is(t, calls, JSON_ARRAY))
		for (struct json_iter it = json_iter(t, calls); json_next(&it) && !q->err;)
			take_call(q, it.value);
	if (form_member(t, node, "audio") != JSON_ABSENT ||
		form_member(t, node, "function_call") != JSON_ABSENT)
		form_refuse(q,
			"messages[%u]: audio of an earlier answer and function_call (replaced by "
			"tool_calls) cannot be translated",
			q->turn);
}

static void take_result(struct form_request *q, uint32_t node)
{
	struct form_block *b = form_add(q, FORM_USER, FORM_RESULT);
	size_t at = q->blocks.n;

	b->id = form_inside(q->t, form_member(q->t, node, "tool_call_id"));
	take_content(q, FORM_USER, form_member(q->t, node, "content"));
	form_end_result(q, at);
}

static void take_message(struct form_request *q, uint32_t node)
{
	uint32_t role = form_member(q->t, node, "role");

	if (form_says(q->t, role, "assistant"))
		take_assistant(q, node);
	else if (form_says(q->t, role, "tool"))
		take_result(q, node);
	else if (form_says(q->t, role, "user"))
		take_content(q, FORM_USER, form_member(q->t, node, "content"));
	else if (form_says(q->t, role, "system") || form_says(q->t, role, "developer"))
		take_content(q, FORM_SYSTEM, form_member(q->t, node, "content"));
	else
		form_refuse(q, "messages[%u]: the role \"" STR_FMT "\" cannot be translated",
			q->turn, STR_ARG(form_inside(q->t, role)));
}

static void take_messages(struct form_request *q, uint32_t node)
{
	for (struct json_iter it = json_iter(q->t, node); json_next(&it) && !q->err; q->turn++)
		take_message(q, it.value);
}

/* ---- parameters --------------------------------------------------------------------------------------------- */

static void take_tool(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t f = form_member(t, node, "function"), custom = form_member(t, node, "custom");
	uint32_t said = f != JSON_ABSENT ? f : custom;
	struct form_tool tool = {.name = form_inside(t, form_member(t, said, "name")),
		.description = form_inside(t, form_member(t, said, "description")),
		.schema = form_raw(t, form_member(t, said, "parameters")),
		.cache = form_raw(t, form_member(t, node, "cache_control")),
		.is_custom = f == JSON_ABSENT && custom != JSON_ABSENT};

	if (said == JSON_ABSENT) {
		form_note(q, "tools.unknown_type");
		return;
	}
	form_take_strict(q, &tool, said);
	form_note_grammar(q, &tool, said);
	q->has_breakpoints |= tool.cache.n > 0;
	*vec_push(&q->tools, q->a) = tool;
}

static void take_tools(struct form_request *q, uint32_t node)
{
	for (struct json_iter it = json_iter(q->t, node); json_next(&it);)
		take_tool(q, it.value);
	if (!q->tools.n && q->t->v[node].n)
		form_refuse(q, "tools: none of them is of a known type, and cannot be translated");
}

static void take_choice(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t f = form_member(t, node, "function"), custom = form_member(t, node, "custom");

	if (form_choice_parse(t, node, &q->choice))
		return;
	if (f != JSON_ABSENT || custom != JSON_ABSENT) {
		q->choice = CHOICE_TOOL;
		q->choice_name =
			form_inside(t, form_member(t, f != JSON_ABSENT ? f : custom, "name"));
	} else
		form_note(q, "tool_choice");
}

static void take_effort(struct form_request *q, uint32_t node)
{
	if (!form_effort_parse(q->t, node, &q->effort))
		form_note(q, "reasoning_effort");
}

static void take_format(struct form_request *q, uint32_t node)
{
	form_take_format(
		q, form_member(q->t, node, "type"), form_member(q->t, node, "json_schema"));
}

static void take_stop(struct form_request *q, uint32_t node)
{
	if (json_is(q->t, node, JSON_STRING))
		*vec_push(&q->stops, q->a) = form_inside(q->t, node);
	else
		form_take_stops(q, node);
}

static void take_n(struct form_request *q, uint32_t node)
{
	if (!str_eq(form_raw(q->t, node), STR("1")))
		form_refuse(q, "n: more than one answer at a time cannot be translated");
}

static void take_logprobs(struct form_request *q, uint32_t node)
{
	if (json_is(q->t, node, JSON_TRUE))
		form_refuse(q, "logprobs cannot be translated: the backend has none");
}

static void take_modalities(struct form_request *q, uint32_t node)
{
	for (struct json_iter it = json_iter(q->t, node); json_next(&it);)
		if (!form_says(q->t, it.value, "text"))
			form_refuse(q,
				"modalities: answers in \"" STR_FMT "\" cannot be translated",
				STR_ARG(form_inside(q->t, it.value)));
}

static void take_functions(struct form_request *q, uint32_t node)
{
	(void)node;
	form_refuse(q, "functions was replaced by tools, and cannot be translated");
}

static void take_stream_options(struct form_request *q, uint32_t node)
{
	q->wants_usage = form_is(q->t, form_member(q->t, node, "include_usage"), JSON_TRUE);
}

void form_read_chat(struct form_request *q)
{
	static const struct form_taker rows[] = {{"model", form_take_model},
		{"stream", form_take_stream}, {"stream_options", take_stream_options},
		{"messages", NULL}, {"tools", take_tools}, {"tool_choice", take_choice},
		{"parallel_tool_calls", form_take_parallel}, {"max_tokens", form_take_max_tokens},
		{"max_completion_tokens", form_take_max_tokens},
		{"temperature", form_take_temperature}, {"top_p", form_take_top_p},
		{"seed", form_take_seed}, {"frequency_penalty", form_take_frequency_penalty},
		{"presence_penalty", form_take_presence_penalty}, {"stop", take_stop},
		{"reasoning_effort", take_effort}, {"response_format", take_format}, {"n", take_n},
		{"logprobs", take_logprobs}, {"modalities", take_modalities},
		{"functions", take_functions}, {"audio", NULL}, {NULL, NULL}};
	uint32_t messages = form_member(q->t, 0, "messages");

	form_take(q, 0, rows, "");
	if (!form_is(q->t, messages, JSON_ARRAY))
		form_malformed(q, "messages is no list");
	else if (!q->err)
		take_messages(q, messages);
	q->shows_thoughts = true;
}
