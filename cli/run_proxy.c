#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/args_proxy.h"
#include "cli/cli.h"
#include "cli/kompress.h"
#include "cli/proxy_banner.h"
#include "cli/proxy_conf.h"
#include "cli/settings.h"
#include "core/base/file.h"
#include "core/base/file_edit.h"
#include "core/graph/related.h"
#include "core/graph/watch.h"
#include "learn/live.h"
#include "proxy/confine.h"
#include "proxy/lease.h"
#include "proxy/listen.h"
#include "proxy/user.h"

enum { BANNER_MAX = 16 << 10 };

/* One reading of all options: the memory that its texts live in. */
struct reading {
	struct cli cli; /* a copy of the run's, with an arena of its own */
	struct globals globals;
	struct proxy_args args;
};

struct serving {
	struct cli *cli;
	struct proxy_conf conf;
	struct log log;
	/* By turns, so that what the server got last stays valid while it takes over the next. */
	struct reading readings[2];
	unsigned turn;
};

/* ---- events ----------------------------------------------------------------------------------- */

/* In one write, so that lines of several threads do not mix. What cannot be written is lost: a terminal that hangs or a
 * full disk must not stop requests. */
static void write_event(void *self, enum log_level level, str line)
{
	ssize_t n;

	(void)self;
	(void)level;
	do
		n = write(STDERR_FILENO, line.p, line.n);
	while (n < 0 && errno == EINTR);
}

static struct log make_log(const struct cli *cli, const struct proxy_args *a)
{
	enum log_level level = LOG_LEVEL_INFO;

	if (cli->globals.verbose)
		level = LOG_LEVEL_DEBUG;
	if (cli->globals.is_quiet)
		level = LOG_LEVEL_ERROR;
	return (struct log){
		.level = level, .format = (enum log_format)a->log_format, .sink = write_event};
}

static void say_listening(void *self, const char *url)
{
	const struct serving *s = self;
	const char *warning = proxy_banner_open(&s->conf), *root = proxy_banner_root(&s->conf);
	struct buf b;

	if (s->log.format == LOG_FORMAT_JSON) {
		LOG(&s->log, LOG_LEVEL_INFO, "listening", log_s("url", str_from(url)),
			log_s("version", str_from(s->conf.version)),
			log_i("pid", (int64_t)getpid()));
		if (warning)
			LOG(&s->log, LOG_LEVEL_WARN, "open_bind",
				log_s("host", str_from(s->conf.host)),
				log_s("advice", str_from(warning)));
		if (root)
			LOG(&s->log, LOG_LEVEL_WARN, "runs_as_root",
				log_s("advice", str_from(root)));
		return;
	}
	if (s->cli->globals.is_quiet)
		return;
	buf_init(&b, BANNER_MAX);
	proxy_banner_add(&b, &s->conf, url);
	if (!b.err)
		out_message(buf_str(&b));
	buf_release(&b);
	if (warning)
		cli_warn(s->cli, "%s", warning);
	if (root)
		cli_warn(s->cli, "%s", root);
}

/* ---- SIGHUP ----------------------------------------------------------------------------------- */

/* The options as they are now: the same line and environment, the files read anew. */
static enum err read_again(struct reading *r, struct proxy_limits *out, struct errctx *cx)
{
	struct opt_group groups[2];
	struct opt_reader reader = {.arena = &r->cli.arena, .groups = groups, .group_n = 2};
	struct opt_line line;

	opt_group_init(&groups[0], &r->cli.arena, cli_globals, cli_globals_n, &r->globals);
	opt_group_init(&groups[1], &r->cli.arena, proxy_opts, PROXY_OPTS_N, &r->args);
	TRY(opt_read_line(&reader, r->cli.line, r->cli.line_n, OPT_UNTIL_END, &line, cx));
	TRY(settings_apply(&r->cli, &reader, cx));
	proxy_conf_limits(&groups[1], &r->args, out);
	return E_OK;
}

static enum err reload(void *self, struct proxy_limits *out, struct errctx *cx)
{
	struct serving *s = self;
	struct reading *r = &s->readings[s->turn % ARRAY_N(s->readings)];
	struct proxy_limits fresh = {.rpm = 0};
	enum err err;

	arena_release(&r->cli.arena);
	r->cli = *s->cli;
	arena_init(&r->cli.arena);
	if (arena_recover(&r->cli.arena))
		err = err_set(cx, E_NOMEM, "out of memory");
	else
		err = read_again(r, &fresh, cx);
	arena_end_recover(&r->cli.arena);
	if (err)
		return err; /* the texts of the limits that stay are in the other one */
	s->turn++;
	*out = fresh;
	return E_OK;
}

/* ---- the command ------------------------------------------------------------------------------ */

static enum err print_config(struct cli *cli, const struct proxy_conf *conf, struct errctx *cx)
{
	struct buf b;

