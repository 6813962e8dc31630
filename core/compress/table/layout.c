#include "core/compress/table/layout.h"

enum {
	GUESS_BYTES = 16 << 10, /* of a document that are looked at */
	DEPTH_MAX = 200,        /* of lines that are told apart */
	INDENT_MAX = 16,
};

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Behind the string at s.p[at]. */
static size_t skip_string(str s, size_t at)
{
	for (size_t from = at + 1;;) {
		size_t found = str_find_byte(str_sub(s, from, s.n), '"'), end = from + found,
		       back = 0;

		if (found == STR_NONE)
			return s.n;
		while (back < found && s.p[end - back - 1] == '\\')
			back++;
		if (back % 2 == 0)
			return end + 1;
		from = end + 1;
	}
}

static size_t skip_space(str s, size_t at)
{
	while (at < s.n && is_space(s.p[at]))
		at++;
	return at;
}

/* ---- guessing ---- */

struct look {
	struct layout l;
	unsigned depth;
	unsigned broken,
		inline_; /* the deepest depth that has lines, the least that has none; + 1, 0: not seen */
	unsigned inline_array; /* arrays without containers that are on one line */
	bool has_indent, has_colon, has_comma, has_end, has_empty;
};

static void look_at_line(struct look *k, str space, bool is_open)
{
	size_t eol = str_rfind_byte(space, '\n');

	if (is_open && k->depth > k->broken)
		k->broken = k->depth;
	k->l.is_crlf |= eol && space.p[eol - 1] == '\r';
	if (!k->has_indent && is_open && k->depth == 1) {
		size_t n = space.n - eol - 1;

		k->has_indent = true;
		k->l.indent = n < INDENT_MAX ? (uint8_t)n : INDENT_MAX;
		k->l.is_tab = n && space.p[eol + 1] == '\t';
	}
}

static void look_at_empty(struct look *k, str space)
{
	size_t first = str_find_byte(space, '\n'), last = str_rfind_byte(space, '\n');

	if (k->has_empty)
		return;
	k->has_empty = true;
	if (first == STR_NONE)
		k->l.empty = space.n ? EMPTY_BLANK : EMPTY_NOTHING;
	else if (first == last)
		k->l.empty = EMPTY_LINE;
	else
		k->l.empty = last - first > 2 ? EMPTY_INDENTED : EMPTY_LINES;
}

/* White space behind an opening bracket; next is the token behind it. */
static void look_at_open(struct look *k, str space, char bracket, char next)
{
	if (next == '}' || next == ']') {
		look_at_empty(k, space);
		return;
	}
	if (space.n && str_rfind_byte(space, '\n') != STR_NONE) {
		look_at_line(k, space, true);
		return;
	}
	if (bracket == '[' && next != '{' && next != '[')
		k->inline_array++;
	else if (!k->inline_ || k->depth < k->inline_)
		k->inline_ = k->depth;
	k->l.is_padded |= space.n > 0;
}

static void look_at_space(struct look *k, str space, char before, char next)
{
	bool has_line = str_rfind_byte(space, '\n') != STR_NONE;

	if (before == '{' || before == '[') {
		look_at_open(k, space, before, next);
	} else if (before == ',' && has_line) {
		k->l.end_comma |= *space.p == ' ';
	} else if (before == ',' && !k->has_comma) {
		k->has_comma = true;
		k->l.after_comma = space.n > 0;
	} else if (before == ':' && !k->has_colon) {
		k->has_colon = true;
		k->l.after_colon = space.n > 0;
	} else if (next == ':') {
		k->l.before_colon |= space.n > 0;
	}
}

static struct layout conclude(const struct look *k)
{
	struct layout l = k->l;

	l.lines = 0;
	if (k->broken) {
		l.is_flat_array = k->inline_array > 0 && (!k->inline_ || k->inline_ > k->broken);
		l.lines = k->inline_ || k->broken > DEPTH_MAX ? (uint8_t)k->broken : LAYOUT_ALL;
		if (k->inline_array && !l.is_flat_array)
			l.lines = (uint8_t)k->broken;
	}
	if (!k->has_comma)
		l.after_comma = l.after_colon;
	return l;
}

struct layout layout_guess(str json)
{
	struct look k = {0};
	size_t n = json.n < GUESS_BYTES ? json.n : GUESS_BYTES;
	char before = 0;

	for (size_t i = 0; i < n;) {
		size_t from = i;
		char c;

		while (i < json.n && is_space(json.p[i]))
			i++;
		if (i == json.n)
			break;
		c = json.p[i];
		if (before)
			look_at_space(&k, str_sub(json, from, i), before, c);
		k.depth += c == '{' || c == '[';
		k.depth -= (c == '}' || c == ']') && k.depth;
		before = c;
		i = c == '"' ? skip_string(json, i) : i + 1;
	}
	return conclude(&k);
}

