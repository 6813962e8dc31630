/* Which proxy a wrap gets: one that it may share, one of its own, or none. */
#include "tests/unit/lease_help.h"

/* A file that names a process which is not there, and one that nobody wrote. */
static void test_forged_file(void **state)
{
	static const char forged[] =
		"{\"schema\":\"headroom.lease/1\",\"pid\":1,\"nonce\":\"0\",\"digest\":\"0\","
		"\"url\":\"http://127.0.0.1:1\",\"settings\":{}}\n";
	struct place *p = *state;
	struct lease_request r = request_of(p);
	char path[PATH_MAX];
	struct run_dir dir;
	struct lease *l;
	int pidfd;

	assert_int_equal(run_dir_open(p->workspace, &dir, NULL), E_OK);
	run_dir_file(&dir, p->port, RUN_JSON, path);
	assert_int_equal(file_write_atomic(path, STR("no JSON"), 0600, NULL), E_OK);
	l = take(&r);
	assert_int_equal(lease_port(l), p->port);
	/* A lease on what the file does not name would be one on anybody. */
	pidfd = open_proxy(p, p->port);
	assert_int_equal(file_write_atomic(path, STR(forged), 0600, NULL), E_OK);
	r.must_exist = true;
	expect_failure(&r, E_UNAVAILABLE, "is not who it says");
	lease_release(l);
	wait_end(pidfd);
}

static void test_other_upstream(void **state)
{
	static const struct lease_upstream upstream = {
		"ANTHROPIC_TARGET_API_URL", "http://127.0.0.1:9"};
	struct place *p = *state;
	struct lease_request r = request_of(p), other = request_of(p);
	struct lease *a = take(&r), *b, *c;

	other.upstreams = &upstream;
	other.upstreams_n = 1;
	b = take(&other);
	assert_true(lease_is_new(b));
	assert_int_not_equal(lease_port(b), p->port);
	assert_non_null(strstr(lease_notice(b), "sends requests elsewhere"));
	/* The same, said by a variable. */
	p->env[3] = (char[]){"ANTHROPIC_TARGET_API_URL=http://127.0.0.1:9"};
	c = take(&r);
	assert_int_not_equal(lease_port(c), p->port);
	assert_int_not_equal(lease_port(c), lease_port(b));
	other.must_exist = true;
	expect_failure(&other, E_UNAVAILABLE, "sends requests elsewhere");
	release_last(c);
	release_last(b);
	release_last(a);
}

static void test_other_token(void **state)
{
	struct place *p = *state;
	struct lease_request r = request_of(p);
	struct lease *a = take(&r), *b;

	p->env[3] = (char[]){"HEADROOM_PROXY_TOKEN=secret"};
	b = take(&r);
	assert_int_not_equal(lease_port(b), p->port);
	release_last(b);
	release_last(a);
}

static void test_other_option(void **state)
{
	static const char *const cache[] = {"--mode", "cache"}, *const token[] = {"--mode=token"};
	struct place *p = *state;
	struct lease_request r = request_of(p);
	struct lease *a, *b;

	r.proxy_args = cache;
	r.proxy_args_n = 2;
	a = take(&r);
	r.proxy_args_n = 0; /* says nothing: is content with any */
	b = take(&r);
	assert_int_equal(lease_port(b), p->port);
	lease_release(b);
	r.proxy_args = token;
	r.proxy_args_n = 1;
	b = take(&r);
	assert_int_not_equal(lease_port(b), p->port);
	assert_non_null(strstr(lease_notice(b), "has another --mode"));
	release_last(b);
	release_last(a);
}

static void test_private(void **state)
{
	struct place *p = *state;
	struct lease_request r = request_of(p);
	struct lease *a = take(&r), *b;

	r.is_private = true;
	b = take(&r);
	assert_true(lease_is_new(b));
	assert_int_not_equal(lease_port(b), p->port);
	assert_null(lease_notice(b));
	release_last(b);
	release_last(a);
}

