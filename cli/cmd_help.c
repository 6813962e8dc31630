#include "cli/cmds.h"
#include "cli/help.h"

static enum err run(struct cli *cli, const void *args, struct errctx *cx)
{
	struct cmd_ref ref = {NULL, NULL};
	const struct cmd *const *list = cmd_table;

	(void)args;
	for (size_t i = 0; i < cli->operand_n; i++) {
		str name = str_from(cli->operands[i]);
		const struct cmd *c = list ? cmd_find(list, name) : NULL;

		if (!list)
			return err_set(
				cx, E_USAGE, "'%s' has no commands of its own", ref.cmd->name);
		if (!c)
			return cmd_unknown(list, name, cx);
		ref = (struct cmd_ref){ref.cmd, c};
		list = c->subs;
	}
	return help_print(cli, ref, true, cx);
}

static const struct cmd_example examples[] = {
	{.line = "headroom help",
		.what = "List the commands, the global options and the exit statuses."},
	{.line = "headroom help config set", .what = "The same as headroom config set --help."},
};

const struct cmd cmd_help = {
	.name = "help",
	.summary = "show the help of a command",
	.about = "Shows what the option --help of a command shows. On a terminal, a text that is "
		 "longer than it goes "
		 "through the program that the variable PAGER names, when it is set.",
	.operands = "[COMMAND...]",
	.operand_max = 2,
	.complete = COMPLETE_COMMAND,
	CMD_EXAMPLES(examples),
	.flags = CMD_NO_SETTINGS,
	.run = run,
};
