#include "core/compress/log/begin.h"

#include "core/base/vec.h"
#include "core/compress/log/table.h"

enum {
	LINES_LEAST = 6,
	/* Bytes that one must save, and what a row of it costs besides its values. */
	GAIN_LEAST = 100,
	ROW_BYTES = 2,
	VALUE_BYTES = 1,
	/* Of a value that only grew; which ones are said so. */
	STEP_BYTES = 2,
	STEP_DIGITS = 4,
	STEP_MAX = 99,
	/* Beginnings that turn out to be worth nothing. */
	TRIES = 2 * LOG_BEGINS_MAX,
};

/* So many words of a line, as they are in many. */
struct start {
	uint64_t key;
	uint32_t lines, shape, words;
	uint32_t fixed; /* bytes of it that do not vary */
};

struct finder {
	const struct log_mine *m;
	struct arena *arena;
	bool *is_told; /* of every shape */
	VEC(struct start) starts;
	struct log_table by_key; /* their numbers, from 1 on */
	uint32_t *members;
};

/* Goes through the beginnings of a line, the shortest first. */
struct walk {
	const struct log_shape *s;
	struct start now;
};

static uint64_t mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 32;
}

/* False when there is no longer one. */
static bool walk_on(struct walk *w)
{
	const struct log_shape *s = w->s;
	uint32_t i = w->now.words;
	const struct log_word *v;

	if (i == LOG_BEGIN_WORDS || i + 1 >= s->n)
		return false;
	v = &s->w[i];
	for (size_t k = i ? s->w[i - 1].at + s->w[i - 1].n : 0; k < v->at; k++)
		w->now.key = mix(w->now.key, (unsigned char)s->line.p[k]);
	w->now.fixed += v->at - (i ? s->w[i - 1].at + s->w[i - 1].n : 0U);
	w->now.key = mix(w->now.key, log_word_coarse(v));
	w->now.fixed += v->has_digit ? 0 : v->n;
	w->now.words++;
	return true;
}

/* What separates the last word of the beginning from the next one belongs to it, too. */
static struct start start_of(const struct walk *w)
{
	struct start s = w->now;
	const struct log_word *last = &w->s->w[s.words - 1], *next = last + 1;

	for (size_t k = last->at + last->n; k < next->at; k++)
		s.key = mix(s.key, (unsigned char)w->s->line.p[k]);
	s.fixed += next->at - last->at - last->n;
	return s;
}

/* The one that is as the walk is, which is new when no line began so before. */
static struct start *find_start(struct finder *f, const struct start *s)
{
	uint32_t *at = log_table_at(&f->by_key, s->key);

	if (!*at) {
		*vec_push(&f->starts, f->arena) = *s;
		*at = (uint32_t)f->starts.n;
	}
	return &f->starts.v[*at - 1];
}

static void count_starts(struct finder *f)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < f->m->shapes.n; k++)
		if (!f->is_told[k])
			n += f->m->shapes.v[k].n < LOG_BEGIN_WORDS ? f->m->shapes.v[k].n
								   : LOG_BEGIN_WORDS;
	log_table_init(&f->by_key, f->arena, n);
	for (uint32_t k = 0; k < f->m->shapes.n; k++) {
		struct walk w = {.s = &f->m->shapes.v[k]};

		while (!f->is_told[k] && walk_on(&w)) {
			struct start s = start_of(&w);

			s.shape = k;
			find_start(f, &s)->lines += w.s->count;
		}
	}
}

static uint64_t worth(const struct start *s)
{
	return s->lines < LINES_LEAST ? 0 : (uint64_t)s->lines * s->fixed;
}

static struct start *best_start(const struct finder *f)
{
	struct start *best = NULL;

	for (size_t i = 0; i < f->starts.n; i++) {
		struct start *s = &f->starts.v[i];

		if (worth(s) && (!best || worth(s) > worth(best)))
			best = s;
	}
	return best;
}

/* Shapes of lines that begin so. Their lines count no longer for shorter or longer beginnings. */
static uint32_t take_members(struct finder *f, const struct start *best)
{
	uint64_t key = best->key;
	uint32_t words = best->words, n = 0;

	for (uint32_t k = 0; k < f->m->shapes.n; k++) {
		struct walk w = {.s = &f->m->shapes.v[k]};
		bool is_member = false;

		if (f->is_told[k])
			continue;
		while (w.now.words < words && walk_on(&w))
			is_member = w.now.words == words && start_of(&w).key == key;
		if (!is_member)
			continue;
		f->members[n++] = k;
		f->is_told[k] = true;
		w = (struct walk){.s = w.s};
		while (walk_on(&w)) {
			struct start s = start_of(&w);

			find_start(f, &s)->lines -= w.s->count;
		}
	}
	return n;
}

