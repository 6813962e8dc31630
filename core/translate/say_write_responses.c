/* Answers in the words of OpenAI's Responses: platform.openai.com/docs/api-reference/responses-streaming. Each item is told
 * as it grows, whole at its end, and once more in the answer that the last event repeats. */
#include "core/translate/say.h"

/* ---- pieces --------------------------------------------------------------------------------------------------- */

static void open_event(struct translate_answer *ta, const char *type)
{
	buf_printf(ta->out, "event: %s\ndata: {\"type\":\"%s\",\"sequence_number\":%llu", type,
		type, (unsigned long long)ta->sequence++);
}

static void end_event(struct translate_answer *ta)
{
	buf_add(ta->out, STR("}\n\n"));
}

static const char *prefix(const struct translate_answer *ta)
{
	return ta->kind == SAY_TEXT   ? "msg"
	       : ta->kind == SAY_CALL ? ta->is_custom ? "ctc" : "fc"
				      : "rs";
}

/* Of its own for each item. */
static void put_id(struct translate_answer *ta, const char *key, struct buf *out)
{
	form_key(out, key);
	buf_printf(out, "\"%s_", prefix(ta));
	buf_add(out, buf_str(&ta->id));
	buf_printf(out, "_%u\"", ta->blocks_n);
}

static void open_item_event(struct translate_answer *ta, const char *type)
{
	open_event(ta, type);
	put_id(ta, "item_id", ta->out);
	buf_printf(ta->out, ",\"output_index\":%u", ta->blocks_n);
	if (ta->kind != SAY_CALL)
		form_put(ta->out, ta->kind == SAY_TEXT ? "content_index" : "summary_index",
			STR("0"));
}

static void write_part(const struct translate_answer *ta, str inside, struct buf *out)
{
	buf_add(out, ta->kind == SAY_TEXT
			     ? STR("{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[]")
			     : STR("{\"type\":\"summary_text\""));
	form_put_text(out, "text", inside);
	buf_add_byte(out, '}');
}

static void write_call(struct translate_answer *ta, str said, struct buf *out)
{
	form_put_c(out, "type", ta->is_custom ? "custom_tool_call" : "function_call");
	form_put_text(out, "call_id", buf_str(&ta->call_id));
	form_put_text(out, "name", buf_str(&ta->name));
	form_put_text(out, ta->is_custom ? "input" : "arguments", said);
}

static void write_item(struct translate_answer *ta, str said, bool is_whole, struct buf *out)
{
	buf_add_byte(out, '{');
	put_id(ta, "id", out);
	if (ta->kind == SAY_CALL)
		write_call(ta, said, out);
	else if (ta->kind == SAY_TEXT) {
		form_put_c(out, "type", "message");
		form_put_c(out, "role", "assistant");
		form_key(out, "content");
	} else {
		form_put_c(out, "type", "reasoning");
		form_key(out, "summary");
	}
	if (ta->kind != SAY_CALL) {
		buf_add_byte(out, '[');
		if (said.n)
			write_part(ta, said, out);
		buf_add_byte(out, ']');
	}
	if (ta->kind == SAY_THINKING && is_whole && ta->signature.n)
		form_put_text(out, "encrypted_content", buf_str(&ta->signature));
	form_put_c(out, "status", is_whole ? "completed" : "in_progress");
	buf_add_byte(out, '}');
}

static void write_usage(const struct usage *u, struct buf *out)
{
	unsigned long long prompt = say_prompt_tokens(u), output = u->output;
	unsigned long long written = u->cache_write_5m + u->cache_write_1h;

	form_key(out, "usage");
	buf_printf(out, "{\"input_tokens\":%llu,\"input_tokens_details\":{\"cached_tokens\":%llu",
		prompt, (unsigned long long)u->cache_read);
	if (written)
		buf_printf(out, ",\"cache_write_tokens\":%llu", written);
	buf_printf(out,
		"},\"output_tokens\":%llu,\"output_tokens_details\":{\"reasoning_tokens\":%llu},"
		"\"total_tokens\":%llu}",
		output, (unsigned long long)u->reasoning, prompt + output);
}

/* error: an object, or empty. */
static void write_response(struct translate_answer *ta, const char *status, str error)
{
	struct buf *out = ta->out;
	bool is_cut = strcmp(status, "incomplete") == 0;

	buf_add_byte(out, '{');
	form_put_text(out, "id", buf_str(&ta->id));
	form_put_c(out, "object", "response");
	form_key(out, "created_at");
	buf_printf(out, "%lld", (long long)ta->conf.created_s);
	form_put_c(out, "status", status);
	form_put(out, "error", error.n ? error : STR("null"));
	form_key(out, "incomplete_details");
	if (is_cut)
		buf_printf(out, "{\"reason\":\"%s\"}", say_stop_name(ta));
	else
		buf_add(out, STR("null"));
	form_put(out, "instructions", STR("null"));
	form_put(out, "metadata", STR("{}"));
	form_put_text(out, "model", buf_str(&ta->model));
	form_key(out, "output");
	buf_add_byte(out, '[');
	buf_add(out, buf_str(&ta->said));
	buf_add_byte(out, ']');
	form_put(out, "parallel_tool_calls", STR("true"));
	form_put(out, "previous_response_id", STR("null"));
	form_put(out, "store", STR("false"));
	form_put_c(out, "tool_choice", "auto");
	form_put(out, "tools", STR("[]"));
	if (ta->usage)
		write_usage(ta->usage, out);
	else
		form_put(out, "usage", STR("null"));
	buf_add_byte(out, '}');
}

