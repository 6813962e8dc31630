#include "proxy/budget.h"

#include <pthread.h>
#include <time.h>

#include "core/base/mem.h"

enum {
	SECOND_MS = 1000,
	MINUTE_MS = 60 * SECOND_MS,
	HOUR_MINUTES = 60,
	HOUR_MS = HOUR_MINUTES * MINUTE_MS,
	DAYS_N = 31,
	/* When only requests in flight stand in the way: most answers are over by then. */
	IN_FLIGHT_MS = 5 * SECOND_MS,
};

struct minute {
	int64_t number; /* since 1970 */
	int64_t nano;
};

struct day {
	int64_t month; /* year * 12 + month of the year */
	int64_t nano;
};

struct budget {
	const struct clock *clock;
	pthread_mutex_t lock; /* of all below */
	struct budget_conf conf;
	int64_t reserved_nano;
	bool was_over;
	struct minute minutes[HOUR_MINUTES]; /* by number, modulo */
	struct day days[DAYS_N];             /* by day of the month, local */
	int64_t known_minute;                /* in local time: */
	struct tm known_tm;
};

static const char *const names[] = {
	[BUDGET_HOURLY] = "hourly",
	[BUDGET_DAILY] = "daily",
	[BUDGET_MONTHLY] = "monthly",
};

const char *budget_period_name(enum budget_period p)
{
	return names[p];
}

struct budget *budget_new(const struct budget_conf *conf, const struct clock *clock)
{
	struct budget *b = mem_zalloc(sizeof *b);

	if (!b)
		return NULL;
	b->clock = clock;
	b->conf = *conf;
	(void)pthread_mutex_init(&b->lock, NULL);
	return b;
}

void budget_free(struct budget *b)
{
	if (b)
		(void)pthread_mutex_destroy(&b->lock);
	mem_free(b);
}

void budget_configure(struct budget *b, const struct budget_conf *conf)
{
	pthread_mutex_lock(&b->lock);
	b->conf = *conf;
	b->was_over = false;
	pthread_mutex_unlock(&b->lock);
}

/* ---- local time ---- */

/* Of so many ms since 1970. */
static struct tm local(int64_t ms)
{
	time_t s = (time_t)(ms / SECOND_MS);
	struct tm tm = {0};

	(void)localtime_r(&s, &tm);
	return tm;
}

static int64_t month_of(const struct tm *tm)
{
	return (int64_t)tm->tm_year * 12 + tm->tm_mon;
}

/* The first instant of a local day; day and month may be one too large, as for mktime. */
static int64_t day_start_ms(int year, int month, int day)
{
	struct tm tm = {.tm_year = year, .tm_mon = month, .tm_mday = day, .tm_isdst = -1};
	struct tm noon = {
		.tm_year = year, .tm_mon = month, .tm_mday = day, .tm_hour = 12, .tm_isdst = -1};
	int64_t ms = (int64_t)mktime(&tm) * SECOND_MS, before = ms - HOUR_MS;

	(void)mktime(&noon); /* which day is really meant */
	if (local(ms).tm_mday != noon.tm_mday)
		return ms +
		       HOUR_MS; /* clocks go from midnight to one: mktime took what was before */
	/* Clocks go back to midnight, which comes twice. */
	return local(before).tm_mday == noon.tm_mday ? before : ms;
}

/* When the present period began. */
static int64_t period_start_ms(enum budget_period period, int64_t now_ms)
{
	struct tm tm = local(now_ms);

	if (period == BUDGET_HOURLY)
		return (now_ms / MINUTE_MS - (HOUR_MINUTES - 1)) * MINUTE_MS;
	return day_start_ms(tm.tm_year, tm.tm_mon, period == BUDGET_DAILY ? tm.tm_mday : 1);
}

/* When it ends; daily and monthly only. */
static int64_t period_end_ms(enum budget_period period, int64_t now_ms)
{
	struct tm tm = local(now_ms);

	return period == BUDGET_DAILY ? day_start_ms(tm.tm_year, tm.tm_mon, tm.tm_mday + 1)
				      : day_start_ms(tm.tm_year, tm.tm_mon + 1, 1);
}

