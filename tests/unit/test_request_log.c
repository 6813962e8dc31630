#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/pool.h"
#include "core/json/scan.h"
#include "core/transcript/turns.h"
#include "tests/unit/request_log_row.h"

static int64_t wall(void *self)
{
	(void)self;
	return 1767323045678; /* 2026-01-02T03:04:05.678Z */
}

static const struct clock fixed_clock = {.wall_ms = wall};

struct events {
	unsigned n, warnings;
};

static void count_event(void *self, enum log_level level, str line)
{
	struct events *e = self;

	(void)line;
	__atomic_fetch_add(&e->n, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&e->warnings, level == LOG_LEVEL_WARN, __ATOMIC_RELAXED);
}

struct fixture {
	char dir[64], path[128];
	struct errctx cx;
	struct events events;
	struct log log;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	const char *tmp = getenv("TMPDIR");

	assert_non_null(f);
	(void)snprintf(f->dir, sizeof f->dir, "%.40s/request-log-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->path, sizeof f->path, "%s/a/b/log.jsonl", f->dir);
	f->log = (struct log){
		LOG_LEVEL_INFO, LOG_FORMAT_JSON, count_event, &f->events, &fixed_clock};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	(void)snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static struct request_log *open_log(struct fixture *f, bool has_messages)
{
	struct request_log *l;

	if (request_log_open(f->path, has_messages, &f->log, &l, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
	return l;
}

/* ---- the file ---- */

static void read_log(const char *path, struct buf *out)
{
	struct errctx cx = {0};

	buf_init(out, (size_t)256 << 20);
	if (file_read(path, out, &cx) != E_OK)
		fail_msg("%s", cx.text);
}

/* Every line must be JSON; counts them. */
static size_t lines_of(const char *path)
{
	struct arena a = ARENA_INIT;
	struct buf text;
	size_t n = 0;
	str rest, line;
	bool has_eol;

	read_log(path, &text);
	rest = buf_str(&text);
	while (str_next_line(&rest, &line, &has_eol)) {
		struct json_tape t;

		assert_true(has_eol);
		assert_int_equal(json_scan(&a, line, &t, NULL), E_OK);
		n++;
		arena_reset(&a);
	}
	buf_release(&text);
	arena_release(&a);
	return n;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static char *numbered(char out[160], const struct fixture *f, int n)
{
	(void)snprintf(out, 160, "%s.%d", f->path, n);
	return out;
}

static void the_file_is_ours_alone(void **state)
{
	struct fixture *f = *state;
	mode_t mask = umask(0);
	struct request_log *l = open_log(f, false);
	char dir[128];

	umask(mask);
	request_log_add(l, &full_row);
	request_log_close(l);
	assert_int_equal(mode_of(f->path), 0600);
	(void)snprintf(dir, sizeof dir, "%s/a", f->dir);
	assert_int_equal(mode_of(dir), 0700);
	assert_int_equal(f->events.n, 0);
	assert_int_equal(chmod(f->path, 0644), 0);
	l = open_log(f, false);
	assert_int_equal(f->events.warnings, 1);
	request_log_add(l, &full_row);
	request_log_close(l);
	assert_int_equal(lines_of(f->path), 2);
	request_log_close(NULL);
}

static void what_cannot_be_written_is_an_error_at_the_start(void **state)
{
	struct fixture *f = *state;
	struct request_log *l;

	assert_int_equal(request_log_open(f->dir, false, NULL, &l, &f->cx), E_CANT_CREATE);
	assert_null(l);
	assert_non_null(strstr(f->cx.text, "--log-file"));
	(void)snprintf(f->path, sizeof f->path, "/dev/null/x/log");
	assert_int_equal(request_log_open(f->path, false, NULL, &l, &f->cx), E_CANT_CREATE);
	assert_non_null(strstr(f->cx.text, "--log-file"));
	(void)snprintf(f->path, sizeof f->path, "/dev/null");
	assert_int_equal(request_log_open(f->path, false, NULL, &l, &f->cx), E_OK);
	request_log_add(l, &full_row);
	request_log_close(l);
	assert_true(exists("/dev/null"));
}

static void short_memory_is_an_error_at_the_start(void **state)
{
	struct fixture *f = *state;
	struct request_log *l = NULL;
	enum err e;

	for (size_t n = 1;; n++) {
		mem_fail_after(n);
		e = request_log_open(f->path, false, NULL, &l, &f->cx);
		if (!mem_failed() || e == E_OK) /* a link need not be followed */
			break;
		assert_int_equal(e, E_NOMEM);
	}
	mem_fail_after(1);
	request_log_add(l, &full_row); /* dropped, and counted */
	mem_fail_after(0);
	request_log_close(l);
	assert_int_equal(lines_of(f->path), 1);
}

/* A row whose line is a little more than n bytes. */
static struct request_log_row large_row(char *text, size_t n)
{
	struct request_log_row row = full_row;

	memset(text, 'x', n);
	text[0] = text[n - 1] = '"';
	row.request = row.sent = (str){text, n};
	return row;
}

/* A byte behind the longest response that is written whole was copied, too. */
static void a_response_is_read_to_its_end_and_no_further(void **state)
{
	struct fixture *f = *state;
	struct request_log_row row = full_row;
	char *text = malloc(LOG_RESPONSE_MAX + 1); /* whoever reads more is seen by the sanitizer */
	struct request_log *l = open_log(f, true);
	struct buf log;

	assert_non_null(text);
	memset(text, 'x', LOG_RESPONSE_MAX + 1);
	row.response = (str){text + 1, LOG_RESPONSE_MAX};
	request_log_add(l, &row);
	row.response = (str){text, LOG_RESPONSE_MAX + 1000};
	request_log_add(l, &row);
	request_log_close(l);
	free(text);
	read_log(f->path, &log);
	assert_null(memmem(log.p, log.n / 2, "omitted", 7));
	assert_non_null(memmem(log.p, log.n, "\"response_omitted_bytes\":1000}\n", 31));
	buf_release(&log);
}

static void a_full_file_is_put_away(void **state)
{
	struct fixture *f = *state;
	struct request_log *l = open_log(f, true);
	size_t n = LOG_FILE_BYTES / 3;
	char *text = malloc(n), name[160];
	struct request_log_row row = large_row(text, n);

	for (int i = 0; i < 2 * (LOG_FILES_KEPT + 3); i++) {
		request_log_add(l, &row);
		request_log_flush(l);
	}
	request_log_close(l);
	assert_int_equal(lines_of(f->path), 2);
	for (int i = 1; i <= LOG_FILES_KEPT; i++) {
		assert_int_equal(lines_of(numbered(name, f, i)), 2);
		assert_int_equal(mode_of(name), 0600);
	}
	assert_false(exists(numbered(name, f, LOG_FILES_KEPT + 1)));
	free(text);
}

static void a_link_stays_where_it_is(void **state)
{
	struct fixture *f = *state;
	char real[128];
	struct request_log *l;
	size_t n = LOG_FILE_BYTES * 2 / 3;
	char *text = malloc(n);
	struct request_log_row row = large_row(text, n);
	struct stat st;

	(void)snprintf(real, sizeof real, "%s/real.jsonl", f->dir);
	(void)snprintf(f->path, sizeof f->path, "%s/link", f->dir);
	assert_int_equal(symlink(real, f->path), 0);
	l = open_log(f, true);
	request_log_add(l, &row);
	request_log_add(l, &row);
	request_log_close(l);
	assert_int_equal(lstat(f->path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lines_of(real), 1);
	(void)snprintf(f->path, sizeof f->path, "%s/real.jsonl.1", f->dir);
	assert_int_equal(lines_of(f->path), 1);
	free(text);
}

static void a_file_that_was_moved_away_is_made_anew(void **state)
{
	struct fixture *f = *state;
	struct request_log *l = open_log(f, false);
	char moved[160];

	request_log_add(l, &full_row);
	request_log_flush(l);
	assert_int_equal(rename(f->path, numbered(moved, f, 9)), 0);
	request_log_add(l, &full_row);
	request_log_flush(l);
	assert_int_equal(unlink(f->path), 0);
	request_log_reopen(l);
	request_log_add(l, &full_row);
	request_log_add(l, &full_row);
	request_log_close(l);
	assert_int_equal(lines_of(moved), 1);
	assert_int_equal(lines_of(f->path), 2);
}

static void add_rows(struct fixture *f, int rows_n)
{
	struct request_log *l = open_log(f, true);
	char *text = malloc(100000);
	struct request_log_row row = large_row(text, 100000);

	for (int i = 0; i < rows_n; i++) {
		request_log_add(l, &row);
		if (i % 50 == 0)
			request_log_flush(l); /* the queue never fills */
	}
	request_log_close(l);
	free(text);
}

static void processes_share_a_file_while_it_is_put_away(void **state)
{
	enum { PROCESSES = 3, ROWS = 150 };
	struct fixture *f = *state;
	char name[160];
	size_t n = 0;
	pid_t pids[PROCESSES];

	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (!pids[i]) {
			add_rows(f, ROWS);
			_exit(0);
		}
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	n = lines_of(f->path);
	for (int i = 1; i <= LOG_FILES_KEPT; i++)
		n += exists(numbered(name, f, i)) ? lines_of(name) : 0;
	assert_int_equal(n, PROCESSES * ROWS);
	assert_true(exists(numbered(name, f, 4))); /* 45 MB in files of 10 */
}

/* What the lines of dropped rows add up to. */
static uint64_t dropped_in(const char *path)
{
	struct buf log;
	str rest, line, digits;
	uint64_t sum = 0, n;

	read_log(path, &log);
	rest = buf_str(&log);
	while (str_next_line(&rest, &line, NULL)) {
		size_t at = str_find(line, STR("\"event\":\"rows_dropped\",\"dropped\":"));

		if (at == STR_NONE)
			continue;
		digits = str_sub(line, str_rfind_byte(line, ':') + 1, line.n - 1);
		assert_true(str_u64(digits, &n));
		sum += n;
	}
	buf_release(&log);
	return sum;
}

static void a_full_queue_drops_rows_and_says_how_many(void **state)
{
	enum { ROWS = 30 };
	struct fixture *f = *state;
	struct request_log *l = open_log(f, true);
	size_t n = 8 << 20;
	char *text = malloc(n);
	struct request_log_row row = large_row(text, n);
	struct request_log_stats s;
	int lock;

	text[0] = 'x'; /* no JSON: queued as it is, its line is short */
	lock = open(f->path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0); /* as a slow disk: the writer waits */
	for (int i = 0; i < ROWS; i++)
		request_log_add(l, &row);
	request_log_get_stats(l, &s);
	assert_in_range(s.queued_bytes, 7 * n, LOG_QUEUE_BYTES);
	assert_int_equal(s.dropped_n, ROWS - 7);
	assert_int_equal(close(lock), 0);
	request_log_flush(l);
	request_log_get_stats(l, &s);
	assert_int_equal(s.written_n, 7);
	assert_int_equal(s.queued_bytes, 0);
	assert_int_equal(dropped_in(f->path), ROWS - 7);
	request_log_add(l, &full_row); /* there is room again */
	request_log_close(l);
	assert_int_equal(dropped_in(f->path), ROWS - 7);
	assert_in_range(lines_of(f->path), 7 + 1 + 1, 7 + 1 + ROWS);
	free(text);
}

/* Files may not grow beyond n bytes; SIGXFSZ is ignored by the caller. */
static void limit_file_size(rlim_t n)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_is_said_once_and_tried_again(void **state)
{
	struct fixture *f = *state;
	struct request_log *l = open_log(f, false);
	struct request_log_stats s;

	(void)signal(SIGXFSZ, SIG_IGN);
	request_log_add(l, &full_row);
	request_log_flush(l);
	limit_file_size(900); /* in the middle of the second line */
	request_log_add(l, &full_row);
	request_log_flush(l);
	request_log_flush(l);
	request_log_get_stats(l, &s);
	assert_int_equal(s.written_n, 1);
	assert_true(s.write_errors_n >= 2);
	assert_int_equal(f->events.warnings, 1);
	assert_int_equal(lines_of(f->path), 1); /* no half line */
	limit_file_size(RLIM_INFINITY);
	request_log_flush(l);
	assert_int_equal(lines_of(f->path), 2); /* it was kept */
	assert_int_equal(f->events.n, 2);       /* and that it goes on was said */
	limit_file_size(900);
	request_log_add(l, &full_row);
	request_log_close(l); /* does not wait for ever */
	limit_file_size(RLIM_INFINITY);
	assert_int_equal(lines_of(f->path), 2);
}

static void add_many(void *arg, bool is_cancelled)
{
	(void)is_cancelled;
	for (int i = 0; i < 200; i++)
		request_log_add(arg, &full_row);
}

static void rows_of_many_threads_are_whole(void **state)
{
	struct fixture *f = *state;
	struct request_log *l = open_log(f, false);
	struct pool *p;

	assert_int_equal(pool_new(4, 8, &p, NULL), E_OK);
	for (int i = 0; i < 8; i++)
		assert_int_equal(pool_submit(p, add_many, l), E_OK);
	request_log_reopen(l);
	pool_wait(p);
	pool_free(p);
	request_log_close(l);
	assert_int_equal(lines_of(f->path), 1600);
}

static void the_log_can_be_replayed(void **state)
{
	struct fixture *f = *state;
	struct request_log *l = open_log(f, true);
	struct arena a = ARENA_INIT, scratch = ARENA_INIT;
	struct request_log_row row = full_row;
	struct turn_file turns;
	struct turn *t;
	struct buf log;

	request_log_add(l, &row);
	row.request = STR(
		"{\"model\":\"claude-x\",\n\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
	row.sent = STR("{\"model\":\"claude-x\"}");
	row.response = STR("hello");
	request_log_add(l, &row);
	request_log_close(l);
	read_log(f->path, &log);
	assert_int_equal(turns_load(&a, &scratch, buf_str(&log), STR("log.jsonl"), TRANSCRIPT_NONE,
				 &turns, &f->cx),
		E_OK);
	assert_int_equal(turns.kind, TRANSCRIPT_PROXY_LOG);
	assert_int_equal(turns.lines_n, 2);
	assert_int_equal(turns.bad_n, 0);
	assert_int_equal(turns.sessions.n, 1);
	assert_true(str_eq(turns.sessions.v[0].key, STR("s")));
	t = &turns.sessions.v[0].turns.v[0];
	assert_int_equal(t->sent_ms, full_row.at_ms);
	assert_true(str_eq(t->body, STR("{\"model\":\"claude-x\", \"messages\":[{\"role\":\"user\","
					"\"content\":\"hi\"}]}")));
	assert_true(t->usage.is_known);
	assert_int_equal(t->usage.cache_read, 3);
	assert_int_equal(t->usage.cache_write_1h, 5);
	buf_release(&log);
	arena_release(&a);
	arena_release(&scratch);
}

#define ON_FILE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FILE(the_file_is_ours_alone),
		ON_FILE(what_cannot_be_written_is_an_error_at_the_start),
		ON_FILE(short_memory_is_an_error_at_the_start),
		ON_FILE(a_response_is_read_to_its_end_and_no_further),
		ON_FILE(a_full_file_is_put_away),
		ON_FILE(a_link_stays_where_it_is),
		ON_FILE(a_file_that_was_moved_away_is_made_anew),
		ON_FILE(processes_share_a_file_while_it_is_put_away),
		ON_FILE(a_full_queue_drops_rows_and_says_how_many),
		ON_FILE(a_full_disk_is_said_once_and_tried_again),
		ON_FILE(rows_of_many_threads_are_whole),
		ON_FILE(the_log_can_be_replayed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
