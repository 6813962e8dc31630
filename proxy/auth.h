/* auth: how a request pays, by the looks of its credentials. Pure, never fails, on any bytes.
 * Owns: nothing. Thread: any. */
#ifndef PROXY_AUTH_H
#define PROXY_AUTH_H

#include "proxy/http/message.h"

enum auth_mode {
	AUTH_PAYG,         /* an API key: tokens cost money */
	AUTH_OAUTH,        /* a login's token, a signature, or another scheme */
	AUTH_SUBSCRIPTION, /* a program that people use with a plan, whatever the credential */
	AUTH_MODE_N
};

/* First rule that holds: User-Agent of such a program; bearer of a login (sk-ant-oat...); bearer that is a
 * key (sk-...); bearer of three parts (JWT); another scheme; x-api-key or x-goog-api-key; else AUTH_PAYG. */
enum auth_mode auth_mode_of(const struct http_head *h);

const char *auth_mode_name(enum auth_mode m) RETURNS_NONNULL; /* "payg"; static */

#endif
