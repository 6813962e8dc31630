/* macro_lex: the tokens of a source in C or C++, as far as declarations and brackets can be told by them, without a grammar. Lines of the
 * preprocessor are a token each. Thread: any; all memory is the caller's arena. */
#ifndef CORE_COMPRESS_CODE_MACRO_LEX_H
#define CORE_COMPRESS_CODE_MACRO_LEX_H

#include "core/base/arena.h"
#include "core/base/str.h"

enum macro_kind {
	MACRO_WORD,
	MACRO_NUMBER,
	MACRO_TEXT, /* of a string or a character */
	MACRO_SIGN, /* one byte, or "::" */
	MACRO_COMMENT,
	MACRO_DIRECTIVE, /* with the lines in which it goes on */
	MACRO_DEAD,      /* in a branch of #if that is not looked at */
};

/* What a word of the language says; a set. */
enum macro_word {
	WORD_KEY = 1 << 0,     /* it is none that a program chooses */
	WORD_TAG = 1 << 1,     /* class, struct, union, enum */
	WORD_TYPE = 1 << 2,    /* a type by itself: int */
	WORD_BEHIND = 1 << 3,  /* stands behind parameters: const, noexcept */
	WORD_CONTROL = 1 << 4, /* a statement with parentheses before it: if */
	WORD_NAMESPACE = 1 << 5,
	WORD_EXTERN = 1 << 6,
	WORD_TEMPLATE = 1 << 7,
	WORD_OPERATOR = 1 << 8,
	WORD_ACCESS = 1 << 9, /* public: */
	WORD_AHEAD = 1 << 10, /* a statement follows: else */
	WORD_MACRO =
		1
		<< 11, /* it looks as the names of macros do: no small letter, or "__" before it */
	WORD_LOOP = 1 << 12,    /* for */
	WORD_HANDLER = 1 << 13, /* catch */
	WORD_VALUE = 1 << 14,   /* a value follows: return */
};

struct macro_token {
	uint32_t start, end; /* bytes */
	uint32_t line;       /* that it begins in, from 0 on */
	uint16_t word;       /* a set of enum macro_word; 0 where it is no word */
	uint8_t kind;
	char c;        /* its first byte */
	bool is_first; /* nothing is before it in its line */
};

struct macro_tokens {
	struct macro_token *v;
	uint32_t n;
	bool is_open; /* its end is in a comment, or in a text of several lines */
};

/* source: less than 1 GB. What is not closed goes on to the end of its line, comments to that of the source. */
struct macro_tokens macro_lex(str source, struct arena *a);

/* True for a sign of that one byte. */
static inline bool macro_is(const struct macro_token *t, char c)
{
	return t->kind == MACRO_SIGN && t->c == c && t->end == t->start + 1;
}

/* True for a sign of one of these bytes, which are known when it is compiled. */
static inline bool macro_is_any(const struct macro_token *t, const char *set)
{
	bool is = false;

	if (t->kind != MACRO_SIGN || t->end != t->start + 1)
		return false;
	for (; *set; set++)
		is |= t->c == *set;
	return is;
}

/* What a line of the preprocessor is: "if", "else" of any line behind '#' and blanks. */
str macro_directive(str source, const struct macro_token *t);

#endif
