#include "wrap/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"

static const int caught[] = {
	SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT};

struct run {
	const struct launch *l;
	const struct launch_watch *watch;
	sigset_t before; /* the mask */
	int signals;     /* signalfd */
	pid_t child;
	int64_t term_ns; /* of the first TERM; 0: none yet */
	int status;
	bool has_ended;
};

static enum err open_signals(struct run *r, struct errctx *cx)
{
	sigset_t set;
	char text[FILE_ERRNO_TEXT];

	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_N(caught); i++)
		(void)sigaddset(&set, caught[i]);
	if (sigprocmask(SIG_BLOCK, &set, &r->before) == 0)
		r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r->signals < 0)
		FAIL(cx, E_IO, "signals: %s", file_err_text(errno, text));
	return E_OK;
}

static void close_signals(struct run *r)
{
	if (r->signals >= 0)
		(void)close(r->signals);
	(void)sigprocmask(SIG_SETMASK, &r->before, NULL);
}

/* ---- start ----------------------------------------------------------------------------------------------------- */

/* In the child: nothing but calls that are safe after fork. */
static NORETURN void become(const struct run *r, int report)
{
	int errnum;

	(void)sigprocmask(SIG_SETMASK, &r->before, NULL);
	(void)execve(r->l->path, r->l->argv, r->l->envp);
	errnum = errno;
	(void)!write(report, &errnum, sizeof errnum);
	_exit(LAUNCH_NOT_FOUND);
}

static enum err fail_start(struct run *r, int errnum, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];
	bool is_missing = errnum == ENOENT || errnum == ENOTDIR;

	r->status = is_missing ? LAUNCH_NOT_FOUND : LAUNCH_NOT_EXECUTABLE;
	FAIL(cx, is_missing ? E_NOT_FOUND : E_PERMISSION, "%s: %s", r->l->path,
		file_err_text(errnum, text));
}

/* The pipe closes when the program runs, and says why when it does not. */
static enum err start(struct run *r, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];
	int report[2], errnum = 0;
	ssize_t n;

	if (pipe2(report, O_CLOEXEC))
		FAIL(cx, E_IO, "pipe: %s", file_err_text(errno, text));
	r->child = fork();
	if (r->child == 0)
		become(r, report[1]);
	errnum = errno;
	(void)close(report[1]);
	if (r->child < 0) {
		(void)close(report[0]);
		FAIL(cx, E_IO, "fork: %s", file_err_text(errnum, text));
	}
	do
		n = read(report[0], &errnum, sizeof errnum);
	while (n < 0 && errno == EINTR);
	(void)close(report[0]);
	if (n == 0)
		return E_OK;
	while (waitpid(r->child, NULL, 0) < 0 && errno == EINTR)
		;
	return fail_start(r, errnum, cx);
}

/* ---- while it runs --------------------------------------------------------------------------------------------- */

static void pass(const struct run *r, int sig)
{
	(void)kill(r->child, sig);
}

/* The child has ended, or has stopped: then so does this process, and when it goes on, SIGCONT comes in the signals. */
static void reap(struct run *r)
{
	int st;

	while (waitpid(r->child, &st, WNOHANG | WUNTRACED) > 0) {
		if (WIFSTOPPED(st)) {
			(void)kill(getpid(), SIGSTOP);
			continue;
		}
		r->has_ended = true;
		r->status = WIFSIGNALED(st) ? LAUNCH_SIGNAL + WTERMSIG(st) : WEXITSTATUS(st);
		return;
	}
}

static void on_term(struct run *r)
{
	int64_t now = clock_monotonic_ns(NULL), ms = (now - r->term_ns) / 1000000;

	if (r->term_ns && ms < LAUNCH_AGAIN_MS)
		return;
	if (r->term_ns && ms < LAUNCH_KILL_MS) {
		pass(r, SIGKILL);
		return;
	}
	r->term_ns = now;
	pass(r, SIGTERM);
}

static void on_signal(struct run *r, const struct signalfd_siginfo *info)
{
	int sig = (int)info->ssi_signo;
	/* the terminal's go to the whole foreground group */
	bool is_from_terminal = info->ssi_code == SI_KERNEL;

	if (sig == SIGCHLD)
		reap(r);
	else if (sig == SIGTERM)
		on_term(r);
	else if (!is_from_terminal || (sig != SIGINT && sig != SIGQUIT && sig != SIGTSTP))
		pass(r, sig);
}

/* Waits for a signal or for what is watched. False: a signal was read into info. */
static bool next_event(struct run *r, struct signalfd_siginfo *info)
{
	struct pollfd fds[2] = {{r->signals, POLLIN, 0}, {-1, POLLIN, 0}};
	int64_t ms = -1;
	int n;

	if (r->watch)
		fds[1].fd = r->watch->next(r->watch->self, &ms);
	n = poll(fds, ARRAY_N(fds), ms > INT32_MAX ? INT32_MAX : (int)ms);
	if (n > 0 && fds[0].revents && read(r->signals, info, sizeof *info) == sizeof *info)
		return false;
	if (r->watch && (n == 0 || (n > 0 && fds[1].revents)))
		r->watch->call(r->watch->self);
	return true;
}

enum err launch_run(const struct launch *l, int *status, struct errctx *cx)
{
	struct run r = {.l = l, .watch = l->watch, .signals = -1};
	enum err e = open_signals(&r, cx);

	if (!e)
		e = start(&r, cx);
	while (!e && !r.has_ended) {
		struct signalfd_siginfo info;

		if (!next_event(&r, &info))
			on_signal(&r, &info);
	}
	close_signals(&r);
	*status = r.status;
	return e;
}

enum err launch_wait(const struct launch_watch *watch, void (*begun)(void *self), void *self,
	int *status, struct errctx *cx)
{
	struct run r = {.watch = watch, .signals = -1};
	struct signalfd_siginfo info = {0};
	enum err e = open_signals(&r, cx);

	if (!e)
		begun(self);
	while (!e) {
		int sig;

		if (next_event(&r, &info))
			continue;
		sig = (int)info.ssi_signo;
		if (sig == SIGTSTP) {
			(void)kill(getpid(), SIGSTOP);
		} else if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT) {
			*status = sig == SIGINT ? 0 : LAUNCH_SIGNAL + sig;
			break;
		}
	}
	close_signals(&r);
	return e;
}
