#include "core/base/limits.h"
#include "core/base/lines.h"
#include "wrap/edit/yaml_edit.h"

struct open_map {
	uint32_t node;
	size_t indent;
};

struct reader {
	struct arena *arena;
	struct errctx *cx;
	struct node_doc *d;
	str text;
	size_t i; /* start of a line */
	struct open_map open[NODE_DEPTH_MAX];
	unsigned depth;
	bool is_started; /* something but comments was read */
};

static enum err fail_at(struct reader *r, size_t at, enum err code, const char *what)
{
	size_t line = 1;

	for (size_t i = 0; i < at && i < r->text.n; i++)
		line += r->text.p[i] == '\n';
	return err_set(r->cx, code, "line %zu: %s", line, what);
}

static enum err refuse(struct reader *r, size_t at, const char *what)
{
	return fail_at(r, at, E_UNSUPPORTED, what);
}

size_t yaml_edit_indent(str text, size_t i)
{
	size_t start = lines_start(text, i), end = start;

	while (end < text.n && text.p[end] == ' ')
		end++;
	return end - start;
}

static bool is_blank_at(str s, size_t i)
{
	return i >= s.n || s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n' || s.p[i] == '\r';
}

/* The first byte from i on that is not a blank, on this line. */
static size_t skip_blank(str s, size_t i)
{
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	return i;
}

/* Whether nothing but a comment follows i on its line. */
static bool is_rest_empty(str s, size_t i)
{
	size_t k = skip_blank(s, i);

	return k >= lines_end(s, i) || (s.p[k] == '#' && (k > i || k == lines_start(s, i)));
}

/* Start of the first line from i on that has more than a comment; text.n when there is none. */
static size_t next_content(str s, size_t i)
{
	while (i < s.n && is_rest_empty(s, i))
		i = lines_next(s, i);
	return i;
}

static bool is_dash(str s, size_t line)
{
	size_t k = line + yaml_edit_indent(s, line);

	return k < s.n && s.p[k] == '-' && is_blank_at(s, k + 1);
}

/* The end of the lines from line on that belong to a value of a key at this indentation, last blank ones and
 * comments not counted; end when there are none. */
static size_t absorb(str s, size_t line, size_t indent, bool takes_dashes, size_t end)
{
	for (size_t at = line; at < s.n; at = lines_next(s, at)) {
		size_t in = yaml_edit_indent(s, at);

		if (skip_blank(s, at) >= lines_end(s, at))
			continue;
		if (in > indent || (takes_dashes && in == indent && is_dash(s, at)))
			end = lines_end(s, at);
		else if (!is_rest_empty(s, at))
			break;
	}
	return end;
}

/* ---- one line ---- */

/* Behind the quoted text that begins at i; STR_NONE when it has no end. */
static size_t skip_quoted(str s, size_t i)
{
	char quote = s.p[i];

	for (i++; i < s.n; i++) {
		bool is_doubled =
			quote == '\'' && s.p[i] == quote && i + 1 < s.n && s.p[i + 1] == quote;

		if (is_doubled || (s.p[i] == '\\' && quote == '"'))
			i++;
		else if (s.p[i] == quote)
			return i + 1;
	}
	return STR_NONE;
}

/* What a quoted key reads as; escapes that no key of a setting has are left as spelled. */
static str unquote(struct arena *a, str quoted)
{
	str inside = str_sub(quoted, 1, quoted.n - 1);
	struct buf b;

	buf_init_arena(&b, a, LIMIT_CONFIG_FILE);
	for (size_t i = 0; i < inside.n; i++) {
		char c = inside.p[i], next = i + 1 < inside.n ? inside.p[i + 1] : '\0';
		bool is_escape = quoted.p[0] == '"' ? c == '\\' && (next == '"' || next == '\\')
						    : c == '\'' && next == '\'';

		i += is_escape;
		buf_add_byte(&b, is_escape ? next : c);
	}
	return b.n ? buf_str(&b) : STR("");
}

