#include "tests/unit/store_fixture.h"

#include <limits.h>

static void the_file_is_private_and_made_with_its_directory(void **state)
{
	struct fixture *f = *state;
	char sub[192];
	struct stat st;
	struct store *s;
	static const char *const files[] = {"", "-wal", "-shm"};

	(void)snprintf(f->path, sizeof f->path, "%s/a/b/store.db", f->dir);
	s = open_default(f);
	put(f, s, 1, "x");
	flush(f, s);
	for (size_t i = 0; i < ARRAY_N(files); i++) {
		(void)snprintf(sub, sizeof sub, "%s%s", f->path, files[i]);
		assert_int_equal(stat(sub, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	(void)snprintf(sub, sizeof sub, "%s/a", f->dir);
	assert_int_equal(stat(sub, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	store_close(s);
}

static void a_file_that_others_may_read_is_made_private(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	store_close(open_default(f));
	assert_int_equal(chmod(f->path, 0644), 0);
	store_close(open_default(f));
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_relative_path_stays_what_it_was_when_it_was_opened(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.path = ":memory:"};
	struct store *s;
	char cwd[PATH_MAX];

	assert_non_null(getcwd(cwd, sizeof cwd));
	assert_int_equal(chdir(f->dir), 0);
	assert_int_equal(store_open(&conf, &s, &f->cx), E_OK);
	assert_int_equal(chdir(cwd), 0);
	put(f, s, 1, "text");
	flush(f, s);
	store_close(s);
	(void)snprintf(f->path, sizeof f->path, "%s/:memory:", f->dir);
	s = open_default(f);
	expect_rendering(f, s, 1, "text");
	store_close(s);
}

static void a_newer_schema_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.path = f->path};
	struct store *s;

	store_close(open_default(f));
	sql(f, "PRAGMA user_version = 99");
	assert_int_equal(store_open(&conf, &s, &f->cx), E_UNSUPPORTED);
	assert_null(s);
	assert_non_null(strstr(f->cx.text, "newer headroom (schema 99"));
	assert_int_equal(sql(f, "PRAGMA user_version"), 99);
}

static void an_older_schema_is_not_read_before_it_was_migrated(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.path = f->path, .is_read_only = true};
	struct store *s;

	store_close(open_default(f));
	sql(f, "PRAGMA user_version = 0");
	assert_int_equal(store_open(&conf, &s, &f->cx), E_UNSUPPORTED);
	assert_non_null(strstr(f->cx.text, "open it once for writing"));
}

/* As schema 3 had it: no word of broken caches. */
static void what_an_older_schema_counted_is_still_counted(void **state)
{
	struct fixture *f = *state;

	store_close(open_default(f));
	(void)sql(f,
		"INSERT INTO ledger_day SELECT 0, 'u', 'e', 'c', 'm', 'p', 'r', 200, '', '', 5, "
		"0, 0, 0, 100, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 3, 0, 0, 0, 0, 0, 0, 0, 0, "
		"0, 0, 0, 0, 0");
	(void)sql(f, "CREATE TABLE x AS SELECT * FROM ledger_day");
	(void)sql(f, "ALTER TABLE x DROP COLUMN token");
	(void)sql(f, "ALTER TABLE x DROP COLUMN break_cause");
	(void)sql(f, "ALTER TABLE x DROP COLUMN breaks");
	(void)sql(f, "ALTER TABLE x DROP COLUMN break_tokens");
	(void)sql(f, "ALTER TABLE x DROP COLUMN break_nano");
	(void)sql(f, "DROP TABLE ledger_day");
	(void)sql(f, "ALTER TABLE x RENAME TO ledger_day");
	(void)sql(f, "ALTER TABLE ledger DROP COLUMN break_cause");
	(void)sql(f, "ALTER TABLE ledger DROP COLUMN break_path");
	(void)sql(f, "ALTER TABLE ledger DROP COLUMN break_at");
	(void)sql(f, "ALTER TABLE ledger DROP COLUMN break_tokens");
	(void)sql(f, "ALTER TABLE ledger DROP COLUMN break_nano");
	(void)sql(f, "ALTER TABLE ledger DROP COLUMN parts");
	(void)sql(f, "DROP TABLE ledger_part_day");
	(void)sql(f, "DROP INDEX ledger_by_arm");
	(void)sql(f, "ALTER TABLE ledger DROP COLUMN conversation");
	(void)sql(f, "ALTER TABLE ledger DROP COLUMN asked");
	(void)sql(f, "ALTER TABLE ledger DROP COLUMN arm");
	(void)sql(f, "ALTER TABLE ledger DROP COLUMN again_n");
	(void)sql(f, "ALTER TABLE ledger DROP COLUMN retrievals_n");
	(void)sql(f, "ALTER TABLE ledger DROP COLUMN token");
	(void)sql(f, "DROP TABLE peer");
	(void)sql(f, "PRAGMA user_version = 3");
	store_close(open_default(f));
	assert_int_equal(sql(f, "SELECT requests FROM ledger_day WHERE break_cause = ''"), 5);
	assert_int_equal(sql(f, "SELECT tokens_before - tokens_after FROM ledger_day"), 40);
	assert_int_equal(sql(f, "SELECT saved_nano FROM ledger_day"), 3);
	assert_int_equal(sql(f, "SELECT count(*) FROM pragma_table_info('ledger') WHERE name LIKE "
				"'break%'"),
		5);
}

static void a_database_of_another_program_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.path = f->path};
	struct store *s;

	sql(f, "CREATE TABLE theirs (x)");
	assert_int_equal(store_open(&conf, &s, &f->cx), E_CONFIG);
	assert_int_equal(sql(f, "SELECT count(*) FROM sqlite_schema"), 1);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.path = f->path};
	struct store *s;
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		(void)fputs("not a database ", file);
	(void)fclose(file);
	assert_int_equal(store_open(&conf, &s, &f->cx), E_CONFIG);
}

static void a_read_only_handle_reads_and_refuses_to_write(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.path = f->path, .is_read_only = true};
	struct original_key key;
	struct rendering r = rendering_of("x");
	struct store *s;
	bool was_there;

	assert_int_equal(store_open(&conf, &s, &f->cx), E_NOT_FOUND);
	s = open_default(f);
	key = put_noise(f, s, 100, 1);
	put(f, s, 1, "text");
	store_close(s);
	s = open_with(f, conf);
	assert_int_equal(get(f, s, key.hex), E_OK);
	expect_rendering(f, s, 1, "text");
	assert_int_equal(keep_text(s, STR("new"), STR(""), &key, &f->cx), E_PERMISSION);
	assert_int_equal(rendering_put(s, key_of(2), &r, STR("new"), &f->out, &was_there, &f->cx),
		E_PERMISSION);
	assert_int_equal(store_flush(s, &f->cx), E_OK);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_file_is_private_and_made_with_its_directory),
		T(a_file_that_others_may_read_is_made_private),
		T(a_relative_path_stays_what_it_was_when_it_was_opened),
		T(a_newer_schema_is_refused_and_left_alone),
		T(an_older_schema_is_not_read_before_it_was_migrated),
		T(what_an_older_schema_counted_is_still_counted),
		T(a_database_of_another_program_is_refused),
		T(a_file_that_is_no_database_is_refused),
		T(a_read_only_handle_reads_and_refuses_to_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
