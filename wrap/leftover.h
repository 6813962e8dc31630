/* leftover: what the Python headroom left in files of agents, which knew no journal: blocks between its fences, keys that lead
 * to a proxy on this machine, its backups. Found by what it wrote, never by a key's name alone: a gateway of the user's own, at
 * another port or host, stays.
 * Owns: nothing; results live in the arena. Thread: any. */
#ifndef WRAP_LEFTOVER_H
#define WRAP_LEFTOVER_H

#include "core/base/arena.h"
#include "core/base/err.h"

enum leftover_result {
	LEFTOVER_CLEANED, /* parts of the file were taken out */
	LEFTOVER_REMOVED, /* the whole file, in which nothing else was, or a backup that is needed no more */
	LEFTOVER_KEPT,   /* found, but left: text says why */
	LEFTOVER_FAILED, /* text says why */
};

struct leftover_env {
	struct arena *arena;
	char *const *envp;
	const char *cwd, *home; /* home may be NULL */
	bool is_dry;            /* look only */
	/* Whether a loopback URL is one of a headroom. */
	bool (*is_ours)(void *self, str url);
	void (*tell)(void *self, const char *agent, const char *file, enum leftover_result result,
		const char *text);
	void *self;
};

/* Of one agent, or of all and of the shell's files (agent empty). Told one by one; the first failure to write is
 * returned after all others were tried. A second time there is nothing to find. Here and below cx is never NULL. */
enum err leftover_clean(const struct leftover_env *env, str agent, struct errctx *cx) MUST_CHECK;

/* ---- parts, for tests: text in, text out -------------------------------------------------------------------------- */

/* Without the lines from begin to end, as often as they are there; a begin without end stays. */
str leftover_drop_fence(struct arena *a, str text, const char *begin, const char *end);
/* Codex's config.toml without fences, provider and root keys of headroom; a value noted behind "# was:" comes back. */
str leftover_clean_codex(const struct leftover_env *env, str text);
/* JSON without members of headroom. E_CONFIG when it cannot be read. */
enum err leftover_clean_json(
	const struct leftover_env *env, str text, str *out, struct errctx *cx) MUST_CHECK;

#endif
