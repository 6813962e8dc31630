#include "wrap/edit/toml_edit.h"

#include "core/base/limits.h"
#include "core/base/toml.h"
#include "core/base/lines.h"

static bool is_bare(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'A' && s.p[i] <= 'Z') &&
			!(s.p[i] >= 'a' && s.p[i] <= 'z') && s.p[i] != '_' && s.p[i] != '-')
			return false;
	return s.n > 0;
}

static void add_key(struct buf *b, str key)
{
	if (is_bare(key))
		buf_add(b, key);
	else
		toml_add_string(b, key);
}

static enum err refuse(struct edit_job *j, size_t depth, const char *what, struct errctx *cx)
{
	str name = edit_path_text(j->arena, (struct edit_path){j->path.part, depth});

	FAIL(cx, E_UNSUPPORTED, "'" STR_FMT "' %s", STR_ARG(name), what);
}

/* The last item (key = value) that stands directly in table, or in dotted keys below it. */
static uint32_t last_item(const struct node_doc *d, uint32_t table)
{
	uint32_t last = NODE_NONE;

	for (uint32_t i = table + 1; i < d->list.n; i++) {
		const struct node *n = &d->list.v[i];
		uint32_t up = n->parent;

		while (up != table && up != NODE_NONE && d->list.v[up].form == NODE_FORM_DOTTED)
			up = d->list.v[up].parent;
		if (up == table && n->form == NODE_FORM_PLAIN && n->line_at.end)
			last = i;
	}
	return last;
}

static void add_splice(struct edit_job *j, size_t start, size_t end, str text)
{
	*vec_push(&j->splices, j->arena) =
		(struct patch_edit){{(uint32_t)start, (uint32_t)end}, text};
}

/* line (without its end) as a new line at the start of a line, or at the end of the text, which keeps its final newline
 * or has none then either. */
static void add_line(struct edit_job *j, size_t at, str line)
{
	str text = j->doc->text, eol = lines_eol(text, at);
	bool is_behind = at == text.n && at > lines_bom(text) && text.p[at - 1] != '\n';
	struct buf b;

	buf_init_arena(&b, j->arena, LIMIT_CONFIG_FILE);
	if (is_behind)
		buf_add(&b, eol);
	buf_add(&b, line);
	if (!is_behind)
		buf_add(&b, eol);
	add_splice(j, at, at, buf_str(&b));
}

/* prefix, the parts of the path from first on with dots between them, and the value. */
static str item_text(struct edit_job *j, str prefix, size_t first)
{
	struct buf b;

	buf_init_arena(&b, j->arena, LIMIT_CONFIG_FILE);
	buf_add(&b, prefix);
	for (size_t i = first; i < j->path.n; i++) {
		if (i > first)
			buf_add_byte(&b, '.');
		add_key(&b, j->path.part[i]);
	}
	buf_add_c(&b, " = ");
	buf_add(&b, j->literal);
	return buf_str(&b);
}

/* Behind the last item of a table: spelled as that one is in front of its last part. */
static void put_behind(struct edit_job *j, uint32_t item)
{
	const struct node *n = &j->doc->list.v[item];
	str text = j->doc->text, prefix = lines_indent(text, n->line_at.start);

	if (n->parent == j->at)
		prefix = str_sub(text, lines_start(text, n->line_at.start), n->key_at.start);
	add_line(j, lines_next(text, n->at.end), item_text(j, prefix, j->path.n - 1));
}

static void put_new_table(struct edit_job *j)
{
	str text = j->doc->text, eol = lines_eol(text, text.n ? text.n - 1 : 0);
	struct buf b;

	buf_init_arena(&b, j->arena, LIMIT_CONFIG_FILE);
	if (text.n > lines_bom(text))
		buf_add(&b, eol);
	buf_add_byte(&b, '[');
	for (size_t i = 0; i + 1 < j->path.n; i++) {
		if (i)
			buf_add_byte(&b, '.');
		add_key(&b, j->path.part[i]);
	}
	buf_add_byte(&b, ']');
	buf_add(&b, eol);
	buf_add(&b, item_text(j, STR(""), j->path.n - 1));
	add_line(j, text.n, buf_str(&b));
}

/* Whether a table is an inline one or within one. */
static bool is_inline(const struct node_doc *d, uint32_t table)
{
	for (; table != NODE_NONE; table = d->list.v[table].parent)
		if (d->list.v[table].form == NODE_FORM_PLAIN)
			return d->list.v[table].at.end > 0;
	return false;
}

static enum err put(struct edit_job *j, struct errctx *cx)
{
	const struct node *n = &j->doc->list.v[j->at];
	bool is_here = j->depth + 1 == j->path.n;
	uint32_t last;

	if (n->kind != NODE_MAP)
		return refuse(j, j->depth, "is no table", cx);
	if (is_inline(j->doc, j->at))
		return refuse(j, j->depth, "is an inline table; nothing is added to those", cx);
	if (n->form == NODE_FORM_DOTTED && !is_here)
		return refuse(j, j->depth, "is written with dotted keys", cx);
	if (!is_here || n->form == NODE_FORM_IMPLICIT) {
		put_new_table(j);
		return E_OK;
	}
	last = last_item(j->doc, j->at);
	if (last != NODE_NONE)
		put_behind(j, last);
	else if (n->line_at.end) /* an empty table */
		add_line(j, lines_next(j->doc->text, n->line_at.end),
			item_text(j, lines_indent(j->doc->text, n->line_at.start), j->depth));
	else
		add_line(j, lines_bom(j->doc->text), item_text(j, STR(""), j->depth));
	return E_OK;
}

/* The lines of a span; at the end of a text without a final newline the line end before them goes instead. */
static void drop_lines(struct edit_job *j, struct span at, bool is_blank_line_too)
{
	str text = j->doc->text;
	size_t start = lines_start(text, at.start), end = lines_next(text, at.end), bom;

	bom = lines_bom(text);
	if (is_blank_line_too && start > bom &&
		lines_end(text, lines_start(text, start - 1)) == lines_start(text, start - 1))
		start = lines_start(text, start - 1);
	if (end == text.n && text.p[end - 1] != '\n' && start > bom) {
		start--;
		start -= start > bom && text.p[start - 1] == '\r';
	}
	add_splice(j, start, end, STR(""));
}

static enum err drop(struct edit_job *j, struct errctx *cx)
{
	const struct node_doc *d = j->doc;
	const struct node *n = &d->list.v[j->at];

	if (n->form == NODE_FORM_HEADER && n->line_at.end) {
		drop_lines(j, n->line_at, true);
		return E_OK;
	}
	if (is_inline(d, n->parent))
		return refuse(j, j->path.n - 1, "is an inline table; nothing is removed there", cx);
	if (n->form != NODE_FORM_PLAIN || !n->line_at.end)
		return refuse(j, j->path.n, "is written in a way that is not edited here", cx);
	drop_lines(j, n->line_at, false);
	return E_OK;
}

const struct edit_format edit_format_toml = {
	.name = "toml", .value_frame = "x = ", .parse = toml_edit_parse, .put = put, .drop = drop};
