#include "core/compress/opaque/dump.h"

#include "core/base/check.h"

enum {
	LINE_MAX_N = 400, /* bytes: 64 numbers and characters, and an offset */
	TRIMMED_MIN = 4,  /* blanks at a line's end: fewer stay there */
	COLS_MIN = 4,     /* of a dump that is told by its offsets */
	ALONE_MIN = 8,    /* of one that has none */
};

/* ---- rows ---- */

void dump_hex_write(struct buf *b, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	buf_add_byte(b, digits[byte >> 4]);
	buf_add_byte(b, digits[byte & 15]);
}

static void pad_to(struct buf *b, size_t start, size_t column)
{
	while (!b->err && b->n - start < column)
		buf_add_byte(b, ' ');
}

static void add_text(struct buf *b, const struct dump_row *row)
{
	for (unsigned i = 0; i < row->n; i++) {
		char c = (char)row->bytes[i];

		buf_add_byte(b, c >= ' ' && c <= '~' ? c : '.');
	}
}

/* Digits of a number of od and hexdump. */
static unsigned unit_width(const struct dump_format *f)
{
	static const unsigned octal[] = {[1] = 3, [2] = 6, [4] = 11, [8] = 22},
			      decimal[] = {[1] = 3, [2] = 5, [4] = 10, [8] = 20};

	switch (f->unit) {
	case DUMP_OCTAL:
		return octal[f->size];
	case DUMP_DECIMAL:
		return decimal[f->size];
	case DUMP_CHAR:
		return 3;
	case DUMP_HEX:
		break;
	}
	return f->size * 2;
}

static const char escapes[] = {'\0', '\a', '\b', '\t', '\n', '\v', '\f', '\r'},
		  escape_letters[] = "0abtnvfr";

static void add_char(struct buf *b, unsigned char c)
{
	for (size_t i = 0; i < sizeof escapes; i++) {
		if (c == (unsigned char)escapes[i]) {
			buf_printf(b, "  \\%c", escape_letters[i]);
			return;
		}
	}
	if (c >= ' ' && c <= '~')
		buf_printf(b, "   %c", (char)c);
	else
		buf_printf(b, " %03o", c);
}

static void add_unit(struct buf *b, const struct dump_format *f, const unsigned char *bytes)
{
	unsigned long long v = 0;
	int width = (int)unit_width(f);

	for (unsigned i = f->size; i--;)
		v = v << 8 | bytes[i];
	switch (f->unit) {
	case DUMP_HEX:
		buf_printf(b, " %0*llx", width, v);
		break;
	case DUMP_OCTAL:
		buf_printf(b, " %0*llo", width, v);
		break;
	case DUMP_DECIMAL:
		buf_printf(b, " %*llu", width, v);
		break;
	case DUMP_CHAR:
		add_char(b, *bytes);
		break;
	}
}

/* How far the numbers of a full row go. */
static size_t units_end(const struct dump_format *f, size_t offset)
{
	return offset + (size_t)f->cols / f->size * (unit_width(f) + 1);
}

static void write_units(struct buf *b, const struct dump_format *f, const struct dump_row *row)
{
	size_t start = b->n, offset;

	if (f->program == DUMP_HEXDUMP || f->at == DUMP_AT_HEX)
		buf_printf(b, "%0*llx", f->program == DUMP_HEXDUMP ? 7 : 6,
			(unsigned long long)row->offset);
	else if (f->at != DUMP_AT_NONE)
		buf_printf(b, f->at == DUMP_AT_OCTAL ? "%07llo" : "%07llu",
			(unsigned long long)row->offset);
	if (!row->n)
		return;
	offset = b->n - start;
	for (unsigned i = 0; i < row->n; i += f->size)
		add_unit(b, f, row->bytes + i);
	if (f->has_text || f->program == DUMP_HEXDUMP)
		pad_to(b, start, units_end(f, offset));
	if (f->has_text) {
		buf_add_c(b, "  >");
		add_text(b, row);
		buf_add_byte(b, '<');
	}
}

