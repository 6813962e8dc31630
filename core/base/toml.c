#include "core/base/toml.h"

#include "core/base/map.h"
#include "core/base/toml_number.h"
#include "core/base/vec.h"

enum { DEPTH_MAX = 16, KEY_PARTS_MAX = 16 };

/* What a path has been defined as, for TOML's rules about what may be extended. */
enum node {
	NODE_NONE,
	NODE_VALUE,
	NODE_HEADER,   /* [path] */
	NODE_IMPLICIT, /* a prefix of a header */
	NODE_DOTTED,   /* a prefix of a dotted key */
};

struct reader {
	struct arena *arena;
	struct errctx *cx;
	str text;
	size_t i;
	uint32_t line;
	size_t line_start;
	str table; /* path of the present table */
	struct map nodes;
	VEC(struct toml_item) items;
	VEC(struct toml_table) tables;
};

/* A key as read: the paths of all its prefixes, each joined with the table that it stands in. */
struct key {
	str prefix[KEY_PARTS_MAX]; /* prefix[n - 1] is the whole */
	size_t n;
	struct span at;
};

/* The map holds the enum itself in place of a pointer: absent is NODE_NONE. */
static enum node node_of(const struct reader *r, str path)
{
	return (enum node)(uintptr_t)map_find(&r->nodes, path);
}

static void set_node(struct reader *r, str path, enum node n)
{
	*map_at(&r->nodes, path) = (void *)(uintptr_t)n;
}

static enum err fail_at(struct reader *r, size_t at, const char *what)
{
	unsigned column = 1;

	for (size_t i = r->line_start; i < at && i < r->text.n; i++)
		column += ((unsigned char)r->text.p[i] & 0xc0) != 0x80;
	return err_set(r->cx, E_CONFIG, "line %u, column %u: %s", r->line, column, what);
}

static enum err fail_here(struct reader *r, const char *what)
{
	return fail_at(r, r->i, what);
}

/* The byte at the reader; 0 at the end (a NUL in the text is refused before). */
static char peek(const struct reader *r)
{
	return r->i < r->text.n ? r->text.p[r->i] : '\0';
}

static bool starts(const struct reader *r, str s)
{
	return str_starts(str_sub(r->text, r->i, r->text.n), s);
}

static bool take(struct reader *r, char c)
{
	if (peek(r) != c)
		return false;
	r->i++;
	return true;
}

static bool take_newline(struct reader *r)
{
	if (starts(r, STR("\r\n")))
		r->i += 2;
	else if (!take(r, '\n'))
		return false;
	r->line++;
	r->line_start = r->i;
	return true;
}

static void skip_blank(struct reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t')
		r->i++;
}

static bool is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static enum err skip_comment(struct reader *r)
{
	if (!take(r, '#'))
		return E_OK;
	while (r->i < r->text.n && peek(r) != '\n' && !starts(r, STR("\r\n"))) {
		if (is_control(peek(r)))
			return fail_here(r, "a control character in a comment");
		r->i++;
	}
	return E_OK;
}

/* White space, comments and line ends, as they may stand between the elements of an array. */
static enum err skip_all(struct reader *r)
{
	do {
		skip_blank(r);
		TRY(skip_comment(r));
	} while (take_newline(r));
	return E_OK;
}

static enum err expect_line_end(struct reader *r)
{
	skip_blank(r);
	TRY(skip_comment(r));
	if (r->i < r->text.n && !take_newline(r))
		return fail_here(r, "expected the end of the line");
	return E_OK;
}

/* ---- strings ---------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void add_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_add_byte(b, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_add_byte(b, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_add_byte(b, (char)(0xe0 | c >> 12));
		} else {
			buf_add_byte(b, (char)(0xf0 | c >> 18));
			buf_add_byte(b, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_add_byte(b, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_add_byte(b, (char)(0x80 | (c & 0x3f)));
}

/* \uXXXX or \UXXXXXXXX behind its letter. */
static enum err read_code_point(struct reader *r, struct buf *b, int digits)
{
	size_t start = r->i;
	uint32_t c = 0;

