/* answer: bodies of answers that are ours, in the provider's own words, so that its client library sees the
 * exception that it knows. Owns: nothing. Thread: any. */
#ifndef PROXY_ANSWER_H
#define PROXY_ANSWER_H

#include "core/base/buf.h"
#include "proxy/route.h"

/* Why a request is answered here and not by the provider. */
struct answer {
	int status;
	const char *type; /* of the shape: answer_type(shape, status) */
	str message;
	int64_t retry_after_s; /* -1: none */
	const char *option;    /* the option that would have let it through, for the log; or NULL */
};

/* Appends the JSON body of an error. A status that the table does not have is worded as 400 or 500. Bytes of
 * message that are not UTF-8 are written as U+FFFD. Failure: out's own. */
void answer_error(struct buf *out, enum error_shape shape, int status, str message);

/* The word for a status in a shape: "rate_limit_error", "rate_limit_exceeded", "RESOURCE_EXHAUSTED",
 * "rate_limited"; static. */
const char *answer_type(enum error_shape shape, int status) RETURNS_NONNULL;

#endif
