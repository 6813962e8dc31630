/* wrap_print: what `headroom wrap` prints: its plan, the variables, the list of agents. Appends to a buffer. Owns: nothing.
 * Thread: the main thread. */
#ifndef CLI_WRAP_PRINT_H
#define CLI_WRAP_PRINT_H

#include "cli/args_wrap.h"
#include "wrap/run.h"

/* found: the agent's program. */
enum err wrap_print_plan(struct buf *b, const struct wrap_conf *c, const struct setup *p,
	const char *program, bool is_json, struct errctx *cx) MUST_CHECK;
void wrap_print_env(struct buf *b, const struct setup *p, enum wrap_env_format format);
/* path: PATH. is_wrapped: by a journal entry of that agent's name. */
void wrap_print_list(struct buf *b, struct arena *a, const struct wrap_conf *c, bool is_json);

/* A path or the like as a word of a POSIX shell. */
void wrap_add_quoted(struct buf *b, str text);

#endif
