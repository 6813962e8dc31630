#include "bench/proxy/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Connections that wait to be accepted: as many as the largest run opens at once. */
enum { BACKLOG = 4096 };

void net_die(const char *text)
{
	char what[128];

	(void)snprintf(what, sizeof what, "%s: %s", program_invocation_short_name, text);
	perror(what);
	exit(1);
}

int64_t net_now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void set_no_delay(int fd)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int net_listen(uint16_t *port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) ||
		getsockname(fd, (struct sockaddr *)&at, &n) || listen(fd, BACKLOG))
		net_die("listen");
	*port = ntohs(at.sin_port);
	return fd;
}

int net_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		set_no_delay(fd);
	return fd;
}

int net_connect(const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		net_die("socket");
	set_no_delay(fd);
	if (connect(fd, (const struct sockaddr *)to, sizeof *to) && errno != EINPROGRESS)
		net_die("connect");
	return fd;
}

bool net_parse_url(const char *url, struct sockaddr_in *to)
{
	str rest = str_from(url), part;
	char host[INET_ADDRSTRLEN];
	uint64_t port;

	*to = (struct sockaddr_in){.sin_family = AF_INET};
	if (!str_take(&rest, STR("http://")) || !str_split(&rest, ':', &part) ||
		part.n >= sizeof host || !str_u64(rest, &port) || port > UINT16_MAX)
		return false;
	memcpy(host, part.p, part.n);
	host[part.n] = '\0';
	to->sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, host, &to->sin_addr) == 1;
}

void net_watch(int epoll, int fd, void *data, bool is_new, bool for_writing)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data = {.ptr = data}};

	if (for_writing)
		e.events |= EPOLLOUT;
	if (epoll_ctl(epoll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &e))
		net_die("epoll_ctl");
}

long net_read(int fd, char *to, size_t n)
{
	ssize_t got;

	do
		got = recv(fd, to, n, 0);
	while (got < 0 && errno == EINTR);
	if (got >= 0)
		return got;
	return errno == EAGAIN ? -1 : -2;
}
