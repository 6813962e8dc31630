#include "core/compress/code/outline.h"

#include <tree_sitter/api.h>

#include "core/base/mem.h"
#include "core/compress/code/brackets.h"

enum {
	/* A model reads no larger file at once, and the tree takes a multiple of it. */
	SOURCE_MAX = 1 << 20,
	/* Nodes within nodes: generated code has some thousand, written code some dozen. */
	DEPTH_MAX = 4096,
	/* A comment of fewer lines stays whole. */
	COMMENT_MIN = 5,
	/* tree-sitter ends the program when it gets no memory. A tree takes up to so many times its source (measured: 20 to 45),
	 * so as much is asked for beforehand. */
	TREE_BYTES = 48,
};

/* A node on the way from the root to the present one. */
struct step {
	uint32_t first; /* where it begins, or where what stands around it does */
	unsigned role;
	bool has_text; /* it has had a text among its children */
};

struct walk {
	const struct code_language *language;
	str source;
	struct lines lines;
	struct code_outline *out;
	unsigned char *roles; /* by symbol */
	TSFieldId body, name, declarator;
	struct step *path;
	uint32_t depth;
	uint32_t comment_first, comment_next; /* a run of comments of one line each */
	bool is_full;                         /* more definitions than lines */
};

/* ---- the rows of the table, by number ---- */

static void set_role(struct walk *w, const TSLanguage *l, const char *const *kinds, size_t n,
	enum code_role role)
{
	/* two symbols may have one name, so all are looked at */
	for (uint32_t symbol = 0; symbol < ts_language_symbol_count(l); symbol++) {
		const char *name = ts_language_symbol_name(l, (TSSymbol)symbol);

		if (ts_language_symbol_type(l, (TSSymbol)symbol) != TSSymbolTypeRegular || !name)
			continue;
		for (size_t i = 0; i < n && kinds[i]; i++)
			if (strcmp(kinds[i], name) == 0)
				w->roles[symbol] |= (unsigned char)role;
	}
}

static TSFieldId field_of(const TSLanguage *l, const char *name)
{
	return ts_language_field_id_for_name(l, name, (uint32_t)strlen(name));
}

static void read_table(struct walk *w, const TSLanguage *l)
{
	const struct code_language *x = w->language;

	set_role(w, l, x->functions, ARRAY_N(x->functions), CODE_FUNCTION);
	set_role(w, l, x->nameless, ARRAY_N(x->nameless), CODE_NAMELESS);
	set_role(w, l, x->types, ARRAY_N(x->types), CODE_TYPE);
	set_role(w, l, x->wraps, ARRAY_N(x->wraps), CODE_WRAP);
	set_role(w, l, x->comments, ARRAY_N(x->comments), CODE_COMMENT);
	set_role(w, l, x->strings, ARRAY_N(x->strings), CODE_STRING);
	w->body = field_of(l, "body");
	w->name = field_of(l, "name");
	w->declarator = field_of(l, "declarator");
}

static unsigned role_of(const struct walk *w, TSNode node)
{
	TSSymbol symbol = ts_node_symbol(node);

	return symbol < UINT16_MAX ? w->roles[symbol] : 0; /* not of an error */
}

/* ---- lines ---- */

static uint32_t first_line(TSNode node)
{
	return ts_node_start_point(node).row;
}

/* A node that ends at the beginning of a line ends in the one before. */
static uint32_t last_line(TSNode node)
{
	TSPoint first = ts_node_start_point(node), end = ts_node_end_point(node);

	return end.column == 0 && end.row > first.row ? end.row - 1 : end.row;
}

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

static str node_text(const struct walk *w, TSNode node)
{
	uint32_t start = ts_node_start_byte(node), end = ts_node_end_byte(node);

	return start < end && end <= w->source.n ? str_sub(w->source, start, end) : STR_NULL;
}

