/* Checks of doctor: what commands that were killed have left: edits that are not undone, files of proxies that have
 * ended. */
#include <stdio.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "core/lease/record.h"
#include "core/lease/run_dir.h"
#include "wrap/edit/edit.h"

enum { EDIT_WAIT_MS = 2000, PATH_BYTES = 4096, RUNS_MAX = 256 };

static struct edit_env edit_env(const struct doctor *d)
{
	return (struct edit_env){.workspace = d->places.workspace, .wait_ms = EDIT_WAIT_MS};
}

/* ---- edits ------------------------------------------------------------------------------------ */

struct counted {
	struct doctor *d;
	size_t alive;
};

static void count_edit(void *self, const struct edit_outcome *o)
{
	struct counted *c = self;

	if (o->result != EDIT_FAILED) {
		c->alive++;
		return;
	}
	doctor_say(c->d, DOCTOR_FAIL,
		STR_FMT ": " STR_FMT " was set for " STR_FMT " by a command that was killed",
		STR_ARG(o->file), STR_ARG(o->key), STR_ARG(o->agent));
	doctor_advise(c->d, true, "headroom doctor edits --fix");
}

void doctor_look_edits(struct doctor *d)
{
	struct counted c = {d, 0};
	struct edit_env env = edit_env(d);
	struct errctx cx = {0};
	size_t before = d->found.n;

	/* To list them makes the directory of the journal. */
	if (access(doctor_path(d, d->places.workspace, "state/edits.jsonl"), F_OK) != 0) {
		doctor_say(d, DOCTOR_PASS, "no file of an agent is changed");
		return;
	}
	if (edit_list(&env, (struct edit_listener){count_edit, &c}, &cx)) {
		doctor_say(d, DOCTOR_FAIL, "%s", cx.text);
		return;
	}
	if (c.alive)
		doctor_say(d, DOCTOR_INFO, "%zu setting%s of agents set, to be undone later",
			c.alive, c.alive == 1 ? " is" : "s are");
	else if (d->found.n == before)
		doctor_say(d, DOCTOR_PASS, "no file of an agent is changed");
}

enum err doctor_repair_edits(struct doctor *d, struct errctx *cx)
{
	struct edit_env env = edit_env(d);

	return edit_recover(&env, (struct edit_listener){NULL, NULL}, cx);
}

/* ---- proxies ---------------------------------------------------------------------------------- */

/* Whether nobody answers any more at the control socket of the port. To be connected for a moment is no use of the proxy. */
static bool is_dead(const struct run_dir *dir, uint16_t port)
{
	enum err e;
	int fd = -1;

	e = run_dir_connect(dir, port, &fd, NULL);
	if (e == E_OK)
		(void)close(fd);
	return e == E_NOT_FOUND;
}

/* Whether the file that the process was started from has been replaced since. */
static bool is_replaced(int64_t pid)
{
	char link[PATH_BYTES], name[64];
	ssize_t n;

	(void)snprintf(name, sizeof name, "/proc/%lld/exe", (long long)pid);
	n = readlink(name, link, sizeof link);
	return n > 0 && str_ends((str){link, (size_t)n}, STR(" (deleted)"));
}

static void look_at_run(struct doctor *d, const struct run_dir *dir, uint16_t port)
{
	struct lease_record r = {.pid = 0};

	if (is_dead(dir, port)) {
		doctor_say(d, DOCTOR_WARN, "a proxy at port %u has left its files", port);
		doctor_advise(d, true, "headroom doctor runs --fix");
	} else if (run_dir_read(dir, port, d->arena, &r, NULL)) {
		doctor_say(d, DOCTOR_INFO, "a proxy is at port %u", port);
	} else if (is_replaced(r.pid)) {
		doctor_say(d, DOCTOR_WARN,
			"the proxy at port %u (process %lld) runs a program that was replaced",
			port, (long long)r.pid);
		doctor_advise(d, false, "headroom proxy stop -p %u", port);
	} else {
		doctor_say(d, DOCTOR_INFO, "a proxy runs at port %u (process %lld)%s", port,
			(long long)r.pid, r.idle_exit_ms ? " until nobody uses it" : "");
	}
}

static size_t list_runs(const struct doctor *d, struct run_dir *dir, uint16_t ports[RUNS_MAX])
{
	return run_dir_name(d->places.workspace, dir)
		       ? run_dir_ports(dir, RUN_JSON, ports, RUNS_MAX)
		       : 0;
}

void doctor_look_runs(struct doctor *d)
{
	uint16_t ports[RUNS_MAX];
	struct run_dir dir = {0};
	size_t n = list_runs(d, &dir, ports);

	for (size_t i = 0; i < n; i++)
		look_at_run(d, &dir, ports[i]);
	if (!n)
		doctor_say(d, DOCTOR_PASS, "no proxy has left files");
}

/* Under the lock of whoever starts a proxy at that port, which may have replaced the files by now. */
enum err doctor_repair_runs(struct doctor *d, struct errctx *cx)
{
	uint16_t ports[RUNS_MAX];
	struct run_dir dir;
	size_t n = list_runs(d, &dir, ports);

	for (size_t i = 0; i < n; i++) {
		int fd;

		if (!is_dead(&dir, ports[i]))
			continue;
		TRY(run_dir_lock(&dir, ports[i], false, &fd, cx));
		run_dir_clean(&dir, ports[i]);
		(void)close(fd);
	}
	return E_OK;
}
