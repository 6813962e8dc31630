#include "core/compress/log/row.h"

#include "core/base/check.h"

enum {
	/* Numbers of more digits are names. */
	DIGITS_MAX = 15,
	/* Shorter ones are said in fewer tokens than what they grew by, but for one more. */
	DIGITS_STEP = 4,
	STEP_MAX = 99,
	DIGITS_LEAP = 7,
	LEAP_MAX = 999,
	/* Bytes of a value that is shorter by being named. */
	SAID_BYTES = 8,
	RUN_LEAST = 3,
	CLOCK_BYTES = 8, /* "23:59:59" */
};

#define NOTHING "\"\""

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- times ---- */

static str time_str(const struct log_time *t)
{
	return (str){t->bytes, t->n};
}

str log_time_cut(str before, str now)
{
	size_t same = str_common_prefix(before, now);

	if (before.n != now.n || !now.n)
		return now;
	if (same == now.n)
		return STR("=");
	for (size_t i = same; i > 0; i--) {
		char left = now.p[i - 1];

		if (now.p[i] == ':' || now.p[i] == '.' || now.p[i] == ',')
			return str_sub(now, i, now.n);
		if ((left == ' ' || left == 'T') && now.p[i] != ' ')
			return str_sub(now, i, now.n);
	}
	return now;
}

static bool grow(str v, str by, char *number, size_t *n);

bool log_time_join(struct log_time *t, str cut)
{
	size_t from;

	if (str_eq(cut, STR("=")))
		return t->n > 0;
	if (str_take(&cut, STR("+")))
		return grow(time_str(t), cut, t->bytes, &t->n);
	if (str_take(&cut, STR("=")) || cut.n >= t->n) {
		from = 0;
		t->n = cut.n;
	} else {
		from = t->n - cut.n;
	}
	if (!cut.n || t->n > LOG_STAMP_BYTES)
		return false;
	for (size_t i = 0; i < cut.n; i++)
		t->bytes[from + i] = cut.p[i] == '_' ? ' ' : cut.p[i];
	return true;
}

/* Where a time of day stands; STR_NONE for none. */
static size_t find_clock(str s)
{
	for (size_t i = 0; i + CLOCK_BYTES <= s.n; i++)
		if (s.p[i + 2] == ':' && s.p[i + 5] == ':' && is_digit(s.p[i]) &&
			is_digit(s.p[i + 1]) && is_digit(s.p[i + 3]) && is_digit(s.p[i + 7]))
			return i;
	return STR_NONE;
}

str log_time_clock(str time)
{
	size_t at = find_clock(time);

	return at == STR_NONE ? STR_NULL : str_sub(time, at, at + CLOCK_BYTES);
}

/* The line's second time before it is said: that of the row before, with the time of day of the first. */
static struct log_time expected_time(const struct log_rows *r, uint32_t stamp, str first)
{
	struct log_time t = r->time[stamp];
	size_t from, at;

	if (!stamp || !r->is_synced)
		return t;
	from = find_clock(first);
	at = find_clock(time_str(&t));
	if (from != STR_NONE && at != STR_NONE)
		memcpy(t.bytes + at, first.p + from, CLOCK_BYTES);
	return t;
}

/* ---- patterns ---- */

void log_rows_init(struct log_rows *r, struct arena *a)
{
	*r = (struct log_rows){.arena = a};
	map_init(&r->cells, a);
}

/* The next place from at on, and the bytes of its spelling; STR_NONE when there is none. */
static size_t find_place(str s, size_t from, enum log_place *place, size_t *n)
{
	static const str spellings[] = {
		[LOG_PLACE_ANY] = {LOG_ANY, sizeof LOG_ANY - 1},
		[LOG_PLACE_TIME] = {LOG_TIME, sizeof LOG_TIME - 1},
		[LOG_PLACE_TWIN] = {LOG_TWIN, sizeof LOG_TWIN - 1},
		[LOG_PLACE_CLOCK] = {LOG_CLOCK, sizeof LOG_CLOCK - 1},
		[LOG_PLACE_REST] = {LOG_REST, sizeof LOG_REST - 1},
	};

	for (size_t i = from; i < s.n; i++) {
		size_t next = str_find_byte(str_sub(s, i, s.n), '<');

		if (next == STR_NONE)
			return STR_NONE;
		i += next;
		for (unsigned k = 0; k < ARRAY_N(spellings); k++) {
			if (!str_starts(str_sub(s, i, s.n), spellings[k]))
				continue;
			*place = (enum log_place)k;
			*n = spellings[k].n;
			return i;
		}
	}
	return STR_NONE;
}

static struct log_cell *cell_of(struct log_rows *r, str lead)
{
	struct log_cell **at = (struct log_cell **)map_at(&r->cells, lead);

