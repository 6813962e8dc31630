/* What the supervisors are told, as one table of command lines. Behind a '%': N the unit, P the file, T launchd's name of
 * the service, D the domain of launchd that it is in. */
#include <stdio.h>
#include <unistd.h>

#include "core/base/file.h"
#include "wrap/deploy_internal.h"
#include "wrap/edit/format.h"
#include "wrap/tool.h"

enum {
	ARGV_MAX = 8,
	WORDS_MAX = 8 << 10,
	CRONTAB_MAX = 1 << 20,
	SHOWN_MAX = 300,
	FILE_MODE = 0600
};

struct line {
	enum service_kind kind;
	enum supervisor_step step;
	bool may_fail; /* there may be nothing to do */
	const char *argv[ARGV_MAX];
};

#define SYSTEMD(step, ...)                                 \
	{                                                  \
		SERVICE_SYSTEMD, step, false,              \
		{                                          \
			"systemctl", "--user", __VA_ARGS__ \
		}                                          \
	}
#define LAUNCHD(step, may_fail, ...)             \
	{                                        \
		SERVICE_LAUNCHD, step, may_fail, \
		{                                \
			"launchctl", __VA_ARGS__ \
		}                                \
	}

static const struct line lines[] = {
	SYSTEMD(STEP_APPLY, "daemon-reload"),
	SYSTEMD(STEP_APPLY, "enable", "%N"),
	SYSTEMD(STEP_APPLY, "restart", "%N"),
	SYSTEMD(STEP_REMOVE, "disable", "--now", "%N"),
	SYSTEMD(STEP_AFTER_REMOVE, "daemon-reload"),
	SYSTEMD(STEP_START, "start", "%N"),
	SYSTEMD(STEP_STOP, "stop", "%N"),
	SYSTEMD(STEP_RESTART, "restart", "%N"),
	SYSTEMD(STEP_IS_ACTIVE, "is-active", "%N"),
	LAUNCHD(STEP_APPLY, true, "bootout", "%T"),
	LAUNCHD(STEP_APPLY, false, "bootstrap", "%D", "%P"),
	LAUNCHD(STEP_REMOVE, true, "bootout", "%T"),
	LAUNCHD(STEP_START, false, "bootstrap", "%D", "%P"),
	LAUNCHD(STEP_STOP, false, "bootout", "%T"),
	LAUNCHD(STEP_RESTART, false, "kickstart", "-k", "%T"),
	LAUNCHD(STEP_IS_ACTIVE, false, "print", "%T"),
};

static const char *expand(const struct deploy *d, const char *word)
{
	if (word[0] != '%')
		return word;
	switch (word[1]) {
	case 'N':
		return arena_printf(d->arena, "%s.service", deploy_unit(d)).p;
	case 'P':
		return deploy_file(d);
	case 'D':
		return arena_printf(d->arena, "gui/%lld", (long long)getuid()).p;
	default:
		return arena_printf(
			d->arena, "gui/%lld/com.headroom.%s", (long long)getuid(), d->profile)
			.p;
	}
}

/* Words of a tool, their end if they are many. */
static enum err fail_words(const char *const *argv, str words, int status, struct errctx *cx)
{
	words = str_trim(words);
	if (words.n > SHOWN_MAX)
		words = str_sub(words, words.n - SHOWN_MAX, words.n);
	FAIL(cx, E_FAILED, "%s %s ends with status %d: " STR_FMT, argv[0], argv[1], status,
		STR_ARG(words));
}

static enum err run(
	const struct deploy *d, const char *const *argv, bool may_fail, struct errctx *cx)
{
	struct buf words;
	int status = 0;
	enum err e;

	buf_init(&words, WORDS_MAX);
	e = tool_run(argv, d->envp, &words, &status, cx);
	if (!e && status && !may_fail)
		e = fail_words(argv, buf_str(&words), status, cx);
	buf_release(&words);
	return e;
}

/* ---- cron ------------------------------------------------------------------------------------- */

/* The user's crontab, in the arena; empty when there is none. */
static enum err read_crontab(const struct deploy *d, str *out, struct errctx *cx)
{
	static const char *const argv[] = {"crontab", "-l", NULL};
	struct buf words;
	int status = 0;
	enum err e;

	buf_init(&words, CRONTAB_MAX);
	e = tool_run(argv, d->envp, &words, &status, cx);
	/* 1 and a message: "no crontab for NAME" */
	*out = e || status ? STR("") : arena_str(d->arena, buf_str(&words));
	buf_release(&words);
	return e;
}

static enum err write_crontab(const struct deploy *d, str text, struct errctx *cx)
{
	const char *path = arena_printf(d->arena, "%s/crontab", deploy_dir(d)).p;
	const char *const argv[] = {"crontab", path, NULL};
	enum err e;

