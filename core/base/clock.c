#include "core/base/clock.h"

#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#include "core/base/check.h"

int64_t clock_wall_ms(const struct clock *c)
{
	struct timespec t;

	if (c)
		return c->wall_ms(c->self);
	ASSERT(clock_gettime(CLOCK_REALTIME, &t) == 0);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_monotonic_ns(const struct clock *c)
{
	struct timespec t;

	if (c)
		return c->monotonic_ns(c->self);
	ASSERT(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void random_bytes(const struct clock *c, void *out, size_t n)
{
	if (c)
		c->random(c->self, out, n);
	else
		ASSERT(getrandom(out, n, 0) == (ssize_t)n);
}

void clock_id(const struct clock *c, char out[CLOCK_ID_LEN + 1])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t ms = (uint64_t)clock_wall_ms(c);
	unsigned char rnd[16];

	random_bytes(c, rnd, sizeof rnd);
	for (int i = 9; i >= 0; i--, ms >>= 5)
		out[i] = digits[ms & 31];
	for (int i = 0; i < 16; i++)
		out[10 + i] = digits[rnd[i] & 31];
	out[CLOCK_ID_LEN] = '\0';
}

/* Days from civil and back: proleptic Gregorian, years of 1970 and later. */
static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int64_t days_in_month(int64_t y, int64_t m)
{
	return days_from_civil(m == 12 ? y + 1 : y, m == 12 ? 1 : m + 1, 1) -
	       days_from_civil(y, m, 1);
}

void clock_format(int64_t wall_ms, char out[CLOCK_TIME_LEN + 1])
{
	time_t s = (time_t)(wall_ms / 1000);
	struct tm tm = {0};
	char text[64];

	(void)gmtime_r(&s, &tm);
	(void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(wall_ms % 1000));
	memcpy(out, text, CLOCK_TIME_LEN);
	out[CLOCK_TIME_LEN] = '\0';
}

/* Takes exactly n digits and the byte behind them (0: none); false when they are not there. */
static bool take_digits(str *s, size_t n, char behind, int64_t *out)
{
	uint64_t v;

	if (s->n < n || !str_u64(str_sub(*s, 0, n), &v))
		return false;
	*s = str_sub(*s, n, s->n);
	*out = (int64_t)v;
	if (!behind)
		return true;
	if (!s->n || (*s->p | 0x20) != (behind | 0x20))
		return false;
	*s = str_sub(*s, 1, s->n);
	return true;
}

static bool take_fraction(str *s, int64_t *ms)
{
	int64_t scale = 100;

	*ms = 0;
	if (!s->n || *s->p != '.')
		return true;
	*s = str_sub(*s, 1, s->n);
	if (!s->n || *s->p < '0' || *s->p > '9')
		return false;
	for (; s->n && *s->p >= '0' && *s->p <= '9'; *s = str_sub(*s, 1, s->n), scale /= 10)
		*ms += (*s->p - '0') * scale;
	return true;
}

bool clock_parse(str s, int64_t *wall_ms)
{
	int64_t y, mo, d, h, mi, sec, ms, oh = 0, om = 0, sign = 0;

	if (!take_digits(&s, 4, '-', &y) || !take_digits(&s, 2, '-', &mo) ||
		!take_digits(&s, 2, 'T', &d) || !take_digits(&s, 2, ':', &h) ||
		!take_digits(&s, 2, ':', &mi) || !take_digits(&s, 2, 0, &sec) ||
		!take_fraction(&s, &ms) || !s.n)
		return false;
	if (*s.p == '+' || *s.p == '-') {
		sign = *s.p == '+' ? 1 : -1;
		s = str_sub(s, 1, s.n);
		if (!take_digits(&s, 2, ':', &oh) || !take_digits(&s, 2, 0, &om) || s.n)
			return false;
	} else if (!(s.n == 1 && (*s.p | 0x20) == 'z')) {
		return false;
	}
	if (mo < 1 || mo > 12 || d < 1 || d > days_in_month(y, mo) || h > 23 || mi > 59 ||
		sec > 60 || oh > 23 || om > 59)
		return false;
	*wall_ms = (((days_from_civil(y, mo, d) * 24 + h - sign * oh) * 60 + mi - sign * om) * 60 +
			   sec) *
			   1000 +
		   ms;
	return true;
}
