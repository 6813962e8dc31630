#include "core/compress/prose/rows.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/compress/prose/sentence.h"

enum { DASHES = 3 }; /* GitHub's Markdown is content with one, others with three */

bool rows_is_row(str line)
{
	line = str_trim(line);
	return line.n > 2 && *line.p == '|' && line.p[line.n - 1] == '|';
}

bool rows_is_rule(str line)
{
	line = str_trim(line);
	for (size_t i = 0; i < line.n; i++)
		if (!strchr("|-: \t", line.p[i]))
			return false;
	return rows_is_row(line);
}

/* How often the byte at that place stands there. */
static size_t run(str line, size_t at)
{
	size_t n = 1;

	while (at + n < line.n && line.p[at + n] == line.p[at])
		n++;
	return n;
}

static void write_row(struct buf *b, str line)
{
	bool is_rule = rows_is_rule(line), in_code = false;

	for (size_t at = 0, n; at < line.n; at += n) {
		size_t most = SIZE_MAX;

		n = run(line, at);
		in_code ^= line.p[at] == '`' && n % 2;
		if (line.p[at] == ' ' && !in_code)
			most = 1;
		if (line.p[at] == '-' && is_rule)
			most = DASHES;
		buf_add(b, str_sub(line, at, at + (n < most ? n : most)));
	}
}

/* The line that rest begins with, with its end; rest then begins behind it. */
static str take_line(str *rest)
{
	size_t eol = str_find_byte(*rest, '\n'), n = eol == STR_NONE ? rest->n : eol + 1;
	str line = str_sub(*rest, 0, n);

	*rest = str_sub(*rest, n, rest->n);
	return line;
}

str rows_tight(str text, struct arena *a)
{
	struct buf b;
	str rest = text, ahead;
	bool in_fence = false, in_table = false;

	if (str_find(text, STR("  ")) == STR_NONE && str_find(text, STR("----")) == STR_NONE)
		return text;
	buf_init_arena(&b, a, LIMIT_INPUT);
	while (rest.n) {
		str line = take_line(&rest);

		ahead = rest;
		in_fence ^= sentence_line_is_fence(line);
		in_table = !in_fence && rows_is_row(line) &&
			   (in_table || rows_is_rule(take_line(&ahead)));
		if (in_table)
			write_row(&b, line);
		else
			buf_add(&b, line);
	}
	return b.err != E_OK || b.n == text.n ? text : buf_str(&b);
}
