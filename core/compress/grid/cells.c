#include "core/compress/grid/cells.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/compress/grid/grid.h"
#include "core/compress/grid/objects.h"
#include "core/compress/grid/text.h"
#include "core/compress/table/notation.h"

enum {
	SAMPLE_ROWS =
		400, /* that tell which notation is shorter; beginnings of columns that are sorted say little */
};

static bool has_names_twice(const struct grid *g)
{
	for (uint32_t c = 1; c < g->layout.cols_n; c++)
		for (uint32_t i = 0; i < c; i++)
			if (str_eq(g->names[i], g->names[c]))
				return true;
	return false;
}

/* The first rows in the notation of JSON tables. What only that needs is given back. */
static bool write_rows(const struct grid *g, uint32_t rows_n, const struct codec_in *in,
	struct arena *a, struct buf *body, unsigned *used)
{
	struct arena_mark mark;
	struct json_tape t;
	const char *was;
	bool is_written;

	buf_init_arena(body, a, LIMIT_INPUT);
	/* What is longer is of no use. */
	(void)buf_reserve(body, in->text.n);
	was = body->p;
	mark = arena_mark(a);
	if (!objects_write(g, rows_n, false, a, &t) || utf8_valid_n(t.doc) < t.doc.n)
		return false;
	t.notes = 0;
	is_written = notation_write(&t, in, a, body, used);
	if (body->p == was)
		arena_rewind(a, mark);
	return is_written;
}

/* True when the first rows, which *body is, take fewer tokens so than in the notation of tables. */
static bool is_shorter(const struct grid *g, const struct codec_in *in, struct arena *a,
	struct buf *body, unsigned *used)
{
	struct grid first = *g;
	struct buf theirs;
	size_t most;

	first.rows_n = g->rows_n < SAMPLE_ROWS ? g->rows_n : SAMPLE_ROWS;
	buf_init_arena(&theirs, a, LIMIT_INPUT);
	(void)grid_write(
		&(struct grid_write){
			.g = &first, .encoding = in->encoding, .cache = in->cache, .arena = a},
		&theirs);
	if (!write_rows(g, first.rows_n, in, a, body, used))
		return false;
	most = token_count(in->encoding, buf_str(&theirs), in->cache);
	return token_count_upto(in->encoding, buf_str(body), most, in->cache) < most;
}

/* What follows the table, as it goes below rows that end in "\n" alone. False when it begins otherwise than they end. */
static bool take_end(const struct grid *g, str *after)
{
	*after = g->after;
	if (g->layout.is_crlf && after->n)
		return str_take(after, STR("\r")) && str_starts(*after, STR("\n"));
	return !after->n || str_starts(*after, STR("\n"));
}

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct codec_head head = {.codec = &cells_codec, .form = CODEC_EXACT};
	const struct grid *g = in->route.n || in->depth ? NULL : grid_find(in, a);
	struct arena_mark mark = arena_mark(a);
	struct buf words, body, b;
	unsigned used;
	str after;

	if (!g || g->odd.n || has_names_twice(g) || !take_end(g, &after) ||
		!is_shorter(g, in, a, &body, &used))
		return false;
	if (g->rows_n > SAMPLE_ROWS) {
		arena_rewind(a, mark);
		if (!write_rows(g, g->rows_n, in, a, &body, &used))
			return false;
	}
	buf_init_arena(&words, a, LIMIT_INPUT);
	grid_layout_write(&g->layout, &words);
	notation_explain(used, &words);
	head.words = buf_str(&words);
	buf_init_arena(&b, a, LIMIT_INPUT);
	if (!codec_assemble(&head, g->before, buf_str(&body), after, &b))
		return false;
	*out = (struct codec_out){.text = buf_str(&b), .form = CODEC_EXACT};
	return b.n < in->text.n;
}

static bool decode(str text, struct arena *a, str *out)
{
	struct codec_head head;
	struct grid_layout layout;
	struct grid_text table;
	struct read_out read;
	struct buf json, b;
	size_t at, end, words_end;

	if (!codec_head_find(text, &head, &at, &end) || head.codec != &cells_codec ||
		head.form != CODEC_EXACT)
		return false;
	words_end = str_find(head.words, STR("; "));
	buf_init_arena(&json, a, LIMIT_INPUT);
	if (words_end == STR_NONE || !notation_read(str_sub(text, end, text.n), a, &json, &read) ||
		read.gaps_n || !objects_read(buf_str(&json), a, &table) ||
		!grid_layout_read(head.words, table.cols_n, a, &layout))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add(&b, str_sub(text, 0, at));
	grid_print(&layout, &table, &b);
	text = str_sub(text, end + read.end, text.n);
	if (layout.is_crlf && text.n)
		buf_add_byte(&b, '\r');
	buf_add(&b, text);
	*out = buf_str(&b);
	return b.err == E_OK;
}

const struct codec cells_codec = {
	.word = "cells",
	.encoder = ENCODER_TABLE,
	.kinds = 1u << KIND_TABLE | 1u << KIND_TEXT,
	.encode = encode,
	.decode = decode,
	.is_outer = true,
};
