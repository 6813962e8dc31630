/* OpenAI Responses, written: platform.openai.com/docs/api-reference/responses/create. */
#include "core/translate/form.h"

static void write_part(struct form_request *q, const struct form_block *b, struct buf *out)
{
	bool is_model = b->role == FORM_ASSISTANT;

	form_comma(out);
	buf_add_byte(out, '{');
	switch (b->kind) {
	case FORM_TEXT:
		form_put_c(out, "type", is_model ? "output_text" : "input_text");
		form_put_text(out, "text", b->text);
		break;
	case FORM_IMAGE:
		form_put_c(out, "type", "input_image");
		form_put_url(out, "image_url", b);
		break;
	case FORM_DOCUMENT:
		form_put_c(out, "type", "input_file");
		if (b->data.n)
			form_put_text(out, "filename", b->name.n ? b->name : STR("document.pdf"));
		form_put_url(out, b->data.n ? "file_data" : "file_url", b);
		break;
	default:
		form_refuse(q, "message %u: audio cannot be said in OpenAI's Responses", b->turn);
	}
	buf_add_byte(out, '}');
}

static bool is_part(const struct form_block *b)
{
	return !b->in_result && b->kind != FORM_CALL && b->kind != FORM_RESULT &&
	       b->kind != FORM_THINKING;
}

/* A message of the parts that stand in a row within one turn; returns where it ends. */
static size_t write_message(struct form_request *q, size_t i, struct buf *out)
{
	static const char *const roles[] = {
		[FORM_SYSTEM] = "developer", [FORM_USER] = "user", [FORM_ASSISTANT] = "assistant"};
	const struct form_block *first = &q->blocks.v[i];

	form_comma(out);
	buf_add(out, STR("{\"type\":\"message\""));
	form_put_c(out, "role", roles[first->role]);
	form_key(out, "content");
	buf_add_byte(out, '[');
	for (; i < q->blocks.n; i++) {
		const struct form_block *b = &q->blocks.v[i];

		if (!is_part(b) || b->role != first->role || b->turn != first->turn)
			break;
		write_part(q, b, out);
	}
	buf_add(out, STR("]}"));
	return i;
}

static void write_call(const struct form_block *b, struct buf *out)
{
	form_comma(out);
	buf_add(out, STR("{\"type\":\"function_call\""));
	form_put_text(out, "call_id", b->id);
	form_put_text(out, "name", b->name);
	form_key(out, "arguments");
	buf_add_byte(out, '"');
	form_add_escaped(out, b->json);
	buf_add(out, STR("\"}"));
}

static void write_result(struct form_request *q, size_t i, struct buf *out)
{
	size_t end = form_result_end(q, i);
	bool has_media = false;

	for (size_t k = i + 1; k < end; k++)
		has_media |= q->blocks.v[k].kind != FORM_TEXT;
	form_comma(out);
	buf_add(out, STR("{\"type\":\"function_call_output\""));
	form_put_text(out, "call_id", q->blocks.v[i].id);
	if (!has_media) {
		form_put_text(out, "output", form_result_text(q, i, true));
		buf_add_byte(out, '}');
		return;
	}
	form_key(out, "output");
	buf_add_byte(out, '[');
	if (q->blocks.v[i].is_error)
		buf_add(out, STR("{\"type\":\"input_text\",\"text\":\"" FORM_ERROR_MARK "\"}"));
	for (size_t k = i + 1; k < end; k++)
		write_part(q, &q->blocks.v[k], out);
	buf_add(out, STR("]}"));
}

static void write_thought(struct form_request *q, const struct form_block *b, struct buf *out)
{
	str own;

	if (!form_signed_by(b->signature, WIRE_OPENAI_RESPONSES, &own)) {
		form_note(q, "thinking");
		return;
	}
	form_comma(out);
	buf_add(out, STR("{\"type\":\"reasoning\",\"summary\":["));
	if (b->text.n) {
		buf_add(out, STR("{\"type\":\"summary_text\""));
		form_put_text(out, "text", b->text);
		buf_add_byte(out, '}');
	}
	buf_add_byte(out, ']');
	form_put_text(out, "encrypted_content", own);
	buf_add_byte(out, '}');
}