	if (!*at)
		*at = arena_new(r->arena, struct log_cell);
	return *at;
}

static uint32_t count_places(str s)
{
	enum log_place place;
	size_t at = 0, n;
	uint32_t count = 0;

	while ((at = find_place(s, at, &place, &n)) != STR_NONE) {
		at += n;
		count++;
	}
	return count;
}

bool log_spelled_parse(struct log_rows *r, str spelled, struct log_spelled *p)
{
	size_t at = 0, next, n;
	uint32_t stamps = 0, any = 0;
	enum log_place place;

	p->places_n = p->second = count_places(spelled);
	p->texts = arena_array(r->arena, str, p->places_n + 1);
	p->places = arena_array(r->arena, uint8_t, p->places_n);
	p->cells = arena_array(r->arena, struct log_cell *, p->places_n);
	for (uint32_t i = 0; i < p->places_n; i++) {
		next = find_place(spelled, at, &place, &n);
		p->texts[i] = str_sub(spelled, at, next);
		p->places[i] = (uint8_t)place;
		at = next + n;
		if (place == LOG_PLACE_ANY)
			p->cells[i] = cell_of(r, str_sub(spelled, 0, at));
		stamps += place == LOG_PLACE_TIME;
		if (place == LOG_PLACE_TIME && stamps == 2)
			p->second = i;
		any += place == LOG_PLACE_ANY;
		if ((place == LOG_PLACE_TWIN && !any) || (place == LOG_PLACE_CLOCK && !stamps) ||
			(place == LOG_PLACE_REST && at < spelled.n))
			return false;
	}
	p->texts[p->places_n] = str_sub(spelled, at, spelled.n);
	return stamps <= LOG_STAMPS_MAX && p->places_n <= LOG_WORDS_MAX;
}

/* ---- values ---- */

/* True for numbers as a program counts. */
static bool take_number(str s, int64_t *v)
{
	return s.n && s.n <= DIGITS_MAX && is_digit(*s.p) && (*s.p != '0' || s.n == 1) &&
	       str_i64(s, v);
}

/* What the number grew by, where that is shorter; 0 else. */
static int64_t step_of(str before, str now)
{
	int64_t a, b, step;

	if (!before.p || !take_number(before, &a) || !take_number(now, &b))
		return 0;
	step = b - a;
	return step == 1 || (step > 1 && step <= STEP_MAX && now.n >= DIGITS_STEP) ||
			       (step > 1 && step <= LEAP_MAX && now.n >= DIGITS_LEAP)
		       ? step
		       : 0;
}

/* Blanks, then at least one other byte, and no blank from there on; not what we say something else by. */
static bool can_say(str v)
{
	size_t i = 0;

	while (i < v.n && v.p[i] == ' ')
		i++;
	if (i == v.n)
		return !v.n;
	return v.p[i] != '+' && v.p[i] != '^' && !str_eq(v, STR(NOTHING)) &&
	       str_find_byte(str_sub(v, i, v.n), ' ') == STR_NONE;
}

/* Whether all of the line's values can be said, and twins are what they should be. */
static bool can_write(const struct log_spelled *p, const str *values)
{
	str left = STR_NULL;

	for (uint32_t i = 0; i < p->places_n; i++) {
		switch (p->places[i]) {
		case LOG_PLACE_TIME:
			if (!values[i].n || values[i].n > LOG_STAMP_BYTES)
				return false;
			break;
		case LOG_PLACE_TWIN:
			if (!str_eq(values[i], left))
				return false;
			break;
		case LOG_PLACE_CLOCK:
			if (!str_eq(values[i], log_time_clock(values[i - 1])))
				return false;
			break;
		case LOG_PLACE_REST:
			if (!values[i].n)
				return false;
			break;
		default:
			if (!can_say(values[i]))
				return false;
			left = values[i];
		}
	}
	return true;
}

/* A row while it is written. */
struct draft {
	struct log_rows *rows;
	struct buf *out;
	uint32_t
		pending; /* fields that are as before, and have to be said once that another one follows */
};

static void begin_field(struct draft *d)
{
	for (; d->pending; d->pending--)
		buf_add_c(d->out, " =");
	buf_add_byte(d->out, ' ');
}

static void write_step(struct draft *d, int64_t step)
{
	buf_add_byte(d->out, '+');
	if (step > 1)
		buf_add_u64(d->out, (uint64_t)step);
	d->rows->has_steps = true;
}

