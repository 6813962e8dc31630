#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proxy/path.h"
#include "tests/unit/route_help.h"

/* ---- spellings ----------------------------------------------------------------------------------------- */

static void spellings_of_real_clients_are_known(void **state)
{
	static const struct provider_case CASES[] = {
		{"POST //v1/messages", ROUTE_LLM, UPSTREAM_ANTHROPIC, WIRE_ANTHROPIC, "messages",
			"/v1/messages"},
		{"POST ///v1/messages?beta=true", ROUTE_LLM, UPSTREAM_ANTHROPIC, WIRE_ANTHROPIC,
			"messages", "/v1/messages?beta=true"},
		{"POST /v1/messages/", ROUTE_LLM, UPSTREAM_ANTHROPIC, WIRE_ANTHROPIC, "messages",
			"/v1/messages/"},
		{"POST /v1/codex/responses/", ROUTE_LLM, UPSTREAM_OPENAI, WIRE_OPENAI_RESPONSES,
			"responses", "/v1/responses/"},
		{"POST /p/demo//v1/messages", ROUTE_LLM, UPSTREAM_ANTHROPIC, WIRE_ANTHROPIC,
			"messages", "/v1/messages"},
	};

	(void)state;
	CHECK_ALL(CASES);
}

static void other_spellings_are_forwarded_as_they_are(void **state)
{
	static const char *const PATHS[] = {"/v1/../admin/upstream", "/v1/%2e%2e/admin/upstream",
		"/%61dmin/upstream", "/admin/upstream/", "//admin/upstream", "/ADMIN/upstream",
		"/admin/./upstream", "/admin%2fupstream", "/admin\\upstream", "/livez/", "//livez",
		"/livez/x", "/livez;x", "/livez%00", "/v1/mess%61ges", "/v1//messages",
		"/v1/v1/messages", "/v1/messages/../messages", "/v1/responses/../../x", "//x//y",
		"/v1/messages//", "/v1/messagesx", "/v1", "/v1/", "/p/demo", "/p/", "/p//livez",
		"/p/../livez", "/p/%2e%2E/livez", "/p/./livez", "/p?x/livez", "/%70/demo/livez",
		"/v1/responses%2Fr1", "/v1/models/%zz", "/v1internalx:generateContent",
		"/stats%2Freset", "/v1/retrieve/a/b", "/v1/retrieve/"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(PATHS); i++) {
		struct arena a = ARENA_INIT;
		struct route r =
			routed(&a, arena_cstr(&a, arena_printf(&a, "POST %s?q=1", PATHS[i])));

		if (r.kind != ROUTE_PASS || r.project.n || !r.is_rate_limited)
			fail_msg("%s: kind %d, project " STR_FMT, PATHS[i], r.kind,
				STR_ARG(r.project));
		assert_text(r.path, arena_cstr(&a, arena_printf(&a, "%s?q=1", PATHS[i])), PATHS[i]);
		arena_release(&a);
	}
}

/* A NUL ends no path: "/livez\\0..." is not ours, and all of it is forwarded. */
static void a_nul_is_a_byte_like_others(void **state)
{
	static const str TARGETS[] = {{"/livez\0/x", 9}, {"/v1/messages\0?x", 15},
		{"/v1/codex/responses/\0?x", 23}, {"/p/a/x\0y", 8}, {"x\0y", 3}};
	static const str PATHS[] = {{"/livez\0/x", 9}, {"/v1/messages\0?x", 15},
		{"/v1/codex/responses/\0?x", 23}, {"/x\0y", 4}, {"/x\0y", 4}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(TARGETS); i++) {
		struct arena a = ARENA_INIT;
		struct http_head h = {.method = STR("POST"), .target = TARGETS[i], .minor = 1};
		struct route r;

		route_request(&h, &a, &r);
		assert_int_equal(r.kind, ROUTE_PASS);
		assert_true(str_eq(r.path, PATHS[i]));
		arena_release(&a);
	}
}

