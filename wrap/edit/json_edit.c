#include "wrap/edit/json_edit.h"

#include "core/base/limits.h"
#include "core/json/scan.h"
#include "core/base/lines.h"

/* How new members are written in one object. */
struct style {
	bool is_multiline;
	str indent; /* of the line of the closing bracket */
	str member; /* of a member; */
	str unit;   /* what one level adds */
	str eol, colon;
};

static const str two_blanks = {"  ", 2};

static bool has_newline(str s)
{
	return str_find_byte(s, '\n') != STR_NONE;
}

/* What one level of indentation is in this file, by the first member that begins a line. */
static str unit_of(const struct node_doc *d)
{
	for (size_t i = 1; i < d->list.n; i++) {
		const struct node *n = &d->list.v[i];
		str inner, outer;

		if (!n->key_at.end || !lines_is_first(d->text, n->key_at.start))
			continue;
		inner = lines_indent(d->text, n->key_at.start);
		outer = lines_indent(d->text, d->list.v[n->parent].line_at.start);
		if (inner.n > outer.n && str_starts(inner, outer))
			return str_sub(inner, outer.n, inner.n);
	}
	return two_blanks;
}

static str colon_of(const struct node_doc *d, uint32_t object)
{
	uint32_t last = node_last_child(d, object);
	const struct node *n;

	if (last == NODE_NONE)
		last = d->list.n > 1 && d->list.v[1].key_at.end ? 1 : NODE_NONE;
	if (last == NODE_NONE)
		return STR(": ");
	n = &d->list.v[last];
	return n->at.start == n->key_at.end + 1 ? STR(":") : STR(": ");
}

static struct style style_of(struct arena *a, const struct node_doc *d, uint32_t object)
{
	const struct node *o = &d->list.v[object];
	uint32_t last = node_last_child(d, object);
	struct style s = {.unit = unit_of(d), .colon = colon_of(d, object)};

	s.eol = lines_eol(d->text, o->at.end > o->at.start ? o->at.end - 1 : o->at.start);
	s.indent = lines_indent(d->text, o->line_at.start);
	s.member = arena_printf(a, STR_FMT STR_FMT, STR_ARG(s.indent), STR_ARG(s.unit));
	if (last == NODE_NONE) {
		s.is_multiline = object == 0 || has_newline(str_sub(d->text, 0, o->at.start));
		return s;
	}
	s.is_multiline = lines_is_first(d->text, d->list.v[last].line_at.start);
	if (s.is_multiline)
		s.member = lines_indent(d->text, d->list.v[last].line_at.start);
	return s;
}

/* ---- literals ---- */

static void new_line(struct buf *b, str indent, str unit, str eol, unsigned depth)
{
	buf_add(b, eol);
	buf_add(b, indent);
	for (unsigned i = 0; i < depth; i++)
		buf_add(b, unit);
}

static size_t skip_space(str s, size_t i)
{
	while (i < s.n && strchr(" \t\r\n", s.p[i]) && s.p[i])
		i++;
	return i;
}

static size_t copy_string(struct buf *b, str s, size_t i)
{
	size_t from = i;

	for (i++; i < s.n && s.p[i] != '"'; i++)
		i += s.p[i] == '\\';
	i = i < s.n ? i + 1 : s.n;
	buf_add(b, str_sub(s, from, i));
	return i;
}

void json_edit_pretty(struct buf *b, str literal, str indent, str unit, str eol)
{
	unsigned depth = 0;

	for (size_t i = skip_space(literal, 0); i < literal.n; i = skip_space(literal, i)) {
		char c = literal.p[i];
		size_t next = skip_space(literal, i + 1);
		bool is_open = c == '{' || c == '[';

		if (c == '"') {
			i = copy_string(b, literal, i);
			continue;
		}
		i++;
		if (is_open && next < literal.n && strchr("}]", literal.p[next])) {
			buf_add_byte(b, c);
			buf_add_byte(b, literal.p[next]);
			i = next + 1;
			continue;
		}
		if (c == '}' || c == ']')
			new_line(b, indent, unit, eol, --depth);
		buf_add_byte(b, c);
		if (is_open)
			depth++;
		if (is_open || c == ',')
			new_line(b, indent, unit, eol, depth);
		else if (c == ':')
			buf_add_byte(b, ' ');
	}
}

