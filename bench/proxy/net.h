/* net: sockets on loopback and the clock, for the two ends of the proxy's benchmark. All sockets are non-blocking
 * and without Nagle's delay. Errors of set-up end the program with a message: nothing could be measured then.
 * Thread: any. */
#ifndef BENCH_PROXY_NET_H
#define BENCH_PROXY_NET_H

#include <netinet/in.h>

#include "core/base/str.h"

/* One read. Large, so that the ends cost less than what stands between them. */
enum { NET_READ = 256 << 10 };

int64_t net_now_ns(void); /* CLOCK_MONOTONIC, the same for all processes of the machine */

/* Listens on a free port of 127.0.0.1; its number goes to *port. */
int net_listen(uint16_t *port);
/* The next connection; -1 when there is none. */
int net_accept(int listener);
/* Begins a connection; it is made when the socket can be written to. */
int net_connect(const struct sockaddr_in *to);
/* "http://127.0.0.1:PORT", an address and no name; false on anything else. */
bool net_parse_url(const char *url, struct sockaddr_in *to);

/* Edge-triggered, for reading always and for writing when asked; ends the program on failure. */
void net_watch(int epoll, int fd, void *data, bool is_new, bool for_writing);

/* As recv(2), again after EINTR: bytes, 0 at the end, -1 when there is nothing now, -2 on an error. */
long net_read(int fd, char *to, size_t n);

/* Writes "PROGRAM: TEXT: errno" and ends with status 1. */
NORETURN void net_die(const char *text);

#endif
