/* db: one SQLite connection with its prepared statements, and SQLite's errors in our terms.
 * Owns: the connection. Thread: one at a time (the connection is opened without SQLite's own
 * mutex). */
#ifndef CORE_STORE_DB_H
#define CORE_STORE_DB_H

#include <sqlite3.h>

#include "core/base/err.h"
#include "core/base/str.h"
#include "core/store/ledger_sql.h"

/* In the order in which feedback.c reads them. */
#define FEEDBACK_COLUMNS                                                         \
	"tool, encoder, shape, level, elided, retrieved, whole, recent_elided, " \
	"recent_retrieved, used_ms, changed_ms"

/* Of a file of its own: graph.c. In the order in which it reads them; 2, 3 and 4 are kinds of rows, see there. */
#define GRAPH_ROWS                                                  \
	"SELECT f.path, s.kind, s.first, s.last, s.name, s.within " \
	"FROM graph_symbol s JOIN graph_file f ON f.id = s.file WHERE "
#define GRAPH_ORDER   " ORDER BY f.path, s.first, s.name LIMIT ?2"
#define GRAPH_GROUPED " ORDER BY s.name, f.path, s.first LIMIT ?2"
#define GRAPH_BELOW                                                                                \
	"s.file IN (SELECT id FROM graph_file WHERE path = ?1 OR substr(path, 1, length(?1) + 1) " \
	"= ?1 || '/') AND "
#define GRAPH_STATEMENTS(X)                                                                        \
	X(GRAPH_FILES, "SELECT path, bytes, changed_ns FROM graph_file ORDER BY path")             \
	X(GRAPH_FILE_ADD, "INSERT INTO graph_file VALUES (NULL, ?1, ?2, ?3)")                      \
	X(GRAPH_FILE_DROP, "DELETE FROM graph_file WHERE path = ?1")                               \
	X(GRAPH_ROWS_DROP, "DELETE FROM graph_symbol WHERE file = (SELECT id FROM graph_file "     \
			   "WHERE path = ?1)")                                                     \
	X(GRAPH_ROW_ADD, "INSERT INTO graph_symbol VALUES (?1, ?2, ?3, ?4, ?5, ?6)")               \
	X(GRAPH_DEFINED, GRAPH_ROWS "s.name = ?1 AND s.kind IN (0, 1, 4)" GRAPH_ORDER)             \
	X(GRAPH_ALIKE,                                                                             \
		GRAPH_ROWS "lower(s.name) GLOB lower(?1) AND s.kind IN (0, 1, 4)" GRAPH_ORDER)     \
	X(GRAPH_CALLERS, GRAPH_ROWS "s.name = ?1 AND s.kind = 2" GRAPH_ORDER)                      \
	X(GRAPH_REACHED,                                                                           \
		"WITH RECURSIVE reached (name) AS (SELECT ?1 UNION SELECT s.within FROM reached "  \
		"r "                                                                               \
		"JOIN graph_symbol s ON s.name = r.name AND s.kind = 2 "                           \
		"WHERE EXISTS (SELECT 1 FROM graph_symbol m WHERE m.name = s.within AND m.kind = " \
		"4)) " GRAPH_ROWS "s.name IN (SELECT name FROM reached) AND s.kind = 2 "           \
		"ORDER BY s.name <> ?1, f.path, s.first, s.name LIMIT ?2")                         \
	X(GRAPH_CALLS, GRAPH_ROWS "s.within = ?1 AND s.kind = 2" GRAPH_ORDER)                      \
	X(GRAPH_IMPORTS, GRAPH_ROWS GRAPH_BELOW "s.kind = 3" GRAPH_ORDER)                          \
	X(GRAPH_IMPORTERS, GRAPH_ROWS "s.kind = 3 AND instr(s.name, ?1)" GRAPH_GROUPED)            \
	X(GRAPH_OUTLINE, GRAPH_ROWS GRAPH_BELOW "s.kind IN (0, 1, 4)" GRAPH_ORDER)

