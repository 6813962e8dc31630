#include "core/memory/when.h"

#include "core/base/attr.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

/* Days since 1970-01-01 of a date, by counting from the 1st of March, which puts the leap day last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	enum { YEARS_400 = 146097, TO_1970 = 719468 };
	int64_t era, y, of_year;

	year += (month - 1) / 12;
	month = (month - 1) % 12 + 1;
	if (month < 1) {
		month += 12;
		year--;
	}
	y = month <= 2 ? year - 1 : year;
	era = (y >= 0 ? y : y - 399) / 400;
	y -= era * 400;
	of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * YEARS_400 + y * 365 + y / 4 - y / 100 + of_year - TO_1970;
}

int64_t when_ms(int64_t year, int64_t month, int64_t day)
{
	return days_of(year, month, day) * DAY_MS;
}

struct when_date when_date(int64_t ms)
{
	int64_t days = ms / DAY_MS - (ms % DAY_MS < 0);
	int64_t year = 1970 + days / 366 - (days < 0);
	unsigned month = 1;

	while (days_of(year + 1, 1, 1) <= days)
		year++;
	while (days_of(year, 1, 1) > days)
		year--;
	while (month < 12 && days_of(year, month + 1, 1) <= days)
		month++;
	return (struct when_date){year, month, (unsigned)(days - days_of(year, month, 1) + 1)};
}

static const char *const MONTHS[] = {"january", "february", "march", "april", "may", "june", "july",
	"august", "september", "october", "november", "december"};

const char *when_month_name(unsigned month)
{
	return MONTHS[(month - 1) % 12];
}

/* ---- the words of a text ---- */

struct token {
	str text;
	uint64_t number; /* of digits, perhaps with "st", "nd", "rd" or "th" behind them */
	bool is_number;
	unsigned digits;
	unsigned month; /* 0: none */
	char after;     /* the byte behind it; 0 at the end */
};

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static unsigned month_of(str w)
{
	for (unsigned i = 0; i < ARRAY_N(MONTHS); i++) {
		str name = str_from(MONTHS[i]);

		if (str_eq_nocase(w, name) || (w.n == 3 && str_eq_nocase(w, str_sub(name, 0, 3))))
			return i + 1;
	}
	return str_eq_nocase(w, STR("sept")) ? 9 : 0;
}

static bool is_ordinal_end(str s)
{
	return str_eq_c(s, "st") || str_eq_c(s, "nd") || str_eq_c(s, "rd") || str_eq_c(s, "th");
}

static bool next_token(str *rest, struct token *out)
{
	size_t n = 0;

	while (rest->n && !is_alnum(rest->p[0]))
		*rest = str_sub(*rest, 1, rest->n);
	while (n < rest->n && is_alnum(rest->p[n]))
		n++;
	*out = (struct token){.text = str_sub(*rest, 0, n), .after = n < rest->n ? rest->p[n] : 0};
	*rest = str_sub(*rest, n, rest->n);
	if (!n)
		return false;
	while (out->digits < n && out->text.p[out->digits] >= '0' &&
		out->text.p[out->digits] <= '9')
		out->digits++;
	if (out->digits == n || is_ordinal_end(str_sub(out->text, out->digits, n)) ||
		(out->digits == 2 && out->text.p[2] == 'T')) /* a time behind it */
		out->is_number = str_u64(str_sub(out->text, 0, out->digits), &out->number);
	out->month = month_of(out->text);
	return true;
}

static bool is_year(const struct token *t)
{
	return t->is_number && t->digits == 4 && t->text.n == 4 && t->number >= 1900 &&
	       t->number < 2200;
}

static bool is_day(const struct token *t)
{
	return t->is_number && t->digits <= 2 && t->number >= 1 && t->number <= 31;
}

static struct when days(int64_t year, int64_t month, int64_t day, int64_t n)
{
	return (struct when){when_ms(year, month, day), when_ms(year, month, day + n)};
}

static struct when whole_month(int64_t year, int64_t month)
{
	return (struct when){when_ms(year, month, 1), when_ms(year, month + 1, 1)};
}

/* ---- what they say ---- */

/* 2026-05-08 or 2026-05. */
static bool find_iso(const struct token t[3], struct when *out)
{
	if (!is_year(&t[0]) || t[0].after != '-' || !t[1].is_number || t[1].digits != 2 ||
		t[1].number < 1 || t[1].number > 12)
		return false;
	*out = t[1].after == '-' && is_day(&t[2])
		       ? days((int64_t)t[0].number, (int64_t)t[1].number, (int64_t)t[2].number, 1)
		       : whole_month((int64_t)t[0].number, (int64_t)t[1].number);
	return true;
}

