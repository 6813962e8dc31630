#include "core/base/check.h"
#include "core/base/vec.h"
#include "core/compress/log/elide.h"
#include "core/compress/marker.h"

enum {
	/* Words that vary, of which something is said. */
	SLOTS_SAID = 4,
	/* Where so few lines are left out between lines that are shown, and again and again, they are counted once for
	 * a block of so many shown lines. */
	BLOCK_GAP = 16,
	BLOCK_LINES = 64,
};

/* Lines were left out before that byte of the block. */
struct block_gap {
	size_t at;
	struct log_gap gap;
};

/* Shown lines, with notes, that are written once it is known where what is left out between them is said. */
struct block {
	struct buf text;
	VEC(struct block_gap) gaps;
	uint32_t lines;
};

struct elide_writer {
	struct elide *e;
	struct arena *arena;
	VEC(str) shown; /* lines that are kept */
	struct buf out;
	struct block block;
	struct log_gap gap; /* before the next shown line */
	uint32_t declared;  /* numbers that the text has told so far */
};

static void begin_values(struct elide *e)
{
	for (size_t i = 0; i < e->m->patterns.n; i++) {
		const struct log_pattern *p = &e->m->patterns.v[i];
		struct group *g = &e->groups[i];

		if (!g->more)
			continue;
		g->values = arena_array(e->arena, struct log_values, p->slots_n);
		for (uint32_t k = 0; k < p->slots_n; k++)
			log_values_init(&g->values[k], g->is_listed, e->arena);
	}
}

