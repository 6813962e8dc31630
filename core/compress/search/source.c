#include "core/compress/search/source.h"

enum {
	PATH_MAX_N = 1024,
	NUMBER_DIGITS_MAX = 9,
	LOOK_AHEAD = 16, /* lines of context before a match: rg -C 10 and some */
	MISSES_MAX = 64, /* in a row: then paths are no longer looked for ahead */
};

str search_line(str text, size_t at, size_t *next)
{
	const char *p = text.p + at, *eol = memchr(p, '\n', text.n - at);
	size_t n = eol ? (size_t)(eol - p) : text.n - at;

	*next = at + n + (eol != NULL);
	return (str){p, n};
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool search_take_number(str *s, uint32_t *out)
{
	uint32_t v = 0;
	size_t n = 0;

	while (n < s->n && n <= NUMBER_DIGITS_MAX && is_digit(s->p[n]))
		v = v * 10 + (uint32_t)(s->p[n++] - '0');
	if (!n || n > NUMBER_DIGITS_MAX || *s->p == '0')
		return false;
	*out = v;
	*s = (str){s->p + n, s->n - n};
	return true;
}

/* "12:", "12-" and, with columns, "12:5:" with the body behind it. */
static bool take_position(unsigned style, str s, struct search_item *it)
{
	it->column = 0;
	if (!search_take_number(&s, &it->number) || !s.n || (*s.p != ':' && *s.p != '-'))
		return false;
	it->kind = *s.p == ':' ? SEARCH_ITEM_MATCH : SEARCH_ITEM_AROUND;
	s = (str){s.p + 1, s.n - 1};
	if ((style & SEARCH_COLUMN) && it->kind == SEARCH_ITEM_MATCH) {
		if (!search_take_number(&s, &it->column) || !s.n || *s.p != ':')
			return false;
		s = (str){s.p + 1, s.n - 1};
	}
	it->body = s;
	return true;
}

/* The same behind a path, with the sign of its end before it. */
static bool take_behind_path(unsigned style, str s, struct search_item *it)
{
	if (!s.n || (*s.p != ':' && *s.p != '-'))
		return false;
	if (style & SEARCH_NUMBERLESS) {
		it->kind = SEARCH_ITEM_MATCH;
		it->body = (str){s.p + 1, s.n - 1};
		return *s.p == ':' && !(s.n > 1 && s.p[1] == ':'); /* x.py::test of pytest */
	}
	return s.n > 2 && is_digit(s.p[1]) && take_position(style, (str){s.p + 1, s.n - 1}, it) &&
	       (*s.p == ':') == (it->kind == SEARCH_ITEM_MATCH);
}

static bool has_path_sign(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '/' || s.p[i] == '.' || s.p[i] == '\\')
			return true;
	return false;
}

bool search_is_path(str s)
{
	bool has_blank = false;

	if (!s.n || s.n > PATH_MAX_N || *s.p == '[' || *s.p == ' ' || *s.p == ':' || *s.p == '{')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < ' ')
			return false;
		has_blank |= s.p[i] == ' ';
	}
	if (has_blank && !memchr(s.p, '/', s.n) && !memchr(s.p, '\\', s.n))
		return false;
	return !is_digit(*s.p) || has_path_sign(s);
}

/* "C:\" and "C:/" hold no end of a path. */
static size_t drive_n(str s)
{
	char c = s.n > 2 ? (char)(*s.p | 0x20) : 0;

	return c >= 'a' && c <= 'z' && s.p[1] == ':' && (s.p[2] == '\\' || s.p[2] == '/') ? 2 : 0;
}

bool search_is_listed(str s)
{
	size_t colon = str_rfind_byte(s, ':');

	if (colon != STR_NONE && colon + 1 < s.n) {
		size_t i = colon + 1;

		while (i < s.n && is_digit(s.p[i]))
			i++;
		s.n = i == s.n ? colon : s.n;
	}
	if (!search_is_path(s) || str_find_byte(str_sub(s, drive_n(s), s.n), ':') != STR_NONE ||
		str_find_byte(s, ' ') != STR_NONE || !has_path_sign(s))
		return false;
	return str_find_byte(s, '/') != STR_NONE || str_find_byte(s, ',') == STR_NONE;
}

/* Without a number behind it only what nobody would take for a word. */
static bool is_path_of(unsigned style, str path)
{
	return style & SEARCH_NUMBERLESS ? search_is_listed(path) : search_is_path(path);
}

/* The first place from offset from on where a path can end with this sign; STR_NONE when there is none. */
static size_t path_end(unsigned style, str line, size_t from, char sign, struct search_item *it)
{
	for (size_t at = from; at < line.n; at++) {
		size_t found = str_find_byte((str){line.p + at, line.n - at}, sign);

		if (found == STR_NONE)
			return STR_NONE;
		at += found;
		if (at && take_behind_path(style, (str){line.p + at, line.n - at}, it) &&
			is_path_of(style, (str){line.p, at}))
			return at;
		if (style & SEARCH_NUMBERLESS)
			return STR_NONE;
	}
	return STR_NONE;
}

