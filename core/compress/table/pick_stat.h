/* pick_stat: what the members of many objects have for values, by column: which few there are, or how far numbers go.
 * Between the files of core/compress/table/pick.h. Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_PICK_STAT_H
#define CORE_COMPRESS_TABLE_PICK_STAT_H

#include "core/compress/table/facts.h"

enum {
	STAT_COLUMNS_MAX = 128,
	STAT_VALUES_MAX = 32, /* distinct ones; a column with more has no rare values */
	STAT_SAMPLE = 512,
};

struct stat_value {
	uint64_t hash;
	uint32_t node, n;
};

struct stat_column {
	uint64_t path; /* of the keys that lead to it */
	uint32_t key;  /* node of the last of them */
	uint32_t n, numbers, strings;
	uint32_t values_n; /* STAT_VALUES_MAX + 1: too many */
	struct stat_value values[STAT_VALUES_MAX];
	uint64_t last; /* hash of the value in the row before */
	uint32_t changes;
	double low, high;             /* of numbers */
	uint32_t low_node, high_node; /* of numbers; of strings the least and the greatest */
	uint32_t sample_n;
	float sample[STAT_SAMPLE];
	double floor, ceiling; /* numbers beyond are far from all others */
	bool has_outliers;
};

struct stats {
	const struct facts *f;
	struct arena *arena;
	bool orders_strings; /* the least and the greatest of a column are asked for */
	struct stat_column *columns[STAT_COLUMNS_MAX];
	uint32_t columns_n, hint;
	uint32_t slots[4 * STAT_COLUMNS_MAX];
};

struct stats *stats_new(const struct facts *f, struct arena *a) RETURNS_NONNULL;
/* Calls visit for each member of the row that is no object, and of objects in it. False as soon as visit is. */
bool stats_walk(struct stats *s, uint32_t row,
	bool (*visit)(struct stat_column *c, uint32_t value, void *user), void *user);
/* Counts a row; every stride-th one is sampled. */
void stats_add(struct stats *s, uint32_t row, bool is_sampled);
/* What is rare and what is far; to be called when all rows are in. */
void stats_conclude(struct stats *s);
/* A number as a double, quickly; false when the node is none. */
bool stat_number(const struct facts *f, uint32_t node, double *out);
/* The entry of that value; NULL when there is none. */
struct stat_value *stat_value_of(struct stat_column *c, uint64_t hash);

#endif