	TRY(file_write_atomic(path, text, FILE_MODE, cx));
	e = run(d, argv, false, cx);
	(void)unlink(path);
	return e;
}

/* The block's name; a profile may hold a '.', which a block may not. */
static str block_id(const struct deploy *d)
{
	char *id = arena_cstr(d->arena, arena_printf(d->arena, "service-%s", d->profile));

	for (char *c = id; *c; c++)
		if (*c == '.')
			*c = '_';
	return str_from(id);
}

static enum err change_crontab(const struct deploy *d, bool is_removing, struct errctx *cx)
{
	str id = block_id(d), old, fresh;
	struct edit_set set = {.format = &edit_format_shell, .path = {&id, 1}};
	struct edit_change change;
	struct buf b;
	enum err e;

	TRY(read_crontab(d, &old, cx));
	if (is_removing) {
		e = edit_remove(d->arena, set.format, old, set.path, 0, &fresh, cx);
		return e == E_NOT_FOUND ? E_OK : e ? e : write_crontab(d, fresh, cx);
	}
	buf_init_arena(&b, d->arena, CRONTAB_MAX);
	TRY(deploy_text(d, &b, cx));
	set.literal = buf_str(&b);
	TRY(edit_set(d->arena, old, &set, &change, cx));
	return write_crontab(d, change.text, cx);
}

static enum err tell_cron(const struct deploy *d, enum supervisor_step step, struct errctx *cx)
{
	switch (step) {
	case STEP_APPLY:
		return change_crontab(d, false, cx);
	case STEP_REMOVE:
		return change_crontab(d, true, cx);
	case STEP_AFTER_REMOVE:
	case STEP_IS_ACTIVE:
		return E_OK;
	default:
		FAIL(cx, E_UNSUPPORTED,
			"cron starts it when the machine does; 'headroom proxy -p %u' starts one "
			"now",
			d->port);
	}
}

enum err supervisor_do(const struct deploy *d, enum supervisor_step step, struct errctx *cx)
{
	if (d->kind == SERVICE_CRON)
		return tell_cron(d, step, cx);
	for (size_t i = 0; i < ARRAY_N(lines); i++) {
		const char *argv[ARGV_MAX + 1] = {NULL};

		if (lines[i].kind != d->kind || lines[i].step != step)
			continue;
		for (size_t k = 0; k < ARGV_MAX && lines[i].argv[k]; k++)
			argv[k] = expand(d, lines[i].argv[k]);
		TRY(run(d, argv, lines[i].may_fail, cx));
	}
	return E_OK;
}

/* ---- what can be asked ------------------------------------------------------------------------- */

static bool succeeds(const struct deploy *d, const char *const *argv)
{
	return run(d, argv, false, NULL) == E_OK;
}

enum service_kind deploy_find_kind(const struct deploy *d)
{
#ifdef __APPLE__
	(void)d;
	return SERVICE_LAUNCHD;
#else
	/* Fails where systemd is not the first process or the user has no manager. */
	static const char *const ask[] = {"systemctl", "--user", "show-environment", NULL};

	return succeeds(d, ask) ? SERVICE_SYSTEMD : SERVICE_CRON;
#endif
}

bool deploy_is_active(const struct deploy *d)
{
	return supervisor_do(d, STEP_IS_ACTIVE, NULL) == E_OK;
}

/* loginctl(1): without lingering the manager of a user ends with his last session. */
bool deploy_needs_linger(const struct deploy *d)
{
	static const char *const argv[] = {
		"loginctl", "show-user", "--property=Linger", "--value", NULL};
	struct buf words;
	int status = 0;
	bool is_off;

	if (d->kind != SERVICE_SYSTEMD)
		return false;
	buf_init(&words, WORDS_MAX);
	is_off = tool_run(argv, d->envp, &words, &status, NULL) == E_OK && !status &&
		 str_eq(str_trim(buf_str(&words)), STR("no"));
	buf_release(&words);
	return is_off;
}

enum err deploy_set_linger(const struct deploy *d, struct errctx *cx)
{
	static const char *const argv[] = {"loginctl", "enable-linger", NULL};

	return run(d, argv, false, cx);
}

const char *const *deploy_log_argv(const struct deploy *d, bool is_following)
{
	const char **argv = arena_array(d->arena, const char *, ARGV_MAX);
	size_t n = 0;

	if (d->kind == SERVICE_SYSTEMD) {
		const char *const words[] = {"journalctl", "--user", "-u", expand(d, "%N")};

		memcpy(argv, words, sizeof words);
		n = ARRAY_N(words);
	} else {
		const char *const words[] = {"tail", "-n", "200"};

		memcpy(argv, words, sizeof words);
		n = ARRAY_N(words);
	}
	if (is_following)
		argv[n++] = "-f";
	if (d->kind != SERVICE_SYSTEMD)
		argv[n++] = deploy_log_file(d);
	return argv;
}
