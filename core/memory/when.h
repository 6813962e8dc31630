/* when: dates as people write them in texts and questions. What is found is a span of time in UTC. English names of
 * months. Owns: nothing. Thread: any. */
#ifndef CORE_MEMORY_WHEN_H
#define CORE_MEMORY_WHEN_H

#include <stdint.h>

#include "core/base/str.h"

struct when {
	int64_t from_ms, until_ms; /* half open; both 0: nothing */
};

/* Year, month (1 to 12) and day of the month of a moment, proleptic Gregorian calendar. */
struct when_date {
	int64_t year;
	unsigned month, day;
};
struct when_date when_date(int64_t ms);
/* The beginning of that day. month and day may be beyond their ends (month 13 is January of the next year). */
int64_t when_ms(int64_t year, int64_t month, int64_t day);
/* "january"; month as above. */
const char *when_month_name(unsigned month);

/* The first date in a text: 2026-05-08, 8 May 2026, May 8th, 2026, May 2026, 2026; with now_ms (0: not) also today,
 * yesterday, last or this week, month or year, "3 days ago", and a day or a month without year: the last one before now.
 * The time of day is not read. False when there is none. */
bool when_find(str text, int64_t now_ms, struct when *out) MUST_CHECK;

#endif
