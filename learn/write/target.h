/* target: the memory files that agents read at the start of a session: one table. A target is named, or is the path of a file.
 * Owns: nothing; results live in the arena. Reads no environment and no files. Thread: any. */
#ifndef LEARN_WRITE_TARGET_H
#define LEARN_WRITE_TARGET_H

#include "learn/agent.h"

/* X(TARGET, "name", "file in the project", "who reads it") */
#define TARGET_MAP(X)                                                                      \
	X(CLAUDE_LOCAL, "claude-local", "CLAUDE.local.md", "Claude Code, on this machine") \
	X(CLAUDE, "claude", "CLAUDE.md", "Claude Code, for all who have the project")      \
	X(MEMORY, "memory", "", "Claude Code: its own memory of the project, MEMORY.md")   \
	X(AGENTS, "agents", "AGENTS.md", "Codex, opencode, Cursor, pi and others")         \
	X(GEMINI, "gemini", "GEMINI.md", "Gemini CLI")                                     \
	X(CURSOR, "cursor", ".cursor/rules/headroom-learned.mdc", "Cursor")                \
	X(OPENCODE, "opencode", "AGENTS.md", "opencode")                                   \
	X(AIDER, "aider", "CONVENTIONS.md", "aider, with --read CONVENTIONS.md")           \
	X(COPILOT, "copilot", ".github/copilot-instructions.md", "GitHub Copilot")

enum target_kind {
#define X(target, name, file, who) TARGET_##target,
	TARGET_MAP(X)
#undef X
		TARGET_FILE, /* a path that was given */
	TARGET_KIND_N = TARGET_FILE
};

struct target {
	enum target_kind kind;
	const char *path; /* absolute */
	str preamble;     /* what a new file begins with */
};

const char *target_name(enum target_kind k) RETURNS_NONNULL; /* "claude-local"; static */
const char *target_who(enum target_kind k) RETURNS_NONNULL;  /* static */

/* The file of a target for a project, an absolute directory. When that is the home directory, Claude Code's is the one for all
 * projects. E_CONFIG when its place depends on a home directory that is not known. */
enum err target_at(const struct learn_env *env, str project, enum target_kind kind, struct arena *a,
	struct target *out, struct errctx *cx) MUST_CHECK;
/* The same for a name of the table, or a path: one with a slash or a dot, "~/" at its beginning being the home directory;
 * if it is not absolute, in the project. E_USAGE for another word, with the nearest name. */
enum err target_parse(const struct learn_env *env, str project, str word, struct arena *a,
	struct target *out, struct errctx *cx) MUST_CHECK;

/* Where rules go that were learned from an agent's sessions, when nobody says where. */
enum target_kind target_of_agent(enum learn_agent g) PURE;

#endif