static void write_canonical(struct buf *b, const struct dump_row *row)
{
	size_t start = b->n, offset;

	buf_printf(b, "%08llx", (unsigned long long)row->offset);
	if (!row->n)
		return;
	offset = b->n - start;
	for (unsigned i = 0; i < row->n; i++) {
		buf_add_c(b, i % 8 ? " " : "  ");
		dump_hex_write(b, row->bytes[i]);
	}
	pad_to(b, start, offset + 52);
	buf_add_byte(b, '|');
	add_text(b, row);
	buf_add_byte(b, '|');
}

static void add_digits(struct buf *b, const struct dump_format *f, unsigned char byte)
{
	static const char upper[] = "0123456789ABCDEF";

	if (!f->is_upper) {
		dump_hex_write(b, byte);
		return;
	}
	buf_add_byte(b, upper[byte >> 4]);
	buf_add_byte(b, upper[byte & 15]);
}

static void write_xxd(struct buf *b, const struct dump_format *f, const struct dump_row *row)
{
	size_t start = b->n, offset;
	unsigned groups = (f->cols + f->size - 1) / f->size;

	buf_printf(b, "%08llx:", (unsigned long long)row->offset);
	offset = b->n - start;
	for (unsigned from = 0; from < row->n; from += f->size) {
		unsigned n = f->size < row->n - from ? f->size : row->n - from;

		buf_add_byte(b, ' ');
		for (unsigned i = 0; !f->is_little && i < n; i++)
			add_digits(b, f, row->bytes[from + i]);
		/* what a number lacks is blank before it */
		for (unsigned i = f->size; f->is_little && i--;) {
			if (i < n)
				add_digits(b, f, row->bytes[from + i]);
			else
				buf_add_c(b, "  ");
		}
	}
	pad_to(b, start, offset + f->cols * 2 + groups + 2);
	add_text(b, row);
}

/* As tidy.c does. */
static void trim(struct buf *b, size_t start)
{
	size_t end = b->n;

	while (end > start && b->p[end - 1] == ' ')
		end--;
	if (b->n - end >= TRIMMED_MIN)
		b->n = end;
}

void dump_row_write(struct buf *b, const struct dump_format *f, const struct dump_row *row)
{
	size_t start = b->n;

	if (f->program == DUMP_XXD)
		write_xxd(b, f, row);
	else if (f->program == DUMP_CANONICAL)
		write_canonical(b, row);
	else
		write_units(b, f, row);
	if (f->is_trimmed)
		trim(b, start);
}

/* ---- and back ---- */

/* A digit of that base, or more than it. */
static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a' + 10);
	return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10) : 99;
}

bool dump_take_number(str *line, unsigned base, unsigned max, uint64_t *out)
{
	size_t i = 0;

	*out = 0;
	for (; i < line->n && digit(line->p[i]) < base; i++)
		if (i < max)
			*out = *out * base + digit(line->p[i]);
	*line = str_sub(*line, i, line->n);
	return i > 0 && i <= max;
}

static bool take_offset(str *line, const struct dump_format *f, uint64_t *out)
{
	static const unsigned bases[] = {
		[DUMP_AT_OCTAL] = 8, [DUMP_AT_DECIMAL] = 10, [DUMP_AT_HEX] = 16};

	*out = 0;
	if (f->program != DUMP_OD)
		return dump_take_number(line, 16, 15, out);
	return f->at == DUMP_AT_NONE || dump_take_number(line, bases[f->at], 15, out);
}

static bool take_char(str unit, unsigned char *out)
{
	if (unit.p[0] != ' ') {
		uint64_t v;

		if (!dump_take_number(&unit, 8, 3, &v) || v > 255)
			return false;
		*out = (unsigned char)v;
		return true;
	}
	*out = (unsigned char)unit.p[2];
	for (size_t i = 0; unit.p[1] == '\\' && i < sizeof escapes; i++)
		if (unit.p[2] == escape_letters[i])
			*out = (unsigned char)escapes[i];
	return true;
}

