/* Sources: AWS STS API Reference (AssumeRole, AssumeRoleWithWebIdentity); AWS SSO Portal API Reference (GetRoleCredentials); AWS SDKs and Tools
 * Reference Guide, "Container credential provider", "IMDS credential provider"; EC2 User Guide, "Use the Instance Metadata
 * Service". */
#include <openssl/evp.h>

#include "core/json/scan.h"
#include "core/provider/provider.h"
#include "proxy/aws_internal.h"
#include "proxy/backend_ask.h"
#include "proxy/guard.h"
#include "proxy/path.h"

enum {
	/* What is on this machine answers at once, or there is none. */
	LOCAL_MS = 1000,
	REMOTE_MS = 10000,
	SHA1_BYTES = 20,
};

/* ---- what comes back ----------------------------------------------------------------------------------- */

/* {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}, as containers and instances answer. */
static enum err read_keys(
	const char *who, str json, struct arena *a, struct backend_secret *out, struct errctx *cx)
{
	struct json_tape t;
	str expires;

	if (json_scan(a, json, &t, NULL) != E_OK)
		FAIL(cx, E_UNAVAILABLE, "%s: an answer that is no JSON", who);
	out->keys = (struct aws_keys){.access = backend_member(&t, 0, "AccessKeyId", a),
		.secret = backend_member(&t, 0, "SecretAccessKey", a),
		.session = backend_member(&t, 0, "Token", a)};
	expires = backend_member(&t, 0, "Expiration", a);
	if (!out->keys.access.n || !out->keys.secret.n ||
		(expires.n && !clock_parse(expires, &out->expires_ms)))
		FAIL(cx, E_UNAVAILABLE, "%s: an answer without keys", who);
	return E_OK;
}

/* The text of the first such element; AWS's answers repeat none of these names. */
static str element(str xml, const char *name, struct arena *a)
{
	str open = arena_printf(a, "<%s>", name), end = arena_printf(a, "</%s>", name);
	size_t at = str_find(xml, open), until;

	if (at == STR_NONE)
		return STR("");
	xml = str_sub(xml, at + open.n, xml.n);
	until = str_find(xml, end);
	return until == STR_NONE ? STR("") : str_trim(str_sub(xml, 0, until));
}

/* ---- STS ----------------------------------------------------------------------------------------------- */

static const char *sts_url(const struct backend_place *p, str region, struct arena *a)
{
	str base = backend_env(p, "AWS_ENDPOINT_URL_STS AWS_ENDPOINT_URL");

	while (str_ends(base, STR("/")))
		base.n--;
	if (base.n)
		return arena_printf(a, STR_FMT "/", STR_ARG(base)).p;
	return arena_printf(a, "https://sts." STR_FMT ".amazonaws.com/", STR_ARG(region)).p;
}

static str role_form(const struct aws_role *role, const char *action, struct arena *a)
{
	str session = role->session.n ? role->session : STR("headroom");

	return arena_printf(a,
		"Action=%s&Version=2011-06-15&RoleArn=" STR_FMT "&RoleSessionName=" STR_FMT, action,
		STR_ARG(percent_encode(role->arn, "", a)), STR_ARG(percent_encode(session, "", a)));
}

static enum err ask_sts(const struct backend_place *p, struct backend_ask *ask, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	str body, expires;

	TRY(backend_ask_for(p, ask, a, &body, cx));
	out->keys = (struct aws_keys){.access = element(body, "AccessKeyId", a),
		.secret = element(body, "SecretAccessKey", a),
		.session = element(body, "SessionToken", a)};
	expires = element(body, "Expiration", a);
	if (!out->keys.access.n || !out->keys.secret.n || !out->keys.session.n ||
		!clock_parse(expires, &out->expires_ms))
		FAIL(cx, E_UNAVAILABLE, "%s: an answer without keys", ask->url);
	return E_OK;
}

#define FORM_TYPE                                                             \
	{                                                                     \
		STR("content-type"), STR("application/x-www-form-urlencoded") \
	}

enum err aws_assume_by_token(const struct backend_place *p, const struct aws_role *role,
	struct arena *a, struct backend_secret *out, struct errctx *cx)
{
	struct backend_ask ask = {.method = "POST",
		.url = sts_url(p, role->region.n ? role->region : p->region, a),
		.headers = {FORM_TYPE},
		.headers_n = 1,
		.timeout_ms = REMOTE_MS};
	str token;

	if (backend_read_file(arena_cstr(a, role->token_file), a, &token, cx)) {
		(void)err_prefix(cx, "the AWS web identity token");
		return cx->code = E_CONFIG;
	}
	ask.body = arena_printf(a, STR_FMT "&WebIdentityToken=" STR_FMT,
		STR_ARG(role_form(role, "AssumeRoleWithWebIdentity", a)),
		STR_ARG(percent_encode(token, "", a)));
	return ask_sts(p, &ask, a, out, cx);
}

