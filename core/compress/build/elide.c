#include "core/base/vec.h"
#include "core/compress/build/build.h"
#include "core/compress/build/mark.h"
#include "core/compress/build/outcome.h"
#include "core/compress/build/report.h"
#include "core/compress/marker.h"

enum {
	/* Percent of its bytes that a text must lose. */
	GAIN_PERCENT = 25,
	/* Bytes that a gap must save. */
	GAP_GAIN = 36,
	/* Gaps of so few lines of output that come again and again are counted once for a block of so many shown lines. */
	BLOCK_GAP = 40,
	BLOCK_GAPS_MIN = 3,
	BLOCK_LINES = 64,
};

/* Lines were left out before that byte of the block. */
struct block_gap {
	size_t at;
	struct build_gap gap;
};

/* Shown lines that are written once it is known where what is left out between them is said. */
struct block {
	struct buf text;
	VEC(struct block_gap) gaps;
	uint32_t lines;
	uint32_t among; /* lines up to the one behind the last gap */
};

struct writer {
	struct arena *arena;
	struct buf out;
	struct block block;
};

/* A line that would be taken for one of ours. */
static bool is_in_the_way(str line)
{
	struct build_gap gap;
	struct codec_head h;
	struct marker m;

	return line.n && *line.p == '[' &&
	       (build_gap_parse(line, &gap) || codec_head_parse(line, &h) ||
		       marker_parse(line, &m));
}

/* What a gap says that the line is in. */
static enum build_kind gap_kind(uint8_t kind)
{
	return kind == BUILD_REPEATED ? BUILD_OUTPUT : (enum build_kind)kind;
}

/* Of n lines v of these kinds, which are left out. */
static struct build_gap gap_of(const str *v, uint32_t n, const uint8_t *kinds)
{
	enum build_kind kind = gap_kind(*kinds);
	struct build_gap g = {.kind = kind, .lines = n};

	for (uint32_t i = 0; i < n; i++)
		g.repeated += kinds[i] == BUILD_REPEATED;
	for (uint32_t i = 0; kind == BUILD_AGAIN && i < n; i++)
		g.titles += build_is_title(v[i]);
	for (uint32_t i = 0; kind == BUILD_PASSED && i < n; i++) {
		struct build_outcome o;

		if (!build_outcome_of(v[i], &o))
			continue;
		g.passed += o.passed;
		g.skipped += o.skipped;
		build_gap_count(&g, o.suite, o.passed);
	}
	return g;
}

static void write_gap(struct buf *b, const struct build_gap *g)
{
	build_gap_write(b, g);
	buf_add_byte(b, '\n');
}

/* Each gap in its place. */
static void write_in_place(struct buf *out, const struct block *k)
{
	str text = buf_str(&k->text);
	size_t at = 0;

	for (size_t i = 0; i < k->gaps.n; i++) {
		buf_add(out, str_sub(text, at, k->gaps.v[i].at));
		write_gap(out, &k->gaps.v[i].gap);
		at = k->gaps.v[i].at;
	}
	buf_add(out, str_sub(text, at, text.n));
}

/* All gaps as one that says among how many lines they were; false when that would be no shorter, or there are few. */
static bool write_summed(struct buf *out, const struct block *k, size_t in_place)
{
	struct build_gap sum = {.kind = BUILD_OUTPUT, .among = k->among};
	size_t from = out->n;

	for (size_t i = 0; i < k->gaps.n; i++) {
		sum.lines += k->gaps.v[i].gap.lines;
		sum.repeated += k->gaps.v[i].gap.repeated;
	}
	if (k->gaps.n < BLOCK_GAPS_MIN)
		return false;
	write_gap(out, &sum);
	buf_add(out, buf_str(&k->text));
	if (out->n - from < in_place)
		return true;
	out->n = from;
	return false;
}

static void end_block(struct writer *w)
{
	struct block *k = &w->block;
	size_t from = w->out.n, in_place;

	write_in_place(&w->out, k);
	in_place = w->out.n - from;
	w->out.n = from;
	if (!write_summed(&w->out, k, in_place))
		write_in_place(&w->out, k);
	buf_reset(&k->text);
	k->gaps.n = 0;
	k->lines = k->among = 0;
}

/* The gap before the next shown line. A block begins with one. */
static void add_gap(struct writer *w, const struct build_gap *g)
{
	struct block *k = &w->block;
	bool is_small = g->kind == BUILD_OUTPUT && g->lines <= BLOCK_GAP;

	if (!is_small || !k->gaps.n || k->lines >= BLOCK_LINES)
		end_block(w);
	if (!is_small) {
		write_gap(&w->out, g);
		return;
	}
	*vec_push(&k->gaps, w->arena) = (struct block_gap){k->text.n, *g};
	k->among = k->lines + 1;
}

/* False for one that would be taken for one of ours. */
static bool add_line(struct writer *w, str line, bool has_eol)
{
	if (is_in_the_way(line))
		return false;
	buf_add(&w->block.text, line);
	if (has_eol)
		buf_add_byte(&w->block.text, '\n');
	w->block.lines++;
	return true;
}

/* Lines that are left out, as a gap; where that saves too little, as they are. */
static bool add_left_out(struct writer *w, const str *v, uint32_t n, const uint8_t *kinds)
{
	struct build_gap g = gap_of(v, n, kinds);
	size_t bytes = 0, at = w->out.n, gap;

	for (uint32_t i = 0; i < n; i++)
		bytes += v[i].n + 1;
	write_gap(&w->out, &g);
	gap = w->out.n - at;
	w->out.n = at;
	if (gap + GAP_GAIN <= bytes) {
		add_gap(w, &g);
		return true;
	}
	for (uint32_t i = 0; i < n; i++)
		if (!add_line(w, v[i], true))
			return false;
	return true;
}

static void write_head(const struct codec_in *in, const struct build_report *said, uint32_t lines,
	struct arena *a, struct buf *b)
{
	struct codec_head h = {.codec = &build_codec, .form = CODEC_ELIDED, .route = in->route};
	struct buf words;

	buf_init_arena(&words, a, 256);
	buf_add_u64(&words, lines);
	buf_add_c(&words, " lines");
	if (said->source.n) {
		buf_add_c(&words, " from ");
		buf_add(&words, said->source);
	}
	buf_add_c(&words, "; lines in brackets count what was left out there");
	h.words = buf_str(&words);
	codec_head_write(b, &h);
	buf_add_byte(b, '\n');
}

bool build_elide(
	const struct codec_in *in, const struct build_report *said, struct arena *a, str *out)
{
	struct lines l = lines_split(a, said->text);
	const uint8_t *kind =
		said->is_list ? arena_array(a, uint8_t, l.n) : build_mark(l, in->is_gentle, a);
	struct writer w = {.arena = a};

	buf_init_arena(&w.out, a, in->text.n + said->text.n + 512);
	buf_init_arena(&w.block.text, a, said->text.n + 1);
	write_head(in, said, l.n, a, &w.out);
	for (uint32_t i = 0, end; i < l.n; i = end) {
		end = i + 1;
		if (!kind[i]) {
			if (!add_line(&w, l.v[i], end < l.n))
				return false;
			continue;
		}
		/* the last line is shown */
		while (gap_kind(kind[end]) == gap_kind(kind[i]))
			end++;
		if (!add_left_out(&w, l.v + i, end - i, kind + i))
			return false;
	}
	end_block(&w);
	*out = buf_str(&w.out);
	return !w.out.err && !w.block.text.err && out->n * 100 <= in->text.n * (100 - GAIN_PERCENT);
}
