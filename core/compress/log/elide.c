#include "core/compress/log/elide.h"

enum {
	/* Patterns of so few lines are shown whole. */
	RARE_MAX = 2,
	/* Percent of the text's bytes that lines may take which are errors by their words only, and how many lines
	 * errors of any kind may be. Above, those of the commonest patterns are listed by what varies in them. */
	WORDED_PERCENT = 5,
	ERRORS_MAX = 1000,
	/* Percent of the lines that may be shown because they stand around errors. */
	AROUND_PERCENT = 3,
	/* Lines of each pattern that are shown from its first one on, and at the end of the text; the same for a gentle
	 * elision. */
	FIRST = 1,
	LAST = 3,
	GENTLE_FIRST = 4,
	GENTLE_LAST = 20,
	/* Where rare lines are more than so many, or take more than so many percent of the bytes, they tell nothing
	 * by being rare: of a run of them that report no errors only the first ones and the last are shown, and
	 * patterns of a few lines more count as rare. */
	RARE_LINES_MAX = 300,
	RARE_PERCENT = 25,
	SCARCE_MAX = 5,
	RUN_FIRST = 2,
	/* Left out lines of fewer bytes are cheaper than the words in their place. */
	GAP_BYTES = 40,
	/* Bytes that rows must save, since the head has to explain them then. */
	ROWS_GAIN = 300,
	/* Lines of a pattern that are told as its rows, and what its line costs besides its text. */
	ROWS_LEAST = 3,
	PATTERN_BYTES = 24,
	/* Percent of the bytes above which errors that are shown are rows, too. */
	ROWS_PERCENT = 10,
	/* Percent of its bytes that a text must lose. */
	GAIN_PERCENT = 40,
};

static bool has_errors(const struct log_mine *m)
{
	for (size_t i = 0; i < m->shapes.n; i++)
		if (m->shapes.v[i].error != LOG_FINE)
			return true;
	return false;
}

static void find_errors(struct elide *e)
{
	str rest = e->in->text, line;

	if (!has_errors(e->m))
		return;
	for (uint32_t i = 0; str_next_line(&rest, &line, NULL); i++) {
		uint32_t shape = e->m->shape_of[i];
		const struct log_shape *s;
		struct group *g;

		if (shape == LOG_NO_SHAPE)
			continue; /* is kept whatever it says */
		s = &e->m->shapes.v[shape];
		if (s->error == LOG_FINE || (s->error == LOG_BY_VALUE && !log_is_error(line)))
			continue;
		log_set_bit(e->is_error, i);
		g = &e->groups[s->pattern];
		g->errors++;
		g->bytes += line.n;
	}
}

/* True when a pattern's errors count: all do, or those by words only. */
static bool counts(const struct elide *e, size_t pattern, bool is_worded)
{
	return !e->groups[pattern].is_listed &&
	       (!is_worded || e->m->patterns.v[pattern].error != LOG_ERROR);
}

/* The largest pattern of error lines that is not listed yet; NULL when there is none. */
static struct group *largest(struct elide *e, bool is_worded)
{
	struct group *most = NULL;

	for (size_t i = 0; i < e->m->patterns.n; i++) {
		struct group *g = &e->groups[i];

		if (counts(e, i, is_worded) && g->errors > RARE_MAX &&
			(!most || g->bytes > most->bytes))
			most = g;
	}
	return most;
}

/* The commonest patterns of errors are listed until the others fit. */
static void list_errors(struct elide *e, bool is_worded)
{
	size_t bytes = 0, limit = is_worded ? e->in->text.n / 100 * WORDED_PERCENT : SIZE_MAX;
	uint32_t n = 0;

	for (size_t i = 0; i < e->m->patterns.n; i++) {
		if (!counts(e, i, is_worded))
			continue;
		bytes += e->groups[i].bytes;
		n += e->groups[i].errors;
	}
	/* The largest ones go first, so that few rounds are enough; the bound keeps texts of very many
	 * patterns linear. */
	for (int round = 0; round < 256 && (bytes > limit || n > ERRORS_MAX); round++) {
		struct group *g = largest(e, is_worded);

		if (!g)
			break;
		g->is_listed = true;
		bytes -= g->bytes;
		n -= g->errors;
	}
}

