#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proxy/guard.h"
#include "tests/unit/head_help.h"

static const str HOSTS[] = {{"proxy.lan", 9}, {"box:8787", 8}, {"[fd00::1]", 9}};
static const str ORIGINS[] = {{"https://app.example", 19}};

static struct guard_conf conf(bool is_loopback_bind)
{
	return (struct guard_conf){.hosts = HOSTS,
		.hosts_n = ARRAY_N(HOSTS),
		.origins = ORIGINS,
		.origins_n = ARRAY_N(ORIGINS),
		.is_loopback_bind = is_loopback_bind};
}

static enum guard_verdict verdict(
	const struct guard_conf *g, const char *head, bool peer_is_loopback, bool *in_authorization)
{
	struct arena a = ARENA_INIT;
	struct http_head h = head_read(&a, str_from(head));
	struct route r;
	struct guard_who who;
	enum guard_verdict v;

	route_request(&h, &a, &r);
	v = guard_check(g, &h, &r, peer_is_loopback, &a, &who);
	*in_authorization = who.token_in_authorization;
	arena_release(&a);
	return v;
}

static void check(const struct guard_conf *g, const char *head, bool peer_is_loopback,
	enum guard_verdict want)
{
	bool in_authorization;
	enum guard_verdict got = verdict(g, head, peer_is_loopback, &in_authorization);

	if (got != want)
		fail_msg(
			"%s: %s, want %s", head, guard_verdict_name(got), guard_verdict_name(want));
}

static void loopback_has_many_spellings(void **state)
{
	static const char *const YES[] = {"127.0.0.1", "127.0.0.1:8787", "127.255.0.3", "localhost",
		"LocalHost:1", "::1", "[::1]", "[::1]:8787", "::ffff:127.0.0.1",
		"[::ffff:127.0.0.1]:80", "[::FFFF:7f00:1]", "0:0:0:0:0:0:0:1", "127.0.0.1:"};
	static const char *const NO[] = {"", ":", ":80", "127.0.0.1.evil.example",
		"127.evil.example", "localhost.evil.example", "evil.example", "evil.example:127",
		"localhost@evil.example", "evil.example#localhost", "127.1", "2130706433",
		"0x7f.0.0.1", "0.0.0.0", "10.0.0.1", "128.0.0.1", "::2", "[::1", "::1]", "[::1]x",
		"[::1]:x", "127.0.0.1:99999", "127.0.0.1:80:80", "localhost:-1", "localhost ",
		" localhost", "localhost.", "::ffff:10.0.0.1", "::127.0.0.1", "::1%lo",
		"[localhost]:x", "localhost/", "127.0.0.1/8"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(YES); i++) {
		if (!address_is_loopback(str_from(YES[i])))
			fail_msg("%s is loopback", YES[i]);
	}
	for (size_t i = 0; i < ARRAY_N(NO); i++) {
		if (address_is_loopback(str_from(NO[i])))
			fail_msg("%s is not loopback", NO[i]);
	}
	assert_false(address_is_loopback(STR("127.0.0.1\0.evil.example")));
	assert_false(address_is_loopback(STR_NULL));
}

/* A page whose name was made to point here (DNS rebinding) says its own name. */
static void host_must_name_this_machine(void **state)
{
	struct guard_conf g = conf(true), open = conf(false);
	static const str all[] = {{"*", 1}};

	(void)state;
	check(&g, "GET /stats\nHost: 127.0.0.1:8787", true, GUARD_OK);
	check(&g, "GET /stats\nHost: evil.example:8787", true, GUARD_BAD_HOST);
	check(&g, "POST /v1/messages\nHost: evil.example", true, GUARD_BAD_HOST);
	check(&g, "GET /livez\nHost: evil.example", true, GUARD_BAD_HOST);
	check(&g, "GET /v1/responses\nHost: evil.example\nConnection: upgrade\nUpgrade: websocket",
		true, GUARD_BAD_HOST);
	check(&g, "GET /stats\nHost: Proxy.LAN:99", true, GUARD_OK);
	check(&g, "GET /stats\nHost: box:8787", true, GUARD_OK);
	check(&g, "GET /stats\nHost: box:8788", true, GUARD_BAD_HOST);
	check(&g, "GET /stats\nHost: [FD00::1]:8787", true, GUARD_OK);
	check(&g, "GET /stats\nHost: xproxy.lan", true, GUARD_BAD_HOST);
	check(&g, "GET /stats", true, GUARD_BAD_HOST);
	check(&g, "GET /stats\nHost:", true, GUARD_BAD_HOST);
	check(&g, "GET /stats\nHost: localhost\nHost: evil.example", true, GUARD_BAD_HOST);
	check(&open, "GET /stats\nHost: localhost\nHost: localhost", true, GUARD_BAD_HOST);
	check(&open, "GET /stats\nHost: any.example", false, GUARD_OK);
	g.hosts = all;
	g.hosts_n = 1;
	check(&g, "GET /stats\nHost: any.example", true, GUARD_OK);
}

