/* fetch: one file from a server to a place on disk, for commands: waits, goes on where an earlier try was broken off, and is there whole or not at all.
 * What has come so far stands in "PATH.part". Owns: nothing beyond the call. Thread: the main thread. */
#ifndef PROXY_FETCH_H
#define PROXY_FETCH_H

#include "core/base/err.h"
#include "core/base/hash.h"

struct fetch {
	const char *url; /* https://, or http:// to this machine */
	const char *path;
	const char *agent; /* what it calls itself */
	/* As bytes come; total is 0 when it is not known. NULL: nobody looks. */
	void (*progress)(void *self, uint64_t got, uint64_t total);
	void *self;
};

/* hex: SHA-256 of the file. Where the server tells it (as hubs of models do, in X-Linked-ETag), it is compared. E_USAGE: the URL; E_UNAVAILABLE: no
 * network, no answer; E_NOT_FOUND, E_PERMISSION: the server's 404, 401 or 403; E_VERIFY: not the bytes that were promised; what came is
 * gone then, in all other cases it stays for the next try. E_IO. */
enum err fetch_file(const struct fetch *f, char hex[SHA256_HEX + 1], struct errctx *cx) MUST_CHECK;

#endif