/* An error line that is to be shown. */
static bool is_shown_error(const struct elide *e, uint32_t i)
{
	uint32_t pattern = log_pattern_of(e->m, i);

	return log_get_bit(e->is_error, i) &&
	       (pattern == LOG_NO_SHAPE || !e->groups[pattern].is_listed);
}

/* True when rare lines are what the text is made of. */
static bool is_mostly_rare(const struct elide *e)
{
	size_t bytes = 0, lines = 0;

	for (size_t i = 0; i < e->m->patterns.n; i++) {
		const struct log_pattern *p = &e->m->patterns.v[i];

		if (!log_is_rare(e, (uint32_t)i) || e->groups[i].errors)
			continue;
		lines += p->count;
		bytes += p->count * p->shape->line.n;
	}
	return lines > RARE_LINES_MAX || bytes > e->in->text.n / 100 * RARE_PERCENT;
}

/* The first lines of a pattern, the last lines of the text, rare lines, errors. */
static bool is_kept_by_itself(struct elide *e, uint32_t i)
{
	uint32_t pattern = log_pattern_of(e->m, i);
	struct group *g;

	if (pattern == LOG_NO_SHAPE)
		return true;
	g = &e->groups[pattern];
	if (g->begun < e->first || i + e->last >= e->m->lines_n || log_is_rare(e, pattern)) {
		g->begun++;
		return true;
	}
	return is_shown_error(e, i);
}

/* Of every run of rare lines, but for what is left out anyway, the first ones and the last stay. */
static void thin_runs(struct elide *e)
{
	uint32_t n = 0, last = 0;

	for (uint32_t i = 0; i < e->m->lines_n; i++) {
		bool is_thin =
			log_is_rare(e, log_pattern_of(e->m, i)) && !log_get_bit(e->is_error, i);

		if (!log_get_bit(e->is_kept, i))
			continue;
		if (is_thin && i + e->last < e->m->lines_n) {
			if (++n > RUN_FIRST)
				e->is_kept[i / 8] &= (uint8_t) ~(1U << (i % 8));
			last = i;
			continue;
		}
		if (n)
			log_set_bit(e->is_kept, last);
		n = 0;
	}
}

/* Lines that are not kept and stand at most before lines before a shown error, or after behind it; they are kept when
 * is_to_keep. */
static uint32_t count_around(struct elide *e, uint32_t before, uint32_t after, bool is_to_keep)
{
	uint32_t n = 0, from = 0;

	for (uint32_t i = 0; i < e->m->lines_n; i++) {
		if (i % 8 == 0 && !e->is_error[i / 8]) {
			i += 7;
			continue;
		}
		if (!is_shown_error(e, i))
			continue;
		if (from + before < i)
			from = i - before;
		for (; from <= i + after && from < e->m->lines_n; from++) {
			n += !log_get_bit(e->is_kept, from);
			if (is_to_keep)
				log_set_bit(e->is_kept, from);
		}
	}
	return n;
}

/* As many lines around errors as there is room for. */
static void keep_around(struct elide *e)
{
	static const uint8_t ways[][2] = {{12, 4}, {8, 3}, {4, 2}, {2, 1}, {1, 0}};

	for (size_t i = 0; i < ARRAY_N(ways); i++) {
		uint64_t n = count_around(e, ways[i][0], ways[i][1], false);

		if (n * 100 > (uint64_t)e->m->lines_n * AROUND_PERCENT)
			continue;
		count_around(e, ways[i][0], ways[i][1], true);
		return;
	}
}

static void choose_lines(struct elide *e)
{
	bool is_thin = is_mostly_rare(e);

	if (is_thin)
		e->rare_max = SCARCE_MAX;
	for (uint32_t i = 0; i < e->m->lines_n; i++)
		if (is_kept_by_itself(e, i))
			log_set_bit(e->is_kept, i);
	if (is_thin)
		thin_runs(e);
	keep_around(e);
}

