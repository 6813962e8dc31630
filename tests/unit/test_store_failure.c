#include "tests/unit/ledger_help.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "core/base/mem.h"
#include "core/store/store_internal.h"

static sqlite3 *lock_file(struct fixture *f)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static void unlock_file(sqlite3 *db)
{
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* No file of this process can grow beyond so many bytes: as on a full disk. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_is_reported_once_and_nothing_is_lost_when_there_is_room_again(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct original_key first = put_noise(f, s, 1000, 1), second;
	struct store_stats st;
	struct hash128 key = key_of(1);
	struct rendering r = rendering_of("x");
	bool was_there;
	size_t lost_n;

	flush(f, s);
	assert_true(store_is_writable(s));
	limit_files(1);
	second = put_noise(f, s, 1000, 2); /* nobody knows yet */
	put(f, s, 1, "decided");
	assert_int_equal(
		store_flush(s, NULL), E_IO); /* who does not read the reason does not take it */
	assert_int_equal(store_flush(s, &f->cx), E_IO);
	assert_non_null(strstr(f->cx.text, "the store cannot be written"));
	assert_non_null(strstr(f->cx.text, f->path));
	assert_int_equal(keep_text(s, STR("third"), STR(""), NULL, &f->cx), E_IO);
	assert_non_null(strstr(f->cx.text, "still"));
	assert_null(strstr(f->cx.text, f->path));
	assert_int_equal(rendering_settle(s, &key, 1, &lost_n, &f->cx), E_IO);
	assert_int_equal(store_flush(s, &f->cx), E_IO);

	assert_false(store_is_writable(s));
	assert_int_equal(get(f, s, first.hex), E_OK); /* reads go on */
	assert_int_equal(get(f, s, second.hex), E_OK);
	expect_rendering(f, s, 1, "decided");
	assert_int_equal(
		rendering_put(s, key_of(2), &r, STR("text"), &f->out, &was_there, &f->cx), E_IO);
	buf_reset(&f->out);
	assert_int_equal(rendering_get(s, key_of(2), &r, &f->out, &f->cx), E_OK);
	assert_false(r.is_changed); /* as it was sent */

	limit_files(RLIM_INFINITY);
	flush(f, s);
	assert_true(store_is_writable(s));
	put(f, s, 3, "later");
	store_get_stats(s, &st);
	assert_true(st.write_errors >= 2);
	store_close(s);
	s = open_default(f);
	assert_int_equal(get(f, s, second.hex), E_OK);
	expect_rendering(f, s, 1, "decided");
	expect_rendering(f, s, 2, "");
	expect_rendering(f, s, 3, "later");
	store_close(s);
}

static void rows_of_the_ledger_wait_for_room_on_the_disk(void **state)
{
	enum { WAIT_MAX = STORE_QUEUE_OPS / 2, BEFORE = 3 };
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_row row = row_of(0);
	unsigned n = 0;

	add(f, s, &row);
	flush(f, s);
	limit_files(1);
	while (n < BEFORE) {
		row = row_of(++n);
		add(f, s, &row);
	}
	assert_int_equal(store_flush(s, &f->cx), E_IO);
	while (n < WAIT_MAX) {
		row = row_of(++n);
		add(f, s, &row);
	}
	row = row_of(n + 1);
	assert_int_equal(ledger_add(s, &row, &f->cx), E_IO);
	limit_files(RLIM_INFINITY);
	assert_int_equal(total(f, s).requests, WAIT_MAX + 1);
	store_close(s);
}

static void closing_an_unwritable_store_gives_up_what_waits(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);

	flush(f, s);
	limit_files(1);
	put_noise(f, s, 1000, 1);
	put(f, s, 1, "text");
	store_close(s);
	limit_files(RLIM_INFINITY);
	s = open_default(f);
	expect_no_rendering(f, s, 1);
	store_close(s);
}

