#include "core/store/store_check.h"

#include <errno.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/store/schema.h"

enum {
	BUSY_MS = 100,
	STEPS = 1000, /* of SQLite's machine between two looks at the clock: far below a millisecond */
	NS_PER_MS = 1000000,
};

static int is_late(void *self)
{
	const int64_t *end_ns = self;

	return clock_monotonic_ns(NULL) >= *end_ns;
}

static enum err run_check(struct db *db, int64_t limit_ms, struct errctx *cx)
{
	int64_t end_ns = clock_monotonic_ns(NULL) + limit_ms * NS_PER_MS;
	sqlite3_stmt *stmt = NULL;
	enum err e = E_OK;
	int rc = sqlite3_prepare_v2(db->handle, "PRAGMA quick_check(1)", -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return db_fail(db, rc, cx);
	sqlite3_progress_handler(db->handle, STEPS, is_late, &end_ns);
	rc = sqlite3_step(stmt);
	if ((rc & 0xff) == SQLITE_INTERRUPT) {
		e = err_set(cx, E_TIMEOUT, "not all of it was read");
	} else if (rc != SQLITE_ROW) {
		e = db_fail(db, rc, cx);
	} else {
		str found = db_column_blob(stmt, 0);

		if (!str_eq(found, STR("ok")))
			e = err_set(cx, E_VERIFY, STR_FMT, STR_ARG(str_trim(found)));
	}
	sqlite3_progress_handler(db->handle, 0, NULL, NULL);
	(void)sqlite3_finalize(stmt);
	return e;
}

enum err store_check(const char *path, int64_t limit_ms, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];
	struct db db;
	enum err e;

	if (access(path, R_OK) != 0)
		FAIL(cx, file_err(errno), "%s: %s", path, file_err_text(errno, why));
	TRY(db_open(path, DB_READ, BUSY_MS, &db, cx));
	e = schema_check(&db, cx);
	if (!e)
		e = run_check(&db, limit_ms, cx);
	db_close(&db);
	return e;
}
