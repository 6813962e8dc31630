/* body: packed lines as they are written below the head: those that do not fit behind a "=", keys of one value in one line,
 * common beginnings of keys once, and what values have in common by its name:
 *
 *	$1=registry.example.org/web
 *	net.ipv4.conf.all.
 *	 accept_local accept_redirects = 0
 *	=a line as it was
 *
 * Thread: any. Owns: nothing, all in the caller's arena. */
#ifndef CORE_COMPRESS_PAIRS_BODY_H
#define CORE_COMPRESS_PAIRS_BODY_H

#include "core/compress/pairs/aligned.h"

enum { BODY_PIECES_MAX = 24 };

/* What a reader must be told of. */
struct body_used {
	uint32_t pieces_n;
	bool has_raw, has_joins, has_dirs, has_unknown, has_widths;
};

/* Makes lines raw that would be read in another way. */
void body_check(struct aligned *x);
void body_write(
	const struct aligned *x, const struct codec_in *in, struct body_used *used, struct buf *b);
/* Fills n, packed, is_raw and room for lines. False when the text is damaged. */
bool body_read(struct aligned *x, str body, uint32_t pieces_n) MUST_CHECK;

/* Of ALIGNED_NONE: nothing is to be computed. */
aligned_pack_fn body_pack;
aligned_unpack_fn body_unpack;

#endif
