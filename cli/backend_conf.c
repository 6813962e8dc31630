#include "cli/backend_conf.h"

#include "cli/proxy_conf.h"
#include "cli/proxy_url.h"
#include "core/provider/provider.h"
#include "proxy/aws_keys.h"
#include "proxy/route.h"

static bool is_given(const struct opt_group *g, const char *name)
{
	return opt_origin_of(g, name)->source != OPT_FROM_DEFAULT;
}

/* ---- which --------------------------------------------------------------------------------------------- */

static enum err unknown(
	struct cli *cli, const struct opt_group *g, const char *option, str name, struct errctx *cx)
{
	const char *label = proxy_conf_label(cli, g, option);
	struct buf b;

	buf_init_arena(&b, &cli->arena, 4096);
	buf_add_c(&b, "providers: anyllm ");
	provider_list(&b);
	buf_add_byte(&b, '\n');
	out_message(buf_str(&b));
	(void)provider_unknown(label, name, cx);
	return cx->code = opt_origin_of(g, option)->source == OPT_FROM_LINE ? E_USAGE : E_CONFIG;
}

/* NULL in *out: whom the client means. *is_anyllm: its base is that of OpenAI's words, whoever it is. */
static enum err find_provider(struct cli *cli, const struct opt_group *g,
	const struct proxy_args *a, const struct provider_row **out, bool *is_anyllm,
	struct errctx *cx)
{
	const char *option = "backend";
	str name = str_trim(a->backend);

	*out = NULL;
	*is_anyllm = false;
	if (!name.n || str_eq_nocase(name, STR("anthropic")))
		return E_OK;
	if (str_eq_nocase(name, STR("anyllm"))) {
		option = "anyllm-provider";
		name = a->anyllm_provider;
		*is_anyllm = true;
	} else if (str_take(&name, STR("anyllm-"))) {
		*is_anyllm = true;
	} else {
		(void)str_take(&name, STR("litellm-"));
	}
	*out = provider_find(name);
	return *out ? E_OK : unknown(cli, g, option, name, cx);
}

/* ---- where --------------------------------------------------------------------------------------------- */

/* The option whose URL takes the place of the provider's; NULL: none. */
static const char *url_option(const struct provider_row *p, bool is_anyllm)
{
	static const struct {
		const char *provider, *option;
	} rows[] = {{"anthropic", "anthropic-api-url"}, {"openai", "openai-api-url"},
		{"gemini", "gemini-api-url"}, {"vertex_ai", "vertex-api-url"},
		{"bedrock", "bedrock-api-url"}};

	for (size_t i = 0; i < ARRAY_N(rows); i++)
		if (str_eq_c(str_from(p->name), rows[i].provider))
			return rows[i].option;
	return is_anyllm && p->auth == PROVIDER_BEARER ? "openai-api-url" : NULL;
}

static str given_url(const struct opt_group *g, const char *option)
{
	if (!option || !is_given(g, option))
		return STR("");
	return *(const str *)opt_field(g, &g->opts[opt_origin_of(g, option) - g->origins]);
}

/* Its variables go before the default of --region, which is one of AWS. */
static str region_of(struct cli *cli, const struct opt_group *g, const struct proxy_args *a,
	const struct provider_row *p)
{
	const struct backend_place place = {
		.envp = cli->envp, .home = cli_env(cli, "HOME"), .profile = a->aws_profile};
	const char *names = "WATSONX_REGION";
	str by_env, by_profile;

	if (is_given(g, "region"))
		return a->region;
	if (p->paths == PROVIDER_BEDROCK)
		names = "AWS_REGION AWS_DEFAULT_REGION";
	else if (p->paths == PROVIDER_VERTEX)
		names = "CLOUD_ML_REGION VERTEXAI_LOCATION GOOGLE_CLOUD_LOCATION "
			"GOOGLE_CLOUD_REGION";
	by_env = provider_env(cli->envp, names, NULL);
	if (by_env.n || p->paths != PROVIDER_BEDROCK)
		return by_env;
	by_profile = aws_profile_region(&place, &cli->arena);
	return by_profile.n ? by_profile : a->region;
}

