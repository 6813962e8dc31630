#include <pthread.h>
#include <unistd.h>

#include "cli/args_compress.h"
#include "cli/args_replay.h"
#include "cli/figures.h"
#include "cli/inputs.h"
#include "cli/replay_out.h"
#include "core/base/file.h"
#include "core/base/opt_value.h"
#include "core/base/pool.h"

struct input {
	const char *path;
	bool is_named; /* on the line, and not only found in a directory */
	struct run *run;
	struct replay_result result;
	enum err err;
	struct errctx cx;
};

struct run {
	struct cli *cli;
	const struct replay_args *args;
	struct replay_conf conf;
	struct replay_arm arms[REPLAY_ARMS_MAX];
	struct price_table *prices;
	enum transcript_kind kind;
	VEC(struct input) inputs;
	pthread_mutex_t mutex; /* the two below */
	struct out_progress progress;
	size_t done;
	struct replay_result sum;
};

/* ---- arms ---------------------------------------------------------------------------------------- */

static enum err add_arm(struct run *r, str text, struct errctx *cx)
{
	struct replay_arm arm;

	TRY(replay_arm_parse(&r->cli->arena, text, &arm, cx));
	for (uint32_t i = 0; i < r->conf.arms_n; i++) {
		if (!str_eq(arm.name, r->arms[i].name))
			continue;
		if (arm.kind == r->arms[i].kind && str_find_byte(text, ':') == STR_NONE)
			return E_OK; /* the baseline again */
		FAIL(cx, E_USAGE, "two arms are named " STR_FMT, STR_ARG(arm.name));
	}
	if (r->conf.arms_n == REPLAY_ARMS_MAX)
		FAIL(cx, E_USAGE, "more than %d arms", REPLAY_ARMS_MAX);
	r->arms[r->conf.arms_n++] = arm;
	return E_OK;
}

/* The list was cut at its commas, which are also between the settings of one arm: what is no arm by itself goes on. */
static enum err add_named_arms(struct run *r, struct errctx *cx)
{
	const struct opt_list *list = &r->args->arms;

	for (size_t i = 0; i < list->n;) {
		struct buf b;

		buf_init_arena(&b, &r->cli->arena, LIMIT_ERR_TEXT);
		buf_add(&b, list->v[i++]);
		while (i < list->n && str_find_byte(list->v[i], '=') != STR_NONE &&
			str_find_byte(list->v[i], ':') == STR_NONE) {
			buf_add_byte(&b, ',');
			buf_add(&b, list->v[i++]);
		}
		TRY(add_arm(r, buf_str(&b), cx));
	}
	return E_OK;
}

static enum err set_arms(struct run *r, struct errctx *cx)
{
	const struct replay_args *a = r->args;

	r->conf.arms = r->arms;
	TRY(add_arm(r, str_from(replay_baselines[a->baseline]), cx));
	if (a->mode == REPLAY_MODE_TOKEN || a->mode == REPLAY_MODE_BOTH)
		TRY(add_arm(r, STR("token"), cx));
	if (a->mode == REPLAY_MODE_CACHE || a->mode == REPLAY_MODE_BOTH)
		TRY(add_arm(r, STR("cache"), cx));
	return add_named_arms(r, cx);
}

/* ---- settings ------------------------------------------------------------------------------------ */

static bool is_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

/* Before the work, and not behind it: can the file be made where it is to stand? */
static enum err check_writable(struct run *r, const char *path, struct errctx *cx)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *dir = ".";

	if (!path || is_stdout(path))
		return E_OK;
	if (slash)
		dir = arena_cstr(
			&r->cli->arena, (str){path, slash == path ? 1 : (size_t)(slash - path)});
	if (access(dir, W_OK | X_OK) != 0)
		FAIL(cx, E_CANT_CREATE, "%s cannot be written: %m", path);
	return E_OK;
}

static enum err set_rate(struct run *r, struct errctx *cx)
{
	static const struct opt rate = {
		.name = "retrieve-rate", .type = OPT_DOUBLE, .min = 0, .max = 10, .help = ""};

	r->conf.retrieves_as_logged = str_eq_c(r->args->retrieve_rate, "logged");
	if (r->conf.retrieves_as_logged)
		return E_OK;
	if (opt_value_parse(&r->cli->arena, &rate, "--retrieve-rate", r->args->retrieve_rate,
		    &r->conf.retrieve_rate, NULL) != E_OK)
		FAIL(cx, E_USAGE,
			"--retrieve-rate: '" STR_FMT
			"' is neither a number from 0 to 10 nor 'logged'",
			STR_ARG(r->args->retrieve_rate));
	return E_OK;
}

static enum err set_conf(struct run *r, struct errctx *cx)
{
	const struct replay_args *a = r->args;
	struct document_format f = format_of(a->format);

