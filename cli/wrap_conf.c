#include "cli/wrap_conf.h"

#include <errno.h>
#include <unistd.h>

#include "core/base/file.h"

enum { PATH_BYTES = 4096 };

static void say(void *self, enum wrap_word word, const char *text)
{
	struct cli *cli = self;

	if (word == WRAP_WARNING)
		cli_warn(cli, "%s", text);
	else if (!cli->globals.is_quiet)
		out_message(arena_printf(
			&cli->arena, "headroom: %s%s\n", word == WRAP_NOTE ? "note: " : "", text));
}

static str base_name(const char *path)
{
	str all = str_from(path);
	size_t slash = str_rfind_byte(all, '/');

	return slash == STR_NONE ? all : str_sub(all, slash + 1, all.n);
}

enum err wrap_conf_fill(struct cli *cli, struct wrap_conf *c, struct errctx *cx)
{
	char path[PATH_BYTES], text[FILE_ERRNO_TEXT];
	struct places places;
	ssize_t n = readlink("/proc/self/exe", path, sizeof path);
	const char *project;

	c->arena = &cli->arena;
	c->envp = cli->envp;
	c->say = say;
	c->self = cli;
	if (n <= 0 || (size_t)n == sizeof path)
		FAIL(cx, E_IO, "/proc/self/exe: %s", file_err_text(errno, text));
	c->exe = arena_cstr(&cli->arena, (str){path, (size_t)n});
	if (!getcwd(path, sizeof path))
		FAIL(cx, E_IO, "this directory: %s", file_err_text(errno, text));
	c->cwd = arena_cstr(&cli->arena, str_from(path));
	TRY(cli_places(cli, &places, cx));
	c->workspace = places.workspace;
	c->home = cli_env(cli, "HOME");
	if (c->home && c->home[0] != '/')
		c->home = NULL;
	project = cli_env(cli, "HEADROOM_PROJECT");
	c->project = project && *project ? str_from(project) : base_name(c->cwd);
	return E_OK;
}
