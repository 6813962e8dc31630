#include "cli/cmds.h"
#include "cli/gen.h"

static const char *const shells[] = {"bash", "zsh", "fish", NULL};

static enum err run(struct cli *cli, const void *args, struct errctx *cx)
{
	str shell = str_from(cli->operands[0]);
	struct buf b;

	(void)args;
	buf_init_arena(&b, &cli->arena, GEN_FILE_MAX);
	if (str_eq_c(shell, "bash"))
		gen_add_bash(cli, &b);
	else if (str_eq_c(shell, "zsh"))
		gen_add_zsh(cli, &b);
	else if (str_eq_c(shell, "fish"))
		gen_add_fish(cli, &b);
	else
		return err_set(
			cx, E_USAGE, "'" STR_FMT "' is not one of bash, zsh, fish", STR_ARG(shell));
	return out_print(buf_str(&b), cx);
}

static const struct cmd_example examples[] = {
	{.line = "headroom completions bash > headroom.bash",
		.what = "To be read by ~/.bashrc, or put into "
			"~/.local/share/bash-completion/completions/headroom."},
	{.line = "headroom completions zsh > _headroom",
		.what = "To be put into a directory of fpath."},
	{.line = "headroom completions fish > headroom.fish",
		.what = "To be put into ~/.config/fish/completions."},
};

const struct cmd cmd_completions = {
	.name = "completions",
	.summary = "print a completion script for a shell",
	.about = "The script holds all commands, options, choices and configuration keys of this "
		 "version; it does "
		 "not call the program. make install puts the scripts where the shells look.",
	.operands = "SHELL",
	.operand_min = 1,
	.operand_max = 1,
	.complete = COMPLETE_WORDS,
	.words = shells,
	CMD_EXAMPLES(examples),
	.flags = CMD_NO_SETTINGS,
	.run = run,
};
