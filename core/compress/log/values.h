/* values: what is said of a word that varies in the lines of a pattern: all of its values, where they are few or the
 * lines are errors; else the range of numbers, or the commonest ones. Thread: any; memory is the caller's arena. */
#ifndef CORE_COMPRESS_LOG_VALUES_H
#define CORE_COMPRESS_LOG_VALUES_H

#include "core/base/buf.h"
#include "core/base/map.h"

enum { LOG_VALUES_FEW = 6 };

/* Stands for an empty value: no word has a quotation mark. */
#define LOG_VALUES_NOTHING STR("\"\"")

struct log_values {
	bool is_all;        /* keep every one */
	bool is_overflown;  /* there were more than few */
	bool is_not_number; /* of some value */
	uint32_t n, seen;
	struct {
		str v;
		uint32_t count; /* at least; frequent ones survive (Misra and Gries) */
	} few[LOG_VALUES_FEW];
	int64_t least, most;
	struct map all;
};

void log_values_init(struct log_values *v, bool is_all, struct arena *a);
void log_values_add(struct log_values *v, str value);
/* "19 is 1 to 77", "19 is 19 23 77", "u7 is often u7 u9"; label is how the shown line has it. False when there is
 * nothing to say: all are as shown, or each is another name. */
bool log_values_write(const struct log_values *v, struct buf *b, str label);

#endif