/* ---- sums; all under the lock ---- */

static void add_nano(int64_t *sum, int64_t nano)
{
	if (__builtin_add_overflow(*sum, nano, sum))
		*sum = INT64_MAX;
}

static bool is_in_hour(int64_t number, int64_t now_ms)
{
	return number > now_ms / MINUTE_MS - HOUR_MINUTES;
}

static void add_to_hour(struct budget *b, int64_t at_ms, int64_t now_ms, int64_t nano)
{
	int64_t number = at_ms / MINUTE_MS;
	struct minute *m = &b->minutes[number % HOUR_MINUTES];

	if (!is_in_hour(number, now_ms))
		return;
	if (m->number < number)
		*m = (struct minute){.number = number};
	add_nano(&m->nano, nano); /* a later number: the clock was set back; nothing is lost */
}

/* The local day. All that is asked within a minute is of the same one. */
static struct tm day_of(struct budget *b, int64_t ms)
{
	if (ms / MINUTE_MS != b->known_minute || !b->known_tm.tm_mday) {
		b->known_minute = ms / MINUTE_MS;
		b->known_tm = local(ms);
	}
	return b->known_tm;
}

static void add_to_month(struct budget *b, int64_t at_ms, int64_t nano)
{
	struct tm tm = day_of(b, at_ms);
	struct day *d = &b->days[tm.tm_mday - 1];

	if (month_of(&tm) < d->month)
		return;
	if (month_of(&tm) > d->month)
		*d = (struct day){.month = month_of(&tm)};
	add_nano(&d->nano, nano);
}

static void add_spent(struct budget *b, int64_t at_ms, int64_t nano)
{
	if (nano <= 0 || at_ms < 0)
		return;
	add_to_hour(b, at_ms, clock_wall_ms(b->clock), nano);
	add_to_month(b, at_ms, nano);
}

static int64_t spent_in_hour(const struct budget *b, int64_t now_ms)
{
	int64_t sum = 0;

	for (int i = 0; i < HOUR_MINUTES; i++)
		if (is_in_hour(b->minutes[i].number, now_ms))
			add_nano(&sum, b->minutes[i].nano);
	return sum;
}

static int64_t spent_in_month(const struct budget *b, const struct tm *now, bool is_day)
{
	int64_t sum = 0;

	for (int i = 0; i < DAYS_N; i++)
		if (b->days[i].month == month_of(now) && (!is_day || i == now->tm_mday - 1))
			add_nano(&sum, b->days[i].nano);
	return sum;
}

static int64_t spent(struct budget *b, int64_t now_ms)
{
	struct tm tm = day_of(b, now_ms);

	return b->conf.period == BUDGET_HOURLY
		       ? spent_in_hour(b, now_ms)
		       : spent_in_month(b, &tm, b->conf.period == BUDGET_DAILY);
}

/* Until enough of the last hour is more than an hour ago. */
static int64_t hour_wait_ms(const struct budget *b, int64_t now_ms, int64_t sum)
{
	int64_t first = now_ms / MINUTE_MS - HOUR_MINUTES + 1, number;

	for (number = first; number < first + HOUR_MINUTES; number++) {
		const struct minute *m = &b->minutes[number % HOUR_MINUTES];

		sum -= m->number == number ? m->nano : 0;
		if (sum < b->conf.limit_nano)
			return (number + HOUR_MINUTES) * MINUTE_MS - now_ms;
	}
	return HOUR_MS;
}

static int64_t retry_after_ms(const struct budget *b, int64_t now_ms, int64_t sum)
{
	if (sum < b->conf.limit_nano)
		return IN_FLIGHT_MS;
	if (b->conf.period == BUDGET_HOURLY)
		return hour_wait_ms(b, now_ms, sum);
	return period_end_ms(b->conf.period, now_ms) - now_ms;
}

/* ---- what is asked ---- */

