/* related: what in a file has to do with things that are named, asked of whoever knows other files, too. What they answer may differ from one
 * moment to the next, so that whoever asks has to keep what came of it. Thread: any. */
#ifndef CORE_COMPRESS_CODE_RELATED_H
#define CORE_COMPRESS_CODE_RELATED_H

#include "core/base/buf.h"

/* Adds names of definitions in the file, each behind a blank: of what calls one of the words, or is called by it. words: names separated by
 * blanks. What cannot be found out is not said. */
typedef void code_related_find(void *self, str path, str words, struct buf *names);

struct code_related {
	code_related_find *find;
	void *self;
};

#endif
