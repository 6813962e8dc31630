/* What the store promises when processes die or meet. The test starts itself as child processes:
 *
 *	writer PATH FROM MAX     puts numbered originals and renderings, prints each number that is flushed
 *	decider PATH NAME N      puts N decisions that differ by NAME, settles them, prints what stands in the end
 *
 * HEADROOM_CRASH_ROUNDS (default 20) is the number of kills. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/store/ledger.h"
#include "core/store/original.h"
#include "core/store/rendering.h"

enum { DECISIONS = 500 };

/* The text of number n; some compress well, some do not, some are large. */
static void make_text(struct buf *b, uint64_t n)
{
	uint64_t x = n * 2654435761u + 1;
	size_t size = n % 50 == 0 ? 200000 : 50 + n * 37 % 5000;

	buf_reset(b);
	buf_printf(b, "text %" PRIu64 "\n", n);
	while (b->n < size) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		if (n % 3)
			buf_printf(b, "line %u of the listing\n", (unsigned)(x >> 60));
		else
			buf_add(b, (str){(const char *)&x, sizeof x});
	}
}

static struct hash128 key_of(uint64_t n)
{
	return hash128((str){(const char *)&n, sizeof n});
}

static void print_number(uint64_t n)
{
	char line[32];
	int len = snprintf(line, sizeof line, "%" PRIu64 "\n", n);

	if (write(STDOUT_FILENO, line, (size_t)len) != len)
		_exit(3);
}

/* ---- children ---- */

/* The i-th row of this process, from 1. */
static void add_row(struct store *s, uint64_t i)
{
	struct ledger_row row = {.bytes_in = i, .status = 200};
	char project[32];

	clock_id(NULL, row.id);
	row.at_ms = clock_wall_ms(NULL);
	(void)snprintf(project, sizeof project, "%d", (int)getpid());
	row.project = str_from(project);
	if (ledger_add(s, &row, NULL) != E_OK)
		_exit(6);
}

static void put_number(struct store *s, struct buf *text, uint64_t n)
{
	struct rendering r = {.is_changed = true, .tokens_before = (uint32_t)n};
	struct original_key key;
	struct buf winner;
	bool was_there;

	make_text(text, n);
	key = original_key_of(buf_str(text));
	if (original_put(s, buf_str(text), &key, STR("test"), NULL) != E_OK)
		_exit(4);
	memcpy(r.original, key.hex, sizeof key.hex);
	buf_init(&winner, STORE_TEXT_MAX);
	if (rendering_put(s, key_of(n), &r, str_sub(buf_str(text), 0, text->n / 2), &winner,
		    &was_there, NULL) != E_OK)
		_exit(5);
	buf_release(&winner);
}

/* Until it is killed. */
static int run_writer(const char *path, uint64_t from, size_t max)
{
	/* With a short lease and a small maximum it also evicts all the time. */
	struct store_conf conf = {.path = path,
		.original_bytes_max = max,
		.rendering_bytes_max = max,
		.ledger_rows_max = max ? 20 : 0,
		.lease_ms = max ? 1 : 0,
		.keep_ms = max ? -1 : 0};
	struct errctx cx = {0};
	struct store *s;
	struct buf text;

	if (store_open(&conf, &s, &cx) != E_OK) {
		(void)fprintf(stderr, "%s\n", cx.text);
		return 2;
	}
	buf_init(&text, STORE_TEXT_MAX);
	for (uint64_t n = from;; n++) {
		put_number(s, &text, n);
		add_row(s, n - from + 1);
		if (n % 7)
			continue;
		if (store_flush(s, &cx) != E_OK) {
			(void)fprintf(stderr, "%s\n", cx.text);
			return 2;
		}
		print_number(n);
	}
}

/* The decisions of one process, in pieces, so that two processes run abreast. */
static int run_decider(const char *path, const char *name, uint64_t decisions_n)
{
	struct store_conf conf = {.path = path};
	struct hash128 all = {0, 0};
	struct errctx cx = {0};
	struct store *s;
	struct buf out;

	if (store_open(&conf, &s, &cx) != E_OK) {
		(void)fprintf(stderr, "%s\n", cx.text);
		return 2;
	}
	buf_init(&out, 1 << 20);
	for (uint64_t n = 0; n < decisions_n; n++) {
		struct rendering r = {.is_changed = true};
		struct hash128 key = key_of(n);
		bool was_there;
		size_t lost_n;

		buf_reset(&out);
		/* The flush is as patient as a busy machine needs; settling alone is not. */
		if (rendering_put(s, key, &r, str_from(name), &out, &was_there, &cx) != E_OK ||
			store_flush(s, &cx) != E_OK ||
			rendering_settle(s, &key, 1, &lost_n, &cx) != E_OK)
			return 3;
		buf_reset(&out);
		if (rendering_get(s, key, &r, &out, &cx) != E_OK)
			return 4;
		all = hash128_chain(all, hash128(buf_str(&out)));
	}
	buf_release(&out);
	store_close(s);
	print_number(all.lo);
	return 0;
}

