#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/route_help.h"

/* {"https://api.openai.com/auth":{"chatgpt_account_id":"acc-1"}} as the payload of an unsigned token. */
#define JWT                                                                                    \
	"eyJhbGciOiJub25lIn0."                                                                 \
	"eyJodHRwczovL2FwaS5vcGVuYWkuY29tL2F1dGgiOnsiY2hhdGdwdF9hY2NvdW50X2lkIjoiYWNjLTEifX0." \
	"c2ln"

static void anthropic_has_its_paths(void **state)
{
	static const struct provider_case CASES[] = {
		{"POST /v1/messages", ROUTE_LLM, UPSTREAM_ANTHROPIC, WIRE_ANTHROPIC, "messages",
			"/v1/messages"},
		{"POST /v1/messages?beta=true", ROUTE_LLM, UPSTREAM_ANTHROPIC, WIRE_ANTHROPIC,
			"messages", "/v1/messages?beta=true"},
		{"POST /v1/messages?", ROUTE_LLM, UPSTREAM_ANTHROPIC, WIRE_ANTHROPIC, "messages",
			"/v1/messages?"},
		{"POST /v1/messages/count_tokens?beta=true", ROUTE_PASS, UPSTREAM_ANTHROPIC,
			WIRE_NONE, "count_tokens", "/v1/messages/count_tokens?beta=true"},
		{"POST /v1/messages/batches", ROUTE_BATCH, UPSTREAM_ANTHROPIC, WIRE_ANTHROPIC,
			"batches", "/v1/messages/batches"},
		{"GET /v1/messages/batches?limit=2", ROUTE_PASS, UPSTREAM_ANTHROPIC, WIRE_NONE,
			"batches", "/v1/messages/batches?limit=2"},
		{"GET /v1/messages/batches/b1/results", ROUTE_PASS, UPSTREAM_ANTHROPIC, WIRE_NONE,
			"batches", "/v1/messages/batches/b1/results"},
		{"POST /v1/messages/batches/b1/cancel", ROUTE_PASS, UPSTREAM_ANTHROPIC, WIRE_NONE,
			"batches", "/v1/messages/batches/b1/cancel"},
		{"GET /v1/messages", ROUTE_PASS, UPSTREAM_ANTHROPIC, WIRE_NONE, "messages",
			"/v1/messages"},
		{"post /v1/messages", ROUTE_PASS, UPSTREAM_ANTHROPIC, WIRE_NONE, "messages",
			"/v1/messages"},
		{"POST /v1/complete", ROUTE_PASS, UPSTREAM_ANTHROPIC, WIRE_NONE, "complete",
			"/v1/complete"},
	};

	(void)state;
	CHECK_ALL(CASES);
}

static void openai_has_its_paths(void **state)
{
	static const struct provider_case CASES[] = {
		{"POST /v1/chat/completions", ROUTE_LLM, UPSTREAM_OPENAI, WIRE_OPENAI_CHAT, "chat",
			"/v1/chat/completions"},
		{"GET /v1/chat/completions/c1", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "chat",
			"/v1/chat/completions/c1"},
		{"POST /v1/responses", ROUTE_LLM, UPSTREAM_OPENAI, WIRE_OPENAI_RESPONSES,
			"responses", "/v1/responses"},
		{"POST /v1/responses/compact", ROUTE_LLM, UPSTREAM_OPENAI, WIRE_OPENAI_RESPONSES,
			"compact", "/v1/responses/compact"},
		{"POST /v1/responses/input_tokens", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE,
			"count_tokens", "/v1/responses/input_tokens"},
		{"DELETE /v1/responses/r1", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "responses",
			"/v1/responses/r1"},
		{"GET /v1/responses/r1/input_items?limit=2", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE,
			"responses", "/v1/responses/r1/input_items?limit=2"},
		{"POST /v1/completions", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "completions",
			"/v1/completions"},
		{"POST /v1/embeddings", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "embeddings",
			"/v1/embeddings"},
		{"POST /v1/moderations", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "moderations",
			"/v1/moderations"},
		{"POST /v1/images/generations", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "images",
			"/v1/images/generations"},
		{"POST /v1/audio/speech", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "audio",
			"/v1/audio/speech"},
		{"POST /v1/batches", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "batches",
			"/v1/batches"},
		{"GET /v1/batches/b1", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "batches",
			"/v1/batches/b1"},
		{"GET /v1/models/ft:gpt-4.1:org::id", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE,
			"models", "/v1/models/ft:gpt-4.1:org::id"},
	};

	(void)state;
	CHECK_ALL(CASES);
}

