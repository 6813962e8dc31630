/* seeds: how many random cases a property test makes. HEADROOM_SEEDS=N makes it a longer run. */
#ifndef TESTS_UNIT_SEEDS_H
#define TESTS_UNIT_SEEDS_H

#include <stdlib.h>

#include "core/base/str.h"

/* What HEADROOM_SEEDS says; usual where it says no number. */
static inline uint64_t seeds_or(uint64_t usual)
{
	const char *more = getenv("HEADROOM_SEEDS");
	uint64_t n;

	return more && str_u64(str_from(more), &n) ? n : usual;
}

#endif
