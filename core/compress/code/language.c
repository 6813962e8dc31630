#include "core/compress/code/language.h"

#include "core/compress/code/quick_dfa.h"

/* Of the packages tree-sitter-NAME; their headers are no part of what they install. */
const struct TSLanguage *tree_sitter_bash(void);
const struct TSLanguage *tree_sitter_c(void);
const struct TSLanguage *tree_sitter_c_sharp(void);
const struct TSLanguage *tree_sitter_cpp(void);
const struct TSLanguage *tree_sitter_go(void);
const struct TSLanguage *tree_sitter_java(void);
const struct TSLanguage *tree_sitter_javascript(void);
const struct TSLanguage *tree_sitter_php(void);
const struct TSLanguage *tree_sitter_python(void);
const struct TSLanguage *tree_sitter_ruby(void);
const struct TSLanguage *tree_sitter_rust(void);
const struct TSLanguage *tree_sitter_tsx(void);
const struct TSLanguage *tree_sitter_typescript(void);

#define JS_FUNCTIONS                                                                          \
	{                                                                                     \
		"function_declaration", "generator_function_declaration", "method_definition" \
	}
#define JS_NAMELESS                                                                        \
	{                                                                                  \
		"arrow_function", "function_expression", "generator_function", "function", \
			"class_static_block"                                               \
	}
#define JS_WRAPS                                                                                \
	{                                                                                       \
		"export_statement", "lexical_declaration", "variable_declaration",              \
			"variable_declarator", "expression_statement", "assignment_expression", \
			"pair", "field_definition", "public_field_definition"                   \
	}
#define TS_TYPES                                                                              \
	{                                                                                     \
		"class_declaration", "class", "abstract_class_declaration",                   \
			"interface_declaration", "enum_declaration", "type_alias_declaration" \
	}
#define TS_WORDS                                                                           \
	{                                                                                  \
		"function", "function*", "class", "interface", "enum", "namespace", "type" \
	}
#define TS_MODIFIERS                                                         \
	{                                                                    \
		"export", "default", "async", "abstract", "declare", "const" \
	}

