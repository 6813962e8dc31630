#include "cli/args_wrap.h"
#include "cli/wrap_conf.h"
#include "cli/wrap_print.h"
#include "wrap/launch.h"

enum { TEXT_MAX = 8 << 20, SECOND_MS = 1000 };

/* ---- from the options ------------------------------------------------------------------------------------------ */

static const char *or_null(struct cli *cli, str text)
{
	return text.n ? arena_cstr(&cli->arena, text) : NULL;
}

static void fill_proxy_args(struct cli *cli, const struct wrap_args *a, struct wrap_conf *c)
{
	const struct {
		const char *option;
		str value;
	} given[] = {{"backend", a->backend}, {"anyllm-provider", a->anyllm_provider},
		{"region", a->region}, {"memory-embedder", a->embedder},
		{"memory-embedder-model", a->embedder_model}};
	const struct {
		const char *option, *yes, *no;
		bool value;
	} flags[] = {{"memory", "--memory", "--no-memory", a->has_memory},
		{"learn", "--learn", "--no-learn", a->learns}};
	VEC(const char *) list = {0};

	for (size_t i = 0; i < ARRAY_N(given); i++)
		if (given[i].value.n)
			*vec_push(&list, &cli->arena) = arena_printf(&cli->arena, "--%s=" STR_FMT,
				given[i].option, STR_ARG(given[i].value))
								.p;
	for (size_t i = 0; i < ARRAY_N(flags); i++)
		if (opt_origin_of(cli->group, flags[i].option)->source != OPT_FROM_DEFAULT)
			*vec_push(&list, &cli->arena) = flags[i].value ? flags[i].yes : flags[i].no;
	if (a->has_graph) {
		*vec_push(&list, &cli->arena) = "--code-graph";
		*vec_push(&list, &cli->arena) =
			arena_printf(&cli->arena, "--code-graph-dir=%s", c->cwd).p;
	}
	if (a->mode)
		*vec_push(&list, &cli->arena) =
			a->mode == WRAP_MODE_TOKEN ? "--mode=token" : "--mode=cache";
	for (size_t i = 0; i < a->proxy_args.n; i++)
		*vec_push(&list, &cli->arena) = arena_cstr(&cli->arena, a->proxy_args.v[i]);
	c->proxy_args = list.v;
	c->proxy_args_n = list.n;
}

static enum err fill(
	struct cli *cli, const struct wrap_args *a, struct wrap_conf *c, struct errctx *cx)
{
	*c = (struct wrap_conf){
		.port = (uint16_t)a->port,
		.is_port_given =
			opt_origin_of(cli->group, "port")->source != OPT_FROM_DEFAULT && a->port,
		.is_port_fixed = opt_origin_of(cli->group, "port")->source == OPT_FROM_LINE,
		.is_private = a->is_private || !a->port,
		.must_exist = a->no_proxy,
		.replaces = a->replaces,
		.start_ms = a->proxy_timeout_s * SECOND_MS,
		.idle_exit_ms = a->idle_exit_ms,
		.is_persistent = a->is_persistent,
		.is_user_scope = a->scope == WRAP_SCOPE_USER,
		.is_1m = a->is_1m,
		.tool_search = or_null(cli, a->tool_search),
		.provider_type = or_null(cli, a->provider_type),
		.wire_api = or_null(cli, a->wire_api),
	};
	TRY(wrap_conf_fill(cli, c, cx));
	fill_proxy_args(cli, a, c);
	return E_OK;
}

/* The agent and its arguments; exec takes its program from them. */
static enum err fill_agent(struct cli *cli, struct wrap_conf *c, struct errctx *cx)
{
	size_t skip = 1;
	char **list;

	c->agent = agent_find(str_from(cli->operands[0]));
	if (!c->agent)
		return agent_unknown(str_from(cli->operands[0]), cx);
	if (strcmp(c->agent->name, "exec") == 0) {
		if (cli->operand_n < 2)
			FAIL(cx, E_USAGE, "expected a command: headroom wrap exec -- COMMAND");
		skip = 2;
	}
	c->args_n = cli->operand_n - skip;
	list = arena_array(&cli->arena, char *, c->args_n + 1);
	for (size_t i = 0; i < c->args_n; i++)
		list[i] = arena_cstr(&cli->arena, str_from(cli->operands[skip + i]));
	c->args = list;
	return E_OK;
}

