#include "core/compress/log/error.h"

#include "core/compress/log/line.h"

#include "core/base/attr.h"

enum {
	/* Bytes in which a level stands; messages that quote one come later. */
	LEVEL_REACH = 160,
	LONGEST_WORD = 16,
};

enum grade { GRADE_NONE, GRADE_FINE, GRADE_BAD };

struct word {
	str text;
	size_t at, end; /* in the line */
};

/* Lower case. Levels of syslog, log4j, Python, Apache, BGL, and what test runners say. */
static const struct level {
	str name;
	enum grade grade;
} levels[] = {
	{{"error", 5}, GRADE_BAD},
	{{"info", 4}, GRADE_FINE},
	{{"warn", 4}, GRADE_BAD},
	{{"warning", 7}, GRADE_BAD},
	{{"debug", 5}, GRADE_FINE},
	{{"trace", 5}, GRADE_FINE},
	{{"notice", 6}, GRADE_FINE},
	{{"fatal", 5}, GRADE_BAD},
	{{"critical", 8}, GRADE_BAD},
	{{"crit", 4}, GRADE_BAD},
	{{"err", 3}, GRADE_BAD},
	{{"severe", 6}, GRADE_BAD},
	{{"emerg", 5}, GRADE_BAD},
	{{"alert", 5}, GRADE_BAD},
	{{"panic", 5}, GRADE_BAD},
	{{"failure", 7}, GRADE_BAD},
	{{"failed", 6}, GRADE_BAD},
	{{"verbose", 7}, GRADE_FINE},
	{{"fine", 4}, GRADE_FINE},
	{{"finer", 5}, GRADE_FINE},
	{{"finest", 6}, GRADE_FINE},
	{{"config", 6}, GRADE_FINE},
	{{"pass", 4}, GRADE_FINE},
	{{"passed", 6}, GRADE_FINE},
};

/* Lower case. Strong: it counts on a line of a fine level too; mild: never there; others: in capitals, or before a
 * colon. */
struct cue {
	str name;
	bool is_strong, is_mild;
};

static const struct cue a_cues[] = {
	{LIT("abort"), false, false},
	{LIT("aborted"), false, false},
	{LIT("aborting"), false, false},
};

static const struct cue c_cues[] = {
	{LIT("crash"), false, false},
	{LIT("crashed"), true, false},
	{LIT("critical"), false, false},
	{LIT("corrupt"), false, false},
	{LIT("corrupted"), false, false},
};

static const struct cue d_cues[] = {
	{LIT("denied"), false, false},
};

static const struct cue e_cues[] = {
	{LIT("error"), false, false},
	{LIT("errors"), false, false},
	{LIT("exception"), true, false},
	{LIT("exceptions"), false, false},
};

static const struct cue f_cues[] = {
	{LIT("fail"), false, false},
	{LIT("failed"), false, false},
	{LIT("fails"), false, false},
	{LIT("failure"), false, false},
	{LIT("failures"), false, false},
	{LIT("fatal"), true, false},
};

static const struct cue p_cues[] = {
	{LIT("panic"), true, false},
	{LIT("panicked"), true, false},
};

static const struct cue r_cues[] = {
	{LIT("refused"), false, false},
};

static const struct cue s_cues[] = {
	{LIT("segfault"), true, false},
};

static const struct cue t_cues[] = {
	{LIT("traceback"), true, false},
	{LIT("timeout"), false, false},
};

static const struct cue u_cues[] = {
	{LIT("unexpected"), false, false},
};

static const struct cue w_cues[] = {
	{LIT("warning"), false, true},
	{LIT("warnings"), false, true},
};

/* By the lower bits of the letter that they begin with. */
static const struct {
	const struct cue *v;
	size_t n;
} cues[32] = {
	['a' & 31] = {a_cues, ARRAY_N(a_cues)},
	['c' & 31] = {c_cues, ARRAY_N(c_cues)},
	['d' & 31] = {d_cues, ARRAY_N(d_cues)},
	['e' & 31] = {e_cues, ARRAY_N(e_cues)},
	['f' & 31] = {f_cues, ARRAY_N(f_cues)},
	['p' & 31] = {p_cues, ARRAY_N(p_cues)},
	['r' & 31] = {r_cues, ARRAY_N(r_cues)},
	['s' & 31] = {s_cues, ARRAY_N(s_cues)},
	['t' & 31] = {t_cues, ARRAY_N(t_cues)},
	['u' & 31] = {u_cues, ARRAY_N(u_cues)},
	['w' & 31] = {w_cues, ARRAY_N(w_cues)},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static const bool word_bytes[256] = {['a' ... 'z'] = true,
	['A' ... 'Z'] = true,
	['0' ... '9'] = true,
	['_'] = true,
	[0x80 ... 0xff] = true};

static bool is_word(char c)
{
	return word_bytes[(unsigned char)c];
}

static char at(str s, size_t i)
{
	return i < s.n ? s.p[i] : '\n';
}

static bool next_word(str s, struct word *w)
{
	size_t i = w->end;

	while (i < s.n && !is_word(s.p[i]))
		i++;
	w->at = i;
	while (i < s.n && is_word(s.p[i]))
		i++;
	w->end = i;
	w->text = str_sub(s, w->at, i);
	return w->text.n > 0;
}

static bool is_all_upper(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_upper(s.p[i]))
			return false;
	return true;
}

