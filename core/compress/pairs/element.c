#include "core/compress/pairs/element.h"

#include <stdio.h>

#include "core/compress/table/cell.h"

enum {
	NAMES_MAX = 48,  /* of elements in one, without those that follow their like */
	AGAIN_SHARE = 4, /* times the text that may be read again, in elements of another layout */
};

struct reader {
	str text;
	size_t at;
	struct buf *json;
	struct xml_style *style;
	bool has_style,
		has_slash; /* a first element within another, a first empty one, has told it */
	size_t again;      /* bytes that were read again */
};

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == ':' || c == '.' || c == '-' || (unsigned char)c >= 0x80;
}

size_t element_name(str s)
{
	size_t n = 0;

	if (!s.n || (*s.p >= '0' && *s.p <= '9') || *s.p == '-' || *s.p == '.')
		return 0;
	while (n < s.n && is_name(s.p[n]))
		n++;
	return n;
}

static str rest(const struct reader *r)
{
	return str_sub(r->text, r->at, r->text.n);
}

static bool take(struct reader *r, str what)
{
	if (!str_starts(rest(r), what))
		return false;
	r->at += what.n;
	return true;
}

/* To the sign behind the next what; false when there is none. */
static bool pass(struct reader *r, str what)
{
	size_t n = str_find(rest(r), what);

	if (n == STR_NONE)
		return false;
	r->at += n + what.n;
	return true;
}

/* "</name>" */
static bool take_end(struct reader *r, str name)
{
	size_t at = r->at;

	if (take(r, STR("</")) && take(r, name) && take(r, STR(">")))
		return true;
	r->at = at;
	return false;
}

/* ---- white space between elements ---- */

/* What stands between tags from here on: nothing, or a line end and what is before the next tag. */
static size_t gap(const struct reader *r)
{
	size_t n = 0;
	str s = rest(r);

	if (!s.n || *s.p != '\n')
		return 0;
	for (n = 1; n < s.n && (s.p[n] == ' ' || s.p[n] == '\t');)
		n++;
	return n;
}

static bool is_fill(str s, char fill)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != fill)
			return false;
	return true;
}

/* Passes the white space before a tag of that depth; false where it is laid out in another way. The first one, which is
 * within the root, tells. */
static bool take_gap(struct reader *r, unsigned depth)
{
	struct xml_style *s = r->style;
	size_t n = gap(r);
	str blanks = n ? str_sub(rest(r), 1, n) : STR_NULL;

	if (!r->has_style) {
		r->has_style = true;
		s->is_flat = !n;
		s->fill = blanks.n ? *blanks.p : ' ';
		s->indent = (unsigned)(blanks.n / depth);
		if (s->indent > ELEMENT_INDENT_MAX)
			return false;
	}
	if (s->is_flat ? n
		       : !n || blanks.n != (size_t)s->indent * depth || !is_fill(blanks, s->fill))
		return false;
	r->at += n;
	return true;
}

/* ---- elements as they are ---- */

/* To the end of a tag's attributes; *is_empty: "/>". */
static bool pass_tag(struct reader *r, bool *is_empty)
{
	char quote = '\0';

	for (; r->at < r->text.n; r->at++) {
		char c = r->text.p[r->at];

		if (quote) {
			quote = c == quote ? '\0' : quote;
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '>') {
			*is_empty = r->text.p[r->at - 1] == '/';
			r->at++;
			return true;
		}
	}
	return false;
}

/* From within an element to its end tag, which is not passed. */
static bool pass_inner(struct reader *r)
{
	for (unsigned depth = 0;;) {
		size_t n = str_find_byte(rest(r), '<');
		bool is_empty;

		if (n == STR_NONE)
			return false;
		r->at += n;
		if (take(r, STR("<!--"))) {
			if (!pass(r, STR("-->")))
				return false;
		} else if (take(r, STR("<![CDATA["))) {
			if (!pass(r, STR("]]>")))
				return false;
		} else if (str_starts(rest(r), STR("</"))) {
			if (!depth)
				return true;
			depth--;
			r->at++;
		} else {
			r->at++;
			if (!pass_tag(r, &is_empty))
				return false;
			depth += !is_empty;
		}
	}
}

