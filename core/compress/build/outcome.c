#include "core/compress/build/outcome.h"
#include "core/compress/build/text.h"

#include "core/base/attr.h"

/* ---- what became of tests ---- */

struct word {
	str text;
	enum build_result result;
};

/* Words that a line begins with, without blanks before them. */
static const struct word first_words[] = {
	{LIT("PASSED "), BUILD_PASS}, /* pytest -rA, xdist */
	{LIT("SKIPPED "), BUILD_SKIP},
	{LIT("FAILED "), BUILD_FAIL},
	{LIT("ERROR "), BUILD_FAIL},
	{LIT("FAIL: "), BUILD_FAIL}, /* unittest */
	{LIT("ERROR: "), BUILD_FAIL},
	{LIT("PASS: "), BUILD_PASS}, /* automake */
	{LIT("SKIP: "), BUILD_SKIP},
	{LIT("PASS "), BUILD_PASS}, /* jest, nextest */
	{LIT("FAIL "), BUILD_FAIL},
	{LIT("FAIL\t"), BUILD_FAIL}, /* go */
	{LIT("ok  \t"), BUILD_PASS},
	{LIT("--- PASS: "), BUILD_PASS},
	{LIT("--- SKIP: "), BUILD_SKIP},
	{LIT("--- FAIL: "), BUILD_FAIL},
	{LIT("not ok "), BUILD_FAIL},       /* TAP */
	{LIT("[       OK ] "), BUILD_PASS}, /* GoogleTest */
	{LIT("[  SKIPPED ] "), BUILD_SKIP},
	{LIT("[  FAILED  ] "), BUILD_FAIL},
	{LIT("\xe2\x9c\x93 "), BUILD_PASS}, /* check marks of mocha, jest and vitest */
	{LIT("\xe2\x9c\x94 "), BUILD_PASS},
	{LIT("\xe2\x88\x9a "), BUILD_PASS},
	{LIT("\xe2\x97\x8b "), BUILD_SKIP}, /* jest */
	{LIT("\xe2\x86\x93 "), BUILD_SKIP}, /* vitest */
	{LIT("\xe2\x9c\x95 "), BUILD_FAIL},
	{LIT("\xe2\x9c\x97 "), BUILD_FAIL},
	{LIT("\xe2\x9c\x98 "), BUILD_FAIL},
	{LIT("\xc3\x97 "), BUILD_FAIL},
	{LIT("\xe2\x9d\xaf "), BUILD_FAIL},
};

/* Words that a line ends with, without times and percents behind them. */
static const struct word last_words[] = {
	{LIT(" ... ok"), BUILD_PASS}, /* unittest, cargo */
	{LIT(" ... ignored"), BUILD_SKIP},
	{LIT(" ... FAILED"), BUILD_FAIL},
	{LIT(" ... FAIL"), BUILD_FAIL},
	{LIT(" ... ERROR"), BUILD_FAIL},
	{LIT(" ... failed"), BUILD_FAIL},
	{LIT(" PASSED"), BUILD_PASS}, /* pytest -v, Gradle */
	{LIT(" SKIPPED"), BUILD_SKIP},
	{LIT(" FAILED"), BUILD_FAIL},
	{LIT(" ERROR"), BUILD_FAIL},
	{LIT("   Passed"), BUILD_PASS}, /* ctest */
	{LIT("***Skipped"), BUILD_SKIP},
	{LIT("***Failed"), BUILD_FAIL},
	{LIT("***Timeout"), BUILD_FAIL},
	{LIT("***Exception"), BUILD_FAIL},
	{LIT(" = ."), BUILD_PASS}, /* minitest */
	{LIT(" = F"), BUILD_FAIL},
	{LIT(" = E"), BUILD_FAIL},
	{LIT("' passed"), BUILD_PASS}, /* XCTest */
	{LIT("' failed"), BUILD_FAIL},
};

static const struct word *find_first(str s)
{
	for (size_t i = 0; i < ARRAY_N(first_words); i++)
		if (*s.p == *first_words[i].text.p && str_starts(s, first_words[i].text))
			return &first_words[i];
	return NULL;
}

