/* clock: time and identifiers, replaceable, so that tests and recorded runs are repeatable. A struct
 * clock is handed down from the owner of the process; NULL means the system's. Thread: any. */
#ifndef CORE_BASE_CLOCK_H
#define CORE_BASE_CLOCK_H

#include <stdint.h>

#include "core/base/str.h"

struct clock {
	int64_t (*wall_ms)(void *self);      /* milliseconds since 1970-01-01 UTC */
	int64_t (*monotonic_ns)(void *self); /* nanoseconds since some fixed moment */
	void (*random)(void *self, void *out, size_t n);
	void *self;
};

int64_t clock_wall_ms(const struct clock *c);
int64_t clock_monotonic_ns(const struct clock *c);

enum { CLOCK_ID_LEN = 26 };
/* A new identifier that sorts by time: 48 bits of wall time and 80 random bits in Crockford base 32 (the
 * layout of a ULID), NUL-terminated. */
void clock_id(const struct clock *c, char out[CLOCK_ID_LEN + 1]);

/* wall_ms as RFC 3339 in UTC with milliseconds, NUL-terminated: 2026-01-02T03:04:05.678Z. */
enum { CLOCK_TIME_LEN = 24 };
void clock_format(int64_t wall_ms, char out[CLOCK_TIME_LEN + 1]);
/* The reverse; accepts an offset (+02:00), any number of fractional digits, 't'/'z'. False on anything else. */
bool clock_parse(str text, int64_t *wall_ms) MUST_CHECK;

#endif
