/* gen: the files that are made from the option tables: man pages, completions, examples as scripts. They are
 * written by `headroom gen`, committed, and compared by `make check-gen`. Thread: the main thread. */
#ifndef CLI_GEN_H
#define CLI_GEN_H

#include "cli/cli.h"

#define GEN_FILE_MAX ((size_t)1 << 20)

/* Completion scripts, appended to b. */
void gen_add_bash(struct cli *cli, struct buf *b);
void gen_add_zsh(struct cli *cli, struct buf *b);
void gen_add_fish(struct cli *cli, struct buf *b);

/* Every option of any command that takes a value, as "-m | --model", for scripts that walk over a line. */
void gen_add_takers(struct cli *cli, struct buf *b, const char *between);

/* Write into the directory dir, which must exist: completions under the names that the shells want, all man
 * pages, and one script NN-COMMAND.sh for each example, whose second line is "# status: N". */
enum err gen_man(struct cli *cli, const char *dir, struct errctx *cx) MUST_CHECK;
enum err gen_bash(struct cli *cli, const char *dir, struct errctx *cx) MUST_CHECK;
enum err gen_zsh(struct cli *cli, const char *dir, struct errctx *cx) MUST_CHECK;
enum err gen_fish(struct cli *cli, const char *dir, struct errctx *cx) MUST_CHECK;
enum err gen_examples(struct cli *cli, const char *dir, struct errctx *cx) MUST_CHECK;

/* Writes one generated file. */
enum err gen_write(struct cli *cli, const char *dir, const char *name, const struct buf *b,
	struct errctx *cx) MUST_CHECK;

#endif