static const struct word *find_last(str s)
{
	char last = s.n ? s.p[s.n - 1] : 0;

	for (size_t i = 0; i < ARRAY_N(last_words); i++)
		if (last == last_words[i].text.p[last_words[i].text.n - 1] &&
			str_ends(s, last_words[i].text))
			return &last_words[i];
	return NULL;
}

/* Without "[ 12%]", "(0.03s)", "0.03 sec" at the end. */
static str cut_times(str s)
{
	s = str_trim_right(s);
	if (str_ends(s, STR("%]"))) {
		size_t at = str_rfind_byte(s, '[');

		s = str_trim_right(str_sub(s, 0, at == STR_NONE ? s.n : at));
	}
	if (str_ends(s, STR(").")))
		s.n--;
	if (str_ends(s, STR(")"))) {
		size_t at = str_rfind_byte(s, '(');

		if (at != STR_NONE && is_digit(s.p[at + 1]))
			s = str_trim_right(str_sub(s, 0, at));
	}
	if (str_ends(s, STR(" sec"))) {
		s.n -= 4;
		while (s.n && (is_digit(s.p[s.n - 1]) || s.p[s.n - 1] == '.'))
			s.n--;
		s = str_trim_right(s);
	}
	return s;
}

/* "[gw0] [ 12%] " of pytest's xdist. */
static str cut_worker(str s)
{
	size_t at = str_starts(s, STR("[gw")) ? str_find(s, STR("%] ")) : STR_NONE;

	return at == STR_NONE ? s : str_sub(s, at + 3, s.n);
}

enum { DOTS_MIN = 4 /* of a line without a file */ };

/* "tests/test_a.py ..F.s [ 40%]", or the next line of it. */
static bool look_at_dots(str s, struct build_outcome *o)
{
	str marks = cut_times(s);
	size_t at = str_rfind_byte(marks, ' ');
	bool has_file = at != STR_NONE && str_ends(str_sub(marks, 0, at), STR(".py"));

	if (has_file)
		marks = str_sub(marks, at + 1, marks.n);
	if (!has_file && marks.n < DOTS_MIN)
		return false;
	for (size_t i = 0; i < marks.n; i++)
		if (!memchr(".sxXFE", marks.p[i], 6))
			return false;
	if (!has_file && *marks.p != '.')
		return false;
	for (size_t i = 0; i < marks.n; i++) {
		o->passed += marks.p[i] == '.';
		o->skipped += marks.p[i] == 's';
		if (marks.p[i] == 'F' || marks.p[i] == 'E')
			o->result = BUILD_FAIL;
	}
	if (!o->result)
		o->result = o->passed || !o->skipped ? BUILD_PASS : BUILD_SKIP;
	o->suite = has_file ? str_sub(s, 0, at) : STR_NULL;
	return true;
}

/* "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1, Time elapsed: 0.1 s - in a.b.C" */
static bool look_at_surefire(str s, struct build_outcome *o)
{
	static const str names[] = {
		LIT("Tests run: "), LIT(", Failures: "), LIT(", Errors: "), LIT(", Skipped: ")};
	uint32_t n[ARRAY_N(names)];
	size_t at = *s.p == 'T' || *s.p == '[' ? str_find(s, names[0]) : STR_NONE; /* "[INFO] " */

	if (at == STR_NONE)
		return false;
	s = str_sub(s, at, s.n);
	for (size_t i = 0; i < ARRAY_N(names); i++)
		if (!str_take(&s, names[i]) || !str_take_u32(&s, UINT32_MAX, &n[i]))
			return false;
	at = str_find(s, STR(" in "));
	if (at == STR_NONE || !has(s, STR("Time elapsed:")))
		return false; /* of all classes: a verdict */
	o->result = n[1] || n[2] ? BUILD_FAIL : BUILD_PASS;
	o->passed = n[0] > n[3] ? n[0] - n[3] : 0;
	o->skipped = n[3];
	o->suite = str_trim(str_sub(s, at + 4, s.n));
	return true;
}

