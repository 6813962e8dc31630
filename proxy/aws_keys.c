#include "proxy/aws_keys.h"

#include "core/provider/provider.h"
#include "proxy/aws_internal.h"

/* ---- the environment ----------------------------------------------------------------------------------- */

static enum err by_bearer(const struct backend_place *p, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	(void)a;
	(void)cx;
	out->bearer = backend_env(p, "AWS_BEARER_TOKEN_BEDROCK");
	out->source = "AWS_BEARER_TOKEN_BEDROCK";
	return out->bearer.n ? E_OK : E_NOT_FOUND;
}

enum err aws_by_environment(const struct backend_place *p, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	(void)a;
	(void)cx;
	out->keys = (struct aws_keys){.access = backend_env(p, "AWS_ACCESS_KEY_ID"),
		.secret = backend_env(p, "AWS_SECRET_ACCESS_KEY"),
		.session = backend_env(p, "AWS_SESSION_TOKEN")};
	out->source = "AWS_ACCESS_KEY_ID";
	return out->keys.access.n && out->keys.secret.n ? E_OK : E_NOT_FOUND;
}

static enum err by_web_identity(const struct backend_place *p, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	struct aws_role role = {.arn = backend_env(p, "AWS_ROLE_ARN"),
		.session = backend_env(p, "AWS_ROLE_SESSION_NAME"),
		.token_file = backend_env(p, "AWS_WEB_IDENTITY_TOKEN_FILE")};

	if (!role.arn.n || !role.token_file.n)
		return E_NOT_FOUND;
	out->source = "web identity";
	return aws_assume_by_token(p, &role, a, out, cx);
}

/* ---- profiles ------------------------------------------------------------------------------------------ */

/* The texts of the shared files, and what a look into them is for. */
struct texts {
	str config, credentials;
	const struct backend_place *place;
	struct arena *arena;
};

static str file_text(
	const struct backend_place *p, const char *variable, const char *name, struct arena *a)
{
	str path = backend_env(p, variable), text;

	if (!path.n && !p->home)
		return STR("");
	if (!path.n)
		path = arena_printf(a, "%s/.aws/%s", p->home, name);
	/* One that is not there says nothing. */
	(void)!backend_read_file(arena_cstr(a, path), a, &text, NULL);
	return text;
}

static struct texts read_texts(const struct backend_place *p, struct arena *a)
{
	return (struct texts){.place = p,
		.arena = a,
		.config = file_text(p, "AWS_CONFIG_FILE", "config", a),
		.credentials = file_text(p, "AWS_SHARED_CREDENTIALS_FILE", "credentials", a)};
}

/* Profiles that stand for each other: more is a circle. */
enum { PROFILES_MAX = 8 };

static enum err by_profile_named(const struct texts *t, str name, unsigned depth,
	struct backend_secret *out, struct errctx *cx);

static enum err base_of_role(const struct texts *t, const struct aws_profile *profile, str name,
	unsigned depth, struct backend_secret *out, struct errctx *cx)
{
	static const struct {
		const char *name;
		backend_find_fn *find;
	} sources[] = {{"Environment", aws_by_environment}, {"EcsContainer", aws_by_container},
		{"Ec2InstanceMetadata", aws_by_instance}};
	str from = profile->source_profile;

	if (from.n && str_eq(from, name) && profile->access.n && profile->secret.n) {
		out->keys = (struct aws_keys){profile->access, profile->secret, profile->session};
		return E_OK;
	}
	if (from.n && str_eq(from, name))
		FAIL(cx, E_CONFIG, "AWS profile " STR_FMT ": source_profile is itself",
			STR_ARG(name));
	if (from.n)
		return by_profile_named(t, from, depth + 1, out, cx);
	for (size_t i = 0; i < ARRAY_N(sources); i++)
		if (str_eq_nocase(profile->credential_source, str_from(sources[i].name))) {
			enum err err = sources[i].find(t->place, t->arena, out, cx);

			return err == E_NOT_FOUND ? err_set(cx, E_CONFIG,
							    "AWS profile " STR_FMT
							    ": credential_source %s has none",
							    STR_ARG(name), sources[i].name)
						  : err;
		}
	FAIL(cx, E_CONFIG, "AWS profile " STR_FMT ": credential_source '" STR_FMT "' is not known",
		STR_ARG(name), STR_ARG(profile->credential_source));
}

