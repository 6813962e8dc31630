#include "cli/learn_model.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/learn_provider.h"
#include "core/base/clock.h"
#include "learn/phrase.h"

enum {
	ANSWER_MAX = 1 << 20, /* forty rules are 20 KB */
	CHUNK = 4096,
};

/* Programs of agents that answer a prompt on standard input. */
static const struct {
	const char *name;
	const char *argv[5];
} AGENTS[] = {
	{"claude", {"claude", "-p", "--output-format", "text", NULL}},
	{"codex", {"codex", "exec", "--skip-git-repo-check", "-", NULL}},
	{"gemini", {"gemini", "-p", "Do what standard input asks.", NULL}},
};

/* Where an agent is told to find its provider: here that would be a proxy that may learn itself. */
static const char *const CLEARED[] = {"ANTHROPIC_BASE_URL=", "OPENAI_BASE_URL=", "OPENAI_API_BASE=",
	"GOOGLE_GEMINI_BASE_URL=", "CODE_ASSIST_ENDPOINT=", "ANTHROPIC_CUSTOM_HEADERS="};

struct child {
	pid_t pid;
	int in, out; /* our ends; -1: closed */
};

static char **environment(struct cli *cli)
{
	VEC(char *) kept = {0};

	for (char *const *e = cli->envp; *e; e++) {
		bool is_cleared = false;

		for (size_t i = 0; i < ARRAY_N(CLEARED); i++)
			is_cleared |= str_starts(str_from(*e), str_from(CLEARED[i]));
		if (!is_cleared)
			*vec_push(&kept, &cli->arena) = *e;
	}
	*vec_push(&kept, &cli->arena) = NULL;
	return kept.v;
}

static enum err spawn(struct cli *cli, char *const *argv, const int in[2], const int out[2],
	pid_t *pid, struct errctx *cx)
{
	posix_spawn_file_actions_t f;
	int rc = posix_spawn_file_actions_init(&f);

	if (rc)
		FAIL(cx, E_NOMEM, "no memory to start %s", argv[0]);
	rc |= posix_spawn_file_actions_adddup2(&f, in[0], STDIN_FILENO);
	rc |= posix_spawn_file_actions_adddup2(&f, out[1], STDOUT_FILENO);
	rc |= posix_spawn_file_actions_addchdir_np(&f, "/");
	if (!rc)
		rc = posix_spawnp(pid, argv[0], &f, NULL, argv, environment(cli));
	(void)posix_spawn_file_actions_destroy(&f);
	if (rc) {
		errno = rc;
		FAIL(cx, E_UNAVAILABLE, "cannot run %s: %m", argv[0]);
	}
	return E_OK;
}

static enum err start(struct cli *cli, char *const *argv, struct child *c, struct errctx *cx)
{
	int in[2], out[2];
	enum err e;

	if (pipe2(in, O_CLOEXEC) != 0)
		FAIL(cx, E_IO, "no pipe: %m");
	if (pipe2(out, O_CLOEXEC) != 0) {
		(void)close(in[0]);
		(void)close(in[1]);
		FAIL(cx, E_IO, "no pipe: %m");
	}
	e = spawn(cli, argv, in, out, &c->pid, cx);
	(void)close(in[0]);
	(void)close(out[1]);
	c->in = in[1];
	c->out = out[0];
	return e;
}

/* What the child takes of the prompt; it may close its end without reading all of it. */
static void feed(struct child *c, str *prompt)
{
	ssize_t n = write(c->in, prompt->p, prompt->n);

	if (n > 0)
		*prompt = str_sub(*prompt, (size_t)n, prompt->n);
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || !prompt->n) {
		(void)close(c->in);
		c->in = -1;
	}
}

/* Until it closes its output. */
static enum err talk(
	struct child *c, str prompt, int64_t timeout_ms, struct buf *answer, struct errctx *cx)
{
	int64_t until = clock_monotonic_ns(NULL) + timeout_ms * 1000000;