/* With a ChatGPT login too: no dots walk out of the part of chatgpt.com that is meant. */
static void dots_do_not_walk_out_of_codex(void **state)
{
	static const struct provider_case CASES[] = {
		{"GET /v1/responses/../../me\nchatgpt-account-id: a", ROUTE_PASS, UPSTREAM_CHATGPT,
			WIRE_NONE, "pass", "/v1/responses/../../me"},
		{"GET /v1/x/%2e./%2E%2e/me\nchatgpt-account-id: a", ROUTE_PASS, UPSTREAM_CHATGPT,
			WIRE_NONE, "pass", "/v1/x/%2e./%2E%2e/me"},
	};

	(void)state;
	CHECK_ALL(CASES);
}

static void a_prefix_names_the_project(void **state)
{
	static const struct {
		const char *target, *project, *path;
	} CASES[] = {
		{"/p/demo/v1/messages?beta=true", "demo", "/v1/messages?beta=true"},
		{"/p/my%20app/v1/messages", "my app", "/v1/messages"},
		{"/p/org%2Frepo/v1/messages", "org/repo", "/v1/messages"},
		{"/p/gr%C3%BCn/v1/messages", "gr\xc3\xbcn", "/v1/messages"},
		{"/p/a%00b%0a%7f%c2%85c/v1/messages", "abc", "/v1/messages"},
		{"/p/a%ff%c3b/v1/messages", "ab", "/v1/messages"},
		{"/p/%0a/v1/messages", "", "/v1/messages"},
		{"/p/a%zz/v1/messages", "a%zz", "/v1/messages"},
		{"/p/demo/x/y", "demo", "/x/y"},
		{"/p/demo/p/inner/x", "demo", "/p/inner/x"},
		{"/p/demo/", "demo", "/"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		struct route r =
			routed(&a, arena_cstr(&a, arena_printf(&a, "POST %s", CASES[i].target)));

		assert_text(r.project, CASES[i].project, CASES[i].target);
		assert_text(r.path, CASES[i].path, CASES[i].target);
		arena_release(&a);
	}
}

static void a_long_name_of_a_project_is_cut_between_characters(void **state)
{
	struct arena a = ARENA_INIT;
	char head[1024] = "GET /p/";
	struct route r;

	(void)state;
	for (int i = 0; i < ROUTE_PROJECT_CHARS + 1; i++)
		memcpy(head + strlen(head), "%C3%BC", 7);
	memcpy(head + strlen(head), "/livez", 7);
	r = routed(&a, head);
	assert_int_equal(r.project.n, 2 * ROUTE_PROJECT_CHARS);
	assert_int_equal(r.own, OWN_LIVEZ);
	arena_release(&a);
}

/* ---- endpoints of ours --------------------------------------------------------------------------------- */

static const struct {
	const char *head;
	enum own_endpoint own;
	bool ok, is_loopback_only, is_open;
	const char *arg;
} OWN_CASES[] = {
	{"GET /livez", OWN_LIVEZ, true, false, true, ""},
	{"HEAD /livez?x", OWN_LIVEZ, true, false, true, ""},
	{"POST /livez", OWN_LIVEZ, false, false, true, ""},
	{"GET /healthz", OWN_LIVEZ, true, false, true, ""},
	{"GET /readyz", OWN_READYZ, true, false, true, ""},
	{"GET /health", OWN_HEALTH, true, false, true, ""},
	{"GET /stats?cached=1", OWN_STATS, true, false, false, ""},
	{"GET /stats-history?series=daily", OWN_STATS_HISTORY, true, false, false, ""},
	{"POST /stats/reset", OWN_STATS_RESET, true, true, false, ""},
	{"GET /stats/reset", OWN_STATS_RESET, false, true, false, ""},
	{"GET /metrics", OWN_METRICS, true, false, false, ""},
	{"GET /dashboard", OWN_DASHBOARD, true, false, true, ""},
	{"GET /v1/dashboard/state", OWN_DASHBOARD_STATE, true, false, false, ""},
	{"GET /v1/dashboard/events", OWN_DASHBOARD_EVENTS, true, false, false, ""},
	{"HEAD /v1/dashboard/events", OWN_DASHBOARD_EVENTS, false, false, false, ""},
	{"GET /v1/dashboard/requests/01J", OWN_DASHBOARD_REQUEST, true, true, false, "01J"},
	{"POST /v1/compress", OWN_COMPRESS, true, true, false, ""},
	{"POST /v1/retrieve", OWN_RETRIEVE, true, true, false, ""},
	{"GET /v1/retrieve", OWN_RETRIEVE, false, true, false, ""},
	{"GET /v1/retrieve/abc123", OWN_RETRIEVE, true, true, false, "abc123"},
	{"POST /v1/retrieve/abc123", OWN_RETRIEVE, false, true, false, "abc123"},
	{"GET /v1/retrieve/stats", OWN_RETRIEVE_STATS, true, true, false, ""},
	{"POST /v1/retrieve/tool_call", OWN_RETRIEVE_TOOL_CALL, true, true, false, ""},
	{"GET /v1/feedback", OWN_FEEDBACK, true, true, false, ""},
	{"DELETE /v1/feedback/Bash", OWN_FEEDBACK, true, true, false, "Bash"},
	{"POST /v1/feedback", OWN_FEEDBACK, false, true, false, ""},
	{"POST /cache/clear", OWN_CACHE_CLEAR, true, true, false, ""},
	{"GET /admin/upstream", OWN_ADMIN_UPSTREAM, true, true, false, ""},
	{"GET /debug/memory", OWN_DEBUG_MEMORY, true, true, false, ""},
	{"GET /debug/exchanges", OWN_DEBUG_EXCHANGES, true, true, false, ""},
	{"GET /transformations/feed?limit=5", OWN_TRANSFORMATIONS_FEED, true, true, false, ""},
	{"GET /p/demo/stats", OWN_STATS, true, false, false, ""},
	{"DELETE /admin/upstream", OWN_ADMIN_UPSTREAM, false, true, false, ""},
	{"get /livez", OWN_LIVEZ, false, false, true, ""},
	{"GE /livez", OWN_LIVEZ, false, false, true, ""},
};

static void our_own_endpoints_are_exact(void **state)
{
	bool seen[OWN_ENDPOINT_N] = {false};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(OWN_CASES); i++) {
		struct arena a = ARENA_INIT;
		struct route r = routed(&a, OWN_CASES[i].head);

		if (r.kind != ROUTE_OWN || r.own != OWN_CASES[i].own ||
			r.own_methods_ok != OWN_CASES[i].ok)
			fail_msg("%s: kind %d, own %d, ok %d", OWN_CASES[i].head, r.kind, r.own,
				r.own_methods_ok);
		assert_true(r.is_loopback_only == OWN_CASES[i].is_loopback_only);
		assert_true(r.is_open == OWN_CASES[i].is_open);
		assert_text(r.own_arg, OWN_CASES[i].arg, OWN_CASES[i].head);
		assert_int_equal(r.shape, SHAPE_OWN);
		assert_non_null(r.own_allow);
		assert_false(r.is_counted || r.is_rate_limited);
		seen[r.own] = true;
		arena_release(&a);
	}
	for (int i = 0; i < OWN_ENDPOINT_N; i++)
		assert_true(seen[i] || i == OWN_COUNT_TOKENS); /* backend_take leads there */
}

