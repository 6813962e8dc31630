/* retrieval: a model's call of headroom_retrieve, answered from the store. What cannot be given is said in words that
 * the model can act upon; a call is never left without an answer.
 * Owns: a buffer on the heap. Thread: one at a time; reads the disk. */
#ifndef PROXY_RETRIEVAL_H
#define PROXY_RETRIEVAL_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/store/store.h"

enum {
	/* Times that one original is given in one exchange: who has not found it by then reads in circles. */
	RETRIEVAL_HASH_MAX = 3,
	/* Originals that are told apart for that. */
	RETRIEVAL_HASHES = 64,
};

/* What was given in one exchange. */
struct retrieval {
	struct store *store;
	str tenant;       /* whose originals are given: core/store/original.h */
	bool is_counted;  /* for core/store/feedback.h */
	struct buf whole; /* the original that is being read */
	struct {
		uint64_t hash;
		unsigned n;
	} given[RETRIEVAL_HASHES];
	size_t given_n;
	uint64_t answers_n, answers_bytes; /* that are originals */
};

/* tenant outlives it. */
void retrieval_init(struct retrieval *r, struct store *s, str tenant, bool is_counted);
void retrieval_release(struct retrieval *r);

/* arguments: as the model wrote them. The text lives in the arena, whose recovery point the caller has set; false: it
 * says what is wrong. */
bool retrieval_answer(struct retrieval *r, str arguments, struct arena *a, str *text) MUST_CHECK;

#endif
