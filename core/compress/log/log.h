/* log: the codec of logs. Lines that are alike but for some words are told by the pattern that they share.
 *
 * Exact: the patterns once, then every line as the number of its pattern and its words:
 *	[log: 3 lines in 1 pattern; a row is a pattern's number and what stands at each <*>; ...]
 *	1: 17/06/09 <time> INFO Executor: Running task <*>.0 in stage 26.0
 *	1 20:11:08 38
 *	1 :09 +
 * (row.h). Lines of no pattern stand as they are. Elided: each pattern's first line and how many more there are, what varies in
 * them, and in their place the lines of rare patterns and all that report errors, as rows where there are many:
 *	17/06/09 20:11:08 INFO Executor: Running task 38.0 in stage 26.0
 *	[1: 400 more like this until 17/06/09 20:12:11]
 *	[398 like 1]
 *	17/06/09 20:12:10 ERROR Executor: Exception in task 437.0 in stage 26.0
 * Thread: any; pure functions, all memory is the caller's arena. */
#ifndef CORE_COMPRESS_LOG_LOG_H
#define CORE_COMPRESS_LOG_LOG_H

#include "core/compress/codec.h"
#include "core/compress/log/mine.h"

extern const struct codec log_codec;

/* The two forms; false when there is nothing to win or any doubt. */
bool log_exact(
	const struct codec_in *in, struct arena *a, const struct log_mine *m, str *out) MUST_CHECK;
bool log_elide(
	const struct codec_in *in, struct arena *a, const struct log_mine *m, str *out) MUST_CHECK;

/* Of struct codec. */
bool log_decode(str text, struct arena *a, str *out) MUST_CHECK;
bool log_holds(str original, str text, struct arena *a) MUST_CHECK;

#endif