/* All spellings of Responses go to one path, with a key or with a ChatGPT login. */
static void responses_has_four_spellings(void **state)
{
	static const char *const PREFIXES[] = {
		"/v1", "/v1/codex", "/backend-api", "/backend-api/codex"};
	static const char *const SUBS[] = {"", "/compact", "/r1", "/r1/cancel", "?x=1", "/r1?x=1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(PREFIXES) * ARRAY_N(SUBS); i++) {
		struct arena a = ARENA_INIT;
		const char *sub = SUBS[i % ARRAY_N(SUBS)];
		str with_key =
			arena_printf(&a, "POST %s/responses%s", PREFIXES[i / ARRAY_N(SUBS)], sub);
		str with_login =
			arena_printf(&a, STR_FMT "\nchatgpt-account-id: acc", STR_ARG(with_key));
		struct route key = routed(&a, arena_cstr(&a, with_key));
		struct route login = routed(&a, arena_cstr(&a, with_login));
		str tail = arena_printf(&a, "/responses%s", sub);

		assert_int_equal(key.upstream, UPSTREAM_OPENAI);
		assert_text(key.path,
			arena_cstr(&a, arena_printf(&a, "/v1" STR_FMT, STR_ARG(tail))), sub);
		assert_int_equal(login.upstream, UPSTREAM_CHATGPT);
		assert_text(login.path,
			arena_cstr(
				&a, arena_printf(&a, "/backend-api/codex" STR_FMT, STR_ARG(tail))),
			sub);
		assert_true(key.kind == login.kind && key.format == login.format);
		assert_int_equal(key.shape, SHAPE_OPENAI);
		assert_int_equal(login.shape, SHAPE_OPENAI);
		arena_release(&a);
	}
}

static void a_chatgpt_login_goes_where_codex_expects(void **state)
{
	static const struct provider_case CASES[] = {
		{"POST /v1/responses\nauthorization: Bearer " JWT, ROUTE_LLM, UPSTREAM_CHATGPT,
			WIRE_OPENAI_RESPONSES, "responses", "/backend-api/codex/responses"},
		{"GET /v1/models?client_version=0.169.0\nChatGPT-Account-ID: acc\nAuthorization: "
		 "Bearer x",
			ROUTE_PASS, UPSTREAM_CHATGPT, WIRE_NONE, "models",
			"/backend-api/codex/models?client_version=0.169.0"},
		{"GET /backend-api/codex/models?client_version=1\nchatgpt-account-id: acc",
			ROUTE_PASS, UPSTREAM_CHATGPT, WIRE_NONE, "models",
			"/backend-api/codex/models?client_version=1"},
		{"GET /backend-api/codex/models", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "models",
			"/v1/models"},
		{"POST /v1/images/edits\nchatgpt-account-id: acc", ROUTE_PASS, UPSTREAM_CHATGPT,
			WIRE_NONE, "images", "/backend-api/codex/images/edits"},
		{"POST /v1/alpha/search\nchatgpt-account-id: acc", ROUTE_PASS, UPSTREAM_CHATGPT,
			WIRE_NONE, "pass", "/backend-api/codex/alpha/search"},
		{"GET /backend-api/wham/usage\nchatgpt-account-id: acc", ROUTE_PASS,
			UPSTREAM_CHATGPT, WIRE_NONE, "pass", "/backend-api/wham/usage"},
		{"GET /backend-api/wham/usage", ROUTE_PASS, UPSTREAM_CHATGPT, WIRE_NONE, "pass",
			"/backend-api/wham/usage"},
		/* The login has no such endpoints: the path decides. */
		{"POST /v1/chat/completions\nchatgpt-account-id: acc", ROUTE_LLM, UPSTREAM_OPENAI,
			WIRE_OPENAI_CHAT, "chat", "/v1/chat/completions"},
		{"POST /v1/messages\nchatgpt-account-id: acc", ROUTE_LLM, UPSTREAM_ANTHROPIC,
			WIRE_ANTHROPIC, "messages", "/v1/messages"},
		{"POST /v1/responses\nauthorization: Bearer sk-proj-a.b.c", ROUTE_LLM,
			UPSTREAM_OPENAI, WIRE_OPENAI_RESPONSES, "responses", "/v1/responses"},
	};
	struct arena a = ARENA_INIT;

	(void)state;
	CHECK_ALL(CASES);
	assert_text(routed(&a, CASES[0].head).chatgpt_account, "acc-1", "account of the token");
	assert_text(routed(&a, CASES[1].head).chatgpt_account, "", "account in a header");
	arena_release(&a);
}

