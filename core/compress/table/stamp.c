#include "core/compress/table/stamp.h"

#include <stdio.h>

enum {
	DATE_BYTES = 10,    /* 2026-01-02 */
	MINUTES_BYTES = 16, /* 2026-01-02T10:20 */
	SECONDS_BYTES = 19, /* 2026-01-02T10:20:30 */
	ZONE_MAX = 8,
	FRACTION_MAX = 9,
	DAY = 86400, /* seconds */
	DAY_MINUTES = 1440,
};

static const struct {
	const char *name;
	int64_t per_second;
	uint8_t fraction; /* digits */
	uint8_t digits;   /* of a time since 1970 in our days */
} units[STAMP_UNITS] = {[STAMP_D] = {"d", 0, 0, 0},
	[STAMP_MIN] = {"min", 0, 0, 0},
	[STAMP_S] = {"s", 1, 0, 10},
	[STAMP_MS] = {"ms", 1000, 3, 13},
	[STAMP_US] = {"us", 1000000, 6, 16},
	[STAMP_NS] = {"ns", 1000000000, 9, 19}};

static const int64_t powers[FRACTION_MAX + 1] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

const char *stamp_unit_name(enum stamp_unit u)
{
	return units[u].name;
}

/* The days before a date of the Gregorian calendar since 1970, by eras of 400 years from March on. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct date {
	int64_t year, month, day;
};

static struct date date_of(int64_t days)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, d = z - era * 146097;
	int64_t of_era = (d - d / 1460 + d / 36524 - d / 146096) / 365;
	int64_t of_year = d - (365 * of_era + of_era / 4 - of_era / 100);
	int64_t m = (5 * of_year + 2) / 153, month = m < 10 ? m + 3 : m - 9;

	return (struct date){
		of_era + era * 400 + (month <= 2), month, of_year - (153 * m + 2) / 5 + 1};
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Two digits; true when they are. */
static bool two_at(str s, size_t at, int64_t *out)
{
	unsigned tens = (unsigned char)s.p[at] - (unsigned)'0';
	unsigned ones = (unsigned char)s.p[at + 1] - (unsigned)'0';

	*out = tens * 10 + ones;
	return tens <= 9 && ones <= 9;
}

static int64_t number_at(str s, size_t at, size_t n)
{
	int64_t v = 0;

	for (size_t i = at; i < at + n; i++)
		v = v * 10 + (s.p[i] - '0');
	return v;
}

static bool parse_digits(str s, struct stamp *out)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]))
			return false;
	for (enum stamp_unit u = STAMP_S; u < STAMP_UNITS; u++) {
		/* 2001 to 2033, where they have that many digits; nanoseconds fit until 2262. */
		if (s.n != units[u].digits || *s.p != '1')
			continue;
		*out = (struct stamp){.at = number_at(s, 0, s.n), .unit = u, .is_digits = true};
		return true;
	}
	return false;
}

static bool parse_zone(str s, struct stamp *out)
{
	out->zone = s;
	if (s.n > ZONE_MAX || (s.n && (is_digit(*s.p) || *s.p == ':')))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) && !(s.p[i] >= 'A' && s.p[i] <= 'Z') &&
			!strchr(" +-:", s.p[i]))
			return false;
	return true;
}

