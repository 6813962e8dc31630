/* Any bytes as what a client sends: a head that is taken is the same however it was cut, leads into the bytes, and
 * says one length at most; chunks give the same body in pieces of any size. */
#include "core/base/check.h"
#include "core/base/mem.h"
#include "proxy/http/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool is_inside(str s, str bytes)
{
	return !s.n || (s.p >= bytes.p && s.p + s.n <= bytes.p + bytes.n);
}

static void check_head(const struct http_request *r, str bytes)
{
	bool has_length = http_header_find(&r->head, STR("content-length")).p != NULL;
	bool has_coding = http_header_find(&r->head, STR("transfer-encoding")).p != NULL;

	ASSERT(r->head_n <= bytes.n && r->head_n <= HTTP_HEAD_MAX);
	ASSERT(!(has_length && has_coding));
	ASSERT((r->framing == HTTP_CHUNKED) == has_coding);
	ASSERT(r->head.target.n && (r->head.target.p[0] == '/' || r->head.target.p[0] == '*'));
	for (uint32_t i = 0; i < r->head.headers_n; i++) {
		const struct http_header *h = &r->head.headers[i];

		ASSERT(is_inside(h->name, bytes) && is_inside(h->value, bytes));
		ASSERT(h->name.n && !memchr(h->value.p, '\n', h->value.n) &&
			!memchr(h->value.p, '\r', h->value.n));
	}
}

/* The same bytes, one more at each call: nothing is decided before the end, and then the same. */
static void check_cut(str bytes, enum http_parsed whole, size_t head_n)
{
	struct http_request *r = mem_alloc(sizeof *r);
	struct http_fault f = {0};
	enum http_parsed p = HTTP_MORE;
	size_t scanned = 0, at = 0;

	ASSERT(r);
	for (at = 0; at <= bytes.n && p == HTTP_MORE; at++)
		p = http_parse_request(str_sub(bytes, 0, at), &scanned, r, &f);
	ASSERT(p == whole);
	ASSERT(p != HTTP_DONE || r->head_n == head_n);
	mem_free(r);
}

static uint64_t body_of(str bytes, size_t step, enum http_parsed *end, size_t *used)
{
	struct http_chunks c = {0};
	uint64_t sum = 0;

	*end = HTTP_MORE;
	*used = 0;
	while (*end == HTTP_MORE && *used < bytes.n) {
		str rest = str_sub(bytes, *used, *used + step < bytes.n ? *used + step : bytes.n);
		size_t before = rest.n;
		str piece;

		*end = http_chunks_next(&c, &rest, &piece);
		*used += before - rest.n;
		ASSERT(is_inside(piece, bytes));
		for (size_t i = 0; i < piece.n; i++)
			sum = sum * 31 + (unsigned char)piece.p[i];
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str bytes = {(const char *)data, n};
	struct http_request *r = mem_alloc(sizeof *r);
	struct http_fault f = {0};
	enum http_parsed p, whole, cut;
	size_t scanned = 0, used_whole, used_cut;
	uint64_t sum;

	ASSERT(r);
	p = http_parse_request(bytes, &scanned, r, &f);
	if (p == HTTP_DONE)
		check_head(r, bytes);
	ASSERT(p != HTTP_BAD || (f.status >= 400 && f.text));
	if (n < 600 && p != HTTP_MORE)
		check_cut(bytes, p, r->head_n);
	mem_free(r);
	sum = body_of(bytes, n ? n : 1, &whole, &used_whole);
	ASSERT(body_of(bytes, 1, &cut, &used_cut) == sum);
	ASSERT(whole == cut && (whole != HTTP_DONE || used_whole == used_cut));
	return 0;
}
