#include "core/compress/code/tree.h"

#include "core/base/mem.h"

enum {
	/* A model reads no larger file at once, and the tree takes a multiple of it. */
	SOURCE_MAX = 1 << 20,
	/* tree-sitter ends the program when it gets no memory. So much for each byte of the source is asked for beforehand. */
	TREE_BYTES = 64,
};

/* ---- the rows of the table, by number ---- */

/* Kinds of nodes and their roles, by first bytes: a grammar has some hundred symbols, and most are of no kind. */
struct kinds {
	struct kind {
		const char *name;
		uint8_t next; /* a place in v and 1; 0: none */
		uint16_t role;
	} v[CODE_ROLES * CODE_KINDS_MAX];
	uint8_t n, first[128];
};
_Static_assert(CODE_ROLES *CODE_KINDS_MAX < UINT8_MAX, "a kind's place is a byte");

static void add_kinds(struct kinds *all, const char *const *names, size_t n, enum code_role role)
{
	for (size_t i = 0; i < n && names[i]; i++) {
		uint8_t *first = &all->first[*names[i] & 127];

		all->v[all->n] = (struct kind){names[i], *first, (uint16_t)role};
		*first = ++all->n;
	}
}

static void set_roles(uint16_t *roles, const TSLanguage *l, const struct kinds *all)
{
	/* two symbols may have one name, so all are looked at */
	for (uint32_t symbol = 0; symbol < ts_language_symbol_count(l); symbol++) {
		const char *name = ts_language_symbol_name(l, (TSSymbol)symbol);

		for (uint8_t i = name ? all->first[*name & 127] : 0; i;) {
			const struct kind *k = &all->v[i - 1];

			if (k->name && strcmp(k->name, name) == 0 &&
				ts_language_symbol_type(l, (TSSymbol)symbol) == TSSymbolTypeRegular)
				roles[symbol] |= k->role;
			i = k->next;
		}
	}
}

static TSFieldId field_of(const TSLanguage *l, const char *name)
{
	return ts_language_field_id_for_name(l, name, (uint32_t)strlen(name));
}

void code_grammar_read(struct code_grammar *g, const struct code_language *x, struct arena *a)
{
	const TSLanguage *l = x->grammar();
	uint32_t n = ts_language_symbol_count(l);
	uint16_t *roles = arena_array(a, uint16_t, n);
	struct kinds kinds = {0};

	add_kinds(&kinds, x->functions, ARRAY_N(x->functions), CODE_FUNCTION);
	add_kinds(&kinds, x->nameless, ARRAY_N(x->nameless), CODE_NAMELESS);
	add_kinds(&kinds, x->types, ARRAY_N(x->types), CODE_TYPE);
	add_kinds(&kinds, x->wraps, ARRAY_N(x->wraps), CODE_WRAP);
	add_kinds(&kinds, x->comments, ARRAY_N(x->comments), CODE_COMMENT);
	add_kinds(&kinds, x->strings, ARRAY_N(x->strings), CODE_STRING);
	add_kinds(&kinds, x->defines, ARRAY_N(x->defines), CODE_DEFINE);
	add_kinds(&kinds, x->calls, ARRAY_N(x->calls), CODE_CALL);
	add_kinds(&kinds, x->imports, ARRAY_N(x->imports), CODE_IMPORT);
	set_roles(roles, l, &kinds);
	*g = (struct code_grammar){.language = x,
		.roles = roles,
		.symbols = n,
		.body = field_of(l, "body"),
		.name = field_of(l, "name"),
		.declarator = field_of(l, "declarator"),
		.memo = arena_zalloc(a, QUICK_MEMO_BYTES, alignof(uint32_t))};
}

/* ---- opening ---- */

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

/* Where the line behind that place begins; STR_NONE: nowhere. */
static size_t next_line(str source, size_t at)
{
	size_t n = str_find_byte(str_sub(source, at, source.n), '\n');

	return n == STR_NONE ? n : at + n + 1;
}

static bool read_rows(struct code_tree *t)
{
	uint32_t n = 1;

	for (size_t at = 0; (at = next_line(t->source, at)) != STR_NONE;)
		n++;
	t->rows = mem_alloc(n * sizeof *t->rows);
	if (!t->rows)
		return false;
	t->rows[t->rows_n++] = 0;
	for (size_t at = 0; (at = next_line(t->source, at)) != STR_NONE;)
		t->rows[t->rows_n++] = (uint32_t)at;
	return true;
}

bool code_tree_open_slow(
	struct code_tree *t, const struct code_grammar *g, str source, bool may_fail)
{
	*t = (struct code_tree){.grammar = g, .source = source};
	if (source.n > SOURCE_MAX || !has_memory(source.n * TREE_BYTES + (1 << 20)))
		return false;
	t->tree = parse(g->language->grammar(), &t->source, may_fail);
	return t->tree;
}

bool code_tree_open_quick(struct code_tree *t, const struct code_grammar *g, str source)
{
	*t = (struct code_tree){.grammar = g, .source = source};
	if (source.n > SOURCE_MAX || !quick_read(&t->quick, g->language->grammar(),
					     g->language->lexers, source, g->memo))
		return false;
	if (read_rows(t))
		return true;
	quick_free(&t->quick);
	return false;
}

bool code_tree_open(struct code_tree *t, const struct code_grammar *g, str source, bool may_fail)
{
	return code_tree_open_quick(t, g, source) || code_tree_open_slow(t, g, source, may_fail);
}

