/* setup: what `headroom wrap` will do, before it does anything: the environment and the arguments of the agent, files of this
 * run, edits of files that are not ours (--persist), and the upstreams that the proxy needs, because the agent asked
 * somebody else than the provider before. Made from the table of agents, the environment, the arguments and the agent's own
 * settings; nothing is written, started or asked here.
 *
 * Owns: nothing; all of it lives in the arena of struct setup_in. Thread: one at a time. */
#ifndef WRAP_SETUP_H
#define WRAP_SETUP_H

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "wrap/agent.h"
#include "wrap/edit/edit.h"

struct setup_in {
	struct arena *arena;
	const struct agent *agent;
	char *const *envp;
	const char *cwd;     /* absolute */
	const char *home;    /* NULL when it is not known: then no settings below it are read */
	const char *run_dir; /* for files of this run, made when there is one */
	char *const *args;   /* the agent's, without its name */
	size_t args_n;
	const char *url;    /* of the proxy: "http://127.0.0.1:8787" */
	str project;        /* label of this directory; empty: none */
	bool is_persistent; /* with edits */
	bool is_user_scope; /* edits in the user's settings, not in the project's */
	bool no_files;      /* run_dir cannot be written to */
	/* options of some agents; NULL and false: not given */
	const char *tool_search, *provider_type, *wire_api;
	bool is_1m;
	/* The whole file into the arena. E_NOT_FOUND, other errors. */
	enum err (*read)(void *self, const char *path, str *out, struct errctx *cx);
	/* Whether a loopback URL is one of a headroom, alive or not, so that it is no upstream. */
	bool (*is_ours)(void *self, str url);
	void *self;
};

struct setup_var {
	const char *name, *value; /* value NULL: is taken out of the environment */
	bool is_secret;           /* may hold what is the user's secret: shown to nobody */
};

struct setup_file {
	const char *path; /* below run_dir, mode 0600 */
	str text;
};

struct setup {
	const struct setup_in *in;
	struct arena *arena;
	VEC(struct setup_var) env;
	VEC(const char *) args; /* all, in their order; [0] is not the program */
	VEC(struct setup_file) files;
	VEC(struct edit) edits;
	const char *upstreams[AGENT_TO_N]; /* NULL: the provider itself */
	VEC(const char *) notes;           /* for the user, each one line */
	bool is_isolated; /* the upstreams are this agent's alone, not those of what it starts */
	bool is_direct;   /* nothing of it goes through the proxy; a note says why */
};

/* Fills out. E_UNSUPPORTED and E_CONFIG when the agent cannot be led to the proxy as it is set up. */
enum err setup_make(const struct setup_in *in, struct setup *out, struct errctx *cx) MUST_CHECK;

/* The whole environment of the agent, NULL-terminated, and its argument vector with argv0 in front. */
char **setup_envp(const struct setup *p) RETURNS_NONNULL;
char **setup_argv(const struct setup *p, const char *argv0) RETURNS_NONNULL;

/* ---- for wrap/agent_*.c -------------------------------------------------------------------------------------- */

const char *setup_getenv(const struct setup *p, const char *name); /* NULL: not set or empty */
void setup_setenv(struct setup *p, const char *name, const char *value);
void setup_note(struct setup *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The URL of the proxy with suffix; with the project's name in its path when by_path. */
const char *setup_url(const struct setup *p, bool by_path, const char *suffix) RETURNS_NONNULL;
/* old (perhaps empty) is where requests to `to` went until now: if it is somebody else's it becomes the upstream, the first
 * one wins, a second other one is noted. Gives "/v1" when the agent's base URL ends in it or there is no old one, else "". */
const char *setup_take_upstream(struct setup *p, enum agent_upstream to, str old);
/* Sets the variables to the proxy, taking over what they hold now. */
void setup_set_vars(struct setup *p, const struct agent_var *vars);

/* The project's name percent-encoded, for a header or a path; empty when there is none. */
str setup_label(const struct setup *p, bool for_path);
/* The value of a header variable: `old` with our headers that it does not have yet. */
str setup_headers(struct setup *p, str old, const char *line_end);

/* The whole file; false when it is not there or cannot be read (noted then). */
bool setup_read(struct setup *p, const char *path, str *out);
/* The value at a dot-separated path of a document, without quotes; empty when it is not there or no text. */
str setup_lookup(struct setup *p, const struct edit_format *f, str text, const char *const *part);
/* Path in the arena, of parts joined with '/'. */
const char *setup_path(const struct setup *p, const char *dir, const char *name) RETURNS_NONNULL;
/* "~" at the beginning is the home directory. */
const char *setup_tilde(const struct setup *p, const char *path) RETURNS_NONNULL;
str setup_quote(const struct setup *p, str text); /* as a JSON string; of TOML, too */
/* text, a document of JSON, with a string at that path. False when it cannot be read; then *text is as it was. */
bool setup_json_set(struct setup *p, str *text, const char *const *part, str value);
void setup_add_edit(struct setup *p, const char *file, const struct edit_format *f,
	const char *const *part, str literal);

/* Index of the last argument that gives an option its value, by any of these spellings (NULL-terminated): "--x V" or "--x=V"; SIZE_MAX.
 * Stops at "--". *value is the value. */
size_t setup_find_arg(const struct setup *p, const char *const *names, str *value);
/* Replaces the value that setup_find_arg found there. */
void setup_replace_arg(struct setup *p, size_t at, str value);
void setup_insert_args(struct setup *p, size_t at, const char *const *args, size_t n);

#endif