/* A key and its colon at i. False when that is none. *end: behind the colon. */
static bool read_key(struct reader *r, size_t i, struct span *at, str *key, size_t *end)
{
	str s = r->text;
	size_t stop = lines_end(s, i), k = i;

	if (i >= stop || (s.p[i] != '"' && s.p[i] != '\'' && strchr("-?:,[]{}#&*!|>%@`", s.p[i]) &&
				 (!strchr("-?:", s.p[i]) || is_blank_at(s, i + 1))))
		return false;
	if (s.p[i] == '"' || s.p[i] == '\'') {
		k = skip_quoted(s, i);
		if (k == STR_NONE || k > stop)
			return false;
		*key = unquote(r->arena, str_sub(s, i, k));
		*at = (struct span){(uint32_t)i, (uint32_t)k};
		k = skip_blank(s, k);
	} else {
		while (k < stop && !(s.p[k] == ':' && is_blank_at(s, k + 1)) &&
			!(s.p[k] == '#' && k > i && is_blank_at(s, k - 1)))
			k++;
		*key = str_trim_right(str_sub(s, i, k));
		*at = (struct span){(uint32_t)i, (uint32_t)(i + key->n)};
	}
	*end = k + 1;
	return k < stop && s.p[k] == ':' && is_blank_at(s, k + 1);
}

static bool is_key_line(struct reader *r, size_t line)
{
	struct span at;
	size_t end;
	str key;

	return read_key(r, line + yaml_edit_indent(r->text, line), &at, &key, &end);
}

/* Behind the flow collection at i, which may go over lines; STR_NONE when it has no end. */
static size_t skip_flow(str s, size_t i)
{
	unsigned depth = 0;

	while (i < s.n) {
		char c = s.p[i];

		if ((c == '"' || c == '\'') && strchr("[]{}:, \n\t", s.p[i - 1])) {
			i = skip_quoted(s, i);
			if (i == STR_NONE)
				return i;
			continue;
		}
		if (c == '#' && is_blank_at(s, i - 1)) {
			i = lines_end(s, i);
			continue;
		}
		depth += c == '[' || c == '{';
		if ((c == ']' || c == '}') && --depth == 0)
			return i + 1;
		i++;
	}
	return STR_NONE;
}

/* The end of a plain scalar on its line. */
static size_t plain_end(str s, size_t i)
{
	size_t stop = lines_end(s, i), k = i;

	while (k < stop && !(s.p[k] == '#' && k > i && is_blank_at(s, k - 1)))
		k++;
	return i + str_trim_right(str_sub(s, i, k)).n;
}

/* A value on the line of its key at i; its end goes to *end. */
static enum err read_inline(struct reader *r, size_t i, size_t indent, struct node *n, size_t *end)
{
	str s = r->text;
	bool is_flow = s.p[i] == '[' || s.p[i] == '{', is_quoted = s.p[i] == '"' || s.p[i] == '\'';
	struct span at;
	str key;

	n->kind = NODE_SCALAR;
	*end = is_flow ? skip_flow(s, i) : is_quoted ? skip_quoted(s, i) : plain_end(s, i);
	if (*end == STR_NONE)
		return fail_at(r, i, E_CONFIG, "this value has no end");
	if (strchr("|>&*!", s.p[i])) { /* block scalars, anchors, aliases, tags */
		n->kind = NODE_OPAQUE;
		*end = absorb(s, lines_next(s, i), indent, strchr("&!", s.p[i]), *end);
		return E_OK;
	}
	if (strchr("%@`,]}#", s.p[i]) || (strchr("-?:", s.p[i]) && is_blank_at(s, i + 1)))
		return fail_at(r, i, E_CONFIG, "a value cannot begin like this");
	if (is_flow && str_eq(str_sub(s, i, *end), STR("{}")))
		n->kind = NODE_MAP;
	else if (is_flow || lines_start(s, *end) != lines_start(s, i))
		n->kind = NODE_OPAQUE;
	if (!is_flow && !is_quoted && read_key(r, i, &at, &key, end))
		return fail_at(r, i, E_CONFIG, "a second key on this line");
	if ((is_flow || is_quoted) && !is_rest_empty(s, *end))
		return fail_at(r, *end, E_CONFIG, "expected the end of the line");
	if (!is_flow && !is_quoted) {
		size_t more = absorb(s, lines_next(s, i), indent, false, plain_end(s, i));

		*end = more;
		if (lines_start(s, more) != lines_start(s, i))
			n->kind = NODE_OPAQUE;
	}
	return E_OK;
}

/* ---- the text ---- */