static const struct cue *find_cue(str s)
{
	const struct cue *of;

	if (s.n < 4 || s.n > LONGEST_WORD)
		return NULL;
	of = cues[*s.p & 31].v;
	for (size_t i = 0; i < cues[*s.p & 31].n; i++)
		if (s.n == of[i].name.n && str_eq_nocase(s, of[i].name))
			return &of[i];
	return NULL;
}

static enum grade find_grade(str s)
{
	if (s.n < 3 || s.n > LONGEST_WORD)
		return GRADE_NONE;
	for (size_t i = 0; i < ARRAY_N(levels); i++)
		if (s.n == levels[i].name.n && (*s.p | 0x20) == *levels[i].name.p &&
			str_eq_nocase(s, levels[i].name))
			return levels[i].grade;
	return GRADE_NONE;
}

/* The word before is the name of a member that holds a level: level=, "level":", severity, lvl. */
static bool is_level_name(str s)
{
	if (s.n < 3 || s.n > 9 || ((*s.p | 0x20) != 'l' && (*s.p | 0x20) != 's'))
		return false;
	return str_eq_nocase(s, STR("level")) || str_eq_nocase(s, STR("severity")) ||
	       str_eq_nocase(s, STR("lvl")) || str_eq_nocase(s, STR("loglevel")) ||
	       str_eq_nocase(s, STR("levelname"));
}

/* pino's and bunyan's numbers: 40 is a warning, 50 an error. */
static enum grade number_grade(str s)
{
	uint64_t v;

	if (s.n != 2 || !str_u64(s, &v))
		return GRADE_NONE;
	return v >= 40 ? GRADE_BAD : GRADE_FINE;
}

/* True when the word stands where a level does: in capitals, in brackets, before a colon at the line's
 * beginning, or behind the name of a member. */
static bool is_at_level_place(str s, const struct word *w, str before)
{
	char left = w->at ? s.p[w->at - 1] : '\n', right = at(s, w->end);

	if (left == '-' || left == '/' || left == '.' || right == '/' || right == '-')
		return false;
	return is_all_upper(w->text) || (left == '[' && right == ']') ||
	       (left == '<' && right == '>') || (!w->at && right == ':') || is_level_name(before);
}

/* Android's "03-17 16:13:38.811  1702  2395 E Tag: ..", klog's "E0102 15:04:05.." and pytest's "E   assert ..". */
static enum grade letter_grade(str s)
{
	struct word w = {0};
	bool is_logcat = log_is_logcat(s);

	if (log_is_klog(s))
		return *s.p == 'I' ? GRADE_FINE : GRADE_BAD;
	if (str_starts(s, STR("E  ")))
		return GRADE_BAD;
	while (is_logcat && next_word(s, &w) && w.at < 48) {
		if (w.text.n != 1 || !is_upper(*w.text.p))
			continue;
		return strchr("WEF", *w.text.p) ? GRADE_BAD : GRADE_FINE;
	}
	return GRADE_NONE;
}

static enum grade level_of(str s, bool *is_value)
{
	struct word w = {0};
	str before = STR_NULL, end = str_trim_right(s);
	enum grade g = letter_grade(s);

	if (g)
		return g;
	while (next_word(s, &w) && w.at < LEVEL_REACH) {
		if (is_digit(*w.text.p)) {
			bool is_named = is_level_name(before);

			g = is_named ? number_grade(w.text) : GRADE_NONE;
			*is_value |= is_named;
		} else {
			g = is_at_level_place(s, &w, before) ? find_grade(w.text) : GRADE_NONE;
		}
		if (g)
			return g;
		before = w.text;
	}
	return str_ends(end, STR(" ok")) || str_ends(end, STR(" OK")) ? GRADE_FINE : GRADE_NONE;
}

bool log_has_level(str line)
{
	bool is_value = false;

	return level_of(line, &is_value) != GRADE_NONE;
}

/* Part of a path, of a dotted or of a dashed name in small letters. */
static bool is_in_name(str s, const struct word *w)
{
	char left = w->at ? s.p[w->at - 1] : ' ', right = at(s, w->end);
	bool is_small = is_lower(*w->text.p);

	if (left == '/' || right == '/' || (right == '.' && is_word(at(s, w->end + 1))))
		return true;
	if (left == '.' && w->at > 1 && is_word(s.p[w->at - 2]))
		return true;
	return is_small && ((right == '-' && is_word(at(s, w->end + 1))) ||
				   (left == '-' && w->at > 1 && is_word(s.p[w->at - 2])));
}

