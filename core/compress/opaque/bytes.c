#include "core/compress/opaque/bytes.h"

#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/compress/marker.h"
#include "core/compress/opaque/digits.h"
#include "core/compress/opaque/dump.h"

enum {
	TEXT_MIN = 300,    /* bytes */
	ROWS_MIN = 6,      /* of a dump */
	BEFORE_LINES = 64, /* in which a dump begins, or it is none */
	TEXT_PERCENT = 90, /* characters of a dump that is shown as text */
	GROUP = 8,         /* bytes of a row that are written together */
};

/* ---- hex dumps ---- */

struct dump {
	struct dump_format format;
	VEC(struct dump_row)
	rows; /* one with n > DUMP_BYTES is "*": the row above again, and again */
	str before, behind;
};

enum { AGAIN = DUMP_BYTES + 1 };

static bool read_row(str line, const struct dump_format *f, struct dump_row *row)
{
	if (!dump_row_parse(line, f, row)) {
		*row = (struct dump_row){.n = AGAIN};
		return str_eq_c(line, "*");
	}
	return true;
}

/* The line that ends a dump of numbers says how many bytes of the last one are there. */
static bool end_last(const struct dump_format *f, struct dump_row *last, uint64_t offset)
{
	/* hexdump -c ends its last line in blanks */
	bool is_blank = f->program == DUMP_HEXDUMP && f->unit == DUMP_CHAR;
	uint64_t more = last->offset + last->n - offset;

	if ((!is_blank && more >= f->size) || more >= last->n)
		return true;
	for (unsigned i = (unsigned)more; i; i--)
		if (last->bytes[last->n - i] != (is_blank ? ' ' : '\0'))
			return false;
	memset(last->bytes + last->n - more, 0, more);
	last->n -= (unsigned)more;
	return true;
}

/* Rows of characters whose last blanks are missing. */
static bool is_filled(const struct dump *d)
{
	return d->format.is_trimmed && d->format.unit == DUMP_CHAR;
}

/* What the row behind the last one tells of that. False when they do not go together. */
static bool settle_last(struct dump *d, const struct dump_row *row)
{
	uint64_t offset = row->offset;
	struct dump_row *last;

	if (!d->rows.n)
		return true;
	last = &d->rows.v[d->rows.n - 1];
	if (last->n == AGAIN || row->n == AGAIN)
		return true;
	if (!row->n && offset < last->offset + last->n)
		return end_last(&d->format, last, offset);
	if (!is_filled(d) || offset <= last->offset || offset - last->offset > d->format.cols)
		return true;
	while (last->n < offset - last->offset)
		last->bytes[last->n++] = ' ';
	return true;
}

static str line_at(str text, size_t at)
{
	size_t eol = str_find_byte(str_sub(text, at, text.n), '\n');

	return str_sub(text, at, eol == STR_NONE ? text.n : at + eol);
}

static bool next_line_fits(str text, size_t end, const struct dump_format *f)
{
	struct dump_row row;

	return end < text.n && dump_row_parse(line_at(text, end + 1), f, &row);
}

/* Where the lines of the dump end: before the end of the last one's line. */
static size_t read_rows(str text, size_t at, struct arena *a, struct dump *d)
{
	size_t end = at;
	uint64_t offset = 0;

	while (at < text.n) {
		str line = line_at(text, at);
		struct dump_row row;

		if (!read_row(line, &d->format, &row))
			break;
		if (d->format.at == DUMP_AT_NONE)
			row.offset = offset;
		if (!settle_last(d, &row))
			break;
		*vec_push(&d->rows, a) = row;
		offset = row.offset + row.n;
		end = at + line.n;
		at = end + 1;
		/* of blanks alone the offset is left */
		if (!row.n && !(is_filled(d) && next_line_fits(text, end, &d->format)))
			break;
	}
	return end;
}

