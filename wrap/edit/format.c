#include "wrap/edit/format.h"

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/lines.h"

static const struct edit_format *const formats[] = {&edit_format_json, &edit_format_toml,
	&edit_format_yaml, &edit_format_shell, &edit_format_markdown, &edit_format_text};

const struct edit_format *edit_format_find(str name)
{
	for (size_t i = 0; i < ARRAY_N(formats); i++)
		if (str_eq_c(name, formats[i]->name))
			return formats[i];
	return NULL;
}

str edit_path_text(struct arena *a, struct edit_path path)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_CONFIG_FILE);
	for (size_t i = 0; i < path.n; i++) {
		if (i)
			buf_add_byte(&b, '.');
		buf_add(&b, path.part[i]);
	}
	return b.n ? buf_str(&b) : STR("the file");
}

static enum err parse(struct arena *a, const struct edit_format *f, str text, struct node_doc *out,
	struct errctx *cx)
{
	enum err e;

	*out = (struct node_doc){.text = text.p ? text : STR("")};
	if (text.n > LIMIT_CONFIG_FILE)
		FAIL(cx, E_TOO_BIG, "larger than %zu bytes", LIMIT_CONFIG_FILE);
	e = f->parse(a, out->text, out, cx);
	ASSERT(e || out->list.n > 0);
	return e;
}

enum err edit_get(struct arena *a, const struct edit_format *f, str text, struct edit_path path,
	str *literal, struct errctx *cx)
{
	struct node_doc d;
	uint32_t at;

	TRY(parse(a, f, text, &d, cx));
	if (node_follow(&d, path, &at) < path.n)
		FAIL(cx, E_NOT_FOUND, "no '" STR_FMT "'", STR_ARG(edit_path_text(a, path)));
	*literal = span_str(d.text, d.list.v[at].at);
	return E_OK;
}

/* The bytes with the splices of a job. */
static enum err splice(struct edit_job *j, str *out, struct errctx *cx)
{
	struct buf b;

	buf_init_arena(&b, j->arena, LIMIT_CONFIG_FILE);
	patch_sort(j->splices.v, j->splices.n);
	if (patch_apply(j->doc->text, j->splices.v, j->splices.n, &b))
		FAIL(cx, b.err ? b.err : E_INTERNAL, "cannot put the change together: %s",
			err_text(b.err ? b.err : E_INTERNAL));
	*out = b.n ? buf_str(&b) : STR("");
	return E_OK;
}

bool edit_same_value(struct arena *a, const struct edit_format *f, str x, str y)
{
	struct node_doc p, q;
	struct errctx cx = {0};
	str frame = str_from(f->value_frame);

	if (str_eq(x, y))
		return true;
	if (!f->value_frame)
		return false;
	x = arena_printf(a, STR_FMT STR_FMT, STR_ARG(frame), STR_ARG(x));
	y = arena_printf(a, STR_FMT STR_FMT, STR_ARG(frame), STR_ARG(y));
	return parse(a, f, x, &p, &cx) == E_OK && parse(a, f, y, &q, &cx) == E_OK &&
	       node_same(&p, 0, &q, 0);
}

bool edit_is_empty(struct arena *a, const struct edit_format *f, str text)
{
	struct errctx cx = {0};
	struct node_doc d;
	str rest;

	if (parse(a, f, text, &d, &cx) || d.list.n != 1)
		return false;
	rest = str_trim(str_sub(text, lines_bom(text), text.n));
	return rest.n == 0 || str_eq(rest, STR("{}")) ||
	       (rest.n > 2 && rest.p[0] == '{' && str_trim(str_sub(rest, 1, rest.n - 1)).n == 0);
}

static enum err replace(struct edit_job *j, const struct edit_format *f, struct errctx *cx)
{
	const struct node *n = &j->doc->list.v[j->at];

