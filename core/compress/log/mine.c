#include "core/compress/log/mine.h"

#include "core/base/check.h"
#include "core/compress/log/begin.h"
#include "core/compress/log/table.h"

enum {
	ROUNDS = 3,
	/* A word varies when shapes that are the same but for it have so many; with one fixed word left, more. */
	VARIES_AT = 6,
	VARIES_AT_ONE = 8,
	/* After so many lines, and at every fourfold of it, a text is given up when fewer than one in sixteen is like
	 * another one: many logs begin with what is said once. From the last on it is given up when half of its lines
	 * are shapes of their own: to join these takes memory. */
	PROBE_FIRST = 256,
	PROBE_LAST = 4096,
	ALIKE_PART = 16,
	/* Or fewer percent of the bytes are what lines begin with. */
	BEGINS_PERCENT = 12,
	/* Bytes of a word that is not said again by chance, and words of lines in which that is looked for. */
	TWIN_BYTES = 5,
	TWIN_WORDS = 12,
};

static uint32_t add_shape(struct log_mine *m, struct arena *a, str line, const struct log_line *l)
{
	struct log_shape *s = vec_push(&m->shapes, a);

	*s = (struct log_shape){.hash = l->shape,
		.skeleton = l->skeleton,
		.line = line,
		.n = l->n,
		.w = arena_array(a, struct log_word, l->n),
		.shortest = arena_array(a, uint16_t, 3 * (size_t)l->n)};
	s->prefix = s->shortest + l->n;
	s->suffix = s->prefix + l->n;
	memcpy(s->w, l->w, l->n * sizeof *l->w);
	for (uint32_t i = 0; i < l->n; i++)
		s->shortest[i] = s->prefix[i] = s->suffix[i] = l->w[i].n;
	return (uint32_t)m->shapes.n - 1;
}

/* What word i of the shape and this one have in common. */
static void narrow(struct log_shape *s, uint32_t i, str v)
{
	str first = log_word_str(s->line, &s->w[i]);

	if (!(s->prefix[i] | s->suffix[i]) && v.n >= s->shortest[i])
		return;
	if (v.n == s->prefix[i] && v.n == first.n && !memcmp(v.p, first.p, v.n))
		return;
	if (v.n < s->shortest[i])
		s->shortest[i] = (uint16_t)v.n;
	first.n = s->prefix[i];
	s->prefix[i] = (uint16_t)str_common_prefix(first, v);
	first = log_word_str(s->line, &s->w[i]);
	first = str_sub(first, first.n - s->suffix[i], first.n);
	if (s->suffix[i])
		s->suffix[i] = (uint16_t)str_common_suffix(first, v);
	/* A word of another length varies, even "11" beside "111". */
	if (s->suffix[i] == s->w[i].n && v.n != s->w[i].n)
		s->suffix[i]--;
}

static void add_line(struct log_shape *s, str line, const struct log_line *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->w[i].has_digit)
			narrow(s, i, log_word_str(line, &l->w[i]));
}

/* True when a line of the same hash really has the shape's mask, as far as it matters. */
static bool is_of_shape(const struct log_shape *s, const struct log_line *l)
{
	return s->n == l->n && s->skeleton == l->skeleton;
}

static void join_shapes(struct log_mine *m, struct arena *a);

/* Whether many of so many lines, which are of nearly as many shapes, begin alike. */
static bool begin_alike(const struct log_mine *m, uint32_t lines, struct arena *a)
{
	size_t bytes = 0;

	for (size_t i = 0; i < m->shapes.n; i++)
		bytes += m->shapes.v[i].line.n;
	return m->shapes.n * 2 >= lines && log_begins_gain(m, a) * 100 >= bytes * BEGINS_PERCENT;
}

/* False when the lines so far are too unlike each other. */
static bool is_promising(struct log_mine *m, uint32_t lines, struct arena *a)
{
	uint32_t unlike = lines - lines / ALIKE_PART;
	size_t n = m->shapes.n;
	bool is_alike;

	if (lines >= PROBE_LAST)
		return n * 2 <= lines;
	if (n <= unlike)
		return true;
	join_shapes(m, a);
	is_alike = m->patterns.n <= unlike || begin_alike(m, lines, a);
	m->patterns.n = 0;
	return is_alike;
}