	(void)fcntl(c->in, F_SETFL, O_NONBLOCK);
	for (;;) {
		struct pollfd fds[2] = {{c->out, POLLIN, 0}, {c->in, POLLOUT, 0}};
		int64_t left = (until - clock_monotonic_ns(NULL)) / 1000000;
		char chunk[CHUNK];
		ssize_t n;

		if (left <= 0)
			FAIL(cx, E_TIMEOUT, "the model has not answered in time");
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			FAIL(cx, E_IO, "cannot wait for the model: %m");
		if (c->in >= 0 && fds[1].revents)
			feed(c, &prompt);
		if (!fds[0].revents)
			continue;
		n = read(c->out, chunk, sizeof chunk);
		if (n == 0)
			return E_OK;
		if (n < 0 && errno != EINTR)
			FAIL(cx, E_IO, "cannot read the answer: %m");
		if (n > 0)
			buf_add(answer, (str){chunk, (size_t)n});
		if (answer->err)
			FAIL(cx, answer->err, "the answer is too long");
	}
}

static enum err ask_program(const struct learn_run *r, char *const *argv, str prompt,
	struct buf *answer, struct errctx *cx)
{
	struct child c = {.in = -1, .out = -1};
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	int status = 0;
	enum err e = start(r->cli, argv, &c, cx);

	if (!e) {
		e = talk(&c, prompt, r->args->model_timeout_ms, answer, cx);
		if (e)
			(void)kill(c.pid, SIGTERM);
	}
	if (c.in >= 0)
		(void)close(c.in);
	if (c.out >= 0)
		(void)close(c.out);
	while (c.pid > 0 && waitpid(c.pid, &status, 0) < 0 && errno == EINTR)
		;
	(void)signal(SIGPIPE, old);
	if (!e && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		FAIL(cx, E_FAILED, "%s ended with status %d", argv[0],
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return e;
}

/* The agent of that name, or a line for the shell. */
static char *const *program_of(struct cli *cli, str model)
{
	VEC(char *) argv = {0};
	struct arena *a = &cli->arena;

	for (size_t i = 0; i < ARRAY_N(AGENTS); i++) {
		if (!str_eq_c(model, AGENTS[i].name))
			continue;
		for (size_t k = 0; AGENTS[i].argv[k]; k++)
			*vec_push(&argv, a) = arena_cstr(a, str_from(AGENTS[i].argv[k]));
	}
	if (!argv.n) {
		*vec_push(&argv, a) = arena_cstr(a, STR("sh"));
		*vec_push(&argv, a) = arena_cstr(a, STR("-c"));
		*vec_push(&argv, a) = arena_cstr(a, model);
	}
	*vec_push(&argv, a) = NULL;
	return argv.v;
}

enum err learn_model_find(struct cli *cli, const struct learn_args *args,
	struct learn_provider *out, struct errctx *cx)
{
	*out = (struct learn_provider){.name = NULL};
	return learn_provider_is(args->model) ? learn_provider_find(cli, args->model, out, cx)
					      : E_OK;
}

static enum err phrase(struct learn_run *r, const struct learn_provider *p, struct rule_set *set,
	struct errctx *cx)
{
	struct arena *a = &r->cli->arena;
	struct buf prompt, answer;
	struct rule_set changed;
	unsigned taken, refused;

	buf_init_arena(&prompt, a, ANSWER_MAX);
	phrase_prompt(set, &prompt);
	if (prompt.err)
		FAIL(cx, prompt.err, "the rules are too long to ask about");
	buf_init_arena(&answer, a, ANSWER_MAX);
	if (p->name)
		TRY(learn_provider_ask(
			r->cli, p, buf_str(&prompt), r->args->model_timeout_ms, &answer, cx));
	else
		TRY(ask_program(
			r, program_of(r->cli, r->args->model), buf_str(&prompt), &answer, cx));
	TRY(phrase_answer(a, set, buf_str(&answer), &changed, &taken, &refused, cx));
	cli_info(r->cli, STR_FMT ": %u of the model's rules were taken, %u were not",
		STR_ARG(set->project), taken, refused);
	*set = changed;
	return E_OK;
}

void learn_ask_model(struct learn_run *r, const struct learn_provider *p)
{
	for (size_t i = 0; i < r->result.projects.n; i++) {
		struct rule_set *set = &r->result.projects.v[i];
		struct errctx cx = {0};

		if (set->rules.n && phrase(r, p, set, &cx) != E_OK) {
			cli_warn(r->cli, "%s; the rules stand as they were found", cx.text);
			return; /* what failed for one will fail for the others */
		}
	}
}