static void http_1_0_needs_no_host(void **state)
{
	struct arena a = ARENA_INIT;
	struct guard_conf g = conf(true);
	struct http_head h = head_read(&a, STR("GET /stats"));
	struct route r;
	struct guard_who who;

	(void)state;
	h.minor = 0;
	route_request(&h, &a, &r);
	assert_int_equal(guard_check(&g, &h, &r, true, &a, &who), GUARD_OK);
	h.target = STR("/admin/upstream");
	route_request(&h, &a, &r);
	assert_int_equal(guard_check(&g, &h, &r, true, &a, &who), GUARD_HIDDEN);
	arena_release(&a);
}

static void origin_must_be_of_this_machine(void **state)
{
	struct guard_conf g = conf(true), open = conf(false);
	static const str all[] = {{"*", 1}};

	(void)state;
#define WITH(origin) "POST /v1/messages\nHost: localhost\nOrigin: " origin
	check(&g, WITH("http://localhost:3000"), true, GUARD_OK);
	check(&g, WITH("https://127.0.0.1"), true, GUARD_OK);
	check(&g, WITH("http://[::1]:8787"), true, GUARD_OK);
	check(&g, WITH("https://app.example"), true, GUARD_OK);
	check(&g, WITH("https://app.example:1"), true, GUARD_BAD_ORIGIN);
	check(&g, WITH("http://app.example"), true, GUARD_BAD_ORIGIN);
	check(&g, WITH("https://evil.example"), true, GUARD_BAD_ORIGIN);
	check(&g, WITH("http://localhost.evil.example"), true, GUARD_BAD_ORIGIN);
	check(&g, WITH("http://localhost/"), true, GUARD_BAD_ORIGIN);
	check(&g, WITH("null"), true, GUARD_BAD_ORIGIN);
	check(&g, WITH(""), true, GUARD_BAD_ORIGIN);
	check(&g, WITH("localhost"), true, GUARD_BAD_ORIGIN);
	check(&g, WITH("file://localhost"), true, GUARD_BAD_ORIGIN);
	check(&g, WITH("http://localhost\nOrigin: http://evil.example"), true, GUARD_BAD_ORIGIN);
	check(&open, WITH("https://evil.example"), false, GUARD_BAD_ORIGIN);
	check(&open, "GET /livez\nHost: x\nOrigin: https://evil.example", false, GUARD_BAD_ORIGIN);
	check(&open,
		"GET /x\nHost: x\nOrigin: https://e.example\nConnection: upgrade\nUpgrade: "
		"websocket",
		false, GUARD_BAD_ORIGIN);
	g.origins = all;
	g.origins_n = 1;
	check(&g, WITH("https://any.example"), true, GUARD_OK);
#undef WITH
}

/* ---- the token ----------------------------------------------------------------------------------------- */

static struct guard_conf with_token(void)
{
	struct guard_conf g = conf(false);

	g.token = STR("s3cret");
	return g;
}

/* Loopback pages may ask, but what we answer is only for pages that were named. */
static void only_named_origins_are_listed(void **state)
{
	static const str names[] = {{"https://page.example", 20}}, all[] = {{"*", 1}};
	struct guard_conf g = {.origins = names, .origins_n = 1, .is_loopback_bind = true};

	(void)state;
	assert_true(origin_is_listed(&g, STR("https://page.example")));
	assert_true(origin_is_listed(&g, STR("HTTPS://Page.example")));
	assert_false(origin_is_listed(&g, STR("http://page.example")));
	assert_false(origin_is_listed(&g, STR("http://localhost:3000")));
	assert_true(origin_is_allowed(&g, STR("http://localhost:3000")));
	g.origins = all;
	assert_true(origin_is_listed(&g, STR("http://localhost:3000")));
}