	buf_init_arena(&b, &cli->arena, LEASE_RECORD_MAX);
	lease_write_config(conf, &b);
	if (b.err)
		FAIL(cx, b.err, "the options are too long");
	return out_print(buf_str(&b), cx);
}

static void tell(void *self, const struct proxy_seen *s)
{
	const struct learn_live_request r = {.body = s->body,
		.session = s->session,
		.project_id = s->project_id,
		.project_dir = s->project_dir,
		.at_ms = s->at_ms};

	(void)learn_live_tell(self, &r); /* without room the next request has it, too */
}

/* Files of memories are made when there is something to remember; that they can be is known now. */
static enum err check_memory(const struct proxy_conf *conf, struct arena *a, struct errctx *cx)
{
	const char *dir;
	char text[FILE_ERRNO_TEXT];

	if (!conf->has_memory)
		return E_OK;
	dir = file_edit_dir(a, conf->memory.place.file);
	if (file_mkdirs(dir, 0700, cx))
		return err_prefix(cx, "memories");
	if (access(dir, W_OK | X_OK) != 0)
		FAIL(cx, file_err(errno), "memories: %s: %s", dir, file_err_text(errno, text));
	return E_OK;
}

/* Serves, with a thread beside it that learns where that is wanted. */
static enum err serve_and_learn(struct proxy_conf *conf, struct errctx *cx)
{
	const struct learn_live_conf learn = {.min_evidence = conf->learn_evidence,
		.file = conf->learn_file,
		.place = conf->memory.place,
		.log = conf->log,
		.clock = conf->clock};
	struct learn_live *live = NULL;
	enum err err;

	if (!conf->learn_file)
		return proxy_run(conf, cx);
	TRY(learn_live_start(&learn, &live, cx));
	conf->watch = (struct proxy_watch){tell, live};
	err = proxy_run(conf, cx);
	learn_live_stop(live);
	return err;
}

/* And one that keeps the code graph fresh. */
static enum err serve(struct proxy_conf *conf, struct errctx *cx)
{
	struct graph_watch *watch = NULL;
	struct graph_related *related = NULL;
	struct code_related asked;
	struct graph *graph = NULL;
	enum err err = E_OK;

	if (conf->graph_file)
		err = graph_open(conf->graph_root, conf->graph_file, &graph, cx);
	if (!err && graph)
		err = graph_related_open(conf->graph_root, conf->graph_file, &related, cx);
	if (!err && graph)
		err = graph_watch_start(graph, &watch, cx);
	if (related) {
		asked = graph_related_of(related);
		conf->compress.related = &asked;
	}
	if (!err)
		err = serve_and_learn(conf, cx);
	graph_watch_stop(watch);
	graph_related_close(related);
	graph_close(graph);
	return err;
}

/* A client or a reader of the log that is gone ends its connection, not the server. */
static enum err serve_confined(struct serving *s, struct errctx *cx)
{
	struct kompress *kompress = NULL;
	enum err err;

	TRY(check_memory(&s->conf, &s->cli->arena, cx));
	if (s->conf.kompress_dir)
		TRY(kompress_open_named(s->conf.kompress_dir, &kompress, cx));
	s->conf.compress.kompress = kompress;
	(void)signal(SIGPIPE, SIG_IGN);
	err = proxy_confine(&s->conf, cx);
	if (!err)
		err = serve(&s->conf, cx);
	kompress_close(kompress);
	return err;
}

/* The port first: it may want root. All else is the user's, or files would stay that are root's. */
static enum err serve_as_user(struct serving *s, struct errctx *cx)
{
	struct listeners listeners;
	enum err err;

	if (!s->conf.user)
		return serve_confined(s, cx);
	err = listeners_open(&s->conf, &listeners, cx);
	s->conf.listeners = &listeners;
	if (!err)
		err = proxy_become_user(&s->conf, cx);
	if (!err)
		err = serve_confined(s, cx);
	listeners_close(&listeners);
	return err;
}

enum err run_proxy(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct proxy_args *a = args;
	struct serving *s = arena_new(&cli->arena, struct serving);
	enum err err;

	s->cli = cli;
	TRY(proxy_conf_fill(cli, cli->group, args, &s->conf, cx));
	if (a->prints_config)
		return print_config(cli, &s->conf, cx);
	s->log = make_log(cli, args);
	s->conf.log = &s->log;
	s->conf.reload = reload;
	s->conf.reload_self = s;
	s->conf.listening = say_listening;
	s->conf.listening_self = s;
	(void)!settings_user_path(
		cli, &s->conf.config_file, NULL); /* without one nothing is reloaded */
	err = serve_as_user(s, cx);
	for (size_t i = 0; i < ARRAY_N(s->readings); i++)
		arena_release(&s->readings[i].cli.arena);
	return err;
}
