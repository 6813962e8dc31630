#include "core/compress/search/elide.h"

enum {
	COMMON_MIN = 8, /* matches that make a shape common */
	EXAMPLES = 1,   /* of a common shape that are shown; the same for a gentle elision: */
	GENTLE_EXAMPLES = 4,
	SHAPE_WORDS = 3, /* that count as they are */
	SHAPE_SIGNS = 10,
	MORE_MIN = 2,      /* fewer are shown: saying that they are missing costs as much */
	TERMS_MAX = 8,     /* bits of a byte */
	TERM_MIN = 4,      /* bytes */
	TERM_RARE = 8,     /* a term that more than one match in so many holds says nothing */
	LEFT_PERCENT = 20, /* of the matches at least must have common shapes */
};

/* How often a shape occurs. */
struct shape {
	uint32_t n;
	uint32_t shown; /* matches that are kept */
};

struct slot {
	uint64_t hash;
	uint32_t shape; /* its index + 1; 0: free */
};

/* What is known of the nth match. */
struct seen {
	uint32_t shape;
	uint8_t terms; /* bits of those that it holds */
};

struct search_elision {
	struct arena *arena;
	struct slot *slots;
	size_t slots_n;
	VEC(struct shape) shapes;
	VEC(struct seen) seen;
	uint32_t matches, examples;
	uint8_t rare_terms; /* bits */
	str text;
	str terms[TERMS_MAX];
	size_t next[TERMS_MAX]; /* where each stands next in the text; STR_NONE: nowhere */
	uint32_t hits[TERMS_MAX];
	size_t terms_n;
};

#define TEN     1, 1, 1, 1, 1, 1, 1, 1, 1, 1
#define FIFTEEN TEN, 1, 1, 1, 1, 1
#define SIXTEEN FIFTEEN, 1

/* Letters, digits, '_', and all bytes beyond ASCII. */
static bool is_word(char c)
{
	static const bool words[256] = {
		['0'] = TEN,
		['A'] = FIFTEEN,
		['P'] = TEN,
		['Z'] = 1,
		['_'] = 1,
		['a'] = FIFTEEN,
		['p'] = TEN,
		['z'] = 1,
		[0x80] = SIXTEEN,
		SIXTEEN,
		SIXTEEN,
		SIXTEEN,
		SIXTEEN,
		SIXTEEN,
		SIXTEEN,
		SIXTEEN,
	};

	return words[(unsigned char)c];
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
static uint64_t mix(uint64_t h, uint64_t w)
{
	h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/* Eight bytes at a time, the last ones twice where that is simpler. */
static uint64_t mix_bytes(uint64_t h, const char *p, size_t n)
{
	uint64_t w = n;
	uint32_t low, high;

	for (; n > sizeof w; p += sizeof w, n -= sizeof w) {
		memcpy(&w, p, sizeof w);
		h = mix(h, w);
	}
	if (n < sizeof low) {
		for (size_t i = 0; i < n; i++)
			w = w << 8 | (unsigned char)p[i];
		return mix(h, w);
	}
	memcpy(&low, p, sizeof low);
	memcpy(&high, p + n - sizeof high, sizeof high);
	return mix(h ^ n, (uint64_t)high << 32 | low);
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
				h = mix_bytes(h, s.p + from, (words > 1 ? head : i) - from);
			else
				h = mix(h, 'w');
			continue;
		}
		i = c == '"' || c == '\'' || c == '`' ? string_end(s, i) : i + 1;
		h = mix(h, (unsigned char)c);
		signs++;
	}
	return h;
}

struct search_elision *search_elision_new(struct arena *a, str text, str query, bool is_gentle)
{
	struct search_elision *e = arena_new(a, struct search_elision);