/* Every statement that runs more than once. X(name, SQL) */
#define DB_STATEMENTS(X)                                                                           \
	X(BEGIN, "BEGIN IMMEDIATE")                                                                \
	X(COMMIT, "COMMIT")                                                                        \
	X(TOTAL_ADD, "UPDATE total SET rows_n = rows_n + ?2, bytes = bytes + ?3 WHERE name = ?1 "  \
		     "RETURNING rows_n, bytes")                                                    \
	X(ORIGINAL_HAS, "SELECT 1 FROM original WHERE sha = ?1")                                   \
	X(ORIGINAL_FIND, "SELECT sha, text_bytes, used_ms FROM original "                          \
			 "WHERE sha BETWEEN ?1 AND ?2 LIMIT 2")                                    \
	X(ORIGINAL_DATA, "SELECT data FROM original WHERE sha = ?1")                               \
	X(ORIGINAL_ADD, "INSERT OR IGNORE INTO original "                                          \
			"(sha, used_ms, made_ms, text_bytes, bytes, tool, data) "                  \
			"VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6)")                                     \
	X(PEER_NOTE, "INSERT INTO peer VALUES (?1, ?2) "                                           \
		     "ON CONFLICT (name) DO UPDATE SET value = excluded.value")                    \
	X(PEER_NOTED, "SELECT value FROM peer WHERE name = ?1")                                    \
	X(PEER_ORIGINALS, "SELECT id, sha FROM original WHERE id > ?1 AND used_ms >= ?2 "          \
			  "ORDER BY id LIMIT ?3")                                                  \
	X(PEER_ORIGINAL, "SELECT text_bytes, tool, data FROM original WHERE id = ?1")              \
	X(PEER_ORIGINAL_ID, "SELECT id, sha FROM original WHERE sha BETWEEN ?1 AND ?2 LIMIT 1")    \
	X(PEER_RENDERINGS, "SELECT id, key FROM rendering WHERE id > ?1 AND used_ms >= ?2 "        \
			   "ORDER BY id LIMIT ?3")                                                 \
	X(ORIGINAL_GONE, "INSERT INTO gone VALUES (?1, ?2) "                                       \
			 "ON CONFLICT (original) DO UPDATE SET at_ms = ?2")                        \
	X(ORIGINAL_BACK, "DELETE FROM gone WHERE original = ?1")                                   \
	X(ORIGINAL_WENT, "SELECT at_ms FROM gone WHERE original BETWEEN ?1 AND ?2 "                \
			 "AND at_ms >= ?3 LIMIT 1")                                                \
	X(ORIGINAL_FORGET, "DELETE FROM gone WHERE at_ms < ?1")                                    \
	X(ORIGINAL_TOUCH, "UPDATE original SET used_ms = ?3 "                                      \
			  "WHERE sha BETWEEN ?1 AND ?2 AND used_ms < ?3")                          \
	X(ORIGINAL_EVICT, "DELETE FROM original WHERE id = (SELECT id FROM original "              \
			  "WHERE used_ms < ?1 ORDER BY used_ms LIMIT 1) "                          \
			  "RETURNING bytes, lower(hex(substr(sha, 1, 12)))")                       \
	X(RENDERING_FIND, "SELECT used_ms, is_changed, loss, tokens_before, tokens_after, label, " \
			  "original, text_bytes, hash, data FROM rendering WHERE key = ?1")        \
	X(RENDERING_ADD, "INSERT OR IGNORE INTO rendering (key, used_ms, made_ms, is_changed, "    \
			 "loss, tokens_before, tokens_after, label, original, text_bytes, "        \
			 "bytes, hash, data) "                                                     \
			 "VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")         \
	X(RENDERING_TOUCH, "UPDATE rendering SET used_ms = ?2 WHERE key = ?1 AND used_ms < ?2")    \
	X(RENDERING_EVICT, "DELETE FROM rendering WHERE id = (SELECT id FROM rendering "           \
			   "WHERE used_ms < ?1 ORDER BY used_ms LIMIT 1) RETURNING bytes")         \
	X(RENDERING_DATA, "SELECT data FROM rendering WHERE id = ?1")                              \
	X(RENDERING_PACKED, "UPDATE rendering SET data = ?2, bytes = ?3 WHERE id = ?1")            \
	X(RENDERING_ORPHAN, "DELETE FROM rendering WHERE original = ?1 RETURNING bytes")           \
	X(ELISION_ADD, "INSERT INTO elision VALUES (?1, ?2, ?3, 1, 0) "                            \
		       "ON CONFLICT (original) DO UPDATE SET feedback = excluded.feedback, "       \
		       "epoch = excluded.epoch, elided = elided + 1")                              \
	X(ELISION_RETRIEVED, "UPDATE elision SET retrieved = retrieved + 1 "                       \
			     "WHERE original BETWEEN ?1 AND ?2 AND retrieved < elided "            \
			     "RETURNING feedback, epoch")                                          \
	X(ELISION_DROP, "DELETE FROM elision WHERE original = ?1")                                 \
	X(ELISION_ORPHANS, "DELETE FROM elision WHERE feedback NOT IN (SELECT id FROM feedback)")  \
	X(ELISION_SURPLUS, "DELETE FROM elision WHERE original IN "                                \
			   "(SELECT original FROM elision LIMIT ?1)")                              \
	X(FEEDBACK_ELIDED, "INSERT INTO feedback VALUES (NULL, ?1, ?2, ?3, 0, 0, 1, 0, 0, "        \
			   "?4 = 0, 0, ?5, ?5) ON CONFLICT (tool, encoder, shape) DO UPDATE SET "  \
			   "elided = elided + 1, used_ms = max(used_ms, ?5), "                     \
			   "recent_elided = recent_elided + (min(level, 1) = ?4) "                 \
			   "RETURNING id, level, epoch, recent_elided, recent_retrieved")          \
	X(FEEDBACK_RETRIEVED, "UPDATE feedback SET retrieved = retrieved + 1, "                    \
			      "whole = whole + ?3, used_ms = max(used_ms, ?4), "                   \
			      "recent_retrieved = recent_retrieved + (epoch = ?2) WHERE id = ?1 "  \
			      "RETURNING id, level, epoch, recent_elided, recent_retrieved")       \
	X(FEEDBACK_LEVEL, "UPDATE feedback SET level = ?2, epoch = epoch + 1, changed_ms = ?3, "   \
			  "recent_elided = 0, recent_retrieved = 0 WHERE id = ?1")                 \
	X(FEEDBACK_HALVE, "UPDATE feedback SET recent_elided = recent_elided / 2, "                \
			  "recent_retrieved = recent_retrieved / 2 WHERE id = ?1")                 \
	X(FEEDBACK_DROP, "DELETE FROM feedback WHERE id IN (SELECT id FROM feedback "              \
			 "ORDER BY used_ms DESC LIMIT -1 OFFSET ?1)")                              \
	X(FEEDBACK_RESET, "DELETE FROM feedback WHERE ?1 = '' OR tool = ?1")                       \
	X(FEEDBACK_ROWS, "SELECT " FEEDBACK_COLUMNS " FROM feedback "                              \
			 "WHERE ?1 = '' OR tool = ?1 ORDER BY tool, encoder, shape")               \
	X(FEEDBACK_LEVELS, "SELECT * FROM (SELECT " FEEDBACK_COLUMNS " FROM feedback "             \
			   "WHERE level <> 0 ORDER BY used_ms DESC LIMIT ?1) "                     \
			   "ORDER BY tool, encoder, shape")                                        \
	X(LEDGER_ADD, LEDGER_SQL_ADD)                                                              \
	X(LEDGER_RECENT, LEDGER_SQL_RECENT)                                                        \
	X(LEDGER_SUMS, LEDGER_SQL_SUMS)                                                            \
	X(LEDGER_SPENT, LEDGER_SQL_SPENT)                                                          \
	X(LEDGER_NTH, "SELECT at_ms FROM ledger ORDER BY at_ms LIMIT 1 OFFSET ?1")                 \
	X(LEDGER_FOLD, LEDGER_SQL_FOLD)                                                            \
	X(LEDGER_FOLDED, "DELETE FROM ledger WHERE at_ms <= ?1")                                   \
	X(LEDGER_PARTS, LEDGER_SQL_PART_SUMS)                                                      \
	X(LEDGER_RETURNS, LEDGER_SQL_RETURNS)                                                      \
	X(LEDGER_CONVERSATIONS, LEDGER_SQL_CONVERSATIONS)                                          \
	X(LEDGER_PART_FOLD, LEDGER_SQL_PART_FOLD)                                                  \
	X(LEDGER_PART_DAY_NTH,                                                                     \
		"SELECT at_ms FROM ledger_part_day ORDER BY at_ms LIMIT 1 OFFSET ?1")              \
	X(LEDGER_PART_DAY_FOLD, LEDGER_SQL_PART_DAY_FOLD)                                          \
	X(LEDGER_PART_DAY_FOLDED,                                                                  \
		"DELETE FROM ledger_part_day WHERE at_ms <= ?1 AND name <> '(other)'")             \
	X(LEDGER_DAY_NTH, "SELECT at_ms FROM ledger_day ORDER BY at_ms LIMIT 1 OFFSET ?1")         \
	X(LEDGER_DAY_FOLD, LEDGER_SQL_DAY_FOLD)                                                    \
	X(LEDGER_DAY_FOLDED, "DELETE FROM ledger_day WHERE " LEDGER_SQL_DETAILED)                  \
	X(CALIBRATION_GET, "SELECT counted, reported, samples FROM calibration WHERE model = ?1")  \
	X(CALIBRATION_ADD,                                                                         \
		"INSERT INTO calibration (model, counted, reported, samples, used_ms) "            \
		"VALUES (?1, ?2, ?3, ?6, ?5) ON CONFLICT (model) DO UPDATE SET "                   \
		"counted = counted * ?4 + excluded.counted, "                                      \
		"reported = reported * ?4 + excluded.reported, "                                   \
		"samples = samples + excluded.samples, used_ms = max(used_ms, excluded.used_ms)")  \
	X(CALIBRATION_DROP, "DELETE FROM calibration WHERE model IN (SELECT model "                \
			    "FROM calibration ORDER BY used_ms DESC LIMIT -1 OFFSET ?1)")          \
	GRAPH_STATEMENTS(X)