	for (int k = 0; k < digits; k++, r->i++) {
		int d = hex_digit(peek(r));

		if (d < 0)
			return fail_here(r, "expected a hexadecimal digit");
		c = c << 4 | (uint32_t)d;
	}
	if (c == 0)
		return fail_at(r, start, "U+0000 cannot be in a value");
	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return fail_at(r, start, "no such Unicode character");
	add_utf8(b, c);
	return E_OK;
}

static enum err read_escape(struct reader *r, struct buf *b)
{
	static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
	char c = peek(r);
	const char *at = c ? strchr(from, c) : NULL;

	if (c == 'u' || c == 'U') {
		r->i++;
		return read_code_point(r, b, c == 'u' ? 4 : 8);
	}
	if (!at)
		return fail_here(r, "unknown escape; a backslash is written \\\\ (or use '...')");
	r->i++;
	buf_add_byte(b, to[at - from]);
	return E_OK;
}

/* "..." or '...'; the reader stands on the quote. */
static enum err read_string(struct reader *r, str *out)
{
	size_t start = r->i;
	char quote = peek(r);
	struct buf b;

	if (starts(r, STR("\"\"\"")) || starts(r, STR("'''")))
		return fail_here(r, "strings over several lines are not supported here");
	buf_init_arena(&b, r->arena, LIMIT_CONFIG_FILE);
	r->i++;
	while (peek(r) != quote) {
		if (r->i >= r->text.n || peek(r) == '\n' || peek(r) == '\r')
			return fail_at(r, start, "this string does not end on its line");
		if (is_control(peek(r)))
			return fail_here(r, "a control character in a string");
		if (quote == '"' && take(r, '\\'))
			TRY(read_escape(r, &b));
		else
			buf_add_byte(&b, r->text.p[r->i++]);
	}
	r->i++;
	*out = b.n ? buf_str(&b) : STR("");
	return b.err;
}

void toml_add_string(struct buf *b, str s)
{
	static const char hex[] = "0123456789abcdef";

	buf_add_byte(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '"' || c == '\\') {
			buf_add_byte(b, '\\');
			buf_add_byte(b, c);
		} else if (c == '\n' || c == '\t' || c == '\r') {
			buf_add_c(b, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
		} else if (is_control(c)) {
			buf_add_c(b, "\\u00");
			buf_add_byte(b, hex[(unsigned char)c >> 4]);
			buf_add_byte(b, hex[c & 15]);
		} else {
			buf_add_byte(b, c);
		}
	}
	buf_add_byte(b, '"');
}

/* ---- values ----------------------------------------------------------------------------------- */

static bool is_scalar_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '_' || c == '-' || c == '+' || c == '.' || c == ':';
}

static bool is_date(str s)
{
	return (s.n > 4 && toml_is_digits(str_sub(s, 0, 4)) && s.p[4] == '-') ||
	       (s.n > 2 && toml_is_digits(str_sub(s, 0, 2)) && s.p[2] == ':');
}

/* true, false or a number; everything else is refused with the likeliest reason. */
static enum err read_word(struct reader *r, struct toml_value *v)
{
	size_t start = r->i;
	const char *why;
	str word;

	while (is_scalar_char(peek(r)))
		r->i++;
	word = str_sub(r->text, start, r->i);
	if (str_eq_c(word, "true") || str_eq_c(word, "false")) {
		v->type = TOML_BOOL;
		v->u.is_true = word.n == 4;
		return E_OK;
	}
	if (!word.n)
		return fail_at(r, start, "expected a value");
	if (is_date(word))
		return fail_at(r, start, "dates are not supported here; write them as a string");
	if (str_ends(word, STR("inf")) || str_ends(word, STR("nan")))
		return fail_at(r, start, "inf and nan are not supported here");
	if (!strchr("0123456789+-.", *word.p))
		return fail_at(r, start, "not a value; text is written in quotes");
	why = toml_number(word, v);
	return why ? fail_at(r, start, why) : E_OK;
}

