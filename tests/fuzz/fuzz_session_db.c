/* Any values in a database of Cursor's: lines of a key, a tab and a value, '!' before the key for ItemTable. Whatever they are, reading ends
 * without an error, and each part is a JSON object of a session that the database has. */
#include <sqlite3.h>
#include <unistd.h>

#include "core/base/check.h"
#include "core/json/scan.h"
#include "core/store/session_db.h"
#include "tests/fuzz/temp_dir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { ROWS_MAX = 200 };

#define KV(name) "CREATE TABLE " name " (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB);"

static char file[TEMP_PATH_MAX];

static void put(sqlite3 *db, const char *sql, str key, str value)
{
	sqlite3_stmt *st;

	ASSERT(sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK);
	ASSERT(sqlite3_bind_text(st, 1, key.n ? key.p : "", (int)key.n, SQLITE_STATIC) ==
		SQLITE_OK);
	ASSERT(sqlite3_bind_blob(st, 2, value.n ? value.p : "", (int)value.n, SQLITE_STATIC) ==
		SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_DONE);
	ASSERT(sqlite3_finalize(st) == SQLITE_OK);
}

static void make_file(str text)
{
	sqlite3 *db;
	str line;

	(void)unlink(file);
	ASSERT(sqlite3_open(file, &db) == SQLITE_OK);
	ASSERT(sqlite3_exec(db,
		       "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" KV("ItemTable")
			       KV("cursorDiskKV") "BEGIN",
		       NULL, NULL, NULL) == SQLITE_OK);
	for (size_t i = 0; i < ROWS_MAX && str_next_line(&text, &line, NULL); i++) {
		str key;

		if (!str_split(&line, '\t', &key))
			continue;
		if (str_take(&key, STR("!")))
			put(db, "INSERT INTO ItemTable VALUES (?1, ?2)", key, line);
		else
			put(db, "INSERT INTO cursorDiskKV VALUES (?1, ?2)", key, line);
	}
	ASSERT(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
	ASSERT(sqlite3_close(db) == SQLITE_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct session_part part;
	struct session_db *db;
	enum err err;

	if (temp_dir_make())
		temp_dir_file(file, "state.vscdb");
	make_file((str){(const char *)data, n});
	ASSERT(session_db_open(file, &db, NULL) == E_OK);
	while ((err = session_db_next(db, &part, NULL)) == E_OK) {
		struct arena a = ARENA_INIT;
		struct json_tape t;

		ASSERT(part.kind == SESSION_DB_CURSOR);
		ASSERT(json_scan(&a, part.json, &t, NULL) == E_OK && json_is(&t, 0, JSON_OBJECT));
		arena_release(&a);
	}
	ASSERT(err == E_NOT_FOUND);
	session_db_close(db);
	return 0;
}
