/* related: what the code graph says of a file for its outline (core/compress/code/related.h): which of its definitions call what is named, or are
 * called by it, in any file. Reads by a connection of its own, so that nobody waits while files are looked through.
 * Owns: the connection. Thread: open and close those of the caller; asked by any, one at a time gets in. */
#ifndef CORE_GRAPH_RELATED_H
#define CORE_GRAPH_RELATED_H

#include "core/base/err.h"
#include "core/compress/code/related.h"

struct graph_related;

/* root: the directory that the graph is of, copied. */
enum err graph_related_open(const char *root, const char *db_file, struct graph_related **out,
	struct errctx *cx) MUST_CHECK;
void graph_related_close(struct graph_related *r); /* NULL is allowed */
struct code_related graph_related_of(struct graph_related *r);

#endif
