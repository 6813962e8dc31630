#include "core/compress/search/elide.h"

enum {
	COMMON_MIN = 8,  /* matches that make a shape common */
	SHAPE_WORDS = 3, /* that count as they are */
	SHAPE_SIGNS = 10,
	MORE_MIN = 2, /* fewer are shown: saying that they are missing costs as much */
	TERMS_MAX = 8,
	TERM_MIN = 4,      /* bytes */
	TERM_RARE = 8,     /* a term that more than one match in so many holds says nothing */
	LEFT_PERCENT = 20, /* of the matches at least must have common shapes */
};

/* How often a shape occurs. */
struct shape {
	uint64_t hash;
	uint32_t n;
	bool is_shown; /* by a match that is kept */
};

struct search_elision {
	struct arena *arena;
	struct shape *slots;
	VEC(uint64_t) shapes; /* of the nth match */
	size_t n, slots_n;
	uint32_t matches;
	str terms[TERMS_MAX];
	uint32_t hits[TERMS_MAX];
	size_t terms_n;
};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || (unsigned char)c >= 0x80;
}

/* "self.issue.title" is one word; *head is where its first part ends. */
static size_t word_end(str s, size_t i, size_t *head)
{
	*head = 0;
	for (;;) {
		while (i < s.n && is_word(s.p[i]))
			i++;
		if (!*head)
			*head = i;
		if (i + 1 >= s.n || s.p[i] != '.' || !is_word(s.p[i + 1]))
			return i;
		i++;
	}
}

static size_t string_end(str s, size_t i)
{
	char quote = s.p[i++];

	while (i < s.n && s.p[i] != quote)
		i += s.p[i] == '\\' ? 2 : 1;
	return i < s.n ? i + 1 : s.n;
}

/* Shapes are many and short: XXH3's calls would cost more than all the rest. Odd constant: 2^64 / phi. */
static uint64_t mix(uint64_t h, const char *p, size_t n)
{
	uint64_t w;

	for (;; p += sizeof w, n -= sizeof w) {
		w = n;
		memcpy(&w, p, n < sizeof w ? n : sizeof w);
		h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
		if (n <= sizeof w)
			return h;
	}
}

uint64_t search_shape(str s)
{
	uint64_t h = 0;
	unsigned words = 0, signs = 0;
	size_t i = 0, head;

	while (i < s.n && signs < SHAPE_SIGNS) {
		char c = s.p[i];
		size_t from = i;

		if (c == ' ' || c == '\t') {
			i++;
			continue;
		}
		if (is_word(c)) {
			i = word_end(s, i, &head);
			if (words++ < SHAPE_WORDS)
				h = mix(h, s.p + from, (words > 1 ? head : i) - from);
			else
				h = mix(h, "w", 1);
			continue;
		}
		i = c == '"' || c == '\'' || c == '`' ? string_end(s, i) : i + 1;
		h = mix(h, s.p + from, 1);
		signs++;
	}
	return h;
}

struct search_elision *search_elision_new(struct arena *a, str query)
{
	struct search_elision *e = arena_new(a, struct search_elision);

	e->arena = a;
	e->slots_n = 1024;
	e->slots = arena_array(a, struct shape, e->slots_n);
	for (size_t i = 0; i < query.n && e->terms_n < TERMS_MAX;) {
		size_t from = i;

		while (i < query.n && is_word(query.p[i]))
			i++;
		if (i - from >= TERM_MIN)
			e->terms[e->terms_n++] = str_sub(query, from, i);
		i += i == from;
	}
	return e;
}

static struct shape *slot_of(const struct search_elision *e, uint64_t hash)
{
	size_t i = hash & (e->slots_n - 1);

	while (e->slots[i].n && e->slots[i].hash != hash)
		i = (i + 1) & (e->slots_n - 1);
	return &e->slots[i];
}

static void grow(struct search_elision *e)
{
	struct search_elision old = *e;

	e->slots_n *= 4;
	e->slots = arena_array(e->arena, struct shape, e->slots_n);
	for (size_t i = 0; i < old.slots_n; i++)
		if (old.slots[i].n)
			*slot_of(e, old.slots[i].hash) = old.slots[i];
}

void search_elision_see(struct search_elision *e, const struct search_item *match)
{
	uint64_t hash = search_shape(match->body);
	struct shape *s = slot_of(e, hash);

	while (e->shapes.n <= match->nth)
		*vec_push(&e->shapes, e->arena) = hash;

	e->matches++;
	for (size_t i = 0; i < e->terms_n; i++)
		e->hits[i] += str_find(match->body, e->terms[i]) != STR_NONE;
	if (s->n++)
		return;
	s->hash = hash;
	if (++e->n * 2 > e->slots_n)
		grow(e);
}

bool search_elision_ready(struct search_elision *e)
{
	uint64_t common = 0;
	size_t n = 0;

	for (size_t i = 0; i < e->slots_n; i++)
		if (e->slots[i].n >= COMMON_MIN)
			common += e->slots[i].n - 1;
	for (size_t i = 0; i < e->terms_n; i++)
		if (e->hits[i] && (uint64_t)e->hits[i] * TERM_RARE <= e->matches)
			e->terms[n++] = e->terms[i];
	e->terms_n = n;
	return common * 100 >= (uint64_t)e->matches * LEFT_PERCENT;
}

static bool is_asked(const struct search_elision *e, str body)
{
	for (size_t i = 0; i < e->terms_n; i++)
		if (str_find(body, e->terms[i]) != STR_NONE)
			return true;
	return false;
}

void search_elision_choose(
	struct search_elision *e, const struct search_item *v, size_t n, bool *is_kept)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		struct shape *s = slot_of(e, e->shapes.v[v[i].nth]);

		is_kept[i] = i == 0 || i + 1 == n || s->n < COMMON_MIN || !s->is_shown ||
			     is_asked(e, v[i].body);
		s->is_shown |= is_kept[i];
	}
	for (size_t i = 0; i < n; i++)
		left += !is_kept[i];
	if (left < MORE_MIN)
		memset(is_kept, true, n);
}
