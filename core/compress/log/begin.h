/* begin: what many lines begin with that are told as they are, whatever follows: "<*> HEAD@{<*>}: commit: <...>",
 * "#<*> <*> <...>". Words with digits vary, others do not, as in the masks of lines; each beginning is the
 * one of those left that would save most. Thread: any; memory is the caller's arena. */
#ifndef CORE_COMPRESS_LOG_BEGIN_H
#define CORE_COMPRESS_LOG_BEGIN_H

#include "core/compress/log/mine.h"

enum {
	/* A reader has to look each row's up. */
	LOG_BEGINS_MAX = 8,
	/* Words that one has at most. */
	LOG_BEGIN_WORDS = 8,
};

struct log_begin {
	struct log_pattern p; /* its last slot is the rest */
	uint64_t lines;
	long fixed; /* bytes that each of its lines saves, whatever its values are */
	long gain;  /* bytes that its lines would save as rows of it */
};

/* The beginnings of the lines that are not told otherwise and have no time, the longest first. is_told: of every shape;
 * becomes so where a beginning tells it. Returns how many there are. */
uint32_t log_begins_find(const struct log_mine *m, bool *is_told, struct arena *a,
	struct log_begin out[LOG_BEGINS_MAX]);
/* The one of n that the line begins with; NULL for none. */
const struct log_begin *log_begins_of(const struct log_begin *begins, uint32_t n, str line);
/* Bytes that these would save of lines that are of no pattern of three or more. */
size_t log_begins_gain(const struct log_mine *m, struct arena *a);

#endif
