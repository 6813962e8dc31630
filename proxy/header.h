/* header: which headers travel, and what is read of a request's headers. Pure functions over slices.
 * Owns: nothing; results lead into the head that was given. Thread: any. */
#ifndef PROXY_HEADER_H
#define PROXY_HEADER_H

#include "core/base/arena.h"
#include "core/base/hash.h"
#include "proxy/http/message.h"
#include "proxy/route.h"

struct header_rule {
	bool drops_encoding;         /* the body was decoded: content-encoding goes */
	bool wants_identity;         /* accept-encoding says identity, whatever it said */
	bool token_in_authorization; /* guard_check says so: authorization goes */
	str beta; /* not empty: a feature of Anthropic's that the header anthropic-beta has to name */
	str chatgpt_account; /* not empty: added as chatgpt-account-id (struct route) */
};

/* The headers that go upstream, in an array in the arena; order and duplicates are kept. Not among them:
 * hop-by-hop headers (RFC 9110 section 7.6.1: the known ones, those that Connection names, proxy-*), host,
 * content-length and expect (the upstream client writes its own), every x-headroom-*, and whatever carried
 * the proxy's token. accept-encoding stays as it is but for wants_identity. */
enum { HEADERS_ADDED = 8 }; /* room behind those of the client; three of it are taken here */
void headers_to_upstream(const struct http_head *in, const struct header_rule *rule,
	struct arena *a, struct http_header **out, uint32_t *n);

/* May a header of an upstream's response go to the client? connection_value: the response's Connection
 * headers, joined by commas (or empty). False for hop-by-hop headers, content-length and
 * transfer-encoding (framing is ours) and x-headroom-* (ours to say). */
bool header_goes_to_client(str name, str connection_value);

/* The token of a bearer Authorization (RFC 6750 section 2.1; the scheme in any case); p is NULL otherwise. */
str bearer_token(str authorization);

/* Does value have part in it? ASCII case does not matter. */
bool header_has_part(str value, str part);

/* Is token an element of a comma-separated list? ASCII case and white space around it do not matter. */
bool header_list_has(str list, str token);

/* X(name, text): programs that are known by their X-Client or User-Agent header. */
#define CLIENT_MAP(X)                     \
	X(UNKNOWN, "unknown")             \
	X(CLAUDE_CODE, "claude-code")     \
	X(CLAUDE_VSCODE, "claude-vscode") \
	X(ANTHROPIC_CLI, "anthropic-cli") \
	X(CODEX, "codex")                 \
	X(GEMINI_CLI, "gemini-cli")       \
	X(OPENCODE, "opencode")           \
	X(CURSOR, "cursor")               \
	X(ZED, "zed")                     \
	X(AIDER, "aider")                 \
	X(DROID, "droid")                 \
	X(COPILOT, "copilot")             \
	X(ANTIGRAVITY, "antigravity")     \
	X(STRANDS, "strands")             \
	X(ANTHROPIC_SDK, "anthropic-sdk") \
	X(OPENAI_SDK, "openai-sdk")       \
	X(GOOGLE_SDK, "google-sdk")

enum client_kind {
#define X(name, text) CLIENT_##name,
	CLIENT_MAP(X)
#undef X
		CLIENT_N
};

const char *client_kind_name(enum client_kind k) RETURNS_NONNULL; /* "claude-code"; static */

/* Where a request may carry what authenticates it. */
enum credential {
	CREDENTIAL_X_API_KEY,
	CREDENTIAL_X_GOOG_API_KEY,
	CREDENTIAL_API_KEY,
	CREDENTIAL_QUERY_KEY, /* key= */
	CREDENTIAL_AUTHORIZATION,
	CREDENTIAL_N
};

struct request_info {
	/* Whole values; empty where there is none. For request_payers only; never to be logged. */
	str by_place[CREDENTIAL_N];
	/* Of all of those together, and of what else says who asks: for keys of caches. Two requests of which
	 * one carries a credential that the other has not never have the same. */
	struct hash128 credentials;
	enum client_kind client;
	str session; /* x-headroom-session-id, x-claude-code-session-id, session-id, x-session-id; or empty */
	str agent;   /* x-claude-code-agent-id: a sub-agent, which has its own conversation */
	str project; /* x-headroom-project */
	/* Whose memories, and of which project: x-headroom-user-id, x-headroom-project-id, x-headroom-cwd. */
	str user, project_id, cwd;
	bool is_bypass; /* x-headroom-bypass: true, or x-headroom-mode: passthrough */
	bool no_store;  /* cache-control: no-store */
	bool no_cache; /* cache-control: no-cache: nothing that is kept may answer (RFC 9111 5.2.1.4) */
	str content_encoding, accept_encoding;
	bool has_many_encodings; /* content-encoding names more than one coding */
	str request_id;          /* x-request-id */
};

/* In one walk over the headers, without allocation. query: what follows the '?', or empty. */
void request_info_read(const struct http_head *h, str query, struct request_info *out);

/* Who pays for a request to u: a hash of each credential that the provider may read, so that one which it does not read
 * neither makes somebody else of a caller nor one of several. Without any of those, of every other one that is there:
 * a gateway in the provider's place may read it. has_token: authorization carries the proxy's own token, and
 * is nobody's. Returns how many; 0: nobody says who he is. */
size_t request_payers(const struct request_info *info, enum upstream u, bool has_token,
	struct hash128 out[CREDENTIAL_N]);

#endif
