#include "core/compress/prose/choose.h"

#include <stdlib.h>

#include "core/base/hash.h"
#include "core/compress/prose/cost.h"
#include "core/compress/prose/word.h"

/* What speaks for a sentence beside its words. A word that is said once counts 1, one that is said often less: what it tells
 * is about how rare it is. Weights in such words: fitted to which sentences of dialogues held the answers to questions
 * (bench/quality/prose.mjs measures that), then rounded. */
static const double for_time = 2, for_name = 2, for_person = 1, for_answer = 3, for_first = 2,
		    for_asked = 6, /* a rare word of the question */
	for_near = 4,              /* one in a sentence beside it */
	for_kept =
		20, /* where a model says that all of it is to be kept: more than most sentences get without one */
	against_polite = 1, against_question = 2;

/* A word that is said n times tells OFTEN / (OFTEN - 1 + n) of a rare one. */
enum { OFTEN = 8, OFTEN_MAX = 64 /* more make no difference */ };

struct count {
	uint64_t hash;
	uint32_t n; /* how often it is said */
	bool is_asked;
	bool in_prose; /* some of it is no code */
};

enum {
	/* Of the text, for each slot. Words repeat; a text with more than three quarters as many different ones as it has
	 * slots is not written by people. */
	BYTES_PER_SLOT = 6,
	FULL_PART = 3,        /* of four */
	NEAR = 4,             /* sentences to either side */
	ASKED_MIN = 3,        /* bytes of a word that is asked for */
	SLOTS_MIN = 1 << 11,  /* what is asked for in all its forms fits as well */
	BYTES_PER_TOKEN = 5,  /* a guess that nearly always is enough */
	QUERY_WORDS_MAX = 64, /* nobody asks for more; the rest is passed over */
};

/* Open addressing. */
struct counts {
	struct count *v;
	size_t mask, used_n;
};

static bool is_full(const struct counts *c)
{
	return c->used_n * 4 > c->mask * FULL_PART;
}

/* There must be room. */
static uint32_t place_of(struct counts *c, uint64_t h)
{
	size_t at = h >> 8 & c->mask;

	while (c->v[at].hash && c->v[at].hash != h)
		at = (at + 1) & c->mask;
	c->used_n += !c->v[at].hash;
	c->v[at].hash = h;
	return (uint32_t)at;
}

/* A word of a sentence that tells something or must be said once. */
struct token {
	uint32_t used; /* its place among the counts, without case */
	uint32_t once; /* the place of what must be said once; NO_PLACE: need not be */
	bool is_name;  /* that is no span */
};
#define NO_PLACE UINT32_MAX

struct item {
	double score;
	uint32_t at;
};

/* What the words of a sentence say. */
struct said {
	str text;          /* NULL: not read */
	uint32_t from, to; /* tokens */
	double worth;      /* whatever else is said */
	bool is_part, must_stay;
};

struct reading {
	const struct lexicon *lexicon;
	struct counts counts;
	VEC(struct token) tokens;
	struct said *said; /* of the pieces of the last time, n of them, in the order of the text */
	size_t n;
	bool has_asked; /* somebody asks for words */
};

struct chooser {
	sentence_vec *all;
	const bool *out;
	struct reading *r;
	struct said *said;  /* of each sentence */
	struct item *items; /* those that may go */
	size_t items_n;
	bool lets_code;
};

/* What a word is worth whatever else is said. */
static double worth_of(const struct word *w)
{
	return (w->classes & WORD_TIME ? for_time : 0) -
	       (w->classes & WORD_POLITE ? against_polite : 0) +
	       (w->weight == WORD_ONCE && !(w->classes & WORD_PERSON) ? for_name : 0);
}

static double worth_of_kind(const struct sentence *s)
{
	return (s->is_first ? for_first : 0) + (s->is_answer ? for_answer : 0) -
	       (sentence_asks(s->text) ? against_question : 0);
}

/* True when code begins in it that ends elsewhere. */
static bool is_open(str text)
{
	bool in_code = false;

	for (size_t at; (at = str_find_byte(text, '`')) != STR_NONE;) {
		in_code = !in_code;
		text = str_sub(text, at + 1, text.n);
	}
	return in_code;
}

