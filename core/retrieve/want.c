#include "core/retrieve/retrieve.h"

static enum err read_text(const struct json_tape *t, uint32_t node, struct arena *a,
	const char *key, str *out, struct errctx *cx)
{
	if (json_is(t, node, JSON_NUMBER))
		*out = json_text(t, node);
	else if (!json_string(t, node, a, out))
		FAIL(cx, E_MALFORMED, "%s must be a string", key);
	*out = str_trim(*out);
	return E_OK;
}

static enum err read_count(const struct json_tape *t, uint32_t node, struct arena *a,
	const char *key, uint64_t *out, struct errctx *cx)
{
	str text;

	if (json_u64(t, node, out))
		return E_OK;
	if (!json_is(t, node, JSON_STRING) || !json_string(t, node, a, &text) ||
		!str_u64(str_trim(text), out))
		FAIL(cx, E_MALFORMED, "%s must be a whole number, 0 or more", key);
	return E_OK;
}

enum err retrieve_want_read(const struct json_tape *t, uint32_t object, struct arena *a,
	struct retrieve_want *out, struct errctx *cx)
{
	const struct {
		const char *key;
		str *text;
		uint64_t *count;
	} members[] = {{"hash", &out->hash, NULL}, {"lines", &out->lines, NULL},
		{"rows", &out->rows, NULL}, {"query", &out->query, NULL},
		{"offset", NULL, &out->offset}, {"limit", NULL, &out->limit}};

	*out = (struct retrieve_want){0};
	if (!json_is(t, object, JSON_OBJECT))
		FAIL(cx, E_MALFORMED, "the arguments must be an object with a hash");
	for (size_t i = 0; i < ARRAY_N(members); i++) {
		uint32_t node = json_member(t, object, members[i].key);

		if (node == JSON_ABSENT || json_is(t, node, JSON_NULL))
			continue;
		if (members[i].text)
			TRY(read_text(t, node, a, members[i].key, members[i].text, cx));
		else
			TRY(read_count(t, node, a, members[i].key, members[i].count, cx));
	}
	if (!out->hash.n)
		FAIL(cx, E_MALFORMED, "hash is missing");
	return E_OK;
}