/* ---- the parent ---- */

struct child {
	pid_t pid;
	FILE *out;
};

static struct child start(const char *a, const char *b, const char *c, const char *d)
{
	struct child child;
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	child.pid = fork();
	assert_true(child.pid >= 0);
	if (child.pid == 0) {
		(void)dup2(fd[1], STDOUT_FILENO);
		(void)close(fd[0]);
		(void)close(fd[1]);
		(void)execl("/proc/self/exe", "test_store_crash", a, b, c, d, (char *)NULL);
		_exit(127);
	}
	(void)close(fd[1]);
	child.out = fdopen(fd[0], "r");
	assert_non_null(child.out);
	return child;
}

static bool read_number(struct child *c, uint64_t *n)
{
	char line[32];

	return fgets(line, sizeof line, c->out) && str_u64(str_trim(str_from(line)), n);
}

static int end(struct child *c)
{
	int status;

	(void)fclose(c->out);
	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	return status;
}

struct fixture {
	char dir[64], path[128];
};

static int64_t query(struct fixture *f, const char *text, char *out, size_t cap)
{
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int64_t value;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	value = sqlite3_column_int64(stmt, 0);
	if (out)
		(void)snprintf(out, cap, "%s", (const char *)sqlite3_column_text(stmt, 0));
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return value;
}

static void expect_sound_file(struct fixture *f)
{
	static const char *const wrong_totals =
		"SELECT (SELECT count(*) FROM total WHERE name = 'original' AND "
		"(rows_n <> (SELECT count(*) FROM original) OR "
		"bytes <> (SELECT coalesce(sum(bytes), 0) FROM original))) + "
		"(SELECT count(*) FROM total WHERE name = 'rendering' AND "
		"(rows_n <> (SELECT count(*) FROM rendering) OR "
		"bytes <> (SELECT coalesce(sum(bytes), 0) FROM rendering))) + "
		"(SELECT count(*) FROM total WHERE name = 'ledger' AND "
		"rows_n <> (SELECT count(*) FROM ledger))";
	static const char *const orphans =
		"SELECT count(*) FROM rendering WHERE original <> '' AND original NOT IN "
		"(SELECT lower(hex(substr(sha, 1, 12))) FROM original)";
	/* The rows of each process are the first so many that it added, each once, folded or not. */
	static const char *const wrong_rows =
		"SELECT count(*) FROM (SELECT sum(n) AS k, sum(b) AS b FROM "
		"(SELECT project, 1 AS n, bytes_in AS b FROM ledger UNION ALL "
		"SELECT project, requests, bytes_in FROM ledger_day) GROUP BY project) "
		"WHERE b <> k * (k + 1) / 2";
	char text[100];

	(void)query(f, "PRAGMA integrity_check", text, sizeof text);
	assert_string_equal(text, "ok");
	assert_int_equal(query(f, wrong_totals, NULL, 0), 0);
	assert_int_equal(query(f, orphans, NULL, 0), 0);
	assert_int_equal(query(f, wrong_rows, NULL, 0), 0);
}

/* At least so many requests of that process are in the ledger. */
static void expect_rows(struct fixture *f, pid_t pid, uint64_t n)
{
	char sql[256];

	(void)snprintf(sql, sizeof sql,
		"SELECT (SELECT count(*) FROM ledger WHERE project = '%d') + "
		"(SELECT coalesce(sum(requests), 0) FROM ledger_day WHERE project = '%d')",
		(int)pid, (int)pid);
	assert_true((uint64_t)query(f, sql, NULL, 0) >= n);
}

/* Number n is there as it was put, or, when it need not be, not at all. Returns whether it is. */
static bool expect_whole(struct store *s, uint64_t n, bool must_be)
{
	struct buf want, got;
	struct errctx cx = {0};
	struct rendering r;
	enum err e;

	buf_init(&want, STORE_TEXT_MAX);
	buf_init(&got, STORE_TEXT_MAX);
	make_text(&want, n);
	e = rendering_get(s, key_of(n), &r, &got, &cx);
	if (e == E_OK) {
		assert_true(str_eq(buf_str(&got), str_sub(buf_str(&want), 0, want.n / 2)));
		assert_int_equal(r.tokens_before, (uint32_t)n);
		buf_reset(&got);
		assert_int_equal(original_get(s, str_from(r.original), &got, &cx), E_OK);
		assert_true(str_eq(buf_str(&got), buf_str(&want)));
	} else {
		assert_int_equal(e, E_NOT_FOUND);
		assert_false(must_be);
	}
	buf_release(&want);
	buf_release(&got);
	return e == E_OK;
}

static void expect_numbers(struct fixture *f, uint64_t from, uint64_t acknowledged, uint64_t to)
{
	struct store_conf conf = {.path = f->path};
	struct store *s;

	assert_int_equal(store_open(&conf, &s, NULL), E_OK);
	for (uint64_t n = from; n <= to; n++)
		(void)expect_whole(s, n, n <= acknowledged);
	store_close(s);
}

