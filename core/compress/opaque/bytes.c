#include "core/compress/opaque/bytes.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"
#include "core/compress/marker.h"
#include "core/compress/opaque/dump.h"
#include "core/compress/opaque/what.h"

enum {
	TEXT_MIN = 300,    /* bytes */
	ROWS_MIN = 6,      /* of a dump */
	BEFORE_LINES = 64, /* in which a dump begins, or it is none */
	TEXT_PERCENT = 90, /* characters of a dump that is shown as text */
	GROUP = 8,         /* bytes of a row that are written together */
};

/* ---- hex dumps ---- */

struct dump {
	enum dump_style style;
	VEC(struct dump_row)
	rows; /* one with n > DUMP_BYTES is "*": the row above again, and again */
	str before, behind;
};

enum { AGAIN = DUMP_BYTES + 1 };

static bool read_row(str line, enum dump_style style, struct dump_row *row)
{
	if (!dump_row_parse(line, style, row)) {
		*row = (struct dump_row){.n = AGAIN};
		return str_eq_c(line, "*");
	}
	return true;
}

static bool is_first_row(str line, enum dump_style *style)
{
	struct dump_row row;

	for (unsigned i = 0; i < DUMP_STYLES; i++)
		if (dump_row_parse(line, (enum dump_style)i, &row) && row.n) {
			*style = (enum dump_style)i;
			return true;
		}
	return false;
}

/* Where the lines of the dump end: before the end of the last one's line. */
static size_t read_rows(str text, size_t at, struct arena *a, struct dump *d)
{
	size_t end = at;

	while (at < text.n) {
		size_t eol = str_find_byte(str_sub(text, at, text.n), '\n');
		str line = str_sub(text, at, eol == STR_NONE ? text.n : at + eol);
		struct dump_row row;

		if (!read_row(line, d->style, &row))
			break;
		*vec_push(&d->rows, a) = row;
		end = at + line.n;
		at = end + 1;
		if (!row.n)
			break;
	}
	return end;
}

static bool find_dump(str text, struct arena *a, struct dump *d)
{
	size_t at = 0;

	for (unsigned i = 0; i < BEFORE_LINES && at < text.n; i++) {
		size_t eol = str_find_byte(str_sub(text, at, text.n), '\n');
		str line = str_sub(text, at, eol == STR_NONE ? text.n : at + eol);

		if (is_first_row(line, &d->style)) {
			size_t end = read_rows(text, at, a, d);

			d->before = str_sub(text, 0, at);
			d->behind = str_sub(text, end, text.n);
			return d->rows.n >= ROWS_MIN;
		}
		if (eol == STR_NONE)
			return false;
		at += eol + 1;
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
		if (i == GROUP || (!i && row->offset != expected))
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
		if (row->n == GROUP && !str_take(&line, STR(" ")))
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
			(row->n < DUMP_BYTES && i + 2 < d->rows.n) ||
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

		while (text.n && row.n < DUMP_BYTES)
			if (!take_byte(&text, &row.bytes[row.n++]))
				return false;
		*vec_push(&d->rows, a) = row;
		offset += row.n;
	}
	if (has_end)
		*vec_push(&d->rows, a) = (struct dump_row){.offset = offset};
	return d->rows.n > 0;
}

/* ---- base64 ---- */

struct base64 {
	size_t width; /* of its lines; 0: one */
	bool has_eol;
};

static void write_base64(struct buf *b, str bytes, const struct base64 *form)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t column = 0;

	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t n = bytes.n - i < 3 ? bytes.n - i : 3;
		unsigned bits = (unsigned)(unsigned char)bytes.p[i] << 16;

		bits |= n > 1 ? (unsigned)(unsigned char)bytes.p[i + 1] << 8 : 0;
		bits |= n > 2 ? (unsigned char)bytes.p[i + 2] : 0U;
		for (size_t k = 0; k < 4; k++) {
			if (form->width && column == form->width) {
				buf_add_byte(b, '\n');
				column = 0;
			}
			buf_add_byte(b, k > n ? '=' : digits[bits >> (18 - 6 * k) & 63]);
			column++;
		}
	}
	if (form->has_eol)
		buf_add_byte(b, '\n');
}

/* Text that a reader reads as it is. */
static bool is_plain_text(str s)
{
	if (!s.n || utf8_valid_n(s) < s.n || marker_in_text(s) ||
		str_find(s, STR("PRIVATE KEY")) != STR_NONE)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' && s.p[i] != '\n' && s.p[i] != '\t' &&
			s.p[i] != '\r')
			return false;
	return true;
}

