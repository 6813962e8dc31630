#include "core/compress/code/nest.h"

enum {
	DEPTH_MAX = 1024,     /* brackets within brackets; more are generated */
	HEADER_LINES_MAX = 6, /* of what stands before a bracket; most have one */
};

struct reader {
	const struct code_language *language;
	struct lines lines;
	struct code_nest *nest;
	uint32_t open[DEPTH_MAX]; /* brackets: places of openers, as in around; NEST_OTHER */
	uint32_t depth;
	uint32_t conditions; /* #if that no #endif ends yet */
	bool in_comment, in_macro;
};

/* ---- what opens ---- */

static bool has_word(str line)
{
	static const char *const words[] = {
		"namespace", "class", "struct", "interface", "trait", "extern"};
	str word;

	while (str_split(&line, ' ', &word))
		for (size_t i = 0; i < ARRAY_N(words); i++)
			if (str_eq_c(str_trim(word), words[i]))
				return true;
	return false;
}

static bool is_attribute(str line)
{
	line = str_trim(line);
	return line.n && strchr("@[", *line.p);
}

/* True when the line above goes on in the one below it. */
static bool goes_on(str line)
{
	line = str_trim(line);
	return line.n && !strchr(";{}:", line.p[line.n - 1]) && !strchr("#/*<", *line.p);
}

/* True when the bracket at the end of that line has definitions in it; *first: where what stands before it begins. */
static bool is_opener(const struct reader *r, uint32_t line, uint32_t *first)
{
	bool has_words = false;

	*first = line;
	while (*first && line - *first < HEADER_LINES_MAX && goes_on(r->lines.v[*first - 1]))
		--*first;
	for (uint32_t i = *first; i <= line; i++) {
		if (is_attribute(r->lines.v[i]))
			continue;
		if (str_find_byte(r->lines.v[i], '(') != STR_NONE ||
			str_find_byte(r->lines.v[i], '=') != STR_NONE)
			return false;
		has_words |= has_word(r->lines.v[i]);
	}
	return has_words;
}

static bool is_c(const struct code_language *l)
{
	return l->has_macros;
}

/* Of the bracket at that place of a line. */
static void open_bracket(struct reader *r, uint32_t line, size_t at)
{
	str text = r->lines.v[line];
	uint32_t around = r->depth ? r->open[r->depth - 1] : 0, first;
	bool is_last = !str_trim(str_sub(text, at + 1, text.n)).n,
	     is_only = str_find_byte(text, '{') == at && str_find_byte(text, '}') == STR_NONE;

	if (r->depth == DEPTH_MAX)
		return;
	if (around == NEST_OTHER || !is_last || !is_only || !is_opener(r, line, &first)) {
		r->open[r->depth++] = NEST_OTHER;
		return;
	}
	r->nest->v[r->nest->n++] = (struct code_opener){.first = first,
		.line = line,
		.outer = around,
		.has_mark = is_c(r->language) && str_find(text, STR("namespace")) == STR_NONE &&
			    str_find(text, STR("extern")) == STR_NONE};
	r->open[r->depth++] = r->nest->n;
}

static bool close_bracket(struct reader *r, uint32_t line)
{
	uint32_t opener;

	if (!r->depth)
		return false;
	opener = r->open[--r->depth];
	if (opener != NEST_OTHER)
		r->nest->v[opener - 1].last = line;
	return true;
}

/* ---- lines ---- */

/* Behind the string or character that begins at that place; a lone quote is passed over. */
static size_t skip_string(str line, size_t at)
{
	char quote = line.p[at];

	for (size_t i = at + 1; i < line.n; i++) {
		if (line.p[i] == '\\')
			i++;
		else if (line.p[i] == quote)
			return i + 1;
	}
	return quote == '"' ? line.n : at + 1;
}

/* What begins a string, a comment or a bracket, or is one; anything else is passed over. */
static const bool has_meaning[256] = {
	['/'] = true, ['#'] = true, ['"'] = true, ['\''] = true, ['{'] = true, ['}'] = true};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* True when the rest of the line is no code. */
static bool is_rest_comment(const struct reader *r, str rest)
{
	return str_starts(rest, STR("//")) ||
	       (!is_c(r->language) && str_starts(rest, STR("#")) && !str_starts(rest, STR("#[")));
}

static size_t skip_comment(struct reader *r, str line, size_t at)
{
	size_t n = str_find(str_sub(line, at, line.n), STR("*/"));

	r->in_comment = n == STR_NONE;
	return r->in_comment ? line.n : at + n + 2;
}

/* False when a bracket closes what is not open. */
static bool read_line(struct reader *r, uint32_t i)
{
	str line = r->lines.v[i];
	size_t at = r->in_comment ? skip_comment(r, line, 0) : 0;

	while (at < line.n) {
		char c = line.p[at], before = at ? line.p[at - 1] : ' ';

		if (!has_meaning[(unsigned char)c]) {
			at++;
		} else if (is_rest_comment(r, str_sub(line, at, line.n))) {
			return true;
		} else if (c == '/' && at + 1 < line.n && line.p[at + 1] == '*') {
			at = skip_comment(r, line, at + 2);
		} else if (c == '"' || (c == '\'' && !is_word(before))) {
			at = skip_string(line, at);
		} else if (c == '}' && !close_bracket(r, i)) {
			return false;
		} else {
			if (c == '{')
				open_bracket(r, i, at);
			at++;
		}
	}
	return true;
}

/* Lines of the preprocessor: their brackets are those of whoever uses them. */
static bool is_macro(struct reader *r, str line)
{
	bool is = is_c(r->language) && !r->in_comment &&
		  (r->in_macro || str_starts(str_trim(line), STR("#")));

	line = str_trim(line);
	r->in_macro = is && line.n && line.p[line.n - 1] == '\\';
	return is;
}

/* Lines between #if and #endif are one thing to a grammar that knows them. */
static void count_conditions(struct reader *r, str line)
{
	line = str_trim(line);
	if (str_starts(line, STR("#if")))
		r->conditions++;
	else if (r->conditions && str_starts(line, STR("#endif")))
		r->conditions--;
}

static uint32_t around_of(const struct reader *r)
{
	if (r->in_comment || r->in_macro || r->conditions)
		return NEST_OTHER;
	return r->depth ? r->open[r->depth - 1] : 0;
}

bool code_nest_read(
	const struct code_language *l, struct lines lines, struct arena *a, struct code_nest *out)
{
	struct reader *r;

	if (l->has_ends)
		return code_nest_read_ends(lines, a, out);
	r = arena_new(a, struct reader);
	*out = (struct code_nest){.v = arena_array(a, struct code_opener, lines.n + 1),
		.around = arena_array(a, uint32_t, lines.n + 1)};
	r->language = l;
	r->lines = lines;
	r->nest = out;
	for (uint32_t i = 0; i < lines.n; i++) {
		out->around[i] = around_of(r);
		if (l->has_conditions)
			count_conditions(r, lines.v[i]);
		if (!is_macro(r, lines.v[i]) && (!read_line(r, i) || r->depth == DEPTH_MAX))
			return false;
	}
	return !r->depth;
}
