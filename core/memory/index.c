#include "core/memory/index.h"

#include <math.h>

#include "core/base/attr.h"
#include "core/base/buf.h"
#include "core/base/hash.h"
#include "core/memory/when.h"
#include "core/memory/words.h"

/* BM25 (Robertson and Zaragoza 2009, section 3.1). b is lower than usual: memories are short, and a longer one is no worse
 * answer. These and the weights below were chosen on three conversations of LoCoMo and checked on the others:
 * docs/memory.md has the figures. */
#define BM25_K1 1.0f
#define BM25_B  0.3f
/* What the next memory of a session, on either side, and the one behind it give of their score: an
 * answer seldom repeats the words of its question. */
#define NEIGHBOUR_1 0.35f
#define NEIGHBOUR_2 0.15f
/* Said by who is asked about; about something that is asked about; from when is asked about. */
#define SPEAKER_FACTOR 1.5f
#define ENTITY_FACTOR  1.25f
#define WHEN_FACTOR    1.5f
/* How much importance and age may move a hit. */
#define PRIOR_REST       0.70
#define PRIOR_IMPORTANCE 0.20
#define PRIOR_RECENT     0.10
#define RECENT_DAYS      30.0

#define DAY_MS (24.0 * 3600 * 1000)

enum {
	QUERY_TERMS = 64
}; /* a question of more words is a text, and the first of them say what it is about */

struct posting {
	uint32_t doc, n;
};

struct term {
	VEC(struct posting) postings;
};

struct doc {
	uint64_t words;   /* a hash of its set of words */
	uint64_t session; /* a hash; 0: of none */
	uint32_t length;
	uint32_t speaker; /* index of the name + 1 */
	float importance;
	int64_t created_ms;
	str entities;
};

struct memory_index {
	struct arena *arena;
	struct map terms;    /* stem -> struct term */
	struct map speakers; /* name -> NULL; its place in the order is its number */
	VEC(struct doc) docs;
	uint64_t length_sum;
	float length_mean;
};

struct memory_index *memory_index_new(struct arena *a)
{
	struct memory_index *x = arena_zalloc(a, sizeof *x, alignof(struct memory_index));

	x->arena = a;
	map_init(&x->terms, a);
	map_init(&x->speakers, a);
	return x;
}

size_t memory_index_n(const struct memory_index *x)
{
	return x->docs.n;
}

/* ---- building ---- */

static void add_word(struct memory_index *x, struct doc *d, uint32_t doc, str w)
{
	struct term *t = map_find(&x->terms, w);

	if (!t) {
		t = arena_zalloc(x->arena, sizeof *t, alignof(struct term));
		*map_at(&x->terms, arena_str(x->arena, w)) = t;
	}
	if (!t->postings.n || t->postings.v[t->postings.n - 1].doc != doc) {
		*vec_push(&t->postings, x->arena) = (struct posting){doc, 0};
		d->words += hash64(w); /* a sum does not depend on the order */
	}
	t->postings.v[t->postings.n - 1].n++;
	d->length++;
}

static void add_text(struct memory_index *x, struct doc *d, uint32_t doc, str text)
{
	struct memory_word w;

	while (memory_word_next(&text, &w))
		add_word(x, d, doc, memory_word_str(&w));
}

/* The day on which it was said, so that "May 2026" finds it. */
static void add_date(struct memory_index *x, struct doc *d, uint32_t doc, int64_t ms)
{
	struct when_date date = when_date(ms);
	char text[64];
	struct buf b = {.p = text, .cap = sizeof text, .max = sizeof text};

	buf_printf(&b, "%u %s %u", date.day, when_month_name(date.month), (unsigned)date.year);
	add_text(x, d, doc, buf_str(&b));
}

static uint32_t speaker_number(struct memory_index *x, str name)
{
	size_t n = x->speakers.n;

	if (!name.n)
		return 0;
	(void)map_at(&x->speakers, name);
	if (x->speakers.n > n)
		return (uint32_t)x->speakers.n;
	for (n = 0; !str_eq(x->speakers.entries[n].key, name);)
		n++;
	return (uint32_t)n + 1;
}

