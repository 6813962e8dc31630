/* log: the codec of logs. Lines that are alike but for some words are told by the pattern that they share.
 *
 * Exact: the patterns once, then every line as the number of its pattern and its words:
 *	[log: 3 lines in 1 pattern; a row is a pattern's number and what stands at each <*>; = as before; times cut to what changed]
 *	1: <time> INFO Executor: Running task <*> in stage 26.0
 *	1	17/06/09 20:11:08	38.0
 *	1	:09	39.0
 * Lines of no pattern stand as they are. Elided: each pattern's first line and how many more there are, what varies in
 * them, and in their place the lines of rare patterns and all that report errors:
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

/* How the rows of the exact form and the head are spelled; both sides use it. */
#define LOG_ANY  "<*>"
#define LOG_TIME "<time>"
#define LOG_EXACT_WORDS                                                                         \
	"; a row is a pattern's number and what stands at each <*>; = as before; times cut to " \
	"what changed"

/* A value that stands twice in a row; only said, and only read so, where the head has these words. */
#define LOG_TWIN       "^"
#define LOG_TWIN_WORDS "; ^ as the value left of it, times aside"

/* What of now has to be said after before, both time stamps: from a colon, point or comma on, or behind a blank or 'T' on; "=": nothing.
 * All of now when nothing can be saved. */
str log_time_cut(str before, str now);
/* The reverse. */
bool log_time_join(str before, str cut, struct arena *a, str *out) MUST_CHECK;

#endif