static void a_file_that_is_locked_for_long_is_busy_and_puts_wait(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.busy_ms = 1});
	sqlite3 *lock = lock_file(f);
	struct hash128 key = key_of(1);
	size_t lost_n;

	put(f, s, 1, "one");
	assert_int_equal(store_flush(s, &f->cx), E_BUSY);
	put(f, s, 2, "two"); /* still taken */
	assert_int_equal(rendering_settle(s, &key, 1, &lost_n, &f->cx), E_BUSY);
	expect_rendering(f, s, 2, "two");
	unlock_file(lock);
	flush(f, s);
	assert_int_equal(sql(f, "SELECT count(*) FROM rendering"), 2);
	store_close(s);
}

static int64_t ms_since(int64_t start_ns)
{
	return (clock_monotonic_ns(NULL) - start_ns) / 1000000;
}

/* While the file is locked by another process: far longer than a request may be kept waiting. */
enum { LOCKED_MS = 20000, SOON_MS = 5000 };

/* A file with one decision for the key, beside that of the fixture. */
static void decide_elsewhere(struct fixture *f, uint64_t key, const char *text, char path[160])
{
	struct fixture there = *f;
	struct store *s;

	(void)snprintf(there.path, sizeof there.path, "%s/other.db", f->dir);
	(void)snprintf(path, 160, "%s", there.path);
	buf_init(&there.out, STORE_TEXT_MAX);
	s = open_default(&there);
	put(&there, s, key, text);
	flush(&there, s);
	store_close(s);
	buf_release(&there.out);
}

static void run_sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
}

static void nobody_waits_long_for_a_decision_and_what_was_sent_holds(void **state)
{
	static const char copy[] =
		"INSERT INTO main.rendering SELECT id + 1000, key, used_ms, made_ms, is_changed, "
		"loss, "
		"tokens_before, tokens_after, label, original, text_bytes, bytes, hash, data "
		"FROM other.rendering";
	struct fixture *f = *state;
	struct store_conf conf = {.busy_ms = LOCKED_MS, .decision_ms = STORE_DECISION_MS};
	struct store *s = open_with(f, conf), *reader;
	struct hash128 key = key_of(1);
	int64_t start_ns;
	size_t lost_n;
	char path[160], attach[200];
	sqlite3 *lock;

	decide_elsewhere(f, 1, "theirs", path);
	(void)snprintf(attach, sizeof attach, "ATTACH '%s' AS other", path);
	assert_int_equal(sqlite3_open(f->path, &lock), SQLITE_OK);
	run_sql(lock, attach);
	run_sql(lock, "BEGIN IMMEDIATE");

	start_ns = clock_monotonic_ns(NULL);
	put(f, s, 1, "ours");
	assert_int_equal(rendering_settle(s, &key, 1, &lost_n, &f->cx), E_BUSY);
	assert_int_equal(lost_n, 0);
	for (int i = 0; i < 100; i++) /* nor does one after the other */
		assert_int_equal(rendering_settle(s, &key, 1, &lost_n, &f->cx), E_BUSY);
	assert_true(ms_since(start_ns) < SOON_MS);

	run_sql(lock, copy); /* they decide otherwise before they let go */
	run_sql(lock, "COMMIT");
	assert_int_equal(sqlite3_close(lock), SQLITE_OK);
	flush(f, s);
	expect_rendering(f, s, 1, "ours");
	reader = open_with(f, (struct store_conf){.is_read_only = true});
	expect_rendering(f, reader, 1, "theirs");
	store_close(reader);
	put(f, s, 2, "later");
	key = key_of(2);
	assert_int_equal(rendering_settle(s, &key, 1, &lost_n, &f->cx), E_OK);
	assert_int_equal(lost_n, 0);
	store_close(s);
}

static void what_waits_for_another_request_is_said_to_be_unsettled(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.busy_ms = LOCKED_MS});
	struct hash128 key = key_of(1);
	struct rendering r;
	size_t lost_n;
	sqlite3 *lock;

	flush(f, s);
	lock = lock_file(f);
	put(f, s, 1, "text");
	buf_reset(&f->out);
	assert_int_equal(rendering_get(s, key, &r, &f->out, &f->cx), E_OK);
	assert_true(r.is_unsettled);
	assert_int_equal(rendering_settle(s, &key, 1, &lost_n, &f->cx), E_BUSY);
	assert_int_equal(rendering_get(s, key, &r, &f->out, &f->cx), E_OK);
	assert_false(r.is_unsettled); /* it went out and holds */
	unlock_file(lock);
	flush(f, s);
	assert_int_equal(rendering_get(s, key, &r, &f->out, &f->cx), E_OK);
	assert_false(r.is_unsettled);
	store_close(s);
}

