/* Answers in Gemini's words: ai.google.dev/api/generate-content. A stream is a row of answers, as events or as elements of an
 * array; a call is told when it is whole. */
#include "core/translate/say.h"

/* As spelled, but on one line: a line's end would be that of an event's. Within JSON it stands between tokens alone. */
static str on_one_line(struct translate_answer *ta, str json)
{
	char *p;

	if (str_find_byte(json, '\n') == STR_NONE && str_find_byte(json, '\r') == STR_NONE)
		return json;
	p = arena_cstr(&ta->event, json);
	for (size_t i = 0; i < json.n; i++)
		if (p[i] == '\n' || p[i] == '\r')
			p[i] = ' ';
	return (str){p, json.n};
}

static void write_part(struct translate_answer *ta, str inside, bool has_signature, struct buf *out)
{
	buf_add_byte(out, '{');
	if (ta->kind == SAY_CALL) {
		form_key(out, "functionCall");
		buf_add_byte(out, '{');
		form_put_text(out, "id", buf_str(&ta->call_id));
		form_put_text(out, "name", buf_str(&ta->name));
		form_put(out, "args", on_one_line(ta, say_object(ta)));
		buf_add_byte(out, '}');
	} else {
		form_put_text(out, "text", inside);
		if (ta->kind == SAY_THINKING)
			form_put_bool(out, "thought", true);
	}
	if (has_signature && ta->signature.n)
		form_put_text(out, "thoughtSignature", buf_str(&ta->signature));
	buf_add_byte(out, '}');
}

static void open_answer(struct translate_answer *ta)
{
	if (say_streams(ta))
		buf_add(ta->out, !ta->conf.is_array ? STR("data: ")
				 : ta->has_elements ? STR(",\r\n")
						    : STR("["));
	ta->has_elements = true;
	buf_add(ta->out, STR("{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":["));
}

static void end_answer(struct translate_answer *ta)
{
	form_put_text(ta->out, "modelVersion", buf_str(&ta->model));
	form_put_text(ta->out, "responseId", buf_str(&ta->id));
	buf_add_byte(ta->out, '}');
	if (say_streams(ta) && !ta->conf.is_array)
		buf_add(ta->out, STR("\r\n\r\n"));
}

static void say_part(struct translate_answer *ta, str inside, bool has_signature)
{
	if (!say_streams(ta)) {
		if (ta->said.n)
			buf_add_byte(&ta->said, ',');
		write_part(ta, inside, has_signature, &ta->said);
		return;
	}
	open_answer(ta);
	write_part(ta, inside, has_signature, ta->out);
	buf_add(ta->out, STR("]},\"index\":0}]"));
	end_answer(ta);
}

static void begin(struct translate_answer *ta)
{
	(void)ta;
}

static void open_block(struct translate_answer *ta)
{
	(void)ta;
}

static void add(struct translate_answer *ta, str inside)
{
	if (say_streams(ta) && ta->kind != SAY_CALL)
		say_part(ta, inside, false);
}

/* The signature of thoughts that were told already goes in a part of its own, with no text. */
static void close_block(struct translate_answer *ta)
{
	if (ta->kind == SAY_CALL || !say_streams(ta))
		say_part(ta, buf_str(&ta->text), true);
	else if (ta->kind == SAY_THINKING && ta->signature.n)
		say_part(ta, STR(""), true);
}

static void write_usage(const struct usage *u, struct buf *out)
{
	unsigned long long prompt = say_prompt_tokens(u), output = u->output;

	form_key(out, "usageMetadata");
	buf_printf(out, "{\"promptTokenCount\":%llu,\"candidatesTokenCount\":%llu", prompt,
		output > u->reasoning ? output - (unsigned long long)u->reasoning : 0);
	if (u->reasoning)
		buf_printf(out, ",\"thoughtsTokenCount\":%llu", (unsigned long long)u->reasoning);
	if (u->cache_read)
		buf_printf(out, ",\"cachedContentTokenCount\":%llu",
			(unsigned long long)u->cache_read);
	buf_printf(out, ",\"totalTokenCount\":%llu}", prompt + output);
}

static void end(struct translate_answer *ta)
{
	struct buf *out = ta->out;

	open_answer(ta);
	if (!say_streams(ta))
		buf_add(out, buf_str(&ta->said));
	else
		buf_add(out, STR("{\"text\":\"\"}"));
	buf_add(out, STR("]}"));
	form_put_c(out, "finishReason", say_stop_name(ta));
	form_put(out, "index", STR("0"));
	buf_add(out, STR("}]"));
	write_usage(ta->usage, out);
	end_answer(ta);
	if (say_streams(ta) && ta->conf.is_array)
		buf_add_byte(out, ']');
}

static void error(struct translate_answer *ta, int status, str message)
{
	bool is_array = say_streams(ta) && ta->conf.is_array;

	if (is_array)
		buf_add(ta->out, ta->has_elements ? STR(",\r\n") : STR("["));
	else if (say_streams(ta))
		buf_add(ta->out, STR("data: "));
	translate_own_error(WIRE_GEMINI, status, form_plain(&ta->event, message), ta->out);
	if (is_array)
		buf_add_byte(ta->out, ']');
	else if (say_streams(ta))
		buf_add(ta->out, STR("\r\n\r\n"));
}

const struct say_writer say_write_gemini = {.begin = begin,
	.open = open_block,
	.add = add,
	.close = close_block,
	.end = end,
	.error = error,
	.keeps_calls = true};
