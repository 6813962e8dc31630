/* aws_sign: Signature Version 4 (AWS IAM User Guide, "Create a signed AWS API request"), in headers. A pure function.
 * Owns: nothing. Thread: any. */
#ifndef PROXY_AWS_SIGN_H
#define PROXY_AWS_SIGN_H

#include "core/base/arena.h"
#include "proxy/http/message.h"

/* Secrets. session is empty for keys that do not expire. */
struct aws_keys {
	str access, secret, session;
};

struct aws_sign {
	const struct aws_keys *keys;
	str region, service;
	int64_t at_ms; /* wall clock */
	str method;
	const char *url; /* as it is sent, with its query */
	/* Of these, content-type and x-amz-* are signed, too. */
	const struct http_header *headers;
	uint32_t headers_n;
	str body;
};

enum { AWS_SIGN_HEADERS = 3 };
/* The headers to add, in the arena: x-amz-date, x-amz-security-token for keys with a session, authorization. */
void aws_sign(const struct aws_sign *s, struct arena *a, struct http_header out[AWS_SIGN_HEADERS],
	uint32_t *n);

/* "host", "host:port" where the port is not the scheme's, of a URL: what is sent as Host. */
str aws_url_host(str url);

#endif
