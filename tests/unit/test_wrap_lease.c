/* Wraps and the proxies that they share: who starts one, who ends it, who starts the next. Every proxy here ends a millisecond
 * after its last lease. */
#include "tests/unit/lease_help.h"

enum { CROWD = 20 };

/* ---- tests -------------------------------------------------------------------------------------- */

static void test_start_and_join(void **state)
{
	struct place *p = *state;
	struct lease_request r = request_of(p);
	struct lease *a = take(&r), *b = take(&r);
	char url[64];
	struct stat st;

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u", p->port);
	assert_string_equal(lease_url(a), url);
	assert_string_equal(lease_url(b), url);
	assert_true(lease_is_new(a));
	assert_false(lease_is_new(b));
	assert_null(lease_notice(a));
	assert_null(lease_notice(b));
	assert_int_equal(stat(p->workspace, &st), 0);
	/* The owner goes first; the other one keeps the proxy. */
	lease_release(a);
	a = take(&r);
	assert_false(lease_is_new(a));
	lease_release(b);
	release_last(a);
	assert_false(has_file(p, p->port, RUN_JSON));
	assert_false(has_file(p, p->port, RUN_SOCK));
}

static void test_modes_of_files(void **state)
{
	struct place *p = *state;
	struct lease_request r = request_of(p);
	struct lease *l = take(&r);
	char path[PATH_MAX];
	struct run_dir dir;
	struct stat st;

	assert_int_equal(run_dir_open(p->workspace, &dir, NULL), E_OK);
	assert_int_equal(stat(dir.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	for (int i = RUN_JSON; i <= RUN_LOCK; i++) {
		run_dir_file(&dir, p->port, (enum run_file)i, path);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	release_last(l);
}

/* One wrap of a crowd: says the process of its proxy, then holds its lease until it is killed. */
NORETURN static void be_wrap(const struct lease_request *r, const struct place *p, int out)
{
	struct errctx cx = {0};
	struct lease *l;
	int said[2] = {-1, 0};

	if (lease_take(r, &l, &cx) == E_OK) {
		said[0] = (int)pid_at(p, lease_port(l));
		said[1] = lease_is_new(l);
	}
	if (write(out, said, sizeof said) != (ssize_t)sizeof said)
		_exit(1);
	for (;;)
		(void)pause();
}

static void test_crowd(void **state)
{
	struct place *p = *state;
	struct lease_request r = request_of(p);
	int ends[2], pidfd, news = 0, proxy = 0;
	pid_t wraps[CROWD];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	for (int i = 0; i < CROWD; i++) {
		wraps[i] = fork();
		assert_true(wraps[i] >= 0);
		if (wraps[i] == 0)
			be_wrap(&r, p, ends[1]);
	}
	for (int i = 0; i < CROWD; i++) {
		int said[2];

		wait_readable(ends[0]);
		assert_int_equal(read(ends[0], said, sizeof said), sizeof said);
		assert_true(said[0] > 0);
		assert_true(!proxy || said[0] == proxy);
		proxy = said[0];
		news += said[1];
	}
	assert_int_equal(news, 1);
	pidfd = open_proxy(p, p->port);
	/* The kernel lets go for those who cannot. */
	for (int i = 0; i < CROWD; i++) {
		assert_int_equal(kill(wraps[i], SIGKILL), 0);
		assert_int_equal(waitpid(wraps[i], NULL, 0), wraps[i]);
	}
	wait_end(pidfd);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void test_owner_killed(void **state)
{
	struct place *p = *state;
	struct lease_request r = request_of(p);
	int ends[2], said[2];
	struct lease *l;
	pid_t owner;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	owner = fork();
	assert_true(owner >= 0);
	if (owner == 0)
		be_wrap(&r, p, ends[1]);
	wait_readable(ends[0]);
	assert_int_equal(read(ends[0], said, sizeof said), sizeof said);
	assert_true(said[1]);
	l = take(&r);
	assert_false(lease_is_new(l));
	assert_int_equal(kill(owner, SIGKILL), 0);
	assert_int_equal(waitpid(owner, NULL, 0), owner);
	/* Its session is not that of the owner: it lives, and with one lease only. */
	assert_int_equal(pid_at(p, p->port), said[0]);
	release_last(l);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void test_revived(void **state)
{
	struct place *p = *state;
	struct lease_request r = request_of(p);
	struct lease *a = take(&r), *b = take(&r);
	struct errctx cx = {0};
	pid_t first = pid_at(p, p->port);

	kill_proxy(p, p->port, SIGKILL);
	wait_readable(lease_fd(a));
	wait_readable(lease_fd(b));
	revive(b);
	revive(a);
	assert_true(lease_is_new(b));
	assert_false(lease_is_new(a));
	assert_int_equal(lease_port(a), p->port);
	assert_int_not_equal(pid_at(p, p->port), first);
	lease_release(a);
	/* One that dies again and again is not started for ever. */
	for (int i = 1; i < 5; i++) {
		kill_proxy(p, p->port, SIGKILL);
		wait_readable(lease_fd(b));
		revive(b);
	}
	kill_proxy(p, p->port, SIGKILL);
	wait_readable(lease_fd(b));
	assert_int_equal(lease_next_try_ms(b), 0);
	assert_int_equal(lease_revive(b, &cx), E_BUSY);
	assert_true(lease_next_try_ms(b) > 2000);
	assert_int_equal(lease_fd(b), -1);
	lease_release(b);
}

/* A proxy that is told to end lets go at once; who still needs one gets the next. */
static void test_told_to_end(void **state)
{
	struct place *p = *state;
	struct lease_request r = request_of(p);
	struct lease *l = take(&r);

	kill_proxy(p, p->port, SIGTERM);
	wait_readable(lease_fd(l));
	assert_false(has_file(p, p->port, RUN_JSON));
	revive(l);
	assert_int_equal(lease_port(l), p->port);
	release_last(l);
}

static void test_foreign_listener(void **state)
{
	struct place *p = *state;
	struct lease_request r = request_of(p);
	char own_port[64];
	struct lease *l;
	int foreign = bind_port(&p->port);

	assert_int_equal(listen(foreign, 8), 0);
	(void)snprintf(own_port, sizeof own_port, "port %u is taken by test_wrap_lease (pid %lld)",
		p->port, (long long)getpid());
	own_port[strcspn(own_port, "_") + 1] = '\0'; /* names of processes are short */
	r.is_port_given = true;
	expect_failure(&r, E_UNAVAILABLE, own_port);
	r.is_port_given = false;
	r.must_exist = true;
	expect_failure(&r, E_UNAVAILABLE, own_port);
	r.must_exist = false;
	l = take(&r);
	assert_int_not_equal(lease_port(l), p->port);
	assert_non_null(strstr(lease_notice(l), own_port));
	/* Nobody has so much as connected. */
	assert_int_equal(accept4(foreign, NULL, NULL, SOCK_NONBLOCK), -1);
	assert_int_equal(errno, EAGAIN);
	release_last(l);
	(void)close(foreign);
}

/* A port of somebody else, where a proxy of ours was killed before. */
static void test_stale_files(void **state)
{
	struct place *p = *state;
	struct lease_request r = request_of(p);
	struct lease *l = take(&r);
	int foreign;

	kill_proxy(p, p->port, SIGKILL);
	lease_release(l);
	assert_true(has_file(p, p->port, RUN_JSON));
	assert_true(has_file(p, p->port, RUN_SOCK));
	l = take(&r);
	assert_true(lease_is_new(l));
	assert_int_equal(lease_port(l), p->port);
	kill_proxy(p, p->port, SIGKILL);
	lease_release(l);
	foreign = bind_port(&p->port);
	assert_int_equal(listen(foreign, 8), 0);
	r.is_port_given = true;
	expect_failure(&r, E_UNAVAILABLE, "is taken by");
	assert_false(has_file(p, p->port, RUN_JSON));
	assert_false(has_file(p, p->port, RUN_SOCK));
	(void)close(foreign);
}

int main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		ROW(test_start_and_join),
		ROW(test_modes_of_files),
		ROW(test_crowd),
		ROW(test_owner_killed),
		ROW(test_revived),
		ROW(test_told_to_end),
		ROW(test_foreign_listener),
		ROW(test_stale_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
