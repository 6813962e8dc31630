#include "core/compress/http/http.h"

#include "core/base/limits.h"
#include "tests/unit/codec_help.h"
#include "tests/unit/random_http.h"
#include "tests/unit/seeds.h"

#define ROUTE "headroom retrieve 3fa97c01"
#define HEAD  "[http: lines in brackets count what was left out above them; original: " ROUTE "]\n"

enum { TEXTS = 1500 };

/* ---- what it looks like ---- */

static const struct {
	const char *name, *text, *want;
} goldens[] = {
	{"curl -v",
		"*   Trying 127.0.0.1:443...\n* Connected to localhost (127.0.0.1) port 443 (#0)\n"
		"* ALPN: offers h2,http/1.1\n} [5 bytes data]\n"
		"* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n} [512 bytes data]\n"
		"*  SSL certificate verify result: self-signed certificate (18), continuing "
		"anyway.\n"
		"> GET /items HTTP/1.1\n> Host: localhost\n> User-Agent: curl/8.5.0\n"
		"> Accept: */*\n> Authorization: Bearer x\n> \n"
		"< HTTP/1.1 429 Too Many Requests\n< Server: nginx\n< Retry-After: 12\n"
		"< ETag: \"12\"\n< X-Frame-Options: DENY\n< Via: 1.1 varnish\n"
		"< Content-Type: text/plain\n< \nslow down\n"
		"* Connection #0 to host localhost left intact\n",
		HEAD "*  SSL certificate verify result: self-signed certificate (18), continuing "
		     "anyway.\n[6 of the connection]\n> GET /items HTTP/1.1\n> Host: localhost\n"
		     "> User-Agent: curl/8.5.0\n> Accept: */*\n> Authorization: Bearer x\n> \n"
		     "< HTTP/1.1 429 Too Many Requests\n< Retry-After: 12\n"
		     "< Content-Type: text/plain\n[4 headers: Server ETag X-Frame-Options Via]\n"
		     "< \nslow down\n* Connection #0 to host localhost left intact\n"},
	{"curl that failed, with its meter",
		"  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
		"                                 Dload  Upload   Total   Spent    Left  Speed\n"
		"  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0*   "
		"Trying [::1]:8080...\n* connect to ::1 port 8080 failed: Connection refused\n"
		"*   Trying 127.0.0.1:8080...\n"
		"* connect to 127.0.0.1 port 8080 failed: Connection refused\n"
		"* Failed to connect to localhost port 8080 after 0 ms: Could not connect\n"
		"* Closing connection 0\n"
		"curl: (7) Failed to connect to localhost port 8080 after 0 ms\n",
		HEAD "* connect to ::1 port 8080 failed: Connection refused\n"
		     "* connect to 127.0.0.1 port 8080 failed: Connection refused\n"
		     "* Failed to connect to localhost port 8080 after 0 ms: Could not connect\n"
		     "[3 of the connection; 2 of progress]\n"
		     "curl: (7) Failed to connect to localhost port 8080 after 0 ms\n"},
};

static void exchanges_read_like_this(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(goldens); i++) {
		str text = str_from(goldens[i].text);
		struct codec_out out;

		if (!codec_encode(&http_codec, b, text, ROUTE, &out))
			fail_msg("%s: not encoded", goldens[i].name);
		assert_str(out.text, goldens[i].want);
		assert_int_equal(out.form, CODEC_ELIDED);
		assert_true(http_codec.holds(text, out.text, &b->arena));
		assert_false(codec_encode(&http_codec, b, text, "", &out));
	}
}

static void what_is_no_exchange_stays(void **state)
{
	static const char *const texts[] = {
		"",
		"* one\n* two\n* three, which is the longest of them by far\n",
		"HTTP/1.1 is a protocol.\nServer: a program that serves.\nVia: a way.\nAge: "
		"years.\n",
		"GET /a HTTP/1.1\nHost: x\n\nHTTP/1.1 200 OK\nContent-Type: text/plain\n\nok\n",
	};
	struct bench *b = *state;
	struct codec_out out;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		assert_false(codec_encode(&http_codec, b, str_from(texts[i]), ROUTE, &out));
}

static void a_body_goes_by_its_codec(void **state)
{
	struct bench *b = *state;
	struct codec_out out;
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	buf_add_c(&t, "HTTP/2 200\ndate: Sat\nserver: x\nvia: y\nlink: <a>\n\n[");
	for (unsigned i = 0; i < 20; i++)
		buf_printf(&t, "%s{\"id\":%u,\"name\":\"n%u\",\"state\":\"open\"}", i ? "," : "", i,
			i * 7);
	buf_add_c(&t, "]\n");
	assert_true(codec_encode(&http_codec, b, buf_str(&t), ROUTE, &out));
	assert_true(str_starts(out.text, STR(HEAD "HTTP/2 200\nlink: <a>\n[3 headers: date server "
						  "via]\n\n[json: minified; ")));
	assert_true(http_codec.holds(buf_str(&t), out.text, &b->arena));
}

