#include "core/memory/score.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/attr.h"
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
#define ROUNDING         1e-9 /* of sums of these */

/* What is about the same in other words: so much of the weight of the question has a memory whose vector is that of the question,
 * nothing one whose cosine is NEAR_MIN or less, which any two texts may have. */
#define NEAR_WEIGHT 0.4f
#define NEAR_MIN    0.4f

#define DAY_MS (24.0 * 3600 * 1000)

enum {
	/* Docs whose vectors are looked at for their words' sake, where not all are (core/memory/keep.h): those that vectors may bring among the best. */
	LIKELY_MAX = 128,
	QUERY_TERMS =
		64, /* a question of more words is a text, and the first of them say what it is about */
};

/* ---- words of a text ---- */

static void add_word(struct score_words *out, str w)
{
	struct arena *a = out->counts.arena;
	struct score_posting *p = map_find(&out->counts, w);

	if (!p) {
		p = arena_zalloc(a, sizeof *p, alignof(struct score_posting));
		*map_at(&out->counts, arena_str(a, w)) = p;
		out->hash += hash64(w); /* a sum does not depend on the order */
	}
	p->n += p->n < SCORE_REPEATS_MAX;
	out->length++;
}

static void add_text(struct score_words *out, str text)
{
	struct memory_word w;

	while (memory_word_next(&text, &w))
		add_word(out, memory_word_str(&w));
}

/* The day on which it was said, so that "May 2026" finds it. */
static void add_date(struct score_words *out, int64_t ms)
{
	struct when_date date = when_date(ms);
	char text[64];
	struct buf b = {.p = text, .cap = sizeof text, .max = sizeof text};

	buf_printf(&b, "%u %s %u", date.day, when_month_name(date.month), (unsigned)date.year);
	add_text(out, buf_str(&b));
}

void score_words_of(const struct score_text *t, struct arena *a, struct score_words *out)
{
	*out = (struct score_words){.length = 0};
	map_init(&out->counts, a);
	add_text(out, t->content);
	add_text(out, t->speaker);
	add_text(out, t->entities);
	if (t->created_ms > 0) {
		uint64_t hash = out->hash;

		add_date(out, t->created_ms);
		out->hash = hash; /* the same text of another day is a duplicate */
	}
}

/* ---- what docs have to do with each other ---- */

size_t score_names(str text, uint64_t *out, size_t max)
{
	struct memory_word w;
	size_t n = 0;

	while (n < max && memory_word_next(&text, &w))
		out[n++] = hash64(memory_word_str(&w));
	return n;
}

static int by_session_and_time(const void *a, const void *b)
{
	const struct score_place *x = a, *y = b;

	if (x->session != y->session)
		return x->session < y->session ? -1 : 1;
	if (x->created_ms != y->created_ms)
		return x->created_ms < y->created_ms ? -1 : 1;
	return x->doc < y->doc ? -1 : x->doc > y->doc;
}

void score_sort_places(struct score_place *v, size_t n)
{
	qsort(v, n, sizeof *v, by_session_and_time);
}

void score_link(struct score_doc *v, size_t n, struct arena *scratch)
{
	struct score_place *places = arena_array(scratch, struct score_place, n + 1);
	size_t k = 0;

	for (uint32_t i = 0; i < n; i++) {
		v[i].before = v[i].behind = SCORE_NONE;
		if (v[i].session && v[i].passes)
			places[k++] = (struct score_place){v[i].session, v[i].created_ms, i};
	}
	score_sort_places(places, k);
	for (size_t i = 1; i < k; i++) {
		if (places[i].session != places[i - 1].session)
			continue;
		v[places[i].doc].before = places[i - 1].doc;
		v[places[i - 1].doc].behind = places[i].doc;
	}
}

static void note_names(struct score_sums *sums, const struct score_doc *d, const uint64_t *names)
{
	for (size_t k = 0; k < (size_t)d->speaker_n + d->entities_n; k++) {
		uint64_t name = names[d->names + k];

		sums->names[name % SCORE_NAME_BITS / 64] |= 1ULL << name % 64;
	}
}

static void find_mean(struct score_sums *sums)
{
	sums->length_mean = sums->length_sum ? (float)sums->length_sum / (float)sums->passing_n : 1;
}

struct score_sums score_sums_of(
	const struct score_doc *v, size_t n, const uint64_t *names, uint32_t *lengths)
{
	struct score_sums sums = {.lengths = lengths};

	for (size_t i = 0; i < n; i++) {
		lengths[i] = v[i].passes ? v[i].length : 0;
		sums.length_sum += lengths[i];
		sums.passing_n += v[i].passes;
		sums.has_links |= v[i].before != SCORE_NONE;
		if (v[i].passes)
			note_names(&sums, &v[i], names);
	}
	find_mean(&sums);
	return sums;
}

