/* What the user wants, in the user's own words: whole sentences, so that no "never" is lost. Only what is said as a rule counts at
 * once; an instruction for the present task must come back in another session. */
#include "core/base/hash.h"
#include "learn/pattern.h"

enum {
	LINES_MAX = 15, /* a longer text is pasted, or a template */
	BYTES_MAX = 3000,
	TASK_MAX = 240,
	ALONE_MAX = 60, /* bytes beside a sentence that people may say twice in the same words */
	SENTENCE_MIN = 12,
	SENTENCE_MAX = 200,
	LEADS_MAX = 4, /* words like "ok, please" before a sentence */
};

/* What a sentence begins with, in lower case. */
static const char *const RULES[] = {"always ", "never ", "from now on", "going forward",
	"ask me first", "ask me before ", "remember to ", "remember that ", "don't ever ",
	"do not ever ", "you should always ", "you should never ", "you must always ",
	"you must never ", "we always ", "we never ", "make sure to always ", "in this project,",
	"in this repo,", "in this repository,", "in this codebase,"};
static const char *const WISHES[] = {"don't ", "dont ", "do not ", "stop ", "avoid ", "prefer ",
	"use ", "you should ", "you must ", "no need to ", "make sure ", "i prefer ",
	"i want you to ", "keep "};
/* The same within a sentence. */
static const char *const REMINDERS[] = {" remind you to always ", " remind you to never ",
	" remind you not to ", " want you to always ", " want you to never ", " ask me first",
	" ask me before ", " check with me before ", " check with me first"};
/* These are no wishes of that kind. */
static const char *const NOT[] = {"never mind", "never seen", "never been", "never heard",
	"never had", "never worked", "always wanted", "always been", "always had", "always fails",
	"don't worry", "dont worry", "do not worry", "don't you", "don't know", "don't think",
	"don't see", "don't get", "don't have", "don't understand", "stop here", "stop it",
	"stop there", "use case", "remember when", "you should see", "you should have",
	"you should be", "you should get", "keep going", "keep it up", "use that", "use this",
	"use it", "do not have", "do not see"};
/* What is passed over at the beginning. */
static const char *const LEADS[] = {"please ", "please, ", "ok ", "ok, ", "okay, ", "no, ", "no. ",
	"and ", "but ", "also ", "also, ", "so ", "so, ", "again, ", "again: ", "hey, ", "well, ",
	"yes, ", "note: ", "important: ", "just ", "- ", "* ", "actually, ", "actually "};
/* Said for now, and not for ever. */
static const char *const PASSING[] = {" yet", "for now", "right now", "this time", "today",
	"at the moment", "this one", " that one", "for this ", "these ", " above", " below"};

/* What makes a wish a lasting one and says nothing else. */
static const char *const LASTING[] = {
	"from now on, ", "from now on ", "going forward, ", "going forward "};

enum strength { NOTHING, WISH, RULE };

static bool begins(str s, const char *const *words, size_t n, size_t *bytes)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = strlen(words[i]);

		if (s.n < k || text_find_nocase(str_sub(s, 0, k), words[i]) != 0)
			continue;
		*bytes = k;
		return true;
	}
	return false;
}

static bool has_any(str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_has_nocase(s, words[i]))
			return true;
	return false;
}

static enum strength strength_of(str s)
{
	size_t bytes;

	if (begins(s, NOT, ARRAY_N(NOT), &bytes))
		return NOTHING;
	if (begins(s, RULES, ARRAY_N(RULES), &bytes))
		return has_any(s, PASSING, ARRAY_N(PASSING)) ? WISH : RULE;
	if (has_any(s, REMINDERS, ARRAY_N(REMINDERS)))
		return has_any(s, PASSING, ARRAY_N(PASSING)) ? WISH : RULE;
	if (begins(s, WISHES, ARRAY_N(WISHES), &bytes))
		return WISH;
	return text_has_nocase(s, " instead of ") ? WISH : NOTHING;
}

