/* merge: rules into a block that is there: additive, the same bytes when nothing is new. A rule that the block has is counted up, one that it
 * has not comes to the end of its section, and what nobody has seen for long goes; so does what there is no room for,
 * the least worth first. Lines of others are neither moved nor counted.
 * Owns: nothing; results live in the arena. Thread: any. */
#ifndef LEARN_WRITE_MERGE_H
#define LEARN_WRITE_MERGE_H

#include "learn/write/block.h"

enum { /* what an agent reads at the start of each session, and pays for */
	MERGE_LINES_MAX = 40,
	MERGE_SECTION_MAX = 8,
	MERGE_BYTES_MAX = 6000,         /* of our lines: some 1,500 tokens */
	MERGE_TEXT_MAX = RULE_TEXT_MAX, /* bytes of a line, without its evidence */
};

/* A line that was left out or taken away, and why; for people. */
struct merge_note {
	str text;
	const char *why; /* static */
};

struct merge_conf {
	int64_t now_ms;
	/* Only rules about the project, or only those about how to work in it; both: all. */
	bool with_context, with_habits;
};

struct merge_result {
	size_t added, updated, kept;
	VEC(struct merge_note) notes;
};

/* Changes b. rules may be NULL when n is 0. */
void merge_rules(struct arena *a, const struct merge_conf *conf, const struct rule *rules, size_t n,
	struct block *b, struct merge_result *out);

/* Days after which a rule of this kind goes when nobody has seen it again. */
unsigned merge_keep_days(enum rule_kind k) PURE;

#endif
