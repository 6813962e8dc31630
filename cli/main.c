#include "cli/cli.h"

int main(int argc, char **argv, char **envp)
{
	struct cli cli = {.envp = envp};
	int status;

	out_restore_sigpipe();
	status = cli_main(&cli, argc, argv);
	cli_release(&cli);
	return status;
}
