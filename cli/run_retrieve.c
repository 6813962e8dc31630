#include "cli/args_compress.h"
#include "cli/cli.h"
#include "core/base/excerpt.h"
#include "core/base/file.h"
#include "core/json/write.h"
#include "core/store/original.h"

static void add_json(struct buf *out, str key, str text, str whole)
{
	struct json_writer w;
	char hex[SHA256_HEX + 1];

	sha256_hex(whole, hex);
	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.retrieve/1");
	json_write_str(&w, "hash", key);
	json_write_c(&w, "sha256", hex);
	json_write_u64(&w, "bytes", whole.n);
	json_write_str(&w, "text", text);
	json_write_end(&w);
	buf_add_byte(out, '\n');
}

static enum err open_store(
	struct cli *cli, const struct retrieve_args *a, struct store **out, struct errctx *cx)
{
	struct store_conf conf = {.path = a->store, .is_read_only = true};
	struct places places;

	if (!conf.path) {
		TRY(cli_places(cli, &places, cx));
		conf.path = places.store_file;
	}
	return store_open(&conf, out, cx);
}

static enum err print(
	struct cli *cli, const struct retrieve_args *a, str key, str whole, struct errctx *cx)
{
	struct excerpt excerpt = EXCERPT_ALL;
	enum err err = E_OK;
	struct buf part, out;
	str text = whole;

	buf_init_arena(&part, &cli->arena, LIMIT_INPUT);
	buf_init_arena(&out, &cli->arena, SIZE_MAX / 2);
	excerpt.query = a->query;
	if (a->lines.p)
		err = excerpt_parse_lines(a->lines, &excerpt, cx);
	if (err)
		return err_prefix(cx, "--lines");
	if (a->lines.p || a->query.n) {
		if (!excerpt_add(&excerpt, whole, &part))
			FAIL(cx, E_NOT_FOUND, STR_FMT ": no line is as asked for", STR_ARG(key));
		text = buf_str(&part);
	}
	if (a->is_json) {
		add_json(&out, key, text, whole);
		text = buf_str(&out);
	}
	if (a->output && strcmp(a->output, "-") != 0)
		return file_write_atomic(a->output, text, 0600, cx);
	return out_print(text, cx);
}

enum err run_retrieve(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct retrieve_args *a = args;
	str key = str_from(cli->operands[0]);
	struct store *store = NULL;
	struct buf whole;
	enum err err;

	buf_init(&whole, LIMIT_INPUT);
	err = open_store(cli, a, &store, cx);
	if (!err)
		err = original_get(store, key, &whole, cx);
	store_close(store);
	if (!err)
		err = print(cli, a, key, buf_str(&whole), cx);
	buf_release(&whole);
	return err;
}