enum db_stmt {
#define X(name, sql) DB_##name,
	DB_STATEMENTS(X)
#undef X
		DB_STATEMENTS_N
};

/* Sizes of a WAL in pages of 4 KB. */
enum db_wal {
	DB_WAL_GROWN = 1000, /* as SQLite's own automatic checkpoint */
	DB_WAL_FULL = 3000,  /* 12 MB: to open the file after a crash reads all of it */
};

struct db {
	sqlite3 *handle;
	sqlite3_stmt *stmts[DB_STATEMENTS_N]; /* prepared at first use */
	bool is_memory;
	int wal_pages; /* a writer: in the WAL after its last commit */
};

/* DB_READ_FROZEN: path is a URI (sqlite.org/uri.html), and nobody writes to the file as long as it is open. */
enum db_mode { DB_READ, DB_READ_FROZEN, DB_WRITE, DB_WRITE_POWER_SAFE };

/* Names of databases in memory, as SQLite's memdb VFS shares them between the connections of one
 * process; gone with the last connection. */
#define DB_MEMORY_PREFIX "file:/headroom-"
#define DB_MEMORY_SUFFIX "?vfs=memdb"

/* Opens a file that is there, or a database in memory, and sets the connection up (a writer of a
 * file: WAL). On an error db is closed. db must stay where it is. */
