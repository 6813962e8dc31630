/* place: in which file the memories of a request or a command are. Computed here and nowhere else, so that the command
 * line, the proxy, MCP and wraps mean the same file. Reads no environment and makes nothing; paths that exist are
 * resolved (realpath).
 *
 *	global   the file itself
 *	user     <directory of the file>/memories/users/<user>/memory.db
 *	project  <directory of the file>/memories/projects/<name>-<hash of the path>/memory.db
 *
 * A project whose directory is not known has no place (fail closed): nothing is read or saved for it.
 * Owns: nothing; results are in the arena. Thread: any. */
#ifndef CORE_MEMORY_PLACE_H
#define CORE_MEMORY_PLACE_H

#include "core/base/arena.h"
#include "core/base/err.h"

enum memory_storage { MEMORY_IN_PROJECT, MEMORY_OF_USER, MEMORY_GLOBAL };

struct memory_place_conf {
	enum memory_storage storage;
	const char *file; /* the global one; the others stand beside it */
	str user;         /* not empty */
	/* The first of these that is not empty says which project it is: a name for it, and directories. */
	str project_id, project_dir, project_root;
};

struct memory_place {
	const char *file; /* NULL: none */
	str name;         /* for people: "global", the user, the last part of the directory */
	str key;          /* of the project or user; empty for global */
};

/* E_CONFIG without file or user. */
enum err memory_place_find(const struct memory_place_conf *conf, struct arena *a,
	struct memory_place *out, struct errctx *cx) MUST_CHECK;

/* s as a part of a path: letters, digits, '.', '_' and '-' stay, every other run is one '-', at most 64 bytes. With a hash behind it when
 * another text would be the same. */
str memory_place_safe(str s, struct arena *a);
/* The directory of a project as its key: "name-0123456789abcdef". */
str memory_place_key(str dir, struct arena *a);

/* The directory that the text of a client's system prompt names as the one it works in; empty when it names none. */
str memory_place_in_prompt(str prompt) PURE;

#endif
