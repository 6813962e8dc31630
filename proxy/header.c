#include "proxy/header.h"

#include "proxy/path.h"

/* A str as an initialiser. */
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

/* Names differ in their length most of the time. */
static inline bool name_is(str name, str want)
{
	return name.n == want.n && str_eq_nocase(name, want);
}

static bool starts_nocase(str s, str prefix)
{
	return s.n >= prefix.n && str_eq_nocase(str_sub(s, 0, prefix.n), prefix);
}

bool header_has_part(str value, str part)
{
	char first = part.n ? (char)(part.p[0] | 0x20) : 0; /* of a letter: the small one */

	for (size_t i = 0; i + part.n <= value.n; i++) {
		if ((!part.n || (value.p[i] | 0x20) == first) &&
			str_eq_nocase(str_sub(value, i, i + part.n), part))
			return true;
	}
	return false;
}

/* ---- which headers travel ------------------------------------------------------------------------------ */

static bool is_one_of(str name, const str *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (name_is(name, names[i]))
			return true;
	}
	return false;
}

/* RFC 9110 section 7.6.1, and RFC 9113 section 3.1 for http2-settings. */
static const str HOP_BY_HOP[] = {LIT("connection"), LIT("keep-alive"), LIT("te"), LIT("trailer"),
	LIT("transfer-encoding"), LIT("upgrade"), LIT("http2-settings")};

static bool is_hop_by_hop(str name)
{
	return starts_nocase(name, STR("proxy-")) ||
	       is_one_of(name, HOP_BY_HOP, ARRAY_N(HOP_BY_HOP));
}

/* What the upstream client writes by itself. */
static const str REQUEST_FRAMING[] = {LIT("host"), LIT("content-length"), LIT("expect")};

/* Is it named by a Connection header, of which the first stands at index first? */
static bool is_named(const struct http_head *in, uint32_t first, str name)
{
	for (uint32_t i = first; i < in->headers_n; i++) {
		if (name_is(in->headers[i].name, STR("connection")) &&
			header_list_has(in->headers[i].value, name))
			return true;
	}
	return false;
}

static bool goes_upstream(const struct header_rule *rule, str name)
{
	if (is_hop_by_hop(name) || starts_nocase(name, STR("x-headroom-")) ||
		is_one_of(name, REQUEST_FRAMING, ARRAY_N(REQUEST_FRAMING)))
		return false;
	if (rule->drops_encoding && name_is(name, STR("content-encoding")))
		return false;
	if (rule->wants_identity && name_is(name, STR("accept-encoding")))
		return false;
	return !(rule->token_in_authorization && name_is(name, STR("authorization")));
}

/* Behind what the client has named, or in a header of its own. Returns how many there are then. */
static uint32_t add_beta(struct http_header *v, uint32_t n, str beta, struct arena *a)
{
	struct http_header *last = NULL;

	for (uint32_t i = 0; i < n; i++) {
		if (!name_is(v[i].name, STR("anthropic-beta")))
			continue;
		if (header_list_has(v[i].value, beta))
			return n;
		last = &v[i];
	}
	if (last && last->value.n) {
		last->value =
			arena_printf(a, STR_FMT "," STR_FMT, STR_ARG(last->value), STR_ARG(beta));
		return n;
	}
	v[n] = (struct http_header){STR("anthropic-beta"), beta};
	return n + 1;
}

void headers_to_upstream(const struct http_head *in, const struct header_rule *rule,
	struct arena *a, struct http_header **out, uint32_t *n)
{
	struct http_header *to =
		arena_array(a, struct http_header, (size_t)in->headers_n + HEADERS_ADDED);
	uint32_t kept = 0, connection = 0;