/* Whether the number grew by little, so that a row says less than the number. */
static bool is_step(str before, str now)
{
	uint64_t a, b;

	return before.p && str_u64(before, &a) && str_u64(now, &b) && b > a &&
	       b - a <= (now.n < STEP_DIGITS ? 1 : STEP_MAX);
}

/* What the values of the lines save beside each other: bytes of all. */
static long gain_of_values(const struct finder *f, const struct log_pattern *p, uint32_t members)
{
	str last[LOG_BEGIN_WORDS + 1] = {0}, v[LOG_BEGIN_WORDS + 1];
	long saved = 0;

	for (uint32_t k = 0; k < members; k++) {
		if (!log_pattern_match(p, f->m->shapes.v[f->members[k]].line, v))
			continue;
		for (uint32_t i = 0; i + 1 < p->slots_n; i++) {
			if (last[i].p && str_eq(last[i], v[i]))
				saved += (long)v[i].n;
			else if (is_step(last[i], v[i]))
				saved += (long)v[i].n - STEP_BYTES;
			last[i] = v[i];
		}
	}
	return saved;
}

static bool make(struct finder *f, struct start *best, struct log_begin *b)
{
	uint32_t n = best->words, members;

	*b = (struct log_begin){.lines = best->lines};
	members = take_members(f, best);
	if (!members)
		return false;
	log_pattern_of_begin(f->m, f->members, members, n, f->arena, &b->p);
	for (uint32_t i = 0; i < b->p.slots_n; i++)
		b->fixed += (long)b->p.between[i].n - VALUE_BYTES;
	b->fixed -= ROW_BYTES;
	b->gain = b->fixed * (long)b->lines +
		  gain_of_values(f, &b->p, members) / (long)members * (long)b->lines;
	return b->gain >= GAIN_LEAST;
}

static bool has_time(const struct log_shape *s)
{
	for (uint32_t i = 0; i < s->n && i < LOG_BEGIN_WORDS; i++)
		if (s->w[i].stamp)
			return true;
	return false;
}

uint32_t log_begins_find(const struct log_mine *m, bool *is_told, struct arena *a,
	struct log_begin out[LOG_BEGINS_MAX])
{
	struct finder f = {.m = m, .is_told = is_told, .arena = a};
	struct start *best;
	uint32_t n = 0;

	if (!m->shapes.n)
		return 0;
	for (size_t k = 0; k < m->shapes.n; k++)
		is_told[k] |= has_time(&m->shapes.v[k]);
	f.members = arena_array(a, uint32_t, m->shapes.n);
	count_starts(&f);
	for (int i = 0; i < TRIES && n < LOG_BEGINS_MAX && (best = best_start(&f)); i++)
		n += make(&f, best, &out[n]);
	/* the longest first: another may be its beginning */
	for (uint32_t i = 1; i < n; i++) {
		struct log_begin b = out[i];
		uint32_t k = i;

		for (; k && out[k - 1].p.shape->n < b.p.shape->n; k--)
			out[k] = out[k - 1];
		out[k] = b;
	}
	return n;
}

const struct log_begin *log_begins_of(const struct log_begin *begins, uint32_t n, str line)
{
	str values[LOG_BEGIN_WORDS + 1];

	for (uint32_t i = 0; i < n; i++)
		if (log_pattern_match(&begins[i].p, line, values))
			return &begins[i];
	return NULL;
}

size_t log_begins_gain(const struct log_mine *m, struct arena *a)
{
	struct log_begin *found =
		arena_alloc(a, LOG_BEGINS_MAX * sizeof *found, alignof(struct log_begin));
	bool *is_told = arena_array(a, bool, m->shapes.n);
	uint32_t n;
	size_t gain = 0;

	for (size_t k = 0; k < m->shapes.n; k++) {
		const struct log_pattern *p = &m->patterns.v[m->shapes.v[k].pattern];

		is_told[k] = p->slots_n && p->count > 2;
	}
	n = log_begins_find(m, is_told, a, found);
	for (uint32_t i = 0; i < n; i++)
		gain += (size_t)found[i].gain;
	return gain;
}
