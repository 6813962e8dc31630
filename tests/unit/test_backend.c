/* Backends: the table of providers, where they are, addresses and headers of requests for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <string.h>

#include "core/provider/provider.h"
#include "proxy/backend.h"

/* ---- the table ----------------------------------------------------------------------------------------- */

static void each_row_says_enough(void **state)
{
	(void)state;
	for (size_t i = 0; i < providers_n; i++) {
		const struct provider_row *p = &providers[i];
		str rest = str_from(p->aliases), one;

		assert_ptr_equal(provider_find(str_from(p->name)), p);
		while (str_split(&rest, ' ', &one))
			if (one.n)
				assert_ptr_equal(provider_find(one), p);
		assert_true(*p->base || *p->base_env);
		assert_false(str_ends(str_from(p->base), STR("/")));
		if (*p->base)
			assert_true(str_starts(str_from(p->base), STR("https://")) ||
				    p->quirks & PROVIDER_KEY_OPTIONAL);
		assert_true(*p->key_env || p->auth == PROVIDER_AWS || p->auth == PROVIDER_GOOGLE);
		assert_true(p->dialect != WIRE_NONE && p->dialect != WIRE_OPENAI_RESPONSES);
	}
}

static void names_are_found_as_people_write_them(void **state)
{
	static const char *const names[][2] = {{"LM-Studio", "lm_studio"},
		{"lmstudio", "lm_studio"}, {"vertex", "vertex_ai"}, {"google-vertex", "vertex_ai"},
		{"Together", "together_ai"}, {"vllm", "hosted_vllm"}, {"llama.cpp", "llamacpp"},
		{"nvidia", "nvidia_nim"}};
	struct errctx cx = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(names); i++)
		assert_string_equal(provider_find(str_from(names[i][0]))->name, names[i][1]);
	assert_null(provider_find(STR("gro")));
	assert_null(provider_find(STR("")));
	assert_int_equal(provider_unknown("--backend", STR("opnerouter"), &cx), E_USAGE);
	assert_non_null(strstr(cx.text, "did you mean 'openrouter'?"));
}

static void who_speaks_what(void **state)
{
	(void)state;
	assert_int_equal(
		provider_dialect(provider_find(STR("groq")), WIRE_ANTHROPIC), WIRE_OPENAI_CHAT);
	assert_int_equal(provider_dialect(provider_find(STR("groq")), WIRE_OPENAI_RESPONSES),
		WIRE_OPENAI_RESPONSES);
	assert_int_equal(provider_dialect(provider_find(STR("mistral")), WIRE_OPENAI_RESPONSES),
		WIRE_OPENAI_CHAT);
	assert_int_equal(
		provider_dialect(provider_find(STR("openrouter")), WIRE_ANTHROPIC), WIRE_ANTHROPIC);
	assert_int_equal(
		provider_dialect(provider_find(STR("bedrock")), WIRE_OPENAI_CHAT), WIRE_ANTHROPIC);
	assert_int_equal(provider_dialect(provider_find(STR("vertex")), WIRE_GEMINI), WIRE_GEMINI);
	assert_int_equal(
		provider_dialect(provider_find(STR("gemini")), WIRE_ANTHROPIC), WIRE_GEMINI);
}

/* ---- where --------------------------------------------------------------------------------------------- */

/* vars: variables of the environment, split by '|'. */
struct place_row {
	const char *name, *vars, *region, *over, *base, *messages, *key;
	const char *error; /* a part of it; NULL: there is none */
};

