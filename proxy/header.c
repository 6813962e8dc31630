#include "proxy/header.h"

#include "proxy/path.h"

bool header_list_has(str list, str token)
{
	str part;

	while (str_split(&list, ',', &part)) {
		if (str_eq_nocase(str_trim(part), token))
			return true;
	}
	return false;
}

str bearer_token(str authorization)
{
	str scheme = STR("bearer ");

	if (authorization.n < scheme.n ||
		!str_eq_nocase(str_sub(authorization, 0, scheme.n), scheme))
		return STR_NULL;
	return str_trim(str_sub(authorization, scheme.n, authorization.n));
}

static bool starts_nocase(str s, str prefix)
{
	return s.n >= prefix.n && str_eq_nocase(str_sub(s, 0, prefix.n), prefix);
}

bool header_has_part(str s, str needle)
{
	for (size_t i = 0; i + needle.n <= s.n; i++) {
		if (str_eq_nocase(str_sub(s, i, i + needle.n), needle))
			return true;
	}
	return false;
}

/* ---- which headers travel ------------------------------------------------------------------------------ */

static bool is_one_of(str name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq_nocase(name, str_from(names[i])))
			return true;
	}
	return false;
}

/* RFC 9110 section 7.6.1, and RFC 9113 section 3.1 for http2-settings. */
static const char *const HOP_BY_HOP[] = {"connection", "keep-alive", "te", "trailer",
	"transfer-encoding", "upgrade", "http2-settings"};

static bool is_hop_by_hop(str name)
{
	return starts_nocase(name, STR("proxy-")) ||
	       is_one_of(name, HOP_BY_HOP, ARRAY_N(HOP_BY_HOP));
}

/* What the upstream client writes by itself. */
static const char *const REQUEST_FRAMING[] = {"host", "content-length", "expect"};

static bool goes_upstream(const struct http_head *in, const struct header_rule *rule, str name)
{
	if (is_hop_by_hop(name) || starts_nocase(name, STR("x-headroom-")) ||
		is_one_of(name, REQUEST_FRAMING, ARRAY_N(REQUEST_FRAMING)))
		return false;
	if (rule->drops_encoding && str_eq_nocase(name, STR("content-encoding")))
		return false;
	if (rule->token_in_authorization && str_eq_nocase(name, STR("authorization")))
		return false;
	for (uint32_t i = 0; i < in->headers_n; i++) {
		if (str_eq_nocase(in->headers[i].name, STR("connection")) &&
			header_list_has(in->headers[i].value, name))
			return false;
	}
	return true;
}

void headers_to_upstream(const struct http_head *in, const struct header_rule *rule,
	struct arena *a, struct http_header **out, uint32_t *n)
{
	struct http_header *to = arena_array(a, struct http_header, (size_t)in->headers_n + 1);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < in->headers_n; i++) {
		if (goes_upstream(in, rule, in->headers[i].name))
			to[kept++] = in->headers[i];
	}
	if (rule->chatgpt_account.n)
		to[kept++] = (struct http_header){STR("chatgpt-account-id"), rule->chatgpt_account};
	*out = to;
	*n = kept;
}

bool header_goes_to_client(str name, str connection_value)
{
	return !is_hop_by_hop(name) && !str_eq_nocase(name, STR("content-length")) &&
	       !starts_nocase(name, STR("x-headroom-")) && !header_list_has(connection_value, name);
}

/* ---- what is read of them ------------------------------------------------------------------------------ */

static const char *const CLIENT_NAMES[CLIENT_N] = {
#define X(name, text) [CLIENT_##name] = (text),
	CLIENT_MAP(X)
#undef X
};

const char *client_kind_name(enum client_kind k)
{
	return CLIENT_NAMES[k];
}

/* Parts of User-Agent headers; programs before the libraries that they are made of. */
static const struct {
	const char *part;
	enum client_kind client;
} AGENTS[] = {
	{"claude-cli/", CLIENT_CLAUDE_CODE},
	{"claude-code/", CLIENT_CLAUDE_CODE},
	{"claude-vscode/", CLIENT_CLAUDE_VSCODE},
	{"anthropic-cli/", CLIENT_ANTHROPIC_CLI},
	{"codex-cli/", CLIENT_CODEX},
	{"codex_cli", CLIENT_CODEX},
	{"codex_exec/", CLIENT_CODEX},
	{"codex_vscode/", CLIENT_CODEX},
	{"codex-tui/", CLIENT_CODEX},
	{"geminicli", CLIENT_GEMINI_CLI},
	{"opencode/", CLIENT_OPENCODE},
	{"cursor/", CLIENT_CURSOR},
	{"zed/", CLIENT_ZED},
	{"aider/", CLIENT_AIDER},
	{"droid/", CLIENT_DROID},
	{"github-copilot/", CLIENT_COPILOT},
	{"githubcopilot", CLIENT_COPILOT},
	{"antigravity/", CLIENT_ANTIGRAVITY},
	{"strands-agents/", CLIENT_STRANDS},
	{"anthropic/", CLIENT_ANTHROPIC_SDK},
	{"openai/", CLIENT_OPENAI_SDK},
	{"google-genai-sdk/", CLIENT_GOOGLE_SDK},
};

static enum client_kind client_of(str x_client, str user_agent)
{
	for (enum client_kind k = CLIENT_UNKNOWN + 1; k < CLIENT_N; k++) {
		if (str_eq_nocase(str_trim(x_client), str_from(CLIENT_NAMES[k])))
			return k;
	}
	for (size_t i = 0; i < ARRAY_N(AGENTS); i++) {
		if (header_has_part(user_agent, str_from(AGENTS[i].part)))
			return AGENTS[i].client;
	}
	return CLIENT_UNKNOWN;
}

