#include "core/compress/grid/spell.h"

#include "core/base/limits.h"
#include "core/compress/grid/layout.h"

const char grid_separators[GRID_SEPARATORS_N] = {' ', '|', ',', '\t'};

/* ---- writing ---- */

static bool is_bare(str s, char sep, unsigned place)
{
	if (!s.n)
		return place != GRID_IN_HEAD && sep != ' ';
	if (*s.p == '"' || str_eq(s, STR(GRID_DITTO)))
		return false;
	if (place & GRID_FIRST &&
		(*s.p == *GRID_ODD || *s.p == *GRID_WHOLE || str_starts(s, STR(GRID_GAP))))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if ((c == sep && !(place & GRID_LAST)) || c == '\n' || c == '\r')
			return false;
		if (place == GRID_IN_HEAD &&
			(c == '=' || c == '~' || c == ':' || c == '"' || c == ']'))
			return false;
	}
	return place != GRID_IN_HEAD ||
	       (str_find(s, STR("..")) == STR_NONE && str_find(s, STR(GRID_HOLE)) == STR_NONE);
}

void grid_spell(str s, char sep, unsigned place, struct buf *out)
{
	if (is_bare(s, sep, place)) {
		buf_add(out, s);
		return;
	}
	buf_add_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_add_byte(out, '"');
		buf_add_byte(out, s.p[i]);
	}
	buf_add_byte(out, '"');
}

static void spell_number(int64_t v, struct buf *out)
{
	if (v < 0)
		buf_add_byte(out, '-');
	buf_add_u64(out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

static void spell_column(const struct grid_plan *plan, uint32_t rows_n, char sep, struct buf *out)
{
	const struct column *p = &plan->column;

	if (p->kind == COLUMN_SAME) {
		buf_add_byte(out, plan->is_usual ? '~' : '=');
		grid_spell(p->prefix, sep, GRID_IN_HEAD, out);
	} else if (p->kind == COLUMN_COUNT) {
		buf_add_byte(out, '=');
		spell_number(p->from, out);
		buf_add_c(out, "..");
		spell_number(p->from + p->step * ((int64_t)rows_n - 1), out);
	} else if (p->prefix.n || p->suffix.n) {
		buf_add_byte(out, ':');
		if (p->prefix.n)
			grid_spell(p->prefix, sep, GRID_IN_HEAD, out);
		buf_add_c(out, GRID_HOLE);
		if (p->suffix.n)
			grid_spell(p->suffix, sep, GRID_IN_HEAD, out);
	}
}

void grid_spell_head(const str *names, const struct grid_plan *plans, uint32_t cols_n,
	uint32_t rows_n, char sep, struct buf *out)
{
	buf_add_byte(out, '[');
	buf_add_u64(out, rows_n);
	buf_add_c(out, " rows");
	for (uint32_t c = 0; c < cols_n; c++) {
		buf_add_byte(out, sep);
		grid_spell(names[c], sep, GRID_IN_HEAD, out);
		spell_column(&plans[c], rows_n, sep, out);
	}
	buf_add_byte(out, ']');
}

/* ---- reading ---- */

static bool unquote(str *text, struct arena *a, str *out)
{
	size_t i = 1, n = 0;
	char *p;

	while (i < text->n && (text->p[i] != '"' || (i + 1 < text->n && text->p[i + 1] == '"')))
		i += text->p[i] == '"' ? 2 : 1;
	if (i >= text->n)
		return false;
	p = arena_alloc(a, i, 1);
	for (size_t k = 1; k < i; k++) {
		p[n++] = text->p[k];
		k += text->p[k] == '"';
	}
	*out = (str){p, n};
	*text = str_sub(*text, i + 1, text->n);
	return true;
}

static bool is_among(char c, const char *ends)
{
	while (*ends && *ends != c)
		ends++;
	return *ends;
}

bool grid_unspell(str *text, const char *ends, bool is_affix, struct arena *a, str *out)
{
	size_t i = 0;

	if (text->n && *text->p == '"')
		return unquote(text, a, out);
	while (i < text->n && !is_among(text->p[i], ends) &&
		!(is_affix && text->p[i] == *GRID_HOLE &&
			str_starts(str_sub(*text, i, text->n), STR(GRID_HOLE))))
		i++;
	*out = str_sub(*text, 0, i);
	*text = str_sub(*text, i, text->n);
	return true;
}

static bool read_count(str value, uint32_t rows_n, struct column *out)
{
	size_t at = str_find(value, STR(".."));
	int64_t last, span;

	if (at == STR_NONE || rows_n < 2 || !str_i64(str_sub(value, 0, at), &out->from) ||
		!str_i64(str_sub(value, at + 2, value.n), &last) ||
		__builtin_sub_overflow(last, out->from, &span) || span % ((int64_t)rows_n - 1))
		return false;
	out->kind = COLUMN_COUNT;
	out->step = span / ((int64_t)rows_n - 1);
	return true;
}

static bool read_column(
	str *text, const char *ends, uint32_t rows_n, struct arena *a, struct grid_plan *plan)
{
	struct column *out = &plan->column;
	bool is_quoted;

	if (str_take(text, STR(":")))
		return grid_unspell(text, ends, true, a, &out->prefix) &&
		       str_take(text, STR(GRID_HOLE)) &&
		       grid_unspell(text, ends, false, a, &out->suffix);
	plan->is_usual = str_take(text, STR("~"));
	if (!plan->is_usual && !str_take(text, STR("=")))
		return true;
	is_quoted = text->n && *text->p == '"';
	if (!grid_unspell(text, ends, false, a, &out->prefix))
		return false;
	if (!is_quoted && !plan->is_usual && read_count(out->prefix, rows_n, out))
		return true;
	out->kind = COLUMN_SAME;
	return true;
}

bool grid_unspell_head(str *text, struct arena *a, struct grid_head *h)
{
	size_t blank = str_find_byte(*text, ' ');
	uint64_t rows_n;
	char name_ends[] = {' ', '=', '~', ':', ']', '\n', 0}, value_ends[] = {' ', ']', '\n', 0};

	*h = (struct grid_head){0};
	if (blank == STR_NONE || blank < 2 || *text->p != '[' ||
		!str_u64(str_sub(*text, 1, blank), &rows_n) || !rows_n || rows_n > UINT32_MAX)
		return false;
	*text = str_sub(*text, blank, text->n);
	if (!str_take(text, STR(" rows")) || !text->n ||
		!memchr(grid_separators, *text->p, GRID_SEPARATORS_N))
		return false;
	h->rows_n = (uint32_t)rows_n;
	h->sep = name_ends[0] = value_ends[0] = *text->p;
	h->names = arena_array(a, str, GRID_COLS_MAX);
	h->plans = arena_array(a, struct grid_plan, GRID_COLS_MAX);
	while (text->n && *text->p == h->sep) {
		*text = str_sub(*text, 1, text->n);
		if (h->cols_n == GRID_COLS_MAX ||
			!grid_unspell(text, name_ends, false, a, &h->names[h->cols_n]) ||
			!read_column(text, value_ends, h->rows_n, a, &h->plans[h->cols_n]))
			return false;
		h->cols_n++;
	}
	return str_take(text, STR("]"));
}