static enum err open_map(struct reader *r, uint32_t node, size_t indent, size_t at)
{
	if (r->depth == NODE_DEPTH_MAX)
		return refuse(r, at, "nested too deeply");
	r->open[r->depth++] = (struct open_map){node, indent};
	return E_OK;
}

/* The value of a key with nothing behind its colon: what the next lines are. r->i is behind the line of the key. */
static enum err read_below(struct reader *r, uint32_t node, size_t colon, size_t indent)
{
	str s = r->text;
	size_t line = next_content(s, r->i), in = yaml_edit_indent(s, line), end;
	struct node *n = &r->d->list.v[node];

	n->kind = NODE_MAP; /* without members it is null as well */
	n->at = (struct span){(uint32_t)colon, (uint32_t)colon};
	if (line == s.n || in < indent || (in == indent && !is_dash(s, line)))
		return E_OK;
	n->at.start = (uint32_t)(line + in);
	if (in > indent && is_key_line(r, line))
		return open_map(r, node, in, line);
	end = absorb(s, line, indent, true, colon);
	n->kind = NODE_OPAQUE;
	n->at.end = (uint32_t)end;
	r->i = lines_next(s, end);
	return E_OK;
}

/* Containers end where what is in them ends. */
static void extend(struct reader *r, uint32_t node)
{
	uint32_t end = r->d->list.v[node].at.end;

	for (uint32_t up = node; up != NODE_NONE; up = r->d->list.v[up].parent) {
		struct node *n = &r->d->list.v[up];

		n->at.end = n->at.end > end ? n->at.end : end;
		n->line_at.end = n->at.end;
	}
}

static enum err read_item(struct reader *r, size_t line)
{
	size_t in = yaml_edit_indent(r->text, line), i = line + in, end, colon;
	struct span key_at;
	struct node *n;
	uint32_t node;
	str key;

	while (r->depth > 1 && r->open[r->depth - 1].indent > in)
		r->depth--;
	if (r->open[r->depth - 1].indent != in || r->text.p[i] == '\t')
		return refuse(r, i, "unexpected indentation");
	if (!read_key(r, i, &key_at, &key, &colon))
		return refuse(r, i, "not a 'key: value'");
	n = node_add(r->arena, r->d, r->open[r->depth - 1].node, key);
	node = (uint32_t)r->d->list.n - 1;
	n->key_at = key_at;
	n->line_at.start = (uint32_t)i;
	if (is_rest_empty(r->text, colon)) {
		r->i = lines_next(r->text, i);
		TRY(read_below(r, node, colon, in));
	} else {
		i = skip_blank(r->text, colon);
		TRY(read_inline(r, i, in, n, &end));
		n->at = (struct span){(uint32_t)i, (uint32_t)end};
		r->i = lines_next(r->text, end);
	}
	extend(r, node);
	return E_OK;
}

static enum err check_line(struct reader *r, size_t line, bool *is_marker)
{
	str s = str_sub(r->text, line, lines_end(r->text, line));
	bool has_dashes = str_starts(s, STR("---")), has_dots = str_starts(s, STR("..."));

	*is_marker = has_dashes && !r->is_started && is_rest_empty(s, 3);
	if ((has_dashes || has_dots) && is_blank_at(s, 3) && !*is_marker)
		return refuse(r, line, "several documents in one file");
	if (str_starts(s, STR("%")))
		return refuse(r, line, "a directive");
	return E_OK;
}

enum err yaml_edit_parse(struct arena *a, str text, struct node_doc *out, struct errctx *cx)
{
	struct reader r = {
		.arena = a, .cx = cx, .d = out, .text = text, .i = lines_bom(text), .depth = 1};
	struct node *root = node_add(a, out, NODE_NONE, STR(""));

	root->at = (struct span){(uint32_t)r.i, (uint32_t)r.i};
	for (;;) {
		size_t line = next_content(text, r.i);
		bool is_marker;

		if (line >= text.n)
			return E_OK;
		TRY(check_line(&r, line, &is_marker));
		r.i = lines_next(text, line);
		if (!is_marker) {
			if (out->list.n == 1)
				r.open[0].indent = yaml_edit_indent(text, line);
			TRY(read_item(&r, line));
		}
		r.is_started = true;
	}
}