/* In code a number matters in strings and addresses, too, however often they are said. */
static bool has_digit(str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] >= '0' && line.p[i] <= '9')
			return true;
	return false;
}

static void read_sentence(
	struct reading *r, const struct sentence *s, struct said *said, struct arena *a)
{
	struct word_reader words = {r->lexicon, s->text, !s->is_part};
	bool of_person = false;
	struct word w;

	*said = (struct said){
		.text = s->text, .from = (uint32_t)r->tokens.n, .is_part = s->is_part};
	said->must_stay = sentence_is_strong(s->text) || is_open(s->text) ||
			  (s->opens == OPENS_CODE && has_digit(s->text));
	while (!is_full(&r->counts) && word_next(&words, &w)) {
		struct token t = {NO_PLACE, NO_PLACE, w.weight == WORD_ONCE && !w.is_span};

		said->must_stay |= w.weight == WORD_ALWAYS;
		said->worth += worth_of(&w);
		of_person |= (w.classes & WORD_PERSON) != 0;
		if (!(w.classes & WORD_COMMON))
			t.used = place_of(&r->counts, w.hash);
		if (w.weight == WORD_ONCE) {
			t.once = place_of(&r->counts, hash64(w.text) | 1);
			r->counts.v[t.once].in_prose |= s->opens != OPENS_CODE;
		}
		if (t.used != NO_PLACE || t.once != NO_PLACE)
			*vec_push(&r->tokens, a) = t;
	}
	said->worth += of_person ? for_person : 0;
	said->to = (uint32_t)r->tokens.n;
}

static void count(struct reading *r, const struct said *said)
{
	for (uint32_t k = said->from; k < said->to; k++) {
		const struct token *t = &r->tokens.v[k];

		if (t->used != NO_PLACE)
			r->counts.v[t->used].n++;
		if (t->once != NO_PLACE && t->once != t->used)
			r->counts.v[t->once].n++;
	}
}

/* Ends of English words that change what they mean the least. */
static const str endings[] = {{"", 0}, {"s", 1}, {"e", 1}, {"es", 2}, {"d", 1}, {"ed", 2},
	{"ing", 3}, {"y", 1}, {"ies", 3}};
enum { STEM_MIN = 4, ENDING_MAX = 3, ASKED_MAX = 40 };

/* A word of a question without its ending. */
static str stem_of(str word)
{
	for (size_t i = ARRAY_N(endings) - 1; i; i--)
		if (word.n >= STEM_MIN + endings[i].n &&
			str_eq_nocase(str_sub(word, word.n - endings[i].n, word.n), endings[i]))
			return str_sub(word, 0, word.n - endings[i].n);
	return word;
}

static void ask(struct reading *r, uint64_t hash)
{
	if (!is_full(&r->counts))
		r->counts.v[place_of(&r->counts, hash)].is_asked = true;
}

/* The word in all its forms: who asks what somebody painted wants to hear of a painting. */
static void ask_forms(struct reading *r, const struct word *w)
{
	char form[ASKED_MAX + ENDING_MAX];
	str stem = stem_of(w->text);

	ask(r, w->hash);
	if (w->weight == WORD_ALWAYS || stem.n < STEM_MIN || stem.n > ASKED_MAX)
		return;
	memcpy(form, stem.p, stem.n);
	for (size_t i = 0; i < ARRAY_N(endings); i++) {
		memcpy(form + stem.n, endings[i].p, endings[i].n);
		ask(r, word_hash((str){form, stem.n + endings[i].n}));
	}
}

static void read_query(struct reading *r, str query)
{
	struct word_reader words = {r->lexicon, query, true};
	struct word w;

	for (size_t n = 0; n < QUERY_WORDS_MAX && word_next(&words, &w); n++)
		if (w.text.n >= ASKED_MIN && !(w.classes & (WORD_COMMON | WORD_POLITE))) {
			ask_forms(r, &w);
			r->has_asked = true;
		}
}

struct reading *reading_new(const struct judge *j, size_t bytes, struct arena *a)
{
	struct reading *r = arena_new(a, struct reading);
	size_t slots = SLOTS_MIN;

