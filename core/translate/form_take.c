#include "core/translate/form.h"

void form_take(
	struct form_request *q, uint32_t object, const struct form_taker *rows, const char *prefix)
{
	for (struct json_iter it = json_iter(q->t, object); json_next(&it) && !q->err;) {
		const struct form_taker *row = rows;

		if (json_is(q->t, it.value, JSON_NULL))
			continue;
		while (row->key && !json_string_is(q->t, it.key, row->key))
			row++;
		if (row->key && row->take)
			row->take(q, it.value);
		else if (!row->key)
			form_note(q, arena_cstr(q->a, arena_printf(q->a, "%s" STR_FMT, prefix,
							      STR_ARG(form_inside(q->t, it.key)))));
	}
}

/* ---- members that more than one dialect has ----------------------------------------------------------------- */

void form_take_model(struct form_request *q, uint32_t node)
{
	q->model = form_inside(q->t, node);
}

void form_take_stream(struct form_request *q, uint32_t node)
{
	q->is_stream |= json_is(q->t, node, JSON_TRUE);
}

#define NUMBER(member)                                                 \
	void form_take_##member(struct form_request *q, uint32_t node) \
	{                                                              \
		if (json_is(q->t, node, JSON_NUMBER))                  \
			q->member = form_raw(q->t, node);              \
	}
NUMBER(max_tokens)
NUMBER(temperature)
NUMBER(top_p)
NUMBER(top_k)
NUMBER(seed)
NUMBER(frequency_penalty)
NUMBER(presence_penalty)

void form_take_stops(struct form_request *q, uint32_t node)
{
	for (struct json_iter it = json_iter(q->t, node); json_next(&it);)
		*vec_push(&q->stops, q->a) = form_inside(q->t, it.value);
}

void form_take_parallel(struct form_request *q, uint32_t node)
{
	q->is_serial = json_is(q->t, node, JSON_FALSE);
}

void form_take_format(struct form_request *q, uint32_t type, uint32_t schema)
{
	const struct json_tape *t = q->t;

	if (form_says(t, type, "json_object"))
		q->output = OUTPUT_JSON;
	if (!form_says(t, type, "json_schema"))
		return;
	q->output = OUTPUT_SCHEMA;
	q->schema = form_raw(t, form_member(t, schema, "schema"));
	q->schema_name = form_inside(t, form_member(t, schema, "name"));
	q->is_schema_strict = form_is(t, form_member(t, schema, "strict"), JSON_TRUE);
}

/* ---- tools -------------------------------------------------------------------------------------------------- */

void form_take_strict(struct form_request *q, struct form_tool *tool, uint32_t object)
{
	uint32_t strict = form_member(q->t, object, "strict");

	if (strict != JSON_ABSENT)
		tool->strict = json_is(q->t, strict, JSON_TRUE) ? STRICT_YES : STRICT_NO;
}

void form_note_grammar(struct form_request *q, const struct form_tool *tool, uint32_t object)
{
	uint32_t format = form_member(q->t, object, "format");

	if (tool->is_custom && form_says(q->t, form_member(q->t, format, "type"), "grammar"))
		form_note(q, "tools.grammar");
}

void form_note_tool(struct form_request *q, uint32_t type)
{
	form_note(q, arena_cstr(q->a, arena_printf(q->a, "tools." STR_FMT,
					      STR_ARG(form_inside(q->t, type)))));
}

void form_want_tools(struct form_request *q, uint32_t node, const char *who)
{
	if (!q->tools.n && q->t->v[node].n)
		form_refuse(q, "tools: all of them run at %s alone, and cannot be translated", who);
}
