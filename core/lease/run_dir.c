#include "core/lease/run_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/lease/process.h"
#include "core/lease/record.h"

enum {
	OF_NOBODY_ELSE = 0700,
	FILE_MODE = 0600,
	BACKLOG =
		1024, /* wraps that connect at the same moment: one more gets EAGAIN, not a place in a queue */
};

static const char *const suffixes[] = {
	[RUN_JSON] = "json", [RUN_SOCK] = "sock", [RUN_LOCK] = "lock"};

/* ---- the directory ------------------------------------------------------------------------------ */

bool run_dir_name(const char *workspace, struct run_dir *out)
{
	int n = snprintf(out->path, sizeof out->path, "%s/run", workspace);

	return n > 0 && (size_t)n < sizeof out->path;
}

enum err run_dir_open(const char *workspace, struct run_dir *out, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];
	struct stat st;

	if (!run_dir_name(workspace, out))
		FAIL(cx, E_CANT_CREATE, "the path of the workspace is too long");
	TRY(file_mkdirs(out->path, OF_NOBODY_ELSE, cx));
	if (stat(out->path, &st) != 0)
		FAIL(cx, file_err(errno), "%s: %s", out->path, file_err_text(errno, why));
	if (st.st_uid != geteuid())
		FAIL(cx, E_PERMISSION, "%s belongs to another user", out->path);
	if (st.st_mode & 077 && chmod(out->path, OF_NOBODY_ELSE) != 0)
		FAIL(cx, file_err(errno), "%s: %s", out->path, file_err_text(errno, why));
	if (access(out->path, W_OK | X_OK) != 0)
		FAIL(cx, file_err(errno), "%s: %s", out->path, file_err_text(errno, why));
	return E_OK;
}

void run_dir_file(const struct run_dir *d, uint16_t port, enum run_file which, char out[PATH_MAX])
{
	(void)snprintf(out, PATH_MAX, "%s/proxy-%u.%s", d->path, port, suffixes[which]);
}

static int by_number(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

size_t run_dir_ports(const struct run_dir *d, enum run_file which, uint16_t *out, size_t max)
{
	DIR *dir = opendir(d->path);
	size_t n = 0;

	if (!dir)
		return 0;
	for (struct dirent *e; n < max && (e = readdir(dir));) {
		str name = str_from(e->d_name), number;
		uint64_t port;

		if (str_take(&name, STR("proxy-")) && str_split(&name, '.', &number) &&
			str_eq_c(name, suffixes[which]) && str_u64(number, &port) &&
			port <= UINT16_MAX)
			out[n++] = (uint16_t)port;
	}
	(void)closedir(dir);
	if (n)
		qsort(out, n, sizeof *out, by_number);
	return n;
}

/* ---- locks -------------------------------------------------------------------------------------- */

static enum err lock(int fd, int how, const char *path, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];
	int e;

	do
		e = flock(fd, how) == 0 ? 0 : errno;
	while (e == EINTR);
	if (e == EWOULDBLOCK)
		FAIL(cx, E_BUSY, "another headroom is at work there");
	if (e)
		FAIL(cx, file_err(e), "%s: %s", path, file_err_text(e, why));
	return E_OK;
}

enum err run_dir_lock(
	const struct run_dir *d, uint16_t port, bool is_waiting, int *fd, struct errctx *cx)
{
	char path[PATH_MAX], why[FILE_ERRNO_TEXT];
	enum err err;

	run_dir_file(d, port, RUN_LOCK, path);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (*fd < 0)
		FAIL(cx, file_err(errno), "%s: %s", path, file_err_text(errno, why));
	err = lock(*fd, is_waiting ? LOCK_EX : LOCK_EX | LOCK_NB, path, cx);
	if (err) {
		(void)close(*fd);
		*fd = -1;
	}
	return err;
}

/* That of all changes of files by proxies that come and those who clean up; held for a moment only. -1: none. */
static int lock_changes(const struct run_dir *d)
{
	int fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && lock(fd, LOCK_EX, d->path, NULL)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* ---- the file ----------------------------------------------------------------------------------- */

/* At most max bytes of the file; the number of them, or -1 with errno. */
static ssize_t read_at_most(const char *path, char *out, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), e;
	ssize_t n;

	if (fd < 0)
		return -1;
	do
		n = read(fd, out, max);
	while (n < 0 && errno == EINTR);
	e = errno;
	(void)close(fd);
	errno = e;
	return n;
}

enum err run_dir_read(const struct run_dir *d, uint16_t port, struct arena *a,
	struct lease_record *out, struct errctx *cx)
{
	char path[PATH_MAX], why[FILE_ERRNO_TEXT];
	char *text = arena_alloc(a, LEASE_RECORD_MAX + 1, 1);
	ssize_t n;

	run_dir_file(d, port, RUN_JSON, path);
	n = read_at_most(path, text, LEASE_RECORD_MAX + 1);
	if (n < 0)
		FAIL(cx, file_err(errno), "%s: %s", path, file_err_text(errno, why));
	return lease_record_parse((str){text, (size_t)n}, a, out, cx);
}

/* ---- the socket --------------------------------------------------------------------------------- */