static bool is_nothing(str s)
{
	static const str nothings[] = {{"null", 4}, {"false", 5}, {"none", 4}, {"nil", 3}};

	for (size_t i = 0; i < ARRAY_N(nothings); i++)
		if (str_eq_nocase(s, nothings[i]))
			return true;
	return false;
}

static bool is_negation(str s)
{
	return str_eq_nocase(s, STR("no")) || str_eq_nocase(s, STR("without"));
}

static bool is_zero(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '0')
			return false;
	return true;
}

/* True when what stands beside the word says that there was none: "0 errors", "errors=0", "error":null. */
static bool is_denied(str s, const struct word *w, str before, bool *is_value)
{
	struct word next = {.end = w->end};
	size_t i = w->end;
	bool is_assigned = false;

	while (i < s.n && i < w->end + 4 && strchr("=:\" ", s.p[i]) && s.p[i]) {
		is_assigned |= s.p[i] == '=' || s.p[i] == ':';
		i++;
	}
	if (is_assigned && s.p[i - 1] == '"' && i >= 2 && s.p[i - 2] == '"')
		return true; /* "" */
	if (is_assigned && i < s.n && next_word(s, &next) && next.at == i) {
		*is_value |= is_digit(*next.text.p);
		if (is_nothing(next.text) || is_zero(next.text))
			return true;
	}
	if (!before.n || before.p + before.n + 1 != w->text.p || s.p[w->at - 1] != ' ')
		return false;
	*is_value |= is_digit(*before.p);
	return is_negation(before) || is_zero(before);
}

/* "NullPointerException", "TypeError:": the name of a class of errors. */
static bool is_error_class(str s, const struct word *w)
{
	char right = at(s, w->end), before;
	size_t tail = log_error_tail(w->text).n;

	if (!tail)
		return false;
	before = w->text.p[w->text.n - tail - 1];
	return (is_lower(before) || is_upper(before) || is_digit(before)) && right != '/' &&
	       !(right == '.' && is_word(at(s, w->end + 1)));
}

static bool has_cue(str s, bool is_level_fine, bool *is_value)
{
	struct word w = {0};
	str before = STR_NULL;

	for (; next_word(s, &w); before = w.text) {
		const struct cue *c = find_cue(w.text);
		bool is_strong =
			c && (c->is_strong || (!c->is_mild && (is_all_upper(w.text) ||
								      at(s, w.end) == ':')));

		if (!c && is_error_class(s, &w))
			return true;
		if (!c || (is_level_fine && !is_strong) || is_in_name(s, &w))
			continue;
		if (!is_denied(s, &w, before, is_value))
			return true;
	}
	return false;
}

/* `"GET / HTTP/1.1" 503 `: what the server failed to do. The number is part of the mask of such lines (line.c). */
static bool has_bad_status(str s)
{
	size_t i = str_find(s, STR(" HTTP/"));

	if (i == STR_NONE)
		return false;
	i += 6;
	while (i < s.n && (is_digit(s.p[i]) || s.p[i] == '.'))
		i++;
	return str_starts(str_sub(s, i, s.n), STR("\" ")) && log_is_failed_status(s, i + 2);
}

bool log_is_verdict(str line)
{
	str s = str_trim(line);

	if (!s.n)
		return false;
	if (*s.p == '=')
		return str_ends(s, STR("=")) && s.n > 2 && s.p[1] == '=' &&
		       (str_find(s, STR(" passed")) != STR_NONE ||
			       str_find(s, STR(" failed")) != STR_NONE ||
			       str_find(s, STR(" error")) != STR_NONE);
	if (*s.p == 'R')
		return str_starts(s, STR("Ran ")) && str_find(s, STR(" tests in ")) != STR_NONE;
	if (*s.p == 'T')
		return str_starts(s, STR("Tests run: ")) || str_starts(s, STR("Test Suites: ")) ||
		       (str_take(&s, STR("Tests: ")) && (at(s, 0) == ' ' || is_digit(at(s, 0))));
	return str_starts(s, STR("test result: "));
}

static enum log_error judge(str line, bool *is_value)
{
	enum grade g;

	*is_value = false;
	g = level_of(line, is_value);
	if (g == GRADE_BAD || log_is_verdict(line))
		return LOG_ERROR;
	if (has_bad_status(line))
		return LOG_WORDED;
	return has_cue(line, g == GRADE_FINE, is_value) ? LOG_WORDED : LOG_FINE;
}

bool log_is_error(str line)
{
	bool is_value = false;

	return judge(line, &is_value) != LOG_FINE;
}

enum log_error log_error_of(str line, const struct log_word *words, uint32_t words_n)
{
	char mask[LOG_LINE_MAX];
	bool is_value = false;
	enum log_error e = judge((str){mask, log_mask(line, words, words_n, mask)}, &is_value);

	return is_value ? LOG_BY_VALUE : e;
}