static void check_place(const struct place_row *row)
{
	char *envp[8] = {NULL}, text[256];
	struct arena a = ARENA_INIT;
	struct provider_place got;
	struct errctx cx = {0};
	enum err e;
	int n = 0;

	(void)snprintf(text, sizeof text, "%s", row->vars);
	for (char *save = NULL, *v = strtok_r(text, "|", &save); v; v = strtok_r(NULL, "|", &save))
		envp[n++] = v;
	e = provider_locate(provider_find(str_from(row->name)), envp, str_from(row->region),
		str_from(row->over), &a, &got, &cx);
	if (row->error) {
		assert_int_equal(e, E_CONFIG);
		if (!strstr(cx.text, row->error))
			fail_msg("%s %s: %s", row->name, row->vars, cx.text);
	} else if (e || !str_eq_c(got.base, row->base) || !str_eq_c(got.messages, row->messages) ||
		   !str_eq_c(got.key, row->key)) {
		fail_msg("%s %s: %s " STR_FMT " " STR_FMT, row->name, row->vars, cx.text,
			STR_ARG(got.base), STR_ARG(got.messages));
	}
	arena_release(&a);
}

static void bases_come_from_table_variables_and_options(void **state)
{
	static const struct place_row rows[] = {
		{"groq", "GROQ_API_KEY=k", "", "", "https://api.groq.com/openai/v1", "", "k", NULL},
		{"groq", "GROQ_API_KEY=k|GROQ_API_BASE=http://h:1/", "", "", "http://h:1/openai/v1",
			"", "k", NULL},
		{"groq", "GROQ_API_KEY=k|GROQ_API_BASE=http://h:1/x/", "", "", "http://h:1/x", "",
			"k", NULL},
		{"ollama", "", "", "", "http://localhost:11434/v1", "http://localhost:11434/v1", "",
			NULL},
		{"ollama", "OLLAMA_HOST=gpu:1", "", "", "http://gpu:1/v1", "http://gpu:1/v1", "",
			NULL},
		{"deepseek", "DEEPSEEK_API_KEY=k", "", "http://h", "http://h/v1",
			"http://h/anthropic/v1", "k", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		check_place(&rows[i]);
}

static void bases_of_clouds_have_regions_and_names(void **state)
{
	static const struct place_row rows[] = {
		{"azure",
			"AZURE_OPENAI_API_KEY=k|AZURE_OPENAI_ENDPOINT=https://x.openai.azure.com/",
			"", "", "https://x.openai.azure.com", "", "k", NULL},
		{"bedrock", "", "eu-west-1", "", "https://bedrock-runtime.eu-west-1.amazonaws.com",
			"https://bedrock-runtime.eu-west-1.amazonaws.com", "", NULL},
		{"vertex", "", "europe-west1", "", "https://europe-west1-aiplatform.googleapis.com",
			"https://europe-west1-aiplatform.googleapis.com", "", NULL},
		{"vertex", "", "global", "", "https://aiplatform.googleapis.com",
			"https://aiplatform.googleapis.com", "", NULL},
		{"databricks", "DATABRICKS_TOKEN=k|DATABRICKS_HOST=https://d.example/", "", "",
			"https://d.example/serving-endpoints", "", "k", NULL},
		{"foundry", "ANTHROPIC_FOUNDRY_API_KEY=k|ANTHROPIC_FOUNDRY_RESOURCE=r", "", "",
			"https://r.services.ai.azure.com/anthropic/v1",
			"https://r.services.ai.azure.com/anthropic/v1", "k", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		check_place(&rows[i]);
}

static void what_is_missing_is_said_by_name(void **state)
{
	static const struct place_row rows[] = {
		{"groq", "", "", "", NULL, NULL, NULL, "groq needs a key: set GROQ_API_KEY"},
		{"groq", "GROQ_API_KEY=", "", "", NULL, NULL, NULL, "groq needs a key"},
		{"azure", "AZURE_API_KEY=k", "", "", NULL, NULL, NULL,
			"azure needs a base URL: set AZURE_API_BASE"},
		{"bedrock", "", "", "", NULL, NULL, NULL, "bedrock needs a region"},
		{"databricks", "DATABRICKS_TOKEN=k", "", "", NULL, NULL, NULL,
			"databricks needs DATABRICKS_HOST"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		check_place(&rows[i]);
}

/* ---- addresses and headers ----------------------------------------------------------------------------- */

static struct proxy_conf conf_of(
	const char *name, const char *base, const char *messages, const char *version)
{
	struct proxy_conf c = {.port = 0};

	c.backend.provider = provider_find(str_from(name));
	assert_non_null(c.backend.provider);
	c.backend.messages = str_from(messages);
	c.backend.key = STR("secret");
	c.backend.api_version = str_from(version);
	c.upstreams[UPSTREAM_BACKEND] = str_from(base);
	return c;
}

struct address_row {
	const char *name, *base, *messages, *version, *method, *path;
	enum wire_format dialect;
	bool is_stream;
	const char *url; /* NULL: refused; "": goes where the client means */
};

static void check_address(const struct address_row *row)
{
	struct proxy_conf c = conf_of(row->name, row->base, row->messages, row->version);
	struct http_head h = {.method = str_from(row->method), .target = str_from(row->path)};
	struct arena a = ARENA_INIT;
	struct route r;
	struct backend_call call = {.route = &r,
		.dialect = row->dialect,
		.model = STR("my model"),
		.is_stream = row->is_stream};

	route_request(&h, &a, &r);
	backend_take(&c, &r);
	if (row->url && !*row->url) {
		assert_int_not_equal(r.upstream, UPSTREAM_BACKEND);
	} else if (r.upstream != UPSTREAM_BACKEND) {
		fail_msg("%s %s is not taken", row->name, row->path);
	} else if ((backend_refusal(&c, &r, STR("")) == NULL) != (row->url != NULL)) {
		fail_msg("%s %s: refused or not", row->name, row->path);
	} else if (row->url) {
		assert_string_equal(backend_url(&c, &call, &a), row->url);
	}
	arena_release(&a);
}

static void requests_are_addressed(void **state)
{
	static const struct address_row rows[] = {
		{"groq", "http://h/openai/v1", "", "", "POST", "/v1/chat/completions",
			WIRE_OPENAI_CHAT, true, "http://h/openai/v1/chat/completions"},
		{"groq", "http://h/v1", "", "", "POST", "/v1/responses?x=1", WIRE_OPENAI_RESPONSES,
			false, "http://h/v1/responses"},
		{"groq", "http://h/v1", "", "", "POST", "/v1/responses/compact",
			WIRE_OPENAI_RESPONSES, false, "http://h/v1/responses/compact"},
		{"groq", "http://h/v1", "", "", "GET", "/v1/models?limit=3", WIRE_NONE, false,
			"http://h/v1/models?limit=3"},
		{"groq", "http://h/v1", "", "", "POST", "/v1/messages?beta=true", WIRE_OPENAI_CHAT,
			false, "http://h/v1/chat/completions"},
		{"groq", "http://h/v1", "", "", "POST", "/v1/messages/batches", WIRE_NONE, false,
			NULL},
		{"groq", "http://h/v1", "", "", "POST", "/v1internal:generateContent", WIRE_GEMINI,
			false, ""},
		{"openrouter", "http://h/api/v1", "http://h/api/v1", "", "POST",
			"/v1/messages?beta=true", WIRE_ANTHROPIC, false,
			"http://h/api/v1/messages?beta=true"},
		{"deepseek", "http://h/v1", "http://h/anthropic/v1", "", "POST",
			"/v1/messages/count_tokens", WIRE_NONE, false,
			"http://h/anthropic/v1/messages/count_tokens"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		check_address(&rows[i]);
}

static void requests_for_azure_are_addressed(void **state)
{
	static const struct address_row rows[] = {
		{"azure", "http://h", "", "", "POST", "/v1/chat/completions", WIRE_OPENAI_CHAT,
			false, "http://h/openai/v1/chat/completions"},
		{"azure", "http://h/openai/v1", "", "", "POST", "/v1/embeddings", WIRE_NONE, false,
			"http://h/openai/v1/embeddings"},
		{"azure", "http://h", "", "2024-10-21", "POST", "/v1/chat/completions",
			WIRE_OPENAI_CHAT, false,
			"http://h/openai/deployments/my%20model/chat/completions?api-version="
			"2024-10-21"},
		{"azure", "http://h", "", "v", "POST", "/v1/responses", WIRE_OPENAI_RESPONSES,
			false, "http://h/openai/responses?api-version=v"},
		{"azure_ai", "http://h", "", "v", "POST", "/v1/chat/completions", WIRE_OPENAI_CHAT,
			false, "http://h/models/chat/completions?api-version=v"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		check_address(&rows[i]);
}

static void requests_for_gemini_are_addressed(void **state)
{
	static const struct address_row rows[] = {
		{"gemini", "http://h/v1beta", "", "", "POST",
			"/v1beta/models/my%20model:streamGenerateContent?key=k&alt=sse",
			WIRE_GEMINI, true,
			"http://h/v1beta/models/my%20model:streamGenerateContent?alt=sse"},
		{"gemini", "http://h/v1beta", "", "", "POST", "/v1beta/models/m:countTokens?key=k",
			WIRE_NONE, false, "http://h/v1beta/models/m:countTokens"},
		{"gemini", "http://h/v1beta", "", "", "POST", "/v1/audio/speech", WIRE_NONE, false,
			NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		check_address(&rows[i]);
}

static void keys_of_clients_stay_here(void **state)
{
	static const struct {
		const char *name, *want;
		enum wire_format dialect;
	} rows[] = {
		{"groq", "accept: a|x-app: cli|authorization: Bearer secret|", WIRE_OPENAI_CHAT},
		{"azure", "accept: a|x-app: cli|api-key: secret|", WIRE_OPENAI_CHAT},
		{"gemini", "accept: a|x-app: cli|x-goog-api-key: secret|", WIRE_GEMINI},
		{"anthropic",
			"accept: a|anthropic-beta: b|x-app: cli|x-api-key: "
			"secret|anthropic-version: "
			"2023-06-01|",
			WIRE_ANTHROPIC},
		{"bedrock", "accept: a|anthropic-beta: b|x-app: cli|", WIRE_ANTHROPIC},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct http_header h[9 + BACKEND_HEADERS] = {
			{STR("accept"), STR("a")},
			{STR("Authorization"), STR("Bearer client")},
			{STR("X-Api-Key"), STR("client")},
			{STR("x-goog-api-key"), STR("client")},
			{STR("chatgpt-account-id"), STR("client")},
			{STR("anthropic-beta"), STR("b")},
			{STR("cookie"), STR("client")},
			{STR("api-key"), STR("client")},
			{STR("x-app"), STR("cli")},
		};
		struct proxy_conf c = conf_of(rows[i].name, "http://h", "http://h", "");
		struct backend_call call = {.dialect = rows[i].dialect};
		struct arena a = ARENA_INIT;
		uint32_t n = 9;
		struct buf b;

		backend_headers(&c, &call, h, &n, &a);
		buf_init(&b, 4096);
		for (uint32_t k = 0; k < n; k++)
			buf_printf(&b, STR_FMT ": " STR_FMT "|", STR_ARG(h[k].name),
				STR_ARG(h[k].value));
		buf_add_byte(&b, '\0');
		assert_string_equal(b.p, rows[i].want);
		buf_release(&b);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_says_enough),
		cmocka_unit_test(names_are_found_as_people_write_them),
		cmocka_unit_test(who_speaks_what),
		cmocka_unit_test(bases_come_from_table_variables_and_options),
		cmocka_unit_test(bases_of_clouds_have_regions_and_names),
		cmocka_unit_test(what_is_missing_is_said_by_name),
		cmocka_unit_test(requests_are_addressed),
		cmocka_unit_test(requests_for_azure_are_addressed),
		cmocka_unit_test(requests_for_gemini_are_addressed),
		cmocka_unit_test(keys_of_clients_stay_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
