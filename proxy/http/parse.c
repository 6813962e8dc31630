#include "proxy/http/parse.h"

#include "core/base/check.h"

static bool is_target(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= 0x20 || c == 0x7f)
			return false;
	}
	return s.n > 0;
}

static enum http_parsed bad(struct http_fault *fault, int status, const char *text)
{
	*fault = (struct http_fault){status, text};
	return HTTP_BAD;
}

/* Offset behind the empty line that ends the head, looked for from at on; 0 when it is not there yet. A line may end in LF alone
 * (RFC 9112 2.2): what is forwarded is written anew. */
static size_t find_end(str bytes, size_t at)
{
	while (at < bytes.n) {
		const char *nl = memchr(bytes.p + at, '\n', bytes.n - at);

		if (!nl)
			return 0;
		at = (size_t)(nl - bytes.p) + 1;
		if (at < bytes.n && bytes.p[at] == '\n')
			return at + 1;
		if (at + 1 < bytes.n && bytes.p[at] == '\r' && bytes.p[at + 1] == '\n')
			return at + 2;
	}
	return 0;
}

/* The next line without its end; false when a CR stands anywhere else. */
static bool next_line(str *rest, str *line)
{
	if (!str_next_line(rest, line, NULL))
		return false;
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return str_find_byte(*line, '\r') == STR_NONE;
}

/* "http://host/path" becomes "/path" (RFC 9112 3.2.2); the Host header is checked by the guard. */
static bool reduce_target(str method, str *target)
{
	str t = *target;
	size_t slash;

	if (t.p[0] == '/')
		return true;
	if (str_eq(t, STR("*")))
		return str_eq(method, STR("OPTIONS"));
	if (t.n < 8 || !(str_eq_nocase(str_sub(t, 0, 7), STR("http://")) ||
			       str_eq_nocase(str_sub(t, 0, 8), STR("https://"))))
		return false;
	t = str_sub(t, t.p[4] == ':' ? 7 : 8, t.n);
	slash = str_find_byte(t, '/');
	*target = slash == STR_NONE ? STR("/") : str_sub(t, slash, t.n);
	return slash != 0 && t.n > 0;
}

static enum http_parsed parse_request_line(
	str line, struct http_request *req, struct http_fault *fault)
{
	struct http_head *h = &req->head;
	size_t a = str_find_byte(line, ' '), b = str_rfind_byte(line, ' ');
	str version;

	if (a == STR_NONE || a == b)
		return bad(fault, 400, "malformed request line");
	h->method = str_sub(line, 0, a);
	h->target = str_sub(line, a + 1, b);
	version = str_sub(line, b + 1, line.n);
	if (!http_is_token(h->method))
		return bad(fault, 400, "malformed method");
	if (h->target.n > HTTP_TARGET_MAX)
		return bad(fault, 414, "request target too long");
	if (!is_target(h->target))
		return bad(fault, 400, "malformed request target");
	if (version.n != 8 || !str_starts(version, STR("HTTP/")) || version.p[6] != '.')
		return bad(fault, 400, "malformed HTTP version");
	if (version.p[5] != '1' || version.p[7] < '0' || version.p[7] > '9')
		return bad(fault, 505, "only HTTP/1 is spoken here");
	h->minor = version.p[7] - '0';
	if (str_eq(h->method, STR("CONNECT")))
		return bad(fault, 501, "CONNECT is not supported: this is no forward proxy");
	if (!reduce_target(h->method, &h->target))
		return bad(fault, 400, "malformed request target");
	return HTTP_DONE;
}

static enum http_parsed parse_header(str line, struct http_request *req, struct http_fault *fault)
{
	size_t colon = str_find_byte(line, ':');
	struct http_header *h;

	if (line.p[0] == ' ' || line.p[0] == '\t')
		return bad(fault, 400, "folded header line");
	if (colon == STR_NONE || !http_is_token(str_sub(line, 0, colon)))
		return bad(fault, 400, "malformed header name");
	if (req->head.headers_n == HTTP_HEADERS_MAX)
		return bad(fault, 431, "too many headers");
	h = &req->headers[req->head.headers_n++];
	h->name = str_sub(line, 0, colon);
	h->value = str_trim(str_sub(line, colon + 1, line.n));
	if (!http_is_text(h->value))
		return bad(fault, 400, "control character in a header");
	return HTTP_DONE;
}

/* A length that is there more than once must be the same each time (RFC 9112 6.3). */
static enum http_parsed read_length(
	struct http_request *req, str value, bool *has_length, struct http_fault *fault)
{
	uint64_t n;

	if (!str_u64(value, &n) || value.n > 18)
		return bad(fault, 400, "malformed Content-Length");
	if (*has_length && n != req->length)
		return bad(fault, 400, "two different Content-Length headers");
	*has_length = true;
	req->length = n;
	return HTTP_DONE;
}

