#include "cli/cmds.h"
#include "cli/gen.h"

static const struct {
	const char *name;
	enum err (*write)(struct cli *cli, const char *dir, struct errctx *cx);
} kinds[] = {
	{"man", gen_man},
	{"bash", gen_bash},
	{"zsh", gen_zsh},
	{"fish", gen_fish},
	{"examples", gen_examples},
};

static enum err run(struct cli *cli, const void *args, struct errctx *cx)
{
	(void)args;
	for (size_t i = 0; i < ARRAY_N(kinds); i++)
		if (strcmp(cli->operands[0], kinds[i].name) == 0)
			return kinds[i].write(cli, cli->operands[1], cx);
	return err_set(
		cx, E_USAGE, "'%s' is not one of man, bash, zsh, fish, examples", cli->operands[0]);
}

const struct cmd cmd_gen = {
	.name = "gen",
	.summary = "write the files that are made from the option tables",
	.about = "For make gen: man pages, completions, and the examples as scripts for the tests.",
	.operands = "KIND DIR",
	.operand_min = 2,
	.operand_max = 2,
	.flags = CMD_NO_SETTINGS | CMD_HIDDEN,
	.run = run,
};