static void a_file_that_cannot_be_read_is_not_asked_again_at_once(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f), *other = open_default(f);
	char away[160];
	struct rendering r;

	put(f, other, 1, "text");
	flush(f, other);
	(void)snprintf(away, sizeof away, "%s.away", f->path);
	assert_int_equal(rename(f->path, away), 0);
	assert_int_equal(rendering_get(s, key_of(1), &r, &f->out, &f->cx), E_IO);
	assert_int_equal(rename(away, f->path), 0);
	assert_int_equal(rendering_get(s, key_of(1), &r, &f->out, &f->cx), E_BUSY);
	pass_time(STORE_RETRY_MS);
	expect_rendering(f, s, 1, "text");
	store_close(other);
	store_close(s);
}

static void a_decision_is_taken_while_the_file_cannot_be_read(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f), *other = open_default(f);
	struct hash128 key = key_of(1);
	char away[160];
	size_t lost_n;

	put(f, other, 1, "first");
	flush(f, other);
	(void)snprintf(away, sizeof away, "%s.away", f->path);
	assert_int_equal(rename(f->path, away), 0);
	put(f, s, 1, "second");
	assert_int_equal(rename(away, f->path), 0);
	flush(f, s);
	assert_int_equal(rendering_settle(s, &key, 1, &lost_n, &f->cx), E_OK);
	assert_int_equal(lost_n, 1);
	expect_rendering(f, s, 1, "first");
	store_close(other);
	store_close(s);
}

static void a_full_queue_is_busy_and_the_block_goes_as_it_came(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.busy_ms = 1});
	sqlite3 *lock = lock_file(f);
	char *text = noise(STORE_TEXT_MAX, 1);
	struct rendering r = rendering_of("x");
	bool was_there;

	for (int i = 0; i < 2; i++, text[0]++)
		assert_int_equal(
			keep_text(s, (str){text, STORE_TEXT_MAX}, STR(""), NULL, &f->cx), E_OK);
	assert_int_equal(keep_text(s, STR("one more"), STR(""), NULL, &f->cx), E_BUSY);
	assert_int_equal(
		rendering_put(s, key_of(1), &r, STR("text"), &f->out, &was_there, &f->cx), E_BUSY);
	expect_rendering(f, s, 1, "");
	unlock_file(lock);
	flush(f, s);
	put_noise(f, s, 100, 3);
	expect_rendering(f, s, 1, "");
	free(text);
	store_close(s);
}

static void too_many_waiting_writes_are_refused_and_remembered_as_unchanged(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.busy_ms = 1});
	sqlite3 *lock = lock_file(f);
	struct rendering r = rendering_of("x");
	uint64_t n = 0;
	bool was_there;

	do
		buf_reset(&f->out);
	while (rendering_put(s, key_of(n++), &r, STR("text"), &f->out, &was_there, NULL) == E_OK);
	assert_true(n > 10000);
	expect_rendering(f, s, n - 1, "");
	expect_rendering(f, s, n - 2, "text");
	unlock_file(lock);
	flush(f, s);
	expect_rendering(f, s, n - 1, "");
	assert_int_equal(sql(f, "SELECT count(*) FROM rendering"), n - 1);
	store_close(s);
}

static void a_file_that_was_deleted_is_not_written_to(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);

	put(f, s, 1, "text");
	flush(f, s);
	assert_int_equal(unlink(f->path), 0);
	put(f, s, 2, "text");
	assert_int_equal(store_flush(s, &f->cx), E_IO);
	assert_non_null(strstr(f->cx.text, "deleted or replaced"));
	expect_rendering(f, s, 1, "text");
	store_close(s);
}

