/* jwt: the one thing that is read of a login's token. Nothing is verified: the answer only chooses between
 * upstreams of ours, and the provider checks the token. Owns: nothing. Thread: any. */
#ifndef PROXY_JWT_H
#define PROXY_JWT_H

#include "core/base/arena.h"
#include "core/base/str.h"

/* A token is a header's value; one of ChatGPT has 2 KB. */
enum { JWT_MAX = 16 << 10, JWT_ACCOUNT_MAX = 128 };

/* The ChatGPT account that a JSON Web Token (RFC 7519, compact form) names: member chatgpt_account_id of the
 * claim https://api.openai.com/auth. False when it is no such token, names none, or one that could not
 * stand in a header. */
bool jwt_chatgpt_account(str token, struct arena *a, str *account) MUST_CHECK;

#endif
