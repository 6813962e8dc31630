#include "core/compress/marker.h"

#include "core/base/limits.h"
#include "core/compress/variant.h"

/* Styles with a spelling of their own: those of the clients that we know. */
static const struct {
	struct gutter_style style;
	const char *between;
} named_styles[] = {
	{{0, 1, "\t", {NULL, 0}}, "-"},                      /* Claude Code since mid-2026 */
	{{6, 3, "\xe2\x86\x92", {NULL, 0}}, "\xe2\x86\x92"}, /* Claude Code before: "    12→" */
	{{6, 1, "\t", {NULL, 0}}, " to "},                   /* cat -n, OpenHands */
	{{0, 1, ":", {NULL, 0}}, ":"},                       /* SWE-agent, grep -n */
	{{0, 2, ": ", {NULL, 0}}, ": "},                     /* opencode */
};

static const char more_like[] = " more like the line above]";
/* Between the numbers of a reference that takes no number column away. */
static const char same_numbers[] = "..";
static const char but[] = ", but ";
static const char above_but[] = " above, but ";
static const char again[] = " again";
static const char there[] = " there";
static const char indented[] = ", indented ";
static const char same_as[] = " same as ";
static const char lines_each[] = " lines, each: ";
static const char matches[] = ", matches";
static const char each_after[] = ", each after \"%";

bool gutter_style_eq(const struct gutter_style *a, const struct gutter_style *b)
{
	return a->width == b->width && a->sep_n == b->sep_n &&
	       memcmp(a->sep, b->sep, a->sep_n) == 0 && str_eq(a->hits, b->hits);
}

bool gutter_is_hit(const struct gutter_style *style, uint32_t number)
{
	str rest = style->hits, word;
	uint64_t hit;

	while (str_split(&rest, ' ', &word))
		if (str_u64(word, &hit) && hit == number)
			return true;
	return false;
}

static unsigned digits_n(uint32_t number)
{
	unsigned n = 1;

	for (; number > 9; number /= 10)
		n++;
	return n;
}

/* This runs for every line that is decoded. */
void gutter_write(struct buf *b, const struct gutter_style *style, uint32_t number)
{
	static const char few[8] = "        ";
	size_t digits = digits_n(number), n = digits > style->width ? digits : style->width;
	uint32_t left = number;
	char *p;

	if (!buf_reserve(b, n + sizeof few + sizeof style->sep))
		return;
	/* of sizes that a compiler knows, since there is one for each line */
	p = b->p + b->n;
	if (n - digits <= sizeof few)
		memcpy(p, few, sizeof few);
	else
		memset(p, ' ', n - digits);
	for (size_t i = n; i > n - digits; left /= 10)
		p[--i] = (char)('0' + left % 10);
	memcpy(p + n, style->sep, sizeof style->sep);
	b->n += n;
	if (style->hits.n && gutter_is_hit(style, number))
		buf_add_byte(b, ':');
	else
		b->n += style->sep_n;
}

bool shift_apply(struct shift s, str line, struct arena *a, str *out)
{
	char sign = s.is_tab ? '\t' : ' ';
	char *p;

	*out = line;
	if (!s.n || !line.n)
		return true;
	if (s.is_less) {
		for (size_t i = 0; i < s.n; i++)
			if (i >= line.n || line.p[i] != sign)
				return false;
		*out = str_sub(line, s.n, line.n);
		return true;
	}
	p = arena_alloc(a, s.n + line.n, 1);
	memset(p, sign, s.n);
	memcpy(p + s.n, line.p, line.n);
	*out = (str){p, s.n + line.n};
	return true;
}

bool shift_fits(struct shift s, str old, str line)
{
	char sign = s.is_tab ? '\t' : ' ';
	str shorter = s.is_less ? line : old, longer = s.is_less ? old : line;

	if (!old.n || !line.n)
		return old.n == line.n;
	if (longer.n != shorter.n + s.n || !str_ends(longer, shorter))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (longer.p[i] != sign)
			return false;
	return true;
}

struct shift shift_between(str old, str line)
{
	str shorter = line.n < old.n ? line : old, longer = line.n < old.n ? old : line;
	struct shift s = {.is_less = line.n < old.n};

	if (longer.n == shorter.n || longer.n - shorter.n > SHIFT_MAX || !shorter.n)
		return (struct shift){0};
	s.n = (uint8_t)(longer.n - shorter.n);
	s.is_tab = *longer.p == '\t';
	return shift_fits(s, old, line) ? s : (struct shift){0};
}

