/* The store of memories: versions, deletion, scopes, files of the Python program, several processes. */
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/base/file.h"
#include "core/memory/finder.h"
#include "core/store/memory_doc.h"
#include "tests/unit/memory_help.h"

struct given {
	struct temp temp;
	struct memory_store *s;
	struct memory_set set;
	struct memory_added added;
	struct errctx cx;
};

static int setup(void **state)
{
	struct given *g = calloc(1, sizeof *g);

	temp_make(&g->temp, "a/memory.db");
	*state = g;
	return 0;
}

static int teardown(void **state)
{
	struct given *g = *state;

	memory_set_free(&g->set);
	memory_store_close(g->s);
	temp_remove(&g->temp);
	free(g);
	return 0;
}

static void open_it(struct given *g)
{
	memory_store_close(g->s);
	if (memory_store_open(g->temp.path, MEMORY_WRITE, &test_clock, &g->s, &g->cx))
		fail_msg("%s", g->cx.text);
}

static struct memory fact(const char *user, const char *content)
{
	struct memory m = memory_blank();

	m.text[MEMORY_USER] = str_from(user);
	m.text[MEMORY_CONTENT] = str_from(content);
	return m;
}

static void add(struct given *g, const char *user, const char *content)
{
	struct memory m = fact(user, content);

	if (memory_add(g->s, &m, &g->added, &g->cx))
		fail_msg("%s", g->cx.text);
}

static size_t list(struct given *g, struct memory_filter f)
{
	memory_set_free(&g->set);
	if (memory_list(g->s, &f, &g->set, &g->cx))
		fail_msg("%s", g->cx.text);
	return g->set.n;
}

#define LIST(...) list(g, with((struct memory_filter){__VA_ARGS__}))

/* What is not said of a filter lets all pass. */
static struct memory_filter with(struct memory_filter f)
{
	struct memory_filter all = memory_filter_all();

	f.scope = f.scope ? f.scope : all.scope;
	f.from_ms = f.from_ms ? f.from_ms : all.from_ms;
	f.until_ms = f.until_ms ? f.until_ms : all.until_ms;
	f.at_ms = f.at_ms ? f.at_ms : all.at_ms;
	f.importance_max = f.importance_max > 0 ? f.importance_max : 1;
	return f;
}

static void check_content(const struct given *g, size_t i, const char *content)
{
	assert_true(i < g->set.n);
	assert_true(str_eq_c(g->set.v[i].text[MEMORY_CONTENT], content));
}

