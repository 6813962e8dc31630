/* target: which Redis several proxies share, from its URL. A pure function. Owns: nothing. Thread: any. */
#ifndef CORE_SHARE_TARGET_H
#define CORE_SHARE_TARGET_H

#include "core/base/arena.h"
#include "core/base/err.h"

enum {
	SHARE_PORT = 6379, /* what redis-server listens on by itself */
	/* A server has as many databases as its configuration says, 16 by itself; this only keeps the number small. */
	SHARE_DB_MAX = 99999,
	SHARE_URL_MAX = 2048,
};

struct share_target {
	str host; /* an IPv6 address without its brackets */
	uint16_t port;
	uint32_t db;
	str user;     /* empty: the server's default user */
	str password; /* empty: none. A secret */
	str shown;    /* the URL without what is secret: "redis://host:6379/0" */
};

/* redis://[[user]:password@]host[:port][/db]: what redis-cli -u takes, user and password percent-encoded. Strings live in
 * the arena. E_USAGE, and for rediss:// E_UNSUPPORTED with what to do; no message shows any part of what may be the password. */
enum err share_target_read(
	struct arena *a, str url, struct share_target *out, struct errctx *cx) MUST_CHECK;

#endif
