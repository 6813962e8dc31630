#include "cli/proxy_url.h"

enum { PORT_MAX = 65535, SCHEME_PART = 8 };

static enum err refuse(struct errctx *cx, const char *label, str text, const char *why)
{
	return err_set(cx, E_USAGE, "%s: '" STR_FMT "' %s", label, STR_ARG(text), why);
}

static bool take_scheme(str *rest, struct proxy_url *out, bool *is_tls)
{
	static const struct {
		str text;
		uint16_t port;
		bool is_tls;
	} schemes[] = {
		{{"https://", SCHEME_PART}, 443, true},
		{{"http://", SCHEME_PART - 1}, 80, false},
	};

	for (size_t i = 0; i < ARRAY_N(schemes); i++) {
		size_t n = schemes[i].text.n;

		if (rest->n < n || !str_eq_nocase(str_sub(*rest, 0, n), schemes[i].text))
			continue;
		*rest = str_sub(*rest, n, rest->n);
		out->port = schemes[i].port;
		*is_tls = schemes[i].is_tls;
		return true;
	}
	return false;
}

static bool is_host_char(char c, bool is_address)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.')
		return true;
	if (is_address)
		return c == ':';
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

/* host, host:port, [address] or [address]:port */
static bool parse_authority(str s, struct proxy_url *out)
{
	bool is_address = str_starts(s, STR("["));
	size_t end = is_address ? str_find_byte(s, ']') : str_find_byte(s, ':');
	str port;
	uint64_t n;

	if (end == STR_NONE && is_address)
		return false;
	if (end == STR_NONE)
		end = s.n;
	out->host = str_sub(s, is_address, end);
	port = str_sub(s, end + is_address, s.n);
	if (!out->host.n)
		return false;
	for (size_t i = 0; i < out->host.n; i++)
		if (!is_host_char(out->host.p[i], is_address))
			return false;
	if (!port.n)
		return true;
	if (!str_take(&port, STR(":")) || !str_u64(port, &n) || !n || n > PORT_MAX)
		return false;
	out->port = (uint16_t)n;
	return true;
}

static str without_slashes(str s)
{
	while (str_ends(s, STR("/")))
		s.n--;
	return s;
}

enum err proxy_url_check(
	struct arena *a, const char *label, str text, struct proxy_url *out, struct errctx *cx)
{
	str rest = text, path = STR("");
	bool is_tls = false;
	size_t slash;

	*out = (struct proxy_url){.port = 0};
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~' || strchr("\\\"<>^`{|}", text.p[i]))
			return refuse(cx, label, text, "holds what no URL may hold");
	if (!take_scheme(&rest, out, &is_tls))
		return refuse(cx, label, text, "begins with neither http:// nor https://");
	if (str_find_byte(rest, '?') != STR_NONE || str_find_byte(rest, '#') != STR_NONE)
		return refuse(
			cx, label, text, "has a query or a fragment; paths are put behind it");
	slash = str_find_byte(rest, '/');
	if (slash != STR_NONE) {
		path = str_sub(rest, slash, rest.n);
		rest = str_sub(rest, 0, slash);
	}
	/* Not repeated in the message: it may be a password. */
	if (str_find_byte(rest, '@') != STR_NONE)
		FAIL(cx, E_USAGE, "%s: a user name or password cannot be part of it", label);
	if (!parse_authority(rest, out))
		return refuse(cx, label, text, "names no host, or no port from 1 to 65535");
	path = without_slashes(path);
	if (str_ends(path, STR("/v1")))
		path = without_slashes(str_sub(path, 0, path.n - 3));
	out->base = arena_printf(
		a, "http%s://" STR_FMT STR_FMT, is_tls ? "s" : "", STR_ARG(rest), STR_ARG(path));
	return E_OK;
}