/* The last year in which that month (day 0: all of it) had begun by now. */
static int64_t last_year(unsigned month, uint64_t day, int64_t now_ms)
{
	int64_t year = when_date(now_ms).year;

	return when_ms(year, month, day ? (int64_t)day : 1) > now_ms ? year - 1 : year;
}

/* 8 May 2026, May 8 2026, May 2026; without year when the time is known. "may" alone is a verb. */
static bool find_named(const struct token t[3], int64_t now_ms, struct when *out)
{
	bool is_day_first = is_day(&t[0]) && t[1].month;
	const struct token *m = is_day_first ? &t[1] : &t[0], *next = m + 1;
	uint64_t day = is_day_first ? t[0].number : 0;
	int64_t year;

	if (!m->month)
		return false;
	if (!day && is_day(next)) {
		day = next->number;
		next = is_day_first ? next : next + 1;
	}
	if (is_year(next))
		year = (int64_t)next->number;
	else if (now_ms && (day || (m->month != 5 && m->month != 3)))
		year = last_year(m->month, day, now_ms);
	else
		return false;
	*out = day ? days(year, m->month, (int64_t)day, 1) : whole_month(year, m->month);
	return true;
}

enum unit { UNIT_NONE, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR };

static enum unit unit_of(str w)
{
	static const struct {
		str name;
		enum unit unit;
	} units[] = {{{"day", 3}, UNIT_DAY}, {{"week", 4}, UNIT_WEEK}, {{"month", 5}, UNIT_MONTH},
		{{"year", 4}, UNIT_YEAR}};

	for (size_t i = 0; i < ARRAY_N(units); i++) {
		str n = units[i].name;

		if (w.n >= n.n && str_eq_nocase(str_sub(w, 0, n.n), n) &&
			(w.n == n.n || (w.n == n.n + 1 && w.p[n.n] == 's')))
			return units[i].unit;
	}
	return UNIT_NONE;
}

/* The day, week (from Monday), month or year that is n of them before that of now. */
static struct when back(enum unit unit, int64_t n, int64_t now_ms)
{
	struct when_date d = when_date(now_ms);
	int64_t of_week = (now_ms / DAY_MS + 3) % 7; /* 1970-01-01 was a Thursday */

	switch (unit) {
	case UNIT_WEEK:
		return days(d.year, d.month, d.day - of_week - 7 * n, 7);
	case UNIT_MONTH:
		return whole_month(d.year, d.month - n);
	case UNIT_YEAR:
		return (struct when){when_ms(d.year - n, 1, 1), when_ms(d.year - n + 1, 1, 1)};
	default:
		return days(d.year, d.month, d.day - n, 1);
	}
}

static bool find_relative(const struct token t[3], int64_t now_ms, struct when *out)
{
	enum { AGO_MAX = 10000 };
	enum unit unit = unit_of(t[1].text);

	if (now_ms <= 0)
		return false;
	if (str_eq_nocase(t[0].text, STR("today")))
		*out = back(UNIT_DAY, 0, now_ms);
	else if (str_eq_nocase(t[0].text, STR("yesterday")))
		*out = back(UNIT_DAY, 1, now_ms);
	else if (unit && str_eq_nocase(t[0].text, STR("last")))
		*out = back(unit, 1, now_ms);
	else if (unit > UNIT_DAY && str_eq_nocase(t[0].text, STR("this")))
		*out = back(unit, 0, now_ms);
	else if (unit && t[0].is_number && t[0].number <= AGO_MAX &&
		 str_eq_nocase(t[2].text, STR("ago")))
		*out = back(unit, (int64_t)t[0].number, now_ms);
	else
		return false;
	return true;
}

bool when_find(str text, int64_t now_ms, struct when *out)
{
	struct token t[3] = {{.after = 0}};
	struct when year = {0, 0};
	bool more =
		next_token(&text, &t[0]) && next_token(&text, &t[1]) && next_token(&text, &t[2]);

	(void)more;
	while (t[0].text.n) {
		if (find_iso(t, out) || find_named(t, now_ms, out) || find_relative(t, now_ms, out))
			return true;
		if (is_year(&t[0]) && !year.until_ms)
			year = (struct when){when_ms((int64_t)t[0].number, 1, 1),
				when_ms((int64_t)t[0].number + 1, 1, 1)};
		t[0] = t[1];
		t[1] = t[2];
		if (!t[2].text.n || !next_token(&text, &t[2]))
			t[2] = (struct token){.after = 0};
	}
	*out = year;
	return year.until_ms != 0;
}
