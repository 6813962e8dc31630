#include "proxy/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/file.h"
#include "proxy/port_owner.h"

enum { LISTEN_BACKLOG = 1024 };

static enum err fail_to_listen(
	const struct proxy_conf *c, uint16_t port, int errnum, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];

	if (errnum == EADDRINUSE)
		return port_owner_describe(port, cx);
	if (errnum == EACCES)
		FAIL(cx, E_PERMISSION, "port %u needs more rights: choose --port above 1023", port);
	FAIL(cx, E_CONFIG, "cannot listen on %s port %u: %s", c->host, port,
		file_err_text(errnum, text));
}

/* A listening socket, or -1 with errno. */
static int listen_on(const struct addrinfo *a, bool is_shared)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, e;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (is_shared)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0)
		return fd;
	e = errno;
	(void)close(fd);
	errno = e;
	return -1;
}

static uint16_t port_of(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	} sa = {.in6 = {0}};
	socklen_t n = sizeof sa;

	if (getsockname(fd, &sa.any, &n) < 0)
		return 0;
	return ntohs(sa.any.sa_family == AF_INET6 ? sa.in6.sin6_port : sa.in4.sin_port);
}

static void set_port(struct addrinfo *a, uint16_t port)
{
	if (a->ai_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)a->ai_addr)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)(void *)a->ai_addr)->sin_port = htons(port);
}

/* Workers share the port. A first socket that would not share it finds out whether somebody else has it, who might
 * be willing to share as well. */
static enum err open_all(
	struct listeners *l, const struct proxy_conf *c, struct addrinfo *a, struct errctx *cx)
{
	int probe = listen_on(a, false);
	uint16_t port;

	if (probe < 0)
		return fail_to_listen(c, c->port, errno, cx);
	port = port_of(probe);
	if (l->n == 1) {
		l->fds[0] = probe;
	} else {
		(void)close(probe);
		set_port(a, port);
		for (unsigned i = 0; i < l->n; i++) {
			l->fds[i] = listen_on(a, true);
			if (l->fds[i] < 0)
				return fail_to_listen(c, port, errno, cx);
		}
	}
	(void)snprintf(l->url, sizeof l->url,
		strchr(c->host, ':') ? "http://[%s]:%u" : "http://%s:%u", c->host, port);
	return E_OK;
}

void listeners_init(struct listeners *l)
{
	*l = (struct listeners){.n = 0};
	for (unsigned i = 0; i < LISTENERS_MAX; i++)
		l->fds[i] = -1;
}

enum err listeners_open(const struct proxy_conf *c, struct listeners *out, struct errctx *cx)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *found;
	char port[8];
	enum err err;
	int e;

	listeners_init(out);
	out->n = c->workers < LISTENERS_MAX ? c->workers : LISTENERS_MAX;
	(void)snprintf(port, sizeof port, "%u", c->port);
	e = getaddrinfo(c->host, port, &hints, &found);
	if (e)
		FAIL(cx, E_CONFIG, "--host %s: %s", c->host, gai_strerror(e));
	err = open_all(out, c, found, cx);
	freeaddrinfo(found);
	return err;
}

int listeners_take(struct listeners *l, unsigned i)
{
	int fd = l->fds[i];

	l->fds[i] = -1;
	return fd;
}

void listeners_close(struct listeners *l)
{
	for (unsigned i = 0; i < LISTENERS_MAX; i++)
		if (l->fds[i] >= 0)
			(void)close(listeners_take(l, i));
}
