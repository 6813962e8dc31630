#include "core/compress/code/tree.h"

#include "core/base/mem.h"

enum {
	/* A model reads no larger file at once, and the tree takes a multiple of it. */
	SOURCE_MAX = 1 << 20,
	/* tree-sitter ends the program when it gets no memory. So much for each byte of the source is asked for beforehand. */
	TREE_BYTES = 64,
};

/* ---- the rows of the table, by number ---- */

static void set_role(uint16_t *roles, const TSLanguage *l, const char *const *kinds, size_t n,
	enum code_role role)
{
	/* two symbols may have one name, so all are looked at */
	for (uint32_t symbol = 0; symbol < ts_language_symbol_count(l); symbol++) {
		const char *name = ts_language_symbol_name(l, (TSSymbol)symbol);

		if (ts_language_symbol_type(l, (TSSymbol)symbol) != TSSymbolTypeRegular || !name)
			continue;
		for (size_t i = 0; i < n && kinds[i]; i++)
			if (strcmp(kinds[i], name) == 0)
				roles[symbol] |= (uint16_t)role;
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

	set_role(roles, l, x->functions, ARRAY_N(x->functions), CODE_FUNCTION);
	set_role(roles, l, x->nameless, ARRAY_N(x->nameless), CODE_NAMELESS);
	set_role(roles, l, x->types, ARRAY_N(x->types), CODE_TYPE);
	set_role(roles, l, x->wraps, ARRAY_N(x->wraps), CODE_WRAP);
	set_role(roles, l, x->comments, ARRAY_N(x->comments), CODE_COMMENT);
	set_role(roles, l, x->strings, ARRAY_N(x->strings), CODE_STRING);
	set_role(roles, l, x->defines, ARRAY_N(x->defines), CODE_DEFINE);
	set_role(roles, l, x->calls, ARRAY_N(x->calls), CODE_CALL);
	set_role(roles, l, x->imports, ARRAY_N(x->imports), CODE_IMPORT);
	*g = (struct code_grammar){.language = x,
		.roles = roles,
		.symbols = n,
		.body = field_of(l, "body"),
		.name = field_of(l, "name"),
		.declarator = field_of(l, "declarator")};
}

unsigned code_tree_role(const struct code_tree *t, TSNode node)
{
	TSSymbol symbol = ts_node_symbol(node);

	return symbol < t->grammar->symbols ? t->grammar->roles[symbol] : 0; /* not of an error */
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

bool code_tree_open(struct code_tree *t, const struct code_grammar *g, str source, bool may_fail)
{
	*t = (struct code_tree){.grammar = g, .source = source};
	if (source.n > SOURCE_MAX || !has_memory(source.n * TREE_BYTES + (1 << 20)))
		return false;
	t->tree = parse(g->language->grammar(), &t->source, may_fail);
	return t->tree;
}

void code_tree_close(struct code_tree *t)
{
	ts_tree_delete(t->tree);
	t->tree = NULL;
}

str code_tree_text(const struct code_tree *t, TSNode node)
{
	uint32_t start = ts_node_start_byte(node), end = ts_node_end_byte(node);

	return start < end && end <= t->source.n ? str_sub(t->source, start, end) : STR_NULL;
}

/* The name of a definition: a field of its own, or behind the declarators of C. */
str code_tree_name(const struct code_tree *t, TSNode node)
{
	enum { DECLARATORS_MAX = 8, NAME_MAX_BYTES = 128 };
	str name;

	for (int i = 0; i < DECLARATORS_MAX; i++) {
		TSNode name_node = ts_node_child_by_field_id(node, t->grammar->name), next;

		if (!ts_node_is_null(name_node)) {
			node = name_node;
			break;
		}
		next = ts_node_child_by_field_id(node, t->grammar->declarator);
		if (ts_node_is_null(next))
			break;
		node = next;
	}
	name = code_tree_text(t, node);
	return name.n <= NAME_MAX_BYTES && str_find_byte(name, '\n') == STR_NONE ? name : STR_NULL;
}

uint32_t code_first_line(TSNode node)
{
	return ts_node_start_point(node).row;
}

/* A node that ends at the beginning of a line ends in the one before. */
uint32_t code_last_line(TSNode node)
{
	TSPoint first = ts_node_start_point(node), end = ts_node_end_point(node);

	return end.column == 0 && end.row > first.row ? end.row - 1 : end.row;
}
