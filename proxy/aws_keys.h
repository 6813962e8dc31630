/* aws_keys: the profile that was asked for, and without one AWS's chain of places that may have credentials (AWS SDKs and Tools
 * Reference Guide, "Standardized credential providers"), in this order: a bearer token of Bedrock's, keys in the environment, a web
 * identity, the profile of the environment (keys, a role, SSO, a web identity), a container's endpoint, the instance's (IMDSv2). The
 * first place that has some decides: when those cannot be used, no other is asked.
 * Owns: nothing. Thread: any that may wait. */
#ifndef PROXY_AWS_KEYS_H
#define PROXY_AWS_KEYS_H

#include "proxy/backend_secret.h"

backend_find_fn aws_keys_find;

/* The region of the profile; empty: none says one. */
str aws_profile_region(const struct backend_place *place, struct arena *a);

#endif
