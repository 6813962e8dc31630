#include "core/compress/log/log.h"

enum {
	LINES_MIN = 8,
	/* Percent of lines with a level or a time, without which a text that looks like none is no log. */
	LOGGISH_PERCENT = 30,
	/* Lines that are asked for their level. */
	LEVEL_SAMPLE = 256,
};

/* Whether a text that was not detected as a log is one. */
static bool is_loggish(str text, const struct log_mine *m)
{
	uint32_t step = m->lines_n / LEVEL_SAMPLE + 1, n = 0, asked = 0;
	str rest = text, line;

	if ((uint64_t)m->stamped_n * 100 >= (uint64_t)m->lines_n * LOGGISH_PERCENT)
		return true;
	for (uint32_t i = 0; str_next_line(&rest, &line, NULL); i++) {
		if (log_is_verdict(line))
			return true;
		if (i % step)
			continue;
		asked++;
		n += log_has_level(line);
	}
	return n * 100 >= asked * LOGGISH_PERCENT;
}

static bool log_encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct log_mine m;

	if (!log_mine(in->text, a, &m) || m.lines_n < LINES_MIN)
		return false;
	if (in->kind != KIND_LOG && !is_loggish(in->text, &m))
		return false;
	out->form = in->route.n ? CODEC_ELIDED : CODEC_EXACT;
	return in->route.n ? log_elide(in, a, &m, &out->text) : log_exact(in, a, &m, &out->text);
}

const struct codec log_codec = {
	.word = "log",
	.encoder = ENCODER_LOG,
	.kinds = 1U << KIND_LOG | 1U << KIND_JSONL | 1U << KIND_TEXT,
	.encode = log_encode,
	.decode = log_decode,
	.holds = log_holds,
};
