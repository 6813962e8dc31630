/* aws_profile: what the shared files of AWS (~/.aws/config, ~/.aws/credentials) say of a profile. Their form: AWS SDKs and Tools Reference
 * Guide, "Shared config and credentials files". Pure functions over the text of both.
 * Owns: nothing; values are slices of the texts. Thread: any. */
#ifndef PROXY_AWS_PROFILE_H
#define PROXY_AWS_PROFILE_H

#include "core/base/arena.h"

/* Empty where a file does not say. */
struct aws_profile {
	bool is_there; /* in one of the files */
	str access, secret, session;
	str region;
	str role, source_profile, credential_source, external_id, role_session, mfa_serial;
	str web_token_file;
	str sso_session; /* name of a section of its own, whose values are those below */
	str sso_start_url, sso_region, sso_account, sso_role;
	str process; /* credential_process, which is not run */
};

/* For the same value the file of credentials goes before that of configuration. */
void aws_profile_read(str config, str credentials, str name, struct aws_profile *out);

#endif