	while (connection < in->headers_n &&
		!name_is(in->headers[connection].name, STR("connection")))
		connection++;
	for (uint32_t i = 0; i < in->headers_n; i++) {
		str name = in->headers[i].name;

		if (goes_upstream(rule, name) && !is_named(in, connection, name))
			to[kept++] = in->headers[i];
	}
	if (rule->chatgpt_account.n)
		to[kept++] = (struct http_header){STR("chatgpt-account-id"), rule->chatgpt_account};
	if (rule->wants_identity)
		to[kept++] = (struct http_header){STR("accept-encoding"), STR("identity")};
	if (rule->beta.n)
		kept = add_beta(to, kept, rule->beta, a);
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
	str part;
	enum client_kind client;
} AGENTS[] = {
	{LIT("claude-cli/"), CLIENT_CLAUDE_CODE},
	{LIT("claude-code/"), CLIENT_CLAUDE_CODE},
	{LIT("claude-vscode/"), CLIENT_CLAUDE_VSCODE},
	{LIT("anthropic-cli/"), CLIENT_ANTHROPIC_CLI},
	{LIT("codex-cli/"), CLIENT_CODEX},
	{LIT("codex_cli"), CLIENT_CODEX},
	{LIT("codex_exec/"), CLIENT_CODEX},
	{LIT("codex_vscode/"), CLIENT_CODEX},
	{LIT("codex-tui/"), CLIENT_CODEX},
	{LIT("geminicli"), CLIENT_GEMINI_CLI},
	{LIT("opencode/"), CLIENT_OPENCODE},
	{LIT("cursor/"), CLIENT_CURSOR},
	{LIT("zed/"), CLIENT_ZED},
	{LIT("aider/"), CLIENT_AIDER},
	{LIT("droid/"), CLIENT_DROID},
	{LIT("github-copilot/"), CLIENT_COPILOT},
	{LIT("githubcopilot"), CLIENT_COPILOT},
	{LIT("antigravity/"), CLIENT_ANTIGRAVITY},
	{LIT("strands-agents/"), CLIENT_STRANDS},
	{LIT("anthropic/"), CLIENT_ANTHROPIC_SDK},
	{LIT("openai/"), CLIENT_OPENAI_SDK},
	{LIT("google-genai-sdk/"), CLIENT_GOOGLE_SDK},
};