static bool read_base64(str text, struct arena *a, struct base64 *form, str *out)
{
	size_t eol = str_find_byte(text, '\n');
	struct buf again;

	form->width = eol == STR_NONE || eol + 1 == text.n ? 0 : eol;
	form->has_eol = str_ends(text, STR("\n"));
	/* the first byte that is no digit is soon found in any other text */
	for (size_t i = 0; i < text.n && i < TEXT_MIN; i++)
		if (!opaque_is_base64(text.p[i]) && i != form->width && text.p[i] != '\n')
			return false;
	*out = what_decode(text, OPAQUE_BASE64, a);
	if (!is_plain_text(*out))
		return false;
	buf_init_arena(&again, a, LIMIT_INPUT);
	write_base64(&again, *out, form);
	return !again.err && str_eq(buf_str(&again), text);
}

/* ---- the codec ---- */

static const char as_digits[] = ", as hexadecimal digits", as_text[] = ", as text in ",
		  with_end[] = ", its end", rows_of[] = " rows of ",
		  base64_lines[] = "base64 in lines of ", base64_line[] = "base64 in one line",
		  line_behind[] = " and a line end", is_below[] = "; what it stands for is below";

static str dump_words(const struct dump *d, size_t lines, bool is_text, struct arena *a)
{
	bool has_end = !d->rows.v[d->rows.n - 1].n;
	str from = arena_printf(a, "%zu%s%s from %llx", d->rows.n, rows_of, dump_name(d->style),
		(unsigned long long)d->rows.v[0].offset);

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
	struct base64 form;
	struct dump d = {.style = DUMP_XXD};
	struct buf b;
	str text;

	if (in->text.n < TEXT_MIN || in->route.n)
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	if (read_base64(in->text, a, &form, &text)) {
		str lines = form.width ? arena_printf(a, "%s%zu", base64_lines, form.width)
				       : str_from(base64_line);

		head.words = arena_printf(a, STR_FMT "%s%s", STR_ARG(lines),
			form.has_eol ? line_behind : "", is_below);
		codec_head_write(&b, &head);
		buf_add_byte(&b, '\n');
		buf_add(&b, text);
	} else if (!find_dump(in->text, a, &d) || !write_dump(&d, a, &b)) {
		return false;
	}
	*out = (struct codec_out){.text = buf_str(&b), .form = CODEC_EXACT};
	return b.err == E_OK;
}

static bool take_number(str *s, size_t *out)
{
	size_t n = 0;
	uint64_t v;

	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	if (!str_u64(str_sub(*s, 0, n), &v))
		return false;
	*out = (size_t)v;
	*s = str_sub(*s, n, s->n);
	return true;
}

static bool decode_base64(str words, str rest, struct arena *a, str *out)
{
	struct base64 form = {.width = 0};
	struct buf b;

	if (str_take(&words, str_from(base64_lines))) {
		if (!take_number(&words, &form.width) || !form.width)
			return false;
	} else if (!str_take(&words, str_from(base64_line))) {
		return false;
	}
	form.has_eol = str_take(&words, str_from(line_behind));
	if (!str_eq_c(words, is_below))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	write_base64(&b, rest, &form);
	*out = buf_str(&b);
	return !b.err;
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

static bool read_style(str *words, enum dump_style *style)
{
	for (unsigned i = 0; i < DUMP_STYLES; i++)
		if (str_take(words, str_from(dump_name((enum dump_style)i)))) {
			*style = (enum dump_style)i;
			return true;
		}
	return false;
}

static bool read_dump(str words, str *rest, struct arena *a, struct dump *d)
{
	size_t rows, lines;
	uint64_t from;
	str body;

	if (!take_number(&words, &rows) || !str_take(&words, str_from(rows_of)) ||
		!read_style(&words, &d->style) || !str_take(&words, STR(" from ")) ||
		!take_hex(&words, &from))
		return false;
	if (str_eq_c(words, as_digits))
		return take_lines(rest, rows, &body) && parse_rows(body, from, a, d);
	return str_take(&words, str_from(as_text)) && take_number(&words, &lines) &&
	       str_take(&words, STR(" lines")) && take_lines(rest, lines, &body) &&
	       parse_text(body, from, str_eq_c(words, with_end), a, d);
}

static bool decode(str text, struct arena *a, str *out)
{
	struct codec_head head;
	struct dump d = {.style = DUMP_XXD};
	size_t at, end;
	struct buf b;
	str rest;

	if (!codec_head_find(text, &head, &at, &end) || head.codec != &bytes_codec)
		return false;
	rest = str_sub(text, end, text.n);
	if (str_starts(head.words, STR("base64")))
		return !at && decode_base64(head.words, rest, a, out);
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
			dump_row_write(&b, d.style, &d.rows.v[i]);
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
