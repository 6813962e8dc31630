/* proxy/embedder: an endpoint as OpenAI's POST /v1/embeddings, asked for the vectors of memories and questions (core/memory/embedder.h).
 * Nothing is sent to one that the user has not named. Owns: struct proxy_embedder. Free: proxy_embedder_free, when nobody asks any
 * more. Thread: any; asking blocks. */
#ifndef PROXY_EMBEDDER_H
#define PROXY_EMBEDDER_H

#include "core/base/log.h"
#include "core/memory/embedder.h"

struct proxy_embedder_conf {
	const char *label;     /* what url is called where it is said; NULL: the option */
	str url;               /* http or https; "/embeddings" is added unless it ends so */
	str model;             /* not empty */
	str key;               /* for Authorization; empty: none */
	const char *ca_file;   /* in place of the system's; NULL: none */
	const struct log *log; /* NULL: nothing is said */
};

struct proxy_embedder;

/* E_USAGE, E_CONFIG: what is wrong with it. */
enum err proxy_embedder_conf_check(
	const struct proxy_embedder_conf *c, struct errctx *cx) MUST_CHECK;
/* Copies what it needs of conf but for ca_file and log. */
enum err proxy_embedder_new(const struct proxy_embedder_conf *conf, struct proxy_embedder **out,
	struct errctx *cx) MUST_CHECK;
void proxy_embedder_free(struct proxy_embedder *e); /* NULL is allowed */
const struct embedder *proxy_embedder_of(const struct proxy_embedder *e) PURE;
/* Asks for one vector, so that what is missing or refuses is known at once. E_CONFIG with what is wrong. */
enum err proxy_embedder_check(struct proxy_embedder *e, struct errctx *cx) MUST_CHECK;
/* Since it was made: requests, and those of them that were in vain. */
struct proxy_embedder_counts {
	uint64_t asked, failed;
};
struct proxy_embedder_counts proxy_embedder_counts(struct proxy_embedder *e);

#endif