void score_sums_add(
	struct score_sums *s, const struct score_doc *d, const uint64_t *names, uint32_t at)
{
	s->lengths[at] = d->length;
	s->length_sum += d->length;
	s->passing_n++;
	note_names(s, d, names);
	find_mean(s);
}

void score_sums_take(struct score_sums *s, uint32_t at)
{
	s->length_sum -= s->lengths[at];
	s->lengths[at] = 0;
	s->passing_n--;
	find_mean(s);
}

/* ---- searching ---- */

struct search {
	const struct score_docs *docs;
	const struct memory_query *q;
	struct memory_word words[QUERY_TERMS];
	uint64_t hashes[QUERY_TERMS]; /* of the words */
	size_t words_n;
	struct when when;
	float *own, *covered; /* by document */
	float weight;         /* of all words of the question */
	double factor_max;    /* the most that final_score makes of a point */
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
		if (!is_new)
			continue;
		s->hashes[s->words_n] = hash64(memory_word_str(&w));
		s->words[s->words_n++] = w;
	}
}

/* Any word of a name is enough: people are called by one of them. */
static bool has_any(const struct search *s, const uint64_t *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < s->words_n; k++)
			if (s->hashes[k] == names[i])
				return true;
	return false;
}

static void score_word(struct search *s, str stem)
{
	const struct score_sums *sums = &s->docs->sums;
	const struct score_posting *v;
	size_t n = s->docs->with(s->docs->self, stem, &v);
	float in = 0, idf;

	for (size_t i = 0; i < n; i++)
		in += sums->lengths[v[i].doc] ? 1 : 0;
	idf = logf(1 + ((float)sums->passing_n - in + 0.5f) / (in + 0.5f));
	s->weight += idf;
	for (size_t i = 0; i < n; i++) {
		uint32_t doc = v[i].doc;
		float f = (float)v[i].n, length = (float)sums->lengths[doc] / sums->length_mean;

		if (!sums->lengths[doc])
			continue;
		s->own[doc] +=
			idf * f * (BM25_K1 + 1) / (f + BM25_K1 * (1 - BM25_B + BM25_B * length));
		s->covered[doc] += idf;
	}
}

static bool is_newer(const void *self, uint32_t a, uint32_t b)
{
	const struct score_docs *docs = self;
	int64_t a_ms = docs->v[a].created_ms, b_ms = docs->v[b].created_ms;

	return a_ms != b_ms ? a_ms > b_ms : a > b;
}

/* What is nearer to the question than min. */
static void score_nearest(struct search *s, const struct near_set *set, struct near_query q)
{
	struct near v[NEAR_MAX];
	size_t n;

	q.counts = s->docs->sums.lengths;
	q.is_first = is_newer;
	q.self = s->docs;
	n = near_find(set, &q, v);
	for (size_t i = 0; i < n; i++) {
		float part = (v[i].cosine - q.min) / (1 - q.min) * s->weight;

		s->own[v[i].i] += NEAR_WEIGHT * part;
		s->covered[v[i].i] = fmaxf(s->covered[v[i].i], part);
	}
}

/* The docs with most points by their words; v has room for LIKELY_MAX. Returns how many. */
static size_t find_likely(const struct search *s, uint32_t *v)
{
	size_t n = 0, worst = 0;

	for (uint32_t i = 0; i < s->docs->n; i++) {
		if (s->own[i] <= 0 || (n == LIKELY_MAX && s->own[i] <= s->own[v[worst]]))
			continue;
		v[n < LIKELY_MAX ? n++ : worst] = i;
		if (n < LIKELY_MAX)
			continue;
		for (size_t k = worst = 0; k < n; k++)
			worst = s->own[v[k]] < s->own[v[worst]] ? k : worst;
	}
	return n;
}

static void score_near(struct search *s)
{
	const struct score_docs *docs = s->docs;
	uint32_t likely[LIKELY_MAX];
	float usual = docs->asked_far.n ? near_usual(docs->far, docs->asked_far) : 1;
	bool has_far = usual < 1;

	if (has_far)
		score_nearest(
			s, docs->far, (struct near_query){.vector = docs->asked_far, .min = usual});
	if (docs->asked.n)
		score_nearest(s, docs->near,
			(struct near_query){.vector = docs->asked,
				.min = NEAR_MIN,
				.likely = likely,
				.likely_n = docs->near->rest ? find_likely(s, likely) : 0,
				.except = has_far ? docs->far : NULL});
}

