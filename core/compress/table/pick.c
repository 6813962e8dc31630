#include "core/compress/table/pick.h"

#include "core/base/limits.h"
#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/compress/table/alarm.h"
#include "core/compress/table/pick_stat.h"
#include "core/compress/table/term.h"

enum {
	ROWS_MIN = 30,   /* fewer are all shown */
	SHOWN_SHARE = 2, /* more than one in two shown: nothing is won */
	FIRST = 3,
	LAST = 2,
	GENTLE_FIRST = 12, /* the same for a gentle elision, */
	GENTLE_LAST = 8,
	GENTLE_EACH = 10, /* which shows one row in so many besides */
	RARE_SHARE = 40,  /* a value of fewer than one row in so many is rare, up to */
	RARE_MAX = 10,    /* rows, and */
	RARE_FACTOR = 4,  /* times rarer than the others on average */
	LOUD_SHARE =
		8, /* of more than one row in so many that speaks of errors only those that say something new */
	SPREAD =
		25, /* a column in which more than one in so many is rare, far or new has no such */
	HITS_MAX = 80, /* rows with a word of the query: more are never shown */
	SUMMARY_COLUMNS = 12,
	SUMMARY_VALUES = 4,
	SUMMARY_BYTES = 48, /* of a value */
	SCALARS_MIN = 60,
	LEFT_OUT_MIN =
		2048, /* bytes of rows without white space: less is not worth asking for them */
};

struct picker {
	const struct facts *f;
	struct arena *arena;
	struct pick *out;
	struct terms terms;
	struct stats *stats;
	uint32_t *children;
	uint32_t n;
	bool *is_shown;
	bool is_gentle;
};

const struct picked *pick_of(const struct pick *p, uint32_t array)
{
	size_t low = 0, high = p ? p->n : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->v[middle].array < array)
			low = middle + 1;
		else
			high = middle;
	}
	return p && low < p->n && p->v[low].array == array ? &p->v[low] : NULL;
}

/* Messages that rows above say. */
struct said {
	struct map all;
};

/* ---- the query ---- */

/* The rows that have the word, up to HITS_MAX of them. What stands between rows belongs to no word. */
static uint32_t find_term(const struct picker *p, str term, uint32_t hits[HITS_MAX])
{
	const struct json_node *v = p->f->t.v;
	str doc = p->f->t.doc;
	size_t at = v[p->children[0]].start, end = v[p->children[p->n - 1]].end;
	uint32_t n = 0, row = 0;

	while (n < HITS_MAX) {
		size_t found = str_find(str_sub(doc, at, end), term);

		if (found == STR_NONE)
			break;
		at += found;
		while (v[p->children[row]].end <= at)
			row++;
		hits[n++] = row;
		at = v[p->children[row]].end;
	}
	return n;
}

static void show_terms(struct picker *p)
{
	uint32_t most = p->n / RARE_SHARE > RARE_MAX ? p->n / RARE_SHARE : RARE_MAX;

	for (size_t k = 0; k < p->terms.n; k++) {
		uint32_t hits[HITS_MAX], hits_n = find_term(p, p->terms.v[k], hits);

		for (uint32_t i = 0; hits_n <= most && i < hits_n; i++)
			p->is_shown[hits[i]] = true;
	}
}

/* ---- rows ---- */

static uint32_t rare_n(uint32_t rows)
{
	uint32_t n = rows / RARE_SHARE;

	return n < 1 ? 1 : n > RARE_MAX ? RARE_MAX : n;
}

struct look {
	struct picker *p;
	uint32_t rare_n, spread;
	bool is_shown;
};

/* A column of few values, of which one is rare: how many rows its rare values have. */
static uint32_t rare_rows(const struct stat_column *c, uint32_t most)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->values_n && i < STAT_VALUES_MAX; i++)
		if (c->values[i].n <= most)
			n += c->values[i].n;
	return n;
}

/* Of the values that a column has, much rarer than the average of them. */
static bool is_rare(const struct look *k, const struct stat_column *c, const struct stat_value *v)
{
	return v->n <= k->rare_n && (uint64_t)v->n * c->values_n * RARE_FACTOR <= c->n;
}