enum err db_open(const char *path, enum db_mode mode, int busy_ms, struct db *db,
	struct errctx *cx) MUST_CHECK;
void db_close(struct db *db);

/* The statement, reset and without values. */
enum err db_prepare(
	struct db *db, enum db_stmt which, sqlite3_stmt **out, struct errctx *cx) MUST_CHECK;
/* One step. Reset the statement (sqlite3_reset) when done with its rows: an open one holds a
 * snapshot. */
enum err db_step(struct db *db, sqlite3_stmt *stmt, bool *has_row, struct errctx *cx) MUST_CHECK;
/* Steps to the end and resets. */
enum err db_run(struct db *db, sqlite3_stmt *stmt, struct errctx *cx) MUST_CHECK;
/* A statement of the table without values, to its end. */
enum err db_run_plain(struct db *db, enum db_stmt which, struct errctx *cx) MUST_CHECK;
/* SQL text that runs once: pragmas, schema. */
enum err db_exec(struct db *db, const char *sql, struct errctx *cx) MUST_CHECK;
/* The first column of the first row as a number; 0 when there is no row. */
enum err db_query_i64(struct db *db, const char *sql, int64_t *out, struct errctx *cx) MUST_CHECK;
/* Ends a transaction that failed; nothing when none is open. */
void db_rollback(struct db *db);
/* Copies the WAL into the file, as far as no reader is in the way, when it has grown to that size. Commits do
 * not do that by themselves: it waits for the disk, and the one who waits for the commit need
 * not. */
void db_checkpoint(struct db *db, enum db_wal size);
/* Whether that would do anything. */
bool db_wants_checkpoint(const struct db *db, enum db_wal size) PURE;
/* rc, or the connection's last error when rc is SQLITE_OK, as an error with SQLite's text. */
enum err db_fail(struct db *db, int rc, struct errctx *cx);

/* Values. The bytes must stay until the statement is reset. */
void db_bind_blob(sqlite3_stmt *stmt, int at, str s);
void db_bind_text(sqlite3_stmt *stmt, int at, str s);
str db_column_blob(sqlite3_stmt *stmt, int at); /* valid until the next step or reset */

#endif
