/* build: the codec of what builds and tests print. Elided, it leaves out what went well: tests that passed are counted (gap.h), as is
 * what tools say on the way, code that traces of pytest quote, and frames of libraries. Tests that failed, assertions,
 * diagnostics, places and how it all ended stand as they were, in their order; what is left out is counted in its place:
 *	[build: 1004 lines; lines in brackets count what was left out there; original: headroom retrieve 3f0a]
 *	running 3475 tests
 *	[3475 passed; analytics 212, ..]
 *	test result: ok. 3475 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 9.65s
 * Exact, it says once what lines one below the other begin and end with (exact.c).
 * Which lines those are: outcome.h, frame.h. Thread: any; pure functions, all memory is the caller's arena. */
#ifndef CORE_COMPRESS_BUILD_BUILD_H
#define CORE_COMPRESS_BUILD_BUILD_H

#include "core/compress/codec.h"

extern const struct codec build_codec;

/* Whether a text is what a build or a run of tests printed, of its lines, and of the command that made it (may be empty). Looks at
 * some hundred lines at most. */
bool build_is_output(str text, str command, struct arena *a);
/* The same of a codec's input, found out once. */
bool build_is_input(const struct codec_in *in, struct arena *a);

/* The two forms; false when there is nothing to win or any doubt. said: the text, or what in->text says as JSON. */
bool build_exact(const struct codec_in *in, struct arena *a, str *out) MUST_CHECK;
struct build_report;
bool build_elide(const struct codec_in *in, const struct build_report *said, struct arena *a,
	str *out) MUST_CHECK;

/* Of struct codec. */
bool build_decode(str text, struct arena *a, str *out) MUST_CHECK;
bool build_holds(str original, str text, struct arena *a) MUST_CHECK;

#endif
