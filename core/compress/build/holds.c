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
	struct map shown;   /* lines that must be shown, and were */
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

/* True when the line may be left out as one of that kind; found counts tests. */
static bool check_left_out(const struct check *c, str line, struct build_gap *found)
{
	bool is_again = found->kind == BUILD_AGAIN, is_title;

	if (build_must_show(line) && !(is_again && *line.p == '>') &&
		!(is_again && map_find(&c->shown, line)))
		return false;
	switch (found->kind) {
	case BUILD_PASSED:
		return check_passed(line, found);
	case BUILD_PROGRESS:
		return !str_trim(line).n || (build_is_progress(line) && !log_is_error(line));
	case BUILD_OUTPUT:
		return !log_is_error(line);
	case BUILD_FRAMES:
		return !str_trim(line).n || build_indent(line) > 0;
	case BUILD_AGAIN:
		is_title = build_is_title(line);
		found->titles += is_title;
		return !is_title || named_has(&c->named, line);
	case BUILD_SOURCE:
		return !build_is_title(line);
	case BUILD_SHOWN:
	default:
		return false;
	}
}

static bool are_same(const struct build_gap *a, const struct build_gap *b)
{
	if (a->titles != b->titles || a->passed != b->passed || a->skipped != b->skipped ||
		a->suites_n != b->suites_n)
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

	if (told->lines >= c->l.n - c->at) /* the last line is shown */
		return false;
	for (uint32_t i = 0; i < told->lines; i++)
		if (!check_left_out(c, c->l.v[c->at++], &found))
			return false;
	return are_same(told, &found);
}

static bool check_shown(struct check *c, str line)
{
	if (c->at == c->l.n || !str_eq(line, c->l.v[c->at]))
		return false;
	if (build_must_show(line))
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
	return c.at == c.l.n;
}
