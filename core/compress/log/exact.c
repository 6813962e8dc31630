#include "core/compress/log/begin.h"
#include "core/compress/log/layout.h"
#include "core/compress/log/log.h"
#include "core/compress/marker.h"

enum {
	/* Bytes of the text after which it is given up when too little was saved; its beginning tells least of a log. */
	SAMPLE = 256 << 10,
	/* Percent of the bytes that must be saved: rows are harder to read than lines. encode_text() counts tokens
	 * before they are used. */
	GAIN_PERCENT = 15,
	/* What the line of a pattern costs besides its text. */
	PATTERN_BYTES = 12,
	PLACE_BYTES = 4,
	/* Lines of a pattern that is told by itself, whatever they begin with. */
	MANY = 8,
	LOOK_LINES = 1 << 14, /* at the beginning */
};

struct writer {
	const struct codec_in *in;
	const struct log_mine *m;
	struct arena *arena;
	struct buf rows;
	struct log_layout layout;
	uint32_t *number; /* of every pattern; 0: its lines stand as they are */
	uint32_t numbers_n;
	bool is_bad;
};

/* Bytes that the pattern saves; what it costs to say it is taken off. */
static long gain_of(const struct log_pattern *p)
{
	return p->count < 2 ? 0
			    : (long)p->count * log_layout_gain(p) - (long)p->shape->line.n -
				      PATTERN_BYTES - PLACE_BYTES * (long)p->slots_n;
}

/* What lines begin with that are of no pattern of many; lines of patterns of a few are told by these where that saves more. */
static uint32_t choose_begins(struct writer *w, bool *is_row, struct log_begin *begins)
{
	const struct log_mine *m = w->m;
	bool *is_told = arena_array(w->arena, bool, m->shapes.n);
	uint32_t n;

	for (size_t k = 0; k < m->shapes.n; k++)
		is_told[k] = is_row[m->shapes.v[k].pattern] &&
			     m->patterns.v[m->shapes.v[k].pattern].count >= MANY;
	n = log_begins_find(m, is_told, w->arena, begins);
	for (size_t i = 0; i < m->patterns.n; i++) {
		const struct log_pattern *p = &m->patterns.v[i];
		const struct log_begin *b;

		if (!is_row[i] || p->count >= MANY)
			continue;
		b = log_begins_of(begins, n, p->shape->line);
		is_row[i] = !b || gain_of(p) > b->fixed * (long)p->count;
	}
	return n;
}

/* The pattern or lead of a line, by its number; 0: none. */
static uint32_t number_of(struct writer *w, uint32_t pattern, str line)
{
	const struct log_lead *lead;

	if (pattern != LOG_NO_SHAPE && w->number[pattern])
		return w->number[pattern];
	lead = log_layout_lead(&w->layout, line);
	return lead ? lead->number : 0;
}

/* Whether rows of the pattern of the row before leave out its number: other lines that begin with a blank cost more then. */
static void choose_dittos(struct writer *w)
{
	str rest = w->in->text, line;
	uint32_t last = 0, dittos = 0, blanks = 0;

	for (uint32_t i = 0; i < LOOK_LINES && str_next_line(&rest, &line, NULL); i++) {
		uint32_t number = number_of(w, log_pattern_of(w->m, i), line);

		dittos += number && number == last;
		blanks += !number && line.n && *line.p == ' ';
		last = number;
	}
	w->layout.rows.has_dittos = log_layout_dittos(dittos, blanks);
}

static void choose_patterns(struct writer *w)
{
	bool *is_row = arena_array(w->arena, bool, w->m->patterns.n);
	struct log_begin *begins =
		arena_alloc(w->arena, LOG_BEGINS_MAX * sizeof *begins, alignof(struct log_begin));
	uint32_t *plain, begins_n;

	for (size_t i = 0; i < w->m->patterns.n; i++)
		is_row[i] = gain_of(&w->m->patterns.v[i]) > 0;
	begins_n = choose_begins(w, is_row, begins);
	log_layout_init(&w->layout, w->m, w->in->text, is_row, w->arena);
	w->number = arena_array(w->arena, uint32_t, w->m->patterns.n);
	plain = arena_array(w->arena, uint32_t, w->m->patterns.n);
	for (size_t i = 0; i < w->m->patterns.n; i++) {
		if (is_row[i])
			w->number[i] = ++w->numbers_n;
		else
			plain[i] = w->m->patterns.v[i].count;
	}
	log_layout_find_leads(&w->layout, plain);
	log_layout_add_begins(&w->layout, begins, begins_n);
	for (uint32_t i = 0; i < w->layout.leads_n; i++)
		w->layout.leads[i].number = ++w->numbers_n;
	if (w->layout.leads_n)
		choose_dittos(w);
}