static enum err by_role(const struct texts *t, const struct aws_profile *profile, str name,
	unsigned depth, struct backend_secret *out, struct errctx *cx)
{
	struct aws_role role = {.arn = profile->role,
		.session = profile->role_session,
		.external_id = profile->external_id,
		.token_file = profile->web_token_file,
		.region = profile->region};
	struct backend_secret base = {.source = "profile"};

	if (profile->mfa_serial.n)
		FAIL(cx, E_CONFIG,
			"AWS profile " STR_FMT ": its role asks for a code (mfa_serial), which "
			"nobody is here to type; use a session of 'aws sts get-session-token'",
			STR_ARG(name));
	if (profile->web_token_file.n)
		return aws_assume_by_token(t->place, &role, t->arena, out, cx);
	TRY(base_of_role(t, profile, name, depth, &base, cx));
	return aws_assume_by_keys(t->place, &role, &base.keys, t->arena, out, cx);
}

static enum err by_profile_named(const struct texts *t, str name, unsigned depth,
	struct backend_secret *out, struct errctx *cx)
{
	struct aws_profile profile;

	aws_profile_read(t->config, t->credentials, name, &profile);
	if (!profile.is_there)
		return err_set(cx, E_NOT_FOUND, "there is no AWS profile " STR_FMT, STR_ARG(name));
	if (depth == PROFILES_MAX)
		FAIL(cx, E_CONFIG, "AWS profile " STR_FMT ": source_profile leads in a circle",
			STR_ARG(name));
	if (profile.role.n && (profile.source_profile.n || profile.credential_source.n ||
				      profile.web_token_file.n))
		return by_role(t, &profile, name, depth, out, cx);
	if (profile.access.n && profile.secret.n) {
		out->keys = (struct aws_keys){profile.access, profile.secret, profile.session};
		return E_OK;
	}
	if (profile.sso_account.n && profile.sso_role.n)
		return aws_by_sso(t->place, &profile, name, t->arena, out, cx);
	if (profile.process.n)
		FAIL(cx, E_CONFIG,
			"AWS profile " STR_FMT ": credential_process is not run by headroom; "
			"'aws configure export-credentials' prints what it gives",
			STR_ARG(name));
	return err_set(
		cx, E_NOT_FOUND, "AWS profile " STR_FMT " has no credentials", STR_ARG(name));
}

/* One that somebody has asked for must be there. */
static enum err by_profile(const struct backend_place *p, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	str asked = p->profile.n ? p->profile : backend_env(p, "AWS_PROFILE AWS_DEFAULT_PROFILE");
	struct texts t = read_texts(p, a);
	enum err err;

	out->source = "profile";
	err = by_profile_named(&t, asked.n ? asked : STR("default"), 0, out, cx);
	if (err == E_NOT_FOUND && asked.n)
		return cx->code = E_CONFIG;
	return err;
}

str aws_profile_region(const struct backend_place *p, struct arena *a)
{
	str asked = p->profile.n ? p->profile : backend_env(p, "AWS_PROFILE AWS_DEFAULT_PROFILE");
	struct texts t = read_texts(p, a);
	struct aws_profile profile;

	aws_profile_read(t.config, t.credentials, asked.n ? asked : STR("default"), &profile);
	return profile.region;
}

/* ---- the chain ----------------------------------------------------------------------------------------- */

enum err aws_keys_find(const struct backend_place *p, struct arena *a, struct backend_secret *out,
	struct errctx *cx)
{
	static backend_find_fn *const chain[] = {by_bearer, aws_by_environment, by_web_identity,
		by_profile, aws_by_container, aws_by_instance};
	enum err err;

	*out = (struct backend_secret){.source = ""};
	if (p->profile.n)
		return by_profile(p, a, out, cx);
	err = backend_find_first(chain, ARRAY_N(chain), p, a, out, cx);
	if (err != E_NOT_FOUND)
		return err;
	FAIL(cx, E_CONFIG,
		"no AWS credentials: neither AWS_BEARER_TOKEN_BEDROCK nor AWS_ACCESS_KEY_ID with "
		"AWS_SECRET_ACCESS_KEY, nor a web identity, nor a profile in ~/.aws, nor those of "
		"a container or an instance");
}
