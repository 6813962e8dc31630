/* Any damage to the index that stands in a file of memories: four bytes each say which part of it, where, what, and whether a byte is
 * changed, the rest cut off, or something put in. What is found may be wrong then, but it is memories that are there, each once. */
#include <stdio.h>
#include <sqlite3.h>

#include "core/base/check.h"
#include "core/memory/finder.h"
#include "core/memory/keep.h"
#include "tests/fuzz/temp_dir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { MEMORIES = 60, LEAST = 40, FOUND_MAX = 20, EDITS_MAX = 64 };

static struct memory_store *store;
static sqlite3 *db;

static void run(const char *sql)
{
	ASSERT(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

/* Before the directory goes: what is asked for last at the end is done first. */
static void close_all(void)
{
	(void)sqlite3_close(db);
	memory_store_close(store);
}

static void add_some(size_t from, size_t to)
{
	static const char *const about[] = {"deploy the server", "bake bread", "tune the piano"};

	ASSERT(memory_begin(store, NULL) == E_OK);
	for (size_t i = from; i < to; i++) {
		struct memory m = memory_blank();
		struct memory_added added;
		char text[64];

		(void)snprintf(text, sizeof text, "%s, case%zu", about[i % 3], i);
		m.text[MEMORY_CONTENT] = str_from(text);
		m.text[MEMORY_USER] = STR("ann");
		ASSERT(memory_add(store, &m, &added, NULL) == E_OK);
	}
	ASSERT(memory_index_store(store, NULL) == E_OK);
	ASSERT(memory_commit(store, NULL) == E_OK);
}

/* A file with an index in lists and a tail, and a copy of it beside it; once for all inputs. */
static void make_store(void)
{
	char file[TEMP_PATH_MAX];
	enum kept kept;

	if (!temp_dir_make())
		return;
	temp_dir_file(file, "memory.db");
	ASSERT(memory_store_open(file, MEMORY_WRITE, NULL, &store, NULL) == E_OK);
	ASSERT(atexit(close_all) == 0);
	add_some(0, LEAST);
	ASSERT(memory_keep(store, LEAST, NULL, NULL, &kept, NULL) == E_OK && kept == KEPT_MADE);
	add_some(LEAST, MEMORIES);
	ASSERT(memory_keep(store, LEAST, NULL, NULL, &kept, NULL) == E_OK);
	ASSERT(sqlite3_open(file, &db) == SQLITE_OK);
	run("CREATE TABLE whole AS SELECT * FROM headroom_part");
}

/* edit: which part; where, a byte for 8; what; how. */
static void damage(const uint8_t *edit)
{
	static const char *const how[] = {
		"substr(data, 1, ?2) || ?3 || substr(data, ?2 + 2)", /* another byte */
		"substr(data, 1, ?2) || substr(?3, 1, 0)",           /* without the rest */
		"substr(data, 1, ?2) || ?3 || substr(data, ?2 + 1)", /* one more */
		"substr(data, 1, ?2) || zeroblob(64) || substr(data, ?2 + 1 + length(?3))",
	};
	char sql[512];
	sqlite3_stmt *st;

	(void)snprintf(sql, sizeof sql,
		"UPDATE headroom_part SET data = coalesce(CAST(%s AS BLOB), x'') WHERE key = "
		"(SELECT key FROM "
		"headroom_part ORDER BY key LIMIT 1 OFFSET ?1 %% (SELECT count(*) FROM whole))",
		how[edit[3] % ARRAY_N(how)]);
	ASSERT(sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK);
	ASSERT(sqlite3_bind_int(st, 1, edit[0]) == SQLITE_OK);
	ASSERT(sqlite3_bind_int(st, 2, edit[1] * 8 + edit[3] / 4 % 8) == SQLITE_OK);
	ASSERT(sqlite3_bind_blob(st, 3, &edit[2], 1, SQLITE_STATIC) == SQLITE_OK);
	ASSERT(sqlite3_step(st) == SQLITE_DONE);
	ASSERT(sqlite3_finalize(st) == SQLITE_OK);
}

static void ask(const char *question)
{
	struct memory_search q = {.query = {.text = str_from(question), .limit = FOUND_MAX}};
	struct memory_filter filter = memory_filter_all();
	struct arena a = ARENA_INIT;
	struct memory_finder *f;
	struct memory_answer got;

	filter.user = STR("ann");
	ASSERT(memory_finder_new(store, &f, NULL) == E_OK);
	ASSERT(memory_find_answers(f, &filter, &q, &a, &got, NULL) == E_OK);
	ASSERT(got.n <= FOUND_MAX);
	for (size_t i = 0; i < got.n; i++) {
		str text = got.v[i].memory->text[MEMORY_CONTENT];

		ASSERT(str_find(text, STR(", case")) != STR_NONE);
		for (size_t k = 0; k < i; k++)
			ASSERT(!str_eq(got.v[k].memory->text[MEMORY_CONTENT], text));
	}
	memory_set_free(&got.set);
	memory_finder_free(f);
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	make_store();
	run("BEGIN; DELETE FROM headroom_part; INSERT INTO headroom_part SELECT * FROM whole");
	for (size_t i = 0; i + 4 <= n && i < (size_t)4 * EDITS_MAX; i += 4)
		damage(data + i);
	run("COMMIT");
	ask("deploy");
	ask("case41 piano");
	return 0;
}
