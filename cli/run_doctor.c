#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/args_doctor.h"
#include "cli/doctor.h"
#include "cli/proxy_conf.h"
#include "core/base/file.h"
#include "core/base/suggest.h"
#include "core/json/write.h"

enum {
	TEXT_MAX = 1 << 20,
	SAY_MAX = 2048,
	ASK_MS = 300, /* a proxy answers in a few milliseconds */
	PATH_BYTES = 4096,
	NAME_WIDTH = 12,
};

/* X(name, function that repairs), in the order in which one thing explains another. */
#define CHECKS(X)                             \
	X(config, NULL)                       \
	X(proxy, NULL)                        \
	X(version, NULL)                      \
	X(bind, NULL)                         \
	X(compression, NULL)                  \
	X(path, NULL)                         \
	X(service, NULL)                      \
	X(routing, doctor_repair_routing)     \
	X(mcp, NULL)                          \
	X(leftovers, doctor_repair_leftovers) \
	X(edits, doctor_repair_edits)         \
	X(runs, doctor_repair_runs)           \
	X(workspace, doctor_repair_workspace) \
	X(secrets, doctor_repair_secrets)     \
	X(store, NULL)                        \
	X(logs, NULL)                         \
	X(disk, NULL)                         \
	X(certificates, NULL)                 \
	X(budget, NULL)                       \
	X(clock, NULL)                        \
	X(completions, NULL)

static const struct doctor_check checks[] = {
#define X(name, repair) {#name, doctor_look_##name, repair},
	CHECKS(X)
#undef X
};

const char *const doctor_names[] = {
#define X(name, repair) #name,
	CHECKS(X)
#undef X
		NULL};

/* ---- for the checks --------------------------------------------------------------------------- */

static str format_text(struct doctor *d, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
static str format_text(struct doctor *d, const char *fmt, va_list ap)
{
	char text[SAY_MAX];

	(void)vsnprintf(text, sizeof text, fmt, ap);
	return arena_str(d->arena, str_from(text));
}

void doctor_say(struct doctor *d, enum doctor_status status, const char *fmt, ...)
{
	va_list ap;
	str text;

	va_start(ap, fmt);
	text = format_text(d, fmt, ap);
	va_end(ap);
	*vec_push(&d->found, d->arena) = (struct doctor_finding){
		.name = d->check, .status = status, .text = text, .fix = STR("")};
}

void doctor_advise(struct doctor *d, bool is_fixable, const char *fmt, ...)
{
	struct doctor_finding *last = &d->found.v[d->found.n - 1];
	va_list ap;

	va_start(ap, fmt);
	last->fix = format_text(d, fmt, ap);
	va_end(ap);
	last->is_fixable = is_fixable;
}

const char *doctor_path(struct doctor *d, const char *dir, const char *name)
{
	return arena_printf(d->arena, "%s/%s", dir, name).p;
}

const char *doctor_env(const struct doctor *d, const char *name)
{
	const char *value = cli_env(d->cli, name);

	return value && *value ? value : NULL;
}

enum err doctor_read(struct doctor *d, const char *path, str *out, struct errctx *cx)
{
	return file_read_text(path, LIMIT_CONFIG_FILE, d->arena, out, cx);
}

/* ---- what all of them need -------------------------------------------------------------------- */

/* The port and the token file that the line or a variable says, else those of the configuration. */
static enum err find_proxy(struct doctor *d, const struct doctor_args *a, struct errctx *cx)
{
	const struct opt_group *g = d->cli->group;
	const char *file = a->token_file;
	int64_t port = a->port;
	enum err e;

	d->is_port_given = opt_origin_of(g, "port")->source != OPT_FROM_DEFAULT;
	if (!d->is_port_given && d->options && d->options->port) {
		port = d->options->port;
		d->is_port_given = opt_origin_of(d->group, "port")->source != OPT_FROM_DEFAULT;
	}
	if (!file && d->options)
		file = d->options->token_file;
	d->port = (uint16_t)port;
	/* A token file that cannot be read is for the check of the configuration to tell. */
	e = proxy_conf_token(d->cli, file, &d->token, &d->options_why);
	if (e && opt_origin_of(g, "proxy-token-file")->source == OPT_FROM_LINE)
		return err_set(cx, e, "%s", d->options_why.text);
	return E_OK;
}

static enum err prepare(struct doctor *d, const struct doctor_args *a, struct errctx *cx)
{
	struct proxy_args *args = arena_new(d->arena, struct proxy_args);
	struct opt_group *g = arena_new(d->arena, struct opt_group);
	char cwd[PATH_BYTES];

	TRY(cli_places(d->cli, &d->places, cx));
	d->home = doctor_env(d, "HOME");
	d->cwd = getcwd(cwd, sizeof cwd) ? arena_cstr(d->arena, str_from(cwd)) : ".";
	if (proxy_conf_read(d->cli, args, g, &d->options_why) == E_OK) {
		d->options = args;
		d->group = g;
	}
	TRY(find_proxy(d, a, cx));
	d->asked = control_health(d->port, ASK_MS, &d->health, &d->health_why);
	return E_OK;
}

/* ---- doing them ------------------------------------------------------------------------------- */

static size_t count_fixable(const struct doctor *d, size_t from)
{
	size_t n = 0;

	for (size_t i = from; i < d->found.n; i++)
		n += d->found.v[i].is_fixable;
	return n;
}

/* Repairs and looks again: what is not found any more has been fixed. */
static void fix(struct doctor *d, const struct doctor_check *c, size_t from)
{
	size_t n = d->found.n - from, left;
	struct doctor_finding *before = arena_array(d->arena, struct doctor_finding, n);
	struct errctx cx = {0};
	enum err e;

	memcpy(before, &d->found.v[from], n * sizeof *before);
	e = c->repair(d, &cx);
	d->found.n = from;
	c->look(d);
	left = count_fixable(d, from);
	if (left) {
		if (e)
			d->found.v[d->found.n - 1].fix =
				arena_printf(d->arena, "--fix could not: %s", cx.text);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (!before[i].is_fixable)
			continue;
		before[i].status = DOCTOR_PASS;
		before[i].is_fixed = true;
		*vec_push(&d->found, d->arena) = before[i];
	}
}

static void do_check(struct doctor *d, const struct doctor_check *c, bool is_fixing)
{
	size_t from = d->found.n;

	d->check = c->name;
	c->look(d);
	if (is_fixing && c->repair && count_fixable(d, from))
		fix(d, c, from);
}

static bool is_asked(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->operand_n; i++)
		if (strcmp(cli->operands[i], name) == 0)
			return true;
	return !cli->operand_n;
}

