#include "core/compress/table/facts.h"

#include "core/base/hash.h"
#include "core/compress/table/escape.h"

enum {
	SIEVE_PLACES = 8, /* for each value: one in eight that occurs once has a class in vain */
	AHEAD = 24,       /* nodes: what they will ask memory for is asked for early */
};

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

static uint64_t load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return v;
}

static uint64_t load4(const char *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

/* Most keys and values are short: both ends of them, which overlap, are all of them. */
static uint64_t hash_text(str s)
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

static void know_container(struct facts *f, uint32_t i)
{
	const struct json_node *v = f->t.v;
	uint64_t h = v[i].type + UINT64_C(0x51ed270b);
	uint64_t size = 2;

	/* Keys and values alike; each is followed by ':' or ','. */
	for (uint32_t at = i + 1; at < v[i].next; at = v[at].next) {
		h = mix(h, f->hash[at]);
		size += f->size[at] + 1;
	}
	f->hash[i] = mix(h, v[i].n);
	f->size[i] = (uint32_t)(size - (v[i].n > 0));
}

static void know(struct facts *f, uint32_t i)
{
	str text = json_text(&f->t, i);

	if (json_is(&f->t, i, JSON_OBJECT) || json_is(&f->t, i, JSON_ARRAY)) {
		know_container(f, i);
		return;
	}
	f->hash[i] = hash_text(text);
	f->size[i] = (uint32_t)text.n;
}

/* Large enough to be named. Long keys are counted in vain: whoever writes counts what it shows. */
static bool is_candidate(const struct facts *f, uint32_t i)
{
	return f->size[i] >= CLASS_BYTES && f->t.v[i].type <= JSON_STRING;
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
static uint32_t sift(const struct facts *f, struct sieve *s, uint32_t candidates, struct arena *a)
{
	uint64_t words = 1;
	uint32_t again = 0;

	while (words * 32 < (uint64_t)candidates * SIEVE_PLACES)
		words *= 2;
	*s = (struct sieve){arena_array(a, uint64_t, words), words - 1};
	for (uint32_t i = 0; i < f->t.n; i++) {
		uint64_t *at = sieve_at(s, f->hash[i]), bit;

		if (i + AHEAD < f->t.n && f->size[i + AHEAD] >= CLASS_BYTES)
			__builtin_prefetch(sieve_at(s, f->hash[i + AHEAD]), 1);
		if (!is_candidate(f, i))
			continue;
		bit = UINT64_C(1) << sieve_shift(f->hash[i]);
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
static void find_classes(struct facts *f, uint32_t candidates, struct arena *a)
{
	struct sieve sieve;
	/* In one place of the sieve all but one were seen again, and none of them need be like another. */
	uint32_t slots_n = 16, most = 2 * sift(f, &sieve, candidates, a);
	uint64_t *slots;

	if (most > candidates)
		most = candidates;
	while (slots_n < most + most / 2)
		slots_n *= 2;
	slots = arena_array(a, uint64_t, slots_n);
	f->classes = arena_alloc(
		a, ((size_t)most + 1) * sizeof *f->classes, alignof(struct value_class));
	f->classes_n = 1;
	for (uint32_t i = 0; i < f->t.n; i++) {
		uint64_t h = f->hash[i], tag = h << 32;
		uint32_t at = (uint32_t)(h >> 32) & (slots_n - 1);

		if (i + AHEAD < f->t.n && f->size[i + AHEAD] >= CLASS_BYTES)
			__builtin_prefetch(&slots[(f->hash[i + AHEAD] >> 32) & (slots_n - 1)], 1);
		if (!is_candidate(f, i))
			continue;
		if (!is_again(&sieve, h)) {
			f->once_n += json_is(&f->t, i, JSON_STRING);
			continue;
		}
		while (slots[at] &&
			((slots[at] ^ tag) >> 32 || f->classes[(uint32_t)slots[at]].hash != h))
			at = (at + 1) & (slots_n - 1);
		if (!slots[at]) {
			f->classes[f->classes_n] = (struct value_class){.hash = h, .node = i};
			slots[at] = tag | f->classes_n++;
		}
		f->class_of[i] = (uint32_t)slots[at];
	}
	f->shown = arena_array(a, uint32_t, f->classes_n);
	f->is_named = arena_array(a, bool, f->classes_n);
}

/* How many are large enough to be named. */
static uint32_t measure(struct facts *f, struct json_tape t, struct arena *a)
{
	uint32_t candidates = 0;

	*f = (struct facts){.t = t};
	f->hash = arena_alloc(a, t.n * sizeof *f->hash, alignof(uint64_t));
	f->size = arena_alloc(a, t.n * sizeof *f->size, alignof(uint32_t));
	/* Children stand behind their parents. */
	for (uint32_t i = t.n; i-- > 0;) {
		know(f, i);
		candidates += is_candidate(f, i);
	}
	return candidates;
}

void facts_measure(struct facts *f, struct json_tape t, struct arena *a)
{
	(void)measure(f, t, a);
}

void facts_init(struct facts *f, struct json_tape t, struct arena *a)
{
	uint32_t candidates = measure(f, t, a);

	f->escapes = escape_guess(&t);
	f->class_of = arena_array(a, uint32_t, t.n);
	find_classes(f, candidates, a);
}
