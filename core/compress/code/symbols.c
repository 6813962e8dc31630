#include "core/compress/code/symbols.h"

#include "core/compress/code/tree.h"

enum { DEPTH_MAX = 4096, NAME_BYTES_MAX = 128, IMPORT_BYTES_MAX = 200 };

struct step {
	struct code_node node;
	str within; /* the definition that its children are in */
};

struct walk {
	struct code_tree t;
	struct code_symbols *out;
	uint32_t cap;
	str mention; /* NULL: what is defined, called and imported is looked for, else that name */
	struct step *path;
	uint32_t depth;
};

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* "a::b" of "a::b<c<d>>" and of Rust's "a::b::<c>". */
static str without_types(str text)
{
	size_t n = text.n, depth = 0;

	if (!n || text.p[n - 1] != '>')
		return text;
	while (n) {
		char c = text.p[--n];

		depth += c == '>';
		depth -= c == '<';
		if (!depth)
			break;
	}
	text = str_sub(text, 0, n);
	return str_ends(text, STR("::")) ? str_sub(text, 0, n - 2) : text;
}

/* "c" of "a::b.c"; empty when it ends in anything else. */
static str last_name(str text)
{
	size_t n;

	text = without_types(text);
	n = text.n;

	while (n && text.n - n <= NAME_BYTES_MAX && is_name_byte(text.p[n - 1]))
		n--;
	return text.n - n <= NAME_BYTES_MAX ? str_sub(text, n, text.n) : STR_NULL;
}

static str within(const struct walk *w)
{
	return w->depth ? w->path[w->depth - 1].within : STR_NULL;
}

static void add(struct walk *w, enum code_symbol_kind kind, struct code_node node, str name)
{
	if (name.n && w->out->n < w->cap && !w->mention.p)
		w->out->v[w->out->n++] = (struct code_symbol){.kind = kind,
			.first = code_first_line(&w->t, node) + 1,
			.last = code_last_line(&w->t, node) + 1,
			.name = name,
			.within = within(w)};
}

static TSFieldId field_id(const struct walk *w, const char *name)
{
	return ts_language_field_id_for_name(
		w->t.grammar->language->grammar(), name, (uint32_t)strlen(name));
}

/* The first of these fields that the node has, as a name. */
static str field_name(
	const struct walk *w, struct code_node node, const char *const *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct code_node child = code_tree_field(&w->t, node, field_id(w, fields[i]));

		if (!child.is_none)
			return last_name(code_tree_text(&w->t, child));
	}
	return STR_NULL;
}

static str called(const struct walk *w, struct code_node node)
{
	static const char *const fields[] = {
		"function", "name", "method", "constructor", "macro", "type"};

	return field_name(w, node, fields, ARRAY_N(fields));
}

/* "x" of "const x = () => {", "{x: function () {" and "a.x = function () {". */
static str given_name(const struct walk *w)
{
	static const char *const fields[] = {"name", "key", "left", "property"};

	if (!w->depth || !(code_tree_role(&w->t, w->path[w->depth - 1].node) & CODE_WRAP))
		return STR_NULL;
	return field_name(w, w->path[w->depth - 1].node, fields, ARRAY_N(fields));
}

/* "<stdio.h>" without the word before it, in one line. */
static str imported(const struct walk *w, struct code_node node)
{
	str text = str_trim(code_tree_text(&w->t, node));

	return text.n <= IMPORT_BYTES_MAX ? text : str_sub(text, 0, IMPORT_BYTES_MAX);
}

/* What takes parentheses in C and is no call. */
static bool is_keyword(str name)
{
	static const char *const words[] = {"if", "for", "while", "switch", "return", "sizeof",
		"defined", "typeof", "__typeof__", "_Generic", "_Alignof", "__attribute__"};

	for (size_t i = 0; i < ARRAY_N(words); i++)
		if (str_eq_c(name, words[i]))
			return true;
	return false;
}

/* The last byte of the text that begins at from, which ends with its line: an apostrophe in a comment begins none. */
static size_t skip_text(str text, size_t from)
{
	size_t i = from + 1;

	while (i < text.n && text.p[i] != text.p[from] && text.p[i] != '\n')
		i += 1 + (text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] != '\n');
	return i < text.n && text.p[i] == text.p[from] ? i : i - 1;
}

/* A name before a parenthesis, or where one name is looked for that one. */
static bool is_call(const struct walk *w, str name, char behind)
{
	if (w->mention.p)
		return str_eq(name, w->mention);
	return behind == '(' && name.n && name.n <= NAME_BYTES_MAX && !is_keyword(name);
}