/* ---- applying ---- */

/* What comes out is added to out, or compared with want. */
struct applier {
	const struct layout *l;
	struct buf *out;
	str want;
	size_t at; /* in want */
	bool is_other;
	unsigned depth;
	uint64_t is_line[LAYOUT_ALL / 64 + 1]; /* by depth, of the containers above LAYOUT_ALL */
};

static void emit(struct applier *a, str s)
{
	const char *want;

	if (a->out) {
		buf_add(a->out, s);
		return;
	}
	want = a->want.p + a->at;
	/* Mostly it is this very text. */
	a->is_other |= want != s.p && (a->want.n - a->at < s.n || memcmp(want, s.p, s.n) != 0);
	a->at += a->is_other ? 0 : s.n;
}

static void emit_byte(struct applier *a, char c)
{
	if (a->out) {
		buf_add_byte(a->out, c);
		return;
	}
	a->is_other |= a->at >= a->want.n || a->want.p[a->at] != c;
	a->at += !a->is_other;
}

static bool has_lines(const struct applier *a)
{
	if (a->depth >= LAYOUT_ALL)
		return a->l->lines == LAYOUT_ALL;
	return a->is_line[a->depth / 64] >> a->depth % 64 & 1;
}

/* True when the array at json.p[0] holds a container. Bounded by its own end, and arrays without containers do not
 * overlap: linear. */
static bool has_container(str json)
{
	for (size_t i = 1; i < json.n; i++) {
		if (json.p[i] == '"')
			i = skip_string(json, i) - 1;
		else if (json.p[i] == '{' || json.p[i] == '[')
			return true;
		else if (json.p[i] == ']')
			return false;
	}
	return false;
}

static void add_line(struct applier *a)
{
	static const char blanks[] = "                                ",
			  tabs[] = "\t\t\t\t\t\t\t\t";
	size_t n = (size_t)a->depth * a->l->indent;
	const char *signs = a->l->is_tab ? tabs : blanks;
	size_t most = a->l->is_tab ? sizeof tabs - 1 : sizeof blanks - 1;

	emit(a, a->l->is_crlf ? STR("\r\n") : STR("\n"));
	for (; n; n -= n < most ? n : most)
		emit(a, (str){signs, n < most ? n : most});
}

/* The closing bracket comes next. */
static void emit_empty(struct applier *a, char open)
{
	emit_byte(a, open);
	if (a->l->empty == EMPTY_BLANK)
		emit_byte(a, ' ');
	if (a->l->empty == EMPTY_LINES)
		emit(a, a->l->is_crlf ? STR("\r\n") : STR("\n"));
	if (a->l->empty == EMPTY_INDENTED) {
		a->depth++;
		add_line(a);
		a->depth--;
	}
	if (a->l->empty >= EMPTY_LINE)
		add_line(a);
	emit_byte(a, open == '{' ? '}' : ']');
}

static void open_bracket(struct applier *a, str rest)
{
	bool is_line;

	emit_byte(a, *rest.p);
	a->depth++;
	is_line = a->depth <= a->l->lines || a->l->lines == LAYOUT_ALL;
	if (is_line && a->l->is_flat_array && *rest.p == '[')
		is_line = has_container(rest);
	if (a->depth < LAYOUT_ALL) {
		uint64_t bit = UINT64_C(1) << a->depth % 64;

		a->is_line[a->depth / 64] &= ~bit;
		if (is_line)
			a->is_line[a->depth / 64] |= bit;
	}
	if (is_line)
		add_line(a);
	else if (a->l->is_padded)
		emit_byte(a, ' ');
}

static void close_bracket(struct applier *a, char c)
{
	bool is_line = has_lines(a);

	a->depth -= a->depth > 0;
	if (is_line)
		add_line(a);
	else if (a->l->is_padded)
		emit_byte(a, ' ');
	emit_byte(a, c);
}

static void add_comma(struct applier *a)
{
	bool is_line = has_lines(a);

	emit_byte(a, ',');
	if (is_line ? a->l->end_comma : a->l->after_comma)
		emit_byte(a, ' ');
	if (is_line)
		add_line(a);
}

static size_t apply_sign(struct applier *a, str rest)
{
	size_t at;

	switch (*rest.p) {
	case '{':
	case '[':
		at = skip_space(rest, 1);
		if (at < rest.n && (rest.p[at] == '}' || rest.p[at] == ']')) {
			emit_empty(a, *rest.p);
			return at + 1;
		}
		open_bracket(a, rest);
		return 1;
	case '}':
	case ']':
		close_bracket(a, *rest.p);
		return 1;
	case ',':
		add_comma(a);
		return 1;
	default: /* ':' */
		if (a->l->before_colon)
			emit_byte(a, ' ');
		emit_byte(a, ':');
		if (a->l->after_colon)
			emit_byte(a, ' ');
		return 1;
	}
}

