#include "core/compress/prose/word.h"

#include <string.h>

enum { WORD_LISTED_MAX = 10 }; /* "deprecated" */

static bool is_word_byte(unsigned char c)
{
	return word_is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '\'';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Words by their first letter, each between blanks. */
typedef const char *const word_list[26];

static bool is_listed(word_list list, str word)
{
	const char *p;
	char lower[WORD_LISTED_MAX];

	if (!word.n || word.n > WORD_LISTED_MAX)
		return false;
	for (size_t i = 0; i < word.n; i++)
		lower[i] = is_upper(word.p[i]) ? (char)(word.p[i] | 0x20) : word.p[i];
	if (*lower < 'a' || *lower > 'z' || !list[*lower - 'a'])
		return false;
	for (p = list[*lower - 'a']; *p;) {
		size_t n = strcspn(p, " ");

		if (n == word.n && memcmp(p, lower, n) == 0)
			return true;
		p += n + (p[n] == ' ');
	}
	return false;
}

#define AT(letter) [letter - 'a']

/* Words without which a sentence says the opposite, or promises what it does not. */
static bool is_negation(str word)
{
	static word_list all = {AT('a') = "avoid", AT('c') = "cannot", AT('d') = "deprecated",
		AT('e') = "except error", AT('f') = "failed", AT('h') = "hardly", AT('m') = "must",
		AT('n') = "not no never none nothing nobody nor neither nowhere", AT('o') = "only",
		AT('u') = "unless", AT('w') = "without warning"};

	if (word.n > 3 && str_eq_nocase(str_sub(word, word.n - 3, word.n), STR("n't")))
		return true;
	return is_listed(all, word);
}

bool word_is_common(str word)
{
	static word_list all = {AT('a') = "a an and are as at also any all about",
		AT('b') = "be been by but", AT('c') = "can", AT('d') = "do does", AT('e') = "each",
		AT('f') = "for from", AT('h') = "he his her have has had how here",
		AT('i') = "i in is it its if into", AT('j') = "just", AT('m') = "my me more most",
		AT('o') = "of on or our other over out", AT('s') = "she so should some such",
		AT('t') = "the to this that these those they their then than there", AT('u') = "up",
		AT('v') = "very", AT('w') = "was were with we will would which who what when where",
		AT('y') = "you your"};

	return is_listed(all, word);
}

#undef AT

static bool is_named(str word)
{
	size_t capitals = 0;

	for (size_t i = 0; i < word.n; i++)
		capitals += is_upper(word.p[i]) || word.p[i] == '_';
	return capitals > 0;
}

/* What stands between two of that sign on one line; 0 when there is no second one. */
static size_t span_length(str text, char sign)
{
	for (size_t i = 1; i < text.n && text.p[i] != '\n'; i++)
		if (text.p[i] == sign)
			return i + 1;
	return 0;
}

/* Of an URL whose scheme has n bytes; 0: it is none. */
static size_t link_length(str text, size_t n)
{
	if (!str_starts(str_sub(text, n, text.n), STR("://")))
		return 0;
	for (n += 3; n < text.n && !strchr(" \t\r\n)>\"'", text.p[n]);)
		n++;
	return n;
}

static bool take_span(str *rest, size_t n, str *word, enum word_weight *weight)
{
	*word = str_sub(*rest, 0, n);
	*rest = str_sub(*rest, n, rest->n);
	*weight = WORD_ONCE;
	return true;
}

static enum word_weight weigh(str word, bool is_start)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] >= '0' && word.p[i] <= '9')
			return WORD_ALWAYS;
	if (is_negation(word))
		return WORD_ALWAYS;
	/* "I" is no name, nor is what begins a sentence, unless its capitals say more */
	if (word.n < 2 || !is_named(is_start ? str_sub(word, 1, word.n) : word))
		return WORD_FREE;
	return WORD_ONCE;
}

bool word_next(str *rest, bool *is_start, str *word, enum word_weight *weight)
{
	size_t at = 0, n = 0, link;

	for (; at < rest->n && !is_word_byte((unsigned char)rest->p[at]); at++) {
		str here = str_sub(*rest, at, rest->n);

		if (*here.p == '`' && (n = span_length(here, '`')) > 0) {
			*rest = here;
			*is_start = false;
			return take_span(rest, n, word, weight);
		}
		if (strchr(".!?:\n", *here.p))
			*is_start = true;
	}
	*rest = str_sub(*rest, at, rest->n);
	if (!rest->n)
		return false;
	while (n < rest->n && is_word_byte((unsigned char)rest->p[n]))
		n++;
	link = link_length(*rest, n);
	if (link) {
		*is_start = false;
		return take_span(rest, link, word, weight);
	}
	*word = str_sub(*rest, 0, n);
	*weight = weigh(*word, *is_start);
	*is_start = false;
	*rest = str_sub(*rest, n, rest->n);
	return true;
}
