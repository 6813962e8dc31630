#include "core/base/map.h"
#include "core/compress/build/build.h"
#include "core/compress/build/frame.h"
#include "core/compress/build/gap.h"
#include "core/compress/build/named.h"
#include "core/compress/build/outcome.h"
#include "core/compress/build/report.h"
#include "core/compress/lines.h"
#include "core/compress/log/error.h"

/* What is left of the original. */
struct check {
	struct lines l;
	uint32_t at;
	struct map shown; /* lines that must be shown, and were */
	struct build_gap
		gap; /* that is among the lines below, and how many of these are still to come */
	struct named named; /* tests that lines which must be shown say to have failed */
};

/* A line that is counted among tests that passed: counts what it says. */
static bool check_passed(str line, struct build_gap *g)
{
	struct build_outcome o;

	if (!build_outcome_of(line, &o))
		return !str_trim(line).n || str_starts(line, STR("test")) ||
		       build_is_test_start(line) || !log_is_error(line);
	if (o.result == BUILD_FAIL)
		return false;
	g->passed += o.passed;
	g->skipped += o.skipped;
	build_gap_count(g, o.suite, o.passed);
	return true;
}

/* True when the line may not be left out of what a program printed, but where one as it was shown. */
static bool must_be_shown(str line)
{
	return build_must_show(line) || log_is_error(line);
}

/* True when the line may be left out as one of that kind; found counts tests. */
static bool check_left_out(const struct check *c, str line, struct build_gap *found)
{
	bool is_again = found->kind == BUILD_AGAIN, is_title;

	if (found->kind == BUILD_OUTPUT)
		return !must_be_shown(line) || (map_find(&c->shown, line) && ++found->repeated);
	if (build_must_show(line) && !(is_again && *line.p == '>') &&
		!(is_again && map_find(&c->shown, line)))
		return false;
	switch (found->kind) {
	case BUILD_PASSED:
		return check_passed(line, found);
	case BUILD_PROGRESS:
		return !str_trim(line).n || (build_is_progress(line) && !log_is_error(line));
	case BUILD_FRAMES:
		return !str_trim(line).n || build_indent(line) > 0;
	case BUILD_AGAIN:
		is_title = build_is_title(line);
		found->titles += is_title;
		return !is_title || named_has(&c->named, line);
	case BUILD_SOURCE:
		return !build_is_title(line);
	case BUILD_OUTPUT:
	case BUILD_REPEATED:
	case BUILD_SHOWN:
	default:
		return false;
	}
}

static bool are_same(const struct build_gap *a, const struct build_gap *b)
{
	if (a->titles != b->titles || a->repeated != b->repeated || a->passed != b->passed ||
		a->skipped != b->skipped || a->suites_n != b->suites_n)
		return false;
	for (uint32_t i = 0; i < a->suites_n; i++)
		if (!str_eq(a->suites[i].name, b->suites[i].name) ||
			a->suites[i].passed != b->suites[i].passed)
			return false;
	return true;
}

static bool check_gap(struct check *c, const struct build_gap *told)
{
	struct build_gap found = {.kind = told->kind};

	if (c->gap.among)
		return false;
	if (told->among) {
		c->gap = *told;
		return true;
	}
	if (told->lines >= c->l.n - c->at) /* the last line is shown */
		return false;
	for (uint32_t i = 0; i < told->lines; i++)
		if (!check_left_out(c, c->l.v[c->at++], &found))
			return false;
	return are_same(told, &found);
}

/* One line that the gap is about, of which that much is left. */
static bool check_among(struct check *c)
{
	struct build_gap found = {.kind = BUILD_OUTPUT};

	if (!c->gap.lines || c->at == c->l.n || !check_left_out(c, c->l.v[c->at], &found) ||
		found.repeated > c->gap.repeated)
		return false;
	c->at++;
	c->gap.lines--;
	c->gap.repeated -= found.repeated;
	return true;
}

/* Lines of a gap that is among the shown ones come before this one: before the last of these, all that are left; else none that it
 * need not be. */
static bool skip_among(struct check *c, str line)
{
	while (c->gap.among && (c->gap.among == 1 ? c->gap.lines > 0
						  : c->at < c->l.n && !str_eq(line, c->l.v[c->at])))
		if (!check_among(c))
			return false;
	if (c->gap.among && !--c->gap.among)
		return !c->gap.repeated;
	return true;
}

static bool check_shown(struct check *c, str line)
{
	if (!skip_among(c, line) || c->at == c->l.n || !str_eq(line, c->l.v[c->at]))
		return false;
	if (must_be_shown(line))
		*map_at(&c->shown, line) = c;
	c->at++;
	return true;
}

/* "1004 lines; .." */
static bool check_count(str words, uint32_t lines)
{
	size_t n = str_find_byte(words, ' ');
	uint64_t told;

	return n != STR_NONE && str_u64(str_sub(words, 0, n), &told) && told == lines;
}

/* Where the head says that it was JSON: reads that. */
static bool check_source(str words, str original, struct arena *a, struct build_report *said)
{
	str rest = words, first;

	if (!str_split(&rest, ';', &first) || str_find(first, STR(" from ")) == STR_NONE)
		return true;
	return build_report_read(original, a, said) && str_ends(first, said->source);
}

bool build_holds(str original, str text, struct arena *a)
{
	struct build_report said = {.text = original};
	struct check c = {.at = 0};
	struct codec_head head;
	struct lines shown;
	size_t at, end;

	if (!codec_head_find(text, &head, &at, &end) || at || head.codec != &build_codec ||
		head.form != CODEC_ELIDED || !check_source(head.words, original, a, &said))
		return false;
	c.l = lines_split(a, said.text);
	if (!check_count(head.words, c.l.n))
		return false;
	map_init(&c.shown, a);
	named_find(&c.named, c.l, a);
	shown = lines_split(a, str_sub(text, end, text.n));
	for (uint32_t i = 0; i < shown.n; i++) {
		struct build_gap gap;
		bool is_right;

		if (build_gap_parse(shown.v[i], &gap))
			is_right = check_gap(&c, &gap);
		else
			is_right = check_shown(&c, shown.v[i]);
		if (!is_right)
			return false;
	}
	return c.at == c.l.n && !c.gap.among;
}
