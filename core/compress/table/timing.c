#include "core/compress/table/timing.h"

#include "core/token/token.h"

enum {
	ROWS_MIN = 3,
	RUNS = 4, /* of neighbours, that are looked at */
	RUN_CELLS = 16,
	BACK_SHARE = 4, /* times that are before the last one */
	SAMPLE_BYTES = RUNS * RUN_CELLS * (STAMP_BYTES + 1),
};

/* Distances that one can still add up; digits since 1970 are nothing else themselves. */
static const int64_t near_most[STAMP_UNITS] = {[STAMP_D] = 31,
	[STAMP_MIN] = 1440,
	[STAMP_S] = 86400,
	[STAMP_MS] = 10000000,
	[STAMP_US] = 10000000,
	[STAMP_NS] = 10000000};

/* Words of keys under which digits are a time. */
static const char *const key_words[] = {"time", "Time", "TIME", "date", "Date", "stamp", "_at",
	"At", "_ts", "ts", "when", "epoch", "start", "end", "begin", "last", "since", "until",
	"expir", "creat", "updat", "modif", "finish", "push"};

static str inside(const struct facts *f, uint32_t node)
{
	str s = json_text(&f->t, node);

	return json_is(&f->t, node, JSON_STRING) ? str_sub(s, 1, s.n - 1) : s;
}

static bool parse_node(const struct facts *f, uint32_t node, struct stamp *out)
{
	return node != JSON_ABSENT && f->t.v[node].type >= JSON_STRING &&
	       f->t.v[node].type <= JSON_NUMBER &&
	       !(json_is(&f->t, node, JSON_STRING) && f->t.v[node].n) &&
	       stamp_parse(inside(f, node), out);
}

static bool is_key_of_time(const struct facts *f, uint32_t key)
{
	str s = json_text(&f->t, key);

	if (str_eq(s, STR("\"at\"")))
		return true;
	for (size_t i = 0; i < ARRAY_N(key_words); i++)
		if (str_find(s, str_from(key_words[i])) != STR_NONE)
			return true;
	return false;
}

/* Without a key, times are at least in order, but where a row begins anew. */
static bool may_be_time(const struct facts *f, uint32_t key, const uint32_t *nodes, uint32_t n)
{
	struct stamp s, last = {.at = INT64_MIN};
	uint32_t back = 0;

	if (key != JSON_ABSENT)
		return is_key_of_time(f, key);
	for (uint32_t i = 0; i < n; i++) {
		if (!parse_node(f, nodes[i], &s))
			return false;
		back += s.at < last.at;
		last = s;
	}
	return back <= n / BACK_SHARE;
}

/* All rows in equal steps. */
static bool plan_steps(const struct facts *f, const uint32_t *nodes, uint32_t n, struct timing *t)
{
	struct stamp s;
	int64_t want = t->base.at;

	if (!parse_node(f, nodes[1], &s) || __builtin_sub_overflow(s.at, want, &t->step) ||
		!t->step)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (!parse_node(f, nodes[i], &s) || !stamp_is_like(&s, &t->base) || s.at != want ||
			json_is(&f->t, nodes[i], JSON_STRING) != t->is_string ||
			__builtin_add_overflow(want, t->step, &want))
			return false;
	}
	t->how = TIMING_STEPS;
	return true;
}

