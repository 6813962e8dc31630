#include "core/compress/search/style.h"

static const struct {
	unsigned bit;
	str words;
} phrases[] = {
#define X(name, words) {SEARCH_##name, {words, sizeof(words) - 1}},
	SEARCH_STYLES(X)
#undef X
};

static void add_count(struct buf *b, uint64_t n, const char *what)
{
	buf_add_u64(b, n);
	buf_add_byte(b, ' ');
	buf_add_c(b, what);
	if (n != 1)
		buf_add_c(b, str_ends(str_from(what), STR("ch")) ? "es" : "s");
}

static void add_counts(struct buf *b, const struct search_head *h)
{
	if (h->style & SEARCH_LIST) {
		add_count(b, h->lines, "path");
		return;
	}
	add_count(b, h->lines, "line");
	if (h->style & (SEARCH_CONTEXT | SEARCH_BARE)) {
		buf_add_c(b, ", ");
		add_count(b, h->matches, "match");
	}
	if (!(h->style & SEARCH_PATHLESS)) {
		buf_add_c(b, " in ");
		add_count(b, h->files, "file");
	}
}

void search_head_write(struct buf *b, const struct search_head *h)
{
	add_counts(b, h);
	for (size_t i = 0; i < ARRAY_N(phrases); i++) {
		if (!(h->style & phrases[i].bit) || !phrases[i].words.n)
			continue;
		buf_add_c(b, "; ");
		buf_add(b, phrases[i].words);
	}
}

static bool take_word(str *s, const char *one)
{
	if (!str_take(s, str_from(one)))
		return false;
	(void)(str_take(s, STR("es")) || str_take(s, STR("s")));
	return true;
}

/* Loosely: plural or not. */
static bool take_counts(str *s, struct search_head *h)
{
	if (!str_take_u64(s, UINT64_MAX, &h->lines))
		return false;
	if (take_word(s, " path")) {
		h->style |= SEARCH_LIST;
		return true;
	}
	if (!take_word(s, " line"))
		return false;
	if (str_take(s, STR(", "))) {
		h->style |= SEARCH_CONTEXT;
		if (!str_take_u64(s, UINT64_MAX, &h->matches) || !take_word(s, " match"))
			return false;
	}
	if (!str_take(s, STR(" in "))) {
		h->style |= SEARCH_PATHLESS;
		return true;
	}
	return str_take_u64(s, UINT64_MAX, &h->files) && take_word(s, " file");
}

bool search_head_parse(str words, struct search_head *out)
{
	str rest = words;

	*out = (struct search_head){0};
	if (!take_counts(&rest, out))
		return false;
	for (size_t i = 0; i < ARRAY_N(phrases); i++) {
		str later = rest;

		if (!phrases[i].words.n || !str_take(&later, STR("; ")) ||
			!str_take(&later, phrases[i].words) || (later.n && *later.p != ';'))
			continue;
		out->style |= phrases[i].bit;
		rest = later;
	}
	if (out->style & SEARCH_BARE)
		out->style &= ~(unsigned)SEARCH_CONTEXT;
	return rest.n == 0;
}
