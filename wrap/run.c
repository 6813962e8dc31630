#include "wrap/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/file.h"
#include "wrap/launch.h"
#include "wrap/lease.h"

enum {
	PORT_USUAL = 8787,
	EDIT_WAIT_MS = 5000,
	LINE_MAX_BYTES = 1024,
};

struct run {
	struct wrap_conf *c;
	struct setup_in in;
	struct setup plan;
	struct lease *lease;
	struct edit_env edits;
	unsigned revived;          /* how often the proxy was started again */
	char lost[LIMIT_ERR_TEXT]; /* why it could not be, the last time */
};

static void say(const struct wrap_conf *c, enum wrap_word word, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
static void say(const struct wrap_conf *c, enum wrap_word word, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	c->say(c->self, word, text);
}

/* ---- whose a URL is -------------------------------------------------------------------------------------------- */

uint16_t wrap_loopback_port(str url)
{
	static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]"};
	uint64_t port = 80;

	if (!str_take(&url, STR("http://")))
		return 0;
	for (size_t i = 0; i < ARRAY_N(hosts); i++) {
		str rest = url;
		size_t n = 0;

		if (!str_take(&rest, str_from(hosts[i])))
			continue;
		if (!rest.n || rest.p[0] == '/')
			return (uint16_t)port;
		if (rest.p[0] != ':')
			continue;
		rest = str_sub(rest, 1, rest.n);
		while (n < rest.n && rest.p[n] != '/')
			n++;
		if (str_u64(str_sub(rest, 0, n), &port) && port > 0 && port <= UINT16_MAX)
			return (uint16_t)port;
	}
	return 0;
}

