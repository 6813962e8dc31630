/* count_tokens: the question how many tokens a request would have, in the words of any dialect, where the backend has no such endpoint
 * (backend_take leads it here): an estimate of what the model is shown, with the tokenizer of its family where that is known. */
#include "core/token/model.h"
#include "proxy/own/own.h"

enum {
	/* An image, or another file in base64: what providers ask for a picture of some 1000 * 1000 points. */
	FILE_TOKENS = 1500,
	/* Base64 is told from text by its length and its letters. */
	FILE_BYTES_MIN = 2048,
};

static bool is_file(str text)
{
	size_t n = text.n < FILE_BYTES_MIN ? text.n : FILE_BYTES_MIN;

	if (text.n < FILE_BYTES_MIN)
		return false;
	if (str_starts(text, STR("data:")))
		return true;
	for (size_t i = 0; i < n; i++)
		if (text.p[i] == ' ' || text.p[i] == '\n')
			return false;
	return true;
}

static size_t count_string(
	struct own_call *c, const struct json_tape *t, uint32_t node, enum token_encoding e)
{
	str text;

	if (!json_string(t, node, &c->x->arena, &text))
		text = json_text(t, node);
	return is_file(text) ? FILE_TOKENS : token_count(e, text, NULL);
}

/* Texts of the conversation without the JSON around them; definitions of tools and arguments of calls are shown as JSON. */
static size_t count_all(struct own_call *c, const struct json_tape *t, enum token_encoding e)
{
	static const char *const unsaid[] = {"model", "type", "role", "media_type", "mimeType",
		"signature", "thoughtSignature", "encrypted_content", "id", "tool_use_id",
		"call_id", "tool_call_id", "cache_control"};
	size_t n = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t value = i + 1;
		bool is_unsaid = false;

		if (!json_is(t, i, JSON_STRING))
			continue;
		/* A key is behind '{' or ',', and before ':'. */
		if (value < t->n && t->v[i].end < t->v[value].start &&
			memchr(t->doc.p + t->v[i].end, ':', t->v[value].start - t->v[i].end)) {
			for (size_t k = 0; k < ARRAY_N(unsaid) && !is_unsaid; k++)
				is_unsaid = json_string_is(t, i, unsaid[k]);
			n += json_is(t, value, JSON_STRING) || is_unsaid ? 0 : 2; /* structure */
			if (is_unsaid)
				i = t->v[value].next - 1;
			continue;
		}
		n += count_string(c, t, i, e);
	}
	return n;
}

void own_count_tokens(struct own_call *c)
{
	struct exchange *x = c->x;
	uint32_t node;
	struct json_tape t;
	struct json_writer w;
	struct model m;
	str name = x->route.model;
	uint64_t n;

	if (!own_scan(c, &t))
		return;
	node = json_member(&t, 0, "model");
	if (!name.n && (node == JSON_ABSENT || !json_string(&t, node, &x->arena, &name)))
		name = STR("");
	m = model_find(name);
	n = (uint64_t)(model_tokens(&m, count_all(c, &t, m.encoding)) + 0.5);
	own_begin(c, &w);
	if (x->route.shape == SHAPE_GEMINI)
		json_write_u64(&w, "totalTokens", n);
	else {
		if (x->route.shape == SHAPE_OPENAI)
			json_write_c(&w, "object", "response.input_tokens");
		json_write_u64(&w, "input_tokens", n);
	}
	own_end(c, &w);
}
