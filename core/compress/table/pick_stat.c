#include "core/compress/table/pick_stat.h"

#include <math.h>
#include <stdlib.h>

enum {
	DEPTH_MAX = 3,   /* of objects in a row */
	FAR = 4,         /* times the distance of the quartiles, beyond them */
	SAMPLE_MIN = 24, /* numbers, to tell what is far */
	EXACT_DIGITS = 15,
};

struct stats *stats_new(const struct facts *f, struct arena *a)
{
	struct stats *s = arena_new(a, struct stats);

	s->f = f;
	s->arena = a;
	return s;
}

static struct stat_column *find_column(struct stats *s, uint64_t path, uint32_t key)
{
	uint32_t at = (uint32_t)(path >> 20) % ARRAY_N(s->slots);

	/* Rows have their columns in the same order, mostly. */
	if (s->hint < s->columns_n && s->columns[s->hint]->path == path)
		return s->columns[s->hint++];
	for (; s->slots[at]; at = (at + 1) % ARRAY_N(s->slots)) {
		if (s->columns[s->slots[at] - 1]->path != path)
			continue;
		s->hint = s->slots[at];
		return s->columns[s->slots[at] - 1];
	}
	if (s->columns_n == STAT_COLUMNS_MAX)
		return NULL;
	s->columns[s->columns_n] = arena_new(s->arena, struct stat_column);
	*s->columns[s->columns_n] = (struct stat_column){.path = path, .key = key};
	s->slots[at] = ++s->columns_n;
	s->hint = s->columns_n;
	return s->columns[s->columns_n - 1];
}

static bool walk(struct stats *s, uint32_t object, uint64_t path, unsigned depth,
	bool (*visit)(struct stat_column *c, uint32_t value, void *user), void *user)
{
	const struct json_node *v = s->f->t.v;

	for (uint32_t key = object + 1; key < v[object].next; key = v[key + 1].next) {
		uint64_t here = (path ^ s->f->hash[key]) * UINT64_C(0x9e3779b97f4a7c15);
		struct stat_column *c;

		if (v[key + 1].type == JSON_OBJECT && depth < DEPTH_MAX) {
			if (!walk(s, key + 1, here, depth + 1, visit, user))
				return false;
			continue;
		}
		c = find_column(s, here, key);
		if (c && !visit(c, key + 1, user))
			return false;
	}
	return true;
}

bool stats_walk(struct stats *s, uint32_t row,
	bool (*visit)(struct stat_column *c, uint32_t value, void *user), void *user)
{
	s->hint = 0;
	return !json_is(&s->f->t, row, JSON_OBJECT) || walk(s, row, 1, 0, visit, user);
}

/* A number whose digits, all of them, a double holds: counted without one. False when it has an exponent. */
static bool short_number(str s, double *out)
{
	static const double scales[EXACT_DIGITS + 1] = {
		1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	bool is_negative = *s.p == '-';
	size_t point = s.n;
	int64_t v = 0;
	double x;

	for (size_t i = is_negative; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit <= 9)
			v = v * 10 + digit;
		else if (s.p[i] == '.')
			point = i + 1;
		else
			return false;
	}
	x = (double)v;
	x = point < s.n ? x / scales[s.n - point] : x;
	*out = is_negative ? -x : x;
	return true;
}

bool stat_number(const struct facts *f, uint32_t node, double *out)
{
	str s = json_text(&f->t, node);
	double v = 0, scale = 0;
	bool is_negative;

	if (!json_is(&f->t, node, JSON_NUMBER))
		return false;
	if (s.n <= EXACT_DIGITS && short_number(s, out))
		return true;
	is_negative = *s.p == '-';
	for (size_t i = is_negative; i < s.n; i++) {
		if (s.p[i] == '.') {
			scale = 1;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			return json_f64(&f->t, node, out);
		v = v * 10 + (s.p[i] - '0');
		scale *= 10;
	}
	v = scale > 1 ? v / scale : v;
	*out = is_negative ? -v : v;
	return isfinite(v);
}

struct stat_value *stat_value_of(struct stat_column *c, uint64_t hash)
{
	for (uint32_t i = 0; i < c->values_n && i < STAT_VALUES_MAX; i++)
		if (c->values[i].hash == hash)
			return &c->values[i];
	return NULL;
}

static void count_value(struct stat_column *c, uint64_t hash, uint32_t node)
{
	struct stat_value *v;

	if (c->values_n > STAT_VALUES_MAX)
		return;
	v = stat_value_of(c, hash);
	if (v)
		v->n++;
	else if (c->values_n++ < STAT_VALUES_MAX)
		c->values[c->values_n - 1] = (struct stat_value){hash, node, 1};
}

static void count_number(struct stat_column *c, double x, uint32_t node, bool is_sampled)
{
	if (!c->numbers || x < c->low) {
		c->low = x;
		c->low_node = node;
	}
	if (!c->numbers || x > c->high) {
		c->high = x;
		c->high_node = node;
	}
	c->numbers++;
	if (is_sampled && c->sample_n < STAT_SAMPLE)
		c->sample[c->sample_n++] = (float)x;
}

static void count_string(struct stats *s, struct stat_column *c, uint32_t node)
{
	str text = json_text(&s->f->t, node);

	if (!c->strings++) {
		c->low_node = c->high_node = node;
	} else if (s->orders_strings) {
		/* What is greater than the greatest, as times are mostly, is not less than the least. */
		if (str_cmp(text, json_text(&s->f->t, c->high_node)) > 0)
			c->high_node = node;
		else if (str_cmp(text, json_text(&s->f->t, c->low_node)) < 0)
			c->low_node = node;
	}
}

struct add {
	struct stats *s;
	bool is_sampled;
};

static bool add_member(struct stat_column *c, uint32_t value, void *user)
{
	struct add *a = user;
	const struct facts *f = a->s->f;
	uint64_t hash = f->hash[value];
	double x;

	c->changes += c->n && c->last != hash;
	c->last = hash;
	c->n++;
	count_value(c, hash, value);
	if (json_is(&f->t, value, JSON_STRING))
		count_string(a->s, c, value);
	else if (stat_number(f, value, &x))
		count_number(c, x, value, a->is_sampled);
	return true;
}

void stats_add(struct stats *s, uint32_t row, bool is_sampled)
{
	struct add a = {s, is_sampled};

	(void)stats_walk(s, row, add_member, &a);
}

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

void stats_conclude(struct stats *s)
{
	for (uint32_t i = 0; i < s->columns_n; i++) {
		struct stat_column *c = s->columns[i];
		double low, high, reach;

		if (c->sample_n < SAMPLE_MIN || c->values_n <= STAT_VALUES_MAX)
			continue;
		qsort(c->sample, c->sample_n, sizeof *c->sample, by_value);
		low = (double)c->sample[c->sample_n / 4];
		high = (double)c->sample[c->sample_n * 3 / 4];
		reach = (high - low) * FAR;
		c->floor = low - reach;
		c->ceiling = high + reach;
		c->has_outliers = reach > 0 && (c->low < c->floor || c->high > c->ceiling);
	}
}