static enum err read_value(struct reader *r, struct toml_value *v, unsigned depth);

static enum err read_array(struct reader *r, struct toml_value *v, unsigned depth)
{
	VEC(struct toml_value) list = {0};

	if (depth >= DEPTH_MAX)
		return fail_here(r, "arrays are nested too deeply");
	r->i++;
	for (;;) {
		TRY(skip_all(r));
		if (take(r, ']'))
			break;
		TRY(read_value(r, vec_push(&list, r->arena), depth + 1));
		TRY(skip_all(r));
		if (!take(r, ',') && peek(r) != ']')
			return fail_here(r, "expected ',' or ']'");
	}
	v->type = TOML_ARRAY;
	v->u.array.v = list.v;
	v->u.array.n = list.n;
	return E_OK;
}

/* NOLINTNEXTLINE(misc-no-recursion): read_array bounds the depth */
static enum err read_value(struct reader *r, struct toml_value *v, unsigned depth)
{
	size_t start = r->i;
	char c = peek(r);

	*v = (struct toml_value){.type = TOML_STRING};
	if (c == '{')
		return fail_here(r, "inline tables are not supported here; use [table]");
	if (c == '"' || c == '\'')
		TRY(read_string(r, &v->u.string));
	else if (c == '[')
		TRY(read_array(r, v, depth));
	else
		TRY(read_word(r, v));
	v->at = (struct span){(uint32_t)start, (uint32_t)r->i};
	return E_OK;
}

/* ---- keys and tables -------------------------------------------------------------------------- */

static bool is_bare_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '_' || c == '-';
}

static bool is_bare(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_bare_char(s.p[i]))
			return false;
	return s.n > 0;
}

static enum err read_key_part(struct reader *r, str *part)
{
	size_t start = r->i;

	if (peek(r) == '"' || peek(r) == '\'')
		return read_string(r, part);
	while (is_bare_char(peek(r)))
		r->i++;
	*part = str_sub(r->text, start, r->i);
	return part->n ? E_OK : fail_here(r, "expected a key");
}

static str join_key(struct arena *a, str table, str part)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_CONFIG_FILE);
	buf_add(&b, table);
	if (table.n)
		buf_add_byte(&b, '.');
	if (is_bare(part))
		buf_add(&b, part);
	else
		toml_add_string(&b, part);
	return buf_str(&b);
}

static enum err read_key(struct reader *r, str table, struct key *k)
{
	size_t end;

	k->n = 0;
	k->at.start = (uint32_t)r->i;
	do {
		str part = STR_NULL;

		skip_blank(r);
		if (k->n == KEY_PARTS_MAX)
			return fail_here(r, "too many parts in a key");
		TRY(read_key_part(r, &part));
		table = k->prefix[k->n++] = join_key(r->arena, table, part);
		end = r->i;
		skip_blank(r);
	} while (take(r, '.'));
	k->at.end = (uint32_t)end;
	return E_OK;
}

static enum err read_header(struct reader *r)
{
	size_t start = r->i;
	uint32_t line = r->line;
	struct key k = {.n = 0};
	enum node last;

	if (starts(r, STR("[[")))
		return fail_here(r, "arrays of tables are not supported here");
	r->i++;
	TRY(read_key(r, STR(""), &k));
	if (!take(r, ']'))
		return fail_here(r, "expected ']'");
	for (size_t p = 0; p + 1 < k.n; p++) {
		if (node_of(r, k.prefix[p]) == NODE_VALUE)
			return fail_at(r, start, "part of this name is already a value");
		if (node_of(r, k.prefix[p]) == NODE_NONE)
			set_node(r, k.prefix[p], NODE_IMPLICIT);
	}
	r->table = k.prefix[k.n - 1];
	last = node_of(r, r->table);
	if (last != NODE_NONE && last != NODE_IMPLICIT)
		return fail_at(r, start, "this table is already defined");
	set_node(r, r->table, NODE_HEADER);
	*vec_push(&r->tables, r->arena) = (struct toml_table){
		.path = r->table, .header = {(uint32_t)start, (uint32_t)r->i}, .line = line};
	return expect_line_end(r);
}

