#include "core/base/vec.h"
#include "core/compress/codec.h"
#include "core/compress/log/log.h"
#include "core/compress/log/note.h"
#include "core/compress/log/values.h"
#include "core/compress/marker.h"

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
	/* Words that vary, of which something is said. */
	SLOTS_SAID = 6,
	/* Percent of its bytes that a text must lose. */
	GAIN_PERCENT = 40,
};

struct group {
	uint32_t number;           /* of its note; 0: none of its lines is left out */
	uint32_t more;             /* lines that are left out */
	uint32_t errors;           /* lines that report errors */
	size_t bytes;              /* of these */
	bool is_listed;            /* error lines of it are left out as well */
	uint32_t begun;            /* lines that are kept, up to so many */
	bool is_begun;             /* its first line is written */
	struct log_values *values; /* of its slots */
	str last;                  /* the last line that is left out */
};

struct elide {
	const struct codec_in *in;
	const struct log_mine *m;
	struct arena *arena;
	struct group *groups; /* one for each pattern */
	uint8_t *is_error;    /* bits, of lines */
	uint8_t *is_kept;     /* bits, of lines */
	uint32_t rare_max;    /* lines of a pattern that is rare */
	uint32_t first, last;
	VEC(str) shown;        /* lines that are kept */
	struct log_line *line; /* for scanning */
	str values[LOG_WORDS_MAX];
	struct buf out;
};

static bool get_bit(const uint8_t *bits, uint32_t i)
{
	return bits[i / 8] >> (i % 8) & 1;
}

static void set_bit(uint8_t *bits, uint32_t i)
{
	bits[i / 8] |= (uint8_t)(1U << (i % 8));
}

static uint32_t pattern_of(const struct elide *e, uint32_t line)
{
	uint32_t shape = e->m->shape_of[line];

	return shape == LOG_NO_SHAPE ? LOG_NO_SHAPE : e->m->shapes.v[shape].pattern;
}

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
		set_bit(e->is_error, i);
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
	uint32_t pattern = pattern_of(e, i);

	return get_bit(e->is_error, i) &&
	       (pattern == LOG_NO_SHAPE || !e->groups[pattern].is_listed);
}

static bool is_rare(const struct elide *e, uint32_t pattern)
{
	return pattern != LOG_NO_SHAPE && e->m->patterns.v[pattern].count <= e->rare_max;
}

/* True when rare lines are what the text is made of. */
static bool is_mostly_rare(const struct elide *e)
{
	size_t bytes = 0, lines = 0;

	for (size_t i = 0; i < e->m->patterns.n; i++) {
		const struct log_pattern *p = &e->m->patterns.v[i];

		if (!is_rare(e, (uint32_t)i) || e->groups[i].errors)
			continue;
		lines += p->count;
		bytes += p->count * p->shape->line.n;
	}
	return lines > RARE_LINES_MAX || bytes > e->in->text.n / 100 * RARE_PERCENT;
}

/* The first lines of a pattern, the last lines of the text, rare lines, errors. */
static bool is_kept_by_itself(struct elide *e, uint32_t i)
{
	uint32_t pattern = pattern_of(e, i);
	struct group *g;

	if (pattern == LOG_NO_SHAPE)
		return true;
	g = &e->groups[pattern];
	if (g->begun < e->first || i + e->last >= e->m->lines_n || is_rare(e, pattern)) {
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
		bool is_thin = is_rare(e, pattern_of(e, i)) && !get_bit(e->is_error, i);

		if (!get_bit(e->is_kept, i))
			continue;
		if (is_thin && i + e->last < e->m->lines_n) {
			if (++n > RUN_FIRST)
				e->is_kept[i / 8] &= (uint8_t) ~(1U << (i % 8));
			last = i;
			continue;
		}
		if (n)
			set_bit(e->is_kept, last);
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
			n += !get_bit(e->is_kept, from);
			if (is_to_keep)
				set_bit(e->is_kept, from);
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
			set_bit(e->is_kept, i);
	if (is_thin)
		thin_runs(e);
	keep_around(e);
}

static void keep_small_gaps(struct elide *e)
{
	size_t bytes = 0;
	uint32_t from = 0;

	for (uint32_t i = 0; i < e->m->lines_n; i++) {
		if (!get_bit(e->is_kept, i)) {
			/* about as long as the first of its shape */
			bytes += e->m->shapes.v[e->m->shape_of[i]].line.n;
			continue;
		}
		for (; bytes < GAP_BYTES && from < i; from++)
			set_bit(e->is_kept, from);
		from = i + 1;
		bytes = 0;
	}
}

static void number_groups(struct elide *e)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < e->m->lines_n; i++)
		if (!get_bit(e->is_kept, i))
			e->groups[pattern_of(e, i)].more += !is_rare(e, pattern_of(e, i));
	for (size_t i = 0; i < e->m->patterns.n; i++) {
		const struct log_pattern *p = &e->m->patterns.v[i];
		struct group *g = &e->groups[i];

		if (!g->more)
			continue;
		g->number = ++n;
		g->values = arena_array(e->arena, struct log_values, p->slots_n);
		for (uint32_t k = 0; k < p->slots_n; k++)
			log_values_init(&g->values[k], g->is_listed, e->arena);
	}
}