/* True when a row of characters is not as long as the next one's offset says. */
static bool has_short(const struct dump *d)
{
	for (size_t i = 0; d->format.unit == DUMP_CHAR && i + 1 < d->rows.n; i++)
		if (d->rows.v[i].n < d->format.cols && d->rows.v[i + 1].n)
			return true;
	return false;
}

/* The rows from at on. Where the first blanks at the end of a line are missing, tidy.c has taken them all. */
static size_t read_dump_at(str text, size_t at, struct arena *a, struct dump *d)
{
	size_t end = read_rows(text, at, a, d), again;
	struct dump trimmed = {.format = d->format};

	trimmed.format.is_trimmed = true;
	if (d->format.is_trimmed || (!has_short(d) && !next_line_fits(text, end, &trimmed.format)))
		return end;
	again = read_rows(text, at, a, &trimmed);
	if (again < end || (again == end && has_short(&trimmed)))
		return end;
	*d = trimmed;
	return again;
}

static bool find_dump(str text, struct arena *a, struct dump *d)
{
	str line = line_at(text, 0);
	size_t at = 0;

	for (unsigned i = 0; i < BEFORE_LINES && at + line.n < text.n; i++) {
		str next = line_at(text, at + line.n + 1);

		if (dump_find(line, next, &d->format)) {
			size_t end = read_dump_at(text, at, a, d);

			d->before = str_sub(text, 0, at);
			d->behind = str_sub(text, end, text.n);
			return d->rows.n >= ROWS_MIN;
		}
		at += line.n + 1;
		line = next;
	}
	return false;
}

/* ---- as hexadecimal digits ---- */

static void add_row(struct buf *b, const struct dump_row *row, uint64_t expected)
{
	if (row->n == AGAIN) {
		buf_add_byte(b, '*');
		return;
	}
	if (row->offset != expected || !row->n)
		buf_printf(b, "@%llx", (unsigned long long)row->offset);
	for (unsigned i = 0; i < row->n; i++) {
		if ((i && i % GROUP == 0) || (!i && row->offset != expected))
			buf_add_byte(b, ' ');
		dump_hex_write(b, row->bytes[i]);
	}
}

