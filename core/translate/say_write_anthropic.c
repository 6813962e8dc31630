/* Answers in Anthropic's words: docs.anthropic.com/en/api/messages, .../messages-streaming. */
#include "core/translate/say.h"

/* ---- pieces --------------------------------------------------------------------------------------------------- */

static void open_event(struct translate_answer *ta, const char *type)
{
	buf_printf(ta->out, "event: %s\ndata: {\"type\":\"%s\"", type, type);
}

static void end_event(struct translate_answer *ta)
{
	buf_add(ta->out, STR("}\n\n"));
}

static void write_usage(const struct usage *u, struct buf *out)
{
	form_key(out, "usage");
	buf_printf(out, "{\"input_tokens\":%llu", (unsigned long long)(u ? u->input : 0));
	if (u) {
		uint64_t written = u->cache_write_5m + u->cache_write_1h;

		buf_printf(out,
			",\"cache_creation_input_tokens\":%llu,\"cache_read_input_tokens\":%llu",
			(unsigned long long)written, (unsigned long long)u->cache_read);
	}
	buf_printf(out, ",\"output_tokens\":%llu}", (unsigned long long)(u ? u->output : 0));
}

static void write_message(struct translate_answer *ta, str content, bool is_over)
{
	struct buf *out = ta->out;

	buf_add_byte(out, '{');
	form_put_text(out, "id", buf_str(&ta->id));
	form_put_c(out, "type", "message");
	form_put_c(out, "role", "assistant");
	form_put_text(out, "model", buf_str(&ta->model));
	form_key(out, "content");
	buf_add_byte(out, '[');
	buf_add(out, content);
	buf_add_byte(out, ']');
	form_key(out, "stop_reason");
	if (is_over)
		form_text(out, str_from(say_stop_name(ta)));
	else
		buf_add(out, STR("null"));
	form_key(out, "stop_sequence");
	if (is_over && ta->stop_sequence.n)
		form_text(out, buf_str(&ta->stop_sequence));
	else
		buf_add(out, STR("null"));
	write_usage(is_over ? ta->usage : NULL, out);
	buf_add_byte(out, '}');
}

static void begin(struct translate_answer *ta)
{
	if (!say_streams(ta))
		return;
	open_event(ta, "message_start");
	form_key(ta->out, "message");
	write_message(ta, STR(""), false);
	end_event(ta);
}

/* ---- blocks --------------------------------------------------------------------------------------------------- */

/* As it begins in a stream, when input is "{}"; or whole. */
static void write_call(struct translate_answer *ta, str input, struct buf *out)
{
	buf_add(out, STR("{\"type\":\"tool_use\""));
	form_put_text(out, "id", buf_str(&ta->call_id));
	form_put_text(out, "name", buf_str(&ta->name));
	form_put(out, "input", input);
	buf_add_byte(out, '}');
}

static void start_block(struct translate_answer *ta)
{
	if (ta->has_shown || !say_streams(ta))
		return;
	ta->has_shown = true;
	open_event(ta, "content_block_start");
	buf_printf(ta->out, ",\"index\":%u,\"content_block\":", ta->blocks_n);
	if (ta->kind == SAY_CALL)
		write_call(ta, STR("{}"), ta->out);
	else
		buf_add(ta->out, ta->kind == SAY_TEXT ? STR("{\"type\":\"text\",\"text\":\"\"}")
						      : STR("{\"type\":\"thinking\",\"thinking\":"
							    "\"\",\"signature\":\"\"}"));
	end_event(ta);
}

static void write_delta(struct translate_answer *ta, const char *type, const char *key, str inside)
{
	open_event(ta, "content_block_delta");
	buf_printf(ta->out, ",\"index\":%u,\"delta\":{\"type\":\"%s\"", ta->blocks_n, type);
	form_put_text(ta->out, key, inside);
	buf_add_byte(ta->out, '}');
	end_event(ta);
}

