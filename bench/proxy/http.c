#include "bench/proxy/http.h"

/* "HTTP/1.1 200 OK" or "POST /v1/messages HTTP/1.1". */
static bool parse_first_line(str line, struct http_head *out)
{
	str part;
	uint64_t status;

	if (str_starts(line, STR("HTTP/1."))) {
		out->length = UINT64_MAX;
		if (line.n < 12 || !str_u64(str_sub(line, 9, 12), &status))
			return false;
		out->status = (int)status;
		return true;
	}
	return str_split(&line, ' ', &out->method) && str_split(&line, ' ', &out->target) &&
	       str_split(&line, ' ', &part) && str_starts(part, STR("HTTP/1."));
}

static bool parse_field(str line, struct http_head *out)
{
	size_t colon = str_find_byte(line, ':');
	str name, value;

	if (colon == STR_NONE)
		return false;
	name = str_sub(line, 0, colon);
	value = str_trim(str_sub(line, colon + 1, line.n));
	if (str_eq_nocase(name, STR("content-length")))
		return str_u64(value, &out->length);
	if (str_eq_nocase(name, STR("transfer-encoding")))
		out->is_chunked = str_eq_nocase(value, STR("chunked"));
	else if (str_eq_nocase(name, STR("connection")))
		out->is_close = str_eq_nocase(value, STR("close"));
	else if (str_eq_nocase(name, STR("expect")))
		out->expects_continue = true;
	return true;
}

enum http_got http_head_parse(str bytes, struct http_head *out)
{
	size_t end = str_find(bytes, STR("\r\n\r\n"));
	str rest, line;

	if (end == STR_NONE)
		return HTTP_MORE;
	*out = (struct http_head){.n = end + 4};
	rest = str_sub(bytes, 0, end + 2);
	if (!str_next_line(&rest, &line, NULL) || !parse_first_line(str_trim_right(line), out))
		return HTTP_BAD;
	while (str_next_line(&rest, &line, NULL))
		if (!parse_field(str_trim_right(line), out))
			return HTTP_BAD;
	return HTTP_WHOLE;
}

void http_body_init(struct http_body *b, const struct http_head *head)
{
	*b = (struct http_body){.left = head->length, .state = HTTP_BODY_LENGTH};
	if (head->is_chunked)
		*b = (struct http_body){.state = HTTP_BODY_SIZE};
	else if (!b->left)
		b->state = HTTP_BODY_DONE;
}

static str take(str *in, uint64_t n)
{
	size_t most = n < in->n ? (size_t)n : in->n;
	str piece = str_sub(*in, 0, most);

	*in = str_sub(*in, most, in->n);
	return piece;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte of a line that gives the size of a chunk. */
static void step_size(struct http_body *b, char c)
{
	int digit = hex_digit(c);

	if (c == '\n') {
		b->state = b->left ? HTTP_BODY_DATA : HTTP_BODY_TRAILER;
		b->is_line_empty = true;
	} else if (digit >= 0 && b->left < (uint64_t)1 << 56) {
		b->left = b->left << 4 | (uint64_t)digit;
	} else if (c != '\r') {
		b->state = HTTP_BODY_BAD; /* none of those at hand sends extensions */
	}
}

static void step_trailer(struct http_body *b, char c)
{
	if (c != '\n') {
		b->is_line_empty &= c == '\r';
		return;
	}
	if (b->is_line_empty)
		b->state = HTTP_BODY_DONE;
	b->is_line_empty = true;
}

str http_body_take(struct http_body *b, str *in)
{
	str piece;

	while (in->n) {
		switch (b->state) {
		case HTTP_BODY_LENGTH:
		case HTTP_BODY_DATA:
			piece = take(in, b->left);
			if (b->left != UINT64_MAX)
				b->left -= piece.n;
			if (!b->left)
				b->state = b->state == HTTP_BODY_DATA ? HTTP_BODY_DATA_END
								      : HTTP_BODY_DONE;
			return piece;
		case HTTP_BODY_SIZE:
			step_size(b, *take(in, 1).p);
			break;
		case HTTP_BODY_DATA_END:
			if (*take(in, 1).p == '\n')
				b->state = HTTP_BODY_SIZE;
			break;
		case HTTP_BODY_TRAILER:
			step_trailer(b, *take(in, 1).p);
			break;
		case HTTP_BODY_DONE:
		case HTTP_BODY_BAD:
			return STR("");
		}
	}
	return STR("");
}
