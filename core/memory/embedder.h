/* embedder: vectors that a model elsewhere makes of texts: an endpoint as OpenAI's POST /v1/embeddings, which Ollama and others have,
 * too. What is asked and what an answer means is here; who asks is given (proxy/embedder.h). They stand in the store beside the
 * vectors of the built-in table (core/memory/embed.h), which every memory has, so that a search never waits for one.
 * Owns: nothing. Thread: any. */
#ifndef CORE_MEMORY_EMBEDDER_H
#define CORE_MEMORY_EMBEDDER_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/store/memory.h"

enum {
	/* Texts in one request: OpenAI takes 2,048 and Ollama any number, but a model on a processor takes seconds for some dozen. */
	EMBEDDER_BATCH = 32,
	/* Bytes of a text: models read 512 to 8,192 tokens of one, and some refuse longer ones. */
	EMBEDDER_TEXT_MAX = 2000,
	EMBEDDER_NAME_MAX = 1024,
};

struct embedder {
	str name; /* of the endpoint and its model: vectors of two are not compared */
	/* Vectors (core/memory/vector.h) of n texts, at most EMBEDDER_BATCH, in a; empty for one without direction. E_TIMEOUT, E_UNAVAILABLE,
	 * E_FAILED, E_MALFORMED. Thread: any. */
	enum err (*ask)(void *self, const str *texts, size_t n, int64_t timeout_ms, struct arena *a,
		str *vectors, struct errctx *cx);
	void *self;
};

/* The body of a request. */
void embedder_write(str model, const str *texts, size_t n, struct buf *out);
/* The vectors of an answer with status 200, numbers or base64, in the order of their "index". E_MALFORMED: not n of them, not all of
 * the same dimensions, at most VECTOR_DIMS_MAX, or a number that is none. */
enum err embedder_read(
	str body, size_t n, struct arena *a, str *vectors, struct errctx *cx) MUST_CHECK;

/* Vectors for memories that have none of e, in batches, as many as there are, or until is_ended says so (NULL: never). Nothing waits for
 * the endpoint inside of a transaction. *n: how many were made. MEMORY_WRITE, with its words (memory_index_store). */
typedef bool embedder_end_fn(void *self);
enum err embedder_fill(struct memory_store *s, const struct embedder *e, int64_t timeout_ms,
	embedder_end_fn *is_ended, void *self, size_t *n, struct errctx *cx) MUST_CHECK;

#endif