/* The name of a definition: a field of its own, or behind the declarators of C. */
static str name_of(const struct walk *w, TSNode node)
{
	enum { DECLARATORS_MAX = 8, NAME_MAX_BYTES = 128 };
	str name;

	for (int i = 0; i < DECLARATORS_MAX; i++) {
		TSNode name_node = ts_node_child_by_field_id(node, w->name), next;

		if (!ts_node_is_null(name_node)) {
			node = name_node;
			break;
		}
		next = ts_node_child_by_field_id(node, w->declarator);
		if (ts_node_is_null(next))
			break;
		node = next;
	}
	name = node_text(w, node);
	return name.n <= NAME_MAX_BYTES && str_find_byte(name, '\n') == STR_NONE ? name : STR_NULL;
}

/* Where a function's signature ends: the first and the last line of its body that it does not need. */
static void inside_of(const struct walk *w, TSNode node, TSNode body, uint32_t *from, uint32_t *end)
{
	uint32_t start = ts_node_start_byte(body), stop = ts_node_end_byte(body);
	char last = stop && stop <= w->source.n ? w->source.p[stop - 1] : '\0';

	*from = first_line(body);
	*end = last_line(body) + 1;
	if (start < w->source.n && strchr("{(", w->source.p[start]) && w->source.p[start]) {
		++*from;
		*end -= strchr("})", last) != NULL;
		return;
	}
	/* a body without brackets that begins in a line of the signature, or ends in that of "end" */
	if (*from == first_line(node))
		++*from;
	if (w->language->has_docstring || *end <= last_line(node))
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
static void show_docstring(struct walk *w, TSNode body)
{
	TSNode statement = ts_node_named_child(body, 0), text;
	uint32_t first, last;

	if (ts_node_is_null(statement))
		return;
	text = role_of(w, statement) & CODE_STRING ? statement : ts_node_named_child(statement, 0);
	if (ts_node_is_null(text) || !(role_of(w, text) & CODE_STRING))
		return;
	first = first_line(text);
	last = last_line(text);
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

static void visit_function(struct walk *w, TSNode node, unsigned role)
{
	TSNode body = ts_node_child_by_field_id(node, w->body);
	struct code_definition d = {.first = around(w, first_line(node)), .last = last_line(node)};
	bool is_nameless = (role & CODE_NAMELESS) != 0, is_inner;
	uint32_t from, end;

	if (ts_node_is_null(body) || d.first >= w->lines.n || ts_node_has_error(node))
		return;
	inside_of(w, node, body, &from, &end);
	is_inner = w->out->is_hidden[first_line(node)];
	if (is_nameless && !is_called_something(w) && is_inner)
		return;
	d.name = is_nameless ? STR_NULL : name_of(w, node);
	d.body = from < end ? from : d.last + 1;
	add_definition(w, &d);
	if (is_inner)
		mark(w, d.first, from, false);
	mark(w, from, end, true);
	if (w->language->has_docstring)
		show_docstring(w, body);
}

static void visit_type(struct walk *w, TSNode node)
{
	TSNode body = ts_node_child_by_field_id(node, w->body);
	struct code_definition d = {.first = around(w, first_line(node)),
		.last = last_line(node),
		.body = last_line(node) + 1,
		.is_type = true,
		.name = name_of(w, node)};

	if (ts_node_is_null(body) || d.first >= w->lines.n)
		return;
	add_definition(w, &d);
	if (w->out->is_hidden[first_line(node)])
		mark(w, d.first, d.last + 1, false);
	if (w->language->has_docstring)
		show_docstring(w, body);
}

static void end_comments(struct walk *w)
{
	if (w->comment_next)
		shorten_text(w, w->comment_first, w->comment_next - 1);
	w->comment_next = 0;
}

/* Comments of a line each, one below the other, are one. What shares its line with code is none of them. */
static void visit_comment(struct walk *w, TSNode node)
{
	uint32_t first = first_line(node), last = last_line(node);
	str before;

	if (first >= w->lines.n)
		return;
	before = str_sub(w->lines.v[first], 0, 0);
	before.n = ts_node_start_point(node).column;
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

static void visit(struct walk *w, TSNode node, unsigned role)
{
	if (role & CODE_COMMENT)
		visit_comment(w, node);
	else if (role & (CODE_FUNCTION | CODE_NAMELESS))
		visit_function(w, node, role);
	else if (role & CODE_TYPE)
		visit_type(w, node);
}

/* In the order of the source, without what stands in one line: nothing in there can be hidden. */
static void walk_tree(struct walk *w, TSNode root)
{
	TSTreeCursor at = ts_tree_cursor_new(root);
	bool is_going = true;

	while (is_going) {
		TSNode node = ts_tree_cursor_current_node(&at);
		unsigned role = role_of(w, node);
		bool is_deep = ts_node_start_point(node).row != ts_node_end_point(node).row;

		if (role)
			visit(w, node, role);
		if (role & CODE_STRING && w->depth)
			w->path[w->depth - 1].has_text = true;
		if (is_deep && w->depth < DEPTH_MAX && ts_tree_cursor_goto_first_child(&at)) {
			w->path[w->depth++] = (struct step){first_line(node), role, false};
			continue;
		}
		while (!ts_tree_cursor_goto_next_sibling(&at)) {
			is_going = ts_tree_cursor_goto_parent(&at);
			if (!is_going)
				break;
			w->depth--;
		}
	}
	end_comments(w);
	ts_tree_cursor_delete(&at);
}

static const char *read_source(void *source, uint32_t at, TSPoint point, uint32_t *n)
{
	const str *s = source;

	(void)point;
	*n = at < s->n ? (uint32_t)s->n - at : 0;
	return *n ? s->p + at : "";
}

/* True ends the parse: no way to read the source is left that has no error in it. */
static bool has_failed(TSParseState *state)
{
	return state->has_error;
}

static bool never_fails(TSParseState *state)
{
	(void)state;
	return false;
}

/* NULL when there is an error in it, and none may be. */
static TSTree *parse(const TSLanguage *l, str *source, bool may_fail)
{
	TSParser *parser = ts_parser_new();
	TSInput input = {.payload = source, .read = read_source, .encoding = TSInputEncodingUTF8};
	TSParseOptions options = {.progress_callback = may_fail ? never_fails : has_failed};
	TSTree *tree = NULL;

	if (ts_parser_set_language(parser, l))
		tree = ts_parser_parse_with_options(parser, NULL, input, options);
	ts_parser_delete(parser);
	if (tree && !may_fail && ts_node_has_error(ts_tree_root_node(tree))) {
		ts_tree_delete(tree);
		tree = NULL;
	}
	return tree;
}

static bool has_memory(size_t bytes)
{
	void *probe = mem_alloc(bytes);

	mem_free(probe);
	return probe;
}

bool code_outline(const struct code_language *language, str source, struct lines lines,
	struct arena *a, struct code_outline *out)
{
	const TSLanguage *l = language->grammar();
	struct walk w = {.language = language, .source = source, .lines = lines, .out = out};
	TSTree *tree;

	if (source.n > SOURCE_MAX || !has_memory(source.n * TREE_BYTES + (1 << 20)))
		return false;
	/* all that is needed, now: while there is a tree, running out of memory would leave it behind */
	*out = (struct code_outline){.is_hidden = arena_array(a, bool, lines.n),
		.v = arena_array(a, struct code_definition, lines.n)};
	w.roles = arena_array(a, unsigned char, UINT16_MAX);
	w.path = arena_array(a, struct step, DEPTH_MAX);
	tree = parse(l, &source, language->has_macros && code_is_balanced(source, a));
	if (!tree)
		return false;
	read_table(&w, l);
	if (language->has_docstring)
		show_docstring(&w, ts_tree_root_node(tree));
	walk_tree(&w, ts_tree_root_node(tree));
	ts_tree_delete(tree);
	return !w.is_full;
}