static bool is_json(struct arena *a, str literal)
{
	struct json_tape t;
	struct errctx cx = {0};

	return json_scan(a, literal, &t, &cx) == E_OK;
}

static str lay_out(const struct edit_job *j)
{
	const struct node_doc *d = j->doc;
	const struct node *n = &d->list.v[j->at];
	struct style s = style_of(j->arena, d, j->depth < j->path.n ? j->at : n->parent);
	size_t levels = j->depth < j->path.n ? j->path.n - j->depth - 1 : 0;
	struct buf b, indent;

	if (!is_json(j->arena, j->literal) || j->path.n == 0)
		return j->literal; /* the check after the change says what is wrong with it */
	if (!s.is_multiline)
		return str_trim(j->literal);
	buf_init_arena(&b, j->arena, LIMIT_CONFIG_FILE);
	buf_init_arena(&indent, j->arena, LIMIT_CONFIG_FILE);
	buf_add(&indent, s.member);
	for (size_t i = 0; i < levels; i++)
		buf_add(&indent, s.unit);
	json_edit_pretty(&b, j->literal, buf_str(&indent), s.unit, s.eol);
	return buf_str(&b);
}

/* ---- a new key ---- */

static void add_key(struct buf *b, str key, str colon)
{
	buf_add_json_string(b, key);
	buf_add(b, colon);
}

/* "key": value, with the objects that are missing on the way, each on lines of its own. */
static str member_text(const struct edit_job *j, const struct style *s)
{
	size_t missing = j->path.n - j->depth;
	struct buf b;

	buf_init_arena(&b, j->arena, LIMIT_CONFIG_FILE);
	for (size_t i = 0; i < missing; i++) {
		if (i)
			buf_add_byte(&b, '{');
		if (i && s->is_multiline)
			new_line(&b, s->member, s->unit, s->eol, (unsigned)i);
		add_key(&b, j->path.part[j->depth + i], s->colon);
	}
	buf_add(&b, j->literal);
	while (--missing > 0) {
		if (s->is_multiline)
			new_line(&b, s->member, s->unit, s->eol, (unsigned)missing - 1);
		buf_add_byte(&b, '}');
	}
	return buf_str(&b);
}

static void add_splice(struct edit_job *j, size_t start, size_t end, str text)
{
	*vec_push(&j->splices, j->arena) =
		(struct patch_edit){{(uint32_t)start, (uint32_t)end}, text};
}

/* The first byte at or behind i that is no white space and no comment; text.n at the end. */
static size_t next_token(const struct node_doc *d, size_t i)
{
	return skip_space(d->clean, i);
}

static void put_behind_last(struct edit_job *j, const struct style *s, uint32_t last, str member)
{
	const struct node_doc *d = j->doc;
	size_t at = d->list.v[last].at.end, token = next_token(d, at), end;
	bool has_comma = token < d->text.n && d->text.p[token] == ',';
	struct buf b;

	buf_init_arena(&b, j->arena, LIMIT_CONFIG_FILE);
	if (has_comma)
		at = token + 1;
	if (!s->is_multiline) {
		buf_add_c(&b, has_comma ? " " : ", ");
		buf_add(&b, member);
		buf_add_c(&b, has_comma ? "," : "");
		add_splice(j, at, at, buf_str(&b));
		return;
	}
	if (!has_comma)
		add_splice(j, at, at, STR(","));
	new_line(&b, s->member, s->unit, s->eol, 0);
	buf_add(&b, member);
	buf_add_c(&b, has_comma ? "," : "");
	/* A comment behind the last member stays with it, unless it goes on in the next line. */
	token = next_token(d, at);
	end = lines_end(d->text, at);
	if (lines_start(d->text, token) > at &&
		str_find(str_sub(d->text, at, end), STR("/*")) == STR_NONE)
		at = end;
	add_splice(j, at, at, buf_str(&b));
}

static void put_in_empty(struct edit_job *j, const struct style *s, str member)
{
	const struct node_doc *d = j->doc;
	size_t start = d->list.v[j->at].at.start + 1, end = d->list.v[j->at].at.end - 1;
	str inside = str_sub(d->text, start, end);
	struct buf b;

	buf_init_arena(&b, j->arena, LIMIT_CONFIG_FILE);
	if (!s->is_multiline && str_trim(inside).n == 0) {
		add_splice(j, start, end, member);
		return;
	}
	new_line(&b, s->member, s->unit, s->eol, 0);
	buf_add(&b, member);
	if (has_newline(inside)) {
		start += str_trim_right(inside).n;
		add_splice(j, start, start, buf_str(&b));
		return;
	}
	new_line(&b, s->indent, s->unit, s->eol, 0);
	add_splice(j, str_trim(inside).n ? end : start, end, buf_str(&b));
}

