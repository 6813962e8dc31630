#include "wrap/lease_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/lease/meet.h"

enum {
	CONTROL_FD = 3,
	CLEAR_OF_STDIO = 10,
	LOG_MAX = 5 << 20, /* then a new one is begun, and the last one kept */
	LOG_MODE = 0600,
	DIR_MODE = 0700,
	TAIL_LINES = 20,
	TAIL_MAX = 400, /* of a message, which has LIMIT_ERR_TEXT */
	OUTPUT_MAX = LEASE_RECORD_MAX,
	STATUS_USAGE = 2,
	STATUS_CONFIG = 78,
};

/* What a child becomes. Made before fork(2), for after it nothing may be allocated. */
struct child {
	const char *exe, *cwd;
	char *const *argv;
	char *const *envp;
	int out, err;
	int control; /* -1: none */
};

/* ---- arguments and environment ------------------------------------------------------------------ */

struct words {
	struct arena *arena;
	char **v;
	size_t n;
};

static void add_word(struct words *w, const char *text)
{
	w->v[w->n++] = arena_cstr(w->arena, str_from(text));
}

static void add_number(struct words *w, const char *option, int64_t n, const char *unit)
{
	w->v[w->n++] = arena_cstr(
		w->arena, arena_printf(w->arena, "--%s=%lld%s", option, (long long)n, unit));
}

/* Ours stand behind the user's, for the last one counts; only the address may be another. */
static char **make_argv(const struct lease_spawn *s, bool is_asking)
{
	const struct lease_request *r = s->request;
	struct words w = {.arena = s->arena};

	w.v = arena_array(s->arena, char *, r->proxy_args_n + 16);
	add_word(&w, r->exe);
	add_word(&w, "proxy");
	add_word(&w, "--host=127.0.0.1");
	for (size_t i = 0; i < r->proxy_args_n; i++)
		add_word(&w, r->proxy_args[i]);
	add_number(&w, "port", s->port, "");
	add_number(&w, "idle-exit", r->idle_exit_ms, "ms");
	if (s->is_stateless)
		add_word(&w, "--stateless");
	if (is_asking)
		add_word(&w, "--print-config");
	else
		add_number(&w, "control-fd", CONTROL_FD, "");
	return w.v;
}

static bool is_variable(const char *entry, const char *name)
{
	size_t n = strlen(name);

	return strncmp(entry, name, n) == 0 && entry[n] == '=';
}

/* Without those that are set anew, and without the socket of a service manager that waits for somebody else. */
static bool passes(const struct lease_request *r, const char *entry)
{
	for (size_t i = 0; i < r->upstreams_n; i++)
		if (is_variable(entry, r->upstreams[i].variable))
			return false;
	return !is_variable(entry, "NOTIFY_SOCKET");
}

static char **make_envp(const struct lease_spawn *s)
{
	const struct lease_request *r = s->request;
	struct words w = {.arena = s->arena};
	size_t n = 0;

	while (r->envp[n])
		n++;
	w.v = arena_array(s->arena, char *, n + r->upstreams_n + 1);
	for (size_t i = 0; i < n; i++)
		if (passes(r, r->envp[i]))
			w.v[w.n++] = r->envp[i];
	for (size_t i = 0; i < r->upstreams_n; i++)
		w.v[w.n++] = arena_cstr(
			s->arena, arena_printf(s->arena, "%s=%s", r->upstreams[i].variable,
					  r->upstreams[i].url));
	return w.v;
}

static struct child make_child(const struct lease_spawn *s, bool is_asking)
{
	return (struct child){.exe = s->request->exe,
		.cwd = s->request->workspace,
		.argv = make_argv(s, is_asking),
		.envp = make_envp(s),
		.out = -1,
		.err = -1,
		.control = -1};
}

/* ---- behind fork: only what signal-safety(7) allows ---------------------------------------------- */

static void put_fd(int from, int to)
{
	if (from < 0 || dup2(from, to) < 0)
		_exit(127);
}