enum err aws_assume_by_keys(const struct backend_place *p, const struct aws_role *role,
	const struct aws_keys *keys, struct arena *a, struct backend_secret *out, struct errctx *cx)
{
	str region = role->region.n ? role->region : p->region;
	struct backend_ask ask = {.method = "POST",
		.url = sts_url(p, region, a),
		.headers = {FORM_TYPE},
		.headers_n = 1,
		.timeout_ms = REMOTE_MS};
	struct aws_sign sign = {.keys = keys,
		.region = region,
		.service = STR("sts"),
		.at_ms = clock_wall_ms(p->clock),
		.method = STR("POST"),
		.url = ask.url,
		.headers = ask.headers,
		.headers_n = 1};
	uint32_t n;

	ask.body = role_form(role, "AssumeRole", a);
	if (role->external_id.n)
		ask.body = arena_printf(a, STR_FMT "&ExternalId=" STR_FMT, STR_ARG(ask.body),
			STR_ARG(percent_encode(role->external_id, "", a)));
	sign.body = ask.body;
	aws_sign(&sign, a, &ask.headers[1], &n);
	ask.headers_n += n;
	return ask_sts(p, &ask, a, out, cx);
}

/* ---- SSO ----------------------------------------------------------------------------------------------- */

/* Files of tokens are called by the SHA-1 of the session's name, of an older kind by that of the URL. */
static const char *token_path(
	const struct backend_place *p, const struct aws_profile *profile, struct arena *a)
{
	str name = profile->sso_session.n ? profile->sso_session : profile->sso_start_url;
	unsigned char digest[EVP_MAX_MD_SIZE];
	char hex[2 * SHA1_BYTES + 1];
	unsigned n = 0;

	if (!EVP_Digest(name.p, name.n, digest, &n, EVP_sha1(), NULL) || n != SHA1_BYTES)
		return "";
	for (unsigned i = 0; i < SHA1_BYTES; i++) {
		hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	hex[2 * SHA1_BYTES] = '\0';
	return arena_printf(a, "%s/.aws/sso/cache/%s.json", p->home ? p->home : "", hex).p;
}

static enum err sso_token(const struct backend_place *p, const struct aws_profile *profile,
	str name, struct arena *a, str *token, struct errctx *cx)
{
	struct json_tape t;
	int64_t expires_ms;
	str text;

	if (!backend_read_file(token_path(p, profile, a), a, &text, NULL) &&
		json_scan(a, text, &t, NULL) == E_OK &&
		clock_parse(backend_member(&t, 0, "expiresAt", a), &expires_ms) &&
		expires_ms > clock_wall_ms(p->clock)) {
		*token = backend_member(&t, 0, "accessToken", a);
		if (token->n)
			return E_OK;
	}
	FAIL(cx, E_CONFIG,
		"AWS profile " STR_FMT
		": its SSO session has ended: aws sso login --profile " STR_FMT,
		STR_ARG(name), STR_ARG(name));
}

enum err aws_by_sso(const struct backend_place *p, const struct aws_profile *profile, str name,
	struct arena *a, struct backend_secret *out, struct errctx *cx)
{
	str base = backend_env(p, "AWS_ENDPOINT_URL_SSO AWS_ENDPOINT_URL"), token, body;
	struct backend_ask ask = {.method = "GET", .timeout_ms = REMOTE_MS, .headers_n = 1};
	struct json_tape t;
	uint32_t keys;
	uint64_t expires_ms;

	if (!profile->sso_region.n && !base.n)
		FAIL(cx, E_CONFIG, "AWS profile " STR_FMT " has no sso_region", STR_ARG(name));
	if (!base.n)
		base = arena_printf(a, "https://portal.sso." STR_FMT ".amazonaws.com",
			STR_ARG(profile->sso_region));
	while (str_ends(base, STR("/")))
		base.n--;
	TRY(sso_token(p, profile, name, a, &token, cx));
	ask.url = arena_printf(a,
		STR_FMT "/federation/credentials?role_name=" STR_FMT "&account_id=" STR_FMT,
		STR_ARG(base), STR_ARG(percent_encode(profile->sso_role, "", a)),
		STR_ARG(percent_encode(profile->sso_account, "", a)))
			  .p;
	ask.headers[0] = (struct http_header){STR("x-amz-sso_bearer_token"), token};
	TRY(backend_ask_for(p, &ask, a, &body, cx));
	keys = json_scan(a, body, &t, NULL) == E_OK ? json_member(&t, 0, "roleCredentials")
						    : JSON_ABSENT;
	if (keys != JSON_ABSENT)
		out->keys = (struct aws_keys){.access = backend_member(&t, keys, "accessKeyId", a),
			.secret = backend_member(&t, keys, "secretAccessKey", a),
			.session = backend_member(&t, keys, "sessionToken", a)};
	if (keys == JSON_ABSENT || !out->keys.access.n || !out->keys.secret.n ||
		json_member(&t, keys, "expiration") == JSON_ABSENT ||
		!json_u64(&t, json_member(&t, keys, "expiration"), &expires_ms))
		FAIL(cx, E_UNAVAILABLE, STR_FMT ": an answer without keys", STR_ARG(base));
	out->expires_ms = (int64_t)expires_ms;
	out->source = "SSO";
	return E_OK;
}

/* ---- containers ---------------------------------------------------------------------------------------- */

/* Who may be sent the container's token: over TLS anybody, else who is on this machine or one of the two addresses at which ECS and EKS
 * have their agents, and never another host's name. */
static bool is_container_host(str url)
{
	static const char *const agents[] = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
	size_t end = 0;
	str host;

	if (str_take(&url, STR("https://")))
		return true;
	if (!str_take(&url, STR("http://")))
		return false;
	while (end < url.n && !strchr("/?#\\", url.p[end]))
		end++;
	host = str_sub(url, 0, end);
	/* What stands before an '@' is no host. */
	if (str_find_byte(host, '@') != STR_NONE || str_find_byte(host, '\0') != STR_NONE)
		return false;
	for (size_t i = 0; i < ARRAY_N(agents); i++) {
		str rest = host;

		if (str_take(&rest, str_from(agents[i])) && (!rest.n || rest.p[0] == ':'))
			return true;
	}
	return address_is_loopback(host);
}

enum err aws_by_container(const struct backend_place *p, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	str relative = backend_env(p, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	str url = backend_env(p, "AWS_CONTAINER_CREDENTIALS_FULL_URI"), body;
	str token = backend_env(p, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
	str token_file = backend_env(p, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	struct backend_ask ask = {
		.method = "GET", .timeout_ms = REMOTE_MS, .is_local = true, .headers_n = 0};

	if (relative.n)
		url = arena_printf(a, "http://169.254.170.2" STR_FMT, STR_ARG(relative));
	if (!url.n)
		return E_NOT_FOUND;
	if (!is_container_host(url))
		FAIL(cx, E_CONFIG,
			"AWS_CONTAINER_CREDENTIALS_FULL_URI is http to another machine: it is "
			"https, or http to this machine, 169.254.170.2, 169.254.170.23 or "
			"[fd00:ec2::23]");
	ask.url = arena_cstr(a, url);
	if (token_file.n && backend_read_file(arena_cstr(a, token_file), a, &token, cx))
		return cx->code = E_CONFIG;
	if (str_find_byte(token, '\r') != STR_NONE || str_find_byte(token, '\n') != STR_NONE)
		FAIL(cx, E_CONFIG, "the container's authorization token has more than one line");
	if (token.n)
		ask.headers[ask.headers_n++] = (struct http_header){STR("authorization"), token};
	TRY(backend_ask_for(p, &ask, a, &body, cx));
	out->source = "container";
	return read_keys("the container's endpoint", body, a, out, cx);
}

/* ---- instances ----------------------------------------------------------------------------------------- */

static enum err ask_instance(const struct backend_place *p, str url, str token, struct arena *a,
	str *body, struct errctx *cx)
{
	struct backend_ask ask = {.method = "GET",
		.url = arena_cstr(a, url),
		.headers = {{STR("x-aws-ec2-metadata-token"), token}},
		.headers_n = 1,
		.timeout_ms = LOCAL_MS,
		.is_local = true};

	return backend_ask_for(p, &ask, a, body, cx);
}

enum err aws_by_instance(const struct backend_place *p, struct arena *a, struct backend_secret *out,
	struct errctx *cx)
{
	str base = backend_env(p, "AWS_EC2_METADATA_SERVICE_ENDPOINT"), token, role, body, keys;
	struct backend_ask ask = {.method = "PUT",
		.headers = {{STR("x-aws-ec2-metadata-token-ttl-seconds"), STR("21600")}},
		.headers_n = 1,
		.timeout_ms = LOCAL_MS,
		.is_local = true};

	if (str_eq_nocase(backend_env(p, "AWS_EC2_METADATA_DISABLED"), STR("true")))
		return E_NOT_FOUND;
	while (str_ends(base, STR("/")))
		base.n--;
	if (!base.n)
		base = STR("http://169.254.169.254");
	ask.url = arena_printf(a, STR_FMT "/latest/api/token", STR_ARG(base)).p;
	keys = arena_printf(
		a, STR_FMT "/latest/meta-data/iam/security-credentials/", STR_ARG(base));
	/* Elsewhere nothing answers, or somebody who is not asked for this: no instance, then, or one without a role. */
	if (backend_ask_for(p, &ask, a, &token, NULL) ||
		ask_instance(p, keys, token, a, &role, NULL))
		return E_NOT_FOUND;
	if (str_find_byte(role, '\n') != STR_NONE)
		role = str_sub(role, 0, str_find_byte(role, '\n'));
	TRY(ask_instance(p,
		arena_printf(a, STR_FMT STR_FMT, STR_ARG(keys), STR_ARG(str_trim(role))), token, a,
		&body, cx));
	out->source = "instance";
	return read_keys("the instance's metadata", body, a, out, cx);
}
