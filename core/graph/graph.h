/* graph: the code graph of a directory: where things are defined, who calls them, what is imported, of the source files below it in the
 * languages of core/compress/code. Kept in a file (core/store/graph.h) and brought up to date by looking which files have
 * changed. What .gitignore leaves out is left out, and so are node_modules, directories whose name begins with a dot, and links.
 * Owns: the file's connection. Thread: any; one at a time gets in. */
#ifndef CORE_GRAPH_GRAPH_H
#define CORE_GRAPH_GRAPH_H

#include "core/base/arena.h"
#include "core/store/graph.h"

struct graph;

/* root: the directory, copied, as is db_file. Nothing is read yet. */
enum err graph_open(
	const char *root, const char *db_file, struct graph **out, struct errctx *cx) MUST_CHECK;
void graph_close(struct graph *g); /* NULL is allowed */

struct graph_counts {
	uint32_t files, read, dropped; /* of them in all; read now; gone */
};
/* Reads what has changed. A file that cannot be read is passed over. */
enum err graph_update(struct graph *g, struct graph_counts *out, struct errctx *cx) MUST_CHECK;

/* The same; each: of each directory that is looked at, before its files are. */
typedef void graph_each_dir(void *self, const char *dir);
enum err graph_update_watched(struct graph *g, graph_each_dir *each, void *self,
	struct graph_counts *out, struct errctx *cx) MUST_CHECK;

/* While it is true, updates end at the next file with E_BUSY; another thread may say so. */
void graph_interrupt(struct graph *g, bool is_interrupted);

/* Rows as of graph_db_ask; GRAPH_USES looks through the files that are known. */
enum err graph_ask(struct graph *g, enum graph_question question, str what, uint32_t limit,
	graph_each_row *each, void *self, struct errctx *cx) MUST_CHECK;

/* The file for a directory, below the workspace: graph/HASH.db; in the arena. */
const char *graph_file_of(const char *workspace, const char *root, struct arena *a) RETURNS_NONNULL;

#endif
