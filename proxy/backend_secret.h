/* backend_secret: what a cloud takes for who somebody is, for a while; and where such is looked for.
 * Owns: nothing; texts are in the arena of who asked. Thread: any. */
#ifndef PROXY_BACKEND_SECRET_H
#define PROXY_BACKEND_SECRET_H

#include <stdatomic.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/json/tape.h"
#include "proxy/aws_sign.h"

struct upstream_tls;

/* Either keys or bearer. Never to be logged. */
struct backend_secret {
	struct aws_keys keys;
	str bearer;         /* goes into Authorization */
	int64_t expires_ms; /* wall clock; 0: never */
	const char *source; /* "environment"; static, for the log */
	str quota_project;  /* Google: who is billed where the token does not say it; or empty */
	str project;        /* Google: that the credentials name; or empty */
};

struct backend_place {
	char *const *envp;
	const char *home; /* NULL: no files */
	str profile;      /* that was asked for; empty: as the environment says */
	str region;
	struct upstream_tls *tls;
	const struct clock *clock;
	const _Atomic bool *stop; /* ends what waits for an answer; NULL: nothing does */
};

/* One look-up, which may wait for answers from elsewhere. E_CONFIG: nobody has any, with all places where it was looked; or the one that
 * has some cannot be used. E_UNAVAILABLE: a service that gives them does not answer. */
typedef enum err backend_find_fn(const struct backend_place *place, struct arena *a,
	struct backend_secret *out, struct errctx *cx);

/* Looks in n places, one after the other: what the first says that does not say E_NOT_FOUND; E_NOT_FOUND when all do. */
enum err backend_find_first(backend_find_fn *const *chain, size_t n,
	const struct backend_place *place, struct arena *a, struct backend_secret *out,
	struct errctx *cx) MUST_CHECK;

/* The first of these variables (with blanks between them) that is set in the place and not empty; or empty. */
str backend_env(const struct backend_place *place, const char *names);
/* The string of that name in an object; empty when there is none. */
str backend_member(const struct json_tape *t, uint32_t object, const char *key, struct arena *a);

/* A text file, in the arena, without white space at its ends. *text is empty when there is none (E_NOT_FOUND). */
enum err backend_read_file(
	const char *path, struct arena *a, str *text, struct errctx *cx) MUST_CHECK;

struct backend_ask;
/* backend_ask() with this place's stop and certificates; E_UNAVAILABLE also for a status that is not 200, which the message
 * names. The body is in the arena. */
enum err backend_ask_for(const struct backend_place *place, struct backend_ask *ask,
	struct arena *a, str *body, struct errctx *cx) MUST_CHECK;

#endif