/* Thoughts begin with their first word: those that have none are told as redacted ones. */
static void open_block(struct translate_answer *ta)
{
	if (ta->kind != SAY_THINKING)
		start_block(ta);
}

static void add(struct translate_answer *ta, str inside)
{
	if (!say_streams(ta))
		return;
	start_block(ta);
	if (ta->kind == SAY_TEXT)
		write_delta(ta, "text_delta", "text", inside);
	else if (ta->kind == SAY_THINKING)
		write_delta(ta, "thinking_delta", "thinking", inside);
	else
		write_delta(ta, "input_json_delta", "partial_json", inside);
}

/* A client that keeps thoughts sends them back, and wants them signed: those of a dialect that signs nothing say whose
 * they are. */
static str signature(struct translate_answer *ta)
{
	if (ta->signature.n)
		return buf_str(&ta->signature);
	return form_sign(&ta->event, ta->conf.backend, STR(""));
}

static void close_redacted(struct translate_answer *ta)
{
	struct buf *out = say_streams(ta) ? ta->out : &ta->said;

	if (say_streams(ta)) {
		open_event(ta, "content_block_start");
		buf_printf(ta->out, ",\"index\":%u,\"content_block\":", ta->blocks_n);
	} else if (out->n)
		buf_add_byte(out, ',');
	buf_add(out, STR("{\"type\":\"redacted_thinking\""));
	form_put_text(out, "data", signature(ta));
	buf_add_byte(out, '}');
	if (say_streams(ta))
		end_event(ta);
}

static void close_in_body(struct translate_answer *ta)
{
	struct buf *out = &ta->said;

	if (out->n)
		buf_add_byte(out, ',');
	if (ta->kind == SAY_CALL) {
		write_call(ta, say_object(ta), out);
		return;
	}
	buf_add(out,
		ta->kind == SAY_TEXT ? STR("{\"type\":\"text\"") : STR("{\"type\":\"thinking\""));
	form_put_text(out, ta->kind == SAY_TEXT ? "text" : "thinking", buf_str(&ta->text));
	if (ta->kind == SAY_THINKING)
		form_put_text(out, "signature", signature(ta));
	buf_add_byte(out, '}');
}

static void close_block(struct translate_answer *ta)
{
	bool has_text = say_streams(ta) ? ta->has_shown : ta->text.n > 0;

	if (ta->kind == SAY_THINKING && !has_text)
		close_redacted(ta);
	else if (!say_streams(ta)) {
		close_in_body(ta);
		return;
	} else if (ta->kind == SAY_THINKING)
		write_delta(ta, "signature_delta", "signature", signature(ta));
	if (!say_streams(ta))
		return;
	open_event(ta, "content_block_stop");
	buf_printf(ta->out, ",\"index\":%u", ta->blocks_n);
	end_event(ta);
}

/* ---- the end -------------------------------------------------------------------------------------------------- */

static void end(struct translate_answer *ta)
{
	struct buf *out = ta->out;

	if (!say_streams(ta)) {
		write_message(ta, buf_str(&ta->said), true);
		return;
	}
	open_event(ta, "message_delta");
	buf_add(out, STR(",\"delta\":{"));
	form_put_c(out, "stop_reason", say_stop_name(ta));
	form_key(out, "stop_sequence");
	if (ta->stop_sequence.n)
		form_text(out, buf_str(&ta->stop_sequence));
	else
		buf_add(out, STR("null"));
	buf_add_byte(out, '}');
	write_usage(ta->usage, out);
	end_event(ta);
	open_event(ta, "message_stop");
	end_event(ta);
}

static void error(struct translate_answer *ta, int status, str message)
{
	if (say_streams(ta))
		buf_add(ta->out, STR("event: error\ndata: "));
	translate_own_error(WIRE_ANTHROPIC, status, form_plain(&ta->event, message), ta->out);
	if (say_streams(ta))
		buf_add(ta->out, STR("\n\n"));
}

const struct say_writer say_write_anthropic = {.begin = begin,
	.open = open_block,
	.add = add,
	.close = close_block,
	.end = end,
	.error = error};
