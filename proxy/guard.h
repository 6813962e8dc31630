/* guard: may this request come in? Asked once the head is read, before any byte of the body, on every route
 * and for every upgrade. Pure functions, but that the names' table may change meanwhile.
 *
 * Three questions: is it a page in a browser that reaches us by a name of its own (Host: DNS rebinding) or
 * from a foreign site (Origin)? does it show the token? may this peer see this endpoint at all?
 *
 * Owns: nothing. Thread: any. */
#ifndef PROXY_GUARD_H
#define PROXY_GUARD_H

#include "proxy/http/message.h"
#include "proxy/route.h"
#include "proxy/tenant.h"

struct guard_conf {
	str token;               /* the operator's; empty: none */
	struct tenants *tenants; /* further tokens, with names; NULL: none */
	const str *
		hosts; /* further allowed Host names, from --host and HEADROOM_ALLOWED_HOSTS; "*": all */
	size_t hosts_n;
	const str *origins; /* HEADROOM_CORS_ORIGINS; "*": all */
	size_t origins_n;
	bool is_loopback_bind;
	/* Loopback peers need no token, as long as they use a loopback Host and nothing says that they speak
	 * for somebody else (a reverse proxy on this machine). */
	bool exempts_loopback;
};

enum guard_verdict {
	GUARD_OK,
	GUARD_NO_TOKEN,   /* 401 */
	GUARD_BAD_TOKEN,  /* 401 */
	GUARD_BAD_HOST,   /* 403 */
	GUARD_BAD_ORIGIN, /* 403 */
	GUARD_NOT_YOURS,  /* 403: the operator's */
	GUARD_HIDDEN      /* 404, as if there were no such endpoint */
};

/* Who asks, as far as a token says. */
struct guard_who {
	bool token_in_authorization; /* Authorization carries the token and may not travel further */
	struct tenant *tenant;       /* NULL: the operator, or anybody where no token is needed */
	bool is_operator;            /* he may see and change what is everybody's */
	str project;                 /* of the tenant's requests that name none; may be empty */
};

/* A token counts in x-headroom-proxy-token or as Authorization: Bearer; either one right is enough. All are compared in a
 * time that depends neither on where they differ nor on the length of the right one nor on which of the names it is. Two that
 * are right, but of different owners, are wrong: nobody could say whose request it is. A tenant that is no admin gets the
 * endpoints of our own that only tell or give him what is his.
 * Bound to loopback, Host must name loopback or be allowed; an Origin, when there is one, must be loopback
 * or allowed. a: for *who, which is always set. */
enum guard_verdict guard_check(const struct guard_conf *g, const struct http_head *h,
	const struct route *r, bool peer_is_loopback, struct arena *a,
	struct guard_who *who) MUST_CHECK;

/* "missing_token"; static, for logs. */
const char *guard_verdict_name(enum guard_verdict v) RETURNS_NONNULL;
/* 200, 401, 403 or 404. */
int guard_verdict_status(enum guard_verdict v);

/* 127/8, ::1, IPv4-mapped 127/8, or localhost; with or without port, with or without brackets. Nothing is
 * resolved. */
bool address_is_loopback(str host);

/* Is this the value of an Origin header that loopback pages have, or one that is allowed? */
bool origin_is_allowed(const struct guard_conf *g, str origin);
/* One that the configuration names (or "*"): its pages may also read what we answer (CORS). */
bool origin_is_listed(const struct guard_conf *g, str origin);

/* Somebody on this machine, who uses a loopback Host and of whom nothing says that he speaks for somebody else. */
bool request_is_local(const struct http_head *h, bool peer_is_loopback);

#endif
