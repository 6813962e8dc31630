/* stamp: points in time as JSON has them: ISO 8601 (RFC 3339 and what is near to it) of any precision from days on and zone, and
 * seconds, milli-, micro- and nanoseconds since 1970 in digits. Read and written again to the same bytes, or refused.
 * Owns: nothing. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_STAMP_H
#define CORE_COMPRESS_TABLE_STAMP_H

#include "core/base/str.h"

enum stamp_unit { STAMP_D, STAMP_MIN, STAMP_S, STAMP_MS, STAMP_US, STAMP_NS, STAMP_UNITS };

struct stamp {
	int64_t at; /* since 1970, in its unit, by the clock of its own zone */
	enum stamp_unit unit;
	bool is_digits; /* 1700000000 */
	char sep;       /* between date and time */
	char point;     /* before the fraction */
	uint8_t digits; /* of the fraction */
	str zone;       /* all behind: "Z", "+01:00", " UTC"; a slice of what was parsed */
};

enum { STAMP_BYTES = 48 /* of any */ };

/* Exactly what stamp_write makes of *out. */
bool stamp_parse(str text, struct stamp *out) MUST_CHECK;
/* True when they are spelled alike, so that the distance between them says all. */
bool stamp_is_like(const struct stamp *a, const struct stamp *b) PURE;
/* That time, spelled like that one; returns the bytes, 0 when it cannot be. */
size_t stamp_write(const struct stamp *like, int64_t at, char out[STAMP_BYTES]) MUST_CHECK;
/* "s", "ms". */
const char *stamp_unit_name(enum stamp_unit u) RETURNS_NONNULL;

#endif
