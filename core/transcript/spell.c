#include "core/transcript/spell.h"

void spell_begin(struct spelling *s, struct arena *a, enum wire_format f)
{
	s->format = f;
	buf_init_arena(&s->parts, a, LIMIT_INPUT);
	buf_init_arena(&s->calls, a, LIMIT_INPUT);
}

static void add_comma(struct buf *b)
{
	if (b->n)
		buf_add_byte(b, ',');
}

void spell_text(struct spelling *s, str literal)
{
	add_comma(&s->parts);
	buf_add_c(&s->parts, "{\"type\":\"text\",\"text\":");
	buf_add(&s->parts, literal);
	buf_add_byte(&s->parts, '}');
}

void spell_call(struct spelling *s, str id, str name, str input)
{
	struct buf *b = s->format == WIRE_ANTHROPIC ? &s->parts : &s->calls;

	add_comma(b);
	buf_add_c(b, s->format == WIRE_ANTHROPIC ? "{\"type\":\"tool_use\",\"id\":"
						 : "{\"type\":\"function\",\"id\":");
	buf_add(b, id);
	buf_add_c(b, s->format == WIRE_ANTHROPIC ? ",\"name\":" : ",\"function\":{\"name\":");
	buf_add(b, name);
	if (s->format == WIRE_ANTHROPIC) {
		buf_add_c(b, ",\"input\":");
		buf_add(b, input);
		buf_add_c(b, "}");
	} else {
		buf_add_c(b, ",\"arguments\":");
		buf_add_json_string(b, input);
		buf_add_c(b, "}}");
	}
}

str spell_end(struct spelling *s, enum wire_role role)
{
	struct buf b;

	if (!s->parts.n && !s->calls.n)
		return STR_NULL;
	buf_init_arena(&b, s->parts.arena, LIMIT_INPUT);
	buf_printf(
		&b, "{\"role\":\"%s\",\"content\":", role == WIRE_ASSISTANT ? "assistant" : "user");
	if (s->parts.n) {
		buf_add_byte(&b, '[');
		buf_add(&b, buf_str(&s->parts));
		buf_add_byte(&b, ']');
	} else {
		buf_add_c(&b, "null");
	}
	if (s->calls.n) {
		buf_add_c(&b, ",\"tool_calls\":[");
		buf_add(&b, buf_str(&s->calls));
		buf_add_byte(&b, ']');
	}
	buf_add_byte(&b, '}');
	return buf_str(&b);
}

str spell_result(struct arena *a, enum wire_format f, str id, str content, bool is_error)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_c(&b, f == WIRE_ANTHROPIC
			      ? "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
				"\"tool_use_id\":"
			      : "{\"role\":\"tool\",\"tool_call_id\":");
	buf_add(&b, id);
	buf_add_c(&b, ",\"content\":");
	buf_add(&b, content);
	if (f == WIRE_ANTHROPIC)
		buf_add_c(&b, is_error ? ",\"is_error\":true}]" : "}]");
	buf_add_byte(&b, '}');
	return buf_str(&b);
}