static void write_input(struct form_request *q, size_t i, struct buf *out)
{
	form_key(out, "input");
	buf_add_byte(out, '[');
	while (i < q->blocks.n) {
		const struct form_block *b = &q->blocks.v[i];
		size_t end = i + 1;

		if (b->kind == FORM_CALL)
			write_call(b, out);
		else if (b->kind == FORM_THINKING)
			write_thought(q, b, out);
		else if (b->kind == FORM_RESULT) {
			write_result(q, i, out);
			end = form_result_end(q, i);
		} else
			end = write_message(q, i, out);
		i = end;
	}
	buf_add_byte(out, ']');
}

/* Returns where the conversation begins. */
static size_t write_instructions(struct form_request *q, struct buf *out)
{
	size_t i = 0;

	if (!q->blocks.n || q->blocks.v[0].role != FORM_SYSTEM)
		return 0;
	form_key(out, "instructions");
	buf_add_byte(out, '"');
	for (; i < q->blocks.n && q->blocks.v[i].role == FORM_SYSTEM; i++) {
		buf_add(out, i ? STR("\\n\\n") : STR(""));
		buf_add(out, q->blocks.v[i].text);
	}
	buf_add_byte(out, '"');
	return i;
}

static void put_tool(struct form_request *q, const struct form_tool *tool, struct buf *out)
{
	(void)q;
	form_put_c(out, "type", "function");
	form_put_tool_name(tool, out);
	form_put(out, "parameters", tool->schema.n ? tool->schema : STR(FORM_NO_PARAMETERS));
	form_put_bool(out, "strict", tool->strict == STRICT_YES);
}

/* Thoughts come back to the model only when they were given out in cipher, as nothing is stored there. */
static void write_reasoning(struct form_request *q, struct buf *out)
{
	enum form_effort e = q->effort > EFFORT_XHIGH ? EFFORT_XHIGH : q->effort;

	if (!form_reasons(q)) {
		if (e > EFFORT_NONE)
			form_note(q, "thinking_effort");
		return;
	}
	form_put(out, "include", STR("[\"reasoning.encrypted_content\"]"));
	if (e == EFFORT_NONE && q->from == WIRE_ANTHROPIC)
		e = EFFORT_UNSET;
	if (!e && !q->shows_thoughts)
		return;
	form_key(out, "reasoning");
	buf_add_byte(out, '{');
	if (e)
		form_put_c(out, "effort", form_effort_name(e));
	if (q->shows_thoughts)
		form_put_c(out, "summary", "auto");
	buf_add_byte(out, '}');
}

static void write_output(struct form_request *q, struct buf *out)
{
	if (q->output == OUTPUT_TEXT)
		return;
	form_key(out, "text");
	if (q->output == OUTPUT_JSON) {
		buf_add(out, STR("{\"format\":{\"type\":\"json_object\"}}"));
		return;
	}
	buf_add(out, STR("{\"format\":{\"type\":\"json_schema\""));
	form_put_text(out, "name", q->schema_name.n ? q->schema_name : STR("answer"));
	form_put(out, "schema", q->schema);
	form_put_bool(out, "strict", q->is_schema_strict);
	buf_add(out, STR("}}"));
}

void form_write_responses(struct form_request *q, struct buf *out)
{
	size_t start;

	buf_add_byte(out, '{');
	form_put_text(out, "model", q->model);
	start = write_instructions(q, out);
	write_input(q, start, out);
	form_put_tools(q, put_tool, out);
	form_put_choice(q, "{\"type\":\"function\",\"name\":", "}", out);
	form_put(out, "max_output_tokens", q->max_tokens);
	form_put(out, "temperature", q->temperature);
	form_put(out, "top_p", q->top_p);
	write_reasoning(q, out);
	write_output(q, out);
	form_put_bool(out, "store", false);
	form_note_unsaid(q, UNSAID_TOP_K | UNSAID_SEED | UNSAID_PENALTIES | UNSAID_STOPS);
	if (q->is_stream)
		form_put_bool(out, "stream", true);
	buf_add_byte(out, '}');
}
