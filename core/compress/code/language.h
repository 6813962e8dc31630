/* language: the programming languages whose files can be outlined, one row each: by what a file is known to be of it, which of its
 * syntax nodes define something, and how a line that defines something begins. Kinds of nodes are those of the grammar packages in
 * deps/package.json (their src/node-types.json). Constant. Thread: any. */
#ifndef CORE_COMPRESS_CODE_LANGUAGE_H
#define CORE_COMPRESS_CODE_LANGUAGE_H

#include "core/base/str.h"

/* What a node is to an outline; a set. */
enum code_role {
	CODE_FUNCTION = 1 << 0, /* defines something by name; what it does is in its field "body" */
	CODE_NAMELESS = 1 << 1, /* the same without a name of its own */
	CODE_TYPE = 1 << 2,     /* a class or the like: its members are shown */
	CODE_WRAP =
		1
		<< 3, /* stands around a definition and begins before it: decorators, export, const x = */
	CODE_COMMENT = 1 << 4,
	CODE_STRING = 1 << 5,
	CODE_DEFINE = 1 << 6, /* defines something by name without a body: a macro */
	CODE_CALL = 1 << 7,
	CODE_IMPORT = 1 << 8,
};

enum { CODE_ROLES = 9, CODE_KINDS_MAX = 12, CODE_WORDS_MAX = 10 };

struct TSLanguage;

struct code_language {
	const char *name; /* as head lines say it */
	const struct TSLanguage *(*grammar)(void);
	const struct quick_lexers *lexers; /* its lexers as tables (quick_dfa.h) */
	const char *extensions;            /* ".py.pyi.": each between points */
	const char *interpreters;          /* of "#!" lines, separated by blanks; NULL: none */
	const char *functions[CODE_KINDS_MAX], *nameless[CODE_KINDS_MAX], *types[CODE_KINDS_MAX];
	const char *wraps[CODE_KINDS_MAX], *comments[3], *strings[3];
	const char *defines[3], *calls[5], *imports[4];
	/* A file is a row of definitions, of which any number parse alike by themselves. */
	bool has_parts;
	bool has_nests; /* these stand within brackets of others: namespaces, classes (nest.h) */
	bool has_conditions; /* #if and #endif are brackets to its grammar: none is cut amid them */
	/* What they stand in is closed by "end" in place of a bracket; and a part is put between "begin" and "end": a text (<<EOF) that
	 * is cut is no error to the grammar, but takes the "end". */
	bool has_ends;
	const char *begins; /* the line that any part has to begin with; NULL: none */
	bool has_docstring; /* the first statement of a body may be a text about it */
	/* A line defines something when it begins with one of the words, perhaps behind modifiers, and a name follows. */
	const char *words[CODE_WORDS_MAX];
	const char *modifiers[CODE_WORDS_MAX + 4];
	/* So does one with a parenthesis behind one of these. */
	const char *accesses[5];
	/* Its macros are seen without their meaning, so that files have errors which are none (recover.h). */
	bool has_macros;
	bool has_plain_functions; /* one that begins in the first column, has a parenthesis and no semicolon at its end: C */
	bool has_shell_functions; /* "name() {" */
	bool has_inner_functions; /* "return function f() {", "f = function () {" amid a line */
	bool has_lambdas;         /* "f = lambda x: x" */
};

/* By the extension of the path, else by the first line of the text; NULL: none that is known. */
const struct code_language *code_language_of(str path, str text);
/* By its name; NULL: none. */
const struct code_language *code_language_named(str name);

/* True when the line looks as if it defined something of that language, taken by itself. What it says is
 * independent of the grammar: the contract of an outline stands on it. */
bool code_is_signature(const struct code_language *l, str line);

#endif
