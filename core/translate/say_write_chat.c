/* Answers in the words of OpenAI's Chat: platform.openai.com/docs/api-reference/chat-streaming. Thoughts are
 * "reasoning_content", as DeepSeek's and most of those have it that show some. */
#include "core/translate/say.h"

/* ---- pieces --------------------------------------------------------------------------------------------------- */

static void open_answer(struct translate_answer *ta, const char *object)
{
	struct buf *out = ta->out;

	buf_add_byte(out, '{');
	form_put_text(out, "id", buf_str(&ta->id));
	form_put_c(out, "object", object);
	form_key(out, "created");
	buf_printf(out, "%lld", (long long)ta->conf.created_s);
	form_put_text(out, "model", buf_str(&ta->model));
}

/* Up to where the delta's members stand. */
static void open_chunk(struct translate_answer *ta)
{
	buf_add(ta->out, STR("data: "));
	open_answer(ta, "chat.completion.chunk");
	buf_add(ta->out, STR(",\"choices\":[{\"index\":0,\"delta\":{"));
}

static void end_chunk(struct translate_answer *ta)
{
	buf_add(ta->out, STR("},\"finish_reason\":null}]}\n\n"));
}

static void write_usage(const struct usage *u, struct buf *out)
{
	unsigned long long prompt = say_prompt_tokens(u),
			   written = u->cache_write_5m + u->cache_write_1h;

	form_key(out, "usage");
	buf_printf(out, "{\"prompt_tokens\":%llu,\"completion_tokens\":%llu,\"total_tokens\":%llu",
		prompt, (unsigned long long)u->output, prompt + (unsigned long long)u->output);
	buf_printf(out, ",\"prompt_tokens_details\":{\"cached_tokens\":%llu",
		(unsigned long long)u->cache_read);
	if (written)
		buf_printf(out, ",\"cache_write_tokens\":%llu", written);
	buf_printf(out, "},\"completion_tokens_details\":{\"reasoning_tokens\":%llu}}",
		(unsigned long long)u->reasoning);
}

static void begin(struct translate_answer *ta)
{
	if (!say_streams(ta))
		return;
	open_chunk(ta);
	buf_add(ta->out, STR("\"role\":\"assistant\",\"content\":\"\""));
	end_chunk(ta);
}

/* ---- calls ---------------------------------------------------------------------------------------------------- */

/* Where Google's OpenAI dialect has it, and some clients send it back. */
static void write_signature(struct translate_answer *ta, struct buf *out)
{
	if (!ta->signature.n)
		return;
	form_key(out, "extra_content");
	buf_add(out, STR("{\"google\":{"));
	form_put_text(out, "thought_signature", buf_str(&ta->signature));
	buf_add(out, STR("}}"));
}

static void write_call(struct translate_answer *ta, str arguments, struct buf *out)
{
	buf_add_byte(out, '{');
	if (say_streams(ta)) {
		form_key(out, "index");
		buf_add_u64(out, ta->calls_n);
	}
	form_put_text(out, "id", buf_str(&ta->call_id));
	form_put_c(out, "type", ta->is_custom ? "custom" : "function");
	form_key(out, ta->is_custom ? "custom" : "function");
	buf_add_byte(out, '{');
	form_put_text(out, "name", buf_str(&ta->name));
	form_put_text(out, ta->is_custom ? "input" : "arguments", arguments);
	buf_add_byte(out, '}');
	write_signature(ta, out);
	buf_add_byte(out, '}');
}

static void stream_call(struct translate_answer *ta, str arguments)
{
	open_chunk(ta);
	buf_add(ta->out, STR("\"tool_calls\":["));
	write_call(ta, arguments, ta->out);
	buf_add_byte(ta->out, ']');
	end_chunk(ta);
}

static void open_block(struct translate_answer *ta)
{
	if (say_streams(ta) && ta->kind == SAY_CALL && !ta->is_custom)
		stream_call(ta, STR(""));
}

static void add(struct translate_answer *ta, str inside)
{
	struct buf *out = ta->out;

	if (!say_streams(ta))
		return;
	open_chunk(ta);
	if (ta->kind == SAY_CALL) {
		buf_printf(out, "\"tool_calls\":[{\"index\":%u,\"function\":{", ta->calls_n);
		form_put_text(out, "arguments", inside);
		buf_add(out, STR("}}]"));
	} else
		form_put_text(out, ta->kind == SAY_TEXT ? "content" : "reasoning_content", inside);
	end_chunk(ta);
}

/* In a body texts, thoughts and calls stand apart. */
static void close_block(struct translate_answer *ta)
{
	if (ta->kind == SAY_CALL) {
		str arguments = ta->is_custom ? say_custom_input(ta) : buf_str(&ta->text);

		if (say_streams(ta)) {
			if (ta->is_custom)
				stream_call(ta, arguments);
			return;
		}
		if (ta->said.n)
			buf_add_byte(&ta->said, ',');
		write_call(ta, arguments, &ta->said);
	} else if (!say_streams(ta))
		buf_add(ta->kind == SAY_TEXT ? &ta->texts : &ta->thoughts, buf_str(&ta->text));
}

/* ---- the end -------------------------------------------------------------------------------------------------- */

static void end_body(struct translate_answer *ta)
{
	struct buf *out = ta->out;

	open_answer(ta, "chat.completion");
	buf_add(out,
		STR(",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"));
	if (ta->texts.n || !ta->said.n)
		form_text(out, buf_str(&ta->texts));
	else
		buf_add(out, STR("null"));
	form_put(out, "refusal", STR("null"));
	if (ta->thoughts.n)
		form_put_text(out, "reasoning_content", buf_str(&ta->thoughts));
	if (ta->said.n) {
		form_key(out, "tool_calls");
		buf_add_byte(out, '[');
		buf_add(out, buf_str(&ta->said));
		buf_add_byte(out, ']');
	}
	buf_add_byte(out, '}');
	form_put(out, "logprobs", STR("null"));
	form_put_c(out, "finish_reason", say_stop_name(ta));
	buf_add(out, STR("}]"));
	write_usage(ta->usage, out);
	buf_add_byte(out, '}');
}

static void end(struct translate_answer *ta)
{
	struct buf *out = ta->out;

	if (!say_streams(ta)) {
		end_body(ta);
		return;
	}
	open_chunk(ta);
	buf_printf(out, "},\"finish_reason\":\"%s\"}]}\n\n", say_stop_name(ta));
	if (ta->conf.wants_usage) {
		buf_add(out, STR("data: "));
		open_answer(ta, "chat.completion.chunk");
		buf_add(out, STR(",\"choices\":[]"));
		write_usage(ta->usage, out);
		buf_add(out, STR("}\n\n"));
	}
	buf_add(out, STR("data: [DONE]\n\n"));
}

static void error(struct translate_answer *ta, int status, str message)
{
	if (say_streams(ta))
		buf_add(ta->out, STR("data: "));
	translate_own_error(WIRE_OPENAI_CHAT, status, form_plain(&ta->event, message), ta->out);
	if (say_streams(ta))
		buf_add(ta->out, STR("\n\n"));
}

const struct say_writer say_write_chat = {.begin = begin,
	.open = open_block,
	.add = add,
	.close = close_block,
	.end = end,
	.error = error};