/* The text of a macro is not parsed: a name before a parenthesis is a call in it. */
static void add_macro_calls(struct walk *w, struct code_node node, str macro)
{
	struct code_node value = code_tree_field(&w->t, node, field_id(w, "value"));
	struct code_symbol call = {.kind = CODE_SYMBOL_CALL, .within = macro};
	size_t from = 0;
	str text;

	if (value.is_none)
		return;
	text = code_tree_text(&w->t, value);
	call.first = code_first_line(&w->t, value) + 1;
	for (size_t i = 0; i <= text.n; i++) {
		char c = i < text.n ? text.p[i] : '\n';

		if (is_name_byte(c))
			continue;
		call.name = str_sub(text, from, i);
		if (is_call(w, call.name, c) && w->out->n < w->cap) {
			call.last = call.first;
			w->out->v[w->out->n++] = call;
		}
		call.first += c == '\n';
		if (c == '"' || c == '\'')
			i = skip_text(text, i);
		from = i + 1;
	}
}

static enum code_symbol_kind defined(unsigned role)
{
	if (role & CODE_TYPE)
		return CODE_SYMBOL_TYPE;
	return role & CODE_DEFINE ? CODE_SYMBOL_MACRO : CODE_SYMBOL_DEFINITION;
}

/* The definition that the children of the node are in. */
static str visit(struct walk *w, struct code_node node)
{
	unsigned role = code_tree_role(&w->t, node);
	str name;

	if (role & CODE_CALL)
		add(w, CODE_SYMBOL_CALL, node, called(w, node));
	if (role & CODE_IMPORT)
		add(w, CODE_SYMBOL_IMPORT, node, imported(w, node));
	if (!(role & (CODE_FUNCTION | CODE_NAMELESS | CODE_TYPE | CODE_DEFINE)))
		return within(w);
	name = role & CODE_NAMELESS ? given_name(w) : last_name(code_tree_name(&w->t, node));
	/* "struct x" without a body is a mention */
	if (!name.n || (!(role & (CODE_DEFINE | CODE_NAMELESS)) &&
			       code_tree_field(&w->t, node, w->t.grammar->body).is_none))
		return within(w);
	add(w, defined(role), node, name);
	if (role & CODE_DEFINE)
		add_macro_calls(w, node, name);
	return name;
}

/* A node without children. What texts consist of are such nodes, too; that of a macro is looked through elsewhere. */
static void visit_leaf(struct walk *w, struct code_node node)
{
	unsigned around = w->depth ? code_tree_role(&w->t, w->path[w->depth - 1].node) : 0;

	if (!w->mention.p || w->out->n == w->cap || node.end - node.start != w->mention.n ||
		!str_eq(code_tree_text(&w->t, node), w->mention) ||
		(around | code_tree_role(&w->t, node)) & (CODE_STRING | CODE_COMMENT))
		return;
	w->out->v[w->out->n++] = (struct code_symbol){.kind = CODE_SYMBOL_CALL,
		.first = code_first_line(&w->t, node) + 1,
		.last = code_first_line(&w->t, node) + 1,
		.name = code_tree_text(&w->t, node),
		.within = within(w)};
}

static bool walk_tree(struct walk *w)
{
	struct code_walk at;
	bool is_going = code_walk_begin(&at, &w->t), has_begun = is_going;

	while (is_going) {
		struct code_node node = code_walk_node(&at);
		str inside = visit(w, node);

		if (w->depth < DEPTH_MAX && code_walk_child(&at)) {
			w->path[w->depth++] = (struct step){node, inside};
			continue;
		}
		visit_leaf(w, node);
		while (is_going && !code_walk_next(&at)) {
			is_going = code_walk_parent(&at);
			w->depth -= is_going;
		}
	}
	if (has_begun)
		code_walk_end(&at);
	return has_begun;
}

static bool find(struct walk w, const struct code_language *language, str source, struct arena *a)
{
	struct code_grammar grammar;
	bool is_walked;

	/* a name and something behind it take two bytes at least */
	w.cap = source.n / 2 < CODE_SYMBOLS_MAX ? (uint32_t)(source.n / 2) + 1 : CODE_SYMBOLS_MAX;
	*w.out = (struct code_symbols){.v = arena_array(a, struct code_symbol, w.cap)};
	w.path = arena_array(a, struct step, DEPTH_MAX);
	code_grammar_read(&grammar, language, a);
	if (!code_tree_open(&w.t, &grammar, source, true))
		return false;
	is_walked = walk_tree(&w);
	code_tree_close(&w.t);
	return is_walked;
}

bool code_symbols(
	const struct code_language *language, str source, struct arena *a, struct code_symbols *out)
{
	return find((struct walk){.out = out}, language, source, a);
}

bool code_mentions(const struct code_language *language, str source, str name, struct arena *a,
	struct code_symbols *out)
{
	return find((struct walk){.out = out, .mention = name}, language, source, a);
}