static void test_reading_makes_nothing(void **state)
{
	struct given *g = *state;
	struct stat st;

	assert_int_equal(
		memory_store_open(g->temp.path, MEMORY_READ, NULL, &g->s, &g->cx), E_NOT_FOUND);
	assert_int_not_equal(stat(g->temp.path, &st), 0);
	open_it(g);
	assert_int_equal(stat(g->temp.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_same_text_once(void **state)
{
	struct given *g = *state;
	char id[MEMORY_ID_LEN + 1];

	open_it(g);
	add(g, "ann", "tabs, not spaces");
	memcpy(id, g->added.id, sizeof id);
	assert_false(g->added.was_there);
	add(g, "ann", "tabs, not spaces");
	assert_true(g->added.was_there);
	assert_string_equal(g->added.id, id);
	add(g, "bob", "tabs, not spaces");
	assert_false(g->added.was_there);
	assert_int_equal(LIST(.user = STR("ann")), 1);
	assert_int_equal(g->set.v[0].used_n, 1);
	assert_int_equal(g->set.v[0].at[MEMORY_USED], now_ms);
	assert_int_equal(LIST(.limit = 0), 2);
}

static void test_versions(void **state)
{
	struct given *g = *state;
	struct memory_change c = {.content = STR("port 9090"),
		.importance = -1,
		.by = STR("cli"),
		.reason = STR("moved")};
	char old[MEMORY_ID_LEN + 1];

	open_it(g);
	add(g, "ann", "port 8080");
	memcpy(old, g->added.id, sizeof old);
	now_ms += 1000;
	assert_int_equal(memory_edit(g->s, str_from(old), &c, &g->added, &g->cx), E_OK);
	assert_string_not_equal(g->added.id, old);
	assert_int_equal(LIST(.user = STR("ann")), 1);
	check_content(g, 0, "port 9090");
	assert_true(str_eq_c(g->set.v[0].text[MEMORY_SUPERSEDES], old));
	assert_int_equal(LIST(.at_ms = now_ms - 500), 1);
	check_content(g, 0, "port 8080");
	assert_int_equal(LIST(.at_ms = now_ms - 5000), 0);
	assert_int_equal(LIST(.with_superseded = true), 2);
	assert_int_equal(memory_edit(g->s, str_from(old), &c, &g->added, &g->cx), E_NOT_FOUND);
	assert_int_equal(LIST(.with_superseded = true), 2);
}

static void note_action(void *self, const struct memory_edit_row *row)
{
	struct buf *b = self;

	buf_printf(b, STR_FMT "|" STR_FMT "|" STR_FMT ";", STR_ARG(row->action), STR_ARG(row->by),
		STR_ARG(row->content));
}

static void test_edit_in_place_and_trail(void **state)
{
	struct given *g = *state;
	struct memory_change c = {
		.content = STR("b"), .importance = 0.9, .is_in_place = true, .by = STR("cli")};
	struct buf b;

	open_it(g);
	add(g, "ann", "a");
	assert_int_equal(memory_edit(g->s, str_from(g->added.id), &c, &g->added, &g->cx), E_OK);
	assert_int_equal(
		memory_delete(g->s, str_from(g->added.id), STR("x"), STR(""), &g->cx), E_OK);
	buf_init(&b, 1000);
	assert_int_equal(memory_edits(g->s, str_from(g->added.id), note_action, &b, &g->cx), E_OK);
	assert_true(str_eq_c(buf_str(&b), "edit|cli|a;delete|x|b;"));
	buf_release(&b);
	add(g, "ann", "c");
	c.content = STR_NULL;
	c.importance = 2;
	assert_int_equal(
		memory_edit(g->s, str_from(g->added.id), &c, &g->added, &g->cx), E_MALFORMED);
	assert_int_equal(LIST(.limit = 0), 1);
	assert_true(g->set.v[0].importance <= 0.5);
}

static void test_deleted_ones(void **state)
{
	struct given *g = *state;

	open_it(g);
	add(g, "ann", "a");
	assert_int_equal(
		memory_delete(g->s, str_from(g->added.id), STR(""), STR(""), &g->cx), E_OK);
	assert_int_equal(
		memory_delete(g->s, str_from(g->added.id), STR(""), STR(""), &g->cx), E_NOT_FOUND);
	assert_int_equal(LIST(.with_superseded = true), 0);
	assert_int_equal(LIST(.with_deleted = true), 1);
	add(g, "ann", "a"); /* not what is deleted */
	assert_false(g->added.was_there);
	now_ms += MEMORY_KEEP_DELETED_MS + 1;
	open_it(g);
	assert_int_equal(LIST(.with_deleted = true), 1);
	assert_int_equal(memory_erase(g->s, str_from(g->added.id), &g->cx), E_OK);
	assert_int_equal(memory_erase(g->s, str_from(g->added.id), &g->cx), E_NOT_FOUND);
	assert_int_equal(LIST(.with_deleted = true), 0);
}

static void test_filters(void **state)
{
	struct given *g = *state;
	struct memory m = fact("ann", "Deploy 100% with_care");

	open_it(g);
	m.text[MEMORY_ENTITIES] = STR("[\"M\xc3\xbcller\",\"Staging\"]");
	m.text[MEMORY_SESSION] = STR("s1");
	m.text[MEMORY_CATEGORY] = STR("fact");
	m.at[MEMORY_CREATED] = now_ms - 10000;
	m.importance = 0.8;
	assert_int_equal(memory_add(g->s, &m, &g->added, &g->cx), E_OK);
	add(g, "ann", "Deploy 100 without");
	assert_int_equal(LIST(.entity = STR("staging")), 1);
	assert_int_equal(LIST(.entity = STR("M\xc3\xbcller")), 1);
	assert_int_equal(LIST(.entity = STR("%")), 0);
	assert_int_equal(LIST(.session = STR("s1")), 1);
	assert_int_equal(LIST(.category = STR("fact")), 1);
	assert_int_equal(LIST(.contains = STR("100%")), 1);
	assert_int_equal(LIST(.contains = STR("WITH_")), 1);
	assert_int_equal(LIST(.scope = MEMORY_SCOPE_SESSION), 1);
	assert_int_equal(LIST(.from_ms = now_ms), 1);
	assert_int_equal(LIST(.until_ms = now_ms), 1);
	assert_int_equal(LIST(.importance_min = 0.6), 1);
	assert_int_equal(LIST(.importance_max = 0.6), 1);
	assert_int_equal(LIST(.limit = 1), 1);
	check_content(g, 0, "Deploy 100 without"); /* the newest */
	assert_int_equal(LIST(.user = STR("deploy")), 0);
	assert_int_equal(memory_find(g->s, str_from("zz"), &g->set, &g->cx), E_NOT_FOUND);
	memory_set_free(&g->set);
	assert_int_equal(memory_find(g->s, (str){g->added.id, 8}, &g->set, &g->cx), E_OK);
	memory_set_free(&g->set);
}

static void test_what_is_no_memory(void **state)
{
	struct given *g = *state;
	static char large[MEMORY_CONTENT_MAX + 2];
	struct memory m;

	open_it(g);
	m = fact("ann", " \n");
	assert_int_equal(memory_add(g->s, &m, &g->added, &g->cx), E_MALFORMED);
	m = fact("", "x");
	assert_int_equal(memory_add(g->s, &m, &g->added, &g->cx), E_MALFORMED);
	m = fact("ann", "\xff");
	assert_int_equal(memory_add(g->s, &m, &g->added, &g->cx), E_MALFORMED);
	memset(large, 'x', sizeof large - 1);
	m = fact("ann", large);
	assert_int_equal(memory_add(g->s, &m, &g->added, &g->cx), E_TOO_BIG);
	assert_int_equal(LIST(.with_deleted = true), 0);
}

static void test_put_and_rollback(void **state)
{
	struct given *g = *state;
	struct memory m = fact("ann", "one");
	bool is_new;

	open_it(g);
	m.text[MEMORY_ID] = STR("my-id");
	m.at[MEMORY_CREATED] = m.at[MEMORY_VALID_FROM] = 5000;
	assert_int_equal(memory_put(g->s, &m, &is_new, &g->cx), E_OK);
	assert_true(is_new);
	m.text[MEMORY_CONTENT] = STR("two");
	assert_int_equal(memory_put(g->s, &m, &is_new, &g->cx), E_OK);
	assert_false(is_new);
	assert_int_equal(LIST(.limit = 0), 1);
	check_content(g, 0, "two");
	assert_int_equal(g->set.v[0].at[MEMORY_CREATED], 5000);
	assert_int_equal(memory_begin(g->s, &g->cx), E_OK);
	add(g, "ann", "three");
	memory_rollback(g->s);
	assert_int_equal(LIST(.limit = 0), 1);
	int64_t n;
	assert_int_equal(memory_erase_all(g->s, &n, &g->cx), E_OK);
	assert_int_equal(n, 1);
	assert_int_equal(LIST(.with_deleted = true), 0);
}

/* What the Python program selects from a file that we have written to. */
static void check_columns(const struct given *g)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(g->temp.path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db,
			"SELECT id, content, user_id, session_id, agent_id, turn_id, created_at, "
			"valid_from, valid_until, category, importance, supersedes, superseded_by, "
			"promoted_from, promotion_chain, access_count, last_accessed, entity_refs, "
			"embedding, metadata FROM memories",
			NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
}

static void test_foreign_file(void **state)
{
	struct given *g = *state;

	char dir[128];

	(void)snprintf(dir, sizeof dir, "%s/a", g->temp.dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	make_foreign(g->temp.path);
	assert_int_equal(memory_store_open(g->temp.path, MEMORY_READ, NULL, &g->s, &g->cx), E_OK);
	assert_int_equal(LIST(.user = STR("ann")), 3);
	check_content(g, 0, "with zone");
	check_content(g, 1, "newer fact");
	assert_int_equal(g->set.v[1].at[MEMORY_CREATED] - g->set.v[2].at[MEMORY_CREATED], 250);
	open_it(g);
	add(g, "ann", "old fact"); /* its hash was added */
	assert_true(g->added.was_there);
	add(g, "ann", "ours");
	assert_int_equal(LIST(.user = STR("ann")), 4);
	open_it(g);
	assert_int_equal(LIST(.user = STR("ann")), 4);
	check_columns(g);
}

static void test_other_database(void **state)
{
	struct given *g = *state;
	sqlite3 *db;
	char dir[128];

	(void)snprintf(dir, sizeof dir, "%s/a", g->temp.dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(sqlite3_open(g->temp.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE x (y)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(
		memory_store_open(g->temp.path, MEMORY_WRITE, NULL, &g->s, &g->cx), E_CONFIG);
	assert_int_equal(
		memory_store_open(g->temp.path, MEMORY_READ, NULL, &g->s, &g->cx), E_CONFIG);
}

/* In a process of its own: facts of its own until it is killed, or all of them. */
static void save_many(const struct given *g, int who, int n)
{
	struct memory_store *s;
	struct errctx cx = {0};
	char text[64];

	if (memory_store_open(g->temp.path, MEMORY_WRITE, NULL, &s, &cx))
		_exit(1);
	for (int i = 0; i < n; i++) {
		struct memory_added added;
		struct memory m;

		(void)snprintf(text, sizeof text, "fact %d of %d", i, who);
		m = fact("ann", text);
		if (memory_begin(s, &cx) || memory_add(s, &m, &added, &cx) ||
			memory_index_store(s, &cx) || memory_commit(s, &cx))
			_exit(2);
	}
	memory_store_close(s);
	_exit(0);
}

/* The file is whole, and so is what the search keeps in it. */
static void check_whole(const struct given *g)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(g->temp.path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db,
			"CREATE TEMP TABLE t (x CHECK (x IN ('ok', 0)));"
			"INSERT INTO t SELECT * FROM pragma_integrity_check;"
			"INSERT INTO t SELECT (SELECT count(*) FROM memories) - (SELECT count(*) "
			"FROM headroom_doc);"
			"INSERT INTO t SELECT (SELECT count(*) FROM headroom_vec) - (SELECT "
			"count(*) "
			"FROM headroom_doc);"
			"INSERT INTO headroom_fts (headroom_fts) VALUES ('integrity-check')",
			NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
}

static void test_many_processes_and_a_kill(void **state)
{
	enum { PROCESSES = 4, FACTS = 250 };
	struct given *g = *state;
	pid_t pids[PROCESSES + 1];
	int status;

	for (int i = 0; i <= PROCESSES; i++) {
		pids[i] = fork();
		if (!pids[i])
			save_many(g, i, i == PROCESSES ? 1000000 : FACTS);
	}
	for (int i = 0; i < PROCESSES; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	assert_int_equal(kill(pids[PROCESSES], SIGKILL), 0);
	assert_int_equal(waitpid(pids[PROCESSES], &status, 0), pids[PROCESSES]);
	open_it(g);
	assert_true(LIST(.limit = 0) >= (size_t)PROCESSES * FACTS);
	for (int i = 0; i < PROCESSES; i++) {
		char text[32];

		(void)snprintf(text, sizeof text, " of %d", i);
		assert_int_equal(LIST(.contains = str_from(text)), FACTS);
	}
	check_whole(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reading_makes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_text_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_versions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_edit_in_place_and_trail, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deleted_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(test_filters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_put_and_rollback, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreign_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_database, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_processes_and_a_kill, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
