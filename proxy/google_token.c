#include "proxy/google_token.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/json/scan.h"
#include "core/json/write.h"
#include "core/provider/provider.h"
#include "proxy/backend_ask.h"
#include "proxy/base64.h"
#include "proxy/path.h"

#define TOKEN_URI "https://oauth2.googleapis.com/token"
#define SCOPE     "https://www.googleapis.com/auth/cloud-platform"

enum {
	REMOTE_MS = 10000,
	METADATA_MS = 2000,
	ASSERTION_S = 3600,   /* the longest that Google takes */
	SIGNATURE_MAX = 1024, /* of a key of 8192 bits */
};

/* ---- service accounts ---------------------------------------------------------------------------------- */

/* Length of the signature; 0: it cannot be made. */
static size_t sign_rs256(EVP_PKEY *key, str text, unsigned char *out, size_t max)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	size_t n = max;
	bool is_ok = md && EVP_PKEY_base_id(key) == EVP_PKEY_RSA &&
		     EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, key) == 1 &&
		     EVP_DigestSign(md, out, &n, (const unsigned char *)text.p, text.n) == 1;

	EVP_MD_CTX_free(md);
	return is_ok ? n : 0;
}

/* Nobody is asked for a passphrase. */
static int no_passphrase(char *buf, int size, int is_write, void *self)
{
	(void)buf;
	(void)size;
	(void)is_write;
	(void)self;
	return -1;
}

static str claims(const struct google_account *account, int64_t now_s, struct arena *a)
{
	struct json_writer w;
	struct buf b;

	buf_init_arena(&b, a, BACKEND_ASK_MAX);
	json_write_init(&w, &b, false);
	json_write_object(&w, NULL);
	json_write_str(&w, "iss", account->email);
	json_write_c(&w, "scope", SCOPE);
	json_write_str(&w, "aud", account->token_uri);
	json_write_i64(&w, "iat", now_s);
	json_write_i64(&w, "exp", now_s + ASSERTION_S);
	json_write_end(&w);
	return buf_str(&b);
}

static str header(const struct google_account *account, struct arena *a)
{
	struct json_writer w;
	struct buf b;

	buf_init_arena(&b, a, BACKEND_ASK_MAX);
	json_write_init(&w, &b, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "alg", "RS256");
	json_write_c(&w, "typ", "JWT");
	if (account->key_id.n)
		json_write_str(&w, "kid", account->key_id);
	json_write_end(&w);
	return buf_str(&b);
}

enum err google_assertion(const struct google_account *account, int64_t now_s, struct arena *a,
	str *out, struct errctx *cx)
{
	str text = arena_printf(a, STR_FMT "." STR_FMT,
		STR_ARG(base64_encode(header(account, a), true, a)),
		STR_ARG(base64_encode(claims(account, now_s, a), true, a)));
	unsigned char signature[SIGNATURE_MAX];
	BIO *bio = BIO_new_mem_buf(account->key.p, (int)account->key.n);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
	size_t n = key ? sign_rs256(key, text, signature, sizeof signature) : 0;

	EVP_PKEY_free(key);
	BIO_free(bio);
	if (!n)
		FAIL(cx, E_CONFIG, "the private_key of " STR_FMT " is no RSA key in PEM",
			STR_ARG(account->email));
	*out = arena_printf(a, STR_FMT "." STR_FMT, STR_ARG(text),
		STR_ARG(base64_encode((str){(const char *)signature, n}, true, a)));
	return E_OK;
}

/* ---- exchanging ---------------------------------------------------------------------------------------- */

/* {"access_token", "expires_in"} */
static enum err read_token(const struct backend_place *p, const char *url, str json,
	struct arena *a, struct backend_secret *out, struct errctx *cx)
{
	struct json_tape t;
	uint32_t node;
	uint64_t seconds;

	if (json_scan(a, json, &t, NULL) != E_OK)
		FAIL(cx, E_UNAVAILABLE, "%s: an answer that is no JSON", url);
	out->bearer = backend_member(&t, 0, "access_token", a);
	node = json_member(&t, 0, "expires_in");
	if (!out->bearer.n || node == JSON_ABSENT || !json_u64(&t, node, &seconds))
		FAIL(cx, E_UNAVAILABLE, "%s: an answer without a token", url);
	out->expires_ms = clock_wall_ms(p->clock) + (int64_t)seconds * 1000;
	return E_OK;
}

static enum err exchange(const struct backend_place *p, str uri, str form, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	struct backend_ask ask = {.method = "POST",
		.url = arena_cstr(a, uri),
		.headers = {{STR("content-type"), STR("application/x-www-form-urlencoded")}},
		.headers_n = 1,
		.body = form,
		.timeout_ms = REMOTE_MS};
	str body;

	TRY(backend_ask_for(p, &ask, a, &body, cx));
	return read_token(p, ask.url, body, a, out, cx);
}

static enum err by_account(const struct backend_place *p, const struct json_tape *t, str uri,
	struct arena *a, struct backend_secret *out, struct errctx *cx)
{
	struct google_account account = {.email = backend_member(t, 0, "client_email", a),
		.key = backend_member(t, 0, "private_key", a),
		.key_id = backend_member(t, 0, "private_key_id", a),
		.token_uri = uri};
	str assertion;

	if (!account.email.n || !account.key.n)
		FAIL(cx, E_CONFIG, "it has no client_email or no private_key");
	TRY(google_assertion(&account, clock_wall_ms(p->clock) / 1000, a, &assertion, cx));
	out->source = "service account";
	return exchange(p, uri,
		arena_printf(a,
			"grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3Ajwt-bearer&"
			"assertion=" STR_FMT,
			STR_ARG(assertion)),
		a, out, cx);
}

