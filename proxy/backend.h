/* backend: --backend sends what clients ask of Anthropic, OpenAI or Gemini to another provider (core/provider/provider.h): at its
 * address, with its key. What a path of a cloud's own names (Bedrock, Vertex AI, Code Assist, chatgpt.com) stays there.
 * Pure functions of the configuration and a request. Owns: nothing. Thread: any. */
#ifndef PROXY_BACKEND_H
#define PROXY_BACKEND_H

#include "core/provider/provider.h"
#include "proxy/proxy.h"
#include "proxy/route.h"

/* Sends a routed request to the backend where one is set and it is for it: r->upstream becomes UPSTREAM_BACKEND, r->meant is what it
 * was. Else nothing changes. */
void backend_take(const struct proxy_conf *c, struct route *r);

/* Why this request cannot go where it is to go; NULL: it can, perhaps in another dialect. Static. To be asked after
 * backend_take. authorization: the client's. */
const char *backend_refusal(const struct proxy_conf *c, const struct route *r, str authorization);

/* Is it a list of models in other words than the backend's, that can be had there? */
bool backend_translates_list(const struct proxy_conf *c, const struct route *r);

/* In which words models' requests of a client's format go to the backend. */
static inline enum wire_format backend_dialect(const struct proxy_conf *c, enum wire_format client)
{
	return provider_dialect(c->backend.provider, client);
}

/* A request as it is going to be sent. */
struct backend_call {
	const struct route *route;
	enum wire_format dialect; /* of the body: that of the route, or what it was translated to */
	str model;                /* as the client names it */
	bool is_stream;
};

/* Its URL, NUL-terminated in the arena. */
const char *backend_url(const struct proxy_conf *c, const struct backend_call *call,
	struct arena *a) RETURNS_NONNULL;

/* What clients show to say who they are, taken out of the n headers in place; then the provider's key is added, and what its
 * dialect wants. There must be room for BACKEND_HEADERS more. Not for AWS and Google, whose credentials change:
 * there only what is the client's goes. */
enum { BACKEND_HEADERS = 2 };
void backend_headers(const struct proxy_conf *c, const struct backend_call *call,
	struct http_header *headers, uint32_t *n, struct arena *a);

#endif