static void write_time(struct draft *d, uint32_t stamp, str v)
{
	struct log_time *t = &d->rows->time[stamp];
	struct log_time before = expected_time(d->rows, stamp, time_str(&d->rows->time[0]));
	str cut = log_time_cut(time_str(&before), v);
	int64_t step = step_of(time_str(&before), v);

	memcpy(t->bytes, v.p, v.n);
	t->n = v.n;
	if (str_eq(cut, STR("="))) {
		d->pending++;
		return;
	}
	begin_field(d);
	if (step) {
		write_step(d, step);
		return;
	}
	if (cut.n == v.n && v.n < before.n)
		buf_add_byte(d->out, '=');
	for (size_t i = 0; i < cut.n; i++)
		buf_add_byte(d->out, cut.p[i] == ' ' ? '_' : cut.p[i]);
}

static void remember(struct log_rows *r, str v)
{
	if (v.n < SAID_BYTES)
		return;
	memmove(r->said + 1, r->said, sizeof *r->said * (LOG_SAID - 1));
	r->said[0] = v;
}

/* Which of the last long values it is; 0: none. */
static unsigned find_said(const struct log_rows *r, str v)
{
	for (unsigned i = 0; v.n >= SAID_BYTES && i < LOG_SAID; i++)
		if (r->said[i].p && str_eq(r->said[i], v))
			return i + 1;
	return 0;
}

static void write_value(struct draft *d, struct log_cell *c, str v)
{
	int64_t step = step_of(c->v, v);
	unsigned said = find_said(d->rows, v);
	bool is_same = c->v.p && str_eq(c->v, v);

	c->v = v;
	if (is_same) {
		d->pending++;
		return;
	}
	begin_field(d);
	if (step) {
		write_step(d, step);
	} else if (said) {
		buf_add_byte(d->out, '^');
		if (said > 1)
			buf_add_u64(d->out, said);
		d->rows->has_said = true;
	} else {
		buf_add(d->out, v.n ? v : STR(NOTHING));
		remember(d->rows, v);
	}
}

/* The places in the order of the fields: what is expected comes last. */
static uint32_t place_of(const struct log_rows *r, const struct log_spelled *p, uint32_t field)
{
	if (!r->is_synced || field < p->second || p->second == p->places_n)
		return field;
	return field + 1 == p->places_n ? p->second : field + 1;
}

static void write_fields(struct draft *d, const struct log_spelled *p, const str *values)
{
	for (uint32_t k = 0; k < p->places_n; k++) {
		uint32_t i = place_of(d->rows, p, k);

		if (p->places[i] == LOG_PLACE_TIME)
			write_time(d, i == p->second, values[i]);
		else if (p->places[i] == LOG_PLACE_ANY)
			write_value(d, p->cells[i], values[i]);
		if (p->places[i] == LOG_PLACE_REST) {
			begin_field(d);
			buf_add(d->out, values[i]);
		}
	}
}

/* A row that is its number only, just written at at: many of them are told by one. */
static void join_run(struct log_rows *r, uint32_t number, size_t at, struct buf *out)
{
	if (r->run && r->last == number) {
		r->run++;
	} else {
		r->run = 1;
		r->run_at = at;
	}
	if (r->run >= RUN_LEAST) {
		out->n = r->run_at;
		buf_add_u64(out, number);
		buf_add_byte(out, '*');
		buf_add_u64(out, r->run);
		buf_add_byte(out, '\n');
		r->has_runs = true;
	}
}

void log_rows_break(struct log_rows *r)
{
	r->run = 0;
}

bool log_row_write(struct log_rows *r, const struct log_spelled *p, uint32_t number,
	const str *values, struct buf *out)
{
	struct draft d = {.rows = r, .out = out};
	size_t at = out->n, begin;

	if (!can_write(p, values))
		return false;
	buf_add_u64(out, number);
	begin = out->n;
	write_fields(&d, p, values);
	if (out->n > begin && r->has_dittos && r->last == number) {
		memmove(out->p + at, out->p + begin, out->n - begin);
		out->n -= begin - at;
	}
	buf_add_byte(out, '\n');
	if (out->n == begin + 1)
		join_run(r, number, at, out);
	else
		r->run = 0;
	r->last = number;
	return true;
}

/* ---- reading ---- */

/* The next field of a row; false at its end. */
static bool take_field(str *fields, str *v)
{
	size_t i = 1;

	if (!fields->n || *fields->p != ' ')
		return false;
	while (i < fields->n && fields->p[i] == ' ')
		i++;
	while (i < fields->n && fields->p[i] != ' ')
		i++;
	*v = str_sub(*fields, 1, i);
	*fields = str_sub(*fields, i, fields->n);
	return true;
}

/* The digits of v and what by says; number may be where v stands. */
static bool grow(str v, str by, char *number, size_t *n)
{
	int64_t x, step = 1;
	char digits[LOG_NUMBER_BYTES];

	if (!take_number(v, &x) || (by.n && (!take_number(by, &step) || step > LEAP_MAX)))
		return false;
	*n = 0;
	for (x += step; x && *n < sizeof digits; x /= 10)
		digits[(*n)++] = (char)('0' + x % 10);
	for (size_t i = 0; i < *n; i++)
		number[i] = digits[*n - 1 - i];
	return *n > 0;
}