static enum err by_user(const struct backend_place *p, const struct json_tape *t, str uri,
	struct arena *a, struct backend_secret *out, struct errctx *cx)
{
	str id = backend_member(t, 0, "client_id", a),
	    secret = backend_member(t, 0, "client_secret", a);
	str refresh = backend_member(t, 0, "refresh_token", a);

	if (!id.n || !secret.n || !refresh.n)
		FAIL(cx, E_CONFIG, "it has no client_id, client_secret or refresh_token");
	out->source = "authorized user";
	return exchange(p, uri,
		arena_printf(a,
			"grant_type=refresh_token&client_id=" STR_FMT "&client_secret=" STR_FMT
			"&refresh_token=" STR_FMT,
			STR_ARG(percent_encode(id, "", a)), STR_ARG(percent_encode(secret, "", a)),
			STR_ARG(percent_encode(refresh, "", a))),
		a, out, cx);
}

/* ---- files --------------------------------------------------------------------------------------------- */

static enum err by_text(const struct backend_place *p, str text, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	struct json_tape t;
	str type, uri;

	if (json_scan(a, text, &t, NULL) != E_OK)
		FAIL(cx, E_CONFIG, "no JSON");
	type = backend_member(&t, 0, "type", a);
	uri = backend_member(&t, 0, "token_uri", a);
	if (!uri.n)
		uri = STR(TOKEN_URI);
	out->project = backend_member(&t, 0, "project_id", a);
	out->quota_project = backend_member(&t, 0, "quota_project_id", a);
	if (str_eq(type, STR("service_account")))
		return by_account(p, &t, uri, a, out, cx);
	if (str_eq(type, STR("authorized_user")))
		return by_user(p, &t, uri, a, out, cx);
	FAIL(cx, E_CONFIG,
		"credentials of type '" STR_FMT "' are not known; service_account and "
		"authorized_user are",
		STR_ARG(type));
}

static enum err by_file(const struct backend_place *p, const char *path, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	str text;
	enum err err = backend_read_file(path, a, &text, cx);

	if (!err) {
		err = by_text(p, text, a, out, cx);
		if (err == E_CONFIG)
			(void)err_prefix(cx, "%s", path);
	}
	return err;
}

static enum err by_named_file(const struct backend_place *p, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	str path = backend_env(p, "GOOGLE_APPLICATION_CREDENTIALS");
	enum err err;

	if (!path.n)
		return E_NOT_FOUND;
	err = by_file(p, arena_cstr(a, path), a, out, cx);
	if (err == E_UNAVAILABLE || err == E_NOMEM)
		return err;
	return err ? (cx->code = E_CONFIG) : E_OK;
}

static enum err by_gcloud(const struct backend_place *p, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	str dir = backend_env(p, "CLOUDSDK_CONFIG");

	if (!dir.n && !p->home)
		return E_NOT_FOUND;
	if (!dir.n)
		dir = arena_printf(a, "%s/.config/gcloud", p->home);
	return by_file(p,
		arena_printf(a, STR_FMT "/application_default_credentials.json", STR_ARG(dir)).p, a,
		out, cx);
}

/* ---- the environment, the metadata server --------------------------------------------------------------- */

static enum err by_environment(const struct backend_place *p, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	(void)a;
	(void)cx;
	out->bearer = backend_env(p, "GOOGLE_OAUTH_ACCESS_TOKEN CLOUDSDK_AUTH_ACCESS_TOKEN");
	out->source = "environment";
	return out->bearer.n ? E_OK : E_NOT_FOUND;
}

static enum err ask_metadata(const struct backend_place *p, const char *path, struct arena *a,
	struct backend_ask *ask, str *body, struct errctx *cx)
{
	str host = backend_env(p, "GCE_METADATA_HOST");

	if (!host.n)
		host = STR("metadata.google.internal");
	*ask = (struct backend_ask){.method = "GET",
		.url = arena_printf(
			a, "http://" STR_FMT "/computeMetadata/v1/%s", STR_ARG(host), path)
			       .p,
		.headers = {{STR("metadata-flavor"), STR("Google")}},
		.headers_n = 1,
		.timeout_ms = METADATA_MS,
		.is_local = true};
	return backend_ask_for(p, ask, a, body, cx);
}

static enum err by_metadata(const struct backend_place *p, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	struct backend_ask ask;
	str body, project;

	if (str_eq_nocase(backend_env(p, "NO_GCE_CHECK"), STR("true")))
		return E_NOT_FOUND;
	/* Elsewhere nobody has that name. */
	if (ask_metadata(p, "instance/service-accounts/default/token", a, &ask, &body, NULL))
		return E_NOT_FOUND;
	TRY(read_token(p, ask.url, body, a, out, cx));
	out->source = "metadata server";
	if (!ask_metadata(p, "project/project-id", a, &ask, &project, NULL))
		out->project = str_trim(project);
	return E_OK;
}

enum err google_token_find(const struct backend_place *p, struct arena *a,
	struct backend_secret *out, struct errctx *cx)
{
	static backend_find_fn *const chain[] = {
		by_environment, by_named_file, by_gcloud, by_metadata};
	enum err err = backend_find_first(chain, ARRAY_N(chain), p, a, out, cx);

	if (err != E_NOT_FOUND)
		return err;
	FAIL(cx, E_CONFIG,
		"no Google credentials: set GOOGLE_APPLICATION_CREDENTIALS to a file, or say "
		"'gcloud "
		"auth application-default login'; there is no metadata server here either");
}