/* What the headers say of the message as a whole. */
struct framing {
	bool has_length, has_coding, has_close, has_keep_alive;
	unsigned hosts;
};

static void read_connection(str value, struct framing *f)
{
	str part;

	while (str_split(&value, ',', &part)) {
		f->has_close |= str_eq_nocase(str_trim(part), STR("close"));
		f->has_keep_alive |= str_eq_nocase(str_trim(part), STR("keep-alive"));
	}
}

static enum http_parsed read_framing_header(struct http_request *req, const struct http_header *h,
	struct framing *f, struct http_fault *fault)
{
	switch (h->name.n) { /* most headers are dismissed by their length */
	case 4:
		f->hosts += str_eq_nocase(h->name, STR("host"));
		break;
	case 6:
		if (!str_eq_nocase(h->name, STR("expect")))
			break;
		if (!str_eq_nocase(h->value, STR("100-continue")))
			return bad(fault, 417, "unknown expectation");
		req->expects_continue = req->head.minor > 0;
		break;
	case 10:
		if (str_eq_nocase(h->name, STR("connection")))
			read_connection(h->value, f);
		break;
	case 14:
		if (str_eq_nocase(h->name, STR("content-length")))
			return read_length(req, h->value, &f->has_length, fault);
		break;
	case 17:
		if (!str_eq_nocase(h->name, STR("transfer-encoding")))
			break;
		if (f->has_coding || !str_eq_nocase(h->value, STR("chunked")))
			return bad(fault, 501, "only the transfer coding 'chunked' is supported");
		f->has_coding = true;
		break;
	default:
		break;
	}
	return HTTP_DONE;
}

static enum http_parsed read_framing(struct http_request *req, struct http_fault *fault)
{
	struct framing f = {0};

	for (uint32_t i = 0; i < req->head.headers_n; i++)
		if (read_framing_header(req, &req->headers[i], &f, fault) == HTTP_BAD)
			return HTTP_BAD;
	if (f.hosts > 1 || (!f.hosts && req->head.minor > 0))
		return bad(fault, 400, f.hosts ? "more than one Host header" : "no Host header");
	if (f.has_coding && f.has_length)
		return bad(fault, 400, "both Content-Length and Transfer-Encoding");
	if (f.has_coding && req->head.minor == 0)
		return bad(fault, 400, "Transfer-Encoding in HTTP/1.0");
	req->framing = f.has_coding ? HTTP_CHUNKED : req->length ? HTTP_LENGTH : HTTP_NO_BODY;
	req->keeps_alive = !f.has_close && (req->head.minor > 0 || f.has_keep_alive);
	return HTTP_DONE;
}

static enum http_parsed parse_lines(str rest, struct http_request *req, struct http_fault *fault)
{
	str line;

	if (!next_line(&rest, &line) || parse_request_line(line, req, fault) == HTTP_BAD)
		return fault->status ? HTTP_BAD : bad(fault, 400, "bare CR in the request line");
	while (rest.n) {
		if (!next_line(&rest, &line))
			return bad(fault, 400, "bare CR in a header");
		if (!line.n)
			break;
		if (parse_header(line, req, fault) == HTTP_BAD)
			return HTTP_BAD;
	}
	return read_framing(req, fault);
}

/* No request line begins so: TLS on a plain port, or another protocol, that would wait for an answer for ever. */
static bool is_other_protocol(str bytes)
{
	size_t space = str_find_byte(bytes, ' ');

	return bytes.n && !http_is_token(str_sub(bytes, 0, space == STR_NONE ? bytes.n : space));
}

enum http_parsed http_parse_request(
	str bytes, size_t *scanned, struct http_request *req, struct http_fault *fault)
{
	size_t skip = 0, end;

	while (skip < bytes.n && (bytes.p[skip] == '\r' || bytes.p[skip] == '\n'))
		skip++;
	end = find_end(bytes, *scanned > skip + 3 ? *scanned - 3 : skip);
	*scanned = bytes.n;
	if (!end && is_other_protocol(str_sub(bytes, skip, bytes.n)))
		return bad(fault, 400, "this is no HTTP/1 request");
	if (!end && bytes.n <= HTTP_HEAD_MAX)
		return HTTP_MORE;
	if (!end || end > HTTP_HEAD_MAX)
		return bad(fault, 431, "request head too large");
	*fault = (struct http_fault){0};
	/* All but the array of headers, of which head.headers_n count. */
	memset(req, 0, offsetof(struct http_request, headers));
	req->head.headers = req->headers;
	req->head_n = end;
	return parse_lines(str_sub(bytes, skip, end), req, fault);
}

/* ---- the chunked coding ---------------------------------------------------------------------------- */