int64_t budget_since_ms(struct budget *b)
{
	int64_t now_ms = clock_wall_ms(b->clock);
	int64_t month = period_start_ms(BUDGET_MONTHLY, now_ms);
	int64_t hour = period_start_ms(BUDGET_HOURLY, now_ms);

	return month < hour ? month : hour;
}

void budget_load(struct budget *b, int64_t at_ms, int64_t nano)
{
	pthread_mutex_lock(&b->lock);
	add_spent(b, at_ms, nano);
	pthread_mutex_unlock(&b->lock);
}

int64_t budget_period_since_ms(struct budget *b)
{
	int64_t ms;

	pthread_mutex_lock(&b->lock);
	ms = period_start_ms(b->conf.period, clock_wall_ms(b->clock));
	pthread_mutex_unlock(&b->lock);
	return ms;
}

void budget_sync(struct budget *b, int64_t since_ms, int64_t nano)
{
	int64_t now_ms, start_ms;

	pthread_mutex_lock(&b->lock);
	now_ms = clock_wall_ms(b->clock);
	start_ms = period_start_ms(b->conf.period, now_ms);
	/* The rolling hour may have moved on by a minute since it was asked for. */
	if (b->conf.period == BUDGET_HOURLY ? since_ms >= start_ms - MINUTE_MS
					    : since_ms == start_ms)
		add_spent(b, now_ms, nano - spent(b, now_ms));
	pthread_mutex_unlock(&b->lock);
}

/* Under the lock. */
static struct budget_verdict check(struct budget *b)
{
	int64_t now_ms = clock_wall_ms(b->clock), sum;
	struct budget_verdict v = {.is_on = b->conf.is_on,
		.period = b->conf.period,
		.spent_nano = spent(b, now_ms),
		.reserved_nano = b->reserved_nano,
		.limit_nano = b->conf.limit_nano};

	sum = v.spent_nano;
	add_nano(&sum, b->reserved_nano);
	v.is_over = b->conf.is_on && sum >= b->conf.limit_nano;
	v.is_first = v.is_over && !b->was_over;
	b->was_over = v.is_over;
	if (v.is_over)
		v.retry_after_ms = retry_after_ms(b, now_ms, v.spent_nano);
	return v;
}

struct budget_verdict budget_check(struct budget *b)
{
	struct budget_verdict v;

	pthread_mutex_lock(&b->lock);
	v = check(b);
	pthread_mutex_unlock(&b->lock);
	return v;
}

int64_t budget_reserve(struct budget *b, int64_t estimate_nano)
{
	int64_t before;

	if (estimate_nano <= 0)
		return 0;
	pthread_mutex_lock(&b->lock);
	before = b->reserved_nano;
	add_nano(&b->reserved_nano, estimate_nano);
	estimate_nano = b->reserved_nano - before; /* what fits */
	pthread_mutex_unlock(&b->lock);
	return estimate_nano;
}

void budget_settle(struct budget *b, int64_t reserved_nano, int64_t actual_nano, int64_t at_ms)
{
	pthread_mutex_lock(&b->lock);
	b->reserved_nano -= reserved_nano;
	add_spent(b, at_ms, actual_nano);
	pthread_mutex_unlock(&b->lock);
}

struct budget_slot budget_slot_of(int64_t at_ms)
{
	struct tm tm = local(at_ms);

	return (struct budget_slot){
		.minute = at_ms / MINUTE_MS, .month = month_of(&tm), .day = tm.tm_mday};
}

int64_t budget_of_minute(struct budget *b, const struct budget_slot *slot)
{
	const struct minute *m = &b->minutes[slot->minute % HOUR_MINUTES];
	int64_t nano;

	pthread_mutex_lock(&b->lock);
	nano = m->number == slot->minute ? m->nano : 0;
	pthread_mutex_unlock(&b->lock);
	return nano;
}

int64_t budget_of_day(struct budget *b, const struct budget_slot *slot)
{
	const struct day *d = &b->days[slot->day - 1];
	int64_t nano;

	pthread_mutex_lock(&b->lock);
	nano = d->month == slot->month ? d->nano : 0;
	pthread_mutex_unlock(&b->lock);
	return nano;
}