static bool read_said(struct log_rows *r, struct log_cell *c, str which)
{
	int64_t i = 1;

	if ((which.n && !take_number(which, &i)) || i < 1 || i > LOG_SAID)
		return false;
	c->v = r->said[i - 1];
	return c->v.p != NULL;
}

static bool read_value(struct log_rows *r, struct log_cell *c, str v)
{
	size_t n;

	if (str_eq(v, STR("=")))
		return c->v.p != NULL;
	if (str_take(&v, STR("+"))) {
		if (!grow(c->v, v, c->number, &n))
			return false;
		c->v = (str){c->number, n};
		return true;
	}
	if (str_take(&v, STR("^")))
		return read_said(r, c, v);
	c->v = str_eq(v, STR(NOTHING)) ? STR("") : v;
	remember(r, c->v);
	return true;
}

static bool read_time(struct log_rows *r, uint32_t stamp, str field)
{
	r->time[stamp] = expected_time(r, stamp, time_str(&r->time[0]));
	return log_time_join(&r->time[stamp], field);
}

/* What a row lacks is as before. */
static bool read_fields(struct log_rows *r, const struct log_spelled *p, str fields)
{
	for (uint32_t k = 0; k < p->places_n; k++) {
		uint32_t i = place_of(r, p, k);
		str field = STR("=");

		if (p->places[i] == LOG_PLACE_TWIN || p->places[i] == LOG_PLACE_CLOCK)
			continue;
		if (p->places[i] == LOG_PLACE_REST) {
			if (fields.n < 2)
				return false;
			r->rest = str_sub(fields, 1, fields.n);
			return *fields.p == ' ';
		}
		if (!take_field(&fields, &field) && fields.n)
			return false;
		if (p->places[i] == LOG_PLACE_TIME ? !read_time(r, i == p->second, field)
						   : !read_value(r, p->cells[i], field))
			return false;
	}
	return !fields.n;
}

bool log_row_read(struct log_rows *r, const struct log_spelled *p, str fields, struct buf *out)
{
	str any = STR_NULL;

	if (!read_fields(r, p, fields))
		return false;
	for (uint32_t i = 0; i < p->places_n; i++) {
		uint8_t place = p->places[i];

		if (place == LOG_PLACE_ANY)
			any = p->cells[i]->v;
		buf_add(out, p->texts[i]);
		buf_add(out, place == LOG_PLACE_TIME    ? time_str(&r->time[i == p->second])
			     : place == LOG_PLACE_CLOCK ? log_time_clock(time_str(&r->time[0]))
			     : place == LOG_PLACE_REST  ? r->rest
							: any);
	}
	buf_add(out, p->texts[p->places_n]);
	return true;
}

/* ---- lines ---- */

static size_t digits_n(str s)
{
	size_t i = 0;

	while (i < s.n && is_digit(s.p[i]))
		i++;
	return i > 1 && *s.p == '0' ? 0 : i;
}

static bool take_digits(str *s, uint32_t *v)
{
	size_t n = digits_n(*s);
	uint64_t x;

	if (!n || !str_u64(str_sub(*s, 0, n), &x) || x > UINT32_MAX)
		return false;
	*v = (uint32_t)x;
	*s = str_sub(*s, n, s->n);
	return true;
}

/* "12", "12 ...", "12*3", " ..." where dittos are; "0 ...": a line that looks like one of these. */
static bool parse_row(const struct log_rows *r, uint32_t numbers_n, str line, struct log_row *row)
{
	*row = (struct log_row){.number = r->last, .times = 1, .fields = line};
	if (line.n && *line.p == ' ')
		return r->has_dittos && numbers_n > 0;
	if (!take_digits(&row->fields, &row->number) || row->number > numbers_n)
		return false;
	if (!row->fields.n)
		return row->number > 0;
	if (row->number && str_take(&row->fields, STR("*")))
		return take_digits(&row->fields, &row->times) && row->times >= RUN_LEAST &&
		       !row->fields.n;
	return *row->fields.p == ' ';
}

void log_row_write_line(struct log_rows *r, uint32_t numbers_n, str line, struct buf *out)
{
	struct log_row row;

	if (parse_row(r, numbers_n, line, &row))
		buf_add_c(out, "0 ");
	buf_add(out, line);
	r->last = r->run = 0;
}

void log_row_parse(struct log_rows *r, uint32_t numbers_n, str line, struct log_row *row)
{
	if (!parse_row(r, numbers_n, line, row)) {
		*row = (struct log_row){.times = 1, .fields = line};
	} else if (!row->number && *line.p == '0') {
		row->fields = str_sub(line, 2, line.n);
	}
	r->last = row->number;
}
