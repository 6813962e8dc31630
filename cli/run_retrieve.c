#include "cli/args_compress.h"
#include "cli/cli.h"
#include "core/base/file.h"
#include "core/json/write.h"
#include "core/retrieve/retrieve.h"
#include "core/store/feedback.h"
#include "core/store/ledger.h"
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

enum err retrieve_store_file(
	struct cli *cli, const struct retrieve_args *a, const char **out, struct errctx *cx)
{
	struct places places;

	*out = a->store;
	if (*out)
		return E_OK;
	TRY(cli_places(cli, &places, cx));
	*out = places.store_file;
	return E_OK;
}

static enum err print(struct cli *cli, const struct retrieve_args *a, str key, str whole, str text,
	struct errctx *cx)
{
	struct buf out;

	buf_init_arena(&out, &cli->arena, SIZE_MAX / 2);
	if (a->is_json) {
		add_json(&out, key, text, whole);
		text = buf_str(&out);
	}
	if (a->output && strcmp(a->output, "-") != 0)
		return file_write_atomic(a->output, text, 0600, cx);
	return out_print(text, cx);
}

/* It was asked for, and what was given takes from what was saved. A store that cannot be written is no reason to give
 * nothing. */
static void note(const char *file, const struct retrieve_want *want, str text)
{
	struct store_conf conf = {.path = file};
	struct store *s;

	if (store_open(&conf, &s, NULL) != E_OK)
		return;
	(void)!feedback_retrieved(s, want->hash, !retrieve_is_part(want), NULL);
	(void)!ledger_add_own(s, LEDGER_CLI_RETRIEVE, "retrieved", 0,
		token_count(model_find(STR_NULL).encoding, text, NULL), NULL);
	store_close(s);
}

static enum err retrieve(struct cli *cli, const struct retrieve_args *a, struct buf *whole,
	struct buf *part, struct errctx *cx)
{
	struct retrieve_want want = {.hash = str_from(cli->operands[0]),
		.lines = a->lines,
		.rows = a->rows,
		.query = a->query,
		.offset = (uint64_t)a->offset,
		.limit = (uint64_t)a->limit};
	struct store_conf conf = {.is_read_only = true};
	struct store *store = NULL;
	enum err err;

	TRY(retrieve_store_file(cli, a, &conf.path, cx));
	TRY(store_open(&conf, &store, cx));
	err = original_get(store, want.hash, whole, cx);
	store_close(store);
	TRY(err);
	TRY(retrieve_bytes(&want, buf_str(whole), part, cx));
	TRY(print(cli, a, want.hash, buf_str(whole), buf_str(part), cx));
	note(conf.path, &want, buf_str(part));
	return E_OK;
}

enum err run_retrieve(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct retrieve_args *a = args;
	struct buf whole, part;
	enum err err;

	if (a->shows_feedback)
		return run_retrieve_feedback(cli, a, cx);
	if (a->resets_feedback)
		FAIL(cx, E_USAGE, "--reset is for --feedback");
	if (!cli->operand_n)
		FAIL(cx, E_USAGE, "name the HASH of an original");
	buf_init(&whole, LIMIT_INPUT);
	buf_init(&part, LIMIT_INPUT);
	err = retrieve(cli, a, &whole, &part, cx);
	buf_release(&whole);
	buf_release(&part);
	return err;
}