static void every_route_wants_the_token(void **state)
{
	static const char *const TARGETS[] = {"GET /stats", "GET /metrics",
		"GET /v1/dashboard/state", "GET /v1/dashboard/events", "GET /dashboard/",
		"POST /v1/messages", "GET /anything", "POST /v1/compress", "GET /admin/upstream",
		"POST //livez", "GET /livez/", "GET /readyz/../v1/models",
		"GET /v1/responses\nConnection: upgrade\nUpgrade: websocket"};
	static const char *const OPEN[] = {"GET /livez", "HEAD /readyz", "GET /health?x",
		"GET /healthz", "GET /p/x/livez", "GET /dashboard"};
	struct guard_conf g = with_token();

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_N(TARGETS); i++) {
		struct arena a = ARENA_INIT;
		const char *t = TARGETS[i / 2];
		str bare = arena_printf(&a, "%s\nHost: localhost", t);

		check(&g, arena_cstr(&a, bare), i % 2, GUARD_NO_TOKEN);
		check(&g,
			arena_cstr(&a, arena_printf(&a, STR_FMT "\nx-headroom-proxy-token: s3cret",
					       STR_ARG(bare))),
			true, GUARD_OK);
		arena_release(&a);
	}
	for (size_t i = 0; i < ARRAY_N(OPEN); i++)
		check(&g, OPEN[i], false, GUARD_OK);
}

/* Defect 4: a provider's own bearer hid the token in the other header. */
static void either_header_may_carry_the_token(void **state)
{
	static const struct {
		const char *headers;
		enum guard_verdict verdict;
		bool in_authorization;
	} CASES[] = {
		{"X-Headroom-Proxy-Token: s3cret", GUARD_OK, false},
		{"Authorization: Bearer s3cret", GUARD_OK, true},
		{"authorization: bearer  s3cret ", GUARD_OK, true},
		{"Authorization: Bearer sk-ant-oat01-x\nX-Headroom-Proxy-Token: s3cret", GUARD_OK,
			false},
		{"Authorization: Bearer s3cret\nX-Headroom-Proxy-Token: wrong", GUARD_OK, true},
		{"Authorization: Bearer s3cret\nX-Headroom-Proxy-Token: s3cret", GUARD_OK, true},
		{"Authorization: Bearer sk-1\nAuthorization: Bearer s3cret", GUARD_OK, true},
		{"Authorization: Bearer sk-1", GUARD_BAD_TOKEN, false},
		{"Authorization: s3cret", GUARD_NO_TOKEN, false},
		{"Authorization: Basic s3cret", GUARD_NO_TOKEN, false},
		{"x-api-key: s3cret", GUARD_NO_TOKEN, false},
		{"X-Headroom-Proxy-Token: s3cre", GUARD_BAD_TOKEN, false},
		{"X-Headroom-Proxy-Token: s3crets", GUARD_BAD_TOKEN, false},
		{"X-Headroom-Proxy-Token: S3cret", GUARD_BAD_TOKEN, false},
		{"X-Headroom-Proxy-Token:", GUARD_BAD_TOKEN, false},
		{"Authorization: Bearer ", GUARD_NO_TOKEN, false},
	};
	struct guard_conf g = with_token();

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		str head = arena_printf(&a, "POST /v1/messages\nHost: h\n%s", CASES[i].headers);
		bool in_authorization = !CASES[i].in_authorization;

		if (verdict(&g, arena_cstr(&a, head), false, &in_authorization) !=
				CASES[i].verdict ||
			in_authorization != CASES[i].in_authorization)
			fail_msg("%s", CASES[i].headers);
		arena_release(&a);
	}
}

/* Enough wrong ones that one or another has some bytes of its hash in common with the right one. */
static void no_wrong_token_is_right(void **state)
{
	struct guard_conf g = with_token();

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct arena a = ARENA_INIT;

		check(&g,
			arena_cstr(&a, arena_printf(&a,
					       "GET /stats\nx-headroom-proxy-token: s3cret%d", i)),
			false, GUARD_BAD_TOKEN);
		arena_release(&a);
	}
}

