/* random_http: exchanges as curl prints them, made of a seed and nothing else. For property tests and measurements. */
#ifndef TESTS_UNIT_RANDOM_HTTP_H
#define TESTS_UNIT_RANDOM_HTTP_H

#include "tests/unit/random_text.h"

static inline void add_http_headers(struct rng *r, const char *prefix, struct buf *b)
{
	static const char *const headers[] = {"Server: nginx",
		"Date: Sat, 28 Nov 2026 10:00:00 GMT", "Content-Type: application/json",
		"ETag: \"12ab\"", "X-Frame-Options: DENY", "Via: 1.1 v", "X-Cache: HIT",
		"Location: /next", "X-RateLimit-Remaining: 12", "odd line", "Vary: Accept",
		"Set-Cookie: a=b", "Age: 12", "X-Served-By: fra-1"};

	for (unsigned n = 2 + rng_below(r, 14); n; n--)
		buf_printf(b, "%s%s\n", prefix, RNG_PICK(r, headers));
	if (!rng_once_in(r, 9))
		buf_printf(b, "%s\n", prefix);
}

static inline void add_random_http(struct rng *r, struct buf *b)
{
	static const char *const lines[] = {"*   Trying 127.0.0.1:80...", "{ [5 bytes data]",
		"} [5 bytes data]", "* Connected to localhost (127.0.0.1) port 80 (#0)",
		"* ALPN: offers h2,http/1.1",
		"* TLSv1.3 (IN), TLS handshake, Server hello (2):", "*  issuer: CN=localhost",
		"* SSL certificate problem: certificate has expired",
		"* TLSv1.3 (IN), TLS alert, bad (2):",
		"  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0",
		"curl: (7) Failed to connect", "* Connection #0 to host localhost left intact", "",
		"text"};
	static const char *const prefixes[] = {"< ", "", "  "};

	for (unsigned n = 1 + rng_below(r, 4); n; n--) {
		const char *prefix = RNG_PICK(r, prefixes);

		for (unsigned k = rng_below(r, 20); k; k--)
			buf_printf(b, "%s\n", RNG_PICK(r, lines));
		if (*prefix == '<') {
			buf_add_c(b, "> GET /items HTTP/1.1\n");
			add_http_headers(r, "> ", b);
		}
		buf_printf(b, "%sHTTP/1.1 %u OK\n", prefix, 200 + rng_below(r, 300));
		add_http_headers(r, prefix, b);
		if (rng_once_in(r, 2)) {
			buf_add_byte(b, '[');
			for (unsigned i = 0, k = rng_below(r, 40); i < k; i++)
				buf_printf(b, "%s{\"id\":%u,\"name\":\"%s\"}", i ? "," : "", i,
					RNG_PICK(r, text_words));
			buf_add_c(b, "]\n");
		}
		for (unsigned k = rng_below(r, 3); k; k--)
			buf_printf(b, "%s\n", RNG_PICK(r, lines));
	}
	if (rng_once_in(r, 3))
		b->n--;
}

#endif
