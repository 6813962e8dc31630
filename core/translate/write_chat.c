/* OpenAI Chat Completions, written: platform.openai.com/docs/api-reference/chat/create. */
#include "core/translate/form.h"

/* ---- parts -------------------------------------------------------------------------------------------------- */

static void write_audio(struct form_request *q, const struct form_block *b, struct buf *out)
{
	str format = b->mime;

	if (!b->data.n) {
		form_refuse(
			q, "message %u: audio by its URL cannot be said in OpenAI Chat", b->turn);
		return;
	}
	(void)str_take(&format, STR("audio/"));
	form_put_c(out, "type", "input_audio");
	form_key(out, "input_audio");
	buf_add_byte(out, '{');
	form_put_text(out, "data", b->data);
	form_put_text(out, "format", str_eq(format, STR("mpeg")) ? STR("mp3") : format);
	buf_add_byte(out, '}');
}

static void write_file(struct form_request *q, const struct form_block *b, struct buf *out)
{
	if (!b->data.n) {
		form_refuse(q, "message %u: a document by its URL cannot be said in OpenAI Chat",
			b->turn);
		return;
	}
	form_put_c(out, "type", "file");
	form_key(out, "file");
	buf_add_byte(out, '{');
	form_put_text(out, "filename", b->name.n ? b->name : STR("document.pdf"));
	form_put_url(out, "file_data", b);
	buf_add_byte(out, '}');
}

static void write_part(struct form_request *q, const struct form_block *b, struct buf *out)
{
	form_comma(out);
	buf_add_byte(out, '{');
	switch (b->kind) {
	case FORM_TEXT:
		form_put_c(out, "type", "text");
		form_put_text(out, "text", b->text);
		break;
	case FORM_IMAGE:
		form_put_c(out, "type", "image_url");
		form_key(out, "image_url");
		buf_add_byte(out, '{');
		form_put_url(out, "url", b);
		buf_add_byte(out, '}');
		break;
	case FORM_AUDIO:
		write_audio(q, b, out);
		break;
	default:
		write_file(q, b, out);
	}
	if (q->conf->quirks.takes_cache_control)
		form_put(out, "cache_control", b->cache);
	buf_add_byte(out, '}');
}

static bool is_part(const struct form_block *b)
{
	return b->kind == FORM_TEXT || b->kind == FORM_IMAGE || b->kind == FORM_DOCUMENT ||
	       b->kind == FORM_AUDIO;
}

/* ---- messages ----------------------------------------------------------------------------------------------- */

static void open_message(struct buf *out, const char *role)
{
	form_comma(out);
	buf_add_byte(out, '{');
	form_put_c(out, "role", role);
}

/* Texts alone become a plain string, with empty lines between them: not all backends of this dialect take a list of texts, and
 * hardly one in what the system or the model says. */
static void write_content(struct form_request *q, const struct form_block *v, size_t n,
	bool (*is_in)(const struct form_block *), struct buf *out)
{
	bool is_text = true, is_first = true;

	for (size_t i = 0; i < n; i++)
		if (is_in(&v[i]))
			is_text &= v[i].kind == FORM_TEXT &&
				   !(q->conf->quirks.takes_cache_control && v[i].cache.n);
	form_key(out, "content");
	if (is_text) {
		buf_add_byte(out, '"');
		for (size_t i = 0; i < n; i++) {
			if (!is_in(&v[i]))
				continue;
			buf_add(out, is_first ? STR("") : STR("\\n\\n"));
			buf_add(out, v[i].text);
			is_first = false;
		}
		buf_add_byte(out, '"');
		return;
	}
	buf_add_byte(out, '[');
	for (size_t i = 0; i < n; i++)
		if (is_in(&v[i]))
			write_part(q, &v[i], out);
	buf_add_byte(out, ']');
}