static size_t write_distance(int64_t d, bool is_signed, char out[STAMP_BYTES])
{
	uint64_t v = d < 0 ? 0 - (uint64_t)d : (uint64_t)d;
	size_t n = 0, digits = 0;
	char back[24];

	if (d < 0 || is_signed)
		out[n++] = d < 0 ? '-' : '+';
	do
		back[digits++] = (char)('0' + v % 10);
	while (v /= 10);
	while (digits)
		out[n++] = back[--digits];
	return n;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool distance(const struct stamp *from, const struct stamp *to, bool is_signed,
	char out[STAMP_BYTES], size_t *n)
{
	int64_t d;

	if (!stamp_is_like(from, to) || __builtin_sub_overflow(to->at, from->at, &d))
		return false;
	*n = write_distance(d, is_signed, out);
	return true;
}

/* Where the zone begins, or the text ends. */
static size_t zone_at(const struct timing *t)
{
	return t->base_text.n - t->base.zone.n;
}

static char sign_between(const struct timing *t, size_t i)
{
	/* What stands between date and time becomes a 'T'. */
	return i == 10 ? 'T' : t->base_text.p[i] == t->base.point ? '.' : '\0';
}

/* A time that is spelled like the base, in short. */
static bool shorten(const struct timing *t, str text, char out[STAMP_BYTES], size_t *n)
{
	size_t zone = zone_at(t);

	if (text.n != t->base_text.n || zone > STAMP_BYTES)
		return false;
	*n = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i], like = t->base_text.p[i], sign = sign_between(t, i);

		if (i < zone && is_digit(like)) {
			if (!is_digit(c))
				return false;
			out[(*n)++] = c;
			continue;
		}
		if (c != like)
			return false;
		if (i < zone && sign)
			out[(*n)++] = sign;
	}
	return true;
}

/* The reverse. */
static bool lengthen(const struct timing *t, str shown, char out[STAMP_BYTES], size_t *n)
{
	size_t zone = zone_at(t), at = 0;

	if (t->base_text.n > STAMP_BYTES)
		return false;
	for (size_t i = 0; i < zone; i++) {
		char like = t->base_text.p[i], sign = sign_between(t, i);

		out[i] = like;
		if (!is_digit(like) && !sign)
			continue;
		if (at == shown.n ||
			(is_digit(like) ? !is_digit(shown.p[at]) : shown.p[at] != sign))
			return false;
		if (is_digit(like))
			out[i] = shown.p[at];
		at++;
	}
	for (size_t i = zone; i < t->base_text.n; i++)
		out[i] = t->base_text.p[i];
	*n = t->base_text.n;
	return at == shown.n;
}

bool timing_cell(const struct timing *t, const struct facts *f, uint32_t above, uint32_t node,
	char out[STAMP_BYTES], size_t *n)
{
	bool is_above = t->how == TIMING_ABOVE;
	struct stamp from = t->base, to;

	if (t->how == TIMING_SHORT)
		return json_is(&f->t, node, JSON_STRING) && !f->t.v[node].n &&
		       shorten(t, inside(f, node), out, n);
	if (json_is(&f->t, node, JSON_STRING) != t->is_string || !parse_node(f, node, &to))
		return false;
	if (is_above &&
		(above == JSON_ABSENT || json_is(&f->t, above, JSON_STRING) != t->is_string ||
			!parse_node(f, above, &from)))
		return false;
	return distance(&from, &to, is_above, out, n);
}

/* Cells of neighbours, which are shown in one way and another to see what that costs. */
struct sample {
	const struct facts *f;
	size_t prefix, suffix; /* said once where cells are shown as they are */
	uint32_t n;
	struct sampled {
		str text;
		bool is_time;   /* as the column has them: at */
		bool has_above; /* the one before is the cell above, and a time, too */
		struct stamp at;
	} v[RUNS * RUN_CELLS];
};

static void take_cell(struct sample *s, const struct timing *t, uint32_t node, bool has_above)
{
	struct sampled *cell = &s->v[s->n++];

	cell->text = inside(s->f, node);
	cell->is_time = json_is(&s->f->t, node, JSON_STRING) == t->is_string &&
			parse_node(s->f, node, &cell->at);
	cell->has_above = has_above && cell[-1].is_time;
}

static void take_sample(struct sample *s, const struct timing *t, const uint32_t *nodes, uint32_t n)
{
	uint32_t runs = n > RUNS * RUN_CELLS ? RUNS : 1, run = runs > 1 ? RUN_CELLS : n;

	s->n = 0;
	for (uint32_t k = 0; k < runs; k++) {
		uint32_t from = (uint32_t)((uint64_t)k * (n - run) / (runs > 1 ? runs - 1 : 1));
		bool has_above = false;

		for (uint32_t i = from; i < from + run; i++) {
			bool is_shown = nodes[i] != JSON_ABSENT &&
					facts_size(s->f, nodes[i]) <= STAMP_BYTES;

			if (is_shown)
				take_cell(s, t, nodes[i], has_above);
			has_above = is_shown;
		}
	}
}