static void write_response_event(
	struct translate_answer *ta, const char *type, const char *status, str error)
{
	open_event(ta, type);
	form_key(ta->out, "response");
	write_response(ta, status, error);
	end_event(ta);
}

static void begin(struct translate_answer *ta)
{
	if (!say_streams(ta))
		return;
	write_response_event(ta, "response.created", "in_progress", STR(""));
	write_response_event(ta, "response.in_progress", "in_progress", STR(""));
}

/* ---- items ---------------------------------------------------------------------------------------------------- */

static void item_event(struct translate_answer *ta, const char *type, str said, bool is_whole)
{
	open_event(ta, type);
	buf_printf(ta->out, ",\"output_index\":%u,\"item\":", ta->blocks_n);
	write_item(ta, said, is_whole, ta->out);
	end_event(ta);
}

static void part_event(struct translate_answer *ta, const char *type, str said)
{
	open_item_event(ta, type);
	form_key(ta->out, "part");
	write_part(ta, said, ta->out);
	end_event(ta);
}

static void text_event(struct translate_answer *ta, const char *type, const char *key, str said)
{
	open_item_event(ta, type);
	form_put_text(ta->out, key, said);
	if (ta->kind == SAY_TEXT)
		form_put(ta->out, "logprobs", STR("[]"));
	end_event(ta);
}

static void open_block(struct translate_answer *ta)
{
	if (!say_streams(ta))
		return;
	item_event(ta, "response.output_item.added", STR(""), false);
	if (ta->kind == SAY_TEXT)
		part_event(ta, "response.content_part.added", STR(""));
}

static void add(struct translate_answer *ta, str inside)
{
	if (!say_streams(ta))
		return;
	if (ta->kind == SAY_THINKING && !ta->has_shown)
		part_event(ta, "response.reasoning_summary_part.added", STR(""));
	ta->has_shown = true;
	text_event(ta,
		ta->kind == SAY_TEXT       ? "response.output_text.delta"
		: ta->kind == SAY_THINKING ? "response.reasoning_summary_text.delta"
					   : "response.function_call_arguments.delta",
		"delta", inside);
}

static void close_call(struct translate_answer *ta, str said)
{
	if (ta->is_custom) {
		text_event(ta, "response.custom_tool_call_input.delta", "delta", said);
		text_event(ta, "response.custom_tool_call_input.done", "input", said);
	} else {
		open_item_event(ta, "response.function_call_arguments.done");
		form_put_text(ta->out, "name", buf_str(&ta->name));
		form_put_text(ta->out, "arguments", said);
		end_event(ta);
	}
}

static void close_block(struct translate_answer *ta)
{
	str said = ta->is_custom ? say_custom_input(ta) : buf_str(&ta->text);

	if (say_streams(ta)) {
		if (ta->kind == SAY_CALL)
			close_call(ta, said);
		else if (ta->kind == SAY_TEXT) {
			text_event(ta, "response.output_text.done", "text", said);
			part_event(ta, "response.content_part.done", said);
		} else if (said.n) {
			text_event(ta, "response.reasoning_summary_text.done", "text", said);
			part_event(ta, "response.reasoning_summary_part.done", said);
		}
		item_event(ta, "response.output_item.done", said, true);
	}
	if (ta->said.n)
		buf_add_byte(&ta->said, ',');
	write_item(ta, said, true, &ta->said);
}

/* ---- the end -------------------------------------------------------------------------------------------------- */

static void end(struct translate_answer *ta)
{
	bool is_cut = strcmp(say_stop_name(ta), "completed") != 0;
	const char *status = is_cut ? "incomplete" : "completed";

	if (say_streams(ta))
		write_response_event(
			ta, is_cut ? "response.incomplete" : "response.completed", status, STR(""));
	else
		write_response(ta, status, STR(""));
}

static void error(struct translate_answer *ta, int status, str message)
{
	str text = arena_printf(&ta->event, "{\"code\":\"%s\",\"message\":\"" STR_FMT "\"}",
		say_error_type(WIRE_OPENAI_RESPONSES, status), STR_ARG(message));

	if (say_streams(ta))
		write_response_event(ta, "response.failed", "failed", text);
	else
		translate_own_error(
			WIRE_OPENAI_RESPONSES, status, form_plain(&ta->event, message), ta->out);
}

const struct say_writer say_write_responses = {.begin = begin,
	.open = open_block,
	.add = add,
	.close = close_block,
	.end = end,
	.error = error,
	.keeps_text = true};
