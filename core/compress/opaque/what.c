#include "core/compress/opaque/what.h"

#include "core/base/utf8.h"

/* Numbers of files (PNG specification section 11.2.2, GIF89a section 18, RFC 1952, APPNOTE 4.3.7, and as file(1) has them). */
static const struct {
	str magic;
	const char *name;
} kinds[] = {
	{{"\x89PNG\r\n\x1a\n", 8}, "PNG"},
	{{"\xff\xd8\xff", 3}, "JPEG"},
	{{"GIF8", 4}, "GIF"},
	{{"RIFF", 4}, "RIFF"},
	{{"%PDF-", 5}, "PDF"},
	{{"\x1f\x8b", 2}, "gzip"},
	{{"PK\3\4", 4}, "zip"},
	{{"BZh", 3}, "bzip2"},
	{{"\xfd"
	  "7zXZ",
		 5},
		"xz"},
	{{"\x28\xb5\x2f\xfd", 4}, "zstd"},
	{{"\x7f"
	  "ELF",
		 4},
		"ELF"},
	{{"\0asm", 4}, "WebAssembly"},
	{{"wOFF", 4}, "font WOFF"},
	{{"wOF2", 4}, "font WOFF2"},
	{{"\0\1\0\0", 4}, "font TrueType"},
	{{"ID3", 3}, "MP3"},
	{{"OggS", 4}, "Ogg"},
	{{"SQLite format 3", 15}, "SQLite"},
	{{"\0\0\1\0", 4}, "icon"},
	{{"II*\0", 4}, "TIFF"},
	{{"MM\0*", 4}, "TIFF"},
	{{"\x30\x82", 2}, "DER"},
	{{"-----BEGIN ", 11}, "PEM"},
};

static unsigned byte_at(str s, size_t at)
{
	return (unsigned char)s.p[at];
}

static unsigned two_at(str s, size_t at)
{
	return byte_at(s, at) << 8 | byte_at(s, at + 1);
}

static void add_size(unsigned width, unsigned height, struct buf *b)
{
	buf_printf(b, " %ux%u", width, height);
}

/* The frame header among the segments: ITU-T T.81, B.2.2. */
static void add_jpeg_size(str s, struct buf *b)
{
	for (size_t i = 2; i + 9 < s.n && byte_at(s, i) == 0xff;) {
		unsigned code = byte_at(s, i + 1);

		if (code >= 0xc0 && code <= 0xcf && code != 0xc4 && code != 0xc8 && code != 0xcc) {
			add_size(two_at(s, i + 7), two_at(s, i + 5), b);
			return;
		}
		i += 2 + two_at(s, i + 2);
	}
}

static void add_picture_size(str s, const char *name, struct buf *b)
{
	if (str_eq_c(STR("PNG"), name) && s.n >= 24)
		add_size(two_at(s, 16) << 16 | two_at(s, 18), two_at(s, 20) << 16 | two_at(s, 22),
			b);
	else if (str_eq_c(STR("GIF"), name) && s.n >= 10)
		add_size(byte_at(s, 6) | byte_at(s, 7) << 8, byte_at(s, 8) | byte_at(s, 9) << 8, b);
	else if (str_eq_c(STR("JPEG"), name))
		add_jpeg_size(s, b);
}

/* Text but for a character that is cut off at the end. */
static bool is_text(str s)
{
	if (!s.n || utf8_valid_n(s) + 4 <= s.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (byte_at(s, i) < ' ' && (!s.p[i] || !strchr("\t\n\r\f\x1b", s.p[i])))
			return false;
	return true;
}

void what_is(str bytes, struct buf *b)
{
	for (size_t i = 0; i < ARRAY_N(kinds); i++) {
		if (!str_starts(bytes, kinds[i].magic))
			continue;
		/* of RIFF, what it holds: "WEBP", "WAVE", "AVI " */
		if (str_eq_c(STR("RIFF"), kinds[i].name) && bytes.n >= 12 &&
			byte_at(bytes, 8) >= 'A' && byte_at(bytes, 8) <= 'Z') {
			buf_add(b, str_sub(bytes, 8, 11));
			return;
		}
		buf_add_c(b, kinds[i].name);
		add_picture_size(bytes, kinds[i].name, b);
		return;
	}
	if (is_text(bytes))
		buf_add_c(b, "text");
}

static int value_of(char c, enum opaque_kind kind)
{
	if (c >= '0' && c <= '9')
		return kind == OPAQUE_HEX ? c - '0' : c - '0' + 52;
	if (kind == OPAQUE_HEX)
		return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

str what_decode(str span, enum opaque_kind kind, struct arena *a)
{
	unsigned width = kind == OPAQUE_HEX ? 4 : 6, have = 0, bits = 0;
	char *p = arena_alloc(a, span.n + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < span.n; i++) {
		int v = value_of(span.p[i], kind);

		if (span.p[i] == '\\') { /* an escape between two lines */
			i++;
			continue;
		}
		if (v < 0)
			continue;
		bits = bits << width | (unsigned)v;
		have += width;
		if (have >= 8) {
			have -= 8;
			p[n++] = (char)(bits >> have & 0xff);
		}
	}
	return (str){p, n};
}
