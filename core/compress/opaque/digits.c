#include "core/compress/opaque/digits.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/compress/marker.h"
#include "core/compress/opaque/dump.h"
#include "core/compress/opaque/what.h"

enum {
	FIRST_BYTES = 300, /* that tell other texts */
	GROUP = 8,         /* bytes that stand together where their digits are shown */
};

enum spelling { BASE64, HEX, HEX_SPACED, SPELLINGS_N };

static const char *const names[] = {[BASE64] = "base64",
	[HEX] = "hexadecimal digits",
	[HEX_SPACED] = "hexadecimal digits with blanks"},
			 in_lines[] = " in lines of ", in_line[] = " in one line",
			 line_behind[] = " and a line end",
			 is_below[] = "; what it stands for is below",
			 is_digits[] = "; they are below without blanks";

struct form {
	enum spelling spelling;
	size_t width;  /* of its lines; 0: one */
	bool has_eol;  /* behind it all */
	bool is_shown; /* digits without blanks are, not the text that they stand for */
};

/* ---- to digits ---- */

struct writer {
	struct buf *out;
	size_t width, column;
};

static void add_digit(struct writer *w, char c)
{
	if (w->width && w->column == w->width) {
		buf_add_byte(w->out, '\n');
		w->column = 0;
	}
	buf_add_byte(w->out, c);
	w->column++;
}

static void write_base64(struct writer *w, str bytes)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t n = bytes.n - i < 3 ? bytes.n - i : 3;
		unsigned bits = (unsigned)(unsigned char)bytes.p[i] << 16;

		bits |= n > 1 ? (unsigned)(unsigned char)bytes.p[i + 1] << 8 : 0;
		bits |= n > 2 ? (unsigned char)bytes.p[i + 2] : 0U;
		for (size_t k = 0; k < 4; k++)
			add_digit(w, k > n ? '=' : digits[bits >> (18 - 6 * k) & 63]);
	}
}

static void write_hex(struct writer *w, str bytes, bool is_spaced)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char c = (unsigned char)bytes.p[i];

		if (is_spaced && i)
			add_digit(w, ' ');
		add_digit(w, digits[c >> 4]);
		add_digit(w, digits[c & 15]);
	}
}

static str spell(const struct form *f, str bytes, struct arena *a)
{
	struct buf b;
	struct writer w = {.out = &b, .width = f->width};

	buf_init_arena(&b, a, LIMIT_INPUT);
	if (f->spelling == BASE64)
		write_base64(&w, bytes);
	else
		write_hex(&w, bytes, f->spelling == HEX_SPACED);
	if (f->has_eol)
		buf_add_byte(&b, '\n');
	return b.err ? STR_NULL : buf_str(&b);
}

/* ---- what stands there ---- */

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

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* False for most texts that are not spelled so: the first byte that is no digit is soon found. */
static bool begins_so(str text, const struct form *f)
{
	for (size_t i = 0; i < text.n && i < FIRST_BYTES; i++) {
		bool is_digit = f->spelling == BASE64 ? opaque_is_base64(text.p[i])
				: f->spelling == HEX
					? is_hex(text.p[i])
					: (i % 3 == 2 ? text.p[i] == ' ' : is_hex(text.p[i]));

		if (!is_digit && i != f->width && text.p[i] != '\n')
			return false;
	}
	return !(f->spelling == HEX_SPACED && f->width);
}

static void write_words(const struct form *f, struct buf *out)
{
	buf_add_c(out, names[f->spelling]);
	if (f->width)
		buf_printf(out, "%s%zu", in_lines, f->width);
	else
		buf_add_c(out, in_line);
	buf_add_c(out, f->has_eol ? line_behind : "");
	buf_add_c(out, f->is_shown ? is_digits : is_below);
}

static str show_digits(str bytes, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (size_t i = 0; i < bytes.n; i++) {
		if (i && i % GROUP == 0)
			buf_add_byte(&b, i % (GROUP * 4) ? ' ' : '\n');
		dump_hex_write(&b, (unsigned char)bytes.p[i]);
	}
	return buf_str(&b);
}

bool digits_read(str text, struct arena *a, str *words, str *out)
{
	size_t eol = str_find_byte(text, '\n');
	struct form f = {.width = eol == STR_NONE || eol + 1 == text.n ? 0 : eol,
		.has_eol = str_ends(text, STR("\n"))};
	struct buf b;

	for (unsigned i = 0; i < SPELLINGS_N; i++) {
		str bytes;

		f.spelling = (enum spelling)(SPELLINGS_N - 1 - i);
		if (!begins_so(text, &f))
			continue;
		bytes = what_decode(text, f.spelling == BASE64 ? OPAQUE_BASE64 : OPAQUE_HEX, a);
		f.is_shown = f.spelling == HEX_SPACED && !is_plain_text(bytes);
		if ((!f.is_shown && !is_plain_text(bytes)) || !str_eq(spell(&f, bytes, a), text))
			continue;
		buf_init_arena(&b, a, LIMIT_INPUT);
		write_words(&f, &b);
		*words = buf_str(&b);
		*out = f.is_shown ? show_digits(bytes, a) : bytes;
		return true;
	}
	return false;
}

/* ---- and back ---- */

bool digits_is_word(str words)
{
	return str_starts(words, str_from(names[BASE64])) ||
	       str_starts(words, str_from(names[HEX]));
}

static bool read_width(str *words, size_t *out)
{
	size_t n = 0;
	uint64_t v;

	while (n < words->n && words->p[n] >= '0' && words->p[n] <= '9')
		n++;
	if (!str_u64(str_sub(*words, 0, n), &v) || !v)
		return false;
	*out = (size_t)v;
	*words = str_sub(*words, n, words->n);
	return true;
}

static bool read_words(str words, struct form *f)
{
	unsigned i = SPELLINGS_N;

	*f = (struct form){0};
	while (i && !str_take(&words, str_from(names[i - 1])))
		i--;
	if (!i)
		return false;
	f->spelling = (enum spelling)(i - 1);
	if (str_take(&words, str_from(in_lines)) ? !read_width(&words, &f->width)
						 : !str_take(&words, str_from(in_line)))
		return false;
	f->has_eol = str_take(&words, str_from(line_behind));
	f->is_shown = str_eq_c(words, is_digits);
	return f->is_shown || str_eq_c(words, is_below);
}

bool digits_write(str words, str text, struct arena *a, str *out)
{
	struct form f;

	if (!read_words(words, &f))
		return false;
	if (f.is_shown)
		text = what_decode(text, OPAQUE_HEX, a);
	*out = spell(&f, text, a);
	return out->n > 0;
}
