/* skip: which files of a diff nobody wrote by hand, by their names and their first lines, so that a line of counts
 * tells as much as their changes do. Thread: any. */
#ifndef CORE_COMPRESS_DIFF_SKIP_H
#define CORE_COMPRESS_DIFF_SKIP_H

#include "core/base/buf.h"
#include "core/compress/diff/parse.h"

#define SKIP_MAP(X)               \
	X(NONE, "")               \
	X(BINARY, "binary")       \
	X(LOCKFILE, "lockfile")   \
	X(GENERATED, "generated") \
	X(VENDORED, "vendored")   \
	X(MINIFIED, "very long lines")

enum skip_reason {
#define X(name, text) SKIP_##name,
	SKIP_MAP(X)
#undef X
};

/* Why the changes of a file need not be shown; SKIP_NONE when they must be, or are few. */
enum skip_reason skip_reason(const struct diff_doc *d, const struct diff_file *f);

/* "[package-lock.json: 812 lines added, 790 removed in 40 hunks, not shown (lockfile)]" with its line end. */
void skip_write(struct buf *b, const struct diff_file *f, enum skip_reason reason);

#endif