/* Each body goes by its codec, also one that another exchange follows. */
static void bodies_in_the_middle_go_by_their_codec(void **state)
{
	static const char *const changes[][2] = {{"[body, 6 lines:]", "[body, 5 lines:]"},
		{"[body, 6 lines:]", "[body, 7 lines:]"}, {"n7\n", "n8\n"}, {"n7\n", ""},
		{"[body, 6 lines:]\n", ""}, {"> GET /b", "> GET /a"}};
	struct bench *b = *state;
	struct codec_out out;
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (unsigned k = 0; k < 3; k++) {
		buf_printf(&t,
			"*   Trying 127.0.0.1:80...\n* Connected to localhost (127.0.0.1) port "
			"80 (#0)\n> GET /%c HTTP/1.1\n> Host: x\n> \n< HTTP/1.1 200 OK\n"
			"< Server: x\n< Via: y\n< Age: 2\n< \n* Connection #0 to host localhost "
			"left intact\n[",
			'a' + k);
		for (unsigned i = 0; i < 4; i++)
			buf_printf(&t,
				"%s{\"id\":%u,\"name\":\"n%u\",\"state\":\"open\",\"kind\":\"%s\"}",
				i ? "," : "", i, i * i * 7, "a kind that all of them have");
		buf_add_c(&t, "]\n");
	}
	assert_true(codec_encode(&http_codec, b, buf_str(&t), ROUTE, &out));
	assert_true(str_find(out.text, STR("> GET /a HTTP/1.1\n")) != STR_NONE);
	assert_true(str_find(out.text, STR("\n[body, 6 lines:]\n[json: minified; ")) != STR_NONE);
	assert_true(http_codec.holds(buf_str(&t), out.text, &b->arena));
	for (size_t i = 0; i < ARRAY_N(changes); i++)
		assert_false(
			http_codec.holds(buf_str(&t), but_for(b, out.text, changes[i]), &b->arena));
}

/* The padded columns of curl's meter hide no status. */
static void no_table_takes_an_exchange(void **state)
{
	struct bench *b = *state;
	struct encode_in in = {.tool = TOOL_SHELL, .route = STR(ROUTE)};
	struct encode_out out;
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	buf_add_c(&t,
		"  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
		"                                 Dload  Upload   Total   Spent    Left  Speed\n");
	for (unsigned i = 0; i < 40; i++)
		buf_printf(&t, "* TLSv1.3 (IN), TLS handshake, number %u (2):\n{ [%u bytes data]\n",
			i, i * 3);
	buf_add_c(&t, "< HTTP/1.1 503 Service Unavailable\n< Server: x\n< \nno\n");
	in.text = buf_str(&t);
	in.kind = detect_kind(in.text);
	out = bench_encode(b, &in);
	assert_true(out.encoders & ENCODER_HTTP);
	assert_true(str_find(out.text, STR("503 Service Unavailable")) != STR_NONE);
}

static void the_contract_sees_what_is_missing(void **state)
{
	static const char *const changes[][2] = {{"429", "200"}, {"Retry-After: 12\n", ""},
		{"< Retry", "Retry"}, {"[6 of", "[7 of"},
		{"[4 headers: Server", "[4 headers: server"}, {"< Retry-After: 12\n", ""},
		{"slow down\n", ""}, {"left out above", "left out"}};
	struct bench *b = *state;
	str text = str_from(goldens[0].text);
	struct codec_out out;

	assert_true(codec_encode(&http_codec, b, text, ROUTE, &out));
	for (size_t i = 0; i < ARRAY_N(changes); i++)
		assert_false(http_codec.holds(text, but_for(b, out.text, changes[i]), &b->arena));
}

/* ---- any exchange ---- */

/* What must be seen of it, told in another way than the codec does. */
static void assert_shows(str text, str shown)
{
	static const char *const musts[] = {"HTTP/1.1 ", "Location: ", "X-RateLimit", "Set-Cookie",
		"expired", "alert", "Failed", "GET /items"};

	for (size_t i = 0; i < ARRAY_N(musts); i++) {
		unsigned a = 0, b = 0;

		for (str s = text; str_find(s, str_from(musts[i])) != STR_NONE; a++)
			s = str_sub(s, str_find(s, str_from(musts[i])) + 1, s.n);
		for (str s = shown; str_find(s, str_from(musts[i])) != STR_NONE; b++)
			s = str_sub(s, str_find(s, str_from(musts[i])) + 1, s.n);
		assert_int_equal(a, b);
	}
}

static void every_exchange_keeps_the_contract(void **state)
{
	struct bench *b = *state;
	uint64_t seeds = seeds_or(TEXTS), elided = 0;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct rng r = rng_new(seed);
		struct codec_out out;
		struct buf t;
		str text;

		arena_reset(&b->arena);
		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		add_random_http(&r, &t);
		text = buf_str(&t);
		if (!codec_encode(&http_codec, b, text, ROUTE, &out))
			continue;
		elided++;
		assert_true(http_codec.holds(text, out.text, &b->arena));
		assert_shows(text, out.text);
		assert_survives(&http_codec, b, &r, text, out.text);
	}
	/* a generator that makes nothing of the kind would prove nothing */
	if (elided < seeds / 3)
		fail_msg("%llu elided", (unsigned long long)elided);
}

static void memory_is_linear(void **state)
{
	struct bench *b = *state;
	struct codec_out out;
	struct buf t;
	size_t before;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (int i = 0; i < 5000; i++)
		buf_printf(&t,
			"HTTP/1.1 200 OK\nServer: nginx\nDate: Sat, 28 Nov 2026 10:00:00 GMT\nAge: "
			"%d\n\nbody %d\nof lines\n",
			i, i);
	before = b->arena.used_bytes;
	assert_true(codec_encode(&http_codec, b, buf_str(&t), ROUTE, &out));
	assert_true(http_codec.holds(buf_str(&t), out.text, &b->arena));
	assert_true(b->arena.used_bytes - before < 60 * t.n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(exchanges_read_like_this),
		bench_test(what_is_no_exchange_stays),
		bench_test(a_body_goes_by_its_codec),
		bench_test(bodies_in_the_middle_go_by_their_codec),
		bench_test(no_table_takes_an_exchange),
		bench_test(the_contract_sees_what_is_missing),
		bench_test(every_exchange_keeps_the_contract),
		bench_test(memory_is_linear),
	};

	return cmocka_run_group_tests_name("compress: HTTP", tests, NULL, NULL);
}
