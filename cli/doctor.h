/* doctor: the checks of `headroom doctor`. Each is a row of the table in cli/run_doctor.c and a function in a file
 * cli/doctor_*.c, which says what it found; some can repair that. A check that looks must change nothing, sends nothing but to
 * this machine, and is quick: all of them together take less than a second.
 * Owns: nothing; what is found lives in the arena of the struct cli. Thread: the main thread. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/args_proxy.h"
#include "cli/cli.h"
#include "proxy/control.h"

enum doctor_status {
	DOCTOR_PASS,
	DOCTOR_INFO, /* nothing to do about it */
	DOCTOR_SKIP, /* could not be looked at, for a reason that another check tells */
	DOCTOR_WARN, /* works, and should be seen to */
	DOCTOR_FAIL,
};

struct doctor_finding {
	const char *name; /* of the check */
	enum doctor_status status;
	str text, fix;   /* fix: what to do; empty: nothing */
	bool is_fixable; /* by --fix */
	bool is_fixed;
};

struct doctor {
	struct cli *cli;
	struct arena *arena;
	struct places places;
	const char *home; /* NULL: not known */
	const char *cwd;
	uint16_t port;
	bool is_port_given; /* so that a proxy is expected there */
	str token;          /* of the proxy; empty: none */
	/* The options of `headroom proxy` as it would start now; options is NULL when they cannot be read, for the reason in
	 * options_why. */
	const struct proxy_args *options;
	const struct opt_group *group;
	struct errctx options_why;
	/* What answers at the port: E_OK: health is filled. */
	enum err asked;
	struct control_health health;
	struct errctx health_why;
	const char *check; /* the row that is at work */
	VEC(struct doctor_finding) found;
};

struct doctor_check {
	const char *name;
	void (*look)(struct doctor *d);
	/* Repairs what look called fixable; NULL: nothing to repair. */
	enum err (*repair)(struct doctor *d, struct errctx *cx);
};

/* A finding of the present check. */
void doctor_say(struct doctor *d, enum doctor_status status, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* What to do about the finding that was said last. */
void doctor_advise(struct doctor *d, bool is_fixable, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* "DIR/NAME" in the arena. */
const char *doctor_path(struct doctor *d, const char *dir, const char *name) RETURNS_NONNULL;
/* A variable that is set and not empty; NULL. */
const char *doctor_env(const struct doctor *d, const char *name);
/* The whole of a settings file into the arena. E_NOT_FOUND and others; nothing is said. */
enum err doctor_read(struct doctor *d, const char *path, str *out, struct errctx *cx) MUST_CHECK;

/* What wrap needs to know to tell URLs of ours from others. */
struct wrap_conf;
void doctor_wrap_conf(struct doctor *d, struct wrap_conf *out);

/* cli/doctor_proxy.c */
void doctor_look_config(struct doctor *d);
void doctor_look_proxy(struct doctor *d);
void doctor_look_version(struct doctor *d);
void doctor_look_bind(struct doctor *d);
void doctor_look_budget(struct doctor *d);
/* cli/doctor_path.c */
void doctor_look_compression(struct doctor *d);
void doctor_look_path(struct doctor *d);
/* cli/doctor_routing.c */
void doctor_look_routing(struct doctor *d);
enum err doctor_repair_routing(struct doctor *d, struct errctx *cx) MUST_CHECK;
/* cli/doctor_leftovers.c */
void doctor_look_leftovers(struct doctor *d);
enum err doctor_repair_leftovers(struct doctor *d, struct errctx *cx) MUST_CHECK;
/* cli/doctor_state.c */
void doctor_look_edits(struct doctor *d);
enum err doctor_repair_edits(struct doctor *d, struct errctx *cx) MUST_CHECK;
void doctor_look_runs(struct doctor *d);
enum err doctor_repair_runs(struct doctor *d, struct errctx *cx) MUST_CHECK;
/* cli/doctor_service.c */
void doctor_look_service(struct doctor *d);
/* cli/doctor_mcp.c */
void doctor_look_mcp(struct doctor *d);
/* cli/doctor_files.c */
void doctor_look_workspace(struct doctor *d);
enum err doctor_repair_workspace(struct doctor *d, struct errctx *cx) MUST_CHECK;
void doctor_look_secrets(struct doctor *d);
enum err doctor_repair_secrets(struct doctor *d, struct errctx *cx) MUST_CHECK;
void doctor_look_store(struct doctor *d);
void doctor_look_logs(struct doctor *d);
void doctor_look_disk(struct doctor *d);
void doctor_look_certificates(struct doctor *d);
void doctor_look_clock(struct doctor *d);
void doctor_look_completions(struct doctor *d);

#endif