	if (is_stdout(a->csv) && is_stdout(a->html))
		FAIL(cx, E_USAGE, "--csv and --html cannot both go to standard output");
	TRY(check_writable(r, a->csv, cx));
	TRY(check_writable(r, a->html, cx));
	if (a->format >= FORMAT_TEXT)
		FAIL(cx, E_USAGE, "--format: a text is no recording of requests");
	r->kind = f.kind;
	r->conf = (struct replay_conf){
		.ttl_ms = a->cache_ttl,
		.cache_min = a->cache_min,
		.breakpoints = (enum replay_breakpoints)a->breakpoints,

		.no_output_cost = a->no_output_cost,
		.verifies = a->verifies,
		.keeps_turns = a->is_per_turn || a->csv || a->html,
		.session = a->session,
		.limit = (uint64_t)a->limit,
		.recent = (uint64_t)a->recent,
	};
	TRY(set_rate(r, cx));
	TRY(figures_time(r->cli, "since", a->since, &r->conf.since_ms, cx));
	TRY(figures_time(r->cli, "until", a->until, &r->conf.until_ms, cx));
	TRY(set_arms(r, cx));
	if (!a->price_file)
		return E_OK;
	TRY(price_table_load(a->price_file, &r->prices, cx));
	r->conf.prices = r->prices;
	return E_OK;
}

static enum err set_view(const struct run *r, struct replay_view *v, struct errctx *cx)
{
	static const char *const names[] = {
		"model", "day", "session", "project", "encoder", "tool"};
	const struct opt_list *by = &r->args->by;

	v->has_timing = !r->args->no_timing;
	v->conf = &r->conf;
	for (size_t i = 0; i < by->n; i++) {
		size_t k = 0;

		while (k < ARRAY_N(names) && !str_eq_c(by->v[i], names[k]))
			k++;
		if (k == ARRAY_N(names))
			FAIL(cx, E_USAGE,
				"--by: no table by '" STR_FMT
				"'; there are model, day, session, project, encoder and tool",
				STR_ARG(by->v[i]));
		if (k == REPLAY_BY_N)
			v->by_encoder = true;
		else if (k > REPLAY_BY_N)
			v->by_tool = true;
		else
			v->by[k] = true;
	}
	return E_OK;
}

/* ---- inputs -------------------------------------------------------------------------------------- */

static void add_input(void *self, const char *path, bool is_named)
{
	struct run *r = self;
	struct input *in = vec_push(&r->inputs, &r->cli->arena);

	*in = (struct input){.path = path, .is_named = is_named, .run = r};
	replay_result_init(&in->result);
}

static void run_input(void *arg, bool is_cancelled)
{
	struct input *in = arg;
	struct run *r = in->run;
	struct buf text;

	if (is_cancelled)
		return;
	buf_init(&text, r->args->max_input);
	in->err = inputs_read(in->path, &text, &in->cx);
	if (!in->err)
		in->err = inputs_named(in->path,
			replay_file(&r->conf, buf_str(&text), str_from(in->path), r->kind,
				&in->result, &in->cx),
			&in->cx);
	buf_release(&text);
	(void)pthread_mutex_lock(&r->mutex);
	out_progress(&r->progress, "replay", ++r->done, r->inputs.n, "files");
	(void)pthread_mutex_unlock(&r->mutex);
}

static enum err run_inputs(struct run *r, struct errctx *cx)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int64_t jobs = r->args->jobs ? r->args->jobs : processors > 0 ? processors : 1;
	struct pool *pool;

	if (jobs > POOL_THREADS_MAX)
		jobs = POOL_THREADS_MAX;
	if (r->inputs.n < 2 || jobs < 2) {
		for (size_t i = 0; i < r->inputs.n; i++)
			run_input(&r->inputs.v[i], false);
		return E_OK;
	}
	TRY(pool_new((unsigned)jobs, r->inputs.n, &pool, cx));
	for (size_t i = 0; i < r->inputs.n; i++)
		if (pool_submit(pool, run_input, &r->inputs.v[i]) != E_OK)
			run_input(&r->inputs.v[i], false);
	pool_wait(pool);
	pool_free(pool);
	return E_OK;
}

/* Files of a directory may be anything. A file that is named and is no recording is said, and the others go on. */
static enum err gather(struct run *r, struct errctx *cx)
{
	const struct input *failed = NULL;

	for (size_t i = 0; i < r->inputs.n; i++) {
		struct input *in = &r->inputs.v[i];

		if (in->err && in->err != E_MALFORMED) {
			*cx = in->cx;
			return in->err;
		}
		if (in->err) {
			failed = failed ? failed : in;
			if (in->is_named && r->inputs.n > 1) /* else it is the error */
				cli_warn(r->cli, "%s", in->cx.text);
			else
				cli_info(r->cli, "%s", in->cx.text);
			continue;
		}
		replay_merge(&r->sum, &in->result);
	}
	if (!r->sum.files && failed)
		FAIL(cx, E_MALFORMED, "%s", failed->cx.text);
	return E_OK;
}

/* ---- the report ---------------------------------------------------------------------------------- */

