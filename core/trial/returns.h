/* returns: what became of results after the model had seen them, by encoder: how many it asked for again (the same file or command, though
 * nothing was written in between, or the original of what was left out), held against results of the same tools that another encoder made
 * or that went as they came, those of held-out conversations among them. An encoder whose results come back plainly more often hurts, and
 * is named.
 *
 * Tools differ: a build is run again more often than a page is read again, and encoders are made for kinds of text, so that all is counted
 * within a tool, and the tools are put together by the test of Mantel and Haenszel (J. Natl. Cancer Inst. 22, 1959): the number that came
 * back against what it would be if the encoder made no difference.
 * Owns: its cells, on the heap, since they come while the store is being read. Thread: one per struct. */
#ifndef CORE_TRIAL_RETURNS_H
#define CORE_TRIAL_RETURNS_H

#include "core/store/ledger.h"

/* When an encoder is said to hurt; all of it must hold. */
enum {
	RETURNS_SHOWN_MIN = 50, /* results of it, and of others of the same tools */
	RETURNS_BACK_MIN = 10,  /* of its results came back */
};
/* So many times as often as the others; and beyond what chance does once in 200 (one-sided): there are about ten encoders, so that in
 * one report of twenty one is named that does nothing. */
#define RETURNS_RATIO_MIN  1.5
#define RETURNS_NORMAL_MIN 2.576

/* What more there is, is not held against anything: names of tools are clients'. */
enum { RETURNS_CELLS_MAX = 4096 };

struct returns_cell {               /* an encoder's results of a tool */
	char name[LEDGER_NAME_MAX]; /* "ENCODERS TOOL" */
	uint8_t encoders_n, name_n;
	uint64_t shown, again, retrieved;
};

struct returns {
	struct returns_cell *v;
	size_t n, cap;
	bool is_short; /* of memory */
};

struct returns_of {
	str encoders; /* "gutter+reference" */
	uint64_t shown, again, retrieved;
	double back;     /* that came back, of those whose tool has others to compare with */
	double expected; /* that would have, if they were as the others */
	double ratio;    /* as often as the others, tool by tool; 0: not known */
	double normal;   /* standard deviations above what no difference would give */
	bool hurts;
};

void returns_init(struct returns *r);
void returns_release(struct returns *r);
/* What ledger_returns says, part by part, in its order. */
void returns_add(struct returns *r, const struct ledger_part *part);
/* What is known of an encoder; all zero when nothing is. */
struct returns_of returns_of(const struct returns *r, str encoders);
/* All of the ledger's in that time, into what is empty. Errors of ledger_returns. */
enum err returns_read(struct store *s, const struct ledger_query *q, struct returns *out,
	struct errctx *cx) MUST_CHECK;
/* Each encoder, most shown first: *n of them, for the caller to mem_free. NULL: there is none, or no memory. */
struct returns_of *returns_all(const struct returns *r, size_t *n) MUST_CHECK;

#endif
