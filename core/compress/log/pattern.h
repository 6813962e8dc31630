/* pattern: what lines have in common, and where they differ: slots in words that vary, and the text between them.
 * Owns: nothing, all in the caller's arena; words are offsets into lines of the text. Thread: any. */
#ifndef CORE_COMPRESS_LOG_PATTERN_H
#define CORE_COMPRESS_LOG_PATTERN_H

#include "core/base/arena.h"
#include "core/compress/log/error.h"
#include "core/compress/log/line.h"

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

/* The values of a line of the pattern, one for each slot, without what all have in common: between them stands
 * p->between, byte for byte. False when the line is none of its after all. */
bool log_pattern_match(const struct log_pattern *p, str line, str *values) MUST_CHECK;

/* The slots of p->shape's words that vary. has_cuts: what all addresses of a word begin with is no part of its values. There is
 * room for one more. */
void log_pattern_set_slots(struct log_pattern *p, bool has_cuts, struct arena *a);
/* The same ends for the stamps of all patterns, so that rows can tell one by the one before, whatever its pattern. */
void log_pattern_set_stamps(struct log_pattern *patterns, size_t n);
/* What stands between the slots in the first end bytes of its lines; there is room for one more. */
void log_pattern_set_texts(struct log_pattern *p, size_t end, struct arena *a);

#endif
