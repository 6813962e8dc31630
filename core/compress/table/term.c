#include "core/compress/table/term.h"

enum { TERM_MIN = 3 };

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '_' || c == '.' || c == ':' || c == '/' || (unsigned char)c >= 0x80;
}

void terms_find(struct terms *t, str query)
{
	t->n = 0;
	for (size_t i = 0; i < query.n && t->n < TERMS_MAX;) {
		size_t from = i;
		str word;

		while (i < query.n && is_word(query.p[i]))
			i++;
		word = str_sub(query, from, i);
		while (word.n && strchr(".:", word.p[word.n - 1]))
			word.n--;
		if (word.n >= TERM_MIN)
			t->v[t->n++] = word;
		i += i == from;
	}
}

/* Letters and digits: what stands beside them is a part of the word, or a sign. */
static bool goes_on(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

static bool has_term(str text, str term)
{
	for (size_t at = 0; at + term.n <= text.n;) {
		size_t found = str_find(str_sub(text, at, text.n), term), end;

		if (found == STR_NONE)
			return false;
		at += found;
		end = at + term.n;
		if (!(at && goes_on(text.p[at - 1])) && !(end < text.n && goes_on(text.p[end])))
			return true;
		at = end;
	}
	return false;
}

unsigned terms_in(const struct terms *t, str text)
{
	unsigned set = 0;

	for (size_t i = 0; i < t->n; i++)
		set |= (unsigned)has_term(text, t->v[i]) << i;
	return set;
}