/* The end of the sentence at the start of s, in *next where the one behind it begins; a dot within a word ends none. */
static str sentence_of(str s, size_t *next)
{
	size_t at = 0;

	while (at < s.n && s.p[at] != '\n') {
		bool is_end = at + 1 == s.n || text_is_space(s.p[at + 1]);

		if (strchr(".!?;", s.p[at]) && is_end) {
			*next = at + 1;
			return str_trim(str_sub(s, 0, at + 1));
		}
		at++;
	}
	*next = at < s.n ? at + 1 : at;
	return str_trim(str_sub(s, 0, at));
}

static str key_of(str s, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, SENTENCE_MAX + 1);
	for (size_t i = 0; i < s.n; i++) {
		char c = text_lower(s.p[i]);

		if (text_is_word(c) || (unsigned char)c >= 0x80)
			buf_add_byte(&b, c);
		else if (c != '\'' && b.n && b.p[b.n - 1] != ' ')
			buf_add_byte(&b, ' ');
	}
	return str_trim(buf_str(&b));
}

static str without_lasting(str s)
{
	size_t bytes = 0;

	(void)begins(s, LASTING, ARRAY_N(LASTING), &bytes);
	return str_sub(s, bytes, s.n);
}

static void see(const struct said *said, str s, enum strength strength)
{
	struct sighting x = {.kind = RULE_PREFERENCE,
		.key = key_of(without_lasting(s), said->scratch),
		.message = said->text.n > s.n + ALONE_MAX ? hash64(said->text) : 0,
		.evidence_min = strength == RULE ? 1 : 2,
		/* Who interrupts to say so means it. */
		.sessions_min = strength == RULE || said->is_after_interruption ? 1 : 2};
	struct buf b;

	buf_init_arena(&b, said->scratch, LIMIT_ERR_TEXT);
	if (!text_add_plain(&b, s, SENTENCE_MAX) || b.err)
		return;
	if (b.p[0] >= 'a' && b.p[0] <= 'z')
		b.p[0] = (char)(b.p[0] - ('a' - 'A'));
	x.text = buf_str(&b);
	x.seen = session_sighting_said(said->s, said->text);
	project_see(said->s->project, &x, said->s->hash, said->at_ms);
}

static void look_at(const struct said *said, str s)
{
	enum strength strength;
	size_t bytes;

	for (int i = 0; i < LEADS_MAX && begins(s, LEADS, ARRAY_N(LEADS), &bytes); i++)
		s = str_trim(str_sub(s, bytes, s.n));
	/* A question, a heading, a quotation and a template are no wishes. */
	if (s.n < SENTENCE_MIN || s.n > SENTENCE_MAX || s.p[s.n - 1] == '?' ||
		s.p[s.n - 1] == ':' || strchr("\"'`>#|{[<", s.p[0]) ||
		str_find(s, STR("${")) != STR_NONE || str_find(s, STR("{{")) != STR_NONE)
		return;
	strength = strength_of(s);
	if (strength != NOTHING)
		see(said, s, strength);
}

/* The first message of a session is the task: a long one is a template as often as not. */
static bool is_task(const struct said *said)
{
	return said->s->turn <= 1 && said->text.n > TASK_MAX;
}

static bool is_spoken(str text)
{
	size_t lines = 1;

	if (str_starts(text, STR("Caveat: ")))
		return false;
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	return lines <= LINES_MAX && text.n <= BYTES_MAX && text.n && text.p[0] != '<' &&
	       text.p[0] != '/' && text.p[0] != '{';
}

void pattern_preference(const struct said *said)
{
	str rest = said->text;
	bool is_code = false;

	if (!is_spoken(rest) || is_task(said))
		return;
	while (rest.n) {
		size_t next;
		str s;

		if (str_starts(str_trim(rest), STR("```"))) {
			is_code = !is_code;
			/* From the fence itself: white space before it may hold the newline. */
			rest = str_trim(rest);
			next = str_find_byte(rest, '\n');
			rest = next == STR_NONE ? STR_NULL : str_sub(rest, next + 1, rest.n);
			continue;
		}
		s = sentence_of(rest, &next);
		rest = str_sub(rest, next, rest.n);
		if (!is_code)
			look_at(said, s);
	}
}