static enum err check_names(const struct cli *cli, struct errctx *cx)
{
	for (size_t i = 0; i < cli->operand_n; i++) {
		str name = str_from(cli->operands[i]);
		struct suggest s = suggest_for(name);
		bool is_known = false;

		for (size_t k = 0; k < ARRAY_N(checks); k++) {
			is_known |= str_eq_c(name, checks[k].name);
			suggest_offer(&s, str_from(checks[k].name));
		}
		if (!is_known && s.best.n)
			FAIL(cx, E_USAGE, "no check '%s' (did you mean '" STR_FMT "'?)",
				cli->operands[i], STR_ARG(s.best));
		if (!is_known)
			FAIL(cx, E_USAGE, "no check '%s'", cli->operands[i]);
	}
	return E_OK;
}

/* ---- printing --------------------------------------------------------------------------------- */

static const char *const status_names[] = {
	[DOCTOR_PASS] = "pass",
	[DOCTOR_INFO] = "info",
	[DOCTOR_SKIP] = "skip",
	[DOCTOR_WARN] = "warn",
	[DOCTOR_FAIL] = "fail",
};

static size_t count_status(const struct doctor *d, enum doctor_status status)
{
	size_t n = 0;

	for (size_t i = 0; i < d->found.n; i++)
		n += d->found.v[i].status == status;
	return n;
}

static void add_row(struct doctor *d, struct buf *b, const struct doctor_finding *f)
{
	const char *color = f->status == DOCTOR_FAIL   ? OUT_RED
			    : f->status == DOCTOR_WARN ? OUT_YELLOW
						       : "";
	bool has_color = *color && cli_use_color(d->cli, STDOUT_FILENO);

	buf_printf(b, "%s%s%s  %-*s " STR_FMT "%s\n", has_color ? color : "",
		status_names[f->status], has_color ? OUT_PLAIN : "", NAME_WIDTH, f->name,
		STR_ARG(f->text), f->is_fixed ? " (fixed)" : "");
	if (f->fix.n && !f->is_fixed)
		buf_printf(b, "%*s -> " STR_FMT "%s\n", NAME_WIDTH + 6, "", STR_ARG(f->fix),
			f->is_fixable ? " (or --fix)" : "");
}

static void add_text(struct doctor *d, struct buf *b)
{
	size_t failed = count_status(d, DOCTOR_FAIL), warned = count_status(d, DOCTOR_WARN);

	for (size_t i = 0; i < d->found.n; i++)
		add_row(d, b, &d->found.v[i]);
	if (failed || warned)
		buf_printf(
			b, "%zu failed, %zu warning%s\n", failed, warned, warned == 1 ? "" : "s");
	else
		buf_add_c(b, "all is well\n");
}

static void add_json(const struct doctor *d, struct buf *b)
{
	struct json_writer w;

	json_write_init(&w, b, true);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.doctor/1");
	json_write_u64(&w, "port", d->port);
	json_write_i64(&w, "exit_code", d->cli->status);
	json_write_array(&w, "checks");
	for (size_t i = 0; i < d->found.n; i++) {
		const struct doctor_finding *f = &d->found.v[i];

		json_write_object(&w, NULL);
		json_write_c(&w, "name", f->name);
		json_write_c(&w, "status", status_names[f->status]);
		json_write_str(&w, "text", f->text);
		if (f->fix.n)
			json_write_str(&w, "fix", f->fix);
		else
			json_write_null(&w, "fix");
		json_write_bool(&w, "fixable", f->is_fixable);
		json_write_bool(&w, "fixed", f->is_fixed);
		json_write_end(&w);
	}
	json_write_end(&w);
	json_write_end(&w);
	buf_add_byte(b, '\n');
}

enum err run_doctor(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct doctor_args *a = args;
	struct doctor d = {.cli = cli, .arena = &cli->arena};
	size_t failed, warned;
	struct buf b;

	TRY(check_names(cli, cx));
	TRY(prepare(&d, a, cx));
	/* Who asks for this check by name expects a proxy. */
	d.is_port_given |= cli->operand_n && is_asked(cli, "proxy");
	for (size_t i = 0; i < ARRAY_N(checks); i++)
		if (is_asked(cli, checks[i].name))
			do_check(&d, &checks[i], a->is_fixing);
	failed = count_status(&d, DOCTOR_FAIL);
	warned = count_status(&d, DOCTOR_WARN);
	cli->status = failed || (warned && a->is_strict) ? 2 : warned ? 1 : 0;
	buf_init_arena(&b, d.arena, TEXT_MAX);
	if (a->is_json)
		add_json(&d, &b);
	else
		add_text(&d, &b);
	return b.err ? err_set(cx, b.err, "there is too much to say") : out_print(buf_str(&b), cx);
}
