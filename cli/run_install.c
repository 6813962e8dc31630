#include <errno.h>
#include <unistd.h>

#include "cli/args_install.h"
#include "cli/cli.h"
#include "core/base/file.h"
#include "core/json/write.h"
#include "proxy/control.h"
#include "wrap/deploy.h"

enum { TEXT_MAX = 256 << 10, PATH_BYTES = 4096, ASK_MS = 1000, DEGRADED = 1 };

/* ---- which one -------------------------------------------------------------------------------- */

static enum err fill_home(struct cli *cli, struct deploy *d, struct errctx *cx)
{
	const char *user_config = cli_env(cli, "XDG_CONFIG_HOME");

	d->home = cli_env(cli, "HOME");
	if (!d->home || d->home[0] != '/')
		FAIL(cx, E_CONFIG, "HOME is not set");
	d->user_config = user_config && user_config[0] == '/'
				 ? user_config
				 : arena_printf(d->arena, "%s/.config", d->home).p;
	return E_OK;
}

static enum err absolute(struct cli *cli, const char *path, const char **out, struct errctx *cx)
{
	char cwd[PATH_BYTES], why[FILE_ERRNO_TEXT];

	*out = path;
	if (path[0] == '/')
		return E_OK;
	if (!getcwd(cwd, sizeof cwd))
		FAIL(cx, file_err(errno), "this directory: %s", file_err_text(errno, why));
	*out = arena_printf(&cli->arena, "%s/%s", cwd, path).p;
	return E_OK;
}

/* A service runs in another directory than this one. */
static enum err fill(
	struct cli *cli, const struct install_args *a, struct deploy *d, struct errctx *cx)
{
	char exe[PATH_BYTES], why[FILE_ERRNO_TEXT];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe);
	struct places places;

	*d = (struct deploy){.arena = &cli->arena, .envp = cli->envp, .profile = a->profile};
	if (n <= 0 || (size_t)n == sizeof exe)
		FAIL(cx, E_IO, "/proc/self/exe: %s", file_err_text(errno, why));
	d->exe = arena_cstr(d->arena, (str){exe, (size_t)n});
	TRY(cli_places(cli, &places, cx));
	TRY(absolute(cli, places.workspace, &d->workspace, cx));
	TRY(absolute(cli, places.config, &d->config, cx));
	TRY(fill_home(cli, d, cx));
	if (d->profile && !service_profile_is_valid(str_from(d->profile)))
		FAIL(cx, E_USAGE, "--profile: '%s' cannot be the name of a file", d->profile);
	return E_OK;
}

static enum err load(
	struct cli *cli, const struct install_args *a, struct deploy *d, struct errctx *cx)
{
	TRY(fill(cli, a, d, cx));
	return deploy_load(d, cx);
}

/* ---- apply and its kin ------------------------------------------------------------------------ */

static const char **take_args(struct cli *cli, const struct opt_list *list)
{
	const char **args = arena_array(&cli->arena, const char *, list->n + 1);

	for (size_t i = 0; i < list->n; i++)
		args[i] = arena_cstr(&cli->arena, list->v[i]);
	return args;
}

static enum err look_after_linger(
	struct cli *cli, const struct install_args *a, const struct deploy *d, struct errctx *cx)
{
	if (!deploy_needs_linger(d))
		return E_OK;
	if (a->lingers)
		return deploy_set_linger(d, cx);
	cli_warn(cli, "systemd ends it with your last session; --linger changes that");
	return E_OK;
}

static enum err print_dry(const struct deploy *d, struct errctx *cx)
{
	struct buf b;

	buf_init_arena(&b, d->arena, TEXT_MAX);
	if (deploy_file(d))
		buf_printf(&b, "# %s\n", deploy_file(d));
	else
		buf_add_c(&b, "# crontab\n");
	TRY(deploy_text(d, &b, cx));
	return out_print(buf_str(&b), cx);
}

enum err run_install_apply(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct install_args *a = args;
	struct deploy d;

	TRY(fill(cli, a, &d, cx));
	d.kind = a->supervisor == INSTALL_AUTO ? deploy_find_kind(&d)
					       : (enum service_kind)a->supervisor;
	d.port = (uint16_t)a->port;
	d.url = arena_printf(d.arena, "http://127.0.0.1:%u", d.port).p;
	d.has_shell = a->has_shell;
	d.args = take_args(cli, &a->proxy_args);
	d.args_n = a->proxy_args.n;
	if (a->is_dry)
		return print_dry(&d, cx);
	TRY(deploy_apply(&d, cx));
	TRY(look_after_linger(cli, a, &d, cx));
	if (d.kind == SERVICE_CRON)
		cli_warn(cli,
			"cron starts it with the machine only: 'headroom proxy -p %u' "
			"starts one now",
			d.port);
	return out_print(arena_printf(d.arena, "%s at %s, by %s\n", d.profile, d.url,
				 service_kind_name(d.kind)),
		cx);
}

enum err run_install_remove(struct cli *cli, const void *args, struct errctx *cx)
{
	struct deploy d;

	TRY(fill(cli, args, &d, cx));
	return deploy_remove(&d, cx);
}

