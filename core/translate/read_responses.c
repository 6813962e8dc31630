/* OpenAI Responses, read: platform.openai.com/docs/api-reference/responses/create. */
#include "core/translate/form.h"

/* ---- parts -------------------------------------------------------------------------------------------------- */

static void take_file(struct form_request *q, enum form_role role, uint32_t node)
{
	const struct json_tape *t = q->t;
	str data = form_inside(t, form_member(t, node, "file_data")),
	    url = form_inside(t, form_member(t, node, "file_url"));
	struct form_block *b = form_add(q, role, FORM_DOCUMENT);

	if (!data.n && !url.n) {
		form_refuse(q,
			"input[%u]: a file by its id cannot be translated: only the provider that "
			"keeps it has it",
			q->turn);
		return;
	}
	form_set_url(q, b, data.n ? data : url);
	b->kind = b->mime.n ? form_kind_of(b->mime) : FORM_DOCUMENT;
	b->name = form_inside(t, form_member(t, node, "filename"));
}

static void take_image(struct form_request *q, enum form_role role, uint32_t node)
{
	str url = form_inside(q->t, form_member(q->t, node, "image_url"));

	if (url.n)
		form_set_url(q, form_add(q, role, FORM_IMAGE), url);
	else
		form_refuse(q,
			"input[%u]: an image by its id cannot be translated: only the provider "
			"that keeps it has it",
			q->turn);
}

static void take_part(struct form_request *q, enum form_role role, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t type = form_member(t, node, "type");

	if (form_says(t, type, "input_text") || form_says(t, type, "output_text") ||
		form_says(t, type, "text"))
		form_add_text(q, role, form_inside(t, form_member(t, node, "text")));
	else if (form_says(t, type, "refusal"))
		form_add_text(q, role, form_inside(t, form_member(t, node, "refusal")));
	else if (form_says(t, type, "input_image"))
		take_image(q, role, node);
	else if (form_says(t, type, "input_file"))
		take_file(q, role, node);
	else
		form_refuse(q, "input[%u]: a part of type \"" STR_FMT "\" cannot be translated",
			q->turn, STR_ARG(form_inside(t, type)));
}

static void take_content(struct form_request *q, enum form_role role, uint32_t content)
{
	if (form_is(q->t, content, JSON_ARRAY))
		for (struct json_iter it = json_iter(q->t, content); json_next(&it) && !q->err;)
			take_part(q, role, it.value);
	else
		form_add_text(q, role, form_inside(q->t, content));
}

/* ---- items -------------------------------------------------------------------------------------------------- */

static void take_message(struct form_request *q, uint32_t node)
{
	uint32_t role = form_member(q->t, node, "role");
	bool is_system = form_says(q->t, role, "system") || form_says(q->t, role, "developer");

	take_content(q,
		is_system                            ? FORM_SYSTEM
		: form_says(q->t, role, "assistant") ? FORM_ASSISTANT
						     : FORM_USER,
		form_member(q->t, node, "content"));
}

static struct form_block *add_call(struct form_request *q, uint32_t node)
{
	struct form_block *b = form_add(q, FORM_ASSISTANT, FORM_CALL);

	b->id = form_inside(q->t, form_member(q->t, node, "call_id"));
	b->name = form_inside(q->t, form_member(q->t, node, "name"));
	return b;
}

static void take_call(struct form_request *q, uint32_t node)
{
	struct form_block *b = add_call(q, node);

	b->json = form_object(q, form_inside(q->t, form_member(q->t, node, "arguments")));
}

static void take_custom_call(struct form_request *q, uint32_t node)
{
	struct form_block *b = add_call(q, node);

	b->is_custom = true;
	b->text = form_inside(q->t, form_member(q->t, node, "input"));
}

static void take_result(struct form_request *q, uint32_t node)
{
	struct form_block *b = form_add(q, FORM_USER, FORM_RESULT);
	size_t at = q->blocks.n;

	b->id = form_inside(q->t, form_member(q->t, node, "call_id"));
	take_content(q, FORM_USER, form_member(q->t, node, "output"));
	form_end_result(q, at);
}

static void take_reasoning(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t summary = form_member(t, node, "summary");
	struct buf b;
	struct form_block *block;

	buf_init_arena(&b, q->a, SIZE_MAX / 4);
	if (form_is(t, summary, JSON_ARRAY))
		for (struct json_iter it = json_iter(t, summary); json_next(&it);) {
			buf_add(&b, b.n ? STR("\\n\\n") : STR(""));
			buf_add(&b, form_inside(t, form_member(t, it.value, "text")));
		}
	block = form_add(q, FORM_ASSISTANT, FORM_THINKING);
	block->text = buf_str(&b);
	block->signature = form_inside(t, form_member(t, node, "encrypted_content"));
}

/* What a tool of the provider's own has done; what came of it stands in the text that follows. */
static void take_hosted(struct form_request *q, uint32_t node)
{
	(void)node;
	form_note(q, "hosted_tool_calls");
}

