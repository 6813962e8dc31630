#include "core/compress/log/mine.h"

#include "core/base/check.h"

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
	TABLE_MIN = 1 << 6,
};

/* Open addressing: hash -> index of something, by a hash that is good already. */
struct table {
	uint64_t *keys;
	uint32_t *values; /* + 1; 0: free */
	uint32_t slots_n, n;
	struct arena *arena;
};

static void table_init(struct table *t, struct arena *a, uint32_t at_least)
{
	uint32_t n = TABLE_MIN;

	while (n < at_least * 2)
		n *= 2;
	*t = (struct table){.slots_n = n,
		.arena = a,
		.keys = arena_alloc(a, n * sizeof(uint64_t), alignof(uint64_t)),
		.values = arena_array(a, uint32_t, n)};
}

static uint32_t slot_of(const struct table *t, uint64_t key)
{
	uint32_t i = (uint32_t)((key * 0x9e3779b97f4a7c15ULL) >> 32) & (t->slots_n - 1);

	while (t->values[i] && t->keys[i] != key)
		i = (i + 1) & (t->slots_n - 1);
	return i;
}

/* The value's place: 0 when the key is new. Valid until the next call. */
static uint32_t *table_at(struct table *t, uint64_t key)
{
	uint32_t i;

	if (t->n * 2 >= t->slots_n) {
		struct table old = *t;

		table_init(t, old.arena, old.slots_n);
		t->n = old.n;
		for (i = 0; i < old.slots_n; i++) {
			if (old.values[i]) {
				uint32_t k = slot_of(t, old.keys[i]);

				t->keys[k] = old.keys[i];
				t->values[k] = old.values[i];
			}
		}
	}
	i = slot_of(t, key);
	if (!t->values[i]) {
		t->keys[i] = key;
		t->n++;
	}
	return &t->values[i];
}

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

/* False when the lines so far are too unlike each other. */
static bool is_promising(struct log_mine *m, uint32_t lines, struct arena *a)
{
	uint32_t unlike = lines - lines / ALIKE_PART;
	size_t n = m->shapes.n;

	if (lines >= PROBE_LAST)
		return n * 2 <= lines;
	if (n <= unlike)
		return true;
	join_shapes(m, a);
	n = m->patterns.n;
	m->patterns.n = 0;
	return n <= unlike;
}

static bool mine_shapes(struct log_mine *m, str text, struct arena *a)
{
	struct log_line *l = arena_alloc(a, sizeof *l, alignof(struct log_line));
	struct table t;
	str rest = text, line;
	uint32_t probe = PROBE_FIRST;

	table_init(&t, a, m->lines_n < LOG_SHAPES_MAX ? m->lines_n / 4 : 0);
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
		at = table_at(&t, l->shape);
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
	struct table counts; /* of variants: of the present round */
	struct arena *arena;
};

enum { WILD = 0x3c6ef372, NUMBERED = 0x1b873593 };

/* Words with digits are alike whatever else is in them, once that the lines are alike otherwise. */
static uint32_t coarse_hash(const struct log_word *w)
{
	return w->has_digit && !w->stamp ? NUMBERED : w->hash;
}

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
	return c->key - log_word_key(coarse_hash(&s->w[i]), i) + log_word_key(WILD, i);
}

static void count_variants(struct classes *cs)
{
	struct table *counts = &cs->counts;

	memset(counts->values, 0, counts->slots_n * sizeof *counts->values);
	counts->n = 0;
	for (uint32_t k = 0; k < cs->n; k++) {
		const struct class *c = &cs->v[k];
		const struct log_shape *s = &cs->m->shapes.v[k];

		if (c->joined != k || c->alike < VARIES_AT)
			continue;
		for (uint32_t i = 0; i < s->n; i++)
			if (!c->is_wild[i] && !s->w[i].stamp)
				++*table_at(counts, key_without(c, s, i));
	}
}

