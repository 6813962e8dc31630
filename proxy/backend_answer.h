/* backend_answer: an answer of Bedrock's as Anthropic's API would give it: a binary event stream as server-sent events, an error in
 * Anthropic's words. Other clouds answer so by themselves.
 * Owns: what lies across pieces. Thread: one at a time. */
#ifndef PROXY_BACKEND_ANSWER_H
#define PROXY_BACKEND_ANSWER_H

#include "core/base/buf.h"
#include "proxy/upstream.h"

struct backend_answer;

/* What an answer with this head needs; *out is NULL when it is fine as it is. What is shown to others as its head goes to *shown, which lives in
 * the arena. E_NOMEM. */
enum err backend_answer_new(const struct upstream_head *h, struct arena *a,
	struct backend_answer **out, struct upstream_head *shown) MUST_CHECK;
/* Is it a binary event stream? */
bool backend_answer_is_stream(const struct upstream_head *h);
void backend_answer_free(struct backend_answer *b); /* NULL is fine */

/* Takes bytes; *out is what they have become, valid until the next call. E_MALFORMED: nothing that comes behind it can be read;
 * *out ends with an event that says so. */
enum err backend_answer_feed(
	struct backend_answer *b, str piece, str *out, struct errctx *cx) MUST_CHECK;
/* The end: what is left in *out. False: the answer lacks its end. */
bool backend_answer_finish(struct backend_answer *b, str *out);

#endif
