/* score: the formula of the search, over docs that somebody else keeps: core/memory/index.h in memory, core/memory/finder.h
 * beside a store. docs/memory.md has it with the reason of each constant. It holds no clock and no order but that of ties,
 * so the same docs and the same question give the same answer, whoever keeps them.
 * Owns: nothing. Thread: any that nobody changes the docs in. */
#ifndef CORE_MEMORY_SCORE_H
#define CORE_MEMORY_SCORE_H

#include "core/base/buf.h"
#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/memory/near.h"

enum {
	SCORE_NONE = UINT32_MAX, /* no doc */
	SCORE_NAME_BITS = 1024,
	SCORE_REPEATS_MAX = 8, /* a word that stands more often in a text counts as so often */
};

struct score_doc {
	uint64_t words;          /* a hash of its set of words: texts with the same are the same */
	uint64_t session;        /* a hash; 0: of none */
	int64_t created_ms;      /* 0: not known */
	uint32_t before, behind; /* the next ones of its session; SCORE_NONE */
	uint32_t length;
	float importance;
	/* In names: the words of who said it, and behind them those of what it is about. */
	uint32_t names;
	uint16_t speaker_n, entities_n;
	bool passes; /* only such docs are counted and found */
};

struct score_posting {
	uint32_t doc, n; /* how often, from 1 to SCORE_REPEATS_MAX */
};

struct score_sums {
	uint64_t length_sum; /* of those that pass */
	uint32_t passing_n;
	float length_mean;
	bool has_links; /* between docs of a session */
	/* Of each name the bit of its hash: most questions have none of them. */
	uint64_t names[SCORE_NAME_BITS / 64];
	uint32_t *
		lengths; /* by doc, 0 where it does not pass: what each posting asks, close together */
};

struct score_docs {
	const struct score_doc *v;
	size_t n;
	struct score_sums sums; /* score_sums_of, as long as the docs are what they are */
	const uint64_t *names;  /* score_word_hash */
	/* The docs, in their order, that have the word; also those that do not pass. */
	size_t (*with)(void *self, str word, const struct score_posting **out);
	void *self;
	/* What each is about, and what the question is (a vector); empty: not known. */
	const struct near_set *near;
	str asked;
	/* The same of an embedder elsewhere, for those that have one. */
	const struct near_set *far;
	str asked_far;
};

struct memory_query {
	str text;
	int64_t now_ms;      /* for "yesterday" and for how old memories are; 0: neither counts */
	size_t limit;        /* the most that are returned */
	double coverage_min; /* hits that say less of the question are no hits; 0: any word is enough */
	bool keeps_duplicates; /* also of texts that have the same words */
};

struct memory_hit {
	uint32_t doc;
	double score;    /* what they are ordered by; comparable within one search */
	double coverage; /* how much of the question it says, 0 to 1, by the weight of the words */
};

/* Best first; ties: the newer, then the later one. Returns how many; hits has room for q->limit. */
size_t score_search(const struct score_docs *docs, const struct memory_query *q,
	struct arena *scratch, struct memory_hit *hits);

/* ---- what docs are made of ---- */

struct score_text {
	str content, speaker, entities;
	int64_t created_ms; /* 0: not known */
};
/* The words of a text, each with how often; by first appearance. */
struct score_words {
	struct map counts; /* word -> its struct score_posting, of which n counts */
	uint32_t length;
	uint64_t hash;
};
void score_words_of(const struct score_text *t, struct arena *a, struct score_words *out);
/* names: those of the docs. lengths: room for n, which must stay. */
struct score_sums score_sums_of(
	const struct score_doc *v, size_t n, const uint64_t *names, uint32_t *lengths);
/* The sums with one doc more, or less: d is at that place, and passes. What is said of names and links may be too much afterwards: answers are the same. */
void score_sums_add(
	struct score_sums *s, const struct score_doc *d, const uint64_t *names, uint32_t at);
void score_sums_take(struct score_sums *s, uint32_t at);
/* Words of names, for struct score_doc: at most max hashes to out. Returns how many. */
enum { SCORE_NAMES_MAX = 64 };
size_t score_names(str text, uint64_t *out, size_t max);
/* Docs of sessions, to be sorted by session and time; ties: their own order. Those of a session then stand together. */
struct score_place {
	uint64_t session;
	int64_t created_ms;
	uint32_t doc;
};
void score_sort_places(struct score_place *v, size_t n);
/* Links the docs of each session that pass with one another, in that order. */
void score_link(struct score_doc *v, size_t n, struct arena *scratch);

#endif
