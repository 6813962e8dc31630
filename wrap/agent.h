/* agent: what is known about each agent that `headroom wrap` starts: one table, wrap/agent_table.c. A row says which
 * programs it is, which variables lead it to the proxy, and what breaks; the few things that a row cannot say are a
 * function, wrap/agent_NAME.c, that works on the plan (wrap/setup.h).
 * Constant. Thread: any. */
#ifndef WRAP_AGENT_H
#define WRAP_AGENT_H

#include "core/base/err.h"
#include "core/base/str.h"

struct setup;

/* Which provider a base URL belongs to: what stood there before is where the proxy sends such requests. The second
 * is the variable of `headroom proxy` for it. */
#define AGENT_UPSTREAM_MAP(X)                    \
	X(NONE, "")                              \
	X(ANTHROPIC, "ANTHROPIC_TARGET_API_URL") \
	X(OPENAI, "OPENAI_TARGET_API_URL")       \
	X(GEMINI, "GEMINI_TARGET_API_URL")       \
	X(CLOUDCODE, "CLOUDCODE_TARGET_API_URL") \
	X(VERTEX, "VERTEX_TARGET_API_URL")
enum agent_upstream {
#define X(name, variable) AGENT_TO_##name,
	AGENT_UPSTREAM_MAP(X)
#undef X
		AGENT_TO_N
};
const char *agent_upstream_variable(enum agent_upstream u) RETURNS_NONNULL; /* static */

enum agent_kind {
	AGENT_RUNS, /* is started, and led by variables and arguments */
	AGENT_SHOWS, /* lives in an editor or a daemon: the proxy is held, and the lines to be set are shown */
	AGENT_CANNOT, /* its requests do not come from this machine: nothing to be done here */
};

enum agent_flags {
	AGENT_SENDS_HEADERS = 1, /* takes a header of ours: the project's name */
	AGENT_NAMES_PROJECT_BY_PATH =
		2, /* cannot, so that the name goes into the base URL: U/p/NAME */
};

/* A variable that holds a base URL. */
struct agent_var {
	const char *name;
	const char *suffix; /* behind the URL of the proxy: "", "/v1" */
	enum agent_upstream to;
	bool is_host; /* takes no path, so that it gets none of ours */
};

struct agent {
	const char *name, *title;
	enum agent_kind kind;
	unsigned flags;
	const char *const
		*binaries;        /* NULL-terminated, in the order in which they are looked for */
	const char *bin_variable; /* names another program: HEADROOM_CLAUDE_BIN */
	const char *install;      /* how to get it, for the message when it is not there; NULL */
	const struct agent_var *vars; /* ends with a NULL name */
	/* Adds to the plan what vars do not say, or in their place (they are not applied then, but see setup_set_vars).
	 * NULL: vars alone. */
	enum err (*plan)(struct setup *p, struct errctx *cx);
	/* Adds the edits of --persist; NULL: there is none. */
	enum err (*persist)(struct setup *p, struct errctx *cx);
	const char *files;  /* what --persist would write; "" when nothing */
	const char *breaks; /* what is known not to work; "" when nothing */
	const char *
		lines; /* AGENT_SHOWS: lines with %U (URL of the proxy, with the project), AGENT_CANNOT: the reason */
};

extern const struct agent agent_table[]; /* ends with a NULL name */

const struct agent *agent_find(str name) PURE; /* NULL */
/* Why there is no such agent, with the nearest name: E_USAGE. */
enum err agent_unknown(str name, struct errctx *cx);

/* wrap/agent_*.c */
enum err agent_claude_plan(struct setup *p, struct errctx *cx);
enum err agent_claude_persist(struct setup *p, struct errctx *cx);
enum err agent_codex_plan(struct setup *p, struct errctx *cx);
enum err agent_codex_persist(struct setup *p, struct errctx *cx);
enum err agent_gemini_plan(struct setup *p, struct errctx *cx);
enum err agent_opencode_plan(struct setup *p, struct errctx *cx);
enum err agent_opencode_persist(struct setup *p, struct errctx *cx);
enum err agent_copilot_plan(struct setup *p, struct errctx *cx);
enum err agent_openhands_plan(struct setup *p, struct errctx *cx);
enum err agent_vibe_plan(struct setup *p, struct errctx *cx);
enum err agent_exec_plan(struct setup *p, struct errctx *cx);

#endif
