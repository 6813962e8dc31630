/* bench_turns: what an arm saves on recorded agent conversations, replayed turn by turn with the providers'
 * prompt caches simulated: tokens, dollars, and how often it broke a warm prefix.
 *
 *	bench_turns [--arm NAME] [--only GROUP] [--per-file] [--json] [--scale] [--visible] [DIR|FILE...]
 *
 * Without --arm: headroom. Without a path: $HEADROOM_CORPORA/turns; without that it says so and does nothing.
 * Tokens are those of o200k_base; with --scale Claude's are estimated from them. --visible looks, too, whether what the
 * agents used next is still there. Prices are those of
 * claude-opus-4-8 and gpt-5 for all recordings, so that they add up. */
#include <getopt.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "bench/turns/report.h"
#include "core/base/clock.h"
#include "core/base/vec.h"

enum group {
	GROUP_CLAUDE_CODE,
	GROUP_CLAUDE_CODE_2026,
	GROUP_PI_ANTHROPIC,
	GROUP_PI_OPENAI,
	GROUP_CODEX,
	GROUP_CHAT,
	GROUP_N
};

static const char *const group_names[GROUP_N] = {
	[GROUP_CLAUDE_CODE] = "claude-code",
	[GROUP_CLAUDE_CODE_2026] = "claude-code-mid-2026",
	[GROUP_PI_ANTHROPIC] = "pi-anthropic",
	[GROUP_PI_OPENAI] = "pi-openai",
	[GROUP_CODEX] = "codex",
	[GROUP_CHAT] = "chat-agents",
};

struct options {
	const struct arm *arm;
	const char *only;
	bool is_per_file, is_json, has_scale, has_visible;
};

struct paths {
	VEC(str) v;
};

struct run {
	const struct options *opt;
	struct arena *arena;
	struct tally groups[GROUP_N];
	VEC(struct tally) files;
	struct replay_result recorded; /* of Claude Code, as it was */
};

/* Claude Code of mid-2026 writes other gutters than before; those recordings come from one project. */
static enum group group_of(const struct recording *r)
{
	if (str_eq(r->agent, STR("claude-code")))
		return str_starts(r->name, STR("tokbench--")) ? GROUP_CLAUDE_CODE_2026
							      : GROUP_CLAUDE_CODE;
	if (str_eq(r->agent, STR("pi")))
		return r->dialect == DIALECT_ANTHROPIC ? GROUP_PI_ANTHROPIC : GROUP_PI_OPENAI;
	return str_eq(r->agent, STR("codex")) ? GROUP_CODEX : GROUP_CHAT;
}

static enum err run_recording(struct run *run, const struct recording *r, struct errctx *cx)
{
	enum group g = group_of(r);
	struct tally t = {.name = arena_str(run->arena, r->name)};
	struct rates rates;

	if (run->opt->only && !str_eq_c(str_from(group_names[g]), run->opt->only))
		return E_OK;
	TRY(rates_of(r->dialect, run->opt->has_scale, &rates, cx));
	rates.has_visible = run->opt->has_visible;
	TRY(replay(r, run->opt->arm, &rates, &t, cx));
	tally_add(&run->groups[g], &t);
	if (g == GROUP_CLAUDE_CODE || g == GROUP_CLAUDE_CODE_2026)
		calibrate(r, &run->recorded);
	if (run->opt->is_per_file)
		*vec_push(&run->files, run->arena) = t;
	else
		tally_release(&t);
	return E_OK;
}

static enum err run_path(struct run *run, const char *path, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct recording r;
	enum err e = recording_load(&a, path, &r, cx);

	if (e == E_OK) {
		e = run_recording(run, &r, cx);
		recording_release(&r);
	}
	arena_release(&a);
	return e;
}

static void add_path(struct paths *paths, struct arena *a, const char *path)
{
	struct stat st;
	glob_t g;

	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		*vec_push(&paths->v, a) = (str){arena_cstr(a, str_from(path)), strlen(path)};
		return;
	}
	if (!glob(arena_printf(a, "%s/*.json%c", path, '\0').p, 0, NULL, &g))
		for (size_t i = 0; i < g.gl_pathc; i++)
			*vec_push(&paths->v, a) = (str){
				arena_cstr(a, str_from(g.gl_pathv[i])), strlen(g.gl_pathv[i])};
	globfree(&g);
}