	if (n->kind == NODE_OPAQUE || n->form != NODE_FORM_PLAIN ||
		(f->keeps_maps && n->kind == NODE_MAP && node_child_n(j->doc, j->at) > 0))
		FAIL(cx, E_UNSUPPORTED, "'" STR_FMT "' is written in a way that is not edited here",
			STR_ARG(edit_path_text(j->arena, j->path)));
	if (n->at.start == n->at.end && n->kind == NODE_MAP &&
		f->keeps_maps) /* nothing yet behind its colon */
		j->literal = arena_printf(j->arena, " " STR_FMT, STR_ARG(j->literal));
	*vec_push(&j->splices, j->arena) = (struct patch_edit){n->at, j->literal};
	return E_OK;
}

static enum err check_set(struct edit_job *j, const struct edit_format *f,
	const struct edit_change *c, struct errctx *cx)
{
	struct node_doc now;
	uint32_t at;

	if (parse(j->arena, f, c->text, &now, cx))
		return err_prefix(cx, "after the change");
	if (node_follow(&now, j->path, &at) < j->path.n ||
		!edit_same_value(j->arena, f, span_str(now.text, now.list.v[at].at), c->literal) ||
		!node_only_change(j->arena, j->doc, &now, j->path, j->path.n))
		FAIL(cx, E_CONFIG, "cannot change '" STR_FMT "' alone; edit the file by hand",
			STR_ARG(edit_path_text(j->arena, j->path)));
	return E_OK;
}

enum err edit_set(struct arena *a, str text, const struct edit_set *s, struct edit_change *out,
	struct errctx *cx)
{
	struct node_doc d;
	struct edit_job j = {.arena = a, .doc = &d, .path = s->path, .literal = s->literal};

	TRY(parse(a, s->format, text, &d, cx));
	j.depth = node_follow(&d, s->path, &j.at);
	if (!s->is_exact && s->format->lay_out)
		j.literal = s->format->lay_out(&j);
	TRY(j.depth == s->path.n ? replace(&j, s->format, cx) : s->format->put(&j, cx));
	*out = (struct edit_change){.literal = str_trim(j.literal), .kept = j.depth};
	if (!s->format->value_frame)
		out->literal = j.literal;
	TRY(splice(&j, &out->text, cx));
	return check_set(&j, s->format, out, cx);
}

static enum err remove_node(
	struct edit_job *j, const struct edit_format *f, str *out, struct errctx *cx)
{
	struct node_doc now;
	uint32_t at;

	TRY(f->drop(j, cx));
	TRY(splice(j, out, cx));
	if (parse(j->arena, f, *out, &now, cx))
		return err_prefix(cx, "after the change");
	if (node_follow(&now, j->path, &at) == j->path.n ||
		!node_only_change(j->arena, j->doc, &now, j->path, j->path.n - 1))
		FAIL(cx, E_CONFIG, "cannot remove '" STR_FMT "' alone; edit the file by hand",
			STR_ARG(edit_path_text(j->arena, j->path)));
	return E_OK;
}

enum err edit_remove(struct arena *a, const struct edit_format *f, str text, struct edit_path path,
	size_t kept, str *out, struct errctx *cx)
{
	struct edit_path whole = path;

	*out = text;
	for (; path.n > 0; path.n--) {
		struct node_doc d;
		struct edit_job j = {.arena = a, .doc = &d, .path = path};

		TRY(parse(a, f, *out, &d, cx));
		j.depth = node_follow(&d, path, &j.at);
		if (j.depth < path.n && path.n == whole.n)
			FAIL(cx, E_NOT_FOUND, "no '" STR_FMT "'", STR_ARG(edit_path_text(a, path)));
		if (j.depth < path.n)
			continue; /* the format took the empty container along */
		if (path.n < whole.n && (path.n <= kept || d.list.v[j.at].kind != NODE_MAP ||
						node_child_n(&d, j.at) > 0))
			break;
		TRY(remove_node(&j, f, out, cx));
	}
	return E_OK;
}