/* The bytes of one number at line; what does not fit is told by writing it again. */
static bool take_unit(str *line, const struct dump_format *f, unsigned char *out)
{
	unsigned width = unit_width(f);
	uint64_t v = 0;
	str unit;

	if (line->n < width + 1 || *line->p != ' ')
		return false;
	unit = str_sub(*line, 1, 1 + width);
	*line = str_sub(*line, 1 + width, line->n);
	if (f->unit == DUMP_CHAR)
		return take_char(unit, out);
	while (f->unit == DUMP_DECIMAL && unit.n && *unit.p == ' ')
		unit = str_sub(unit, 1, unit.n);
	if (!dump_take_number(&unit,
		    f->unit == DUMP_HEX     ? 16
		    : f->unit == DUMP_OCTAL ? 8
					    : 10,
		    22, &v) ||
		unit.n)
		return false;
	for (unsigned i = 0; i < f->size; i++)
		out[i] = (unsigned char)(v >> 8 * i);
	return true;
}

/* line: what is behind the offset. */
static void parse_units(str line, const struct dump_format *f, struct dump_row *out)
{
	size_t text = units_end(f, 0) + 3; /* behind the ">" */
	size_t texts = f->has_text && line.n > text ? line.n - text - 1 : f->cols;

	while (out->n + f->size <= f->cols && out->n < texts) {
		unsigned char bytes[8] = {0};

		if (!take_unit(&line, f, bytes))
			return;
		memcpy(out->bytes + out->n, bytes, f->size);
		out->n += f->size;
	}
	/* of the last number not all bytes may be there */
	if (out->n > texts && out->n - texts < f->size)
		out->n = (unsigned)texts;
}

static bool take_byte(str s, size_t at, unsigned char *out)
{
	unsigned high = at < s.n ? digit(s.p[at]) : 99,
		 low = at + 1 < s.n ? digit(s.p[at + 1]) : 99;

	*out = (unsigned char)(high << 4 | low);
	return high < 16 && low < 16;
}

static void parse_xxd(str line, const struct dump_format *f, struct dump_row *out)
{
	for (unsigned i = 0; i < f->cols; i++) {
		unsigned in = i % f->size, from = i - in;
		size_t at = 1 + from * 2 + from / f->size; /* behind the colon */

		if (!take_byte(
			    line, at + (f->is_little ? f->size - 1 - in : in) * 2, &out->bytes[i]))
			return;
		out->n++;
	}
}

static void parse_canonical(str line, struct dump_row *out)
{
	while (out->n < 16) {
		if (!take_byte(line, 2 + out->n * 3 + out->n / 8, &out->bytes[out->n]))
			return;
		out->n++;
	}
}

bool dump_row_parse(str line, const struct dump_format *f, struct dump_row *out)
{
	char room[LINE_MAX_N];
	struct buf again = {.p = room, .cap = sizeof room, .max = sizeof room};
	str rest = line;

	memset(out, 0, sizeof *out);
	if (line.n >= sizeof room || !take_offset(&rest, f, &out->offset))
		return false;
	if (f->program == DUMP_XXD) {
		if (!str_take(&rest, STR(":")))
			return false;
		parse_xxd(rest, f, out);
	} else if (f->program == DUMP_CANONICAL) {
		parse_canonical(rest, out);
	} else {
		parse_units(rest, f, out);
	}
	if (!out->n && (rest.n || f->program == DUMP_XXD || f->at == DUMP_AT_NONE))
		return false;
	/* parsed bytes that the line has not would be seen below */
	for (unsigned i = out->n; i < DUMP_BYTES; i++)
		out->bytes[i] = 0;
	dump_row_write(&again, f, out);
	return !again.err && str_eq(buf_str(&again), line);
}

/* ---- which format ---- */

/* Numbers in columns have none. */
static bool has_letter(str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] >= 'a' && line.p[i] <= 'f')
			return true;
	return false;
}

