#include "bench/cpu/cpu_clock.h"

#include <time.h>

int64_t cpu_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t monotonic_ns(void *self)
{
	(void)self;
	return cpu_ns();
}

static int64_t no_wall_ms(void *self)
{
	(void)self;
	return 0;
}

const struct clock cpu_clock = {.wall_ms = no_wall_ms, .monotonic_ns = monotonic_ns};
