#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cmds.h"
#include "cli/help.h"
#include "cli/settings.h"

enum { MESSAGE_MAX = 1024 };

static const struct opt_choice color_choices[] = {
	{"auto", OUT_COLOR_AUTO, false, "on a terminal"},
	{"always", OUT_COLOR_ALWAYS, false, NULL},
	{"never", OUT_COLOR_NEVER, false, NULL},
	{NULL, 0, false, NULL},
};

#define FIELD(f) .off = offsetof(struct globals, f)

const struct opt cli_globals[] = {
	{.letter = 'h', .type = OPT_FLAG, .help = "Show a short help.", FIELD(help_short)},
	{.name = "help", .type = OPT_FLAG, .help = "Show the whole help.", FIELD(help_full)},
	{.name = "version",
		.letter = 'V',
		.type = OPT_FLAG,
		.help = "Show the version.",
		FIELD(is_version)},
	{.name = "home",
		.type = OPT_PATH,
		.env = "HEADROOM_WORKSPACE_DIR HEADROOM_HOME",
		.metavar = "DIR",
		.help = "Directory of everything that headroom keeps.",
		.more = "Without it, ~/.headroom.",
		FIELD(home)},
	{.name = "config",
		.type = OPT_PATH,
		.metavar = "FILE",
		.help = "Read this file in place of the user's config.toml.",
		FIELD(config)},
	{.name = "no-config",
		.type = OPT_FLAG,
		.help = "Read no configuration file.",
		FIELD(no_config)},
	{.name = "quiet",
		.letter = 'q',
		.type = OPT_FLAG,
		.help = "Print errors only, no warnings and no progress.",
		FIELD(is_quiet)},
	{.name = "verbose",
		.letter = 'v',
		.type = OPT_COUNT,
		.help = "Say more on standard error; may be repeated.",
		FIELD(verbose)},
	{.name = "color",
		.type = OPT_ENUM,
		.flags = OPT_SAFE,
		.choices = color_choices,
		.def = "auto",
		.env = "HEADROOM_COLOR",
		.key = "cli.color",
		.metavar = "WHEN",
		.help = "Whether to use colour.",
		.more = "NO_COLOR and CLICOLOR_FORCE are obeyed where this is auto.",
		FIELD(color)},
};
const size_t cli_globals_n = ARRAY_N(cli_globals);