NORETURN static void become(const struct child *c)
{
	int null = open("/dev/null", O_RDWR), control = -1, out, err;
	struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		(void)sigaction(s, &plain, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* Out of the way first: a parent without standard streams has ours at their numbers. */
	null = fcntl(null, F_DUPFD, CLEAR_OF_STDIO);
	out = c->out >= 0 ? fcntl(c->out, F_DUPFD, CLEAR_OF_STDIO) : null;
	err = c->err >= 0 ? fcntl(c->err, F_DUPFD, CLEAR_OF_STDIO) : null;
	if (c->control >= 0)
		control = fcntl(c->control, F_DUPFD, CLEAR_OF_STDIO);
	put_fd(null, STDIN_FILENO);
	put_fd(out, STDOUT_FILENO);
	put_fd(err, STDERR_FILENO);
	if (c->control >= 0)
		put_fd(control, CONTROL_FD);
	(void)close_range(c->control >= 0 ? CONTROL_FD + 1 : CONTROL_FD, ~0U, 0);
	if (chdir(c->cwd) != 0 && chdir("/") != 0)
		_exit(127);
	(void)execve(c->exe, c->argv, c->envp);
	_exit(127);
}

/* ---- asking ------------------------------------------------------------------------------------- */

static bool wait_for(pid_t pid, int64_t timeout_ms, int *status)
{
	int pidfd = pidfd_open(pid, 0), n;
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	bool is_done;

	do
		n = poll(&p, 1, (int)timeout_ms);
	while (n < 0 && errno == EINTR);
	is_done = pidfd >= 0 && n > 0;
	if (!is_done)
		(void)kill(
			pid, SIGKILL); /* our child, not waited for yet: no other has its number */
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	if (pidfd >= 0)
		(void)close(pidfd);
	return is_done;
}

/* The last lines of text that fit into a message, in one line. */
static void copy_tail(str text, char out[TAIL_MAX + 1])
{
	size_t from = text.n = str_trim_right(text).n, n = 0;

	for (int lines = 0; from && text.n - from < TAIL_MAX; from--)
		if (text.p[from - 1] == '\n' && ++lines == TAIL_LINES)
			break;
	for (size_t i = from; i < text.n && n < TAIL_MAX; i++) {
		char c = text.p[i];

		if (c == '\n')
			c = ' ';
		out[n++] = (char)((unsigned char)c < ' ' ? '?' : c);
	}
	out[n] = '\0';
}

static enum err fail_to_say(const struct lease_spawn *s, int status, str said, struct errctx *cx)
{
	char tail[TAIL_MAX + 1];
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	enum err err = E_UNAVAILABLE;

	(void)str_take(&said, STR("headroom: "));
	copy_tail(said, tail);
	if (code == STATUS_USAGE)
		err = E_USAGE;
	if (code == STATUS_CONFIG)
		err = E_CONFIG;
	if (!*tail)
		FAIL(cx, err, "%s cannot be started", s->request->exe);
	FAIL(cx, err, "headroom proxy: %s", tail);
}

/* From its beginning; what is not readable is empty. */
static void read_again(int fd, struct buf *out)
{
	if (lseek(fd, 0, SEEK_SET) != 0 || file_read_fd(fd, "headroom", out, NULL) != E_OK)
		buf_reset(out);
}

static enum err ask(
	const struct lease_spawn *s, const struct child *c, struct buf *out, struct errctx *cx)
{
	int status = -1;
	pid_t pid;

	if (c->out < 0 || c->err < 0)
		FAIL(cx, E_UNAVAILABLE, "no descriptors left");
	pid = fork();
	if (pid == 0)
		become(c);
	if (pid < 0)
		FAIL(cx, E_UNAVAILABLE, "no process can be started");
	if (!wait_for(pid, s->request->start_ms, &status))
		FAIL(cx, E_UNAVAILABLE, "%s does not answer", s->request->exe);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		read_again(c->out, out);
		return E_OK;
	}
	read_again(c->err, out);
	return fail_to_say(s, status, buf_str(out), cx);
}

enum err lease_spawn_config(const struct lease_spawn *s, struct buf *out, struct errctx *cx)
{
	struct child c = make_child(s, true);
	enum err err;

