#include "core/share/target.h"

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986 section 2.1. */
static bool decode(struct arena *a, str s, str *out)
{
	char *p = arena_alloc(a, s.n + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int hi, lo;

		if (s.p[i] != '%') {
			p[n++] = s.p[i];
			continue;
		}
		hi = i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
		lo = hi >= 0 ? hex_value(s.p[i + 2]) : -1;
		if (lo < 0 || (hi == 0 && lo == 0))
			return false;
		p[n++] = (char)(hi << 4 | lo);
		i += 2;
	}
	*out = (str){p, n};
	return true;
}

static enum err read_credentials(
	struct arena *a, str text, struct share_target *out, struct errctx *cx)
{
	size_t colon = str_find_byte(text, ':');
	str user = text, password = STR_NULL;

	if (colon != STR_NONE) {
		user = str_sub(text, 0, colon);
		password = str_sub(text, colon + 1, text.n);
	}
	if (!decode(a, user, &out->user) || !decode(a, password, &out->password))
		FAIL(cx, E_USAGE,
			"user or password is wrongly percent-encoded: a '%%' is written %%25");
	if (out->user.n && !out->password.n)
		FAIL(cx, E_USAGE, "a user without a password: redis://user:password@host");
	return E_OK;
}

static bool is_host_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_';
}

static enum err read_host(str *rest, struct share_target *out, struct errctx *cx)
{
	bool is_v6 = str_take(rest, STR("["));
	size_t n = 0;

	if (is_v6) {
		n = str_find_byte(*rest, ']');
		if (n == STR_NONE || !n)
			FAIL(cx, E_USAGE, "an IPv6 address stands in brackets: redis://[::1]:6379");
		out->host = str_sub(*rest, 0, n);
		*rest = str_sub(*rest, n + 1, rest->n);
		return E_OK;
	}
	while (n < rest->n && is_host_byte(rest->p[n]))
		n++;
	if (!n)
		FAIL(cx, E_USAGE, "names no host: redis://host:6379/0");
	out->host = str_sub(*rest, 0, n);
	*rest = str_sub(*rest, n, rest->n);
	return E_OK;
}

static enum err read_port(str *rest, struct share_target *out, struct errctx *cx)
{
	uint64_t port;
	size_t n;

	out->port = SHARE_PORT;
	if (!str_take(rest, STR(":")))
		return E_OK;
	n = str_find_byte(*rest, '/');
	if (n == STR_NONE)
		n = rest->n;
	if (!str_u64(str_sub(*rest, 0, n), &port) || !port || port > UINT16_MAX)
		FAIL(cx, E_USAGE, "a port is a number from 1 to 65535");
	out->port = (uint16_t)port;
	*rest = str_sub(*rest, n, rest->n);
	return E_OK;
}

static enum err read_db(str rest, struct share_target *out, struct errctx *cx)
{
	uint64_t db = 0;

	if (rest.n && !str_take(&rest, STR("/")))
		FAIL(cx, E_USAGE, "is no redis://[user:password@]host[:port][/db]");
	if (rest.n && (!str_u64(rest, &db) || db > SHARE_DB_MAX))
		FAIL(cx, E_USAGE, "what follows the host is the number of a database: /0");
	out->db = (uint32_t)db;
	return E_OK;
}

enum err share_target_read(struct arena *a, str url, struct share_target *out, struct errctx *cx)
{
	size_t at;

	*out = (struct share_target){0};
	if (url.n > SHARE_URL_MAX)
		FAIL(cx, E_USAGE, "is longer than %d bytes", SHARE_URL_MAX);
	url = arena_str(a, url);
	if (str_starts(url, STR("rediss://")))
		FAIL(cx, E_UNSUPPORTED,
			"rediss:// is not supported: TLS is for a proxy beside this one, such as "
			"stunnel "
			"or a sidecar, that listens on 127.0.0.1; give its address as "
			"redis://127.0.0.1:6379/0");
	if (!str_take(&url, STR("redis://")))
		FAIL(cx, E_USAGE, "begins with redis://");
	at = str_rfind_byte(url, '@');
	if (at != STR_NONE) {
		TRY(read_credentials(a, str_sub(url, 0, at), out, cx));
		url = str_sub(url, at + 1, url.n);
	}
	TRY(read_host(&url, out, cx));
	TRY(read_port(&url, out, cx));
	TRY(read_db(url, out, cx));
	out->shown = arena_printf(a,
		str_find_byte(out->host, ':') == STR_NONE ? "redis://" STR_FMT ":%u/%u"
							  : "redis://[" STR_FMT "]:%u/%u",
		STR_ARG(out->host), out->port, out->db);
	return E_OK;
}
