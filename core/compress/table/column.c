#include "core/compress/table/column.h"

enum {
	PREFIX_MIN = 12, /* bytes; a shorter one is cheap enough to be read in each row */
	SUFFIX_MIN = 6,
	ROWS_MIN = 3,
	NUMBER_MAX = 20, /* bytes of an int64_t */
};

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (unsigned char)c >= 0x80;
}

/* True when a cut between these bytes leaves words and numbers whole. */
static bool is_cut(char before, char after)
{
	return !(is_word(before) && is_word(after)) && before != '\\' && (after & 0xc0) != 0x80;
}

/* The number in decimal, at the end of out. */
static str spell_number(int64_t v, char out[NUMBER_MAX])
{
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	size_t at = NUMBER_MAX;

	do
		out[--at] = (char)('0' + left % 10);
	while (left /= 10);
	if (v < 0)
		out[--at] = '-';
	return (str){out + at, NUMBER_MAX - at};
}

/* True when the cell is this number as we spell it. */
static bool is_number(str cell, int64_t v)
{
	char text[NUMBER_MAX];

	return str_eq(cell, spell_number(v, text));
}

static bool plan_count(const str *cells, uint32_t n, struct column *out)
{
	int64_t first, second, step, last;

	if (cells[0].n >= NUMBER_MAX || cells[1].n >= NUMBER_MAX || !str_i64(cells[0], &first) ||
		!str_i64(cells[1], &second) || __builtin_sub_overflow(second, first, &step) ||
		!step || __builtin_mul_overflow(step, (int64_t)n - 1, &last) ||
		__builtin_add_overflow(last, first, &last))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (!is_number(cells[i], first + step * i))
			return false;
	*out = (struct column){.kind = COLUMN_COUNT, .from = first, .step = step};
	return true;
}

static size_t cut_prefix(str cell, size_t n)
{
	while (n && n < cell.n && !is_cut(cell.p[n - 1], cell.p[n]))
		n--;
	return n == cell.n ? 0 : n;
}

static size_t cut_suffix(str cell, size_t n)
{
	while (n && !is_cut(cell.p[cell.n - n - 1], cell.p[cell.n - n]))
		n--;
	return n;
}

/* A cell that is its prefix and suffix alone, or ends within them, moves the cut of all. */
static struct column plan_affixes(const str *cells, uint32_t n)
{
	size_t prefix = cells[0].n, suffix, shortest = cells[0].n;

	for (uint32_t i = 1; i < n && prefix >= PREFIX_MIN; i++) {
		prefix = str_common_prefix(str_sub(cells[0], 0, prefix), cells[i]);
		shortest = cells[i].n < shortest ? cells[i].n : shortest;
	}
	if (prefix == shortest)
		prefix -= prefix > 0;
	for (uint32_t i = 0; i < n && prefix >= PREFIX_MIN; i++)
		prefix = cut_prefix(cells[i], prefix);
	if (prefix < PREFIX_MIN)
		prefix = 0;
	suffix = cells[0].n - prefix;
	for (uint32_t i = 1; i < n && suffix >= SUFFIX_MIN; i++) {
		size_t room = cells[i].n - prefix;

		suffix = suffix < room ? suffix : room;
		suffix = str_common_suffix(str_sub(cells[0], cells[0].n - suffix, cells[0].n),
			str_sub(cells[i], cells[i].n - suffix, cells[i].n));
	}
	for (uint32_t i = 0; i < n && suffix >= SUFFIX_MIN; i++) {
		if (suffix == cells[i].n - prefix)
			suffix--;
		suffix = cut_suffix(cells[i], suffix);
	}
	if (suffix < SUFFIX_MIN)
		suffix = 0;
	return (struct column){.prefix = str_sub(cells[0], 0, prefix),
		.suffix = str_sub(cells[0], cells[0].n - suffix, cells[0].n)};
}

struct column column_plan(const str *cells, uint32_t n)
{
	struct column out;
	uint32_t i = 1;

	while (i < n && str_eq(cells[i], cells[0]))
		i++;
	if (i == n)
		return (struct column){.kind = COLUMN_SAME, .prefix = cells[0]};
	if (n < ROWS_MIN)
		return (struct column){0};
	if (plan_count(cells, n, &out))
		return out;
	return plan_affixes(cells, n);
}

str column_rest(const struct column *c, str cell)
{
	return str_sub(cell, c->prefix.n, cell.n - c->suffix.n);
}

str column_cell(const struct column *c, uint32_t row, str rest, struct arena *a)
{
	char number[NUMBER_MAX], *p;

	if (c->kind == COLUMN_SAME)
		return c->prefix;
	if (c->kind == COLUMN_COUNT)
		return arena_str(
			a, spell_number(
				   (int64_t)((uint64_t)c->from + (uint64_t)c->step * row), number));
	if (!c->prefix.n && !c->suffix.n)
		return rest;
	p = arena_alloc(a, c->prefix.n + rest.n + c->suffix.n, 1);
	if (c->prefix.n)
		memcpy(p, c->prefix.p, c->prefix.n);
	if (rest.n)
		memcpy(p + c->prefix.n, rest.p, rest.n);
	if (c->suffix.n)
		memcpy(p + c->prefix.n + rest.n, c->suffix.p, c->suffix.n);
	return (str){p, c->prefix.n + rest.n + c->suffix.n};
}
