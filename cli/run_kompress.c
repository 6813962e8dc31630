#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/args_kompress.h"
#include "cli/kompress.h"
#include "core/base/file.h"
#include "core/json/write.h"
#include "proxy/fetch.h"
#include "version.h"

enum { PRINT_MAX = 64 << 10 };

#define DEFAULT_NAME "chopratejas/kompress-base"

static const char *const files[] = {KOMPRESS_CONFIG, KOMPRESS_TOKENIZER, KOMPRESS_WEIGHTS};

/* "OWNER/NAME" of letters, digits, '-', '_' and '.', neither part beginning with a point: it becomes a path, and part of a URL. */
static bool is_name(str name)
{
	size_t parts = 0;
	str part;

	for (; str_split(&name, '/', &part); parts++) {
		if (!part.n || *part.p == '.')
			return false;
		for (size_t i = 0; i < part.n; i++)
			if (!((part.p[i] | 0x20) >= 'a' && (part.p[i] | 0x20) <= 'z') &&
				!(part.p[i] >= '0' && part.p[i] <= '9') &&
				!strchr("-_.", part.p[i]))
				return false;
	}
	return parts == 2;
}

struct model_place {
	const char *name, *dir;
};

static enum err find_place(
	struct cli *cli, const struct kompress_args *a, struct model_place *out, struct errctx *cx)
{
	struct places places;

	out->name = cli->operand_n ? cli->operands[0] : DEFAULT_NAME;
	if (!is_name(str_from(out->name)))
		FAIL(cx, E_USAGE, "%s: expected OWNER/NAME", out->name);
	out->dir = a->dir;
	if (out->dir)
		return E_OK;
	TRY(cli_places(cli, &places, cx));
	out->dir = arena_cstr(&cli->arena,
		arena_printf(&cli->arena, "%s/models/%s", places.workspace, out->name));
	return E_OK;
}

enum err run_kompress_path(struct cli *cli, const void *args, struct errctx *cx)
{
	struct model_place p;

	TRY(find_place(cli, args, &p, cx));
	return out_print(arena_printf(&cli->arena, "%s\n", p.dir), cx);
}

/* ---- pull ------------------------------------------------------------------------------------------- */

struct watch {
	struct out_progress progress;
	const char *file;
};

static void show(void *self, uint64_t got, uint64_t total)
{
	struct watch *w = self;

	out_progress(&w->progress, w->file, got, total, "bytes");
}

static enum err pull_file(
	struct cli *cli, str hub, const struct model_place *p, const char *file, struct errctx *cx)
{
	struct arena *a = &cli->arena;
	struct watch w = {.file = file,
		.progress = {.is_shown = !cli->globals.is_quiet && out_is_tty(STDERR_FILENO)}};
	struct fetch f = {.url = arena_cstr(a, arena_printf(a, STR_FMT "/%s/resolve/main/%s",
						       STR_ARG(hub), p->name, file)),
		.path = arena_cstr(a, arena_printf(a, "%s/%s", p->dir, file)),
		.agent = "headroom/" HEADROOM_VERSION,
		.progress = show,
		.self = &w};
	char hex[SHA256_HEX + 1];
	struct stat st;
	enum err e;

	if (stat(f.path, &st) == 0)
		return out_print(arena_printf(a, "%s: there already\n", f.path), cx);
	e = fetch_file(&f, hex, cx);
	out_progress_end(&w.progress);
	TRY(e);
	return out_print(arena_printf(a, "%s  %s\n", hex, f.path), cx);
}

enum err run_kompress_pull(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct kompress_args *a = args;
	struct kompress *k;
	struct model_place p;
	str hub = a->hub;

	TRY(find_place(cli, a, &p, cx));
	while (str_ends(hub, STR("/")))
		hub.n--;
	TRY(file_mkdirs(p.dir, 0755, cx));
	for (size_t i = 0; i < ARRAY_N(files); i++)
		TRY(pull_file(cli, hub, &p, files[i], cx));
	TRY(kompress_open(p.dir, 1, &k, cx));
	kompress_close(k);
	return out_print(arena_printf(&cli->arena,
				 "It can be read: headroom proxy --kompress-model %s\n", p.dir),
		cx);
}

/* ---- status ----------------------------------------------------------------------------------------- */

static void write_status(struct buf *b, const struct model_place *p, const struct kompress *k,
	enum err e, const char *why)
{
	struct json_writer w;

	json_write_init(&w, b, true);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.kompress-status/1");
	json_write_c(&w, "name", p->name);
	json_write_c(&w, "path", p->dir);
	json_write_bool(&w, "present", e != E_NOT_FOUND);
	json_write_bool(&w, "usable", k != NULL);
	json_write_c(&w, "blas", k ? kompress_blas(k) : NULL);
	json_write_c(&w, "error", e ? why : NULL);
	json_write_end(&w);
	buf_add_byte(b, '\n');
}

enum err run_kompress_status(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct kompress_args *a = args;
	struct errctx why = {0};
	struct model_place p;
	struct kompress *k;
	struct buf b;
	enum err e;

	TRY(find_place(cli, a, &p, cx));
	e = kompress_open(p.dir, 1, &k, &why);
	buf_init_arena(&b, &cli->arena, PRINT_MAX);
	if (a->is_json)
		write_status(&b, &p, k, e, why.text);
	else if (k)
		buf_printf(&b, "%s: can be used; matrices by %s\n", p.dir, kompress_blas(k));
	else if (e == E_NOT_FOUND)
		buf_printf(&b, "%s: not there; headroom kompress pull fetches it\n", p.dir);
	else
		buf_printf(&b, "%s\n", why.text);
	kompress_close(k);
	cli->status = err_exit(e);
	return out_print(buf_str(&b), cx);
}
