#include "proxy/auth.h"

#include "proxy/header.h"

static const char *const MODE_NAMES[AUTH_MODE_N] = {"payg", "oauth", "subscription"};

const char *auth_mode_name(enum auth_mode m)
{
	return MODE_NAMES[m];
}

/* Programs that come with a plan; the name that Codex really sends is codex_. */
static const char *const PLAN_AGENTS[] = {"claude-cli/", "claude-code/", "codex-cli/", "codex_cli",
	"codex_exec/", "cursor/", "claude-vscode/", "github-copilot/", "anthropic-cli/",
	"antigravity/"};

static bool has_plan(str user_agent)
{
	for (size_t i = 0; i < ARRAY_N(PLAN_AGENTS); i++) {
		if (header_has_part(user_agent, str_from(PLAN_AGENTS[i])))
			return true;
	}
	return false;
}

static size_t count_byte(str s, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == c;
	return n;
}

enum auth_mode auth_mode_of(const struct http_head *h)
{
	str authorization = http_header_find(h, STR("authorization"));
	str token = bearer_token(authorization);

	if (has_plan(http_header_find(h, STR("user-agent"))))
		return AUTH_SUBSCRIPTION;
	if (!authorization.n)
		return AUTH_PAYG;
	if (!token.p || str_starts(token, STR("sk-ant-oat")))
		return AUTH_OAUTH;
	if (str_starts(token, STR("sk-")))
		return AUTH_PAYG;
	return count_byte(token, '.') >= 2 ? AUTH_OAUTH : AUTH_PAYG;
}