static void take_item(struct form_request *q, uint32_t node)
{
	static const struct form_taker items[] = {{"message", take_message},
		{"function_call", take_call}, {"function_call_output", take_result},
		{"custom_tool_call", take_custom_call}, {"custom_tool_call_output", take_result},
		{"reasoning", take_reasoning}, {"web_search_call", take_hosted},
		{"file_search_call", take_hosted}, {"code_interpreter_call", take_hosted},
		{NULL, NULL}};
	uint32_t type = form_member(q->t, node, "type");
	const struct form_taker *row = items;

	if (type == JSON_ABSENT) {
		take_message(q, node);
		return;
	}
	while (row->key && !form_says(q->t, type, row->key))
		row++;
	if (row->key)
		row->take(q, node);
	else
		form_refuse(q, "input[%u]: an item of type \"" STR_FMT "\" cannot be translated",
			q->turn, STR_ARG(form_inside(q->t, type)));
}

static void take_input(struct form_request *q, uint32_t node)
{
	if (form_is(q->t, node, JSON_STRING))
		form_add_text(q, FORM_USER, form_inside(q->t, node));
	else if (form_is(q->t, node, JSON_ARRAY))
		for (struct json_iter it = json_iter(q->t, node); json_next(&it) && !q->err;
			q->turn++)
			take_item(q, it.value);
	else
		form_malformed(q, "input is neither a text nor a list");
}

/* ---- parameters --------------------------------------------------------------------------------------------- */

static void take_tool(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t type = form_member(t, node, "type");
	struct form_tool tool = {.name = form_inside(t, form_member(t, node, "name")),
		.description = form_inside(t, form_member(t, node, "description")),
		.schema = form_raw(t, form_member(t, node, "parameters")),
		.is_custom = form_says(t, type, "custom")};

	if (!tool.is_custom && !form_says(t, type, "function")) {
		form_note_tool(q, type);
		return;
	}
	form_take_strict(q, &tool, node);
	form_note_grammar(q, &tool, node);
	*vec_push(&q->tools, q->a) = tool;
}

static void take_tools(struct form_request *q, uint32_t node)
{
	for (struct json_iter it = json_iter(q->t, node); json_next(&it);)
		take_tool(q, it.value);
	form_want_tools(q, node, "OpenAI");
}

static void take_choice(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;

	if (form_choice_parse(t, node, &q->choice))
		return;
	if (form_member(t, node, "name") != JSON_ABSENT) {
		q->choice = CHOICE_TOOL;
		q->choice_name = form_inside(t, form_member(t, node, "name"));
	} else
		form_note(q, "tool_choice");
}

static void take_thought(struct form_request *q, uint32_t node)
{
	uint32_t effort = form_member(q->t, node, "effort");

	if (effort != JSON_ABSENT && !form_effort_parse(q->t, effort, &q->effort))
		form_note(q, "reasoning.effort");
	q->shows_thoughts = form_member(q->t, node, "summary") != JSON_ABSENT;
}

static void take_text(struct form_request *q, uint32_t node)
{
	uint32_t format = form_member(q->t, node, "format");

	if (form_member(q->t, node, "verbosity") != JSON_ABSENT)
		form_note(q, "text.verbosity");
	form_take_format(q, form_member(q->t, format, "type"), format);
}

static void take_state(struct form_request *q, uint32_t node)
{
	(void)node;
	form_refuse(q, "previous_response_id, conversation and prompt name what only OpenAI keeps: "
		       "send the whole conversation "
		       "as input to a backend of another dialect");
}

static void take_background(struct form_request *q, uint32_t node)
{
	if (json_is(q->t, node, JSON_TRUE))
		form_refuse(q, "background: a backend of another dialect answers at once");
}

static void take_store(struct form_request *q, uint32_t node)
{
	if (json_is(q->t, node, JSON_TRUE))
		form_note(q, "store");
}

static void take_truncation(struct form_request *q, uint32_t node)
{
	if (!form_says(q->t, node, "disabled"))
		form_note(q, "truncation");
}

void form_read_responses(struct form_request *q)
{
	static const struct form_taker rows[] = {{"model", form_take_model},
		{"stream", form_take_stream}, {"instructions", NULL}, {"input", NULL},
		{"tools", take_tools}, {"tool_choice", take_choice},
		{"parallel_tool_calls", form_take_parallel},
		{"max_output_tokens", form_take_max_tokens}, {"temperature", form_take_temperature},
		{"top_p", form_take_top_p}, {"reasoning", take_thought}, {"text", take_text},
		{"previous_response_id", take_state}, {"conversation", take_state},
		{"prompt", take_state}, {"background", take_background}, {"store", take_store},
		{"truncation", take_truncation}, {"include", NULL}, {"stream_options", NULL},
		{NULL, NULL}};
	uint32_t instructions = form_member(q->t, 0, "instructions"),
		 input = form_member(q->t, 0, "input");

	form_take(q, 0, rows, "");
	form_add_text(q, FORM_SYSTEM, form_inside(q->t, instructions));
	if (!q->err)
		take_input(q, input);
	q->wants_usage = true;
}
