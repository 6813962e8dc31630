#include "core/memory/words.h"

#include <string.h>

#include "core/base/attr.h"

/* Words that say how a sentence is built and not what about: articles, pronouns, auxiliaries, prepositions and
 * the question words. Those of each length in a row. */
static const char *const EVERYWHERE[] = {
	"",
	"adimst",
	"amanasatbebydoheifinisitllmemynoofonorresotousvewe",
	"andanyarebutcandiddonforhadhasherhimhishowisnitsmaynotourshethetoowaswhowhyyou",
	"beendidndoesfromhavehereintojustsomethanthatthemthentheythiswerewhatwhenwillwithyour",
	"aboutbeingcoulddoesnmightshalltheirtherethesethosewherewhichwhosewould",
	"should",
};

static bool is_everywhere(str w)
{
	if (w.n >= ARRAY_N(EVERYWHERE))
		return false;
	for (const char *p = EVERYWHERE[w.n]; *p; p += w.n)
		if (*p == w.p[0] && memcmp(p, w.p, w.n) == 0)
			return true;
	return false;
}

static bool is_vowel(char c)
{
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

static bool ends(const struct memory_word *w, const char *suffix, size_t left_min)
{
	str s = str_from(suffix);

	return w->n >= s.n + left_min && str_ends(memory_word_str(w), s);
}

static bool has_vowel(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_vowel(p[i]) || p[i] == 'y')
			return true;
	return false;
}

static void cut_plural(struct memory_word *w)
{
	if (ends(w, "ies", 2)) {
		w->n -= 2;
		w->text[w->n - 1] = 'y';
	} else if (ends(w, "sses", 1)) {
		w->n -= 2;
	} else if (ends(w, "s", 3) && !ends(w, "ss", 0) && !ends(w, "us", 0) && !ends(w, "is", 0)) {
		w->n--;
	}
}

static void cut_tense(struct memory_word *w)
{
	size_t cut = ends(w, "ing", 3) ? 3 : ends(w, "ed", 3) ? 2 : 0;
	char last;

	if (!cut || !has_vowel(w->text, w->n - cut))
		return;
	w->n -= cut;
	last = w->text[w->n - 1];
	if (last == w->text[w->n - 2] && last != 'l' && last != 's' && last != 'z')
		w->n--; /* "running", not "falling" */
}

/* What makes another kind of word of the same thing; the longest first where one ends in another. */
static const char *const DERIVED[] = {
	"ly", "er", "or", "ion", "ment", "ness", "al", "ive", "est", "ist"};

static void cut_derived(struct memory_word *w)
{
	for (size_t i = 0; i < ARRAY_N(DERIVED); i++) {
		if (!ends(w, DERIVED[i], 4))
			continue;
		w->n -= strlen(DERIVED[i]);
		return;
	}
}

static void stem(struct memory_word *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->text[i] < 'a' || w->text[i] > 'z')
			return;
	cut_plural(w);
	cut_tense(w);
	if (ends(w, "e", 4))
		w->n--;
	cut_derived(w);
	if (ends(w, "y", 3))
		w->text[w->n - 1] = 'i';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_word(char c)
{
	return is_lower(c) || is_upper(c) || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* Bytes of the word at the beginning of s, up to a capital behind a small letter. */
static size_t word_bytes(str s)
{
	size_t n = 1;

	while (n < s.n && is_word(s.p[n]) && !(is_lower(s.p[n - 1]) && is_upper(s.p[n])))
		n++;
	return n;
}

bool memory_token_next(str *rest, struct memory_word *out)
{
	while (rest->n) {
		size_t n = 0;

		if (!is_word(rest->p[0])) {
			*rest = str_sub(*rest, 1, rest->n);
			continue;
		}
		n = word_bytes(*rest);
		out->n = n < MEMORY_WORD_MAX ? n : MEMORY_WORD_MAX;
		for (size_t i = 0; i < out->n; i++)
			out->text[i] = (char)(is_upper(rest->p[i]) ? rest->p[i] + 32 : rest->p[i]);
		*rest = str_sub(*rest, n, rest->n);
		if (!is_everywhere(memory_word_str(out)))
			return true;
	}
	return false;
}

bool memory_word_next(str *rest, struct memory_word *out)
{
	if (!memory_token_next(rest, out))
		return false;
	stem(out);
	return true;
}
