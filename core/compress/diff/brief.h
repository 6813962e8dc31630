/* brief: the header of a file, "diff --git a/x b/x" to "+++ b/x", as one line "diff x (2050a18..0b81fb0)". Behind the
 * name, in parentheses and as far as they apply: what became of the file (new, deleted, renamed 95%, copied
 * 95%), its mode unless that is 100644, "mode 100644 => 100755", "binary", "no lines" (neither "---" nor "+++"), "no
 * index", the hashes of its index line. Thread: any. */
#ifndef CORE_COMPRESS_DIFF_BRIEF_H
#define CORE_COMPRESS_DIFF_BRIEF_H

#include "core/base/buf.h"
#include "core/compress/diff/parse.h"

/* Appends the line for a file, with its end; false when it has none: brief_expand() of it would not be the header's
 * bytes, header. scratch: emptied and used. */
bool brief_write(struct buf *b, const struct diff_file *f, str header, struct buf *scratch);

/* Appends the header that a line (without its end) stands for; false (and nothing is appended) when it is no
 * such line. */
bool brief_expand(struct buf *b, str line) MUST_CHECK;

/* "@@ -1,2 +3 @@" as git writes it. */
void brief_add_range(struct buf *b, const struct diff_range *r);

/* "[next 120 lines: each +]", without line end. */
void brief_add_each(struct buf *b, uint32_t n, char sign);
bool brief_each_parse(str line, uint32_t *n, char *sign) MUST_CHECK;

#endif