/* ---- further facts ------------------------------------------------------------------------------------- */

static void the_path_tells_model_and_stream(void **state)
{
	static const struct {
		const char *target, *model;
		bool is_stream, is_enveloped;
	} CASES[] = {
		{"/v1beta/models/gemini-3:generateContent", "gemini-3", false, false},
		{"/v1beta/models/gemini-3:streamGenerateContent", "gemini-3", true, false},
		{"/v1beta/models/a%3Ab:streamGenerateContent", "a:b", true, false},
		{"/v1beta/models/g:countTokens", "g", false, false},
		{"/v1/projects/p/locations/l/publishers/anthropic/models/"
		 "claude-x@2:streamRawPredict",
			"claude-x@2", true, false},
		{"/v1/projects/p/locations/l/publishers/anthropic/models/claude-x%402:rawPredict",
			"claude-x@2", false, false},
		{"/v1internal:streamGenerateContent", "", true, true},
		{"/v1internal:generateContent", "", false, true},
		{"/v1/messages", "", false, false},
		{"/v1/models/m", "", false, false},
		{"/v1beta/models/:generateContent", "", false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		struct route r =
			routed(&a, arena_cstr(&a, arena_printf(&a, "POST %s", CASES[i].target)));

		assert_text(r.model, CASES[i].model, CASES[i].target);
		assert_true(r.is_stream == CASES[i].is_stream);
		assert_true(r.is_enveloped == CASES[i].is_enveloped);
		arena_release(&a);
	}
}

static void errors_are_in_the_providers_shape(void **state)
{
	static const struct {
		const char *head;
		enum error_shape shape;
	} CASES[] = {
		{"POST /v1/messages", SHAPE_ANTHROPIC},
		{"POST /v1/messages/count_tokens", SHAPE_ANTHROPIC},
		{"GET /v1/models\nx-api-key: k", SHAPE_ANTHROPIC},
		{"POST /v1/responses", SHAPE_OPENAI},
		{"GET /v1/models", SHAPE_OPENAI},
		{"GET /v1/models\nchatgpt-account-id: a", SHAPE_OPENAI},
		{"POST /v1beta/models/g:generateContent", SHAPE_GEMINI},
		{"POST /v1beta/openai/chat/completions", SHAPE_OPENAI},
		{"POST /v1beta/openai/images/generations", SHAPE_OPENAI},
		{"POST /v1internal:loadCodeAssist", SHAPE_GEMINI},
		{"POST /v1/projects/p/locations/l/publishers/google/models/g:generateContent",
			SHAPE_GEMINI},
		{"POST /v1/projects/p/locations/l/publishers/anthropic/models/c:rawPredict",
			SHAPE_ANTHROPIC},
		{"POST "
		 "/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict",
			SHAPE_ANTHROPIC},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;

		if (routed(&a, CASES[i].head).shape != CASES[i].shape)
			fail_msg("%s", CASES[i].head);
		arena_release(&a);
	}
}

static void what_costs_is_rate_limited(void **state)
{
	static const struct {
		const char *head;
		bool is_limited;
	} CASES[] = {
		{"POST /v1/messages", true},
		{"POST /v1/messages/count_tokens", false},
		{"POST /v1/messages/count%5Ftokens", true},
		{"GET /v1/messages/batches", false},
		{"POST /v1/messages/batches", true},
		{"POST /v1/messages/batches/b/cancel", false},
		{"POST /v1/responses", true},
		{"GET /v1/responses/r", false},
		{"GET /v1/models", false},
		{"POST /v1/embeddings", true},
		{"POST /v1/images/generations", true},
		{"POST /v1beta/models/g:streamGenerateContent", true},
		{"POST /v1beta/models/g:countTokens", false},
		{"POST /v1beta/models/a%3AgenerateContent", true},
		{"POST /v1internal:generateContent", true},
		{"POST /v1internal:loadCodeAssist", false},
		/* Spelled so that only the provider reads "generateContent". */
		{"POST /v1internal:generate%43ontent", true},
		{"POST /unknown", true},
		{"PATCH /unknown", true},
		{"QUERY /unknown", true},
		{"GET /unknown", false},
		{"OPTIONS /v1/messages", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		struct route r = routed(&a, CASES[i].head);

		if (r.is_rate_limited != CASES[i].is_limited || !r.is_counted)
			fail_msg("%s", CASES[i].head);
		arena_release(&a);
	}
}

/* Defect 6: an upgrade is a request like any other, on any path. */
static void an_upgrade_is_seen_on_any_path(void **state)
{
	static const struct {
		const char *headers;
		bool is_upgrade;
	} CASES[] = {
		{"Connection: Upgrade\nUpgrade: websocket", true},
		{"Upgrade: WebSocket\nConnection: keep-alive, upgrade", true},
		{"Connection: keep-alive\nConnection: upgrade\nUpgrade: h2c, websocket", true},
		{"Upgrade: websocket", false},
		{"Connection: upgrade\nUpgrade: h2c", false},
		{"Connection: upgrade", false},
		{"Connection: upgraded\nUpgrade: websockets", false},
	};
	static const char *const PATHS[] = {
		"/v1/responses", "/backend-api/codex/responses", "/x", "/stats"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES) * ARRAY_N(PATHS); i++) {
		struct arena a = ARENA_INIT;
		const char *headers = CASES[i / ARRAY_N(PATHS)].headers;
		str head = arena_printf(&a, "GET %s\n%s", PATHS[i % ARRAY_N(PATHS)], headers);
		struct route r = routed(&a, arena_cstr(&a, head));

		if (r.is_upgrade != CASES[i / ARRAY_N(PATHS)].is_upgrade)
			fail_msg("%s", headers);
		if (r.is_upgrade && r.kind != ROUTE_OWN)
			assert_true(r.kind == ROUTE_PASS && r.is_rate_limited);
		arena_release(&a);
	}
}

static void each_upstream_has_a_name_and_a_base(void **state)
{
	(void)state;
	for (enum upstream u = 0; u < UPSTREAM_N; u++) {
		str base = str_from(upstream_base(u));

		assert_true(str_from(upstream_name(u)).n > 0);
		/* Those depend on the configuration. */
		if (u == UPSTREAM_BEDROCK || u == UPSTREAM_BACKEND)
			continue;
		assert_true(str_take(&base, STR("https://")));
		assert_true(base.n && str_find_byte(base, '/') == STR_NONE);
	}
	assert_string_equal(upstream_name(UPSTREAM_ANTHROPIC), "anthropic");
	assert_string_equal(upstream_base(UPSTREAM_CHATGPT), "https://chatgpt.com");
}

static void patterns_are_matched_by_segments(void **state)
{
	static const struct {
		const char *path, *pattern;
		bool matches;
		const char *star;
	} CASES[] = {
		{"/a/b", "/a/b", true, ""},
		{"/a/b", "/a/*", true, "b"},
		{"/a/", "/a/*", false, ""},
		{"/a/b/c", "/a/*", false, ""},
		{"/a/b/c", "/a/**", true, "b/c"},
		{"/a/", "/a/**", false, ""},
		{"/a", "/a/**", false, ""},
		{"/a/x:v", "/a/*:v", true, "x"},
		{"/a/x:y:v", "/a/*:v", true, "x:y"},
		{"/a/:v", "/a/*:v", false, ""},
		{"/v1beta/x", "/v1*/*", true, "x"},
		{"/v1/x", "/v1*/x", true, ""},
		{"/v/x", "/v1*/x", false, ""},
		{"/v1x:y", "/v1*:y", true, "x"},
		{"/v1:", "/v1*:y", false, ""},
		{"a/b", "/a/b", false, ""},
		{"", "/a", false, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		str star = STR_NULL;

		if (path_match(str_from(CASES[i].path), str_from(CASES[i].pattern), &star) !=
			CASES[i].matches)
			fail_msg("%s on %s", CASES[i].pattern, CASES[i].path);
		if (CASES[i].matches)
			assert_text(star, CASES[i].star, CASES[i].pattern);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings_of_real_clients_are_known),
		cmocka_unit_test(other_spellings_are_forwarded_as_they_are),
		cmocka_unit_test(a_nul_is_a_byte_like_others),
		cmocka_unit_test(dots_do_not_walk_out_of_codex),
		cmocka_unit_test(a_prefix_names_the_project),
		cmocka_unit_test(a_long_name_of_a_project_is_cut_between_characters),
		cmocka_unit_test(our_own_endpoints_are_exact),
		cmocka_unit_test(the_path_tells_model_and_stream),
		cmocka_unit_test(errors_are_in_the_providers_shape),
		cmocka_unit_test(what_costs_is_rate_limited),
		cmocka_unit_test(an_upgrade_is_seen_on_any_path),
		cmocka_unit_test(each_upstream_has_a_name_and_a_base),
		cmocka_unit_test(patterns_are_matched_by_segments),
	};

	return cmocka_run_group_tests_name(
		"proxy: spellings of paths, endpoints of ours", tests, NULL, NULL);
}
