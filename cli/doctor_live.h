/* doctor_live: a proxy of the doctor's own, with a provider that is the doctor: one request through the whole path, on
 * loopback alone. Owns: the process of that proxy, within the call. Thread: the only one of the process. */
#ifndef CLI_DOCTOR_LIVE_H
#define CLI_DOCTOR_LIVE_H

#include "core/base/arena.h"
#include "core/base/err.h"

struct doctor_live {
	const char *exe; /* of headroom */
	char *const *envp;
	const char *const *args; /* further options of the proxy, NULL-terminated */
	str token;
	str request, answer; /* bodies of what is sent, and of what the provider answers */
	int64_t timeout_ms;  /* for each step */
};

/* What arrived at the provider and what came back, bodies in the arena. E_UNAVAILABLE: the proxy did not start, with what
 * it wrote last; E_TIMEOUT, E_FAILED (another status than 200), E_IO. */
enum err doctor_live_send(struct arena *a, const struct doctor_live *live, str *arrived,
	str *came_back, struct errctx *cx) MUST_CHECK;

#endif