/* The headers that are read, in the order in which the first of a kind wins. */
enum seen {
	SEEN_X_API_KEY,
	SEEN_X_GOOG_API_KEY,
	SEEN_API_KEY,
	SEEN_AUTHORIZATION,
	SEEN_CHATGPT_ACCOUNT,
	SEEN_ORGANIZATION,
	SEEN_OPENAI_PROJECT,
	SEEN_USER_PROJECT,
	SEEN_COOKIE,
	SEEN_CREDENTIALS, /* those above are part of struct request_info.credentials */
	SEEN_HEADROOM_SESSION = SEEN_CREDENTIALS,
	SEEN_CLAUDE_SESSION,
	SEEN_SESSION_ID,
	SEEN_X_SESSION_ID,
	SEEN_AGENT,
	SEEN_PROJECT,
	SEEN_BYPASS,
	SEEN_MODE,
	SEEN_CACHE_CONTROL,
	SEEN_CONTENT_ENCODING,
	SEEN_ACCEPT_ENCODING,
	SEEN_REQUEST_ID,
	SEEN_X_CLIENT,
	SEEN_USER_AGENT,
	SEEN_N,
};

static const char *const SEEN_NAMES[SEEN_N] = {
	[SEEN_X_API_KEY] = "x-api-key",
	[SEEN_X_GOOG_API_KEY] = "x-goog-api-key",
	[SEEN_API_KEY] = "api-key",
	[SEEN_AUTHORIZATION] = "authorization",
	[SEEN_CHATGPT_ACCOUNT] = "chatgpt-account-id",
	[SEEN_ORGANIZATION] = "openai-organization",
	[SEEN_OPENAI_PROJECT] = "openai-project",
	[SEEN_USER_PROJECT] = "x-goog-user-project",
	[SEEN_COOKIE] = "cookie",
	[SEEN_HEADROOM_SESSION] = "x-headroom-session-id",
	[SEEN_CLAUDE_SESSION] = "x-claude-code-session-id",
	[SEEN_SESSION_ID] = "session-id",
	[SEEN_X_SESSION_ID] = "x-session-id",
	[SEEN_AGENT] = "x-claude-code-agent-id",
	[SEEN_PROJECT] = "x-headroom-project",
	[SEEN_BYPASS] = "x-headroom-bypass",
	[SEEN_MODE] = "x-headroom-mode",
	[SEEN_CACHE_CONTROL] = "cache-control",
	[SEEN_CONTENT_ENCODING] = "content-encoding",
	[SEEN_ACCEPT_ENCODING] = "accept-encoding",
	[SEEN_REQUEST_ID] = "x-request-id",
	[SEEN_X_CLIENT] = "x-client",
	[SEEN_USER_AGENT] = "user-agent",
};

static enum seen seen_find(str name)
{
	enum seen s = 0;

	while (s < SEEN_N && !str_eq_nocase(name, str_from(SEEN_NAMES[s])))
		s++;
	return s;
}

/* A credential into the hash of all: which one it is, then its value. */
static void add_credential(struct request_info *out, uint64_t which, str value)
{
	out->credentials = hash128_chain(out->credentials, (struct hash128){which, value.n});
	out->credentials = hash128_chain(out->credentials, hash128(value));
}

/* The first of some values that is not empty. */
static str first_of(const str *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (values[i].n)
			return values[i];
	}
	return STR_NULL;
}

static void read_credentials(const str *seen, str query, struct request_info *out)
{
	str key = query_find(query, STR("key"));
	str by_rank[] = {seen[SEEN_X_API_KEY], seen[SEEN_X_GOOG_API_KEY], seen[SEEN_API_KEY], key,
		seen[SEEN_AUTHORIZATION]};

	out->credential = first_of(by_rank, ARRAY_N(by_rank));
	if (key.n)
		add_credential(out, SEEN_N, key);
}

void request_info_read(const struct http_head *h, str query, struct request_info *out)
{
	str seen[SEEN_N] = {STR_NULL};

	*out = (struct request_info){0};
	for (uint32_t i = 0; i < h->headers_n; i++) {
		str value = h->headers[i].value;
		enum seen s = seen_find(h->headers[i].name);

		if (s == SEEN_N)
			continue;
		if (s < SEEN_CREDENTIALS)
			add_credential(out, s, value);
		if (s == SEEN_CACHE_CONTROL && header_list_has(value, STR("no-store")))
			out->no_store = true;
		if (s == SEEN_CONTENT_ENCODING &&
			(seen[s].n || str_find_byte(value, ',') != STR_NONE))
			out->has_many_encodings = true;
		if (!seen[s].n)
			seen[s] = value;
	}
	read_credentials(seen, query, out);
	out->client = client_of(seen[SEEN_X_CLIENT], seen[SEEN_USER_AGENT]);
	out->session = first_of(&seen[SEEN_HEADROOM_SESSION], 4);
	out->agent = seen[SEEN_AGENT];
	out->project = seen[SEEN_PROJECT];
	out->is_bypass = str_eq_nocase(seen[SEEN_BYPASS], STR("true")) ||
			 str_eq_nocase(seen[SEEN_MODE], STR("passthrough"));
	out->content_encoding = seen[SEEN_CONTENT_ENCODING];
	out->accept_encoding = seen[SEEN_ACCEPT_ENCODING];
	out->request_id = seen[SEEN_REQUEST_ID];
}
