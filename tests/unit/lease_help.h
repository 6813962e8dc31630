/* What tests of leases share: a workspace in a temporary directory, the real program (build/PROFILE/headroom beside the
 * test), and waiting for proxies to end by their pidfds. */
#ifndef TESTS_UNIT_LEASE_HELP_H
#define TESTS_UNIT_LEASE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/lease/port_owner.h"
#include "core/lease/record.h"
#include "core/lease/run_dir.h"
#include "wrap/lease.h"

enum { PATIENCE_MS = 60000, ENV_MAX = 16, LOG_LIMIT = 1 << 20 };

struct place {
	char exe[PATH_MAX], home[64], workspace[128], log_file[256], home_var[128];
	char *env[ENV_MAX];
	uint16_t port;
};

/* ---- helpers ------------------------------------------------------------------------------------ */

static inline int bind_port(uint16_t *port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET,
		.sin_port = htons(*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof sa;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&sa, sizeof sa), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &n), 0);
	*port = ntohs(sa.sin_port);
	return fd;
}

static inline void find_exe(struct place *p)
{
	ssize_t n = readlink("/proc/self/exe", p->exe, sizeof p->exe - 1);

	assert_true(n > 0);
	p->exe[n] = '\0';
	for (int i = 0; i < 3; i++)
		*strrchr(p->exe, '/') = '\0';
	(void)strncat(p->exe, "/headroom", sizeof p->exe - strlen(p->exe) - 1);
	if (access(p->exe, X_OK) != 0)
		fail_msg("%s is not built", p->exe);
}

static inline int set_up(void **state)
{
	static char options[] = "ASAN_OPTIONS=exitcode=99", path[] = "PATH=/usr/bin:/bin";
	struct place *p = test_calloc(1, sizeof *p);

	find_exe(p);
	(void)snprintf(p->home, sizeof p->home, "/tmp/headroom-lease-XXXXXX");
	assert_non_null(mkdtemp(p->home));
	(void)snprintf(p->workspace, sizeof p->workspace, "%s/.headroom", p->home);
	(void)snprintf(p->log_file, sizeof p->log_file, "%s/logs/proxy-stdio.log", p->workspace);
	(void)snprintf(p->home_var, sizeof p->home_var, "HOME=%s", p->home);
	p->env[0] = p->home_var;
	p->env[1] = options;
	p->env[2] = path;
	(void)close(bind_port(&p->port));
	*state = p;
	return 0;
}

static inline int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static inline int tear_down(void **state)
{
	struct place *p = *state;
	struct buf log;

	buf_init(&log, LOG_LIMIT);
	if (file_read(p->log_file, &log, NULL) == E_OK &&
		str_find(buf_str(&log), STR("Sanitizer")) != STR_NONE)
		fail_msg(STR_FMT, STR_ARG(buf_str(&log)));
	buf_release(&log);
	assert_int_equal(nftw(p->home, remove_one, ENV_MAX, FTW_DEPTH | FTW_PHYS), 0);
	test_free(p);
	return 0;
}

static inline struct lease_request request_of(struct place *p)
{
	return (struct lease_request){.workspace = p->workspace,
		.exe = p->exe,
		.port = p->port,
		.envp = p->env,
		.log_file = p->log_file,
		.idle_exit_ms = 1,
		.start_ms = PATIENCE_MS};
}

static inline struct lease *take(const struct lease_request *r)
{
	struct errctx cx = {0};
	struct lease *l;

	if (lease_take(r, &l, &cx))
		fail_msg("%s", cx.text);
	return l;
}

static inline void expect_failure(const struct lease_request *r, enum err err, const char *text)
{
	struct errctx cx = {0};
	struct lease *l;

	assert_int_equal(lease_take(r, &l, &cx), err);
	assert_null(l);
	if (!strstr(cx.text, text))
		fail_msg("'%s' is not in '%s'", text, cx.text);
}

/* Of the proxy that the file of the port names; 0: there is none. */
static inline pid_t pid_at(const struct place *p, uint16_t port)
{
	struct arena a = ARENA_INIT;
	struct lease_record r = {.pid = 0};
	struct run_dir dir;
	pid_t pid = 0;

	assert_int_equal(run_dir_open(p->workspace, &dir, NULL), E_OK);
	if (run_dir_read(&dir, port, &a, &r, NULL) == E_OK)
		pid = (pid_t)r.pid;
	arena_release(&a);
	return pid;
}

static inline bool has_file(const struct place *p, uint16_t port, enum run_file which)
{
	struct run_dir dir;
	char path[PATH_MAX];

	assert_int_equal(run_dir_open(p->workspace, &dir, NULL), E_OK);
	run_dir_file(&dir, port, which, path);
	return access(path, F_OK) == 0;
}

static inline void wait_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	assert_true(fd >= 0);
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
}

static inline int open_proxy(const struct place *p, uint16_t port)
{
	pid_t pid = pid_at(p, port);
	int fd;

	assert_true(pid > 0);
	fd = pidfd_open(pid, 0);
	assert_true(fd >= 0);
	return fd;
}

static inline void wait_end(int pidfd)
{
	wait_readable(pidfd);
	(void)close(pidfd);
}

/* Lets go, and sees the proxy end because of it. */
static inline void release_last(struct lease *l)
{
	struct port_owner owner;
	int pidfd;

	assert_true(port_owner_find(lease_port(l), 0, &owner));
	pidfd = pidfd_open(owner.pid, 0);
	assert_true(pidfd >= 0);
	lease_release(l);
	wait_end(pidfd);
}

static inline void kill_proxy(const struct place *p, uint16_t port, int sig)
{
	int pidfd = open_proxy(p, port);

	assert_int_equal(pidfd_send_signal(pidfd, sig, NULL, 0), 0);
	wait_end(pidfd);
}

static inline void revive(struct lease *l)
{
	struct errctx cx = {0};
	enum err err;

	for (;;) {
		(void)poll(NULL, 0, (int)lease_next_try_ms(l)); /* what a caller waits in poll */
		err = lease_revive(l, &cx);
		if (err != E_BUSY && err != E_UNAVAILABLE)
			break;
		if (lease_next_try_ms(l) > 2000)
			fail_msg("%s", cx.text);
	}
	assert_int_equal(err, E_OK);
}

#endif