static bool look_at_member(struct stat_column *c, uint32_t value, void *user)
{
	struct look *k = user;
	uint64_t hash = k->p->f->hash[value];
	const struct stat_value *v;
	double x;

	/* A column that few rows have: their keys are rare. */
	if (c->n <= k->rare_n)
		k->is_shown = true;
	if (c->values_n > 1 && c->values_n <= STAT_VALUES_MAX) {
		v = stat_value_of(c, hash);
		if (v && is_rare(k, c, v) && rare_rows(c, k->rare_n) <= k->spread)
			k->is_shown = true;
		if (c->changes && c->changes <= k->spread && c->last != hash)
			k->is_shown = true;
	}
	if (c->has_outliers && stat_number(k->p->f, value, &x) && (x < c->floor || x > c->ceiling))
		k->is_shown = true;
	c->last = hash;
	return true;
}

/* Takes back that numbers are far where that is nothing special. */
static void count_outliers(struct picker *p, uint32_t spread)
{
	for (uint32_t c = 0; c < p->stats->columns_n; c++) {
		struct stat_column *k = p->stats->columns[c];
		uint32_t n = 0;

		for (uint32_t i = 0; k->has_outliers && i < k->sample_n; i++)
			n += (double)k->sample[i] < k->floor || (double)k->sample[i] > k->ceiling;
		if (k->has_outliers && (uint64_t)n * p->n > (uint64_t)spread * k->sample_n)
			k->has_outliers = false;
	}
}

static void show_rows(struct picker *p)
{
	uint32_t stride = p->n / STAT_SAMPLE + 1;
	uint32_t spread = p->n / SPREAD > 2 ? p->n / SPREAD : 2;
	struct alarm alarm;

	alarm_init(&alarm);
	p->stats = stats_new(p->f, p->arena);
	for (uint32_t i = 0; i < p->n; i++)
		stats_add(p->stats, p->children[i], i % stride == 0);
	stats_conclude(p->stats);
	count_outliers(p, spread);
	for (uint32_t c = 0; c < p->stats->columns_n; c++)
		p->stats->columns[c]->last = 0;
	for (uint32_t i = 0; i < p->n; i++) {
		struct look k = {.p = p, .rare_n = rare_n(p->n), .spread = spread};

		(void)stats_walk(p->stats, p->children[i], look_at_member, &k);
		p->is_shown[i] |= k.is_shown || alarm_is_row(&alarm, &p->f->t, p->children[i]) ||
				  !json_is(&p->f->t, p->children[i], JSON_OBJECT);
	}
}

/* A string that tells of an error; whether it is the first of its words. */
static bool say(str text, void *user)
{
	struct said *s = user;
	size_t n = s->all.n;

	*map_at(&s->all, text) = s;
	return s->all.n > n;
}

/* Rows that speak of errors: all of them while they are few, else each that says what no row above it says. */
static void show_loud(struct picker *p)
{
	uint32_t most = p->n / LOUD_SHARE, loud_n = 0;
	bool *is_loud = arena_array(p->arena, bool, p->n);
	struct said said;

	map_init(&said.all, p->arena);
	for (uint32_t i = 0; i < p->n; i++) {
		is_loud[i] = alarm_is_loud(&p->f->t, p->children[i]);
		loud_n += is_loud[i] && !p->is_shown[i];
	}
	for (uint32_t i = 0; i < p->n; i++)
		if (is_loud[i])
			p->is_shown[i] |=
				alarm_told(&p->f->t, p->children[i], say, &said) || loud_n <= most;
}

/* ---- what is left out ---- */

static void add_value(struct picker *p, uint32_t node, struct buf *b)
{
	str s = json_text(&p->f->t, node);

	if (json_is(&p->f->t, node, JSON_STRING))
		s = str_sub(s, 1, s.n - 1);
	buf_add(b, s);
}

