/* backend_keys: the credentials of a backend that expire: found once before the proxy listens, and found anew by a thread of their own
 * before they end, so that no request waits for it.
 * Owns: the thread, the texts. Thread: any, but open and close. */
#ifndef PROXY_BACKEND_KEYS_H
#define PROXY_BACKEND_KEYS_H

#include "proxy/backend_secret.h"
#include "proxy/proxy.h"

struct backend_keys;

/* How long before their end new ones are looked for; of short-lived ones, at half of their life. */
enum { BACKEND_KEYS_EARLY_MS = 5 * 60 * 1000 };

/* *out is NULL for a backend whose key does not change. The errors of backend_find_fn. */
enum err backend_keys_open(
	const struct proxy_conf *conf, struct backend_keys **out, struct errctx *cx) MUST_CHECK;
void backend_keys_close(struct backend_keys *k); /* NULL is fine */

/* A copy in the arena. E_UNAVAILABLE: they have ended, and there are no new ones; the text says why. Does not wait. */
enum err backend_keys_get(struct backend_keys *k, struct arena *a, struct backend_secret *out,
	struct errctx *cx) MUST_CHECK;
/* The cloud does not take these: new ones are looked for now. */
void backend_keys_refuse(struct backend_keys *k);

#endif