/* Of lines that are left out, and of those shown of their pattern. Remembers where the shown ones are. */
static void collect_values(struct elide *e)
{
	str rest = e->in->text, line;

	for (uint32_t i = 0; str_next_line(&rest, &line, NULL); i++) {
		uint32_t pattern = pattern_of(e, i);
		const struct log_pattern *p;
		struct group *g;
		bool is_kept = get_bit(e->is_kept, i);

		if (is_kept)
			*vec_push(&e->shown, e->arena) = line;
		if (pattern == LOG_NO_SHAPE || !e->groups[pattern].number)
			continue;
		p = &e->m->patterns.v[pattern];
		g = &e->groups[pattern];
		if (!is_kept)
			g->last = line;
		if (!p->slots_n || !log_pattern_match(p, line, e->values))
			continue;
		for (uint32_t k = 0; k < p->slots_n; k++)
			if (!p->slots[k].stamp)
				log_values_add(&g->values[k], e->values[k]);
	}
}

/* The first time stamp of a line. */
static str stamp_of(struct elide *e, str line)
{
	if (log_line_scan(line, e->line))
		for (uint32_t i = 0; i < e->line->n; i++)
			if (e->line->w[i].stamp)
				return str_trim(log_word_str(line, &e->line->w[i]));
	return STR_NULL;
}

static void write_note(struct elide *e, uint32_t pattern)
{
	const struct log_pattern *p = &e->m->patterns.v[pattern];
	struct group *g = &e->groups[pattern];
	struct log_note note = {.number = g->number, .more = g->more, .is_errors = g->is_listed};
	uint32_t said = 0;

	log_note_begin(&e->out, &note, stamp_of(e, g->last));
	if (!log_line_scan(p->shape->line, e->line))
		return;
	for (uint32_t k = 0; k < p->slots_n && (said < SLOTS_SAID || g->is_listed); k++) {
		const struct log_slot *s = &p->slots[k];
		const struct log_word *w = &p->shape->w[s->word];
		str label = {p->shape->line.p + w->at + s->prefix, w->n - s->prefix - s->suffix};
		size_t n = e->out.n;

		buf_add_c(&e->out, "; ");
		if (!s->stamp && !log_is_pid(p->shape->line, e->line, s->word) &&
			log_values_write(&g->values[k], &e->out, label))
			said++;
		else
			e->out.n = n;
	}
	buf_add_c(&e->out, "]\n");
}

static void add_to_gap(struct elide *e, struct log_gap *gap, uint32_t pattern)
{
	uint32_t number = e->groups[pattern].number;

	if (!number) {
		gap->others++;
		return;
	}
	gap->like++;
	for (uint32_t i = 0; i < gap->names_n; i++)
		if (gap->names[i] == number)
			return;
	if (gap->names_n < LOG_GAP_NAMES)
		gap->names[gap->names_n++] = number;
	else
		gap->has_more_names = true;
}

static void end_gap(struct elide *e, struct log_gap *gap)
{
	if (!gap->like && !gap->others)
		return;
	log_gap_write(&e->out, gap);
	buf_add_byte(&e->out, '\n');
	*gap = (struct log_gap){0};
}

/* A line that would be taken for one of ours. */
static bool is_in_the_way(str line)
{
	struct log_note note;
	struct log_gap gap;
	struct codec_head h;
	struct marker m;

	return line.n && *line.p == '[' &&
	       (log_note_parse(line, &note) || log_gap_parse(line, &gap) ||
		       codec_head_parse(line, &h) || marker_parse(line, &m));
}

static bool write_lines(struct elide *e)
{
	const char *end = e->in->text.p + e->in->text.n;
	const str *shown = e->shown.v;
	struct log_gap gap = {0};

	for (uint32_t i = 0; i < e->m->lines_n; i++) {
		uint32_t pattern = pattern_of(e, i);

		if (!get_bit(e->is_kept, i)) {
			add_to_gap(e, &gap, pattern);
			continue;
		}
		if (is_in_the_way(*shown))
			return false;
		end_gap(e, &gap);
		buf_add(&e->out, *shown);
		if (shown->p + shown->n < end)
			buf_add_byte(&e->out, '\n');
		shown++;
		if (pattern == LOG_NO_SHAPE || e->groups[pattern].is_begun)
			continue;
		e->groups[pattern].is_begun = true;
		if (e->groups[pattern].number)
			write_note(e, pattern);
	}
	return true;
}

static void write_head(struct elide *e)
{
	struct codec_head h = {.codec = &log_codec, .form = CODEC_ELIDED, .route = e->in->route};

	h.words = arena_printf(e->arena,
		"%u lines; of lines alike the first is shown and the others are counted, "
		"[9 like 2] is where 9 like number 2 were; errors are all here or listed",
		e->m->lines_n);
	codec_head_write(&e->out, &h);
	buf_add_byte(&e->out, '\n');
}

bool log_elide(const struct codec_in *in, struct arena *a, const struct log_mine *m, str *out)
{
	struct elide e = {.in = in,
		.m = m,
		.arena = a,
		.rare_max = in->is_gentle ? SCARCE_MAX : RARE_MAX,
		.first = in->is_gentle ? GENTLE_FIRST : FIRST,
		.last = in->is_gentle ? GENTLE_LAST : LAST};
	size_t bits = m->lines_n / 8 + 1;

	e.groups = arena_array(a, struct group, m->patterns.n);
	e.is_error = arena_array(a, uint8_t, bits);
	e.is_kept = arena_array(a, uint8_t, bits);
	e.line = arena_alloc(a, sizeof *e.line, alignof(struct log_line));
	find_errors(&e);
	list_errors(&e, true);
	list_errors(&e, false);
	choose_lines(&e);
	keep_small_gaps(&e);
	number_groups(&e);
	collect_values(&e);
	buf_init_arena(&e.out, a, in->text.n);
	write_head(&e);
	if (!write_lines(&e) || e.out.err)
		return false;
	*out = buf_str(&e.out);
	return out->n * 100 <= in->text.n * (100 - GAIN_PERCENT);
}
