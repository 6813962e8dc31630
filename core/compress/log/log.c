#include "core/compress/log/log.h"

#include "core/compress/build/build.h"
#include "core/compress/log/begin.h"

enum {
	LINES_MIN = 8,
	/* Percent of lines with a level or a time, without which a text that looks like none is no log. */
	LOGGISH_PERCENT = 30,
	/* Lines that are looked at. */
	SAMPLE_LINES = 256,
	/* ... in one piece, to see whether what is no log is as regular as one: that share of them is of patterns that others are of, too. */
	REGULAR_LINES = 64,
	REGULAR_PERCENT = 50,
	/* ... or so many percent of its bytes are what lines begin with. */
	BEGINS_PERCENT = 12,
};

/* Whether a text that was not detected as a log is one. */
static bool is_loggish(str text, size_t lines, struct arena *a)
{
	struct log_line *l = arena_alloc(a, sizeof *l, alignof(struct log_line));
	size_t step = lines / SAMPLE_LINES + 1, asked = 0, stamped = 0, levels = 0;
	str rest = text, line;

	for (size_t i = 0; str_next_line(&rest, &line, NULL); i++) {
		if (log_is_verdict(line))
			return true;
		if (i % step)
			continue;
		asked++;
		stamped += log_line_scan(line, l) && l->is_stamped;
		levels += log_has_level(line);
	}
	return (stamped > levels ? stamped : levels) * 100 >= asked * LOGGISH_PERCENT;
}

static size_t count_lines(str text)
{
	size_t n = 0;
	str line;

	while (str_next_line(&text, &line, NULL))
		n++;
	return n;
}

/* So many lines from the middle of a text that has more; *n: how many these are. */
static str middle_of(str text, size_t lines, uint32_t *n)
{
	size_t from = (lines - REGULAR_LINES) / 2;
	str rest = text, line;
	size_t start = 0;

	*n = REGULAR_LINES;
	for (size_t i = 0; i < from + REGULAR_LINES && str_next_line(&rest, &line, NULL); i++)
		if (i < from)
			start = text.n - rest.n;
	return str_sub(text, start, text.n - rest.n);
}

static bool is_common(const struct log_pattern *p)
{
	return p->slots_n && p->count > 2;
}

/* Whether most of the lines are of patterns that others are of, too, or begin as others do with much of what they say. */
static bool is_regular(const struct log_mine *m, str text, struct arena *a)
{
	uint32_t alike = 0;

	for (size_t i = 0; i < m->patterns.n; i++)
		if (is_common(&m->patterns.v[i]))
			alike += m->patterns.v[i].count;
	return alike * 100 >= m->lines_n * REGULAR_PERCENT ||
	       log_begins_gain(m, a) * 100 >= text.n * BEGINS_PERCENT;
}

/* Whether it is worth the search for patterns in all of a longer text of any program. */
static bool is_regular_inside(str text, size_t lines, struct arena *a)
{
	struct log_mine m;
	uint32_t n;

	text = middle_of(text, lines, &n);
	return log_mine(text, n, true, a, &m) && is_regular(&m, text, a);
}

static bool is_log(const struct codec_in *in, size_t lines, struct arena *a)
{
	bool may_be_log = in->kind != KIND_SEARCH && in->kind != KIND_TABLE;

	return in->kind == KIND_LOG || (may_be_log && is_loggish(in->text, lines, a)) ||
	       ((may_be_log || !in->route.n) && build_is_input(in, a));
}

/* Of what is no log, lines are alike but for what has to be read, so that none is left out. */
static bool mine(const struct codec_in *in, size_t lines, struct arena *a, struct log_mine *m)
{
	bool is_known = is_log(in, lines, a);

	if (!is_known && (in->route.n || in->kind == KIND_SEARCH ||
				 (lines > REGULAR_LINES && !is_regular_inside(in->text, lines, a))))
		return false;
	return log_mine(in->text, (uint32_t)lines, !in->route.n, a, m) &&
	       (is_known || lines > REGULAR_LINES || is_regular(m, in->text, a));
}

static bool log_encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct log_mine m;
	size_t lines = count_lines(in->text);

	if (lines < LINES_MIN || lines >= UINT32_MAX || !mine(in, lines, a, &m))
		return false;
	out->form = in->route.n ? CODEC_ELIDED : CODEC_EXACT;
	if (!in->route.n)
		return log_exact(in, a, &m, &out->text);
	log_mine_judge(&m);
	return log_elide(in, a, &m, &out->text);
}

const struct codec log_codec = {
	.word = "log",
	.encoder = ENCODER_LOG,
	.kinds = 1U << KIND_LOG | 1U << KIND_JSONL | 1U << KIND_TEXT | 1U << KIND_SEARCH |
		 1U << KIND_TABLE,
	.encode = log_encode,
	.decode = log_decode,
	.holds = log_holds,
};
