#include "core/compress/table/facts.h"

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/compress/table/escape.h"

enum {
	SIEVE_PLACES = 8, /* for each value: one in eight that occurs once has a class in vain */
	AHEAD = 32,       /* values: what they will ask memory for is asked for early */
	SLOTS_FIRST = 64,
};

/* Where the hash of a container begins. */
#define CONTAINER UINT64_C(0x51ed270b)

static inline uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

static inline uint64_t load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return v;
}

static inline uint64_t load4(const char *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

/* Most keys and values are short: both ends of them, which overlap, are all of them. */
static inline uint64_t hash_text(str s)
{
	uint64_t a, b;

	if (s.n > 16)
		return hash64(s);
	if (s.n >= 8) {
		a = load8(s.p);
		b = load8(s.p + s.n - 8);
	} else if (s.n >= 4) {
		a = load4(s.p);
		b = load4(s.p + s.n - 4);
	} else {
		a = (uint64_t)(unsigned char)s.p[0] << 16 | (uint64_t)(unsigned char)s.p[s.n / 2]
								    << 8;
		b = (unsigned char)s.p[s.n - 1];
	}
	return mix(mix(a + s.n, b * UINT64_C(0xff51afd7ed558ccd)), s.n);
}

/* Of found: so that nobody need look at the node. */
#define FOUND_STRING (UINT32_C(1) << 31)
_Static_assert(LIMIT_INPUT < FOUND_STRING, "a node has a byte at least");

/* A container of which not all children were seen yet. */
struct open {
	uint64_t hash, size;
	uint32_t node, end; /* end: the node behind it */
	uint32_t place;     /* in found */
};

/* Goes over the nodes as they stand: what is known of a value is told to the container that it is in. */
struct measuring {
	struct facts *f;
	struct open *open; /* those around the innermost one */
	uint32_t depth;
	/* Nodes of values that are large enough to be named, in their order, with FOUND_STRING; JSON_ABSENT: it was not. */
	uint32_t *found;
	uint32_t found_n, dropped_n;
};

static inline struct open begin(struct measuring *m, uint32_t i, const struct json_node *v)
{
	uint32_t place = m->found_n++;

	m->found[place] = i;
	return (struct open){
		.hash = v->type + CONTAINER, .size = 2, .node = i, .end = v->next, .place = place};
}

/* Node i is known, and behind it comes that one: containers that end there are known, too. Returns the innermost one
 * that does not. */
static inline struct open tell(struct measuring *m, struct open top, uint32_t i, uint32_t behind,
	uint64_t hash, uint32_t size)
{
	struct facts *f = m->f;

	for (;;) {
		f->hash[i] = hash;
		f->size[i] = size;
		/* Keys and values alike; each is followed by ':' or ','. */
		top.hash = mix(top.hash, hash);
		top.size += size + 1;
		if (LIKELY(top.end != behind))
			return top;
		i = top.node;
		hash = mix(top.hash, f->t.v[i].n);
		size = (uint32_t)(top.size - 1);
		if (size < CLASS_BYTES) {
			m->found[top.place] = JSON_ABSENT;
			m->dropped_n++;
		}
		top = m->open[--m->depth];
	}
}

static void know_all(struct measuring *m)
{
	const struct json_node *v = m->f->t.v;
	struct open top = {.end = JSON_ABSENT};

	for (uint32_t i = 0; i < m->f->t.n; i++) {
		if (v[i].type > JSON_ARRAY) {
			str text = json_text(&m->f->t, i);

			/* Long keys are counted in vain: whoever writes counts what it shows. */
			m->found[m->found_n] = i | FOUND_STRING;
			m->found_n += text.n >= CLASS_BYTES && v[i].type == JSON_STRING;
			top = tell(m, top, i, i + 1, hash_text(text), (uint32_t)text.n);
		} else if (v[i].n) {
			m->open[m->depth++] = top;
			top = begin(m, i, &v[i]);
		} else {
			top = tell(m, top, i, i + 1, mix(v[i].type + CONTAINER, 0), 2);
		}
	}
}

static inline uint32_t found_node(const struct measuring *m, uint32_t i)
{
	return m->found[i] & ~FOUND_STRING;
}

/* Without those that were too small. */
static void drop(struct measuring *m)
{
	uint32_t n = 0;

	for (uint32_t i = 0; m->dropped_n && i < m->found_n; i++) {
		m->found[n] = m->found[i];
		n += m->found[i] != JSON_ABSENT;
	}
	m->found_n -= m->dropped_n;
}

/* Which candidates are certainly the only ones of their content, without the memory that a table of all of them would
 * have to be fetched from: two bits for each hash, seen and seen again. What occurs again gets a class. */
struct sieve {
	uint64_t *v;
	uint64_t mask;
};

static uint64_t *sieve_at(const struct sieve *s, uint64_t h)
{
	return &s->v[h >> 8 & s->mask];
}

static unsigned sieve_shift(uint64_t h)
{
	return (unsigned)(h >> 59) * 2;
}

/* How many were seen again. */
static uint32_t sift(const struct measuring *m, struct sieve *s, struct arena *a)
{
	const uint64_t *hash = m->f->hash;
	uint64_t words = 1;
	uint32_t again = 0;

	while (words * 32 < (uint64_t)m->found_n * SIEVE_PLACES)
		words *= 2;
	*s = (struct sieve){arena_array(a, uint64_t, words), words - 1};
	for (uint32_t i = 0; i < m->found_n; i++) {
		uint64_t h = hash[found_node(m, i)], *at = sieve_at(s, h);
		uint64_t bit = UINT64_C(1) << sieve_shift(h);

		if (i + AHEAD < m->found_n)
			__builtin_prefetch(sieve_at(s, hash[found_node(m, i + AHEAD)]), 1);
		again += (*at & bit) > 0;
		*at |= bit | (*at & bit) << 1;
	}
	return again;
}

static bool is_again(const struct sieve *s, uint64_t h)
{
	return *sieve_at(s, h) >> sieve_shift(h) & 2;
}

/* Open addressing over the hashes of values. A slot holds the lower half of the hash and the number of a class, so that
 * a class is looked at only when it is the right one, nearly always. */
struct slots {
	uint64_t *v;
	uint32_t n; /* a power of two */
};

static uint32_t slot_at(const struct slots *s, uint64_t h)
{
	return (uint32_t)(h >> 32) & (s->n - 1);
}

/* Values that occur again are few, mostly: what they are looked up in grows with them, and stays near. */
static void grow_slots(struct facts *f, struct slots *s, struct arena *a)
{
	if (s->n && f->classes_n < s->n - s->n / 4)
		return;
	s->n = s->n ? s->n * 4 : SLOTS_FIRST;
	s->v = arena_array(a, uint64_t, s->n);
	for (uint32_t i = 1; i < f->classes_n; i++) {
		uint64_t h = f->classes[i].hash;
		uint32_t at = slot_at(s, h);

		while (s->v[at])
			at = (at + 1) & (s->n - 1);
		s->v[at] = h << 32 | i;
	}
}

/* The class of that hash; a new one of that node where there is none. */
static uint32_t class_of(struct facts *f, struct slots *s, uint64_t h, uint32_t node)
{
	uint64_t tag = h << 32;
	uint32_t at = slot_at(s, h);

	while (s->v[at] && ((s->v[at] ^ tag) >> 32 || f->classes[(uint32_t)s->v[at]].hash != h))
		at = (at + 1) & (s->n - 1);
	if (!s->v[at]) {
		f->classes[f->classes_n] = (struct value_class){.hash = h, .node = node};
		s->v[at] = tag | f->classes_n++;
	}
	return (uint32_t)s->v[at];
}

/* What was found on the way has gone; the first value of each class is the first of its number. */
static void list_classes(struct facts *f, struct arena *a)
{
	uint32_t n = 1;

	f->classes = arena_alloc(a, f->classes_n * sizeof *f->classes, alignof(struct value_class));
	for (uint32_t i = 0; n < f->classes_n; i++)
		if (f->class_of[i] == n)
			f->classes[n++] = (struct value_class){.hash = f->hash[i], .node = i};
	f->shown = arena_array(a, uint32_t, f->classes_n);
	f->label = arena_array(a, uint32_t, f->classes_n);
}

/* Leaves f->classes where it is needed no more. */
static void find_classes(const struct measuring *m, struct arena *a)
{
	struct facts *f = m->f;
	struct slots slots = {.n = 0};
	struct sieve sieve;
	/* In one place of the sieve all but one were seen again, and none of them need be like another. */
	uint32_t most = 2 * sift(m, &sieve, a);

	if (most > m->found_n)
		most = m->found_n;
	f->classes = arena_alloc(
		a, ((size_t)most + 1) * sizeof *f->classes, alignof(struct value_class));
	f->classes_n = 1;
	for (uint32_t i = 0; i < m->found_n; i++) {
		uint32_t node = found_node(m, i);
		uint64_t h = f->hash[node];

		grow_slots(f, &slots, a);
		if (i + AHEAD < m->found_n) {
			uint64_t ahead = f->hash[found_node(m, i + AHEAD)];

			__builtin_prefetch(&slots.v[slot_at(&slots, ahead)], 1);
		}
		if (is_again(&sieve, h))
			f->class_of[node] = class_of(f, &slots, h, node);
		else
			f->once_n += m->found[i] >> 31;
	}
}

static void measure(struct measuring *m, struct arena *a)
{
	const struct json_tape t = m->f->t;

	m->open = arena_alloc(a, LIMIT_JSON_DEPTH * sizeof *m->open, alignof(struct open));
	m->found = arena_alloc(a, t.n * sizeof *m->found, alignof(uint32_t));
	know_all(m);
	drop(m);
	m->f->bytes = m->f->size[0];
}

static void init(struct facts *f, struct json_tape t, struct arena *a)
{
	*f = (struct facts){.t = t};
	f->hash = arena_alloc(a, t.n * sizeof *f->hash, alignof(uint64_t));
}

/* Without white space sizes are where values begin and end, which the tape knows. */
static void keep_sizes(
	struct facts *f, struct arena *a, struct arena_mark without, struct arena_mark with)
{
	bool is_needed = f->bytes != f->t.doc.n;

	arena_rewind(a, is_needed ? with : without);
	if (!is_needed)
		f->size = NULL;
}

void facts_measure(struct facts *f, struct json_tape t, struct arena *a)
{
	struct measuring m = {.f = f};
	struct arena_mark without, with;

	init(f, t, a);
	without = arena_mark(a);
	f->size = arena_alloc(a, t.n * sizeof *f->size, alignof(uint32_t));
	with = arena_mark(a);
	measure(&m, a);
	keep_sizes(f, a, without, with);
}

void facts_init(struct facts *f, struct json_tape t, struct arena *a)
{
	struct measuring m = {.f = f};
	struct arena_mark without, with;

	init(f, t, a);
	f->escapes = escape_guess(&t);
	f->class_of = arena_array(a, uint32_t, t.n);
	without = arena_mark(a);
	f->size = arena_alloc(a, t.n * sizeof *f->size, alignof(uint32_t));
	with = arena_mark(a);
	measure(&m, a);
	find_classes(&m, a);
	keep_sizes(f, a, without, with);
	list_classes(f, a);
}
