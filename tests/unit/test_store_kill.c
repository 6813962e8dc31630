/* 10,000 originals, put by four threads each of two processes at once that are killed in the middle of it, again and
 * again, until all are there: what was acknowledged is there, and what is there is what was put.
 *
 * The texts are made; with HEADROOM_CORPORA in the environment they are pieces of the files below that directory.
 * The test starts itself:
 *	writer PATH FIRST STEP     puts all texts from number FIRST on by STEP, prints numbers that are flushed */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/store/original.h"
#include "tests/unit/random_tools.h"

enum { ORIGINALS = 10000, THREADS = 4, FLUSH_EVERY = 16, KILLS = 6, PIECE = 4 << 10 };

/* ---- the texts ---- */

static struct {
	struct buf bytes; /* of all files; empty: texts are made */
	size_t ends[ORIGINALS];
	uint32_t n;
} pieces;

/* Cuts what has come into pieces at ends of lines. */
static int add_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t at = pieces.bytes.n;
	struct errctx cx = {0};

	(void)st;
	(void)ftw;
	if (type != FTW_F || pieces.n == ORIGINALS || file_read(path, &pieces.bytes, &cx) != E_OK)
		return 0;
	while (pieces.n < ORIGINALS && at < pieces.bytes.n) {
		size_t left = pieces.bytes.n - at, n = left < PIECE ? left : PIECE;
		size_t eol = str_find_byte(
			str_sub(buf_str(&pieces.bytes), at + n, pieces.bytes.n), '\n');

		at += eol == STR_NONE ? left : n + eol + (n + eol < left);
		pieces.ends[pieces.n++] = at;
	}
	return 0;
}

static void load_pieces(void)
{
	const char *dir = getenv("HEADROOM_CORPORA");

	buf_init(&pieces.bytes, LIMIT_INPUT);
	if (dir && *dir)
		(void)nftw(dir, add_file, 16, FTW_PHYS);
}

/* Text number n; the same in every process. */
static str text_of(uint32_t n, struct arena *a)
{
	struct rng rng = rng_new(n);
	struct tools_text t = {.rng = &rng, .n = 4 + rng_below(&rng, 60), .needle = STR("kx00")};
	struct buf b;

	if (n < pieces.n)
		return str_sub(buf_str(&pieces.bytes), n ? pieces.ends[n - 1] : 0, pieces.ends[n]);
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_printf(&b, "number %u\n", n);
	t.b = &b;
	t.at = rng_below(&rng, t.n);
	tools_makers[n % TOOLS_N].add(&t);
	return buf_str(&b);
}

/* ---- a process that writes ---- */

struct job {
	struct store *s;
	uint32_t first, step;
};

static void acknowledge(struct store *s, const uint32_t *numbers, size_t n)
{
	struct errctx cx = {0};
	size_t bytes = n * sizeof *numbers;

	if (store_flush(s, &cx) != E_OK) {
		(void)fprintf(stderr, "%s\n", cx.text);
		_exit(4);
	}
	/* less than PIPE_BUF: in one piece */
	if (write(STDOUT_FILENO, numbers, bytes) != (ssize_t)bytes)
		_exit(5);
}

static void *put_all(void *arg)
{
	const struct job *j = arg;
	uint32_t numbers[FLUSH_EVERY];
	struct arena a = ARENA_INIT;
	size_t n = 0;

	for (uint32_t i = j->first; i < ORIGINALS; i += j->step) {
		str text = text_of(i, &a);
		struct original_key key = original_key_of(text);

		while (original_put(j->s, text, &key, STR("test"), NULL) == E_BUSY)
			(void)!store_flush(j->s, NULL);
		numbers[n++] = i;
		if (n == FLUSH_EVERY) {
			acknowledge(j->s, numbers, n);
			n = 0;
		}
		arena_reset(&a);
	}
	acknowledge(j->s, numbers, n);
	arena_release(&a);
	return NULL;
}

static int run_writer(const char *path, uint32_t first, uint32_t step)
{
	struct store_conf conf = {.path = path, .busy_ms = 20000};
	struct job jobs[THREADS];
	pthread_t threads[THREADS];
	struct errctx cx = {0};
	struct store *s;

	if (store_open(&conf, &s, &cx) != E_OK) {
		(void)fprintf(stderr, "%s\n", cx.text);
		return 2;
	}
	for (uint32_t i = 0; i < THREADS; i++) {
		jobs[i] = (struct job){s, first + i * step, step * THREADS};
		if (pthread_create(&threads[i], NULL, put_all, &jobs[i]) != 0)
			return 3;
	}
	for (uint32_t i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	store_close(s);
	return 0;
}

/* ---- the parent ---- */

struct fixture {
	char dir[64], path[128];
	bool is_acknowledged[ORIGINALS];
	uint32_t acknowledged;
};

struct child {
	pid_t pid;
	int out;
};

static struct child start(struct fixture *f, const char *first, const char *step)
{
	struct child c;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	c.pid = fork();
	assert_true(c.pid >= 0);
	if (c.pid == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)execl("/proc/self/exe", "test_store_kill", "writer", f->path, first, step,
			(char *)NULL);
		_exit(127);
	}
	(void)close(ends[1]);
	c.out = ends[0];
	return c;
}