/* ---- elements as values ---- */

static void add_key(struct reader *r, const char *sign, str name, unsigned again)
{
	char place[16];
	struct buf *b = r->json;
	int n = again ? snprintf(place, sizeof place, "#%u", again + 1) : 0;

	/* Neither has what JSON would escape. */
	buf_add_byte(b, '"');
	buf_add_c(b, sign);
	buf_add(b, name);
	buf_add(b, (str){place, (size_t)n});
	buf_add_c(b, "\":");
}

static void add_text(struct reader *r, str text)
{
	if (cell_is_scalar(text) && !str_eq(text, STR("null")))
		buf_add(r->json, text);
	else
		buf_add_json_string(r->json, text);
}

/* Names of what is in an element. */
struct names {
	str v[NAMES_MAX];
	unsigned n, notes_n, again[NAMES_MAX];
};

/* How often that name was there, apart from where it followed itself. False when there are too many. */
static bool count_name(struct names *all, str name, unsigned *again)
{
	unsigned i = 0;

	while (i < all->n && !str_eq(all->v[i], name))
		i++;
	if (i == NAMES_MAX)
		return false;
	if (i == all->n) {
		all->v[all->n] = name;
		all->again[all->n++] = 0;
	}
	*again = all->again[i]++;
	return true;
}

/* ` name="value"`, of which the name may not occur twice. */
static bool read_attributes(struct reader *r, struct names *all)
{
	while (r->at + 1 < r->text.n && r->text.p[r->at] == ' ' && r->text.p[r->at + 1] != '/') {
		unsigned again;
		size_t n;
		str name;

		r->at++;
		name = str_sub(rest(r), 0, element_name(rest(r)));
		r->at += name.n;
		if (!name.n || !take(r, STR("=\"")) || !count_name(all, name, &again) || again)
			return false;
		n = str_find_byte(rest(r), '"');
		if (n == STR_NONE)
			return false;
		buf_add_byte(r->json, all->n > 1 ? ',' : '{');
		add_key(r, ELEMENT_ATTRIBUTE, name, 0);
		add_text(r, str_sub(rest(r), 0, n));
		r->at += n + 1;
	}
	return true;
}

/* "/>" or " />"; false for another end of the tag than the first such element had. */
static bool take_slash(struct reader *r)
{
	bool has_blank = r->at < r->text.n && r->text.p[r->at] == ' ';

	if (!r->has_slash)
		r->style->has_blank_slash = has_blank;
	r->has_slash = true;
	return has_blank == r->style->has_blank_slash &&
	       take(r, has_blank ? STR(" />") : STR("/>"));
}

static bool read_element(struct reader *r, unsigned depth);

/* A comment, as it is. */
static bool read_note(struct reader *r, struct names *all)
{
	size_t from = r->at;

	if (!pass(r, STR("-->")))
		return false;
	add_key(r, ELEMENT_NOTE, STR_NULL, 0);
	r->json->n -= 2;
	if (all->notes_n++)
		buf_add_u64(r->json, all->notes_n);
	buf_add_c(r->json, "\":");
	buf_add_json_string(r->json, str_sub(r->text, from, r->at));
	return true;
}

/* Puts a '[' before what stands from start on. */
static void open_list(struct buf *b, size_t start)
{
	buf_add_byte(b, '[');
	if (b->err != E_OK)
		return;
	memmove(b->p + start + 1, b->p + start, b->n - 1 - start);
	b->p[start] = '[';
}

static str next_name(const struct reader *r)
{
	str s = rest(r);

	return s.n && *s.p == '<' ? str_sub(s, 1, 1 + element_name(str_sub(s, 1, s.n))) : STR_NULL;
}

