#include "core/compress/prose/choose.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/hash.h"
#include "core/compress/prose/word.h"
#include "core/retrieve/rank.h"

enum { WORDS_FULL = 4 }; /* of substance; what has fewer does not count as more than these */

/* Weights of what speaks for a sentence beside its information, which is about 0 to 1. */
static const double for_question = 1, for_first = 0.2;

struct count {
	uint64_t hash;
	uint32_t n; /* how often it is said */
};

enum {
	/* Of the text, for each slot. Words repeat; a text with more than three quarters as many different ones as it has
	 * slots is not written by people. */
	BYTES_PER_SLOT = 6,
	FULL_PART = 3, /* of four */
};

/* Open addressing. */
struct counts {
	struct count *v;
	size_t mask, used_n;
	size_t words_n;
};

/* Without case: how often a word is used. A name, a link, a piece of code is the same only letter by letter. */
static uint64_t hash_word(str word, bool is_exact)
{
	char lower[32];
	size_t n = 0;

	if (is_exact || word.n > sizeof lower)
		return hash64(word);
	for (; n < word.n; n++)
		lower[n] =
			word.p[n] >= 'A' && word.p[n] <= 'Z' ? (char)(word.p[n] | 0x20) : word.p[n];
	return hash64_seed((str){lower, n}, 1);
}

static bool is_full(const struct counts *c)
{
	return c->used_n * 4 > c->mask * FULL_PART;
}

/* There must be room. */
static uint32_t place_of(struct counts *c, str word, bool is_exact)
{
	uint64_t h = hash_word(word, is_exact) | 1; /* 0 is an empty slot */
	size_t at = h >> 8 & c->mask;

	while (c->v[at].hash && c->v[at].hash != h)
		at = (at + 1) & c->mask;
	c->used_n += !c->v[at].hash;
	c->v[at].hash = h;
	return (uint32_t)at;
}

/* A word of a sentence. */
struct token {
	uint32_t used; /* its place among the counts, without case */
	uint32_t once; /* the place of what must be said once; NO_PLACE: need not be */
};
#define NO_PLACE UINT32_MAX

struct item {
	double score;
	uint32_t at;
};

struct chooser {
	const sentence_vec *all;
	struct counts counts;
	VEC(struct token) tokens;
	uint32_t *first;    /* token of each sentence, and one more */
	bool *must_stay;    /* sentences */
	struct item *items; /* those that may go */
	size_t items_n;
};

static void read_sentence(struct chooser *c, size_t i, struct arena *a)
{
	str rest = c->all->v[i].text, word;
	enum word_weight weight;
	bool is_start = true;

	c->must_stay[i] = c->all->v[i].is_kept;
	while (!is_full(&c->counts) && word_next(&rest, &is_start, &word, &weight)) {
		struct token *t = vec_push(&c->tokens, a);

		c->counts.words_n++;
		c->must_stay[i] |= weight == WORD_ALWAYS;
		t->used = word_is_common(word) ? NO_PLACE : place_of(&c->counts, word, false);
		t->once = weight == WORD_ONCE ? place_of(&c->counts, word, true) : NO_PLACE;
		if (t->used != NO_PLACE)
			c->counts.v[t->used].n++;
		if (t->once != NO_PLACE)
			c->counts.v[t->once].n++;
	}
}

/* False when it is no text of words. */
static bool read_all(struct chooser *c, struct arena *a)
{
	size_t bytes = 0, slots = 64;

	for (size_t i = 0; i < c->all->n; i++)
		bytes += c->all->v[i].text.n;
	while (slots < bytes / BYTES_PER_SLOT)
		slots *= 2;
	c->counts = (struct counts){.v = arena_array(a, struct count, slots), .mask = slots - 1};
	c->first = arena_array(a, uint32_t, c->all->n + 1);
	c->must_stay = arena_array(a, bool, c->all->n + 1);
	for (size_t i = 0; i < c->all->n; i++) {
		c->first[i] = (uint32_t)c->tokens.n;
		read_sentence(c, i, a);
	}
	c->first[c->all->n] = (uint32_t)c->tokens.n;
	return !is_full(&c->counts);
}

