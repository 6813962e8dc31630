#include "wrap/edit/yaml_edit.h"

#include "core/base/limits.h"
#include "core/base/lines.h"

enum { UNIT_DEFAULT = 2 };

static enum err refuse(struct edit_job *j, size_t depth, const char *what, struct errctx *cx)
{
	str name = edit_path_text(j->arena, (struct edit_path){j->path.part, depth});

	FAIL(cx, E_UNSUPPORTED, "'" STR_FMT "' %s", STR_ARG(name), what);
}

static void add_splice(struct edit_job *j, size_t start, size_t end, str text)
{
	*vec_push(&j->splices, j->arena) =
		(struct patch_edit){{(uint32_t)start, (uint32_t)end}, text};
}

/* What the first nested map is indented by. */
static size_t unit_of(const struct node_doc *d)
{
	for (size_t i = 1; i < d->list.n; i++) {
		const struct node *n = &d->list.v[i];
		size_t inner, outer;

		if (n->parent == 0)
			continue;
		inner = yaml_edit_indent(d->text, n->line_at.start);
		outer = yaml_edit_indent(d->text, d->list.v[n->parent].line_at.start);
		return inner - outer;
	}
	return UNIT_DEFAULT;
}

/* Whether a plain scalar reads back as this text and no other type (YAML 1.1 readers have the more words). */
static bool is_plain_key(str s)
{
	static const char *const words[] = {
		"true", "false", "null", "yes", "no", "on", "off", "y", "n"};

	for (size_t i = 0; i < ARRAY_N(words); i++)
		if (str_eq_nocase(s, str_from(words[i])))
			return false;
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'A' && s.p[i] <= 'Z') && !(s.p[i] >= 'a' && s.p[i] <= 'z') &&
			s.p[i] != '_' &&
			(i == 0 || (s.p[i] != '-' && !(s.p[i] >= '0' && s.p[i] <= '9'))))
			return false;
	return s.n > 0;
}

static void add_blanks(struct buf *b, size_t n)
{
	while (n--)
		buf_add_byte(b, ' ');
}

/* The lines of the missing keys, each deeper than the one before; the last one without its end. */
static void add_lines(struct buf *b, const struct edit_job *j, size_t indent, size_t unit, str eol)
{
	for (size_t i = j->depth; i < j->path.n; i++, indent += unit) {
		add_blanks(b, indent);
		if (is_plain_key(j->path.part[i]))
			buf_add(b, j->path.part[i]);
		else
			buf_add_json_string(b, j->path.part[i]);
		buf_add_byte(b, ':');
		if (i + 1 < j->path.n)
			buf_add(b, eol);
	}
	if (j->literal.n)
		buf_add_byte(b, ' ');
	buf_add(b, j->literal);
}

/* Whether a block scalar ends before i, with nothing but blank lines and comments between: line ends behind it may be part of
 * its value (YAML 1.2.2 section 8.1.1.2). *keeps_all: those of all blank lines are. */
static bool is_behind_block(const struct node_doc *d, size_t i, bool *keeps_all)
{
	const struct node *last = NULL;
	str header;

	for (size_t k = 1; k < d->list.n; k++)
		if (d->list.v[k].kind != NODE_MAP && d->list.v[k].at.end <= i)
			last = &d->list.v[k];
	if (!last || last->kind != NODE_OPAQUE || !strchr("|>", d->text.p[last->at.start]))
		return false;
	header = str_sub(d->text, last->at.start, lines_end(d->text, last->at.start));
	*keeps_all = str_find_byte(header, '+') != STR_NONE;
	return true;
}

static size_t blanks_before(str text, size_t i)
{
	size_t n = 0;

	while (n < i && text.p[i - n - 1] == ' ')
		n++;
	return n;
}

static enum err put(struct edit_job *j, struct errctx *cx)
{
	const struct node_doc *d = j->doc;
	const struct node *n = &d->list.v[j->at];
	uint32_t last = node_last_child(d, j->at);
	size_t unit = unit_of(d), indent = 0, at = d->text.n;
	str eol;
	bool is_behind, keeps_all = false;
	struct buf b;

	if (n->kind != NODE_MAP)
		return refuse(j, j->depth, "is no mapping that is edited here", cx);
	if (last != NODE_NONE) {
		indent = yaml_edit_indent(d->text, d->list.v[last].line_at.start);
		at = lines_next(d->text, n->at.end);
	} else if (j->at) {
		indent = yaml_edit_indent(d->text, n->line_at.start) + unit;
		at = lines_next(d->text, n->at.end);
		if (n->at.end > n->at.start) /* {} */
			add_splice(j, n->at.start - blanks_before(d->text, n->at.start), n->at.end,
				STR(""));
	}
	is_behind = at == d->text.n && at > lines_bom(d->text) && d->text.p[at - 1] != '\n';
	if (is_behind_block(d, at, &keeps_all) && (is_behind || keeps_all))
		return refuse(
			j, j->depth, "ends in a text to which the new line end would be added", cx);
	eol = lines_eol(d->text, at);
	buf_init_arena(&b, j->arena, LIMIT_CONFIG_FILE);
	if (is_behind)
		buf_add(&b, eol);
	add_lines(&b, j, indent, unit, eol);
	if (!is_behind)
		buf_add(&b, eol);
	add_splice(j, at, at, buf_str(&b));
	return E_OK;
}

static enum err drop(struct edit_job *j, struct errctx *cx)
{
	const struct node_doc *d = j->doc;
	const struct node *n = &d->list.v[j->at];
	size_t start = lines_start(d->text, n->line_at.start), end = lines_next(d->text, n->at.end);
	bool keeps_all;

	/* where a flow collection ends is known, whatever is in it */
	if (n->kind == NODE_OPAQUE && d->text.p[n->at.start] != '[' &&
		d->text.p[n->at.start] != '{')
		return refuse(j, j->path.n, "is written in a way that is not edited here", cx);
	if (end == d->text.n && d->text.p[end - 1] != '\n' && start > lines_bom(d->text) &&
		!is_behind_block(d, start, &keeps_all)) {
		start--;
		start -= start > 0 && d->text.p[start - 1] == '\r';
	}
	add_splice(j, start, end, STR(""));
	if (n->parent &&
		node_child_n(d, n->parent) == 1) { /* nothing at all would be null, no mapping */
		size_t key = d->list.v[n->parent].key_at.end;
		size_t colon = key + str_find_byte(str_sub(d->text, key, d->text.n), ':') + 1;

		add_splice(j, colon, colon, STR(" {}"));
	}
	return E_OK;
}

const struct edit_format edit_format_yaml = {.name = "yaml",
	.value_frame = "x: ",
	.keeps_maps = true,
	.parse = yaml_edit_parse,
	.put = put,
	.drop = drop};