static void gemini_has_its_paths(void **state)
{
	static const struct provider_case CASES[] = {
		{"POST /v1beta/models/gemini-3:generateContent", ROUTE_LLM, UPSTREAM_GEMINI,
			WIRE_GEMINI, "generate", "/v1beta/models/gemini-3:generateContent"},
		{"POST /v1beta/models/gemini-3:streamGenerateContent?alt=sse", ROUTE_LLM,
			UPSTREAM_GEMINI, WIRE_GEMINI, "generate",
			"/v1beta/models/gemini-3:streamGenerateContent?alt=sse"},
		{"POST /v1/models/gemini-3:generateContent", ROUTE_LLM, UPSTREAM_GEMINI,
			WIRE_GEMINI, "generate", "/v1/models/gemini-3:generateContent"},
		{"POST /v1alpha/models/gemini-3:generateContent?key=k&x=1", ROUTE_LLM,
			UPSTREAM_GEMINI, WIRE_GEMINI, "generate",
			"/v1alpha/models/gemini-3:generateContent?key=k&x=1"},
		{"POST /v1beta/tunedModels/t:generateContent", ROUTE_LLM, UPSTREAM_GEMINI,
			WIRE_GEMINI, "generate", "/v1beta/tunedModels/t:generateContent"},
		{"POST /v1beta/models/gemini-3:countTokens", ROUTE_PASS, UPSTREAM_GEMINI, WIRE_NONE,
			"count_tokens", "/v1beta/models/gemini-3:countTokens"},
		{"POST /v1beta/models/e:embedContent", ROUTE_PASS, UPSTREAM_GEMINI, WIRE_NONE,
			"embeddings", "/v1beta/models/e:embedContent"},
		{"POST /v1beta/models/e:batchEmbedContents", ROUTE_PASS, UPSTREAM_GEMINI, WIRE_NONE,
			"embeddings", "/v1beta/models/e:batchEmbedContents"},
		{"POST /v1beta/models/g:batchGenerateContent", ROUTE_BATCH, UPSTREAM_GEMINI,
			WIRE_GEMINI, "batches", "/v1beta/models/g:batchGenerateContent"},
		{"GET /v1beta/batches/b1", ROUTE_PASS, UPSTREAM_GEMINI, WIRE_NONE, "batches",
			"/v1beta/batches/b1"},
		{"POST /v1beta/batches/b1:cancel", ROUTE_PASS, UPSTREAM_GEMINI, WIRE_NONE,
			"batches", "/v1beta/batches/b1:cancel"},
		{"GET /v1beta/models", ROUTE_PASS, UPSTREAM_GEMINI, WIRE_NONE, "models",
			"/v1beta/models"},
		{"GET /v1beta/models/gemini-3", ROUTE_PASS, UPSTREAM_GEMINI, WIRE_NONE, "models",
			"/v1beta/models/gemini-3"},
		{"PATCH /v1beta/cachedContents/c1", ROUTE_PASS, UPSTREAM_GEMINI, WIRE_NONE, "pass",
			"/v1beta/cachedContents/c1"},
		{"POST /upload/v1beta/files", ROUTE_PASS, UPSTREAM_GEMINI, WIRE_NONE, "pass",
			"/upload/v1beta/files"},
		{"POST /v1beta/openai/chat/completions", ROUTE_LLM, UPSTREAM_GEMINI,
			WIRE_OPENAI_CHAT, "chat", "/v1beta/openai/chat/completions"},
	};

	(void)state;
	CHECK_ALL(CASES);
}