static enum err check_base(struct cli *cli, const struct provider_row *p,
	const struct proxy_conf *out, str base, struct errctx *cx)
{
	const char *label = arena_printf(&cli->arena, "the base URL of %s", p->name).p;
	struct proxy_url url;

	if (proxy_url_check(&cli->arena, label, base, &url, cx))
		return cx->code = E_CONFIG;
	if (out->port && url.port == out->port && proxy_conf_is_loopback(url.host))
		FAIL(cx, E_CONFIG, "%s: '" STR_FMT "' is this proxy itself", label, STR_ARG(base));
	return E_OK;
}

/* What goes into a header. */
static enum err check_key(const struct provider_place *place, struct errctx *cx)
{
	for (size_t i = 0; i < place->key.n; i++)
		if (place->key.p[i] <= ' ' || place->key.p[i] > '~')
			FAIL(cx, E_CONFIG,
				STR_FMT ": a key cannot hold blanks or control characters",
				STR_ARG(place->key_from));
	return E_OK;
}

/* By whom starts it; of a line in a file that is for many runs nothing is said. */
static void warn_useless(struct cli *cli, const struct opt_group *g, const struct proxy_args *a,
	const struct provider_row *p)
{
	bool is_anyllm = str_eq_nocase(str_trim(a->backend), STR("anyllm"));

	if (opt_origin_of(g, "anyllm-provider")->source >= OPT_FROM_ENV && !is_anyllm)
		cli_warn(cli, "%s has no effect without --backend anyllm",
			proxy_conf_label(cli, g, "anyllm-provider"));
	if (opt_origin_of(g, "bedrock-profile")->source >= OPT_FROM_ENV &&
		!(p && p->paths == PROVIDER_BEDROCK))
		cli_warn(cli, "%s has no effect without --backend bedrock",
			proxy_conf_label(cli, g, "bedrock-profile"));
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

static enum err fill(struct cli *cli, const struct opt_group *g, const struct proxy_args *a,
	const struct provider_row *p, bool is_anyllm, struct proxy_conf *out, struct errctx *cx)
{
	struct provider_place place;
	str region = region_of(cli, g, a, p);

	TRY(provider_locate(p, cli->envp, region, given_url(g, url_option(p, is_anyllm)),
		&cli->arena, &place, cx));
	TRY(check_base(cli, p, out, place.base, cx));
	TRY(check_key(&place, cx));
	out->backend.provider = p;
	out->backend.region = region;
	out->backend.key = place.key;
	out->backend.messages = place.messages;
	out->backend.api_version = provider_env(
		cli->envp, "AZURE_API_VERSION AZURE_AI_API_VERSION OPENAI_API_VERSION", NULL);
	if (p->paths == PROVIDER_VERTEX)
		out->backend.project = provider_env(cli->envp,
			"ANTHROPIC_VERTEX_PROJECT_ID VERTEXAI_PROJECT GOOGLE_CLOUD_PROJECT "
			"GCLOUD_PROJECT CLOUDSDK_CORE_PROJECT",
			NULL);
	out->upstreams[UPSTREAM_BACKEND] = place.base;
	if (p->paths == PROVIDER_BEDROCK)
		out->upstreams[UPSTREAM_BEDROCK] = place.base;
	return E_OK;
}

enum err backend_conf_fill(struct cli *cli, const struct opt_group *g, const struct proxy_args *a,
	struct proxy_conf *out, struct errctx *cx)
{
	const struct provider_row *p;
	bool is_anyllm;

	TRY(find_provider(cli, g, a, &p, &is_anyllm, cx));
	out->backend = (struct backend_conf){.region = a->region,
		.profile = a->aws_profile,
		.envp = cli->envp,
		.home = cli_env(cli, "HOME")};
	warn_useless(cli, g, a, p);
	return p ? fill(cli, g, a, p, is_anyllm, out, cx) : E_OK;
}

enum err backend_conf_of(
	struct cli *cli, const struct provider_row *p, struct proxy_conf *out, struct errctx *cx)
{
	struct proxy_args *a = arena_new(&cli->arena, struct proxy_args);
	struct opt_group g;

	*out = (struct proxy_conf){.port = 0};
	TRY(proxy_conf_read(cli, a, &g, cx));
	return fill(cli, &g, a, p, false, out, cx);
}