void code_tree_close(struct code_tree *t)
{
	if (t->tree)
		ts_tree_delete(t->tree);
	else
		quick_free(&t->quick);
	mem_free(t->rows);
	t->tree = NULL;
	t->rows = NULL;
}

/* ---- nodes ---- */

static struct code_node slow_node(TSNode node)
{
	if (ts_node_is_null(node))
		return (struct code_node){.is_none = true};
	return (struct code_node){
		.start = ts_node_start_byte(node), .end = ts_node_end_byte(node), .slow = node};
}

static struct code_node quick_node(const struct code_tree *t, struct quick_at at)
{
	const struct quick_node *n = &t->quick.stack.nodes.v[at.node];

	return (struct code_node){.start = n->start, .end = n->end, .quick = at};
}

struct code_node code_tree_root(const struct code_tree *t)
{
	return t->tree ? slow_node(ts_tree_root_node(t->tree))
		       : quick_node(t, (struct quick_at){.node = t->quick.root});
}

struct code_node code_tree_field(const struct code_tree *t, struct code_node node, TSFieldId field)
{
	struct quick_at at;

	if (t->tree)
		return slow_node(ts_node_child_by_field_id(node.slow, field));
	if (!quick_field(&t->quick, node.quick, field, &at))
		return (struct code_node){.is_none = true};
	return quick_node(t, at);
}

struct code_node code_tree_child(const struct code_tree *t, struct code_node node)
{
	struct quick_at at;

	if (t->tree)
		return slow_node(ts_node_named_child(node.slow, 0));
	if (!quick_first_named(&t->quick, node.quick, &at))
		return (struct code_node){.is_none = true};
	return quick_node(t, at);
}

unsigned code_tree_role(const struct code_tree *t, struct code_node node)
{
	TSSymbol symbol = t->tree ? ts_node_symbol(node.slow) : quick_symbol(&t->quick, node.quick);

	return symbol < t->grammar->symbols ? t->grammar->roles[symbol] : 0; /* not of an error */
}

bool code_tree_has_error(const struct code_tree *t, struct code_node node)
{
	return t->tree && ts_node_has_error(node.slow);
}

str code_tree_text(const struct code_tree *t, struct code_node node)
{
	return node.start < node.end && node.end <= t->source.n
		       ? str_sub(t->source, node.start, node.end)
		       : STR_NULL;
}

/* The name of a definition: a field of its own, or behind the declarators of C. */
str code_tree_name(const struct code_tree *t, struct code_node node)
{
	enum { DECLARATORS_MAX = 8, NAME_MAX_BYTES = 128 };
	str name;

	for (int i = 0; i < DECLARATORS_MAX; i++) {
		struct code_node name_node = code_tree_field(t, node, t->grammar->name), next;

		if (!name_node.is_none) {
			node = name_node;
			break;
		}
		next = code_tree_field(t, node, t->grammar->declarator);
		if (next.is_none)
			break;
		node = next;
	}
	name = code_tree_text(t, node);
	return name.n <= NAME_MAX_BYTES && str_find_byte(name, '\n') == STR_NONE ? name : STR_NULL;
}

/* ---- lines ---- */

static uint32_t row_of(const struct code_tree *t, uint32_t at)
{
	uint32_t low = 0, high = t->rows_n;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (t->rows[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

uint32_t code_first_line(const struct code_tree *t, struct code_node node)
{
	return t->tree ? ts_node_start_point(node.slow).row : row_of(t, node.start);
}

/* A node that ends at the beginning of a line ends in the one before. */
uint32_t code_last_line(const struct code_tree *t, struct code_node node)
{
	uint32_t first = code_first_line(t, node), row, column;

	if (t->tree) {
		row = ts_node_end_point(node.slow).row;
		column = ts_node_end_point(node.slow).column;
	} else {
		row = row_of(t, node.end);
		column = node.end - t->rows[row];
	}
	return column == 0 && row > first ? row - 1 : row;
}

uint32_t code_column(const struct code_tree *t, struct code_node node)
{
	return t->tree ? ts_node_start_point(node.slow).column
		       : node.start - t->rows[row_of(t, node.start)];
}

/* ---- the walk ---- */

bool code_walk_begin(struct code_walk *w, const struct code_tree *t)
{
	*w = (struct code_walk){.tree = t};
	if (!t->tree)
		return quick_walk_begin(&w->quick, &t->quick);
	w->slow = ts_tree_cursor_new(ts_tree_root_node(t->tree));
	return true;
}

void code_walk_end(struct code_walk *w)
{
	if (w->tree->tree)
		ts_tree_cursor_delete(&w->slow);
	else
		quick_walk_end(&w->quick);
}

struct code_node code_walk_node(const struct code_walk *w)
{
	return w->tree->tree ? slow_node(ts_tree_cursor_current_node(&w->slow))
			     : quick_node(w->tree, w->quick.at);
}

bool code_walk_child(struct code_walk *w)
{
	return w->tree->tree ? ts_tree_cursor_goto_first_child(&w->slow)
			     : quick_walk_child(&w->quick);
}

bool code_walk_next(struct code_walk *w)
{
	return w->tree->tree ? ts_tree_cursor_goto_next_sibling(&w->slow)
			     : quick_walk_next(&w->quick);
}

bool code_walk_parent(struct code_walk *w)
{
	return w->tree->tree ? ts_tree_cursor_goto_parent(&w->slow) : quick_walk_parent(&w->quick);
}