/* "ok 12 - adds" */
static bool look_at_tap(str s, struct build_outcome *o)
{
	uint32_t number;

	if (!str_take(&s, STR("ok ")) || !str_take_u32(&s, UINT32_MAX, &number) ||
		(s.n && *s.p != ' '))
		return false;
	o->result = has(s, STR("# SKIP")) || has(s, STR("# skip")) ? BUILD_SKIP : BUILD_PASS;
	return true;
}

/* "12" of "src/a.test.ts (12 tests) 34ms"; 1 where there is no such number. */
static uint32_t tests_in(str s)
{
	size_t at = str_find(s, STR(" tests)"));
	uint32_t n = 1;
	str digits;

	if (at == STR_NONE)
		return 1;
	digits = str_sub(s, 0, at);
	while (digits.n && is_digit(digits.p[digits.n - 1]))
		digits.n--;
	digits = str_sub(s, digits.n, at);
	return str_take_u32(&digits, UINT32_MAX, &n) ? n : 1;
}

/* The file of "tests/a.py::TestB::test_c", the module of "test a::b ... ok" and "test_a (b.C) ... ok". */
static str suite_of(str s)
{
	str rest = s, word;
	size_t at = str_find(s, STR("::")), open = str_find(s, STR(" ("));

	if (at == STR_NONE) {
		if (open == STR_NONE || !str_starts(s, STR("test")))
			return STR_NULL;
		rest = str_sub(s, open + 2, s.n);
		return str_split(&rest, ')', &word) ? word : STR_NULL;
	}
	rest = str_sub(s, 0, at);
	at = str_rfind_byte(rest, ' ');
	return at == STR_NONE ? rest : str_sub(rest, at + 1, rest.n);
}

static bool is_plain_name(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (is_blank(c) || c == ',' || c == ';' || c == '[' || c == ']' || !c)
			return false;
	}
	return true;
}

static const struct word sympy_word = {LIT(" ok"), BUILD_PASS};
static const struct word unittest_skip = {LIT(" ... skipped "), BUILD_SKIP};
static const struct word dotnet_pass = {LIT("Passed "), BUILD_PASS};

static const struct word *find_word(str s)
{
	const struct word *w = find_first(s);
	str end;

	if (w && w->result == BUILD_FAIL)
		return w;
	end = cut_times(s);
	if (!w)
		w = find_last(end);
	if (!w && has(s, unittest_skip.text))
		w = &unittest_skip;
	if (!w && str_starts(s, STR("test_")) && str_ends(end, sympy_word.text))
		w = &sympy_word;
	if (!w && str_starts(s, dotnet_pass.text) && str_ends(end, STR("s]")))
		w = &dotnet_pass;
	return w;
}

bool build_outcome_of(str line, struct build_outcome *out)
{
	str s = cut_worker(trim_left(line));
	const struct word *w;

	*out = (struct build_outcome){0};
	if (!s.n)
		return false;
	if (look_at_tap(s, out) || look_at_surefire(s, out) || look_at_dots(s, out))
		goto done;
	w = find_word(s);
	if (!w)
		return false;
	out->result = w->result;
	out->passed = w->result == BUILD_PASS ? tests_in(s) : 0;
	out->skipped = w->result == BUILD_SKIP;
	out->suite = w->result == BUILD_PASS ? suite_of(s) : STR_NULL;
done:
	if (out->result == BUILD_PASS && !out->passed && !out->skipped)
		out->passed = 1;
	if (out->result == BUILD_SKIP && !out->skipped)
		out->skipped = 1;
	if (!is_plain_name(out->suite))
		out->suite = STR_NULL;
	return true;
}

/* ---- what must be shown ---- */

/* "==== 3 failed, 12 passed in 0.1s ====" and the other rules of pytest that say how it went. */
static bool is_ruled_verdict(str s)
{
	return str_starts(s, STR("==")) && str_ends(s, STR("==")) &&
	       (has(s, STR(" passed")) || has(s, STR(" failed")) || has(s, STR(" error")) ||
		       has(s, STR("no tests ran")));
}

