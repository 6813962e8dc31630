/* deploy: proxies that the machine starts by itself, `headroom install`. Each has a profile, a name, under which
 * WORKSPACE/deploy/PROFILE/manifest.json says what was set up; what is in there and is not known here is kept. Files are
 * written by the journaled editor (wrap/edit/edit.h), as agent "install" and with the name of the service as their scope, so that they can
 * be taken away again; the supervisor is told by its own program. What a step says is never swallowed, and the manifest
 * goes last: what could not be removed can be tried again.
 *
 * Owns: nothing; texts live in the arena. Thread: one at a time; runs programs and waits for them. */
#ifndef WRAP_DEPLOY_H
#define WRAP_DEPLOY_H

#include "core/base/vec.h"
#include "wrap/service.h"

#define DEPLOY_AGENT "install"

struct deploy {
	struct arena *arena;
	char *const *envp;
	const char *workspace, *config, *exe; /* absolute */
	const char *home;
	const char *user_config; /* XDG_CONFIG_HOME, else HOME/.config */
	const char *profile;
	enum service_kind kind;
	uint16_t port;
	const char *const *args; /* further options of `headroom proxy` */
	size_t args_n;
	bool has_shell;  /* new shells lead programs to it */
	const char *url; /* of the proxy */
};

enum deploy_verb { DEPLOY_START, DEPLOY_STOP, DEPLOY_RESTART, DEPLOY_VERBS };

/* Of a profile that was applied: sets kind, port, has_shell and url. E_NOT_FOUND: there is none; E_CONFIG: its manifest cannot be
 * read. */
enum err deploy_load(struct deploy *d, struct errctx *cx) MUST_CHECK;
/* The profiles that have a manifest, sorted by name. */
struct deploy_names {
	VEC(const char *) list;
};
void deploy_list(struct arena *a, const char *workspace, struct deploy_names *out);

/* The supervisor of this user on this machine, found by asking. */
enum service_kind deploy_find_kind(const struct deploy *d);
/* The file that the supervisor reads; NULL: none. */
const char *deploy_file(const struct deploy *d);
/* What would be written there, or added to the crontab. */
enum err deploy_text(const struct deploy *d, struct buf *out, struct errctx *cx) MUST_CHECK;

/* Writes everything and starts it; what was applied before under this profile is replaced. E_FAILED: it was written and did not start,
 * with the supervisor's words; errors of edits: nothing has changed. */
enum err deploy_apply(struct deploy *d, struct errctx *cx) MUST_CHECK;
/* Ends it and takes everything away. */
enum err deploy_remove(struct deploy *d, struct errctx *cx) MUST_CHECK;
/* E_UNSUPPORTED: cron cannot. E_FAILED with the supervisor's words. */
enum err deploy_tell(const struct deploy *d, enum deploy_verb verb, struct errctx *cx) MUST_CHECK;
/* Whether the supervisor says that it runs; always true where it cannot tell. */
bool deploy_is_active(const struct deploy *d);
/* The program that shows what the proxy has written, NULL-terminated. */
const char *const *deploy_log_argv(const struct deploy *d, bool is_following) RETURNS_NONNULL;
/* Whether services of this user end with his last session, which systemd does unless it lingers. */
bool deploy_needs_linger(const struct deploy *d);
enum err deploy_set_linger(const struct deploy *d, struct errctx *cx) MUST_CHECK;

#endif