static struct found_program find(struct cli *cli, const struct wrap_conf *c, const char *by_option)
{
	const char *by_variable =
		*c->agent->bin_variable ? cli_env(cli, c->agent->bin_variable) : NULL;

	if (by_variable && !*by_variable)
		by_variable = NULL;
	if (!by_option && strcmp(c->agent->name, "exec") == 0)
		by_option = cli->operands[1];
	return find_agent(&cli->arena, c->agent, by_option, by_variable, cli_env(cli, "PATH"));
}

/* ---- the command ----------------------------------------------------------------------------------------------- */

/* The program before anything else: that it is not there must not change a thing. */
static enum err check_program(struct cli *cli, const struct wrap_conf *c, struct found_program f,
	const char *by_option, struct errctx *cx)
{
	const char *name = by_option ? by_option : c->agent->binaries[0];

	if (!name)
		name = cli->operands[1];
	if (f.path && !f.is_denied)
		return E_OK;
	cli->status = f.path ? LAUNCH_NOT_EXECUTABLE : LAUNCH_NOT_FOUND;
	if (f.path)
		return err_set(cx, E_PERMISSION, "%s cannot be executed", f.path);
	return err_set(cx, E_NOT_FOUND, "%s is not there%s%s%s", name,
		c->agent->install ? " (" : "", c->agent->install ? c->agent->install : "",
		c->agent->install ? "); --agent-bin or a variable may name another" : "");
}

/* An error with an exit status that is not in the table of errors: said here. */
static enum err end_with(struct cli *cli, int status, const struct errctx *cx)
{
	out_message(arena_printf(&cli->arena, "headroom: wrap: %s\n", cx->text));
	cli->status = status;
	return E_OK;
}

static enum err print_list(
	struct cli *cli, const struct wrap_conf *c, bool is_json, struct errctx *cx)
{
	struct buf b;

	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	wrap_print_list(&b, &cli->arena, c, is_json);
	return out_print(buf_str(&b), cx);
}

static enum err print_plan(struct cli *cli, const struct wrap_args *a, struct wrap_conf *c,
	const char *program, struct errctx *cx)
{
	struct setup plan;
	struct buf b;

	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	if (a->print_env) {
		TRY(wrap_plan_running(c, &plan, cx));
		for (size_t i = 0; i < plan.notes.n; i++)
			c->say(c->self, WRAP_NOTE, plan.notes.v[i]);
		wrap_print_env(&b, &plan, (enum wrap_env_format)a->print_env);
	} else {
		TRY(wrap_plan(c, &plan, cx));
		TRY(wrap_print_plan(&b, c, &plan, program, a->is_json, cx));
	}
	return out_print(buf_str(&b), cx);
}

enum err run_wrap(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct wrap_args *a = args;
	struct found_program f;
	struct wrap_conf c;
	int status = 0;

	TRY(fill(cli, a, &c, cx));
	if (a->is_listing)
		return print_list(cli, &c, a->is_json, cx);
	if (!cli->operand_n)
		FAIL(cx, E_USAGE, "expected an agent; 'headroom wrap --list' names them");
	TRY(fill_agent(cli, &c, cx));
	f = find(cli, &c, a->agent_bin);
	if (a->is_dry_run || a->print_env)
		return print_plan(cli, a, &c, f.is_denied ? NULL : f.path, cx);
	if (c.agent->kind == AGENT_RUNS && check_program(cli, &c, f, a->agent_bin, cx))
		return end_with(cli, cli->status, cx);
	c.program = f.path;
	if (wrap_run(&c, &status, cx)) {
		if (status != LAUNCH_NOT_FOUND && status != LAUNCH_NOT_EXECUTABLE)
			return cx->code;
		return end_with(cli, status, cx);
	}
	cli->status = status;
	return E_OK;
}
