#include "core/compress/keys.h"

#include "core/base/hash.h"

enum {
	/* Bytes that two lines must have, without their indentation, to be found when it is another. With 30 a view
	 * takes a twentieth more memory for a thousandth of the tokens. */
	SHIFTED_PAIR = 90,
	/* Places for each line in the table of keys that were seen: at that, one in ten is taken for another one. */
	PLACES = 8,
};

static str without_indent(str line)
{
	size_t i = 0;

	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	return str_sub(line, i, line.n);
}

uint32_t key_of_shifted(str first, str second)
{
	uint64_t a, b;

	if (first.n + second.n < SHIFTED_PAIR)
		return 0;
	first = without_indent(first);
	second = without_indent(second);
	if (!first.n || first.n + second.n < SHIFTED_PAIR)
		return 0;
	a = hash64_seed(first, 3);
	b = hash64_seed(second, 3);
	return key_of_pair(a, b) | 1;
}

/* How often a key was seen, up to two; some are taken for others. */
struct seen {
	uint8_t *v;
	uint32_t mask;
};

static inline uint8_t *seen_at(const struct seen *s, uint32_t key)
{
	return &s->v[(key ^ key >> 15) & s->mask];
}

static inline void see(const struct seen *s, uint32_t key)
{
	uint8_t *at = seen_at(s, key);

	*at = (uint8_t)(*at + (*at < 2));
}

static void find_again(struct lines l, const struct keys *k, const struct seen *s)
{
	for (uint32_t i = 0; i + 1 < l.n; i++) {
		see(s, key_of_pair(k->hashes[i], k->hashes[i + 1]));
		if (k->shifted[i])
			see(s, k->shifted[i]);
	}
	for (uint32_t i = 0; i < l.n; i++)
		if (l.v[i].n >= KEYS_LONG_LINE)
			see(s, key_of_line(k->hashes[i]));
	for (uint32_t i = 0; i < l.n; i++) {
		unsigned again = 0;

		if (i + 1 < l.n && *seen_at(s, key_of_pair(k->hashes[i], k->hashes[i + 1])) > 1)
			again |= KEYS_PAIR;
		if (k->shifted[i] && *seen_at(s, k->shifted[i]) > 1)
			again |= KEYS_SHIFTED;
		if (l.v[i].n >= KEYS_LONG_LINE && *seen_at(s, key_of_line(k->hashes[i])) > 1)
			again |= KEYS_LINE;
		k->again[i] = (uint8_t)again;
	}
}

struct keys keys_of(struct arena *a, struct lines l)
{
	struct keys k = {.hashes = lines_hash(a, l)};
	uint32_t places = PLACES;

	while (places / PLACES < l.n)
		places *= 2;
	k.shifted = arena_alloc(a, l.n * sizeof *k.shifted, alignof(uint32_t));
	for (uint32_t i = 0; i < l.n; i++)
		k.shifted[i] = i + 1 < l.n ? key_of_shifted(l.v[i], l.v[i + 1]) : 0;
	k.again = arena_alloc(a, l.n, 1);
	find_again(l, &k, &(struct seen){arena_array(a, uint8_t, places), places - 1});
	return k;
}