	while (slots < bytes / BYTES_PER_SLOT)
		slots *= 2;
	r->lexicon = lexicon_new(a);
	r->counts = (struct counts){.v = arena_array(a, struct count, slots), .mask = slots - 1};
	r->tokens.cap = bytes / BYTES_PER_TOKEN + 1;
	r->tokens.v = arena_alloc(a, r->tokens.cap * sizeof *r->tokens.v, alignof(max_align_t));
	read_query(r, j->query);
	return r;
}

/* What was read of that sentence the last time, at *k or later; NULL: it is another one. */
static const struct said *said_before(const struct reading *r, const struct sentence *s, size_t *k)
{
	const struct said *old;

	while (*k < r->n && (!r->said[*k].text.p || r->said[*k].text.p < s->text.p))
		++*k;
	if (*k == r->n)
		return NULL;
	old = &r->said[*k];
	return old->text.p == s->text.p && old->text.n == s->text.n && old->is_part == s->is_part
		       ? old
		       : NULL;
}

/* False when it is no text of words. */
static bool read_all(struct chooser *c, struct arena *a)
{
	struct reading *r = c->r;
	size_t k = 0;

	c->said = arena_array(a, struct said, c->all->n + 1);
	for (size_t i = 0; r->n && i <= r->counts.mask; i++)
		r->counts.v[i].n = 0;
	for (size_t i = 0; i < c->all->n; i++) {
		struct sentence *s = &c->all->v[i];
		const struct said *old;

		if (!s->cost)
			s->cost = cost_of(s->text);
		if (c->out[i])
			continue;
		old = said_before(r, s, &k);
		if (old)
			c->said[i] = *old;
		else
			read_sentence(r, s, &c->said[i], a);
		count(r, &c->said[i]);
	}
	r->said = c->said;
	r->n = c->all->n;
	return !is_full(&r->counts);
}

/* True when that may go though it is said nowhere else. */
static bool may_vanish(const struct chooser *c, size_t i, const struct token *t)
{
	return c->lets_code && t->is_name && c->all->v[i].opens == OPENS_CODE &&
	       !c->r->counts.v[t->once].in_prose;
}

/* True when all that must be said once is said in other sentences, too; then this one no longer says it. */
static bool is_said_elsewhere(struct chooser *c, size_t i)
{
	const struct token *from = c->r->tokens.v + c->said[i].from,
			   *to = c->r->tokens.v + c->said[i].to;
	struct count *counts = c->r->counts.v;
	bool is_all = true;

	for (const struct token *t = from; t < to; t++)
		if (t->once != NO_PLACE)
			counts[t->once].n--;
	for (const struct token *t = from; t < to; t++)
		is_all &= t->once == NO_PLACE || counts[t->once].n > 0 || may_vanish(c, i, t);
	for (const struct token *t = from; t < to && !is_all; t++)
		if (t->once != NO_PLACE)
			counts[t->once].n++;
	return is_all;
}

static double rarity(const double *by_count, uint32_t n)
{
	return by_count[n < OFTEN_MAX ? n : OFTEN_MAX - 1];
}

/* What the words of a sentence tell, by how often they are said in the text, and by whether they are asked for. */
static double worth(const struct chooser *c, size_t i, const double *by_count, bool has_model)
{
	double sum = 0;

	for (uint32_t k = c->said[i].from; k < c->said[i].to; k++) {
		const struct token *t = &c->r->tokens.v[k];
		const struct count *used;

		if (t->used == NO_PLACE)
			continue;
		used = &c->r->counts.v[t->used];
		sum += rarity(by_count, used->n) * (used->is_asked ? for_asked : has_model ? 0 : 1);
	}
	return sum;
}

static int by_score(const void *x, const void *y)
{
	const struct item *a = x, *b = y;

	if (a->score != b->score)
		return a->score < b->score ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at; /* the same on every machine */
}

/* What of a sentence is asked for. */
static double asked_of(const struct chooser *c, size_t i, const double *by_count)
{
	double sum = 0;

	for (uint32_t k = c->said[i].from; k < c->said[i].to; k++) {
		uint32_t used = c->r->tokens.v[k].used;

		if (used != NO_PLACE && c->r->counts.v[used].is_asked)
			sum += rarity(by_count, c->r->counts.v[used].n);
	}
	return sum;
}

