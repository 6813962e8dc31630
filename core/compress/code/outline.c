#include "core/compress/code/outline.h"

#include "core/compress/code/recover.h"
#include "core/compress/code/tree.h"

enum {
	/* Nodes within nodes: generated code has some thousand, written code some dozen. */
	DEPTH_MAX = 4096,
	/* A comment of fewer lines stays whole. */
	COMMENT_MIN = 5,
};

/* A node on the way from the root to the present one. */
struct step {
	uint32_t first; /* where it begins, or where what stands around it does */
	unsigned role;
	bool has_text; /* it has had a text among its children */
};

struct walk {
	struct code_tree t;
	struct lines lines;
	struct code_outline *out;
	struct step *path;
	uint32_t depth;
	uint32_t comment_first, comment_next; /* a run of comments of one line each */
	bool is_full;                         /* more definitions than lines */
};

/* ---- lines ---- */

static void mark(struct walk *w, uint32_t first, uint32_t end, bool is_hidden)
{
	for (uint32_t i = first; i < end && i < w->lines.n; i++)
		w->out->is_hidden[i] = is_hidden;
}

/* True when a line has no letter or digit: quotes, or the frame of a comment. */
static bool is_frame(str line)
{
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if ((c | 0x20U) - 'a' < 26 || c - '0' + 0U < 10 || c >= 0x80)
			return false;
	}
	return true;
}

/* Hides a text about what follows, but for its beginning and, when it has a frame, its end. */
static void shorten_text(struct walk *w, uint32_t first, uint32_t last)
{
	uint32_t shown = first;

	if (last < first + COMMENT_MIN - 1 || last >= w->lines.n)
		return;
	while (shown < last && is_frame(w->lines.v[shown]))
		shown++;
	mark(w, shown + 1, is_frame(w->lines.v[last]) ? last : last + 1, true);
}

/* ---- definitions ---- */

/* Where a function's signature ends: the first and the last line of its body that it does not need. */
static void inside_of(const struct walk *w, struct code_node node, struct code_node body,
	uint32_t *from, uint32_t *end)
{
	uint32_t start = body.start, stop = body.end;
	char last = stop && stop <= w->t.source.n ? w->t.source.p[stop - 1] : '\0';

	*from = code_first_line(&w->t, body);
	*end = code_last_line(&w->t, body) + 1;
	if (start < w->t.source.n && strchr("{(", w->t.source.p[start]) && w->t.source.p[start]) {
		++*from;
		*end -= strchr("})", last) != NULL;
		return;
	}
	/* a body without brackets that begins in a line of the signature, or ends in that of "end" */
	if (*from == code_first_line(&w->t, node))
		++*from;
	if (w->t.grammar->language->has_docstring || *end <= code_last_line(&w->t, node))
		return;
	--*end;
}

static void add_definition(struct walk *w, const struct code_definition *d)
{
	if (w->out->n == w->lines.n)
		w->is_full = true;
	else
		w->out->v[w->out->n++] = *d;
}

/* Where what stands around the node begins: "export default const x = ". */
static uint32_t around(const struct walk *w, uint32_t first)
{
	for (uint32_t i = w->depth; i > 0 && w->path[i - 1].role & CODE_WRAP; i--)
		if (w->path[i - 1].first < first)
			first = w->path[i - 1].first;
	return first;
}

/* Python: the first statement of a body, when it is a text, shows its beginning. */
static void show_docstring(struct walk *w, struct code_node body)
{
	struct code_node statement = code_tree_child(&w->t, body), text;
	uint32_t first, last;

	if (statement.is_none)
		return;
	text = code_tree_role(&w->t, statement) & CODE_STRING ? statement
							      : code_tree_child(&w->t, statement);
	if (text.is_none || !(code_tree_role(&w->t, text) & CODE_STRING))
		return;
	first = code_first_line(&w->t, text);
	last = code_last_line(&w->t, text);
	mark(w, first, last + 1, false);
	shorten_text(w, first, last);
	/* what is left of the text needs its end: the quotes are not missed when nothing follows them */
	if (first < w->lines.n && is_frame(w->lines.v[first]) && last > first + 1)
		mark(w, last, last + 1, true);
}

/* A function without a name that is a value of something, or the last argument behind a text: it("adds", () => {. */
static bool is_called_something(const struct walk *w)
{
	const struct step *up = &w->path[w->depth - 1];

	return w->depth && (up->role & CODE_WRAP || up->has_text);
}

/* Where words may be macros, what has no parentheses is no function, whatever it is taken for: "class name {" in a header for C. */
static bool has_parameters(
	const struct walk *w, struct code_node node, struct code_node body, unsigned role)
{
	str head = str_sub(w->t.source, node.start, body.start);

	return !w->t.grammar->language->has_macros || !(role & CODE_FUNCTION) ||
	       str_find_byte(head, '(') != STR_NONE;
}

static void visit_function(struct walk *w, struct code_node node, unsigned role)
{
	struct code_node body = code_tree_field(&w->t, node, w->t.grammar->body);
	struct code_definition d = {.first = around(w, code_first_line(&w->t, node)),
		.last = code_last_line(&w->t, node)};
	bool is_nameless = (role & CODE_NAMELESS) != 0, is_inner;
	uint32_t from, end;

	if (body.is_none || d.first >= w->lines.n || !has_parameters(w, node, body, role))
		return;
	inside_of(w, node, body, &from, &end);
	is_inner = w->out->is_hidden[code_first_line(&w->t, node)];
	if (is_nameless && !is_called_something(w) && is_inner)
		return;
	d.name = is_nameless ? STR_NULL : code_tree_name(&w->t, node);
	d.body = from < end ? from : d.last + 1;
	add_definition(w, &d);
	if (is_inner)
		mark(w, d.first, from, false);
	mark(w, from, end, true);
	if (w->t.grammar->language->has_docstring)
		show_docstring(w, body);
}

