/* Gemini generateContent, written: ai.google.dev/api/generate-content. The model stands in the path. */
#include "core/token/model.h"
#include "core/translate/form.h"

/* What Google takes for a signature of a call that another model made:
 * ai.google.dev/gemini-api/docs/thought-signatures ("Migrating from other models"). */
#define NO_SIGNATURE "skip_thought_signature_validator"

/* The first families sign nothing, or do not ask for it. */
static bool wants_signatures(struct form_request *q)
{
	str name = model_plain_name(form_plain(q->a, q->model));

	return str_starts(name, STR("gemini-")) && !str_starts(name, STR("gemini-1")) &&
	       !str_starts(name, STR("gemini-2"));
}

/* ---- parts -------------------------------------------------------------------------------------------------- */

static void write_media(struct form_request *q, const struct form_block *b, struct buf *out)
{
	form_key(out, b->url.n ? "fileData" : "inlineData");
	buf_add_byte(out, '{');
	if (b->mime.n)
		form_put_text(out, "mimeType", form_escaped(q->a, b->mime));
	form_put_text(out, b->url.n ? "fileUri" : "data", b->url.n ? b->url : b->data);
	buf_add_byte(out, '}');
}

static void write_result(struct form_request *q, size_t i, struct buf *out)
{
	const struct form_block *b = &q->blocks.v[i];

	form_key(out, "functionResponse");
	buf_add_byte(out, '{');
	form_put_text(out, "name", b->name);
	form_key(out, "response");
	buf_add_byte(out, '{');
	form_put_text(out, b->is_error ? "error" : "output", form_result_text(q, i, false));
	buf_add(out, STR("}}"));
}

static void write_call(const struct form_block *b, struct buf *out)
{
	form_key(out, "functionCall");
	buf_add_byte(out, '{');
	form_put_text(out, "name", b->name);
	form_put(out, "args", b->json);
	buf_add_byte(out, '}');
}

static void write_part(struct form_request *q, size_t i, str signature, struct buf *out)
{
	const struct form_block *b = &q->blocks.v[i];

	form_comma(out);
	buf_add_byte(out, '{');
	if (b->kind == FORM_TEXT)
		form_put_text(out, "text", b->text);
	else if (b->kind == FORM_CALL)
		write_call(b, out);
	else if (b->kind == FORM_RESULT)
		write_result(q, i, out);
	else
		write_media(q, b, out);
	if (signature.n)
		form_put_text(out, "thoughtSignature", signature);
	buf_add_byte(out, '}');
}

/* A signature goes to the part behind it, where it came from; the first call of a step must have one. */
static void write_model(struct form_request *q, size_t i, size_t end, struct buf *out)
{
	bool must_sign = wants_signatures(q);
	str signature = STR(""), own;

	for (; i < end; i++) {
		const struct form_block *b = &q->blocks.v[i];

		if (b->kind == FORM_THINKING) {
			if (form_signed_by(b->signature, WIRE_GEMINI, &own))
				signature = own;
			else
				form_note(q, "thinking");
			continue;
		}
		if (b->kind == FORM_CALL && !signature.n &&
			form_signed_by(b->signature, WIRE_GEMINI, &own))
			signature = own;
		if (b->kind == FORM_CALL && must_sign) {
			must_sign = false;
			if (!signature.n)
				signature = STR(NO_SIGNATURE);
		}
		write_part(q, i, signature, out);
		signature = STR("");
	}
}

/* Results first, as many as there were calls. */
static void write_user(struct form_request *q, size_t i, size_t end, struct buf *out)
{
	for (size_t k = i; k < end; k++)
		if (q->blocks.v[k].kind == FORM_RESULT)
			write_part(q, k, STR(""), out);
	for (size_t k = i; k < end; k++) {
		const struct form_block *b = &q->blocks.v[k];

		if (b->kind == FORM_RESULT || (b->in_result && b->kind == FORM_TEXT))
			continue;
		if (b->in_result)
			form_note(q, "tool_result.media_moved");
		write_part(q, k, STR(""), out);
	}
}

static void write_contents(struct form_request *q, struct buf *out)
{
	size_t i = 0;

	while (i < q->blocks.n && q->blocks.v[i].role == FORM_SYSTEM)
		i++;
	if (i) {
		form_key(out, "systemInstruction");
		buf_add(out, STR("{\"parts\":["));
		for (size_t k = 0; k < i; k++)
			write_part(q, k, STR(""), out);
		buf_add(out, STR("]}"));
	}
	form_key(out, "contents");
	buf_add_byte(out, '[');
	while (i < q->blocks.n) {
		size_t end = form_message_end(q, i), start = out->n, empty;
		bool is_model = q->blocks.v[i].role == FORM_ASSISTANT;

		form_comma(out);
		buf_add(out, is_model ? STR("{\"role\":\"model\",\"parts\":[")
				      : STR("{\"role\":\"user\",\"parts\":["));
		empty = out->n;
		if (is_model)
			write_model(q, i, end, out);
		else
			write_user(q, i, end, out);
		if (out->n == empty && !out->err)
			out->n = start;
		else
			buf_add(out, STR("]}"));
		i = end;
	}
	buf_add_byte(out, ']');
}

