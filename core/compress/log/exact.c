#include "core/base/check.h"
#include "core/compress/log/log.h"
#include "core/compress/marker.h"

enum {
	/* Bytes of the text whose tokens are counted, and of what was made of them. */
	SAMPLE = 16 << 10,
	/* Of a shorter text bytes are counted: encode_text() counts its tokens before it is used. */
	SHORT = 4 << 10,
	/* Percent of the tokens that must be saved: rows are harder to read than lines. */
	GAIN_PERCENT = 15,
	/* Error lines stand as they are when they are at most this part of the bytes. */
	ERRORS_PERCENT = 25,
	/* Bytes that a row costs besides its values, and a slot in it. */
	ROW_BYTES = 5,
	SLOT_BYTES = 2,
	/* What the line of a pattern costs besides its text. */
	PATTERN_BYTES = 12,
	/* A value that is told by a sign when it stands twice in a row. */
	TWIN_MIN = 4,
};

struct column {
	str before; /* the value of the row before of the same pattern */
};

struct writer {
	const struct codec_in *in;
	const struct log_mine *m;
	struct arena *arena;
	struct buf out;
	uint32_t *number;       /* of every pattern; 0: its lines stand as they are */
	struct column **column; /* of every numbered pattern */
	uint32_t numbers_n;
	str time[LOG_STAMPS_MAX + 1];
	bool has_twins; /* values may be told by LOG_TWIN */
	bool is_bad;
	str values[LOG_WORDS_MAX]; /* of the present line */
};

str log_time_cut(str before, str now)
{
	size_t same = str_common_prefix(before, now);

	if (before.n != now.n || !now.n)
		return now;
	if (same == now.n)
		return STR("=");
	for (size_t i = same; i > 0; i--) {
		char left = now.p[i - 1];

		if (now.p[i] == ':' || now.p[i] == '.' || now.p[i] == ',')
			return str_sub(now, i, now.n);
		if ((left == ' ' || left == 'T') && now.p[i] != ' ')
			return str_sub(now, i, now.n);
	}
	return now;
}

bool log_time_join(str before, str cut, struct arena *a, str *out)
{
	char *p;

	if (str_eq(cut, STR("="))) {
		*out = before;
		return before.n > 0;
	}
	if (str_take(&cut, STR("=")) || cut.n >= before.n) {
		*out = cut;
		return cut.n > 0;
	}
	p = arena_alloc(a, before.n, 1);
	memcpy(p, before.p, before.n - cut.n);
	memcpy(p + (before.n - cut.n), cut.p, cut.n);
	*out = (str){p, before.n};
	return cut.n > 0;
}

/* Bytes of a pattern's lines that rows need not say again. */
static size_t fixed_bytes(const struct log_pattern *p)
{
	size_t n = 0;

	for (uint32_t i = 0; i <= p->slots_n; i++)
		n += p->between[i].n;
	return n;
}

static bool is_spellable(str line)
{
	return str_find(line, STR(LOG_ANY)) == STR_NONE &&
	       str_find(line, STR(LOG_TIME)) == STR_NONE;
}

static bool is_worth(const struct log_pattern *p)
{
	size_t fixed = fixed_bytes(p), row = ROW_BYTES + SLOT_BYTES * (size_t)p->slots_n;

	return p->count > 1 &&
	       (p->count - 1) * fixed > p->count * row + PATTERN_BYTES + 4 * (size_t)p->slots_n &&
	       is_spellable(p->shape->line);
}

static bool is_error(const struct log_pattern *p)
{
	return p->error == LOG_ERROR || p->error == LOG_WORDED;
}

/* Errors that are few are best read as they are. */
static bool spares_errors(const struct writer *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->m->patterns.n; i++) {
		const struct log_pattern *p = &w->m->patterns.v[i];

		if (is_error(p))
			n += p->count * p->shape->line.n;
	}
	return n * 100 <= w->in->text.n * ERRORS_PERCENT;
}

/* True when the pattern's first line has the same value twice, without another one but times between. */
static bool has_twins(struct writer *w, const struct log_pattern *p)
{
	str left = STR_NULL;

	if (!log_pattern_match(p, p->shape->line, w->values))
		return false;
	for (uint32_t i = 0; i < p->slots_n; i++) {
		if (p->slots[i].stamp)
			continue;
		if (left.n >= TWIN_MIN && str_eq(left, w->values[i]))
			return true;
		left = w->values[i];
	}
	return false;
}

static void choose_patterns(struct writer *w)
{
	bool spares = spares_errors(w);

	w->number = arena_array(w->arena, uint32_t, w->m->patterns.n);
	w->column = arena_array(w->arena, struct column *, w->m->patterns.n);
	for (size_t i = 0; i < w->m->patterns.n; i++) {
		const struct log_pattern *p = &w->m->patterns.v[i];

		if (!is_worth(p) || (spares && is_error(p)))
			continue;
		w->number[i] = ++w->numbers_n;
		w->has_twins = w->has_twins || has_twins(w, p);
		w->column[i] = arena_array(w->arena, struct column, p->slots_n);
	}
}

static void write_pattern(struct writer *w, const struct log_pattern *p)
{
	for (uint32_t i = 0; i < p->slots_n; i++) {
		buf_add(&w->out, p->between[i]);
		buf_add_c(&w->out, p->slots[i].stamp ? LOG_TIME : LOG_ANY);
	}
	buf_add(&w->out, p->between[p->slots_n]);
	buf_add_byte(&w->out, '\n');
}