/* The word that varies most among the classes that are the same but for it; s->n when none does. */
static uint32_t most_varying(const struct class *c, const struct log_shape *s, struct table *counts)
{
	uint32_t best = s->n, most = 0, fixed = fixed_n(c, s);

	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t n, left = fixed - is_fixed(c, s, i);

		if (c->is_wild[i] || s->w[i].stamp || !left)
			continue;
		n = *table_at(counts, key_without(c, s, i));
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
	struct table keys;

	table_init(&keys, cs->arena, cs->n);
	for (uint32_t k = 0; k < cs->n; k++) {
		const struct log_shape *s = &cs->m->shapes.v[k], *other;
		uint32_t *at;

		if (cs->v[k].joined != k)
			continue;
		at = table_at(&keys, cs->v[k].key);
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

/* Common bytes back to where a number or name begins, so that no value is cut in two. */
static void set_ends(
	struct log_slot *slot, str first, uint32_t prefix, uint32_t suffix, uint32_t shortest)
{
	while (prefix && !log_is_boundary(first.p[prefix - 1]))
		prefix--;
	if (suffix > shortest - prefix)
		suffix = shortest - prefix;
	while (suffix && !log_ends_at(first, first.n - suffix))
		suffix--;
	slot->prefix = (uint16_t)prefix;
	slot->suffix = (uint16_t)suffix;
}

static void add_slots(struct log_pattern *p, struct arena *a)
{
	const struct log_shape *s = p->shape;

	p->slots = arena_array(a, struct log_slot, s->n);
	for (uint32_t i = 0; i < s->n; i++) {
		struct log_slot *slot = &p->slots[p->slots_n];
		str first = log_word_str(s->line, &s->w[i]);

		/* A stamp is one of the line's first two: it always has a slot, so that they can be counted. */
		if (s->suffix[i] == first.n && !s->w[i].stamp)
			continue; /* all are equal */
		slot->word = i;
		slot->stamp = s->w[i].stamp;
		if (!slot->stamp)
			set_ends(slot, first, s->prefix[i], s->suffix[i], s->shortest[i]);
		p->slots_n++;
	}
}

/* What all of the log's time stamps begin and end with: the date, the zone. */
struct stamp_ends {
	str first; /* NULL: none so far */
	size_t prefix, suffix, shortest;
};

static void narrow_stamp(struct stamp_ends *e, const struct log_shape *s, uint32_t i)
{
	str first = log_word_str(s->line, &s->w[i]);
	size_t n;

	if (!e->first.p)
		*e = (struct stamp_ends){first, s->prefix[i], s->suffix[i], s->shortest[i]};
	n = str_common_prefix(str_sub(e->first, 0, e->prefix), first);
	e->prefix = n < s->prefix[i] ? n : s->prefix[i];
	n = str_common_suffix(str_sub(e->first, e->first.n - e->suffix, e->first.n), first);
	e->suffix = n < s->suffix[i] ? n : s->suffix[i];
	if (s->shortest[i] < e->shortest)
		e->shortest = s->shortest[i];
}

/* True where a time begins in a stamp: behind the date. What a zone begins with is none. */
static bool is_behind_date(str s, size_t at)
{
	return (s.p[at - 1] == ' ' || s.p[at - 1] == 'T') && at < s.n && s.p[at] >= '0' &&
	       s.p[at] <= '9';
}

/* Back to behind a date, and on to a zone or a year; something must be left. */
static void round_stamp(struct stamp_ends *e)
{
	str s = e->first;

	while (e->prefix && !is_behind_date(s, e->prefix))
		e->prefix--;
	if (e->prefix == e->shortest)
		e->prefix = 0;
	if (e->suffix >= e->shortest - e->prefix)
		e->suffix = e->shortest - e->prefix - 1;
	while (e->suffix && !strchr(" Z+", s.p[s.n - e->suffix]))
		e->suffix--;
}

/* The same ends for the stamps of all patterns, so that rows can tell one by the one before, whatever its pattern. */
static void set_stamp_ends(struct log_mine *m)
{
	struct stamp_ends ends[LOG_STAMPS_MAX + 1] = {0};

	for (size_t k = 0; k < m->patterns.n; k++) {
		const struct log_shape *s = m->patterns.v[k].shape;

		for (uint32_t i = 0; i < s->n; i++)
			if (s->w[i].stamp)
				narrow_stamp(&ends[s->w[i].stamp], s, i);
	}
	for (unsigned i = 1; i <= LOG_STAMPS_MAX; i++)
		if (ends[i].first.p)
			round_stamp(&ends[i]);
	for (size_t k = 0; k < m->patterns.n; k++) {
		struct log_pattern *p = &m->patterns.v[k];

		for (uint32_t i = 0; i < p->slots_n; i++) {
			p->slots[i].prefix += (uint16_t)ends[p->slots[i].stamp].prefix;
			p->slots[i].suffix += (uint16_t)ends[p->slots[i].stamp].suffix;
		}
	}
}

static void set_between(struct log_pattern *p, struct arena *a)
{
	str line = p->shape->line;
	size_t at = 0;

	p->between = arena_array(a, str, p->slots_n + 1);
	for (uint32_t i = 0; i < p->slots_n; i++) {
		const struct log_slot *s = &p->slots[i];
		const struct log_word *w = &p->shape->w[s->word];

		p->between[i] = str_sub(line, at, w->at + s->prefix);
		at = w->at + w->n - s->suffix;
	}
	p->between[p->slots_n] = str_sub(line, at, line.n);
}

/* Where the slot's word ends of which prefix bytes stand before at. Most stamps are as long as the first one: what
 * follows tells. */
static size_t word_end(const struct log_pattern *p, uint32_t i, str line, size_t at)
{
	const struct log_slot *s = &p->slots[i];
	size_t end = at - s->prefix + p->shape->w[s->word].n, digits = end - s->suffix;
	str next = p->between[i + 1];

	if (!s->stamp)
		return log_word_end(line, at, false);
	if (next.n > s->suffix && end < line.n && line.p[end] == next.p[s->suffix] &&
		line.p[digits - 1] >= '0' && line.p[digits - 1] <= '9')
		return end;
	return log_word_end(line, at - s->prefix, true);
}

bool log_pattern_match(const struct log_pattern *p, str line, str *values)
{
	size_t at = 0;

	for (uint32_t i = 0; i <= p->slots_n; i++) {
		str rest = str_sub(line, at, line.n), fixed = p->between[i];
		size_t n;

		if (!str_take(&rest, fixed))
			return false;
		at += fixed.n;
		if (i == p->slots_n)
			break;
		n = p->slots[i].is_rest ? line.n : word_end(p, i, line, at);
		if (n < at + p->slots[i].suffix)
			return false;
		values[i] = str_sub(line, at, n - p->slots[i].suffix);
		at += values[i].n;
	}
	return at == line.n;
}

/* The first shape of a pattern learns what all of the pattern's have in common. */
static void widen(struct log_shape *into, const struct log_shape *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
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
		add_slots(&m->patterns.v[i], cs->arena);
	set_stamp_ends(m);
	for (size_t i = 0; i < m->patterns.n; i++)
		set_between(&m->patterns.v[i], cs->arena);
}

static uint64_t class_key(const struct class *c, const struct log_shape *s)
{
	uint64_t key = s->skeleton + s->error * 0x51ed270b9f3cULL;
	bool has_fixed = fixed_n(c, s) > 0;

	for (uint32_t i = 0; i < s->n; i++)
		key += log_word_key(has_fixed ? coarse_hash(&s->w[i]) : s->w[i].hash, i);
	return key;
}

/* How many shapes each has that are like it but for words. */
static void count_alike(struct classes *cs)
{
	const struct log_shape *shapes = cs->m->shapes.v;
	struct table t;

	table_init(&t, cs->arena, cs->n);
	for (uint32_t k = 0; k < cs->n; k++)
		++*table_at(&t, shapes[k].skeleton);
	for (uint32_t k = 0; k < cs->n; k++)
		cs->v[k].alike = *table_at(&t, shapes[k].skeleton);
}

static void judge(struct log_shape *s)
{
	if (!s->is_judged)
		s->error = log_error_of(s->line);
	s->is_judged = true;
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
		words += c->alike < VARIES_AT ? 0 : s->n;
		c->joined = k;
		c->is_wild = arena_array(a, bool, s->n);
		c->key = class_key(c, s);
	}
	join_equal(&cs);
	if (words)
		table_init(&cs.counts, a, words);
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

bool log_mine(str text, uint32_t lines_n, struct arena *a, struct log_mine *m)
{
	*m = (struct log_mine){.lines_n = lines_n};
	m->shape_of = arena_alloc(a, (m->lines_n + 1) * sizeof(uint32_t), alignof(uint32_t));
	if (!mine_shapes(m, text, a))
		return false;
	join_shapes(m, a);
	return true;
}