static enum err read_item(struct reader *r)
{
	struct toml_item it = {.line = r->line};
	struct key k = {.n = 0};

	TRY(read_key(r, r->table, &k));
	for (size_t p = 0; p + 1 < k.n; p++) {
		enum node n = node_of(r, k.prefix[p]);

		if (n != NODE_NONE && n != NODE_DOTTED)
			return fail_at(r, k.at.start, "part of this key is already defined");
		set_node(r, k.prefix[p], NODE_DOTTED);
	}
	it.path = k.prefix[k.n - 1];
	it.table = k.n > 1 ? k.prefix[k.n - 2] : r->table;
	it.key = k.at;
	if (node_of(r, it.path) != NODE_NONE)
		return fail_at(r, k.at.start, "this key is already defined");
	set_node(r, it.path, NODE_VALUE);
	if (!take(r, '='))
		return fail_here(r, "expected '=' after the key");
	skip_blank(r);
	TRY(read_value(r, &it.value, 0));
	it.at = (struct span){k.at.start, it.value.at.end};
	*vec_push(&r->items, r->arena) = it;
	return expect_line_end(r);
}

/* Length of the UTF-8 character at s (Unicode 15, table 3-7), 0 when it is none. */
static size_t utf8_length(str s)
{
	unsigned char c = (unsigned char)*s.p, lo = 0x80, hi = 0xbf;
	size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

	if (c == 0xe0)
		lo = 0xa0;
	else if (c == 0xed)
		hi = 0x9f;
	else if (c == 0xf0)
		lo = 0x90;
	else if (c == 0xf4)
		hi = 0x8f;
	if (n > s.n)
		return 0;
	for (size_t i = 1; i < n; i++, lo = 0x80, hi = 0xbf)
		if ((unsigned char)s.p[i] < lo || (unsigned char)s.p[i] > hi)
			return 0;
	return n;
}

static enum err check_text(struct reader *r)
{
	str s = r->text;

	if (s.n > LIMIT_CONFIG_FILE)
		return err_set(r->cx, E_CONFIG, "larger than %zu bytes", LIMIT_CONFIG_FILE);
	for (size_t i = 0, n; i < s.n; i += n) {
		n = utf8_length(str_sub(s, i, s.n));
		if (!n || s.p[i] == '\0')
			return fail_at(r, i, n ? "a NUL byte" : "not UTF-8");
		if (s.p[i] == '\n') {
			r->line++;
			r->line_start = i + 1;
		}
	}
	r->line = 1;
	r->line_start = 0;
	return E_OK;
}

enum err toml_parse(struct arena *a, str text, struct toml_doc *out, struct errctx *cx)
{
	static const str bom = {"\xef\xbb\xbf", 3};
	struct reader r = {.arena = a, .cx = cx, .line = 1};

	if (!text.p)
		text = STR("");
	r.text = text;
	map_init(&r.nodes, a);
	TRY(check_text(&r));
	if (starts(&r, bom))
		r.i = r.line_start = bom.n;
	while (r.i < text.n) {
		TRY(skip_all(&r));
		if (r.i >= text.n)
			break;
		TRY(peek(&r) == '[' ? read_header(&r) : read_item(&r));
	}
	*out = (struct toml_doc){.text = text,
		.items = r.items.v,
		.n = r.items.n,
		.tables = r.tables.v,
		.tables_n = r.tables.n};
	return E_OK;
}

const struct toml_item *toml_find(const struct toml_doc *d, str path)
{
	for (size_t i = 0; i < d->n; i++)
		if (str_eq(d->items[i].path, path))
			return &d->items[i];
	return NULL;
}
