#include "core/compress/tidy.h"

#include "core/base/buf.h"
#include "core/base/limits.h"

enum { ESC = 0x1b, BEL = 0x07, TRAILING_BLANKS_MIN = 4, OVERWRITE_MAX = 1 << 16 };

/* Length of the control sequence at s (which starts with ESC); 1 when it is none that we know. */
static size_t sequence_length(str s)
{
	size_t i = 2;

	if (s.n < 2)
		return 1;
	if (s.p[1] == '[') {
		while (i < s.n && (unsigned char)s.p[i] >= 0x20 && (unsigned char)s.p[i] < 0x40)
			i++;
		return i < s.n && (unsigned char)s.p[i] >= 0x40 && (unsigned char)s.p[i] < 0x7f
			       ? i + 1
			       : 1;
	}
	if (s.p[1] == ']') {
		while (i < s.n && s.p[i] != BEL && s.p[i] != ESC && s.p[i] != '\n')
			i++;
		if (i < s.n && s.p[i] == BEL)
			return i + 1;
		return i + 1 < s.n && s.p[i] == ESC && s.p[i + 1] == '\\' ? i + 2 : 1;
	}
	if (strchr("()#%", s.p[1]))
		return s.n > 2 ? 3 : 1;
	return strchr("=>78cDEHMNOZ", s.p[1]) && s.p[1] ? 2 : 1;
}

static void strip_sequences(struct buf *b, str line)
{
	while (line.n) {
		size_t at = str_find_byte(line, ESC), n;

		if (at == STR_NONE)
			break;
		buf_add(b, str_sub(line, 0, at));
		line = str_sub(line, at, line.n);
		n = sequence_length(line);
		if (n == 1)
			buf_add_byte(b, ESC);
		line = str_sub(line, n, line.n);
	}
	buf_add(b, line);
}

/* Plays carriage returns and backspaces of one line. A multi-byte character is one cell, as wide as its
 * bytes; where a part of one would be overwritten the line is left as it is. */
static str play_line(str line, struct arena *a)
{
	char *cells;
	size_t n = 0, at = 0;

	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if ((str_find_byte(line, '\r') == STR_NONE && str_find_byte(line, '\b') == STR_NONE) ||
		line.n > OVERWRITE_MAX)
		return line;
	/* A part that ends in a carriage return and is followed by one at least as long shows only the last:
	 * with bytes beyond ASCII only that case is played. */
	cells = arena_alloc(a, line.n + 1, 1);
	for (size_t i = 0; i < line.n; i++) {
		if ((unsigned char)line.p[i] >= 0x80) {
			size_t last = str_rfind_byte(line, '\r');
			bool is_whole = last != STR_NONE && line.n - last - 1 >= last / 2;

			return is_whole ? str_sub(line, last + 1, line.n) : line;
		}
		if (line.p[i] == '\r') {
			at = 0;
		} else if (line.p[i] == '\b') {
			at -= at > 0;
		} else {
			cells[at++] = line.p[i];
			n = at > n ? at : n;
		}
	}
	return (str){cells, n};
}

static str strip_trailing(str line)
{
	size_t n = line.n;

	while (n && (line.p[n - 1] == ' ' || line.p[n - 1] == '\t'))
		n--;
	return line.n - n >= TRAILING_BLANKS_MIN ? str_sub(line, 0, n) : line;
}

static bool has_work(str text)
{
	return str_find_byte(text, ESC) != STR_NONE || str_find_byte(text, '\r') != STR_NONE ||
	       str_find_byte(text, '\b') != STR_NONE || str_find(text, STR("    \n")) != STR_NONE;
}

str tidy_text(str text, struct arena *a)
{
	struct buf out, line_buf;
	str rest = text, line;
	bool has_eol;

	if (!has_work(text))
		return text;
	buf_init_arena(&out, a, LIMIT_INPUT);
	buf_init_arena(&line_buf, a, LIMIT_INPUT);
	while (str_next_line(&rest, &line, &has_eol)) {
		buf_reset(&line_buf);
		strip_sequences(&line_buf, line);
		buf_add(&out, strip_trailing(play_line(buf_str(&line_buf), a)));
		if (has_eol)
			buf_add_byte(&out, '\n');
	}
	return out.err || str_eq(buf_str(&out), text) ? text : buf_str(&out);
}