static void code_assist_and_vertex_have_their_paths(void **state)
{
	static const struct provider_case CASES[] = {
		{"POST /v1internal:generateContent", ROUTE_LLM, UPSTREAM_CLOUDCODE, WIRE_GEMINI,
			"generate", "/v1internal:generateContent"},
		{"POST /v1internal:streamGenerateContent?alt=sse", ROUTE_LLM, UPSTREAM_CLOUDCODE,
			WIRE_GEMINI, "generate", "/v1internal:streamGenerateContent?alt=sse"},
		{"POST /v1/v1internal:streamGenerateContent?alt=sse", ROUTE_LLM, UPSTREAM_CLOUDCODE,
			WIRE_GEMINI, "generate", "/v1internal:streamGenerateContent?alt=sse"},
		{"POST /v1internal:countTokens", ROUTE_PASS, UPSTREAM_CLOUDCODE, WIRE_NONE,
			"count_tokens", "/v1internal:countTokens"},
		{"POST /v1internal:loadCodeAssist", ROUTE_PASS, UPSTREAM_CLOUDCODE, WIRE_NONE,
			"code_assist", "/v1internal:loadCodeAssist"},
		{"POST /v1/v1internal:onboardUser", ROUTE_PASS, UPSTREAM_CLOUDCODE, WIRE_NONE,
			"code_assist", "/v1internal:onboardUser"},
		{"GET /v1internal/operations/o1", ROUTE_PASS, UPSTREAM_CLOUDCODE, WIRE_NONE,
			"code_assist", "/v1internal/operations/o1"},
		{"POST /v1beta1/publishers/google/models/g:streamGenerateContent?alt=sse",
			ROUTE_LLM, UPSTREAM_VERTEX, WIRE_GEMINI, "generate",
			"/v1beta1/publishers/google/models/g:streamGenerateContent?alt=sse"},
		{"POST /v1/projects/p/locations/global/publishers/google/models/g:generateContent",
			ROUTE_LLM, UPSTREAM_VERTEX, WIRE_GEMINI, "generate",
			"/v1/projects/p/locations/global/publishers/google/models/"
			"g:generateContent"},
		{"POST /v1beta1/projects/p/locations/l/publishers/google/models/g:countTokens",
			ROUTE_PASS, UPSTREAM_VERTEX, WIRE_NONE, "count_tokens",
			"/v1beta1/projects/p/locations/l/publishers/google/models/g:countTokens"},
		{"POST /v1/projects/p/locations/l/publishers/anthropic/models/c@1:rawPredict",
			ROUTE_LLM, UPSTREAM_VERTEX, WIRE_ANTHROPIC, "messages",
			"/v1/projects/p/locations/l/publishers/anthropic/models/c@1:rawPredict"},
		{"POST /projects/p/locations/l/publishers/anthropic/models/c@1:streamRawPredict",
			ROUTE_LLM, UPSTREAM_VERTEX, WIRE_ANTHROPIC, "messages",
			"/v1/projects/p/locations/l/publishers/anthropic/models/"
			"c@1:streamRawPredict"},
		{"POST "
		 "/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict",
			ROUTE_PASS, UPSTREAM_VERTEX, WIRE_NONE, "count_tokens",
			"/v1/projects/p/locations/l/publishers/anthropic/models/"
			"count-tokens:rawPredict"},
		{"POST /v1/projects/p/locations/l/publishers/mistralai/models/m:rawPredict",
			ROUTE_PASS, UPSTREAM_VERTEX, WIRE_NONE, "pass",
			"/v1/projects/p/locations/l/publishers/mistralai/models/m:rawPredict"},
		{"POST /v1/projects/p/locations/l/endpoints/openapi/chat/completions", ROUTE_LLM,
			UPSTREAM_VERTEX, WIRE_OPENAI_CHAT, "chat",
			"/v1/projects/p/locations/l/endpoints/openapi/chat/completions"},
		{"POST /model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke", ROUTE_LLM,
			UPSTREAM_BEDROCK, WIRE_ANTHROPIC, "messages",
			"/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke"},
		{"POST /model/arn%3Aaws%3Abedrock%3Aus%3A1%3Ap%2Fx/invoke-with-response-stream",
			ROUTE_LLM, UPSTREAM_BEDROCK, WIRE_ANTHROPIC, "messages",
			"/model/arn%3Aaws%3Abedrock%3Aus%3A1%3Ap%2Fx/invoke-with-response-stream"},
		{"POST /model/m/converse", ROUTE_PASS, UPSTREAM_BEDROCK, WIRE_NONE, "pass",
			"/model/m/converse"},
		/* Of an escaped slash elsewhere nobody knows what it means. */
		{"POST /model/arn%3Ax%2F..%2Fy/../z/invoke", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE,
			"pass", "/model/arn%3Ax%2F..%2Fy/../z/invoke"},
		{"POST /model/a%2Fb/invoke", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "pass",
			"/model/a%2Fb/invoke"},
	};

	(void)state;
	CHECK_ALL(CASES);
}

/* ---- what no path tells -------------------------------------------------------------------------------- */