/* Of lines that are left out, and of those shown of their pattern. Remembers where the shown ones are. */
static void collect_values(struct elide_writer *w)
{
	struct elide *e = w->e;
	str rest = e->in->text, line;

	for (uint32_t i = 0; str_next_line(&rest, &line, NULL); i++) {
		uint32_t pattern = log_pattern_of(e->m, i);
		const struct log_pattern *p;
		struct group *g;
		bool is_kept = log_get_bit(e->is_kept, i);

		if (is_kept)
			*vec_push(&w->shown, w->arena) = line;
		if (pattern == LOG_NO_SHAPE || !e->groups[pattern].more)
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

/* What of the last time has to be said behind the shown one's: the time of day, when the date is the same. */
static str until(str shown, str last)
{
	size_t i = str_common_prefix(shown, last);

	if (!last.n)
		return last;
	while (i && last.p[i - 1] != ' ' && last.p[i - 1] != 'T')
		i--;
	return shown.n == last.n ? str_sub(last, i, last.n) : last;
}

static void write_note(struct elide_writer *w, uint32_t pattern, str shown)
{
	struct elide *e = w->e;
	const struct log_pattern *p = &e->m->patterns.v[pattern];
	struct group *g = &e->groups[pattern];
	struct log_note note = {.number = g->number, .more = g->more, .is_errors = g->is_listed};
	struct buf *b = &w->block.text;
	uint32_t said = 0;

	log_note_begin(b, &note, until(stamp_of(e, shown), stamp_of(e, g->last)));
	if (!log_line_scan(p->shape->line, e->line))
		return;
	for (uint32_t k = 0; k < p->slots_n && (said < SLOTS_SAID || g->is_listed); k++) {
		const struct log_slot *s = &p->slots[k];
		const struct log_word *word = &p->shape->w[s->word];
		str label = {
			p->shape->line.p + word->at + s->prefix, word->n - s->prefix - s->suffix};
		size_t n = b->n;

		buf_add_c(b, "; ");
		if (!s->stamp && !log_is_pid(p->shape->line, e->line, s->word) &&
			log_values_write(&g->values[k], b, label))
			said++;
		else
			b->n = n;
	}
	buf_add_c(b, "]\n");
}

/* ---- gaps and blocks ---- */

static void name_in_gap(struct log_gap *gap, uint32_t number)
{
	for (uint32_t i = 0; i < gap->names_n; i++)
		if (gap->names[i] == number)
			return;
	if (gap->names_n < LOG_GAP_NAMES)
		gap->names[gap->names_n++] = number;
	else
		gap->has_more_names = true;
}

static void add_to_gap(struct elide_writer *w, uint32_t pattern)
{
	struct log_gap *gap = &w->gap;

	if (!w->e->groups[pattern].more) {
		gap->others++;
		return;
	}
	gap->like++;
	name_in_gap(gap, w->e->groups[pattern].number);
}

/* All gaps of the block as one. */
static struct log_gap sum_up(const struct block *k)
{
	struct log_gap sum = {.among = k->lines};

	for (size_t i = 0; i < k->gaps.n; i++) {
		const struct log_gap *g = &k->gaps.v[i].gap;

		sum.like += g->like;
		sum.others += g->others;
		sum.has_more_names |= g->has_more_names;
		for (uint32_t n = 0; n < g->names_n; n++)
			name_in_gap(&sum, g->names[n]);
	}
	return sum;
}

static void write_gap(struct buf *b, const struct log_gap *g)
{
	log_gap_write(b, g);
	buf_add_byte(b, '\n');
}

/* Each gap in its place. */
static void write_in_place(struct buf *out, const struct block *k)
{
	str text = buf_str(&k->text);
	size_t at = 0;

	for (size_t i = 0; i < k->gaps.n; i++) {
		const struct block_gap *g = &k->gaps.v[i];

		buf_add(out, str_sub(text, at, g->at));
		write_gap(out, &g->gap);
		at = g->at;
	}
	buf_add(out, str_sub(text, at, text.n));
}

static void end_block(struct elide_writer *w)
{
	struct block *k = &w->block;
	size_t from = w->out.n, in_place;

	log_rows_break(&w->e->layout.rows);
	write_in_place(&w->out, k);
	in_place = w->out.n - from;
	if (k->gaps.n > 1) {
		struct log_gap sum = sum_up(k);

		write_gap(&w->out, &sum);
		if (w->out.n - from - in_place + k->text.n < in_place) {
			w->out.n = from;
			write_gap(&w->out, &sum);
			buf_add(&w->out, buf_str(&k->text));
		} else {
			w->out.n = from + in_place;
		}
	}
	buf_reset(&k->text);
	k->gaps.n = 0;
	k->lines = 0;
}

static void end_gap(struct elide_writer *w)
{
	struct log_gap *gap = &w->gap;
	uint32_t n = gap->like + gap->others;

	if (n > BLOCK_GAP || w->block.lines >= BLOCK_LINES)
		end_block(w);
	if (!n)
		return;
	log_rows_break(&w->e->layout.rows);
	if (n > BLOCK_GAP)
		write_gap(&w->out, gap);
	else
		*vec_push(&w->block.gaps, w->arena) = (struct block_gap){w->block.text.n, *gap};
	*gap = (struct log_gap){0};
}

/* ---- lines ---- */

/* A line that would be taken for one of ours. */
static bool is_in_the_way(str line)
{
	struct log_note note;
	struct log_gap gap;
	struct codec_head h;
	struct marker m;
	uint32_t number;
	str spelled;

	return line.n && *line.p == '[' &&
	       (log_note_parse(line, &note) || log_gap_parse(line, &gap) ||
		       log_rows_parse(line, &number, &spelled) || codec_head_parse(line, &h) ||
		       marker_parse(line, &m));
}

/* The number of a pattern of rows, which is told before its first one. */
static uint32_t declare_rows(struct elide_writer *w, uint32_t *number, str spelled)
{
	if (!*number) {
		*number = ++w->declared;
		log_rows_begin(&w->block.text, *number, spelled);
		log_rows_break(&w->e->layout.rows);
	}
	return *number;
}

/* As a row of its pattern, or of what many lines begin with. */
static bool write_row(struct elide_writer *w, uint32_t pattern, str line)
{
	struct log_layout *l = &w->e->layout;
	struct buf *b = &w->block.text;
	struct log_lead *lead;

	if (pattern != LOG_NO_SHAPE && l->is_row[pattern] &&
		log_layout_write(l, pattern,
			declare_rows(w, &w->e->groups[pattern].rows, l->text[pattern]), line, b))
		return true;
	lead = log_layout_lead(l, line);
	return lead && log_row_write(&l->rows, &lead->spelled,
			       declare_rows(w, &lead->number, lead->text), l->values, b);
}

static bool write_line(struct elide_writer *w, uint32_t i, str line, bool has_eol)
{
	struct elide *e = w->e;
	struct buf *b = &w->block.text;
	uint32_t pattern = log_pattern_of(e->m, i);
	bool is_known = pattern != LOG_NO_SHAPE;
	struct group *g = is_known ? &e->groups[pattern] : NULL;
	bool is_first = is_known && !g->is_begun;

	end_gap(w);
	w->block.lines++;
	if (is_first)
		g->is_begun = true;
	if (e->has_rows && write_row(w, pattern, line)) {
		b->n -= !has_eol;
	} else {
		if (is_in_the_way(line))
			return false;
		if (e->has_rows)
			log_row_write_line(&e->layout.rows, w->declared, line, b);
		else
			buf_add(b, line);
		if (has_eol)
			buf_add_byte(b, '\n');
	}
	if (is_first && g->more) {
		g->number = ++w->declared;
		write_note(w, pattern, line);
		log_rows_break(&e->layout.rows);
	}
	return true;
}

static bool write_lines(struct elide_writer *w)
{
	const char *end = w->e->in->text.p + w->e->in->text.n;
	const str *shown = w->shown.v;

	for (uint32_t i = 0; i < w->e->m->lines_n; i++) {
		if (!log_get_bit(w->e->is_kept, i)) {
			add_to_gap(w, log_pattern_of(w->e->m, i));
			continue;
		}
		if (!write_line(w, i, *shown, shown->p + shown->n < end))
			return false;
		shown++;
	}
	end_gap(w);
	end_block(w);
	return true;
}

static void write_head(struct elide *e, struct buf *out)
{
	struct codec_head h = {.codec = &log_codec, .form = CODEC_ELIDED, .route = e->in->route};
	struct buf words;

	buf_init_arena(&words, e->arena, 1024);
	buf_add_u64(&words, e->m->lines_n);
	buf_add_c(&words, " lines; of lines alike the first is shown and the others are counted, "
			  "[9 like 2] is "
			  "where 9 like number 2 were; errors are all here or listed");
	if (e->has_rows) {
		buf_add_c(&words, "; ");
		log_layout_words(&e->layout, &words);
	}
	h.words = buf_str(&words);
	codec_head_write(out, &h);
	buf_add_byte(out, '\n');
}

bool log_elide_write(struct elide *e, str *out)
{
	struct elide_writer *w = arena_new(e->arena, struct elide_writer);
	struct buf all;

	ASSERT(e->layout.is_row && e->groups);
	w->e = e;
	w->arena = e->arena;
	begin_values(e);
	collect_values(w);
	buf_init_arena(&w->out, e->arena, e->in->text.n);
	buf_init_arena(&w->block.text, e->arena, e->in->text.n);
	if (!write_lines(w) || w->out.err || w->block.text.err)
		return false;
	buf_init_arena(&all, e->arena, e->in->text.n);
	write_head(e, &all);
	buf_add(&all, buf_str(&w->out));
	*out = buf_str(&all);
	return !all.err;
}