static const str verdict_starts[] = {LIT("OK ("), LIT("FAILED ("), LIT("test result: "),
	LIT("Tests:  "), LIT("Test Suites: "), LIT("Test Files  "), LIT("Tests run: "),
	LIT("BUILD "), LIT("Build "), LIT("[INFO] BUILD "), LIT("[ERROR] "), LIT("# pass "),
	LIT("# fail "), LIT("# tests "), LIT("[  PASSED  ] "), LIT("tests finished: "),
	LIT("Finished "), LIT("Successfully "), LIT("error: "), LIT("Total errors: "),
	LIT("Errors: "), LIT("1..")};
/* Anywhere in a line, by the sign that they begin with. */
static const str blank_parts[] = {LIT(" tests in "), LIT(" passing ("), LIT(" failing"),
	LIT(" errors in "), LIT(" error in "), LIT(" failed,"), LIT(" warnings generated"),
	LIT(" warning generated"), LIT(" vulnerabilities"), LIT(" tests run: ")};
static const str other_parts[] = {
	LIT("% tests passed"), LIT("problems ("), LIT("problem ("), LIT("Found ")};

/* Takes the part that stands first in what begins at the sign; each part counts where it stands first in the line, which
 * *seen remembers. */
static bool is_part_at(str rest, const str *parts, size_t n, unsigned *seen)
{
	for (size_t i = 0; i < n; i++) {
		if (*seen & 1u << i || rest.n < 2 || rest.p[1] != parts[i].p[1] ||
			!str_starts(rest, parts[i]))
			continue;
		*seen |= 1u << i;
		return true;
	}
	return false;
}

/* "12 passing (3s)", "2 errors in 1 file": a number is near, somewhere in the line or before the part. */
static bool has_verdict_part(str s)
{
	bool is_near = is_digit(*s.p) || is_digit(s.p[s.n - 1]) || str_starts(s, STR("Found ")) ||
		       str_starts(s, STR("Ran "));
	unsigned blanks = 0, others = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool is_part;

		if (c == ' ')
			is_part = is_part_at(
				str_sub(s, i, s.n), blank_parts, ARRAY_N(blank_parts), &blanks);
		else if (c == '%' || c == 'p' || c == 'F')
			is_part = is_part_at(
				str_sub(s, i, s.n), other_parts, ARRAY_N(other_parts), &others);
		else
			continue;
		if (is_part && (is_near || (i && is_digit(s.p[i - 1]))))
			return true;
	}
	return false;
}

bool build_is_verdict(str line)
{
	str s = str_trim(line);

	if (!s.n)
		return false;
	if (*s.p == '=')
		return is_ruled_verdict(s);
	if (str_eq_c(s, "OK") || str_eq_c(s, "FAILED") || str_eq_c(s, "PASS") ||
		str_eq_c(s, "FAIL"))
		return true;
	if (starts_with_any(s, verdict_starts, ARRAY_N(verdict_starts)))
		return true;
	return has_verdict_part(s);
}

bool build_is_title(str line)
{
	str s = str_trim_right(line);

	return s.n > 6 && s.p[0] == '_' && s.p[1] == '_' && s.p[s.n - 1] == '_' &&
	       s.p[s.n - 2] != ' ' && str_find_byte(s, ' ') != STR_NONE;
}

static const str diagnostic_starts[] = {LIT("error:"), LIT("error["), LIT("error TS"),
	LIT("warning:"), LIT("warning["), LIT("Error: "), LIT("Warning: "), LIT("fatal: "),
	LIT("fatal error"), LIT("npm error "), LIT("npm ERR! "), LIT("npm warn "), LIT("npm WARN "),
	LIT("ERROR: "), LIT("WARNING: "), LIT("E: "), LIT("W: "), LIT("[ERROR] "),
	LIT("[WARNING] "), LIT("make: *** "), LIT("ninja: error"), LIT("CMake Error"),
	LIT("CMake Warning"), LIT("e: "), LIT("w: ")};
