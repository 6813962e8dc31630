/* place: where headroom keeps its things. The rules are a pure function of the values of a few
 * environment variables, which the owner of the process reads and hands in. Thread: any.
 *
 *	workspace  HEADROOM_WORKSPACE_DIR, else HEADROOM_HOME,
 *	           else (HEADROOM_XDG=1) XDG_STATE_HOME/headroom, else ~/.headroom
 *	config     HEADROOM_CONFIG_DIR, else <workspace>/config when the workspace was named,
 *	           else (HEADROOM_XDG=1) XDG_CONFIG_HOME/headroom, else ~/.headroom/config
 *
 * White space around a value is dropped, a leading "~" or "~/" is the home directory, an empty
 * value counts as unset. XDG directories that are not absolute are ignored, as the XDG base
 * directory specification says. */
#ifndef CORE_BASE_PLACE_H
#define CORE_BASE_PLACE_H

#include "core/base/arena.h"
#include "core/base/err.h"

struct place_env {                   /* NULL: not set */
	const char *home;            /* HOME */
	const char *workspace_dir;   /* HEADROOM_WORKSPACE_DIR */
	const char *headroom_home;   /* HEADROOM_HOME, an alias */
	const char *config_dir;      /* HEADROOM_CONFIG_DIR */
	const char *xdg;             /* HEADROOM_XDG; "1" asks for the XDG places */
	const char *xdg_state_home;  /* XDG_STATE_HOME, else ~/.local/state */
	const char *xdg_config_home; /* XDG_CONFIG_HOME, else ~/.config */
};

struct places { /* in the arena */
	const char *workspace, *config;
	const char *config_file; /* <config>/config.toml */
	const char *store_file;  /* <workspace>/store.db */
};

/* E_CONFIG when a place depends on the home directory and HOME is not an absolute path. Makes
 * nothing. */
enum err places_find(const struct place_env *env, struct arena *a, struct places *out,
	struct errctx *cx) MUST_CHECK;

#endif