static bool mine_shapes(struct log_mine *m, str text, struct arena *a)
{
	struct log_line *l = arena_alloc(a, sizeof *l, alignof(struct log_line));
	struct log_table t;
	str rest = text, line;
	uint32_t probe = PROBE_FIRST;

	log_table_init(&t, a, m->lines_n < LOG_SHAPES_MAX ? m->lines_n / 4 : 0);
	for (uint32_t i = 0; str_next_line(&rest, &line, NULL); i++) {
		uint32_t *at;

		m->shape_of[i] = LOG_NO_SHAPE;
		if (i == probe) {
			if (!is_promising(m, i, a))
				return false;
			probe *= 4;
		}
		if (!log_line_scan(line, l))
			continue;
		at = log_table_at(&t, l->shape);
		if (!*at && m->shapes.n == LOG_SHAPES_MAX)
			continue;
		if (!*at)
			*at = add_shape(m, a, line, l) + 1;
		else if (!is_of_shape(&m->shapes.v[*at - 1], l))
			continue;
		else
			add_line(&m->shapes.v[*at - 1], line, l);
		m->shapes.v[*at - 1].count++;
		m->shape_of[i] = *at - 1;
	}
	return true;
}

/* ---- shapes to patterns ---- */

/* Shapes that are one pattern so far. */
struct class
{
	uint64_t key;
	bool *is_wild;   /* of every word */
	uint32_t joined; /* the class that it is part of now; itself */
	uint32_t alike;  /* shapes of its skeleton: others it can never be one with */
};

struct classes {
	struct log_mine *m;
	struct class *v;
	uint32_t n;
	struct log_table counts; /* of variants: of the present round */
	struct arena *arena;
};

enum { WILD = 0x3c6ef372, TWIN = 0x2f0b4a41, TWIN_MUL = 0x01000193 };

static bool is_fixed(const struct class *c, const struct log_shape *s, uint32_t i)
{
	return !c->is_wild[i] && !s->w[i].has_digit && s->w[i].n > 1;
}

static uint32_t fixed_n(const struct class *c, const struct log_shape *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n; i++)
		n += is_fixed(c, s, i);
	return n;
}

static uint64_t key_without(const struct class *c, const struct log_shape *s, uint32_t i)
{
	return c->key - log_word_key(log_word_coarse(&s->w[i]), i) + log_word_key(WILD, i);
}

static void count_variants(struct classes *cs)
{
	struct log_table *counts = &cs->counts;

	memset(counts->values, 0, counts->slots_n * sizeof *counts->values);
	counts->n = 0;
	for (uint32_t k = 0; k < cs->n; k++) {
		const struct class *c = &cs->v[k];
		const struct log_shape *s = &cs->m->shapes.v[k];

		if (c->joined != k || c->alike < VARIES_AT)
			continue;
		for (uint32_t i = 0; i < s->n; i++)
			if (!c->is_wild[i] && !s->w[i].stamp)
				++*log_table_at(counts, key_without(c, s, i));
	}
}

/* The word that varies most among the classes that are the same but for it; s->n when none does. */
static uint32_t most_varying(
	const struct class *c, const struct log_shape *s, struct log_table *counts)
{
	uint32_t best = s->n, most = 0, fixed = fixed_n(c, s);

	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t n, left = fixed - is_fixed(c, s, i);

		if (c->is_wild[i] || s->w[i].stamp || !left)
			continue;
		n = *log_table_at(counts, key_without(c, s, i));
		if (n > most && n >= (left == 1 ? VARIES_AT_ONE : VARIES_AT)) {
			most = n;
			best = i;
		}
	}
	return best;
}

