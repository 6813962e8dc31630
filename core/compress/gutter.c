#include "core/compress/gutter.h"

#include "core/base/vec.h"

/* Separators that are tried, longest meaning first: ": " before ":". is_plain: nothing else looks so. */
static const struct {
	const char *sep;
	bool is_plain;
} separators[] = {
	{"\xe2\x86\x92", true},
	{"\t", false},
	{": ", false},
	{":", false},
	{" | ", false},
	{" \xe2\x94\x82 ", true},
	{"| ", false},
	{"|", false},
};

enum { SEGMENT_MIN = 2, PLAIN_TAB_WIDTH = 6, NUMBER_DIGITS_MAX = 8 };

/* Blanks, digits, and what follows. */
struct column {
	uint32_t blanks, digits, number;
	str rest;
};

static bool parse_column(str line, struct column *c)
{
	uint64_t number;
	size_t i = 0, from;

	while (i < line.n && line.p[i] == ' ')
		i++;
	from = i;
	while (i < line.n && line.p[i] >= '0' && line.p[i] <= '9')
		i++;
	if (i == from || i - from > NUMBER_DIGITS_MAX || (line.p[from] == '0' && i - from > 1) ||
		from > UINT8_MAX - NUMBER_DIGITS_MAX || !str_u64(str_sub(line, from, i), &number))
		return false;
	*c = (struct column){
		(uint32_t)from, (uint32_t)(i - from), (uint32_t)number, str_sub(line, i, line.n)};
	return true;
}

static bool fits(const struct column *c, const struct gutter_style *s, uint32_t number)
{
	uint32_t blanks = s->width > c->digits ? s->width - c->digits : 0;

	return c->number == number && c->blanks == blanks &&
	       str_starts(c->rest, (str){s->sep, s->sep_n});
}

/* The longest segment that starts at line i with this separator; n = 0 when there is none. */
static struct gutter_segment segment_at(struct lines l, uint32_t i, str sep)
{
	struct gutter_segment s = {.first = i};
	struct column c;

	if (!parse_column(l.v[i], &c) || !str_starts(c.rest, sep))
		return s;
	s.number = c.number;
	s.style.width = (uint8_t)(c.blanks ? c.blanks + c.digits : 0);
	s.style.sep_n = (uint8_t)sep.n;
	memcpy(s.style.sep, sep.p, sep.n);
	while (i + s.n < l.n && parse_column(l.v[i + s.n], &c) &&
		fits(&c, &s.style, s.number + s.n))
		s.n++;
	return s;
}

static bool is_surely_gutter(const struct gutter_segment *s, bool is_plain)
{
	return is_plain || (s->style.width >= PLAIN_TAB_WIDTH && s->style.sep[0] == '\t');
}

struct gutter gutter_find(struct arena *a, struct lines l, bool is_file_view)
{
	VEC(struct gutter_segment) found = {0};

	for (uint32_t i = 0; i < l.n;) {
		struct gutter_segment best = {0};
		struct column c;

		for (size_t k = 0; k < ARRAY_N(separators) && parse_column(l.v[i], &c); k++) {
			struct gutter_segment s = segment_at(l, i, str_from(separators[k].sep));

			if (s.n > best.n &&
				(is_file_view || is_surely_gutter(&s, separators[k].is_plain)))
				best = s;
		}
		if (best.n >= SEGMENT_MIN)
			*vec_push(&found, a) = best;
		i += best.n ? best.n : 1;
	}
	return (struct gutter){found.v, (uint32_t)found.n};
}

str gutter_body(const struct gutter_segment *s, str line)
{
	size_t i = 0;

	while (line.p[i] == ' ')
		i++;
	while (i < line.n && line.p[i] >= '0' && line.p[i] <= '9')
		i++;
	return str_sub(line, i + s->style.sep_n, line.n);
}
