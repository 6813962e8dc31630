/* table: numbers by a hash that is good already, as the mask of a line has; open addressing. Thread: any; memory is the caller's
 * arena. */
#ifndef CORE_COMPRESS_LOG_TABLE_H
#define CORE_COMPRESS_LOG_TABLE_H

#include "core/base/arena.h"

struct log_table {
	uint64_t *keys;
	uint32_t *values; /* 0: free */
	uint32_t slots_n,
		n; /* a power of two; keys, of which each has a value that is not 0 when the next one is asked for */
	struct arena *arena;
};

/* Empty, for at_least keys or more. */
void log_table_init(struct log_table *t, struct arena *a, uint32_t at_least);
/* The value's place: 0 when the key is new. Valid until the next call, before which a new one must be set. */
uint32_t *log_table_at(struct log_table *t, uint64_t key);

#endif