void memory_index_add(struct memory_index *x, const struct memory_index_doc *m)
{
	uint32_t doc = (uint32_t)x->docs.n;
	struct doc *d = vec_push(&x->docs, x->arena);

	*d = (struct doc){.session = m->session.n ? hash64(m->session) | 1 : 0,
		.speaker = speaker_number(x, m->speaker),
		.importance = (float)m->importance,
		.created_ms = m->created_ms,
		.entities = m->entities};
	add_text(x, d, doc, m->content);
	add_text(x, d, doc, m->speaker);
	add_text(x, d, doc, m->entities);
	x->length_sum += d->length;
	if (m->created_ms > 0) {
		uint64_t words = d->words;

		add_date(x, d, doc, m->created_ms);
		d->words = words; /* the same text of another day is a duplicate */
	}
}

void memory_index_seal(struct memory_index *x)
{
	x->length_mean = x->docs.n ? (float)x->length_sum / (float)x->docs.n : 1;
	if (x->length_mean < 1)
		x->length_mean = 1;
}

/* ---- searching ---- */

struct search {
	const struct memory_index *x;
	const struct memory_query *q;
	struct arena *arena;
	struct memory_word words[QUERY_TERMS];
	size_t words_n;
	bool *is_asked_speaker; /* by number - 1 */
	struct when when;
	float *own, *lent, *covered; /* by document */
	float weight;                /* of all words of the question */
	struct memory_hit *hits;
	size_t hits_n;
};

static void read_words(struct search *s)
{
	str rest = s->q->text;
	struct memory_word w;

	while (s->words_n < QUERY_TERMS && memory_word_next(&rest, &w)) {
		bool is_new = true;

		for (size_t i = 0; i < s->words_n && is_new; i++)
			is_new = !str_eq(memory_word_str(&s->words[i]), memory_word_str(&w));
		if (is_new)
			s->words[s->words_n++] = w;
	}
}

static bool has_word(const struct search *s, str stem)
{
	for (size_t i = 0; i < s->words_n; i++)
		if (str_eq(memory_word_str(&s->words[i]), stem))
			return true;
	return false;
}

/* Any word of a name is enough: people are called by one of them. */
static bool has_any_word(const struct search *s, str text)
{
	struct memory_word w;

	while (memory_word_next(&text, &w))
		if (has_word(s, memory_word_str(&w)))
			return true;
	return false;
}

static void score_word(struct search *s, str stem)
{
	const struct memory_index *x = s->x;
	const struct term *t = map_find(&x->terms, stem);
	float n = (float)x->docs.n, in = t ? (float)t->postings.n : 0;
	float idf = logf(1 + (n - in + 0.5f) / (in + 0.5f));

	s->weight += idf;
	for (size_t i = 0; t && i < t->postings.n; i++) {
		uint32_t doc = t->postings.v[i].doc;
		float f = (float)t->postings.v[i].n;
		float length = (float)x->docs.v[doc].length / x->length_mean;

		s->own[doc] +=
			idf * f * (BM25_K1 + 1) / (f + BM25_K1 * (1 - BM25_B + BM25_B * length));
		s->covered[doc] += idf;
	}
}

static void lend(struct search *s)
{
	const struct doc *d = s->x->docs.v;
	size_t n = s->x->docs.n;

	for (size_t i = 0; i < n; i++) {
		float give = s->own[i];

		s->lent[i] += give;
		if (give <= 0 || !d[i].session)
			continue;
		for (size_t k = 1; k <= 2; k++) {
			float part = give * (k == 1 ? NEIGHBOUR_1 : NEIGHBOUR_2);

			if (i >= k && d[i - k].session == d[i].session)
				s->lent[i - k] += part;
			if (i + k < n && d[i + k].session == d[i].session)
				s->lent[i + k] += part;
		}
	}
}