/* What a doc has by itself and what those beside it give; those that do not pass have nothing. */
static float lent(const struct search *s, uint32_t i)
{
	const struct score_doc *v = s->docs->v;
	float sum = s->own[i];

	if (v[i].before != SCORE_NONE) {
		uint32_t next = v[v[i].before].before;

		sum += NEIGHBOUR_1 * s->own[v[i].before];
		sum += next != SCORE_NONE ? NEIGHBOUR_2 * s->own[next] : 0;
	}
	if (v[i].behind != SCORE_NONE) {
		uint32_t next = v[v[i].behind].behind;

		sum += NEIGHBOUR_1 * s->own[v[i].behind];
		sum += next != SCORE_NONE ? NEIGHBOUR_2 * s->own[next] : 0;
	}
	return sum;
}

static double prior(const struct search *s, const struct score_doc *d)
{
	double age = (double)(s->q->now_ms - d->created_ms) / DAY_MS;
	double recent =
		s->q->now_ms > 0 && d->created_ms > 0 ? exp(-fmax(age, 0) / RECENT_DAYS) : 0;

	return PRIOR_REST + PRIOR_IMPORTANCE * (double)d->importance + PRIOR_RECENT * recent;
}

static double final_score(const struct search *s, const struct score_doc *d, float points)
{
	const uint64_t *names = s->docs->names; /* NULL when there are none */
	double score = (double)points * prior(s, d);

	if (d->speaker_n && has_any(s, names + d->names, d->speaker_n))
		score *= (double)SPEAKER_FACTOR;
	if (d->entities_n && has_any(s, names + d->names + d->speaker_n, d->entities_n))
		score *= (double)ENTITY_FACTOR;
	if (s->when.until_ms && d->created_ms >= s->when.from_ms &&
		d->created_ms < s->when.until_ms)
		score *= (double)WHEN_FACTOR;
	return score;
}

static bool is_before(
	const struct search *s, const struct memory_hit *a, const struct memory_hit *b)
{
	int64_t a_ms = s->docs->v[a->doc].created_ms, b_ms = s->docs->v[b->doc].created_ms;

	if (a->score < b->score || a->score > b->score)
		return a->score > b->score;
	return a_ms != b_ms ? a_ms > b_ms : a->doc > b->doc;
}

/* Puts a hit in its place among the best. Of duplicates the better one stays. */
static void take(struct search *s, struct memory_hit h)
{
	const struct score_doc *v = s->docs->v;
	size_t at, end = s->hits_n;

	if (end == s->q->limit && !is_before(s, &h, &s->hits[end - 1]))
		return;
	for (at = 0; !s->q->keeps_duplicates && at < end; at++)
		if (v[s->hits[at].doc].words == v[h.doc].words)
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

static double factor_max(const struct search *s)
{
	double factor = (PRIOR_REST + PRIOR_IMPORTANCE + PRIOR_RECENT + ROUNDING) *
			(s->when.until_ms ? (double)WHEN_FACTOR : 1);
	bool has_name = false;

	for (size_t i = 0; i < s->words_n; i++)
		has_name |= s->docs->sums.names[s->hashes[i] % SCORE_NAME_BITS / 64] >>
				    s->hashes[i] % 64 &
			    1;
	return has_name ? factor * (double)(SPEAKER_FACTOR * ENTITY_FACTOR) : factor;
}

static void take_all(struct search *s)
{
	const struct score_sums *sums = &s->docs->sums;

	for (uint32_t i = 0; i < s->docs->n; i++) {
		float points = s->own[i];
		double covered;

		/* Most are passed over without a look at the doc itself. */
		if (!sums->lengths[i] || (points <= 0 && !sums->has_links))
			continue;
		if (sums->has_links)
			points = lent(s, i);
		if (points <= 0)
			continue;
		if (s->hits_n == s->q->limit &&
			(double)points * s->factor_max < s->hits[s->hits_n - 1].score)
			continue;
		covered = (double)(s->covered[i] / s->weight);
		/* What only a neighbour says is no reason by itself to call it an answer. */
		if (covered < s->q->coverage_min)
			continue;
		take(s, (struct memory_hit){i, final_score(s, &s->docs->v[i], points), covered});
	}
}

size_t score_search(const struct score_docs *docs, const struct memory_query *q,
	struct arena *scratch, struct memory_hit *hits)
{
	struct search s = {.docs = docs, .q = q, .hits = hits};

	if (!docs->n || !q->limit)
		return 0;
	read_words(&s);
	if (!s.words_n)
		return 0;
	s.own = arena_array(scratch, float, docs->n);
	s.covered = arena_array(scratch, float, docs->n);
	(void)!when_find(q->text, q->now_ms, &s.when);
	s.factor_max = factor_max(&s);
	for (size_t i = 0; i < s.words_n; i++)
		score_word(&s, memory_word_str(&s.words[i]));
	score_near(&s);
	take_all(&s);
	return s.hits_n;
}