/* The address of a file in the directory. Names of sockets are short (unix(7)): where the directory's is long, it is
 * called by its descriptor, which *dir_fd is then and the caller closes. */
static enum err make_address(const struct run_dir *d, const char *name, struct sockaddr_un *sa,
	int *dir_fd, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];
	int n;

	*sa = (struct sockaddr_un){.sun_family = AF_UNIX};
	*dir_fd = -1;
	n = snprintf(sa->sun_path, sizeof sa->sun_path, "%s/%s", d->path, name);
	if (n > 0 && (size_t)n < sizeof sa->sun_path)
		return E_OK;
	*dir_fd = open(d->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*dir_fd < 0)
		FAIL(cx, file_err(errno), "%s: %s", d->path, file_err_text(errno, why));
	(void)snprintf(sa->sun_path, sizeof sa->sun_path, "/proc/self/fd/%d/%s", *dir_fd, name);
	return E_OK;
}

static enum err open_socket(const struct run_dir *d, const char *name, int *fd,
	struct sockaddr_un *sa, int *dir_fd, struct errctx *cx)
{
	TRY(make_address(d, name, sa, dir_fd, cx));
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd >= 0)
		return E_OK;
	if (*dir_fd >= 0)
		(void)close(*dir_fd);
	FAIL(cx, E_UNAVAILABLE, "no descriptor for a socket");
}

static void close_all(int a, int b)
{
	if (a >= 0)
		(void)close(a);
	if (b >= 0)
		(void)close(b);
}

/* Listening under a name that nobody looks for. */
static enum err listen_at(const struct run_dir *d, const char *name, int *fd, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];
	struct sockaddr_un sa;
	int dir_fd, e = 0;

	TRY(open_socket(d, name, fd, &sa, &dir_fd, cx));
	(void)unlink(sa.sun_path); /* of a killed process with our number */
	if (bind(*fd, (const struct sockaddr *)&sa, sizeof sa) != 0 ||
		chmod(sa.sun_path, FILE_MODE) != 0 || listen(*fd, BACKLOG) != 0)
		e = errno;
	if (!e) {
		close_all(-1, dir_fd);
		return E_OK;
	}
	close_all(*fd, dir_fd);
	*fd = -1;
	FAIL(cx, file_err(e), "%s/%s: %s", d->path, name, file_err_text(e, why));
}

enum err run_dir_publish(
	const struct run_dir *d, uint16_t port, str record, int *listen_fd, struct errctx *cx)
{
	char name[64], temp[PATH_MAX], sock[PATH_MAX], json[PATH_MAX], why[FILE_ERRNO_TEXT];
	int changes;
	enum err err;

	(void)snprintf(name, sizeof name, "proxy-%u.%lld.new", port, (long long)getpid());
	(void)snprintf(temp, sizeof temp, "%s/%s", d->path, name);
	run_dir_file(d, port, RUN_SOCK, sock);
	run_dir_file(d, port, RUN_JSON, json);
	TRY(listen_at(d, name, listen_fd, cx));
	changes = lock_changes(d);
	err = file_write_atomic(json, record, FILE_MODE, cx);
	if (!err && rename(temp, sock) != 0)
		err = err_set(cx, file_err(errno), "%s: %s", sock, file_err_text(errno, why));
	close_all(changes, -1);
	if (err) {
		(void)unlink(temp);
		(void)close(*listen_fd);
		*listen_fd = -1;
	}
	return err;
}

void run_dir_withdraw(const struct run_dir *d, uint16_t port)
{
	char path[PATH_MAX];

	run_dir_file(d, port, RUN_SOCK, path);
	(void)unlink(path);
	run_dir_file(d, port, RUN_JSON, path);
	(void)unlink(path);
}

static bool is_same_user(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && peer.uid == geteuid();
}

enum err run_dir_connect(const struct run_dir *d, uint16_t port, int *fd, struct errctx *cx)
{
	char name[64], why[FILE_ERRNO_TEXT];
	struct sockaddr_un sa;
	int dir_fd, e = 0;

	*fd = -1;
	(void)snprintf(name, sizeof name, "proxy-%u.%s", port, suffixes[RUN_SOCK]);
	TRY(open_socket(d, name, fd, &sa, &dir_fd, cx));
	/* Never waits: a queue that is full says EAGAIN. */
	if (connect(*fd, (const struct sockaddr *)&sa, sizeof sa) != 0)
		e = errno;
	close_all(-1, dir_fd);
	if (!e && is_same_user(*fd))
		return E_OK;
	close_all(*fd, -1);
	*fd = -1;
	if (!e)
		FAIL(cx, E_PERMISSION, "the control socket of port %u is another user's", port);
	if (e == ENOENT || e == ECONNREFUSED)
		FAIL(cx, E_NOT_FOUND, "no control socket at port %u", port);
	FAIL(cx, e == EAGAIN ? E_BUSY : file_err(e), "the control socket of port %u: %s", port,
		file_err_text(e, why));
}

void run_dir_clean(const struct run_dir *d, uint16_t port)
{
	int changes = lock_changes(d), fd;

	if (changes < 0)
		return;
	if (run_dir_connect(d, port, &fd, NULL) == E_NOT_FOUND)
		run_dir_withdraw(d, port);
	else
		close_all(fd, -1);
	(void)close(changes);
}