static enum err tell(struct cli *cli, const void *args, enum deploy_verb verb, struct errctx *cx)
{
	struct deploy d;

	TRY(load(cli, args, &d, cx));
	return deploy_tell(&d, verb, cx);
}

enum err run_install_start(struct cli *cli, const void *args, struct errctx *cx)
{
	return tell(cli, args, DEPLOY_START, cx);
}

enum err run_install_stop(struct cli *cli, const void *args, struct errctx *cx)
{
	return tell(cli, args, DEPLOY_STOP, cx);
}

enum err run_install_restart(struct cli *cli, const void *args, struct errctx *cx)
{
	return tell(cli, args, DEPLOY_RESTART, cx);
}

enum err run_install_logs(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct install_args *a = args;
	const char *const *argv;
	char why[FILE_ERRNO_TEXT];
	struct deploy d;

	TRY(load(cli, a, &d, cx));
	argv = deploy_log_argv(&d, a->is_following);
	/* its arguments are not const for reasons of history alone (exec(3p)) */
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	FAIL(cx, file_err(errno), "%s: %s", argv[0], file_err_text(errno, why));
}

/* ---- status ----------------------------------------------------------------------------------- */

struct state {
	struct deploy d;
	bool is_active, is_healthy;
	struct control_health health;
	const char *why; /* it is not healthy */
};

static void look(struct cli *cli, struct state *s)
{
	struct errctx why = {0};

	s->is_active = deploy_is_active(&s->d);
	s->is_healthy =
		control_health(s->d.port, ASK_MS, &s->health, &why) == E_OK && s->health.is_ready;
	s->why = s->is_healthy ? ""
		 : why.text[0] ? arena_printf(&cli->arena, "%s", why.text).p
			       : "it is not ready";
}

static void add_state_text(struct buf *b, const struct state *s)
{
	buf_printf(b, "%-12s %s\n%-12s %s\n%-12s %s\n", "profile", s->d.profile, "supervisor",
		service_kind_name(s->d.kind), "url", s->d.url);
	buf_printf(b, "%-12s %s\n", "active", s->is_active ? "yes" : "no");
	buf_printf(b, "%-12s %s%s%s\n", "healthy", s->is_healthy ? "yes" : "no",
		*s->why ? ": " : "", s->why);
}

static void add_state_json(struct json_writer *w, const struct state *s)
{
	json_write_c(w, "profile", s->d.profile);
	json_write_c(w, "supervisor", service_kind_name(s->d.kind));
	json_write_c(w, "url", s->d.url);
	json_write_u64(w, "port", s->d.port);
	json_write_bool(w, "shell", s->d.has_shell);
	json_write_bool(w, "active", s->is_active);
	json_write_bool(w, "healthy", s->is_healthy);
}

enum err run_install_status(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct install_args *a = args;
	struct state s;
	struct json_writer w;
	struct buf b;

	TRY(load(cli, a, &s.d, cx));
	look(cli, &s);
	cli->status = s.is_active && s.is_healthy ? 0 : DEGRADED;
	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	if (a->is_json) {
		json_write_init(&w, &b, false);
		json_write_object(&w, NULL);
		json_write_c(&w, "schema", "headroom.install-status/1");
		add_state_json(&w, &s);
		json_write_end(&w);
		buf_add_byte(&b, '\n');
	} else {
		add_state_text(&b, &s);
	}
	return out_print(buf_str(&b), cx);
}

/* One whose manifest cannot be read does not hide the others. */
static enum err add_profile(struct cli *cli, const struct install_args *a, const char *name,
	struct json_writer *w, struct buf *b, struct errctx *cx)
{
	struct install_args one = {.profile = name};
	struct errctx why = {0};
	struct state s;

	TRY(fill(cli, &one, &s.d, cx));
	if (deploy_load(&s.d, &why)) {
		cli_warn(cli, "%s", why.text);
		return E_OK;
	}
	look(cli, &s);
	if (a->is_json) {
		json_write_object(w, NULL);
		add_state_json(w, &s);
		json_write_end(w);
		return E_OK;
	}
	buf_printf(b, "%-16s %-8s %s %s\n", name, service_kind_name(s.d.kind), s.d.url,
		s.is_healthy  ? "healthy"
		: s.is_active ? "active"
			      : "stopped");
	return E_OK;
}

enum err run_install_list(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct install_args *a = args;
	struct deploy_names names;
	struct json_writer w;
	struct deploy d;
	struct buf b;

	TRY(fill(cli, a, &d, cx));
	deploy_list(d.arena, d.workspace, &names);
	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	json_write_init(&w, &b, true);
	if (a->is_json) {
		json_write_object(&w, NULL);
		json_write_c(&w, "schema", "headroom.install-list/1");
		json_write_array(&w, "profiles");
	}
	for (size_t i = 0; i < names.list.n; i++)
		TRY(add_profile(cli, a, names.list.v[i], &w, &b, cx));
	if (a->is_json) {
		json_write_end(&w);
		json_write_end(&w);
		buf_add_byte(&b, '\n');
	}
	return b.n ? out_print(buf_str(&b), cx) : E_OK;
}
