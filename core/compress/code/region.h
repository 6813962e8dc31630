/* region: the pieces of a source in C or C++ that can be read each by itself: definitions and declarations at the top level, within
 * namespaces, or within one class, in whole lines. Told by brackets and by how definitions begin, without a grammar and without the
 * meaning of macros. Of an #if whose branches begin and end amid a definition, or open other brackets, the first is looked at.
 * Thread: any; all memory is the caller's arena. */
#ifndef CORE_COMPRESS_CODE_REGION_H
#define CORE_COMPRESS_CODE_REGION_H

#include "core/compress/code/macro_lex.h"

struct code_region {
	uint32_t from, to;    /* its tokens */
	uint32_t start, end;  /* its bytes, the last line's end among them */
	uint32_t first, next; /* its lines, from 0 on; next: the one behind it */
	uint32_t open,
		close; /* tokens: the brackets of the one class that it is; both 0: it is none */
};

struct code_regions {
	struct code_region *
		v; /* in their order; what is between them is none of these: lines of the preprocessor, brackets of namespaces */
	uint32_t n;
};

/* Those of the tokens from one to another, which are all of a source or all that is in a class; tokens of branches that are not looked at become
 * MACRO_DEAD. False when brackets do not come in pairs. */
bool code_regions_find(str source, struct macro_tokens tokens, uint32_t from, uint32_t to,
	bool in_class, struct arena *a, struct code_regions *out) MUST_CHECK;

/* Of a template's parameters, at their '<': the token behind them; at itself when it does not close. */
uint32_t code_behind_angles(struct macro_tokens t, uint32_t at, uint32_t to);

/* What a definition is, as far as its tokens have been read, outside of all brackets. */
struct code_header {
	uint32_t first, before,
		tag; /* tokens: its first one, the one before, the last class or struct */
	bool has_tag, has_parens, has_value, has_namespace, has_extern;
	bool is_init; /* behind the parameters of a constructor: what it sets */
};
enum code_body {
	BODY_CODE,
	BODY_CLASS,     /* struct and union as well */
	BODY_VALUE,     /* values, or the names of an enum */
	BODY_NAMESPACE, /* extern "C" as well */
};

void code_header_begin(struct code_header *h, uint32_t at);
/* The header with the token at that place, which is no bracket, comment or line of the preprocessor. The last token that belongs to it. */
uint32_t code_header_add(struct code_header *h, struct macro_tokens t, uint32_t at, uint32_t to);
/* The header behind a pair of parentheses. */
void code_header_parens(
	struct code_header *h, struct macro_tokens t, uint32_t open, uint32_t close);
/* What the '{' behind it opens. */
enum code_body code_header_body(const struct code_header *h, struct macro_tokens t);
/* "f(a, b) int a; int b; {": at a semicolon behind the header, the token of the bracket; at itself when it ends the declaration. */
uint32_t code_behind_parameters(
	const struct code_header *h, struct macro_tokens t, uint32_t at, uint32_t to);

#endif
