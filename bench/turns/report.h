/* report: the figures of a replay as a table for people or one JSON document. Prints to stdout.
 * Thread: one. */
#ifndef BENCH_TURNS_REPORT_H
#define BENCH_TURNS_REPORT_H

#include "bench/turns/replay.h"

struct report {
	const struct arm *arm;
	struct tally *rows; /* without requests: not printed */
	size_t n;
	const struct replay_calibration *calibration;
	double seconds;
};

void report_text(const struct report *r);
enum err report_json(const struct report *r) MUST_CHECK;

#endif