static enum client_kind client_of(str x_client, str user_agent)
{
	x_client = str_trim(x_client);
	for (enum client_kind k = CLIENT_UNKNOWN + 1; x_client.n && k < CLIENT_N; k++) {
		if (str_eq_nocase(x_client, str_from(CLIENT_NAMES[k])))
			return k;
	}
	for (size_t i = 0; i < ARRAY_N(AGENTS); i++) {
		if (header_has_part(user_agent, AGENTS[i].part))
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
	SEEN_USER,
	SEEN_PROJECT_ID,
	SEEN_CWD,
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

static const str SEEN_NAMES[SEEN_N] = {
	[SEEN_X_API_KEY] = LIT("x-api-key"),
	[SEEN_X_GOOG_API_KEY] = LIT("x-goog-api-key"),
	[SEEN_API_KEY] = LIT("api-key"),
	[SEEN_AUTHORIZATION] = LIT("authorization"),
	[SEEN_CHATGPT_ACCOUNT] = LIT("chatgpt-account-id"),
	[SEEN_ORGANIZATION] = LIT("openai-organization"),
	[SEEN_OPENAI_PROJECT] = LIT("openai-project"),
	[SEEN_USER_PROJECT] = LIT("x-goog-user-project"),
	[SEEN_COOKIE] = LIT("cookie"),
	[SEEN_HEADROOM_SESSION] = LIT("x-headroom-session-id"),
	[SEEN_CLAUDE_SESSION] = LIT("x-claude-code-session-id"),
	[SEEN_SESSION_ID] = LIT("session-id"),
	[SEEN_X_SESSION_ID] = LIT("x-session-id"),
	[SEEN_AGENT] = LIT("x-claude-code-agent-id"),
	[SEEN_PROJECT] = LIT("x-headroom-project"),
	[SEEN_USER] = LIT("x-headroom-user-id"),
	[SEEN_PROJECT_ID] = LIT("x-headroom-project-id"),
	[SEEN_CWD] = LIT("x-headroom-cwd"),
	[SEEN_BYPASS] = LIT("x-headroom-bypass"),
	[SEEN_MODE] = LIT("x-headroom-mode"),
	[SEEN_CACHE_CONTROL] = LIT("cache-control"),
	[SEEN_CONTENT_ENCODING] = LIT("content-encoding"),
	[SEEN_ACCEPT_ENCODING] = LIT("accept-encoding"),
	[SEEN_REQUEST_ID] = LIT("x-request-id"),
	[SEEN_X_CLIENT] = LIT("x-client"),
	[SEEN_USER_AGENT] = LIT("user-agent"),
};

static enum seen seen_find(str name)
{
	enum seen s = 0;

	while (s < SEEN_N && !name_is(name, SEEN_NAMES[s]))
		s++;
	return s;
}

/* A credential into the hash of all: which one it is, then its value. */
static void add_credential(struct request_info *out, uint64_t which, str value)
{
	out->credentials = hash128_chain(out->credentials, (struct hash128){which, value.n});
	out->credentials = hash128_chain(out->credentials, hash128(value));
}

/* Where each provider reads who asks: the chapters "Authentication" of their API references. */
#define AT(place) (1U << CREDENTIAL_##place)
static const unsigned READ_BY[UPSTREAM_N] = {
	[UPSTREAM_ANTHROPIC] = AT(X_API_KEY) | AT(AUTHORIZATION),
	[UPSTREAM_OPENAI] = AT(AUTHORIZATION),
	[UPSTREAM_GEMINI] = AT(X_GOOG_API_KEY) | AT(QUERY_KEY) | AT(AUTHORIZATION),
	[UPSTREAM_CLOUDCODE] = AT(AUTHORIZATION),
	[UPSTREAM_CHATGPT] = AT(AUTHORIZATION),
	[UPSTREAM_VERTEX] = AT(X_GOOG_API_KEY) | AT(QUERY_KEY) | AT(AUTHORIZATION),
	[UPSTREAM_BEDROCK] = AT(AUTHORIZATION),
	[UPSTREAM_BACKEND] = 0, /* whoever it is, by all that is there */
};

/* Some clients send one token in two places: it is one payer. */
static void add_payer(struct hash128 *out, size_t *n, str value)
{
	str token = bearer_token(value);
	struct hash128 hash = hash128(token.n ? token : value);

	for (size_t i = 0; i < *n; i++) {
		if (hash128_eq(out[i], hash))
			return;
	}
	out[(*n)++] = hash;
}

size_t request_payers(const struct request_info *info, enum upstream u, bool has_token,
	struct hash128 out[CREDENTIAL_N])
{
	unsigned there = 0, payers;
	size_t n = 0;

	for (int i = 0; i < CREDENTIAL_N; i++)
		there |= info->by_place[i].n ? 1U << i : 0;
	if (has_token)
		there &= ~AT(AUTHORIZATION);
	payers = there & READ_BY[u] ? there & READ_BY[u] : there;
	for (int i = 0; i < CREDENTIAL_N; i++) {
		if (payers & 1U << i)
			add_payer(out, &n, info->by_place[i]);
	}
	return n;
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

	out->by_place[CREDENTIAL_X_API_KEY] = seen[SEEN_X_API_KEY];
	out->by_place[CREDENTIAL_X_GOOG_API_KEY] = seen[SEEN_X_GOOG_API_KEY];
	out->by_place[CREDENTIAL_API_KEY] = seen[SEEN_API_KEY];
	out->by_place[CREDENTIAL_QUERY_KEY] = key;
	out->by_place[CREDENTIAL_AUTHORIZATION] = seen[SEEN_AUTHORIZATION];
	if (key.n)
		add_credential(out, SEEN_N, key);
}

/* Of a signature of AWS, which is another one each time, the key that it was made with. */
static str lasting(str value)
{
	str rest = value;
	size_t end;

	if (!str_take(&rest, STR("AWS4-HMAC-SHA256 Credential=")))
		return value;
	end = str_find_byte(rest, '/');
	return str_sub(rest, 0, end == STR_NONE ? rest.n : end);
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
		if (s == SEEN_AUTHORIZATION)
			value = lasting(value);
		if (s < SEEN_CREDENTIALS)
			add_credential(out, s, value);
		if (s == SEEN_CACHE_CONTROL) {
			out->no_store |= header_list_has(value, STR("no-store"));
			out->no_cache |= header_list_has(value, STR("no-cache"));
		}
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
	out->user = seen[SEEN_USER];
	out->project_id = seen[SEEN_PROJECT_ID];
	out->cwd = seen[SEEN_CWD];
	out->is_bypass = str_eq_nocase(seen[SEEN_BYPASS], STR("true")) ||
			 str_eq_nocase(seen[SEEN_MODE], STR("passthrough"));
	out->content_encoding = seen[SEEN_CONTENT_ENCODING];
	out->accept_encoding = seen[SEEN_ACCEPT_ENCODING];
	out->request_id = seen[SEEN_REQUEST_ID];
}