static void add_rows(struct buf *b, const struct dump *d)
{
	uint64_t expected = d->rows.v[0].offset;

	for (size_t i = 0; i < d->rows.n; i++) {
		const struct dump_row *row = &d->rows.v[i];

		if (i)
			buf_add_byte(b, '\n');
		add_row(b, row, expected);
		if (row->n != AGAIN)
			expected = row->offset + row->n;
	}
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_hex(str *s, uint64_t *out)
{
	size_t i = 0;

	*out = 0;
	for (; i < s->n && i < 15 && digit(s->p[i]) >= 0; i++)
		*out = *out << 4 | (unsigned)digit(s->p[i]);
	*s = str_sub(*s, i, s->n);
	return i > 0;
}

/* The byte that two digits say. */
static bool take_digits(str s, unsigned char *out)
{
	int high = s.n > 1 ? digit(s.p[0]) : -1, low = s.n > 1 ? digit(s.p[1]) : -1;

	if (high < 0 || low < 0)
		return false;
	*out = (unsigned char)(high << 4 | low);
	return true;
}

static bool parse_row(str line, uint64_t expected, struct dump_row *row)
{
	*row = (struct dump_row){.offset = expected};
	if (str_eq_c(line, "*")) {
		row->n = AGAIN;
		return true;
	}
	if (str_take(&line, STR("@"))) {
		if (!take_hex(&line, &row->offset))
			return false;
		if (!line.n)
			return true;
		if (!str_take(&line, STR(" ")))
			return false;
	}
	while (line.n) {
		if (row->n && row->n % GROUP == 0 && !str_take(&line, STR(" ")))
			return false;
		if (row->n == DUMP_BYTES || !take_digits(line, &row->bytes[row->n]))
			return false;
		row->n++;
		line = str_sub(line, 2, line.n);
	}
	return row->n > 0;
}

/* ---- as text ---- */

static bool is_text_byte(unsigned char c)
{
	return (c >= ' ' && c <= '~') || c == '\n' || c == '\t';
}

/* Rows without gaps, of text, and all but the last full. */
static bool can_be_text(const struct dump *d)
{
	size_t bytes = 0, good = 0;
	uint64_t expected = d->rows.v[0].offset;

	for (size_t i = 0; i < d->rows.n; i++) {
		const struct dump_row *row = &d->rows.v[i];

		if (row->n == AGAIN || row->offset != expected ||
			(row->n < d->format.cols && i + 2 < d->rows.n) ||
			(!row->n && i + 1 < d->rows.n))
			return false;
		for (unsigned k = 0; k < row->n; k++)
			good += is_text_byte(row->bytes[k]);
		bytes += row->n;
		expected += row->n;
	}
	return good * 100 >= bytes * TEXT_PERCENT;
}

/* Returns how many lines. */
static size_t add_text(struct buf *b, const struct dump *d)
{
	size_t lines = 1;

	for (size_t i = 0; i < d->rows.n; i++)
		for (unsigned k = 0; k < d->rows.v[i].n; k++) {
			unsigned char c = d->rows.v[i].bytes[k];

			lines += c == '\n';
			if (c == '\\')
				buf_add_c(b, "\\\\");
			else if (is_text_byte(c))
				buf_add_byte(b, (char)c);
			else {
				buf_add_c(b, "\\x");
				dump_hex_write(b, c);
			}
		}
	return lines;
}

static bool take_byte(str *s, unsigned char *c)
{
	*c = (unsigned char)*s->p;
	if (*c != '\\') {
		*s = str_sub(*s, 1, s->n);
		return true;
	}
	if (str_take(s, STR("\\\\")))
		return true;
	if (s->n < 4 || s->p[1] != 'x' || !take_digits(str_sub(*s, 2, s->n), c))
		return false;
	*s = str_sub(*s, 4, s->n);
	return true;
}

static bool parse_text(str text, uint64_t offset, bool has_end, struct arena *a, struct dump *d)
{
	while (text.n) {
		struct dump_row row = {.offset = offset};

		while (text.n && row.n < d->format.cols)
			if (!take_byte(&text, &row.bytes[row.n++]))
				return false;
		*vec_push(&d->rows, a) = row;
		offset += row.n;
	}
	if (has_end)
		*vec_push(&d->rows, a) = (struct dump_row){.offset = offset};
	return d->rows.n > 0;
}

/* ---- the codec ---- */

static const char as_digits[] = ", as hexadecimal digits", as_text[] = ", as text in ",
		  with_end[] = ", its end", rows_of[] = " rows of ";

static str dump_words(const struct dump *d, size_t lines, bool is_text, struct arena *a)
{
	bool has_end = !d->rows.v[d->rows.n - 1].n;
	struct buf name;
	str from;

	buf_init_arena(&name, a, LIMIT_INPUT);
	dump_name_write(&d->format, &name);
	from = arena_printf(a, "%zu%s" STR_FMT " from %llx", d->rows.n, rows_of,
		STR_ARG(buf_str(&name)), (unsigned long long)d->rows.v[0].offset);

	if (!is_text)
		return arena_printf(a, STR_FMT "%s", STR_ARG(from), as_digits);
	return arena_printf(
		a, STR_FMT "%s%zu lines%s", STR_ARG(from), as_text, lines, has_end ? with_end : "");
}

static bool write_dump(const struct dump *d, struct arena *a, struct buf *b)
{
	struct codec_head head = {.codec = &bytes_codec, .form = CODEC_EXACT};
	bool is_text = can_be_text(d);
	struct buf body;
	size_t lines = 0;

	buf_init_arena(&body, a, LIMIT_INPUT);
	if (is_text)
		lines = add_text(&body, d);
	else
		add_rows(&body, d);
	if (marker_in_text(buf_str(&body)))
		return false;
	head.words = dump_words(d, lines, is_text, a);
	buf_add(b, d->before);
	codec_head_write(b, &head);
	buf_add_byte(b, '\n');
	buf_add(b, buf_str(&body));
	buf_add(b, d->behind);
	return !body.err && !b->err;
}

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct codec_head head = {.codec = &bytes_codec, .form = CODEC_EXACT};
	struct dump d = {0};
	struct buf b;
	str text;

	if (in->text.n < TEXT_MIN || in->route.n)
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	if (digits_read(in->text, a, &head.words, &text)) {
		codec_head_write(&b, &head);
		buf_add_byte(&b, '\n');
		buf_add(&b, text);
	} else if (!find_dump(in->text, a, &d) || !write_dump(&d, a, &b)) {
		return false;
	}
	*out = (struct codec_out){.text = buf_str(&b), .form = CODEC_EXACT};
	return b.err == E_OK && b.n < in->text.n;
}

