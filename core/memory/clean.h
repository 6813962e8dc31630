/* clean: what may be remembered. Texts of agents carry what a program put in and nobody said: reminders of the system, our own
 * block of memories, the notes of a compressed result. That is taken out, also where it was cut off; and a text
 * with a secret is refused as a whole, for a memory is shown again in other conversations.
 * Owns: nothing. Thread: any. */
#ifndef CORE_MEMORY_CLEAN_H
#define CORE_MEMORY_CLEAN_H

#include "core/base/buf.h"
#include "core/base/err.h"

/* Around the memories that we put into a request. */
#define MEMORY_BLOCK_OPEN  "<headroom-memory"
#define MEMORY_BLOCK_CLOSE "</headroom-memory>"

/* Appends to out what of text is to be remembered, without white space at both ends. E_MALFORMED: nothing is left.
 * E_PERMISSION: it holds a secret. out's own error, else. */
enum err memory_clean(str text, struct buf *out, struct errctx *cx) MUST_CHECK;
/* For what is kept beside a text as it is: categories, names, reasons. E_PERMISSION: one of them holds a secret. */
enum err memory_check_texts(const str *v, size_t n, struct errctx *cx) MUST_CHECK;
/* The first part alone: without blocks that were put in. True when there were some. */
bool memory_strip(str text, struct buf *out);

#endif