/* An object in a text that has none: at the start, but behind comments. */
static void put_in_nothing(struct edit_job *j, const struct style *s, str member)
{
	str text = j->doc->text;
	size_t bom = lines_bom(text);
	bool has_comments = str_trim(str_sub(text, bom, text.n)).n > 0;
	size_t at = has_comments ? text.n : bom;
	struct buf b;

	buf_init_arena(&b, j->arena, LIMIT_CONFIG_FILE);
	if (has_comments && text.p[text.n - 1] != '\n')
		buf_add(&b, s->eol);
	buf_add_byte(&b, '{');
	new_line(&b, s->member, s->unit, s->eol, 0);
	buf_add(&b, member);
	new_line(&b, s->indent, s->unit, s->eol, 0);
	buf_add_byte(&b, '}');
	if (at == text.n && (text.n == bom || text.p[text.n - 1] == '\n'))
		buf_add(&b, s->eol);
	add_splice(j, at, at, buf_str(&b));
}

static enum err put(struct edit_job *j, struct errctx *cx)
{
	const struct node *o = &j->doc->list.v[j->at];
	uint32_t last = node_last_child(j->doc, j->at);
	struct style s = style_of(j->arena, j->doc, j->at);
	str member;

	if (o->kind != NODE_MAP)
		FAIL(cx, E_CONFIG, "'" STR_FMT "' is no object",
			STR_ARG(edit_path_text(
				j->arena, (struct edit_path){j->path.part, j->depth})));
	member = member_text(j, &s);
	if (last != NODE_NONE)
		put_behind_last(j, &s, last, member);
	else if (o->at.start == o->at.end)
		put_in_nothing(j, &s, member);
	else
		put_in_empty(j, &s, member);
	return E_OK;
}

/* ---- a key goes ---- */

/* The comma in front of the member at node i. */
static size_t comma_before(const struct node_doc *d, uint32_t i)
{
	size_t at = d->list.v[i].line_at.start;

	while (at > 0 && d->clean.p[at - 1] != ',')
		at--;
	return at - 1;
}

static bool has_sibling_before(const struct node_doc *d, uint32_t i)
{
	for (uint32_t k = i; k-- > 0;)
		if (d->list.v[k].parent == d->list.v[i].parent)
			return true;
	return false;
}

static enum err drop(struct edit_job *j, struct errctx *cx)
{
	const struct node_doc *d = j->doc;
	const struct node *n = &d->list.v[j->at], *o = &d->list.v[n->parent];
	size_t start = n->line_at.start, end = n->at.end, token = next_token(d, end);
	bool has_comma = token < d->text.n && d->text.p[token] == ',', is_last;

	(void)cx;
	if (has_comma)
		end = token + 1;
	is_last = node_last_child(d, n->parent) == j->at;
	if (node_child_n(d, n->parent) == 1 &&
		str_trim(str_sub(d->text, o->at.start + 1, start)).n == 0 &&
		str_trim(str_sub(d->text, end, o->at.end - 1)).n == 0) {
		add_splice(j, o->at.start + 1, o->at.end - 1, STR(""));
		return E_OK;
	}
	if (is_last && !has_comma && has_sibling_before(d, j->at)) {
		size_t comma = comma_before(d, j->at);

		if (!lines_is_first(d->text, start)) {
			add_splice(j, comma, end, STR(""));
			return E_OK;
		}
		add_splice(j, comma, comma + 1, STR(""));
	}
	token = next_token(d, end);
	if (lines_is_first(d->text, start) && lines_start(d->text, token) >= end) {
		/* Its lines, with the line end before them: the one behind may be that of the last line. */
		start = lines_start(d->text, start);
		end = lines_next(d->text, end);
	} else if (has_comma) {
		end = is_last ? end : token;
		while (is_last && start > 0 && d->text.p[start - 1] == ' ')
			start--;
	}
	add_splice(j, start, end, STR(""));
	return E_OK;
}

const struct edit_format edit_format_json = {.name = "json",
	.value_frame = "",
	.parse = json_edit_parse,
	.put = put,
	.drop = drop,
	.lay_out = lay_out};