/* Classes of the same key become one. */
static void join_equal(struct classes *cs)
{
	struct log_table keys;

	log_table_init(&keys, cs->arena, cs->n);
	for (uint32_t k = 0; k < cs->n; k++) {
		const struct log_shape *s = &cs->m->shapes.v[k], *other;
		uint32_t *at;

		if (cs->v[k].joined != k)
			continue;
		at = log_table_at(&keys, cs->v[k].key);
		if (!*at)
			*at = k + 1;
		other = &cs->m->shapes.v[*at - 1];
		if (other->n == s->n && other->skeleton == s->skeleton)
			cs->v[k].joined = *at - 1;
	}
}

/* One more word wild in every class that has one that varies; false when none has. */
static bool join_round(struct classes *cs)
{
	bool done = false;

	count_variants(cs);
	for (uint32_t k = 0; k < cs->n; k++) {
		struct class *c = &cs->v[k];
		const struct log_shape *s = &cs->m->shapes.v[k];
		uint32_t i;

		if (c->joined != k || c->alike < VARIES_AT)
			continue;
		i = most_varying(c, s, &cs->counts);
		if (i == s->n)
			continue;
		c->key = key_without(c, s, i);
		c->is_wild[i] = true;
		done = true;
	}
	join_equal(cs);
	return done;
}

static uint32_t root_of(const struct classes *cs, uint32_t k)
{
	while (cs->v[k].joined != k)
		k = cs->v[k].joined;
	return k;
}

/* The first shape of a pattern learns what all of the pattern's have in common. */
static void widen(struct log_shape *into, const struct log_shape *s)
{
	for (uint32_t i = 0; i < into->n; i++) {
		str v = log_word_str(s->line, &s->w[i]);

		narrow(into, i, v);
		if (s->prefix[i] < into->prefix[i])
			into->prefix[i] = s->prefix[i];
		if (s->suffix[i] < into->suffix[i])
			into->suffix[i] = s->suffix[i];
		if (s->shortest[i] < into->shortest[i])
			into->shortest[i] = s->shortest[i];
	}
}

static void make_patterns(struct log_mine *m, struct classes *cs)
{
	for (uint32_t k = 0; k < cs->n; k++) {
		uint32_t root = root_of(cs, k);
		struct log_shape *s = &m->shapes.v[k], *first = &m->shapes.v[root];

		if (root == k) {
			s->pattern = (uint32_t)m->patterns.n;
			*vec_push(&m->patterns, cs->arena) = (struct log_pattern){.shape = s};
		} else {
			s->pattern = first->pattern;
			widen(first, s);
		}
		m->patterns.v[s->pattern].count += s->count;
	}
	for (size_t i = 0; i < m->patterns.n; i++)
		log_pattern_set_slots(&m->patterns.v[i], m->has_cuts, cs->arena);
	log_pattern_set_stamps(m->patterns.v, m->patterns.n);
	for (size_t i = 0; i < m->patterns.n; i++)
		log_pattern_set_texts(&m->patterns.v[i], m->patterns.v[i].shape->line.n, cs->arena);
}

void log_pattern_of_begin(const struct log_mine *m, const uint32_t *shapes, size_t shapes_n,
	uint32_t n, struct arena *a, struct log_pattern *p)
{
	const struct log_shape *first = &m->shapes.v[shapes[0]];
	struct log_shape *s = arena_new(a, struct log_shape);

	*s = *first;
	s->n = n;
	s->shortest = arena_array(a, uint16_t, 3 * (size_t)n);
	s->prefix = s->shortest + n;
	s->suffix = s->prefix + n;
	for (uint32_t i = 0; i < n; i++) {
		s->shortest[i] = first->shortest[i];
		s->prefix[i] = first->prefix[i];
		s->suffix[i] = first->suffix[i];
	}
	for (size_t k = 1; k < shapes_n; k++)
		widen(s, &m->shapes.v[shapes[k]]);
	*p = (struct log_pattern){.shape = s};
	log_pattern_set_slots(p, m->has_cuts, a);
	log_pattern_set_texts(p, s->w[n].at, a);
	p->slots[p->slots_n++].is_rest = true;
}