const char *cli_env(const struct cli *cli, const char *name)
{
	size_t n = strlen(name);

	for (char *const *e = cli->envp; *e; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

enum err cli_places(struct cli *cli, struct places *out, struct errctx *cx)
{
	const struct place_env env = {
		.home = cli_env(cli, "HOME"),
		.workspace_dir = cli->globals.home,
		.config_dir = cli_env(cli, "HEADROOM_CONFIG_DIR"),
		.xdg = cli_env(cli, "HEADROOM_XDG"),
		.xdg_state_home = cli_env(cli, "XDG_STATE_HOME"),
		.xdg_config_home = cli_env(cli, "XDG_CONFIG_HOME"),
	};

	return places_find(&env, &cli->arena, out, cx);
}

struct out_env cli_out_env(const struct cli *cli)
{
	return (struct out_env){
		.no_color = cli_env(cli, "NO_COLOR"),
		.clicolor_force = cli_env(cli, "CLICOLOR_FORCE"),
		.term = cli_env(cli, "TERM"),
		.columns = cli_env(cli, "COLUMNS"),
	};
}

bool cli_use_color(const struct cli *cli, int fd)
{
	const struct out_env env = cli_out_env(cli);

	return out_use_color(fd, (enum out_color)cli->globals.color, &env);
}

/* One line on standard error in one write, so that lines of several processes do not mix. The name of the program and
 * the prefix are in that colour, which may be empty. */
static void say(const struct cli *cli, const char *color, const char *prefix, const char *fmt,
	va_list ap) PRINTF_LIKE(4, 0);
static void say(
	const struct cli *cli, const char *color, const char *prefix, const char *fmt, va_list ap)
{
	bool has_color = *color && cli_use_color(cli, STDERR_FILENO);
	char text[MESSAGE_MAX];
	int n = snprintf(text, sizeof text, "%sheadroom: %s%s", has_color ? color : "", prefix,
		has_color ? OUT_PLAIN : "");

	if (vsnprintf(text + n, sizeof text - (size_t)n - 1, fmt, ap) < 0)
		return;
	n = (int)strlen(text);
	text[n++] = '\n';
	out_message((str){text, (size_t)n});
}

void cli_warn(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (cli->globals.is_quiet)
		return;
	va_start(ap, fmt);
	say(cli, OUT_YELLOW, "warning: ", fmt, ap);
	va_end(ap);
}

void cli_info(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (cli->globals.is_quiet || !cli->globals.verbose)
		return;
	va_start(ap, fmt);
	say(cli, "", "", fmt, ap);
	va_end(ap);
}

/* color: OUT_RED for the error itself, none for what is said after it. */
static void say_error(const struct cli *cli, const char *color, const char *where, const char *fmt,
	...) PRINTF_LIKE(4, 5);
static void say_error(
	const struct cli *cli, const char *color, const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(cli, color, where, fmt, ap);
	va_end(ap);
}

/* The exit status for an error, after its message and, for a wrong command line, where help is. */
static int finish_error(struct cli *cli, enum err e, const struct errctx *cx)
{
	const char *parent = cli->parent ? cli->parent->name : "";
	const char *name = cli->cmd ? cli->cmd->name : "";
	char where[64];

	(void)snprintf(where, sizeof where, "%s%s%s%s", parent, *parent ? " " : "", name,
		*name ? ": " : "");
	if (cx->text[0])
		say_error(cli, OUT_RED, where, "%s", cx->text);
	if (e == E_USAGE)
		say_error(cli, "", "", "try 'headroom %s%s%s%s-h'", parent, *parent ? " " : "",
			name, *name ? " " : "");
	return err_exit(e);
}

static enum err check_operands(const struct cli *cli, struct errctx *cx)
{
	const struct cmd *c = cli->cmd;

	if (c->subs && cli->operand_n) {
		str name = str_from(cli->operands[0]);

		if (!cmd_find(c->subs, name))
			return cmd_unknown(c->subs, name, cx);
		return err_set(
			cx, E_USAGE, "put '%s' directly behind '%s'", cli->operands[0], c->name);
	}
	if (cli->operand_n < c->operand_min)
		return err_set(cx, E_USAGE, "expected %s", c->operands);
	if (cli->operand_n > c->operand_max)
		return err_set(
			cx, E_USAGE, "unexpected argument '%s'", cli->operands[c->operand_max]);
	return E_OK;
}

/* Settings for the present command. For one that must run in any case, mistakes in them are warnings. */
static enum err read_settings(struct cli *cli, struct opt_reader *r, struct errctx *cx)
{
	if (!(cli->cmd->flags & CMD_NO_SETTINGS))
		return settings_apply(cli, r, cx);
	if (opt_read_env(r, cli->envp, cx)) {
		cli_warn(cli, "%s", cx->text);
		*cx = (struct errctx){0};
	}
	settings_warn_variables(cli);
	settings_print_notes(cli, r);
	return E_OK;
}

/* The global options that count behind the name of a program, too. */
static struct opt_group late_globals(struct cli *cli, const struct opt_group *globals)
{
	static const char *const names[] = {"help", "quiet"};
	struct opt *rows = arena_array(&cli->arena, struct opt, ARRAY_N(names));

	for (size_t i = 0; i < ARRAY_N(names); i++)
		for (size_t k = 0; k < cli_globals_n; k++)
			if (cli_globals[k].name && strcmp(cli_globals[k].name, names[i]) == 0)
				rows[i] = cli_globals[k];
	return (struct opt_group){rows, ARRAY_N(names), globals->args,
		arena_array(&cli->arena, struct opt_origin, ARRAY_N(names))};
}

/* What stands behind the name of a program, which is the first operand of line. */
static enum err read_program_line(struct cli *cli, struct opt_reader *all, char *const *argv,
	size_t argc, struct opt_line *line, struct errctx *cx)
{
	struct opt_group groups[2] = {late_globals(cli, &all->groups[0]), all->groups[1]};
	struct opt_reader r = *all;
	struct opt_line part = {.used = 0};
	size_t at = 0;

	r.groups = groups;
	while (!part.has_ended) {
		TRY(opt_read_line(&r, argv + at, argc - at, OPT_UNTIL_FOREIGN, &part, cx));
		at += part.used;
		if (part.has_ended || at == argc || strcmp(argv[at], "-q") != 0)
			break;
		cli->globals.is_quiet = true;
		at++;
	}
	memcpy(&all->notes, &r.notes, sizeof r.notes);
	while (at < argc)
		line->operands[line->n++] = argv[at++];
	return E_OK;
}

static enum err read_line(struct cli *cli, struct opt_reader *r, char *const *argv, size_t argc,
	struct opt_line *line, struct errctx *cx)
{
	size_t n;

	if (!(cli->cmd->flags & CMD_RUNS_PROGRAM))
		return opt_read_line(r, argv, argc, OPT_UNTIL_END, line, cx);
	TRY(opt_read_line(r, argv, argc, OPT_UNTIL_OPERAND, line, cx));
	n = line->used;
	if (n == argc)
		return E_OK;
	line->operands[line->n++] = argv[n];
	return read_program_line(cli, r, argv + n + 1, argc - n - 1, line, cx);
}

/* The rest of the line belongs to cli->cmd, and names none of its subcommands. */
static enum err run_command(struct cli *cli, struct opt_group groups[2], char *const *argv,
	size_t argc, struct errctx *cx)
{
	const struct cmd *c = cli->cmd;
	struct opt_reader r = {.arena = &cli->arena, .groups = groups, .group_n = 2};
	void *args = arena_zalloc(&cli->arena, c->args_size, alignof(max_align_t));
	struct opt_line line;

	cli->line = argv;
	cli->line_n = argc;
	opt_group_init(&groups[1], &cli->arena, c->opts, c->opt_n, args);
	TRY(read_line(cli, &r, argv, argc, &line, cx));
	cli->operands = line.operands;
	cli->operand_n = line.n;
	if (cli->globals.is_version)
		return version_print(cx);
	if (cli->globals.help_short || cli->globals.help_full)
		return help_print(
			cli, (struct cmd_ref){cli->parent, c}, cli->globals.help_full, cx);
	TRY(check_operands(cli, cx));
	TRY(read_settings(cli, &r, cx));
	cli->group = &groups[1];
	return c->run(cli, args, cx);
}

static enum err run_without_command(struct cli *cli, struct errctx *cx)
{
	const struct globals *g = &cli->globals;

	if (g->is_version)
		return version_print(cx);
	if (g->help_short || g->help_full)
		return help_print(cli, (struct cmd_ref){NULL, cli->cmd}, g->help_full, cx);
	if (cli->cmd)
		return err_set(
			cx, E_USAGE, "expected a command: %s", help_sub_names(cli, cli->cmd->subs));
	return err_set(cx, E_USAGE, "expected a command");
}

/* Whether the first operand, which only global options may stand before, is one of the subcommands. */
static bool names_sub(
	struct cli *cli, const struct cmd *const *subs, char *const *argv, size_t argc)
{
	struct globals unused;
	struct opt_group g;
	struct opt_reader r = {.arena = &cli->arena, .groups = &g, .group_n = 1};
	struct opt_line line;
	struct errctx ignored = {0};

	opt_group_init(&g, &cli->arena, cli_globals, cli_globals_n, &unused);
	return opt_read_line(&r, argv, argc, OPT_UNTIL_OPERAND, &line, &ignored) == E_OK &&
	       line.used < argc && cmd_find(subs, str_from(argv[line.used]));
}

/* Walks the words of the line down to a command: global options, a command, maybe a subcommand. */
static enum err run_line(struct cli *cli, char *const *argv, size_t argc, struct errctx *cx)
{
	struct opt_group groups[2];
	struct opt_reader r = {.arena = &cli->arena, .groups = groups, .group_n = 1};
	const struct cmd *const *list = cmd_table;

	opt_group_init(&groups[0], &cli->arena, cli_globals, cli_globals_n, &cli->globals);
	/* Already here, for help and messages. What is wrong with it, read_settings finds again. */
	if (opt_read_env(&r, cli->envp, cx))
		*cx = (struct errctx){0};
	while (list) {
		const struct cmd *c;
		struct opt_line line;

		TRY(opt_read_line(&r, argv, argc, OPT_UNTIL_OPERAND, &line, cx));
		argv += line.used;
		argc -= line.used;
		if (!argc)
			return run_without_command(cli, cx);
		c = cmd_find(list, str_from(argv[0]));
		if (!c)
			return cmd_unknown(list, str_from(argv[0]), cx);
		cli->parent = cli->cmd;
		cli->cmd = c;
		list = c->subs;
		argv++;
		argc--;
		if (list && c->run && !names_sub(cli, list, argv, argc))
			break;
	}
	return run_command(cli, groups, argv, argc, cx);
}

int cli_main(struct cli *cli, int argc, char *const *argv)
{
	struct errctx cx = {0};
	enum err e;

	if (arena_recover(&cli->arena))
		return finish_error(cli, E_NOMEM, &(struct errctx){E_NOMEM, "out of memory"});
	if (argc == 2 && strcmp(argv[1], "-v") == 0)
		e = version_print(&cx); /* has always been so */
	else
		e = run_line(cli, argv + (argc > 0), argc > 0 ? (size_t)argc - 1 : 0, &cx);
	return e ? finish_error(cli, e, &cx) : cli->status;
}

void cli_release(struct cli *cli)
{
	arena_release(&cli->arena);
}