static void sum_up_values(struct picker *p, struct stat_column *c, struct buf *b)
{
	uint32_t shown = 0, rest = c->n;

	for (; shown < SUMMARY_VALUES && shown < c->values_n; shown++) {
		struct stat_value *best = NULL;

		for (uint32_t i = 0; i < c->values_n; i++)
			if (c->values[i].n && (!best || c->values[i].n > best->n))
				best = &c->values[i];
		if (!best)
			break;
		buf_add_c(b, shown ? ", " : " ");
		add_value(p, best->node, b);
		buf_printf(b, " %u", best->n);
		rest -= best->n;
		best->n = 0;
	}
	if (rest)
		buf_printf(b, ", others %u", rest);
}

static bool fits(const struct picker *p, const struct stat_column *c)
{
	for (uint32_t i = 0; i < c->values_n && i < STAT_VALUES_MAX; i++)
		if (facts_size(p->f, c->values[i].node) > SUMMARY_BYTES ||
			p->f->t.v[c->values[i].node].type <= JSON_ARRAY)
			return false;
	return true;
}

/* True when what most rows have says more than how far values go. */
static bool has_top(const struct picker *p, const struct stat_column *c)
{
	if (c->values_n > STAT_VALUES_MAX || c->values_n >= c->n || !fits(p, c))
		return false;
	return c->values_n <= STAT_VALUES_MAX / 2 ||
	       (c->strings == c->n && c->values_n <= c->n / 2);
}

/* True when the least and the greatest string say something: times, or names with numbers of the same width. */
static bool has_range(const struct picker *p, const struct stat_column *c)
{
	str low = json_text(&p->f->t, c->low_node), high = json_text(&p->f->t, c->high_node);

	return low.n == high.n && low.n <= SUMMARY_BYTES && str_find_byte(low, ' ') == STR_NONE &&
	       str_common_prefix(low, high) > 2;
}

static void sum_up_column(struct picker *p, struct stat_column *c, struct buf *b)
{
	size_t from = b->n;

	if (from)
		buf_add_c(b, "; ");
	buf_add(b, str_sub(json_text(&p->f->t, c->key), 1, json_text(&p->f->t, c->key).n - 1));
	if (has_top(p, c)) {
		sum_up_values(p, c, b);
	} else if (c->n > 1 && (c->numbers == c->n || (c->strings == c->n && has_range(p, c)))) {
		buf_add_byte(b, ' ');
		add_value(p, c->low_node, b);
		buf_add_c(b, "..");
		add_value(p, c->high_node, b);
	} else {
		b->n = from;
	}
}

/* True when all rows have that one value. */
static bool is_same(const struct picker *p, const struct stat_column *c)
{
	for (uint32_t i = 0; i < p->stats->columns_n; i++)
		if (p->stats->columns[i]->path == c->path)
			return p->stats->columns[i]->values_n == 1 &&
			       p->stats->columns[i]->n == p->n;
	return false;
}

static str sum_up(struct picker *p)
{
	struct stats *left = stats_new(p->f, p->arena);
	uint32_t columns = 0;
	struct buf b;

	left->orders_strings = true;
	for (uint32_t i = 0; i < p->n; i++)
		if (!p->is_shown[i])
			stats_add(left, p->children[i], false);
	buf_init_arena(&b, p->arena, LIMIT_INPUT);
	for (uint32_t i = 0; i < left->columns_n && columns < SUMMARY_COLUMNS; i++) {
		/* What is the same everywhere is said by the table. */
		if (left->columns[i]->values_n == 1 && left->columns[i]->n > 1 &&
			is_same(p, left->columns[i]))
			continue;
		sum_up_column(p, left->columns[i], &b);
		columns++;
	}
	return buf_str(&b);
}

/* ---- scalars ---- */

