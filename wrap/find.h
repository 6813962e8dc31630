/* find: the program of an agent. Looks at files, runs nothing. Owns: nothing. Thread: any. */
#ifndef WRAP_FIND_H
#define WRAP_FIND_H

#include "core/base/arena.h"
#include "wrap/agent.h"

struct found_program {
	const char *path; /* NULL: there is none */
	bool is_denied;   /* there is one, and it cannot be run: path names it */
};

/* name with a '/' is a path, else it is looked for in the directories of path (as PATH has them). */
struct found_program find_program(struct arena *a, const char *name, const char *path);
/* by_option goes before by_variable, and both before the names in the table; either may be NULL. */
struct found_program find_agent(struct arena *a, const struct agent *agent, const char *by_option,
	const char *by_variable, const char *path);

#endif