/* Anywhere in a line. Each has a blank before one of a few letters, which is looked for first. */
static const struct {
	str text;
	size_t blank; /* where it is */
} diagnostic_parts[] = {{LIT(": error"), 1}, {LIT(": warning"), 1}, {LIT(": fatal error"), 1},
	{LIT(" error TS"), 0}, {LIT(" error  "), 0}, {LIT(" warning  "), 0}, {LIT("]: *** "), 2},
	{LIT(": undefined reference"), 1}};

static inline bool begins_part(char c)
{
	return c == 'e' || c == 'w' || c == 'f' || c == '*' || c == 'u';
}

static bool has_diagnostic_part(str s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		if (s.p[i] != ' ' || !begins_part(s.p[i + 1]))
			continue;
		for (size_t k = 0; k < ARRAY_N(diagnostic_parts); k++)
			if (i >= diagnostic_parts[k].blank &&
				str_starts(str_sub(s, i - diagnostic_parts[k].blank, s.n),
					diagnostic_parts[k].text))
				return true;
	}
	return false;
}

/* "a.py:1:2: F401 ..", "a.py:1: [C0114] ..": a place, and a code or text behind it. */
static bool is_at_place(str s)
{
	size_t at = 0, colon = str_find_byte(s, ':');
	unsigned numbers = 0;

	if (colon == STR_NONE || !colon || has(str_sub(s, 0, colon), STR(" ")))
		return false;
	for (at = colon; at < s.n && s.p[at] == ':';) {
		size_t n = at + 1;

		while (n < s.n && is_digit(s.p[n]))
			n++;
		if (n == at + 1)
			break;
		numbers++;
		at = n;
	}
	return numbers == 2 && at + 2 < s.n && s.p[at] == ':' && s.p[at + 1] == ' ';
}

bool build_is_diagnostic(str line)
{
	str s = trim_left(line);

	if (!s.n)
		return false;
	if (starts_with_any(s, diagnostic_starts, ARRAY_N(diagnostic_starts)))
		return true;
	return has_diagnostic_part(s) || is_at_place(s);
}

/* "ValueError: ..", "java.lang.IllegalStateException", at the beginning of the line. */
static bool is_thrown(str s)
{
	size_t n = 0;
	str name;

	while (n < s.n &&
		(is_digit(s.p[n]) || (s.p[n] | 0x20) >= 'a' || s.p[n] == '.' || s.p[n] == '_') &&
		!is_blank(s.p[n]) && s.p[n] != '|' && s.p[n] != '{')
		n++;
	name = str_sub(s, 0, n);
	if (n < s.n && s.p[n] != ':')
		return false;
	return str_ends(name, STR("Error")) || str_ends(name, STR("Exception")) ||
	       str_ends(name, STR("Warning")) || str_ends(name, STR("Failure"));
}

/* "tests/test_a.py:12: ValueError": where pytest says that it was raised. */
static bool is_raised_at(str line)
{
	size_t at = str_find(line, STR(": ")), digits = at;

	if (at == STR_NONE || !at || line.p[0] == ' ')
		return false;
	while (digits && is_digit(line.p[digits - 1]))
		digits--;
	return digits < at && digits && line.p[digits - 1] == ':' &&
	       is_thrown(str_sub(line, at + 2, line.n));
}

bool build_is_assertion(str line)
{
	static const str starts[] = {LIT("E  "), LIT(">   "), LIT("Caused by:"), LIT("thread '"),
		LIT("panic: "), LIT("goroutine "), LIT("assertion "), LIT("Traceback (most"),
		LIT("Exception in thread ")};

	if (!line.n)
		return false;
	return starts_with_any(line, starts, ARRAY_N(starts)) || str_eq_c(line, "E") ||
	       is_thrown(line) || is_raised_at(line);
}

bool build_must_show(str line)
{
	struct build_outcome o;

	if (build_outcome_of(line, &o) && o.result != BUILD_FAIL)
		return false;
	return o.result == BUILD_FAIL || build_is_assertion(line) || build_is_verdict(line) ||
	       build_is_diagnostic(line);
}