static void write_pattern(struct buf *out, uint32_t number, str text)
{
	buf_add_u64(out, number);
	buf_add_c(out, ": ");
	buf_add(out, text);
	buf_add_byte(out, '\n');
}

static void write_head(struct writer *w, struct buf *out)
{
	struct codec_head h = {.codec = &log_codec, .form = CODEC_EXACT};
	struct buf words;

	buf_init_arena(&words, w->arena, 512);
	buf_add_u64(&words, w->m->lines_n);
	buf_add_c(&words, " lines in ");
	buf_add_u64(&words, w->numbers_n);
	buf_add_c(&words, w->numbers_n == 1 ? " pattern; " : " patterns; ");
	log_layout_words(&w->layout, &words);
	h.words = buf_str(&words);
	codec_head_write(out, &h);
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < w->m->patterns.n; i++)
		if (w->number[i])
			write_pattern(out, w->number[i], w->layout.text[i]);
	for (uint32_t i = 0; i < w->layout.leads_n; i++)
		write_pattern(out, w->layout.leads[i].number, w->layout.leads[i].text);
}

/* As a row of its pattern, or of what many lines begin with. */
static bool write_row(struct writer *w, uint32_t pattern, str line)
{
	const struct log_lead *lead;

	if (pattern != LOG_NO_SHAPE && w->number[pattern] &&
		log_layout_write(&w->layout, pattern, w->number[pattern], line, &w->rows))
		return true;
	lead = log_layout_lead(&w->layout, line);
	return lead && log_row_write(&w->layout.rows, &lead->spelled, lead->number,
			       w->layout.values, &w->rows);
}

static void write_line(struct writer *w, uint32_t pattern, str line, bool has_eol)
{
	if (write_row(w, pattern, line)) {
		w->rows.n -= !has_eol;
		return;
	}
	if (line.n && *line.p == '[') {
		struct codec_head h;
		struct marker m;

		w->is_bad |= codec_head_parse(line, &h) || marker_parse(line, &m);
	}
	log_row_write_line(&w->layout.rows, w->numbers_n, line, &w->rows);
	if (has_eol)
		buf_add_byte(&w->rows, '\n');
}

/* text_n: bytes of the text that the rows so far stand for; the table is paid once. */
static bool saves(const struct writer *w, size_t text_n, size_t table)
{
	return (w->rows.n + table) * 100 <= text_n * (100 - GAIN_PERCENT);
}

bool log_exact(const struct codec_in *in, struct arena *a, const struct log_mine *m, str *out)
{
	struct writer *w = arena_new(a, struct writer);
	str rest = in->text, line;
	bool has_eol, is_asked = false;
	struct buf b;

	w->in = in;
	w->m = m;
	w->arena = a;
	choose_patterns(w);
	if (!w->numbers_n)
		return false;
	buf_init_arena(&w->rows, a, in->text.n);
	for (uint32_t i = 0; str_next_line(&rest, &line, &has_eol); i++) {
		write_line(w, log_pattern_of(m, i), line, has_eol);
		if (is_asked || in->text.n - rest.n < SAMPLE)
			continue;
		is_asked = true;
		if (w->rows.err || !saves(w, in->text.n - rest.n, 0))
			return false;
	}
	buf_init_arena(&b, a, in->text.n);
	write_head(w, &b);
	if (!saves(w, in->text.n, b.n))
		return false;
	buf_add(&b, buf_str(&w->rows));
	*out = buf_str(&b);
	return !b.err && !w->rows.err && !w->is_bad;
}
