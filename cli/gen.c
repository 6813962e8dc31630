#include "cli/gen.h"

#include "core/base/file.h"

enum { FILE_MODE = 0644 };

enum err gen_write(
	struct cli *cli, const char *dir, const char *name, const struct buf *b, struct errctx *cx)
{
	const char *path = arena_printf(&cli->arena, "%s/%s", dir, name).p;

	if (b->err)
		return err_set(cx, b->err, "%s: %s", path, err_text(b->err));
	return file_write_atomic(path, buf_str(b), FILE_MODE, cx);
}

/* A file name for a command: "config-set". */
static const char *file_stem(struct cli *cli, struct cmd_ref ref)
{
	return arena_printf(&cli->arena, "%s%s%s", ref.parent ? ref.parent->name : "",
		ref.parent ? "-" : "", ref.cmd->name)
		.p;
}

/* Set-up lines must succeed; the status of the script is that of the example. */
static void add_example(struct buf *b, const struct cmd_example *e)
{
	buf_printf(b, "#!/bin/sh\n# status: %d\n", e->status);
	if (e->setup)
		buf_printf(b, "set -e\n%s\nset +e\n", e->setup);
	buf_printf(b, "%s\n", e->line);
}

enum err gen_examples(struct cli *cli, const char *dir, struct errctx *cx)
{
	size_t n, number = 0;
	struct cmd_ref *all = cmd_all(&cli->arena, &n);

	for (size_t i = 0; i < n; i++) {
		for (size_t e = 0; e < all[i].cmd->example_n; e++) {
			struct buf b;
			const char *name = arena_printf(
				&cli->arena, "%02zu-%s.sh", ++number, file_stem(cli, all[i]))
						   .p;

			buf_init_arena(&b, &cli->arena, GEN_FILE_MAX);
			add_example(&b, &all[i].cmd->examples[e]);
			TRY(gen_write(cli, dir, name, &b, cx));
		}
	}
	return E_OK;
}
