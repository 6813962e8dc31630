/* cpu_clock: the processor's time of this thread as a clock: no request waits for anything in a benchmark, and other programs run
 * meanwhile. Its wall clock stands still. */
#ifndef BENCH_CPU_CPU_CLOCK_H
#define BENCH_CPU_CPU_CLOCK_H

#include "core/base/clock.h"

extern const struct clock cpu_clock;
int64_t cpu_ns(void);

#endif
