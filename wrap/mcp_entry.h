/* mcp_entry: where each agent keeps the MCP servers that it starts, and the entry of ours there. One table,
 * wrap/mcp_table.c; what is written goes through the journaled editor (wrap/edit/edit.h), under a scope of its own, so that
 * `headroom unwrap` leaves it and `headroom mcp uninstall` takes it back. Looks at files, runs nothing.
 * Owns: nothing; all of it lives in the caller's arena. Thread: one at a time. */
#ifndef WRAP_MCP_ENTRY_H
#define WRAP_MCP_ENTRY_H

#include "core/base/vec.h"
#include "wrap/agent.h"
#include "wrap/edit/edit.h"

/* Scopes of the edits in the journal. */
#define MCP_SCOPE_USER    "mcp-user"
#define MCP_SCOPE_PROJECT "mcp-project"

enum { MCP_PATH_MAX = 4, MCP_KEYS_MAX = 8 };

/* A key of the entry; literal with %C for the command, quoted. */
struct mcp_key {
	const char *name; /* below the entry; NULL: the entry itself */
	const char *literal;
};

struct mcp_row {
	const char *agent; /* in agent_table */
	/* The user's file is what file_variable names, else DIR/user_file. DIR is what dir_variable names, else
	 * XDG_CONFIG_HOME/xdg_dir where that variable is set, else HOME/dir, or with is_home_bare HOME itself. */
	const char *file_variable, *dir_variable, *xdg_dir, *dir, *user_file;
	bool is_home_bare;
	const char *other_file; /* in DIR, too: taken when it is there and user_file is not; NULL */
	const char *project_file; /* below the present directory; NULL: it has none */
	const struct edit_format *format;
	const char *path[MCP_PATH_MAX];    /* of the entry, NULL-terminated */
	struct mcp_key keys[MCP_KEYS_MAX]; /* ends with a NULL literal; in all of them */
	const char
		*command[MCP_PATH_MAX]; /* where the command is, below the entry; NULL-terminated */
	const char
		*by_hand; /* what a person can do instead; NULL. Without a format: the only way */
};

extern const struct mcp_row mcp_rows[];                     /* ends with a NULL agent */
const struct mcp_row *mcp_row_find(const char *agent) PURE; /* NULL: it starts no MCP servers */

struct mcp_where {
	struct arena *arena;
	char *const *envp;
	const char *cwd;  /* absolute */
	const char *home; /* NULL: not known */
	const char *exe;  /* of headroom, absolute */
	bool is_project;
};

enum mcp_state {
	MCP_ABSENT,
	MCP_OURS,   /* as it would be written */
	MCP_OTHER,  /* an entry of this name that says something else */
	MCP_UNREAD, /* why says what is in the way */
	MCP_BY_HAND /* nothing is written for this agent, or not in this scope */
};
const char *mcp_state_name(enum mcp_state s) RETURNS_NONNULL; /* "registered"; static */

struct mcp_entry {
	const struct mcp_row *row;
	const char *file; /* absolute; NULL: it cannot be known */
	enum mcp_state state;
	str command;     /* of an entry that is there; empty: it cannot be read */
	const char *why; /* MCP_UNREAD, MCP_BY_HAND */
};

/* What agents are told to start: `headroom` as PATH has it, when that is this program, else exe. */
const char *mcp_command(const struct mcp_where *w) RETURNS_NONNULL;
void mcp_entry_look(const struct mcp_where *w, const struct mcp_row *row, struct mcp_entry *out);
/* Whether a program can be started by this name. */
bool mcp_command_is_there(const struct mcp_where *w, str command);
/* The first word of a command as it is spelled in an entry: a string, or a list that begins with one; empty: neither. */
str mcp_first_word(str literal);
/* Whether the program that PATH (its value; NULL is allowed) leads to by this name is the one that runs here. */
bool mcp_is_this_program(struct arena *a, str command, const char *path);
/* The edits that make the entry, in the arena; to be called for a known file. */
struct edit *mcp_entry_edits(const struct mcp_where *w, const struct mcp_entry *e, size_t *n);
/* by_hand with the command in it. */
str mcp_by_hand(const struct mcp_where *w, const struct mcp_row *row);

#endif
