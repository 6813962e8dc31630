/* run: one `headroom wrap`: what was left by a killed one is undone, a proxy is joined or started, the agent runs, and
 * everything is as it was before. The order is that of the functions below.
 *
 * Nothing here writes to standard output. While the agent runs nothing is written at all: what there is to say about that
 * time is said when it has ended.
 *
 * Owns: the lease and the edits of this run, within wrap_run. Thread: the only one of the process. */
#ifndef WRAP_RUN_H
#define WRAP_RUN_H

#include "core/base/log.h"
#include "wrap/find.h"
#include "wrap/setup.h"

enum wrap_word { WRAP_INFO, WRAP_NOTE, WRAP_WARNING };

struct wrap_conf {
	struct arena *arena;
	const struct agent *agent;
	const char *program; /* its path; NULL for an agent that is not started */
	char *const *args;   /* the agent's */
	size_t args_n;
	char *const *envp;
	const char *cwd, *home;      /* home: NULL when it is not known */
	const char *workspace, *exe; /* exe: of headroom, absolute */
	/* the proxy */
	uint16_t port;
	bool is_port_given; /* no other will do where a stranger has it */
	bool is_port_fixed; /* said on the line: not even that of the headroom that this one runs in */
	bool is_private, must_exist, replaces;
	const char *const *proxy_args;
	size_t proxy_args_n;
	int64_t start_ms, idle_exit_ms;
	/* the plan */
	str project;
	bool is_persistent, is_user_scope, is_1m, no_files;
	const char *tool_search, *provider_type, *wire_api;
	/* a line without its end, to be shown */
	void (*say)(void *self, enum wrap_word word, const char *text);
	void *self;
};

/* The plan for a proxy at the wanted port, or at that of the headroom that this one runs in. Changes nothing. */
enum err wrap_plan(struct wrap_conf *c, struct setup *out, struct errctx *cx) MUST_CHECK;

/* All of it. *status: the agent's, see launch_run. E_UNAVAILABLE: no proxy; errors of edits; then the agent was not started. */
enum err wrap_run(struct wrap_conf *c, int *status, struct errctx *cx) MUST_CHECK;

/* The proxy that runs already, for --print-env: the plan with its URL. E_UNAVAILABLE. */
enum err wrap_plan_running(struct wrap_conf *c, struct setup *out, struct errctx *cx) MUST_CHECK;

/* Whether a URL is one of a headroom on this machine, alive or not. */
bool wrap_is_ours(const struct wrap_conf *c, str url);
/* The port of a loopback URL; 0: it is none. */
uint16_t wrap_loopback_port(str url) PURE;

#endif
