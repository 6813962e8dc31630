#include <unistd.h>

#include "cli/args_init.h"
#include "cli/proxy_conf.h"
#include "cli/proxy_url.h"
#include "cli/wrap_conf.h"
#include "proxy/control.h"

enum { WAIT_MS = 5000, TEXT_MAX = 8 << 20, ASK_MS = 300 };

struct init {
	struct cli *cli;
	const struct init_args *args;
	struct wrap_conf conf;
	struct buf *out;
	size_t told;
};

/* ---- which agents ----------------------------------------------------------------------------- */

static bool is_installed(struct init *in, const struct agent *a)
{
	const char *named = cli_env(in->cli, a->bin_variable);
	struct found_program f = find_agent(
		&in->cli->arena, a, NULL, named && *named ? named : NULL, cli_env(in->cli, "PATH"));

	return f.path && !f.is_denied;
}

static enum err check_agents(const struct cli *cli, struct errctx *cx)
{
	for (size_t i = 0; i < cli->operand_n; i++) {
		const struct agent *a = agent_find(str_from(cli->operands[i]));

		if (!a)
			return agent_unknown(str_from(cli->operands[i]), cx);
		if (!a->persist)
			FAIL(cx, E_UNSUPPORTED,
				"there is no file of %s that leads it; 'headroom wrap %s' does",
				a->title, a->name);
	}
	return E_OK;
}

static bool is_asked(struct init *in, const struct agent *a)
{
	if (!a->persist)
		return false;
	for (size_t i = 0; i < in->cli->operand_n; i++)
		if (strcmp(in->cli->operands[i], a->name) == 0)
			return true;
	return !in->cli->operand_n && (in->args->is_removing || is_installed(in, a));
}

/* ---- where the proxy sends their requests ------------------------------------------------------ */

/* The base URL that the proxy's option behind this variable has. */
static enum err find_upstream(struct init *in, const char *variable, const struct opt **option,
	str *out, struct errctx *cx)
{
	struct proxy_args *args = arena_new(&in->cli->arena, struct proxy_args);
	struct opt_group g;

	TRY(proxy_conf_read(in->cli, args, &g, cx));
	for (size_t i = 0; i < PROXY_OPTS_N; i++)
		if (opt_has_env(&proxy_opts[i], str_from(variable))) {
			*option = &proxy_opts[i];
			*out = *(const str *)opt_field(&g, &proxy_opts[i]);
			return E_OK;
		}
	FAIL(cx, E_INTERNAL, "no option for %s", variable);
}

/* Requests of somebody who asked a gateway carry that gateway's credentials: they must not go anywhere else. */
static enum err check_upstream(
	struct init *in, const struct agent *a, const char *variable, str url, struct errctx *cx)
{
	const struct opt *option = NULL;
	struct proxy_url wanted, have;
	str text;

	TRY(find_upstream(in, variable, &option, &text, cx));
	TRY(proxy_url_check(&in->cli->arena, a->title, url, &wanted, cx));
	TRY(proxy_url_check(&in->cli->arena, option->key, text, &have, cx));
	if (str_eq(wanted.base, have.base))
		return E_OK;
	FAIL(cx, E_CONFIG,
		"%s asks " STR_FMT " and the proxy would ask " STR_FMT
		": 'headroom config set %s " STR_FMT "' first",
		a->title, STR_ARG(url), STR_ARG(text), option->key, STR_ARG(url));
}

static enum err check_upstreams(
	struct init *in, const struct agent *a, const struct setup *s, struct errctx *cx)
{
	for (int u = AGENT_TO_NONE + 1; u < AGENT_TO_N; u++)
		if (s->upstreams[u])
			TRY(check_upstream(in, a, agent_upstream_variable((enum agent_upstream)u),
				str_from(s->upstreams[u]), cx));
	return E_OK;
}

/* ---- writing ---------------------------------------------------------------------------------- */

static void tell(void *self, const struct edit_outcome *o)
{
	struct init *in = self;

	/* With --remove, entries whose file or key has gone are nothing to speak of. */
	if (o->result == EDIT_GONE)
		return;
	in->told++;
	buf_printf(in->out, STR_FMT ": " STR_FMT " in " STR_FMT ": %s%s%s\n", STR_ARG(o->agent),
		STR_ARG(o->key), STR_ARG(o->file), edit_result_text(o->result),
		o->result == EDIT_FAILED ? ": " : "", o->result == EDIT_FAILED ? o->text : "");
}

static struct edit_env edit_env(const struct init *in)
{
	return (struct edit_env){.workspace = in->conf.workspace, .wait_ms = WAIT_MS};
}

