/* Anthropic Messages, read: docs.anthropic.com/en/api/messages. */
#include "core/translate/form.h"

/* ---- sources of media --------------------------------------------------------------------------------------- */

static void take_source(struct form_request *q, struct form_block *b, uint32_t source)
{
	const struct json_tape *t = q->t;

	if (form_says(t, form_member(t, source, "type"), "base64")) {
		b->mime = form_plain(q->a, form_inside(t, form_member(t, source, "media_type")));
		b->data = form_inside(t, form_member(t, source, "data"));
	} else if (form_says(t, form_member(t, source, "type"), "url")) {
		b->url = form_inside(t, form_member(t, source, "url"));
		b->mime = b->kind == FORM_DOCUMENT ? STR("application/pdf") : STR("");
	} else {
		form_refuse(q,
			"messages[%u]: a file of Anthropic's Files API cannot be translated: no "
			"other provider has it",
			q->turn);
	}
}

/* A document that is plain text or a list of parts is text everywhere else. */
static bool take_text_source(
	struct form_request *q, enum form_role role, uint32_t source, bool in_result)
{
	const struct json_tape *t = q->t;
	uint32_t content = form_member(t, source, "content");
	size_t n = q->blocks.n;

	if (form_says(t, form_member(t, source, "type"), "text"))
		form_add_text(q, role, form_inside(t, form_member(t, source, "data")));
	else if (form_is(t, content, JSON_STRING))
		form_add_text(q, role, form_inside(t, content));
	else if (form_is(t, content, JSON_ARRAY))
		for (struct json_iter it = json_iter(t, content); json_next(&it);)
			form_add_text(q, role, form_inside(t, form_member(t, it.value, "text")));
	else
		return false;
	for (; n < q->blocks.n; n++)
		q->blocks.v[n].in_result = in_result;
	return true;
}

static void take_media(struct form_request *q, enum form_role role, enum form_kind kind,
	uint32_t node, bool in_result)
{
	uint32_t source = form_member(q->t, node, "source");
	struct form_block *b;

	if (kind == FORM_DOCUMENT) {
		if (form_member(q->t, node, "citations") != JSON_ABSENT)
			form_note(q, "document.citations");
		if (take_text_source(q, role, source, in_result))
			return;
	}
	b = form_add(q, role, kind);
	b->in_result = in_result;
	b->name = form_inside(q->t, form_member(q->t, node, "title"));
	take_source(q, b, source);
}

/* {"type":"search_result","source","title","content":[{"type":"text"}]} */
static void take_search(struct form_request *q, enum form_role role, uint32_t node, bool in_result)
{
	const struct json_tape *t = q->t;
	uint32_t content = form_member(t, node, "content");
	struct form_block *b = form_add(q, role, FORM_TEXT);

	b->in_result = in_result;
	b->text = arena_printf(q->a, STR_FMT " (" STR_FMT ")",
		STR_ARG(form_inside(t, form_member(t, node, "title"))),
		STR_ARG(form_inside(t, form_member(t, node, "source"))));
	for (struct json_iter it = json_iter(t, content);
		content != JSON_ABSENT && json_next(&it);) {
		b = form_add(q, role, FORM_TEXT);
		b->in_result = in_result;
		b->text = form_inside(t, form_member(t, it.value, "text"));
	}
}

/* ---- blocks ------------------------------------------------------------------------------------------------- */

static void take_cache(struct form_request *q, size_t from, uint32_t node)
{
	str cache = form_raw(q->t, form_member(q->t, node, "cache_control"));

	if (cache.n && q->blocks.n > from) {
		q->blocks.v[q->blocks.n - 1].cache = cache;
		q->has_breakpoints = true;
	}
}

/* True: was a part that results may hold, too. */
static bool take_part(struct form_request *q, enum form_role role, uint32_t node, bool in_result)
{
	const struct json_tape *t = q->t;
	uint32_t type = form_member(t, node, "type");
	str text;

	if (form_says(t, type, "text")) {
		text = form_inside(t, form_member(t, node, "text"));
		form_add_text(q, role, text);
		if (text.n)
			q->blocks.v[q->blocks.n - 1].in_result = in_result;
		if (form_member(t, node, "citations") != JSON_ABSENT)
			form_note(q, "text.citations");
	} else if (form_says(t, type, "image"))
		take_media(q, role, FORM_IMAGE, node, in_result);
	else if (form_says(t, type, "document"))
		take_media(q, role, FORM_DOCUMENT, node, in_result);
	else if (form_says(t, type, "search_result"))
		take_search(q, role, node, in_result);
	else
		return false;
	return true;
}

