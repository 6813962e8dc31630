/* Decisions of a store whose file takes nothing: the peer is told of them all the same. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include "tests/unit/shelf.h"

/* Somebody who has the file, or a disk that is full, until it is let go. */
struct trouble {
	bool is_full;
	sqlite3 *db;
};

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void begin(struct trouble *t, struct store *s, const char *path)
{
	struct original_key key = original_key_of(STR("something that is not written"));

	if (!t->is_full) {
		assert_int_equal(sqlite3_open(path, &t->db), SQLITE_OK);
		assert_int_equal(
			sqlite3_exec(t->db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
		return;
	}
	limit_files(1);
	assert_int_equal(
		original_put(s, STR("something that is not written"), &key, STR("Bash"), NULL),
		E_OK);
	assert_int_equal(store_flush(s, NULL), E_IO); /* it is known from here on */
	assert_false(store_is_writable(s));
}

static void end(struct trouble *t)
{
	if (t->is_full)
		limit_files(RLIM_INFINITY);
	else
		assert_int_equal(sqlite3_close(t->db), SQLITE_OK);
}

/* Decides without having looked, with an original. What settling says; the decisions lost in *lost_n. */
static enum err decides(
	struct store *s, uint64_t key, const char *text, const char *original, size_t *lost_n)
{
	struct original_key named = original_key_of(str_from(original));
	struct rendering r = {.is_changed = true, .label = "test"};
	struct hash128 k = {.lo = key, .hi = 1};
	bool was_there;
	struct buf winner;
	enum err e;

	*lost_n = 0;
	e = original_put(s, str_from(original), &named, STR("Bash"), NULL);
	memcpy(r.original, named.hex, sizeof r.original);
	buf_init(&winner, 1000);
	if (!e)
		e = rendering_put_unseen(s, k, &r, str_from(text), &winner, &was_there, NULL);
	buf_release(&winner);
	return e ? e : rendering_settle(s, &k, 1, lost_n, NULL);
}

static void is_as_it_came(struct store *s, uint64_t key)
{
	struct rendering r;
	struct buf out;

	buf_init(&out, 1000);
	assert_int_equal(
		rendering_get(s, (struct hash128){.lo = key, .hi = 1}, &r, &out, NULL), E_OK);
	assert_false(r.is_changed);
	buf_release(&out);
}

static void decisions_are_told(bool is_full)
{
	static struct shelf shelf = {.lock = PTHREAD_MUTEX_INITIALIZER};
	const struct store_peer p = shelf_peer(&shelf);
	struct trouble t = {.is_full = is_full};
	char dir[] = "/tmp/headroom-told-XXXXXX", path[64], command[64];
	struct store *a, *b = store_with(&p);
	struct store_stats st;
	size_t lost_n;

	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/store.db", dir);
	a = store_at(&p, path);
	assert_int_equal(decide(b, 9, "from b"), 0);
	begin(&t, a, path);
	for (uint64_t i = 1; i < 4; i++) {
		/* It is not in the file, but the other one has it, at once. */
		assert_int_equal(decides(a, i, "from a", "printed", &lost_n), E_OK);
		assert_int_equal(lost_n, 0);
		sends(a, i, "from a");
		sends(b, i, "from a");
		assert_int_equal(has(b, "printed"), E_OK);
	}
	assert_int_equal(has(a, "printed"), E_OK);
	/* The other one was first. */
	assert_int_equal(decides(a, 9, "from a", "printed", &lost_n), E_OK);
	assert_int_equal(lost_n, 1);
	sends(a, 9, "from b");
	end(&t);
	assert_int_equal(store_flush(a, NULL), E_OK);
	store_get_stats(a, &st);
	assert_int_equal(st.renderings_n, 4);
	assert_int_equal(st.queued_n, 0);
	/* All of it is in the file, as it was sent. */
	store_close(a);
	shelf_empty(&shelf, true);
	a = store_at(&p, path);
	sends(a, 1, "from a");
	sends(a, 9, "from b");
	assert_int_equal(has(a, "printed"), E_OK);
	store_close(a);
	store_close(b);
	shelf_empty(&shelf, false);
	(void)snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void what_is_decided_while_another_program_has_the_file_is_told(void **state)
{
	(void)state;
	decisions_are_told(false);
}

static void what_is_decided_while_the_disk_is_full_is_told(void **state)
{
	(void)state;
	decisions_are_told(true);
}

static void where_neither_takes_a_decision_the_block_goes_as_it_came(void **state)
{
	static struct shelf shelf = {.lock = PTHREAD_MUTEX_INITIALIZER};
	const struct store_peer p = shelf_peer(&shelf);
	char dir[] = "/tmp/headroom-told-XXXXXX", path[64], command[64];
	struct trouble t = {.is_full = true};
	struct store *a;
	size_t lost_n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/store.db", dir);
	a = store_at(&p, path);
	begin(&t, a, path);
	/* It is there and refuses, as a Redis that is full: */
	shelf.is_refusing = true;
	assert_int_not_equal(decides(a, 1, "from a", "printed", &lost_n), E_OK);
	assert_int_equal(lost_n, 1);
	is_as_it_came(a, 1);
	/* it is not there: nothing is waited for, nothing is taken. */
	shelf_empty(&shelf, true);
	assert_int_equal(decides(a, 2, "from a", "printed", &lost_n), E_IO);
	shelf_empty(&shelf, false);
	shelf.is_refusing = false;
	end(&t);
	assert_int_equal(store_flush(a, NULL), E_OK);
	is_as_it_came(a, 1);
	store_close(a);
	shelf_empty(&shelf, false);
	(void)snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

/* More than half of what may wait, and what the peer has makes room. */
static void a_file_that_takes_nothing_for_long_leaves_room(void **state)
{
	static struct shelf shelf = {.lock = PTHREAD_MUTEX_INITIALIZER, .is_bottomless = true};
	const struct store_peer p = shelf_peer(&shelf);
	char dir[] = "/tmp/headroom-told-XXXXXX", path[64], command[64];
	struct trouble t = {.is_full = true};
	struct store *a;
	size_t lost_n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/store.db", dir);
	a = store_at(&p, path);
	begin(&t, a, path);
	for (uint64_t i = 0; i < 20000; i++) {
		assert_int_equal(decides(a, i, "from a", "printed", &lost_n), E_OK);
		assert_int_equal(lost_n, 0);
	}
	end(&t);
	assert_int_equal(store_flush(a, NULL), E_OK);
	store_close(a);
	shelf_empty(&shelf, false);
	(void)snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_decided_while_another_program_has_the_file_is_told),
		cmocka_unit_test(what_is_decided_while_the_disk_is_full_is_told),
		cmocka_unit_test(where_neither_takes_a_decision_the_block_goes_as_it_came),
		cmocka_unit_test(a_file_that_takes_nothing_for_long_leaves_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
