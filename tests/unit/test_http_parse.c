/* HTTP/1 heads and chunks: what is taken, what is refused and with which status, over any cutting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/base/attr.h"
#include "proxy/http/parse.h"

static enum http_parsed parse(const char *text, struct http_request *req, struct http_fault *fault)
{
	size_t scanned = 0;

	return http_parse_request(str_from(text), &scanned, req, fault);
}

/* Each byte at each place of texts that are read by the word and by the byte. */
static void test_names_and_values_have_their_bytes(void **state)
{
	enum { LEN_MAX = 19 };
	char s[LEN_MAX];

	(void)state;
	for (size_t n = 1; n <= LEN_MAX; n++) {
		for (unsigned c = 0; c < 256; c++) {
			bool is_letter =
				(c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
			bool is_token = is_letter || (c && strchr("!#$%&'*+-.^_`|~", (int)c));
			bool is_text = (c >= 0x20 && c != 0x7f) || c == '\t';

			for (size_t at = 0; at < n; at++) {
				memset(s, 'x', n);
				s[at] = (char)c;
				assert_int_equal(http_is_token((str){s, n}), is_token);
				assert_int_equal(http_is_text((str){s, n}), is_text);
				memset(s, '\t', n);
				s[at] = (char)c;
				assert_int_equal(http_is_text((str){s, n}), is_text);
			}
		}
	}
	assert_false(http_is_token(STR("")));
	assert_true(http_is_text(STR("")));
}

static void test_request_is_read(void **state)
{
	static const char text[] =
		"POST /v1/messages?beta=true HTTP/1.1\r\nHost: localhost:8787\r\n"
		"X-Twice: a\r\nx-twice:\t b \r\nEmpty:\r\nContent-Length: 5\r\n\r\nhello";
	struct http_request r;
	struct http_fault f;

	(void)state;
	assert_int_equal(parse(text, &r, &f), HTTP_DONE);
	assert_true(str_eq_c(r.head.method, "POST"));
	assert_true(str_eq_c(r.head.target, "/v1/messages?beta=true"));
	assert_int_equal(r.head.minor, 1);
	assert_int_equal(r.head.headers_n, 5);
	assert_true(str_eq_c(r.head.headers[2].name, "x-twice"));
	assert_true(str_eq_c(r.head.headers[2].value, "b"));
	assert_true(str_eq_c(http_header_find(&r.head, STR("X-TWICE")), "a"));
	assert_int_equal(http_header_find(&r.head, STR("empty")).n, 0);
	assert_int_equal(r.framing, HTTP_LENGTH);
	assert_int_equal(r.length, 5);
	assert_int_equal(r.head_n, sizeof text - 1 - 5);
	assert_true(r.keeps_alive);
}

/* Cut at every byte: nothing before the end, the same at the end. */
static void test_head_comes_in_pieces(void **state)
{
	static const char text[] = "\r\n\nGET / HTTP/1.1\r\nHost: a\n\r\n";
	struct http_request r;
	struct http_fault f;
	size_t scanned = 0;

	(void)state;
	for (size_t n = 0; n < sizeof text - 1; n++)
		assert_int_equal(http_parse_request((str){text, n}, &scanned, &r, &f), HTTP_MORE);
	assert_int_equal(
		http_parse_request((str){text, sizeof text - 1}, &scanned, &r, &f), HTTP_DONE);
	assert_int_equal(r.head_n, sizeof text - 1);
}

/* One row per way to be refused. */
static const struct {
	const char *text;
	int status;
} refused[] = {
	{"GET / HTTP/1.1\r\n\r\n", 400},                       /* no Host */
	{"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400}, /* two */
	{"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
	{"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
	{"GET /\r\n\r\n", 400},
	{"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	{"\x16\x03\x01\x02", 400}, /* TLS */
	{"SSH-2.0-x\r\n", 400},
	{"G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	{"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	{"GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	{"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	{"GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	{"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
	{"GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n", 400},      /* white space before the colon */
	{"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n", 400}, /* folded */
	{"GET / HTTP/1.1\r\nHost: a\r\nA\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: a\r\nA: b\rc\r\n\r\n", 400}, /* bare CR */
	{"GET / HTTP/1.1\r\nHost: a\r\nA: \x01\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		400},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
	 "chunked\r\n\r\n",
		501},
	{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nExpect: coffee\r\n\r\n", 417},
};

static void test_doubtful_heads_are_refused(void **state)
{
	struct http_request r;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(refused); i++) {
		struct http_fault f = {0};

		if (parse(refused[i].text, &r, &f) != HTTP_BAD || f.status != refused[i].status)
			fail_msg("row %zu: status %d, not %d", i, f.status, refused[i].status);
		assert_non_null(f.text);
	}
}

static void test_limits(void **state)
{
	static char text[HTTP_HEAD_MAX + 200];
	struct http_request r;
	struct http_fault f = {0};
	size_t scanned = 0, n;

	(void)state;
	memset(text, 'a', sizeof text);
	memcpy(text, "GET /", 5);
	assert_int_equal(
		http_parse_request((str){text, HTTP_HEAD_MAX}, &scanned, &r, &f), HTTP_MORE);
	assert_int_equal(
		http_parse_request((str){text, HTTP_HEAD_MAX + 1}, &scanned, &r, &f), HTTP_BAD);
	assert_int_equal(f.status, 431);
	scanned = 0;
	memcpy(text + 5 + HTTP_TARGET_MAX, " HTTP/1.1\r\nHost: a\r\n\r\n", 22);
	n = 5 + HTTP_TARGET_MAX + 22;
	assert_int_equal(http_parse_request((str){text, n}, &scanned, &r, &f), HTTP_BAD);
	assert_int_equal(f.status, 414);
	scanned = n = 0;
	n += (size_t)sprintf(text, "GET / HTTP/1.1\r\n");
	for (unsigned i = 0; i <= HTTP_HEADERS_MAX; i++)
		n += (size_t)sprintf(text + n, "A: b\r\n");
	n += (size_t)sprintf(text + n, "\r\n");
	assert_int_equal(http_parse_request((str){text, n}, &scanned, &r, &f), HTTP_BAD);
	assert_int_equal(f.status, 431);
}

static void test_connection_lives_on(void **state)
{
	static const struct {
		const char *text;
		bool keeps_alive;
	} rows[] = {
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", false},
		{"GET / HTTP/1.0\r\n\r\n", false},
		{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
	};
	struct http_request r;
	struct http_fault f;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		assert_int_equal(parse(rows[i].text, &r, &f), HTTP_DONE);
		assert_int_equal(r.keeps_alive, rows[i].keeps_alive);
	}
}

static void test_absolute_form(void **state)
{
	struct http_request r;
	struct http_fault f;

	(void)state;
	assert_int_equal(
		parse("GET http://a:1/b?c HTTP/1.1\r\nHost: a\r\n\r\n", &r, &f), HTTP_DONE);
	assert_true(str_eq_c(r.head.target, "/b?c"));
	assert_int_equal(parse("GET https://a HTTP/1.1\r\nHost: a\r\n\r\n", &r, &f), HTTP_DONE);
	assert_true(str_eq_c(r.head.target, "/"));
	assert_int_equal(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", &r, &f), HTTP_DONE);
	assert_true(str_eq_c(r.head.target, "*"));
}

/* Feeds text in pieces of step bytes; *n_out: bytes of the body. */
static enum http_parsed decode(
	const char *text, size_t step, char *out, size_t *n_out, size_t *used)
{
	struct http_chunks c = {0};
	enum http_parsed p = HTTP_MORE;
	size_t n = strlen(text);

	*n_out = *used = 0;
	while (*used < n && p == HTTP_MORE) {
		str bytes = {text + *used, step < n - *used ? step : n - *used}, piece;
		size_t before = bytes.n;

		p = http_chunks_next(&c, &bytes, &piece);
		*used += before - bytes.n;
		memcpy(out + *n_out, piece.p, piece.n);
		*n_out += piece.n;
	}
	return p;
}

static void test_chunks(void **state)
{
	static const char text[] =
		"5;ext=\"a\"\r\nhello\r\n00A\r\n, world! 1\r\n0\r\nTrailer: x\r\nB: c\r\n\r\nNEXT";
	char out[64];
	size_t n, used;

	(void)state;
	for (size_t step = 1; step < sizeof text; step++) {
		assert_int_equal(decode(text, step, out, &n, &used), HTTP_DONE);
		assert_true(str_eq_c((str){out, n}, "hello, world! 1"));
		assert_int_equal(used, sizeof text - 1 - 4);
	}
}

static void test_bad_chunks(void **state)
{
	static const char *const rows[] = {"\r\n", "g\r\n", "-1\r\n", " 5\r\nhello", "5\nhello",
		"5\r\nhelloX", "5\r\nhello\r0", "1234567890abcdef0\r\n", "5\r\nhello\r\n0\r\nA\n",
		"0x5\r\n", ";\r\n", "0\r\n\rX"};
	char out[64];
	size_t n, used;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		for (size_t step = 1; step < 8; step++)
			if (decode(rows[i], step, out, &n, &used) != HTTP_BAD)
				fail_msg("row %zu is taken", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_and_values_have_their_bytes),
		cmocka_unit_test(test_request_is_read),
		cmocka_unit_test(test_head_comes_in_pieces),
		cmocka_unit_test(test_doubtful_heads_are_refused),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_connection_lives_on),
		cmocka_unit_test(test_absolute_form),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_bad_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