static enum err check_found(const struct run *r, struct errctx *cx)
{
	if (r->sum.turns)
		return E_OK;
	if (r->sum.files && r->conf.session.n == 0 && !r->conf.since_ms && !r->conf.until_ms)
		FAIL(cx, E_NOT_FOUND,
			"nothing to replay: no request is recorded; a log of headroom proxy has "
			"them "
			"with --log-messages");
	FAIL(cx, E_NOT_FOUND, "nothing to replay: no turn that was asked for");
}

static void warn(const struct run *r)
{
	for (size_t i = 0; i < r->sum.unpriced.n; i++)
		cli_warn(r->cli,
			"no price is known of model '" STR_FMT
			"': its provider's usual one is taken; give --price-file",
			STR_ARG(r->sum.unpriced.v[i]));
	if (r->sum.skipped)
		cli_warn(r->cli, "%llu turns are no requests that can be read, and are left out",
			(unsigned long long)r->sum.skipped);
	if (r->sum.bad_lines)
		cli_warn(r->cli, "%llu lines are no JSON, and are left out",
			(unsigned long long)r->sum.bad_lines);
	if (r->conf.retrieves_as_logged && !r->sum.asked.elided)
		cli_warn(r->cli,
			"no recording says that text was left out: it is taken as never asked for");
	if (r->conf.arms[0].kind == REPLAY_LOGGED && !r->sum.logged)
		cli_warn(r->cli, "no recording says what was sent on: the baseline is what came");
}

typedef void (*write_fn)(const struct replay_view *v, struct buf *out);

/* To a file in one step, or with - to standard output. */
static enum err write_to(
	const char *path, write_fn write, const struct replay_view *v, struct errctx *cx)
{
	struct buf out;
	enum err err;

	buf_init(&out, LIMIT_INPUT);
	write(v, &out);
	if (out.err)
		err = err_set(cx, out.err, "the report is larger than the limit");
	else if (strcmp(path, "-") == 0)
		err = out_print(buf_str(&out), cx);
	else
		err = file_write_atomic(path, buf_str(&out), 0644, cx);
	buf_release(&out);
	return err;
}

static enum err write_report(const struct run *r, const struct replay_view *v, struct errctx *cx)
{
	const struct replay_args *a = r->args;

	if (a->csv)
		TRY(write_to(a->csv, replay_out_csv, v, cx));
	if (a->html)
		TRY(write_to(a->html, replay_out_html, v, cx));
	if (is_stdout(a->csv) || is_stdout(a->html))
		return E_OK;
	return write_to("-",
		a->is_per_turn ? replay_out_lines
		: a->is_json   ? replay_out_json
			       : replay_out_text,
		v, cx);
}

static enum err judge(const struct run *r, struct errctx *cx)
{
	double best = replay_savings(&r->sum, replay_best(&r->sum, &r->conf));

	if (r->sum.verified.failed)
		FAIL(cx, E_VERIFY, "%llu requests are not proven; the first is " STR_FMT,
			(unsigned long long)r->sum.verified.failed, STR_ARG(r->sum.verified.first));
	if (best < r->args->min_savings)
		FAIL(cx, E_THRESHOLD, "saves %.1f %%, less than --min-savings %g", best,
			r->args->min_savings);
	for (uint32_t i = 1; r->args->fails_if_worse && i < r->conf.arms_n; i++)
		if (replay_cost(&r->sum.sums[i]) > replay_cost(&r->sum.sums[0]))
			FAIL(cx, E_THRESHOLD,
				"arm " STR_FMT " costs %.1f %% more than the baseline",
				STR_ARG(r->conf.arms[i].name), 0.0 - replay_savings(&r->sum, i));
	return E_OK;
}

static enum err work(struct run *r, struct errctx *cx)
{
	struct replay_view view = {.result = &r->sum};

	TRY(set_conf(r, cx));
	TRY(set_view(r, &view, cx));
	for (size_t i = 0; i < r->cli->operand_n; i++)
		inputs_walk(r->cli, r->cli->operands[i], add_input, r);
	TRY(run_inputs(r, cx));
	out_progress_end(&r->progress);
	TRY(gather(r, cx));
	TRY(check_found(r, cx));
	warn(r);
	TRY(write_report(r, &view, cx));
	return judge(r, cx);
}

enum err run_replay(struct cli *cli, const void *args, struct errctx *cx)
{
	struct run r = {.cli = cli, .args = args, .mutex = PTHREAD_MUTEX_INITIALIZER};
	enum err err;

	r.progress.is_shown = !cli->globals.is_quiet && out_is_tty(STDERR_FILENO);
	replay_result_init(&r.sum);
	err = work(&r, cx);
	for (size_t i = 0; i < r.inputs.n; i++)
		replay_result_release(&r.inputs.v[i].result);
	replay_result_release(&r.sum);
	price_table_free(r.prices);
	(void)pthread_mutex_destroy(&r.mutex);
	return err;
}
