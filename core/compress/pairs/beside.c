/* Values beside keys in one column of the whole text: "key:    value", or "key:   12 kB" with numbers to the right. */
#include "core/base/limits.h"
#include "core/compress/pairs/aligned.h"

static size_t word_end(str s)
{
	size_t at = str_find_byte(s, ' ');

	return at == STR_NONE ? s.n : at;
}

/* How many blanks stand before a value that follows so many bytes. */
static size_t padding(const struct aligned_style *s, size_t before, str value)
{
	size_t to = before + (s->layout == ALIGNED_TO ? word_end(value) : 0);

	return s->size > to ? s->size - to : 1;
}

void beside_pack(struct aligned *x)
{
	for (uint32_t i = 0; i < x->n; i++) {
		str line = x->lines[i], value;
		size_t at = str_find(line, STR(": ")), start;

		x->packed[i] = line;
		if (x->is_raw[i] || at == STR_NONE)
			continue;
		for (start = at + 1; start < line.n && line.p[start] == ' ';)
			start++;
		value = str_sub(line, start, line.n);
		if (!value.n || padding(&x->style, at + 1, value) != start - at - 1)
			x->is_raw[i] = true;
		else
			x->packed[i] =
				ALIGNED_JOIN(x->arena, str_sub(line, 0, at + 1), STR(" "), value);
	}
}

void beside_unpack(struct aligned *x)
{
	for (uint32_t i = 0; i < x->n; i++) {
		str line = x->packed[i], value;
		size_t at = str_find(line, STR(": "));

		x->lines[i] = line;
		if (x->is_raw[i] || at == STR_NONE)
			continue;
		value = str_sub(line, at + 2, line.n);
		x->lines[i] = ALIGNED_JOIN(x->arena, str_sub(line, 0, at + 1),
			aligned_blanks(padding(&x->style, at + 1, value)), value);
	}
}