static void write_system(struct form_request *q, size_t i, size_t end, struct buf *out)
{
	open_message(out, "system");
	write_content(q, &q->blocks.v[i], end - i, is_part, out);
	buf_add_byte(out, '}');
}

static void write_result(struct form_request *q, size_t i, struct buf *out)
{
	open_message(out, "tool");
	form_put_text(out, "tool_call_id", q->blocks.v[i].id);
	form_put_text(out, "content", form_result_text(q, i, true));
	buf_add_byte(out, '}');
}

/* A text of the user's, or what a result has beside text, which no message of a tool can hold here. */
static bool is_behind_results(const struct form_block *b)
{
	return is_part(b) && !(b->in_result && b->kind == FORM_TEXT);
}

/* Results stand first, each by itself, right behind the calls; then what the user said beside them. */
static void write_user(struct form_request *q, size_t i, size_t end, struct buf *out)
{
	size_t behind = 0;

	for (size_t k = i; k < end; k++) {
		const struct form_block *b = &q->blocks.v[k];

		if (b->kind == FORM_RESULT)
			write_result(q, k, out);
		if (b->in_result && b->kind != FORM_TEXT)
			form_note(q, "tool_result.media_moved");
		behind += is_behind_results(b);
	}
	if (!behind)
		return;
	open_message(out, "user");
	write_content(q, &q->blocks.v[i], end - i, is_behind_results, out);
	buf_add_byte(out, '}');
}

static void write_call(
	struct form_request *q, const struct form_block *b, str extra, struct buf *out)
{
	form_comma(out);
	buf_add_byte(out, '{');
	form_put_text(out, "id", b->id);
	form_put_c(out, "type", "function");
	form_key(out, "function");
	buf_add_byte(out, '{');
	form_put_text(out, "name", b->name);
	form_key(out, "arguments");
	buf_add_byte(out, '"');
	form_add_escaped(out, b->json);
	buf_add(out, STR("\"}"));
	form_put(out, "extra_content", form_plain(q->a, extra));
	buf_add_byte(out, '}');
}

/* What a backend of this dialect has signed a call with stands before it as a thought (say_read_chat.c). */
static void write_calls(struct form_request *q, size_t i, size_t end, struct buf *out)
{
	str extra = STR(""), own;

	form_key(out, "tool_calls");
	buf_add_byte(out, '[');
	for (; i < end; i++) {
		const struct form_block *b = &q->blocks.v[i];

		if (b->kind == FORM_THINKING &&
			form_signed_by(b->signature, WIRE_OPENAI_CHAT, &own))
			extra = own;
		if (b->kind != FORM_CALL)
			continue;
		write_call(q, b, extra, out);
		extra = STR("");
	}
	buf_add_byte(out, ']');
}

static bool is_said(const struct form_block *b)
{
	return is_part(b);
}

/* Thoughts: only where the backend wants its own back (DeepSeek and those that follow it). */
static void write_thoughts(struct form_request *q, size_t i, size_t end, struct buf *out)
{
	bool is_open = false;

	for (size_t k = i; k < end; k++) {
		const struct form_block *b = &q->blocks.v[k];

		if (b->kind != FORM_THINKING)
			continue;
		if (!q->conf->quirks.has_reasoning_text) {
			form_note(q, "thinking");
			continue;
		}
		if (!is_open) {
			form_key(out, "reasoning_content");
			buf_add_byte(out, '"');
		}
		is_open = true;
		buf_add(out, b->text);
	}
	if (is_open)
		buf_add_byte(out, '"');
}

static void write_assistant(struct form_request *q, size_t i, size_t end, struct buf *out)
{
	size_t calls = 0, parts = 0;

	for (size_t k = i; k < end; k++) {
		calls += q->blocks.v[k].kind == FORM_CALL;
		parts += is_part(&q->blocks.v[k]);
	}
	if (!calls && !parts) { /* nothing but thoughts */
		form_note(q, "thinking");
		return;
	}
	open_message(out, "assistant");
	if (parts)
		write_content(q, &q->blocks.v[i], end - i, is_said, out);
	else
		form_put(out, "content", STR("null"));
	write_thoughts(q, i, end, out);
	if (calls)
		write_calls(q, i, end, out);
	buf_add_byte(out, '}');
}