/* What stands between the numbers for this style; NULL when it has no spelling of its own. */
static const char *between_of(const struct gutter_style *style)
{
	for (size_t i = 0; i < ARRAY_N(named_styles); i++)
		if (gutter_style_eq(&named_styles[i].style, style))
			return named_styles[i].between;
	return NULL;
}

bool marker_has_spelling(const struct gutter_style *style)
{
	return between_of(style) != NULL;
}

static void write_range(struct buf *b, const struct marker *m, const char *between)
{
	buf_add_u64(b, m->from);
	buf_add_c(b, between);
	buf_add_u64(b, m->to);
}

static void write_gutter(struct buf *b, const struct marker *m)
{
	const char *between = between_of(&m->style);

	buf_add_c(b, "[lines ");
	write_range(b, m, between ? between : "-");
	if (m->style.hits.n) {
		buf_add_c(b, matches);
		buf_add(b, m->style.hits);
	} else if (!between) {
		buf_add_c(b, each_after);
		buf_add_u64(b, m->style.width);
		buf_add_byte(b, 'd');
		buf_add(b, (str){m->style.sep, m->style.sep_n});
		buf_add_byte(b, '"');
	}
	buf_add_byte(b, ']');
}

static void write_line_or_range(struct buf *b, const struct marker *m)
{
	if (m->from == m->to)
		buf_add_u64(b, m->from);
	else
		write_range(b, m, "-");
}

static const char *shift_unit(const struct shift *s)
{
	return !s->is_tab ? "" : s->n == 1 ? " tab" : " tabs";
}

static void write_shift(struct buf *b, const struct shift *s)
{
	if (!s->n)
		return;
	buf_add_c(b, indented);
	buf_add_u64(b, s->n);
	buf_add_c(b, shift_unit(s));
	buf_add_c(b, s->is_less ? " less" : " more");
}

static void write_same(struct buf *b, const struct marker *m)
{
	if (m->is_same_number) {
		buf_add_c(b, "[lines ");
		write_range(b, m, m->has_gutter ? between_of(&m->style) : same_numbers);
		buf_add_c(b, same_as);
		buf_add(b, m->name);
	} else if (m->is_whole) {
		buf_add_c(b, "[same as ");
		buf_add(b, m->name);
	} else if (m->name.n) {
		buf_add_c(b, "[same as ");
		buf_add(b, m->name);
		buf_add_c(b, m->from == m->to ? " line " : " lines ");
		write_line_or_range(b, m);
	} else {
		buf_add_byte(b, '[');
		write_line_or_range(b, m);
		buf_add_c(b, m->is_there ? there : again);
	}
	write_shift(b, &m->shift);
	buf_add_byte(b, ']');
}

void marker_write(struct buf *b, const struct marker *m)
{
	switch (m->kind) {
	case MARKER_GUTTER:
		write_gutter(b, m);
		break;
	case MARKER_SAME:
		write_same(b, m);
		break;
	case MARKER_VARIANT:
		buf_add_c(b, m->name.n ? "[same as " : "[same as");
		buf_add(b, m->name);
		buf_add_c(b, " line ");
		buf_add_u64(b, m->from);
		buf_add_c(b, m->name.n ? but : above_but);
		buf_add(b, m->words);
		buf_add_byte(b, ']');
		break;
	case MARKER_REPEAT:
		buf_add_byte(b, '[');
		buf_add_u64(b, m->count);
		buf_add_c(b, more_like);
		break;
	case MARKER_EACH:
		buf_add_byte(b, '[');
		buf_add_u64(b, m->count);
		buf_add_c(b, lines_each);
		buf_add(b, m->name);
		buf_add_byte(b, ']');
		break;
	}
}

static bool take_number(str *s, uint32_t *out)
{
	size_t n = 0;
	uint64_t v;

	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	if (n > 9 || (n > 1 && *s->p == '0') || !str_u64(str_sub(*s, 0, n), &v))
		return false;
	*s = str_sub(*s, n, s->n);
	*out = (uint32_t)v;
	return true;
}

/* "12-345" with what stands between given; the rest stays in *s. */
static bool take_range(str *s, str between, struct marker *m)
{
	str t = *s;

	if (!take_number(&t, &m->from) || !str_take(&t, between) || !take_number(&t, &m->to))
		return false;
	*s = t;
	return m->from <= m->to;
}

/* " 82 97]" behind a range: ascending numbers in it. */
static bool parse_hits(str s, struct marker *m)
{
	uint32_t hit, last = 0, n = 0;
	str rest = str_sub(s, 0, s.n - 1);

	m->style = (struct gutter_style){.sep_n = 1, .sep = "-", .hits = rest};
	while (rest.n) {
		if (!str_take(&rest, STR(" ")) || !take_number(&rest, &hit) || hit <= last ||
			hit < m->from || hit > m->to || ++n > GUTTER_HITS_MAX)
			return false;
		last = hit;
	}
	return n > 0;
}

