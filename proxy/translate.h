/* translate: an exchange whose client speaks another dialect than the backend (--backend). What prepare.c has made goes out in the
 * backend's words; the answer comes in through here and goes on to rounds and relay in the client's, so that these, the tool of ours
 * and the response cache know of one dialect alone. A stream passes event by event; an error, and an answer that is no
 * stream, are held until they are whole.
 * Owns: struct translation, which belongs to one exchange and is freed with it. Thread: the worker's; translation_prepare the one
 * that prepares. */
#ifndef PROXY_TRANSLATE_H
#define PROXY_TRANSLATE_H

#include "core/wire/usage.h"
#include "proxy/upstream.h"

struct exchange;
struct translation;

/* The end of preparing: for a backend of another dialect x->translation gets what is to be sent, or the request is answered with why
 * that cannot be. Nothing for others. Memory of the exchange's arena may run out (core/base/arena.h). */
void translation_prepare(struct exchange *x);
/* For a list of models of a backend whose list is another: x->translation, too. False: out of memory. */
bool translation_list(struct exchange *x) MUST_CHECK;
/* The same for another round's body, which is in x->changed. False: it cannot be. */
bool translation_again(struct exchange *x) MUST_CHECK;

/* What is sent, how the backend calls the model, and in which words. */
str translation_body(const struct translation *t);
str translation_model(const struct translation *t);
enum wire_format translation_dialect(const struct translation *t);

/* In place of the callbacks of the transfer. */
bool translation_on_head(struct exchange *x, const struct upstream_head *h);
enum upstream_take translation_on_body(struct exchange *x, str piece);
void translation_on_end(struct exchange *x, bool is_complete);

/* The backend's figures of the answer that has ended; NULL: none. */
const struct usage *translation_usage(const struct translation *t);
/* reason, and what was translated and left out: the value of x-headroom-reason; in the exchange's arena. */
str translation_reason(struct exchange *x, const char *reason);

void translation_free(struct translation *t); /* NULL is fine */

#endif
