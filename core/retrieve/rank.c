#include "core/retrieve/rank.h"

#include <math.h>

#include "core/base/hash.h"

enum {
	QUERY_WORDS_MAX = 32, /* nobody asks for more; the rest is passed over */
	WORD_MAX = 64,        /* longer words are told apart by their beginning */
};
/* The parameters that the paper, and every search engine since, calls reasonable. */
static const double k1 = 1.2, b = 0.75;
/* A text with the very words counts as if one more rare word had been found in it. */
static const double bonus_for_phrase = 3;

static bool is_word_byte(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
	       c >= 0x80;
}

bool rank_next_word(str *rest, str *found, uint64_t *hash)
{
	char word[WORD_MAX];
	size_t at = 0, n = 0, start;

	while (at < rest->n && !is_word_byte((unsigned char)rest->p[at]))
		at++;
	if (at == rest->n)
		return false;
	for (start = at; at < rest->n && is_word_byte((unsigned char)rest->p[at]); at++) {
		char c = rest->p[at];

		if (n < WORD_MAX)
			word[n++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	*found = str_sub(*rest, start, at);
	*rest = str_sub(*rest, at, rest->n);
	*hash = hash64((str){word, n});
	return true;
}

struct query {
	uint64_t words[QUERY_WORDS_MAX];
	size_t n;
};

static struct query read_query(str text)
{
	struct query q = {.n = 0};
	uint64_t word;
	str found;

	while (q.n < QUERY_WORDS_MAX && rank_next_word(&text, &found, &word)) {
		bool is_known = false;

		for (size_t i = 0; i < q.n; i++)
			is_known |= q.words[i] == word;
		if (!is_known)
			q.words[q.n++] = word;
	}
	return q;
}

/* How often a text has each word, and how many words it has at all. */
static size_t count_words(const struct query *q, str text, uint32_t *counts)
{
	size_t n = 0;
	uint64_t word;
	str found;

	memset(counts, 0, q->n * sizeof *counts);
	for (; rank_next_word(&text, &found, &word); n++)
		for (size_t i = 0; i < q->n; i++)
			counts[i] += q->words[i] == word;
	return n;
}

static bool has_phrase(str text, str phrase)
{
	for (size_t at = 0; at + phrase.n <= text.n; at++) {
		if ((text.p[at] | 0x20) != (phrase.p[0] | 0x20))
			continue;
		if (str_eq_nocase(str_sub(text, at, at + phrase.n), phrase))
			return true;
	}
	return false;
}

double *rank_texts(const str *texts, size_t n, str query, struct arena *a)
{
	double *scores = arena_array(a, double, n + 1), mean, idf[QUERY_WORDS_MAX] = {0};
	uint32_t counts[QUERY_WORDS_MAX], having[QUERY_WORDS_MAX] = {0};
	str phrase = str_trim(query);
	struct query q = read_query(query);
	size_t total = 0;

	for (size_t i = 0; i < n; i++) {
		total += count_words(&q, texts[i], counts);
		for (size_t k = 0; k < q.n; k++)
			having[k] += counts[k] > 0;
	}
	mean = n ? (double)total / (double)n : 0;
	for (size_t k = 0; k < q.n; k++)
		idf[k] = log(1 + ((double)n - having[k] + 0.5) / (having[k] + 0.5));
	for (size_t i = 0; i < n; i++) {
		double length = (double)count_words(&q, texts[i], counts);

		scores[i] = 0;
		for (size_t k = 0; k < q.n; k++)
			scores[i] +=
				idf[k] * counts[k] * (k1 + 1) /
				(counts[k] + k1 * (1 - b + b * length / (mean > 0 ? mean : 1)));
		if (phrase.n && has_phrase(texts[i], phrase))
			scores[i] += bonus_for_phrase;
	}
	return scores;
}
