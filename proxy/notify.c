#include "proxy/notify.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/file.h"

/* systemd reads at most this much of a datagram (its NOTIFY_BUFFER_MAX is a page). */
enum { MESSAGE_MAX = 1024 };

/* The address of a name, and its length: that of an abstract name has no NUL at its end (unix(7)). */
static enum err make_address(
	const char *name, struct sockaddr_un *sa, socklen_t *n, struct errctx *cx)
{
	size_t len = strlen(name);

	*sa = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (*name != '/' && *name != '@')
		FAIL(cx, E_CONFIG, "NOTIFY_SOCKET: '%s' is neither a path nor an abstract name",
			name);
	if (len < 2 || len >= sizeof sa->sun_path)
		FAIL(cx, E_CONFIG, "NOTIFY_SOCKET: a name of %zu bytes", len);
	memcpy(sa->sun_path, name, len);
	if (*name == '@')
		sa->sun_path[0] = '\0';
	*n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (*name == '/'));
	return E_OK;
}

enum err notify_send(const char *socket_name, str message, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT];
	struct sockaddr_un sa;
	socklen_t sa_n;
	ssize_t sent;
	int fd, code;

	if (!socket_name)
		return E_OK;
	TRY(make_address(socket_name, &sa, &sa_n, cx));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		FAIL(cx, E_IO, "NOTIFY_SOCKET: %s", file_err_text(errno, why));
	/* Never blocks: a manager that does not read must not stop the service. */
	sent = sendto(fd, message.p, message.n, MSG_NOSIGNAL | MSG_DONTWAIT,
		(const struct sockaddr *)&sa, sa_n);
	code = errno;
	(void)close(fd);
	if (sent != (ssize_t)message.n)
		FAIL(cx, E_IO, "NOTIFY_SOCKET: %s: %s", socket_name, file_err_text(code, why));
	return E_OK;
}

/* first, then STATUS=status with what would end its line taken for a blank. */
static enum err send_state(
	const char *socket_name, const char *first, const char *status, struct errctx *cx)
{
	char text[MESSAGE_MAX];
	int n = snprintf(text, sizeof text, "%s\nSTATUS=%s", first, status);

	if (n < 0)
		FAIL(cx, E_IO, "NOTIFY_SOCKET: no text");
	if ((size_t)n >= sizeof text)
		n = sizeof text - 1;
	for (int i = (int)strlen(first) + 1; i < n; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	return notify_send(socket_name, (str){text, (size_t)n}, cx);
}

enum err notify_ready(const char *socket_name, const char *status, struct errctx *cx)
{
	return send_state(socket_name, "READY=1", status, cx);
}

enum err notify_reloading(const char *socket_name, int64_t monotonic_us, struct errctx *cx)
{
	char text[MESSAGE_MAX];
	int n = snprintf(
		text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)monotonic_us);

	return notify_send(socket_name, (str){text, (size_t)n}, cx);
}

enum err notify_stopping(const char *socket_name, const char *status, struct errctx *cx)
{
	return send_state(socket_name, "STOPPING=1", status, cx);
}