static double prior(const struct search *s, const struct doc *d)
{
	double age = (double)(s->q->now_ms - d->created_ms) / DAY_MS;
	double recent =
		s->q->now_ms > 0 && d->created_ms > 0 ? exp(-fmax(age, 0) / RECENT_DAYS) : 0;

	return PRIOR_REST + PRIOR_IMPORTANCE * (double)d->importance + PRIOR_RECENT * recent;
}

static double final_score(const struct search *s, uint32_t doc)
{
	const struct doc *d = &s->x->docs.v[doc];
	double score = (double)s->lent[doc] * prior(s, d);

	if (d->speaker && s->is_asked_speaker[d->speaker - 1])
		score *= (double)SPEAKER_FACTOR;
	if (d->entities.n && has_any_word(s, d->entities))
		score *= (double)ENTITY_FACTOR;
	if (s->when.until_ms && d->created_ms >= s->when.from_ms &&
		d->created_ms < s->when.until_ms)
		score *= (double)WHEN_FACTOR;
	return score;
}

static bool is_before(
	const struct search *s, const struct memory_hit *a, const struct memory_hit *b)
{
	int64_t a_ms = s->x->docs.v[a->doc].created_ms, b_ms = s->x->docs.v[b->doc].created_ms;

	if (a->score < b->score || a->score > b->score)
		return a->score > b->score;
	return a_ms != b_ms ? a_ms > b_ms : a->doc > b->doc;
}

/* Puts a hit in its place among the best. Of duplicates the better one stays. */
static void take(struct search *s, struct memory_hit h)
{
	size_t at, end = s->hits_n;

	if (end == s->q->limit && !is_before(s, &h, &s->hits[end - 1]))
		return;
	for (at = 0; !s->q->keeps_duplicates && at < end; at++)
		if (s->x->docs.v[s->hits[at].doc].words == s->x->docs.v[h.doc].words)
			break;
	if (!s->q->keeps_duplicates && at < end) {
		if (!is_before(s, &h, &s->hits[at]))
			return;
		end = at; /* is taken away */
	} else if (end == s->q->limit) {
		end--;
	} else {
		s->hits_n++;
	}
	for (at = end; at > 0 && is_before(s, &h, &s->hits[at - 1]); at--)
		s->hits[at] = s->hits[at - 1];
	s->hits[at] = h;
}

static void take_all(struct search *s)
{
	for (uint32_t i = 0; i < s->x->docs.n; i++) {
		double covered;

		if (s->lent[i] <= 0)
			continue;
		covered = (double)(s->covered[i] / s->weight);
		/* What only a neighbour says is no reason by itself to call it an answer. */
		if (covered < s->q->coverage_min)
			continue;
		take(s, (struct memory_hit){i, final_score(s, i), covered});
	}
}

static float *floats(struct arena *a, size_t n)
{
	return arena_calloc(a, n, sizeof(float), alignof(float));
}

size_t memory_index_search(const struct memory_index *x, const struct memory_query *q,
	struct arena *scratch, struct memory_hit *hits)
{
	struct search s = {.x = x, .q = q, .arena = scratch, .hits = hits};
	size_t n = x->docs.n;

	if (!n || !q->limit)
		return 0;
	read_words(&s);
	if (!s.words_n)
		return 0;
	s.own = floats(scratch, n);
	s.lent = floats(scratch, n);
	s.covered = floats(scratch, n);
	s.is_asked_speaker = arena_calloc(scratch, x->speakers.n + 1, sizeof(bool), alignof(bool));
	for (size_t i = 0; i < x->speakers.n; i++)
		s.is_asked_speaker[i] = has_any_word(&s, x->speakers.entries[i].key);
	(void)!when_find(q->text, q->now_ms, &s.when);
	for (size_t i = 0; i < s.words_n; i++)
		score_word(&s, memory_word_str(&s.words[i]));
	lend(&s);
	take_all(&s);
	return s.hits_n;
}
