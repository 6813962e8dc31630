/* pool: objects that occur again and again in columns of tables (the user of each issue, the labels of each) are a table of
 * their own, each once, and the columns say the number of its row; where that is cheaper by tokens.
 * Owns: nothing, all in the writer's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_POOL_H
#define CORE_COMPRESS_TABLE_POOL_H

#include "core/compress/table/write.h"

enum { POOLS_MAX = 16 /* more tables nobody wants to look up in */ };

struct pool {
	uint64_t keys;   /* hash of those of its first object */
	uint32_t *nodes; /* objects, each once */
	uint32_t n;
	size_t cap;
	uint32_t *slots; /* numbers, by hash; a power of two */
	uint32_t slots_n;
	uint32_t number; /* "t1"; 0: it is not taken */
	struct table_memo memo;
};

/* Looks through the tables that w has seen, and turns columns into references. False when none pay. */
bool pool_find(struct writer *w);

#endif