static void take_result(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	struct form_block *b = form_add(q, FORM_USER, FORM_RESULT);
	uint32_t content = form_member(t, node, "content");
	size_t at = q->blocks.n;

	b->id = form_inside(t, form_member(t, node, "tool_use_id"));
	b->is_error = form_is(t, form_member(t, node, "is_error"), JSON_TRUE);
	if (form_is(t, content, JSON_STRING)) {
		form_add_text(q, FORM_USER, form_inside(t, content));
		if (q->blocks.n > at)
			q->blocks.v[at].in_result = true;
		return;
	}
	for (struct json_iter it = json_iter(t, content == JSON_ABSENT ? node : content);
		content != JSON_ABSENT && json_next(&it);)
		if (form_says(t, form_member(t, it.value, "type"), "tool_reference"))
			form_note(q, "tool_reference");
		else if (!take_part(q, FORM_USER, it.value, true))
			form_refuse(q,
				"messages[%u]: a tool result with a part of type \"" STR_FMT
				"\" cannot be translated",
				q->turn, STR_ARG(form_inside(t, form_member(t, it.value, "type"))));
}

static void take_thinking(struct form_request *q, uint32_t node, bool is_redacted)
{
	const struct json_tape *t = q->t;
	struct form_block *b = form_add(q, FORM_ASSISTANT, FORM_THINKING);

	if (!is_redacted)
		b->text = form_inside(t, form_member(t, node, "thinking"));
	b->signature = form_inside(t, form_member(t, node, is_redacted ? "data" : "signature"));
}

static void take_block(struct form_request *q, enum form_role role, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t type = form_member(t, node, "type");
	size_t from = q->blocks.n;
	struct form_block *b;

	if (form_says(t, type, "tool_use")) {
		b = form_add(q, role, FORM_CALL);
		b->id = form_inside(t, form_member(t, node, "id"));
		b->name = form_inside(t, form_member(t, node, "name"));
		b->json = form_as_object(q, form_raw(t, form_member(t, node, "input")));
	} else if (form_says(t, type, "tool_result"))
		take_result(q, node);
	else if (form_says(t, type, "thinking"))
		take_thinking(q, node, false);
	else if (form_says(t, type, "redacted_thinking"))
		take_thinking(q, node, true);
	else if (!take_part(q, role, node, false))
		form_refuse(q,
			"messages[%u]: a block of type \"" STR_FMT
			"\" cannot be translated: only Anthropic has it",
			q->turn, STR_ARG(form_inside(t, type)));
	take_cache(q, from, node);
}

static void take_content(struct form_request *q, enum form_role role, uint32_t content)
{
	if (form_is(q->t, content, JSON_STRING))
		form_add_text(q, role, form_inside(q->t, content));
	else if (form_is(q->t, content, JSON_ARRAY))
		for (struct json_iter it = json_iter(q->t, content); json_next(&it) && !q->err;)
			take_block(q, role, it.value);
	else
		form_malformed(q, "messages[%u].content is neither a text nor a list", q->turn);
}

static void take_messages(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;

	if (!json_is(t, node, JSON_ARRAY)) {
		form_malformed(q, "messages is no list");
		return;
	}
	for (struct json_iter it = json_iter(t, node); json_next(&it) && !q->err; q->turn++) {
		uint32_t role = form_member(t, it.value, "role");
		bool is_model = form_says(t, role, "assistant");

		if (!is_model && !form_says(t, role, "user") && !form_says(t, role, "system"))
			form_malformed(
				q, "messages[%u].role is not \"user\" or \"assistant\"", q->turn);
		take_content(q,
			is_model                       ? FORM_ASSISTANT
			: form_says(t, role, "system") ? FORM_SYSTEM
						       : FORM_USER,
			form_member(t, it.value, "content"));
	}
}

/* Claude Code's first system text is for Anthropic's billing, and is another in every request
 * (x-anthropic-billing-header: ...): no other provider is to see it, nor could it cache a prompt behind it. */
static void take_system(struct form_request *q, uint32_t node)
{
	static const char billing[] = "x-anthropic-billing-header:";
	size_t n, from = q->blocks.n;

	take_content(q, FORM_SYSTEM, node);
	n = q->blocks.n;
	if (n > from && str_starts(q->blocks.v[from].text, STR(billing))) {
		memmove(&q->blocks.v[from], &q->blocks.v[from + 1],
			(n - from - 1) * sizeof q->blocks.v[0]);
		q->blocks.n--;
	}
}

/* ---- parameters --------------------------------------------------------------------------------------------- */

