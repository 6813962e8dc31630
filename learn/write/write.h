/* write: rules into the memory files of agents, and out of them again. What would be written is made first, as whole texts, so that it can be
 * shown; only write_apply changes anything. A file is replaced in one step, keeps its mode, a link stays a link, and what is outside of our
 * block (learn/write/block.h) stays byte for byte, with its line ends. Nothing is written when nothing changes.
 *
 * Refused, with the file and what to do: a damaged block, a file that is read-only, larger than LIMIT_CONFIG_FILE or no
 * regular file, a link that leads nowhere.
 * Owns: a job its arena and a buffer, by write_release. Thread: one. */
#ifndef LEARN_WRITE_WRITE_H
#define LEARN_WRITE_WRITE_H

#include "learn/write/merge.h"
#include "learn/write/target.h"

/* A file as it is and as it would be. */
struct write_file {
	struct target target;
	const char *real; /* links followed */
	bool was_there, is_there;
	str before, after;
	struct block block; /* as it would be */
	struct merge_result merge;
	/* The file of the project that our block was taken out of, to be written here: as the Python program left it
	 * in CLAUDE.md. NULL: none. */
	struct write_file *moved;
};

struct write_job {
	struct arena arena;
	struct buf scratch; /* files are read here, from the heap, and copied to the arena */
};
void write_init(struct write_job *j);
void write_release(struct write_job *j);

/* Reads the target and merges the rules of one project into it. Errors as above, E_NOMEM. */
struct write_conf {
	int64_t now_ms;
	bool with_context, with_habits; /* as in learn/write/merge.h */
	/* For the default target of Claude Code: where a block of older versions may be (CLAUDE.md); path NULL: not looked for. */
	struct target legacy;
};
enum err write_plan(struct write_job *j, const struct write_conf *conf, const struct target *target,
	const struct rule *rules, size_t n, struct write_file *out, struct errctx *cx) MUST_CHECK;
/* Reads the target as it is: for status. after is before. */
enum err write_read(struct write_job *j, const struct target *target, struct write_file *out,
	struct errctx *cx) MUST_CHECK;
/* Takes the block away, and the file when we made it and nothing else is in it. Nothing to do without a block. */
enum err write_plan_removal(struct write_job *j, const struct target *target,
	struct write_file *out, struct errctx *cx) MUST_CHECK;
/* Forgets which lines were deleted, so that their rules may come back. */
enum err write_plan_reset(struct write_job *j, const struct target *target, struct write_file *out,
	struct errctx *cx) MUST_CHECK;

bool write_is_change(const struct write_file *f);
/* Appends what would change as a unified diff. */
void write_show(struct write_job *j, const struct write_file *f, struct buf *out);
/* E_BUSY when the file is not what was read any more. */
enum err write_apply(struct write_job *j, const struct write_file *f, struct errctx *cx) MUST_CHECK;

#endif