/* The token is found where it is not asked for, so that it is not forwarded from there. */
static void the_token_is_seen_where_none_is_needed(void **state)
{
	struct guard_conf g = with_token();
	bool in_authorization = false;

	(void)state;
	assert_int_equal(
		verdict(&g, "GET /livez\nAuthorization: Bearer s3cret", false, &in_authorization),
		GUARD_OK);
	assert_true(in_authorization);
	g.exempts_loopback = true;
	in_authorization = false;
	assert_int_equal(
		verdict(&g, "POST /v1/messages\nHost: localhost\nAuthorization: Bearer s3cret",
			true, &in_authorization),
		GUARD_OK);
	assert_true(in_authorization);
	g.token = STR("");
	assert_int_equal(verdict(&g, "POST /v1/messages\nHost: localhost\nAuthorization: Bearer ",
				 true, &in_authorization),
		GUARD_OK);
	assert_false(in_authorization);
}

/* A reverse proxy on the same machine made every caller local. */
static void only_who_speaks_for_himself_is_local(void **state)
{
	struct guard_conf g = with_token();

	(void)state;
	check(&g, "GET /stats\nHost: localhost", true, GUARD_NO_TOKEN);
	g.exempts_loopback = true;
	check(&g, "GET /stats\nHost: localhost:8787", true, GUARD_OK);
	check(&g, "GET /stats\nHost: localhost:8787", false, GUARD_NO_TOKEN);
	check(&g, "GET /stats\nHost: public.example", true, GUARD_NO_TOKEN);
	check(&g, "GET /stats\nHost: localhost\nX-Forwarded-For: 127.0.0.1", true, GUARD_NO_TOKEN);
	check(&g, "GET /stats\nHost: localhost\nForwarded: for=10.0.0.1", true, GUARD_NO_TOKEN);
	check(&g, "GET /stats\nHost: localhost\nVia: 1.1 nginx", true, GUARD_NO_TOKEN);
	check(&g, "GET /stats", true, GUARD_NO_TOKEN);
}

/* Defect 22: what tells of other people's work was readable from the network. */
static void some_endpoints_do_not_exist_for_others(void **state)
{
	static const char *const HIDDEN[] = {"GET /admin/upstream", "GET /debug/memory",
		"GET /debug/exchanges", "POST /stats/reset", "GET /stats/reset",
		"POST /cache/clear", "GET /transformations/feed", "POST /v1/retrieve",
		"GET /v1/retrieve/abc", "GET /v1/retrieve/stats", "POST /v1/retrieve/tool_call",
		"POST /v1/compress"};
	struct guard_conf g = conf(false);

	(void)state;
	for (size_t i = 0; i < ARRAY_N(HIDDEN); i++) {
		struct arena a = ARENA_INIT;
		const char *local =
			arena_cstr(&a, arena_printf(&a, "%s\nHost: [::1]:1", HIDDEN[i]));

		check(&g, local, true, GUARD_OK);
		check(&g, local, false, GUARD_HIDDEN);
		check(&g, arena_cstr(&a, arena_printf(&a, "%s\nHost: x.example", HIDDEN[i])), true,
			GUARD_HIDDEN);
		check(&g, HIDDEN[i], true, GUARD_HIDDEN);
		check(&g, arena_cstr(&a, arena_printf(&a, "%s\nX-Real-IP: 10.0.0.1", local)), true,
			GUARD_HIDDEN);
		arena_release(&a);
	}
}

static void verdicts_have_a_status_and_a_name(void **state)
{
	static const int STATUS[] = {200, 401, 401, 403, 403, 403, 404};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(STATUS); i++) {
		assert_int_equal(guard_verdict_status((enum guard_verdict)i), STATUS[i]);
		assert_true(strlen(guard_verdict_name((enum guard_verdict)i)) > 0);
	}
	assert_string_equal(guard_verdict_name(GUARD_NO_TOKEN), "missing_token");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_has_many_spellings),
		cmocka_unit_test(host_must_name_this_machine),
		cmocka_unit_test(http_1_0_needs_no_host),
		cmocka_unit_test(origin_must_be_of_this_machine),
		cmocka_unit_test(only_named_origins_are_listed),
		cmocka_unit_test(every_route_wants_the_token),
		cmocka_unit_test(either_header_may_carry_the_token),
		cmocka_unit_test(no_wrong_token_is_right),
		cmocka_unit_test(the_token_is_seen_where_none_is_needed),
		cmocka_unit_test(only_who_speaks_for_himself_is_local),
		cmocka_unit_test(some_endpoints_do_not_exist_for_others),
		cmocka_unit_test(verdicts_have_a_status_and_a_name),
	};

	return cmocka_run_group_tests_name("proxy: who may come in", tests, NULL, NULL);
}
