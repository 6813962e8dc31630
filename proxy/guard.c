#include "proxy/guard.h"

#include <arpa/inet.h>

#include "core/base/hash.h"
#include "proxy/header.h"

/* ---- names of this machine ----------------------------------------------------------------------------- */

static bool is_port(str s)
{
	uint64_t n;

	return !s.n || (s.n <= 5 && str_u64(s, &n) && n <= UINT16_MAX);
}

/* Takes the port off a host ("h:1", "[::1]:1", "[::1]", "::1") and the brackets; false when it is no such
 * thing. */
static bool host_name(str host, str *name)
{
	size_t close, colon;

	if (str_take(&host, STR("["))) {
		close = str_find_byte(host, ']');
		if (close == STR_NONE)
			return false;
		*name = str_sub(host, 0, close);
		host = str_sub(host, close + 1, host.n);
		return !host.n || (str_take(&host, STR(":")) && is_port(host));
	}
	colon = str_find_byte(host, ':');
	*name = host;
	if (colon == STR_NONE || colon != str_rfind_byte(host, ':'))
		return true; /* no port, or an address of IPv6 without brackets, which cannot have one */
	*name = str_sub(host, 0, colon);
	return is_port(str_sub(host, colon + 1, host.n));
}

bool address_is_loopback(str host)
{
	static const unsigned char V6[16] = {[15] = 1};
	static const unsigned char MAPPED[12] = {[10] = 0xff, [11] = 0xff};
	char text[INET6_ADDRSTRLEN];
	unsigned char addr[16];
	str name;

	if (!host_name(host, &name))
		return false;
	if (str_eq_nocase(name, STR("localhost")))
		return true;
	/* inet_pton reads to a NUL: one within would hide what follows. */
	if (!name.n || name.n >= sizeof text || str_find_byte(name, '\0') != STR_NONE)
		return false;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	if (inet_pton(AF_INET, text, addr) == 1)
		return addr[0] == 127;
	if (inet_pton(AF_INET6, text, addr) != 1)
		return false;
	return !memcmp(addr, V6, sizeof V6) ||
	       (!memcmp(addr, MAPPED, sizeof MAPPED) && addr[12] == 127);
}

/* Host as a whole or without its port. */
static bool is_listed_host(const struct guard_conf *g, str host)
{
	str name;

	if (!host_name(host, &name))
		return false;
	for (size_t i = 0; i < g->hosts_n; i++) {
		str allowed = g->hosts[i], bare;

		if (str_eq(allowed, STR("*")) || str_eq_nocase(allowed, host) ||
			str_eq_nocase(allowed, name))
			return true;
		if (str_starts(allowed, STR("[")) && host_name(allowed, &bare) &&
			bare.n + 2 == allowed.n && str_eq_nocase(bare, name))
			return true;
	}
	return false;
}

bool origin_is_listed(const struct guard_conf *g, str origin)
{
	for (size_t i = 0; i < g->origins_n; i++) {
		if (str_eq(g->origins[i], STR("*")) || str_eq_nocase(g->origins[i], origin))
			return true;
	}
	return false;
}

bool origin_is_allowed(const struct guard_conf *g, str origin)
{
	str rest = origin;

	if (origin_is_listed(g, origin))
		return true;
	return (str_take(&rest, STR("http://")) || str_take(&rest, STR("https://"))) &&
	       address_is_loopback(rest);
}

/* The Host header: *host, and false when there are two of them, which two readers could read differently. */
static bool host_of(const struct http_head *h, str *host)
{
	bool has_host = false;

	*host = STR_NULL;
	for (uint32_t i = 0; i < h->headers_n; i++) {
		if (!str_eq_nocase(h->headers[i].name, STR("host")))
			continue;
		if (has_host)
			return false;
		has_host = true;
		*host = h->headers[i].value;
	}
	return true;
}

static bool is_host_ok(const struct guard_conf *g, const struct http_head *h)
{
	str host;

	if (!host_of(h, &host))
		return false;
	if (!g->is_loopback_bind)
		return true;
	/* HTTP/1.0 has no Host; what sends none is no browser. */
	return host.n ? address_is_loopback(host) || is_listed_host(g, host) : h->minor == 0;
}

static bool are_origins_ok(const struct guard_conf *g, const struct http_head *h)
{
	for (uint32_t i = 0; i < h->headers_n; i++) {
		if (str_eq_nocase(h->headers[i].name, STR("origin")) &&
			!origin_is_allowed(g, h->headers[i].value))
			return false;
	}
	return true;
}

/* ---- the token ----------------------------------------------------------------------------------------- */

/* Hashes are compared, so that neither the length of the token nor a common beginning shows in the time. */
static bool is_digest(const unsigned char *want, const unsigned char *got)
{
	unsigned char differs = 0;

	for (size_t i = 0; i < SHA256_BYTES; i++)
		differs |= got[i] ^ want[i];
	return !differs;
}

enum shown { SHOWN_NONE, SHOWN_WRONG, SHOWN_RIGHT };

