#include "core/compress/html/token.h"

static const struct name {
	const char *name;
	enum html_tag tag;
	unsigned level;
} names[] = {
	/* in the order of their bytes */
	{"a", TAG_LINK, 0},
	{"abbr", TAG_INLINE, 0},
	{"acronym", TAG_INLINE, 0},
	{"address", TAG_BLOCK, 0},
	{"area", TAG_VOID, 0},
	{"article", TAG_MAIN, 0},
	{"aside", TAG_ASIDE, 0},
	{"audio", TAG_RAW, 0},
	{"b", TAG_INLINE, 0},
	{"base", TAG_VOID, 0},
	{"bdi", TAG_INLINE, 0},
	{"bdo", TAG_INLINE, 0},
	{"big", TAG_INLINE, 0},
	{"blockquote", TAG_BLOCK, 0},
	{"body", TAG_BLOCK, 0},
	{"br", TAG_BREAK, 0},
	{"button", TAG_ASIDE, 0},
	{"canvas", TAG_RAW, 0},
	{"caption", TAG_BLOCK, 0},
	{"center", TAG_BLOCK, 0},
	{"cite", TAG_INLINE, 0},
	{"code", TAG_INLINE, 0},
	{"col", TAG_VOID, 0},
	{"colgroup", TAG_INLINE, 0},
	{"data", TAG_INLINE, 0},
	{"datalist", TAG_INLINE, 0},
	{"dd", TAG_ITEM, 0},
	{"del", TAG_INLINE, 0},
	{"details", TAG_BLOCK, 0},
	{"dfn", TAG_INLINE, 0},
	{"dialog", TAG_ASIDE, 0},
	{"div", TAG_BLOCK, 0},
	{"dl", TAG_BLOCK, 0},
	{"dt", TAG_ITEM, 0},
	{"em", TAG_INLINE, 0},
	{"embed", TAG_VOID, 0},
	{"fieldset", TAG_BLOCK, 0},
	{"figcaption", TAG_BLOCK, 0},
	{"figure", TAG_BLOCK, 0},
	{"font", TAG_INLINE, 0},
	{"footer", TAG_ASIDE, 0},
	{"form", TAG_ASIDE, 0},
	{"h1", TAG_HEADING, 1},
	{"h2", TAG_HEADING, 2},
	{"h3", TAG_HEADING, 3},
	{"h4", TAG_HEADING, 4},
	{"h5", TAG_HEADING, 5},
	{"h6", TAG_HEADING, 6},
	{"head", TAG_BLOCK, 0},
	{"header", TAG_ASIDE, 0},
	{"hgroup", TAG_INLINE, 0},
	{"hr", TAG_RULE, 0},
	{"html", TAG_BLOCK, 0},
	{"i", TAG_INLINE, 0},
	{"iframe", TAG_RAW, 0},
	{"img", TAG_VOID, 0},
	{"input", TAG_VOID, 0},
	{"ins", TAG_INLINE, 0},
	{"kbd", TAG_INLINE, 0},
	{"label", TAG_INLINE, 0},
	{"legend", TAG_INLINE, 0},
	{"li", TAG_ITEM, 0},
	{"link", TAG_VOID, 0},
	{"main", TAG_MAIN, 0},
	{"map", TAG_RAW, 0},
	{"mark", TAG_INLINE, 0},
	{"math", TAG_RAW, 0},
	{"menu", TAG_ASIDE, 0},
	{"meta", TAG_VOID, 0},
	{"meter", TAG_INLINE, 0},
	{"nav", TAG_ASIDE, 0},
	{"noscript", TAG_BLOCK, 0},
	{"object", TAG_RAW, 0},
	{"ol", TAG_BLOCK, 0},
	{"optgroup", TAG_INLINE, 0},
	{"option", TAG_ASIDE, 0},
	{"output", TAG_INLINE, 0},
	{"p", TAG_BLOCK, 0},
	{"param", TAG_VOID, 0},
	{"picture", TAG_INLINE, 0},
	{"pre", TAG_PRE, 0},
	{"progress", TAG_INLINE, 0},
	{"q", TAG_INLINE, 0},
	{"rp", TAG_INLINE, 0},
	{"rt", TAG_INLINE, 0},
	{"ruby", TAG_INLINE, 0},
	{"s", TAG_INLINE, 0},
	{"samp", TAG_INLINE, 0},
	{"script", TAG_RAW, 0},
	{"section", TAG_BLOCK, 0},
	{"select", TAG_ASIDE, 0},
	{"slot", TAG_INLINE, 0},
	{"small", TAG_INLINE, 0},
	{"source", TAG_VOID, 0},
	{"span", TAG_INLINE, 0},
	{"strike", TAG_INLINE, 0},
	{"strong", TAG_INLINE, 0},
	{"style", TAG_RAW, 0},
	{"sub", TAG_INLINE, 0},
	{"summary", TAG_BLOCK, 0},
	{"sup", TAG_INLINE, 0},
	{"svg", TAG_RAW, 0},
	{"table", TAG_BLOCK, 0},
	{"tbody", TAG_BLOCK, 0},
	{"td", TAG_CELL, 0},
	{"template", TAG_RAW, 0},
	{"textarea", TAG_RAW, 0},
	{"tfoot", TAG_INLINE, 0},
	{"th", TAG_CELL, 0},
	{"thead", TAG_BLOCK, 0},
	{"time", TAG_INLINE, 0},
	{"title", TAG_HEADING, 1},
	{"tr", TAG_ROW, 0},
	{"track", TAG_VOID, 0},
	{"tt", TAG_INLINE, 0},
	{"u", TAG_INLINE, 0},
	{"ul", TAG_BLOCK, 0},
	{"var", TAG_INLINE, 0},
	{"video", TAG_RAW, 0},
	{"wbr", TAG_VOID, 0},
};