/* ---- parameters --------------------------------------------------------------------------------------------- */

static void write_tools(struct form_request *q, struct buf *out)
{
	static const char *const modes[] = {[CHOICE_AUTO] = "AUTO",
		[CHOICE_ANY] = "ANY",
		[CHOICE_NONE] = "NONE",
		[CHOICE_TOOL] = "ANY"};

	if (!q->tools.n)
		return;
	form_key(out, "tools");
	buf_add(out, STR("[{\"functionDeclarations\":["));
	for (size_t i = 0; i < q->tools.n; i++) {
		const struct form_tool *tool = &q->tools.v[i];

		form_comma(out);
		buf_add_byte(out, '{');
		form_put_text(out, "name", tool->name);
		form_put_text(out, "description", tool->description);
		form_put(out, "parametersJsonSchema", tool->schema);
		buf_add_byte(out, '}');
	}
	buf_add(out, STR("]}]"));
	if (q->is_serial)
		form_note(q, "parallel_tool_calls");
	if (!q->choice)
		return;
	form_key(out, "toolConfig");
	buf_add(out, STR("{\"functionCallingConfig\":{"));
	form_put_c(out, "mode", modes[q->choice]);
	if (q->choice == CHOICE_TOOL) {
		form_key(out, "allowedFunctionNames");
		buf_add_byte(out, '[');
		form_text(out, q->choice_name);
		buf_add_byte(out, ']');
	}
	buf_add(out, STR("}}"));
}

/* From the third family on by level, in the second by budget (ai.google.dev/gemini-api/docs/thinking), before not at all. */
static void write_thinking(struct form_request *q, struct buf *out)
{
	str name = model_plain_name(form_plain(q->a, q->model));
	bool is_old = str_starts(name, STR("gemini-1")) || str_starts(name, STR("gemini-2.0"));
	bool wants = q->effort > EFFORT_NONE || q->budget;
	bool has_level = wants_signatures(q);

	if (is_old || !str_starts(name, STR("gemini-"))) {
		if (wants)
			form_note(q, "thinking_effort");
		return;
	}
	if (!wants && !q->shows_thoughts)
		return;
	form_key(out, "thinkingConfig");
	buf_add_byte(out, '{');
	if (q->effort > EFFORT_NONE && has_level)
		form_put_c(out, "thinkingLevel", q->effort < EFFORT_MEDIUM ? "low" : "high");
	else if (wants) {
		uint64_t budget = q->budget ? q->budget : form_budget_of_effort(q->effort),
			 max = 24576;

		form_key(out, "thinkingBudget");
		buf_add_u64(out, budget < max ? budget : max);
	}
	if (q->shows_thoughts)
		form_put_bool(out, "includeThoughts", true);
	buf_add_byte(out, '}');
}

/* At most five: ai.google.dev/api/generate-content#generationconfig */
enum { STOPS_MAX = 5 };

static void write_config(struct form_request *q, struct buf *out)
{
	size_t start = out->n, empty;

	form_key(out, "generationConfig");
	buf_add_byte(out, '{');
	empty = out->n;
	form_put(out, "maxOutputTokens", q->max_tokens);
	form_put(out, "temperature", q->temperature);
	form_put(out, "topP", q->top_p);
	form_put(out, "topK", q->top_k);
	form_put(out, "seed", q->seed);
	form_put(out, "frequencyPenalty", q->frequency_penalty);
	form_put(out, "presencePenalty", q->presence_penalty);
	form_put_stops(q, "stopSequences", STOPS_MAX, out);
	if (q->output != OUTPUT_TEXT)
		form_put_c(out, "responseMimeType", "application/json");
	if (q->output == OUTPUT_SCHEMA)
		form_put(out, "responseJsonSchema", q->schema);
	write_thinking(q, out);
	if (out->n == empty && !out->err)
		out->n = start;
	else
		buf_add_byte(out, '}');
}

void form_write_gemini(struct form_request *q, struct buf *out)
{
	buf_add_byte(out, '{');
	write_contents(q, out);
	write_tools(q, out);
	write_config(q, out);
	buf_add_byte(out, '}');
}