static void write_messages(struct form_request *q, struct buf *out)
{
	form_key(out, "messages");
	buf_add_byte(out, '[');
	for (size_t i = 0; i < q->blocks.n;) {
		size_t end = form_message_end(q, i);

		if (q->blocks.v[i].role == FORM_SYSTEM)
			write_system(q, i, end, out);
		else if (q->blocks.v[i].role == FORM_USER)
			write_user(q, i, end, out);
		else
			write_assistant(q, i, end, out);
		i = end;
	}
	buf_add_byte(out, ']');
}

/* ---- parameters --------------------------------------------------------------------------------------------- */

static void put_tool(struct form_request *q, const struct form_tool *tool, struct buf *out)
{
	form_put_c(out, "type", "function");
	form_key(out, "function");
	buf_add_byte(out, '{');
	form_put_tool_name(tool, out);
	form_put(out, "parameters", tool->schema);
	if (tool->strict == STRICT_YES)
		form_put_bool(out, "strict", true);
	buf_add_byte(out, '}');
	if (q->conf->quirks.takes_cache_control)
		form_put(out, "cache_control", tool->cache);
}

static void write_effort(struct form_request *q, struct buf *out)
{
	enum form_effort e = q->effort > EFFORT_XHIGH ? EFFORT_XHIGH : q->effort;

	if (e == EFFORT_UNSET || (e == EFFORT_NONE && q->from == WIRE_ANTHROPIC))
		return; /* an Anthropic client that wants no thoughts does not say that there must be none */
	if (form_reasons(q))
		form_put_c(out, "reasoning_effort", form_effort_name(e));
	else if (e > EFFORT_NONE)
		form_note(q, "thinking_effort");
}

static void write_output(struct form_request *q, struct buf *out)
{
	if (q->output == OUTPUT_TEXT)
		return;
	form_key(out, "response_format");
	if (q->output == OUTPUT_JSON) {
		buf_add(out, STR("{\"type\":\"json_object\"}"));
		return;
	}
	buf_add(out, STR("{\"type\":\"json_schema\",\"json_schema\":{"));
	form_put_text(out, "name", q->schema_name.n ? q->schema_name : STR("answer"));
	form_put(out, "schema", q->schema);
	if (q->is_schema_strict)
		form_put_bool(out, "strict", true);
	buf_add(out, STR("}}"));
}

/* At most four: platform.openai.com/docs/api-reference/chat/create#stop */
enum { STOPS_MAX = 4 };

void form_write_chat(struct form_request *q, struct buf *out)
{
	buf_add_byte(out, '{');
	form_put_text(out, "model", q->model);
	write_messages(q, out);
	form_put_tools(q, put_tool, out);
	form_put_choice(q, "{\"type\":\"function\",\"function\":{\"name\":", "}}", out);
	form_put(out, q->conf->quirks.is_old_max_tokens ? "max_tokens" : "max_completion_tokens",
		q->max_tokens);
	form_put(out, "temperature", q->temperature);
	form_put(out, "top_p", q->top_p);
	form_put(out, "seed", q->seed);
	form_put(out, "frequency_penalty", q->frequency_penalty);
	form_put(out, "presence_penalty", q->presence_penalty);
	form_note_unsaid(q, UNSAID_TOP_K);
	form_put_stops(q, "stop", STOPS_MAX, out);
	write_effort(q, out);
	write_output(q, out);
	if (q->is_stream) {
		form_put_bool(out, "stream", true);
		if (!q->conf->quirks.no_stream_usage)
			form_put(out, "stream_options", STR("{\"include_usage\":true}"));
	}
	buf_add_byte(out, '}');
}
