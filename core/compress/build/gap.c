#include "core/compress/build/gap.h"

#define REPEATED_WORDS " as shown above"
#define AMONG          " among the "
#define AMONG_END      " lines below"

static const char *const kind_words[] = {
	[BUILD_PROGRESS] = " of progress",
	[BUILD_AGAIN] = " of the same error",
	[BUILD_SOURCE] = " of source",
	[BUILD_OUTPUT] = " of output",
	[BUILD_FRAMES] = " of frames",
};

void build_gap_count(struct build_gap *g, str suite, uint32_t passed)
{
	uint32_t i = 0;

	while (i < g->suites_n && !str_eq(g->suites[i].name, suite))
		i++;
	if (i == GAP_SUITES || !suite.n || !passed)
		return;
	if (i == g->suites_n)
		g->suites[g->suites_n++] = (struct build_suite){suite, 0};
	g->suites[i].passed += passed;
}

static void add_count(struct buf *b, uint32_t n, const char *one, const char *many)
{
	buf_add_u64(b, n);
	buf_add_c(b, n == 1 ? one : many);
}

static void add_tests(struct buf *b, const struct build_gap *g)
{
	if (g->passed || !g->skipped)
		add_count(b, g->passed, " passed", " passed");
	if (g->passed && g->skipped)
		buf_add_c(b, ", ");
	if (g->skipped)
		add_count(b, g->skipped, " skipped", " skipped");
	for (uint32_t i = 0; i < g->suites_n; i++) {
		buf_add_c(b, i ? ", " : "; ");
		buf_add(b, g->suites[i].name);
		buf_add_byte(b, ' ');
		buf_add_u64(b, g->suites[i].passed);
	}
}

void build_gap_write(struct buf *b, const struct build_gap *g)
{
	buf_add_byte(b, '[');
	if (g->kind != BUILD_PASSED || g->lines != g->passed + g->skipped) {
		add_count(b, g->lines, " line", " lines");
		buf_add_c(b, g->kind == BUILD_PASSED ? ": " : kind_words[g->kind]);
	}
	if (g->titles) {
		buf_add_c(b, " in ");
		add_count(b, g->titles, " more test", " more tests");
	}
	if (g->among) {
		buf_add_c(b, AMONG);
		buf_add_u64(b, g->among);
		buf_add_c(b, AMONG_END);
	}
	if (g->repeated) {
		buf_add_c(b, ", ");
		buf_add_u64(b, g->repeated);
		buf_add_c(b, REPEATED_WORDS);
	}
	if (g->kind == BUILD_PASSED)
		add_tests(b, g);
	buf_add_byte(b, ']');
}

static bool take_suites(str s, struct build_gap *g)
{
	str one;

	while (s.n) {
		size_t comma = str_find(s, STR(", ")), blank;
		struct build_suite *suite = &g->suites[g->suites_n];

		one = str_sub(s, 0, comma == STR_NONE ? s.n : comma);
		s = comma == STR_NONE ? STR_NULL : str_sub(s, comma + 2, s.n);
		blank = str_rfind_byte(one, ' ');
		if (blank == STR_NONE || !blank || g->suites_n == GAP_SUITES)
			return false;
		suite->name = str_sub(one, 0, blank);
		one = str_sub(one, blank + 1, one.n);
		if (!str_take_u32(&one, INT32_MAX, &suite->passed) || one.n)
			return false;
		g->suites_n++;
	}
	return true;
}

/* "12 passed, 1 skipped; a.py 12" behind the first number */
static bool take_tests(str s, uint32_t first, struct build_gap *g)
{
	g->kind = BUILD_PASSED;
	if (str_take(&s, STR(" passed"))) {
		g->passed = first;
		if (str_take(&s, STR(", ")) && (!str_take_u32(&s, INT32_MAX, &g->skipped) ||
						       !str_take(&s, STR(" skipped"))))
			return false;
	} else if (str_take(&s, STR(" skipped"))) {
		g->skipped = first;
	} else {
		return false;
	}
	return !s.n || (str_take(&s, STR("; ")) && take_suites(s, g));
}

/* " of output among the 12 lines below, 3 as shown above" */
static bool take_output(str s, struct build_gap *g)
{
	if (!str_take(&s, str_from(kind_words[BUILD_OUTPUT])))
		return false;
	if (str_take(&s, STR(AMONG)) && (!str_take_u32(&s, INT32_MAX, &g->among) || !g->among ||
						!str_take(&s, STR(AMONG_END))))
		return false;
	return !s.n || (str_take(&s, STR(", ")) && str_take_u32(&s, INT32_MAX, &g->repeated) &&
			       g->repeated && str_eq(s, STR(REPEATED_WORDS)));
}

/* What stands behind "12 lines". */
static bool take_kind(str s, struct build_gap *g)
{
	str rest = s;
	uint32_t first;

	if (str_take(&s, STR(": ")))
		return str_take_u32(&s, INT32_MAX, &first) && take_tests(s, first, g);
	for (unsigned k = BUILD_PROGRESS; k <= BUILD_FRAMES; k++)
		if (str_eq_c(s, kind_words[k]))
			g->kind = (enum build_kind)k;
	if (g->kind == BUILD_SHOWN && take_output(s, g))
		g->kind = BUILD_OUTPUT;
	if (g->kind == BUILD_SHOWN && str_take(&rest, str_from(kind_words[BUILD_AGAIN])) &&
		str_take(&rest, STR(" in ")) && str_take_u32(&rest, INT32_MAX, &g->titles) &&
		g->titles && str_eq(rest, g->titles == 1 ? STR(" more test") : STR(" more tests")))
		g->kind = BUILD_AGAIN;
	return g->kind != BUILD_SHOWN;
}

bool build_gap_parse(str line, struct build_gap *out)
{
	*out = (struct build_gap){0};
	if (!str_take(&line, STR("[")) || !str_ends(line, STR("]")))
		return false;
	line.n--;
	if (!str_take_u32(&line, INT32_MAX, &out->lines))
		return false;
	if (str_take(&line, out->lines == 1 ? STR(" line") : STR(" lines")))
		return take_kind(line, out) &&
		       (out->kind != BUILD_PASSED || out->lines != out->passed + out->skipped);
	if (!take_tests(line, out->lines, out))
		return false;
	out->lines = out->passed + out->skipped;
	return true;
}
