/* agent: which agents record sessions, and where. A recording is known by its bytes (core/transcript); an agent is only
 * where to look, and whom to write for.
 * Owns: nothing; results live in the caller's arena. Reads directories, no environment. Thread: any. */
#ifndef LEARN_AGENT_H
#define LEARN_AGENT_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/vec.h"

/* X(AGENT, "name", "of people") */
#define LEARN_AGENT_MAP(X)                  \
	X(CLAUDE, "claude", "Claude Code")  \
	X(CODEX, "codex", "Codex")          \
	X(GEMINI, "gemini", "Gemini CLI")   \
	X(OPENCODE, "opencode", "OpenCode") \
	X(CURSOR, "cursor", "Cursor")       \
	X(PI, "pi", "pi")                   \
	X(PROXY, "proxy", "headroom proxy")

enum learn_agent {
#define X(agent, name, title) AGENT_##agent,
	LEARN_AGENT_MAP(X)
#undef X
		AGENT_N
};

const char *learn_agent_name(enum learn_agent g) RETURNS_NONNULL;  /* "claude"; static */
const char *learn_agent_title(enum learn_agent g) RETURNS_NONNULL; /* "Claude Code"; static */
bool learn_agent_parse(str name, enum learn_agent *out) MUST_CHECK;

/* What decides about the places; NULL: not set. */
struct learn_env {
	const char *home;              /* HOME */
	const char *claude_config_dir; /* CLAUDE_CONFIG_DIR, else ~/.claude */
	const char *codex_home;        /* CODEX_HOME, else ~/.codex */
	const char *xdg_data_home;     /* XDG_DATA_HOME, else ~/.local/share */
	const char *xdg_config_home;   /* XDG_CONFIG_HOME, else ~/.config */
	const char *log_file;          /* HEADROOM_LOG_FILE: the proxy's */
};

/* A file that may hold sessions. */
struct learn_file {
	const char *path;
	enum learn_agent agent;
	uint64_t bytes;
	int64_t changed_ms; /* since 1970 */
	const char *
		project; /* the directory, where its sessions do not say it but their place does; NULL */
};
struct learn_files {
	VEC(struct learn_file) v;
};

/* Adds the recordings of an agent; none when it has none here. */
void learn_find(
	const struct learn_env *env, enum learn_agent g, struct arena *a, struct learn_files *out);
/* Adds a file, or what is below a directory by its name (*.jsonl, *.json). E_NOT_FOUND, E_IO. */
enum err learn_add_path(
	const char *path, struct arena *a, struct learn_files *out, struct errctx *cx) MUST_CHECK;

#endif
