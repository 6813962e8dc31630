/* Check of doctor: do the proxies that the machine should keep running run? */
#include "cli/doctor.h"
#include "wrap/deploy.h"

enum { ASK_MS = 300 };

static void look_at_profile(struct doctor *d, const char *profile)
{
	struct deploy deploy = {.arena = d->arena,
		.envp = d->cli->envp,
		.workspace = d->places.workspace,
		.config = d->places.config,
		.profile = profile};
	struct control_health health;
	struct errctx cx = {0};

	if (deploy_load(&deploy, &cx)) {
		doctor_say(d, DOCTOR_FAIL, "%s", cx.text);
	} else if (control_health(deploy.port, ASK_MS, &health, &cx)) {
		doctor_say(
			d, DOCTOR_FAIL, "the service '%s' does not answer: %s", profile, cx.text);
		doctor_advise(d, false, "headroom install restart --profile %s", profile);
	} else {
		doctor_say(d, DOCTOR_PASS, "'%s' runs at %s", profile, deploy.url);
	}
}

void doctor_look_service(struct doctor *d)
{
	struct deploy_names names;

	deploy_list(d->arena, d->places.workspace, &names);
	for (size_t i = 0; i < names.list.n; i++)
		look_at_profile(d, names.list.v[i]);
	if (!names.list.n)
		doctor_say(d, DOCTOR_INFO, "none; 'headroom install apply' sets one up");
}