/* Behind the seconds. */
static bool parse_fraction(str s, struct stamp *out, int64_t *fraction)
{
	size_t n = 0;

	*fraction = 0;
	if (s.n > 1 && (*s.p == '.' || *s.p == ',') && is_digit(s.p[1])) {
		while (n + 1 < s.n && is_digit(s.p[n + 1]))
			n++;
		if (n > FRACTION_MAX)
			return false;
		out->point = *s.p;
		*fraction = number_at(s, 1, n);
		s = str_sub(s, n + 1, s.n);
	}
	out->digits = (uint8_t)n;
	out->unit = n > 6 ? STAMP_NS : n > 3 ? STAMP_US : n ? STAMP_MS : STAMP_S;
	*fraction *= powers[units[out->unit].fraction - n];
	return parse_zone(s, out);
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool is_date(int64_t year, int64_t month, int64_t day)
{
	static const int8_t days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (year < 1 || month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month] || (month == 2 && day == 29 && is_leap(year));
}

/* "2026-01-02", of the DATE_BYTES that there are. */
static bool parse_date(str s, int64_t *days)
{
	int64_t century, year, month, day;

	if (s.p[4] != '-' || s.p[7] != '-' || !two_at(s, 0, &century) || !two_at(s, 2, &year) ||
		!two_at(s, 5, &month) || !two_at(s, 8, &day))
		return false;
	year += century * 100;
	if (!is_date(year, month, day))
		return false;
	*days = days_of(year, month, day);
	return true;
}

/* "10:20", behind a date and a sign. */
static bool parse_minutes(str s, int64_t *of_day)
{
	int64_t hours, minutes;

	if (s.n < MINUTES_BYTES || !strchr("Tt _", s.p[DATE_BYTES]) || s.p[13] != ':' ||
		!two_at(s, 11, &hours) || !two_at(s, 14, &minutes) || hours > 23 || minutes > 59)
		return false;
	*of_day = hours * 60 + minutes;
	return true;
}

/* ":30", behind the minutes. */
static bool parse_seconds(str s, int64_t *seconds)
{
	return s.n >= SECONDS_BYTES && s.p[MINUTES_BYTES] == ':' &&
	       two_at(s, MINUTES_BYTES + 1, seconds) && *seconds <= 59;
}

/* What is in range is written again to the same bytes. */
static bool parse_iso(str s, struct stamp *out)
{
	int64_t days, minutes, seconds, fraction;

	if (!parse_date(s, &days))
		return false;
	*out = (struct stamp){.unit = STAMP_D, .at = days};
	if (s.n == DATE_BYTES)
		return true;
	if (!parse_minutes(s, &minutes))
		return false;
	out->sep = s.p[DATE_BYTES];
	if (!parse_seconds(s, &seconds)) {
		out->unit = STAMP_MIN;
		out->at = days * DAY_MINUTES + minutes;
		return parse_zone(str_sub(s, MINUTES_BYTES, s.n), out);
	}
	if (!parse_fraction(str_sub(s, SECONDS_BYTES, s.n), out, &fraction))
		return false;
	seconds += days * DAY + minutes * 60;
	return !__builtin_mul_overflow(seconds, units[out->unit].per_second, &out->at) &&
	       !__builtin_add_overflow(out->at, fraction, &out->at);
}

bool stamp_parse(str text, struct stamp *out)
{
	if (text.n < DATE_BYTES || text.n > SECONDS_BYTES + 1 + FRACTION_MAX + ZONE_MAX ||
		!is_digit(*text.p))
		return false;
	return text.p[4] == '-' ? parse_iso(text, out) : parse_digits(text, out);
}

bool stamp_is_like(const struct stamp *a, const struct stamp *b)
{
	return a->unit == b->unit && a->is_digits == b->is_digits && a->sep == b->sep &&
	       a->point == b->point && a->digits == b->digits && str_eq(a->zone, b->zone);
}

static char *put(char *p, int64_t v, size_t n)
{
	for (size_t i = n; i-- > 0; v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + n;
}

/* v / by, rounded down, and what is left. */
static int64_t divide(int64_t v, int64_t by, int64_t *rest)
{
	*rest = v % by;
	if (*rest >= 0)
		return v / by;
	*rest += by;
	return v / by - 1;
}

size_t stamp_write(const struct stamp *like, int64_t at, char out[STAMP_BYTES])
{
	int64_t fraction = 0, of_day = 0, days = at, scale;
	struct date d;
	char *p = out;

	if (like->is_digits) {
		int n = snprintf(out, STAMP_BYTES, "%lld", (long long)at);

		return at > 0 && (size_t)n == units[like->unit].digits && *out == '1' ? (size_t)n
										      : 0;
	}
	if (like->unit == STAMP_MIN) {
		days = divide(at, DAY_MINUTES, &of_day);
		of_day *= 60;
	} else if (like->unit != STAMP_D) {
		int64_t seconds = divide(at, units[like->unit].per_second, &fraction);

		days = divide(seconds, DAY, &of_day);
	}
	if (days < -719162 || days > 2932896) /* years 0001 to 9999 */
		return 0;
	d = date_of(days);
	p = put(p, d.year, 4);
	*p++ = '-';
	p = put(p, d.month, 2);
	*p++ = '-';
	p = put(p, d.day, 2);
	if (like->unit == STAMP_D)
		return (size_t)(p - out);
	*p++ = like->sep;
	p = put(p, of_day / 3600, 2);
	*p++ = ':';
	p = put(p, of_day / 60 % 60, 2);
	if (like->unit != STAMP_MIN) {
		*p++ = ':';
		p = put(p, of_day % 60, 2);
	}
	scale = powers[units[like->unit].fraction - like->digits];
	if (fraction % scale)
		return 0;
	if (like->digits) {
		*p++ = like->point;
		p = put(p, fraction / scale, like->digits);
	}
	if (like->zone.n)
		memcpy(p, like->zone.p, like->zone.n);
	return (size_t)(p - out) + like->zone.n;
}