/* True when one of the next lines is a match in this file. */
static bool has_match_ahead(const struct search_source *s, str path)
{
	size_t at = s->at;
	struct search_item it;

	for (int i = 0; i < LOOK_AHEAD && at < s->text.n; i++) {
		str line = search_line(s->text, at, &at);

		if (!str_starts(line, path) ||
			!take_behind_path(s->style, str_sub(line, path.n, line.n), &it))
			return false;
		if (it.kind == SEARCH_ITEM_MATCH)
			return true;
	}
	return false;
}

/* Context that stands before the first match of its file: the path is known from that match. */
static bool take_before_match(
	struct search_source *s, str line, size_t colon, struct search_item *it)
{
	size_t end = colon == STR_NONE ? line.n : colon;

	if (s->misses >= MISSES_MAX || (s->style & SEARCH_NUMBERLESS))
		return false;
	for (size_t at = 0;;) {
		at = path_end(s->style & ~(unsigned)SEARCH_COLUMN, line, at, '-', it);
		if (at >= end) /* STR_NONE as well */
			return false;
		if (has_match_ahead(s, (str){line.p, at})) {
			s->path = (str){line.p, at};
			s->misses = 0;
			return true;
		}
		if (s->misses++ >= MISSES_MAX)
			return false;
		at++;
	}
}

static bool flat_line(struct search_source *s, str line, struct search_item *it)
{
	struct search_item match = {0};
	size_t colon;

	if (s->path.n && str_starts(line, s->path) &&
		take_behind_path(s->style, (str){line.p + s->path.n, line.n - s->path.n}, it))
		return true;
	colon = path_end(s->style, line, drive_n(line), ':', &match);
	if (take_before_match(s, line, colon, it))
		return true;
	if (colon == STR_NONE)
		return false;
	s->path = (str){line.p, colon};
	*it = match;
	return true;
}

/* A path alone on its line, and a result below it. */
static bool heading(struct search_source *s, str line, struct search_item *it)
{
	size_t next;

	if (!search_is_path(line) || take_position(s->style, line, it) || s->at >= s->text.n ||
		!take_position(s->style, search_line(s->text, s->at, &next), it))
		return false;
	s->path = line;
	s->at = next;
	it->is_heading = true;
	return true;
}

static bool heading_line(struct search_source *s, str line, struct search_item *it)
{
	if (line.n && is_digit(*line.p) && s->path.n && take_position(s->style, line, it))
		return true;
	if (!s->path.n)
		return heading(s, line, it);
	if (line.n || s->at >= s->text.n)
		return false;
	return heading(s, search_line(s->text, s->at, &s->at), it);
}

static bool json_line(struct search_source *s, str line, struct search_item *it)
{
	bool is_result = false;

	for (;;) {
		if (!search_json_line(line, s->arena, it, &is_result))
			return false;
		if (is_result)
			break;
		if (s->at >= s->text.n)
			return false;
		line = search_line(s->text, s->at, &s->at);
	}
	it->is_heading = !s->path.n || !str_eq(s->path, it->path);
	s->path = it->path;
	return true;
}

static bool next_line(struct search_source *s, struct search_item *it)
{
	size_t start = s->at;
	bool is_found = true;
	str line;

	if (start >= s->text.n)
		return false;
	*it = (struct search_item){0};
	line = search_line(s->text, start, &s->at);
	if (s->style & SEARCH_JSON) {
		is_found = json_line(s, line, it);
	} else if (line.n == 2 && memcmp(line.p, "--", 2) == 0) {
		it->kind = SEARCH_ITEM_GAP;
		return true;
	} else if (s->style & SEARCH_HEADING) {
		is_found = heading_line(s, line, it);
	} else if (s->style & SEARCH_PATHLESS) {
		is_found = take_position(s->style, line, it);
	} else if (!flat_line(s, line, it)) {
		*it = (struct search_item){.kind = SEARCH_ITEM_OTHER, .body = line};
		return true;
	}
	if (!is_found)
		s->at = start;
	it->path = s->path;
	it->nth = s->returned++;
	return is_found;
}

static void pass_over(struct search_source *s, const struct search_item *it)
{
	s->left++;
	s->left_end = s->at;
	if (str_eq(it->path, s->matched))
		return;
	s->is_lost |= s->around.n && !str_eq(it->path, s->around);
	s->around = it->path;
}

static bool next_bare(struct search_source *s, struct search_item *it)
{
	bool is_heading = false;

	while (next_line(s, it)) {
		is_heading |= it->is_heading;
		if (it->kind == SEARCH_ITEM_AROUND) {
			pass_over(s, it);
		} else if (it->kind == SEARCH_ITEM_MATCH) {
			s->is_lost |= s->around.n && !str_eq(it->path, s->around);
			s->around = STR_NULL;
			s->matched = it->path;
			it->is_heading = is_heading;
			return true;
		} else if (it->kind != SEARCH_ITEM_GAP) {
			return true;
		}
	}
	s->is_lost |= s->around.n > 0;
	return false;
}

bool search_next(struct search_source *s, struct search_item *it)
{
	return s->style & SEARCH_BARE ? next_bare(s, it) : next_line(s, it);
}

bool search_has_gap(unsigned style, const struct search_item *before, const struct search_item *it)
{
	if (before->kind != SEARCH_ITEM_MATCH && before->kind != SEARCH_ITEM_AROUND)
		return false;
	if (style & (SEARCH_HEADING | SEARCH_PATHLESS))
		return !it->is_heading && it->number != before->number + 1;
	return it->number != before->number + 1 || !str_eq(it->path, before->path);
}