static bool fits(str first, str second, const struct dump_format *f)
{
	struct dump_row a, b;

	if (!dump_row_parse(first, f, &a) || a.n != f->cols)
		return false;
	if (str_eq_c(second, "*"))
		return f->program == DUMP_CANONICAL || f->at == DUMP_AT_HEX;
	if (!dump_row_parse(second, f, &b))
		return false;
	return f->at == DUMP_AT_NONE ? b.n == a.n && (has_letter(first) || has_letter(second))
				     : b.offset == a.offset + a.n;
}

static bool find_xxd(str first, str second, struct dump_format *f)
{
	str rest = first;
	uint64_t offset;
	unsigned char c;

	*f = (struct dump_format){.program = DUMP_XXD, .at = DUMP_AT_HEX};
	if (!dump_take_number(&rest, 16, 15, &offset) || !str_take(&rest, STR(": ")))
		return false;
	while (f->cols < DUMP_BYTES && take_byte(rest, 0, &c)) {
		f->cols++;
		rest = str_sub(rest, 2, rest.n);
		if (rest.n && *rest.p == ' ') {
			f->size = f->size ? f->size : f->cols;
			rest = str_sub(rest, 1, rest.n);
		}
	}
	if (!f->size || f->size > f->cols)
		return false;
	for (unsigned i = 0; i < 8; i++) {
		f->is_little = i & 1;
		f->is_upper = i & 2;
		f->is_trimmed = i & 4;
		if (!(f->is_little && f->cols % f->size) && fits(first, second, f))
			return true;
	}
	return false;
}

const struct dump_unit_of_od dump_units[DUMP_UNITS_N] = {{DUMP_HEX, 1, "x1"}, {DUMP_HEX, 2, "x2"},
	{DUMP_HEX, 4, "x4"}, {DUMP_HEX, 8, "x8"}, {DUMP_OCTAL, 2, "o2"}, {DUMP_OCTAL, 1, "o1"},
	{DUMP_DECIMAL, 1, "u1"}, {DUMP_CHAR, 1, "c"}};

/* What hexdump prints: nothing, -b or -c. */
static bool has_hexdump(enum dump_unit unit, unsigned size)
{
	return unit == DUMP_CHAR || (unit == DUMP_HEX && size == 2) ||
	       (unit == DUMP_OCTAL && size == 1);
}

static bool find_units(str first, str second, struct dump_format *f)
{
	bool has_text = str_ends(first, STR("<"));
	struct dump_row row;

	for (size_t u = 0; u < DUMP_UNITS_N; u++)
		for (unsigned at = 0; at <= DUMP_AT_NONE + 1; at++) {
			bool is_hexdump = at > DUMP_AT_NONE;
			str rest = first;

			*f = (struct dump_format){.program = is_hexdump ? DUMP_HEXDUMP : DUMP_OD,
				.unit = dump_units[u].unit,
				.size = dump_units[u].size,
				.at = is_hexdump ? DUMP_AT_HEX : (enum dump_offset)at,
				.cols = DUMP_BYTES,
				.has_text = has_text};
			memset(&row, 0, sizeof row);
			if ((is_hexdump && (has_text || !has_hexdump(f->unit, f->size))) ||
				(at == DUMP_AT_NONE && (f->unit != DUMP_HEX || f->size > 1)) ||
				!take_offset(&rest, f, &row.offset))
				continue;
			parse_units(rest, f, &row);
			f->cols = row.n;
			if (row.n >= (at == DUMP_AT_NONE ? ALONE_MIN : COLS_MIN) &&
				!(is_hexdump && row.n != 16) && fits(first, second, f))
				return true;
		}
	return false;
}

bool dump_find(str first, str second, struct dump_format *out)
{
	/* any other line is soon told */
	if (first.n < 12 || (*first.p != ' ' && digit(*first.p) > 15))
		return false;
	if (find_xxd(first, second, out))
		return true;
	*out = (struct dump_format){
		.program = DUMP_CANONICAL, .at = DUMP_AT_HEX, .cols = 16, .size = 1};
	return fits(first, second, out) || find_units(first, second, out);
}