enum { NAME_MAX_BYTES = 10 }; /* "blockquote", "figcaption" */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void classify(struct html_token *t)
{
	char lower[NAME_MAX_BYTES + 1];
	size_t from = 0, to = ARRAY_N(names);

	t->tag = TAG_INLINE;
	t->level = 0;
	t->is_known = str_find_byte(t->name, '-') != STR_NONE;
	if (t->name.n > NAME_MAX_BYTES)
		return;
	for (size_t i = 0; i < t->name.n; i++)
		lower[i] = is_letter(t->name.p[i]) ? (char)(t->name.p[i] | 0x20) : t->name.p[i];
	lower[t->name.n] = '\0';
	while (from < to) {
		size_t mid = (from + to) / 2;
		int order = strcmp(lower, names[mid].name);

		if (order == 0) {
			t->tag = names[mid].tag;
			t->is_known = true;
			t->level = names[mid].level;
			return;
		}
		if (order < 0)
			to = mid;
		else
			from = mid + 1;
	}
}

/* Behind the '>' of the tag whose attributes begin at; a '>' in quotes is none, but quotes count only behind a '='. */
static size_t tag_end(str s, size_t at, size_t *attributes_end)
{
	bool is_value = false;

	for (; at < s.n; at++) {
		char c = s.p[at];

		if (c == '>') {
			*attributes_end = at;
			return at + 1;
		}
		if (is_value && (c == '"' || c == '\'')) {
			size_t close = str_find_byte(str_sub(s, at + 1, s.n), c);

			if (close == STR_NONE)
				break;
			at += close + 1;
			is_value = false;
		} else if (!is_space(c)) {
			is_value = c == '=';
		}
	}
	*attributes_end = s.n;
	return s.n;
}

/* Where the end tag of that name begins; the end of the text when there is none. */
static size_t find_end_tag(str s, size_t at, str name)
{
	while (at < s.n) {
		size_t lt = str_find(str_sub(s, at, s.n), STR("</"));
		str rest;

		if (lt == STR_NONE)
			return s.n;
		at += lt;
		rest = str_sub(s, at + 2, s.n);
		if (rest.n >= name.n && str_eq_nocase(str_sub(rest, 0, name.n), name) &&
			(rest.n == name.n || is_space(rest.p[name.n]) ||
				strchr("/>", rest.p[name.n])))
			return at;
		at += 2;
	}
	return s.n;
}

