#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proxy/header.h"
#include "proxy/prepare.h"
#include "tests/unit/head_help.h"

static void assert_text(str got, const char *want, const char *what)
{
	if (!str_eq_c(got, want))
		fail_msg("%s: got \"" STR_FMT "\", want \"%s\"", what, STR_ARG(got), want);
}

/* ---- which headers travel ------------------------------------------------------------------------------ */

/* The headers that go upstream, as "name: value" lines. */
static str upstream_lines(struct arena *a, const char *head, const struct header_rule *rule)
{
	struct http_head h = head_read(a, str_from(head));
	struct http_header *out;
	str lines = STR("");
	uint32_t n;

	headers_to_upstream(&h, rule, a, &out, &n);
	for (uint32_t i = 0; i < n; i++)
		lines = arena_printf(a, STR_FMT STR_FMT ": " STR_FMT "\n", STR_ARG(lines),
			STR_ARG(out[i].name), STR_ARG(out[i].value));
	return lines;
}

static void check_upstream(const char *headers, const struct header_rule *rule, const char *want)
{
	struct arena a = ARENA_INIT;
	const char *head = arena_cstr(&a, arena_printf(&a, "POST /v1/messages\n%s", headers));

	assert_text(upstream_lines(&a, head, rule), want, headers);
	arena_release(&a);
}

static const struct header_rule PLAIN = {0};

/* Defect 71: duplicates were joined to one, or the last one won. */
static void order_and_duplicates_are_kept(void **state)
{
	(void)state;
	check_upstream("X-B: 2\nx-a: 1\nX-B: 3\nx-b: 2\nCookie: a\nCookie: b", &PLAIN,
		"X-B: 2\nx-a: 1\nX-B: 3\nx-b: 2\nCookie: a\nCookie: b\n");
	check_upstream("", &PLAIN, "");
	check_upstream("X-Empty:", &PLAIN, "X-Empty: \n");
}

/* Defect 71: hop-by-hop headers were forwarded. */
static void hop_by_hop_headers_stay_here(void **state)
{
	(void)state;
	check_upstream("Connection: close\nKeep-Alive: timeout=5\nTE: trailers\nTrailer: X\n"
		       "Transfer-Encoding: chunked\nUpgrade: websocket\nProxy-Connection: close\n"
		       "Proxy-Authorization: Basic x\nProxy-Anything: x\nHTTP2-Settings: x\nA: 1",
		&PLAIN, "A: 1\n");
	check_upstream("Connection: keep-alive, X-One ,x-two\nX-One: 1\nX-TWO: 2\nX-Three: 3",
		&PLAIN, "X-Three: 3\n");
	check_upstream("X-One: 1\nConnection: close\nConnection: x-one", &PLAIN, "");
	check_upstream("Connection: x-onetwo\nX-One: 1", &PLAIN, "X-One: 1\n");
}

static void the_upstream_client_writes_its_own_framing(void **state)
{
	(void)state;
	check_upstream("Host: h\nContent-Length: 5\nExpect: 100-continue\nContent-Type: a/b",
		&PLAIN, "Content-Type: a/b\n");
}

static void what_is_unknown_travels(void **state)
{
	(void)state;
	check_upstream(
		"anthropic-beta: a,b\nx-stainless-lang: js\nsession-id: s\nX-Client: codex\n"
		"accept-encoding: gzip, br\nx-forwarded-for: 10.0.0.1\nX-Headroom: 1\nx-api-key: k",
		&PLAIN,
		"anthropic-beta: a,b\nx-stainless-lang: js\nsession-id: s\nX-Client: codex\n"
		"accept-encoding: gzip, br\nx-forwarded-for: 10.0.0.1\nX-Headroom: 1\nx-api-key: "
		"k\n");
}

/* Defects 5 and 15: internal headers, the token among them, reached the provider. */
static void nothing_of_ours_leaves(void **state)
{
	static const struct header_rule TOKEN = {.token_in_authorization = true};

	(void)state;
	check_upstream(
		"X-Headroom-Proxy-Token: secret\nx-headroom-bypass: true\nX-HEADROOM-PROJECT: p\n"
		"Authorization: Bearer sk-1",
		&PLAIN, "Authorization: Bearer sk-1\n");
	check_upstream("authorization: Bearer secret\nx-api-key: k", &TOKEN, "x-api-key: k\n");
	check_upstream("Authorization: Bearer secret\nAUTHORIZATION: Bearer secret", &TOKEN, "");
}

