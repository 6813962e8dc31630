/* listen: the sockets that clients come to, opened before the server is, so that a port below 1024 needs rights no longer than it takes to
 * open it (proxy/user.h).
 * Owns: struct listeners, its descriptors. Thread: the main one. */
#ifndef PROXY_LISTEN_H
#define PROXY_LISTEN_H

#include "proxy/proxy.h"

enum { LISTENERS_MAX = 64 };

struct listeners {
	int fds[LISTENERS_MAX]; /* one for each worker; -1: none, or somebody else's by now */
	unsigned n;
	char url[128]; /* "http://127.0.0.1:8787" */
};

/* None. */
void listeners_init(struct listeners *l);
/* As many as conf has workers, at most LISTENERS_MAX. E_CONFIG, E_PERMISSION, what holds the port: with what to do. listeners_close also
 * upon an error. */
enum err listeners_open(
	const struct proxy_conf *conf, struct listeners *out, struct errctx *cx) MUST_CHECK;
/* Hands out one of them: it is the caller's to close. */
int listeners_take(struct listeners *l, unsigned i);
/* Those that nobody has taken. */
void listeners_close(struct listeners *l);

#endif
