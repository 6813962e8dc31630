#include "core/compress/gutter.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/base/vec.h"

/* Separators that are tried, longest meaning first: ": " before ":". surely_n: so many lines in a row are a column,
 * whoever has written them; 0: only where the tool numbers lines. A blank alone is what SWE-agent has behind aligned
 * numbers. */
static const struct separator {
	const char *sep;
	uint8_t surely_n;
	bool is_aligned; /* only behind aligned numbers, and by their own number in a row */
} separators[] = {
	{"\xe2\x86\x92", 2, false},
	{"\t", 0, false},
	{": ", 12, false},
	{":", 12, false},
	{" | ", 12, false},
	{" \xe2\x94\x82 ", 2, false},
	{"| ", 12, false},
	{"|", 12, false},
	{" ", 4, true},
};

enum { SEGMENT_MIN = 2, PLAIN_TAB_WIDTH = 6, ALIGNED_WIDTH = 5, NUMBER_DIGITS_MAX = 8 };

/* Blanks, digits, and what follows. */
struct column {
	uint32_t blanks, digits, number;
	str rest;
};

static bool parse_column(str line, struct column *c)
{
	uint32_t number = 0; /* of NUMBER_DIGITS_MAX digits at most, where it is used */
	size_t i = 0, from;

	while (i < line.n && line.p[i] == ' ')
		i++;
	from = i;
	for (; i < line.n && line.p[i] >= '0' && line.p[i] <= '9'; i++)
		number = number * 10 + (uint32_t)(line.p[i] - '0');
	if (i == from || i - from > NUMBER_DIGITS_MAX || (line.p[from] == '0' && i - from > 1) ||
		from > UINT8_MAX - NUMBER_DIGITS_MAX)
		return false;
	*c = (struct column){
		(uint32_t)from, (uint32_t)(i - from), number, str_sub(line, i, line.n)};
	return true;
}

static bool fits(const struct column *c, const struct gutter_style *s, uint32_t number)
{
	uint32_t blanks = s->width > c->digits ? s->width - c->digits : 0;

	return c->number == number && c->blanks == blanks &&
	       str_starts(c->rest, (str){s->sep, s->sep_n});
}

/* The style that the column of a line shows, when it is separated by sep. */
static bool style_of(const struct column *c, str sep, struct gutter_style *out)
{
	if (!str_starts(c->rest, sep))
		return false;
	*out = (struct gutter_style){
		.width = (uint8_t)(c->blanks ? c->blanks + c->digits : 0), .sep_n = (uint8_t)sep.n};
	memcpy(out->sep, sep.p, sep.n);
	return true;
}

/* How many lines from line i on are numbered from number on in this style. */
static uint32_t count_numbered(
	struct lines l, uint32_t i, const struct gutter_style *style, uint32_t number)
{
	struct column c;
	uint32_t n = 0;

	while (i + n < l.n && parse_column(l.v[i + n], &c) && fits(&c, style, number + n))
		n++;
	return n;
}

/* How many lines in a row of that style are a number column; 0: no matter how many, they are none. */
static uint32_t least_n(
	const struct separator *sep, const struct gutter_style *s, bool is_file_view)
{
	if (sep->is_aligned)
		return s->width >= ALIGNED_WIDTH ? sep->surely_n : 0;
	if (is_file_view || (s->width >= PLAIN_TAB_WIDTH && s->sep[0] == '\t'))
		return SEGMENT_MIN;
	return sep->surely_n;
}

/* The longest segment that starts at line i; n = 0 when there is none. */
static struct gutter_segment segment_at(struct lines l, uint32_t i, bool is_file_view)
{
	struct gutter_segment best = {0};
	struct gutter_style style;
	struct column c;

	if (!parse_column(l.v[i], &c))
		return best;
	for (size_t k = 0; k < ARRAY_N(separators); k++) {
		uint32_t n, least;

		if (!style_of(&c, str_from(separators[k].sep), &style))
			continue;
		least = least_n(&separators[k], &style, is_file_view);
		if (!least)
			continue;
		n = count_numbered(l, i, &style, c.number);
		if (n > best.n && n >= least)
			best = (struct gutter_segment){
				.first = i, .n = n, .number = c.number, .style = style};
	}
	return best;
}

/* grep -n with context: "80-" and, for matches, "82:". run: how many lines were looked at; a segment that
 * starts among them is no longer than what is left of them. */
static struct gutter_segment grep_segment_at(
	struct arena *a, struct lines l, uint32_t i, uint32_t *run)
{
	struct gutter_segment s = {.first = i, .style = {.sep_n = 1, .sep = "-"}};
	uint32_t hits_n = 0;
	struct column c;
	struct buf hits;

	*run = 0;
	if (!parse_column(l.v[i], &c))
		return s;
	s.number = c.number;
	buf_init_arena(&hits, a, LIMIT_INPUT);
	for (; i + *run < l.n && parse_column(l.v[i + *run], &c); ++*run) {
		if (c.blanks || !c.rest.n || c.number != s.number + *run ||
			!strchr("-:", *c.rest.p) || (*c.rest.p == ':' && hits_n == GUTTER_HITS_MAX))
			break;
		if (*c.rest.p == ':') {
			buf_add_byte(&hits, ' ');
			buf_add_u64(&hits, c.number);
			hits_n++;
		}
	}
	if (hits_n && hits_n < *run)
		s.n = *run;
	s.style.hits = buf_str(&hits);
	return s;
}

/* Whether a line may have a column at all: most have none. */
static bool begins_with_digit(str line)
{
	size_t i = 0;

	while (i < line.n && line.p[i] == ' ')
		i++;
	return i < line.n && line.p[i] >= '0' && line.p[i] <= '9';
}

struct gutter gutter_find(struct arena *a, struct lines l, bool is_file_view)
{
	VEC(struct gutter_segment) found = {0};

	for (uint32_t i = 0; i < l.n;) {
		struct gutter_segment s, grep;
		uint32_t run = 0;

		if (!begins_with_digit(l.v[i])) {
			i++;
			continue;
		}
		s = segment_at(l, i, is_file_view);
		if (is_file_view) {
			grep = grep_segment_at(a, l, i, &run);
			s = grep.n > s.n ? grep : s;
		}
		if (s.n >= SEGMENT_MIN)
			*vec_push(&found, a) = s;
		run = s.n ? s.n : run;
		i += run ? run : 1;
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
