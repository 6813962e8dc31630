/* Check of doctor: what the Python headroom has left in files of agents. */
#include "cli/doctor.h"
#include "wrap/leftover.h"
#include "wrap/run.h"

struct looking {
	struct doctor *d;
	struct wrap_conf conf;
	bool is_telling;
};

static bool is_ours(void *self, str url)
{
	const struct looking *l = self;

	return wrap_is_ours(&l->conf, url);
}

static void tell(void *self, const char *agent, const char *file, enum leftover_result result,
	const char *text)
{
	const struct looking *l = self;

	(void)agent;
	if (!l->is_telling)
		return;
	switch (result) {
	case LEFTOVER_CLEANED:
	case LEFTOVER_REMOVED:
		doctor_say(l->d, DOCTOR_WARN, "another headroom has left something in %s", file);
		doctor_advise(l->d, true, "headroom unwrap --all");
		return;
	case LEFTOVER_KEPT:
		doctor_say(l->d, DOCTOR_INFO, "%s: %s", file, text ? text : "left as it is");
		return;
	case LEFTOVER_FAILED:
		doctor_say(l->d, DOCTOR_WARN, "%s: %s", file, text ? text : "cannot be read");
		return;
	}
}

static enum err clean(struct doctor *d, bool is_dry, struct errctx *cx)
{
	struct looking l = {.d = d, .is_telling = is_dry};
	struct leftover_env env = {.arena = d->arena,
		.envp = d->cli->envp,
		.cwd = d->cwd,
		.home = d->home,
		.is_dry = is_dry,
		.is_ours = is_ours,
		.tell = tell,
		.self = &l};

	doctor_wrap_conf(d, &l.conf);
	return leftover_clean(&env, STR(""), cx);
}

/* Its errors have been told file by file. */
void doctor_look_leftovers(struct doctor *d)
{
	size_t before = d->found.n;
	struct errctx ignored = {0};

	(void)!clean(d, true, &ignored);
	if (d->found.n == before)
		doctor_say(d, DOCTOR_PASS, "no other headroom has left anything");
}

enum err doctor_repair_leftovers(struct doctor *d, struct errctx *cx)
{
	return clean(d, false, cx);
}
