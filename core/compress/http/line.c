#include "core/compress/http/line.h"

#include "core/base/arena.h"

enum { LOOK_LINES = 60 /* in which an exchange must begin: TLS has 40 before it */ };

/* Headers of caches, servers and browsers, which say neither what the answer is nor why it is so (RFC 9110, RFC 9111, the
 * Fetch standard, and what content delivery networks add). */
static const str noise_headers[] = {LIT("accept-ranges"), LIT("age"), LIT("alt-svc"),
	LIT("cf-cache-status"), LIT("cf-ray"), LIT("connection"), LIT("content-security-policy"),
	LIT("content-security-policy-report-only"), LIT("cross-origin-embedder-policy"),
	LIT("cross-origin-opener-policy"), LIT("cross-origin-resource-policy"), LIT("date"),
	LIT("etag"), LIT("expect-ct"), LIT("expires"), LIT("host"), LIT("keep-alive"),
	LIT("last-modified"), LIT("nel"), LIT("origin-agent-cluster"), LIT("p3p"),
	LIT("permissions-policy"), LIT("pragma"), LIT("referrer-policy"), LIT("report-to"),
	LIT("reporting-endpoints"), LIT("server"), LIT("server-timing"),
	LIT("strict-transport-security"), LIT("timing-allow-origin"), LIT("transfer-encoding"),
	LIT("user-agent"), LIT("vary"), LIT("via"), LIT("x-amz-cf-id"), LIT("x-amz-cf-pop"),
	LIT("x-cache"), LIT("x-cache-hits"), LIT("x-content-type-options"),
	LIT("x-dns-prefetch-control"), LIT("x-download-options"), LIT("x-fastly-request-id"),
	LIT("x-frame-options"), LIT("x-github-media-type"),
	LIT("x-permitted-cross-domain-policies"), LIT("x-powered-by"), LIT("x-runtime"),
	LIT("x-served-by"), LIT("x-timer"), LIT("x-ua-compatible"), LIT("x-xss-protection")};

/* What curl says behind "* " of a connection that works (lib/vtls/, lib/connect.c, lib/http2.c of curl 7.60 to 8.10), and
 * wget -S. */
static const str connection_lines[] = {LIT("*   Trying "), LIT("* Trying "), LIT("* Connected to "),
	LIT("* Host "), LIT("* IPv6: "), LIT("* IPv4: "), LIT("* ALPN"), LIT("* TLSv1"),
	LIT("* SSLv"), LIT("* SSL connection using "), LIT("* Server certificate:"),
	LIT("*  subject: "), LIT("*  start date: "), LIT("*  expire date: "),
	LIT("*  subjectAltName: "), LIT("*  issuer: "), LIT("*  SSL certificate verify ok."),
	LIT("*   Certificate level "), LIT("*  CAfile: "), LIT("*   CAfile: "), LIT("*  CApath: "),
	LIT("*   CApath: "), LIT("*  TLSv1"),
	LIT("* successfully set certificate verify locations:"), LIT("* Using HTTP"),
	LIT("* using HTTP"), LIT("* Using Stream ID: "), LIT("* Connection state changed "),
	LIT("* Copying HTTP/2 data "), LIT("* [HTTP/2] "), LIT("* h2h3 ["), LIT("* h2 ["),
	LIT("* Connection #"), LIT("* Closing connection"),
	LIT("* Mark bundle as not supporting multiuse"), LIT("* Re-using existing connection"),
	LIT("* Reusing existing connection"), LIT("* old SSL session ID is stale, removing"),
	LIT("* TCP_NODELAY set"), LIT("* Request completely sent off"),
	LIT("* upload completely sent off"), LIT("* We are completely uploaded and fine"),
	LIT("* Established connection to "), LIT("* Curl_http_done"), LIT("* using 'user-agent'"),
	LIT("* Server auth using "), LIT("{ ["), LIT("} ["), LIT("Resolving "),
	LIT("Connecting to ")};

/* In a line that may not be left out, whatever it begins with; by their first letters. */
enum { LETTERS = 26, WORDS_OF_A_LETTER = 3 };
static const str loud_words[LETTERS][WORDS_OF_A_LETTER] = {
	['a' - 'a'] = {LIT("alert"), LIT("abort")},
	['c' - 'a'] = {LIT("could not"), LIT("couldn't")},
	['d' - 'a'] = {LIT("denied")},
	['e' - 'a'] = {LIT("error"), LIT("expired")},
	['f' - 'a'] = {LIT("fail")},
	['i' - 'a'] = {LIT("invalid")},
	['m' - 'a'] = {LIT("mismatch")},
	['n' - 'a'] = {LIT("not match"), LIT("no route"), LIT("not verified")},
	['r' - 'a'] = {LIT("refused"), LIT("reset"), LIT("rejected")},
	['s' - 'a'] = {LIT("self-signed"), LIT("self signed")},
	['t' - 'a'] = {LIT("timed out"), LIT("timeout")},
	['u' - 'a'] = {LIT("unable"), LIT("unreachable")},
	['w' - 'a'] = {LIT("warning")},
};