/* buf of edit_show is to be on the heap. */
static enum err show(struct init *in, const struct setup *s, struct errctx *cx)
{
	struct edit_env env = edit_env(in);
	struct buf lines;
	enum err e;

	buf_init(&lines, TEXT_MAX);
	e = edit_show(&env, s->edits.v, s->edits.n, &lines, cx);
	buf_add(in->out, buf_str(&lines));
	buf_release(&lines);
	in->told++;
	return e;
}

static enum err init_agent(struct init *in, const struct agent *a, struct errctx *cx)
{
	struct edit_env env = edit_env(in);
	struct setup s;

	in->conf.agent = a;
	TRY(wrap_plan(&in->conf, &s, cx));
	for (size_t i = 0; i < s.notes.n; i++)
		in->conf.say(in->conf.self, WRAP_NOTE, s.notes.v[i]);
	if (s.is_direct || !s.edits.n)
		FAIL(cx, E_UNSUPPORTED,
			"%s cannot be led to the proxy as it is set up: none of its providers can",
			a->title);
	TRY(check_upstreams(in, a, &s, cx));
	if (in->args->is_dry)
		return show(in, &s, cx);
	return edit_apply(&env, (struct edit_owner){.pid = 0}, s.edits.v, s.edits.n,
		(struct edit_listener){tell, in}, cx);
}

/* ---- taking back ------------------------------------------------------------------------------ */

struct listing {
	struct init *in;
	const struct agent *agent;
	str scope;
};

static void list_one(void *self, const struct edit_outcome *o)
{
	const struct listing *l = self;

	if (!str_eq_c(o->agent, l->agent->name) || !str_eq(o->scope, l->scope))
		return;
	l->in->told++;
	buf_printf(l->in->out, STR_FMT ": " STR_FMT " in " STR_FMT "\n", STR_ARG(o->agent),
		STR_ARG(o->key), STR_ARG(o->file));
}

/* Of one scope. edit_list would make the directory of the journal. */
static enum err remove_scope(struct init *in, const struct agent *a, str scope, struct errctx *cx)
{
	const struct edit_filter filter = {.agent = str_from(a->name), .scope = scope};
	const char *journal =
		arena_printf(&in->cli->arena, "%s/state/edits.jsonl", in->conf.workspace).p;
	struct edit_env env = edit_env(in);
	struct listing listing = {in, a, scope};

	if (access(journal, F_OK) != 0)
		return E_OK;
	if (in->args->is_dry)
		return edit_list(&env, (struct edit_listener){list_one, &listing}, cx);
	return edit_undo(&env, &filter, (struct edit_listener){tell, in}, cx);
}

static enum err remove_agent(struct init *in, const struct agent *a, struct errctx *cx)
{
	TRY(remove_scope(in, a, STR("user"), cx));
	return in->args->is_global ? E_OK : remove_scope(in, a, STR("project"), cx);
}

/* ---- the command ------------------------------------------------------------------------------ */

static enum err do_all(struct init *in, size_t *done, struct errctx *cx)
{
	for (const struct agent *a = agent_table; a->name; a++) {
		if (!is_asked(in, a))
			continue;
		++*done;
		TRY(in->args->is_removing ? remove_agent(in, a, cx) : init_agent(in, a, cx));
	}
	return E_OK;
}

static void warn_dead(struct init *in)
{
	struct control_health health;

	if (!in->args->is_removing && !in->args->is_dry &&
		control_health(in->conf.port, ASK_MS, &health, NULL) == E_NOT_FOUND)
		cli_warn(in->cli,
			"nothing listens at port %u; until a proxy does, these agents cannot work: "
			"'headroom install apply' keeps one running",
			in->conf.port);
}

enum err run_init(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct init_args *a = args;
	struct buf b;
	struct init in = {.cli = cli,
		.args = a,
		.conf = {.port = (uint16_t)a->port,
			.is_port_given = true,
			.is_persistent = true,
			.is_user_scope = a->is_global},
		.out = &b};
	size_t done = 0;
	enum err e;

	TRY(check_agents(cli, cx));
	TRY(wrap_conf_fill(cli, &in.conf, cx));
	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	e = do_all(&in, &done, cx);
	if (!e && !done)
		FAIL(cx, E_FAILED,
			"neither claude, codex nor opencode is on PATH: name one, or use 'headroom "
			"wrap'");
	if (!e && a->is_removing && !in.told)
		buf_add_c(&b, "nothing to take back\n");
	if (!e)
		warn_dead(&in);
	if (b.n)
		TRY(out_print(buf_str(&b), cx));
	return e;
}