static void test_replaced(void **state)
{
	static const char *const cache[] = {"--mode", "cache"};
	struct place *p = *state;
	struct lease_request r = request_of(p), plain = request_of(p);
	struct lease *a, *b;
	pid_t first;
	int pidfd;

	plain.idle_exit_ms = 0; /* stays when nobody uses it */
	a = take(&plain);
	first = pid_at(p, p->port);
	r.replaces = true;
	r.proxy_args = cache;
	r.proxy_args_n = 2;
	expect_failure(&r, E_BUSY, "others use the proxy");
	lease_release(a);
	pidfd = open_proxy(p, p->port);
	b = take(&r);
	wait_end(pidfd);
	assert_true(lease_is_new(b));
	assert_int_equal(lease_port(b), p->port);
	assert_int_not_equal(pid_at(p, p->port), first);
	assert_null(lease_notice(b));
	release_last(b);
}

static void test_must_exist(void **state)
{
	struct place *p = *state;
	struct lease_request r = request_of(p), join = request_of(p);
	struct errctx cx = {0};
	struct lease *a, *b;

	join.must_exist = true;
	expect_failure(&join, E_UNAVAILABLE, "no proxy listens");
	a = take(&r);
	b = take(&join);
	assert_false(lease_is_new(b));
	lease_release(a);
	kill_proxy(p, p->port, SIGKILL);
	wait_readable(lease_fd(b));
	assert_int_equal(lease_revive(b, &cx), E_UNAVAILABLE);
	assert_true(lease_next_try_ms(b) > 0);
	lease_release(b);
}

static void test_unwritable_workspace(void **state)
{
	struct place *p = *state;
	struct lease_request r = request_of(p);
	struct errctx cx = {0};
	struct lease *l;
	char url[64];

	/* Below a file there is no directory, whoever we are. */
	assert_int_equal(file_write_atomic(p->workspace, STR(""), 0600, &cx), E_OK);
	l = take(&r);
	assert_true(lease_is_new(l));
	assert_non_null(strstr(lease_notice(l), "writes no files"));
	assert_null(strstr(lease_notice(l), "(null)"));
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u", lease_port(l));
	assert_string_equal(lease_url(l), url);
	r.must_exist = true;
	expect_failure(&r, E_UNAVAILABLE, "no proxy listens");
	release_last(l);
}

static void test_bad_options(void **state)
{
	static const char *const unknown[] = {"--no-such-option"},
				 *const unusable[] = {"--price-file=/dev/null/prices"};
	struct place *p = *state;
	struct lease_request r = request_of(p);

	r.proxy_args = unknown;
	r.proxy_args_n = 1;
	expect_failure(&r, E_USAGE, "--no-such-option");
	/* Nothing that --print-config looks at. */
	r.proxy_args = unusable;
	expect_failure(&r, E_UNAVAILABLE, "/dev/null/prices");
	r = request_of(p);
	r.exe = "/dev/null/headroom";
	expect_failure(&r, E_UNAVAILABLE, "cannot be started");
}

/* The names of sockets are short, those of directories are not. */
static void test_long_path(void **state)
{
	struct place *p = *state;
	struct lease_request r = request_of(p);
	char deep[128 + 160], home[sizeof deep + 8];
	struct lease *a, *b;

	(void)snprintf(deep, sizeof deep, "%s/%0120d", p->home, 7);
	(void)snprintf(home, sizeof home, "HOME=%s", deep);
	p->env[0] = home;
	(void)strncat(deep, "/.headroom", sizeof deep - strlen(deep) - 1);
	r.workspace = deep;
	a = take(&r);
	b = take(&r);
	assert_false(lease_is_new(b));
	assert_null(lease_notice(b));
	lease_release(a);
	release_last(b);
}

int main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		ROW(test_forged_file),
		ROW(test_other_upstream),
		ROW(test_other_token),
		ROW(test_other_option),
		ROW(test_private),
		ROW(test_replaced),
		ROW(test_must_exist),
		ROW(test_unwritable_workspace),
		ROW(test_bad_options),
		ROW(test_long_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
