#include "core/engine/go_ahead.h"

#include <string.h>

#include "core/base/attr.h"

enum {
	/* Bytes: who needs more says something. */
	SAID_MAX = 120,
};

/* Each is a message of its own, and several may follow one another. */
static const char *const PHRASES[] = {
	/* leave to go on */
	"continue",
	"go on",
	"go ahead",
	"go for it",
	"go",
	"carry on",
	"keep going",
	"keep it up",
	"move on",
	"proceed",
	"resume",
	"next",
	"next step",
	"the next step",
	"do it",
	"do that",
	"do this",
	"do so",
	"do both",
	"do all of it",
	"make it so",
	/* assent */
	"y",
	"yes",
	"yep",
	"yeah",
	"yup",
	"ok",
	"okay",
	"k",
	"sure",
	"right",
	"correct",
	"exactly",
	"agreed",
	"i agree",
	"approved",
	"of course",
	"absolutely",
	"definitely",
	"sounds good",
	"sounds great",
	"looks good",
	"looks great",
	"looks good to me",
	"sounds good to me",
	"lgtm",
	"that works",
	"works for me",
	"all good",
	"fine",
	"fine by me",
	"thats fine",
	"thats right",
	"thats correct",
	/* thanks */
	"good",
	"great",
	"nice",
	"cool",
	"perfect",
	"awesome",
	"excellent",
	"wonderful",
	"good job",
	"great job",
	"nice work",
	"good work",
	"great work",
	"well done",
	"thanks",
	"thank you",
	"thanks a lot",
	"thank you very much",
	"many thanks",
	"thx",
	"ty",
	/* to put away what is done */
	"commit",
	"commit it",
	"commit this",
	"commit that",
	"commit them",
	"commit all",
	"commit everything",
	"commit the changes",
	"commit these changes",
	"commit your changes",
	"commit and push",
	"push",
	"push it",
	"ship it",
	"merge it",
	"save it",
};

/* May stand beside those, and are nothing by themselves. */
static const char *const FILLERS[] = {
	"please",
	"pls",
	"and",
	"then",
	"now",
	"so",
	"just",
	"you can",
	"lets",
	"with it",
	"with that",
	"with this",
	"with the next step",
	"to the next step",
	"from where you left off",
	"where you left off",
	"as planned",
	"as you suggested",
	"as proposed",
};

/* Small letters, one blank between words, apostrophes taken out; false: there is something that no phrase has. */
static bool normalize(str said, char out[SAID_MAX], size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < said.n; i++) {
		char c = said.p[i], lower = (char)(c | 0x20);

		if (lower >= 'a' && lower <= 'z')
			out[(*n)++] = lower;
		else if (c == ' ' || c == '\n' || c == '\r' || c == '\t' || strchr(",.!;:-", c)) {
			if (*n && out[*n - 1] != ' ')
				out[(*n)++] = ' ';
		} else if (c != '\'')
			return false;
	}
	if (*n && out[*n - 1] == ' ')
		--*n;
	return *n > 0;
}

/* s without the words at its beginning. */
static bool take_words(str *s, const char *words)
{
	str rest = *s;

	if (!str_take(&rest, str_from(words)) || (rest.n && *rest.p != ' '))
		return false;
	if (rest.n)
		rest = str_sub(rest, 1, rest.n);
	*s = rest;
	return true;
}

/* The longest that s begins with; its length, 0: none. */
static size_t longest(str s, const char *const *v, size_t n)
{
	size_t best = 0;

	for (size_t i = 0; i < n; i++) {
		str rest = s;

		if (take_words(&rest, v[i]) && s.n - rest.n > best)
			best = s.n - rest.n;
	}
	return best;
}

bool go_ahead_is(str said)
{
	char text[SAID_MAX];
	bool has_phrase = false;
	size_t n;
	str s;

	said = str_trim(said);
	if (said.n > SAID_MAX || !normalize(said, text, &n))
		return false;
	s = (str){text, n};
	while (s.n) {
		size_t phrase = longest(s, PHRASES, ARRAY_N(PHRASES));
		size_t filler = longest(s, FILLERS, ARRAY_N(FILLERS));

		if (!phrase && !filler)
			return false;
		has_phrase |= phrase >= filler;
		s = str_sub(s, phrase > filler ? phrase : filler, s.n);
	}
	return has_phrase;
}