/* Behind a comment, a declaration, or an instruction that begins at. */
static size_t skip_other(struct html_reader *r, size_t at)
{
	str rest = str_sub(r->text, at, r->text.n);
	bool is_comment = str_starts(rest, STR("<!--"));
	size_t end = is_comment ? str_find(str_sub(rest, 4, rest.n), STR("-->"))
				: str_find_byte(rest, '>');

	r->comments_n += is_comment;
	if (end == STR_NONE)
		return r->text.n;
	return at + end + (is_comment ? 4 + 3 : 1);
}

static bool is_tag(str s, size_t at)
{
	size_t name = at + 1 + (at + 1 < s.n && s.p[at + 1] == '/');

	return name < s.n && is_letter(s.p[name]);
}

static bool is_other(str s, size_t at)
{
	return at + 1 < s.n && strchr("!?/", s.p[at + 1]);
}

static void read_tag(struct html_reader *r, struct html_token *t)
{
	size_t name, end, attributes_end;

	t->type = r->text.p[r->at + 1] == '/' ? HTML_END : HTML_START;
	name = r->at + 1 + (t->type == HTML_END);
	for (end = name;
		end < r->text.n && !is_space(r->text.p[end]) && !strchr("/>", r->text.p[end]);)
		end++;
	t->name = str_sub(r->text, name, end);
	classify(t);
	r->at = tag_end(r->text, end, &attributes_end);
	t->text = str_sub(r->text, end, attributes_end);
	if (t->type == HTML_START && t->tag == TAG_RAW && !str_ends(t->text, STR("/"))) {
		r->scripts_n++;
		r->at = find_end_tag(r->text, r->at, t->name);
	}
}

/* Up to the next tag, comment or declaration. */
static void read_text(struct html_reader *r, struct html_token *t)
{
	size_t at = r->at + 1; /* a '<' that begins nothing is text */

	for (;; at++) {
		size_t lt = at < r->text.n ? str_find_byte(str_sub(r->text, at, r->text.n), '<')
					   : STR_NONE;

		at = lt == STR_NONE ? r->text.n : at + lt;
		if (at == r->text.n || is_tag(r->text, at) || is_other(r->text, at))
			break;
	}
	*t = (struct html_token){.type = HTML_TEXT, .text = str_sub(r->text, r->at, at)};
	r->at = at;
}

bool html_next(struct html_reader *r, struct html_token *t)
{
	while (r->at < r->text.n) {
		if (r->text.p[r->at] != '<' ||
			(!is_tag(r->text, r->at) && !is_other(r->text, r->at))) {
			read_text(r, t);
			return true;
		}
		if (is_tag(r->text, r->at)) {
			read_tag(r, t);
			return true;
		}
		r->at = skip_other(r, r->at);
	}
	return false;
}

/* The next attribute's name and value; false at the end. */
static bool next_attribute(str *rest, str *name, str *value)
{
	size_t at = 0, start;

	while (at < rest->n && (is_space(rest->p[at]) || rest->p[at] == '/'))
		at++;
	if (at == rest->n)
		return false;
	start = at++; /* a '=' may begin a name */
	while (at < rest->n && !is_space(rest->p[at]) && !strchr("/=", rest->p[at]))
		at++;
	*name = str_sub(*rest, start, at);
	*value = STR_NULL;
	while (at < rest->n && is_space(rest->p[at]))
		at++;
	if (at < rest->n && rest->p[at] == '=') {
		for (at++; at < rest->n && is_space(rest->p[at]);)
			at++;
		start = at;
		if (at < rest->n && strchr("\"'", rest->p[at])) {
			size_t close = str_find_byte(str_sub(*rest, at + 1, rest->n), rest->p[at]);

			at = close == STR_NONE ? rest->n : at + 1 + close;
			*value = str_sub(*rest, start + 1, at);
			at += at < rest->n;
		} else {
			while (at < rest->n && !is_space(rest->p[at]))
				at++;
			*value = str_sub(*rest, start, at);
		}
	}
	*rest = str_sub(*rest, at, rest->n);
	return true;
}

str html_attribute(str attributes, const char *name, bool *found)
{
	str key, value;

	*found = true;
	while (next_attribute(&attributes, &key, &value))
		if (str_eq_nocase(key, str_from(name)))
			return value;
	*found = false;
	return STR_NULL;
}
