#include "core/compress/log/log.h"

#include "core/compress/build/build.h"

enum {
	LINES_MIN = 8,
	/* Percent of lines with a level or a time, without which a text that looks like none is no log. */
	LOGGISH_PERCENT = 30,
	/* Lines that are looked at. */
	SAMPLE_LINES = 256,
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

/* Lists of places, and columns, are other codecs' business unless a build or a check printed them. Of those, lines are alike but
 * for what has to be read, so that none is left out. */
static bool is_of_kind(const struct codec_in *in, size_t lines, struct arena *a)
{
	if (in->kind == KIND_LOG)
		return true;
	if (in->kind == KIND_SEARCH || in->kind == KIND_TABLE)
		return !in->route.n && build_is_input(in, a);
	return is_loggish(in->text, lines, a) || build_is_input(in, a);
}

static bool log_encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct log_mine m;
	size_t lines = count_lines(in->text);

	if (lines < LINES_MIN || lines >= UINT32_MAX || !is_of_kind(in, lines, a) ||
		!log_mine(in->text, (uint32_t)lines, a, &m))
		return false;
	out->form = in->route.n ? CODEC_ELIDED : CODEC_EXACT;
	return in->route.n ? log_elide(in, a, &m, &out->text) : log_exact(in, a, &m, &out->text);
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
