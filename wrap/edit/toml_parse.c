#include "core/base/limits.h"
#include "core/base/map.h"
#include "core/base/utf8.h"
#include "core/base/lines.h"
#include "wrap/edit/toml_edit.h"

enum { KEY_PARTS_MAX = 32 };

struct reader {
	struct arena *arena;
	struct errctx *cx;
	struct node_doc *d;
	struct map names; /* parent and key -> index of the node */
	str text;
	size_t i;
	uint32_t table; /* that keys go into now */
};

struct key_part {
	str name;
	struct span at;
};

static enum err fail_at(struct reader *r, size_t at, const char *what)
{
	size_t line = 1, start = lines_start(r->text, at < r->text.n ? at : r->text.n);

	for (size_t i = 0; i < start; i++)
		line += r->text.p[i] == '\n';
	return err_set(r->cx, E_CONFIG, "line %zu, byte %zu of it: %s", line, at - start + 1, what);
}

static enum err fail_here(struct reader *r, const char *what)
{
	return fail_at(r, r->i, what);
}

static char peek(const struct reader *r)
{
	return r->i < r->text.n ? r->text.p[r->i] : '\0';
}

static bool starts(const struct reader *r, const char *s)
{
	return str_starts(str_sub(r->text, r->i, r->text.n), str_from(s));
}

static bool take(struct reader *r, const char *s)
{
	if (!starts(r, s))
		return false;
	r->i += strlen(s);
	return true;
}

static bool is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static void skip_blank(struct reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t')
		r->i++;
}

static enum err skip_comment(struct reader *r)
{
	if (!take(r, "#"))
		return E_OK;
	while (r->i < r->text.n && !starts(r, "\n") && !starts(r, "\r\n"))
		if (is_control(r->text.p[r->i++]))
			return fail_at(r, r->i - 1, "a control character in a comment");
	return E_OK;
}

static bool take_newline(struct reader *r)
{
	return take(r, "\r\n") || take(r, "\n");
}

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

/* ---- nodes ---- */

static str map_key(struct reader *r, uint32_t parent, str name)
{
	char *p = arena_alloc(r->arena, sizeof parent + name.n, 1);

	memcpy(p, &parent, sizeof parent);
	if (name.n)
		memcpy(p + sizeof parent, name.p, name.n);
	return (str){p, sizeof parent + name.n};
}

/* The child of this name; NODE_NONE. */
static uint32_t find(struct reader *r, uint32_t parent, str name)
{
	uintptr_t at = (uintptr_t)map_find(&r->names, map_key(r, parent, name));

	return at ? (uint32_t)at : NODE_NONE;
}

static struct node *node(struct reader *r, uint32_t i)
{
	return &r->d->list.v[i];
}

static uint32_t add(struct reader *r, uint32_t parent, const struct key_part *k, enum node_form f)
{
	struct node *n = node_add(r->arena, r->d, parent, k ? k->name : STR(""));
	uint32_t at = (uint32_t)r->d->list.n - 1;

	n->form = f;
	n->kind = f == NODE_FORM_PLAIN ? NODE_SCALAR : NODE_MAP;
	if (!k)
		return at;
	n->key_at = k->at;
	*map_at(&r->names, map_key(r, parent, k->name)) = (void *)(uintptr_t)at;
	return at;
}

/* ---- strings and words ---- */

static const struct {
	char letter, means;
} escapes[] = {
	{'b', '\b'}, {'t', '\t'}, {'n', '\n'}, {'f', '\f'}, {'r', '\r'}, {'"', '"'}, {'\\', '\\'}};

static enum err read_code_point(struct reader *r, unsigned digits, struct buf *b)
{
	static const char hex[] = "0123456789abcdef";
	uint32_t c = 0;
	char out[4];

	for (unsigned k = 0; k < digits; k++, r->i++) {
		char p = peek(r);
		const char *at = p ? strchr(hex, p >= 'A' && p <= 'F' ? p + ('a' - 'A') : p) : NULL;

		if (!at)
			return fail_here(r, "expected a hexadecimal digit");
		c = c << 4 | (uint32_t)(at - hex);
	}
	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return fail_here(r, "no such Unicode character");
	buf_add(b, (str){out, utf8_put(out, c)});
	return E_OK;
}

static enum err read_escape(struct reader *r, bool is_multiline, struct buf *b)
{
	size_t start = r->i;

	for (size_t k = 0; k < ARRAY_N(escapes); k++) {
		if (peek(r) != escapes[k].letter)
			continue;
		r->i++;
		buf_add_byte(b, escapes[k].means);
		return E_OK;
	}
	if (take(r, "u"))
		return read_code_point(r, 4, b);
	if (take(r, "U"))
		return read_code_point(r, 8, b);
	skip_blank(r);
	if (is_multiline && take_newline(r))
		return E_OK;
	return fail_at(r, start, "unknown escape");
}