static void keep_small_gaps(struct elide *e)
{
	size_t bytes = 0;
	uint32_t from = 0;

	for (uint32_t i = 0; i < e->m->lines_n; i++) {
		if (!log_get_bit(e->is_kept, i)) {
			/* about as long as the first of its shape */
			bytes += e->m->shapes.v[e->m->shape_of[i]].line.n;
			continue;
		}
		for (; bytes < GAP_BYTES && from < i; from++)
			log_set_bit(e->is_kept, from);
		from = i + 1;
		bytes = 0;
	}
}

static void count_kept(struct elide *e)
{
	for (uint32_t i = 0; i < e->m->lines_n; i++) {
		uint32_t pattern = log_pattern_of(e->m, i);

		if (pattern == LOG_NO_SHAPE)
			continue;
		if (log_get_bit(e->is_kept, i))
			e->groups[pattern].kept++;
		else
			e->groups[pattern].more += !log_is_rare(e, pattern);
	}
}

/* True when errors that are shown are much of the text: letter by letter they would take more than the exact form, which tells them as
 * rows, takes for all lines. */
static bool are_errors_many(const struct elide *e)
{
	size_t bytes = 0;

	for (size_t i = 0; i < e->m->patterns.n; i++)
		bytes += e->groups[i].is_listed ? 0 : e->groups[i].bytes;
	return bytes > e->in->text.n / 100 * ROWS_PERCENT;
}

/* Bytes that the kept lines of the pattern save as rows of it. */
static long gain_of_rows(const struct elide *e, size_t pattern)
{
	const struct log_pattern *p = &e->m->patterns.v[pattern];
	uint32_t kept = e->groups[pattern].kept;

	if (e->groups[pattern].errors && !e->has_error_rows)
		return 0;
	return kept < ROWS_LEAST
		       ? 0
		       : (long)kept * log_layout_gain(p) - (long)p->shape->line.n - PATTERN_BYTES;
}

/* What the leads of all lines that are no rows save, in bytes. */
static long find_leads(struct elide *e, uint32_t *plain)
{
	for (size_t i = 0; i < e->m->patterns.n; i++)
		plain[i] = e->layout.is_row[i] ? 0 : e->groups[i].kept;
	return log_layout_find_leads(&e->layout, plain);
}

/* What many lines that are kept have in common is said once: their pattern, or what lines of several begin with. */
static void choose_rows(struct elide *e)
{
	size_t n = e->m->patterns.n;
	bool *is_row = arena_array(e->arena, bool, n);
	uint32_t *plain = arena_array(e->arena, uint32_t, n);
	long rows = 0, leads;

	for (size_t i = 0; i < n; i++) {
		is_row[i] = gain_of_rows(e, i) > 0;
		rows += is_row[i] ? gain_of_rows(e, i) : 0;
	}
	log_layout_init(&e->layout, e->m, e->in->text, is_row, e->arena);
	leads = find_leads(e, plain);
	e->has_rows = rows + leads >= ROWS_GAIN;
	if (e->has_rows)
		return;
	/* without rows of patterns, leads tell more lines */
	memset(is_row, 0, n * sizeof *is_row);
	e->has_rows = find_leads(e, plain) >= ROWS_GAIN;
	if (!e->has_rows)
		e->layout.leads_n = 0;
}

bool log_elide(const struct codec_in *in, struct arena *a, const struct log_mine *m, str *out)
{
	struct elide *e = arena_new(a, struct elide);
	size_t bits = m->lines_n / 8 + 1;

	e->in = in;
	e->m = m;
	e->arena = a;
	e->rare_max = in->is_gentle ? SCARCE_MAX : RARE_MAX;
	e->first = in->is_gentle ? GENTLE_FIRST : FIRST;
	e->last = in->is_gentle ? GENTLE_LAST : LAST;
	e->groups = arena_array(a, struct group, m->patterns.n);
	e->is_error = arena_array(a, uint8_t, bits);
	e->is_kept = arena_array(a, uint8_t, bits);
	e->line = arena_alloc(a, sizeof *e->line, alignof(struct log_line));
	find_errors(e);
	list_errors(e, true);
	list_errors(e, false);
	e->has_error_rows = are_errors_many(e);
	choose_lines(e);
	keep_small_gaps(e);
	count_kept(e);
	choose_rows(e);
	return log_elide_write(e, out) && out->n * 100 <= in->text.n * (100 - GAIN_PERCENT);
}