/* The tokens of one request. */
struct showing {
	const struct guard_conf *g;
	unsigned char want[SHA256_BYTES]; /* of the operator's */
	struct arena *a;
	enum shown shown;
	bool is_torn;            /* two owners */
	struct tenant_pass pass; /* the operator: no tenant */
};

static void show(struct showing *s, str value, bool is_bearer, struct guard_who *who)
{
	unsigned char got[SHA256_BYTES];
	struct tenant_pass pass;
	bool is_right;

	sha256(value, got);
	pass = tenants_find(s->g->tenants, got, s->a);
	is_right = (s->g->token.n && is_digest(s->want, got)) || pass.tenant;
	if (is_right && s->shown == SHOWN_RIGHT)
		s->is_torn |= pass.tenant != s->pass.tenant;
	if (is_right && s->shown != SHOWN_RIGHT)
		s->pass = pass;
	if (is_right)
		who->token_in_authorization |= is_bearer;
	s->shown = is_right ? SHOWN_RIGHT : s->shown == SHOWN_NONE ? SHOWN_WRONG : s->shown;
}

/* Every header that may carry the token is looked at, so that one right and one wrong is right, and the right
 * one is found wherever it stands. */
static void token_shown(struct showing *s, const struct http_head *h, struct guard_who *who)
{
	sha256(s->g->token, s->want);
	for (uint32_t i = 0; i < h->headers_n; i++) {
		bool is_bearer = str_eq_nocase(h->headers[i].name, STR("authorization"));
		str value = str_trim(h->headers[i].value);

		if (is_bearer)
			value = bearer_token(value);
		else if (!str_eq_nocase(h->headers[i].name, STR("x-headroom-proxy-token")))
			continue;
		if (value.p)
			show(s, value, is_bearer, who);
	}
	if (s->is_torn)
		s->shown = SHOWN_WRONG;
	if (s->shown != SHOWN_RIGHT)
		return;
	who->tenant = s->pass.tenant;
	who->project = s->pass.project;
}

/* What proxies add when they speak for somebody else. */
static const char *const FORWARDED[] = {"forwarded", "x-forwarded-for", "x-real-ip", "via"};

bool request_is_local(const struct http_head *h, bool peer_is_loopback)
{
	str host;

	for (size_t i = 0; i < ARRAY_N(FORWARDED); i++) {
		if (http_header_find(h, str_from(FORWARDED[i])).p)
			return false;
	}
	return peer_is_loopback && host_of(h, &host) && address_is_loopback(host);
}

/* What a tenant may ask of us: what says how we are, and what is about his own. */
static const bool TENANTS_OWN[OWN_ENDPOINT_N] = {
	[OWN_LIVEZ] = true,
	[OWN_READYZ] = true,
	[OWN_HEALTH] = true,
	[OWN_STATS] = true, /* another document: proxy/own/tenants.c */
	[OWN_COMPRESS] = true,
	[OWN_RETRIEVE] = true,
	[OWN_RETRIEVE_TOOL_CALL] = true,
	[OWN_COUNT_TOKENS] = true,
	[OWN_DASHBOARD] = true, /* the page alone */
};

enum guard_verdict guard_check(const struct guard_conf *g, const struct http_head *h,
	const struct route *r, bool peer_is_loopback, struct arena *a, struct guard_who *who)
{
	struct showing s = {.g = g, .a = a, .shown = SHOWN_RIGHT};

	*who = (struct guard_who){0};
	if (g->token.n || g->tenants) {
		s.shown = SHOWN_NONE;
		token_shown(&s, h, who);
	}
	if (!is_host_ok(g, h))
		return GUARD_BAD_HOST;
	if (!are_origins_ok(g, h))
		return GUARD_BAD_ORIGIN;
	if (r->is_open || (g->exempts_loopback && request_is_local(h, peer_is_loopback)))
		s.shown = SHOWN_RIGHT;
	if (s.shown != SHOWN_RIGHT)
		return s.shown == SHOWN_NONE ? GUARD_NO_TOKEN : GUARD_BAD_TOKEN;
	who->is_operator = !who->tenant || s.pass.is_admin;
	if (!who->is_operator && r->kind == ROUTE_OWN && !TENANTS_OWN[r->own])
		return GUARD_NOT_YOURS;
	if (r->is_loopback_only && !request_is_local(h, peer_is_loopback))
		return GUARD_HIDDEN;
	return GUARD_OK;
}

static const struct {
	const char *name;
	int status;
} VERDICTS[] = {
	[GUARD_OK] = {"ok", 200},
	[GUARD_NO_TOKEN] = {"missing_token", 401},
	[GUARD_BAD_TOKEN] = {"bad_token", 401},
	[GUARD_BAD_HOST] = {"bad_host", 403},
	[GUARD_BAD_ORIGIN] = {"bad_origin", 403},
	[GUARD_NOT_YOURS] = {"not_the_operator", 403},
	[GUARD_HIDDEN] = {"hidden", 404},
};

const char *guard_verdict_name(enum guard_verdict v)
{
	return VERDICTS[v].name;
}

int guard_verdict_status(enum guard_verdict v)
{
	return VERDICTS[v].status;
}
