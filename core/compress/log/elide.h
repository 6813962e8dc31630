/* elide: what the elided form of a log is made from: which lines are kept (elide.c), and how all of it is written
 * (elide_write.c). Thread: any; memory is the caller's arena. */
#ifndef CORE_COMPRESS_LOG_ELIDE_H
#define CORE_COMPRESS_LOG_ELIDE_H

#include "core/compress/log/layout.h"
#include "core/compress/log/log.h"
#include "core/compress/log/note.h"
#include "core/compress/log/values.h"

struct group {
	uint32_t number;           /* of its note; 0: none of its lines is left out */
	uint32_t rows;             /* number of its rows; 0: none so far */
	uint32_t more;             /* lines that are left out */
	uint32_t errors;           /* lines that report errors */
	size_t bytes;              /* of these */
	bool is_listed;            /* error lines of it are left out as well */
	uint32_t begun;            /* lines that are kept by themselves, so far */
	bool is_begun;             /* its first line is written */
	uint32_t kept;             /* lines that are not left out and may be rows */
	struct log_values *values; /* of its slots */
	str last;                  /* the last line that is left out */
};

struct elide {
	const struct codec_in *in;
	const struct log_mine *m;
	struct arena *arena;
	struct group *groups;  /* one for each pattern */
	uint8_t *is_error;     /* bits, of lines */
	uint8_t *is_kept;      /* bits, of lines */
	uint32_t rare_max;     /* lines of a pattern that is rare */
	uint32_t first, last;  /* of a pattern, and of the text: lines that are shown */
	struct log_line *line; /* for scanning */
	str values[LOG_WORDS_MAX];
	struct log_layout layout; /* of the kept lines that are told as rows */
	bool has_rows;
	bool has_error_rows; /* error lines are rows, too */
};

static inline bool log_get_bit(const uint8_t *bits, uint32_t i)
{
	return bits[i / 8] >> (i % 8) & 1;
}

static inline void log_set_bit(uint8_t *bits, uint32_t i)
{
	bits[i / 8] |= (uint8_t)(1U << (i % 8));
}

static inline bool log_is_rare(const struct elide *e, uint32_t pattern)
{
	return pattern != LOG_NO_SHAPE && e->m->patterns.v[pattern].count <= e->rare_max;
}

/* Text of what was chosen; false on any doubt. */
bool log_elide_write(struct elide *e, str *out) MUST_CHECK;

#endif
