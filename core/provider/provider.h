/* provider: what is known of the services that sell or run models, as one table: what they are called, where they are, how
 * they are told who pays, in whose words they speak. `headroom proxy --backend` chooses a row.
 * Owns: nothing; all of it is constant. Thread: any. */
#ifndef CORE_PROVIDER_PROVIDER_H
#define CORE_PROVIDER_PROVIDER_H

#include "core/base/buf.h"
#include "core/wire/wire.h"

/* How a request says who pays for it. */
enum provider_auth {
	PROVIDER_BEARER,    /* Authorization: Bearer KEY */
	PROVIDER_X_API_KEY, /* x-api-key: KEY, and anthropic-version where the client has none */
	PROVIDER_API_KEY,   /* api-key: KEY (Azure) */
	PROVIDER_GOOG_KEY,  /* x-goog-api-key: KEY */
	PROVIDER_AWS,       /* signed (SigV4), or a bearer token of Bedrock's */
	PROVIDER_GOOGLE,    /* an OAuth token of Google's */
};

/* What stands behind the base of a request's URL. */
enum provider_paths {
	PROVIDER_PLAIN,    /* /chat/completions, /responses, /messages: the model is in the body */
	PROVIDER_AZURE,    /* /openai/v1/..., or by deployment where an api-version is set */
	PROVIDER_AZURE_AI, /* /openai/v1/..., or /models/... where an api-version is set */
	PROVIDER_MODELS,   /* /models/MODEL:generateContent */
	PROVIDER_BEDROCK,  /* /model/MODEL/invoke, /model/MODEL/invoke-with-response-stream */
	PROVIDER_VERTEX,   /* /v1/projects/P/locations/L/publishers/... */
};

enum provider_quirk {
	PROVIDER_RESPONSES = 1,    /* speaks OpenAI's Responses, too */
	PROVIDER_KEY_OPTIONAL = 2, /* of one's own machine: asks nobody for a key */
	/* The limit of an answer is called max_completion_tokens, and max_tokens is an error for newer models. */
	PROVIDER_NEW_LIMIT = 4,
	PROVIDER_NO_STREAM_OPTIONS = 8, /* an unknown member for it; usage comes by itself */
	PROVIDER_CACHE_CONTROL = 16, /* takes Anthropic's cache_control on parts of Chat messages */
};

struct provider_row {
	const char *name;         /* as LiteLLM has it where it has one; static, for labels, too */
	const char *aliases;      /* separated by blanks; "" when there are none */
	enum wire_format dialect; /* that it speaks for whoever speaks none that it knows */
	enum provider_auth auth;
	enum provider_paths paths;
	/* "https://..." up to where paths begin, without a slash at the end. {region} is the region, {NAME} a variable of
	 * the environment. "": only base_env says it. */
	const char *base;
	const char *
		base_env; /* variables that replace base; separated by blanks, the first that is set counts */
	const char *key_env; /* variables that hold the key */
	unsigned quirks;
	const char *messages; /* base of its Anthropic Messages API; NULL: none. "": that of base */
};

extern const struct provider_row providers[];
extern const size_t providers_n;

/* By name or alias; case, '-', '_' and '.' do not matter. NULL: none. */
const struct provider_row *provider_find(str name);
/* E_USAGE, with the nearest name. */
enum err provider_unknown(const char *label, str name, struct errctx *cx);
/* Their names, separated by blanks. */
void provider_list(struct buf *out);

/* The dialect in which it is spoken to for a client that speaks this one. */
enum wire_format provider_dialect(const struct provider_row *p, enum wire_format client);

/* Where and with which key, by the environment. Texts are in the arena or the environment's. */
struct provider_place {
	str base;     /* as struct provider_row.base, expanded */
	str messages; /* the same for Anthropic's Messages; empty: not spoken */
	str key;      /* a secret; empty: none */
	str key_from; /* the variable that it was in */
};

/* region may be empty; over: a base that the user named, in place of all others (empty: none). One without a path gets that of the
 * table. E_CONFIG: what is missing, by name. Keys that the table lets be missing are no error; nor are those of AWS and
 * Google, which come from elsewhere. */
enum err provider_locate(const struct provider_row *p, char *const *envp, str region, str over,
	struct arena *a, struct provider_place *out, struct errctx *cx) MUST_CHECK;

/* Where Vertex AI answers for a location: of its own, "global", or a part of the world ("us", "eu"). In the arena. */
str provider_vertex_base(str location, struct arena *a);

/* The first of these variables (separated by blanks) that is set and not empty; empty: none. *which (may be NULL): its
 * name. */
str provider_env(char *const *envp, const char *names, str *which);

#endif
