#include "cli/share_conf.h"

#include "cli/proxy_conf.h"
#include "cli/secret_file.h"
#include "core/share/link.h"

enum { PASSWORD_MAX = 512 };

static enum err wrong(struct cli *cli, const struct opt_group *g, const char *option, enum err err,
	struct errctx *cx)
{
	bool is_line = opt_origin_of(g, option)->source == OPT_FROM_LINE;

	if (err == E_USAGE)
		cx->code = is_line ? E_USAGE : E_CONFIG;
	return err_prefix(cx, "%s", proxy_conf_label(cli, g, option));
}

/* What ps(1) shows of this process is the memory of its arguments. */
static void hide_password(const struct opt_group *g, str url)
{
	size_t scheme = str_find(url, STR("://")), at = str_rfind_byte(url, '@');

	if (opt_origin_of(g, "store-url")->source != OPT_FROM_LINE || scheme == STR_NONE ||
		at == STR_NONE || at < scheme + 3)
		return;
	memset((char *)(uintptr_t)url.p + scheme + 3, '*', at - scheme - 3);
}

static enum err fill_password(
	struct cli *cli, const struct proxy_args *a, str *password, struct errctx *cx)
{
	const char *variable = cli_env(cli, "HEADROOM_STORE_PASSWORD");

	if (variable && *variable)
		*password = str_from(variable);
	else if (a->store_password_file)
		TRY(secret_file_read(
			cli, a->store_password_file, "password", PASSWORD_MAX + 2, password, cx));
	if (password->n > PASSWORD_MAX)
		FAIL(cx, E_CONFIG, "the password of --store-url has more than %d bytes",
			PASSWORD_MAX);
	return E_OK;
}

static bool is_name(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= 'A' && s.p[i] <= 'Z') &&
			!(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '_' && s.p[i] != '-' &&
			s.p[i] != '.')
			return false;
	return s.n && s.n <= SHARE_SPACE_MAX;
}

enum err share_conf_fill(struct cli *cli, const struct opt_group *group, const struct proxy_args *a,
	struct proxy_conf *out, struct errctx *cx)
{
	static const char *const others[] = {
		"store-password-file", "store-namespace", "store-fail", "store-wait"};
	struct proxy_share_conf *c = &out->share;
	enum err err;

	for (size_t i = 0; !a->store_url.n && i < ARRAY_N(others); i++)
		if (opt_origin_of(group, others[i])->source >= OPT_FROM_ENV)
			cli_warn(cli, "%s has no effect without --store-url",
				proxy_conf_label(cli, group, others[i]));
	if (!a->store_url.n)
		return E_OK;
	err = share_target_read(&cli->arena, a->store_url, &c->target, cx);
	hide_password(group, a->store_url);
	if (err)
		return wrong(cli, group, "store-url", err, cx);
	TRY(fill_password(cli, a, &c->target.password, cx));
	if (!is_name(a->store_namespace)) {
		err = err_set(cx, E_USAGE,
			"a name is 1 to %d letters, digits, '_', '-' and '.', not '" STR_FMT "'",
			SHARE_SPACE_MAX, STR_ARG(a->store_namespace));
		return wrong(cli, group, "store-namespace", err, cx);
	}
	c->space = a->store_namespace;
	c->is_fail_closed = a->store_fail;
	c->wait_ms = (int)a->store_wait_ms;
	c->is_on = true;
	out->compress.learns = true; /* with --stateless, too: what is learnt is there */
	return E_OK;
}
