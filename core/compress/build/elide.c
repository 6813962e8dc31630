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

static void write_gap(struct buf *b, const str *v, uint32_t n, enum build_kind kind)
{
	struct build_gap g = {.kind = kind, .lines = n};

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
	build_gap_write(b, &g);
	buf_add_byte(b, '\n');
}

/* Lines that are left out, as a gap; where that saves too little, as they are. */
static bool write_left_out(struct buf *b, const str *v, uint32_t n, enum build_kind kind)
{
	size_t bytes = 0, at = b->n;

	for (uint32_t i = 0; i < n; i++)
		bytes += v[i].n + 1;
	write_gap(b, v, n, kind);
	if (b->n - at + GAP_GAIN <= bytes)
		return true;
	b->n = at;
	for (uint32_t i = 0; i < n; i++) {
		if (is_in_the_way(v[i]))
			return false;
		buf_add(b, v[i]);
		buf_add_byte(b, '\n');
	}
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
	struct buf b;

	buf_init_arena(&b, a, in->text.n + said->text.n + 512);
	write_head(in, said, l.n, a, &b);
	for (uint32_t i = 0, end; i < l.n; i = end) {
		end = i + 1;
		if (kind[i]) {
			while (kind[end] == kind[i]) /* the last line is shown */
				end++;
			if (!write_left_out(&b, l.v + i, end - i, (enum build_kind)kind[i]))
				return false;
			continue;
		}
		if (is_in_the_way(l.v[i]))
			return false;
		buf_add(&b, l.v[i]);
		if (end < l.n)
			buf_add_byte(&b, '\n');
	}
	*out = buf_str(&b);
	return !b.err && out->n * 100 <= in->text.n * (100 - GAIN_PERCENT);
}