/* Reads what c says, until that many more are acknowledged, or the end. */
static void listen_to(struct fixture *f, struct child *c, uint32_t more)
{
	uint32_t numbers[FLUSH_EVERY];
	ssize_t n;

	for (uint32_t seen = 0; seen < more; seen += (uint32_t)n) {
		n = read(c->out, numbers, sizeof numbers);
		assert_true(n >= 0 && n % (ssize_t)sizeof *numbers == 0);
		n /= (ssize_t)sizeof *numbers;
		if (n == 0)
			return;
		for (ssize_t i = 0; i < n; i++) {
			assert_true(numbers[i] < ORIGINALS);
			f->acknowledged += !f->is_acknowledged[numbers[i]];
			f->is_acknowledged[numbers[i]] = true;
		}
	}
}

static void end(struct fixture *f, struct child *c, int signal_no)
{
	int status;

	if (signal_no)
		(void)kill(c->pid, signal_no);
	listen_to(f, c, UINT32_MAX); /* what it had said before */
	(void)close(c->out);
	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	if (!signal_no)
		assert_int_equal(status, 0);
}

/* Every text that is there is what was put, and all that were acknowledged are there. */
static uint32_t check(struct fixture *f)
{
	struct store_conf conf = {.path = f->path, .is_read_only = true};
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	struct store *s;
	struct buf got;
	uint32_t found = 0;

	if (store_open(&conf, &s, &cx) != E_OK)
		fail_msg("%s", cx.text);
	buf_init(&got, STORE_TEXT_MAX);
	for (uint32_t i = 0; i < ORIGINALS; i++) {
		str text = text_of(i, &a);
		enum err e;

		buf_reset(&got);
		e = original_get(s, str_from(original_key_of(text).hex), &got, &cx);
		if (e == E_NOT_FOUND && !f->is_acknowledged[i])
			continue;
		if (e)
			fail_msg("%u: %s", i, cx.text);
		if (!str_eq(buf_str(&got), text))
			fail_msg("%u is another text", i);
		found++;
		arena_reset(&a);
	}
	buf_release(&got);
	arena_release(&a);
	store_close(s);
	return found;
}

static void expect_sound_file(struct fixture *f)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "ok");
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void originals_outlive_the_kill_of_their_writers(void **state)
{
	struct fixture *f = *state;
	uint32_t found;

	/* Two processes with some texts in common, killed one after the other. */
	for (uint32_t i = 0; i < KILLS; i++) {
		struct child odd = start(f, i % 2 ? "1" : "2", "3"), all = start(f, "0", "1");

		listen_to(f, &odd, 100 + 200 * i);
		end(f, &odd, SIGKILL);
		listen_to(f, &all, 100 + 150 * i);
		end(f, &all, SIGKILL);
		found = check(f);
		assert_true(found >= f->acknowledged);
	}
	expect_sound_file(f);
	assert_true(f->acknowledged > 1000 && f->acknowledged < ORIGINALS);
	print_message("%u texts of files; %u were acknowledged and %u there after %d kills\n",
		pieces.n, f->acknowledged, found, 2 * KILLS);
	for (int i = 0; i < 2; i++) { /* the second one has nothing to do */
		struct child all = start(f, "0", "1"), other = start(f, "0", "1");

		end(f, &all, 0);
		end(f, &other, 0);
		assert_int_equal(f->acknowledged, ORIGINALS);
		assert_int_equal(check(f), ORIGINALS);
	}
	expect_sound_file(f);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (!f)
		return -1;
	(void)snprintf(f->dir, sizeof f->dir, "/tmp/headroom-test-kill-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	(void)snprintf(f->path, sizeof f->path, "%s/store.db", f->dir);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char cmd[128];

	(void)snprintf(cmd, sizeof cmd, "rm -rf %s", f->dir);
	free(f);
	return system(cmd);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			originals_outlive_the_kill_of_their_writers, set_up, tear_down),
	};
	int rc;

	load_pieces();
	if (argc == 5 && strcmp(argv[1], "writer") == 0)
		return run_writer(argv[2], (uint32_t)strtoul(argv[3], NULL, 10),
			(uint32_t)strtoul(argv[4], NULL, 10));
	rc = cmocka_run_group_tests_name("store: 10,000 originals", tests, NULL, NULL);
	buf_release(&pieces.bytes);
	return rc;
}