static uint64_t class_key(const struct class *c, const struct log_shape *s)
{
	uint64_t key = s->skeleton + s->error * 0x51ed270b9f3cULL;
	bool has_fixed = fixed_n(c, s) > 0;

	for (uint32_t i = 0; i < s->n; i++)
		key += log_word_key(has_fixed ? log_word_coarse(&s->w[i]) : s->w[i].hash, i);
	return key;
}

/* How many shapes each has that are like it but for words. */
static void count_alike(struct classes *cs)
{
	const struct log_shape *shapes = cs->m->shapes.v;
	struct log_table t;

	log_table_init(&t, cs->arena, cs->n);
	for (uint32_t k = 0; k < cs->n; k++)
		++*log_table_at(&t, shapes[k].skeleton);
	for (uint32_t k = 0; k < cs->n; k++)
		cs->v[k].alike = *log_table_at(&t, shapes[k].skeleton);
}

static void judge(struct log_shape *s)
{
	if (!s->is_judged)
		s->error = log_error_of(s->line, s->w, s->n);
	s->is_judged = true;
}

/* True when the word ends with the other one, of which it is a path or which it is: "libz.so", "/lib/libz.so". */
static bool is_twin(str word, str of)
{
	return of.n >= TWIN_BYTES && str_ends(word, of) &&
	       (word.n == of.n || log_is_boundary(word.p[word.n - of.n - 1]));
}

/* A word that says another one of the line again is as fixed as what stands before it there, whatever both are. */
static void find_twins(struct log_shape *s)
{
	for (uint32_t i = 1; i < s->n && s->n <= TWIN_WORDS; i++) {
		str word = log_word_str(s->line, &s->w[i]);

		for (uint32_t k = 0; k < i; k++) {
			str of = log_word_str(s->line, &s->w[k]);

			if (s->w[i].stamp || s->w[k].stamp || !is_twin(word, of))
				continue;
			s->w[i].hash = TWIN + k;
			for (size_t at = 0; at < word.n - of.n; at++)
				s->w[i].hash = s->w[i].hash * TWIN_MUL + (unsigned char)word.p[at];
			s->w[i].has_digit = false;
			break;
		}
	}
}

/* What is joined is of one mind about errors; a shape like no other need not be asked. */
static void join_shapes(struct log_mine *m, struct arena *a)
{
	struct classes cs = {.m = m, .n = (uint32_t)m->shapes.n, .arena = a};
	uint32_t words = 0;

	cs.v = arena_array(a, struct class, cs.n);
	count_alike(&cs);
	for (uint32_t k = 0; k < cs.n; k++) {
		struct log_shape *s = &m->shapes.v[k];
		struct class *c = &cs.v[k];

		if (c->alike > 1)
			judge(s);
		if (m->has_cuts)
			find_twins(s);
		words += c->alike < VARIES_AT ? 0 : s->n;
		c->joined = k;
		c->is_wild = arena_array(a, bool, s->n);
		c->key = class_key(c, s);
	}
	join_equal(&cs);
	if (words)
		log_table_init(&cs.counts, a, words);
	for (int i = 0; words && i < ROUNDS && join_round(&cs); i++)
		continue;
	make_patterns(m, &cs);
}

void log_mine_judge(struct log_mine *m)
{
	for (size_t i = 0; i < m->shapes.n; i++)
		judge(&m->shapes.v[i]);
	for (size_t i = 0; i < m->patterns.n; i++)
		m->patterns.v[i].error = m->patterns.v[i].shape->error;
}

bool log_mine(str text, uint32_t lines_n, bool has_cuts, struct arena *a, struct log_mine *m)
{
	*m = (struct log_mine){.lines_n = lines_n, .has_cuts = has_cuts};
	m->shape_of = arena_alloc(a, (m->lines_n + 1) * sizeof(uint32_t), alignof(uint32_t));
	if (!mine_shapes(m, text, a))
		return false;
	join_shapes(m, a);
	return true;
}
