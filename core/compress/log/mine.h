/* mine: the patterns of a log. Lines of the same mask are one shape; shapes that differ in one word only, in many ways,
 * become one pattern, in which that word varies (as in Drain, but by how often a word varies instead of by how alike
 * two lines are: "session opened" and "session closed" stay two). Not only neighbours; linear in the text.
 * Holds 4 bytes for each line, and the shapes. All of it is in the caller's arena; words are offsets into lines of
 * the text. Thread: any. */
#ifndef CORE_COMPRESS_LOG_MINE_H
#define CORE_COMPRESS_LOG_MINE_H

#include "core/base/vec.h"
#include "core/compress/log/pattern.h"

enum {
	/* Lines of no shape: too long, or new when there were that many shapes. */
	LOG_NO_SHAPE = 0xffffffff,
	LOG_SHAPES_MAX = 1 << 14,
};

struct log_mine {
	VEC(struct log_shape) shapes;
	VEC(struct log_pattern) patterns; /* in the order in which they occur */
	uint32_t *shape_of;               /* every line's, or LOG_NO_SHAPE */
	uint32_t lines_n;
	bool has_cuts; /* in addresses */
};

/* The pattern of a line, or LOG_NO_SHAPE. */
static inline uint32_t log_pattern_of(const struct log_mine *m, uint32_t line)
{
	uint32_t shape = m->shape_of[line];

	return shape == LOG_NO_SHAPE ? LOG_NO_SHAPE : m->shapes.v[shape].pattern;
}

/* The pattern of lines of any shapes that begin with the same first n words and what separates them, as far as these do not
 * vary; its last slot is the rest. shapes: shapes_n of them that have more words, in the order of the text. */
void log_pattern_of_begin(const struct log_mine *m, const uint32_t *shapes, size_t shapes_n,
	uint32_t n, struct arena *a, struct log_pattern *p);

/* has_cuts: what all addresses of a word begin with is no part of its values. False when the text is one in which little is alike:
 * most are known by their first lines. */
bool log_mine(
	str text, uint32_t lines_n, bool has_cuts, struct arena *a, struct log_mine *m) MUST_CHECK;

/* Asks of all shapes whether they tell of an error. */
void log_mine_judge(struct log_mine *m);

#endif