/* Any string; *out is what a one-line string reads as (of others nobody asks). */
static enum err read_string(struct reader *r, bool may_be_multiline, str *out)
{
	size_t start = r->i;
	char quote = peek(r);
	const char *triple = quote == '"' ? "\"\"\"" : "'''", *end = triple + 2;
	bool is_multiline = starts(r, triple);
	struct buf b;

	if (is_multiline && !may_be_multiline)
		return fail_here(r, "a key on several lines");
	buf_init_arena(&b, r->arena, LIMIT_CONFIG_FILE);
	r->i += is_multiline ? 3 : 1;
	for (end = is_multiline ? triple : end; !starts(r, end);) {
		if (r->i >= r->text.n || (!is_multiline && (starts(r, "\n") || starts(r, "\r\n"))))
			return fail_at(r, start, "this string has no end");
		if (is_multiline && take_newline(r))
			continue;
		if (is_control(peek(r)))
			return fail_here(r, "a control character in a string");
		if (quote == '"' && take(r, "\\"))
			TRY(read_escape(r, is_multiline, &b));
		else
			buf_add_byte(&b, r->text.p[r->i++]);
	}
	r->i += strlen(end);
	/* Up to two quotes may stand directly before the closing three. */
	for (int k = 0; is_multiline && k < 2 && peek(r) == quote; k++)
		r->i++;
	*out = b.n ? buf_str(&b) : STR("");
	return b.err;
}