static bool parse_gutter(str s, struct marker *m)
{
	uint32_t width;

	for (size_t i = 0; i < ARRAY_N(named_styles); i++) {
		str t = s;

		m->style = named_styles[i].style;
		if (take_range(&t, str_from(named_styles[i].between), m) && str_eq_c(t, "]"))
			return true;
	}
	if (!take_range(&s, STR("-"), m))
		return false;
	if (str_take(&s, str_from(matches)))
		return parse_hits(s, m);
	if (!str_take(&s, str_from(each_after)) || !take_number(&s, &width) || width > UINT8_MAX ||
		!str_take(&s, STR("d")) || s.n < 2 || s.n - 2 > GUTTER_SEP_MAX ||
		!str_ends(s, STR("\"]")))
		return false;
	m->style = (struct gutter_style){.width = (uint8_t)width, .sep_n = (uint8_t)(s.n - 2)};
	memcpy(m->style.sep, s.p, s.n - 2);
	return !between_of(&m->style);
}

/* The last place where word stands in s; STR_NONE when it does not. */
static size_t find_last(str s, str word)
{
	for (size_t at = s.n; at-- > 0;)
		if (str_starts(str_sub(s, at, s.n), word))
			return at;
	return STR_NONE;
}

/* Takes ", indented 4 more" off the end of a marker that has it, without the ']'. */
static void take_shift(str *s, struct marker *m)
{
	size_t at = find_last(*s, str_from(indented));
	struct shift shift = {0};
	uint32_t n;
	str rest;

	if (at == STR_NONE || at == 0)
		return;
	rest = str_sub(*s, at + strlen(indented), s->n);
	if (!take_number(&rest, &n) || !n || n > SHIFT_MAX)
		return;
	shift.n = (uint8_t)n;
	shift.is_tab = str_starts(rest, STR(" tab"));
	if (!str_take(&rest, str_from(shift_unit(&shift))))
		return;
	shift.is_less = str_eq_c(rest, " less");
	if (!shift.is_less && !str_eq_c(rest, " more"))
		return;
	m->shift = shift;
	*s = str_sub(*s, 0, at);
}

/* What stands behind "[lines " of a reference under the same numbers. */
static bool parse_same_number(str s, struct marker *m)
{
	m->is_same_number = true;
	if (!take_range(&s, str_from(same_numbers), m)) {
		size_t i = 0;

		while (i < ARRAY_N(named_styles) &&
			!take_range(&s, str_from(named_styles[i].between), m))
			i++;
		if (i == ARRAY_N(named_styles))
			return false;
		m->has_gutter = true;
		m->style = named_styles[i].style;
	}
	if (!str_take(&s, str_from(same_as)) || !str_ends(s, STR("]")))
		return false;
	s = str_sub(s, 0, s.n - 1);
	if (!m->has_gutter)
		take_shift(&s, m);
	m->name = s;
	return s.n > 0;
}

/* What stands behind "[same as ", when it ends in a list of words. */
static bool parse_variant(str s, struct marker *m)
{
	static const str line = {"line ", 5};
	str head, number;
	size_t at;

	s = str_sub(s, 0, s.n - 1);
	/* the words may hold ", but " themselves: the first place whose rest is a list is the right one */
	for (at = str_find(s, str_from(but)); at != STR_NONE;) {
		size_t next;

		m->words = str_sub(s, at + strlen(but), s.n);
		if (variant_is_list(m->words))
			break;
		next = str_find(str_sub(s, at + 1, s.n), str_from(but));
		at = next == STR_NONE ? STR_NONE : at + 1 + next;
	}
	if (at == STR_NONE)
		return false;
	head = str_sub(s, 0, at);
	if (str_ends(head, STR(" above")) && str_starts(head, line)) {
		number = str_sub(head, line.n, head.n - 6);
		return take_number(&number, &m->from) && !number.n;
	}
	at = find_last(head, line);
	if (at == STR_NONE || at < 2 || head.p[at - 1] != ' ')
		return false;
	m->name = str_sub(head, 0, at - 1);
	number = str_sub(head, at + line.n, head.n);
	return take_number(&number, &m->from) && !number.n;
}

/* "12-345" or "12". */
static bool take_line_or_range(str *s, struct marker *m)
{
	str t = *s;

	if (take_range(&t, STR("-"), m) && m->from < m->to) {
		*s = t;
		return true;
	}
	if (!take_number(s, &m->from))
		return false;
	m->to = m->from;
	return true;
}