/* Numbers, or strings of which there are few: shown are the rare ones, each value once, and what is far. */
static bool show_scalars(struct picker *p)
{
	struct stats *s = stats_new(p->f, p->arena);
	struct stat_column *c = arena_new(p->arena, struct stat_column);
	uint32_t stride = p->n / STAT_SAMPLE + 1;
	double x;

	for (uint32_t i = 0; i < p->n; i++) {
		uint64_t hash = p->f->hash[p->children[i]];
		struct stat_value *v = stat_value_of(c, hash);

		if (v)
			v->n++;
		else if (c->values_n <= STAT_VALUES_MAX && c->values_n++ < STAT_VALUES_MAX)
			c->values[c->values_n - 1] = (struct stat_value){hash, i, 1};
		if (!stat_number(p->f, p->children[i], &x))
			continue;
		c->low = !c->numbers || x < c->low ? x : c->low;
		c->high = !c->numbers || x > c->high ? x : c->high;
		c->numbers++;
		if (i % stride == 0 && c->sample_n < STAT_SAMPLE)
			c->sample[c->sample_n++] = (float)x;
	}
	if (c->numbers != p->n && c->values_n > STAT_VALUES_MAX)
		return false;
	s->columns[s->columns_n++] = c;
	p->stats = s;
	stats_conclude(s);
	count_outliers(p, p->n / SPREAD);
	for (uint32_t i = 0; i < p->n; i++) {
		const struct stat_value *v = stat_value_of(c, p->f->hash[p->children[i]]);

		if (c->values_n <= STAT_VALUES_MAX && v && (v->n <= rare_n(p->n) || v->node == i))
			p->is_shown[i] = true;
		if (c->has_outliers && stat_number(p->f, p->children[i], &x) &&
			(x < c->floor || x > c->ceiling))
			p->is_shown[i] = true;
	}
	return true;
}

/* ---- arrays ---- */

/* Rows that are shown for their place. */
static bool is_example(const struct picker *p, uint32_t i)
{
	uint32_t first = p->is_gentle ? GENTLE_FIRST : FIRST;
	uint32_t last = p->is_gentle ? GENTLE_LAST : LAST;

	return i < first || i + last >= p->n || (p->is_gentle && i % GENTLE_EACH == 0);
}

static bool pick_array(struct picker *p, uint32_t array)
{
	uint32_t i = 0, objects = 0, shown = 0;
	str summary = STR_NULL;
	size_t bytes = 0;

	p->n = p->f->t.v[array].n;
	p->children = arena_array(p->arena, uint32_t, p->n);
	p->is_shown = arena_array(p->arena, bool, p->n);
	p->stats = NULL;
	for (struct json_iter it = json_iter(&p->f->t, array); json_next(&it); i++) {
		p->children[i] = it.value;
		objects += json_is(&p->f->t, it.value, JSON_OBJECT);
		if (!objects && p->f->t.v[it.value].type <= JSON_ARRAY)
			return false;
	}
	if (objects && objects * 2 < p->n)
		return false;
	if (!objects && (p->n < SCALARS_MIN || !show_scalars(p)))
		return false;
	if (objects)
		show_rows(p);
	show_terms(p);
	show_loud(p);
	for (i = 0; i < p->n; i++) {
		p->is_shown[i] |= is_example(p, i);
		shown += p->is_shown[i];
		bytes += p->is_shown[i] ? 0 : facts_size(p->f, p->children[i]);
	}
	if (shown * SHOWN_SHARE > p->n || (objects && bytes < LEFT_OUT_MIN))
		return false;
	if (objects)
		summary = sum_up(p);
	vec_room(p->arena, (void **)&p->out->v, p->out->n, &p->out->cap, sizeof *p->out->v);
	p->out->v[p->out->n++] = (struct picked){array, p->is_shown, p->n - shown, summary};
	return true;
}

bool pick_rows(const struct facts *f, str query, bool is_gentle, struct arena *a, struct pick *out)
{
	struct picker p = {.f = f, .arena = a, .out = out, .is_gentle = is_gentle};

	*out = (struct pick){0};
	terms_find(&p.terms, query);
	for (uint32_t i = 0; i < f->t.n;) {
		if (json_is(&f->t, i, JSON_ARRAY) && f->t.v[i].n >= ROWS_MIN && pick_array(&p, i))
			i = f->t.v[i].next;
		else
			i++;
	}
	return out->n > 0;
}
