/* route: where a request goes, by its method, its path and the style of its credentials. A pure function of
 * the head: no configuration, no I/O, never an error. What is not known is passed through.
 *
 * Paths are compared as bytes. Nothing is decoded or normalised before the comparison, so what is routed is
 * what is forwarded: "/v1/../admin" and "/%61dmin" are not "/admin" but unknown paths, which go upstream as
 * they are. (Whoever forwards must not squash dot segments either: CURLOPT_PATH_AS_IS.) Two spellings that
 * clients with a slash too many in their base URL send are known: slashes doubled at the very beginning,
 * which are not forwarded, and one slash at the end, which is.
 *
 * Owns: nothing; slices lead into the head or into the arena. Thread: any. */
#ifndef PROXY_ROUTE_H
#define PROXY_ROUTE_H

#include "core/base/arena.h"
#include "core/wire/wire.h"
#include "proxy/http/message.h"

/* X(name, text, base when none is configured). A base is followed by the path of a route. BEDROCK has one where one is
 * configured, or a region; BACKEND with --backend only: no route names it, proxy/backend.h sends requests there. */
#define UPSTREAM_MAP(X)                                                      \
	X(ANTHROPIC, "anthropic", "https://api.anthropic.com")               \
	X(OPENAI, "openai", "https://api.openai.com")                        \
	X(GEMINI, "gemini", "https://generativelanguage.googleapis.com")     \
	X(CLOUDCODE, "cloudcode", "https://cloudcode-pa.googleapis.com")     \
	X(CHATGPT, "chatgpt", "https://chatgpt.com")                         \
	X(VERTEX, "vertex", "https://us-central1-aiplatform.googleapis.com") \
	X(BEDROCK, "bedrock", "")                                            \
	X(BACKEND, "backend", "")

enum upstream {
#define X(name, text, base) UPSTREAM_##name,
	UPSTREAM_MAP(X)
#undef X
		UPSTREAM_N
};

enum route_kind {
	ROUTE_OWN,   /* answered here */
	ROUTE_LLM,   /* a body of one wire format, may be compressed */
	ROUTE_BATCH, /* many such bodies in one */
	ROUTE_PASS   /* bytes through, whatever they are */
};

enum own_endpoint {
	OWN_LIVEZ, /* and /healthz */
	OWN_READYZ,
	OWN_HEALTH,
	OWN_STATS,
	OWN_STATS_HISTORY,
	OWN_STATS_RESET,
	OWN_METRICS,
	OWN_COMPRESS,
	OWN_RETRIEVE, /* the hash in the body, or in own_arg */
	OWN_RETRIEVE_STATS,
	OWN_RETRIEVE_TOOL_CALL,
	OWN_FEEDBACK, /* of all tools, or of the one in own_arg */
	OWN_DASHBOARD,
	OWN_DASHBOARD_STATE,
	OWN_DASHBOARD_EVENTS,
	OWN_DASHBOARD_REQUEST, /* its id in own_arg */
	OWN_CACHE_CLEAR,
	OWN_ADMIN_UPSTREAM,
	OWN_DEBUG_MEMORY,
	OWN_DEBUG_EXCHANGES,
	OWN_TRANSFORMATIONS_FEED,
	OWN_COUNT_TOKENS, /* has no path of its own: backend_take */
	OWN_ENDPOINT_N
};

/* Whose words an error of ours is put in. */
enum error_shape { SHAPE_ANTHROPIC, SHAPE_OPENAI, SHAPE_GEMINI, SHAPE_OWN };

struct route {
	enum route_kind kind;
	enum own_endpoint own;
	bool own_methods_ok;   /* false: right path, wrong method -> 405 with own_allow */
	const char *own_allow; /* "GET, HEAD"; NULL unless ROUTE_OWN */
	str own_arg; /* what follows the path of an own endpoint that takes a name there */
	bool is_loopback_only; /* own: 404 to all but loopback peers with a loopback Host */
	bool is_open; /* /livez, /readyz, /health, /healthz, /dashboard: no token, never queued or limited */
	enum upstream upstream;
	enum upstream meant;     /* what upstream was before backend_take(); only set by it */
	enum wire_format format; /* LLM, BATCH; WIRE_NONE otherwise */
	bool is_enveloped; /* Code Assist: the body is {"model", "request": {a body of format}} */
	enum error_shape shape;
	const char *endpoint; /* static, of a bounded set, for metrics and the ledger: "messages" */
	str path; /* with query, begins with '/': what follows the upstream's base. Slice of target, or in
	           * the arena where it had to be put together */
	str project;     /* percent-decoded NAME of a /p/NAME/ prefix: printable, at most
	                   * ROUTE_PROJECT_CHARS characters; empty when there is none */
	str model;       /* percent-decoded, where the path names it (Gemini, Vertex); else empty */
	bool is_stream;  /* the path says so: streamGenerateContent, streamRawPredict */
	bool is_counted; /* the ledger has a row for it: all that goes upstream */
	bool is_rate_limited; /* may cost money; counting tokens, lists of models and reading do not */
	bool is_upgrade;      /* asks for a WebSocket, on any path */
	/* From the token of a ChatGPT login that came without the header chatgpt-account-id: to be added
	 * (struct header_rule). Empty otherwise. */
	str chatgpt_account;
};

/* Characters of a project's name, as in the reference product; it is a label of reports. */
enum { ROUTE_PROJECT_CHARS = 128 };

/* Never fails: what is not known is passed through to the upstream that the credentials name, never to one
 * that a header says. */
void route_request(const struct http_head *head, struct arena *a, struct route *out);

const char *upstream_name(enum upstream u) RETURNS_NONNULL; /* "anthropic"; static */
/* The base when none is configured: scheme and host, no slash at the end; or empty. Static. */
const char *upstream_base(enum upstream u) RETURNS_NONNULL;

#endif
