/* Any bytes as a provider's answer to a request for a WebSocket: a head that is taken is the same however it was cut,
 * leads into the bytes, and would be read by others as it was here. */
#include "core/base/check.h"
#include "core/base/mem.h"
#include "proxy/tunnel_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool is_inside(str s, str bytes)
{
	return !s.n || (s.p >= bytes.p && s.p + s.n <= bytes.p + bytes.n);
}

static bool has_line_end(str s)
{
	return str_find_byte(s, '\n') != STR_NONE || str_find_byte(s, '\r') != STR_NONE ||
	       str_find_byte(s, '\0') != STR_NONE;
}

static void check(const struct tunnel_head *h, str bytes)
{
	ASSERT(h->head_n <= bytes.n && h->head_n <= HTTP_HEAD_MAX);
	ASSERT(bytes.p[h->head_n - 1] == '\n');
	ASSERT(h->status >= 100 && h->status <= 599);
	ASSERT((h->body == TUNNEL_BODY_RAW) == (h->status == 101));
	ASSERT(is_inside(h->reason, bytes) && !has_line_end(h->reason));
	for (uint32_t i = 0; i < h->headers_n; i++) {
		str name = h->headers[i].name, value = h->headers[i].value;

		ASSERT(name.n && is_inside(name, bytes) && is_inside(value, bytes));
		ASSERT(!has_line_end(name) && !has_line_end(value));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str bytes = {(const char *)data, n};
	struct tunnel_head *whole = mem_zalloc(sizeof *whole), *cut = mem_zalloc(sizeof *cut);
	enum http_parsed end = HTTP_MORE, p = HTTP_MORE;

	ASSERT(whole && cut);
	if (n <= 4096) {
		end = tunnel_head_parse(bytes, whole);
		for (size_t at = 0; at <= n && p == HTTP_MORE; at++)
			p = tunnel_head_parse(str_sub(bytes, 0, at), cut);
		ASSERT(p == end);
	}
	if (end == HTTP_DONE) {
		check(whole, bytes);
		ASSERT(cut->head_n == whole->head_n && cut->body == whole->body &&
			cut->length == whole->length);
	}
	mem_free(whole);
	mem_free(cut);
	return 0;
}
