/* error: whether a line of a log reports an error. By its level where it has one, else by words; never by a part of
 * a word, and not where a number says that there was none ("0 errors", "failed=0"). In doubt it does. The verdict of a run of tests counts as one. Thread: any. */
#ifndef CORE_COMPRESS_LOG_ERROR_H
#define CORE_COMPRESS_LOG_ERROR_H

#include "core/compress/log/line.h"

enum log_error {
	LOG_FINE,
	LOG_ERROR,    /* its level says so */
	LOG_WORDED,   /* its words do */
	LOG_BY_VALUE, /* fine, or an error when the numbers in it were others */
};

/* Of the line as it stands. */
bool log_is_error(str line);

/* What all lines of the mask of this one are: the mask itself is asked. words: of the line as log_line_scan() finds them. */
enum log_error log_error_of(str line, const struct log_word *words, uint32_t words_n);

/* How a run of tests ended, as pytest, unittest, cargo, jest and Maven say it. */
bool log_is_verdict(str line);

/* True when the line names a level. */
bool log_has_level(str line);

#endif