static void write_head(struct writer *w)
{
	struct codec_head h = {.codec = &log_codec, .form = CODEC_EXACT};
	struct buf words;

	buf_init_arena(&words, w->arena, 256);
	buf_add_u64(&words, w->m->lines_n);
	buf_add_c(&words, " lines in ");
	buf_add_u64(&words, w->numbers_n);
	buf_add_c(&words, w->numbers_n == 1 ? " pattern" : " patterns");
	buf_add_c(&words, LOG_EXACT_WORDS);
	buf_add_c(&words, w->has_twins ? LOG_TWIN_WORDS : "");
	h.words = buf_str(&words);
	codec_head_write(&w->out, &h);
	buf_add_byte(&w->out, '\n');
	for (size_t i = 0; i < w->m->patterns.n; i++) {
		if (!w->number[i])
			continue;
		buf_add_u64(&w->out, w->number[i]);
		buf_add_c(&w->out, ": ");
		write_pattern(w, &w->m->patterns.v[i]);
	}
}

/* before: that of the row before; left: that on the left of it in the row. */
static void add_value(struct writer *w, str before, str left, str v)
{
	if (before.p && str_eq(before, v)) {
		buf_add_byte(&w->out, '=');
	} else if (w->has_twins && left.n >= TWIN_MIN && str_eq(left, v)) {
		buf_add_c(&w->out, LOG_TWIN);
	} else {
		w->is_bad |= w->has_twins && str_eq(v, STR(LOG_TWIN));
		buf_add(&w->out, v);
	}
}

static void write_row(struct writer *w, uint32_t pattern)
{
	const struct log_pattern *p = &w->m->patterns.v[pattern];
	str left = STR_NULL;

	buf_add_u64(&w->out, w->number[pattern]);
	for (uint32_t i = 0; i < p->slots_n; i++) {
		const struct log_slot *s = &p->slots[i];
		str *before = s->stamp ? &w->time[s->stamp] : &w->column[pattern][i].before;
		str v = w->values[i];

		buf_add_byte(&w->out, '\t');
		if (s->stamp) {
			str cut = log_time_cut(*before, v);

			if (cut.n == v.n && v.n < before->n)
				buf_add_byte(&w->out, '=');
			buf_add(&w->out, cut);
		} else {
			add_value(w, *before, left, v);
			left = v;
		}
		*before = v;
	}
}

/* "12" or "12<tab>...": what a row looks like. */
static bool looks_like_row(str line)
{
	size_t i = 0;

	while (i < line.n && line.p[i] >= '0' && line.p[i] <= '9')
		i++;
	return i && (i == line.n || line.p[i] == '\t');
}

static void write_line(struct writer *w, uint32_t shape, str line)
{
	uint32_t pattern = shape == LOG_NO_SHAPE ? LOG_NO_SHAPE : w->m->shapes.v[shape].pattern;

	if (pattern != LOG_NO_SHAPE && w->number[pattern] &&
		log_pattern_match(&w->m->patterns.v[pattern], line, w->values)) {
		write_row(w, pattern);
		return;
	}
	if (looks_like_row(line))
		buf_add_c(&w->out, "0\t");
	else if (line.n && *line.p == '[') {
		struct codec_head h;
		struct marker m;

		w->is_bad |= codec_head_parse(line, &h) || marker_parse(line, &m);
	}
	buf_add(&w->out, line);
}

static bool saves(const struct writer *w, size_t text_n, size_t rows_at, size_t rows_end)
{
	const struct codec_in *in = w->in;
	size_t before, after, table, share;
	str out = buf_str(&w->out);

	if (in->text.n < SHORT)
		return out.n * 100 <= in->text.n * (100 - GAIN_PERCENT);
	before = token_count(in->encoding, str_sub(in->text, 0, text_n), in->cache);
	after = token_count(in->encoding, str_sub(out, rows_at, rows_end), in->cache);
	table = rows_at < SAMPLE ? token_count(in->encoding, str_sub(out, 0, rows_at), in->cache)
				 : rows_at / 3;
	/* The table is paid once, the sample is a part of the text. */
	share = (size_t)((double)table * (double)text_n / (double)in->text.n);
	return (after + share) * 100 <= before * (100 - GAIN_PERCENT);
}

bool log_exact(const struct codec_in *in, struct arena *a, const struct log_mine *m, str *out)
{
	struct writer w = {.in = in, .m = m, .arena = a};
	str rest = in->text, line;
	size_t rows_at, text_n = 0, sample_end = 0;
	bool has_eol;

	choose_patterns(&w);
	if (!w.numbers_n)
		return false;
	buf_init_arena(&w.out, a, in->text.n);
	write_head(&w);
	rows_at = w.out.n;
	for (uint32_t i = 0; str_next_line(&rest, &line, &has_eol); i++) {
		write_line(&w, m->shape_of[i], line);
		if (has_eol)
			buf_add_byte(&w.out, '\n');
		if (!sample_end && (in->text.n - rest.n >= SAMPLE || !rest.n)) {
			text_n = in->text.n - rest.n;
			sample_end = w.out.n;
			if (w.out.err || !saves(&w, text_n, rows_at, sample_end))
				return false;
		}
	}
	*out = buf_str(&w.out);
	return !w.out.err && !w.is_bad;
}