static const char *env_value(const struct wrap_conf *c, const char *name)
{
	size_t n = strlen(name);

	for (char *const *e = c->envp; *e; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

bool wrap_is_ours(const struct wrap_conf *c, str url)
{
	uint16_t port = wrap_loopback_port(url);
	str outer = str_from(env_value(c, "HEADROOM_PROXY_URL"));

	if (!port)
		return false;
	if (port == PORT_USUAL || (c->is_port_given && port == c->port) ||
		port == wrap_loopback_port(outer))
		return true;
	/* what a proxy of ours leaves while it runs, and when it was killed (core/lease) */
	return access(arena_cstr(c->arena, arena_printf(c->arena, "%s/run/proxy-%u.json",
						   c->workspace, (unsigned)port)),
		       F_OK) == 0;
}

static bool is_ours(void *self, str url)
{
	return wrap_is_ours(self, url);
}

/* ---- plan ------------------------------------------------------------------------------------------------------ */

static enum err read_file(void *self, const char *path, str *out, struct errctx *cx)
{
	struct wrap_conf *c = self;

	return file_read_text(path, LIMIT_CONFIG_FILE, c->arena, out, cx);
}

static void fill_in(struct wrap_conf *c, const char *url, struct setup_in *in)
{
	*in = (struct setup_in){
		.arena = c->arena,
		.agent = c->agent,
		.envp = c->envp,
		.cwd = c->cwd,
		.home = c->home,
		.run_dir = arena_cstr(c->arena, arena_printf(c->arena, "%s/run/wrap-%lld",
							c->workspace, (long long)getpid())),
		.args = c->args,
		.args_n = c->args_n,
		.url = url,
		.project = c->project,
		.is_persistent = c->is_persistent,
		.is_user_scope = c->is_user_scope,
		.no_files = c->no_files,
		.tool_search = c->tool_search,
		.provider_type = c->provider_type,
		.wire_api = c->wire_api,
		.is_1m = c->is_1m,
		.read = read_file,
		.is_ours = is_ours,
		.self = c,
	};
}

/* Within another headroom wrap its proxy is the one to be joined, unless the user says another. */
static void find_port(struct wrap_conf *c)
{
	uint16_t outer = wrap_loopback_port(str_from(env_value(c, "HEADROOM_PROXY_URL")));

	if (outer && !c->is_port_fixed && !c->is_private)
		c->port = outer;
	if (!c->port)
		c->port = PORT_USUAL;
}

static enum err setup_at(struct wrap_conf *c, const char *url, struct setup *out, struct errctx *cx)
{
	struct setup_in *in = arena_new(c->arena, struct setup_in);

	fill_in(c, url, in);
	return setup_make(in, out, cx);
}

enum err wrap_plan(struct wrap_conf *c, struct setup *out, struct errctx *cx)
{
	find_port(c);
	return setup_at(c,
		arena_cstr(
			c->arena, arena_printf(c->arena, "http://127.0.0.1:%u", (unsigned)c->port)),
		out, cx);
}

/* ---- the proxy ------------------------------------------------------------------------------------------------- */

static void fill_request(struct wrap_conf *c, const struct setup *p, struct lease_request *r)
{
	struct lease_upstream *list = arena_array(c->arena, struct lease_upstream, AGENT_TO_N);

	*r = (struct lease_request){
		.workspace = c->workspace,
		.exe = c->exe,
		.port = c->port,
		.is_port_given = c->is_port_given,
		.is_private = c->is_private,
		.must_exist = c->must_exist,
		.replaces = c->replaces,
		.upstreams = list,
		.proxy_args = c->proxy_args,
		.proxy_args_n = c->proxy_args_n,
		.envp = c->envp,
		.log_file = arena_cstr(
			c->arena, arena_printf(c->arena, "%s/logs/proxy-stdio.log", c->workspace)),
		.idle_exit_ms = c->idle_exit_ms,
		.start_ms = c->start_ms,
	};
	for (int u = AGENT_TO_NONE + 1; u < AGENT_TO_N; u++)
		if (p->upstreams[u])
			list[r->upstreams_n++] = (struct lease_upstream){
				agent_upstream_variable((enum agent_upstream)u), p->upstreams[u]};
}

/* The usual limits of a proxy are those of a small account; one agent with a long session is beyond them in a minute. So
 * the proxy that a wrap starts has none, unless the user says some. */
static bool adds_no_limit(const struct wrap_conf *c, struct lease_request *r)
{
	static const char *const words[] = {"rate-limit", "--rpm", "--tpm"};
	static const char *const variables[] = {
		"HEADROOM_RATE_LIMIT_ENABLED", "HEADROOM_RPM", "HEADROOM_TPM"};
	const char **list;

	for (size_t i = 0; i < ARRAY_N(words); i++) {
		if (env_value(c, variables[i]))
			return false;
		for (size_t k = 0; k < c->proxy_args_n; k++)
			if (strstr(c->proxy_args[k], words[i]))
				return false;
	}
	list = arena_array(c->arena, const char *, c->proxy_args_n + 1);
	if (c->proxy_args_n)
		memcpy(list, c->proxy_args, c->proxy_args_n * sizeof *list);
	list[c->proxy_args_n] = "--no-rate-limit";
	r->proxy_args = list;
	r->proxy_args_n = c->proxy_args_n + 1;
	return true;
}

/* A proxy that runs is joined with the limits that it has; one that is started has none. The first lease only holds it while the
 * second, which may start it again should it end, is taken. */
static enum err take_lease(
	struct wrap_conf *c, const struct setup *p, struct lease **out, struct errctx *cx)
{
	struct lease_request asked, unlimited;
	struct errctx ignored = {0};
	struct lease *held = NULL;
	enum err e;

	fill_request(c, p, &asked);
	unlimited = asked;
	if (c->must_exist || !adds_no_limit(c, &unlimited))
		return lease_take(&asked, out, cx);
	asked.must_exist = true;
	if (c->is_private || c->replaces || lease_take(&asked, &held, &ignored))
		return lease_take(&unlimited, out, cx);
	asked.must_exist = false;
	e = lease_take(&asked, out, cx);
	lease_release(held);
	return e;
}

/* Watches the lease while the agent runs: a proxy that ends is started again at once. */
static int watch_next(void *self, int64_t *ms)
{
	struct run *r = self;
	int fd = lease_fd(r->lease);

	*ms = fd < 0 ? lease_next_try_ms(r->lease) : -1;
	return fd;
}

static void watch_call(void *self)
{
	struct run *r = self;
	struct errctx cx = {0};

	if (lease_next_try_ms(r->lease) > 0)
		return;
	if (lease_revive(r->lease, &cx))
		memcpy(r->lost, cx.text, sizeof r->lost);
	else
		r->revived++;
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

static void tell_undone(void *self, const struct edit_outcome *o)
{
	const struct run *r = self;

	if (o->result == EDIT_FAILED)
		say(r->c, WRAP_WARNING, STR_FMT ": %s", STR_ARG(o->file), o->text);
	else if (o->result == EDIT_CHANGED)
		say(r->c, WRAP_NOTE, STR_FMT ": " STR_FMT " was changed by you, left as it is",
			STR_ARG(o->file), STR_ARG(o->key));
}

/* What a killed wrap left. That it cannot be undone now keeps nobody from working. */
static void recover(struct run *r)
{
	struct errctx cx = {0};

	if (edit_recover(&r->edits, (struct edit_listener){tell_undone, r}, &cx) &&
		cx.code != E_PERMISSION && cx.code != E_CANT_CREATE)
		say(r->c, WRAP_WARNING, "what an earlier run left is not undone: %s", cx.text);
}

static enum err make_files(struct run *r, struct errctx *cx)
{
	struct setup *p = &r->plan;
	struct edit *list = arena_array(r->c->arena, struct edit, p->files.n);
	struct edit_listener nobody = {NULL, NULL};

	for (size_t i = 0; i < p->files.n; i++)
		list[i] = (struct edit){
			.agent = str_from(r->c->agent->name),
			.scope = STR("run"),
			.file = p->files.v[i].path,
			.format = &edit_format_text,
			.literal = p->files.v[i].text,
			.mode = 0600,
		};
	if (p->files.n)
		TRY(edit_apply(&r->edits, edit_owner_of(getpid()), list, p->files.n, nobody, cx));
	if (p->edits.n)
		TRY(edit_apply(&r->edits, (struct edit_owner){0}, p->edits.v, p->edits.n,
			(struct edit_listener){tell_undone, r}, cx));
	return E_OK;
}

static void remove_files(struct run *r)
{
	struct edit_owner me = edit_owner_of(getpid());
	struct edit_filter mine = {.owner = &me};
	struct errctx cx = {0};

	if (r->plan.files.n &&
		edit_undo(&r->edits, &mine, (struct edit_listener){tell_undone, r}, &cx))
		say(r->c, WRAP_WARNING, "%s", cx.text);
}

/* ---- all of it ------------------------------------------------------------------------------------------------- */

static void say_before(const struct run *r)
{
	const struct wrap_conf *c = r->c;

	for (size_t i = 0; i < r->plan.notes.n; i++)
		say(c, WRAP_NOTE, "%s", r->plan.notes.v[i]);
	if (!r->lease)
		return;
	if (lease_notice(r->lease))
		say(c, WRAP_NOTE, "%s", lease_notice(r->lease));
	say(c, WRAP_INFO, "%s through %s%s", c->agent->title, lease_url(r->lease),
		lease_is_new(r->lease) ? "" : " (runs already)");
	if (r->plan.edits.n)
		say(c, WRAP_INFO,
			"the edits of its settings stay; 'headroom unwrap %s' takes them back",
			c->agent->name);
}

static void say_after(const struct run *r)
{
	if (r->revived)
		say(r->c, WRAP_WARNING, "the proxy ended %u time%s meanwhile and was started again",
			r->revived, r->revived == 1 ? "" : "s");
	if (r->lease && lease_fd(r->lease) < 0)
		say(r->c, WRAP_WARNING, "the proxy is gone: %s", r->lost);
}

/* Lines with the place of the URL written "%U". */
static void show_lines(void *self)
{
	const struct run *r = self;
	str text = str_from(r->c->agent->lines), line;

	while (str_next_line(&text, &line, NULL)) {
		struct buf b;
		size_t at;

		buf_init_arena(&b, r->c->arena, LINE_MAX_BYTES);
		while ((at = str_find(line, STR("%U"))) != STR_NONE) {
			buf_add(&b, str_sub(line, 0, at));
			buf_add_c(&b, setup_url(&r->plan, true, ""));
			line = str_sub(line, at + 2, line.n);
		}
		buf_add(&b, line);
		say(r->c, WRAP_INFO, STR_FMT, STR_ARG(buf_str(&b)));
	}
	say(r->c, WRAP_INFO, "the proxy stays until Ctrl+C");
}

static enum err launch(struct run *r, int *status, struct errctx *cx)
{
	const struct launch_watch watch = {watch_next, watch_call, r};
	const struct launch l = {
		.path = r->c->program,
		.argv = setup_argv(&r->plan, r->c->program ? r->c->program : ""),
		.envp = setup_envp(&r->plan),
		.watch = r->lease ? &watch : NULL,
	};

	if (r->c->agent->kind == AGENT_RUNS)
		return launch_run(&l, status, cx);
	return launch_wait(l.watch, show_lines, r, status, cx);
}

static enum err run_with_files(struct run *r, int *status, struct errctx *cx)
{
	enum err e = make_files(r, cx);

	if (e && !r->plan.edits.n) {
		/* for want of a place for them: the environment alone is enough for most */
		say(r->c, WRAP_WARNING, "%s", cx->text);
		r->c->no_files = true;
		e = setup_at(r->c, r->plan.in->url, &r->plan, cx);
	}
	if (!e) {
		say_before(r);
		e = launch(r, status, cx);
	}
	remove_files(r);
	say_after(r);
	return e;
}

enum err wrap_run(struct wrap_conf *c, int *status, struct errctx *cx)
{
	struct run r = {.c = c, .edits = {.workspace = c->workspace, .wait_ms = EDIT_WAIT_MS}};
	enum err e;

	recover(&r);
	TRY(wrap_plan(c, &r.plan, cx));
	if (!r.plan.is_direct) {
		TRY(take_lease(c, &r.plan, &r.lease, cx));
		e = setup_at(c, arena_cstr(c->arena, str_from(lease_url(r.lease))), &r.plan, cx);
	} else {
		e = E_OK;
	}
	if (!e)
		e = run_with_files(&r, status, cx);
	lease_release(r.lease);
	return e;
}

enum err wrap_plan_running(struct wrap_conf *c, struct setup *out, struct errctx *cx)
{
	struct lease *lease = NULL;
	enum err e;

	TRY(wrap_plan(c, out, cx));
	if (out->is_direct)
		return E_OK;
	c->must_exist = true;
	TRY(take_lease(c, out, &lease, cx));
	e = setup_at(c, arena_cstr(c->arena, str_from(lease_url(lease))), out, cx);
	lease_release(lease);
	return e;
}
