/* memory_internal: what the files of the memory store share. Not for others. */
#ifndef CORE_STORE_MEMORY_INTERNAL_H
#define CORE_STORE_MEMORY_INTERNAL_H

#include "core/store/db.h"
#include "core/store/memory.h"

struct memory_store {
	struct db db;
	const struct clock *clock;
	bool is_foreign; /* read-only, without the columns that are ours */
	bool is_in_transaction;
};

/* A statement that is used once. Finalise it. */
enum err memory_prepare(
	struct memory_store *s, const char *sql, sqlite3_stmt **out, struct errctx *cx) MUST_CHECK;
/* Steps to the end and finalises. changed: NULL or how many rows were. */
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
