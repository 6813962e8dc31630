/* aws_internal: the places of AWS's chain that are asked over HTTP, for aws_keys.c.
 * Owns: nothing. Thread: any that may wait. */
#ifndef PROXY_AWS_INTERNAL_H
#define PROXY_AWS_INTERNAL_H

#include "proxy/aws_profile.h"
#include "proxy/backend_secret.h"

struct aws_role {
	str arn, session, external_id;
	str token_file; /* of a web identity */
	str region;     /* of the profile; empty: the place's */
};

/* STS. E_CONFIG, E_UNAVAILABLE. */
enum err aws_assume_by_token(const struct backend_place *p, const struct aws_role *role,
	struct arena *a, struct backend_secret *out, struct errctx *cx) MUST_CHECK;
enum err aws_assume_by_keys(const struct backend_place *p, const struct aws_role *role,
	const struct aws_keys *keys, struct arena *a, struct backend_secret *out,
	struct errctx *cx) MUST_CHECK;
/* IAM Identity Center, with the token that `aws sso login` has left. name: of the profile, for messages. */
enum err aws_by_sso(const struct backend_place *p, const struct aws_profile *profile, str name,
	struct arena *a, struct backend_secret *out, struct errctx *cx) MUST_CHECK;

/* E_NOT_FOUND: there is no such thing here. */
backend_find_fn aws_by_environment, aws_by_container, aws_by_instance;

#endif
