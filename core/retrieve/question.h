/* question: what a person's words ask of originals that a conversation has only in part: names that stand in a few
 * lines that were left out. It is meant to be sure rather than helpful: words that are everywhere, or nowhere, ask for
 * nothing. A pure function of the texts.
 *
 *	question_read(words)	question_count(each original)	question_find(one original)	question_pick(fewer hits)
 *
 * Owns: nothing; everything lives in the caller's arena. Thread: any. */
#ifndef CORE_RETRIEVE_QUESTION_H
#define CORE_RETRIEVE_QUESTION_H

#include "core/base/buf.h"

enum {
	/* Longer texts are tasks, or what an agent has put together; and so are those with more words that count. */
	QUESTION_BYTES_MAX = 2 << 10,
	QUESTION_WORDS_MAX = 24,
	/* Units that fit equally well: more are not what one name stands for. */
	QUESTION_HITS_MAX = 20,
	/* Lines that are shown on either side of one that fits. */
	QUESTION_AROUND = 3,
};

/* The share of a question's weight that must be found in what is shown of one original. */
#define QUESTION_SHARE_MIN 0.45

struct question_word {
	uint64_t hash;
	bool is_name;    /* of something: handler_17, getUser, E404, main.c, `spool` */
	uint32_t having; /* originals that have it */
};

struct question {
	struct question_word words[QUESTION_WORDS_MAX];
	size_t n;
	uint32_t originals_n;
};

/* False when the text asks for nothing that could be looked up. */
bool question_read(str text, struct question *out) MUST_CHECK;
/* One more original that the words may be about: what many of them have says little. */
void question_count(struct question *q, str original);

/* Where an original has what is asked for. */
struct question_found {
	double share;  /* of the question, 0 to 1 */
	bool are_rows; /* units are rows of data, not lines */
	uint32_t units_n;
	const uint32_t *hits; /* numbers of units from 1, in order */
	size_t hits_n;        /* 0: it does not have it, or sent says it */
};
/* sent: what the conversation has of it. */
void question_find(const struct question *q, str original, str sent, struct arena *a,
	struct question_found *out);

/* The first so many hits with what is around them, as retrieve_want has it: "7-13,40-46". */
str question_ranges(const struct question_found *f, size_t hits_n, struct arena *a);

#endif
