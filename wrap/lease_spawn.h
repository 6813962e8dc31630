/* lease_spawn: headroom started by a wrap: to say what its options come to, or as a proxy that outlives the wrap. Part of
 * wrap/lease.h. Owns: nothing; memory is the caller's arena and buffers, descriptors are handed out.
 * Thread: any, one arena each. */
#ifndef WRAP_LEASE_SPAWN_H
#define WRAP_LEASE_SPAWN_H

#include "core/base/buf.h"
#include "wrap/lease.h"

struct lease_spawn {
	const struct lease_request *request;
	struct arena *arena;
	uint16_t port;     /* 0: any free one */
	bool is_stateless; /* writes nothing */
};

/* Fills out (a heap buffer) with the line of --print-config. E_USAGE and E_CONFIG as headroom says; E_UNAVAILABLE: it
 * cannot be started, or does not answer within the request's start_ms. */
enum err lease_spawn_config(
	const struct lease_spawn *s, struct buf *out, struct errctx *cx) MUST_CHECK;

/* Starts a proxy in a session of its own, no child of ours, and waits until it listens: *fd is the lease on it and the
 * caller's, hello (a heap buffer) what it said. Nothing of us stays open in it. E_UNAVAILABLE: it did not start, with the last lines of
 * what it wrote; one that only is too slow ends by itself as soon as it notices that nobody waits. */
enum err lease_spawn_proxy(
	const struct lease_spawn *s, int *fd, struct buf *hello, struct errctx *cx) MUST_CHECK;

#endif