	e->arena = a;
	e->text = text;
	e->examples = is_gentle ? GENTLE_EXAMPLES : EXAMPLES;
	e->slots_n = 1024;
	e->slots = arena_array(a, struct slot, e->slots_n);
	for (size_t i = 0; i < query.n && e->terms_n < TERMS_MAX;) {
		size_t from = i;

		while (i < query.n && is_word(query.p[i]))
			i++;
		if (i - from >= TERM_MIN) {
			e->terms[e->terms_n] = str_sub(query, from, i);
			e->next[e->terms_n] = str_find(text, e->terms[e->terms_n]);
			e->terms_n++;
		}
		i += i == from;
	}
	return e;
}

static struct slot *slot_of(const struct search_elision *e, uint64_t hash)
{
	size_t i = hash & (e->slots_n - 1);

	while (e->slots[i].shape && e->slots[i].hash != hash)
		i = (i + 1) & (e->slots_n - 1);
	return &e->slots[i];
}

static void grow(struct search_elision *e)
{
	struct search_elision old = *e;

	e->slots_n *= 4;
	e->slots = arena_array(e->arena, struct slot, e->slots_n);
	for (size_t i = 0; i < old.slots_n; i++)
		if (old.slots[i].shape)
			*slot_of(e, old.slots[i].hash) = old.slots[i];
}

/* The index of a shape. */
static uint32_t shape_of(struct search_elision *e, uint64_t hash)
{
	struct slot *s = slot_of(e, hash);

	if (s->shape)
		return s->shape - 1;
	*vec_push(&e->shapes, e->arena) = (struct shape){.n = 0};
	*s = (struct slot){hash, (uint32_t)e->shapes.n};
	if (e->shapes.n * 2 > e->slots_n)
		grow(e);
	return (uint32_t)e->shapes.n - 1;
}

/* The text is searched as a whole: most lines hold no term, and need no call. */
static bool has_term(struct search_elision *e, size_t i, str body)
{
	size_t start = (size_t)(body.p - e->text.p);

	if (e->next[i] < start) {
		size_t at = str_find(str_sub(e->text, start, e->text.n), e->terms[i]);

		e->next[i] = at == STR_NONE ? STR_NONE : start + at;
	}
	return e->next[i] != STR_NONE && e->next[i] + e->terms[i].n <= start + body.n;
}

void search_elision_see(struct search_elision *e, const struct search_item *match)
{
	struct seen seen = {.shape = shape_of(e, search_shape(match->body))};

	e->shapes.v[seen.shape].n++;
	for (size_t i = 0; i < e->terms_n; i++) {
		bool is_hit = has_term(e, i, match->body);

		e->hits[i] += is_hit;
		seen.terms |= (uint8_t)(is_hit << i);
	}
	e->matches++;
	while (e->seen.n <= match->nth)
		*vec_push(&e->seen, e->arena) = seen;
}

bool search_elision_ready(struct search_elision *e)
{
	uint64_t common = 0;

	for (size_t i = 0; i < e->shapes.n; i++)
		if (e->shapes.v[i].n >= COMMON_MIN)
			common += e->shapes.v[i].n - 1;
	for (size_t i = 0; i < e->terms_n; i++)
		if (e->hits[i] && (uint64_t)e->hits[i] * TERM_RARE <= e->matches)
			e->rare_terms |= (uint8_t)(1U << i);
	return common * 100 >= (uint64_t)e->matches * LEFT_PERCENT;
}

void search_elision_choose(
	struct search_elision *e, const struct search_item *v, size_t n, bool *is_kept)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		const struct seen *seen = &e->seen.v[v[i].nth];
		struct shape *s = &e->shapes.v[seen->shape];

		is_kept[i] = i == 0 || i + 1 == n || s->n < COMMON_MIN || s->shown < e->examples ||
			     (seen->terms & e->rare_terms);
		s->shown += is_kept[i];
	}
	for (size_t i = 0; i < n; i++)
		left += !is_kept[i];
	if (left < MORE_MIN)
		memset(is_kept, true, n);
}
