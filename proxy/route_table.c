/* Sources: Anthropic API reference (messages, count tokens, batches, models); OpenAI API reference; Gemini API
 * REST reference and its page on OpenAI compatibility; Vertex AI REST reference (publishers.models,
 * endpoints); Amazon Bedrock Runtime API reference; what Claude Code 2.1, Codex 0.169, Gemini CLI 0.61 and opencode 1.18 were seen to send. */
#include "proxy/route_table.h"

#include "proxy/path.h"

/* A str as an initialiser. */
static const struct own_row OWN_ROWS[] = {
	{LIT("/livez"), OWN_LIVEZ, "GET, HEAD", "livez", false, true},
	{LIT("/healthz"), OWN_LIVEZ, "GET, HEAD", "livez", false, true},
	{LIT("/readyz"), OWN_READYZ, "GET, HEAD", "readyz", false, true},
	{LIT("/health"), OWN_HEALTH, "GET, HEAD", "health", false, true},
	{LIT("/stats"), OWN_STATS, "GET, HEAD", "stats", false, false},
	{LIT("/stats-history"), OWN_STATS_HISTORY, "GET, HEAD", "stats_history", false, false},
	{LIT("/stats/reset"), OWN_STATS_RESET, "POST", "stats_reset", true, false},
	{LIT("/metrics"), OWN_METRICS, "GET, HEAD", "metrics", false, false},
	/* Open: a browser cannot show a token for a page. There are no figures in it; what it asks for wants the token. */
	{LIT("/dashboard"), OWN_DASHBOARD, "GET, HEAD", "dashboard", false, true},
	{LIT("/v1/dashboard/state"), OWN_DASHBOARD_STATE, "GET, HEAD", "dashboard_state", false,
		false},
	{LIT("/v1/dashboard/events"), OWN_DASHBOARD_EVENTS, "GET", "dashboard_events", false,
		false},
	{LIT("/v1/dashboard/requests/*"), OWN_DASHBOARD_REQUEST, "GET, HEAD", "dashboard_request",
		true, false},
	{LIT("/v1/compress"), OWN_COMPRESS, "POST", "compress", true, false},
	{LIT("/v1/retrieve"), OWN_RETRIEVE, "POST", "retrieve", true, false},
	{LIT("/v1/retrieve/stats"), OWN_RETRIEVE_STATS, "GET, HEAD", "retrieve_stats", true, false},
	{LIT("/v1/retrieve/tool_call"), OWN_RETRIEVE_TOOL_CALL, "POST", "retrieve_tool_call", true,
		false},
	{LIT("/v1/retrieve/*"), OWN_RETRIEVE, "GET, HEAD", "retrieve", true, false},
	{LIT("/v1/feedback"), OWN_FEEDBACK, "GET, HEAD, DELETE", "feedback", true, false},
	{LIT("/v1/feedback/*"), OWN_FEEDBACK, "GET, HEAD, DELETE", "feedback", true, false},
	{LIT("/cache/clear"), OWN_CACHE_CLEAR, "POST", "cache_clear", true, false},
	{LIT("/admin/upstream"), OWN_ADMIN_UPSTREAM, "GET, HEAD", "admin_upstream", true, false},
	{LIT("/debug/memory"), OWN_DEBUG_MEMORY, "GET, HEAD", "debug_memory", true, false},
	{LIT("/debug/exchanges"), OWN_DEBUG_EXCHANGES, "GET, HEAD", "debug_exchanges", true, false},
	{LIT("/transformations/feed"), OWN_TRANSFORMATIONS_FEED, "GET, HEAD",
		"transformations_feed", true, false},
};

/* Other spellings of paths that are known below; the beginning is replaced, for us and for the upstream. */
struct alias_row {
	str from, to;
	bool is_whole; /* from ends where a segment ends */
};

static const struct alias_row ALIASES[] = {
	{LIT("/v1/codex/responses"), LIT("/v1/responses"), true},
	{LIT("/backend-api/responses"), LIT("/v1/responses"), true},
	{LIT("/backend-api/codex/responses"), LIT("/v1/responses"), true},
	{LIT("/backend-api/codex/models"), LIT("/v1/models"), true},
	{LIT("/v1/v1internal:"), LIT("/v1internal:"), false},
	/* Anthropic's Vertex client has the version in its base URL, which ours replaces. */
	{LIT("/projects/"), LIT("/v1/projects/"), false},
};

#define EXPRESS  "/v1*/publishers/google/models/*:"
#define PROJECT  "/v1*/projects/*/locations/*"
#define GOOGLE   PROJECT "/publishers/google/models/*:"
#define PARTNER  PROJECT "/publishers/anthropic/models/"
#define INTERNAL "/v1internal:"

