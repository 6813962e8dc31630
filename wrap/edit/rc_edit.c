/* rc_edit: blocks between fences in text files that people write, and whole files, for wrap/edit/format.h.
 *
 *	# headroom:begin id=X              <!-- headroom:begin id=X -->
 *	lines                              lines
 *	# headroom:end id=X                <!-- headroom:end id=X -->
 *
 * The nodes are the blocks by their ids, and each line outside of them. A new block goes to the end. */
#include "core/base/limits.h"
#include "wrap/edit/format.h"
#include "core/base/lines.h"

struct fence {
	str open, close;
};

static const struct fence shell = {{"# ", 2}, {"", 0}};
static const struct fence markdown = {{"<!-- ", 5}, {" -->", 4}};

static const str begin_word = {"headroom:begin id=", 18};
static const str end_word = {"headroom:end id=", 16};

/* Whether a line is this fence, and whose. */
static bool is_fence(str line, const struct fence *f, str word, str *id)
{
	str rest = str_trim(line);

	if (!str_take(&rest, f->open) || !str_take(&rest, word) || !str_ends(rest, f->close))
		return false;
	*id = str_sub(rest, 0, rest.n - f->close.n);
	return id->n > 0;
}

static enum err fail_line(struct errctx *cx, str text, size_t at, const char *what, str id)
{
	size_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += text.p[i] == '\n';
	FAIL(cx, E_CONFIG, "line %zu: %s '" STR_FMT "'", line, what, STR_ARG(id));
}

static void add_line_node(struct arena *a, struct node_doc *d, size_t start)
{
	struct node *n = node_add(a, d, 0, STR(""));

	n->kind = NODE_OPAQUE;
	n->at = (struct span){(uint32_t)start, (uint32_t)lines_end(d->text, start)};
}

static enum err parse(
	struct arena *a, str text, const struct fence *f, struct node_doc *out, struct errctx *cx)
{
	size_t begin = 0, next;
	str open = STR_NULL, id;

	(void)node_add(a, out, NODE_NONE, STR(""));
	for (size_t i = lines_bom(text); i < text.n; i = next) {
		str line;

		next = lines_next(text, i);
		line = str_sub(text, i, lines_end(text, i));
		if (is_fence(line, f, begin_word, &id)) {
			if (open.n)
				return fail_line(cx, text, i, "a block begins within", open);
			if (node_child(out, 0, id) != NODE_NONE)
				return fail_line(cx, text, i, "a second block", id);
			open = id;
			begin = i;
		} else if (is_fence(line, f, end_word, &id)) {
			struct node *n;

			if (!str_eq(open, id))
				return fail_line(cx, text, i, "no beginning of block", id);
			n = node_add(a, out, 0, id);
			n->kind = NODE_SCALAR;
			n->line_at = (struct span){(uint32_t)begin, (uint32_t)next};
			n->at.start = (uint32_t)lines_next(text, begin);
			n->at.end = (uint32_t)i;
			open = STR_NULL;
		} else if (!open.n) {
			add_line_node(a, out, i);
		}
	}
	return open.n ? fail_line(cx, text, begin, "no end of block", open) : E_OK;
}

static enum err parse_shell(struct arena *a, str text, struct node_doc *out, struct errctx *cx)
{
	return parse(a, text, &shell, out, cx);
}

static enum err parse_markdown(struct arena *a, str text, struct node_doc *out, struct errctx *cx)
{
	return parse(a, text, &markdown, out, cx);
}

/* The lines of a literal with the line ends of the file, the last one with its own. */
static str lay_out(const struct edit_job *j)
{
	str rest = j->literal, line, eol = lines_eol(j->doc->text, j->doc->text.n);
	bool has_eol;
	struct buf b;

	buf_init_arena(&b, j->arena, LIMIT_CONFIG_FILE);
	while (str_next_line(&rest, &line, &has_eol)) {
		buf_add(&b, str_ends(line, STR("\r")) ? str_sub(line, 0, line.n - 1) : line);
		buf_add(&b, eol);
	}
	return b.n ? buf_str(&b) : STR("");
}

static void add_fence(struct buf *b, const struct fence *f, str word, str id)
{
	buf_add(b, f->open);
	buf_add(b, word);
	buf_add(b, id);
	buf_add(b, f->close);
}

static bool is_id(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'A' && s.p[i] <= 'Z') &&
			!(s.p[i] >= 'a' && s.p[i] <= 'z') && s.p[i] != '_' && s.p[i] != '-')
			return false;
	return s.n > 0;
}

static enum err put(struct edit_job *j, const struct fence *f, struct errctx *cx)
{
	str text = j->doc->text, eol = lines_eol(text, text.n);
	bool is_open = text.n > lines_bom(text) && text.p[text.n - 1] != '\n';
	struct buf b;

	if (j->path.n != 1 || !is_id(j->path.part[0]))
		FAIL(cx, E_CONFIG, "a block has one name of letters, digits, '-' and '_'");
	buf_init_arena(&b, j->arena, LIMIT_CONFIG_FILE);
	if (is_open)
		buf_add(&b, eol);
	add_fence(&b, f, begin_word, j->path.part[0]);
	buf_add(&b, eol);
	buf_add(&b, j->literal);
	add_fence(&b, f, end_word, j->path.part[0]);
	if (!is_open) /* a file without a final newline has none then either */
		buf_add(&b, eol);
	*vec_push(&j->splices, j->arena) =
		(struct patch_edit){{(uint32_t)text.n, (uint32_t)text.n}, buf_str(&b)};
	return E_OK;
}

static enum err put_shell(struct edit_job *j, struct errctx *cx)
{
	return put(j, &shell, cx);
}

static enum err put_markdown(struct edit_job *j, struct errctx *cx)
{
	return put(j, &markdown, cx);
}

static enum err drop(struct edit_job *j, struct errctx *cx)
{
	str text = j->doc->text;
	struct span at = j->doc->list.v[j->at].line_at;

	(void)cx;
	if (at.end == text.n && text.p[text.n - 1] != '\n' && at.start > lines_bom(text)) {
		at.start--;
		at.start -= at.start > 0 && text.p[at.start - 1] == '\r';
	}
	*vec_push(&j->splices, j->arena) = (struct patch_edit){at, STR("")};
	return E_OK;
}

const struct edit_format edit_format_shell = {
	.name = "shell", .parse = parse_shell, .put = put_shell, .drop = drop, .lay_out = lay_out};

const struct edit_format edit_format_markdown = {.name = "markdown",
	.parse = parse_markdown,
	.put = put_markdown,
	.drop = drop,
	.lay_out = lay_out};

/* ---- whole files ---- */

static enum err parse_text(struct arena *a, str text, struct node_doc *out, struct errctx *cx)
{
	struct node *root = node_add(a, out, NODE_NONE, STR(""));

	(void)cx;
	root->kind = NODE_SCALAR;
	root->at = (struct span){0, (uint32_t)text.n};
	return E_OK;
}

static enum err refuse_key(struct edit_job *j, struct errctx *cx)
{
	(void)j;
	FAIL(cx, E_UNSUPPORTED, "a text has no keys");
}

const struct edit_format edit_format_text = {
	.name = "text", .parse = parse_text, .put = refuse_key, .drop = refuse_key};
