/* block: what was learned, as it stands in an agent's memory file: one block between two comments. Everything outside of it
 * belongs to others and is never touched.
 *
 *	<!-- headroom:learn:start -->
 *	## Headroom Learned Patterns
 *	*From recorded sessions ...*
 *
 *	### Environment
 *	- Run the tests with `uv run pytest` (7x in 3 sessions, last 2026-11-20)
 *
 *	<!-- headroom:learn:state 1 joined=1 lines=KEYTEXT,... gone=KEY,... -->
 *	<!-- headroom:learn:end -->
 *
 * The two outer comments are those of the Python program, whose blocks are read, too. The state says which lines are ours: by hashes of the
 * rule and of its words. So a line that somebody has changed is his and stays as it is, and a rule whose line was taken
 * out does not come back.
 * Owns: nothing; all of it lives in the arena and points into the text. Thread: any. */
#ifndef LEARN_WRITE_BLOCK_H
#define LEARN_WRITE_BLOCK_H

#include "core/base/buf.h"
#include "learn/rule.h"

#define BLOCK_START "<!-- headroom:learn:start -->"
#define BLOCK_END   "<!-- headroom:learn:end -->"

enum {
	BLOCK_KEY_LEN =
		8, /* hexadecimal digits of a rule's key: a file holds some dozens of rules */
	BLOCK_HASH_LEN = 6,     /* of the words of a line */
	BLOCK_LINES_MAX = 1000, /* of one block; no block of ours has a tenth of it */
	BLOCK_GONE_MAX = 64,    /* rules that stay away; the oldest are forgotten */
	BLOCK_DIRS_MAX = 16,
};

struct block_key {
	char hex[BLOCK_KEY_LEN + 1];
};

/* A line below a heading. */
struct block_line {
	bool is_ours, is_new; /* is_new: since the text was read */
	/* Ours. */
	struct block_key key;
	uint32_t evidence, sessions;
	int64_t last_ms; /* the beginning of a day, UTC; -1: not known */
	/* Without "- " and evidence; of others: the whole line, without its end. */
	str text;
};

struct block_section {
	str title;           /* empty: what stands before the first heading */
	enum rule_kind kind; /* RULE_KIND_N: no heading of ours */
	VEC(struct block_line) lines;
};

struct block {
	bool is_there;
	/* In the text: from the beginning of the first line to the end of the last, without that line's end. */
	size_t start, end;
	VEC(struct block_section) sections;
	/* Rules that had lines when we wrote them last, and those of them without one now come to gone. */
	VEC(struct block_key) gone;
	unsigned joined; /* line ends that we put in front of it */
	bool is_file_made;
	unsigned dirs_made; /* directories above the file that were made for it */
};

/* Finds and reads the block of a text; a text without one is fine. E_CONFIG, with the line and what to do: the block has no end,
 * no beginning, is there twice, a merge conflict stands in it, or its state cannot be read. */
enum err block_parse(struct arena *a, str text, struct block *out, struct errctx *cx) MUST_CHECK;

/* Appends the block with these line ends, without one at its end. Sections without lines are left out. */
void block_print(const struct block *b, str eol, struct buf *out);

struct block_key block_key_of(const struct rule *r);
/* Appends " (7x in 3 sessions, last 2026-11-20)". */
void block_add_evidence(struct buf *out, const struct block_line *l);
/* The beginning of its day; -1 stays. */
int64_t block_day(int64_t ms) PURE;

#endif