static bool is_bare(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '_' || c == '-';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(str w)
{
	static const char *const words[] = {"true", "false", "inf", "nan"};
	size_t sign = w.n && strchr("+-", w.p[0]) ? 1 : 0;
	str rest = str_sub(w, sign, w.n);

	for (size_t k = sign ? 2 : 0; k < ARRAY_N(words); k++)
		if (str_eq_c(rest, words[k]))
			return true;
	return rest.n && is_digit(rest.p[0]);
}

/* true, a number, a date: all that begins with a digit or sign and has no blank but that within a date. */
static enum err read_word(struct reader *r)
{
	size_t start = r->i;

	while (is_bare(peek(r)) || (peek(r) && strchr("+.:", peek(r))))
		r->i++;
	if (r->i - start == 10 && r->text.p[start + 4] == '-' && r->i + 3 < r->text.n &&
		r->text.p[r->i] == ' ' && is_digit(r->text.p[r->i + 1]) &&
		is_digit(r->text.p[r->i + 2]) && r->text.p[r->i + 3] == ':') {
		r->i++;
		while (is_bare(peek(r)) || (peek(r) && strchr("+.:", peek(r))))
			r->i++;
	}
	return is_word(str_sub(r->text, start, r->i)) ? E_OK
						      : fail_at(r, start, "expected a value");
}

/* ---- keys and values ---- */

static enum err read_key(struct reader *r, struct key_part part[KEY_PARTS_MAX], size_t *n)
{
	*n = 0;
	do {
		struct key_part *k = &part[*n];
		size_t start;

		skip_blank(r);
		start = r->i;
		if (*n == KEY_PARTS_MAX)
			return fail_here(r, "too many parts in a key");
		k->name = STR("");
		if (peek(r) == '"' || peek(r) == '\'') {
			TRY(read_string(r, false, &k->name));
		} else {
			while (is_bare(peek(r)))
				r->i++;
			k->name = str_sub(r->text, start, r->i);
			if (!k->name.n)
				return fail_here(r, "expected a key");
		}
		k->at = (struct span){(uint32_t)start, (uint32_t)r->i};
		++*n;
		skip_blank(r);
	} while (take(r, "."));
	return E_OK;
}

static enum err read_value(struct reader *r, uint32_t at, unsigned depth);
static enum err read_item(struct reader *r, uint32_t table, unsigned depth);

static enum err read_array(struct reader *r, uint32_t at, unsigned depth)
{
	r->i++;
	node(r, at)->kind = NODE_LIST;
	for (;;) {
		TRY(skip_all(r));
		if (take(r, "]"))
			return E_OK;
		TRY(read_value(r, add(r, at, NULL, NODE_FORM_PLAIN), depth));
		TRY(skip_all(r));
		if (!take(r, ",") && peek(r) != ']')
			return fail_here(r, "expected ',' or ']'");
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): read_value bounds the depth */
static enum err read_inline_table(struct reader *r, uint32_t at, unsigned depth)
{
	r->i++;
	node(r, at)->kind = NODE_MAP;
	skip_blank(r);
	if (take(r, "}"))
		return E_OK;
	for (;;) {
		TRY(read_item(r, at, depth));
		skip_blank(r);
		if (take(r, "}"))
			return E_OK;
		if (!take(r, ","))
			return fail_here(r, "expected ',' or '}'");
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): the depth is bounded */
static enum err read_value(struct reader *r, uint32_t at, unsigned depth)
{
	size_t start = r->i;
	str ignored;

	if (depth >= NODE_DEPTH_MAX)
		return fail_here(r, "nested too deeply");
	if (peek(r) == '"' || peek(r) == '\'')
		TRY(read_string(r, true, &ignored));
	else if (peek(r) == '[')
		TRY(read_array(r, at, depth + 1));
	else if (peek(r) == '{')
		TRY(read_inline_table(r, at, depth + 1));
	else
		TRY(read_word(r));
	node(r, at)->at = (struct span){(uint32_t)start, (uint32_t)r->i};
	return E_OK;
}

/* key = value, into table. */
/* NOLINTNEXTLINE(misc-no-recursion): read_value bounds the depth */
static enum err read_item(struct reader *r, uint32_t table, unsigned depth)
{
	struct key_part part[KEY_PARTS_MAX] = {0};
	size_t n;
	uint32_t at;

	TRY(read_key(r, part, &n));
	for (size_t k = 0; k + 1 < n; k++) {
		uint32_t next = find(r, table, part[k].name);

		if (next == NODE_NONE)
			next = add(r, table, &part[k], NODE_FORM_DOTTED);
		else if (node(r, next)->form != NODE_FORM_DOTTED)
			return fail_at(r, part[k].at.start, "this is already defined");
		table = next;
	}
	if (find(r, table, part[n - 1].name) != NODE_NONE)
		return fail_at(r, part[n - 1].at.start, "this key is already defined");
	at = add(r, table, &part[n - 1], NODE_FORM_PLAIN);
	if (!take(r, "="))
		return fail_here(r, "expected '=' after the key");
	skip_blank(r);
	TRY(read_value(r, at, depth));
	node(r, at)->line_at = (struct span){part[0].at.start, (uint32_t)r->i};
	return E_OK;
}

/* A part of a header's name: the table, or the last element of the array, that is there or made. */
static enum err enter(struct reader *r, uint32_t *table, const struct key_part *k)
{
	uint32_t next = find(r, *table, k->name);

	if (next == NODE_NONE)
		next = add(r, *table, k, NODE_FORM_IMPLICIT);
	if (node(r, next)->form == NODE_FORM_PLAIN && node(r, next)->kind == NODE_LIST &&
		node(r, next)->at.end == 0)
		next = node_last_child(r->d, next);
	if (node(r, next)->form == NODE_FORM_PLAIN)
		return fail_at(r, k->at.start, "this is already a value");
	*table = next;
	return E_OK;
}

static enum err open_element(struct reader *r, uint32_t table, const struct key_part *k)
{
	uint32_t list = find(r, table, k->name);

	if (list == NODE_NONE) {
		list = add(r, table, k, NODE_FORM_PLAIN);
		node(r, list)->kind = NODE_LIST; /* without a place: an array of tables */
	} else if (node(r, list)->kind != NODE_LIST || node(r, list)->at.end) {
		return fail_at(r, k->at.start, "this is already defined");
	}
	r->table = add(r, list, NULL, NODE_FORM_HEADER);
	return E_OK;
}

static enum err open_table(struct reader *r, uint32_t table, const struct key_part *k)
{
	uint32_t at = find(r, table, k->name);

	if (at == NODE_NONE)
		at = add(r, table, k, NODE_FORM_HEADER);
	else if (node(r, at)->form != NODE_FORM_IMPLICIT)
		return fail_at(r, k->at.start, "this table is already defined");
	node(r, at)->form = NODE_FORM_HEADER;
	r->table = at;
	return E_OK;
}

static enum err read_header(struct reader *r)
{
	struct key_part part[KEY_PARTS_MAX];
	size_t start = r->i, n;
	bool is_array = starts(r, "[[");
	uint32_t table = 0;

	r->i += is_array ? 2 : 1;
	TRY(read_key(r, part, &n));
	if (!take(r, is_array ? "]]" : "]"))
		return fail_here(r, "expected ']'");
	for (size_t k = 0; k + 1 < n; k++)
		TRY(enter(r, &table, &part[k]));
	TRY(is_array ? open_element(r, table, &part[n - 1]) : open_table(r, table, &part[n - 1]));
	node(r, r->table)->line_at = (struct span){(uint32_t)start, (uint32_t)r->i};
	return E_OK;
}

enum err toml_edit_parse(struct arena *a, str text, struct node_doc *out, struct errctx *cx)
{
	struct reader r = {.arena = a, .cx = cx, .d = out, .text = text, .i = lines_bom(text)};
	size_t valid = utf8_valid_n(text);

	if (valid < text.n)
		return fail_at(&r, valid, "not UTF-8");
	map_init(&r.names, a);
	(void)add(&r, NODE_NONE, NULL, NODE_FORM_HEADER);
	while (r.i < text.n) {
		TRY(skip_all(&r));
		if (r.i >= text.n)
			break;
		TRY(peek(&r) == '[' ? read_header(&r) : read_item(&r, r.table, 0));
		TRY(expect_line_end(&r));
	}
	return E_OK;
}
