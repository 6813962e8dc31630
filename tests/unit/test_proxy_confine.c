/* A child confines itself, or becomes another user, and tries; what it may and may not shows in its exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proxy/confine.h"
#include "proxy/user.h"

static char dir[64], store[96], outside[96];

enum { HAS_NOT = 100 }; /* the kernel has it not */

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/headroom-confine-XXXXXX");
	assert_non_null(mkdtemp(dir));
	(void)snprintf(store, sizeof store, "%s/in/store.db", dir);
	(void)snprintf(outside, sizeof outside, "%s/outside", dir);
	return 0;
}

static int tear_down(void **state)
{
	char in[96];

	(void)state;
	(void)unlink(outside);
	(void)unlink(store);
	(void)snprintf(in, sizeof in, "%s/in", dir);
	(void)rmdir(in);
	return rmdir(dir);
}

static bool is_writable(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static bool is_readable(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

/* 0, or the number of the first thing that is not as it should be. */
static int try_all(void)
{
	char name[] = "true";
	char *const argv[] = {name, NULL};

	if (!is_writable(store) || !is_readable(store))
		return 1;
	if (is_writable(outside) || errno != EACCES)
		return 2;
	/* Root may read it, others may not anyway: nobody does. */
	if (is_readable("/etc/shadow"))
		return 3;
	if (is_readable("/root/.bashrc") || is_readable("/var/log") || is_readable(dir))
		return 4;
	if (!is_readable("/etc/hosts") || !is_readable("/proc/self/status") ||
		!is_readable("/dev/urandom"))
		return 5;
	if (execv("/bin/true", argv) != -1 || (errno != EPERM && errno != EACCES))
		return 6;
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != -1 || errno != EPERM)
		return 7;
	if (chroot("/") != -1 || errno != EPERM)
		return 8;
	return 0;
}

static int in_child(enum proxy_confinement how, int (*run)(void))
{
	const struct proxy_conf conf = {.store_file = store, .confine = how};
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		struct errctx cx = {0};
		enum err e = proxy_confine(&conf, &cx);

		if (e)
			(void)fprintf(stderr, "%s\n", cx.text);
		_exit(e == E_UNSUPPORTED ? HAS_NOT : e ? HAS_NOT + 1 : run());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_confined_process_does_what_a_proxy_does_and_no_more(void **state)
{
	int got = in_child(CONFINE_ON, try_all);

	(void)state;
	if (got == HAS_NOT)
		skip(); /* an older kernel: said on standard error */
	assert_int_equal(got, 0);
}

static int has_no_dumps(void)
{
	struct rlimit l;

	return getrlimit(RLIMIT_CORE, &l) == 0 && l.rlim_cur == 1 && l.rlim_max == 1 ? 0 : 1;
}

static void no_process_leaves_its_memory_in_a_file(void **state)
{
	(void)state;
	assert_int_equal(in_child(CONFINE_OFF, has_no_dumps), 0);
}

static int is_as_ever(void)
{
	return is_writable(outside) ? 0 : 1;
}

static void nothing_is_given_up_that_nobody_asked_for(void **state)
{
	(void)state;
	assert_int_equal(in_child(CONFINE_OFF, is_as_ever), 0);
}

/* ---- --user -------------------------------------------------------------------------------------- */

/* A user that every system has, and may do nothing. */
#define WHO "nobody"

enum { REFUSED = 101 };

/* The exit status of run, as that user; REFUSED + the error where there is none. */
static int as_user(const char *name, const char *workspace, int (*run)(void))
{
	const struct proxy_conf conf = {.user = name, .workspace = workspace};
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		const gid_t root = 0;
		struct errctx cx = {0};
		enum err e;

		(void)!setgroups(1, &root); /* as a login of root's has it */
		e = proxy_become_user(&conf, &cx);
		if (e && !strstr(cx.text, name))
			_exit(1);
		_exit(e ? REFUSED + (int)e : run());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int is_somebody_else(void)
{
	const struct passwd *who = getpwnam(WHO);
	gid_t groups[64];
	int n = getgroups(64, groups);

	if (!who || getuid() != who->pw_uid || geteuid() != who->pw_uid ||
		getgid() != who->pw_gid || getegid() != who->pw_gid)
		return 1;
	for (int i = 0; i < n; i++)
		if (groups[i] == 0)
			return 2;
	if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0 || setgroups(0, NULL) == 0)
		return 3;
	if (is_readable("/etc/shadow") || is_writable(outside))
		return 4;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || prctl(PR_GET_DUMPABLE) != 1)
		return 5;
	return 0;
}

static void root_becomes_a_user_and_cannot_come_back(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("NOT ROOT: --user is not proven by this run\n");
		skip();
	}
	assert_int_equal(as_user(WHO, NULL, is_somebody_else), 0);
}

static void who_cannot_be_is_refused(void **state)
{
	(void)state;
	assert_int_equal(as_user("no-such-user", NULL, is_as_ever), REFUSED + E_CONFIG);
	assert_int_equal(as_user("root", NULL, is_as_ever), REFUSED + E_CONFIG);
	if (geteuid() != 0)
		assert_int_equal(as_user(WHO, NULL, is_as_ever), REFUSED + E_PERMISSION);
	else
		assert_int_equal(as_user(WHO, dir, is_as_ever), REFUSED + E_CONFIG);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(a_confined_process_does_what_a_proxy_does_and_no_more),
		T(no_process_leaves_its_memory_in_a_file),
		T(nothing_is_given_up_that_nobody_asked_for),
		T(root_becomes_a_user_and_cannot_come_back),
		T(who_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
