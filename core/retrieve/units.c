#include "core/retrieve/units.h"

#include "core/base/vec.h"
#include "core/json/scan.h"

typedef VEC(struct unit) unit_vec;

/* Where a text of more than UNIT_MAX bytes is cut: not within a character of UTF-8. */
static size_t cut_at(str text)
{
	size_t n = UNIT_MAX;

	while (n > UNIT_MAX - 4 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void add_unit(unit_vec *v, struct arena *a, str text, uint32_t number)
{
	bool is_rest = false;

	while (text.n > UNIT_MAX) {
		size_t n = cut_at(text);

		*vec_push(v, a) = (struct unit){str_sub(text, 0, n), number, is_rest};
		text = str_sub(text, n, text.n);
		is_rest = true;
	}
	*vec_push(v, a) = (struct unit){text, number, is_rest};
}

bool units_inner(str text, struct arena *a, struct inner *out)
{
	str whole = str_trim(text);
	struct json_tape t;
	uint32_t at = 0;

	if (!whole.n || *whole.p != '{' || json_scan(a, whole, &t, NULL) != E_OK)
		return false;
	for (uint32_t i = 1; i < t.n; i++)
		if (json_is(&t, i, JSON_STRING) &&
			(!at || json_text(&t, i).n > json_text(&t, at).n))
			at = i;
	if (!at || whole.n - json_text(&t, at).n > UNIT_SKELETON_MAX ||
		!json_string(&t, at, a, &out->text) || str_find_byte(out->text, '\n') == STR_NONE)
		return false;
	out->skeleton = arena_printf(a, STR_FMT "\xe2\x80\xa6" STR_FMT,
		STR_ARG(str_sub(whole, 0, t.v[at].start)),
		STR_ARG(str_sub(whole, t.v[at].end, whole.n)));
	return true;
}

void units_of_lines(str text, struct arena *a, struct units *out)
{
	unit_vec v = {0};
	uint32_t number = 0;

	while (text.n) {
		size_t eol = str_find_byte(text, '\n');
		size_t n = eol == STR_NONE ? text.n : eol + 1;

		add_unit(&v, a, str_sub(text, 0, n), ++number);
		text = str_sub(text, n, text.n);
	}
	*out = (struct units){v.v, (uint32_t)v.n, number, false};
}

/* The array with the most elements; JSON_ABSENT when none has two. */
static uint32_t largest_array(const struct json_tape *t)
{
	uint32_t best = JSON_ABSENT;

	for (uint32_t i = 0; i < t->n; i++)
		if (json_is(t, i, JSON_ARRAY) && t->v[i].n >= 2 &&
			(best == JSON_ABSENT || t->v[i].n > t->v[best].n))
			best = i;
	return best;
}

static bool rows_of_document(str text, struct arena *a, struct units *out)
{
	unit_vec v = {0};
	struct json_tape t;
	uint32_t array, number = 0;

	if (!text.n || (*text.p != '{' && *text.p != '[') || json_scan(a, text, &t, NULL) != E_OK)
		return false;
	array = largest_array(&t);
	if (array == JSON_ABSENT)
		return false;
	for (struct json_iter it = json_iter(&t, array); json_next(&it);)
		add_unit(&v, a, json_text(&t, it.value), ++number);
	*out = (struct units){v.v, (uint32_t)v.n, number, true};
	return true;
}

static bool rows_of_lines(str text, struct arena *a, struct units *out)
{
	unit_vec v = {0};
	uint32_t number = 0;
	str line;

	while (str_next_line(&text, &line, NULL)) {
		struct json_tape t;

		line = str_trim(line);
		if (!line.n)
			continue;
		if ((*line.p != '{' && *line.p != '[') || json_scan(a, line, &t, NULL) != E_OK)
			return false;
		add_unit(&v, a, line, ++number);
	}
	*out = (struct units){v.v, (uint32_t)v.n, number, true};
	return number >= 2;
}

bool units_of_rows(str text, struct arena *a, struct units *out)
{
	str whole = str_trim(text);

	return rows_of_document(whole, a, out) || rows_of_lines(whole, a, out);
}

/* ---- sets of numbers -------------------------------------------------------------------------------- */

static bool parse_range(str s, struct range *out)
{
	size_t at = str_find_byte(s, '-');
	str from, to;

	if (at == STR_NONE)
		at = str_find_byte(s, ':');
	from = str_trim(str_sub(s, 0, at == STR_NONE ? s.n : at));
	to = at == STR_NONE ? from : str_trim(str_sub(s, at + 1, s.n));
	*out = (struct range){1, UINT64_MAX};
	if ((from.n && !str_u64(from, &out->from)) || (to.n && !str_u64(to, &out->to)))
		return false;
	return (from.n || to.n) && out->from && out->from <= out->to;
}

enum err ranges_parse(str s, struct arena *a, struct ranges *out, struct errctx *cx)
{
	VEC(struct range) v = {0};
	str rest = s, part;

	if (!s.n)
		*vec_push(&v, a) = (struct range){1, UINT64_MAX};
	while (s.n && str_split(&rest, ',', &part)) {
		struct range r;

		if (!parse_range(part, &r))
			FAIL(cx, E_USAGE, STR_FMT ": expected numbers from 1 on, as in 7,10-40",
				STR_ARG(s));
		*vec_push(&v, a) = r;
	}
	*out = (struct ranges){v.v, v.n};
	return E_OK;
}

bool ranges_have(const struct ranges *r, uint64_t number)
{
	for (size_t i = 0; i < r->n; i++)
		if (number >= r->v[i].from && number <= r->v[i].to)
			return true;
	return false;
}
