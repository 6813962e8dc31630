/* memory_internal: what the files of the memory store share. Not for others. */
#ifndef CORE_STORE_MEMORY_INTERNAL_H
#define CORE_STORE_MEMORY_INTERNAL_H

#include "core/store/db.h"
#include "core/store/memory.h"

/* More than there are in the source: none is made twice. */
enum { MEMORY_STATEMENTS = 64 };
struct memory_statement {
	const char *sql; /* the literal itself; NULL: no more of them */
	sqlite3_stmt *stmt;
	bool is_used;
};

struct memory_store {
	struct db db;
	struct memory_statement statements[MEMORY_STATEMENTS];
	const struct clock *clock;
	bool is_frozen;  /* read as a file that does not change */
	bool is_foreign; /* read-only, without the columns that are ours */
	bool has_docs;   /* the tables of memory_doc.c */
	bool is_writable, is_in_transaction;
};

/* memory_doc.c: the step that makes its tables, and the version of a file that has them. */
extern const char memory_doc_schema[];
enum { MEMORY_DOC_VERSION = 2 };
/* All docs, also their words in the file. */
enum err memory_docs_drop(struct memory_store *s, struct errctx *cx) MUST_CHECK;
/* Of the two tables of vectors: the one of a doc that is there, over the one that it has. */
#define MEMORY_VECTOR_PUT(table, maker)                                                     \
	"INSERT INTO " table " (doc, " maker ", vec) SELECT doc, ?2, ?3 FROM headroom_doc " \
	"WHERE doc = ?1 ON CONFLICT (doc) DO UPDATE SET " maker " = ?2, vec = ?3"
/* sql: made of that. */
enum err memory_vector_put(struct memory_store *s, const char *sql, int64_t number, str maker,
	str vector, struct errctx *cx) MUST_CHECK;
/* memory_parts.c: all parts, for they have vectors of what is to leave the file. */
enum err memory_parts_drop(struct memory_store *s, struct errctx *cx) MUST_CHECK;

#define MEMORY_COLUMN(name, column) column ", "
#define MEMORY_ROW_COLUMNS \
	MEMORY_TEXTS(MEMORY_COLUMN) MEMORY_TIMES(MEMORY_COLUMN) "importance, access_count"
/* Bounds that are not given are NULL. */
#define MEMORY_FILTER_SQL                                                                   \
	" WHERE (?1 IS NULL OR user_id = ?1) AND (?2 IS NULL OR session_id = ?2) "          \
	"AND (?3 IS NULL OR category = ?3) "                                                \
	"AND (?4 IS NULL OR EXISTS (SELECT 1 FROM "                                         \
	"json_each(CASE WHEN json_valid(entity_refs) THEN entity_refs ELSE '[]' END) AS e " \
	"WHERE lower(e.value) = lower(?4))) "                                               \
	"AND (?5 IS NULL OR substr(id, 1, length(?5)) = ?5) "                               \
	"AND (?6 IS NULL OR instr(lower(content), lower(?6))) "                             \
	"AND (?7 < 0 OR ?7 = CASE WHEN ifnull(turn_id, '') <> '' THEN 3 "                   \
	"WHEN ifnull(agent_id, '') <> '' THEN 2 WHEN ifnull(session_id, '') <> '' THEN 1 "  \
	"ELSE 0 END) "                                                                      \
	"AND (?8 IS NULL OR created_at >= ?8) AND (?9 IS NULL OR created_at < ?9) "         \
	"AND importance BETWEEN ?10 AND ?11 "                                               \
	"AND (?12 OR CASE WHEN ?13 IS NULL THEN valid_until IS NULL "                       \
	"ELSE valid_from <= ?13 AND (valid_until IS NULL OR valid_until > ?13) END) "       \
	"AND (?14 OR deleted_at IS NULL) "

/* memory_read.c: a row of a statement that begins with MEMORY_ROW_COLUMNS. */
enum err memory_add_row(struct memory_set *set, sqlite3_stmt *stmt, struct errctx *cx) MUST_CHECK;
enum { MEMORY_FILTER_VALUES = 14 }; /* of MEMORY_FILTER_SQL */
void memory_bind_filter(sqlite3_stmt *stmt, const struct memory_filter *f);

/* A statement for the time until memory_finish. sql: a literal, by whose address it is kept: SQLite takes as long to read one
 * as to run it. */
enum err memory_prepare(
	struct memory_store *s, const char *sql, sqlite3_stmt **out, struct errctx *cx) MUST_CHECK;
void memory_finish(struct memory_store *s, sqlite3_stmt *stmt);
/* The first column of its first row; 0: there is none. sql: as above. */
enum err memory_query_i64(
	struct memory_store *s, const char *sql, int64_t *out, struct errctx *cx) MUST_CHECK;
/* Is there such a table beside those of docs? False without these, and when it cannot be told. */
bool memory_has_table(struct memory_store *s, const char *name);
/* Steps to the end and finishes. changed: NULL or how many rows were. */
enum err memory_run(
	struct memory_store *s, sqlite3_stmt *stmt, int64_t *changed, struct errctx *cx) MUST_CHECK;

/* Times as they stand in the columns: UTC without a suffix and always with six digits behind the point, so that they compare as
 * bytes, and read where a time zone would be a surprise. */
enum { MEMORY_STAMP_LEN = 26 };
void memory_bind_time(sqlite3_stmt *stmt, int at, int64_t ms); /* MEMORY_NO_TIME: NULL */
int64_t memory_column_time(sqlite3_stmt *stmt, int at);
/* NULL when s is empty. */
void memory_bind_text(sqlite3_stmt *stmt, int at, str s);

enum { MEMORY_HASH_HEX = 16 };
void memory_hash(str content, char out[MEMORY_HASH_HEX + 1]);

#endif
