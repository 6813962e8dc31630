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

/* Of lines without their indentation. *hash: of the first one, 0 when it is not known; then of the second one. */
static uint32_t shifted_key(str first, str second, uint64_t *hash)
{
	uint64_t a = *hash;

	*hash = 0;
	if (!first.n || first.n + second.n < SHIFTED_PAIR)
		return 0;
	a = a ? a : hash64_seed(first, 3);
	*hash = hash64_seed(second, 3);
	return key_of_pair(a, *hash) | 1;
}

uint32_t key_of_shifted(str first, str second)
{
	uint64_t hash = 0;

	if (first.n + second.n < SHIFTED_PAIR)
		return 0;
	return shifted_key(without_indent(first), without_indent(second), &hash);
}

static void make_shifted(struct lines l, uint32_t *shifted)
{
	str first = l.n ? without_indent(l.v[0]) : STR_NULL, second;
	uint64_t hash = 0;

	for (uint32_t i = 0; i < l.n; i++, first = second) {
		second = i + 1 < l.n ? without_indent(l.v[i + 1]) : STR_NULL;
		shifted[i] = i + 1 < l.n ? shifted_key(first, second, &hash) : 0;
	}
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
	make_shifted(l, k.shifted);
	k.again = arena_alloc(a, l.n, 1);
	find_again(l, &k, &(struct seen){arena_array(a, uint8_t, places), places - 1});
	return k;
}
