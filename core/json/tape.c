#include "core/json/tape.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/json/text.h"

static str inside_quotes(const struct json_tape *t, uint32_t node)
{
	str literal = json_text(t, node);

	return str_sub(literal, 1, literal.n - 1);
}

static bool reads_as(const struct json_tape *t, uint32_t node, str text)
{
	str inside = inside_quotes(t, node);

	if (LIKELY(!t->v[node].n))
		return str_eq(inside, text);
	/* An escape is at least as long as what it stands for. */
	return inside.n >= text.n && json_inside_cmp(inside, text, false) == 0;
}

uint32_t json_member(const struct json_tape *t, uint32_t object, const char *key)
{
	str name = str_from(key);
	uint32_t found = JSON_ABSENT;

	if (!json_is(t, object, JSON_OBJECT))
		return JSON_ABSENT;
	for (struct json_iter it = json_iter(t, object); json_next(&it);)
		if (reads_as(t, it.key, name))
			found = it.value;
	return found;
}

static int cmp_inside(const struct json_tape *t, uint32_t a, uint32_t b)
{
	str x = inside_quotes(t, a), y = inside_quotes(t, b);

	return t->v[a].n || t->v[b].n ? json_inside_cmp(x, y, true) : str_cmp(x, y);
}

static int cmp_keys(const void *a, const void *b, void *tape)
{
	return cmp_inside(tape, *(const uint32_t *)a, *(const uint32_t *)b);
}

static inline bool reads_the_same(const struct json_tape *t, uint32_t a, uint32_t b)
{
	const struct json_node *x = &t->v[a], *y = &t->v[b];

	/* Without escapes most keys are told by their lengths. */
	return (x->n || y->n || x->end - x->start == y->end - y->start) && !cmp_inside(t, a, b);
}

/* Without memory: quadratic, but the answer is the same. */
static bool has_equal_pair(const struct json_tape *t, uint32_t object)
{
	for (struct json_iter a = json_iter(t, object); json_next(&a);)
		for (struct json_iter b = a; json_next(&b);)
			if (reads_the_same(t, a.key, b.key))
				return true;
	return false;
}

bool json_has_duplicate_key(const struct json_tape *t, uint32_t object)
{
	enum { FEW = 8 };
	struct json_tape view = *t; /* qsort_r wants a pointer to what is not const */
	uint32_t *keys = NULL, n = 0;
	bool is_found = false;

	if (!json_is(t, object, JSON_OBJECT))
		return false;
	if (t->v[object].n > FEW)
		keys = mem_alloc(t->v[object].n * sizeof *keys);
	if (!keys)
		return has_equal_pair(t, object);
	for (struct json_iter it = json_iter(t, object); json_next(&it);)
		keys[n++] = it.key;
	qsort_r(keys, n, sizeof *keys, cmp_keys, &view);
	for (uint32_t i = 1; i < n && !is_found; i++)
		is_found = cmp_keys(&keys[i - 1], &keys[i], &view) == 0;
	mem_free(keys);
	return is_found;
}

bool json_string(const struct json_tape *t, uint32_t node, struct arena *a, str *out)
{
	if (!json_is(t, node, JSON_STRING))
		return false;
	if (t->v[node].n)
		return json_unescape(json_text(t, node), a, out);
	*out = inside_quotes(t, node);
	return !(t->notes & JSON_NOTE_INVALID_UTF8) || utf8_valid_n(*out) == out->n;
}

bool json_string_is(const struct json_tape *t, uint32_t node, const char *text)
{
	return json_is(t, node, JSON_STRING) && reads_as(t, node, str_from(text));
}

bool json_u64(const struct json_tape *t, uint32_t node, uint64_t *out)
{
	return json_is(t, node, JSON_NUMBER) && str_u64(json_text(t, node), out);
}

bool json_f64(const struct json_tape *t, uint32_t node, double *out)
{
	str number = json_text(t, node);
	char text[JSON_F64_TEXT + 1];

	if (!json_is(t, node, JSON_NUMBER) || number.n > JSON_F64_TEXT)
		return false;
	memcpy(text, number.p, number.n);
	text[number.n] = '\0';
	*out = strtod(text, NULL);
	return isfinite(*out);
}