/* What stands behind "[same as ". */
static bool parse_same(str s, struct marker *m)
{
	static const str words[] = {{" lines ", 7}, {" line ", 6}};

	s = str_sub(s, 0, s.n - 1);
	take_shift(&s, m);
	for (size_t i = 0; i < ARRAY_N(words); i++) {
		size_t at = find_last(s, words[i]);
		str range = at == STR_NONE ? STR_NULL : str_sub(s, at + words[i].n, s.n);

		if (range.n && at && take_line_or_range(&range, m) && !range.n &&
			(m->from == m->to) == (i == 1)) {
			m->name = str_sub(s, 0, at);
			return true;
		}
	}
	m->from = m->to = 0;
	m->is_whole = true;
	m->name = s;
	return s.n > 0;
}

/* What stands behind the '[' of a line that goes on with a digit: a reference without a name. */
static bool parse_back(str s, struct marker *m)
{
	s = str_sub(s, 0, s.n - 1);
	take_shift(&s, m);
	if (!take_line_or_range(&s, m))
		return false;
	m->is_there = str_eq_c(s, there);
	return m->is_there || str_eq_c(s, again);
}

/* What stands behind "[12". */
static bool parse_counted(str s, struct marker *m)
{
	if (str_eq_c(s, more_like)) {
		m->kind = MARKER_REPEAT;
		return m->count > 0;
	}
	m->kind = MARKER_EACH;
	if (!str_take(&s, str_from(lines_each)) || s.n < 2 || !str_ends(s, STR("]")))
		return false;
	m->name = str_sub(s, 0, s.n - 1);
	return m->count > 1;
}

bool marker_parse(str line, struct marker *out)
{
	*out = (struct marker){0};
	if (line.n < 5 || *line.p != '[' || line.p[line.n - 1] != ']')
		return false;
	line = str_sub(line, 1, line.n);
	if (str_take(&line, STR("lines "))) {
		out->kind = MARKER_SAME;
		if (parse_same_number(line, out))
			return true;
		*out = (struct marker){.kind = MARKER_GUTTER};
		return parse_gutter(line, out);
	}
	if (str_take(&line, STR("same as "))) {
		out->kind = MARKER_VARIANT;
		if (parse_variant(line, out))
			return true;
		*out = (struct marker){0};
		out->kind = MARKER_SAME;
		return parse_same(line, out);
	}
	out->kind = MARKER_SAME;
	if (parse_back(line, out))
		return true;
	*out = (struct marker){0};
	return take_number(&line, &out->count) && parse_counted(line, out);
}

bool marker_can_name(str name, struct arena *a)
{
	struct marker m = {.kind = MARKER_SAME, .is_whole = true, .name = name}, back;
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	marker_write(&b, &m);
	return marker_parse(buf_str(&b), &back) && back.kind == MARKER_SAME && back.is_whole &&
	       str_eq(back.name, name);
}

/* True when one of these n stands before a place where the text has what. */
static bool has_behind(str text, str what, const str *before, size_t n)
{
	str rest = text;
	size_t at;

	while ((at = str_find(rest, what)) != STR_NONE) {
		for (size_t i = 0; i < n; i++)
			if (str_ends(str_sub(rest, 0, at), before[i]))
				return true;
		rest = str_sub(rest, at + what.n, rest.n);
	}
	return false;
}

/* True when a text asks to retrieve something by its hash, in our spelling or the reference product's. */
static bool has_foreign_marker(str text)
{
	static const str before_hash[] = {{"Retrieve more: ", 15}, {"Retrieve original: ", 19},
		{"Retrieve full diff: ", 20}, {" compressed. ", 13}, {" CCR: ", 6}};
	static const str ours[] = {{"headroom ", 9}, {"headroom_", 9}};

	return has_behind(text, STR("hash="), before_hash, ARRAY_N(before_hash)) ||
	       has_behind(text, STR("retrieve "), ours, ARRAY_N(ours)) ||
	       str_find(text, STR("<<ccr:")) != STR_NONE;
}

bool marker_in_text(str text)
{
	struct marker m;

	if (has_foreign_marker(text))
		return true;
	while (text.n) {
		size_t at = str_find_byte(text, '[');
		str line;

		if (at == STR_NONE)
			return false;
		if (at && text.p[at - 1] != '\n') {
			text = str_sub(text, at + 1, text.n);
			continue;
		}
		text = str_sub(text, at, text.n);
		if (str_next_line(&text, &line, NULL) && marker_parse(line, &m))
			return true;
	}
	return false;
}