/* Elements of one name, one after the other, as a value or a list. */
static bool read_like(struct reader *r, str name, unsigned depth)
{
	size_t start = r->json->n;
	unsigned n = 0;

	for (;; n++) {
		size_t before = r->at;

		if (n && (!take_gap(r, depth) || !str_eq(next_name(r), name))) {
			r->at = before;
			break;
		}
		if (n == 1)
			open_list(r->json, start);
		if (n)
			buf_add_byte(r->json, ',');
		if (!read_element(r, depth))
			return false;
	}
	if (n > 1)
		buf_add_byte(r->json, ']');
	return true;
}

/* Elements and comments up to the end tag; is_first: the object has no member yet. False for another layout. */
static bool read_children(struct reader *r, str parent, unsigned depth, bool is_first)
{
	struct names all = {.n = 0};

	for (bool has_one = false;; has_one = true) {
		size_t before = r->at;
		unsigned again;
		str name;

		if (has_one && take_gap(r, depth) && take_end(r, parent))
			break;
		r->at = before;
		if (!take_gap(r, depth + 1))
			return false;
		buf_add_byte(r->json, is_first && !has_one ? '{' : ',');
		if (str_starts(rest(r), STR("<!--"))) {
			if (!read_note(r, &all))
				return false;
			continue;
		}
		name = next_name(r);
		if (!name.n || !count_name(&all, name, &again))
			return false;
		add_key(r, "", name, again);
		if (!read_like(r, name, depth + 1))
			return false;
	}
	buf_add_byte(r->json, '}');
	return r->json->err == E_OK;
}

/* What stands between the tags, as text. */
static bool add_inner(struct reader *r, str name, size_t from, bool has_attributes)
{
	if (has_attributes) {
		buf_add_byte(r->json, ',');
		add_key(r, ELEMENT_TEXT, STR_NULL, 0);
	}
	add_text(r, str_sub(r->text, from, r->at));
	if (has_attributes)
		buf_add_byte(r->json, '}');
	return take_end(r, name);
}

/* The content of an element of that depth behind its start tag, and the end tag. */
static bool read_content(struct reader *r, str name, unsigned depth, bool has_attributes)
{
	size_t from = r->at, json = r->json->n, n = str_find_byte(rest(r), '<');
	struct reader before = *r;
	struct xml_style style = *r->style;

	if (n == STR_NONE)
		return false;
	r->at += n;
	if (str_starts(rest(r), STR("</")))
		return add_inner(r, name, from, has_attributes);
	r->at = from;
	if (depth + 1 < ELEMENT_DEPTH_MAX && read_children(r, name, depth, !has_attributes))
		return true;
	before.again = r->again + (r->at - from);
	*r = before;
	*r->style = style;
	r->json->n = json;
	if (r->again / AGAIN_SHARE > r->text.n || !pass_inner(r))
		return false;
	r->again += r->at - from;
	return add_inner(r, name, from, has_attributes);
}

/* An element of that depth, which begins here. */
static bool read_element(struct reader *r, unsigned depth)
{
	struct names attributes = {.n = 0};
	str name = next_name(r);

	if (!name.n)
		return false;
	r->at += 1 + name.n;
	if (!read_attributes(r, &attributes))
		return false;
	if (take(r, STR(">")))
		return read_content(r, name, depth, attributes.n > 0);
	if (!take_slash(r))
		return false;
	buf_add_c(r->json, attributes.n ? "}" : "null");
	return r->json->err == E_OK;
}

bool element_read(str text, struct xml_style *style, struct buf *json, size_t *end)
{
	struct reader r = {.text = text, .json = json, .style = style};
	str name = next_name(&r);

	*style = (struct xml_style){.fill = ' '};
	if (!name.n)
		return false;
	add_key(&r, "", name, 0);
	if (!read_element(&r, 0))
		return false;
	*end = r.at;
	return json->err == E_OK;
}
