#include "proxy/tunnel_head.h"

/* The next line without its end, which is CR LF or a bare LF (RFC 9112 2.2). False: it is not whole. */
static bool next_line(str *rest, str *line)
{
	size_t end = str_find_byte(*rest, '\n');

	if (end == STR_NONE)
		return false;
	*line = str_sub(*rest, 0, end);
	*rest = str_sub(*rest, end + 1, rest->n);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

/* "HTTP/1.1 101 Switching Protocols"; the reason may be missing. */
static bool parse_status(str line, struct tunnel_head *out)
{
	uint64_t status;

	if (!http_is_text(line) ||
		!(str_take(&line, STR("HTTP/1.1 ")) || str_take(&line, STR("HTTP/1.0 "))))
		return false;
	if (line.n < 3 || !str_u64(str_sub(line, 0, 3), &status) || status < 100 || status > 599)
		return false;
	if (line.n > 3 && line.p[3] != ' ')
		return false;
	out->status = (int)status;
	out->reason = str_trim(str_sub(line, 3, line.n));
	return true;
}

static bool parse_header(str line, struct tunnel_head *out)
{
	size_t colon = str_find_byte(line, ':');
	struct http_header *h;

	if (colon == STR_NONE || out->headers_n == HTTP_HEADERS_MAX)
		return false;
	h = &out->headers[out->headers_n++];
	h->name = str_sub(line, 0, colon);
	h->value = str_trim(str_sub(line, colon + 1, line.n));
	return http_is_token(h->name) && http_is_text(h->value);
}

/* RFC 9112 6.3, of answers to a GET. */
static bool read_framing(struct tunnel_head *out)
{
	bool has_length = false, is_chunked = false;

	for (uint32_t i = 0; i < out->headers_n; i++) {
		const struct http_header *h = &out->headers[i];
		uint64_t n;

		if (str_eq_nocase(h->name, STR("content-length"))) {
			if (!str_u64(h->value, &n) || (has_length && n != out->length))
				return false;
			has_length = true;
			out->length = n;
		} else if (str_eq_nocase(h->name, STR("transfer-encoding"))) {
			if (is_chunked || !str_eq_nocase(h->value, STR("chunked")))
				return false;
			is_chunked = true;
		}
	}
	if (has_length && is_chunked)
		return false;
	if (out->status == 101)
		out->body = TUNNEL_BODY_RAW;
	else if (out->status < 200 || out->status == 204 || out->status == 304)
		out->body = TUNNEL_BODY_NONE;
	else if (is_chunked)
		out->body = TUNNEL_BODY_CHUNKED;
	else
		out->body = has_length ? TUNNEL_BODY_LENGTH : TUNNEL_BODY_END;
	return true;
}

enum http_parsed tunnel_head_parse(str bytes, struct tunnel_head *out)
{
	str rest = bytes, line;

	out->headers_n = 0;
	out->length = 0;
	if (!next_line(&rest, &line))
		return bytes.n > HTTP_HEAD_MAX ? HTTP_BAD : HTTP_MORE;
	if (!parse_status(line, out))
		return HTTP_BAD;
	while (next_line(&rest, &line)) {
		if (!line.n) {
			out->head_n = bytes.n - rest.n;
			return out->head_n <= HTTP_HEAD_MAX && read_framing(out) ? HTTP_DONE
										 : HTTP_BAD;
		}
		if (!parse_header(line, out))
			return HTTP_BAD;
	}
	return bytes.n > HTTP_HEAD_MAX ? HTTP_BAD : HTTP_MORE;
}
