/* ripgrep's JSON printer writes members in one order and without white space (crate grep-printer, module json):
 * that spelling alone is read. */
#include "core/compress/search/source.h"
#include "core/json/text.h"

/* A string literal with its quotes is taken off the beginning. */
static bool take_string(str *s, struct arena *a, str *out)
{
	size_t i = 1;

	if (!s->n || *s->p != '"')
		return false;
	while (i < s->n && s->p[i] != '"') {
		if ((unsigned char)s->p[i] < ' ')
			return false;
		i += s->p[i] == '\\' ? 2 : 1;
	}
	if (i >= s->n || !json_unescape(str_sub(*s, 0, i + 1), a, out))
		return false;
	*s = str_sub(*s, i + 1, s->n);
	return true;
}

static bool take_digits(str *s)
{
	size_t n = 0;

	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	*s = str_sub(*s, n, s->n);
	return n > 0;
}

static bool take_result(str *s, struct arena *a, struct search_item *it)
{
	if (!str_take(s, STR("\",\"data\":{\"path\":{\"text\":")) ||
		!take_string(s, a, &it->path) || !str_take(s, STR("},\"lines\":{\"text\":")) ||
		!take_string(s, a, &it->body) || !str_take(s, STR("},\"line_number\":")) ||
		!search_take_number(s, &it->number) || !str_take(s, STR(",\"absolute_offset\":")) ||
		!take_digits(s) || !str_take(s, STR(",\"submatches\":[")) ||
		!str_ends(*s, STR("]}}")))
		return false;
	if (str_ends(it->body, STR("\n")))
		it->body.n--;
	return search_is_path(it->path) && str_find_byte(it->body, '\n') == STR_NONE;
}

bool search_json_begins(str text)
{
	static const str types[] = {LIT("begin"), LIT("match"), LIT("context")};

	if (!str_take(&text, STR("{\"type\":\"")))
		return false;
	for (size_t i = 0; i < ARRAY_N(types); i++)
		if (str_starts(text, types[i]) && str_starts(str_sub(text, types[i].n, text.n),
							  STR("\",\"data\":{\"path\":")))
			return true;
	return false;
}

bool search_json_line(str line, struct arena *a, struct search_item *it, bool *is_result)
{
	static const str begin = {"{\"type\":\"begin\",\"data\":{\"path\":", 31},
			 end = {"{\"type\":\"end\",\"data\":{\"path\":", 29},
			 summary = {"{\"data\":{\"elapsed_total\":", 25};

	*it = (struct search_item){0};
	*is_result = false;
	if (!str_ends(line, STR("}")))
		return false;
	if (str_starts(line, begin) || str_starts(line, end) || str_starts(line, summary))
		return true;
	if (str_take(&line, STR("{\"type\":\"match")))
		it->kind = SEARCH_ITEM_MATCH;
	else if (str_take(&line, STR("{\"type\":\"context")))
		it->kind = SEARCH_ITEM_AROUND;
	else
		return false;
	*is_result = true;
	return take_result(&line, a, it);
}