static void take_tool(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t type = form_member(t, node, "type");
	struct form_tool tool = {.name = form_inside(t, form_member(t, node, "name")),
		.description = form_inside(t, form_member(t, node, "description")),
		.schema = form_raw(t, form_member(t, node, "input_schema")),
		.cache = form_raw(t, form_member(t, node, "cache_control"))};

	if (type != JSON_ABSENT && !form_says(t, type, "custom")) {
		form_note_tool(q, type);
		return;
	}
	form_take_strict(q, &tool, node);
	q->has_breakpoints |= tool.cache.n > 0;
	*vec_push(&q->tools, q->a) = tool;
}

static void take_tools(struct form_request *q, uint32_t node)
{
	for (struct json_iter it = json_iter(q->t, node); json_next(&it);)
		take_tool(q, it.value);
	form_want_tools(q, node, "Anthropic");
}

static void take_choice(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t type = form_member(t, node, "type");

	q->choice = form_says(t, type, "any")    ? CHOICE_ANY
		    : form_says(t, type, "none") ? CHOICE_NONE
		    : form_says(t, type, "tool") ? CHOICE_TOOL
						 : CHOICE_AUTO;
	if (q->choice == CHOICE_TOOL)
		q->choice_name = form_inside(t, form_member(t, node, "name"));
	q->is_serial = form_is(t, form_member(t, node, "disable_parallel_tool_use"), JSON_TRUE);
}

static void take_thought(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t type = form_member(t, node, "type"),
		 budget = form_member(t, node, "budget_tokens");

	if (form_says(t, type, "disabled")) {
		q->effort = EFFORT_NONE;
		return;
	}
	q->is_adaptive = form_says(t, type, "adaptive");
	q->shows_thoughts = !form_says(t, form_member(t, node, "display"), "omitted");
	if (budget != JSON_ABSENT && json_u64(t, budget, &q->budget) && !q->effort)
		q->effort = form_effort_of_budget(q->budget);
}

static void set_schema(struct form_request *q, uint32_t format)
{
	if (!form_says(q->t, form_member(q->t, format, "type"), "json_schema"))
		return;
	q->output = OUTPUT_SCHEMA;
	q->schema = form_raw(q->t, form_member(q->t, format, "schema"));
	q->is_schema_strict = true;
}

static void take_output(struct form_request *q, uint32_t node)
{
	uint32_t effort = form_member(q->t, node, "effort");

	if (effort != JSON_ABSENT && !form_effort_parse(q->t, effort, &q->effort))
		form_note(q, "output_config.effort");
	set_schema(q, form_member(q->t, node, "format"));
	if (form_member(q->t, node, "task_budget") != JSON_ABSENT)
		form_note(q, "output_config.task_budget");
}

/* clear_thinking and clear_tool_uses are what the provider does by itself; the conversation stays what it is. */
static void take_context(struct form_request *q, uint32_t node)
{
	(void)node;
	form_note(q, "context_management");
}

static void take_mcp(struct form_request *q, uint32_t node)
{
	if (q->t->v[node].n)
		form_refuse(q,
			"mcp_servers: they are asked by Anthropic alone, and cannot be translated");
}

static void take_container(struct form_request *q, uint32_t node)
{
	(void)node;
	form_refuse(q, "container: it runs at Anthropic alone, and cannot be translated");
}

/* cache_control of the request itself asks for what other backends do unasked. */
void form_read_anthropic(struct form_request *q)
{
	static const struct form_taker rows[] = {{"model", form_take_model},
		{"stream", form_take_stream}, {"max_tokens", form_take_max_tokens},
		{"temperature", form_take_temperature}, {"top_p", form_take_top_p},
		{"top_k", form_take_top_k}, {"stop_sequences", form_take_stops},
		{"tools", take_tools}, {"tool_choice", take_choice}, {"thinking", take_thought},
		{"output_config", take_output}, {"output_format", set_schema},
		{"context_management", take_context}, {"mcp_servers", take_mcp},
		{"container", take_container}, {"cache_control", NULL}, {"system", NULL},
		{"messages", NULL}, {NULL, NULL}};
	uint32_t system = form_member(q->t, 0, "system"),
		 messages = form_member(q->t, 0, "messages");

	form_take(q, 0, rows, "");
	if (system != JSON_ABSENT && !q->err)
		take_system(q, system);
	if (messages == JSON_ABSENT)
		form_malformed(q, "messages is missing");
	else if (!q->err)
		take_messages(q, messages);
	q->wants_usage = true;
	/* Whoever speaks of thinking sees it. */
	q->shows_thoughts |= q->effort > EFFORT_NONE;
}