static void garbage_in_the_file_is_an_error_not_a_crash(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct store_conf conf = {.path = f->path};
	struct original_key key;
	char *garbage = noise(8 * 4096, 5);
	int fd;

	for (uint64_t i = 0; i < 50; i++) {
		key = put_noise(f, s, 3000, i);
		put(f, s, i, "text");
	}
	store_close(s);
	fd = open(f->path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, garbage, 8 * 4096, 2 * 4096), 8 * 4096);
	assert_int_equal(close(fd), 0);
	if (store_open(&conf, &s, &f->cx) != E_OK) {
		assert_null(s);
	} else {
		struct rendering r;

		assert_int_not_equal(get(f, s, key.hex), E_OK);
		assert_int_not_equal(rendering_get(s, key_of(49), &r, &f->out, &f->cx), E_OK);
		assert_int_equal(keep_text(s, STR("new"), STR(""), NULL, &f->cx), E_OK);
		assert_int_not_equal(store_flush(s, &f->cx), E_OK);
		store_close(s);
	}
	free(garbage);
}

static void a_write_that_fails_half_way_is_undone_and_tried_again(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);

	flush(f, s);
	sql(f, "ALTER TABLE total RENAME TO elsewhere");
	put(f, s, 1, "text");
	assert_int_equal(store_flush(s, &f->cx), E_IO);
	assert_int_equal(sql(f, "SELECT count(*) FROM rendering"), 0);
	sql(f, "ALTER TABLE elsewhere RENAME TO total");
	flush(f, s);
	assert_int_equal(sql(f, "SELECT count(*) FROM rendering"), 1);
	assert_int_equal(sql(f, "SELECT rows_n FROM total WHERE name = 'rendering'"), 1);
	store_close(s);
}

/* One go through everything that allocates on the caller's thread. */
static enum err use_all(struct fixture *f, struct store *s, uint64_t n)
{
	struct rendering r = rendering_of("x");
	struct original_key key;
	struct buf out;
	bool was_there;
	enum err e;

	buf_init(&out, 1000);
	e = keep_text(s, (str){(const char *)&n, sizeof n}, STR("tool"), &key, &f->cx);
	if (!e)
		e = original_get(s, str_from(key.hex), &out, &f->cx);
	if (!e)
		e = rendering_put(s, key_of(n), &r, STR("text"), &out, &was_there, &f->cx);
	if (!e)
		e = rendering_get(s, key_of(n), &r, &out, &f->cx);
	buf_release(&out);
	return e;
}

static void short_memory_is_an_error_and_harms_nothing(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.lease_ms = 1});
	enum err e = E_NOMEM;

	for (size_t i = 1; e; i++) {
		mem_fail_after(i);
		e = use_all(f, s, 1000 + i);
		mem_fail_after(0);
		assert_true(e == E_OK || e == E_NOMEM);
		pass_time(1);
	}
	for (size_t i = 1; i < 200; i++)
		assert_int_equal(use_all(f, s, 1000 + i), E_OK);
	store_close(s);
}

static void opening_without_memory_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.path = f->path};
	struct store *s = NULL;
	enum err e = E_NOMEM;

	for (size_t i = 1; e; i++) {
		mem_fail_after(i);
		e = store_open(&conf, &s, &f->cx);
		mem_fail_after(0);
		assert_true(e == E_OK || e == E_NOMEM);
	}
	store_close(s);
	store_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_full_disk_is_reported_once_and_nothing_is_lost_when_there_is_room_again),
		T(rows_of_the_ledger_wait_for_room_on_the_disk),
		T(closing_an_unwritable_store_gives_up_what_waits),
		T(a_file_that_is_locked_for_long_is_busy_and_puts_wait),
		T(nobody_waits_long_for_a_decision_and_what_was_sent_holds),
		T(what_waits_for_another_request_is_said_to_be_unsettled),
		T(a_file_that_cannot_be_read_is_not_asked_again_at_once),
		T(a_decision_is_taken_while_the_file_cannot_be_read),
		T(a_full_queue_is_busy_and_the_block_goes_as_it_came),
		T(too_many_waiting_writes_are_refused_and_remembered_as_unchanged),
		T(a_file_that_was_deleted_is_not_written_to),
		T(garbage_in_the_file_is_an_error_not_a_crash),
		TM(a_write_that_fails_half_way_is_undone_and_tried_again),
		TM(short_memory_is_an_error_and_harms_nothing),
		T(opening_without_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
