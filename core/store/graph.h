/* graph: what the source files of a directory define, call and import, in a SQLite file of its own. All of it can be made again, so a
 * file that is damaged or of another version is emptied, and nothing waits for the disk.
 * Owns: the connection. Thread: one at a time; other processes may have the same file open. */
#ifndef CORE_STORE_GRAPH_H
#define CORE_STORE_GRAPH_H

#include "core/base/err.h"
#include "core/base/str.h"

struct graph_db;

struct graph_file {
	str path; /* below the directory */
	int64_t bytes, changed_ns;
};

enum graph_kind { GRAPH_DEFINITION, GRAPH_TYPE, GRAPH_CALL, GRAPH_IMPORT, GRAPH_MACRO };

struct graph_row {
	enum graph_kind kind;
	uint32_t first, last; /* lines, from 1 on */
	str name;             /* of an import all that it says */
	str within;           /* the definition around it; empty: none */
};

enum graph_question {
	GRAPH_DEFINED, /* where that name is defined */
	GRAPH_ALIKE, /* what is defined by a name like that one, where a * is any text, and case is none */
	GRAPH_CALLERS, /* calls of that name */
	GRAPH_REACHED, /* these, then calls of macros whose text calls it, or calls such a macro */
	GRAPH_CALLS,   /* calls in the definition of that name */
	GRAPH_IMPORTS, /* of the file of that path, or of those below it */
	GRAPH_IMPORTERS, /* imports that say that text */
	GRAPH_OUTLINE,   /* definitions in the file of that path, or in those below it */
	GRAPH_QUESTION_N,
	GRAPH_USES =
		GRAPH_QUESTION_N /* all places where that name stands in code; of the files: core/graph/graph.h alone knows */
};

/* Makes the file, and the directory that it is in, when they are not there. */
enum err graph_db_open(const char *path, struct graph_db **out, struct errctx *cx) MUST_CHECK;
void graph_db_close(struct graph_db *g); /* NULL is allowed */

/* A transaction around changes. */
enum err graph_db_begin(struct graph_db *g, struct errctx *cx) MUST_CHECK;
enum err graph_db_commit(struct graph_db *g, struct errctx *cx) MUST_CHECK;
void graph_db_rollback(struct graph_db *g);

/* All that there is of a file, in the place of what there was. */
enum err graph_db_put(struct graph_db *g, const struct graph_file *file,
	const struct graph_row *rows, size_t n, struct errctx *cx) MUST_CHECK;
enum err graph_db_drop(struct graph_db *g, str path, struct errctx *cx) MUST_CHECK;

typedef void graph_each_file(void *self, const struct graph_file *file);
enum err graph_db_files(
	struct graph_db *g, graph_each_file *each, void *self, struct errctx *cx) MUST_CHECK;

/* Rows in the order of paths and lines (importers: of what they say first), limit at most. Texts last as long as the call. */
typedef void graph_each_row(void *self, str path, const struct graph_row *row);
enum err graph_db_ask(struct graph_db *g, enum graph_question question, str what, uint32_t limit,
	graph_each_row *each, void *self, struct errctx *cx) MUST_CHECK;

#endif