static bool begins_loud(str s)
{
	unsigned letter = (unsigned char)(*s.p | 0x20) - 'a';

	if (letter >= LETTERS)
		return false;
	for (size_t i = 0; i < WORDS_OF_A_LETTER; i++) {
		str word = loud_words[letter][i];

		if (word.n && word.n <= s.n && (s.p[1] | 0x20) == (word.p[1] | 0x20) &&
			str_eq_nocase(str_sub(s, 0, word.n), word))
			return true;
	}
	return false;
}

static bool is_loud(str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (begins_loud(str_sub(line, i, line.n)))
			return true;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* "HTTP/1.1 200 OK", "HTTP/2 404". */
static bool is_status(str s)
{
	size_t at;

	if (!str_take(&s, STR("HTTP/")))
		return false;
	at = str_find_byte(s, ' ');
	if (at == STR_NONE || at > 3)
		return false;
	s = str_sub(s, at + 1, s.n);
	return s.n >= 3 && is_digit(s.p[0]) && is_digit(s.p[1]) && is_digit(s.p[2]) &&
	       (s.n == 3 || !is_digit(s.p[3]));
}

/* "GET /items HTTP/1.1". */
static bool is_request(str s)
{
	size_t blank = str_find_byte(s, ' '), last = str_rfind_byte(s, ' ');

	if (blank == STR_NONE || !blank || last == blank)
		return false;
	for (size_t i = 0; i < blank; i++)
		if (!is_upper(s.p[i]))
			return false;
	return str_starts(str_sub(s, last + 1, s.n), STR("HTTP/"));
}

static bool begins_head(struct http_reader *r, str line)
{
	static const str prefixes[] = {LIT("< "), LIT("> "), LIT("  "), LIT("")};

	for (size_t i = 0; i < ARRAY_N(prefixes); i++) {
		str rest = line;

		if (str_take(&rest, prefixes[i]) && rest.n && is_upper(*rest.p) &&
			(is_status(rest) || is_request(rest))) {
			r->is_head = true;
			r->prefix = prefixes[i];
			return true;
		}
	}
	return false;
}

/* "  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0", and what stands above it. */
static bool is_progress(str line)
{
	str s = str_trim(line);
	unsigned blanks = 0;

	if (str_starts(s, STR("% Total    % Received")) ||
		str_starts(s, STR("Dload  Upload   Total")))
		return true;
	if (!s.n || !is_digit(*s.p))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]) && !strchr(" .:-kMGT\r", s.p[i]))
			return false;
		blanks += s.p[i] == ' ' && s.p[i - 1] != ' ';
	}
	return blanks >= 10 && str_find_byte(s, ':') != STR_NONE;
}

static bool is_connection(str line)
{
	enum { TELLS = 2 /* offset of the byte that tells most of them apart */ };

	if (line.n <= TELLS)
		return false;
	for (size_t i = 0; i < ARRAY_N(connection_lines); i++)
		if (line.p[TELLS] == connection_lines[i].p[TELLS] &&
			str_starts(line, connection_lines[i]))
			return !is_loud(line);
	return false;
}

static enum http_kind header_kind(str header, str *name)
{
	size_t colon = str_find_byte(header, ':');

	if (colon == STR_NONE || !colon)
		return HTTP_KEEP;
	*name = str_sub(header, 0, colon);
	for (size_t i = 0; i < ARRAY_N(noise_headers); i++)
		if (name->n == noise_headers[i].n && (*name->p | 0x20) == *noise_headers[i].p &&
			str_eq_nocase(*name, noise_headers[i]))
			return HTTP_HEADER;
	return HTTP_KEEP;
}

/* What was written over the progress meter stands behind its row. */
static str behind_progress(str line)
{
	size_t star = str_find_byte(line, '*');

	if (star == STR_NONE || !star || !is_progress(str_sub(line, 0, star)))
		return line;
	return str_sub(line, star, line.n);
}

bool http_looks_like(str text)
{
	struct http_reader r = {0};
	str line, name;
	unsigned seen = 0;

	for (int i = 0; i < LOOK_LINES && str_next_line(&text, &line, NULL); i++) {
		enum http_kind kind = http_line(&r, line, &name);

		if (kind == HTTP_START)
			return true;
		seen += kind == HTTP_CONNECTION || kind == HTTP_PROGRESS;
	}
	return seen > 2;
}

enum http_kind http_line(struct http_reader *r, str line, str *name)
{
	str rest;

	line = behind_progress(line);
	rest = line;
	*name = STR_NULL;
	if (begins_head(r, line))
		return HTTP_START;
	if (line.n &&
		(*line.p == '*' || *line.p == '{' || *line.p == '}' || *line.p == 'R' ||
			*line.p == 'C') &&
		is_connection(line))
		return HTTP_CONNECTION;
	if (is_progress(line))
		return HTTP_PROGRESS;
	if (str_starts(line, STR("* ")))
		return HTTP_KEEP;
	if (!r->is_head)
		return HTTP_TEXT;
	if (!str_take(&rest, r->prefix) || !str_trim(rest).n) {
		r->is_head = false;
		return HTTP_TEXT;
	}
	return header_kind(rest, name);
}
