/* What the tests of memories share: a clock that the test moves, ids that count, a directory of the test's own. */
#ifndef TESTS_UNIT_MEMORY_HELP_H
#define TESTS_UNIT_MEMORY_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"

static int64_t now_ms, tick_ms; /* tick_ms: what passes whenever somebody asks for the time */
static uint64_t random_n;

static inline int64_t wall(void *self)
{
	(void)self;
	if (tick_ms)
		now_ms += tick_ms;
	return now_ms;
}

static inline int64_t monotonic(void *self)
{
	(void)self;
	return now_ms * 1000000;
}

static inline void count(void *self, void *out, size_t n)
{
	(void)self;
	memset(out, 0, n);
	random_n++;
	memcpy(out, &random_n, sizeof random_n < n ? sizeof random_n : n);
}

static const struct clock test_clock = {wall, monotonic, count, NULL};

/* Where a file of memories may be, which is not there yet; the clock starts. */
struct temp {
	char dir[64], path[128];
};

static inline void temp_make(struct temp *t, const char *file)
{
	(void)snprintf(t->dir, sizeof t->dir, "/tmp/headroom-memory-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	(void)snprintf(t->path, sizeof t->path, "%s/%s", t->dir, file);
	now_ms = 1772000000000;
}

static inline void temp_remove(const struct temp *t)
{
	char command[160];

	(void)snprintf(command, sizeof command, "rm -rf '%s'", t->dir);
	assert_int_equal(system(command), 0);
}

/* A file as the Python program makes it: its columns, its way to write times. Three memories of ann. */
static inline void make_foreign(const char *path)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				 "CREATE TABLE memories (id TEXT PRIMARY KEY, content TEXT NOT "
				 "NULL, user_id TEXT NOT "
				 "NULL, session_id TEXT, agent_id TEXT, turn_id TEXT, created_at "
				 "TEXT NOT NULL, "
				 "valid_from TEXT NOT NULL, valid_until TEXT, category TEXT NOT "
				 "NULL, importance REAL "
				 "NOT NULL DEFAULT 0.5, supersedes TEXT, superseded_by TEXT, "
				 "promoted_from TEXT, "
				 "promotion_chain TEXT NOT NULL DEFAULT '[]', access_count INTEGER "
				 "NOT NULL DEFAULT 0, "
				 "last_accessed TEXT, entity_refs TEXT NOT NULL DEFAULT '[]', "
				 "embedding BLOB, metadata "
				 "TEXT NOT NULL DEFAULT '{}');"
				 "CREATE VIRTUAL TABLE memory_fts USING fts5(memory_id, content);"
				 "INSERT INTO memories (id, content, user_id, created_at, "
				 "valid_from, category) VALUES "
				 "('r1', 'old fact', 'ann', '2026-01-02T03:04:05', "
				 "'2026-01-02T03:04:05', ''), "
				 "('r2', 'newer fact', 'ann', '2026-01-02T03:04:05.250000', "
				 "'2026-01-02T03:04:05.250000', ''),"
				 "('r3', 'with zone', 'ann', '2026-01-02T03:04:06+00:00', "
				 "'2026-01-02T03:04:06+00:00', "
				 "'');",
				 NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
}

#endif