/* The distance that the cell shows; false when it has to be shown as it is. */
static bool sampled_distance(const struct sampled *cell, const struct timing *t, int64_t *d)
{
	bool is_above = t->how == TIMING_ABOVE;
	const struct stamp *from = is_above ? &cell[-1].at : &t->base;

	return cell->is_time && (!is_above || cell->has_above) && stamp_is_like(from, &cell->at) &&
	       !__builtin_sub_overflow(cell->at.at, from->at, d);
}

/* Of a blank and a distance: a token for the blank, with its sign where it has one, and one for every three digits. */
static size_t distance_tokens(int64_t d)
{
	uint64_t v = d < 0 ? 0 - (uint64_t)d : (uint64_t)d;
	size_t n = 2;

	for (; v >= 1000; v /= 1000)
		n++;
	return n;
}

/* A piece ends between it and a blank for sure. */
static bool ends_word(str cell)
{
	char c = cell.n ? cell.p[cell.n - 1] : ' ';

	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Of a blank and a cell of digits with single signs of ASCII behind some of them, which are pieces; 0 when it is another. */
static size_t spelled_tokens(str cell)
{
	size_t n = 1, digits = 0;

	for (size_t i = 0; i < cell.n; i++) {
		if (is_digit(cell.p[i])) {
			n += digits++ % 3 == 0;
			continue;
		}
		if (!digits || cell.p[i] <= ' ' || cell.p[i] > '~')
			return 0;
		n++;
		digits = 0;
	}
	return cell.n ? n : 0;
}

/* t: NULL for cells as they are. Most are counted without being written, but for those behind a cell that may share a piece
 * with them. */
static size_t sample_tokens(const struct sample *s, const struct timing *t)
{
	char text[SAMPLE_BYTES];
	size_t at = 0, known = 0, n;
	bool is_cut = true;
	int64_t d;

	for (uint32_t i = 0; i < s->n; i++) {
		str cell = s->v[i].text;
		bool is_distance = t && sampled_distance(&s->v[i], t, &d);

		if (is_distance && is_cut) {
			known += distance_tokens(d);
			continue;
		}
		if (is_distance) {
			text[at++] = ' ';
			at += write_distance(d, t->how == TIMING_ABOVE, text + at);
			is_cut = true;
			continue;
		}
		if (cell.n >= s->prefix + s->suffix && !t)
			cell = str_sub(cell, s->prefix, cell.n - s->suffix);
		n = is_cut ? spelled_tokens(cell) : 0;
		is_cut = ends_word(cell);
		if (n && is_cut) {
			known += n;
			continue;
		}
		text[at++] = ' ';
		if (cell.n)
			memcpy(text + at, cell.p, cell.n);
		at += cell.n;
	}
	return known + token_count(s->f->encoding, (str){text, at}, s->f->cache);
}

static size_t short_tokens(const struct sample *s, const struct timing *t)
{
	char text[SAMPLE_BYTES], cell[STAMP_BYTES];
	size_t at = 0, n;

	for (uint32_t i = 0; i < s->n; i++) {
		str shown = s->v[i].text;

		if (s->v[i].is_time && shorten(t, shown, cell, &n))
			shown = (str){cell, n};
		text[at++] = ' ';
		if (shown.n)
			memcpy(text + at, shown.p, shown.n);
		at += shown.n;
	}
	return token_count(s->f->encoding, (str){text, at}, s->f->cache);
}

static bool are_near(const struct sample *s, const struct timing *t)
{
	int64_t d, most = near_most[t->base.unit];

	for (uint32_t i = 0; i < s->n && !t->base.is_digits; i++)
		if (sampled_distance(&s->v[i], t, &d) && (d > most || d < -most))
			return false;
	return true;
}

/* Each digit that one need not add up is worth something: from the first on where that is not much dearer than from
 * the row above, and as they are where neither saves a token per cell. must_be_near: further ones are told in short; has_rows:
 * there is a row above. */
static void choose(const struct sample *s, struct timing *t, bool must_be_near, bool has_rows)
{
	struct timing above = *t, base = *t;
	size_t as_is = sample_tokens(s, NULL), by_base, by_above;

	above.how = TIMING_ABOVE;
	base.how = TIMING_BASE;
	by_base = sample_tokens(s, &base);
	by_above = sample_tokens(s, &above);
	if (must_be_near && !are_near(s, &base))
		by_base = SIZE_MAX;
	if (!has_rows || (must_be_near && !are_near(s, &above)))
		by_above = SIZE_MAX / 2;
	if (by_above + by_above / 4 < by_base && by_above + s->n < as_is)
		t->how = TIMING_ABOVE;
	else if (by_base < as_is && by_base + s->n < as_is)
		t->how = TIMING_BASE;
	else if (t->is_string && !t->base.is_digits && short_tokens(s, t) + s->n < as_is)
		t->how = TIMING_SHORT;
}

static bool are_like(
	const struct facts *f, const uint32_t *nodes, uint32_t n, const struct stamp *base)
{
	struct stamp s;

	for (uint32_t i = 0; i < n; i++)
		if (!parse_node(f, nodes[i], &s) || !stamp_is_like(&s, base))
			return false;
	return true;
}

struct timing timing_plan(const struct facts *f, uint32_t key, const uint32_t *nodes, uint32_t n,
	bool can_step, size_t prefix, size_t suffix)
{
	struct timing t = {.how = TIMING_NONE};
	struct sample s;
	uint32_t first = 0;

	while (first < n &&
		(nodes[first] == JSON_ABSENT || json_is(&f->t, nodes[first], JSON_NULL)))
		first++;
	if (n < ROWS_MIN || first == n || !parse_node(f, nodes[first], &t.base))
		return t;
	t.is_string = json_is(&f->t, nodes[first], JSON_STRING);
	t.base_text = inside(f, nodes[first]);
	/* A number that is no such time would be taken for a distance. */
	if (t.base.is_digits && (!may_be_time(f, key, nodes, n) ||
					(!t.is_string && !are_like(f, nodes, n, &t.base))))
		return t;
	if (!first && can_step && !t.base.is_digits && plan_steps(f, nodes, n, &t))
		return t;
	s.f = f;
	s.prefix = prefix;
	s.suffix = suffix;
	take_sample(&s, &t, nodes, n);
	choose(&s, &t, key == JSON_ABSENT, key != JSON_ABSENT || can_step);
	return t;
}

static bool move(const struct stamp *from, int64_t d, char out[STAMP_BYTES], size_t *n)
{
	int64_t at;

	if (__builtin_add_overflow(from->at, d, &at))
		return false;
	*n = stamp_write(from, at, out);
	return *n > 0;
}

bool timing_read(const struct timing *t, str above, str shown, char out[STAMP_BYTES], size_t *n)
{
	struct stamp from = t->base;
	int64_t d;

	if (t->how == TIMING_SHORT)
		return lengthen(t, shown, out, n);
	if (t->how == TIMING_ABOVE && !(str_take(&shown, STR("+")) || str_starts(shown, STR("-"))))
		return false;
	if (!shown.n || *shown.p == '+' || !str_i64(shown, &d) ||
		(t->how == TIMING_ABOVE && !stamp_parse(above, &from)))
		return false;
	return move(&from, d, out, n);
}

bool timing_step(const struct timing *t, uint32_t row, char out[STAMP_BYTES], size_t *n)
{
	int64_t d;

	return !__builtin_mul_overflow(t->step, (int64_t)row, &d) && move(&t->base, d, out, n);
}
