#include "core/compress/log/layout.h"
#include "core/compress/log/log.h"

/* More than any encoder made. */
enum { PATTERNS_MAX = 1 << 16 };

struct reader {
	struct arena *arena;
	struct log_rows rows;
	struct log_spelled *patterns;
	uint32_t n;
	struct buf out;
};

static bool read_table(struct reader *r, str words, str *rest)
{
	uint64_t lines, n;

	if (!str_take_u64(&words, UINT64_MAX, &lines) || !str_take(&words, STR(" lines in ")) ||
		!str_take_u64(&words, UINT64_MAX, &n) || n > PATTERNS_MAX || n > rest->n)
		return false;
	r->n = (uint32_t)n;
	r->patterns = arena_array(r->arena, struct log_spelled, n);
	for (uint32_t i = 0; i < r->n; i++) {
		uint64_t number;
		str line;

		if (!str_next_line(rest, &line, NULL) ||
			!str_take_u64(&line, UINT64_MAX, &number) || number != i + 1 ||
			!str_take(&line, STR(": ")) ||
			!log_spelled_parse(&r->rows, line, &r->patterns[i]))
			return false;
	}
	return true;
}

static bool read_line(struct reader *r, str line, bool has_eol)
{
	struct log_row row;

	log_row_parse(&r->rows, r->n, line, &row);
	for (uint32_t i = 0; i < row.times && !r->out.err; i++) {
		if (i)
			buf_add_byte(&r->out, '\n');
		if (!row.number)
			buf_add(&r->out, row.fields);
		else if (!log_row_read(&r->rows, &r->patterns[row.number - 1], row.fields, &r->out))
			return false;
	}
	if (has_eol)
		buf_add_byte(&r->out, '\n');
	return true;
}

bool log_decode(str text, struct arena *a, str *out)
{
	struct reader r = {.arena = a};
	struct codec_head head;
	size_t at, end;
	str rest, line;
	bool has_eol;

	if (!codec_head_find(text, &head, &at, &end) || head.codec != &log_codec ||
		head.form != CODEC_EXACT)
		return false;
	log_rows_init(&r.rows, a);
	if (!log_layout_read_words(&r.rows, head.words))
		return false;
	/* A row of a few bytes may stand for a long line: a damaged text must not ask for all memory. */
	buf_init_arena(&r.out, a, (text.n + 1) * 1024);
	buf_add(&r.out, str_sub(text, 0, at));
	rest = str_sub(text, end, text.n);
	if (!read_table(&r, head.words, &rest))
		return false;
	while (str_next_line(&rest, &line, &has_eol)) {
		if (!read_line(&r, line, has_eol))
			return false;
	}
	*out = buf_str(&r.out);
	return !r.out.err;
}