static void a_feature_is_named_once(void **state)
{
	static const struct header_rule BETA = {.beta = {"b", 1}};

	(void)state;
	check_upstream("x: 1", &BETA, "x: 1\nanthropic-beta: b\n");
	check_upstream("Anthropic-Beta: a,c\nx: 1", &BETA, "Anthropic-Beta: a,c,b\nx: 1\n");
	check_upstream("anthropic-beta: a\nx: 1\nanthropic-beta: c", &BETA,
		"anthropic-beta: a\nx: 1\nanthropic-beta: c,b\n");
	check_upstream("anthropic-beta: a, b\nanthropic-beta: c", &BETA,
		"anthropic-beta: a, b\nanthropic-beta: c\n");
	check_upstream("anthropic-beta: ab,bb", &BETA, "anthropic-beta: ab,bb,b\n");
	check_upstream(
		"anthropic-beta: a\nConnection: anthropic-beta", &BETA, "anthropic-beta: b\n");
}

static void where_a_changed_effort_is_taken(void **state)
{
	static const struct {
		struct route route;
		const char *base;
		bool is_taken;
	} cases[] = {
		{{.kind = ROUTE_LLM, .format = WIRE_ANTHROPIC, .upstream = UPSTREAM_ANTHROPIC},
			"https://api.anthropic.com", true},
		{{.kind = ROUTE_LLM, .format = WIRE_ANTHROPIC, .upstream = UPSTREAM_ANTHROPIC},
			"https://API.anthropic.com:443/x", true},
		{{.kind = ROUTE_LLM, .format = WIRE_ANTHROPIC, .upstream = UPSTREAM_ANTHROPIC},
			"http://127.0.0.1:8080", true},
		{{.kind = ROUTE_LLM, .format = WIRE_ANTHROPIC, .upstream = UPSTREAM_ANTHROPIC},
			"http://[::1]:8080/y", true},
		{{.kind = ROUTE_LLM, .format = WIRE_ANTHROPIC, .upstream = UPSTREAM_ANTHROPIC},
			"https://r.services.ai.azure.com/anthropic", false},
		{{.kind = ROUTE_LLM, .format = WIRE_ANTHROPIC, .upstream = UPSTREAM_ANTHROPIC},
			"https://api.anthropic.com.gateway.example", false},
		{{.kind = ROUTE_LLM, .format = WIRE_ANTHROPIC, .upstream = UPSTREAM_VERTEX},
			"https://us-central1-aiplatform.googleapis.com", true},
		{{.kind = ROUTE_LLM, .format = WIRE_ANTHROPIC, .upstream = UPSTREAM_VERTEX},
			"https://gateway.example", false},
		{{.kind = ROUTE_LLM, .format = WIRE_GEMINI, .upstream = UPSTREAM_VERTEX},
			"https://us-central1-aiplatform.googleapis.com", false},
		{{.kind = ROUTE_BATCH, .format = WIRE_ANTHROPIC, .upstream = UPSTREAM_ANTHROPIC},
			"https://api.anthropic.com", false},
		{{.kind = ROUTE_LLM, .format = WIRE_ANTHROPIC, .upstream = UPSTREAM_BEDROCK},
			"http://127.0.0.1", false},
		{{.kind = ROUTE_LLM, .format = WIRE_ANTHROPIC, .upstream = UPSTREAM_BACKEND},
			"https://api.anthropic.com", false},
		{{.kind = ROUTE_LLM, .format = WIRE_ANTHROPIC, .upstream = UPSTREAM_BACKEND}, "",
			false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++)
		if (prepare_takes_effort(&cases[i].route, str_from(cases[i].base)) !=
			cases[i].is_taken)
			fail_msg("case %zu: %s", i, cases[i].base);
}

/* Defect 72: decoded bodies were sent under the name of their old encoding. */
static void a_decoded_body_has_no_encoding(void **state)
{
	static const struct header_rule DECODED = {.drops_encoding = true};

	(void)state;
	check_upstream("Content-Encoding: zstd\nAccept-Encoding: zstd", &DECODED,
		"Accept-Encoding: zstd\n");
	check_upstream("Content-Encoding: zstd", &PLAIN, "Content-Encoding: zstd\n");
}

static void the_account_of_a_token_is_added(void **state)
{
	static const struct header_rule LOGIN = {.chatgpt_account = {"acc-1", 5}};

	(void)state;
	check_upstream("Authorization: Bearer t", &LOGIN,
		"Authorization: Bearer t\nchatgpt-account-id: acc-1\n");
}

/* Defect 71: hop-by-hop headers, and set-cookie as one, reached the client. */
static void what_the_provider_says_reaches_the_client(void **state)
{
	static const struct {
		const char *name, *connection;
		bool goes;
	} CASES[] = {
		{"Set-Cookie", "", true},
		{"content-encoding", "", true},
		{"Content-Type", "", true},
		{"Retry-After", "", true},
		{"x-should-retry", "", true},
		{"anthropic-ratelimit-requests-remaining", "", true},
		{"x-codex-primary-used-percent", "", true},
		{"request-id", "close", true},
		{"Connection", "", false},
		{"Keep-Alive", "", false},
		{"Transfer-Encoding", "", false},
		{"Content-Length", "", false},
		{"Trailer", "", false},
		{"Upgrade", "", false},
		{"Proxy-Authenticate", "", false},
		{"X-Hop", "close, x-hop", false},
		{"X-Hop", "x-hopping", true},
		{"X-Headroom-Tokens-Saved", "", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		if (header_goes_to_client(str_from(CASES[i].name), str_from(CASES[i].connection)) !=
			CASES[i].goes)
			fail_msg("%s", CASES[i].name);
	}
}

static void lists_are_read_by_elements(void **state)
{
	(void)state;
	assert_true(header_list_has(STR("a, B ,c"), STR("b")));
	assert_true(header_list_has(STR("a"), STR("A")));
	assert_false(header_list_has(STR("ab, c"), STR("a")));
	assert_false(header_list_has(STR_NULL, STR("a")));
	assert_text(bearer_token(STR("Bearer x y ")), "x y", "bearer");
	assert_text(bearer_token(STR("bEaReR x")), "x", "any case");
	assert_null(bearer_token(STR("Bearerx")).p);
	assert_null(bearer_token(STR("Basic x")).p);
	assert_null(bearer_token(STR_NULL).p);
	assert_non_null(bearer_token(STR("Bearer ")).p);
}

/* ---- what is read of them ------------------------------------------------------------------------------ */

/* text of a head, perhaps with a query in its target */
static struct request_info info_of(struct arena *a, const char *head)
{
	struct http_head h = head_read(a, str_from(head));
	struct request_info info;
	size_t mark = str_find_byte(h.target, '?');

	request_info_read(
		&h, mark == STR_NONE ? STR_NULL : str_sub(h.target, mark + 1, h.target.n), &info);
	return info;
}

/* Defect 9. Are the payers those of the values, in any order? */
static void assert_payers(
	const char *head, enum upstream u, bool has_token, const char *const want[CREDENTIAL_N])
{
	struct arena a = ARENA_INIT;
	struct hash128 got[CREDENTIAL_N];
	struct request_info info = info_of(&a, head);
	size_t n = request_payers(&info, u, has_token, got), want_n = 0;

	for (size_t i = 0; i < CREDENTIAL_N && want[i]; i++, want_n++) {
		size_t at = 0;

		while (at < n && !hash128_eq(got[at], hash128(str_from(want[i]))))
			at++;
		if (at == n)
			fail_msg("%s: %s does not pay", head, want[i]);
	}
	if (n != want_n)
		fail_msg("%s: %zu pay", head, n);
	arena_release(&a);
}

static void who_pays_is_what_the_provider_reads(void **state)
{
	static const struct {
		const char *head;
		enum upstream upstream;
		bool has_token;
		const char *payers[CREDENTIAL_N];
	} CASES[] = {
		{"POST /", UPSTREAM_OPENAI, false, {NULL}},
		{"POST /\nAuthorization: bearer  t", UPSTREAM_OPENAI, false, {"t"}},
		{"POST /\nAuthorization: Bearer t\nX-Api-Key: k\ncookie: c", UPSTREAM_OPENAI, false,
			{"t"}},
		{"POST /?key=q\nX-Api-Key: k\napi-key: a", UPSTREAM_CHATGPT, false,
			{"k", "a", "q"}},
		{"POST /?key=q\nAuthorization: Bearer t\nX-Api-Key: k\napi-key: a",
			UPSTREAM_ANTHROPIC, false, {"k", "t"}},
		{"POST /\nAuthorization: Bearer k\nX-Api-Key: k", UPSTREAM_ANTHROPIC, false, {"k"}},
		{"POST /\nAuthorization: Bearer token\nX-Api-Key: k", UPSTREAM_ANTHROPIC, true,
			{"k"}},
		{"POST /\nAuthorization: Bearer token", UPSTREAM_ANTHROPIC, true, {NULL}},
		{"POST /\nX-Api-Key:\nAuthorization: Basic t", UPSTREAM_ANTHROPIC, false,
			{"Basic t"}},
		{"POST /?alt=sse&key=q\nX-Goog-Api-Key: g\nX-Api-Key: k", UPSTREAM_GEMINI, false,
			{"g", "q"}},
		{"POST /?monkey=q&keys=r", UPSTREAM_GEMINI, false, {NULL}},
		{"POST /\nauthorization: Bearer ya29\nx-api-key: k", UPSTREAM_VERTEX, false,
			{"ya29"}},
		{"POST /\nauthorization: Bearer ya29\nx-api-key: k", UPSTREAM_CLOUDCODE, false,
			{"ya29"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++)
		assert_payers(
			CASES[i].head, CASES[i].upstream, CASES[i].has_token, CASES[i].payers);
}

/* Defect 46: one user's answers could come out of the cache for another. Each of these is somebody else. */
static void whoever_differs_in_a_credential_is_somebody_else(void **state)
{
	static const char *const HEADS[] = {
		"POST /",
		"POST /\nx-api-key: dummy",
		"POST /\nx-api-key: dummy\nauthorization: Bearer one",
		"POST /\nx-api-key: dummy\nauthorization: Bearer two",
		"POST /\nauthorization: Bearer one",
		"POST /\nauthorization: Bearer one\nchatgpt-account-id: a",
		"POST /\nauthorization: Bearer one\nopenai-organization: a",
		"POST /\nauthorization: Bearer one\nopenai-project: a",
		"POST /\nauthorization: Bearer one\ncookie: a",
		"POST /?key=dummy",
		"POST /\nx-goog-api-key: dummy",
		"POST /\nx-goog-api-key: dummy\nx-goog-user-project: p",
		"POST /\napi-key: dummy",
		"POST /\nx-api-key: dum\nx-api-key: my",
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(HEADS); i++) {
		for (size_t j = 0; j < i; j++) {
			if (hash128_eq(info_of(&a, HEADS[i]).credentials,
				    info_of(&a, HEADS[j]).credentials))
				fail_msg("%s and %s", HEADS[i], HEADS[j]);
		}
	}
	assert_true(hash128_eq(info_of(&a, "POST /\nX-API-KEY: dummy\nfoo: 1").credentials,
		info_of(&a, "GET /x\nx-api-key: dummy").credentials));
	arena_release(&a);
}

static void programs_are_known_by_name(void **state)
{
	static const struct {
		const char *headers;
		enum client_kind client;
	} CASES[] = {
		{"user-agent: claude-cli/2.1.197 (external, sdk-cli)", CLIENT_CLAUDE_CODE},
		{"User-Agent: codex_exec/0.169.0 (Linux; x86_64)", CLIENT_CODEX},
		{"User-Agent: codex_cli_rs/0.169.0", CLIENT_CODEX},
		{"User-Agent: GeminiCLI/0.61.0/gemini-3-pro (linux; x64)", CLIENT_GEMINI_CLI},
		{"User-Agent: opencode/1.18.33 ai-sdk/anthropic/3.0", CLIENT_OPENCODE},
		{"User-Agent: Anthropic/Python 0.80.0", CLIENT_ANTHROPIC_SDK},
		{"User-Agent: OpenAI/JS 6.0.0", CLIENT_OPENAI_SDK},
		{"User-Agent: google-genai-sdk/1.30.0 gl-node/v22", CLIENT_GOOGLE_SDK},
		{"User-Agent: curl/8.5.0", CLIENT_UNKNOWN},
		{"User-Agent: x\nX-Client:  Codex ", CLIENT_CODEX},
		{"X-Client: made-up\nUser-Agent: claude-code/1", CLIENT_CLAUDE_CODE},
		{"X-Client: unknown", CLIENT_UNKNOWN},
		{"", CLIENT_UNKNOWN},
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		str head = arena_printf(&a, "POST /\n%s", CASES[i].headers);

		if (info_of(&a, arena_cstr(&a, head)).client != CASES[i].client)
			fail_msg("%s", CASES[i].headers);
	}
	for (enum client_kind k = 0; k < CLIENT_N; k++)
		assert_true(strlen(client_kind_name(k)) > 0);
	assert_string_equal(client_kind_name(CLIENT_CLAUDE_CODE), "claude-code");
	arena_release(&a);
}

static void sessions_are_named_by_the_client(void **state)
{
	static const struct {
		const char *headers, *session, *agent;
	} CASES[] = {
		{"X-Claude-Code-Session-Id: c\nx-claude-code-agent-id: a", "c", "a"},
		{"session-id: s\nthread-id: t", "s", ""},
		{"x-session-id: x\nx-session-affinity: x", "x", ""},
		{"x-session-id: x\nx-headroom-session-id: h\nsession-id: s", "h", ""},
		{"x-request-id: r", "", ""},
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		str head = arena_printf(&a, "POST /\n%s", CASES[i].headers);
		struct request_info info = info_of(&a, arena_cstr(&a, head));

		assert_text(info.session, CASES[i].session, CASES[i].headers);
		assert_text(info.agent, CASES[i].agent, CASES[i].headers);
	}
	arena_release(&a);
}

static void wishes_of_the_client_are_read(void **state)
{
	struct arena a = ARENA_INIT;
	struct request_info info;

	(void)state;
	assert_true(info_of(&a, "P /\nX-Headroom-Bypass: True").is_bypass);
	assert_true(info_of(&a, "P /\nx-headroom-mode: passthrough").is_bypass);
	assert_false(
		info_of(&a, "P /\nx-headroom-bypass: false\nx-headroom-mode: cache").is_bypass);
	assert_true(info_of(&a, "P /\nCache-Control: max-age=0, no-store").no_store);
	assert_true(info_of(&a, "P /\nCache-Control: no-cache\nCache-Control: no-store").no_store);
	assert_false(info_of(&a, "P /\nCache-Control: no-cache").no_store);
	assert_true(info_of(&a, "P /\nCache-Control: max-age=0, No-Cache").no_cache);
	assert_false(info_of(&a, "P /\nCache-Control: no-store").no_cache);
	info = info_of(&a, "P /\nx-headroom-project: p\nx-request-id: r\nContent-Encoding: zstd\n"
			   "accept-encoding: br");
	assert_text(info.project, "p", "project");
	info = info_of(&a, "P /\nX-Headroom-User-Id: ann\nx-headroom-project-id: q\n"
			   "x-headroom-cwd: /w\nx-request-id: r\nContent-Encoding: zstd\n"
			   "accept-encoding: br");
	assert_text(info.user, "ann", "user");
	assert_text(info.project_id, "q", "project of memories");
	assert_text(info.cwd, "/w", "directory");
	assert_text(info.request_id, "r", "request id");
	assert_text(info.content_encoding, "zstd", "encoding");
	assert_text(info.accept_encoding, "br", "accepted");
	assert_false(info.has_many_encodings);
	assert_true(info_of(&a, "P /\ncontent-encoding: gzip, br").has_many_encodings);
	assert_true(info_of(&a, "P /\ncontent-encoding: gzip\nContent-Encoding: br")
			    .has_many_encodings);
	arena_release(&a);
}

/* What any of them names stays here. */
static void values_of_all_headers_of_a_name_are_joined(void **state)
{
	static const struct http_header v[] = {{{"Connection", 10}, {"x-a", 3}},
		{{"x-other", 7}, {"y", 1}}, {{"connection", 10}, {"x-b, close", 10}}};
	struct arena a = ARENA_INIT;
	str all = http_headers_join(v, 3, STR("connection"), &a);

	(void)state;
	assert_true(str_eq_c(all, "x-a,x-b, close"));
	assert_false(header_goes_to_client(STR("X-B"), all));
	assert_true(header_goes_to_client(STR("x-c"), all));
	assert_null(http_headers_join(v, 3, STR("none"), &a).p);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_and_duplicates_are_kept),
		cmocka_unit_test(hop_by_hop_headers_stay_here),
		cmocka_unit_test(the_upstream_client_writes_its_own_framing),
		cmocka_unit_test(what_is_unknown_travels),
		cmocka_unit_test(nothing_of_ours_leaves),
		cmocka_unit_test(a_feature_is_named_once),
		cmocka_unit_test(where_a_changed_effort_is_taken),
		cmocka_unit_test(a_decoded_body_has_no_encoding),
		cmocka_unit_test(the_account_of_a_token_is_added),
		cmocka_unit_test(what_the_provider_says_reaches_the_client),
		cmocka_unit_test(values_of_all_headers_of_a_name_are_joined),
		cmocka_unit_test(lists_are_read_by_elements),
		cmocka_unit_test(who_pays_is_what_the_provider_reads),
		cmocka_unit_test(whoever_differs_in_a_credential_is_somebody_else),
		cmocka_unit_test(programs_are_known_by_name),
		cmocka_unit_test(sessions_are_named_by_the_client),
		cmocka_unit_test(wishes_of_the_client_are_read),
	};

	return cmocka_run_group_tests_name("proxy: headers", tests, NULL, NULL);
}