static bool is_sign(char c)
{
	return c == '{' || c == '[' || c == '}' || c == ']' || c == ',' || c == ':';
}

static void apply(struct applier *a, str json)
{
	for (size_t i = skip_space(json, 0); i < json.n && !a->is_other; i = skip_space(json, i)) {
		size_t from = i;

		if (is_sign(json.p[i])) {
			i += apply_sign(a, str_sub(json, i, json.n));
			continue;
		}
		if (json.p[i] == '"')
			i = skip_string(json, i);
		else
			while (i < json.n && !is_sign(json.p[i]) && !is_space(json.p[i]))
				i++;
		emit(a, str_sub(json, from, i));
	}
}

void layout_apply(const struct layout *l, str json, struct buf *out)
{
	struct applier a = {.l = l, .out = out};

	apply(&a, json);
}

bool layout_is(const struct layout *l, str json)
{
	struct applier a = {.l = l, .want = json};

	apply(&a, json);
	return !a.is_other && a.at == json.n;
}

bool layout_is_tight(const struct layout *l)
{
	return !l->lines && !l->before_colon && !l->after_colon && !l->after_comma &&
	       !l->end_comma && !l->is_padded && l->empty == EMPTY_NOTHING;
}

/* ---- words ---- */

static const char *const empty_words[EMPTY_N] = {[EMPTY_BLANK] = "blank in empty",
	[EMPTY_LINE] = "line in empty",
	[EMPTY_LINES] = "two lines in empty",
	[EMPTY_INDENTED] = "indented line in empty"};

void layout_write(const struct layout *l, struct buf *out)
{
	if (l->lines) {
		if (l->is_tab && l->indent == 1)
			buf_add_c(out, ", indent tab");
		else
			buf_printf(out, ", indent %s%u", l->is_tab ? "tab " : "", l->indent);
		if (l->lines != LAYOUT_ALL)
			buf_printf(out, ", depth %u", l->lines);
	}
	if (l->is_flat_array)
		buf_add_c(out, ", flat arrays");
	/* The usual signs of each kind go without saying. */
	if (l->before_colon)
		buf_add_c(out, ", \" :\"");
	if (l->after_colon != (l->lines > 0))
		buf_add_c(out, l->after_colon ? ", \": \"" : ", \":\"");
	if (l->after_comma != l->after_colon)
		buf_add_c(out, l->after_comma ? ", \", \"" : ", \",\"");
	if (l->end_comma)
		buf_add_c(out, ", \", \" at ends");
	if (l->is_padded)
		buf_add_c(out, ", padded");
	if (l->is_crlf)
		buf_add_c(out, ", crlf");
	if (l->empty)
		buf_printf(out, ", %s", empty_words[l->empty]);
}

static bool read_number(str s, uint8_t *out)
{
	uint64_t v;

	if (!str_u64(s, &v) || v >= LAYOUT_ALL)
		return false;
	*out = (uint8_t)v;
	return true;
}

bool layout_read(struct layout *l, str word)
{
	if (str_take(&word, STR("indent "))) {
		l->lines = LAYOUT_ALL;
		l->after_colon = l->after_comma = true;
		l->indent = 1;
		l->is_tab = str_take(&word, STR("tab"));
		if (l->is_tab && !word.n)
			return true;
		return (!l->is_tab || str_take(&word, STR(" "))) && read_number(word, &l->indent) &&
		       l->indent <= INDENT_MAX;
	}
	for (unsigned i = 1; i < EMPTY_N; i++) {
		if (str_eq_c(word, empty_words[i])) {
			l->empty = (uint8_t)i;
			return true;
		}
	}
	if (str_take(&word, STR("depth ")))
		return l->lines && read_number(word, &l->lines);
	if (str_eq(word, STR("flat arrays")))
		l->is_flat_array = true;
	else if (str_eq(word, STR("\" :\"")))
		l->before_colon = true;
	else if (str_eq(word, STR("\": \"")) || str_eq(word, STR("\":\"")))
		l->after_colon = l->after_comma = word.n == 4;
	else if (str_eq(word, STR("\", \"")) || str_eq(word, STR("\",\"")))
		l->after_comma = word.n == 4;
	else if (str_eq(word, STR("\", \" at ends")))
		l->end_comma = true;
	else if (str_eq(word, STR("padded")))
		l->is_padded = true;
	else if (str_eq(word, STR("crlf")))
		l->is_crlf = true;
	else
		return false;
	return true;
}