enum chunk_state {
	CHUNK_SIZE,      /* hexadecimal digits */
	CHUNK_EXTENSION, /* the rest of the size's line, up to its CR */
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_TRAILER,      /* at the start of a line */
	CHUNK_TRAILER_LINE, /* in one */
	CHUNK_TRAILER_LF,   /* behind its CR */
	CHUNK_LAST_LF,      /* behind the CR of the empty line */
	CHUNK_END,
};

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A byte of a size's line. */
static bool chunk_size_byte(struct http_chunks *c, char ch)
{
	int v = hex_value(ch);

	if (++c->line_n > HTTP_CHUNK_LINE_MAX)
		return false;
	if (c->state == CHUNK_SIZE && v >= 0) {
		c->left = c->left << 4 | (unsigned)v;
		return ++c->digits <= 15;
	}
	if (c->state == CHUNK_SIZE &&
		(!c->digits || (ch != ';' && ch != ' ' && ch != '\t' && ch != '\r')))
		return false;
	c->state = ch == '\r' ? CHUNK_SIZE_LF : CHUNK_EXTENSION;
	return ch != '\n' && ch != '\0';
}

/* A byte that is no data; false: not this coding. */
static bool chunk_byte(struct http_chunks *c, char ch)
{
	switch ((enum chunk_state)c->state) {
	case CHUNK_SIZE:
	case CHUNK_EXTENSION:
		return chunk_size_byte(c, ch);
	case CHUNK_SIZE_LF:
		c->state = c->left ? CHUNK_DATA : CHUNK_TRAILER;
		c->line_n = c->digits = 0;
		return ch == '\n';
	case CHUNK_DATA_CR:
		c->state = CHUNK_DATA_LF;
		return ch == '\r';
	case CHUNK_DATA_LF:
		c->state = CHUNK_SIZE;
		return ch == '\n';
	case CHUNK_TRAILER:
		c->state = ch == '\r' ? CHUNK_LAST_LF : CHUNK_TRAILER_LINE;
		return ch != '\n' && ++c->line_n <= HTTP_CHUNK_LINE_MAX;
	case CHUNK_TRAILER_LINE:
		if (ch == '\r')
			c->state = CHUNK_TRAILER_LF;
		return ch != '\n' && ++c->line_n <= HTTP_CHUNK_LINE_MAX;
	case CHUNK_TRAILER_LF:
		c->state = CHUNK_TRAILER;
		return ch == '\n';
	case CHUNK_LAST_LF:
		c->state = CHUNK_END;
		return ch == '\n';
	case CHUNK_DATA:
	case CHUNK_END:
		break;
	}
	UNREACHABLE("a chunk's data is no line");
}

enum http_parsed http_chunks_next(struct http_chunks *c, str *bytes, str *piece)
{
	*piece = STR("");
	while (c->state != CHUNK_END && bytes->n) {
		if (c->state == CHUNK_DATA) {
			size_t n = c->left < bytes->n ? (size_t)c->left : bytes->n;

			*piece = str_sub(*bytes, 0, n);
			*bytes = str_sub(*bytes, n, bytes->n);
			c->left -= n;
			if (!c->left)
				c->state = CHUNK_DATA_CR;
			return HTTP_MORE;
		}
		if (!chunk_byte(c, bytes->p[0]))
			return HTTP_BAD;
		*bytes = str_sub(*bytes, 1, bytes->n);
	}
	return c->state == CHUNK_END ? HTTP_DONE : HTTP_MORE;
}

/* RFC 9110 15, RFC 6585. */
static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{100, "Continue"}, {101, "Switching Protocols"}, {200, "OK"}, {201, "Created"},
	{202, "Accepted"}, {204, "No Content"}, {206, "Partial Content"},
	{301, "Moved Permanently"}, {302, "Found"}, {303, "See Other"}, {304, "Not Modified"},
	{307, "Temporary Redirect"}, {308, "Permanent Redirect"}, {400, "Bad Request"},
	{401, "Unauthorized"}, {402, "Payment Required"}, {403, "Forbidden"}, {404, "Not Found"},
	{405, "Method Not Allowed"}, {406, "Not Acceptable"}, {408, "Request Timeout"},
	{409, "Conflict"}, {410, "Gone"}, {411, "Length Required"}, {413, "Content Too Large"},
	{414, "URI Too Long"}, {415, "Unsupported Media Type"}, {417, "Expectation Failed"},
	{422, "Unprocessable Content"}, {426, "Upgrade Required"}, {429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"}, {500, "Internal Server Error"},
	{501, "Not Implemented"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
	{504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"},
	{529, "Overloaded"}, /* Anthropic */
};

const char *http_reason(int status)
{
	for (size_t i = 0; i < ARRAY_N(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}