static const struct code_language languages[] = {
	{.name = "python",
		.grammar = tree_sitter_python,
		.lexers = &quick_lexers_python,
		.has_parts = true,
		.extensions = ".py.pyi.pyw.",
		.interpreters = "python python3 python2",
		.functions = {"function_definition"},
		.types = {"class_definition"},
		.wraps = {"decorated_definition"},
		.comments = {"comment"},
		.calls = {"call"},
		.imports = {"import_statement", "import_from_statement", "future_import_statement"},
		.strings = {"string", "concatenated_string"},
		.has_docstring = true,
		.words = {"def", "class"},
		.modifiers = {"async"},
		.has_lambdas = true},
	{.name = "javascript",
		.grammar = tree_sitter_javascript,
		.lexers = &quick_lexers_javascript,
		.has_parts = true,
		.extensions = ".js.jsx.mjs.cjs.",
		.interpreters = "node nodejs",
		.functions = JS_FUNCTIONS,
		.nameless = JS_NAMELESS,
		.types = {"class_declaration", "class"},
		.wraps = JS_WRAPS,
		.comments = {"comment"},
		.calls = {"call_expression", "new_expression"},
		.imports = {"import_statement"},
		.strings = {"string", "template_string"},
		.words = {"function", "function*", "class"},
		.modifiers = {"export", "default", "async"},
		.has_inner_functions = true},
	{.name = "typescript",
		.grammar = tree_sitter_typescript,
		.lexers = &quick_lexers_typescript,
		.has_parts = true,
		.extensions = ".ts.mts.cts.",
		.interpreters = "ts-node tsx deno bun",
		.functions = JS_FUNCTIONS,
		.nameless = JS_NAMELESS,
		.types = TS_TYPES,
		.wraps = JS_WRAPS,
		.comments = {"comment"},
		.calls = {"call_expression", "new_expression"},
		.imports = {"import_statement"},
		.strings = {"string", "template_string"},
		.words = TS_WORDS,
		.modifiers = TS_MODIFIERS,
		.has_inner_functions = true},
	{.name = "tsx",
		.grammar = tree_sitter_tsx,
		.lexers = &quick_lexers_tsx,
		.has_parts = true,
		.extensions = ".tsx.",
		.functions = JS_FUNCTIONS,
		.nameless = JS_NAMELESS,
		.types = TS_TYPES,
		.wraps = JS_WRAPS,
		.comments = {"comment"},
		.calls = {"call_expression", "new_expression"},
		.imports = {"import_statement"},
		.strings = {"string", "template_string"},
		.words = TS_WORDS,
		.modifiers = TS_MODIFIERS,
		.has_inner_functions = true},
	{.name = "go",
		.grammar = tree_sitter_go,
		.lexers = &quick_lexers_go,
		.has_parts = true,
		.extensions = ".go.",
		.functions = {"function_declaration", "method_declaration"},
		.nameless = {"func_literal"},
		.types = {"type_declaration"},
		.comments = {"comment"},
		.calls = {"call_expression"},
		.imports = {"import_spec"},
		.strings = {"interpreted_string_literal", "raw_string_literal"},
		.words = {"func"}},
	{.name = "rust",
		.grammar = tree_sitter_rust,
		.lexers = &quick_lexers_rust,
		.has_parts = true,
		.extensions = ".rs.",
		.functions = {"function_item"},
		.nameless = {"closure_expression"},
		.types = {"struct_item", "enum_item", "union_item", "trait_item", "impl_item",
			"mod_item", "macro_definition"},
		.comments = {"line_comment", "block_comment"},
		.calls = {"call_expression", "macro_invocation"},
		.imports = {"use_declaration"},
		.strings = {"string_literal", "raw_string_literal"},
		.words = {"fn", "struct", "enum", "trait", "impl", "mod", "macro_rules!"},
		.modifiers = {"pub", "pub(crate)", "pub(super)", "async", "unsafe", "const",
			"extern", "\"C\"", "default"}},
	{.name = "java",
		.grammar = tree_sitter_java,
		.lexers = &quick_lexers_java,
		.has_parts = true,
		.has_nests = true,
		.extensions = ".java.",
		.functions = {"method_declaration", "constructor_declaration",
			"compact_constructor_declaration"},
		.nameless = {"lambda_expression"},
		.types = {"class_declaration", "interface_declaration", "enum_declaration",
			"record_declaration", "annotation_type_declaration"},
		.comments = {"line_comment", "block_comment"},
		.calls = {"method_invocation", "object_creation_expression"},
		.imports = {"import_declaration"},
		.strings = {"string_literal"},
		.words = {"class", "interface", "enum", "record", "@interface"},
		.modifiers = {"public", "private", "protected", "static", "final", "abstract",
			"sealed", "non-sealed", "strictfp"},
		.accesses = {"public", "private", "protected"}},
	{.name = "c",
		.grammar = tree_sitter_c,
		.lexers = &quick_lexers_c,
		.has_parts = true,
		.extensions = ".c.h.",
		.functions = {"function_definition"},
		.types = {"struct_specifier", "union_specifier", "enum_specifier"},
		.comments = {"comment"},
		.defines = {"preproc_def", "preproc_function_def"},
		.calls = {"call_expression"},
		.imports = {"preproc_include"},
		.strings = {"string_literal"},
		.has_macros = true,
		.has_plain_functions = true},
	{.name = "c++",
		.grammar = tree_sitter_cpp,
		.lexers = &quick_lexers_cpp,
		.has_parts = true,
		.has_nests = true,
		.extensions = ".cc.cpp.cxx.hh.hpp.hxx.ipp.inl.c++.h++.",
		.functions = {"function_definition"},
		.nameless = {"lambda_expression"},
		.types = {"class_specifier", "struct_specifier", "union_specifier",
			"enum_specifier"},
		.wraps = {"template_declaration"},
		.comments = {"comment"},
		.defines = {"preproc_def", "preproc_function_def"},
		.calls = {"call_expression", "new_expression"},
		.imports = {"preproc_include"},
		.strings = {"string_literal", "raw_string_literal"},
		.words = {"class", "namespace"},
		.has_macros = true,
		.has_plain_functions = true},
	{.name = "c#",
		.grammar = tree_sitter_c_sharp,
		.lexers = &quick_lexers_c_sharp,
		.has_parts = true,
		.has_conditions = true,
		.has_nests = true,
		.extensions = ".cs.csx.",
		.functions = {"method_declaration", "constructor_declaration",
			"destructor_declaration", "operator_declaration",
			"conversion_operator_declaration", "local_function_statement",
			"accessor_declaration"},
		.nameless = {"lambda_expression", "anonymous_method_expression"},
		.types = {"class_declaration", "struct_declaration", "interface_declaration",
			"enum_declaration", "record_declaration"},
		.comments = {"comment"},
		.calls = {"invocation_expression", "object_creation_expression"},
		.imports = {"using_directive"},
		.strings = {"string_literal", "verbatim_string_literal"},
		.words = {"class", "interface", "enum", "record", "struct", "namespace"},
		.modifiers = {"public", "private", "protected", "internal", "static", "sealed",
			"abstract", "partial", "readonly", "ref", "unsafe", "file"},
		.accesses = {"public", "private", "protected", "internal"}},
	{.name = "ruby",
		.grammar = tree_sitter_ruby,
		.lexers = &quick_lexers_ruby,
		.has_parts = true,
		.has_nests = true,
		.has_ends = true,
		.extensions = ".rb.rake.gemspec.ru.",
		.interpreters = "ruby",
		.functions = {"method", "singleton_method"},
		.nameless = {"do_block", "block"},
		.types = {"class", "module", "singleton_class"},
		.wraps = {"call", "assignment"},
		.comments = {"comment"},
		.calls = {"call"},
		.strings = {"string"},
		.words = {"def", "class", "module"},
		.modifiers = {"private", "protected", "public", "private_class_method"}},
	{.name = "php",
		.grammar = tree_sitter_php,
		.lexers = &quick_lexers_php,
		.has_parts = true,
		.has_nests = true,
		.begins = "<?php",
		.extensions = ".php.phtml.",
		.interpreters = "php",
		.functions = {"function_definition", "method_declaration"},
		.nameless = {"anonymous_function", "anonymous_function_creation_expression",
			"arrow_function"},
		.types = {"class_declaration", "interface_declaration", "trait_declaration",
			"enum_declaration"},
		.wraps = {"expression_statement", "assignment_expression"},
		.comments = {"comment"},
		.calls = {"function_call_expression", "member_call_expression",
			"scoped_call_expression", "object_creation_expression"},
		.imports = {"namespace_use_declaration"},
		.strings = {"string", "encapsed_string"},
		.words = {"function", "class", "interface", "trait", "enum"},
		.modifiers = {"public", "private", "protected", "static", "final", "abstract",
			"readonly"}},
	{.name = "bash",
		.grammar = tree_sitter_bash,
		.lexers = &quick_lexers_bash,
		.has_parts = true,
		.extensions = ".sh.bash.ksh.bats.",
		.interpreters = "sh bash dash ksh",
		.functions = {"function_definition"},
		.comments = {"comment"},
		.calls = {"command"},
		.strings = {"string", "raw_string"},
		.words = {"function"},
		.has_shell_functions = true},
};