	buf_reset(out);
	/* Files in memory: nobody has to read along so that the child can go on. */
	c.out = memfd_create("headroom-out", MFD_CLOEXEC);
	c.err = memfd_create("headroom-err", MFD_CLOEXEC);
	err = ask(s, &c, out, cx);
	if (c.out >= 0)
		(void)close(c.out);
	if (c.err >= 0)
		(void)close(c.err);
	return err;
}

/* ---- its log ------------------------------------------------------------------------------------ */

/* -1 where it cannot be written: then the proxy is silent. *from: what is there already. */
static int open_log(const char *path, off_t *from)
{
	char dir[PATH_MAX], old[PATH_MAX];
	size_t slash = path ? str_rfind_byte(str_from(path), '/') : STR_NONE;
	struct stat st;
	int fd;

	*from = 0;
	if (!path || strlen(path) >= sizeof old - 2)
		return -1;
	if (slash != STR_NONE && slash) {
		(void)snprintf(dir, sizeof dir, "%.*s", (int)slash, path);
		(void)!file_mkdirs(dir, DIR_MODE, NULL);
	}
	(void)snprintf(old, sizeof old, "%s.1", path);
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= LOG_MAX)
		(void)rename(path, old);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, LOG_MODE);
	if (fd >= 0 && fstat(fd, &st) == 0)
		*from = st.st_size;
	return fd;
}

static enum err fail_to_start(const char *log_file, off_t from, struct errctx *cx)
{
	char tail[TAIL_MAX + 1], last[64 << 10];
	int fd = log_file ? open(log_file, O_RDONLY | O_CLOEXEC) : -1;
	struct stat st;
	ssize_t n = 0;

	if (fd >= 0 && fstat(fd, &st) == 0) {
		if (st.st_size - from > (off_t)sizeof last)
			from = st.st_size - (off_t)sizeof last;
		n = pread(fd, last, sizeof last, from);
	}
	if (fd >= 0)
		(void)close(fd);
	copy_tail((str){last, n > 0 ? (size_t)n : 0}, tail);
	if (!*tail)
		FAIL(cx, E_UNAVAILABLE, "the proxy ended before it listened, without a word");
	FAIL(cx, E_UNAVAILABLE, "the proxy did not start: %s", tail);
}

/* ---- starting ----------------------------------------------------------------------------------- */

/* The child of a child belongs to init. False: there is no process. */
static bool fork_away(const struct child *c)
{
	pid_t pid = fork(), second;
	int status = -1;

	if (pid < 0)
		return false;
	if (pid == 0) {
		if (setsid() < 0)
			_exit(1);
		second = fork();
		if (second == 0)
			become(c);
		_exit(second < 0);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return true; /* somebody else waits for all children */
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static enum err start(
	const struct lease_spawn *s, struct child *c, int fd, struct buf *hello, struct errctx *cx)
{
	off_t from;
	bool is_started;
	enum err err;

	c->out = c->err = open_log(s->request->log_file, &from);
	is_started = fork_away(c);
	if (c->out >= 0)
		(void)close(c->out);
	(void)close(c->control);
	if (!is_started)
		FAIL(cx, E_UNAVAILABLE, "no process can be started");
	buf_reset(hello);
	err = lease_hear(fd, s->request->start_ms, hello, cx);
	if (err == E_NOT_FOUND)
		return fail_to_start(s->request->log_file, from, cx);
	if (err == E_TIMEOUT)
		FAIL(cx, E_UNAVAILABLE, "the proxy does not listen after %lld ms",
			(long long)s->request->start_ms);
	return err;
}

enum err lease_spawn_proxy(
	const struct lease_spawn *s, int *fd, struct buf *hello, struct errctx *cx)
{
	struct child c = make_child(s, false);
	int ends[2];
	enum err err;

	*fd = -1;
	if (access(s->request->exe, X_OK) != 0)
		FAIL(cx, E_UNAVAILABLE, "%s cannot be started", s->request->exe);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		FAIL(cx, E_UNAVAILABLE, "no descriptors left");
	c.control = ends[1];
	err = start(s, &c, ends[0], hello, cx);
	if (err)
		(void)close(ends[0]);
	else
		*fd = ends[0];
	return err;
}
