/* table: JSON with its keys said once. Arrays of objects become tables, values that occur again names, common pieces
 * of text "$1"; the notation is in core/compress/table/cell.h, and its words in the head line:
 *
 *	[json: indent 2; rows below their columns, ^ as above]
 *	{kind=PodList items=[2 rows kind=Pod metadata{name namespace=default}
 *	web-1
 *	web-2
 *	}
 *
 * Thread: any; pure functions in the caller's arena. */
#ifndef CORE_COMPRESS_TABLE_TABLE_H
#define CORE_COMPRESS_TABLE_TABLE_H

#include "core/compress/codec.h"

extern const struct codec table_codec;

/* table_codec.decode for a text that is in that many strings of other documents. */
bool table_decode(str text, unsigned depth, struct arena *a, str *out) MUST_CHECK;

#endif