/* ---- which one ---- */

static bool has_extension(const struct code_language *l, str extension)
{
	str all = str_from(l->extensions), one;

	while (str_split(&all, '.', &one))
		if (one.n && str_eq_nocase(one, extension))
			return true;
	return false;
}

/* The program that a first line "#!/usr/bin/env python3 -u" names; empty when there is none. */
static str interpreter_of(str text)
{
	str line, word = STR_NULL;
	bool has_eol;
	size_t slash;

	if (!str_next_line(&text, &line, &has_eol) || !str_take(&line, STR("#!")))
		return STR_NULL;
	line = str_trim(line);
	while (str_split(&line, ' ', &word)) {
		slash = str_rfind_byte(word, '/');
		word = slash == STR_NONE ? word : str_sub(word, slash + 1, word.n);
		if (word.n && !str_eq_c(word, "env") && *word.p != '-')
			return word;
	}
	return STR_NULL;
}

static bool has_interpreter(const struct code_language *l, str name)
{
	str all = str_from(l->interpreters), one;

	while (str_split(&all, ' ', &one))
		if (str_eq(one, name))
			return true;
	return false;
}

const struct code_language *code_language_of(str path, str text)
{
	size_t slash = str_rfind_byte(path, '/'), point;
	str name = slash == STR_NONE ? path : str_sub(path, slash + 1, path.n), program;

	point = str_rfind_byte(name, '.');
	if (point != STR_NONE && point) {
		str extension = str_sub(name, point + 1, name.n);

		for (size_t i = 0; i < ARRAY_N(languages); i++)
			if (has_extension(&languages[i], extension))
				return &languages[i];
		return NULL;
	}
	program = interpreter_of(text);
	for (size_t i = 0; program.n && i < ARRAY_N(languages); i++)
		if (has_interpreter(&languages[i], program))
			return &languages[i];
	return NULL;
}

const struct code_language *code_language_named(str name)
{
	for (size_t i = 0; i < ARRAY_N(languages); i++)
		if (str_eq_c(name, languages[i].name))
			return &languages[i];
	return NULL;
}
