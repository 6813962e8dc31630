#include "cli/gen.h"

#include "cli/doc.h"
#include "core/base/file.h"
#include "core/base/map.h"

enum { FILE_MODE = 0644 };

enum err gen_write(
	struct cli *cli, const char *dir, const char *name, const struct buf *b, struct errctx *cx)
{
	const char *path = arena_printf(&cli->arena, "%s/%s", dir, name).p;

	if (b->err)
		return err_set(cx, b->err, "%s: %s", path, err_text(b->err));
	return file_write_atomic(path, buf_str(b), FILE_MODE, cx);
}

/* The words that were added already, and where to. */
struct takers {
	struct cli *cli;
	struct buf *b;
	const char *between;
	struct map seen;
};

static void add_taker(struct takers *t, str word)
{
	void **seen = map_at(&t->seen, word);

	if (*seen)
		return;
	*seen = t;
	buf_add_c(t->b, t->seen.n > 1 ? t->between : "");
	buf_add(t->b, word);
}

static void add_takers_of(struct takers *t, const struct opt *opts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!doc_is_listed(&opts[i]) || !doc_takes_value(&opts[i]))
			continue;
		if (opts[i].letter)
			add_taker(t, arena_printf(&t->cli->arena, "-%c", opts[i].letter));
		if (opts[i].name)
			add_taker(t, arena_printf(&t->cli->arena, "--%s", opts[i].name));
	}
}

void gen_add_takers(struct cli *cli, struct buf *b, const char *between)
{
	struct takers t = {cli, b, between, {0}};
	size_t n;
	struct cmd_ref *all = cmd_all(&cli->arena, &n);

	map_init(&t.seen, &cli->arena);
	add_takers_of(&t, cli_globals, cli_globals_n);
	for (size_t i = 0; i < n; i++)
		add_takers_of(&t, all[i].cmd->opts, all[i].cmd->opt_n);
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
	if (e->is_server)
		buf_printf(b,
			"export HEADROOM_PORT=0\nmkfifo ready\n%s --ready-fd 3 3>ready &\n"
			"read -r url <ready && [ -n \"$url\" ] && kill $!\nwait $!\n",
			e->line);
	else
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
