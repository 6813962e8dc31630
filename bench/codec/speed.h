/* speed: throughput of one codec on one core, in MB (10^6 bytes of the original) per second of processor time, and how
 * much slower that is than memcpy in the same run. Of many rounds the fastest counts, which others on the machine
 * disturb least. Of texts of a megabyte and more also how many bytes of memory become resident for one of the text (B/B), in a
 * process of its own. Encoding includes the tokens that a codec counts by itself. For the bench_ programs of the codecs:
 *
 *	bench_NAME [--large] [--keep SHARE] [FILE...]
 *
 * Without files: texts that are made, of 1 KB, 100 KB and 10 MB, with --large of 100 MB, too. SHARE: how much is
 * asked to stay. '-' stands where the codec
 * declines the text. */
#ifndef BENCH_CODEC_SPEED_H
#define BENCH_CODEC_SPEED_H

#include "core/compress/codec.h"

/* A text of at least n bytes, appended. */
typedef void speed_make_fn(struct buf *out, size_t n);

struct speed_text {
	const char *name;
	speed_make_fn *make;
};

/* All of a program; its exit status. */
int speed_main(const struct codec *c, enum content_kind kind, const struct speed_text *texts,
	size_t n, int argc, char **argv);

#endif
