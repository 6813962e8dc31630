/* Lists of models, and one of them: docs.anthropic.com/en/api/models-list, platform.openai.com/docs/api-reference/models,
 * ai.google.dev/api/models. What all of them have is the name. */
#include "core/translate/form.h"

static str id_of(const struct json_tape *t, uint32_t model)
{
	uint32_t id = form_member(t, model, "id");
	str name = form_inside(t, id != JSON_ABSENT ? id : form_member(t, model, "name"));

	(void)str_take(&name, STR("models/"));
	return name;
}

static void write_model(
	enum wire_format to, const struct json_tape *t, uint32_t model, struct buf *out)
{
	str id = id_of(t, model), shown = form_inside(t, form_member(t, model, "display_name"));
	uint32_t created = form_member(t, model, "created");

	if (!shown.n)
		shown = form_inside(t, form_member(t, model, "displayName"));
	if (!shown.n)
		shown = id;
	buf_add_byte(out, '{');
	if (to == WIRE_ANTHROPIC) {
		form_put_c(out, "type", "model");
		form_put_text(out, "id", id);
		form_put_text(out, "display_name", shown);
		form_put_c(out, "created_at",
			"1970-01-01T00:00:00Z"); /* as it has it where nobody knows */
	} else if (to == WIRE_GEMINI) {
		form_key(out, "name");
		buf_printf(out, "\"models/" STR_FMT "\"", STR_ARG(id));
		form_put_text(out, "displayName", shown);
		form_put(out, "supportedGenerationMethods",
			STR("[\"generateContent\",\"countTokens\"]"));
	} else {
		form_put_text(out, "id", id);
		form_put_c(out, "object", "model");
		form_put(out, "created",
			form_is(t, created, JSON_NUMBER) ? form_raw(t, created) : STR("0"));
		form_put_c(out, "owned_by", "backend");
	}
	buf_add_byte(out, '}');
}

static void write_list(
	enum wire_format to, const struct json_tape *t, uint32_t list, struct buf *out)
{
	str first = STR(""), last = STR("");

	buf_add(out, to == WIRE_GEMINI      ? STR("{\"models\":[")
		     : to == WIRE_ANTHROPIC ? STR("{\"data\":[")
					    : STR("{\"object\":\"list\",\"data\":["));
	for (struct json_iter it = json_iter(t, list); json_next(&it);) {
		str id = id_of(t, it.value);

		if (!id.n)
			continue;
		form_comma(out);
		write_model(to, t, it.value, out);
		first = first.n ? first : id;
		last = id;
	}
	buf_add_byte(out, ']');
	if (to == WIRE_ANTHROPIC && first.n) {
		form_put_bool(out, "has_more", false);
		form_put_text(out, "first_id", first);
		form_put_text(out, "last_id", last);
	} else if (to == WIRE_ANTHROPIC)
		buf_add(out, STR(",\"has_more\":false,\"first_id\":null,\"last_id\":null"));
	buf_add_byte(out, '}');
}

enum err translate_models(enum wire_format to, str body, struct arena *a, struct buf *out)
{
	struct json_tape t;
	uint32_t list;

	if (json_scan(a, body, &t, NULL) != E_OK)
		return E_MALFORMED;
	list = form_member(&t, 0, "data");
	if (list == JSON_ABSENT)
		list = form_member(&t, 0, "models");
	if (json_is(&t, 0, JSON_ARRAY)) /* some that speak Chat */
		list = 0;
	if (form_is(&t, list, JSON_ARRAY))
		write_list(to, &t, list, out);
	else if (id_of(&t, 0).n)
		write_model(to, &t, 0, out);
	else
		return E_MALFORMED;
	return out->err;
}
