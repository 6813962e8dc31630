/* response_cache: answers that are complete, successful and deterministic, for the very same request of the very same
 * caller. In memory; the least recently used go first when it is full; each for a limited time.
 * Owns: the answers. A cached_response is immutable and counted: it stays for as long as somebody holds it, also after
 * it was evicted or the cache was freed. Thread: any, shared by all workers; a cached_builder belongs to one thread at
 * a time. Time is the clock's monotonic one. */
#ifndef PROXY_RESPONSE_CACHE_H
#define PROXY_RESPONSE_CACHE_H

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/json/tape.h"
#include "core/wire/wire.h"

struct response_cache_key {
	unsigned char b[SHA256_BYTES];
};

/* What shapes an answer beside the body. Empty where it is absent. */
struct cache_scope {
	str upstream;   /* base URL */
	str path;       /* with its query, as it goes upstream */
	str tenant;     /* whose token it came with */
	str credential; /* the whole of it */
	str anthropic_version, anthropic_beta, openai_organization, openai_project;
	str accept_encoding; /* the stored bytes are encoded as this client can read them */
};

/* The key of a request as the client sent it (before anything of ours changes it): SHA-256 over the scope and the body's
 * values. White space, the order of keys and the spelling of strings do not count; the spelling of numbers does. Left
 * out are cache_control marks (not what is called so inside tools' inputs and schemas) and, of the outermost object, metadata,
 * user, user_prompt_id, safety_identifier and prompt_cache_key.
 * False: not to be cached, because the answer is not a function of the request: temperature is not there or not 0, more
 * than one candidate, tools that run at the provider, state kept there, an unknown format; or because the request is
 * not one thing only: a key occurs twice, a string is no text; or memory is short. is_embeddings: those need no
 * temperature, and format does not matter. */
bool response_cache_key_of(enum wire_format f, bool is_embeddings, const struct json_tape *body,
	const struct cache_scope *scope, struct response_cache_key *out) MUST_CHECK;

struct cached_response {
	int status;
	str content_type, content_encoding; /* empty: the answer had none */
	str body;                           /* as it came on the wire, still encoded */
	/* Streams: where the pieces ended that it came in; piece i is body[ends[i-1], ends[i]). The times between them
	 * are not kept. */
	const uint32_t *ends;
	uint32_t ends_n;
};

struct response_cache;

struct response_cache_conf {
	size_t bytes_max; /* of all answers with what they need; 0 keeps nothing */
	size_t entry_max; /* of one of them */
	int64_t ttl_ms;
};
/* 64 MiB are some ten thousand answers of an agent; the largest one that a provider streams (128,000 tokens, an event
 * each) takes about 20 MB and is not worth a third of the room; an hour is what the reference keeps them. */
#define RESPONSE_CACHE_DEFAULTS                                      \
	((struct response_cache_conf){.bytes_max = (size_t)64 << 20, \
		.entry_max = (size_t)4 << 20,                        \
		.ttl_ms = 3600 * 1000})

/* clock must outlive it; NULL: the system's. NULL: out of memory. */
struct response_cache *response_cache_new(
	const struct response_cache_conf *conf, const struct clock *clock) MUST_CHECK;
void response_cache_free(struct response_cache *c); /* NULL is allowed; no builder may be open */
void response_cache_clear(struct response_cache *c);

/* The answer, held for the caller until cached_response_release(), and its age; NULL when there is none. c may be NULL. */
const struct cached_response *response_cache_get(
	struct response_cache *c, const struct response_cache_key *key, int64_t *age_ms) MUST_CHECK;
/* The same, and counts as nothing in the figures. */
const struct cached_response *response_cache_peek(
	struct response_cache *c, const struct response_cache_key *key, int64_t *age_ms) MUST_CHECK;
void cached_response_release(const struct cached_response *r); /* NULL is allowed */

/* An answer on its way. NULL (nothing will be cached) when c is NULL or memory is short; the functions below take NULL. */
struct cached_builder;
struct cached_builder *response_cache_begin(struct response_cache *c,
	const struct response_cache_key *key, int status, str content_type, str content_encoding);
/* The next piece, as it is relayed. More than entry_max, or memory short: the builder gives up and holds nothing. */
void cached_builder_add(struct cached_builder *b, str piece);
/* Ends the builder. commit: the answer was complete and no error (the caller knows from its usage, and must not call it
 * for any status but 200); it takes the place of one of the same key. */
void cached_builder_commit(struct cached_builder *b);
/* The same for an answer that is so old already. */
void cached_builder_commit_aged(struct cached_builder *b, int64_t age_ms);
void cached_builder_abort(struct cached_builder *b);

struct response_cache_stats {
	uint64_t hits_n, misses_n, stored_n, evicted_n, expired_n;
	size_t entries_n, bytes;
	struct response_cache_conf conf;
};
void response_cache_get_stats(struct response_cache *c, struct response_cache_stats *out);

#endif
