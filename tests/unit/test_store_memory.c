/* A store in memory: what it promises beyond what the other tests of the store run on it. */
#include "tests/unit/store_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "core/store/calibration.h"
#include "core/store/ledger.h"

static const struct store_conf MEMORY_CONF = {.is_in_memory = true, .clock = &fake_clock};

static struct store *open_memory(struct fixture *f)
{
	struct store *s;

	if (store_open(&MEMORY_CONF, &s, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
	return s;
}

static void add_row(struct fixture *f, struct store *s, unsigned n)
{
	struct ledger_row row = {.at_ms = fake_ms, .reason = "changed", .status = 200};

	(void)snprintf(row.id, sizeof row.id, "%u", n);
	if (ledger_add(s, &row, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
}

static void count_requests(void *self, str key, const struct ledger_sum *sum)
{
	(void)key;
	*(uint64_t *)self += sum->requests;
}

static uint64_t requests(struct fixture *f, struct store *s)
{
	uint64_t n = 0;

	flush(f, s);
	assert_int_equal(
		ledger_sums(s, &(struct ledger_query){0}, count_requests, &n, &f->cx), E_OK);
	return n;
}

static void handles_share_nothing_and_nothing_outlives_them(void **state)
{
	struct fixture *f = *state;
	struct store *a = open_memory(f), *b = open_memory(f);

	put(f, a, 1, "in a");
	put(f, b, 1, "in b");
	flush(f, a);
	flush(f, b);
	expect_rendering(f, a, 1, "in a");
	expect_rendering(f, b, 1, "in b");
	store_close(a);
	a = open_memory(f);
	expect_no_rendering(f, a, 1);
	expect_rendering(f, b, 1, "in b");
	store_close(a);
	store_close(b);
}

static void it_cannot_be_opened_for_reading_only(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.is_in_memory = true, .is_read_only = true};
	struct store *s;

	assert_int_equal(store_open(&conf, &s, &f->cx), E_CONFIG);
	assert_null(s);
}

static void its_maxima_are_smaller(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = MEMORY_CONF;
	struct store_stats st;
	struct store *s;

	conf.lease_ms = 1;
	assert_int_equal(store_open(&conf, &s, &f->cx), E_OK);
	for (uint64_t i = 0; i < 80; i++) {
		put_noise(f, s, 1 << 20, i);
		flush(f, s);
		pass_time(2);
	}
	store_get_stats(s, &st);
	assert_in_range(st.original_bytes, 50 << 20, 64 << 20);
	store_close(s);
}

/* ---- no trace ---- */

/* From here on this process can open no file at all. */
static void forbid_files(void)
{
	int next = dup(STDIN_FILENO);
	struct rlimit limit;

	if (next < 0 || close(next) != 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		_exit(10);
	limit.rlim_cur = (rlim_t)next;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || open("/dev/null", O_RDONLY) >= 0)
		_exit(10);
}

/* Everything that the store does, with enough rows that SQLite would sort in a file, and enough
 * bytes that it would spill its cache. */
static void use_everything(struct fixture *f)
{
	struct store *s = open_memory(f);
	struct original_key key;
	double scale;

	for (unsigned i = 0; i < 2000; i++) {
		add_row(f, s, i);
		put(f, s, i, "text");
	}
	for (uint64_t i = 0; i < 20; i++)
		key = put_noise(f, s, 1 << 20, i);
	for (int i = 0; i < CALIBRATION_MIN; i++)
		if (calibration_add(s, STR("m"), 10, 12, &f->cx) != E_OK)
			_exit(11);
	if (requests(f, s) != 2000 || get(f, s, key.hex) != E_OK ||
		!calibration_get(s, STR("m"), &scale, NULL))
		_exit(12);
	expect_rendering(f, s, 1999, "text");
	store_close(s);
}

static void no_file_is_made_even_where_none_can_be(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	int status;
	pid_t pid;

	assert_int_equal(chmod(f->dir, 0500), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (chdir(f->dir) != 0 || setenv("TMPDIR", f->dir, 1) != 0 ||
			setenv("SQLITE_TMPDIR", f->dir, 1) != 0 || setenv("HOME", f->dir, 1) != 0)
			_exit(9);
		forbid_files();
		use_everything(f);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(stat(f->dir, &st), 0);
	assert_int_equal(st.st_nlink, 2);
	assert_int_equal(rmdir(f->dir), 0); /* so it is empty */
	assert_int_equal(mkdir(f->dir, 0700), 0);
}

/* ---- readers beside the writer ---- */

enum { READERS = 3, ROUNDS = 300 };

struct job {
	struct fixture *f;
	struct store *s;
	atomic_uint errors;
	atomic_bool is_over;
};

/* Each read goes to the database, while the writer commits all the time: none may be refused. */
static void *read_all_the_time(void *arg)
{
	struct job *j = arg;
	double scale;
	uint64_t n;

	while (!atomic_load(&j->is_over)) {
		n = 0;
		if (ledger_sums(j->s, &(struct ledger_query){0}, count_requests, &n, NULL) != E_OK)
			atomic_fetch_add(&j->errors, 1);
		if (calibration_get(j->s, STR("m"), &scale, NULL)) /* there is none */
			atomic_fetch_add(&j->errors, 1);
	}
	return NULL;
}

static void reads_and_commits_do_not_fail_each_other(void **state)
{
	struct fixture *f = *state;
	struct job j = {.f = f};
	struct store_conf conf = MEMORY_CONF;
	pthread_t threads[READERS];
	struct store_stats st;

	conf.busy_ms = 1; /* SQLite's own waiting would not be enough */
	assert_int_equal(store_open(&conf, &j.s, &f->cx), E_OK);
	for (unsigned i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_all_the_time, &j), 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		add_row(f, j.s, i);
		put_noise(f, j.s, 2000, i);
		flush(f, j.s);
	}
	atomic_store(&j.is_over, true);
	for (unsigned i = 0; i < READERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	store_get_stats(j.s, &st);
	assert_int_equal(j.errors, 0);
	assert_int_equal(st.write_errors, 0);
	assert_int_equal(requests(f, j.s), ROUNDS);
	store_close(j.s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(handles_share_nothing_and_nothing_outlives_them),
		T(it_cannot_be_opened_for_reading_only),
		T(its_maxima_are_smaller),
		T(no_file_is_made_even_where_none_can_be),
		T(reads_and_commits_do_not_fail_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
