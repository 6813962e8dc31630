#include "cli/args_compress.h"
#include "cli/cli.h"
#include "core/base/file.h"
#include "core/json/write.h"
#include "core/store/original.h"

struct line_range {
	uint64_t from, to; /* counted from 1, both included */
};

/* "A:B", "A:", ":B" or "A". */
static enum err parse_lines(str s, struct line_range *out, struct errctx *cx)
{
	size_t colon = str_find_byte(s, ':');
	str a = colon == STR_NONE ? s : str_sub(s, 0, colon);
	str b = colon == STR_NONE ? s : str_sub(s, colon + 1, s.n);

	*out = (struct line_range){1, UINT64_MAX};
	if ((a.n && !str_u64(a, &out->from)) || (b.n && !str_u64(b, &out->to)) || (!a.n && !b.n) ||
		!out->from || out->from > out->to)
		FAIL(cx, E_USAGE, "--lines " STR_FMT ": expected A:B, A:, :B or A, counted from 1",
			STR_ARG(s));
	return E_OK;
}

/* True when text stands in line, letters of both cases alike. */
static bool has_text(str line, str text)
{
	for (size_t at = 0; at + text.n <= line.n; at++)
		if (str_eq_nocase(str_sub(line, at, at + text.n), text))
			return true;
	return false;
}

/* The lines that were asked for; how many there are. */
static uint64_t select_lines(str text, const struct line_range *range, str query, struct buf *out)
{
	uint64_t number = 0, found = 0;
	bool has_eol;
	str line;

	while (str_next_line(&text, &line, &has_eol)) {
		number++;
		if (number < range->from || number > range->to ||
			(query.n && !has_text(line, query)))
			continue;
		buf_add(out, line);
		if (has_eol)
			buf_add_byte(out, '\n');
		found++;
	}
	return found;
}

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
	struct line_range range = {1, UINT64_MAX};
	struct buf part, out;
	str text = whole;

	buf_init_arena(&part, &cli->arena, LIMIT_INPUT);
	buf_init_arena(&out, &cli->arena, SIZE_MAX / 2);
	if (a->lines.p)
		TRY(parse_lines(a->lines, &range, cx));
	if (a->lines.p || a->query.n) {
		if (!select_lines(whole, &range, a->query, &part))
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
