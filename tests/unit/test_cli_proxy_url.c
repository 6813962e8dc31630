/* Base URLs of upstreams: what is taken, what is cut off, what is refused and with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/proxy_url.h"

static void base_urls_are_checked_and_cut(void **state)
{
	static const struct {
		const char *text, *base, *host; /* base NULL: refused, host is what is said */
		unsigned port;
	} rows[] = {
		{"https://api.openai.com", "https://api.openai.com", "api.openai.com", 443},
		{"https://api.openai.com/v1", "https://api.openai.com", "api.openai.com", 443},
		{"https://api.openai.com/v1/", "https://api.openai.com", "api.openai.com", 443},
		{"https://x/v1/v1", "https://x/v1", "x", 443},
		{"https://x/api/v1//", "https://x/api", "x", 443},
		{"https://x/v10", "https://x/v10", "x", 443},
		{"HTTP://x:1/", "http://x:1", "x", 1},
		{"http://[::1]:8000/a", "http://[::1]:8000/a", "::1", 8000},
		{"http://[::1]", "http://[::1]", "::1", 80},
		{"http://a_b-c.d:65535", "http://a_b-c.d:65535", "a_b-c.d", 65535},
		{"", NULL, "begins with neither", 0},
		{"x", NULL, "begins with neither", 0},
		{"api.openai.com/v1", NULL, "begins with neither", 0},
		{"ftp://x", NULL, "begins with neither", 0},
		{"https:/x", NULL, "begins with neither", 0},
		{"https://", NULL, "names no host", 0},
		{"https:///v1", NULL, "names no host", 0},
		{"https://:1", NULL, "names no host", 0},
		{"https://x:", NULL, "names no host", 0},
		{"https://x:0", NULL, "names no host", 0},
		{"https://x:65536", NULL, "names no host", 0},
		{"https://x:1a", NULL, "names no host", 0},
		{"https://[::1", NULL, "names no host", 0},
		{"https://[::g]", NULL, "names no host", 0},
		{"https://[]", NULL, "names no host", 0},
		{"https://x%20", NULL, "names no host", 0},
		{"https://x?a=1", NULL, "has a query or a fragment", 0},
		{"https://x/#a", NULL, "has a query or a fragment", 0},
		{"https://x y", NULL, "holds what no URL may hold", 0},
		{"https://x\n", NULL, "holds what no URL may hold", 0},
		{"https://\xc3\xa4", NULL, "holds what no URL may hold", 0},
		{"https://u:secret@x", NULL, "a user name or password", 0},
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct errctx cx = {0};
		struct proxy_url url;
		enum err err = proxy_url_check(&a, "--u", str_from(rows[i].text), &url, &cx);

		if (rows[i].base) {
			assert_int_equal(err, E_OK);
			assert_string_equal(arena_cstr(&a, url.base), rows[i].base);
			assert_string_equal(arena_cstr(&a, url.host), rows[i].host);
			assert_int_equal(url.port, rows[i].port);
			continue;
		}
		assert_int_equal(err, E_USAGE);
		assert_true(strncmp(cx.text, "--u: ", 5) == 0);
		assert_null(strstr(cx.text, "secret"));
		if (!strstr(cx.text, rows[i].host))
			fail_msg("%s: %s", rows[i].text, cx.text);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_urls_are_checked_and_cut),
	};

	return cmocka_run_group_tests_name("cli_proxy_url", tests, NULL, NULL);
}