static void unknown_paths_go_to_whom_the_credentials_name(void **state)
{
	static const struct provider_case CASES[] = {
		{"GET /v1/models\nx-api-key: k", ROUTE_PASS, UPSTREAM_ANTHROPIC, WIRE_NONE,
			"models", "/v1/models"},
		{"GET /v1/models?limit=1\nanthropic-version: 2023-06-01\nauthorization: Bearer t",
			ROUTE_PASS, UPSTREAM_ANTHROPIC, WIRE_NONE, "models", "/v1/models?limit=1"},
		{"GET /v1/models/m\nAuthorization: bearer sk-ant-oat01-x", ROUTE_PASS,
			UPSTREAM_ANTHROPIC, WIRE_NONE, "models", "/v1/models/m"},
		{"GET /v1/models\nuser-agent: claude-cli/2.1.197 (external, cli)", ROUTE_PASS,
			UPSTREAM_ANTHROPIC, WIRE_NONE, "models", "/v1/models"},
		{"GET /v1/models\nauthorization: Bearer sk-proj-1", ROUTE_PASS, UPSTREAM_OPENAI,
			WIRE_NONE, "models", "/v1/models"},
		{"GET /v1/models\nx-goog-api-key: k", ROUTE_PASS, UPSTREAM_GEMINI, WIRE_NONE,
			"models", "/v1/models"},
		{"GET /v1/models?key=k", ROUTE_PASS, UPSTREAM_GEMINI, WIRE_NONE, "models",
			"/v1/models?key=k"},
		{"GET /v1/models?key=k\nauthorization: Bearer sk-1", ROUTE_PASS, UPSTREAM_OPENAI,
			WIRE_NONE, "models", "/v1/models?key=k"},
		{"PUT /any/thing?x=%2F\nx-api-key: k", ROUTE_PASS, UPSTREAM_ANTHROPIC, WIRE_NONE,
			"pass", "/any/thing?x=%2F"},
		{"POST /v1/files", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "pass", "/v1/files"},
		{"GET /", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "pass", "/"},
	};

	(void)state;
	CHECK_ALL(CASES);
}

/* Defect 28 of the reference: a header chose the host. */
static void no_header_names_a_host(void **state)
{
	static const struct provider_case CASES[] = {
		{"POST /v1/chat/completions\nx-headroom-base-url: http://evil.example", ROUTE_LLM,
			UPSTREAM_OPENAI, WIRE_OPENAI_CHAT, "chat", "/v1/chat/completions"},
		{"GET /x\nx-headroom-base-url: http://evil.example\nx-headroom-original-path: /y",
			ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "pass", "/x"},
		{"GET /x\nx-forwarded-host: evil.example\nx-headroom-upstream: anthropic",
			ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "pass", "/x"},
	};

	(void)state;
	CHECK_ALL(CASES);
}

/* What stands behind "https://host" must not become a part of the host. */
static void a_target_without_a_slash_does_not_become_a_host(void **state)
{
	static const struct provider_case CASES[] = {
		{"GET @evil.example/x", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "pass",
			"/@evil.example/x"},
		{"GET .evil.example/x", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "pass",
			"/.evil.example/x"},
		{"GET :80/x", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "pass", "/:80/x"},
		{"GET livez", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "pass", "/livez"},
		{"OPTIONS *", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "pass", "/"},
		{"GET ", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "pass", "/"},
		{"GET ?x", ROUTE_PASS, UPSTREAM_OPENAI, WIRE_NONE, "pass", "/?x"},
	};

	(void)state;
	CHECK_ALL(CASES);
}

/* Defect 42: verbs that the reference refused. */
static void every_method_passes(void **state)
{
	static const char *const METHODS[] = {
		"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "x"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(METHODS); i++) {
		struct arena a = ARENA_INIT;
		struct route r =
			routed(&a, arena_cstr(&a, arena_printf(&a, "%s /v1/files/f", METHODS[i])));

		assert_int_equal(r.kind, ROUTE_PASS);
		assert_text(r.path, "/v1/files/f", METHODS[i]);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anthropic_has_its_paths),
		cmocka_unit_test(openai_has_its_paths),
		cmocka_unit_test(responses_has_four_spellings),
		cmocka_unit_test(a_chatgpt_login_goes_where_codex_expects),
		cmocka_unit_test(gemini_has_its_paths),
		cmocka_unit_test(code_assist_and_vertex_have_their_paths),
		cmocka_unit_test(unknown_paths_go_to_whom_the_credentials_name),
		cmocka_unit_test(no_header_names_a_host),
		cmocka_unit_test(a_target_without_a_slash_does_not_become_a_host),
		cmocka_unit_test(every_method_passes),
	};

	return cmocka_run_group_tests_name("proxy: routes", tests, NULL, NULL);
}