/* Takes n lines off the text: up to the end of the last one, without its line end. */
static bool take_lines(str *text, size_t n, str *out)
{
	size_t end = 0;

	for (size_t i = 0; i < n; i++) {
		size_t eol = str_find_byte(str_sub(*text, end, text->n), '\n');

		if (eol == STR_NONE && i + 1 < n)
			return false;
		end = eol == STR_NONE ? text->n : end + eol + (i + 1 < n);
	}
	*out = str_sub(*text, 0, end);
	*text = str_sub(*text, end, text->n);
	return true;
}

static bool parse_rows(str body, uint64_t expected, struct arena *a, struct dump *d)
{
	str line;

	while (str_split(&body, '\n', &line)) {
		struct dump_row row;

		if (!parse_row(line, expected, &row))
			return false;
		*vec_push(&d->rows, a) = row;
		if (row.n != AGAIN)
			expected = row.offset + row.n;
	}
	return d->rows.n > 0;
}

static bool read_dump(str words, str *rest, struct arena *a, struct dump *d)
{
	uint64_t rows, lines, from;
	str body;

	if (!str_take_u64(&words, SIZE_MAX, &rows) || !str_take(&words, str_from(rows_of)) ||
		!dump_name_read(&words, &d->format) || !str_take(&words, STR(" from ")) ||
		!take_hex(&words, &from))
		return false;
	if (str_eq_c(words, as_digits))
		return take_lines(rest, rows, &body) && parse_rows(body, from, a, d);
	return str_take(&words, str_from(as_text)) && str_take_u64(&words, SIZE_MAX, &lines) &&
	       str_take(&words, STR(" lines")) && take_lines(rest, lines, &body) &&
	       parse_text(body, from, str_eq_c(words, with_end), a, d);
}

static bool decode(str text, struct arena *a, str *out)
{
	struct codec_head head;
	struct dump d = {0};
	size_t at, end;
	struct buf b;
	str rest;

	if (!codec_head_find(text, &head, &at, &end) || head.codec != &bytes_codec)
		return false;
	rest = str_sub(text, end, text.n);
	if (digits_is_word(head.words))
		return !at && digits_write(head.words, rest, a, out);
	if (!read_dump(head.words, &rest, a, &d))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add(&b, str_sub(text, 0, at));
	for (size_t i = 0; i < d.rows.n; i++) {
		if (i)
			buf_add_byte(&b, '\n');
		if (d.rows.v[i].n == AGAIN)
			buf_add_byte(&b, '*');
		else
			dump_row_write(&b, &d.format, &d.rows.v[i]);
	}
	buf_add(&b, rest);
	*out = buf_str(&b);
	return !b.err;
}

const struct codec bytes_codec = {
	.word = "bytes",
	.encoder = ENCODER_OPAQUE,
	.kinds = (1u << KIND_COUNT) - 1 - (1u << KIND_CODE),
	.encode = encode,
	.decode = decode,
};