#define ROW(pattern, kind, upstream, format, endpoint, flags)                        \
	{                                                                            \
		LIT(pattern), ROUTE_##kind, upstream, WIRE_##format, endpoint, flags \
	}
/* The verbs of a model that Gemini and Vertex have in common, behind one beginning. */
#define GENERATE_ROWS(begin, up)                                                \
	ROW(begin "generateContent", LLM, up, GEMINI, "generate", ROW_MODEL),   \
		ROW(begin "streamGenerateContent", LLM, up, GEMINI, "generate", \
			ROW_MODEL | ROW_STREAM),                                \
		ROW(begin "countTokens", PASS, up, GEMINI, "count_tokens", ROW_MODEL | ROW_FREE)

static const struct route_row ROWS[] = {
	ROW("/v1/messages", LLM, UPSTREAM_ANTHROPIC, ANTHROPIC, "messages", 0),
	ROW("/v1/messages/count_tokens", PASS, UPSTREAM_ANTHROPIC, ANTHROPIC, "count_tokens",
		ROW_FREE),
	ROW("/v1/messages/batches", BATCH, UPSTREAM_ANTHROPIC, ANTHROPIC, "batches", 0),
	ROW("/v1/messages/batches/**", PASS, UPSTREAM_ANTHROPIC, ANTHROPIC, "batches", ROW_FREE),
	ROW("/v1/messages/**", PASS, UPSTREAM_ANTHROPIC, ANTHROPIC, "messages", 0),
	ROW("/v1/complete", PASS, UPSTREAM_ANTHROPIC, ANTHROPIC, "complete", 0),

	ROW("/v1/responses", LLM, UPSTREAM_OPENAI, OPENAI_RESPONSES, "responses", ROW_CHATGPT),
	/* A whole conversation in, its summary out. */
	ROW("/v1/responses/compact", LLM, UPSTREAM_OPENAI, OPENAI_RESPONSES, "compact",
		ROW_CHATGPT),
	ROW("/v1/responses/input_tokens", PASS, UPSTREAM_OPENAI, NONE, "count_tokens",
		ROW_CHATGPT | ROW_FREE),
	ROW("/v1/responses/**", PASS, UPSTREAM_OPENAI, NONE, "responses", ROW_CHATGPT),
	ROW("/v1/chat/completions", LLM, UPSTREAM_OPENAI, OPENAI_CHAT, "chat", 0),
	ROW("/v1/chat/completions/**", PASS, UPSTREAM_OPENAI, NONE, "chat", 0),
	ROW("/v1/completions", PASS, UPSTREAM_OPENAI, NONE, "completions", 0),
	ROW("/v1/embeddings", PASS, UPSTREAM_OPENAI, NONE, "embeddings", 0),
	ROW("/v1/moderations", PASS, UPSTREAM_OPENAI, NONE, "moderations", 0),
	ROW("/v1/images/**", PASS, UPSTREAM_OPENAI, NONE, "images", ROW_CHATGPT),
	ROW("/v1/audio/**", PASS, UPSTREAM_OPENAI, NONE, "audio", 0),
	ROW("/v1/batches", PASS, UPSTREAM_OPENAI, NONE, "batches", 0),
	ROW("/v1/batches/**", PASS, UPSTREAM_OPENAI, NONE, "batches", ROW_FREE),

	/* Before the lists of models, which have every name of one segment. */
	GENERATE_ROWS("/v1*/models/*:", UPSTREAM_GEMINI),
	GENERATE_ROWS("/v1*/tunedModels/*:", UPSTREAM_GEMINI),
	ROW("/v1*/models/*:batchGenerateContent", BATCH, UPSTREAM_GEMINI, GEMINI, "batches",
		ROW_MODEL),
	ROW("/v1*/models/*:embedContent", PASS, UPSTREAM_GEMINI, GEMINI, "embeddings", ROW_MODEL),
	ROW("/v1*/models/*:batchEmbedContents", PASS, UPSTREAM_GEMINI, GEMINI, "embeddings",
		ROW_MODEL),
	ROW("/v1/models", PASS, BY_CREDENTIALS, NONE, "models", ROW_CHATGPT | ROW_FREE),
	ROW("/v1/models/*", PASS, BY_CREDENTIALS, NONE, "models", ROW_CHATGPT | ROW_FREE),

	ROW("/v1beta/openai/chat/completions", LLM, UPSTREAM_GEMINI, OPENAI_CHAT, "chat", 0),
	ROW("/v1beta/openai/embeddings", PASS, UPSTREAM_GEMINI, OPENAI_CHAT, "embeddings", 0),
	ROW("/v1beta/openai/**", PASS, UPSTREAM_GEMINI, OPENAI_CHAT, "pass", 0),
	ROW("/v1beta/models", PASS, UPSTREAM_GEMINI, NONE, "models", ROW_FREE),
	ROW("/v1beta/models/*", PASS, UPSTREAM_GEMINI, NONE, "models", 0),
	ROW("/v1beta/batches", PASS, UPSTREAM_GEMINI, NONE, "batches", ROW_FREE),
	ROW("/v1beta/batches/**", PASS, UPSTREAM_GEMINI, NONE, "batches", ROW_FREE),
	ROW("/v1beta/**", PASS, UPSTREAM_GEMINI, NONE, "pass", 0),
	ROW("/v1alpha/**", PASS, UPSTREAM_GEMINI, NONE, "pass", 0),
	ROW("/upload/v1*/**", PASS, UPSTREAM_GEMINI, NONE, "pass", ROW_FREE),
	ROW("/download/v1*/**", PASS, UPSTREAM_GEMINI, NONE, "pass", ROW_FREE),

	ROW(INTERNAL "generateContent", LLM, UPSTREAM_CLOUDCODE, GEMINI, "generate", ROW_ENVELOPED),
	ROW(INTERNAL "streamGenerateContent", LLM, UPSTREAM_CLOUDCODE, GEMINI, "generate",
		ROW_ENVELOPED | ROW_STREAM),
	ROW(INTERNAL "countTokens", PASS, UPSTREAM_CLOUDCODE, NONE, "count_tokens", ROW_FREE),
	ROW(INTERNAL "*", PASS, UPSTREAM_CLOUDCODE, NONE, "code_assist", ROW_FREE),
	ROW("/v1internal/**", PASS, UPSTREAM_CLOUDCODE, NONE, "code_assist", ROW_FREE),

	GENERATE_ROWS(EXPRESS, UPSTREAM_VERTEX),
	GENERATE_ROWS(GOOGLE, UPSTREAM_VERTEX),
	/* Not a model: how Anthropic's client counts tokens there. */
	ROW(PARTNER "count-tokens:rawPredict", PASS, UPSTREAM_VERTEX, ANTHROPIC, "count_tokens",
		ROW_FREE),
	ROW(PARTNER "*:rawPredict", LLM, UPSTREAM_VERTEX, ANTHROPIC, "messages", ROW_MODEL),
	ROW(PARTNER "*:streamRawPredict", LLM, UPSTREAM_VERTEX, ANTHROPIC, "messages",
		ROW_MODEL | ROW_STREAM),
	ROW(PROJECT "/endpoints/openapi/chat/completions", LLM, UPSTREAM_VERTEX, OPENAI_CHAT,
		"chat", 0),
	ROW("/v1*/publishers/**", PASS, UPSTREAM_VERTEX, NONE, "pass", 0),
	ROW("/v1*/projects/**", PASS, UPSTREAM_VERTEX, NONE, "pass", 0),

	ROW("/model/*/invoke", LLM, UPSTREAM_BEDROCK, ANTHROPIC, "messages", ROW_MODEL),
	ROW("/model/*/invoke-with-response-stream", LLM, UPSTREAM_BEDROCK, ANTHROPIC, "messages",
		ROW_MODEL | ROW_STREAM),
	ROW("/model/*/count-tokens", PASS, UPSTREAM_BEDROCK, ANTHROPIC, "count_tokens", ROW_FREE),
	ROW("/model/**", PASS, UPSTREAM_BEDROCK, ANTHROPIC, "pass", 0),

	ROW("/backend-api/**", PASS, UPSTREAM_CHATGPT, NONE, "pass", 0),
};

const struct own_row *own_row_find(str path, str *arg)
{
	char first = path.n > 1 ? path.p[1] : '\0'; /* behind the slash; no row has a star there */

	for (size_t i = 0; i < ARRAY_N(OWN_ROWS); i++) {
		const struct own_row *row = &OWN_ROWS[i];

		if (row->path.p[1] == first && path_match(path, row->path, arg))
			return row;
	}
	return NULL;
}

const struct route_row *route_row_find(str path, str *star)
{
	for (size_t i = 0; i < ARRAY_N(ROWS); i++) {
		if (path_match(path, ROWS[i].pattern, star))
			return &ROWS[i];
	}
	return NULL;
}

str route_alias(str path, struct arena *a)
{
	for (size_t i = 0; i < ARRAY_N(ALIASES); i++) {
		const struct alias_row *row = &ALIASES[i];
		str rest = path;

		if (str_take(&rest, row->from) && (!row->is_whole || !rest.n || rest.p[0] == '/'))
			return path_join(row->to, rest, a);
	}
	return path;
}
