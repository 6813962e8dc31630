/* Agents of which a row of the table says almost all. None of them could be tried here: what is set is what their own
 * documentation names. */
#include "wrap/setup.h"

/* ---- GitHub Copilot CLI: docs.github.com, "Using your own LLM models in GitHub Copilot CLI" ---------------------- */

/* "anthropic" or "openai": as the option or the variable says, else by the key that is there. NULL: no key at all. */
static const char *copilot_type(const struct setup *p)
{
	const char *type = p->in->provider_type;

	if (!type)
		type = setup_getenv(p, "COPILOT_PROVIDER_TYPE");
	if (type)
		return type;
	if (setup_getenv(p, "COPILOT_PROVIDER_BASE_URL"))
		return "openai"; /* its default */
	if (setup_getenv(p, "ANTHROPIC_API_KEY"))
		return "anthropic";
	return setup_getenv(p, "OPENAI_API_KEY") || setup_getenv(p, "COPILOT_PROVIDER_API_KEY")
		       ? "openai"
		       : NULL;
}

static enum err copilot_key(struct setup *p, bool is_anthropic, struct errctx *cx)
{
	const char *name = is_anthropic ? "ANTHROPIC_API_KEY" : "OPENAI_API_KEY";
	const char *key = setup_getenv(p, name);

	if (setup_getenv(p, "COPILOT_PROVIDER_API_KEY") ||
		setup_getenv(p, "COPILOT_PROVIDER_BEARER_TOKEN"))
		return E_OK;
	if (!key && setup_getenv(p, "COPILOT_PROVIDER_BASE_URL"))
		return E_OK; /* one that needs none */
	if (!key)
		FAIL(cx, E_CONFIG, "COPILOT_PROVIDER_API_KEY or %s must be set", name);
	setup_setenv(p, "COPILOT_PROVIDER_API_KEY", key);
	p->env.v[p->env.n - 1].is_secret = true;
	return E_OK;
}

enum err agent_copilot_plan(struct setup *p, struct errctx *cx)
{
	const char *type = copilot_type(p), *wire = p->in->wire_api, *version;
	str old = str_from(setup_getenv(p, "COPILOT_PROVIDER_BASE_URL"));
	bool is_anthropic = type && strcmp(type, "anthropic") == 0;

	if (!type)
		FAIL(cx, E_UNSUPPORTED,
			"copilot with a GitHub subscription cannot be led to the proxy: GitHub's "
			"login is bound to GitHub's "
			"own host; with a key of a provider (ANTHROPIC_API_KEY, OPENAI_API_KEY, "
			"COPILOT_PROVIDER_API_KEY) it can");
	if (!is_anthropic && strcmp(type, "openai") != 0)
		FAIL(cx, E_UNSUPPORTED,
			"COPILOT_PROVIDER_TYPE '%s' is none that the proxy serves (anthropic, "
			"openai)",
			type);
	if (is_anthropic && wire)
		FAIL(cx, E_USAGE, "--wire-api is for the provider type openai");
	TRY(copilot_key(p, is_anthropic, cx));
	version = setup_take_upstream(p, is_anthropic ? AGENT_TO_ANTHROPIC : AGENT_TO_OPENAI, old);
	setup_setenv(p, "COPILOT_PROVIDER_TYPE", type);
	setup_setenv(
		p, "COPILOT_PROVIDER_BASE_URL", setup_url(p, true, is_anthropic ? "" : version));
	if (is_anthropic)
		setup_setenv(p, "COPILOT_PROVIDER_WIRE_API", NULL);
	else if (wire)
		setup_setenv(p, "COPILOT_PROVIDER_WIRE_API", wire);
	return E_OK;
}

/* ---- OpenHands CLI: its README on --override-with-envs ----------------------------------------------------------- */

enum err agent_openhands_plan(struct setup *p, struct errctx *cx)
{
	str model = str_from(setup_getenv(p, "LLM_MODEL"));
	str old = str_from(setup_getenv(p, "LLM_BASE_URL"));
	bool is_anthropic =
		str_starts(model, STR("anthropic/")) || str_starts(model, STR("claude"));
	bool has_flag = false;
	const char *version;

	(void)cx;
	setup_set_vars(p, p->in->agent->vars);
	version = setup_take_upstream(p, is_anthropic ? AGENT_TO_ANTHROPIC : AGENT_TO_OPENAI, old);
	setup_setenv(p, "LLM_BASE_URL", setup_url(p, true, is_anthropic ? "" : version));
	for (size_t i = 0; i < p->args.n; i++)
		has_flag |= strcmp(p->args.v[i], "--override-with-envs") == 0;
	if (has_flag)
		return E_OK;
	if (setup_getenv(p, "LLM_API_KEY") && model.n)
		setup_insert_args(p, 0, (const char *[]){"--override-with-envs"}, 1);
	else
		setup_note(p,
			"LLM_API_KEY and LLM_MODEL are not both set: OpenHands takes the base "
			"URL of its own settings");
	return E_OK;
}

/* ---- Mistral Vibe ------------------------------------------------------------------------------------------------- */

enum err agent_vibe_plan(struct setup *p, struct errctx *cx)
{
	str url = setup_quote(p, str_from(setup_url(p, true, "/v1")));

	(void)cx;
	if (setup_getenv(p, "VIBE_PROVIDERS"))
		setup_note(p, "VIBE_PROVIDERS is replaced for this run");
	(void)setup_take_upstream(p, AGENT_TO_OPENAI, STR("https://api.mistral.ai"));
	p->is_isolated = true; /* another agent's requests must not end at Mistral */
	setup_setenv(p, "VIBE_PROVIDERS",
		arena_cstr(p->arena,
			arena_printf(p->arena,
				"[{\"name\":\"mistral\",\"api_base\":" STR_FMT
				",\"api_key_env_var\":\"MISTRAL_API_KEY\","
				"\"browser_auth_base_url\":\"https://console.mistral.ai\","
				"\"browser_auth_api_base_url\":\"https://console.mistral.ai/"
				"api\",\"backend\":\"mistral\"}]",
				STR_ARG(url))));
	return E_OK;
}

/* ---- any program --------------------------------------------------------------------------------------------------- */

enum err agent_exec_plan(struct setup *p, struct errctx *cx)
{
	(void)cx;
	setup_set_vars(p, p->in->agent->vars);
	/* for Claude Code and what is built on it, see wrap/agent_claude.c */
	if (!setup_getenv(p, "ENABLE_TOOL_SEARCH"))
		setup_setenv(p, "ENABLE_TOOL_SEARCH", "true");
	return E_OK;
}