/* A sentence by what is asked for of those around it: an answer often stands beside the words of its question. */
static double near_of(const double *asked, size_t n, size_t i)
{
	double best = 0;

	for (size_t k = i > NEAR ? i - NEAR : 0; k < n && k <= i + NEAR; k++)
		best = asked[k] > best ? asked[k] : best;
	return best;
}

static double score(
	const struct chooser *c, size_t i, const struct judge *j, const double *by_count)
{
	str text = c->all->v[i].text;
	size_t at = (size_t)(text.p - j->text);

	if (!j->read)
		return worth_of_kind(&c->all->v[i]) + c->said[i].worth +
		       worth(c, i, by_count, false);
	return for_kept * kompress_mean(j->read, at, at + text.n) + worth(c, i, by_count, true);
}

static void find_items(struct chooser *c, const struct judge *j, struct arena *a)
{
	double by_count[OFTEN_MAX], *asked;

	for (int n = 0; n < OFTEN_MAX; n++)
		by_count[n] = OFTEN / (double)(OFTEN - 1 + n);
	c->items = arena_alloc(a, (c->all->n + 1) * sizeof *c->items, alignof(struct item));
	asked = arena_alloc(a, (c->all->n + 1) * sizeof *asked, alignof(double));
	for (size_t i = 0; i < c->all->n; i++)
		asked[i] = c->r->has_asked ? asked_of(c, i, by_count) : 0;
	for (size_t i = 0; i < c->all->n; i++)
		if (!c->all->v[i].is_kept && !c->said[i].must_stay && !c->out[i])
			c->items[c->items_n++] =
				(struct item){.score = score(c, i, j, by_count) +
						       for_near * near_of(asked, c->all->n, i),
					.at = (uint32_t)i};
	qsort(c->items, c->items_n, sizeof *c->items, by_score);
}

/* What leaving that one out saves, beside those that are out: a mark stands for neighbours as for one. */
static double saved_by(const sentence_vec *all, size_t at, const bool *out)
{
	bool before = at > 0 && out[at - 1], behind = at + 1 < all->n && out[at + 1];

	return all->v[at].cost + (before + behind - 1) * (double)COST_TOKEN;
}

/* What those that are out save. */
static double saved_by_all(const sentence_vec *all, const bool *out)
{
	double saved = 0;

	for (size_t i = 0; i < all->n; i++)
		if (out[i])
			saved += all->v[i].cost - (i && out[i - 1] ? 0 : (double)COST_TOKEN);
	return saved;
}

/* The tokens that shall go. */
static double most_of(const sentence_vec *all, double keep)
{
	double cost = 0;

	for (size_t i = 0; i < all->n; i++)
		cost += all->v[i].cost;
	return (1 - keep) * cost;
}

bool choose_is_enough(const sentence_vec *all, double keep, const bool *out)
{
	return saved_by_all(all, out) >= most_of(all, keep);
}

/* One round over the items, from what says least on. Those that are too short to be worth a mark where they stand are what is left of the items. */
static size_t take_out(struct chooser *c, double most, double *gone, bool *out)
{
	size_t n = 0, short_n = 0;

	for (size_t i = 0; i < c->items_n && *gone < most; i++) {
		uint32_t at = c->items[i].at;
		double saved = saved_by(c->all, at, out);

		if (saved <= 0) {
			c->items[short_n++] = c->items[i];
			continue;
		}
		if (!is_said_elsewhere(c, at))
			continue;
		*gone += saved;
		out[at] = true;
		n++;
	}
	c->items_n = short_n;
	return n;
}

size_t choose_sentences(struct reading *r, sentence_vec *all, const struct judge *j, double keep,
	struct arena *a, bool *out)
{
	struct chooser c = {.all = all, .out = out, .r = r, .lets_code = j->lets_code};
	size_t n;
	double most, gone;

	if (!read_all(&c, a))
		return 0;
	most = most_of(all, keep);
	gone = saved_by_all(all, out);
	find_items(&c, j, a);
	n = take_out(&c, most, &gone, out);
	/* short ones may stand between others that went */
	return n + take_out(&c, most, &gone, out);
}