static int usage(const char *message)
{
	fprintf(stderr,
		"bench_turns: %s\n"
		"usage: bench_turns [--arm NAME] [--only GROUP] [--per-file] [--json] [--scale] "
		"[--visible] [DIR|FILE...]\n"
		"arms:",
		message);
	for (const struct arm *a = arm_next(NULL); a; a = arm_next(a))
		fprintf(stderr, " %s", a->name);
	fprintf(stderr, "\ngroups:");
	for (int g = 0; g < GROUP_N; g++)
		fprintf(stderr, " %s", group_names[g]);
	fprintf(stderr, "\n");
	return 2;
}

static bool is_group(const char *name)
{
	for (int g = 0; g < GROUP_N; g++)
		if (!strcmp(name, group_names[g]))
			return true;
	return false;
}

/* Returns 0, or the exit code of a usage error. */
static int parse_options(int argc, char **argv, struct options *opt)
{
	static const struct option table[] = {
		{"arm", required_argument, NULL, 'a'},
		{"only", required_argument, NULL, 'o'},
		{"per-file", no_argument, NULL, 'f'},
		{"json", no_argument, NULL, 'j'},
		{"scale", no_argument, NULL, 's'},
		{"visible", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case 'a':
			opt->arm = arm_find(str_from(optarg));
			if (!opt->arm)
				return usage("no such arm");
			break;
		case 'o':
			opt->only = optarg;
			if (!is_group(optarg))
				return usage("no such group");
			break;
		case 'f':
			opt->is_per_file = true;
			break;
		case 'j':
			opt->is_json = true;
			break;
		case 's':
			opt->has_scale = true;
			break;
		case 'v':
			opt->has_visible = true;
			break;
		default:
			return usage("unknown option");
		}
	}
	return 0;
}

static enum err print_report(struct run *run, double seconds)
{
	struct report report = {
		run->opt->arm, run->groups, GROUP_N, &run->recorded.calibration, seconds};

	if (run->opt->is_per_file) {
		report.rows = run->files.v;
		report.n = run->files.n;
	}
	if (run->opt->is_json)
		return report_json(&report);
	report_text(&report);
	return E_OK;
}

static enum err run_all(struct run *run, const struct paths *paths, struct errctx *cx)
{
	int64_t start_ns = clock_monotonic_ns(NULL);

	for (int g = 0; g < GROUP_N; g++)
		run->groups[g].name = str_from(group_names[g]);
	for (size_t i = 0; i < paths->v.n; i++)
		TRY(run_path(run, paths->v.v[i].p, cx));
	return print_report(run, (double)(clock_monotonic_ns(NULL) - start_ns) / 1e9);
}

int main(int argc, char **argv)
{
	struct options opt = {.arm = arm_find(STR("headroom"))};
	struct arena a = ARENA_INIT;
	struct errctx cx = {.code = E_OK};
	struct paths paths = {0};
	struct run run = {.opt = &opt, .arena = &a};
	const char *corpora = getenv("HEADROOM_CORPORA");
	int bad = parse_options(argc, argv, &opt);

	if (bad)
		return bad;
	for (int i = optind; i < argc; i++)
		add_path(&paths, &a, argv[i]);
	if (optind == argc && corpora)
		add_path(&paths, &a, arena_printf(&a, "%s/turns%c", corpora, '\0').p);
	if (!paths.v.n) {
		printf("bench_turns: skipped, no recordings (give a path or set "
		       "HEADROOM_CORPORA)\n");
		return 0;
	}
	replay_result_init(&run.recorded);
	if (run_all(&run, &paths, &cx) != E_OK)
		fprintf(stderr, "bench_turns: %s\n", cx.text);
	for (int g = 0; g < GROUP_N; g++)
		tally_release(&run.groups[g]);
	for (size_t i = 0; i < run.files.n; i++)
		tally_release(&run.files.v[i]);
	replay_result_release(&run.recorded);
	arena_release(&a);
	return err_exit(cx.code);
}