static void visit_type(struct walk *w, struct code_node node)
{
	struct code_node body = code_tree_field(&w->t, node, w->t.grammar->body);
	struct code_definition d = {.first = around(w, code_first_line(&w->t, node)),
		.last = code_last_line(&w->t, node),
		.body = code_last_line(&w->t, node) + 1,
		.is_type = true,
		.name = code_tree_name(&w->t, node)};

	if (body.is_none || d.first >= w->lines.n)
		return;
	add_definition(w, &d);
	if (w->out->is_hidden[code_first_line(&w->t, node)])
		mark(w, d.first, d.last + 1, false);
	if (w->t.grammar->language->has_docstring)
		show_docstring(w, body);
}

static void end_comments(struct walk *w)
{
	if (w->comment_next)
		shorten_text(w, w->comment_first, w->comment_next - 1);
	w->comment_next = 0;
}

/* Comments of a line each, one below the other, are one. What shares its line with code is none of them. */
static void visit_comment(struct walk *w, struct code_node node)
{
	uint32_t first = code_first_line(&w->t, node), last = code_last_line(&w->t, node);
	str before;

	if (first >= w->lines.n)
		return;
	before = str_sub(w->lines.v[first], 0, 0);
	before.n = code_column(&w->t, node);
	if (before.n > w->lines.v[first].n || str_trim(before).n)
		return;
	if (first != last) {
		end_comments(w);
		shorten_text(w, first, last);
		return;
	}
	if (w->comment_next != first)
		end_comments(w);
	if (!w->comment_next)
		w->comment_first = first;
	w->comment_next = last + 1;
}

/* ---- the walk ---- */

static void visit(struct walk *w, struct code_node node, unsigned role)
{
	if (role & CODE_COMMENT)
		visit_comment(w, node);
	else if (role & (CODE_FUNCTION | CODE_NAMELESS))
		visit_function(w, node, role);
	else if (role & CODE_TYPE)
		visit_type(w, node);
}

/* True when more than one line has something of the node. */
static bool is_deep(const struct walk *w, struct code_node node)
{
	return str_find_byte(str_sub(w->t.source, node.start, node.end), '\n') != STR_NONE;
}

/* In the order of the source, without what stands in one line: nothing in there can be hidden. False: out of memory. */
static bool walk_tree(struct walk *w)
{
	struct code_walk at;
	bool is_going = code_walk_begin(&at, &w->t), has_begun = is_going;

	while (is_going) {
		struct code_node node = code_walk_node(&at);
		unsigned role = code_tree_role(&w->t, node);

		if (role)
			visit(w, node, role);
		if (role & CODE_STRING && w->depth)
			w->path[w->depth - 1].has_text = true;
		if (w->depth < DEPTH_MAX && is_deep(w, node) && code_walk_child(&at)) {
			w->path[w->depth++] =
				(struct step){code_first_line(&w->t, node), role, false};
			continue;
		}
		while (!code_walk_next(&at)) {
			is_going = code_walk_parent(&at);
			if (!is_going)
				break;
			w->depth--;
		}
	}
	end_comments(w);
	if (has_begun)
		code_walk_end(&at);
	return has_begun;
}

/* ---- the whole ---- */

struct code_outliner {
	struct code_grammar grammar;
	struct arena *arena;
	struct step *path;
};

struct code_outliner *code_outliner_new(const struct code_language *language, struct arena *a)
{
	struct code_outliner *o = arena_new(a, struct code_outliner);

	code_grammar_read(&o->grammar, language, a);
	o->arena = a;
	o->path = arena_alloc(a, DEPTH_MAX * sizeof *o->path, alignof(struct step));
	return o;
}

const struct code_language *code_outliner_language(const struct code_outliner *o)
{
	return o->grammar.language;
}

struct arena *code_outliner_arena(const struct code_outliner *o)
{
	return o->arena;
}

/* Closes the tree. */
static bool outline_tree(struct walk *w, bool is_first)
{
	bool is_walked;

	/* all that is needed is there: while there is a tree, running out of memory would leave it behind */
	if (w->t.grammar->language->has_docstring && is_first)
		show_docstring(w, code_tree_root(&w->t));
	is_walked = walk_tree(w);
	code_tree_close(&w->t);
	return is_walked && !w->is_full;
}

bool code_outline_clean(struct code_outliner *o, str parsed, str source, struct lines lines,
	struct code_outline *out)
{
	struct walk w = {.lines = lines, .out = out, .path = o->path};

	if (!code_tree_open_quick(&w.t, &o->grammar, parsed))
		return false;
	w.t.source = source;
	return outline_tree(&w, false);
}

bool code_outline_part(struct code_outliner *o, str source, struct lines lines, bool is_first,
	struct code_outline *out)
{
	struct walk w = {.lines = lines, .out = out, .path = o->path};

	if (o->grammar.language->has_macros)
		return code_recover(o, source, lines, out);
	return code_tree_open(&w.t, &o->grammar, source, false) && outline_tree(&w, is_first);
}
