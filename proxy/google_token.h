/* google_token: an OAuth token of Google Cloud from Application Default Credentials (Google Cloud documentation, "How Application Default
 * Credentials works"), in this order: a token in the environment, the file that GOOGLE_APPLICATION_CREDENTIALS names, the one that
 * `gcloud auth application-default login` has left, the metadata server. Files may be of a service account (a JWT signed with RS256 is
 * exchanged) or of an authorized user (a refresh token is). The first place that has something decides.
 * Owns: nothing. Thread: any that may wait. */
#ifndef PROXY_GOOGLE_TOKEN_H
#define PROXY_GOOGLE_TOKEN_H

#include "proxy/backend_secret.h"

backend_find_fn google_token_find;

/* What a service account says of itself, to be exchanged for a token: RFC 7523, with scope cloud-platform, for an hour. E_CONFIG: the key is no
 * RSA key in PEM. */
struct google_account {
	str email, key, key_id, token_uri;
};
enum err google_assertion(const struct google_account *account, int64_t now_s, struct arena *a,
	str *out, struct errctx *cx) MUST_CHECK;

#endif
