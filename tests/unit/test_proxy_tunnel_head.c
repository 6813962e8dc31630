#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "proxy/tunnel_head.h"

static struct tunnel_head head;

static enum http_parsed parse(const char *text)
{
	return tunnel_head_parse(str_from(text), &head);
}

static void assert_str(str s, const char *want)
{
	assert_int_equal(s.n, strlen(want));
	assert_memory_equal(s.p, want, s.n);
}

static void a_head_is_read(void **state)
{
	const char *text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nx:  a b\t\r\n"
			   "empty:\r\n\r\nrest";

	(void)state;
	assert_int_equal(parse(text), HTTP_DONE);
	assert_int_equal(head.status, 101);
	assert_str(head.reason, "Switching Protocols");
	assert_int_equal(head.headers_n, 3);
	assert_str(head.headers[1].name, "x");
	assert_str(head.headers[1].value, "a b");
	assert_int_equal(head.headers[2].value.n, 0);
	assert_int_equal(head.head_n, strlen(text) - 4);
	assert_int_equal(head.body, TUNNEL_BODY_RAW);
	for (size_t n = 0; n < head.head_n; n++)
		assert_int_equal(
			tunnel_head_parse(str_sub(str_from(text), 0, n), &head), HTTP_MORE);
}

static void what_kind_of_body_follows(void **state)
{
	static const struct {
		const char *text;
		enum tunnel_body body;
		uint64_t length;
	} CASES[] = {
		{"HTTP/1.1 403 No\r\nContent-Length: 12\r\n\r\n", TUNNEL_BODY_LENGTH, 12},
		{"HTTP/1.1 403 No\r\nContent-Length: 0\r\nContent-length: 0\r\n\r\n",
			TUNNEL_BODY_LENGTH, 0},
		{"HTTP/1.1 426\r\nTransfer-Encoding: Chunked\r\n\r\n", TUNNEL_BODY_CHUNKED, 0},
		{"HTTP/1.0 500 \n\n", TUNNEL_BODY_END, 0},
		{"HTTP/1.1 204 None\r\n\r\n", TUNNEL_BODY_NONE, 0},
		{"HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n", TUNNEL_BODY_NONE, 9},
		{"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n", TUNNEL_BODY_NONE, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		assert_int_equal(parse(CASES[i].text), HTTP_DONE);
		assert_int_equal(head.body, CASES[i].body);
		assert_int_equal(head.length, CASES[i].length);
	}
}

static void what_two_readers_could_take_differently_is_refused(void **state)
{
	static const char *const CASES[] = {
		"HTTP/2 200\r\n\r\n",
		"http/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 20\r\n\r\n",
		"HTTP/1.1 2000 OK\r\n\r\n",
		"HTTP/1.1 099 OK\r\n\r\n",
		"HTTP/1.1 600 OK\r\n\r\n",
		"HTTP/1.1 200 O\rK\r\n\r\n",
		"\r\nHTTP/1.1 200 OK\r\n\r\n",
		"SSH-2.0-OpenSSH\r\n",
		"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
		"HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
		"HTTP/1.1 200 OK\r\na : b\r\n\r\n",
		"HTTP/1.1 200 OK\r\na: b\r\n folded\r\n\r\n",
		"HTTP/1.1 200 OK\r\na: b\rc\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
		("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
		 "chunked\r\n\r\n"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
		if (parse(CASES[i]) != HTTP_BAD)
			fail_msg("taken: %s", CASES[i]);
}

static void a_head_has_an_end(void **state)
{
	static const char begin[] = "HTTP/1.1 101 S\r\nx: ";
	size_t n = HTTP_HEAD_MAX + 1;
	char *p = mem_alloc(n);

	(void)state;
	assert_non_null(p);
	memset(p, 'y', n);
	memcpy(p, begin, sizeof begin - 1);
	assert_int_equal(tunnel_head_parse((str){p, n - 1}, &head), HTTP_MORE);
	assert_int_equal(tunnel_head_parse((str){p, n}, &head), HTTP_BAD);
	mem_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_is_read),
		cmocka_unit_test(what_kind_of_body_follows),
		cmocka_unit_test(what_two_readers_could_take_differently_is_refused),
		cmocka_unit_test(a_head_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
