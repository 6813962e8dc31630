#include "core/compress/table/gist_plain.h"

#include "core/base/buf.h"

enum { TAG_MAX = 1000 /* bytes of a tag, with what it says */ };

/* What stands in the place of a tag. */
enum instead { INSTEAD_NOTHING, INSTEAD_BLANK, INSTEAD_ITEM, INSTEAD_REFUSED, INSTEAD_TAG };

static const struct {
	str name;
	enum instead instead;
} tags[] = {
	{LIT("p"), INSTEAD_BLANK},
	{LIT("li"), INSTEAD_ITEM},
	{LIT("code"), INSTEAD_NOTHING},
	{LIT("a"), INSTEAD_NOTHING},
	{LIT("b"), INSTEAD_NOTHING},
	{LIT("i"), INSTEAD_NOTHING},
	{LIT("em"), INSTEAD_NOTHING},
	{LIT("strong"), INSTEAD_NOTHING},
	{LIT("span"), INSTEAD_NOTHING},
	{LIT("ul"), INSTEAD_BLANK},
	{LIT("ol"), INSTEAD_BLANK},
	{LIT("dl"), INSTEAD_BLANK},
	{LIT("dt"), INSTEAD_ITEM},
	{LIT("dd"), INSTEAD_BLANK},
	{LIT("br"), INSTEAD_BLANK},
	{LIT("div"), INSTEAD_BLANK},
	{LIT("note"), INSTEAD_BLANK},
	{LIT("important"), INSTEAD_BLANK},
	{LIT("caution"), INSTEAD_BLANK},
	{LIT("fullname"), INSTEAD_BLANK},
	{LIT("h1"), INSTEAD_BLANK},
	{LIT("h2"), INSTEAD_BLANK},
	{LIT("h3"), INSTEAD_BLANK},
	{LIT("h4"), INSTEAD_BLANK},
	{LIT("h5"), INSTEAD_BLANK},
	{LIT("h6"), INSTEAD_BLANK},
	{LIT("pre"), INSTEAD_REFUSED},
	{LIT("table"), INSTEAD_REFUSED},
	{LIT("script"), INSTEAD_REFUSED},
	{LIT("style"), INSTEAD_REFUSED},
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '1' && c <= '6');
}

/* The tag that begins at a '<', *n bytes; INSTEAD_TAG: none that is known. */
static enum instead tag_at(str text, size_t at, size_t *n)
{
	size_t end = at + TAG_MAX < text.n ? at + TAG_MAX : text.n, close;
	bool is_end = at + 1 < end && text.p[at + 1] == '/';
	size_t from = at + 1 + is_end, to = from;

	close = str_find_byte(str_sub(text, at, end), '>');
	if (close == STR_NONE)
		return INSTEAD_TAG;
	*n = close + 1;
	while (to < at + close && is_of_name(text.p[to]))
		to++;
	/* "<i>", "<br/>", "<a href=...>", "</p>" */
	if (to < at + close && !(!is_end && (is_blank(text.p[to]) || text.p[to] == '/')))
		return INSTEAD_TAG;
	for (size_t i = 0; i < ARRAY_N(tags); i++)
		if (str_eq_nocase(str_sub(text, from, to), tags[i].name))
			return is_end && tags[i].instead == INSTEAD_ITEM ? INSTEAD_BLANK
									 : tags[i].instead;
	return INSTEAD_TAG;
}

/* One blank, where there is none. */
static void part(struct buf *b)
{
	if (b->n && !is_blank(b->p[b->n - 1]))
		buf_add_byte(b, ' ');
}

bool gist_plain(str text, struct arena *a, str *out)
{
	bool is_behind = false; /* a tag */
	size_t tags_n = 0;
	struct buf b;

	if (str_find(text, STR("</")) == STR_NONE)
		return false;
	buf_init_arena(&b, a, text.n + 1);
	for (size_t at = 0, n = 0; at < text.n; at += n) {
		enum instead instead = text.p[at] == '<' ? tag_at(text, at, &n) : INSTEAD_TAG;

		if (instead == INSTEAD_REFUSED)
			return false;
		if (instead == INSTEAD_TAG) {
			n = 1;
			if (is_behind && is_blank(text.p[at]))
				part(&b);
			else
				buf_add_byte(&b, text.p[at]);
			is_behind &= is_blank(text.p[at]);
			continue;
		}
		tags_n++;
		is_behind = true;
		if (instead == INSTEAD_NOTHING)
			continue;
		part(&b);
		if (instead == INSTEAD_ITEM && !str_ends(buf_str(&b), STR("- ")))
			buf_add_c(&b, "- ");
	}
	*out = str_trim_right(buf_str(&b));
	return tags_n && !b.err;
}
