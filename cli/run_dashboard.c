#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/args_live.h"
#include "cli/live.h"
#include "core/json/write.h"

enum { TEXT_MAX = 4096 };

/* The program's words are none of ours, and it stays when we end. */
static bool open_url(struct cli *cli, const char *url)
{
	char *argv[] = {arena_cstr(&cli->arena, STR("xdg-open")),
		arena_cstr(&cli->arena, str_from(url)), NULL};
	posix_spawn_file_actions_t files;
	bool is_started;
	pid_t pid;

	if (posix_spawn_file_actions_init(&files) != 0)
		return false;
	is_started = posix_spawn_file_actions_addopen(
			     &files, STDIN_FILENO, "/dev/null", O_RDWR, 0) == 0 &&
		     posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDOUT_FILENO) == 0 &&
		     posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDERR_FILENO) == 0 &&
		     posix_spawnp(&pid, argv[0], &files, NULL, argv, cli->envp) == 0;
	(void)posix_spawn_file_actions_destroy(&files);
	return is_started;
}

static void add_json(struct buf *b, const char *url, bool is_alive)
{
	struct json_writer w;

	json_write_init(&w, b, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.dashboard/1");
	json_write_c(&w, "url", url);
	json_write_bool(&w, "alive", is_alive);
	json_write_end(&w);
	buf_add_byte(b, '\n');
}

enum err run_dashboard(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct dashboard_args *a = args;
	struct control_health health;
	enum err err = live_find(a->port, &health, cx);
	char url[2 * CONTROL_TEXT];
	struct buf b;

	if (err && !a->is_json)
		return err;
	if (err)
		(void)snprintf(
			url, sizeof url, "http://127.0.0.1:%lld/dashboard", (long long)a->port);
	else
		(void)snprintf(url, sizeof url, "%s/dashboard", health.url);
	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	if (a->is_json)
		add_json(&b, url, !err);
	else
		buf_printf(&b, "%s\n", url);
	TRY(out_print(buf_str(&b), NULL));
	if (err || a->is_json || !a->opens || !out_is_tty(STDOUT_FILENO))
		return err;
	if (!open_url(cli, url))
		cli_warn(cli, "there is no xdg-open; open the address yourself");
	return E_OK;
}
