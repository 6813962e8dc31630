#include "core/compress/opaque/dump.h"

/* Where things stand in a row, by the programs' output: xxd (vim), hexdump -C (util-linux), od (GNU coreutils). */
static const struct layout {
	const char *name;
	unsigned offset_digits, first,
		step;   /* column of the first byte; columns of a byte, or of each two */
	unsigned pair;  /* bytes that stand together */
	unsigned extra; /* a blank more from the 8th byte on */
	unsigned text;  /* column of the characters */
	const char *before_text, *behind_text;
	const char *behind_offset;
} layouts[DUMP_STYLES] = {
	[DUMP_XXD] = {"xxd", 8, 10, 5, 2, 0, 51, "", "", ":"},
	[DUMP_HEXDUMP] = {"hexdump -C", 8, 10, 3, 1, 1, 60, "|", "|", ""},
	[DUMP_OD] = {"od -A x -t x1z", 6, 7, 3, 1, 0, 56, ">", "<", ""},
};

const char *dump_name(enum dump_style style)
{
	return layouts[style].name;
}

static unsigned column_of(const struct layout *l, unsigned byte)
{
	return l->first + byte / l->pair * l->step + byte % l->pair * 2 +
	       (byte >= 8 ? l->extra : 0);
}

static void pad_to(struct buf *b, size_t start, unsigned column)
{
	while (!b->err && b->n - start < column)
		buf_add_byte(b, ' ');
}

void dump_hex_write(struct buf *b, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	buf_add_byte(b, digits[byte >> 4]);
	buf_add_byte(b, digits[byte & 15]);
}

void dump_row_write(struct buf *b, enum dump_style style, const struct dump_row *row)
{
	const struct layout *l = &layouts[style];
	size_t start = b->n;

	buf_printf(b, "%0*llx", (int)l->offset_digits, (unsigned long long)row->offset);
	if (!row->n)
		return;
	buf_add_c(b, l->behind_offset);
	for (unsigned i = 0; i < row->n; i++) {
		pad_to(b, start, column_of(l, i));
		dump_hex_write(b, row->bytes[i]);
	}
	pad_to(b, start, l->text);
	buf_add_c(b, l->before_text);
	for (unsigned i = 0; i < row->n; i++) {
		char c = (char)row->bytes[i];

		buf_add_byte(b, c >= ' ' && c <= '~' ? c : '.');
	}
	buf_add_c(b, l->behind_text);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_offset(str line, unsigned digits, uint64_t *out, size_t *end)
{
	size_t i = 0;

	*out = 0;
	for (; i < line.n && i < 15 && digit(line.p[i]) >= 0; i++)
		*out = *out << 4 | (unsigned)digit(line.p[i]);
	*end = i;
	return i >= digits;
}

bool dump_row_parse(str line, enum dump_style style, struct dump_row *out)
{
	const struct layout *l = &layouts[style];
	char room[128];
	struct buf again = {.p = room, .cap = sizeof room, .max = sizeof room};
	size_t end;

	*out = (struct dump_row){.n = 0};
	if (line.n >= sizeof room || !read_offset(line, l->offset_digits, &out->offset, &end))
		return false;
	if (end == line.n)
		return style != DUMP_XXD && end == l->offset_digits;
	while (out->n < DUMP_BYTES) {
		unsigned at = column_of(l, out->n);
		int high = at < line.n ? digit(line.p[at]) : -1,
		    low = at + 1 < line.n ? digit(line.p[at + 1]) : -1;

		if (high < 0 || low < 0)
			break;
		out->bytes[out->n++] = (unsigned char)(high << 4 | low);
	}
	if (!out->n)
		return false;
	dump_row_write(&again, style, out);
	return !again.err && str_eq(buf_str(&again), line);
}
