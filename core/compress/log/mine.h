/* mine: the patterns of a log. Lines of the same mask are one shape; shapes that differ in one word only, in many ways,
 * become one pattern, in which that word varies (as in Drain, but by how often a word varies instead of by how alike
 * two lines are: "session opened" and "session closed" stay two). Not only neighbours; linear in the text.
 * Holds 4 bytes for each line, and the shapes. All of it is in the caller's arena; words are offsets into lines of
 * the text. Thread: any. */
#ifndef CORE_COMPRESS_LOG_MINE_H
#define CORE_COMPRESS_LOG_MINE_H

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/compress/log/error.h"
#include "core/compress/log/line.h"

enum {
	/* Lines of no shape: too long, or new when there were that many shapes. */
	LOG_NO_SHAPE = 0xffffffff,
	LOG_SHAPES_MAX = 1 << 14,
};

struct log_shape {
	uint64_t hash, skeleton;
	str line; /* the first */
	struct log_word *w;
	uint16_t *shortest; /* of every word: the bytes that all lines have in common at its */
	uint16_t *prefix,
		*suffix; /* beginning and at its end; shortest: length of the shortest one */
	uint32_t n, count;
	uint32_t pattern;
	bool is_judged;
	enum log_error error; /* once judged */
};

/* A word that varies. */
struct log_slot {
	uint32_t word;
	uint16_t prefix,
		suffix; /* bytes that all have in common; they end and begin at a boundary */
	uint8_t stamp;
	bool is_rest; /* all that is left of the line */
};

struct log_pattern {
	const struct log_shape *shape; /* the first one of its */
	struct log_slot *slots;
	str *between; /* slots_n + 1: what stands before, between and behind the slots in every line */
	uint32_t slots_n, count;
	enum log_error error; /* after log_mine_judge() */
};

struct log_mine {
	VEC(struct log_shape) shapes;
	VEC(struct log_pattern) patterns; /* in the order in which they occur */
	uint32_t *shape_of;               /* every line's, or LOG_NO_SHAPE */
	uint32_t lines_n;
};

/* The pattern of a line, or LOG_NO_SHAPE. */
static inline uint32_t log_pattern_of(const struct log_mine *m, uint32_t line)
{
	uint32_t shape = m->shape_of[line];

	return shape == LOG_NO_SHAPE ? LOG_NO_SHAPE : m->shapes.v[shape].pattern;
}

/* The values of a line of the pattern, one for each slot, without what all have in common: between them stands
 * p->between, byte for byte. False when the line is none of its after all. */
bool log_pattern_match(const struct log_pattern *p, str line, str *values) MUST_CHECK;

/* False when the text is one in which little is alike: most are known by their first lines. */
bool log_mine(str text, uint32_t lines_n, struct arena *a, struct log_mine *m) MUST_CHECK;

/* Asks of all shapes whether they tell of an error. */
void log_mine_judge(struct log_mine *m);

#endif