/* True when all that must be said once is said in other sentences, too; then this one no longer says it. */
static bool is_said_elsewhere(struct chooser *c, size_t i)
{
	const struct token *from = c->tokens.v + c->first[i], *to = c->tokens.v + c->first[i + 1];
	bool is_all = true;

	for (const struct token *t = from; t < to; t++)
		if (t->once != NO_PLACE)
			c->counts.v[t->once].n--;
	for (const struct token *t = from; t < to; t++)
		is_all &= t->once == NO_PLACE || c->counts.v[t->once].n > 0;
	for (const struct token *t = from; t < to && !is_all; t++)
		if (t->once != NO_PLACE)
			c->counts.v[t->once].n++;
	return is_all;
}

/* Bits per word of substance, as a share of the most that is possible. A sentence of few such words says little, however
 * rare they are ("Wow, thanks!"). */
static double worth(const struct chooser *c, size_t i)
{
	double bits = 0, most = log2((double)c->counts.words_n + 1);
	size_t n = 0;

	for (uint32_t k = c->first[i]; k < c->first[i + 1]; k++) {
		uint32_t used = c->tokens.v[k].used;

		if (used == NO_PLACE)
			continue;
		bits += log2((double)c->counts.words_n / (double)c->counts.v[used].n);
		n++;
	}
	return n ? bits / ((double)(n > WORDS_FULL ? n : WORDS_FULL) * most) : 0;
}

static int by_score(const void *x, const void *y)
{
	const struct item *a = x, *b = y;

	if (a->score != b->score)
		return a->score < b->score ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at; /* the same on every machine */
}

/* What the question asks for, of each sentence, 0 to 1. */
static double *relevance(const sentence_vec *all, str query, struct arena *a)
{
	str *texts = arena_alloc(a, (all->n + 1) * sizeof *texts, alignof(str));
	double *scores, most = 0;

	for (size_t i = 0; i < all->n; i++)
		texts[i] = all->v[i].text;
	scores = rank_texts(texts, all->n, query, a);
	for (size_t i = 0; i < all->n; i++)
		most = scores[i] > most ? scores[i] : most;
	for (size_t i = 0; i < all->n && most > 0; i++)
		scores[i] /= most;
	return scores;
}

static void find_items(struct chooser *c, str query, struct arena *a)
{
	double *asked = relevance(c->all, query, a);

	c->items = arena_alloc(a, (c->all->n + 1) * sizeof *c->items, alignof(struct item));
	for (size_t i = 0; i < c->all->n; i++) {
		const struct sentence *s = &c->all->v[i];

		if (c->must_stay[i])
			continue;
		c->items[c->items_n++] =
			(struct item){.score = worth(c, i) + for_question * asked[i] +
					       (s->is_first ? for_first : 0),
				.at = (uint32_t)i};
	}
	qsort(c->items, c->items_n, sizeof *c->items, by_score);
}

size_t choose_sentences(const sentence_vec *all, str query, double keep, struct arena *a, bool *out)
{
	struct chooser c = {.all = all};
	size_t bytes = 0, n = 0;
	double most, gone = 0;

	for (size_t i = 0; i < all->n; i++)
		bytes += all->v[i].text.n;
	most = (1 - keep) * (double)bytes;
	if (!read_all(&c, a))
		return 0;
	find_items(&c, query, a);
	for (size_t i = 0; i < c.items_n && gone < most; i++) {
		uint32_t at = c.items[i].at;

		if (!is_said_elsewhere(&c, at))
			continue;
		out[at] = true;
		gone += (double)all->v[at].text.n;
		n++;
	}
	return n;
}