static unsigned rounds(void)
{
	const char *env = getenv("HEADROOM_CRASH_ROUNDS");
	uint64_t n;

	return env && str_u64(str_from(env), &n) ? (unsigned)n : 20;
}

/* Lets the child run on for a while that differs from round to round: some acknowledgements, and then up to two
 * milliseconds in the middle of whatever it does. */
static uint64_t kill_somewhere(struct child *c, unsigned round)
{
	uint64_t acknowledged = 0, n;
	int64_t until;

	for (unsigned i = 0; i <= round % 9; i++)
		assert_true(read_number(c, &acknowledged));
	until = clock_monotonic_ns(NULL) + (int64_t)(round * 7919 % 2000) * 1000;
	while (clock_monotonic_ns(NULL) < until)
		;
	assert_int_equal(kill(c->pid, SIGKILL), 0);
	while (read_number(c, &n)) /* what it still said before it died */
		acknowledged = n;
	assert_true(WIFSIGNALED(end(c)));
	return acknowledged;
}

static void a_killed_writer_loses_nothing_that_was_acknowledged(void **state)
{
	struct fixture *f = *state;
	uint64_t from = 1;

	for (unsigned round = 0; round < rounds(); round++) {
		char number[32];
		struct child c;
		uint64_t acknowledged;

		(void)snprintf(number, sizeof number, "%" PRIu64, from);
		c = start("writer", f->path, number, "0");
		acknowledged = kill_somewhere(&c, round);
		if (round % 2) /* otherwise it is the store that recovers the file */
			expect_sound_file(f);
		expect_numbers(f, from, acknowledged, acknowledged + 100);
		expect_rows(f, c.pid, acknowledged - from + 1);
		from = acknowledged + 1;
	}
	expect_sound_file(f);
	expect_numbers(f, 1, from - 1, from - 1);
}

static void a_writer_killed_while_it_evicts_and_folds_leaves_sound_totals(void **state)
{
	struct fixture *f = *state;

	for (unsigned round = 0; round < rounds(); round++) {
		char number[32];
		struct child c;
		uint64_t acknowledged;

		(void)snprintf(number, sizeof number, "%u", round * 1000 + 1);
		c = start("writer", f->path, number, "300000");
		acknowledged = kill_somewhere(&c, round * 31);
		expect_sound_file(f);
		expect_rows(f, c.pid, acknowledged - round * 1000);
	}
	expect_numbers(f, 1, 0, 2000);
	assert_true(query(f, "SELECT count(*) FROM ledger_day", NULL, 0) > 0);
}

static void two_processes_agree_on_every_decision(void **state)
{
	struct fixture *f = *state;
	struct child a = start("decider", f->path, "from a", "500");
	struct child b = start("decider", f->path, "from b", "500");
	uint64_t from_a = 0, from_b = 0;

	assert_true(read_number(&a, &from_a));
	assert_true(read_number(&b, &from_b));
	assert_int_equal(end(&a), 0);
	assert_int_equal(end(&b), 0);
	assert_int_equal(from_a, from_b);
	assert_int_equal(query(f, "SELECT count(*) FROM rendering", NULL, 0), DECISIONS);
	expect_sound_file(f);
}

static void a_writer_beside_a_killed_one_goes_on(void **state)
{
	struct fixture *f = *state;
	struct child a = start("writer", f->path, "1", "0"), b;
	uint64_t from_a = 0, from_b;

	for (unsigned round = 0; round < 5; round++) {
		b = start("writer", f->path, "1000000", "0");
		from_b = kill_somewhere(&b, round * 13);
		assert_true(read_number(&a, &from_a));
	}
	assert_int_equal(kill(a.pid, SIGKILL), 0);
	assert_true(WIFSIGNALED(end(&a)));
	expect_sound_file(f);
	expect_numbers(f, 1, from_a, from_a + 10);
	expect_numbers(f, 1000000, from_b, from_b + 10);
}

/* ---- setup ---- */

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (!f)
		return -1;
	(void)snprintf(f->dir, sizeof f->dir, "/tmp/headroom-test-crash-XXXXXX");
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
	int rc;

	(void)snprintf(cmd, sizeof cmd, "rm -rf %s", f->dir);
	rc = system(cmd);
	free(f);
	return rc;
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(a_killed_writer_loses_nothing_that_was_acknowledged),
		T(a_writer_killed_while_it_evicts_and_folds_leaves_sound_totals),
		T(two_processes_agree_on_every_decision),
		T(a_writer_beside_a_killed_one_goes_on),
	};
	uint64_t n, max;

	if (argc == 5 && str_u64(str_from(argv[3]), &n) && str_u64(str_from(argv[4]), &max))
		return run_writer(argv[2], n, max);
	if (argc == 5 && str_u64(str_from(argv[4]), &n))
		return run_decider(argv[2], argv[3], n);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
